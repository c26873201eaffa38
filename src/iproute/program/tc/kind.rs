//! The options of each discipline and class, read from the words of `tc` (tc-tbf(8), tc-htb(8), tc-netem(8) …).

use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins, number as whole};
use super::{illegal, number, what_is};
use crate::kernel::field::{Form, Say, Setting, Value, Width};
use crate::kernel::qdisc::{Class, ClassSpec, Curve, Curves, Distribution, Htb, Netem, PLAIN, Plain, Prio, Rate, Sfq, Slot, Spec, Tbf};
use std::time::Duration;

const TBF: &str = "tbf rate RATE burst BYTES { latency TIME | limit BYTES } [ peakrate RATE mtu BYTES ] [ mpu BYTES ] [ overhead BYTES ] [ linklayer TYPE ]";
const NETEM: &str = "netem [ limit PACKETS ] [ delay TIME [ JITTER [ CORRELATION ] ] ] [ distribution NAME ] [ loss ... ] [ ecn ] \
[ corrupt PERCENT ] [ duplicate PERCENT ] [ reorder PERCENT ] [ gap DISTANCE ] [ rate RATE ] [ slot ... ] [ seed SEED ]";
const HTB: &str = "qdisc add ... htb [ default N ] [ r2q N ] [ direct_qlen P ]\n... class add ... htb rate RATE [ ceil RATE ] [ burst BYTES ] \
[ cburst BYTES ] [ prio N ] [ quantum BYTES ] [ mtu BYTES ] [ mpu BYTES ] [ overhead BYTES ] [ linklayer TYPE ]";
const FIFO: &str = "<[p|b]fifo | pfifo_head_drop> [ limit NUMBER ]";
const PRIO: &str = "prio [ bands NUMBER ] [ priomap P1 P2 ... ]";
const SFQ: &str =
    "sfq [ limit NUMBER ] [ perturb SECS ] [ quantum BYTES ] [ divisor NUMBER ] [ depth FLOWS ] [ flows NUMBER ] [ headdrop ]";
const HFSC: &str = "hfsc [ default CLASSID ]; class: hfsc { sc | rt | ls } CURVE [ ul CURVE ]";

/// Reads the options of a discipline; nothing where the kernel is to take its own.
pub(super) fn read(name: &str, words: &mut Words<'_>) -> Result<Option<Vec<u8>>> {
    let spec = match name {
        "netem" => Spec::Netem(Box::new(netem(words)?)),
        "tbf" => Spec::Tbf(tbf(words)?),
        "htb" => Spec::Htb(htb(words)?),
        "hfsc" => Spec::Hfsc(hfsc(words)?),
        "prio" => Spec::Prio(prio(words)?),
        "sfq" => Spec::Sfq(sfq(words)?),
        "pfifo" | "pfifo_head_drop" => {
            Spec::Fifo("pfifo", fifo(words, name, |text| whole(text).and_then(|number| u32::try_from(number).ok()))?)
        }
        "bfifo" => Spec::Fifo("bfifo", fifo(words, name, number::size)?),
        "basic" | "bpf" => return Err(Stop::wrong(format!("labsh's tc has no \"{name}\""))),
        other => match PLAIN.iter().find(|plain| plain.name == other).filter(|plain| !plain.fields.is_empty()) {
            Some(plain) => Spec::Plain(plain, settings(words, plain)?),
            None => {
                return match words.take() {
                    None => Ok(None),
                    Some(option) => Err(Stop::wrong(format!("Unknown qdisc \"{name}\", hence option \"{option}\" is unparsable"))),
                };
            }
        },
    };
    Ok(spec.options())
}

