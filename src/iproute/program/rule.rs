//! `ip rule`: which table is asked for whom.

use super::link::show;
use super::names::{Of, realms};
use super::output::Fields;
use super::route::{protocol, tos, vrf_table};
use super::saved;
use super::stop::{Result, Stop};
use super::words::{self, Family, Prefix, Words, begins};
use super::{Run, usage};
use crate::kernel::attr::{self, Writer};
use crate::kernel::rule::{
    FRA_DPORT_RANGE, FRA_DST, FRA_FWMARK, FRA_FWMASK, FRA_GOTO, FRA_IIFNAME, FRA_IP_PROTO, FRA_L3MDEV, FRA_OIFNAME, FRA_PRIORITY,
    FRA_SPORT_RANGE, FRA_SRC, FRA_SUPPRESS_PREFIXLEN, FRA_TABLE, FRA_UID_RANGE, RTM_DELRULE, RTM_GETRULE, RTM_NEWRULE,
};
use crate::kernel::talk;

/// `struct fib_rule_hdr` (linux/fib_rules.h).
const HEADER: usize = 12;

/// Of times when rules translated addresses (RTA_GATEWAY).
const FRA_GATEWAY: u16 = 5;
const FRA_FLOW: u16 = 11;
const FRA_TUN_ID: u16 = 12;
const FRA_SUPPRESS_IFGROUP: u16 = 13;
const FRA_PROTOCOL: u16 = 21;

const TO_TABLE: u8 = 1;
const GOTO: u8 = 2;
const NOP: u8 = 3;
const BLACKHOLE: u8 = 6;
const UNREACHABLE: u8 = 7;
const PROHIBIT: u8 = 8;
const NAT: u8 = 10;
const PERMANENT: u32 = 1;
const INVERT: u32 = 2;
const UNRESOLVED: u32 = 4;
const IIF_DETACHED: u32 = 8;
const OIF_DETACHED: u32 = 16;

pub(super) fn command(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let Some(verb) = words.take() else { return list(run, words) };
    let is = |full: &str| begins(verb, full);
    match () {
        () if show::is_show(verb) => list(run, words),
        () if is("add") => modify(run, words, RTM_NEWRULE),
        () if is("delete") => modify(run, words, RTM_DELRULE),
        () if is("flush") => flush(run, words),
        () if is("save") => save(run, words),
        () if is("restore") => saved::restore(run, saved::RULES),
        () if is("help") => Err(usage::object("rule")),
        () => Err(Stop::unknown_command(verb, "ip rule")),
    }
}

/// `ip mrule`: the rules of multicast routing.
pub(super) fn multicast(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    run.options.multicast = true;
    command(run, words)
}

/// The family that the rules are of: that of the options, or RTNL_FAMILY_IPMR and _IP6MR (linux/rtnetlink.h).
fn family_number(run: &Run<'_>) -> u8 {
    match (run.options.multicast, run.options.family) {
        (false, Family::Any) => Family::Inet.number(),
        (false, family) => family.number(),
        (true, Family::Inet6) => 129,
        (true, _) => 128,
    }
}

#[derive(Default)]
struct Which {
    from: Option<Prefix>,
    to: Option<Prefix>,
    tos: Option<u8>,
    not: bool,
    priority: Option<u32>,
    mark: Option<(u32, u32)>,
    iif: Option<String>,
    oif: Option<String>,
    table: Option<u32>,
    l3mdev: bool,
    uids: Option<(u32, u32)>,
    proto: Option<u8>,
    ip_proto: Option<u8>,
    sport: Option<(u16, u16)>,
    dport: Option<(u16, u16)>,
}

fn mark(text: &str) -> Result<(u32, u32)> {
    let (value, mask) = text.split_once('/').unwrap_or((text, "0xffffffff"));
    let number = |text: &str| words::number(text).and_then(|number| u32::try_from(number).ok());
    let value = number(value).ok_or_else(|| Stop::invalid(text, "fwmark value is invalid\n"))?;
    Ok((value, number(mask).ok_or_else(|| Stop::invalid(text, "fwmask value is invalid\n"))?))
}

fn ports(text: &str, what: &str) -> Result<(u16, u16)> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    low.parse().ok().zip(high.parse().ok()).ok_or_else(|| Stop::invalid(text, &format!("invalid {what} range\n")))
}

