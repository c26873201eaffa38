//! `ip link`: links.

mod kind;
pub mod set;
pub mod show;
mod stats;

use super::Run;
use super::stop::{Result, Stop};
use super::words::{Words, begins};
use set::Deed;

// linux/rtnetlink.h, linux/if_link.h
pub(super) const RTM_NEWLINK: u16 = 16;
pub(super) const RTM_DELLINK: u16 = 17;
pub(super) const RTM_GETLINK: u16 = 18;
pub(super) const IFINFOMSG: usize = 16;

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
        () if is("xstats") || is("afstats") => Err(Stop::wrong(format!("labsh does not have \"{verb}\" of ip link"))),
        () if is("help") => Err(Stop::unreadable("link: { add | set | delete | show | property } …, as in ip-link(8)")),
        () => Err(Stop::unknown_command(verb, "ip link")),
    }
}
