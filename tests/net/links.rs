//! Links: every setting of every kind, and of a bridge's port, at the ends of its range and with each of its words, from labsh's own table.

use super::sample::Sample;
use labsh::kernel::field::{Field, Form};
use labsh::kernel::link::Kind;
use labsh::kernel::link::kind::{KINDS, PORT_FIELDS};
use serde_json::{Value, json};

/// What a link of a kind cannot be without, and what a setting cannot be without.
fn base(kind: &str, field: &str) -> Vec<(&'static str, &'static str)> {
    let mut base = match kind {
        "vlan" => vec![("link", "\"eth0\""), ("id", "10")],
        "macvlan" | "macvtap" | "ipvlan" => vec![("link", "\"eth0\"")],
        "vxlan" => vec![("id", "42")],
        "geneve" => vec![("id", "42"), ("remote", "\"192.0.2.9\"")],
        "vrf" => vec![("table", "10")],
        "gre" | "gretap" | "ipip" | "sit" => vec![("local", "\"192.0.2.1\""), ("remote", "\"192.0.2.9\"")],
        "bond" => vec![("miimon", "\"100ms\"")],
        _ => Vec::new(),
    };
    match (kind, field) {
        ("vxlan", "group") => base.push(("dev", "\"eth0\"")),
        // There is no VNI where it comes with each packet.
        ("vxlan", "external") => base.clear(),
        // A bond looks at carriers, or asks by ARP.
        ("bond", "arp_interval") => base.clear(),
        ("bond", "lacp_rate" | "ad_select") => base.push(("mode", "\"802.3ad\"")),
        _ => {}
    }
    base.retain(|(key, _)| *key != field);
    base
}

/// The samples of a setting: as a script writes it, and as the program says it.
fn values(kind: &str, field: &Field) -> Vec<(String, Value)> {
    let quoted = |text: &str| (format!("\"{text}\""), json!(text));
    match (field.form, field.name) {
        (_, "ttl") => [1, 64, 255].map(|n| (n.to_string(), json!(n))).to_vec(),
        (_, "tos") => [16, 32].map(|n| (n.to_string(), json!(n))).to_vec(),
        // The kernel keeps the addresses of STP, of pauses and of 802.3ad.
        (_, "group_fwd_mask") => [8, 65528].map(|n| (n.to_string(), json!(n))).to_vec(),
        (_, "maxaddress") => [1, 4000].map(|n| (n.to_string(), json!(n))).to_vec(),
        (_, "id") if kind == "vlan" => [1, 4094].map(|n| (n.to_string(), json!(n))).to_vec(),
        (_, "table") => [1, 1001].map(|n| (n.to_string(), json!(n))).to_vec(),
        (Form::Ip(Some(_)), "group") => ["239.1.1.1", "ff05::7"].map(quoted).to_vec(),
        (Form::Ip(v6), _) => {
            let both = ["192.0.2.7", "2001:db8::7"];
            both[..if v6.is_some() { 2 } else { 1 }].iter().map(|text| quoted(text)).collect()
        }
        (Form::Number(_, low, high), _) => [low, high].map(|n| (n.to_string(), json!(n))).to_vec(),
        (Form::GreKey, _) => vec![("42".to_string(), json!("0.0.0.42"))],
        // Without it a VNI is needed, which cannot be beside it.
        (Form::Switch(..), "external") => vec![("true".to_string(), json!(true))],
        (Form::Switch(..), _) => [true, false].map(|on| (on.to_string(), json!(on))).to_vec(),
        // One that is off is not told.
        (Form::GreFlag(_), _) => vec![("true".to_string(), json!(true))],
        (Form::Bit(_), "reorder_hdr") => vec![("true".to_string(), json!(["REORDER_HDR"]))],
        (Form::Bit(_), name) => vec![("true".to_string(), json!(["REORDER_HDR", name.to_uppercase()]))],
        (Form::Flag, _) => vec![("true".to_string(), json!(true))],
        (Form::Word(_, words), _) => words.iter().map(|(word, _)| quoted(word)).collect(),
        (Form::Device, _) => vec![quoted("eth0")],
        (Form::Time(_, parts), _) => [7, 9].map(|seconds| (format!("\"{seconds}s\""), json!(seconds * parts))).to_vec(),
        _ => Vec::new(),
    }
}

/// Where `ip -d -j link` says it.
fn key(kind: &str, field: &Field, value: &Value) -> String {
    let v6 = value.as_str().is_some_and(|text| text.contains("::"));
    match (kind, field.name) {
        ("vxlan", name @ ("remote" | "local" | "group")) if v6 => format!("{name}6"),
        ("geneve", "remote") if v6 => "remote6".to_string(),
        ("vxlan" | "geneve", "dstport") => "port".to_string(),
        ("gre" | "gretap" | "ipip" | "sit" | "vxlan", "dev") => "link".to_string(),
        ("gre" | "gretap", "key") => "ikey".to_string(),
        ("gre" | "gretap", "csum") => "icsum".to_string(),
        ("gre" | "gretap", "seq") => "iseq".to_string(),
        ("vlan", _) if matches!(field.form, Form::Bit(_)) => "flags".to_string(),
        ("vxlan", "maxaddress") => "limit".to_string(),
        ("vxlan" | "geneve", "udp6zerocsumtx") => "udp_zero_csum6_tx".to_string(),
        ("vxlan" | "geneve", "udp6zerocsumrx") => "udp_zero_csum6_rx".to_string(),
        ("geneve", "udpcsum") => "udp_csum".to_string(),
        ("bond", "num_grat_arp") => "num_peer_notif".to_string(),
        ("bridge", name) if name.starts_with("mcast_") => {
            name.replace("_interval", "_intvl").replace("member_count", "member_cnt").replace("query_count", "query_cnt")
        }
        ("bond", "lacp_rate") => "ad_lacp_rate".to_string(),
        ("bond", "active") => "active_slave".to_string(),
        ("vxlan", "udpcsum") => "udp_csum".to_string(),
        ("ipip" | "sit", "mode") => "proto".to_string(),
        _ => field.word.to_string(),
    }
}

