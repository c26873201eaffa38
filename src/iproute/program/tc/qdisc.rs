//! `tc qdisc`.

use super::super::Run;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins, number as whole};
use super::{ROOT, Verb, class_text, estimator, has_stats, kind, stab, stats};
use crate::kernel::attr::{self, Writer};
use crate::kernel::qdisc::{INGRESS, Place, RTM_DELQDISC, RTM_GETQDISC, RTM_NEWQDISC, TCA_KIND, TCA_OPTIONS};

const TCA_STAB: u16 = 8;
const TCA_DUMP_INVISIBLE: u16 = 10;
const TCA_INGRESS_BLOCK: u16 = 13;
const TCA_EGRESS_BLOCK: u16 = 14;
const INGRESS_HANDLE: u32 = 0xffff_0000;

const HELP: &str = "Usage: tc qdisc [ add | del | replace | change | show ] dev DEV [ handle QHANDLE ] \
[ root | ingress | clsact | parent CLASSID ] [ QDISC_KIND OPTIONS ]\n";

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match super::verb("qdisc", &["get"], words)? {
        Verb::Set(flags) => modify(run, words, RTM_NEWQDISC, flags),
        Verb::Delete => modify(run, words, RTM_DELQDISC, 0),
        Verb::Show | Verb::Get => show(run, words),
        Verb::Help => {
            run.say(HELP.trim_end());
            Ok(())
        }
    }
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, message: u16, flags: u16) -> Result {
    let (mut dev, mut parent, mut handle) = (None, None, 0);
    let mut options = Writer::default();
    while let Some(word) = words.take() {
        match word {
            "dev" => {
                let name = words.value()?;
                if dev.replace(name).is_some() {
                    return Err(Stop::duplicate("dev", name));
                }
            }
            "handle" => {
                let text = words.value()?;
                handle = super::handle(text).ok_or_else(|| Stop::invalid(text, "invalid qdisc ID"))?;
            }
            "root" if parent.replace(ROOT).is_some() => return Err(super::unread("Error: \"root\" is duplicate parent ID")),
            "root" => {}
            "clsact" | "ingress" => {
                if parent.replace(INGRESS).is_some() {
                    return Err(super::unread(format!("Error: \"{word}\" is a duplicate parent ID")));
                }
                options.text(TCA_KIND, word);
                handle = INGRESS_HANDLE;
                if let Some(other) = words.take() {
                    return Err(super::what_is(other, word));
                }
            }
            "parent" => {
                let text = words.value()?;
                let id = super::class_id(text).ok_or_else(|| Stop::invalid(text, "invalid parent ID"))?;
                if parent.replace(id).is_some() {
                    return Err(Stop::duplicate("parent", text));
                }
            }
            "stab" => {
                let table = stab::read(words)?;
                options.nest_plain(TCA_STAB, |nest| nest.append(&table));
            }
            "ingress_block" | "egress_block" => {
                let text = words.value()?;
                let block = whole(text).and_then(|block| u32::try_from(block).ok()).filter(|block| *block != 0);
                let (kind, name) = if word == "ingress_block" { (TCA_INGRESS_BLOCK, "ingress") } else { (TCA_EGRESS_BLOCK, "egress") };
                options.u32(kind, block.ok_or_else(|| Stop::invalid(text, &format!("invalid {name} block index value")))?);
            }
            _ if begins(word, "estimator") => options.put(estimator::ATTRIBUTE, &estimator::read(words)?),
            "help" => {
                run.say(HELP.trim_end());
                return Ok(());
            }
            name => {
                options.text(TCA_KIND, name);
                if let Some(bytes) = kind::read(run, dev, name, words)? {
                    options.put(kind::attribute(name), &bytes);
                }
                break;
            }
        }
    }
    let index = dev.map(|dev| run.link(dev)).transpose()?.map_or(0, |link| link.index);
    let mut bytes = Place { index, handle, parent: parent.unwrap_or(0) }.header();
    bytes.extend(options.bytes());
    run.change(message, flags, &bytes)
}

