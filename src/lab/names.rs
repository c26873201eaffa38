//! Names inside a lab: the world's own /etc/hosts lists each namespace's addresses, so that `ping red` works in every program of it.

use super::Lab;
use crate::world::HOSTS;
use std::fmt::Write;

impl Lab {
    /// Turns the names on or off. They are on where the world has an /etc/hosts of its own.
    pub fn set_names(&self, on: bool) {
        self.0.names.set(on);
        self.names_changed();
    }

    /// Notes that a namespace or an address has come or gone.
    pub(crate) fn names_changed(&self) {
        self.0.names_stale.set(true);
    }

    /// Writes the names if something has changed since they were written; whoever looks next sees them.
    pub fn write_names(&self) {
        if !self.0.names_stale.replace(false) || !self.has_own_hosts() {
            return;
        }
        // A file that cannot be written leaves programs without names, which is no reason to stop one.
        let _ = std::fs::write(HOSTS, self.hosts());
    }

    /// The machine's own lines first: a name of a namespace never hides one of them.
    fn hosts(&self) -> String {
        let mut text = std::fs::read_to_string(format!("{HOSTS}.machine")).unwrap_or_default();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        if !self.0.names.get() {
            return text;
        }
        for netns in self.list_netns().unwrap_or_default().into_iter().chain([self.root()]) {
            for addr in netns.addrs().unwrap_or_default().iter().filter(|addr| addr.state.scope == "global") {
                let _ = writeln!(text, "{} {}", addr.state.net.addr(), netns.name());
            }
        }
        text
    }
}
