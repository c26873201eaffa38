//! The options of disciplines and classes: read from the words of `tc`, and told as it tells them. Each family of kinds has a file.

mod bucket;
mod cake;
mod fair;
mod fifo;
mod hfsc;
mod netem;
mod pie;
mod plain;
mod red;
mod sfq;
mod share;
mod timed;

use super::super::Run;
use super::super::options::Options;
use super::super::output::{Fields, Value};
use super::super::stop::{Result, Stop};
use super::super::words::{Words, number as whole};
pub(super) use timed::{clock, clock_text};

use super::illegal;
use super::number::{rate_text, significant, time_text};
use crate::kernel::attr;
use crate::kernel::qdisc::{Spec, TCA_OPTIONS};

const TCA_XSTATS: u16 = 4;
const TCA_STATS2: u16 = 7;
const STATS_APP: u16 = 4;

/// Returns the attribute of the options: younger kinds insist on its saying that it holds attributes (NLA_F_NESTED, linux/netlink.h).
pub(super) fn attribute(name: &str) -> u16 {
    const NESTED: u16 = 0x8000;
    if matches!(name, "ets" | "fq_pie") { TCA_OPTIONS | NESTED } else { TCA_OPTIONS }
}

/// Reads the options of a discipline; nothing where the kernel is to take its own.
pub(super) fn read(run: &mut Run<'_>, dev: Option<&str>, name: &str, words: &mut Words<'_>) -> Result<Option<Vec<u8>>> {
    Ok(match name {
        "netem" => Spec::Netem(Box::new(netem::read(words)?)).options(),
        "tbf" => Spec::Tbf(bucket::tbf(words, dev)?).options(),
        "hfsc" => Spec::Hfsc(hfsc::hfsc(words)?).options(),
        "pfifo" | "pfifo_head_drop" => Spec::Fifo("pfifo", fifo::fifo(words, name, count)?).options(),
        "bfifo" => Spec::Fifo("bfifo", fifo::fifo(words, name, super::number::size)?).options(),
        "skbprio" => fifo::skbprio(words)?,
        "plug" => fifo::plug(words)?,
        "drr" | "qfq" | "ingress" => share::nothing(words, name)?,
        "htb" => Some(bucket::htb(words)?),
        "prio" => Some(fifo::prio(words)?),
        "multiq" => Some(fifo::multiq(words)?),
        "sfq" => Some(sfq::read(words)?),
        "codel" => Some(fair::codel(words)?),
        "fq_codel" => Some(fair::fq_codel(words)?),
        "fq" => Some(fair::fq(words)?),
        "cake" => Some(cake::read(words)?),
        "red" => Some(red::red(run, words)?),
        "gred" => Some(red::gred(run, words)?),
        "choke" => Some(red::choke(run, words)?),
        "sfb" => Some(red::sfb(words)?),
        "pie" => Some(pie::pie(words)?),
        "fq_pie" => Some(pie::fq_pie(words)?),
        "hhf" => Some(pie::hhf(words)?),
        "ets" => Some(share::ets(words)?),
        "dsmark" => Some(share::dsmark(words)?),
        "cbs" => Some(timed::cbs(words)?),
        "etf" => Some(timed::etf(words)?),
        "mqprio" => Some(timed::mqprio(words)?),
        "taprio" => Some(timed::taprio(words)?),
        _ => match words.take() {
            None => None,
            Some(option) => return Err(Stop::wrong(format!("Unknown qdisc \"{name}\", hence option \"{option}\" is unparsable"))),
        },
    })
}

