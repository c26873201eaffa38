//! `tc filter`: where filters stand, and what they do; each kind has its words in a file of its own.

mod ematch;
mod flower;
mod other;
mod u32;

use super::super::Run;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins, number as whole};
use super::chain::{RTM_DELCHAIN, RTM_GETCHAIN, RTM_NEWCHAIN};
use super::{ROOT, Verb, action, class_id, class_text, estimator, illegal, what_is};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::action::read_all as read_actions;
use crate::kernel::filter::{
    AT_EGRESS, AT_INGRESS, Filter, Flower, Match, Place, RTM_DELTFILTER, RTM_GETTFILTER, RTM_NEWTFILTER, Spec, TCA_CHAIN, parse_protocol,
    protocol_text, u32 as bytes,
};
use crate::kernel::qdisc::{self, RTM_GETQDISC, TCA_KIND, TCA_OPTIONS};
use crate::kernel::talk::{CREATE, EXCL, REPLACE};

const HELP: &str = "Usage: tc filter [ add | del | change | replace | get | show ] dev DEV [ root | ingress | egress | parent CLASSID ] \
[ handle FILTERID ] [ protocol PROTO ] [ prio PRIO ] [ chain INDEX ] [ FILTER_KIND OPTIONS ]\n";
const MATCHALL_USAGE: &str = "matchall [ skip_sw | skip_hw ] [ action ACTION ] [ classid CLASSID ]";
const FW_USAGE: &str = "fw [ classid CLASSID ] [ indev DEV ] [ action ACTION ]";

/// The index of filters that several disciplines share (TCM_IFINDEX_MAGIC_BLOCK, linux/rtnetlink.h).
const SHARED: u32 = 0xffff_ffff;
/// NLM_F_ECHO (linux/netlink.h)
const ECHO: u16 = 8;

// TCA_CLS_FLAGS_… (linux/pkt_cls.h).
const SKIP_HW: u32 = 1;
const SKIP_SW: u32 = 2;
const IN_HW: u32 = 4;
const NOT_IN_HW: u32 = 8;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match super::verb("filter", &["link"], words)? {
        // A filter that is replaced may be there or not.
        Verb::Set(flags) if flags & REPLACE != 0 => modify(run, words, RTM_NEWTFILTER, CREATE),
        Verb::Set(flags) => modify(run, words, RTM_NEWTFILTER, flags),
        Verb::Delete => modify(run, words, RTM_DELTFILTER, 0),
        Verb::Get => get(run, words, RTM_GETTFILTER),
        Verb::Show => show(run, words, RTM_GETTFILTER),
        Verb::Help => {
            run.say(HELP.trim_end());
            Ok(())
        }
    }
}

/// The words before the kind.
#[derive(Default)]
pub(super) struct Head<'a> {
    dev: Option<&'a str>,
    block: Option<u32>,
    estimator: Option<[u8; 2]>,
    parent: Option<u32>,
    prio: Option<u32>,
    protocol: Option<u16>,
    chain: Option<u32>,
    handle: Option<&'a str>,
    kind: Option<&'a str>,
    help: bool,
}

