//! `ip address`: addresses of links.

use super::link::show::{self, Filter};
use super::names::Of;
use super::output::Fields;
use super::saved;
use super::stop::{Result, Stop};
use super::words::{self, Family, Prefix, Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};
use crate::kernel::talk;
use std::net::IpAddr;

const RTM_NEWADDR: u16 = 20;
const RTM_DELADDR: u16 = 21;
const RTM_GETADDR: u16 = 22;
const IFADDRMSG: usize = 8;

// linux/if_addr.h
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_LABEL: u16 = 3;
const IFA_BROADCAST: u16 = 4;
const IFA_ANYCAST: u16 = 5;
const IFA_CACHEINFO: u16 = 6;
const IFA_FLAGS: u16 = 8;
const IFA_RT_PRIORITY: u16 = 9;
const PERMANENT: u32 = 0x80;
const FOREVER: u32 = u32::MAX;

/// Flags with their words, in the order in which they are printed; whether they can be given to `add`, and whether only IPv6 has them.
const FLAGS: [(u32, &str, bool, bool); 11] = [
    (0x01, "secondary", false, false),
    (0x02, "nodad", true, true),
    (0x04, "optimistic", true, true),
    (0x08, "dadfailed", false, true),
    (0x10, "home", true, true),
    (0x20, "deprecated", false, true),
    (0x40, "tentative", false, true),
    (PERMANENT, "permanent", false, true),
    (0x100, "mngtmpaddr", true, true),
    (0x200, "noprefixroute", true, false),
    (0x400, "autojoin", true, false),
];
/// The word of IPv6 for what IPv4 calls secondary.
const TEMPORARY: &str = "temporary";

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(verb) = words.take() else { return list(run, words, Act::Show) };
    let is = |full: &str| begins(verb, full);
    match () {
        () if is("add") => modify(run, words, RTM_NEWADDR, talk::CREATE | talk::EXCL),
        () if is("change") || verb == "chg" => modify(run, words, RTM_NEWADDR, talk::REPLACE),
        () if is("replace") => modify(run, words, RTM_NEWADDR, talk::CREATE | talk::REPLACE),
        () if is("delete") => modify(run, words, RTM_DELADDR, 0),
        () if show::is_show(verb) => list(run, words, Act::Show),
        () if is("flush") => list(run, words, Act::Flush),
        () if is("save") => list(run, words, Act::Save),
        () if is("showdump") => showdump(run),
        () if is("restore") => saved::restore(run, saved::ADDRESSES),
        () if is("help") => Err(usage::object("address")),
        () => Err(Stop::unknown_command(verb, "ip address")),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Show,
    Flush,
    Save,
}

/// Which addresses are meant.
#[derive(Default)]
struct Which {
    links: Filter,
    to: Option<Prefix>,
    scope: Option<u32>,
    label: Option<String>,
    /// Flags that must be set, and those that must not.
    with: u32,
    without: u32,
    dynamic: Option<bool>,
    family: Family,
}

