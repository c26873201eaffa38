//! Drawing before typing: subnets that hand out addresses, cables with both ends done, LANs, and the routes of a whole lab.

use super::veth::{self, End, Pair};
use super::{Lab, Link, Netns};
use crate::error::{Error, Kind, Result};
use crate::kernel::link::Bridge;
use crate::kernel::route::{Mode, NextHop, Route};
use crate::name::{IFNAME_MAX, IfName};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

/// A network that hands out its addresses, of one family or of both, and remembers who has which. Cheap to clone; clones share it.
#[derive(Debug, Clone)]
pub struct Subnet(Rc<RefCell<Handed>>);

#[derive(Debug)]
struct Handed {
    nets: Vec<IpNet>,
    next: u128,
    given: Vec<(Vec<IpNet>, String)>,
}

impl Subnet {
    /// Makes one of its networks, at most one of each family.
    ///
    /// # Errors
    ///
    /// `bad-argument`.
    pub fn new(nets: Vec<IpNet>) -> Result<Subnet> {
        let text = || nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let wrong = |cause: &str| Err(Error::new(Kind::BadArgument, "use subnet", format!("`{}`", text()), cause));
        let v6 = nets.iter().filter(|net| net.addr().is_ipv6()).count();
        if nets.is_empty() {
            return wrong("it is empty");
        }
        if v6 > 1 || nets.len() - v6 > 1 {
            return wrong("it has at most one network of each family");
        }
        if let Some(net) = nets.iter().find(|net| net.addr() != net.network()) {
            let error = Error::new(Kind::BadArgument, "use subnet", format!("`{net}`"), "the bits behind the prefix length are not zero");
            return Err(error.hint(format!("write it as `{}`", net.trunc())));
        }
        Ok(Subnet(Rc::new(RefCell::new(Handed { nets, next: 1, given: Vec::new() }))))
    }

    /// Hands out the next address of each family.
    ///
    /// # Errors
    ///
    /// `not-found` when none is left.
    pub fn hand_out(&self, who: &str) -> Result<Vec<IpNet>> {
        let mut handed = self.0.borrow_mut();
        let number = handed.next;
        let addresses: Option<Vec<IpNet>> = handed.nets.iter().map(|net| host(*net, number)).collect();
        let Some(addresses) = addresses else {
            let nets: Vec<String> = handed.nets.iter().map(ToString::to_string).collect();
            let cause = format!("all {} addresses are given", number - 1);
            return Err(Error::new(Kind::NotFound, "hand out an address of", format!("`{}`", nets.join(", ")), cause));
        };
        handed.next += 1;
        handed.given.push((addresses.clone(), who.to_string()));
        Ok(addresses)
    }

    /// Returns its networks.
    pub fn nets(&self) -> Vec<IpNet> {
        self.0.borrow().nets.clone()
    }

    /// Returns who has which addresses, in the order in which they were handed out.
    pub fn given(&self) -> Vec<(Vec<IpNet>, String)> {
        self.0.borrow().given.clone()
    }
}

/// The address of a host by its number; nothing where the network ends. The broadcast address of IPv4 is none.
fn host(net: IpNet, number: u128) -> Option<IpNet> {
    let bits = u32::from(net.max_prefix_len() - net.prefix_len());
    let size = 1_u128.checked_shl(bits).unwrap_or(u128::MAX);
    let (number, last) = match (net.addr().is_ipv4(), bits) {
        // RFC 3021: a network of two has no broadcast address.
        (_, 0 | 1) => (number - 1, size - 1),
        (true, _) => (number, size.saturating_sub(2)),
        (false, _) => (number, size - 1),
    };
    let address = match net.network() {
        _ if number > last => return None,
        IpAddr::V4(base) => IpAddr::V4(Ipv4Addr::from_bits(base.to_bits() + number as u32)),
        IpAddr::V6(base) => IpAddr::V6(Ipv6Addr::from_bits(base.to_bits() + number)),
    };
    IpNet::new(address, net.prefix_len()).ok()
}

/// The n-th network for hosts of a plan: 10.N.N.0/24 and fd00:0:0:N::/64.
pub fn lan_subnet(number: u32, v6: bool) -> Result<Subnet> {
    let v4 = Ipv4Addr::from_bits((10 << 24) | (number << 8));
    nets(v4, 24, Ipv6Addr::from_bits((0xfd00 << 112) | (u128::from(number) << 64)), v6)
}

