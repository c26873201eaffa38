//! Objects of a namespace as the bytes in which the kernel tells them, so that they can be given back as they were.
//!
//! What the kernel tells is, but for what changes by itself (ages, states of detection and of carriers), also what it takes: `ip route
//! save` and `restore` rest on the same. Such parts are cut away when a record is read, so that two records of one object are equal.

pub mod link;

use super::attr::{self, Writer};
use super::talk::{self, Talk};
use super::{Failure, Netns, Result, enter};
use ipnet::IpNet;
use nix::errno::Errno;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A kind of object, in the order in which they are given back: each needs those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The settings of a link.
    Link,
    /// A next hop that is an object of its own.
    Nexthop,
    /// An address of a link.
    Addr,
    /// A route.
    Route,
    /// A rule of policy routing.
    Rule,
    /// An entry of the neighbour table that does not age.
    Neigh,
    /// An entry of a forwarding database that does not age.
    Fdb,
}

/// One object as the kernel told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is.
    pub class: Class,
    /// The fixed header and the attributes.
    pub bytes: Vec<u8>,
}

// linux/rtnetlink.h, linux/neighbour.h, linux/nexthop.h
const RTM_NEWLINK: u16 = 16;
const RTM_NEWADDR: u16 = 20;
const RTM_NEWROUTE: u16 = 24;
const RTM_NEWNEIGH: u16 = 28;
const RTM_NEWRULE: u16 = 32;
const RTM_NEWNEXTHOP: u16 = 104;

const AF_INET: u8 = 2;
const AF_BRIDGE: u8 = 7;
const AF_INET6: u8 = 10;

const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_CACHEINFO: u16 = 6;
const IFA_FLAGS: u16 = 8;
/// Tentative, failed detection, secondary, deprecated, optimistic: the kernel decides these.
const IFA_F_BY_ITSELF: u32 = 0x40 | 0x08 | 0x01 | 0x20 | 0x04;

const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
const RTA_PRIORITY: u16 = 6;
const RTA_MULTIPATH: u16 = 9;
const RTA_CACHEINFO: u16 = 12;
const RTA_TABLE: u16 = 15;
const RTA_VIA: u16 = 18;
const RTA_EXPIRES: u16 = 23;
const RTA_NH_ID: u16 = 30;
const RTM_F_CLONED: u32 = 0x200;
const RTNH_F_ONLINK: u32 = 4;
const RTPROT_KERNEL: u8 = 2;

/// RTN_LOCAL, RTN_BROADCAST, RTN_ANYCAST
const OF_ADDRESSES: [u8; 3] = [2, 3, 4];

const FIB_RULE_INVERT: u32 = 2;
const FRA_PRIORITY: u16 = 6;

const NDA_DST: u16 = 1;
const NDA_LLADDR: u16 = 2;
const NDA_CACHEINFO: u16 = 3;
const NDA_PROBES: u16 = 4;
const NUD_NOARP: u16 = 0x40;
const NUD_PERMANENT: u16 = 0x80;
const NTF_PROXY: u8 = 8;

const NHA_ID: u16 = 1;
const NHA_OIF: u16 = 5;

