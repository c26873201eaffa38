//! Actions on what goes beside packets: connection tracking, tunnels, samples, marks (tc-ct(8), tc-connmark(8), tc-ctinfo(8),
//! tc-tunnel_key(8), tc-sample(8), tc-simple(8)).

use super::{Head, control, incomplete, index, verdict};
use crate::iproute::program::Run;
use crate::iproute::program::output::{Fields, Value};
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::{self, Family, Words, begins, number as whole};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::Verdict;

const TUNNEL_KEY: &str = "Usage: tunnel_key { unset | set id TUNNELID src_ip IP dst_ip IP dst_port UDP_PORT [ tos TOS ] [ ttl TTL ] \
[ csum | nocsum ] }\n";
const SAMPLE: &str = "Usage: sample rate RATE group GROUP [ trunc SIZE ] [ index INDEX ]\n";
const CT: &str = "Usage: ct clear | ct commit [ force ] [ zone ZONE ] [ mark MASKED_MARK ] [ label MASKED_LABEL ] [ nat NAT_SPEC ] \
| ct [ nat ] [ zone ZONE ]\n";

fn short(text: &str) -> Option<u16> {
    whole(text).and_then(|number| u16::try_from(number).ok())
}

fn count(text: &str) -> Option<u32> {
    whole(text).and_then(|number| u32::try_from(number).ok())
}

