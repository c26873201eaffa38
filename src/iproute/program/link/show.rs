//! `ip link show`: what a link says about itself. `ip addr` begins with the same lines.

use super::super::names::Of;
use super::super::output::{Fields, Value};
use super::super::stop::{Result, Stop};
use super::super::words::{Family, Words, begins};
use super::super::{Run, netns, usage};
use super::{IFINFOMSG, RTM_GETLINK, RTM_NEWLINK, kind, stats};
use crate::iproute::show::FLAGS;
use crate::kernel::attr;
use crate::kernel::link::mac_text;

const UP: u32 = 0x1;
const RUNNING: u32 = 0x40;
const POINT_TO_POINT: u32 = 0x10;
const STATES: [&str; 7] = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"];

// linux/if_link.h
const IFLA_ADDRESS: u16 = 1;
const IFLA_BROADCAST: u16 = 2;
const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;
const IFLA_LINK: u16 = 5;
const IFLA_QDISC: u16 = 6;
const IFLA_MASTER: u16 = 10;
const IFLA_TXQLEN: u16 = 13;
const IFLA_OPERSTATE: u16 = 16;
const IFLA_LINKMODE: u16 = 17;
const IFLA_LINKINFO: u16 = 18;
const IFLA_IFALIAS: u16 = 20;
const IFLA_STATS64: u16 = 23;
const IFLA_AF_SPEC: u16 = 26;
const IFLA_GROUP: u16 = 27;
const IFLA_EXT_MASK: u16 = 29;
const IFLA_CARRIER_CHANGES: u16 = 35;
const IFLA_LINK_NETNSID: u16 = 37;
const IFLA_PROTO_DOWN: u16 = 39;
const IFLA_EVENT: u16 = 44;
const IFLA_NEW_NETNSID: u16 = 45;
const IFLA_NEW_IFINDEX: u16 = 49;
const IFLA_PROP_LIST: u16 = 52;
const IFLA_PERM_ADDRESS: u16 = 54;
const SKIP_STATS: u32 = 8;

/// Which links are shown.
#[derive(Debug, Default)]
pub struct Filter {
    /// One, by name.
    pub dev: Option<String>,
    /// Members of that one.
    pub master: Option<u32>,
    /// Of that kind.
    pub kind: Option<String>,
    /// Of that group.
    pub group: Option<u32>,
    /// Only those that are up.
    pub up: bool,
}

