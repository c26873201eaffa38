//! Reading what people write: addresses, CIDRs, targets, links by handle or name, with what is wrong in it.

use crate::error::{Error, Kind, Result};
use crate::lab::{Lab, Link, Netns};
use ipnet::IpNet;
use rhai::{Array, Dynamic};
use std::net::IpAddr;
use std::time::Duration;

/// Reads an address.
pub(crate) fn ip(text: &str) -> Result<IpAddr> {
    text.parse().map_err(|_| {
        let error = Error::new(Kind::BadArgument, "read address", format!("`{text}`"), fault_of_address(text));
        match text.split_once('/') {
            Some((bare, _)) if bare.parse::<IpAddr>().is_ok() => error.hint(format!("write it without the prefix length: `{bare}`")),
            _ => error,
        }
    })
}

/// Reads an address with its prefix length.
pub(crate) fn cidr(text: &str) -> Result<IpNet> {
    let wrong = |cause: String| Error::new(Kind::BadArgument, "read address", format!("`{text}`"), cause);
    let Some((bare, prefix)) = text.split_once('/') else {
        return Err(match text.parse::<IpAddr>() {
            Ok(ip) => {
                let usual = if ip.is_ipv4() { 24 } else { 64 };
                wrong("it has no prefix length".to_string()).hint(format!("write it as `{text}/{usual}`"))
            }
            Err(_) => wrong(fault_of_address(text)),
        });
    };
    let ip: IpAddr = bare.parse().map_err(|_| wrong(fault_of_address(bare)))?;
    let longest = if ip.is_ipv4() { 32 } else { 128 };
    match prefix.parse::<u8>() {
        Ok(prefix) if prefix <= longest => IpNet::new(ip, prefix).map_err(|e| wrong(e.to_string())),
        _ => Err(wrong(format!("the prefix length `{prefix}` is not a number from 0 to {longest}"))),
    }
}

/// Reads a destination: `default`, a network, or one address.
pub(crate) fn destination(text: &str, v6: bool) -> Result<IpNet> {
    match text {
        "default" => Ok(crate::kernel::route::Route::default_dst(v6)),
        _ if text.contains('/') => {
            let net = cidr(text)?;
            match net.addr() == net.network() {
                true => Ok(net),
                false => {
                    let cause = format!("the bits behind the prefix length are not zero: the network is {}", net.trunc());
                    let error = Error::new(Kind::BadArgument, "read destination", format!("`{text}`"), cause);
                    Err(error.hint(format!("write it as `{}`", net.trunc())))
                }
            }
        }
        _ => ip(text).map(IpNet::from),
    }
}

/// Says what is wrong in an address.
fn fault_of_address(text: &str) -> String {
    if text.is_empty() {
        return "it is empty".to_string();
    }
    if text.contains(':') {
        return "this is no IPv6 address".to_string();
    }
    let parts: Vec<&str> = text.split('.').collect();
    if parts.iter().any(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit())) {
        return "this is no address".to_string();
    }
    if parts.len() != 4 {
        return format!("an IPv4 address has four numbers, this has {}", parts.len());
    }
    match parts.iter().find(|part| part.parse::<u8>().is_err()) {
        Some(part) => format!("`{part}` is greater than 255"),
        None => "a number begins with a zero".to_string(),
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_cidr_says_what_is_wrong_in_it() {
        let message = |text| cidr(text).unwrap_err().to_string();
        assert_eq!(message("10.0.0.256/24"), "cannot read address `10.0.0.256/24`: `256` is greater than 255");
        assert_eq!(message("10.0.0/24"), "cannot read address `10.0.0/24`: an IPv4 address has four numbers, this has 3");
        assert_eq!(message("10.0.0.1/33"), "cannot read address `10.0.0.1/33`: the prefix length `33` is not a number from 0 to 32");
        assert_eq!(message("10.0.0.1"), "cannot read address `10.0.0.1`: it has no prefix length");
        assert_eq!(message("ten/8"), "cannot read address `ten/8`: this is no address");
        assert_eq!(message("2001:db8::g/64"), "cannot read address `2001:db8::g/64`: this is no IPv6 address");
        assert_eq!(message("010.0.0.1/8"), "cannot read address `010.0.0.1/8`: a number begins with a zero");
    }

    #[test]
    fn a_destination_with_host_bits_is_refused_with_the_network() {
        let error = destination("10.0.0.1/24", false).unwrap_err();
        assert_eq!(error.fix(), Some("write it as `10.0.0.0/24`"));
        assert_eq!(destination("default", true).unwrap().to_string(), "::/0");
        assert_eq!(destination("10.0.0.1", false).unwrap().to_string(), "10.0.0.1/32");
    }
}
