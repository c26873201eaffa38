//! Links of every kind (`ip link add … type KIND …`): what each takes as a table, made in one message where they belong.

use super::super::attr::{self, Writer};
use super::super::field::{self, Field, Form, Say, Setting, Width, field, field_as};
use super::super::socket::Wire;
use super::{Mac, Result, Socket, builder};
use crate::kernel::{Failure, Netns};
use crate::name::IfName;
use netlink_packet_core::Nla;
use netlink_packet_route::RouteNetlinkMessage as Message;
use netlink_packet_route::link::LinkAttribute;
use nix::errno::Errno;

pub(crate) const RTM_NEWLINK: u16 = 16;
pub(crate) const RTM_SETLINK: u16 = 19;
const RTM_NEWLINKPROP: u16 = 108;
const RTM_DELLINKPROP: u16 = 109;
const IFF_UP: u32 = 1;
const IFLA_ADDRESS: u16 = 1;
const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;
const IFLA_LINK: u16 = 5;
const IFLA_MASTER: u16 = 10;
const IFLA_TXQLEN: u16 = 13;
const IFLA_LINKINFO: u16 = 18;
const IFLA_GROUP: u16 = 27;
const IFLA_NET_NS_FD: u16 = 28;
const IFLA_PROP_LIST: u16 = 52;
const IFLA_ALT_IFNAME: u16 = 53;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const IFLA_NETKIT_PEER_INFO: u16 = 1;

/// A kind of link.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its word.
    pub name: &'static str,
    /// What one of them is called, for messages.
    pub called: &'static str,
    /// Whether it sits on another link (`link`).
    pub on_link: bool,
    /// What it takes.
    pub fields: &'static [Field],
    /// What does much the same where the kernel lacks the kind.
    pub instead: Option<&'static str>,
}

const CENTI: Form = Form::Time(Width::U32, 100);
const CENTI64: Form = Form::Time(Width::U64, 100);
const TTL: Form = Form::Number(Width::U8, 0, 255);
const PORT: Form = Form::Number(Width::Be16, 1, 65535);
const PROTOCOL: Form = Form::Word(Width::Be16, &[("802.1Q", 0x8100), ("802.1ad", 0x88a8)]);

const MACVLAN: &[Field] =
    &[field("mode", 1, Form::Word(Width::U32, &[("bridge", 4), ("private", 1), ("vepa", 2), ("passthru", 8), ("source", 16)]))];