impl Class {
    /// The word by which it is written down.
    pub fn word(self) -> &'static str {
        match self {
            Class::Link => "link",
            Class::Nexthop => "nexthop",
            Class::Addr => "addr",
            Class::Route => "route",
            Class::Rule => "rule",
            Class::Neigh => "neigh",
            Class::Fdb => "fdb",
        }
    }

    /// Returns what a word means.
    pub fn from_word(word: &str) -> Option<Class> {
        let all = [Class::Link, Class::Nexthop, Class::Addr, Class::Route, Class::Rule, Class::Neigh, Class::Fdb];
        all.into_iter().find(|class| class.word() == word)
    }

    /// The message that tells or makes one; the next one deletes it, the one after asks for it.
    fn kind(self) -> u16 {
        match self {
            Class::Link => RTM_NEWLINK,
            Class::Nexthop => RTM_NEWNEXTHOP,
            Class::Addr => RTM_NEWADDR,
            Class::Route => RTM_NEWROUTE,
            Class::Rule => RTM_NEWRULE,
            Class::Neigh | Class::Fdb => RTM_NEWNEIGH,
        }
    }

    /// The length of the fixed header.
    fn header(self) -> usize {
        match self {
            Class::Link => 16,
            Class::Nexthop | Class::Addr => 8,
            Class::Route | Class::Rule | Class::Neigh | Class::Fdb => 12,
        }
    }

    fn questions(self) -> Vec<Vec<u8>> {
        let of = |family: u8, flags: u8| {
            let mut header = vec![0; self.header()];
            header[0] = family;
            if flags != 0 {
                header[10] = flags;
            }
            header
        };
        match self {
            Class::Link | Class::Nexthop => vec![of(0, 0)],
            Class::Addr | Class::Route | Class::Rule => vec![of(AF_INET, 0), of(AF_INET6, 0)],
            Class::Neigh => vec![of(AF_INET, 0), of(AF_INET6, 0), of(AF_INET, NTF_PROXY), of(AF_INET6, NTF_PROXY)],
            Class::Fdb => vec![of(AF_BRIDGE, 0)],
        }
    }
}

/// Lists all objects of some classes; a class that this kernel lacks has none.
pub fn list(netns: &Netns, classes: &[Class]) -> Result<Vec<Record>> {
    let classes = classes.to_vec();
    enter::within(netns, move || {
        let mut talk = Talk::open()?;
        let mut found = Vec::new();
        for class in classes {
            for question in class.questions() {
                match talk.dump(class.kind() + 2, &question) {
                    Ok(messages) => found.extend(messages.iter().filter_map(|message| read(class, &message.bytes))),
                    Err(failure) if failure.is(Errno::EOPNOTSUPP) || failure.is(Errno::EAFNOSUPPORT) => {}
                    Err(failure) => return Err(failure),
                }
            }
        }
        Ok(found)
    })
}

/// Reads a message, without what changes by itself; nothing for what the kernel makes and forgets as it likes.
fn read(class: Class, bytes: &[u8]) -> Option<Record> {
    let mut header = bytes.get(..class.header())?.to_vec();
    let attributes = bytes.get(class.header()..)?;
    let flags_at = |at: usize| attr::u32_at(bytes, at);
    let mut put_flags = |at: usize, flags: u32| header[at..at + 4].copy_from_slice(&flags.to_ne_bytes());
    let mut drop: &[u16] = &[];
    match class {
        Class::Link => return link::read(bytes),
        Class::Nexthop => {
            put_flags(4, flags_at(4) & RTNH_F_ONLINK);
            // Scope and protocol: the first is refused in a request.
            header[1] = 0;
        }
        Class::Addr => {
            header[2] &= !(IFA_F_BY_ITSELF as u8);
            drop = &[IFA_CACHEINFO];
        }
        Class::Route => {
            let (protocol, kind) = (bytes[5], bytes[7]);
            // Those of addresses come and go with them.
            if flags_at(8) & RTM_F_CLONED != 0 || (protocol == RTPROT_KERNEL && OF_ADDRESSES.contains(&kind)) {
                return None;
            }
            put_flags(8, flags_at(8) & RTNH_F_ONLINK);
            let by_id = attr::find(attributes, RTA_NH_ID).is_some();
            drop = if by_id {
                &[RTA_CACHEINFO, RTA_EXPIRES, RTA_OIF, RTA_GATEWAY, RTA_MULTIPATH, RTA_VIA]
            } else {
                &[RTA_CACHEINFO, RTA_EXPIRES]
            };
        }
        Class::Rule => put_flags(8, flags_at(8) & FIB_RULE_INVERT),
        Class::Neigh | Class::Fdb => {
            let state = u16::from_ne_bytes([bytes[8], bytes[9]]);
            let stays = if class == Class::Fdb { NUD_PERMANENT | NUD_NOARP } else { NUD_PERMANENT };
            if state & stays == 0 && bytes[10] & NTF_PROXY == 0 {
                return None;
            }
            drop = &[NDA_CACHEINFO, NDA_PROBES];
        }
    }
    let mut writer = Writer::new(&header);
    for (kind, value) in attr::read(attributes).into_iter().filter(|(kind, _)| !drop.contains(kind)) {
        match (class, kind) {
            (Class::Addr, IFA_FLAGS) => writer.u32(kind, attr::number(value) as u32 & !IFA_F_BY_ITSELF),
            (Class::Route, RTA_MULTIPATH) => writer.put(kind, &without_states(value)),
            _ => writer.put(kind, value),
        }
    }
    Some(Record { class, bytes: writer.bytes() })
}