impl Filter {
    /// Reads the words behind `show`.
    pub fn read(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Filter> {
        let mut filter = Filter::default();
        while let Some(word) = words.take() {
            if !filter.take(run, word, words)? {
                filter.device(word, words)?;
            }
        }
        Ok(filter)
    }

    /// Takes a word that `ip link` and `ip addr` have both.
    pub fn take(&mut self, run: &mut Run<'_>, word: &str, words: &mut Words<'_>) -> Result<bool> {
        match word {
            "up" => self.up = true,
            "master" => {
                let name = words.value()?;
                let master = run.find_link(name)?;
                self.master = Some(master.ok_or_else(|| Stop::invalid(name, "Device does not exist\n"))?.index);
            }
            "vrf" => {
                let name = words.value()?;
                let master = run.find_link(name)?.filter(|link| is_vrf(run, link.index));
                self.master = Some(master.ok_or_else(|| Stop::invalid(name, "Not a valid VRF name\n"))?.index);
            }
            "type" => self.kind = Some(words.value()?.to_string()),
            "group" => {
                let name = words.value()?;
                self.group = Some(Of::Group.number(name).ok_or_else(|| Stop::invalid(name, "Invalid \"group\" value\n"))?);
            }
            "novf" | "xdp" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Takes a name, with `dev` before it or without.
    pub fn device(&mut self, word: &str, words: &mut Words<'_>) -> Result {
        if word == "help" {
            return Err(usage::object("link"));
        }
        let name = if word == "dev" { words.value()? } else { word };
        if self.dev.is_some() {
            return Err(Stop::garbage("dev", name));
        }
        self.dev = Some(name.to_string());
        Ok(())
    }

    /// Whether a link is shown. One that was found by its name always is, but for `up` and `group`.
    pub fn passes(&self, bytes: &[u8]) -> bool {
        let flags = attr::u32_at(bytes, 8);
        let group = attr::find(bytes.get(IFINFOMSG..).unwrap_or_default(), IFLA_GROUP).map_or(0, attr::number) as u32;
        // A kernel that does not know the kind sends all.
        let kind = |wanted: &String| {
            let info = attr::find(bytes.get(IFINFOMSG..).unwrap_or_default(), IFLA_LINKINFO).unwrap_or_default();
            let (part, wanted) = wanted.strip_suffix("_slave").map_or((1, wanted.as_str()), |wanted| (4, wanted));
            attr::find(info, part).map(attr::text).is_some_and(|kind| kind == wanted)
        };
        (!self.up || flags & UP != 0)
            && self.group.is_none_or(|wanted| wanted == group)
            && (self.dev.is_some() || self.kind.as_ref().is_none_or(kind))
    }
}

/// Whether a link is a VRF.
pub fn is_vrf(run: &mut Run<'_>, index: u32) -> bool {
    let mut question = [0; IFINFOMSG];
    question[4..8].copy_from_slice(&index.to_ne_bytes());
    let Ok(Ok(answer)) = run.try_ask(RTM_GETLINK, 0, &question) else { return false };
    let info = answer.messages.first().and_then(|message| attr::find(message.bytes.get(IFINFOMSG..)?, IFLA_LINKINFO));
    info.and_then(|info| attr::find(info, 1)).is_some_and(|kind| attr::text(kind) == "vrf")
}

/// Asks for the links that a filter lets the kernel choose.
pub fn ask(run: &mut Run<'_>, filter: &Filter, family: Family) -> Result<Vec<Vec<u8>>> {
    let mask = if run.options.stats > 0 { 1 } else { 1 | SKIP_STATS };
    if let Some(name) = &filter.dev {
        let mut question = attr::Writer::new(&[0; IFINFOMSG]);
        question.text(if name.len() < 16 { IFLA_IFNAME } else { 53 }, name);
        question.u32(IFLA_EXT_MASK, mask);
        return match run.try_ask(RTM_GETLINK, 0, &question.bytes())? {
            Ok(answer) => Ok(answer.messages.into_iter().take(1).map(|message| message.bytes).collect()),
            Err(_) => Err(Stop::wrong(format!("Device \"{name}\" does not exist."))),
        };
    }
    let mut header = [0; IFINFOMSG];
    // The part of the kernel that has IPv6 tells less of a link, and `ip -6 addr` shows that.
    header[0] = if family == Family::Inet6 { family.number() } else { 0 };
    let mut question = attr::Writer::new(&header);
    if header[0] == 0 {
        question.u32(IFLA_EXT_MASK, mask);
    }
    if let Some(index) = filter.master {
        question.u32(IFLA_MASTER, index);
    }
    if let Some(kind) = &filter.kind {
        match kind.strip_suffix("_slave") {
            Some(kind) => question.nest(IFLA_LINKINFO, |info| info.put(4, kind.as_bytes())),
            None => question.nest(IFLA_LINKINFO, |info| info.put(1, kind.as_bytes())),
        }
    }
    let messages = run.dump(RTM_GETLINK, &question.bytes())?;
    Ok(messages.into_iter().filter(|message| message.kind == RTM_NEWLINK).map(|message| message.bytes).collect())
}

/// Prints the links that the words choose.
pub fn links(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let filter = Filter::read(run, words)?;
    // What is asked by name is one; how it is named else is for the kernel's list.
    let found = ask(run, &filter, Family::Any)?;
    let mut objects = Vec::new();
    for bytes in &found {
        if !filter.passes(bytes) {
            if run.options.json {
                objects.push(Fields::new());
            }
            continue;
        }
        let mut fields = link(run, bytes, None);
        fields.text("\n");
        objects.push(fields);
    }
    run.print(&objects);
    Ok(())
}

/// Returns whether a word is one of the verbs that show.
pub fn is_show(verb: &str) -> bool {
    ["show", "lst", "list"].iter().any(|full| begins(verb, full))
}

/// Describes a link, as the message of the kernel has it, without the last line end. `ip addr` says which family of addresses it is about:
/// the hardware is not told with one.
pub fn link(run: &mut Run<'_>, bytes: &[u8], of: Option<Family>) -> Fields {
    let own = of.is_none();
    let mut fields = Fields::new();
    let attributes = attr::read(bytes.get(IFINFOMSG..).unwrap_or_default());
    let find = |kind: u16| attributes.iter().find(|(known, _)| *known == kind).map(|(_, value)| *value);
    let number = |kind: u16| find(kind).map(attr::number);
    let bits = attr::u32_at(bytes, 8);
    let kind = bytes.get(2..4).map_or(0, attr::number) as u16;
    let index = attr::u32_at(bytes, 4);
    let name = find(IFLA_IFNAME).map(attr::text).unwrap_or_default();
    let (at, down) = lower(run, &mut fields, number(IFLA_LINK), find(IFLA_LINK_NETNSID).is_some());
    let state =
        number(IFLA_OPERSTATE).map(|state| STATES.get(state as usize).map_or_else(|| format!("{state:#x}"), |word| word.to_string()));
    let words = flag_words(bits, down);
    let list = Value::List(words.iter().map(|word| word.as_str().into()).collect());

    if run.options.brief {
        fields.both("ifname", name.as_str(), format!("{:<16} ", format!("{name}{at}")));
        if let Some(state) = state {
            fields.both("operstate", state.as_str(), format!("{state:<14} "));
        }
        if own {
            if let Some(address) = find(IFLA_ADDRESS) {
                let text = hardware(address, kind);
                fields.both("address", text.as_str(), format!("{text} "));
            }
            fields.both("flags", list, format!("<{}> ", words.join(",")));
        }
        return fields;
    }

    let mut begin = Fields::new();
    begin.both("ifindex", index, format!("{index}: "));
    begin.extend(fields);
    let mut fields = begin;
    fields.both("ifname", name.as_str(), format!("{name}{at}: "));
    fields.both("flags", list, format!("<{}> ", words.join(",")));
    if let Some(mtu) = number(IFLA_MTU) {
        fields.both("mtu", mtu, format!("mtu {mtu} "));
    }
    if let Some(qdisc) = find(IFLA_QDISC).map(attr::text) {
        fields.both("qdisc", qdisc.as_str(), format!("qdisc {qdisc} "));
    }
    if let Some(master) = number(IFLA_MASTER) {
        let name = run.name_of(master as u32);
        fields.both("master", name.as_str(), format!("master {name} "));
    }
    if let Some(state) = state {
        fields.both("operstate", state.as_str(), format!("state {state} "));
    }
    if let Some(mode) = number(IFLA_LINKMODE).filter(|_| own) {
        let mode = ["DEFAULT", "DORMANT"].get(mode as usize).map_or_else(|| mode.to_string(), |word| word.to_string());
        fields.both("linkmode", mode.as_str(), format!("mode {mode} "));
    }
    if let Some(group) = number(IFLA_GROUP) {
        let group = Of::Group.name(group as u32);
        fields.both("group", group.as_str(), format!("group {group} "));
    }
    let length = number(IFLA_TXQLEN).or_else(|| run.link_of(index).map(|link| u64::from(link.txqlen)));
    // A monitor does not tell it.
    if let Some(length) = length.filter(|length| *length != 0 && run.heard.is_none()) {
        fields.both("txqlen", length, format!("qlen {length}"));
    }
    if let Some(event) = number(IFLA_EVENT) {
        const EVENTS: [&str; 7] = ["NONE", "REBOOT", "FEATURE CHANGE", "BONDING FAILOVER", "NOTIFY PEERS", "RESEND IGMP", "BONDING OPTION"];
        let word = EVENTS.get(event as usize).map_or_else(|| event.to_string(), |word| word.to_string());
        fields.both("event", word.as_str(), format!("event {word} "));
    }
    if matches!(of, None | Some(Family::Any | Family::Link)) || run.options.details > 0 {
        hardware_line(bytes, &mut fields);
    }
    elsewhere(run, bytes, &mut fields);
    if run.options.details > 0 {
        details(run, &attributes, own, &mut fields);
    }
    if let Some(alias) = find(IFLA_IFALIAS).map(attr::text).filter(|_| own || run.options.details > 0) {
        fields.both("ifalias", alias.as_str(), format!("\n    alias {alias}"));
    }
    if own && run.options.stats > 0 {
        stats_of(run, bytes, &mut fields);
    }
    if own || run.heard.is_some() {
        altnames(find(IFLA_PROP_LIST), &mut fields);
    }
    fields
}

/// The line with the hardware address.
fn hardware_line(bytes: &[u8], fields: &mut Fields) {
    let attributes = attr::read(bytes.get(IFINFOMSG..).unwrap_or_default());
    let find = |kind: u16| attributes.iter().find(|(known, _)| *known == kind).map(|(_, value)| *value);
    let bits = attr::u32_at(bytes, 8);
    let kind = bytes.get(2..4).map_or(0, attr::number) as u16;
    fields.text("\n");
    let link_type = link_type(kind);
    fields.both("link_type", link_type.as_str(), format!("    link/{link_type} "));
    if let Some(address) = find(IFLA_ADDRESS) {
        let text = hardware(address, kind);
        fields.both("address", text.as_str(), text.as_str());
    }
    if let Some(broadcast) = find(IFLA_BROADCAST) {
        let text = hardware(broadcast, kind);
        match bits & POINT_TO_POINT {
            0 => fields.both("broadcast", text.as_str(), format!(" brd {text}")),
            _ => {
                fields.json("link_pointtopoint", true);
                fields.both("broadcast", text.as_str(), format!(" peer {text}"));
            }
        }
    }
    if let Some(permanent) = find(IFLA_PERM_ADDRESS).filter(|own| Some(*own) != find(IFLA_ADDRESS)) {
        let text = hardware(permanent, kind);
        fields.both("permaddr", text.as_str(), format!(" permaddr {text}"));
    }
}

/// Where the other end, or the link itself, is or goes.
fn elsewhere(run: &mut Run<'_>, bytes: &[u8], fields: &mut Fields) {
    let attributes = attr::read(bytes.get(IFINFOMSG..).unwrap_or_default());
    let number = |kind: u16| attributes.iter().find(|(known, _)| *known == kind).map(|(_, value)| attr::number(value));
    if let Some(id) = number(IFLA_LINK_NETNSID).map(|id| id as u32 as i32) {
        let text = match netns::name_of_id(run, id) {
            Some(name) => format!(" link-netns {name}"),
            None if id >= 0 => format!(" link-netnsid {id}"),
            None => " link-netnsid unknown".to_string(),
        };
        fields.both("link_netnsid", id, text);
    }
    if let Some(id) = number(IFLA_NEW_NETNSID).map(|id| id as u32 as i32) {
        let text = netns::name_of_id(run, id).map_or_else(|| format!(" new-netnsid {id}"), |name| format!(" new-netns {name}"));
        fields.both("new_netnsid", id, text);
    }
    if let Some(index) = number(IFLA_NEW_IFINDEX) {
        fields.both("new_ifindex", index, format!(" new-ifindex {index}"));
    }
    if number(IFLA_PROTO_DOWN).is_some_and(|down| down != 0) {
        fields.both("proto_down", true, " protodown on ");
    }
}

/// The counters, as `ip addr` prints them too, but later.
pub fn stats_of(run: &Run<'_>, bytes: &[u8], fields: &mut Fields) {
    let find = |kind| attr::find(bytes.get(IFINFOMSG..).unwrap_or_default(), kind);
    if let Some(bytes) = find(IFLA_STATS64) {
        fields.object("stats64", stats::fields(bytes, run.options.stats > 1, find(IFLA_CARRIER_CHANGES).map_or(0, attr::number)));
    }
}

/// The other names, one a line.
pub fn altnames(list: Option<&[u8]>, fields: &mut Fields) {
    let names: Vec<String> = list.map(attr::read).unwrap_or_default().into_iter().map(|(_, name)| attr::text(name)).collect();
    if !names.is_empty() {
        let text: String = names.iter().map(|name| format!("\n    altname {name}")).collect();
        fields.both("altnames", Value::List(names.iter().map(|name| name.into()).collect()), text);
    }
}

/// The link below, or the other end: `@name`; whether it is down.
fn lower(run: &mut Run<'_>, fields: &mut Fields, index: Option<u64>, elsewhere: bool) -> (String, bool) {
    let Some(index) = index.map(|index| index as u32) else { return (String::new(), false) };
    match index {
        0 => {
            fields.json("link", Value::Null);
            ("@NONE".to_string(), false)
        }
        _ if elsewhere => {
            fields.json("link_index", index);
            (format!("@if{index}"), false)
        }
        _ => {
            let known = run.link_of(index);
            let down = known.as_ref().is_some_and(|link| link.flags & UP == 0);
            let name = known.map_or_else(|| format!("if{index}"), |link| link.name);
            fields.json("link", name.as_str());
            (format!("@{name}"), down)
        }
    }
}

/// The words for flags.
pub fn flag_words(bits: u32, lower_is_down: bool) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    words.extend((bits & UP != 0 && bits & RUNNING == 0).then(|| "NO-CARRIER".to_string()));
    words.extend(FLAGS.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, word)| word.to_string()));
    let left = FLAGS.iter().fold(bits & !RUNNING, |left, (bit, _)| left & !bit);
    words.extend((left != 0).then(|| format!("{left:x}")));
    words.extend(lower_is_down.then(|| "M-DOWN".to_string()));
    words
}

