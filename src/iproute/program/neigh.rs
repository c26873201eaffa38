//! `ip neighbour`: which hardware address an address has.

use super::link::show;
use super::output::{Fields, Value};
use super::stop::{Result, Stop};
use super::words::{self, Family, Prefix, Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};
use crate::kernel::link::mac_text;
use crate::kernel::talk;

const RTM_NEWNEIGH: u16 = 28;
const RTM_DELNEIGH: u16 = 29;
const RTM_GETNEIGH: u16 = 30;
const NDMSG: usize = 12;

// linux/neighbour.h
const NDA_DST: u16 = 1;
const NDA_LLADDR: u16 = 2;
const NDA_CACHEINFO: u16 = 3;
const NDA_PROBES: u16 = 4;
const NDA_IFINDEX: u16 = 8;
const NDA_MASTER: u16 = 9;
const NDA_PROTOCOL: u16 = 12;
const NDA_FLAGS_EXT: u16 = 15;
const NTF_USE: u8 = 1;
const NTF_PROXY: u8 = 8;
const NTF_EXT_LEARNED: u8 = 0x10;
const NTF_ROUTER: u8 = 0x80;
const NOARP: u16 = 0x40;
const PERMANENT: u16 = 0x80;

/// NUD_ states.
const STATES: [(u16, &str); 8] = [
    (0x01, "INCOMPLETE"),
    (0x02, "REACHABLE"),
    (0x04, "STALE"),
    (0x08, "DELAY"),
    (0x10, "PROBE"),
    (0x20, "FAILED"),
    (NOARP, "NOARP"),
    (PERMANENT, "PERMANENT"),
];

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(verb) = words.take() else { return list(run, words, false) };
    let is = |full: &str| begins(verb, full);
    match () {
        () if is("add") => modify(run, words, RTM_NEWNEIGH, talk::CREATE | talk::EXCL),
        () if is("change") || verb == "chg" => modify(run, words, RTM_NEWNEIGH, talk::REPLACE),
        () if is("replace") => modify(run, words, RTM_NEWNEIGH, talk::CREATE | talk::REPLACE),
        () if is("delete") => modify(run, words, RTM_DELNEIGH, 0),
        () if is("get") => get(run, words),
        () if show::is_show(verb) => list(run, words, false),
        () if is("flush") => list(run, words, true),
        () if is("help") => Err(usage::object("neighbour")),
        () => Err(Stop::unknown_command(verb, "ip neigh")),
    }
}

fn state(word: &str) -> Option<u16> {
    let named = STATES.iter().find(|(_, name)| begins(word, &name.to_lowercase())).map(|(bit, _)| *bit);
    named.or((word == "none").then_some(0)).or_else(|| words::number(word).and_then(|number| u16::try_from(number).ok()))
}

