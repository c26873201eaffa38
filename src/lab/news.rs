//! What a lab tells by itself while something else goes on: changes that the kernel makes known in a namespace, and what background
//! processes and servers write. All of it comes on the background thread.

use super::{Lab, Netns};
use crate::error::Result;
use crate::kernel::events::{Events, News as Message, Topic};
use crate::kernel::link::Link;
use crate::kernel::route::{self, Route};
use ipnet::IpNet;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Something that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The kernel: in which namespace, about a `link`, `address`, `route` or `neighbour`, and what.
    Kernel {
        /// The namespace.
        netns: String,
        /// What it is about.
        object: &'static str,
        /// What has happened.
        text: String,
    },
    /// A background process has written a line.
    Line {
        /// Its process id.
        pid: u32,
        /// The line, without its end.
        text: String,
    },
    /// A background process has ended, with this exit status if it is known.
    Ended {
        /// Its process id.
        pid: u32,
        /// Its exit status; 128 + N if signal N ended it.
        status: Option<i32>,
    },
    /// A server was asked for a page.
    Request {
        /// The namespace and the port in which it listens.
        netns: String,
        /// The port.
        port: u16,
        /// Who asked for what, as a web server's log has it.
        text: String,
    },
}

/// Who is told.
#[derive(Clone)]
pub(crate) struct Listener(Arc<dyn Fn(News) + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

impl Listener {
    pub(crate) fn tell(&self, news: News) {
        (self.0)(news);
    }
}

/// An open ear in a namespace; dropping it closes it, and lets the namespace go.
#[derive(Debug)]
pub struct Ear(JoinHandle<()>);

impl Drop for Ear {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Lab {
    /// Tells what processes write and servers are asked that are started from now on.
    pub fn listen(&self, tell: impl Fn(News) + Send + Sync + 'static) {
        self.0.listener.replace(Some(Listener(Arc::new(tell))));
    }

    pub(crate) fn listener(&self) -> Option<Listener> {
        self.0.listener.borrow().clone()
    }
}

impl Netns {
    /// Tells what the kernel makes known in this namespace from now on: links, addresses, routes, and neighbours that are found or not.
    ///
    /// # Errors
    ///
    /// `not-found` when it was deleted.
    pub fn listen(&self, tell: impl Fn(News) + Send + 'static) -> Result<Ear> {
        let background = self.lab().background();
        let events = Events::open(&self.kernel()?, background.handle(), Topic::ALL);
        let mut events = events.map_err(|failure| failure.doing("listen to netns", format!("`{}`", self.name())))?;
        let mut known = Known::of(self)?;
        let netns = self.name().to_string();
        let task = background.spawn(async move {
            while let Some(message) = events.news().await {
                for (object, text) in known.take(message) {
                    tell(News::Kernel { netns: netns.clone(), object, text });
                }
            }
        });
        self.lab().remember_listener(self, task.abort_handle());
        Ok(Ear(task))
    }
}

/// What is known already: the kernel repeats itself, and tells of much that nobody asked for.
#[derive(Debug, Default)]
struct Known {
    links: HashMap<u32, Link>,
    addrs: HashSet<(u32, IpNet)>,
    routes: HashSet<String>,
    neighs: HashMap<(u32, IpAddr), String>,
}

impl Known {
    fn of(netns: &Netns) -> Result<Known> {
        let mut known = Known::default();
        known.links.extend(netns.link_states()?.into_iter().map(|link| (link.index, link)));
        known.addrs.extend(netns.addrs()?.into_iter().map(|addr| (addr.state.index, addr.state.net)));
        known.neighs.extend(netns.neighs(None)?.into_iter().map(|neigh| ((neigh.state.index, neigh.state.ip), neigh.state.state)));
        for route in netns.routes()?.iter().filter(|route| is_told(route)) {
            known.routes.insert(known.route(route));
        }
        Ok(known)
    }

    fn name(&self, index: u32) -> String {
        self.links.get(&index).map_or_else(|| format!("if{index}"), |link| link.name.clone())
    }

    fn route(&self, route: &Route) -> String {
        let plain = Route { linkdown: false, ..route.clone() };
        super::route::route_text(&plain, |index| self.name(index))
    }

    /// Takes a message in; returns what is new in it.
    fn take(&mut self, message: Message) -> Vec<(&'static str, String)> {
        match message {
            Message::Link { gone: true, link } => {
                self.addrs.retain(|(index, _)| *index != link.index);
                self.neighs.retain(|(index, _), _| *index != link.index);
                self.links.remove(&link.index).map(|link| ("link", format!("{} is gone", link.name))).into_iter().collect()
            }
            Message::Link { gone: false, link } => {
                let old = self.links.insert(link.index, *link.clone());
                let master = link.master.map(|master| self.name(master));
                link_news(old.as_ref(), &link, master).into_iter().map(|text| ("link", text)).collect()
            }
            Message::Addr { gone, addr } => {
                let key = (addr.index, addr.net);
                let changed = if gone { self.addrs.remove(&key) } else { self.addrs.insert(key) };
                if !changed || addr.scope == "link" {
                    return Vec::new();
                }
                let dev = self.name(addr.index);
                let text = if gone { format!("{dev} has lost {}", addr.net) } else { format!("{dev} has {}", addr.net) };
                vec![("address", text)]
            }
            Message::Route { gone, route } if is_told(&route) => {
                let text = self.route(&route);
                let changed = if gone { self.routes.remove(&text) } else { self.routes.insert(text.clone()) };
                let verb = if gone { "route is gone:" } else { "route:" };
                if changed { vec![("route", format!("{verb} {text}"))] } else { Vec::new() }
            }
            Message::Route { .. } => Vec::new(),
            Message::Neigh { gone, neigh } => {
                let key = (neigh.index, neigh.ip);
                let state = if gone { "gone".to_string() } else { neigh.state.clone() };
                let old = if gone { self.neighs.remove(&key) } else { self.neighs.insert(key, state.clone()) };
                // STALE, DELAY and PROBE come and go by themselves, and an entry that was never found is forgotten after a while.
                let told = match state.as_str() {
                    "REACHABLE" => !matches!(old.as_deref(), Some("REACHABLE" | "STALE" | "DELAY" | "PROBE")),
                    "FAILED" | "PERMANENT" => old.as_deref() != Some(state.as_str()),
                    "gone" => old.as_deref() == Some("PERMANENT"),
                    _ => false,
                };
                if !told || neigh.ip.is_multicast() {
                    return Vec::new();
                }
                vec![("neighbour", format!("neighbour {} on {} {state}", neigh.ip, self.name(neigh.index)))]
            }
        }
    }
}

/// Whether a route is worth telling: the kernel's own ones for link-local and multicast addresses, and its local table, are not.
fn is_told(route: &Route) -> bool {
    let own = match route.dst {
        IpNet::V4(dst) => dst.addr().is_multicast(),
        IpNet::V6(dst) => dst.addr().is_multicast() || dst.addr().is_unicast_link_local(),
    };
    route.table != route::LOCAL && !own
}

fn state(link: &Link) -> &'static str {
    match (link.is_up(), link.carrier) {
        (false, _) => "DOWN",
        (true, true) => "UP",
        (true, false) => "NO-CARRIER",
    }
}

fn link_news(old: Option<&Link>, now: &Link, master: Option<String>) -> Vec<String> {
    let name = &now.name;
    let Some(old) = old else { return vec![format!("{name} is there, {}", state(now))] };
    let mut news = Vec::new();
    if old.name != now.name {
        news.push(format!("{} is now called {name}", old.name));
    }
    if state(old) != state(now) {
        news.push(format!("{name} {}", state(now)));
    }
    if old.mtu != now.mtu {
        news.push(format!("{name} mtu {}", now.mtu));
    }
    if old.mac != now.mac {
        news.push(format!("{name} address {}", now.mac()));
    }
    if old.master != now.master {
        news.push(master.map_or(format!("{name} is no port any more"), |master| format!("{name} is a port of {master}")));
    }
    news
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(name: &str, up: bool, carrier: bool) -> Link {
        let none = Link::default().flags;
        Link { index: 2, name: name.to_string(), flags: if up { !none } else { none }, carrier, mtu: 1500, ..Link::default() }
    }

    #[test]
    fn what_is_known_is_not_told_again() {
        let mut known = Known::default();
        let mut told = |link: Link| known.take(Message::Link { gone: false, link: Box::new(link) });
        assert_eq!(told(link("v0", false, false)), [("link", "v0 is there, DOWN".to_string())]);
        assert_eq!(told(link("v0", false, false)), []);
        assert_eq!(told(link("v0", true, false)), [("link", "v0 NO-CARRIER".to_string())]);
        assert_eq!(told(Link { mtu: 1400, ..link("v1", true, true) }).len(), 3);
    }

    #[test]
    fn a_neighbour_that_is_not_found_is_told_once() {
        let mut known = Known::default();
        let mut told = |state: &str| {
            let neigh = crate::kernel::neigh::Neigh {
                ip: "10.0.0.9".parse().unwrap(),
                mac: Vec::new(),
                index: 2,
                state: state.to_string(),
                proxy: false,
                router: false,
            };
            known.take(Message::Neigh { gone: false, neigh })
        };
        assert_eq!(told("INCOMPLETE"), []);
        assert_eq!(told("FAILED"), [("neighbour", "neighbour 10.0.0.9 on if2 FAILED".to_string())]);
        assert_eq!(told("FAILED"), []);
    }
}
