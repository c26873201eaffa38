//! What the host world is to get back: each object that was made, or value that was changed, outside a namespace of our own.
//!
//! A namespace that we made takes everything in it along, so only namespaces, and what was done in namespaces that are not ours,
//! are noted. In the sandbox nothing is: the kernel dismantles it. An entry is noted before its object is made, so that a death in
//! between can be cleaned up after.

use super::Lab;
use crate::kernel::{self, Netns, addr, link, netns, route, sysctl};
use ipnet::IpNet;
use std::cell::RefCell;

/// Something that was made, with an identity that cannot be confused later.
#[derive(Debug, Clone)]
pub(crate) enum Made {
    /// A namespace, by name.
    Netns(String),
    /// A link, by namespace and index.
    Link(Netns, u32),
    /// An address of a link that we did not make.
    Addr(Netns, u32, IpNet),
    /// A route.
    Route(Netns, Box<route::Route>),
    /// Anything else: the type and bytes of the netlink message that deletes it, and what it is.
    Other(Netns, u16, Vec<u8>, String),
    /// A kernel parameter, with its old value.
    Sysctl(Netns, String, String),
}

/// The list, in the order of making.
#[derive(Debug)]
pub(crate) struct Ledger {
    keeps: bool,
    made: RefCell<Vec<Made>>,
}

impl Ledger {
    pub(crate) fn new(keeps: bool) -> Ledger {
        Ledger { keeps, made: RefCell::default() }
    }

    /// Notes a namespace that is about to be made.
    pub(crate) fn netns(&self, name: &str) {
        if self.keeps {
            self.made.borrow_mut().push(Made::Netns(name.to_string()));
        }
    }

    /// Strikes out a namespace that could not be made, or was deleted.
    pub(crate) fn forget_netns(&self, name: &str) {
        let mut made = self.made.borrow_mut();
        if let Some(place) = made.iter().rposition(|m| matches!(m, Made::Netns(n) if n == name)) {
            made.remove(place);
        }
    }

    /// Returns whether something in this namespace has to be noted: it is not one that we made.
    pub(crate) fn watches(&self, name: &str) -> bool {
        self.keeps && !self.made.borrow().iter().any(|m| matches!(m, Made::Netns(n) if n == name))
    }

    /// Notes something, if it is in a namespace that we did not make.
    pub(crate) fn note(&self, name: &str, entry: impl FnOnce() -> Made) {
        if self.watches(name) {
            self.made.borrow_mut().push(entry());
        }
    }

    /// Strikes out a link that was deleted, or moved to where it is somebody else's matter.
    pub(crate) fn forget_link(&self, netns: &Netns, index: u32) {
        let mut made = self.made.borrow_mut();
        made.retain(|m| !matches!(m, Made::Link(n, i) | Made::Addr(n, i, _) if n.inode() == netns.inode() && *i == index));
    }

    /// Undoes everything in reverse order; returns what is still there. One failure never keeps the rest from being undone.
    pub(crate) fn undo(&self, lab: &Lab) -> Vec<String> {
        let made = self.made.take();
        made.into_iter().rev().filter_map(|entry| undo(lab, &entry).err()).collect()
    }
}

fn undo(lab: &Lab, entry: &Made) -> std::result::Result<(), String> {
    let gone_is_fine = |result: kernel::Result<()>| match result {
        Err(failure) if failure.kind() != crate::error::Kind::NotFound => Err(failure),
        _ => Ok(()),
    };
    let socket = |netns: &Netns| kernel::Socket::open(netns, lab.0.runtime.handle());
    match entry {
        Made::Netns(name) => match lab.get_netns(name).and_then(|netns| netns.del()) {
            Err(error) if error.kind() != crate::error::Kind::NotFound => Err(error.to_string()),
            _ => Ok(()),
        },
        Made::Link(netns, index) => socket(netns)
            .and_then(|socket| gone_is_fine(lab.run(link::del(&socket, *index))))
            .map_err(|failure| format!("link {index} is still there: {failure}")),
        Made::Addr(netns, index, net) => socket(netns)
            .and_then(|socket| gone_is_fine(lab.run(addr::del(&socket, *index, *net))))
            .map_err(|failure| format!("address {net} is still there: {failure}")),
        Made::Route(netns, route) => socket(netns)
            .and_then(|socket| gone_is_fine(lab.run(route::del(&socket, route))))
            .map_err(|failure| format!("route to {} is still there: {failure}", route.dst)),
        Made::Other(netns, kind, message, what) => socket(netns)
            .and_then(|socket| gone_is_fine(lab.run(socket.change_raw(0, *kind, message.clone()))))
            .map_err(|failure| format!("{what} is still there: {failure}")),
        Made::Sysctl(netns, key, old) => {
            sysctl::set(netns, key, old).map_err(|failure| format!("{key} cannot be put back to {old}: {failure}"))
        }
    }
}

/// Says who still holds a namespace.
pub(crate) fn holders(netns: &Netns) -> Option<String> {
    let processes = netns::processes(netns);
    let who: Vec<String> = processes.iter().map(|(pid, command)| format!("pid {pid} `{command}`")).collect();
    (!who.is_empty()).then(|| format!("used by {}", who.join(", ")))
}
