//! `ip link`: links.

pub mod show;

use super::Run;
use super::stop::{Result, Stop};
use super::words::{Words, begins};

// linux/rtnetlink.h, linux/if_link.h
pub(super) const RTM_NEWLINK: u16 = 16;
pub(super) const RTM_GETLINK: u16 = 18;
pub(super) const IFINFOMSG: usize = 16;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(verb) = words.take() else { return show::links(run, words) };
    let is = |full: &str| begins(verb, full);
    match () {
        () if is("show") || is("lst") || is("list") => show::links(run, words),
        () => Err(Stop::unknown_command(verb, "ip link")),
    }
}
