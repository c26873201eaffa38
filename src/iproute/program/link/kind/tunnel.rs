//! Tunnels: gre, ipip, sit, ip6tnl, vti (linux/if_tunnel.h).

use super::super::super::Run;
use super::super::super::output::Fields;
use super::super::super::stop::{Result, Stop};
use super::super::super::words::{self, Family, Words};
use crate::kernel::attr::{self, Writer};

/// Where the attributes of a family of tunnels are.
pub(super) struct Places {
    link: u16,
    local: u16,
    remote: u16,
    ttl: u16,
    tos: u16,
    pmtudisc: u16,
    pub(super) metadata: u16,
    fwmark: u16,
}

pub(super) const GRE: Places = Places { link: 1, local: 6, remote: 7, ttl: 8, tos: 9, pmtudisc: 10, metadata: 18, fwmark: 20 };
pub(super) const IPTUN: Places = Places { link: 1, local: 2, remote: 3, ttl: 4, tos: 5, pmtudisc: 10, metadata: 19, fwmark: 20 };
const VTI: Places = Places { link: 1, local: 4, remote: 5, ttl: 0, tos: 0, pmtudisc: 0, metadata: 0, fwmark: 6 };

/// IFLA_GRE_IGNORE_DF
const IGNORE_DF: u16 = 19;
const CSUM: u16 = 0x8000;
const KEY: u16 = 0x2000;
const SEQ: u16 = 0x1000;

