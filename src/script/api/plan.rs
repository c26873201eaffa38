//! Shorthands for those who draw before they type: `connect`, `lan`, `subnet`, `host`, `router`, whole topologies, `lab::route_all`.

use super::super::catalogue::{Key, Options};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::super::session::{Call, Session};
use super::newlink::key;
use crate::error::{Error, Kind, Result};
use crate::iproute::sentence;
use crate::kernel::link::{Bridge, Change};
use crate::kernel::route::{Mode, Route};
use crate::lab::plan::{self, HOST, ROUTER, Subnet, cable_subnet, free_name, lan_subnet};
use crate::lab::veth::{End, Pair};
use crate::lab::{Link, Netns};
use crate::name::IfName;
use ipnet::IpNet;
use rhai::{Array, Dynamic, Map};

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

const BUILD: Options = Options {
    keys: &[
        key("v6", "bool", "addresses of both families"),
        key("routes", "bool", "routes by which all reach all, which is the default"),
        key("hosts", "int", "hosts on each leaf, 4 if not said (leaf_spine)"),
        key("ecmp", "bool", "routes over all ways that are equally short (leaf_spine: the default)"),
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

fn add_netns(call: &Call, name: &str) -> Result<Netns> {
    call.step(|| sentence::netns_add(name));
    let netns = call.lab().add_netns(name)?;
    let lo = netns.link("lo")?;
    let up = Change { up: Some(true), ..Change::default() };
    call.step(|| sentence::link_set(&lo, &up));
    lo.set(&up)?;
    Ok(netns)
}

fn settled(call: &Call, name: &str, router: bool) -> Result<Netns> {
    if call.session.traces() {
        call.step(|| sentence::netns_add(name));
        call.step(|| format!("ip -n {name} link set dev lo up"));
        for (key, value) in HOST.iter().chain(ROUTER.iter().filter(|_| router)) {
            call.step(|| format!("ip netns exec {name} sysctl -w {key}={value}"));
        }
    }
    if router { call.lab().add_router(name) } else { call.lab().add_host(name) }
}

/// Makes a cable, and tells the lines.
fn cable(call: &Call, a: &End, b: &End, long: [Option<&str>; 2]) -> Result<Pair> {
    if call.session.traces() {
        sentence::veth_add(a, b).into_iter().for_each(|line| call.step(|| line));
    }
    let pair = plan::cable(a, b, long)?;
    for (link, long) in [(&pair.a, long[0]), (&pair.b, long[1])] {
        if let Some(long) = long {
            call.step(|| sentence::altname(link, long, true));
        }
    }
    Ok(pair)
}

fn end(netns: &Netns, name: &str, addrs: Vec<IpNet>) -> Result<End> {
    Ok(End { addrs, nodad: true, up: true, ..End::new(IfName::parse(name)?, netns.clone()) })
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
        None if bare(&of_a) && bare(&of_b) => Some(call.lab().next_cable_subnet()?),
        None => None,
    };
    let mut long = [None, None];
    let mut ends = Vec::new();
    for (place, (netns, peer, of)) in [(a, b, &of_a), (b, a, &of_b)].into_iter().enumerate() {
        let name = match of.string("name")? {
            Some(name) => IfName::parse(&name)?,
            None => {
                let (name, cut) = free_name(netns, &format!("v-{}", peer.name()))?;
                long[place] = cut;
                name
            }
        };
        let mut addrs = of.cidrs("addr")?;
        if let Some(subnet) = subnet.as_ref().filter(|_| bare(of)) {
            addrs = subnet.hand_out(netns.name())?;
        }
        ends.push(End {
            mtu: of.number("mtu", 0..=i64::from(u32::MAX))?.or(mtu),
            mac: of.mac("mac")?,
            master: of.link("master", netns)?,
            addrs,
            nodad: true,
            up: of.bool("up")?.unwrap_or(true),
            ..End::new(name, netns.clone())
        });
    }
    cable(call, &ends[0], &ends[1], [long[0].as_deref(), long[1].as_deref()])
}

/// A bridge in a namespace, with an address for each network if it has some.
fn add_bridge(call: &Call, netns: &Netns, name: &str, stp: bool, addrs: &[IpNet]) -> Result<Link> {
    let settings = Bridge { stp: Some(stp), ..Bridge::default() };
    if call.session.traces() {
        sentence::bridge_add(netns, name, &settings, true).into_iter().for_each(|line| call.step(|| line));
    }
    let bridge = netns.add_bridge(name, &settings, true)?;
    let options = crate::kernel::addr::Options { nodad: true, ..Default::default() };
    for net in addrs {
        call.step(|| sentence::addr_add(&bridge, *net, &options));
        bridge.add_addr(*net, &options)?;
    }
    Ok(bridge)
}

fn default_routes(call: &Call, netns: &Netns, gateways: &[IpNet]) -> Result<()> {
    for gateway in gateways {
        let via = gateway.addr();
        let route = Route { via: Some(via), ..Route::to(Route::default_dst(via.is_ipv6())) };
        call.step(|| sentence::route_add(netns, &route, Mode::Add));
        netns.add_route(&route, Mode::Add)?;
    }
    Ok(())
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
    let netns = add_netns(call, name)?;
    let built = fill_lan(call, &netns, &members, &subnet, opts);
    let (bridge, links) = built.inspect_err(|_| {
        // Its links go with it, and with them the other ends.
        let _ = netns.del();
    })?;
    Ok(Map::from([
        ("netns".into(), Dynamic::from(netns)),
        ("bridge".into(), Dynamic::from(bridge)),
        ("subnet".into(), Dynamic::from(subnet)),
        ("links".into(), Dynamic::from(links.into_iter().map(Dynamic::from).collect::<Array>())),
    ]))
}

fn fill_lan(call: &Call, netns: &Netns, members: &[Netns], subnet: &Subnet, opts: &Opts) -> Result<(Link, Vec<Link>)> {
    let gateway = opts.bool("gateway")?.unwrap_or(false);
    let own = if gateway { subnet.hand_out(netns.name())? } else { Vec::new() };
    let bridge = add_bridge(call, netns, "br0", opts.bool("stp")?.unwrap_or(false), &own)?;
    let mut links = Vec::new();
    for member in members {
        let (port, long_port) = free_name(netns, &format!("v-{}", member.name()))?;
        let (name, long) = free_name(member, &format!("v-{}", netns.name()))?;
        let near = End { master: Some(bridge.clone()), up: true, ..End::new(port, netns.clone()) };
        let far = End { addrs: subnet.hand_out(member.name())?, nodad: true, up: true, ..End::new(name, member.clone()) };
        let pair = cable(call, &near, &far, [long_port.as_deref(), long.as_deref()])?;
        if gateway {
            default_routes(call, member, &own)?;
        }
        links.push(pair.b);
    }
    Ok((bridge, links))
}

fn count(number: i64, what: &str, least: i64, most: i64) -> Result<u32> {
    u32::try_from(number)
        .ok()
        .filter(|_| (least..=most).contains(&number))
        .ok_or_else(|| Error::new(Kind::BadArgument, "build", what, format!("it takes a number from {least} to {most}, not {number}")))
}

/// What a builder has made so far: all of it goes if it fails.
struct Site<'a> {
    call: &'a Call<'a>,
    v6: bool,
    made: Vec<Netns>,
    cables: u32,
    lans: u32,
}

