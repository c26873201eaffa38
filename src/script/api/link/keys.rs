//! The settings of links as keys of option maps: those of all links, of each kind, and of a bridge's port.

use super::super::super::catalogue::{Key, Options, join, key};
use super::super::wireguard;

/// What any link may be told.
const COMMON: &[Key] = &[
    key("up", "bool", "set it up, or down"),
    key("mtu", "int", "largest packet in bytes"),
    key("mac", "string", "hardware address"),
    key("txqueuelen", "int", "length of the transmit queue in packets"),
    key("alias", "string", "description"),
    key("altname", "string|array", "another name, of at most 127 bytes, or a list of them"),
    key("arp", "bool", "answer and ask by ARP"),
    key("promisc", "bool", "take packets for others too"),
    key("multicast", "bool", "send and take multicast"),
    key("allmulticast", "bool", "take all multicast packets"),
    key("carrier", "bool", "whether the cable is in, where that can be set (dummy, tun, tap)"),
];

/// What is said once, when a link is made.
const NEW: &[Key] = &[
    key("group", "int|string", "device group; an address: multicast group of a VXLAN"),
    key("master", "Link|string", "the bridge, bond or VRF that it joins"),
    key("members", "array", "the links that join it (bridge, bond, vrf)"),
    key("addr", "string|array", "address with prefix length, or a list of them"),
    key("netns", "Netns", "the namespace in which it is born; what it sits on stays here"),
];

/// The other link that it takes.
const OTHER: &[Key] = &[
    key("link", "Link|string", "the link that it sits on (vlan, macvlan, macvtap, ipvlan)"),
    Key { name: "peer", takes: "string|map", help: "the other end: its name, or a map (netkit)", nested: Some(&PEER) },
];

/// The other end of a netkit pair.
pub(super) const PEER: Options = Options {
    keys: &[
        key("name", "string", "its name"),
        key("netns", "Netns", "the namespace in which it is born"),
        key("mtu", "int", "largest packet in bytes"),
        key("mac", "string", "hardware address (l2)"),
        key("master", "Link|string", "the bridge that it becomes a port of"),
        key("addr", "string|array", "address with prefix length, or a list of them"),
        key("up", "bool", "whether it is set up"),
    ],
};

/// What a link that is there may be told.
const OLD: &[Key] = &[
    key("name", "string", "new name, at most 15 bytes"),
    key("group", "int", "device group"),
    key("master", "Link|string", "the bridge, bond or VRF that it joins; \"\" for none"),
    key("netns", "Netns|string", "the namespace to which it moves"),
];

