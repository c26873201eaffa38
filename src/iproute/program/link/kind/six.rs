//! Tunnels over IPv6: ip6gre, ip6gretap, ip6tnl, vti6; and xfrm links (linux/if_tunnel.h, linux/ip6_tunnel.h).

use super::super::super::Run;
use super::super::super::output::Fields;
use super::super::super::stop::{Result, Stop};
use super::super::super::words::{self, Words};
use super::tunnel::{self, GRE, IPTUN, Places};
use crate::kernel::attr::{self, Writer};

/// Where a kind has what only IPv6 has.
struct Six {
    limit: u16,
    flow: u16,
    flags: u16,
    ttl: u16,
}

const OF_GRE: Six = Six { limit: 11, flow: 12, flags: 13, ttl: 8 };
const OF_IPTUN: Six = Six { limit: 6, flow: 7, flags: 8, ttl: 4 };

// IP6_TNL_F_
const IGN_ENCAP_LIMIT: u32 = 0x1;
const USE_ORIG_TCLASS: u32 = 0x2;
const USE_ORIG_FLOWLABEL: u32 = 0x4;
const RCV_DSCP_COPY: u32 = 0x10;
const USE_ORIG_FWMARK: u32 = 0x20;
const ALLOW_LOCAL_REMOTE: u32 = 0x40;
const HOP_LIMIT: u8 = 64;
const ENCAP_LIMIT: u8 = 4;

fn six(own: &Six, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    // Flags and the flow are gathered: the kernel takes the last attribute.
    let flag = |writer: &mut Writer, bit: u32, on: bool| {
        let before = writer.last(own.flags).map_or(0, |value| attr::u32_at(&value, 0));
        writer.u32(own.flags, if on { before | bit } else { before & !bit });
    };
    let flow = |writer: &mut Writer, mask: u32, value: u32| {
        let before = writer.last(own.flow).and_then(|value| value.try_into().ok()).map_or(0, u32::from_be_bytes);
        writer.put(own.flow, &(before & !mask | value & mask).to_be_bytes());
    };
    match word {
        "ttl" | "hoplimit" | "hlim" => match words.value()? {
            "inherit" => writer.u8(own.ttl, 0),
            text => {
                let hops = words::number(text).and_then(|hops| u8::try_from(hops).ok());
                writer.u8(own.ttl, hops.ok_or_else(|| Stop::invalid(text, "invalid HLIM\n"))?);
            }
        },
        "encaplimit" => match words.value()? {
            "none" => flag(writer, IGN_ENCAP_LIMIT, true),
            text => {
                let limit = words::number(text).and_then(|limit| u8::try_from(limit).ok());
                writer.u8(own.limit, limit.ok_or_else(|| Stop::invalid(text, "invalid ELIM"))?);
                flag(writer, IGN_ENCAP_LIMIT, false);
            }
        },
        "tclass" | "tc" | "tos" | "dsfield" => match words.value()? {
            "inherit" => flag(writer, USE_ORIG_TCLASS, true),
            text => {
                let class = u8::from_str_radix(text.trim_start_matches("0x"), 16).map_err(|_| Stop::invalid(text, "invalid TClass"))?;
                flow(writer, 0x0ff0_0000, u32::from(class) << 20);
                flag(writer, USE_ORIG_TCLASS, false);
            }
        },
        "flowlabel" | "fl" => match words.value()? {
            "inherit" => flag(writer, USE_ORIG_FLOWLABEL, true),
            text => {
                let label = words::number(text).filter(|label| *label <= 0xf_ffff);
                flow(writer, 0xf_ffff, label.ok_or_else(|| Stop::invalid(text, "invalid Flowlabel"))? as u32);
                flag(writer, USE_ORIG_FLOWLABEL, false);
            }
        },
        "dscp" => match words.value()? {
            "inherit" => flag(writer, RCV_DSCP_COPY, true),
            text => return Err(Stop::invalid(text, "not inherit")),
        },
        "allow-localremote" => flag(writer, ALLOW_LOCAL_REMOTE, true),
        "noallow-localremote" => flag(writer, ALLOW_LOCAL_REMOTE, false),
        "fwmark" if words.eat("inherit") => flag(writer, USE_ORIG_FWMARK, true),
        _ => return Ok(false),
    }
    Ok(true)
}

pub(super) fn read_gre(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    Ok(six(&OF_GRE, word, words, writer)? || tunnel::read_gre6(run, word, words, writer)?)
}

pub(super) fn read_ip6tnl(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    Ok(six(&OF_IPTUN, word, words, writer)? || tunnel::read_ip6tnl(run, word, words, writer)?)
}

