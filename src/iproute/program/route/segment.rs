//! `encap seg6local`: what a router does at a segment that is its own (linux/seg6_local.h, RFC 8986).

use super::super::Run;
use super::super::names::Of;
use super::super::output::{Fields, Value};
use super::super::stop::{Result, Stop};
use super::super::words::{self, Family, Words};
use super::encap::{hmac_of, sealed, segments};
use crate::kernel::attr::{self, Writer};
use crate::kernel::encap;

const ACTION: u16 = 1;
const SRH: u16 = 2;
const TABLE: u16 = 3;
const NH4: u16 = 4;
const NH6: u16 = 5;
const IIF: u16 = 6;
const OIF: u16 = 7;
const VRFTABLE: u16 = 9;
const COUNTERS: u16 = 10;
const FLAVORS: u16 = 11;

/// The actions, by number (SEG6_LOCAL_ACTION_).
const ACTIONS: [&str; 17] = [
    "",
    "End",
    "End.X",
    "End.T",
    "End.DX2",
    "End.DX6",
    "End.DX4",
    "End.DT6",
    "End.DT4",
    "End.B6",
    "End.B6.Encaps",
    "End.BM",
    "End.S",
    "End.AS",
    "End.AM",
    "End.BPF",
    "End.DT46",
];
const END_B6: usize = 9;
const END_B6_ENCAPS: usize = 10;

/// The flavours, by bit (SEG6_LOCAL_FLV_OP_).
const FLAVOR_NAMES: [&str; 5] = ["", "psp", "usp", "usd", "next-csid"];

/// Reads what stands behind `seg6local`.
pub(super) fn read(run: &mut Run<'_>, words: &mut Words<'_>, inner: &mut Writer) -> Result {
    let (mut action, mut header) = (None, None);
    let mut given: Vec<&str> = Vec::new();
    while let Some(word) = words.peek() {
        let known = ["action", "table", "vrftable", "nh4", "nh6", "iif", "oif", "srh", "count", "endpoint", "flavors"];
        if !known.contains(&word) {
            break;
        }
        words.take();
        let value = if word == "count" { word } else { words.value()? };
        if given.contains(&word) {
            return Err(Stop::garbage(word, value));
        }
        given.push(word);
        match word {
            "action" => {
                let number = ACTIONS.iter().skip(1).position(|known| *known == value).map(|at| at + 1);
                let number = number.ok_or_else(|| Stop::invalid(value, "\"action\" value is invalid\n"))?;
                action = Some(number);
                inner.u32(ACTION, number as u32);
            }
            "table" | "vrftable" => {
                let number = Of::Table.number(value).ok_or_else(|| {
                    Stop::invalid(value, &format!("invalid {} id\n", if word == "table" { "table" } else { "vrf table" }))
                })?;
                inner.u32(if word == "table" { TABLE } else { VRFTABLE }, number);
            }
            "nh4" => inner.ip(NH4, words::address(value, Family::Inet)?),
            "nh6" => inner.ip(NH6, words::address(value, Family::Inet6)?),
            "iif" | "oif" => {
                let index = run.find_link(value)?.ok_or_else(|| Stop::unreadable(format!("Cannot find device \"{value}\"")))?.index;
                inner.u32(if word == "iif" { IIF } else { OIF }, index);
            }
            "srh" => {
                if value != "segs" {
                    return Err(Stop::invalid(value, "missing \"segs\" attribute for srh\n"));
                }
                let list = segments(words.value()?)?;
                let key = words.eat("hmac").then(|| words.number::<u32>("\"hmac\" value is invalid\n")).transpose()?;
                header = Some((list, key));
            }
            "count" => inner.nest(COUNTERS, |counters| (2..=4).for_each(|kind| counters.u64(kind, 0))),
            "flavors" => flavors(value, words, inner)?,
            _ => return Err(Stop::wrong("labsh does not have \"endpoint\" of seg6local: it loads no programs")),
        }
    }
    let Some(action) = action else { return Err(Stop::unreadable("Missing action type")) };
    if let Some((list, key)) = header {
        let mode = match action {
            END_B6 => 0,
            END_B6_ENCAPS => 1,
            _ => return Err(Stop::invalid("srh", "invalid \"action\" for srh\n")),
        };
        // Without the mode, which the action says.
        inner.put(SRH, &sealed(encap::segment_bytes(mode, &list), key)[4..]);
    }
    Ok(())
}

