//! Actions: what filters do with packets (linux/tc_act/…; tc-actions(8), tc-mirred(8), tc-police(8)).

use crate::kernel::attr::{self, Writer};
use crate::kernel::qdisc::Rate;

const ACT_KIND: u16 = 1;
const ACT_OPTIONS: u16 = 2;
const ACT_INDEX: u16 = 3;
const ACT_STATS: u16 = 4;
const PARMS: u16 = 2;
/// The kernel counts times in ticks of 64 ns: so many in a microsecond (include/net/pkt_sched.h).
const TICKS: f64 = 15.625;

/// What becomes of the packet (TC_ACT_…, linux/pkt_cls.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of tc-actions(8)")]
pub enum Verdict {
    Continue,
    Pass,
    Reclassify,
    Drop,
    Pipe,
    Stolen,
    Trap,
    /// `goto chain N`.
    Goto(u32),
    /// `jump N`.
    Jump(u32),
}

impl Verdict {
    /// The words for it; `ok` is read as `pass`, `shot` as `drop`.
    pub const WORDS: [(&'static str, Verdict); 6] = [
        ("pass", Verdict::Pass),
        ("drop", Verdict::Drop),
        ("pipe", Verdict::Pipe),
        ("continue", Verdict::Continue),
        ("reclassify", Verdict::Reclassify),
        ("trap", Verdict::Trap),
    ];

    /// Reads a word.
    pub fn parse(word: &str) -> Option<Verdict> {
        match word {
            "ok" => Some(Verdict::Pass),
            "shot" => Some(Verdict::Drop),
            _ => Verdict::WORDS.iter().find(|(known, _)| *known == word).map(|(_, verdict)| *verdict),
        }
    }

    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Stolen => "stolen",
            Verdict::Goto(_) => "goto",
            Verdict::Jump(_) => "jump",
            other => Verdict::WORDS.iter().find(|(_, verdict)| *verdict == other).map_or("unknown", |(word, _)| word),
        }
    }

    /// Returns its number (linux/pkt_cls.h).
    pub fn number(self) -> u32 {
        match self {
            Verdict::Continue => u32::MAX,
            Verdict::Pass => 0,
            Verdict::Reclassify => 1,
            Verdict::Drop => 2,
            Verdict::Pipe => 3,
            Verdict::Stolen => 4,
            Verdict::Trap => 8,
            Verdict::Jump(count) => (1 << 28) | count,
            Verdict::Goto(chain) => (2 << 28) | chain,
        }
    }

    /// Returns the verdict of a number.
    pub fn of(number: u32) -> Verdict {
        match number {
            u32::MAX => Verdict::Continue,
            0 => Verdict::Pass,
            1 => Verdict::Reclassify,
            2 => Verdict::Drop,
            4 | 5 => Verdict::Stolen,
            8 => Verdict::Trap,
            jump if jump >> 28 == 1 => Verdict::Jump(jump & 0x0fff_ffff),
            goto if goto >> 28 == 2 => Verdict::Goto(goto & 0x0fff_ffff),
            _ => Verdict::Pipe,
        }
    }
}

/// An action that is to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// gact: only a verdict; with a share of the packets, another one.
    Gact {
        /// The verdict.
        verdict: Verdict,
        /// `random`: determ (true) or netrand, the other verdict, one in so many.
        random: Option<(bool, Verdict, u16)>,
        /// `index`.
        index: u32,
    },
    /// mirred: the packet, or a copy, goes out of another link, or comes in from it.
    Mirred {
        /// A copy.
        mirror: bool,
        /// It comes in from the link, rather than going out.
        ingress: bool,
        /// The link's index, and its name for the line.
        dev: (u32, String),
        /// The verdict, where it is another than the usual one.
        verdict: Option<Verdict>,
        /// `index`.
        index: u32,
    },
    /// police: a rate, and what becomes of what is above it.
    Police(Police),
    /// skbedit: marks and the like.
    Skbedit {
        /// `mark`: value and mask.
        mark: Option<(u32, Option<u32>)>,
        /// `priority`: a class.
        priority: Option<u32>,
        /// `queue_mapping`.
        queue: Option<u16>,
        /// The verdict.
        verdict: Verdict,
    },
    /// vlan: a tag is taken off, put on, or changed.
    Vlan {
        /// 1 pop, 2 push, 3 modify.
        what: u32,
        /// `id`.
        id: Option<u16>,
        /// `protocol`.
        protocol: Option<u16>,
        /// `priority`.
        priority: Option<u8>,
        /// The verdict.
        verdict: Verdict,
    },
    /// One of any kind, whose options have been written already.
    Written(Written),
}

