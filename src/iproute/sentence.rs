//! Operations as iproute2's sentences, for `--trace`: pasted into a root shell, each does the same.

use crate::kernel::addr;
use crate::kernel::fdb;
use crate::kernel::field::{self, Setting};
use crate::kernel::link::{Bridge, Change, Kind, Mac, mac_text};
use crate::kernel::neigh::Nud;
use crate::kernel::nexthop::Nexthop;
use crate::kernel::route::{Mode, Query, Route};
use crate::kernel::rule::{self, Rule};
use crate::kernel::vlan::Range;
use crate::lab::newlink::NewLink;
use crate::lab::rule::rule_words;
use crate::lab::veth::End;
use crate::lab::wireguard;
use crate::lab::{Link, Netns, Program};
use ipnet::IpNet;
use std::net::IpAddr;

/// Writes `ip` for an operation in a namespace: `ip` in root, `ip -n NAME` elsewhere.
fn ip(netns: &Netns) -> String {
    in_netns("ip", netns)
}

fn bridge(netns: &Netns) -> String {
    in_netns("bridge", netns)
}

pub(super) fn in_netns(program: &str, netns: &Netns) -> String {
    match netns.is_root() {
        true => program.to_string(),
        false => format!("{program} -n {}", netns.name()),
    }
}

/// Writes a program's line as run in a namespace.
pub fn exec(netns: &Netns, line: &str) -> String {
    match netns.is_root() {
        true => line.to_string(),
        false => format!("ip netns exec {} {line}", netns.name()),
    }
}

/// Writes a program's line, with `sh -c` where it was given to a shell.
pub fn program(netns: &Netns, program: &Program) -> String {
    let words = shlex::try_join(program.words.iter().map(String::as_str)).unwrap_or_else(|_| program.line());
    exec(netns, &words)
}

/// A word as a shell takes it.
fn quoted(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| text.to_string(), |quoted| quoted.into_owned())
}

/// `ip netns add NAME`.
pub fn netns_add(name: &str) -> String {
    format!("ip netns add {name}")
}

/// `ip netns del NAME`.
pub fn netns_del(name: &str) -> String {
    format!("ip netns del {name}")
}

/// `ip link set dev NAME …`.
pub fn link_set(link: &Link, change: &Change) -> String {
    set_line(&link.netns(), &link.name(), change)
}

fn set_line(netns: &Netns, name: &str, change: &Change) -> String {
    let mut line = format!("{} link set dev {name}", ip(netns));
    let on = |on: bool| if on { "on" } else { "off" };
    let mut word = |word: &str, value: Option<String>| {
        if let Some(value) = value {
            line += &format!(" {word}");
            if !value.is_empty() {
                line += &format!(" {value}");
            }
        }
    };
    word("name", change.name.as_ref().map(|name| name.as_str().to_string()));
    word("mtu", change.mtu.map(|mtu| mtu.to_string()));
    word("address", change.mac.map(|mac| mac_text(&mac)));
    word("txqueuelen", change.txqueuelen.map(|length| length.to_string()));
    word("alias", change.alias.as_deref().map(quoted));
    word("arp", change.arp.map(|v| on(v).to_string()));
    word("promisc", change.promisc.map(|v| on(v).to_string()));
    word("allmulticast", change.allmulti.map(|v| on(v).to_string()));
    word("multicast", change.multicast.map(|v| on(v).to_string()));
    word("group", change.group.map(|group| group.to_string()));
    word("carrier", change.carrier.map(|v| on(v).to_string()));
    word(if change.up == Some(false) { "down" } else { "up" }, change.up.map(|_| String::new()));
    if let Some(settings) = &change.bridge {
        line += &format!(" type bridge{}", bridge_words(settings));
    }
    line
}

/// `ip link set dev NAME master BRIDGE`, or `nomaster`.
pub fn link_master(link: &Link, master: Option<&Link>) -> String {
    let line = format!("{} link set dev {}", ip(&link.netns()), link.name());
    match master {
        Some(master) => format!("{line} master {}", master.name()),
        None => format!("{line} nomaster"),
    }
}

