//! Actions in filters, and `tc actions` (tc-actions(8), tc-mirred(8), tc-police(8), tc-skbedit(8), tc-vlan(8)).

use super::super::Run;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins, number as whole};
use super::number::{rate_text, size_text};
use super::{class_text, counters, illegal, number};
use crate::kernel::attr::{self, Writer};
use crate::kernel::filter::action::{Found, put_all, read_all as read_found, times};
use crate::kernel::filter::{Action, Police, Verdict, parse_protocol, protocol_text};
use crate::kernel::qdisc::Rate;
use crate::kernel::talk::{CREATE, EXCL, REPLACE};

const RTM_NEWACTION: u16 = 48;
const RTM_DELACTION: u16 = 49;
const RTM_GETACTION: u16 = 50;
const TCA_ACT_TAB: u16 = 1;
const KINDS: [&str; 5] = ["gact", "mirred", "police", "skbedit", "vlan"];

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

/// Reads actions; the word `action` is behind us.
pub(super) fn read_all(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    loop {
        let left = words.left();
        let kind = words.peek().ok_or_else(Stop::incomplete)?;
        let bad = |stop: Stop| match stop.status {
            1 => Stop::wrong(format!("{}bad action parsing\nparse_action: bad value ({left}:{kind})!\nIllegal \"action\"", stop.text)),
            _ => stop,
        };
        actions.push(one(run, words).map_err(bad)?);
        if !words.eat("action") {
            return Ok(actions);
        }
    }
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
        "skbedit" => skbedit(words),
        "vlan" => vlan(words),
        other @ ("nat" | "csum" | "pedit" | "ct" | "bpf" | "sample" | "connmark" | "ctinfo" | "tunnel_key" | "simple" | "xt" | "ipt"
        | "ife" | "mpls" | "gate") => Err(Stop::wrong(format!("labsh's tc has no action \"{other}\": it has {}", KINDS.join(", ")))),
        other => Err(Stop::unreadable(format!("Bad action type {other}"))),
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
    let verdict = verdict(words)?;
    if number == 0 {
        number = index(words)?;
    }
    let (Some(ingress), Some(mirror)) = (ingress, mirror) else {
        return if words.done() { Err(Stop::incomplete()) } else { Err(Stop::wrong("mirred: direction and action are required")) };
    };
    let dev = dev.ok_or_else(|| Stop::wrong("missing dev"))?;
    Ok(Action::Mirred { mirror, ingress, dev: (dev.index, dev.name), verdict, index: number })
}

/// Reads a police; the word itself is behind us.
pub(super) fn police(words: &mut Words<'_>) -> Result<Police> {
    let mut police =
        Police { rate: Rate::default(), burst: 0, mtu: 0, peak: None, average: None, exceed: Verdict::Reclassify, conform: None, index: 0 };
    let mut burst = None;
    let bucket = |text: &str| number::size(text.split('/').next().unwrap_or_default());
    if words.done() {
        return Err(Stop::incomplete());
    }
    while let Some(word) = words.peek() {
        if let Some(found) = verdict(words)? {
            police.exceed = found;
            continue;
        }
        words.take();
        match word {
            "index" => police.index = count(words.value()?).ok_or_else(|| illegal("index"))?,
            "burst" | "buffer" | "maxburst" => burst = Some(bucket(words.value()?).ok_or_else(|| illegal("burst"))?),
            "mtu" | "minburst" => police.mtu = bucket(words.value()?).ok_or_else(|| illegal("mtu"))?,
            "mpu" => police.rate.mpu = number::size(words.value()?).and_then(|n| u16::try_from(n).ok()).ok_or_else(|| illegal("mpu"))?,
            "rate" => police.rate.bits = number::rate(words.value()?).ok_or_else(|| illegal("rate"))?,
            "avrate" => police.average = Some(number::rate(words.value()?).ok_or_else(|| illegal("rate"))?),
            "peakrate" => police.peak = Some(Rate::plain(number::rate(words.value()?).ok_or_else(|| illegal("peakrate"))?)),
            "overhead" => police.rate.overhead = words.value()?.parse().map_err(|_| illegal("overhead"))?,
            "linklayer" => {
                police.rate.atm = match words.value()? {
                    "ethernet" => false,
                    "atm" | "adsl" => true,
                    _ => return Err(illegal("linklayer")),
                }
            }
            "action" if words.peek().is_some_and(|next| Verdict::parse(next).is_none() && !KINDS.contains(&next)) => {}
            "action" => {
                words.back();
                break;
            }
            "conform-exceed" => {
                let text = words.value()?;
                let (exceed, conform) = text.split_once('/').map_or((text, None), |(exceed, conform)| (exceed, Some(conform)));
                let read = |word: &str| Verdict::parse(word).ok_or_else(|| illegal("action"));
                police.exceed = read(exceed)?;
                police.conform = conform.map(read).transpose()?;
            }
            _ => {
                words.back();
                break;
            }
        }
    }
    match (police.rate.bits > 0, burst) {
        (true, None) => return Err(Stop::wrong("'burst' requires 'rate'.")),
        (false, _) if police.average.is_none() => return Err(Stop::wrong("'rate' or 'avrate' MUST be specified.")),
        _ => {}
    }
    if police.peak.is_some() && police.rate.bits == 0 {
        return Err(Stop::wrong("'peakrate' requires 'rate'."));
    }
    police.burst = burst.unwrap_or(0);
    police.peak = police.peak.map(|peak| Rate { bits: peak.bits, ..police.rate });
    Ok(police)
}

