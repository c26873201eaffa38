//! `labsh exec NAME[/NETNS] -- CMD…`: a program in a named lab, with the terminal, signals and exit status passed through.

use super::Global;
use crate::error::{Error, Kind};
use clap::Args;
use std::io::Write;

#[derive(Debug, Args)]
pub(super) struct Exec {
    /// The lab, and a namespace of it: NAME or NAME/NETNS.
    place: String,
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

impl Exec {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let (name, netns) = match self.place.split_once('/') {
            Some((name, netns)) => (name, Some(netns)),
            None => (self.place.as_str(), None),
        };
        let named = global.find(name)?;
        if global.trace {
            let net = match netns {
                Some(netns) => named.path(&format!("/run/netns/{netns}")),
                None => named.namespace("net"),
            };
            let line = format!(
                "nsenter --target {} --user --preserve-credentials --mount --uts --ipc --pid --net={} -- {}",
                named.pid,
                net.display(),
                self.command.join(" ")
            );
            let _ = writeln!(std::io::stderr(), "$ {line}");
        }
        let lab = global.enter(Some(&named))?;
        let run = || {
            let netns = netns.map_or_else(|| Ok(lab.root()), |netns| lab.get_netns(netns))?;
            netns.become_program(&self.command)
        };
        let error: Error = run().unwrap_or_else(|error| error);
        let status = if error.kind() == Kind::NotFound { 127 } else { 126 };
        Err(global.complain(error, status))
    }
}
