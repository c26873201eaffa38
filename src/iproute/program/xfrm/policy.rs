//! `ip xfrm policy`: which packets must be protected, and by which states.

use super::super::Run;
use super::super::link::show::is_show;
use super::parts::{self, Id};
use super::show::{DIRECTIONS, POLICY_FLAGS};
use super::*;
use crate::kernel::attr::{self, Writer};
use crate::kernel::talk::{CREATE, REPLACE};

/// Bytes of `struct xfrm_userpolicy_info`.
const INFO: usize = 168;
const INDEX: usize = 156;
const DIR: usize = 160;

pub(super) fn command(run: &mut Run<'_>, xfrm: &mut Xfrm, words: &mut Words<'_>) -> Result {
    let Some(verb) = words.take() else { return list(run, xfrm, words, false) };
    let is = |full: &str| begins(verb, full);
    match () {
        () if is("add") => modify(run, xfrm, words, NEWPOLICY, CREATE),
        () if is("update") => modify(run, xfrm, words, UPDPOLICY, REPLACE),
        () if is("delete") => one(run, xfrm, words, DELPOLICY),
        () if is("deleteall") || verb == "delall" => list(run, xfrm, words, true),
        () if is_show(verb) => list(run, xfrm, words, false),
        () if is("get") => one(run, xfrm, words, GETPOLICY),
        () if is("flush") => flush(xfrm, words),
        () if is("count") => count(run, xfrm),
        () if verb == "setdefault" => set_default(xfrm, words),
        () if verb == "getdefault" => get_default(run, xfrm),
        () if is("help") => Err(usage::object("xfrm policy")),
        () => Err(Stop::unknown_command(verb, "ip xfrm policy")),
    }
}

fn direction(words: &mut Words<'_>) -> Result<u8> {
    let word = words.value()?;
    DIRECTIONS.iter().position(|known| *known == word).map(|at| at as u8).ok_or_else(|| Stop::invalid(word, "DIR value is invalid"))
}

fn kind(words: &mut Words<'_>) -> Result<u8> {
    let word = words.value()?;
    ["main", "sub"].iter().position(|known| *known == word).map(|at| at as u8).ok_or_else(|| Stop::invalid(word, "PTYPE value is invalid"))
}

/// `struct xfrm_userpolicy_type`.
fn type_bytes(kind: u8) -> [u8; 6] {
    [kind, 0, 0, 0, 0, 0]
}

/// Reads `tmpl ID …`: `struct xfrm_user_tmpl`.
fn template(run: &Run<'_>, words: &mut Words<'_>) -> Result<[u8; 64]> {
    let mut bytes = [0; 64];
    let id = Id::read(words, run.options.family, true)?;
    bytes[..24].copy_from_slice(&id.bytes());
    bytes[24..26].copy_from_slice(&u16::from(id.family).to_ne_bytes());
    bytes[28..44].copy_from_slice(&id.source);
    // Any algorithm will do.
    bytes[52..64].fill(0xff);
    loop {
        match words.peek() {
            Some("mode") => {
                words.take();
                bytes[48] = parts::mode(words)?;
            }
            Some("reqid") => {
                words.take();
                let reqid: u32 = parts::number(words, "REQID value is invalid")?;
                bytes[44..48].copy_from_slice(&reqid.to_ne_bytes());
            }
            Some("level") => {
                words.take();
                bytes[50] = parts::choice(words, &["required", "use"], "LEVEL value is invalid\n")?;
            }
            Some("src" | "dst" | "proto" | "spi") => {
                let more = Id::read(words, run.options.family, true)?;
                let before = bytes;
                bytes[..24].copy_from_slice(&more.bytes());
                bytes[28..44].copy_from_slice(&more.source);
                for (new, old) in bytes.iter_mut().zip(before).take(44) {
                    *new = if *new == 0 { old } else { *new };
                }
            }
            _ => return Ok(bytes),
        }
    }
}

