//! `labsh ip …`, `labsh bridge …`, `labsh tc …`, and labsh called by those names through a link.

use crate::iproute::program::{self, Program};
use crate::kernel::enter;
use clap::Args;
use std::ffi::OsString;
use std::io::{BufWriter, Write};
use std::path::Path;

#[derive(Debug, Args)]
pub(super) struct Words {
    /// The words of the program.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

impl Words {
    pub(super) fn execute(self, program: Program) -> i32 {
        run(program, &self.words)
    }
}

/// Returns which program labsh is to be, by the name that it was called or by its first word, and the words for it: those are the
/// program's own, `-h` and `--help` too.
pub(super) fn called(args: &[OsString]) -> Option<(Program, Vec<String>)> {
    let own = Path::new(args.first()?).file_name().and_then(|name| Program::from_name(name.to_str()?));
    let first = || args.get(1).and_then(|word| Program::from_name(word.to_str()?));
    let (program, words) = match own {
        Some(program) => (program, &args[1..]),
        None => (first()?, &args[2..]),
    };
    Some((program, words.iter().map(|word| word.to_string_lossy().into_owned()).collect()))
}

pub(super) fn run(program: Program, words: &[String]) -> i32 {
    enter::alone();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let status = program::main(program, words, &mut out, &mut std::io::stderr());
    let _ = out.flush();
    status
}