fn skbedit(words: &mut Words<'_>) -> Result<Action> {
    let (mut mark, mut priority, mut queue) = (None, None, None);
    while let Some(word) = words.peek() {
        match word {
            "mark" => {
                words.take();
                let text = words.value()?;
                let (value, mask) = text.split_once('/').map_or((text, None), |(value, mask)| (value, Some(mask)));
                let mask = mask.map(|mask| count(mask).ok_or_else(|| illegal("mark"))).transpose()?;
                mark = Some((count(value).ok_or_else(|| illegal("mark"))?, mask));
            }
            "priority" => {
                words.take();
                priority = Some(super::class_id(words.value()?).ok_or_else(|| illegal("priority"))?);
            }
            "queue_mapping" => {
                words.take();
                queue = Some(whole(words.value()?).and_then(|n| u16::try_from(n).ok()).ok_or_else(|| illegal("queue_mapping"))?);
            }
            _ => break,
        }
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    Ok(Action::Skbedit { mark, priority, queue, verdict })
}

fn vlan(words: &mut Words<'_>) -> Result<Action> {
    let what = match words.value()? {
        word if begins(word, "pop") => 1,
        word if begins(word, "push") => 2,
        word if begins(word, "modify") => 3,
        other => return Err(Stop::wrong(format!("what is \"{other}\"?"))),
    };
    let (mut id, mut protocol, mut priority) = (None, None, None);
    while let Some(word) = words.peek() {
        match word {
            "id" => {
                words.take();
                id = Some(whole(words.value()?).and_then(|n| u16::try_from(n).ok()).filter(|n| *n < 4096).ok_or_else(|| illegal("id"))?);
            }
            "protocol" => {
                words.take();
                protocol = Some(parse_protocol(words.value()?).ok_or_else(|| illegal("protocol"))?);
            }
            "priority" => {
                words.take();
                priority =
                    Some(whole(words.value()?).and_then(|n| u8::try_from(n).ok()).filter(|n| *n < 8).ok_or_else(|| illegal("prio"))?);
            }
            _ => break,
        }
    }
    if what != 1 && id.is_none() && what == 2 {
        return Err(Stop::wrong("id needs to be set for push"));
    }
    let verdict = verdict(words)?.unwrap_or(Verdict::Pipe);
    Ok(Action::Vlan { what, id, protocol, priority, verdict })
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

/// Prints an action of a filter.
pub(super) fn told(run: &mut Run<'_>, found: &Found) -> Fields {
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
            police_words(run, &mut fields, police, index, " ");
            fields.both("ref", held, format!("\n\tref {held}"));
            fields.both("bind", bound, format!(" bind {bound} "));
            ages(run, &mut fields, found.times);
            return end(run, fields, found);
        }
        Some(Action::Skbedit { mark, priority, queue, verdict }) => {
            fields.both("kind", "skbedit", "skbedit ");
            if let Some(queue) = queue {
                fields.both("queue_mapping", u32::from(*queue), format!(" queue_mapping {queue}"));
            }
            if let Some(priority) = priority {
                fields.both("priority", class_text(*priority), format!(" priority {}", class_text(*priority)));
            }
            if let Some((mark, mask)) = mark {
                fields.both("mark", *mark, format!(" mark {mark}"));
                if let Some(mask) = mask.filter(|mask| *mask != u32::MAX) {
                    fields.both("mask", format!("{mask:#x}"), format!("/{mask:#x}"));
                }
            }
            control(&mut fields, *verdict, " ");
            lead = "\n\t index";
        }
        Some(Action::Vlan { what, id, protocol, priority, verdict }) => {
            let word = ["pop", "push", "modify"][(what.saturating_sub(1) as usize).min(2)];
            fields.both("kind", "vlan", "vlan ");
            fields.both("vlan_action", word, format!(" {word}"));
            if let Some(id) = id {
                fields.both("id", u32::from(*id), format!(" id {id}"));
            }
            if let Some(protocol) = protocol {
                fields.both("protocol", protocol_text(*protocol), format!(" protocol {}", protocol_text(*protocol)));
            }
            if let Some(priority) = priority {
                fields.both("priority", u32::from(*priority), format!(" priority {priority}"));
            }
            control(&mut fields, *verdict, " ");
            lead = "\n\t index";
        }
        None => {
            fields.both("kind", &found.kind, format!("{} ", found.kind));
            control(&mut fields, found.verdict, "");
        }
    }
    fields.both("index", index, format!("{lead} {index}"));
    fields.both("ref", held, format!(" ref {held}"));
    fields.both("bind", bound, format!(" bind {bound}"));
    ages(run, &mut fields, found.times);
    end(run, fields, found)
}

