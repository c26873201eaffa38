//! cake (tc-cake(8)).

use super::super::number::{self, rate_text, size_text, time_text};
use super::super::what_is;
use super::{count, rate, time, value};
use crate::iproute::program::options::Options;
use crate::iproute::program::output::{Fields, Value};
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::Words;
use crate::kernel::attr::{self, Writer};

const CAKE: &str = "cake [ bandwidth RATE | unlimited | autorate-ingress ] [ rtt TIME | datacentre | lan | metro | regional | internet \
| oceanic | satellite | interplanetary ] [ besteffort | diffserv8 | diffserv4 | diffserv3 ] [ flowblind | srchost | dsthost | hosts \
| flows | dual-srchost | dual-dsthost | triple-isolate ] [ [no]nat ] [ [no]wash ] [ [no-]split-gso ] [ ack-filter \
| ack-filter-aggressive | no-ack-filter ] [ memlimit LIMIT ] [ fwmark MASK ] [ ptm | atm | noatm ] [ overhead N | conservative | raw ] \
[ mpu N ] [ ingress | egress ]";

/// Words that stand for a number of an attribute (linux/pkt_sched.h).
const CHOICES: &[(&str, u16, u32)] = &[
    ("diffserv3", 3, 0),
    ("diffserv4", 3, 1),
    ("diffserv8", 3, 2),
    ("besteffort", 3, 3),
    ("precedence", 3, 4),
    ("diffserv", 3, 1),
    ("flowblind", 5, 0),
    ("srchost", 5, 1),
    ("dsthost", 5, 2),
    ("hosts", 5, 3),
    ("flows", 5, 4),
    ("dual-srchost", 5, 5),
    ("dual-dsthost", 5, 6),
    ("triple-isolate", 5, 7),
    ("nat", 11, 1),
    ("nonat", 11, 0),
    ("wash", 13, 1),
    ("nowash", 13, 0),
    ("ingress", 15, 1),
    ("egress", 15, 0),
    ("no-ack-filter", 16, 0),
    ("ack-filter", 16, 1),
    ("ack-filter-aggressive", 16, 2),
    ("split-gso", 17, 1),
    ("no-split-gso", 17, 0),
];
/// Round trips, in µs.
const PLACES: &[(&str, u32)] = &[
    ("datacentre", 100),
    ("lan", 1000),
    ("metro", 10_000),
    ("regional", 30_000),
    ("internet", 100_000),
    ("oceanic", 300_000),
    ("satellite", 1_000_000),
    ("interplanetary", 3_600_000_000),
];
const NO_ATM: u32 = 0;
const ATM: u32 = 1;
const PTM: u32 = 2;
/// What goes around a packet: the link layer, the bytes, and what a packet counts at least (tc-cake(8), OVERHEAD COMPENSATION).
const WRAPS: &[(&str, Option<u32>, i32, Option<u32>)] = &[
    ("conservative", Some(ATM), 48, None),
    ("ipoa-vcmux", Some(ATM), 8, None),
    ("ipoa-llcsnap", Some(ATM), 16, None),
    ("bridged-vcmux", Some(ATM), 24, None),
    ("bridged-llcsnap", Some(ATM), 32, None),
    ("pppoa-vcmux", Some(ATM), 10, None),
    ("pppoa-llc", Some(ATM), 14, None),
    ("pppoe-vcmux", Some(ATM), 32, None),
    ("pppoe-llcsnap", Some(ATM), 40, None),
    ("pppoe-ptm", Some(PTM), 30, None),
    ("bridged-ptm", Some(PTM), 22, None),
    ("via-ethernet", None, 0, None),
    ("ethernet", None, 38, Some(84)),
    ("ether-vlan", None, 4, None),
    ("docsis", Some(NO_ATM), 18, Some(64)),
];

