//! `ip route …`.

use super::words::Words;
use super::{Operation, RouteWords, View};
use crate::error::Result;
use crate::kernel::route::{self, Mode, Proto, Route, Scope, Type};
use crate::lab::address;

const KNOWN: [&str; 14] =
    ["via", "dev", "src", "metric", "table", "proto", "scope", "onlink", "mtu", "advmss", "nexthop", "default", "blackhole", "unreachable"];

pub(super) fn route(words: &mut Words, view: View) -> Result<Operation> {
    if words.peek().is_none() {
        return Ok(Operation::RouteShow { table: None, dev: None, dst: None });
    }
    let verbs = [
        "list", "show", "lst", "ls", "get", "add", "append", "change", "chg", "replace", "delete", "flush", "save", "restore", "help",
        "test",
    ];
    match words.one_of(&verbs)? {
        "add" => Ok(Operation::RouteAdd { mode: Mode::Add, words: Box::new(one(words, view)?) }),
        "append" => Ok(Operation::RouteAdd { mode: Mode::Append, words: Box::new(one(words, view)?) }),
        "change" | "chg" => Ok(Operation::RouteAdd { mode: Mode::Change, words: Box::new(one(words, view)?) }),
        "replace" => Ok(Operation::RouteAdd { mode: Mode::Replace, words: Box::new(one(words, view)?) }),
        "delete" => Ok(Operation::RouteDel(Box::new(one(words, view)?))),
        "show" | "list" | "lst" | "ls" => {
            let (table, dev, dst) = which(words, view)?;
            Ok(Operation::RouteShow { table, dev, dst })
        }
        "flush" => {
            if words.peek().is_none() {
                return Err(words.wrong("it is not said which").hint("`ip route flush table main`"));
            }
            let (table, dev, dst) = which(words, view)?;
            if let Some(dst) = dst {
                return Ok(Operation::RouteDel(Box::new(RouteWords { route: Route::to(dst), dev, hops: Vec::new() })));
            }
            Ok(Operation::RouteFlush { table, dev })
        }
        "get" => get(words),
        other => Err(words.not_yet(&format!("`{other}`"))),
    }
}

fn table(words: &mut Words) -> Result<u32> {
    match words.value("table")? {
        "main" => Ok(route::MAIN),
        "local" => Ok(route::LOCAL),
        "all" => Ok(0),
        "default" => Ok(253),
        number => number.parse().map_err(|_| words.wrong(format!("`{number}` is no table: it is main, local, all or a number"))),
    }
}

fn which(words: &mut Words, view: View) -> Result<(Option<u32>, Option<String>, Option<ipnet::IpNet>)> {
    let (mut in_table, mut dev, mut dst) = (None, None, None);
    while let Some(word) = words.next() {
        match word {
            "table" => in_table = Some(table(words)?),
            "dev" => dev = Some(words.value(word)?.to_string()),
            "to" | "root" | "match" | "exact" => {}
            "proto" | "scope" | "type" | "via" | "src" => return Err(words.not_yet(&format!("`{word}` in it"))),
            "cache" | "all" => {}
            "default" => dst = Some(Route::default_dst(view.v6 == Some(true))),
            text if text.contains(['.', ':', '/']) => dst = Some(address::destination(text, false)?),
            other => return Err(words.unknown(other, &["table", "dev", "default"])),
        }
    }
    Ok((in_table, dev, dst))
}

