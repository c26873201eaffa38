//! ife: metadata that travels with packets between machines; gate: an hourly plan of who may pass (tc-ife(8), tc-gate(8)).

use super::{Head, control, incomplete, index, mac, mac_text, verdict};
use crate::iproute::program::Run;
use crate::iproute::program::output::Fields;
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::tc::kind::{clock, clock_text};
use crate::iproute::program::tc::number::{nanos_text, time};
use crate::iproute::program::words::{Words, begins, number as whole};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::Verdict;

const IFE: &str = "Usage: ... ife { decode | encode } [ { allow | use } { mark | prio | tcindex } VALUE ] [ dst MAC ] [ src MAC ] [ type TYPE ] \
[ CONTROL ] [ index INDEX ]\n";
/// The metadata that can travel (linux/tc_act/tc_ife.h).
const CARRIED: &[(&str, u16)] = &[("mark", 1), ("tcindex", 5), ("prio", 3)];

pub(super) fn ife(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut encode, mut kind, mut target, mut source) = (None, None, None, None);
    let mut carried: [(bool, Option<u32>); 3] = [(false, None); 3];
    words.peek().ok_or_else(incomplete)?;
    while let Some(word) = words.peek() {
        words.take();
        let place = |words: &mut Words<'_>, text: &str| {
            let name = words.value()?;
            CARRIED.iter().position(|(known, _)| *known == name).ok_or_else(|| Stop::wrong(format!("Illegal meta {text} <{name}>")))
        };
        match word {
            _ if begins(word, "encode") => encode = Some(true),
            _ if begins(word, "decode") => encode = Some(false),
            _ if begins(word, "allow") => carried[place(words, "define")?].0 = true,
            _ if begins(word, "use") => {
                let at = place(words, "use type")?;
                let text = words.value()?;
                let most = if at == 1 { u64::from(u16::MAX) } else { u64::from(u32::MAX) };
                let number = whole(text).filter(|number| *number <= most);
                let wrong = || Stop::invalid(text, &format!("ife {} val is invalid", CARRIED[at].0));
                carried[at].1 = Some(number.ok_or_else(wrong)? as u32);
            }
            _ if begins(word, "type") => {
                let text = words.value()?;
                let number = whole(text).and_then(|number| u16::try_from(number).ok());
                let number = number.ok_or_else(|| Stop::invalid(text, "ife type is invalid"))?;
                run.say(&format!("IFE type 0x{number:04X}"));
                kind = Some(number);
            }
            "dst" | "src" => {
                let text = words.value()?;
                let address = mac(text).ok_or_else(|| Stop::wrong(format!("Invalid mac address {text}")))?;
                run.say(&format!("{word} MAC address <{text}>"));
                *if word == "dst" { &mut target } else { &mut source } = Some(address);
            }
            _ => {
                words.back();
                break;
            }
        }
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let number = index(words)?;
    let encode =
        encode.ok_or_else(|| Stop { text: format!("IFE requires decode/encode specified\n{IFE}"), whole: true, ..Stop::silent(255) })?;
    let mut parms = Head { index: number, verdict }.bytes();
    parms.extend(u16::from(encode).to_ne_bytes());
    parms.extend([0; 2]);
    let mut writer = Writer::default();
    writer.put(1, &parms);
    if encode {
        if kind.is_none() {
            run.say("IFE type 0xED3E");
        }
        target.iter().for_each(|mac| writer.put(3, mac));
        kind.iter().for_each(|kind| writer.u16(5, *kind));
        source.iter().for_each(|mac| writer.put(4, mac));
        writer.nest(6, |list| {
            for ((_, attribute), (allowed, used)) in CARRIED.iter().zip(carried) {
                match used {
                    Some(number) if *attribute == 5 => list.u16(5, number as u16),
                    Some(number) => list.u32(*attribute, number),
                    None if allowed => list.put(*attribute, &[]),
                    None => {}
                }
            }
        });
    }
    Ok(writer.bytes())
}