/// Reads the options of a class.
pub(super) fn read_class(name: &str, words: &mut Words<'_>) -> Result<Vec<u8>> {
    let class = match name {
        "htb" => ClassSpec::Htb(htb_class(words)?),
        "hfsc" => ClassSpec::Hfsc(curves(words)?),
        "drr" => {
            let mut quantum = None;
            while let Some(word) = words.take() {
                match word {
                    "quantum" => quantum = Some(value(words, "quantum", number::size)?),
                    other => return Err(what_is(other, "drr [ quantum SIZE ]")),
                }
            }
            ClassSpec::Drr(quantum)
        }
        "qfq" => {
            let (mut weight, mut largest) = (None, None);
            while let Some(word) = words.take() {
                match word {
                    "weight" => weight = Some(value(words, "weight", |text| whole(text).and_then(|n| u32::try_from(n).ok()))?),
                    "maxpkt" => largest = Some(value(words, "maxpkt", |text| whole(text).and_then(|n| u32::try_from(n).ok()))?),
                    other => return Err(what_is(other, "qfq [ weight N ] [ maxpkt N ]")),
                }
            }
            ClassSpec::Qfq(weight, largest)
        }
        other => return Err(Stop::wrong(format!("Error: Qdisc \"{other}\" is classless."))),
    };
    Ok(class.options())
}

fn value<T>(words: &mut Words<'_>, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<T> {
    read(words.value()?).ok_or_else(|| illegal(name))
}

fn count(text: &str) -> Option<u32> {
    whole(text).and_then(|number| u32::try_from(number).ok())
}

