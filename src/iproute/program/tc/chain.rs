//! `tc chain`: chains that stand without a filter, or have a template (tc(8)).

use super::super::Run;
use super::super::stop::Result;
use super::super::words::Words;
use super::{Verb, filter};

// linux/rtnetlink.h
pub(super) const RTM_NEWCHAIN: u16 = 100;
pub(super) const RTM_DELCHAIN: u16 = 101;
pub(super) const RTM_GETCHAIN: u16 = 102;

const HELP: &str = "Usage: tc chain [ add | del | get | show ] [ dev STRING ] | [ block BLOCK_INDEX ]\n\
       tc chain [ add | del | get | show ] dev DEV [ root | ingress | egress | parent CLASSID ] [ chain CHAIN_INDEX ] [ FILTER_KIND OPTIONS ]\n";

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match super::verb("chain", &["change", "replace", "link"], words)? {
        Verb::Set(flags) => filter::modify(run, words, RTM_NEWCHAIN, flags),
        Verb::Delete => filter::modify(run, words, RTM_DELCHAIN, 0),
        Verb::Get => filter::get(run, words, RTM_GETCHAIN),
        Verb::Show => filter::show(run, words, RTM_GETCHAIN),
        Verb::Help => {
            run.say(HELP.trim_end());
            Ok(())
        }
    }
}
