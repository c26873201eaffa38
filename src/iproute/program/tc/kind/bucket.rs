//! Rates with buckets: tbf, and the classes of htb (tc-tbf(8), tc-htb(8)).

use super::super::number::{rate_text, size_text, time_text};
use super::super::{illegal, number, what_is};
use super::{count, value};
use super::{rate, structure};
use crate::iproute::program::options::Options;
use crate::iproute::program::output::{Fields, Value};
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::Words;
use crate::kernel::attr::{self, Writer};
use crate::kernel::qdisc::{Class, ClassSpec, Htb, Rate, Tbf};

const TBF: &str = "tbf rate RATE burst BYTES { latency TIME | limit BYTES } [ peakrate RATE mtu BYTES ] [ mpu BYTES ] [ overhead BYTES ] [ linklayer TYPE ]";
const HTB: &str = "qdisc add ... htb [ default N ] [ r2q N ] [ direct_qlen P ]\n... class add ... htb rate RATE [ ceil RATE ] [ burst BYTES ] \
[ cburst BYTES ] [ prio N ] [ quantum BYTES ] [ mtu BYTES ] [ mpu BYTES ] [ overhead BYTES ] [ linklayer TYPE ]";

fn linklayer(text: &str) -> Option<bool> {
    match text {
        "ethernet" => Some(false),
        "atm" | "adsl" => Some(true),
        _ => None,
    }
}

pub(super) fn tbf(words: &mut Words<'_>, dev: Option<&str>) -> Result<Tbf> {
    let rate_of = number::rate_on(dev);
    let mut rate = Rate::default();
    let (mut bits, mut peak, mut burst, mut mtu, mut limit, mut latency) = (None, None, None, None, None, None);
    // A size may have the size of a cell behind a slash, which today's kernels do not need.
    let bucket = |text: &str| number::size(text.split('/').next().unwrap_or_default());
    while let Some(word) = words.take() {
        let name = match word {
            "buffer" | "burst" | "maxburst" => "burst",
            "mtu" | "minburst" => "mtu",
            other => other,
        };
        if !["limit", "latency", "burst", "mtu", "mpu", "rate", "peakrate", "overhead", "linklayer"].contains(&name) {
            return Err(Stop::wrong(format!("tbf: unknown parameter \"{word}\"\nUsage: ... {TBF}")));
        }
        let text = words.value()?;
        let twice = || Stop::wrong(format!("tbf: duplicate \"{word}\" specification"));
        let wrong = || Stop::wrong(format!("tbf: illegal value for \"{word}\": \"{text}\""));
        let only = |full: bool| if full { Err(twice()) } else { Ok(()) };
        match name {
            "limit" | "latency" if limit.is_some() || latency.is_some() => {
                if name == "limit" && limit.is_some() || name == "latency" && latency.is_some() {
                    return Err(twice());
                }
                return Err(Stop::wrong("tbf: specifying both \"limit\" and \"/latency\" is not allowed"));
            }
            "limit" => limit = Some(number::size(text).ok_or_else(wrong)?),
            "latency" => latency = Some(number::time(text, 1e3).ok_or_else(wrong)? / 1000),
            "burst" => {
                only(burst.is_some())?;
                burst = Some(bucket(text).ok_or_else(wrong)?);
            }
            "mtu" => {
                only(mtu.is_some())?;
                mtu = Some(bucket(text).ok_or_else(wrong)?);
            }
            "rate" => {
                only(bits.is_some())?;
                bits = Some(rate_of(text).ok_or_else(wrong)?);
            }
            "peakrate" => {
                only(peak.is_some())?;
                peak = Some(rate_of(text).ok_or_else(wrong)?);
            }
            "mpu" => rate.mpu = number::size(text).and_then(|size| u16::try_from(size).ok()).ok_or_else(wrong)?,
            "overhead" => rate.overhead = number::size(text).and_then(|size| u16::try_from(size).ok()).ok_or_else(wrong)?,
            _ => rate.atm = linklayer(text).ok_or_else(wrong)?,
        }
    }
    let mut missing = String::new();
    // 0 is as good as nothing.
    let (bits, burst) = (bits.filter(|bits| *bits > 0), burst.filter(|burst| *burst > 0));
    for (name, lacks) in [("rate", bits.is_none()), ("burst", burst.is_none())] {
        if lacks {
            missing += &format!("tbf: the \"{name}\" parameter is mandatory.\n");
        }
    }
    if peak.is_some() && mtu.is_none() {
        missing += "tbf: when \"peakrate\" is specified, \"mtu\" must also be specified.\n";
    }
    if limit.is_none() && latency.is_none() {
        missing += "tbf: either \"limit\" or \"latency\" is required.\n";
    }
    if !missing.is_empty() {
        return Err(Stop::wrong(format!("{missing}Usage: ... {TBF}")));
    }
    let rate = Rate { bits: bits.unwrap_or(0), ..rate };
    let peak = peak.map(|bits| (Rate { bits, ..rate }, mtu.unwrap_or(0)));
    let burst = burst.unwrap_or(0);
    let limit = limit.unwrap_or_else(|| {
        let latency = latency.unwrap_or(0) as f64;
        let waits = |rate: Rate, bucket: u32| rate.bytes() as f64 * latency / 1e6 + f64::from(bucket);
        peak.map_or(waits(rate, burst), |(peak, mtu)| waits(rate, burst).min(waits(peak, mtu))) as u32
    });
    Ok(Tbf { rate, burst, limit, peak })
}

