//! The filter flower, in its words (tc-flower(8)).

use crate::iproute::program::output::{Fields, Value};
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::tc::action::label;
use crate::iproute::program::tc::{illegal, what_is};
use crate::iproute::program::words::{Words, number as whole};
use crate::kernel::attr;
use crate::kernel::filter::{Filter, Flower, flower};

const FLOWER_USAGE: &str = "flower [ FIELD VALUE ... ] [ skip_sw | skip_hw ] [ action ACTION ] [ classid CLASSID ]";

const VERBOSE: u32 = 16;
const ALL: u16 = 3;
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;

fn is_vlan(protocol: u16) -> bool {
    matches!(protocol, 0x8100 | 0x88a8)
}

/// Reads one field and its value. Returns the class that `hw_tc` stands for.
pub(super) fn word(looks: &mut Flower, flags: &mut u32, word: &str, words: &mut Words<'_>, protocol: u16) -> Result<Option<u32>> {
    if word == "verbose" {
        *flags |= VERBOSE;
        return Ok(None);
    }
    if word == "hw_tc" {
        let text = words.value()?;
        let class = whole(text).filter(|class| *class < 16).ok_or_else(|| illegal("hw_tc"))?;
        return Ok(Some(0xffff_ffe0 | class as u32));
    }
    if !flower::KEYS.iter().any(|key| key.name == word && word != "eth_type") {
        return Err(what_is(word, FLOWER_USAGE));
    }
    let inside = |kind: u16| looks.value(kind).and_then(|value| <[u8; 2]>::try_from(value).ok()).map(u16::from_be_bytes);
    let (outer, inner) = (inside(25), inside(79));
    let tags = looks.value(102).and_then(|value| value.first().copied()).unwrap_or(0);
    let effective = inner.or(outer).unwrap_or(protocol);
    match word {
        "vlan_id" | "vlan_prio" | "vlan_ethtype" if !is_vlan(protocol) && tags == 0 => {
            return Err(Stop::wrong(format!("Can't set \"{word}\" if ethertype isn't 802.1Q or 802.1AD and num_of_vlans is 0")));
        }
        "cvlan_id" | "cvlan_prio" | "cvlan_ethtype" if !outer.is_some_and(is_vlan) && tags < 2 => {
            return Err(Stop::wrong(format!(
                "Can't set \"{word}\" if inner vlan ethertype isn't 802.1Q or 802.1AD and num_of_vlans is less than 2"
            )));
        }
        "mpls_label" | "mpls_tc" | "mpls_bos" | "mpls_ttl" if !matches!(protocol, 0x8847 | 0x8848) => {
            return Err(Stop::wrong(format!("Can't set \"{word}\" if ethertype isn't MPLS")));
        }
        "ip_proto" if !matches!(effective, IPV4 | IPV6) => {
            return Err(Stop::wrong("Illegal \"eth_type\" for ip proto\nIllegal \"ip_proto\""));
        }
        "dst_ip" | "src_ip" if !matches!(effective, IPV4 | IPV6 | ALL) => {
            return Err(illegal(word));
        }
        _ => {}
    }
    let text = words.value()?;
    if word == "ct_label" {
        let (value, mask) = label(text, "")?;
        looks.labels(value, mask);
        return Ok(None);
    }
    looks.set(word, text).ok_or_else(|| match word {
        "dst_ip" | "src_ip" => {
            let family = match effective {
                IPV4 => "inet",
                IPV6 => "inet6",
                _ => "any valid",
            };
            Stop::exit(format!("Error: {family} prefix is expected rather than \"{text}\"."))
        }
        "vlan_ethtype" | "cvlan_ethtype" => Stop::invalid(text, "invalid vlan_ethtype"),
        "type" | "code" => illegal(&format!("icmp {word}")),
        "dst_port" | "src_port" if text.split_once('-').is_some_and(|(low, high)| low.parse::<u16>().ok() >= high.parse::<u16>().ok()) => {
            Stop::wrong(format!("max value should be greater than min value\nIllegal \"{word}\""))
        }
        _ => illegal(word),
    })?;
    Ok(None)
}

pub(super) fn told(fields: &mut Fields, filter: &Filter) {
    if let Some(indev) = attr::find(&filter.options, 2).map(attr::text) {
        fields.both("indev", &indev, format!("\n  indev {indev}"));
    }
    let mut keys = Fields::new();
    for told in Flower::read(&filter.options) {
        let text = format!("\n  {} {}", told.key.json, told.text);
        match (told.key.name, told.text.split_once('/'), told.text.split_once('-')) {
            ("ip_tos" | "ip_ttl", Some((value, mask)), _) => {
                keys.both(told.key.json, Value::Raw(value.to_string()), text);
                keys.json(format!("{}_mask", told.key.json), mask.trim_start_matches("0x"));
            }
            ("src_port" | "dst_port", _, Some((low, high))) => {
                let mut range = Fields::new();
                range.json("start", Value::Raw(low.to_string()));
                range.json("end", Value::Raw(high.to_string()));
                keys.both(told.key.json, Value::Object(range), text);
            }
            ("ip_flags", ..) => {
                let mut flags = Fields::new();
                for word in told.text.split('/') {
                    match word.strip_prefix("no") {
                        Some(word) => flags.json(word, false),
                        None => flags.json(word, true),
                    }
                }
                keys.both(told.key.json, Value::Object(flags), text);
            }
            _ if told.number => keys.both(told.key.json, Value::Raw(told.text.clone()), text),
            _ => keys.both(told.key.json, &told.text, text),
        }
    }
    fields.object("keys", keys);
}
