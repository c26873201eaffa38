//! `ip netconf`: what a link, or all, are set to.

use super::link::show;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{Family, Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};
use crate::kernel::netconf::{ALL, DEFAULT, NETCONFA_IFINDEX, RP_FILTER, RTM_GETNETCONF, SETTINGS, value_text};

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => list(run, words),
        Some(verb) if show::is_show(verb) => list(run, words),
        Some(verb) if begins(verb, "help") => Err(usage::object("netconf")),
        Some(verb) => Err(Stop::unknown_command(verb, "ip netconf")),
    }
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut dev = None;
    while let Some(word) = words.take() {
        if word == "dev" {
            let name = words.value()?;
            let known = run.find_link(name)?.ok_or_else(|| Stop::wrong(format!("Device \"{name}\" does not exist.")))?;
            dev = Some(known.index);
        }
    }
    let families = match run.options.family {
        Family::Any => vec![Family::Inet, Family::Inet6, Family::Mpls],
        family => vec![family],
    };
    let mut objects = Vec::new();
    for family in families {
        // `struct netconfmsg` is one byte.
        let messages = match dev.filter(|_| run.options.family != Family::Any) {
            Some(index) => {
                let mut question = Writer::new(&[family.number()]);
                question.u32(NETCONFA_IFINDEX, index);
                match run.try_ask(RTM_GETNETCONF, 0, &question.bytes())? {
                    Ok(answer) => answer.messages,
                    Err(failure) => return Err(Stop::refused(&failure)),
                }
            }
            None => run.dump(RTM_GETNETCONF, &[family.number(), 0, 0, 0])?,
        };
        // A kernel that does not know the family answers for all others (net/core/rtnetlink.c, rtnl_dump_all).
        let asked = |bytes: &[u8]| {
            let index = attr::find(bytes.get(4..).unwrap_or_default(), NETCONFA_IFINDEX).map(|value| attr::number(value) as u32);
            bytes.first() == Some(&family.number()) && (dev.is_none() || index == dev)
        };
        for message in messages.iter().filter(|message| asked(&message.bytes)) {
            objects.push(described(run, &message.bytes, true));
        }
    }
    run.print(&objects);
    Ok(())
}

/// Whom settings are about.
pub(super) fn index(bytes: &[u8]) -> Option<i32> {
    attr::find(bytes.get(4..).unwrap_or_default(), NETCONFA_IFINDEX).map(|value| attr::number(value) as u32 as i32)
}

/// The settings, as they are printed.
pub(super) fn described(run: &mut Run<'_>, bytes: &[u8], settings: bool) -> Fields {
    let mut fields = Fields::new();
    let family = Family::of(bytes.first().copied().unwrap_or(0)).word();
    fields.both("family", family, format!("{family} "));
    let find = |kind| attr::find(bytes.get(4..).unwrap_or_default(), kind).map(|value| attr::number(value) as u32 as i32);
    if let Some(index) = find(NETCONFA_IFINDEX) {
        let name = match index {
            ALL => "all".to_string(),
            DEFAULT => "default".to_string(),
            index => run.name_of(index as u32),
        };
        fields.both("interface", name.as_str(), format!("{name} "));
    }
    if settings {
        for (attribute, word) in SETTINGS {
            let Some(value) = find(attribute) else { continue };
            let text = value_text(word, value);
            match word {
                RP_FILTER => fields.both(word, text, format!("{word} {text} ")),
                _ => fields.both(word, value != 0, format!("{word} {text} ")),
            }
        }
    }
    fields.text("\n");
    fields
}
