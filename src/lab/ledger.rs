//! What the host world is to get back: each object that was made, or value that was changed, outside a namespace of our own.
//!
//! A namespace that we made takes everything in it along, so only namespaces, and what was done in namespaces that are not ours,
//! are noted. In the sandbox nothing is: the kernel dismantles it. An entry is in the journal before its object is made, with an
//! identity that cannot be confused later: the inode of a namespace, the index that we chose for a link.

use super::undo::{self, Undone};
use super::{Lab, Netns};
use crate::error::{Error, Kind, Result};
use crate::kernel::link::{Mac, mac_text};
use crate::kernel::record::{Class, Record};
use crate::kernel::{self, route};
use crate::world::journal::Journal;
use ipnet::IpNet;
use serde_json::{Value, json};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

/// Something that was made or changed.
#[derive(Debug, Clone)]
pub(crate) enum Made {
    /// A namespace: its name and inode.
    Netns(String, u64),
    /// A link that we made: the inode of its namespace, its index, its name.
    Link(u64, u32, String),
    /// What was there before, and may be changed or taken away.
    Was(u64, Vec<Record>),
    /// A link that we did not make and moved: the inode of the namespace where it was, and of the one where it is, its index there,
    /// its name before.
    Moved(u64, u64, u32, String),
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
    /// Kernel parameters that another one may change along: their files, with their old values.
    Values(u64, Vec<(String, String)>),
    /// A kernel parameter, with its old value.
    Sysctl(u64, String, String),
}

/// The list, in the order of making, and its journal.
#[derive(Debug)]
pub(crate) struct Ledger {
    keeps: bool,
    next: Cell<u64>,
    made: RefCell<Vec<(u64, Made)>>,
    journal: OnceCell<Journal>,
    first_index: OnceCell<u32>,
    gives_up: Cell<bool>,
}

/// The place of an entry; nothing where nothing had to be noted.
pub(crate) type Entry = Option<u64>;

impl Ledger {
    pub(crate) fn new(keeps: bool) -> Ledger {
        Ledger {
            keeps,
            next: Cell::new(0),
            made: RefCell::default(),
            journal: OnceCell::new(),
            first_index: OnceCell::new(),
            gives_up: Cell::new(false),
        }
    }

    /// Returns the first index for the links of this run: far above those that the kernel gives, so that no link that is made later by
    /// somebody else has the index of one of ours that is gone.
    pub(crate) fn first_index(&self) -> u32 {
        let thousands = 10 + RandomState::new().hash_one(std::process::id()) % 990;
        *self.first_index.get_or_init(|| thousands as u32 * 1000 + 1)
    }

    /// From now on, what cannot be put back may be deleted.
    pub(crate) fn give_up(&self) {
        self.gives_up.set(true);
    }

