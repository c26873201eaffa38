//! Queues of cards and of time: mqprio, taprio, cbs, etf (tc-mqprio(8), tc-taprio(8), tc-cbs(8), tc-etf(8)).

use super::super::number;
use super::super::number::rate_text;
use super::{count, value};
use crate::iproute::program::options::Options;
use crate::iproute::program::output::{Fields, Value};
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::{Words, number as whole};
use crate::kernel::attr::{self, Writer};

const MQPRIO: &str = "mqprio [ num_tc NUMBER ] [ map P0 P1 ... ] [ queues COUNT@OFFSET ... ] [ hw 1|0 ] [ mode dcb|channel ] \
[ shaper bw_rlimit min_rate R1 R2 ... max_rate R1 R2 ... ]";
const TAPRIO: &str = "taprio clockid CLOCKID [ num_tc NUMBER ] [ map P0 P1 ... ] [ queues COUNT@OFFSET ... ] \
[ sched-entry CMD GATE-MASK INTERVAL ] ... [ base-time TIME ] [ cycle-time TIME ] [ cycle-time-extension TIME ] [ flags FLAGS ] \
[ txtime-delay DELAY ]";
const CBS: &str = "cbs hicredit BYTES locredit BYTES sendslope BPS idleslope BPS [ offload 0|1 ]";
const ETF: &str = "etf delta NANOS clockid CLOCKID [ offload ] [ deadline_mode ] [ skip_sock_check ]";

/// The clocks that have a name here (clock_gettime(2)).
const CLOCKS: [(&str, u32); 4] = [("REALTIME", 0), ("TAI", 11), ("BOOTTIME", 7), ("MONOTONIC", 1)];
const CLASSES: usize = 16;

/// Reads a clock: its name, with or without CLOCK_.
pub(in super::super) fn clock(text: &str) -> Option<u32> {
    let upper = text.to_ascii_uppercase();
    let bare = upper.strip_prefix("CLOCK_").unwrap_or(&upper);
    CLOCKS.iter().find(|(name, _)| *name == bare).map(|(_, number)| *number)
}

/// Returns a clock's name.
pub(in super::super) fn clock_text(number: u32) -> &'static str {
    CLOCKS.iter().find(|(_, known)| *known == number).map_or("invalid", |(name, _)| name)
}

/// Classes of traffic on queues (`struct tc_mqprio_qopt`).
#[derive(Default)]
struct Queues {
    classes: u8,
    map: [u8; CLASSES],
    hardware: u8,
    counts: [u16; CLASSES],
    offsets: [u16; CLASSES],
}

impl Queues {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.classes];
        bytes.extend(self.map);
        bytes.push(self.hardware);
        bytes.extend(self.counts.iter().chain(&self.offsets).flat_map(|number| number.to_ne_bytes()));
        bytes
    }

    /// The size of the structure.
    const SIZE: usize = 82;

    fn read(bytes: &[u8]) -> Option<Queues> {
        let bytes = bytes.get(..Queues::SIZE)?;
        let mut queues = Queues { classes: bytes[0], hardware: bytes[17], ..Queues::default() };
        queues.map.copy_from_slice(&bytes[1..17]);
        let short = |place: usize| attr::number(&bytes[place..place + 2]) as u16;
        for at in 0..CLASSES {
            queues.counts[at] = short(18 + at * 2);
            queues.offsets[at] = short(50 + at * 2);
        }
        Some(queues)
    }

    fn map(&mut self, words: &mut Words<'_>) {
        self.map = [0; CLASSES];
        for place in &mut self.map {
            let Some(class) = words.peek().and_then(|text| text.parse().ok()) else { break };
            *place = class;
            words.take();
        }
    }

    /// Returns how many there were.
    fn queues(&mut self, words: &mut Words<'_>) -> usize {
        for at in 0..CLASSES {
            let pair = words.peek().and_then(|text| text.split_once('@'));
            let Some((count, offset)) = pair.and_then(|(count, offset)| Some((count.parse().ok()?, offset.parse().ok()?))) else {
                return at;
            };
            (self.counts[at], self.offsets[at]) = (count, offset);
            words.take();
        }
        CLASSES
    }
}

