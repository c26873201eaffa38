//! Random early detection and its like: red, gred, choke, sfb (tc-red(8), tc-choke(8), tc-sfb(8)).

use super::super::number::{significant, size_text, time_text};
use super::super::{number, what_is};
use super::{count, float, probability, structure, value};
use crate::iproute::program::Run;
use crate::iproute::program::options::Options;
use crate::iproute::program::output::Fields;
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::Words;
use crate::kernel::attr::{self, Writer};
use crate::kernel::qdisc::Rate;

const RED: &str = "red limit BYTES [ min BYTES ] [ max BYTES ] avpkt BYTES [ burst PACKETS ] [ adaptive ] [ probability PROBABILITY ] \
[ bandwidth KBPS ] [ ecn ] [ harddrop ] [ nodrop ] [ qevent early_drop block IDX ] [ qevent mark block IDX ]";
const GRED: &str = "gred setup vqs NUMBER default DEFAULT_VQ [ grio ] [ limit BYTES ] [ ecn ] [ harddrop ]\n\
       gred vq VQ [ prio VALUE ] limit BYTES min BYTES max BYTES avpkt BYTES [ burst PACKETS ] [ probability PROBABILITY ] \
[ bandwidth KBPS ] [ ecn ] [ harddrop ]";
const CHOKE: &str = "choke limit PACKETS bandwidth KBPS [ ecn ] [ min PACKETS ] [ max PACKETS ] [ burst PACKETS ]";
const SFB: &str = "sfb [ rehash SECS ] [ db SECS ] [ limit PACKETS ] [ max PACKETS ] [ target PACKETS ] [ increment FLOAT ] \
[ decrement FLOAT ] [ penalty_rate PPS ] [ penalty_burst PACKETS ]";

/// TC_RED_… (linux/pkt_sched.h), in the order in which they are told.
const FLAGS: [(&str, u8); 4] = [("ecn", 1), ("harddrop", 2), ("adaptive", 4), ("nodrop", 8)];
const ALL_FLAGS: u32 = 15;
/// What is taken where no rate is given: 10 Mbit/s.
const USUAL_RATE: u64 = 10_000_000;
/// How sfb writes shares: this is all.
const SFB_ALL: f64 = 65_535.0;
const VIRTUAL_QUEUES: u32 = 16;

/// What the kernel needs to know of a curve: how fast the average follows, the slope, how it decays when nothing comes.
pub(super) struct Curve {
    pub(super) follow: u8,
    pub(super) slope: u8,
    cell: u8,
    table: [u8; 256],
    /// All ones is certain.
    pub(super) most: u32,
}

/// A curve: from `min` to `max` bytes the share of what is dropped rises to `most`.
pub(super) struct Asked {
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) burst: u32,
    pub(super) packet: u32,
    pub(super) bandwidth: u64,
    pub(super) share: f64,
}