/// Whether the next word begins as a number.
fn number_next(words: &Words<'_>) -> bool {
    words.peek().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

/// The next word if it begins as a number.
fn optional<T>(words: &mut Words<'_>, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
    if number_next(words) { value(words, name, read).map(Some) } else { Ok(None) }
}

fn fifo(words: &mut Words<'_>, name: &str, read: impl Fn(&str) -> Option<u32>) -> Result<Option<u32>> {
    let mut limit = None;
    while let Some(word) = words.take() {
        match word {
            "limit" => {
                let text = words.value()?;
                limit = Some(read(text).ok_or_else(|| Stop::wrong(format!("{name}: Illegal value for \"limit\": \"{text}\"")))?);
            }
            other => return Err(Stop::wrong(format!("{name}: unknown parameter \"{other}\"\nUsage: ... {FIFO}"))),
        }
    }
    Ok(limit)
}

fn linklayer(text: &str) -> Option<bool> {
    match text {
        "ethernet" => Some(false),
        "atm" | "adsl" => Some(true),
        _ => None,
    }
}

fn tbf(words: &mut Words<'_>) -> Result<Tbf> {
    let mut rate = Rate::default();
    let (mut bits, mut peak, mut burst, mut mtu, mut limit, mut latency) = (None, None, None, None, None, None);
    // A size may have the size of a cell behind a slash, which today's kernels do not need.
    let bucket = |text: &str| number::size(text.split('/').next().unwrap_or_default());
    while let Some(word) = words.take() {
        let name = match word {
            "buffer" | "burst" | "maxburst" => "burst",
            "mtu" | "minburst" => "mtu",
            other => other,
        };
        if !["limit", "latency", "burst", "mtu", "mpu", "rate", "peakrate", "overhead", "linklayer"].contains(&name) {
            return Err(Stop::wrong(format!("tbf: unknown parameter \"{word}\"\nUsage: ... {TBF}")));
        }
        let text = words.value()?;
        let twice = || Stop::wrong(format!("tbf: duplicate \"{word}\" specification"));
        let wrong = || Stop::wrong(format!("tbf: illegal value for \"{word}\": \"{text}\""));
        let only = |full: bool| if full { Err(twice()) } else { Ok(()) };
        match name {
            "limit" | "latency" if limit.is_some() || latency.is_some() => {
                if name == "limit" && limit.is_some() || name == "latency" && latency.is_some() {
                    return Err(twice());
                }
                return Err(Stop::wrong("tbf: specifying both \"limit\" and \"/latency\" is not allowed"));
            }
            "limit" => limit = Some(number::size(text).ok_or_else(wrong)?),
            "latency" => latency = Some(number::time(text, 1e3).ok_or_else(wrong)? / 1000),
            "burst" => {
                only(burst.is_some())?;
                burst = Some(bucket(text).ok_or_else(wrong)?);
            }
            "mtu" => {
                only(mtu.is_some())?;
                mtu = Some(bucket(text).ok_or_else(wrong)?);
            }
            "rate" => {
                only(bits.is_some())?;
                bits = Some(number::rate(text).ok_or_else(wrong)?);
            }
            "peakrate" => {
                only(peak.is_some())?;
                peak = Some(number::rate(text).ok_or_else(wrong)?);
            }
            "mpu" => rate.mpu = number::size(text).and_then(|size| u16::try_from(size).ok()).ok_or_else(wrong)?,
            "overhead" => rate.overhead = number::size(text).and_then(|size| u16::try_from(size).ok()).ok_or_else(wrong)?,
            _ => rate.atm = linklayer(text).ok_or_else(wrong)?,
        }
    }
    let mut missing = String::new();
    // 0 is as good as nothing.
    let (bits, burst) = (bits.filter(|bits| *bits > 0), burst.filter(|burst| *burst > 0));
    for (name, lacks) in [("rate", bits.is_none()), ("burst", burst.is_none())] {
        if lacks {
            missing += &format!("tbf: the \"{name}\" parameter is mandatory.\n");
        }
    }
    if peak.is_some() && mtu.is_none() {
        missing += "tbf: when \"peakrate\" is specified, \"mtu\" must also be specified.\n";
    }
    if limit.is_none() && latency.is_none() {
        missing += "tbf: either \"limit\" or \"latency\" is required.\n";
    }
    if !missing.is_empty() {
        return Err(Stop::wrong(format!("{missing}Usage: ... {TBF}")));
    }
    let rate = Rate { bits: bits.unwrap_or(0), ..rate };
    let peak = peak.map(|bits| (Rate { bits, ..rate }, mtu.unwrap_or(0)));
    let burst = burst.unwrap_or(0);
    let limit = limit.unwrap_or_else(|| {
        let latency = latency.unwrap_or(0) as f64;
        let waits = |rate: Rate, bucket: u32| rate.bytes() as f64 * latency / 1e6 + f64::from(bucket);
        peak.map_or(waits(rate, burst), |(peak, mtu)| waits(rate, burst).min(waits(peak, mtu))) as u32
    });
    Ok(Tbf { rate, burst, limit, peak })
}

fn htb(words: &mut Words<'_>) -> Result<Htb> {
    let usage = |stop: Stop| Stop { text: format!("{}Usage: ... {HTB}\n", stop.text), ..stop };
    let mut htb = Htb::default();
    while let Some(word) = words.take() {
        match word {
            // The classid of another major number is taken for its minor one.
            "default" => {
                let text = words.value()?;
                let minor = text.rsplit(':').next().unwrap_or_default();
                htb.default = u32::from_str_radix(minor.strip_prefix("0x").unwrap_or(minor), 16).map_err(|_| usage(illegal("default")))?;
            }
            "r2q" => htb.r2q = value(words, "r2q", |text| text.parse().ok()).map_err(usage)?,
            "direct_qlen" => htb.direct_qlen = Some(value(words, "direct_qlen", count).map_err(usage)?),
            "offload" => return Err(Stop::wrong("labsh's tc has no \"offload\"")),
            other => return Err(what_is(other, HTB)),
        }
    }
    Ok(htb)
}

fn htb_class(words: &mut Words<'_>) -> Result<Class> {
    let usage = |stop: Stop| if stop.status == 1 { Stop { text: format!("{}Usage: ... {HTB}\n", stop.text), ..stop } } else { stop };
    let mut layer = Rate::default();
    let mut class = Class::default();
    let (mut rate, mut ceil, mut burst, mut cburst, mut mtu) = (None, None, None, None, 1600);
    let bucket = |text: &str| number::size(text.split('/').next().unwrap_or_default());
    while let Some(word) = words.take() {
        match word {
            "rate" => {
                let bits = value(words, "rate", number::rate).map_err(usage)?;
                if rate.replace(bits).is_some() {
                    return Err(usage(Stop::wrong("Double \"rate\" spec")));
                }
            }
            "ceil" => {
                let bits = value(words, "ceil", number::rate).map_err(usage)?;
                if ceil.replace(bits).is_some() {
                    return Err(usage(Stop::wrong("Double \"ceil\" spec")));
                }
            }
            "burst" | "buffer" | "maxburst" => burst = Some(value(words, "burst", bucket).map_err(usage)?),
            "cburst" | "cbuffer" | "cmaxburst" => cburst = Some(value(words, "cburst", bucket).map_err(usage)?),
            "prio" => class.prio = value(words, "prio", count).map_err(usage)?,
            "quantum" => class.quantum = value(words, "quantum", number::size).map_err(usage)?,
            "mtu" => mtu = value(words, "mtu", count).map_err(usage)?,
            "mpu" => layer.mpu = value(words, "mpu", |text| text.parse().ok()).map_err(usage)?,
            "overhead" => layer.overhead = value(words, "overhead", |text| text.parse().ok()).map_err(usage)?,
            "linklayer" => layer.atm = value(words, "linklayer", linklayer).map_err(usage)?,
            other => return Err(what_is(other, HTB)),
        }
    }
    let bits = rate.ok_or_else(|| Stop::wrong("\"rate\" is required."))?;
    class.rate = Rate { bits, ..layer };
    class.ceil = Rate { bits: ceil.unwrap_or(bits), ..layer };
    // What goes in one tick of the kernel's clock, which is 1 ns, and a packet.
    let usual = |rate: Rate| (rate.bytes() / 1_000_000_000) as u32 + mtu;
    class.burst = burst.unwrap_or_else(|| usual(class.rate));
    class.cburst = cburst.unwrap_or_else(|| usual(class.ceil));
    Ok(class)
}

fn hfsc(words: &mut Words<'_>) -> Result<u16> {
    let mut default = 0;
    while let Some(word) = words.take() {
        match word {
            "default" => default = value(words, "default", |text| u16::from_str_radix(text, 16).ok())?,
            other => return Err(what_is(other, HFSC)),
        }
    }
    Ok(default)
}

fn curves(words: &mut Words<'_>) -> Result<Curves> {
    let mut curves = Curves::default();
    while let Some(word) = words.take() {
        let curve = match word {
            "sc" | "rt" | "ls" | "ul" => curve(words)?,
            other => return Err(what_is(other, HFSC)),
        };
        match word {
            "sc" => (curves.real_time, curves.link_share) = (Some(curve), Some(curve)),
            "rt" => curves.real_time = Some(curve),
            "ls" => curves.link_share = Some(curve),
            _ => curves.upper_limit = Some(curve),
        }
    }
    if curves.real_time.is_none() && curves.link_share.is_none() {
        return Err(Stop::wrong("HFSC: no curve specified"));
    }
    Ok(curves)
}

/// `[ m1 RATE d TIME ] m2 RATE`, or `[ umax BYTES dmax TIME ] rate RATE`.
fn curve(words: &mut Words<'_>) -> Result<Curve> {
    let mut curve = Curve::default();
    let (mut largest, mut within) = (None, None);
    while let Some(word) = words.peek() {
        words.take();
        match word {
            "m1" => curve.first = value(words, "m1", number::rate)?,
            "d" => curve.micros = value(words, "d", |text| number::time(text, 1e3))?.div_euclid(1000) as u32,
            "m2" | "rate" => curve.then = value(words, word, number::rate)?,
            "umax" => largest = Some(value(words, "umax", number::size)?),
            "dmax" => within = Some(value(words, "dmax", |text| number::time(text, 1e3))? / 1000),
            _ => {
                words.back();
                break;
            }
        }
    }
    if let (Some(largest), Some(within)) = (largest, within) {
        // tc-hfsc(7): a packet of umax is through within dmax.
        let needed = (f64::from(largest) * 1e6 / within as f64).ceil() as u64 * 8;
        if needed > curve.then {
            (curve.first, curve.micros) = (needed, within as u32);
        } else {
            let late = (f64::from(largest) * 1e6 / (curve.then / 8).max(1) as f64).ceil() as u64;
            (curve.first, curve.micros) = (0, within.saturating_sub(late) as u32);
        }
    }
    Ok(curve)
}

fn prio(words: &mut Words<'_>) -> Result<Prio> {
    let mut prio = Prio::default();
    let mut bands = None;
    while let Some(word) = words.take() {
        match word {
            "bands" => bands = Some(value(words, "bands", |text| text.parse().ok())?),
            "priomap" => {
                let mut at = 0;
                while let Some(band) = words.peek() {
                    let Some(number) = band.parse::<u8>().ok() else {
                        return Err(Stop::wrong("Illegal \"priomap\" element"));
                    };
                    if at >= prio.map.len() {
                        return Err(Stop::wrong("\"priomap\" index > TC_PRIO_MAX=15"));
                    }
                    if u32::from(number) > bands.unwrap_or(prio.bands) {
                        return Err(Stop::wrong("\"priomap\" element is out of bands"));
                    }
                    prio.map[at] = number;
                    at += 1;
                    words.take();
                }
            }
            other => return Err(what_is(other, PRIO)),
        }
    }
    Ok(Prio { bands: bands.unwrap_or(prio.bands), ..prio })
}

fn sfq(words: &mut Words<'_>) -> Result<Sfq> {
    let mut sfq = Sfq::default();
    while let Some(word) = words.take() {
        match word {
            "quantum" => sfq.quantum = value(words, "quantum", number::size)?,
            "perturb" => sfq.perturb = value(words, "perturb", count)?,
            "limit" => sfq.limit = value(words, "limit", count)?,
            "divisor" => sfq.divisor = value(words, "divisor", count)?,
            "flows" => sfq.flows = value(words, "flows", count)?,
            "depth" => sfq.depth = value(words, "depth", count)?,
            "headdrop" => sfq.headdrop = true,
            other => return Err(what_is(other, SFQ)),
        }
    }
    Ok(sfq)
}

/// Reads the options of a discipline whose options are plain attributes.
fn settings(words: &mut Words<'_>, plain: &'static Plain) -> Result<Vec<Setting>> {
    let mut found: Vec<Setting> = Vec::new();
    while let Some(word) = words.take() {
        let bare = word.replace('-', "_");
        let by_word = plain.fields.iter().find(|field| field.word == word || (!field.word.is_empty() && field.word == bare));
        if let Some(field) = by_word {
            let value = match field.form {
                Form::Switch(_, Say::No) => Value::On(true),
                Form::Number(Width::U32, ..) => {
                    let text = words.value()?;
                    let number = text.parse::<i64>().ok().map(|number| number as u32).or_else(|| count(text));
                    Value::Number(number.ok_or_else(|| illegal(word))?.into())
                }
                Form::Log => Value::Number(value(words, word, count)?.into()),
                Form::Size(_) => Value::Number(value(words, word, number::size)?.into()),
                Form::Rate(_) => Value::Number(value(words, word, number::rate)?),
                Form::Time(..) => {
                    let nanos = value(words, word, |text| number::time(text, 1e3))?;
                    Value::Time(Duration::from_nanos(nanos))
                }
                _ => return Err(illegal(word)),
            };
            found.retain(|(known, _)| known.name != field.name);
            found.push((field, value));
            continue;
        }
        let off = word.strip_prefix("no").map(|rest| rest.trim_start_matches('-'));
        let switch = plain.fields.iter().find(|field| matches!(field.form, Form::Switch(_, Say::No)) && Some(field.word) == off);
        if let Some(field) = switch {
            found.push((field, Value::On(false)));
            continue;
        }
        let choice = plain.fields.iter().find_map(|field| match field.form {
            Form::Word(_, known) => known.iter().find(|(name, _)| *name == word).map(|(name, _)| (field, Value::Word(name))),
            _ => None,
        });
        if let Some(setting) = choice {
            found.retain(|(known, _)| known.name != setting.0.name);
            found.push(setting);
            continue;
        }
        special(&mut found, plain, word)?;
    }
    Ok(found)
}

/// Words that stand for values of other options (tc-cake(8), tc-fq(8)).
fn special(found: &mut Vec<Setting>, plain: &'static Plain, word: &str) -> Result {
    let mut put = |name: &str, value: Value| {
        if let Some(field) = plain.fields.iter().find(|field| field.name == name) {
            found.retain(|(known, _)| known.name != name);
            found.push((field, value));
        }
    };
    let rtt = |micros| Value::Time(Duration::from_micros(micros));
    match (plain.name, word) {
        ("cake", "unlimited") => put("bandwidth", Value::Number(0)),
        ("cake", "datacentre") => put("rtt", rtt(100)),
        ("cake", "lan") => put("rtt", rtt(1000)),
        ("cake", "metro") => put("rtt", rtt(10_000)),
        ("cake", "regional") => put("rtt", rtt(30_000)),
        ("cake", "internet") => put("rtt", rtt(100_000)),
        ("cake", "oceanic") => put("rtt", rtt(300_000)),
        ("cake", "satellite") => put("rtt", rtt(1_000_000)),
        ("cake", "interplanetary") => put("rtt", rtt(3_600_000_000)),
        ("cake", "ethernet") => put("overhead", Value::Number(38)),
        ("cake", "docsis") => {
            put("link_layer", Value::Word("noatm"));
            put("overhead", Value::Number(18));
            put("mpu", Value::Number(64));
        }
        (name, other) => {
            let takes: Vec<&str> = plain.fields.iter().map(|field| field.name).collect();
            return Err(what_is(other, &format!("{name} [ {} ]", takes.join(" ] [ "))));
        }
    }
    Ok(())
}

fn share(words: &mut Words<'_>, name: &str) -> Result<f64> {
    value(words, name, number::share)
}

fn distribution(name: &str) -> Result<Option<Distribution>> {
    Ok(match name {
        "uniform" => None,
        "normal" => Some(Distribution::Normal),
        "pareto" => Some(Distribution::Pareto),
        "paretonormal" => Some(Distribution::ParetoNormal),
        other => return Err(Stop::wrong(format!("No distribution data for {other} (uniform, normal, pareto and paretonormal are known)"))),
    })
}

fn netem(words: &mut Words<'_>) -> Result<Netem> {
    let mut netem = Netem::default();
    let time = |text: &str| number::time(text, 1.0).map(Duration::from_nanos);
    let (mut spread, mut correlated) = (false, false);
    while let Some(word) = words.take() {
        match word {
            _ if begins(word, "limit") => netem.limit = Some(value(words, "limit", number::size)?),
            _ if begins(word, "latency") || begins(word, "delay") => {
                netem.delay = Some(value(words, "latency", time)?);
                netem.jitter = optional(words, "latency", time)?;
                if netem.jitter.is_some() {
                    netem.delay_correlation = optional(words, "latency", number::share)?;
                    correlated |= netem.delay_correlation.is_some();
                }
            }
            _ if begins(word, "loss") || begins(word, "drop") => {
                if netem.loss.is_some() || netem.state.is_some() || netem.gemodel.is_some() {
                    return Err(illegal("duplicate loss argument\n"));
                }
                if number_next(words) {
                    netem.loss = Some(share(words, "loss percent")?);
                    netem.loss_correlation = optional(words, "loss correlation", number::share)?;
                    correlated |= netem.loss_correlation.is_some();
                } else {
                    loss(words, &mut netem)?;
                    correlated |= netem.loss_correlation.is_some();
                }
            }
            _ if begins(word, "ecn") => netem.ecn = true,
            _ if begins(word, "reorder") => {
                netem.reorder = Some(share(words, "reorder")?);
                netem.reorder_correlation = optional(words, "reorder", number::share)?;
            }
            _ if begins(word, "corrupt") => {
                netem.corrupt = Some(share(words, "corrupt")?);
                netem.corrupt_correlation = optional(words, "corrupt", number::share)?;
            }
            _ if begins(word, "gap") => netem.gap = Some(value(words, "gap", count)?),
            _ if begins(word, "duplicate") => {
                netem.duplicate = Some(share(words, "duplicate")?);
                netem.duplicate_correlation = optional(words, "duplicate", number::share)?;
            }
            _ if begins(word, "distribution") => {
                netem.distribution = distribution(words.value()?)?;
                spread = true;
            }
            _ if begins(word, "rate") => {
                netem.rate = Some(value(words, "rate", number::rate)?);
                let signed = |words: &Words<'_>| {
                    words.peek().is_some_and(|word| word.trim_start_matches(['-', '+']).starts_with(|c: char| c.is_ascii_digit()))
                };
                if signed(words) {
                    netem.rate_overhead.0 = value(words, "rate", |text| text.parse().ok())?;
                    if number_next(words) {
                        netem.rate_overhead.1 = value(words, "rate", count)?;
                        if signed(words) {
                            netem.rate_overhead.2 = value(words, "rate", |text| text.parse().ok())?;
                        }
                    }
                }
            }
            _ if begins(word, "slot") => netem.slot = Some(slot(words)?),
            _ if begins(word, "seed") => netem.seed = Some(value(words, "seed", whole)?),
            other => return Err(what_is(other, NETEM)),
        }
    }
    let needs = |text: &str| Err(Stop::wrong(format!("{text}\nUsage: ... {NETEM}")));
    if netem.reorder.is_some() && netem.delay.is_none() {
        return needs("reordering not possible without specifying some delay");
    }
    if netem.gap.is_some_and(|gap| gap > 0) && netem.reorder.is_none() {
        return needs("gap specified without reorder probability");
    }
    if netem.ecn && netem.loss.is_none() && netem.gemodel.is_none() && netem.state.is_none() {
        return needs("ecn requested without loss model");
    }
    if spread && (netem.delay.is_none() || netem.jitter.is_none()) {
        return needs("distribution specified but no latency and jitter values");
    }
    // tc sends the correlation of duplicates only beside one of another kind.
    if !correlated {
        netem.duplicate_correlation = None;
    }
    Ok(netem)
}