    /// Returns whether what cannot be put back may be deleted.
    pub(crate) fn gives_up(&self) -> bool {
        self.gives_up.get()
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

    /// Returns the links that we made in a namespace.
    pub(crate) fn own_links(&self, netns: &Netns) -> Vec<u32> {
        let own = |(_, made): &(u64, Made)| match made {
            Made::Link(inode, index, _) if *inode == netns.id() => Some(*index),
            _ => None,
        };
        self.made.borrow().iter().filter_map(own).collect()
    }

    /// Writes an entry anew, at its place.
    pub(crate) fn amend(&self, entry: Entry, made: Made) -> Result<()> {
        let Some(number) = entry else { return Ok(()) };
        self.write(&json!({ "n": number, "made": made.to_json() }))?;
        if let Some(place) = self.made.borrow_mut().iter_mut().find(|(n, _)| *n == number) {
            place.1 = made;
        }
        Ok(())
    }

    /// Returns the entries of links that were moved into a namespace.
    pub(crate) fn moved_into(&self, inode: u64, index: Option<u32>) -> Vec<(u64, Made)> {
        let into = |made: &Made| matches!(made, Made::Moved(_, to, i, _) if *to == inode && index.is_none_or(|index| index == *i));
        self.made.borrow().iter().filter(|(_, made)| into(made)).cloned().collect()
    }

    /// Notes a link that is not ours and is about to be moved.
    pub(crate) fn note_moved(&self, home: u64, to: u64, index: u32, name: &str) -> Result<Entry> {
        if !self.keeps {
            return Ok(None);
        }
        let number = self.next.replace(self.next.get() + 1);
        let made = Made::Moved(home, to, index, name.to_string());
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

    /// Returns what notes a link whose index the kernel chooses.
    pub(crate) fn link_noter(&self, netns: &Netns, name: &str) -> Result<impl FnOnce(u32) -> kernel::Result<()> + Send + use<>> {
        let number = self.next.get();
        let journal = if self.watches(netns) { Some(self.journal()?.clone()) } else { None };
        let (inode, name) = (netns.id(), name.to_string());
        Ok(move |index| match journal {
            Some(journal) => journal.write(&json!({ "n": number, "made": Made::Link(inode, index, name).to_json() })),
            None => Ok(()),
        })
    }

    /// Enters a link that its noter has written.
    pub(crate) fn enter_link(&self, netns: &Netns, index: u32, name: &str) {
        if self.watches(netns) {
            let number = self.next.replace(self.next.get() + 1);
            self.made.borrow_mut().push((number, Made::Link(netns.id(), index, name.to_string())));
        }
    }

    /// Strikes out a link whose noter may have written it, and which could not be made.
    pub(crate) fn abandon_link(&self, netns: &Netns) {
        if self.watches(netns) {
            let number = self.next.replace(self.next.get() + 1);
            let _ = self.write(&json!({ "gone": number }));
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
            Made::Link(n, i, _) | Made::Addr(n, i, _) => *n == inode && *i == index,
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

    /// Kills what programs of this run left running outside their process groups.
    pub(crate) fn end_strays(&self) {
        let Some(journal) = self.journal.get() else { return };
        kernel::process::end_run(journal.run());
    }

    /// Undoes everything in reverse order; returns what is still there. One failure never keeps the rest from being undone.
    pub(crate) fn undo(&self, lab: &Lab) -> Vec<String> {
        let all: Vec<(u64, Made)> = self.made.take().into_iter().rev().collect();
        let entries: Vec<&Made> = all.iter().map(|(_, made)| made).collect();
        let undone = undo::all(lab, &entries, |place| {
            let _ = self.write(&json!({ "gone": all[place].0 }));
        });
        let left: Vec<String> = undone
            .into_iter()
            .filter_map(|undone| match undone {
                Undone::Kept(what) | Undone::Partly(what, _) | Undone::Other(what) => Some(what),
                Undone::Done(_) | Undone::Gone => None,
            })
            .collect();
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
    let mut made = BTreeMap::new();
    for line in lines {
        if let Some(number) = line["gone"].as_u64() {
            made.remove(&number);
        }
        if let (Some(number), Some(entry)) = (line["n"].as_u64(), Made::from_json(&line["made"])) {
            made.insert(number, entry);
        }
    }
    made.into_values().collect()
}

impl Made {
    fn to_json(&self) -> Value {
        match self {
            Made::Netns(name, inode) => json!({ "netns": name, "inode": inode }),
            Made::Link(netns, index, name) => json!({ "in": netns, "link": index, "name": name }),
            Made::Was(netns, records) => {
                let records: Vec<Value> = records.iter().map(|record| json!([record.class.word(), record.hex()])).collect();
                json!({ "in": netns, "was": records })
            }
            Made::Moved(from, to, index, name) => json!({ "in": from, "moved": index, "to": to, "name": name }),
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
            Made::Values(netns, values) => json!({ "in": netns, "values": values }),
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
        if let Some(records) = value["was"].as_array() {
            let read = |record: &Value| Record::from_hex(Class::from_word(record[0].as_str()?)?, record[1].as_str()?);
            return Some(Made::Was(netns, records.iter().filter_map(read).collect()));
        }
        if let Some(index) = number("moved") {
            return Some(Made::Moved(netns, value["to"].as_u64()?, index, text("name")?));
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
        if let Some(values) = value["values"].as_array() {
            let pair = |value: &Value| Some((value[0].as_str()?.to_string(), value[1].as_str()?.to_string()));
            return Some(Made::Values(netns, values.iter().filter_map(pair).collect()));
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
        let was = vec![Record { class: Class::Rule, bytes: vec![2; 12] }, Record { class: Class::Addr, bytes: vec![255; 8] }];
        let all = [
            Made::Netns("blue".into(), 4_026_531_840),
            Made::Link(1, 2, "v0".into()),
            Made::Was(1, was),
            Made::Moved(1, 3, 2, "eth0".into()),
            Made::Addr(1, 2, "10.0.0.1/24".parse().unwrap()),
            Made::Route(1, Box::new(route)),
            Made::Neigh(1, 2, "10.0.0.2".parse().unwrap()),
            Made::Fdb(1, 2, [2, 0, 0, 0, 0, 1]),
            Made::Other(1, 33, vec![2, 0], "rule 5".into()),
            Made::Values(1, vec![("net/ipv4/conf/eth0/forwarding".into(), "1".into())]),
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
