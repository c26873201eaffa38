//! What a namespace is for: its settings by that.

use crate::error::Result;
use crate::lab::{Lab, Netns};

/// What a namespace is for. It is a plain namespace all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing but a loopback that is up.
    Plain,
    /// A host: IPv6 addresses are used at once, without asking for duplicates.
    Host,
    /// A router: as a host, and it forwards both families; packets may come back another way than they went.
    Router,
}

impl Role {
    /// Returns the parameters that are set, each with its value. One that is missing (a kernel without IPv6) is passed over.
    pub fn settings(self) -> &'static [(&'static str, &'static str)] {
        const SETTINGS: &[(&str, &str)] = &[
            ("net.ipv6.conf.default.accept_dad", "0"),
            ("net.ipv6.conf.all.accept_dad", "0"),
            ("net.ipv4.ip_forward", "1"),
            ("net.ipv6.conf.all.forwarding", "1"),
            ("net.ipv4.conf.all.rp_filter", "0"),
            ("net.ipv4.conf.default.rp_filter", "0"),
        ];
        match self {
            Role::Plain => &[],
            Role::Host => &SETTINGS[..2],
            Role::Router => SETTINGS,
        }
    }
}

impl Lab {
    /// Makes a namespace for something: `lo` is up.
    ///
    /// # Errors
    ///
    /// `exists`, `bad-name`, `not-permitted`. Nothing of it is left.
    pub fn add_node(&self, name: &str, role: Role) -> Result<Netns> {
        let netns = self.add_netns_with(name, role.settings())?;
        let up = netns.link("lo").and_then(|lo| lo.up());
        up.map(|()| netns.clone()).inspect_err(|_| {
            let _ = netns.del();
        })
    }
}
