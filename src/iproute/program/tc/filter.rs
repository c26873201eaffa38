//! `tc filter`.

use super::super::Run;
use super::super::output::{Fields, Value};
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins, number as whole};
use super::{ROOT, action, class_id, class_text, illegal, what_is};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::{
    AT_EGRESS, AT_INGRESS, Filter, Flower, Match, Place, RTM_DELTFILTER, RTM_GETTFILTER, RTM_NEWTFILTER, Spec, TCA_CHAIN, U32, flower,
    parse_protocol, protocol_text, u32 as bytes,
};
use crate::kernel::qdisc::{TCA_KIND, TCA_OPTIONS};
use crate::kernel::talk::{CREATE, EXCL};

const HELP: &str = "Usage: tc filter [ add | del | change | replace | get | show ] dev DEV [ root | ingress | egress | parent CLASSID ] \
[ handle FILTERID ] [ protocol PROTO ] [ prio PRIO ] [ chain INDEX ] [ FILTER_KIND OPTIONS ]\n";
const U32_USAGE: &str = "u32 [ match SELECTOR ... ] [ link HTID ] [ classid CLASSID ] [ action ACTION ] [ offset OFFSET ] [ ht HTID ] \
[ hashkey mask MASK at PLACE ] [ sample SELECTOR ]\nor         u32 divisor DIVISOR";
const FLOWER_USAGE: &str = "flower [ FIELD VALUE ... ] [ skip_sw | skip_hw ] [ action ACTION ] [ classid CLASSID ]";
const MATCHALL_USAGE: &str = "matchall [ skip_sw | skip_hw ] [ action ACTION ] [ classid CLASSID ]";
const FW_USAGE: &str = "fw [ classid CLASSID ] [ indev DEV ] [ action ACTION ]";

// TCA_CLS_FLAGS_… (linux/pkt_cls.h).
const SKIP_HW: u32 = 1;
const SKIP_SW: u32 = 2;
const IN_HW: u32 = 4;
const NOT_IN_HW: u32 = 8;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => Ok(()),
        Some(verb) if begins(verb, "add") => modify(run, words, RTM_NEWTFILTER, EXCL | CREATE),
        Some(verb) if begins(verb, "change") => modify(run, words, RTM_NEWTFILTER, 0),
        Some(verb) if begins(verb, "replace") => modify(run, words, RTM_NEWTFILTER, CREATE),
        Some(verb) if begins(verb, "delete") => modify(run, words, RTM_DELTFILTER, 0),
        Some(verb) if begins(verb, "get") => get(run, words),
        Some(verb) if begins(verb, "show") || begins(verb, "list") || begins(verb, "lst") => show(run, words),
        Some(verb) if begins(verb, "help") => {
            run.say(HELP.trim_end());
            Ok(())
        }
        Some(verb) => Err(Stop::unreadable(format!("Command \"{verb}\" is unknown, try \"tc filter help\"."))),
    }
}

/// The words before the kind.
#[derive(Default)]
struct Head<'a> {
    dev: Option<&'a str>,
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
        Some(_) => Err(Stop::unreadable(format!("Error: \"{word}\" is a duplicate parent ID"))),
        None => Ok(()),
    };
    while let Some(word) = words.take() {
        match word {
            "dev" => {
                let name = words.value()?;
                if head.dev.replace(name).is_some() {
                    return Err(Stop::duplicate("dev", name));
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
            "preference" | "pref" | "prio" | "priority" => {
                let text = words.value()?;
                let prio = whole(text).and_then(|prio| u32::try_from(prio).ok()).filter(|prio| *prio <= 0xffff);
                let prio = prio.ok_or_else(|| Stop::invalid(text, "invalid priority value"))?;
                if head.prio.replace(prio).is_some() {
                    return Err(Stop::duplicate("priority", text));
                }
            }
            "protocol" => {
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
            "block" | "estimator" => return Err(Stop::unreadable(format!("labsh's tc has no \"{word}\" yet"))),
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

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, message: u16, flags: u16) -> Result {
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
        None if head.handle.is_some() => return Err(Stop::wrong("Must specify filter type when using \"handle\"")),
        None => {}
    }
    place.index = head.dev.map(|dev| run.link(dev)).transpose()?.map_or(0, |link| link.index);
    let mut bytes = place.header();
    bytes.extend(attributes.bytes());
    Ok(bytes)
}

/// Reads the options of a filter; nothing where none are given.
fn options(run: &mut Run<'_>, kind: &str, handle: Option<&str>, words: &mut Words<'_>, place: &mut Place) -> Result<Option<Vec<u8>>> {
    let plain = |text: &str| whole(text).and_then(|number| u32::try_from(number).ok());
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
        "basic" | "bpf" | "route" | "cgroup" | "flow" | "tcindex" | "rsvp" => {
            return Err(Stop::wrong(format!("labsh's tc has no filter \"{kind}\": it has u32, flower, matchall and fw")));
        }
        other => {
            return match words.take() {
                None => Ok(None),
                Some(option) => Err(Stop::wrong(format!("Unknown filter \"{other}\", hence option \"{option}\" is unparsable"))),
            };
        }
    };
    if words.done() && mask.is_none() {
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
                Match::U32(looks) => u32_word(looks, word, words, place)?,
                Match::Flower(looks, _) => flower_word(looks, word, words)?,
                Match::All(_) => return Err(what_is(word, MATCHALL_USAGE)),
                Match::Fw(_) => return Err(what_is(word, FW_USAGE)),
            },
        }
    }
    Ok(Some(spec.options(place.protocol)))
}

