//! Kinds with few settings: VLAN, macvlan, ipvlan, VRF, tun, netkit (linux/if_link.h).

use super::super::super::Run;
use super::super::super::names::Of;
use super::super::super::output::{Fields, Value};
use super::super::super::stop::{Result, Stop};
use super::super::super::words::{Words, hardware};
use super::row::{protocol_name, vlan_protocol};
use crate::kernel::attr::{self, Writer};
use crate::kernel::link::mac_text;

/// IFLA_VLAN_FLAGS: bit and word (linux/if_vlan.h).
const VLAN_FLAGS: [(u32, &str, &str); 5] = [
    (1, "reorder_hdr", "REORDER_HDR"),
    (2, "gvrp", "GVRP"),
    (4, "loose_binding", "LOOSE_BINDING"),
    (8, "mvrp", "MVRP"),
    (16, "bridge_binding", "BRIDGE_BINDING"),
];

pub(super) fn read_vlan(_: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    match word {
        "protocol" => writer.put(5, &vlan_protocol(words.value()?)?.to_be_bytes()),
        "id" => writer.u16(1, words.number("id is invalid")?),
        "ingress-qos-map" | "egress-qos-map" => {
            let mut pairs = Vec::new();
            while let Some((from, to)) = words.peek().and_then(|word| word.split_once(':')) {
                let number = |text: &str| text.parse::<u32>().map_err(|_| Stop::invalid(words.peek().unwrap_or(""), "invalid map"));
                pairs.push([number(from)?.to_ne_bytes(), number(to)?.to_ne_bytes()].concat());
                words.take();
            }
            writer.nest(if word == "egress-qos-map" { 3 } else { 4 }, |inner| pairs.iter().for_each(|pair| inner.put(1, pair)));
        }
        _ => {
            let Some((bit, ..)) = VLAN_FLAGS.iter().find(|(_, known, _)| *known == word) else { return Ok(false) };
            let on = words.on_off(word)?;
            // The kernel takes the last attribute: flags and mask gather what was said before.
            let before = writer.last(2).unwrap_or_else(|| vec![0; 8]);
            let (flags, mask) = (attr::u32_at(&before, 0) | if on { *bit } else { 0 }, attr::u32_at(&before, 4) | bit);
            writer.put(2, &[flags.to_ne_bytes(), mask.to_ne_bytes()].concat());
        }
    }
    Ok(true)
}

pub(super) fn show_vlan(_: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    let find = |kind| attr::find(attributes, kind);
    let protocol = find(5).map_or("802.1Q".to_string(), protocol_name);
    fields.both("protocol", protocol.as_str(), format!("protocol {protocol} "));
    let id = find(1).map_or(0, attr::number);
    fields.both("id", id, format!("id {id} "));
    if let Some(flags) = find(2).map(|value| attr::u32_at(value, 0)) {
        let names: Vec<&str> = VLAN_FLAGS.iter().filter(|(bit, ..)| flags & bit != 0).map(|(.., name)| *name).collect();
        let list = names.iter().map(|name| Value::from(*name)).collect();
        fields.both("flags", Value::List(list), format!("<{}> ", names.join(",")));
    }
    for (kind, key, word) in [(4, "ingress_qos", "ingress-qos-map"), (3, "egress_qos", "egress-qos-map")] {
        if let Some(map) = find(kind) {
            let mut pairs = Vec::new();
            let mut text = format!("\n      {word} {{ ");
            for (_, pair) in attr::read(map) {
                let (from, to) = (attr::u32_at(pair, 0), attr::u32_at(pair, 4));
                let mut one = Fields::new();
                one.json("from", from);
                one.json("to", to);
                pairs.push(one);
                text += &format!("{from}:{to} ");
            }
            fields.both(key, Value::Objects(pairs), text + "} ");
        }
    }
}

const MACVLAN_MODES: [(u32, &str); 5] = [(1, "private"), (2, "vepa"), (4, "bridge"), (8, "passthru"), (16, "source")];

