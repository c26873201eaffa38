//! Addresses of links (`ip address`), with what is usually wrong when one is refused.

use super::ledger::Made;
use super::{Link, Netns};
use crate::error::{Error, Kind, Result};
use crate::kernel::addr::{self, Options};
use crate::kernel::events::Topic;
use crate::kernel::record::{Class, Record};
use ipnet::IpNet;
use std::net::IpAddr;
use std::time::Duration;

/// An address as it was found, with the name of its link.
#[derive(Debug, Clone)]
pub struct Addr {
    /// What the kernel says.
    pub state: addr::Addr,
    /// The name of its link.
    pub dev: String,
}

impl Link {
    /// Adds an address.
    ///
    /// # Errors
    ///
    /// `exists` when the link has it already.
    pub fn add_addr(&self, net: IpNet, options: &Options) -> Result<()> {
        let (netns, index) = (self.netns(), self.index());
        let subject = || format!("`{net}` to link `{}`", self.name());
        netns.lab().names_changed();
        let entry = netns.lab().ledger().note_new(&netns, || Made::Addr(netns.id(), index, net))?;
        netns.ask("add address", subject, async |socket| addr::add(socket, index, net, options).await).map_err(|error| {
            netns.lab().ledger().strike(entry);
            match error.errno() {
                Some("EEXIST") => error.because(format!("`{}` has this address already", self.name())),
                Some("EACCES" | "EPERM") if net.addr().is_ipv6() => {
                    error.because("IPv6 is disabled on this link (net.ipv6.conf.*.disable_ipv6)")
                }
                Some("EINVAL") if net.addr().is_unspecified() || net.addr().is_multicast() => {
                    error.because("a link can only have the address of one host")
                }
                Some("ENODEV") => error.because("the link is gone"),
                _ => error,
            }
        })?;
        Ok(())
    }

    /// Takes an address away.
    ///
    /// # Errors
    ///
    /// `not-found`, with the addresses that it has.
    pub fn del_addr(&self, net: IpNet) -> Result<()> {
        let (netns, index) = (self.netns(), self.index());
        let subject = || format!("`{net}` from link `{}`", self.name());
        netns.lab().names_changed();
        let of_link = |record: &Record| record.links().contains(&index);
        // With its last address a link loses its neighbours.
        let deleted = netns.carefully(&[Class::Nexthop, Class::Addr, Class::Route, Class::Neigh], of_link, || {
            netns.ask("delete address", subject, async |socket| addr::del(socket, index, net).await)
        });
        deleted.map_err(|error| {
            let has: Vec<String> = self.addrs().unwrap_or_default().iter().map(|a| a.state.net.to_string()).collect();
            match error.errno() {
                Some("EADDRNOTAVAIL") if has.is_empty() => error.because(format!("`{}` has no address", self.name())),
                Some("EADDRNOTAVAIL") => error.because(format!("`{}` has {}", self.name(), has.join(", "))),
                _ => error,
            }
        })
    }

    /// Lists its addresses.
    pub fn addrs(&self) -> Result<Vec<Addr>> {
        let (netns, index, dev) = (self.netns(), self.index(), self.name());
        let found = netns.ask("list addresses", String::new, async |socket| addr::list(socket, Some(index)).await)?;
        Ok(found.into_iter().map(|state| Addr { state, dev: dev.clone() }).collect())
    }
}

impl Netns {
    /// Lists the addresses of all links.
    pub fn addrs(&self) -> Result<Vec<Addr>> {
        let found = self.ask("list addresses", String::new, async |socket| addr::list(socket, None).await)?;
        let links = self.link_states()?;
        let name = |index| links.iter().find(|link| link.index == index).map(|link| link.name.clone()).unwrap_or_default();
        Ok(found.into_iter().map(|state| Addr { dev: name(state.index), state }).collect())
    }

    /// Waits until duplicate address detection has ended, on all links or on one.
    ///
    /// # Errors
    ///
    /// `timeout`; `exists` when another host has the address.
    pub fn wait_ready(&self, link: Option<&Link>, within: Duration) -> Result<()> {
        let mut pending = Vec::new();
        let ready = super::wait::until_event(self, &[Topic::Addr6, Topic::Link], within, || {
            pending = self.addrs()?;
            pending.retain(|addr| link.is_none_or(|link| link.index() == addr.state.index));
            if let Some(twice) = pending.iter().find(|addr| addr.state.dadfailed) {
                let subject = format!("`{}` of link `{}` to be ready", twice.state.net, twice.dev);
                let error =
                    Error::new(Kind::Exists, "wait for address", subject, "another host of this network has it").in_netns(self.name());
                return Err(error);
            }
            pending.retain(|addr| addr.state.tentative);
            Ok(pending.is_empty())
        })?;
        if ready {
            return Ok(());
        }
        let first = pending.first().map(|addr| (format!("`{}` of link `{}`", addr.state.net, addr.dev), addr.dev.clone()));
        let (subject, dev) = first.unwrap_or_default();
        let cause = format!("still tentative after {}", super::wait::span(within));
        let error = Error::new(Kind::Timeout, "wait for address", format!("{subject} to be ready"), cause).in_netns(self.name());
        let down = self.link_states().unwrap_or_default().into_iter().find(|link| link.name == dev && !(link.is_up() && link.carrier));
        Err(match down {
            Some(_) => error.because("the detection begins when the link is up and has a carrier"),
            None => error,
        })
    }

    /// Returns the address by which another namespace reaches this one: one of a subnet that both are in, else the first global one.
    ///
    /// # Errors
    ///
    /// `not-found` when it has no address but those of `lo`.
    pub fn address_for(&self, other: &Netns) -> Result<IpAddr> {
        let global = |netns: &Netns| -> Result<Vec<IpNet>> {
            let addrs = netns.addrs()?;
            Ok(addrs.iter().filter(|a| a.state.scope == "global").map(|a| a.state.net).collect())
        };
        let own = global(self)?;
        let theirs = global(other)?;
        let near = own.iter().find(|net| theirs.iter().any(|their| their.contains(&net.addr())));
        near.or(own.first()).map(IpNet::addr).ok_or_else(|| {
            Error::new(Kind::NotFound, "find an address of netns", format!("`{}`", self.name()), "none of its links has one")
        })
    }
}