impl Asked {
    /// Takes a word that is about the curve.
    pub(super) fn take(&mut self, word: &str, words: &mut Words<'_>) -> Result<bool> {
        match word {
            "min" => self.min = value(words, "min", number::size)?,
            "max" => self.max = value(words, "max", number::size)?,
            "burst" => self.burst = value(words, "burst", count)?,
            "avpkt" => self.packet = value(words, "avpkt", number::size)?,
            "probability" => self.share = value(words, "probability", probability)?,
            "bandwidth" => self.bandwidth = value(words, "bandwidth", number::rate)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Works out what the kernel needs (S. Floyd, V. Jacobson: Random Early Detection gateways).
    pub(super) fn curve(&self, name: &str) -> Result<Curve> {
        let failed = |text: &str| Stop::wrong(format!("{name}: failed to calculate {text}."));
        let enough = f64::from(self.burst) + 1.0 - f64::from(self.min) / f64::from(self.packet.max(1));
        if enough < 1.0 {
            let least = 1 + self.min / self.packet.max(1);
            let burst = self.burst;
            return Err(Stop::wrong(format!(
                "tc_red_eval_ewma() burst {burst} is too small ? Try burst {least}\n{name}: failed to calculate EWMA constant."
            )));
        }
        let fits = |log: &u8| {
            let weight = 0.5_f64.powi(i32::from(*log));
            enough <= (1.0 - (1.0 - weight).powi(self.burst.cast_signed())) / weight
        };
        let follow = (1..32).find(fits).ok_or_else(|| failed("EWMA constant"))?;
        let width = i64::from(self.max) - i64::from(self.min);
        let slope = match width {
            0 => 0,
            width if width < 0 => return Err(failed("probability")),
            width => {
                let step = self.share / width as f64;
                (0..32).find(|log| step * 2_f64.powi(*log) > 1.0).ok_or_else(|| failed("probability"))? as u8
            }
        };
        let lasts = f64::from(Rate::plain(self.bandwidth).ticks(self.packet));
        let decay = -(1.0 - 1.0 / f64::from(1_u32 << follow)).ln() / lasts;
        let longest = 31.0 / decay;
        let cell = (0..32).find(|log| longest / f64::from(1_u32 << log) < 512.0).ok_or_else(|| failed("idle damping table"))?;
        let mut table = [31; 256];
        for (at, place) in table.iter_mut().take(255).enumerate() {
            *place = ((((at as u64) << cell) as f64 * decay) as u64).min(31) as u8;
        }
        Ok(Curve { follow, slope, cell: cell as u8, table, most: (self.share * 2_f64.powi(32)) as u32 })
    }

    fn warned(&self, name: &str, curve: &Curve) -> Option<String> {
        (curve.follow >= 10).then(|| format!("{name}: WARNING. Burst {} seems to be too large.", self.burst))
    }
}

/// The block of a `qevent`.
fn event(words: &mut Words<'_>) -> Result<(u16, u32)> {
    let kind = match words.value()? {
        "early_drop" => 5,
        "mark" => 6,
        other => return Err(Stop::wrong(format!("Unknown qevent `{other}'"))),
    };
    if words.value()? != "block" {
        words.back();
        let other = words.value()?;
        return Err(what_is(other, RED));
    }
    let block = count(words.value()?).filter(|block| *block != 0).ok_or_else(|| Stop::wrong("Illegal qevent block index"))?;
    Ok((kind, block))
}

pub(super) fn red(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut limit, mut flags, mut events) = (0, 0_u8, Vec::new());
    let mut asked = Asked { min: 0, max: 0, burst: 0, packet: 0, bandwidth: 0, share: 0.02 };
    while let Some(word) = words.take() {
        match word {
            "limit" => limit = value(words, "limit", number::size)?,
            "adaptative" => flags |= 4,
            "qevent" => events.push(event(words)?),
            _ if asked.take(word, words)? => {}
            other => match FLAGS.iter().find(|(name, _)| *name == other) {
                Some((_, flag)) => flags |= flag,
                None => return Err(what_is(other, RED)),
            },
        }
    }
    if limit == 0 || asked.packet == 0 {
        return Err(Stop::wrong("RED: Required parameter (limit, avpkt) is missing"));
    }
    usual(&mut asked, limit);
    if asked.bandwidth == 0 {
        asked.bandwidth = USUAL_RATE;
        run.say("RED: set bandwidth to 10Mbit");
    }
    let curve = asked.curve("RED")?;
    asked.warned("RED", &curve).iter().for_each(|text| run.say(text));
    let mut writer = Writer::default();
    let mut parms = structure(&[limit, asked.min, asked.max]);
    // The flags of the older form stay 0; all are in the newer attribute.
    parms.extend([curve.follow, curve.slope, curve.cell, 0]);
    writer.put(1, &parms);
    writer.put(2, &curve.table);
    writer.u32(3, curve.most);
    writer.put(4, &structure(&[flags.into(), ALL_FLAGS]));
    for (kind, block) in events {
        writer.u32(kind, block);
    }
    Ok(writer.bytes())
}

/// What follows from the rest where it is not given (tc-red(8)).
fn usual(asked: &mut Asked, limit: u32) {
    if asked.max == 0 {
        asked.max = if asked.min > 0 { (asked.min * 3).min(limit / 4).max(asked.min + 1) } else { limit / 4 };
    }
    if asked.min == 0 {
        asked.min = asked.max / 3;
    }
    if asked.burst == 0 {
        asked.burst = (2 * asked.min + asked.max) / (3 * asked.packet.max(1));
    }
}

pub(super) fn choke(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut limit, mut flags, mut min, mut max) = (0, 0_u8, 0, 0);
    let mut asked = Asked { min: 0, max: 0, burst: 0, packet: 1000, bandwidth: 0, share: 0.02 };
    while let Some(word) = words.take() {
        match word {
            "limit" => limit = value(words, "limit", count)?,
            "min" => min = value(words, "min", count)?,
            "max" => max = value(words, "max", count)?,
            "ecn" => flags |= 1,
            _ if asked.take(word, words)? => {}
            other => return Err(what_is(other, CHOKE)),
        }
    }
    if asked.bandwidth == 0 || limit == 0 {
        return Err(Stop::wrong("Required parameter (bandwidth, limit) is missing"));
    }
    if max == 0 {
        max = limit / 4;
    }
    if max > limit {
        return Err(Stop::wrong("\"max\" is larger than \"limit\""));
    }
    if min == 0 {
        min = max / 3;
    }
    if min >= max {
        return Err(Stop::wrong("\"min\" is not smaller than \"max\""));
    }
    if asked.burst == 0 {
        asked.burst = (2 * min + max) / 3;
    }
    (asked.min, asked.max) = (min.saturating_mul(asked.packet), max.saturating_mul(asked.packet));
    let curve = asked.curve("CHOKE")?;
    asked.warned("CHOKE", &curve).iter().for_each(|text| run.say(text));
    let mut writer = Writer::default();
    let mut parms = structure(&[limit, min, max]);
    parms.extend([curve.follow, curve.slope, curve.cell, flags]);
    writer.put(1, &parms);
    writer.put(2, &curve.table);
    writer.u32(3, curve.most);
    Ok(writer.bytes())
}

