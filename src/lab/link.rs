//! A link handle: it names an interface by namespace and index, asks the kernel anew at each question, and follows a move.

use super::Netns;
use super::ledger::{self, Entry, Made};
use crate::error::{Error, Kind, Result};
use crate::kernel::events::Topic;
use crate::kernel::link::{self, Bridge, Change, Mac, Which};
use crate::kernel::{Errno, link::Link as State};
use crate::name::IfName;
use crate::world;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// A handle of an interface. Cheap to clone; all clones follow when it is moved or renamed.
#[derive(Debug, Clone)]
pub struct Link(Rc<RefCell<Place>>);

#[derive(Debug)]
struct Place {
    netns: Netns,
    index: u32,
    name: String,
}

impl Link {
    pub(crate) fn new(netns: Netns, index: u32, name: String) -> Link {
        Link(Rc::new(RefCell::new(Place { netns, index, name })))
    }

    /// Returns the namespace in which it is.
    pub fn netns(&self) -> Netns {
        self.0.borrow().netns.clone()
    }

    /// Returns its interface index.
    pub fn index(&self) -> u32 {
        self.0.borrow().index
    }

    /// Returns the name that it had when it was last asked.
    pub fn name(&self) -> String {
        self.0.borrow().name.clone()
    }

    fn subject(&self) -> String {
        format!("`{}`", self.name())
    }

    /// Returns what the kernel says of it now.
    ///
    /// # Errors
    ///
    /// `not-found` when it is gone.
    pub fn state(&self) -> Result<State> {
        let (netns, index) = (self.netns(), self.index());
        let state = netns.ask("read link", || self.subject(), async |socket| link::get(socket, Which::Index(index)).await);
        match state {
            Ok(state) => {
                self.0.borrow_mut().name.clone_from(&state.name);
                Ok(state)
            }
            Err(error) if error.errno() == Some("ENODEV") => Err(self.gone("read link")),
            Err(error) => Err(error),
        }
    }

    fn gone(&self, doing: &str) -> Error {
        Error::new(Kind::NotFound, doing, self.subject(), "the link is gone")
            .in_netns(self.netns().name())
            .because("deleting one end of a veth pair, or its namespace, deletes the other end too")
    }

    /// Changes it (`ip link set`): all of it, or nothing.
    pub fn set(&self, change: &Change) -> Result<()> {
        let (netns, index) = (self.netns(), self.index());
        let doing = "set link";
        // One thing alone is done or not.
        let before = if change.each().len() > 1 { self.state().ok() } else { None };
        // A link that we did not make is given back as it was.
        let changed = self.carefully(|| netns.ask(doing, || self.subject(), async |socket| link::set(socket, index, change).await));
        if let (Err(_), Some(before)) = (&changed, &before) {
            // The kernel does one after the other, and keeps what it has done when it refuses the next.
            for back in change.back_to(before).each() {
                let _ = netns.ask(doing, || self.subject(), async |socket| link::set(socket, index, &back).await);
            }
        }
        if let (Ok(()), Some(name)) = (&changed, &change.name) {
            self.0.borrow_mut().name = name.as_str().to_string();
        }
        changed.map_err(|error| self.explain(doing, error, change))
    }

    /// Adds what is known about a change that the kernel refused.
    fn explain(&self, doing: &str, error: Error, change: &Change) -> Error {
        match error.errno() {
            Some("ENODEV") => self.gone(doing),
            Some("EEXIST") if change.name.is_some() => error.because("another link of this namespace has that name"),
            Some("EINVAL" | "ERANGE") if change.mtu.is_some() && error.kernel().is_none() => error.because("the MTU is out of range"),
            Some("ERANGE") if change.bridge.is_some_and(|bridge| bridge.forward_delay.is_some()) => {
                error.because("with STP on, forward_delay is 2s to 30s")
            }
            Some("EADDRNOTAVAIL") if change.mac.is_some() => no_own_address(error),
            Some("ENOTCONN") => error.because("the other end of the veth pair is not there yet"),
            _ => error,
        }
    }

