//! Veth pairs: both ends made, addressed and brought up in one deed, or nothing of it left.

use super::link::already_there;
use super::{Link, Netns};
use crate::error::{Error, Kind, Result};
use crate::kernel::addr::Options;
use crate::kernel::link::{self, Mac, Veth, VethEnd};
use crate::name::IfName;
use ipnet::IpNet;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// How long the carrier may take; it never does.
const CARRIER: Duration = Duration::from_secs(5);

/// From how many links on a list of all costs less than a question for each.
const MANY: usize = 4;

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
    /// An alternative name.
    pub altname: Option<String>,
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
        End { name, netns, mtu: None, mac: None, altname: None, master: None, addrs: Vec::new(), nodad: false, up: false }
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
    let mut made = make(&[(a, b)])?;
    Ok(made.pop().expect("one was asked for"))
}

/// Makes many pairs, as [`add`] makes one.
///
/// All are born and addressed before the first comes up: what a new IPv6 host tells its neighbours is flooded to every port of their
/// bridge that is up, which on a large bridge costs more than to make the pairs.
///
/// # Errors
///
/// Those of [`add`]. Nothing of any pair is left.
pub fn add_all(cables: &[(End, End)]) -> Result<Vec<Pair>> {
    make(&cables.iter().map(|(a, b)| (a, b)).collect::<Vec<_>>())
}

fn make(cables: &[(&End, &End)]) -> Result<Vec<Pair>> {
    let mut pairs = Vec::with_capacity(cables.len());
    let mut work = || {
        for (a, b) in cables {
            pairs.push(bear(a, b)?);
        }
        pairs.iter().zip(cables).try_for_each(|(pair, (a, b))| dress(pair, a, b))?;
        let with_ends = || pairs.iter().zip(cables);
        with_ends().filter(|(_, (_, b))| b.up).try_for_each(|(pair, _)| pair.b.up())?;
        let joined = with_ends().filter(|(_, (a, b))| a.up && b.up);
        wait_for_all(joined.map(|(pair, _)| &pair.a))
    };
    work().inspect_err(|_| {
        for pair in &pairs {
            let _ = pair.a.del();
        }
    })?;
    Ok(pairs)
}

/// Waits until links are up, and asks only for those that a list of all does not show as up.
///
/// The end that came up first drops what it is to send until the kernel's link watch has seen the carrier (1-20 ms, and more on a
/// busy machine): the answer to the first ARP request was lost. To ask for its state is enough since Linux 6.8.
fn wait_for_all<'a>(links: impl Iterator<Item = &'a Link>) -> Result<()> {
    let mut by_netns: HashMap<u64, Vec<&Link>> = HashMap::new();
    for link in links {
        by_netns.entry(link.netns().id()).or_default().push(link);
    }
    for links in by_netns.into_values() {
        let listed = if links.len() < MANY { Vec::new() } else { links[0].netns().link_states()? };
        let up: HashSet<u32> = listed.iter().filter(|state| state.is_ready()).map(|state| state.index).collect();
        links.iter().filter(|link| !up.contains(&link.index())).try_for_each(|link| link.wait_up(CARRIER))?;
    }
    Ok(())
}

/// Makes a pair with all that its ends can be born with.
fn bear(a: &End, b: &End) -> Result<Pair> {
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
    match made.map_err(failed)? {
        Some((near, far)) => {
            let handle = |end: &End, index| Link::new(end.netns.clone(), index, end.name.as_str().to_string());
            Ok(Pair { a: handle(a, near), b: handle(b, far) })
        }
        None => Ok(Pair { a: a.netns.link(a.name.as_str())?, b: b.netns.link(b.name.as_str())? }),
    }
}

fn end(end: &End) -> VethEnd {
    VethEnd { mtu: end.mtu, mac: end.mac, ..VethEnd::named(end.name.clone()) }
}

/// Gives the ends of a pair what they could not be born with, but for the far end's being up.
fn dress(pair: &Pair, a: &End, b: &End) -> Result<()> {
    if let Some(master) = &b.master {
        pair.b.master(master)?;
    }
    for (link, end) in [(&pair.a, a), (&pair.b, b)] {
        end.altname.iter().try_for_each(|name| link.altname(name, true))?;
        for net in &end.addrs {
            let options = Options { nodad: end.nodad && net.addr().is_ipv6(), ..Options::default() };
            link.add_addr(*net, &options)?;
        }
    }
    Ok(())
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