pub(super) fn connmark(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut zone = 0;
    if words.peek().is_some_and(|word| begins(word, "zone")) {
        words.take();
        zone = short(words.value()?).ok_or_else(|| Stop::wrong("connmark: Illegal \"zone\""))?;
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let mut parms = Head { index: index(words)?, verdict }.bytes();
    parms.extend(zone.to_ne_bytes());
    parms.extend([0; 2]);
    let mut writer = Writer::default();
    writer.put(1, &parms);
    Ok(writer.bytes())
}

pub(super) fn connmark_told(_: &mut Run<'_>, fields: &mut Fields, parms: &[u8], _: &[u8], verdict: Verdict) -> &'static str {
    let zone = parms.get(20..22).map_or(0, attr::number);
    fields.both("zone", zone, format!("zone {zone}"));
    control(fields, verdict, " ");
    "\n\t index"
}

pub(super) fn ctinfo(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut mask, mut state, mut mark, mut zone) = (0_u32, 0_u32, None, 0);
    while let Some(word) = words.peek() {
        match word {
            _ if begins(word, "dscp") => {
                words.take();
                mask = count(words.value()?).ok_or_else(|| Stop::wrong("ctinfo: Illegal dscp \"mask\""))?;
                if let Some(found) = words.peek().and_then(count) {
                    words.take();
                    state = found;
                }
            }
            _ if begins(word, "cpmark") => {
                words.take();
                mark = Some(u32::MAX);
                if let Some(found) = words.peek().and_then(count) {
                    words.take();
                    mark = Some(found);
                }
            }
            _ => break,
        }
    }
    if words.peek().is_some_and(|word| begins(word, "zone")) {
        words.take();
        zone = short(words.value()?).ok_or_else(|| Stop::wrong("ctinfo: Illegal \"zone\""))?;
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let number = index(words)?;
    if mask & state != 0 {
        return Err(Stop::wrong("ctinfo: dscp mask & statemask must NOT overlap"));
    }
    if mask != 0 && (mask >> mask.trailing_zeros()) != 0x3f {
        return Err(Stop::wrong("ctinfo: dscp mask must be 6 contiguous bits long"));
    }
    let mut writer = Writer::default();
    writer.put(3, &Head { index: number, verdict }.bytes());
    writer.u16(4, zone);
    if mask != 0 {
        writer.u32(5, mask);
        if state != 0 {
            writer.u32(6, state);
        }
    }
    mark.iter().for_each(|mark| writer.u32(7, *mark));
    Ok(writer.bytes())
}

pub(super) fn ctinfo_told(_: &mut Run<'_>, fields: &mut Fields, _: &[u8], options: &[u8], verdict: Verdict) -> &'static str {
    let zone = attr::find(options, 4).map_or(0, attr::number);
    fields.both("zone", zone, format!("zone {zone}"));
    control(fields, verdict, " ");
    "\n\t index"
}

/// What ctinfo tells behind its counters.
pub(super) fn ctinfo_more(run: &Run<'_>, fields: &mut Fields, options: &[u8]) {
    let number = |kind| attr::find(options, kind).map(attr::number);
    let (mask, state) = (number(5).unwrap_or(0), number(6).unwrap_or(0));
    if mask != 0 || state != 0 {
        fields.both("dscpmask", format!("{mask:#x}"), format!(" dscp {mask:#010x}"));
        fields.both("dscpstatemask", format!("{state:#x}"), format!(" {state:#010x}"));
    }
    if let Some(mark) = number(7).filter(|mark| *mark != 0) {
        fields.both("cpmark", format!("{mark:#x}"), format!(" cpmark {mark:#010x}"));
    }
    if run.options.stats > 0 {
        for (kind, key, before) in [(8, "dscpset", " DSCP set"), (9, "dscperror", " error"), (10, "cpmarkset", " CPMARK set")] {
            if let Some(count) = number(kind) {
                fields.both(key, count, format!("{before} {count}"));
            }
        }
    }
}

pub(super) fn tunnel_key(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut what, mut source, mut target, mut id, mut port) = (0, None, None, None, None);
    let (mut tos, mut ttl, mut no_sum) = (None, None, 0);
    words.peek().ok_or_else(incomplete)?;
    let usage = |text: &str| Stop { text: format!("{text}{TUNNEL_KEY}"), ..Stop::silent(1) };
    let address = |words: &mut Words<'_>| {
        let text = words.value()?;
        words::parse_address(text, Family::Any)
            .ok_or_else(|| Stop::exit(format!("Error: any valid address is expected rather than \"{text}\".")))
    };
    let byte = |words: &mut Words<'_>, name: &str| {
        let number = whole(words.value()?).and_then(|number| u8::try_from(number).ok());
        number.ok_or_else(|| Stop::wrong(format!("Illegal \"{name}\"")))
    };
    while let Some(word) = words.peek() {
        words.take();
        match word {
            _ if begins(word, "unset") => what = 2,
            _ if begins(word, "set") => what = 1,
            _ if begins(word, "src_ip") => source = Some(address(words)?),
            _ if begins(word, "dst_ip") => target = Some(address(words)?),
            _ if begins(word, "id") => id = Some(count(words.value()?).ok_or_else(|| Stop::wrong("Illegal \"id\""))?),
            _ if begins(word, "dst_port") => port = Some(short(words.value()?).ok_or_else(|| Stop::wrong("Illegal \"dst port\""))?),
            _ if begins(word, "tos") => tos = Some(byte(words, "tos")?),
            _ if begins(word, "ttl") => ttl = Some(byte(words, "ttl")?),
            _ if begins(word, "csum") => no_sum = 0,
            _ if begins(word, "nocsum") => no_sum = 1,
            "help" => return Err(usage("")),
            _ => {
                words.back();
                break;
            }
        }
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let number = index(words)?;
    if what == 1 && (source.is_none() || target.is_none()) {
        return Err(usage("set needs tunnel_key parameters\n"));
    }
    let mut parms = Head { index: number, verdict }.bytes();
    parms.extend(u32::to_ne_bytes(what));
    let mut writer = Writer::default();
    writer.put(2, &parms);
    for (v4, v6, ip) in [(3, 5, source), (4, 6, target)] {
        ip.iter().for_each(|ip| writer.ip(if ip.is_ipv4() { v4 } else { v6 }, *ip));
    }
    id.iter().for_each(|id| writer.put(7, &id.to_be_bytes()));
    port.iter().for_each(|port| writer.put(9, &port.to_be_bytes()));
    writer.u8(10, no_sum);
    tos.iter().for_each(|tos| writer.u8(12, *tos));
    ttl.iter().for_each(|ttl| writer.u8(13, *ttl));
    Ok(writer.bytes())
}

pub(super) fn tunnel_key_told(_: &mut Run<'_>, fields: &mut Fields, parms: &[u8], options: &[u8], verdict: Verdict) -> &'static str {
    let set = attr::u32_at(parms, 20) == 1;
    let word = if set { "set" } else { "unset" };
    fields.both("mode", word, format!(" {word}"));
    if set {
        let big = |kind| attr::find(options, kind).map(|bytes| bytes.iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)));
        for (key, v4, v6) in [("src_ip", 3, 5), ("dst_ip", 4, 6)] {
            if let Some(ip) = attr::find(options, v4).or_else(|| attr::find(options, v6)).and_then(attr::ip) {
                fields.both(key, ip.to_string(), format!("\n\t{key} {ip}"));
            }
        }
        if let Some(id) = big(7) {
            fields.both("key_id", id, format!("\n\tkey_id {id}"));
        }
        if let Some(port) = big(9).filter(|port| *port != 0) {
            fields.both("dst_port", port, format!("\n\tdst_port {port}"));
        }
        if let Some(off) = attr::find(options, 10).map(attr::number) {
            let word = if off != 0 { "nocsum" } else { "csum" };
            fields.both("flag", word, format!("\n\t{word}"));
        }
        if let Some(tos) = attr::find(options, 12).map(attr::number).filter(|tos| *tos != 0) {
            fields.both("tos", tos, format!("\n\ttos {tos:#x}"));
        }
        if let Some(ttl) = attr::find(options, 13).map(attr::number).filter(|ttl| *ttl != 0) {
            fields.both("ttl", ttl, format!("\n\tttl {ttl}"));
        }
    }
    control(fields, verdict, " ");
    "\n\t index"
}

