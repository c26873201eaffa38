//! Queueing disciplines and their classes (RTM_NEWQDISC, RTM_NEWTCLASS …; `tc qdisc`, `tc class`).

use super::attr::{self, Writer};
use super::field::{self, Field, Form, Say, Setting, Width, field};
use super::{Result, Socket};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use std::time::Duration;

const RTM_NEWQDISC: u16 = 36;
pub(crate) const RTM_DELQDISC: u16 = 37;
const RTM_GETQDISC: u16 = 38;
const RTM_NEWTCLASS: u16 = 40;
const RTM_DELTCLASS: u16 = 41;
const RTM_GETTCLASS: u16 = 42;
const TCA_KIND: u16 = 1;
const TCA_OPTIONS: u16 = 2;
const TCA_STATS2: u16 = 7;

/// The place of the discipline that all packets of a link go through (TC_H_ROOT).
pub const ROOT: u32 = 0xffff_ffff;
/// The place of ingress and clsact (TC_H_INGRESS).
pub const INGRESS: u32 = 0xffff_fff1;

/// The kernel counts bursts in ticks of 64 ns (include/net/pkt_sched.h, PSCHED_SHIFT).
const NS_PER_TICK: u64 = 64;
const ETHERNET: u8 = 1;

/// A discipline or class at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qdisc {
    /// Index of its link.
    pub index: u32,
    /// Its handle: major number in the upper half. 0 for those that the kernel made.
    pub handle: u32,
    /// Where it hangs.
    pub parent: u32,
    /// `netem`, `tbf`, `fq_codel` …
    pub kind: String,
    /// Its options as the kernel tells them.
    pub options: Vec<u8>,
    /// Packets and bytes that went through.
    pub sent: (u64, u64),
    /// Packets that were dropped.
    pub dropped: u64,
    /// Packets and bytes that wait.
    pub backlog: (u64, u64),
}

