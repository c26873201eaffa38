//! IP addresses of links (RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR; `ip address`).

use super::{Result, Socket};
use ipnet::IpNet;
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressMessage, AddressScope, CacheInfo};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage as Message};
use nix::errno::Errno;
use std::net::{IpAddr, Ipv4Addr};

/// An address of a link at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addr {
    /// Address and prefix length.
    pub net: IpNet,
    /// Index of its link.
    pub index: u32,
    /// `global`, `link`, `host` …
    pub scope: String,
    /// Whether duplicate address detection has not finished (IFA_F_TENTATIVE): it cannot be used yet.
    pub tentative: bool,
    /// Whether duplicate address detection failed (IFA_F_DADFAILED).
    pub dadfailed: bool,
    /// Whether it is not the first of its subnet (IFA_F_SECONDARY).
    pub secondary: bool,
    /// Whether it came without a lifetime.
    pub permanent: bool,
    /// Broadcast address, if one is set.
    pub broadcast: Option<Ipv4Addr>,
    /// Address of the other end, where the link is point-to-point.
    pub peer: Option<IpAddr>,
    /// Label (IPv4).
    pub label: Option<String>,
    /// Whether it is no longer taken for new connections (IFA_F_DEPRECATED).
    pub deprecated: bool,
    /// Seconds until it is deprecated; nothing for ever.
    pub preferred: Option<u32>,
    /// Seconds until it goes; nothing for ever.
    pub valid: Option<u32>,
}

/// How an address is added.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `nodad`: usable at once (IPv6).
    pub nodad: bool,
    /// `noprefixroute`: no route to the subnet.
    pub noprefixroute: bool,
    /// `broadcast`.
    pub broadcast: Option<Ipv4Addr>,
    /// `peer`.
    pub peer: Option<IpAddr>,
    /// `label`.
    pub label: Option<String>,
    /// `scope`.
    pub scope: Option<Scope>,
    /// `preferred_lft`, in seconds.
    pub preferred: Option<u32>,
    /// `valid_lft`, in seconds.
    pub valid: Option<u32>,
    /// Replace one that is there.
    pub replace: bool,
}

/// Where an address is valid (linux/rtnetlink.h, RT_SCOPE_).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of `ip address`")]
pub enum Scope {
    Global,
    Link,
    Host,
}

impl Scope {
    /// Returns the word of `ip`.
    pub fn word(self) -> &'static str {
        match self {
            Scope::Global => "global",
            Scope::Link => "link",
            Scope::Host => "host",
        }
    }
}

/// Adds an address to a link.
pub async fn add(socket: &Socket, index: u32, net: IpNet, options: &Options) -> Result<()> {
    let mut message = message(index, net);
    // The kernel reads the scope as given; `ip` takes host for 127.0.0.0/8 and ::1.
    message.header.scope = match options.scope {
        Some(Scope::Global) => AddressScope::Universe,
        Some(Scope::Link) => AddressScope::Link,
        Some(Scope::Host) => AddressScope::Host,
        None if net.addr().is_loopback() => AddressScope::Host,
        None => AddressScope::Universe,
    };
    if let Some(peer) = options.peer {
        message.attributes.retain(|a| !matches!(a, AddressAttribute::Address(_)));
        message.attributes.push(AddressAttribute::Address(peer));
    }
    if let Some(broadcast) = options.broadcast {
        message.attributes.push(AddressAttribute::Broadcast(broadcast));
    }
    if let Some(label) = &options.label {
        message.attributes.push(AddressAttribute::Label(label.clone()));
    }
    let mut flags = AddressFlags::empty();
    flags.set(AddressFlags::Nodad, options.nodad);
    flags.set(AddressFlags::Noprefixroute, options.noprefixroute);
    if !flags.is_empty() {
        message.attributes.push(AddressAttribute::Flags(flags));
    }
    if options.preferred.is_some() || options.valid.is_some() {
        let mut cache = CacheInfo::default();
        cache.ifa_valid = options.valid.unwrap_or(u32::MAX);
        cache.ifa_preferred = options.preferred.unwrap_or(cache.ifa_valid);
        message.attributes.push(AddressAttribute::CacheInfo(cache));
    }
    let how = if options.replace { NLM_F_REPLACE } else { NLM_F_EXCL };
    socket.change(NLM_F_CREATE | how, Message::NewAddress(message)).await
}

