//! `ip route get`: which route the kernel takes.

use super::super::stop::{Result, Stop};
use super::super::words::{self, Family, Prefix, Words, begins};
use super::super::{Run, usage};
use super::show::{self, Told};
use super::*;
use crate::kernel::attr::{self, Writer};

const LOOKUP_TABLE: u32 = 0x1000;
const FIB_MATCH: u32 = 0x2000;

/// Reads a protocol of IP by name or number.
pub(in super::super) fn protocol(word: &str) -> Option<u8> {
    let known = match word {
        "icmp" => 1,
        "tcp" => 6,
        "udp" => 17,
        "ipv6-icmp" | "icmpv6" => 58,
        "sctp" => 132,
        "dccp" => 33,
        "gre" => 47,
        "esp" => 50,
        "ah" => 51,
        _ => return words::number(word).and_then(|number| u8::try_from(number).ok()),
    };
    Some(known)
}

pub(super) fn get(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut family = run.options.family;
    let (mut dst, mut src) = (None::<Prefix>, None::<Prefix>);
    let (mut tos, mut flags, mut connected) = (0, 0, false);
    let mut attributes = Writer::default();
    while let Some(word) = words.take() {
        match word {
            "tos" | "dsfield" => {
                let text = words.value()?;
                tos = list::tos(text).ok_or_else(|| Stop::invalid(text, "TOS value is invalid\n"))?;
            }
            _ if begins(word, "from") => {
                let prefix = words::prefix(words.value()?, family)?;
                family = prefix.family();
                src = Some(prefix);
            }
            _ if begins(word, "iif") => {
                let name = words.value()?;
                attributes.u32(RTA_IIF, run.link(name)?.index);
            }
            _ if begins(word, "mark") => attributes.u32(RTA_MARK, words.number("invalid mark")?),
            _ if begins(word, "oif") || word == "dev" => {
                let name = words.value()?;
                attributes.u32(RTA_OIF, run.link(name)?.index);
            }
            _ if begins(word, "connected") => connected = true,
            _ if begins(word, "notify") => flags |= 0x100,
            _ if begins(word, "vrf") => {
                let name = words.value()?;
                attributes.u32(RTA_OIF, run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "Invalid VRF\n"))?.index);
            }
            _ if begins(word, "uid") => attributes.u32(RTA_UID, words.number("invalid UID\n")?),
            _ if begins(word, "fibmatch") => flags |= FIB_MATCH,
            _ if begins(word, "sport") || begins(word, "dport") => {
                let (name, kind) = if begins(word, "sport") { ("sport", RTA_SPORT) } else { ("dport", RTA_DPORT) };
                let port: u16 = words.number(&format!("Invalid \"{name}\" value\n"))?;
                attributes.put(kind, &port.to_be_bytes());
            }
            _ if begins(word, "ipproto") => {
                let text = words.value()?;
                attributes.u8(RTA_IP_PROTO, protocol(text).ok_or_else(|| Stop::invalid(text, "Invalid \"ipproto\" value\n"))?);
            }
            _ => {
                let text = if word == "to" { words.value()? } else { word };
                if begins(text, "help") {
                    return Err(usage::object("route"));
                }
                let prefix = words::prefix(text, family)?;
                if family == Family::Any {
                    family = prefix.family();
                }
                dst = Some(prefix);
            }
        }
    }
    let Some(dst) = dst else { return Err(Stop::wrong("need at least a destination address")) };
    if family == Family::Any {
        family = Family::Inet;
    }
    if dst.ip.is_some() && dst.length != dst.most() {
        run.say(&format!("Warning: /{} as prefix is invalid, only /{} (or none) is supported.", dst.length, dst.most()));
    }
    // Only IPv4 takes it.
    flags |= if family == Family::Inet { LOOKUP_TABLE } else { 0 };
    let mut header = [0; RTMSG];
    header[0] = family.number();
    header[1] = dst.ip.map_or(0, |_| dst.most());
    header[2] = src.map_or(0, |src| src.length);
    header[3] = tos;
    header[8..12].copy_from_slice(&flags.to_ne_bytes());
    let mut question = Writer::new(&header);
    if let Some(ip) = dst.ip {
        question.ip(RTA_DST, ip);
    }
    if let Some(ip) = src.and_then(|src| src.ip) {
        question.ip(RTA_SRC, ip);
    }
    for (kind, value) in attr::read(&attributes.bytes()) {
        question.put(kind, value);
    }
    let answer = run.ask(RTM_GETROUTE, 0, &question.bytes())?;
    let Some(message) = answer.messages.first() else { return Err(Stop::wrong("An error :-)")) };
    let fields = show::route(run, &message.bytes, &Told::default(), false);
    run.print(&[fields]);
    // What was found is asked for once more, as from the source that was chosen.
    if connected && src.is_none() {
        let mut header = message.bytes.get(..RTMSG).unwrap_or_default().to_vec();
        let chosen = attr::find(message.bytes.get(RTMSG..).unwrap_or_default(), RTA_PREFSRC);
        let Some(chosen) = chosen else { return Err(Stop::wrong("Failed to connect the route")) };
        header[2] = (chosen.len() * 8) as u8;
        header[4..8].fill(0);
        header[8..12].copy_from_slice(&flags.to_ne_bytes());
        let mut question = Writer::new(&header);
        question.put(RTA_SRC, chosen);
        for (kind, value) in attr::read(message.bytes.get(RTMSG..).unwrap_or_default()) {
            if matches!(kind, RTA_DST | RTA_OIF) {
                question.put(kind, value);
            }
        }
        let answer = run.ask(RTM_GETROUTE, 0, &question.bytes())?;
        let objects: Vec<_> = answer.messages.iter().map(|message| show::route(run, &message.bytes, &Told::default(), false)).collect();
        run.print(&objects);
    }
    Ok(())
}