fn uids(text: &str) -> Result<(u32, u32)> {
    let range = text.split_once('-').and_then(|(low, high)| low.parse().ok().zip(high.parse().ok()));
    range.ok_or_else(|| Stop::invalid(text, "invalid UID range\n"))
}

fn read_which(run: &mut Run<'_>, words: &mut Words<'_>) -> Result<Which> {
    let mut which = Which::default();
    let family = if run.options.family == Family::Any { Family::Inet } else { run.options.family };
    while let Some(word) = words.take() {
        match word {
            _ if begins(word, "preference") || begins(word, "order") || begins(word, "priority") => {
                which.priority = Some(words.number("preference value is invalid\n")?);
            }
            "not" => which.not = true,
            "tos" | "dsfield" => {
                let text = words.value()?;
                which.tos = Some(tos(text).ok_or_else(|| Stop::invalid(text, "TOS value is invalid\n"))?);
            }
            "fwmark" => which.mark = Some(mark(words.value()?)?),
            "dev" | "iif" => which.iif = Some(words.value()?.to_string()),
            "oif" => which.oif = Some(words.value()?.to_string()),
            "l3mdev" => which.l3mdev = true,
            "uidrange" => which.uids = Some(uids(words.value()?)?),
            "lookup" | "table" => which.table = Some(table(words.value()?)?),
            _ if begins(word, "from") || begins(word, "src") => which.from = Some(words::prefix(words.value()?, family)?),
            _ if begins(word, "protocol") => {
                let text = words.value()?;
                let number = Of::Proto.number(text).and_then(|proto| u8::try_from(proto).ok());
                which.proto = Some(number.ok_or_else(|| Stop::invalid(text, "invalid \"protocol\"\n"))?);
            }
            "ipproto" => {
                let text = words.value()?;
                which.ip_proto = Some(protocol(text).ok_or_else(|| Stop::invalid(text, "Invalid \"ipproto\" value\n"))?);
            }
            "sport" => which.sport = Some(ports(words.value()?, "sport")?),
            "dport" => which.dport = Some(ports(words.value()?, "dport")?),
            _ => {
                let text = if matches!(word, "dst" | "to") { words.value()? } else { word };
                which.to = Some(words::prefix(text, family)?);
            }
        }
    }
    Ok(which)
}

fn table(text: &str) -> Result<u32> {
    Of::Table.number(text).ok_or_else(|| Stop::invalid(text, "table id value is invalid\n"))
}

struct Rule<'a> {
    bytes: &'a [u8],
}

impl<'a> Rule<'a> {
    fn find(&self, kind: u16) -> Option<&'a [u8]> {
        attr::find(self.bytes.get(HEADER..).unwrap_or_default(), kind)
    }
    fn number(&self, kind: u16) -> Option<u32> {
        self.find(kind).map(|value| attr::number(value) as u32)
    }
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }
    fn flags(&self) -> u32 {
        attr::u32_at(self.bytes, 8)
    }
    fn table(&self) -> u32 {
        self.number(FRA_TABLE).unwrap_or(u32::from(self.byte(4)))
    }
    fn family(&self) -> Family {
        Family::of(self.byte(0))
    }
    fn ports(&self, kind: u16) -> Option<(u16, u16)> {
        self.find(kind).map(|value| (attr::number(&value[..2]) as u16, attr::number(&value[2..4]) as u16))
    }
    fn uids(&self) -> Option<(u32, u32)> {
        self.find(FRA_UID_RANGE).map(|value| (attr::u32_at(value, 0), attr::u32_at(value, 4)))
    }
    fn text(&self, kind: u16) -> Option<String> {
        self.find(kind).map(attr::text)
    }

    fn passes(&self, which: &Which) -> bool {
        let inside = |wanted: &Option<Prefix>, kind: u16, length: u8| {
            wanted.is_none_or(|wanted| {
                let own = self.find(kind).and_then(attr::ip);
                length >= wanted.length && (wanted.length == 0 || own.is_some_and(|own| wanted.holds(own)))
            })
        };
        let mark = || (self.number(FRA_FWMARK).unwrap_or(0), self.number(FRA_FWMASK).unwrap_or(u32::MAX));
        inside(&which.from, FRA_SRC, self.byte(2))
            && inside(&which.to, FRA_DST, self.byte(1))
            && which.priority.is_none_or(|wanted| wanted == self.number(FRA_PRIORITY).unwrap_or(0))
            && (!which.not || self.flags() & INVERT != 0)
            && which.tos.is_none_or(|tos| tos == self.byte(3))
            && which.mark.is_none_or(|wanted| wanted.0 == mark().0 && (wanted.1 == u32::MAX || wanted.1 == mark().1))
            && which.iif.as_ref().is_none_or(|name| self.text(FRA_IIFNAME).as_ref() == Some(name))
            && which.oif.as_ref().is_none_or(|name| self.text(FRA_OIFNAME).as_ref() == Some(name))
            && (!which.l3mdev || self.number(FRA_L3MDEV).is_some_and(|on| on != 0))
            && which.uids.is_none_or(|uids| self.uids() == Some(uids))
            && which.ip_proto.is_none_or(|proto| self.number(FRA_IP_PROTO) == Some(u32::from(proto)))
            && which.sport.is_none_or(|ports| self.ports(FRA_SPORT_RANGE) == Some(ports))
            && which.dport.is_none_or(|ports| self.ports(FRA_DPORT_RANGE) == Some(ports))
            && which.table.is_none_or(|table| table == 0 || table == self.table())
    }
}