/// What is to be set.
#[derive(Debug, Clone, PartialEq)]
pub enum Spec {
    /// Delay, loss and so on.
    Netem(Box<Netem>),
    /// A rate with a bucket.
    Tbf(Tbf),
    /// Classes with rates; the default class's minor number.
    Htb(u32),
    /// Queues by priority: how many.
    Prio(u32),
    /// One queue; how many packets (pfifo) or bytes (bfifo) it takes.
    Fifo(&'static str, Option<u32>),
    /// Stochastic fairness: how often the hash changes, how many packets.
    Sfq(Duration, u32),
    /// One whose options are plain attributes.
    Plain(&'static Plain, Vec<Setting>),
}

/// A discipline whose options are plain attributes.
#[derive(Debug, PartialEq, Eq)]
pub struct Plain {
    /// Its word.
    pub name: &'static str,
    /// Its options.
    pub fields: &'static [Field],
}

const ANY: Form = Form::Number(Width::U32, 0, u32::MAX as i64);
const MICROS: Form = Form::Time(Width::U32, 1_000_000);

/// The disciplines whose options are plain attributes.
pub const PLAIN: &[Plain] = &[
    Plain {
        name: "fq_codel",
        fields: &[
            field("limit", 2, ANY),
            field("flows", 5, Form::Number(Width::U32, 1, 65536)),
            field("quantum", 6, Form::Size(Width::U32)),
            field("target", 1, MICROS),
            field("interval", 3, MICROS),
            field("memory_limit", 9, Form::Size(Width::U32)),
            field("ecn", 4, Form::Switch(Width::U32, Say::No)),
        ],
    },
    Plain {
        name: "fq",
        fields: &[
            field("limit", 1, ANY),
            field("flow_limit", 2, ANY),
            field("quantum", 3, Form::Size(Width::U32)),
            field("initial_quantum", 4, Form::Size(Width::U32)),
            field("maxrate", 7, Form::Rate(Width::U32)),
        ],
    },
    Plain {
        name: "cake",
        fields: &[
            field("bandwidth", 2, Form::Rate(Width::U64)),
            field("rtt", 7, MICROS),
            field("nat", 11, Form::Switch(Width::U32, Say::No)),
        ],
    },
    Plain { name: "ingress", fields: &[] },
    Plain { name: "clsact", fields: &[] },
];

impl Spec {
    /// Returns the discipline's word.
    pub fn kind(&self) -> &'static str {
        match self {
            Spec::Netem(_) => "netem",
            Spec::Tbf(_) => "tbf",
            Spec::Htb(_) => "htb",
            Spec::Prio(_) => "prio",
            Spec::Sfq(..) => "sfq",
            Spec::Fifo(kind, _) => kind,
            Spec::Plain(plain, _) => plain.name,
        }
    }

    fn options(&self) -> Option<Vec<u8>> {
        let mut writer = Writer::default();
        match self {
            Spec::Netem(netem) => return Some(netem.options()),
            Spec::Tbf(tbf) => return Some(tbf.options()),
            Spec::Htb(default) => {
                // struct tc_htb_glob: version, rate to quantum, default class, debug, direct packets.
                writer.put(2, &words(&[3, 10, *default, 0, 0]));
            }
            Spec::Prio(bands) => {
                const MAP: [u8; 16] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
                let map = MAP.map(|band| band.min(bands.saturating_sub(1) as u8));
                return Some([&bands.to_ne_bytes()[..], &map].concat());
            }
            Spec::Fifo(_, limit) => return limit.map(|limit| limit.to_ne_bytes().to_vec()),
            Spec::Sfq(perturb, limit) => return Some(words(&[0, perturb.as_secs() as u32, *limit, 0, 0])),
            Spec::Plain(_, settings) if settings.is_empty() => return None,
            Spec::Plain(_, settings) => settings.iter().for_each(|setting| field::put(&mut writer, setting)),
        }
        Some(writer.bytes())
    }
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
}

/// What netem does to packets. Shares are from 0 to 1.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs, reason = "the words of tc-netem(8)")]
pub struct Netem {
    pub delay: Option<Duration>,
    pub jitter: Option<Duration>,
    pub delay_correlation: Option<f64>,
    pub distribution: Option<Distribution>,
    pub loss: Option<f64>,
    pub loss_correlation: Option<f64>,
    /// p, r, 1-h, 1-k.
    pub gemodel: Option<[f64; 4]>,
    pub ecn: bool,
    pub duplicate: Option<f64>,
    pub duplicate_correlation: Option<f64>,
    pub corrupt: Option<f64>,
    pub corrupt_correlation: Option<f64>,
    pub reorder: Option<f64>,
    pub reorder_correlation: Option<f64>,
    pub gap: Option<u32>,
    /// In bit/s.
    pub rate: Option<u64>,
    pub limit: Option<u32>,
    /// Shortest and longest.
    pub slot: Option<(Duration, Duration)>,
    pub seed: Option<u64>,
}

/// How delays are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of tc-netem(8)")]
pub enum Distribution {
    Normal,
    Pareto,
    ParetoNormal,
}

impl Distribution {
    /// All words; uniform is what is taken when none is said.
    pub const WORDS: [&'static str; 4] = ["uniform", "normal", "pareto", "paretonormal"];

    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Distribution::Normal => "normal",
            Distribution::Pareto => "pareto",
            Distribution::ParetoNormal => "paretonormal",
        }
    }

    /// The table that iproute2 reads from files: the inverse of the distribution, in 1/8192 of a standard deviation.
    fn table(self) -> Vec<i16> {
        const SIZE: usize = 4096;
        const SCALE: f64 = 8192.0;
        let normal = |i: usize| inverse_normal((i as f64 + 0.5) / SIZE as f64) * SCALE;
        let pareto = |i: usize| ((1.0 - i as f64 / SIZE as f64).powf(-1.0 / 3.0) - 1.5) * (4.0 / 3.0) * SCALE;
        (0..SIZE)
            .map(|i| match self {
                Distribution::Normal => normal(i),
                Distribution::Pareto => pareto(i),
                Distribution::ParetoNormal => normal(i) / 4.0 + pareto(i) * 3.0 / 4.0,
            })
            .map(|value| value.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16)
            .collect()
    }
}

