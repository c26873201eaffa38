//! Routes (`ip route`), with why a gateway cannot be reached.

use super::Netns;
use super::features::way_to;
use super::ledger::Made;
use crate::error::{Error, Result};
use crate::kernel::encap::Encap;
use crate::kernel::record::{Class, Record};
use crate::kernel::route::{self, Mode, Query, Route};
use std::net::IpAddr;

impl Netns {
    /// Makes a route.
    ///
    /// # Errors
    ///
    /// `exists`; `unreachable` when no link reaches the gateway, with what the links have.
    pub fn add_route(&self, route: &Route, mode: Mode) -> Result<()> {
        let doing = match mode {
            Mode::Add => "add route",
            Mode::Replace => "replace route",
            Mode::Change => "change route",
            Mode::Append => "append route",
        };
        let subject = || format!("`{}`", self.route_sentence(route));
        let made = || {
            // The kernel's own choice, so that no other route to the same place is taken for this one (IP6_RT_PRIO_USER).
            let usual = if route.dst.addr().is_ipv6() { 1024 } else { 0 };
            Made::Route(self.id(), Box::new(Route { metric: Some(route.metric.unwrap_or(usual)), ..route.clone() }))
        };
        let ledger = self.lab().ledger();
        let there = |record: &Record| mode != Mode::Add && record.destination() == Some(route.dst.trunc());
        // What was there is noted first, so that it is put back last.
        let added = self.carefully(&[Class::Route], there, || {
            let entry = if mode == Mode::Add { ledger.note_new(self, made)? } else { ledger.note(self, made)? };
            let added = self.ask(doing, subject, async |socket| route::add(socket, route, mode).await);
            added.inspect_err(|_| ledger.strike(entry))
        });
        added.map_err(|error| self.explain_route(error, route))
    }

    /// Deletes the first route that fits.
    ///
    /// # Errors
    ///
    /// `not-found`.
    pub fn del_route(&self, route: &Route) -> Result<()> {
        let subject = || format!("`{}`", self.route_sentence(route));
        let deleted = self.carefully(
            &[Class::Route],
            |record| record.destination() == Some(route.dst.trunc()),
            || self.ask("delete route", subject, async |socket| route::del(socket, route).await),
        );
        deleted.map_err(|error| match error.errno() {
            Some("ESRCH") => error.because("there is no such route"),
            _ => error,
        })
    }

    /// Lists the routes of all tables and families.
    pub fn routes(&self) -> Result<Vec<Route>> {
        self.ask("list routes", String::new, async |socket| route::list(socket).await)
    }

    /// Returns the route that a packet to an address would take.
    ///
    /// # Errors
    ///
    /// `unreachable`, with the errno that the packet would meet.
    pub fn get_route(&self, dst: IpAddr, query: &Query) -> Result<Route> {
        self.ask("find a route to", || format!("`{dst}`"), async |socket| route::get(socket, dst, query).await)
            .map_err(|error| self.explain_no_route(error))
    }

    /// Adds why a destination cannot be reached, as far as the routing table tells.
    pub(crate) fn explain_no_route(&self, error: Error) -> Error {
        if error.errno() != Some("ENETUNREACH") {
            return error;
        }
        let loopback_down = self.link_states().unwrap_or_default().iter().any(|link| link.loopback && !link.is_up());
        let routes = self.routes().unwrap_or_default();
        let main: Vec<String> =
            routes.iter().filter(|r| r.table == route::MAIN && r.dst.addr().is_ipv4()).map(|r| r.dst.to_string()).collect();
        match main.is_empty() {
            true if loopback_down => error.because(format!("netns `{}` has no routes, and its `lo` is down", self.name())),
            true => error.because(format!("netns `{}` has no routes", self.name())),
            false => error.because(format!("netns `{}` has routes to {} only", self.name(), main.join(", "))),
        }
    }

    fn explain_route(&self, error: Error, route: &Route) -> Error {
        match error.errno() {
            Some("EOPNOTSUPP" | "ENODEV") if route.encap.is_some() => explain_encap(error, route),
            Some("EEXIST") => error.because("a route to that destination with that metric exists already"),
            Some("ENETUNREACH" | "EHOSTUNREACH" | "EINVAL") if route.via.is_some() => self.explain_gateway(error, route),
            Some("ENETDOWN") => error.because("the link is down"),
            Some("ESRCH" | "ENOENT") => error.because("there is no such route to change"),
            _ => error,
        }
    }