    /// Sets it up.
    pub fn up(&self) -> Result<()> {
        self.set(&Change { up: Some(true), ..Change::default() })
    }

    /// Sets it down.
    pub fn down(&self) -> Result<()> {
        self.set(&Change { up: Some(false), ..Change::default() })
    }

    /// Gives it another name. The kernel renames a link that is up, too, since 6.2; before, it must be down.
    pub fn rename(&self, name: &str) -> Result<()> {
        self.set(&Change { name: Some(IfName::parse(name)?), ..Change::default() })
    }

    /// Makes it a port of a bridge of the same namespace.
    pub fn master(&self, master: &Link) -> Result<()> {
        if master.netns() != self.netns() {
            let (own, other) = (self.netns(), master.netns());
            let cause = format!("`{}` is in netns `{}`", master.name(), other.name());
            let error = Error::new(Kind::BadArgument, "set master of link", self.subject(), cause).in_netns(own.name());
            return Err(error.because("a bridge and its ports are in one namespace"));
        }
        let state = master.state()?;
        self.set(&Change { master: Some(master.index()), ..Change::default() }).map_err(|error| {
            match (error.errno(), state.kind.as_deref()) {
                (Some("EOPNOTSUPP"), kind) if kind != Some("bridge") => {
                    error.because(format!("`{}` is no bridge but {}", state.name, kind.unwrap_or("a plain link")))
                }
                (Some("ELOOP" | "EINVAL"), _) if self.index() == master.index() => {
                    error.of_kind(Kind::BadArgument).because("a bridge cannot be its own port")
                }
                (Some("ELOOP"), Some("bridge")) => {
                    error.of_kind(Kind::BadArgument).hint("a pair connects two bridges: veth::add, one end in each")
                }
                _ => error,
            }
        })
    }

    /// Takes it out of its bridge.
    pub fn nomaster(&self) -> Result<()> {
        self.set(&Change { master: Some(0), ..Change::default() })
    }

    /// Returns its master, if it has one.
    pub fn current_master(&self) -> Result<Option<Link>> {
        let netns = self.netns();
        let Some(index) = self.state()?.master else { return Ok(None) };
        let master = Link::new(netns, index, String::new());
        master.state()?;
        Ok(Some(master))
    }

    /// Returns the ports of a bridge, in the order of their indexes.
    pub fn ports(&self) -> Result<Vec<Link>> {
        let (netns, index) = (self.netns(), self.index());
        let states = netns.link_states()?;
        Ok(states.into_iter().filter(|s| s.master == Some(index)).map(|s| Link::new(netns.clone(), s.index, s.name)).collect())
    }

    /// Returns the other end of a veth pair, or the lower link, wherever it is; nothing if it has none, or it is in a namespace
    /// that has no name here.
    pub fn peer(&self) -> Result<Option<Link>> {
        let state = self.state()?;
        let Some(index) = state.peer else { return Ok(None) };
        let netns = match state.peer_nsid {
            None => self.netns(),
            Some(nsid) => match self.netns().by_nsid(nsid)? {
                Some(netns) => netns,
                None => return Ok(None),
            },
        };
        let peer = Link::new(netns, index, String::new());
        peer.state()?;
        Ok(Some(peer))
    }

