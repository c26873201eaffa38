//! Routes (RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE; `ip route`).

use super::addr::family;
use super::encap::Encap;
use super::{Failure, Result, Socket};
use ipnet::IpNet;
use netlink_packet_core::{NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteMessage, RouteMetric, RouteNextHop, RouteNextHopFlags, RouteProtocol, RouteScope,
    RouteType,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage as Message};
use nix::errno::Errno;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The main table (linux/rtnetlink.h, RT_TABLE_MAIN).
pub const MAIN: u32 = 254;
/// The table of the kernel's own local and broadcast routes (RT_TABLE_LOCAL).
pub const LOCAL: u32 = 255;

/// A route: as the kernel tells it, or as it is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Destination; 0.0.0.0/0 or ::/0 is the default route.
    pub dst: IpNet,
    /// `via`: the gateway.
    pub via: Option<IpAddr>,
    /// `dev`, by index.
    pub dev: Option<u32>,
    /// `src`: preferred source address.
    pub src: Option<IpAddr>,
    /// `metric`: the lower wins.
    pub metric: Option<u32>,
    /// `table`.
    pub table: u32,
    /// `proto`: who made it; `boot` if not said, as `ip` does.
    pub proto: Proto,
    /// `scope`; if not said, what `ip` takes.
    pub scope: Option<Scope>,
    /// `unicast`, `blackhole` …
    pub kind: Type,
    /// `onlink`: take the gateway to be reachable without asking.
    pub onlink: bool,
    /// `mtu`, in bytes.
    pub mtu: Option<u32>,
    /// `advmss`, in bytes.
    pub advmss: Option<u32>,
    /// Several next hops (ECMP) instead of `via` and `dev`.
    pub nexthops: Vec<NextHop>,
    /// `nhid`: a next hop that is an object of its own, instead of `via` and `dev`.
    pub nhid: Option<u32>,
    /// `encap`: what is put around the packets.
    pub encap: Option<Encap>,
    /// Whether its link has no carrier (RTNH_F_LINKDOWN).
    pub linkdown: bool,
}

/// One next hop of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextHop {
    /// The gateway.
    pub via: Option<IpAddr>,
    /// Link, by index.
    pub dev: Option<u32>,
    /// Share of the traffic, 1 to 256.
    pub weight: u32,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $($word:literal = $variant:ident),* $(,)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the words of `ip route`")]
        pub enum $name { $($variant,)* Other(u8) }
        impl $name {
            /// All words.
            pub const WORDS: &'static [&'static str] = &[$($word),*];
            /// Returns what a word means, or nothing if it is unknown.
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)* _ => word.parse().ok().map($name::Other) }
            }
            /// Returns the word of `ip route`.
            pub fn word(self) -> String {
                match self { $($name::$variant => $word.to_string(),)* $name::Other(number) => number.to_string() }
            }
        }
    };
}

words! {
    /// Who made a route (RTPROT_).
    Proto: "kernel" = Kernel, "boot" = Boot, "static" = Static, "ra" = Ra, "dhcp" = Dhcp, "bird" = Bird, "zebra" = Zebra,
    "bgp" = Bgp, "ospf" = Ospf, "rip" = Rip, "isis" = Isis, "babel" = Babel, "redirect" = Redirect,
}

words! {
    /// What happens to a packet that a route matches (RTN_).
    Type: "unicast" = Unicast, "local" = Local, "broadcast" = Broadcast, "anycast" = Anycast, "multicast" = Multicast,
    "blackhole" = Blackhole, "unreachable" = Unreachable, "prohibit" = Prohibit, "throw" = Throw,
}

words! {
    /// How far the destination is (RT_SCOPE_).
    Scope: "global" = Global, "site" = Site, "link" = Link, "host" = Host, "nowhere" = Nowhere,
}

