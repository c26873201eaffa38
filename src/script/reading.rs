//! Reading what people write: addresses, CIDRs, targets, links by handle or name, with what is wrong in it.

use crate::error::{Error, Kind, Result};
pub(crate) use crate::lab::address::{cidr, destination, ip};
use crate::lab::{Lab, Link, Netns};
use rhai::{Array, Dynamic};
use std::net::IpAddr;
use std::time::Duration;

/// Reads what is pinged or connected to: an address, a name, or a namespace.
pub(crate) fn target(value: &Dynamic, from: &Netns, within: Duration) -> Result<IpAddr> {
    if let Some(netns) = value.clone().try_cast::<Netns>() {
        return netns.address_for(from);
    }
    match value.clone().into_string() {
        // What can only be meant as an address is not looked up as a name.
        Ok(text) if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') || text.contains("::") => ip(&text),
        Ok(text) => from.resolve(&text, within),
        Err(_) => {
            let got = type_word(value);
            Err(Error::new(Kind::BadArgument, "reach", "a target", format!("it is an address, a name or a Netns, not {got}")))
        }
    }
}

/// Reads a link of a namespace: a handle, or a name; nothing if it is neither.
pub(crate) fn link_in(value: &Dynamic, netns: &Netns) -> Option<Result<Link>> {
    if let Some(link) = value.clone().try_cast::<Link>() {
        return Some(match link.netns() == *netns {
            true => Ok(link),
            false => {
                let cause = format!("it is in netns `{}`", link.netns().name());
                Err(Error::new(Kind::BadArgument, "use link", format!("`{}`", link.name()), cause).in_netns(netns.name()))
            }
        });
    }
    value.clone().into_string().ok().map(|name| netns.link(&name))
}

/// Reads a port.
pub(crate) fn port(number: i64) -> Result<u16> {
    u16::try_from(number)
        .ok()
        .filter(|port| *port != 0)
        .ok_or_else(|| Error::new(Kind::BadArgument, "use port", format!("{number}"), "a port is a number from 1 to 65535"))
}

/// Reads a namespace: a handle, or a name.
pub(crate) fn netns(value: &Dynamic, lab: &Lab) -> Result<Netns> {
    if let Some(netns) = value.clone().try_cast::<Netns>() {
        return Ok(netns);
    }
    match value.clone().into_string() {
        Ok(name) => lab.get_netns(&name),
        Err(_) => Err(Error::new(Kind::BadArgument, "use netns", type_word(value), "it is a Netns or its name")),
    }
}

/// Reads words: a line that is split by the shell's rules, or a list that is taken as it is.
pub(crate) fn program(value: &Dynamic) -> Result<crate::lab::Program> {
    if let Ok(line) = value.clone().into_string() {
        return crate::lab::Program::parse(&line);
    }
    let words: Option<Vec<String>> =
        value.clone().try_cast::<Array>().and_then(|list| list.into_iter().map(|word| word.into_string().ok()).collect());
    match words {
        Some(words) => crate::lab::Program::new(words),
        None => {
            let got = type_word(value);
            Err(Error::new(Kind::BadArgument, "exec", "a program", format!("it is a line or a list of strings, not {got}")))
        }
    }
}

/// The script's word for the type of a value, with its article.
pub(crate) fn type_word(value: &Dynamic) -> String {
    let word = match value.type_name() {
        "i64" => "int",
        "f64" => "float",
        "string" | "&str" => "string",
        "Fn" => "closure",
        other => other.rsplit("::").next().unwrap_or(other),
    };
    match word {
        "()" => "nothing".to_string(),
        _ if word.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O']) => format!("an {word}"),
        _ => format!("a {word}"),
    }
}