const IPVLAN: &[Field] = &[
    field("mode", 1, Form::Word(Width::U16, &[("l2", 0), ("l3", 1), ("l3s", 2)])),
    field_as("isolation", "", 2, Form::Word(Width::U16, &[("bridge", 0), ("private", 1), ("vepa", 2)])),
];
const VLAN: &[Field] = &[
    field("protocol", 5, PROTOCOL),
    field("id", 1, Form::Number(Width::U16, 0, 4094)),
    field("reorder_hdr", 2, Form::Bit(1)),
    field("gvrp", 2, Form::Bit(2)),
    field("loose_binding", 2, Form::Bit(4)),
    field("mvrp", 2, Form::Bit(8)),
    field("bridge_binding", 2, Form::Bit(16)),
];
// linux/if_link.h, IFLA_NETKIT_; what it does with packets without a program is NETKIT_PASS or NETKIT_DROP.
const POLICY: Form = Form::Word(Width::U32, &[("forward", 0), ("blackhole", 2)]);
const NETKIT: &[Field] = &[
    field("mode", 5, Form::Word(Width::U32, &[("l2", 0), ("l3", 1)])),
    field_as("policy", "", 3, POLICY),
    field_as("peer_policy", "peer", 4, POLICY),
];
const TUNNEL: &[Field] = &[
    field("local", 2, Form::Ip(None)),
    field("remote", 3, Form::Ip(None)),
    field("dev", 1, Form::Device),
    field("ttl", 4, TTL),
    field("tos", 5, Form::Number(Width::U8, 0, 255)),
    field("pmtudisc", 10, Form::Switch(Width::U8, Say::No)),
    field("mode", 9, Form::Word(Width::U8, &[("any", 0), ("ipip", 4), ("ip6ip", 41)])),
];
const GRE: &[Field] = &[
    field("local", 6, Form::Ip(None)),
    field("remote", 7, Form::Ip(None)),
    field("dev", 1, Form::Device),
    field("ttl", 8, TTL),
    field("tos", 9, Form::Number(Width::U8, 0, 255)),
    field("key", 4, Form::GreKey),
    field("csum", 2, Form::GreFlag(0x8000)),
    field("seq", 2, Form::GreFlag(0x1000)),
    field("pmtudisc", 10, Form::Switch(Width::U8, Say::No)),
];
const BRIDGE: &[Field] = &[
    field_as("stp", "stp_state", 5, Form::Switch(Width::U32, Say::OneZero)),
    field("forward_delay", 1, CENTI),
    field("hello_time", 2, CENTI),
    field("max_age", 3, CENTI),
    field("ageing_time", 4, CENTI),
    field("priority", 6, Form::Number(Width::U16, 0, 65535)),
    field("vlan_filtering", 7, Form::Switch(Width::U8, Say::OneZero)),
    field("vlan_protocol", 8, PROTOCOL),
    field("vlan_default_pvid", 39, Form::Number(Width::U16, 0, 4094)),
    field("mcast_snooping", 23, Form::Switch(Width::U8, Say::OneZero)),
    field("group_fwd_mask", 9, Form::Number(Width::U16, 0, 65535)),
    field("vlan_stats_enabled", 41, Form::Switch(Width::U8, Say::OneZero)),
    field("vlan_stats_per_port", 45, Form::Switch(Width::U8, Say::OneZero)),
    field("mcast_router", 22, Form::Number(Width::U8, 0, 2)),
    field("mcast_querier", 25, Form::Switch(Width::U8, Say::OneZero)),
    field("mcast_query_use_ifaddr", 24, Form::Switch(Width::U8, Say::OneZero)),
    field("mcast_hash_max", 27, Form::Number(Width::U32, 0, u32::MAX as i64)),
    field("mcast_last_member_count", 28, Form::Number(Width::U32, 0, u32::MAX as i64)),
    field("mcast_startup_query_count", 29, Form::Number(Width::U32, 0, u32::MAX as i64)),
    field("mcast_last_member_interval", 30, CENTI64),
    field("mcast_membership_interval", 31, CENTI64),
    field("mcast_querier_interval", 32, CENTI64),
    field("mcast_query_interval", 33, CENTI64),
    field("mcast_query_response_interval", 34, CENTI64),
    field("mcast_startup_query_interval", 35, CENTI64),
    field("mcast_stats_enabled", 42, Form::Switch(Width::U8, Say::OneZero)),
    field("mcast_igmp_version", 43, Form::Number(Width::U8, 2, 3)),
    field("mcast_mld_version", 44, Form::Number(Width::U8, 1, 2)),
    field("nf_call_iptables", 36, Form::Switch(Width::U8, Say::OneZero)),
    field("nf_call_ip6tables", 37, Form::Switch(Width::U8, Say::OneZero)),
    field("nf_call_arptables", 38, Form::Switch(Width::U8, Say::OneZero)),
];
const VXLAN: &[Field] = &[
    field("id", 1, Form::Number(Width::U32, 0, (1 << 24) - 1)),
    field("remote", 2, Form::Ip(Some(16))),
    field("group", 2, Form::Ip(Some(16))),
    field("local", 4, Form::Ip(Some(17))),
    field("dev", 3, Form::Device),
    field("dstport", 15, PORT),
    field("ttl", 5, TTL),
    field("tos", 6, Form::Number(Width::U8, 0, 255)),
    field_as("ageing_time", "ageing", 8, Form::Time(Width::U32, 1)),
    field("learning", 7, Form::Switch(Width::U8, Say::No)),
    field("proxy", 11, Form::Switch(Width::U8, Say::No)),
    field_as("external", "external", 25, Form::Switch(Width::U8, Say::No)),
    field("rsc", 12, Form::Switch(Width::U8, Say::No)),
    field("l2miss", 13, Form::Switch(Width::U8, Say::No)),
    field("l3miss", 14, Form::Switch(Width::U8, Say::No)),
    field("udpcsum", 18, Form::Switch(Width::U8, Say::No)),
    field("gbp", 23, Form::Flag),
    field("maxaddress", 9, Form::Number(Width::U32, 0, u32::MAX as i64)),
    field("udp6zerocsumtx", 19, Form::Switch(Width::U8, Say::No)),
    field("udp6zerocsumrx", 20, Form::Switch(Width::U8, Say::No)),
];
const BOND_MODES: Form = Form::Word(
    Width::U8,
    &[
        ("active-backup", 1),
        ("balance-rr", 0),
        ("balance-xor", 2),
        ("broadcast", 3),
        ("802.3ad", 4),
        ("balance-tlb", 5),
        ("balance-alb", 6),
    ],
);
const BOND: &[Field] = &[
    field("mode", 1, BOND_MODES),
    field("miimon", 3, Form::Time(Width::U32, 1000)),
    field("updelay", 4, Form::Time(Width::U32, 1000)),
    field("downdelay", 5, Form::Time(Width::U32, 1000)),
    field(
        "xmit_hash_policy",
        14,
        Form::Word(Width::U8, &[("layer2", 0), ("layer3+4", 1), ("layer2+3", 2), ("encap2+3", 3), ("encap3+4", 4)]),
    ),
    field("lacp_rate", 21, Form::Word(Width::U8, &[("slow", 0), ("fast", 1)])),
    field("use_carrier", 6, Form::Switch(Width::U8, Say::OneZero)),
    field("arp_interval", 7, Form::Time(Width::U32, 1000)),
    field("primary_reselect", 12, Form::Word(Width::U8, &[("always", 0), ("better", 1), ("failure", 2)])),
    field("fail_over_mac", 13, Form::Word(Width::U8, &[("none", 0), ("active", 1), ("follow", 2)])),
    field("min_links", 18, Form::Number(Width::U32, 0, 65535)),
    field("all_slaves_active", 17, Form::Switch(Width::U8, Say::OneZero)),
    field("ad_select", 22, Form::Word(Width::U8, &[("stable", 0), ("bandwidth", 1), ("count", 2)])),
    field("resend_igmp", 15, Form::Number(Width::U32, 0, 255)),
    field("num_grat_arp", 16, Form::Number(Width::U8, 0, 255)),
    field("lp_interval", 19, Form::Number(Width::U32, 1, i32::MAX as i64)),
    field("packets_per_slave", 20, Form::Number(Width::U32, 0, 65535)),
    field("tlb_dynamic_lb", 27, Form::Switch(Width::U8, Say::OneZero)),
    field("active_slave", 2, Form::Device),
    field("primary", 11, Form::Device),
];
const TUN: &[Field] = &[
    field("pi", 0, Form::Switch(Width::U8, Say::No)),
    field("multi_queue", 0, Form::Switch(Width::U8, Say::No)),
    field("vnet_hdr", 0, Form::Switch(Width::U8, Say::No)),
];
const MACVLAN_HINT: Option<&str> = None;