impl<'a> Site<'a> {
    fn build(call: &'a Call, opts: &Opts, what: &str, ecmp: bool, work: impl FnOnce(&mut Site) -> Result<Map>) -> Result<Map> {
        let v6 = opts.bool("v6")?.unwrap_or(false);
        let mut site = Site { call, v6, made: Vec::new(), cables: 0, lans: 0 };
        // A star is one network.
        let routes = opts.bool("routes")?.unwrap_or(true) && what != "star";
        let ecmp = opts.bool("ecmp")?.unwrap_or(ecmp);
        let built = work(&mut site).and_then(|map| {
            if routes {
                route_all(call, ecmp)?;
            }
            Ok(map)
        });
        built.inspect_err(|_| {
            for netns in site.made.iter().rev() {
                let _ = netns.del();
            }
        })
    }

    fn host(&mut self, name: &str) -> Result<Netns> {
        let netns = add_netns(self.call, name)?;
        self.made.push(netns.clone());
        Ok(netns)
    }

    fn router(&mut self, name: &str) -> Result<Netns> {
        let netns = settled(self.call, name, true)?;
        self.made.push(netns.clone());
        Ok(netns)
    }

    /// A cable with a network of its own.
    fn cable(&mut self, a: &Netns, b: &Netns) -> Result<Pair> {
        let subnet = cable_subnet(self.cables, self.v6)?;
        self.cables += 1;
        let near = end(a, &format!("v-{}", b.name()), subnet.hand_out(a.name())?)?;
        let far = end(b, &format!("v-{}", a.name()), subnet.hand_out(b.name())?)?;
        cable(self.call, &near, &far, [None, None])
    }

