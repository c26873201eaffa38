//! A namespace handle: a name and an identity, with the socket through which the namespace is asked.

use super::before::KEEP;
use super::undo::{self, Undone};
use super::{Lab, Link};
use crate::error::{Error, Kind, Result};
use crate::kernel::{self, Errno, Failure, Socket, link, process};
use crate::near;

use std::cell::RefCell;
use std::fmt;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

/// A namespace that the lab knows. What is open ends with [`Netns::del`], however many handles there are:
/// an open socket would keep the namespace alive.
#[derive(Debug)]
pub(crate) struct Held {
    name: String,
    inode: u64,
    adopted: bool,
    open: RefCell<Option<Rc<Open>>>,
}

/// When its files of /etc last changed, and the mounts that were made of them.
type Mounts = ([Option<SystemTime>; 2], Arc<OwnedFd>);

/// The descriptors of a namespace.
#[derive(Debug)]
pub(crate) struct Open {
    netns: kernel::Netns,
    socket: std::cell::OnceCell<Socket>,
    mounts: RefCell<Option<Mounts>>,
}

impl Held {
    pub(crate) fn new(name: String, netns: kernel::Netns, socket: Option<Socket>) -> Held {
        let inode = netns.inode();
        let cell = std::cell::OnceCell::new();
        if let Some(socket) = socket {
            let _ = cell.set(socket);
        }
        Held { name, inode, adopted: false, open: RefCell::new(Some(Rc::new(Open { netns, socket: cell, mounts: RefCell::default() }))) }
    }

    /// Marks it as somebody else's, which is held and looked at, and never deleted by us.
    pub(crate) fn adopted(mut self) -> Held {
        self.adopted = true;
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn inode(&self) -> u64 {
        self.inode
    }
}

/// A handle of a namespace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Netns {
    lab: Lab,
    held: Rc<Held>,
}

impl PartialEq for Netns {
    fn eq(&self, other: &Netns) -> bool {
        self.held.inode == other.held.inode
    }
}

impl Netns {
    pub(crate) fn new(lab: Lab, held: Rc<Held>) -> Netns {
        Netns { lab, held }
    }

    /// Returns its lab.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Returns its name; `root` for the world's root namespace.
    pub fn name(&self) -> &str {
        &self.held.name
    }

    /// Returns its inode: the number in `net:[…]`.
    pub fn id(&self) -> u64 {
        self.held.inode
    }

    /// Returns whether it is the world's root namespace.
    pub fn is_root(&self) -> bool {
        Rc::ptr_eq(&self.held, &self.lab.0.root)
    }

    pub(crate) fn open(&self) -> Result<Rc<Open>> {
        let gone = || Error::new(Kind::NotFound, "use netns", format!("`{}`", self.name()), "it was deleted");
        self.held.open.borrow().clone().ok_or_else(gone)
    }

    /// Returns the kernel's handle.
    pub(crate) fn kernel(&self) -> Result<kernel::Netns> {
        Ok(self.open()?.netns.clone())
    }

    /// Asks or changes something through the namespace's socket; `doing` and `subject` go into the error.
    pub(crate) fn ask<T>(
        &self,
        doing: &str,
        subject: impl Fn() -> String,
        question: impl AsyncFnOnce(&Socket) -> kernel::Result<T>,
    ) -> Result<T> {
        let open = self.open()?;
        let failed = |failure: Failure| failure.doing(doing, subject()).in_netns(self.name());
        if open.socket.get().is_none() {
            let socket = Socket::open(&open.netns, self.lab.0.runtime.handle()).map_err(failed)?;
            let _ = open.socket.set(socket);
        }
        let socket = open.socket.get().ok_or_else(|| failed(Errno::EBADF.into()))?;
        self.lab.run(question(socket)).map_err(failed)
    }

    /// Returns the mounts that its programs see, made anew when its files of /etc have changed.
    pub(crate) fn mounts(&self) -> Result<Arc<OwnedFd>> {
        let open = self.open()?;
        let changed = process::etc_folders(self.name()).map(|folder| std::fs::metadata(folder).and_then(|m| m.modified()).ok());
        let mut kept = open.mounts.borrow_mut();
        match kept.as_ref() {
            Some((then, fd)) if *then == changed => Ok(fd.clone()),
            _ => {
                let made = if self.is_root() { process::own_mounts() } else { process::mounts(&open.netns, self.name()) };
                let fd = made.map_err(|failure| failure.doing("prepare the mounts for programs", "").in_netns(self.name()))?;
                *kept = Some((changed, fd.clone()));
                Ok(fd)
            }
        }
    }

