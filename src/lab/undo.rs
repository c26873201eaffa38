//! Taking away again what a run of the host world made, and putting back what it changed: only where the identity still matches.

use super::ledger::{Made, entries};
use super::{Lab, Netns};
use crate::error::{Kind, Result};
use crate::kernel::record::{self, Given, Record};
use crate::kernel::{self, Failure, addr, fdb, link, neigh, netns, route, sysctl};
use crate::name::IfName;
use crate::world::journal::{self, Run};
use std::time::{Duration, Instant};

/// What became of an entry.
#[derive(Debug, Clone)]
pub(crate) enum Undone {
    /// It was removed, or put back: what was done.
    Done(String),
    /// It was gone already.
    Gone,
    /// It is still there, and why.
    Kept(String),
    /// Some of it is not yet put back: what, and why, and the rest.
    Partly(String, Box<Made>),
    /// Something else has its name: what, and that it stays.
    Other(String),
}

impl Undone {
    fn is_over(&self) -> bool {
        matches!(self, Undone::Done(_) | Undone::Gone)
    }
}

/// What `clean` did, or would do, with one object of a dead run.
#[derive(Debug, Clone)]
pub struct Cleaned {
    /// The command line of the run.
    pub run: String,
    /// What was done, or would be, to which object; the object alone where it was kept.
    pub what: String,
    /// Why it is still there, if it is.
    pub kept: Option<String>,
    /// Whether it is the run's own, which a later `clean` may be able to remove, rather than somebody else's of the same name.
    pub ours: bool,
}

impl Lab {
    /// Removes what dead runs of the host world left; with `dry_run` only tells.
    ///
    /// # Errors
    ///
    /// The refusal of the journal's folder.
    pub fn clean(&self, dry_run: bool) -> Result<Vec<Cleaned>> {
        let mut done = Vec::new();
        for (_, run) in journal::runs()?.into_iter().filter(|(dead, _)| *dead) {
            let told = self.clean_run(&run, dry_run);
            if !dry_run && told.iter().all(|cleaned| cleaned.kept.is_none() || !cleaned.ours) {
                run.forget();
            }
            done.extend(told);
        }
        Ok(done)
    }

    fn clean_run(&self, run: &Run, dry_run: bool) -> Vec<Cleaned> {
        let mut told = Vec::new();
        if run.before_boot {
            return told;
        }
        let mut tell = |what: String, kept| told.push(Cleaned { run: run.command.clone(), what, kept, ours: true });
        let (verb, processes) = match dry_run {
            true => ("would kill", kernel::process::of_run(&run.run)),
            false => ("killed", kernel::process::end_run(&run.run)),
        };
        for (pid, command) in processes {
            tell(format!("{verb} process {pid} `{command}`"), None);
        }
        let entries = entries(&run.lines);
        let (others, entries): (Vec<&Made>, Vec<&Made>) = entries.iter().rev().partition(|made| other(made).is_some());
        for what in others.into_iter().filter_map(other) {
            told.push(Cleaned { run: run.command.clone(), what, kept: Some(OTHER.to_string()), ours: false });
        }
        let undone = if dry_run { Vec::new() } else { all(self, &entries, |_| {}) };
        let mut undone = undone.into_iter();
        for made in entries {
            let mut tell = |what: String, kept| told.push(Cleaned { run: run.command.clone(), what, kept, ours: true });
            if dry_run {
                if let Some(what) = present(self, made) {
                    tell(format!("would {}", if is_value(made) { format!("put back {what}") } else { format!("remove {what}") }), None);
                }
                continue;
            }
            match undone.next().unwrap_or(Undone::Gone) {
                Undone::Done(what) => tell(what, None),
                Undone::Gone | Undone::Other(_) => {}
                Undone::Kept(what) | Undone::Partly(what, _) => {
                    let (object, why) = what.split_once(": ").unwrap_or((&what, ""));
                    tell(object.to_string(), Some(why.to_string()));
                }
            }
        }
        told
    }

