//! iproute2's sentences, read: `ip …` and `bridge …` as text become a typed operation, which knows how to be done and how it is
//! written as a script. Words may be abbreviated as iproute2 allows; a wrong word gives an error that says what was meant.

mod link;
mod rest;
mod route;
mod words;

use crate::error::{Error, Kind, Result};
use crate::kernel::addr;
use crate::kernel::link::{Bridge, Change, Mac};
use crate::kernel::neigh::Nud;
use crate::kernel::route::{Mode, Route};
use ipnet::IpNet;
use std::net::IpAddr;
use words::Words;

/// A sentence: where, how it is to be printed, and what.
#[derive(Debug)]
pub struct Sentence {
    /// `-n NAME`.
    pub netns: Option<String>,
    /// The options before the object.
    pub view: View,
    /// What is to be done.
    pub operation: Operation,
}

/// The options before the object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct View {
    /// `-4` (false) or `-6` (true).
    pub v6: Option<bool>,
    /// `-br`.
    pub brief: bool,
    /// `-o`.
    pub oneline: bool,
}

/// One end of a veth pair, in words.
#[derive(Debug, Clone, Default)]
pub struct End {
    /// Its name.
    pub name: String,
    /// The namespace in which it is born.
    pub netns: Option<String>,
    /// `mtu`
    pub mtu: Option<u32>,
    /// `address`
    pub mac: Option<Mac>,
    /// `master`
    pub master: Option<String>,
    /// `up`
    pub up: bool,
}

/// Which links are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only {
    /// This one.
    pub dev: Option<String>,
    /// Those that are up.
    pub up: bool,
    /// The ports of this bridge.
    pub master: Option<String>,
    /// Those of this kind.
    pub kind: Option<String>,
    /// Something else is asked for, too.
    pub narrower: bool,
}

/// A route, its links by name.
#[derive(Debug, Clone)]
pub struct RouteWords {
    /// All but the links.
    pub route: Route,
    /// `dev`
    pub dev: Option<String>,
    /// Gateway, link and weight of each next hop.
    pub hops: Vec<(Option<IpAddr>, Option<String>, u32)>,
}

/// What a sentence says.
#[derive(Debug)]
#[allow(missing_docs, reason = "each variant is its sentence")]
pub enum Operation {
    NetnsAdd(String),
    NetnsDel(String),
    NetnsList,
    NetnsPids(String),
    NetnsExec { netns: String, words: Vec<String> },
    VethAdd { a: End, b: End },
    BridgeAdd { name: String, settings: Bridge, up: bool },
    LinkSet { dev: String, change: Box<Change>, master: Option<Option<String>>, netns: Option<String> },
    LinkDel(String),
    LinkShow(Only),
    AddrAdd { dev: String, net: IpNet, options: addr::Options },
    AddrDel { dev: String, net: IpNet },
    AddrFlush { dev: String },
    AddrShow(Only),
    RouteAdd { mode: Mode, words: Box<RouteWords> },
    RouteDel(Box<RouteWords>),
    RouteShow { table: Option<u32>, dev: Option<String>, dst: Option<IpNet> },
    RouteFlush { table: Option<u32>, dev: Option<String> },
    RouteGet { dst: IpAddr, from: Option<IpAddr>, iif: Option<String>, oif: Option<String>, mark: Option<u32> },
    NeighShow { dev: Option<String> },
    NeighAdd { dev: String, ip: IpAddr, mac: Mac, nud: Nud, replace: bool },
    NeighDel { dev: String, ip: IpAddr },
    NeighFlush { dev: Option<String> },
    PortShow { dev: Option<String> },
    FdbShow { bridge: Option<String>, dev: Option<String> },
    FdbAdd { dev: String, mac: Mac },
    FdbDel { dev: String, mac: Mac },
}

impl Operation {
    /// Whether it only asks.
    pub fn asks(&self) -> bool {
        use Operation::*;
        matches!(
            self,
            NetnsList
                | NetnsPids(_)
                | LinkShow(_)
                | AddrShow(_)
                | RouteShow { .. }
                | RouteGet { .. }
                | NeighShow { .. }
                | PortShow { .. }
                | FdbShow { .. }
        )
    }
}

/// The objects of `ip` that are read, in the order in which it looks for them.
pub(crate) const OBJECTS: [&str; 6] = ["address", "route", "neighbour", "neighbor", "link", "netns"];

