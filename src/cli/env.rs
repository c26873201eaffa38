//! `labsh env NAME`: what Wireshark, Docker or a debugger need to enter a named lab by their own options.

use super::{Global, print};
use clap::Args;
use serde_json::{Map, json};

#[derive(Debug, Args)]
pub(super) struct Env {
    /// The name of the lab.
    name: String,
}

impl Env {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let lab = global.find(&self.name)?;
        let root = ("root".to_string(), lab.namespace("net"));
        let named = lab.netns_names().into_iter().map(|name| {
            let path = lab.path(&format!("/run/netns/{name}"));
            (name, path)
        });
        let files: Vec<_> = std::iter::once(root).chain(named).collect();
        if global.json {
            let netns: Map<_, _> = files.iter().map(|(name, path)| (name.clone(), json!(path))).collect();
            print(&format!("{}\n", json!({ "name": lab.name, "pid": lab.pid, "netns": netns })));
            return Ok(0);
        }
        print(&format!("LABSH_LAB={}\nLABSH_PID={}\n", lab.name, lab.pid));
        for (name, path) in files {
            let variable: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            print(&format!("LABSH_NETNS_{variable}={}\n", path.display()));
        }
        Ok(0)
    }
}