pub(super) fn gred(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<u8>> {
    if words.done() {
        return Err(Stop { text: format!("Usage: ... {GRED}\n"), ..Stop::silent(1) });
    }
    if words.peek() == Some("setup") {
        words.take();
        return gred_setup(words);
    }
    let (mut limit, mut queue, mut priority, mut flags) = (0, None, 0_u8, 0_u8);
    let mut asked = Asked { min: 0, max: 0, burst: 0, packet: 0, bandwidth: 0, share: 0.02 };
    while let Some(word) = words.take() {
        match word {
            "limit" => limit = value(words, "limit", number::size)?,
            "vq" | "DP" => queue = Some(value(words, "vq", count)?),
            "prio" => priority = value(words, "prio", |text| text.parse().ok())?,
            "ecn" => flags |= 1,
            "harddrop" => flags |= 2,
            _ if asked.take(word, words)? => {}
            other => return Err(what_is(other, GRED)),
        }
    }
    let Some(queue) = queue.filter(|_| limit != 0 && asked.min != 0 && asked.max != 0 && asked.packet != 0) else {
        return Err(Stop::wrong("Required parameter (vq, limit, min, max, avpkt) is missing"));
    };
    if asked.burst == 0 {
        asked.burst = (2 * asked.min + asked.max) / (3 * asked.packet);
        run.say(&format!("GRED: set burst to {}", asked.burst));
    }
    if asked.bandwidth == 0 {
        asked.bandwidth = USUAL_RATE;
        run.say("GRED: set bandwidth to 10Mbit");
    }
    let curve = asked.curve("GRED")?;
    asked.warned("GRED", &curve).iter().for_each(|text| run.say(text));
    // struct tc_gred_qopt: limit, thresholds, number, six counters, four bytes of the curve and priority, two counters.
    let mut parms = structure(&[limit, asked.min, asked.max, queue, 0, 0, 0, 0, 0, 0]);
    parms.extend([curve.follow, curve.slope, curve.cell, priority]);
    parms.extend(structure(&[0, 0]));
    let mut writer = Writer::default();
    writer.put(1, &parms);
    writer.put(2, &curve.table);
    writer.u32(4, curve.most);
    writer.nest(6, |list| {
        list.nest(1, |entry| {
            entry.u32(2, queue);
            entry.u32(12, flags.into());
        });
    });
    Ok(writer.bytes())
}

fn gred_setup(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut queues, mut default, mut grio, mut limit, mut flags) = (0, None, 0_u8, None, 0_u8);
    while let Some(word) = words.take() {
        match word {
            "vqs" | "DPs" => {
                queues = value(words, "vqs", count)?;
                if queues > VIRTUAL_QUEUES {
                    return Err(Stop::wrong(format!("GRED: only {VIRTUAL_QUEUES} VQs are currently supported")));
                }
            }
            "default" => {
                if queues == 0 {
                    return Err(Stop::wrong("\"default\" must be defined after \"vqs\""));
                }
                let number = value(words, "default", count)?;
                if number >= queues {
                    return Err(Stop::wrong("\"default\" must be less than \"vqs\""));
                }
                default = Some(number);
            }
            "grio" => grio = 1,
            "limit" => limit = Some(value(words, "limit", number::size)?),
            "ecn" => flags |= 1,
            "harddrop" => flags |= 2,
            other => return Err(what_is(other, GRED)),
        }
    }
    let Some(default) = default.filter(|_| queues != 0) else {
        return Err(Stop::wrong("Illegal gred setup parameters"));
    };
    let mut writer = Writer::default();
    let mut setup = structure(&[queues, default]);
    setup.extend([grio, flags, 0, 0]);
    writer.put(3, &setup);
    if let Some(limit) = limit {
        writer.u32(5, limit);
    }
    Ok(writer.bytes())
}

