//! Neighbours: which hardware address an IP address has on a link (RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH; `ip neighbour`).

use super::addr::family;
use super::{Result, Socket};
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use netlink_packet_route::neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourFlags, NeighbourMessage, NeighbourState};
use netlink_packet_route::route::RouteType;
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage as Message};
use std::net::IpAddr;

/// An entry of the neighbour table at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neigh {
    /// The address that was resolved.
    pub ip: IpAddr,
    /// Its hardware address, once known.
    pub mac: Vec<u8>,
    /// Index of the link.
    pub index: u32,
    /// `REACHABLE`, `STALE`, `FAILED` …
    pub state: String,
    /// Whether we answer for it on behalf of another (NTF_PROXY).
    pub proxy: bool,
    /// Whether it told that it is a router (NTF_ROUTER).
    pub router: bool,
}

/// How long an entry is believed (`nud`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of `ip neighbour`")]
pub enum Nud {
    Permanent,
    Reachable,
    Stale,
    Noarp,
    Delay,
    Probe,
    Incomplete,
    Failed,
}

impl Nud {
    /// All words.
    pub const WORDS: &'static [&'static str] = &["permanent", "reachable", "stale", "noarp", "delay", "probe", "incomplete", "failed"];

    /// Returns what a word means, or nothing if it is unknown.
    pub fn from_word(word: &str) -> Option<Nud> {
        Some(match word {
            "permanent" => Nud::Permanent,
            "reachable" => Nud::Reachable,
            "stale" => Nud::Stale,
            "noarp" => Nud::Noarp,
            "delay" => Nud::Delay,
            "probe" => Nud::Probe,
            "incomplete" => Nud::Incomplete,
            "failed" => Nud::Failed,
            _ => return None,
        })
    }

    /// Returns the word of `ip neighbour`.
    pub fn word(self) -> &'static str {
        match self {
            Nud::Permanent => "permanent",
            Nud::Reachable => "reachable",
            Nud::Stale => "stale",
            Nud::Noarp => "noarp",
            Nud::Delay => "delay",
            Nud::Probe => "probe",
            Nud::Incomplete => "incomplete",
            Nud::Failed => "failed",
        }
    }
}

/// Adds an entry, or replaces the one that is there.
pub async fn add(socket: &Socket, index: u32, ip: IpAddr, mac: &[u8], nud: Nud, replace: bool) -> Result<()> {
    let mut message = message(index, ip);
    message.header.state = match nud {
        Nud::Permanent => NeighbourState::Permanent,
        Nud::Reachable => NeighbourState::Reachable,
        Nud::Stale => NeighbourState::Stale,
        Nud::Noarp => NeighbourState::Noarp,
        Nud::Delay => NeighbourState::Delay,
        Nud::Probe => NeighbourState::Probe,
        Nud::Incomplete => NeighbourState::Incomplete,
        Nud::Failed => NeighbourState::Failed,
    };
    message.attributes.push(NeighbourAttribute::LinkLayerAddress(mac.to_vec()));
    let how = if replace { NLM_F_REPLACE } else { NLM_F_EXCL };
    socket.change(NLM_F_CREATE | how, Message::NewNeighbour(message)).await
}

/// Deletes an entry.
pub async fn del(socket: &Socket, index: u32, ip: IpAddr) -> Result<()> {
    socket.change(0, Message::DelNeighbour(message(index, ip))).await
}

/// Begins, or ends, to answer for an address on behalf of another (`ip neigh add proxy`).
pub async fn proxy(socket: &Socket, index: u32, ip: IpAddr, add: bool) -> Result<()> {
    let mut message = message(index, ip);
    message.header.flags = NeighbourFlags::Proxy;
    match add {
        true => socket.change(NLM_F_CREATE | NLM_F_EXCL, Message::NewNeighbour(message)).await,
        false => socket.change(0, Message::DelNeighbour(message)).await,
    }
}

/// Lists the addresses that are answered for, of one family (0 is not taken: the kernel tells proxies by family).
pub async fn proxies(socket: &Socket) -> Result<Vec<Neigh>> {
    let mut found = Vec::new();
    for family in [AddressFamily::Inet, AddressFamily::Inet6] {
        let mut question = NeighbourMessage::default();
        question.header.family = family;
        question.header.flags = NeighbourFlags::Proxy;
        found.extend(socket.dump(Message::GetNeighbour(question)).await?.iter().filter_map(read));
    }
    Ok(found)
}

/// Lists the entries of a namespace, or of one link.
pub async fn list(socket: &Socket, index: Option<u32>) -> Result<Vec<Neigh>> {
    let mut question = NeighbourMessage::default();
    question.attributes.extend(index.map(NeighbourAttribute::IfIndex));
    let mut entries: Vec<Neigh> = socket.dump(Message::GetNeighbour(question)).await?.iter().filter_map(read).collect();
    // Multicast and broadcast entries (NOARP) are not shown by `ip` either. Kernels before 4.20 do not filter by link.
    entries.retain(|entry| entry.state != "NOARP" && index.is_none_or(|index| entry.index == index));
    Ok(entries)
}

fn message(index: u32, ip: IpAddr) -> NeighbourMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = family(ip);
    message.header.ifindex = index;
    message.header.kind = RouteType::Unspec;
    let address = match ip {
        IpAddr::V4(ip) => NeighbourAddress::Inet(ip),
        IpAddr::V6(ip) => NeighbourAddress::Inet6(ip),
    };
    message.attributes.push(NeighbourAttribute::Destination(address));
    message
}

pub(super) fn read(message: &Message) -> Option<Neigh> {
    let Message::NewNeighbour(message) = message else { return None };
    if message.header.family == AddressFamily::Bridge {
        return None;
    }
    let (mut ip, mut mac) = (None, Vec::new());
    for attribute in &message.attributes {
        match attribute {
            NeighbourAttribute::Destination(NeighbourAddress::Inet(v4)) => ip = Some(IpAddr::V4(*v4)),
            NeighbourAttribute::Destination(NeighbourAddress::Inet6(v6)) => ip = Some(IpAddr::V6(*v6)),
            NeighbourAttribute::LinkLayerAddress(bytes) => mac = bytes.clone(),
            _ => {}
        }
    }
    Some(Neigh {
        ip: ip?,
        mac,
        index: message.header.ifindex,
        state: message.header.state.to_string().to_uppercase(),
        proxy: message.header.flags.contains(NeighbourFlags::Proxy),
        router: message.header.flags.contains(NeighbourFlags::Router),
    })
}
