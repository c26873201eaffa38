//! `bridge fdb`: forwarding databases.

use super::super::Run;
use super::super::output::{Fields, Value};
use super::super::stop::{Result, Stop};
use super::super::words::{Family, Words, begins, number};
use super::{AF_BRIDGE, failed, find, is_show, refused, unknown, usage};
use crate::kernel::attr::{self, Writer};
use crate::kernel::link::mac_text;
use crate::kernel::talk::{APPEND, CREATE, EXCL, REPLACE};

const RTM_NEWNEIGH: u16 = 28;
const RTM_DELNEIGH: u16 = 29;
const RTM_GETNEIGH: u16 = 30;
/// linux/netlink.h: delete all that fit.
const NLM_F_BULK: u16 = 0x200;
const NDMSG: usize = 12;
// linux/neighbour.h
const REACHABLE: u16 = 0x02;
const STALE: u16 = 0x04;
const NOARP: u16 = 0x40;
const PERMANENT: u16 = 0x80;
const NTF_USE: u8 = 1;
const NTF_SELF: u8 = 2;
const NTF_MASTER: u8 = 4;
const NTF_EXT_LEARNED: u8 = 0x10;
const NTF_OFFLOADED: u8 = 0x20;
const NTF_STICKY: u8 = 0x40;
const NTF_ROUTER: u8 = 0x80;
/// USER_HZ
const TICKS: u32 = 100;

const HELP: &str = "Usage: bridge fdb { add | append | del | replace } ADDR dev DEV { self | master } [ use ] [ router ] [ extern_learn ] [ sticky ]\n\
\x20                 [ local | static | dynamic ] [ dst IPADDR ] [ vlan VID ] [ port PORT ] [ vni VNI ] [ via DEV ] [ src_vni VNI ] [ nhid ID ]\n\
\x20      bridge fdb [ show [ br BRDEV ] [ brport DEV ] [ vlan VID ] [ state STATE ] [ dynamic ] ]\n\
\x20      bridge fdb get ADDR [ br BRDEV ] [ dev DEV ] [ vlan VID ] [ vni VNI ] [ self | master ] [ dynamic ]\n\
\x20      bridge fdb flush dev DEV [ brport DEV ] [ vlan VID ] [ self | master ] [ [no]permanent | [no]static | [no]dynamic ]";

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => show(run, words),
        Some(verb) if begins(verb, "add") => modify(run, words, RTM_NEWNEIGH, CREATE | EXCL),
        Some(verb) if begins(verb, "append") => modify(run, words, RTM_NEWNEIGH, CREATE | APPEND),
        Some(verb) if begins(verb, "replace") => modify(run, words, RTM_NEWNEIGH, CREATE | REPLACE),
        Some(verb) if begins(verb, "delete") => modify(run, words, RTM_DELNEIGH, 0),
        Some(verb) if begins(verb, "get") => get(run, words),
        Some(verb) if is_show(verb) => show(run, words),
        Some(verb) if begins(verb, "flush") => flush(run, words),
        Some(verb) if begins(verb, "help") => Err(usage(HELP)),
        Some(verb) => Err(unknown(verb, "fdb")),
    }
}

fn header(index: u32, state: u16, flags: u8) -> Vec<u8> {
    let mut bytes = vec![AF_BRIDGE, 0, 0, 0];
    bytes.extend(index.to_ne_bytes());
    bytes.extend(state.to_ne_bytes());
    bytes.extend([flags, 0]);
    bytes
}

fn mac(text: &str) -> Option<[u8; 6]> {
    let bytes: Option<Vec<u8>> = text.split(':').map(|part| u8::from_str_radix(part, 16).ok().filter(|_| part.len() <= 2)).collect();
    bytes?.try_into().ok()
}

