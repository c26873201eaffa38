//! The options of each discipline and class, as `tc` prints them.

use super::super::options::Options;
use super::super::output::{Fields, Value};
use super::number::{nanos_text, rate_text, share_text, significant, size_text, time_text};
use crate::kernel::attr;
use crate::kernel::qdisc::{Class, Curve, Netem, PLAIN, Rate, Sfq, Tbf};

const TCA_XSTATS: u16 = 4;
const TCA_STATS2: u16 = 7;
const STATS_APP: u16 = 4;

fn float(number: f64) -> Value {
    Value::Raw(significant(number, 6))
}

fn rate(fields: &mut Fields, key: &str, bits: u64, options: &Options, before: &str, after: &str) {
    fields.both(key, bits / 8, format!("{before}{}{after}", rate_text(bits, options.iec)));
}

fn time(fields: &mut Fields, key: &str, micros: u32) {
    fields.both(key, micros, format!("{key} {} ", time_text(micros.into())));
}

/// The options of a discipline.
pub(super) fn qdisc(options: &Options, name: &str, bytes: &[u8]) -> Fields {
    let mut fields = Fields::new();
    let at = |place: usize| attr::u32_at(bytes, place * 4);
    let number = |kind: u16| attr::find(bytes, kind).map(|value| attr::number(value) as u32);
    match name {
        "netem" => netem(&mut fields, bytes, options),
        "tbf" => tbf(&mut fields, bytes, options),
        "htb" => {
            let global = attr::find(bytes, 2).unwrap_or_default();
            let at = |place: usize| attr::u32_at(global, place * 4);
            let default = if at(2) == 0 { "0".to_string() } else { format!("{:#x}", at(2)) };
            fields.both("r2q", at(1), format!("r2q {}", at(1)));
            fields.both("default", &default, format!(" default {default}"));
            fields.both("direct_packets_stat", at(4), format!(" direct_packets_stat {}", at(4)));
            if options.details > 0 {
                let version = format!("{}.{}", at(0) >> 16, at(0) & 0xffff);
                fields.both("ver", &version, format!(" ver {version}"));
            }
            if let Some(packets) = number(5) {
                fields.both("direct_qlen", packets, format!(" direct_qlen {packets}"));
            }
        }
        "hfsc" => {
            let default = attr::number(bytes.get(..2).unwrap_or_default());
            if default != 0 {
                fields.both("default", format!("{default:x}"), format!("default {default:x} "));
            }
        }
        "prio" | "pfifo_fast" if bytes.len() >= 20 => {
            fields.both("bands", at(0), format!("bands {} priomap", at(0)));
            let map = &bytes[4..20];
            let text: String = map.iter().map(|band| format!(" {band}")).collect();
            fields.both("priomap", Value::List(map.iter().map(|band| Value::from(*band)).collect()), text);
            fields.json("multiqueue", false);
        }
        "pfifo" | "pfifo_head_drop" if bytes.len() >= 4 => fields.both("limit", at(0), format!("limit {}p", at(0))),
        "bfifo" if bytes.len() >= 4 => fields.both("limit", at(0), format!("limit {}", size_text(at(0).into()))),
        "sfq" if bytes.len() >= 20 => sfq(&mut fields, &Sfq::read(bytes), options),
        "ingress" => fields.text("---------------- "),
        "fq_codel" | "codel" => codel(&mut fields, name, &number),
        "fq" => fq(&mut fields, &number, options),
        "cake" => cake(&mut fields, bytes, options),
        _ => {}
    }
    fields
}

