//! Classes that share by turns, and old ones that mark: ets, drr, qfq, dsmark (tc-ets(8), tc-drr(8)).

use super::super::number::size_text;
use super::super::{number, what_is};
use super::{count, value};
use crate::iproute::program::output::{Fields, Value};
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::{Words, number as whole};
use crate::kernel::attr::{self, Writer};
use crate::kernel::qdisc::ClassSpec;

const ETS: &str = "ets [ bands NUMBER ] [ strict NUMBER ] [ quanta Q1 Q2... ] [ priomap P1 P2... ]";
const DSMARK: &str = "dsmark indices INDICES [ default_index DEFAULT_INDEX ] [ set_tc_index ]";
/// TCQ_ETS_MAX_BANDS and the number of priorities (linux/pkt_sched.h).
const MOST_BANDS: usize = 16;

/// Reads the options of a discipline that has none.
pub(super) fn nothing(words: &mut Words<'_>, name: &str) -> Result<Option<Vec<u8>>> {
    match words.take() {
        None => Ok(None),
        Some(other) => Err(what_is(other, name)),
    }
}

pub(super) fn ets(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut bands, mut strict) = (None, None);
    let (mut quanta, mut map): (Vec<u32>, Vec<u8>) = (Vec::new(), Vec::new());
    let band = |words: &mut Words<'_>, name: &str| {
        let number = value(words, name, |text| text.parse::<u8>().ok())?;
        match usize::from(number) <= MOST_BANDS {
            true => Ok(number),
            false => Err(Stop::wrong(format!("The number of \"{name}\" must be <= {MOST_BANDS}"))),
        }
    };
    while let Some(word) = words.take() {
        let twice = |again: bool| if again { Err(Stop::wrong(format!("Duplicate \"{word}\""))) } else { Ok(()) };
        match word {
            "bands" => {
                twice(bands.is_some())?;
                bands = Some(band(words, "bands")?);
            }
            "strict" => {
                twice(strict.is_some())?;
                strict = Some(band(words, "strict")?);
            }
            "quanta" => {
                twice(!quanta.is_empty())?;
                while let Some(text) = words.peek().filter(|text| text.starts_with(|c: char| c.is_ascii_digit())) {
                    let size = number::size(text).ok_or_else(|| Stop::wrong("Illegal \"quanta\" element"))?;
                    if size == 0 {
                        return Err(Stop::wrong("\"quanta\" must be > 0"));
                    }
                    words.take();
                    quanta.push(size);
                }
            }
            "priomap" => {
                twice(!map.is_empty())?;
                while let Some(text) = words.peek().filter(|text| text.starts_with(|c: char| c.is_ascii_digit())) {
                    if map.len() == MOST_BANDS {
                        return Err(Stop::wrong(format!("\"priomap\" index cannot be higher than {}", MOST_BANDS - 1)));
                    }
                    map.push(text.parse().map_err(|_| Stop::wrong("Illegal \"priomap\" element"))?);
                    words.take();
                }
            }
            other => return Err(what_is(other, ETS)),
        }
    }
    let needed = usize::from(strict.unwrap_or(0)) + quanta.len();
    let total = match bands {
        Some(bands) => usize::from(bands),
        None => needed,
    };
    if total == 0 {
        return Err(Stop::wrong("One of \"bands\", \"quanta\" or \"strict\" needs to be specified"));
    }
    if needed > total {
        return Err(Stop::wrong("Not enough total bands to cover all the strict bands and quanta"));
    }
    if map.iter().any(|band| usize::from(*band) >= total) {
        return Err(Stop::wrong("\"priomap\" element is out of bounds"));
    }
    let mut writer = Writer::default();
    writer.u8(1, total as u8);
    if let Some(strict) = strict.filter(|strict| *strict != 0) {
        writer.u8(2, strict);
    }
    if !quanta.is_empty() {
        writer.nest(3, |list| quanta.iter().for_each(|quantum| list.u32(4, *quantum)));
    }
    if !map.is_empty() {
        writer.nest(5, |list| map.iter().for_each(|band| list.u8(6, *band)));
    }
    Ok(writer.bytes())
}

pub(super) fn ets_class(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut writer = Writer::default();
    let mut quantum = None;
    while let Some(word) = words.take() {
        match word {
            "quantum" if quantum.is_some() => return Err(Stop::wrong("Duplicate \"quantum\"")),
            "quantum" => quantum = Some(value(words, "quantum", number::size)?),
            other => return Err(what_is(other, "ets [ quantum Q1 ]")),
        }
    }
    quantum.iter().for_each(|quantum| writer.u32(4, *quantum));
    Ok(writer.bytes())
}