fn whole<T: TryFrom<u64>>(words: &mut Words<'_>, message: &str) -> Result<T> {
    let text = words.value()?;
    let read = number(text).and_then(|number| T::try_from(number).ok());
    read.ok_or_else(|| Stop::invalid(text, message))
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, message: u16, how: u16) -> Result {
    let (mut dev, mut address, mut state, mut flags) = (None, None, 0_u16, 0_u8);
    let mut attributes = Writer::default();
    while let Some(word) = words.take() {
        match word {
            "dev" => dev = Some(words.value()?),
            "dst" => {
                let text = words.value()?;
                let ip = super::super::words::parse_address(text, Family::Any);
                let wrong = || Stop { whole: true, ..Stop::wrong(format!("Error: any valid address is expected rather than \"{text}\".")) };
                attributes.ip(1, ip.ok_or_else(wrong)?);
            }
            "nhid" => attributes.u32(13, whole(words, "\"id\" value is invalid\n")?),
            "port" => {
                let port: u16 = whole(words, "invalid port\n")?;
                attributes.put(6, &port.to_be_bytes());
            }
            "vni" => attributes.u32(7, whole(words, "invalid VNI\n")?),
            "src_vni" => attributes.u32(11, whole(words, "invalid src VNI\n")?),
            "via" => {
                let name = words.value()?;
                let via = run.find_link(name)?.ok_or_else(|| Stop::exit(format!("Cannot find device \"{name}\"")))?;
                attributes.u32(8, via.index);
            }
            "self" => flags |= NTF_SELF,
            word if word.len() > 1 && begins(word, "master") => flags |= NTF_MASTER,
            word if word.len() > 1 && begins(word, "router") => flags |= NTF_ROUTER,
            word if word.len() > 1 && (begins(word, "local") || begins(word, "permanent")) => state |= PERMANENT,
            word if word.len() > 1 && (begins(word, "temp") || begins(word, "static")) && word != "to" => state |= REACHABLE | NOARP,
            word if word.len() > 1 && begins(word, "dynamic") => state |= REACHABLE,
            "vlan" => {
                let vlan: i64 = whole::<u32>(words, "invalid VLAN ID\n")?.into();
                attributes.u16(5, vlan as u16);
            }
            "use" => flags |= NTF_USE,
            "extern_learn" => flags |= NTF_EXT_LEARNED,
            "sticky" => flags |= NTF_STICKY,
            word => {
                let text = if word == "to" { words.value()? } else { word };
                if begins(text, "help") {
                    return Err(usage(HELP));
                }
                if address.replace(text).is_some() {
                    return Err(Stop::garbage("to", text));
                }
            }
        }
    }
    let (Some(dev), Some(address)) = (dev, address) else {
        return Err(failed("Device and address are required arguments."));
    };
    let address = mac(address).ok_or_else(|| failed(format!("Invalid mac address {address}")))?;
    if flags & (NTF_SELF | NTF_MASTER) == 0 {
        flags |= NTF_SELF;
    }
    if state & (NOARP | REACHABLE) == 0 {
        state |= PERMANENT;
    }
    let index = find(run, dev, "device")?.index;
    let mut bytes = header(index, state, flags);
    let mut lladdr = Writer::default();
    lladdr.put(2, &address);
    bytes.extend(lladdr.bytes());
    bytes.extend(attributes.bytes());
    run.change(message, how, &bytes).map_err(refused)
}

/// What is to be shown.
#[derive(Default)]
struct Only {
    index: u32,
    vlan: Option<u16>,
    state: Option<u16>,
    dynamic: bool,
}

/// Reads the word of a state.
fn state(text: &str) -> Option<u16> {
    if text == "all" {
        return Some(u16::MAX);
    }
    [("permanent", PERMANENT), ("static", NOARP), ("stale", STALE), ("reachable", REACHABLE)]
        .into_iter()
        .find(|(word, _)| begins(text, word))
        .map(|(_, state)| state)
}

fn show(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut only = Only::default();
    let (mut dev, mut bridge) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "brport" | "dev" => dev = Some(words.value()?),
            "br" => bridge = Some(words.value()?),
            "vlan" => only.vlan = number(words.value()?).and_then(|vlan| u16::try_from(vlan).ok()),
            "state" => {
                let text = words.value()?;
                only.state = Some(state(text).ok_or_else(|| Stop::invalid(text, "invalid state"))?);
            }
            "dynamic" => only.dynamic = true,
            word if begins(word, "help") => return Err(usage(HELP)),
            _ => {}
        }
    }
    let mut master = Writer::default();
    if let Some(name) = bridge {
        let index = find(run, name, "bridge device")?.index;
        master.u32(9, index);
    }
    if let Some(name) = dev {
        only.index = find(run, name, "device")?.index;
    }
    let mut question = header(only.index, 0, 0);
    question.extend(master.bytes());
    let mut found = Vec::new();
    for answer in run.dump(RTM_GETNEIGH, &question)? {
        if answer.kind == RTM_NEWNEIGH {
            found.extend(one(run, &answer.bytes, &only));
        }
    }
    run.print(&found);
    Ok(())
}

