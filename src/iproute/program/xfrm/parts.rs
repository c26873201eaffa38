//! What states and policies are made of: ids, selectors, marks, limits, read from words.

use super::super::Run;
use super::super::stop::{Result, Stop};
use super::super::words::{self, Family, Prefix, Words, begins};
use super::{LIMITS, SELECTOR};
use crate::kernel::attr;
use std::net::IpAddr;

/// Protocols of IPsec (linux/in.h), by the names that ip(8) has for them.
pub(super) const PROTOCOLS: [(u8, &str); 6] = [(50, "esp"), (51, "ah"), (108, "comp"), (43, "route2"), (60, "hao"), (255, "ipsec-any")];
/// XFRM_MODE_
pub(super) const MODES: [&str; 5] = ["transport", "tunnel", "ro", "in_trigger", "beet"];

pub(super) fn is_ipsec(proto: u8) -> bool {
    matches!(proto, 50 | 51 | 108 | 255)
}

pub(super) fn protocol_word(proto: u8) -> String {
    PROTOCOLS.iter().find(|(number, _)| *number == proto).map_or_else(|| proto.to_string(), |(_, word)| word.to_string())
}

pub(super) fn number<T: TryFrom<u64>>(words: &mut Words<'_>, message: &str) -> Result<T> {
    words.number(message)
}

/// Reads a word that has a number: its place in the list.
pub(super) fn choice(words: &mut Words<'_>, known: &[&str], message: &str) -> Result<u8> {
    let word = words.value()?;
    let found = known.iter().position(|known| *known == word).map(|at| at as u8);
    found.or_else(|| words::number(word).and_then(|number| u8::try_from(number).ok())).ok_or_else(|| Stop::invalid(word, message))
}

pub(super) fn mode(words: &mut Words<'_>) -> Result<u8> {
    let word = words.value()?;
    MODES.iter().position(|known| begins(word, known)).map(|at| at as u8).ok_or_else(|| Stop::invalid(word, "MODE value is invalid"))
}

/// An address in the sixteen bytes that the kernel has for either family.
pub(super) fn address(ip: Option<IpAddr>) -> [u8; 16] {
    let mut bytes = [0; 16];
    if let Some(ip) = ip {
        let own = attr::octets(ip);
        bytes[..own.len()].copy_from_slice(&own);
    }
    bytes
}

/// Who agreed: `struct xfrm_id`, and the source.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Id {
    pub source: [u8; 16],
    pub destination: [u8; 16],
    pub spi: [u8; 4],
    pub proto: u8,
    pub family: u8,
}

impl Id {
    /// Reads `src`, `dst`, `proto` and `spi`, as many as come.
    pub fn read(words: &mut Words<'_>, preferred: Family, loose: bool) -> Result<Id> {
        let mut id = Id { family: preferred.number(), ..Id::default() };
        let (mut families, mut last, mut any) = (Vec::new(), words.peek().unwrap_or_default(), false);
        while let Some(word) = words.peek() {
            match word {
                "src" | "dst" => {
                    words.take();
                    last = words.value()?;
                    let prefix = words::prefix(last, preferred)?;
                    if let Some(ip) = prefix.ip {
                        let family = Family::of_ip(ip).number();
                        families.push(family);
                        id.family = family;
                    }
                    *(if word == "src" { &mut id.source } else { &mut id.destination }) = address(prefix.ip);
                }
                "proto" => {
                    words.take();
                    last = words.value()?;
                    let proto = PROTOCOLS.iter().find(|(_, known)| *known == last).map(|(number, _)| *number);
                    let proto = proto.or_else(|| {
                        words::number(last)
                            .and_then(|number| u8::try_from(number).ok())
                            .filter(|number| PROTOCOLS.iter().any(|(known, _)| known == number))
                    });
                    id.proto = proto.ok_or_else(|| Stop::invalid(last, "XFRM-PROTO value is invalid"))?;
                }
                "spi" => {
                    words.take();
                    last = words.value()?;
                    let spi = words::number(last).and_then(|spi| u32::try_from(spi).ok());
                    id.spi = spi.ok_or_else(|| Stop::invalid(last, "SPI value is invalid"))?.to_be_bytes();
                }
                _ => break,
            }
            any = true;
        }
        if families.windows(2).any(|two| two[0] != two[1]) {
            return Err(Stop::invalid(last, "the same address family is required between values after \"src\" and \"dst\""));
        }
        if id.spi != [0; 4] && id.proto != 0 && !loose && !is_ipsec(id.proto) {
            return Err(Stop::invalid(last, "\"spi\" is invalid with the value after \"proto\""));
        }
        if id.proto == 0 && !loose {
            return Err(Stop::missing("XFRM-PROTO"));
        }
        match any || loose {
            true => Ok(id),
            false => Err(Stop::missing("ID")),
        }
    }

    /// The bytes of `struct xfrm_id`.
    pub fn bytes(&self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(&self.destination);
        bytes[16..20].copy_from_slice(&self.spi);
        bytes[20] = self.proto;
        bytes
    }
}

/// The number of a protocol of IP by its name in /etc/protocols, or the few that everybody has.
fn upper(word: &str) -> Option<u8> {
    let named = super::super::route::protocol(word);
    named.or_else(|| {
        let text = std::fs::read_to_string("/etc/protocols").unwrap_or_default();
        let mut lines = text.lines().map(|line| line.split_whitespace());
        lines.find_map(|mut parts| (parts.next()? == word).then(|| parts.next()?.parse().ok())?)
    })
}