/// The inverse of the normal distribution (P. J. Acklam's approximation, relative error below 1.2e-9).
fn inverse_normal(p: f64) -> f64 {
    const A: [f64; 6] =
        [-3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1, 2.506628277459239];
    const B: [f64; 5] = [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
    const C: [f64; 6] =
        [-7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783];
    const D: [f64; 4] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
    let poly = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |q: f64| poly(&C, q) / (poly(&D, q) * q + 1.0);
    if p < 0.02425 {
        return tail((-2.0 * p.ln()).sqrt());
    }
    if p > 1.0 - 0.02425 {
        return -tail((-2.0 * (1.0 - p).ln()).sqrt());
    }
    let q = p - 0.5;
    let r = q * q;
    poly(&A, r) * q / (poly(&B, r) * r + 1.0)
}

/// Shares go over the wire as 32 bits: all ones is all.
fn scaled(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * f64::from(u32::MAX)).round() as u32
}

fn unscaled(number: u32) -> f64 {
    f64::from(number) / f64::from(u32::MAX)
}

impl Netem {
    /// How many packets wait at most, if not said (tc-netem(8)).
    pub const LIMIT: u32 = 1000;

    /// Returns whether nothing but a rate is asked for, which other disciplines can do as well.
    pub fn is_rate_only(&self) -> bool {
        let bare = Netem { rate: self.rate, ..Netem::default() };
        self.rate.is_some() && *self == bare
    }

    fn options(&self) -> Vec<u8> {
        let share = |share: Option<f64>| scaled(share.unwrap_or(0.0));
        // With reordering, every packet is a candidate unless a gap is given.
        let gap = self.gap.unwrap_or(u32::from(self.reorder.is_some()));
        // struct tc_netem_qopt: latency, limit, loss, gap, duplicate, jitter. The times go in attributes of 64 bits.
        let head = words(&[0, self.limit.unwrap_or(Netem::LIMIT), share(self.loss), gap, share(self.duplicate), 0]);
        let mut writer = Writer::new(&head);
        let correlations = [self.delay_correlation, self.loss_correlation, self.duplicate_correlation];
        if correlations.iter().any(Option::is_some) {
            writer.put(1, &words(&correlations.map(share)));
        }
        if let Some(table) = self.distribution.map(Distribution::table) {
            writer.put(2, &table.iter().flat_map(|value| value.to_ne_bytes()).collect::<Vec<u8>>());
        }
        if self.reorder.is_some() {
            writer.put(3, &words(&[share(self.reorder), share(self.reorder_correlation)]));
        }
        if self.corrupt.is_some() {
            writer.put(4, &words(&[share(self.corrupt), share(self.corrupt_correlation)]));
        }
        if let Some([p, r, one_minus_h, one_minus_k]) = self.gemodel {
            writer.nest(5, |loss| loss.put(2, &words(&[scaled(p), scaled(r), scaled(1.0 - one_minus_h), scaled(one_minus_k)])));
        }
        if let Some(rate) = self.rate {
            let bytes = rate / 8;
            if bytes > u64::from(u32::MAX) {
                writer.u64(8, bytes);
            }
            writer.put(6, &words(&[bytes.min(u64::from(u32::MAX)) as u32, 0, 0, 0]));
        }
        if self.ecn {
            writer.u32(7, 1);
        }
        if let Some(delay) = self.delay {
            writer.u64(10, delay.as_nanos() as u64);
        }
        if let Some(jitter) = self.jitter {
            writer.u64(11, jitter.as_nanos() as u64);
        }
        if let Some((shortest, longest)) = self.slot {
            // struct tc_netem_slot: two times, two limits, two times of a distribution.
            let times = [shortest.as_nanos() as u64, longest.as_nanos() as u64];
            let bytes: Vec<u8> = times.iter().flat_map(|time| time.to_ne_bytes()).chain([0; 24]).collect();
            writer.put(12, &bytes);
        }
        if let Some(seed) = self.seed {
            writer.u64(14, seed);
        }
        writer.bytes()
    }