/// All kinds that [`add`] makes; tun and tap are made by [`crate::kernel::tun`], veth by [`super::veth`].
pub const KINDS: &[Kind] = &[
    Kind {
        name: "dummy",
        called: "dummy",
        on_link: false,
        fields: &[],
        instead: Some("a bridge without ports takes addresses just as well: kind \"bridge\""),
    },
    Kind { name: "bridge", called: "bridge", on_link: false, fields: BRIDGE, instead: None },
    Kind { name: "vlan", called: "VLAN", on_link: true, fields: VLAN, instead: Some("one bridge for each LAN keeps hosts apart as well") },
    Kind { name: "vxlan", called: "VXLAN", on_link: false, fields: VXLAN, instead: None },
    Kind { name: "macvlan", called: "macvlan", on_link: true, fields: MACVLAN, instead: MACVLAN_HINT },
    Kind { name: "macvtap", called: "macvtap", on_link: true, fields: MACVLAN, instead: MACVLAN_HINT },
    Kind {
        name: "ipvlan",
        called: "ipvlan",
        on_link: true,
        fields: IPVLAN,
        instead: Some("kind \"macvlan\" differs only in having a MAC address of its own"),
    },
    Kind {
        name: "vrf",
        called: "VRF",
        on_link: false,
        fields: &[field("table", 1, Form::Number(Width::U32, 1, u32::MAX as i64))],
        instead: Some("a rule with a table of its own routes by link too: rule.add(#{ iif: \"eth0\", table: 10 })"),
    },
    Kind { name: "bond", called: "bond", on_link: false, fields: BOND, instead: None },
    Kind { name: "ifb", called: "ifb", on_link: false, fields: &[], instead: None },
    Kind { name: "gre", called: "GRE", on_link: false, fields: GRE, instead: None },
    Kind { name: "gretap", called: "GRE", on_link: false, fields: GRE, instead: Some("kind \"vxlan\" carries Ethernet over IP too") },
    Kind { name: "ipip", called: "IPIP", on_link: false, fields: TUNNEL, instead: None },
    Kind { name: "sit", called: "SIT", on_link: false, fields: TUNNEL, instead: None },
    Kind {
        name: "geneve",
        called: "Geneve",
        on_link: false,
        fields: &[
            field("id", 1, Form::Number(Width::U32, 0, (1 << 24) - 1)),
            field("remote", 2, Form::Ip(Some(7))),
            field("dstport", 5, PORT),
            field("ttl", 3, TTL),
            field("tos", 4, Form::Number(Width::U8, 0, 255)),
            field("udpcsum", 8, Form::Switch(Width::U8, Say::No)),
            field("udp6zerocsumtx", 9, Form::Switch(Width::U8, Say::No)),
            field("udp6zerocsumrx", 10, Form::Switch(Width::U8, Say::No)),
        ],
        instead: Some("kind \"vxlan\" carries Ethernet over UDP too"),
    },
    Kind { name: "wireguard", called: "WireGuard", on_link: false, fields: &[], instead: None },
    Kind { name: "nlmon", called: "nlmon", on_link: false, fields: &[], instead: None },
    Kind { name: "netkit", called: "netkit", on_link: false, fields: NETKIT, instead: Some("veth::add makes pairs everywhere") },
    Kind { name: "tun", called: "tun", on_link: false, fields: TUN, instead: None },
    Kind { name: "tap", called: "tap", on_link: false, fields: TUN, instead: None },
];

