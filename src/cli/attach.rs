//! `labsh attach NAME`: the REPL in a named lab.

use super::{Global, repl};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Attach {
    /// The name of the lab.
    name: String,
}

impl Attach {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let lab = global.find(&self.name)?;
        repl::execute_in(global, Some(&lab))
    }
}
