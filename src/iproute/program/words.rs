//! The words of a command line, read one after the other.

use super::stop::{Result, Stop};
use std::net::IpAddr;

/// Words that are being read.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    words: &'a [String],
    at: usize,
}

/// Returns whether a word is a word or a beginning of it: iproute2 takes `addr`, `a` for `address`.
pub fn begins(word: &str, full: &str) -> bool {
    !word.is_empty() && full.starts_with(word)
}

impl<'a> Words<'a> {
    /// Begins to read.
    pub fn new(words: &'a [String]) -> Words<'a> {
        Words { words, at: 0 }
    }

    /// Returns the word at hand.
    pub fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).map(String::as_str)
    }

    /// Takes the word at hand.
    pub fn take(&mut self) -> Option<&'a str> {
        let word = self.peek();
        self.at += usize::from(word.is_some());
        word
    }

    /// Takes the word at hand, which must be there: the value of the word before.
    pub fn value(&mut self) -> Result<&'a str> {
        self.take().ok_or_else(Stop::incomplete)
    }

    /// Takes the word at hand if it is that word.
    pub fn eat(&mut self, full: &str) -> bool {
        let is = self.peek() == Some(full);
        self.at += usize::from(is);
        is
    }

    /// Goes one word back.
    pub fn back(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    /// Returns whether all has been read.
    pub fn done(&self) -> bool {
        self.at >= self.words.len()
    }

    /// Returns how many words are left.
    pub fn left(&self) -> usize {
        self.words.len().saturating_sub(self.at)
    }

    /// Returns the words that are left.
    pub fn rest(&self) -> &'a [String] {
        self.words.get(self.at..).unwrap_or_default()
    }

    /// Takes all that is left.
    pub fn take_rest(&mut self) -> &'a [String] {
        let rest = self.rest();
        self.at = self.words.len();
        rest
    }

    /// Takes a number of any width; says `message` about what is none.
    pub fn number<T: TryFrom<u64>>(&mut self, message: &str) -> Result<T> {
        let word = self.value()?;
        number(word).and_then(|number| T::try_from(number).ok()).ok_or_else(|| Stop::invalid(word, message))
    }

    /// Takes `on` or `off`.
    pub fn on_off(&mut self, word: &str) -> Result<bool> {
        match self.value()? {
            "on" => Ok(true),
            "off" => Ok(false),
            other => Err(Stop::wrong(format!("Error: argument of \"{word}\" must be \"on\" or \"off\", not \"{other}\""))),
        }
    }

    /// Takes an address of one family, or of any.
    pub fn address(&mut self, family: Family) -> Result<IpAddr> {
        address(self.value()?, family)
    }
}

/// The kinds of addresses that an option or a word has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the words of -family")]
pub enum Family {
    #[default]
    Any,
    Inet,
    Inet6,
    Link,
    Bridge,
    Mpls,
}

impl Family {
    /// Returns the number (linux/socket.h).
    pub fn number(self) -> u8 {
        match self {
            Family::Any => 0,
            Family::Inet => 2,
            Family::Inet6 => 10,
            Family::Link => 17,
            Family::Bridge => 7,
            Family::Mpls => 28,
        }
    }

    /// Returns the family of a number.
    pub fn of(number: u8) -> Family {
        match number {
            2 => Family::Inet,
            10 => Family::Inet6,
            17 => Family::Link,
            7 => Family::Bridge,
            28 => Family::Mpls,
            _ => Family::Any,
        }
    }

    /// Returns the word.
    pub fn word(self) -> &'static str {
        match self {
            Family::Any => "unspec",
            Family::Inet => "inet",
            Family::Inet6 => "inet6",
            Family::Link => "link",
            Family::Bridge => "bridge",
            Family::Mpls => "mpls",
        }
    }

    /// Returns the family that a word names.
    pub fn from_word(word: &str) -> Option<Family> {
        Some(match word {
            "inet" => Family::Inet,
            "inet6" => Family::Inet6,
            "link" => Family::Link,
            "bridge" => Family::Bridge,
            "mpls" => Family::Mpls,
            _ => return None,
        })
    }

    /// Returns the family of an address.
    pub fn of_ip(ip: IpAddr) -> Family {
        if ip.is_ipv4() { Family::Inet } else { Family::Inet6 }
    }
}

/// Reads a whole number as the C library does with base 0: decimal, `0x…`, `0…` octal.
pub fn number(word: &str) -> Option<u64> {
    let word = word.strip_prefix('+').unwrap_or(word);
    match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None if word.len() > 1 && word.starts_with('0') => u64::from_str_radix(&word[1..], 8).ok(),
        None => word.parse().ok().filter(|_| word.bytes().all(|b| b.is_ascii_digit())),
    }
}

/// Reads an IPv4 address as iproute2 does: missing bytes are zero (`10.1` is 10.1.0.0).
fn v4(word: &str) -> Option<[u8; 4]> {
    let mut bytes = [0; 4];
    let mut parts = word.split('.');
    let mut count = 0;
    for (byte, part) in bytes.iter_mut().zip(&mut parts) {
        *byte = number(part).and_then(|number| u8::try_from(number).ok())?;
        count += 1;
    }
    (count > 0 && parts.next().is_none()).then_some(bytes)
}