pub(super) fn sample(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let usage = |text: String| Stop { text: format!("{text}\n{SAMPLE}"), whole: true, ..Stop::silent(255) };
    if words.done() {
        return Err(usage("sample bad argument count 1".to_string()));
    }
    let (mut rate, mut group, mut trunc) = (None, None, None);
    while let Some(word) = words.peek() {
        let (place, name) = match word {
            _ if begins(word, "rate") => (&mut rate, "rate"),
            _ if begins(word, "group") => (&mut group, "group num"),
            _ if begins(word, "trunc") => (&mut trunc, "truncation size"),
            _ => break,
        };
        words.take();
        let text = words.value()?;
        *place = Some(count(text).ok_or_else(|| usage(format!("Illegal {name} {text}")))?);
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let number = index(words)?;
    let group = group.ok_or_else(|| usage("param \"group\" not set".to_string()))?;
    let rate = rate.ok_or_else(|| usage("param \"rate\" not set".to_string()))?;
    let mut writer = Writer::default();
    writer.put(2, &Head { index: number, verdict }.bytes());
    writer.u32(3, rate);
    writer.u32(5, group);
    trunc.iter().for_each(|size| writer.u32(4, *size));
    Ok(writer.bytes())
}

pub(super) fn sample_told(_: &mut Run<'_>, fields: &mut Fields, _: &[u8], options: &[u8], verdict: Verdict) -> &'static str {
    let number = |kind| attr::find(options, kind).map_or(0, attr::number);
    fields.both("rate", number(3), format!("rate 1/{} ", number(3)));
    fields.both("group", number(5), format!("group {}", number(5)));
    if attr::find(options, 4).is_some() {
        fields.both("trunc_size", number(4), format!(" trunc_size {}", number(4)));
    }
    control(fields, verdict, " ");
    "\n\t index"
}

pub(super) fn simple(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    const LONGEST: usize = 32;
    let mut data = None;
    words.peek().ok_or_else(incomplete)?;
    while let Some(word) = words.peek() {
        if !begins(word, "sdata") {
            break;
        }
        words.take();
        data = Some(words.value()?);
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let number = index(words)?;
    let mut writer = Writer::default();
    writer.put(2, &Head { index: number, verdict }.bytes());
    if let Some(text) = data {
        if text.len() >= LONGEST {
            return Err(Stop::wrong(format!("simple: Illegal string len {} <{text}>", text.len())));
        }
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(LONGEST, 0);
        writer.put(3, &bytes);
    }
    Ok(writer.bytes())
}

pub(super) fn simple_told(_: &mut Run<'_>, fields: &mut Fields, _: &[u8], options: &[u8], _: Verdict) -> &'static str {
    let text = attr::find(options, 3).map(attr::text).unwrap_or_default();
    fields.text(format!("Simple <{text}>"));
    "\n\t index"
}

/// What ct does (linux/tc_act/tc_ct.h).
const COMMIT: u16 = 1;
const FORCE: u16 = 2;
const CLEAR: u16 = 4;
const NAT: u16 = 8;
const NAT_SOURCE: u16 = 16;
const NAT_TARGET: u16 = 32;

/// Reads bytes in hexadecimal, and a mask of as many behind a slash.
pub(in super::super) fn label(text: &str, named: &str) -> Result<(Vec<u8>, Vec<u8>)> {
    const LENGTH: usize = 16;
    let hex = |part: &str| {
        let bytes: Option<Vec<u8>> = (0..part.len() / 2).map(|at| u8::from_str_radix(part.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
        bytes.filter(|bytes| part.len().is_multiple_of(2) && bytes.len() <= LENGTH && !bytes.is_empty())
    };
    let (value, mask) = text.split_once('/').map_or((text, None), |(value, mask)| (value, Some(mask)));
    let wrong = |part: &str, what: &str| Stop::invalid(part, &format!("{named}{what} must be a hex string\n"));
    let mut value = hex(value).ok_or_else(|| wrong(value, "labels"))?;
    let mut mask = match mask {
        Some(mask) => hex(mask).ok_or_else(|| wrong(mask, "labels mask"))?,
        None => vec![0xff; value.len()],
    };
    value.resize(LENGTH, 0);
    mask.resize(LENGTH, 0);
    Ok((value, mask))
}

pub(super) fn ct(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut what, mut zone, mut mark, mut labels) = (0_u16, None, None, None);
    let (mut ips, mut ports) = (None, None);
    while let Some(word) = words.peek() {
        words.take();
        match word {
            "zone" => zone = Some(short(words.value()?).ok_or_else(|| Stop::wrong("ct: Illegal \"zone\""))?),
            "nat" => {
                what |= NAT;
                let way = match words.peek() {
                    Some("src") => NAT_SOURCE,
                    Some("dst") => NAT_TARGET,
                    _ => continue,
                };
                words.take();
                what |= way;
                if words.value()? != "addr" {
                    words.back();
                    return Err(Stop { text: CT.to_string(), ..Stop::silent(255) });
                }
                let text = words.value()?;
                let (low, high) = text.split_once('-').unwrap_or((text, text));
                let ip = |text: &str| words::parse_address(text, Family::Any);
                let range = ip(low).zip(ip(high)).filter(|(low, high)| low.is_ipv4() == high.is_ipv4());
                ips = Some(range.ok_or_else(|| Stop::wrong("ct: Illegal nat address range"))?);
                // tc asks for another word here, whatever it is.
                match words.value()? {
                    "port" => {
                        let text = words.value()?;
                        let (low, high) = text.split_once('-').unwrap_or((text, text));
                        let range = short(low).zip(short(high));
                        ports = Some(range.ok_or_else(|| Stop::wrong("ct: Illegal nat port range"))?);
                    }
                    _ => words.back(),
                }
            }
            "clear" => what |= CLEAR,
            "commit" => what |= COMMIT,
            "force" => what |= FORCE,
            "mark" => {
                let text = words.value()?;
                let (value, mask) = text.split_once('/').map_or((text, None), |(value, mask)| (value, Some(mask)));
                let pair = count(value).zip(mask.map_or(Some(u32::MAX), count));
                mark = Some(pair.ok_or_else(|| Stop::wrong("ct: Illegal \"mark\""))?);
            }
            "label" => labels = Some(label(words.value()?, "ct: ")?),
            "help" => return Err(Stop { text: CT.to_string(), ..Stop::silent(1) }),
            _ => {
                words.back();
                break;
            }
        }
    }
    if what & CLEAR != 0 && what & !CLEAR != 0 {
        return Err(Stop::wrong("ct: clear can only be used alone"));
    }
    if what & NAT_SOURCE != 0 && what & NAT_TARGET != 0 {
        return Err(Stop::wrong("ct: src and dst nat can't be used together"));
    }
    if what & COMMIT != 0 && what & NAT != 0 && what & (NAT_SOURCE | NAT_TARGET) == 0 {
        return Err(Stop::wrong("ct: commit and nat must set src or dst"));
    }
    if what & COMMIT == 0 && what & (NAT_SOURCE | NAT_TARGET) != 0 {
        return Err(Stop::wrong("ct: src or dst is only valid if commit is set"));
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let number = index(words)?;
    let mut writer = Writer::default();
    writer.u16(3, what);
    zone.iter().for_each(|zone| writer.u16(4, *zone));
    if let Some((value, mask)) = mark {
        writer.u32(5, value);
        writer.u32(6, mask);
    }
    if let Some((value, mask)) = labels {
        writer.put(7, &value);
        writer.put(8, &mask);
    }
    if let Some((low, high)) = ips {
        let (first, last) = if low.is_ipv4() { (9, 10) } else { (11, 12) };
        writer.ip(first, low);
        writer.ip(last, high);
    }
    if let Some((low, high)) = ports {
        writer.put(13, &low.to_be_bytes());
        writer.put(14, &high.to_be_bytes());
    }
    writer.put(1, &Head { index: number, verdict }.bytes());
    Ok(writer.bytes())
}

pub(super) fn ct_told(_: &mut Run<'_>, fields: &mut Fields, _: &[u8], options: &[u8], verdict: Verdict) -> &'static str {
    let number = |kind| attr::find(options, kind).map(attr::number);
    let what = number(3).unwrap_or(0) as u16;
    let word = match what {
        _ if what & COMMIT != 0 && what & FORCE != 0 => "commit force",
        _ if what & COMMIT != 0 => "commit",
        _ if what & CLEAR != 0 => "clear",
        _ => "",
    };
    if !word.is_empty() {
        fields.both("action", word, format!(" {word}"));
    }
    if let (Some(mark), Some(mask)) = (number(5), number(6)) {
        let text = if mask == u64::from(u32::MAX) { mark.to_string() } else { format!("{mark}/{mask:#x}") };
        match mask == u64::from(u32::MAX) {
            true => fields.both("mark", Value::Raw(text.clone()), format!(" mark {text}")),
            false => {
                fields.both("mark", mark, format!(" mark {mark}"));
                fields.both("mark_mask", format!("{mask:x}"), format!("/{mask:#x}"));
            }
        }
    }
    if let (Some(value), Some(mask)) = (attr::find(options, 7), attr::find(options, 8)) {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let text = if mask.iter().all(|byte| *byte == 0xff) { hex(value) } else { format!("{}/{}", hex(value), hex(mask)) };
        fields.both("label", &text, format!(" label {text}"));
    }
    if let Some(zone) = number(4) {
        fields.both("zone", zone, format!(" zone {zone}"));
    }
    if what & NAT != 0 {
        nat_told(fields, options, what);
    }
    control(fields, verdict, " ");
    "\n\t index"
}

fn nat_told(fields: &mut Fields, options: &[u8], what: u16) {
    let way = match what {
        _ if what & NAT_SOURCE != 0 => "src",
        _ if what & NAT_TARGET != 0 => "dst",
        _ => {
            fields.both("nat", "", " nat");
            return;
        }
    };
    let range = |low: String, high: String| if low == high { low } else { format!("{low}-{high}") };
    let ip = |kind| attr::find(options, kind).and_then(attr::ip).map(|ip| ip.to_string());
    let mut text = way.to_string();
    if let Some((low, high)) = ip(9).zip(ip(10)).or_else(|| ip(11).zip(ip(12))) {
        text += &format!(" addr {}", range(low, high));
    }
    let port = |kind| attr::find(options, kind).and_then(|value| <[u8; 2]>::try_from(value).ok()).map(u16::from_be_bytes);
    if let Some((low, high)) = port(13).zip(port(14)) {
        text += &format!(" port {}", range(low.to_string(), high.to_string()));
    }
    fields.both("nat", &text, format!(" nat {text}"));
}
