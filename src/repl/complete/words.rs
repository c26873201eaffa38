//! Completion where a line is no Rhai: dot-commands, programs, and the words of `ip`.

use super::super::shell::Shell;
use super::{Candidates, names, pair};

/// Completes a line that is no Rhai; nothing if it is.
pub(super) fn complete(shell: &Shell, line: &str) -> Option<(usize, Candidates)> {
    let _ = shell;
    let text = line.trim_start();
    let begin = line.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    if text.starts_with('!') {
        return Some((begin, names::files(&line[begin..], false).into_iter().map(pair).collect()));
    }
    None
}
