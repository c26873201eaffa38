//! `link::add(name, kind, …)`: links of every kind.

use super::super::super::options::Opts;
use super::super::super::registry::{Registry, words};
use super::super::super::session::Call;
use super::super::wireguard;
use super::Links;
use super::keys::{ADD, PEER, is_common};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::iproute::sentence;
use crate::kernel::field::{Setting, Value};
use crate::kernel::link::kind::KINDS;
use crate::kernel::link::{Change, Kind};
use crate::lab::newlink::NewLink;
use crate::lab::veth::End;
use crate::lab::{Link, Netns};
use crate::name::IfName;
use crate::near;
use rhai::{Dynamic, Map};

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
        if !is_common(key) && kind.field(key).is_none() && !(is_wireguard && wireguard::KEYS.contains(&key)) {
            let own: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
            let own = if is_wireguard { wireguard::KEYS.to_vec() } else { own };
            let takes = || if own.is_empty() { "it takes no settings of its own".to_string() } else { near::takes(&own, "link::add") };
            let hint = near::did_you_mean(key, own.iter().copied()).unwrap_or_else(takes);
            return Err(opts.unfit(key, format!("a {} link has no such setting", kind.name)).hint(hint));
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
    // A number is the device group of any link, an address the multicast group of a VXLAN.
    let is_group = opts.any("group").is_some_and(|group| group.is_int());
    for field in kind.fields.iter().filter(|field| !(field.name == "group" && is_group)) {
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
    let of_kind = settings.iter().any(|(field, _)| field.name == "group");
    Ok(NewLink {
        settings,
        link: opts.link("link", netns)?,
        mtu: opts.number("mtu", 0..=i64::from(u32::MAX))?,
        mac: opts.mac("mac")?,
        txqueuelen: opts.number("txqueuelen", 0..=i64::from(u32::MAX))?,
        group: if of_kind { None } else { opts.number("group", 0..=i64::from(u32::MAX))? },
        after: Change {
            alias: opts.string("alias")?,
            arp: opts.bool("arp")?,
            promisc: opts.bool("promisc")?,
            multicast: opts.bool("multicast")?,
            allmulti: opts.bool("allmulticast")?,
            carrier: opts.bool("carrier")?,
            ..Change::default()
        },
        altnames: opts.texts("altname")?,
        master: opts.link("master", &born)?,
        members: opts.links("members", &born)?,
        peer: peer(&born, name, opts)?,
        addrs: opts.cidrs("addr")?,
        wireguard: (kind.name == "wireguard").then(|| wireguard::new_device(netns, opts)).transpose()?,
        up: opts.bool("up")?.unwrap_or(false),
        ..NewLink::new(IfName::parse(name)?, kind, born)
    })
}

/// Reads the other end of a pair: its name, or a map.
fn peer(born: &Netns, name: &str, opts: &Opts) -> Result<Option<End>> {
    let Some(value) = opts.any("peer") else { return Ok(None) };
    if value.is_string() {
        return opts.string("peer")?.map(|peer| Ok(End::new(IfName::parse(&peer)?, born.clone()))).transpose();
    }
    let opts = opts.nested("peer", &PEER)?;
    let netns = opts.netns("netns")?.unwrap_or_else(|| born.clone());
    let Some(own) = opts.string("name")? else {
        return Err(opts.unfit("name", format!("it is not said what the other end of `{name}` is called")));
    };
    Ok(Some(End {
        mtu: opts.number("mtu", 0..=i64::from(u32::MAX))?,
        mac: opts.mac("mac")?,
        master: opts.link("master", &netns)?,
        addrs: opts.cidrs("addr")?,
        up: opts.bool("up")?.unwrap_or(false),
        ..End::new(IfName::parse(&own)?, netns)
    }))
}

/// Makes a link, and tells the lines.
pub(in super::super) fn make(netns: &Netns, call: &Call, name: &str, kind: &str, opts: &Opts) -> Result<Link> {
    let new = read(netns, name, kind, opts)?;
    if call.session.traces() {
        sentence::link_add(netns, &new).into_iter().for_each(|line| call.step(|| line));
    }
    netns.add_link(&new)
}

/// Settings as a script sees them: times in milliseconds, rates in bit/s.
pub(in super::super) fn map(settings: Vec<Setting>) -> Map {
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
            make(&links.0, call, name, kind, &opts)
        }
    );
}
