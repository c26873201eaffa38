//! `link::add(name, kind, …)`: links of every kind, their settings, their other names, and the settings of bridge ports.

use super::super::catalogue::{Key, Options};
use super::super::options::Opts;
use super::super::registry::{Registry, properties, words};
use super::super::session::Call;
use super::link::Links;
use super::wireguard;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::iproute::sentence;
use crate::kernel::field::{Setting, Value};
use crate::kernel::link::Kind;
use crate::kernel::link::kind::{KINDS, PORT_FIELDS};
use crate::lab::newlink::NewLink;
use crate::lab::{Link, Netns};
use crate::name::IfName;
use crate::near;
use rhai::{Dynamic, Map};

/// Makes a key without keys inside.
pub(super) const fn key(name: &'static str, takes: &'static str, help: &'static str) -> Key {
    Key { name, takes, help, nested: None }
}

/// The keys that fit every kind.
const COMMON: [&str; 12] = ["mtu", "mac", "txqueuelen", "alias", "group_id", "master", "members", "peer", "up", "addr", "netns", "link"];

const ADD: Options = Options {
    keys: &[
        key("up", "bool", "whether it is set up"),
        key("mtu", "int", "largest packet in bytes"),
        key("mac", "string", "hardware address"),
        key("txqueuelen", "int", "length of the transmit queue in packets"),
        key("alias", "string", "description"),
        key("group_id", "int", "device group (`group` of `ip link`)"),
        key("master", "Link|string", "the bridge, bond or VRF that it joins"),
        key("members", "array", "the links that join it (bridge, bond, vrf)"),
        key("addr", "string|array", "address with prefix length, or a list of them"),
        key("netns", "Netns", "the namespace in which it is born; what it sits on stays here"),
        key("link", "Link|string", "the link that it sits on (vlan, macvlan, macvtap, ipvlan)"),
        key("dev", "Link|string", "the link through which a tunnel goes (vxlan, gre, gretap, ipip, sit)"),
        key("id", "int", "VLAN id, or VNI (vlan, vxlan, geneve)"),
        key("protocol", "string", "802.1Q or 802.1ad (vlan)"),
        key(
            "mode",
            "string",
            "macvlan: bridge, private, vepa, passthru; ipvlan: l2, l3, l3s; bond: active-backup, balance-rr …; netkit: l2, l3; ipip, sit: any, ipip, ip6ip",
        ),
        key("local", "string", "own address of a tunnel"),
        key("remote", "string", "address of a tunnel's other end"),
        key("group", "string", "multicast group of a VXLAN"),
        key("dstport", "int", "UDP port (vxlan: 4789 if not said; geneve)"),
        key("learning", "bool", "remember who is behind which end (vxlan)"),
        key("proxy", "bool", "answer ARP for known neighbours (vxlan)"),
        key("external", "bool", "the VNI comes with each packet (vxlan)"),
        key("rsc", "bool", "route short circuit (vxlan)"),
        key("l2miss", "bool", "tell of hardware addresses that are not known (vxlan)"),
        key("l3miss", "bool", "tell of IP addresses that are not known (vxlan)"),
        key("udpcsum", "bool", "checksums of the outer packets (vxlan)"),
        key("gbp", "bool", "group policy extension (vxlan)"),
        key("pmtudisc", "bool", "the outer packets are not fragmented, which is the default (gre, gretap, ipip, sit)"),
        key("ttl", "int", "TTL of a tunnel's outer packets; 0 takes that of the inner ones"),
        key("tos", "int", "TOS of a tunnel's outer packets"),
        key("key", "int", "key in both directions (gre, gretap)"),
        key("table", "int", "routing table (vrf)"),
        key("miimon", "string", "how often a bond looks at its members' carriers"),
        key("updelay", "string", "how long a bond waits before it uses a member that came up"),
        key("downdelay", "string", "how long a bond waits before it gives a member up"),
        key("xmit_hash_policy", "string", "layer2, layer2+3 or layer3+4 (bond)"),
        key("lacp_rate", "string", "slow or fast (bond)"),
        key("use_carrier", "bool", "believe the carrier that the driver tells (bond)"),
        key("arp_interval", "string", "how often a bond asks by ARP whether the way is there"),
        key("primary_reselect", "string", "always, better or failure: when the primary member is taken again (bond)"),
        key("fail_over_mac", "string", "none, active or follow: whose hardware address it has (bond)"),
        key("min_links", "int", "members that must have a carrier (bond)"),
        key("all_slaves_active", "bool", "take what comes in on members that are not in use (bond)"),
        key("ad_select", "string", "stable, bandwidth or count (bond, 802.3ad)"),
        key("active", "Link|string", "the member in use (bond)"),
        key("private_key", "string", "private key in base64 (wireguard)"),
        key("listen_port", "int", "UDP port (wireguard)"),
        key("fwmark", "int|string", "firewall mark of the outer packets (wireguard)"),
        Key { name: "peers", takes: "array", help: "a map for each peer (wireguard)", nested: Some(&wireguard::NEW_PEER) },
        key("peer", "string", "name of the other end (netkit)"),
        key("pi", "bool", "four bytes before each packet say its protocol (tun, tap)"),
        key("multi_queue", "bool", "several queues (tun, tap)"),
        key("vnet_hdr", "bool", "offload headers (tun, tap)"),
        key("stp", "bool", "spanning tree (bridge)"),
        key("forward_delay", "string", "time in listening and in learning, 2s to 30s (bridge)"),
        key("hello_time", "string", "between two STP hellos (bridge)"),
        key("max_age", "string", "how long an STP message is believed (bridge)"),
        key("ageing_time", "string", "how long a silent address is remembered (bridge, vxlan)"),
        key("priority", "int", "STP priority (bridge)"),
        key("vlan_filtering", "bool", "keep VLANs apart (bridge)"),
        key("vlan_protocol", "string", "802.1Q or 802.1ad (bridge)"),
        key("vlan_default_pvid", "int", "VLAN of packets without a tag, 0 for none (bridge)"),
        key("mcast_snooping", "bool", "learn who wants multicast (bridge)"),
    ],
};

