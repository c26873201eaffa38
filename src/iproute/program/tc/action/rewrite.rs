//! Actions that write into packets: csum, nat, mpls, skbmod (tc-csum(8), tc-nat(8), tc-mpls(8), tc-skbmod(8)).

use super::{Head, control, incomplete, index, mac, mac_text, verdict};
use crate::iproute::program::Run;
use crate::iproute::program::output::Fields;
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::{self, Family, Words, begins, number as whole};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::{Verdict, parse_protocol, protocol_text};

const NAT: &str = "Usage: ... nat { ingress | egress } OLD NEW\n";
const SKBMOD: &str = "Usage: ... skbmod { set [ dmac DMAC ] [ smac SMAC ] [ etype ETYPE ] | swap mac | ecn } [ CONTROL ] [ index INDEX ]\n";
/// What is summed (linux/tc_act/tc_csum.h): the words that are read, the word that is told.
const SUMS: &[(&[&str], &str, u32)] = &[
    (&["iph", "ip4h", "ipv4h"], "iph", 1),
    (&["icmp"], "icmp", 2),
    (&["igmp"], "igmp", 4),
    (&["tcp"], "tcp", 8),
    (&["udp"], "udp", 16),
    (&["udplite"], "udplite", 32),
    (&["sctp"], "sctp", 64),
];

pub(super) fn csum(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut flags = 0;
    words.peek().ok_or_else(incomplete)?;
    while let Some(word) = words.peek() {
        let known = SUMS.iter().find(|(names, ..)| names.iter().any(|name| begins(word, name)));
        match known {
            Some((_, _, flag)) => flags |= flag,
            None if matches!(word, "and" | "or" | "+") => {}
            None => break,
        }
        words.take();
    }
    if flags == 0 {
        return Err(Stop::wrong("Illegal csum construct, empty <UPDATE> list"));
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pass);
    let mut parms = Head { index: index(words)?, verdict }.bytes();
    parms.extend(u32::to_ne_bytes(flags));
    let mut writer = Writer::default();
    writer.put(1, &parms);
    Ok(writer.bytes())
}

