//! The hint below a line: the signature and the first sentence of the call whose arguments are being typed.

use super::shell::Shell;

/// Returns the hint for a line whose cursor is at the end.
pub(super) fn hint(_shell: &Shell, _line: &str) -> Option<String> {
    None
}
