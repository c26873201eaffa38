//! An operation of iproute2, done, and what the command prints then.

use super::read::{End, Only, Operation, RouteWords, Sentence, View};
use super::show;
use crate::error::{Error, Kind, Result};
use crate::kernel::route::{self, NextHop, Query, Route};
use crate::lab::{Link, Netns, veth};
use crate::name::IfName;

/// What came of a sentence.
#[derive(Debug)]
pub enum Done {
    /// What the command prints; lines, without the last line break.
    Text(String),
    /// `ip netns exec`: a program that is to run in a namespace.
    Program(Netns, Vec<String>),
}

/// Does what a sentence says in a namespace, or in the one that it names itself.
///
/// # Errors
///
/// Those of the lab.
pub fn perform(sentence: &Sentence, here: &Netns) -> Result<Done> {
    let netns = match &sentence.netns {
        Some(name) => named(here, name)?,
        None => here.clone(),
    };
    if let Operation::NetnsExec { netns: name, words } = &sentence.operation {
        return Ok(Done::Program(here.lab().get_netns(name)?, words.clone()));
    }
    operate(&sentence.operation, sentence.view, &netns).map(Done::Text)
}

/// `ip` takes a name or a process id; 1 is the first process of the machine, which stands in root.
fn named(here: &Netns, name: &str) -> Result<Netns> {
    match name {
        "1" => Ok(here.lab().root()),
        name => here.lab().get_netns(name),
    }
}

