//! u32: bytes at places of the packet, masked and compared; with hash tables (tc-u32(8), linux/pkt_cls.h).

use crate::kernel::attr::{self, Writer};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// TC_U32_TERMINAL and its like: the filter ends the search, and how the next header is found.
pub const TERMINAL: u8 = 1;
/// TC_U32_OFFSET
pub const OFFSET: u8 = 2;
/// TC_U32_VAROFFSET
pub const VAROFFSET: u8 = 4;
/// TC_U32_EAT
pub const EAT: u8 = 8;
/// The table that the kernel makes by itself.
pub const ROOT_TABLE: u32 = 0x8000_0000;

/// Four bytes that are compared (`struct tc_u32_key`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Key {
    /// Which bits count.
    pub mask: u32,
    /// What they are to be.
    pub value: u32,
    /// Where, in bytes from the network header.
    pub at: i32,
    /// -1 when it counts from the next header (`nexthdr+`).
    pub next: i32,
}

/// What a u32 filter looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct U32 {
    /// What is compared; none takes all.
    pub keys: Vec<Key>,
    /// `match mark`: value and mask.
    pub mark: Option<(u32, u32)>,
    /// `divisor`: it is a hash table of that many buckets, and no filter.
    pub divisor: Option<u32>,
    /// `ht`: the table and bucket that it stands in.
    pub table: Option<u32>,
    /// `link`: the table that goes on.
    pub link: Option<u32>,
    /// `hashkey`: the bits that choose the bucket there, and where.
    pub hash: Option<(u32, i16)>,
    /// `offset`: flags, and how the next header is found.
    pub offset: Option<Offset>,
    /// `skip_hw`, `skip_sw`.
    pub flags: u32,
}

/// How the next header is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offset {
    /// OFFSET, VAROFFSET, EAT.
    pub flags: u8,
    /// `plus`.
    pub plus: u16,
    /// `mask`, in network order.
    pub mask: u16,
    /// `at`.
    pub at: i16,
    /// `shift`.
    pub shift: u8,
}

impl U32 {
    /// Adds four bytes; those of the same place become one. Nothing when they contradict each other.
    pub fn key(&mut self, key: Key) -> Option<()> {
        let key = Key { value: key.value & key.mask, ..key };
        for known in &mut self.keys {
            if known.at == key.at && known.next == key.next {
                let both = known.mask & key.mask;
                if known.value & both != key.value & both {
                    return None;
                }
                known.value |= key.value;
                known.mask |= key.mask;
                return Some(());
            }
        }
        self.keys.push(key);
        Some(())
    }