/// What a new tunnel has where no word says otherwise.
pub(in super::super) fn begin(kind: &str, data: &mut Writer) {
    let own = if kind == "ip6tnl" { &OF_IPTUN } else { &OF_GRE };
    for (attribute, value) in [(own.ttl, HOP_LIMIT), (own.limit, ENCAP_LIMIT)] {
        if data.last(attribute).is_none() {
            data.u8(attribute, value);
        }
    }
}

fn show_six(own: &Six, attributes: &[u8], fields: &mut Fields) -> u32 {
    let find = |kind| attr::find(attributes, kind);
    let flags = find(own.flags).map_or(0, attr::number) as u32;
    match find(own.ttl).map(attr::number) {
        Some(0) => fields.both("ttl", 0u8, "hoplimit inherit "),
        Some(hops) => fields.both("ttl", hops, format!("hoplimit {hops} ")),
        None => {}
    }
    match find(own.limit).map(attr::number) {
        _ if flags & IGN_ENCAP_LIMIT != 0 => fields.both("ip6_tnl_f_ign_encap_limit", true, "encaplimit none "),
        Some(limit) => fields.both("encap_limit", limit, format!("encaplimit {limit} ")),
        None => {}
    }
    let flow = find(own.flow).and_then(|value| value.try_into().ok()).map(u32::from_be_bytes);
    if flags & USE_ORIG_TCLASS != 0 {
        fields.both("ip6_tnl_f_use_orig_tclass", true, "tclass inherit ");
    } else if let Some(flow) = flow {
        let class = format!("{:#04x}", flow >> 20 & 0xff);
        fields.both("tclass", class.as_str(), format!("tclass {class} "));
    }
    if flags & USE_ORIG_FLOWLABEL != 0 {
        fields.both("ip6_tnl_f_use_orig_flowlabel", true, "flowlabel inherit ");
    } else if let Some(flow) = flow {
        let label = format!("{:#07x}", flow & 0xf_ffff);
        fields.both("flowlabel", label.as_str(), format!("flowlabel {label} "));
    }
    if flags & RCV_DSCP_COPY != 0 {
        fields.both("ip6_tnl_f_rcv_dscp_copy", true, "dscp inherit ");
    }
    flags
}

fn last(places: &Places, flags: u32, attributes: &[u8], fields: &mut Fields) {
    if flags & ALLOW_LOCAL_REMOTE != 0 {
        fields.both("ip6_tnl_f_allow_local_remote", true, "allow-localremote ");
    }
    match flags & USE_ORIG_FWMARK {
        0 => tunnel::mark(places, attributes, fields),
        _ => fields.both("ip6_tnl_f_use_orig_fwmark", true, "fwmark inherit "),
    }
}

pub(super) fn show_gre(run: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    if attr::find(attributes, GRE.metadata).is_some() {
        fields.both("external", true, "external ");
    }
    tunnel::ends(&GRE, run, attributes, fields);
    let flags = show_six(&OF_GRE, attributes, fields);
    tunnel::gre_marks(attributes, fields);
    last(&GRE, flags, attributes, fields);
}

pub(super) fn show_ip6tnl(run: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    if attr::find(attributes, IPTUN.metadata).is_some() {
        fields.both("external", true, "external ");
    }
    let proto = match attr::find(attributes, 9).map(attr::number) {
        Some(0) => Some("any"),
        Some(4) => Some("ipip6"),
        Some(41) => Some("ip6ip6"),
        _ => None,
    };
    if let Some(proto) = proto {
        fields.both("proto", proto, format!("{proto} "));
    }
    tunnel::ends(&IPTUN, run, attributes, fields);
    let flags = show_six(&OF_IPTUN, attributes, fields);
    last(&IPTUN, flags, attributes, fields);
}

/// An xfrm link: `if_id` joins it to states and policies of IPsec.
pub(super) fn read_xfrm(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, writer: &mut Writer) -> Result<bool> {
    match word {
        "dev" => {
            let name = words.value()?;
            writer.u32(1, run.link(name)?.index);
        }
        "if_id" => writer.u32(2, words.number("if_id is invalid")?),
        "external" => writer.put(3, &[]),
        _ => return Ok(false),
    }
    Ok(true)
}

pub(super) fn show_xfrm(_: &mut Run<'_>, attributes: &[u8], fields: &mut Fields) {
    if attr::find(attributes, 3).is_some() {
        fields.both("external", true, "external ");
    }
    if let Some(id) = attr::find(attributes, 2).map(attr::number).filter(|id| *id != 0) {
        fields.both("if_id", format!("{id:#x}"), format!("if_id {id:#x} "));
    }
}
