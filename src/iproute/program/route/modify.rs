//! `ip route add`, `del`, `replace` and the like: the words of a route.

use super::super::names::{self, Of};
use super::super::stop::{Result, Stop};
use super::super::words::{self, Family, Prefix, Words, begins};
use super::super::{Run, usage};
use super::*;
use crate::kernel::attr::Writer;

const SCOPE_UNIVERSE: u8 = 0;
const SCOPE_LINK: u8 = 253;
const SCOPE_HOST: u8 = 254;
const SCOPE_NOWHERE: u8 = 255;
const PROTO_BOOT: u8 = 3;
const UNICAST: u8 = 1;

/// What words said so far.
#[derive(Default)]
struct Said {
    family: Family,
    dst: Option<Prefix>,
    labels: Option<Vec<u8>>,
    attributes: Writer,
    metrics: Writer,
    locked: u32,
    gateway: bool,
    hops: Vec<Vec<u8>>,
    next: bool,
    dev: Option<String>,
    table: Option<u32>,
    scope: Option<u8>,
    kind: Option<u8>,
    proto: Option<u8>,
    tos: u8,
    flags: u32,
    source: Option<Prefix>,
}

pub(super) fn modify(run: &mut Run<'_>, words: &mut Words<'_>, message: u16, how: u16) -> Result {
    let delete = message == RTM_DELROUTE;
    if words.done() {
        return Err(usage::object("route"));
    }
    let mut said = Said { family: run.options.family, ..Said::default() };
    while let Some(word) = words.take() {
        if word == "nexthop" {
            words.back();
            break;
        }
        take(run, &mut said, word, words)?;
    }
    if said.dst.is_none() && said.labels.is_none() {
        return Err(usage::object("route"));
    }
    if let Some(name) = said.dev.clone() {
        let index = run.link(&name)?.index;
        said.attributes.u32(RTA_OIF, index);
    }
    while let Some(word) = words.take() {
        if word != "nexthop" {
            return Err(Stop::unreadable(format!("Error: \"nexthop\" or end of line is expected instead of \"{word}\"")));
        }
        let hop = nexthop(run, &mut said, words)?;
        said.hops.push(hop);
    }
    let metrics = std::mem::take(&mut said.metrics).bytes();
    if !metrics.is_empty() || said.locked != 0 {
        let mut nested = Writer::default();
        if said.locked != 0 {
            nested.u32(1, said.locked);
        }
        let mut bytes = nested.bytes();
        bytes.extend_from_slice(&metrics);
        said.attributes.put(RTA_METRICS | 0x8000, &bytes);
    }
    if !said.hops.is_empty() {
        let hops = said.hops.concat();
        said.attributes.put(RTA_MULTIPATH, &hops);
    }
    let family = if said.family == Family::Any { Family::Inet } else { said.family };
    let kind = said.kind.unwrap_or(if delete { 0 } else { UNICAST });
    let told = said.table;
    let table = told.unwrap_or(match kind {
        2..=4 | 10 => TABLE_LOCAL,
        _ => TABLE_MAIN,
    });
    let scope = said.scope.unwrap_or_else(|| {
        if family != Family::Inet {
            return SCOPE_UNIVERSE;
        }
        match kind {
            2 | 10 => SCOPE_HOST,
            3..=5 => SCOPE_LINK,
            0 | 1 if delete => SCOPE_NOWHERE,
            0 | 1 if !said.gateway && said.hops.is_empty() && !said.next => SCOPE_LINK,
            _ if delete => SCOPE_NOWHERE,
            _ => SCOPE_UNIVERSE,
        }
    });
    let length = match (&said.labels, &said.dst) {
        (Some(_), _) => 20,
        (None, Some(dst)) => dst.length,
        (None, None) => 0,
    };
    let mut header = vec![
        family.number(),
        length,
        said.source.map_or(0, |source| source.length),
        said.tos,
        if table < 256 { table as u8 } else { 0 },
        said.proto.unwrap_or(if delete { 0 } else { PROTO_BOOT }),
        scope,
        kind,
    ];
    header.extend_from_slice(&said.flags.to_ne_bytes());
    let mut bytes = Writer::new(&header);
    match (&said.labels, said.dst.and_then(|dst| dst.ip.filter(|_| dst.length > 0))) {
        (Some(labels), _) => bytes.put(RTA_DST, labels),
        (None, Some(ip)) => bytes.ip(RTA_DST, ip),
        (None, None) => {}
    }
    if let Some(ip) = said.source.and_then(|source| source.ip) {
        bytes.ip(RTA_SRC, ip);
    }
    if table >= 256 {
        bytes.u32(RTA_TABLE, table);
    }
    let mut bytes = bytes.bytes();
    bytes.extend_from_slice(&said.attributes.bytes());
    run.change(message, how, &bytes)
}