fn ask(run: &mut Run<'_>) -> Result<Vec<Vec<u8>>> {
    let mut question = [0; HEADER];
    question[0] = family_number(run);
    let messages = run.dump(RTM_GETRULE, &question)?;
    Ok(messages.into_iter().filter(|message| message.kind == RTM_NEWRULE).map(|message| message.bytes).collect())
}

fn save(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let which = read_which(run, words)?;
    let chosen: Vec<Vec<u8>> = ask(run)?.into_iter().filter(|bytes| Rule { bytes }.passes(&which)).collect();
    saved::save(run, saved::RULES, RTM_NEWRULE, &chosen)
}

fn list(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let which = read_which(run, words)?;
    let rules = ask(run)?;
    let chosen: Vec<Fields> =
        rules.iter().map(|bytes| Rule { bytes }).filter(|rule| rule.passes(&which)).map(|rule| described(run, &rule)).collect();
    run.print(&chosen);
    Ok(())
}

/// Prints a rule that was told of.
pub(super) fn described_bytes(run: &Run<'_>, bytes: &[u8]) -> Fields {
    described(run, &Rule { bytes })
}

fn described(run: &Run<'_>, rule: &Rule<'_>) -> Fields {
    let mut fields = Fields::new();
    let host = if rule.family() == Family::Inet6 { 128 } else { 32 };
    let priority = rule.number(FRA_PRIORITY).unwrap_or(0);
    fields.both("priority", priority, format!("{priority}:\t"));
    if rule.flags() & INVERT != 0 {
        fields.null("not", "not ");
    }
    match (rule.find(FRA_SRC).and_then(attr::ip), rule.byte(2)) {
        (Some(ip), length) => {
            fields.both("src", ip.to_string(), format!("from {ip}"));
            if length != host {
                fields.both("srclen", length, format!("/{length}"));
            }
        }
        (None, 0) => fields.both("src", "all", "from all"),
        (None, length) => {
            fields.both("src", "0", "from 0");
            fields.both("srclen", length, format!("/{length}"));
        }
    }
    match (rule.find(FRA_DST).and_then(attr::ip), rule.byte(1)) {
        (Some(ip), length) => {
            fields.both("dst", ip.to_string(), format!(" to {ip}"));
            if length != host {
                fields.both("dstlen", length, format!("/{length}"));
            }
        }
        (None, 0) => {}
        (None, length) => {
            fields.both("dst", "0", " to 0");
            fields.both("dstlen", length, format!("/{length}"));
        }
    }
    if rule.byte(3) != 0 {
        let name =
            Of::DsField.known(u32::from(rule.byte(3))).filter(|_| !run.options.numeric).unwrap_or_else(|| format!("{:#04x}", rule.byte(3)));
        fields.both("tos", name.as_str(), format!(" tos {name}"));
    }
    let (mark, mask) = (rule.number(FRA_FWMARK), rule.number(FRA_FWMASK));
    if mark.is_some() || mask.is_some() {
        let (mark, mask) = (mark.unwrap_or(0), mask.unwrap_or(u32::MAX));
        fields.both("fwmark", format!("{mark:#x}"), format!(" fwmark {mark:#x}"));
        if mask != u32::MAX {
            fields.both("fwmask", format!("{mask:#x}"), format!("/{mask:#x}"));
        }
    }
    for (kind, key, word, detached) in [(FRA_IIFNAME, "iif", "iif", IIF_DETACHED), (FRA_OIFNAME, "oif", "oif", OIF_DETACHED)] {
        if let Some(name) = rule.text(kind) {
            fields.both(key, name.as_str(), format!(" {word} {name}"));
            if rule.flags() & detached != 0 {
                fields.null(&format!("{key}_detached"), " [detached]");
            }
        }
    }
    if rule.number(FRA_L3MDEV).is_some_and(|on| on != 0) {
        fields.null("l3mdev", " lookup [l3mdev-table]");
    }
    if let Some((low, high)) = rule.uids() {
        fields.both("uid_start", low, format!(" uidrange {low}"));
        fields.both("uid_end", high, format!("-{high}"));
    }
    if let Some(proto) = rule.number(FRA_IP_PROTO) {
        let name = if run.options.numeric { format!("ipproto-{proto}") } else { protocol_name(proto) };
        fields.both("ipproto", name.as_str(), format!(" ipproto {name}"));
    }
    for (kind, word) in [(FRA_SPORT_RANGE, "sport"), (FRA_DPORT_RANGE, "dport")] {
        match rule.ports(kind) {
            Some((low, high)) if low == high => fields.both(word, low, format!(" {word} {low}")),
            Some((low, high)) => {
                fields.both(format!("{word}_start"), low, format!(" {word} {low}"));
                fields.both(format!("{word}_end"), high, format!("-{high}"));
            }
            None => {}
        }
    }
    if let Some(id) = rule.find(FRA_TUN_ID).and_then(|id| <[u8; 8]>::try_from(id).ok()).map(u64::from_be_bytes).filter(|id| *id != 0) {
        fields.both("tun_id", id, format!(" tun_id {id}"));
    }
    let table = rule.table();
    if table != 0 {
        let name = if run.options.numeric { table.to_string() } else { Of::Table.name(table) };
        fields.both("table", name.as_str(), format!(" lookup {name}"));
        if let Some(length) = rule.number(FRA_SUPPRESS_PREFIXLEN).map(|length| length as i32).filter(|length| *length != -1) {
            fields.both("suppress_prefixlen", length, format!(" suppress_prefixlength {length}"));
        }
        if let Some(group) = rule.number(FRA_SUPPRESS_IFGROUP).filter(|group| *group != u32::MAX) {
            let name = Of::Group.name(group);
            fields.both("suppress_ifgroup", name.as_str(), format!(" suppress_ifgroup {name}"));
        }
    }
    if let Some(flow) = rule.number(FRA_FLOW).filter(|flow| *flow != 0) {
        let (from, to) = (flow >> 16, flow & 0xffff);
        fields.text(" realms ");
        if from != 0 {
            fields.both("flow_from", Of::Realm.name(from), format!("{}/", Of::Realm.name(from)));
        }
        fields.both("flow_to", Of::Realm.name(to), Of::Realm.name(to));
    }
    match rule.byte(7) {
        TO_TABLE => {}
        GOTO => {
            match rule.number(FRA_GOTO) {
                Some(target) => fields.both("goto", target, format!(" goto {target}")),
                None => fields.both("goto", "none", " goto none"),
            }
            if rule.flags() & UNRESOLVED != 0 {
                fields.null("unresolved", " [unresolved]");
            }
        }
        NOP => fields.null("nop", " nop"),
        NAT => match rule.find(FRA_GATEWAY).and_then(attr::ip) {
            Some(ip) => fields.both("nat_gateway", ip.to_string(), format!(" map-to {ip}")),
            None => fields.null("masquerade", " masquerade"),
        },
        action => {
            let known = super::route::TYPES.get(usize::from(action)).filter(|_| !run.options.numeric);
            let name = known.map_or_else(|| action.to_string(), |name| name.to_string());
            fields.both("action", name.as_str(), format!(" {name}"));
        }
    }
    if let Some(proto) = rule.number(FRA_PROTOCOL).filter(|proto| !matches!(proto, 0 | 2) || run.options.details > 0) {
        let name = if run.options.numeric { proto.to_string() } else { Of::Proto.name(proto) };
        fields.both("protocol", name.as_str(), format!(" proto {name}"));
    }
    fields.text("\n");
    fields
}

