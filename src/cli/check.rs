//! `labsh check FILE…`: what is wrong in scripts, without running anything.

use super::{Global, tell_findings};
use crate::runner::{self, scripts::Script};
use crate::script::Interpreter;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Files, or names of scripts that labsh carries.
    #[arg(required = true)]
    files: Vec<String>,
}

impl Check {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let interpreter = Interpreter::new();
        let mut status = 0;
        for file in &self.files {
            match Script::find(file) {
                Ok(script) => {
                    let checked = runner::check(&interpreter, &script);
                    if !tell_findings(global, &checked.findings, interpreter.sources()) {
                        status = 1;
                    }
                }
                Err(error) => status = global.complain(error, 1),
            }
        }
        Ok(status)
    }
}
