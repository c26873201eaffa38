//! Disciplines, classes and filters written as the `tc` line that does the same.

use super::sentence::in_netns;
use crate::kernel::field;
use crate::kernel::filter::{self, Action, Match, Police, U32, Verdict, u32};
use crate::kernel::qdisc::{Class, ClassSpec, Curve, Htb, INGRESS, Mode, Netem, ROOT, Rate, Spec};
use crate::lab::qdisc::handle_text;
use crate::lab::{Link, Netns, units};
use std::time::Duration;

fn tc(netns: &Netns) -> String {
    in_netns("tc", netns)
}

fn at(parent: u32, handle: u32) -> String {
    let place = match parent {
        ROOT => " root".to_string(),
        INGRESS => return String::new(),
        parent => format!(" parent {}", handle_text(parent)),
    };
    match handle {
        0 => place,
        handle => format!("{place} handle {}", handle_text(handle)),
    }
}

/// `tc qdisc add|change|replace …`.
pub fn qdisc_set(link: &Link, mode: Mode, spec: &Spec, parent: u32, handle: u32) -> String {
    let words = match spec {
        Spec::Netem(netem) => netem_words(netem),
        Spec::Tbf(tbf) => {
            let peak = tbf.peak.map(|(rate, mtu)| format!(" peakrate {}bit mtu {mtu}", rate.bits)).unwrap_or_default();
            format!(" rate {}bit burst {} limit {}{peak}{}", tbf.rate.bits, tbf.burst, tbf.limit, layer(tbf.rate))
        }
        Spec::Htb(htb) => {
            let mut words = String::new();
            words.extend((htb.default != 0).then(|| format!(" default {:x}", htb.default)));
            words.extend((htb.r2q != Htb::default().r2q).then(|| format!(" r2q {}", htb.r2q)));
            words.extend(htb.direct_qlen.map(|packets| format!(" direct_qlen {packets}")));
            words
        }
        Spec::Hfsc(0) => String::new(),
        Spec::Hfsc(default) => format!(" default {default:x}"),
        Spec::Prio(prio) => format!(" bands {} priomap {}", prio.bands, prio.map.map(|band| band.to_string()).join(" ")),
        Spec::Fifo(_, limit) => limit.map(|limit| format!(" limit {limit}")).unwrap_or_default(),
        Spec::Sfq(sfq) => {
            let numbers = [
                ("limit", sfq.limit),
                ("perturb", sfq.perturb),
                ("quantum", sfq.quantum),
                ("divisor", sfq.divisor),
                ("flows", sfq.flows),
                ("depth", sfq.depth),
            ];
            let mut words: String = numbers.iter().filter(|(_, n)| *n != 0).map(|(word, n)| format!(" {word} {n}")).collect();
            words.extend(sfq.headdrop.then_some(" headdrop"));
            words
        }
        Spec::Plain(_, settings) => field::words(settings),
    };
    format!("{} qdisc {} dev {}{} {}{words}", tc(&link.netns()), mode.word(), link.name(), at(parent, handle), spec.kind())
}

fn netem_words(netem: &Netem) -> String {
    let time = |span: Duration| format!("{}us", span.as_nanos() as f64 / 1000.0);
    let mut words = String::new();
    let mut say = |word: &str, values: &[Option<String>]| {
        if values.first().is_some_and(Option::is_some) {
            words += &format!(" {word}");
            words.extend(values.iter().flatten().map(|value| format!(" {value}")));
        }
    };
    let share = |value: Option<f64>| value.map(units::share);
    say("limit", &[netem.limit.map(|limit| limit.to_string())]);
    say("delay", &[netem.delay.map(time), netem.jitter.map(time), share(netem.delay_correlation)]);
    say("distribution", &[netem.distribution.map(|distribution| distribution.word().to_string())]);
    say("loss", &[share(netem.loss), share(netem.loss_correlation)]);
    say("loss gemodel", &netem.gemodel.map_or([None, None, None, None], |shares| shares.map(|value| Some(units::share(value)))));
    say("loss state", &netem.state.map_or([const { None }; 5], |shares| shares.map(|value| Some(units::share(value)))));
    say("ecn", &[netem.ecn.then(String::new)]);
    say("corrupt", &[share(netem.corrupt), share(netem.corrupt_correlation)]);
    say("duplicate", &[share(netem.duplicate), share(netem.duplicate_correlation)]);
    say("reorder", &[share(netem.reorder), share(netem.reorder_correlation)]);
    say("gap", &[netem.gap.map(|gap| gap.to_string())]);
    let (packet, cell, per_cell) = netem.rate_overhead;
    let overhead = (netem.rate_overhead != (0, 0, 0)).then(|| format!("{packet} {cell} {per_cell}"));
    say("rate", &[netem.rate.map(|rate| format!("{rate}bit")), overhead]);
    if let Some(slot) = &netem.slot {
        let spread = slot.distribution.map(|distribution| format!("distribution {}", distribution.word()));
        let limits = [("packets", slot.packets), ("bytes", slot.bytes)];
        let limits =
            limits.iter().filter(|(_, limit)| *limit != 0).map(|(word, limit)| format!("{word} {limit}")).collect::<Vec<_>>().join(" ");
        say("slot", &[Some(spread.unwrap_or_default()), Some(time(slot.times.0)), Some(time(slot.times.1)), Some(limits)]);
    }
    say("seed", &[netem.seed.map(|seed| seed.to_string())]);
    words.replace("  ", " ").trim_end().to_string()
}