fn head<'a>(words: &mut Words<'a>) -> Result<Head<'a>> {
    let mut head = Head::default();
    let place = |head: &mut Head<'_>, word: &str, id: u32| match head.parent.replace(id) {
        Some(_) => Err(super::unread(format!("Error: \"{word}\" is a duplicate parent ID"))),
        None => Ok(()),
    };
    while let Some(word) = words.take() {
        match word {
            "dev" => {
                let name = words.value()?;
                if head.dev.replace(name).is_some() {
                    return Err(Stop::duplicate("dev", name));
                }
                if head.block.is_some() {
                    return Err(super::unread("Error: \"dev\" and \"block\" are mutually exclusive"));
                }
            }
            "root" => place(&mut head, word, ROOT)?,
            "ingress" => place(&mut head, word, AT_INGRESS)?,
            "egress" => place(&mut head, word, AT_EGRESS)?,
            "parent" => {
                let text = words.value()?;
                let id = class_id(text).ok_or_else(|| Stop::invalid(text, "Invalid parent ID"))?;
                if head.parent.replace(id).is_some() {
                    return Err(Stop::duplicate("parent", text));
                }
            }
            "handle" => {
                let text = words.value()?;
                if head.handle.replace(text).is_some() {
                    return Err(Stop::duplicate("handle", text));
                }
            }
            _ if word.len() > 1 && (begins(word, "preference") || begins(word, "priority")) => {
                let text = words.value()?;
                let prio = whole(text).and_then(|prio| u32::try_from(prio).ok()).filter(|prio| *prio <= 0xffff);
                let prio = prio.ok_or_else(|| Stop::invalid(text, "invalid priority value"))?;
                if head.prio.replace(prio).is_some() {
                    return Err(Stop::duplicate("priority", text));
                }
            }
            _ if word.len() > 2 && begins(word, "protocol") => {
                let text = words.value()?;
                let protocol = parse_protocol(text).ok_or_else(|| Stop::invalid(text, "invalid protocol"))?;
                if head.protocol.replace(protocol).is_some() {
                    return Err(Stop::duplicate("protocol", text));
                }
            }
            "chain" => {
                let text = words.value()?;
                let chain = whole(text).and_then(|chain| u32::try_from(chain).ok());
                head.chain = Some(chain.ok_or_else(|| Stop::invalid(text, "invalid chain index value"))?);
            }
            "block" => {
                let text = words.value()?;
                if head.block.is_some() {
                    return Err(Stop::duplicate("block", text));
                }
                let block = whole(text).and_then(|block| u32::try_from(block).ok()).filter(|block| *block != 0);
                head.block = Some(block.ok_or_else(|| Stop::invalid(text, "invalid block index value"))?);
                if head.dev.is_some() {
                    return Err(super::unread("Error: \"dev\" and \"block\" are mutually exclusive"));
                }
            }
            _ if word.len() > 2 && begins(word, "estimator") => head.estimator = Some(estimator::read(words)?),
            "help" => {
                head.help = true;
                return Ok(head);
            }
            kind => {
                head.kind = Some(kind);
                break;
            }
        }
    }
    Ok(head)
}

pub(super) fn modify(run: &mut Run<'_>, words: &mut Words<'_>, message: u16, flags: u16) -> Result {
    let head = head(words)?;
    if head.help {
        run.say(HELP.trim_end());
        return Ok(());
    }
    let bytes = request(run, &head, words, message == RTM_NEWTFILTER)?;
    run.change(message, flags, &bytes).map_err(talking)
}

/// What `tc` adds when the kernel refuses a filter.
fn talking(stop: Stop) -> Stop {
    match stop.status {
        2 => Stop { text: format!("{}We have an error talking to the kernel\n", stop.text), ..stop },
        _ => stop,
    }
}

fn request(run: &mut Run<'_>, head: &Head<'_>, words: &mut Words<'_>, new: bool) -> Result<Vec<u8>> {
    let all = if new { 0x0003 } else { 0 };
    let mut place = Place {
        index: 0,
        parent: head.parent.unwrap_or(0),
        handle: 0,
        prio: head.prio.unwrap_or(0) as u16,
        protocol: head.protocol.unwrap_or(all),
        chain: head.chain,
    };
    let mut attributes = Writer::default();
    if let Some(kind) = head.kind {
        attributes.text(TCA_KIND, kind);
    }
    if let Some(chain) = head.chain {
        attributes.u32(TCA_CHAIN, chain);
    }
    match head.kind {
        Some(kind) => {
            if let Some(options) = options(run, kind, head.handle, words, &mut place)? {
                attributes.put(TCA_OPTIONS, &options);
            }
        }
        None if head.handle.is_some() => {
            return Err(super::unread("Must specify filter type when using \"handle\""));
        }
        None => {}
    }
    if let Some(estimator) = head.estimator {
        attributes.put(estimator::ATTRIBUTE, &estimator);
    }
    if let Some(block) = head.block {
        (place.index, place.parent) = (SHARED, block);
        let mut bytes = place.header();
        bytes.extend(attributes.bytes());
        return Ok(bytes);
    }
    place.index = head.dev.map(|dev| run.link(dev)).transpose()?.map_or(0, |link| link.index);
    let mut bytes = place.header();
    bytes.extend(attributes.bytes());
    Ok(bytes)
}

