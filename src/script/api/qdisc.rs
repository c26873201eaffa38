//! `qdisc::…`: queueing disciplines; `link.shape(…)`: bad links in one line.

use super::super::catalogue::{Options, key};
use super::super::options::Opts;
use super::super::registry::{AtRoot, Registry, printable, properties, returned, script_types, words};
use super::super::session::{Call, Session};
use crate::error::{Error, Kind, Result};
use crate::iproute::{queueing, sentence};
use crate::kernel::field;
use crate::kernel::link::Change;
use crate::kernel::qdisc::{self, Class, Curve, Distribution, Htb, Mode, Netem, PLAIN, Prio, ROOT, Rate, Sfq, Slot, Spec, Tbf};
use crate::lab::qdisc::{LATENCY, PRESETS, bucket, handle_text, parse_handle};
use crate::lab::{Link, Netns, units};
use crate::near;
use rhai::{Array, Dynamic, Map};
use std::time::Duration;

/// The disciplines of a namespace, or of one link.
#[derive(Clone)]
pub(crate) struct Qdiscs {
    pub(crate) netns: Netns,
    pub(crate) link: Option<Link>,
}

/// A discipline or class as it was found.
#[derive(Clone)]
pub(crate) struct Qdisc {
    pub(super) state: qdisc::Qdisc,
    pub(super) dev: String,
    pub(super) class: bool,
}
script_types! { Qdiscs = "Qdiscs", Qdisc = "Qdisc" }
returned!(Qdiscs, Qdisc);

impl AtRoot for Qdiscs {
    fn at_root(session: &Session) -> Qdiscs {
        Qdiscs { netns: session.lab().root(), link: None }
    }
}

macro_rules! netem_keys {
    ($($more:expr),* $(,)?) => {
        &[
            key("delay", "string", "how much later each packet comes, as in \"50ms\""),
            key("jitter", "string", "how much that varies"),
            key("delay_correlation", "string", "how much a delay resembles the one before, in percent"),
            key("distribution", "string", "uniform, normal, pareto or paretonormal"),
            key("loss", "string", "share of packets that get lost, as in \"1%\""),
            key("loss_correlation", "string", "how much a loss depends on the one before"),
            key("gemodel", "array", "loss in bursts by Gilbert and Elliott: [p, r, 1-h, 1-k] in percent, p alone is enough"),
            key("duplicate", "string", "share that comes twice"),
            key("duplicate_correlation", "string", "its correlation"),
            key("corrupt", "string", "share with one bit wrong"),
            key("corrupt_correlation", "string", "its correlation"),
            key("reorder", "string", "share that is sent at once, ahead of those that wait; needs a delay"),
            key("reorder_correlation", "string", "its correlation"),
            key("gap", "int", "only each so many-th packet is reordered"),
            key("rate", "string", "as in \"10mbit\""),
            key("limit", "int|string", "how many packets wait at most; 1000 if not said (pfifo too; bytes for bfifo)"),
            key("loss_state", "array", "loss by a chain of four states: [p13, p31, p32, p23, p14] in percent, p13 alone is enough"),
            key("rate_overhead", "array", "bytes added to each packet, size of a cell, bytes added to each cell: [20, 48, 5]"),
            key("slot", "array", "packets come in bunches: shortest and longest time between two"),
            key("slot_distribution", "string", "the times of `slot` are a time and its jitter, spread so"),
            key("slot_packets", "int", "packets of a bunch at most"),
            key("slot_bytes", "int|string", "bytes of a bunch at most"),
            key("seed", "int", "the same losses at each run (since Linux 6.6)"),
            key("ecn", "bool", "mark instead of dropping (netem, fq_codel)"),
            $($more),*
        ]
    };
}

