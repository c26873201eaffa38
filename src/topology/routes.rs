//! Static routes for a whole lab, computed from its graph: the fewest routers, over one way or over all that are equally short.

use crate::error::Result;
use crate::kernel::route::{Mode, NextHop, Route};
use crate::lab::{Lab, Netns};
use ipnet::IpNet;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

/// A namespace as the computation of routes sees it.
pub(super) struct Node {
    /// The namespace.
    pub netns: Netns,
    /// Its addresses, each with the index of its link.
    pub addrs: Vec<(IpNet, u32)>,
    /// Whether it forwards IPv4, IPv6.
    pub forwards: [bool; 2],
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
        Ok(plan(&nodes, ecmp))
    }
}

/// Computes the routes of both families.
pub(super) fn plan(nodes: &[Node], ecmp: bool) -> Vec<Planned> {
    [false, true].into_iter().flat_map(|v6| plan_family(nodes, v6, ecmp)).collect()
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
    fn neighbouring_networks_the_same_way_share_a_route() {
        let hop = |text: &str| vec![(text.parse::<IpAddr>().unwrap(), 2)];
        let ways = [("10.0.0.0/30", "10.9.0.1"), ("10.0.0.4/30", "10.9.0.1"), ("10.0.0.8/30", "10.9.0.2"), ("10.0.0.12/30", "10.9.0.1")];
        let ways = ways.into_iter().map(|(net, via)| (net.parse().unwrap(), hop(via))).collect();
        let routes: Vec<String> = blocks(ways).into_iter().map(|(net, hops)| format!("{net} via {}", hops[0].0)).collect();
        assert_eq!(routes, ["10.0.0.0/29 via 10.9.0.1", "10.0.0.8/30 via 10.9.0.2", "10.0.0.12/30 via 10.9.0.1"]);
    }
}