/// The word for the kind of hardware (linux/if_arp.h).
pub fn link_type(kind: u16) -> String {
    match kind {
        0 => "netrom",
        1 => "ether",
        32 => "infiniband",
        280 => "can",
        512 => "ppp",
        768 => "ipip",
        769 => "tunnel6",
        772 => "loopback",
        776 => "sit",
        778 => "gre",
        823 => "gre6",
        824 => "netlink",
        65534 => "none",
        65535 => "void",
        other => return format!("[{other}]"),
    }
    .to_string()
}

/// A hardware address; that of a tunnel is an address of IP.
pub fn hardware(bytes: &[u8], kind: u16) -> String {
    match (kind, bytes.len()) {
        (768 | 776 | 778, 4) | (769 | 823, 16) => attr::ip(bytes).map_or_else(String::new, |ip| ip.to_string()),
        _ => mac_text(bytes),
    }
}

fn details(run: &mut Run<'_>, attributes: &[(u16, &[u8])], own: bool, fields: &mut Fields) {
    let find = |kind: u16| attributes.iter().find(|(known, _)| *known == kind).map(|(_, value)| *value);
    for (attribute, key, before, word) in [
        (30, "promiscuity", " ", "promiscuity"),
        (61, "allmulti", " ", "allmulti"),
        (50, "min_mtu", "", "minmtu"),
        (51, "max_mtu", "", "maxmtu"),
    ] {
        if let Some(number) = find(attribute).map(attr::number) {
            fields.both(key, number, format!("{before}{word} {number} "));
        }
    }
    if let Some(info) = find(IFLA_LINKINFO) {
        let part = |kind: u16| attr::find(info, kind);
        let mut inner = Fields::new();
        for (kind_at, data_at, key, data_key, suffix) in
            [(1, 2, "info_kind", "info_data", ""), (4, 5, "info_slave_kind", "info_slave_data", "_slave")]
        {
            let Some(name) = part(kind_at).map(attr::text) else { continue };
            inner.both(key, name.as_str(), format!("\n    {name}{suffix} "));
            let mut data = Fields::new();
            if let Some(bytes) = part(data_at)
                && kind::show(run, &format!("{name}{suffix}"), bytes, &mut data)
                && (!data.is_empty() || kind::has_data(&format!("{name}{suffix}")))
            {
                inner.object(data_key, data);
            }
        }
        fields.object("linkinfo", inner);
    }
    let mode = find(IFLA_AF_SPEC).and_then(|spec| attr::find(spec, 10)).and_then(|inet6| attr::find(inet6, 8)).map(attr::number);
    if let Some(mode) = mode.filter(|_| own) {
        let word =
            ["eui64", "none", "stable_secret", "random"].get(mode as usize).map_or_else(|| format!("{mode:#x}"), |word| word.to_string());
        fields.both("inet6_addr_gen_mode", word.as_str(), format!("addrgenmode {word} "));
    }
    for (attribute, key, word) in [
        (31, "num_tx_queues", "numtxqueues"),
        (32, "num_rx_queues", "numrxqueues"),
        (41, "gso_max_size", "gso_max_size"),
        (40, "gso_max_segs", "gso_max_segs"),
        (59, "tso_max_size", "tso_max_size"),
        (60, "tso_max_segs", "tso_max_segs"),
        (58, "gro_max_size", "gro_max_size"),
    ] {
        if let Some(number) = find(attribute).map(attr::number) {
            fields.both(key, number, format!("{word} {number} "));
        }
    }
    for (attribute, key, word) in [(38, "phys_port_name", "portname"), (57, "parentbus", "parentbus"), (56, "parentdev", "parentdev")] {
        if let Some(text) = find(attribute).map(attr::text) {
            fields.both(key, text.as_str(), format!("{word} {text} "));
        }
    }
}
