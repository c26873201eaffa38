//! Service curves: hfsc and its classes (tc-hfsc(8)).

use super::super::number::{rate_text, time_text};
use super::super::{number, what_is};
use super::value;
use crate::iproute::program::options::Options;
use crate::iproute::program::output::Fields;
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::Words;
use crate::kernel::attr;
use crate::kernel::qdisc::{ClassSpec, Curve, Curves};

const HFSC: &str = "hfsc [ default CLASSID ]; class: hfsc { sc | rt | ls } CURVE [ ul CURVE ]";

pub(super) fn hfsc(words: &mut Words<'_>) -> Result<u16> {
    let mut default = 0;
    while let Some(word) = words.take() {
        match word {
            "default" => default = value(words, "default", |text| u16::from_str_radix(text, 16).ok())?,
            other => return Err(what_is(other, HFSC)),
        }
    }
    Ok(default)
}

pub(super) fn class(words: &mut Words<'_>) -> Result<Vec<u8>> {
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
    Ok(ClassSpec::Hfsc(curves).options())
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

pub(super) fn told(fields: &mut Fields, bytes: &[u8]) {
    let default = attr::number(bytes.get(..2).unwrap_or_default());
    if default != 0 {
        fields.both("default", format!("{default:x}"), format!("default {default:x} "));
    }
}

/// The curves of a class, and what it counts.
pub(super) fn class_told(fields: &mut Fields, more: &mut Fields, bytes: &[u8], counts: &[u8], options: &Options) {
    let curve = |kind| attr::find(bytes, kind).map(Curve::read);
    let mut put = |word: &str, curve: Curve| {
        let (first, then) = (rate_text(curve.first, options.iec), rate_text(curve.then, options.iec));
        fields.both(
            word,
            format!("m1 {first} d {}us m2 {then}", curve.micros),
            format!("{word} m1 {first} d {} m2 {then} ", time_text(curve.micros.into())),
        );
    };
    match (curve(1), curve(2)) {
        (Some(real), Some(share)) if real == share => put("sc", real),
        (real, share) => {
            real.into_iter().for_each(|curve| put("rt", curve));
            share.into_iter().for_each(|curve| put("ls", curve));
        }
    }
    curve(3).into_iter().for_each(|curve| put("ul", curve));
    if counts.len() >= 24 {
        let wide = |place: usize| attr::number(counts.get(place..place + 8).unwrap_or_default());
        more.text(format!(" period {} ", attr::u32_at(counts, 16)));
        let some = |word: &str, bytes: u64| if bytes == 0 { String::new() } else { format!("{word} {bytes} bytes ") };
        more.text(some("work", wide(0)) + some("rtwork", wide(8)).as_str());
        more.text(format!("level {} \n", attr::u32_at(counts, 20)));
    }
}