fn unknown(word: &str) -> Stop {
    Stop::invalid(word, "unknown argument")
}

pub(super) fn mqprio(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut queues = Queues { classes: 8, hardware: 1, ..Queues::default() };
    queues.map = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 1, 1, 3, 3, 3, 3];
    let (mut mode, mut shaper, mut least, mut most) = (None, None, Vec::new(), Vec::new());
    let rates = |words: &mut Words<'_>| {
        let mut rates = Vec::new();
        while let Some(rate) = words.peek().and_then(number::rate).filter(|_| rates.len() < CLASSES) {
            rates.push(rate / 8);
            words.take();
        }
        rates
    };
    while let Some(word) = words.take() {
        match word {
            "num_tc" => queues.classes = value(words, "num_tc", |text| text.parse().ok())?,
            "map" => queues.map(words),
            "queues" => {
                let found = queues.queues(words);
                if found > usize::from(queues.classes) {
                    let classes = queues.classes;
                    return Err(Stop::wrong(format!(
                        "queues count/offset pair count {found} can not be higher than given num_tc {classes}"
                    )));
                }
            }
            "hw" => queues.hardware = value(words, "hw", |text| text.parse().ok())?,
            "mode" => {
                mode = Some(match words.value()? {
                    "dcb" => 0,
                    "channel" => 1,
                    other => return Err(Stop::wrong(format!("Illegal mode ({other})"))),
                });
            }
            "shaper" => match words.value()? {
                "dcb" => shaper = Some(0),
                "bw_rlimit" => {
                    shaper = Some(1);
                    if words.done() {
                        return Err(Stop::wrong("Incomplete shaper arguments"));
                    }
                }
                other => return Err(Stop::wrong(format!("Illegal shaper ({other})"))),
            },
            "min_rate" if shaper == Some(1) => {
                least = rates(words);
                if least.is_empty() {
                    return Err(Stop::wrong("Incomplete arguments, min_rate values expected"));
                }
            }
            "max_rate" if shaper == Some(1) => {
                most = rates(words);
                if most.is_empty() {
                    return Err(Stop::wrong("Incomplete arguments, max_rate values expected"));
                }
            }
            "help" => return Err(Stop { text: format!("Usage: ... {MQPRIO}\n"), ..Stop::silent(1) }),
            other => return Err(unknown(other)),
        }
    }
    let mut writer = Writer::new(&queues.bytes());
    if let Some(mode) = mode {
        writer.u16(1, mode);
    }
    if let Some(shaper) = shaper {
        writer.u16(2, shaper);
    }
    for (kind, rates) in [(3, least), (4, most)] {
        if !rates.is_empty() {
            writer.nest(kind, |list| (0..CLASSES).for_each(|at| list.u64(kind, rates.get(at).copied().unwrap_or(0))));
        }
    }
    Ok(writer.bytes())
}