/// `tc qdisc del …`.
pub fn qdisc_del(link: &Link, parent: u32) -> String {
    let place = if parent == INGRESS { " ingress".to_string() } else { at(parent, 0) };
    format!("{} qdisc del dev {}{place}", tc(&link.netns()), link.name())
}

/// What a packet costs beside its bytes.
fn layer(rate: Rate) -> String {
    let numbers = [("overhead", rate.overhead), ("mpu", rate.mpu)];
    let mut words: String = numbers.iter().filter(|(_, n)| *n != 0).map(|(word, n)| format!(" {word} {n}")).collect();
    words.extend(rate.atm.then_some(" linklayer atm"));
    words
}

/// `tc class add|change|replace …`.
pub fn class_set(link: &Link, mode: Mode, class: &ClassSpec, parent: u32, handle: u32) -> String {
    let number = |word: &str, number: &Option<u32>| number.map(|number| format!(" {word} {number}")).unwrap_or_default();
    let words = match class {
        ClassSpec::Htb(Class { rate, ceil, burst, cburst, prio, quantum }) => {
            let (bits, most) = (rate.bits, ceil.bits);
            let quantum = if *quantum == 0 { String::new() } else { format!(" quantum {quantum}") };
            format!(" rate {bits}bit ceil {most}bit burst {burst} cburst {cburst} prio {prio}{quantum}{}", layer(*rate))
        }
        ClassSpec::Drr(quantum) => number("quantum", quantum),
        ClassSpec::Qfq(weight, largest) => [number("weight", weight), number("maxpkt", largest)].concat(),
        ClassSpec::Hfsc(curves) => {
            let curve = |word: &str, curve: Option<Curve>| {
                curve.map(|c| format!(" {word} m1 {}bit d {}us m2 {}bit", c.first, c.micros, c.then)).unwrap_or_default()
            };
            [curve("rt", curves.real_time), curve("ls", curves.link_share), curve("ul", curves.upper_limit)].concat()
        }
    };
    let (parent, handle, mode) = (handle_text(parent), handle_text(handle), mode.word());
    format!("{} class {mode} dev {} parent {parent} classid {handle} {}{words}", tc(&link.netns()), link.name(), class.kind())
}

/// `tc class del …`.
pub fn class_del(link: &Link, handle: u32) -> String {
    format!("{} class del dev {} classid {}", tc(&link.netns()), link.name(), handle_text(handle))
}

/// `tc filter add|change|replace …`.
pub fn filter_set(link: &Link, mode: Mode, place: filter::Place, spec: &filter::Spec) -> String {
    let mut words = place_words(place);
    match &spec.looks {
        Match::Fw(mask) => {
            let mask = mask.map(|mask| format!("/{mask:#x}")).unwrap_or_default();
            words += &format!(" handle {:#x}{mask} fw", place.handle);
        }
        looks => {
            if place.handle != 0 {
                let number = if matches!(looks, Match::U32(_)) { u32::handle_text(place.handle) } else { place.handle.to_string() };
                words += &format!(" handle {number}");
            }
            words += &format!(" {}", looks.kind());
        }
    }
    match &spec.looks {
        Match::U32(looks) => words += &u32_words(looks),
        Match::Flower(looks, _) => words.extend(looks.told(place.protocol).iter().map(|told| format!(" {} {}", told.key.name, told.text))),
        _ => {}
    }
    words.extend(spec.class.map(|class| format!(" flowid {}", handle_text(class))));
    words.extend(spec.police.as_ref().map(|police| format!(" {}", police_words(police))));
    for action in &spec.actions {
        words += &format!(" action {}", action_words(action));
    }
    format!("{} filter {} dev {}{words}", tc(&link.netns()), mode.word(), link.name())
}