fn operate(operation: &Operation, view: View, netns: &Netns) -> Result<String> {
    let lab = netns.lab();
    let quiet = String::new();
    match operation {
        Operation::NetnsAdd(name) => lab.add_netns(name).map(|_| quiet),
        Operation::NetnsDel(name) => lab.get_netns(name)?.del().map(|()| quiet),
        Operation::NetnsList => Ok(lines(lab.list_netns()?.iter().map(show::netns))),
        Operation::NetnsPids(name) => Ok(lines(lab.get_netns(name)?.processes()?.into_iter().map(|(pid, _)| pid.to_string()))),
        Operation::NetnsExec { .. } => Ok(quiet),
        Operation::VethAdd { a, b } => veth::add(&end(a, netns)?, &end(b, netns)?).map(|_| quiet),
        Operation::BridgeAdd { name, settings, up } => netns.add_bridge(name, settings, *up).map(|_| quiet),
        Operation::LinkSet { dev, change, master, netns: to } => {
            let link = netns.link(dev)?;
            let mut change = (**change).clone();
            // The name goes along with the move.
            let name = if to.is_some() { change.name.take() } else { None };
            let touched = format!("{change:?}") != format!("{:?}", crate::kernel::link::Change::default());
            if touched {
                link.set(&change)?;
            }
            if let Some(to) = to {
                link.move_to(&named(netns, to)?, name.as_ref().map(IfName::as_str))?;
            }
            match master {
                Some(Some(bridge)) => link.master(&link.netns().link(bridge)?)?,
                Some(None) => link.nomaster()?,
                None => {}
            }
            Ok(quiet)
        }
        Operation::LinkDel(dev) => netns.link(dev)?.del().map(|()| quiet),
        Operation::LinkShow(only) => {
            Ok(lines(chosen(netns, only)?.iter().map(|link| if view.brief { brief_link(link) } else { one(view, show::link(link)) })))
        }
        Operation::AddrAdd { dev, net, options } => netns.link(dev)?.add_addr(*net, options).map(|()| quiet),
        Operation::AddrDel { dev, net } => netns.link(dev)?.del_addr(*net).map(|()| quiet),
        Operation::AddrFlush { dev } => {
            let link = netns.link(dev)?;
            for addr in link.addrs()? {
                // The first of a subnet takes the others along.
                match link.del_addr(addr.state.net) {
                    Err(error) if error.errno() != Some("EADDRNOTAVAIL") => return Err(error),
                    _ => {}
                }
            }
            Ok(quiet)
        }
        Operation::AddrShow(only) => addresses(netns, only, view),
        Operation::RouteAdd { mode, words } => netns.add_route(&route(words, netns)?, *mode).map(|()| quiet),
        Operation::RouteDel(words) => netns.del_route(&route(words, netns)?).map(|()| quiet),
        Operation::RouteShow { table, dev, dst } => {
            let found = routes(netns, table.unwrap_or(route::MAIN), dev.as_deref(), view)?;
            let fits = |route: &&Route| dst.is_none_or(|dst| route.dst == dst);
            Ok(lines(found.iter().filter(fits).map(|route| netns.route_text(route))))
        }
        Operation::RouteFlush { table, dev } => {
            for route in routes(netns, table.unwrap_or(route::MAIN), dev.as_deref(), view)? {
                netns.del_route(&route)?;
            }
            Ok(quiet)
        }
        Operation::RouteGet { dst, from, iif, oif, mark } => {
            let index = |name: &Option<String>| name.as_ref().map(|name| netns.link(name).map(|link| link.index())).transpose();
            let query = Query { from: *from, iif: index(iif)?, oif: index(oif)?, mark: *mark, ..Query::default() };
            let found = netns.get_route(*dst, &query)?;
            Ok(format!("{}\n    cache", netns.route_text(&found)))
        }
        Operation::NeighShow { dev } => {
            let link = dev.as_ref().map(|dev| netns.link(dev)).transpose()?;
            let family = |neigh: &crate::lab::neigh::Neigh| view.v6.is_none_or(|v6| neigh.state.ip.is_ipv6() == v6);
            Ok(lines(netns.neighs(link.as_ref())?.iter().filter(|neigh| family(neigh)).map(show::neigh)))
        }
        Operation::NeighAdd { dev, ip, mac, nud, replace } => netns.link(dev)?.add_neigh(*ip, *mac, *nud, *replace).map(|()| quiet),
        Operation::NeighDel { dev, ip } => netns.link(dev)?.del_neigh(*ip).map(|()| quiet),
        Operation::NeighFlush { dev } => {
            let link = dev.as_ref().map(|dev| netns.link(dev)).transpose()?;
            for neigh in netns.neighs(link.as_ref())?.iter().filter(|neigh| neigh.state.state != "PERMANENT") {
                netns.link(&neigh.dev)?.del_neigh(neigh.state.ip)?;
            }
            Ok(quiet)
        }
        Operation::PortShow { dev } => ports(netns, dev.as_deref()),
        Operation::FdbShow { bridge, dev } => {
            let mut found = Vec::new();
            for link in chosen(netns, &Only { dev: bridge.clone(), kind: Some("bridge".to_string()), ..Only::default() })? {
                found.extend(link.fdb()?.iter().filter(|entry| dev.as_ref().is_none_or(|dev| entry.dev == *dev)).map(show::fdb));
            }
            Ok(lines(found))
        }
        Operation::FdbAdd { dev, mac } => netns.link(dev)?.add_fdb(*mac, &Default::default()).map(|()| quiet),
        Operation::FdbDel { dev, mac } => netns.link(dev)?.del_fdb(*mac, &Default::default()).map(|()| quiet),
    }
}

fn lines(all: impl IntoIterator<Item = String>) -> String {
    all.into_iter().collect::<Vec<_>>().join("\n")
}

/// `-o` writes a backslash where the line would break.
fn one(view: View, text: String) -> String {
    if view.oneline { text.replace('\n', "\\") } else { text }
}

fn end(words: &End, here: &Netns) -> Result<veth::End> {
    let netns = words.netns.as_ref().map(|name| named(here, name)).transpose()?.unwrap_or_else(|| here.clone());
    let master = words.master.as_ref().map(|master| netns.link(master)).transpose()?;
    let end = veth::End::new(IfName::parse(&words.name)?, netns);
    Ok(veth::End { mtu: words.mtu, mac: words.mac, master, up: words.up, ..end })
}

fn route(words: &RouteWords, netns: &Netns) -> Result<Route> {
    let index = |dev: &Option<String>| dev.as_ref().map(|dev| netns.link(dev).map(|link| link.index())).transpose();
    let mut route = words.route.clone();
    route.dev = index(&words.dev)?;
    for (via, dev, weight) in &words.hops {
        route.nexthops.push(NextHop { via: *via, dev: index(dev)?, weight: *weight });
    }
    Ok(route)
}