pub(super) fn sfb(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut rehash, mut double, mut limit, mut most, mut target) = (600_000, 60_000, 0, 0, 20);
    let (mut up, mut down, mut rate, mut burst) = (0.0005, 0.00005, 10, 20);
    while let Some(word) = words.take() {
        match word {
            "rehash" => rehash = value(words, "rehash", count)?,
            "db" => double = value(words, "db", count)?,
            "limit" => limit = value(words, "limit", count)?,
            "max" => most = value(words, "max", count)?,
            "target" => target = value(words, "target", count)?,
            "increment" => up = value(words, "increment", probability)?,
            "decrement" => down = value(words, "decrement", probability)?,
            "penalty_rate" => rate = value(words, "penalty_rate", count)?,
            "penalty_burst" => burst = value(words, "penalty_burst", count)?,
            other => return Err(what_is(other, SFB)),
        }
    }
    if most == 0 {
        most = (target * 5 + 1) / 4;
    }
    let share = |share: f64| (share * SFB_ALL + 0.5) as u32;
    let mut writer = Writer::default();
    // struct tc_sfb_qopt: times in ms, packets, shares of 65535.
    writer.put(1, &structure(&[rehash, double, most, target, share(up), share(down), limit, rate, burst]));
    Ok(writer.bytes())
}

pub(super) fn flags_told(fields: &mut Fields, flags: u8) {
    for (name, flag) in FLAGS {
        let on = flags & flag != 0;
        fields.both(name, on, if on { format!("{name} ") } else { String::new() });
    }
}

fn shape_told(fields: &mut Fields, bytes: &[u8], follow: u8, slope: u8, cell: u8, last: &str) {
    fields.both("ewma", follow, format!("ewma {follow} "));
    match attr::find(bytes, 3).map(attr::number).filter(|most| *most != 0) {
        Some(most) => {
            let share = most as f64 / 2_f64.powi(32);
            fields.both("probability", float(share), format!("probability {} ", significant(share, 6)));
        }
        None => fields.both("Plog", slope, format!("Plog {slope} ")),
    }
    fields.both("Scell_log", cell, format!("Scell_log {cell}{last}"));
}

pub(super) fn red_told(fields: &mut Fields, bytes: &[u8], options: &Options) {
    let Some(parms) = attr::find(bytes, 1).filter(|parms| parms.len() >= 16) else { return };
    for (key, place) in [("limit", 0), ("min", 4), ("max", 8)] {
        let size = attr::u32_at(parms, place);
        fields.both(key, size, format!("{key} {} ", size_text(size.into())));
    }
    let flags = attr::find(bytes, 4).map_or(parms[15], |flags| attr::u32_at(flags, 0) as u8);
    flags_told(fields, flags);
    if options.details > 0 {
        shape_told(fields, bytes, parms[12], parms[13], parms[14], "");
    }
    let mut events = Vec::new();
    for (kind, name) in [(5, "early_drop"), (6, "mark")] {
        if let Some(block) = attr::find(bytes, kind).map(attr::number).filter(|block| *block != 0) {
            let mut inner = Fields::new();
            inner.both("kind", name, format!("qevent {name}"));
            inner.both("block", block, format!(" block {block} "));
            events.push(inner);
        }
    }
    if !events.is_empty() {
        fields.objects("qevents", events);
    }
}

pub(super) fn choke_told(fields: &mut Fields, bytes: &[u8], options: &Options) {
    let Some(parms) = attr::find(bytes, 1).filter(|parms| parms.len() >= 16) else { return };
    for (key, place) in [("limit", 0), ("min", 4), ("max", 8)] {
        let packets = attr::u32_at(parms, place);
        fields.both(key, packets, format!("{key} {packets}p "));
    }
    flags_told(fields, parms[15]);
    if options.details > 0 {
        shape_told(fields, bytes, parms[12], parms[13], parms[14], "");
    }
}

