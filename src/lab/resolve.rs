//! Names of hosts, as a program of the namespace would resolve them: its /etc/hosts, its resolv.conf.

use super::{Netns, wait};
use crate::error::{Error, Kind, Result};
use crate::kernel::enter;
use std::net::{IpAddr, ToSocketAddrs};
use std::time::Duration;
use tokio::sync::oneshot;

impl Netns {
    /// Returns the address of a host: an address itself, `localhost`, the name of a namespace of the lab, or what the namespace's
    /// own resolver says.
    ///
    /// # Errors
    ///
    /// `not-found`, `timeout`.
    pub fn resolve(&self, host: &str, within: Duration) -> Result<IpAddr> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(ip) = bare.parse() {
            return Ok(ip);
        }
        if bare == "localhost" {
            return Ok(IpAddr::from([127, 0, 0, 1]));
        }
        if let Ok(other) = self.lab().get_netns(bare) {
            return other.address_for(self);
        }
        let doing =
            || Error::new(Kind::NotFound, "resolve", format!("`{host}`"), "no address is known for this name").in_netns(self.name());
        let (netns, mounts) = (self.kernel()?, self.mounts()?);
        let (answer, answered) = oneshot::channel();
        let name = bare.to_string();
        // The C library's resolver cannot be stopped, so it gets a thread that is left to itself when the deadline has passed.
        let ask = move || {
            let found = (name.as_str(), 0).to_socket_addrs().ok().and_then(|mut found| found.next()).map(|found| found.ip());
            let _ = answer.send(found);
        };
        enter::thread_within(&netns, mounts, ask).map_err(|failure| failure.doing("resolve", format!("`{host}`")).in_netns(self.name()))?;
        match self.lab().run_within(within, answered)? {
            Some(Ok(Some(ip))) => Ok(ip),
            Some(_) => Err(doing()),
            None => {
                let cause = format!("the resolver did not answer within {}", wait::span(within));
                Err(Error::new(Kind::Timeout, "resolve", format!("`{host}`"), cause).in_netns(self.name()))
            }
        }
    }
}
