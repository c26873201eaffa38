//! `bridge link`: the ports of bridges.

use super::super::Run;
use super::super::output::{Fields, Value};
use super::super::stop::{Result, Stop};
use super::super::words::{Words, begins, number};
use super::{AF_BRIDGE, failed, find, is_show, refused, unknown, usage};
use crate::iproute::show::flag_words;
use crate::kernel::attr::{self, Writer};
use crate::kernel::link::kind::header;

const RTM_SETLINK: u16 = 19;
const RTM_GETLINK: u16 = 18;
const RTM_NEWLINK: u16 = 16;
const IFINFOMSG: usize = 16;
const IFLA_PROTINFO: u16 = 12;
const IFLA_AF_SPEC: u16 = 26;
const UP: u32 = 1;
const BRIDGE_FLAGS_MASTER: u16 = 1;
const BRIDGE_FLAGS_SELF: u16 = 2;

const HELP: &str = "Usage: bridge link set dev DEV [ cost COST ] [ priority PRIO ] [ state STATE ] [ SWITCH { on | off } ] [ mcast_router NUMBER ]\n\
\x20                      [ backup_port DEV | nobackup_port ] [ hwmode { vepa | veb } ] [ self ] [ master ]\n\
\x20      bridge link show [ dev DEV ] [ master DEV ]\n\
SWITCH: guard, hairpin, fastleave, root_block, learning, learning_sync, flood, mcast_flood, bcast_flood, mcast_to_unicast,\n\
\x20       neigh_suppress, vlan_tunnel, isolated, locked";

/// States of a port (linux/if_bridge.h).
const STATES: [&str; 5] = ["disabled", "listening", "learning", "forwarding", "blocking"];

/// The switches in the order in which they are told, each with its attribute (IFLA_BRPORT_…, linux/if_link.h).
const SWITCHES: [(&str, u16); 14] = [
    ("hairpin", 4),
    ("guard", 5),
    ("root_block", 6),
    ("fastleave", 7),
    ("learning", 8),
    ("learning_sync", 11),
    ("flood", 9),
    ("mcast_flood", 27),
    ("bcast_flood", 30),
    ("mcast_to_unicast", 28),
    ("neigh_suppress", 32),
    ("vlan_tunnel", 29),
    ("isolated", 33),
    ("locked", 39),
];
const MCAST_ROUTER: u16 = 25;
const BACKUP_PORT: u16 = 34;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    match words.take() {
        None => show(run, words),
        Some(verb) if begins(verb, "set") || begins(verb, "change") => set(run, words),
        Some(verb) if is_show(verb) => show(run, words),
        Some(verb) if begins(verb, "help") => Err(usage(HELP)),
        Some(verb) => Err(unknown(verb, "link")),
    }
}

fn on_off(words: &mut Words<'_>, name: &str) -> Result<u8> {
    match words.value()? {
        "on" => Ok(1),
        "off" => Ok(0),
        // -EINVAL as a byte.
        other => Err(Stop::new(format!("Error: argument of \"{name}\" must be one of \"off\", \"on\", not \"{other}\""), 234)),
    }
}

fn set(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut dev, mut flags, mut mode) = (None, 0_u16, None);
    let mut port = Writer::default();
    // What is no number counts as 0, as the C library has it.
    let count = |text: &str| number(text).unwrap_or(0);
    while let Some(word) = words.take() {
        if let Some((name, kind)) = SWITCHES.iter().find(|(name, _)| *name == word) {
            port.u8(*kind, on_off(words, name)?);
            continue;
        }
        match word {
            "dev" => dev = Some(words.value()?),
            // A cost of 0 is none.
            "cost" => match count(words.value()?) as u32 {
                0 => {}
                cost => port.u32(3, cost),
            },
            "priority" => port.u16(2, count(words.value()?) as u16),
            "state" => {
                let text = words.value()?;
                let state = match number(text) {
                    Some(state) => u8::try_from(state).ok().filter(|state| *state < 5),
                    None => STATES.iter().position(|known| *known == text).map(|state| state as u8),
                };
                port.u8(1, state.ok_or_else(|| failed("Error: invalid STP port state"))?);
            }
            "mcast_router" => port.u8(MCAST_ROUTER, count(words.value()?) as u8),
            "backup_port" => {
                let name = words.value()?;
                let backup = run.find_link(name)?.ok_or_else(|| failed("Error: unknown backup device"))?;
                port.u32(BACKUP_PORT, backup.index);
            }
            "nobackup_port" => port.u32(BACKUP_PORT, 0),
            "hwmode" => {
                flags = BRIDGE_FLAGS_SELF;
                mode = Some(match words.value()? {
                    "vepa" => 1,
                    "veb" => 0,
                    _ => return Err(failed("Mode argument must be \"vepa\" or \"veb\".")),
                });
            }
            "self" => flags |= BRIDGE_FLAGS_SELF,
            "master" => flags |= BRIDGE_FLAGS_MASTER,
            _ => return Err(usage(HELP)),
        }
    }
    let name = dev.ok_or_else(|| failed("Device is a required argument."))?;
    let index = find(run, name, "bridge device")?.index;
    let mut message = Writer::new(&header(AF_BRIDGE, index, false));
    let port = port.bytes();
    // Only what was asked for is sent: an empty list is for nobody.
    message.put(IFLA_PROTINFO | 0x8000, &port);
    if flags != 0 || mode.is_some() {
        message.nest_plain(IFLA_AF_SPEC, |spec| {
            if flags != 0 {
                spec.u16(0, flags);
            }
            if let Some(mode) = mode {
                spec.u16(1, mode);
            }
        });
    }
    run.change(RTM_SETLINK, 0, &message.bytes()).map_err(refused)
}

