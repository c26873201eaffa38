//! The forwarding database of a bridge (`bridge fdb`).

use super::Link;
use super::ledger::Made;
use crate::error::{Error, Kind, Result};
use crate::kernel::fdb::{self, Options};
use crate::kernel::link::Mac;
use crate::kernel::record::{Class, Record};
use crate::kernel::vlan::{self, Group, Range, Vlan};

/// An entry as it was found, with the names of its port and bridge.
#[derive(Debug, Clone)]
pub struct Fdb {
    /// What the kernel says.
    pub state: fdb::Fdb,
    /// The name of the port behind which the address is.
    pub dev: String,
    /// The name of the bridge.
    pub master: String,
}

impl Link {
    /// Lists the forwarding database of a bridge, of one of its ports, or of a VXLAN link.
    ///
    /// # Errors
    ///
    /// `bad-argument` when it is none of these.
    pub fn fdb(&self) -> Result<Vec<Fdb>> {
        let state = self.state()?;
        let (netns, index) = (self.netns(), self.index());
        if state.kind.as_deref() == Some("vxlan") {
            let found = netns.ask("list the FDB of", || format!("`{}`", self.name()), async |socket| fdb::list_own(socket, index).await)?;
            return Ok(found.into_iter().map(|entry| Fdb { dev: state.name.clone(), master: String::new(), state: entry }).collect());
        }
        // Of a port, the part of its bridge's that lies behind it.
        if state.port.is_some()
            && let Some(bridge) = self.current_master()?
        {
            return Ok(bridge.fdb()?.into_iter().filter(|entry| entry.state.index == index).collect());
        }
        if state.kind.as_deref() != Some("bridge") {
            let cause = "it is neither a bridge nor a port of one";
            return Err(Error::new(Kind::BadArgument, "list the FDB of", format!("`{}`", state.name), cause).in_netns(self.netns().name()));
        }
        let found = netns.ask("list the FDB of", || format!("`{}`", self.name()), async |socket| fdb::list(socket, index).await)?;
        let links = netns.link_states()?;
        let name = |index| links.iter().find(|link| link.index == index).map(|link| link.name.clone()).unwrap_or_default();
        Ok(found.into_iter().map(|entry| Fdb { dev: name(entry.index), master: state.name.clone(), state: entry }).collect())
    }

    /// Adds an entry for a port of a bridge, or to the link's own table.
    pub fn add_fdb(&self, mac: Mac, options: &Options) -> Result<()> {
        self.change_fdb("add FDB entry to", mac, options, true)
    }

    /// Deletes an entry of a port of a bridge, or of the link's own table.
    pub fn del_fdb(&self, mac: Mac, options: &Options) -> Result<()> {
        self.change_fdb("delete FDB entry from", mac, options, false)
    }

    /// Lists the multicast groups that a bridge knows, each with the name of its port.
    pub fn groups(&self) -> Result<Vec<(Group, String)>> {
        let (netns, index) = (self.netns(), self.index());
        let found = netns.ask("list the MDB of", || format!("`{}`", self.name()), async |socket| vlan::groups(socket, index).await)?;
        let links = netns.link_states()?;
        let name = |index| links.iter().find(|link| link.index == index).map(|link| link.name.clone()).unwrap_or_default();
        Ok(found.into_iter().map(|group| (group, name(group.index))).collect())
    }

    /// Lists the VLANs of a port, or of a bridge itself.
    pub fn vlans(&self) -> Result<Vec<Vlan>> {
        let index = self.index();
        let mut found = self.netns().ask("list VLANs of", || format!("`{}`", self.name()), async |socket| vlan::list(socket).await)?;
        found.retain(|vlan| vlan.index == index);
        Ok(found)
    }

    /// Adds VLANs to a port, or deletes them.
    ///
    /// # Errors
    ///
    /// `unsupported` when it is no port of a bridge, or the kernel has no VLAN filtering.
    pub fn change_vlans(&self, range: Range, add: bool) -> Result<()> {
        let index = self.index();
        let doing = if add { "add VLAN to" } else { "delete VLAN from" };
        let work = async |socket: &crate::kernel::Socket| match add {
            true => vlan::add(socket, index, range).await,
            false => vlan::del(socket, index, range).await,
        };
        self.netns().ask(doing, || format!("port `{}`", self.name()), work).map_err(|error| match error.errno() {
            Some("EOPNOTSUPP") if self.state().is_ok_and(|state| state.port.is_none() && state.bridge.is_none()) => {
                error.because(format!("`{}` is no port of a bridge", self.name()))
            }
            Some("EOPNOTSUPP") => {
                error.because("this kernel's bridges have no VLAN filtering").hint("one bridge for each LAN keeps hosts apart as well")
            }
            Some("ENOENT") => error.because("the port is not in this VLAN"),
            _ => error,
        })
    }

    fn change_fdb(&self, doing: &str, mac: Mac, options: &Options, add: bool) -> Result<()> {
        let port = self.index();
        let subject = || format!("port `{}`", self.name());
        let work = async |socket: &crate::kernel::Socket| match add {
            true => fdb::add(socket, port, mac, options).await,
            false => fdb::del(socket, port, mac, options).await,
        };
        let netns = self.netns();
        let ledger = netns.lab().ledger();
        let noted = add && !options.own;
        let entry = if noted { ledger.note_new(&netns, || Made::Fdb(netns.id(), port, mac))? } else { None };
        let change = || netns.ask(doing, subject, work);
        let of_port = |record: &Record| (!add || options.replace) && record.links().contains(&port);
        let changed = netns.carefully(&[Class::Fdb], of_port, change).inspect_err(|_| ledger.strike(entry));
        changed.map_err(|error| match error.errno() {
            Some("EOPNOTSUPP") if options.own => error.because(format!("`{}` has no table of its own", self.name())),
            Some("EINVAL") if options.vlan.is_some() && self.state().is_ok_and(|state| state.port.is_some()) => {
                error.because("the port is not in this VLAN, or the bridge does not filter")
            }
            Some("EOPNOTSUPP" | "EINVAL") if !options.own => error.because(format!("`{}` is no port of a bridge", self.name())),
            Some("ENOENT") => error.because("the bridge does not know this address behind this port"),
            _ => error,
        })
    }
}
