//! `labsh completions SHELL` and `labsh man`: made from the same definitions as `--help`.

use super::{Cli, print};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell that is to complete.
    shell: Shell,
}

impl Completions {
    pub(super) fn execute(self) -> Result<i32, i32> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "labsh", &mut script);
        print(&String::from_utf8_lossy(&script));
        Ok(0)
    }
}

/// Prints the manual page.
pub(super) fn man() -> Result<i32, i32> {
    let mut page = Vec::new();
    // Writing to memory does not fail.
    let _ = clap_mangen::Man::new(Cli::command()).render(&mut page);
    print(&String::from_utf8_lossy(&page));
    Ok(0)
}