/// Settings of a port of a bridge (`bridge link set`).
pub const PORT_FIELDS: &[Field] = &[
    field("state", 1, Form::Word(Width::U8, &[("disabled", 0), ("listening", 1), ("learning", 2), ("forwarding", 3), ("blocking", 4)])),
    field("priority", 2, Form::Number(Width::U16, 0, 63)),
    field("cost", 3, Form::Number(Width::U32, 1, 65535)),
    field("hairpin", 4, Form::Switch(Width::U8, Say::OnOff)),
    field("guard", 5, Form::Switch(Width::U8, Say::OnOff)),
    field("root_block", 6, Form::Switch(Width::U8, Say::OnOff)),
    field("fastleave", 7, Form::Switch(Width::U8, Say::OnOff)),
    field("learning", 8, Form::Switch(Width::U8, Say::OnOff)),
    field("flood", 9, Form::Switch(Width::U8, Say::OnOff)),
    field("mcast_flood", 27, Form::Switch(Width::U8, Say::OnOff)),
    field("bcast_flood", 30, Form::Switch(Width::U8, Say::OnOff)),
    field("neigh_suppress", 32, Form::Switch(Width::U8, Say::OnOff)),
    field("isolated", 33, Form::Switch(Width::U8, Say::OnOff)),
    field("mcast_router", 25, Form::Number(Width::U8, 0, 2)),
    field("mcast_to_unicast", 28, Form::Switch(Width::U8, Say::OnOff)),
    field("vlan_tunnel", 29, Form::Switch(Width::U8, Say::OnOff)),
    field("locked", 39, Form::Switch(Width::U8, Say::OnOff)),
    field("backup_port", 34, Form::Device),
];