pub(super) fn csum_told(_: &mut Run<'_>, fields: &mut Fields, parms: &[u8], _: &[u8], verdict: Verdict) -> &'static str {
    let flags = attr::u32_at(parms, 20);
    let names: Vec<&str> = SUMS.iter().filter(|(_, _, flag)| flags & flag != 0).map(|(_, name, _)| *name).collect();
    let text = if names.is_empty() { "?empty".to_string() } else { names.join(", ") };
    fields.both("csum", &text, format!("({text}) "));
    control(fields, verdict, "action ");
    "\n\tindex"
}

pub(super) fn nat(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let first = words.value()?;
    let wrong = |stop: Stop| match stop.status {
        255 => stop,
        _ => Stop { text: format!("Illegal nat construct ({first})\n{NAT}"), whole: false, ..stop },
    };
    let out = match first {
        word if begins(word, "egress") => true,
        word if begins(word, "ingress") => false,
        _ => return Err(wrong(Stop::silent(1))),
    };
    let old = words::prefix(words.value()?, Family::Inet).map_err(wrong)?;
    let new = words::prefix(words.value()?, Family::Inet).map_err(wrong)?;
    let v4 = |prefix: words::Prefix| prefix.ip.map(attr::octets).unwrap_or_else(|| vec![0; 4]);
    // All bits count for `any`, too: the shift by 32 does nothing.
    let mask = u32::MAX << (32 - u32::from(old.length)).rem_euclid(32);
    let verdict = verdict(words)?.unwrap_or(Verdict::Pass);
    let mut parms = Head { index: index(words)?, verdict }.bytes();
    parms.extend(v4(old));
    parms.extend(v4(new));
    parms.extend(mask.to_be_bytes());
    parms.extend(u32::from(out).to_ne_bytes());
    let mut writer = Writer::default();
    writer.put(1, &parms);
    Ok(writer.bytes())
}

pub(super) fn nat_told(_: &mut Run<'_>, fields: &mut Fields, parms: &[u8], _: &[u8], verdict: Verdict) -> &'static str {
    let ip = |at: usize| parms.get(at..at + 4).and_then(attr::ip).map(|ip| ip.to_string()).unwrap_or_default();
    // As tc counts: from the lowest bit of the number in the machine's order.
    let mask = attr::u32_at(parms, 28);
    let length = if mask == 0 { 0 } else { 32 - mask.trailing_zeros() };
    let word = if attr::u32_at(parms, 32) & 1 != 0 { "egress" } else { "ingress" };
    fields.both("direction", word, word);
    let old = format!("{}/{length}", ip(20));
    fields.both("old_addr", &old, format!(" {old}"));
    fields.both("new_addr", ip(24), format!(" {}", ip(24)));
    control(fields, verdict, " ");
    "\n\t index"
}

const MPLS: &[(&str, u32)] = &[("pop", 1), ("push", 2), ("modify", 3), ("dec_ttl", 4), ("mac_push", 5)];

pub(super) fn mpls(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut what, mut protocol, mut label, mut class, mut ttl, mut bottom) = (None::<(&str, u32)>, None, None, None, None, None);
    words.peek().ok_or_else(incomplete)?;
    while let Some(word) = words.peek() {
        if let Some(found) = MPLS.iter().find(|(name, _)| begins(word, name)) {
            if let Some((known, _)) = what {
                return Err(Stop::unreadable(format!("Error: got \"{word}\" but action already set to \"{known}\"")));
            }
            what = Some(*found);
            words.take();
            continue;
        }
        let allowed = |kinds: &[u32], text: &str| match what.is_some_and(|(_, kind)| kinds.contains(&kind)) {
            true => Ok(()),
            false => Err(Stop::invalid(word, text)),
        };
        let value = |words: &mut Words<'_>, most: u64, text: &str| {
            let value = words.value()?;
            whole(value).filter(|number| *number <= most).ok_or_else(|| Stop::invalid(value, text))
        };
        match word {
            "label" => {
                allowed(&[2, 3, 5], "only valid for push, mac_push and modify")?;
                words.take();
                label = Some(value(words, 0xf_ffff, "label must be <=0xFFFFF")? as u32);
            }
            "tc" => {
                allowed(&[2, 3, 5], "only valid for push, mac_push and modify")?;
                words.take();
                class = Some(value(words, 7, "tc field is 3 bits max")? as u8);
            }
            "ttl" => {
                allowed(&[2, 3, 5], "only valid for push, mac_push and modify")?;
                words.take();
                let text = words.value()?;
                let number = whole(text).filter(|ttl| (1..=255).contains(ttl));
                ttl = Some(number.ok_or_else(|| Stop::invalid(text, "ttl must be >0 and <=255"))? as u8);
            }
            "bos" => {
                allowed(&[2, 3, 5], "only valid for push, mac_push and modify")?;
                words.take();
                bottom = Some(value(words, 1, "bos must be 0 or 1")? as u8);
            }
            _ if begins(word, "protocol") => {
                allowed(&[1, 2, 5], "only valid for push, mac_push and pop")?;
                words.take();
                let text = words.value()?;
                protocol = Some(parse_protocol(text).ok_or_else(|| Stop::invalid(text, "protocol is invalid"))?);
            }
            _ => break,
        }
    }
    let Some((_, what)) = what else { return Err(incomplete()) };
    match what {
        1 if protocol.is_none() => return Err(Stop::missing("protocol")),
        2 | 5 => {
            if label.is_none() {
                return Err(Stop::missing("label"));
            }
            if let Some(number) = protocol.filter(|number| !matches!(number, 0x8847 | 0x8848)) {
                let mac = if what == 5 { "mac_" } else { "" };
                return Err(Stop::unreadable(format!("invalid {mac}push protocol \"{number:#06x}\" - use mpls_(uc|mc)")));
            }
        }
        _ => {}
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let mut parms = Head { index: index(words)?, verdict }.bytes();
    parms.extend(what.to_ne_bytes());
    let mut writer = Writer::default();
    writer.put(2, &parms);
    label.iter().for_each(|label| writer.u32(5, *label));
    protocol.iter().for_each(|protocol| writer.put(4, &protocol.to_be_bytes()));
    for (kind, byte) in [(6, class), (7, ttl), (8, bottom)] {
        byte.iter().for_each(|byte| writer.u8(kind, *byte));
    }
    Ok(writer.bytes())
}

pub(super) fn mpls_told(_: &mut Run<'_>, fields: &mut Fields, parms: &[u8], options: &[u8], verdict: Verdict) -> &'static str {
    let what = attr::u32_at(parms, 20);
    let word = MPLS.iter().find(|(_, number)| *number == what).map_or("unknown", |(word, _)| word);
    fields.both("mpls_action", word, format!(" {word}"));
    if let Some(protocol) = attr::find(options, 4).and_then(|value| <[u8; 2]>::try_from(value).ok()).map(u16::from_be_bytes) {
        fields.both("protocol", protocol_text(protocol), format!(" protocol {}", protocol_text(protocol)));
    }
    for (kind, key) in [(5, "label"), (6, "tc"), (8, "bos"), (7, "ttl")] {
        if let Some(number) = attr::find(options, kind).map(attr::number) {
            fields.both(key, number, format!(" {key} {number}"));
        }
    }
    control(fields, verdict, " ");
    "\n\t index"
}

pub(super) fn skbmod(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut flags, mut target, mut source, mut kind) = (0_u64, None, None, None);
    if words.done() {
        return Err(incomplete());
    }
    while let Some(word) = words.peek() {
        match word {
            _ if begins(word, "swap") => {
                words.take();
                match words.value()? {
                    "mac" => flags |= 8,
                    _ => {
                        words.back();
                        return Err(Stop { text: SKBMOD.to_string(), ..Stop::silent(1) });
                    }
                }
            }
            "ecn" => {
                words.take();
                flags |= 16;
            }
            _ if begins(word, "set") => {
                words.take();
            }
            _ if begins(word, "etype") => {
                words.take();
                let text = words.value()?;
                let number = whole(text).and_then(|number| u16::try_from(number).ok());
                let number = number.ok_or_else(|| Stop::invalid(text, "ethertype is invalid"))?;
                run.say(&format!("skbmod etype {number:#x}"));
                kind = Some(number);
                flags |= 4;
            }
            _ if begins(word, "dmac") => {
                words.take();
                let text = words.value()?;
                let address = mac(text).ok_or_else(|| Stop::wrong(format!("Invalid dst mac address {text}")))?;
                run.say(&format!("dst MAC address <{text}>"));
                target = Some(address);
                flags |= 1;
            }
            _ if begins(word, "smac") => {
                words.take();
                let text = words.value()?;
                let address = mac(text).ok_or_else(|| Stop::wrong(format!("Invalid smac address {text}")))?;
                run.say(&format!("src MAC address <{text}>"));
                source = Some(address);
                flags |= 2;
            }
            _ => break,
        }
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let number = index(words)?;
    if flags == 0 {
        return Err(Stop { text: format!("skbmod requires at least one option\n{SKBMOD}"), ..Stop::silent(255) });
    }
    // struct tc_skbmod: what all have, then flags of 64 bits at their place.
    let mut parms = Head { index: number, verdict }.bytes();
    parms.extend([0; 4]);
    parms.extend(flags.to_ne_bytes());
    let mut writer = Writer::default();
    writer.put(2, &parms);
    target.iter().for_each(|mac| writer.put(3, mac));
    kind.iter().for_each(|kind| writer.u16(5, *kind));
    source.iter().for_each(|mac| writer.put(4, mac));
    Ok(writer.bytes())
}

pub(super) fn skbmod_told(_: &mut Run<'_>, fields: &mut Fields, parms: &[u8], options: &[u8], verdict: Verdict) -> &'static str {
    control(fields, verdict, "");
    fields.text(" ");
    let flags = parms.get(24..32).map_or(0, attr::number);
    if let Some(kind) = attr::find(options, 5).map(attr::number).filter(|_| flags & 4 != 0) {
        fields.text(format!("set etype 0x{kind:X} "));
    }
    if flags & 4 != 0 && flags & 3 != 0 {
        fields.text("\n\t ");
    }
    for (flag, attribute, word) in [(1, 3, "dmac"), (2, 4, "smac")] {
        if let Some(address) = attr::find(options, attribute).filter(|_| flags & flag != 0) {
            fields.text(format!("set {word} {} ", mac_text(address)));
        }
    }
    if flags & 8 != 0 {
        fields.text("swap mac ");
    }
    if flags & 16 != 0 {
        fields.text("ecn ");
    }
    "\n\t index"
}