fn of_kind(kind: &'static Kind) -> Vec<Sample> {
    // A pair of netkit is more than its settings; members, and what only they can be, are rows of the other table.
    let feature = match kind.name {
        "bridge" => None,
        "tun" | "tap" => Some("tun"),
        "gretap" => Some("gre"),
        other => Some(other),
    };
    let mut samples = Vec::new();
    for field in kind.fields.iter().filter(|field| !matches!(field.name, "active_slave" | "primary" | "policy" | "peer_policy")) {
        for (written, want) in values(kind.name, field) {
            let mut needs: Vec<&'static str> = feature.into_iter().collect();
            needs.extend((kind.name == "bridge" && field.name.starts_with("vlan")).then_some("vlan_filtering"));
            if (kind.name, written.as_str()) == ("sit", "\"ip6ip\"") || (kind.name, written.as_str()) == ("ipip", "\"ip6ip\"") {
                // Each tunnel carries its own protocol: ipip has no ip6ip in iproute2, and sit prints its default under another name.
                continue;
            }
            let base: Vec<String> = base(kind.name, field.name).iter().map(|(key, value)| format!("{key}: {value}")).collect();
            let options = [base, vec![format!("{}: {written}", field.name)]].concat().join(", ");
            samples.push(Sample {
                name: format!("{} with {} {}", kind.name, field.name, written.trim_matches('"')),
                needs,
                make: format!("link::add(\"x0\", \"{}\", #{{ {options} }})", kind.name),
                show: "ip -d -j link show dev x0".to_string(),
                wants: vec![(format!("/0/linkinfo/info_data/{}", key(kind.name, field, &want).replace('/', "~1")), want)],
                read: "link::get(\"x0\").info.to_string()".to_string(),
                same: vec![
                    ("link::get(\"x0\").mtu.to_string()".to_string(), "/0/mtu"),
                    ("link::get(\"x0\").kind".to_string(), "/0/linkinfo/info_kind"),
                ],
            });
        }
    }
    samples
}

fn ports() -> Vec<Sample> {
    let mut samples = Vec::new();
    // The kernel sets the state itself when the carrier comes.
    for field in PORT_FIELDS.iter().filter(|field| !matches!(field.name, "state" | "backup_port")) {
        for (written, want) in values("port", field) {
            samples.push(Sample {
                name: format!("port with {} {}", field.name, written.trim_matches('"')),
                needs: Vec::new(),
                make: format!("let b = bridge::add(\"br0\"); w.a.master(b); w.a.set(#{{ {}: {written} }})", field.name),
                show: "bridge -d -j link show dev eth0".to_string(),
                wants: vec![(format!("/0/{}", field.word), want)],
                read: "link::get(\"eth0\").port.to_string()".to_string(),
                same: vec![("link::get(\"eth0\").port.cost.to_string()".to_string(), "/0/cost")],
            });
        }
    }
    samples
}

fn settings() -> Vec<Sample> {
    let rows: Vec<(&str, &str, &str, Value)> = vec![
        ("mtu", "68", "/0/mtu", json!(68)),
        ("mtu", "1280", "/0/mtu", json!(1280)),
        ("mtu", "9000", "/0/mtu", json!(9000)),
        ("mtu", "65535", "/0/mtu", json!(65535)),
        ("txqueuelen", "0", "/0/txqlen", Value::Null),
        ("txqueuelen", "1", "/0/txqlen", json!(1)),
        ("txqueuelen", "10000", "/0/txqlen", json!(10000)),
        ("group", "0", "/0/group", json!("default")),
        ("group", "77", "/0/group", json!("77")),
        ("alias", "\"to the left, and 'quoted'\"", "/0/ifalias", json!("to the left, and 'quoted'")),
        ("mac", "\"02:00:00:00:00:77\"", "/0/address", json!("02:00:00:00:00:77")),
        ("allmulticast", "true", "/0/allmulti", json!(1)),
        ("promisc", "true", "/0/promiscuity", json!(1)),
        ("name", "\"other\"", "/0/ifname", json!("other")),
    ];
    let sample = |(option, written, pointer, want): (&str, &str, &str, Value)| {
        Sample {
        name: format!("link set {option} {}", written.trim_matches('"')),
        needs: Vec::new(),
        make: format!("w.a.set(#{{ {option}: {written} }})"),
        show: String::new(),
        wants: vec![(pointer.to_string(), want)],
        read: "link::list().filter(|l| l.peer != () && l.peer.name == \"eth1\").map(|l| [l.name, l.mtu, l.group, l.alias, l.flags]).to_string()".to_string(),
        same: Vec::new(),
    }
    };
    rows.into_iter()
        .map(|row| {
            let name = if row.0 == "name" { "other" } else { "eth0" };
            let want_nothing = row.3.is_null();
            let mut sample = sample(row);
            sample.show = format!("ip -d -j link show dev {name}");
            if want_nothing {
                sample.wants.clear();
            }
            sample.same = vec![
                (format!("link::get(\"{name}\").mac"), "/0/address"),
                (format!("link::get(\"{name}\").mtu.to_string()"), "/0/mtu"),
                (format!("link::get(\"{name}\").index.to_string()"), "/0/ifindex"),
            ];
            sample
        })
        .collect()
}

pub fn samples() -> Vec<Sample> {
    KINDS.iter().flat_map(of_kind).chain(ports()).chain(settings()).collect()
}
