//! The filters basic, route, cgroup, tcindex, flow and bpf, in their words (tc-basic(8), tc-route(8), tc-cgroup(8), tc-flow(8), tc-bpf(8)).

use super::super::action::{self, program};
use super::super::{class_id, class_text, illegal, what_is};
use super::{ematch, hardware};
use crate::iproute::program::Run;
use crate::iproute::program::names::Of;
use crate::iproute::program::output::{Fields, Value};
use crate::iproute::program::stop::{Result, Stop};
use crate::iproute::program::words::{Words, begins, number as whole};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::action::put_all;
use crate::kernel::filter::{Filter, Place};

const BASIC: &str = "basic [ match EMATCH_TREE ] [ action ACTION_SPEC ] [ classid CLASSID ]";
const ROUTE: &str = "route [ from REALM | fromif TAG ] [ to REALM ] [ classid CLASSID ] [ action ACTION_SPEC ]";
const CGROUP: &str = "cgroup [ match EMATCH_TREE ] [ action ACTION_SPEC ]";
const TCINDEX: &str =
    "tcindex [ hash SIZE ] [ mask MASK ] [ shift SHIFT ] [ pass_on | fall_through ] [ classid CLASSID ] [ action ACTION_SPEC ]";
const FLOW: &str =
    "flow { hash keys KEY-LIST | map key KEY [ OPS ] } [ baseclass ID ] [ divisor NUM ] [ perturb SECS ] [ action ACTION_SPEC ]";
/// The keys of flow, in the order of their bits (linux/pkt_cls.h, FLOW_KEY_…).
const KEYS: [&str; 18] = [
    "src",
    "dst",
    "proto",
    "proto-src",
    "proto-dst",
    "iif",
    "priority",
    "mark",
    "nfct",
    "nfct-src",
    "nfct-dst",
    "nfct-proto-src",
    "nfct-proto-dst",
    "rt-classid",
    "sk-uid",
    "sk-gid",
    "vlan-tag",
    "rxhash",
];

/// The attributes in which kinds differ: class, police, actions.
pub(super) struct Numbers {
    pub(super) class: u16,
    pub(super) police: u16,
    pub(super) actions: u16,
}

/// Returns the attributes of a kind.
pub(super) fn numbers(kind: &str) -> Option<Numbers> {
    Some(match kind {
        "basic" => Numbers { class: 1, police: 4, actions: 3 },
        "route" => Numbers { class: 1, police: 5, actions: 6 },
        "cgroup" => Numbers { class: 0, police: 2, actions: 1 },
        "tcindex" => Numbers { class: 5, police: 6, actions: 7 },
        "flow" => Numbers { class: 3, police: 10, actions: 9 },
        "bpf" => Numbers { class: 3, police: 2, actions: 1 },
        _ => return None,
    })
}

fn count(text: &str) -> Option<u32> {
    whole(text).and_then(|number| u32::try_from(number).ok())
}

