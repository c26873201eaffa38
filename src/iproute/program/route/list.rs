//! `ip route show` and `flush`: which routes, and what is done with them.

use super::super::names::Of;
use super::super::saved;
use super::super::stop::{Result, Stop};
use super::super::words::{self, Family, Prefix, Words, begins};
use super::super::{Run, usage};
use super::show::Told;
use super::*;
use crate::kernel::attr::{self, Writer};
use std::net::IpAddr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Show,
    Flush,
    Save,
}

/// How a prefix is compared with that of a route.
#[derive(Debug, Clone, Copy, Default)]
struct Compared {
    /// Not shorter than that, and within it.
    root: Option<Prefix>,
    /// Not longer than that, and holding it.
    matches: Option<Prefix>,
}

// linux/rtnetlink.h, RTN_
const LOCAL: u8 = 2;
const BROADCAST: u8 = 3;

#[derive(Default)]
struct Which {
    family: Family,
    table: Option<u32>,
    /// Of a VRF: without the routes of its own addresses, which its table holds as well.
    vrf: bool,
    cached: bool,
    tos: Option<u8>,
    proto: Option<u8>,
    scope: Option<u8>,
    kind: Option<u8>,
    oif: Option<u32>,
    iif: Option<u32>,
    via: Option<Prefix>,
    src: Option<Prefix>,
    realm: Option<u32>,
    metric: Option<u32>,
    dst: Compared,
    from: Compared,
}

impl Compared {
    fn read(words: &mut Words<'_>, first: &str, which: &mut Which) -> Result<Compared> {
        let mut compared = Compared::default();
        let prefix = |words: &mut Words<'_>, which: &mut Which| -> Result<Prefix> {
            let prefix = words::prefix(words.value()?, which.family)?;
            if which.family == Family::Any {
                which.family = prefix.family();
            }
            Ok(prefix)
        };
        match first {
            "root" => compared.root = Some(prefix(words, which)?),
            _ if begins(first, "match") => compared.matches = Some(prefix(words, which)?),
            _ => {
                if first != "exact" {
                    words.back();
                }
                let exact = prefix(words, which)?;
                compared = Compared { root: Some(exact), matches: Some(exact) };
            }
        }
        Ok(compared)
    }

    fn passes(&self, own: Option<IpAddr>, length: u8, family: Family) -> bool {
        let zero = match family {
            Family::Inet6 => IpAddr::from([0u8; 16]),
            _ => IpAddr::from([0u8; 4]),
        };
        let own = own.unwrap_or(zero);
        let root = self.root.is_none_or(|root| root.length <= length && (root.length == 0 || root.holds(own)));
        let matches = self.matches.is_none_or(|wanted| {
            let within = Prefix { ip: Some(own), length, told: true };
            length <= wanted.length && (length == 0 || within.holds(wanted.ip.unwrap_or(zero)))
        });
        root && matches
    }
}

