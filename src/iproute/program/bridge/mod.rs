//! `bridge`: ports, forwarding databases, multicast groups and VLANs of bridges (bridge(8)).

mod fdb;
mod link;
mod mdb;
mod monitor;
mod vlan;

use super::Run;
use super::links::Known;
use super::stop::{Result, Stop};
use super::words::{Words, begins};

const AF_BRIDGE: u8 = 7;

const HELP: &str = "Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }\n       bridge [ -force ] -batch FILE\n\
OBJECT: link, fdb, mdb, vlan, monitor. OPTIONS: -s[tatistics], -d[etails], -j[son], -p[retty], -o[neline], -com[pressvlans], -n[etns] NAME\n";

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None | Some("help") => Err(Stop { text: HELP.to_string(), ..failed("") }),
        Some(object) if begins(object, "link") => link::command(run, words),
        Some(object) if begins(object, "fdb") => fdb::command(run, words),
        Some(object) if begins(object, "mdb") => mdb::command(run, words),
        Some(object) if begins(object, "vlan") => vlan::command(run, words),
        Some(object) if begins(object, "monitor") => monitor::command(run, words),
        Some(object) if begins(object, "vni") => {
            Err(Stop::unreadable("labsh's bridge has no \"vni\": it has link, fdb, mdb, vlan and monitor"))
        }
        Some(object) => Err(Stop::unreadable(format!("Object \"{object}\" is unknown, try \"bridge help\"."))),
    }
}

/// What does not work; `bridge` ends with 255 then, and a batch goes on if it was asked to.
fn failed(text: impl Into<String>) -> Stop {
    Stop { whole: false, ..Stop::unreadable(text) }
}

/// What the kernel refused: 255 here.
fn refused(stop: Stop) -> Stop {
    match stop.status {
        2 => Stop { status: 255, ..stop },
        _ => stop,
    }
}

fn unknown(verb: &str, object: &str) -> Stop {
    failed(format!("Command \"{verb}\" is unknown, try \"bridge {object} help\"."))
}

fn usage(text: &str) -> Stop {
    failed(text.trim_end())
}

/// Finds a link; says so if there is none.
fn find(run: &mut Run<'_>, name: &str, what: &str) -> Result<Known> {
    run.find_link(name)?.ok_or_else(|| failed(format!("Cannot find {what} \"{name}\"")))
}

fn is_show(verb: &str) -> bool {
    begins(verb, "show") || begins(verb, "lst") || begins(verb, "list")
}
