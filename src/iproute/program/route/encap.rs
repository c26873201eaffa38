//! What is put around a packet: MPLS labels and segment routing (linux/mpls_iptunnel.h, linux/seg6_iptunnel.h), and a plain IP tunnel.
//!
//! Options of geneve, vxlan and erspan are refused: some kernels stop all networking when they are given.

use super::super::Run;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::words::{self, Family, Words};
use super::{RTA_ENCAP, RTA_ENCAP_TYPE, segment};
use crate::kernel::attr::{self, Writer};
use crate::kernel::encap::{self, MODES};
use std::net::{IpAddr, Ipv6Addr};

// linux/lwtunnel.h
const MPLS: u64 = encap::MPLS as u64;
const IP: u64 = 2;
const SEG6LOCAL: u64 = 7;
const SEG6: u64 = encap::SEG6 as u64;

/// Writes a stack of labels: `100/200`.
pub(super) fn labels(bytes: &[u8]) -> String {
    encap::labels_text(&encap::labels_of(bytes))
}

/// Reads a stack of labels.
pub(super) fn read_labels(text: &str) -> Option<Vec<u8>> {
    encap::read_labels(text, words::number).map(|labels| encap::label_bytes(&labels))
}

/// Reads `encap TYPE …`.
pub(super) fn read(run: &mut Run<'_>, words: &mut Words<'_>, message: &mut Writer) -> Result {
    read_as(run, words, message, RTA_ENCAP_TYPE, RTA_ENCAP | 0x8000)
}

/// Reads `encap TYPE …` into a message that has attributes of its own for it.
pub(in super::super) fn read_as(
    run: &mut Run<'_>,
    words: &mut Words<'_>,
    message: &mut Writer,
    type_attribute: u16,
    attribute: u16,
) -> Result {
    let kind = words.value()?;
    if !["mpls", "seg6", "seg6local", "ip", "ip6"].contains(&kind) {
        return Err(Stop::invalid(kind, "\"encap type\" value is invalid\n"));
    }
    if words.left() < 2 {
        return Err(if words.done() { Stop::incomplete() } else { Stop::unreadable("Error: unexpected end of line after \"encap\"") });
    }
    let mut inner = Writer::default();
    let number = match kind {
        "mpls" => {
            let text = words.value()?;
            inner.put(1, &read_labels(text).ok_or_else(|| Stop::unreadable("Error: unexpected end of line after \"encap\""))?);
            if words.eat("ttl") {
                inner.u8(2, words.number("\"ttl\" value is invalid\n")?);
            }
            MPLS
        }
        "seg6" => {
            read_seg6(words, &mut inner)?;
            SEG6
        }
        "seg6local" => {
            segment::read(run, words, &mut inner)?;
            SEG6LOCAL
        }
        _ => {
            read_ip(words, &mut inner, kind == "ip6")?;
            if kind == "ip" { IP } else { 4 }
        }
    };
    message.u16(type_attribute, number as u16);
    message.put(attribute, &inner.bytes());
    Ok(())
}

fn read_seg6(words: &mut Words<'_>, inner: &mut Writer) -> Result {
    let (mut mode, mut list, mut key) = (1, Vec::<Ipv6Addr>::new(), None);
    while let Some(word) = words.peek() {
        match word {
            "mode" => {
                words.take();
                let text = words.value()?;
                mode = MODES.iter().position(|known| *known == text).ok_or_else(|| Stop::invalid(text, "\"mode\" value is invalid\n"))?;
            }
            "segs" => {
                words.take();
                let text = words.value()?;
                list = segments(text)?;
            }
            "hmac" => {
                words.take();
                key = Some(words.number::<u32>("\"hmac\" value is invalid\n")?);
            }
            _ => break,
        }
    }
    if list.is_empty() {
        return Err(Stop::missing("segs"));
    }
    inner.put(1, &sealed(encap::segment_bytes(mode as u32, &list), key));
    Ok(())
}

/// Reads `ADDRESS,ADDRESS,…`.
pub(super) fn segments(text: &str) -> Result<Vec<Ipv6Addr>> {
    let mut list = Vec::new();
    for part in text.split(',') {
        if let IpAddr::V6(ip) = words::address(part, Family::Inet6)? {
            list.push(ip);
        }
    }
    Ok(list)
}

/// The length of `struct sr6_tlv_hmac` (linux/seg6_hmac.h), and its type.
const HMAC_LENGTH: usize = 40;
const HMAC_TYPE: u8 = 5;
/// SR6_FLAG1_HMAC (linux/seg6.h)
const HMAC_FLAG: u8 = 8;