/// `ip link set dev NAME netns NS`; root is the namespace of process 1.
pub fn link_move(link: &Link, to: &Netns, name: Option<&str>) -> String {
    let target = if to.is_root() { "1" } else { to.name() };
    let renamed = name.map(|name| format!(" name {name}")).unwrap_or_default();
    format!("{} link set dev {} netns {target}{renamed}", ip(&link.netns()), link.name())
}

/// `ip link del dev NAME`.
pub fn link_del(link: &Link) -> String {
    format!("{} link del dev {}", ip(&link.netns()), link.name())
}

/// `ip link add … type veth peer …`, and what follows for addresses, masters and states that one sentence cannot say.
pub fn veth_add(a: &End, b: &End) -> Vec<String> {
    let own = |end: &End| {
        let mut words = format!("name {}", end.name);
        if let Some(mtu) = end.mtu {
            words += &format!(" mtu {mtu}");
        }
        if let Some(mac) = end.mac {
            words += &format!(" address {}", mac_text(&mac));
        }
        words
    };
    let far = match (a.netns == b.netns, b.netns.is_root()) {
        (true, _) => String::new(),
        (false, true) => " netns 1".to_string(),
        (false, false) => format!(" netns {}", b.netns.name()),
    };
    let mut lines = vec![format!("{} link add {} type veth peer {}{far}", ip(&a.netns), own(a), own(b))];
    for end in [a, b] {
        let ip = ip(&end.netns);
        lines.extend(end.altname.iter().map(|name| format!("{ip} link property add dev {} altname {name}", end.name)));
        lines.extend(end.master.iter().map(|master| format!("{ip} link set dev {} master {}", end.name, master.name())));
        lines.extend(end.addrs.iter().map(|net| {
            let nodad = if end.nodad && net.addr().is_ipv6() { " nodad" } else { "" };
            format!("{ip} addr add {net} dev {}{nodad}", end.name)
        }));
        lines.extend(end.up.then(|| format!("{ip} link set dev {} up", end.name)));
    }
    lines
}

/// `ip link add name NAME type bridge …`.
pub fn bridge_add(netns: &Netns, name: &str, settings: &Bridge, up: bool) -> Vec<String> {
    let ip = ip(netns);
    let mut lines = vec![format!("{ip} link add name {name} type bridge{}", bridge_words(settings))];
    lines.extend(up.then(|| format!("{ip} link set dev {name} up")));
    lines
}