impl Which {
    fn read(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Which> {
        let mut which = Which { family: run.options.family, ..Which::default() };
        while let Some(word) = words.take() {
            let (bare, not) = word.strip_prefix('-').map_or((word, false), |bare| (bare, true));
            match word {
                "to" => {
                    let prefix = words::prefix(words.value()?, run.options.family)?;
                    if which.family == Family::Any {
                        which.family = prefix.family();
                    }
                    which.to = Some(prefix);
                }
                "scope" => {
                    let scope = words.value()?;
                    which.scope = match scope {
                        "all" => None,
                        _ => Some(Of::Scope.number(scope).ok_or_else(|| Stop::invalid(scope, "invalid \"scope\"\n"))?),
                    };
                }
                "label" => which.label = Some(words.value()?.to_string()),
                "dynamic" => which.dynamic = Some(true),
                "permanent" => which.dynamic = Some(false),
                "primary" => which.without |= 1,
                _ if bare == "secondary" || bare == TEMPORARY => set(&mut which, 1, not),
                _ if FLAGS.iter().any(|(_, known, ..)| *known == bare) => {
                    let bit = FLAGS.iter().find(|(_, known, ..)| *known == bare).map_or(0, |(bit, ..)| *bit);
                    set(&mut which, bit, not);
                }
                _ if which.links.take(run, word, words)? => {}
                _ => which.links.device(word, words)?,
            }
        }
        Ok(which)
    }

    /// Whether addresses are chosen, so that links without one of them are left out.
    fn chooses(&self) -> bool {
        self.family != Family::Any && self.family != Family::Link
            || self.to.is_some()
            || self.scope.is_some()
            || self.label.is_some()
            || self.with | self.without != 0
            || self.dynamic.is_some()
    }

    fn passes(&self, own: &Own, name: &str) -> bool {
        let family = Family::of(own.family);
        (self.family == Family::Any || self.family == family)
            && self.scope.is_none_or(|scope| scope == u32::from(own.scope))
            && own.flags & self.with == self.with
            && own.flags & self.without == 0
            && self.dynamic.is_none_or(|dynamic| dynamic == (own.flags & PERMANENT == 0))
            && self.to.is_none_or(|to| own.local.is_some_and(|ip| to.holds(ip)) && own.length >= if to.told { to.length } else { 0 })
            && self.label.as_ref().is_none_or(|label| {
                let own = own.label.clone().unwrap_or_else(|| name.to_string());
                matches(label, &own)
            })
    }
}

fn set(which: &mut Which, bit: u32, not: bool) {
    if not { which.without |= bit } else { which.with |= bit }
}

/// A pattern of the shell: `*` and `?`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => (0..=text.len()).any(|at| text.is_char_boundary(at) && matches(&pattern[1..], &text[at..])),
        Some(c) => text.chars().next().is_some_and(|t| (c == '?' || c == t) && matches(&pattern[c.len_utf8()..], &text[t.len_utf8()..])),
    }
}

/// An address as the kernel tells it.
pub(super) struct Own {
    family: u8,
    length: u8,
    flags: u32,
    scope: u8,
    pub(super) index: u32,
    local: Option<IpAddr>,
    peer: Option<IpAddr>,
    broadcast: Option<IpAddr>,
    anycast: Option<IpAddr>,
    label: Option<String>,
    metric: Option<u64>,
    lifetimes: Option<(u32, u32)>,
    bytes: Vec<u8>,
}

pub(super) fn parse(bytes: &[u8]) -> Option<Own> {
    let [family, length, flags, scope, ..] = *bytes else { return None };
    let find = |kind| attr::find(bytes.get(IFADDRMSG..).unwrap_or_default(), kind);
    let address = find(IFA_ADDRESS).and_then(attr::ip);
    let local = find(IFA_LOCAL).and_then(attr::ip);
    Some(Own {
        family,
        length,
        flags: find(IFA_FLAGS).map_or(u32::from(flags), |flags| attr::u32_at(flags, 0)),
        scope,
        index: attr::u32_at(bytes, 4),
        local: local.or(address),
        peer: address.filter(|address| local.is_some() && Some(*address) != local),
        broadcast: find(IFA_BROADCAST).and_then(attr::ip),
        anycast: find(IFA_ANYCAST).and_then(attr::ip),
        label: find(IFA_LABEL).map(attr::text),
        metric: find(IFA_RT_PRIORITY).map(attr::number).filter(|metric| *metric != 0),
        lifetimes: find(IFA_CACHEINFO).map(|info| (attr::u32_at(info, 0), attr::u32_at(info, 4))),
        bytes: bytes.to_vec(),
    })
}

