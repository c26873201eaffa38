//! The kinds of links: what each reads behind `type KIND`, and what it prints with `-d`.

mod bond;
mod bridge;
mod row;
pub(super) mod six;
pub(super) mod small;
mod tunnel;
mod vxlan;

use super::super::output::Fields;
use super::super::stop::{Result, Stop};
use super::super::words::Words;
use super::super::{Run, usage};
use crate::kernel::attr::Writer;
use row::ReadWord;

type Show = fn(&mut Run<'_>, &[u8], &mut Fields);

/// A kind.
#[derive(Debug)]
pub(in crate::iproute::program) struct Kind {
    /// Its word.
    pub name: &'static str,
    /// Reads one word and its value.
    pub read: ReadWord,
    show: Show,
    /// Whether it has data of its own.
    data: bool,
}

fn reads_nothing(_: &mut Run<'_>, _: &str, _: &mut Words<'_>, _: &mut Writer) -> Result<bool> {
    Ok(false)
}

fn shows_nothing(_: &mut Run<'_>, _: &[u8], _: &mut Fields) {}

const fn plain(name: &'static str) -> Kind {
    Kind { name, read: reads_nothing, show: shows_nothing, data: false }
}

/// Kinds, and `KIND_slave` for what a member of one has.
const KINDS: &[Kind] = &[
    plain("dummy"),
    plain("ifb"),
    plain("nlmon"),
    plain("wireguard"),
    plain("veth"),
    plain("team"),
    plain("vcan"),
    Kind { name: "bridge", read: bridge::read, show: bridge::show, data: true },
    Kind { name: "bridge_slave", read: bridge::read_port, show: bridge::show_port, data: true },
    Kind { name: "bond", read: bond::read, show: bond::show, data: true },
    Kind { name: "bond_slave", read: bond::read_port, show: bond::show_port, data: true },
    Kind { name: "vlan", read: small::read_vlan, show: small::show_vlan, data: true },
    Kind { name: "macvlan", read: small::read_macvlan, show: small::show_macvlan, data: true },
    Kind { name: "macvtap", read: small::read_macvlan, show: small::show_macvlan, data: true },
    Kind { name: "ipvlan", read: small::read_ipvlan, show: small::show_ipvlan, data: true },
    Kind { name: "ipvtap", read: small::read_ipvlan, show: small::show_ipvlan, data: true },
    Kind { name: "vrf", read: small::read_vrf, show: small::show_vrf, data: true },
    Kind { name: "vrf_slave", read: reads_nothing, show: small::show_vrf, data: true },
    Kind { name: "tun", read: reads_nothing, show: small::show_tun, data: true },
    Kind { name: "netkit", read: small::read_netkit, show: small::show_netkit, data: true },
    Kind { name: "vxlan", read: vxlan::read, show: vxlan::show, data: true },
    Kind { name: "geneve", read: vxlan::read_geneve, show: vxlan::show_geneve, data: true },
    Kind { name: "gre", read: tunnel::read_gre, show: tunnel::show_gre, data: true },
    Kind { name: "gretap", read: tunnel::read_gre, show: tunnel::show_gre, data: true },
    Kind { name: "ip6gre", read: six::read_gre, show: six::show_gre, data: true },
    Kind { name: "ip6gretap", read: six::read_gre, show: six::show_gre, data: true },
    Kind { name: "ipip", read: tunnel::read_ipip, show: tunnel::show_ipip, data: true },
    Kind { name: "sit", read: tunnel::read_ipip, show: tunnel::show_sit, data: true },
    Kind { name: "ip6tnl", read: six::read_ip6tnl, show: six::show_ip6tnl, data: true },
    Kind { name: "vti6", read: tunnel::read_vti6, show: tunnel::show_vti, data: true },
    Kind { name: "xfrm", read: six::read_xfrm, show: six::show_xfrm, data: true },
    Kind { name: "vti", read: tunnel::read_vti, show: tunnel::show_vti, data: true },
];

/// Returns a kind.
pub(super) fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// Reads all that is left as options of a kind.
pub(super) fn read(run: &mut Run<'_>, kind: &Kind, words: &mut Words<'_>, writer: &mut Writer) -> Result {
    while let Some(word) = words.take() {
        if word == "help" || !(kind.read)(run, word, words, writer)? {
            let said = if word == "help" { usage::kind(kind.name) } else { None };
            return Err(Stop::wrong(said.unwrap_or_else(|| unknown(kind.name, word))));
        }
    }
    Ok(())
}

/// Returns the names of the kinds.
pub(super) fn names() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.name).collect()
}

fn unknown(kind: &str, word: &str) -> String {
    format!("{kind}: unknown command \"{word}\"?")
}

/// Prints the data of a kind.
pub(super) fn show(run: &mut Run<'_>, name: &str, attributes: &[u8], fields: &mut Fields) -> bool {
    let Some(kind) = find(name) else { return false };
    (kind.show)(run, attributes, fields);
    true
}

/// Whether a kind has data of its own, which JSON tells even if it is empty.
pub(super) fn has_data(name: &str) -> bool {
    find(name).is_some_and(|kind| kind.data)
}
