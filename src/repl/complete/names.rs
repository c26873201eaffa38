//! Names that the kernel knows at the moment: namespaces, links, addresses, parameters; and files.

use super::super::ground::Ground;
use super::super::kind::Callee;
use crate::lab::{Link, Netns};
use std::collections::BTreeSet;
use std::path::Path;

/// Beyond that many namespaces, the addresses of all of them are not asked for: a key press must not wait for it.
const FEW: usize = 40;

/// The names that an argument of a call may have, by what it takes.
pub(super) fn of_argument(ground: &Ground, callee: &Callee, argument: usize, path: &[&str]) -> Vec<String> {
    let netns = callee.netns(ground);
    if let Some(key) = path.last() {
        return of_key(ground, netns.as_ref(), key);
    }
    let entries = callee.entries(ground);
    let Some(param) = entries.iter().find_map(|entry| entry.params.get(argument)) else { return Vec::new() };
    let takes = |ty: &str| entries.iter().filter_map(|entry| entry.params.get(argument)).any(|p| p.takes.split('|').any(|t| t == ty));
    let owner = callee.module.or(callee.receiver.as_ref().map(|known| known.ty.as_str())).unwrap_or("");
    let link = callee.receiver.as_ref().and_then(|known| known.link.clone());
    match (owner, callee.name, param.name) {
        ("netns", "add", _) => Vec::new(),
        ("netns", _, "name") => namespaces(),
        ("link" | "Links", "add", _) | ("veth" | "Veths" | "bridge" | "Bridges", "add", _) | (_, "rename", _) => Vec::new(),
        ("link" | "Links", _, "name") | ("Netns", "link", _) => links(netns.as_ref()),
        ("route" | "Routes", _, "dst") => destinations(netns.as_ref()),
        ("addr" | "Addrs", "add" | "replace", _) => Vec::new(),
        ("addr" | "Addrs", _, "cidr") => addresses(netns.as_ref(), link.as_ref(), true),
        ("sysctl" | "Sysctls", _, "key") => parameters(),
        _ if takes("Netns") => {
            let mut names = namespaces();
            names.extend(peers(ground, netns.as_ref()));
            names
        }
        _ if takes("Link") => links(netns.as_ref()),
        _ => Vec::new(),
    }
}

fn of_key(ground: &Ground, netns: Option<&Netns>, key: &str) -> Vec<String> {
    match key {
        "dev" | "master" | "oif" | "iif" => links(netns),
        "via" => peers(ground, netns),
        "src" | "from" => addresses(netns, None, false),
        "netns" => namespaces(),
        "folder" | "cwd" => files("", true),
        "nud" => crate::kernel::neigh::Nud::WORDS.iter().map(|word| word.to_string()).collect(),
        "type" => crate::kernel::route::Type::WORDS.iter().map(|word| word.to_string()).collect(),
        "proto" => crate::kernel::route::Proto::WORDS.iter().map(|word| word.to_string()).collect(),
        "scope" => crate::kernel::route::Scope::WORDS.iter().map(|word| word.to_string()).collect(),
        _ => Vec::new(),
    }
}

/// The names of all namespaces.
pub(super) fn namespaces() -> Vec<String> {
    crate::kernel::netns::names().unwrap_or_default()
}

/// The names of the links of a namespace.
pub(super) fn links(netns: Option<&Netns>) -> Vec<String> {
    let states = netns.and_then(|netns| netns.link_states().ok()).unwrap_or_default();
    states.into_iter().map(|state| state.name).collect()
}

/// The addresses of a namespace, or of one of its links.
pub(super) fn addresses(netns: Option<&Netns>, link: Option<&Link>, prefix: bool) -> Vec<String> {
    let found = match (link, netns) {
        (Some(link), _) => link.addrs(),
        (None, Some(netns)) => netns.addrs(),
        (None, None) => return Vec::new(),
    };
    let text = |net: ipnet::IpNet| if prefix { net.to_string() } else { net.addr().to_string() };
    found.unwrap_or_default().into_iter().map(|addr| text(addr.state.net)).collect()
}

/// The addresses that others have in the subnets of a namespace: what can be a gateway.
pub(super) fn peers(ground: &Ground, netns: Option<&Netns>) -> Vec<String> {
    let Some(netns) = netns else { return Vec::new() };
    let own: Vec<_> = netns.addrs().unwrap_or_default().into_iter().filter(|a| a.state.scope == "global").map(|a| a.state.net).collect();
    let mut found: BTreeSet<String> = BTreeSet::new();
    if crate::kernel::netns::names().is_ok_and(|names| names.len() <= FEW) {
        let others = ground.lab.and_then(|lab| lab.list_netns().ok()).unwrap_or_default();
        for other in others.iter().chain(&ground.root()).filter(|other| *other != netns) {
            let near = other
                .addrs()
                .unwrap_or_default()
                .into_iter()
                .map(|a| a.state.net.addr())
                .filter(|ip| own.iter().any(|net| net.contains(ip)));
            found.extend(near.map(|ip| ip.to_string()));
        }
    }
    found.extend(netns.neighs(None).unwrap_or_default().into_iter().map(|n| n.state.ip).filter(|ip| ip.is_ipv4()).map(|ip| ip.to_string()));
    if found.is_empty() {
        // By habit, the first host of a subnet is its router.
        found.extend(own.iter().filter_map(|net| net.hosts().next().filter(|first| *first != net.addr())).map(|ip| ip.to_string()));
    }
    found.into_iter().collect()
}

fn destinations(netns: Option<&Netns>) -> Vec<String> {
    let routes = netns.and_then(|netns| netns.routes().ok()).unwrap_or_default();
    let main = routes.into_iter().filter(|route| route.table == crate::kernel::route::MAIN && !route.is_default());
    std::iter::once("default".to_string()).chain(main.map(|route| route.dst.to_string())).collect()
}

/// The parameters of the network, as sysctl(8) writes them.
fn parameters() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![std::path::PathBuf::from("/proc/sys/net")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                _ => found.extend(entry.path().strip_prefix("/proc/sys").ok().and_then(Path::to_str).map(|path| path.replace('/', "."))),
            }
        }
    }
    found.sort();
    found
}

/// Files and folders that begin with a text.
pub(super) fn files(begin: &str, folders_only: bool) -> Vec<String> {
    let (folder, _) = begin.rfind('/').map_or(("", begin), |at| begin.split_at(at + 1));
    let place = match folder.strip_prefix("~/") {
        Some(rest) => Path::new(&std::env::var_os("HOME").unwrap_or_default()).join(rest),
        None if folder.is_empty() => Path::new(".").to_path_buf(),
        None => Path::new(folder).to_path_buf(),
    };
    let mut found: Vec<String> = std::fs::read_dir(place)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_folder = entry.path().is_dir();
            ((is_folder || !folders_only) && !name.starts_with('.')).then(|| format!("{folder}{name}{}", if is_folder { "/" } else { "" }))
        })
        .collect();
    found.sort();
    found
}
