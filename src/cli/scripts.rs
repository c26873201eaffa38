//! `labsh scripts [NAME]`: the scenarios that labsh carries.

use super::{Global, print};
use crate::runner::scripts::{BUILT_IN, Script};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Scripts {
    /// Print this one.
    name: Option<String>,
}

impl Scripts {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        match self.name {
            Some(name) => {
                let script = Script::find(&name).map_err(|error| global.complain(error, 1))?;
                print(&script.text);
            }
            None => {
                for (name, text) in BUILT_IN {
                    let script = Script { name: (*name).to_string(), text: (*text).to_string() };
                    print(&format!("{name:<16} {}\n", script.title()));
                }
            }
        }
        Ok(0)
    }
}