    /// Moves it into another namespace, under a new name if one is given. The kernel takes it down and drops its addresses.
    ///
    /// # Errors
    ///
    /// `exists` when the other namespace has a link of that name; `bad-argument` for a link that cannot move (`lo`).
    pub fn move_to(&self, to: &Netns, name: Option<&str>) -> Result<()> {
        let name = name.map(IfName::parse).transpose()?;
        let (from, index) = (self.netns(), self.index());
        let target = to.kernel()?;
        let state = self.state()?;
        let old_name = state.name.clone();
        let subject = || format!("`{old_name}` to netns `{}`", to.name());
        let new_name = name.as_ref().map_or(old_name.clone(), |name| name.as_str().to_string());
        // The kernel moves first and renames then, and leaves it there under its old name when it cannot (net/core/rtnetlink.c).
        if name.is_some() && to.link_states()?.iter().any(|link| link.name == new_name || link.altnames.contains(&new_name)) {
            let cause = format!("netns `{}` already has a link of that name", to.name());
            return Err(Error::new(Kind::Exists, "move link", subject(), cause).in_netns(from.name()));
        }
        let ledger = from.lab().ledger();
        // One that we made is to be found where it goes. It keeps its index there, which no other link has.
        let ours = ledger.made_link(&from, index) || !ledger.watches(&from);
        let entry = if ours { ledger.note(to, || Made::Link(to.id(), index, new_name.clone()))? } else { None };
        let mut away = None;
        // One that we did not make goes back where it was; its settings are noted before, since they are put back after.
        let origin = match ours {
            false => Some((from.id(), old_name.clone(), None)),
            true => ledger.moved_into(from.id(), Some(index)).pop().and_then(|(number, made)| match made {
                Made::Moved(home, _, _, name) => Some((home, name, Some(number))),
                _ => None,
            }),
        };
        let moved = self.carefully(|| {
            away = match &origin {
                Some((home, name, _)) => ledger.note_moved(*home, to.id(), index, name)?,
                None => None,
            };
            from.ask("move link", subject, async |socket| link::move_to(socket, index, &target, name.as_ref()).await)
        });
        if moved.is_err() {
            ledger.strike(away);
        }
        moved.inspect_err(|_| ledger.strike(entry)).map_err(|error| match error.errno() {
            Some("EEXIST") => error.because(format!("netns `{}` already has a link of that name", to.name())),
            Some("EINVAL") if state.loopback => error.because("every namespace has its own `lo`, which cannot be moved"),
            Some("ENODEV") => self.gone("move link"),
            _ => error,
        })?;
        ledger.strike_link(&from, index);
        let arrived = to.link(&new_name)?;
        if arrived.index() != index && ours {
            ledger.note(to, || Made::Link(to.id(), arrived.index(), new_name.clone()))?;
            ledger.strike(entry);
        }
        if let Some((home, name, before)) = origin {
            if arrived.index() != index {
                ledger.note_moved(home, to.id(), arrived.index(), &name)?;
                ledger.strike(away);
            }
            ledger.strike(before);
        }
        *self.0.borrow_mut() = Place { netns: to.clone(), index: arrived.index(), name: new_name };
        Ok(())
    }

    /// Deletes it; a veth takes its peer with it.
    pub fn del(&self) -> Result<()> {
        self.is_not_the_machines()?;
        let (netns, index) = (self.netns(), self.index());
        let deleted = netns.ask("delete link", || self.subject(), async |socket| link::del(socket, index).await);
        deleted.map_err(|error| match error.errno() {
            Some("ENODEV") => self.gone("delete link"),
            Some("EOPNOTSUPP") => error.because("the kernel made it, and keeps it as long as the namespace lives"),
            _ => error,
        })?;
        netns.lab().ledger().strike_link(&netns, index);
        Ok(())
    }

    /// Waits until it is up and has a carrier.
    ///
    /// # Errors
    ///
    /// `timeout`, with what it still lacks.
    pub fn wait_up(&self, within: Duration) -> Result<()> {
        let mut seen = None;
        let came = super::wait::until_event(&self.netns(), &[Topic::Link], within, || Ok(seen.insert(self.state()?).is_ready()))?;
        let Some(last) = seen.filter(|_| !came) else { return Ok(()) };
        let lacks = match (last.is_up(), last.carrier) {
            (false, _) => "it is not set up",
            (true, false) => "it has no carrier: the other end is down, or not there",
            (true, true) => "its state does not change to UP",
        };
        let cause = format!("still {} after {}", last.operstate, super::wait::span(within));
        Err(Error::new(Kind::Timeout, "wait for link", format!("{} to be up", self.subject()), cause)
            .in_netns(self.netns().name())
            .because(lacks))
    }
}