    /// Finds a namespace by its inode among root and the named ones.
    fn netns_of(&self, inode: u64) -> Option<Netns> {
        let root = self.root();
        if root.id() == inode {
            return Some(root);
        }
        self.list_netns().ok()?.into_iter().find(|netns| netns.id() == inode)
    }
}

/// How long a process that was killed may take to be gone.
const ENDING: Duration = Duration::from_secs(1);

const OTHER: &str = "another namespace has that name now";

/// Says which object has only the name of an entry's.
fn other(made: &Made) -> Option<String> {
    match made {
        Made::Netns(name, inode) if netns::name_inode(name).is_some_and(|now| now != *inode) => Some(format!("netns `{name}`")),
        _ => None,
    }
}

/// Whether it is a value that is put back, rather than an object that is removed.
fn is_value(made: &Made) -> bool {
    matches!(made, Made::Sysctl(..) | Made::Values(..) | Made::Was(..) | Made::Moved(..))
}

fn done_to(made: &Made, what: &str) -> String {
    if is_value(made) { format!("put back {what}") } else { format!("removed {what}") }
}

/// Says what an entry is, if it is still there with the same identity.
fn present(lab: &Lab, made: &Made) -> Option<String> {
    is_there(lab, made).then(|| describe(lab, made))
}

/// Whether the object of an entry is there, or its value is another than the noted one.
pub(crate) fn is_there(lab: &Lab, made: &Made) -> bool {
    let netns = |inode: &u64| lab.netns_of(*inode);
    match made {
        Made::Netns(name, inode) => netns::name_inode(name) == Some(*inode),
        Made::Link(inode, index, _) => has_link(lab, *inode, *index),
        Made::Was(inode, before) => netns(inode).is_some_and(|netns| !lost(&netns, before).is_empty()),
        Made::Moved(_, to, index, _) => has_link(lab, *to, *index),
        Made::Addr(inode, index, net) => netns(inode).is_some_and(|netns| {
            let addrs = netns.ask("", String::new, async |socket| addr::list(socket, Some(*index)).await);
            addrs.is_ok_and(|addrs| addrs.iter().any(|addr| addr.net == *net))
        }),
        // They follow another parameter, which is told.
        Made::Values(..) => false,
        Made::Sysctl(inode, key, old) => netns(inode).is_some_and(|netns| netns.sysctl(key).is_ok_and(|now| now != *old)),
        Made::Route(inode, route) => netns(inode).is_some_and(|netns| {
            let metric = |route: &route::Route| route.metric.unwrap_or(0);
            let same = |other: &route::Route| {
                (other.dst, other.table, other.via, metric(other)) == (route.dst, route.table, route.via, metric(route))
                    && (route.dev.is_none() || other.dev == route.dev)
            };
            netns.routes().is_ok_and(|routes| routes.iter().any(same))
        }),
        Made::Neigh(inode, index, ip) => netns(inode)
            .is_some_and(|netns| netns.neighs(None).is_ok_and(|found| found.iter().any(|n| n.state.ip == *ip && n.state.index == *index))),
        Made::Fdb(inode, port, mac) => netns(inode).is_some_and(|netns| {
            let links = netns.link_states().unwrap_or_default();
            let bridge = links.iter().find(|link| link.index == *port).and_then(|link| link.master).unwrap_or(0);
            let found = netns.ask("", String::new, async |socket| fdb::list(socket, bridge).await);
            found.is_ok_and(|found| found.iter().any(|entry| entry.index == *port && entry.mac == *mac))
        }),
        // Whether it is still there, only the attempt to delete it shows.
        Made::Other(inode, ..) => netns(inode).is_some(),
    }
}

