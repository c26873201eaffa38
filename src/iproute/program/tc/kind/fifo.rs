//! Queues without a rate: pfifo and bfifo, prio, multiq, skbprio, plug (tc-pfifo(8), tc-prio(8), tc-skbprio(8)).

use super::super::{number, what_is};
use super::{count, value};
use crate::iproute::program::output::{Fields, Value};
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::Words;
use crate::kernel::attr::{self, Writer};
use crate::kernel::qdisc::Prio;

const FIFO: &str = "<[p|b]fifo | pfifo_head_drop> [ limit NUMBER ]";
const PRIO: &str = "prio [ bands NUMBER ] [ priomap P1 P2 ... ]";

pub(super) fn fifo(words: &mut Words<'_>, name: &str, read: impl Fn(&str) -> Option<u32>) -> Result<Option<u32>> {
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

/// Reads the options of prio.
pub(super) fn prio(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut prio = Prio::default();
    let (mut bands, mut queues) = (None, false);
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
            "multiqueue" => queues = true,
            other => return Err(what_is(other, PRIO)),
        }
    }
    let mut bytes = bands.unwrap_or(prio.bands).to_ne_bytes().to_vec();
    bytes.extend(prio.map);
    // The kernel reads the attribute behind the structure in one of its own.
    let mut writer = Writer::new(&bytes);
    writer.nest_plain(2, |nest| {
        if queues {
            nest.put(1, &[]);
        }
    });
    Ok(writer.bytes())
}

pub(super) fn multiq(words: &mut Words<'_>) -> Result<Vec<u8>> {
    match words.take() {
        None => Ok(vec![0; 4]),
        Some(other) => Err(what_is(other, "multiq")),
    }
}

pub(super) fn skbprio(words: &mut Words<'_>) -> Result<Option<Vec<u8>>> {
    let mut limit = None;
    while let Some(word) = words.take() {
        match word {
            "limit" => {
                let text = words.value()?;
                limit = Some(count(text).ok_or_else(|| Stop::wrong("Illegal \"limit\""))?);
            }
            other => return Err(Stop::wrong(format!("skbprio: unknown parameter \"{other}\"\nUsage: ... skbprio [ limit NUMBER ]"))),
        }
    }
    Ok(limit.map(|limit| limit.to_ne_bytes().to_vec()))
}

pub(super) fn plug(words: &mut Words<'_>) -> Result<Option<Vec<u8>>> {
    const PLUG: &str = "plug [ block | release | release_indefinite | limit NUMBER ]";
    // struct tc_plug_qopt: what is done, and a limit.
    let mut asked = None;
    while let Some(word) = words.take() {
        asked = Some(match word {
            "block" => [0, 0],
            "release" => [1, 0],
            "release_indefinite" => [2, 0],
            "limit" => {
                let text = words.value()?;
                let limit = number::size(text).ok_or_else(|| Stop::wrong(format!("Illegal value for \"limit\": \"{text}\"")))?;
                [3, limit]
            }
            other => return Err(Stop::wrong(format!("plug: unknown parameter \"{other}\"\nUsage: ... {PLUG}"))),
        });
    }
    Ok(asked.map(|numbers| super::structure(&numbers)))
}

pub(super) fn told(fields: &mut Fields, name: &str, bytes: &[u8]) {
    let at = |place: usize| attr::u32_at(bytes, place * 4);
    match name {
        "prio" | "pfifo_fast" if bytes.len() >= 20 => {
            fields.both("bands", at(0), format!("bands {} priomap", at(0)));
            let map = &bytes[4..20];
            let text: String = map.iter().map(|band| format!(" {band}")).collect();
            fields.both("priomap", Value::List(map.iter().map(|band| Value::from(*band)).collect()), text);
            fields.json("multiqueue", false);
        }
        "pfifo" | "pfifo_head_drop" if bytes.len() >= 4 => fields.both("limit", at(0), format!("limit {}p", at(0))),
        "bfifo" if bytes.len() >= 4 => fields.both("limit", at(0), format!("limit {}", number::size_text(at(0).into()))),
        "multiq" if bytes.len() >= 4 => {
            let (bands, most) = (attr::number(&bytes[..2]), attr::number(&bytes[2..4]));
            fields.both("bands", bands, format!("bands {bands}/"));
            fields.both("max_bands", most, format!("{most} "));
        }
        "skbprio" if bytes.len() >= 4 => fields.both("limit", at(0), format!("limit {} ", at(0))),
        _ => {}
    }
}