/// The counters behind an action.
fn end(run: &Run<'_>, mut fields: Fields, found: &Found) -> Fields {
    if run.options.stats > 0 {
        fields.text("\n\tAction statistics:\n");
        let mut counted = Fields::new();
        counters(&mut counted, found.stats, "\t");
        fields.object("stats", counted);
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

fn police_words(run: &Run<'_>, fields: &mut Fields, police: &Police, index: u32, before: &str) {
    fields.both("kind", "police", format!("{before}police "));
    fields.both("index", index, format!("{index:#x} "));
    let mut text = String::new();
    if police.rate.bits > 0 {
        text += &format!("rate {} burst {} ", rate_text(police.rate.bits, run.options.iec), size_text(police.burst.into()));
    }
    text += &format!("mtu {} ", size_text(police.mtu.into()));
    if run.options.raw {
        text += &format!("[{:08x}] ", police.rate.ticks(police.burst));
    }
    if let Some(peak) = police.peak {
        text += &format!("peakrate {} ", rate_text(peak.bits, run.options.iec));
    }
    if let Some(average) = police.average {
        text += &format!("avrate {} ", rate_text(average, run.options.iec));
    }
    fields.text(text);
    control(fields, police.exceed, "action ");
    if let Some(conform) = police.conform.filter(|conform| *conform != Verdict::Pass) {
        control(fields, conform, "/");
    }
    fields.text(" ");
    fields.both("overhead", u32::from(police.rate.overhead), format!("overhead {} ", size_text(police.rate.overhead.into())));
    if police.rate.atm || run.options.details > 0 {
        let word = if police.rate.atm { "atm" } else { "ethernet" };
        fields.both("linklayer", word, format!("linklayer {word} "));
    }
}

/// Prints the police of a filter in its older form.
pub(super) fn police_told(run: &mut Run<'_>, fields: &mut Fields, bytes: &[u8]) {
    let Some((police, held, bound)) = Police::read(bytes) else { return };
    police_words(run, fields, &police, police.index, " ");
    fields.both("ref", held, format!("\n\tref {held}"));
    fields.both("bind", bound, format!(" bind {bound} "));
    ages(run, fields, attr::find(bytes, 6).map(times));
    fields.text("\n");
}

/// `tc actions`.
pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => Ok(()),
        Some(verb) if begins(verb, "add") => set(run, words, EXCL | CREATE),
        Some(verb) if begins(verb, "change") || begins(verb, "replace") => set(run, words, CREATE | REPLACE),
        Some(verb) if begins(verb, "delete") => by_index(run, words, RTM_DELACTION),
        Some(verb) if begins(verb, "get") => by_index(run, words, RTM_GETACTION),
        Some(verb) if begins(verb, "list") || begins(verb, "show") || begins(verb, "lst") => list(run, words),
        Some(verb) if begins(verb, "flush") => {
            let kind = kind(words)?;
            let mut table = Writer::new(&[0; 4]);
            table.nest(TCA_ACT_TAB, |table| table.nest(1, |action| action.text(1, kind)));
            const NLM_F_ROOT: u16 = 0x100;
            run.change(RTM_DELACTION, NLM_F_ROOT, &table.bytes()).map_err(talking)
        }
        Some(verb) => Err(Stop::unreadable(format!("Command \"{verb}\" is unknown, try \"tc actions help\"."))),
    }
}

