//! What the machine had before, in the host world: noted before a deed that may change it or take it away, so that it can be put back.
//!
//! A deed has more effects than its words say: a link that goes down loses routes and IPv6 addresses, a deleted next hop takes routes
//! along. So what may be touched is noted as the kernel tells it, and struck out again where it is still there after the deed.

use super::ledger::Made;
use super::{Link, Netns};
use crate::error::{Error, Kind, Result};
use crate::kernel::record::{self, Class, Record};

/// What goes or changes with a link: its settings, and all that hangs on it.
pub(crate) const OF_LINK: [Class; 5] = [Class::Link, Class::Nexthop, Class::Addr, Class::Route, Class::Neigh];

impl Netns {
    /// Reads what the kernel tells of some classes.
    pub(crate) fn records(&self, classes: impl IntoIterator<Item = Class>) -> Result<Vec<Record>> {
        let mut classes: Vec<Class> = classes.into_iter().collect();
        classes.sort();
        classes.dedup();
        let failed = |failure: crate::kernel::Failure| failure.doing("read what is in", format!("netns `{}`", self.name()));
        record::list(&self.kernel()?, &classes).map_err(failed)
    }

    /// Does something that may change what was here before: of these classes, the objects that it may touch.
    pub(crate) fn carefully<T>(&self, classes: &[Class], touches: impl Fn(&Record) -> bool, deed: impl FnOnce() -> Result<T>) -> Result<T> {
        let ledger = self.lab().ledger();
        if !ledger.watches(self) {
            return deed();
        }
        let own = ledger.own_links(self);
        let ours = |record: &Record| record.links().iter().any(|link| own.contains(link));
        let all = self.records(classes.iter().copied())?;
        let touched: Vec<&Record> = all.iter().filter(|record| touches(record) && !ours(record)).collect();
        // The order among equals is a part of what was there.
        let had: Vec<Record> = all.iter().filter(|record| touched.iter().any(|other| other.is_beside(record))).cloned().collect();
        if had.is_empty() {
            return deed();
        }
        let entry = ledger.note(self, || Made::Was(self.id(), had.clone()))?;
        let done = deed();
        let now = self.records(classes.iter().copied()).unwrap_or_default();
        let lost: Vec<Record> = record::missing(&had, &now).into_iter().cloned().collect();
        let kept: Vec<Record> = had.iter().filter(|record| lost.iter().any(|other| other.is_beside(record))).cloned().collect();
        match kept.is_empty() {
            true => ledger.strike(entry),
            false if kept.len() < had.len() => ledger.amend(entry, Made::Was(self.id(), kept))?,
            false => {}
        }
        done
    }
}

impl Link {
    /// Does something that may change this link, or what hangs on it.
    pub(crate) fn carefully<T>(&self, deed: impl FnOnce() -> Result<T>) -> Result<T> {
        let (netns, index) = (self.netns(), self.index());
        if netns.lab().ledger().made_link(&netns, index) {
            return deed();
        }
        netns.carefully(&OF_LINK, |record| record.links().contains(&index), deed)
    }

    /// Refuses to delete what could not be put back.
    pub(crate) fn is_not_the_machines(&self) -> Result<()> {
        let netns = self.netns();
        let ledger = netns.lab().ledger();
        let moved_here = !ledger.moved_into(netns.id(), Some(self.index())).is_empty();
        let not_ours = ledger.watches(&netns) && !ledger.made_link(&netns, self.index());
        if ledger.gives_up() || !(not_ours || moved_here) {
            return Ok(());
        }
        let cause = "it was there before, and could not be put back";
        Err(Error::new(Kind::NotPermitted, "delete link", format!("`{}`", self.name()), cause).in_netns(netns.name()).hint(KEEP))
    }
}

/// How to delete all the same.
pub(crate) const KEEP: &str = "`--keep` leaves the machine as the script leaves it, and lets it delete what it did not make";
