//! What `ip … help` answers: the words that each object has. Scripts look in it for a word before they use what it names.

use super::stop::Stop;

/// An object, and how its sentences are built.
const OBJECTS: &[(&str, &str)] = &[
    (
        "address",
        "ip address { add | change | replace } ADDRESS dev NAME [ peer ADDRESS ] [ broadcast { ADDRESS | + | - } ] [ anycast ADDRESS ]
            [ label TEXT ] [ scope SCOPE ] [ metric N ] [ proto N ] [ valid_lft TIME ] [ preferred_lft TIME ] [ FLAG… ]
ip address del ADDRESS dev NAME
ip address { show | flush | save } [ [ dev ] NAME ] [ to PREFIX ] [ label PATTERN ] [ scope SCOPE ] [ type KIND ] [ master NAME ] [ vrf NAME ]
            [ group GROUP ] [ up ] [ FLAG… ]
ip address { showdump | restore }
FLAG: home, mngtmpaddr, nodad, optimistic, noprefixroute, autojoin; shown also: permanent, dynamic, secondary, primary, tentative,
      deprecated, dadfailed, temporary, each with - before it for those without
SCOPE: host, link, global, N       TIME: seconds or forever",
    ),
    (
        "link",
        "ip link add [ link NAME ] [ name ] NAME [ address MAC ] [ broadcast MAC ] [ mtu N ] [ index N ] [ txqueuelen N ] [ group GROUP ]
            [ numtxqueues N ] [ numrxqueues N ] [ netns { PID | NAME } ] [ up | down ] type KIND [ OPTIONS ]
ip link set { [ dev ] NAME | group GROUP } [ up | down ] [ name NEW ] [ address MAC ] [ broadcast MAC ] [ mtu N ] [ txqueuelen N ]
            [ alias TEXT ] [ group GROUP ] [ netns { PID | NAME } ] [ link-netnsid N ] [ master NAME | nomaster ] [ vrf NAME ]
            [ arp | dynamic | multicast | allmulticast | promisc | trailers | carrier | protodown { on | off } ]
            [ mode { default | dormant } ] [ state STATE ] [ addrgenmode { eui64 | none | stable_secret | random } ]
            [ gso_max_size N ] [ gso_max_segs N ] [ gro_max_size N ] [ type KIND OPTIONS | type KIND_slave OPTIONS ]
ip link delete { [ dev ] NAME | group GROUP } [ type KIND ]
ip link show [ [ dev ] NAME | group GROUP ] [ up ] [ master NAME ] [ vrf NAME ] [ type KIND ] [ nomaster ]
ip link property { add | del } dev NAME altname NAME…
ip link help KIND",
    ),
    (
        "route",
        "ip route { show | list | flush | save } [ [ to ] [ root | match | exact ] PREFIX ] [ table { TABLE | all | cache } ] [ vrf NAME ] [ dev NAME ]
            [ via ADDRESS ] [ from PREFIX ] [ src ADDRESS ] [ proto PROTOCOL ] [ type TYPE ] [ scope SCOPE ] [ tos N ] [ metric N ]
ip route { restore | showdump }
ip route get [ fibmatch ] ADDRESS [ from ADDRESS ] [ iif NAME ] [ oif NAME ] [ tos N ] [ mark N ] [ vrf NAME ] [ uid N ]
            [ ipproto PROTOCOL ] [ sport N ] [ dport N ] [ connected ] [ notify ]
ip route { add | del | change | append | replace } [ TYPE ] PREFIX [ HOP | nhid ID | nexthop HOP [ weight N ]… ] [ table TABLE ]
            [ proto PROTOCOL ] [ scope SCOPE ] [ metric N ] [ tos N ] [ src ADDRESS ] [ expires TIME ] [ ttl-propagate { enabled | disabled } ]
            [ mtu | advmss | window | rtt | rttvar | ssthresh | cwnd | initcwnd | initrwnd | hoplimit | reordering | rto_min [ lock ] N ]
            [ features ecn ] [ quickack 0|1 ] [ congctl NAME ] [ realms REALM ] [ pref { low | medium | high } ] [ fastopen_no_cookie 0|1 ]
HOP: [ encap ENCAP ] [ via [ inet | inet6 ] ADDRESS ] [ dev NAME ] [ onlink | pervasive ]
ENCAP: mpls LABELS [ ttl N ], seg6 mode { encap | inline | l2encap | encap.red | l2encap.red } segs ADDRESS,… [ hmac KEY ], seg6local action ACTION [ ARGUMENT… ] [ count ],
       ip | ip6 [ id N ] [ src ADDRESS ] [ dst ADDRESS ]
ACTION: End, End.X, End.T, End.DX2, End.DX6, End.DX4, End.DT6, End.DT4, End.DT46, End.B6, End.B6.Encaps
ARGUMENT: nh4 ADDRESS, nh6 ADDRESS, iif NAME, oif NAME, table TABLE, vrftable TABLE, srh segs ADDRESS,… [ hmac KEY ],
          flavors { psp | usp | usd | next-csid [ lblen N ] [ nflen N ] }
TYPE: unicast, local, broadcast, multicast, anycast, throw, unreachable, prohibit, blackhole, nat
TABLE: local, main, default, N     SCOPE: host, link, site, global, N     PROTOCOL: kernel, boot, static, redirect, ra, N",
    ),
    (
        "rule",
        "ip rule [ show | list | flush | save ] [ SELECTOR ]
ip rule restore
ip rule { add | del } [ not ] SELECTOR [ ACTION ]
SELECTOR: from PREFIX, to PREFIX, tos N, fwmark N[/MASK], iif NAME, oif NAME, priority N, l3mdev, uidrange N-N, tun_id N,
          ipproto PROTOCOL, sport N[-N], dport N[-N]
ACTION: table TABLE, lookup TABLE, protocol PROTOCOL, nat ADDRESS, realms REALM, goto N, nop, suppress_prefixlength N,
        suppress_ifgroup GROUP, blackhole, prohibit, unreachable
TABLE: local, main, default, N",
    ),
    (
        "neighbour",
        "ip neigh { add | del | change | replace } { ADDRESS [ lladdr MAC ] [ nud STATE ] | proxy ADDRESS } dev NAME [ router ] [ use ] [ managed ]
            [ extern_learn ] [ protocol PROTOCOL ]
ip neigh { show | flush } [ [ to ] PREFIX | proxy ] [ dev NAME ] [ nud STATE ] [ unused ] [ vrf NAME ] [ nomaster ]
ip neigh get { ADDRESS | proxy ADDRESS } dev NAME
STATE: permanent, noarp, stale, reachable, none, incomplete, delay, probe, failed",
    ),
    (
        "netns",
        "ip netns list
ip netns add NAME
ip netns attach NAME PID
ip netns set NAME { NETNSID | auto }
ip [ -all ] netns delete [ NAME ]
ip netns identify [ PID ]
ip netns pids NAME
ip [ -all ] netns exec [ NAME ] COMMAND…
ip netns monitor
ip netns list-id [ target-nsid N ] [ nsid N ]
NETNSID: 0, 1, …, or auto for one that is free",
    ),
    (
        "nexthop",
        "ip nexthop { list | flush } [ id ID ] [ dev NAME ] [ vrf NAME ] [ master NAME ] [ groups ] [ fdb ] [ proto PROTOCOL ]
ip nexthop { add | replace } id ID HOP [ proto PROTOCOL ]
ip nexthop { get | del } id ID
ip nexthop bucket list [ id ID ] [ nhid ID ] [ dev NAME ] [ vrf NAME ] [ master NAME ]
ip nexthop bucket get id ID index N
HOP: blackhole, [ via ADDRESS ] [ dev NAME ] [ onlink ] [ encap ENCAP ] [ fdb ], group ID[,WEIGHT]/… [ type TYPE ] [ fdb ]
TYPE: mpath, resilient [ buckets N ] [ idle_timer S ] [ unbalanced_timer S ]",
    ),
    (
        "tuntap",
        "ip tuntap { add | del } [ dev ] NAME mode { tun | tap } [ user NAME ] [ group NAME ] [ one_queue ] [ pi ] [ vnet_hdr ] [ multi_queue ]
ip tuntap { show | list } [ dev NAME ]",
    ),
    ("maddress", "ip maddr { add | del } MAC dev NAME\nip maddr show [ dev NAME ]"),
    (
        "monitor",
        "ip monitor [ all | OBJECT… ] [ label ] [ dev NAME ]\n\
         OBJECT: link, address, route, neigh, prefix, rule, netconf, nexthop, nsid",
    ),
    ("vrf", "ip vrf show [ NAME ]\nip vrf identify [ PID ]"),
    (
        "tunnel",
        "ip tunnel { add | change | del | show } [ NAME ] [ mode { gre | ipip | isatap | sit | vti } ] [ remote ADDRESS ] [ local ADDRESS ]
            [ [i|o]seq ] [ [i|o]key KEY ] [ [i|o]csum ] [ ttl N ] [ tos N ] [ [no]pmtudisc ] [ dev NAME ]
ip tunnel 6rd dev NAME { 6rd-prefix PREFIX [ 6rd-relay_prefix PREFIX ] | 6rd-reset }",
    ),
    (
        "tunnel6",
        "ip -6 tunnel { add | change | del | show } [ NAME ] [ mode { ip6ip6 | ipip6 | ip6gre | vti6 | any } ] [ remote ADDRESS ]
            [ local ADDRESS ] [ dev NAME ] [ encaplimit { N | none } ] [ hoplimit N ] [ tclass { N | inherit } ] [ flowlabel { N | inherit } ]
            [ dscp inherit ] [ [no]allow-localremote ] [ [i|o]seq ] [ [i|o]key KEY ] [ [i|o]csum ]",
    ),
    (
        "mptcp",
        "ip mptcp endpoint add ADDRESS [ dev NAME ] [ id ID ] [ port N ] [ FLAG… ]
ip mptcp endpoint delete id ID [ ADDRESS ]
ip mptcp endpoint change { id ID | ADDRESS } [ port N ] { [no]backup | [no]fullmesh }
ip mptcp endpoint show [ id ID ]
ip mptcp endpoint flush
ip mptcp limits set [ subflows N ] [ add_addr_accepted N ]
ip mptcp limits show
FLAG: signal, subflow, backup, fullmesh",
    ),
    (
        "ntable",
        "ip ntable change name NAME [ dev NAME ] [ thresh1 N ] [ thresh2 N ] [ thresh3 N ] [ gc_int MS ] [ base_reachable MS ] [ retrans MS ]
            [ gc_stale MS ] [ delay_probe MS ] [ queue N ] [ app_probes N ] [ ucast_probes N ] [ mcast_probes N ] [ anycast_delay MS ]
            [ proxy_delay MS ] [ proxy_queue N ] [ locktime MS ]
ip ntable show [ dev NAME ] [ name NAME ]",
    ),
    ("mroute", "ip mroute show [ table { TABLE | all } ]"),
    ("addrlabel", "ip addrlabel { add | del } prefix PREFIX [ dev NAME ] [ label N ]\nip addrlabel [ list | flush ]"),
    ("token", "ip token [ list ]\nip token set TOKEN dev NAME\nip token { get | del } dev NAME"),
    (
        "tcp_metrics",
        "ip tcp_metrics { show | flush } [ [ address ] PREFIX ] [ src PREFIX ]\nip tcp_metrics delete [ address ] ADDRESS [ src ADDRESS ]",
    ),
    ("xfrm", "ip xfrm XFRM-OBJECT { COMMAND | help }\nwhere  XFRM-OBJECT := state | policy"),
    (
        "xfrm state",
        "ip xfrm state { add | update } ID [ ALGORITHM… ] [ mode MODE ] [ mark N [ mask N ] ] [ reqid N ] [ seq N ] [ replay-window N ]
            [ replay-seq N ] [ replay-oseq N ] [ replay-seq-hi N ] [ replay-oseq-hi N ] [ flag FLAG… ] [ extra-flag FLAG… ]
            [ sel SELECTOR ] [ limit LIMIT ] [ encap ENCAP ] [ coa ADDRESS ] [ output-mark N [ mask N ] ] [ if_id N ] [ tfcpad N ]
ip xfrm state allocspi ID [ mode MODE ] [ reqid N ] [ seq N ] [ min SPI max SPI ]
ip xfrm state { delete | get } ID [ mark N [ mask N ] ]
ip xfrm state { deleteall | list } [ nokeys ] [ ID ] [ mode MODE ] [ reqid N ]
ip xfrm state flush [ proto PROTO ]
ip xfrm state count
ID: [ src ADDRESS ] [ dst ADDRESS ] [ proto { esp | ah | comp | route2 | hao } ] [ spi SPI ]
ALGORITHM: enc NAME KEY, auth NAME KEY, auth-trunc NAME KEY BITS, aead NAME KEY BITS, comp NAME
MODE: transport, tunnel, beet, ro, in_trigger      ENCAP: { espinudp | espinudp-nonike | espintcp } SPORT DPORT ADDRESS
LIMIT: { time-soft | time-hard | time-use-soft | time-use-hard | byte-soft | byte-hard | packet-soft | packet-hard } N",
    ),
    (
        "xfrm policy",
        "ip xfrm policy { add | update } SELECTOR dir DIR [ mark N [ mask N ] ] [ index N ] [ ptype { main | sub } ]
            [ action { allow | block } ] [ priority N ] [ flag { localok | icmp } ] [ if_id N ] [ limit LIMIT ] [ tmpl TEMPLATE… ]
ip xfrm policy { delete | get } { SELECTOR | index N } dir DIR [ mark N ] [ ptype TYPE ] [ if_id N ]
ip xfrm policy { deleteall | list } [ nosock ] [ SELECTOR ] [ dir DIR ] [ index N ] [ action ACTION ] [ priority N ]
ip xfrm policy flush [ ptype TYPE ]
ip xfrm policy { count | getdefault }
ip xfrm policy setdefault DIR { block | accept } …
SELECTOR: [ src PREFIX ] [ dst PREFIX ] [ dev NAME ] [ proto PROTO ] [ sport N ] [ dport N ] [ type N ] [ code N ] [ key N ]
DIR: in, out, fwd     TEMPLATE: ID [ mode MODE ] [ reqid N ] [ level { required | use } ]",
    ),
    ("netconf", "ip netconf show [ dev NAME ]"),
];

