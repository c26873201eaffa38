//! `labsh doctor`: what this machine can do, as tried in a sandbox, and how to get what is missing.

use super::{Global, NO_WORLD, print};
use crate::error::Error;
use crate::lab::Lab;
use crate::lab::features::{self, Feature};
use crate::world::World;
use serde_json::json;
use std::path::Path;

pub(super) fn execute(global: &Global) -> Result<i32, i32> {
    // The host world is looked at before the sandbox is entered, in which everything looks different.
    let host = World::may_enter_host();
    show(global, &[row("world", "host", host), row("device", "/dev/net/tun", tun())]);
    let entered = World::apart(|| {
        let lab = match World::enter_sandbox().and_then(Lab::new) {
            Ok(lab) => lab,
            Err(error) => {
                show(global, &[row("world", "sandbox", Err(error))]);
                return NO_WORLD;
            }
        };
        let mut rows = vec![row("world", "sandbox", Ok(()))];
        rows.extend(features::probe(&lab));
        show(global, &rows);
        0
    });
    entered.map_err(|error| global.complain(error, NO_WORLD))
}

fn row(group: &'static str, name: &str, result: Result<(), Error>) -> Feature {
    Feature { group, name: name.to_string(), missing: result.err() }
}

fn tun() -> Result<(), Error> {
    match Path::new("/dev/net/tun").exists() {
        true => Ok(()),
        false => {
            Err(Error::new(crate::error::Kind::NotFound, "make tun and tap links", "", "there is no /dev/net/tun")
                .hint("sudo modprobe tun"))
        }
    }
}

fn show(global: &Global, rows: &[Feature]) {
    for feature in rows {
        if global.json {
            let why = feature.missing.as_ref().map(Error::to_string);
            let hint = feature.missing.as_ref().and_then(Error::fix);
            print(&format!("{}\n", json!({ "group": feature.group, "name": feature.name, "ok": why.is_none(), "why": why, "hint": hint })));
            continue;
        }
        let mark = if feature.missing.is_none() { "yes" } else { "no" };
        let why = feature.missing.as_ref().map(|error| {
            let reasons = error.reasons().last().map(|reason| format!("; {reason}")).unwrap_or_default();
            let hint = error.fix().map(|fix| format!(" (try: {fix})")).unwrap_or_default();
            format!("{}{reasons}{hint}", error.cause())
        });
        print(&(format!("{:<8} {:<16} {mark:<4} {}", feature.group, feature.name, why.unwrap_or_default()).trim_end().to_string() + "\n"));
    }
}