/// An action as it goes over the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Its kind's word.
    pub kind: String,
    /// Its options.
    pub options: Vec<u8>,
    /// What stands beside them: cookie, flags, counting in hardware.
    pub more: Vec<u8>,
}

/// A rate with a bucket, and two verdicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Police {
    /// `rate`.
    pub rate: Rate,
    /// `burst`, in bytes.
    pub burst: u32,
    /// `mtu`: the largest packet; 0 for what the kernel takes.
    pub mtu: u32,
    /// `peakrate`.
    pub peak: Option<Rate>,
    /// `avrate`, in bit/s.
    pub average: Option<u64>,
    /// `pkts_rate` and `pkts_burst`: packets per second, and how many at once.
    pub packets: Option<(u64, u64)>,
    /// What becomes of what is above the rate.
    pub exceed: Verdict,
    /// What becomes of the rest, where it is said.
    pub conform: Option<Verdict>,
    /// `index`.
    pub index: u32,
}

impl Police {
    pub(crate) fn put(&self, writer: &mut Writer) {
        let peak = self.peak.unwrap_or_default();
        let (cell, table) = self.rate.table(self.mtu);
        let (peak_cell, peak_table) = peak.table(self.mtu);
        // struct tc_police: index, action, limit, burst, mtu, rate, peakrate, two counters, capabilities.
        let has_rate = self.rate.bits > 0;
        let mut parms = words(&[self.index, self.exceed.number(), 0, if has_rate { self.rate.ticks(self.burst) } else { 0 }, self.mtu]);
        parms.extend(if has_rate { self.rate.spec(cell) } else { vec![0; 12] });
        parms.extend(if self.peak.is_some() { peak.spec(peak_cell) } else { vec![0; 12] });
        parms.extend([0; 12]);
        writer.put(1, &parms);
        if has_rate {
            writer.put(2, &table);
            self.rate.put_long(writer, 8);
        }
        if self.peak.is_some() {
            writer.put(3, &peak_table);
            peak.put_long(writer, 9);
        }
        if let Some(average) = self.average {
            writer.u32(4, (average / 8) as u32);
        }
        if let Some(conform) = self.conform {
            writer.u32(5, conform.number());
        }
        if let Some((rate, burst)) = self.packets {
            writer.u64(10, rate);
            writer.u64(11, ((burst as f64 * 1e6 / rate.max(1) as f64).trunc() * TICKS) as u64);
        }
    }

    /// Reads what the kernel tells; how many hold it, and how many filters of these.
    pub(crate) fn read(options: &[u8]) -> Option<(Police, u32, u32)> {
        let parms = attr::find(options, 1)?;
        let rate = Rate::read(parms, 20, attr::find(options, 8));
        let peak = Rate::read(parms, 32, attr::find(options, 9));
        let number = |kind| attr::find(options, kind).map(|value| attr::number(value) as u32);
        let police = Police {
            rate,
            burst: rate.size(attr::u32_at(parms, 12)),
            mtu: attr::u32_at(parms, 16),
            peak: (peak.bits > 0).then_some(peak),
            average: number(4).map(|bytes| u64::from(bytes) * 8),
            packets: attr::find(options, 10).map(attr::number).map(|rate| {
                let ticks = attr::find(options, 11).map_or(0, attr::number);
                (rate, (ticks as f64 / TICKS * rate as f64 / 1e6) as u64)
            }),
            exceed: Verdict::of(attr::u32_at(parms, 4)),
            conform: number(5).map(Verdict::of),
            index: attr::u32_at(parms, 0),
        };
        Some((police, attr::u32_at(parms, 44), attr::u32_at(parms, 48)))
    }
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
}

impl Action {
    /// Returns the word of its kind.
    pub fn kind(&self) -> &str {
        match self {
            Action::Written(written) => &written.kind,
            Action::Gact { .. } => "gact",
            Action::Mirred { .. } => "mirred",
            Action::Police(_) => "police",
            Action::Skbedit { .. } => "skbedit",
            Action::Vlan { .. } => "vlan",
        }
    }

    pub(crate) fn put(&self, writer: &mut Writer) {
        writer.text(ACT_KIND, self.kind());
        writer.nest(ACT_OPTIONS, |options| self.options(options));
        if let Action::Written(written) = self {
            writer.append(&written.more);
        }
    }

