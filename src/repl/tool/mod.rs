//! Lines of other tools.
use super::shell::Shell;
use crate::error::{Error, Kind, Result};

pub(super) fn run(_: &Shell, line: &str) -> Result<()> {
    Err(Error::new(Kind::Unsupported, "read", format!("`{line}`"), "not yet"))
}