fn wrong(word: &str, what: &str) -> Stop {
    Stop::invalid(word, &format!("\"{what}\" value is invalid\n"))
}

fn u32_of(words: &mut Words<'_>, what: &str) -> Result<u32> {
    let text = words.value()?;
    words::number(text).and_then(|number| u32::try_from(number).ok()).ok_or_else(|| wrong(text, what))
}

/// Takes `via [FAMILY] ADDRESS`.
fn via(said: &mut Said, words: &mut Words<'_>, attributes: &mut Writer) -> Result {
    let text = words.value()?;
    let (own, text) = match Family::from_word(text) {
        Some(family) => (family, words.value()?),
        None => (said.family, text),
    };
    let ip = words::address(text, own)?;
    if said.family == Family::Any {
        said.family = Family::of_ip(ip);
    }
    match Family::of_ip(ip) == said.family {
        true => attributes.ip(RTA_GATEWAY, ip),
        false => {
            let mut bytes = Vec::from(u16::from(Family::of_ip(ip).number()).to_ne_bytes());
            bytes.extend_from_slice(&crate::kernel::attr::octets(ip));
            attributes.put(RTA_VIA, &bytes);
        }
    }
    Ok(())
}

/// Takes a time: seconds (`s`), milliseconds (`ms`) or, without a unit, as it is.
fn time(words: &mut Words<'_>, what: &str) -> Result<(u32, bool)> {
    let text = words.value()?;
    let (number, factor, raw) = match text.strip_suffix("msecs").or(text.strip_suffix("msec")).or(text.strip_suffix("ms")) {
        Some(number) => (number, 1, false),
        None => match text.strip_suffix("secs").or(text.strip_suffix("sec")).or(text.strip_suffix('s')) {
            Some(number) => (number, 1000, false),
            None => (text, 1, true),
        },
    };
    words::number(number)
        .and_then(|number| u32::try_from(number * factor).ok())
        .map(|number| (number, raw))
        .ok_or_else(|| wrong(text, what))
}