const QDISC: Options = Options {
    keys: netem_keys![
        key("dev", "Link|string", "the link, where the handle is not one"),
        key("handle", "string", "as in \"1:\""),
        key("parent", "string", "class to hang on, as in \"1:10\"; root if not said"),
        key("burst", "int|string", "bucket in bytes (tbf)"),
        key("latency", "string", "how long a packet waits at most (tbf); 50ms if not said"),
        key("peakrate", "string", "rate at which the bucket empties (tbf)"),
        key("mtu", "int|string", "bucket of the peak rate in bytes (tbf)"),
        key("default_class", "string", "class of packets that no filter fits, hexadecimal (htb, hfsc)"),
        key("r2q", "int", "a class's quantum is its rate in bytes divided by this, 10 if not said (htb)"),
        key("direct_qlen", "int", "packets that wait and are of no class (htb)"),
        key("overhead", "int", "bytes added to each packet (tbf, cake)"),
        key("mpu", "int", "a packet counts as so many bytes at least (tbf, cake)"),
        key("linklayer", "string", "ethernet, or atm for cells of 53 bytes (tbf)"),
        key("bands", "int", "number of queues, 2 to 16 (prio)"),
        key("priomap", "array", "the queue of each of the 16 priorities (prio)"),
        key("perturb", "string", "how often flows are spread anew (sfq)"),
        key("divisor", "int", "size of the hash table (sfq)"),
        key("depth", "int", "packets of one flow (sfq)"),
        key("headdrop", "bool", "drop the oldest packet of a flow (sfq)"),
        key("flows", "int", "number of queues (fq_codel, sfq)"),
        key("flow_limit", "int", "packets of one flow (fq)"),
        key("quantum", "int|string", "bytes that a flow sends at its turn (fq_codel, fq, sfq)"),
        key("initial_quantum", "int|string", "bytes of a new flow (fq)"),
        key("target", "string", "delay that is fine (fq_codel, codel)"),
        key("interval", "string", "how long it may be worse (fq_codel, codel)"),
        key("ce_threshold", "string", "delay above which packets are marked (fq_codel, codel, fq)"),
        key("memory_limit", "int|string", "bytes of all queues (fq_codel)"),
        key("drop_batch", "int", "packets dropped at once (fq_codel)"),
        key("maxrate", "string", "largest rate of a flow (fq)"),
        key("buckets", "int", "size of the hash table, a power of two (fq)"),
        key("pacing", "bool", "flows are paced (fq)"),
        key("refill_delay", "string", "how long a flow must be silent to be new again (fq)"),
        key("orphan_mask", "int", "number of queues for what has no socket (fq)"),
        key("low_rate_threshold", "string", "flows below this are not spread (fq)"),
        key("timer_slack", "string", "how late a timer may be (fq)"),
        key("horizon", "string", "how far ahead a packet may be timed (fq)"),
        key("bandwidth", "string", "rate (cake)"),
        key("diffserv", "string", "diffserv3, diffserv4, diffserv8, besteffort or precedence (cake)"),
        key("isolation", "string", "flowblind, srchost, dsthost, hosts, flows, dual-srchost, dual-dsthost or triple-isolate (cake)"),
        key("rtt", "string", "usual round trip (cake)"),
        key("nat", "bool", "look behind NAT to tell hosts apart (cake)"),
        key("wash", "bool", "clear DSCP marks (cake)"),
        key("ack_filter", "string", "no-ack-filter, ack-filter or ack-filter-aggressive (cake)"),
        key("split_gso", "string", "split-gso or no-split-gso (cake)"),
        key("direction", "string", "egress, or ingress for what comes in (cake)"),
        key("link_layer", "string", "noatm, atm or ptm (cake)"),
        key("memlimit", "int|string", "bytes of all queues (cake)"),
        key("fwmark", "int", "the bits of the firewall's mark that choose a tin (cake)"),
    ],
};

const SHAPE: Options =
    Options { keys: netem_keys![key("both", "bool", "the other end too, which is the default; false: only what this end sends")] };

const PLACE: Options = Options {
    keys: &[
        key("dev", "Link|string", "the link, where the handle is not one"),
        key("parent", "string", "what it hangs on: root if not said, ingress, or a class as \"1:10\""),
    ],
};

const FLAP: Options = Options {
    keys: &[
        key("times", "int", "how often, 1 if not said"),
        key("down", "string", "how long it is down, 100ms if not said"),
        key("up", "string", "how long it is up in between, 100ms if not said"),
        key("meanwhile", "bool", "go on at once: it flaps while the script waits for something else"),
    ],
};

const NETEM: [&str; 24] = [
    "delay",
    "jitter",
    "delay_correlation",
    "distribution",
    "loss",
    "loss_correlation",
    "gemodel",
    "duplicate",
    "duplicate_correlation",
    "corrupt",
    "corrupt_correlation",
    "reorder",
    "reorder_correlation",
    "gap",
    "rate",
    "limit",
    "loss_state",
    "rate_overhead",
    "slot",
    "slot_distribution",
    "slot_packets",
    "slot_bytes",
    "seed",
    "ecn",
];

fn netem(opts: &Opts) -> Result<Netem> {
    netem_over(opts, Netem::default())
}

