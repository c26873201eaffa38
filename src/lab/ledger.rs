//! What the host world is to get back: each object that was made, or value that was changed, outside a namespace of our own.
//!
//! A namespace that we made takes everything in it along, so only namespaces, and what was done in namespaces that are not ours,
//! are noted. In the sandbox nothing is: the kernel dismantles it. An entry is in the journal before its object is made, with an
//! identity that cannot be confused later: the inode of a namespace, the index that we chose for a link.

use super::undo::{self, Undone};
use super::{Lab, Netns};
use crate::error::{Error, Kind, Result};
use crate::kernel::link::{Mac, mac_text};
use crate::kernel::{self, route};
use crate::world::journal::Journal;
use ipnet::IpNet;
use serde_json::{Value, json};
use std::cell::{Cell, OnceCell, RefCell};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

/// Something that was made or changed.
#[derive(Debug, Clone)]
pub(crate) enum Made {
    /// A namespace: its name and inode.
    Netns(String, u64),
    /// A link that we made: the inode of its namespace, its index, its name.
    Link(u64, u32, String),
    /// The settings that a link had which we did not make.
    Settings(u64, u32, Settings),
    /// An address of such a link.
    Addr(u64, u32, IpNet),
    /// A route.
    Route(u64, Box<route::Route>),
    /// An entry of the neighbour table.
    Neigh(u64, u32, IpAddr),
    /// An entry of a forwarding database.
    Fdb(u64, u32, Mac),
    /// Anything else: the type and bytes of the netlink message that deletes it, and what it is.
    Other(u64, u16, Vec<u8>, String),
    /// A kernel parameter, with its old value.
    Sysctl(u64, String, String),
}

/// What a change of a link can have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) up: bool,
    pub(crate) mtu: u32,
    pub(crate) master: u32,
    pub(crate) mac: Vec<u8>,
}

/// The list, in the order of making, and its journal.
#[derive(Debug)]
pub(crate) struct Ledger {
    keeps: bool,
    next: Cell<u64>,
    made: RefCell<Vec<(u64, Made)>>,
    journal: OnceCell<Journal>,
    first_index: OnceCell<u32>,
}

/// The place of an entry; nothing where nothing had to be noted.
pub(crate) type Entry = Option<u64>;

impl Ledger {
    pub(crate) fn new(keeps: bool) -> Ledger {
        Ledger { keeps, next: Cell::new(0), made: RefCell::default(), journal: OnceCell::new(), first_index: OnceCell::new() }
    }

    /// Returns the first index for the links of this run: far above those that the kernel gives, so that no link that is made later by
    /// somebody else has the index of one of ours that is gone.
    pub(crate) fn first_index(&self) -> u32 {
        let thousands = 10 + RandomState::new().hash_one(std::process::id()) % 990;
        *self.first_index.get_or_init(|| thousands as u32 * 1000 + 1)
    }

    fn journal(&self) -> Result<&Journal> {
        if self.journal.get().is_none() {
            let _ = self.journal.set(Journal::begin()?);
        }
        self.journal.get().ok_or_else(Error::interrupted)
    }

    /// Returns what identifies this run to its processes, in the host world.
    pub(crate) fn run(&self) -> Result<Option<String>> {
        if self.keeps { Ok(Some(self.journal()?.run().to_string())) } else { Ok(None) }
    }

    /// Returns whether something in this namespace has to be noted: it is not one that we made.
    pub(crate) fn watches(&self, netns: &Netns) -> bool {
        self.keeps && !self.made.borrow().iter().any(|(_, made)| matches!(made, Made::Netns(_, inode) if *inode == netns.id()))
    }

    /// Returns whether we made this link.
    pub(crate) fn made_link(&self, netns: &Netns, index: u32) -> bool {
        self.made.borrow().iter().any(|(_, made)| matches!(made, Made::Link(n, i, _) if *n == netns.id() && *i == index))
    }

    /// Notes something that is about to be made, if it is in a namespace that we did not make.
    pub(crate) fn note(&self, netns: &Netns, made: impl FnOnce() -> Made) -> Result<Entry> {
        if !self.watches(netns) {
            return Ok(None);
        }
        let (number, made) = (self.next.replace(self.next.get() + 1), made());
        self.write(&json!({ "n": number, "made": made.to_json() }))?;
        self.made.borrow_mut().push((number, made));
        Ok(Some(number))
    }

    /// Notes something that is about to be made, unless it is there already: that is somebody else's, and the kernel will refuse ours.
    pub(crate) fn note_new(&self, netns: &Netns, made: impl FnOnce() -> Made) -> Result<Entry> {
        if !self.watches(netns) {
            return Ok(None);
        }
        let made = made();
        if undo::is_there(netns.lab(), &made) { Ok(None) } else { self.note(netns, || made) }
    }

