//! Disciplines, classes and filters: what a script makes, and what `tc -d` says of it, word by word.

/// What it needs, the script, the program that shows it, and the words that must stand there.
pub type Text = (&'static [&'static str], &'static str, &'static str, &'static [&'static str]);

const QDISC: &str = "tc -d qdisc show dev eth0";
const CLASS: &str = "tc -d class show dev eth0 | sort";
const FILTER: &str = "tc -d filter show dev eth0";
const INGRESS: &str = "tc -d filter show dev eth0 ingress";
const EGRESS: &str = "tc -d filter show dev eth0 egress";

const NETEM: &[&str] = &["netem"];

macro_rules! netem {
    ($($opts:literal => $text:literal),* $(,)?) => {
        &[$((NETEM, concat!("w.a.qdisc.add(\"netem\", #{ handle: \"1:\", ", $opts, " })"), QDISC, &[concat!("qdisc netem 1: root refcnt 2 limit 1000", $text)])),*]
    };
}

const NETEMS: &[Text] = netem![
    "" => "",
    r#"delay: "100ms""# => " delay 100ms",
    r#"delay: "100ms", jitter: "10ms""# => " delay 100ms  10ms",
    r#"delay: "100ms", jitter: "10ms", delay_correlation: "25%""# => " delay 100ms  10ms 25%",
    r#"delay: "1500ms", jitter: "5ms", distribution: "pareto""# => " delay 1.5s  5ms",
    r#"delay: "20ms", jitter: "5ms", distribution: "paretonormal""# => " delay 20ms  5ms",
    r#"delay: "20ms", jitter: "5ms", distribution: "uniform""# => " delay 20ms  5ms",
    r#"loss: "0.3%", loss_correlation: "25%""# => " loss 0.3% 25%",
    r#"loss: "10%", ecn: true"# => " loss 10% ecn",
    r#"loss_state: ["1%", "10%", "20%", "30%", "5%"]"# => " loss state p13 1% p31 10% p32 20% p23 30% p14 5%",
    r#"loss_state: ["1%"]"# => " loss state p13 1% p31 99% p32 0% p23 100% p14 0%",
    r#"gemodel: ["2%"]"# => " loss gemodel p 2% r 98% 1-h 100% 1-k 0%",
    r#"gemodel: ["1%", "10%", "70%", "0.1%"]"# => " loss gemodel p 1% r 10% 1-h 70% 1-k 0.1%",
    r#"duplicate: "1%""# => " duplicate 1%",
    r#"corrupt: "0.1%", corrupt_correlation: "5%""# => " corrupt 0.1% 5%",
    r#"delay: "10ms", reorder: "25%", reorder_correlation: "50%", gap: 5"# => " delay 10ms reorder 25% 50% gap 5",
    r#"rate: "1gbit""# => " rate 1Gbit",
    r#"rate: "40gbit""# => " rate 40Gbit",
    r#"rate: "5kbit", rate_overhead: [20, 100, 5]"# => " rate 5Kbit packetoverhead 20 cellsize 100 celloverhead 5",
    r#"slot: ["800us", "1ms"], slot_packets: 32, slot_bytes: "64kb""# => " slot 800us 1ms packets 32 bytes 65536",
    r#"slot: ["10ms", "1ms"], slot_distribution: "normal", slot_packets: 5"# => " slot distribution 10ms 1ms packets 5",
];

macro_rules! qdiscs {
    ($($needs:expr, $kind:literal, $opts:literal => $text:literal),* $(,)?) => {
        &[$(($needs, concat!("w.a.qdisc.add(\"", $kind, "\", #{ handle: \"1:\", ", $opts, " })"), QDISC, &[concat!("qdisc ", $kind, " 1: root refcnt 2 ", $text)])),*]
    };
}

