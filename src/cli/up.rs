//! `labsh up NAME [FILE [ARGS]]`: a lab that stays.

use super::{Global, print, run};
use crate::runner::scripts::Script;
use crate::world::World;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Up {
    /// The name of the lab.
    name: String,
    /// A script that builds it: a file, or the name of one that labsh carries.
    file: Option<String>,
    /// Arguments of the script.
    args: Vec<String>,
}

impl Up {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let script = self.file.as_deref().map(Script::find).transpose().map_err(|error| global.complain(error, 1))?;
        if let Some(script) = &script {
            // A wrong script fails before the lab exists. In a process of its own, so that the lab's init does not inherit its memory.
            let checked = World::apart(|| run::check(global, script).map_or_else(|status| status, |_| 0));
            match checked.map_err(|error| global.complain(error, 3))? {
                0 => {}
                status => return Err(status),
            }
        }
        let line: Vec<String> = self.file.iter().chain(&self.args).cloned().collect();
        let founded = World::found(&self.name, &line).map_err(|error| {
            let taken = matches!(error.kind(), crate::error::Kind::Exists | crate::error::Kind::BadName);
            global.complain(error, if taken { 1 } else { 3 })
        })?;
        let lab = founded.lab.clone();
        let status = match &script {
            None => 0,
            Some(script) => World::apart(|| run::execute(global, script, self.args, Some(&lab)).unwrap_or_else(|status| status))
                .map_err(|error| global.complain(error, 3))?,
        };
        if status != 0 && !global.keep {
            lab.down().map_err(|error| global.complain(error, 1))?;
            return Ok(status);
        }
        founded.let_go();
        if !global.quiet && !global.json {
            print(&format!("lab `{}` is up: labsh attach {0}, labsh exec {0} -- CMD, labsh down {0}\n", lab.name));
        }
        Ok(status)
    }
}
