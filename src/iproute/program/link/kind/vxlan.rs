//! VXLAN and geneve (linux/if_link.h, IFLA_VXLAN_ and IFLA_GENEVE_).

use super::super::super::Run;
use super::super::super::output::Fields;
use super::super::super::stop::{Result, Stop};
use super::super::super::words::{Family, Words};
use crate::kernel::attr::{self, Writer};
use std::net::IpAddr;

/// Switches: attribute, the word for on, the one for off, the name in JSON, whether it is printed when on, and when off.
const SWITCHES: &[(u16, &str, &str, &str, bool, bool)] = &[
    (7, "learning", "nolearning", "learning", false, true),
    (11, "proxy", "noproxy", "proxy", true, false),
    (12, "rsc", "norsc", "rsc", true, false),
    (13, "l2miss", "nol2miss", "l2miss", true, false),
    (14, "l3miss", "nol3miss", "l3miss", true, false),
];
const CHECKSUMS: &[(u16, &str, &str, &str)] = &[
    (18, "udpcsum", "noudpcsum", "udp_csum"),
    (19, "udp6zerocsumtx", "noudp6zerocsumtx", "udp_zero_csum6_tx"),
    (20, "udp6zerocsumrx", "noudp6zerocsumrx", "udp_zero_csum6_rx"),
];

/// `ttl inherit`, `ttl auto` or a number.
fn ttl(words: &mut Words<'_>, writer: &mut Writer, plain: u16, inherit: u16) -> Result {
    match words.value()? {
        "inherit" => writer.put(inherit, &[]),
        "auto" => writer.u8(plain, 0),
        word => {
            let number = super::super::super::words::number(word).ok_or_else(|| Stop::invalid(word, "invalid TTL"))?;
            writer.u8(plain, u8::try_from(number).map_err(|_| Stop::invalid(word, "TTL must be <= 255"))?);
        }
    }
    Ok(())
}

fn tos(words: &mut Words<'_>, writer: &mut Writer, attribute: u16) -> Result {
    match words.value()? {
        "inherit" => writer.u8(attribute, 1),
        word => {
            let number = u8::from_str_radix(word.trim_start_matches("0x"), 16).ok();
            writer.u8(attribute, number.ok_or_else(|| Stop::invalid(word, "bad TOS value"))?);
        }
    }
    Ok(())
}

fn df(words: &mut Words<'_>, writer: &mut Writer, attribute: u16) -> Result {
    let word = words.value()?;
    let number = ["unset", "set", "inherit"].iter().position(|known| *known == word);
    writer.u8(attribute, number.ok_or_else(|| Stop::invalid(word, "DF must be 'unset', 'set' or 'inherit'"))? as u8);
    Ok(())
}

pub(super) fn read(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    if let Some((attribute, on, ..)) = SWITCHES.iter().find(|(_, on, off, ..)| *on == word || *off == word) {
        writer.u8(*attribute, u8::from(*on == word));
        return Ok(true);
    }
    if let Some((attribute, on, ..)) = CHECKSUMS.iter().find(|(_, on, off, _)| *on == word || *off == word) {
        writer.u8(*attribute, u8::from(*on == word));
        return Ok(true);
    }
    let ip = |writer: &mut Writer, v4: u16, v6: u16, ip: IpAddr| writer.ip(if ip.is_ipv4() { v4 } else { v6 }, ip);
    match word {
        "id" | "vni" => {
            let value = words.value()?;
            let id = super::super::super::words::number(value).filter(|id| *id < 1 << 24);
            writer.u32(1, id.ok_or_else(|| Stop::invalid(value, "invalid id"))? as u32);
        }
        "group" => {
            let value = words.value()?;
            let address = super::super::super::words::address(value, Family::Any)?;
            if !address.is_multicast() {
                return Err(Stop::invalid(value, "invalid group address"));
            }
            ip(writer, 2, 16, address);
        }
        "remote" => {
            let value = words.value()?;
            let address = super::super::super::words::address(value, Family::Any)?;
            if address.is_multicast() {
                return Err(Stop::invalid(value, "invalid remote address"));
            }
            ip(writer, 2, 16, address);
        }
        "local" => {
            let value = words.value()?;
            let address = super::super::super::words::address(value, Family::Any)?;
            if address.is_multicast() {
                return Err(Stop::invalid(value, "invalid local address"));
            }
            ip(writer, 4, 17, address);
        }
        "dev" => {
            let name = words.value()?;
            writer.u32(3, run.link(name)?.index);
        }
        "ttl" | "hoplimit" => ttl(words, writer, 5, 28)?,
        "tos" | "dsfield" => tos(words, writer, 6)?,
        "df" => df(words, writer, 29)?,
        "flowlabel" | "label" => {
            let value = words.value()?;
            let label = super::super::super::words::number(value).filter(|label| *label < 1 << 20);
            writer.put(26, &(label.ok_or_else(|| Stop::invalid(value, "invalid flowlabel"))? as u32).to_be_bytes());
        }
        "ageing" => match words.peek() {
            Some("none") => {
                words.take();
                writer.u32(8, 0);
            }
            _ => writer.u32(8, words.number("ageing timer")?),
        },
        "maxaddress" => match words.peek() {
            Some("unlimited") => {
                words.take();
                writer.u32(9, 0);
            }
            _ => writer.u32(9, words.number("max addresses")?),
        },
        "srcport" | "port" => {
            let (low, high): (u16, u16) = (words.number("min port")?, words.number("max port")?);
            writer.put(10, &[low.to_be_bytes(), high.to_be_bytes()].concat());
        }
        "dstport" => writer.put(15, &words.number::<u16>("dst port")?.to_be_bytes()),
        "external" => {
            writer.u8(25, 1);
            // Learning is left to whoever sets the metadata.
            writer.u8(7, 0);
        }
        "noexternal" => writer.u8(25, 0),
        "vnifilter" => writer.u8(30, 1),
        "novnifilter" => writer.u8(30, 0),
        "gbp" => writer.put(23, &[]),
        "gpe" => writer.put(27, &[]),
        _ => return Ok(false),
    }
    Ok(true)
}

