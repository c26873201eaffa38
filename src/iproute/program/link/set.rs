//! `ip link add`, `set`, `delete`, `property`: the words that make and change links.

use super::super::names::Of;
use super::super::stop::{Result, Stop};
use super::super::words::{self, Words, begins};
use super::super::{Run, netns, usage};
use super::{IFINFOMSG, RTM_DELLINK, RTM_NEWLINK, function, kind};
use crate::kernel::attr::{self, Writer};
use crate::kernel::{Netns, talk};
use std::os::fd::AsRawFd;

// linux/if.h
const UP: u32 = 0x1;
const NOTRAILERS: u32 = 0x20;
const NOARP: u32 = 0x80;
const PROMISC: u32 = 0x100;
const ALLMULTI: u32 = 0x200;
const MULTICAST: u32 = 0x1000;
const DYNAMIC: u32 = 0x8000;

const RTM_NEWLINKPROP: u16 = 108;
const RTM_DELLINKPROP: u16 = 109;
/// linux/if_tunnel.h
const IPTUN_TTL: u16 = 4;
const IPTUN_PROTO: u16 = 9;
const VETH_INFO_PEER: u16 = 1;
const IFNAMSIZ: usize = 16;
const ALTNAMSIZ: usize = 128;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// `add`
    Add,
    /// `replace`
    Replace,
    /// `set`, `change`
    Set,
    /// `delete`
    Delete,
}

/// What words said, apart from the attributes.
#[derive(Default)]
struct Said {
    dev: Option<String>,
    name: Option<String>,
    name_is_dev: bool,
    link: Option<String>,
    kind: Option<String>,
    group: Option<u32>,
    index: u32,
    flags: u32,
    change: u32,
    attributes: Writer,
    /// Namespaces that are named by descriptor live until the message is sent.
    held: Vec<Netns>,
}

pub fn modify(run: &mut Run<'_>, deed: Deed, words: &mut Words<'_>) -> Result {
    let mut said = Said::default();
    read(run, &mut said, words)?;
    let adds = matches!(deed, Deed::Add | Deed::Replace);
    let mut index = said.index;
    if adds {
        if said.kind.is_none() {
            return Err(Stop::wrong("Not enough information: \"type\" argument is required"));
        }
    } else {
        match (&said.dev, said.group) {
            (Some(dev), _) => index = run.link(dev)?.index,
            (None, Some(_)) => {}
            (None, None) => return Err(Stop::unreadable("Not enough information: \"dev\" argument is required.")),
        }
    }
    if index != 0
        && let Some(length) = said.attributes.last(1).map(|address| address.len())
        && let Some(own) = run.link_of(index).map(|link| link.address.len()).filter(|own| *own != length)
    {
        return Err(Stop::wrong(format!("Invalid address length {length} - must be {own} bytes")));
    }
    if let Some(link) = &said.link {
        let below = run.link(link)?.index;
        said.attributes.u32(5, below);
    }
    let name = if adds { said.name.as_ref().or(said.dev.as_ref()) } else { said.name.as_ref().filter(|_| !said.name_is_dev) };
    if let Some(name) = name {
        said.attributes.text(3, name);
    }
    if let Some(group) = said.group {
        said.attributes.u32(27, group);
    }
    if let Some(kind) = said.kind.clone() {
        info(run, &mut said, deed, &kind, words)?;
    }
    let mut message = header(index, said.flags, said.change);
    message.extend_from_slice(&said.attributes.bytes());
    let flags = match deed {
        Deed::Add => talk::CREATE | talk::EXCL,
        Deed::Replace => talk::CREATE | talk::REPLACE,
        Deed::Set | Deed::Delete => 0,
    };
    run.change(if deed == Deed::Delete { RTM_DELLINK } else { RTM_NEWLINK }, flags, &message)
}

fn header(index: u32, flags: u32, change: u32) -> Vec<u8> {
    let mut header = vec![0; IFINFOMSG];
    header[4..8].copy_from_slice(&index.to_ne_bytes());
    header[8..12].copy_from_slice(&flags.to_ne_bytes());
    header[12..16].copy_from_slice(&change.to_ne_bytes());
    header
}