const QDISCS: &[Text] = qdiscs![
    &[], "tbf", r#"rate: "1mbit", burst: "10kb", latency: "70ms""# => "rate 1Mbit burst 10Kb/1 mpu 0b lat 70ms linklayer ethernet",
    &[], "tbf", r#"rate: "1mbit", burst: "10kb", limit: "30kb", mpu: 64, overhead: 14"#
        => "rate 1Mbit burst 10Kb/1 mpu 64b lat 164ms overhead 14 linklayer ethernet",
    &[], "tbf", r#"rate: "500kbit", burst: "5kb", latency: "70ms", peakrate: "1mbit", mtu: 1540"# => "rate 500Kbit burst 5Kb/1 mpu 0b peakrate 1Mbit mtu 1540b/1",
    &[], "tbf", r#"rate: "40gbit", burst: "10mb", limit: "30mb""# => "rate 40Gbit burst 10Mb/1 mpu 0b",
    &[], "tbf", r#"rate: "8mbit", linklayer: "atm", overhead: 10"# => "rate 8Mbit",
    &[], "htb", r#"default_class: "30", r2q: 5, direct_qlen: 10"# => "r2q 5 default 0x30 direct_packets_stat 0 ver 3.17 direct_qlen 10",
    &[], "htb", "" => "r2q 10 default 0 direct_packets_stat 0 ver 3.17",
    &[], "pfifo", "limit: 100" => "limit 100p",
    &[], "bfifo", r#"limit: "64kb""# => "limit 64Kb",
    &[], "pfifo_fast", "" => "bands 3 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1",
    &["prio"], "prio", "" => "bands 3 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1",
    &["prio"], "prio", "bands: 2" => "bands 2 priomap 1 1 1 1 1 1 0 0 1 1 1 1 1 1 1 1",
    &["prio"], "prio", "bands: 4, priomap: [3, 2, 2, 3, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]" => "bands 4 priomap 3 2 2 3 1 2 0 0 1 1 1 1 1 1 1 1",
    &["sfq"], "sfq", r#"limit: 100, quantum: 1500, divisor: 512, depth: 64, perturb: "5s""# => "limit 100p quantum 1500b depth 64 flows 100 divisor 512 perturb 5sec",
    &["fq_codel"], "fq_codel", r#"limit: 1000, flows: 64, target: "10ms", ce_threshold: "1ms", interval: "200ms", memory_limit: "1mb", drop_batch: 32, ecn: false"#
        => "limit 1000p flows 64 quantum 1514 target 10ms ce_threshold 999us interval 200ms memory_limit 1Mb drop_batch 32",
    &["codel"], "codel", r#"limit: 100, target: "4ms", interval: "30ms", ecn: true"# => "limit 100p target 4ms interval 30ms ecn",
    &["fq"], "fq", r#"limit: 1000, flow_limit: 10, buckets: 512, pacing: false, refill_delay: "20ms", timer_slack: "20us", horizon: "5s""#
        => "limit 1000p flow_limit 10p buckets 512 orphan_mask 1023 nopacing",
    &["fq"], "fq", r#"maxrate: "1mbit", low_rate_threshold: "1mbit", orphan_mask: 511, ce_threshold: "1ms""# => "limit 10000p flow_limit 100p buckets 1024 orphan_mask 511",
    &["cake"], "cake", r#"bandwidth: "100mbit", diffserv: "besteffort", isolation: "dual-dsthost", nat: true, wash: true, direction: "ingress""#
        => "bandwidth 100Mbit besteffort dual-dsthost nat wash ingress",
    &["cake"], "cake", r#"bandwidth: "20mbit", rtt: "50ms", ack_filter: "ack-filter", split_gso: "no-split-gso", overhead: 18, mpu: 64, memlimit: "4mb", fwmark: 255"#
        => "bandwidth 20Mbit diffserv3 triple-isolate nonat nowash ack-filter no-split-gso rtt 50ms",
    &["hfsc"], "hfsc", r#"default_class: "10""# => "default 10",
    &["drr"], "drr", "" => "",
];

macro_rules! on {
    ($show:expr; $($needs:expr, $qdisc:literal, $make:literal => [$($text:literal),*]),* $(,)?) => {
        &[$(($needs, concat!("w.a.qdisc.add(", $qdisc, "); w.a", $make), $show, &[$($text),*])),*]
    };
}