fn endpoint(fields: &mut Fields, ip: IpAddr, word: &str) {
    let key = if ip.is_ipv4() { word.to_string() } else { format!("{word}6") };
    fields.both(key, ip.to_string(), format!("{word} {ip} "));
}

fn flag(fields: &mut Fields, key: &str, on: bool, yes: &str, no: &str) {
    fields.both(key, on, if on { format!("{yes} ") } else { format!("{no} ") });
}

pub(super) fn show(run: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    let raw = |kind| attr::find(attributes, kind);
    let find = |kind| raw(kind).map(attr::number);
    if find(25).is_some_and(|on| on != 0) {
        fields.both("external", true, "external ");
    }
    if find(30).is_some_and(|on| on != 0) {
        // No space behind it, as iproute2 6.1 has it.
        fields.both("vnifilter", true, "vnifilter");
    }
    if let Some(id) = find(1) {
        fields.both("id", id, format!("id {id} "));
    }
    if let Some(ip) = raw(2).or(raw(16)).and_then(attr::ip).filter(|ip| !ip.is_unspecified()) {
        endpoint(fields, ip, if ip.is_multicast() { "group" } else { "remote" });
    }
    if let Some(ip) = raw(4).or(raw(17)).and_then(attr::ip).filter(|ip| !ip.is_unspecified()) {
        endpoint(fields, ip, "local");
    }
    if let Some(index) = find(3).filter(|index| *index != 0) {
        let name = run.name_of(index as u32);
        fields.both("link", name.as_str(), format!("dev {name} "));
    }
    if let Some([a, b, c, d]) = raw(10) {
        let (low, high) = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
        let mut range = Fields::new();
        range.both("low", low, format!("srcport {low} "));
        range.both("high", high, format!("{high} "));
        fields.object("port_range", range);
    }
    if let Some([a, b]) = raw(15) {
        let port = u16::from_be_bytes([*a, *b]);
        fields.both("port", port, format!("dstport {port} "));
    }
    for (attribute, on_word, off_word, key, when_on, when_off) in SWITCHES {
        if let Some(on) = find(*attribute).map(|on| on != 0) {
            let text = match on {
                true if *when_on => format!("{on_word} "),
                false if *when_off => format!("{off_word} "),
                _ => String::new(),
            };
            if *when_off || on {
                fields.both(*key, on, text);
            }
        }
    }
    tos_ttl(fields, find(6), find(5), raw(28).is_some_and(|value| attr::number(value) != 0));
    df_label(fields, find(29), raw(26));
    match find(8) {
        Some(0) => fields.both("ageing", 0u32, "ageing none "),
        Some(seconds) => fields.both("ageing", seconds, format!("ageing {seconds} ")),
        None => {}
    }
    if let Some(limit) = find(9).filter(|limit| *limit != 0) {
        fields.both("limit", limit, format!("maxaddr {limit} "));
    }
    for (attribute, on_word, off_word, key) in CHECKSUMS {
        if let Some(on) = find(*attribute).map(|on| on != 0) {
            flag(fields, key, on, on_word, off_word);
        }
    }
    for (attribute, word) in [(23, "gbp"), (27, "gpe")] {
        if raw(attribute).is_some() {
            fields.both(word, true, format!("{word} "));
        }
    }
}

