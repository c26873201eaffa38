//! police: a rate, and what becomes of packets above it (tc-police(8)).

use super::super::super::Run;
use super::super::super::output::Fields;
use super::super::super::stop::{Result, Stop};
use super::super::super::words::{Words, number as whole};
use super::super::illegal;
use super::super::number::{self, rate_text, size_text};
use super::{ages, control, count, incomplete, verdict};
use crate::kernel::attr;
use crate::kernel::filter::action::times;
use crate::kernel::filter::{Police, Verdict};
use crate::kernel::qdisc::Rate;

/// Reads a police; the word itself is behind us.
pub(in super::super) fn police(words: &mut Words<'_>) -> Result<Police> {
    let mut police = Police {
        rate: Rate::default(),
        burst: 0,
        mtu: 0,
        peak: None,
        average: None,
        packets: None,
        exceed: Verdict::Reclassify,
        conform: None,
        index: 0,
    };
    let (mut burst, mut packets, mut packets_burst, mut some) = (None, None, None, false);
    let bucket = |text: &str| number::size(text.split('/').next().unwrap_or_default());
    if words.done() {
        return Err(Stop::incomplete());
    }
    let first = words.peek();
    while let Some(word) = words.peek() {
        if let Some(found) = verdict(words)? {
            police.exceed = found;
            some = true;
            continue;
        }
        words.take();
        some = true;
        match word {
            "index" => police.index = count(words.value()?).ok_or_else(|| illegal("index"))?,
            "burst" | "buffer" | "maxburst" => burst = Some(bucket(words.value()?).ok_or_else(|| illegal("burst"))?),
            "mtu" | "minburst" => police.mtu = bucket(words.value()?).ok_or_else(|| illegal("mtu"))?,
            "mpu" => police.rate.mpu = number::size(words.value()?).and_then(|n| u16::try_from(n).ok()).ok_or_else(|| illegal("mpu"))?,
            "rate" => police.rate.bits = number::rate(words.value()?).ok_or_else(|| illegal("rate"))?,
            "avrate" => police.average = Some(number::rate(words.value()?).ok_or_else(|| illegal("rate"))?),
            "peakrate" => police.peak = Some(Rate::plain(number::rate(words.value()?).ok_or_else(|| illegal("peakrate"))?)),
            "pkts_rate" => packets = Some(whole(words.value()?).ok_or_else(|| illegal("pkts_rate"))?),
            "pkts_burst" => packets_burst = Some(whole(words.value()?).ok_or_else(|| illegal("pkts_burst"))?),
            "overhead" => police.rate.overhead = words.value()?.parse().map_err(|_| illegal("overhead"))?,
            "linklayer" => {
                police.rate.atm = match words.value()? {
                    "ethernet" => false,
                    "atm" | "adsl" => true,
                    _ => return Err(illegal("linklayer")),
                }
            }
            "conform-exceed" => {
                let text = words.value()?;
                let (exceed, conform) = text.split_once('/').map_or((text, None), |(exceed, conform)| (exceed, Some(conform)));
                // `goto` and `jump` need another word, which does not fit here.
                let read = |word: &str| match word {
                    "goto" | "jump" => Err(incomplete()),
                    _ => Verdict::parse(word).ok_or_else(|| super::super::unread(format!("Bad action type {word}"))),
                };
                police.exceed = read(exceed)?;
                police.conform = conform.map(read).transpose()?;
            }
            _ => {
                words.back();
                break;
            }
        }
    }
    if !some || words.peek() == first {
        return Err(Stop::silent(1));
    }
    if police.rate.bits == 0 && police.average.is_none() && police.mtu == 0 && packets.is_none() && police.index == 0 {
        return Err(Stop::wrong("'rate' or 'avrate' or 'mtu' or 'pkts_rate' MUST be specified."));
    }
    if police.rate.bits > 0 && burst.is_none() {
        return Err(Stop::wrong("'burst' requires 'rate'."));
    }
    if packets_burst.is_some() && packets.is_none() {
        return Err(Stop::wrong("'pkts_burst' requires 'pkts_rate'."));
    }
    if police.rate.bits > 0 && packets.is_some() {
        return Err(Stop::wrong("'rate' and 'pkts_rate' are not allowed in same action."));
    }
    police.packets = packets.map(|rate| (rate, packets_burst.unwrap_or(0)));
    if police.peak.is_some() && police.rate.bits == 0 {
        return Err(Stop::wrong("'peakrate' requires 'rate'."));
    }
    police.burst = burst.unwrap_or(0);
    police.peak = police.peak.map(|peak| Rate { bits: peak.bits, ..police.rate });
    Ok(police)
}

pub(super) fn police_words(run: &Run<'_>, fields: &mut Fields, police: &Police, index: u32, before: &str) {
    fields.both("kind", "police", format!("{before}police "));
    fields.both("index", index, format!("{index:#x} "));
    let mut text = format!("rate {} burst {} ", rate_text(police.rate.bits, run.options.iec), size_text(police.burst.into()));
    text += &format!("mtu {} ", size_text(police.mtu.into()));
    if run.options.raw {
        text += &format!("[{:08x}] ", police.rate.ticks(police.burst));
    }
    if let Some(peak) = police.peak {
        text += &format!("peakrate {} ", rate_text(peak.bits, run.options.iec));
    }
    if let Some((rate, burst)) = police.packets {
        text += &format!("pkts_rate {rate} pkts_burst {burst} ");
    }
    if let Some(average) = police.average {
        text += &format!("avrate {} ", rate_text(average, run.options.iec));
    }
    fields.text(text);
    if let Some((rate, burst)) = police.packets {
        fields.json("pkts_rate", rate);
        fields.json("pkts_burst", burst);
    }
    control(fields, police.exceed, "action ");
    if let Some(conform) = police.conform.filter(|conform| *conform != Verdict::Pass) {
        control(fields, conform, "/");
    }
    fields.text(" ");
    fields.both("overhead", u32::from(police.rate.overhead), format!("overhead {} ", size_text(police.rate.overhead.into())));
    if police.rate.atm || run.options.details > 0 {
        let word = match (police.rate.atm, police.rate.bits) {
            (true, _) => "atm",
            (false, 0) => "unspec",
            (false, _) => "ethernet",
        };
        fields.both("linklayer", word, format!("linklayer {word} "));
    }
}

/// Prints the police of a filter in its older form.
pub(in super::super) fn police_told(run: &mut Run<'_>, fields: &mut Fields, bytes: &[u8]) {
    let Some((police, held, bound)) = Police::read(bytes) else { return };
    police_words(run, fields, &police, police.index, " ");
    fields.both("ref", held, format!("\n\tref {held}"));
    fields.both("bind", bound, format!(" bind {bound} "));
    ages(run, fields, attr::find(bytes, 6).map(times));
    fields.text("\n");
}
