//! The settings of a link among the records: only what can be set is kept, and given back where it is another now.

use super::{AF_INET6, Class, RTM_NEWLINK, Record};
use crate::kernel::Result;
use crate::kernel::attr::{self, Writer};
use crate::kernel::talk::Talk;
use nix::errno::Errno;

const RTM_NEWLINKPROP: u16 = 108;
const HEADER: usize = 16;

// linux/if_link.h
const IFLA_ADDRESS: u16 = 1;
const IFLA_IFNAME: u16 = 3;
const IFLA_MASTER: u16 = 10;
const IFLA_LINKINFO: u16 = 18;
const IFLA_IFALIAS: u16 = 20;
const IFLA_AF_SPEC: u16 = 26;
const IFLA_PROP_LIST: u16 = 52;
const IFLA_ALT_IFNAME: u16 = 53;
const INFO_KIND: u16 = 1;
const INFO_DATA: u16 = 2;
const INFO_SLAVE_KIND: u16 = 4;
const INFO_SLAVE_DATA: u16 = 5;
const IFLA_INET6_ADDR_GEN_MODE: u16 = 8;

/// Broadcast address, MTU, transmit queue, mode, group, protodown, and the largest sizes of offloading.
const PLAIN: [u16; 9] = [2, 4, 13, 17, 27, 39, 40, 41, 58];

/// UP, DEBUG, NOTRAILERS, NOARP, PROMISC, ALLMULTI, MULTICAST, DYNAMIC (linux/if.h).
const FLAGS: u32 = 0x1 | 0x4 | 0x20 | 0x80 | 0x100 | 0x200 | 0x1000 | 0x8000;

/// What can be set on a bridge (IFLA_BR_…): delays, times, STP, priority, VLANs, multicast; the rest tells a state.
const BRIDGE: [u16; 29] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 41, 42];

/// What can be set on a port of one (IFLA_BRPORT_…): priority, cost, and the switches.
const PORT: [u16; 18] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 25, 27, 28, 29, 30, 31, 32, 33];

/// Reads a link as bridges and others tell it, without counters and states.
pub(super) fn read(bytes: &[u8]) -> Option<Record> {
    let mut header = bytes.get(..HEADER)?.to_vec();
    header[8..12].copy_from_slice(&(attr::u32_at(bytes, 8) & FLAGS).to_ne_bytes());
    header[12..16].fill(0);
    let mut writer = Writer::new(&header);
    let kept = [IFLA_ADDRESS, IFLA_IFNAME, IFLA_MASTER, IFLA_LINKINFO, IFLA_IFALIAS, IFLA_AF_SPEC, IFLA_PROP_LIST];
    for (kind, value) in attr::read(&bytes[HEADER..]) {
        if kind == IFLA_LINKINFO {
            writer.nest(kind, |info| read_info(value, info));
        } else if kind == IFLA_AF_SPEC {
            if let Some(mode) = gen_mode(value) {
                writer.nest(kind, |families| families.nest(AF_INET6.into(), |inet6| inet6.put(IFLA_INET6_ADDR_GEN_MODE, mode)));
            }
        } else if kept.contains(&kind) || PLAIN.contains(&kind) {
            writer.put(kind, value);
        }
    }
    Some(Record { class: Class::Link, bytes: writer.bytes() })
}

fn read_info(value: &[u8], info: &mut Writer) {
    let word = |kind| attr::find(value, kind).map(attr::text).unwrap_or_default();
    let mut keep = |name: u16, data: u16, settable: &[u16]| {
        info.text(name, "bridge");
        info.nest(data, |inner| {
            for (kind, value) in attr::read(attr::find(value, data).unwrap_or_default()) {
                if settable.contains(&kind) {
                    inner.put(kind, value);
                }
            }
        });
    };
    if word(INFO_KIND) == "bridge" {
        keep(INFO_KIND, INFO_DATA, &BRIDGE);
    }
    if word(INFO_SLAVE_KIND) == "bridge" {
        keep(INFO_SLAVE_KIND, INFO_SLAVE_DATA, &PORT);
    }
}

fn gen_mode(families: &[u8]) -> Option<&[u8]> {
    attr::find(attr::find(families, AF_INET6.into())?, IFLA_INET6_ADDR_GEN_MODE)
}

/// The name of a link.
pub(super) fn name(bytes: &[u8]) -> Option<String> {
    attr::find(bytes.get(HEADER..)?, IFLA_IFNAME).map(attr::text)
}