fn loss(words: &mut Words<'_>, netem: &mut Netem) -> Result {
    match words.value()? {
        "random" => {
            netem.loss = Some(share(words, "loss percent")?);
            netem.loss_correlation = optional(words, "loss correlation", number::share)?;
        }
        "state" => {
            let p13 = share(words, "loss p13")?;
            // tc-netem(8): alone, losses do not depend on each other.
            let mut state = [p13, 1.0 - p13, 0.0, 1.0, 0.0];
            for (at, name) in [(1, "loss p31"), (2, "loss p32"), (3, "loss p23"), (4, "loss p14")] {
                let Some(share) = optional(words, name, number::share)? else { break };
                state[at] = share;
            }
            netem.state = Some(state);
        }
        "gemodel" => {
            let p = share(words, "loss gemodel p")?;
            let mut model = [p, 1.0 - p, 1.0, 0.0];
            for (at, name) in [(1, "loss gemodel r"), (2, "loss gemodel h"), (3, "loss gemodel k")] {
                let Some(share) = optional(words, name, number::share)? else { break };
                model[at] = share;
            }
            netem.gemodel = Some(model);
        }
        other => return Err(Stop::wrong(format!("Unknown loss parameter: {other}"))),
    }
    Ok(())
}

fn slot(words: &mut Words<'_>) -> Result<Slot> {
    let time = |text: &str| number::time(text, 1.0).map(Duration::from_nanos);
    let mut slot = Slot::default();
    if number_next(words) {
        let shortest = value(words, "slot min_delay", time)?;
        slot.times = (shortest, optional(words, "slot max_delay", time)?.unwrap_or(shortest));
    } else {
        match words.value()? {
            "distribution" => {
                slot.distribution = distribution(words.value()?)?;
                slot.times = (value(words, "slot delay", time)?, value(words, "slot jitter", time)?);
            }
            other => return Err(Stop::wrong(format!("Unknown slot parameter: {other}"))),
        }
    }
    while let Some(word) = words.peek() {
        match word {
            "packets" => {
                words.take();
                slot.packets = value(words, "slot packets", count)?;
            }
            "bytes" => {
                words.take();
                slot.bytes = value(words, "slot bytes", number::size)?;
            }
            _ => break,
        }
    }
    Ok(slot)
}
