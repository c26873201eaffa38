//! `labsh run FILE [ARGS]`.

use super::{Global, tell_findings};
use crate::runner::{self, AST, scripts::Script};
use crate::script::{Interpreter, Settings};
use crate::world::named::NamedLab;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Run {
    /// A file, `-` for standard input, or the name of a script that labsh carries (see `labsh scripts`).
    file: String,
    /// Run it in this named lab.
    #[arg(long, value_name = "NAME")]
    lab: Option<String>,
    /// Arguments of the script: `args`, and NAME=VALUE for `param(NAME, …)`.
    args: Vec<String>,
}

impl Run {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let script = Script::find(&self.file).map_err(|error| global.complain(error, 1))?;
        let lab = self.lab.map(|name| global.find(&name)).transpose()?;
        execute(global, &script, self.args, lab.as_ref())
    }
}

/// Runs a script from standard input.
pub(super) fn execute_stdin(global: &Global) -> Result<i32, i32> {
    let script = Script::from_stdin().map_err(|error| global.complain(error, 1))?;
    execute(global, &script, Vec::new(), None)
}

/// Checks a script; the status is that of a script that failed.
pub(super) fn check(global: &Global, script: &Script) -> Result<(Interpreter, AST), i32> {
    let interpreter = Interpreter::new();
    let checked = runner::check(&interpreter, script);
    match checked.ast {
        Some(ast) if tell_findings(global, &checked.findings, interpreter.sources()) => Ok((interpreter, ast)),
        Some(_) => Err(1),
        None => {
            tell_findings(global, &checked.findings, interpreter.sources());
            Err(1)
        }
    }
}

pub(super) fn execute(global: &Global, script: &Script, args: Vec<String>, named: Option<&NamedLab>) -> Result<i32, i32> {
    let (interpreter, ast) = check(global, script)?;
    let lab = global.enter_for_script(named)?;
    let settings = Settings { args, trace: global.trace };
    Ok(runner::run(interpreter, &ast, &lab, settings, global.keep, global.report()).exit_status())
}
