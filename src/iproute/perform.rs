//! A sentence of iproute2, done by the handles that scripts have; what only asks is answered by the program.

use super::read::{End, Operation, RouteWords, Sentence, View};
use crate::error::Result;
use crate::kernel::route::{self, NextHop, Route};
use crate::lab::{Netns, veth};
use crate::name::IfName;

/// What came of a sentence.
#[derive(Debug)]
pub enum Done {
    /// It is done, and the command prints nothing.
    Quietly,
    /// Nothing was done: it asks, and the program answers ([`super::inside::say`]).
    Asks,
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
    if sentence.operation.asks() {
        return Ok(Done::Asks);
    }
    operate(&sentence.operation, sentence.view, &netns).map(|()| Done::Quietly)
}

/// `ip` takes a name or a process id; 1 is the first process of the machine, which stands in root.
fn named(here: &Netns, name: &str) -> Result<Netns> {
    match name {
        "1" => Ok(here.lab().root()),
        name => here.lab().get_netns(name),
    }
}

fn operate(operation: &Operation, view: View, netns: &Netns) -> Result<()> {
    let lab = netns.lab();
    match operation {
        Operation::NetnsAdd(name) => lab.add_netns(name).map(drop),
        Operation::NetnsDel(name) => lab.get_netns(name)?.del(),
        Operation::VethAdd { a, b } => veth::add(&end(a, netns)?, &end(b, netns)?).map(drop),
        Operation::BridgeAdd { name, settings, up } => netns.add_bridge(name, settings, *up).map(drop),
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
            Ok(())
        }
        Operation::LinkDel(dev) => netns.link(dev)?.del(),
        Operation::AddrAdd { dev, net, options } => netns.link(dev)?.add_addr(*net, options),
        Operation::AddrDel { dev, net } => netns.link(dev)?.del_addr(*net),
        Operation::AddrFlush { dev } => {
            let link = netns.link(dev)?;
            for addr in link.addrs()? {
                // The first of a subnet takes the others along.
                match link.del_addr(addr.state.net) {
                    Err(error) if error.errno() != Some("EADDRNOTAVAIL") => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        }
        Operation::RouteAdd { mode, words } => netns.add_route(&route(words, netns)?, *mode),
        Operation::RouteDel(words) => netns.del_route(&route(words, netns)?),
        Operation::RouteFlush { table, dev } => {
            for route in routes(netns, table.unwrap_or(route::MAIN), dev.as_deref(), view)? {
                netns.del_route(&route)?;
            }
            Ok(())
        }
        Operation::NeighAdd { dev, ip, mac, nud, replace } => netns.link(dev)?.add_neigh(*ip, *mac, *nud, *replace),
        Operation::NeighDel { dev, ip } => netns.link(dev)?.del_neigh(*ip),
        Operation::NeighFlush { dev } => {
            let link = dev.as_ref().map(|dev| netns.link(dev)).transpose()?;
            for neigh in netns.neighs(link.as_ref())?.iter().filter(|neigh| neigh.state.state != "PERMANENT") {
                netns.link(&neigh.dev)?.del_neigh(neigh.state.ip)?;
            }
            Ok(())
        }
        Operation::FdbAdd { dev, mac } => netns.link(dev)?.add_fdb(*mac, &Default::default()),
        Operation::FdbDel { dev, mac } => netns.link(dev)?.del_fdb(*mac, &Default::default()),
        _ => Ok(()),
    }
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