/// The n-th network of a cable between routers: four addresses of 100.64.0.0/10, and fd00:0:1:N::/64.
pub fn cable_subnet(number: u32, v6: bool) -> Result<Subnet> {
    let v4 = Ipv4Addr::from_bits(u32::from(Ipv4Addr::new(100, 64, 0, 0)) + (number << 2));
    nets(v4, 30, Ipv6Addr::from_bits((0xfd00 << 112) | (1 << 80) | (u128::from(number) << 64)), v6)
}

fn nets(v4: Ipv4Addr, prefix: u8, v6: Ipv6Addr, both: bool) -> Result<Subnet> {
    let fits = "the prefix length is a constant";
    let mut nets = vec![IpNet::V4(Ipv4Net::new(v4, prefix).expect(fits))];
    if both {
        nets.push(IpNet::V6(Ipv6Net::new(v6, 64).expect(fits)));
    }
    Subnet::new(nets)
}

impl Lab {
    /// Returns the next network for a cable that nobody chose one for.
    pub fn next_cable_subnet(&self) -> Result<Subnet> {
        let number = self.0.subnets_chosen.get();
        self.0.subnets_chosen.set(number + 1);
        cable_subnet(number, true)
    }

    /// Makes a namespace for a host: `lo` is up, and IPv6 addresses are used at once.
    pub fn add_host(&self, name: &str) -> Result<Netns> {
        let netns = self.add_netns(name)?;
        let done = settle(&netns, false);
        done.map(|()| netns.clone()).inspect_err(|_| {
            let _ = netns.del();
        })
    }

    /// Makes a namespace for a router: as a host, and it forwards both families.
    pub fn add_router(&self, name: &str) -> Result<Netns> {
        let netns = self.add_netns(name)?;
        let done = settle(&netns, true);
        done.map(|()| netns.clone()).inspect_err(|_| {
            let _ = netns.del();
        })
    }
}

/// The parameters of a host, or of a router, each with its value. A missing one (a kernel without IPv6) is passed over.
pub const HOST: &[(&str, &str)] = &[("net.ipv6.conf.default.accept_dad", "0"), ("net.ipv6.conf.all.accept_dad", "0")];
/// What a router has besides.
pub const ROUTER: &[(&str, &str)] = &[
    ("net.ipv4.ip_forward", "1"),
    ("net.ipv6.conf.all.forwarding", "1"),
    // Packets may come back another way than they went.
    ("net.ipv4.conf.all.rp_filter", "0"),
    ("net.ipv4.conf.default.rp_filter", "0"),
];

fn settle(netns: &Netns, router: bool) -> Result<()> {
    netns.link("lo")?.up()?;
    for (key, value) in HOST.iter().chain(ROUTER.iter().filter(|_| router)) {
        match netns.set_sysctl(key, value) {
            Err(error) if error.kind() == Kind::NotFound => {}
            done => done?,
        }
    }
    Ok(())
}

/// A name for a link that labsh chooses: the wanted one, cut to fit, with a number behind it where that is taken. Returns the long one too,
/// where it was cut.
pub fn free_name(netns: &Netns, wanted: &str) -> Result<(IfName, Option<String>)> {
    let taken: Vec<String> = netns.link_states()?.into_iter().flat_map(|link| link.altnames.into_iter().chain([link.name])).collect();
    let free = |name: &str| !taken.iter().any(|known| known == name);
    let mut long = wanted.to_string();
    let mut number = 1;
    while !free(&long) {
        number += 1;
        long = format!("{wanted}-{number}");
    }
    let mut short = IfName::fitting(&long)?;
    let base = short.as_str().to_string();
    let mut number = 1;
    while !free(short.as_str()) {
        number += 1;
        let tail = format!("-{number}");
        let mut head = base.clone();
        while head.len() + tail.len() > IFNAME_MAX {
            head.pop();
        }
        short = IfName::parse(&format!("{head}{tail}"))?;
    }
    let cut = (short.as_str() != long).then_some(long);
    Ok((short, cut))
}