fn describe(lab: &Lab, made: &Made) -> String {
    let place = |inode: &u64| lab.netns_of(*inode).map_or_else(String::new, |netns| format!(" in netns `{}`", netns.name()));
    match made {
        Made::Netns(name, _) => format!("netns `{name}`"),
        Made::Link(inode, _, name) => format!("link `{name}`{}", place(inode)),
        Made::Was(inode, before) => {
            let lost = lab.netns_of(*inode).map(|netns| lost(&netns, before)).unwrap_or_default();
            format!("{}{}", texts(&lost), place(inode))
        }
        Made::Moved(inode, _, _, name) => format!("link `{name}`{}", place(inode)),
        Made::Addr(inode, _, net) => format!("address {net}{}", place(inode)),
        Made::Route(inode, route) => format!("route to {}{}", route.dst, place(inode)),
        Made::Neigh(inode, _, ip) => format!("neighbour {ip}{}", place(inode)),
        Made::Fdb(inode, _, mac) => format!("FDB entry {}{}", link::mac_text(mac), place(inode)),
        Made::Other(inode, .., what) => format!("{what}{}", place(inode)),
        Made::Values(inode, ..) => format!("sysctls{}", place(inode)),
        Made::Sysctl(inode, key, old) => format!("sysctl {key} = {old}{}", place(inode)),
    }
}

fn has_link(lab: &Lab, inode: u64, index: u32) -> bool {
    lab.netns_of(inode).is_some_and(|netns| netns.link_states().is_ok_and(|links| links.iter().any(|link| link.index == index)))
}

/// What was there and is not, or is another now.
fn lost(netns: &Netns, before: &[Record]) -> Vec<Record> {
    let now = netns.records(before.iter().map(|record| record.class)).unwrap_or_default();
    record::missing(before, &now).into_iter().cloned().collect()
}

/// What a person sees of these.
fn texts(records: &[Record]) -> String {
    let mut texts: Vec<String> = records.iter().map(Record::text).collect();
    texts.dedup();
    texts.join(", ")
}

/// Undoes entries, the last one made first; `done` is told the place of each that is no more. What cannot be put back is tried again
/// when the rest is: a route may need an address, or a rule, that is put back later.
pub(crate) fn all(lab: &Lab, entries: &[&Made], mut done: impl FnMut(usize)) -> Vec<Undone> {
    let mut undone: Vec<Undone> = Vec::new();
    for (place, made) in entries.iter().enumerate() {
        undone.push(undo(lab, made));
        if undone[place].is_over() {
            done(place);
        }
    }
    for (place, first) in undone.iter_mut().enumerate() {
        if let Undone::Partly(_, rest) = first {
            *first = match undo(lab, rest) {
                Undone::Partly(what, _) => Undone::Kept(what),
                other => other,
            };
            if first.is_over() {
                done(place);
            }
        }
    }
    undone
}

/// Undoes one entry, if its object still has the identity that was noted.
pub(crate) fn undo(lab: &Lab, made: &Made) -> Undone {
    let what = describe(lab, made);
    let inode = match made {
        Made::Netns(name, inode) => return undo_netns(lab, name, *inode, what),
        Made::Was(inode, before) => return give_back(lab, *inode, before),
        Made::Moved(from, to, index, name) => return move_back(lab, *from, *to, *index, name, what),
        Made::Link(inode, ..) | Made::Addr(inode, ..) | Made::Route(inode, _) => *inode,
        Made::Neigh(inode, ..) | Made::Fdb(inode, ..) | Made::Other(inode, ..) | Made::Values(inode, _) | Made::Sysctl(inode, ..) => *inode,
    };
    let Some(netns) = lab.netns_of(inode) else { return Undone::Gone };
    // The kernel takes a route of any metric for one of metric 0.
    if matches!(made, Made::Route(..)) && !is_there(lab, made) {
        return Undone::Gone;
    }
    let done = match made {
        Made::Netns(..) | Made::Was(..) | Made::Moved(..) => Ok(()),
        Made::Values(_, values) => match netns.kernel() {
            Ok(kernel) => match sysctl::put_back(&kernel, values) {
                Ok(0) => return Undone::Gone,
                Ok(_) => Ok(()),
                Err(failure) => Err(failure),
            },
            Err(_) => return Undone::Gone,
        },
        Made::Link(_, index, _) => run(lab, &netns, async |socket| link::del(socket, *index).await),
        Made::Addr(_, index, net) => run(lab, &netns, async |socket| addr::del(socket, *index, *net).await),
        Made::Route(_, route) => run(lab, &netns, async |socket| route::del(socket, route).await),
        Made::Neigh(_, index, ip) => run(lab, &netns, async |socket| neigh::del(socket, *index, *ip).await),
        Made::Fdb(_, index, mac) => run(lab, &netns, async |socket| fdb::del(socket, *index, *mac, &fdb::Options::default()).await),
        Made::Other(_, kind, message, _) => run(lab, &netns, async |socket| socket.change_raw(0, *kind, message.clone()).await),
        Made::Sysctl(_, key, old) => match netns.kernel() {
            Ok(kernel) if sysctl::get(&kernel, key).is_ok_and(|now| now == *old) => return Undone::Gone,
            Ok(kernel) => sysctl::set(&kernel, key, old),
            Err(_) => return Undone::Gone,
        },
    };
    match done {
        Ok(()) => Undone::Done(done_to(made, &what)),
        Err(failure) if failure.kind() == Kind::NotFound => Undone::Gone,
        Err(failure) => Undone::Kept(format!("{what}: {failure}")),
    }
}