/// Prints an entry of any kind.
pub(super) fn entry(run: &mut Run<'_>, bytes: &[u8]) -> Option<Fields> {
    one(run, bytes, &Only::default())
}

fn one(run: &mut Run<'_>, bytes: &[u8], only: &Only) -> Option<Fields> {
    if bytes.first() != Some(&AF_BRIDGE) {
        return None;
    }
    let index = attr::u32_at(bytes, 4);
    let state = attr::number(bytes.get(8..10)?) as u16;
    let flags = *bytes.get(10)?;
    let attributes = attr::read(bytes.get(NDMSG..)?);
    let get = |kind: u16| attributes.iter().find(|(known, _)| *known == kind).map(|(_, value)| *value);
    let vlan = get(5).map(|vlan| attr::number(vlan) as u16);
    if (only.index != 0 && only.index != index)
        || only.vlan.is_some_and(|only| vlan != Some(only))
        || only.state.is_some_and(|only| state & only == 0)
        || (only.dynamic && state & PERMANENT != 0)
    {
        return None;
    }
    let mut fields = Fields::new();
    if let Some(address) = get(2) {
        fields.both("mac", mac_text(address), format!("{} ", mac_text(address)));
    }
    if only.index == 0 {
        let name = run.name_of(index);
        fields.both("ifname", &name, format!("dev {name} "));
    }
    if let Some(dst) = get(1).and_then(attr::ip) {
        fields.both("dst", dst.to_string(), format!("dst {dst} "));
    }
    if let Some(vlan) = vlan {
        fields.both("vlan", u32::from(vlan), format!("vlan {vlan} "));
    }
    if let Some([high, low]) = get(6) {
        let port = u16::from_be_bytes([*high, *low]);
        fields.both("port", u32::from(port), format!("port {port} "));
    }
    for (key, kind) in [("vni", 7), ("src_vni", 11)] {
        if let Some(vni) = get(kind).map(attr::number) {
            fields.both(key, vni, format!("{key} {vni} "));
        }
    }
    if let Some(via) = get(8).map(|via| attr::number(via) as u32).filter(|via| *via != 0) {
        let name = run.name_of(via);
        fields.both("viaIf", &name, format!("via {name} "));
    }
    if let Some(id) = get(13).map(attr::number) {
        fields.both("nhid", id, format!("nhid {id} "));
    }
    // struct nda_cacheinfo: confirmed, used, updated, references.
    if run.options.stats > 0
        && let Some(times) = get(3)
    {
        let (used, updated) = (attr::u32_at(times, 4) / TICKS, attr::u32_at(times, 8) / TICKS);
        fields.both("used", used, format!("used {used}/"));
        fields.both("updated", updated, format!("{updated} "));
    }
    let words =
        [(NTF_SELF, "self"), (NTF_ROUTER, "router"), (NTF_EXT_LEARNED, "extern_learn"), (NTF_OFFLOADED, "offload"), (NTF_STICKY, "sticky")];
    let words: Vec<&str> = words.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, word)| *word).collect();
    let text: String = words.iter().map(|word| format!("{word} ")).collect();
    fields.both("flags", Value::List(words.iter().map(|word| Value::from(*word)).collect()), text);
    if let Some(master) = get(9).map(|master| attr::number(master) as u32) {
        let name = run.name_of(master);
        fields.both("master", &name, format!("master {name} "));
    }
    let word = match state {
        _ if state & PERMANENT != 0 => "permanent".to_string(),
        _ if state & NOARP != 0 => "static".to_string(),
        _ if state & STALE != 0 => "stale".to_string(),
        _ if state & REACHABLE != 0 => String::new(),
        other => format!("state={other:#x}"),
    };
    fields.both("state", &word, format!("{word}\n"));
    Some(fields)
}

