//! Names of numbers: routing tables, protocols, scopes, realms, groups. Those that iproute2 has by itself, and those of its files below
//! /etc/iproute2 where the machine has them.

use super::words;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

/// Which numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of the files say it")]
pub enum Of {
    Table,
    Proto,
    Scope,
    Realm,
    Group,
    DsField,
}

type List = Vec<(u32, String)>;

impl Of {
    const ALL: [Of; 6] = [Of::Table, Of::Proto, Of::Scope, Of::Realm, Of::Group, Of::DsField];

    fn file(self) -> &'static str {
        match self {
            Of::Table => "rt_tables",
            Of::Proto => "rt_protos",
            Of::Scope => "rt_scopes",
            Of::Realm => "rt_realms",
            Of::Group => "group",
            Of::DsField => "rt_dsfield",
        }
    }

    /// What iproute2 knows without any file.
    fn built_in(self) -> &'static [(u32, &'static str)] {
        match self {
            Of::Table => &[(253, "default"), (254, "main"), (255, "local")],
            Of::Proto => &[
                (0, "unspec"),
                (1, "redirect"),
                (2, "kernel"),
                (3, "boot"),
                (4, "static"),
                (8, "gated"),
                (9, "ra"),
                (10, "mrt"),
                (11, "zebra"),
                (12, "bird"),
                (13, "dnrouted"),
                (14, "xorp"),
                (15, "ntk"),
                (16, "dhcp"),
                (18, "keepalived"),
                (42, "babel"),
                (186, "bgp"),
                (187, "isis"),
                (188, "ospf"),
                (189, "rip"),
                (192, "eigrp"),
            ],
            Of::Scope => &[(0, "global"), (200, "site"), (253, "link"), (254, "host"), (255, "nowhere")],
            Of::Realm => &[(0, "cosmos")],
            Of::Group => &[(0, "default")],
            Of::DsField => &[(0, "default")],
        }
    }

    fn list(self) -> &'static List {
        static LISTS: [OnceLock<List>; 6] = [const { OnceLock::new() }; 6];
        let at = Of::ALL.iter().position(|of| *of == self).unwrap_or(0);
        LISTS[at].get_or_init(|| self.read())
    }

    fn read(self) -> List {
        let mut list: List = self.built_in().iter().map(|(number, name)| (*number, name.to_string())).collect();
        for folder in ["/usr/share/iproute2", "/etc/iproute2"] {
            let file = Path::new(folder).join(self.file());
            let more = fs::read_dir(file.with_extension("d")).into_iter().flatten().flatten().map(|entry| entry.path());
            for path in [file.clone()].into_iter().chain(more.filter(|path| path.extension().is_some_and(|ending| ending == "conf"))) {
                list.extend(fs::read_to_string(path).unwrap_or_default().lines().filter_map(line));
            }
        }
        list
    }

    /// Returns the name of a number, if it has one.
    pub fn known(self, number: u32) -> Option<String> {
        self.list().iter().rev().find(|(known, _)| *known == number).map(|(_, name)| name.clone())
    }

    /// Returns the name of a number, or the number.
    pub fn name(self, number: u32) -> String {
        self.known(number).unwrap_or_else(|| number.to_string())
    }

    /// Reads a name or a number.
    pub fn number(self, word: &str) -> Option<u32> {
        let named = self.list().iter().rev().find(|(_, name)| name == word).map(|(number, _)| *number);
        named.or_else(|| words::number(word).and_then(|number| u32::try_from(number).ok()))
    }
}

fn line(line: &str) -> Option<(u32, String)> {
    let mut parts = line.split('#').next()?.split_whitespace();
    let number = words::number(parts.next()?)?;
    Some((u32::try_from(number).ok()?, parts.next()?.to_string()))
}

/// Reads realms: `TO`, or `FROM/TO`.
pub fn realms(text: &str) -> Option<u32> {
    let part = |part: &str| Of::Realm.number(part).filter(|realm| *realm < 1 << 16);
    match text.split_once('/') {
        Some((from, to)) => part(from).zip(part(to)).map(|(from, to)| from << 16 | to),
        None => part(text),
    }
}
