//! What was typed before: a file per user, one input a line, without duplicates. A history that cannot be kept is no reason to complain.

use std::collections::HashSet;
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How many inputs are kept.
pub(super) const KEPT: usize = 2000;

/// The history of a user.
#[derive(Debug)]
pub(super) struct History {
    file: Option<PathBuf>,
}

/// The folder for what is kept from one session to the next: $XDG_STATE_HOME/labsh (XDG Base Directory Specification).
pub(super) fn folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(state.join("labsh"))
}

/// Makes that folder; it is the user's alone.
pub(super) fn make_folder(folder: &Path) {
    let _ = DirBuilder::new().recursive(true).mode(0o700).create(folder);
}

impl History {
    /// Finds the file of the user.
    pub(super) fn of_user() -> History {
        History { file: folder().map(|folder| folder.join("history")) }
    }

    /// Reads it: each input once, at its last place. A file that has grown too long is written anew.
    pub(super) fn load(&self) -> Vec<String> {
        let Some(file) = &self.file else { return Vec::new() };
        let Ok(text) = std::fs::read_to_string(file) else { return Vec::new() };
        let mut seen = HashSet::new();
        let mut kept: Vec<&str> = text.lines().rev().filter(|line| !line.is_empty() && seen.insert(*line)).take(KEPT).collect();
        kept.reverse();
        if text.lines().count() > 2 * KEPT {
            let _ = std::fs::write(file, kept.join("\n") + "\n");
        }
        kept.into_iter().map(unescape).collect()
    }

    /// Adds an input at the end; several sessions may do so at once.
    pub(super) fn append(&self, input: &str) {
        let Some(file) = &self.file else { return };
        let line = escape(input) + "\n";
        let open = || OpenOptions::new().append(true).create(true).mode(0o600).open(file);
        let opened = open().or_else(|_| {
            file.parent().into_iter().for_each(make_folder);
            open()
        });
        if let Ok(mut file) = opened {
            let _ = file.write_all(line.as_bytes());
        }
    }
}

fn escape(input: &str) -> String {
    input.replace('\\', "\\\\").replace('\n', "\\n")
}

fn unescape(line: &str) -> String {
    let mut input = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => input.push('\n'),
                Some(other) => input.push(other),
                None => input.push('\\'),
            },
            c => input.push(c),
        }
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_of_several_lines_is_one_line_of_the_file() {
        for input in ["fn f() {\n  `a\\n`\n}", "\\", "a\\\\n"] {
            assert!(!escape(input).contains('\n'));
            assert_eq!(unescape(&escape(input)), input);
        }
    }
}