/// Reads an address that may be of either family.
pub fn parse_address(word: &str, family: Family) -> Option<IpAddr> {
    if word.contains(':') {
        return (matches!(family, Family::Any | Family::Inet6)).then(|| word.parse().ok()).flatten().filter(IpAddr::is_ipv6);
    }
    (matches!(family, Family::Any | Family::Inet)).then(|| v4(word)).flatten().map(IpAddr::from)
}

/// Reads an address; says so if it is none.
pub fn address(word: &str, family: Family) -> Result<IpAddr> {
    if matches!(word, "default" | "all" | "any") {
        return match family {
            Family::Inet6 => Ok(IpAddr::from([0u8; 16])),
            _ => Ok(IpAddr::from([0u8; 4])),
        };
    }
    let kind = match family {
        Family::Any => "any valid",
        other => other.word(),
    };
    parse_address(word, family).ok_or_else(|| Stop::exit(format!("Error: {kind} address is expected rather than \"{word}\".")))
}

/// An address with its length; one of no length is `default`, of no family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// The address; nothing for `default` where no family was chosen.
    pub ip: Option<IpAddr>,
    /// The length in bits.
    pub length: u8,
    /// Whether a length was given.
    pub told: bool,
}

impl Prefix {
    /// Returns the family.
    pub fn family(&self) -> Family {
        self.ip.map_or(Family::Any, Family::of_ip)
    }

    /// Returns the longest length of the family.
    pub fn most(&self) -> u8 {
        match self.ip {
            Some(IpAddr::V6(_)) => 128,
            _ => 32,
        }
    }

    /// Returns whether an address is inside.
    pub fn holds(&self, ip: IpAddr) -> bool {
        let bits = |ip: IpAddr| match ip {
            IpAddr::V4(ip) => u128::from(u32::from(ip)) << 96,
            IpAddr::V6(ip) => u128::from(ip),
        };
        match self.ip {
            None => true,
            Some(own) if own.is_ipv4() != ip.is_ipv4() => false,
            Some(own) => self.length == 0 || (bits(own) ^ bits(ip)) >> (128 - u32::from(self.length)) == 0,
        }
    }
}

/// Reads an address with or without a length, `default`, `any` or `all`.
pub fn prefix(word: &str, family: Family) -> Result<Prefix> {
    parse_prefix(word, family).ok_or_else(|| {
        let kind = match family {
            Family::Any => "any valid",
            other => other.word(),
        };
        Stop::exit(format!("Error: {kind} prefix is expected rather than \"{word}\"."))
    })
}

/// Reads an address with or without a length; nothing if it is none.
pub fn parse_prefix(word: &str, family: Family) -> Option<Prefix> {
    if matches!(word, "default" | "any" | "all") {
        let ip = match family {
            Family::Inet => Some(IpAddr::from([0u8; 4])),
            Family::Inet6 => Some(IpAddr::from([0u8; 16])),
            _ => None,
        };
        return Some(Prefix { ip, length: 0, told: false });
    }
    let (ip, length) = match word.split_once('/') {
        Some((ip, length)) => (ip, Some(length)),
        None => (word, None),
    };
    let ip = parse_address(ip, family)?;
    let most = if ip.is_ipv4() { 32 } else { 128 };
    let told = length.is_some();
    let length = match length {
        None => most,
        Some(length) => {
            number(length).and_then(|length| u8::try_from(length).ok()).filter(|length| *length <= most).or_else(|| mask(length, ip))?
        }
    };
    Some(Prefix { ip: Some(ip), length, told })
}

/// Reads a mask of the form 255.255.255.0 as a length.
fn mask(word: &str, ip: IpAddr) -> Option<u8> {
    let bits = u32::from_be_bytes(v4(word).filter(|_| ip.is_ipv4() && word.matches('.').count() == 3)?);
    (bits.leading_ones() + bits.trailing_zeros() == 32 || bits == 0).then(|| bits.leading_ones() as u8)
}

/// Reads a hardware address: bytes in hexadecimal with colons, as many as there are.
pub fn hardware(word: &str) -> Result<Vec<u8>> {
    let wrong = |part: &str| Stop::unreadable(format!("\"{part}\" is invalid lladdr."));
    if !word.contains(':') && word.contains('.') {
        return v4(word).map(Vec::from).ok_or_else(|| wrong(word));
    }
    word.split(':').map(|part| u8::from_str_radix(part, 16).ok().filter(|_| part.len() <= 2).ok_or_else(|| wrong(part))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_prefixes_are_read_as_iproute2_reads_them() {
        assert_eq!(parse_address("10.1", Family::Any), Some([10, 1, 0, 0].into()));
        assert_eq!(parse_address("10.1.2.3.4", Family::Any), None);
        assert_eq!(parse_address("fe80::1", Family::Inet), None);
        let read = |word: &str| parse_prefix(word, Family::Any).map(|p| (p.ip.map(|ip| ip.to_string()), p.length));
        assert_eq!(read("10/8"), Some((Some("10.0.0.0".to_string()), 8)));
        assert_eq!(read("10.0.0.1/255.255.255.0"), Some((Some("10.0.0.1".to_string()), 24)));
        assert_eq!(read("10.0.0.1/33"), None);
        assert_eq!(read("default"), Some((None, 0)));
        assert_eq!(number("0x10"), Some(16));
        assert_eq!(number("010"), Some(8));
        assert_eq!(number("1a"), None);
        assert!(parse_prefix("10.0.0.0/8", Family::Any).unwrap().holds([10, 9, 0, 1].into()));
    }
}