fn take(run: &mut Run<'_>, said: &mut Said, word: &str, words: &mut Words<'_>) -> Result {
    let metric = |said: &mut Said, words: &mut Words<'_>, name: &str| -> Result {
        let at = METRICS.iter().position(|known| *known == name).unwrap_or(0) as u16;
        if words.eat("lock") {
            said.locked |= 1 << at;
        }
        let number = u32_of(words, name)?;
        said.metrics.u32(at, number);
        Ok(())
    };
    match word {
        "src" => {
            let ip = words.address(said.family)?;
            if said.family == Family::Any {
                said.family = Family::of_ip(ip);
            }
            said.attributes.ip(RTA_PREFSRC, ip);
        }
        "as" => {
            let text = words.value()?;
            let text = if text == "to" { words.value()? } else { text };
            let labels = super::encap::read_labels(text)
                .ok_or_else(|| Stop::exit(format!("Error: mpls address is expected rather than \"{text}\".")))?;
            said.attributes.put(RTA_NEWDST, &labels);
        }
        "via" => {
            said.gateway = true;
            let mut attributes = std::mem::take(&mut said.attributes);
            let read = via(said, words, &mut attributes);
            said.attributes = attributes;
            read?;
        }
        "from" => {
            let prefix = words::prefix(words.value()?, said.family)?;
            if said.family == Family::Any {
                said.family = prefix.family();
            }
            said.source = Some(prefix);
        }
        "tos" => said.tos = tos(words)?,
        _ if begins(word, "dsfield") => said.tos = tos(words)?,
        "expires" => {
            let number = u32_of(words, "expires")?;
            said.attributes.u32(RTA_EXPIRES, number);
        }
        "pref" => {
            let text = words.value()?;
            let number = match text {
                "low" => 3,
                "medium" => 0,
                "high" => 1,
                _ => words::number(text).and_then(|number| u8::try_from(number).ok()).ok_or_else(|| wrong(text, "pref"))?,
            };
            said.attributes.u8(RTA_PREF, number);
        }
        _ if begins(word, "metric") || begins(word, "priority") || begins(word, "preference") => {
            let number = u32_of(words, "metric")?;
            said.attributes.u32(RTA_PRIORITY, number);
        }
        "scope" => {
            let text = words.value()?;
            let scope = Of::Scope.number(text).and_then(|scope| u8::try_from(scope).ok());
            said.scope = Some(scope.ok_or_else(|| Stop::invalid(text, "invalid \"scope\" value\n"))?);
        }
        "hoplimit" => match words.peek() {
            Some("lock") => {
                words.take();
                said.locked |= 1 << 10;
                let number = u32_of(words, "hoplimit")?;
                said.metrics.u32(10, number);
            }
            _ => metric(said, words, "hoplimit")?,
        },
        "mtu" | "advmss" | "window" | "cwnd" | "initcwnd" | "initrwnd" | "ssthresh" => metric(said, words, word)?,
        _ if begins(word, "reordering") => metric(said, words, "reordering")?,
        _ if begins(word, "quickack") => {
            let text = words.value()?;
            let number = words::number(text).and_then(|number| u32::try_from(number).ok()).ok_or_else(|| wrong(text, "quickack"))?;
            if number > 1 {
                return Err(Stop::invalid(text, "\"quickack\" value should be 0 or 1\n"));
            }
            said.metrics.u32(15, number);
        }
        _ if begins(word, "rtt") => {
            let (ms, raw) = time(words, "rtt")?;
            said.metrics.u32(4, if raw { ms } else { ms * 8 });
        }
        _ if begins(word, "rttvar") => {
            let (ms, raw) = time(words, "rttvar")?;
            said.metrics.u32(5, if raw { ms } else { ms * 4 });
        }
        "rto_min" => {
            let (ms, _) = time(words, "rto_min")?;
            said.locked |= 1 << 13;
            said.metrics.u32(13, ms);
        }
        _ if begins(word, "features") => {
            let text = words.value()?;
            if text != "ecn" {
                return Err(wrong(text, "features"));
            }
            said.metrics.u32(12, 1);
        }
        _ if begins(word, "congctl") => {
            if words.eat("lock") {
                said.locked |= 1 << 16;
            }
            said.metrics.text(16, words.value()?);
        }
        _ if begins(word, "realms") => {
            let text = words.value()?;
            said.attributes.u32(RTA_FLOW, names::realms(text).ok_or_else(|| wrong(text, "realms"))?);
        }
        "onlink" => said.flags |= ONLINK,
        "nhid" => {
            let number = u32_of(words, "id")?;
            said.next = true;
            said.attributes.u32(RTA_NH_ID, number);
        }
        _ if begins(word, "protocol") => {
            let text = words.value()?;
            let proto = Of::Proto.number(text).and_then(|proto| u8::try_from(proto).ok());
            said.proto = Some(proto.ok_or_else(|| wrong(text, "protocol"))?);
        }
        _ if begins(word, "table") => {
            let text = words.value()?;
            said.table = Some(Of::Table.number(text).ok_or_else(|| wrong(text, "table"))?);
        }
        "vrf" => {
            let name = words.value()?;
            said.table = Some(list::vrf_table(run, name)?.ok_or_else(|| Stop::invalid(name, "Invalid VRF\n"))?);
        }
        "dev" | "oif" => said.dev = Some(words.value()?.to_string()),
        "encap" => super::encap::read(run, words, &mut said.attributes)?,
        "ttl-propagate" => {
            let text = words.value()?;
            let on = match text {
                "enabled" => 1,
                "disabled" => 0,
                _ => return Err(Stop::invalid(text, "\"ttl-propagate\" value is invalid\n")),
            };
            said.attributes.u8(RTA_TTL_PROPAGATE, on);
        }
        "fastopen_no_cookie" => {
            let number = u32_of(words, word)?;
            said.metrics.u32(17, number);
        }
        _ => destination(said, word, words)?,
    }
    Ok(())
}

