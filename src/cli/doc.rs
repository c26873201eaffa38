//! `labsh doc [WORD]`: the reference of the language.

use super::{Global, print};
use crate::error::{Error, Kind};
use crate::near;
use crate::script::search::{self, Found};
use crate::script::{Interpreter, reference};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Doc {
    /// A word, an object or a question: `ping`, `route::add`, `Link.up`, `route`, `Link`, "how do I set mtu".
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
        let question = word.contains(' ').then(|| search::by_words(catalogue, &word)).filter(|found| !found.is_empty());
        match search::by_name(catalogue, &word).or_else(|| question.map(|found| Found::Object(format!("for `{word}`"), found))) {
            Some(Found::Words(found)) => print(&found.into_iter().map(reference::entry_text).collect::<Vec<_>>().join("\n")),
            Some(Found::Object(title, found)) => print(&reference::overview(&title, &found)),
            None => {
                let paths: Vec<String> = catalogue.entries().iter().map(|entry| entry.path()).collect();
                let names = catalogue.entries().iter().flat_map(|entry| [Some(entry.name), entry.module, entry.receiver]).flatten();
                let near = near::did_you_mean(&word, names.chain(paths.iter().map(String::as_str)));
                let error = Error::new(Kind::NotFound, "find the word", format!("`{word}`"), "the language has no such word");
                return Err(global.complain(error.maybe_hint(near), 1));
            }
        }
        Ok(0)
    }
}
