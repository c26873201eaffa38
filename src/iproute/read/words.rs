//! The words of a sentence, taken one by one, and what is said when one is wrong.

use crate::error::{Error, Kind, Result};
use crate::near;
use std::str::FromStr;

/// Second spellings, which are read but not proposed.
const ALIASES: [&str; 6] = ["lst", "ls", "chg", "neighbor", "show", "help"];

/// The words that are left.
#[derive(Debug)]
pub(super) struct Words<'a> {
    all: &'a [String],
    at: usize,
    /// How the sentence begins, for messages: `ip link set`.
    pub(super) path: String,
}

impl<'a> Words<'a> {
    pub(super) fn new(all: &'a [String], path: &str) -> Words<'a> {
        Words { all, at: 0, path: path.to_string() }
    }

    pub(super) fn peek(&self) -> Option<&'a str> {
        self.all.get(self.at).map(String::as_str)
    }

    pub(super) fn next(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.at += 1;
        Some(word)
    }

    pub(super) fn rest(&mut self) -> Vec<String> {
        let rest = self.all.get(self.at..).unwrap_or(&[]).to_vec();
        self.at = self.all.len();
        rest
    }

    /// Takes a word if it is the next one.
    pub(super) fn skip(&mut self, word: &str) -> bool {
        let is = self.peek() == Some(word);
        self.at += usize::from(is);
        is
    }

    /// The value of a word that needs one.
    pub(super) fn value(&mut self, of: &str) -> Result<&'a str> {
        self.next().ok_or_else(|| self.wrong(format!("`{of}` needs a value behind it")))
    }

    pub(super) fn number<T: FromStr>(&mut self, of: &str) -> Result<T> {
        let text = self.value(of)?;
        text.parse().map_err(|_| self.wrong(format!("`{of}` takes a number, not `{text}`")))
    }

    pub(super) fn on_off(&mut self, of: &str) -> Result<bool> {
        match self.value(of)? {
            "on" | "1" => Ok(true),
            "off" | "0" => Ok(false),
            other => Err(self.wrong(format!("`{of}` takes on or off, not `{other}`"))),
        }
    }

    pub(super) fn mac(&mut self, of: &str) -> Result<crate::kernel::Mac> {
        crate::lab::link::parse_mac(self.value(of)?)
    }

    /// Something is missing or wrong.
    pub(super) fn wrong(&self, cause: impl Into<String>) -> Error {
        Error::new(Kind::BadArgument, "read", format!("`{}`", self.path), cause)
    }

    /// A word that is not known here.
    pub(super) fn unknown(&self, word: &str, known: &[&str]) -> Error {
        let known: Vec<&str> = known.iter().copied().filter(|word| !ALIASES.contains(word)).collect();
        let error = self.wrong(format!("`{word}` is not one of its words"));
        match near::did_you_mean(word, known.iter().copied()) {
            Some(hint) => error.hint(hint),
            None => error.because(format!("there are: {}", known.join(", "))),
        }
    }

    /// A word that iproute2 knows, and this reader does not.
    pub(super) fn not_yet(&self, what: &str) -> Error {
        Error::new(Kind::Unsupported, "read", format!("`{}`", self.path), format!("labsh does not know {what} yet"))
    }

    /// Takes one of some words, whole or as a beginning, as iproute2 does: the first that fits.
    pub(super) fn one_of(&mut self, known: &[&'static str]) -> Result<&'static str> {
        let word = self.next().unwrap_or("");
        match abbreviated(word, known) {
            Some(full) => {
                self.path += &format!(" {full}");
                Ok(full)
            }
            None => Err(self.unknown(word, known)),
        }
    }
}

/// The first word that is or begins with another.
pub(super) fn abbreviated(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let whole = known.iter().find(|full| **full == word);
    whole.or_else(|| known.iter().find(|full| !word.is_empty() && full.starts_with(word))).copied()
}