impl Route {
    /// Makes the description of a route to `dst` in the main table.
    pub fn to(dst: IpNet) -> Route {
        Route {
            dst,
            via: None,
            dev: None,
            src: None,
            metric: None,
            table: MAIN,
            proto: Proto::Boot,
            scope: None,
            kind: Type::Unicast,
            onlink: false,
            mtu: None,
            advmss: None,
            nexthops: Vec::new(),
            nhid: None,
            encap: None,
            linkdown: false,
        }
    }

    /// Returns the default destination of a family.
    pub fn default_dst(v6: bool) -> IpNet {
        let any = if v6 { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { IpAddr::V4(Ipv4Addr::UNSPECIFIED) };
        IpNet::new(any, 0).expect("a prefix of zero fits every address")
    }

    /// Returns whether it is the default route.
    pub fn is_default(&self) -> bool {
        self.dst.prefix_len() == 0
    }

    fn message(&self) -> RouteMessage {
        let mut message = RouteMessage::default();
        let v4 = matches!(self.dst, IpNet::V4(_));
        message.header.address_family = if v4 { AddressFamily::Inet } else { AddressFamily::Inet6 };
        message.header.destination_prefix_length = self.dst.prefix_len();
        message.header.protocol = self.proto.into();
        message.header.kind = self.kind.into();
        message.header.scope = self.scope.unwrap_or_else(|| self.usual_scope()).into();
        if !self.is_default() {
            message.attributes.push(RouteAttribute::Destination(route_address(self.dst.network())));
        }
        match u8::try_from(self.table) {
            Ok(table) => message.header.table = table,
            Err(_) => message.attributes.push(RouteAttribute::Table(self.table)),
        }
        if self.onlink && self.nexthops.is_empty() {
            message.header.flags |= RouteFlags::Onlink;
        }
        let attributes = &mut message.attributes;
        attributes.extend(self.via.map(|via| RouteAttribute::Gateway(route_address(via))));
        attributes.extend(self.dev.map(RouteAttribute::Oif));
        attributes.extend(self.src.map(|src| RouteAttribute::PrefSource(route_address(src))));
        attributes.extend(self.metric.map(RouteAttribute::Priority));
        attributes.extend(self.nhid.map(RouteAttribute::NhId));
        attributes.extend(self.encap.iter().flat_map(Encap::attributes));
        let metrics: Vec<RouteMetric> =
            [self.mtu.map(RouteMetric::Mtu), self.advmss.map(RouteMetric::Advmss)].into_iter().flatten().collect();
        if !metrics.is_empty() {
            attributes.push(RouteAttribute::Metrics(metrics));
        }
        if !self.nexthops.is_empty() {
            attributes.push(RouteAttribute::MultiPath(self.nexthops.iter().map(|hop| hop.message(self.onlink)).collect()));
        }
        message
    }

    /// The scope that `ip route` takes when none is said: a destination without a gateway is on the link (IPv4 only).
    fn usual_scope(&self) -> Scope {
        let gateway = self.via.is_some() || self.nhid.is_some() || !self.nexthops.is_empty();
        match (self.dst, self.kind) {
            (IpNet::V6(_), _) => Scope::Global,
            (_, Type::Local) => Scope::Host,
            (_, Type::Broadcast | Type::Multicast | Type::Anycast) => Scope::Link,
            (_, Type::Unicast) if !gateway => Scope::Link,
            _ => Scope::Global,
        }
    }
}

impl NextHop {
    fn message(&self, onlink: bool) -> RouteNextHop {
        let mut hop = RouteNextHop::default();
        if onlink {
            hop.flags = RouteNextHopFlags::Onlink;
        }
        hop.hops = self.weight.saturating_sub(1).min(255) as u8;
        hop.interface_index = self.dev.unwrap_or(0);
        hop.attributes.extend(self.via.map(|via| RouteAttribute::Gateway(route_address(via))));
        hop
    }
}

/// What is done when a route to the same destination exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `add`: fail.
    Add,
    /// `replace`: take its place.
    Replace,
    /// `change`: take its place, and fail if there is none.
    Change,
    /// `append`: stand behind it.
    Append,
}

