//! `labsh doctor`: what this machine can do, as tried in a sandbox, and how to get what is missing.

use super::{Global, NO_WORLD, print};
use crate::error::{Error, Kind};
use crate::lab::Lab;
use crate::lab::features::{self, Feature};
use crate::world::World;
use serde_json::json;
use std::path::Path;

/// The links that the article is made of.
const ARTICLE: [&str; 2] = ["veth", "bridge"];

pub(super) fn execute(global: &Global) -> Result<i32, i32> {
    // The host world is looked at before the sandbox is entered, in which everything looks different.
    let host = World::may_enter_host();
    if !global.json {
        print("GROUP    NAME             OK   HOW TO GET IT\n");
    }
    show(global, &[row("world", "host", host), row("device", "/dev/net/tun", tun())]);
    let entered = World::apart(|| {
        let lab = match World::enter_sandbox().and_then(Lab::new) {
            Ok(lab) => lab,
            Err(error) => {
                show(global, &[row("world", "sandbox", Err(error)), article(Some("there is no world to run it in"))]);
                return NO_WORLD;
            }
        };
        let mut rows = vec![row("world", "sandbox", Ok(())), row("world", "named", Ok(()))];
        rows.extend(features::probe(&lab));
        let lacks = rows.iter().find(|row| row.group == "link" && row.missing.is_some() && ARTICLE.contains(&row.name.as_str()));
        let lacks = lacks.map(|row| format!("this kernel has no {} links", row.name));
        rows.push(article(lacks.as_deref()));
        show(global, &rows);
        i32::from(lacks.is_some())
    });
    entered.map_err(|error| global.complain(error, NO_WORLD))
}

fn row(group: &'static str, name: &str, result: Result<(), Error>) -> Feature {
    Feature { group, name: name.to_string(), missing: result.err() }
}

/// Whether `labsh run article` can work here.
fn article(lacks: Option<&str>) -> Feature {
    row("script", "article", lacks.map_or(Ok(()), |why| Err(Error::new(Kind::Unsupported, "run", "`article`", why))))
}

fn tun() -> Result<(), Error> {
    match Path::new("/dev/net/tun").exists() {
        true => Ok(()),
        false => {
            let error = Error::new(Kind::NotFound, "make tun and tap links", "", "there is no /dev/net/tun");
            Err(error.hint("sudo modprobe tun; in a container: docker run --device /dev/net/tun"))
        }
    }
}

fn show(global: &Global, rows: &[Feature]) {
    for feature in rows {
        let why = feature.missing.as_ref().map(Error::to_string);
        let hint = feature.missing.as_ref().and_then(Error::fix);
        if global.json {
            print(&format!("{}\n", json!({ "group": feature.group, "name": feature.name, "ok": why.is_none(), "why": why, "hint": hint })));
            continue;
        }
        let mark = if feature.missing.is_none() { "yes" } else { "no" };
        let how = feature.missing.as_ref().map(|error| match (feature.group, hint) {
            // That the kernel does not know it is said by the "no".
            ("link" | "qdisc" | "nftables", Some(hint)) => hint.to_string(),
            _ => {
                let reasons = error.reasons().last().map(|reason| format!("; {reason}")).unwrap_or_default();
                let hint = hint.map(|fix| format!(" (try: {fix})")).unwrap_or_default();
                format!("{}{reasons}{hint}", error.cause())
            }
        });
        print(&(format!("{:<8} {:<16} {mark:<4} {}", feature.group, feature.name, how.unwrap_or_default()).trim_end().to_string() + "\n"));
    }
}