fn tos(words: &mut Words<'_>) -> Result<u8> {
    let text = words.value()?;
    list::tos(text).ok_or_else(|| wrong(text, "tos"))
}

/// Takes `[to] [TYPE] PREFIX`.
fn destination(said: &mut Said, word: &str, words: &mut Words<'_>) -> Result {
    let mut word = if word == "to" { words.value()? } else { word };
    if word.chars().all(char::is_alphabetic)
        && word != "default"
        && let Some(kind) = list::kind(word).filter(|kind| *kind != 0)
    {
        said.kind = Some(kind);
        word = words.value()?;
    }
    if word == "help" {
        return Err(usage::object("route"));
    }
    if said.dst.is_some() || said.labels.is_some() {
        return Err(Stop::garbage("to", word));
    }
    if said.family == Family::Mpls {
        let labels = super::encap::read_labels(word);
        said.labels = Some(labels.ok_or_else(|| Stop::exit(format!("Error: mpls prefix is expected rather than \"{word}\".")))?);
        return Ok(());
    }
    let prefix = words::prefix(word, said.family)?;
    if said.family == Family::Any && prefix.ip.is_some() {
        said.family = prefix.family();
    }
    said.dst = Some(prefix);
    Ok(())
}

/// Reads what stands behind `nexthop`: `struct rtnexthop` and its attributes.
fn nexthop(run: &mut Run<'_>, said: &mut Said, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut index, mut weight, mut flags) = (0u32, 0u8, 0u8);
    let mut attributes = Writer::default();
    while let Some(word) = words.peek() {
        if word == "nexthop" {
            break;
        }
        words.take();
        match word {
            "via" => via(said, words, &mut attributes)?,
            "dev" => {
                let name = words.value()?;
                index = run.find_link(name)?.ok_or_else(|| Stop::exit(format!("Cannot find device \"{name}\"")))?.index;
            }
            "weight" => {
                let text = words.value()?;
                let number = words::number(text).filter(|number| (1..=256).contains(number));
                weight = (number.ok_or_else(|| Stop::invalid(text, "\"weight\" is invalid\n"))? - 1) as u8;
            }
            "onlink" => flags |= ONLINK as u8,
            _ if begins(word, "realms") => {
                let text = words.value()?;
                attributes.u32(RTA_FLOW, names::realms(text).ok_or_else(|| Stop::invalid(text, "\"realm\" value is invalid\n"))?);
            }
            "encap" => super::encap::read(run, words, &mut attributes)?,
            "as" => {
                let text = words.value()?;
                let text = if text == "to" { words.value()? } else { text };
                let labels = super::encap::read_labels(text)
                    .ok_or_else(|| Stop::exit(format!("Error: mpls address is expected rather than \"{text}\".")))?;
                attributes.put(RTA_NEWDST, &labels);
            }
            _ => {
                words.back();
                break;
            }
        }
    }
    let attributes = attributes.bytes();
    let mut hop = Vec::from(((attributes.len() + 8) as u16).to_ne_bytes());
    hop.extend_from_slice(&[flags, weight]);
    hop.extend_from_slice(&index.to_ne_bytes());
    hop.extend_from_slice(&attributes);
    Ok(hop)
}