/// Reads what is given over what is there.
fn netem_over(opts: &Opts, base: Netem) -> Result<Netem> {
    let spread = |key| -> Result<Option<Option<Distribution>>> {
        opts.word(key, &Distribution::WORDS, |word| match word {
            "uniform" => Some(None),
            "normal" => Some(Some(Distribution::Normal)),
            "pareto" => Some(Some(Distribution::Pareto)),
            "paretonormal" => Some(Some(Distribution::ParetoNormal)),
            _ => None,
        })
    };
    let distribution = spread("distribution")?;
    // What follows from the first share alone (tc-netem(8)): losses that do not depend on each other.
    let gemodel = shares(opts, "gemodel", "p, r, 1-h, 1-k", |p| [p, 1.0 - p, 1.0, 0.0])?;
    let state = shares(opts, "loss_state", "p13, p31, p32, p23, p14", |p| [p, 1.0 - p, 0.0, 1.0, 0.0])?;
    let times = match opts.array("slot")?.as_slice() {
        [] => None,
        [one] => Some((span(one)?, span(one)?)),
        [shortest, longest] => Some((span(shortest)?, span(longest)?)),
        _ => return Err(opts.unfit("slot", "it takes the shortest and the longest time")),
    };
    let (packets, bytes) = (opts.number("slot_packets", 0..=i64::from(i32::MAX))?, opts.size("slot_bytes")?);
    let slot_distribution = spread("slot_distribution")?.flatten();
    if times.is_none()
        && let Some(key) = opts.given().find(|key| key.starts_with("slot_"))
    {
        return Err(opts.unfit(key, "without `slot` it has no effect"));
    }
    let slot = times.map(|times| Slot {
        times,
        distribution: slot_distribution,
        packets: packets.unwrap_or(0),
        bytes: bytes.map_or(0, |bytes| u32::try_from(bytes).unwrap_or(u32::MAX)),
    });
    let numbers: Option<Vec<i64>> = opts.array("rate_overhead")?.iter().map(|number| number.as_int().ok()).collect();
    let rate_overhead = match numbers.as_deref() {
        Some([]) => (0, 0, 0),
        Some([packet]) => (*packet as i32, 0, 0),
        Some([packet, cell]) if *cell >= 0 => (*packet as i32, *cell as u32, 0),
        Some([packet, cell, per_cell]) if *cell >= 0 => (*packet as i32, *cell as u32, *per_cell as i32),
        _ => return Err(opts.unfit("rate_overhead", "it takes one to three numbers of bytes: per packet, size of a cell, per cell")),
    };
    let read = Netem {
        delay: opts.duration("delay")?.or(base.delay),
        jitter: opts.duration("jitter")?.or(base.jitter),
        delay_correlation: opts.share("delay_correlation")?,
        distribution: distribution.flatten(),
        loss: opts.share("loss")?.or(base.loss),
        loss_correlation: opts.share("loss_correlation")?,
        gemodel,
        state,
        ecn: opts.bool("ecn")?.unwrap_or(false),
        duplicate: opts.share("duplicate")?,
        duplicate_correlation: opts.share("duplicate_correlation")?,
        corrupt: opts.share("corrupt")?,
        corrupt_correlation: opts.share("corrupt_correlation")?,
        reorder: opts.share("reorder")?,
        reorder_correlation: opts.share("reorder_correlation")?,
        gap: opts.number("gap", 0..=i64::from(u32::MAX))?,
        rate: opts.rate("rate")?.or(base.rate),
        rate_overhead,
        limit: opts.number("limit", 1..=i64::from(u32::MAX))?,
        slot,
        seed: opts.number::<i64>("seed", 0..=i64::MAX)?.map(i64::cast_unsigned),
    };
    for (key, needs, missing) in [
        ("jitter", "delay", read.jitter.is_some() && read.delay.is_none()),
        ("delay_correlation", "jitter", read.delay_correlation.is_some() && read.jitter.is_none()),
        ("distribution", "jitter", read.distribution.is_some() && read.jitter.is_none()),
        ("loss_correlation", "loss", read.loss_correlation.is_some() && read.loss.is_none()),
        ("duplicate_correlation", "duplicate", read.duplicate_correlation.is_some() && read.duplicate.is_none()),
        ("corrupt_correlation", "corrupt", read.corrupt_correlation.is_some() && read.corrupt.is_none()),
        ("reorder_correlation", "reorder", read.reorder_correlation.is_some() && read.reorder.is_none()),
        ("reorder", "delay", read.reorder.is_some() && read.delay.is_none()),
        ("gap", "reorder", read.gap.is_some() && read.reorder.is_none()),
        ("ecn", "loss", read.ecn && read.loss.is_none() && read.gemodel.is_none() && read.state.is_none()),
        ("rate_overhead", "rate", read.rate_overhead != (0, 0, 0) && read.rate.is_none()),
    ] {
        if missing {
            return Err(opts.unfit(key, format!("without `{needs}` it has no effect")));
        }
    }
    let ways = [("loss", opts.share("loss")?.is_some()), ("gemodel", read.gemodel.is_some()), ("loss_state", read.state.is_some())];
    let told: Vec<&str> = ways.iter().filter(|(_, told)| *told).map(|(key, _)| *key).collect();
    if let [first, second, ..] = told.as_slice() {
        return Err(opts.unfit(second, format!("`{first}` and `{second}` are two ways to say the same")));
    }
    match read.gemodel.is_some() || read.state.is_some() {
        true => Ok(Netem { loss: None, ..read }),
        false => Ok(read),
    }
}

/// Reads a list of shares, of which only the first must be given.
fn shares<const N: usize>(opts: &Opts, key: &'static str, names: &str, usual: impl Fn(f64) -> [f64; N]) -> Result<Option<[f64; N]>> {
    let given = opts.array(key)?;
    let Some(first) = given.first() else { return Ok(None) };
    if given.len() > N {
        return Err(opts.unfit(key, format!("it takes at most {N} shares: {names}")));
    }
    let mut read = usual(units::parse_share(&first.to_string())?);
    for (to, share) in read.iter_mut().zip(&given) {
        *to = units::parse_share(&share.to_string())?;
    }
    Ok(Some(read))
}

