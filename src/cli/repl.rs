//! `labsh repl`, and `labsh` alone on a terminal.

use super::Global;
use crate::kernel::terminal;
use crate::repl;
use crate::script::{Interpreter, Settings};

pub(super) fn execute(global: &Global) -> Result<i32, i32> {
    terminal::look();
    let lab = global.enter()?;
    let settings = Settings { args: Vec::new(), trace: global.trace };
    repl::run(Interpreter::new(), &lab, settings, global.report()).map_err(|error| global.complain(error, 1))
}
