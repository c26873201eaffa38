//! What is written beside a packet, and around it: skbedit, vlan (tc-skbedit(8), tc-vlan(8)).

use super::super::super::output::{Fields, Value};
use super::super::super::stop::{Result, Stop};
use super::super::super::words::{Words, begins, number as whole};
use super::super::class_text;
use super::{Head, control, count, incomplete, index, mac, mac_text, verdict};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::action::{Found, Written};
use crate::kernel::filter::{Action, Verdict, parse_protocol, protocol_text};

/// The kinds of packets (linux/if_packet.h).
const PACKETS: &[(&str, u16)] = &[("host", 0), ("broadcast", 1), ("multicast", 2), ("otherhost", 3)];

const SKBEDIT: &str = "Usage: ... skbedit < [ queue_mapping QUEUE_MAPPING ] [ priority PRIORITY ] [ mark MARK[/MASK] ] [ ptype PACKETTYPE ] \
[ inheritdsfield ] >\n";

pub(super) fn skbedit(words: &mut Words<'_>) -> Result<Action> {
    let (mut mark, mut priority, mut queue, mut packet, mut inherit) = (None, None, None, None, false);
    let wrong = |text: &str| Stop::wrong(text);
    words.peek().ok_or_else(incomplete)?;
    let mut some = false;
    while let Some(word) = words.peek() {
        match word {
            _ if begins(word, "mark") => {
                words.take();
                let text = words.value()?;
                let (value, mask) = text.split_once('/').map_or((text, None), |(value, mask)| (value, Some(mask)));
                let mask = mask.map(|mask| count(mask).ok_or_else(|| wrong("Illegal mask"))).transpose()?;
                mark = Some((count(value).ok_or_else(|| wrong("Illegal mark"))?, mask));
            }
            _ if begins(word, "priority") => {
                words.take();
                priority = Some(super::super::class_id(words.value()?).ok_or_else(|| wrong("Illegal priority"))?);
            }
            _ if begins(word, "queue_mapping") => {
                words.take();
                let text = words.value()?;
                queue = Some(whole(text).and_then(|n| u16::try_from(n).ok()).ok_or_else(|| wrong("Illegal queue_mapping"))?);
            }
            _ if begins(word, "ptype") => {
                words.take();
                let text = words.value()?;
                let known = PACKETS.iter().find(|(name, _)| begins(text, name)).map(|(_, number)| *number);
                packet = Some(known.ok_or_else(|| Stop::wrong(format!("Illegal ptype ({text})")))?);
            }
            _ if begins(word, "inheritdsfield") && word.len() > 2 => {
                words.take();
                inherit = true;
            }
            _ => break,
        }
        some = true;
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let number = index(words)?;
    if !some && number == 0 {
        return Err(Stop { text: SKBEDIT.to_string(), ..Stop::silent(1) });
    }
    let mut writer = Writer::default();
    writer.put(2, &Head { index: number, verdict }.bytes());
    if let Some(queue) = queue {
        writer.u16(4, queue);
    }
    if let Some(priority) = priority {
        writer.u32(3, priority);
    }
    if let Some((mark, mask)) = mark {
        writer.u32(5, mark);
        mask.iter().for_each(|mask| writer.u32(8, *mask));
    }
    packet.iter().for_each(|packet| writer.u16(7, *packet));
    if inherit {
        writer.u64(9, 0x20);
    }
    Ok(Action::Written(Written { kind: "skbedit".to_string(), options: writer.bytes(), more: Vec::new() }))
}

const VLANS: &[(&str, u32)] = &[("pop", 1), ("push", 2), ("modify", 3), ("pop_eth", 4), ("push_eth", 5)];

const VLAN: &str = "Usage: vlan { pop | push [ protocol VLANPROTO ] id VLANID [ priority VLANPRIO ] | modify [ protocol VLANPROTO ] id VLANID \
[ priority VLANPRIO ] | pop_eth | push_eth dst_mac LLADDR src_mac LLADDR } [ CONTROL ]\n";

pub(super) fn vlan(words: &mut Words<'_>) -> Result<Action> {
    let mut what = None::<(&str, u32)>;
    let (mut id, mut protocol, mut priority, mut target, mut source) = (None, None, None, None, None);
    words.peek().ok_or_else(incomplete)?;
    while let Some(word) = words.peek() {
        if let Some(found) = VLANS.iter().find(|(name, _)| begins(word, name)) {
            if what.is_some() {
                return Err(Stop { text: format!("unexpected \"{word}\" - action already specified\n{VLAN}"), ..Stop::silent(255) });
            }
            what = Some(*found);
            words.take();
            continue;
        }
        let only = |kinds: &[u32], text: &str| match what.is_some_and(|(_, kind)| kinds.contains(&kind)) {
            true => Ok(()),
            false => Err(Stop::invalid(word, text)),
        };
        match word {
            _ if begins(word, "id") && word != "i" => {
                only(&[2, 3], "only valid for push/modify")?;
                words.take();
                let text = words.value()?;
                id = Some(whole(text).and_then(|n| u16::try_from(n).ok()).ok_or_else(|| Stop::invalid(text, "id is invalid"))?);
            }
            _ if begins(word, "protocol") => {
                only(&[2, 3], "only valid for push/modify")?;
                words.take();
                let text = words.value()?;
                protocol = Some(parse_protocol(text).ok_or_else(|| Stop::invalid(text, "protocol is invalid"))?);
            }
            _ if begins(word, "priority") => {
                only(&[2, 3], "only valid for push/modify")?;
                words.take();
                let text = words.value()?;
                let number = whole(text).and_then(|n| u8::try_from(n).ok()).filter(|n| *n < 8);
                priority = Some(number.ok_or_else(|| Stop::invalid(text, "prio is invalid"))?);
            }
            "dst_mac" | "src_mac" => {
                only(&[5], "only valid for push_eth")?;
                words.take();
                let text = words.value()?;
                let address = mac(text).ok_or_else(|| Stop::invalid(text, &format!("{word} is invalid")))?;
                *if word == "dst_mac" { &mut target } else { &mut source } = Some(address);
            }
            _ => break,
        }
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let number = index(words)?;
    let (name, what) = what.unwrap_or(("", 0));
    let needs = |field: &str| Err(Stop { text: format!("{field} needs to be set for {name}\n{VLAN}"), ..Stop::silent(1) });
    if what == 2 && id.is_none() {
        return needs("id");
    }
    if what == 5 && target.is_none() {
        return needs("dst_mac");
    }
    if what == 5 && source.is_none() {
        return needs("src_mac");
    }
    let mut parms = Head { index: number, verdict }.bytes();
    parms.extend(what.to_ne_bytes());
    let mut writer = Writer::default();
    writer.put(2, &parms);
    id.iter().for_each(|id| writer.u16(3, *id));
    if let Some(number) = protocol {
        if !matches!(number, 0x8100 | 0x88a8) {
            return Err(Stop { text: format!("protocol not supported\n{VLAN}"), ..Stop::silent(1) });
        }
        writer.put(4, &number.to_be_bytes());
    }
    priority.iter().for_each(|priority| writer.u8(6, *priority));
    target.iter().for_each(|mac| writer.put(7, mac));
    source.iter().for_each(|mac| writer.put(8, mac));
    Ok(Action::Written(Written { kind: "vlan".to_string(), options: writer.bytes(), more: Vec::new() }))
}

/// Prints it up to its number; returns what stands before that.
pub(super) fn skbedit_told(fields: &mut Fields, found: &Found) -> &'static str {
    let Some(Action::Skbedit { mark, priority, queue, verdict }) = &found.action else { return "" };
    fields.both("kind", "skbedit", "skbedit ");
    if let Some(queue) = queue {
        fields.both("queue_mapping", u32::from(*queue), format!("queue_mapping {queue}"));
    }
    if let Some(priority) = priority {
        fields.both("priority", class_text(*priority), format!(" priority {}", class_text(*priority)));
    }
    if let Some((mark, mask)) = mark {
        fields.both("mark", *mark, format!(" mark {mark}"));
        if let Some(mask) = mask.filter(|mask| *mask != u32::MAX) {
            fields.both("mask", format!("{mask:x}"), format!("/{mask:#x}"));
        }
    }
    if let Some(packet) = attr::find(&found.options, 7).map(attr::number) {
        let word = PACKETS.iter().find(|(_, number)| u64::from(*number) == packet).map_or("unknown", |(word, _)| word);
        fields.both("ptype", word, format!(" ptype {word}"));
    }
    if attr::find(&found.options, 9).is_some_and(|flags| attr::number(flags) & 0x20 != 0) {
        fields.both("inheritdsfield", Value::Null, " inheritdsfield");
    }
    control(fields, *verdict, " ");
    "\n\t index"
}

/// Prints it up to its number; returns what stands before that.
pub(super) fn vlan_told(fields: &mut Fields, found: &Found) -> &'static str {
    let Some(Action::Vlan { what, id, protocol, priority, verdict }) = &found.action else { return "" };
    let word = VLANS.iter().find(|(_, number)| number == what).map_or("unknown", |(word, _)| word);
    fields.both("kind", "vlan", "vlan ");
    fields.both("vlan_action", word, format!(" {word}"));
    if let Some(id) = id {
        fields.both("id", u32::from(*id), format!(" id {id}"));
    }
    if let Some(protocol) = protocol {
        fields.both("protocol", protocol_text(*protocol), format!(" protocol {}", protocol_text(*protocol)));
    }
    if let Some(priority) = priority {
        fields.both("priority", u32::from(*priority), format!(" priority {priority}"));
    }
    for (key, kind) in [("dst_mac", 7), ("src_mac", 8)] {
        if let Some(address) = attr::find(&found.options, kind) {
            fields.both(key, mac_text(address), format!(" {key} {}", mac_text(address)));
        }
    }
    control(fields, *verdict, " ");
    "\n\t index"
}