fn bridge_words(settings: &Bridge) -> String {
    let on = |on: bool| u32::from(on);
    [
        settings.stp.map(|v| format!(" stp_state {}", on(v))),
        settings.forward_delay.map(|v| format!(" forward_delay {v}")),
        settings.hello_time.map(|v| format!(" hello_time {v}")),
        settings.max_age.map(|v| format!(" max_age {v}")),
        settings.ageing_time.map(|v| format!(" ageing_time {v}")),
        settings.priority.map(|v| format!(" priority {v}")),
        settings.vlan_filtering.map(|v| format!(" vlan_filtering {}", on(v))),
        settings.mcast_snooping.map(|v| format!(" mcast_snooping {}", on(v))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `ip link add … type KIND …`, and what follows for what one sentence cannot say.
pub fn link_add(from: &Netns, new: &NewLink) -> Vec<String> {
    let name = new.name.as_str();
    let at = ip(&new.netns);
    let mut common = String::new();
    let mut word = |word: &str, value: Option<String>| common.extend(value.map(|value| format!(" {word} {value}")));
    word("mtu", new.mtu.map(|mtu| mtu.to_string()));
    word("address", new.mac.map(|mac| mac_text(&mac)));
    word("txqueuelen", new.txqueuelen.map(|length| length.to_string()));
    word("group", new.group.map(|group| group.to_string()));
    let tun = matches!(new.kind.name, "tun" | "tap");
    let (born_with, of_members) = new.settings();
    let mut lines = Vec::new();
    if tun {
        let flags = field::words(&new.settings).replace(" nopi", "").replace(" nomulti_queue", "").replace(" novnet_hdr", "");
        lines.push(format!("{at} tuntap add dev {name} mode {}{flags}", new.kind.name));
        lines.extend((!common.is_empty()).then(|| format!("{at} link set dev {name}{common}")));
    } else {
        let lower = new.link.as_ref().map(|link| format!(" link {}", link.name())).unwrap_or_default();
        let born = match (new.netns == *from, new.netns.is_root()) {
            (true, _) => String::new(),
            (false, true) => " netns 1".to_string(),
            (false, false) => format!(" netns {}", new.netns.name()),
        };
        let (own, of_peer): (Vec<Setting>, Vec<Setting>) = born_with.into_iter().partition(|(field, _)| field.name != "peer_policy");
        let (words, mut peer) = (field::words(&own), field::words(&of_peer));
        if let Some(end) = &new.peer {
            let policy = peer.strip_prefix(" peer").unwrap_or_default().to_string();
            let netns = match (end.netns == *from, end.netns.is_root()) {
                (true, _) => String::new(),
                (false, true) => " netns 1".to_string(),
                (false, false) => format!(" netns {}", end.netns.name()),
            };
            let mtu = end.mtu.map(|mtu| format!(" mtu {mtu}")).unwrap_or_default();
            let mac = end.mac.map(|mac| format!(" address {}", mac_text(&mac))).unwrap_or_default();
            peer = format!(" peer{policy} name {}{mtu}{mac}{netns}", end.name);
        }
        lines.push(format!("{} link add{lower} name {name}{common}{born} type {}{words}{peer}", ip(from), new.kind.name));
    }
    lines.extend((!new.after.is_empty()).then(|| set_line(&new.netns, name, &new.after)));
    lines.extend(new.altnames.iter().map(|other| format!("{at} link property add dev {name} altname {other}")));
    lines.extend(new.master.iter().map(|master| format!("{at} link set dev {name} master {}", master.name())));
    lines.extend(new.wireguard.iter().flat_map(|change| wg_lines(&new.netns, name, change)));
    for member in &new.members {
        lines.extend((new.kind.name == "bond").then(|| format!("{at} link set dev {} down", member.name())));
        lines.push(format!("{at} link set dev {} master {name}", member.name()));
    }
    lines.extend((!of_members.is_empty()).then(|| format!("{at} link set dev {name} type {}{}", new.kind.name, field::words(&of_members))));
    lines.extend(new.addrs.iter().map(|net| format!("{at} addr add {net} dev {name}")));
    lines.extend(new.up.then(|| format!("{at} link set dev {name} up")));
    if let Some(end) = &new.peer {
        let ip = ip(&end.netns);
        lines.extend(end.master.iter().map(|master| format!("{ip} link set dev {} master {}", end.name, master.name())));
        lines.extend(end.addrs.iter().map(|net| format!("{ip} addr add {net} dev {}", end.name)));
        lines.extend(end.up.then(|| format!("{ip} link set dev {} up", end.name)));
    }
    lines
}

/// `wg set DEV …`: one line for the device and one for each peer. `wg` reads keys from files, so they come by standard input.
pub fn wireguard_set(link: &Link, change: &wireguard::Change) -> Vec<String> {
    wg_lines(&link.netns(), &link.name(), change)
}

fn wg_lines(netns: &Netns, dev: &str, change: &wireguard::Change) -> Vec<String> {
    let fed = |key: Option<wireguard::Key>| key.map(|key| format!("echo {key} | ")).unwrap_or_default();
    let wg = |words: &str| exec(netns, &format!("wg {words}"));
    let mut words = String::new();
    words.extend(change.private_key.map(|_| " private-key /dev/stdin".to_string()));
    words.extend(change.listen_port.map(|port| format!(" listen-port {port}")));
    words.extend(change.fwmark.map(|mark| format!(" fwmark {mark:#x}")));
    let mut lines = Vec::new();
    if !words.is_empty() {
        lines.push(format!("{}{}", fed(change.private_key), wg(&format!("set {dev}{words}"))));
    }
    if change.replace_peers {
        let all = wg(&format!("show {dev} peers"));
        lines.push(format!("for peer in $({all}); do {}; done", wg(&format!("set {dev} peer $peer remove"))));
    }
    for peer in &change.peers {
        let mut words = format!("set {dev} peer {}", peer.public_key);
        words.extend(peer.remove.then_some(" remove"));
        words.extend(peer.preshared_key.map(|_| " preshared-key /dev/stdin"));
        words.extend(peer.endpoint.map(|at| format!(" endpoint {at}")));
        words.extend(peer.keepalive.map(|every| format!(" persistent-keepalive {}", every.as_secs())));
        words.extend(peer.allowed_ips.as_ref().map(|nets| {
            let nets: Vec<String> = nets.iter().map(ToString::to_string).collect();
            format!(" allowed-ips {}", quoted(&nets.join(",")))
        }));
        lines.push(format!("{}{}", fed(peer.preshared_key), wg(&words)));
    }
    lines
}

/// `ip link set dev NAME type KIND …`.
pub fn link_set_kind(link: &Link, kind: &Kind, settings: &[Setting]) -> String {
    format!("{} link set dev {} type {}{}", ip(&link.netns()), link.name(), kind.name, field::words(settings))
}

/// `bridge link set dev NAME …`.
pub fn port_set(port: &Link, settings: &[Setting]) -> String {
    format!("{} link set dev {}{}", bridge(&port.netns()), port.name(), field::words(settings))
}

/// `ip link property add|del dev NAME altname OTHER`.
pub fn altname(link: &Link, name: &str, add: bool) -> String {
    let verb = if add { "add" } else { "del" };
    format!("{} link property {verb} dev {} altname {name}", ip(&link.netns()), link.name())
}

/// `ip addr add CIDR dev NAME …`.
pub fn addr_add(link: &Link, net: IpNet, options: &addr::Options) -> String {
    let verb = if options.replace { "replace" } else { "add" };
    let mut line = format!("{} addr {verb} {net} dev {}", ip(&link.netns()), link.name());
    let mut word = |word: &str, value: Option<String>| line.extend(value.map(|value| format!(" {word} {value}")));
    word("peer", options.peer.map(|peer| peer.to_string()));
    word("broadcast", options.broadcast.map(|b| b.to_string()));
    word("label", options.label.clone());
    word("scope", options.scope.map(|scope| scope.word().to_string()));
    let mut word = |word: &str, value: Option<u32>| line.extend(value.map(|value| format!(" {word} {value}")));
    word("valid_lft", options.valid);
    word("preferred_lft", options.preferred.or(options.valid));
    line.extend(options.nodad.then_some(" nodad"));
    line.extend(options.noprefixroute.then_some(" noprefixroute"));
    line
}

/// `ip addr del CIDR dev NAME`; an address with a peer is told by both.
pub fn addr_del(link: &Link, net: IpNet) -> String {
    let peer = link.addrs().ok().and_then(|addrs| addrs.into_iter().find(|addr| addr.state.net == net)?.state.peer);
    let told = match peer {
        Some(peer) => format!("{} peer {peer}/{}", net.addr(), net.prefix_len()),
        None => net.to_string(),
    };
    format!("{} addr del {told} dev {}", ip(&link.netns()), link.name())
}

/// `ip route add …`.
pub fn route_add(netns: &Netns, route: &Route, mode: Mode) -> String {
    let verb = match mode {
        Mode::Add => "add",
        Mode::Replace => "replace",
        Mode::Change => "change",
        Mode::Append => "append",
    };
    format!("{}{} route {verb} {}", ip(netns), family(route), netns.route_sentence(route))
}

/// `ip route del …`.
pub fn route_del(netns: &Netns, route: &Route) -> String {
    format!("{}{} route del {}", ip(netns), family(route), netns.route_sentence(route))
}

/// `default` alone does not say the family.
fn family(route: &Route) -> &'static str {
    match route.is_default() && route.dst.addr().is_ipv6() {
        true => " -6",
        false => "",
    }
}

/// `ip route get …`.
pub fn route_get(netns: &Netns, dst: IpAddr, query: &Query, iif: Option<&Link>, oif: Option<&Link>) -> String {
    let mut line = format!("{} route get {dst}", ip(netns));
    let mut word = |word: &str, value: Option<String>| line.extend(value.map(|value| format!(" {word} {value}")));
    word("from", query.from.map(|from| from.to_string()));
    word("iif", iif.map(Link::name));
    word("oif", oif.map(Link::name));
    word("mark", query.mark.map(|mark| mark.to_string()));
    word("uid", query.uid.map(|uid| uid.to_string()));
    word("tos", query.tos.map(|tos| format!("{tos:#x}")));
    word("ipproto", query.proto.map(rule::protocol_text));
    word("sport", query.sport.map(|port| port.to_string()));
    word("dport", query.dport.map(|port| port.to_string()));
    line
}

/// `ip rule add|del …`.
pub fn rule_change(netns: &Netns, verb: &str, rule: &Rule) -> String {
    let family = if rule.v6 { " -6" } else { "" };
    let words = rule_words(rule).replace("lookup [l3mdev-table]", "l3mdev");
    let priority = rule.priority.map(|priority| format!(" priority {priority}")).unwrap_or_default();
    format!("{}{family} rule {verb}{priority} {words}", ip(netns))
}

/// `ip nexthop add|replace …`.
pub fn nexthop_change(netns: &Netns, verb: &str, hop: &Nexthop) -> String {
    let family = if hop.v6 && hop.via.is_none() { " -6" } else { "" };
    format!("{}{family} nexthop {verb} {}", ip(netns), netns.nexthop_text(hop))
}

/// `ip nexthop del id N`.
pub fn nexthop_del(netns: &Netns, id: u32) -> String {
    format!("{} nexthop del id {id}", ip(netns))
}

/// `bridge vlan add|del …`.
pub fn vlan_change(port: &Link, verb: &str, range: Range) -> String {
    let vid = if range.first == range.last { range.first.to_string() } else { format!("{}-{}", range.first, range.last) };
    let flag = |on: bool, word: &'static str| if on { word } else { "" };
    let flags = [flag(range.pvid, " pvid"), flag(range.untagged, " untagged"), flag(range.own, " self")].concat();
    format!("{} vlan {verb} dev {} vid {vid}{flags}", bridge(&port.netns()), port.name())
}

/// `ip neigh add proxy …`.
pub fn neigh_proxy(link: &Link, verb: &str, address: IpAddr) -> String {
    format!("{} neigh {verb} proxy {address} dev {}", ip(&link.netns()), link.name())
}

/// `ip neigh add …`.
pub fn neigh_add(link: &Link, address: IpAddr, mac: &Mac, nud: Nud, replace: bool) -> String {
    let verb = if replace { "replace" } else { "add" };
    format!("{} neigh {verb} {address} lladdr {} dev {} nud {}", ip(&link.netns()), mac_text(mac), link.name(), nud.word())
}

/// `ip neigh del …`.
pub fn neigh_del(link: &Link, address: IpAddr) -> String {
    format!("{} neigh del {address} dev {}", ip(&link.netns()), link.name())
}

/// `bridge fdb add …`.
pub fn fdb_change(verb: &str, port: &Link, mac: &Mac, options: &fdb::Options) -> String {
    let verb = match (verb, options.append, options.replace) {
        ("add", true, _) => "append",
        ("add", _, true) => "replace",
        (verb, ..) => verb,
    };
    let mut line = format!("{} fdb {verb} {} dev {}", bridge(&port.netns()), mac_text(mac), port.name());
    let mut word = |word: &str, value: Option<String>| line.extend(value.map(|value| format!(" {word} {value}")));
    word("dst", options.dst.map(|dst| dst.to_string()));
    word("vni", options.vni.map(|vni| vni.to_string()));
    word("port", options.port.map(|port| port.to_string()));
    word("vlan", options.vlan.map(|vlan| vlan.to_string()));
    line += if options.own { " self" } else { " master" };
    line += match (verb, options.own || options.permanent) {
        ("del", _) => "",
        (_, true) => " permanent",
        (_, false) => " static",
    };
    line
}

/// `sysctl -w KEY=VALUE`.
pub fn sysctl_set(netns: &Netns, key: &str, value: &str) -> String {
    let quoted = match value.contains(char::is_whitespace) {
        true => format!("\"{key}={value}\""),
        false => format!("{key}={value}"),
    };
    exec(netns, &format!("sysctl -w {quoted}"))
}
