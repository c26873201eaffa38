//! `tc class`.

use super::super::Run;
use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins};
use super::{ROOT, Verb, class_text, estimator, graph, has_stats, kind, stats};
use crate::kernel::attr::{self, Writer};
use crate::kernel::qdisc::{Place, RTM_DELTCLASS, RTM_GETTCLASS, RTM_NEWTCLASS, TCA_KIND, TCA_OPTIONS};

const HELP: &str =
    "Usage: tc class [ add | del | change | replace | show ] dev DEV parent CLASSID [ classid CLASSID ] [ QDISC_KIND OPTIONS ]\n";

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match super::verb("class", &["get", "link"], words)? {
        Verb::Set(flags) => modify(run, words, RTM_NEWTCLASS, flags),
        Verb::Delete => modify(run, words, RTM_DELTCLASS, 0),
        Verb::Show | Verb::Get => show(run, words),
        Verb::Help => {
            run.say(HELP.trim_end());
            Ok(())
        }
    }
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, message: u16, flags: u16) -> Result {
    let (mut dev, mut parent, mut handle) = (None, None, None);
    let mut options = Writer::default();
    while let Some(word) = words.take() {
        match word {
            "dev" => {
                let name = words.value()?;
                if dev.replace(name).is_some() {
                    return Err(Stop::duplicate("dev", name));
                }
            }
            "classid" => {
                let text = words.value()?;
                let id = super::class_id(text).ok_or_else(|| Stop::invalid(text, "invalid class ID"))?;
                if handle.replace(id).is_some() {
                    return Err(Stop::duplicate("classid", text));
                }
            }
            "handle" => return Err(Stop::wrong("Error: try \"classid\" instead of \"handle\"")),
            "root" if parent.replace(ROOT).is_some() => return Err(super::unread("Error: \"root\" is duplicate parent ID.")),
            "root" => {}
            "parent" => {
                let text = words.value()?;
                let id = super::class_id(text).ok_or_else(|| Stop::invalid(text, "invalid parent ID"))?;
                if parent.replace(id).is_some() {
                    return Err(Stop::duplicate("parent", text));
                }
            }
            _ if begins(word, "estimator") => options.put(estimator::ATTRIBUTE, &estimator::read(words)?),
            "help" => {
                run.say(HELP.trim_end());
                return Ok(());
            }
            name => {
                options.text(TCA_KIND, name);
                options.put(kind::attribute(name), &kind::read_class(dev, name, words)?);
                break;
            }
        }
    }
    let index = dev.map(|dev| run.link(dev)).transpose()?.map_or(0, |link| link.index);
    let mut bytes = Place { index, handle: handle.unwrap_or(0), parent: parent.unwrap_or(0) }.header();
    bytes.extend(options.bytes());
    run.change(message, flags, &bytes)
}

fn show(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut dev, mut parent, mut class, mut major) = (None, 0, None, None);
    while let Some(word) = words.take() {
        match word {
            "dev" => dev = Some(words.value()?),
            "classid" => {
                let text = words.value()?;
                class = Some(super::class_id(text).ok_or_else(|| Stop::invalid(text, "invalid class ID"))?);
            }
            word if word == "qdisc" || begins(word, "handle") => {
                let text = words.value()?;
                major = Some(super::handle(text).ok_or_else(|| Stop::invalid(text, "invalid qdisc ID"))?);
            }
            "root" => parent = ROOT,
            "parent" => {
                let text = words.value()?;
                parent = super::class_id(text).ok_or_else(|| Stop::invalid(text, "invalid parent ID"))?;
            }
            word if begins(word, "help") => {
                run.say(HELP.trim_end());
                return Ok(());
            }
            word => return Err(super::unread(format!("What is \"{word}\"? Try \"tc class help\"."))),
        }
    }
    let Some(dev) = dev else { return Ok(()) };
    let index = run.link(dev)?.index;
    if run.options.graph {
        return graph::show(run, index);
    }
    let mut found = Vec::new();
    for answer in run.dump(RTM_GETTCLASS, &Place { index, handle: 0, parent }.header())? {
        let handle = attr::u32_at(&answer.bytes, 8);
        if class.is_some_and(|class| class != handle) || major.is_some_and(|major| major != handle & 0xffff_0000) {
            continue;
        }
        found.push(one(run, &answer.bytes, false, major.is_some()));
    }
    // Without JSON, as iproute2 6.1 has it.
    let mut text: String = found.iter().map(Fields::words).collect();
    if run.options.backslashes {
        text = text.replace('\n', "\\");
    }
    run.write(&text);
    Ok(())
}

/// Prints a class.
pub(super) fn one(run: &mut Run<'_>, bytes: &[u8], with_dev: bool, short: bool) -> Fields {
    let at = |place: usize| attr::u32_at(bytes, place * 4);
    let (handle, parent, leaf) = (at(2), at(3), at(4));
    let attributes = bytes.get(20..).unwrap_or_default();
    let name = attr::find(attributes, TCA_KIND).map(attr::text).unwrap_or_default();
    let mut fields = Fields::new();
    fields.both("class", &name, format!("class {name} "));
    // Of one discipline the minor numbers say enough.
    let text = |id: u32| class_text(if short { id & 0xffff } else { id });
    let own = text(handle);
    fields.both("handle", &own, format!("{own} "));
    if with_dev {
        let dev = run.name_of(at(1));
        fields.both("dev", &dev, format!("dev {dev} "));
    }
    match parent {
        ROOT => fields.both("root", true, "root "),
        parent => fields.both("parent", text(parent), format!("parent {} ", text(parent))),
    }
    if leaf != 0 {
        fields.both("leaf", format!("{:x}:", leaf >> 16), format!("leaf {:x}: ", leaf >> 16));
    }
    let options = attr::find(attributes, TCA_OPTIONS).unwrap_or_default();
    let (class, more) = kind::class(&run.options, &name, options, attributes);
    fields.object("options", class);
    fields.text("\n");
    if run.options.stats > 0 && has_stats(attributes) {
        let mut counted = Fields::new();
        stats(&mut counted, attributes, " ");
        fields.object("stats", counted);
        fields.text("\n");
        fields.extend(more);
        fields.text("\n");
    }
    fields
}
