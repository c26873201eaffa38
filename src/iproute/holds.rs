//! Whether what a sentence makes is there already: the kernel is asked, not the one who typed.

use super::read::{Operation, Sentence};
use crate::error::Result;
use crate::lab::Netns;

/// Returns what is still missing of a sentence's effect in a namespace; nothing if all is there, or if it only asks.
///
/// # Errors
///
/// Those of asking the kernel for something else than what may be missing.
pub fn missing(sentence: &Sentence, here: &Netns) -> Result<Option<String>> {
    let netns = match &sentence.netns {
        Some(name) => match here.lab().get_netns(name) {
            Ok(netns) => netns,
            Err(_) => return Ok(Some(format!("there is no netns `{name}` yet"))),
        },
        None => here.clone(),
    };
    Ok(lacks(&sentence.operation, &netns))
}

fn lacks(operation: &Operation, netns: &Netns) -> Option<String> {
    let exists = |name: &str| netns.lab().get_netns(name).is_ok();
    let link = |netns: &Netns, name: &str| netns.link(name).map_err(|_| format!("netns `{}` has no link `{name}` yet", netns.name()));
    match operation {
        Operation::NetnsAdd(name) => (!exists(name)).then(|| format!("there is no netns `{name}` yet")),
        Operation::NetnsDel(name) => exists(name).then(|| format!("netns `{name}` is still there")),
        Operation::VethAdd { a, b } => {
            let there = |end: &super::read::End| match &end.netns {
                Some(name) => netns.lab().get_netns(name).is_ok_and(|netns| netns.link(&end.name).is_ok()),
                None => netns.link(&end.name).is_ok(),
            };
            [a, b].into_iter().find(|end| !there(end)).map(|end| format!("there is no link `{}` yet", end.name))
        }
        Operation::BridgeAdd { name, .. } => link(netns, name).err(),
        Operation::LinkDel(name) => netns.link(name).is_ok().then(|| format!("link `{name}` is still there")),
        Operation::LinkSet { dev, change, master, netns: to } => {
            let place = match to.as_deref() {
                Some("1") => netns.lab().root(),
                Some(name) => netns.lab().get_netns(name).ok()?,
                None => netns.clone(),
            };
            let name = change.name.as_ref().map_or(dev.as_str(), |name| name.as_str());
            let found = match link(&place, name) {
                Ok(found) => found,
                Err(lack) => return Some(lack),
            };
            let state = found.state().ok()?;
            if change.up.is_some_and(|up| up != state.is_up()) {
                let wanted = if state.is_up() { "still up" } else { "not up yet" };
                return Some(format!("`{name}` is {wanted}"));
            }
            if change.mtu.is_some_and(|mtu| mtu != state.mtu) {
                return Some(format!("the MTU of `{name}` is {}", state.mtu));
            }
            match master {
                Some(Some(bridge)) if found.current_master().ok()?.is_none_or(|own| own.name() != *bridge) => {
                    Some(format!("`{name}` is no port of `{bridge}` yet"))
                }
                _ => None,
            }
        }
        Operation::AddrAdd { dev, net, .. } => match link(netns, dev) {
            Ok(found) => {
                let has = found.addrs().ok()?.iter().any(|addr| addr.state.net == *net);
                (!has).then(|| format!("`{dev}` has no address {net} yet"))
            }
            Err(lack) => Some(lack),
        },
        Operation::RouteAdd { words, .. } => {
            let wanted = &words.route;
            let there =
                netns.routes().ok()?.iter().any(|route| route.dst == wanted.dst && route.table == wanted.table && route.via == wanted.via);
            (!there).then(|| {
                format!(
                    "netns `{}` has no route to {} yet",
                    netns.name(),
                    if wanted.is_default() { "everywhere".to_string() } else { wanted.dst.to_string() }
                )
            })
        }
        _ => None,
    }
}