/// Reads the options of a class.
pub(super) fn read_class(dev: Option<&str>, name: &str, words: &mut Words<'_>) -> Result<Vec<u8>> {
    match name {
        "htb" => bucket::htb_class(words, dev),
        "hfsc" => hfsc::class(words),
        "drr" => share::drr_class(words),
        "qfq" => share::qfq_class(words),
        "ets" => share::ets_class(words),
        "dsmark" => share::dsmark_class(words),
        other => Err(Stop::wrong(format!("Error: Qdisc \"{other}\" is classless."))),
    }
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

fn float(number: f64) -> Value {
    Value::Raw(significant(number, 6))
}

fn rate(fields: &mut Fields, key: &str, bits: u64, options: &Options, before: &str, after: &str) {
    fields.both(key, bits / 8, format!("{before}{}{after}", rate_text(bits, options.iec)));
}

fn time(fields: &mut Fields, key: &str, micros: u32) {
    fields.both(key, micros, format!("{key} {} ", time_text(micros.into())));
}

/// Reads a share from 0 to 1, as C's scanf does; nothing where it is none.
fn probability(text: &str) -> Option<f64> {
    text.parse::<f64>().ok()
}

/// Returns numbers as they stand in a structure.
fn structure(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
}

/// The options of a discipline.
pub(super) fn told(options: &Options, name: &str, bytes: &[u8]) -> Fields {
    let mut fields = Fields::new();
    let number = |kind: u16| attr::find(bytes, kind).map(|value| attr::number(value) as u32);
    match name {
        "netem" => netem::told(&mut fields, bytes, options),
        "tbf" => bucket::tbf_told(&mut fields, bytes, options),
        "htb" => bucket::htb_told(&mut fields, bytes, options),
        "hfsc" => hfsc::told(&mut fields, bytes),
        "prio" | "pfifo_fast" | "pfifo" | "pfifo_head_drop" | "bfifo" | "multiq" | "skbprio" => fifo::told(&mut fields, name, bytes),
        "sfq" => sfq::told(&mut fields, bytes, options),
        "ingress" => fields.text("---------------- "),
        "fq_codel" | "codel" => fair::codel_told(&mut fields, name, &number),
        "fq" => fair::fq_told(&mut fields, &number, options),
        "cake" => cake::told(&mut fields, bytes, options),
        "red" => red::red_told(&mut fields, bytes, options),
        "gred" => red::gred_told(&mut fields, bytes, options),
        "choke" => red::choke_told(&mut fields, bytes, options),
        "sfb" => red::sfb_told(&mut fields, bytes),
        "pie" => pie::pie_told(&mut fields, &number),
        "fq_pie" => pie::fq_pie_told(&mut fields, &number),
        "hhf" => pie::hhf_told(&mut fields, &number),
        "ets" => share::ets_told(&mut fields, bytes),
        "cbs" => timed::cbs_told(&mut fields, bytes),
        "etf" => timed::etf_told(&mut fields, bytes),
        "mqprio" => timed::mqprio_told(&mut fields, bytes, options),
        "taprio" => timed::taprio_told(&mut fields, bytes),
        _ => {}
    }
    fields
}

/// What a discipline counts of its own.
pub(super) fn counts(fields: &mut Fields, name: &str, attributes: &[u8], options: &Options) {
    let app = attr::find(attributes, TCA_STATS2).and_then(|stats| attr::find(stats, STATS_APP));
    let Some(bytes) = app.or_else(|| attr::find(attributes, TCA_XSTATS)) else { return };
    match name {
        "fq_codel" | "codel" => fair::codel_counts(fields, name, bytes),
        "cake" => cake::counts(fields, bytes, options),
        "red" => red::counts(fields, bytes, &["marked", "early", "pdrop", "other"]),
        "choke" => red::counts(fields, bytes, &["marked", "early", "pdrop", "other", "matched"]),
        "sfb" => red::sfb_counts(fields, bytes),
        "pie" => pie::pie_counts(fields, bytes),
        "fq_pie" => pie::fq_pie_counts(fields, bytes),
        "hhf" => pie::hhf_counts(fields, bytes),
        _ => {}
    }
}

/// The options of a class, and what it counts.
pub(super) fn class(options: &Options, name: &str, bytes: &[u8], attributes: &[u8]) -> (Fields, Fields) {
    let (mut fields, mut more) = (Fields::new(), Fields::new());
    let app = attr::find(attributes, TCA_STATS2).and_then(|stats| attr::find(stats, STATS_APP));
    let counts = app.or_else(|| attr::find(attributes, TCA_XSTATS)).unwrap_or_default();
    match name {
        "htb" => bucket::class_told(&mut fields, &mut more, bytes, counts, options),
        "hfsc" => hfsc::class_told(&mut fields, &mut more, bytes, counts, options),
        "drr" => share::drr_told(&mut fields, &mut more, bytes, counts),
        "qfq" => share::qfq_told(&mut fields, bytes),
        "ets" => share::ets_class_told(&mut fields, bytes),
        _ => {}
    }
    (fields, more)
}
