//! Objects as `ip` prints them.

use crate::kernel::link::{Link as State, mac_text};
use crate::lab::addr::Addr;
use crate::lab::fdb::Fdb;
use crate::lab::neigh::Neigh;
use crate::lab::{Link, Netns};

/// IFF_ flags in the order and with the words of `ip link` (linux/if.h).
pub(super) const FLAGS: [(u32, &str); 18] = [
    (0x8, "LOOPBACK"),
    (0x2, "BROADCAST"),
    (0x10, "POINTOPOINT"),
    (0x1000, "MULTICAST"),
    (0x80, "NOARP"),
    (0x200, "ALLMULTI"),
    (0x100, "PROMISC"),
    (0x400, "MASTER"),
    (0x800, "SLAVE"),
    (0x4, "DEBUG"),
    (0x8000, "DYNAMIC"),
    (0x4000, "AUTOMEDIA"),
    (0x2000, "PORTSEL"),
    (0x20, "NOTRAILERS"),
    (0x1, "UP"),
    (0x10000, "LOWER_UP"),
    (0x20000, "DORMANT"),
    (0x40000, "ECHO"),
];
const UP: u32 = 0x1;
const RUNNING: u32 = 0x40;

/// Returns the flags of a link as words; `NO-CARRIER` first where it is up without one.
pub fn flags(state: &State) -> Vec<String> {
    flag_words(state.flags.bits())
}

/// Returns flags as words.
pub(super) fn flag_words(bits: u32) -> Vec<String> {
    let no_carrier = (bits & UP != 0 && bits & RUNNING == 0).then_some("NO-CARRIER");
    no_carrier.into_iter().chain(FLAGS.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, word)| *word)).map(str::to_string).collect()
}

/// Prints a link as `ip link` does, in two lines.
pub fn link(link: &Link) -> String {
    match link.state() {
        Ok(state) => link_state(&link.netns(), &state),
        Err(error) => format!("{}: {}", link.name(), error.cause()),
    }
}

fn link_state(netns: &Netns, state: &State) -> String {
    let others = if state.master.is_some() || state.peer.is_some() { netns.link_states().unwrap_or_default() } else { Vec::new() };
    let by_index = |index: u32| others.iter().find(|other| other.index == index);
    let mut words = flags(state);
    let at = match (state.peer, state.peer_nsid) {
        (None, _) => String::new(),
        (Some(index), None) => {
            let peer = by_index(index);
            words.extend(peer.filter(|peer| !peer.is_up()).map(|_| "M-DOWN".to_string()));
            format!("@{}", peer.map_or_else(|| format!("if{index}"), |peer| peer.name.clone()))
        }
        (Some(index), Some(_)) => format!("@if{index}"),
    };
    let mut line = format!("{}: {}{at}: <{}> mtu {} qdisc {}", state.index, state.name, words.join(","), state.mtu, state.qdisc);
    if let Some(master) = state.master {
        line += &format!(" master {}", by_index(master).map_or_else(|| format!("if{master}"), |master| master.name.clone()));
    }
    line += &format!(" state {} mode DEFAULT group default", state.operstate);
    if state.txqlen > 0 {
        line += &format!(" qlen {}", state.txqlen);
    }
    let kind = if state.loopback { "loopback" } else { "ether" };
    line += &format!("\n    link/{kind} {} brd {}", mac_text(&state.mac), mac_text(&state.broadcast));
    if let Some(nsid) = state.peer_nsid {
        line += &match peer_netns(netns, nsid) {
            Some(peer) => format!(" link-netns {}", peer.name()),
            None => format!(" link-netnsid {nsid}"),
        };
    }
    if let Some(alias) = &state.alias {
        line += &format!("\n    alias {alias}");
    }
    for altname in &state.altnames {
        line += &format!("\n    altname {altname}");
    }
    line
}

/// `ip` knows a namespace by the names of /run/netns only; root has none there.
fn peer_netns(netns: &Netns, nsid: i32) -> Option<Netns> {
    let named = netns.lab().list_netns().ok()?;
    named.into_iter().find(|other| netns.nsid_of(other).is_ok_and(|id| id == Some(nsid)))
}

/// Prints a namespace as `ip netns` does: its name, and its id as root sees it, if it has one.
pub fn netns(netns: &Netns) -> String {
    match netns.lab().root().nsid_of(netns) {
        Ok(Some(id)) if !netns.is_root() => format!("{} (id: {id})", netns.name()),
        _ => netns.name().to_string(),
    }
}

/// Prints an address as `ip -o addr` does.
pub fn addr(addr: &Addr) -> String {
    let state = &addr.state;
    let family = if state.net.addr().is_ipv4() { "inet" } else { "inet6" };
    let mut line = format!("{}: {}    {family} ", state.index, addr.dev);
    line += &match state.peer {
        Some(peer) => format!("{} peer {peer}/{}", state.net.addr(), state.net.prefix_len()),
        None => state.net.to_string(),
    };
    if let Some(broadcast) = state.broadcast {
        line += &format!(" brd {broadcast}");
    }
    line += &format!(" scope {}", state.scope);
    for (on, word) in [(state.secondary, "secondary"), (state.tentative, "tentative"), (state.dadfailed, "dadfailed")] {
        line.extend(on.then(|| format!(" {word}")));
    }
    line.extend(state.label.as_ref().map(|label| format!(" {label}")));
    line
}

/// Prints a neighbour as `ip neigh` does.
pub fn neigh(neigh: &Neigh) -> String {
    let state = &neigh.state;
    let mut line = format!("{} dev {}", state.ip, neigh.dev);
    if !state.mac.is_empty() {
        line += &format!(" lladdr {}", mac_text(&state.mac));
    }
    line.extend(state.router.then_some(" router"));
    line.extend(state.proxy.then_some(" proxy"));
    format!("{line} {}", state.state)
}

/// Prints an entry of a forwarding database as `bridge fdb` does.
pub fn fdb(entry: &Fdb) -> String {
    let state = &entry.state;
    let mut line = format!("{} dev {}", mac_text(&state.mac), entry.dev);
    line.extend(state.vlan.map(|vlan| format!(" vlan {vlan}")));
    line.extend(state.dst.map(|dst| format!(" dst {dst}")));
    line.extend(state.vni.map(|vni| format!(" vni {vni}")));
    line += &if state.own { " self".to_string() } else { format!(" master {}", entry.master) };
    line.extend(state.permanent.then_some(" permanent"));
    line.extend(state.fixed.then_some(" static"));
    line
}