/// Reads a selector: which packets are meant (`struct xfrm_selector`). Returns whether there was a word of it.
pub(super) fn selector(run: &mut Run<'_>, words: &mut Words<'_>, bytes: &mut [u8; SELECTOR]) -> Result<bool> {
    let preferred = run.options.family;
    let (mut any, mut families) = (false, Vec::new());
    let mut type_code = (None::<u16>, None::<u16>);
    while let Some(word) = words.peek() {
        let port = |words: &mut Words<'_>, message: &str| -> Result<[u8; 2]> { Ok(number::<u16>(words, message)?.to_be_bytes()) };
        match word {
            "src" | "dst" => {
                words.take();
                let prefix: Prefix = words::prefix(words.value()?, preferred)?;
                families.extend(prefix.ip.map(|ip| Family::of_ip(ip).number()));
                let (at, length) = if word == "dst" { (0, 42) } else { (16, 43) };
                bytes[at..at + 16].copy_from_slice(&address(prefix.ip));
                bytes[length] = prefix.length;
            }
            "dev" => {
                words.take();
                let name = words.value()?;
                let index = run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "DEV value is invalid"))?.index;
                bytes[48..52].copy_from_slice(&index.to_ne_bytes());
            }
            "proto" => {
                words.take();
                let name = words.value()?;
                bytes[44] = if name == "any" { 0 } else { upper(name).ok_or_else(|| Stop::invalid(name, "PROTO value is invalid"))? };
            }
            "sport" => {
                words.take();
                bytes[36..38].copy_from_slice(&port(words, "value after \"sport\" is invalid")?);
                bytes[38..40].copy_from_slice(&[0xff, 0xff]);
            }
            "dport" => {
                words.take();
                bytes[32..34].copy_from_slice(&port(words, "value after \"dport\" is invalid")?);
                bytes[34..36].copy_from_slice(&[0xff, 0xff]);
            }
            "type" => {
                words.take();
                type_code.0 = Some(number::<u8>(words, "value after \"type\" is invalid")?.into());
            }
            "code" => {
                words.take();
                type_code.1 = Some(number::<u8>(words, "value after \"code\" is invalid")?.into());
            }
            "key" => {
                words.take();
                let text = words.value()?;
                let key = match words::parse_address(text, Family::Inet).filter(|_| text.contains('.')) {
                    Some(IpAddr::V4(ip)) => u32::from(ip),
                    _ => words::number(text)
                        .and_then(|key| u32::try_from(key).ok())
                        .ok_or_else(|| Stop::invalid(text, "value after \"key\" is invalid"))?,
                };
                bytes[36..38].copy_from_slice(&((key >> 16) as u16).to_be_bytes());
                bytes[38..40].copy_from_slice(&[0xff, 0xff]);
                bytes[32..34].copy_from_slice(&(key as u16).to_be_bytes());
                bytes[34..36].copy_from_slice(&[0xff, 0xff]);
            }
            _ => break,
        }
        any = true;
    }
    // ICMP has types and codes where others have ports.
    for (value, at) in [(type_code.0, 36), (type_code.1, 32)] {
        if let Some(value) = value {
            bytes[at..at + 2].copy_from_slice(&value.to_be_bytes());
            bytes[at + 2..at + 4].copy_from_slice(&[0xff, 0xff]);
        }
    }
    if families.windows(2).any(|two| two[0] != two[1]) {
        let last = words.peek().unwrap_or_default();
        return Err(Stop::invalid(last, "the same address family is required between values after \"src\" and \"dst\""));
    }
    let family = families.first().copied().unwrap_or(preferred.number());
    if family != 0 {
        bytes[40..42].copy_from_slice(&u16::from(family).to_ne_bytes());
    }
    Ok(any)
}

/// Limits at the beginning: no count of bytes or packets ends it, and no time (XFRM_INF).
pub(super) fn endless() -> [u8; LIMITS] {
    let mut bytes = [0; LIMITS];
    bytes[..32].fill(0xff);
    bytes
}

/// Reads what stands behind `limit`.
pub(super) fn limit(words: &mut Words<'_>, bytes: &mut [u8]) -> Result {
    let word = words.value()?;
    let places = ["byte-soft", "byte-hard", "packet-soft", "packet-hard", "time-soft", "time-hard", "time-use-soft", "time-use-hard"];
    let at = places.iter().position(|known| *known == word).ok_or_else(|| Stop::invalid(word, "LIMIT value is invalid"))? * 8;
    let value: u64 = number(words, &format!("value after \"{word}\" is invalid"))?;
    bytes[at..at + 8].copy_from_slice(&value.to_ne_bytes());
    Ok(())
}

/// Reads `V [mask M]`.
pub(super) fn mark(words: &mut Words<'_>) -> Result<[u8; 8]> {
    let value: u32 = number(words, "MARK value is invalid\n")?;
    let mask = if words.eat("mask") { number(words, "MASK value is invalid\n")? } else { u32::MAX };
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&value.to_ne_bytes());
    bytes[4..].copy_from_slice(&mask.to_ne_bytes());
    Ok(bytes)
}

/// Reads flags, by name as many as come, or as one number in hexadecimal.
pub(super) fn flags(words: &mut Words<'_>, known: &[(u32, &str)]) -> Result<u32> {
    let first = words.value()?;
    if let Some(hex) = first.strip_prefix("0x") {
        return u32::from_str_radix(hex, 16).map_err(|_| Stop::invalid(first, "\"flag\" value is invalid"));
    }
    words.back();
    let mut found = 0;
    while let Some((bit, _)) = words.peek().and_then(|word| known.iter().find(|(_, name)| *name == word)) {
        found |= bit;
        words.take();
    }
    match found {
        0 => Err(Stop::invalid(first, "\"flag\" value is invalid")),
        found => Ok(found),
    }
}