fn read(netns: &Netns, name: &str, kind: &str, opts: &Opts) -> Result<NewLink> {
    let error = |cause: String| Error::new(ErrorKind::BadArgument, "add", format!("{kind} link `{name}`"), cause).in_netns(netns.name());
    if kind == "veth" {
        return Err(error("a veth has two ends".to_string()).hint(format!("veth::add(\"{name}\", \"…\")")));
    }
    let Some(kind) = Kind::named(kind) else {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        let hint = near::did_you_mean(kind, known.iter().copied()).unwrap_or_else(|| format!("there are {}", known.join(", ")));
        return Err(error("there is no such kind of link".to_string()).hint(hint));
    };
    for key in opts.given() {
        let is_wireguard = kind.name == "wireguard";
        if !COMMON.contains(&key) && kind.field(key).is_none() && !(is_wireguard && wireguard::KEYS.contains(&key)) {
            let own: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
            let own = if is_wireguard { wireguard::KEYS.to_vec() } else { own };
            let takes = if own.is_empty() { "no settings of its own".to_string() } else { own.join(", ") };
            return Err(opts.unfit(key, format!("a {} link has no such setting", kind.name)).hint(format!("it takes {takes}")));
        }
    }
    for (key, fits) in
        [("link", kind.on_link), ("peer", kind.name == "netkit"), ("members", matches!(kind.name, "bridge" | "bond" | "vrf"))]
    {
        if !fits && opts.given().any(|given| given == key) {
            let error = opts.unfit(key, format!("a {} link has no such setting", kind.name));
            let hint = (key == "link" && kind.field("dev").is_some()).then(|| "the link that a tunnel goes through is `dev`".to_string());
            return Err(error.maybe_hint(hint));
        }
    }
    let mut settings = Vec::new();
    for field in kind.fields {
        settings.extend(opts.setting(field, netns)?);
    }
    let given = |name: &str| settings.iter().any(|(field, _): &Setting| field.name == name);
    let needed = match kind.name {
        "vlan" => Some(("id", "10")),
        "vxlan" if !given("external") => Some(("id", "42")),
        "geneve" => Some(("id", "42")),
        "vrf" => Some(("table", "10")),
        _ => None,
    };
    if let Some((key, example)) = needed.filter(|(key, _)| !given(key)) {
        return Err(error(format!("it needs `{key}`")).hint(format!("add #{{ {key}: {example} }}")));
    }
    if kind.name == "vxlan" && given("external") && !given("learning") {
        // As ip has it: where the VNI comes with each packet, so does the other end.
        settings.extend(kind.field("learning").map(|field| (field, Value::On(false))));
    }
    let given = |name: &str| settings.iter().any(|(field, _): &Setting| field.name == name);
    if matches!(kind.name, "ipip" | "sit") && !given("mode") {
        // As ip has it; the kernel's own would be one protocol only.
        settings.extend(kind.field("mode").map(|field| (field, Value::Word("any"))));
    }
    let given = |name: &str| settings.iter().any(|(field, _): &Setting| field.name == name);
    if kind.name == "sit" && !given("ttl") {
        // As ip has it: that of the inner packet. The kernel's own would be 64.
        settings.extend(kind.field("ttl").map(|field| (field, Value::Number(0))));
    }
    let given = |name: &str| settings.iter().any(|(field, _): &Setting| field.name == name);
    if kind.name == "vxlan" && !given("dstport") {
        // The kernel's own default is 8472, from before a port was assigned.
        settings.extend(kind.field("dstport").map(|field| (field, Value::Number(4789))));
    }
    finish(netns, name, kind, opts, settings)
}