fn select(looks: &mut U32, words: &mut Words<'_>, what: &str) -> Result {
    words.peek().ok_or_else(Stop::incomplete)?;
    if words.left() == 1
        && words.peek().is_some_and(|word| matches!(word, "ip" | "ip6" | "u32" | "u16" | "u8" | "tcp" | "udp" | "icmp" | "mark"))
    {
        return Err(Stop::incomplete());
    }
    let rest: Vec<&str> = words.rest().iter().map(String::as_str).collect();
    let took = bytes::selector(looks, &rest).ok_or_else(|| illegal(what))?;
    (0..took).for_each(|_| {
        words.take();
    });
    Ok(())
}

fn u32_word(looks: &mut U32, word: &str, words: &mut Words<'_>, place: &mut Place) -> Result {
    let number = |text: &str| whole(text).and_then(|number| u32::try_from(number).ok());
    match word {
        _ if begins(word, "match") => select(looks, words, "match"),
        _ if begins(word, "hashkey") => {
            let mut hash = (0, 0);
            while let Some(part) = words.peek().filter(|part| matches!(*part, "mask" | "at")) {
                words.take();
                let text = words.value()?;
                match part {
                    "mask" => hash.0 = u32::from_str_radix(text.trim_start_matches("0x"), 16).map_err(|_| illegal("hashkey"))?,
                    _ => hash.1 = text.parse().map_err(|_| illegal("hashkey"))?,
                }
            }
            looks.hash = Some(hash);
            Ok(())
        }
        _ if begins(word, "offset") => offset(looks, words),
        _ if begins(word, "divisor") => {
            let divisor = number(words.value()?).filter(|n| (1..=256).contains(n) && n.is_power_of_two());
            looks.divisor = Some(divisor.ok_or_else(|| illegal("divisor"))?);
            Ok(())
        }
        _ if begins(word, "order") => {
            let order = number(words.value()?).filter(|order| *order < 0x1000).ok_or_else(|| illegal("order"))?;
            place.handle = (place.handle & 0xffff_f000) | order;
            Ok(())
        }
        _ if begins(word, "link") => {
            let table = bytes::parse_handle(words.value()?).ok_or_else(|| illegal("link"))?;
            if table & 0xfff != 0 {
                return Err(Stop::wrong("\"link\" must be a hash table."));
            }
            looks.link = Some(table);
            Ok(())
        }
        "ht" => {
            let table = bytes::parse_handle(words.value()?).ok_or_else(|| illegal("ht"))?;
            if place.handle & 0xfff != 0 && table & 0xfff != 0 {
                return Err(Stop::wrong("\"ht\" must be a hash table."));
            }
            looks.table = Some(table & 0xffff_f000);
            Ok(())
        }
        _ if begins(word, "sample") => {
            let mut sample = U32::default();
            select(&mut sample, words, "sample")?;
            let divisor = match words.eat("divisor") {
                true => number(words.value()?).filter(|n| *n > 0 && n.is_power_of_two()).ok_or_else(|| illegal("divisor"))?,
                false => 256,
            };
            let [key] = sample.keys.as_slice() else {
                return Err(Stop::wrong("\"sample\" must contain exactly ONE key."));
            };
            // As the kernel folds what the mask leaves (net/sched/cls_u32.c).
            let shifted = (key.value & key.mask) >> key.mask.trailing_zeros().min(31);
            let bucket = shifted & (divisor - 1) & 0xff;
            looks.table = Some((looks.table.unwrap_or(0) & 0xfff0_0000) | (bucket << 12));
            Ok(())
        }
        other => Err(what_is(other, U32_USAGE)),
    }
}