fn span(value: &Dynamic) -> Result<Duration> {
    crate::lab::wait::parse_span(&value.to_string())
}

/// The kinds beside those of [`PLAIN`], each with the keys that it takes.
const KINDS: [(&str, &[&str]); 8] = [
    ("netem", &NETEM),
    ("tbf", &["rate", "burst", "latency", "limit", "peakrate", "mtu", "overhead", "mpu", "linklayer"]),
    ("htb", &["default_class", "r2q", "direct_qlen"]),
    ("hfsc", &["default_class"]),
    ("prio", &["bands", "priomap"]),
    ("sfq", &["perturb", "limit", "quantum", "divisor", "flows", "depth", "headdrop"]),
    ("pfifo", &["limit"]),
    ("bfifo", &["limit"]),
];

fn spec(kind: &str, opts: &Opts, netns: &Netns) -> Result<Spec> {
    let plain = PLAIN.iter().find(|plain| plain.name == kind);
    let own = KINDS.iter().find(|(name, _)| *name == kind).map(|(_, keys)| *keys);
    if plain.is_none() && own.is_none() {
        let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).chain(PLAIN.iter().map(|plain| plain.name)).collect();
        let hint = near::did_you_mean(kind, known.iter().copied()).unwrap_or_else(|| format!("there are {}", known.join(", ")));
        return Err(Error::new(Kind::BadArgument, "add qdisc", format!("`{kind}`"), "there is no such queueing discipline").hint(hint));
    }
    let known =
        |key: &str| own.is_some_and(|own| own.contains(&key)) || plain.is_some_and(|plain| plain.fields.iter().any(|f| f.name == key));
    if let Some(key) = opts.given().find(|key| !matches!(*key, "dev" | "handle" | "parent") && !known(key)) {
        let takes: Vec<&str> =
            own.map(<[&str]>::to_vec).unwrap_or_else(|| plain.map(|p| p.fields.iter().map(|f| f.name).collect()).unwrap_or_default());
        let takes = if takes.is_empty() { "no options".to_string() } else { takes.join(", ") };
        return Err(opts.unfit(key, format!("{kind} has no such option")).hint(format!("it takes {takes}")));
    }
    let size = |key| -> Result<Option<u32>> { Ok(opts.size(key)?.map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX))) };
    if let Some(plain) = plain {
        let mut settings = Vec::new();
        for field in plain.fields {
            settings.extend(opts.setting(field, netns)?);
        }
        return Ok(Spec::Plain(plain, settings));
    }
    Ok(match kind {
        "netem" => Spec::Netem(Box::new(netem(opts)?)),
        "tbf" => {
            let Some(rate) = opts.rate("rate")? else {
                return Err(Error::new(Kind::BadArgument, "add qdisc", "`tbf`", "it needs a rate").hint("add #{ rate: \"10mbit\" }"));
            };
            let mut tbf = bucket(rate, size("burst")?, opts.duration("latency")?.unwrap_or(LATENCY));
            if let Some(limit) = size("limit")? {
                tbf.limit = limit;
            }
            let layered = layer(opts, Rate::plain(rate))?;
            tbf.rate = layered;
            if let Some(peak) = opts.rate("peakrate")? {
                tbf.peak = Some((Rate { bits: peak, ..layered }, size("mtu")?.unwrap_or(1540)));
            }
            Spec::Tbf(tbf)
        }
        "htb" => Spec::Htb(Htb {
            default: default_class(opts)?.into(),
            r2q: opts.number("r2q", 1..=i64::from(u32::MAX))?.unwrap_or(Htb::default().r2q),
            direct_qlen: opts.number("direct_qlen", 0..=i64::from(u32::MAX))?,
        }),
        "hfsc" => Spec::Hfsc(default_class(opts)?),
        "prio" => Spec::Prio(prio(opts)?),
        "sfq" => Spec::Sfq(Sfq {
            perturb: opts.duration("perturb")?.map_or(0, |span| span.as_secs() as u32),
            limit: opts.number("limit", 0..=i64::from(u32::MAX))?.unwrap_or(0),
            quantum: size("quantum")?.unwrap_or(0),
            divisor: opts.number("divisor", 1..=65536)?.unwrap_or(0),
            flows: opts.number("flows", 1..=65535)?.unwrap_or(0),
            depth: opts.number("depth", 1..=127)?.unwrap_or(0),
            headdrop: opts.bool("headdrop")?.unwrap_or(false),
        }),
        "pfifo" => Spec::Fifo("pfifo", size("limit")?),
        _ => Spec::Fifo("bfifo", size("limit")?),
    })
}

/// Reads what a packet costs beside its bytes.
pub(super) fn layer(opts: &Opts, rate: Rate) -> Result<Rate> {
    let atm = opts.word("linklayer", &["ethernet", "atm"], |word| match word {
        "ethernet" => Some(false),
        "atm" | "adsl" => Some(true),
        _ => None,
    })?;
    Ok(Rate {
        overhead: opts.number("overhead", 0..=65535)?.unwrap_or(0),
        mpu: opts.number("mpu", 0..=65535)?.unwrap_or(0),
        atm: atm.unwrap_or(false),
        ..rate
    })
}

