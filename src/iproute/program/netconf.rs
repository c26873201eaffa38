//! `ip netconf`: what a link, or all, are set to.

use super::Run;
use super::link::show;
use super::output::Fields;
use super::stop::{Result, Stop};
use super::words::{Family, Words, begins};
use crate::kernel::attr::{self, Writer};

const RTM_GETNETCONF: u16 = 82;
const NETCONFA_IFINDEX: u16 = 1;
const ALL: i32 = -1;
const DEFAULT: i32 = -2;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => list(run, words),
        Some(verb) if show::is_show(verb) => list(run, words),
        Some(verb) if begins(verb, "help") => Err(Stop::unreadable("netconf: show [ dev NAME ]")),
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
        Family::Any => vec![Family::Inet, Family::Inet6],
        family => vec![family],
    };
    let mut objects = Vec::new();
    for family in families {
        // `struct netconfmsg` is one byte.
        let messages = match dev {
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
        for message in &messages {
            objects.push(described(run, &message.bytes, true));
        }
    }
    run.print(&objects);
    Ok(())
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
        for (attribute, word) in [
            (2, "forwarding"),
            (3, "rp_filter"),
            (4, "mc_forwarding"),
            (5, "proxy_neigh"),
            (6, "ignore_routes_with_linkdown"),
            (7, "input"),
        ] {
            let Some(value) = find(attribute) else { continue };
            match word {
                "rp_filter" => {
                    let mode = ["off", "strict", "loose"].get(value as usize).copied().unwrap_or("unknown");
                    fields.both(word, mode, format!("{word} {mode} "));
                }
                _ => fields.both(word, value != 0, format!("{word} {} ", if value != 0 { "on" } else { "off" })),
            }
        }
    }
    fields.text("\n");
    fields
}