/// Kinds whose settings the kernel takes all at once, so that those that no word names are said again.
const TUNNELS: [&str; 9] = ["ipip", "sit", "gre", "gretap", "ip6gre", "ip6gretap", "ip6tnl", "vti", "vti6"];

/// Begins with what a tunnel is set to.
fn settings(run: &mut Run<'_>, said: &Said, name: &str, data: &mut Writer) -> Result {
    let Some(dev) = &said.dev else { return Ok(()) };
    let index = run.link(dev)?.index;
    let answer = run.ask(super::RTM_GETLINK, 0, &header(index, 0, 0))?;
    let info = answer.messages.first().and_then(|message| attr::find(message.bytes.get(IFINFOMSG..)?, 18)).unwrap_or_default();
    if attr::find(info, 1).is_some_and(|kind| attr::text(kind) == name) {
        for (kind, value) in attr::find(info, 2).map(attr::read).unwrap_or_default() {
            data.put(kind, value);
        }
    }
    Ok(())
}

/// Reads what stands behind `type KIND`.
fn info(run: &mut Run<'_>, said: &mut Said, deed: Deed, name: &str, words: &mut Words<'_>) -> Result {
    let slave = name.ends_with("_slave");
    let mut data = Writer::default();
    let begins_with = words.rest().to_vec();
    if deed == Deed::Set && TUNNELS.contains(&name) {
        settings(run, said, name, &mut data)?;
    }
    match (kind::find(name), name) {
        (_, "veth" | "netkit") if !words.done() => peer(run, name, words, &mut data)?,
        (Some(kind), _) => kind::read(run, kind, words, &mut data)?,
        (None, _) => {
            if let Some(word) = words.peek() {
                return Err(Stop::wrong(format!("Garbage instead of arguments \"{word} ...\". Try \"ip link help\".")));
            }
        }
    }
    if name == "vxlan" && !begins_with.is_empty() {
        vxlan_whole(run, &begins_with, matches!(deed, Deed::Add | Deed::Replace))?;
    }
    let add = matches!(deed, Deed::Add | Deed::Replace);
    if add && name == "geneve" && !begins_with.iter().any(|word| word == "external") {
        for (known, lacking) in
            [(&["id", "vni"][..], "missing virtual network identifier"), (&["remote"], "remote link partner not specified")]
        {
            if !begins_with.iter().any(|word| known.contains(&word.as_str())) {
                return Err(Stop::wrong(format!("geneve: {lacking}")));
            }
        }
    }
    // Where no mode is said, iproute2's tunnel carries any protocol and the kernel's one; iproute2's takes the TTL of the inner packet, and
    // the kernel's sit 64.
    if add && matches!(name, "ipip" | "sit") {
        for attribute in [IPTUN_TTL, IPTUN_PROTO] {
            if data.last(attribute).is_none() {
                data.u8(attribute, 0);
            }
        }
    }
    if add && matches!(name, "ip6gre" | "ip6gretap" | "ip6tnl") && !begins_with.iter().any(|word| word == "external") {
        kind::six::begin(name, &mut data);
    }
    let data = data.bytes();
    said.attributes.nest(18, |info| {
        info.put(1, name.as_bytes());
        if !data.is_empty() {
            info.put((if slave { 5 } else { 2 }) | 0x8000, &data);
        }
    });
    Ok(())
}

/// What iproute2 says about a VXLAN whose words are not enough.
fn vxlan_whole(run: &mut Run<'_>, words: &[String], add: bool) -> Result {
    let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    if has(&["group"]) && has(&["remote"]) {
        return Err(Stop::wrong("vxlan: both group and remote cannot be specified"));
    }
    if !add {
        return Ok(());
    }
    if has(&["external"]) && has(&["id", "vni"]) {
        return Err(Stop::wrong("vxlan: both 'external' and vni cannot be specified"));
    }
    if !has(&["id", "vni", "external", "noexternal"]) {
        return Err(Stop::wrong("vxlan: missing virtual network identifier"));
    }
    if has(&["group"]) && !has(&["dev"]) {
        return Err(Stop::wrong("vxlan: 'group' requires 'dev' to be specified"));
    }
    if !has(&["dstport", "gpe", "external"]) {
        run.say(
            "vxlan: destination port not specified\nWill use Linux kernel default (non-standard value)\n\
             Use 'dstport 4789' to get the IANA assigned value\nUse 'dstport 0' to get default and quiet this message",
        );
    }
    Ok(())
}

