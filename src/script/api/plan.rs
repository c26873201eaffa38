//! Shorthands for those who draw before they type: `connect`, `lan`, `subnet`, `host`, `router`, whole topologies, `lab::route_all`.

use super::super::catalogue::{Key, Options, key};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::super::session::{Call, Session};
use crate::error::{Error, Kind, Result};
use crate::iproute::sentence;
use crate::kernel::route::Mode;
use crate::lab::veth::{self, End, Pair};
use crate::lab::{Link, Netns};
use crate::name::IfName;
use crate::topology::{
    Drawing, Role, Step, Subnet, cable_subnet, default_routes, free_name, lan_bridge, lan_subnet, make_routes, names_of_links,
};
use ipnet::IpNet;
use rhai::{Array, Dynamic, Map};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

script_types! { Subnet = "Subnet" }
returned!(Subnet);

const END: Options = Options {
    keys: &[
        key("name", "string", "name of this end; v-PEER if not said"),
        key("addr", "string|array", "address with prefix length, or a list of them"),
        key("mtu", "int", "largest packet in bytes"),
        key("mac", "string", "hardware address"),
        key("master", "Link|string", "the bridge that it becomes a port of"),
        key("up", "bool", "whether it is set up, which is the default"),
    ],
};

const CONNECT: Options = Options {
    keys: &[
        Key { name: "a", takes: "map", help: "the end in the first namespace", nested: Some(&END) },
        Key { name: "b", takes: "map", help: "the end in the second namespace", nested: Some(&END) },
        key("subnet", "Subnet|string|array", "where the addresses come from; a small network of 100.64.0.0/10 if nothing is said"),
        key("mtu", "int", "largest packet in bytes, at both ends"),
    ],
};

const LAN: Options = Options {
    keys: &[
        key("subnet", "Subnet|string|array", "where the addresses come from; 10.0.N.0/24 if nothing is said"),
        key("gateway", "bool", "the bridge takes the first address, and the hosts a default route by it"),
        key("stp", "bool", "spanning tree"),
    ],
};

const SUBNET: Options = Options { keys: &[key("v6", "string", "a network of IPv6 beside it, as in \"2001:db8::/64\"")] };

const V6: Key = key("v6", "bool", "addresses of both families");
const WAYS: Key = key("routes", "bool", "routes by which all reach all, which is the default");

/// One network needs no routes.
const STAR: Options = Options { keys: &[V6] };

const BUILD: Options =
    Options { keys: &[V6, WAYS, key("ecmp", "bool", "routes over all ways that are equally short, not only the first")] };

const FABRIC: Options = Options {
    keys: &[
        V6,
        WAYS,
        key("hosts", "int", "hosts on each leaf, 4 if not said"),
        key("ecmp", "bool", "routes over all spines, which is the default"),
    ],
};

const ROUTES: Options = Options { keys: &[key("ecmp", "bool", "over all ways that are equally short, not only the first")] };

/// Reads a subnet: a handle, a network, or two.
fn subnet_of(opts: &Opts, key: &'static str) -> Result<Option<Subnet>> {
    let Some(value) = opts.any(key) else { return Ok(None) };
    if let Some(subnet) = value.clone().try_cast::<Subnet>() {
        return Ok(Some(subnet));
    }
    let list = value.clone().try_cast::<Array>().unwrap_or_else(|| vec![value.clone()]);
    let nets: Option<Vec<String>> = list.into_iter().map(|net| net.into_string().ok()).collect();
    let nets = nets.ok_or_else(|| opts.unfit(key, format!("it takes a Subnet or networks, not {}", reading::type_word(&value))))?;
    Subnet::new(nets.iter().map(|net| reading::cidr(net)).collect::<Result<_>>()?).map(Some)
}

fn texts(nets: &[IpNet]) -> Dynamic {
    match nets {
        [one] => one.to_string().into(),
        several => several.iter().map(|net| Dynamic::from(net.to_string())).collect::<Array>().into(),
    }
}

