//! Queueing disciplines and their classes (RTM_NEWQDISC, RTM_NEWTCLASS …; `tc qdisc`, `tc class`).

pub mod bucket;
pub mod distribution;
pub mod netem;

pub use bucket::{Class, Rate, Tbf};
pub use distribution::Distribution;
pub use netem::{Netem, Slot};

use super::attr::{self, Writer};
use super::field::{self, Field, Form, Say, Setting, Width, field, field_as};
use super::{Result, Socket};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};

pub(crate) const RTM_NEWQDISC: u16 = 36;
pub(crate) const RTM_DELQDISC: u16 = 37;
pub(crate) const RTM_GETQDISC: u16 = 38;
pub(crate) const RTM_NEWTCLASS: u16 = 40;
pub(crate) const RTM_DELTCLASS: u16 = 41;
pub(crate) const RTM_GETTCLASS: u16 = 42;
pub(crate) const TCA_KIND: u16 = 1;
pub(crate) const TCA_OPTIONS: u16 = 2;
const TCA_STATS2: u16 = 7;

/// The place of the discipline that all packets of a link go through (TC_H_ROOT).
pub const ROOT: u32 = 0xffff_ffff;
/// The place of ingress and clsact (TC_H_INGRESS).
pub const INGRESS: u32 = 0xffff_fff1;

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
    /// Classes with rates.
    Htb(Htb),
    /// Classes with service curves; the default class's minor number.
    Hfsc(u16),
    /// Queues by priority.
    Prio(Prio),
    /// One queue; how many packets (pfifo) or bytes (bfifo) it takes.
    Fifo(&'static str, Option<u32>),
    /// Stochastic fairness.
    Sfq(Sfq),
    /// One whose options are plain attributes.
    Plain(&'static Plain, Vec<Setting>),
}

/// Classes with rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Htb {
    /// Minor number of the class for what no filter takes; 0 sends it at once.
    pub default: u32,
    /// `r2q`: a class's quantum is its rate divided by this.
    pub r2q: u32,
    /// `direct_qlen`: how many packets wait that no class takes.
    pub direct_qlen: Option<u32>,
}

impl Default for Htb {
    fn default() -> Htb {
        Htb { default: 0, r2q: 10, direct_qlen: None }
    }
}

/// Queues by priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prio {
    /// How many.
    pub bands: u32,
    /// The band of each priority.
    pub map: [u8; 16],
}

impl Default for Prio {
    fn default() -> Prio {
        // tc-prio(8).
        Prio { bands: 3, map: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1] }
    }
}

/// Stochastic fairness (`struct tc_sfq_qopt_v1`); 0 is what the kernel takes by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sfq {
    /// `quantum`: bytes at its turn.
    pub quantum: u32,
    /// `perturb`: how often the hash changes, in seconds.
    pub perturb: u32,
    /// `limit`, in packets.
    pub limit: u32,
    /// `divisor`: size of the hash table.
    pub divisor: u32,
    /// `flows`.
    pub flows: u32,
    /// `depth`: packets of a flow.
    pub depth: u32,
    /// `headdrop`.
    pub headdrop: bool,
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
const SIZE: Form = Form::Size(Width::U32);
const SWITCH: Form = Form::Switch(Width::U32, Say::No);

/// The disciplines whose options are plain attributes.
pub const PLAIN: &[Plain] = &[
    Plain {
        name: "fq_codel",
        fields: &[
            field("limit", 2, ANY),
            field("flows", 5, Form::Number(Width::U32, 1, 65536)),
            field("quantum", 6, SIZE),
            field("target", 1, MICROS),
            field("ce_threshold", 7, MICROS),
            field("interval", 3, MICROS),
            field("memory_limit", 9, SIZE),
            field("drop_batch", 8, ANY),
            field("ecn", 4, SWITCH),
        ],
    },
    Plain {
        name: "codel",
        fields: &[
            field("limit", 2, ANY),
            field("target", 1, MICROS),
            field("ce_threshold", 5, MICROS),
            field("interval", 3, MICROS),
            field("ecn", 4, SWITCH),
        ],
    },
    Plain {
        name: "fq",
        fields: &[
            field("limit", 1, ANY),
            field("flow_limit", 2, ANY),
            field("quantum", 3, SIZE),
            field("initial_quantum", 4, SIZE),
            field("maxrate", 7, Form::Rate(Width::U32)),
            field("buckets", 8, Form::Log),
            field("pacing", 5, SWITCH),
            field("refill_delay", 9, MICROS),
            field("orphan_mask", 10, ANY),
            field("low_rate_threshold", 11, Form::Rate(Width::U32)),
            field("ce_threshold", 12, MICROS),
            field("timer_slack", 13, Form::Time(Width::U32, 1_000_000_000)),
            field("horizon", 14, MICROS),
        ],
    },
    Plain {
        name: "cake",
        fields: &[
            field("bandwidth", 2, Form::Rate(Width::U64)),
            field_as("diffserv", "", 3, Form::Word(Width::U32, CAKE_DIFFSERV)),
            field_as("isolation", "", 5, Form::Word(Width::U32, CAKE_ISOLATION)),
            field("nat", 11, SWITCH),
            field("wash", 13, SWITCH),
            field_as("ack_filter", "", 16, Form::Word(Width::U32, CAKE_ACK_FILTER)),
            field_as("split_gso", "", 17, Form::Word(Width::U32, CAKE_SPLIT_GSO)),
            field("rtt", 7, MICROS),
            field_as("direction", "", 15, Form::Word(Width::U32, CAKE_DIRECTION)),
            field("overhead", 6, Form::Number(Width::U32, 0, 256)),
            field("mpu", 14, Form::Number(Width::U32, 0, 256)),
            field_as("link_layer", "", 4, Form::Word(Width::U32, CAKE_LINK_LAYER)),
            field("memlimit", 10, SIZE),
            field("fwmark", 18, ANY),
        ],
    },
    Plain { name: "ingress", fields: &[] },
    Plain { name: "clsact", fields: &[] },
    Plain { name: "noqueue", fields: &[] },
    Plain { name: "pfifo_fast", fields: &[] },
    Plain { name: "mq", fields: &[] },
    Plain { name: "drr", fields: &[] },
    Plain { name: "qfq", fields: &[] },
];

