//! The network vocabulary against the real programs, from one table: each row is made through labsh and read by `ip -j`, `bridge -j` or
//! `tc -j`; then the lines of `--trace` are run by a shell in a fresh sandbox, and must give the same dump.
//!
//! A row says which features of the kernel it needs. They are probed once; a row whose feature is missing is ignored, with the reason, and
//! nothing counts as passed that did not run. The same binary runs under another kernel that has them. The list of what ran is
//! printed at the end. LABSH_BIN names another binary than the one that cargo built.

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

#[path = "net/links.rs"]
mod links;
#[path = "net/network.rs"]
mod network;
#[path = "net/programs.rs"]
mod programs;
#[path = "net/queueing.rs"]
mod queueing;
#[path = "net/sample.rs"]
mod sample;

/// One object: what it needs, the script that makes it, the program that shows it, and what that is to say.
struct Row {
    name: &'static str,
    needs: &'static [&'static str],
    make: &'static str,
    show: &'static str,
    wants: &'static [(&'static str, &'static str)],
}

const fn row(
    name: &'static str,
    needs: &'static [&'static str],
    make: &'static str,
    show: &'static str,
    wants: &'static [(&'static str, &'static str)],
) -> Row {
    Row { name, needs, make, show, wants }
}

/// What stands before each row: a pair that is up, with an address.
const STAGE: &str = r#"let w = veth::add("eth0", "eth1", #{ a: #{ addr: "192.0.2.1/24", up: true }, b: #{ up: true } });"#;

const LINK: &str = "ip -d -j link show dev x0";
const QDISC: &str = "tc -j qdisc show dev eth0";

