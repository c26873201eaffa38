//! `labsh logs NAME [PROCESS]`: what the background processes of a named lab have written.

use super::{Global, print};
use crate::error::{Error, Kind};
use crate::lab::process::LOGS;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Logs {
    /// The name of the lab.
    name: String,
    /// A process: its id inside the lab, or a part of its command line.
    process: Option<String>,
}

impl Logs {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let lab = global.find(&self.name)?;
        let folder = lab.path(LOGS);
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| {
                self.process.as_ref().is_none_or(|wanted| name.split(' ').next() == Some(wanted) || name.contains(wanted.as_str()))
            })
            .collect();
        files.sort();
        if files.is_empty() {
            let error = match &self.process {
                Some(process) => {
                    Error::new(Kind::NotFound, "find the log of", format!("`{process}`"), "no background process of this lab is called so")
                }
                None => Error::new(
                    Kind::NotFound,
                    "find logs of lab",
                    format!("`{}`", lab.name),
                    "no script has started a process in the background",
                ),
            };
            return Err(global.complain(error, 1));
        }
        let several = files.len() > 1;
        for file in files {
            if several {
                print(&format!("==> {file} <==\n"));
            }
            print(&String::from_utf8_lossy(&std::fs::read(folder.join(&file)).unwrap_or_default()));
        }
        Ok(0)
    }
}