fn show(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let (mut dev, mut master) = (None, None);
    while let Some(word) = words.take() {
        match word {
            "dev" => dev = Some(words.value()?),
            "master" => master = Some(words.value()?),
            word if begins(word, "help") => return Err(usage(HELP)),
            _ => {}
        }
    }
    let dev = dev.map(|dev| find(run, dev, "device")).transpose()?.map(|link| link.index);
    let master = master.map(|dev| find(run, dev, "device")).transpose()?.map(|link| link.index);
    let mut found = Vec::new();
    for answer in run.dump(RTM_GETLINK, &header(AF_BRIDGE, 0, false))? {
        if answer.kind == RTM_NEWLINK && dev.is_none_or(|dev| attr::u32_at(&answer.bytes, 4) == dev) {
            found.extend(one(run, &answer.bytes, master));
        }
    }
    run.print(&found);
    Ok(())
}

/// Prints a port; nothing if it is none.
pub(super) fn one(run: &mut Run<'_>, bytes: &[u8], only_of: Option<u32>) -> Option<Fields> {
    let attributes = attr::read(bytes.get(IFINFOMSG..)?);
    let find = |kind: u16| attributes.iter().find(|(known, _)| *known == kind).map(|(_, value)| *value);
    let port = find(IFLA_PROTINFO)?;
    let master = find(10).map(|master| attr::number(master) as u32);
    if only_of.is_some() && master != only_of {
        return None;
    }
    let index = attr::u32_at(bytes, 4);
    let mut fields = Fields::new();
    fields.both("ifindex", index, format!("{index}: "));
    let name = find(3).map(attr::text).unwrap_or_default();
    let mut flags = flag_words(attr::u32_at(bytes, 8));
    match find(5).map(|lower| attr::number(lower) as u32) {
        Some(lower) if find(37).is_none() => {
            let known = run.link_of(lower);
            if known.as_ref().is_some_and(|known| known.flags & UP == 0) {
                flags.push("M-DOWN".to_string());
            }
            let lower = known.map_or_else(|| format!("if{lower}"), |known| known.name);
            fields.both("link", &lower, "");
            fields.both("ifname", &name, format!("{name}@{lower}: "));
        }
        Some(lower) => {
            fields.both("link_index", lower, "");
            fields.both("ifname", &name, format!("{name}@if{lower}: "));
        }
        None => fields.both("ifname", &name, format!("{name}: ")),
    }
    let words = Value::List(flags.iter().map(Value::from).collect());
    fields.both("flags", words, format!("<{}> ", flags.join(",")));
    if let Some(mtu) = find(4).map(attr::number) {
        fields.both("mtu", mtu, format!("mtu {mtu} "));
    }
    if let Some(master) = master {
        let name = run.name_of(master);
        fields.both("master", &name, format!("master {name} "));
    }
    let of = |kind: u16| attr::find(port, kind).map(attr::number);
    if let Some(state) = of(1) {
        match STATES.get(state as usize) {
            Some(word) => fields.both("state", *word, format!("state {word} ")),
            None => fields.both("state_index", state, format!("state ({state}) ")),
        }
    }
    for (key, kind) in [("priority", 2), ("cost", 3)] {
        if let Some(value) = of(kind) {
            fields.both(key, value, format!("{key} {value} "));
        }
    }
    if run.options.details > 0 {
        fields.text("\n    ");
        for (key, kind) in SWITCHES {
            if let Some(value) = of(kind) {
                fields.both(key, value != 0, format!("{key} {} ", if value != 0 { "on" } else { "off" }));
            }
            if key == "bcast_flood"
                && let Some(router) = of(MCAST_ROUTER)
            {
                fields.both("mcast_router", router, format!("mcast_router {router} "));
            }
            if key == "vlan_tunnel"
                && let Some(backup) = of(BACKUP_PORT)
            {
                let name = run.name_of(backup as u32);
                fields.both("backup_port", &name, format!("backup_port {name} "));
            }
        }
    }
    fields.text("\n");
    Some(fields)
}
