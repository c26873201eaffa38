//! A route, as it is printed.

use super::super::Run;
use super::super::names::Of;
use super::super::output::{Fields, Value};
use super::super::words::Family;
use super::*;
use crate::kernel::attr;
use std::net::IpAddr;

/// RTNH_F_ flags in the order in which they are printed (linux/rtnetlink.h), and those of the route itself.
const FLAGS: [(u32, &str); 11] = [
    (1, "dead"),
    (4, "onlink"),
    (2, "pervasive"),
    (8, "offload"),
    (64, "trap"),
    (0x100, "notify"),
    (16, "linkdown"),
    (32, "unresolved"),
    (0x4000, "rt_offload"),
    (0x8000, "rt_trap"),
    (0x2000_0000, "rt_offload_failed"),
];

/// What has been asked for by name is not told again.
#[derive(Debug, Default, Clone)]
pub struct Told {
    /// One table was chosen.
    pub table: bool,
    /// A link was chosen.
    pub oif: bool,
    /// A protocol was chosen.
    pub proto: bool,
    /// A scope was chosen.
    pub scope: bool,
    /// A gateway was chosen.
    pub via: bool,
    /// A source was chosen.
    pub src: bool,
    /// A kind of service was chosen.
    pub tos: bool,
    /// A metric was chosen.
    pub metric: bool,
}

fn host(family: Family) -> u8 {
    match family {
        Family::Inet6 => 128,
        Family::Mpls => 20,
        _ => 32,
    }
}

fn ip_text(bytes: &[u8], family: Family) -> String {
    match family {
        Family::Mpls => super::encap::labels(bytes),
        _ => attr::ip(bytes).map_or_else(String::new, |ip| ip.to_string()),
    }
}

fn prefix(bytes: Option<&[u8]>, length: u8, family: Family) -> String {
    match bytes {
        Some(bytes) if length == host(family) => ip_text(bytes, family),
        Some(bytes) => format!("{}/{length}", ip_text(bytes, family)),
        None if length > 0 => format!("0/{length}"),
        None => "default".to_string(),
    }
}

