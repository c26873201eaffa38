//! Actions in filters, and `tc actions` (tc-actions(8), tc-mirred(8), tc-police(8), tc-skbedit(8), tc-vlan(8)).

mod beside;
mod edit;
mod extend;
pub(super) mod program;
mod rewrite;

pub(super) use beside::label;

use super::super::Run;
use super::super::output::{Fields, Value};
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins, number as whole};
use super::number::{rate_text, size_text};
use super::{class_text, counters, illegal, number};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::action::{Found, Written, put_all, read_all as read_found, times};
use crate::kernel::filter::{Action, Police, Verdict, parse_protocol, protocol_text};
use crate::kernel::qdisc::Rate;
use crate::kernel::talk::{CREATE, EXCL, REPLACE};

const RTM_NEWACTION: u16 = 48;
const RTM_DELACTION: u16 = 49;
const RTM_GETACTION: u16 = 50;
const TCA_ACT_TAB: u16 = 1;
/// TCA_ROOT_FLAGS: many in one message, and how many (linux/rtnetlink.h).
const ROOT_FLAGS: u16 = 2;
const ROOT_SINCE: u16 = 4;
const LARGE_DUMP: [u8; 8] = [1, 0, 0, 0, 1, 0, 0, 0];
// TCA_ACT_… (linux/pkt_cls.h).
const COOKIE: u16 = 6;
const FLAGS: u16 = 7;
const HARDWARE_STATS: u16 = 8;
const USED_HARDWARE_STATS: u16 = 9;

fn count(text: &str) -> Option<u32> {
    whole(text).and_then(|number| u32::try_from(number).ok())
}

/// A verdict, if the next words are one.
fn verdict(words: &mut Words<'_>) -> Result<Option<Verdict>> {
    let Some(word) = words.peek() else { return Ok(None) };
    if let Some(verdict) = Verdict::parse(word) {
        words.take();
        return Ok(Some(verdict));
    }
    match word {
        "goto" => {
            words.take();
            if words.value()? != "chain" {
                return Err(Stop::wrong("\"chain\" keyword expected"));
            }
            Ok(Some(Verdict::Goto(count(words.value()?).ok_or_else(|| illegal("chain index"))?)))
        }
        "jump" => {
            words.take();
            Ok(Some(Verdict::Jump(count(words.value()?).ok_or_else(|| illegal("jump count"))?)))
        }
        _ => Ok(None),
    }
}

/// Reads actions; the word `action` is behind us. One may follow the other without that word.
pub(super) fn read_all(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    loop {
        let left = words.left();
        let Some(kind) = words.peek() else {
            return if actions.is_empty() { Err(incomplete()) } else { Ok(actions) };
        };
        match kind {
            "action" => {
                words.take();
                continue;
            }
            "flowid" | "classid" => return Ok(actions),
            _ => {}
        }
        let bad = |stop: Stop| match stop.status {
            1 if !stop.whole => {
                Stop::wrong(format!("{}bad action parsing\nparse_action: bad value ({left}:{kind})!\nIllegal \"action\"", stop.text))
            }
            _ => stop,
        };
        let mut action = one(run, words).map_err(bad)?;
        let more = beside(words)?;
        if !more.is_empty() {
            action = Action::Written(Written { more, ..action.written() });
        }
        actions.push(action);
    }
}