/// Reads `peer [name] NAME …`: the other end is a link with words of its own.
fn peer(run: &mut Run<'_>, kind: &str, words: &mut Words<'_>, data: &mut Writer) -> Result {
    if kind == "netkit"
        && words.peek() != Some("peer")
        && let Some(kind) = kind::find(kind)
    {
        while let Some(word) = words.peek().filter(|word| *word != "peer") {
            words.take();
            if !(kind.read)(run, word, words, data)? {
                return Err(Stop::wrong(format!("{}: unknown command \"{word}\"?", kind.name)));
            }
        }
        if words.done() {
            return Ok(());
        }
    }
    if words.take() != Some("peer") {
        run.write("Usage: ip link <options> type veth [peer <options>]\nTo get <options> type 'ip link add help'\n");
        return Err(Stop::silent(1));
    }
    if kind == "netkit" {
        kind::small::read_netkit_peer(words, data);
    }
    let mut other = Said::default();
    read(run, &mut other, words)?;
    if let Some(name) = other.name.as_ref().or(other.dev.as_ref()) {
        other.attributes.text(3, name);
    }
    let mut bytes = header(other.index, other.flags, other.change);
    bytes.extend_from_slice(&other.attributes.bytes());
    data.put(VETH_INFO_PEER, &bytes);
    // What was opened for it lives as long as the process.
    std::mem::forget(other.held);
    Ok(())
}

fn valid(name: &str, size: usize) -> bool {
    !name.is_empty() && name.len() < size && !name.contains('/') && !name.contains(char::is_whitespace) && !matches!(name, "." | "..")
}

