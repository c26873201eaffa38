//! Stochastic fairness: sfq (tc-sfq(8)).

use super::super::number::{significant, size_text};
use super::super::{number, what_is};
use super::red::{Asked, flags_told};
use super::{count, float, structure, value};
use crate::iproute::program::options::Options;
use crate::iproute::program::output::Fields;
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::Words;
use crate::kernel::attr;
use crate::kernel::qdisc::Sfq;

const SFQ: &str = "sfq [ limit NUMBER ] [ perturb SECS ] [ quantum BYTES ] [ divisor NUMBER ] [ flows NUMBER ] [ depth NUMBER ] \
[ headdrop ] [ redflowlimit BYTES ] [ min BYTES ] [ max BYTES ] [ avpkt BYTES ] [ burst PACKETS ] [ probability P ] [ ecn ] [ harddrop ]";

/// The size of struct tc_sfq_qopt_v1: what older kernels know, then depth, headdrop, and what belongs to random early detection.
const SIZE: usize = 72;

pub(super) fn read(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut sfq = Sfq::default();
    let (mut flow_limit, mut flags, mut early) = (0, 0_u8, false);
    let mut asked = Asked { min: 0, max: 0, burst: 0, packet: 1000, bandwidth: 10_000_000, share: 0.02 };
    while let Some(word) = words.take() {
        early |= matches!(word, "min" | "max" | "burst" | "avpkt" | "probability" | "ecn" | "harddrop" | "redflowlimit");
        match word {
            "quantum" => sfq.quantum = value(words, "quantum", number::size)?,
            "perturb" => sfq.perturb = value(words, "perturb", |text| text.parse::<i32>().ok())?.cast_unsigned(),
            "limit" => {
                sfq.limit = value(words, "limit", count)?;
                if sfq.limit < 2 {
                    return Err(Stop::wrong("Illegal \"limit\", must be > 1"));
                }
            }
            "divisor" => sfq.divisor = value(words, "divisor", count)?,
            "flows" => sfq.flows = value(words, "flows", count)?,
            "depth" => sfq.depth = value(words, "depth", count)?,
            "headdrop" => sfq.headdrop = true,
            "redflowlimit" => flow_limit = value(words, "redflowlimit", number::size)?,
            "ecn" => flags |= 1,
            "harddrop" => flags |= 2,
            // Its rate is the usual one.
            _ if word != "bandwidth" && asked.take(word, words)? => {}
            other => return Err(what_is(other, SFQ)),
        }
    }
    let mut bytes = structure(&[sfq.quantum, sfq.perturb, sfq.limit, sfq.divisor, sfq.flows, sfq.depth, u32::from(sfq.headdrop)]);
    if early {
        if flow_limit == 0 {
            return Err(Stop::wrong("Required parameter (redflowlimit) is missing"));
        }
        if asked.max == 0 {
            asked.max = flow_limit / 4;
        }
        if asked.min == 0 {
            asked.min = asked.max / 3;
        }
        if asked.burst == 0 {
            asked.burst = (2 * asked.min + asked.max) / (3 * asked.packet.max(1));
        }
        if asked.max > flow_limit {
            return Err(Stop::wrong("\"max\" is larger than \"limit\""));
        }
        if asked.min >= asked.max {
            return Err(Stop::wrong("\"min\" is not smaller than \"max\""));
        }
        let curve = asked.curve("SFQ")?;
        bytes.extend(structure(&[flow_limit, asked.min, asked.max]));
        bytes.extend([curve.follow, curve.slope, 0, flags]);
        bytes.extend(curve.most.to_ne_bytes());
    }
    bytes.resize(SIZE, 0);
    Ok(bytes)
}

pub(super) fn told(fields: &mut Fields, bytes: &[u8], options: &Options) {
    if bytes.len() < 20 {
        return;
    }
    let sfq = &Sfq::read(bytes);
    fields.both("limit", sfq.limit, format!("limit {}p ", sfq.limit));
    fields.both("quantum", sfq.quantum, format!("quantum {} ", size_text(sfq.quantum.into())));
    if sfq.depth != 0 {
        fields.both("depth", sfq.depth, format!("depth {} ", sfq.depth));
    }
    if sfq.headdrop {
        fields.both("headdrop", true, "headdrop ");
    }
    if options.details > 0 {
        fields.both("flows", sfq.flows, format!("flows {} ", sfq.flows));
    }
    fields.both("divisor", sfq.divisor, format!("divisor {} ", sfq.divisor));
    if sfq.perturb != 0 {
        fields.both("perturb", sfq.perturb, format!("perturb {}sec ", sfq.perturb));
    }
    let at = |place: usize| attr::u32_at(bytes, place * 4);
    if bytes.len() < SIZE || at(8) == 0 {
        return;
    }
    // Behind the thresholds: a byte each for the curve, then its height and six counters.
    fields.both("ewma", bytes[40], format!("ewma {} ", bytes[40]));
    for (key, place) in [("min", 8), ("max", 9)] {
        fields.both(key, at(place), format!("{key} {} ", size_text(at(place).into())));
    }
    let share = f64::from(at(11)) / 2_f64.powi(32);
    fields.both("probability", float(share), format!("probability {} ", significant(share, 6)));
    flags_told(fields, bytes[43]);
    if options.stats > 0 {
        fields.text("\n");
        for (key, place, before) in [
            ("prob_mark", 12, "  "),
            ("prob_mark_head", 14, " "),
            ("prob_drop", 16, " "),
            ("forced_mark", 13, "\n  "),
            ("forced_mark_head", 15, " "),
            ("forced_drop", 17, " "),
        ] {
            fields.both(key, at(place), format!("{before}{key} {}", at(place)));
        }
    }
}