fn tos_ttl(fields: &mut Fields, tos: Option<u64>, ttl: Option<u64>, inherit: bool) {
    match tos {
        Some(1) => fields.both("tos", "inherit", "tos inherit "),
        Some(tos) if tos != 0 => fields.both("tos", format!("{tos:#x}"), format!("tos {tos:#x} ")),
        _ => {}
    }
    match ttl {
        _ if inherit => fields.both("ttl", "inherit", "ttl inherit "),
        Some(ttl) if ttl != 0 => fields.both("ttl", ttl, format!("ttl {ttl} ")),
        _ => fields.both("ttl", 0u8, "ttl auto "),
    }
}

fn df_label(fields: &mut Fields, df: Option<u64>, label: Option<&[u8]>) {
    match df {
        Some(1) => fields.both("df", "set", "df set "),
        Some(2) => fields.both("df", "inherit", "df inherit "),
        Some(0) => fields.json("df", "unset"),
        _ => {}
    }
    if let Some([a, b, c, d]) = label {
        let label = u32::from_be_bytes([*a, *b, *c, *d]);
        if label != 0 {
            fields.both("label", format!("{label:#x}"), format!("flowlabel {label:#x} "));
        }
    }
}

const GENEVE_CHECKSUMS: &[(u16, &str, &str, &str)] = &[
    (8, "udpcsum", "noudpcsum", "udp_csum"),
    (9, "udp6zerocsumtx", "noudp6zerocsumtx", "udp_zero_csum6_tx"),
    (10, "udp6zerocsumrx", "noudp6zerocsumrx", "udp_zero_csum6_rx"),
];

pub(super) fn read_geneve(_: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    if let Some((attribute, on, ..)) = GENEVE_CHECKSUMS.iter().find(|(_, on, off, _)| *on == word || *off == word) {
        writer.u8(*attribute, u8::from(*on == word));
        return Ok(true);
    }
    match word {
        "id" | "vni" => {
            let value = words.value()?;
            let id = super::super::super::words::number(value).filter(|id| *id < 1 << 24);
            writer.u32(1, id.ok_or_else(|| Stop::invalid(value, "invalid id"))? as u32);
        }
        "remote" => {
            let ip = words.address(Family::Any)?;
            writer.ip(if ip.is_ipv4() { 2 } else { 7 }, ip);
        }
        // Unlike VXLAN's it is a number (IFLA_GENEVE_TTL_INHERIT).
        "ttl" | "hoplimit" if words.eat("inherit") => writer.u8(12, 1),
        "ttl" | "hoplimit" => ttl(words, writer, 3, 12)?,
        "tos" | "dsfield" => tos(words, writer, 4)?,
        "df" => df(words, writer, 13)?,
        "dstport" => writer.put(5, &words.number::<u16>("dstport")?.to_be_bytes()),
        "external" => writer.put(6, &[]),
        _ => return Ok(false),
    }
    Ok(true)
}

pub(super) fn show_geneve(_: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    let raw = |kind| attr::find(attributes, kind);
    let find = |kind| raw(kind).map(attr::number);
    if raw(6).is_some() {
        fields.both("external", true, "external ");
    }
    if let Some(id) = find(1) {
        fields.both("id", id, format!("id {id} "));
    }
    if let Some(ip) = raw(2).or(raw(7)).and_then(attr::ip).filter(|ip| !ip.is_unspecified()) {
        endpoint(fields, ip, "remote");
    }
    match find(3) {
        _ if raw(12).is_some_and(|value| attr::number(value) != 0) => fields.text("ttl inherit "),
        Some(ttl) if ttl != 0 => fields.both("ttl", ttl, format!("ttl {ttl} ")),
        _ => fields.both("ttl", 0u8, "ttl auto "),
    }
    if let Some(tos) = find(4).filter(|tos| *tos != 0) {
        let text = if tos == 1 { "inherit".to_string() } else { format!("{tos:#x}") };
        fields.both("tos", text.as_str(), format!("tos {text} "));
    }
    df_label(fields, find(13), raw(11));
    if let Some([a, b]) = raw(5) {
        let port = u16::from_be_bytes([*a, *b]);
        fields.both("port", port, format!("dstport {port} "));
    }
    for (attribute, on_word, off_word, key) in GENEVE_CHECKSUMS {
        if let Some(on) = find(*attribute).map(|on| on != 0) {
            flag(fields, key, on, on_word, off_word);
        }
    }
}