/// Writes a step of a drawing as iproute2's lines.
fn tell(call: &Call) -> impl FnMut(Step) {
    move |step| {
        if !call.session.traces() {
            return;
        }
        let lines = match step {
            Step::Node(name, role) => {
                let set = role.settings().iter().map(|(key, value)| format!("ip netns exec {name} sysctl -w {key}={value}"));
                [sentence::netns_add(name), format!("ip -n {name} link set dev lo up")].into_iter().chain(set).collect()
            }
            Step::Bridge(netns, name, settings) => sentence::bridge_add(netns, name, settings, true),
            Step::Addr(link, net, options) => vec![sentence::addr_add(link, net, options)],
            Step::Cable(a, b) => sentence::veth_add(a, b),
            Step::Route(netns, route, mode) => vec![sentence::route_add(netns, route, mode)],
        };
        lines.into_iter().for_each(|line| call.step(|| line));
    }
}

fn add_node(call: &Call, name: &str, role: Role) -> Result<Netns> {
    tell(call)(Step::Node(name, role));
    call.lab().add_node(name, role)
}

fn connect(call: &Call, a: &Netns, b: &Netns, opts: &Opts) -> Result<Pair> {
    if a == b {
        let error = Error::new(Kind::BadArgument, "connect", format!("`{}`", a.name()), "both ends would be in the same namespace");
        return Err(error.hint("veth::add makes such pairs"));
    }
    let (of_a, of_b) = (opts.nested("a", &END)?, opts.nested("b", &END)?);
    let mtu = opts.number("mtu", 0..=i64::from(u32::MAX))?;
    let said = subnet_of(opts, "subnet")?;
    let bare = |of: &Opts| !of.given().any(|key| key == "addr" || key == "master");
    let subnet = match said {
        Some(subnet) => Some(subnet),
        None if bare(&of_a) && bare(&of_b) => Some(cable_subnet(call.lab().number_cable(), true)?),
        None => None,
    };
    let mut ends = Vec::new();
    for (netns, peer, of) in [(a, b, &of_a), (b, a, &of_b)] {
        let (name, altname) = match of.string("name")? {
            Some(name) => (IfName::parse(&name)?, None),
            None => free_name(&mut names_of_links(netns)?, &format!("v-{}", peer.name()))?,
        };
        let mut addrs = of.cidrs("addr")?;
        if let Some(subnet) = subnet.as_ref().filter(|_| bare(of)) {
            addrs = subnet.hand_out(netns.name())?;
        }
        ends.push(End {
            mtu: of.number("mtu", 0..=i64::from(u32::MAX))?.or(mtu),
            mac: of.mac("mac")?,
            altname,
            master: of.link("master", netns)?,
            addrs,
            nodad: true,
            up: of.bool("up")?.unwrap_or(true),
            ..End::new(name, netns.clone())
        });
    }
    tell(call)(Step::Cable(&ends[0], &ends[1]));
    veth::add(&ends[0], &ends[1])
}

fn lan(call: &Call, name: &str, hosts: &Array, opts: &Opts) -> Result<Map> {
    let mut members = Vec::new();
    for host in hosts {
        members.push(host.clone().try_cast::<Netns>().ok_or_else(|| {
            let cause = format!("its hosts are namespaces, not {}", reading::type_word(host));
            Error::new(Kind::BadArgument, "make LAN", format!("`{name}`"), cause)
        })?);
    }
    let subnet = match subnet_of(opts, "subnet")? {
        Some(subnet) => subnet,
        None => lan_subnet(call.lab().list_netns()?.len() as u32, true)?,
    };
    let netns = add_node(call, name, Role::Plain)?;
    let mut links = Vec::new();
    let built = fill_lan(call, &netns, &members, &subnet, opts, &mut links);
    let bridge = built.inspect_err(|_| {
        // With the namespace they would go too, but only when the kernel comes to it.
        for link in &links {
            let _ = link.del();
        }
        let _ = netns.del();
    })?;
    Ok(Map::from([
        ("netns".into(), Dynamic::from(netns)),
        ("bridge".into(), Dynamic::from(bridge)),
        ("subnet".into(), Dynamic::from(subnet)),
        ("links".into(), Dynamic::from(links.into_iter().map(Dynamic::from).collect::<Array>())),
    ]))
}

