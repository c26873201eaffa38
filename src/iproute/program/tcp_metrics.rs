//! `ip tcp_metrics`: what TCP remembers of hosts that it has spoken with (linux/tcp_metrics.h).

use super::generic::{Generic, HEADER};
use super::link::show;
use super::output::{Fields, Value};
use super::stop::{Result, Stop};
use super::words::{self, Family, Prefix, Words, begins};
use super::{Run, usage};
use crate::kernel::attr;
use std::net::IpAddr;

const GET: u8 = 1;
const DEL: u8 = 2;
// TCP_METRICS_ATTR_
const IPV4: u16 = 1;
const IPV6: u16 = 2;
const AGE: u16 = 3;
const VALS: u16 = 6;
const FOPEN_MSS: u16 = 7;
const FOPEN_SYN_DROPS: u16 = 8;
const SADDR_IPV4: u16 = 11;
const SADDR_IPV6: u16 = 12;
/// The values, by number less one, and what they are measured in.
const VALUES: [(&str, &str); 7] =
    [("rtt", "us"), ("rttvar", "us"), ("ssthresh", ""), ("cwnd", ""), ("reordering", ""), ("rtt", "us"), ("rttvar", "us")];

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => list(run, words, false),
        Some(verb) if show::is_show(verb) => list(run, words, false),
        Some(verb) if begins(verb, "delete") => one(run, words, DEL),
        Some(verb) if begins(verb, "flush") => list(run, words, true),
        Some(verb) if begins(verb, "help") => Err(usage::object("tcp_metrics")),
        Some(verb) => Err(Stop::unknown_command(verb, "ip tcp_metrics")),
    }
}

/// Which hosts, and from which of the own addresses.
fn read(words: &mut Words<'_>, family: Family) -> Result<(Option<Prefix>, Option<Prefix>)> {
    let (mut host, mut source) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "src" | "source" => source = Some(words::prefix(words.value()?, family)?),
            _ => {
                let text = if word == "address" { words.value()? } else { word };
                if host.is_some() {
                    return Err(Stop::garbage("address", text));
                }
                host = Some(words::prefix(text, family)?);
            }
        }
    }
    Ok((host, source))
}

fn one(run: &mut Run<'_>, words: &mut Words<'_>, command: u8) -> Result {
    let (host, source) = read(words, run.options.family)?;
    let Some(host) = host.and_then(|host| host.ip) else { return Err(Stop::missing("address")) };
    let mut family = Generic::open("tcp_metrics", 1)?;
    let mut message = family.message(command);
    message.ip(if host.is_ipv4() { IPV4 } else { IPV6 }, host);
    if let Some(ip) = source.and_then(|source| source.ip) {
        message.ip(if ip.is_ipv4() { SADDR_IPV4 } else { SADDR_IPV6 }, ip);
    }
    family.ask(message).map(|_| ())
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>, flush: bool) -> Result {
    let chosen = run.options.family;
    let (host, source) = read(words, chosen)?;
    let mut family = Generic::open("tcp_metrics", 1)?;
    if flush && host.is_none_or(|host| host.ip.is_none()) && source.is_none() {
        // All at once.
        let message = family.message(DEL);
        return family.ask(message).map(|_| ());
    }
    let mut message = family.message(GET);
    let whole = |prefix: &Prefix| prefix.ip.filter(|_| prefix.length == prefix.most());
    let found = match host.as_ref().and_then(whole).filter(|_| !flush) {
        Some(ip) => {
            message.ip(if ip.is_ipv4() { IPV4 } else { IPV6 }, ip);
            family.ask(message)?.messages
        }
        None => family.dump(message)?,
    };
    let mut objects = Vec::new();
    for found in found {
        let told = found.bytes.get(HEADER..).unwrap_or_default();
        let ip = |v4, v6| attr::find(told, v4).or_else(|| attr::find(told, v6)).and_then(attr::ip);
        let Some(address) = ip(IPV4, IPV6) else { continue };
        let own = ip(SADDR_IPV4, SADDR_IPV6);
        let passes = (chosen == Family::Any || chosen == Family::of_ip(address))
            && host.is_none_or(|host| host.holds(address))
            && source.is_none_or(|source| own.is_some_and(|own| source.holds(own)));
        if !passes {
            continue;
        }
        if !flush {
            objects.push(described(told, address, own));
            continue;
        }
        let mut message = family.message(DEL);
        message.ip(if address.is_ipv4() { IPV4 } else { IPV6 }, address);
        if let Some(own) = own {
            message.ip(if own.is_ipv4() { SADDR_IPV4 } else { SADDR_IPV6 }, own);
        }
        family.ask(message)?;
    }
    if !objects.is_empty() || (run.options.json && !flush) {
        run.print(&objects);
    }
    Ok(())
}

fn described(told: &[u8], address: IpAddr, own: Option<IpAddr>) -> Fields {
    let find = |kind| attr::find(told, kind);
    let mut fields = Fields::new();
    fields.both("dst", address.to_string(), address.to_string());
    if let Some(ms) = find(AGE).map(attr::number) {
        let text = format!("{}.{:03}", ms / 1000, ms % 1000);
        fields.both("age", Value::Raw(text.clone()), format!(" age {text}sec"));
    }
    let values = find(VALS).map(attr::read).unwrap_or_default();
    let value =
        |number: u16| values.iter().find(|(kind, _)| *kind == number).map(|(_, value)| attr::number(value)).filter(|value| *value != 0);
    for (at, (name, unit)) in VALUES.iter().enumerate().skip(2) {
        if let Some(value) = value(at as u16 + 1) {
            fields.both(*name, value, format!(" {name} {value}{unit}"));
        }
    }
    if let Some(mss) = find(FOPEN_MSS).map(attr::number) {
        fields.both("fopen_miss", mss, format!(" fo_mss {mss}"));
    }
    if let Some(drops) = find(FOPEN_SYN_DROPS).map(attr::number) {
        fields.both("fopen_syn_drops", drops, format!(" fo_syn_drops {drops}"));
    }
    if let Some(own) = own {
        fields.both("source", own.to_string(), format!(" source {own}"));
    }
    fields.text("\n");
    fields
}