/// The settings of each kind but bridge.
const KINDS: &[Key] = &[
    key("dev", "Link|string", "the link through which a tunnel goes (vxlan, gre, gretap, ipip, sit)"),
    key("id", "int", "VLAN id, or VNI (vlan, vxlan, geneve)"),
    key("protocol", "string", "802.1Q or 802.1ad (vlan)"),
    key("reorder_hdr", "bool", "the tag is taken off before others see the packet, which is the default (vlan)"),
    key("gvrp", "bool", "tell the switch by GVRP (vlan)"),
    key("mvrp", "bool", "tell the switch by MVRP (vlan)"),
    key("loose_binding", "bool", "its state does not follow that of the link below (vlan)"),
    key("bridge_binding", "bool", "its state follows that of the bridge's ports in this VLAN (vlan)"),
    key(
        "mode",
        "string",
        "macvlan: bridge, private, vepa, passthru; ipvlan: l2, l3, l3s; bond: active-backup, balance-rr …; netkit: l2, l3; ipip, sit: any, ipip, ip6ip",
    ),
    key("isolation", "string", "bridge, private or vepa: whether those of one link talk to each other (ipvlan)"),
    key("local", "string", "own address of a tunnel"),
    key("remote", "string", "address of a tunnel's other end"),
    key("dstport", "int", "UDP port (vxlan: 4789 if not said; geneve)"),
    key("learning", "bool", "remember who is behind which end (vxlan), or who is behind it (a bridge's port)"),
    key("proxy", "bool", "answer ARP for known neighbours (vxlan)"),
    key("external", "bool", "the VNI comes with each packet (vxlan)"),
    key("rsc", "bool", "route short circuit (vxlan)"),
    key("l2miss", "bool", "tell of hardware addresses that are not known (vxlan)"),
    key("l3miss", "bool", "tell of IP addresses that are not known (vxlan)"),
    key("udpcsum", "bool", "checksums of the outer packets over IPv4 (vxlan, geneve)"),
    key("udp6zerocsumtx", "bool", "no checksums of the outer packets over IPv6 (vxlan, geneve)"),
    key("udp6zerocsumrx", "bool", "take outer packets without a checksum over IPv6 (vxlan, geneve)"),
    key("gbp", "bool", "group policy extension (vxlan)"),
    key("maxaddress", "int", "hardware addresses that it remembers at most (vxlan)"),
    key("pmtudisc", "bool", "the outer packets are not fragmented, which is the default (gre, gretap, ipip, sit)"),
    key("ttl", "int", "TTL of a tunnel's outer packets; 0 takes that of the inner ones"),
    key("tos", "int", "TOS of a tunnel's outer packets"),
    key("key", "int", "key in both directions (gre, gretap)"),
    key("csum", "bool", "checksums in both directions (gre, gretap)"),
    key("seq", "bool", "numbered packets in both directions (gre, gretap)"),
    key("table", "int", "routing table (vrf)"),
    key("miimon", "string", "how often a bond looks at its members' carriers"),
    key("updelay", "string", "how long a bond waits before it uses a member that came up"),
    key("downdelay", "string", "how long a bond waits before it gives a member up"),
    key("xmit_hash_policy", "string", "layer2, layer2+3 or layer3+4 (bond)"),
    key("lacp_rate", "string", "slow or fast (bond)"),
    key("use_carrier", "bool", "believe the carrier that the driver tells (bond)"),
    key("arp_interval", "string", "how often a bond asks by ARP whether the way is there"),
    key("primary", "Link|string", "the member that is used when it can be (bond)"),
    key("primary_reselect", "string", "always, better or failure: when the primary member is taken again (bond)"),
    key("active_slave", "Link|string", "the member in use (bond)"),
    key("fail_over_mac", "string", "none, active or follow: whose hardware address it has (bond)"),
    key("min_links", "int", "members that must have a carrier (bond)"),
    key("all_slaves_active", "bool", "take what comes in on members that are not in use (bond)"),
    key("ad_select", "string", "stable, bandwidth or count (bond, 802.3ad)"),
    key("resend_igmp", "int", "membership reports after a change of members (bond)"),
    key("num_grat_arp", "int", "ARP announcements after a change of members (bond)"),
    key("lp_interval", "int", "seconds between two learning packets (bond)"),
    key("packets_per_slave", "int", "packets before the next member's turn (bond, balance-rr)"),
    key("tlb_dynamic_lb", "bool", "spread flows by the load of the members (bond, balance-tlb)"),
    key("policy", "string", "forward or blackhole: what it does with packets where no program decides (netkit)"),
    key("peer_policy", "string", "the same of the other end (netkit)"),
    key("pi", "bool", "packet information before each packet (tun, tap)"),
    key("multi_queue", "bool", "several queues (tun, tap)"),
    key("vnet_hdr", "bool", "offload headers (tun, tap)"),
];

/// What a bridge has, and something else too.
const SHARED: &[Key] = &[
    key("ageing_time", "string", "how long a silent address is remembered (bridge, vxlan)"),
    key("priority", "int", "STP priority (a bridge: 0 to 65535, its port: 0 to 63)"),
    key("mcast_router", "int", "0 never, 1 by itself, 2 always: whether multicast goes to routers there (bridge, a bridge's port)"),
];

/// The settings of a bridge alone.
const BRIDGE: &[Key] = &[
    key("stp", "bool", "spanning tree; off, a port forwards at once (bridge)"),
    key("forward_delay", "string", "time in listening and in learning, 2s to 30s (bridge)"),
    key("hello_time", "string", "between two STP hellos (bridge)"),
    key("max_age", "string", "how long an STP message is believed (bridge)"),
    key("vlan_filtering", "bool", "keep VLANs apart (bridge)"),
    key("vlan_protocol", "string", "802.1Q or 802.1ad (bridge)"),
    key("vlan_default_pvid", "int", "VLAN of packets without a tag, 0 for none (bridge)"),
    key("vlan_stats_enabled", "bool", "count packets of each VLAN (bridge)"),
    key("vlan_stats_per_port", "bool", "count them for each port (bridge)"),
    key("group_fwd_mask", "int", "which of the addresses 01:80:c2:00:00:0X are forwarded, as bits (bridge)"),
    key("mcast_snooping", "bool", "learn who wants multicast (bridge)"),
    key("mcast_querier", "bool", "ask who wants multicast (bridge)"),
    key("mcast_query_use_ifaddr", "bool", "ask from the bridge's own address (bridge)"),
    key("mcast_hash_max", "int", "groups that it remembers at most (bridge)"),
    key("mcast_last_member_count", "int", "questions before a group is given up (bridge)"),
    key("mcast_startup_query_count", "int", "questions at the beginning (bridge)"),
    key("mcast_last_member_interval", "string", "between the questions before a group is given up (bridge)"),
    key("mcast_membership_interval", "string", "how long a silent member is remembered (bridge)"),
    key("mcast_querier_interval", "string", "how long another querier may be silent (bridge)"),
    key("mcast_query_interval", "string", "between two questions (bridge)"),
    key("mcast_query_response_interval", "string", "how long an answer may take (bridge)"),
    key("mcast_startup_query_interval", "string", "between the questions at the beginning (bridge)"),
    key("mcast_stats_enabled", "bool", "count multicast packets (bridge)"),
    key("mcast_igmp_version", "int", "2 or 3 (bridge)"),
    key("mcast_mld_version", "int", "1 or 2 (bridge)"),
    key("nf_call_iptables", "bool", "the IPv4 firewall sees what it forwards (bridge)"),
    key("nf_call_ip6tables", "bool", "the IPv6 firewall sees what it forwards (bridge)"),
    key("nf_call_arptables", "bool", "the ARP firewall sees what it forwards (bridge)"),
];