pub(super) fn tbf_told(fields: &mut Fields, bytes: &[u8], options: &Options) {
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
    if options.raw {
        fields.text(format!("[{:08x}] ", attr::find(bytes, 1).map_or(0, |head| attr::u32_at(head, 28))));
    }
    if let Some((peak, mtu)) = tbf.peak {
        fields.text(format!("peakrate {} ", rate_text(peak.bits, options.iec)));
        match options.details > 0 {
            true => bucket(fields, "mtu", mtu, peak),
            false => fields.both("minburst", mtu, format!("minburst {} ", size_text(mtu.into()))),
        }
    }
    let latency = tbf.latency();
    if latency >= 0.0 {
        fields.both("lat", latency as u64, format!("lat {} ", time_text(latency.trunc())));
    }
    if options.raw || latency < 0.0 {
        fields.both("limit", tbf.limit, format!("limit {} ", size_text(tbf.limit.into())));
    }
    if tbf.rate.overhead != 0 {
        fields.both("overhead", u32::from(tbf.rate.overhead), format!("overhead {} ", tbf.rate.overhead));
    }
    layer_told(fields, tbf.rate, options);
}

fn layer_told(fields: &mut Fields, rate: Rate, options: &Options) {
    if rate.atm || options.details > 0 {
        let word = if rate.atm { "atm" } else { "ethernet" };
        fields.both("linklayer", word, format!("linklayer {word} "));
    }
}

/// Reads the options of htb.
pub(super) fn htb(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let usage = |stop: Stop| Stop { text: format!("{}Usage: ... {HTB}\n", stop.text), ..stop };
    let mut htb = Htb::default();
    let (mut debug, mut offload) = (0, false);
    while let Some(word) = words.take() {
        match word {
            // The classid of another major number is taken for its minor one.
            "default" => {
                let text = words.value()?;
                let minor = text.rsplit(':').next().unwrap_or_default();
                htb.default = u32::from_str_radix(minor.strip_prefix("0x").unwrap_or(minor), 16).map_err(|_| usage(illegal("default")))?;
            }
            "r2q" => htb.r2q = value(words, "r2q", |text| text.parse().ok()).map_err(usage)?,
            "direct_qlen" => htb.direct_qlen = Some(value(words, "direct_qlen", count).map_err(usage)?),
            "debug" => debug = value(words, "debug", count).map_err(usage)?,
            "offload" => offload = true,
            other => return Err(what_is(other, HTB)),
        }
    }
    // struct tc_htb_glob: version, rate to quantum, default class, debug, direct packets.
    let mut writer = Writer::default();
    writer.put(2, &structure(&[3, htb.r2q, htb.default, debug, 0]));
    if let Some(packets) = htb.direct_qlen {
        writer.u32(5, packets);
    }
    if offload {
        writer.put(9, &[]);
    }
    Ok(writer.bytes())
}