const CLASSES: &[Text] = on![CLASS;
    &[], r#""htb", #{ handle: "1:" }"#, r#".class.add("1:1", #{ rate: "100mbit" })"# => ["class htb 1:1 root prio 0 quantum 60000 rate 100Mbit ceil 100Mbit"],
    &[], r#""htb", #{ handle: "1:" }"#, r#".class.add("1:1", #{ rate: "100mbit" }).add("1:10", #{ parent: "1:1", rate: "10mbit", ceil: "20mbit", burst: "15kb", cburst: "20kb", prio: 2, quantum: 3000 })"#
        => ["class htb 1:10 parent 1:1 prio 2 quantum 3000 rate 10Mbit ceil 20Mbit linklayer ethernet burst 15Kb/1 mpu 0b cburst 20Kb/1 mpu 0b level 0"],
    &[], r#""htb", #{ handle: "1:" }"#, r#".class.add("1:1", #{ rate: "40gbit", overhead: 10, mpu: 64 })"# => ["rate 40Gbit overhead 10 ceil 40Gbit", "mpu 64b"],
    &[], r#""htb", #{ handle: "1:" }"#, r#".class.add("1:1", #{ rate: "1mbit", linklayer: "atm" })"# => ["rate 1Mbit ceil 1Mbit linklayer atm"],
    &[], r#""htb", #{ handle: "1:" }"#, r#".class.add("1:1", #{ rate: "1mbit" }).change("1:1", #{ rate: "2mbit" })"# => ["rate 2Mbit ceil 2Mbit"],
    &[], r#""htb", #{ handle: "1:" }"#, r#".class.add("1:1", #{ rate: "1mbit" }).replace("1:1", #{ rate: "3mbit", ceil: "4mbit" })"# => ["rate 3Mbit ceil 4Mbit"],
    &[], r#""htb", #{ handle: "ff:" }"#, r#".class.add("ff:abc", #{ rate: "8kbit" })"# => ["class htb ff:abc root", "rate 8Kbit"],
    &["hfsc"], r#""hfsc", #{ handle: "1:", default_class: "10" }"#, r#".class.add("1:1", #{ kind: "hfsc", sc: "10mbit", ul: "20mbit" })"#
        => ["class hfsc 1:1 parent 1: sc m1 0bit d 0us m2 10Mbit ul m1 0bit d 0us m2 20Mbit"],
    &["hfsc"], r#""hfsc", #{ handle: "1:" }"#, r#".class.add("1:1", #{ kind: "hfsc", rt: #{ m1: "1mbit", d: "10ms", m2: "500kbit" }, ls: "100kbit" })"#
        => ["rt m1 1Mbit d 10ms m2 500Kbit ls m1 0bit d 0us m2 100Kbit"],
    &["drr"], r#""drr", #{ handle: "1:" }"#, r#".class.add("1:1", #{ kind: "drr", quantum: 600 })"# => ["class drr 1:1 root quantum 600b"],
    &["qfq"], r#""qfq", #{ handle: "1:" }"#, r#".class.add("1:1", #{ kind: "qfq", weight: 10, maxpkt: 2000 })"# => ["class qfq 1:1 root weight 10 maxpkt 2000"],
];

