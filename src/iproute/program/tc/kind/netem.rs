//! A bad wire: netem (tc-netem(8)).

use super::super::number::{nanos_text, share_text, time_text};
use super::super::{illegal, number, what_is};
use super::{count, value};
use super::{float, number_next, optional, rate};
use crate::iproute::program::options::Options;
use crate::iproute::program::output::Fields;
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::{Words, begins, number as whole};
use crate::kernel::qdisc::{Distribution, Netem, Slot};
use std::time::Duration;

const NETEM: &str = "netem [ limit PACKETS ] [ delay TIME [ JITTER [ CORRELATION ] ] ] [ distribution NAME ] [ loss ... ] [ ecn ] \
[ corrupt PERCENT ] [ duplicate PERCENT ] [ reorder PERCENT ] [ gap DISTANCE ] [ rate RATE ] [ slot ... ] [ seed SEED ]";

pub(super) fn read(words: &mut Words<'_>) -> Result<Netem> {
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

pub(super) fn told(fields: &mut Fields, bytes: &[u8], options: &Options) {
    let netem = Netem::read(bytes);
    let limit = netem.limit.unwrap_or(0);
    fields.both("limit", limit, format!("limit {limit}"));
    // tc tells times as the kernel's ticks of 64 ns are in whole microseconds.
    let micros = |span: Option<std::time::Duration>| span.map_or(0, |span| ((span.as_nanos() / 64) as f64 / 15.625) as u64);
    let (delay, jitter) = (micros(netem.delay), micros(netem.jitter));
    if delay > 0 {
        let mut inner = Fields::new();
        inner.both("delay", float(delay as f64 / 1e6), format!(" delay {}", time_text(delay as f64)));
        let text = if jitter > 0 { format!("  {}", time_text(jitter as f64)) } else { String::new() };
        inner.both("jitter", float(jitter as f64 / 1e6), text);
        let correlation = netem.delay_correlation.filter(|_| jitter > 0);
        correlated(&mut inner, correlation);
        fields.object("delay", inner);
    }
    if let Some(share) = netem.loss.filter(|share| *share > 0.0) {
        let mut inner = Fields::new();
        inner.both("loss", float(share), format!(" loss {}", share_text(share)));
        correlated(&mut inner, netem.loss_correlation);
        fields.object("loss-random", inner);
    }
    let chain = |fields: &mut Fields, key: &str, word: &str, names: &[&str], shares: &[f64]| {
        let mut inner = Fields::new();
        inner.text(format!(" loss {word}"));
        for (name, share) in names.iter().zip(shares) {
            inner.both(*name, float(*share), format!(" {name} {}", share_text(*share)));
        }
        fields.object(key, inner);
    };
    if let Some(state) = netem.state {
        chain(fields, "loss-state", "state", &["p13", "p31", "p32", "p23", "p14"], &state);
    }
    if let Some(model) = netem.gemodel {
        chain(fields, "loss-gemodel", "gemodel", &["p", "r", "1-h", "1-k"], &model);
    }
    let mut shared = |key: &str, share: Option<f64>, correlation: Option<f64>| {
        if let Some(share) = share.filter(|share| *share > 0.0) {
            let mut inner = Fields::new();
            inner.both(key, float(share), format!(" {key} {}", share_text(share)));
            correlated(&mut inner, correlation);
            fields.object(key, inner);
        }
    };
    shared("duplicate", netem.duplicate, netem.duplicate_correlation);
    shared("reorder", netem.reorder, netem.reorder_correlation);
    shared("corrupt", netem.corrupt, netem.corrupt_correlation);
    if let Some(bits) = netem.rate {
        let (packet, cell, per_cell) = netem.rate_overhead;
        let mut inner = Fields::new();
        rate(&mut inner, "rate", bits, options, " rate ", "");
        let some = |key: &str, value: i64| if value == 0 { String::new() } else { format!(" {key} {value}") };
        inner.both("packetoverhead", packet, some("packetoverhead", packet.into()));
        inner.both("cellsize", cell, some("cellsize", cell.into()));
        inner.both("celloverhead", per_cell, some("celloverhead", per_cell.into()));
        fields.object("rate", inner);
    }
    if let Some(slot) = &netem.slot {
        let (first, second) = (slot.times.0.as_nanos() as u64, slot.times.1.as_nanos() as u64);
        let names = if slot.distribution.is_some() { ("distribution", "jitter") } else { ("min-delay", "max-delay") };
        let word = if slot.distribution.is_some() { "slot distribution" } else { "slot" };
        let mut inner = Fields::new();
        inner.both(names.0, float(first as f64 / 1e9), format!(" {word} {}", nanos_text(first)));
        inner.both(names.1, float(second as f64 / 1e9), format!(" {}", nanos_text(second)));
        let some = |key: &str, value: u32| if value == 0 { String::new() } else { format!(" {key} {value}") };
        inner.both("packets", slot.packets, some("packets", slot.packets));
        inner.both("bytes", slot.bytes, some("bytes", slot.bytes));
        fields.object("slot", inner);
    }
    if let Some(seed) = netem.seed {
        fields.both("seed", seed, format!(" seed {seed}"));
    }
    fields.both("ecn", netem.ecn, if netem.ecn { " ecn " } else { "" });
    let gap = netem.gap.unwrap_or(0);
    fields.both("gap", gap, if gap > 0 { format!(" gap {gap}") } else { String::new() });
}

fn correlated(fields: &mut Fields, correlation: Option<f64>) {
    let text = correlation.map(|share| format!(" {}", share_text(share))).unwrap_or_default();
    fields.both("correlation", float(correlation.unwrap_or(0.0)), text);
}
