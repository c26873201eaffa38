//! `ip monitor`: what the kernel tells by itself, as it happens.

use super::clock::{self, Civil};
use super::link::show;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::usage;
use super::words::{Family, Words, begins};
use super::{Run, addr, neigh, netconf, netns, nexthop, route, rule};
use crate::kernel::attr;
use crate::kernel::talk::{Message, Talk};
use std::collections::BTreeMap;

type Topic = (&'static str, &'static str, &'static [(Family, u32)]);

/// What can be listened to: the word, what stands before its lines, and the groups for each family (linux/rtnetlink.h, RTNLGRP_).
const TOPICS: &[Topic] = &[
    ("link", "[LINK]", &[(Family::Any, 1)]),
    ("address", "[ADDR]", &[(Family::Inet, 5), (Family::Inet6, 9)]),
    ("route", "[ROUTE]", &[(Family::Inet, 7), (Family::Inet6, 11), (Family::Mpls, 27)]),
    ("neigh", "[NEIGH]", &[(Family::Any, 3)]),
    ("prefix", "[PREFIX]", &[(Family::Inet6, 18)]),
    ("rule", "[RULE]", &[(Family::Inet, 8), (Family::Inet6, 19)]),
    ("netconf", "[NETCONF]", &[(Family::Inet, 24), (Family::Inet6, 25), (Family::Mpls, 29)]),
    ("nexthop", "[NEXTHOP]", &[(Family::Any, 32)]),
    ("nsid", "[NSID]", &[(Family::Any, 28)]),
];

/// What a monitor has learned. A name that it knows stays, though the link is called otherwise or has gone.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Names of namespaces by the ids that this one has for them, where ids are listened to.
    pub(super) namespaces: BTreeMap<i32, String>,
}

/// What was asked for.
#[derive(Default)]
struct Asked {
    topics: Vec<&'static str>,
    labels: bool,
    dev: Option<u32>,
}

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut asked = Asked::default();
    while let Some(word) = words.take() {
        match word {
            _ if begins(word, "label") => asked.labels = true,
            "all" => asked.labels = true,
            "dev" => {
                let name = words.value()?;
                let link = run.find_link(name)?.ok_or_else(|| Stop::wrong(format!("Device \"{name}\" does not exist.")))?;
                asked.dev = Some(link.index);
            }
            _ if begins(word, "file") => return Err(Stop::wrong("labsh does not have \"file\" of ip monitor")),
            "mroute" | "stats" | "all-nsid" => return Err(Stop::wrong(format!("labsh does not have \"{word}\" of ip monitor"))),
            "help" => return Err(usage::object("monitor")),
            _ => {
                let plain = word.strip_suffix('s').unwrap_or(word);
                match TOPICS.iter().find(|(name, ..)| begins(plain, name) || begins(word, name)) {
                    Some((name, ..)) => asked.topics.push(*name),
                    None => return Err(Stop::unreadable(format!("Argument \"{word}\" is unknown, try \"ip monitor help\"."))),
                }
            }
        }
    }
    listen(run, &asked)
}

fn listen(run: &mut Run<'_>, asked: &Asked) -> Result {
    run.alone("ip monitor")?;
    let mut ear = Talk::open().map_err(|failure| Stop::wrong(format!("Cannot open netlink socket: {}", failure.words())))?;
    for (name, _, groups) in TOPICS.iter().filter(|(name, ..)| hears(asked, name)) {
        for (family, group) in groups.iter().filter(|(family, _)| wanted(run.options.family, *family)) {
            // A kernel that lacks a family has nothing to tell of it.
            let heard = ear.listen(*group);
            debug_assert!(heard.is_ok() || *family != Family::Any, "{name}");
        }
    }
    let mut memory = Heard::default();
    if hears(asked, "nsid") {
        memory.namespaces.extend(netns::ids(run));
    }
    run.all_links()?;
    run.heard = Some(memory);
    loop {
        let messages = ear.hear().map_err(|failure| Stop::refused(&failure))?;
        for message in messages {
            tell(run, &message, asked);
        }
        if run.out.flush().is_err() {
            return Ok(());
        }
    }
}

fn hears(asked: &Asked, topic: &str) -> bool {
    asked.topics.is_empty() || asked.topics.contains(&topic)
}

fn wanted(chosen: Family, own: Family) -> bool {
    chosen == Family::Any || own == Family::Any || chosen == own
}

