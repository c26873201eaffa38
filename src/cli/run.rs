//! `labsh run FILE [ARGS]`.

use super::{Global, tell_findings};
use crate::runner::{self, scripts::Script};
use crate::script::{Interpreter, Settings};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Run {
    /// A file, or the name of a script that labsh carries (see `labsh scripts`).
    file: String,
    /// Arguments of the script: `args`, and NAME=VALUE for `param(NAME, …)`.
    args: Vec<String>,
}

impl Run {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let script = Script::find(&self.file).map_err(|error| global.complain(error, 1))?;
        execute(global, &script, self.args)
    }
}

/// Runs a script from standard input.
pub(super) fn execute_stdin(global: &Global) -> Result<i32, i32> {
    let script = Script::from_stdin().map_err(|error| global.complain(error, 1))?;
    execute(global, &script, Vec::new())
}

fn execute(global: &Global, script: &Script, args: Vec<String>) -> Result<i32, i32> {
    let interpreter = Interpreter::new();
    let checked = runner::check(&interpreter, script);
    if !tell_findings(global, &checked.findings, interpreter.sources()) {
        return Ok(1);
    }
    let Some(ast) = checked.ast else { return Ok(1) };
    let lab = global.enter()?;
    let settings = Settings { args, trace: global.trace };
    Ok(runner::run(interpreter, &ast, &lab, settings, global.keep, global.report()).exit_status())
}
