//! `ip ntable`: how the tables of neighbours are kept (linux/neighbour.h, NDTA_ and NDTPA_).

use super::clock;
use super::link::show;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{Family, Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};

const RTM_GETNEIGHTBL: u16 = 66;
const RTM_SETNEIGHTBL: u16 = 67;
/// Bytes of `struct ndtmsg`.
const HEADER: usize = 4;
const NAME: u16 = 1;
const CONFIG: u16 = 5;
const PARMS: u16 = 6;
const STATS: u16 = 7;
const IFINDEX: u16 = 1;

/// A setting: its word, its name in JSON, its attribute, and whether it is a time, which has 64 bits.
type Setting = (&'static str, &'static str, u16, bool);

/// Of the table.
const OF_TABLE: [Setting; 4] = [
    ("thresh1", "thresh1", 2, false),
    ("thresh2", "thresh2", 3, false),
    ("thresh3", "thresh3", 4, false),
    ("gc_int", "gc_interval", 8, true),
];

/// Of a link in it, in the lines in which they are told; what cannot be set has no word.
const OF_LINK: [&[Setting]; 4] = [
    &[("", "refcnt", 2, false), ("", "reachable", 3, true), ("base_reachable", "base_reachable", 4, true), ("retrans", "retrans", 5, true)],
    &[("gc_stale", "gc_stale", 6, true), ("delay_probe", "delay_probe", 7, true), ("queue", "queue", 8, false)],
    &[("app_probes", "app_probes", 9, false), ("ucast_probes", "ucast_probes", 10, false), ("mcast_probes", "mcast_probes", 11, false)],
    &[
        ("anycast_delay", "anycast_delay", 12, true),
        ("proxy_delay", "proxy_delay", 13, true),
        ("proxy_queue", "proxy_queue", 14, false),
        ("locktime", "locktime", 15, true),
    ],
];

/// Counters, in the lines in which they are told (`struct ndt_stats`).
const COUNTERS: [&[&str]; 5] = [
    &["allocs", "destroys", "hash_grows"],
    &["res_failed", "lookups", "hits"],
    &["rcv_probes_mcast", "rcv_probes_ucast"],
    &["periodic_gc_runs", "forced_gc_runs"],
    &["table_fulls"],
];

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => list(run, words),
        Some(verb) if show::is_show(verb) => list(run, words),
        Some(verb) if begins(verb, "change") => change(run, words),
        Some(verb) if begins(verb, "help") => Err(usage::object("ntable")),
        Some(verb) => Err(Stop::unknown_command(verb, "ip ntable")),
    }
}

fn change(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut name, mut dev) = (None, None);
    let (mut table, mut link) = (Writer::default(), Writer::default());
    while let Some(word) = words.take() {
        let of_link = OF_LINK.iter().flat_map(|line| line.iter()).find(|(known, ..)| *known == word);
        match (word, OF_TABLE.iter().find(|(known, ..)| *known == word), of_link) {
            ("name", ..) => name = Some(words.value()?),
            ("dev", ..) => dev = Some(words.value()?),
            (_, Some((_, _, attribute, time)), _) => put(words, word, &mut table, *attribute, *time)?,
            (_, _, Some((_, _, attribute, time))) => put(words, word, &mut link, *attribute, *time)?,
            _ => return Err(Stop::invalid(word, "unknown")),
        }
    }
    let Some(name) = name else { return Err(Stop::missing("NAME")) };
    let (table, link) = (table.bytes(), link.bytes());
    if table.is_empty() && link.is_empty() {
        return Err(Stop::unreadable("Not enough information: changeable attributes required."));
    }
    let index = dev.map(|dev| run.link(dev)).transpose()?.map(|link| link.index);
    let mut message = Writer::new(&[run.options.family.number(), 0, 0, 0]);
    message.text(NAME, name);
    for (kind, value) in attr::read(&table) {
        message.put(kind, value);
    }
    if !link.is_empty() {
        message.nest_plain(PARMS, |parms| {
            if let Some(index) = index {
                parms.u32(IFINDEX, index);
            }
            attr::read(&link).into_iter().for_each(|(kind, value)| parms.put(kind, value));
        });
    }
    run.change(RTM_SETNEIGHTBL, 0, &message.bytes())
}