    /// Reads what the kernel tells.
    pub fn read(options: &[u8]) -> Netem {
        let at = |place: usize| attr::u32_at(options, place * 4);
        let some = |number: u32| (number != 0).then(|| unscaled(number));
        let time = |bytes: &[u8]| Some(Duration::from_nanos(attr::number(bytes))).filter(|time| !time.is_zero());
        let mut netem = Netem { limit: Some(at(1)), loss: some(at(2)), duplicate: some(at(4)), ..Netem::default() };
        netem.gap = Some(at(3)).filter(|gap| *gap != 0);
        for (kind, value) in attr::read(options.get(24..).unwrap_or_default()) {
            let number = |place: usize| attr::u32_at(value, place * 4);
            match kind {
                1 => {
                    netem.delay_correlation = some(number(0));
                    netem.loss_correlation = some(number(1));
                    netem.duplicate_correlation = some(number(2));
                }
                3 => (netem.reorder, netem.reorder_correlation) = (some(number(0)).filter(|_| netem.gap.is_some()), some(number(1))),
                4 => (netem.corrupt, netem.corrupt_correlation) = (some(number(0)), some(number(1))),
                5 => {
                    netem.gemodel = attr::find(value, 2).map(|ge| {
                        let share = |place: usize| unscaled(attr::u32_at(ge, place * 4));
                        [share(0), share(1), 1.0 - share(2), share(3)]
                    });
                }
                6 if number(0) != 0 && netem.rate.is_none() => netem.rate = Some(u64::from(number(0)) * 8),
                7 => netem.ecn = number(0) != 0,
                8 => netem.rate = Some(attr::number(value) * 8),
                10 => netem.delay = time(value),
                11 => netem.jitter = time(value),
                12 if value.len() >= 16 => {
                    netem.slot = time(&value[..8]).map(|shortest| (shortest, time(&value[8..16]).unwrap_or(shortest)))
                }
                14 => netem.seed = Some(attr::number(value)),
                _ => {}
            }
        }
        netem
    }
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tbf {
    /// In bit/s.
    pub rate: u64,
    /// In bytes.
    pub burst: u32,
    /// How many bytes wait at most.
    pub limit: u32,
    /// `peakrate` in bit/s, and its bucket in bytes (`mtu`).
    pub peak: Option<(u64, u32)>,
}

/// struct tc_ratespec: the cell size and alignment are for tables that the kernel no longer needs.
fn ratespec(bytes_per_second: u64) -> Vec<u8> {
    let rate = bytes_per_second.min(u64::from(u32::MAX)) as u32;
    [&[0, ETHERNET, 0, 0, 0xff, 0xff, 0, 0][..], &rate.to_ne_bytes()].concat()
}

/// How long a bucket of that many bytes lasts, in ticks.
fn ticks(bytes: u32, bits_per_second: u64) -> u32 {
    let nanos = u128::from(bytes) * 8 * 1_000_000_000 / u128::from(bits_per_second.max(1));
    u32::try_from(nanos / u128::from(NS_PER_TICK)).unwrap_or(u32::MAX)
}

impl Tbf {
    fn options(&self) -> Vec<u8> {
        let bytes = self.rate / 8;
        let mut writer = Writer::default();
        let (peak, mtu) = self.peak.unwrap_or((0, 0));
        let head = [
            ratespec(bytes),
            if peak > 0 { ratespec(peak / 8) } else { vec![0; 12] },
            words(&[self.limit, ticks(self.burst, self.rate), if peak > 0 { ticks(mtu, peak) } else { 0 }]),
        ];
        writer.put(1, &head.concat());
        if bytes > u64::from(u32::MAX) {
            writer.u64(4, bytes);
        }
        writer.u32(6, self.burst);
        if peak > 0 {
            if peak / 8 > u64::from(u32::MAX) {
                writer.u64(5, peak / 8);
            }
            writer.u32(7, mtu);
        }
        writer.bytes()
    }

    /// Reads what the kernel tells.
    pub fn read(options: &[u8]) -> Option<Tbf> {
        let head = attr::find(options, 1)?;
        let rate64 = |kind, short: u32| attr::find(options, kind).map_or(u64::from(short), attr::number) * 8;
        let rate = rate64(4, attr::u32_at(head, 8));
        let peak = rate64(5, attr::u32_at(head, 20));
        let bytes = |ticks: u32, rate: u64| {
            (u128::from(ticks) * u128::from(NS_PER_TICK) * u128::from(rate) / 8_000_000_000).min(u128::from(u32::MAX)) as u32
        };
        let burst = bytes(attr::u32_at(head, 28), rate);
        Some(Tbf { rate, burst, limit: attr::u32_at(head, 24), peak: (peak > 0).then(|| (peak, bytes(attr::u32_at(head, 32), peak))) })
    }
}

/// A class of htb.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Class {
    /// In bit/s: what it is sure of.
    pub rate: u64,
    /// In bit/s: what it may borrow up to.
    pub ceil: u64,
    /// In bytes.
    pub burst: u32,
    /// In bytes.
    pub cburst: u32,
    /// The lower is served first.
    pub prio: u32,
    /// In bytes; 0 for what follows from the rate.
    pub quantum: u32,
}