fn run(lab: &Lab, netns: &Netns, work: impl AsyncFnOnce(&kernel::Socket) -> kernel::Result<()>) -> kernel::Result<()> {
    let kernel = netns.kernel().map_err(|_| Failure::from(kernel::Errno::ENOENT))?;
    let socket = kernel::Socket::open(&kernel, lab.0.runtime.handle())?;
    lab.run(work(&socket))
}

fn undo_netns(lab: &Lab, name: &str, inode: u64, what: String) -> Undone {
    match netns::name_inode(name) {
        None if netns::is_bare_file(name) => {}
        None => return Undone::Gone,
        Some(now) if now == inode => {}
        Some(_) => return Undone::Other(format!("{what}: {OTHER}")),
    }
    let found = lab.get_netns(name).ok().filter(|netns| netns.id() == inode);
    // Without its name nobody would find it again. Whoever was just killed may still be ending.
    let begin = Instant::now();
    while let Some(holders) = found.as_ref().and_then(Netns::holders) {
        if begin.elapsed() < ENDING {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        }
        return Undone::Kept(format!("{what}: {holders}"));
    }
    let removed = match lab.get_netns(name) {
        Ok(netns) if netns.id() == inode => netns.remove().map_err(|error| error.to_string()),
        _ => netns::remove_name(name).map_err(|failure| failure.to_string()),
    };
    match removed {
        Ok(()) => Undone::Done(format!("removed {what}")),
        Err(why) => Undone::Kept(format!("{what}: {why}")),
    }
}

fn give_back(lab: &Lab, inode: u64, before: &[Record]) -> Undone {
    let Some(netns) = lab.netns_of(inode) else { return Undone::Gone };
    let place = format!(" in netns `{}`", netns.name());
    let Ok(kernel) = netns.kernel() else { return Undone::Gone };
    match record::give_back(&kernel, before) {
        Ok(Given { done, failed }) if failed.is_empty() => match done.is_empty() {
            true => Undone::Gone,
            false => Undone::Done(format!("put back {}{place}", texts(&done))),
        },
        Ok(Given { failed, .. }) => {
            let why: Vec<String> = failed.iter().map(|(record, failure)| format!("{} ({failure})", record.text())).collect();
            let rest = failed.into_iter().map(|(record, _)| record).collect();
            Undone::Partly(format!("what was{place}: {}", why.join(", ")), Box::new(Made::Was(inode, rest)))
        }
        Err(failure) => Undone::Kept(format!("what was{place}: {failure}")),
    }
}

/// Moves a link back to where it was, under its name.
fn move_back(lab: &Lab, from: u64, to: u64, index: u32, name: &str, what: String) -> Undone {
    let (Some(home), Some(away)) = (lab.netns_of(from), lab.netns_of(to)) else { return Undone::Gone };
    let (Ok(target), Ok(name)) = (home.kernel(), IfName::parse(name)) else { return Undone::Gone };
    match run(lab, &away, async |socket| link::move_to(socket, index, &target, Some(&name)).await) {
        Ok(()) => Undone::Done(format!("put back {what}")),
        Err(failure) if failure.kind() == Kind::NotFound => Undone::Gone,
        Err(failure) => Undone::Kept(format!("{what}: {failure}")),
    }
}
