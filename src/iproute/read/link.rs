//! `ip link …` and `ip address …`.

use super::words::Words;
use super::{End, Only, Operation, View};
use crate::error::Result;
use crate::kernel::addr;
use crate::kernel::link::{Bridge, Change};
use crate::lab::address;
use crate::name::IfName;
use ipnet::{IpNet, Ipv4Net};
use std::net::IpAddr;

const SET: [&str; 18] = [
    "dev",
    "up",
    "down",
    "netns",
    "master",
    "nomaster",
    "mtu",
    "address",
    "name",
    "alias",
    "txqueuelen",
    "qlen",
    "promisc",
    "arp",
    "multicast",
    "type",
    "group",
    "carrier",
];

pub(super) fn link(words: &mut Words) -> Result<Operation> {
    if words.peek().is_none() {
        return Ok(Operation::LinkShow(Only::default()));
    }
    match words.one_of(&["add", "set", "change", "replace", "delete", "show", "list", "lst", "ls", "help"])? {
        "add" => add(words),
        "set" | "change" => set(words),
        "delete" => Ok(Operation::LinkDel(one_dev(words)?)),
        "show" | "list" | "lst" | "ls" => Ok(Operation::LinkShow(only(words)?)),
        other => Err(words.not_yet(&format!("`{other}`"))),
    }
}

fn one_dev(words: &mut Words) -> Result<String> {
    words.skip("dev");
    let name = words.value("dev")?.to_string();
    match words.next() {
        // `ip link del v0 type veth` says the kind once more.
        None | Some("type") => Ok(name),
        Some(other) => Err(words.unknown(other, &["type"])),
    }
}

/// `ip link show [dev] NAME | up | master BR | type KIND`.
fn only(words: &mut Words) -> Result<Only> {
    let mut only = Only::default();
    while let Some(word) = words.next() {
        match word {
            "dev" => only.dev = Some(words.value("dev")?.to_string()),
            "up" => only.up = true,
            "master" => only.master = Some(words.value("master")?.to_string()),
            "type" => only.kind = Some(words.value("type")?.to_string()),
            "scope" | "label" | "to" | "group" => {
                words.value(word)?;
                only.narrower = true;
            }
            "permanent" | "dynamic" | "primary" | "secondary" | "deprecated" | "tentative" => only.narrower = true,
            name if only.dev.is_none() => only.dev = Some(name.to_string()),
            other => return Err(words.unknown(other, &["dev", "up", "master", "type"])),
        }
    }
    Ok(only)
}

fn add(words: &mut Words) -> Result<Operation> {
    let mut end = End::default();
    let kind = loop {
        match words.next() {
            Some("type") => break words.value("type")?,
            Some("link") => return Err(words.not_yet("links on top of others")),
            Some(word) => end_word(words, &mut end, word)?,
            None => return Err(words.wrong("its type is missing").hint("for example `ip link add v0 type veth peer name v1`")),
        }
    };
    match kind {
        "veth" => veth(words, end),
        "bridge" => {
            let name = named(words, &end)?;
            let settings = bridge_settings(words)?;
            if end.mtu.is_some() || end.mac.is_some() || end.netns.is_some() {
                return Err(words.not_yet("these options of a bridge in `add`"));
            }
            Ok(Operation::BridgeAdd { name, settings, up: end.up })
        }
        "vlan" | "vxlan" | "macvlan" | "macvtap" | "ipvlan" | "dummy" | "bond" | "team" | "vrf" | "ifb" | "gre" | "gretap" | "ipip"
        | "sit" | "geneve" | "wireguard" | "tun" | "tap" | "nlmon" | "vcan" | "netkit" => {
            Err(words.not_yet(&format!("links of type {kind}")))
        }
        other => Err(words.unknown(other, &["veth", "bridge", "vlan", "vxlan", "macvlan", "ipvlan", "dummy", "bond", "vrf"])),
    }
}

fn named(words: &Words, end: &End) -> Result<String> {
    if end.name.is_empty() { Err(words.wrong("its name is missing")) } else { Ok(end.name.clone()) }
}