impl Class {
    fn options(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        let head = [
            ratespec(self.rate / 8),
            ratespec(self.ceil / 8),
            words(&[ticks(self.burst, self.rate), ticks(self.cburst, self.ceil), self.quantum, 0, self.prio]),
        ];
        if self.rate / 8 > u64::from(u32::MAX) {
            writer.u64(6, self.rate / 8);
        }
        if self.ceil / 8 > u64::from(u32::MAX) {
            writer.u64(7, self.ceil / 8);
        }
        writer.put(1, &head.concat());
        writer.bytes()
    }

    /// Reads what the kernel tells.
    pub fn read(options: &[u8]) -> Option<Class> {
        let head = attr::find(options, 1)?;
        let rate = |kind, short: u32| attr::find(options, kind).map_or(u64::from(short), attr::number) * 8;
        let (rate, ceil) = (rate(6, attr::u32_at(head, 8)), rate(7, attr::u32_at(head, 20)));
        let bytes = |ticks: u32, rate: u64| (u128::from(ticks) * u128::from(NS_PER_TICK) * u128::from(rate) / 8_000_000_000) as u32;
        Some(Class {
            rate,
            ceil,
            burst: bytes(attr::u32_at(head, 24), rate),
            cburst: bytes(attr::u32_at(head, 28), ceil),
            quantum: attr::u32_at(head, 32),
            prio: attr::u32_at(head, 40),
        })
    }
}

/// Where a discipline or class is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index of the link.
    pub index: u32,
    /// Its handle; 0 to let the kernel choose.
    pub handle: u32,
    /// What it hangs on.
    pub parent: u32,
}

impl Place {
    fn header(self) -> Vec<u8> {
        words(&[0, self.index, self.handle, self.parent, 0])
    }
}

/// Sets a discipline; one that is there is an error unless it is replaced.
pub async fn add(socket: &Socket, place: Place, spec: &Spec, replace: bool) -> Result<()> {
    add_raw(socket, place, spec.kind(), spec.options().as_deref(), replace).await
}

/// Sets a discipline from options as the kernel told them.
pub async fn add_raw(socket: &Socket, place: Place, kind: &str, options: Option<&[u8]>, replace: bool) -> Result<()> {
    let mut message = Writer::new(&place.header());
    message.text(TCA_KIND, kind);
    if let Some(options) = options {
        message.put(TCA_OPTIONS, options);
    }
    let how = if replace { NLM_F_REPLACE } else { NLM_F_EXCL };
    socket.change_raw(NLM_F_CREATE | how, RTM_NEWQDISC, message.bytes()).await
}

/// The message that deletes what hangs at a place.
pub(crate) fn del_message(place: Place) -> Vec<u8> {
    place.header()
}

/// Deletes a discipline; the kernel's own takes its place.
pub async fn del(socket: &Socket, place: Place) -> Result<()> {
    socket.change_raw(0, RTM_DELQDISC, del_message(place)).await
}

/// Lists the disciplines of a namespace, or of one link.
pub async fn list(socket: &Socket, index: Option<u32>) -> Result<Vec<Qdisc>> {
    let place = Place { index: index.unwrap_or(0), handle: 0, parent: 0 };
    let replies = socket.dump_raw(RTM_GETQDISC, place.header()).await?;
    let found = replies.iter().filter_map(|reply| read(reply));
    Ok(found.filter(|qdisc| index.is_none_or(|index| qdisc.index == index)).collect())
}

/// Makes a class, or changes it.
pub async fn add_class(socket: &Socket, place: Place, class: &Class, replace: bool) -> Result<()> {
    let mut message = Writer::new(&place.header());
    message.text(TCA_KIND, "htb");
    message.put(TCA_OPTIONS, &class.options());
    let how = if replace { NLM_F_REPLACE } else { NLM_F_EXCL };
    socket.change_raw(NLM_F_CREATE | how, RTM_NEWTCLASS, message.bytes()).await
}