/// A kind of link, and its words behind `type KIND`.
const KINDS: &[(&str, &str)] = &[
    (
        "bridge",
        "[ forward_delay T ] [ hello_time T ] [ max_age T ] [ ageing_time T ] [ stp_state 0|1 ] [ priority N ] [ group_fwd_mask N ]
    [ group_address MAC ] [ vlan_filtering 0|1 ] [ vlan_protocol { 802.1q | 802.1ad } ] [ vlan_default_pvid N ] [ vlan_stats_enabled 0|1 ]
    [ vlan_stats_per_port 0|1 ] [ mcast_snooping 0|1 ] [ mcast_vlan_snooping 0|1 ] [ mcast_router N ] [ mcast_query_use_ifaddr 0|1 ]
    [ mcast_querier 0|1 ] [ mcast_hash_elasticity N ] [ mcast_hash_max N ] [ mcast_last_member_count N ] [ mcast_startup_query_count N ]
    [ mcast_last_member_interval T ] [ mcast_membership_interval T ] [ mcast_querier_interval T ] [ mcast_query_interval T ]
    [ mcast_query_response_interval T ] [ mcast_startup_query_interval T ] [ mcast_stats_enabled 0|1 ] [ mcast_igmp_version 2|3 ]
    [ mcast_mld_version 1|2 ] [ nf_call_iptables 0|1 ] [ nf_call_ip6tables 0|1 ] [ nf_call_arptables 0|1 ] [ no_linklocal_learn 0|1 ]
    [ fdb_flush ]",
    ),
    (
        "bridge_slave",
        "[ state N ] [ priority N ] [ cost N ] [ fdb_flush ] [ mcast_router N ] [ group_fwd_mask N ] [ backup_port NAME | nobackup_port ]
    [ guard | hairpin | fastleave | root_block | learning | flood | proxy_arp | proxy_arp_wifi | mcast_fast_leave | mcast_flood |
      bcast_flood | mcast_to_unicast | neigh_suppress | vlan_tunnel | isolated | locked { on | off } ]",
    ),
    (
        "bond",
        "[ mode { balance-rr | active-backup | balance-xor | broadcast | 802.3ad | balance-tlb | balance-alb } ] [ active_slave NAME ]
    [ clear_active_slave ] [ miimon MS ] [ updelay MS ] [ downdelay MS ] [ peer_notify_delay MS ] [ use_carrier 0|1 ] [ arp_interval MS ]
    [ arp_validate { none | active | backup | all | filter | filter_active | filter_backup } ] [ arp_all_targets { any | all } ]
    [ arp_ip_target ADDRESS,… ] [ arp_missed_max N ] [ primary NAME ] [ primary_reselect { always | better | failure } ]
    [ fail_over_mac { none | active | follow } ] [ xmit_hash_policy POLICY ] [ resend_igmp N ] [ num_grat_arp N ] [ all_slaves_active 0|1 ]
    [ min_links N ] [ lp_interval S ] [ packets_per_slave N ] [ tlb_dynamic_lb 0|1 ] [ lacp_rate { slow | fast } ]
    [ lacp_active { on | off } ] [ ad_select { stable | bandwidth | count } ] [ ad_user_port_key N ] [ ad_actor_sys_prio N ]
    [ ad_actor_system MAC ]
POLICY: layer2, layer2+3, layer3+4, encap2+3, encap3+4, vlan+srcmac",
    ),
    ("bond_slave", "[ queue_id N ] [ prio N ]"),
    (
        "vlan",
        "id N [ protocol { 802.1q | 802.1ad } ] [ reorder_hdr { on | off } ] [ gvrp { on | off } ] [ mvrp { on | off } ]
    [ loose_binding { on | off } ] [ bridge_binding { on | off } ] [ ingress-qos-map FROM:TO… ] [ egress-qos-map FROM:TO… ]",
    ),
    (
        "vxlan",
        "id VNI [ group ADDRESS | remote ADDRESS ] [ local ADDRESS ] [ ttl N ] [ tos N ] [ df { unset | set | inherit } ] [ flowlabel N ]
    [ dev NAME ] [ dstport N ] [ srcport MIN MAX ] [ [no]learning ] [ [no]proxy ] [ [no]rsc ] [ [no]l2miss ] [ [no]l3miss ]
    [ ageing S ] [ maxaddress N ] [ [no]udpcsum ] [ [no]udp6zerocsumtx ] [ [no]udp6zerocsumrx ] [ gbp ] [ gpe ]
    [ [no]external ] [ [no]vnifilter ]",
    ),
    (
        "geneve",
        "id VNI remote ADDRESS [ ttl { N | inherit } ] [ tos N ] [ df { unset | set | inherit } ] [ flowlabel N ] [ dstport N ]
    [ external ] [ [no]udpcsum ] [ [no]udp6zerocsumtx ] [ [no]udp6zerocsumrx ] [ innerprotoinherit ]",
    ),
    (
        "macvlan",
        "mode { private | vepa | bridge | passthru [ nopromisc ] | source } [ flag [no]promisc ] [ macaddr { add | del | set | flush } MAC… ]
    [ bcqueuelen N ]",
    ),
    ("ipvlan", "[ mode { l2 | l3 | l3s } ] [ bridge | private | vepa ]"),
    ("vrf", "table N"),
    ("netkit", "[ mode { l2 | l3 } ] [ peer [ OPTIONS ] NAME ]"),
    ("veth", "[ peer [ name ] NAME [ OPTIONS ] ]\nOPTIONS are those of ip link add"),
    (
        "gre",
        "[ remote ADDRESS ] [ local ADDRESS ] [ [no][i|o]seq ] [ [i|o]key KEY | no[i|o]key ] [ [no][i|o]csum ] [ ttl N ] [ tos N ]
    [ [no]pmtudisc ] [ [no]ignore-df ] [ dev NAME ] [ fwmark MARK ] [ external ]",
    ),
    (
        "ip6gre",
        "[ remote ADDRESS ] [ local ADDRESS ] [ [no][i|o]seq ] [ [i|o]key KEY | no[i|o]key ] [ [no][i|o]csum ] [ hoplimit N ] [ tclass N ]
    [ flowlabel N ] [ dscp inherit ] [ encaplimit N ] [ dev NAME ] [ fwmark MARK ] [ external ]",
    ),
    (
        "ipip",
        "[ remote ADDRESS ] [ local ADDRESS ] [ ttl N ] [ tos N ] [ [no]pmtudisc ] [ dev NAME ] [ mode { ipip | mplsip | any } ]
    [ fwmark MARK ] [ external ]",
    ),
    (
        "ip6tnl",
        "[ mode { ip6ip6 | ipip6 | any } ] [ remote ADDRESS ] [ local ADDRESS ] [ dev NAME ] [ encaplimit N ] [ hoplimit N ] [ tclass N ]
    [ flowlabel N ] [ dscp inherit ] [ fwmark MARK ] [ external ]",
    ),
    ("vti", "[ remote ADDRESS ] [ local ADDRESS ] [ [i|o]key KEY ] [ dev NAME ] [ fwmark MARK ]"),
];

fn of_kind(name: &str) -> Option<&'static (&'static str, &'static str)> {
    let own = match name {
        "macvtap" => "macvlan",
        "ipvtap" => "ipvlan",
        "gretap" => "gre",
        "ip6gretap" => "ip6gre",
        "sit" => "ipip",
        _ => name,
    };
    KINDS.iter().find(|(kind, _)| *kind == own)
}

/// Returns the words of a kind of link, as `ip link help KIND` tells them.
pub(super) fn kind(name: &str) -> Option<String> {
    of_kind(name).map(|(_, text)| format!("Usage: ... {name} {text}\n"))
}

/// Returns what an object can be told, as the end of a command that asked for it or could not be read.
pub(super) fn object(name: &str) -> Stop {
    let text = OBJECTS.iter().find(|(object, _)| *object == name).map_or("", |(_, text)| text);
    let lines = text.replace("\nip ", "\n       ip ");
    let kinds = match name {
        "link" => format!("\nKIND: {}", super::link::kinds().join(" | ")),
        _ => String::new(),
    };
    Stop::unreadable(format!("Usage: {lines}{kinds}"))
}