fn tbf(fields: &mut Fields, bytes: &[u8], options: &Options) {
    let Some(tbf) = Tbf::read(bytes) else { return };
    rate(fields, "rate", tbf.rate.bits, options, "rate ", " ");
    let bucket = |fields: &mut Fields, key: &str, size: u32, of: Rate| {
        fields.both(key, format!("{}/1", size_text(size.into())), format!("{key} {}/1 ", size_text(size.into())));
        fields.both("mpu", u32::from(of.mpu), format!("mpu {} ", size_text(of.mpu.into())));
    };
    match options.details > 0 {
        true => bucket(fields, "burst", tbf.burst, tbf.rate),
        false => fields.both("burst", tbf.burst, format!("burst {} ", size_text(tbf.burst.into()))),
    }
    if let Some((peak, mtu)) = tbf.peak {
        fields.text(format!("peakrate {} ", rate_text(peak.bits, options.iec)));
        match options.details > 0 {
            true => bucket(fields, "mtu", mtu, peak),
            false => fields.both("minburst", mtu, format!("minburst {} ", size_text(mtu.into()))),
        }
    }
    let latency = tbf.latency();
    match latency >= 0.0 {
        true => fields.both("lat", latency as u64, format!("lat {} ", time_text(latency.trunc()))),
        false => fields.both("limit", tbf.limit, format!("limit {} ", size_text(tbf.limit.into()))),
    }
    if tbf.rate.overhead != 0 {
        fields.both("overhead", u32::from(tbf.rate.overhead), format!("overhead {} ", tbf.rate.overhead));
    }
    linklayer(fields, tbf.rate, options);
}

fn linklayer(fields: &mut Fields, rate: Rate, options: &Options) {
    if rate.atm || options.details > 0 {
        let word = if rate.atm { "atm" } else { "ethernet" };
        fields.both("linklayer", word, format!("linklayer {word} "));
    }
}

fn sfq(fields: &mut Fields, sfq: &Sfq, options: &Options) {
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
}

fn netem(fields: &mut Fields, bytes: &[u8], options: &Options) {
    let netem = Netem::read(bytes);
    let limit = netem.limit.unwrap_or(0);
    fields.both("limit", limit, format!("limit {limit}"));
    // tc tells times as the kernel's ticks of 64 ns are in whole microseconds.
    let micros = |span: Option<std::time::Duration>| span.map_or(0, |span| ((span.as_nanos() / 64) as f64 / 15.625) as u64);
    let (delay, jitter) = (micros(netem.delay), micros(netem.jitter));
    if delay > 0 {
        let mut inner = Fields::new();
        inner.both("delay", float(delay as f64 / 1e6), format!(" delay {}", time_text(delay as f64)));
        let text = if jitter > 0 { format!("  {}", time_text(jitter as f64)) } else { String::new() };
        inner.both("jitter", float(jitter as f64 / 1e6), text);
        let correlation = netem.delay_correlation.filter(|_| jitter > 0);
        correlated(&mut inner, correlation);
        fields.object("delay", inner);
    }
    if let Some(share) = netem.loss.filter(|share| *share > 0.0) {
        let mut inner = Fields::new();
        inner.both("loss", float(share), format!(" loss {}", share_text(share)));
        correlated(&mut inner, netem.loss_correlation);
        fields.object("loss-random", inner);
    }
    let chain = |fields: &mut Fields, key: &str, word: &str, names: &[&str], shares: &[f64]| {
        let mut inner = Fields::new();
        inner.text(format!(" loss {word}"));
        for (name, share) in names.iter().zip(shares) {
            inner.both(*name, float(*share), format!(" {name} {}", share_text(*share)));
        }
        fields.object(key, inner);
    };
    if let Some(state) = netem.state {
        chain(fields, "loss-state", "state", &["p13", "p31", "p32", "p23", "p14"], &state);
    }
    if let Some(model) = netem.gemodel {
        chain(fields, "loss-gemodel", "gemodel", &["p", "r", "1-h", "1-k"], &model);
    }
    let mut shared = |key: &str, share: Option<f64>, correlation: Option<f64>| {
        if let Some(share) = share.filter(|share| *share > 0.0) {
            let mut inner = Fields::new();
            inner.both(key, float(share), format!(" {key} {}", share_text(share)));
            correlated(&mut inner, correlation);
            fields.object(key, inner);
        }
    };
    shared("duplicate", netem.duplicate, netem.duplicate_correlation);
    shared("reorder", netem.reorder, netem.reorder_correlation);
    shared("corrupt", netem.corrupt, netem.corrupt_correlation);
    if let Some(bits) = netem.rate {
        let (packet, cell, per_cell) = netem.rate_overhead;
        let mut inner = Fields::new();
        rate(&mut inner, "rate", bits, options, " rate ", "");
        let some = |key: &str, value: i64| if value == 0 { String::new() } else { format!(" {key} {value}") };
        inner.both("packetoverhead", packet, some("packetoverhead", packet.into()));
        inner.both("cellsize", cell, some("cellsize", cell.into()));
        inner.both("celloverhead", per_cell, some("celloverhead", per_cell.into()));
        fields.object("rate", inner);
    }
    if let Some(slot) = &netem.slot {
        let (first, second) = (slot.times.0.as_nanos() as u64, slot.times.1.as_nanos() as u64);
        let names = if slot.distribution.is_some() { ("distribution", "jitter") } else { ("min-delay", "max-delay") };
        let word = if slot.distribution.is_some() { "slot distribution" } else { "slot" };
        let mut inner = Fields::new();
        inner.both(names.0, float(first as f64 / 1e9), format!(" {word} {}", nanos_text(first)));
        inner.both(names.1, float(second as f64 / 1e9), format!(" {}", nanos_text(second)));
        let some = |key: &str, value: u32| if value == 0 { String::new() } else { format!(" {key} {value}") };
        inner.both("packets", slot.packets, some("packets", slot.packets));
        inner.both("bytes", slot.bytes, some("bytes", slot.bytes));
        fields.object("slot", inner);
    }
    if let Some(seed) = netem.seed {
        fields.both("seed", seed, format!(" seed {seed}"));
    }
    fields.both("ecn", netem.ecn, if netem.ecn { " ecn " } else { "" });
    let gap = netem.gap.unwrap_or(0);
    fields.both("gap", gap, if gap > 0 { format!(" gap {gap}") } else { String::new() });
}