/// Deletes a class.
pub async fn del_class(socket: &Socket, place: Place) -> Result<()> {
    socket.change_raw(0, RTM_DELTCLASS, place.header()).await
}

/// Lists the classes of a link.
pub async fn classes(socket: &Socket, index: u32) -> Result<Vec<Qdisc>> {
    let place = Place { index, handle: 0, parent: 0 };
    Ok(socket.dump_raw(RTM_GETTCLASS, place.header()).await?.iter().filter_map(|reply| read(reply)).collect())
}

fn read(reply: &[u8]) -> Option<Qdisc> {
    let attributes = reply.get(20..)?;
    let mut qdisc = Qdisc {
        index: attr::u32_at(reply, 4),
        handle: attr::u32_at(reply, 8),
        parent: attr::u32_at(reply, 12),
        kind: String::new(),
        options: Vec::new(),
        sent: (0, 0),
        dropped: 0,
        backlog: (0, 0),
    };
    for (kind, value) in attr::read(attributes) {
        match kind {
            TCA_KIND => qdisc.kind = attr::text(value),
            TCA_OPTIONS => qdisc.options = value.to_vec(),
            // struct gnet_stats_basic (1): bytes, packets; gnet_stats_queue (3): qlen, backlog, drops (linux/gen_stats.h).
            TCA_STATS2 => {
                if let Some(basic) = attr::find(value, 1).filter(|basic| basic.len() >= 12) {
                    qdisc.sent = (attr::u32_at(basic, 8).into(), attr::number(&basic[..8]));
                }
                if let Some(queue) = attr::find(value, 3) {
                    qdisc.backlog = (attr::u32_at(queue, 0).into(), attr::u32_at(queue, 4).into());
                    qdisc.dropped = attr::u32_at(queue, 8).into();
                }
            }
            _ => {}
        }
    }
    Some(qdisc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn netem_reads_back_what_it_wrote() {
        let netem = Netem {
            delay: Some(Duration::from_millis(50)),
            jitter: Some(Duration::from_millis(5)),
            loss: Some(0.25),
            duplicate: Some(0.5),
            corrupt: Some(1.0),
            rate: Some(8_000_000),
            limit: Some(77),
            seed: Some(42),
            slot: Some((Duration::from_micros(20), Duration::from_micros(30))),
            ..Netem::default()
        };
        let read = Netem::read(&netem.options());
        assert_eq!((read.delay, read.jitter, read.rate, read.limit), (netem.delay, netem.jitter, netem.rate, netem.limit));
        assert_eq!((read.seed, read.slot, read.corrupt), (netem.seed, netem.slot, netem.corrupt));
        assert!((read.loss.unwrap() - 0.25).abs() < 1e-6 && (read.duplicate.unwrap() - 0.5).abs() < 1e-6);
    }

    #[test]
    fn distributions_have_no_mean_and_one_deviation() {
        for distribution in [Distribution::Normal, Distribution::Pareto, Distribution::ParetoNormal] {
            let table = distribution.table();
            assert_eq!(table.len(), 4096);
            let mean = table.iter().map(|v| f64::from(*v)).sum::<f64>() / 4096.0 / 8192.0;
            assert!(mean.abs() < 0.05, "{distribution:?}: {mean}");
            assert!(table.windows(2).all(|pair| pair[0] <= pair[1]), "{distribution:?} grows");
        }
        let normal = Distribution::Normal.table();
        let square = normal.iter().map(|v| (f64::from(*v) / 8192.0).powi(2)).sum::<f64>() / 4096.0;
        assert!((square - 1.0).abs() < 0.05, "{square}");
    }

    #[test]
    fn a_bucket_reads_back_what_it_wrote() {
        let tbf = Tbf { rate: 10_000_000, burst: 32768, limit: 100_000, peak: None };
        let read = Tbf::read(&tbf.options()).unwrap();
        assert_eq!((read.rate, read.limit), (tbf.rate, tbf.limit));
        assert!(read.burst.abs_diff(tbf.burst) < 100, "{}", read.burst);
    }
}
