//! `ip monitor`: what the kernel tells by itself, as it happens.

use super::link::show;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{Family, Words, begins};
use super::{Run, addr, neigh, netconf, nexthop, route, rule, usage};
use crate::kernel::talk::{Message, Talk};

type Topic = (&'static str, &'static str, &'static [(Family, u32)]);

/// What can be listened to: the word, what stands before its lines, and the groups for each family (linux/rtnetlink.h, RTNLGRP_).
const TOPICS: &[Topic] = &[
    ("link", "[LINK]", &[(Family::Any, 1)]),
    ("address", "[ADDR]", &[(Family::Inet, 5), (Family::Inet6, 9)]),
    ("route", "[ROUTE]", &[(Family::Inet, 7), (Family::Inet6, 11), (Family::Mpls, 27)]),
    ("neigh", "[NEIGH]", &[(Family::Any, 3)]),
    ("rule", "[RULE]", &[(Family::Inet, 8), (Family::Inet6, 19)]),
    ("netconf", "[NETCONF]", &[(Family::Inet, 24), (Family::Inet6, 25)]),
    ("nexthop", "[NEXTHOP]", &[(Family::Any, 32)]),
    ("nsid", "[NSID]", &[(Family::Any, 28)]),
];

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut chosen, mut labels) = (Vec::new(), false);
    while let Some(word) = words.take() {
        let plain = word.strip_suffix('s').unwrap_or(word);
        match word {
            "all" => labels = true,
            "dev" | "file" | "all-nsid" | "label" => {
                if word == "label" {
                    labels = true;
                } else {
                    return Err(Stop::wrong(format!("labsh does not have \"{word}\" of ip monitor")));
                }
            }
            "help" => return Err(usage::object("monitor")),
            _ => match TOPICS.iter().find(|(name, ..)| begins(plain, name) || begins(word, name)) {
                Some((name, ..)) => chosen.push(*name),
                None => return Err(Stop::unreadable(format!("Argument \"{word}\" is unknown, try \"ip monitor help\"."))),
            },
        }
    }
    let mut ear = Talk::open().map_err(|failure| Stop::wrong(format!("Cannot open netlink socket: {}", failure.words())))?;
    for (name, _, groups) in TOPICS {
        if !chosen.is_empty() && !chosen.contains(name) {
            continue;
        }
        for (family, group) in groups.iter().filter(|(family, _)| wanted(run.options.family, *family)) {
            // A kernel that lacks a family has nothing to tell of it.
            let heard = ear.listen(*group);
            debug_assert!(heard.is_ok() || *family != Family::Any);
        }
    }
    loop {
        let messages = ear.hear().map_err(|failure| Stop::refused(&failure))?;
        for message in messages {
            run.forget();
            tell(run, &message, labels);
        }
        if run.out.flush().is_err() {
            return Ok(());
        }
    }
}

fn wanted(chosen: Family, own: Family) -> bool {
    chosen == Family::Any || own == Family::Any || chosen == own
}

fn tell(run: &mut Run<'_>, message: &Message, labels: bool) {
    let bytes = &message.bytes;
    let (name, deleted, fields) = match message.kind {
        16 | 17 => {
            let deleted = message.kind == 17;
            // What bridges tell of their ports is theirs.
            if bytes.first() == Some(&7) {
                return;
            }
            let mut fields = show::link(run, bytes, Some(Family::Any));
            fields.text("\n");
            ("link", deleted, fields)
        }
        20 | 21 => match addr::parse(bytes) {
            Some(own) => {
                let name = run.name_of(own.index);
                let mut fields = Fields::new();
                fields.text(format!("{}: {name}", own.index));
                fields.extend(addr::address(run, &own));
                fields.text("\n");
                ("address", message.kind == 21, fields)
            }
            None => return,
        },
        24 | 25 => ("route", message.kind == 25, route::show::route(run, bytes, &route::show::Told::default(), false)),
        28 | 29 => ("neigh", message.kind == 29, neigh::entry(run, bytes, false)),
        32 | 33 => ("rule", message.kind == 33, rule::described_bytes(run, bytes)),
        80 | 81 => ("netconf", message.kind == 81, netconf::described(run, bytes, message.kind == 80)),
        104 | 105 => ("nexthop", message.kind == 105, nexthop::described(run, bytes)),
        _ => return,
    };
    let mut line = String::new();
    if run.options.timestamp {
        line += &timestamp(run.options.timestamp_short);
    }
    if labels {
        line += TOPICS.iter().find(|(known, ..)| *known == name).map_or("", |(_, label, _)| label);
    }
    if deleted {
        line += "Deleted ";
    }
    let text = if run.options.oneline { fields.one_line() } else { fields.words() };
    run.write(&(line + text.as_str()));
}

/// The time of day in UTC where the machine says no other, to the microsecond.
pub(super) fn timestamp(short: bool) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let (seconds, micros) = (now.as_secs() as i64, now.subsec_micros());
    let days = seconds.div_euclid(86400);
    let of_day = seconds.rem_euclid(86400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    // Civil date from days (the calendar repeats after 400 years).
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let part = (5 * of_year + 2) / 153;
    let day = of_year - (153 * part + 2) / 5 + 1;
    let month = if part < 10 { part + 3 } else { part - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if short {
        return format!("[{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}] ");
    }
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][days.rem_euclid(7) as usize];
    let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][(month - 1) as usize];
    format!("Timestamp: {weekday} {name} {day:2} {hour:02}:{minute:02}:{second:02} {year} {micros:06} usec\n")
}
