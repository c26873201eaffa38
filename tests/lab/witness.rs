//! An outside witness for each object: what labsh sets, iproute2 sees, and what iproute2 makes, labsh sees; what `--trace` prints,
//! pasted into a shell, makes the same lab.

use super::harness::{Suite, claims};
use super::run::{Folder, Lab, Run};
use serde_json::{Value, json};
use std::process::Command;

pub fn trials(suite: &mut Suite) {
    for (name, script, asks, has, lacks) in SET_BY_LABSH {
        suite.claim(module_path!(), &format!("ip_sees {name}"), &["ip", "bridge", "sysctl"], move || {
            let run = Lab::script(&format!("{PRELUDE}\n{script}\nprint(shell(\"{asks}\").stdout);")).run().ok();
            seen(&run, has, lacks);
        });
    }
    for (name, shell, claims) in MADE_BY_IP {
        suite.claim(module_path!(), &format!("labsh_sees {name}"), &["ip", "bridge", "sysctl"], move || {
            let lines: String = shell.lines().map(|line| format!("shell(\"{}\");\n", line.trim())).collect();
            Lab::script(&format!("{lines}{claims}")).run().ok();
        });
    }
    claims! { suite:
        ip_netns_list_sees_the_names needs "ip";
        a_veth_is_born_in_two_namespaces_with_all_its_options needs "ip";
        the_traced_lines_make_the_same_lab needs "ip" "bridge" "unshare" "sysctl";
        the_traced_lines_of_changes_make_the_same_lab needs "ip" "bridge" "unshare" "sysctl";
        trace_is_silent_unless_asked;
        printed_objects_read_as_ip_prints_them needs "ip";
    }
}

const PRELUDE: &str = r#"let blue = netns::add("blue");
let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
let br = bridge::add("br0");"#;

