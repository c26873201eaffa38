//! The hint below a line: the signature and the first sentence of the call whose arguments are being typed.

use super::cursor;
use super::shell::Shell;
use super::token::tokens;

/// The rows that a hint takes.
pub(super) const ROWS: usize = 2;

/// Returns the hint for a line whose cursor is at the end.
pub(super) fn hint(shell: &Shell, line: &str) -> Option<String> {
    if line.trim_start().starts_with(['.', '!', '/']) {
        return None;
    }
    let tokens = tokens(line);
    let ground = shell.ground();
    let entry = cursor::open_call(&tokens, &ground)?.entry(&ground)?;
    Some(format!("{}\n{}\n{}", wrap(line, shell), cut(&entry.signature(), shell), cut(&entry.summary(), shell)))
}

/// Behind a line that fills its row, the terminal moves to the next row only with the next character: without one, the line
/// break would lead one row less far than the editor reckons.
fn wrap(line: &str, shell: &Shell) -> &'static str {
    let prompt = if line.contains('\n') { 0 } else { shell.prompt().chars().count() };
    let last = line.rsplit('\n').next().unwrap_or("");
    let width = prompt + last.chars().map(|c| if wide(c) { 2 } else { 1 }).sum::<usize>();
    if width > 0 && width.is_multiple_of(shell.width.get().max(1)) { " " } else { "" }
}

/// Whether a character takes two columns (Unicode TR 11, the large blocks).
fn wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0x1f300..=0x1faff)
}

/// Cuts a text to one line of the terminal.
fn cut(text: &str, shell: &Shell) -> String {
    let width = shell.width.get().saturating_sub(1);
    match text.chars().count() > width {
        true => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_string(),
    }
}