/// Describes a route. Nothing is printed for a route of a table that is not shown.
pub fn route(run: &mut Run<'_>, bytes: &[u8], told: &Told, deleted: bool) -> Fields {
    let mut fields = Fields::new();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let family = Family::of(byte(0));
    let flags = attr::u32_at(bytes, 8);
    let attributes = attr::read(bytes.get(RTMSG..).unwrap_or_default());
    let find = |kind: u16| attributes.iter().find(|(known, _)| *known == kind).map(|(_, value)| *value);
    let number = |kind: u16| find(kind).map(attr::number);
    let details = run.options.details > 0;
    let table = number(RTA_TABLE).map_or(u32::from(byte(4)), |table| table as u32);
    if deleted {
        fields.both("deleted", true, "Deleted ");
    }
    let kind = TYPES.get(usize::from(byte(7))).map_or_else(|| byte(7).to_string(), |word| word.to_string());
    let kind = if run.options.numeric { byte(7).to_string() } else { kind };
    if byte(7) != 1 || details {
        fields.both("type", kind.as_str(), format!("{kind} "));
    }
    let dst = prefix(find(RTA_DST), byte(1), family);
    fields.both("dst", dst.as_str(), format!("{dst} "));
    if let Some(src) = find(RTA_SRC) {
        let src = prefix(Some(src), byte(2), family);
        fields.both("from", src.as_str(), format!("from {src} "));
    } else if byte(2) > 0 {
        fields.both("from", format!("0/{}", byte(2)), format!("from 0/{} ", byte(2)));
    }
    if let Some(labels) = find(RTA_NEWDST) {
        let text = ip_text(labels, family);
        fields.both("to", text.as_str(), format!("as to {text} "));
    }
    if let Some(encap) = find(RTA_ENCAP) {
        super::encap::show(run, &mut fields, number(RTA_ENCAP_TYPE).unwrap_or(0), encap);
    }
    if byte(3) != 0 && !told.tos {
        let tos = Of::DsField.known(u32::from(byte(3))).filter(|_| !run.options.numeric).unwrap_or_else(|| format!("{:#04x}", byte(3)));
        fields.both("tos", tos.as_str(), format!("tos {tos} "));
    }
    if let Some(id) = number(RTA_NH_ID) {
        fields.both("nhid", id, format!("nhid {id} "));
    }
    if let Some(gateway) = find(RTA_GATEWAY).filter(|_| !told.via) {
        let text = ip_text(gateway, family);
        fields.both("gateway", text.as_str(), format!("via {text} "));
    }
    if let Some(via) = find(RTA_VIA) {
        via_fields(&mut fields, via);
    }
    if let Some(index) = number(RTA_OIF).filter(|_| !told.oif) {
        let name = run.name_of(index as u32);
        fields.both("dev", name.as_str(), format!("dev {name} "));
    }
    if table != 0 && (table != TABLE_MAIN || details) && !told.table {
        let name = if run.options.numeric { table.to_string() } else { Of::Table.name(table) };
        fields.both("table", name.as_str(), format!("table {name} "));
    }
    if flags & CLONED == 0 && (byte(5) != 3 || details) && !told.proto {
        let name = Of::Proto.known(u32::from(byte(5))).filter(|_| !run.options.numeric).unwrap_or_else(|| byte(5).to_string());
        fields.both("protocol", name.as_str(), format!("proto {name} "));
    }
    if flags & CLONED == 0 && (byte(6) != 0 || details) && !told.scope {
        let name = Of::Scope.known(u32::from(byte(6))).filter(|_| !run.options.numeric).unwrap_or_else(|| byte(6).to_string());
        fields.both("scope", name.as_str(), format!("scope {name} "));
    }
    if let Some(src) = find(RTA_PREFSRC).and_then(attr::ip).filter(|_| !told.src) {
        fields.both("prefsrc", src.to_string(), format!("src {src} "));
    }
    if let Some(metric) = number(RTA_PRIORITY).filter(|_| !told.metric) {
        fields.both("metric", metric, format!("metric {metric} "));
    }
    flag_fields(&mut fields, flags);
    if let Some(mark) = number(RTA_MARK).filter(|mark| *mark != 0) {
        let text = if mark >= 16 { format!("{mark:#x}") } else { mark.to_string() };
        fields.both("mark", text.as_str(), format!("mark {text} "));
    }
    if let Some(flow) = number(RTA_FLOW).filter(|flow| *flow != 0) {
        realms(&mut fields, flow as u32);
    }
    if let Some(uid) = number(RTA_UID) {
        fields.both("uid", uid, format!("uid {uid} "));
    }
    cache(run, &mut fields, family, flags, find(RTA_CACHEINFO));
    if let Some(values) = find(RTA_METRICS) {
        metrics(&mut fields, values);
    }
    if let Some(index) = number(RTA_IIF) {
        let name = run.name_of(index as u32);
        fields.both("iif", name.as_str(), format!("iif {name} "));
    }
    if let Some(pref) = number(RTA_PREF) {
        let name = match pref {
            0 => "medium".to_string(),
            1 => "high".to_string(),
            3 => "low".to_string(),
            other => other.to_string(),
        };
        fields.both("pref", name.as_str(), format!("pref {name}"));
    }
    if let Some(on) = number(RTA_TTL_PROPAGATE).map(|on| on != 0) {
        let word = if on { "enabled" } else { "disabled" };
        fields.both("ttl-propogate", on, format!("ttl-propagate {word} "));
    }
    if let Some(id) = number(RTA_NH_ID).filter(|_| details)
        && let Some(inner) = super::super::nexthop::of_id(run, id as u32)
    {
        fields.text("\n\tnh_info ");
        fields.object("nh_info", inner);
    }
    if let Some(hops) = find(RTA_MULTIPATH) {
        let list = multipath(run, hops, family);
        fields.objects("nexthops", list);
    }
    fields.text("\n");
    fields
}

/// A gateway of another family.
pub fn via_fields(fields: &mut Fields, via: &[u8]) {
    let family = Family::of(via.first().copied().unwrap_or(0));
    let address: Option<IpAddr> = via.get(2..).and_then(attr::ip);
    let host = address.map_or_else(String::new, |ip| ip.to_string());
    let mut inner = Fields::new();
    inner.both("family", family.word(), format!("via {} ", family.word()));
    inner.both("host", host.as_str(), format!("{host} "));
    fields.object("via", inner);
}

/// The flags of a hop; JSON has the list even if it is empty.
pub fn flag_fields(fields: &mut Fields, flags: u32) {
    let words: Vec<&str> = FLAGS.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, word)| *word).collect();
    let text: String = words.iter().map(|word| format!("{word} ")).collect();
    fields.both("flags", Value::List(words.into_iter().map(Value::from).collect()), text);
}

fn realms(fields: &mut Fields, flow: u32) {
    let (from, to) = (flow >> 16, flow & 0xffff);
    let mut flow = Fields::new();
    match from {
        0 => flow.text("realm "),
        from => flow.both("from", Of::Realm.name(from), format!("realms {}/", Of::Realm.name(from))),
    }
    flow.both("to", Of::Realm.name(to), format!("{} ", Of::Realm.name(to)));
    fields.object("flow", flow);
}

