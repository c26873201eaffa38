//! The forwarding database of a bridge: which MAC address is behind which port (neighbour messages of family bridge; `bridge fdb`).

use super::link::Mac;
use super::{Result, Socket};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::neighbour::{NeighbourAttribute, NeighbourFlags, NeighbourMessage, NeighbourState};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage as Message};

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

/// Adds an entry to a port's bridge, to stay until it is deleted.
pub async fn add(socket: &Socket, port: u32, mac: Mac) -> Result<()> {
    let mut message = message(port, mac);
    message.header.state = NeighbourState::Noarp;
    socket.change(NLM_F_CREATE | NLM_F_EXCL, Message::NewNeighbour(message)).await
}

/// Deletes an entry from a port's bridge.
pub async fn del(socket: &Socket, port: u32, mac: Mac) -> Result<()> {
    socket.change(0, Message::DelNeighbour(message(port, mac))).await
}

fn message(port: u32, mac: Mac) -> NeighbourMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Bridge;
    message.header.ifindex = port;
    message.header.flags = NeighbourFlags::Controller;
    message.attributes.push(NeighbourAttribute::LinkLayerAddress(mac.to_vec()));
    message
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
    };
    for attribute in &message.attributes {
        match attribute {
            NeighbourAttribute::LinkLayerAddress(mac) => entry.mac = mac.clone(),
            NeighbourAttribute::Controller(index) => entry.master = Some(*index),
            NeighbourAttribute::Vlan(vlan) => entry.vlan = Some(*vlan),
            _ => {}
        }
    }
    Some(entry)
}
