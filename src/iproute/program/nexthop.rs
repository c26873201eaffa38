//! `ip nexthop`: next hops that routes share, and groups of them.

use super::link::show;
use super::names::Of;
use super::output::Fields;
use super::route::encap;
use super::route::show::flag_fields;
use super::stop::{Result, Stop};
use super::words::{self, Family, Words, begins};
use super::{Run, bucket, usage};
use crate::kernel::attr::{self, Writer};
use crate::kernel::talk;

// linux/rtnetlink.h, linux/nexthop.h
const RTM_NEWNEXTHOP: u16 = 104;
const RTM_DELNEXTHOP: u16 = 105;
const RTM_GETNEXTHOP: u16 = 106;
/// `struct nhmsg`.
pub(super) const NHMSG: usize = 8;

pub(super) const NHA_ID: u16 = 1;
const NHA_GROUP: u16 = 2;
const NHA_GROUP_TYPE: u16 = 3;
const NHA_BLACKHOLE: u16 = 4;
pub(super) const NHA_OIF: u16 = 5;
const NHA_GATEWAY: u16 = 6;
const NHA_ENCAP_TYPE: u16 = 7;
const NHA_ENCAP: u16 = 8;
const NHA_GROUPS: u16 = 9;
pub(super) const NHA_MASTER: u16 = 10;
const NHA_FDB: u16 = 11;
const NHA_RES_GROUP: u16 = 12;
/// What a resilient group is set to: the word, the attribute, and how the word that is none is called.
const RESILIENT: &[(&str, u16, &str)] = &[
    ("buckets", 1, "invalid buckets value"),
    ("idle_timer", 2, "invalid idle timer value"),
    ("unbalanced_timer", 3, "invalid unbalanced timer value"),
];
const UNBALANCED_TIME: u16 = 4;
/// Times are told in hundredths of a second.
pub(super) const HZ: u64 = 100;
const ONLINK: u32 = 4;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(verb) = words.take() else { return list(run, words, false) };
    let is = |full: &str| begins(verb, full);
    match () {
        () if is("add") => modify(run, words, talk::CREATE | talk::EXCL),
        () if is("replace") => modify(run, words, talk::CREATE | talk::REPLACE),
        () if is("delete") => one(run, words, RTM_DELNEXTHOP),
        () if show::is_show(verb) => list(run, words, false),
        () if is("get") => one(run, words, RTM_GETNEXTHOP),
        () if is("flush") => list(run, words, true),
        () if is("bucket") => bucket::command(run, words),
        () if is("help") => Err(usage::object("nexthop")),
        () => Err(Stop::unknown_command(verb, "ip nexthop")),
    }
}

pub(super) fn id(words: &mut Words<'_>) -> Result<u32> {
    words.number("invalid id value")
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, how: u16) -> Result {
    let mut header = [0; NHMSG];
    header[0] = run.options.family.number();
    let mut attributes = Writer::default();
    let mut flags = 0u32;
    while let Some(word) = words.take() {
        match word {
            "id" => attributes.u32(NHA_ID, id(words)?),
            "dev" => {
                let name = words.value()?;
                attributes.u32(NHA_OIF, run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "Device does not exist\n"))?.index);
            }
            "via" => {
                let text = words.value()?;
                let (family, text) = match Family::from_word(text) {
                    Some(family) => (family, words.value()?),
                    None => (Family::of(header[0]), text),
                };
                let ip = words::address(text, family)?;
                header[0] = Family::of_ip(ip).number();
                attributes.ip(NHA_GATEWAY, ip);
            }
            "encap" => encap::read_as(run, words, &mut attributes, NHA_ENCAP_TYPE, NHA_ENCAP | 0x8000)?,
            "blackhole" => {
                attributes.put(NHA_BLACKHOLE, &[]);
                if header[0] == 0 {
                    header[0] = Family::Inet.number();
                }
            }
            "fdb" => attributes.put(NHA_FDB, &[]),
            "onlink" => flags |= ONLINK,
            "group" => {
                let text = words.value()?;
                attributes.put(NHA_GROUP, &group(text)?);
            }
            "type" => match words.value()? {
                "mpath" => attributes.u16(NHA_GROUP_TYPE, 0),
                "resilient" => {
                    attributes.u16(NHA_GROUP_TYPE, 1);
                    resilient(words, &mut attributes)?;
                }
                other => return Err(Stop::invalid(other, "\"type\" value is invalid\n")),
            },
            _ if begins(word, "protocol") => {
                let text = words.value()?;
                let number = Of::Proto.number(text).and_then(|proto| u8::try_from(proto).ok());
                header[2] = number.ok_or_else(|| Stop::invalid(text, "\"protocol\" value is invalid\n"))?;
            }
            "help" => return Err(usage::object("nexthop")),
            _ => return Err(Stop::invalid(word, "")),
        }
    }
    let written = attributes.bytes();
    let has = |kind| attr::find(&written, kind).is_some();
    if header[0] == 0 && has(NHA_OIF) {
        header[0] = Family::Inet.number();
    }
    header[4..8].copy_from_slice(&flags.to_ne_bytes());
    let mut message = Vec::from(header);
    message.extend_from_slice(&written);
    run.change(RTM_NEWNEXTHOP, how, &message)
}

