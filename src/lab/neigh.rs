//! The neighbour table (`ip neighbour`).

use super::ledger::Made;
use super::{Link, Netns, wait};
use crate::error::{Error, Kind, Result};
use crate::kernel::events::Topic;
use crate::kernel::link::Mac;
use crate::kernel::neigh::{self, Nud};
use crate::kernel::record::Class;
use std::net::IpAddr;
use std::time::Duration;

/// An entry as it was found, with the name of its link.
#[derive(Debug, Clone)]
pub struct Neigh {
    /// What the kernel says.
    pub state: neigh::Neigh,
    /// The name of its link.
    pub dev: String,
}

impl Link {
    /// Adds an entry, or replaces the one that is there.
    ///
    /// # Errors
    ///
    /// `exists` unless it replaces.
    pub fn add_neigh(&self, ip: IpAddr, mac: Mac, nud: Nud, replace: bool) -> Result<()> {
        let index = self.index();
        let (doing, subject) =
            (if replace { "replace neighbour" } else { "add neighbour" }, || format!("`{ip}` on link `{}`", self.name()));
        let netns = self.netns();
        let (ledger, made) = (netns.lab().ledger(), || Made::Neigh(netns.id(), index, ip));
        let add = || {
            let entry = if replace { ledger.note(&netns, made)? } else { ledger.note_new(&netns, made)? };
            let added = netns.ask(doing, subject, async |socket| neigh::add(socket, index, ip, &mac, nud, replace).await);
            added.inspect_err(|_| ledger.strike(entry))
        };
        if replace { self.carefully_neigh(add) } else { add() }
    }

    /// Begins, or ends, to answer for an address on behalf of another link (`ip neigh add proxy`).
    ///
    /// # Errors
    ///
    /// `not-found` when it ends what never began.
    pub fn proxy_neigh(&self, ip: IpAddr, add: bool) -> Result<()> {
        let index = self.index();
        let doing = if add { "add proxy neighbour" } else { "delete proxy neighbour" };
        let subject = || format!("`{ip}` on link `{}`", self.name());
        self.carefully_neigh(|| self.netns().ask(doing, subject, async |socket| neigh::proxy(socket, index, ip, add).await))
    }

    /// Deletes an entry.
    ///
    /// # Errors
    ///
    /// `not-found`.
    pub fn del_neigh(&self, ip: IpAddr) -> Result<()> {
        let index = self.index();
        let subject = || format!("`{ip}` from link `{}`", self.name());
        let deleted =
            self.carefully_neigh(|| self.netns().ask("delete neighbour", subject, async |socket| neigh::del(socket, index, ip).await));
        deleted.map_err(|error| match error.errno() {
            Some("ENOENT") => error.because("the link has no such neighbour"),
            _ => error,
        })
    }

    fn carefully_neigh<T>(&self, deed: impl FnOnce() -> Result<T>) -> Result<T> {
        let index = self.index();
        self.netns().carefully(&[Class::Neigh], |record| record.links().contains(&index), deed)
    }
}

impl Netns {
    /// Waits until an address is found, or until its entry is in a state.
    ///
    /// # Errors
    ///
    /// `timeout`, with the state in which it was last.
    pub fn wait_neigh(&self, ip: IpAddr, link: Option<&Link>, state: Option<&str>, within: Duration) -> Result<Neigh> {
        const FOUND: [&str; 6] = ["REACHABLE", "STALE", "DELAY", "PROBE", "PERMANENT", "NOARP"];
        let mut seen = None;
        let came = wait::until_event(self, &[Topic::Neigh], within, || {
            seen = self.neighs(link)?.into_iter().find(|neigh| neigh.state.ip == ip);
            Ok(seen.as_ref().is_some_and(|neigh| match state {
                Some(wished) => neigh.state.state.eq_ignore_ascii_case(wished),
                None => FOUND.contains(&neigh.state.state.as_str()),
            }))
        })?;
        match (came, seen) {
            (true, Some(neigh)) => Ok(neigh),
            (_, seen) => {
                let wished = state.map_or_else(|| "known".to_string(), str::to_uppercase);
                let cause = format!("not so within {}", wait::span(within));
                let error = Error::new(Kind::Timeout, "wait for neighbour", format!("`{ip}` to be {wished}"), cause).in_netns(self.name());
                Err(match seen {
                    Some(neigh) => error.because(format!("it is {} on `{}`", neigh.state.state, neigh.dev)),
                    None => error.because("nobody has asked for it yet: a neighbour is looked for when a packet goes to it"),
                })
            }
        }
    }

    /// Lists the addresses that this namespace answers for on behalf of others, on all links or on one.
    pub fn proxy_neighs(&self, link: Option<&Link>) -> Result<Vec<Neigh>> {
        let mut found = self.ask("list proxy neighbours", String::new, async |socket| neigh::proxies(socket).await)?;
        found.retain(|entry| link.is_none_or(|link| link.index() == entry.index));
        let links = self.link_states()?;
        let name = |index| links.iter().find(|link| link.index == index).map(|link| link.name.clone()).unwrap_or_default();
        Ok(found.into_iter().map(|state| Neigh { dev: name(state.index), state }).collect())
    }

    /// Lists the entries of all links, or of one.
    pub fn neighs(&self, link: Option<&Link>) -> Result<Vec<Neigh>> {
        let index = link.map(Link::index);
        let found = self.ask("list neighbours", String::new, async |socket| neigh::list(socket, index).await)?;
        let links = self.link_states()?;
        let name = |index| links.iter().find(|link| link.index == index).map(|link| link.name.clone()).unwrap_or_default();
        Ok(found.into_iter().map(|state| Neigh { dev: name(state.index), state }).collect())
    }
}
