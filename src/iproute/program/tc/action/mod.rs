//! Actions in filters, and `tc actions` (tc-actions(8), tc-mirred(8), tc-police(8), tc-skbedit(8), tc-vlan(8)).

mod beside;
mod edit;
mod extend;
mod police;
pub(super) mod program;
mod rewrite;
mod table;
mod tag;

pub(super) use beside::label;
pub(super) use police::{police, police_told};
pub(super) use table::command;

use super::super::Run;
use super::super::output::{Fields, Value};
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins, number as whole};
use super::{counters, illegal};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::action::{Found, Written, times};
use crate::kernel::filter::{Action, Verdict};

// TCA_ACT_… (linux/pkt_cls.h).
const STATS: u16 = 4;
const COOKIE: u16 = 6;
const FLAGS: u16 = 7;
const HARDWARE_STATS: u16 = 8;
const USED_HARDWARE_STATS: u16 = 9;
const IN_HARDWARE: u16 = 10;

fn count(text: &str) -> Option<u32> {
    whole(text).and_then(|number| u32::try_from(number).ok())
}

/// A verdict, if the next words are one.
fn verdict(words: &mut Words<'_>) -> Result<Option<Verdict>> {
    let Some(word) = words.peek() else { return Ok(None) };
    if let Some(verdict) = Verdict::parse(word) {
        words.take();
        return Ok(Some(verdict));
    }
    match word {
        "goto" => {
            words.take();
            if words.value()? != "chain" {
                return Err(Stop::wrong("\"chain\" keyword expected"));
            }
            Ok(Some(Verdict::Goto(count(words.value()?).ok_or_else(|| illegal("chain index"))?)))
        }
        "jump" => {
            words.take();
            Ok(Some(Verdict::Jump(count(words.value()?).ok_or_else(|| illegal("jump count"))?)))
        }
        _ => Ok(None),
    }
}

/// Reads actions; the word `action` is behind us. One may follow the other without that word.
pub(super) fn read_all(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    loop {
        let left = words.left();
        let Some(kind) = words.peek() else {
            return if actions.is_empty() { Err(incomplete()) } else { Ok(actions) };
        };
        match kind {
            "action" => {
                words.take();
                continue;
            }
            "flowid" | "classid" => return Ok(actions),
            _ => {}
        }
        let bad = |stop: Stop| match stop.status {
            1 if !stop.whole => {
                Stop::wrong(format!("{}bad action parsing\nparse_action: bad value ({left}:{kind})!\nIllegal \"action\"", stop.text))
            }
            _ => stop,
        };
        let mut action = one(run, words).map_err(bad)?;
        let more = beside(words)?;
        if !more.is_empty() {
            action = Action::Written(Written { more, ..action.written() });
        }
        actions.push(action);
    }
}

/// What may stand behind any action: a cookie, how it is counted in hardware, flags (linux/pkt_cls.h, TCA_ACT_…).
fn beside(words: &mut Words<'_>) -> Result<Vec<u8>> {
    let mut writer = Writer::default();
    if words.eat("cookie") {
        let text = words.value()?;
        let bytes: Option<Vec<u8>> = (0..text.len() / 2).map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
        let bytes = bytes.filter(|bytes| text.len().is_multiple_of(2) && (1..=16).contains(&bytes.len()));
        writer.put(COOKIE, &bytes.ok_or_else(|| Stop::invalid(text, "cookie must be a hex string\n"))?);
    }
    let pair = |flag: u32| [flag, flag].map(u32::to_ne_bytes).concat();
    if words.peek().is_some_and(|word| word.len() > 1 && begins(word, "hw_stats")) {
        words.take();
        let text = words.value()?;
        let chosen = match text {
            "immediate" => pair(1),
            "delayed" => pair(2),
            "disabled" => [0, 3].map(u32::to_ne_bytes).concat(),
            _ => return Err(Stop::invalid(text, "value is invalid\n")),
        };
        writer.put(HARDWARE_STATS, &chosen);
    }
    let flag = match words.peek() {
        Some("no_percpu") => 1,
        Some("skip_hw") => 2,
        Some("skip_sw") => 4,
        _ => return Ok(writer.bytes()),
    };
    words.take();
    writer.put(FLAGS, &pair(flag));
    Ok(writer.bytes())
}

/// What all actions have: a number among those of their kind, and a verdict (struct tc_gen, linux/pkt_cls.h).
struct Head {
    index: u32,
    verdict: Verdict,
}