    fn write(&self, line: &Value) -> Result<()> {
        self.journal()?.write(line).map_err(|failure| failure.doing("write the journal", ""))
    }

    /// Returns what notes a namespace once it exists and before it has a name: its inode is its identity.
    pub(crate) fn netns_noter(&self, name: &str) -> Result<impl FnOnce(u64) -> kernel::Result<()> + Send + use<>> {
        let number = self.next.get();
        let journal = if self.keeps { Some(self.journal()?.clone()) } else { None };
        let name = name.to_string();
        Ok(move |inode| match journal {
            Some(journal) => journal.write(&json!({ "n": number, "made": Made::Netns(name, inode).to_json() })),
            None => Ok(()),
        })
    }

    /// Enters a namespace that its noter has written.
    pub(crate) fn enter_netns(&self, name: &str, inode: u64) {
        if self.keeps {
            let number = self.next.replace(self.next.get() + 1);
            self.made.borrow_mut().push((number, Made::Netns(name.to_string(), inode)));
        }
    }

    /// Strikes out a namespace whose noter may have written it, and which could not get its name.
    pub(crate) fn abandon_netns(&self) {
        if self.keeps {
            let number = self.next.replace(self.next.get() + 1);
            let _ = self.write(&json!({ "gone": number }));
        }
    }

    /// Strikes out an entry whose object could not be made.
    pub(crate) fn strike(&self, entry: Entry) {
        if let Some(number) = entry {
            self.strike_all(|n, _| n == number);
        }
    }

    /// Strikes out a namespace that was deleted.
    pub(crate) fn strike_netns(&self, inode: u64) {
        self.strike_all(|_, made| matches!(made, Made::Netns(_, i) if *i == inode));
    }

    /// Strikes out a link that was deleted or moved, and what was noted of it.
    pub(crate) fn strike_link(&self, netns: &Netns, index: u32) {
        let inode = netns.id();
        self.strike_all(|_, made| match made {
            Made::Link(n, i, _) | Made::Settings(n, i, _) | Made::Addr(n, i, _) => *n == inode && *i == index,
            _ => false,
        });
    }

    fn strike_all(&self, which: impl Fn(u64, &Made) -> bool) {
        let (gone, kept) = self.made.take().into_iter().partition(|(number, made)| which(*number, made));
        self.made.replace(kept);
        for (number, _) in gone {
            // An entry that stays is looked at again, and its object not found.
            let _ = self.write(&json!({ "gone": number }));
        }
    }

    /// Undoes everything in reverse order; returns what is still there. One failure never keeps the rest from being undone.
    pub(crate) fn undo(&self, lab: &Lab) -> Vec<String> {
        let mut left = Vec::new();
        for (number, made) in self.made.take().into_iter().rev() {
            match undo::undo(lab, &made) {
                Undone::Kept(what) | Undone::Other(what) => left.push(what),
                Undone::Done(_) | Undone::Gone => {
                    let _ = self.write(&json!({ "gone": number }));
                }
            }
        }
        if let Some(journal) = self.journal.get()
            && left.is_empty()
        {
            journal.end();
        }
        left
    }
}

/// Reads the entries of a journal that were not struck out, in their order.
pub(crate) fn entries(lines: &[Value]) -> Vec<Made> {
    let gone: Vec<u64> = lines.iter().filter_map(|line| line["gone"].as_u64()).collect();
    lines
        .iter()
        .filter(|line| line["n"].as_u64().is_some_and(|n| !gone.contains(&n)))
        .filter_map(|line| Made::from_json(&line["made"]))
        .collect()
}

impl Made {
    fn to_json(&self) -> Value {
        match self {
            Made::Netns(name, inode) => json!({ "netns": name, "inode": inode }),
            Made::Link(netns, index, name) => json!({ "in": netns, "link": index, "name": name }),
            Made::Settings(netns, index, old) => {
                let Settings { name, up, mtu, master, mac } = old;
                json!({ "in": netns, "settings": index, "name": name, "up": up, "mtu": mtu, "master": master, "mac": mac })
            }
            Made::Addr(netns, index, net) => json!({ "in": netns, "addr": net.to_string(), "dev": index }),
            Made::Route(netns, route) => json!({
                "in": netns,
                "route": route.dst.to_string(),
                "via": route.via.map(|via| via.to_string()),
                "dev": route.dev,
                "metric": route.metric,
                "table": route.table,
                "type": route.kind.word(),
            }),
            Made::Neigh(netns, index, ip) => json!({ "in": netns, "neigh": ip.to_string(), "dev": index }),
            Made::Fdb(netns, index, mac) => json!({ "in": netns, "fdb": mac_text(mac), "dev": index }),
            Made::Other(netns, kind, bytes, what) => json!({ "in": netns, "other": kind, "bytes": bytes, "what": what }),
            Made::Sysctl(netns, key, old) => json!({ "in": netns, "sysctl": key, "old": old }),
        }
    }