/// What may stand behind any action: a cookie, how it is counted in hardware, flags (linux/pkt_cls.h, TCA_ACT_…).
fn beside(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut writer = Writer::default();
    if words.eat("cookie") {
        let text = words.value()?;
        let bytes: Option<Vec<u8>> = (0..text.len() / 2).map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
        let bytes = bytes.filter(|bytes| text.len().is_multiple_of(2) && (1..=16).contains(&bytes.len()));
        writer.put(COOKIE, &bytes.ok_or_else(|| Stop::invalid(text, "cookie must be a hex string\n"))?);
    }
    let pair = |flag: u32| [flag, flag].map(u32::to_ne_bytes).concat();
    if words.peek().is_some_and(|word| word.len() > 1 && begins(word, "hw_stats")) {
        words.take();
        let text = words.value()?;
        let chosen = match text {
            "immediate" => pair(1),
            "delayed" => pair(2),
            "disabled" => [0, 3].map(u32::to_ne_bytes).concat(),
            _ => return Err(Stop::invalid(text, "value is invalid\n")),
        };
        writer.put(HARDWARE_STATS, &chosen);
    }
    let flag = match words.peek() {
        Some("no_percpu") => 1,
        Some("skip_hw") => 2,
        Some("skip_sw") => 4,
        _ => return Ok(writer.bytes()),
    };
    words.take();
    writer.put(FLAGS, &pair(flag));
    Ok(writer.bytes())
}

/// What all actions have: a number among those of their kind, and a verdict (struct tc_gen, linux/pkt_cls.h).
struct Head {
    index: u32,
    verdict: Verdict,
}

impl Head {
    fn bytes(&self) -> Vec<u8> {
        [self.index, 0, self.verdict.number(), 0, 0].iter().flat_map(|number| number.to_ne_bytes()).collect()
    }
}