impl Netns {
    /// Makes a bridge (`ip link add NAME type bridge`).
    ///
    /// # Errors
    ///
    /// `exists`, `bad-name`, `unsupported`.
    pub fn add_bridge(&self, name: &str, settings: &Bridge, up: bool) -> Result<Link> {
        let name = IfName::parse(name)?;
        let subject = || format!("`{name}`");
        let (entry, chosen) = self.note_link(name.as_str())?;
        let index = self
            .ask("add bridge", subject, async |socket| link::bridge::add(socket, &name, chosen, settings, up).await)
            .map_err(|error| self.not_made(entry, already_there(error, name.as_str()), name.as_str()))?;
        let made = match index {
            Some(index) => Link::new(self.clone(), index, name.as_str().to_string()),
            None => self.link(name.as_str())?,
        };
        Ok(made)
    }

    /// Notes a link that is about to be made in a namespace that is not ours, under an index that is chosen for it.
    pub(crate) fn note_link(&self, name: &str) -> Result<(Entry, Option<u32>)> {
        let ledger = self.lab().ledger();
        if !ledger.watches(self) {
            return Ok((None, None));
        }
        let taken: Vec<u32> = self.link_states()?.iter().map(|link| link.index).collect();
        // The other end of a pair may be noted already, and not made yet.
        let free = |index: &u32| !taken.contains(index) && !ledger.made_link(self, *index);
        let index = (ledger.first_index()..).find(free).unwrap_or(u32::MAX >> 1);
        Ok((ledger.note(self, || Made::Link(self.id(), index, name.to_string()))?, Some(index)))
    }

    /// Strikes out a link that could not be made, and says whose the one is that has its name.
    pub(crate) fn not_made(&self, entry: Entry, error: Error, name: &str) -> Error {
        self.lab().ledger().strike(entry);
        match self.lab().world() {
            world::Kind::Host => ledger::owner_hint(
                self.lab().ledger(),
                error,
                |made| matches!(made, Made::Link(n, _, known) if *n == self.id() && known == name),
            ),
            _ => error,
        }
    }

    /// Returns the named namespace, or the root namespace, that this one calls by that id.
    fn by_nsid(&self, nsid: i32) -> Result<Option<Netns>> {
        let mut candidates = self.lab().list_netns()?;
        candidates.push(self.lab().root());
        for other in candidates {
            if self.nsid_of(&other)? == Some(nsid) {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }

    /// Returns the id by which this namespace calls another (`ip netns list-id`), if it has one.
    pub fn nsid_of(&self, other: &Netns) -> Result<Option<i32>> {
        let target = other.kernel()?;
        self.ask("read id of netns", || format!("`{}`", other.name()), async |socket| link::nsid(socket, &target).await)
    }
}

/// Says in plain words that a name is taken; the kernel's own answer has only an errno.
pub(crate) fn already_there(error: Error, name: &str) -> Error {
    match error.errno() {
        Some(errno) if errno == format!("{:?}", Errno::EEXIST) => error.because(format!("a link named `{name}` exists already")),
        _ => error,
    }
}

/// Says why the kernel takes no such hardware address; its errno is that of IP addresses, too.
pub(crate) fn no_own_address(error: Error) -> Error {
    let error = error.of_kind(Kind::BadArgument);
    error.because("a link's own address is not zero, and not that of a group: its first byte is even")
}

/// Reads a MAC address.
///
/// # Errors
///
/// `bad-argument`, with what is wrong in it.
pub fn parse_mac(text: &str) -> Result<Mac> {
    let wrong = |cause: &str| Error::new(Kind::BadArgument, "read MAC address", format!("`{text}`"), cause);
    let bytes: Vec<&str> = text.split(':').collect();
    if bytes.len() != 6 {
        return Err(wrong("it needs six bytes, as in 02:00:00:00:00:01"));
    }
    let mut mac = [0; 6];
    for (byte, digits) in mac.iter_mut().zip(bytes) {
        let valid = (1..=2).contains(&digits.len());
        *byte = u8::from_str_radix(digits, 16)
            .ok()
            .filter(|_| valid)
            .ok_or_else(|| wrong(&format!("`{digits}` is not a byte in hexadecimal digits")))?;
    }
    Ok(mac)
}