    /// Returns the link of a name or alternative name.
    ///
    /// # Errors
    ///
    /// `not-found`, with the nearest name that exists.
    pub fn link(&self, name: &str) -> Result<Link> {
        if name == "lo" {
            // Every namespace is born with it, and keeps it as its first (include/net/net_namespace.h, LOOPBACK_IFINDEX).
            self.open()?;
            return Ok(Link::new(self.clone(), 1, name.to_string()));
        }
        match self.ask("find link", || format!("`{name}`"), async |socket| link::get(socket, link::Which::Name(name)).await) {
            Ok(state) => Ok(Link::new(self.clone(), state.index, state.name)),
            Err(error) if matches!(error.errno(), Some("ENODEV" | "ERANGE" | "EINVAL")) => Err(self.no_such_link(name)),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn no_such_link(&self, name: &str) -> Error {
        let error = Error::new(Kind::NotFound, "find link", format!("`{name}`"), "there is no link with that name").in_netns(self.name());
        let names: Vec<String> = self.links().unwrap_or_default().iter().map(Link::name).collect();
        if let Some(hint) = near::did_you_mean(name, names.iter().map(String::as_str)) {
            return error.hint(hint);
        }
        let others: Vec<Netns> =
            self.lab.list_netns().unwrap_or_default().into_iter().chain([self.lab.root()]).filter(|o| o != self).collect();
        let elsewhere: Vec<(String, &Netns)> =
            others.iter().flat_map(|other| other.links().unwrap_or_default().into_iter().map(move |link| (link.name(), other))).collect();
        let known = |wanted: &str| elsewhere.iter().find(|(known, _)| known == wanted).map(|(_, other)| other.name());
        if let Some(other) = known(name) {
            return error.because(format!("netns `{other}` has a link of that name"));
        }
        if let Some(near) = near::nearest(name, elsewhere.iter().map(|(known, _)| known.as_str()))
            && let Some(other) = known(near)
        {
            return error.because(format!("netns `{other}` has a link `{near}`"));
        }
        error.because(format!("there are: {}", names.join(", ")))
    }

    /// Lists the links in the order of their indexes.
    pub fn links(&self) -> Result<Vec<Link>> {
        let links = self.link_states()?;
        Ok(links.into_iter().map(|state| Link::new(self.clone(), state.index, state.name)).collect())
    }

    /// Returns the state of all links in one answer.
    pub fn link_states(&self) -> Result<Vec<link::Link>> {
        self.ask("list links", String::new, async |socket| link::list(socket).await)
    }

    /// Returns the processes in it: process id and command line.
    pub fn processes(&self) -> Result<Vec<(i32, String)>> {
        Ok(kernel::netns::processes(&self.kernel()?))
    }

    /// Deletes it: takes the name away and lets go of the namespace. The kernel frees it, with all its links, once no process,
    /// socket or descriptor is left in it.
    ///
    /// # Errors
    ///
    /// `bad-argument` for the root namespace, `not-found`, `not-permitted`.
    pub fn del(&self) -> Result<()> {
        let subject = format!("`{}`", self.name());
        if self.is_root() {
            let cause = "the root namespace is the world itself";
            return Err(Error::new(Kind::BadArgument, "delete netns", subject, cause));
        }
        if self.held.adopted {
            let cause = "it is somebody else's: it was only opened here";
            return Err(Error::new(Kind::BadArgument, "delete netns", subject, cause));
        }
        self.open()?;
        let ledger = self.lab.ledger();
        if ledger.watches(self) && !ledger.gives_up() {
            let cause = "it was there before, and could not be put back";
            return Err(Error::new(Kind::NotPermitted, "delete netns", subject, cause).hint(KEEP));
        }
        self.send_home()?;
        for process in self.lab.processes().iter().filter(|process| process.netns() == self) {
            process.end();
        }
        self.remove()
    }

    /// Deletes it, whoever made it.
    pub(crate) fn remove(&self) -> Result<()> {
        let subject = format!("`{}`", self.name());
        let open = self.open()?;
        self.lab.end_listeners(self);
        kernel::netns::remove_name(self.name()).map_err(|failure| failure.doing("delete netns", subject))?;
        self.lab.names_changed();
        self.lab.ledger().strike_netns(self.id());
        self.lab.0.held.borrow_mut().remove(&self.id());
        drop(open);
        self.held.open.take();
        Ok(())
    }

    /// Moves the links back that are not ours and were moved here: they would be deleted with it.
    fn send_home(&self) -> Result<()> {
        let ledger = self.lab.ledger();
        for (number, made) in ledger.moved_into(self.id(), None) {
            if let Undone::Kept(why) | Undone::Partly(why, _) = undo::undo(&self.lab, &made) {
                let subject = format!("`{}`", self.name());
                return Err(Error::new(Kind::Busy, "delete netns", subject, format!("it holds {why}")));
            }
            ledger.strike(Some(number));
        }
        Ok(())
    }

    /// Says who still uses it, if somebody does.
    pub fn holders(&self) -> Option<String> {
        let who: Vec<String> = self.processes().ok()?.iter().map(|(pid, command)| format!("pid {pid} `{command}`")).collect();
        (!who.is_empty()).then(|| format!("used by {}", who.join(", ")))
    }
}

impl fmt::Display for Netns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