// linux/pkt_sched.h, in the words of tc-cake(8).
const CAKE_DIFFSERV: &[(&str, u64)] = &[("diffserv3", 0), ("diffserv4", 1), ("diffserv8", 2), ("besteffort", 3), ("precedence", 4)];
const CAKE_ISOLATION: &[(&str, u64)] = &[
    ("flowblind", 0),
    ("srchost", 1),
    ("dsthost", 2),
    ("hosts", 3),
    ("flows", 4),
    ("dual-srchost", 5),
    ("dual-dsthost", 6),
    ("triple-isolate", 7),
];
const CAKE_ACK_FILTER: &[(&str, u64)] = &[("no-ack-filter", 0), ("ack-filter", 1), ("ack-filter-aggressive", 2)];
const CAKE_SPLIT_GSO: &[(&str, u64)] = &[("no-split-gso", 0), ("split-gso", 1)];
const CAKE_DIRECTION: &[(&str, u64)] = &[("egress", 0), ("ingress", 1)];
const CAKE_LINK_LAYER: &[(&str, u64)] = &[("noatm", 0), ("atm", 1), ("ptm", 2)];

impl Spec {
    /// Returns the discipline's word.
    pub fn kind(&self) -> &'static str {
        match self {
            Spec::Netem(_) => "netem",
            Spec::Tbf(_) => "tbf",
            Spec::Htb(_) => "htb",
            Spec::Hfsc(_) => "hfsc",
            Spec::Prio(_) => "prio",
            Spec::Sfq(_) => "sfq",
            Spec::Fifo(kind, _) => kind,
            Spec::Plain(plain, _) => plain.name,
        }
    }

    /// Returns the bytes of its options; nothing where the kernel is to take its own.
    pub(crate) fn options(&self) -> Option<Vec<u8>> {
        let mut writer = Writer::default();
        match self {
            Spec::Netem(netem) => return Some(netem.options()),
            Spec::Tbf(tbf) => return Some(tbf.options()),
            Spec::Htb(htb) => {
                // struct tc_htb_glob: version, rate to quantum, default class, debug, direct packets.
                writer.put(2, &words(&[3, htb.r2q, htb.default, 0, 0]));
                if let Some(packets) = htb.direct_qlen {
                    writer.u32(5, packets);
                }
            }
            Spec::Hfsc(default) => return Some(default.to_ne_bytes().to_vec()),
            Spec::Prio(prio) => return Some([&prio.bands.to_ne_bytes()[..], &prio.map].concat()),
            Spec::Fifo(_, limit) => return limit.map(|limit| limit.to_ne_bytes().to_vec()),
            Spec::Sfq(sfq) => return Some(sfq.options()),
            Spec::Plain(_, settings) if settings.is_empty() => return None,
            Spec::Plain(_, settings) => settings.iter().for_each(|setting| field::put(&mut writer, setting)),
        }
        Some(writer.bytes())
    }
}

impl Sfq {
    fn options(&self) -> Vec<u8> {
        let Sfq { quantum, perturb, limit, divisor, flows, depth, headdrop } = *self;
        // struct tc_sfq_qopt, then depth, headdrop, and what belongs to RED.
        let mut bytes = words(&[quantum, perturb, limit, divisor, flows, depth, u32::from(headdrop)]);
        bytes.resize(SFQ_V1, 0);
        bytes
    }

