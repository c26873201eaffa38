//! The tools before iproute2, which tutorials still use: `ifconfig`, `route`, `arp` (net-tools) and `brctl` (bridge-utils).

use super::Job;
use crate::error::Result;
use crate::iproute::form::Writer;
use crate::iproute::read::{Only, Operation, RouteWords};
use crate::iproute::show;
use crate::kernel::addr;
use crate::kernel::link::{Bridge, Change, mac_text};
use crate::kernel::neigh::Nud;
use crate::kernel::route::{self, Mode, Route};
use crate::lab::address;
use crate::lab::link::parse_mac;
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr};

/// The order in which ifconfig(8) tells the flags.
const ORDER: [&str; 9] = ["UP", "BROADCAST", "LOOPBACK", "POINTOPOINT", "RUNNING", "NOARP", "PROMISC", "ALLMULTI", "MULTICAST"];

impl Job<'_> {
    /// Prints what a tool shows, and the form of the operation that asks the same.
    fn shown(&self, text: &str, operation: &Operation) {
        self.print(text);
        let named = |name: &str| super::expression(self.shell, name);
        let writer = Writer { netns: (!self.netns.is_root()).then(|| named(self.netns.name())), v6: None, named: &named };
        if let Some(form) = writer.form(operation) {
            self.form(&form, false);
        }
    }
}

pub(super) fn ifconfig(job: &Job, words: &[String]) -> Result<()> {
    let all = words.first().map(String::as_str) == Some("-a");
    let words = if all { &words[1..] } else { words };
    let Some((dev, rest)) = words.split_first() else {
        let mut text = Vec::new();
        for link in job.netns.links()? {
            if all || link.state()?.is_up() {
                text.push(interface(&link)?);
            }
        }
        job.shown(&text.join("\n\n"), &Operation::AddrShow(Only::default()));
        if text.is_empty() {
            job.shell.say(&job.shell.paint.dim("  no link is up; `ifconfig -a` shows those that are down"));
        }
        return Ok(());
    };
    let link = job.netns.link(dev)?;
    if rest.is_empty() {
        job.shown(&interface(&link)?, &Operation::AddrShow(Only { dev: Some(dev.clone()), ..Only::default() }));
        return Ok(());
    }
    let (mut change, mut net, mut broadcast) = (Change::default(), None::<IpNet>, None);
    let mut rest = rest.iter();
    let value = |rest: &mut std::slice::Iter<String>, of: &str| {
        rest.next().cloned().ok_or_else(|| job.wrong(format!("`{of}` needs a value behind it")))
    };
    while let Some(word) = rest.next() {
        match word.as_str() {
            "up" => change.up = Some(true),
            "down" => change.up = Some(false),
            "mtu" => change.mtu = Some(value(&mut rest, word)?.parse().map_err(|_| job.wrong("`mtu` takes a number"))?),
            "promisc" => change.promisc = Some(true),
            "-promisc" => change.promisc = Some(false),
            "arp" => change.arp = Some(true),
            "-arp" => change.arp = Some(false),
            "hw" => {
                value(&mut rest, word)?;
                change.mac = Some(parse_mac(&value(&mut rest, "ether")?)?);
            }
            "netmask" => {
                let mask: Ipv4Addr = value(&mut rest, word)?.parse().map_err(|_| job.wrong("`netmask` takes a mask like 255.255.255.0"))?;
                let Some(IpNet::V4(v4)) = net else { return Err(job.wrong("`netmask` stands behind an address")) };
                net = Some(Ipv4Net::with_netmask(v4.addr(), mask).map_err(|_| job.wrong(format!("{mask} is no mask")))?.into());
            }
            "broadcast" => broadcast = address::ip(&value(&mut rest, word)?).ok(),
            "inet" | "add" | "inet6" => {}
            text if net.is_none() => {
                net = Some(match text.contains('/') {
                    true => address::cidr(text)?,
                    // Without a mask, the class of the address decides (RFC 791).
                    false => match address::ip(text)? {
                        IpAddr::V4(ip) => Ipv4Net::new(
                            ip,
                            match ip.octets()[0] {
                                0..128 => 8,
                                128..192 => 16,
                                _ => 24,
                            },
                        )
                        .expect("it is at most 24")
                        .into(),
                        ip => ip.into(),
                    },
                });
                // An address brings the link up.
                change.up = change.up.or(Some(true));
            }
            other => return Err(job.wrong(format!("`{other}` is not one of its words"))),
        }
    }
    if let Some(net) = net {
        let broadcast = broadcast.and_then(|ip| if let IpAddr::V4(ip) = ip { Some(ip) } else { None });
        let broadcast = broadcast.or(if let IpNet::V4(v4) = net { Some(v4.broadcast()) } else { None });
        job.operate(Operation::AddrAdd { dev: dev.clone(), net, options: addr::Options { broadcast, ..addr::Options::default() } })?;
    }
    job.operate(Operation::LinkSet { dev: dev.clone(), change: Box::new(change), master: None, netns: None })
}

