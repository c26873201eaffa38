//! `ip`: its objects, in the order in which it tries a beginning of their names.

use super::generic::Generic;
use super::stop::{Result, Stop};
use super::words::{Words, begins};
use super::{
    Run, addr, addrlabel, link, maddr, monitor, mptcp, neigh, netconf, netns, nexthop, ntable, route, rule, tcp_metrics, token, tunnel,
    tuntap, vrf, xfrm,
};

type Object = fn(&mut Run<'_>, &mut Words<'_>) -> Result;

/// What labsh can be asked about, and what it names as not its own (`None`).
const OBJECTS: &[(&str, Option<Object>)] = &[
    ("address", Some(addr::command)),
    ("addrlabel", Some(addrlabel::command)),
    ("maddress", Some(maddr::command)),
    ("route", Some(route::command)),
    ("rule", Some(rule::command)),
    ("neighbor", Some(neigh::command)),
    ("neighbour", Some(neigh::command)),
    ("ntable", Some(ntable::command)),
    ("ntbl", Some(ntable::command)),
    ("link", Some(link::command)),
    ("l2tp", None),
    ("fou", None),
    ("ila", None),
    ("macsec", None),
    ("tunnel", Some(tunnel::command)),
    ("tunl", Some(tunnel::command)),
    ("tuntap", Some(tuntap::command)),
    ("tap", Some(tuntap::command)),
    ("token", Some(token::command)),
    ("tcpmetrics", Some(tcp_metrics::command)),
    ("tcp_metrics", Some(tcp_metrics::command)),
    ("monitor", Some(monitor::command)),
    ("xfrm", Some(xfrm::command)),
    ("mroute", Some(route::multicast)),
    ("mrule", Some(rule::multicast)),
    ("netns", Some(netns::command)),
    ("netconf", Some(netconf::command)),
    ("vrf", Some(vrf::command)),
    ("sr", None),
    ("nexthop", Some(nexthop::command)),
    ("mptcp", Some(mptcp::command)),
    ("ioam", None),
    ("help", Some(help)),
    ("stats", None),
];

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(word) = words.take() else { return help(run, words) };
    match OBJECTS.iter().find(|(name, _)| begins(word, name)) {
        Some((_, Some(object))) => object(run, words),
        Some((name, None)) => Err(lacks(name)),
        None => Err(Stop::wrong(format!("Object \"{word}\" is unknown, try \"ip help\"."))),
    }
}

/// An object that labsh does not have. Where the kernel has not got it either, that is the answer, as iproute2 gives it.
fn lacks(name: &str) -> Stop {
    let asked = match name {
        "l2tp" | "macsec" | "fou" | "ila" => Generic::open(name, 1).err(),
        _ => None,
    };
    asked.unwrap_or_else(|| Stop::wrong(format!("labsh does not have the object \"{name}\" of ip")))
}

fn help(_: &mut Run<'_>, _: &mut Words<'_>) -> Result {
    let objects: Vec<&str> = OBJECTS.iter().filter(|(_, object)| object.is_some()).map(|(name, _)| *name).collect();
    Err(Stop::unreadable(format!(
        "Usage: ip [ OPTIONS ] OBJECT {{ COMMAND | help }}\n       ip [ -force ] -batch FILE\n\
         OBJECT: {}\n\
         OPTIONS: -V[ersion], -j[son], -p[retty], -d[etails], -s[tatistics], -br[ief], -o[neline], -4, -6, -0, -B, -M, -f[amily] FAMILY,\n\
         \x20        -n[etns] NAME, -a[ll], -N[umeric], -c[olor], -t[imestamp], -ts[hort], -h[uman-readable], -iec, -r[esolve],\n\
         \x20        -l[oops] N, -rc[vbuf] SIZE, -b[atch] FILE, -force\n\
         FAMILY: inet, inet6, mpls, bridge, link",
        objects.join(", ")
    )))
}
