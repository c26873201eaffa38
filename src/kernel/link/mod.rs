//! Network interfaces (RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK; `ip link`): what they are, and how they are changed.

pub mod bridge;
pub mod kind;
pub mod veth;

pub use bridge::{Bridge, Port, PortState};
pub use kind::{Kind, New};
pub use veth::{Veth, VethEnd};

use super::{Failure, Netns, Result, Socket};
use crate::name::IfName;
use netlink_packet_core::DefaultNla;
use netlink_packet_route::RouteNetlinkMessage as Message;
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoPortData, LinkAttribute, LinkExtentMask, LinkFlags, LinkInfo, LinkMessage, Prop, State, Stats64,
};
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};
use nix::errno::Errno;
use nix::libc;
use rtnetlink::{LinkMessageBuilder, LinkUnspec};
use std::os::fd::AsRawFd;

/// linux/if.h: the longest name, with its zero byte.
const IFNAMSIZ: usize = 16;
/// linux/if_link.h
const IFLA_ALT_IFNAME: u16 = 53;

/// A MAC address.
pub type Mac = [u8; 6];

/// The state of a link at one moment, as the kernel tells it.
#[derive(Debug, Clone, Default)]
pub struct Link {
    /// Interface index, unique in its namespace.
    pub index: u32,
    /// Name.
    pub name: String,
    /// `veth`, `bridge` …; nothing for loopback and hardware.
    pub kind: Option<String>,
    /// IFF_ flags (linux/if.h).
    pub flags: LinkFlags,
    /// Whether it is loopback (ARPHRD_LOOPBACK) rather than Ethernet.
    pub loopback: bool,
    /// Largest packet in bytes.
    pub mtu: u32,
    /// Hardware address.
    pub mac: Vec<u8>,
    /// Hardware broadcast address.
    pub broadcast: Vec<u8>,
    /// `UP`, `DOWN`, `LOWERLAYERDOWN`, `UNKNOWN` … (RFC 2863).
    pub operstate: String,
    /// Whether the other end of the wire is there.
    pub carrier: bool,
    /// Index of the bridge (or other master) it belongs to.
    pub master: Option<u32>,
    /// Index of the peer (veth) or lower link, in the namespace `peer_nsid` if that is given.
    pub peer: Option<u32>,
    /// Id of the peer's namespace as seen from this one.
    pub peer_nsid: Option<i32>,
    /// Queueing discipline.
    pub qdisc: String,
    /// Length of the transmit queue in packets.
    pub txqlen: u32,
    /// Other names.
    pub altnames: Vec<String>,
    /// Description.
    pub alias: Option<String>,
    /// Group; 0 is the default one.
    pub group: u32,
    /// Counters since it was made.
    pub stats: Stats64,
    /// Settings of a bridge.
    pub bridge: Option<Bridge>,
    /// State of a bridge's port.
    pub port: Option<Port>,
}

impl Link {
    /// Returns whether it is set up (administratively).
    pub fn is_up(&self) -> bool {
        self.flags.contains(LinkFlags::Up)
    }

    /// Returns whether it is up and can carry packets: what has no carrier to lose is `UNKNOWN` (RFC 2863).
    pub fn is_ready(&self) -> bool {
        self.is_up() && self.carrier && matches!(self.operstate.as_str(), "UP" | "UNKNOWN")
    }

    /// Returns the MAC address in the usual notation, or an empty text if it has none.
    pub fn mac(&self) -> String {
        mac_text(&self.mac)
    }
}

/// Writes a hardware address in the usual notation.
pub fn mac_text(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":")
}

