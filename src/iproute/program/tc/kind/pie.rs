//! Queues that watch delays, or heavy flows: pie, fq_pie, hhf (tc-pie(8), tc-fq_pie(8), tc-hhf(8)).

use super::super::number::{size_text, time_text};
use super::plain::{self, Row, Take};
use super::{float, time};
use crate::iproute::program::output::Fields;
use crate::iproute::program::stop::Result;
use crate::iproute::program::words::Words;
use crate::kernel::attr;

const PIE: &str = "pie [ limit PACKETS ] [ target TIME ] [ tupdate TIME ] [ alpha ALPHA ] [ beta BETA ] [ [no]bytemode ] [ [no]ecn ] \
[ [no_]dq_rate_estimator ]";
const FQ_PIE: &str = "fq_pie [ limit PACKETS ] [ flows NUMBER ] [ target TIME ] [ tupdate TIME ] [ alpha NUMBER ] [ beta NUMBER ] \
[ quantum BYTES ] [ memory_limit BYTES ] [ ecn_prob PERCENTAGE ] [ [no]ecn ] [ [no]bytemode ] [ [no_]dq_rate_estimator ]";
const HHF: &str = "hhf [ limit PACKETS ] [ quantum BYTES ] [ hh_limit NUMBER ] [ reset_timeout TIME ] [ admit_bytes BYTES ] \
[ evict_timeout TIME ] [ non_hh_weight NUMBER ]";

const PIE_WORDS: &[Row] = &[
    ("limit", 2, Take::Count),
    ("target", 1, Take::Micros),
    ("tupdate", 3, Take::Micros),
    ("alpha", 4, Take::UpTo(32)),
    ("beta", 5, Take::UpTo(32)),
    ("ecn", 6, Take::Is(1)),
    ("noecn", 6, Take::Is(0)),
    ("bytemode", 7, Take::Is(1)),
    ("nobytemode", 7, Take::Is(0)),
    ("dq_rate_estimator", 8, Take::Is(1)),
    ("no_dq_rate_estimator", 8, Take::Is(0)),
];
const FQ_PIE_WORDS: &[Row] = &[
    ("limit", 1, Take::Count),
    ("flows", 2, Take::Count),
    ("target", 3, Take::Micros),
    ("tupdate", 4, Take::Micros),
    ("alpha", 5, Take::Count),
    ("beta", 6, Take::Count),
    ("quantum", 7, Take::Size),
    ("memory_limit", 8, Take::Size),
    ("ecn_prob", 9, Take::Count),
    ("ecn", 10, Take::Is(1)),
    ("noecn", 10, Take::Is(0)),
    ("bytemode", 11, Take::Is(1)),
    ("nobytemode", 11, Take::Is(0)),
    ("dq_rate_estimator", 12, Take::Is(1)),
    ("no_dq_rate_estimator", 12, Take::Is(0)),
];
const HHF_WORDS: &[Row] = &[
    ("limit", 1, Take::Count),
    ("quantum", 2, Take::Count),
    ("hh_limit", 3, Take::Count),
    ("reset_timeout", 4, Take::Micros),
    ("admit_bytes", 5, Take::Count),
    ("evict_timeout", 6, Take::Micros),
    ("non_hh_weight", 7, Take::Count),
];

pub(super) fn pie(words: &mut Words<'_>) -> Result<Vec<u8>> {
    plain::read(words, PIE_WORDS, PIE)
}

pub(super) fn fq_pie(words: &mut Words<'_>) -> Result<Vec<u8>> {
    plain::read(words, FQ_PIE_WORDS, FQ_PIE)
}

pub(super) fn hhf(words: &mut Words<'_>) -> Result<Vec<u8>> {
    plain::read(words, HHF_WORDS, HHF)
}

/// Numbers, with words behind each.
fn numbers(fields: &mut Fields, number: &impl Fn(u16) -> Option<u32>, rows: &[(&str, u16, &str)]) {
    for (key, kind, unit) in rows {
        if let Some(value) = number(*kind) {
            fields.both(*key, value, format!("{key} {value}{unit} "));
        }
    }
}

fn switches(fields: &mut Fields, number: &impl Fn(u16) -> Option<u32>, rows: &[(&str, u16)]) {
    for (key, kind) in rows {
        if number(*kind).is_some_and(|on| on != 0) {
            fields.both(*key, true, format!("{key} "));
        }
    }
}