impl Which {
    fn read(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Which> {
        let mut which = Which { family: run.options.family, table: Some(TABLE_MAIN), ..Which::default() };
        while let Some(word) = words.take() {
            match word {
                _ if begins(word, "table") || word == "lookup" => {
                    let text = words.value()?;
                    match text {
                        _ if begins(text, "cache") => which.cached = true,
                        "all" => which.table = None,
                        _ => match Of::Table.number(text) {
                            Some(0) => which.table = None,
                            Some(table) => which.table = Some(table),
                            None => return Err(Stop::invalid(text, "table id value is invalid\n")),
                        },
                    }
                }
                "vrf" => {
                    let name = words.value()?;
                    which.table = Some(vrf_table(run, name)?.ok_or_else(|| Stop::invalid(name, "Invalid VRF\n"))?);
                    which.vrf = true;
                }
                _ if begins(word, "cached") || begins(word, "cloned") => which.cached = true,
                "tos" | "dsfield" => {
                    let text = words.value()?;
                    which.tos = Some(tos(text).ok_or_else(|| Stop::invalid(text, "TOS value is invalid\n"))?);
                }
                _ if begins(word, "protocol") => {
                    let text = words.value()?;
                    match Of::Proto.number(text).and_then(|proto| u8::try_from(proto).ok()) {
                        Some(proto) => which.proto = Some(proto),
                        None if text == "all" => which.proto = None,
                        None => return Err(Stop::invalid(text, "invalid \"protocol\"\n")),
                    }
                }
                _ if begins(word, "scope") => {
                    let text = words.value()?;
                    match Of::Scope.number(text).and_then(|scope| u8::try_from(scope).ok()) {
                        Some(scope) => which.scope = Some(scope),
                        None if text == "all" => which.scope = None,
                        None => return Err(Stop::invalid(text, "invalid \"scope\"\n")),
                    }
                }
                _ if begins(word, "type") => {
                    let text = words.value()?;
                    which.kind = Some(kind(text).ok_or_else(|| Stop::invalid(text, "node type value is invalid\n"))?);
                }
                "dev" | "oif" => {
                    let name = words.value()?;
                    which.oif = Some(run.link(name)?.index);
                }
                "iif" => {
                    let name = words.value()?;
                    which.iif = Some(run.link(name)?.index);
                }
                _ if ["metric", "priority", "preference"].iter().any(|full| begins(word, full)) => {
                    which.metric = Some(words.number("\"metric\" value is invalid\n")?);
                }
                "via" => {
                    let text = words.value()?;
                    let family = Family::from_word(text);
                    let text = if family.is_some() { words.value()? } else { text };
                    let prefix = words::prefix(text, family.unwrap_or(which.family))?;
                    if which.family == Family::Any && family.is_none() {
                        which.family = prefix.family();
                    }
                    which.via = Some(prefix);
                }
                "src" => {
                    let prefix = words::prefix(words.value()?, which.family)?;
                    if which.family == Family::Any {
                        which.family = prefix.family();
                    }
                    which.src = Some(prefix);
                }
                _ if begins(word, "realms") => {
                    let text = words.value()?;
                    which.realm = Some(Of::Realm.number(text).ok_or_else(|| Stop::invalid(text, "invalid realms\n"))?);
                }
                _ if begins(word, "from") => {
                    let first = words.value()?;
                    which.from = Compared::read(words, first, &mut which)?;
                }
                _ => {
                    let first = if begins(word, "to") { words.value()? } else { word };
                    if first == "help" {
                        return Err(usage::object("route"));
                    }
                    which.dst = Compared::read(words, first, &mut which)?;
                }
            }
        }
        if which.family == Family::Any && which.table.is_some() {
            which.family = Family::Inet;
        }
        Ok(which)
    }

    fn passes(&self, bytes: &[u8]) -> bool {
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
        let family = Family::of(byte(0));
        let find = |kind| attr::find(bytes.get(RTMSG..).unwrap_or_default(), kind);
        let ip = |kind| find(kind).and_then(attr::ip);
        let index = |kind| find(kind).map(|value| attr::number(value) as u32);
        let cloned = attr::u32_at(bytes, 8) & CLONED != 0;
        let table = index(RTA_TABLE).unwrap_or(u32::from(byte(4)));
        matches!(family, Family::Inet | Family::Inet6 | Family::Mpls)
            && (self.family == Family::Any || self.family == family)
            && cloned == self.cached
            && (self.cached || self.table.is_none_or(|wanted| wanted == table))
            && self.tos.is_none_or(|tos| tos == byte(3))
            && self.proto.is_none_or(|proto| proto == byte(5))
            && self.scope.is_none_or(|scope| scope == byte(6))
            && self.kind.is_none_or(|kind| kind == byte(7))
            && !(self.vrf && [LOCAL, BROADCAST].contains(&byte(7)))
            && self.oif.is_none_or(|oif| index(RTA_OIF) == Some(oif))
            && self.iif.is_none_or(|iif| index(RTA_IIF) == Some(iif))
            && self.via.is_none_or(|via| ip(RTA_GATEWAY).is_some_and(|own| via.holds(own)))
            && self.src.is_none_or(|src| ip(RTA_PREFSRC).is_some_and(|own| src.holds(own)))
            && self.realm.is_none_or(|realm| index(RTA_FLOW) == Some(realm))
            && self.metric.is_none_or(|metric| index(RTA_PRIORITY).unwrap_or(0) == metric)
            && self.dst.passes(ip(RTA_DST), byte(1), family)
            && self.from.passes(ip(RTA_SRC), byte(2), family)
    }
}

/// Reads a type of route.
pub(super) fn kind(word: &str) -> Option<u8> {
    let named = TYPES.iter().position(|known| *known == word).map(|at| at as u8);
    named.or_else(|| words::number(word).and_then(|number| u8::try_from(number).ok()))
}

/// Reads a type of service: a name of rt_dsfield, or a number in hexadecimal.
pub(in super::super) fn tos(word: &str) -> Option<u8> {
    let named = Of::DsField.number(word).filter(|_| words::number(word).is_none());
    named.and_then(|number| u8::try_from(number).ok()).or_else(|| u8::from_str_radix(word.trim_start_matches("0x"), 16).ok())
}

/// The table of a VRF.
pub(in super::super) fn vrf_table(run: &mut Run<'_>, name: &str) -> Result<Option<u32>> {
    let Some(link) = run.find_link(name)? else { return Ok(None) };
    let mut question = [0; 16];
    question[4..8].copy_from_slice(&link.index.to_ne_bytes());
    let answer = run.ask(18, 0, &question)?;
    let info = answer.messages.first().and_then(|message| attr::find(message.bytes.get(16..)?, 18)).unwrap_or_default();
    let vrf = attr::find(info, 1).is_some_and(|kind| attr::text(kind) == "vrf");
    Ok(attr::find(info, 2).filter(|_| vrf).and_then(|data| attr::find(data, 1)).map(|table| attr::number(table) as u32))
}

pub(super) fn list(run: &mut Run<'_>, words: &mut Words<'_>, act: Act) -> Result {
    if act == Act::Flush && words.done() {
        return Err(Stop::wrong("\"ip route flush\" requires arguments."));
    }
    let which = Which::read(run, words)?;
    if act == Act::Flush && which.cached {
        // net.ipv4.route.flush and its twin for IPv6: any write empties them.
        for path in ["/proc/sys/net/ipv4/route/flush", "/proc/sys/net/ipv6/route/flush"] {
            let _ = std::fs::write(path, "-1");
        }
        if run.options.stats > 0 {
            run.write("*** IPv4 routing cache is flushed.\n");
        }
        return Ok(());
    }
    let mut header = [0; RTMSG];
    header[0] = which.family.number();
    if which.cached {
        header[8..12].copy_from_slice(&CLONED.to_ne_bytes());
    }
    header[5] = which.proto.unwrap_or(0);
    header[7] = which.kind.unwrap_or(0);
    let mut question = Writer::new(&header);
    if let Some(table) = which.table.filter(|_| !which.cached) {
        question.u32(RTA_TABLE, table);
    }
    if let Some(index) = which.oif {
        question.u32(RTA_OIF, index);
    }
    let dumped = match run.talk()?.dump(RTM_GETROUTE, &question.bytes()) {
        Ok(dumped) => dumped,
        Err(failure) if act == Act::Flush => {
            let stop = Stop::refused(&failure);
            return Err(Stop { text: stop.text + "Flush terminated\n", ..stop });
        }
        Err(failure) => {
            if run.options.json {
                run.write(if run.options.pretty { "[ " } else { "[" });
            }
            return Err(Stop { status: 2, ..Stop::dump(&failure) });
        }
    };
    let chosen: Vec<Vec<u8>> = dumped
        .into_iter()
        .filter(|message| message.kind == RTM_NEWROUTE && which.passes(&message.bytes))
        .map(|message| message.bytes)
        .collect();
    match act {
        Act::Flush => return flush(run, chosen),
        Act::Save => return saved::save(run, saved::ROUTES, RTM_NEWROUTE, &chosen),
        Act::Show => {}
    }
    let host = |prefix: &Option<Prefix>| prefix.is_some_and(|prefix| prefix.length == prefix.most());
    let told = Told {
        table: which.table.is_some(),
        oif: which.oif.is_some(),
        proto: which.proto.is_some(),
        scope: which.scope.is_some(),
        via: host(&which.via),
        src: host(&which.src),
        tos: which.tos.is_some(),
        metric: which.metric.is_some(),
    };
    let objects: Vec<_> = chosen.iter().map(|bytes| show::route(run, bytes, &told, false)).collect();
    run.print(&objects);
    Ok(())
}

/// Gives saved routes back: first those to own networks, then those that need them to reach their gateway.
pub(super) fn restore(run: &mut Run<'_>) -> Result {
    let messages = saved::read(saved::ROUTES)?;
    let rank = |message: &&talk::Message| {
        let find = |kind| attr::find(message.bytes.get(RTMSG..).unwrap_or_default(), kind);
        match (find(RTA_GATEWAY), find(RTA_PREFSRC)) {
            (Some(_), _) => 2,
            (None, Some(source)) if find(RTA_DST) != Some(source) => 1,
            (None, _) => 0,
        }
    };
    let mut ordered: Vec<&talk::Message> = messages.iter().collect();
    ordered.sort_by_key(rank);
    saved::give(run, ordered.into_iter())
}

/// Prints saved routes.
pub(super) fn showdump(run: &mut Run<'_>) -> Result {
    let told = Told { table: true, ..Told::default() };
    let objects: Vec<_> = saved::read(saved::ROUTES)?.iter().map(|message| show::route(run, &message.bytes, &told, false)).collect();
    run.print(&objects);
    Ok(())
}

fn flush(run: &mut Run<'_>, chosen: Vec<Vec<u8>>) -> Result {
    let mut count = 0;
    for bytes in &chosen {
        let family = Family::of(bytes.first().copied().unwrap_or(0));
        // The kernel keeps its own routes of IPv6 for unreachable and local addresses: they have no link, or that of the loopback.
        match run.try_ask(RTM_DELROUTE, 0, bytes)? {
            Ok(_) => count += 1,
            Err(failure) if failure.is(crate::kernel::Errno::ESRCH) || failure.is(crate::kernel::Errno::ENOENT) => {}
            Err(failure) if family == Family::Inet6 && failure.is(crate::kernel::Errno::EINVAL) => {}
            Err(failure) => return Err(Stop { status: 1, ..Stop::refused(&failure) }),
        }
    }
    run.flushed(count, "entries");
    Ok(())
}