fn read(run: &mut Run<'_>, said: &mut Said, words: &mut Words<'_>) -> Result {
    while let Some(word) = words.take() {
        let flag = |said: &mut Said, bit: u32, on: bool| {
            said.change |= bit;
            said.flags = if on { said.flags | bit } else { said.flags & !bit };
        };
        let of = |full: &str| begins(word, full);
        match word {
            "up" => flag(said, UP, true),
            "down" => flag(said, UP, false),
            "name" => {
                let name = words.value()?;
                if said.name.is_some() {
                    return Err(Stop::duplicate("name", name));
                }
                if !valid(name, IFNAMSIZ) {
                    return Err(Stop::invalid(name, "\"name\" not a valid ifname"));
                }
                said.name = Some(name.to_string());
                // A name alone names the link that is meant.
                said.name_is_dev = said.dev.is_none();
                if said.name_is_dev {
                    said.dev = Some(name.to_string());
                }
            }
            _ if of("index") => {
                let value = words.value()?;
                let number = words::number(value).and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0);
                said.index = number.ok_or_else(|| Stop::invalid(value, "Invalid \"index\" value"))?;
            }
            _ if of("link") => said.link = Some(words.value()?.to_string()),
            _ if of("address") => {
                let text = words.value()?;
                said.attributes.put(1, &hardware(text)?);
            }
            _ if of("broadcast") || word == "brd" => {
                let text = words.value()?;
                said.attributes.put(2, &hardware(text)?);
            }
            "qlen" => txqueuelen(said, words)?,
            _ if of("txqueuelen") || of("txqlen") => txqueuelen(said, words)?,
            "mtu" => {
                let number = integer(words, "Invalid \"mtu\" value\n")?;
                said.attributes.u32(4, number);
            }
            "netns" => netns_of(said, words)?,
            "multicast" | "allmulticast" | "promisc" | "trailers" | "arp" => {
                let on = words.on_off(word)?;
                let (bit, on) = match word {
                    "multicast" => (MULTICAST, on),
                    "allmulticast" => (ALLMULTI, on),
                    "promisc" => (PROMISC, on),
                    "trailers" => (NOTRAILERS, !on),
                    _ => (NOARP, !on),
                };
                flag(said, bit, on);
            }
            _ if of("master") => {
                let name = words.value()?;
                let master = run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "Device does not exist\n"))?;
                said.attributes.u32(10, master.index);
            }
            "vrf" => {
                let name = words.value()?;
                let master = run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "Not a valid VRF name\n"))?;
                said.attributes.u32(10, master.index);
            }
            _ if of("nomaster") => said.attributes.u32(10, 0),
            "dynamic" => {
                let on = words.on_off(word)?;
                flag(said, DYNAMIC, on);
            }
            _ if of("type") => {
                said.kind = Some(words.value()?.to_string());
                // What follows belongs to the kind.
                return Ok(());
            }
            _ if of("alias") => {
                let alias = words.value()?;
                if alias.len() >= 256 {
                    return Err(Stop::invalid(alias, "alias too long\n"));
                }
                said.attributes.put(20, alias.as_bytes());
            }
            "group" => {
                let name = words.value()?;
                said.group = Some(Of::Group.number(name).ok_or_else(|| Stop::invalid(name, "Invalid \"group\" value\n"))?);
            }
            "mode" => {
                let mode = words.value()?;
                let number = ["default", "dormant"].iter().position(|known| known.eq_ignore_ascii_case(mode));
                said.attributes.u8(17, number.ok_or_else(|| Stop::invalid(mode, "Invalid link mode\n"))? as u8);
            }
            "state" => {
                let state = words.value()?;
                let known = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"];
                let number = known.iter().position(|known| known.eq_ignore_ascii_case(state)).map(|at| at as u64);
                let number = number.or_else(|| words::number(state)).and_then(|number| u8::try_from(number).ok());
                said.attributes.u8(16, number.ok_or_else(|| Stop::invalid(state, "Invalid operstate\n"))?);
            }
            _ if of("numtxqueues") => {
                let number = integer(words, "Invalid \"numtxqueues\" value\n")?;
                said.attributes.u32(31, number);
            }
            _ if of("numrxqueues") => {
                let number = integer(words, "Invalid \"numrxqueues\" value\n")?;
                said.attributes.u32(32, number);
            }
            _ if of("addrgenmode") => {
                let mode = words.value()?;
                let number = ["eui64", "none", "stable_secret", "random"].iter().position(|known| known.eq_ignore_ascii_case(mode));
                let number = number.ok_or_else(|| Stop::invalid(mode, "Invalid address generation mode\n"))? as u8;
                said.attributes.nest(26, |spec| spec.nest(10, |inet6| inet6.u8(8, number)));
            }
            "link-netns" => {
                let name = words.value()?;
                let id = netns::id_of_name(run, name)?.ok_or_else(|| Stop::invalid(name, "Invalid \"link-netns\" value\n"))?;
                said.attributes.put(37, &id.to_ne_bytes());
            }
            "link-netnsid" => {
                let number = integer(words, "Invalid \"link-netnsid\" value\n")?;
                said.attributes.u32(37, number);
            }
            "protodown" => {
                let on = words.on_off(word)?;
                said.attributes.u8(39, u8::from(on));
            }
            "carrier" => {
                let on = words.on_off(word)?;
                said.attributes.u8(33, u8::from(on));
            }
            "gso_max_size" | "gso_max_segs" | "gro_max_size" => {
                let number = integer(words, &format!("Invalid \"{word}\" value\n"))?;
                said.attributes.u32(
                    if word == "gso_max_size" {
                        41
                    } else if word == "gso_max_segs" {
                        40
                    } else {
                        58
                    },
                    number,
                );
            }
            "xdp" | "xdpgeneric" | "xdpdrv" | "xdpoffload" => xdp(said, word, words)?,
            "vf" => function::read(&mut said.attributes, words)?,
            "protodown_reason" | "parentdev" => {
                return Err(Stop::wrong(format!("labsh does not have \"{word}\" of ip link")));
            }
            _ => {
                if of("help") {
                    return Err(usage::object("link"));
                }
                let dev = if word == "dev" { words.value()? } else { word };
                if said.dev.as_ref() != said.name.as_ref() {
                    return Err(Stop::garbage("dev", dev));
                }
                if !valid(dev, ALTNAMSIZ) {
                    return Err(Stop::invalid(dev, "\"dev\" not a valid ifname"));
                }
                said.dev = Some(dev.to_string());
                said.name_is_dev = false;
            }
        }
    }
    Ok(())
}