impl Kind {
    /// Returns the kind of a word.
    pub fn named(word: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.name == word)
    }

    /// Returns a setting by its name in scripts.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A link that is to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// Its name.
    pub name: IfName,
    /// Its kind.
    pub kind: &'static Kind,
    /// The kind's own settings.
    pub settings: Vec<Setting>,
    /// Its interface index, if it is chosen.
    pub index: Option<u32>,
    /// The link that it sits on, by index in the socket's namespace.
    pub link: Option<u32>,
    /// The namespace in which it is born, if not that of the socket.
    pub netns: Option<Netns>,
    /// `mtu` in bytes.
    pub mtu: Option<u32>,
    /// `address`.
    pub mac: Option<Mac>,
    /// `txqueuelen` in packets.
    pub txqueuelen: Option<u32>,
    /// `group`.
    pub group: Option<u32>,
    /// `master` by index in the namespace in which it is born.
    pub master: Option<u32>,
    /// The other end (netkit).
    pub peer: Option<Peer>,
    /// Born up.
    pub up: bool,
}

/// The other end of a pair that is to be made.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its name.
    pub name: IfName,
    /// The namespace in which it is born, if not that of the socket.
    pub netns: Option<Netns>,
    /// `mtu` in bytes.
    pub mtu: Option<u32>,
    /// `address`.
    pub mac: Option<Mac>,
}

pub(crate) fn header(family: u8, index: u32, up: bool) -> Vec<u8> {
    let flags = if up { IFF_UP } else { 0 };
    [&[family, 0, 0, 0][..], &index.to_ne_bytes(), &flags.to_ne_bytes(), &flags.to_ne_bytes()].concat()
}

/// Makes a link in one message, and returns its index, where the kernel tells.
pub async fn add(socket: &Socket, new: &New) -> Result<Option<u32>> {
    let mut message = Writer::new(&header(0, new.index.unwrap_or(0), new.up));
    message.text(IFLA_IFNAME, new.name.as_str());
    if let Some(netns) = &new.netns {
        message.u32(IFLA_NET_NS_FD, netns.raw_fd() as u32);
    }
    if let Some(mac) = new.mac {
        message.put(IFLA_ADDRESS, &mac);
    }
    for (kind, value) in
        [(IFLA_MTU, new.mtu), (IFLA_LINK, new.link), (IFLA_TXQLEN, new.txqueuelen), (IFLA_GROUP, new.group), (IFLA_MASTER, new.master)]
    {
        if let Some(value) = value {
            message.u32(kind, value);
        }
    }
    message.nest(IFLA_LINKINFO, |info| {
        info.put(IFLA_INFO_KIND, new.kind.name.as_bytes());
        if !new.settings.is_empty() || new.peer.is_some() {
            info.nest(IFLA_INFO_DATA, |data| {
                if let Some(peer) = &new.peer {
                    let mut inner = Writer::new(&header(0, 0, false));
                    inner.text(IFLA_IFNAME, peer.name.as_str());
                    if let Some(netns) = &peer.netns {
                        inner.u32(IFLA_NET_NS_FD, netns.raw_fd() as u32);
                    }
                    if let Some(mtu) = peer.mtu {
                        inner.u32(IFLA_MTU, mtu);
                    }
                    if let Some(mac) = peer.mac {
                        inner.put(IFLA_ADDRESS, &mac);
                    }
                    data.put(IFLA_NETKIT_PEER_INFO | 0x8000, &inner.bytes());
                }
                field::put_all(data, &new.settings);
            });
        }
    });
    let replies = socket.create_raw(RTM_NEWLINK, message.bytes()).await?;
    Ok(replies.iter().find_map(|reply| match reply {
        Wire::Route(message) => super::read(message).map(|link| link.index),
        Wire::Raw(..) => None,
    }))
}