/// The next hops of a route (`struct rtnexthop`: length, flags, weight, link) without the states of their links.
fn without_states(hops: &[u8]) -> Vec<u8> {
    let (mut hops, mut at) = (hops.to_vec(), 0);
    while at + 8 <= hops.len() {
        hops[at + 2] &= RTNH_F_ONLINK as u8;
        let length = usize::from(u16::from_ne_bytes([hops[at], hops[at + 1]]));
        at += length.next_multiple_of(4).max(8);
    }
    hops
}

impl Record {
    /// The bytes as hexadecimal digits.
    pub fn hex(&self) -> String {
        self.bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads what [`hex`](Self::hex) wrote.
    pub fn from_hex(class: Class, text: &str) -> Option<Record> {
        let digits = text.as_bytes().as_chunks::<2>().0.iter();
        let bytes: Option<Vec<u8>> = digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok()).collect();
        bytes.filter(|bytes| bytes.len() >= class.header()).map(|bytes| Record { class, bytes })
    }

    fn attribute(&self, kind: u16) -> Option<&[u8]> {
        attr::find(self.bytes.get(self.class.header()..)?, kind)
    }

    fn number(&self, kind: u16) -> Option<u32> {
        self.attribute(kind).map(|value| attr::number(value) as u32)
    }

    /// The family of addresses.
    pub fn family(&self) -> u8 {
        self.bytes.first().copied().unwrap_or(0)
    }

    /// The indexes of the links that it belongs to.
    pub fn links(&self) -> Vec<u32> {
        match self.class {
            Class::Link | Class::Addr | Class::Neigh | Class::Fdb => vec![attr::u32_at(&self.bytes, 4)],
            Class::Nexthop => self.number(NHA_OIF).into_iter().collect(),
            Class::Route => {
                let mut links: Vec<u32> = self.number(RTA_OIF).into_iter().collect();
                let (hops, mut at) = (self.attribute(RTA_MULTIPATH).unwrap_or_default(), 0);
                while at + 8 <= hops.len() {
                    links.push(attr::u32_at(hops, at + 4));
                    at += usize::from(u16::from_ne_bytes([hops[at], hops[at + 1]])).next_multiple_of(4).max(8);
                }
                links
            }
            Class::Rule => Vec::new(),
        }
    }

