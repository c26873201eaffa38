//! Changes of a link that are several messages: all of them are done, or none stays.

use super::{Link, Netns};
use crate::error::Result;
use crate::kernel::field::Setting;
use crate::kernel::link::{Change, Kind};
use crate::name::IfName;

/// One message about a link.
#[derive(Debug, Clone)]
pub enum Step {
    /// `ip link set`
    Change(Change),
    /// `ip link set … type KIND …`
    Kind(&'static Kind, Vec<Setting>),
    /// `bridge link set`
    Port(Vec<Setting>),
    /// `ip link property add … altname`
    Altname(String),
    /// `ip link property del … altname`
    NoAltname(String),
    /// `ip link set … master`, or `nomaster`
    Master(Option<Link>),
    /// `ip link set … netns … name …`
    Move(Netns, Option<IfName>),
}

impl Link {
    /// Does one step after the other, and tells each before it is done.
    ///
    /// # Errors
    ///
    /// That of the step which failed; what was done before it has been taken back.
    pub fn alter(&self, steps: &[Step], told: &mut dyn FnMut(&Step)) -> Result<()> {
        let mut back = Vec::new();
        for step in steps {
            told(step);
            // The last needs no way back.
            let undo = if steps.len() > 1 { Some(self.undo(step)?) } else { None };
            if let Err(error) = self.step(step) {
                for step in back.iter().rev() {
                    let _ = self.step(step);
                }
                return Err(error);
            }
            back.extend(undo);
        }
        Ok(())
    }

    fn step(&self, step: &Step) -> Result<()> {
        match step {
            Step::Change(change) => self.set(change),
            Step::Kind(kind, settings) => self.set_kind(kind, settings),
            Step::Port(settings) => self.set_port(settings),
            Step::Altname(name) => self.altname(name, true),
            Step::NoAltname(name) => self.altname(name, false),
            Step::Master(Some(master)) => self.master(master),
            Step::Master(None) => self.nomaster(),
            Step::Move(to, name) => self.move_to(to, name.as_ref().map(IfName::as_str)),
        }
    }

    /// What takes a step back.
    fn undo(&self, step: &Step) -> Result<Step> {
        let same = |was: Vec<Setting>, now: &[Setting]| -> Vec<Setting> {
            was.into_iter().filter(|(field, _)| now.iter().any(|(changed, _)| changed == field)).collect()
        };
        Ok(match step {
            Step::Change(change) => Step::Change(change.back_to(&self.state()?)),
            Step::Kind(kind, settings) => Step::Kind(kind, same(self.info()?.0, settings)),
            Step::Port(settings) => Step::Port(same(self.info()?.1, settings)),
            Step::Altname(name) => Step::NoAltname(name.clone()),
            Step::NoAltname(name) => Step::Altname(name.clone()),
            Step::Master(_) => Step::Master(self.current_master()?),
            Step::Move(..) => Step::Move(self.netns(), Some(IfName::parse(&self.state()?.name)?)),
        })
    }
}