/// Changes the settings of a link's kind (`ip link set … type KIND …`).
pub async fn set(socket: &Socket, index: u32, kind: &'static Kind, settings: &[Setting]) -> Result<()> {
    let mut message = Writer::new(&header(0, index, false));
    message.nest(IFLA_LINKINFO, |info| {
        info.put(IFLA_INFO_KIND, kind.name.as_bytes());
        info.nest(IFLA_INFO_DATA, |data| field::put_all(data, settings));
    });
    socket.change_raw(0, RTM_NEWLINK, message.bytes()).await
}

/// Changes the settings of a bridge's port.
pub async fn set_port(socket: &Socket, index: u32, settings: &[Setting]) -> Result<()> {
    const AF_BRIDGE: u8 = 7;
    const IFLA_PROTINFO: u16 = 12;
    let mut message = Writer::new(&header(AF_BRIDGE, index, false));
    message.nest(IFLA_PROTINFO, |port| field::put_all(port, settings));
    socket.change_raw(0, RTM_SETLINK, message.bytes()).await
}

/// Adds or removes another name of a link, which may have up to 127 bytes.
pub async fn altname(socket: &Socket, index: u32, name: &str, add: bool) -> Result<()> {
    let mut message = Writer::new(&header(0, index, false));
    message.nest(IFLA_PROP_LIST, |list| list.text(IFLA_ALT_IFNAME, name));
    let (kind, flags) = match add {
        true => (RTM_NEWLINKPROP, netlink_packet_core::NLM_F_EXCL | netlink_packet_core::NLM_F_CREATE | netlink_packet_core::NLM_F_APPEND),
        false => (RTM_DELLINKPROP, 0),
    };
    socket.change_raw(flags, kind, message.bytes()).await
}

/// Returns a link's own settings and those of its place in a bridge.
pub async fn info(socket: &Socket, index: u32) -> Result<(Vec<Setting>, Vec<Setting>)> {
    let replies = socket.get(Message::GetLink(builder().index(index).build())).await?;
    let Some(Message::NewLink(link)) = replies.into_iter().next() else { return Err(Failure::from(Errno::ENODEV)) };
    let Some(info) = link.attributes.iter().find(|attribute| matches!(attribute, LinkAttribute::LinkInfo(_))) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let mut bytes = vec![0; info.value_len()];
    info.emit_value(&mut bytes);
    const SLAVE_KIND: u16 = 4;
    const SLAVE_DATA: u16 = 5;
    let kind = attr::find(&bytes, IFLA_INFO_KIND).map(attr::text).and_then(|word| Kind::named(&word));
    let own = match (kind, attr::find(&bytes, IFLA_INFO_DATA)) {
        (Some(kind), Some(data)) => {
            let mut own = field::read(data, kind.fields);
            // One attribute for both: a group is a multicast address.
            let multicast = |value: &field::Value| matches!(value, field::Value::Ip(ip) if ip.is_multicast());
            own.retain(|(field, value)| match field.name {
                "group" => multicast(value),
                "remote" => !multicast(value),
                _ => true,
            });
            own
        }
        _ => Vec::new(),
    };
    let port = match (attr::find(&bytes, SLAVE_KIND).map(attr::text), attr::find(&bytes, SLAVE_DATA)) {
        (Some(kind), Some(data)) if kind == "bridge" => field::read(data, PORT_FIELDS),
        _ => Vec::new(),
    };
    Ok((own, port))
}