    /// The destination of a route.
    pub fn destination(&self) -> Option<IpNet> {
        let any = if self.family() == AF_INET6 { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { IpAddr::V4(Ipv4Addr::UNSPECIFIED) };
        IpNet::new(self.attribute(RTA_DST).and_then(attr::ip).unwrap_or(any), *self.bytes.get(1)?).ok()
    }

    /// What no two routes share but by being appended: family, table, destination, type of service, metric.
    fn aim(&self) -> (u8, u32, Option<IpNet>, u8, u32) {
        let table = self.number(RTA_TABLE).unwrap_or_else(|| u32::from(self.bytes[4]));
        (self.family(), table, self.destination(), self.bytes[3], self.number(RTA_PRIORITY).unwrap_or(0))
    }

    /// Whether it is this one, or one whose order with this one tells: an address of the same link, a route to the same destination.
    pub fn is_beside(&self, other: &Record) -> bool {
        match (self.class, other.class) {
            (Class::Addr, Class::Addr) => (self.links(), self.family()) == (other.links(), other.family()),
            (Class::Route, Class::Route) => self.aim() == other.aim(),
            _ => self == other,
        }
    }

    /// Whether it is this address, with whatever label and flags.
    fn is_address(&self, other: &Record) -> bool {
        let of = |record: &Record| {
            let ip = |kind| record.attribute(kind).map(<[u8]>::to_vec);
            (record.links(), record.family(), record.bytes[1], ip(IFA_LOCAL), ip(IFA_ADDRESS))
        };
        of(self) == of(other)
    }

    /// Whether the kernel makes it, and makes it anew by itself.
    fn is_the_kernels(&self) -> bool {
        self.class == Class::Route && self.bytes[5] == RTPROT_KERNEL
    }

    /// Says what it is, as a person calls it.
    pub fn text(&self) -> String {
        let ip = |kind: u16| self.attribute(kind).and_then(attr::ip).map(|ip| ip.to_string());
        match self.class {
            Class::Link => format!("settings of link `{}`", link::name(&self.bytes).unwrap_or_default()),
            Class::Nexthop => format!("nexthop {}", self.number(NHA_ID).unwrap_or_default()),
            Class::Addr => format!("address {}/{}", ip(IFA_LOCAL).or_else(|| ip(IFA_ADDRESS)).unwrap_or_default(), self.bytes[1]),
            Class::Route => match self.destination().filter(|dst| dst.prefix_len() > 0) {
                Some(dst) => format!("route to {dst}"),
                None => "route to default".to_string(),
            },
            Class::Rule => format!("rule {}", self.number(FRA_PRIORITY).unwrap_or(0)),
            Class::Neigh => format!("neighbour {}", ip(NDA_DST).unwrap_or_default()),
            Class::Fdb => format!("FDB entry {}", super::link::mac_text(self.attribute(NDA_LLADDR).unwrap_or_default())),
        }
    }
}

/// Says which of the records are not there now, or are another.
pub fn missing<'a>(before: &'a [Record], now: &[Record]) -> Vec<&'a Record> {
    before
        .iter()
        .filter(|record| match record.class {
            Class::Link => !now.iter().any(|other| link::is_as(record, other)),
            _ => !now.contains(record),
        })
        .collect()
}

/// What was given back, and what could not be, with the reason.
#[derive(Debug, Default)]
pub struct Given {
    /// What was given back.
    pub done: Vec<Record>,
    /// What could not be.
    pub failed: Vec<(Record, Failure)>,
}

/// Gives back what is missing of these.
///
/// What belonged to a link that is gone is gone with it.
pub fn give_back(netns: &Netns, before: &[Record]) -> Result<Given> {
    let before = before.to_vec();
    enter::within(netns, move || {
        let mut talk = Talk::open()?;
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        let mut classes: Vec<Class> = before.iter().map(|record| record.class).collect();
        classes.sort();
        classes.dedup();
        for class in classes {
            let all: Vec<Record> = before.iter().filter(|record| record.class == class).cloned().collect();
            match class {
                Class::Link => all.iter().for_each(|record| match link::give_back(&mut talk, record) {
                    Ok(true) => done.push(record.clone()),
                    Ok(false) => {}
                    Err(failure) => failed.push((record.clone(), failure)),
                }),
                Class::Addr => give_back_addrs(&mut talk, &all, &mut done, &mut failed)?,
                _ => give_back_in_turns(&mut talk, class, &all, &mut done, &mut failed)?,
            }
        }
        let links = now(&mut talk, Class::Link)?;
        let lives = |record: &Record| record.links().iter().all(|index| links.iter().any(|link| link.links() == [*index]));
        failed.retain(|(record, _)| !record.is_the_kernels() && lives(record));
        Ok(Given { done, failed })
    })
}

fn now(talk: &mut Talk, class: Class) -> Result<Vec<Record>> {
    let mut found = Vec::new();
    for question in class.questions() {
        found.extend(talk.dump(class.kind() + 2, &question)?.iter().filter_map(|message| read(class, &message.bytes)));
    }
    Ok(found)
}

/// Tries what is missing until nothing more comes of it: a route may need another one first.
fn give_back_in_turns(
    talk: &mut Talk,
    class: Class,
    before: &[Record],
    done: &mut Vec<Record>,
    failed: &mut Vec<(Record, Failure)>,
) -> Result<()> {
    loop {
        let there = now(talk, class)?;
        let wanted = missing(before, &there);
        let (mut progress, mut refused) = (false, Vec::new());
        for record in wanted {
            match make(talk, record, before, &there) {
                Ok(()) => {
                    done.push(record.clone());
                    progress = true;
                }
                Err(failure) => refused.push((record.clone(), failure)),
            }
        }
        if !progress || refused.is_empty() {
            failed.extend(refused);
            break;
        }
    }
    if class == Class::Route { order_routes(talk, before) } else { Ok(()) }
}