    /// A bridge in a router, with hosts at it that route by it.
    fn stub(&mut self, router: &Netns, subnet: &Subnet, hosts: &[Netns]) -> Result<()> {
        let own = subnet.hand_out(router.name())?;
        let bridge = add_bridge(self.call, router, "br0", false, &own)?;
        for host in hosts {
            let near =
                End { master: Some(bridge.clone()), up: true, ..End::new(IfName::parse(&format!("v-{}", host.name()))?, router.clone()) };
            let far = end(host, "eth0", subnet.hand_out(host.name())?)?;
            cable(self.call, &near, &far, [None, None])?;
        }
        Ok(())
    }

    fn next_lan(&mut self) -> Result<Subnet> {
        self.lans += 1;
        lan_subnet(self.lans, self.v6)
    }
}

fn handles(netns: &[Netns]) -> Dynamic {
    netns.iter().map(|netns| Dynamic::from(netns.clone())).collect::<Array>().into()
}

fn star(site: &mut Site, number: u32) -> Result<Map> {
    let hub = site.host("hub")?;
    let subnet = Subnet::new(star_nets(site.v6)?)?;
    let mut hosts = Vec::new();
    for number in 1..=number {
        hosts.push(site.host(&format!("h{number}"))?);
    }
    site.stub(&hub, &subnet, &hosts)?;
    let gateway: Vec<IpNet> = subnet.given().first().map(|(nets, _)| nets.clone()).unwrap_or_default();
    for host in &hosts {
        default_routes(site.call, host, &gateway)?;
    }
    Ok(Map::from([("hub".into(), Dynamic::from(hub)), ("hosts".into(), handles(&hosts)), ("subnet".into(), Dynamic::from(subnet))]))
}

fn star_nets(v6: bool) -> Result<Vec<IpNet>> {
    let mut nets = vec![reading::cidr("10.0.0.0/16")?];
    if v6 {
        nets.push(reading::cidr("fd00::/64")?);
    }
    Ok(nets)
}

fn row(site: &mut Site, number: u32, ring: bool) -> Result<Map> {
    let mut nodes = Vec::new();
    for place in 1..=number {
        nodes.push(site.router(&format!("r{place}"))?);
    }
    let mut links = Array::new();
    for pair in nodes.windows(2) {
        links.push(Dynamic::from(site.cable(&pair[0], &pair[1])?));
    }
    if let (true, [first, .., last]) = (ring, nodes.as_slice()) {
        links.push(Dynamic::from(site.cable(last, first)?));
    }
    Ok(Map::from([("nodes".into(), handles(&nodes)), ("links".into(), links.into())]))
}