fn ask(run: &mut Run<'_>, which: &Which, index: Option<u32>) -> Result<Vec<Own>> {
    if which.family == Family::Link {
        return Ok(Vec::new());
    }
    let mut question = vec![0; IFADDRMSG];
    question[0] = which.family.number();
    question[4..8].copy_from_slice(&index.unwrap_or(0).to_ne_bytes());
    let messages = run.dump(RTM_GETADDR, &question)?;
    let found = messages.iter().filter(|message| message.kind == RTM_NEWADDR).filter_map(|message| parse(&message.bytes));
    Ok(found.filter(|own| index.is_none_or(|index| own.index == index)).collect())
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>, act: Act) -> Result {
    if act == Act::Flush && words.done() {
        return Err(Stop::wrong("Flush requires arguments."));
    }
    let which = Which::read(run, words)?;
    let index = match &which.links.dev {
        Some(name) => match run.find_link(name)? {
            Some(link) => Some(link.index),
            None => return Err(Stop::wrong(format!("Device \"{name}\" does not exist."))),
        },
        None => None,
    };
    let links = show::ask(run, &which.links, which.family)?;
    let addresses = ask(run, &which, index)?;
    if act == Act::Flush {
        return flush(run, &which, &links, addresses);
    }
    if act == Act::Save {
        let chosen = addresses.iter().filter(|own| {
            let link = links.iter().find(|link| attr::u32_at(link, 4) == own.index && which.links.passes(link));
            let name = link.map(|link| attr::find(link.get(16..).unwrap_or_default(), 3).map(attr::text).unwrap_or_default());
            name.is_some_and(|name| which.passes(own, &name))
        });
        let chosen: Vec<Vec<u8>> = chosen.map(|own| own.bytes.clone()).collect();
        return saved::save(run, saved::ADDRESSES, RTM_NEWADDR, &chosen);
    }
    let mut objects = Vec::new();
    for link in &links {
        let index = attr::u32_at(link, 4);
        let name = attr::find(link.get(16..).unwrap_or_default(), 3).map(attr::text).unwrap_or_default();
        let own: Vec<&Own> = addresses.iter().filter(|own| own.index == index && which.passes(own, &name)).collect();
        // A link without any address stays, unless a family was asked for.
        let bare = which.family == Family::Any && !addresses.iter().any(|own| own.index == index);
        if !which.links.passes(link) || (which.chooses() && own.is_empty() && !bare) {
            if run.options.json && (!which.links.passes(link)) {
                objects.push(Fields::new());
            }
            continue;
        }
        if run.options.oneline && !run.options.brief && !run.options.json {
            // Each address is a line of its own, and the link is none.
            for own in own {
                let mut line = Fields::new();
                line.text(format!("{index}: {name}"));
                line.extend(address(run, own));
                line.text("\n");
                objects.push(line);
            }
            continue;
        }
        if which.label.is_some() && !run.options.brief && !run.options.json {
            // Asked by label, iproute2 tells no link.
            for own in own {
                let mut line = address(run, own);
                line.text("\n");
                objects.push(line);
            }
            continue;
        }
        objects.push(described(run, link, &own, which.family));
    }
    run.print(&objects);
    Ok(())
}

/// Prints what was saved.
fn showdump(run: &mut Run<'_>) -> Result {
    let mut objects = Vec::new();
    for message in saved::read(saved::ADDRESSES)? {
        if let Some(own) = parse(&message.bytes) {
            let mut fields = Fields::new();
            fields.text(format!("if{}:\n", own.index));
            fields.extend(address(run, &own));
            fields.text("\n");
            objects.push(fields);
        }
    }
    run.print(&objects);
    Ok(())
}

fn described(run: &mut Run<'_>, link: &[u8], own: &[&Own], family: Family) -> Fields {
    let brief = run.options.brief;
    let mut fields = show::link(run, link, Some(family));
    let mut list = Vec::new();
    for own in own {
        let mut inner = Fields::new();
        if brief {
            local_address(own, &mut inner);
        } else {
            inner.text("\n");
            inner.extend(address(run, own));
        }
        list.push(inner);
    }
    if !brief {
        let names = attr::find(link.get(16..).unwrap_or_default(), 52);
        show::altnames(names, &mut fields);
    }
    fields.objects("addr_info", list);
    if run.options.stats > 0 && !brief {
        show::stats_of(run, link, &mut fields);
    }
    fields.text("\n");
    fields
}

fn local_address(own: &Own, fields: &mut Fields) {
    let Some(local) = own.local else { return };
    fields.both("local", local.to_string(), local.to_string());
    if let Some(peer) = own.peer {
        fields.both("address", peer.to_string(), format!(" peer {peer}"));
    }
    fields.both("prefixlen", own.length, format!("/{} ", own.length));
    if let Some(metric) = own.metric {
        fields.both("metric", metric, format!("metric {metric} "));
    }
}