/// The paragraph of `ifconfig` for one link.
fn interface(link: &crate::lab::Link) -> Result<String> {
    let state = link.state()?;
    let flags: Vec<String> = show::flags(&state).into_iter().filter(|flag| flag != "LOWER_UP" && flag != "NO-CARRIER").collect();
    let mut words = flags;
    if state.carrier && state.is_up() {
        words.push("RUNNING".to_string());
    }
    words.sort_by_key(|word| ORDER.iter().position(|known| known == word));
    let mut text = format!("{}: flags={}<{}>  mtu {}", state.name, state.flags.bits() & 0xffff, words.join(","), state.mtu);
    for addr in link.addrs()? {
        text += &match addr.state.net {
            IpNet::V4(v4) => {
                let broadcast = addr.state.broadcast.map(|ip| format!("  broadcast {ip}")).unwrap_or_default();
                format!("\n        inet {}  netmask {}{broadcast}", v4.addr(), v4.netmask())
            }
            IpNet::V6(v6) => {
                let (number, word) = match addr.state.scope.as_str() {
                    "host" => ("0x10", "host"),
                    "link" => ("0x20", "link"),
                    _ => ("0x0", "global"),
                };
                format!("\n        inet6 {}  prefixlen {}  scopeid {number}<{word}>", v6.addr(), v6.prefix_len())
            }
        };
    }
    text += &match state.loopback {
        true => format!("\n        loop  txqueuelen {}  (Local Loopback)", state.txqlen),
        false => format!("\n        ether {}  txqueuelen {}  (Ethernet)", mac_text(&state.mac), state.txqlen),
    };
    let s = &state.stats;
    let (rx, tx) = (size(s.rx_bytes), size(s.tx_bytes));
    text += &format!("\n        RX packets {}  bytes {} ({rx})", s.rx_packets, s.rx_bytes);
    text += &format!("\n        RX errors {}  dropped {}  overruns 0  frame 0", s.rx_errors, s.rx_dropped);
    text += &format!("\n        TX packets {}  bytes {} ({tx})", s.tx_packets, s.tx_bytes);
    text += &format!("\n        TX errors {}  dropped {} overruns 0  carrier 0  collisions 0", s.tx_errors, s.tx_dropped);
    Ok(text)
}

fn size(bytes: u64) -> String {
    match bytes as f64 {
        b if b >= 1e9 => format!("{:.1} GB", b / 1e9),
        b if b >= 1e6 => format!("{:.1} MB", b / 1e6),
        b if b >= 1e3 => format!("{:.1} KB", b / 1e3),
        b => format!("{b:.1} B"),
    }
}