fn tree(site: &mut Site, depth: u32, fanout: u32) -> Result<Map> {
    let root = site.router("t")?;
    let (mut level, mut routers, mut hosts) = (vec![root.clone()], vec![root.clone()], Vec::new());
    let mut links = Array::new();
    for deep in 1..=depth {
        let mut next = Vec::new();
        for parent in &level {
            for child in 1..=fanout {
                let between = if parent.name() == "t" { "" } else { "-" };
                let name = format!("{}{between}{child}", parent.name());
                let node = if deep == depth { site.host(&name)? } else { site.router(&name)? };
                links.push(Dynamic::from(site.cable(parent, &node)?));
                next.push(node);
            }
        }
        if deep == depth {
            hosts.clone_from(&next);
        } else {
            routers.extend(next.iter().cloned());
        }
        level = next;
    }
    Ok(Map::from([
        ("root".into(), Dynamic::from(root)),
        ("routers".into(), handles(&routers)),
        ("hosts".into(), handles(&hosts)),
        ("links".into(), links.into()),
    ]))
}

fn leaf_spine(site: &mut Site, leaves: u32, spines: u32, hosts: u32) -> Result<Map> {
    let (mut tops, mut racks, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for number in 1..=spines {
        tops.push(site.router(&format!("spine{number}"))?);
    }
    for number in 1..=leaves {
        let leaf = site.router(&format!("leaf{number}"))?;
        let mut rack = Vec::new();
        for host in 1..=hosts {
            rack.push(site.host(&format!("h{number}-{host}"))?);
        }
        let subnet = site.next_lan()?;
        site.stub(&leaf, &subnet, &rack)?;
        for spine in &tops {
            site.cable(&leaf, spine)?;
        }
        racks.push(leaf);
        all.extend(rack);
    }
    Ok(Map::from([("leaves".into(), handles(&racks)), ("spines".into(), handles(&tops)), ("hosts".into(), handles(&all))]))
}

fn route_all(call: &Call, ecmp: bool) -> Result<i64> {
    let planned = call.lab().plan_routes(ecmp)?;
    if call.session.traces() {
        for (netns, route) in &planned {
            call.step(|| sentence::route_add(netns, route, Mode::Replace));
        }
    }
    plan::make_routes(&planned)?;
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
        fn host(session, call, name: &str) -> Netns { settled(call, name, false) }

        /// Makes a namespace for a router: as a host, and it forwards IPv4 and IPv6, without asking whether a packet comes the way that
        /// its answer will go (`rp_filter`).
        ///
        /// Errors: `exists`, `bad-name`.
        ///
        /// ```rhai
        /// let r = router("r");
        /// expect(r.sysctl["net.ipv4.ip_forward"] == "1");
        /// ```
        fn router(session, call, name: &str) -> Netns { settled(call, name, true) }

        /// Builds a star: a namespace `hub` with a bridge, 10.0.0.1/16, and hosts `h1`, `h2` … with `eth0` and a default route. Returns a
        /// map with `hub`, `hosts` and `subnet`.
        ///
        /// Errors: `exists`; `bad-argument` for a number that is too small or too large. No namespace of it is left then.
        ///
        /// ```rhai
        /// let lab = star(3);
        /// lab.hosts[0].ping(lab.hosts[2]);
        /// ```
        fn star(session, call, hosts: i64; opts: BUILD) -> Map {
            let number = count(hosts, "a star", 1, 1023)?;
            Site::build(call, &opts, "star", false, |site| star(site, number))
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
            Site::build(call, &opts, "chain", false, |site| row(site, number, false))
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
            Site::build(call, &opts, "ring", false, |site| row(site, number, true))
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
            Site::build(call, &opts, "tree", false, |site| tree(site, depth, fanout))
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
        fn leaf_spine(session, call, leaves: i64, spines: i64; opts: BUILD) -> Map {
            let (leaves, spines) = (count(leaves, "a fabric", 1, 250)?, count(spines, "a fabric", 1, 64)?);
            let hosts = opts.number("hosts", 0..=200)?.unwrap_or(4);
            Site::build(call, &opts, "leaf_spine", true, |site| leaf_spine(site, leaves, spines, hosts))
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