const FILTERS: &[Text] = on![FILTER;
    &[], r#""htb", #{ handle: "1:" }"#, r#".filter.add("u32", #{ protocol: "ip", prio: 1, matches: ["ip src 10.0.0.0/24", "ip dport 80 0xffff"], flowid: "1:10" })"#
        => ["filter parent 1: protocol ip pref 1 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 *flowid 1:10", "match 0a000000/ffffff00 at 12", "match 00000050/0000ffff at 20"],
    &[], r#""htb", #{ handle: "1:" }"#, r#".filter.add("u32", #{ parent: "1:", protocol: "ip", prio: 1, matches: ["ip sport 22 0xffff", "ip protocol 6 0xff", "ip tos 0x10 0xff"], flowid: "1:11" })"#
        => ["match 00160000/ffff0000 at 20", "match 00060000/00ff0000 at 8", "match 00100000/00ff0000 at 0"],
    &[], r#""htb", #{ handle: "1:" }"#, r#".filter.add("u32", #{ protocol: "ip", prio: 1, matches: ["u8 0x05 0x0f at 0", "u16 0x0000 0xffc0 at 2", "u8 0x10 0xff at 33"], flowid: "1:12" })"#
        => ["match 05000000/0f00ffc0 at 0", "match 00100000/00ff0000 at 32"],
    &[], r#""htb", #{ handle: "1:" }"#, r#".filter.add("u32", #{ protocol: "ipv6", prio: 2, matches: ["ip6 dst 2001:db8::/48"], flowid: "1:12" })"#
        => ["match 20010db8/ffffffff at 24", "match 00000000/ffff0000 at 28"],
    &[], r#""htb", #{ handle: "1:" }"#, r#".filter.add("u32", #{ protocol: "ip", prio: 5, matches: ["tcp dst 22 0xffff"], flowid: "1:1" })"# => ["match 00000016/0000ffff at nexthdr+0"],
    &[], r#""htb", #{ handle: "1:" }"#, r#".filter.add("u32", #{ protocol: "ip", prio: 5, handle: "800::7", matches: ["ip icmp_type 8 0xff", "ip protocol 1 0xff"], flowid: "1:1" })"#
        => ["fh 800::7 order 7", "match 08000000/ff000000 at 20"],
    &[], r#""htb", #{ handle: "1:" }"#, r#".filter.add("u32", #{ protocol: "ip", prio: 5, flowid: "1:1" }).add("u32", #{ protocol: "ip", prio: 5, handle: "2:", divisor: 256 }).add("u32", #{ protocol: "ip", prio: 5, ht: "2:7b:", matches: ["ip src 1.2.0.123"], flowid: "1:1" }).add("u32", #{ protocol: "ip", prio: 5, ht: "800::", matches: ["ip src 1.2.0.0/16"], hashkey: "0x000000ff at 12", link: "2:" })"#
        => ["fh 2: ht divisor 256", "fh 2:7b:800 order 2048 key ht 2 bkt 7b *flowid 1:1", "link 2:", "hash mask 000000ff at 12"],
    &["fw"], r#""htb", #{ handle: "1:" }"#, r#".filter.add("fw", #{ protocol: "ip", prio: 3, handle: "0x6/0xff", flowid: "1:6" })"# => ["fw chain 0 handle 0x6/0xff classid 1:6"],
    &["matchall"], r#""htb", #{ handle: "1:" }"#, r#".filter.add("matchall", #{ prio: 3, flowid: "1:6" })"# => ["matchall chain 0 flowid 1:6"],
];

const INGRESSES: &[Text] = on![INGRESS;
    &[], r#""clsact""#, r#".filter.add("u32", #{ parent: "ingress", prio: 1, redirect: "eth1" })"# => ["mirred (Egress Redirect to device eth1) stolen"],
    &[], r#""clsact""#, r#".filter.add("u32", #{ parent: "ingress", prio: 1, mirror: #{ dev: "eth1", ingress: true } })"# => ["mirred (Ingress Mirror to device eth1) pipe"],
    &[], r#""ingress""#, r#".filter.add("u32", #{ parent: "ffff:", protocol: "all", prio: 1, mirror: w.b, redirect: w.a })"#
        => ["action order 1: mirred (Egress Mirror to device eth1) pipe", "action order 2: mirred (Egress Redirect to device eth0) stolen"],
    &["gact"], r#""clsact""#, r#".filter.add("u32", #{ parent: "ingress", prio: 1, protocol: "ip", matches: ["ip dst 10.0.0.1"], action: "drop" })"# => ["gact action drop"],
    &["police"], r#""clsact""#, r#".filter.add("u32", #{ parent: "ingress", prio: 1, police: #{ rate: "1mbit", burst: "10kb" } })"# => ["rate 1Mbit burst 10Kb mtu 2Kb action drop"],
    &["police", "matchall"], r#""clsact""#, r#".filter.add("matchall", #{ parent: "ingress", prio: 1, police: #{ rate: "1mbit", burst: "10kb", mtu: 4000, exceed: "continue" } })"#
        => ["rate 1Mbit burst 10Kb mtu 4000b action continue"],
    &["skbedit"], r#""clsact""#, r#".filter.add("u32", #{ parent: "ingress", prio: 1, skbedit: #{ mark: 5, priority: "1:2" }, redirect: w.b })"# => ["skbedit", "priority 1:2 mark 5 pipe", "stolen"],
];

