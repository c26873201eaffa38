//! What this machine can do, as tried in a sandbox.

use super::Lab;
use crate::error::{Error, Result};
use crate::kernel::{enter, features};

/// The kinds of link that are tried.
const LINKS: [&str; 21] = [
    "veth",
    "bridge",
    "dummy",
    "vlan",
    "vxlan",
    "macvlan",
    "macvtap",
    "ipvlan",
    "vrf",
    "bond",
    "ifb",
    "gre",
    "gretap",
    "ipip",
    "sit",
    "geneve",
    "wireguard",
    "nlmon",
    "netkit",
    "team",
    "hsr",
];

/// The module of a kind that is not called as the kind is.
fn module(kind: &str) -> &str {
    match kind {
        "vlan" => "8021q",
        "bond" => "bonding",
        "gre" | "gretap" => "ip_gre",
        other => other,
    }
}

/// The queueing disciplines that are tried.
const QDISCS: [&str; 11] = ["netem", "tbf", "htb", "fq_codel", "fq", "cake", "prio", "pfifo", "sfq", "ingress", "clsact"];

/// Something that a machine may be able to do.
#[derive(Debug, Clone)]
pub struct Feature {
    /// `world`, `link`, `qdisc`, `device` …
    pub group: &'static str,
    /// Its name.
    pub name: String,
    /// Why it is missing, if it is.
    pub missing: Option<Error>,
}

/// Tries everything in a lab; nothing of it stays.
pub fn probe(lab: &Lab) -> Vec<Feature> {
    let root = lab.root();
    let tried = |group, name: &str, result: Result<()>| {
        let missing = result.err().map(|error| match group {
            "link" => error.hint(format!("sudo modprobe {}", module(name))),
            "qdisc" => error.hint(format!("sudo modprobe sch_{name}")),
            _ => error,
        });
        Feature { group, name: name.to_string(), missing }
    };
    let links = LINKS.iter().map(|kind| {
        tried("link", kind, root.ask("make a link", || format!("of kind `{kind}`"), async |socket| features::link_kind(socket, kind).await))
    });
    let qdiscs = QDISCS.iter().map(|kind| {
        tried("qdisc", kind, root.ask("add qdisc", || format!("`{kind}`"), async |socket| features::qdisc_kind(socket, kind).await))
    });
    let netfilter =
        root.kernel().and_then(|netns| enter::within(&netns, features::nftables).map_err(|failure| failure.doing("open nftables", "")));
    links.chain(qdiscs).chain([tried("firewall", "nftables", netfilter)]).collect()
}
