//! The words of the language, one file per object. Each converts, makes one call into the lab, and returns.

mod addr;
mod bridge;
mod claim;
mod class;
mod dns;
mod encap;
mod error;
mod events;
mod exec;
mod filter;
mod http;
mod ip;
mod link;
mod neigh;
mod netconf;
mod netns;
mod ping;
mod plan;
mod process;
mod qdisc;
mod route;
mod rule;
mod schedule;
mod story;
mod sysctl;
mod tcp;
mod veth;
mod vlan;
mod wireguard;

pub(crate) use story::args;

use super::registry::Registry;

/// Registers all words.
pub(crate) fn register(registry: &mut Registry) {
    netns::register(registry);
    link::register(registry);
    veth::register(registry);
    bridge::register(registry);
    addr::register(registry);
    route::register(registry);
    netconf::register(registry);
    rule::register(registry);
    qdisc::register(registry);
    class::register(registry);
    filter::register(registry);
    plan::register(registry);
    vlan::register(registry);
    wireguard::register(registry);
    neigh::register(registry);
    sysctl::register(registry);
    events::register(registry);
    exec::register(registry);
    process::register(registry);
    ping::register(registry);
    tcp::register(registry);
    http::register(registry);
    dns::register(registry);
    ip::register(registry);
    claim::register(registry);
    story::register(registry);
    schedule::register(registry);
    error::register(registry);
}

/// Prints a list that was asked for: one below the other, or why there is none.
pub(crate) fn lines<T>(found: crate::error::Result<Vec<T>>, text: impl Fn(&T) -> String) -> String {
    match found {
        Ok(found) => found.iter().map(text).collect::<Vec<_>>().join("\n"),
        Err(error) => error.to_string(),
    }
}

/// Defines the type behind `ns.OBJECT`: the verbs of an object in one namespace.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident = $word:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub(crate) struct $name(pub(crate) $crate::lab::Netns);
        impl $crate::script::registry::ScriptType for $name {
            const WORD: &'static str = stringify!($name);
        }
        impl $crate::script::registry::AtRoot for $name {
            fn at_root(session: &$crate::script::Session) -> $name {
                $name(session.lab().root())
            }
        }
        $crate::script::registry::returned!($name);
    };
}
pub(crate) use object;
