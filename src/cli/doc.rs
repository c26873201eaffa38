//! `labsh doc [WORD]`: the reference of the language.

use super::{Global, print};
use crate::error::{Error, Kind};
use crate::near;
use crate::script::{Interpreter, reference};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Doc {
    /// A word: `ping`, `route::add`, `Link.up`.
    word: Option<String>,
}

impl Doc {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let interpreter = Interpreter::new();
        let catalogue = interpreter.catalogue();
        let Some(word) = self.word else {
            print(&reference::markdown(catalogue));
            return Ok(0);
        };
        let found: Vec<String> =
            catalogue.entries().iter().filter(|entry| entry.path() == word || entry.name == word).map(reference::entry_text).collect();
        if found.is_empty() {
            let paths: Vec<String> = catalogue.entries().iter().map(|entry| entry.path()).collect();
            let names = catalogue.entries().iter().map(|entry| entry.name);
            let near = near::did_you_mean(&word, names.chain(paths.iter().map(String::as_str)));
            let error = Error::new(Kind::NotFound, "find the word", format!("`{word}`"), "the language has no such word");
            return Err(global.complain(error.maybe_hint(near), 1));
        }
        print(&found.join("\n"));
        Ok(0)
    }
}