/// Reads `1,2` or `1,5/2`: ids, and weights behind a comma.
fn group(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for part in text.split('/') {
        let (id, weight) = part.split_once(',').map_or((part, None), |(id, weight)| (id, Some(weight)));
        let id = words::number(id).and_then(|id| u32::try_from(id).ok()).ok_or_else(|| Stop::invalid(part, "invalid group member"))?;
        let weight = match weight {
            None => 1,
            Some(text) => words::number(text)
                .filter(|weight| (1..=256).contains(weight))
                .ok_or_else(|| Stop::invalid(text, "\"weight\" is invalid\n"))?,
        };
        // `struct nexthop_grp`: the weight less one.
        bytes.extend_from_slice(&id.to_ne_bytes());
        bytes.extend_from_slice(&[(weight - 1) as u8, 0, 0, 0]);
    }
    Ok(bytes)
}

/// Reads how many buckets a resilient group has, and when it moves them.
fn resilient(words: &mut Words<'_>, attributes: &mut Writer) -> Result {
    let mut inner = Writer::default();
    while let Some(row) = words.peek().and_then(|word| RESILIENT.iter().find(|(name, ..)| *name == word)) {
        words.take();
        let (name, attribute, message) = row;
        match *name {
            "buckets" => inner.u16(*attribute, words.number(message)?),
            _ => {
                let text = words.value()?;
                let ticks = words::number(text).and_then(|seconds| u32::try_from(seconds.checked_mul(HZ)?).ok());
                inner.u32(*attribute, ticks.ok_or_else(|| Stop::invalid(text, message))?);
            }
        }
    }
    attributes.put(NHA_RES_GROUP | 0x8000, &inner.bytes());
    Ok(())
}

fn one(run: &mut Run<'_>, words: &mut Words<'_>, kind: u16) -> Result {
    let mut chosen = None;
    while let Some(word) = words.take() {
        match word {
            "id" => chosen = Some(id(words)?),
            other => return Err(Stop::invalid(other, "")),
        }
    }
    let Some(chosen) = chosen else { return Err(Stop::missing("id")) };
    let mut message = Writer::new(&[0; NHMSG]);
    message.u32(NHA_ID, chosen);
    let answer = run.ask(kind, 0, &message.bytes())?;
    let objects: Vec<Fields> = answer.messages.iter().map(|message| described(run, &message.bytes)).collect();
    if kind == RTM_GETNEXTHOP {
        run.print(&objects);
    }
    Ok(())
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>, flush: bool) -> Result {
    let mut question = Writer::default();
    let (mut proto, mut single) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "help" => return Err(usage::object("nexthop")),
            "dev" => {
                let name = words.value()?;
                question.u32(NHA_OIF, run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "Device does not exist\n"))?.index);
            }
            "vrf" => {
                let name = words.value()?;
                question.u32(
                    NHA_MASTER,
                    run.find_link(name)?
                        .filter(|link| show::is_vrf(run, link.index))
                        .ok_or_else(|| Stop::invalid(name, "Invalid VRF\n"))?
                        .index,
                );
            }
            _ if begins(word, "groups") => question.put(NHA_GROUPS, &[]),
            "master" => {
                let name = words.value()?;
                question.u32(NHA_MASTER, run.find_link(name)?.ok_or_else(|| Stop::invalid(name, "Device does not exist\n"))?.index);
            }
            "id" => single = Some(id(words)?),
            "fdb" => question.put(NHA_FDB, &[]),
            _ if begins(word, "protocol") => {
                let text = words.value()?;
                let number = words::number(text).and_then(|proto| u8::try_from(proto).ok());
                proto = Some(number.ok_or_else(|| Stop::invalid(text, "invalid protocol value"))?);
            }
            other => return Err(Stop::invalid(other, "")),
        }
    }
    if let Some(single) = single {
        let mut message = Writer::new(&[0; NHMSG]);
        message.u32(NHA_ID, single);
        if flush {
            return run.change(RTM_DELNEXTHOP, 0, &message.bytes()).map_err(|stop| Stop { status: 1, ..stop });
        }
        let answer = run.ask(RTM_GETNEXTHOP, 0, &message.bytes())?;
        let objects: Vec<Fields> = answer.messages.iter().map(|message| described(run, &message.bytes)).collect();
        run.print(&objects);
        return Ok(());
    }
    let mut header = Vec::from([0; NHMSG]);
    header[0] = run.options.family.number();
    header.extend_from_slice(&question.bytes());
    let messages = run.dump(RTM_GETNEXTHOP, &header)?;
    let mine = |bytes: &[u8]| proto.is_none_or(|proto| bytes.get(2) == Some(&proto));
    let chosen: Vec<&talk::Message> = messages.iter().filter(|message| mine(&message.bytes)).collect();
    if !flush {
        let objects: Vec<Fields> = chosen.iter().map(|message| described(run, &message.bytes)).collect();
        run.print(&objects);
        return Ok(());
    }
    let mut count = 0;
    for message in &chosen {
        let mut gone = Writer::new(&[0; NHMSG]);
        gone.u32(NHA_ID, attr::find(message.bytes.get(NHMSG..).unwrap_or_default(), NHA_ID).map_or(0, attr::number) as u32);
        // A group goes with the last of its members.
        let _ = run.try_ask(RTM_DELNEXTHOP, 0, &gone.bytes())?;
        count += 1;
    }
    let text = match count {
        0 => "Nothing to flush\n".to_string(),
        count => format!("Flushed {count} nexthops\n"),
    };
    run.write(&text);
    Ok(())
}