fn default_class(opts: &Opts) -> Result<u16> {
    let default = opts.text("default_class").unwrap_or_default();
    let minor = default.rsplit(':').next().unwrap_or_default();
    let read = if minor.is_empty() { Some(0) } else { u16::from_str_radix(minor, 16).ok() };
    read.ok_or_else(|| opts.unfit("default_class", "it takes a class as \"10\" or \"1:10\", in hexadecimal"))
}

fn prio(opts: &Opts) -> Result<Prio> {
    let usual = Prio::default();
    let bands: u32 = opts.number("bands", 2..=16)?.unwrap_or(usual.bands);
    let told = opts.array("priomap")?;
    if told.is_empty() {
        return Ok(Prio { bands, map: usual.map.map(|band| band.min(bands as u8 - 1)) });
    }
    let map: Option<Vec<u8>> = told
        .iter()
        .map(|band| band.as_int().ok().and_then(|band| u8::try_from(band).ok()).filter(|band| u32::from(*band) < bands))
        .collect();
    let map = map.and_then(|map| <[u8; 16]>::try_from(map).ok());
    map.map(|map| Prio { bands, map }).ok_or_else(|| opts.unfit("priomap", format!("it takes 16 numbers from 0 to {}", bands - 1)))
}

impl Qdiscs {
    fn link(&self, opts: &Opts, verb: &str) -> Result<Link> {
        opts.link_of(self.link.as_ref(), &self.netns, verb, "qdisc")
    }

    fn set(&self, call: &Call, kind: &str, opts: &Opts, mode: Mode) -> Result<Qdiscs> {
        let link = self.link(opts, "set")?;
        let spec = spec(kind, opts, &self.netns)?;
        let at_ingress = matches!(kind, "ingress" | "clsact");
        let parent = match opts.string("parent")? {
            _ if at_ingress => qdisc::INGRESS,
            Some(parent) => parse_handle(&parent)?,
            None => ROOT,
        };
        let handle = match opts.string("handle")? {
            _ if at_ingress => 0xffff_0000,
            Some(handle) => parse_handle(&handle)?,
            None => 0,
        };
        call.step(|| queueing::qdisc_set(&link, mode, &spec, parent, handle));
        link.add_qdisc(&spec, parent, handle, mode)?;
        Ok(self.clone())
    }
}

/// Shapes a link, and tells the lines.
fn shape(link: &Link, call: &Call, netem: &Netem, both: bool) -> Result<Link> {
    if *netem == Netem::default() {
        let error =
            Error::new(Kind::BadArgument, "shape link", format!("`{}`", link.name()), "it is not said how").in_netns(link.netns().name());
        return Err(error.hint("add #{ delay: \"50ms\" }, or name a preset: wifi, lte, 3g, satellite, dsl"));
    }
    if call.session.traces() {
        for way in link.ways(both)? {
            let spec = way.shaped_by(netem)?;
            call.step(|| queueing::qdisc_set(&way, Mode::Replace, &spec, ROOT, 0));
        }
    }
    link.shape(netem, both)?;
    Ok(link.clone())
}

fn preset(name: &str) -> Result<Netem> {
    PRESETS.iter().find(|preset| preset.name == name).map(|preset| preset.netem()).ok_or_else(|| {
        let known = PRESETS.map(|preset| preset.name);
        let error = Error::new(Kind::BadArgument, "shape link", format!("as `{name}`"), "there is no such preset");
        error.hint(near::did_you_mean(name, known).unwrap_or_else(|| format!("there are {}", known.join(", "))))
    })
}

fn ms(span: Duration) -> Dynamic {
    (span.as_secs_f64() * 1000.0).into()
}