/// `xdp off` takes a program away; none is loaded here.
fn xdp(said: &mut Said, word: &str, words: &mut Words<'_>) -> Result {
    // linux/if_link.h, XDP_FLAGS_
    let flags = match word {
        "xdpgeneric" => 2,
        "xdpdrv" => 4,
        "xdpoffload" => 8,
        _ => 0u32,
    };
    if !matches!(words.value()?, "off" | "none") {
        return Err(Stop::unreadable(format!("labsh loads no programs of BPF: of \"{word}\" it has \"off\"")));
    }
    said.attributes.nest(43, |xdp| {
        xdp.u32(1, u32::MAX);
        if flags != 0 {
            xdp.u32(3, flags);
        }
    });
    Ok(())
}

fn hardware(text: &str) -> Result<Vec<u8>> {
    words::hardware(text).map_err(|stop| Stop { status: 1, whole: false, ..stop })
}

fn integer(words: &mut Words<'_>, message: &str) -> Result<u32> {
    let value = words.value()?;
    words::number(value)
        .and_then(|number| i32::try_from(number).ok())
        .map(|number| number as u32)
        .ok_or_else(|| Stop::invalid(value, message))
}

fn txqueuelen(said: &mut Said, words: &mut Words<'_>) -> Result {
    let number = integer(words, "Invalid \"txqueuelen\" value\n")?;
    said.attributes.u32(13, number);
    Ok(())
}

/// `netns NAME` or `netns PID`.
fn netns_of(said: &mut Said, words: &mut Words<'_>) -> Result {
    let name = words.value()?;
    let path = if name.contains('/') { name.into() } else { crate::kernel::netns::path(name) };
    match Netns::open(&path) {
        Ok(netns) => {
            said.attributes.u32(28, netns.fd().as_raw_fd() as u32);
            said.held.push(netns);
        }
        Err(_) => {
            let pid = words::number(name).and_then(|pid| i32::try_from(pid).ok());
            said.attributes.u32(19, pid.ok_or_else(|| Stop::invalid(name, "Invalid \"netns\" value\n"))? as u32);
        }
    }
    Ok(())
}

/// `ip link property add dev DEV altname NAME…`
pub fn property(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let verb = words.take().unwrap_or("");
    let add = begins(verb, "add");
    if !add && !begins(verb, "del") {
        let help = verb.is_empty() || begins(verb, "help");
        return Err(if help { usage::object("link") } else { Stop::unreadable("Operator required") });
    }
    let (mut dev, mut names) = (None, Vec::new());
    while let Some(word) = words.take() {
        match word {
            _ if begins(word, "altname") => {
                let name = words.value()?;
                if !valid(name, ALTNAMSIZ) {
                    return Err(Stop::invalid(name, "not a valid altname"));
                }
                names.push(name);
            }
            _ => {
                let name = if word == "dev" { words.value()? } else { word };
                if dev.is_some() {
                    return Err(Stop::garbage("dev", name));
                }
                dev = Some(name);
            }
        }
    }
    let Some(dev) = dev else { return Err(Stop::unreadable("Not enough of information: \"dev\" argument is required.")) };
    let index = run.link(dev)?.index;
    let mut message = Writer::new(&header(index, 0, 0));
    message.nest(52, |list| names.iter().for_each(|name| list.text(53, name)));
    let (kind, flags) = if add { (RTM_NEWLINKPROP, talk::CREATE | talk::EXCL | talk::APPEND) } else { (RTM_DELLINKPROP, 0) };
    run.change(kind, flags, &message.bytes())
}