fn get(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut dev, mut bridge, mut address, mut flags) = (None, None, None, 0_u8);
    let mut attributes = Writer::default();
    while let Some(word) = words.take() {
        match word {
            "brport" | "dev" => dev = Some(words.value()?),
            "br" => bridge = Some(words.value()?),
            "vlan" => attributes.u16(5, whole(words, "invalid VLAN ID\n")?),
            "vni" => attributes.u32(7, whole(words, "invalid VNI\n")?),
            "self" => flags |= NTF_SELF,
            "master" => flags |= NTF_MASTER,
            "dynamic" => {}
            word => {
                let text = if word == "to" { words.value()? } else { word };
                if address.replace(text).is_some() {
                    return Err(Stop::duplicate("to", text));
                }
            }
        }
    }
    let (Some(address), true) = (address, dev.is_some() || bridge.is_some()) else {
        return Err(failed("Device or master and address are required arguments."));
    };
    let mut wanted = Writer::default();
    wanted.put(2, &mac(address).ok_or_else(|| failed(format!("Invalid mac address {address}")))?);
    let index = dev.map(|dev| find(run, dev, "device")).transpose()?.map_or(0, |link| link.index);
    if let Some(name) = bridge {
        let index = find(run, name, "bridge device")?.index;
        wanted.u32(9, index);
    }
    let mut bytes = header(index, 0, flags);
    bytes.extend(wanted.bytes());
    bytes.extend(attributes.bytes());
    // -2 as a byte.
    let answer = run.ask(RTM_GETNEIGH, 0, &bytes).map_err(|stop| if stop.status == 2 { Stop { status: 254, ..stop } } else { stop })?;
    let found: Vec<Fields> = answer.messages.iter().filter_map(|message| entry(run, &message.bytes)).collect();
    run.print(&found);
    Ok(())
}

fn flush(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut dev, mut port, mut flags, mut state, mut mask, mut flag_bits, mut flag_mask) = (None, None, 0_u8, 0_u16, 0_u16, 0_u8, 0_u8);
    let mut attributes = Writer::default();
    while let Some(word) = words.take() {
        let (bare, on) = word.strip_prefix("no").map_or((word, true), |bare| (bare, false));
        match word {
            "dev" => {
                dev = Some(words.value()?);
                continue;
            }
            "brport" => {
                port = Some(words.value()?);
                continue;
            }
            "vlan" => {
                attributes.u16(5, whole(words, "invalid VLAN ID\n")?);
                continue;
            }
            "self" => {
                flags |= NTF_SELF;
                continue;
            }
            "master" => {
                flags |= NTF_MASTER;
                continue;
            }
            _ => {}
        }
        let by_state = [("permanent", PERMANENT), ("static", NOARP)].into_iter().find(|(known, _)| *known == bare);
        let by_flag = [("added_by_user", NTF_USE), ("extern_learn", NTF_EXT_LEARNED), ("sticky", NTF_STICKY), ("offloaded", NTF_OFFLOADED)];
        let by_flag = by_flag.into_iter().find(|(known, _)| *known == bare);
        match (by_state, by_flag, bare) {
            (Some((_, bit)), ..) => {
                mask |= bit;
                state |= if on { bit } else { 0 };
            }
            (_, Some((_, bit)), _) => {
                flag_mask |= bit;
                flag_bits |= if on { bit } else { 0 };
            }
            // What is dynamic is not static.
            (_, _, "dynamic") => {
                mask |= NOARP;
                state |= if on { 0 } else { NOARP };
            }
            (_, _, "help") => return Err(usage(HELP)),
            (_, _, other) => return Err(Stop::duplicate("dev", other)),
        }
    }
    let dev = dev.ok_or_else(|| failed("Device is a required argument."))?;
    let index = find(run, dev, "device")?.index;
    let port = port.map(|port| find(run, port, "device")).transpose()?;
    if flags == 0 {
        flags = NTF_SELF;
    }
    let mut bytes = header(index, state, flags | flag_bits);
    if let Some(port) = port {
        attributes.u32(8, port.index);
    }
    if mask != 0 {
        attributes.u16(16, mask);
    }
    if flag_mask != 0 {
        attributes.u8(17, flag_mask);
    }
    bytes.extend(attributes.bytes());
    run.change(RTM_DELNEIGH, NLM_F_BULK, &bytes).map_err(refused)
}