/// The options of a discipline as a script sees them: times in milliseconds, shares in percent, rates in bit/s.
fn options(found: &Qdisc) -> Map {
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<Dynamic>| {
        if let Some(value) = value {
            map.insert(key.into(), value);
        }
    };
    let number = |number: u64| Dynamic::from(number.cast_signed());
    let percent = |share: f64| Dynamic::from((share * 1e6).round() / 1e4);
    let bytes = &found.state.options;
    match found.state.kind.as_str() {
        "netem" => {
            let netem = Netem::read(bytes);
            put("delay", netem.delay.map(ms));
            put("jitter", netem.jitter.map(ms));
            for (key, share) in [
                ("loss", netem.loss),
                ("duplicate", netem.duplicate),
                ("corrupt", netem.corrupt),
                ("reorder", netem.reorder),
                ("delay_correlation", netem.delay_correlation),
                ("loss_correlation", netem.loss_correlation),
                ("duplicate_correlation", netem.duplicate_correlation),
                ("corrupt_correlation", netem.corrupt_correlation),
                ("reorder_correlation", netem.reorder_correlation),
            ] {
                put(key, share.map(percent));
            }
            put("loss_state", netem.state.map(|shares| Dynamic::from(shares.into_iter().map(percent).collect::<Array>())));
            put("gemodel", netem.gemodel.map(|shares| Dynamic::from(shares.into_iter().map(percent).collect::<Array>())));
            put("slot", netem.slot.map(|slot| Dynamic::from(vec![ms(slot.times.0), ms(slot.times.1)])));
            put("gap", netem.gap.map(|gap| number(gap.into())));
            put("limit", netem.limit.map(|limit| number(limit.into())));
            put("rate", netem.rate.map(number));
            put("seed", netem.seed.map(number));
        }
        "tbf" => {
            if let Some(tbf) = Tbf::read(bytes) {
                put("rate", Some(number(tbf.rate.bits)));
                put("burst", Some(number(tbf.burst.into())));
                put("limit", Some(number(tbf.limit.into())));
                put("peakrate", tbf.peak.map(|(rate, _)| number(rate.bits)));
            }
        }
        "htb" if found.class => {
            if let Some((class, _)) = Class::read(bytes) {
                put("rate", Some(number(class.rate.bits)));
                put("ceil", Some(number(class.ceil.bits)));
                put("burst", Some(number(class.burst.into())));
                put("prio", Some(number(class.prio.into())));
                put("quantum", Some(number(class.quantum.into())));
            }
        }
        "htb" => {
            if let Some(global) = crate::kernel::attr::find(bytes, 2) {
                let at = |place: usize| crate::kernel::attr::u32_at(global, place * 4);
                put("default_class", Some(format!("{:x}", at(2)).into()));
                put("r2q", Some(number(at(1).into())));
            }
        }
        "hfsc" if found.class => {
            for (kind, key) in [(1, "rt"), (2, "ls"), (3, "ul")] {
                let curve = crate::kernel::attr::find(bytes, kind).map(Curve::read);
                put(
                    key,
                    curve.map(|curve| {
                        let figures = [
                            ("m1", number(curve.first)),
                            ("d", ms(Duration::from_micros(curve.micros.into()))),
                            ("m2", number(curve.then)),
                        ];
                        Dynamic::from(figures.into_iter().map(|(key, value)| (key.into(), value)).collect::<Map>())
                    }),
                );
            }
        }
        "hfsc" => put("default_class", Some(format!("{:x}", crate::kernel::attr::number(bytes)).into())),
        "sfq" => {
            let sfq = Sfq::read(bytes);
            put("perturb", Some(ms(Duration::from_secs(sfq.perturb.into()))));
            for (key, value) in
                [("limit", sfq.limit), ("quantum", sfq.quantum), ("divisor", sfq.divisor), ("flows", sfq.flows), ("depth", sfq.depth)]
            {
                put(key, Some(number(value.into())));
            }
        }
        "pfifo" | "bfifo" => put("limit", Some(number(crate::kernel::attr::u32_at(bytes, 0).into()))),
        "prio" => put("bands", Some(number(crate::kernel::attr::u32_at(bytes, 0).into()))),
        kind => {
            if let Some(plain) = PLAIN.iter().find(|plain| plain.name == kind) {
                return super::link::add::map(field::read(bytes, plain.fields));
            }
        }
    }
    map
}