fn modify(run: &mut Run<'_>, xfrm: &mut Xfrm, words: &mut Words<'_>, message_kind: u16, how: u16) -> Result {
    let (mut dir, mut chosen) = (None, false);
    let mut selector = [0; SELECTOR];
    let mut limits = parts::endless();
    let (mut priority, mut index, mut action, mut bits) = (0u32, 0u32, 0, 0);
    let mut attributes = Writer::default();
    let mut templates = Vec::new();
    selector[40..42].copy_from_slice(&u16::from(run.options.family.number()).to_ne_bytes());
    while let Some(word) = words.take() {
        match word {
            "dir" => {
                if dir.is_some() {
                    return Err(Stop::duplicate("dir", words.peek().unwrap_or(word)));
                }
                dir = Some(direction(words)?);
            }
            "mark" => attributes.put(MARK, &parts::mark(words)?),
            "index" => index = parts::number(words, "INDEX value is invalid")?,
            "ptype" => {
                let kind = kind(words)?;
                attributes.put(POLICY_TYPE, &type_bytes(kind));
            }
            "action" => {
                let word = words.value()?;
                let place = ["allow", "block"].iter().position(|known| *known == word);
                action = place.ok_or_else(|| Stop::invalid(word, "ACTION value is invalid\n"))? as u8;
            }
            "priority" => priority = parts::number(words, "PRIORITY value is invalid\n")?,
            "flag" => bits = parts::flags(words, POLICY_FLAGS)? as u8,
            "limit" => parts::limit(words, &mut limits)?,
            "tmpl" => templates.extend_from_slice(&template(run, words)?),
            "if_id" => attributes.u32(IF_ID, parts::number(words, "IF_ID value is invalid")?),
            "ctx" | "offload" => return Err(Stop::wrong(format!("labsh does not have \"{word}\" of ip xfrm policy"))),
            _ => {
                words.back();
                if chosen {
                    return Err(Stop::duplicate("unknown", word));
                }
                if !parts::selector(run, words, &mut selector)? {
                    return Err(Stop::duplicate("unknown", word));
                }
                chosen = true;
            }
        }
    }
    let Some(dir) = dir else { return Err(Stop::wrong("Not enough information: DIR is required.")) };
    if selector[40..42] == [0; 2] {
        selector[40..42].copy_from_slice(&2u16.to_ne_bytes());
    }
    let mut info = vec![0; INFO];
    info[..SELECTOR].copy_from_slice(&selector);
    info[56..56 + LIMITS].copy_from_slice(&limits);
    info[152..156].copy_from_slice(&priority.to_ne_bytes());
    info[INDEX..DIR].copy_from_slice(&index.to_ne_bytes());
    (info[DIR], info[161], info[162]) = (dir, action, bits);
    if !templates.is_empty() {
        attributes.put(TMPL, &templates);
    }
    xfrm.ask(message_kind, how, &message(&info, attributes)).map(|_| ())
}

/// `get` and `delete`: one policy, by what it selects or by its index.
fn one(run: &mut Run<'_>, xfrm: &mut Xfrm, words: &mut Words<'_>, message_kind: u16) -> Result {
    let (mut dir, mut index, mut chosen) = (None, None, false);
    let mut selector = [0; SELECTOR];
    selector[40..42].copy_from_slice(&u16::from(run.options.family.number()).to_ne_bytes());
    let mut attributes = Writer::default();
    while let Some(word) = words.take() {
        match word {
            "dir" => dir = Some(direction(words)?),
            "mark" => attributes.put(MARK, &parts::mark(words)?),
            "index" => index = Some(parts::number::<u32>(words, "INDEX value is invalid")?),
            "ptype" => {
                let kind = kind(words)?;
                attributes.put(POLICY_TYPE, &type_bytes(kind));
            }
            "if_id" => attributes.u32(IF_ID, parts::number(words, "IF_ID value is invalid")?),
            _ => {
                words.back();
                if chosen || !parts::selector(run, words, &mut selector)? {
                    return Err(Stop::invalid(word, "unknown"));
                }
                chosen = true;
            }
        }
    }
    let Some(dir) = dir else { return Err(Stop::wrong("Not enough information: DIR is required.")) };
    if !chosen && index.is_none() {
        return Err(Stop::wrong("Not enough information: either SELECTOR or INDEX is required."));
    }
    if selector[40..42] == [0; 2] {
        selector[40..42].copy_from_slice(&2u16.to_ne_bytes());
    }
    let mut id = vec![0; 64];
    id[..SELECTOR].copy_from_slice(&selector);
    id[56..60].copy_from_slice(&index.unwrap_or(0).to_ne_bytes());
    id[60] = dir;
    let answer = xfrm.ask(message_kind, 0, &message(&id, attributes))?;
    for found in answer.messages.iter().filter(|_| message_kind == GETPOLICY) {
        let text = show::policy(run, &found.bytes);
        print(run, &text);
    }
    Ok(())
}

fn list(run: &mut Run<'_>, xfrm: &mut Xfrm, words: &mut Words<'_>, delete: bool) -> Result {
    let (mut dir, mut index, mut action, mut priority, mut chosen) = (None, None, None, None, None);
    while let Some(word) = words.take() {
        match word {
            "dir" => dir = Some(direction(words)?),
            "index" => index = Some(parts::number::<u32>(words, "INDEX value is invalid")?),
            "ptype" => {
                kind(words)?;
            }
            "action" => {
                let word = words.value()?;
                let place = ["allow", "block"].iter().position(|known| *known == word);
                action = Some(place.ok_or_else(|| Stop::invalid(word, "ACTION value is invalid\n"))? as u8);
            }
            "priority" => priority = Some(parts::number::<u32>(words, "PRIORITY value is invalid\n")?),
            "flag" => {
                parts::flags(words, POLICY_FLAGS)?;
            }
            "nosock" => {}
            _ => {
                words.back();
                let mut selector = [0; SELECTOR];
                if chosen.is_some() || !parts::selector(run, words, &mut selector)? {
                    return Err(Stop::duplicate("unknown", word));
                }
                chosen = Some(selector);
            }
        }
    }
    let family = run.options.family;
    for found in xfrm.dump(GETPOLICY)? {
        let bytes = &found.bytes;
        if bytes.len() < INFO {
            continue;
        }
        let own = attr::number(&bytes[40..42]) as u8;
        let passes = (family == super::super::words::Family::Any || family.number() == own)
            && dir.is_none_or(|dir| dir == bytes[DIR])
            && index.is_none_or(|index| index == attr::u32_at(bytes, INDEX))
            && action.is_none_or(|action| action == bytes[161])
            && priority.is_none_or(|priority| priority == attr::u32_at(bytes, 152))
            && chosen.is_none_or(|wanted| selects(&wanted, bytes));
        if !passes {
            continue;
        }
        if !delete {
            let text = show::policy(run, bytes);
            print(run, &text);
            continue;
        }
        let mut id = vec![0; 64];
        id[..SELECTOR].copy_from_slice(&bytes[..SELECTOR]);
        id[56..60].copy_from_slice(&bytes[INDEX..DIR]);
        id[60] = bytes[DIR];
        let mut attributes = Writer::default();
        for kind in [POLICY_TYPE, MARK, IF_ID] {
            if let Some(value) = attr::find(&bytes[INFO..], kind) {
                attributes.put(kind, value);
            }
        }
        xfrm.ask(DELPOLICY, 0, &message(&id, attributes))?;
    }
    Ok(())
}