pub(super) fn ife_told(_: &mut Run<'_>, fields: &mut Fields, parms: &[u8], options: &[u8], verdict: Verdict) -> &'static str {
    let encode = parms.get(20..22).is_some_and(|flags| attr::number(flags) & 1 != 0);
    let word = if encode { "encode" } else { "decode" };
    fields.both("mode", word, format!("{word} "));
    control(fields, verdict, "action ");
    fields.text(" ");
    if let Some(kind) = attr::find(options, 5).map(attr::number) {
        fields.both("type", format!("{kind:#x}"), format!("type 0X{kind:X} "));
    }
    let list = attr::find(options, 6).unwrap_or_default();
    if attr::find(options, 5).is_some() && !list.is_empty() {
        fields.text("\n\t");
    }
    for (name, attribute) in CARRIED {
        match attr::find(list, *attribute) {
            Some([]) => fields.both(*name, "allow", format!("allow {name} ")),
            Some(number) => fields.both(*name, attr::number(number), format!("use {name} {} ", attr::number(number))),
            None => {}
        }
    }
    for (key, attribute) in [("dst", 3), ("src", 4)] {
        if let Some(address) = attr::find(options, attribute) {
            fields.both(key, mac_text(address), format!("{key} {} ", mac_text(address)));
        }
    }
    "\n\t index"
}

pub(super) fn gate(_: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut entries: Vec<(bool, u32, i32, i32)> = Vec::new();
    let mut writer = Writer::default();
    let (mut id, mut times) = (11, [None::<u64>; 3]);
    words.peek().ok_or_else(incomplete)?;
    while let Some(word) = words.peek() {
        words.take();
        let long = |words: &mut Words<'_>| {
            let text = words.value()?;
            text.parse::<u64>().ok().or_else(|| time(text, 1.0)).ok_or_else(|| Stop::invalid(text, &format!("{word} is invalid")))
        };
        match word {
            "priority" => {
                let text = words.value()?;
                let number: i32 = text.parse().map_err(|_| Stop::invalid(text, "priority is invalid"))?;
                writer.u32(4, number.cast_unsigned());
            }
            "base-time" => times[0] = Some(long(words)?),
            "cycle-time" => times[1] = Some(long(words)?),
            "cycle-time-ext" => times[2] = Some(long(words)?),
            "clockid" => {
                let text = words.value()?;
                id = clock(text).ok_or_else(|| Stop::invalid(text, "clockid is invalid"))?;
            }
            "flags" => {
                let text = words.value()?;
                let number = whole(text).and_then(|number| u32::try_from(number).ok());
                writer.u32(9, number.ok_or_else(|| Stop::invalid(text, "flags is invalid"))?);
            }
            "sched-entry" => {
                let open = match words.value()?.to_ascii_uppercase().as_str() {
                    "OPEN" => true,
                    "CLOSE" => false,
                    _ => return Err(Stop::wrong("\"sched-entry\" is incomplete")),
                };
                let interval = words.value()?;
                let nanos = interval.parse::<u64>().ok().or_else(|| time(interval, 1.0));
                let nanos = nanos.and_then(|nanos| u32::try_from(nanos).ok()).ok_or_else(|| Stop::wrong("\"interval\" is too large"))?;
                let next = |words: &mut Words<'_>| {
                    let number = words.peek().and_then(|text| text.parse::<i32>().ok());
                    number.inspect(|_| {
                        words.take();
                    })
                };
                let class = next(words);
                let octets = class.and_then(|_| next(words));
                entries.push((open, nanos, class.unwrap_or(-1), octets.unwrap_or(-1)));
            }
            _ => {
                words.back();
                break;
            }
        }
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    let number = index(words)?;
    if entries.is_empty() && number == 0 {
        return Err(Stop::wrong("gate: must add at least one entry"));
    }
    writer.put(2, &Head { index: number, verdict }.bytes());
    for (kind, time) in [(6, times[0]), (7, times[1]), (8, times[2])] {
        time.iter().for_each(|time| writer.u64(kind, *time));
    }
    writer.u32(10, id);
    if !entries.is_empty() {
        writer.nest(5, |list| {
            for (open, interval, class, octets) in &entries {
                list.nest(1, |entry| {
                    if *open {
                        entry.put(2, &[]);
                    }
                    entry.u32(3, *interval);
                    entry.u32(4, class.cast_unsigned());
                    entry.u32(5, octets.cast_unsigned());
                });
            }
        });
    }
    Ok(writer.bytes())
}

pub(super) fn gate_told(_: &mut Run<'_>, fields: &mut Fields, _: &[u8], options: &[u8], verdict: Verdict) -> &'static str {
    let number = |kind| attr::find(options, kind).map(attr::number);
    let wild = |fields: &mut Fields, key: &str, before: &str, value: i32| match value {
        -1 => fields.both(key, -1, format!("{before}wildcard")),
        number => fields.both(key, number, format!("{before}{number}")),
    };
    wild(fields, "priority", "\n\tpriority ", number(4).map_or(-1, |number| (number as u32).cast_signed()));
    let clock = clock_text(number(10).unwrap_or(0) as u32);
    fields.both("clockid", clock, format!("\tclockid {clock}"));
    if let Some(flags) = number(9) {
        fields.both("flags", format!("{flags:#x}"), format!("\tflags {flags:#x}"));
    }
    for (key, head, kind) in
        [("base_time", "\n\tbase-time", 6), ("cycle_time", "\tcycle-time", 7), ("cycle_time_ext", "\tcycle-time-ext", 8)]
    {
        let nanos = number(kind).unwrap_or(0);
        fields.both(key, nanos, format!("{head} {}", nanos_text(nanos)));
    }
    let mut list = Vec::new();
    for (_, entry) in attr::read(attr::find(options, 5).unwrap_or_default()) {
        let number = |kind| attr::find(entry, kind).map_or(0, attr::number) as u32;
        let mut own = Fields::new();
        let state = if attr::find(entry, 2).is_some() { "open" } else { "close" };
        own.both("number", number(1), format!("\n\t number {:>4}", number(1)));
        own.both("gate_state", state, format!("\tgate-state {state} "));
        own.both("interval", number(3), format!("\tinterval {}", nanos_text(number(3).into())));
        wild(&mut own, "ipv", "\t ipv ", number(4).cast_signed());
        wild(&mut own, "max_octets", "\t max-octets ", number(5).cast_signed());
        list.push(own);
    }
    fields.text("\n\tschedule:");
    fields.objects("schedule", list);
    control(fields, verdict, "\n\t");
    "\n\t index"
}
