//! Fair queues and their clocks: codel, fq_codel, fq (tc-codel(8), tc-fq_codel(8), tc-fq(8)).

use super::super::number::{nanos_text, size_text, time_text};
use super::plain::{self, Row, Take};
use super::{rate, time};
use crate::iproute::program::options::Options;
use crate::iproute::program::output::Fields;
use crate::iproute::program::stop::Result;
use crate::iproute::program::words::Words;
use crate::kernel::attr;

const CODEL: &str = "codel [ limit PACKETS ] [ target TIME ] [ interval TIME ] [ ecn | noecn ] [ ce_threshold TIME ]";
const FQ_CODEL: &str = "fq_codel [ limit PACKETS ] [ flows NUMBER ] [ memory_limit BYTES ] [ target TIME ] [ interval TIME ] \
[ quantum BYTES ] [ [no]ecn ] [ ce_threshold TIME ] [ ce_threshold_selector VALUE/MASK ] [ drop_batch SIZE ]";
const FQ: &str = "fq [ limit PACKETS ] [ flow_limit PACKETS ] [ quantum BYTES ] [ initial_quantum BYTES ] [ maxrate RATE ] \
[ buckets NUMBER ] [ [no]pacing ] [ refill_delay TIME ] [ low_rate_threshold RATE ] [ orphan_mask MASK ] [ timer_slack TIME ] \
[ ce_threshold TIME ] [ horizon TIME ] [ horizon_{cap|drop} ]";

const CODEL_WORDS: &[Row] = &[
    ("limit", 2, Take::Count),
    ("target", 1, Take::Micros),
    ("ce_threshold", 5, Take::Micros),
    ("interval", 3, Take::Micros),
    ("ecn", 4, Take::Is(1)),
    ("noecn", 4, Take::Is(0)),
];
const FQ_CODEL_WORDS: &[Row] = &[
    ("limit", 2, Take::Count),
    ("flows", 5, Take::Count),
    ("quantum", 6, Take::Size),
    ("target", 1, Take::Micros),
    ("ce_threshold", 7, Take::Micros),
    ("ce_threshold_selector", 10, Take::Masked),
    ("memory_limit", 9, Take::Size),
    ("interval", 3, Take::Micros),
    ("drop_batch", 8, Take::Count),
    ("ecn", 4, Take::Is(1)),
    ("noecn", 4, Take::Is(0)),
];
const FQ_WORDS: &[Row] = &[
    ("limit", 1, Take::Count),
    ("flow_limit", 2, Take::Count),
    ("quantum", 3, Take::Count),
    ("initial_quantum", 4, Take::Count),
    ("maxrate", 7, Take::Rate),
    ("defrate", 6, Take::Rate),
    ("buckets", 8, Take::Log),
    ("pacing", 5, Take::Is(1)),
    ("nopacing", 5, Take::Is(0)),
    ("refill_delay", 9, Take::Micros),
    ("orphan_mask", 10, Take::Count),
    ("low_rate_threshold", 11, Take::Rate),
    ("ce_threshold", 12, Take::Micros),
    ("timer_slack", 13, Take::Nanos),
    ("horizon", 14, Take::Micros),
    ("horizon_drop", 15, Take::IsByte(1)),
    ("horizon_cap", 15, Take::IsByte(0)),
];

pub(super) fn codel(words: &mut Words<'_>) -> Result<Vec<u8>> {
    plain::read(words, CODEL_WORDS, CODEL)
}

pub(super) fn fq_codel(words: &mut Words<'_>) -> Result<Vec<u8>> {
    plain::read(words, FQ_CODEL_WORDS, FQ_CODEL)
}

pub(super) fn fq(words: &mut Words<'_>) -> Result<Vec<u8>> {
    plain::read(words, FQ_WORDS, FQ)
}

