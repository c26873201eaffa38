//! Addresses, routes, rules, neighbours, next hops: each with each of its options, in both families.

use super::sample::Sample;
use serde_json::{Value, json};

/// Makes a sample of what stands in one row.
struct Row {
    name: String,
    make: String,
    show: String,
    wants: Vec<(&'static str, Value)>,
    read: String,
    same: Vec<(String, &'static str)>,
}

impl From<Row> for Sample {
    fn from(row: Row) -> Sample {
        Sample {
            name: row.name,
            needs: Vec::new(),
            make: row.make,
            show: row.show,
            wants: row.wants.into_iter().map(|(pointer, want)| (pointer.to_string(), want)).collect(),
            read: row.read,
            same: row.same,
        }
    }
}

fn addresses() -> Vec<Row> {
    let row = |cidr: &str, options: &str, wants: Vec<(&'static str, Value)>| {
        let ip = cidr.split('/').next().unwrap_or_default();
        let nodad = if cidr.contains(':') && !options.contains("nodad") { "nodad: true, " } else { "" };
        let found = format!("addr::list(#{{ dev: \"eth1\" }}).filter(|a| a.ip == \"{ip}\")");
        Row {
            name: format!("address {cidr} {}", options.replace(['"', '#', '{', '}'], "")),
            make: format!("w.b.addr.add(\"{cidr}\", #{{ {nodad}{options} }})"),
            // A peer's address is the one that `to` looks for.
            show: format!(
                "ip -d -j addr show dev eth1 | sed 's/\"addr_info\":\\[.*\\({{[^{{]*\"local\":\"{ip}\"[^}}]*}}\\).*/\"addr_info\":[\\1]}}]/'"
            ),
            wants,
            read: format!("{found}.map(|a| [a.cidr, a.scope, a.flags, a.family, a.dev, a.preferred == (), a.valid == ()]).to_string()"),
            same: vec![
                (format!("{found}[0].ip"), "/0/addr_info/0/local"),
                (format!("{found}[0].prefix.to_string()"), "/0/addr_info/0/prefixlen"),
                (format!("{found}[0].scope"), "/0/addr_info/0/scope"),
            ],
        }
    };
    let mut rows = Vec::new();
    for prefix in [1, 8, 16, 24, 30, 31, 32] {
        rows.push(row(&format!("198.51.100.1/{prefix}"), "", vec![("/0/addr_info/0/prefixlen", json!(prefix))]));
    }
    for prefix in [1, 32, 64, 127, 128] {
        rows.push(row(&format!("2001:db8::1/{prefix}"), "", vec![("/0/addr_info/0/prefixlen", json!(prefix))]));
    }
    for scope in ["global", "link", "host"] {
        let want = || vec![("/0/addr_info/0/scope", json!(scope))];
        rows.push(row("198.51.100.2/24", &format!("scope: \"{scope}\""), want()));
    }
    for label in ["eth1:a", "eth1:0", "eth1:long-name"] {
        rows.push(row("198.51.100.3/24", &format!("label: \"{label}\""), vec![("/0/addr_info/0/label", json!(label))]));
    }
    for (cidr, lft) in [("198.51.100.4/24", 4000), ("2001:db8::4/64", 5000)] {
        let options = format!("valid_lft: \"{lft}s\", preferred_lft: \"{}s\"", lft / 2);
        rows.push(row(
            cidr,
            &options,
            vec![("/0/addr_info/0/valid_life_time", json!(lft)), ("/0/addr_info/0/preferred_life_time", json!(lft / 2))],
        ));
        rows.push(row(cidr, "noprefixroute: true", vec![("/0/addr_info/0/noprefixroute", json!(true))]));
    }
    rows.push(row("2001:db8::5/64", "nodad: true", vec![("/0/addr_info/0/nodad", json!(true))]));
    rows.push(row("198.51.100.6/32", "peer: \"198.51.100.7\"", vec![("/0/addr_info/0/address", json!("198.51.100.7"))]));
    rows.push(row("2001:db8::6/128", "peer: \"2001:db8::7\"", vec![("/0/addr_info/0/address", json!("2001:db8::7"))]));
    rows.push(row("198.51.100.8/24", "broadcast: \"198.51.100.99\"", vec![("/0/addr_info/0/broadcast", json!("198.51.100.99"))]));
    rows
}

/// How both families are written.
struct Family {
    v: &'static str,
    net: &'static str,
    via: &'static str,
    second: &'static str,
    own: &'static str,
    prepare: &'static str,
}

const FAMILIES: [Family; 2] = [
    Family { v: "", net: "198.51.100.0/24", via: "192.0.2.2", second: "192.0.2.3", own: "192.0.2.1", prepare: "" },
    Family {
        v: " -6",
        net: "2001:db8:9::/48",
        via: "2001:db8::2",
        second: "2001:db8::3",
        own: "2001:db8::1",
        prepare: "w.a.addr.add(\"2001:db8::1/64\", #{ nodad: true }); ",
    },
];

fn routes() -> Vec<Row> {
    let mut rows = Vec::new();
    for family in FAMILIES {
        let Family { v, net, via, second, own, prepare } = family;
        let mut row = |dst: &str, options: &str, wants: Vec<(&'static str, Value)>| {
            let shown = if dst == "default" { "exact default table all proto boot".to_string() } else { format!("table all {dst}") };
            let shown = if options.contains("proto") && dst == "default" { "exact default table all".to_string() } else { shown };
            let text = dst.trim_end_matches("/32").trim_end_matches("/128");
            let table = if options.contains("table") { ", table: 100" } else { "" };
            let v6 = if v.is_empty() { "" } else { ", v6: true" };
            let listed = format!("#{{ dev: (){table}{v6} }}");
            rows.push(Row {
                name: format!("route{v} {dst} {}", options.replace(['"', '#', '{', '}'], "")),
                make: format!("{prepare}route::add(\"{dst}\", #{{ {options} }})"),
                show: format!("ip{v} -d -j route show {shown}"),
                wants,
                read: format!("route::list({listed}).map(|r| r.to_string()).filter(|r| r.contains(\"{text}\")).to_string()"),
                same: Vec::new(),
            });
        };
        let gateway = || ("/0/gateway", json!(via));
        let plain = format!("via: \"{via}\"");
        row(net, &plain, vec![gateway(), ("/0/dev", json!("eth0")), ("/0/dst", json!(net))]);
        row(net, "dev: \"eth0\"", vec![("/0/dev", json!("eth0"))]);
        row(net, &format!("{plain}, dev: \"eth0\""), vec![gateway()]);
        for metric in [1_u32, 1024, 4_294_967_295] {
            row(net, &format!("{plain}, metric: {metric}"), vec![("/0/metric", json!(metric))]);
        }
        row(net, &format!("{plain}, table: 100"), vec![("/0/table", json!("100")), gateway()]);
        for proto in ["static", "boot", "kernel", "ra", "bird"] {
            row(net, &format!("{plain}, proto: \"{proto}\""), vec![("/0/protocol", json!(proto))]);
        }
        row(net, &format!("{plain}, mtu: 1300"), vec![("/0/metrics/0/mtu", json!(1300))]);
        row(net, &format!("{plain}, advmss: 1200"), vec![("/0/metrics/0/advmss", json!(1200))]);
        row(net, &format!("{plain}, src: \"{own}\""), vec![("/0/prefsrc", json!(own))]);
        row(net, &format!("via: \"{second}\", dev: \"eth0\", onlink: true"), vec![("/0/flags/0", json!("onlink"))]);
        for kind in ["blackhole", "unreachable", "prohibit", "throw"] {
            row(net, &format!("type: \"{kind}\""), vec![("/0/type", json!(kind))]);
        }
        row(
            net,
            &format!("nexthops: [#{{ via: \"{via}\" }}, #{{ via: \"{second}\", weight: 200 }}]"),
            vec![("/0/nexthops/1/weight", json!(200))],
        );
        row(
            net,
            &format!("nexthops: [#{{ via: \"{via}\", dev: \"eth0\", weight: 256 }}, #{{ via: \"{second}\", dev: \"eth0\" }}]"),
            vec![("/0/nexthops/0/weight", json!(256))],
        );
    }
    rows
}

fn rules() -> Vec<Row> {
    let mut rows = Vec::new();
    for v6 in [false, true] {
        let (v, mark, from, to) = match v6 {
            false => ("", "v6: false", "10.1.0.0/16", "198.51.100.7"),
            true => (" -6", "v6: true", "2001:db8:1::/48", "2001:db8::7"),
        };
        let mut row = |options: String, wants: Vec<(&'static str, Value)>| {
            rows.push(Row {
                name: format!("rule{v} {}", options.replace(['"', '#', '{', '}'], "")),
                make: format!("rule::add(#{{ {mark}, priority: 100, {options} }})"),
                show: format!("ip{v} -j rule show priority 100"),
                wants,
                read: format!("rule::list(#{{ {mark} }}).map(|r| r.to_string()).to_string()"),
                same: vec![(format!("rule::list(#{{ {mark} }}).filter(|r| r.priority == 100)[0].priority.to_string()"), "/0/priority")],
            });
        };
        let (bare, length) = from.split_once('/').unwrap_or_default();
        row(format!("from: \"{from}\", table: 7"), vec![("/0/src", json!(bare)), ("/0/srclen", json!(length.parse::<u8>().unwrap_or(0)))]);
        row(format!("to: \"{to}\", table: 7"), vec![("/0/dst", json!(to))]);
        row(format!("not: true, from: \"{from}\", table: 7"), vec![("/0/not", Value::Null)]);
        row("iif: \"eth0\", table: 7".to_string(), vec![("/0/iif", json!("eth0"))]);
        row("iif: \"later\", table: 7".to_string(), vec![("/0/iif", json!("later")), ("/0/iif_detached", Value::Null)]);
        row("oif: \"eth1\", table: 7".to_string(), vec![("/0/oif", json!("eth1"))]);
        row("fwmark: 7, table: 7".to_string(), vec![("/0/fwmark", json!("0x7"))]);
        row("fwmark: \"0x70/0xf0\", table: 7".to_string(), vec![("/0/fwmark", json!("0x70")), ("/0/fwmask", json!("0xf0"))]);
        for proto in ["tcp", "udp", "icmp"] {
            row(format!("ipproto: \"{proto}\", table: 7"), vec![("/0/ipproto", json!(proto))]);
        }
        row("ipproto: \"tcp\", sport: 80, table: 7".to_string(), vec![("/0/sport", json!(80))]);
        row(
            "ipproto: \"udp\", dport: \"1-65534\", table: 7".to_string(),
            vec![("/0/dport_start", json!(1)), ("/0/dport_end", json!(65534))],
        );
        row("tos: 16, table: 7".to_string(), vec![("/0/tos", json!("0x10"))]);
        for kind in ["blackhole", "unreachable", "prohibit"] {
            row(format!("from: \"{from}\", type: \"{kind}\""), vec![("/0/action", json!(kind))]);
        }
        row("go_to: 32766".to_string(), vec![("/0/goto", json!(32766))]);
        row("go_to: 200".to_string(), vec![("/0/goto", json!(200)), ("/0/unresolved", Value::Null)]);
        for length in [0, 8] {
            row(format!("table: \"main\", suppress_prefixlength: {length}"), vec![("/0/suppress_prefixlen", json!(length))]);
        }
        for table in ["7", "1000", "4294967294"] {
            row(format!("table: {table}"), vec![("/0/table", json!(table))]);
        }
    }
    rows
}

fn neighbours() -> Vec<Row> {
    let mut rows = Vec::new();
    for (v, ip) in [("", "192.0.2.77"), (" -6", "2001:db8::77")] {
        for state in ["permanent", "reachable", "stale"] {
            let found = format!("neigh::list().filter(|n| n.ip == \"{ip}\")");
            rows.push(Row {
                name: format!("neighbour{v} {state}"),
                make: format!("w.a.neigh.add(\"{ip}\", #{{ lladdr: \"02:00:00:00:00:77\", nud: \"{state}\" }})"),
                show: format!("ip{v} -j neigh show {ip} nud all"),
                wants: vec![("/0/state/0", json!(state.to_uppercase())), ("/0/lladdr", json!("02:00:00:00:00:77"))],
                read: format!("{found}.map(|n| n.to_string()).to_string()"),
                same: vec![
                    (format!("{found}[0].mac"), "/0/lladdr"),
                    (format!("{found}[0].state"), "/0/state/0"),
                    (format!("{found}[0].dev"), "/0/dev"),
                ],
            });
        }
        let found = format!("neigh::list(#{{ proxy: true }}).filter(|n| n.ip == \"{ip}\")");
        rows.push(Row {
            name: format!("neighbour{v} by proxy"),
            make: format!("w.a.neigh.add(\"{ip}\", #{{ proxy: true }})"),
            show: format!("ip{v} -j neigh show proxy {ip}"),
            wants: vec![("/0/dst", json!(ip)), ("/0/dev", json!("eth0"))],
            read: format!("{found}.map(|n| n.to_string()).to_string()"),
            same: vec![(format!("{found}[0].dev"), "/0/dev")],
        });
    }
    rows
}

fn nexthops() -> Vec<Row> {
    let mut rows = Vec::new();
    for family in FAMILIES {
        let Family { v, via, second, prepare, .. } = family;
        let mut row = |make: String, id: u32, wants: Vec<(&'static str, Value)>| {
            rows.push(Row {
                name: format!("nexthop{v} {}", make.replace(['"', '#', '{', '}', '(', ')'], "").replace("nexthop::add", "")),
                make: format!("{prepare}{make}"),
                show: format!("ip -j nexthop show id {id}"),
                wants,
                read: "nexthop::list().map(|n| n.to_string()).to_string()".to_string(),
                same: vec![(format!("nexthop::list().filter(|n| n.id == {id})[0].id.to_string()"), "/0/id")],
            });
        };
        row(format!("nexthop::add(1, #{{ via: \"{via}\", dev: \"eth0\" }})"), 1, vec![("/0/gateway", json!(via))]);
        row(format!("nexthop::add(2, #{{ via: \"{via}\", dev: \"eth0\", onlink: true }})"), 2, vec![("/0/flags/0", json!("onlink"))]);
        let six = if v.is_empty() { "" } else { ", v6: true" };
        row(format!("nexthop::add(3, #{{ dev: \"eth1\"{six} }})"), 3, vec![("/0/dev", json!("eth1"))]);
        row(format!("nexthop::add(4, #{{ blackhole: true{six} }})"), 4, vec![("/0/id", json!(4))]);
        row(
            format!(
                "nexthop::add(1, #{{ via: \"{via}\", dev: \"eth0\" }}).add(2, #{{ via: \"{second}\", dev: \"eth0\" }}).add(9, #{{ group: [1, #{{ id: 2, weight: 9 }}] }})"
            ),
            9,
            vec![("/0/group/0/id", json!(1)), ("/0/group/1/weight", json!(9))],
        );
    }
    rows
}

/// What the kernel would do with a packet: nothing is set, both are asked.
fn lookups() -> Vec<Row> {
    let prepare = "w.a.addr.add(\"2001:db8::1/64\", #{ nodad: true }); route::add(\"198.51.100.0/24\", #{ via: \"192.0.2.2\", mtu: 1300 }); \
                   route::add(\"203.0.113.0/24\", #{ via: \"192.0.2.3\", table: 9 }); rule::add(#{ fwmark: 7, table: 9, priority: 100 }); \
                   rule::add(#{ ipproto: \"tcp\", dport: 80, table: 9, priority: 101 }); sysctl::set(\"net.ipv4.ip_forward\", 1)";
    let questions = [
        ("192.0.2.2", "", ""),
        ("192.0.2.1", "", ""),
        ("127.0.0.1", "", ""),
        ("198.51.100.9", "", ""),
        ("198.51.100.9", "from: \"192.0.2.1\"", "from 192.0.2.1"),
        ("198.51.100.9", "oif: \"eth0\"", "oif eth0"),
        ("203.0.113.9", "mark: 7", "mark 7"),
        ("203.0.113.9", "proto: \"tcp\", dport: 80", "ipproto tcp dport 80"),
        ("203.0.113.9", "proto: \"tcp\", sport: 5, dport: 80", "ipproto tcp sport 5 dport 80"),
        ("198.51.100.9", "tos: 16", "tos 16"),
        ("198.51.100.9", "from: \"192.0.2.50\", iif: \"eth0\"", "from 192.0.2.50 iif eth0"),
        ("2001:db8::2", "", ""),
        ("2001:db8::2", "from: \"2001:db8::1\"", "from 2001:db8::1"),
        ("::1", "", ""),
    ];
    let row = |(dst, options, words): (&str, &str, &str)| {
        let asked = format!("route::get(\"{dst}\", #{{ {options} }})");
        let shown = |property: &str| format!("{{ let r = {asked}; if r.{property} == () {{ \"\" }} else {{ r.{property} }} }}");
        Row {
            name: format!("way to {dst} {words}"),
            make: prepare.to_string(),
            show: format!("ip -j route get {dst} {words}"),
            wants: vec![("/0/dst", json!(dst))],
            read: format!("{asked}.to_string()"),
            same: vec![(shown("via"), "/0/gateway"), (shown("dev"), "/0/dev"), (shown("src"), "/0/prefsrc")],
        }
    };
    questions.into_iter().map(row).collect()
}

pub fn samples() -> Vec<Sample> {
    let all = [addresses(), routes(), rules(), neighbours(), nexthops(), lookups()];
    all.into_iter().flatten().map(Sample::from).collect()
}