fn fill_lan(call: &Call, netns: &Netns, members: &[Netns], subnet: &Subnet, opts: &Opts, links: &mut Vec<Link>) -> Result<Link> {
    let mut tell = tell(call);
    let gateway = opts.bool("gateway")?.unwrap_or(false);
    let own = if gateway { subnet.hand_out(netns.name())? } else { Vec::new() };
    let bridge = lan_bridge(netns, "br0", opts.bool("stp")?.unwrap_or(false), &own, &mut tell)?;
    let mut taken: HashMap<u64, HashSet<String>> = HashMap::new();
    let mut chosen = |netns: &Netns, peer: &Netns| {
        let names = match taken.entry(netns.id()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(names_of_links(netns)?),
        };
        free_name(names, &format!("v-{}", peer.name()))
    };
    let mut cables = Vec::new();
    for member in members {
        let ((port, long_port), (name, long)) = (chosen(netns, member)?, chosen(member, netns)?);
        let near = End { altname: long_port, master: Some(bridge.clone()), up: true, ..End::new(port, netns.clone()) };
        let addrs = subnet.hand_out(member.name())?;
        cables.push((near, End { altname: long, addrs, nodad: true, up: true, ..End::new(name, member.clone()) }));
    }
    cables.iter().for_each(|(near, far)| tell(Step::Cable(near, far)));
    links.extend(veth::add_all(&cables)?.into_iter().map(|pair| pair.b));
    if gateway {
        members.iter().try_for_each(|member| default_routes(member, &own, &mut tell))?;
    }
    Ok(bridge)
}

fn count(number: i64, what: &str, least: i64, most: i64) -> Result<u32> {
    u32::try_from(number)
        .ok()
        .filter(|_| (least..=most).contains(&number))
        .ok_or_else(|| Error::new(Kind::BadArgument, "build", what, format!("it takes a number from {least} to {most}, not {number}")))
}

/// Makes what was drawn; the map has a handle or an array of them for each group, and the cables where `links` says so.
fn build(call: &Call, drawing: &Drawing, routes: Option<bool>, links: bool) -> Result<Map> {
    let built = drawing.build(call.lab(), routes, &mut tell(call))?;
    let groups = drawing.groups.iter().map(|group| {
        let mut handles = group.places.iter().map(|place| Dynamic::from(built.nodes[*place].clone()));
        let value = if group.single { handles.next().unwrap_or_default() } else { handles.collect::<Array>().into() };
        (group.name.into(), value)
    });
    let subnet = drawing.subnet.iter().map(|subnet| ("subnet".into(), Dynamic::from(subnet.clone())));
    let mut map: Map = groups.chain(subnet).collect();
    if links {
        map.insert("links".into(), built.cables.into_iter().map(Dynamic::from).collect::<Array>().into());
    }
    Ok(map)
}

/// Whether there are to be routes, and whether over all ways that are equally short.
fn routes(opts: &Opts, ecmp: bool) -> Result<Option<bool>> {
    let ecmp = opts.bool("ecmp")?.unwrap_or(ecmp);
    Ok(opts.bool("routes")?.unwrap_or(true).then_some(ecmp))
}

fn v6(opts: &Opts) -> Result<bool> {
    Ok(opts.bool("v6")?.unwrap_or(false))
}