fn header(family: Family, index: u32, state: u16, flags: u8) -> Vec<u8> {
    let mut header = vec![0; NDMSG];
    header[0] = family.number();
    header[4..8].copy_from_slice(&index.to_ne_bytes());
    header[8..10].copy_from_slice(&state.to_ne_bytes());
    header[10] = flags;
    header
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, kind: u16, how: u16) -> Result {
    let (mut dst, mut dev, mut lladdr, mut proto) = (None::<Prefix>, None, None, None);
    let (mut nud, mut flags, mut extended) = (PERMANENT, 0, 0u32);
    while let Some(word) = words.take() {
        match word {
            "lladdr" => {
                let text = words.value()?;
                lladdr = Some(if text == "null" {
                    Vec::new()
                } else {
                    words::hardware(text).map_err(|stop| Stop { status: 1, whole: false, ..stop })?
                });
            }
            "nud" => {
                let text = words.value()?;
                nud = state(text).ok_or_else(|| Stop::invalid(text, "nud state is bad"))?;
            }
            "proxy" => {
                let text = words.value()?;
                dst = Some(one(text, dst, run.options.family)?);
                flags |= NTF_PROXY;
            }
            "router" => flags |= NTF_ROUTER,
            "extern_learn" => flags |= NTF_EXT_LEARNED,
            "use" => flags |= NTF_USE,
            "managed" => {
                extended |= 1;
                nud = 0;
            }
            "dev" => dev = Some(words.value()?),
            _ if begins(word, "protocol") => {
                let text = words.value()?;
                let number = super::names::Of::Proto.number(text).and_then(|proto| u8::try_from(proto).ok());
                proto = Some(number.ok_or_else(|| Stop::invalid(text, "\"protocol\" value is invalid\n"))?);
            }
            _ => {
                let text = if word == "to" { words.value()? } else { word };
                if text == "help" {
                    return Err(usage::object("neighbour"));
                }
                dst = Some(one(text, dst, run.options.family)?);
            }
        }
    }
    let (Some(dev), Some(dst)) = (dev, dst) else {
        return Err(Stop::unreadable("Device and destination are required arguments."));
    };
    let index = run.link(dev)?.index;
    let mut message = Writer::new(&header(dst.family(), index, nud, flags));
    if let Some(ip) = dst.ip {
        message.ip(NDA_DST, ip);
    }
    if let Some(lladdr) = &lladdr {
        message.put(NDA_LLADDR, lladdr);
    }
    if let Some(proto) = proto {
        message.u8(NDA_PROTOCOL, proto);
    }
    if extended != 0 {
        message.u32(NDA_FLAGS_EXT, extended);
    }
    run.change(kind, how, &message.bytes())
}

fn one(text: &str, before: Option<Prefix>, family: Family) -> Result<Prefix> {
    if before.is_some() {
        return Err(Stop::garbage("to", text));
    }
    let ip = words::address(text, family)?;
    Ok(Prefix { ip: Some(ip), length: 0, told: false })
}

/// Which entries.
#[derive(Default)]
struct Which {
    family: Family,
    to: Option<Prefix>,
    dev: Option<u32>,
    master: Option<u32>,
    states: u16,
    proxy: bool,
    nomaster: bool,
    unused: bool,
    proto: Option<u8>,
    all: bool,
}

fn read(run: &mut Run<'_>, words: &mut Words<'_>, flush: bool) -> Result<Which> {
    let every = STATES.iter().fold(0, |bits, (bit, _)| bits | bit);
    let mut which = Which { family: run.options.family, ..Which::default() };
    while let Some(word) = words.take() {
        match word {
            "dev" => {
                let name = words.value()?;
                which.dev = Some(run.link(name)?.index);
            }
            "master" => {
                let name = words.value()?;
                which.master = Some(run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "Device does not exist\n"))?.index);
            }
            "vrf" => {
                let name = words.value()?;
                which.master = Some(run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "Not a valid VRF name\n"))?.index);
            }
            "nomaster" => which.nomaster = true,
            "unused" => which.unused = true,
            "nud" => {
                let text = words.value()?;
                which.states |= match text {
                    "all" => {
                        which.all = true;
                        u16::MAX
                    }
                    _ => match state(text).ok_or_else(|| Stop::invalid(text, "nud state is bad"))? {
                        0 => 0x100,
                        state => state,
                    },
                };
            }
            "proxy" => which.proxy = true,
            _ if begins(word, "protocol") => {
                let text = words.value()?;
                let number = super::names::Of::Proto.number(text).and_then(|proto| u8::try_from(proto).ok());
                which.proto = Some(number.ok_or_else(|| Stop::invalid(text, "invalid \"protocol\"\n"))?);
            }
            _ => {
                let text = if word == "to" { words.value()? } else { word };
                if text == "help" {
                    return Err(usage::object("neighbour"));
                }
                let prefix = words::prefix(text, which.family)?;
                if which.family == Family::Any {
                    which.family = prefix.family();
                }
                which.to = Some(prefix);
            }
        }
    }
    if which.states == 0 && !which.all {
        // What is never asked about is not shown, and what is permanent is not flushed.
        which.states = every & !NOARP & if flush { !PERMANENT } else { every };
    }
    Ok(which)
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>, flush: bool) -> Result {
    if flush && words.done() {
        return Err(Stop::wrong("Flush requires arguments."));
    }
    let which = read(run, words, flush)?;
    let mut question = Writer::new(&header(which.family, 0, 0, if which.proxy { NTF_PROXY } else { 0 }));
    if let Some(index) = which.dev {
        question.u32(NDA_IFINDEX, index);
    }
    if let Some(master) = which.master.or(which.nomaster.then_some(u32::MAX)) {
        question.u32(NDA_MASTER, master);
    }
    let messages = run.dump(RTM_GETNEIGH, &question.bytes())?;
    let chosen: Vec<Vec<u8>> = messages
        .into_iter()
        .filter(|message| message.kind == RTM_NEWNEIGH && passes(&which, &message.bytes))
        .map(|message| message.bytes)
        .collect();
    if flush {
        return flush_all(run, &which, chosen);
    }
    let objects: Vec<Fields> = chosen.iter().map(|bytes| entry(run, bytes, which.dev.is_some())).collect();
    run.print(&objects);
    Ok(())
}

