//! Next hops as objects of their own, and groups of them (RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP; `ip nexthop`).

use super::attr::{self, Writer};
use super::{Result, Socket};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use std::net::IpAddr;

pub(crate) const RTM_DELNEXTHOP: u16 = 105;
const RTM_NEWNEXTHOP: u16 = 104;
const RTM_GETNEXTHOP: u16 = 106;
// linux/nexthop.h
const NHA_ID: u16 = 1;
const NHA_GROUP: u16 = 2;
const NHA_BLACKHOLE: u16 = 4;
const NHA_OIF: u16 = 5;
const NHA_GATEWAY: u16 = 6;
const RTNH_F_ONLINK: u32 = 4;

/// A next hop, or a group of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nexthop {
    /// `id`.
    pub id: u32,
    /// `via`.
    pub via: Option<IpAddr>,
    /// `dev`, by index.
    pub dev: Option<u32>,
    /// `onlink`.
    pub onlink: bool,
    /// `blackhole`.
    pub blackhole: bool,
    /// `group`: ids with their weights, 1 to 256.
    pub group: Vec<(u32, u32)>,
    /// Whether one without a gateway is of IPv6.
    pub v6: bool,
}

fn message(hop: &Nexthop) -> Vec<u8> {
    let v6 = hop.via.map_or(hop.v6, |via| via.is_ipv6());
    let family = match (hop.group.is_empty(), v6) {
        (false, _) => 0,
        (true, true) => 10,
        (true, false) => 2,
    };
    let flags = if hop.onlink { RTNH_F_ONLINK } else { 0 };
    let mut message = Writer::new(&[&[family, 0, 0, 0][..], &flags.to_ne_bytes()].concat());
    message.u32(NHA_ID, hop.id);
    if !hop.group.is_empty() {
        // struct nexthop_grp: id, weight less one, three bytes of nothing.
        let members: Vec<u8> = hop
            .group
            .iter()
            .flat_map(|(id, weight)| [&id.to_ne_bytes()[..], &[weight.saturating_sub(1).min(255) as u8, 0, 0, 0]].concat())
            .collect();
        message.put(NHA_GROUP, &members);
    }
    if hop.blackhole {
        message.put(NHA_BLACKHOLE, &[]);
    }
    if let Some(dev) = hop.dev {
        message.u32(NHA_OIF, dev);
    }
    if let Some(via) = hop.via {
        message.ip(NHA_GATEWAY, via);
    }
    message.bytes()
}

/// Makes one, or takes the place of the one with that id.
pub async fn add(socket: &Socket, hop: &Nexthop, replace: bool) -> Result<()> {
    let how = if replace { NLM_F_REPLACE } else { NLM_F_EXCL };
    socket.change_raw(NLM_F_CREATE | how, RTM_NEWNEXTHOP, message(hop)).await
}

/// The message that deletes one.
pub(crate) fn del_message(id: u32) -> Vec<u8> {
    let mut message = Writer::new(&[0; 8]);
    message.u32(NHA_ID, id);
    message.bytes()
}

/// Deletes one, and the routes that use it.
pub async fn del(socket: &Socket, id: u32) -> Result<()> {
    socket.change_raw(0, RTM_DELNEXTHOP, del_message(id)).await
}

/// Lists them in the order of their ids.
pub async fn list(socket: &Socket) -> Result<Vec<Nexthop>> {
    let replies = socket.dump_raw(RTM_GETNEXTHOP, vec![0; 8]).await?;
    let mut found: Vec<Nexthop> = replies.iter().filter_map(|reply| read(reply)).collect();
    found.sort_by_key(|hop| hop.id);
    Ok(found)
}

fn read(reply: &[u8]) -> Option<Nexthop> {
    let attributes = reply.get(8..)?;
    let mut hop = Nexthop {
        id: 0,
        via: None,
        dev: None,
        onlink: attr::u32_at(reply, 4) & RTNH_F_ONLINK != 0,
        blackhole: false,
        group: Vec::new(),
        v6: reply[0] == 10,
    };
    for (kind, value) in attr::read(attributes) {
        match kind {
            NHA_ID => hop.id = attr::number(value) as u32,
            NHA_GROUP => {
                hop.group = value.as_chunks::<8>().0.iter().map(|member| (attr::u32_at(member, 0), u32::from(member[4]) + 1)).collect();
            }
            NHA_BLACKHOLE => hop.blackhole = true,
            NHA_OIF => hop.dev = Some(attr::number(value) as u32),
            NHA_GATEWAY => hop.via = attr::ip(value),
            _ => {}
        }
    }
    Some(hop)
}