fn offset(looks: &mut U32, words: &mut Words<'_>) -> Result {
    let mut offset = looks.offset.unwrap_or_default();
    while let Some(part) = words.peek() {
        words.take();
        match part {
            "plus" => {
                offset.plus = words.number("offset")?;
                offset.flags |= bytes::OFFSET;
            }
            "mask" => {
                let text = words.value()?;
                offset.mask = u16::from_str_radix(text.trim_start_matches("0x"), 16).map_err(|_| illegal("offset"))?;
                offset.flags |= bytes::VAROFFSET;
            }
            "shift" => offset.shift = words.number("offset")?,
            "at" => offset.at = words.value()?.parse().map_err(|_| illegal("offset"))?,
            "eat" => offset.flags |= bytes::EAT,
            _ => {
                words.back();
                break;
            }
        }
    }
    looks.offset = Some(offset);
    Ok(())
}

fn flower_word(looks: &mut Flower, word: &str, words: &mut Words<'_>) -> Result {
    if !flower::KEYS.iter().any(|key| key.name == word && word != "eth_type") {
        return Err(what_is(word, FLOWER_USAGE));
    }
    let text = words.value()?;
    looks.set(word, text).ok_or_else(|| match word {
        "dst_ip" | "src_ip" => Stop::exit(format!("Error: inet prefix is expected rather than \"{text}\".")),
        _ => illegal(word),
    })
}

fn get(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let head = head(words)?;
    let needs = [("protocol", head.protocol.is_none()), ("priority", head.prio.is_none()), ("handle", head.handle.is_none())];
    if let Some((missing, _)) = needs.iter().find(|(_, missing)| *missing) {
        return Err(Stop { whole: false, ..Stop::unreadable(format!("Must specify filter {missing}")) });
    }
    let bytes = request(run, &head, words, false)?;
    let answer = run.ask(RTM_GETTFILTER, 0, &bytes).map_err(talking)?;
    let found: Vec<Fields> =
        answer.messages.iter().filter_map(|message| one(run, &message.bytes, &Head { dev: Some(""), ..Head::default() })).collect();
    run.print(&found);
    Ok(())
}

fn show(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut head = head(words)?;
    if head.help {
        run.say(HELP.trim_end());
        return Ok(());
    }
    if let Some(word) = head.kind.take() {
        return Err(Stop::unreadable(format!("What is \"{word}\"? Try \"tc filter help\".")));
    }
    let Some(dev) = head.dev else { return Ok(()) };
    let place = Place {
        index: run.link(dev)?.index,
        parent: head.parent.unwrap_or(0),
        prio: head.prio.unwrap_or(0) as u16,
        protocol: head.protocol.unwrap_or(0),
        ..Place::default()
    };
    let mut question = Writer::new(&place.header());
    if let Some(chain) = head.chain {
        question.u32(TCA_CHAIN, chain);
    }
    let mut found = Vec::new();
    for answer in run.dump(RTM_GETTFILTER, &question.bytes())? {
        found.extend(one(run, &answer.bytes, &head));
    }
    run.print(&found);
    Ok(())
}

