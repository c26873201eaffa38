//! What this machine can do, as tried in a sandbox, and how to get what it cannot.

use super::Lab;
use crate::error::{Error, Kind, Result};
use crate::kernel::{self, enter, features};

/// The kinds of link that are tried, each with its module and the option of the kernel.
const LINKS: [(&str, &str, &str); 28] = [
    ("veth", "veth", "VETH"),
    ("bridge", "bridge", "BRIDGE"),
    ("dummy", "dummy", "DUMMY"),
    ("vlan", "8021q", "VLAN_8021Q"),
    ("vxlan", "vxlan", "VXLAN"),
    ("macvlan", "macvlan", "MACVLAN"),
    ("macvtap", "macvtap", "MACVTAP"),
    ("ipvlan", "ipvlan", "IPVLAN"),
    ("ipvtap", "ipvtap", "IPVTAP"),
    ("vrf", "vrf", "NET_VRF"),
    ("bond", "bonding", "BONDING"),
    ("ifb", "ifb", "IFB"),
    ("gre", "ip_gre", "NET_IPGRE"),
    ("gretap", "ip_gre", "NET_IPGRE"),
    ("erspan", "ip_gre", "NET_IPGRE"),
    ("ip6gre", "ip6_gre", "IPV6_GRE"),
    ("ipip", "ipip", "NET_IPIP"),
    ("ip6tnl", "ip6_tunnel", "IPV6_TUNNEL"),
    ("sit", "sit", "IPV6_SIT"),
    ("vti", "ip_vti", "NET_IPVTI"),
    ("xfrm", "xfrm_interface", "XFRM_INTERFACE"),
    ("geneve", "geneve", "GENEVE"),
    ("wireguard", "wireguard", "WIREGUARD"),
    ("nlmon", "nlmon", "NLMON"),
    ("netkit", "netkit", "NETKIT"),
    ("team", "team", "NET_TEAM"),
    ("hsr", "hsr", "HSR"),
    ("macsec", "macsec", "MACSEC"),
];

/// The queueing disciplines that are tried.
const QDISCS: [&str; 24] = [
    "netem",
    "tbf",
    "htb",
    "hfsc",
    "drr",
    "qfq",
    "ets",
    "prio",
    "pfifo",
    "bfifo",
    "pfifo_fast",
    "sfq",
    "fq",
    "fq_codel",
    "codel",
    "cake",
    "pie",
    "fq_pie",
    "red",
    "choke",
    "sfb",
    "multiq",
    "ingress",
    "clsact",
];

/// The families of nftables, with their numbers (linux/netfilter.h).
const FAMILIES: [(&str, u8); 6] = [("ip", 2), ("ip6", 10), ("inet", 1), ("arp", 3), ("bridge", 7), ("netdev", 5)];

/// The types of chains, each with a hook that it may have (0 prerouting, 1 input, 3 output).
const CHAINS: [(&str, u32); 3] = [("filter", 1), ("nat", 0), ("route", 3)];

/// The expressions of nftables that are tried, as `nft` and the kernel call them.
const EXPRESSIONS: [&str; 19] = [
    "meta",
    "payload",
    "cmp",
    "bitwise",
    "lookup",
    "immediate",
    "counter",
    "ct",
    "limit",
    "log",
    "quota",
    "reject",
    "nat",
    "masq",
    "redir",
    "fib",
    "numgen",
    "connlimit",
    "tproxy",
];

/// Something that a machine may be able to do.
#[derive(Debug, Clone)]
pub struct Feature {
    /// `world`, `link`, `qdisc`, `nftables`, `device` …
    pub group: &'static str,
    /// Its name.
    pub name: String,
    /// Why it is missing, if it is.
    pub missing: Option<Error>,
}

/// Says how to get something that is a module of the kernel.
pub(super) fn way_to(module: &str, option: &str) -> String {
    if features::has_module(module) {
        return format!("sudo modprobe {module}");
    }
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let is = |id: &str| system.lines().any(|line| (line.starts_with("ID=") || line.starts_with("ID_LIKE=")) && line.contains(id));
    // A machine whose kernel has no modules at all got it from somewhere else than its packages.
    match features::modules().is_some() {
        true if is("ubuntu") => format!("sudo apt install linux-modules-extra-$(uname -r) && sudo modprobe {module}"),
        true if is("fedora") || is("rhel") => format!("sudo dnf install kernel-modules-extra && sudo modprobe {module}"),
        _ => format!("a kernel with CONFIG_{option} (module {module})"),
    }
}

/// Tries everything in a lab; nothing of it stays.
pub fn probe(lab: &Lab) -> Vec<Feature> {
    let root = lab.root();
    let row = |group, name: &str, result: Result<()>, way: (&str, &str)| {
        let missing = result.err().map(|error| match error.kind() {
            Kind::NotPermitted => error,
            _ => error.hint(way_to(way.0, way.1)),
        });
        Feature { group, name: name.to_string(), missing }
    };
    let mut found = Vec::new();
    for (kind, module, option) in LINKS {
        let tried = root.ask("make a link", || format!("of kind `{kind}`"), async |socket| features::link_kind(socket, kind).await);
        found.push(row("link", kind, tried, (module, option)));
    }
    for kind in QDISCS {
        let tried = root.ask("add qdisc", || format!("`{kind}`"), async |socket| features::qdisc_kind(socket, kind).await);
        found.push(row("qdisc", kind, tried, (&format!("sch_{kind}"), &format!("NET_SCH_{}", kind.to_uppercase()))));
    }
    let Ok(netns) = root.kernel() else { return found };
    let within = |what: &str, name: &str, job: Box<dyn FnOnce() -> kernel::Result<()> + Send>| {
        enter::within(&netns, job).map_err(|failure| failure.doing(format!("use nftables {what}"), format!("`{name}`")))
    };
    let there = within("in", "root", Box::new(features::nftables));
    let missing = there.is_err();
    found.push(row("nftables", "tables", there, ("nf_tables", "NF_TABLES")));
    if missing {
        return found;
    }
    for (name, family) in FAMILIES {
        let tried = within("family", name, Box::new(move || features::nft_family(family)));
        found.push(row("nftables", &format!("family {name}"), tried, ("nf_tables", &format!("NF_TABLES_{}", name.to_uppercase()))));
    }
    for (name, hook) in CHAINS {
        let tried = within("chain", name, Box::new(move || features::nft_chain(name, hook)));
        found.push(row("nftables", &format!("chain {name}"), tried, (&format!("nft_chain_{name}"), "NF_TABLES")));
    }
    for name in EXPRESSIONS {
        let tried = within("expression", name, Box::new(move || features::nft_expression(name)));
        found.push(row("nftables", name, tried, (&format!("nft_{name}"), &format!("NFT_{}", name.to_uppercase()))));
    }
    found
}