/// Reads the options of an action.
type Read = fn(&mut Run<'_>, &mut Words<'_>) -> Result<Vec<u8>>;
/// Tells an action up to its number, from its structure, its options and its verdict; returns what stands before the number.
type Tell = fn(&mut Run<'_>, &mut Fields, &[u8], &[u8], Verdict) -> &'static str;

/// A kind: its word, the attributes of its structure and of its ages, how it is read and told.
struct Kind {
    name: &'static str,
    parms: u16,
    ages: u16,
    read: Read,
    told: Tell,
}

const fn kind_of(name: &'static str, parms: u16, ages: u16, read: Read, told: Tell) -> Kind {
    Kind { name, parms, ages, read, told }
}

/// The kinds that the laboratory itself has no words for.
const OTHERS: &[Kind] = &[
    kind_of("csum", 1, 2, rewrite::csum, rewrite::csum_told),
    kind_of("nat", 1, 2, rewrite::nat, rewrite::nat_told),
    kind_of("mpls", 2, 1, rewrite::mpls, rewrite::mpls_told),
    kind_of("skbmod", 2, 1, rewrite::skbmod, rewrite::skbmod_told),
    kind_of("connmark", 1, 2, beside::connmark, beside::connmark_told),
    kind_of("ctinfo", 3, 2, beside::ctinfo, beside::ctinfo_told),
    kind_of("tunnel_key", 2, 1, beside::tunnel_key, beside::tunnel_key_told),
    kind_of("sample", 2, 1, beside::sample, beside::sample_told),
    kind_of("simple", 2, 1, beside::simple, beside::simple_told),
    kind_of("ct", 1, 2, beside::ct, beside::ct_told),
    kind_of("bpf", 2, 1, program::read, program::told),
    kind_of("ife", 1, 2, extend::ife, extend::ife_told),
    kind_of("gate", 2, 1, extend::gate, extend::gate_told),
    kind_of("pedit", 2, 1, edit::read, |_, fields, parms, _, verdict| edit::told(fields, parms, verdict)),
];

fn incomplete() -> Stop {
    Stop::incomplete()
}

/// Reads a MAC address.
fn mac(text: &str) -> Option<[u8; 6]> {
    let bytes: Option<Vec<u8>> = text.split(':').map(|part| u8::from_str_radix(part, 16).ok().filter(|_| part.len() <= 2)).collect();
    bytes?.try_into().ok()
}

fn mac_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

fn index(words: &mut Words<'_>) -> Result<u32> {
    match words.eat("index") {
        true => count(words.value()?).ok_or_else(|| illegal("index")),
        false => Ok(0),
    }
}

fn one(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Action> {
    if let Some(found) = verdict(words)? {
        return gact(words, found);
    }
    match words.value()? {
        "gact" => match verdict(words)? {
            Some(found) => gact(words, found),
            None => Err(Stop::incomplete()),
        },
        "mirred" => mirred(run, words),
        "police" => police(words).map(Action::Police),
        "skbedit" => skbedit(words),
        "vlan" => vlan(words),
        other => {
            let kind = OTHERS.iter().find(|kind| kind.name == other);
            let kind = kind.ok_or_else(|| Stop::unreadable(format!("Bad action type {other}")))?;
            let options = (kind.read)(run, words)?;
            Ok(Action::Written(Written { kind: other.to_string(), options, more: Vec::new() }))
        }
    }
}

fn gact(words: &mut Words<'_>, verdict_of: Verdict) -> Result<Action> {
    let mut random = None;
    if words.eat("random") {
        let determ = match words.value()? {
            "netrand" => false,
            "determ" => true,
            other => return Err(Stop::wrong(format!("Illegal \"random type\" ({other})"))),
        };
        let other = verdict(words)?.ok_or_else(Stop::incomplete)?;
        let share = words.value()?;
        let share = whole(share).and_then(|share| u16::try_from(share).ok()).filter(|share| *share <= 10_000);
        random = Some((determ, other, share.ok_or_else(|| illegal("probability val"))?));
    }
    Ok(Action::Gact { verdict: verdict_of, random, index: index(words)? })
}

fn mirred(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Action> {
    let (mut ingress, mut mirror, mut dev, mut number) = (None, None, None, 0);
    while let Some(word) = words.peek() {
        match word {
            _ if begins(word, "ingress") && word.len() > 1 => ingress = Some(true),
            _ if begins(word, "egress") => ingress = Some(false),
            _ if begins(word, "redirect") => mirror = Some(false),
            _ if begins(word, "mirror") => mirror = Some(true),
            "index" => {
                number = index(words)?;
                continue;
            }
            "dev" => {
                words.take();
                dev = Some(run.link(words.value()?)?);
                continue;
            }
            _ => break,
        }
        words.take();
        if words.done() {
            return Err(Stop::incomplete());
        }
    }
    // Only a copy may have another verdict than its own.
    let verdict = if mirror == Some(true) { verdict(words)? } else { None };
    if number == 0 {
        number = index(words)?;
    }
    let (Some(ingress), Some(mirror)) = (ingress, mirror) else {
        return match words.peek() {
            None => Err(Stop::incomplete()),
            Some(other) => Err(Stop::wrong(format!("mirred option not supported {other}"))),
        };
    };
    let dev = dev.ok_or_else(|| Stop::wrong("missing dev"))?;
    Ok(Action::Mirred { mirror, ingress, dev: (dev.index, dev.name), verdict, index: number })
}

/// Reads a police; the word itself is behind us.
pub(super) fn police(words: &mut Words<'_>) -> Result<Police> {
    let mut police = Police {
        rate: Rate::default(),
        burst: 0,
        mtu: 0,
        peak: None,
        average: None,
        packets: None,
        exceed: Verdict::Reclassify,
        conform: None,
        index: 0,
    };
    let (mut burst, mut packets, mut packets_burst, mut some) = (None, None, None, false);
    let bucket = |text: &str| number::size(text.split('/').next().unwrap_or_default());
    if words.done() {
        return Err(Stop::incomplete());
    }
    let first = words.peek();
    while let Some(word) = words.peek() {
        if let Some(found) = verdict(words)? {
            police.exceed = found;
            some = true;
            continue;
        }
        words.take();
        some = true;
        match word {
            "index" => police.index = count(words.value()?).ok_or_else(|| illegal("index"))?,
            "burst" | "buffer" | "maxburst" => burst = Some(bucket(words.value()?).ok_or_else(|| illegal("burst"))?),
            "mtu" | "minburst" => police.mtu = bucket(words.value()?).ok_or_else(|| illegal("mtu"))?,
            "mpu" => police.rate.mpu = number::size(words.value()?).and_then(|n| u16::try_from(n).ok()).ok_or_else(|| illegal("mpu"))?,
            "rate" => police.rate.bits = number::rate(words.value()?).ok_or_else(|| illegal("rate"))?,
            "avrate" => police.average = Some(number::rate(words.value()?).ok_or_else(|| illegal("rate"))?),
            "peakrate" => police.peak = Some(Rate::plain(number::rate(words.value()?).ok_or_else(|| illegal("peakrate"))?)),
            "pkts_rate" => packets = Some(whole(words.value()?).ok_or_else(|| illegal("pkts_rate"))?),
            "pkts_burst" => packets_burst = Some(whole(words.value()?).ok_or_else(|| illegal("pkts_burst"))?),
            "overhead" => police.rate.overhead = words.value()?.parse().map_err(|_| illegal("overhead"))?,
            "linklayer" => {
                police.rate.atm = match words.value()? {
                    "ethernet" => false,
                    "atm" | "adsl" => true,
                    _ => return Err(illegal("linklayer")),
                }
            }
            "conform-exceed" => {
                let text = words.value()?;
                let (exceed, conform) = text.split_once('/').map_or((text, None), |(exceed, conform)| (exceed, Some(conform)));
                // `goto` and `jump` need another word, which does not fit here.
                let read = |word: &str| match word {
                    "goto" | "jump" => Err(incomplete()),
                    _ => Verdict::parse(word).ok_or_else(|| Stop::unreadable(format!("Bad action type {word}"))),
                };
                police.exceed = read(exceed)?;
                police.conform = conform.map(read).transpose()?;
            }
            _ => {
                words.back();
                break;
            }
        }
    }
    if !some || words.peek() == first {
        return Err(Stop::silent(1));
    }
    if police.rate.bits == 0 && police.average.is_none() && police.mtu == 0 && packets.is_none() && police.index == 0 {
        return Err(Stop::wrong("'rate' or 'avrate' or 'mtu' or 'pkts_rate' MUST be specified."));
    }
    if police.rate.bits > 0 && burst.is_none() {
        return Err(Stop::wrong("'burst' requires 'rate'."));
    }
    if packets_burst.is_some() && packets.is_none() {
        return Err(Stop::wrong("'pkts_burst' requires 'pkts_rate'."));
    }
    if police.rate.bits > 0 && packets.is_some() {
        return Err(Stop::wrong("'rate' and 'pkts_rate' are not allowed in same action."));
    }
    police.packets = packets.map(|rate| (rate, packets_burst.unwrap_or(0)));
    if police.peak.is_some() && police.rate.bits == 0 {
        return Err(Stop::wrong("'peakrate' requires 'rate'."));
    }
    police.burst = burst.unwrap_or(0);
    police.peak = police.peak.map(|peak| Rate { bits: peak.bits, ..police.rate });
    Ok(police)
}

/// The kinds of packets (linux/if_packet.h).
const PACKETS: &[(&str, u16)] = &[("host", 0), ("broadcast", 1), ("multicast", 2), ("otherhost", 3)];
const SKBEDIT: &str = "Usage: ... skbedit < [ queue_mapping QUEUE_MAPPING ] [ priority PRIORITY ] [ mark MARK[/MASK] ] [ ptype PACKETTYPE ] \
[ inheritdsfield ] >\n";

fn skbedit(words: &mut Words<'_>) -> Result<Action> {
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
                priority = Some(super::class_id(words.value()?).ok_or_else(|| wrong("Illegal priority"))?);
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

fn vlan(words: &mut Words<'_>) -> Result<Action> {
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

/// A verdict; in JSON it stands in an object.
fn control(fields: &mut Fields, verdict: Verdict, before: &str) {
    let mut inner = Fields::new();
    inner.both("type", verdict.word(), format!("{before}{}", verdict.word()));
    match verdict {
        Verdict::Goto(chain) => inner.both("chain", chain, format!(" chain {chain}")),
        Verdict::Jump(count) => inner.both("jump", count, format!(" {count}")),
        _ => {}
    }
    fields.object("control_action", inner);
}

/// Prints an action of a filter.
pub(super) fn told(run: &mut Run<'_>, found: &Found) -> Fields {
    let mut fields = Fields::new();
    fields.both("order", u32::from(found.order), format!("\n\taction order {}: ", found.order));
    let (index, held, bound) = (found.index, found.held.0, found.held.1);
    let mut lead = "\n\tindex";
    match &found.action {
        Some(Action::Gact { verdict, random, .. }) => {
            fields.both("kind", "gact", "gact ");
            control(&mut fields, *verdict, "action ");
            let (kind, other, share) = match random {
                Some((true, other, share)) => ("determ", *other, *share),
                Some((false, other, share)) => ("netrand", *other, *share),
                None => ("none", Verdict::Pass, 0),
            };
            let mut prob = Fields::new();
            prob.both("random_type", kind, format!("\n\t random type {kind}"));
            control(&mut prob, other, " ");
            prob.both("val", u32::from(share), format!(" val {share}"));
            fields.object("prob", prob);
            lead = "\n\t index";
        }
        Some(Action::Mirred { mirror, ingress, dev, verdict, .. }) => {
            let name = run.name_of(dev.0);
            let (what, way) = (if *mirror { "mirror" } else { "redirect" }, if *ingress { "ingress" } else { "egress" });
            let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
            fields.both("kind", "mirred", "mirred ");
            fields.json("mirred_action", what);
            fields.json("direction", way);
            fields.both("to_dev", &name, format!("({} {} to device {name})", capital(way), capital(what)));
            control(&mut fields, verdict.unwrap_or(found.verdict), " ");
        }
        Some(Action::Police(police)) => {
            police_words(run, &mut fields, police, index, " ");
            fields.both("ref", held, format!("\n\tref {held}"));
            fields.both("bind", bound, format!(" bind {bound} "));
            ages(run, &mut fields, found.times);
            return end(run, fields, found);
        }
        Some(Action::Skbedit { mark, priority, queue, verdict }) => {
            fields.both("kind", "skbedit", "skbedit ");
            if let Some(queue) = queue {
                fields.both("queue_mapping", u32::from(*queue), format!(" queue_mapping {queue}"));
            }
            if let Some(priority) = priority {
                fields.both("priority", class_text(*priority), format!(" priority {}", class_text(*priority)));
            }
            if let Some((mark, mask)) = mark {
                fields.both("mark", *mark, format!(" mark {mark}"));
                if let Some(mask) = mask.filter(|mask| *mask != u32::MAX) {
                    fields.both("mask", format!("{mask:#x}"), format!("/{mask:#x}"));
                }
            }
            if let Some(packet) = attr::find(&found.options, 7).map(attr::number) {
                let word = PACKETS.iter().find(|(_, number)| u64::from(*number) == packet).map_or("unknown", |(word, _)| word);
                fields.both("ptype", word, format!(" ptype {word}"));
            }
            if attr::find(&found.options, 9).is_some_and(|flags| attr::number(flags) & 0x20 != 0) {
                fields.both("inheritdsfield", Value::Null, " inheritdsfield");
            }
            control(&mut fields, *verdict, " ");
            lead = "\n\t index";
        }
        Some(Action::Vlan { what, id, protocol, priority, verdict }) => {
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
            control(&mut fields, *verdict, " ");
            lead = "\n\t index";
        }
        Some(Action::Written(_)) | None => return other_told(run, fields, found),
    }
    fields.both("index", index, format!("{lead} {index}"));
    fields.both("ref", held, format!(" ref {held}"));
    fields.both("bind", bound, format!(" bind {bound}"));
    ages(run, &mut fields, found.times);
    end(run, fields, found)
}

/// Prints an action of the other kinds.
fn other_told(run: &mut Run<'_>, mut fields: Fields, found: &Found) -> Fields {
    let Some(kind) = OTHERS.iter().find(|kind| kind.name == found.kind) else {
        fields.both("kind", &found.kind, format!("{} ", found.kind));
        return end(run, fields, found);
    };
    let pedit = kind.name == "pedit";
    let parms = if pedit { edit::parms(&found.options) } else { attr::find(&found.options, kind.parms) }.unwrap_or_default();
    let at = |place: usize| attr::u32_at(parms, place * 4);
    let verdict = Verdict::of(at(2));
    let lead = match kind.name {
        "csum" | "sample" | "mpls" | "ife" | "bpf" | "skbmod" => format!("{} ", kind.name),
        "tunnel_key" | "ct" => kind.name.to_string(),
        "simple" => String::new(),
        "gate" => format!("{} ", kind.name),
        name => format!(" {name} "),
    };
    fields.both("kind", kind.name, lead);
    let lead = (kind.told)(run, &mut fields, parms, &found.options, verdict);
    fields.both("index", at(0), format!("{lead} {}", at(0)));
    fields.both("ref", at(3), format!(" ref {}", at(3)));
    fields.both("bind", at(4), format!(" bind {}", at(4)));
    ages(run, &mut fields, attr::find(&found.options, kind.ages).map(times));
    if pedit {
        edit::keys(&mut fields, parms, &found.options);
    }
    end(run, fields, found)
}

/// The counters behind an action.
fn end(run: &Run<'_>, mut fields: Fields, found: &Found) -> Fields {
    if run.options.stats > 0 {
        fields.text("\n\tAction statistics:\n");
        let mut counted = Fields::new();
        counters(&mut counted, found.stats, "\t");
        fields.object("stats", counted);
    }
    if let Some(cookie) = attr::find(&found.beside, COOKIE) {
        let text: String = cookie.iter().map(|byte| format!("{byte:02x}")).collect();
        fields.both("cookie", &text, format!("\n\tcookie {text}"));
    }
    let flags = |kind| attr::find(&found.beside, kind).map(|pair| (attr::u32_at(pair, 0), attr::u32_at(pair, 4)));
    if let Some((value, _)) = flags(FLAGS) {
        for (flag, word) in [(1, "no_percpu"), (2, "skip_hw"), (4, "skip_sw")] {
            if value & flag != 0 {
                let set = value & flag != 0;
                fields.both(word, set, format!("\n\t{word}"));
            }
        }
    }
    for (kind, word) in [(HARDWARE_STATS, "hw_stats"), (USED_HARDWARE_STATS, "used_hw_stats")] {
        if let Some((value, _)) = flags(kind) {
            let names: Vec<&str> =
                [(1, "immediate"), (2, "delayed")].iter().filter(|(bit, _)| value & bit != 0).map(|(_, name)| *name).collect();
            let names = if names.is_empty() { vec!["disabled"] } else { names };
            let text: String = names.iter().map(|name| format!(" {name}")).collect();
            fields.both(word, Value::List(names.into_iter().map(Value::from).collect()), format!("\n\t{word}{text}"));
        }
    }
    fields.text("\n");
    fields
}

/// How long ago it was made, last used and first used.
fn ages(run: &Run<'_>, fields: &mut Fields, found: Option<(u64, u64, u64)>) {
    let Some((made, last, first)) = found.filter(|_| run.options.stats > 0) else { return };
    // USER_HZ is 100.
    for (key, word, ticks) in [("installed", " installed", made), ("last_used", " used", last), ("first_used", " firstused", first)] {
        if ticks != 0 {
            fields.both(key, ticks / 100, format!("{word} {} sec", ticks / 100));
        }
    }
}

fn police_words(run: &Run<'_>, fields: &mut Fields, police: &Police, index: u32, before: &str) {
    fields.both("kind", "police", format!("{before}police "));
    fields.both("index", index, format!("{index:#x} "));
    let mut text = String::new();
    if police.rate.bits > 0 {
        text += &format!("rate {} burst {} ", rate_text(police.rate.bits, run.options.iec), size_text(police.burst.into()));
    }
    text += &format!("mtu {} ", size_text(police.mtu.into()));
    if run.options.raw {
        text += &format!("[{:08x}] ", police.rate.ticks(police.burst));
    }
    if let Some(peak) = police.peak {
        text += &format!("peakrate {} ", rate_text(peak.bits, run.options.iec));
    }
    if let Some((rate, burst)) = police.packets {
        text += &format!("pkts_rate {rate} pkts_burst {burst} ");
    }
    if let Some(average) = police.average {
        text += &format!("avrate {} ", rate_text(average, run.options.iec));
    }
    fields.text(text);
    control(fields, police.exceed, "action ");
    if let Some(conform) = police.conform.filter(|conform| *conform != Verdict::Pass) {
        control(fields, conform, "/");
    }
    fields.text(" ");
    fields.both("overhead", u32::from(police.rate.overhead), format!("overhead {} ", size_text(police.rate.overhead.into())));
    if police.rate.atm || run.options.details > 0 {
        let word = if police.rate.atm { "atm" } else { "ethernet" };
        fields.both("linklayer", word, format!("linklayer {word} "));
    }
}

/// Prints the police of a filter in its older form.
pub(super) fn police_told(run: &mut Run<'_>, fields: &mut Fields, bytes: &[u8]) {
    let Some((police, held, bound)) = Police::read(bytes) else { return };
    police_words(run, fields, &police, police.index, " ");
    fields.both("ref", held, format!("\n\tref {held}"));
    fields.both("bind", bound, format!(" bind {bound} "));
    ages(run, fields, attr::find(bytes, 6).map(times));
    fields.text("\n");
}

const HELP: &str = "usage: tc actions { add | change | replace } action KIND OPTIONS ...\n       tc actions { get | delete } action KIND index INDEX ...\n\
       tc actions { ls | list | flush } action KIND\n";

/// `tc actions`: what it is told is done one after the other, as long as there are words.
pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut failed = Ok(());
    while let Some(verb) = words.take() {
        let done = match verb {
            _ if begins(verb, "add") => set(run, words, EXCL | CREATE),
            _ if begins(verb, "change") || begins(verb, "replace") => set(run, words, CREATE | REPLACE),
            _ if begins(verb, "delete") => some(run, words, RTM_DELACTION),
            _ if begins(verb, "get") => some(run, words, RTM_GETACTION),
            _ if begins(verb, "list") || begins(verb, "show") || begins(verb, "lst") => list(run, words),
            _ if begins(verb, "flush") => flush(run, words),
            _ if begins(verb, "help") => Err(usage()),
            _ => return Err(Stop::unreadable(format!("Command \"{verb}\" is unknown, try \"tc actions help\"."))),
        };
        match done {
            Err(stop) if stop.status == 255 => return Err(stop),
            Err(stop) => {
                let _ = run.out.flush();
                let _ = run.err.write_all(stop.text.as_bytes());
                failed = Err(Stop { text: String::new(), ..stop });
            }
            Ok(()) => {}
        }
    }
    failed
}

fn usage() -> Stop {
    Stop { text: HELP.to_string(), whole: true, ..Stop::silent(255) }
}

fn talking(stop: Stop) -> Stop {
    match stop.status {
        2 => Stop { text: format!("{}We have an error talking to the kernel\n", stop.text), status: 255, ..stop },
        _ => stop,
    }
}

fn set(run: &mut Run<'_>, words: &mut Words<'_>, flags: u16) -> Result {
    if words.done() {
        return Err(Stop::unreadable("Illegal \"action\""));
    }
    let actions = read_all(run, words)?;
    let mut message = Writer::new(&[0; 4]);
    message.nest(TCA_ACT_TAB, |table| put_all(table, &actions));
    run.change(RTM_NEWACTION, flags, &message.bytes()).map_err(talking)
}

/// Gets or deletes those of numbers.
fn some(run: &mut Run<'_>, words: &mut Words<'_>, message: u16) -> Result {
    let mut chosen: Vec<(&str, u32)> = Vec::new();
    while words.eat("action") {
        let kind = words.value()?;
        if !words.eat("index") {
            return Err(Stop::unreadable(format!("Error: no index specified action: {kind}")));
        }
        chosen.push((kind, count(words.value()?).ok_or_else(|| illegal("index"))?));
    }
    let mut table = Writer::new(&[0; 4]);
    table.nest(TCA_ACT_TAB, |table| {
        for (at, (kind, index)) in chosen.iter().enumerate() {
            table.nest(at as u16 + 1, |action| {
                action.text(1, kind);
                action.u32(3, *index);
            });
        }
    });
    let answer = match run.ask(message, 0, &table.bytes()).map_err(talking) {
        Ok(answer) => answer,
        // What is refused is left unread, and no verb begins with it.
        Err(stop) if !chosen.is_empty() && stop.status == 255 => {
            return Err(Stop { text: format!("{}Command \"action\" is unknown, try \"tc actions help\".\n", stop.text), ..stop });
        }
        Err(stop) => {
            run.say(stop.text.trim_end());
            return Ok(());
        }
    };
    if message == RTM_GETACTION {
        for message in answer.messages {
            print(run, &message.bytes);
        }
    }
    Ok(())
}

/// The kind that is listed or flushed.
fn kind_word<'a>(words: &mut Words<'a>) -> Result<&'a str> {
    words.eat("action");
    words.take().ok_or_else(usage)
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let kind = kind_word(words)?;
    let mut table = Writer::new(&[0; 4]);
    table.nest(TCA_ACT_TAB, |table| table.nest(1, |action| action.text(1, kind)));
    table.put(ROOT_FLAGS, &LARGE_DUMP);
    if words.peek().is_some_and(|word| begins(word, "since")) {
        words.take();
        let text = words.value()?;
        let millis = count(text).ok_or_else(|| Stop::invalid(text, "dump time \"since\" is invalid"))?;
        table.u32(ROOT_SINCE, millis);
    }
    let answers = run.dump(RTM_GETACTION, &table.bytes())?;
    if answers.is_empty() {
        run.print(&[]);
    }
    for answer in answers {
        print(run, &answer.bytes);
    }
    Ok(())
}

fn flush(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    const NLM_F_ROOT: u16 = 0x100;
    let kind = kind_word(words)?;
    let mut table = Writer::new(&[0; 4]);
    table.nest(TCA_ACT_TAB, |table| table.nest(1, |action| action.text(1, kind)));
    table.put(ROOT_FLAGS, &LARGE_DUMP);
    run.change(RTM_DELACTION, NLM_F_ROOT, &table.bytes()).map_err(|stop| match stop.status {
        2 => Stop { text: format!("{}We have an error flushing\n", stop.text), status: 1, ..stop },
        _ => stop,
    })
}

/// Prints the actions of an answer, which begins with how many there are.
fn print(run: &mut Run<'_>, bytes: &[u8]) {
    const ROOT_COUNT: u16 = 3;
    let attributes = bytes.get(4..).unwrap_or_default();
    let found = attr::find(attributes, TCA_ACT_TAB).map(read_found).unwrap_or_default();
    let mut all = Vec::new();
    if let Some(count) = attr::find(attributes, ROOT_COUNT).map(attr::number) {
        let mut total = Fields::new();
        total.both("total acts", count, format!("total acts {count}\n"));
        all.push(total);
    }
    let list: Vec<Fields> = found.iter().map(|found| told(run, found)).collect();
    let mut actions = Fields::new();
    actions.objects("actions", list);
    all.push(actions);
    run.print(&all);
}