/// Adds to segments, behind the number of their mode, the key that they are to be sealed with.
pub(super) fn sealed(mut bytes: Vec<u8>, key: Option<u32>) -> Vec<u8> {
    if let Some(key) = key {
        bytes[5] += (HMAC_LENGTH / 8) as u8;
        bytes[9] |= HMAC_FLAG;
        bytes.extend_from_slice(&[HMAC_TYPE, HMAC_LENGTH as u8 - 2, 0, 0]);
        bytes.extend_from_slice(&key.to_be_bytes());
        bytes.extend_from_slice(&[0; HMAC_LENGTH - 8]);
    }
    bytes
}

/// Returns the key that segments are sealed with.
pub(super) fn hmac_of(bytes: &[u8]) -> Option<u32> {
    let told = bytes.get(9).is_some_and(|flags| flags & HMAC_FLAG != 0);
    let at = bytes.len().checked_sub(HMAC_LENGTH).filter(|_| told)?;
    bytes.get(at + 4..at + 8).and_then(|key| key.try_into().ok()).map(u32::from_be_bytes)
}

fn read_ip(words: &mut Words<'_>, inner: &mut Writer, six: bool) -> Result {
    let family = if six { Family::Inet6 } else { Family::Inet };
    while let Some(word) = words.peek() {
        // linux/lwtunnel.h, LWTUNNEL_IP_
        let attribute = match word {
            "id" => 1,
            "dst" => 2,
            "src" => 3,
            "ttl" | "hoplimit" => 4,
            "tos" | "tc" => 5,
            "key" | "csum" | "seq" => 6,
            "geneve_opts" | "vxlan_opts" | "erspan_opts" => {
                return Err(Stop::wrong(format!("labsh does not give \"{word}\" to the kernel: some kernels stop all networking at it")));
            }
            _ => break,
        };
        words.take();
        match attribute {
            1 => inner.put(1, &words.number::<u64>("\"id\" value is invalid\n")?.to_be_bytes()),
            2 | 3 => inner.ip(attribute, words.address(family)?),
            4 | 5 => inner.u8(attribute, words.number("\"ttl\" value is invalid\n")?),
            _ => {
                let bit: u16 = match word {
                    "key" => 4,
                    "csum" => 1,
                    _ => 8,
                };
                let before = inner.last(6).map_or(0, |value| u16::from_be_bytes([value[0], value[1]]));
                inner.put(6, &(before | bit).to_be_bytes());
            }
        }
    }
    Ok(())
}

/// Prints what is put around.
pub(in super::super) fn show(run: &mut Run<'_>, fields: &mut Fields, kind: u64, told: &[u8]) {
    let find = |kind| attr::find(told, kind);
    match kind {
        MPLS => {
            fields.both("encap", "mpls", " encap mpls ");
            if let Some(bytes) = find(1) {
                let text = labels(bytes);
                fields.both("dst", text.as_str(), format!(" {text} "));
            }
            if let Some(ttl) = find(2).map(attr::number) {
                fields.both("ttl", ttl, format!("ttl {ttl} "));
            }
        }
        SEG6 => {
            fields.both("encap", "seg6", " encap seg6 ");
            let Some(bytes) = find(1) else { return };
            let mode = MODES.get(attr::u32_at(bytes, 0) as usize).copied().unwrap_or("<unknown>");
            fields.both("mode", mode, format!("mode {mode} "));
            segment::segments_shown(fields, bytes);
        }
        SEG6LOCAL => segment::show(run, fields, told),
        IP | 4 => {
            let name = if kind == IP { "ip" } else { "ip6" };
            fields.both("encap", name, format!(" encap {name} "));
            if let Some(id) = find(1).and_then(|id| <[u8; 8]>::try_from(id).ok()).map(u64::from_be_bytes) {
                fields.both("id", id, format!("id {id} "));
            }
            for (attribute, word) in [(3, "src"), (2, "dst")] {
                if let Some(ip) = find(attribute).and_then(attr::ip) {
                    fields.both(word, ip.to_string(), format!("{word} {ip} "));
                }
            }
            for (attribute, word) in [(4, if kind == IP { "ttl" } else { "hoplimit" }), (5, if kind == IP { "tos" } else { "tc" })] {
                if let Some(number) = find(attribute).map(attr::number) {
                    fields.both(word, number, format!("{word} {number} "));
                }
            }
            let flags = find(6).and_then(|flags| <[u8; 2]>::try_from(flags).ok()).map_or(0, u16::from_be_bytes);
            for (bit, word) in [(4, "key"), (1, "csum"), (8, "seq")] {
                if flags & bit != 0 {
                    fields.both(word, true, format!("{word} "));
                }
            }
        }
        _ => fields.both("encap", format!("{kind}"), format!(" encap {kind} ")),
    }
}