/// Reads what fits every kind.
fn finish(netns: &Netns, name: &str, kind: &'static Kind, opts: &Opts, settings: Vec<Setting>) -> Result<NewLink> {
    let born = opts.netns("netns")?.unwrap_or_else(|| netns.clone());
    Ok(NewLink {
        settings,
        link: opts.link("link", netns)?,
        mtu: opts.number("mtu", 0..=i64::from(u32::MAX))?,
        mac: opts.mac("mac")?,
        txqueuelen: opts.number("txqueuelen", 0..=i64::from(u32::MAX))?,
        group: opts.number("group_id", 0..=i64::from(u32::MAX))?,
        alias: opts.string("alias")?,
        master: opts.link("master", &born)?,
        members: opts.links("members", &born)?,
        peer: opts.string("peer")?.map(|peer| IfName::parse(&peer)).transpose()?,
        addrs: opts.cidrs("addr")?,
        wireguard: (kind.name == "wireguard").then(|| wireguard::new_device(netns, opts)).transpose()?,
        up: opts.bool("up")?.unwrap_or(false),
        ..NewLink::new(IfName::parse(name)?, kind, born)
    })
}

/// Reads the settings of a bridge's port. `priority` is one for a port, and the bridge's own for a bridge.
pub(super) fn port_settings(link: &Link, opts: &Opts) -> Result<Vec<Setting>> {
    let asked: Vec<_> = PORT_FIELDS.iter().filter(|field| opts.given().any(|key| key == field.name)).collect();
    let is_bridge = match asked.is_empty() {
        true => return Ok(Vec::new()),
        false => link.state()?.kind.as_deref() == Some("bridge"),
    };
    let mut settings = Vec::new();
    for field in asked.into_iter().filter(|field| !(is_bridge && field.name == "priority")) {
        settings.extend(opts.setting(field, &link.netns())?);
    }
    Ok(settings)
}

/// Changes a port; returns what undoes it.
pub(super) fn set_port(link: &Link, call: &Call, settings: &[Setting]) -> Result<Vec<Setting>> {
    if settings.is_empty() {
        return Ok(Vec::new());
    }
    call.step(|| sentence::port_set(link, settings));
    let before = link.info()?.1;
    link.set_port(settings)?;
    Ok(before.into_iter().filter(|(field, _)| settings.iter().any(|(changed, _)| changed == field)).collect())
}

/// Settings as a script sees them: times in milliseconds, rates in bit/s.
pub(super) fn map(settings: Vec<Setting>) -> Map {
    let value = |value: Value| match value {
        Value::Number(number) => Dynamic::from(number.cast_signed()),
        Value::On(on) => on.into(),
        Value::Word(word) => word.into(),
        Value::Ip(ip) => ip.to_string().into(),
        Value::Device(_, name) => name.into(),
        Value::Time(span) => Dynamic::from((span.as_secs_f64() * 1e6).round() / 1e3),
    };
    settings.into_iter().map(|(field, v)| (field.name.into(), value(v))).collect()
}

