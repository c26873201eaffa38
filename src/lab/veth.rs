//! Veth pairs: both ends made, addressed and brought up in one deed, or nothing of it left.

use super::link::already_there;
use super::{Link, Netns};
use crate::error::{Error, Kind, Result};
use crate::kernel::addr::Options;
use crate::kernel::link::{self, Mac, Veth, VethEnd};
use crate::name::IfName;
use ipnet::IpNet;
use std::time::Duration;

/// How long the carrier may take; it never does.
const CARRIER: Duration = Duration::from_secs(5);

/// One end of a pair that is to be made.
#[derive(Debug, Clone)]
pub struct End {
    /// Its name.
    pub name: IfName,
    /// The namespace in which it is born.
    pub netns: Netns,
    /// MTU in bytes.
    pub mtu: Option<u32>,
    /// Hardware address.
    pub mac: Option<Mac>,
    /// The bridge that it becomes a port of.
    pub master: Option<Link>,
    /// Addresses that it gets.
    pub addrs: Vec<IpNet>,
    /// Whether its IPv6 addresses are used without asking for duplicates.
    pub nodad: bool,
    /// Whether it is set up.
    pub up: bool,
}

impl End {
    /// Makes an end with nothing but a name and a place.
    pub fn new(name: IfName, netns: Netns) -> End {
        End { name, netns, mtu: None, mac: None, master: None, addrs: Vec::new(), nodad: false, up: false }
    }
}

/// A pair: the handles of both ends.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The first end.
    pub a: Link,
    /// The second end.
    pub b: Link,
}

/// Makes a pair (`ip link add A type veth peer name B`).
///
/// Each end is born in its namespace; none is moved, which would cost twenty times the rest.
///
/// # Errors
///
/// `exists` when a name is taken, `bad-argument` when a bridge is not in its port's namespace. Nothing of the pair is left.
pub fn add(a: &End, b: &End) -> Result<Pair> {
    let names = || format!("`{}`", a.name);
    for end in [a, b] {
        if let Some(master) = end.master.as_ref().filter(|master| master.netns() != end.netns) {
            let cause = format!("its bridge `{}` is in netns `{}`", master.name(), master.netns().name());
            return Err(Error::new(Kind::BadArgument, "add veth", format!("`{}`", end.name), cause).in_netns(end.netns.name()));
        }
    }
    let ((near_entry, near_index), (far_entry, far_index)) = (a.netns.note_link(a.name.as_str())?, b.netns.note_link(b.name.as_str())?);
    let near = VethEnd { index: near_index, master: a.master.as_ref().map(Link::index), up: a.up, ..end(a) };
    let far = VethEnd { index: far_index, netns: (a.netns != b.netns).then(|| b.netns.kernel()).transpose()?, ..end(b) };
    let veth = Veth { a: near, b: far };
    let made = a.netns.ask("add veth", names, async |socket| link::veth::add(socket, &veth).await);
    let failed = |error| {
        let error = a.netns.not_made(near_entry, whose_name(error, a, b), a.name.as_str());
        b.netns.not_made(far_entry, error, b.name.as_str())
    };
    let pair = match made.map_err(failed)? {
        Some((near, far)) => {
            let handle = |end: &End, index| Link::new(end.netns.clone(), index, end.name.as_str().to_string());
            Pair { a: handle(a, near), b: handle(b, far) }
        }
        None => Pair { a: a.netns.link(a.name.as_str())?, b: b.netns.link(b.name.as_str())? },
    };
    finish(&pair, a, b).inspect_err(|_| {
        let _ = pair.a.del();
    })?;
    Ok(pair)
}

fn end(end: &End) -> VethEnd {
    VethEnd { mtu: end.mtu, mac: end.mac, ..VethEnd::named(end.name.clone()) }
}

fn finish(pair: &Pair, a: &End, b: &End) -> Result<()> {
    if let Some(master) = &b.master {
        pair.b.master(master)?;
    }
    for (link, end) in [(&pair.a, a), (&pair.b, b)] {
        for net in &end.addrs {
            let options = Options { nodad: end.nodad && net.addr().is_ipv6(), ..Options::default() };
            link.add_addr(*net, &options)?;
        }
    }
    if !b.up {
        return Ok(());
    }
    pair.b.up()?;
    // The end that came up first drops what it is to send until the kernel's link watch has seen the carrier (1-20 ms, and more on a
    // busy machine): the answer to the first ARP request was lost. To ask for its state is enough since Linux 6.8.
    if a.up { pair.a.wait_up(CARRIER) } else { Ok(()) }
}

fn whose_name(error: Error, a: &End, b: &End) -> Error {
    if error.kind() != Kind::Exists {
        return error;
    }
    if a.name == b.name && a.netns == b.netns {
        return error.because("both ends would have the same name in the same namespace");
    }
    let taken = |end: &End| end.netns.links().is_ok_and(|links| links.iter().any(|link| link.name() == end.name.as_str()));
    match [a, b].into_iter().find(|end| taken(end)) {
        Some(end) => error.because(format!("netns `{}` already has a link named `{}`", end.netns.name(), end.name)),
        None => already_there(error, a.name.as_str()),
    }
}