fn put(words: &mut Words<'_>, word: &str, writer: &mut Writer, attribute: u16, time: bool) -> Result {
    let message = format!("\"{word}\" value is invalid");
    match time {
        true => writer.u64(attribute, words.number(&message)?),
        false => writer.u32(attribute, words.number(&message)?),
    }
    Ok(())
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut dev, mut name) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "dev" => {
                let text = words.value()?;
                dev = Some(run.find_link(text)?.ok_or_else(|| Stop::invalid(text, "\"DEV\" is invalid"))?.index);
            }
            "name" => name = Some(words.value()?),
            _ => return Err(Stop::invalid(word, "unknown")),
        }
    }
    let mut objects = Vec::new();
    for message in run.dump(RTM_GETNEIGHTBL, &[run.options.family.number(), 0, 0, 0])? {
        let bytes = &message.bytes;
        let find = |kind| attr::find(bytes.get(HEADER..).unwrap_or_default(), kind);
        let own = find(NAME).map(attr::text).unwrap_or_default();
        let index = find(PARMS).and_then(|parms| attr::find(parms, IFINDEX)).map(|index| attr::number(index) as u32);
        if name.is_none_or(|name| name == own) && (dev.is_none() || dev == index) {
            objects.push(described(run, bytes, &own, index));
        }
    }
    if !objects.is_empty() || run.options.json {
        run.print(&objects);
    }
    Ok(())
}

fn described(run: &mut Run<'_>, bytes: &[u8], name: &str, index: Option<u32>) -> Fields {
    let find = |kind| attr::find(bytes.get(HEADER..).unwrap_or_default(), kind);
    let mut fields = Fields::new();
    let family = Family::of(bytes.first().copied().unwrap_or(0)).word();
    fields.both("family", family, format!("{family} "));
    fields.both("name", name, format!("{name} \n"));
    if let Some(index) = index.filter(|index| *index != 0) {
        let dev = run.name_of(index);
        fields.both("dev", dev.as_str(), format!("    dev {dev} \n"));
    }
    settings(&OF_TABLE, &|kind| find(kind), &mut fields);
    if run.options.stats > 0
        && let Some(config) = find(CONFIG)
    {
        configuration(config, &mut fields);
    }
    if let Some(parms) = find(PARMS) {
        for line in OF_LINK {
            settings(line, &|kind| attr::find(parms, kind), &mut fields);
        }
    }
    if run.options.stats > 0
        && let Some(stats) = find(STATS)
    {
        let mut place = 0;
        for (at, line) in COUNTERS.iter().enumerate() {
            fields.text(if at == 0 { "    stats " } else { "    " });
            for counter in *line {
                let value = stats.get(place..place + 8).map_or(0, attr::number);
                fields.both(*counter, value, format!("{counter} {value} "));
                place += 8;
            }
            fields.text("\n");
        }
    }
    fields.text("\n");
    fields
}

/// A line of settings, if there is one of them.
fn settings<'b>(line: &[Setting], find: &dyn Fn(u16) -> Option<&'b [u8]>, fields: &mut Fields) {
    let mut first = true;
    for (word, key, attribute, _) in line {
        if let Some(value) = find(*attribute).map(attr::number) {
            let word = if word.is_empty() { key } else { word };
            fields.both(*key, value, format!("{}{word} {value} ", if first { "    " } else { "" }));
            first = false;
        }
    }
    if !first {
        fields.text("\n");
    }
}

/// `struct ndt_config`; two times are told as milliseconds that have passed.
fn configuration(config: &[u8], fields: &mut Fields) {
    let half = |at: usize| config.get(at..at + 2).map_or(0, attr::number);
    let number = |at: usize| attr::u32_at(config, at);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
    let date = |at: usize| clock::date(now - i64::from(number(at)) / 1000);
    fields.text("    config ");
    fields.both("key_length", half(0), format!("key_len {} ", half(0)));
    fields.both("entry_size", half(2), format!("entry_size {} ", half(2)));
    fields.both("entries", number(4), format!("entries {} \n", number(4)));
    fields.both("last_flush", date(8), format!("        last_flush {} ", date(8)));
    fields.both("last_rand", date(12), format!("last_rand {} \n", date(12)));
    fields.both("hash_rnd", number(16), format!("        hash_rnd {} ", number(16)));
    fields.both("hash_mask", format!("{:#x}", number(20)), format!("hash_mask {:08x} ", number(20)));
    fields.both("hash_chain_gc", number(24), format!("hash_chain_gc {} ", number(24)));
    fields.both("proxy_qlen", number(28), format!("proxy_qlen {} \n", number(28)));
}
