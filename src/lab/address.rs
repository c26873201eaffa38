//! Addresses as people write them, with what is wrong in one that cannot be read.

use crate::error::{Error, Kind, Result};
use ipnet::IpNet;
use std::net::IpAddr;

/// Reads an address.
///
/// # Errors
///
/// `bad-argument`.
pub fn ip(text: &str) -> Result<IpAddr> {
    text.parse().map_err(|_| {
        let error = Error::new(Kind::BadArgument, "read address", format!("`{text}`"), fault_of_address(text));
        match text.split_once('/') {
            Some((bare, _)) if bare.parse::<IpAddr>().is_ok() => error.hint(format!("write it without the prefix length: `{bare}`")),
            _ => error,
        }
    })
}

/// Reads an address with its prefix length.
///
/// # Errors
///
/// `bad-argument`.
pub fn cidr(text: &str) -> Result<IpNet> {
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
///
/// # Errors
///
/// `bad-argument`.
pub fn destination(text: &str, v6: bool) -> Result<IpNet> {
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
