//! The forwarding database of a bridge: which MAC address is behind which port (neighbour messages of family bridge; `bridge fdb`).

use super::link::Mac;
use super::{Result, Socket, attr};
use netlink_packet_core::{NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use netlink_packet_route::neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourFlags, NeighbourMessage, NeighbourState};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage as Message};
use std::net::IpAddr;

/// An entry of a forwarding database at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fdb {
    /// The address that is known.
    pub mac: Vec<u8>,
    /// Index of the port behind which it is.
    pub index: u32,
    /// Index of the bridge.
    pub master: Option<u32>,
    /// Whether it stays: the port's own address, or one that was added by hand.
    pub permanent: bool,
    /// Whether it was added by hand and may still move (`static`).
    pub fixed: bool,
    /// VLAN, where the bridge filters by VLAN.
    pub vlan: Option<u16>,
    /// Address of the tunnel's other end behind which it is (VXLAN).
    pub dst: Option<IpAddr>,
    /// VNI there.
    pub vni: Option<u32>,
    /// Whether it is the link's own entry (`self`) rather than one of its bridge.
    pub own: bool,
}

/// How an entry is added or deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// `dst`: the tunnel's other end.
    pub dst: Option<IpAddr>,
    /// `vni`.
    pub vni: Option<u32>,
    /// `port`: UDP port of the other end.
    pub port: Option<u16>,
    /// `via`: the link to reach it by, by index.
    pub via: Option<u32>,
    /// `vlan`.
    pub vlan: Option<u16>,
    /// `self`: the link's own table, as that of a VXLAN.
    pub own: bool,
    /// `permanent`: never moves, and is for this machine.
    pub permanent: bool,
    /// `append`: beside those to other ends.
    pub append: bool,
    /// `replace`.
    pub replace: bool,
}

/// Lists the entries of one bridge, by the bridge's index.
pub async fn list(socket: &Socket, bridge: u32) -> Result<Vec<Fdb>> {
    let mut question = NeighbourMessage::default();
    question.header.family = AddressFamily::Bridge;
    question.attributes.push(NeighbourAttribute::Controller(bridge));
    let mut entries: Vec<Fdb> = socket.dump(Message::GetNeighbour(question)).await?.iter().filter_map(read).collect();
    entries.retain(|entry| entry.master == Some(bridge));
    Ok(entries)
}

/// Lists the entries of a link's own table (VXLAN), by its index.
pub async fn list_own(socket: &Socket, index: u32) -> Result<Vec<Fdb>> {
    let mut question = NeighbourMessage::default();
    question.header.family = AddressFamily::Bridge;
    question.header.ifindex = index;
    let mut entries: Vec<Fdb> = socket.dump(Message::GetNeighbour(question)).await?.iter().filter_map(read).collect();
    entries.retain(|entry| entry.index == index && entry.own);
    Ok(entries)
}

/// Adds an entry to a port's bridge, or to the link's own table, to stay until it is deleted.
pub async fn add(socket: &Socket, port: u32, mac: Mac, options: &Options) -> Result<()> {
    let mut message = message(port, mac, options);
    message.header.state = match options.own || options.permanent {
        true => NeighbourState::Permanent,
        false => NeighbourState::Noarp,
    };
    let how = match (options.append, options.replace) {
        (true, _) => NLM_F_APPEND,
        (_, true) => NLM_F_REPLACE,
        _ => NLM_F_EXCL,
    };
    socket.change(NLM_F_CREATE | how, Message::NewNeighbour(message)).await
}

/// Deletes an entry from a port's bridge, or from the link's own table.
pub async fn del(socket: &Socket, port: u32, mac: Mac, options: &Options) -> Result<()> {
    socket.change(0, Message::DelNeighbour(message(port, mac, options))).await
}

fn message(port: u32, mac: Mac, options: &Options) -> NeighbourMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Bridge;
    message.header.ifindex = port;
    message.header.flags = if options.own { NeighbourFlags::Own } else { NeighbourFlags::Controller };
    message.attributes.push(NeighbourAttribute::LinkLayerAddress(mac.to_vec()));
    message.attributes.extend(options.dst.map(|dst| NeighbourAttribute::Destination(address(dst))));
    message.attributes.extend(options.vni.map(NeighbourAttribute::Vni));
    message.attributes.extend(options.port.map(NeighbourAttribute::Port));
    message.attributes.extend(options.via.map(NeighbourAttribute::IfIndex));
    message.attributes.extend(options.vlan.map(NeighbourAttribute::Vlan));
    message
}

fn address(ip: IpAddr) -> NeighbourAddress {
    match ip {
        IpAddr::V4(ip) => NeighbourAddress::Inet(ip),
        IpAddr::V6(ip) => NeighbourAddress::Inet6(ip),
    }
}

fn read(message: &Message) -> Option<Fdb> {
    let Message::NewNeighbour(message) = message else { return None };
    let mut entry = Fdb {
        mac: Vec::new(),
        index: message.header.ifindex,
        master: None,
        permanent: message.header.state == NeighbourState::Permanent,
        fixed: message.header.state == NeighbourState::Noarp,
        vlan: None,
        dst: None,
        vni: None,
        own: message.header.flags.contains(NeighbourFlags::Own),
    };
    for attribute in &message.attributes {
        match attribute {
            NeighbourAttribute::LinkLayerAddress(mac) => entry.mac = mac.clone(),
            NeighbourAttribute::Controller(index) => entry.master = Some(*index),
            NeighbourAttribute::Destination(NeighbourAddress::Inet(ip)) => entry.dst = Some(IpAddr::V4(*ip)),
            NeighbourAttribute::Destination(NeighbourAddress::Inet6(ip)) => entry.dst = Some(IpAddr::V6(*ip)),
            NeighbourAttribute::Destination(NeighbourAddress::Other(bytes)) => entry.dst = attr::ip(bytes),
            NeighbourAttribute::Vni(vni) => entry.vni = Some(*vni),
            NeighbourAttribute::Vlan(vlan) => entry.vlan = Some(*vlan),
            _ => {}
        }
    }
    Some(entry)
}