/// What can be changed on a link, each with the word of `ip link set`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// `up` or `down`.
    pub up: Option<bool>,
    /// `mtu`, in bytes.
    pub mtu: Option<u32>,
    /// `address`.
    pub mac: Option<Mac>,
    /// `name`.
    pub name: Option<IfName>,
    /// `master` by index; 0 is `nomaster`.
    pub master: Option<u32>,
    /// `txqueuelen`, in packets.
    pub txqueuelen: Option<u32>,
    /// `alias`.
    pub alias: Option<String>,
    /// `arp on` or `off`.
    pub arp: Option<bool>,
    /// `promisc on` or `off`.
    pub promisc: Option<bool>,
    /// `allmulticast on` or `off`.
    pub allmulti: Option<bool>,
    /// `multicast on` or `off`.
    pub multicast: Option<bool>,
    /// `group`.
    pub group: Option<u32>,
    /// `carrier on` or `off`, for links that let it be set (dummy, tun).
    pub carrier: Option<bool>,
    /// Bridge settings.
    pub bridge: Option<Bridge>,
}

impl Change {
    /// Returns whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Change::default()
    }

    /// Returns it as changes of one thing each.
    pub fn each(&self) -> Vec<Change> {
        let none = Change::default;
        let all = [
            Change { up: self.up, ..none() },
            Change { mtu: self.mtu, ..none() },
            Change { mac: self.mac, ..none() },
            Change { name: self.name.clone(), ..none() },
            Change { master: self.master, ..none() },
            Change { txqueuelen: self.txqueuelen, ..none() },
            Change { alias: self.alias.clone(), ..none() },
            Change { arp: self.arp, ..none() },
            Change { promisc: self.promisc, ..none() },
            Change { allmulti: self.allmulti, ..none() },
            Change { multicast: self.multicast, ..none() },
            Change { group: self.group, ..none() },
            Change { carrier: self.carrier, ..none() },
            Change { bridge: self.bridge, ..none() },
        ];
        all.into_iter().filter(|change| !change.is_empty()).collect()
    }

    /// Returns the change that takes this one back from a link that was so before: what the kernel does one after the other, it does not
    /// undo when it refuses the next.
    pub fn back_to(&self, before: &Link) -> Change {
        let flag = |given: Option<bool>, flag: LinkFlags| given.map(|_| before.flags.contains(flag));
        Change {
            up: flag(self.up, LinkFlags::Up),
            mtu: self.mtu.map(|_| before.mtu),
            mac: self.mac.and_then(|_| before.mac.as_slice().try_into().ok()),
            name: self.name.as_ref().and_then(|_| IfName::parse(&before.name).ok()),
            master: self.master.map(|_| before.master.unwrap_or(0)),
            txqueuelen: self.txqueuelen.map(|_| before.txqlen),
            alias: self.alias.as_ref().map(|_| before.alias.clone().unwrap_or_default()),
            arp: self.arp.map(|_| !before.flags.contains(LinkFlags::Noarp)),
            promisc: flag(self.promisc, LinkFlags::Promisc),
            allmulti: flag(self.allmulti, LinkFlags::Allmulti),
            multicast: flag(self.multicast, LinkFlags::Multicast),
            group: self.group.map(|_| before.group),
            carrier: self.carrier.map(|_| before.carrier),
            bridge: self.bridge.and(before.bridge),
        }
    }
}

/// How a link is named in a question.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// By interface index.
    Index(u32),
    /// By name or alternative name.
    Name(&'a str),
}

/// Lists the links of a namespace in the order of their indexes.
pub async fn list(socket: &Socket) -> Result<Vec<Link>> {
    let question = builder().append_extra_attribute(LinkAttribute::ExtMask(vec![LinkExtentMask::SkipStats])).build();
    let mut links: Vec<Link> = socket.dump(Message::GetLink(question)).await?.iter().filter_map(read).collect();
    links.sort_by_key(|link| link.index);
    Ok(links)
}