fn passes(which: &Which, bytes: &[u8]) -> bool {
    let find = |kind| attr::find(bytes.get(NDMSG..).unwrap_or_default(), kind);
    let state = bytes.get(8..10).map_or(0, attr::number) as u16;
    let flags = bytes.get(10).copied().unwrap_or(0);
    let family = Family::of(bytes.first().copied().unwrap_or(0));
    matches!(family, Family::Inet | Family::Inet6)
        && (which.family == Family::Any || which.family == family)
        && which.dev.is_none_or(|dev| dev == attr::u32_at(bytes, 4))
        && (which.proxy
            || flags & (NTF_PROXY | NTF_EXT_LEARNED) != 0
            || which.states & state != 0
            || (state == 0 && which.states & 0x100 != 0))
        && !(which.unused && find(NDA_CACHEINFO).is_some_and(|info| attr::u32_at(info, 12) != 0))
        && which.proto.is_none_or(|proto| find(NDA_PROTOCOL).is_some_and(|own| attr::number(own) == u64::from(proto)))
        && which.to.is_none_or(|to| find(NDA_DST).and_then(attr::ip).is_some_and(|ip| to.holds(ip)))
}

fn flush_all(run: &mut Run<'_>, which: &Which, chosen: Vec<Vec<u8>>) -> Result {
    let count = chosen.len();
    for bytes in &chosen {
        if run.options.stats > 1 {
            let told = entry(run, bytes, which.dev.is_some());
            run.print(&[told]);
        }
        match run.try_ask(RTM_DELNEIGH, 0, bytes)? {
            Ok(_) => {}
            Err(failure) if failure.is(crate::kernel::Errno::ENOENT) => {}
            Err(failure) => return Err(Stop { status: 1, ..Stop::refused(&failure) }),
        }
    }
    run.flushed(count, "entries");
    Ok(())
}