    /// Reads what the kernel tells.
    pub fn read(options: &[u8]) -> Sfq {
        let at = |place: usize| attr::u32_at(options, place * 4);
        Sfq { quantum: at(0), perturb: at(1), limit: at(2), divisor: at(3), flows: at(4), depth: at(5), headdrop: at(6) != 0 }
    }
}

/// The size of struct tc_sfq_qopt_v1.
const SFQ_V1: usize = 72;

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
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
    pub(crate) fn header(self) -> Vec<u8> {
        words(&[0, self.index, self.handle, self.parent, 0])
    }
}

/// What becomes of a discipline that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is an error.
    Add,
    /// The new one takes its place.
    Replace,
    /// It must be there, and is changed: what waits in it stays.
    Change,
}

impl Mode {
    /// Returns the verb of `tc`.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Add => "add",
            Mode::Replace => "replace",
            Mode::Change => "change",
        }
    }

    pub(super) fn flags(self) -> u16 {
        match self {
            Mode::Add => NLM_F_CREATE | NLM_F_EXCL,
            Mode::Replace => NLM_F_CREATE | NLM_F_REPLACE,
            Mode::Change => 0,
        }
    }
}

/// Sets a discipline.
pub async fn add(socket: &Socket, place: Place, spec: &Spec, mode: Mode) -> Result<()> {
    add_raw(socket, place, spec.kind(), spec.options().as_deref(), mode).await
}

/// Sets a discipline from options as the kernel told them.
pub async fn add_raw(socket: &Socket, place: Place, kind: &str, options: Option<&[u8]>, mode: Mode) -> Result<()> {
    let mut message = Writer::new(&place.header());
    message.text(TCA_KIND, kind);
    if let Some(options) = options {
        message.put(TCA_OPTIONS, options);
    }
    socket.change_raw(mode.flags(), RTM_NEWQDISC, message.bytes()).await
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

/// A class that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub enum ClassSpec {
    /// Of htb.
    Htb(Class),
    /// Of hfsc.
    Hfsc(Curves),
    /// Of drr: its quantum, in bytes.
    Drr(Option<u32>),
    /// Of qfq: its weight, and the largest packet.
    Qfq(Option<u32>, Option<u32>),
}

/// A service curve of hfsc: a first rate (byte/s) for some time (µs), then another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Curve {
    /// `m1`, in bit/s.
    pub first: u64,
    /// `d`, in µs.
    pub micros: u32,
    /// `m2`, in bit/s.
    pub then: u64,
}

/// The curves of a class of hfsc: `rt`, `ls`, `ul`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Curves {
    /// `rt`: what it is sure of.
    pub real_time: Option<Curve>,
    /// `ls`: its share of what is left.
    pub link_share: Option<Curve>,
    /// `ul`: what it gets at most.
    pub upper_limit: Option<Curve>,
}

impl Curve {
    fn bytes(self) -> Vec<u8> {
        words(&[(self.first / 8) as u32, self.micros, (self.then / 8) as u32])
    }

    /// Reads it.
    pub fn read(bytes: &[u8]) -> Curve {
        let rate = |at: usize| u64::from(attr::u32_at(bytes, at)) * 8;
        Curve { first: rate(0), micros: attr::u32_at(bytes, 4), then: rate(8) }
    }
}

impl ClassSpec {
    /// Returns the word of the discipline that it is a class of.
    pub fn kind(&self) -> &'static str {
        match self {
            ClassSpec::Htb(_) => "htb",
            ClassSpec::Hfsc(_) => "hfsc",
            ClassSpec::Drr(_) => "drr",
            ClassSpec::Qfq(..) => "qfq",
        }
    }

    /// Returns the bytes of its options.
    pub(crate) fn options(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        let mut put = |kind, value: Option<u32>| {
            if let Some(value) = value {
                writer.u32(kind, value);
            }
        };
        match self {
            ClassSpec::Htb(class) => return class.options(),
            ClassSpec::Drr(quantum) => put(1, *quantum),
            ClassSpec::Qfq(weight, largest) => {
                put(1, *weight);
                put(2, *largest);
            }
            ClassSpec::Hfsc(curves) => {
                for (kind, curve) in [(1, curves.real_time), (2, curves.link_share), (3, curves.upper_limit)] {
                    if let Some(curve) = curve {
                        writer.put(kind, &curve.bytes());
                    }
                }
            }
        }
        writer.bytes()
    }
}

/// Makes a class, or changes it.
pub async fn add_class(socket: &Socket, place: Place, class: &ClassSpec, mode: Mode) -> Result<()> {
    let mut message = Writer::new(&place.header());
    message.text(TCA_KIND, class.kind());
    message.put(TCA_OPTIONS, &class.options());
    socket.change_raw(mode.flags(), RTM_NEWTCLASS, message.bytes()).await
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
