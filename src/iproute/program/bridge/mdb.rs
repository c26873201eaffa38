//! `bridge mdb`: multicast groups.

use super::super::Run;
use super::super::output::{Fields, Value};
use super::super::stop::Result;
use super::super::words::{Words, begins, number};
use super::{AF_BRIDGE, failed, find, is_show, refused, unknown, usage};
use crate::kernel::attr::{self, Writer};
use crate::kernel::link::mac_text;
use crate::kernel::talk::{CREATE, EXCL, REPLACE};
use std::net::IpAddr;

const RTM_NEWMDB: u16 = 84;
const RTM_DELMDB: u16 = 85;
const RTM_GETMDB: u16 = 86;
/// struct br_mdb_entry: index, state, flags, VLAN, address, protocol.
const ENTRY: usize = 28;

const HELP: &str = "Usage: bridge mdb { add | replace | del } dev DEV port PORT grp GROUP [ src SOURCE ] [ permanent | temp ] [ vid VID ]\n\
\x20      bridge mdb { show } [ dev DEV ] [ vid VID ]";

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => show(run, words),
        Some(verb) if begins(verb, "add") => modify(run, words, RTM_NEWMDB, CREATE | EXCL),
        Some(verb) if begins(verb, "replace") => modify(run, words, RTM_NEWMDB, CREATE | REPLACE),
        Some(verb) if begins(verb, "delete") => modify(run, words, RTM_DELMDB, 0),
        Some(verb) if is_show(verb) => show(run, words),
        Some(verb) if begins(verb, "help") => Err(usage(HELP)),
        Some(verb) => Err(unknown(verb, "mdb")),
    }
}

fn header(index: u32) -> Vec<u8> {
    let mut bytes = vec![AF_BRIDGE, 0, 0, 0];
    bytes.extend(index.to_ne_bytes());
    bytes
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, message: u16, how: u16) -> Result {
    let (mut dev, mut port, mut group, mut source, mut state, mut vlan) = (None, None, None, None, 0_u8, 0_u16);
    while let Some(word) = words.take() {
        match word {
            "dev" => dev = Some(words.value()?),
            "grp" => group = Some(words.value()?),
            "port" => port = Some(words.value()?),
            "permanent" if message != RTM_DELMDB || state == 0 => state = 1,
            "temp" => state = 0,
            "vid" => vlan = number(words.value()?).unwrap_or(0) as u16,
            "src" => source = Some(words.value()?),
            word if begins(word, "help") => return Err(usage(HELP)),
            _ => {}
        }
    }
    let (Some(dev), Some(port), Some(group)) = (dev, port, group) else {
        return Err(failed("Device, group address and port name are required arguments."));
    };
    let bridge = find(run, dev, "device")?.index;
    let port = find(run, port, "device")?.index;
    let invalid = |text: &str| failed(format!("Invalid address \"{text}\""));
    let mut entry = port.to_ne_bytes().to_vec();
    entry.extend([state, 0]);
    entry.extend(vlan.to_ne_bytes());
    let (mut address, protocol) = match group.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => (ip.octets().to_vec(), 0x0800_u16),
        Ok(IpAddr::V6(ip)) => (ip.octets().to_vec(), 0x86dd),
        Err(_) => {
            let bytes: Option<Vec<u8>> = group.split(':').map(|part| u8::from_str_radix(part, 16).ok()).collect();
            (bytes.filter(|bytes| bytes.len() == 6).ok_or_else(|| invalid(group))?, 0)
        }
    };
    address.resize(16, 0);
    entry.extend(address);
    entry.extend(protocol.to_be_bytes());
    entry.resize(ENTRY, 0);
    let mut bytes = Writer::new(&header(bridge));
    bytes.put(1, &entry);
    if let Some(text) = source {
        let ip: IpAddr = text.parse().map_err(|_| failed(format!("Invalid source address \"{text}\"")))?;
        bytes.nest(2, |more| more.ip(1, ip));
    }
    run.change(message, how, &bytes.bytes()).map_err(refused)
}

fn show(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut dev, mut vlan) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "dev" => dev = Some(words.value()?),
            "vid" => vlan = number(words.value()?).and_then(|vlan| u16::try_from(vlan).ok()),
            word if begins(word, "help") => return Err(usage(HELP)),
            _ => {}
        }
    }
    let dev = dev.map(|dev| find(run, dev, "device")).transpose()?.map(|link| link.index);
    let (mut groups, mut routers) = (Vec::new(), Fields::new());
    for answer in run.dump(RTM_GETMDB, &header(0))? {
        if dev.is_some_and(|dev| attr::u32_at(&answer.bytes, 4) != dev) {
            continue;
        }
        groups.extend(entries(run, &answer.bytes, vlan));
        if run.options.details > 0 {
            router(run, &answer.bytes, &mut routers);
        }
    }
    if run.options.json {
        let mut all = Fields::new();
        all.objects("mdb", groups);
        all.object("router", routers);
        run.print(&[all]);
        return Ok(());
    }
    run.print(&groups);
    run.print(&[routers]);
    Ok(())
}