pub(super) fn read_macvlan(_: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    match word {
        "mode" => {
            let mode = words.value()?;
            let Some((number, _)) = MACVLAN_MODES.iter().find(|(_, known)| *known == mode) else {
                let known = "\"private\", \"vepa\", \"bridge\", \"passthru\" or \"source\"";
                return Err(Stop::wrong(format!("Error: argument of \"mode\" must be {known}, not \"{mode}\"")));
            };
            writer.u32(1, *number);
            if words.eat("nopromisc") {
                writer.u16(2, 1);
            }
        }
        "nopromisc" => writer.u16(2, 1),
        "macaddr" => return sources(words, writer).map(|()| true),
        "bcqueuelen" => writer.u32(7, words.number("invalid \"bcqueuelen\" value")?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Whose packets a macvlan of mode source takes.
fn sources(words: &mut Words<'_>, writer: &mut Writer) -> Result {
    let deed = words.value()?;
    let modes = ["add", "del", "flush", "set"];
    let mode = modes.iter().position(|known| *known == deed);
    let wrong = || Stop::wrong(format!("Error: argument of \"macaddr\" must be \"add\", \"del\", \"flush\" or \"set\", not \"{deed}\""));
    writer.u32(3, mode.ok_or_else(wrong)? as u32);
    match deed {
        "add" | "del" => writer.put(4, &hardware(words.value()?)?),
        "set" => {
            let mut list = Vec::new();
            while let Some(address) = words.peek().and_then(|word| hardware(word).ok()) {
                words.take();
                list.push(address);
            }
            writer.nest(5, |data| list.iter().for_each(|address| data.put(4, address)));
        }
        _ => {}
    }
    Ok(())
}

pub(super) fn show_macvlan(_: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    let find = |kind| attr::find(attributes, kind).map(attr::number);
    if let Some(mode) = find(1) {
        let word = MACVLAN_MODES.iter().find(|(number, _)| u64::from(*number) == mode).map_or("<unknown>", |(_, word)| word);
        fields.both("mode", word, format!("mode {word} "));
    }
    if find(2).is_some_and(|flags| flags & 1 != 0) {
        fields.both("nopromisc", true, "nopromisc ");
    }
    if let Some(length) = find(7) {
        fields.both("bcqueuelen", length, format!("bcqueuelen {length} "));
    }
    if let Some(length) = find(8) {
        fields.both("usedbcqueuelen", length, format!("usedbcqueuelen {length} "));
    }
    let count = find(6).filter(|count| *count > 0);
    if let Some(count) = count {
        fields.both("macaddr_count", count, format!("remotes ({count}) "));
    }
    if let Some(data) = attr::find(attributes, 5).filter(|_| count.is_some()) {
        let list: Vec<String> = attr::read(data).into_iter().map(|(_, address)| mac_text(address)).collect();
        let text: String = list.iter().map(|address| format!("{address} ")).collect();
        fields.both("macaddr_data", Value::List(list.into_iter().map(Value::from).collect()), text);
    }
}

const IPVLAN_MODES: [&str; 3] = ["l2", "l3", "l3s"];

pub(super) fn read_ipvlan(_: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    match word {
        "mode" => {
            let mode = words.value()?;
            let number = IPVLAN_MODES.iter().position(|known| *known == mode);
            let wrong = || Stop::wrong("Error: argument of \"mode\" must be either \"l2\", \"l3\" or \"l3s\"");
            writer.u16(1, number.ok_or_else(wrong)? as u16);
        }
        "private" => writer.u16(2, 1),
        "vepa" => writer.u16(2, 2),
        "bridge" => writer.u16(2, 0),
        _ => return Ok(false),
    }
    Ok(true)
}

pub(super) fn show_ipvlan(_: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    let find = |kind| attr::find(attributes, kind).map(attr::number);
    if let Some(mode) = find(1) {
        let word = IPVLAN_MODES.get(mode as usize).unwrap_or(&"unknown");
        fields.both("mode", *word, format!(" mode {word} "));
    }
    if let Some(flags) = find(2) {
        let word = if flags & 1 != 0 {
            "private"
        } else if flags & 2 != 0 {
            "vepa"
        } else {
            "bridge"
        };
        fields.both(word, true, format!("{word} "));
    }
}

pub(super) fn read_vrf(_: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    if word != "table" {
        return Ok(false);
    }
    let table = words.value()?;
    writer.u32(1, Of::Table.number(table).ok_or_else(|| Stop::invalid(table, "invalid table ID\n"))?);
    Ok(true)
}

pub(super) fn show_vrf(_: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    if let Some(table) = attr::find(attributes, 1).map(attr::number) {
        fields.both("table", table, format!("table {table} "));
    }
}

pub(super) fn show_tun(_: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    let find = |kind| attr::find(attributes, kind).map(attr::number);
    let kind = match find(3) {
        Some(1) => "tun",
        Some(2) => "tap",
        _ => return,
    };
    fields.both("type", kind, format!("type {kind} "));
    let mut on_off = |attribute: u16, word: &str| {
        if let Some(on) = find(attribute).map(|on| on != 0) {
            fields.both(word, on, format!("{word} {} ", if on { "on" } else { "off" }));
        }
    };
    on_off(4, "pi");
    on_off(5, "vnet_hdr");
    if let Some(on) = find(7).map(|on| on != 0) {
        let text = if on { "multi_queue " } else { "" };
        fields.both("multi_queue", on, text);
        if on {
            for (attribute, key) in [(8, "numqueues"), (9, "numdisabled")] {
                if let Some(number) = find(attribute) {
                    fields.both(key, number, format!("{key} {number} "));
                }
            }
        }
    }
    if let Some(on) = find(6).map(|on| on != 0) {
        fields.both("persist", on, format!("persist {} ", if on { "on" } else { "off" }));
    }
    for (attribute, key) in [(1, "user"), (2, "group")] {
        if let Some(id) = find(attribute) {
            let name = account(key, id).unwrap_or_else(|| id.to_string());
            fields.both(key, name.as_str(), format!("{key} {name} "));
        }
    }
}

/// The name of a user or group id.
fn account(kind: &str, id: u64) -> Option<String> {
    let text = std::fs::read_to_string(if kind == "user" { "/etc/passwd" } else { "/etc/group" }).ok()?;
    let mut lines = text.lines().map(|line| line.split(':').collect::<Vec<_>>());
    lines.find(|parts| parts.get(2).is_some_and(|number| *number == id.to_string())).map(|parts| parts[0].to_string())
}

/// linux/if_link.h: IFLA_NETKIT_PRIMARY, POLICY, PEER_POLICY, MODE.
const PRIMARY: u16 = 2;
const POLICY: u16 = 3;
const PEER_POLICY: u16 = 4;
const MODE: u16 = 5;

/// What is done with packets where no program decides: NETKIT_PASS, NETKIT_DROP.
fn policy(word: &str) -> Option<u32> {
    match word {
        "forward" => Some(0),
        "blackhole" => Some(2),
        _ => None,
    }
}

pub(super) fn read_netkit(_: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    if let Some(policy) = policy(word) {
        writer.u32(POLICY, policy);
        return Ok(true);
    }
    if word != "mode" {
        return Ok(false);
    }
    let mode = words.value()?;
    let number = ["l2", "l3"].iter().position(|known| *known == mode);
    writer.u32(MODE, number.ok_or_else(|| Stop::wrong("Error: argument of \"mode\" must be either \"l2\" or \"l3\""))? as u32);
    Ok(true)
}

/// What stands between `peer` and the name of the other end.
pub(in super::super) fn read_netkit_peer(words: &mut Words<'_>, writer: &mut Writer) {
    if let Some(policy) = words.peek().and_then(policy) {
        words.take();
        writer.u32(PEER_POLICY, policy);
    }
}

pub(super) fn show_netkit(_: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    let find = |kind| attr::find(attributes, kind).map(attr::number);
    if let Some(mode) = find(MODE) {
        let word = ["l2", "l3"].get(mode as usize).copied().unwrap_or("unknown");
        fields.both("mode", word, format!("mode {word} "));
    }
    if let Some(primary) = find(PRIMARY) {
        let word = if primary == 0 { "peer" } else { "primary" };
        fields.both("type", word, format!("type {word} "));
    }
    for (kind, key, before) in [(POLICY, "policy", "policy"), (PEER_POLICY, "peer_policy", "peer policy")] {
        if let Some(policy) = find(kind) {
            let word = if policy == 0 { "forward" } else { "blackhole" };
            fields.both(key, word, format!("{before} {word} "));
        }
    }
}