fn correlated(fields: &mut Fields, correlation: Option<f64>) {
    let text = correlation.map(|share| format!(" {}", share_text(share))).unwrap_or_default();
    fields.both("correlation", float(correlation.unwrap_or(0.0)), text);
}

fn codel(fields: &mut Fields, name: &str, number: &impl Fn(u16) -> Option<u32>) {
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

fn fq(fields: &mut Fields, number: &impl Fn(u16) -> Option<u32>, options: &Options) {
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

fn cake(fields: &mut Fields, bytes: &[u8], options: &Options) {
    let long = |kind: u16| attr::find(bytes, kind).map(attr::number);
    let number = |kind: u16| long(kind).map(|value| value as u32);
    let word = |name: &str, value: u32| {
        let plain = PLAIN.iter().find(|plain| plain.name == "cake");
        let field = plain.and_then(|plain| plain.fields.iter().find(|field| field.name == name));
        let known = field.map_or(&[][..], |field| match field.form {
            crate::kernel::field::Form::Word(_, words) => words,
            _ => &[],
        });
        known.iter().find(|(_, number)| *number == u64::from(value)).map_or("", |(word, _)| word)
    };
    match long(2) {
        Some(bytes) if bytes != 0 => rate(fields, "bandwidth", bytes * 8, options, "bandwidth ", " "),
        _ => fields.both("bandwidth", "unlimited", "bandwidth unlimited "),
    }
    if number(9).is_some_and(|on| on != 0) {
        fields.both("autorate", "autorate-ingress", "autorate-ingress ");
    }
    for (key, name, kind) in [("diffserv", "diffserv", 3), ("flowmode", "isolation", 5)] {
        if let Some(value) = number(kind) {
            fields.both(key, word(name, value), format!("{} ", word(name, value)));
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
        fields.both("ack-filter", told, format!("{} ", word("ack_filter", filter)));
    }
    if let Some(split) = number(17) {
        fields.both("split_gso", split != 0, format!("{} ", word("split_gso", split)));
    }
    if let Some(rtt) = number(7) {
        time(fields, "rtt", rtt);
    }
    let raw = attr::find(bytes, 12).is_some();
    fields.both("raw", raw, if raw { "raw " } else { "" });
    if let Some(layer) = number(4).filter(|_| !raw) {
        fields.both("atm", word("link_layer", layer), format!("{} ", word("link_layer", layer)));
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

/// What a discipline counts of its own.
pub(super) fn extra(fields: &mut Fields, name: &str, attributes: &[u8]) {
    let app = attr::find(attributes, TCA_STATS2).and_then(|stats| attr::find(stats, STATS_APP));
    let Some(bytes) = app.or_else(|| attr::find(attributes, TCA_XSTATS)) else { return };
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

/// The options of a class, and what it counts.
pub(super) fn class(options: &Options, name: &str, bytes: &[u8], attributes: &[u8]) -> (Fields, Fields) {
    let (mut fields, mut more) = (Fields::new(), Fields::new());
    let app = attr::find(attributes, TCA_STATS2).and_then(|stats| attr::find(stats, STATS_APP));
    let counts = app.or_else(|| attr::find(attributes, TCA_XSTATS)).unwrap_or_default();
    let at = |place: usize| attr::u32_at(counts, place * 4);
    match name {
        "htb" => {
            if let Some((class, level)) = Class::read(bytes) {
                htb_class(&mut fields, &class, level, options);
            }
            if counts.len() >= 20 {
                more.both("lended", at(0), format!(" lended: {}", at(0)));
                more.both("borrowed", at(1), format!(" borrowed: {}", at(1)));
                more.both("giants", at(2), format!(" giants: {}\n", at(2)));
                more.both("tokens", at(3).cast_signed(), format!(" tokens: {}", at(3).cast_signed()));
                more.both("ctokens", at(4).cast_signed(), format!(" ctokens: {}\n", at(4).cast_signed()));
            }
        }
        "hfsc" => {
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
        "drr" => {
            if let Some(quantum) = attr::find(bytes, 1).map(attr::number) {
                fields.both("quantum", quantum, format!("quantum {} ", size_text(quantum)));
            }
            if counts.len() >= 4 {
                more.both("deficit", at(0), format!(" deficit {} \n", size_text(at(0).into())));
            }
        }
        "qfq" => {
            for (kind, word) in [(1, "weight"), (2, "maxpkt")] {
                if let Some(value) = attr::find(bytes, kind).map(attr::number) {
                    fields.both(word, value, format!("{word} {value} "));
                }
            }
        }
        _ => {}
    }
    (fields, more)
}

fn htb_class(fields: &mut Fields, class: &Class, level: u32, options: &Options) {
    let details = options.details > 0;
    if level == 0 {
        fields.both("prio", class.prio, format!("prio {} ", class.prio));
        if details {
            fields.both("quantum", class.quantum, format!("quantum {} ", class.quantum));
        }
    }
    rate(fields, "rate", class.rate.bits, options, "rate ", " ");
    if class.rate.overhead != 0 {
        fields.both("overhead", u32::from(class.rate.overhead), format!("overhead {} ", class.rate.overhead));
    }
    rate(fields, "ceil", class.ceil.bits, options, "ceil ", " ");
    linklayer(fields, class.rate, options);
    let bucket = |fields: &mut Fields, key: &str, size: u32, of: Rate| {
        let text = match details {
            true => format!("{key} {}/1 mpu {} ", size_text(size.into()), size_text(of.mpu.into())),
            false => format!("{key} {} ", size_text(size.into())),
        };
        fields.both(key, size, text);
    };
    bucket(fields, "burst", class.burst, class.rate);
    bucket(fields, "cburst", class.cburst, class.ceil);
    if details {
        fields.both("level", level, format!("level {level} "));
    }
}