pub(super) fn mqprio_told(fields: &mut Fields, bytes: &[u8], options: &Options) {
    let Some(queues) = Queues::read(bytes) else { return };
    let classes = usize::from(queues.classes).min(CLASSES);
    fields.both("tc", u32::from(queues.classes), format!("tc {} map ", queues.classes));
    let map: String = queues.map.iter().map(|class| format!("{class} ")).collect();
    fields.both("map", Value::List(queues.map.iter().map(|class| Value::from(*class)).collect()), map);
    let ranges: Vec<(u16, u32)> = (0..classes)
        .map(|at| (queues.offsets[at], (u32::from(queues.offsets[at]) + u32::from(queues.counts[at])).wrapping_sub(1)))
        .collect();
    let text: String = ranges.iter().map(|(first, last)| format!("({first}:{last}) ")).collect();
    let list = ranges.iter().map(|(first, last)| Value::List(vec![Value::from(*first), Value::from(*last)])).collect();
    fields.both("queues", Value::List(list), format!("\n             queues:{text}"));
    let rest = bytes.get(Queues::SIZE.next_multiple_of(4)..).unwrap_or_default();
    let short = |kind| attr::find(rest, kind).map(attr::number);
    if let Some(mode) = short(1) {
        let word = if mode == 0 { "dcb" } else { "channel" };
        fields.both("mode", word, format!("\n             mode:{word}"));
    }
    if let Some(shaper) = short(2) {
        let word = if shaper == 0 { "dcb" } else { "bw_rlimit" };
        fields.both("shaper", word, format!("\n             shaper:{word}"));
    }
    for (kind, key) in [(3, "min_rate"), (4, "max_rate")] {
        if let Some(list) = attr::find(rest, kind) {
            let rates: Vec<u64> = attr::read(list).iter().take(classes).map(|(_, rate)| attr::number(rate)).collect();
            let text: String = rates.iter().map(|rate| format!("{} ", rate_text(rate * 8, options.iec))).collect();
            fields.both(key, Value::List(rates.into_iter().map(Value::from).collect()), format!("\t{key}:{text}"));
        }
    }
}

pub(super) fn taprio(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut queues = Queues::default();
    let (mut base, mut cycle, mut extension, mut clock_id, mut flags, mut delay) = (0_i64, 0_i64, 0_i64, None, None, 0_i32);
    let mut entries: Vec<(u8, u32, u32)> = Vec::new();
    let usage = || Stop { text: format!("Usage: ... {TAPRIO}\n"), ..Stop::silent(1) };
    let long = |text: &str| text.parse::<i64>().ok().or_else(|| whole(text).and_then(|number| i64::try_from(number).ok()));
    while let Some(word) = words.take() {
        let twice = || Stop::wrong(format!("taprio: duplicate \"{word}\" specification"));
        match word {
            "num_tc" => queues.classes = value(words, "num_tc", |text| text.parse().ok())?,
            "map" => queues.map(words),
            "queues" => {
                queues.queues(words);
            }
            "sched-entry" => {
                let command = match words.value()? {
                    // The other commands of the standard are not taken (tc-taprio(8)).
                    "S" => 0,
                    _ => return Err(usage()),
                };
                let mask = u32::from_str_radix(words.value()?.trim_start_matches("0x"), 16).map_err(|_| usage())?;
                entries.push((command, mask, count(words.value()?).ok_or_else(usage)?));
            }
            "base-time" => base = long(words.value()?).ok_or_else(usage)?,
            "cycle-time" if cycle != 0 => return Err(twice()),
            "cycle-time" => cycle = long(words.value()?).ok_or_else(usage)?,
            "cycle-time-extension" if extension != 0 => return Err(twice()),
            "cycle-time-extension" => extension = long(words.value()?).ok_or_else(usage)?,
            "clockid" if clock_id.is_some() => return Err(twice()),
            "clockid" => {
                let text = words.value()?;
                clock_id = Some(clock(text).ok_or_else(|| {
                    Stop::wrong(format!(
                        "taprio: illegal value for \"clockid\": \"{text}\".\nIt must be a valid SYS-V id (i.e. CLOCK_TAI)\nUsage: ... {TAPRIO}"
                    ))
                })?);
            }
            "flags" if flags.is_some() => return Err(twice()),
            "flags" => flags = Some(count(words.value()?).ok_or_else(usage)?),
            "txtime-delay" if delay != 0 => return Err(twice()),
            "txtime-delay" => delay = words.value()?.parse().map_err(|_| usage())?,
            "help" => return Err(usage()),
            _ => return Err(Stop::wrong("Unknown argument")),
        }
    }
    let mut writer = Writer::default();
    clock_id.iter().for_each(|id| writer.u32(5, *id));
    flags.iter().for_each(|flags| writer.u32(10, *flags));
    if queues.classes > 0 {
        writer.put(1, &queues.bytes());
    }
    if delay != 0 {
        writer.u32(11, delay.cast_unsigned());
    }
    for (kind, time) in [(3, base), (8, cycle), (9, extension)] {
        if time != 0 {
            writer.u64(kind, time.cast_unsigned());
        }
    }
    writer.nest(2, |list| {
        for (command, mask, interval) in &entries {
            list.nest(1, |entry| {
                entry.u8(2, *command);
                entry.u32(3, *mask);
                entry.u32(4, *interval);
            });
        }
    });
    Ok(writer.bytes())
}

