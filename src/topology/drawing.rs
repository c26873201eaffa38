//! A lab on paper: its namespaces, bridges and cables, made in the order that costs the kernel least.

use super::node::Role;
use super::routes::{self, Node, Planned};
use super::subnet::Subnet;
use crate::error::Result;
use crate::kernel::addr;
use crate::kernel::link::Bridge;
use crate::kernel::route::{Mode, Route};
use crate::lab::veth::{self, End, Pair};
use crate::lab::{Lab, Link, Netns};
use crate::name::IfName;
use ipnet::IpNet;

/// A lab that is to be made.
#[derive(Debug, Default)]
pub struct Drawing {
    nodes: Vec<(String, Role)>,
    bridges: Vec<DrawnBridge>,
    cables: Vec<[Plug; 2]>,
    /// Namespaces that get default routes, and by which addresses.
    pub(super) gateways: Vec<(usize, Vec<IpNet>)>,
    /// The namespaces, by what they are in the shape.
    pub groups: Vec<Group>,
    /// The network that the lab lies in, where it is one.
    pub subnet: Option<Subnet>,
}

/// What some of a shape's namespaces are, and which: their places in [`Built::nodes`].
#[derive(Debug)]
pub struct Group {
    /// In the plural, as `leaves`; in the singular if there is one by its nature, as `hub`.
    pub name: &'static str,
    /// The places.
    pub places: Vec<usize>,
    /// Whether there is one by its nature.
    pub single: bool,
}

#[derive(Debug)]
struct DrawnBridge {
    node: usize,
    name: String,
    addrs: Vec<IpNet>,
}

/// An end of a cable.
#[derive(Debug)]
pub(super) struct Plug {
    /// The place of its namespace.
    pub node: usize,
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub addrs: Vec<IpNet>,
    /// The place of the bridge that it is a port of.
    pub bridge: Option<usize>,
}

/// What a drawing became: everything in the order in which it was drawn.
#[derive(Debug)]
pub struct Built {
    /// The namespaces.
    pub nodes: Vec<Netns>,
    /// The cables.
    pub cables: Vec<Pair>,
}