/// Reads the options of a filter; nothing where none are given.
fn options(run: &mut Run<'_>, kind: &str, handle: Option<&str>, words: &mut Words<'_>, place: &mut Place) -> Result<Option<Vec<u8>>> {
    let plain = |text: &str| whole(text).and_then(|number| u32::try_from(number).ok());
    if other::numbers(kind).is_some() {
        return other::read(run, kind, handle, words, place);
    }
    let mut mask = None;
    if let Some(text) = handle {
        place.handle = match kind {
            "u32" => bytes::parse_handle(text),
            "fw" => {
                let (value, bits) = text.split_once('/').map_or((text, None), |(value, bits)| (value, Some(bits)));
                mask = bits.map(|bits| plain(bits).ok_or_else(|| illegal("handle mask"))).transpose()?;
                plain(value)
            }
            _ => plain(text),
        }
        .ok_or_else(|| illegal("handle"))?;
    }
    let looks = match kind {
        "u32" => Match::U32(Box::default()),
        "fw" => Match::Fw(mask),
        "matchall" => Match::All(0),
        "flower" => Match::Flower(Flower::default(), 0),
        other => {
            return match words.take() {
                None => Ok(None),
                Some(option) => Err(Stop::wrong(format!("Unknown filter \"{other}\", hence option \"{option}\" is unparsable"))),
            };
        }
    };
    if words.done() && kind != "flower" {
        return Ok(None);
    }
    let mut spec = Spec::new(looks);
    while let Some(word) = words.take() {
        match word {
            "flowid" => spec.class = Some(class_id(words.value()?).ok_or_else(|| illegal("classid"))?),
            word if word.len() > 1 && begins(word, "classid") => {
                spec.class = Some(class_id(words.value()?).ok_or_else(|| illegal("classid"))?);
            }
            "action" => spec.actions = action::read_all(run, words)?,
            "police" if matches!(spec.looks, Match::U32(_) | Match::Fw(_)) => spec.police = Some(action::police(words)?),
            "indev" => spec.indev = Some(words.value()?.to_string()),
            "skip_hw" | "skip_sw" => {
                let flag = if word == "skip_hw" { SKIP_HW } else { SKIP_SW };
                match &mut spec.looks {
                    Match::U32(looks) => looks.flags |= flag,
                    Match::All(flags) | Match::Flower(_, flags) => *flags |= flag,
                    Match::Fw(_) => return Err(what_is(word, FW_USAGE)),
                }
            }
            word => match &mut spec.looks {
                Match::U32(looks) => u32::word(looks, word, words, place)?,
                Match::Flower(looks, flags) => spec.class = flower::word(looks, flags, word, words, place.protocol)?.or(spec.class),
                Match::All(_) => return Err(what_is(word, MATCHALL_USAGE)),
                Match::Fw(_) => return Err(what_is(word, FW_USAGE)),
            },
        }
    }
    Ok(Some(spec.options(place.protocol)))
}

pub(super) fn get(run: &mut Run<'_>, words: &mut Words<'_>, message: u16) -> Result {
    let head = head(words)?;
    let filter = message == RTM_GETTFILTER;
    let needs = [("protocol", head.protocol.is_none()), ("priority", head.prio.is_none()), ("handle", head.handle.is_none())];
    if let Some((missing, _)) = needs.iter().find(|(_, missing)| *missing && filter) {
        return Err(Stop { whole: false, ..Stop::unreadable(format!("Must specify filter {missing}")) });
    }
    let bytes = request(run, &head, words, false)?;
    let answer = run.ask(message, ECHO, &bytes).map_err(talking)?;
    let found: Vec<Fields> = answer
        .messages
        .iter()
        .filter_map(|message| one(run, message.kind, &message.bytes, &Head { dev: Some(""), ..Head::default() }))
        .collect();
    run.print(&found);
    Ok(())
}

