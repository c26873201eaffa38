//! `ip netns …`, `ip neighbour …`, `bridge …`.

use super::words::Words;
use super::{Operation, Sentence, View, options};
use crate::error::Result;
use crate::kernel::neigh::Nud;
use crate::lab::address;

pub(super) fn netns(words: &mut Words) -> Result<Operation> {
    if words.peek().is_none() {
        return Ok(Operation::NetnsList);
    }
    match words.one_of(&[
        "list", "show", "lst", "ls", "add", "delete", "exec", "pids", "identify", "monitor", "set", "attach", "list-id", "help",
    ])? {
        "list" | "show" | "lst" | "ls" => Ok(Operation::NetnsList),
        "add" => Ok(Operation::NetnsAdd(words.value("add")?.to_string())),
        "delete" => Ok(Operation::NetnsDel(words.value("delete")?.to_string())),
        "pids" => Ok(Operation::NetnsPids(words.value("pids")?.to_string())),
        "exec" => {
            let netns = words.value("exec")?.to_string();
            let rest = words.rest();
            match rest.is_empty() {
                true => Err(words.wrong("it is not said what to run").hint(format!("`ip netns exec {netns} ip addr`"))),
                false => Ok(Operation::NetnsExec { netns, words: rest }),
            }
        }
        other => Err(words.not_yet(&format!("`ip netns {other}`"))),
    }
}

pub(super) fn neighbour(words: &mut Words) -> Result<Operation> {
    if words.peek().is_none() {
        return Ok(Operation::NeighShow { dev: None });
    }
    match words.one_of(&["add", "change", "replace", "delete", "get", "show", "list", "lst", "ls", "flush", "help"])? {
        "change" => Err(words.not_yet("`ip neigh change`")),
        verb @ ("add" | "replace") => {
            let (ip, dev, mac, nud) = entry(words)?;
            let Some(mac) = mac else { return Err(words.wrong("its hardware address is missing").hint("lladdr 02:00:00:00:00:01")) };
            Ok(Operation::NeighAdd { dev, ip, mac, nud, replace: verb != "add" })
        }
        "delete" => {
            let (ip, dev, ..) = entry(words)?;
            Ok(Operation::NeighDel { dev, ip })
        }
        verb @ ("show" | "list" | "lst" | "ls" | "flush") => {
            if verb == "flush" && words.peek().is_none() {
                return Err(words.wrong("it is not said which").hint("`ip neigh flush dev NAME`"));
            }
            let mut dev = None;
            while let Some(word) = words.next() {
                match word {
                    "dev" => dev = Some(words.value(word)?.to_string()),
                    "all" => {}
                    "nud" | "to" | "proxy" => return Err(words.not_yet(&format!("`{word}` in it"))),
                    other => return Err(words.unknown(other, &["dev", "all"])),
                }
            }
            Ok(if verb == "flush" { Operation::NeighFlush { dev } } else { Operation::NeighShow { dev } })
        }
        other => Err(words.not_yet(&format!("`ip neigh {other}`"))),
    }
}

type Entry = (std::net::IpAddr, String, Option<crate::kernel::Mac>, Nud);

fn entry(words: &mut Words) -> Result<Entry> {
    let (mut ip, mut dev, mut mac, mut nud) = (None, None, None, Nud::Permanent);
    while let Some(word) = words.next() {
        match word {
            "dev" => dev = Some(words.value(word)?.to_string()),
            "lladdr" => mac = Some(words.mac(word)?),
            "nud" => {
                let state = words.value(word)?;
                nud = Nud::from_word(state).ok_or_else(|| words.unknown(state, Nud::WORDS))?;
            }
            "to" => {}
            "proxy" | "router" => return Err(words.not_yet(&format!("`{word}` in it"))),
            text if ip.is_none() => ip = Some(address::ip(text)?),
            other => return Err(words.unknown(other, &["dev", "lladdr", "nud"])),
        }
    }
    let Some(ip) = ip else { return Err(words.wrong("the address is missing")) };
    let Some(dev) = dev else { return Err(words.wrong("it is not said on which link").hint("dev NAME")) };
    Ok((ip, dev, mac, nud))
}

/// Reads the words behind `bridge`.
pub(super) fn bridge(all: &[String]) -> Result<Sentence> {
    let mut words = Words::new(all, "bridge");
    let (netns, view): (_, View) = options(&mut words)?;
    let operation = match words.one_of(&["link", "fdb", "vlan", "mdb", "monitor"])? {
        "link" => {
            if words.peek().is_some() && words.one_of(&["show", "list", "lst", "set"])? == "set" {
                return Err(words.not_yet("`bridge link set`"));
            }
            words.skip("dev");
            Operation::PortShow { dev: words.next().map(str::to_string) }
        }
        "fdb" => fdb(&mut words)?,
        other => return Err(words.not_yet(&format!("`bridge {other}`"))),
    };
    Ok(Sentence { netns, view, operation })
}

fn fdb(words: &mut Words) -> Result<Operation> {
    if words.peek().is_none() {
        return Ok(Operation::FdbShow { bridge: None, dev: None });
    }
    let verb = words.one_of(&["show", "list", "lst", "add", "append", "replace", "delete", "flush", "get"])?;
    let (mut bridge, mut dev, mut mac) = (None, None, None);
    while let Some(word) = words.next() {
        match word {
            "br" | "brport" => bridge = Some(words.value(word)?.to_string()),
            "dev" => dev = Some(words.value(word)?.to_string()),
            "master" | "static" | "permanent" => {}
            "dynamic" | "self" | "dst" | "vni" | "vlan" | "src_vni" | "local" | "via" => {
                return Err(words.not_yet(&format!("`{word}` in it")));
            }
            text if mac.is_none() && text.contains(':') => mac = Some(crate::lab::link::parse_mac(text)?),
            other => return Err(words.unknown(other, &["dev", "br", "master", "static"])),
        }
    }
    match (verb, mac, dev) {
        ("show" | "list" | "lst", _, dev) => Ok(Operation::FdbShow { bridge, dev }),
        ("add", Some(mac), Some(dev)) => Ok(Operation::FdbAdd { dev, mac }),
        ("delete", Some(mac), Some(dev)) => Ok(Operation::FdbDel { dev, mac }),
        ("add" | "delete", _, _) => {
            Err(words.wrong("it needs a hardware address and a port").hint("02:00:00:00:00:01 dev v0 master static"))
        }
        (other, ..) => Err(words.not_yet(&format!("`bridge fdb {other}`"))),
    }
}