    /// Returns it as it goes over the wire.
    pub fn written(self) -> Written {
        match self {
            Action::Written(written) => written,
            other => {
                let mut options = Writer::default();
                other.options(&mut options);
                Written { kind: other.kind().to_string(), options: options.bytes(), more: Vec::new() }
            }
        }
    }

    fn options(&self, options: &mut Writer) {
        match self {
            Action::Written(written) => options.append(&written.options),
            // tc_gen: index, capabilities, verdict, two counters.
            Action::Gact { verdict, random, index } => {
                options.put(PARMS, &words(&[*index, 0, verdict.number(), 0, 0]));
                if let Some((determ, other, value)) = random {
                    let kind: u16 = if *determ { 2 } else { 1 };
                    let mut bytes = [kind.to_ne_bytes(), value.to_ne_bytes()].concat();
                    bytes.extend(other.number().to_ne_bytes());
                    options.put(3, &bytes);
                }
            }
            Action::Mirred { mirror, ingress, dev, verdict, index } => {
                let usual = if *mirror { Verdict::Pipe } else { Verdict::Stolen };
                let what = 1 + u32::from(*mirror) + 2 * u32::from(*ingress);
                options.put(PARMS, &words(&[*index, 0, verdict.unwrap_or(usual).number(), 0, 0, what, dev.0]));
            }
            Action::Police(police) => police.put(options),
            Action::Skbedit { mark, priority, queue, verdict } => {
                options.put(PARMS, &words(&[0, 0, verdict.number(), 0, 0]));
                if let Some(queue) = queue {
                    options.u16(4, *queue);
                }
                if let Some(priority) = priority {
                    options.u32(3, *priority);
                }
                if let Some((mark, mask)) = mark {
                    options.u32(5, *mark);
                    if let Some(mask) = mask {
                        options.u32(8, *mask);
                    }
                }
            }
            Action::Vlan { what, id, protocol, priority, verdict } => {
                options.put(PARMS, &words(&[0, 0, verdict.number(), 0, 0, *what]));
                if let Some(id) = id {
                    options.u16(3, *id);
                }
                if let Some(protocol) = protocol {
                    options.put(4, &protocol.to_be_bytes());
                }
                if let Some(priority) = priority {
                    options.u8(6, *priority);
                }
            }
        }
    }
}

/// Writes actions, numbered from 1.
pub(crate) fn put_all(writer: &mut Writer, actions: &[Action]) {
    for (at, action) in actions.iter().enumerate() {
        writer.nest(at as u16 + 1, |nest| action.put(nest));
    }
}

/// An action as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its place in the order.
    pub order: u16,
    /// Its kind's word.
    pub kind: String,
    /// What it does; nothing for kinds that are not read here.
    pub action: Option<Action>,
    /// The verdict.
    pub verdict: Verdict,
    /// Its number among those of its kind.
    pub index: u32,
    /// How many hold it, and how many filters of these.
    pub held: (u32, u32),
    /// Bytes and packets that it saw, packets that it dropped, over limits.
    pub stats: Stats,
    /// Its options, as the kernel tells them, and what stands beside them.
    pub options: Vec<u8>,
    /// Cookie, flags, counting in hardware.
    pub beside: Vec<u8>,
    /// How long ago it was made, last used and first used, in hundredths of a second; 0 for never.
    pub times: Option<(u64, u64, u64)>,
}

/// What an action counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the usual names")]
pub struct Stats {
    pub bytes: u64,
    pub packets: u32,
    pub dropped: u32,
    pub overlimits: u32,
    pub requeues: u32,
    pub backlog: u32,
    pub queued: u32,
}

impl Stats {
    /// Reads TCA_STATS2 or the like: nested gnet_stats (linux/gen_stats.h).
    pub(crate) fn read(nested: &[u8]) -> Stats {
        let mut stats = Stats::default();
        if let Some(basic) = attr::find(nested, 1).filter(|basic| basic.len() >= 12) {
            (stats.bytes, stats.packets) = (attr::number(&basic[..8]), attr::u32_at(basic, 8));
        }
        if let Some(queue) = attr::find(nested, 3) {
            let at = |place: usize| attr::u32_at(queue, place * 4);
            stats = Stats { queued: at(0), backlog: at(1), dropped: at(2), requeues: at(3), overlimits: at(4), ..stats };
        }
        stats
    }
}

/// Reads numbered actions.
pub(crate) fn read_all(nested: &[u8]) -> Vec<Found> {
    attr::read(nested).into_iter().filter_map(|(order, bytes)| read(order, bytes)).collect()
}

