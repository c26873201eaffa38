//! `labsh sandbox CMD…`: a program or a shell script in a fresh sandbox, signals and exit status passed through.

use super::Global;
use crate::error::{Error, Kind};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Sandbox {
    /// The program and its arguments; a shell where there is none.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

impl Sandbox {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let command = match self.command.is_empty() {
            true => vec![std::env::var("SHELL").unwrap_or_else(|_| "/bin/sh".to_string())],
            false => self.command,
        };
        let lab = global.enter(None)?;
        let error: Error = lab.root().become_program(&command).unwrap_or_else(|error| error);
        let status = if error.kind() == Kind::NotFound { 127 } else { 126 };
        Err(global.complain(error, status))
    }
}
