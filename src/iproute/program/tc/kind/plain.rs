//! Disciplines whose options are words with one plain attribute each: a table says which, and what the word takes.

use super::super::{number, what_is};
use super::{count, value};
use crate::iproute::program::stop::Result;
use crate::iproute::program::words::Words;
use crate::kernel::attr::Writer;

/// What a word takes, and how it is counted.
#[derive(Clone, Copy)]
pub(super) enum Take {
    /// A number.
    Count,
    /// A number that is at most so much.
    UpTo(u32),
    /// A size in bytes.
    Size,
    /// A rate, in byte/s.
    Rate,
    /// A time, in µs.
    Micros,
    /// A time, in ns.
    Nanos,
    /// A power of two, by its logarithm.
    Log,
    /// Nothing: the word stands for a number.
    Is(u32),
    /// Nothing: the word stands for a number of a byte.
    IsByte(u8),
    /// A number of a byte with a mask behind a slash, which has the next attribute.
    Masked,
}

/// A word, its attribute, and what it takes.
pub(super) type Row = (&'static str, u16, Take);

/// Reads the options by a table.
pub(super) fn read(words: &mut Words<'_>, table: &[Row], usage: &str) -> Result<Vec<u8>> {
    let mut writer = Writer::default();
    while let Some(word) = words.take() {
        let Some((name, attribute, take)) = table.iter().find(|(name, ..)| *name == word) else { return Err(what_is(word, usage)) };
        match take {
            Take::Count => writer.u32(*attribute, value(words, name, count)?),
            Take::UpTo(most) => writer.u32(*attribute, value(words, name, |text| count(text).filter(|number| number <= most))?),
            Take::Size => writer.u32(*attribute, value(words, name, number::size)?),
            Take::Rate => {
                let bytes = value(words, name, number::rate)? / 8;
                writer.u32(*attribute, bytes.min(u64::from(u32::MAX)) as u32);
            }
            Take::Micros => writer.u32(*attribute, (value(words, name, |text| number::time(text, 1e3))? / 1000) as u32),
            Take::Nanos => writer.u32(*attribute, value(words, name, |text| number::time(text, 1e3))? as u32),
            Take::Log => writer.u32(*attribute, value(words, name, count)?.max(1).ilog2()),
            Take::Is(number) => writer.u32(*attribute, *number),
            Take::IsByte(number) => writer.u8(*attribute, *number),
            Take::Masked => {
                let byte = |text: &str| count(text).and_then(|number| u8::try_from(number).ok());
                let (chosen, mask) = value(words, name, |text| {
                    let (chosen, mask) = text.split_once('/')?;
                    Some((byte(chosen)?, byte(mask)?))
                })?;
                writer.u8(*attribute, chosen);
                writer.u8(attribute + 1, mask);
            }
        }
    }
    Ok(writer.bytes())
}