    /// Adds an address and its length at a place. Nothing when it contradicts what is there.
    pub fn address(&mut self, ip: IpAddr, length: u8, at: i32) -> Option<()> {
        match ip {
            IpAddr::V4(ip) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
                self.key(Key { mask, value: u32::from(ip), at, next: 0 })
            }
            IpAddr::V6(ip) => {
                let (ip, mask) = (u128::from(ip), u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0));
                for word in 0..4 {
                    let part = |whole: u128| (whole >> (96 - word * 32)) as u32;
                    if part(mask) != 0 {
                        self.key(Key { mask: part(mask), value: part(ip), at: at + word * 4, next: 0 })?;
                    }
                }
                Some(())
            }
        }
    }

    pub(super) fn put(&self, writer: &mut Writer, takes: bool) {
        if let Some(divisor) = self.divisor {
            writer.u32(4, divisor);
            return;
        }
        if let Some(table) = self.table {
            writer.u32(2, table);
        }
        if let Some(link) = self.link {
            writer.u32(3, link);
        }
        if let Some((value, mask)) = self.mark {
            writer.put(10, &[value, mask, 0].iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>());
        }
        // Without anything to select by, the kernel says that this is missing.
        if self.keys.is_empty() && self.mark.is_none() && self.offset.is_none() && self.hash.is_none() {
            return;
        }
        let offset = self.offset.unwrap_or_default();
        let (mask, at) = self.hash.unwrap_or_default();
        // struct tc_u32_sel: flags, shift, number of keys, mask, offset, place of the offset, place of the hash, its mask.
        let mut bytes = vec![offset.flags | if takes { TERMINAL } else { 0 }, offset.shift, self.keys.len() as u8, 0];
        bytes.extend(offset.mask.to_be_bytes());
        bytes.extend(offset.plus.to_ne_bytes());
        bytes.extend(offset.at.to_ne_bytes());
        bytes.extend(at.to_ne_bytes());
        bytes.extend(mask.to_be_bytes());
        for key in &self.keys {
            bytes.extend(key.mask.to_be_bytes());
            bytes.extend(key.value.to_be_bytes());
            bytes.extend(key.at.to_ne_bytes());
            bytes.extend(key.next.to_ne_bytes());
        }
        writer.put(5, &bytes);
    }

    /// Reads what the kernel tells; the flags of the selector beside it.
    pub fn read(options: &[u8]) -> (U32, u8) {
        let number = |kind| attr::find(options, kind).map(|value| attr::number(value) as u32);
        let mut found = U32 {
            divisor: number(4),
            table: number(2),
            link: number(3),
            mark: attr::find(options, 10).map(|mark| (attr::u32_at(mark, 0), attr::u32_at(mark, 4))),
            flags: number(11).unwrap_or(0),
            ..U32::default()
        };
        let Some(sel) = attr::find(options, 5).filter(|sel| sel.len() >= 16) else { return (found, 0) };
        let be = |bytes: &[u8], at: usize| u32::from_be(attr::u32_at(bytes, at));
        let short = |at: usize| attr::number(&sel[at..at + 2]) as u16;
        found.offset = (sel[0] & (OFFSET | VAROFFSET | EAT) != 0).then(|| Offset {
            flags: sel[0] & !TERMINAL,
            plus: short(6),
            mask: u16::from_be(short(4)),
            at: short(8).cast_signed(),
            shift: sel[1],
        });
        found.hash = Some((be(sel, 12), short(10).cast_signed())).filter(|(mask, _)| *mask != 0);
        for key in sel[16..].chunks_exact(16).take(sel[2].into()) {
            let signed = |at: usize| attr::u32_at(key, at).cast_signed();
            found.keys.push(Key { mask: be(key, 0), value: be(key, 4), at: signed(8), next: signed(12) });
        }
        (found, sel[0])
    }
}

/// Writes the number of a filter or table as `tc` does: table, bucket and place, `800::800`.
pub fn handle_text(handle: u32) -> String {
    if handle == 0 {
        return "none".to_string();
    }
    let (table, bucket, place) = (handle >> 20, (handle >> 12) & 0xff, handle & 0xfff);
    let mut text = if table != 0 { format!("{table:x}:") } else { String::new() };
    if bucket != 0 {
        text += &format!("{bucket:x}");
    }
    if place != 0 {
        text += &format!(":{place:x}");
    }
    text
}

/// Reads the number of a filter or table: `2:`, `800::1`, `2:7b:`.
pub fn parse_handle(text: &str) -> Option<u32> {
    let number = |text: &str, most: u32| match text {
        "" => Some(0),
        text => u32::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok().filter(|number| *number <= most),
    };
    let Some((table, rest)) = text.split_once(':') else { return number(text, u32::MAX) };
    let (bucket, place) = rest.split_once(':').unwrap_or((rest, ""));
    Some(number(table, 0xfff)? << 20 | number(bucket, 0xff)? << 12 | number(place, 0xfff)?)
}

/// Reads a selector in the words of tc-u32(8), without `match` before it: `ip dst 10.0.0.1/32`, `u16 0x50 0xffff at 22`. Returns how many words it
/// took; nothing when it is none.
pub fn selector(into: &mut U32, words: &[&str]) -> Option<usize> {
    let [kind, rest @ ..] = words else { return None };
    match (*kind, rest) {
        ("u32" | "u16" | "u8", [value, mask, rest @ ..]) => {
            let (value, mask) = (hex(value)?, hex(mask)?);
            let ((at, next), took) = match rest {
                ["at", place, ..] => (place_of(place)?, 2),
                _ => ((0, 0), 0),
            };
            plain(into, kind, value, mask, at, next)?;
            Some(3 + took)
        }
        ("mark", [value, mask, ..]) => {
            into.mark = Some((number(value)?, number(mask)?));
            Some(3)
        }
        ("ip", [what, value, rest @ ..]) => ip(into, what, value, rest).map(|took| took + 3),
        ("ip6", [what, value, rest @ ..]) => ip6(into, what, value, rest).map(|took| took + 3),
        ("tcp" | "udp", [what @ ("src" | "dst"), value, rest @ ..]) => {
            let at = if *what == "src" { 0 } else { 2 };
            short(into, value, rest, at, -1).map(|took| took + 3)
        }
        ("icmp", [what @ ("type" | "code"), value, rest @ ..]) => {
            let at = if *what == "type" { 0 } else { 1 };
            byte(into, value, rest, at, -1).map(|took| took + 3)
        }
        ("ether", [what @ ("src" | "dst"), value, ..]) => {
            ether(into, what, value)?;
            Some(3)
        }
        _ => None,
    }
}

fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// In `u32`, `u16` and `u8`, numbers are hexadecimal with or without 0x.
fn hex(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok()
}

/// `at 12`, `at nexthdr+2`.
fn place_of(text: &str) -> Option<(i32, i32)> {
    let at = |text: &str| match text.strip_prefix("0x") {
        Some(hex) => i32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    };
    match text.strip_prefix("nexthdr+") {
        Some(rest) => Some((at(rest)?, -1)),
        None => Some((at(text)?, 0)),
    }
}

/// A word of four, two or one byte at a place.
fn plain(into: &mut U32, kind: &str, value: u32, mask: u32, at: i32, next: i32) -> Option<()> {
    let shift = match kind {
        "u32" => 0,
        "u16" => 16 - 8 * (at & 2),
        _ => 24 - 8 * (at & 3),
    };
    let most = match kind {
        "u32" => u32::MAX,
        "u16" => 0xffff,
        _ => 0xff,
    };
    let fits = value <= most
        && mask <= most
        && at
            & (match kind {
                "u32" => 3,
                "u16" => 1,
                _ => 0,
            })
            == 0;
    if !fits {
        return None;
    }
    into.key(Key { mask: mask << shift, value: value << shift, at: at & !3, next })
}

/// Two bytes of a header, with an optional mask; returns how many words the mask took.
fn short(into: &mut U32, value: &str, rest: &[&str], at: i32, next: i32) -> Option<usize> {
    masked(into, "u16", value, rest, 0xffff, at, next)
}

fn byte(into: &mut U32, value: &str, rest: &[&str], at: i32, next: i32) -> Option<usize> {
    masked(into, "u8", value, rest, 0xff, at, next)
}

fn masked(into: &mut U32, kind: &str, value: &str, rest: &[&str], _all: u32, at: i32, next: i32) -> Option<usize> {
    let mask = number_any(rest.first()?)?;
    plain(into, kind, number_any(value)?, mask, at, next)?;
    Some(1)
}

/// As the C library reads with base 0.
fn number_any(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u32::from_str_radix(&text[1..], 8).ok(),
        None => text.parse().ok(),
    }
}

fn ip(into: &mut U32, what: &str, value: &str, rest: &[&str]) -> Option<usize> {
    match what {
        "src" | "dst" => {
            let (ip, length) = prefix(value, 32)?;
            let ip: Ipv4Addr = if ip == "default" || ip == "any" || ip == "all" { Ipv4Addr::UNSPECIFIED } else { ip.parse().ok()? };
            let length = if ip.is_unspecified() && !value.contains('/') { 0 } else { length };
            into.address(ip.into(), length, if what == "src" { 12 } else { 16 })?;
            Some(0)
        }
        "tos" | "dsfield" | "precedence" => byte(into, value, rest, 1, 0),
        "ihl" => byte(into, value, rest, 0, 0),
        "protocol" => {
            let value = protocol(value).map_or_else(|| value.to_string(), |number| number.to_string());
            byte(into, &value, rest, 9, 0)
        }
        "sport" => short(into, value, rest, 20, 0),
        "dport" => short(into, value, rest, 22, 0),
        "icmp_type" => byte(into, value, rest, 20, 0),
        "icmp_code" => byte(into, value, rest, 21, 0),
        _ => None,
    }
}

fn ip6(into: &mut U32, what: &str, value: &str, rest: &[&str]) -> Option<usize> {
    match what {
        "src" | "dst" => {
            let (ip, length) = prefix(value, 128)?;
            let ip: Ipv6Addr = if matches!(ip, "default" | "any" | "all") { Ipv6Addr::UNSPECIFIED } else { ip.parse().ok()? };
            into.address(ip.into(), length, if what == "src" { 8 } else { 24 })?;
            Some(0)
        }
        "priority" => {
            let (value, mask) = (number_any(value)?, number_any(rest.first()?)?);
            plain(into, "u16", value << 4, mask << 4, 0, 0)?;
            Some(1)
        }
        "protocol" => {
            let value = protocol(value).map_or_else(|| value.to_string(), |number| number.to_string());
            byte(into, &value, rest, 6, 0)
        }
        "flowlabel" => {
            let (value, mask) = (number_any(value)?, number_any(rest.first()?)?);
            plain(into, "u32", value & 0xf_ffff, mask & 0xf_ffff, 0, 0)?;
            Some(1)
        }
        "sport" => short(into, value, rest, 40, 0),
        "dport" => short(into, value, rest, 42, 0),
        "icmp_type" => byte(into, value, rest, 40, 0),
        "icmp_code" => byte(into, value, rest, 41, 0),
        _ => None,
    }
}