fn tell(run: &mut Run<'_>, message: &Message, asked: &Asked) {
    let bytes = &message.bytes;
    let deleted = message.kind % 2 == 1;
    // What a bridge tells of a port is about the port as such.
    if matches!(message.kind, 16 | 17) && Family::of(bytes.first().copied().unwrap_or(0)) == Family::Any {
        run.links.hear(bytes, deleted);
    }
    let own = |index: u32| asked.dev.is_none_or(|dev| dev == index);
    let (name, fields) = match message.kind {
        16 | 17 if own(attr::u32_at(bytes, 4)) => {
            let mut fields = show::link(run, bytes, Some(Family::Any));
            // A brief line has no end here.
            fields.text(if run.options.brief { "" } else { "\n" });
            ("link", fields)
        }
        20 | 21 => match addr::parse(bytes).filter(|address| own(address.index)) {
            Some(own) => {
                let mut fields = Fields::new();
                if asked.dev.is_none() {
                    let name = run.name_of(own.index);
                    fields.text(format!("{}: {name}", own.index));
                }
                fields.extend(addr::address(run, &own));
                fields.text("\n");
                ("address", fields)
            }
            None => return,
        },
        24 | 25 => {
            let index = attr::find(bytes.get(route::RTMSG..).unwrap_or_default(), route::RTA_OIF).map_or(0, attr::number) as u32;
            if !own(index) {
                return;
            }
            let told = route::show::Told { oif: asked.dev.is_some(), ..route::show::Told::default() };
            ("route", route::show::route(run, bytes, &told, false))
        }
        28 | 29 if own(attr::u32_at(bytes, 4)) && wanted(run.options.family, Family::of(bytes.first().copied().unwrap_or(0))) => {
            ("neigh", neigh::entry(run, bytes, asked.dev.is_some()))
        }
        32 | 33 => ("rule", rule::described_bytes(run, bytes)),
        52 | 53 => ("prefix", prefix(run, bytes)),
        80 | 81 if asked.dev.is_none_or(|dev| netconf::index(bytes) == Some(dev as i32)) => {
            ("netconf", netconf::described(run, bytes, !deleted))
        }
        88 | 89 => {
            if !deleted {
                let known = netns::ids(run);
                if let Some(heard) = &mut run.heard {
                    heard.namespaces.extend(known);
                }
            }
            match netns::told_id(run, bytes) {
                Some(fields) => ("nsid", fields),
                None => return,
            }
        }
        104 | 105 => ("nexthop", nexthop::described(run, bytes)),
        _ => return,
    };
    let mut line = String::new();
    if run.options.timestamp {
        line += &timestamp(run.options.timestamp_short);
    }
    if asked.labels {
        line += TOPICS.iter().find(|(known, ..)| *known == name).map_or("", |(_, label, _)| label);
    }
    if deleted {
        line += "Deleted ";
    }
    let text = if run.options.oneline { fields.one_line(run.options.colour) } else { fields.words() };
    run.write(&(line + text.as_str()));
}

/// A prefix that a router announces (`struct prefixmsg`, linux/rtnetlink.h).
fn prefix(run: &mut Run<'_>, bytes: &[u8]) -> Fields {
    let mut fields = Fields::new();
    let find = |kind| attr::find(bytes.get(12..).unwrap_or_default(), kind);
    let (length, flags) = (bytes.get(9).copied().unwrap_or(0), bytes.get(10).copied().unwrap_or(0));
    fields.text("prefix ");
    if let Some(ip) = find(1).and_then(attr::ip) {
        fields.text(format!("{ip}/{length}"));
    }
    let name = run.name_of(attr::u32_at(bytes, 4));
    fields.text(format!("dev {name} "));
    for (bit, word) in [(1, "onlink"), (2, "autoconf")] {
        if flags & bit != 0 {
            fields.text(format!("{word} "));
        }
    }
    if let Some(times) = find(2) {
        fields.text(format!("valid {} preferred {} ", attr::u32_at(times, 4), attr::u32_at(times, 0)));
    }
    fields.text("\n");
    fields
}

/// The time of day in UTC, to the microsecond.
pub(super) fn timestamp(short: bool) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let micros = now.subsec_micros();
    let Civil { year, month, day, weekday, hour, minute, second } = clock::civil(now.as_secs() as i64);
    if short {
        return format!("[{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}] ");
    }
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][weekday];
    let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][(month - 1) as usize];
    format!("Timestamp: {weekday} {name} {day:2} {hour:02}:{minute:02}:{second:02} {year} {micros:06} usec\n")
}