fn one(words: &mut Words, view: View) -> Result<RouteWords> {
    let (mut dst, mut dev, mut hops): (Option<String>, _, Vec<_>) = (None, None, Vec::new());
    let mut route = Route::to(Route::default_dst(false));
    while let Some(word) = words.next() {
        match word {
            "via" => {
                if matches!(words.peek(), Some("inet" | "inet6")) {
                    return Err(words.not_yet("gateways of the other family"));
                }
                route.via = Some(address::ip(words.value(word)?)?);
            }
            "dev" => dev = Some(words.value(word)?.to_string()),
            "src" => route.src = Some(address::ip(words.value(word)?)?),
            "metric" | "priority" | "preference" => route.metric = Some(words.number(word)?),
            "table" => route.table = table(words)?,
            "proto" | "protocol" => route.proto = known(words, word, Proto::WORDS, Proto::from_word)?,
            "scope" => route.scope = Some(known(words, word, Scope::WORDS, Scope::from_word)?),
            "onlink" => route.onlink = true,
            "mtu" => {
                words.skip("lock");
                route.mtu = Some(words.number(word)?);
            }
            "advmss" => route.advmss = Some(words.number(word)?),
            "nexthop" => hops.push(hop(words)?),
            "to" => dst = Some(words.value(word)?.to_string()),
            "nhid" | "encap" | "vrf" | "congctl" | "tos" | "dsfield" | "initcwnd" | "rtt" | "window" | "pref" | "expires" => {
                return Err(words.not_yet(&format!("`{word}` in it")));
            }
            kind if Type::WORDS.contains(&kind) => route.kind = Type::from_word(kind).unwrap_or(Type::Unicast),
            text if dst.is_none() && (text.contains(['.', ':', '/']) || text == "default" || text == "all") => dst = Some(text.to_string()),
            other => return Err(words.unknown(other, &KNOWN)),
        }
    }
    let Some(dst) = dst else { return Err(words.wrong("the destination is missing").hint("`ip route add default via GATEWAY`")) };
    let gateway_v6 = route.via.or_else(|| hops.iter().find_map(|(via, ..)| *via)).is_some_and(|via| via.is_ipv6());
    let v6 = view.v6.unwrap_or(gateway_v6);
    route.dst = address::destination(if dst == "all" { "default" } else { &dst }, v6)?;
    if route.dst.addr().is_ipv6() != v6 && view.v6.is_some() {
        return Err(words.wrong(format!("`{dst}` is no network of IPv{}", if v6 { 6 } else { 4 })));
    }
    Ok(RouteWords { route, dev, hops })
}

fn known<T>(words: &mut Words, of: &str, all: &[&'static str], read: impl Fn(&str) -> Option<T>) -> Result<T> {
    let word = words.value(of)?;
    read(word).ok_or_else(|| words.unknown(word, all))
}

fn hop(words: &mut Words) -> Result<(Option<std::net::IpAddr>, Option<String>, u32)> {
    let (mut via, mut dev, mut weight) = (None, None, 1);
    loop {
        if words.skip("via") {
            via = Some(address::ip(words.value("via")?)?);
        } else if words.skip("dev") {
            dev = Some(words.value("dev")?.to_string());
        } else if words.skip("weight") {
            weight = words.number("weight")?;
            if !(1..=256).contains(&weight) {
                return Err(words.wrong(format!("`weight` takes a number from 1 to 256, not {weight}")));
            }
        } else if words.peek() == Some("onlink") {
            return Err(words.not_yet("`onlink` of one way"));
        } else {
            return Ok((via, dev, weight));
        }
    }
}

fn get(words: &mut Words) -> Result<Operation> {
    let (mut dst, mut from, mut iif, mut oif, mut mark) = (None, None, None, None, None);
    while let Some(word) = words.next() {
        match word {
            "to" => {}
            "from" => from = Some(address::ip(words.value(word)?)?),
            "iif" => iif = Some(words.value(word)?.to_string()),
            "oif" | "dev" => oif = Some(words.value(word)?.to_string()),
            "mark" => mark = Some(words.number(word)?),
            "uid" | "ipproto" | "sport" | "dport" | "vrf" | "tos" | "fibmatch" => return Err(words.not_yet(&format!("`{word}` in it"))),
            text if dst.is_none() => dst = Some(address::ip(text.split('/').next().unwrap_or(text))?),
            other => return Err(words.unknown(other, &["from", "iif", "oif", "mark"])),
        }
    }
    let Some(dst) = dst else { return Err(words.wrong("the destination is missing").hint("`ip route get ADDRESS`")) };
    Ok(Operation::RouteGet { dst, from, iif, oif, mark })
}