/// Prints a filter; what was asked for is not told again.
fn one(run: &mut Run<'_>, bytes: &[u8], asked: &Head<'_>) -> Option<Fields> {
    let filter = Filter::read(bytes)?;
    let Place { parent, prio, protocol, chain, .. } = filter.place;
    let mut fields = Fields::new();
    fields.text("filter ");
    if asked.parent.is_none_or(|asked| asked != parent) {
        let word = class_text(parent);
        match parent {
            ROOT => fields.both("root", true, "root "),
            AT_INGRESS => fields.both("parent", "ingress", "ingress "),
            AT_EGRESS => fields.both("parent", "egress", "egress "),
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
    fields.both("kind", &filter.kind, format!("{} ", filter.kind));
    if let Some(chain) = chain.filter(|chain| asked.chain.is_none_or(|asked| asked != *chain)) {
        fields.both("chain", chain, format!("chain {chain} "));
    }
    if !filter.options.is_empty() {
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
        "u32" => u32_told(run, &mut fields, filter),
        "flower" => {
            head_told(&mut fields, filter, "classid");
            flower_told(&mut fields, filter);
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
                fields.both("indev", &indev, format!("input dev {indev} "));
            }
        }
        _ => {}
    }
    let old = match filter.kind.as_str() {
        "u32" => attr::find(&filter.options, 6),
        "fw" => attr::find(&filter.options, 2),
        _ => None,
    };
    if let Some(police) = old {
        fields.text("\n");
        action::police_told(run, &mut fields, police);
    }
    let actions = filter.actions();
    if !actions.is_empty() {
        let list: Vec<Fields> = actions.iter().map(|found| action::told(run, found)).collect();
        fields.objects("actions", list);
    }
    fields
}

fn head_told(fields: &mut Fields, filter: &Filter, class: &str) {
    if filter.place.handle != 0 {
        fields.both("handle", filter.place.handle, format!("handle {:#x} ", filter.place.handle));
    }
    if let Some(id) = filter.class() {
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

fn flower_told(fields: &mut Fields, filter: &Filter) {
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

fn u32_told(run: &Run<'_>, fields: &mut Fields, filter: &Filter) {
    let (looks, flags) = U32::read(&filter.options);
    let handle = filter.place.handle;
    if handle != 0 {
        let text = bytes::handle_text(handle);
        fields.both("fh", &text, format!("fh {text} "));
    }
    if handle & 0xfff != 0 {
        fields.both("order", handle & 0xfff, format!("order {} ", handle & 0xfff));
    }
    if let Some(divisor) = looks.divisor {
        fields.both("ht_divisor", divisor, format!("ht divisor {divisor} "));
        return;
    }
    if let Some(table) = looks.table {
        let (key, bucket) = (format!("{:x}", table >> 20), format!("{:x}", (table >> 12) & 0xff));
        fields.both("key_ht", &key, format!("key ht {key}"));
        fields.both("bkt", &bucket, format!(" bkt {bucket} "));
    }
    match (filter.class(), looks.link) {
        (Some(class), _) => {
            let text = class_text(class);
            let star = if flags & bytes::TERMINAL != 0 { "*" } else { "" };
            fields.both("flowid", &text, format!("{star}flowid {text} "));
        }
        _ if flags & bytes::TERMINAL != 0 => fields.text("terminal flowid "),
        _ => {}
    }
    if let Some(link) = looks.link {
        let text = bytes::handle_text(link);
        fields.both("link", &text, format!("link {text} "));
    }
    hardware(fields, looks.flags, "", " ");
    // struct tc_u32_pcnt: looked at, taken, then one for each key.
    let counts = attr::find(&filter.options, 9).filter(|_| run.options.stats > 0);
    let count = |place: usize| counts.and_then(|bytes| bytes.get(place * 8..place * 8 + 8)).map_or(0, attr::number);
    if counts.is_some() {
        fields.both("rule_hit", count(0), format!("(rule hit {}", count(0)));
        fields.both("success", count(1), format!(" success {})", count(1)));
    }
    for (at, key) in looks.keys.iter().enumerate() {
        let next = if key.next == 0 { "" } else { "nexthdr+" };
        let mut inner = Fields::new();
        inner.both("value", format!("{:x}", key.value), format!("\n  match {:08x}", key.value));
        inner.both("mask", format!("{:x}", key.mask), format!("/{:08x} ", key.mask));
        inner.both("offmask", next, format!("at {next}"));
        inner.both("off", key.at, key.at.to_string());
        fields.object("match", inner);
        if counts.is_some() {
            fields.both("success", count(at + 2), format!(" (success {} ) ", count(at + 2)));
        }
    }
    if let Some((value, mask)) = looks.mark {
        let success = attr::find(&filter.options, 10).map_or(0, |mark| attr::u32_at(mark, 8));
        fields.both("fwmark_value", format!("{value:x}"), format!("\n  mark {value:#06x}"));
        fields.both("fwmark_mask", format!("{mask:x}"), format!(" {mask:#06x}"));
        fields.both("fwmark_success", success, format!(" (success {success}) "));
    }
    if let Some(offset) = looks.offset {
        let mut text = "\n    offset ".to_string();
        if offset.flags & bytes::VAROFFSET != 0 {
            text += &format!("{:04x}>>{} at {} ", offset.mask, offset.shift, offset.at);
        }
        if offset.plus != 0 {
            text += &format!("plus {} ", offset.plus);
        }
        text += if offset.flags & bytes::EAT != 0 { " eat " } else { "" };
        fields.text(text);
    }
    if let Some((mask, at)) = looks.hash {
        fields.both("hash_mask", format!("{mask:x}"), format!("\n    hash mask {mask:08x}"));
        fields.both("hash_off", i32::from(at), format!(" at {at} "));
    }
}