/// Makes a cable between two ends; a long name that was cut becomes an alternative name. All of it, or nothing, is done.
pub fn cable(a: &End, b: &End, long: [Option<&str>; 2]) -> Result<Pair> {
    let pair = veth::add(a, b)?;
    let named = [(&pair.a, long[0]), (&pair.b, long[1])].into_iter().try_for_each(|(link, long)| match long {
        Some(long) => link.altname(long, true),
        None => Ok(()),
    });
    named.map(|()| pair.clone()).inspect_err(|_| {
        let _ = pair.a.del();
    })
}

/// Makes the bridge of a LAN.
pub fn lan_bridge(netns: &Netns, name: &str) -> Result<Link> {
    netns.add_bridge(name, &Bridge { stp: Some(false), ..Bridge::default() }, true)
}

/// A namespace as the computation of routes sees it.
struct Node {
    netns: Netns,
    addrs: Vec<(IpNet, u32)>,
    forwards: [bool; 2],
}

/// A route that is to be made in a namespace.
pub type Planned = (Netns, Route);

impl Lab {
    /// Computes the routes by which every namespace reaches every network of the lab, by the fewest routers; with `ecmp` by all ways that
    /// are equally short. Who has one way to everywhere gets a default route; neighbouring networks that lie the same way share one.
    pub fn plan_routes(&self, ecmp: bool) -> Result<Vec<Planned>> {
        let mut nodes = Vec::new();
        for netns in self.list_netns()?.into_iter().chain([self.root()]) {
            let up: Vec<u32> = netns.link_states()?.iter().filter(|link| link.is_up()).map(|link| link.index).collect();
            let addrs = netns.addrs()?.into_iter().filter(|addr| addr.state.scope == "global" && up.contains(&addr.state.index));
            let addrs: Vec<(IpNet, u32)> = addrs.map(|addr| (addr.state.net, addr.state.index)).collect();
            if addrs.is_empty() {
                continue;
            }
            let on = |key: &str| netns.sysctl(key).is_ok_and(|value| value == "1");
            let forwards = match addrs.len() {
                1 => [false; 2],
                _ => [on("net.ipv4.ip_forward"), on("net.ipv6.conf.all.forwarding")],
            };
            nodes.push(Node { netns, addrs, forwards });
        }
        let mut planned = Vec::new();
        for v6 in [false, true] {
            planned.extend(plan_family(&nodes, v6, ecmp));
        }
        Ok(planned)
    }
}

/// A way onward: the gateway, and the link to it.
type Hop = (IpAddr, u32);

fn plan_family(nodes: &[Node], v6: bool, ecmp: bool) -> Vec<Planned> {
    let mut segments: BTreeMap<IpNet, Vec<(usize, IpAddr, u32)>> = BTreeMap::new();
    for (number, node) in nodes.iter().enumerate() {
        for (net, index) in node.addrs.iter().filter(|(net, _)| net.addr().is_ipv6() == v6) {
            segments.entry(net.trunc()).or_default().push((number, net.addr(), *index));
        }
    }
    let of_node = |number: usize| {
        let nets = nodes[number].addrs.iter().filter(move |(net, _)| net.addr().is_ipv6() == v6);
        nets.map(|(net, _)| (net.trunc(), net.addr()))
    };
    let mut ways: Vec<BTreeMap<IpNet, Vec<Hop>>> = vec![BTreeMap::new(); nodes.len()];
    for (target, members) in &segments {
        let mut distance: Vec<Option<u32>> = vec![None; nodes.len()];
        let mut queue: VecDeque<usize> = VecDeque::new();
        for (member, ..) in members {
            if distance[*member].replace(0).is_none() {
                queue.push_back(*member);
            }
        }
        while let Some(near) = queue.pop_front() {
            let Some(here) = distance[near].filter(|_| nodes[near].forwards[usize::from(v6)]) else { continue };
            for (segment, gateway) in of_node(near).filter(|(segment, _)| segment != target) {
                for (far, _, index) in &segments[&segment] {
                    let known = distance[*far];
                    if known.is_some_and(|known| known != here + 1) || *far == near {
                        continue;
                    }
                    if known.is_none() {
                        distance[*far] = Some(here + 1);
                        queue.push_back(*far);
                    }
                    let hops = ways[*far].entry(*target).or_default();
                    if (ecmp || hops.is_empty()) && !hops.contains(&(gateway, *index)) {
                        hops.push((gateway, *index));
                    }
                }
            }
        }
    }
    let mut planned = Vec::new();
    for (node, ways) in nodes.iter().zip(ways) {
        let same = ways.values().next().cloned().filter(|first| ways.values().all(|hops| hops == first));
        let routes: Vec<(IpNet, Vec<Hop>)> = match same {
            Some(hops) => vec![(Route::default_dst(v6), hops)],
            None => blocks(ways),
        };
        planned.extend(routes.into_iter().map(|(dst, hops)| (node.netns.clone(), route(dst, &hops))));
    }
    planned
}