    /// Says which link could have reached the gateway, and what it lacks.
    fn explain_gateway(&self, error: Error, route: &Route) -> Error {
        let Some(via) = route.via else { return error };
        let (links, addrs) = (self.link_states().unwrap_or_default(), self.addrs().unwrap_or_default());
        let near = addrs.iter().find(|a| a.state.net.contains(&via));
        if let Some(near) = near {
            return match links.iter().find(|link| link.index == near.state.index) {
                Some(link) if !link.is_up() => error
                    .because(format!("`{}` has {}, but is down", link.name, near.state.net))
                    .hint(format!("{}.up()", self.link_expression(&link.name))),
                _ if near.state.net.addr() == via => {
                    error.because(format!("{via} is an address of this namespace itself, on `{}`", near.dev))
                }
                _ => error,
            };
        }
        let outside: Vec<String> = addrs
            .iter()
            .filter(|a| a.state.scope != "host" && a.state.net.addr().is_ipv4() == via.is_ipv4())
            .map(|a| format!("`{}` has {}", a.dev, a.state.net))
            .collect();
        if !outside.is_empty() {
            return error.because(format!("{via} is in no subnet of netns `{}`: {}", self.name(), outside.join(", ")));
        }
        let bare = links.iter().find(|link| !link.loopback);
        let error = error.because(match bare {
            Some(link) if link.is_up() => format!(
                "netns `{}` has no address from which {via} could be reached: `{}` is up, but has no address",
                self.name(),
                link.name
            ),
            Some(link) => format!("`{}` is down, and has no address", link.name),
            None => format!("netns `{}` has no link but `lo`", self.name()),
        });
        match (bare, neighbour_of(via)) {
            (Some(link), Some(own)) => error.hint(format!("{}.addr.add(\"{own}\")", self.link_expression(&link.name))),
            _ => error,
        }
    }

    /// Writes a route as `ip route` does, with the names of links.
    pub fn route_text(&self, route: &Route) -> String {
        self.route_with(route, Encap::printed)
    }

    /// Writes a route as `ip route add` reads it.
    pub fn route_sentence(&self, route: &Route) -> String {
        self.route_with(route, Encap::sentence)
    }

    fn route_with(&self, route: &Route, encap: impl Fn(&Encap) -> String) -> String {
        let links = self.link_states().unwrap_or_default();
        let name = |index| links.iter().find(|link| link.index == index).map_or_else(|| format!("if{index}"), |link| link.name.clone());
        words(route, name, encap)
    }

    /// The script expression for one of its links, for hints.
    pub(crate) fn link_expression(&self, link: &str) -> String {
        match self.is_root() {
            true => format!("link::get(\"{link}\")"),
            false => format!("netns::get(\"{}\").link(\"{link}\")", self.name()),
        }
    }
}

/// Says what a kernel without this kind of `encap` lacks.
fn explain_encap(error: Error, route: &Route) -> Error {
    let Some(encap) = &route.encap else { return error };
    let error = error.because(format!("this kernel does not put {} around packets", encap.word()));
    match encap {
        Encap::Mpls { .. } => error.hint(way_to("mpls_iptunnel", "MPLS_IPTUNNEL")),
        Encap::Seg6 { .. } => error.hint("a kernel with CONFIG_IPV6_SEG6_LWTUNNEL"),
        Encap::Other(_) => error,
    }
}

/// Proposes an address beside a gateway: the next one of its /24.
fn neighbour_of(via: IpAddr) -> Option<String> {
    let IpAddr::V4(v4) = via else { return None };
    let last = v4.octets()[3];
    let own = if last == 2 { 1 } else { 2 };
    let [a, b, c, _] = v4.octets();
    Some(format!("{a}.{b}.{c}.{own}/24"))
}

/// Writes a route as `ip route` does; `name` gives the name of a link.
pub fn route_text(route: &Route, name: impl Fn(u32) -> String) -> String {
    words(route, name, Encap::printed)
}

fn words(route: &Route, name: impl Fn(u32) -> String, encap: impl Fn(&Encap) -> String) -> String {
    let mut words = Vec::new();
    if route.kind != route::Type::Unicast {
        words.push(route.kind.word());
    }
    words.push(match route.is_default() {
        true => "default".to_string(),
        false if route.dst.prefix_len() == route.dst.max_prefix_len() => route.dst.addr().to_string(),
        false => route.dst.trunc().to_string(),
    });
    words.extend(route.encap.as_ref().map(encap));
    let mut pair = |word: &str, value: Option<String>| words.extend(value.map(|value| format!("{word} {value}")));
    let resolved = route.nhid.is_some();
    pair("via", route.via.filter(|_| !resolved).map(|via| via.to_string()));
    pair("dev", route.dev.filter(|_| !resolved).map(&name));
    pair("table", (route.table != route::MAIN && route.table != 0).then(|| table_text(route.table)));
    let told = !matches!(route.proto, route::Proto::Boot | route::Proto::Other(0));
    pair("proto", told.then(|| route.proto.word()));
    pair("scope", route.scope.filter(|scope| *scope != route::Scope::Global).map(|scope| scope.word()));
    pair("src", route.src.map(|src| src.to_string()));
    pair("metric", route.metric.map(|metric| metric.to_string()));
    pair("mtu", route.mtu.map(|mtu| mtu.to_string()));
    pair("advmss", route.advmss.map(|mss| mss.to_string()));
    words.extend(route.nhid.map(|id| format!("nhid {id}")));
    for hop in route.nexthops.iter().filter(|_| route.nhid.is_none()) {
        words.push("nexthop".to_string());
        words.extend(hop.via.map(|via| format!("via {via}")));
        words.extend(hop.dev.map(|dev| format!("dev {}", name(dev))));
        words.push(format!("weight {}", hop.weight));
    }
    if route.onlink {
        words.push("onlink".to_string());
    }
    if route.linkdown {
        words.push("linkdown".to_string());
    }
    words.join(" ")
}

pub(crate) fn table_text(table: u32) -> String {
    match table {
        route::LOCAL => "local".to_string(),
        route::MAIN => "main".to_string(),
        253 => "default".to_string(),
        number => number.to_string(),
    }
}