pub(super) fn show(run: &mut Run<'_>, words: &mut Words<'_>, message: u16) -> Result {
    let mut head = head(words)?;
    if head.help {
        run.say(HELP.trim_end());
        return Ok(());
    }
    if let Some(word) = head.kind.take() {
        return Err(super::unread(format!(" What is \"{word}\"? Try \"tc filter help\"")));
    }
    let (index, parent) = match (head.block, head.dev) {
        (Some(block), _) => {
            if !block_is_there(run, block)? {
                return Err(Stop::wrong(format!("Cannot find block \"{block}\"")));
            }
            (SHARED, block)
        }
        (None, Some(dev)) => (run.link(dev)?.index, head.parent.unwrap_or(0)),
        (None, None) => return Ok(()),
    };
    let place = Place { index, parent, prio: head.prio.unwrap_or(0) as u16, protocol: head.protocol.unwrap_or(0), ..Place::default() };
    let mut question = Writer::new(&place.header());
    if let Some(chain) = head.chain {
        question.u32(TCA_CHAIN, chain);
    }
    let mut found = Vec::new();
    for answer in run.dump(message, &question.bytes())? {
        found.extend(one(run, answer.kind, &answer.bytes, &head));
    }
    run.print(&found);
    Ok(())
}

/// What happened to a filter or chain, as a message says it.
pub(super) fn happened(message: u16, flags: u16) -> &'static str {
    match message {
        RTM_DELTFILTER | RTM_DELCHAIN => "deleted ",
        _ if flags & CREATE == 0 => "",
        _ if flags & EXCL != 0 => "added ",
        _ => "replaced ",
    }
}

/// Returns whether a discipline has filters that it shares under a number.
fn block_is_there(run: &mut Run<'_>, block: u32) -> Result<bool> {
    const BLOCKS: [u16; 2] = [13, 14];
    let all = run.dump(RTM_GETQDISC, &qdisc::Place { index: 0, handle: 0, parent: 0 }.header())?;
    let has = |bytes: &[u8]| {
        let attributes = bytes.get(20..).unwrap_or_default();
        BLOCKS.iter().any(|kind| attr::find(attributes, *kind).is_some_and(|number| attr::u32_at(number, 0) == block))
    };
    Ok(all.iter().any(|answer| has(&answer.bytes)))
}

/// Prints a filter or a chain; what was asked for is not told again.
pub(super) fn one(run: &mut Run<'_>, message: u16, bytes: &[u8], asked: &Head<'_>) -> Option<Fields> {
    let filter = Filter::read(bytes)?;
    let Place { index: place_index, parent, prio, protocol, chain, .. } = filter.place;
    let mut fields = Fields::new();
    fields.text(if (RTM_NEWCHAIN..=RTM_GETCHAIN).contains(&message) { "chain " } else { "filter " });
    if place_index == SHARED {
        if asked.block != Some(parent) {
            fields.both("block", parent, format!("block {parent} "));
        }
    } else if asked.dev.is_none() {
        let dev = run.name_of(place_index);
        fields.both("dev", &dev, format!("dev {dev} "));
    }
    if place_index != SHARED && asked.parent.is_none_or(|asked| asked != parent) {
        let word = class_text(parent);
        match parent {
            ROOT => fields.both("root", true, "root "),
            AT_INGRESS => fields.both("ingress", true, "ingress "),
            AT_EGRESS => fields.both("egress", true, "egress "),
            _ => fields.both("parent", &word, format!("parent {word} ")),
        }
    }
    if protocol != 0 && asked.protocol.is_none_or(|asked| asked != protocol) {
        let word = protocol_text(protocol);
        fields.both("protocol", &word, format!("protocol {word} "));
    }
    if prio != 0 && asked.prio.is_none_or(|asked| asked != u32::from(prio)) {
        fields.both("pref", u32::from(prio), format!("pref {prio} "));
    }
    if !filter.kind.is_empty() {
        fields.both("kind", &filter.kind, format!("{} ", filter.kind));
    }
    if let Some(chain) = chain.filter(|chain| asked.chain.is_none_or(|asked| asked != *chain)) {
        fields.both("chain", chain, format!("chain {chain} "));
    }
    if attr::find(bytes.get(20..).unwrap_or_default(), TCA_OPTIONS).is_some() {
        let options = told(run, &filter);
        fields.object("options", options);
    }
    fields.text("\n");
    Some(fields)
}