pub(super) fn address(run: &Run<'_>, own: &Own) -> Fields {
    let mut fields = Fields::new();
    let family = Family::of(own.family).word();
    fields.both("family", family, format!("    {family} "));
    local_address(own, &mut fields);
    if let Some(broadcast) = own.broadcast {
        fields.both("broadcast", broadcast.to_string(), format!("brd {broadcast} "));
    }
    if let Some(anycast) = own.anycast {
        fields.both("anycast", anycast.to_string(), format!("any {anycast} "));
    }
    let scope = scope(run, own.scope);
    fields.both("scope", scope.as_str(), format!("scope {scope} "));
    flags(own, &mut fields);
    if let Some(label) = &own.label {
        fields.both("label", label, label.as_str());
    }
    if let Some((preferred, valid)) = own.lifetimes {
        fields.text("\n       ");
        let deprecated = own.flags & 0x20 != 0;
        for (key, word, seconds) in [("valid_life_time", "valid_lft", valid), ("preferred_life_time", "preferred_lft", preferred)] {
            let text = match seconds {
                FOREVER => "forever".to_string(),
                _ if deprecated && key == "preferred_life_time" => format!("{}sec", seconds as i32),
                _ => format!("{seconds}sec"),
            };
            if key == "preferred_life_time" {
                fields.text(" ");
            }
            fields.both(key, seconds, format!("{word} {text}"));
        }
    }
    fields
}

fn scope(run: &Run<'_>, scope: u8) -> String {
    if run.options.numeric { scope.to_string() } else { Of::Scope.name(u32::from(scope)) }
}

fn flags(own: &Own, fields: &mut Fields) {
    let mut left = own.flags;
    for (bit, word, ..) in FLAGS {
        let set = own.flags & bit != 0;
        left &= !bit;
        match bit {
            PERMANENT if set => {}
            PERMANENT => fields.both("dynamic", true, "dynamic "),
            1 if set && own.family == Family::Inet6.number() => fields.both(TEMPORARY, true, format!("{TEMPORARY} ")),
            _ if set => fields.both(word, true, format!("{word} ")),
            _ => {}
        }
    }
    if left & !0x800 != 0 {
        fields.both("ifa_flags", format!("{left:02x}"), format!("flags {left:02x} "));
    }
}

