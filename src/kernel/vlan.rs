//! VLANs of bridge ports (RTM_SETLINK and RTM_DELLINK of family bridge; `bridge vlan`), and the multicast groups of a bridge (RTM_GETMDB).

use super::attr::{self, Writer};
use super::link::kind::{RTM_SETLINK, header};
use super::{Result, Socket};
use std::net::IpAddr;

const AF_BRIDGE: u8 = 7;
const RTM_DELLINK: u16 = 17;
const RTM_GETLINK: u16 = 18;
const RTM_GETMDB: u16 = 86;
const IFLA_AF_SPEC: u16 = 26;
const IFLA_EXT_MASK: u16 = 29;
const RTEXT_FILTER_BRVLAN: u32 = 1 << 1;
const IFLA_BRIDGE_FLAGS: u16 = 0;
const IFLA_BRIDGE_VLAN_INFO: u16 = 2;
const BRIDGE_FLAGS_SELF: u16 = 2;
const PVID: u16 = 1 << 1;
const UNTAGGED: u16 = 1 << 2;
const RANGE_BEGIN: u16 = 1 << 3;
const RANGE_END: u16 = 1 << 4;

/// A VLAN of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vlan {
    /// Index of the port, or of the bridge itself.
    pub index: u32,
    /// VLAN id.
    pub vid: u16,
    /// Whether packets that come without a tag belong to it.
    pub pvid: bool,
    /// Whether packets go out without a tag.
    pub untagged: bool,
}

/// The VLANs that are to be added or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first id.
    pub first: u16,
    /// The last id.
    pub last: u16,
    /// `pvid`.
    pub pvid: bool,
    /// `untagged`.
    pub untagged: bool,
    /// `self`: of the bridge itself.
    pub own: bool,
}

/// Adds VLANs to a port.
pub async fn add(socket: &Socket, index: u32, range: Range) -> Result<()> {
    socket.change_raw(0, RTM_SETLINK, message(index, range)).await
}

/// Deletes VLANs from a port.
pub async fn del(socket: &Socket, index: u32, range: Range) -> Result<()> {
    socket.change_raw(0, RTM_DELLINK, message(index, range)).await
}

fn message(index: u32, range: Range) -> Vec<u8> {
    let mut message = Writer::new(&header(AF_BRIDGE, index, false));
    let flags = if range.pvid { PVID } else { 0 } | if range.untagged { UNTAGGED } else { 0 };
    message.nest(IFLA_AF_SPEC, |spec| {
        if range.own {
            spec.u16(IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF);
        }
        let mut info = |flags: u16, vid: u16| spec.put(IFLA_BRIDGE_VLAN_INFO, &[flags.to_ne_bytes(), vid.to_ne_bytes()].concat());
        match range.first == range.last {
            true => info(flags, range.first),
            false => {
                info(flags | RANGE_BEGIN, range.first);
                info(flags | RANGE_END, range.last);
            }
        }
    });
    message.bytes()
}

/// Lists the VLANs of all ports of a namespace.
pub async fn list(socket: &Socket) -> Result<Vec<Vlan>> {
    let mut question = Writer::new(&header(AF_BRIDGE, 0, false));
    question.u32(IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN);
    let mut found = Vec::new();
    for reply in socket.dump_raw(RTM_GETLINK, question.bytes()).await? {
        let index = attr::u32_at(&reply, 4);
        let Some(spec) = reply.get(16..).and_then(|attributes| attr::find(attributes, IFLA_AF_SPEC)) else { continue };
        for (kind, info) in attr::read(spec) {
            if kind == IFLA_BRIDGE_VLAN_INFO && info.len() >= 4 {
                let (flags, vid) = (attr::number(&info[..2]) as u16, attr::number(&info[2..4]) as u16);
                found.push(Vlan { index, vid, pvid: flags & PVID != 0, untagged: flags & UNTAGGED != 0 });
            }
        }
    }
    Ok(found)
}

/// A multicast group that somebody behind a port wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// Index of the port.
    pub index: u32,
    /// The group's address; nothing for a group of Ethernet only.
    pub group: Option<IpAddr>,
    /// Whether it stays.
    pub permanent: bool,
    /// VLAN; 0 where the bridge does not filter.
    pub vlan: u16,
}

/// Lists the multicast groups that a bridge knows.
pub async fn groups(socket: &Socket, bridge: u32) -> Result<Vec<Group>> {
    // struct br_port_msg: a family and an index. An entry is index, state, flags, VLAN, address, protocol (linux/if_bridge.h).
    let mut found = Vec::new();
    for reply in socket.dump_raw(RTM_GETMDB, vec![AF_BRIDGE, 0, 0, 0, 0, 0, 0, 0]).await? {
        if attr::u32_at(&reply, 4) != bridge {
            continue;
        }
        let Some(mdb) = reply.get(8..).and_then(|attributes| attr::find(attributes, 1)) else { continue };
        for (_, entry) in attr::read(mdb) {
            for (kind, info) in attr::read(entry) {
                if kind != 1 || info.len() < 28 {
                    continue;
                }
                let group = match u16::from_be_bytes([info[24], info[25]]) {
                    0x0800 => attr::ip(&info[8..12]),
                    0x86dd => attr::ip(&info[8..24]),
                    _ => None,
                };
                let vlan = attr::number(&info[6..8]) as u16;
                found.push(Group { index: attr::u32_at(info, 0), group, permanent: info[4] != 0, vlan });
            }
        }
    }
    Ok(found)
}