/// The settings of a bridge's port that no kind has.
const PORT: &[Key] = &[
    key("isolated", "bool", "talk to no other isolated port (a bridge's port)"),
    key("flood", "bool", "send packets for unknown addresses there (a bridge's port)"),
    key("mcast_flood", "bool", "send multicast there (a bridge's port)"),
    key("bcast_flood", "bool", "send broadcasts there (a bridge's port)"),
    key("mcast_to_unicast", "bool", "send multicast to each member by itself (a bridge's port)"),
    key("hairpin", "bool", "send packets back where they came from (a bridge's port)"),
    key("cost", "int", "STP path cost, 1 to 65535 (a bridge's port)"),
    key("state", "string", "disabled, listening, learning, forwarding, blocking (a bridge's port, STP off)"),
    key("guard", "bool", "refuse STP messages from there (a bridge's port)"),
    key("root_block", "bool", "never take it as the way to the root (a bridge's port)"),
    key("fastleave", "bool", "leave a multicast group at once (a bridge's port)"),
    key("neigh_suppress", "bool", "answer ARP from what is known (a bridge's port)"),
    key("vlan_tunnel", "bool", "each VLAN goes into a tunnel of its own (a bridge's port)"),
    key("locked", "bool", "take packets only from addresses that are in the FDB (a bridge's port)"),
    key("backup_port", "Link|string", "the port that takes over when this one has no carrier (a bridge's port)"),
];

/// WireGuard's own, which is changed by `link.wireguard`.
const WIREGUARD: &[Key] = &[
    key("private_key", "string", "private key in base64 (wireguard)"),
    key("listen_port", "int", "UDP port (wireguard)"),
    key("fwmark", "int|string", "firewall mark of the outer packets (wireguard)"),
    Key { name: "peers", takes: "array", help: "a map for each peer (wireguard)", nested: Some(&wireguard::NEW_PEER) },
];

/// What each of the lists of keys holds.
const fn sum(lists: &[&[Key]]) -> usize {
    let (mut all, mut list) = (0, 0);
    while list < lists.len() {
        all += lists[list].len();
        list += 1;
    }
    all
}

const OF_ADD: &[&[Key]] = &[COMMON, NEW, OTHER, SHARED, KINDS, BRIDGE, WIREGUARD];
const OF_BRIDGE: &[&[Key]] = &[COMMON, NEW, SHARED, BRIDGE];
const OF_SET: &[&[Key]] = &[COMMON, OLD, PORT, SHARED, KINDS, BRIDGE];

/// `link::add`.
pub(super) const ADD: Options = Options { keys: &join::<{ sum(OF_ADD) }>(OF_ADD) };

/// `bridge::add`.
pub(in super::super) const ADD_BRIDGE: Options = Options { keys: &join::<{ sum(OF_BRIDGE) }>(OF_BRIDGE) };

/// `link.set`.
pub(super) const SET: Options = Options { keys: &join::<{ sum(OF_SET) }>(OF_SET) };

/// Whether every kind of link takes a key of `link::add`.
pub(super) fn is_common(key: &str) -> bool {
    [COMMON, NEW, OTHER].iter().any(|list| list.iter().any(|known| known.name == key))
}

/// Whether a key of `link.set` is one of every link.
pub(super) fn is_plain(key: &str) -> bool {
    [COMMON, OLD].iter().any(|list| list.iter().any(|known| known.name == key))
}