    fn from_json(value: &Value) -> Option<Made> {
        let text = |key: &str| value[key].as_str().map(str::to_string);
        let number = |key: &str| value[key].as_u64().and_then(|n| u32::try_from(n).ok());
        if let Some(name) = text("netns") {
            return Some(Made::Netns(name, value["inode"].as_u64()?));
        }
        let netns = value["in"].as_u64()?;
        if let Some(index) = number("link") {
            return Some(Made::Link(netns, index, text("name")?));
        }
        if let Some(index) = number("settings") {
            let mac = value["mac"].as_array()?.iter().filter_map(|b| u8::try_from(b.as_u64()?).ok()).collect();
            let (up, mtu, master) = (value["up"].as_bool()?, number("mtu")?, number("master")?);
            return Some(Made::Settings(netns, index, Settings { name: text("name")?, up, mtu, master, mac }));
        }
        if let Some(net) = text("addr") {
            return Some(Made::Addr(netns, number("dev")?, net.parse().ok()?));
        }
        if let Some(dst) = text("route") {
            let route = route::Route {
                via: text("via").and_then(|via| via.parse().ok()),
                dev: number("dev"),
                metric: number("metric"),
                table: number("table")?,
                kind: route::Type::from_word(&text("type")?)?,
                ..route::Route::to(dst.parse().ok()?)
            };
            return Some(Made::Route(netns, Box::new(route)));
        }
        if let Some(ip) = text("neigh") {
            return Some(Made::Neigh(netns, number("dev")?, ip.parse().ok()?));
        }
        if let Some(mac) = text("fdb") {
            return Some(Made::Fdb(netns, number("dev")?, super::link::parse_mac(&mac).ok()?));
        }
        if let Some(kind) = number("other") {
            let bytes = value["bytes"].as_array()?.iter().filter_map(|b| u8::try_from(b.as_u64()?).ok()).collect();
            return Some(Made::Other(netns, u16::try_from(kind).ok()?, bytes, text("what")?));
        }
        Some(Made::Sysctl(netns, text("sysctl")?, text("old")?))
    }
}

/// Says to whom an object of the host world belongs that is in the way: a run that goes on, or one that is dead.
pub(crate) fn owner_hint(ledger: &Ledger, error: Error, is_it: impl Fn(&Made) -> bool) -> Error {
    if error.kind() != Kind::Exists {
        return error;
    }
    for (dead, run) in crate::world::journal::runs().unwrap_or_default() {
        let own = ledger.journal.get().is_some_and(|journal| journal.run() == run.run);
        if own || run.before_boot || !entries(&run.lines).iter().any(&is_it) {
            continue;
        }
        return match dead {
            true => error.because(format!("a run that died left it: `{}`", run.command)).hint("labsh clean"),
            false => error.because(format!("it belongs to a running labsh: pid {} `{}`", run.pid, run.command)),
        };
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_read_back_as_it_was_written() {
        let route = route::Route { via: "10.0.0.1".parse().ok(), metric: Some(7), ..route::Route::to("10.1.0.0/16".parse().unwrap()) };
        let settings = Settings { name: "eth0".into(), up: true, mtu: 1500, master: 0, mac: vec![2, 0, 0, 0, 0, 1] };
        let all = [
            Made::Netns("blue".into(), 4_026_531_840),
            Made::Link(1, 2, "v0".into()),
            Made::Settings(1, 2, settings),
            Made::Addr(1, 2, "10.0.0.1/24".parse().unwrap()),
            Made::Route(1, Box::new(route)),
            Made::Neigh(1, 2, "10.0.0.2".parse().unwrap()),
            Made::Fdb(1, 2, [2, 0, 0, 0, 0, 1]),
            Made::Other(1, 33, vec![2, 0], "rule 5".into()),
            Made::Sysctl(1, "net.ipv4.ip_forward".into(), "0".into()),
        ];
        for made in all {
            let read = Made::from_json(&made.to_json()).expect("it can be read");
            assert_eq!(format!("{read:?}"), format!("{made:?}"));
        }
    }

    #[test]
    fn struck_out_entries_and_cut_lines_are_passed_over() {
        let lines: Vec<Value> =
            [r#"{"n":0,"made":{"netns":"blue","inode":1}}"#, r#"{"n":1,"made":{"netns":"red","inode":2}}"#, r#"{"gone":0}"#, r#"{"n":2}"#]
                .iter()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
        assert!(matches!(&entries(&lines)[..], [Made::Netns(name, 2)] if name == "red"));
    }
}
