//! `labsh clean`: what runs of the host world left that died before they could take it away.

use super::{Global, NO_WORLD, print};
use crate::lab::Lab;
use crate::world::World;
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub(super) struct Clean {
    /// Only tell what would be removed.
    #[arg(long)]
    dry_run: bool,
}

impl Clean {
    pub(super) fn execute(self, global: &Global) -> Result<i32, i32> {
        let lab = World::enter_host().and_then(Lab::new).map_err(|error| global.complain(error, NO_WORLD))?;
        let cleaned = lab.clean(self.dry_run).map_err(|error| global.complain(error, 1))?;
        for object in &cleaned {
            if global.json {
                let kept = object.kept.as_deref();
                print(&format!(
                    "{}\n",
                    json!({ "what": object.what, "run": object.run, "removed": !self.dry_run && kept.is_none(), "kept": kept })
                ));
                continue;
            }
            let what = match &object.kept {
                Some(why) => format!("kept {}: {why}", object.what),
                None => object.what.clone(),
            };
            print(&format!("{what}, of `{}`\n", object.run));
        }
        if cleaned.is_empty() && !global.json && !global.quiet {
            print("nothing is left of dead runs\n");
        }
        lab.end().map_err(|error| global.complain(error, 1))?;
        Ok(i32::from(cleaned.iter().any(|object| object.kept.is_some())))
    }
}