/// The objects that `ip` has beside these.
const OTHERS: [&str; 16] = [
    "rule",
    "tunnel",
    "tuntap",
    "maddress",
    "monitor",
    "xfrm",
    "mroute",
    "addrlabel",
    "ntable",
    "tcp_metrics",
    "vrf",
    "nexthop",
    "mptcp",
    "macsec",
    "token",
    "sr",
];

/// Reads a sentence of `ip` or `bridge`; the first word is the program.
///
/// # Errors
///
/// `bad-argument`, with the word that was probably meant; `unsupported` for what iproute2 knows and labsh does not.
pub fn read(words: &[String]) -> Result<Sentence> {
    match words.first().map(String::as_str) {
        Some("ip") => ip(&words[1..]),
        Some("bridge") => rest::bridge(&words[1..]),
        other => {
            let error =
                Error::new(Kind::BadArgument, "read", format!("`{}`", other.unwrap_or("")), "a sentence begins with `ip` or `bridge`");
            Err(error)
        }
    }
}

/// Reads the words behind `ip`.
fn ip(all: &[String]) -> Result<Sentence> {
    let mut words = Words::new(all, "ip");
    let (netns, view) = options(&mut words)?;
    let Some(word) = words.next() else {
        return Err(words.wrong("it is not said what").hint("for example `ip addr`, `ip link`, `ip route`, `ip netns`"));
    };
    let object = words::abbreviated(word, &OBJECTS);
    // `ip n` is neighbour and `ip ne` too; netns needs three letters.
    let operation = match object {
        Some("address") => link::address(&mut with(words, "address"), view)?,
        Some("route") => route::route(&mut with(words, "route"), view)?,
        Some("neighbour" | "neighbor") => rest::neighbour(&mut with(words, "neigh"))?,
        Some("link") => link::link(&mut with(words, "link"))?,
        Some("netns") => rest::netns(&mut with(words, "netns"))?,
        _ => {
            let known: Vec<&str> = OBJECTS.iter().chain(&OTHERS).copied().filter(|o| *o != "neighbor").collect();
            return Err(match words::abbreviated(word, &OTHERS) {
                Some(other) => words.not_yet(&format!("`ip {other}`")),
                None => {
                    let error = words.wrong(format!("`{word}` is no object of `ip`"));
                    match crate::near::did_you_mean(word, known) {
                        Some(hint) => error.hint(hint),
                        None => error.because(format!("there are: {}", OBJECTS.join(", "))),
                    }
                }
            });
        }
    };
    Ok(Sentence { netns, view, operation })
}

fn with<'a>(mut words: Words<'a>, object: &str) -> Words<'a> {
    words.path += &format!(" {object}");
    words
}

fn options(words: &mut Words) -> Result<(Option<String>, View)> {
    let (mut netns, mut view) = (None, View::default());
    while let Some(option) = words.peek().filter(|word| word.starts_with('-')) {
        words.next();
        let long = option.trim_start_matches('-');
        let is = |name: &str, least: usize| long.len() >= least && name.starts_with(long);
        match long {
            "4" => view.v6 = Some(false),
            "6" => view.v6 = Some(true),
            "f" | "family" => view.v6 = Some(words.value("-f")? == "inet6"),
            _ if is("netns", 1) => netns = Some(words.value("-n")?.to_string()),
            _ if is("brief", 2) => view.brief = true,
            _ if is("oneline", 1) => view.oneline = true,
            _ if is("details", 1) || is("statistics", 1) || is("color", 1) || is("resolve", 1) || is("Numeric", 1) => {}
            _ if long.starts_with("c=") || long.starts_with("color=") => {}
            _ if is("json", 1)
                || is("pretty", 1)
                || is("batch", 1)
                || is("all", 1)
                || is("Version", 1)
                || is("human-readable", 1)
                || is("timestamp", 1) =>
            {
                return Err(words.not_yet(&format!("its option `{option}`")));
            }
            _ => return Err(words.unknown(option, &["-n", "-4", "-6", "-br", "-o", "-d", "-s"])),
        }
    }
    Ok((netns, view))
}