/// Makes a route.
pub async fn add(socket: &Socket, route: &Route, mode: Mode) -> Result<()> {
    let flags = match mode {
        Mode::Add => NLM_F_CREATE | NLM_F_EXCL,
        Mode::Replace => NLM_F_CREATE | NLM_F_REPLACE,
        Mode::Change => NLM_F_REPLACE,
        Mode::Append => NLM_F_CREATE | NLM_F_APPEND,
    };
    socket.change(flags, Message::NewRoute(route.message())).await
}

/// Deletes the first route that fits.
pub async fn del(socket: &Socket, route: &Route) -> Result<()> {
    let mut message = route.message();
    // Not said means any, as `ip route del` has it.
    message.header.scope = route.scope.map_or(RouteScope::NoWhere, RouteScope::from);
    if route.proto == Proto::Boot {
        message.header.protocol = RouteProtocol::Unspec;
    }
    if route.kind == Type::Unicast {
        message.header.kind = RouteType::Unspec;
    }
    socket.change(0, Message::DelRoute(message)).await
}

/// Lists the routes of all tables and both families.
pub async fn list(socket: &Socket) -> Result<Vec<Route>> {
    let mut routes = Vec::new();
    for family in [AddressFamily::Inet, AddressFamily::Inet6] {
        let mut question = RouteMessage::default();
        question.header.address_family = family;
        match socket.dump(Message::GetRoute(question)).await {
            Ok(replies) => routes.extend(replies.iter().filter_map(read)),
            // A kernel without IPv6.
            Err(failure) if failure.is(Errno::EAFNOSUPPORT) || failure.is(Errno::EOPNOTSUPP) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(routes)
}

/// What is asked of the routing decision, beside the destination.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// `from`: source address.
    pub from: Option<IpAddr>,
    /// `iif` by index: as if the packet came in there.
    pub iif: Option<u32>,
    /// `oif` by index.
    pub oif: Option<u32>,
    /// `mark`.
    pub mark: Option<u32>,
    /// `uid`.
    pub uid: Option<u32>,
    /// `tos`.
    pub tos: Option<u8>,
    /// `ipproto`.
    pub proto: Option<u8>,
    /// `sport`.
    pub sport: Option<u16>,
    /// `dport`.
    pub dport: Option<u16>,
}

/// Returns the route that a packet to `dst` would take. Fails with the errno that the packet would meet.
pub async fn get(socket: &Socket, dst: IpAddr, query: &Query) -> Result<Route> {
    // Only family and prefix length: strict checking refuses anything else in the header.
    let mut question = RouteMessage::default();
    question.header.address_family = family(dst);
    question.header.destination_prefix_length = IpNet::from(dst).prefix_len();
    if dst.is_ipv4() {
        // Else the kernel says the main table, whichever it found the route in; for IPv6 it says the right one, and refuses the flag
        // (net/ipv6/route.c, inet6_rtm_valid_getroute_req).
        question.header.flags = RouteFlags::LookupTable;
    }
    question.attributes.push(RouteAttribute::Destination(route_address(dst)));
    if let Some(from) = query.from {
        question.header.source_prefix_length = IpNet::from(from).prefix_len();
        question.attributes.push(RouteAttribute::Source(route_address(from)));
    }
    question.attributes.extend(query.iif.map(RouteAttribute::Iif));
    question.attributes.extend(query.oif.map(RouteAttribute::Oif));
    question.attributes.extend(query.mark.map(RouteAttribute::Mark));
    question.header.tos = query.tos.unwrap_or(0);
    question.attributes.extend(query.uid.map(RouteAttribute::Uid));
    question.attributes.extend(query.proto.map(RouteAttribute::IpProto));
    question.attributes.extend(query.sport.map(RouteAttribute::Sport));
    question.attributes.extend(query.dport.map(RouteAttribute::Dport));
    let replies = socket.get(Message::GetRoute(question)).await?;
    replies.iter().find_map(read).ok_or_else(|| Failure::from(Errno::ENOENT))
}

pub(super) fn read(message: &Message) -> Option<Route> {
    let Message::NewRoute(message) = message else { return None };
    let header = &message.header;
    let default = Route::default_dst(header.address_family == AddressFamily::Inet6);
    let mut route = Route {
        table: u32::from(header.table),
        proto: header.protocol.into(),
        scope: Some(header.scope.into()),
        kind: header.kind.into(),
        onlink: header.flags.contains(RouteFlags::Onlink),
        linkdown: header.flags.contains(RouteFlags::Linkdown),
        encap: Encap::of(&message.attributes),
        ..Route::to(default)
    };
    for attribute in &message.attributes {
        match attribute {
            RouteAttribute::Destination(dst) => route.dst = IpNet::new(ip(dst)?, header.destination_prefix_length).ok()?,
            RouteAttribute::Gateway(via) => route.via = ip(via),
            RouteAttribute::Oif(index) => route.dev = Some(*index),
            RouteAttribute::PrefSource(src) => route.src = ip(src),
            RouteAttribute::Priority(metric) => route.metric = Some(*metric),
            RouteAttribute::Table(table) => route.table = *table,
            RouteAttribute::Metrics(metrics) => metrics.iter().for_each(|metric| match metric {
                RouteMetric::Mtu(mtu) => route.mtu = Some(*mtu),
                RouteMetric::Advmss(mss) => route.advmss = Some(*mss),
                _ => {}
            }),
            RouteAttribute::NhId(id) => route.nhid = Some(*id),
            RouteAttribute::MultiPath(hops) => route.nexthops = hops.iter().map(read_hop).collect(),
            _ => {}
        }
    }
    Some(route)
}

fn read_hop(hop: &RouteNextHop) -> NextHop {
    let via = hop.attributes.iter().find_map(|attribute| match attribute {
        RouteAttribute::Gateway(via) => ip(via),
        _ => None,
    });
    NextHop { via, dev: (hop.interface_index != 0).then_some(hop.interface_index), weight: u32::from(hop.hops) + 1 }
}

fn route_address(ip: IpAddr) -> RouteAddress {
    match ip {
        IpAddr::V4(ip) => RouteAddress::Inet(ip),
        IpAddr::V6(ip) => RouteAddress::Inet6(ip),
    }
}

fn ip(address: &RouteAddress) -> Option<IpAddr> {
    match address {
        RouteAddress::Inet(ip) => Some(IpAddr::V4(*ip)),
        RouteAddress::Inet6(ip) => Some(IpAddr::V6(*ip)),
        _ => None,
    }
}

macro_rules! convert {
    ($ours:ident, $theirs:ident: $($a:ident = $b:ident),* $(,)?) => {
        impl From<$ours> for $theirs {
            fn from(value: $ours) -> $theirs {
                match value { $($ours::$a => $theirs::$b,)* $ours::Other(number) => $theirs::from(number) }
            }
        }
        impl From<$theirs> for $ours {
            fn from(value: $theirs) -> $ours {
                match value { $($theirs::$b => $ours::$a,)* other => $ours::Other(u8::from(other)) }
            }
        }
    };
}

convert!(Proto, RouteProtocol: Kernel = Kernel, Boot = Boot, Static = Static, Ra = Ra, Dhcp = Dhcp, Bird = Bird, Zebra = Zebra,
    Bgp = Bgp, Ospf = Ospf, Rip = Rip, Isis = Isis, Babel = Babel, Redirect = IcmpRedirect);
convert!(Type, RouteType: Unicast = Unicast, Local = Local, Broadcast = Broadcast, Anycast = Anycast, Multicast = Multicast,
    Blackhole = BlackHole, Unreachable = Unreachable, Prohibit = Prohibit, Throw = Throw);
convert!(Scope, RouteScope: Global = Universe, Site = Site, Link = Link, Host = Host, Nowhere = NoWhere);