fn talking(stop: Stop) -> Stop {
    match stop.status {
        2 => Stop { text: format!("{}We have an error talking to the kernel\n", stop.text), status: 255, ..stop },
        _ => stop,
    }
}

fn set(run: &mut Run<'_>, words: &mut Words<'_>, flags: u16) -> Result {
    if !words.eat("action") {
        return Err(Stop::unreadable("Command line is not complete. Try option \"help\""));
    }
    let actions = read_all(run, words)?;
    let mut message = Writer::new(&[0; 4]);
    message.nest(TCA_ACT_TAB, |table| put_all(table, &actions));
    run.change(RTM_NEWACTION, flags, &message.bytes()).map_err(talking)
}

fn kind<'a>(words: &mut Words<'a>) -> Result<&'a str> {
    words.eat("action");
    words.value()
}

fn by_index(run: &mut Run<'_>, words: &mut Words<'_>, message: u16) -> Result {
    let kind = kind(words)?;
    if !words.eat("index") {
        return Err(Stop::wrong("Error: action index is required"));
    }
    let index = count(words.value()?).ok_or_else(|| illegal("index"))?;
    let mut table = Writer::new(&[0; 4]);
    table.nest(TCA_ACT_TAB, |table| {
        table.nest(1, |action| {
            action.text(1, kind);
            action.u32(3, index);
        });
    });
    let answer = run.ask(message, 0, &table.bytes()).map_err(talking)?;
    if message == RTM_GETACTION {
        for message in answer.messages {
            print(run, &message.bytes);
        }
    }
    Ok(())
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let kind = kind(words)?;
    let mut table = Writer::new(&[0; 4]);
    table.nest(TCA_ACT_TAB, |table| table.nest(1, |action| action.text(1, kind)));
    for answer in run.dump(RTM_GETACTION, &table.bytes())? {
        print(run, &answer.bytes);
    }
    Ok(())
}

/// Prints the actions of an answer, which begins with how many there are.
fn print(run: &mut Run<'_>, bytes: &[u8]) {
    const ROOT_COUNT: u16 = 3;
    let attributes = bytes.get(4..).unwrap_or_default();
    let found = attr::find(attributes, TCA_ACT_TAB).map(read_found).unwrap_or_default();
    let mut all = Vec::new();
    if let Some(count) = attr::find(attributes, ROOT_COUNT).map(attr::number) {
        let mut total = Fields::new();
        total.both("total acts", count, format!("total acts {count}\n"));
        all.push(total);
    }
    let list: Vec<Fields> = found.iter().map(|found| told(run, found)).collect();
    let mut actions = Fields::new();
    actions.objects("actions", list);
    all.push(actions);
    run.print(&all);
}