pub(super) fn route(job: &Job, words: &[String]) -> Result<()> {
    let numeric = words.iter().any(|word| word.starts_with('-') && word.contains('n') && word.len() <= 4 && word != "-net");
    let words: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !word.starts_with('-') || matches!(*word, "-net" | "-host")).collect();
    let (verb, rest) = match words.as_slice() {
        [] => return routes(job, numeric),
        [verb @ ("add" | "del"), rest @ ..] => (*verb, rest),
        [other, ..] => return Err(job.wrong(format!("`{other}` is not one of its words")).hint("there are add and del")),
    };
    let (mut dst, mut mask, mut via, mut dev, mut metric) = (None, None, None, None, None);
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        let mut value = || rest.next().copied().ok_or_else(|| job.wrong(format!("`{word}` needs a value behind it")));
        match *word {
            "-net" | "-host" => dst = Some(value()?.to_string()),
            "gw" => via = Some(address::ip(value()?)?),
            "netmask" => mask = Some(value()?.to_string()),
            "dev" => dev = Some(value()?.to_string()),
            "metric" => metric = Some(value()?.parse().map_err(|_| job.wrong("`metric` takes a number"))?),
            text if dst.is_none() => dst = Some(text.to_string()),
            // The link may stand at the end without `dev`.
            text if dev.is_none() => dev = Some(text.to_string()),
            other => return Err(job.wrong(format!("`{other}` is not one of its words"))),
        }
    }
    let Some(dst) = dst else { return Err(job.wrong("the destination is missing").hint("route add default gw 10.0.0.1")) };
    let dst = match mask {
        Some(mask) => {
            let (ip, mask) = (dst.parse::<Ipv4Addr>().ok(), mask.parse::<Ipv4Addr>().ok());
            let net = ip.zip(mask).and_then(|(ip, mask)| Ipv4Net::with_netmask(ip, mask).ok());
            net.ok_or_else(|| job.wrong("the netmask does not fit"))?.to_string()
        }
        None => dst,
    };
    let route = Route { via, metric, ..Route::to(address::destination(&dst, false)?) };
    let words = Box::new(RouteWords { route, dev, hops: Vec::new() });
    job.operate(if verb == "add" { Operation::RouteAdd { mode: Mode::Add, words } } else { Operation::RouteDel(words) })
}

fn routes(job: &Job, numeric: bool) -> Result<()> {
    let mut text = "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface".to_string();
    let links = job.netns.link_states()?;
    for route in job.netns.routes()? {
        let IpNet::V4(dst) = route.dst else { continue };
        if route.table != route::MAIN {
            continue;
        }
        let flags = match (route.kind, route.via, dst.prefix_len()) {
            (route::Type::Unicast, Some(_), 32) => "UGH",
            (route::Type::Unicast, Some(_), _) => "UG",
            (route::Type::Unicast, None, 32) => "UH",
            (route::Type::Unicast, None, _) => "U",
            _ => "!",
        };
        let name = if route.is_default() && !numeric { "default".to_string() } else { dst.network().to_string() };
        let via = route.via.map_or("0.0.0.0".to_string(), |via| via.to_string());
        let dev = links.iter().find(|link| Some(link.index) == route.dev).map_or("-", |link| &link.name);
        text += &format!("\n{name:<15} {via:<15} {:<15} {flags:<5} {:<6} 0        0 {dev}", dst.netmask(), route.metric.unwrap_or(0));
    }
    job.shown(&text, &Operation::RouteShow { table: None, dev: None, dst: None });
    Ok(())
}