pub(super) fn codel_told(fields: &mut Fields, name: &str, number: &impl Fn(u16) -> Option<u32>) {
    let fair = name == "fq_codel";
    if let Some(limit) = number(2) {
        fields.both("limit", limit, format!("limit {limit}p "));
    }
    if fair {
        for (key, kind) in [("flows", 5), ("quantum", 6)] {
            if let Some(value) = number(kind) {
                fields.both(key, value, format!("{key} {value} "));
            }
        }
    }
    if let Some(target) = number(1) {
        time(fields, "target", target);
    }
    if let Some(threshold) = number(if fair { 7 } else { 5 }) {
        time(fields, "ce_threshold", threshold);
    }
    if let Some(interval) = number(3) {
        time(fields, "interval", interval);
    }
    if let Some(size) = number(9).filter(|_| fair) {
        fields.both("memory_limit", size, format!("memory_limit {} ", size_text(size.into())));
    }
    if number(4).is_some_and(|ecn| ecn != 0) {
        fields.both("ecn", true, "ecn ");
    }
    if let Some(batch) = number(8).filter(|_| fair) {
        fields.both("drop_batch", batch, format!("drop_batch {batch} "));
    }
}

pub(super) fn fq_told(fields: &mut Fields, number: &impl Fn(u16) -> Option<u32>, options: &Options) {
    let plain = |fields: &mut Fields, key: &str, kind: u16, unit: &str| {
        if let Some(value) = number(kind) {
            fields.both(key, value, format!("{key} {value}{unit} "));
        }
    };
    plain(fields, "limit", 1, "p");
    plain(fields, "flow_limit", 2, "p");
    if let Some(log) = number(8) {
        fields.both("buckets", 1u32 << log.min(31), format!("buckets {} ", 1u32 << log.min(31)));
    }
    plain(fields, "orphan_mask", 10, "");
    if number(5) == Some(0) {
        fields.both("pacing", false, "nopacing ");
    }
    for (key, kind) in [("quantum", 3), ("initial_quantum", 4)] {
        if let Some(size) = number(kind) {
            fields.both(key, size, format!("{key} {} ", size_text(size.into())));
        }
    }
    for (key, kind) in [("maxrate", 7), ("defrate", 6), ("low_rate_threshold", 11)] {
        if let Some(bytes) = number(kind).filter(|bytes| *bytes != 0 && *bytes != u32::MAX) {
            rate(fields, key, u64::from(bytes) * 8, options, &format!("{key} "), " ");
        }
    }
    if let Some(delay) = number(9) {
        time(fields, "refill_delay", delay);
    }
    if let Some(threshold) = number(12).filter(|threshold| *threshold != u32::MAX) {
        time(fields, "ce_threshold", threshold);
    }
    if let Some(slack) = number(13) {
        fields.both("timer_slack", slack, format!("timer_slack {} ", nanos_text(slack.into())));
    }
    if let Some(horizon) = number(14) {
        time(fields, "horizon", horizon);
    }
    if let Some(drop) = number(15) {
        let word = if drop == 0 { "horizon_cap" } else { "horizon_drop" };
        fields.null(word, &format!("{word} "));
    }
}

/// What they count.
pub(super) fn codel_counts(fields: &mut Fields, name: &str, bytes: &[u8]) {
    let at = |place: usize| attr::u32_at(bytes, place * 4);
    let mut put = |key: &str, value: u64, before: &str| fields.both(key, value, format!("{before}{key} {value}"));
    match name {
        // struct tc_fq_codel_xstats: a type, 0 for the discipline.
        "fq_codel" if bytes.len() >= 28 && at(0) == 0 => {
            put("maxpacket", at(1).into(), "  ");
            put("drop_overlimit", at(2).into(), " ");
            put("new_flow_count", at(4).into(), " ");
            put("ecn_mark", at(3).into(), " ");
            put("new_flows_len", at(5).into(), "\n  ");
            put("old_flows_len", at(6).into(), " ");
            fields.text("\n");
        }
        // struct tc_codel_xstats.
        "codel" if bytes.len() >= 32 => {
            put("count", at(1).into(), "  ");
            put("lastcount", at(2).into(), " ");
            let late = at(3);
            fields.both("ldelay", late, format!(" ldelay {}", time_text(late.into())));
            if at(6) != 0 {
                fields.text(" dropping");
            }
            let next = at(4).cast_signed();
            fields.both("drop_next", next, format!(" drop_next {}", time_text(next.unsigned_abs().into())));
            fields.both("maxpacket", at(0), format!("\n  maxpacket {}", at(0)));
            fields.both("ecn_mark", at(7), format!(" ecn_mark {}", at(7)));
            fields.both("drop_overlimit", at(5), format!(" drop_overlimit {}", at(5)));
            fields.text("\n");
        }
        _ => {}
    }
}