fn told(run: &mut Run<'_>, filter: &Filter) -> Fields {
    let mut fields = Fields::new();
    let number = |kind: u16| attr::find(&filter.options, kind).map(|value| attr::number(value) as u32);
    match filter.kind.as_str() {
        "u32" => u32::told(run, &mut fields, filter),
        "flower" => {
            head_told(&mut fields, filter, "classid");
            flower::told(&mut fields, filter);
            let flags = number(22).unwrap_or(0);
            hardware(&mut fields, flags, "\n  ", "");
        }
        "matchall" => {
            head_told(&mut fields, filter, "flowid");
            hardware(&mut fields, number(3).unwrap_or(0), "\n  ", "");
            if run.options.stats > 0
                && let Some(hits) = attr::find(&filter.options, 4).map(attr::number)
            {
                fields.both("rule_hit", hits, format!(" (rule hit {hits})"));
            }
        }
        "fw" => {
            if filter.place.handle != 0 {
                let mask = number(5).filter(|mask| *mask != u32::MAX).map(|mask| format!("/{mask:#x}")).unwrap_or_default();
                let text = format!("{:#x}{mask}", filter.place.handle);
                fields.both("handle", &text, format!("handle {text} "));
            }
            if let Some(class) = filter.class() {
                fields.both("classid", class_text(class), format!("classid {} ", class_text(class)));
            }
            if let Some(indev) = attr::find(&filter.options, 3).map(attr::text) {
                fields.both("indev", &indev, format!("input dev {indev} \n"));
            }
        }
        _ => other::told(run, &mut fields, filter),
    }
    let old = match filter.kind.as_str() {
        "u32" => attr::find(&filter.options, 6),
        "fw" => attr::find(&filter.options, 2),
        kind => other::numbers(kind).and_then(|numbers| attr::find(&filter.options, numbers.police)),
    };
    if let Some(police) = old {
        if !matches!(filter.kind.as_str(), "route" | "fw") {
            fields.text("\n");
        }
        action::police_told(run, &mut fields, police);
    }
    let actions = match other::numbers(&filter.kind) {
        Some(numbers) => attr::find(&filter.options, numbers.actions).map(read_actions).unwrap_or_default(),
        None => filter.actions(),
    };
    if !actions.is_empty() {
        let list: Vec<Fields> = actions.iter().map(|found| action::told(run, found, false)).collect();
        fields.objects("actions", list);
    }
    fields
}

fn head_told(fields: &mut Fields, filter: &Filter, class: &str) {
    if filter.place.handle != 0 {
        fields.both("handle", filter.place.handle, format!("handle {:#x} ", filter.place.handle));
    }
    if let Some(id) = filter.class() {
        // The upper classes of clsact stand for the classes of traffic of a card (TC_H_MIN_PRIORITY, linux/pkt_sched.h).
        if class == "classid" && (0xffe0..=0xffef).contains(&(id & 0xffff)) {
            let number = id & 0xf;
            return fields.both("hw_tc", number, format!("hw_tc {number} "));
        }
        fields.both(class, class_text(id), format!("{class} {} ", class_text(id)));
    }
}

fn hardware(fields: &mut Fields, flags: u32, before: &str, after: &str) {
    for (flag, word) in [(SKIP_HW, "skip_hw"), (SKIP_SW, "skip_sw"), (IN_HW, "in_hw"), (NOT_IN_HW, "not_in_hw")] {
        if flags & flag != 0 {
            fields.both(word, true, format!("{before}{word}{after}"));
        }
    }
}
