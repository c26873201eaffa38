//! `ip route`: routes.

pub(super) mod encap;
mod get;
mod list;
mod modify;
mod segment;
pub(super) mod show;

pub(super) use get::protocol;
pub(super) use list::{tos, vrf_table};

use super::stop::{Result, Stop};
use super::words::{Words, begins};
use super::{Run, usage};
use crate::kernel::talk;

pub(super) const RTM_NEWROUTE: u16 = 24;
pub(super) const RTM_DELROUTE: u16 = 25;
pub(super) const RTM_GETROUTE: u16 = 26;
/// `struct rtmsg` (linux/rtnetlink.h).
pub(super) const RTMSG: usize = 12;

// linux/rtnetlink.h
pub(super) const RTA_DST: u16 = 1;
pub(super) const RTA_SRC: u16 = 2;
pub(super) const RTA_IIF: u16 = 3;
pub(super) const RTA_OIF: u16 = 4;
pub(super) const RTA_GATEWAY: u16 = 5;
pub(super) const RTA_PRIORITY: u16 = 6;
pub(super) const RTA_PREFSRC: u16 = 7;
pub(super) const RTA_METRICS: u16 = 8;
pub(super) const RTA_MULTIPATH: u16 = 9;
pub(super) const RTA_FLOW: u16 = 11;
pub(super) const RTA_CACHEINFO: u16 = 12;
pub(super) const RTA_TABLE: u16 = 15;
pub(super) const RTA_MARK: u16 = 16;
pub(super) const RTA_VIA: u16 = 18;
pub(super) const RTA_NEWDST: u16 = 19;
pub(super) const RTA_PREF: u16 = 20;
pub(super) const RTA_ENCAP_TYPE: u16 = 21;
pub(super) const RTA_ENCAP: u16 = 22;
pub(super) const RTA_EXPIRES: u16 = 23;
pub(super) const RTA_UID: u16 = 25;
pub(super) const RTA_TTL_PROPAGATE: u16 = 26;
pub(super) const RTA_IP_PROTO: u16 = 27;
pub(super) const RTA_SPORT: u16 = 28;
pub(super) const RTA_DPORT: u16 = 29;
pub(super) const RTA_NH_ID: u16 = 30;

pub(super) const TABLE_MAIN: u32 = 254;
pub(super) const TABLE_LOCAL: u32 = 255;
pub(super) const ONLINK: u32 = 4;
pub(super) const CLONED: u32 = 0x200;

/// The types of routes, by number (RTN_).
pub(super) const TYPES: [&str; 12] =
    ["none", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw", "nat", "xresolve"];

/// Metrics, by number (RTAX_), as they are printed and read.
pub(super) const METRICS: [&str; 18] = [
    "",
    "lock",
    "mtu",
    "window",
    "rtt",
    "rttvar",
    "ssthresh",
    "cwnd",
    "advmss",
    "reordering",
    "hoplimit",
    "initcwnd",
    "features",
    "rto_min",
    "initrwnd",
    "quickack",
    "congctl",
    "fastopen_no_cookie",
];

/// `ip mroute`: the routes of multicast routing. Where no daemon routes, there are none.
pub(super) fn multicast(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => {}
        Some(verb) if super::link::show::is_show(verb) => {}
        Some(verb) if begins(verb, "help") => return Err(usage::object("mroute")),
        Some(verb) => return Err(Stop::unknown_command(verb, "ip mroute")),
    }
    while let Some(word) = words.take() {
        match word {
            "table" => {
                let text = words.value()?;
                let known = text == "all" || super::names::Of::Table.number(text).is_some();
                if !known {
                    return Err(Stop::invalid(text, "table id value is invalid\n"));
                }
            }
            "iif" => {
                let name = words.value()?;
                run.link(name)?;
            }
            "from" | "to" => {
                let text = words.value()?;
                return Err(Stop::exit(format!("Error: ??? prefix is expected rather than \"{text}\".")));
            }
            _ => return Err(Stop::exit(format!("Error: ??? prefix is expected rather than \"{word}\"."))),
        }
    }
    // RTNL_FAMILY_IPMR and _IP6MR (linux/rtnetlink.h)
    let families = match run.options.family {
        super::words::Family::Any => vec![128, 129],
        super::words::Family::Inet6 => vec![129],
        _ => vec![128],
    };
    let mut found = 0;
    for family in families {
        let mut header = [0; RTMSG];
        header[0] = family;
        found += run.dump(RTM_GETROUTE, &header)?.iter().filter(|message| message.bytes.first() == Some(&family)).count();
    }
    match found {
        0 => {
            if run.options.json {
                run.print(&[]);
            }
            Ok(())
        }
        _ => Err(Stop::wrong("labsh does not tell the routes of multicast that a daemon has made")),
    }
}

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(verb) = words.take() else { return list::list(run, words, list::Act::Show) };
    let is = |full: &str| begins(verb, full);
    match () {
        () if super::link::show::is_show(verb) => list::list(run, words, list::Act::Show),
        () if is("get") => get::get(run, words),
        () if is("add") => modify::modify(run, words, RTM_NEWROUTE, talk::CREATE | talk::EXCL),
        () if is("change") || verb == "chg" => modify::modify(run, words, RTM_NEWROUTE, talk::REPLACE),
        () if is("replace") => modify::modify(run, words, RTM_NEWROUTE, talk::CREATE | talk::REPLACE),
        () if is("prepend") => modify::modify(run, words, RTM_NEWROUTE, talk::CREATE),
        () if is("append") => modify::modify(run, words, RTM_NEWROUTE, talk::CREATE | talk::APPEND),
        () if is("test") => modify::modify(run, words, RTM_NEWROUTE, talk::EXCL),
        () if is("delete") => modify::modify(run, words, RTM_DELROUTE, 0),
        () if is("flush") => list::list(run, words, list::Act::Flush),
        () if is("save") => list::list(run, words, list::Act::Save),
        () if is("restore") => list::restore(run),
        () if is("showdump") => list::showdump(run),
        () if is("help") => Err(usage::object("route")),
        () => Err(Stop::unknown_command(verb, "ip route")),
    }
}
