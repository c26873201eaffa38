//! A network that falls apart: groups of namespaces that hear nothing of one another, however they are connected.
//!
//! Each namespace drops what comes in from an address of another group, by a routing rule before the one of its own addresses (a
//! blackhole, ip-rule(8)). Nothing on the way is changed, no module is needed, and who sends learns nothing: the packets get lost.

use super::Netns;
use crate::error::{Error, Kind, Result};
use crate::kernel::rule::{Action, Rule};
use ipnet::IpNet;
use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

/// linux/rtnetlink.h, RT_TABLE_LOCAL: the own addresses.
const LOCAL: u32 = 255;

/// A partition. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Partition(Rc<RefCell<Vec<(Netns, Rule)>>>);

/// A change of the rules of a namespace.
pub type Step<'a> = dyn FnMut(&Netns, &'static str, &Rule) + 'a;

impl Partition {
    /// Cuts groups of namespaces off from one another. `step` is told each rule before it is made. Addresses that come later are not known.
    ///
    /// # Errors
    ///
    /// `bad-argument` for a namespace in two groups, or without an address; `unsupported` for one that labsh did not make. Nothing is cut then.
    pub fn cut(groups: &[Vec<Netns>], step: &mut Step) -> Result<Partition> {
        let all: Vec<&Netns> = groups.iter().flatten().collect();
        let wrong = |netns: &Netns, kind, cause: &str| Error::new(kind, "partition", format!("netns `{}`", netns.name()), cause);
        for (place, netns) in all.iter().enumerate() {
            if all[..place].contains(netns) {
                return Err(wrong(netns, Kind::BadArgument, "it stands in the list twice"));
            }
            if netns.lab().ledger().watches(netns) {
                return Err(wrong(netns, Kind::Unsupported, "labsh did not make it, and leaves its rules alone"));
            }
        }
        let addrs = groups.iter().map(|group| group.iter().map(addresses).collect::<Result<Vec<_>>>().map(|found| found.concat()));
        let addrs = addrs.collect::<Result<Vec<Vec<IpAddr>>>>()?;
        let partition = Partition::default();
        for (own, group) in groups.iter().enumerate() {
            let others: Vec<IpAddr> =
                addrs.iter().enumerate().filter(|(other, _)| *other != own).flat_map(|(_, ips)| ips.clone()).collect();
            for netns in group {
                partition.deafen(netns, &others, step).inspect_err(|_| {
                    let _ = partition.heal(&mut |_, _, _| {});
                })?;
            }
        }
        Ok(partition)
    }

    /// Makes a namespace deaf to some addresses.
    fn deafen(&self, netns: &Netns, others: &[IpAddr], step: &mut Step) -> Result<()> {
        for v6 in [false, true] {
            let others: Vec<&IpAddr> = others.iter().filter(|ip| ip.is_ipv6() == v6).collect();
            if others.is_empty() {
                continue;
            }
            let mut change = |verb, rule: &Rule| {
                step(netns, verb, rule);
                if verb == "add" { netns.add_rule(rule) } else { netns.del_rule(rule) }
            };
            // The rule of the own addresses has the priority 0, and of two rules with one priority the older is asked first: so it is made
            // anew behind ours, while a copy of it stands in.
            let own = |priority| Rule { table: LOCAL, priority: Some(priority), ..Rule::new(v6) };
            change("add", &own(1))?;
            change("del", &own(0))?;
            let made = others.iter().try_for_each(|ip| {
                let rule = Rule { from: Some(IpNet::from(**ip)), action: Action::Blackhole, table: 0, priority: Some(0), ..Rule::new(v6) };
                change("add", &rule)?;
                self.0.borrow_mut().push((netns.clone(), rule));
                Ok(())
            });
            change("add", &own(0))?;
            change("del", &own(1))?;
            made?;
        }
        Ok(())
    }

    /// Joins what was cut off. A second time is no error.
    ///
    /// # Errors
    ///
    /// What a namespace refuses; the others are joined all the same. One that is gone is no failure.
    pub fn heal(&self, step: &mut Step) -> Result<()> {
        let mut failed = Ok(());
        for (netns, rule) in self.0.take() {
            if netns.open().is_err() {
                continue;
            }
            step(&netns, "del", &rule);
            if let Err(error) = netns.del_rule(&rule) {
                failed = Err(error);
            }
        }
        failed
    }

    /// Returns whether it is healed.
    pub fn is_healed(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

/// The addresses by which a namespace is heard.
fn addresses(netns: &Netns) -> Result<Vec<IpAddr>> {
    let addrs = netns.addrs()?;
    let ips: Vec<IpAddr> = addrs.iter().filter(|addr| addr.state.scope != "host").map(|addr| addr.state.net.addr()).collect();
    if ips.is_empty() {
        let cause = "it has no address but those of `lo`";
        return Err(Error::new(Kind::BadArgument, "partition", format!("netns `{}`", netns.name()), cause));
    }
    Ok(ips)
}