impl Head {
    fn bytes(&self) -> Vec<u8> {
        [self.index, 0, self.verdict.number(), 0, 0].iter().flat_map(|number| number.to_ne_bytes()).collect()
    }
}

/// Reads the options of an action.
type Read = fn(&mut Run<'_>, &mut Words<'_>) -> Result<Vec<u8>>;
/// Tells an action up to its number, from its structure, its options and its verdict; returns what stands before the number.
type Tell = fn(&mut Run<'_>, &mut Fields, &[u8], &[u8], Verdict) -> &'static str;

/// A kind: its word, the attributes of its structure and of its ages, how it is read and told.
struct Kind {
    name: &'static str,
    parms: u16,
    ages: u16,
    read: Read,
    told: Tell,
}

const fn kind_of(name: &'static str, parms: u16, ages: u16, read: Read, told: Tell) -> Kind {
    Kind { name, parms, ages, read, told }
}

/// The kinds that the laboratory itself has no words for.
const OTHERS: &[Kind] = &[
    kind_of("csum", 1, 2, rewrite::csum, rewrite::csum_told),
    kind_of("nat", 1, 2, rewrite::nat, rewrite::nat_told),
    kind_of("mpls", 2, 1, rewrite::mpls, rewrite::mpls_told),
    kind_of("skbmod", 2, 1, rewrite::skbmod, rewrite::skbmod_told),
    kind_of("connmark", 1, 2, beside::connmark, beside::connmark_told),
    kind_of("ctinfo", 3, 2, beside::ctinfo, beside::ctinfo_told),
    kind_of("tunnel_key", 2, 1, beside::tunnel_key, beside::tunnel_key_told),
    kind_of("sample", 2, 1, beside::sample, beside::sample_told),
    kind_of("simple", 2, 1, beside::simple, beside::simple_told),
    kind_of("ct", 1, 2, beside::ct, beside::ct_told),
    kind_of("bpf", 2, 1, program::read, program::told),
    kind_of("ife", 1, 2, extend::ife, extend::ife_told),
    kind_of("gate", 2, 1, extend::gate, extend::gate_told),
    kind_of("pedit", 2, 1, edit::read, |_, fields, parms, _, verdict| edit::told(fields, parms, verdict)),
];

fn incomplete() -> Stop {
    Stop::incomplete()
}

/// Reads a MAC address.
fn mac(text: &str) -> Option<[u8; 6]> {
    let bytes: Option<Vec<u8>> = text.split(':').map(|part| u8::from_str_radix(part, 16).ok().filter(|_| part.len() <= 2)).collect();
    bytes?.try_into().ok()
}

fn mac_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

fn index(words: &mut Words<'_>) -> Result<u32> {
    match words.eat("index") {
        true => count(words.value()?).ok_or_else(|| illegal("index")),
        false => Ok(0),
    }
}

fn one(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Action> {
    if let Some(found) = verdict(words)? {
        return gact(words, found);
    }
    match words.value()? {
        "gact" => match verdict(words)? {
            Some(found) => gact(words, found),
            None => Err(Stop::incomplete()),
        },
        "mirred" => mirred(run, words),
        "police" => police(words).map(Action::Police),
        "skbedit" => tag::skbedit(words),
        "vlan" => tag::vlan(words),
        other => {
            let kind = OTHERS.iter().find(|kind| kind.name == other);
            let kind = kind.ok_or_else(|| super::unread(format!("Bad action type {other}")))?;
            let options = (kind.read)(run, words)?;
            Ok(Action::Written(Written { kind: other.to_string(), options, more: Vec::new() }))
        }
    }
}

fn gact(words: &mut Words<'_>, verdict_of: Verdict) -> Result<Action> {
    let mut random = None;
    if words.eat("random") {
        let determ = match words.value()? {
            "netrand" => false,
            "determ" => true,
            other => return Err(Stop::wrong(format!("Illegal \"random type\" ({other})"))),
        };
        let other = verdict(words)?.ok_or_else(Stop::incomplete)?;
        let share = words.value()?;
        let share = whole(share).and_then(|share| u16::try_from(share).ok()).filter(|share| *share <= 10_000);
        random = Some((determ, other, share.ok_or_else(|| illegal("probability val"))?));
    }
    Ok(Action::Gact { verdict: verdict_of, random, index: index(words)? })
}

fn mirred(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Action> {
    let (mut ingress, mut mirror, mut dev, mut number) = (None, None, None, 0);
    while let Some(word) = words.peek() {
        match word {
            _ if begins(word, "ingress") && word.len() > 1 => ingress = Some(true),
            _ if begins(word, "egress") => ingress = Some(false),
            _ if begins(word, "redirect") => mirror = Some(false),
            _ if begins(word, "mirror") => mirror = Some(true),
            "index" => {
                number = index(words)?;
                continue;
            }
            "dev" => {
                words.take();
                dev = Some(run.link(words.value()?)?);
                continue;
            }
            _ => break,
        }
        words.take();
        if words.done() {
            return Err(Stop::incomplete());
        }
    }
    // Only a copy may have another verdict than its own.
    let verdict = if mirror == Some(true) { verdict(words)? } else { None };
    if number == 0 {
        number = index(words)?;
    }
    let (Some(ingress), Some(mirror)) = (ingress, mirror) else {
        return match words.peek() {
            None => Err(Stop::incomplete()),
            Some(other) => Err(Stop::wrong(format!("mirred option not supported {other}"))),
        };
    };
    let dev = dev.ok_or_else(|| Stop::wrong("missing dev"))?;
    Ok(Action::Mirred { mirror, ingress, dev: (dev.index, dev.name), verdict, index: number })
}

/// A verdict; in JSON it stands in an object.
fn control(fields: &mut Fields, verdict: Verdict, before: &str) {
    let mut inner = Fields::new();
    inner.both("type", verdict.word(), format!("{before}{}", verdict.word()));
    match verdict {
        Verdict::Goto(chain) => inner.both("chain", chain, format!(" chain {chain}")),
        Verdict::Jump(count) => inner.both("jump", count, format!(" {count}")),
        _ => {}
    }
    fields.object("control_action", inner);
}

/// Prints an action: one by itself also says whether hardware has it.
pub(super) fn told(run: &mut Run<'_>, found: &Found, alone: bool) -> Fields {
    let mut fields = Fields::new();
    fields.both("order", u32::from(found.order), format!("\n\taction order {}: ", found.order));
    let (index, held, bound) = (found.index, found.held.0, found.held.1);
    let mut lead = "\n\tindex";
    match &found.action {
        Some(Action::Gact { verdict, random, .. }) => {
            fields.both("kind", "gact", "gact ");
            control(&mut fields, *verdict, "action ");
            let (kind, other, share) = match random {
                Some((true, other, share)) => ("determ", *other, *share),
                Some((false, other, share)) => ("netrand", *other, *share),
                None => ("none", Verdict::Pass, 0),
            };
            let mut prob = Fields::new();
            prob.both("random_type", kind, format!("\n\t random type {kind}"));
            control(&mut prob, other, " ");
            prob.both("val", u32::from(share), format!(" val {share}"));
            fields.object("prob", prob);
            lead = "\n\t index";
        }
        Some(Action::Mirred { mirror, ingress, dev, verdict, .. }) => {
            let name = run.name_of(dev.0);
            let (what, way) = (if *mirror { "mirror" } else { "redirect" }, if *ingress { "ingress" } else { "egress" });
            let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
            fields.both("kind", "mirred", "mirred ");
            fields.json("mirred_action", what);
            fields.json("direction", way);
            fields.both("to_dev", &name, format!("({} {} to device {name})", capital(way), capital(what)));
            control(&mut fields, verdict.unwrap_or(found.verdict), " ");
        }
        Some(Action::Police(police)) => {
            police::police_words(run, &mut fields, police, index, " ");
            fields.both("ref", held, format!("\n\tref {held}"));
            fields.both("bind", bound, format!(" bind {bound} "));
            ages(run, &mut fields, found.times);
            return end(run, fields, found, alone);
        }
        Some(Action::Skbedit { .. }) => lead = tag::skbedit_told(&mut fields, found),
        Some(Action::Vlan { .. }) => lead = tag::vlan_told(&mut fields, found),
        Some(Action::Written(_)) | None => return other_told(run, fields, found, alone),
    }
    fields.both("index", index, format!("{lead} {index}"));
    fields.both("ref", held, format!(" ref {held}"));
    fields.both("bind", bound, format!(" bind {bound}"));
    ages(run, &mut fields, found.times);
    end(run, fields, found, alone)
}

/// Prints an action of the other kinds.
fn other_told(run: &mut Run<'_>, mut fields: Fields, found: &Found, alone: bool) -> Fields {
    let Some(kind) = OTHERS.iter().find(|kind| kind.name == found.kind) else {
        fields.both("kind", &found.kind, format!("{} ", found.kind));
        return end(run, fields, found, alone);
    };
    let pedit = kind.name == "pedit";
    let parms = if pedit { edit::parms(&found.options) } else { attr::find(&found.options, kind.parms) }.unwrap_or_default();
    let at = |place: usize| attr::u32_at(parms, place * 4);
    let verdict = Verdict::of(at(2));
    let lead = match kind.name {
        "csum" | "sample" | "mpls" | "ife" | "bpf" | "skbmod" | "connmark" | "tunnel_key" | "ctinfo" => format!("{} ", kind.name),
        "ct" => kind.name.to_string(),
        "simple" => String::new(),
        "gate" => String::new(),
        name => format!(" {name} "),
    };
    match kind.name {
        "nat" => fields.both("type", kind.name, lead),
        // JSON does not name it.
        "gate" => fields.text(lead),
        _ => fields.both("kind", kind.name, lead),
    }
    let lead = (kind.told)(run, &mut fields, parms, &found.options, verdict);
    fields.both("index", at(0), format!("{lead} {}", at(0)));
    fields.both("ref", at(3), format!(" ref {}", at(3)));
    fields.both("bind", at(4), format!(" bind {}", at(4)));
    ages(run, &mut fields, attr::find(&found.options, kind.ages).map(times));
    if kind.name == "ctinfo" {
        beside::ctinfo_more(run, &mut fields, &found.options);
    }
    if pedit {
        edit::keys(&mut fields, parms, &found.options);
    }
    let mut fields = end(run, fields, found, alone);
    if kind.name == "bpf" {
        fields.text(" ");
    }
    fields
}

/// The counters behind an action.
fn end(run: &Run<'_>, mut fields: Fields, found: &Found, alone: bool) -> Fields {
    if run.options.stats > 0 && attr::find(&found.beside, STATS).is_some() {
        fields.text("\n\tAction statistics:\n");
        let mut counted = Fields::new();
        counters(&mut counted, found.stats, "\t");
        fields.object("stats", counted);
    }
    if let Some(cookie) = attr::find(&found.beside, COOKIE) {
        let text: String = cookie.iter().map(|byte| format!("{byte:02x}")).collect();
        fields.both("cookie", &text, format!("\n\tcookie {text}"));
    }
    let flags = |kind| attr::find(&found.beside, kind).map(|pair| (attr::u32_at(pair, 0), attr::u32_at(pair, 4)));
    let set = flags(FLAGS).map_or(0, |(value, _)| value);
    let on = |fields: &mut Fields, word: &str| fields.both(word, true, format!("\n\t{word}"));
    if set & 1 != 0 {
        on(&mut fields, "no_percpu");
    }
    if let Some(count) = attr::find(&found.beside, IN_HARDWARE).map(attr::number).filter(|_| alone) {
        for (flag, word) in [(2, "skip_hw"), (4, "skip_sw")] {
            if set & flag != 0 {
                on(&mut fields, word);
            }
        }
        match count {
            0 => on(&mut fields, "not_in_hw"),
            count => {
                on(&mut fields, "in_hw");
                fields.both("in_hw_count", count, format!(" in_hw_count {count}"));
            }
        }
    }
    for (kind, word) in [(HARDWARE_STATS, "hw_stats"), (USED_HARDWARE_STATS, "used_hw_stats")] {
        if let Some((value, _)) = flags(kind) {
            let names: Vec<&str> =
                [(1, "immediate"), (2, "delayed")].iter().filter(|(bit, _)| value & bit != 0).map(|(_, name)| *name).collect();
            let names = if names.is_empty() { vec!["disabled"] } else { names };
            let text: String = names.iter().map(|name| format!(" {name}")).collect();
            fields.both(word, Value::List(names.into_iter().map(Value::from).collect()), format!("\n\t{word}{text}"));
        }
    }
    fields.text("\n");
    fields
}

/// How long ago it was made, last used and first used.
fn ages(run: &Run<'_>, fields: &mut Fields, found: Option<(u64, u64, u64)>) {
    let Some((made, last, first)) = found.filter(|_| run.options.stats > 0) else { return };
    // USER_HZ is 100.
    for (key, word, ticks) in [("installed", " installed", made), ("last_used", " used", last), ("first_used", " firstused", first)] {
        if ticks != 0 {
            fields.both(key, ticks / 100, format!("{word} {} sec", ticks / 100));
        }
    }
}