/// A next hop, as it is printed.
pub(super) fn described(run: &mut Run<'_>, bytes: &[u8]) -> Fields {
    let mut fields = told(run, bytes);
    fields.text("\n");
    fields
}

/// What is told of a next hop of an id: behind a route, with `-d`.
pub(super) fn of_id(run: &mut Run<'_>, id: u32) -> Option<Fields> {
    let mut question = Writer::new(&[0; NHMSG]);
    question.u32(NHA_ID, id);
    let answer = run.try_ask(RTM_GETNEXTHOP, 0, &question.bytes()).ok()?.ok()?;
    answer.messages.first().map(|message| told(run, &message.bytes))
}

fn told(run: &mut Run<'_>, bytes: &[u8]) -> Fields {
    let mut fields = Fields::new();
    let find = |kind| attr::find(bytes.get(NHMSG..).unwrap_or_default(), kind);
    let details = run.options.details > 0;
    if let Some(id) = find(NHA_ID).map(attr::number) {
        fields.both("id", id, format!("id {id} "));
    }
    if let Some(members) = find(NHA_GROUP) {
        let mut list = Vec::new();
        fields.text("group ");
        for (at, member) in members.chunks_exact(8).enumerate() {
            let mut one = Fields::new();
            let id = attr::u32_at(member, 0);
            one.both("id", id, format!("{}{id}", if at > 0 { "/" } else { "" }));
            if member[4] != 0 {
                let weight = u16::from(member[4]) + 1;
                one.both("weight", weight, format!(",{weight}"));
            }
            list.push(one);
        }
        fields.objects("group", list);
        fields.text(" ");
    }
    if find(NHA_GROUP_TYPE).map(attr::number) == Some(1) {
        fields.both("type", "resilient", "type resilient ");
    }
    if let Some(inner) = find(NHA_RES_GROUP) {
        let mut told = Fields::new();
        for (name, attribute, _) in RESILIENT {
            if let Some(value) = attr::find(inner, *attribute).map(attr::number) {
                let value = if *name == "buckets" { value } else { value / HZ };
                told.both(*name, value, format!("{name} {value} "));
            }
        }
        if let Some(ticks) = attr::find(inner, UNBALANCED_TIME).map(attr::number) {
            let (value, text) = bucket::seconds(ticks);
            told.both("unbalanced_time", value, format!("unbalanced_time {text} "));
        }
        fields.object("resilient_args", told);
    }
    if let Some(inner) = find(NHA_ENCAP) {
        encap::show(run, &mut fields, find(NHA_ENCAP_TYPE).map_or(0, attr::number), inner);
    }
    if let Some(ip) = find(NHA_GATEWAY).and_then(attr::ip) {
        fields.both("gateway", ip.to_string(), format!("via {ip} "));
    }
    if let Some(index) = find(NHA_OIF).map(|index| attr::number(index) as u32) {
        let name = run.name_of(index);
        fields.both("dev", name.as_str(), format!("dev {name} "));
    }
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    if byte(1) != 0 || details {
        let name = Of::Scope.name(u32::from(byte(1)));
        fields.both("scope", name.as_str(), format!("scope {name} "));
    }
    if find(NHA_BLACKHOLE).is_some() {
        fields.null("blackhole", "blackhole ");
    }
    if byte(2) != 0 || details {
        let name = Of::Proto.name(u32::from(byte(2)));
        fields.both("protocol", name.as_str(), format!("proto {name} "));
    }
    flag_fields(&mut fields, attr::u32_at(bytes, 4));
    if find(NHA_FDB).is_some() {
        fields.null("fdb", "fdb");
    }
    fields
}