pub(super) fn taprio_told(fields: &mut Fields, bytes: &[u8]) {
    let Some(queues) = attr::find(bytes, 1).and_then(Queues::read) else { return };
    let classes = usize::from(queues.classes).min(CLASSES);
    fields.both("tc", u32::from(queues.classes), format!("tc {} ", queues.classes));
    let map: String = queues.map.iter().map(|class| format!(" {class}")).collect();
    fields.both("map", Value::List(queues.map.iter().map(|class| Value::from(*class)).collect()), format!("map{map}"));
    let list = (0..classes).map(|at| {
        let mut range = Fields::new();
        range.both("offset", queues.offsets[at], format!(" offset {}", queues.offsets[at]));
        range.both("count", queues.counts[at], format!(" count {}", queues.counts[at]));
        range
    });
    fields.text("\nqueues");
    fields.objects("queues", list.collect());
    fields.text("\n");
    let number = |kind| attr::find(bytes, kind).map(attr::number);
    let clock = clock_text(number(5).unwrap_or(u64::MAX) as u32);
    fields.both("clockid", clock, format!("clockid {clock}"));
    if let Some(flags) = number(10) {
        fields.both("flags", format!("{flags:#x}"), format!(" flags {flags:#x}"));
    }
    if let Some(delay) = number(11) {
        fields.both("txtime_delay", delay, format!(" txtime delay {delay}"));
    }
    schedule_told(fields, bytes);
    if let Some(admin) = attr::find(bytes, 7) {
        let mut inner = Fields::new();
        schedule_told(&mut inner, admin);
        fields.objects("admin", vec![inner]);
    }
}

fn schedule_told(fields: &mut Fields, bytes: &[u8]) {
    let Some(list) = attr::find(bytes, 2) else { return };
    for (kind, key, before) in
        [(3, "base_time", "\tbase-time"), (8, "cycle_time", " cycle-time"), (9, "cycle_time_extension", " cycle-time-extension")]
    {
        let time = attr::find(bytes, kind).map_or(0, attr::number).cast_signed();
        fields.both(key, time, format!("{before} {time}"));
    }
    let mut entries = Vec::new();
    for (_, entry) in attr::read(list) {
        let number = |kind| attr::find(entry, kind).map_or(0, attr::number);
        let command = match number(2) {
            0 => "S",
            1 => "H",
            2 => "R",
            _ => "Invalid",
        };
        let mut inner = Fields::new();
        inner.both("index", number(1), format!("\n\tindex {}", number(1)));
        inner.both("cmd", command, format!(" cmd {command}"));
        let mask = if number(3) == 0 { "0".to_string() } else { format!("{:#x}", number(3)) };
        inner.both("gatemask", &mask, format!(" gatemask {mask}"));
        inner.both("interval", number(4), format!(" interval {}", number(4)));
        entries.push(inner);
    }
    fields.objects("schedule", entries);
    fields.text("\n");
}

