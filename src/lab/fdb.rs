//! The forwarding database of a bridge (`bridge fdb`).

use super::Link;
use super::ledger::Made;
use crate::error::{Error, Kind, Result};
use crate::kernel::fdb;
use crate::kernel::link::Mac;

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
    /// Lists the forwarding database of a bridge.
    ///
    /// # Errors
    ///
    /// `bad-argument` when it is no bridge.
    pub fn fdb(&self) -> Result<Vec<Fdb>> {
        let state = self.state()?;
        if state.kind.as_deref() != Some("bridge") {
            let cause = "it is no bridge";
            return Err(Error::new(Kind::BadArgument, "list the FDB of", format!("`{}`", state.name), cause).in_netns(self.netns().name()));
        }
        let (netns, index) = (self.netns(), self.index());
        let found = netns.ask("list the FDB of", || format!("`{}`", self.name()), async |socket| fdb::list(socket, index).await)?;
        let links = netns.link_states()?;
        let name = |index| links.iter().find(|link| link.index == index).map(|link| link.name.clone()).unwrap_or_default();
        Ok(found.into_iter().map(|entry| Fdb { dev: name(entry.index), master: state.name.clone(), state: entry }).collect())
    }

    /// Adds an entry for a port of a bridge.
    pub fn add_fdb(&self, mac: Mac) -> Result<()> {
        self.change_fdb("add FDB entry to", mac, true)
    }

    /// Deletes an entry of a port of a bridge.
    pub fn del_fdb(&self, mac: Mac) -> Result<()> {
        self.change_fdb("delete FDB entry from", mac, false)
    }

    fn change_fdb(&self, doing: &str, mac: Mac, add: bool) -> Result<()> {
        let port = self.index();
        let subject = || format!("port `{}`", self.name());
        let work = async |socket: &crate::kernel::Socket| match add {
            true => fdb::add(socket, port, mac).await,
            false => fdb::del(socket, port, mac).await,
        };
        let netns = self.netns();
        let ledger = netns.lab().ledger();
        let entry = if add { ledger.note_new(&netns, || Made::Fdb(netns.id(), port, mac))? } else { None };
        let changed = netns.ask(doing, subject, work).inspect_err(|_| ledger.strike(entry));
        changed.map_err(|error| match error.errno() {
            Some("EOPNOTSUPP" | "EINVAL") => error.because(format!("`{}` is no port of a bridge", self.name())),
            Some("ENOENT") => error.because("the bridge does not know this address behind this port"),
            _ => error,
        })
    }
}