fn cache(run: &Run<'_>, fields: &mut Fields, family: Family, flags: u32, info: Option<&[u8]>) {
    let shown = match family {
        Family::Inet => flags & CLONED != 0,
        _ => info.is_some(),
    };
    if !shown {
        return;
    }
    let at = |at: usize| info.map_or(0, |info| attr::u32_at(info, at));
    let (expires, error) = (at(8) as i32, at(12) as i32);
    if family == Family::Inet {
        let special = cache_flags(flags);
        let text = if special.is_empty() { "\n    cache ".to_string() } else { format!("\n    cache <{}> ", special.join(",")) };
        fields.both("cache", Value::List(special.into_iter().map(Value::from).collect()), text);
    }
    if expires != 0 {
        // Counted in ticks of a hundredth of a second for user space.
        let seconds = expires / 100;
        fields.both("expires", seconds, format!("expires {seconds}sec "));
    }
    if error != 0 {
        fields.both("error", error, format!("error {error} "));
    }
    if run.options.stats > 0 {
        for (place, key) in [(0, "users"), (4, "age")] {
            let value = at(place);
            if value != 0 {
                fields.both(key, value, format!("{key} {value} "));
            }
        }
    }
}

/// RTCF_ flags of a route that was asked for (linux/in_route.h), in the order in which they are printed.
fn cache_flags(flags: u32) -> Vec<&'static str> {
    const WORDS: [(u32, &str); 14] = [
        (0x8000_0000, "local"),
        (0x4000_0000, "reject"),
        (0x2000_0000, "mc"),
        (0x1000_0000, "brd"),
        (0x0800_0000, "dst-nat"),
        (0x0080_0000, "src-nat"),
        (0x0040_0000, "masq"),
        (0x0002_0000, "dst-direct"),
        (0x0400_0000, "src-direct"),
        (0x0004_0000, "redirected"),
        (0x0100_0000, "redirect"),
        (0x0020_0000, "fastroute"),
        (0x0001_0000, "notify"),
        (0x0008_0000, "proxy"),
    ];
    WORDS.iter().filter(|(bit, _)| flags & 0xffff_0000 & bit != 0).map(|(_, word)| *word).collect()
}

fn metrics(fields: &mut Fields, values: &[u8]) {
    let values = attr::read(values);
    let lock = values.iter().find(|(kind, _)| *kind == 1).map_or(0, |(_, value)| attr::number(value));
    let mut inner = Fields::new();
    for (kind, value) in values.iter().filter(|(kind, _)| *kind != 1) {
        let Some(name) = METRICS.get(usize::from(*kind)).copied() else { continue };
        let locked = lock & (1 << kind) != 0;
        let text = if locked { format!("{name} lock ") } else { format!("{name} ") };
        let number = attr::number(value);
        match name {
            "congctl" => {
                let algorithm = attr::text(value);
                inner.both("congestion", algorithm.as_str(), format!("{text}{algorithm} "));
            }
            "features" => {
                let ecn = if number & 1 != 0 { "ecn " } else { "" };
                inner.text(text);
                if !ecn.is_empty() {
                    inner.null("ecn", ecn);
                }
            }
            // Eighths and quarters of a millisecond (rtnetlink(7) has none of it; net/ipv4/tcp_metrics.c).
            "rtt" | "rttvar" | "rto_min" => {
                let ms = match name {
                    "rtt" => number / 8,
                    "rttvar" => number / 4,
                    _ => number,
                };
                inner.both(name, ms, format!("{text}{ms}ms "));
            }
            _ => inner.both(name, number, format!("{text}{number} ")),
        }
    }
    fields.objects("metrics", vec![inner]);
}

fn multipath(run: &mut Run<'_>, mut hops: &[u8], family: Family) -> Vec<Fields> {
    let mut list = Vec::new();
    // `struct rtnexthop`: length, flags, hops, index (linux/rtnetlink.h).
    while hops.len() >= 8 {
        let length = usize::from(u16::from_ne_bytes([hops[0], hops[1]]));
        let Some(hop) = hops.get(..length).filter(|hop| hop.len() >= 8) else { break };
        let mut fields = Fields::new();
        fields.text("\n\tnexthop ");
        let find = |kind| attr::find(&hop[8..], kind);
        if let Some(encap) = find(RTA_ENCAP) {
            super::encap::show(run, &mut fields, find(RTA_ENCAP_TYPE).map_or(0, attr::number), encap);
        }
        if let Some(gateway) = find(RTA_GATEWAY) {
            let text = ip_text(gateway, family);
            fields.both("gateway", text.as_str(), format!("via {text} "));
        }
        if let Some(via) = find(RTA_VIA) {
            via_fields(&mut fields, via);
        }
        if let Some(flow) = find(RTA_FLOW).map(attr::number) {
            realms(&mut fields, flow as u32);
        }
        // Without colour, as iproute2 has it here.
        let name = run.name_of(attr::u32_at(hop, 4));
        fields.json("dev", name.as_str());
        fields.text(format!("dev {name} "));
        if family != Family::Mpls {
            let weight = u16::from(hop[3]) + 1;
            fields.both("weight", weight, format!("weight {weight} "));
        }
        flag_fields(&mut fields, u32::from(hop[2]));
        list.push(fields);
        hops = hops.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    list
}
