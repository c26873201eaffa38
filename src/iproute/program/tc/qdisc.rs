//! `tc qdisc`.

use super::super::Run;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins};
use super::{ROOT, class_text, kind, stats, told};
use crate::kernel::attr::{self, Writer};
use crate::kernel::qdisc::{INGRESS, Place, RTM_DELQDISC, RTM_GETQDISC, RTM_NEWQDISC, TCA_KIND, TCA_OPTIONS};
use crate::kernel::talk::{CREATE, EXCL, REPLACE};

const TCA_DUMP_INVISIBLE: u16 = 10;
const INGRESS_HANDLE: u32 = 0xffff_0000;

const HELP: &str = "Usage: tc qdisc [ add | del | replace | change | show ] dev DEV [ handle QHANDLE ] \
[ root | ingress | clsact | parent CLASSID ] [ QDISC_KIND OPTIONS ]\n";

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => show(run, words),
        Some(verb) if begins(verb, "add") => modify(run, words, RTM_NEWQDISC, EXCL | CREATE),
        Some(verb) if begins(verb, "change") => modify(run, words, RTM_NEWQDISC, 0),
        Some(verb) if begins(verb, "replace") => modify(run, words, RTM_NEWQDISC, CREATE | REPLACE),
        Some(verb) if begins(verb, "link") => modify(run, words, RTM_NEWQDISC, REPLACE),
        Some(verb) if begins(verb, "delete") => modify(run, words, RTM_DELQDISC, 0),
        Some(verb) if begins(verb, "show") || begins(verb, "list") || begins(verb, "lst") => show(run, words),
        Some(verb) if begins(verb, "help") => {
            run.say(HELP.trim_end());
            Ok(())
        }
        Some(verb) => Err(Stop::unreadable(format!("Command \"{verb}\" is unknown, try \"tc qdisc help\"."))),
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
            "root" if parent.replace(ROOT).is_some() => return Err(Stop::unreadable("Error: \"root\" is duplicate parent ID")),
            "root" => {}
            "clsact" | "ingress" => {
                if parent.replace(INGRESS).is_some() {
                    return Err(Stop::unreadable(format!("Error: \"{word}\" is a duplicate parent ID")));
                }
                options.text(TCA_KIND, word);
                handle = INGRESS_HANDLE;
                if let Some(other) = words.take() {
                    return Err(match word {
                        "ingress" => super::what_is(other, "ingress"),
                        _ => Stop::wrong(format!("Unknown qdisc \"{word}\", hence option \"{other}\" is unparsable")),
                    });
                }
            }
            "parent" => {
                let text = words.value()?;
                let id = super::class_id(text).ok_or_else(|| Stop::invalid(text, "invalid parent ID"))?;
                if parent.replace(id).is_some() {
                    return Err(Stop::duplicate("parent", text));
                }
            }
            "estimator" | "stab" | "ingress_block" | "egress_block" => {
                return Err(Stop::unreadable(format!("labsh's tc has no \"{word}\" yet")));
            }
            "help" => {
                run.say(HELP.trim_end());
                return Ok(());
            }
            name => {
                options.text(TCA_KIND, name);
                if let Some(bytes) = kind::read(name, words)? {
                    options.put(TCA_OPTIONS, &bytes);
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
                return Err(Stop::unreadable(format!("Error: \"{word}\" is a duplicate parent ID")));
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
            word => return Err(Stop::unreadable(format!("What is \"{word}\"? Try \"tc qdisc help\"."))),
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
fn one(run: &mut Run<'_>, bytes: &[u8], with_dev: bool) -> Fields {
    let at = |place: usize| attr::u32_at(bytes, place * 4);
    let (index, handle, parent, count) = (at(1), at(2), at(3), at(4));
    let attributes = bytes.get(20..).unwrap_or_default();
    let name = attr::find(attributes, TCA_KIND).map(attr::text).unwrap_or_default();
    let mut fields = Fields::new();
    fields.both("kind", &name, format!("qdisc {name}"));
    fields.both("handle", format!("{:x}:", handle >> 16), format!(" {:x}: ", handle >> 16));
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
    let options = attr::find(attributes, TCA_OPTIONS).unwrap_or_default();
    fields.object("options", told::qdisc(&run.options, &name, options));
    fields.text("\n");
    if run.options.stats > 0 {
        stats(&mut fields, attributes, " ");
        fields.text("\n");
        told::extra(&mut fields, &name, attributes);
    }
    fields
}