fn ether(into: &mut U32, what: &str, value: &str) -> Option<()> {
    let bytes: Vec<u8> = value.split(':').map(|part| u8::from_str_radix(part, 16).ok()).collect::<Option<_>>()?;
    let mac: [u8; 6] = bytes.try_into().ok()?;
    let at = if what == "src" { -8 } else { -14 };
    // The address crosses the borders of words: it begins two bytes before one, or at one.
    for (place, pair) in mac.chunks_exact(2).enumerate() {
        let value = u32::from(u16::from_be_bytes([pair[0], pair[1]]));
        plain(into, "u16", value, 0xffff, at + 2 * place as i32, 0)?;
    }
    Some(())
}

fn prefix(text: &str, most: u8) -> Option<(&str, u8)> {
    match text.split_once('/') {
        None => Some((text, most)),
        Some((ip, length)) => Some((ip, length.parse().ok().filter(|length| *length <= most)?)),
    }
}

/// The protocols that people name (/etc/protocols).
pub fn protocol(word: &str) -> Option<u8> {
    Some(match word {
        "icmp" => 1,
        "igmp" => 2,
        "ipip" | "ipencap" => 4,
        "tcp" => 6,
        "udp" => 17,
        "gre" => 47,
        "esp" => 50,
        "ah" => 51,
        "icmp6" | "ipv6-icmp" | "icmpv6" => 58,
        "ospf" => 89,
        "sctp" => 132,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<(u32, u32, i32)> {
        let words: Vec<&str> = text.split(' ').collect();
        let mut looks = U32::default();
        let mut at = 0;
        while at < words.len() {
            at += selector(&mut looks, &words[at..]).unwrap();
        }
        looks.keys.iter().map(|key| (key.value, key.mask, key.at)).collect()
    }

    #[test]
    fn selectors_are_read_as_tc_reads_them() {
        assert_eq!(keys("ip dst 10.0.0.1/24"), [(0x0a00_0000, 0xffff_ff00, 16)]);
        assert_eq!(keys("ip dport 80 0xffff"), [(0x50, 0xffff, 20)]);
        assert_eq!(keys("ip sport 22 0xffff ip dport 80 0xffff"), [(0x0016_0050, 0xffff_ffff, 20)]);
        assert_eq!(keys("ip protocol 6 0xff"), [(0x0006_0000, 0x00ff_0000, 8)]);
        assert_eq!(keys("u8 0x05 0x0f at 0 u16 0x0000 0xffc0 at 2"), [(0x0500_0000, 0x0f00_ffc0, 0)]);
        assert_eq!(keys("u8 0x10 0xff at 33"), [(0x0010_0000, 0x00ff_0000, 32)]);
        assert_eq!(keys("ip6 dst 2001:db8::/32"), [(0x2001_0db8, 0xffff_ffff, 24)]);
        assert_eq!(selector(&mut U32::default(), &["ip", "dst", "10.0.0.256"]), None);
        assert_eq!(selector(&mut U32::default(), &["u16", "1", "ffff", "at", "1"]), None);
    }

    #[test]
    fn handles_are_written_as_tc_writes_them() {
        for (text, handle) in [("800:", 0x8000_0000), ("800::800", 0x8000_0800), ("2:7b:800", 0x0027_b800), ("2:7b", 0x0027_b000)] {
            assert_eq!(handle_text(handle), text);
            assert_eq!(parse_handle(text), Some(handle));
        }
        assert_eq!(parse_handle("2:7b:"), Some(0x0027_b000));
        assert_eq!(parse_handle("x:"), None);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut looks = U32 { table: Some(0x8000_0000), link: Some(0x0020_0000), hash: Some((0xff, 12)), ..U32::default() };
        selector(&mut looks, &["ip", "src", "1.2.0.0/16"]).unwrap();
        let mut writer = Writer::default();
        looks.put(&mut writer, true);
        assert_eq!(U32::read(&writer.bytes()), (looks, TERMINAL));
    }
}