/// An entry, as it is printed.
pub(super) fn entry(run: &mut Run<'_>, bytes: &[u8], told: bool) -> Fields {
    let mut fields = Fields::new();
    let find = |kind| attr::find(bytes.get(NDMSG..).unwrap_or_default(), kind);
    let state = bytes.get(8..10).map_or(0, attr::number) as u16;
    let flags = bytes.get(10).copied().unwrap_or(0);
    if run.options.brief {
        let ip = find(NDA_DST).and_then(attr::ip).map_or_else(String::new, |ip| ip.to_string());
        fields.both("dst", ip.as_str(), format!("{ip:<39} "));
        if !told {
            let name = run.name_of(attr::u32_at(bytes, 4));
            fields.both("dev", name.as_str(), format!("{name:<16} "));
        }
        if let Some(lladdr) = find(NDA_LLADDR).map(mac_text) {
            fields.both("lladdr", lladdr.as_str(), lladdr.as_str());
        }
        fields.text("\n");
        return fields;
    }
    if let Some(ip) = find(NDA_DST).and_then(attr::ip) {
        fields.both("dst", ip.to_string(), format!("{ip} "));
    }
    if !told {
        let name = run.name_of(attr::u32_at(bytes, 4));
        fields.both("dev", name.as_str(), format!("dev {name} "));
    }
    if let Some(lladdr) = find(NDA_LLADDR) {
        let text = mac_text(lladdr);
        fields.both("lladdr", text.as_str(), format!("lladdr {text} "));
    }
    for (bit, word) in [(NTF_ROUTER, "router"), (NTF_PROXY, "proxy"), (NTF_EXT_LEARNED, "extern_learn")] {
        if flags & bit != 0 {
            fields.null(word, &format!("{word} "));
        }
    }
    if find(NDA_FLAGS_EXT).is_some_and(|flags| attr::number(flags) & 1 != 0) {
        fields.null("managed", "managed ");
    }
    if run.options.stats > 0 {
        if let Some(info) = find(NDA_CACHEINFO) {
            // Ticks of a hundredth of a second: confirmed, used, updated, and how many use it.
            let at = |at: usize| attr::u32_at(info, at);
            let users = at(12);
            if users != 0 {
                fields.both("refcnt", users, format!("ref {users} "));
            }
            let (used, confirmed, updated) = (at(4) / 100, at(0) / 100, at(8) / 100);
            fields.both("used", used, format!(" used {used}"));
            fields.both("confirmed", confirmed, format!("/{confirmed}"));
            fields.both("updated", updated, format!("/{updated}"));
        }
        if let Some(probes) = find(NDA_PROBES).map(attr::number) {
            fields.both("probes", probes, format!("probes {probes} "));
        }
    }
    if state != 0 {
        let names: Vec<&str> = STATES.iter().filter(|(bit, _)| state & bit != 0).map(|(_, name)| *name).collect();
        let text: String = names.iter().map(|name| format!("{name} ")).collect();
        fields.both("state", Value::List(names.into_iter().map(Value::from).collect()), text);
    }
    if let Some(proto) = find(NDA_PROTOCOL).map(attr::number) {
        let name = super::names::Of::Proto.name(proto as u32);
        fields.both("protocol", name.as_str(), format!("proto {name} "));
    }
    fields.text("\n");
    fields
}

fn get(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut dst, mut dev, mut proxy) = (None::<Prefix>, None, false);
    while let Some(word) = words.take() {
        match word {
            "dev" => dev = Some(words.value()?),
            "proxy" => {
                let text = words.value()?;
                dst = Some(one(text, dst, run.options.family)?);
                proxy = true;
            }
            _ => {
                let text = if word == "to" { words.value()? } else { word };
                if text == "help" {
                    return Err(usage::object("neighbour"));
                }
                dst = Some(one(text, dst, run.options.family)?);
            }
        }
    }
    let (Some(dev), Some(dst)) = (dev, dst) else {
        return Err(Stop::wrong("Device and address are required arguments."));
    };
    let index = run.link(dev)?.index;
    let mut question = Writer::new(&header(dst.family(), index, 0, if proxy { NTF_PROXY } else { 0 }));
    if let Some(ip) = dst.ip {
        question.ip(NDA_DST, ip);
    }
    let answer = run.ask(RTM_GETNEIGH, 0, &question.bytes())?;
    // As words even where JSON was asked for.
    let text: String = answer.messages.iter().map(|message| entry(run, &message.bytes, false).words()).collect();
    run.write(&text);
    Ok(())
}