/// Puts routes to one destination into the order in which they were, where it is another: the kernel asks, and tells, the first first.
fn order_routes(talk: &mut Talk, before: &[Record]) -> Result<()> {
    let there = now(talk, Class::Route)?;
    let mut aims: Vec<&Record> = Vec::new();
    for record in before {
        if !aims.iter().any(|known| known.is_beside(record)) {
            aims.push(record);
        }
    }
    for first in aims {
        let wanted: Vec<&Record> = before.iter().filter(|record| record.is_beside(first)).collect();
        let known: Vec<&Record> = there.iter().filter(|record| wanted.contains(record)).collect();
        let same = wanted.iter().zip(&known).take_while(|(a, b)| a == b).count();
        if known.len() < wanted.len() || same == wanted.len() {
            continue;
        }
        for record in &known[same..] {
            talk.ask(RTM_NEWROUTE + 1, 0, &record.bytes)?;
        }
        for record in &wanted[same..] {
            talk.ask(RTM_NEWROUTE, talk::CREATE | talk::APPEND, &record.bytes)?;
        }
    }
    Ok(())
}

fn make(talk: &mut Talk, record: &Record, before: &[Record], there: &[Record]) -> Result<()> {
    let how = match record.class {
        Class::Neigh | Class::Fdb => talk::REPLACE,
        // The next hop of that id is a changed one: its id is its identity.
        Class::Nexthop => talk::REPLACE,
        Class::Route => {
            let beside: Vec<&Record> = there.iter().filter(|other| other.aim() == record.aim()).collect();
            match beside.iter().all(|other| before.contains(other)) {
                _ if beside.is_empty() => talk::EXCL,
                true => talk::APPEND,
                // Somebody changed it: the one that was there takes its place again.
                false => talk::REPLACE,
            }
        }
        _ => talk::EXCL,
    };
    talk.ask(record.class.kind(), talk::CREATE | how, &record.bytes).map(|_| ())
}

/// Gives addresses back in their order: the first of a subnet is the one by which a machine is known.
fn give_back_addrs(talk: &mut Talk, before: &[Record], done: &mut Vec<Record>, failed: &mut Vec<(Record, Failure)>) -> Result<()> {
    let mut places: Vec<(Vec<u32>, u8)> = before.iter().map(|record| (record.links(), record.family())).collect();
    places.sort();
    places.dedup();
    for (links, family) in places {
        let of = |record: &&Record| record.links() == links && record.family() == family;
        let wanted: Vec<&Record> = before.iter().filter(of).collect();
        let there = now(talk, Class::Addr)?;
        let known: Vec<&Record> = there.iter().filter(of).filter(|record| wanted.iter().any(|other| other.is_address(record))).collect();
        if known == wanted {
            continue;
        }
        // A new IPv4 address goes behind the others, a new IPv6 one before them (those of its scope): what lies on the wrong side of
        // the first gap is taken away and given back too.
        let in_order: Vec<&Record> = if family == AF_INET6 { wanted.iter().rev().copied().collect() } else { wanted };
        let known: Vec<&Record> = if family == AF_INET6 { known.into_iter().rev().collect() } else { known };
        let same = in_order.iter().zip(&known).take_while(|(a, b)| a == b).count();
        // A route that prefers an address goes with it.
        let routes = if known.len() > same { now(talk, Class::Route)? } else { Vec::new() };
        for record in &known[same..] {
            let _ = talk.ask(RTM_NEWADDR + 1, 0, &record.bytes);
        }
        for record in &in_order[same..] {
            match talk.ask(RTM_NEWADDR, talk::CREATE | talk::EXCL, &record.bytes) {
                Ok(_) => done.push((*record).clone()),
                Err(failure) if failure.is(Errno::EEXIST) => {}
                Err(failure) => failed.push(((*record).clone(), failure)),
            }
        }
        give_back_in_turns(talk, Class::Route, &routes, &mut Vec::new(), failed)?;
    }
    Ok(())
}