/// What is done next.
#[derive(Debug)]
pub enum Step<'a> {
    /// A namespace is made.
    Node(&'a str, Role),
    /// A bridge is made.
    Bridge(&'a Netns, &'a str, &'a Bridge),
    /// A link gets an address.
    Addr(&'a Link, IpNet, &'a addr::Options),
    /// A cable is made.
    Cable(&'a End, &'a End),
    /// A route is made.
    Route(&'a Netns, &'a Route, Mode),
}

impl Drawing {
    /// Draws a namespace, and returns its place.
    pub(super) fn node(&mut self, name: impl Into<String>, role: Role) -> usize {
        self.nodes.push((name.into(), role));
        self.nodes.len() - 1
    }

    /// Draws a bridge, and returns its place.
    pub(super) fn bridge(&mut self, node: usize, name: &str, addrs: Vec<IpNet>) -> usize {
        self.bridges.push(DrawnBridge { node, name: name.to_string(), addrs });
        self.bridges.len() - 1
    }

    /// Draws a cable.
    pub(super) fn cable(&mut self, a: Plug, b: Plug) {
        self.cables.push([a, b]);
    }

    /// Returns the name of the namespace at a place.
    pub(super) fn name(&self, node: usize) -> &str {
        &self.nodes[node].0
    }

    /// Makes all of it; `routes` adds those by which every namespace of it reaches every network of it, and says whether over all ways
    /// that are equally short. `tell` hears of each step before it is done.
    ///
    /// All cables are born before one is up, see [`veth::add_all`].
    ///
    /// # Errors
    ///
    /// `exists`, `bad-name`, `not-permitted`. No namespace of it is left.
    pub fn build(&self, lab: &Lab, routes: Option<bool>, tell: &mut dyn FnMut(Step)) -> Result<Built> {
        let mut nodes = Vec::with_capacity(self.nodes.len());
        let made = self.make(lab, &mut nodes, routes, tell);
        match made {
            Ok(cables) => Ok(Built { nodes, cables }),
            Err(error) => {
                for netns in nodes.iter().rev() {
                    let _ = netns.del();
                }
                Err(error)
            }
        }
    }

    fn make(&self, lab: &Lab, nodes: &mut Vec<Netns>, routes: Option<bool>, tell: &mut dyn FnMut(Step)) -> Result<Vec<Pair>> {
        for (name, role) in &self.nodes {
            tell(Step::Node(name, *role));
            nodes.push(lab.add_node(name, *role)?);
        }
        let bridges = self.bridges.iter().map(|bridge| lan_bridge(&nodes[bridge.node], &bridge.name, false, &bridge.addrs, tell));
        let bridges: Vec<Link> = bridges.collect::<Result<_>>()?;
        let ends = |[a, b]: &[Plug; 2]| Ok((a.end(nodes, &bridges)?, b.end(nodes, &bridges)?));
        let ends: Vec<(End, End)> = self.cables.iter().map(ends).collect::<Result<_>>()?;
        ends.iter().for_each(|(a, b)| tell(Step::Cable(a, b)));
        let cables = veth::add_all(&ends)?;
        for (node, gateways) in &self.gateways {
            default_routes(&nodes[*node], gateways, tell)?;
        }
        if let Some(ecmp) = routes {
            let planned: Vec<Planned> = routes::plan(&self.seen_by_routes(nodes, &bridges, &cables), ecmp);
            for (netns, route) in &planned {
                tell(Step::Route(netns, route, Mode::Add));
                netns.add_route(route, Mode::Add)?;
            }
        }
        Ok(cables)
    }

    fn seen_by_routes(&self, nodes: &[Netns], bridges: &[Link], cables: &[Pair]) -> Vec<Node> {
        let forwards = |role: &Role| [*role == Role::Router; 2];
        let mut seen: Vec<Node> = nodes
            .iter()
            .zip(&self.nodes)
            .map(|(netns, (_, role))| Node { netns: netns.clone(), addrs: Vec::new(), forwards: forwards(role) })
            .collect();
        let mut add = |node: usize, addrs: &[IpNet], link: &Link| seen[node].addrs.extend(addrs.iter().map(|net| (*net, link.index())));
        for (drawn, bridge) in self.bridges.iter().zip(bridges) {
            add(drawn.node, &drawn.addrs, bridge);
        }
        for ([a, b], pair) in self.cables.iter().zip(cables) {
            add(a.node, &a.addrs, &pair.a);
            add(b.node, &b.addrs, &pair.b);
        }
        seen
    }
}

impl Plug {
    fn end(&self, nodes: &[Netns], bridges: &[Link]) -> Result<End> {
        let master = self.bridge.map(|bridge| bridges[bridge].clone());
        let name = IfName::parse(&self.name)?;
        Ok(End { addrs: self.addrs.clone(), nodad: true, up: true, master, ..End::new(name, nodes[self.node].clone()) })
    }
}

/// Makes the bridge of a LAN, with its addresses.
pub fn lan_bridge(netns: &Netns, name: &str, stp: bool, addrs: &[IpNet], tell: &mut dyn FnMut(Step)) -> Result<Link> {
    let settings = Bridge { stp: Some(stp), ..Bridge::default() };
    tell(Step::Bridge(netns, name, &settings));
    let bridge = netns.add_bridge(name, &settings, true)?;
    let options = addr::Options { nodad: true, ..addr::Options::default() };
    for net in addrs {
        tell(Step::Addr(&bridge, *net, &options));
        bridge.add_addr(*net, &options)?;
    }
    Ok(bridge)
}

/// Makes default routes by gateways.
pub fn default_routes(netns: &Netns, gateways: &[IpNet], tell: &mut dyn FnMut(Step)) -> Result<()> {
    for gateway in gateways {
        let via = gateway.addr();
        let route = Route { via: Some(via), ..Route::to(Route::default_dst(via.is_ipv6())) };
        tell(Step::Route(netns, &route, Mode::Add));
        netns.add_route(&route, Mode::Add)?;
    }
    Ok(())
}