/// Returns a link. Fails with ENODEV if there is none.
pub async fn get(socket: &Socket, which: Which<'_>) -> Result<Link> {
    let question = match which {
        Which::Index(index) => builder().index(index),
        Which::Name(name) if name.len() < IFNAMSIZ => builder().name(name.to_string()),
        // Only an alternative name can be that long, and the kernel looks for those in an attribute of their own.
        Which::Name(name) => {
            let bytes = [name.as_bytes(), &[0]].concat();
            builder().append_extra_attribute(LinkAttribute::Other(DefaultNla::new(IFLA_ALT_IFNAME, bytes)))
        }
    };
    let replies = socket.get(Message::GetLink(question.build())).await?;
    replies.iter().find_map(read).ok_or_else(|| Failure::from(Errno::ENODEV))
}

/// Changes a link.
pub async fn set(socket: &Socket, index: u32, change: &Change) -> Result<()> {
    let mut message = builder().index(index);
    if let Some(up) = change.up {
        message = if up { message.up() } else { message.down() };
    }
    if let Some(mtu) = change.mtu {
        message = message.mtu(mtu);
    }
    if let Some(mac) = change.mac {
        message = message.address(mac.to_vec());
    }
    if let Some(name) = &change.name {
        message = message.name(name.as_str());
    }
    if let Some(master) = change.master {
        message = message.controller(master);
    }
    if let Some(length) = change.txqueuelen {
        message = message.txqueuelen(length);
    }
    if let Some(alias) = &change.alias {
        message = message.alias(alias);
    }
    if let Some(arp) = change.arp {
        message = message.arp(arp);
    }
    if let Some(promisc) = change.promisc {
        message = message.promiscuous(promisc);
    }
    let mut message = message.build();
    for (flag, on) in [(LinkFlags::Allmulti, change.allmulti), (LinkFlags::Multicast, change.multicast)] {
        if let Some(on) = on {
            message.header.change_mask |= flag;
            message.header.flags.set(flag, on);
        }
    }
    message.attributes.extend(change.group.map(LinkAttribute::Group));
    message.attributes.extend(change.carrier.map(|on| LinkAttribute::Carrier(u8::from(on))));
    if let Some(bridge) = &change.bridge {
        message.attributes.push(bridge.link_info());
    }
    socket.change(0, Message::NewLink(message)).await
}

/// Moves a link into another namespace, under a new name if one is given. The kernel takes it down, and with it its addresses.
pub async fn move_to(socket: &Socket, index: u32, to: &Netns, name: Option<&IfName>) -> Result<()> {
    let mut message = builder().index(index).setns_by_fd(to.raw_fd());
    if let Some(name) = name {
        message = message.name(name.as_str());
    }
    socket.change(0, Message::NewLink(message.build())).await
}

/// Deletes a link; a veth takes its peer with it.
pub async fn del(socket: &Socket, index: u32) -> Result<()> {
    socket.change(0, Message::DelLink(builder().index(index).build())).await
}

/// Sets `lo` of the calling process's namespace up, without a netlink socket (netdevice(7), SIOCSIFFLAGS).
pub fn loopback_up() -> Result<()> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)?;
    // SAFETY: zero is a valid ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: the descriptor is a socket, and the request lives through the call.
    Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) })?;
    Ok(())
}

/// Begins, or ends, to receive what is sent to a hardware address (netdevice(7), SIOCADDMULTI and SIOCDELMULTI).
pub fn multicast(name: &str, address: Mac, add: bool) -> Result<()> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)?;
    // SAFETY: zero is a valid ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().take(IFNAMSIZ - 1).zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    let mut hardware = libc::sockaddr { sa_family: 0, sa_data: [0; 14] };
    for (to, from) in hardware.sa_data.iter_mut().zip(address) {
        *to = from as libc::c_char;
    }
    request.ifr_ifru.ifru_hwaddr = hardware;
    let kind = if add { libc::SIOCADDMULTI } else { libc::SIOCDELMULTI };
    // SAFETY: the descriptor is a socket, and the request lives through the call.
    Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), kind as _, &raw const request) })?;
    Ok(())
}