pub(super) fn gred_told(fields: &mut Fields, bytes: &[u8], options: &Options) {
    let Some(setup) = attr::find(bytes, 3).filter(|setup| setup.len() >= 12) else { return };
    let (queues, default) = (attr::u32_at(setup, 0), attr::u32_at(setup, 4));
    fields.both("dp_cnt", queues, format!("vqs {queues} "));
    fields.both("dp_default", default, format!("default {default} "));
    if setup[8] != 0 {
        fields.both("grio", true, "grio ");
    }
    if let Some(limit) = attr::find(bytes, 5).map(attr::number) {
        fields.both("limit", limit, format!("limit {} ", size_text(limit)));
    }
    flags_told(fields, setup[9]);
    let each =
        attr::find(bytes, 6).map(|list| attr::read(list).into_iter().map(|(_, entry)| entry).collect::<Vec<_>>()).unwrap_or_default();
    let flags = |queue: u32| {
        let own = each.iter().find(|entry| attr::find(entry, 2).is_some_and(|number| attr::u32_at(number, 0) == queue));
        own.and_then(|entry| attr::find(entry, 12)).map_or(0, |flags| attr::number(flags) as u8)
    };
    let most = attr::find(bytes, 4).unwrap_or_default();
    let Some(parms) = attr::find(bytes, 1) else { return };
    let mut list = Vec::new();
    for (place, queue) in parms.chunks_exact(52).enumerate() {
        let at = |place: usize| attr::u32_at(queue, place * 4);
        if at(3) >= VIRTUAL_QUEUES {
            continue;
        }
        let mut own = Fields::new();
        own.both("vq", at(3), format!("\n vq {} ", at(3)));
        own.both("prio", queue[43], format!("prio {} ", queue[43]));
        for (key, place) in [("limit", 0), ("min", 1), ("max", 2)] {
            own.both(key, at(place), format!("{key} {} ", size_text(at(place).into())));
        }
        flags_told(&mut own, flags(at(3)));
        if options.details > 0 {
            let share = f64::from(attr::u32_at(most, place * 4)) / 2_f64.powi(32);
            own.both("ewma", queue[40], format!("ewma {} ", queue[40]));
            own.both("probability", float(share), format!("probability {} ", significant(share, 6)));
            own.both("Scell_log", queue[42], format!("Scell_log {} ", queue[42]));
        }
        list.push(own);
    }
    fields.objects("vqs", list);
}

pub(super) fn sfb_told(fields: &mut Fields, bytes: &[u8]) {
    let Some(parms) = attr::find(bytes, 1).filter(|parms| parms.len() >= 36) else { return };
    let at = |place: usize| attr::u32_at(parms, place * 4);
    for (key, place) in [("rehash", 0), ("db", 1)] {
        let micros = u64::from(at(place)) * 1000;
        fields.both(key, micros, format!("{key} {} ", time_text(micros as f64)));
    }
    for (key, place) in [("limit", 6), ("max", 2), ("target", 3)] {
        fields.both(key, at(place), format!("{key} {}p ", at(place)));
    }
    for (key, place) in [("increment", 4), ("decrement", 5)] {
        let share = f64::from(at(place)) / SFB_ALL;
        fields.both(key, float(share), format!("{key} {} ", significant(share, 6)));
    }
    fields.both("penalty_rate", at(7), format!("penalty_rate {}pps ", at(7)));
    fields.both("penalty_burst", at(8), format!("penalty_burst {}p ", at(8)));
}

/// Counters that are told on one line.
pub(super) fn counts(fields: &mut Fields, bytes: &[u8], names: &[&str]) {
    // struct tc_red_xstats has early before pdrop, other and marked; struct tc_choke_xstats has matched behind them.
    let places = ["early", "pdrop", "other", "marked", "matched"];
    if bytes.len() < names.len() * 4 {
        return;
    }
    for (at, name) in names.iter().enumerate() {
        let place = places.iter().position(|known| known == name).unwrap_or(0);
        let number = attr::u32_at(bytes, place * 4);
        fields.both(*name, number, format!("{}{name} {number}", if at == 0 { "  " } else { " " }));
    }
    fields.text(if names.len() == places.len() { "\n" } else { " \n" });
}

pub(super) fn sfb_counts(fields: &mut Fields, bytes: &[u8]) {
    if bytes.len() < 36 {
        return;
    }
    let at = |place: usize| attr::u32_at(bytes, place * 4);
    // struct tc_sfb_xstats.
    for (key, place, before) in [
        ("earlydrop", 0, "  "),
        ("penaltydrop", 1, " "),
        ("bucketdrop", 2, " "),
        ("queuedrop", 3, " "),
        ("childdrop", 4, " "),
        ("marked", 5, " "),
        ("maxqlen", 6, "\n  "),
    ] {
        fields.both(key, at(place), format!("{before}{key} {}", at(place)));
    }
    for (key, place) in [("maxprob", 7), ("avgprob", 8)] {
        let share = f64::from(at(place)) / SFB_ALL;
        fields.both(key, float(share), format!(" {key} {}", significant(share, 6)));
    }
    fields.text("\n");
}