fn routes(netns: &Netns, table: u32, dev: Option<&str>, view: View) -> Result<Vec<Route>> {
    let dev = dev.map(|dev| netns.link(dev).map(|link| link.index())).transpose()?;
    let all = table == 0;
    let fits = |route: &Route| {
        let family = route.dst.addr().is_ipv6() == view.v6.unwrap_or(false) || all && view.v6.is_none();
        family
            && (all || route.table == table)
            && dev.is_none_or(|dev| route.dev == Some(dev))
            && (all || route.kind != route::Type::Multicast)
    };
    Ok(netns.routes()?.into_iter().filter(fits).collect())
}

fn chosen(netns: &Netns, only: &Only) -> Result<Vec<Link>> {
    if let Some(dev) = &only.dev {
        return Ok(vec![netns.link(dev)?]);
    }
    let master = only.master.as_ref().map(|master| netns.link(master).map(|link| link.index())).transpose()?;
    let mut found = Vec::new();
    for link in netns.links()? {
        let state = link.state()?;
        let kind = only.kind.as_ref().is_none_or(|kind| state.kind.as_ref() == Some(kind));
        if kind && (!only.up || state.is_up()) && master.is_none_or(|master| state.master == Some(master)) {
            found.push(link);
        }
    }
    Ok(found)
}

/// The name of a link and of its peer, as `ip` writes them together.
fn full_name(link: &Link) -> String {
    let text = show::link(link);
    text.split(": ").nth(1).unwrap_or("").to_string()
}

fn brief_link(link: &Link) -> String {
    match link.state() {
        Ok(state) => format!("{:<16} {:<14} {} <{}>", full_name(link), state.operstate, state.mac(), show::flags(&state).join(",")),
        Err(error) => error.to_string(),
    }
}

fn addresses(netns: &Netns, only: &Only, view: View) -> Result<String> {
    let mut found = Vec::new();
    for link in chosen(netns, only)? {
        let family = |net: ipnet::IpNet| view.v6.is_none_or(|v6| net.addr().is_ipv6() == v6);
        let addrs: Vec<_> = link.addrs()?.into_iter().filter(|addr| family(addr.state.net)).collect();
        if view.brief {
            let nets: Vec<String> = addrs.iter().map(|addr| addr.state.net.to_string()).collect();
            found.push(format!("{:<16} {:<14} {}", full_name(&link), link.state()?.operstate, nets.join(" ")).trim_end().to_string());
            continue;
        }
        if view.oneline {
            found.extend(addrs.iter().map(|addr| format!("{}\\       valid_lft forever preferred_lft forever", show::addr(addr))));
            continue;
        }
        if view.v6.is_some() && addrs.is_empty() {
            continue;
        }
        found.push(show::link(&link).replacen(" mode DEFAULT", "", 1));
        for addr in &addrs {
            let text = show::addr(addr);
            let words = text.split_once("    ").map_or(text.as_str(), |(_, words)| words);
            found.push(format!("    {words}\n       valid_lft forever preferred_lft forever"));
        }
    }
    Ok(lines(found))
}

fn ports(netns: &Netns, dev: Option<&str>) -> Result<String> {
    let links = chosen(netns, &Only { dev: dev.map(str::to_string), ..Only::default() })?;
    let mut found = Vec::new();
    for link in links {
        let state = link.state()?;
        let Some(port) = &state.port else {
            if dev.is_some() {
                let error = Error::new(Kind::BadArgument, "show port", format!("`{}`", state.name), "it is no port of a bridge");
                return Err(error.in_netns(netns.name()));
            }
            continue;
        };
        let master = link.current_master()?.map(|master| master.name()).unwrap_or_default();
        let flags = show::flags(&state).join(",");
        let (word, priority, cost) = (port.state.word(), port.priority, port.cost);
        let head = format!("{}: {}: <{flags}> mtu {}", state.index, full_name(&link), state.mtu);
        found.push(format!("{head} master {master} state {word} priority {priority} cost {cost}"));
    }
    Ok(lines(found))
}