pub(super) fn cbs(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let names = ["hicredit", "locredit", "idleslope", "sendslope"];
    let (mut numbers, mut offload) = ([None::<i32>; 4], None);
    while let Some(word) = words.take() {
        let place = names.iter().position(|name| *name == word);
        if place.is_none() && word != "offload" {
            return Err(Stop::wrong(format!("cbs: unknown parameter \"{word}\"\nUsage: ... {CBS}")));
        }
        let again = place.map_or(offload.is_some(), |place| numbers[place].is_some());
        if again {
            return Err(Stop::wrong(format!("cbs: duplicate \"{word}\" specification")));
        }
        let text = words.value()?;
        let wrong = || Stop::wrong(format!("cbs: illegal value for \"{word}\": \"{text}\"\nUsage: ... {CBS}"));
        match place {
            Some(place) => numbers[place] = Some(text.parse().map_err(|_| wrong())?),
            None => offload = Some(text.parse::<u8>().map_err(|_| wrong())?),
        }
    }
    // struct tc_cbs_qopt: offload in a byte and three more, then four numbers.
    let mut parms = vec![offload.unwrap_or(0), 0, 0, 0];
    parms.extend(numbers.iter().flat_map(|number| number.unwrap_or(0).to_ne_bytes()));
    let mut writer = Writer::default();
    writer.put(1, &parms);
    Ok(writer.bytes())
}

pub(super) fn cbs_told(fields: &mut Fields, bytes: &[u8]) {
    let Some(parms) = attr::find(bytes, 1).filter(|parms| parms.len() >= 20) else { return };
    let at = |place: usize| attr::u32_at(parms, place * 4).cast_signed();
    for (key, place) in [("hicredit", 1), ("locredit", 2), ("sendslope", 4), ("idleslope", 3)] {
        fields.both(key, at(place), format!("{key} {} ", at(place)));
    }
    fields.both("offload", u32::from(parms[0]), format!("offload {} ", parms[0]));
}

pub(super) fn etf(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut delta, mut id, mut flags) = (None, None, 0);
    while let Some(word) = words.take() {
        let twice = || Stop::wrong(format!("etf: duplicate \"{word}\" specification"));
        match word {
            "offload" | "deadline_mode" | "skip_sock_check" => {
                let flag = [("deadline_mode", 1), ("offload", 2), ("skip_sock_check", 4)].iter().find(|(name, _)| *name == word);
                let flag = flag.map_or(0, |(_, flag)| *flag);
                if flags & flag != 0 {
                    return Err(twice());
                }
                flags |= flag;
            }
            "delta" if delta.is_some() => return Err(twice()),
            "delta" => {
                let text = words.value()?;
                let wrong = || Stop::wrong(format!("etf: illegal value for \"delta\": \"{text}\"\nUsage: ... {ETF}"));
                delta = Some(text.parse::<i32>().map_err(|_| wrong())?);
            }
            "clockid" if id.is_some() => return Err(twice()),
            "clockid" => {
                let text = words.value()?;
                id = Some(clock(text).ok_or_else(|| {
                    Stop::wrong(format!(
                        "etf: illegal value for \"clockid\": \"{text}\".\nIt must be a valid SYS-V id (i.e. CLOCK_TAI)\nUsage: ... {ETF}"
                    ))
                })?);
            }
            other => return Err(Stop::wrong(format!("etf: unknown parameter \"{other}\"\nUsage: ... {ETF}"))),
        }
    }
    // struct tc_etf_qopt.
    let mut writer = Writer::default();
    writer.put(1, &super::structure(&[delta.unwrap_or(0).cast_unsigned(), id.unwrap_or(u32::MAX), flags]));
    Ok(writer.bytes())
}

pub(super) fn etf_told(fields: &mut Fields, bytes: &[u8]) {
    let Some(parms) = attr::find(bytes, 1).filter(|parms| parms.len() >= 12) else { return };
    let (delta, id, flags) = (attr::u32_at(parms, 0).cast_signed(), attr::u32_at(parms, 4), attr::u32_at(parms, 8));
    let on = |flag: u32| if flags & flag != 0 { "on" } else { "off" };
    fields.both("clockid", clock_text(id), format!("clockid {} ", clock_text(id)));
    fields.both("delta", delta, format!("delta {delta} "));
    fields.both("offload", on(2), format!("offload {} ", on(2)));
    fields.both("deadline_mode", on(1), format!("deadline_mode {} ", on(1)));
    fields.both("skip_sock_check", on(4), format!("skip_sock_check {}", on(4)));
}