/// Takes an address from a link.
pub async fn del(socket: &Socket, index: u32, net: IpNet) -> Result<()> {
    let Err(failure) = socket.change(0, Message::DelAddress(message(index, net))).await else { return Ok(()) };
    // One with a peer is known by that, too (net/ipv4/devinet.c).
    let found = if failure.is(Errno::EADDRNOTAVAIL) { list(socket, Some(index)).await? } else { Vec::new() };
    let Some(peer) = found.iter().find(|addr| addr.net == net).and_then(|addr| addr.peer) else { return Err(failure) };
    let mut message = message(index, net);
    message.attributes = vec![AddressAttribute::Local(net.addr()), AddressAttribute::Address(peer)];
    socket.change(0, Message::DelAddress(message)).await
}

/// Lists the addresses of a namespace, or of one link.
pub async fn list(socket: &Socket, index: Option<u32>) -> Result<Vec<Addr>> {
    let mut question = AddressMessage::default();
    question.header.index = index.unwrap_or(0);
    let mut addrs: Vec<Addr> = socket.dump(Message::GetAddress(question)).await?.iter().filter_map(read).collect();
    // Kernels before 4.20 do not filter.
    addrs.retain(|addr| index.is_none_or(|index| addr.index == index));
    addrs.sort_by_key(|addr| addr.index);
    Ok(addrs)
}

fn message(index: u32, net: IpNet) -> AddressMessage {
    let mut message = AddressMessage::default();
    message.header.index = index;
    message.header.prefix_len = net.prefix_len();
    message.header.family = family(net.addr());
    message.attributes = vec![AddressAttribute::Local(net.addr()), AddressAttribute::Address(net.addr())];
    message
}

/// Returns the family of an address.
pub(super) fn family(ip: IpAddr) -> AddressFamily {
    match ip {
        IpAddr::V4(_) => AddressFamily::Inet,
        IpAddr::V6(_) => AddressFamily::Inet6,
    }
}

pub(super) fn read(message: &Message) -> Option<Addr> {
    let Message::NewAddress(message) = message else { return None };
    let (mut address, mut local) = (None, None);
    let mut flags = AddressFlags::from_bits_retain(u32::from(message.header.flags.bits()));
    let (mut broadcast, mut label) = (None, None);
    let (mut preferred, mut valid) = (None, None);
    for attribute in &message.attributes {
        match attribute {
            AddressAttribute::Address(ip) => address = Some(*ip),
            AddressAttribute::Local(ip) => local = Some(*ip),
            AddressAttribute::Flags(all) => flags = *all,
            AddressAttribute::Broadcast(ip) => broadcast = Some(*ip),
            AddressAttribute::CacheInfo(cache) => {
                let seconds = |seconds: u32| (seconds != u32::MAX).then_some(seconds);
                (preferred, valid) = (seconds(cache.ifa_preferred), seconds(cache.ifa_valid));
            }
            AddressAttribute::Label(text) => label = Some(text.clone()),
            _ => {}
        }
    }
    // On a point-to-point link IFA_ADDRESS is the other end, IFA_LOCAL our own (linux/if_addr.h).
    let own = local.or(address)?;
    Some(Addr {
        net: IpNet::new(own, message.header.prefix_len).ok()?,
        index: message.header.index,
        scope: match message.header.scope {
            AddressScope::Universe => "global".to_string(),
            AddressScope::Link => "link".to_string(),
            AddressScope::Host => "host".to_string(),
            AddressScope::Site => "site".to_string(),
            other => u8::from(other).to_string(),
        },
        tentative: flags.contains(AddressFlags::Tentative),
        dadfailed: flags.contains(AddressFlags::Dadfailed),
        secondary: flags.contains(AddressFlags::Secondary),
        permanent: flags.contains(AddressFlags::Permanent),
        broadcast,
        peer: address.filter(|peer| *peer != own),
        label,
        deprecated: flags.contains(AddressFlags::Deprecated),
        preferred,
        valid,
    })
}