/// The words that may follow the beginning of a sentence, for completion.
pub fn following(words: &[&str]) -> Vec<&'static str> {
    const LINK_SET: &[&str] =
        &["up", "down", "netns", "master", "nomaster", "mtu", "address", "name", "alias", "txqueuelen", "promisc", "arp", "type"];
    let bare: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let object = bare.get(1).and_then(|word| words::abbreviated(word, &OBJECTS));
    let verb = bare.get(2).copied().unwrap_or("");
    match (bare.as_slice(), object) {
        (["ip"], _) => vec!["addr", "link", "route", "neigh", "netns", "-n", "-br", "-4", "-6"],
        (["bridge"], _) => vec!["link", "fdb"],
        (["bridge", "fdb"], _) => vec!["show", "add", "del"],
        (["bridge", "fdb", ..], _) => vec!["dev", "br", "master"],
        (["ip", _], Some("netns")) => vec!["add", "del", "exec", "list", "pids"],
        (["ip", _], Some("link")) => vec!["set", "add", "del", "show"],
        (["ip", _], Some("route")) => vec!["add", "del", "replace", "show", "get", "flush"],
        (["ip", _], Some(_)) => vec!["add", "del", "show", "flush"],
        (["ip", _, ..], Some("link")) if verb == "set" => LINK_SET.to_vec(),
        (["ip", _, ..], Some("link")) if verb == "add" && bare.contains(&"type") => vec!["veth", "bridge", "peer", "name", "netns"],
        (["ip", _, ..], Some("link")) if verb == "add" => vec!["type", "mtu", "address", "name"],
        (["ip", _, "add" | "del" | "replace"], Some("route")) => vec!["default"],
        (["ip", _, ..], Some("route")) => vec!["via", "dev", "src", "metric", "table", "proto", "scope", "onlink"],
        (["ip", _, ..], Some("address")) => vec!["dev", "broadcast", "scope", "label", "nodad"],
        (["ip", _, ..], Some("neighbour" | "neighbor")) => vec!["dev", "lladdr", "nud"],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_string).collect()
    }

    fn error(line: &str) -> String {
        let error = read(&words(line)).unwrap_err();
        format!("{error}; {}", error.fix().unwrap_or(""))
    }

    #[test]
    fn sentences_are_read_in_their_usual_and_short_forms() {
        for line in [
            "ip netns add blue_ns",
            "ip netns",
            "ip netns exec blue_ns ip link set dev lo up",
            "ip link add dev veth_root type veth peer name veth_ns_blue",
            "ip l a v0 mtu 1400 type veth peer name v1 netns blue_ns",
            "ip link list",
            "ip -n blue l set lo up",
            "ip link set up dev lo",
            "ip link set v1 netns 1",
            "ip link set dev v0 master br0 up",
            "ip link add br0 type bridge stp_state 1 vlan_filtering 0",
            "ip a",
            "ip -br -4 addr show dev eth0",
            "ip addr add 10.0.0.1/24 brd + dev eth0",
            "ip a a 10.0.0.1 dev lo",
            "ip -6 addr add 2001:db8::1/64 dev eth0 nodad",
            "ip r",
            "ip route add default via 10.0.0.1",
            "ip ro add 10.1.0.0/16 via 10.0.0.2 dev eth0 metric 50 table 100",
            "ip route add blackhole 10.9.0.0/16",
            "ip route add 10.2.0.0/16 nexthop via 10.0.0.2 weight 2 nexthop via 10.0.0.3 dev eth0",
            "ip route get 10.0.0.2 from 10.0.0.1 iif eth0",
            "ip route show table all",
            "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:01 dev eth0 nud permanent",
            "ip n",
            "ip neigh flush all",
            "bridge link",
            "bridge fdb show br br0",
            "bridge fdb add 02:00:00:00:00:01 dev v0 master static",
        ] {
            assert!(read(&words(line)).is_ok(), "{line}: {:?}", read(&words(line)));
        }
    }

    #[test]
    fn a_wrong_word_is_told_with_the_one_that_was_meant() {
        assert_eq!(error("ip addredd add 10.0.0.2/24 dev v"), "cannot read `ip`: `addredd` is no object of `ip`; did you mean `address`?");
        assert!(error("ip link set dev lo upp").ends_with("did you mean `up`?"));
        assert!(error("ip netns lsit").ends_with("did you mean `list`?"));
        assert!(error("ip route add default vai 10.0.0.1").ends_with("did you mean `via`?"));
        assert!(error("ip addr add 10.0.0.256/24 dev v").contains("`256` is greater than 255"));
        assert!(error("ip addr add 10.0.0.1/24").contains("dev"));
        assert_eq!(read(&words("ip rule")).unwrap_err().kind(), Kind::Unsupported);
    }
}