fn route_all(call: &Call, ecmp: bool) -> Result<i64> {
    let planned = call.lab().plan_routes(ecmp)?;
    let mut tell = tell(call);
    planned.iter().for_each(|(netns, route)| tell(Step::Route(netns, route, Mode::Replace)));
    make_routes(&planned)?;
    Ok(planned.len() as i64)
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Subnet>(registry, |subnet| {
        let nets: Vec<String> = subnet.nets().iter().map(ToString::to_string).collect();
        let given = subnet.given();
        let rows =
            given.iter().map(|(nets, who)| format!("\n    {} {who}", nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")));
        format!("{}{}", nets.join(" "), rows.collect::<String>())
    });
    words!(registry, Session, [function];
        /// Connects two namespaces: a veth pair with both ends named, addressed and up. Each end is called `v-PEER` unless it is given a
        /// name; where that is too long it is cut, and the long one kept beside it. Addresses come from `addr` of each end, or from a
        /// `subnet`, or from small networks of 100.64.0.0/10 and fd00:0:1::/48.
        ///
        /// Errors: `exists`, `bad-argument`. Nothing of the pair is left then.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// let pair = connect(blue, root, #{ a: #{ name: "eth0", addr: "10.0.0.2/24" }, b: #{ addr: "10.0.0.1/24" } });
        /// blue.ping("10.0.0.1");
        /// expect(pair.b.name == "v-blue");
        /// let red = netns::add("red");
        /// connect(blue, red);
        /// blue.ping(red);
        /// ```
        fn connect(session, call, a: Netns, b: Netns; opts: CONNECT) -> Pair { connect(call, &a, &b, &opts) }

        /// Makes a LAN: a namespace with a bridge `br0`, and a cable from it to each host, addressed and up. Returns a map with `netns`,
        /// `bridge`, `subnet`, and `links`, the ends in the hosts.
        ///
        /// Errors: `exists`, `bad-argument`. Nothing is left then.
        ///
        /// ```rhai
        /// let hosts = ["red", "green", "blue"].map(|name| host(name));
        /// let sw = lan("sw", hosts, #{ subnet: "10.0.1.0/24" });
        /// expect(sw.links[2].addrs[0] == "10.0.1.3/24");
        /// hosts[0].ping(hosts[2]);
        /// ```
        fn lan(session, call, name: &str, hosts: Array; opts: LAN) -> Map { lan(call, name, &hosts, &opts) }

        /// Makes a network that hands out its addresses and remembers who has which: `net.take("blue")`.
        ///
        /// Errors: `bad-argument`.
        ///
        /// ```rhai
        /// let net = subnet("10.0.0.0/24", #{ v6: "2001:db8::/64" });
        /// expect(net.take("blue") == ["10.0.0.1/24", "2001:db8::1/64"]);
        /// expect(subnet("10.0.0.0/24").take("red") == "10.0.0.1/24");
        /// ```
        fn subnet(session, call, cidr: &str; opts: SUBNET) -> Subnet {
            let v6 = opts.string("v6")?.map(|net| reading::cidr(&net)).transpose()?;
            Subnet::new([reading::cidr(cidr)?].into_iter().chain(v6).collect())
        }

        /// Makes a namespace for a host: its `lo` is up, and its IPv6 addresses can be used at once.
        ///
        /// Errors: `exists`, `bad-name`.
        ///
        /// ```rhai
        /// let blue = host("blue");
        /// blue.ping("127.0.0.1");
        /// ```
        fn host(session, call, name: &str) -> Netns { add_node(call, name, Role::Host) }

        /// Makes a namespace for a router: as a host, and it forwards IPv4 and IPv6, without asking whether a packet comes the way that
        /// its answer will go (`rp_filter`).
        ///
        /// Errors: `exists`, `bad-name`.
        ///
        /// ```rhai
        /// let r = router("r");
        /// expect(r.sysctl["net.ipv4.ip_forward"] == "1");
        /// ```
        fn router(session, call, name: &str) -> Netns { add_node(call, name, Role::Router) }

        /// Builds a star: a namespace `hub` with a bridge, 10.0.0.1/16, and hosts `h1`, `h2` … with `eth0` and a default route. Returns a
        /// map with `hub`, `hosts` and `subnet`.
        ///
        /// Errors: `exists`; `bad-argument` for a number that is too small or too large. No namespace of it is left then.
        ///
        /// ```rhai
        /// let lab = star(3);
        /// lab.hosts[0].ping(lab.hosts[2]);
        /// ```
        fn star(session, call, hosts: i64; opts: STAR) -> Map {
            let number = count(hosts, "a star", 1, 1023)?;
            build(call, &Drawing::star(number, v6(&opts)?)?, None, false)
        }

        /// Builds a chain of routers `r1`, `r2` …, each connected to the next by a network of its own, with the routes by which all reach
        /// all. Returns a map with `nodes` and `links`.
        ///
        /// Errors: `exists`; `bad-argument` for a number that is too small or too large. No namespace of it is left then.
        ///
        /// ```rhai
        /// let lab = chain(4);
        /// expect(lab.nodes[0].ping(lab.nodes[3]).ttl == 62); // two routers between them
        /// ```
        fn chain(session, call, nodes: i64; opts: BUILD) -> Map {
            let number = count(nodes, "a chain", 2, 4000)?;
            build(call, &Drawing::row(number, false, v6(&opts)?)?, routes(&opts, false)?, true)
        }

        /// Builds a ring of routers. Returns a map with `nodes` and `links`.
        ///
        /// Errors: `exists`; `bad-argument` for a number that is too small or too large. No namespace of it is left then.
        ///
        /// ```rhai
        /// let lab = ring(5);
        /// expect(lab.nodes[0].ping(lab.nodes[4]).ttl == 64); // neighbours
        /// ```
        fn ring(session, call, nodes: i64; opts: BUILD) -> Map {
            let number = count(nodes, "a ring", 3, 4000)?;
            build(call, &Drawing::row(number, true, v6(&opts)?)?, routes(&opts, false)?, true)
        }

        /// Builds a tree: routers `t`, `t1`, `t1-2` …, and hosts at its leaves. Returns a map with `root`, `routers`, `hosts` and `links`.
        ///
        /// Errors: `exists`; `bad-argument` for a number that is too small or too large. No namespace of it is left then.
        ///
        /// ```rhai
        /// let lab = tree(2, 2);
        /// lab.hosts[0].ping(lab.hosts[3]);
        /// ```
        fn tree(session, call, depth: i64, fanout: i64; opts: BUILD) -> Map {
            let (depth, fanout) = (count(depth, "a tree", 1, 6)?, count(fanout, "a tree", 1, 64)?);
            build(call, &Drawing::tree(depth, fanout, v6(&opts)?)?, routes(&opts, false)?, true)
        }

        /// Builds a fabric: every leaf is connected to every spine, and each leaf has hosts `hLEAF-N` with a network of their own. Routes go
        /// over all spines. Returns a map with `leaves`, `spines` and `hosts`.
        ///
        /// Errors: `exists`; `bad-argument` for a number that is too small or too large. No namespace of it is left then.
        ///
        /// ```rhai
        /// let lab = leaf_spine(2, 2, #{ hosts: 1, v6: true });
        /// expect(lab.hosts[0].ping(lab.hosts[1]).ttl == 61); // leaf, spine, leaf
        /// ```
        fn leaf_spine(session, call, leaves: i64, spines: i64; opts: FABRIC) -> Map {
            let (leaves, spines) = (count(leaves, "a fabric", 1, 250)?, count(spines, "a fabric", 1, 64)?);
            let hosts = opts.number("hosts", 0..=200)?.unwrap_or(4);
            build(call, &Drawing::leaf_spine(leaves, spines, hosts, v6(&opts)?)?, routes(&opts, true)?, false)
        }
    );
    words!(registry, Session, [function_in "lab"];
        /// Makes the routes by which every namespace of the lab reaches every network, by the fewest routers, for both families; who has
        /// one way to everywhere gets a default route, and neighbouring networks that lie the same way share a route. Only namespaces that
        /// forward are passed through. Returns how many routes there are.
        ///
        /// Errors: `bad-argument` for an option; a namespace that nobody can reach is no error.
        ///
        /// ```rhai
        /// let a = host("a");
        /// let b = host("b");
        /// let r = router("r");
        /// connect(a, r, #{ subnet: "10.0.1.0/24" });
        /// connect(b, r, #{ subnet: "10.0.2.0/24" });
        /// lab::route_all();
        /// expect(a.ping("10.0.2.1").ttl == 63);
        /// ```
        fn route_all(session, call; opts: ROUTES) -> i64 { route_all(call, opts.bool("ecmp")?.unwrap_or(false)) }
    );
    words!(registry, Subnet, [method];
        /// Hands out the next address, with its prefix length, and notes who has it; an array of both where the network has two families.
        ///
        /// Errors: `not-found` when none is left.
        ///
        /// ```rhai
        /// let net = subnet("10.0.0.0/30");
        /// expect(net.take("a") == "10.0.0.1/30" && net.take("b") == "10.0.0.2/30");
        /// expect_error(|| net.take("c"), "not-found");
        /// ```
        fn take(subnet, call, who: Dynamic as "string|Netns") -> Dynamic {
            let who = who.clone().try_cast::<Netns>().map_or_else(|| who.to_string(), |netns| netns.name().to_string());
            Ok(texts(&subnet.hand_out(&who)?))
        }
    );
    properties!(registry, Subnet;
        /// Its network, or its networks.
        ///
        /// ```rhai
        /// expect(subnet("10.0.0.0/24").cidr == "10.0.0.0/24");
        /// ```
        fn cidr(subnet, call) -> Dynamic { Ok(texts(&subnet.nets())) }

        /// Who has which address, as maps with `who` and `addr`.
        ///
        /// ```rhai
        /// let net = subnet("10.0.0.0/24");
        /// net.take("blue");
        /// expect(net.given == [#{ who: "blue", addr: "10.0.0.1/24" }]);
        /// ```
        fn given(subnet, call) -> Vec<Map> {
            let map = |(nets, who): (Vec<IpNet>, String)| Map::from([("who".into(), who.into()), ("addr".into(), texts(&nets))]);
            Ok(subnet.given().into_iter().map(map).collect())
        }
    );
}