pub(super) fn read(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut writer = Writer::default();
    let (mut layer, mut overhead, mut mpu, mut raw) = (None, None, None, false);
    let (mut bandwidth, mut autorate, mut rtt) = (None, None, None);
    while let Some(word) = words.take() {
        match word {
            "bandwidth" => {
                bandwidth = Some(value(words, "bandwidth", number::rate)? / 8);
                autorate = Some(0);
            }
            "unlimited" => (bandwidth, autorate) = (Some(0), Some(0)),
            "autorate-ingress" => autorate = Some(1),
            "rtt" => rtt = Some((value(words, "rtt", |text| number::time(text, 1e3))? / 1000) as u32),
            "raw" => (layer, overhead, raw) = (Some(NO_ATM), Some(0), true),
            "noatm" => layer = Some(NO_ATM),
            "atm" => layer = Some(ATM),
            "ptm" => layer = Some(PTM),
            "overhead" => {
                let valid = |text: &str| text.parse::<i32>().ok().filter(|bytes| (-64..=256).contains(bytes));
                let text = words.value()?;
                overhead =
                    Some(valid(text).ok_or_else(|| Stop {
                        text: "Illegal \"overhead\", valid range is -64 to 256\\n".to_string(),
                        ..Stop::silent(1)
                    })?);
            }
            "mpu" => {
                let valid = count(words.value()?).filter(|bytes| *bytes <= 256);
                mpu =
                    Some(valid.ok_or_else(|| Stop { text: "Illegal \"mpu\", valid range is 0 to 256\\n".to_string(), ..Stop::silent(1) })?);
            }
            "memlimit" | "fwmark" => {
                let text = words.value()?;
                let (kind, found) = if word == "memlimit" { (10, number::size(text)) } else { (18, count(text)) };
                writer.u32(kind, found.ok_or_else(|| Stop::wrong(format!("Illegal value for \"{word}\": \"{text}\"")))?);
            }
            other => {
                if let Some((_, kind, number)) = CHOICES.iter().find(|(name, ..)| *name == other) {
                    writer.u32(*kind, *number);
                } else if let Some((_, micros)) = PLACES.iter().find(|(name, _)| *name == other) {
                    rtt = Some(*micros);
                } else if let Some((_, wrapped, bytes, least)) = WRAPS.iter().find(|(name, ..)| *name == other) {
                    layer = wrapped.or(layer);
                    overhead = Some(overhead.unwrap_or(0) + bytes);
                    mpu = least.or(mpu);
                } else {
                    return Err(what_is(other, CAKE));
                }
            }
        }
    }
    if let Some(bytes) = bandwidth {
        writer.u64(2, bytes);
    }
    for (kind, number) in [(4, layer), (6, overhead.map(i32::cast_unsigned)), (7, rtt), (9, autorate), (14, mpu)] {
        number.iter().for_each(|number| writer.u32(kind, *number));
    }
    // The delay that is aimed at follows from the round trip.
    rtt.iter().for_each(|rtt| writer.u32(8, (rtt / 20).max(1)));
    if raw {
        writer.u32(12, 0);
    }
    Ok(writer.bytes())
}

/// The word of a number of an attribute.
fn word(kind: u16, number: u32) -> &'static str {
    CHOICES.iter().find(|(_, known, own)| (*known, *own) == (kind, number)).map_or("", |(word, ..)| word)
}

pub(super) fn told(fields: &mut Fields, bytes: &[u8], options: &Options) {
    let long = |kind: u16| attr::find(bytes, kind).map(attr::number);
    let number = |kind: u16| long(kind).map(|value| value as u32);
    match long(2) {
        Some(bytes) if bytes != 0 => rate(fields, "bandwidth", bytes * 8, options, "bandwidth ", " "),
        _ => fields.both("bandwidth", "unlimited", "bandwidth unlimited "),
    }
    if number(9).is_some_and(|on| on != 0) {
        fields.both("autorate", "autorate-ingress", "autorate-ingress ");
    }
    for (key, kind) in [("diffserv", 3), ("flowmode", 5)] {
        if let Some(value) = number(kind) {
            fields.both(key, word(kind, value), format!("{} ", word(kind, value)));
        }
    }
    let switch = |fields: &mut Fields, key: &str, kind: u16, off: &str| {
        if let Some(value) = number(kind) {
            fields.both(key, value != 0, if value != 0 { format!("{key} ") } else { off.to_string() });
        }
    };
    switch(fields, "nat", 11, "nonat ");
    switch(fields, "wash", 13, "nowash ");
    switch(fields, "ingress", 15, "");
    if let Some(filter) = number(16) {
        let told = ["disabled", "enabled", "aggressive"][(filter as usize).min(2)];
        fields.both("ack-filter", told, format!("{} ", word(16, filter)));
    }
    if let Some(split) = number(17) {
        fields.both("split_gso", split != 0, format!("{} ", word(17, split)));
    }
    if let Some(rtt) = number(7) {
        time(fields, "rtt", rtt);
    }
    let raw = attr::find(bytes, 12).is_some();
    fields.both("raw", raw, if raw { "raw " } else { "" });
    if let Some(layer) = number(4).filter(|_| !raw) {
        fields.both("atm", layer_word(layer), format!("{} ", layer_word(layer)));
    }
    if let Some(overhead) = number(6).map(u32::cast_signed) {
        fields.both("overhead", overhead, format!("overhead {overhead} "));
    }
    if let Some(mpu) = number(14).filter(|mpu| *mpu != 0) {
        fields.both("mpu", mpu, format!("mpu {mpu} "));
    }
    if let Some(size) = number(10).filter(|size| *size != 0) {
        fields.both("memlimit", size, format!("memlimit {} ", size_text(size.into())));
    }
    if let Some(mark) = number(18) {
        let text = if mark == 0 { "0".to_string() } else { format!("{mark:#x}") };
        fields.both("fwmark", &text, if mark == 0 { String::new() } else { format!("fwmark {text} ") });
    }
}