/// The groups of a message, each as a line.
pub(super) fn entries(run: &mut Run<'_>, bytes: &[u8], vlan: Option<u16>) -> Vec<Fields> {
    let bridge = attr::u32_at(bytes, 4);
    let mut found = Vec::new();
    let Some(mdb) = bytes.get(8..).and_then(|attributes| attr::find(attributes, 1)) else { return found };
    for (_, list) in attr::read(mdb) {
        for (kind, info) in attr::read(list) {
            if kind == 1 && info.len() >= ENTRY && vlan.is_none_or(|vlan| attr::number(&info[6..8]) as u16 == vlan) {
                found.push(one(run, bridge, info));
            }
        }
    }
    found
}

fn one(run: &mut Run<'_>, bridge: u32, info: &[u8]) -> Fields {
    let more = info.get(ENTRY..).unwrap_or_default();
    let get = |kind: u16| attr::find(more, kind);
    let (dev, port) = (run.name_of(bridge), run.name_of(attr::u32_at(info, 0)));
    let group = match u16::from_be_bytes([info[24], info[25]]) {
        0x0800 => attr::ip(&info[8..12]).map(|ip| ip.to_string()),
        0x86dd => attr::ip(&info[8..24]).map(|ip| ip.to_string()),
        _ => None,
    };
    let group = group.unwrap_or_else(|| mac_text(&info[8..14]));
    let mut fields = Fields::new();
    fields.json("index", bridge);
    fields.both("dev", &dev, format!("dev {dev}"));
    fields.both("port", &port, format!(" port {port}"));
    fields.both("grp", &group, format!(" grp {group}"));
    if let Some(source) = get(4).and_then(attr::ip).filter(|source| !source.is_unspecified()) {
        fields.both("src", source.to_string(), format!(" src {source}"));
    }
    let state = if info[4] & 1 != 0 { "permanent" } else { "temp" };
    fields.both("state", state, format!(" {state}"));
    if run.options.details > 0 {
        if let Some(mode) = get(3).map(attr::number) {
            let word = if mode == 1 { "include" } else { "exclude" };
            fields.both("filter_mode", word, format!(" filter_mode {word}"));
        }
        if let Some(sources) = get(2) {
            let (mut list, mut text) = (Vec::new(), Vec::new());
            for (_, source) in attr::read(sources) {
                let Some(ip) = attr::find(source, 1).and_then(attr::ip) else { continue };
                let timer = attr::find(source, 2).map_or(0, attr::number);
                let timer = format!("{}.{:02}", timer / 100, timer % 100);
                let mut one = Fields::new();
                one.json("address", ip.to_string());
                one.json("timer", &timer);
                list.push(one);
                text.push(format!("{ip}/{timer}"));
            }
            fields.both("source_list", Value::Objects(list), format!(" source_list {}", text.join(",")));
        }
        if let Some(protocol) = get(5).map(attr::number) {
            let word = match protocol {
                2 => "kernel".to_string(),
                3 => "boot".to_string(),
                4 => "static".to_string(),
                other => other.to_string(),
            };
            fields.both("protocol", &word, format!(" proto {word} "));
        }
    }
    let flags = [(1, "offload"), (2, "fast_leave"), (4, "added_by_star_ex"), (8, "blocked")];
    let flags: Vec<&str> = flags.iter().filter(|(flag, _)| info[5] & flag != 0).map(|(_, word)| *word).collect();
    let text: String = flags.iter().map(|flag| format!(" {flag}")).collect();
    fields.both("flags", Value::List(flags.iter().map(|flag| Value::from(*flag)).collect()), text);
    let vlan = attr::number(&info[6..8]);
    if vlan != 0 {
        fields.both("vid", vlan, format!(" vid {vlan}"));
    }
    if run.options.stats > 0
        && let Some(timer) = get(1).map(attr::number)
    {
        let text = format!("{:4}.{:02}", timer / 100, timer % 100);
        fields.both("timer", &text, format!(" {text}"));
    }
    fields.text("\n");
    fields
}

/// The ports behind which a router is.
fn router(run: &mut Run<'_>, bytes: &[u8], fields: &mut Fields) {
    let Some(ports) = bytes.get(8..).and_then(|attributes| attr::find(attributes, 2)) else { return };
    let bridge = run.name_of(attr::u32_at(bytes, 4));
    let (mut list, mut text) = (Vec::new(), format!("router ports on {bridge}: "));
    for (_, port) in attr::read(ports) {
        let name = run.name_of(attr::u32_at(port, 0));
        text += &format!("{name} ");
        let mut one = Fields::new();
        one.json("port", &name);
        if run.options.stats > 0 {
            let more = port.get(4..).unwrap_or_default();
            let timer = attr::find(more, 1).map_or(0, attr::number);
            let shown = format!("{:4}.{:02}", timer / 100, timer % 100);
            let kind = match attr::find(more, 2).map_or(0, attr::number) {
                0 => "disabled",
                1 => "temp",
                2 => "permanent",
                _ => "temp",
            };
            one.json("timer", &shown);
            one.json("type", kind);
            text += &format!("{shown} {kind} ");
        }
        list.push(one);
    }
    fields.both(bridge, Value::Objects(list), text + "\n");
}