fn text(found: &Qdisc) -> String {
    let what = if found.class { "class" } else { "qdisc" };
    let state = &found.state;
    let handle = if state.handle == 0 { "0:".to_string() } else { handle_text(state.handle) };
    let parent = match state.parent {
        ROOT => "root".to_string(),
        parent => format!("parent {}", handle_text(parent)),
    };
    let words: String = options(found).iter().map(|(key, value)| format!(" {key} {value}")).collect();
    format!("{what} {} {handle} dev {} {parent}{words}", state.kind, found.dev)
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Qdisc>(registry, text);
    words!(registry, Qdiscs, [module "qdisc"];
        /// Sets a queueing discipline, as `tc qdisc add`: `netem`, `tbf`, `htb`, `fq_codel`, `fq`, `cake`, `prio`, `sfq`, `pfifo`, `bfifo`,
        /// `ingress`, `clsact`. It hangs at the root of the link unless a `parent` is said.
        ///
        /// Errors: `exists`; `unsupported` when this kernel lacks it; `bad-argument` for an option that it does not take.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("tbf", #{ rate: "8mbit", burst: "32kb", latency: "50ms" });
        /// expect(pair.a.qdisc.list()[0].kind == "tbf" && pair.a.qdisc.list()[0].options.rate == 8000000);
        /// try {
        ///     qdisc::add("netem", #{ dev: "v1", delay: "50ms", jitter: "5ms", distribution: "normal", loss: "1%" });
        ///     expect(pair.b.qdisc.list()[0].options.delay == 50.0);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn add(qdiscs, call, kind: &str; opts: QDISC) -> Qdiscs { qdiscs.set(call, kind, &opts, Mode::Add) }

        /// Sets a queueing discipline, or takes the place of the one that is there, while traffic flows.
        ///
        /// Errors: `unsupported` when this kernel lacks it; `not-found` for a `parent` that is not there; `bad-argument` for an option
        /// that it does not take.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.replace("tbf", #{ rate: "8mbit" }).replace("tbf", #{ rate: "1mbit" });
        /// expect(pair.a.qdisc.list()[0].options.rate == 1000000);
        /// ```
        fn replace(qdiscs, call, kind: &str; opts: QDISC) -> Qdiscs { qdiscs.set(call, kind, &opts, Mode::Replace) }

        /// Changes the discipline that is there, while traffic flows: what waits in it stays. It must be of that kind; most options that are not
        /// said are those of a new one, but netem keeps its `rate`, `corrupt`, `reorder`, `ecn` and `slot`.
        ///
        /// Errors: `not-found` or `bad-argument` when another one is there, or none.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("tbf", #{ rate: "8mbit", burst: "32kb" }).change("tbf", #{ rate: "1mbit", burst: "32kb" });
        /// expect(pair.a.qdisc.list()[0].options.rate == 1000000);
        /// ```
        fn change(qdiscs, call, kind: &str; opts: QDISC) -> Qdiscs { qdiscs.set(call, kind, &opts, Mode::Change) }

        /// Deletes the discipline at the root, or at another place; the kernel's own comes back.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("tbf", #{ rate: "8mbit" }).del();
        /// expect(pair.a.qdisc.list().all(|q| q.kind != "tbf"));
        /// ```
        fn del(qdiscs, call; opts: PLACE) -> Qdiscs {
            let link = qdiscs.link(&opts, "delete")?;
            let parent = opts.string("parent")?.map_or(Ok(ROOT), |parent| parse_handle(&parent))?;
            call.step(|| queueing::qdisc_del(&link, parent));
            link.del_qdisc(parent, 0)?;
            Ok(qdiscs.clone())
        }

        /// Lists the disciplines of the namespace, or of one link; printed, the list reads much as `tc qdisc`.
        ///
        /// ```rhai
        /// print(qdisc::list());
        /// ```
        fn list(qdiscs, call) -> Vec<Qdisc> {
            let found = match &qdiscs.link {
                Some(link) => link.qdiscs()?.into_iter().map(|state| (state, link.name())).collect(),
                None => qdiscs.netns.qdiscs()?,
            };
            Ok(found.into_iter().map(|(state, dev)| Qdisc { state, dev, class: false }).collect())
        }
    );
    register_shape(registry);
    register_properties(registry);
}

fn register_shape(registry: &mut Registry) {
    words!(registry, Link, [method];
        /// Makes the link bad, in both directions: slow (`delay`, `jitter`, `rate`), lossy (`loss`), or wrong (`duplicate`, `corrupt`,
        /// `reorder`). The other end of the pair gets the same, so a round trip takes twice the delay; with `both: false` only what this
        /// end sends is meant. Called again, it changes the condition while traffic flows.
        ///
        /// A rate alone is done by tbf, which every kernel has; everything else needs netem.
        ///
        /// Errors: `unsupported` when this kernel has no netem; nothing is changed then.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.shape(#{ rate: "10mbit" });
        /// expect(pair.b.qdisc.list()[0].options.rate == 10000000, "both directions");
        /// try {
        ///     pair.a.shape(#{ delay: "50ms", loss: "1%", both: false });
        ///     expect(pair.a.qdisc.list()[0].options.loss == 1.0);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn shape(link, call; opts: SHAPE) -> Link { shape(link, call, &netem(&opts)?, opts.bool("both")?.unwrap_or(true)) }

        /// Makes the link bad as one of these, in both directions, with the figures for each direction:
        ///
        /// | name | delay | jitter | loss | rate |
        /// |---|---|---|---|---|
        /// | `wifi` | 3 ms | 2 ms | 0.2% | 50 Mbit/s |
        /// | `lte` | 25 ms | 8 ms | 0.1% | 20 Mbit/s |
        /// | `3g` | 75 ms | 20 ms | 0.5% | 2 Mbit/s |
        /// | `satellite` | 300 ms | 10 ms | 0.5% | 25 Mbit/s |
        /// | `dsl` | 12 ms | 1 ms | 0% | 16 Mbit/s |
        ///
        /// Options change single figures.
        ///
        /// Errors: `unsupported` when this kernel has no netem.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// try {
        ///     pair.a.shape("lte", #{ loss: "5%" });
        ///     expect(pair.b.qdisc.list()[0].options.delay == 25.0);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn shape(link, call, preset: &str; opts: SHAPE) -> Link {
            let base = self::preset(preset)?;
            shape(link, call, &netem_over(&opts, base)?, opts.bool("both")?.unwrap_or(true))
        }

        /// Takes away what `shape` did, at both ends.
        ///
        /// Errors: none; a link that is not shaped stays as it is.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.shape(#{ rate: "10mbit" }).unshape();
        /// expect(pair.b.qdisc.list().all(|q| q.kind != "tbf"));
        /// ```
        fn unshape(link, call) -> Link {
            for way in link.unshape()? {
                call.step(|| queueing::qdisc_del(&way, ROOT));
            }
            Ok(link.clone())
        }

        /// Sets the link down and up again, once or several times, as a cable with a loose contact. With `meanwhile` it returns at once,
        /// and the link flaps while the script waits for something else, as what `lab::at` plans.
        ///
        /// Errors: `not-found` when the link is gone; `bad-argument`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ up: true }, b: #{ up: true } });
        /// pair.a.flap(#{ times: 2, down: "10ms", up: "10ms" });
        /// expect(pair.a.is_up);
        /// let events = events();
        /// pair.a.flap(#{ down: "10ms", meanwhile: true });
        /// events.wait("5s", |e| e.dev == "v0" && e.object == "link" && !e.data.is_up);
        /// events.wait("5s", |e| e.dev == "v0" && e.object == "link" && e.data.is_up);
        /// ```
        fn flap(link, call; opts: FLAP) -> Link {
            let times: u32 = opts.number("times", 1..=100_000)?.unwrap_or(1);
            let usual = Duration::from_millis(100);
            let (down, up) = (opts.duration("down")?.unwrap_or(usual), opts.duration("up")?.unwrap_or(usual));
            if opts.bool("meanwhile")?.unwrap_or(false) {
                for round in 0..times {
                    let begin = (down + up) * round;
                    plan_state(link, call, begin, false);
                    plan_state(link, call, begin + down, true);
                }
                return Ok(link.clone());
            }
            for round in 0..times {
                if round > 0 {
                    link.pause(up)?;
                }
                call.step(|| sentence::link_set(link, &Change { up: Some(false), ..Change::default() }));
                link.down()?;
                // Also when Ctrl-C ends the wait, the link is up again.
                let waited = link.pause(down);
                call.step(|| sentence::link_set(link, &Change { up: Some(true), ..Change::default() }));
                link.up()?;
                waited?;
            }
            Ok(link.clone())
        }
    );
}