/// `tc filter del …`.
pub fn filter_del(link: &Link, place: filter::Place, kind: Option<&str>) -> String {
    let mut words = place_words(place);
    if place.handle != 0 {
        let number = if kind == Some("u32") { u32::handle_text(place.handle) } else { place.handle.to_string() };
        words += &format!(" handle {number}");
    }
    words.extend(kind.map(|kind| format!(" {kind}")));
    format!("{} filter del dev {}{words}", tc(&link.netns()), link.name())
}

fn place_words(place: filter::Place) -> String {
    let mut words = match place.parent {
        0 | ROOT => String::new(),
        filter::AT_INGRESS => " ingress".to_string(),
        filter::AT_EGRESS => " egress".to_string(),
        parent => format!(" parent {}", handle_text(parent)),
    };
    words.extend(place.chain.map(|chain| format!(" chain {chain}")));
    if place.protocol != 0 {
        words += &format!(" protocol {}", filter::protocol_text(place.protocol));
    }
    if place.prio != 0 {
        words += &format!(" prio {}", place.prio);
    }
    words
}

fn u32_words(looks: &U32) -> String {
    let mut words = String::new();
    words.extend(looks.divisor.map(|divisor| format!(" divisor {divisor}")));
    words.extend(looks.table.map(|table| format!(" ht {}", u32::handle_text(table))));
    if looks.keys.is_empty() && looks.divisor.is_none() && looks.mark.is_none() {
        words += " match u32 0 0";
    }
    words.extend(looks.mark.map(|(value, mask)| format!(" match mark {value:#x} {mask:#x}")));
    for key in &looks.keys {
        let next = if key.next == 0 { "" } else { "nexthdr+" };
        words += &format!(" match u32 {:#010x} {:#010x} at {next}{}", key.value, key.mask, key.at);
    }
    words.extend(looks.link.map(|table| format!(" link {}", u32::handle_text(table))));
    words.extend(looks.hash.map(|(mask, at)| format!(" hashkey mask {mask:#010x} at {at}")));
    words
}

fn police_words(police: &Police) -> String {
    let mut words = String::from("police");
    words.extend((police.rate.bits != 0).then(|| format!(" rate {}bit burst {}", police.rate.bits, police.burst)));
    words.extend((police.mtu != 0).then(|| format!(" mtu {}", police.mtu)));
    words.extend(police.peak.map(|peak| format!(" peakrate {}bit", peak.bits)));
    words.extend(police.average.map(|average| format!(" avrate {average}bit")));
    words += &format!(" conform-exceed {}", police.exceed.word());
    words.extend(police.conform.map(|conform| format!("/{}", conform.word())));
    words
}

fn action_words(action: &Action) -> String {
    let end = |verdict: &Verdict, usual: Verdict| if *verdict == usual { String::new() } else { format!(" {}", verdict_words(verdict)) };
    match action {
        Action::Gact { verdict, random, .. } => {
            let kind = |determ: &bool| if *determ { "determ" } else { "netrand" };
            let random = random.as_ref().map(|(determ, other, value)| format!(" random {} {} {value}", kind(determ), other.word()));
            format!("{}{}", verdict_words(verdict), random.unwrap_or_default())
        }
        Action::Mirred { mirror, ingress, dev, verdict, .. } => {
            let (way, what) = (if *ingress { "ingress" } else { "egress" }, if *mirror { "mirror" } else { "redirect" });
            let verdict = verdict.as_ref().map(|verdict| format!(" {}", verdict_words(verdict))).unwrap_or_default();
            format!("mirred {way} {what} dev {}{verdict}", dev.1)
        }
        Action::Police(police) => police_words(police),
        Action::Written(written) => written.kind.clone(),
        Action::Skbedit { mark, priority, queue, verdict } => {
            let mut words = String::from("skbedit");
            words.extend(priority.map(|priority| format!(" priority {}", handle_text(priority))));
            words.extend(mark.map(|(mark, mask)| format!(" mark {mark}{}", mask.map(|mask| format!("/{mask:#x}")).unwrap_or_default())));
            words.extend(queue.map(|queue| format!(" queue_mapping {queue}")));
            format!("{words}{}", end(verdict, Verdict::Pipe))
        }
        Action::Vlan { what, id, protocol, priority, verdict } => {
            let mut words = format!("vlan {}", ["pop", "push", "modify"][(what.saturating_sub(1) as usize).min(2)]);
            words.extend(id.map(|id| format!(" id {id}")));
            words.extend(protocol.map(|protocol| format!(" protocol {}", filter::protocol_text(protocol))));
            words.extend(priority.map(|priority| format!(" priority {priority}")));
            format!("{words}{}", end(verdict, Verdict::Pipe))
        }
    }
}

fn verdict_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Goto(chain) => format!("goto chain {chain}"),
        Verdict::Jump(count) => format!("jump {count}"),
        other => other.word().to_string(),
    }
}