/// Reads the words that all of these kinds have; whether it was one.
fn common(run: &mut Run<'_>, word: &str, words: &mut Words<'_>, numbers: &Numbers, writer: &mut Writer) -> Result<bool> {
    match word {
        "flowid" | "classid" if numbers.class != 0 => {
            writer.u32(numbers.class, class_id(words.value()?).ok_or_else(|| illegal("classid"))?);
        }
        "action" => {
            let actions = action::read_all(run, words)?;
            writer.nest(numbers.actions, |nest| put_all(nest, &actions));
        }
        "police" => {
            let police = action::police(words)?;
            writer.nest(numbers.police, |nest| police.put(nest));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Reads the options of one of these kinds; nothing where none are given.
pub(super) fn read(
    run: &mut Run<'_>,
    kind: &str,
    handle: Option<&str>,
    words: &mut Words<'_>,
    place: &mut Place,
) -> Result<Option<Vec<u8>>> {
    let Some(numbers) = numbers(kind) else { return Ok(None) };
    if let Some(text) = handle {
        place.handle = match kind {
            // Digits as far as there are some.
            "basic" | "cgroup" => count(&text[..text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len())]).unwrap_or(0),
            "flow" => count(text).ok_or_else(|| Stop::wrong(format!("Illegal handle \"{text}\", must be numeric.")))?,
            _ => count(text).ok_or_else(|| illegal("handle"))?,
        };
    }
    let mut writer = Writer::default();
    if words.done() {
        return Ok((kind == "cgroup").then(|| writer.bytes()));
    }
    match kind {
        "basic" => {
            while let Some(word) = words.take() {
                if begins(word, "match") {
                    let tree = ematch::read(words)?;
                    writer.nest(2, |nest| nest.append(&tree));
                } else if !common(run, word, words, &numbers, &mut writer)? {
                    return Err(what_is(word, BASIC));
                }
            }
        }
        "cgroup" => {
            while let Some(word) = words.take() {
                if begins(word, "match") {
                    return Err(words.take().map_or_else(Stop::incomplete, |next| what_is(next, CGROUP)));
                }
                if !common(run, word, words, &numbers, &mut writer)? {
                    return Err(what_is(word, CGROUP));
                }
            }
        }
        "route" => route(run, words, place, handle.is_some(), &numbers, &mut writer)?,
        "tcindex" => tcindex(run, words, &numbers, &mut writer)?,
        "flow" => flow(run, words, &numbers, &mut writer)?,
        _ => bpf(run, words, &numbers, &mut writer)?,
    }
    Ok(Some(writer.bytes()))
}

fn route(run: &mut Run<'_>, words: &mut Words<'_>, place: &mut Place, told: bool, numbers: &Numbers, writer: &mut Writer) -> Result {
    // The handle says what is looked for: from in the upper half, to in the lower.
    let (mut handle, mut some) = (0xffff_8000_u32, false);
    while let Some(word) = words.take() {
        let realm = |words: &mut Words<'_>| Of::Realm.number(words.value()?).ok_or_else(|| illegal(word));
        match word {
            "to" => {
                let id = realm(words)?;
                writer.u32(2, id);
                handle = (handle & 0xffff_0000) | (id & 0xffff);
                some = true;
            }
            "from" => {
                let id = realm(words)?;
                writer.u32(3, id);
                handle = (handle & 0xffff) | (id << 16);
                some = true;
            }
            "fromif" => {
                let name = words.value()?;
                let index = run.find_link(name)?.ok_or_else(|| illegal("fromif"))?.index;
                writer.u32(4, index);
                handle = (handle & 0xffff) | ((0x8000 | index) << 16);
                some = true;
            }
            _ if common(run, word, words, numbers, writer)? => {}
            _ => return Err(what_is(word, ROUTE)),
        }
    }
    if some || !told {
        place.handle = handle;
    }
    Ok(())
}

fn tcindex(run: &mut Run<'_>, words: &mut Words<'_>, numbers: &Numbers, writer: &mut Writer) -> Result {
    while let Some(word) = words.take() {
        match word {
            "hash" => writer.u32(1, count(words.value()?).ok_or_else(|| illegal("hash"))?),
            "mask" => {
                let mask = whole(words.value()?).and_then(|mask| u16::try_from(mask).ok());
                writer.u16(2, mask.ok_or_else(|| illegal("mask"))?);
            }
            "shift" => writer.u32(3, count(words.value()?).ok_or_else(|| illegal("shift"))?),
            "fall_through" => writer.u32(4, 1),
            "pass_on" => writer.u32(4, 0),
            _ if common(run, word, words, numbers, writer)? => {}
            _ => return Err(Stop { text: format!(" Usage: ... {TCINDEX}\n"), ..Stop::silent(1) }),
        }
    }
    Ok(())
}

fn flow(run: &mut Run<'_>, words: &mut Words<'_>, numbers: &Numbers, writer: &mut Writer) -> Result {
    const MAP: u32 = 0;
    const HASH: u32 = 1;
    let (mut mode, mut keys, mut mask, mut xor) = (MAP, 0_u32, u32::MAX, 0);
    while let Some(word) = words.take() {
        let number = |words: &mut Words<'_>| count(words.value()?).ok_or_else(|| illegal(word));
        match word {
            _ if begins(word, "map") => mode = MAP,
            _ if begins(word, "hash") => mode = HASH,
            "keys" | "key" => {
                for name in words.value()?.split(',') {
                    let bit = KEYS.iter().position(|key| *key == name);
                    keys |= 1 << bit.ok_or_else(|| Stop::wrong(format!("Unknown flow key \"{name}\"")))?;
                }
                writer.u32(1, keys);
            }
            "and" => mask = number(words)?,
            "or" => {
                let bits = number(words)?;
                (mask, xor) = (!bits, bits);
            }
            "xor" => (mask, xor) = (u32::MAX, number(words)?),
            "rshift" => writer.u32(4, number(words)?),
            "addend" => {
                let text = words.value()?;
                let (minus, bare) = text.strip_prefix('-').map_or((false, text), |bare| (true, bare));
                let ip = bare.contains('.').then(|| bare.parse::<std::net::Ipv4Addr>().ok().map(u32::from));
                let value = ip.unwrap_or_else(|| count(bare)).ok_or_else(|| illegal("addend"))?;
                writer.u32(5, if minus { value.wrapping_neg() } else { value });
            }
            "divisor" => writer.u32(8, number(words)?),
            "baseclass" => {
                let id = class_id(words.value()?).filter(|id| id & 0xffff != 0).ok_or_else(|| illegal("baseclass"))?;
                writer.u32(numbers.class, id);
            }
            "perturb" => writer.u32(12, number(words)?),
            _ if begins(word, "match") => {
                let tree = ematch::read(words)?;
                writer.nest(11, |nest| nest.append(&tree));
            }
            _ if common(run, word, words, numbers, writer)? => {}
            _ => return Err(what_is(word, FLOW)),
        }
    }
    if mode == MAP && keys.count_ones() > 1 {
        return Err(Stop::wrong("Invalid mode \"map\" for multiple keys"));
    }
    writer.u32(2, mode);
    if (mask, xor) != (u32::MAX, 0) {
        writer.u32(6, mask);
        writer.u32(7, xor);
    }
    Ok(())
}

fn bpf(run: &mut Run<'_>, words: &mut Words<'_>, numbers: &Numbers, writer: &mut Writer) -> Result {
    let failed = |stop: Stop| match stop.status {
        1 => {
            let end = if stop.text.contains("ELF") { "Unable to load program\n" } else { "Unable to parse bpf command line\n" };
            Stop { text: stop.text + end, ..stop }
        }
        _ => stop,
    };
    let (mut flags, mut generic) = (0, 0);
    while let Some(word) = words.peek() {
        match word {
            _ if begins(word, "direct-action") || word == "da" => flags |= 1,
            "skip_hw" => generic |= super::SKIP_HW,
            "skip_sw" => generic |= super::SKIP_SW,
            _ if word == "run"
                || begins(word, "bytecode")
                || begins(word, "bytecode-file")
                || begins(word, "object-file")
                || begins(word, "object-pinned")
                || matches!(word, "bc" | "bcf" | "obj" | "pinned" | "fd") =>
            {
                if word == "run" {
                    words.take();
                }
                match program::bytecode(words).map_err(failed)? {
                    Some(bytes) => program::put(writer, &bytes, 4, 5),
                    None => {
                        let other = words.peek().ok_or_else(Stop::incomplete)?;
                        return Err(failed(Stop::wrong(format!("What mode is \"{other}\"?"))));
                    }
                }
                continue;
            }
            _ => {
                words.take();
                if common(run, word, words, numbers, writer)? {
                    continue;
                }
                return Err(failed(Stop::wrong(format!("What mode is \"{word}\"?"))));
            }
        }
        words.take();
    }
    if flags != 0 {
        writer.u32(8, flags);
    }
    if generic != 0 {
        writer.u32(9, generic);
    }
    Ok(())
}

/// Tells the options of one of these kinds.
pub(super) fn told(run: &mut Run<'_>, fields: &mut Fields, filter: &Filter) {
    let number = |kind: u16| attr::find(&filter.options, kind).map(|value| attr::number(value) as u32);
    let handle = filter.place.handle;
    let class = |fields: &mut Fields, key: &str, kind: u16, before: &str| {
        if let Some(id) = number(kind) {
            fields.both(key, class_text(id), format!("{before}{key} {} ", class_text(id)));
        }
    };
    let hex = |fields: &mut Fields| {
        if handle != 0 {
            fields.both("handle", format!("{handle:x}"), format!("handle {handle:#x} "));
        }
    };
    match filter.kind.as_str() {
        "basic" => {
            hex(fields);
            class(fields, "flowid", 1, "");
            tree(fields, attr::find(&filter.options, 2));
        }
        "cgroup" => {
            hex(fields);
            tree(fields, attr::find(&filter.options, 3));
        }
        "route" => {
            if handle != 0 {
                fields.text(format!("fh 0x{handle:08x} "));
            }
            if handle & 0x7f00 != 0 {
                fields.text(format!("order {} ", (handle >> 8) & 0x7f));
            }
            class(fields, "flowid", 1, "");
            if let Some(to) = number(2) {
                fields.text(format!("to {} ", Of::Realm.name(to)));
            }
            if let Some(from) = number(3) {
                fields.text(format!("from {} ", Of::Realm.name(from)));
            }
            if let Some(index) = number(4) {
                fields.text(format!("fromif {}", run.name_of(index)));
            }
        }
        "tcindex" => {
            if handle != u32::MAX {
                fields.text(format!("handle 0x{handle:04x} "));
            }
            if let Some(size) = number(1) {
                fields.text(format!("hash {size} "));
            }
            if let Some(mask) = number(2) {
                fields.text(format!("mask 0x{mask:04x} "));
            }
            if let Some(shift) = number(3) {
                fields.text(format!("shift {shift} "));
            }
            if let Some(through) = number(4) {
                fields.text(if through != 0 { "fall_through " } else { "pass_on " });
            }
            class(fields, "classid", 5, "");
        }
        "flow" => flow_told(fields, filter),
        "bpf" => {
            if handle != 0 {
                fields.both("handle", format!("{handle:#x}"), format!("handle {handle:#x} "));
            }
            class(fields, "flowid", 3, "");
            if let Some(name) = attr::find(&filter.options, 7).map(attr::text) {
                fields.both("bpf_name", &name, format!("{name} "));
            }
            if number(8).is_some_and(|flags| flags & 1 != 0) {
                fields.both("direct-action", true, "direct-action ");
            }
            hardware(fields, number(9).unwrap_or(0), "", " ");
            match attr::find(&filter.options, 5) {
                Some(code) if attr::find(&filter.options, 7).is_none() => program::bytecode_told(fields, code),
                _ => {}
            }
        }
        _ => {}
    }
}

fn tree(fields: &mut Fields, tree: Option<&[u8]>) {
    if let Some(tree) = tree {
        let text = ematch::text(tree);
        fields.text(text);
    }
}

fn flow_told(fields: &mut Fields, filter: &Filter) {
    let number = |kind: u16| attr::find(&filter.options, kind).map(|value| attr::number(value) as u32);
    fields.both("handle", format!("{:#x}", filter.place.handle), format!("handle {:#x} ", filter.place.handle));
    match number(2) {
        Some(0) => fields.both("mode", "map", "map "),
        Some(_) => fields.both("mode", "hash", "hash "),
        None => {}
    }
    if let Some(keys) = number(1) {
        let names: Vec<&str> = KEYS.iter().enumerate().filter(|(bit, _)| keys >> bit & 1 != 0).map(|(_, name)| *name).collect();
        let text = names.join(",");
        fields.both("keys", Value::List(names.into_iter().map(Value::from).collect()), format!("keys {text} "));
    }
    if let (Some(mask), Some(xor)) = (number(6), number(7))
        && (mask != u32::MAX || xor != 0)
    {
        let or = !mask & xor;
        if mask != u32::MAX {
            fields.both("and", mask, format!("and 0x{mask:08x} "));
        }
        if xor & mask != 0 {
            fields.both("xor", xor & mask, format!("xor 0x{:08x} ", xor & mask));
        }
        if or != 0 {
            fields.both("or", or, format!("or 0x{or:08x} "));
        }
    }
    if let Some(shift) = number(4) {
        fields.both("rshift", shift, format!("rshift {shift} "));
    }
    if let Some(addend) = number(5) {
        fields.both("addend", addend, format!("addend {addend:#x} "));
    }
    if let Some(divisor) = number(8) {
        fields.both("divisor", divisor, format!("divisor {divisor} "));
    }
    if let Some(base) = number(3) {
        fields.both("baseclass", class_text(base), format!("baseclass {} ", class_text(base)));
    }
    if let Some(seconds) = number(12) {
        fields.both("perturb", seconds, format!("perturb {seconds}sec "));
    }
    tree(fields, attr::find(&filter.options, 11));
}
