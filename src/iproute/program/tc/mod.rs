//! `tc`: disciplines, classes, filters and actions (tc(8)).

mod action;
mod chain;
mod class;
mod estimator;
mod filter;
mod graph;
mod kind;
mod monitor;
pub(super) mod number;
mod qdisc;
mod stab;

use super::Run;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{Words, begins};
use crate::kernel::attr;
use crate::kernel::filter::action::Stats;
use crate::kernel::talk::{CREATE, EXCL, REPLACE};

const TC_STATS2: u16 = 7;
const ROOT: u32 = 0xffff_ffff;

const HELP: &str = "Usage: tc [ OPTIONS ] OBJECT { COMMAND | help }\n       tc [ -force ] -batch FILE\n\
OBJECT: qdisc, class, filter, chain, action, monitor, exec. OPTIONS: -s[tatistics], -d[etails], -j[son], -p[retty], -iec, -n[etns] NAME\n";

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(object) = words.take() else {
        run.say(HELP.trim_end());
        return Ok(());
    };
    match object {
        object if begins(object, "qdisc") => qdisc::command(run, words),
        object if begins(object, "class") => class::command(run, words),
        object if begins(object, "filter") => filter::command(run, words),
        object if begins(object, "chain") => chain::command(run, words),
        object if begins(object, "actions") => action::command(run, words),
        "help" => {
            run.say(HELP.trim_end());
            Ok(())
        }
        object if begins(object, "monitor") => monitor::command(run, words),
        object if begins(object, "exec") => exec(run, words),
        object => Err(unread(format!("Object \"{object}\" is unknown, try \"tc help\"."))),
    }
}

/// `tc exec`: programs that stand beside eBPF, which is not loaded here.
fn exec(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    const HELP: &str = "Usage: tc exec [ EXEC_TYPE ] [ help | OPTIONS ]";
    match words.take() {
        None => Err(unread("No command given, try \"tc exec help\".")),
        Some(word) if begins(word, "help") => {
            run.say(HELP);
            Ok(())
        }
        Some("bpf") => Err(Stop::wrong("labsh's tc does not have \"exec bpf\"")),
        Some(other) => match words.take() {
            Some(option) => Err(unread(format!("Unknown exec \"{other}\", hence option \"{option}\" is unparsable"))),
            None => Ok(()),
        },
    }
}

/// What is done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    /// It is made or changed, with these flags (linux/netlink.h).
    Set(u16),
    Delete,
    Get,
    Show,
    Help,
}

/// The verbs, in the order in which `tc` tries beginnings.
const VERBS: &[(&str, Verb)] = &[
    ("add", Verb::Set(EXCL | CREATE)),
    ("change", Verb::Set(0)),
    ("replace", Verb::Set(CREATE | REPLACE)),
    ("link", Verb::Set(REPLACE)),
    ("delete", Verb::Delete),
    ("get", Verb::Get),
    ("show", Verb::Show),
    ("list", Verb::Show),
    ("lst", Verb::Show),
    ("help", Verb::Help),
];

/// Takes the verb of an object; without one it is shown.
fn verb(object: &str, lacks: &[&str], words: &mut Words<'_>) -> Result<Verb> {
    let Some(word) = words.take() else { return Ok(Verb::Show) };
    let known = VERBS.iter().find(|(name, _)| !lacks.contains(name) && begins(word, name));
    known.map(|(_, verb)| *verb).ok_or_else(|| unread(format!("Command \"{word}\" is unknown, try \"tc {object} help\".")))
}

/// Ends with a sentence and 255; a batch goes on if it was asked to.
fn unread(text: impl Into<String>) -> Stop {
    Stop::new(text, 255)
}

/// A word that a kind does not know, or a value that cannot be read: status 1, and what it takes.
fn illegal(what: &str) -> Stop {
    Stop::wrong(format!("Illegal \"{what}\""))
}

fn what_is(word: &str, usage: &str) -> Stop {
    match usage {
        "" => Stop::wrong(format!("What is \"{word}\"?")),
        usage => Stop::wrong(format!("What is \"{word}\"?\nUsage: ... {usage}")),
    }
}

/// Reads hexadecimal digits as far as there are some, with or without 0x, and returns what is behind them.
fn hex(text: &str) -> Option<(u32, &str)> {
    let bare = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let end = bare.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(bare.len());
    Some((u32::from_str_radix(&bare[..end], 16).ok()?, &bare[end..]))
}

/// Reads the handle of a discipline: `1:`, `1`, in hexadecimal; what stands behind the colon does not matter.
fn handle(text: &str) -> Option<u32> {
    if text == "none" {
        return Some(0);
    }
    let (major, rest) = hex(text).filter(|(major, _)| *major <= 0xffff)?;
    (rest.is_empty() || rest.starts_with(':')).then_some(major << 16)
}

/// Reads a class: `1:10`, `:10`, `root`, `none`, in hexadecimal.
fn class_id(text: &str) -> Option<u32> {
    match text {
        "root" => return Some(ROOT),
        "none" => return Some(0),
        _ => {}
    }
    let whole = |text: &str| match text {
        "" => Some(0),
        text => hex(text).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number),
    };
    match text.split_once(':') {
        Some((major, minor)) => {
            let (major, minor) = (whole(major).filter(|major| *major <= 0xffff)?, whole(minor).filter(|minor| *minor <= 0xffff)?);
            Some(major << 16 | minor)
        }
        // Without a colon it is the whole number.
        None => (!text.is_empty()).then(|| whole(text)).flatten(),
    }
}

fn class_text(id: u32) -> String {
    match (id, id >> 16, id & 0xffff) {
        (ROOT, ..) => "root".to_string(),
        (0, ..) => "none".to_string(),
        (_, 0, minor) => format!(":{minor:x}"),
        (_, major, 0) => format!("{major:x}:"),
        (_, major, minor) => format!("{major:x}:{minor:x}"),
    }
}

/// Whether the kernel told counters: TCA_STATS, TCA_XSTATS or TCA_STATS2 (linux/rtnetlink.h).
fn has_stats(attributes: &[u8]) -> bool {
    [3, 4, TC_STATS2].iter().any(|kind| attr::find(attributes, *kind).is_some())
}

/// The counters of a discipline or class, on two lines.
fn stats(fields: &mut Fields, attributes: &[u8], lead: &str) {
    let Some(nested) = attr::find(attributes, TC_STATS2) else { return };
    counters(fields, Stats::read(nested), lead);
}

/// Counters, and a lead before each of the two lines.
fn counters(fields: &mut Fields, found: Stats, lead: &str) {
    let Stats { bytes, packets, dropped, overlimits, requeues, backlog, queued } = found;
    fields.both("bytes", bytes, format!("{lead}Sent {bytes} bytes"));
    fields.both("packets", packets, format!(" {packets} pkt"));
    fields.both("drops", dropped, format!(" (dropped {dropped},"));
    fields.both("overlimits", overlimits, format!(" overlimits {overlimits}"));
    fields.both("requeues", requeues, format!(" requeues {requeues}) "));
    fields.both("backlog", backlog, format!("\n{lead}backlog {}", number::size_text(backlog.into())));
    fields.both("qlen", queued, format!(" {queued}p"));
    fields.text(format!(" requeues {requeues}"));
}