pub(super) fn register(registry: &mut Registry) {
    words!(registry, Links, [module "link"];
        /// Makes a link of any kind, as `ip link add NAME type KIND`: `dummy`, `bridge`, `vlan`, `vxlan`, `macvlan`, `macvtap`, `ipvlan`,
        /// `vrf`, `bond`, `ifb`, `gre`, `gretap`, `ipip`, `sit`, `geneve`, `wireguard`, `nlmon`, `netkit`, `tun`, `tap`; pairs are made by
        /// `veth::add`.
        ///
        /// It is born where it belongs (`netns`), with its addresses, and up if asked for; all of it, or nothing, is done.
        ///
        /// Errors: `unsupported` when this kernel lacks the kind, with what does the same; `exists`; `bad-argument`.
        ///
        /// ```rhai
        /// let vx = link::add("vx42", "vxlan", #{ id: 42, local: "127.0.0.1", remote: "127.0.0.2", mtu: 1400, up: true });
        /// expect(vx.kind == "vxlan" && vx.info.id == 42 && vx.info.dstport == 4789);
        /// try {
        ///     let dummy = link::add("d0", "dummy", #{ addr: "10.0.0.1/32", up: true });
        ///     expect(dummy.addrs == ["10.0.0.1/32"]);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn add(links, call, name: &str, kind: &str; opts: ADD) -> Link {
            let new = read(&links.0, name, kind, &opts)?;
            if call.session.traces() {
                sentence::link_add(&links.0, &new).into_iter().for_each(|line| call.step(|| line));
            }
            links.0.add_link(&new)
        }
    );
    words!(registry, Link, [method];
        /// Gives the link another name beside its own, which may have up to 127 bytes.
        ///
        /// Errors: `exists`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.altname_add("the-cable-between-blue-and-the-switch");
        /// expect(link::get("the-cable-between-blue-and-the-switch") == pair.a);
        /// ```
        fn altname_add(link, call, name: &str) -> Link {
            call.step(|| sentence::altname(link, name, true));
            link.altname(name, true)?;
            Ok(link.clone())
        }

        /// Takes another name away.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.altname_add("the-cable-to-the-switch").altname_del("the-cable-to-the-switch");
        /// expect(pair.a.altnames.is_empty());
        /// ```
        fn altname_del(link, call, name: &str) -> Link {
            call.step(|| sentence::altname(link, name, false));
            link.altname(name, false)?;
            Ok(link.clone())
        }
    );
    properties!(registry, Link;
        /// The settings of its kind, as `ip -d link` shows them: a map with the names that `link::add` takes; empty if it has none.
        ///
        /// ```rhai
        /// let vx = link::add("vx42", "vxlan", #{ id: 42, remote: "192.0.2.1" });
        /// expect(vx.info.id == 42 && vx.info.remote == "192.0.2.1" && vx.info.learning);
        /// expect(root.link("lo").info.is_empty());
        /// ```
        fn info(link, call) -> Map { Ok(map(link.info()?.0)) }

        /// The settings of its place in a bridge, as `bridge -d link` shows them: a map of `state`, `cost`, `priority`, `isolated`,
        /// `learning`, `flood`, `hairpin`, `guard` and so on; empty if it is no port.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let port = veth::add("v0", "v1").a.master(br);
        /// port.set(#{ isolated: true, learning: false, cost: 7 });
        /// expect(port.port.isolated && !port.port.learning && port.port.cost == 7);
        /// ```
        fn port(link, call) -> Map { Ok(map(link.info()?.1)) }

        /// Its device group; 0 is the default one.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.set(#{ group: 7 });
        /// expect(pair.a.group == 7);
        /// ```
        fn group(link, call) -> i64 { Ok(i64::from(link.state()?.group)) }

        /// Its description, or `()`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.set(#{ alias: "to blue" });
        /// expect(pair.a.alias == "to blue");
        /// ```
        fn alias(link, call) -> Option<String> { Ok(link.state()?.alias) }
    );
}