fn layer_word(layer: u32) -> &'static str {
    ["noatm", "atm", "ptm"].get(layer as usize).copied().unwrap_or("")
}

/// A row of the table of tins: its head, its attribute, its key in JSON, and how the number is told.
type Column = (&'static str, u16, &'static str, fn(u64, bool) -> String);

fn plain(number: u64, _: bool) -> String {
    number.to_string()
}

fn micros(number: u64, _: bool) -> String {
    time_text(number as f64)
}

/// The rows, in the order of the table.
const ROWS: &[Column] = &[
    ("thresh", 12, "threshold_rate", |bytes, iec| rate_text(bytes * 8, iec)),
    ("target", 13, "target_us", micros),
    ("interval", 14, "interval_us", micros),
    ("pk_delay", 18, "peak_delay_us", micros),
    ("av_delay", 19, "avg_delay_us", micros),
    ("sp_delay", 20, "base_delay_us", micros),
    ("backlog", 11, "backlog_bytes", |bytes, _| size_text(bytes)),
    ("pkts", 2, "sent_packets", plain),
    ("bytes", 3, "sent_bytes", plain),
    ("way_inds", 15, "way_indirect_hits", plain),
    ("way_miss", 16, "way_misses", plain),
    ("way_cols", 17, "way_collisions", plain),
    ("drops", 4, "drops", plain),
    ("marks", 8, "ecn_mark", plain),
    ("ack_drop", 6, "ack_drops", plain),
    ("sp_flows", 21, "sparse_flows", plain),
    ("bk_flows", 22, "bulk_flows", plain),
    ("un_flows", 23, "unresponsive_flows", plain),
    ("max_len", 24, "max_pkt_len", plain),
    ("quantum", 25, "flow_quantum", plain),
];
/// The order of the keys in JSON.
const KEYS: &[&str] = &[
    "threshold_rate",
    "sent_bytes",
    "backlog_bytes",
    "target_us",
    "interval_us",
    "peak_delay_us",
    "avg_delay_us",
    "base_delay_us",
    "sent_packets",
    "way_indirect_hits",
    "way_misses",
    "way_collisions",
    "drops",
    "ecn_mark",
    "ack_drops",
    "sparse_flows",
    "bulk_flows",
    "unresponsive_flows",
    "max_pkt_len",
    "flow_quantum",
];

/// What it counts: of all, then a table with a column for each tin.
pub(super) fn counts(fields: &mut Fields, bytes: &[u8], options: &Options) {
    let number = |kind| attr::find(bytes, kind).map(attr::number);
    if let (Some(used), Some(limit)) = (number(4), number(3)) {
        fields.both("memory_used", used, format!(" memory used: {}", size_text(used)));
        fields.both("memory_limit", limit, format!(" of {}\n", size_text(limit)));
    }
    if let Some(rate) = number(2) {
        fields.both("capacity_estimate", rate, format!(" capacity estimate: {}\n", rate_text(rate * 8, options.iec)));
    }
    let pairs = [
        ("min/max network layer size:    ", "min_network_size", 6, "max_network_size", 7),
        ("min/max overhead-adjusted size:", "min_adj_size", 8, "max_adj_size", 9),
    ];
    for (head, low, low_kind, high, high_kind) in pairs {
        if let (Some(least), Some(most)) = (number(low_kind), number(high_kind)) {
            fields.both(low, least, format!(" {head} {least:>8}"));
            fields.both(high, most, format!(" /{most:>8}\n"));
        }
    }
    if let Some(offset) = number(5) {
        fields.both("avg_hdr_offset", offset, format!(" average network hdr offset: {offset:>12}\n\n"));
    }
    let Some(list) = attr::find(bytes, 10) else { return };
    let tins: Vec<&[u8]> = attr::read(list).into_iter().map(|(_, tin)| tin).collect();
    let head = match tins.len() {
        3 => "                   Bulk  Best Effort        Voice\n".to_string(),
        4 => "                   Bulk  Best Effort        Video        Voice\n".to_string(),
        count => format!("          {}\n", (0..count).map(|tin| format!("        Tin {tin}")).collect::<String>()),
    };
    let value = |tin: &[u8], kind: u16| attr::find(tin, kind).map_or(0, attr::number);
    let rows = ROWS.iter().map(|(name, kind, _, told)| {
        let columns: String = tins.iter().map(|tin| format!(" {:>12}", told(value(tin, *kind), options.iec))).collect();
        format!("  {name:<8}{columns}\n")
    });
    let text = head + rows.collect::<String>().as_str() + "\n";
    let objects = tins.iter().map(|tin| {
        let mut own = Fields::new();
        for key in KEYS {
            if let Some((_, kind, ..)) = ROWS.iter().find(|(_, _, known, _)| known == key) {
                own.json(*key, value(tin, *kind));
            }
        }
        own
    });
    fields.both("tins", Value::Objects(objects.collect()), text);
}