/// A word about one end; a word that is none of them is its name.
fn end_word(words: &mut Words, end: &mut End, word: &str) -> Result<()> {
    match word {
        "name" | "dev" => end.name = words.value(word)?.to_string(),
        "mtu" => end.mtu = Some(words.number(word)?),
        "address" => end.mac = Some(words.mac(word)?),
        "netns" => end.netns = Some(words.value(word)?.to_string()),
        "master" => end.master = Some(words.value(word)?.to_string()),
        "up" => end.up = true,
        "numtxqueues" | "numrxqueues" | "txqueuelen" | "qlen" | "index" | "group" | "alias" => {
            return Err(words.not_yet(&format!("`{word}` in it")));
        }
        name if end.name.is_empty() => end.name = name.to_string(),
        other => return Err(words.unknown(other, &["type", "name", "mtu", "address", "netns", "master", "up", "peer"])),
    }
    Ok(())
}

fn veth(words: &mut Words, mut a: End) -> Result<Operation> {
    let mut b = End::default();
    let mut in_peer = false;
    while let Some(word) = words.next() {
        match word {
            "peer" => in_peer = true,
            _ if in_peer => end_word(words, &mut b, word)?,
            _ => end_word(words, &mut a, word)?,
        }
    }
    if a.name.is_empty() {
        return Err(words.wrong("its name is missing"));
    }
    if b.name.is_empty() {
        return Err(words
            .wrong("the name of its other end is missing")
            .hint(format!("`ip link add {} type veth peer name OTHER`", a.name)));
    }
    Ok(Operation::VethAdd { a, b })
}

fn bridge_settings(words: &mut Words) -> Result<Bridge> {
    let mut settings = Bridge::default();
    while let Some(word) = words.next() {
        match word {
            "stp_state" => settings.stp = Some(words.on_off(word)?),
            "forward_delay" => settings.forward_delay = Some(words.number(word)?),
            "hello_time" => settings.hello_time = Some(words.number(word)?),
            "max_age" => settings.max_age = Some(words.number(word)?),
            "ageing_time" => settings.ageing_time = Some(words.number(word)?),
            "priority" => settings.priority = Some(words.number(word)?),
            "vlan_filtering" => settings.vlan_filtering = Some(words.on_off(word)?),
            "mcast_snooping" => settings.mcast_snooping = Some(words.on_off(word)?),
            other => {
                return Err(words.unknown(
                    other,
                    &["stp_state", "forward_delay", "hello_time", "max_age", "ageing_time", "priority", "vlan_filtering", "mcast_snooping"],
                ));
            }
        }
    }
    Ok(settings)
}

fn set(words: &mut Words) -> Result<Operation> {
    let (mut dev, mut change, mut master, mut netns) = (None, Change::default(), None, None);
    while let Some(word) = words.next() {
        match word {
            "dev" => dev = Some(words.value(word)?.to_string()),
            "up" => change.up = Some(true),
            "down" => change.up = Some(false),
            "netns" => netns = Some(words.value(word)?.to_string()),
            "master" => master = Some(Some(words.value(word)?.to_string())),
            "nomaster" => master = Some(None),
            "mtu" => change.mtu = Some(words.number(word)?),
            "address" => change.mac = Some(words.mac(word)?),
            "name" => change.name = Some(IfName::parse(words.value(word)?)?),
            "alias" => change.alias = Some(words.value(word)?.to_string()),
            "txqueuelen" | "txqlen" | "qlen" => change.txqueuelen = Some(words.number(word)?),
            "promisc" => change.promisc = Some(words.on_off(word)?),
            "arp" => change.arp = Some(words.on_off(word)?),
            "type" if words.skip("bridge") => change.bridge = Some(bridge_settings(words)?),
            "type" | "multicast" | "allmulticast" | "group" | "carrier" | "vf" | "xdp" | "addrgenmode" | "bridge_slave" | "dynamic" => {
                return Err(words.not_yet(&format!("`{word}` in it")));
            }
            name if dev.is_none() => dev = Some(name.to_string()),
            other => return Err(words.unknown(other, &SET)),
        }
    }
    let Some(dev) = dev else { return Err(words.wrong("it is not said which link").hint("`ip link set dev NAME up`")) };
    Ok(Operation::LinkSet { dev, change: Box::new(change), master, netns })
}