/// Reads one action.
pub(crate) fn read(order: u16, bytes: &[u8]) -> Option<Found> {
    let kind = attr::text(attr::find(bytes, ACT_KIND)?);
    let options = attr::find(bytes, ACT_OPTIONS).unwrap_or_default();
    let index = attr::find(bytes, ACT_INDEX).map_or(0, |value| attr::number(value) as u32);
    let stats = attr::find(bytes, ACT_STATS).map(Stats::read).unwrap_or_default();
    if kind == "police" {
        let (police, held, bound) = Police::read(options)?;
        let times = attr::find(options, 6).map(times);
        let (verdict, index) = (police.exceed, police.index);
        return Some(Found {
            order,
            kind,
            action: Some(Action::Police(police)),
            verdict,
            index,
            held: (held, bound),
            stats,
            options: options.to_vec(),
            beside: bytes.to_vec(),
            times,
        });
    }
    let parms = attr::find(options, PARMS).unwrap_or_default();
    let at = |place: usize| attr::u32_at(parms, place * 4);
    let value = |number| attr::find(options, number);
    let verdict = Verdict::of(at(2));
    let (action, tm) = match kind.as_str() {
        "gact" => {
            let random = value(3).filter(|p| p.len() >= 8).map(|p| {
                let short = |at: usize| attr::number(&p[at..at + 2]) as u16;
                (short(0) == 2, Verdict::of(attr::u32_at(p, 4)), short(2))
            });
            (Some(Action::Gact { verdict, random: random.filter(|r| r.2 > 0), index: at(0) }), 1)
        }
        "mirred" => {
            let what = at(5).wrapping_sub(1);
            let (mirror, ingress) = (what & 1 != 0, what & 2 != 0);
            (Some(Action::Mirred { mirror, ingress, dev: (at(6), String::new()), verdict: Some(verdict), index: at(0) }), 1)
        }
        "skbedit" => {
            let number = |kind| value(kind).map(|value| attr::number(value) as u32);
            let mark = number(5).map(|mark| (mark, number(8)));
            (Some(Action::Skbedit { mark, priority: number(3), queue: number(4).map(|queue| queue as u16), verdict }), 1)
        }
        "vlan" => {
            let protocol = value(4).and_then(|p| <[u8; 2]>::try_from(p).ok()).map(u16::from_be_bytes);
            let (id, priority) = (value(3).map(|id| attr::number(id) as u16), value(6).map(|p| attr::number(p) as u8));
            (Some(Action::Vlan { what: at(5), id, protocol, priority, verdict }), 1)
        }
        _ => (None, 1),
    };
    let times = value(tm).map(times);
    let index = if index == 0 { at(0) } else { index };
    Some(Found {
        order,
        kind,
        action,
        verdict,
        index,
        held: (at(3), at(4)),
        stats,
        options: options.to_vec(),
        beside: bytes.to_vec(),
        times,
    })
}

/// Reads struct tcf_t: installed, last used, expires, first used.
pub(crate) fn times(bytes: &[u8]) -> (u64, u64, u64) {
    let at = |place: usize| bytes.get(place * 8..place * 8 + 8).map_or(0, attr::number);
    (at(0), at(1), at(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_read_back_in_their_order() {
        let police = Police {
            rate: Rate::plain(1_000_000),
            burst: 10_240,
            mtu: 2048,
            peak: None,
            average: None,
            packets: None,
            exceed: Verdict::Drop,
            conform: Some(Verdict::Pipe),
            index: 0,
        };
        let actions = [
            Action::Gact { verdict: Verdict::Pass, random: Some((true, Verdict::Drop, 5)), index: 0 },
            Action::Mirred { mirror: true, ingress: true, dev: (7, String::new()), verdict: Some(Verdict::Pipe), index: 0 },
            Action::Police(police),
            Action::Skbedit { mark: Some((5, None)), priority: Some(0x1_0002), queue: None, verdict: Verdict::Pipe },
            Action::Vlan { what: 2, id: Some(5), protocol: Some(0x8100), priority: Some(2), verdict: Verdict::Pipe },
        ];
        let mut writer = Writer::default();
        put_all(&mut writer, &actions);
        let found = read_all(&writer.bytes());
        assert_eq!(found.iter().map(|found| found.order).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        for (found, action) in found.iter().zip(&actions) {
            match (&found.action, action) {
                (Some(Action::Police(found)), Action::Police(police)) => assert!(found.burst.abs_diff(police.burst) < 10),
                (found, action) => assert_eq!(found.as_ref(), Some(action)),
            }
        }
    }
}