pub(super) fn ets_told(fields: &mut Fields, bytes: &[u8]) {
    let byte = |kind| attr::find(bytes, kind).map(|value| attr::number(value) as u32);
    if let Some(bands) = byte(1) {
        fields.both("bands", bands, format!("bands {bands} "));
    }
    if let Some(strict) = byte(2) {
        fields.both("strict", strict, format!("strict {strict} "));
    }
    for (key, kind) in [("quanta", 3), ("priomap", 5)] {
        if let Some(list) = attr::find(bytes, kind) {
            let numbers: Vec<u64> = attr::read(list).iter().map(|(_, number)| attr::number(number)).collect();
            let text: String = numbers.iter().map(|number| format!("{number} ")).collect();
            fields.both(key, Value::List(numbers.into_iter().map(Value::from).collect()), format!("{key} {text}"));
        }
    }
}

pub(super) fn ets_class_told(fields: &mut Fields, bytes: &[u8]) {
    if let Some(quantum) = attr::find(bytes, 4).map(attr::number) {
        fields.both("quantum", quantum, format!("quantum {quantum} "));
    }
}

pub(super) fn drr_class(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut quantum = None;
    while let Some(word) = words.take() {
        match word {
            "quantum" => quantum = Some(value(words, "quantum", number::size)?),
            other => return Err(what_is(other, "drr [ quantum SIZE ]")),
        }
    }
    Ok(ClassSpec::Drr(quantum).options())
}

pub(super) fn drr_told(fields: &mut Fields, more: &mut Fields, bytes: &[u8], counts: &[u8]) {
    if let Some(quantum) = attr::find(bytes, 1).map(attr::number) {
        fields.both("quantum", quantum, format!("quantum {} ", size_text(quantum)));
    }
    if counts.len() >= 4 {
        let deficit = attr::u32_at(counts, 0);
        more.both("deficit", deficit, format!(" deficit {} \n", size_text(deficit.into())));
    }
}

pub(super) fn qfq_class(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let (mut weight, mut largest) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "weight" => weight = Some(value(words, "weight", count)?),
            "maxpkt" => largest = Some(value(words, "maxpkt", count)?),
            other => return Err(what_is(other, "qfq [ weight N ] [ maxpkt N ]")),
        }
    }
    Ok(ClassSpec::Qfq(weight, largest).options())
}

pub(super) fn qfq_told(fields: &mut Fields, bytes: &[u8]) {
    for (kind, word) in [(1, "weight"), (2, "maxpkt")] {
        if let Some(value) = attr::find(bytes, kind).map(attr::number) {
            fields.both(word, value, format!("{word} {value} "));
        }
    }
}

pub(super) fn dsmark(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let short = |text: &str| whole(text).and_then(|number| u16::try_from(number).ok());
    let usage = || Stop { text: format!("Usage: {DSMARK}\n"), ..Stop::silent(1) };
    let (mut indices, mut default, mut set) = (None, None, false);
    while let Some(word) = words.take() {
        match word {
            "indices" => {
                let number = short(words.value()?).ok_or_else(usage)?;
                if !number.is_power_of_two() {
                    return Err(Stop::wrong("\"indices\" must be a power of two"));
                }
                indices = Some(number);
            }
            "default_index" | "default" => default = Some(short(words.value()?).ok_or_else(usage)?),
            "set_tc_index" => set = true,
            _ => return Err(usage()),
        }
    }
    let mut writer = Writer::default();
    writer.u16(1, indices.ok_or_else(usage)?);
    default.iter().for_each(|default| writer.u16(2, *default));
    if set {
        writer.put(3, &[]);
    }
    Ok(writer.bytes())
}

pub(super) fn dsmark_class(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let byte = |text: &str| whole(text).and_then(|number| u8::try_from(number).ok());
    let mut writer = Writer::default();
    while let Some(word) = words.take() {
        match word {
            "mask" => writer.u8(4, value(words, "mask", byte)?),
            "value" => writer.u8(5, value(words, "value", byte)?),
            _ => return Err(Stop { text: "Usage: ... dsmark [ mask MASK ] [ value VALUE ]\n".to_string(), ..Stop::silent(1) }),
        }
    }
    Ok(writer.bytes())
}
