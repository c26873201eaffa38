//! The shapes that labs usually have: star, chain, ring, tree, and the fabric of leaves and spines.

use super::drawing::{Drawing, Group, Plug};
use super::node::Role;
use super::subnet::{Subnet, cable_subnet, lan_subnet};
use crate::error::Result;
use ipnet::IpNet;

/// A drawing in the making, with the networks that it has taken.
#[derive(Default)]
struct Site {
    drawing: Drawing,
    v6: bool,
    cables: u32,
    lans: u32,
}

impl Site {
    fn new(v6: bool) -> Site {
        Site { v6, ..Site::default() }
    }

    /// A cable with a network of its own.
    fn cable(&mut self, a: usize, b: usize) -> Result<()> {
        let subnet = cable_subnet(self.cables, self.v6)?;
        self.cables += 1;
        let near = self.plug(a, format!("v-{}", self.drawing.name(b)), &subnet)?;
        let far = self.plug(b, format!("v-{}", self.drawing.name(a)), &subnet)?;
        self.drawing.cable(near, far);
        Ok(())
    }

    fn plug(&self, node: usize, name: String, subnet: &Subnet) -> Result<Plug> {
        Ok(Plug { node, name, addrs: subnet.hand_out(self.drawing.name(node))?, bridge: None })
    }

    /// A bridge with hosts at it; returns its addresses.
    fn stub(&mut self, node: usize, subnet: &Subnet, hosts: &[usize]) -> Result<Vec<IpNet>> {
        let own = subnet.hand_out(self.drawing.name(node))?;
        let bridge = self.drawing.bridge(node, "br0", own.clone());
        for host in hosts {
            let near = Plug { node, name: format!("v-{}", self.drawing.name(*host)), addrs: Vec::new(), bridge: Some(bridge) };
            let far = self.plug(*host, "eth0".to_string(), subnet)?;
            self.drawing.cable(near, far);
        }
        Ok(own)
    }

    fn group(&mut self, name: &'static str, places: Vec<usize>) {
        self.drawing.groups.push(Group { name, places, single: false });
    }

    fn single(&mut self, name: &'static str, place: usize) {
        self.drawing.groups.push(Group { name, places: vec![place], single: true });
    }
}

impl Drawing {
    /// Draws a hub with a bridge, and hosts at it: `hub`, `h1`, `h2` …, in 10.0.0.0/16 and with `v6` in fd00::/64.
    pub fn star(hosts: u32, v6: bool) -> Result<Drawing> {
        let mut site = Site::new(v6);
        let nets = ["10.0.0.0/16", "fd00::/64"].into_iter().take(1 + usize::from(v6));
        let subnet = Subnet::new(nets.map(|net| net.parse().expect("a network")).collect())?;
        let hub = site.drawing.node("hub", Role::Plain);
        let hosts: Vec<usize> = (1..=hosts).map(|number| site.drawing.node(format!("h{number}"), Role::Plain)).collect();
        let gateways = site.stub(hub, &subnet, &hosts)?;
        site.drawing.gateways = hosts.iter().map(|host| (*host, gateways.clone())).collect();
        site.single("hub", hub);
        site.group("hosts", hosts);
        site.drawing.subnet = Some(subnet);
        Ok(site.drawing)
    }

    /// Draws routers `r1`, `r2` … in a row; `ring` joins the last with the first.
    pub fn row(routers: u32, ring: bool, v6: bool) -> Result<Drawing> {
        let mut site = Site::new(v6);
        let nodes: Vec<usize> = (1..=routers).map(|number| site.drawing.node(format!("r{number}"), Role::Router)).collect();
        for pair in nodes.windows(2) {
            site.cable(pair[0], pair[1])?;
        }
        if let (true, [first, .., last]) = (ring, nodes.as_slice()) {
            site.cable(*last, *first)?;
        }
        site.group("nodes", nodes);
        Ok(site.drawing)
    }

    /// Draws a tree: routers `t`, `t1`, `t1-2` …, and hosts at its leaves.
    pub fn tree(depth: u32, fanout: u32, v6: bool) -> Result<Drawing> {
        let mut site = Site::new(v6);
        let root = site.drawing.node("t", Role::Router);
        let (mut level, mut routers, mut hosts) = (vec![root], vec![root], Vec::new());
        for deep in 1..=depth {
            let mut next = Vec::new();
            for parent in &level {
                for child in 1..=fanout {
                    let between = if *parent == root { "" } else { "-" };
                    let name = format!("{}{between}{child}", site.drawing.name(*parent));
                    let node = site.drawing.node(name, if deep == depth { Role::Plain } else { Role::Router });
                    site.cable(*parent, node)?;
                    next.push(node);
                }
            }
            if deep == depth { &mut hosts } else { &mut routers }.extend(&next);
            level = next;
        }
        site.single("root", root);
        site.group("routers", routers);
        site.group("hosts", hosts);
        Ok(site.drawing)
    }

    /// Draws a fabric: every leaf is cabled to every spine, and each leaf has hosts `hLEAF-N` at a bridge.
    pub fn leaf_spine(leaves: u32, spines: u32, hosts: u32, v6: bool) -> Result<Drawing> {
        let mut site = Site::new(v6);
        let tops: Vec<usize> = (1..=spines).map(|number| site.drawing.node(format!("spine{number}"), Role::Router)).collect();
        let (mut racks, mut all) = (Vec::new(), Vec::new());
        for number in 1..=leaves {
            let leaf = site.drawing.node(format!("leaf{number}"), Role::Router);
            let rack: Vec<usize> = (1..=hosts).map(|host| site.drawing.node(format!("h{number}-{host}"), Role::Plain)).collect();
            site.lans += 1;
            let subnet = lan_subnet(site.lans, v6)?;
            site.stub(leaf, &subnet, &rack)?;
            for spine in &tops {
                site.cable(leaf, *spine)?;
            }
            racks.push(leaf);
            all.extend(rack);
        }
        site.group("leaves", racks);
        site.group("spines", tops);
        site.group("hosts", all);
        Ok(site.drawing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_network_whose_hub_is_the_gateway() {
        let star = Drawing::star(3, true).unwrap();
        assert_eq!((0..4).map(|place| star.name(place)).collect::<Vec<_>>(), ["hub", "h1", "h2", "h3"]);
        let gateway: Vec<String> = star.gateways[2].1.iter().map(ToString::to_string).collect();
        assert_eq!((star.gateways.len(), gateway), (3, vec!["10.0.0.1/16".to_string(), "fd00::1/64".to_string()]));
    }

    #[test]
    fn a_tree_says_where_each_leaf_hangs() {
        let tree = Drawing::tree(2, 2, false).unwrap();
        let names = |group: &Group| group.places.iter().map(|place| tree.name(*place).to_string()).collect::<Vec<_>>().join(" ");
        let groups: Vec<(&str, String)> = tree.groups.iter().map(|group| (group.name, names(group))).collect();
        let expected = [("root", "t"), ("routers", "t t1 t2"), ("hosts", "t1-1 t1-2 t2-1 t2-2")];
        assert_eq!(groups, expected.map(|(name, places)| (name, places.to_string())));
    }

    #[test]
    fn each_leaf_of_a_fabric_has_a_network_of_its_own() {
        let fabric = Drawing::leaf_spine(3, 2, 1, true).unwrap();
        let places = |name: &str| fabric.groups.iter().find(|group| group.name == name).map(|group| group.places.len());
        assert_eq!((places("leaves"), places("spines"), places("hosts")), (Some(3), Some(2), Some(3)));
        assert!(fabric.subnet.is_none());
    }
}