pub(super) fn htb_told(fields: &mut Fields, bytes: &[u8], options: &Options) {
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
    if let Some(packets) = attr::find(bytes, 5).map(attr::number) {
        fields.both("direct_qlen", packets, format!(" direct_qlen {packets}"));
    }
    if attr::find(bytes, 9).is_some() {
        fields.both("offload", Value::Null, " offload");
    }
}

pub(super) fn htb_class(words: &mut Words<'_>, dev: Option<&str>) -> Result<Vec<u8>> {
    let rate_of = number::rate_on(dev);
    let usage = |stop: Stop| if stop.status == 1 { Stop { text: format!("{}Usage: ... {HTB}\n", stop.text), ..stop } } else { stop };
    let mut layer = Rate::default();
    let mut class = Class::default();
    let (mut rate, mut ceil, mut burst, mut cburst, mut mtu) = (None, None, None, None, 1600);
    let bucket = |text: &str| number::size(text.split('/').next().unwrap_or_default());
    while let Some(word) = words.take() {
        match word {
            "rate" => {
                let bits = value(words, "rate", &rate_of).map_err(usage)?;
                if rate.replace(bits).is_some() {
                    return Err(usage(Stop::wrong("Double \"rate\" spec")));
                }
            }
            "ceil" => {
                let bits = value(words, "ceil", &rate_of).map_err(usage)?;
                if ceil.replace(bits).is_some() {
                    return Err(usage(Stop::wrong("Double \"ceil\" spec")));
                }
            }
            "burst" | "buffer" | "maxburst" => burst = Some(value(words, "burst", bucket).map_err(usage)?),
            "cburst" | "cbuffer" | "cmaxburst" => cburst = Some(value(words, "cburst", bucket).map_err(usage)?),
            "prio" => class.prio = value(words, "prio", count).map_err(usage)?,
            "quantum" => class.quantum = value(words, "quantum", number::size).map_err(usage)?,
            "mtu" => mtu = value(words, "mtu", count).map_err(usage)?,
            "mpu" => layer.mpu = value(words, "mpu", |text| text.parse().ok()).map_err(usage)?,
            "overhead" => layer.overhead = value(words, "overhead", |text| text.parse().ok()).map_err(usage)?,
            "linklayer" => layer.atm = value(words, "linklayer", linklayer).map_err(usage)?,
            other => return Err(what_is(other, HTB)),
        }
    }
    let bits = rate.ok_or_else(|| Stop::wrong("\"rate\" is required."))?;
    class.rate = Rate { bits, ..layer };
    class.ceil = Rate { bits: ceil.unwrap_or(bits), ..layer };
    // What goes in one tick of the kernel's clock, which is 1 ns, and a packet.
    let usual = |rate: Rate| (rate.bytes() / 1_000_000_000) as u32 + mtu;
    class.burst = burst.unwrap_or_else(|| usual(class.rate));
    class.cburst = cburst.unwrap_or_else(|| usual(class.ceil));
    Ok(ClassSpec::Htb(class).options())
}

/// The options of a class of htb, and what it counts.
pub(super) fn class_told(fields: &mut Fields, more: &mut Fields, bytes: &[u8], counts: &[u8], options: &Options) {
    if let Some((class, level)) = Class::read(bytes) {
        class_words(fields, &class, level, options);
    }
    if options.raw {
        // struct tc_htb_opt: behind the two rates the buckets, in ticks.
        let head = attr::find(bytes, 1).unwrap_or_default();
        fields.text(format!("buffer [{:08x}] cbuffer [{:08x}] ", attr::u32_at(head, 24), attr::u32_at(head, 28)));
    }
    let at = |place: usize| attr::u32_at(counts, place * 4);
    if counts.len() >= 20 {
        more.both("lended", at(0), format!(" lended: {}", at(0)));
        more.both("borrowed", at(1), format!(" borrowed: {}", at(1)));
        more.both("giants", at(2), format!(" giants: {}\n", at(2)));
        more.both("tokens", at(3).cast_signed(), format!(" tokens: {}", at(3).cast_signed()));
        more.both("ctokens", at(4).cast_signed(), format!(" ctokens: {}\n", at(4).cast_signed()));
    }
}

fn class_words(fields: &mut Fields, class: &Class, level: u32, options: &Options) {
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
    layer_told(fields, class.rate, options);
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
