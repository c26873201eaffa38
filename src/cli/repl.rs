//! `labsh repl`, and `labsh` alone on a terminal.

use super::Global;
use crate::kernel::terminal;
use crate::repl;
use crate::script::{Interpreter, Settings};
use crate::world::named::NamedLab;

pub(super) fn execute(global: &Global) -> Result<i32, i32> {
    execute_in(global, None)
}

/// Opens the REPL in a named lab, or in a fresh world.
pub(super) fn execute_in(global: &Global, named: Option<&NamedLab>) -> Result<i32, i32> {
    terminal::look();
    let lab = global.enter(named)?;
    let settings = Settings { args: Vec::new(), trace: global.trace };
    let status = match global.json {
        true => repl::run_json(Interpreter::new(), &lab, settings),
        false => repl::run(Interpreter::new(), &lab, settings, global.report()),
    };
    status.map_err(|error| global.complain(error, 1))
}
