//! `bridge vlan`: the VLANs of ports.

use super::super::Run;
use super::super::output::{Fields, Value};
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins, number};
use super::{AF_BRIDGE, failed, find, is_show, refused, unknown, usage};
use crate::kernel::attr::{self, Writer};
use crate::kernel::link::kind::header;

const RTM_SETLINK: u16 = 19;
const RTM_DELLINK: u16 = 17;
const RTM_GETLINK: u16 = 18;
const IFLA_EXT_MASK: u16 = 29;
const IFLA_AF_SPEC: u16 = 26;
// linux/if_bridge.h
const MASTER: u16 = 1;
const SELF: u16 = 2;
const PVID: u16 = 1 << 1;
const UNTAGGED: u16 = 1 << 2;
const RANGE_BEGIN: u16 = 1 << 3;
const RANGE_END: u16 = 1 << 4;
// linux/rtnetlink.h
const FILTER_BRVLAN: u32 = 1 << 1;
const FILTER_COMPRESSED: u32 = 1 << 2;

const HELP: &str = "Usage: bridge vlan { add | del } vid VLAN_ID dev DEV [ pvid ] [ untagged ] [ self ] [ master ]\n\
\x20      bridge vlan { show } [ dev DEV ] [ vid VLAN_ID ]";

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => show(run, words),
        Some(verb) if begins(verb, "add") => modify(run, words, RTM_SETLINK),
        Some(verb) if begins(verb, "delete") => modify(run, words, RTM_DELLINK),
        Some(verb) if is_show(verb) => show(run, words),
        Some(verb) if begins(verb, "help") => Err(usage(HELP)),
        Some(verb @ ("set" | "tunnelshow" | "global")) => {
            Err(failed(format!("labsh's bridge has no \"vlan {verb}\": it has add, del and show")))
        }
        Some(verb) => Err(unknown(verb, "vlan")),
    }
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, message: u16) -> Result {
    let (mut dev, mut range, mut own, mut flags) = (None, None, 0, 0);
    while let Some(word) = words.take() {
        match word {
            "dev" => dev = Some(words.value()?),
            "vid" => {
                let text = words.value()?;
                // What is no number counts as 0, as the C library has it.
                let id = |text: &str| number(text).unwrap_or(0);
                let (first, last) = text.split_once('-').map_or((id(text), id(text)), |(first, last)| (id(first), id(last)));
                if first >= 4096 {
                    return Err(failed(format!("Invalid VLAN ID \"{text}\"")));
                }
                if last >= 4096 || (text.contains('-') && last <= first) {
                    return Err(failed(format!("Invalid VLAN range \"{text}\"")));
                }
                range = Some((first as u16, last as u16));
            }
            "self" => own |= SELF,
            "master" => own |= MASTER,
            "pvid" => flags |= PVID,
            "untagged" => flags |= UNTAGGED,
            "tunnel_info" => return Err(failed("labsh's bridge has no \"tunnel_info\"")),
            word if begins(word, "help") => return Err(usage(HELP)),
            _ => {}
        }
    }
    let (Some(dev), Some((first, last))) = (dev, range) else {
        return Err(failed("Device and VLAN ID are required arguments."));
    };
    let index = find(run, dev, "bridge device")?.index;
    if flags & PVID != 0 && first != last {
        return Err(failed("pvid cannot be configured for a vlan range"));
    }
    let mut bytes = Writer::new(&header(AF_BRIDGE, index, false));
    bytes.nest_plain(IFLA_AF_SPEC, |spec| {
        if own != 0 {
            spec.u16(0, own);
        }
        let mut info = |flags: u16, id: u16| spec.put(2, &[flags.to_ne_bytes(), id.to_ne_bytes()].concat());
        match first == last {
            true => info(flags, first),
            false => {
                info(flags | RANGE_BEGIN, first);
                info(flags | RANGE_END, last);
            }
        }
    });
    run.change(message, 0, &bytes.bytes()).map_err(refused)
}

fn show(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut dev, mut only) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "dev" => dev = Some(words.value()?),
            "vid" => only = number(words.value()?).and_then(|vlan| u16::try_from(vlan).ok()),
            word if begins(word, "help") => return Err(usage(HELP)),
            _ => {}
        }
    }
    let dev = dev.map(|dev| find(run, dev, "device")).transpose()?.map(|link| link.index);
    if run.options.stats > 0 {
        return Err(Stop::wrong("labsh's bridge has no counters of VLANs"));
    }
    let mut question = Writer::new(&header(AF_BRIDGE, 0, false));
    question.u32(IFLA_EXT_MASK, if run.options.compress { FILTER_COMPRESSED } else { FILTER_BRVLAN });
    let mut found = Vec::new();
    for answer in run.dump(RTM_GETLINK, &question.bytes())? {
        let index = attr::u32_at(&answer.bytes, 4);
        if dev.is_none_or(|dev| dev == index) {
            let spec = answer.bytes.get(16..).and_then(|attributes| attr::find(attributes, IFLA_AF_SPEC));
            found.extend(spec.and_then(|spec| one(run, index, spec, only)));
        }
    }
    if !run.options.json {
        run.write("port              vlan-id  \n");
    }
    run.print(&found);
    Ok(())
}

/// Prints the VLANs of a port, one a line.
fn one(run: &mut Run<'_>, index: u32, spec: &[u8], only: Option<u16>) -> Option<Fields> {
    let (mut list, mut begin) = (Vec::new(), None);
    for (kind, info) in attr::read(spec) {
        if kind != 2 || info.len() < 4 {
            continue;
        }
        let (flags, id) = (attr::number(&info[..2]) as u16, attr::number(&info[2..4]) as u16);
        if flags & RANGE_BEGIN != 0 {
            begin = Some(id);
            continue;
        }
        let first = begin.take().unwrap_or(id);
        if only.is_some_and(|only| !(first..=id).contains(&only)) {
            continue;
        }
        let mut vlan = Fields::new();
        vlan.both("vlan", u32::from(first), first.to_string());
        if first != id {
            vlan.both("vlanEnd", u32::from(id), format!("-{id}"));
        }
        let words: Vec<&str> =
            [(PVID, "PVID"), (UNTAGGED, "Egress Untagged")].iter().filter(|(flag, _)| flags & flag != 0).map(|(_, word)| *word).collect();
        if !words.is_empty() || first != id {
            let text: String = words.iter().map(|word| format!(" {word}")).collect();
            vlan.both("flags", Value::List(words.iter().map(|word| Value::from(*word)).collect()), text);
        }
        vlan.text("\n");
        list.push(vlan);
    }
    if list.is_empty() {
        return None;
    }
    let name = run.name_of(index);
    let text: String =
        list.iter().enumerate().map(|(at, vlan)| format!("{:<16}  {}", if at == 0 { name.as_str() } else { "" }, vlan.words())).collect();
    let mut fields = Fields::new();
    fields.json("ifname", &name);
    fields.both("vlans", Value::Objects(list), text);
    Some(fields)
}