const EGRESSES: &[Text] = on![EGRESS;
    &["matchall"], r#""clsact""#, r#".filter.add("matchall", #{ parent: "egress", prio: 1, mirror: "eth1" })"# => ["matchall chain 0", "Egress Mirror to device eth1"],
    &["flower", "gact"], r#""clsact""#, r#".filter.add("flower", #{ parent: "egress", protocol: "ip", prio: 10, dst_ip: "10.0.0.0/24", ip_proto: "tcp", dst_port: 80, action: "drop" })"#
        => ["eth_type ipv4", "ip_proto tcp", "dst_ip 10.0.0.0/24", "dst_port 80", "gact action drop"],
    &["flower"], r#""clsact""#, r#".filter.add("flower", #{ parent: "egress", prio: 10, src_mac: "02:00:00:00:00:01", dst_mac: "02:00:00:00:00:02/ff:ff:ff:00:00:00", flowid: "1:1" })"#
        => ["dst_mac 02:00:00:00:00:02/24", "src_mac 02:00:00:00:00:01"],
    &["flower"], r#""clsact""#, r#".filter.add("flower", #{ parent: "egress", protocol: "802.1Q", prio: 10, vlan_id: 10, vlan_prio: 3, vlan_ethtype: "ip", src_ip: "1.2.3.4", flowid: "1:1" })"#
        => ["vlan_id 10", "vlan_prio 3", "src_ip 1.2.3.4"],
    &["flower"], r#""clsact""#, r#".filter.add("flower", #{ parent: "egress", protocol: "ipv6", prio: 10, src_ip: "2001:db8::/32", dst_ip: "2001:db8::1", ip_proto: "udp", src_port: "1000-2000", redirect: w.b })"#
        => ["ip_proto udp", "dst_ip 2001:db8::1", "src_ip 2001:db8::/32", "src_port 1000-2000"],
    &["flower"], r#""clsact""#, r#".filter.add("flower", #{ parent: "egress", protocol: "ip", prio: 10, ip_proto: "icmp", type: 8, code: 0, ip_tos: "0x10/0xfc", ip_ttl: 64, flowid: "1:1" })"#
        => ["ip_tos 16/0xfc", "ip_ttl 64", "icmp_type 8", "icmp_code 0"],
    &["flower"], r#""clsact""#, r#".filter.add("flower", #{ parent: "egress", protocol: "arp", prio: 10, arp_op: "request", arp_tip: "10.0.0.1", flowid: "1:1" })"# => ["arp_tip 10.0.0.1", "arp_op request"],
    &["flower"], r#""clsact""#, r#".filter.add("flower", #{ parent: "egress", protocol: "ip", prio: 10, ip_proto: "tcp", tcp_flags: "0x2/0xff", ip_flags: "nofrag", flowid: "1:7" })"#
        => ["tcp_flags 0x2/ff", "ip_flags nofrag"],
];

/// All of them, with a name for each.
pub fn texts() -> Vec<(String, Text)> {
    let tables =
        [("netem", NETEMS), ("qdisc", QDISCS), ("class", CLASSES), ("filter", FILTERS), ("ingress", INGRESSES), ("egress", EGRESSES)];
    let named =
        tables.into_iter().flat_map(|(name, table)| table.iter().enumerate().map(move |(at, text)| (format!("{name}::{at:02}"), *text)));
    named.collect()
}

/// The script that prints the name of each feature that the kernel has; `w` is a link, `try_it` prints the name if the call succeeds.
pub const FEATURES: &str = r#"
    for q in ["codel", "hfsc", "drr", "qfq"] { try_it.call(q, || { w.qdisc.add(q); w.qdisc.del(); }); }
    w.qdisc.add("clsact");
    for k in ["matchall", "flower"] { try_it.call(k, || w.filter.add(k, #{ parent: "egress", protocol: "ip", flowid: "1:1" })); }
    try_it.call("fw", || w.filter.add("fw", #{ parent: "egress", handle: 6, flowid: "1:1" }));
    try_it.call("gact", || w.filter.add("u32", #{ parent: "egress", action: "pass" }));
    try_it.call("police", || w.filter.add("u32", #{ parent: "egress", police: #{ rate: "1mbit", burst: "10kb" } }));
    try_it.call("skbedit", || w.filter.add("u32", #{ parent: "egress", skbedit: #{ mark: 1 } }));
    w.qdisc.del(#{ parent: "ingress" });
"#;
