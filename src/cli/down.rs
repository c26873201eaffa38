//! `labsh down NAME…`, `labsh down --all`.

use super::{Global, print};
use crate::error::Error;
use crate::world::named::{self, NamedLab};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Down {
    /// The names of the labs.
    #[arg(required_unless_present = "all")]
    names: Vec<String>,
    /// All labs of this user.
    #[arg(long, conflicts_with = "names")]
    all: bool,
}

impl Down {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let mut status = 0;
        let labs: Vec<Result<NamedLab, Error>> = match self.all {
            true => named::list().map_err(|error| global.complain(error, 1))?.into_iter().map(Ok).collect(),
            false => self.names.iter().map(|name| named::find(name)).collect(),
        };
        // All are told to end before the first is waited for.
        let ending: Vec<_> = labs.into_iter().map(|lab| lab.and_then(|lab| lab.kill().map(|ending| (lab, ending)))).collect();
        for lab in ending {
            match lab.and_then(|(lab, ending)| ending.wait().map(|()| lab)) {
                Ok(lab) if !global.quiet => print(&format!("lab `{}` is down\n", lab.name)),
                Ok(_) => {}
                Err(error) => status = global.complain(error, 1),
            }
        }
        Ok(status)
    }
}