pub(super) fn arp(job: &Job, words: &[String]) -> Result<()> {
    let all: Vec<&str> = words.iter().map(String::as_str).collect();
    let dev_of = |ip: IpAddr| -> Result<String> {
        let known = job.netns.neighs(None)?.into_iter().find(|neigh| neigh.state.ip == ip).map(|neigh| neigh.dev);
        match known {
            Some(dev) => Ok(dev),
            None => {
                let index = job.netns.get_route(ip, &route::Query::default())?.dev;
                let links = job.netns.link_states()?;
                links
                    .into_iter()
                    .find(|link| Some(link.index) == index)
                    .map(|link| link.name)
                    .ok_or_else(|| job.wrong("no link reaches it"))
            }
        }
    };
    match all.as_slice() {
        ["-s", ip, mac, ..] => {
            let ip = address::ip(ip)?;
            job.operate(Operation::NeighAdd { dev: dev_of(ip)?, ip, mac: parse_mac(mac)?, nud: Nud::Permanent, replace: true })
        }
        ["-d", ip, ..] => {
            let ip = address::ip(ip)?;
            job.operate(Operation::NeighDel { dev: dev_of(ip)?, ip })
        }
        _ => {
            let mut text = "Address                  HWtype  HWaddress           Flags Mask            Iface".to_string();
            for neigh in job.netns.neighs(None)?.iter().filter(|neigh| neigh.state.ip.is_ipv4()) {
                let flags = if neigh.state.state == "PERMANENT" { "CM" } else { "C" };
                let mac = if neigh.state.mac.is_empty() { "(incomplete)".to_string() } else { mac_text(&neigh.state.mac) };
                text += &match neigh.state.mac.is_empty() {
                    true => format!("\n{:<24}         {mac:<19}                       {}", neigh.state.ip.to_string(), neigh.dev),
                    false => format!("\n{:<24} ether   {mac:<19} {flags:<21} {}", neigh.state.ip.to_string(), neigh.dev),
                };
            }
            job.shown(&text, &Operation::NeighShow { dev: None });
            Ok(())
        }
    }
}

pub(super) fn brctl(job: &Job, words: &[String]) -> Result<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let set = |dev: &str, master: Option<&str>| {
        let master = Some(master.map(str::to_string));
        job.operate(Operation::LinkSet { dev: dev.to_string(), change: Box::default(), master, netns: None })
    };
    match words.as_slice() {
        ["addbr", name] => job.operate(Operation::BridgeAdd { name: name.to_string(), settings: Bridge::default(), up: false }),
        ["delbr", name] => job.operate(Operation::LinkDel(name.to_string())),
        ["addif", bridge, ports @ ..] => ports.iter().try_for_each(|port| set(port, Some(bridge))),
        ["delif", _, ports @ ..] => ports.iter().try_for_each(|port| set(port, None)),
        ["stp", bridge, on] => {
            let settings = Bridge { stp: Some(matches!(*on, "on" | "yes" | "1")), ..Bridge::default() };
            let change = Box::new(Change { bridge: Some(settings), ..Change::default() });
            job.operate(Operation::LinkSet { dev: bridge.to_string(), change, master: None, netns: None })
        }
        ["show", ..] | [] => bridges(job),
        [other, ..] => Err(job.wrong(format!("`{other}` is not one of its words")).hint("there are addbr, delbr, addif, delif, stp, show")),
    }
}

fn bridges(job: &Job) -> Result<()> {
    let states = job.netns.link_states()?;
    let mut text = "bridge name\tbridge id\t\tSTP enabled\tinterfaces".to_string();
    for bridge in states.iter().filter(|state| state.kind.as_deref() == Some("bridge")) {
        let settings = bridge.bridge.unwrap_or_default();
        let id = format!("{:04x}.{}", settings.priority.unwrap_or(0x8000), mac_text(&bridge.mac).replace(':', ""));
        let stp = if settings.stp == Some(true) { "yes" } else { "no" };
        let ports: Vec<&str> = states.iter().filter(|state| state.master == Some(bridge.index)).map(|state| state.name.as_str()).collect();
        text += &format!("\n{}\t\t{id}\t{stp}\t\t{}", bridge.name, ports.join("\n\t\t\t\t\t\t\t"));
    }
    job.shown(&text, &Operation::LinkShow(Only { kind: Some("bridge".to_string()), ..Only::default() }));
    Ok(())
}