fn common(places: &Places, family: Family, run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    match word {
        "remote" => writer.ip(places.remote, words.address(family)?),
        "local" => writer.ip(places.local, words.address(family)?),
        "dev" => {
            let name = words.value()?;
            writer.u32(places.link, run.link(name)?.index);
        }
        "ttl" | "hoplimit" | "hlim" => match words.value()? {
            "inherit" => writer.u8(places.ttl, 0),
            word => {
                let ttl = words::number(word).and_then(|ttl| u8::try_from(ttl).ok());
                writer.u8(places.ttl, ttl.ok_or_else(|| Stop::invalid(word, "invalid TTL\n"))?);
            }
        },
        "tos" | "tclass" | "dsfield" => match words.value()? {
            "inherit" => writer.u8(places.tos, 1),
            word => {
                let tos = u8::from_str_radix(word.trim_start_matches("0x"), 16);
                writer.u8(places.tos, tos.map_err(|_| Stop::invalid(word, "bad TOS value"))?);
            }
        },
        "pmtudisc" => writer.u8(places.pmtudisc, 1),
        "nopmtudisc" => writer.u8(places.pmtudisc, 0),
        "external" => writer.put(places.metadata, &[]),
        "fwmark" => writer.u32(places.fwmark, words.number("invalid fwmark\n")?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn key(words: &mut Words<'_>, what: &str) -> Result<[u8; 4]> {
    let word = words.value()?;
    match word.contains('.') {
        true => match words::parse_address(word, Family::Inet) {
            Some(std::net::IpAddr::V4(ip)) => Ok(ip.octets()),
            _ => Err(Stop::invalid(word, &format!("invalid value for \"{what}\""))),
        },
        false => {
            let number = words::number(word).and_then(|number| u32::try_from(number).ok());
            number
                .map(u32::to_be_bytes)
                .ok_or_else(|| Stop::unreadable(format!("invalid value for \"{what}\": \"{word}\"; it should be an unsigned integer")))
        }
    }
}

fn gre(family: Family, run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    // A key, a checksum and a sequence number are flags that belong together, which the kernel takes from the last attribute: they are
    // gathered from what was written before.
    let flags = |writer: &mut Writer, attribute: u16, flag: u16| {
        let before = writer.last(attribute).map_or(0, |value| u16::from_be_bytes([value[0], value[1]]));
        writer.put(attribute, &(before | flag).to_be_bytes());
    };
    match word {
        "key" => {
            let key = key(words, "key")?;
            flags(writer, 2, KEY);
            flags(writer, 3, KEY);
            writer.put(4, &key);
            writer.put(5, &key);
        }
        "ikey" => {
            let key = key(words, "ikey")?;
            flags(writer, 2, KEY);
            writer.put(4, &key);
        }
        "okey" => {
            let key = key(words, "okey")?;
            flags(writer, 3, KEY);
            writer.put(5, &key);
        }
        "seq" => {
            flags(writer, 2, SEQ);
            flags(writer, 3, SEQ);
        }
        "iseq" => flags(writer, 2, SEQ),
        "oseq" => flags(writer, 3, SEQ),
        "csum" => {
            flags(writer, 2, CSUM);
            flags(writer, 3, CSUM);
        }
        "ignore-df" => writer.u8(IGNORE_DF, 1),
        "noignore-df" => writer.u8(IGNORE_DF, 0),
        "icsum" => flags(writer, 2, CSUM),
        "ocsum" => flags(writer, 3, CSUM),
        _ => return common(&GRE, family, run, word, words, writer),
    }
    Ok(true)
}

pub(super) fn read_gre(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    gre(Family::Inet, run, word, words, writer)
}

pub(super) fn read_gre6(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    gre(Family::Inet6, run, word, words, writer)
}

pub(super) fn read_ipip(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    if word != "mode" {
        return common(&IPTUN, Family::Inet, run, word, words, writer);
    }
    let mode = words.value()?;
    let proto = match mode {
        "any" | "any/ipv4" | "any/ip4" => 0,
        "ipip" | "ipv4/ipv4" | "ip4ip4" | "ipip/ipip" => 4,
        "ip6ip" | "ipv6/ipv4" => 41,
        "mplsip" | "mpls/ipv4" => 137,
        _ => return Err(Stop::invalid(mode, "Cannot guess tunnel mode.")),
    };
    writer.u8(9, proto);
    Ok(true)
}

pub(super) fn read_ip6tnl(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    if word != "mode" {
        return common(&IPTUN, Family::Inet6, run, word, words, writer);
    }
    let mode = words.value()?;
    let proto = match mode {
        "any" | "any/ipv6" => 0,
        "ipip6" | "ip/ipv6" | "ipv4/ipv6" => 4,
        "ip6ip6" | "ipv6/ipv6" => 41,
        _ => return Err(Stop::invalid(mode, "Cannot guess tunnel mode.")),
    };
    writer.u8(9, proto);
    Ok(true)
}

pub(super) fn read_vti(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    vti(Family::Inet, run, word, words, writer)
}

pub(super) fn read_vti6(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    vti(Family::Inet6, run, word, words, writer)
}

fn vti(family: Family, run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    match word {
        "key" => {
            let key = key(words, "key")?;
            writer.put(2, &key);
            writer.put(3, &key);
            Ok(true)
        }
        "ikey" => {
            writer.put(2, &key(words, "ikey")?);
            Ok(true)
        }
        "okey" => {
            writer.put(3, &key(words, "okey")?);
            Ok(true)
        }
        "remote" | "local" | "dev" | "fwmark" => common(&VTI, family, run, word, words, writer),
        _ => Ok(false),
    }
}

/// The ends and the link below them, as all tunnels print them.
pub(super) fn ends(places: &Places, run: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    for (attribute, word) in [(places.remote, "remote"), (places.local, "local")] {
        let ip = attr::find(attributes, attribute).and_then(attr::ip).filter(|ip| !ip.is_unspecified());
        let text = ip.map_or("any".to_string(), |ip| ip.to_string());
        fields.both(word, text.as_str(), format!("{word} {text} "));
    }
    if let Some(index) = attr::find(attributes, places.link).map(attr::number).filter(|index| *index != 0) {
        let name = run.name_of(index as u32);
        fields.both("link", name.as_str(), format!("dev {name} "));
    }
}

fn ttl_tos(places: &Places, attributes: &[u8], fields: &mut Fields) {
    match attr::find(attributes, places.ttl).map(attr::number) {
        Some(ttl) if ttl != 0 => fields.both("ttl", ttl, format!("ttl {ttl} ")),
        Some(_) => fields.both("ttl", 0u8, "ttl inherit "),
        None => {}
    }
    match attr::find(attributes, places.tos).map(attr::number) {
        Some(1) => fields.both("tos", "inherit", "tos inherit "),
        Some(tos) if tos != 0 => fields.both("tos", format!("{tos:#x}"), format!("tos {tos:#x} ")),
        _ => {}
    }
}

pub(super) fn mark(places: &Places, attributes: &[u8], fields: &mut Fields) {
    if let Some(mark) = attr::find(attributes, places.fwmark).map(attr::number).filter(|mark| *mark != 0) {
        fields.both("fwmark", format!("{mark:#x}"), format!("fwmark {mark:#x} "));
    }
}

fn keys(attributes: &[u8], input: u16, output: u16, flags: Option<(u16, u16)>, fields: &mut Fields) {
    for (key, word, flag) in [(input, "ikey", flags.map(|both| both.0)), (output, "okey", flags.map(|both| both.1))] {
        let set = flag.is_none_or(|bits| bits & KEY != 0);
        if let Some(ip) = attr::find(attributes, key).and_then(attr::ip).filter(|ip| set && (flag.is_some() || !ip.is_unspecified())) {
            fields.both(word, ip.to_string(), format!("{word} {ip} "));
        }
    }
}

pub(super) fn show_gre(run: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    if attr::find(attributes, GRE.metadata).is_some() {
        fields.both("external", true, "external ");
        return;
    }
    ends(&GRE, run, attributes, fields);
    ttl_tos(&GRE, attributes, fields);
    if let Some(on) = attr::find(attributes, GRE.pmtudisc).map(|value| attr::number(value) != 0) {
        fields.both("pmtudisc", on, if on { "" } else { "nopmtudisc " });
    }
    gre_marks(attributes, fields);
    if attr::find(attributes, IGNORE_DF).is_some_and(|on| attr::number(on) != 0) {
        fields.both("ignore_df", true, "ignore-df ");
    }
    mark(&GRE, attributes, fields);
}

/// Keys, sequence numbers and sums.
pub(super) fn gre_marks(attributes: &[u8], fields: &mut Fields) {
    let flags = |kind| attr::find(attributes, kind).and_then(|value| value.try_into().ok()).map_or(0, u16::from_be_bytes);
    let (input, output) = (flags(2), flags(3));
    keys(attributes, 4, 5, Some((input, output)), fields);
    for (bits, bit, word) in [(input, SEQ, "iseq"), (output, SEQ, "oseq"), (input, CSUM, "icsum"), (output, CSUM, "ocsum")] {
        if bits & bit != 0 {
            fields.both(word, true, format!("{word} "));
        }
    }
}

fn iptun(names: &[(u64, &str)], run: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    if attr::find(attributes, IPTUN.metadata).is_some() {
        fields.both("external", true, "external ");
    }
    if let Some((_, name)) = attr::find(attributes, 9).map(attr::number).and_then(|proto| names.iter().find(|(known, _)| *known == proto)) {
        fields.both("proto", *name, format!("{name} "));
    }
    ends(&IPTUN, run, attributes, fields);
    ttl_tos(&IPTUN, attributes, fields);
    if let Some(on) = attr::find(attributes, IPTUN.pmtudisc).map(|value| attr::number(value) != 0) {
        fields.both("pmtudisc", on, if on { "pmtudisc " } else { "nopmtudisc " });
    }
    // 6rd (RFC 5969): the prefix of a sit link, IFLA_IPTUN_6RD_PREFIX and _PREFIXLEN.
    if let (Some(ip), Some(length)) = (attr::find(attributes, 11).and_then(attr::ip), attr::find(attributes, 13).map(attr::number))
        && length != 0
    {
        fields.both("prefix", ip.to_string(), format!("6rd-prefix {ip}"));
        fields.both("prefixlen", length, format!("/{length} "));
    }
    mark(&IPTUN, attributes, fields);
}

pub(super) fn show_ipip(run: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    iptun(&[(0, "any"), (4, "ipip"), (137, "mplsip")], run, attributes, fields);
}

pub(super) fn show_sit(run: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    iptun(&[(0, "any"), (4, "ipip"), (41, "ip6ip"), (137, "mplsip")], run, attributes, fields);
}

pub(super) fn show_vti(run: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    ends(&VTI, run, attributes, fields);
    keys(attributes, 2, 3, None, fields);
    mark(&VTI, attributes, fields);
}