fn flavors(text: &str, words: &mut Words<'_>, inner: &mut Writer) -> Result {
    let mut bits = 0u32;
    for name in text.split(',') {
        let bit = FLAVOR_NAMES.iter().skip(1).position(|known| *known == name).map(|at| at + 1);
        bits |= 1 << bit.ok_or_else(|| Stop::invalid(text, "invalid \"flavors\" attribute\n"))?;
    }
    let mut told = Writer::default();
    told.u32(1, bits);
    while let Some(word) = words.peek().filter(|word| matches!(*word, "lblen" | "nflen")) {
        words.take();
        let (kind, name) = if word == "lblen" { (2, "locator-block") } else { (3, "locator-node function") };
        told.u8(kind, words.number(&format!("\"{name} length\" value is invalid\n"))?);
    }
    inner.put(FLAVORS | 0x8000, &told.bytes());
    Ok(())
}

/// Prints it.
pub(super) fn show(run: &mut Run<'_>, fields: &mut Fields, told: &[u8]) {
    let find = |kind| attr::find(told, kind);
    let number = |kind| find(kind).map(|value| attr::number(value) as u32);
    fields.both("encap", "seg6local", " encap seg6local ");
    if let Some(action) = number(ACTION) {
        let name = ACTIONS.get(action as usize).filter(|name| !name.is_empty()).copied().unwrap_or("<unknown>");
        fields.both("action", name, format!("action {name} "));
    }
    if let Some(header) = find(SRH) {
        let mut inner = Fields::new();
        // Read as behind the number of a mode.
        let whole = [&[0; 4][..], header].concat();
        segments_shown(&mut inner, &whole);
        fields.object("srh", inner);
    }
    for (kind, word) in [(TABLE, "table"), (VRFTABLE, "vrftable")] {
        if let Some(table) = number(kind) {
            let name = if run.options.numeric { table.to_string() } else { Of::Table.name(table) };
            fields.both(word, name.as_str(), format!("{word} {name} "));
        }
    }
    for (kind, word) in [(NH4, "nh4"), (NH6, "nh6")] {
        if let Some(ip) = find(kind).and_then(attr::ip) {
            fields.both(word, ip.to_string(), format!("{word} {ip} "));
        }
    }
    for (kind, word) in [(IIF, "iif"), (OIF, "oif")] {
        if let Some(index) = number(kind) {
            let name = run.name_of(index);
            fields.both(word, name.as_str(), format!("{word} {name} "));
        }
    }
    if let Some(list) = find(FLAVORS) {
        let inner = |kind| attr::find(list, kind).map(attr::number);
        let bits = inner(1).unwrap_or(0);
        let names: Vec<&str> = (1..FLAVOR_NAMES.len()).filter(|bit| bits & (1 << bit) != 0).map(|bit| FLAVOR_NAMES[bit]).collect();
        let text = format!("flavors {} ", names.join(","));
        fields.both("flavors", Value::List(names.into_iter().map(Value::from).collect()), text);
        for (kind, word) in [(2, "lblen"), (3, "nflen")] {
            if let Some(length) = inner(kind) {
                fields.both(word, length, format!("{word} {length} "));
            }
        }
    }
    if let Some(list) = find(COUNTERS).filter(|_| run.options.stats > 0) {
        let mut inner = Fields::new();
        for (kind, word) in [(2, "packets"), (3, "bytes"), (4, "errors")] {
            if let Some(count) = attr::find(list, kind).map(attr::number) {
                inner.both(word, count, format!("{word} {count} "));
            }
        }
        fields.object("stats64", inner);
    }
}

/// Prints segments, and the key that they are sealed with; they stand behind the number of a mode.
pub(super) fn segments_shown(fields: &mut Fields, bytes: &[u8]) {
    let list: Vec<String> = segment_list(bytes).iter().map(ToString::to_string).collect();
    let text = format!("segs {} [ {} ] ", list.len(), list.join(" "));
    fields.both("segs", Value::List(list.into_iter().map(Value::from).collect()), text);
    if let Some(key) = hmac_of(bytes) {
        fields.both("hmac", key, format!("hmac {key:X} "));
    }
}

fn segment_list(bytes: &[u8]) -> Vec<std::net::Ipv6Addr> {
    // `first_segment` of struct ipv6_sr_hdr is the place of the last one.
    let count = usize::from(bytes.get(8).copied().unwrap_or(0)) + 1;
    encap::segments_of(bytes.get(..encap::BEFORE_SEGMENTS + 16 * count).unwrap_or(bytes))
}