/// The link that a message made, where the kernel tells.
async fn create(socket: &Socket, message: LinkMessage) -> Result<Option<Link>> {
    Ok(socket.create(Message::NewLink(message)).await?.iter().find_map(read))
}

fn builder() -> LinkMessageBuilder<LinkUnspec> {
    LinkMessageBuilder::<LinkUnspec>::new()
}

pub(super) fn read(message: &Message) -> Option<Link> {
    let Message::NewLink(message) = message else { return None };
    let mut link = Link {
        index: message.header.index,
        flags: message.header.flags,
        loopback: message.header.flags.contains(LinkFlags::Loopback),
        ..Link::default()
    };
    for attribute in &message.attributes {
        match attribute {
            LinkAttribute::IfName(name) => link.name = name.clone(),
            LinkAttribute::Mtu(mtu) => link.mtu = *mtu,
            LinkAttribute::Address(mac) => link.mac = mac.clone(),
            LinkAttribute::Broadcast(mac) => link.broadcast = mac.clone(),
            LinkAttribute::OperState(state) => link.operstate = operstate(*state),
            LinkAttribute::Carrier(carrier) => link.carrier = *carrier != 0,
            LinkAttribute::Controller(index) => link.master = Some(*index),
            LinkAttribute::Link(index) if *index != 0 => link.peer = Some(*index),
            LinkAttribute::LinkNetNsId(id) => link.peer_nsid = Some(*id),
            LinkAttribute::Qdisc(qdisc) => link.qdisc = qdisc.clone(),
            LinkAttribute::TxQueueLen(length) => link.txqlen = *length,
            LinkAttribute::IfAlias(alias) => link.alias = Some(alias.clone()),
            LinkAttribute::Group(group) => link.group = *group,
            LinkAttribute::Stats64(stats) => link.stats = *stats,
            LinkAttribute::PropList(props) => link.altnames.extend(props.iter().filter_map(|prop| match prop {
                Prop::AltIfName(name) => Some(name.clone()),
                _ => None,
            })),
            LinkAttribute::LinkInfo(infos) => infos.iter().for_each(|info| read_info(info, &mut link)),
            _ => {}
        }
    }
    Some(link)
}

fn read_info(info: &LinkInfo, link: &mut Link) {
    match info {
        LinkInfo::Kind(kind) => link.kind = Some(kind_text(kind)),
        LinkInfo::Data(InfoData::Bridge(settings)) => link.bridge = Some(Bridge::read(settings)),
        LinkInfo::PortData(InfoPortData::BridgePort(settings)) => link.port = Some(Port::read(settings)),
        _ => {}
    }
}

fn kind_text(kind: &InfoKind) -> String {
    kind.to_string()
}

/// The words of `ip link` for RFC 2863's operational states.
fn operstate(state: State) -> String {
    match state {
        State::NotPresent => "NOTPRESENT".to_string(),
        State::Down => "DOWN".to_string(),
        State::LowerLayerDown => "LOWERLAYERDOWN".to_string(),
        State::Testing => "TESTING".to_string(),
        State::Dormant => "DORMANT".to_string(),
        State::Up => "UP".to_string(),
        _ => "UNKNOWN".to_string(),
    }
}

/// Returns the id by which the socket's namespace calls another one (RTM_GETNSID), if it has one.
pub async fn nsid(socket: &Socket, other: &Netns) -> Result<Option<i32>> {
    let mut question = NsidMessage::default();
    question.attributes.push(NsidAttribute::Fd(other.raw_fd() as u32));
    let replies = socket.get(Message::GetNsId(question)).await?;
    Ok(replies.iter().find_map(|reply| match reply {
        Message::NewNsId(message) => message.attributes.iter().find_map(|attribute| match attribute {
            NsidAttribute::Id(id) if *id >= 0 => Some(*id),
            _ => None,
        }),
        _ => None,
    }))
}
