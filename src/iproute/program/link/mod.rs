//! `ip link`: links.

mod function;
mod kind;
pub mod set;
pub mod show;
mod stats;

use super::stop::{Result, Stop};
use super::words::{Words, begins};
use super::{Run, usage};
use set::Deed;

// linux/rtnetlink.h, linux/if_link.h
pub(super) const RTM_NEWLINK: u16 = 16;
pub(super) const RTM_DELLINK: u16 = 17;
pub(super) const RTM_GETLINK: u16 = 18;
pub(super) const IFINFOMSG: usize = 16;

/// Returns the kinds of links whose options are known.
pub(super) fn kinds() -> Vec<&'static str> {
    kind::names()
}

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(verb) = words.take() else { return show::links(run, words) };
    let is = |full: &str| begins(verb, full);
    match () {
        () if is("add") => set::modify(run, Deed::Add, words),
        () if is("set") || is("change") => set::modify(run, Deed::Set, words),
        () if is("replace") => set::modify(run, Deed::Replace, words),
        () if is("delete") => set::modify(run, Deed::Delete, words),
        () if show::is_show(verb) => show::links(run, words),
        () if is("property") => set::property(run, words),
        () if is("afstats") => stats::families(run, words),
        () if is("xstats") => Err(Stop::wrong(format!("labsh does not have \"{verb}\" of ip link"))),
        () if is("help") => match words.take().and_then(usage::kind) {
            Some(text) => {
                run.write(&text);
                Ok(())
            }
            None => Err(usage::object("link")),
        },
        () => Err(Stop::unknown_command(verb, "ip link")),
    }
}