pub(super) fn pie_told(fields: &mut Fields, number: &impl Fn(u16) -> Option<u32>) {
    numbers(fields, number, &[("limit", 2, "p")]);
    for (key, kind) in [("target", 1), ("tupdate", 3)] {
        if let Some(micros) = number(kind) {
            time(fields, key, micros);
        }
    }
    numbers(fields, number, &[("alpha", 4, ""), ("beta", 5, "")]);
    switches(fields, number, &[("ecn", 6), ("bytemode", 7), ("dq_rate_estimator", 8)]);
}

pub(super) fn fq_pie_told(fields: &mut Fields, number: &impl Fn(u16) -> Option<u32>) {
    numbers(fields, number, &[("limit", 1, "p"), ("flows", 2, "")]);
    for (key, kind) in [("target", 3), ("tupdate", 4)] {
        if let Some(micros) = number(kind) {
            time(fields, key, micros);
        }
    }
    numbers(fields, number, &[("alpha", 5, ""), ("beta", 6, "")]);
    for (key, kind) in [("quantum", 7), ("memory_limit", 8)] {
        if let Some(size) = number(kind) {
            fields.both(key, size, format!("{key} {} ", size_text(size.into())));
        }
    }
    numbers(fields, number, &[("ecn_prob", 9, "")]);
    switches(fields, number, &[("ecn", 10), ("bytemode", 11), ("dq_rate_estimator", 12)]);
}

pub(super) fn hhf_told(fields: &mut Fields, number: &impl Fn(u16) -> Option<u32>) {
    numbers(fields, number, &[("limit", 1, "p")]);
    let size = |fields: &mut Fields, key: &str, kind: u16| {
        if let Some(size) = number(kind) {
            fields.both(key, size, format!("{key} {} ", size_text(size.into())));
        }
    };
    size(fields, "quantum", 2);
    numbers(fields, number, &[("hh_limit", 3, "")]);
    if let Some(micros) = number(4) {
        time(fields, "reset_timeout", micros);
    }
    size(fields, "admit_bytes", 5);
    if let Some(micros) = number(6) {
        time(fields, "evict_timeout", micros);
    }
    numbers(fields, number, &[("non_hh_weight", 7, "")]);
}

pub(super) fn pie_counts(fields: &mut Fields, bytes: &[u8]) {
    // struct tc_pie_xstats: the probability in 64 bits, delay, rate of leaving, whether it is measured, and counters.
    if bytes.len() < 40 {
        return;
    }
    let at = |place: usize| attr::u32_at(bytes, place * 4);
    let share = attr::number(&bytes[..8]) as f64 / u64::MAX as f64;
    let share = float(share);
    let text = match &share {
        crate::iproute::program::output::Value::Raw(text) => text.clone(),
        _ => String::new(),
    };
    fields.both("prob", share, format!("  prob {text}"));
    fields.both("delay", at(2), format!(" delay {}", time_text(at(2).into())));
    if at(4) != 0 {
        fields.both("avg_dq_rate", at(3), format!(" avg_dq_rate {}", at(3)));
    }
    fields.text("\n");
    fields.both("pkts_in", at(5), format!("  pkts_in {}", at(5)));
    fields.both("overlimit", at(7), format!(" overlimit {}", at(7)));
    fields.both("dropped", at(6), format!(" dropped {}", at(6)));
    fields.both("maxq", at(8), format!(" maxq {}", at(8)));
    fields.both("ecn_mark", at(9), format!(" ecn_mark {}", at(9)));
    fields.text("\n");
}

pub(super) fn fq_pie_counts(fields: &mut Fields, bytes: &[u8]) {
    // struct tc_fq_pie_xstats.
    if bytes.len() < 36 {
        return;
    }
    let at = |place: usize| attr::u32_at(bytes, place * 4);
    for (key, place, before) in [
        ("pkts_in", 0, "  "),
        ("overlimit", 2, " "),
        ("overmemory", 3, " "),
        ("dropped", 1, " "),
        ("ecn_mark", 4, " "),
        ("new_flow_count", 5, "\n  "),
        ("new_flows_len", 6, " "),
        ("old_flows_len", 7, " "),
        ("memory_used", 8, " "),
    ] {
        fields.both(key, at(place), format!("{before}{key} {}", at(place)));
    }
    fields.text("\n");
}

pub(super) fn hhf_counts(fields: &mut Fields, bytes: &[u8]) {
    // struct tc_hhf_xstats.
    if bytes.len() < 16 {
        return;
    }
    let at = |place: usize| attr::u32_at(bytes, place * 4);
    for (key, place, before) in [("drop_overlimit", 0, "  "), ("hh_overlimit", 1, " "), ("tot_hh", 2, " "), ("cur_hh", 3, " ")] {
        fields.both(key, at(place), format!("{before}{key} {}", at(place)));
    }
    fields.text("\n");
}