fn show(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut dev, mut parent, mut handle) = (None, None, None);
    let mut message = Writer::default();
    while let Some(word) = words.take() {
        match word {
            "dev" => dev = Some(words.value()?),
            "root" | "ingress" | "clsact" if parent.is_some() => {
                return Err(super::unread(format!("Error: \"{word}\" is a duplicate parent ID")));
            }
            "root" => parent = Some(ROOT),
            "ingress" | "clsact" => parent = Some(INGRESS),
            "parent" => {
                let text = words.value()?;
                parent = Some(super::class_id(text).ok_or_else(|| Stop::invalid(text, "invalid parent ID"))?);
            }
            "handle" => {
                let text = words.value()?;
                handle = Some(super::handle(text).ok_or_else(|| Stop::invalid(text, "invalid qdisc ID"))?);
            }
            "invisible" => message.put(TCA_DUMP_INVISIBLE, &[]),
            word if begins(word, "help") => {
                run.say(HELP.trim_end());
                return Ok(());
            }
            word => return Err(super::unread(format!("What is \"{word}\"? Try \"tc qdisc help\"."))),
        }
    }
    let index = dev.map(|dev| run.link(dev)).transpose()?.map_or(0, |link| link.index);
    let mut bytes = Place { index, handle: 0, parent: 0 }.header();
    bytes.extend(message.bytes());
    let mut found = Vec::new();
    for answer in run.dump(RTM_GETQDISC, &bytes)? {
        let at = |place: usize| attr::u32_at(&answer.bytes, place * 4);
        if (index != 0 && at(1) != index) || parent.is_some_and(|parent| at(3) != parent) || handle.is_some_and(|handle| at(2) != handle) {
            continue;
        }
        found.push(one(run, &answer.bytes, index == 0));
    }
    run.print(&found);
    Ok(())
}

/// Prints a discipline.
pub(super) fn one(run: &mut Run<'_>, bytes: &[u8], with_dev: bool) -> Fields {
    let at = |place: usize| attr::u32_at(bytes, place * 4);
    let (index, handle, parent, count) = (at(1), at(2), at(3), at(4));
    let attributes = bytes.get(20..).unwrap_or_default();
    let name = attr::find(attributes, TCA_KIND).map(attr::text).unwrap_or_default();
    let mut fields = Fields::new();
    fields.both("kind", &name, format!("qdisc {name}"));
    let raw = if run.options.raw { format!("[{handle:08x}]") } else { String::new() };
    fields.both("handle", format!("{:x}:", handle >> 16), format!(" {:x}:{raw} ", handle >> 16));
    if with_dev {
        let dev = run.name_of(index);
        fields.both("dev", &dev, format!("dev {dev} "));
    }
    match parent {
        ROOT => fields.both("root", true, "root "),
        0 => {}
        parent => fields.both("parent", class_text(parent), format!("parent {} ", class_text(parent))),
    }
    if count != 1 {
        fields.both("refcnt", count, format!("refcnt {count} "));
    }
    for (kind, word) in [(TCA_INGRESS_BLOCK, "ingress_block"), (TCA_EGRESS_BLOCK, "egress_block")] {
        if let Some(block) = attr::find(attributes, kind).map(attr::number) {
            fields.both(word, block, format!("{word} {block} "));
        }
    }
    let options = attr::find(attributes, TCA_OPTIONS).unwrap_or_default();
    fields.object("options", kind::told(&run.options, &name, options));
    fields.text("\n");
    if let Some(table) = attr::find(attributes, TCA_STAB) {
        stab::told(&mut fields, table, &run.options);
    }
    if run.options.stats > 0 && has_stats(attributes) {
        stats(&mut fields, attributes, " ");
        fields.text("\n");
        kind::counts(&mut fields, &name, attributes, &run.options);
    }
    fields
}