pub(super) fn address(words: &mut Words, view: View) -> Result<Operation> {
    if words.peek().is_none() {
        return Ok(Operation::AddrShow(Only::default()));
    }
    match words.one_of(&["add", "change", "replace", "delete", "show", "list", "lst", "ls", "flush", "save", "restore", "help"])? {
        verb @ ("add" | "change" | "replace") => {
            let (dev, net, options) = one_address(words, view)?;
            Ok(Operation::AddrAdd { dev, net, options: addr::Options { replace: verb != "add", ..options } })
        }
        "delete" => one_address(words, view).map(|(dev, net, _)| Operation::AddrDel { dev, net }),
        "show" | "list" | "lst" | "ls" => Ok(Operation::AddrShow(only(words)?)),
        "flush" => match only(words)? {
            Only { dev: Some(dev), up: false, master: None, kind: None, narrower: false } if view.v6.is_none() => {
                Ok(Operation::AddrFlush { dev })
            }
            Only { dev: Some(_), .. } => Err(words.not_yet("a choice among the addresses")),
            _ => Err(words.wrong("it is not said on which link").hint("`ip addr flush dev NAME`")),
        },
        other => Err(words.not_yet(&format!("`{other}`"))),
    }
}

/// Reads the address of `add` and `del`, with its link.
fn one_address(words: &mut Words, view: View) -> Result<(String, IpNet, addr::Options)> {
    const KNOWN: [&str; 9] = ["dev", "broadcast", "peer", "label", "scope", "nodad", "noprefixroute", "local", "brd"];
    let (mut net, mut dev, mut options, mut wide) = (None, None, addr::Options::default(), false);
    let mut peer_length = None;
    while let Some(word) = words.next() {
        match word {
            "dev" => dev = Some(words.value(word)?.to_string()),
            "peer" | "remote" => {
                let (ip, length) =
                    words.value(word).map(|text| text.split_once('/').map_or((text, None), |(ip, length)| (ip, Some(length))))?;
                options.peer = Some(address::ip(ip)?);
                peer_length = length;
            }
            "broadcast" | "brd" => match words.value(word)? {
                "+" => wide = true,
                "-" => {}
                text => match address::ip(text)? {
                    IpAddr::V4(ip) => options.broadcast = Some(ip),
                    IpAddr::V6(_) => return Err(words.wrong("only IPv4 has broadcast addresses")),
                },
            },
            "label" => options.label = Some(words.value(word)?.to_string()),
            "scope" => {
                options.scope = Some(match words.value(word)? {
                    "global" => addr::Scope::Global,
                    "link" => addr::Scope::Link,
                    "host" => addr::Scope::Host,
                    other => return Err(words.unknown(other, &["global", "link", "host"])),
                });
            }
            "nodad" => options.nodad = true,
            "noprefixroute" => options.noprefixroute = true,
            "valid_lft" | "preferred_lft" | "metric" | "home" | "mngtmpaddr" => return Err(words.not_yet(&format!("`{word}` in it"))),
            "local" => net = Some(net_of(words.value(word)?)?),
            // Without its length it is any address of that number.
            text if net.is_none() && words.path.ends_with("delete") && text.contains(['.', ':']) && !text.contains('/') => {
                return Err(words.not_yet("an address without its prefix length in it"));
            }
            text if net.is_none() && (text.contains(['.', ':', '/']) || !KNOWN.iter().any(|known| known.starts_with(text))) => {
                net = Some(net_of(text)?)
            }
            other => return Err(words.unknown(other, &KNOWN)),
        }
    }
    let Some(mut net) = net else { return Err(words.wrong("the address is missing").hint("`ip addr add 10.0.0.1/24 dev NAME`")) };
    let Some(dev) = dev else { return Err(words.wrong("it is not said on which link").hint(format!("`{} {net} dev NAME`", words.path))) };
    if let Some(length) = peer_length {
        // The length is that of both, and may stand behind either.
        net = address::cidr(&format!("{}/{length}", net.addr()))?;
    }
    if let Some(v6) = view.v6.filter(|v6| *v6 != net.addr().is_ipv6()) {
        return Err(words.wrong(format!("`{net}` is no address of IPv{}", if v6 { 6 } else { 4 })));
    }
    match net {
        IpNet::V4(v4) if wide => options.broadcast = Some(Ipv4Net::broadcast(&v4)),
        IpNet::V6(_) if wide => return Err(words.wrong("only IPv4 has broadcast addresses")),
        _ => {}
    }
    Ok((dev, net, options))
}

/// Without a prefix length, `ip` takes the address alone.
fn net_of(text: &str) -> Result<IpNet> {
    match text.contains('/') {
        true => address::cidr(text),
        false => address::ip(text).map(IpNet::from),
    }
}
