//! Kernel parameters of a namespace (`sysctl`).

use super::Netns;
use super::ledger::Made;
use crate::error::{Error, Result};
use crate::kernel::record::{Class, Record};
use crate::kernel::sysctl;
use crate::near;

impl Netns {
    /// Reads a parameter.
    ///
    /// # Errors
    ///
    /// `not-found`, with the nearest name.
    pub fn sysctl(&self, key: &str) -> Result<String> {
        let netns = self.kernel()?;
        sysctl::get(&netns, key).map_err(|failure| self.explain_sysctl(failure.doing("read sysctl", format!("`{key}`")), key))
    }

    /// Writes a parameter.
    ///
    /// # Errors
    ///
    /// `not-found`, `bad-argument` for a value that the kernel refuses, `not-permitted` for what belongs to the whole machine.
    pub fn set_sysctl(&self, key: &str, value: &str) -> Result<()> {
        let netns = self.kernel()?;
        let ledger = self.lab().ledger();
        self.lab().remember_parameter(self, key, || sysctl::get(&netns, key).ok());
        // IPv6 that is switched off loses its addresses, and what forwards the routes that a router told.
        let reaches = |record: &Record| {
            record.bytes.first() == Some(&10) && ["disable_ipv6", "forwarding", "addr_gen_mode"].iter().any(|leaf| key.ends_with(leaf))
        };
        self.carefully(&[Class::Addr, Class::Route, Class::Neigh], reaches, || {
            if ledger.watches(self)
                && let Ok(old) = sysctl::get(&netns, key)
            {
                let along = sysctl::along(&netns, key);
                if !along.is_empty() {
                    ledger.note(self, || Made::Values(self.id(), along))?;
                }
                ledger.note(self, || Made::Sysctl(self.id(), key.to_string(), old))?;
            }
            let subject = format!("`{key} = {value}`");
            sysctl::set(&netns, key, value).map_err(|failure| self.explain_sysctl(failure.doing("set sysctl", subject), key))
        })
    }

    fn explain_sysctl(&self, error: Error, key: &str) -> Error {
        let error = error.in_netns(self.name());
        match error.errno() {
            Some("ENOENT") => {
                let names = self.kernel().map(|netns| sysctl::siblings(&netns, key)).unwrap_or_default();
                error.because("there is no such parameter").maybe_hint(near::did_you_mean(key, names.iter().map(String::as_str)))
            }
            Some("EACCES" | "EPERM" | "EROFS") => error.because("it belongs to the whole machine, or may only be read"),
            Some("EINVAL") => error.because("the kernel does not take this value"),
            Some("EISDIR") => error.because("this is a group of parameters"),
            _ => error,
        }
    }
}