fn flush(run: &mut Run<'_>, which: &Which, links: &[Vec<u8>], addresses: Vec<Own>) -> Result {
    let mut count = 0;
    for link in links.iter().filter(|link| which.links.passes(link)) {
        let index = attr::u32_at(link, 4);
        let name = attr::find(link.get(16..).unwrap_or_default(), 3).map(attr::text).unwrap_or_default();
        // A primary address takes its secondaries along: those are asked to go first.
        let mut own: Vec<&Own> = addresses.iter().filter(|own| own.index == index && which.passes(own, &name)).collect();
        own.reverse();
        for own in own {
            match run.try_ask(RTM_DELADDR, 0, &own.bytes)? {
                Ok(_) => count += 1,
                Err(failure) if failure.is(crate::kernel::Errno::EADDRNOTAVAIL) => {}
                Err(failure) => return Err(Stop { status: 1, ..Stop::refused(&failure) }),
            }
        }
    }
    run.flushed(count, "addresses");
    Ok(())
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, kind: u16, how: u16) -> Result {
    let (mut local, mut peer, mut dev, mut label, mut scope, mut broadcast) = (None::<Prefix>, None::<Prefix>, None, None, None, None);
    let (mut flags, mut valid, mut preferred, mut metric, mut family) = (0u32, None, None, None, run.options.family);
    let (mut anycast, mut told_broadcast) = (None, false);
    while let Some(word) = words.take() {
        match word {
            "peer" | "remote" => {
                let text = words.value()?;
                if peer.is_some() {
                    return Err(Stop::duplicate("peer", text));
                }
                let prefix = words::prefix(text, family)?;
                family = prefix.family();
                peer = Some(prefix);
            }
            _ if begins(word, "broadcast") || word == "brd" => {
                let text = words.value()?;
                if told_broadcast {
                    return Err(Stop::duplicate("broadcast", text));
                }
                told_broadcast = true;
                broadcast = match text {
                    "+" => Some(Broadcast::All),
                    "-" => Some(Broadcast::None),
                    _ => {
                        let ip = words::address(text, family)?;
                        family = Family::of_ip(ip);
                        Some(Broadcast::Ip(ip))
                    }
                };
            }
            "anycast" => anycast = Some(words.address(family)?),
            "scope" => {
                let text = words.value()?;
                scope = Some(
                    Of::Scope
                        .number(text)
                        .and_then(|scope| u8::try_from(scope).ok())
                        .ok_or_else(|| Stop::invalid(text, "invalid scope value."))?,
                );
            }
            "dev" => dev = Some(words.value()?),
            "label" => label = Some(words.value()?),
            "metric" | "priority" | "preference" => metric = Some(words.number::<u32>("\"metric\" value is invalid")?),
            "valid_lft" | "preferred_lft" => {
                let text = words.value()?;
                let number = lifetime(text).ok_or_else(|| Stop::invalid(text, &format!("{word} value")))?;
                if word == "valid_lft" { valid = Some(number) } else { preferred = Some(number) }
            }
            _ if FLAGS.iter().any(|(_, known, gives, _)| *gives && *known == word) => {
                flags |= FLAGS.iter().find(|(_, known, ..)| *known == word).map_or(0, |(bit, ..)| *bit);
            }
            _ => {
                let text = if word == "local" { words.value()? } else { word };
                if text == "help" {
                    return Err(usage::object("address"));
                }
                if local.is_some() {
                    return Err(Stop::garbage("local", text));
                }
                let prefix = words::prefix(text, family)?;
                family = prefix.family();
                local = Some(prefix);
            }
        }
    }
    let Some(dev) = dev else { return Err(Stop::wrong("Not enough information: \"dev\" argument is required.")) };
    let whole = local.as_ref().or(peer.as_ref());
    // The length is that of the peer, where there is one with a length.
    let length = match (&local, &peer) {
        (_, Some(far)) => far.length,
        (Some(own), None) => own.length,
        (None, None) => 0,
    };
    let ip = local.as_ref().and_then(|own| own.ip);
    let far = match (&local, &peer) {
        (Some(Prefix { ip: Some(IpAddr::V4(ip)), told: false, .. }), None) if kind == RTM_DELADDR => {
            run.say(&format!(
                "Warning: Executing wildcard deletion to stay compatible with old scripts.\n\
                 \x20        Explicitly specify the prefix length ({ip}/32) to avoid this warning.\n\
                 \x20        This special behaviour is likely to disappear in further releases,\n\
                 \x20        fix your scripts!"
            ));
            None
        }
        _ => peer.as_ref().and_then(|far| far.ip).or(ip),
    };
    let index = match run.find_link(dev)? {
        Some(link) => link.index,
        None => return Err(Stop::no_device(dev)),
    };
    let scope = scope.unwrap_or_else(|| match ip {
        Some(IpAddr::V4(ip)) if kind != RTM_DELADDR && ip.is_loopback() => 254,
        _ => 0,
    });
    let mut header = vec![whole.map_or(family, Prefix::family).number(), length, flags as u8, scope];
    header.extend_from_slice(&index.to_ne_bytes());
    let mut message = Writer::new(&header);
    if let Some(ip) = ip {
        message.ip(IFA_LOCAL, ip);
    }
    if let Some(far) = far {
        message.ip(IFA_ADDRESS, far);
    }
    let net = ip.or(far);
    match broadcast {
        Some(Broadcast::Ip(ip)) => message.ip(IFA_BROADCAST, ip),
        Some(how) => {
            let Some(IpAddr::V4(net)) = net else {
                return Err(Stop::wrong("Broadcast can be set only for IPv4 addresses"));
            };
            if length <= 30 {
                let mask = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
                let bits = u32::from(net);
                message.ip(IFA_BROADCAST, IpAddr::from((if how == Broadcast::All { bits | mask } else { bits & !mask }).to_be_bytes()));
            }
        }
        None => {}
    }
    if let Some(ip) = anycast {
        message.ip(IFA_ANYCAST, ip);
    }
    if let Some(label) = label {
        message.text(IFA_LABEL, label);
    }
    if let Some(metric) = metric {
        message.u32(IFA_RT_PRIORITY, metric);
    }
    if flags > 0xff {
        message.u32(IFA_FLAGS, flags);
    }
    if valid.is_some() || preferred.is_some() {
        let (valid, preferred) = (valid.unwrap_or(FOREVER), preferred.unwrap_or(FOREVER));
        if valid == 0 {
            return Err(Stop::wrong("valid_lft is zero"));
        }
        if valid < preferred {
            return Err(Stop::wrong("preferred_lft is greater than valid_lft"));
        }
        let mut info = [preferred.to_ne_bytes(), valid.to_ne_bytes()].concat();
        info.extend_from_slice(&[0; 8]);
        message.put(IFA_CACHEINFO, &info);
    }
    run.change(kind, how, &message.bytes())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broadcast {
    All,
    None,
    Ip(IpAddr),
}

fn lifetime(text: &str) -> Option<u32> {
    match text {
        "forever" => Some(FOREVER),
        _ => words::number(text).and_then(|number| u32::try_from(number).ok()),
    }
}
