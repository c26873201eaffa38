//! `bridge`: what it can do.

use super::Run;
use super::stop::{Result, Stop};
use super::words::Words;

pub(super) fn command(_: &mut Run<'_>, _: &mut Words<'_>) -> Result {
    Err(Stop::unreadable("labsh cannot be `bridge` yet"))
}