/// Plans that a link is set up or down.
fn plan_state(link: &Link, call: &Call, after: Duration, up: bool) {
    let (link, session) = (link.clone(), call.session.clone());
    call.lab().plan(after, move || {
        let change = Change { up: Some(up), ..Change::default() };
        session.step(|| sentence::link_set(&link, &change));
        link.set(&change)
    });
}

fn register_properties(registry: &mut Registry) {
    properties!(registry, Qdisc;
        /// `netem`, `tbf`, `fq_codel`, `noqueue` …
        ///
        /// ```rhai
        /// expect(root.link("lo").qdisc.list()[0].kind == "noqueue");
        /// ```
        fn kind(qdisc, call) -> String { Ok(qdisc.state.kind.clone()) }

        /// Its handle, as `1:` or `1:10`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("tbf", #{ rate: "8mbit", handle: "7:" });
        /// expect(pair.a.qdisc.list()[0].handle == "7:");
        /// ```
        fn handle(qdisc, call) -> String {
            Ok(if qdisc.state.handle == 0 { "0:".to_string() } else { handle_text(qdisc.state.handle) })
        }

        /// What it hangs on: `root`, `ingress`, or a class.
        ///
        /// ```rhai
        /// expect(root.link("lo").qdisc.list()[0].parent == "root");
        /// ```
        fn parent(qdisc, call) -> String { Ok(handle_text(qdisc.state.parent)) }

        /// The name of its link.
        ///
        /// ```rhai
        /// expect(root.link("lo").qdisc.list()[0].dev == "lo");
        /// ```
        fn dev(qdisc, call) -> String { Ok(qdisc.dev.clone()) }

        /// Its options: a map with the names that `qdisc.add` takes; times in milliseconds, shares in percent, rates in bit/s.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("pfifo", #{ limit: 10 });
        /// expect(pair.a.qdisc.list()[0].options == #{ limit: 10 });
        /// ```
        fn options(qdisc, call) -> Map { Ok(options(qdisc)) }

        /// What went through and what did not: a map of `packets`, `bytes`, `dropped`, `waiting` (packets) and `waiting_bytes`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("pfifo", #{ limit: 10 });
        /// expect(pair.a.qdisc.list()[0].stats.dropped == 0);
        /// ```
        fn stats(qdisc, call) -> Map {
            let state = &qdisc.state;
            let fields = [
                ("packets", state.sent.0), ("bytes", state.sent.1), ("dropped", state.dropped),
                ("waiting", state.backlog.0), ("waiting_bytes", state.backlog.1),
            ];
            Ok(fields.into_iter().map(|(name, count)| (name.into(), count.cast_signed().into())).collect())
        }
    );
    properties!(registry, Link;
        /// Its queueing disciplines: `link.qdisc.add("tbf", #{ rate: "8mbit" })`.
        ///
        /// ```rhai
        /// expect(root.link("lo").qdisc.list().len() == 1);
        /// ```
        fn qdisc(link, call) -> Qdiscs { Ok(Qdiscs { netns: link.netns(), link: Some(link.clone()) }) }
    );
    properties!(registry, Netns;
        /// Its queueing disciplines: `ns.qdisc.list()`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// print(blue.qdisc.list());
        /// ```
        fn qdisc(netns, call) -> Qdiscs { Ok(Qdiscs { netns: netns.clone(), link: None }) }
    );
}