/// Name, script, question, what one element of the answer must hold, and what none may.
type Set = (&'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const SET_BY_LABSH: &[Set] = &[
    ("an_mtu", "pair.a.set(#{ mtu: 1400 });", "ip -j link show dev v0", &[r#"{"mtu":1400}"#], &[]),
    ("a_mac", r#"pair.a.set(#{ mac: "02:00:00:00:00:0a" });"#, "ip -j link show dev v0", &[r#"{"address":"02:00:00:00:00:0a"}"#], &[]),
    ("a_new_name", r#"pair.b.down().rename("eth7");"#, "ip -j link show", &[r#"{"ifname":"eth7"}"#], &[r#"{"ifname":"v1"}"#]),
    ("a_queue_length", "pair.a.set(#{ txqueuelen: 77 });", "ip -j link show dev v0", &[r#"{"txqlen":77}"#], &[]),
    ("an_alias", r#"pair.a.set(#{ alias: "to the east" });"#, "ip -j link show dev v0", &[r#"{"ifalias":"to the east"}"#], &[]),
    ("no_arp", "pair.a.set(#{ arp: false });", "ip -j link show dev v0", &[r#"{"flags":["NOARP"]}"#], &[]),
    ("arp_again", "pair.a.set(#{ arp: false }).set(#{ arp: true });", "ip -j link show dev v0", &[], &[r#"{"flags":["NOARP"]}"#]),
    ("promiscuity", "pair.a.set(#{ promisc: true });", "ip -j link show dev v0", &[r#"{"flags":["PROMISC"]}"#], &[]),
    ("a_link_that_is_down", "pair.a.down();", "ip -j link show dev v0", &[r#"{"operstate":"DOWN"}"#], &[r#"{"flags":["UP"]}"#]),
    (
        "a_missing_carrier",
        "pair.b.down();",
        "ip -j link show dev v0",
        &[r#"{"flags":["NO-CARRIER","UP"]}"#],
        &[r#"{"flags":["LOWER_UP"]}"#],
    ),
    (
        "several_changes_in_one",
        r#"pair.b.down().set(#{ name: "w1", mtu: 1300, mac: "02:00:00:00:00:0b", up: true });"#,
        "ip -j link show dev w1",
        &[r#"{"mtu":1300,"address":"02:00:00:00:00:0b","flags":["UP"]}"#],
        &[],
    ),
    (
        "a_moved_link",
        "pair.b.move_to(blue);",
        "ip -n blue -j link show",
        &[r#"{"ifname":"v1"}"#],
        &[r#"{"flags":["LOWER_UP"],"ifname":"v1"}"#],
    ),
    (
        "a_moved_and_renamed_link",
        r#"pair.b.move_to(blue, "eth0");"#,
        "ip -n blue -j link show",
        &[r#"{"ifname":"eth0"}"#],
        &[r#"{"ifname":"v1"}"#],
    ),
    ("a_link_that_came_back", "pair.b.move_to(blue).move_to(root);", "ip -j link show", &[r#"{"ifname":"v1","link":"v0"}"#], &[]),
    ("a_deleted_pair", "pair.a.del();", "ip -j link show", &[r#"{"ifname":"br0"}"#], &[r#"{"ifname":"v0"}"#, r#"{"ifname":"v1"}"#]),
    ("loopback_up_in_root", "", "ip -j addr show dev lo", &[r#"{"flags":["UP"],"addr_info":[{"local":"127.0.0.1"}]}"#], &[]),
    (
        "loopback_down_in_a_new_namespace",
        "",
        "ip -n blue -j addr show dev lo",
        &[r#"{"operstate":"DOWN"}"#],
        &[r#"{"addr_info":[{"local":"127.0.0.1"}]}"#],
    ),
    // Addresses.
    (
        "an_address",
        r#"pair.a.addr.add("10.1.2.3/16");"#,
        "ip -j addr show dev v0",
        &[r#"{"addr_info":[{"local":"10.1.2.3","prefixlen":16,"scope":"global"}]}"#],
        &[],
    ),
    (
        "an_address_of_ipv6_without_dad",
        r#"addr::add("2001:db8::1/64", #{ dev: "v0", nodad: true });"#,
        "ip -j addr show dev v0",
        &[r#"{"addr_info":[{"local":"2001:db8::1","nodad":true}]}"#],
        &[r#"{"addr_info":[{"local":"2001:db8::1","tentative":true}]}"#],
    ),
    (
        "a_broadcast_address",
        r#"pair.a.addr.add("10.9.0.1/24", #{ broadcast: "10.9.0.255" });"#,
        "ip -j addr show dev v0",
        &[r#"{"addr_info":[{"local":"10.9.0.1","broadcast":"10.9.0.255"}]}"#],
        &[],
    ),
    (
        "a_label_and_a_scope",
        r#"pair.a.addr.add("10.9.0.1/24", #{ label: "v0:x", scope: "link" });"#,
        "ip -j addr show dev v0",
        &[r#"{"addr_info":[{"local":"10.9.0.1","label":"v0:x","scope":"link"}]}"#],
        &[],
    ),
    (
        "a_peer_address",
        r#"pair.a.addr.add("10.8.0.1/32", #{ peer: "10.8.0.2" });"#,
        "ip -j addr show dev v0",
        &[r#"{"addr_info":[{"local":"10.8.0.1","address":"10.8.0.2","prefixlen":32}]}"#],
        &[],
    ),
    (
        "no_prefix_route",
        r#"pair.a.addr.add("10.9.0.1/24", #{ noprefixroute: true });"#,
        "ip -j route show",
        &[r#"{"dst":"10.0.0.0/24"}"#],
        &[r#"{"dst":"10.9.0.0/24"}"#],
    ),
    (
        "a_deleted_address",
        r#"pair.a.addr.add("10.9.0.1/24").del("10.0.0.1/24");"#,
        "ip -j addr show dev v0",
        &[r#"{"addr_info":[{"local":"10.9.0.1"}]}"#],
        &[r#"{"addr_info":[{"local":"10.0.0.1"}]}"#],
    ),
    ("a_flushed_link", "pair.a.addr.flush();", "ip -j -4 addr show", &[r#"{"ifname":"lo"}"#], &[r#"{"ifname":"v0"}"#]),
    (
        "an_address_in_another_namespace",
        r#"blue.link("lo").up().addr.add("10.5.0.1/32");"#,
        "ip -n blue -j addr show dev lo",
        &[r#"{"addr_info":[{"local":"10.5.0.1"}]}"#],
        &[],
    ),
    // Routes.
    (
        "a_default_route",
        r#"route::add("default", #{ via: "10.0.0.2" });"#,
        "ip -j route show",
        &[r#"{"dst":"default","gateway":"10.0.0.2","dev":"v0"}"#],
        &[],
    ),
    (
        "a_route_through_a_link",
        r#"route::add("192.0.2.0/24", #{ dev: "v0" });"#,
        "ip -j route show",
        &[r#"{"dst":"192.0.2.0/24","dev":"v0","scope":"link"}"#],
        &[],
    ),
    ("a_host_route", r#"route::add("192.0.2.9", #{ dev: pair.a });"#, "ip -j route show", &[r#"{"dst":"192.0.2.9","dev":"v0"}"#], &[]),
    (
        "all_options_of_a_route",
        r#"route::add("192.0.2.0/24", #{ via: "10.0.0.2", metric: 7, src: "10.0.0.1", mtu: 1300, advmss: 1200, proto: "static" });"#,
        "ip -j route show",
        &[
            r#"{"dst":"192.0.2.0/24","gateway":"10.0.0.2","protocol":"static","prefsrc":"10.0.0.1","metric":7,"metrics":[{"mtu":1300,"advmss":1200}]}"#,
        ],
        &[],
    ),
    (
        "a_blackhole",
        r#"route::add("192.0.2.0/24", #{ type: "blackhole" });"#,
        "ip -j route show",
        &[r#"{"type":"blackhole","dst":"192.0.2.0/24"}"#],
        &[],
    ),
    (
        "an_unreachable_network",
        r#"route::add("192.0.2.0/24", #{ type: "unreachable" });"#,
        "ip -j route show",
        &[r#"{"type":"unreachable","dst":"192.0.2.0/24"}"#],
        &[],
    ),
    (
        "a_prohibited_network",
        r#"route::add("192.0.2.0/24", #{ type: "prohibit" });"#,
        "ip -j route show",
        &[r#"{"type":"prohibit","dst":"192.0.2.0/24"}"#],
        &[],
    ),
    (
        "two_next_hops",
        r#"route::add("203.0.113.0/24", #{ nexthops: [#{ via: "10.0.0.2", weight: 2 }, #{ via: "10.0.0.3" }] });"#,
        "ip -j route show",
        &[r#"{"dst":"203.0.113.0/24","nexthops":[{"gateway":"10.0.0.2","weight":2},{"gateway":"10.0.0.3","weight":1}]}"#],
        &[],
    ),
    (
        "an_onlink_gateway_in_another_table",
        r#"route::add("10.77.0.0/16", #{ via: "10.66.0.1", dev: "v0", onlink: true, table: 77 });"#,
        "ip -j route show table 77",
        &[r#"{"dst":"10.77.0.0/16","gateway":"10.66.0.1","flags":["onlink"]}"#],
        &[],
    ),
    (
        "a_default_route_of_ipv6",
        r#"pair.a.addr.add("2001:db8::1/64", #{ nodad: true }); route::add("default", #{ via: "2001:db8::2" });"#,
        "ip -j -6 route show",
        &[r#"{"dst":"default","gateway":"2001:db8::2"}"#],
        &[],
    ),
    (
        "a_default_route_of_ipv6_through_a_link",
        r#"route::add("default", #{ dev: "v0", v6: true });"#,
        "ip -j -6 route show",
        &[r#"{"dst":"default","dev":"v0"}"#],
        &[],
    ),
    (
        "a_replaced_route",
        r#"route::add("default", #{ via: "10.0.0.2" }).replace("default", #{ via: "10.0.0.3" });"#,
        "ip -j route show",
        &[r#"{"gateway":"10.0.0.3"}"#],
        &[r#"{"gateway":"10.0.0.2"}"#],
    ),
    (
        "a_deleted_route",
        r#"route::add("default", #{ via: "10.0.0.2" }).del("default");"#,
        "ip -j route show",
        &[r#"{"dst":"10.0.0.0/24"}"#],
        &[r#"{"dst":"default"}"#],
    ),
    (
        "a_flushed_table",
        r#"route::add("default", #{ via: "10.0.0.2" }).add("192.0.2.0/24", #{ dev: "v0" }).flush();"#,
        "ip -j route show",
        &[r#"{"protocol":"kernel"}"#],
        &[r#"{"protocol":"boot"}"#],
    ),
    // Neighbours.
    (
        "a_permanent_neighbour",
        r#"pair.a.neigh.add("10.0.0.9", #{ lladdr: "02:00:00:00:00:09" });"#,
        "ip -j neigh show",
        &[r#"{"dst":"10.0.0.9","dev":"v0","lladdr":"02:00:00:00:00:09","state":["PERMANENT"]}"#],
        &[],
    ),
    (
        "a_stale_neighbour",
        r#"neigh::add("10.0.0.9", #{ dev: "v0", lladdr: "02:00:00:00:00:09", nud: "stale" });"#,
        "ip -j neigh show",
        &[r#"{"dst":"10.0.0.9","state":["STALE"]}"#],
        &[],
    ),
    (
        "a_neighbour_of_ipv6",
        r#"pair.a.neigh.add("fe80::9", #{ lladdr: "02:00:00:00:00:09" });"#,
        "ip -j -6 neigh show",
        &[r#"{"dst":"fe80::9","lladdr":"02:00:00:00:00:09"}"#],
        &[],
    ),
    (
        "a_deleted_neighbour",
        r#"pair.a.neigh.add("10.0.0.8", #{ lladdr: "02:00:00:00:00:08" }).add("10.0.0.9", #{ lladdr: "02:00:00:00:00:09" }).del("10.0.0.9");"#,
        "ip -j neigh show",
        &[r#"{"dst":"10.0.0.8"}"#],
        &[r#"{"dst":"10.0.0.9"}"#],
    ),
    // Bridges.
    (
        "a_bridge_with_its_settings",
        r#"bridge::add("br1", #{ up: true, stp: true, forward_delay: "4s", hello_time: "1s", max_age: "10s", ageing_time: "100s", priority: 4096, mcast_snooping: false });"#,
        "ip -j -d link show dev br1",
        &[
            r#"{"linkinfo":{"info_kind":"bridge","info_data":{"forward_delay":400,"hello_time":100,"max_age":1000,"ageing_time":10000,"stp_state":1,"priority":4096,"mcast_snooping":0}}}"#,
        ],
        &[],
    ),
    (
        "changed_settings_of_a_bridge",
        r#"br.set(#{ ageing_time: "20s", stp: true });"#,
        "ip -j -d link show dev br0",
        &[r#"{"linkinfo":{"info_data":{"ageing_time":2000,"stp_state":1}}}"#],
        &[],
    ),
    ("a_port", "br.attach(pair.a);", "bridge -j link show", &[r#"{"ifname":"v0","master":"br0"}"#], &[]),
    ("a_port_forwards_at_once", "br.up().attach(pair.a);", "bridge -j link show", &[r#"{"ifname":"v0","state":"forwarding"}"#], &[]),
    (
        "a_port_that_was_taken_out",
        "br.attach(pair.a); pair.a.detach();",
        "ip -j link show dev v0",
        &[r#"{"ifname":"v0"}"#],
        &[r#"{"master":"br0"}"#],
    ),
    (
        "a_static_entry_of_the_fdb",
        r#"br.attach(pair.a); br.fdb.add("02:00:00:00:00:09", "v0");"#,
        "bridge -j fdb show br br0",
        &[r#"{"mac":"02:00:00:00:00:09","ifname":"v0","master":"br0"}"#],
        &[],
    ),
    (
        "a_deleted_entry_of_the_fdb",
        r#"br.attach(pair.a); br.fdb.add("02:00:00:00:00:09", "v0").del("02:00:00:00:00:09", "v0");"#,
        "bridge -j fdb show br br0",
        &[r#"{"ifname":"v0"}"#],
        &[r#"{"mac":"02:00:00:00:00:09"}"#],
    ),
    // Kernel parameters: no JSON, so the shell makes some.
    ("a_sysctl", r#"sysctl::set("net.ipv4.ip_forward", 1);"#, r#"echo [$(sysctl -n net.ipv4.ip_forward)]"#, &["1"], &[]),
    (
        "a_sysctl_in_another_namespace_only",
        r#"blue.sysctl["net.ipv4.ip_forward"] = true;"#,
        r#"echo [$(sysctl -n net.ipv4.ip_forward), 10$(ip netns exec blue sysctl -n net.ipv4.ip_forward)]"#,
        &["0", "101"],
        &["1", "100"],
    ),
    (
        "a_sysctl_of_a_link",
        r#"sysctl::set("net.ipv4.conf.v0.rp_filter", 2);"#,
        r#"echo [$(sysctl -n net.ipv4.conf.v0.rp_filter)]"#,
        &["2"],
        &[],
    ),
    (
        "a_sysctl_with_several_numbers",
        r#"sysctl::set("net.ipv4.ip_local_port_range", "20000 30000");"#,
        r#"echo [$(sysctl -n net.ipv4.ip_local_port_range | tr '\\t' ,)]"#,
        &["20000", "30000"],
        &[],
    ),
];

/// Name, what a shell does, and what the script then claims.
const MADE_BY_IP: &[(&str, &str, &str)] = &[
    (
        "a_namespace",
        "ip netns add red",
        r#"expect(netns::list().map(|ns| ns.name) == ["red"]); expect(netns::get("red").link("lo").state == "DOWN");"#,
    ),
    (
        "a_namespace_that_is_gone",
        "ip netns add red\nip netns del red",
        r#"expect(!netns::exists("red")); expect_error(|| netns::get("red"), "not-found");"#,
    ),
    (
        "a_veth",
        "ip link add v0 mtu 1400 address 02:00:00:00:00:01 type veth peer name v1",
        r#"let v0 = link::get("v0"); expect(v0.kind == "veth"); expect(v0.mtu == 1400); expect(v0.mac == "02:00:00:00:00:01"); expect(v0.peer.name == "v1"); expect(!v0.is_up);"#,
    ),
    (
        "a_peer_in_another_namespace",
        "ip netns add red\nip link add v0 type veth peer name v1 netns red",
        r#"let peer = link::get("v0").peer; expect(peer.name == "v1"); expect(peer.netns.name == "red"); expect(link::try_get("v1") == ());"#,
    ),
    (
        "an_alternative_name",
        "ip link add v0 type veth peer name v1\nip link property add dev v0 altname wire-to-the-other-end",
        r#"expect(link::get("wire-to-the-other-end").name == "v0"); expect(link::get("v0").altnames == ["wire-to-the-other-end"]);"#,
    ),
    (
        "states",
        "ip link add v0 type veth peer name v1\nip link set v0 up",
        r#"let v0 = link::get("v0"); expect(v0.is_up); expect(!v0.carrier); expect("NO-CARRIER" in v0.flags); shell("ip link set v1 up"); v0.wait_up(); expect(v0.state == "UP");"#,
    ),
    (
        "a_new_name_behind_its_back",
        "ip link add v0 type veth peer name v1",
        r#"let v0 = link::get("v0"); shell("ip link set v0 name w0"); expect(v0.name == "w0"); expect(link::try_get("v0") == ());"#,
    ),
    (
        "that_a_link_is_gone",
        "ip link add v0 type veth peer name v1",
        r#"let v0 = link::get("v0"); shell("ip link del v1"); expect_error(|| v0.mtu, "not-found");"#,
    ),
    (
        "addresses",
        "ip addr add 10.1.0.1/16 dev lo\nip addr add 2001:db8::1/128 dev lo",
        r#"let all = root.link("lo").addrs; expect("10.1.0.1/16" in all); expect("2001:db8::1/128" in all); expect(addr::list().some(|a| a.ip == "10.1.0.1" && a.prefix == 16 && a.scope == "global"));"#,
    ),
    (
        "routes",
        "ip addr add 10.0.0.1/24 dev lo\nip route add 192.0.2.0/24 via 10.0.0.1 metric 9 proto static\nip route add unreachable 198.51.100.0/24",
        r#"let r = route::list().filter(|r| r.dst == "192.0.2.0/24")[0]; expect(r.metric == 9); expect(r.proto == "static"); expect(r.dev == "lo");
           expect(route::list().some(|r| r.dst == "198.51.100.0/24" && r.type == "unreachable")); expect_error(|| route::get("198.51.100.1"), "EHOSTUNREACH");"#,
    ),
    (
        "a_route_with_several_hops",
        "ip link add v0 type veth peer name v1\nip link set v1 up\nip link set v0 up\nip addr add 10.0.0.1/24 dev v0\nip route add 192.0.2.0/24 nexthop via 10.0.0.2 weight 3 nexthop via 10.0.0.3",
        r#"let hops = route::list().filter(|r| r.dst == "192.0.2.0/24")[0].nexthops; expect(hops.map(|h| h.via) == ["10.0.0.2", "10.0.0.3"]); expect(hops.map(|h| h.weight) == [3, 1]);"#,
    ),
    (
        "neighbours",
        "ip link add v0 type veth peer name v1\nip link set v0 up\nip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0 nud stale",
        r#"let n = neigh::list()[0]; expect(n.ip == "10.0.0.2"); expect(n.mac == "02:00:00:00:00:02"); expect(n.dev == "v0"); expect(n.state == "STALE");"#,
    ),
    (
        "a_bridge_and_its_ports",
        "ip link add br0 type bridge\nip link add v0 type veth peer name v1\nip link set v0 master br0\nip link set br0 up\nip link set v0 up",
        r#"let br = link::get("br0"); expect(br.kind == "bridge"); expect(br.ports.map(|p| p.name) == ["v0"]); expect(link::get("v0").master.name == "br0"); expect(link::get("v0").port_state == "disabled");"#,
    ),
    (
        "an_entry_of_the_fdb",
        "ip link add br0 type bridge\nip link add v0 type veth peer name v1\nip link set v0 master br0\nbridge fdb add 02:00:00:00:00:09 dev v0 master static",
        r#"let found = link::get("br0").fdb.list().filter(|e| e.mac == "02:00:00:00:00:09"); expect(found.len() == 1); expect(found[0].dev == "v0");"#,
    ),
    (
        "a_sysctl",
        "sysctl -qw net.ipv4.ip_forward=1",
        r#"expect(sysctl::get("net.ipv4.ip_forward") == "1"); expect(root.sysctl["net/ipv4/ip_forward"] == "1");"#,
    ),
    (
        "processes",
        "ip netns add red",
        r#"let red = netns::get("red"); let p = start("ip netns exec red sleep 60"); eventually("5s", || red.processes.some(|q| q.command.contains("sleep 60")));"#,
    ),
];

/// Claims that some element of the answer holds each wanted part, and no element an unwanted one.
#[track_caller]
fn seen(run: &Run, has: &[&str], lacks: &[&str]) {
    let answer = run.json();
    let elements = answer.as_array().cloned().unwrap_or_else(|| vec![answer.clone()]);
    let parse = |text: &&str| serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    for part in has.iter().map(parse) {
        assert!(elements.iter().any(|element| holds(element, &part)), "nothing holds {part}\n{run}");
    }
    for part in lacks.iter().map(parse) {
        assert!(!elements.iter().any(|element| holds(element, &part)), "something holds {part}\n{run}");
    }
}

/// Whether all that the part says is in the whole: keys of objects, and elements of arrays in any order.
fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part.iter().all(|(key, value)| whole.get(key).is_some_and(|own| holds(own, value))),
        (Value::Array(whole), Value::Array(part)) => part.iter().all(|value| whole.iter().any(|own| holds(own, value))),
        (whole, part) => whole == part,
    }
}

fn ip_netns_list_sees_the_names() {
    let run = Lab::script(r#"netns::add("blue"); netns::add("red"); netns::add("gone").del(); print(exec("ip -j netns list").stdout);"#)
        .run()
        .ok();
    seen(&run, &[r#"{"name":"blue"}"#, r#"{"name":"red"}"#], &[r#"{"name":"gone"}"#]);
}

fn a_veth_is_born_in_two_namespaces_with_all_its_options() {
    let run = Lab::script(
        r#"
let left = netns::add("left");
let right = netns::add("right");
let br = right.bridge.add("br0", #{ up: true });
veth::add("a0", "b0", #{
    a: #{ netns: left, mtu: 1400, mac: "02:00:00:00:00:01", addr: ["10.0.0.1/24", "2001:db8::1/64"], up: true },
    b: #{ netns: right, mtu: 1300, mac: "02:00:00:00:00:02", master: br, up: true },
});
print("[" + exec("ip -n left -j addr show dev a0").stdout + "," + exec("ip -n right -j addr show dev b0").stdout + "," + exec("ip -j link").stdout + "]");
"#,
    )
    .run()
    .ok();
    let answer = run.json();
    let a = json!({ "mtu": 1400, "address": "02:00:00:00:00:01", "flags": ["UP"], "addr_info": [{ "local": "10.0.0.1" }, { "local": "2001:db8::1" }] });
    let b = json!({ "mtu": 1300, "address": "02:00:00:00:00:02", "flags": ["UP"], "master": "br0" });
    assert!(holds(&answer[0][0], &a), "{a} is not in {}\n{run}", answer[0]);
    assert!(holds(&answer[1][0], &b), "{b} is not in {}\n{run}", answer[1]);
    assert_eq!(answer[2].as_array().map(Vec::len), Some(1), "root has more than lo\n{run}");
}

/// What makes a lab the same: links, addresses and routes of root and two namespaces, without what differs from run to run.
const QUESTIONS: &str = "for ns in '' '-n blue' '-n red'; do ip $ns -j -d link; ip $ns -j addr; ip $ns -j route show table all; ip $ns -j neigh show nud permanent; done; \
     bridge -j link; bridge -j fdb; sysctl -n net.ipv4.ip_forward | tr -d '\\t'; ip netns exec blue sysctl -n net.ipv4.ip_forward";

/// Runs a script with `--trace`, then its lines in a shell in a sandbox of util-linux; both must answer the same.
#[track_caller]
fn same_by_trace(script: &str) {
    let folder = Folder::new();
    folder.write("questions", QUESTIONS);
    let questions = folder.path().join("questions").to_string_lossy().into_owned();
    let run = Lab::script(&format!("{script}\nsection(\"questions\");\nprint(exec([\"sh\", \"{questions}\"]).stdout);"))
        .option("--trace")
        .option("--json")
        .run()
        .ok();
    let events = run.events();
    let before = events.iter().take_while(|event| event["event"] != "section");
    let lines: Vec<&str> =
        before.filter(|event| event["event"] == "step").map(|event| event["command"].as_str().expect("a line")).collect();
    assert!(lines.len() > 3, "nearly nothing was traced\n{run}");
    let ours =
        events.iter().find(|event| event["event"] == "print").and_then(|event| event["text"].as_str()).expect("the answers").to_string();

    let paste = format!(
        "set -e\nmount -t tmpfs tmpfs /run\nmkdir /run/netns\nmount -t sysfs sysfs /sys\nip link set lo up\n{}\nexec >&3\n. {questions}\n",
        lines.join("\n")
    );
    folder.write("paste", paste);
    let shell = format!("exec 3>&1 >&2; . {}/paste", folder.path().display());
    let output = Command::new("unshare")
        .args(["-Urnmpf", "--mount-proc", "sh", "-c", &shell])
        .env("PATH", super::harness::search_path())
        .output()
        .expect("run unshare");
    let (theirs, errors) = (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "the lines fail: {errors}\n{}", lines.join("\n"));
    let (ours, theirs) = (comparable(&ours), comparable(&theirs));
    for (our, their) in ours.iter().zip(&theirs) {
        assert_eq!(our, their, "left: labsh, right: the lines in a shell\n{}", lines.join("\n"));
    }
    assert_eq!(ours.len(), theirs.len());
}

/// The answers line by line, without indexes, MACs that were drawn by lot and what is still settling.
fn comparable(text: &str) -> Vec<Value> {
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| json!(line));
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(parse).map(without_chance).collect()
}

fn without_chance(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let of_chance = |key: &str, value: &Value| {
                let text = value.as_str().unwrap_or("");
                let drawn = matches!(key, "address" | "mac" | "bridge_id" | "root_id" | "designated_port") && !text.starts_with("02:00:00");
                let own = matches!(key, "local" | "dst") && (text.starts_with("fe80") || text.starts_with("33:33"));
                drawn
                    || own
                    || key.ends_with("_timer")
                    || matches!(
                        key,
                        "ifindex"
                            | "link_index"
                            | "link_netnsid"
                            | "operstate"
                            | "flags"
                            | "tentative"
                            | "state"
                            | "num_tx_queues"
                            | "num_rx_queues"
                    )
            };
            Value::Object(
                fields.into_iter().filter(|(key, value)| !of_chance(key, value)).map(|(key, value)| (key, without_chance(value))).collect(),
            )
        }
        Value::Array(elements) => {
            // Link-local addresses and what hangs on them come when the kernel is ready for it.
            let settling = |element: &Value| {
                let text = element.to_string();
                text.contains("fe80") || text.contains("33:33:") || text.contains("01:00:5e") || text.contains("\"ff00::/8\"")
            };
            let mut elements: Vec<Value> = elements
                .into_iter()
                .filter(|element| element.get("addr_info").is_some() || !settling(element))
                .map(without_chance)
                .collect();
            elements.retain(|element| element != &json!({ "family": "inet6", "prefixlen": 64, "scope": "link" }));
            elements.sort_by_key(Value::to_string);
            Value::Array(elements)
        }
        other => other,
    }
}

fn the_traced_lines_make_the_same_lab() {
    same_by_trace(
        r#"
let blue = netns::add("blue");
let red = netns::add("red");
let pair = veth::add("v-blue", "eth0", #{
    a: #{ mtu: 1400, mac: "02:00:00:00:00:01", addr: "10.0.0.1/24", up: true },
    b: #{ netns: blue, mtu: 1400, mac: "02:00:00:00:00:02", addr: ["10.0.0.2/24", "2001:db8::2/64"], up: true },
});
let br = bridge::add("br0", #{ up: true, stp: false, ageing_time: "100s", mcast_snooping: false });
veth::add("v-red", "eth0", #{ a: #{ master: br, up: true, mac: "02:00:00:00:00:03" }, b: #{ netns: red, addr: "10.1.0.2/24", up: true, mac: "02:00:00:00:00:04" } });
veth::add("x0", "x1", #{ a: #{ netns: red, mac: "02:00:00:00:00:05" }, b: #{ mac: "02:00:00:00:00:06" } });
blue.link("lo").up();
br.addr.add("10.1.0.1/24");
blue.route.add("default", #{ via: "10.0.0.1" });
red.route.add("default", #{ via: "10.1.0.1", metric: 50 });
route::add("192.0.2.0/24", #{ via: "10.0.0.2", src: "10.0.0.1", mtu: 1300, proto: "static" });
route::add("198.51.100.0/24", #{ type: "blackhole" });
route::add("203.0.113.0/24", #{ nexthops: [#{ via: "10.0.0.2", weight: 2 }, #{ via: "10.1.0.2" }] });
route::add("10.77.0.0/16", #{ via: "10.66.0.1", dev: "v-blue", onlink: true, table: 77 });
pair.a.neigh.add("10.0.0.9", #{ lladdr: "02:00:00:00:00:09" });
br.fdb.add("02:00:00:00:00:0a", "v-red");
sysctl::set("net.ipv4.ip_forward", 1);
"#,
    );
}

fn the_traced_lines_of_changes_make_the_same_lab() {
    same_by_trace(
        r#"
let blue = netns::add("blue");
let red = netns::add("red");
netns::add("gone").del();
let pair = veth::add("v0", "v1");
pair.a.set(#{ mtu: 1400, mac: "02:00:00:00:00:01", txqueuelen: 50, alias: "wire", arp: false, promisc: true });
pair.b.move_to(blue, "eth0");
pair.b.addr.add("10.0.0.2/24");
pair.b.up();
pair.a.rename("w0").up();
pair.a.addr.add("10.0.0.1/24", #{ label: "w0:x", broadcast: "10.0.0.255" }).add("10.8.0.1/32", #{ peer: "10.8.0.2" }).add("10.9.0.1/24").del("10.9.0.1/24");
addr::add("2001:db8::1/64", #{ dev: "w0", nodad: true });
let other = veth::add("y0", "y1");
other.a.move_to(red);
other.a.move_to(root);
veth::add("z0", "z1").a.del();
let br = bridge::add("br0");
br.set(#{ stp: true, forward_delay: "4s", priority: 4096, up: true });
br.attach("y0");
other.b.master("br0").nomaster();
br.down();
route::add("default", #{ via: "10.0.0.2" }).replace("default", #{ via: "10.0.0.3" }).add("192.0.2.0/24", #{ dev: "w0" }).del("192.0.2.0/24");
route::add("default", #{ via: "2001:db8::2" });
pair.a.neigh.add("10.0.0.8", #{ lladdr: "02:00:00:00:00:08" }).replace("10.0.0.8", #{ lladdr: "02:00:00:00:00:07" });
pair.a.neigh.add("10.0.0.9", #{ lladdr: "02:00:00:00:00:09" }).del("10.0.0.9");
blue.sysctl["net.ipv4.ip_forward"] = true;
"#,
    );
}

fn trace_is_silent_unless_asked() {
    let script = r#"netns::add("blue").link("lo").up();"#;
    Lab::script(script).run().ok().stderr_is("\npassed in TIME\n");
    Lab::script(script)
        .option("--trace")
        .run()
        .ok()
        .stderr_is("  $ ip netns add blue\n  $ ip -n blue link set dev lo up\n\npassed in TIME\n");
}

/// The same lines as `ip` prints, for each kind of object.
fn printed_objects_read_as_ip_prints_them() {
    Lab::script(
        r#"
let blue = netns::add("blue");
let red = netns::add("red");
let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ netns: blue, addr: "10.0.0.2/24", up: true } });
let br = bridge::add("br0", #{ up: true });
veth::add("p0", "p1", #{ a: #{ master: br, up: true }, b: #{ up: true } });
pair.a.wait_up();
pair.b.wait_up();
link::get("p0").wait_up();
br.wait_up();
pair.a.set(#{ alias: "wire" });
pair.a.neigh.add("10.0.0.9", #{ lladdr: "02:00:00:00:00:09" });
route::add("default", #{ via: "10.0.0.2", metric: 5 });
route::add("192.0.2.0/24", #{ type: "blackhole" });

fn same(ours, line) {
    let theirs = exec(line).stdout;
    let ours_lines = ours.to_string().split("\n").map(|l| { l.trim(); l });
    let their_lines = theirs.split("\n").map(|l| { l.trim(); l }).filter(|l| l != "");
    if ours_lines != their_lines { throw `${line}\nours:   ${ours_lines}\ntheirs: ${their_lines}`; }
}
same(link::list(), "ip link");
same(blue.link.list(), "ip -n blue link");
same(route::list(#{ v6: false }), "ip route");
same(neigh::list().filter(|n| n.ip == "10.0.0.9"), "ip neigh show 10.0.0.9");
same(netns::list(), ["sh", "-c", "ip netns list | sort"]);
"#,
    )
    .run()
    .ok();
}