fn attributes(record: &Record) -> &[u8] {
    record.bytes.get(HEADER..).unwrap_or_default()
}

/// Whether another record is of the same link, with the same settings.
pub(super) fn is_as(record: &Record, now: &Record) -> bool {
    now.class == Class::Link && now.links() == record.links() && change(record, now).is_none() && altnames(record) == altnames(now)
}

/// The message that makes a link what it was; nothing if it is.
fn change(before: &Record, now: &Record) -> Option<Vec<u8>> {
    let flags = |record: &Record| attr::u32_at(&record.bytes, 8);
    let mut header = vec![0; HEADER];
    header[4..8].copy_from_slice(&before.bytes[4..8]);
    header[8..12].copy_from_slice(&flags(before).to_ne_bytes());
    header[12..16].copy_from_slice(&(flags(before) ^ flags(now)).to_ne_bytes());
    let mut writer = Writer::new(&header);
    let other = |kind: u16| attr::find(attributes(before), kind) != attr::find(attributes(now), kind);
    for (kind, value) in attr::read(attributes(before)) {
        let settable = PLAIN.contains(&kind) || matches!(kind, IFLA_ADDRESS | IFLA_IFNAME | IFLA_AF_SPEC);
        if settable && other(kind) {
            writer.put(kind, value);
        }
    }
    if other(IFLA_MASTER) {
        writer.u32(IFLA_MASTER, attr::find(attributes(before), IFLA_MASTER).map_or(0, |value| attr::number(value) as u32));
    }
    if other(IFLA_IFALIAS) {
        writer.put(IFLA_IFALIAS, attr::find(attributes(before), IFLA_IFALIAS).unwrap_or_default());
    }
    let info = |record| attr::find(attributes(record), IFLA_LINKINFO).unwrap_or_default();
    let data = |record, kind| attr::find(info(record), kind).unwrap_or_default();
    for (name, settings) in [(INFO_KIND, INFO_DATA), (INFO_SLAVE_KIND, INFO_SLAVE_DATA)] {
        let (old, new) = (data(before, settings), data(now, settings));
        let changed: Vec<_> = attr::read(old).into_iter().filter(|(kind, value)| attr::find(new, *kind) != Some(*value)).collect();
        // The settings of a port are set once it is one again.
        if !changed.is_empty() && attr::find(info(now), name).is_some() {
            writer.nest(IFLA_LINKINFO, |info| {
                info.text(name, "bridge");
                info.nest(settings, |inner| changed.iter().for_each(|(kind, value)| inner.put(*kind, value)));
            });
        }
    }
    let bytes = writer.bytes();
    (bytes.len() > HEADER || flags(before) != flags(now)).then_some(bytes)
}

fn altnames(record: &Record) -> Vec<&[u8]> {
    let list = attr::find(attributes(record), IFLA_PROP_LIST).unwrap_or_default();
    attr::read(list).into_iter().filter(|(kind, _)| *kind == IFLA_ALT_IFNAME).map(|(_, name)| name).collect()
}

/// Gives a link its settings back; returns whether anything was another.
pub(super) fn give_back(talk: &mut Talk, record: &Record) -> Result<bool> {
    let mut done = false;
    // A port has its settings only once it is one again.
    for _ in 0..2 {
        let mut header = vec![0; HEADER];
        header[4..8].copy_from_slice(&record.bytes[4..8]);
        let now = match talk.ask(RTM_NEWLINK + 2, 0, &header) {
            Ok(answer) => answer.messages.iter().find_map(|message| read(&message.bytes)),
            Err(failure) if failure.is(Errno::ENODEV) => None,
            Err(failure) => return Err(failure),
        };
        let Some(now) = now else { return Ok(done) };
        if let Some(message) = change(record, &now) {
            talk.ask(RTM_NEWLINK, 0, &message)?;
            done = true;
        }
        let (old, new) = (altnames(record), altnames(&now));
        for (kind, names) in [
            (RTM_NEWLINKPROP, old.iter().filter(|name| !new.contains(name)).collect::<Vec<_>>()),
            (RTM_NEWLINKPROP + 1, new.iter().filter(|name| !old.contains(name)).collect()),
        ] {
            if names.is_empty() {
                continue;
            }
            let mut message = Writer::new(&header);
            message.nest(IFLA_PROP_LIST, |list| names.iter().for_each(|name| list.put(IFLA_ALT_IFNAME, name)));
            talk.ask(kind, 0, &message.bytes())?;
            done = true;
        }
    }
    Ok(done)
}