const ROWS: &[Row] = &[
    row(
        "dummy",
        &["dummy"],
        r#"link::add("x0", "dummy", #{ mtu: 1400, mac: "02:00:00:00:00:01", txqueuelen: 7, alias: "a b", group: 5, up: true })"#,
        LINK,
        &[
            ("/0/linkinfo/info_kind", r#""dummy""#),
            ("/0/mtu", "1400"),
            ("/0/address", r#""02:00:00:00:00:01""#),
            ("/0/txqlen", "7"),
            ("/0/ifalias", r#""a b""#),
            ("/0/group", r#""5""#),
            ("/0/operstate", r#""UNKNOWN""#),
        ],
    ),
    row(
        "dummy with addresses",
        &["dummy"],
        r#"link::add("x0", "dummy", #{ addr: ["10.9.0.1/32", "10.9.1.1/24"] })"#,
        "ip -j addr show dev x0",
        &[("/0/addr_info/0/local", r#""10.9.0.1""#), ("/0/addr_info/0/prefixlen", "32"), ("/0/addr_info/1/local", r#""10.9.1.1""#)],
    ),
    row(
        "bridge",
        &[],
        r#"link::add("x0", "bridge", #{ stp: true, forward_delay: "4s", hello_time: "1s", max_age: "6s", priority: 4096, ageing_time: "10s", mcast_snooping: false })"#,
        LINK,
        &[
            ("/0/linkinfo/info_data/stp_state", "1"),
            ("/0/linkinfo/info_data/forward_delay", "400"),
            ("/0/linkinfo/info_data/hello_time", "100"),
            ("/0/linkinfo/info_data/max_age", "600"),
            ("/0/linkinfo/info_data/priority", "4096"),
            ("/0/linkinfo/info_data/ageing_time", "1000"),
            ("/0/linkinfo/info_data/mcast_snooping", "0"),
        ],
    ),
    row(
        "bridge that filters",
        &["vlan_filtering"],
        r#"link::add("x0", "bridge", #{ vlan_filtering: true, vlan_default_pvid: 7 })"#,
        LINK,
        &[("/0/linkinfo/info_data/vlan_filtering", "1"), ("/0/linkinfo/info_data/vlan_default_pvid", "7")],
    ),
    row(
        "vlan",
        &["vlan"],
        r#"link::add("x0", "vlan", #{ link: "eth0", id: 10, up: true })"#,
        LINK,
        &[("/0/link", r#""eth0""#), ("/0/linkinfo/info_data/id", "10"), ("/0/linkinfo/info_data/protocol", r#""802.1Q""#)],
    ),
    row(
        "vlan 802.1ad",
        &["vlan"],
        r#"link::add("x0", "vlan", #{ link: w.a, id: 4000, protocol: "802.1ad" })"#,
        LINK,
        &[("/0/linkinfo/info_data/id", "4000"), ("/0/linkinfo/info_data/protocol", r#""802.1ad""#)],
    ),
    row(
        "vlan born elsewhere",
        &["vlan"],
        r#"let far = netns::add("far"); link::add("x0", "vlan", #{ link: "eth0", id: 5, netns: far, addr: "10.5.0.1/24", up: true })"#,
        "ip -n far -j addr show dev x0",
        &[("/0/ifname", r#""x0""#), ("/0/flags/2", r#""UP""#), ("/0/addr_info/0/local", r#""10.5.0.1""#)],
    ),
    row(
        "vxlan",
        &["vxlan"],
        r#"link::add("x0", "vxlan", #{ id: 42, local: "192.0.2.1", remote: "192.0.2.2", dev: "eth0", ttl: 9, learning: false })"#,
        LINK,
        &[
            ("/0/linkinfo/info_data/id", "42"),
            ("/0/linkinfo/info_data/local", r#""192.0.2.1""#),
            ("/0/linkinfo/info_data/remote", r#""192.0.2.2""#),
            ("/0/linkinfo/info_data/port", "4789"),
            ("/0/linkinfo/info_data/ttl", "9"),
            ("/0/linkinfo/info_data/learning", "false"),
            ("/0/linkinfo/info_data/link", r#""eth0""#),
            ("/0/mtu", "1450"),
        ],
    ),
    row(
        "vxlan with a group",
        &["vxlan"],
        r#"link::add("x0", "vxlan", #{ id: 43, group: "239.1.1.1", dev: "eth0", dstport: 4790, ageing_time: "60s" })"#,
        LINK,
        &[
            ("/0/linkinfo/info_data/group", r#""239.1.1.1""#),
            ("/0/linkinfo/info_data/port", "4790"),
            ("/0/linkinfo/info_data/ageing", "60"),
        ],
    ),
    row(
        "vxlan over IPv6",
        &["vxlan"],
        r#"link::add("x0", "vxlan", #{ id: 44, local: "2001:db8::1", remote: "2001:db8::2" })"#,
        LINK,
        &[("/0/linkinfo/info_data/remote6", r#""2001:db8::2""#), ("/0/linkinfo/info_data/local6", r#""2001:db8::1""#)],
    ),
    row(
        "vxlan external",
        &["vxlan"],
        r#"link::add("x0", "vxlan", #{ external: true })"#,
        LINK,
        &[("/0/linkinfo/info_data/external", "true")],
    ),
    row(
        "macvlan",
        &["macvlan"],
        r#"link::add("x0", "macvlan", #{ link: "eth0", mode: "bridge", up: true })"#,
        LINK,
        &[("/0/linkinfo/info_kind", r#""macvlan""#), ("/0/linkinfo/info_data/mode", r#""bridge""#)],
    ),
    row(
        "macvlan private",
        &["macvlan"],
        r#"link::add("x0", "macvlan", #{ link: "eth0", mode: "private" })"#,
        LINK,
        &[("/0/linkinfo/info_data/mode", r#""private""#)],
    ),
    row(
        "macvtap",
        &["macvtap"],
        r#"link::add("x0", "macvtap", #{ link: "eth0", mode: "vepa" })"#,
        LINK,
        &[("/0/linkinfo/info_kind", r#""macvtap""#), ("/0/linkinfo/info_data/mode", r#""vepa""#)],
    ),
    row(
        "ipvlan",
        &["ipvlan"],
        r#"link::add("x0", "ipvlan", #{ link: "eth0", mode: "l3s" })"#,
        LINK,
        &[("/0/linkinfo/info_data/mode", r#""l3s""#)],
    ),
    row(
        "vrf",
        &["vrf"],
        r#"link::add("x0", "vrf", #{ table: 1001, members: ["eth0"], up: true })"#,
        "ip -d -j link show dev eth0",
        &[("/0/master", r#""x0""#), ("/0/linkinfo/info_slave_data/table", "1001")],
    ),
    row(
        "bond",
        &["bond"],
        r#"let m = veth::add("m0", "m0p").a; m.up(); link::add("x0", "bond", #{ mode: "active-backup", miimon: "100ms", updelay: "200ms", members: [m], up: true })"#,
        LINK,
        &[
            ("/0/linkinfo/info_data/mode", r#""active-backup""#),
            ("/0/linkinfo/info_data/miimon", "100"),
            ("/0/linkinfo/info_data/updelay", "200"),
        ],
    ),
    row(
        "bond 802.3ad",
        &["bond"],
        r#"link::add("x0", "bond", #{ mode: "802.3ad", lacp_rate: "fast", xmit_hash_policy: "layer3+4" })"#,
        LINK,
        &[
            ("/0/linkinfo/info_data/mode", r#""802.3ad""#),
            ("/0/linkinfo/info_data/ad_lacp_rate", r#""fast""#),
            ("/0/linkinfo/info_data/xmit_hash_policy", r#""layer3+4""#),
        ],
    ),
    row("ifb", &["ifb"], r#"link::add("x0", "ifb", #{ up: true })"#, LINK, &[("/0/linkinfo/info_kind", r#""ifb""#)]),
    row(
        "gre",
        &["gre"],
        r#"link::add("x0", "gre", #{ local: "192.0.2.1", remote: "192.0.2.2", ttl: 64, key: 42 })"#,
        LINK,
        &[
            ("/0/linkinfo/info_kind", r#""gre""#),
            ("/0/linkinfo/info_data/remote", r#""192.0.2.2""#),
            ("/0/linkinfo/info_data/ttl", "64"),
            ("/0/linkinfo/info_data/ikey", r#""0.0.0.42""#),
        ],
    ),
    row(
        "gretap",
        &["gre"],
        r#"link::add("x0", "gretap", #{ local: "192.0.2.1", remote: "192.0.2.3", dev: "eth0" })"#,
        LINK,
        &[("/0/linkinfo/info_kind", r#""gretap""#), ("/0/linkinfo/info_data/remote", r#""192.0.2.3""#)],
    ),
    row(
        "ipip",
        &["ipip"],
        r#"link::add("x0", "ipip", #{ local: "192.0.2.1", remote: "192.0.2.4", ttl: 64 })"#,
        LINK,
        &[("/0/linkinfo/info_data/remote", r#""192.0.2.4""#)],
    ),
    row(
        "sit",
        &["sit"],
        r#"link::add("x0", "sit", #{ local: "192.0.2.1", remote: "192.0.2.5", ttl: 64 })"#,
        LINK,
        &[("/0/linkinfo/info_data/remote", r#""192.0.2.5""#)],
    ),
    row(
        "geneve",
        &["geneve"],
        r#"link::add("x0", "geneve", #{ id: 77, remote: "192.0.2.6", dstport: 6082 })"#,
        LINK,
        &[("/0/linkinfo/info_data/id", "77"), ("/0/linkinfo/info_data/port", "6082")],
    ),
    row(
        "wireguard",
        &["wireguard"],
        r#"link::add("x0", "wireguard", #{ mtu: 1380 })"#,
        LINK,
        &[("/0/linkinfo/info_kind", r#""wireguard""#), ("/0/mtu", "1380")],
    ),
    row("nlmon", &["nlmon"], r#"link::add("x0", "nlmon", #{ up: true })"#, LINK, &[("/0/linkinfo/info_kind", r#""nlmon""#)]),
    row(
        "tun",
        &["tun"],
        r#"link::add("x0", "tun", #{ mtu: 1300, addr: "10.8.0.1/24", up: true })"#,
        LINK,
        &[("/0/linkinfo/info_data/type", r#""tun""#), ("/0/linkinfo/info_data/persist", "true"), ("/0/mtu", "1300")],
    ),
    row(
        "tap in a bridge",
        &["tun"],
        r#"let b = bridge::add("br0"); link::add("x0", "tap", #{ master: b, multi_queue: true })"#,
        LINK,
        &[("/0/linkinfo/info_data/type", r#""tap""#), ("/0/linkinfo/info_data/multi_queue", "true"), ("/0/master", r#""br0""#)],
    ),
    row(
        "other names",
        &[],
        r#"w.a.altname_add("the-cable-to-the-other-end").altname_add("short")"#,
        "ip -j link show dev eth0",
        &[("/0/altnames/0", r#""the-cable-to-the-other-end""#), ("/0/altnames/1", r#""short""#)],
    ),
    row(
        "link settings",
        &[],
        r#"w.a.set(#{ group: 9, allmulticast: true, alias: "to the left", txqueuelen: 11 })"#,
        "ip -d -j link show dev eth0",
        &[("/0/group", r#""9""#), ("/0/ifalias", r#""to the left""#), ("/0/txqlen", "11"), ("/0/allmulti", "1")],
    ),
    row(
        "bridge port",
        &[],
        r#"let b = bridge::add("br0"); w.a.master(b); w.a.set(#{ isolated: true, learning: false, flood: false, hairpin: true, cost: 9, guard: true, priority: 5, mcast_flood: false, fastleave: true, root_block: true })"#,
        "bridge -d -j link show dev eth0",
        &[
            ("/0/isolated", "true"),
            ("/0/learning", "false"),
            ("/0/flood", "false"),
            ("/0/hairpin", "true"),
            ("/0/cost", "9"),
            ("/0/guard", "true"),
            ("/0/priority", "5"),
            ("/0/mcast_flood", "false"),
            ("/0/fastleave", "true"),
            ("/0/root_block", "true"),
        ],
    ),
    row(
        "bridge port with another that takes over",
        &[],
        r#"let b = bridge::add("br0", #{ members: [w.a, w.b] }); w.a.set(#{ backup_port: w.b })"#,
        "bridge -d -j link show dev eth0",
        &[("/0/backup_port", r#""eth1""#)],
    ),
    row(
        "link with all that one can have",
        &[],
        r#"link::add("x0", "bridge", #{ altname: ["a-bridge-with-a-long-name", "b"], arp: false, promisc: true, multicast: false, allmulticast: true, alias: "it", group: 4 })"#,
        LINK,
        &[
            ("/0/altnames/0", r#""a-bridge-with-a-long-name""#),
            ("/0/altnames/1", r#""b""#),
            ("/0/flags", r#"["BROADCAST","NOARP","ALLMULTI","PROMISC"]"#),
            ("/0/promiscuity", "1"),
            ("/0/allmulti", "1"),
            ("/0/ifalias", r#""it""#),
            ("/0/group", r#""4""#),
        ],
    ),
    row(
        "link set to another namespace",
        &[],
        r#"let far = netns::add("far"); w.b.set(#{ mtu: 1300, netns: far, name: "x0", up: true })"#,
        "ip -n far -d -j link show dev x0",
        &[("/0/mtu", "1300"), ("/0/flags/2", r#""UP""#)],
    ),
    row(
        "link set into a bridge with its settings there",
        &[],
        r#"let b = bridge::add("br0"); w.a.set(#{ master: b, isolated: true, altname: "p", multicast: false })"#,
        "bridge -d -j link show dev eth0",
        &[("/0/master", r#""br0""#), ("/0/isolated", "true")],
    ),
    row(
        "settings of a kind, changed",
        &["vxlan"],
        r#"link::add("x0", "vxlan", #{ id: 7, remote: "192.0.2.9" }).set(#{ ttl: 9, learning: false, mtu: 1300 })"#,
        LINK,
        &[("/0/linkinfo/info_data/ttl", "9"), ("/0/linkinfo/info_data/learning", "false"), ("/0/mtu", "1300")],
    ),
    row(
        "bond with a primary member",
        &["bond"],
        r#"let m = veth::add("m0", "m0p").a; link::add("x0", "bond", #{ mode: "active-backup", miimon: "100ms", members: [m], primary: m })"#,
        LINK,
        &[("/0/linkinfo/info_data/primary", r#""m0""#)],
    ),
    row(
        "vlans of a port",
        &["vlan_filtering"],
        r#"let b = bridge::add("br0", #{ vlan_filtering: true }); w.a.master(b).vlan.add(10, #{ pvid: true, untagged: true }).add("20-22").del(1); b.vlan.add(30)"#,
        "bridge -j vlan show",
        &[
            ("/0/vlans/0/vlan", "10"),
            ("/0/vlans/0/flags/0", r#""PVID""#),
            ("/0/vlans/0/flags/1", r#""Egress Untagged""#),
            ("/0/vlans/3/vlan", "22"),
            ("/1/vlans/1/vlan", "30"),
        ],
    ),
    row(
        "fdb of a bridge",
        &[],
        r#"let b = bridge::add("br0"); w.a.master(b); b.fdb.add("02:00:00:00:00:09", w.a)"#,
        "bridge -j fdb show br br0 | grep -o '{[^}]*02:00:00:00:00:09[^}]*}'",
        &[("/ifname", r#""eth0""#), ("/state", r#""static""#), ("/master", r#""br0""#)],
    ),
    row(
        "fdb of a vxlan",
        &["vxlan"],
        r#"let x = link::add("x0", "vxlan", #{ id: 42, local: "192.0.2.1" }); x.fdb.add("00:00:00:00:00:00", x, #{ dst: "192.0.2.7" }).add("00:00:00:00:00:00", x, #{ dst: "192.0.2.8", append: true, vni: 77, port: 4790 })"#,
        "bridge -j fdb show dev x0",
        &[("/0/dst", r#""192.0.2.7""#), ("/0/flags/0", r#""self""#), ("/1/dst", r#""192.0.2.8""#), ("/1/vni", "77"), ("/1/port", "4790")],
    ),
    row(
        "rule by source",
        &[],
        r#"rule::add(#{ from: "10.1.0.0/16", table: 1000, priority: 100 })"#,
        "ip -j rule show priority 100",
        &[("/0/src", r#""10.1.0.0""#), ("/0/srclen", "16"), ("/0/table", r#""1000""#)],
    ),
    row(
        "rule with all selectors",
        &[],
        r#"rule::add(#{ to: "192.0.2.0/24", iif: "eth0", fwmark: "0x10/0xff", ipproto: "tcp", sport: 80, dport: "1000-2000", priority: 100, table: 7, suppress_prefixlength: 0, tos: 16 })"#,
        "ip -j rule show priority 100",
        &[
            ("/0/dst", r#""192.0.2.0""#),
            ("/0/iif", r#""eth0""#),
            ("/0/fwmark", r#""0x10""#),
            ("/0/fwmask", r#""0xff""#),
            ("/0/ipproto", r#""tcp""#),
            ("/0/sport", "80"),
            ("/0/dport_start", "1000"),
            ("/0/dport_end", "2000"),
            ("/0/table", r#""7""#),
            ("/0/suppress_prefixlen", "0"),
        ],
    ),
    row(
        "rule by user",
        &["root"],
        r#"rule::add(#{ uidrange: "0-0", table: 7, priority: 100 })"#,
        "ip -j rule show priority 100",
        &[("/0/uid_start", "0"), ("/0/uid_end", "0")],
    ),
    row(
        "rule by link out",
        &[],
        r#"rule::add(#{ oif: "eth0", table: 7, priority: 100 })"#,
        "ip -j rule show priority 100",
        &[("/0/oif", r#""eth0""#)],
    ),
    row(
        "rule that refuses",
        &[],
        r#"rule::add(#{ from: "10.0.0.1", type: "prohibit", priority: 100 })"#,
        "ip -j rule show priority 100",
        &[("/0/action", r#""prohibit""#), ("/0/src", r#""10.0.0.1""#)],
    ),
    row(
        "rule that drops",
        &[],
        r#"rule::add(#{ not: true, from: "10.0.0.0/8", type: "blackhole", priority: 100 })"#,
        "ip -j rule show priority 100",
        &[("/0/action", r#""blackhole""#), ("/0/not", "null")],
    ),
    row(
        "rule that goes on",
        &[],
        r#"rule::add(#{ go_to: 32766, priority: 100 })"#,
        "ip -j rule show priority 100",
        &[("/0/goto", "32766")],
    ),
    row(
        "rule of IPv6",
        &[],
        r#"rule::add(#{ from: "2001:db8::/32", table: "main", priority: 100 })"#,
        "ip -6 -j rule show priority 100",
        &[("/0/src", r#""2001:db8::""#), ("/0/table", r#""main""#)],
    ),
    row(
        "nexthop",
        &[],
        r#"nexthop::add(1, #{ via: "192.0.2.2", dev: "eth0" })"#,
        "ip -j nexthop",
        &[("/0/id", "1"), ("/0/gateway", r#""192.0.2.2""#), ("/0/dev", r#""eth0""#)],
    ),
    row(
        "nexthop group",
        &[],
        r#"nexthop::add(1, #{ via: "192.0.2.2", dev: "eth0" }).add(2, #{ dev: "eth0" }).add(9, #{ group: [1, #{ id: 2, weight: 3 }] }); route::add("198.51.100.0/24", #{ nhid: 9 })"#,
        "ip -j nexthop show id 9",
        &[("/0/group/0/id", "1"), ("/0/group/1/id", "2"), ("/0/group/1/weight", "3")],
    ),
    row(
        "route by a nexthop",
        &[],
        r#"nexthop::add(1, #{ via: "192.0.2.2", dev: "eth0" }); route::add("198.51.100.0/24", #{ nhid: 1, metric: 7 })"#,
        "ip -j route show 198.51.100.0/24",
        &[("/0/nhid", "1"), ("/0/metric", "7"), ("/0/gateway", r#""192.0.2.2""#)],
    ),
    row(
        "nexthop that drops",
        &[],
        r#"nexthop::add(5, #{ blackhole: true })"#,
        "ip -j nexthop",
        &[("/0/id", "5"), ("/0/blackhole", "null")],
    ),
    row(
        "route over two",
        &[],
        r#"route::add("default", #{ nexthops: [#{ via: "192.0.2.2", weight: 1 }, #{ via: "192.0.2.3", weight: 5 }] })"#,
        "ip -j route show default",
        &[("/0/nexthops/0/gateway", r#""192.0.2.2""#), ("/0/nexthops/1/weight", "5")],
    ),
    row(
        "route with labels",
        &["mpls"],
        r#"route::add("10.9.0.0/16", #{ via: "192.0.2.2", encap: #{ mpls: "100/200", ttl: 7 } })"#,
        "ip -j route show 10.9.0.0/16",
        // iproute2 names the labels and the destination alike.
        &[("/0/encap", r#""mpls""#), ("/0/dst", r#""100/200""#), ("/0/ttl", "7"), ("/0/gateway", r#""192.0.2.2""#)],
    ),
    row(
        "route with segments",
        &["seg6"],
        r#"route::add("2001:db8:9::/48", #{ dev: "eth0", encap: #{ seg6: #{ segs: ["fc00::1", "fc00::2"] } } })"#,
        "ip -j -6 route show 2001:db8:9::/48",
        &[("/0/encap", r#""seg6""#), ("/0/mode", r#""encap""#), ("/0/segs/0", r#""fc00::1""#), ("/0/segs/1", r#""fc00::2""#)],
    ),
    row(
        "route with segments in line",
        &["seg6"],
        r#"route::add("2001:db8:9::/48", #{ dev: "eth0", encap: #{ seg6: #{ mode: "inline", segs: ["fc00::1"] } } })"#,
        "ip -j -6 route show 2001:db8:9::/48",
        &[("/0/mode", r#""inline""#), ("/0/segs/0", r#""fc00::1""#), ("/0/segs/1", r#""::""#)],
    ),
    row(
        "proxy neighbour",
        &[],
        r#"w.a.neigh.add("192.0.2.99", #{ proxy: true })"#,
        "ip -j neigh show proxy",
        &[("/0/dst", r#""192.0.2.99""#), ("/0/dev", r#""eth0""#)],
    ),
    row(
        "neighbour that is stale",
        &[],
        r#"w.a.neigh.add("192.0.2.98", #{ lladdr: "02:00:00:00:00:98", nud: "stale" })"#,
        "ip -j neigh show 192.0.2.98",
        &[("/0/state/0", r#""STALE""#), ("/0/lladdr", r#""02:00:00:00:00:98""#)],
    ),
    row(
        "address with lifetimes",
        &[],
        r#"w.b.addr.add("198.51.100.7/24", #{ preferred_lft: "1000s", valid_lft: "2000s" })"#,
        "ip -j addr show dev eth1 to 198.51.100.7",
        &[("/0/addr_info/0/valid_life_time", "2000"), ("/0/addr_info/0/preferred_life_time", "1000")],
    ),
    row(
        "tbf",
        &[],
        r#"w.a.qdisc.add("tbf", #{ rate: "8mbit", burst: "32kb", latency: "50ms", handle: "1:" })"#,
        QDISC,
        &[
            ("/0/kind", r#""tbf""#),
            ("/0/handle", r#""1:""#),
            ("/0/options/rate", "1000000"),
            ("/0/options/burst", "32768"),
            ("/0/options/lat", "50000"),
        ],
    ),
    row(
        "tbf with a peak",
        &[],
        r#"w.a.qdisc.add("tbf", #{ rate: "8mbit", burst: "32kb", limit: "100kb", peakrate: "16mbit", mtu: 2000, handle: "1:" })"#,
        QDISC,
        &[("/0/options/minburst", "2000")],
    ),
    row(
        "htb",
        &[],
        r#"w.a.qdisc.add("htb", #{ handle: "1:", default_class: "10" }); w.a.class.add("1:1", #{ rate: "100mbit" }).add("1:10", #{ parent: "1:1", rate: "10mbit", ceil: "20mbit", prio: 1 })"#,
        QDISC,
        &[("/0/kind", r#""htb""#), ("/0/options/default", r#""0x10""#)],
    ),
    row(
        "pfifo",
        &[],
        r#"w.a.qdisc.add("pfifo", #{ limit: 10, handle: "1:" })"#,
        QDISC,
        &[("/0/kind", r#""pfifo""#), ("/0/options/limit", "10")],
    ),
    row(
        "bfifo",
        &[],
        r#"w.a.qdisc.add("bfifo", #{ limit: "32kb", handle: "1:" })"#,
        QDISC,
        &[("/0/kind", r#""bfifo""#), ("/0/options/limit", "32768")],
    ),
    row(
        "ingress",
        &[],
        r#"w.a.qdisc.add("ingress")"#,
        "tc -j qdisc show dev eth0 ingress",
        &[("/0/kind", r#""ingress""#), ("/0/handle", r#""ffff:""#)],
    ),
    row("clsact", &[], r#"w.a.qdisc.add("clsact")"#, "tc -j qdisc show dev eth0 clsact", &[("/0/kind", r#""clsact""#)]),
    row(
        "netem",
        &["netem"],
        r#"w.a.qdisc.add("netem", #{ delay: "50ms", jitter: "5ms", delay_correlation: "25%", distribution: "normal", loss: "1%", loss_correlation: "20%", duplicate: "2%", corrupt: "0.5%", reorder: "25%", reorder_correlation: "50%", gap: 5, rate: "10mbit", limit: 500, handle: "1:" })"#,
        QDISC,
        &[
            ("/0/options/delay/delay", "0.05"),
            ("/0/options/delay/jitter", "0.005"),
            ("/0/options/delay/correlation", "0.25"),
            ("/0/options/loss-random/loss", "0.01"),
            ("/0/options/duplicate/duplicate", "0.02"),
            ("/0/options/corrupt/corrupt", "0.005"),
            ("/0/options/reorder/reorder", "0.25"),
            ("/0/options/gap", "5"),
            ("/0/options/rate/rate", "1250000"),
            ("/0/options/limit", "500"),
        ],
    ),
    row(
        "netem in bursts",
        &["netem"],
        r#"w.a.qdisc.add("netem", #{ gemodel: ["1%", "10%", "70%", "0.1%"], ecn: true, slot: ["800us", "1ms"], handle: "1:" })"#,
        QDISC,
        &[
            ("/0/options/loss-gemodel/p", "0.01"),
            ("/0/options/loss-gemodel/r", "0.1"),
            ("/0/options/loss-gemodel/1-h", "0.7"),
            ("/0/options/ecn", "true"),
        ],
    ),
    row(
        "netem with a seed",
        &["netem", "netem_seed"],
        r#"w.a.qdisc.add("netem", #{ loss: "1%", seed: 42, handle: "1:" })"#,
        QDISC,
        &[("/0/kind", r#""netem""#)],
    ),
    row(
        "fq_codel",
        &["fq_codel"],
        r#"w.a.qdisc.add("fq_codel", #{ limit: 1000, flows: 64, target: "10ms", interval: "200ms", ecn: false, quantum: 300, memory_limit: "1mb", handle: "1:" })"#,
        QDISC,
        &[("/0/options/limit", "1000"), ("/0/options/flows", "64"), ("/0/options/quantum", "300"), ("/0/options/memory_limit", "1048576")],
    ),
    row(
        "fq",
        &["fq"],
        r#"w.a.qdisc.add("fq", #{ limit: 1000, flow_limit: 10, maxrate: "1mbit", quantum: 3000, handle: "1:" })"#,
        QDISC,
        &[("/0/options/limit", "1000"), ("/0/options/flow_limit", "10"), ("/0/options/quantum", "3000"), ("/0/options/maxrate", "125000")],
    ),
    row(
        "cake",
        &["cake"],
        r#"w.a.qdisc.add("cake", #{ bandwidth: "20mbit", rtt: "50ms", nat: true, handle: "1:" })"#,
        QDISC,
        &[("/0/options/bandwidth", "2500000"), ("/0/options/rtt", "50000"), ("/0/options/nat", "true")],
    ),
    row("prio", &["prio"], r#"w.a.qdisc.add("prio", #{ bands: 4, handle: "1:" })"#, QDISC, &[("/0/options/bands", "4")]),
    row(
        "sfq",
        &["sfq"],
        r#"w.a.qdisc.add("sfq", #{ perturb: "10s", handle: "1:" })"#,
        QDISC,
        &[("/0/kind", r#""sfq""#), ("/0/options/perturb", "10")],
    ),
    row(
        "shape by rate, at both ends",
        &[],
        r#"w.a.shape(#{ rate: "8mbit" })"#,
        "tc -j qdisc show dev eth1",
        &[("/0/kind", r#""tbf""#), ("/0/options/rate", "1000000")],
    ),
    row(
        "shape as lte, at both ends",
        &["netem"],
        r#"w.a.shape("lte")"#,
        "tc -j qdisc show dev eth1",
        &[("/0/kind", r#""netem""#), ("/0/options/delay/delay", "0.025"), ("/0/options/rate/rate", "2500000")],
    ),
    row(
        "connect",
        &[],
        r#"let a = host("a"); let b = host("b"); connect(a, b, #{ subnet: ["10.3.0.0/24", "2001:db8:3::/64"], mtu: 1400 })"#,
        "ip -n b -j addr show dev v-a",
        &[
            ("/0/mtu", "1400"),
            ("/0/flags/2", r#""UP""#),
            ("/0/addr_info/0/local", r#""10.3.0.2""#),
            ("/0/addr_info/1/local", r#""2001:db8:3::2""#),
        ],
    ),
    row(
        "connect with a long name",
        &[],
        r#"let a = host("a-long-name-indeed"); let b = host("b"); connect(a, b)"#,
        "ip -n b -j link show dev v-a-long-name-indeed",
        &[("/0/altnames/0", r#""v-a-long-name-indeed""#)],
    ),
    row(
        "lan with a gateway",
        &[],
        r#"let hosts = ["a", "b"].map(|n| host(n)); lan("sw", hosts, #{ subnet: "10.4.0.0/24", gateway: true })"#,
        "ip -n b -j route show default",
        &[("/0/gateway", r#""10.4.0.1""#)],
    ),
    row(
        "routes of a chain",
        &[],
        r#"chain(3)"#,
        "ip -n r1 -j route show default",
        &[("/0/gateway", r#""100.64.0.2""#), ("/0/dev", r#""v-r2""#)],
    ),
    row(
        "ECMP of a fabric",
        &[],
        r#"leaf_spine(2, 2, #{ hosts: 1 })"#,
        "ip -n leaf1 -j route show 10.0.2.0/24",
        &[("/0/nexthops/0/gateway", r#""100.64.0.2""#), ("/0/nexthops/1/gateway", r#""100.64.0.6""#)],
    ),
];

/// Bad input, and what is said about it.
const REFUSALS: &[(&str, &str, &str)] = &[
    ("kind of link", r#"link::add("x0", "vxlna")"#, "there is no such kind of link"),
    ("veth by link.add", r#"link::add("x0", "veth")"#, "a veth has two ends"),
    ("foreign setting", r#"link::add("x0", "ifb", #{ id: 1 })"#, "a ifb link has no such setting"),
    ("vlan without its link", r#"link::add("x0", "vlan", #{ id: 1 })"#, "it is not said on which link it sits"),
    ("vlan without id", r#"link::add("x0", "vlan", #{ link: "eth0" })"#, "it needs `id`"),
    ("id out of range", r#"link::add("x0", "vxlan", #{ id: 16777216 })"#, "a number from 0 to 16777215"),
    ("mode", r#"link::add("x0", "macvlan", #{ link: "eth0", mode: "brigde" })"#, "is not one of bridge"),
    (
        "master elsewhere",
        r#"let far = netns::add("far"); link::add("x0", "ifb", #{ netns: far, master: bridge::add("br0") })"#,
        "it is in netns `root`",
    ),
    ("twice", r#"link::add("x0", "ifb"); link::add("x0", "ifb")"#, "exists already"),
    ("port of no bridge", r#"w.a.set(#{ isolated: true })"#, "is no port of a bridge"),
    ("vlan id", r#"w.a.vlan.add(4095)"#, "a number from 1 to 4094"),
    ("vlan range", r#"w.a.vlan.add("20-10")"#, "the range ends before it begins"),
    ("rule families", r#"rule::add(#{ from: "10.0.0.0/8", to: "2001:db8::/32" })"#, "different families"),
    ("rule protocol", r#"rule::add(#{ ipproto: "tpc" })"#, "is no protocol"),
    ("rule port", r#"rule::add(#{ dport: "70000" })"#, "from 1 to 65535"),
    ("rule not there", r#"rule::del(#{ from: "10.0.0.1", table: 9 })"#, "there is no such rule"),
    ("nexthop without device", r#"nexthop::add(1, #{ via: "192.0.2.2" })"#, "nexthop"),
    ("nexthop group of nobody", r#"nexthop::add(1, #{ group: [7] })"#, "there is no nexthop 7"),
    ("port without protocol", r#"route::get("192.0.2.2", #{ dport: 80 })"#, "a port needs its protocol"),
    ("labels", r#"route::add("10.9.0.0/16", #{ dev: "eth0", encap: #{ mpls: "100/1048576" } })"#, "is no stack of labels"),
    ("no segments", r#"route::add("fd09::/16", #{ dev: "eth0", encap: #{ seg6: #{ mode: "inline" } } })"#, "where the packets go through"),
    ("segment of IPv4", r#"route::add("fd09::/16", #{ dev: "eth0", encap: #{ seg6: #{ segs: ["192.0.2.2"] } } })"#, "not 192.0.2.2"),
    ("two kinds of encap", r#"route::add("10.9.0.0/16", #{ dev: "eth0", encap: #{ mpls: 100, seg6: #{} } })"#, "it takes one of"),
    ("rate without unit", r#"w.a.shape(#{ rate: "10" })"#, "it needs a unit"),
    ("share without sign", r#"w.a.shape(#{ loss: "1" })"#, "it needs a percent sign"),
    ("jitter without delay", r#"w.a.qdisc.add("netem", #{ jitter: "1ms" })"#, "without `delay` it has no effect"),
    ("option of another discipline", r#"w.a.qdisc.add("tbf", #{ rate: "1mbit", delay: "1ms" })"#, "tbf has no such option"),
    ("discipline", r#"w.a.qdisc.add("netm")"#, "there is no such queueing discipline"),
    ("qdisc twice", r#"w.a.qdisc.add("tbf", #{ rate: "1mbit" }).add("tbf", #{ rate: "1mbit" })"#, "is there already"),
    ("qdisc not there", r#"w.a.qdisc.del()"#, "nothing but the kernel's own"),
    (
        "class of another kind",
        r#"w.a.qdisc.add("htb", #{ handle: "1:" }); w.a.class.add("1:1", #{ rate: "1mbit", weight: 3 })"#,
        "a class of htb has no such option",
    ),
    ("class without rate", r#"w.a.qdisc.add("htb", #{ handle: "1:" }); w.a.class.add("1:1")"#, "it needs a rate"),
    (
        "class twice",
        r#"w.a.qdisc.add("htb", #{ handle: "1:" }); w.a.class.add("1:1", #{ rate: "1mbit" }).add("1:1", #{ rate: "1mbit" })"#,
        "there is such a class already",
    ),
    ("change of what is not there", r#"w.a.qdisc.change("tbf", #{ rate: "1mbit" })"#, "there is no tbf to be changed"),
    ("two kinds of loss", r#"w.a.qdisc.add("netem", #{ loss: "1%", gemodel: ["1%"] })"#, "two ways to say the same"),
    (
        "too many shares",
        r#"w.a.qdisc.add("netem", #{ loss_state: ["1%", "1%", "1%", "1%", "1%", "1%"] })"#,
        "at most 5 shares: p13, p31, p32, p23, p14",
    ),
    ("limits of no slot", r#"w.a.qdisc.add("netem", #{ slot_packets: 5 })"#, "without `slot` it has no effect"),
    ("priomap", r#"w.a.qdisc.add("prio", #{ priomap: [1, 2, 3] })"#, "16 numbers from 0 to 2"),
    ("filter", r#"w.a.filter.add("u33")"#, "did you mean `u32`?"),
    ("filter's selector", r#"w.a.filter.add("u32", #{ matches: ["ip dst 10.0.0.256"] })"#, "`ip dst 10.0.0.256` cannot be read"),
    ("filter's protocol", r#"w.a.filter.add("u32", #{ protocol: "ip4" })"#, "there is no protocol `ip4`"),
    ("filter's port", r#"w.a.filter.add("flower", #{ protocol: "ip", dst_port: 80 })"#, "it needs #{ ip_proto: \"tcp\" }"),
    ("filter's mark", r#"w.a.filter.add("fw", #{ flowid: "1:1" })"#, "it needs the mark"),
    ("filter's police", r#"w.a.filter.add("u32", #{ police: #{ rate: "1mbit" } })"#, "it needs a rate and a burst"),
    ("option of another filter", r#"w.a.filter.add("u32", #{ dst_ip: "10.0.0.1" })"#, "u32 has no such option"),
    ("filter without a place", r#"w.a.filter.add("u32", #{ parent: "ingress", redirect: "eth1" })"#, "there is nothing at `ingress`"),
    (
        "filter not there",
        r#"w.a.qdisc.add("htb", #{ handle: "1:" }); w.a.filter.del(#{ prio: 5, protocol: "ip" })"#,
        "there is no such filter",
    ),
    ("class without discipline", r#"w.a.class.add("1:1", #{ rate: "1mbit" })"#, "there is no htb discipline"),
    ("preset", r#"w.a.shape("tle")"#, "there is no such preset"),
    ("shape without a peer", r#"root.link("lo").shape(#{ rate: "1mbit" })"#, "no other end"),
    ("lifetimes", r#"w.a.addr.add("10.0.0.1/24", #{ preferred_lft: "2m", valid_lft: "1m" })"#, "longer than valid_lft"),
    ("connect in one place", r#"connect(root, root)"#, "the same namespace"),
    ("subnet with host bits", r#"subnet("10.0.0.1/24")"#, "bits behind the prefix length"),
    (
        "subnet of two networks",
        r#"connect(host("a"), host("b"), #{ subnet: ["10.0.0.0/24", "10.0.1.0/24"] })"#,
        "one network of each family",
    ),
];

/// What must have left nothing: the script fails half-way, and the links that are there afterwards.
const LEFTOVERS: &[(&str, &str)] = &[
    ("a link whose address cannot be", r#"link::add("x0", "bridge", #{ addr: ["10.0.0.1/24", "10.0.0.1/24"] })"#),
    ("a link whose member cannot join", r#"link::add("x0", "bridge", #{ members: ["lo"] })"#),
    (
        "a pair whose long name is taken",
        r#"w.a.altname_add("v-a-long-name-indeed-2"); lan("sw", [host("a"), netns::add("b"), netns::get("a"), root.link("lo").netns], #{ subnet: "10.0.0.0/31" })"#,
    ),
];

fn labsh() -> PathBuf {
    std::env::var_os("LABSH_BIN").map_or_else(|| env!("CARGO_BIN_EXE_labsh").into(), PathBuf::from)
}

/// Runs a script in a sandbox of its own.
fn run(script: &str, options: &[&str]) -> Output {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let file = format!("labsh-net-{}-{}.rhai", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(file);
    std::fs::write(&path, script).expect("the script can be written");
    let output = Command::new(labsh()).args(options).arg("run").arg(&path).output().expect("labsh can be started");
    let _ = std::fs::remove_file(&path);
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Asks the kernel once for everything that a row may need; `root` is the user.
fn features() -> BTreeSet<String> {
    let script = r#"
        let w = veth::add("eth0", "eth1").a;
        let try_it = |name, what| { try { what.call(); print(name); } catch (e) { if e.kind != "unsupported" { print(`${name} (${e})`); } } };
        for k in ["gre", "ipip", "sit"] { try_it.call(k, || link::add("x0", k, #{ remote: "192.0.2.9", local: "192.0.2.1" }).del()); }
        for k in ["dummy", "ifb", "wireguard", "nlmon", "bond"] { try_it.call(k, || link::add("x0", k).del()); }
        try_it.call("vlan", || link::add("x0", "vlan", #{ link: w, id: 1 }).del());
        for k in ["macvlan", "macvtap", "ipvlan"] { try_it.call(k, || link::add("x0", k, #{ link: w }).del()); }
        try_it.call("vxlan", || link::add("x0", "vxlan", #{ id: 1 }).del());
        try_it.call("geneve", || link::add("x0", "geneve", #{ id: 1, remote: "192.0.2.1" }).del());
        try_it.call("vrf", || link::add("x0", "vrf", #{ table: 5 }).del());
        try { link::add("x0", "tun").del(); print("tun"); } catch { }
        try_it.call("vlan_filtering", || link::add("x0", "bridge", #{ vlan_filtering: true }).del());
        for q in ["netem", "fq_codel", "fq", "cake", "prio", "sfq"] { try_it.call(q, || { w.qdisc.add(q); w.qdisc.del(); }); }
        try_it.call("mpls", || route::add("10.9.0.0/16", #{ dev: "lo", encap: #{ mpls: 100 } }).del("10.9.0.0/16"));
        try_it.call("seg6", || route::add("fd09::/16", #{ dev: "lo", encap: #{ seg6: #{ segs: ["fc00::1"] } } }).del("fd09::/16"));
        try_it.call("netem_seed", || w.qdisc.add("netem", #{ loss: "1%", seed: 1 }));
    "#;
    let script = &[script, queueing::FEATURES].concat();
    let mut found: BTreeSet<String> = text(&run(script, &["-q"]).stdout).lines().map(|line| line.trim().to_string()).collect();
    if nix::unistd::getuid().is_root() {
        found.insert("root".to_string());
    }
    found
}

/// Takes out what differs from one sandbox to the next.
fn scrub(value: &mut Value) {
    const VOLATILE: [&str; 21] = [
        "direct_packets_stat",
        "refcnt",
        // One queue is all a veth uses, and what labsh makes; ip makes one for each processor.
        "num_rx_queues",
        "num_tx_queues",
        "address",
        "ifindex",
        "link_index",
        "broadcast",
        "peer_ifindex",
        "operstate",
        "flags",
        "bridge_id",
        "root_id",
        "designated_bridge",
        "designated_root",
        "gc_timer",
        "hello_timer",
        "valid_life_time",
        "preferred_life_time",
        "link_netnsid",
        "carrier_changes",
    ];
    match value {
        Value::Array(list) => {
            list.retain(|item| {
                item.as_object().is_none_or(|map| map.get("scope").and_then(Value::as_str) != Some("link") || map.contains_key("dst"))
            });
            list.iter_mut().for_each(scrub);
        }
        Value::Object(map) => {
            // From 8000: on the kernel chooses, one after another on the whole machine; ffff: is that of ingress.
            let chosen =
                |handle: &str| u16::from_str_radix(handle.trim_end_matches(':'), 16).is_ok_and(|handle| (0x8000..0xffff).contains(&handle));
            if map.get("handle").and_then(Value::as_str).is_some_and(chosen) {
                map.remove("handle");
            }
            for key in VOLATILE {
                map.remove(key);
            }
            // The kernel's own flags of an address; its words depend on how far the detection has come.
            map.remove("tentative");
            map.remove("nodad");
            map.values_mut().for_each(scrub);
        }
        _ => {}
    }
}

fn show(program: &str) -> String {
    format!("\nprint(shell(`{}`).stdout);\n", program.replace('\\', "\\\\"))
}

fn check(row: &Row) -> Result<(), Failed> {
    let script = format!("{STAGE}\n{};{}", row.make, show(row.show));
    let made = run(&script, &["--trace"]);
    let (stdout, stderr) = (text(&made.stdout), text(&made.stderr));
    if !made.status.success() {
        return Err(format!("the script failed:\n{stdout}{stderr}").into());
    }
    let read = |stdout: &str| -> Result<Value, Failed> {
        let json = stdout.lines().find(|line| line.starts_with(['[', '{'])).unwrap_or_default();
        serde_json::from_str(json).map_err(|error| Failed::from(format!("{} said no JSON ({error}):\n{stdout}{stderr}", row.show)))
    };
    let mut seen = read(&stdout)?;
    for (pointer, want) in row.wants {
        let want: Value = serde_json::from_str(want).expect("the table has JSON");
        let got = seen.pointer(pointer).cloned();
        let same = match (got.as_ref().and_then(Value::as_f64), want.as_f64()) {
            (Some(got), Some(want)) => (got - want).abs() <= want.abs() * 0.01,
            _ => got.as_ref() == Some(&want),
        };
        if !same {
            return Err(format!("{pointer} is {got:?}, not {want}, in\n{seen:#}").into());
        }
    }
    // The same by a shell, from the told lines; the last is the program that shows it.
    let told: Vec<&str> =
        [stdout.as_str(), stderr.as_str()].iter().flat_map(|out| out.lines()).filter_map(|line| line.trim().strip_prefix("$ ")).collect();
    let lines = told.iter().filter(|line| !line.starts_with("sh -c")).copied().collect::<Vec<_>>().join("\n");
    let again = run(&format!("let lines = `set -e\n{lines}`;\nshell(lines);{}", show(row.show)), &["-q"]);
    if !again.status.success() {
        return Err(format!("the told lines failed:\n{lines}\n{}{}", text(&again.stdout), text(&again.stderr)).into());
    }
    let mut twin = read(&text(&again.stdout))?;
    scrub(&mut seen);
    scrub(&mut twin);
    match seen == twin {
        true => Ok(()),
        false => Err(format!("the told lines make something else:\n{lines}\nlabsh: {seen:#}\nshell: {twin:#}").into()),
    }
}

/// What a row makes is shown as it is to be, and the told lines make the same.
fn check_text((_, make, show_it, wants): &queueing::Text) -> Result<(), Failed> {
    let made = run(&format!("{STAGE}\n{make};{}", show(show_it)), &["--trace"]);
    // A discipline is held once for each queue of its link: labsh makes one, ip one for each processor.
    let scrubbed = |out: &[u8]| {
        (1..=9).fold(text(out), |out, count| {
            let out = out.replace(&format!("refcnt {count} "), "refcnt 2 ");
            out.replace(&format!("direct_packets_stat {count} "), "direct_packets_stat 0 ")
        })
    };
    let (stdout, stderr) = (scrubbed(&made.stdout), text(&made.stderr));
    if !made.status.success() {
        return Err(format!("the script failed:\n{stdout}{stderr}").into());
    }
    if let Some(missing) = wants.iter().find(|want| !stdout.contains(**want)) {
        return Err(format!("`{missing}` is not in\n{stdout}{stderr}").into());
    }
    let told: Vec<&str> =
        [stdout.as_str(), stderr.as_str()].iter().flat_map(|out| out.lines()).filter_map(|line| line.trim().strip_prefix("$ ")).collect();
    let lines = told.iter().filter(|line| !line.starts_with("sh -c")).copied().collect::<Vec<_>>().join("\n");
    let again = run(&format!("let lines = `set -e\n{lines}`;\nshell(lines);{}", show(show_it)), &["-q"]);
    let twin = scrubbed(&again.stdout);
    let shown = |out: &str| {
        let lines = out.lines().map(|line| line.trim_end().to_string());
        lines.filter(|line| line.starts_with(['q', 'c', 'f', ' ', '\t']) && !line.trim_start().starts_with("$ ")).collect::<Vec<_>>()
    };
    match again.status.success() && shown(&stdout) == shown(&twin) {
        true => Ok(()),
        false => Err(format!("the told lines make something else:\n{lines}\nlabsh: {stdout}\nshell: {twin}{}", text(&again.stderr)).into()),
    }
}

fn refused(make: &str, what: &str) -> Result<(), Failed> {
    let made = run(&format!("{STAGE}\n{make};"), &["-q"]);
    let message = text(&made.stderr);
    match made.status.code() == Some(1) && message.contains(what) {
        true => Ok(()),
        false => Err(format!("`{what}` is not in\n{message}").into()),
    }
}

fn leaves_nothing(make: &str) -> Result<(), Failed> {
    let script = format!(
        "{STAGE}\nlet before = link::list().map(|l| l.name);\ntry {{ {make}; print(\"done\"); }} catch (e) {{ print(`failed: ${{e}}`); }}\nprint(link::list().map(|l| l.name) == before);\nprint(netns::exists(\"sw\"));"
    );
    let made = run(&script, &["-q"]);
    let out = text(&made.stdout);
    match out.contains("failed: ") && out.trim_end().ends_with("true\nfalse") {
        true => Ok(()),
        false => Err(format!("{out}{}", text(&made.stderr)).into()),
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let known = features();
    let missing_program = |program: &str| {
        let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
        !path.split(':').any(|folder| std::path::Path::new(folder).join(program).is_file())
    };
    let mut trials = Vec::new();
    for row in ROWS {
        let lacks = row.needs.iter().find(|need| !known.contains(**need)).map(|need| format!("this kernel, or user, has no {need}"));
        let program = row.show.split(' ').next().unwrap_or_default();
        let lacks = lacks.or_else(|| missing_program(program).then(|| format!("this machine has no {program}")));
        trials.push(Trial::ignorable_test(format!("row::{}", row.name), move || match lacks {
            Some(reason) => Ok(Completion::ignored_with(reason)),
            None => check(row).map(|()| Completion::Completed),
        }));
    }
    for (name, text) in queueing::texts() {
        let lacks = text.0.iter().find(|need| !known.contains(**need)).map(|need| format!("this kernel has no {need}"));
        let lacks = lacks.or_else(|| missing_program("tc").then(|| "this machine has no tc".to_string()));
        trials.push(Trial::ignorable_test(format!("text::{name}"), move || match lacks {
            Some(reason) => Ok(Completion::ignored_with(reason)),
            None => check_text(&text).map(|()| Completion::Completed),
        }));
    }
    let samples: Vec<sample::Sample> = links::samples().into_iter().chain(network::samples()).collect();
    let mut counted = 0;
    let mut missed = BTreeMap::<String, usize>::new();
    for sample in samples {
        let lacks = sample.needs.iter().find(|need| !known.contains(**need)).map(|need| format!("this kernel has no {need}"));
        let program = sample.show.split(' ').next().unwrap_or_default();
        let lacks = lacks.or_else(|| missing_program(program).then(|| format!("this machine has no {program}")));
        match &lacks {
            None => counted += sample.checks(),
            Some(reason) => *missed.entry(reason.clone()).or_default() += sample.checks(),
        }
        trials.push(Trial::ignorable_test(format!("sample::{}", sample.name), move || match lacks {
            Some(reason) => Ok(Completion::ignored_with(reason)),
            None => sample::check(&sample).map(|()| Completion::Completed),
        }));
    }
    let mut beside =
        |name: String, program: &str, need: Option<&str>, checks: usize, check: Box<dyn FnOnce() -> Result<(), Failed> + Send>| {
            let lacks = need.filter(|need| !known.contains(*need)).map(|need| format!("this kernel has no {need}"));
            let lacks = lacks.or_else(|| missing_program(program).then(|| format!("this machine has no {program}")));
            match &lacks {
                None => counted += checks,
                Some(reason) => *missed.entry(reason.clone()).or_default() += checks,
            }
            trials.push(Trial::ignorable_test(name, move || match lacks {
                Some(reason) => Ok(Completion::ignored_with(reason)),
                None => check().map(|()| Completion::Completed),
            }));
        };
    for (name, kind) in programs::QUESTIONS {
        beside(format!("dns::{name} {kind}"), "dig", None, programs::DNS_CHECKS, Box::new(move || programs::dns(name, kind)));
    }
    for (number, (options, want)) in programs::wireguards().into_iter().enumerate() {
        let check = Box::new(move || programs::wireguard(&options, &want));
        beside(format!("wireguard::{number:02}"), "wg", Some("wireguard"), 4, check);
    }
    for (name, make, what) in REFUSALS {
        trials.push(Trial::test(format!("refused::{name}"), move || refused(make, what)));
    }
    for (name, make) in LEFTOVERS {
        trials.push(Trial::test(format!("leaves_nothing::{name}"), move || leaves_nothing(make)));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let ran: usize = ROWS.iter().filter(|row| row.needs.iter().all(|need| known.contains(*need))).map(|row| row.wants.len() + 1).sum();
    let texts = queueing::texts();
    let ran = counted
        + ran
        + texts.iter().filter(|(_, text)| text.0.iter().all(|need| known.contains(*need))).map(|(_, text)| text.3.len() + 1).sum::<usize>();
    println!(
        "on Linux {}: {ran} comparisons with ip, bridge, tc, wg and dig; features: {}",
        release.trim(),
        known.into_iter().collect::<Vec<_>>().join(" ")
    );
    for (reason, count) in missed {
        println!("did not run: {count} comparisons, since {reason}");
    }
    conclusion.exit();
}