/// Whether a policy selects within what words chose.
fn selects(wanted: &[u8; SELECTOR], own: &[u8]) -> bool {
    let same = |place: std::ops::Range<usize>| wanted[place.clone()].iter().all(|byte| *byte == 0) || wanted[place.clone()] == own[place];
    let within = |place: usize, length: u8| {
        let bits = |bytes: &[u8]| u128::from_be_bytes(bytes[place..place + 16].try_into().unwrap_or_default());
        length == 0 || (bits(wanted) ^ bits(own)) >> (128 - u32::from(length.min(128))) == 0
    };
    within(0, wanted[42]) && within(16, wanted[43]) && same(44..45) && same(32..40)
}

fn flush(xfrm: &mut Xfrm, words: &mut Words<'_>) -> Result {
    let mut attributes = Writer::default();
    while let Some(word) = words.take() {
        match word {
            "ptype" => {
                let kind = kind(words)?;
                attributes.put(POLICY_TYPE, &type_bytes(kind));
            }
            _ => return Err(Stop::invalid(word, "unknown")),
        }
    }
    xfrm.ask(FLUSHPOLICY, 0, &attributes.bytes()).map(|_| ())
}

fn count(run: &mut Run<'_>, xfrm: &mut Xfrm) -> Result {
    let answer = xfrm.ask(GETSPDINFO, 0, &u32::MAX.to_ne_bytes())?;
    let Some(found) = answer.messages.first() else { return Err(Stop::wrong("Something wrong with SPD count")) };
    let find = |kind| attr::find(found.bytes.get(4..).unwrap_or_default(), kind).unwrap_or_default();
    let (counts, table) = (find(1), find(2));
    let at = |bytes: &[u8], place: usize| attr::u32_at(bytes, place * 4);
    let mut text = format!("\t SPD IN  {} OUT {} FWD {}", at(counts, 0), at(counts, 1), at(counts, 2));
    if run.options.stats > 0 {
        text += &format!(" (Sock: IN {} OUT {} FWD {})", at(counts, 3), at(counts, 4), at(counts, 5));
    }
    if run.options.stats > 1 {
        text += &format!("\n\t SPD buckets: count {} Max {}", at(table, 0), at(table, 1));
        for (kind, name) in [(3, "IPv4"), (4, "IPv6")] {
            if let [local, remote, ..] = find(kind) {
                text += &format!("\n\t SPD {name} thresholds: local {local} remote {remote}");
            }
        }
    }
    run.write(&(text + "\n"));
    Ok(())
}

/// `struct xfrm_userpolicy_default`: in, fwd, out; 1 is block, 2 is accept.
fn set_default(xfrm: &mut Xfrm, words: &mut Words<'_>) -> Result {
    let mut bytes = [0; 3];
    while let Some(word) = words.take() {
        let place = ["in", "fwd", "out"].iter().position(|known| *known == word).ok_or_else(|| Stop::invalid(word, "unknown direction"))?;
        let value = words.value()?;
        let action = ["block", "accept"].iter().position(|known| *known == value);
        bytes[place] = action.ok_or_else(|| Stop::invalid(value, &format!("{word} policy value is invalid")))? as u8 + 1;
    }
    xfrm.ask(SETDEFAULT, 0, &bytes).map(|_| ())
}

fn get_default(run: &mut Run<'_>, xfrm: &mut Xfrm) -> Result {
    let answer = xfrm.ask(GETDEFAULT, 0, &[0; 3])?;
    let bytes = answer.messages.first().map(|found| found.bytes.clone()).unwrap_or_default();
    let word = |place: usize| match bytes.get(place) {
        Some(1) => "block",
        Some(2) => "accept",
        _ => "unknown",
    };
    let text = format!("Default policies:\n in:  {}\n fwd: {}\n out: {}\n", word(0), word(1), word(2));
    run.write(&text);
    Ok(())
}