/// The name of a protocol of IP.
fn protocol_name(number: u32) -> String {
    match number {
        1 => "icmp",
        6 => "tcp",
        17 => "udp",
        33 => "dccp",
        47 => "gre",
        50 => "esp",
        51 => "ah",
        58 => "ipv6-icmp",
        132 => "sctp",
        other => return format!("ipproto-{other}"),
    }
    .to_string()
}

fn flush(run: &mut Run<'_>, words: &mut Words<'_>) -> Result {
    let mut proto = None;
    if !words.done() {
        let which = read_which(run, words)?;
        proto = which.proto;
    }
    for bytes in ask(run)? {
        let rule = Rule { bytes: &bytes };
        if rule.flags() & PERMANENT != 0 || proto.is_some_and(|proto| rule.number(FRA_PROTOCOL) != Some(u32::from(proto))) {
            continue;
        }
        // The rule of priority 0 asks the local table, and stays.
        if rule.number(FRA_PRIORITY).unwrap_or(0) == 0 {
            continue;
        }
        if let Err(failure) = run.try_ask(RTM_DELRULE, 0, &bytes)? {
            return Err(Stop::refused(&failure));
        }
    }
    Ok(())
}

fn modify(run: &mut Run<'_>, words: &mut Words<'_>, kind: u16) -> Result {
    let delete = kind == RTM_DELRULE;
    let family = run.options.family;
    if words.done() && !delete {
        // A rule for everybody: the main table, for all.
        run.say("\"ip rule add\" requires arguments.");
        return Err(Stop::silent(1));
    }
    if words.done() && delete {
        run.say("\"ip rule del\" requires arguments.");
        return Err(Stop::silent(1));
    }
    let mut header = [0u8; HEADER];
    let mut flags = 0u32;
    let mut attributes = Writer::default();
    let (mut table_set, mut l3mdev, mut action) = (None, false, None);
    while let Some(word) = words.take() {
        let of = |full: &str| begins(word, full);
        match word {
            "not" => flags |= INVERT,
            "from" | "to" if run.options.multicast => {
                let text = words.value()?;
                return Err(Stop::exit(format!("Error: ??? prefix is expected rather than \"{text}\".")));
            }
            "from" => source(words, family, &mut header, &mut attributes)?,
            "to" => destination(words.value()?, family, &mut header, &mut attributes)?,
            "nat" | "map-to" => {
                run.say("Warning: route NAT is deprecated");
                attributes.ip(FRA_GATEWAY, words.address(Family::Inet)?);
                action = Some(NAT);
            }
            _ if of("preference") || of("order") || of("priority") => {
                attributes.u32(FRA_PRIORITY, words.number("preference value is invalid\n")?);
            }
            "tos" | "dsfield" => {
                let text = words.value()?;
                header[3] = tos(text).ok_or_else(|| Stop::invalid(text, "TOS value is invalid\n"))?;
            }
            "fwmark" => {
                let text = words.value()?;
                let (value, mask) = mark(text)?;
                attributes.u32(FRA_FWMARK, value);
                if text.contains('/') {
                    attributes.u32(FRA_FWMASK, mask);
                }
            }
            _ if of("realms") => {
                let text = words.value()?;
                attributes.u32(FRA_FLOW, realms(text).ok_or_else(|| Stop::invalid(text, "invalid realms\n"))?);
            }
            _ if of("protocol") => {
                let text = words.value()?;
                let number = Of::Proto.number(text).and_then(|proto| u8::try_from(proto).ok());
                attributes.u8(FRA_PROTOCOL, number.ok_or_else(|| Stop::invalid(text, "\"protocol\" value is invalid\n"))?);
            }
            "tun_id" => attributes.put(FRA_TUN_ID, &words.number::<u64>("\"tun_id\" value is invalid\n")?.to_be_bytes()),
            _ if of("table") || word == "lookup" => {
                let text = words.value()?;
                table_set = Some(Of::Table.number(text).ok_or_else(|| Stop::invalid(text, "invalid table ID\n"))?);
            }
            "vrf" => {
                let name = words.value()?;
                table_set = Some(vrf_table(run, name)?.ok_or_else(|| Stop::invalid(name, "Invalid VRF\n"))?);
            }
            _ if of("suppress_prefixlength") || word == "sup_pl" => {
                let text = words.value()?;
                let length: i32 = text.parse().map_err(|_| Stop::invalid(text, "suppress_prefixlength value is invalid\n"))?;
                attributes.u32(FRA_SUPPRESS_PREFIXLEN, length as u32);
            }
            _ if of("suppress_ifgroup") || word == "sup_group" => {
                let text = words.value()?;
                attributes.u32(
                    FRA_SUPPRESS_IFGROUP,
                    Of::Group.number(text).ok_or_else(|| Stop::invalid(text, "Invalid \"suppress_ifgroup\" value\n"))?,
                );
            }
            "dev" | "iif" => attributes.text(FRA_IIFNAME, name(words)?),
            "oif" => attributes.text(FRA_OIFNAME, name(words)?),
            "l3mdev" => {
                attributes.u8(FRA_L3MDEV, 1);
                table_set = Some(0);
                l3mdev = true;
            }
            "uidrange" => {
                let (low, high) = uids(words.value()?)?;
                attributes.put(FRA_UID_RANGE, &[low.to_ne_bytes(), high.to_ne_bytes()].concat());
            }
            "ipproto" => {
                let text = words.value()?;
                attributes.u8(FRA_IP_PROTO, protocol(text).ok_or_else(|| Stop::invalid(text, "Invalid \"ipproto\" value\n"))?);
            }
            "sport" | "dport" => {
                let text = words.value()?;
                let (low, high) = ports(text, word)?;
                let kind = if word == "sport" { FRA_SPORT_RANGE } else { FRA_DPORT_RANGE };
                attributes.put(kind, &[low.to_ne_bytes(), high.to_ne_bytes()].concat());
            }
            "goto" => {
                action = Some(GOTO);
                attributes.u32(FRA_GOTO, words.number("invalid target\n")?);
            }
            "nop" => action = Some(NOP),
            _ => {
                let word = if word == "type" { words.value()? } else { word };
                if begins(word, "help") {
                    return Err(usage::object("rule"));
                }
                action = Some(match word {
                    "blackhole" => BLACKHOLE,
                    "unreachable" => UNREACHABLE,
                    "prohibit" => PROHIBIT,
                    "unicast" | "local" | "broadcast" | "anycast" | "multicast" | "throw" | "nat" => {
                        super::route::TYPES.iter().position(|known| known == &word).unwrap_or(0) as u8
                    }
                    _ => return Err(Stop::invalid(word, "Failed to parse rule type")),
                });
            }
        }
    }
    if l3mdev && table_set.is_some_and(|table| table != 0) {
        return Err(Stop::wrong("table can not be specified for l3mdev rules"));
    }
    let table = table_set.unwrap_or(if matches!(action, None | Some(NAT)) && !delete { 254 } else { 0 });
    header[0] = family_number(run);
    header[4] = if table < 256 { table as u8 } else { 0 };
    header[7] = action.unwrap_or(if delete { 0 } else { TO_TABLE });
    header[8..12].copy_from_slice(&flags.to_ne_bytes());
    let mut message = Writer::new(&header);
    if table >= 256 {
        message.u32(FRA_TABLE, table);
    }
    let mut bytes = message.bytes();
    bytes.extend_from_slice(&attributes.bytes());
    run.change(kind, if delete { 0 } else { talk::CREATE | talk::EXCL }, &bytes)
}

fn name<'a>(words: &mut Words<'a>) -> Result<&'a str> {
    let name = words.value()?;
    match name.is_empty() || name.len() > 15 || name.contains('/') || name.contains(char::is_whitespace) {
        true => Err(Stop::invalid(name, "\"iif\"/\"dev\" not a valid ifname")),
        false => Ok(name),
    }
}

fn source(words: &mut Words<'_>, chosen: Family, header: &mut [u8], attributes: &mut Writer) -> Result {
    let prefix = words::prefix(words.value()?, chosen)?;
    header[2] = prefix.length;
    if let Some(ip) = prefix.ip.filter(|_| prefix.length > 0) {
        attributes.ip(FRA_SRC, ip);
    }
    Ok(())
}

fn destination(text: &str, chosen: Family, header: &mut [u8], attributes: &mut Writer) -> Result {
    let prefix = words::prefix(text, chosen)?;
    header[1] = prefix.length;
    if let Some(ip) = prefix.ip.filter(|_| prefix.length > 0) {
        attributes.ip(FRA_DST, ip);
    }
    Ok(())
}