/// Takes neighbouring networks that are reached the same way together: one route for both halves of a block, and for nothing besides.
fn blocks(ways: BTreeMap<IpNet, Vec<Hop>>) -> Vec<(IpNet, Vec<Hop>)> {
    let mut same: BTreeMap<Vec<Hop>, Vec<IpNet>> = BTreeMap::new();
    for (net, hops) in ways {
        same.entry(hops).or_default().push(net);
    }
    let mut routes: Vec<(IpNet, Vec<Hop>)> =
        same.into_iter().flat_map(|(hops, nets)| IpNet::aggregate(&nets).into_iter().map(move |net| (net, hops.clone()))).collect();
    routes.sort();
    routes
}

fn route(dst: IpNet, hops: &[Hop]) -> Route {
    match hops {
        [(via, dev)] => Route { via: Some(*via), dev: Some(*dev), ..Route::to(dst) },
        hops => Route {
            nexthops: hops.iter().map(|(via, dev)| NextHop { via: Some(*via), dev: Some(*dev), weight: 1 }).collect(),
            ..Route::to(dst)
        },
    }
}

/// Makes planned routes; one that is there already is replaced.
pub fn make_routes(planned: &[Planned]) -> Result<()> {
    planned.iter().try_for_each(|(netns, route)| netns.add_route(route, Mode::Replace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_hands_out_its_addresses_one_by_one_and_says_when_none_is_left() {
        let subnet = Subnet::new(vec!["10.0.0.0/30".parse().unwrap(), "2001:db8::/64".parse().unwrap()]).unwrap();
        let texts = |nets: Vec<IpNet>| nets.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(texts(subnet.hand_out("a").unwrap()), ["10.0.0.1/30", "2001:db8::1/64"]);
        assert_eq!(texts(subnet.hand_out("b").unwrap()), ["10.0.0.2/30", "2001:db8::2/64"]);
        let error = subnet.hand_out("c").unwrap_err();
        assert_eq!(error.to_string(), "cannot hand out an address of `10.0.0.0/30, 2001:db8::/64`: all 2 addresses are given");
        assert_eq!(subnet.given().len(), 2);
    }

    #[test]
    fn neighbouring_networks_the_same_way_share_a_route() {
        let hop = |text: &str| vec![(text.parse::<IpAddr>().unwrap(), 2)];
        let ways = [("10.0.0.0/30", "10.9.0.1"), ("10.0.0.4/30", "10.9.0.1"), ("10.0.0.8/30", "10.9.0.2"), ("10.0.0.12/30", "10.9.0.1")];
        let ways = ways.into_iter().map(|(net, via)| (net.parse().unwrap(), hop(via))).collect();
        let routes: Vec<String> = blocks(ways).into_iter().map(|(net, hops)| format!("{net} via {}", hops[0].0)).collect();
        assert_eq!(routes, ["10.0.0.0/29 via 10.9.0.1", "10.0.0.8/30 via 10.9.0.2", "10.0.0.12/30 via 10.9.0.1"]);
    }

    #[test]
    fn a_network_of_two_gives_both() {
        let subnet = Subnet::new(vec!["10.0.0.0/31".parse().unwrap()]).unwrap();
        assert_eq!(subnet.hand_out("a").unwrap()[0].to_string(), "10.0.0.0/31");
        assert_eq!(subnet.hand_out("b").unwrap()[0].to_string(), "10.0.0.1/31");
        assert!(subnet.hand_out("c").is_err());
        assert!(Subnet::new(vec!["10.0.0.1/24".parse().unwrap()]).is_err());
    }
}
