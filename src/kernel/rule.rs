//! Rules: which table a packet's route is looked up in (RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE; `ip rule`).

use super::attr::{self, Writer};
use super::{Result, Socket};
use ipnet::IpNet;
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use nix::errno::Errno;
use std::net::IpAddr;

pub(crate) const RTM_DELRULE: u16 = 33;
pub(crate) const RTM_NEWRULE: u16 = 32;
pub(crate) const RTM_GETRULE: u16 = 34;
const FIB_RULE_INVERT: u32 = 2;

// linux/fib_rules.h
pub(crate) const FRA_DST: u16 = 1;
pub(crate) const FRA_SRC: u16 = 2;
pub(crate) const FRA_IIFNAME: u16 = 3;
pub(crate) const FRA_GOTO: u16 = 4;
pub(crate) const FRA_PRIORITY: u16 = 6;
pub(crate) const FRA_FWMARK: u16 = 10;
pub(crate) const FRA_SUPPRESS_PREFIXLEN: u16 = 14;
pub(crate) const FRA_TABLE: u16 = 15;
pub(crate) const FRA_FWMASK: u16 = 16;
pub(crate) const FRA_OIFNAME: u16 = 17;
pub(crate) const FRA_L3MDEV: u16 = 19;
pub(crate) const FRA_UID_RANGE: u16 = 20;
pub(crate) const FRA_IP_PROTO: u16 = 22;
pub(crate) const FRA_SPORT_RANGE: u16 = 23;
pub(crate) const FRA_DPORT_RANGE: u16 = 24;

/// What a rule does with a packet that it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of `ip rule`")]
pub enum Action {
    /// Look the route up in a table.
    Lookup,
    /// Go on at another rule.
    Goto,
    Nop,
    Blackhole,
    Unreachable,
    Prohibit,
}

impl Action {
    const ALL: [(Action, &'static str, u8); 6] = [
        (Action::Lookup, "lookup", 1),
        (Action::Goto, "goto", 2),
        (Action::Nop, "nop", 3),
        (Action::Blackhole, "blackhole", 6),
        (Action::Unreachable, "unreachable", 7),
        (Action::Prohibit, "prohibit", 8),
    ];
    /// The words that a script may say.
    pub const WORDS: [&'static str; 4] = ["nop", "blackhole", "unreachable", "prohibit"];

    /// Returns what a word means.
    pub fn from_word(word: &str) -> Option<Action> {
        Action::ALL.iter().find(|(_, known, _)| *known == word).map(|(action, ..)| *action)
    }

    /// Returns its word.
    pub fn word(self) -> &'static str {
        Action::ALL.iter().find(|(action, ..)| *action == self).map_or("", |(_, word, _)| word)
    }

    fn number(self) -> u8 {
        Action::ALL.iter().find(|(action, ..)| *action == self).map_or(0, |(.., number)| *number)
    }

    fn from_number(number: u8) -> Action {
        Action::ALL.iter().find(|(.., known)| *known == number).map_or(Action::Nop, |(action, ..)| *action)
    }
}

/// A rule: as the kernel tells it, or as it is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Whether it is of IPv6.
    pub v6: bool,
    /// `not`: it fits what does not fit.
    pub not: bool,
    /// `from`.
    pub from: Option<IpNet>,
    /// `to`.
    pub to: Option<IpNet>,
    /// `iif`, by name.
    pub iif: Option<String>,
    /// `oif`, by name.
    pub oif: Option<String>,
    /// `tos`.
    pub tos: u8,
    /// `fwmark`, with its mask.
    pub fwmark: Option<(u32, u32)>,
    /// `uidrange`.
    pub uidrange: Option<(u32, u32)>,
    /// `ipproto`.
    pub ipproto: Option<u8>,
    /// `sport`.
    pub sport: Option<(u16, u16)>,
    /// `dport`.
    pub dport: Option<(u16, u16)>,
    /// `priority`: the lower is asked first; the kernel chooses one if not said.
    pub priority: Option<u32>,
    /// What it does.
    pub action: Action,
    /// `table`.
    pub table: u32,
    /// `suppress_prefixlength`: take no route with a prefix of that length or shorter.
    pub suppress_prefixlength: Option<u32>,
    /// `goto`: the priority of the rule to go on at.
    pub goto: Option<u32>,
    /// `l3mdev`: the table is that of the packet's VRF.
    pub l3mdev: bool,
}

impl Rule {
    /// Makes the description of a rule that fits everything and looks into the main table.
    pub fn new(v6: bool) -> Rule {
        Rule {
            v6,
            not: false,
            from: None,
            to: None,
            iif: None,
            oif: None,
            tos: 0,
            fwmark: None,
            uidrange: None,
            ipproto: None,
            sport: None,
            dport: None,
            priority: None,
            action: Action::Lookup,
            table: super::route::MAIN,
            suppress_prefixlength: None,
            goto: None,
            l3mdev: false,
        }
    }

    /// Tells whether another rule has all that this one says of a packet and of its place, whatever either does with it.
    pub fn selects_as(&self, other: &Rule) -> bool {
        fn said<T: PartialEq>(own: &Option<T>, other: &Option<T>) -> bool {
            own.is_none() || own == other
        }
        self.v6 == other.v6
            && (!self.not || other.not)
            && said(&self.from, &other.from)
            && said(&self.to, &other.to)
            && said(&self.iif, &other.iif)
            && said(&self.oif, &other.oif)
            && (self.tos == 0 || self.tos == other.tos)
            && said(&self.fwmark, &other.fwmark)
            && said(&self.uidrange, &other.uidrange)
            && said(&self.ipproto, &other.ipproto)
            && said(&self.sport, &other.sport)
            && said(&self.dport, &other.dport)
            && said(&self.priority, &other.priority)
            && said(&self.suppress_prefixlength, &other.suppress_prefixlength)
    }

    /// Returns the message that makes or deletes it. Who made it (FRA_PROTOCOL) is not said, as `ip rule` does not.
    pub(crate) fn message(&self) -> Vec<u8> {
        let length = |net: Option<IpNet>| net.map_or(0, |net| net.prefix_len());
        let table = if self.l3mdev { 0 } else { self.table };
        let head =
            [family(self.v6), length(self.to), length(self.from), self.tos, u8::try_from(table).unwrap_or(0), 0, 0, self.action.number()];
        let flags = if self.not { FIB_RULE_INVERT } else { 0 };
        let mut message = Writer::new(&[&head[..], &flags.to_ne_bytes()].concat());
        if let Some(net) = self.to.filter(|net| net.prefix_len() > 0) {
            message.ip(FRA_DST, net.network());
        }
        if let Some(net) = self.from.filter(|net| net.prefix_len() > 0) {
            message.ip(FRA_SRC, net.network());
        }
        if let Some(name) = &self.iif {
            message.text(FRA_IIFNAME, name);
        }
        if let Some(name) = &self.oif {
            message.text(FRA_OIFNAME, name);
        }
        if let Some((mark, mask)) = self.fwmark {
            message.u32(FRA_FWMARK, mark);
            message.u32(FRA_FWMASK, mask);
        }
        if let Some((first, last)) = self.uidrange {
            message.put(FRA_UID_RANGE, &[first.to_ne_bytes(), last.to_ne_bytes()].concat());
        }
        if let Some(proto) = self.ipproto {
            message.u8(FRA_IP_PROTO, proto);
        }
        for (kind, range) in [(FRA_SPORT_RANGE, self.sport), (FRA_DPORT_RANGE, self.dport)] {
            if let Some((first, last)) = range {
                message.put(kind, &[first.to_ne_bytes(), last.to_ne_bytes()].concat());
            }
        }
        for (kind, value) in [(FRA_PRIORITY, self.priority), (FRA_SUPPRESS_PREFIXLEN, self.suppress_prefixlength), (FRA_GOTO, self.goto)] {
            if let Some(value) = value {
                message.u32(kind, value);
            }
        }
        if table > 255 {
            message.u32(FRA_TABLE, table);
        }
        if self.l3mdev {
            message.u8(FRA_L3MDEV, 1);
        }
        message.bytes()
    }
}

fn family(v6: bool) -> u8 {
    if v6 { 10 } else { 2 }
}

/// Makes a rule.
pub async fn add(socket: &Socket, rule: &Rule) -> Result<()> {
    socket.change_raw(NLM_F_CREATE | NLM_F_EXCL, RTM_NEWRULE, rule.message()).await
}

/// Deletes the first rule that fits.
pub async fn del(socket: &Socket, rule: &Rule) -> Result<()> {
    socket.change_raw(0, RTM_DELRULE, rule.message()).await
}

/// Lists the rules of a family in the order in which they are asked.
pub async fn list(socket: &Socket, v6: bool) -> Result<Vec<Rule>> {
    let question = vec![family(v6), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let replies = match socket.dump_raw(RTM_GETRULE, question).await {
        // A kernel without IPv6, or without rules.
        Err(failure) if failure.is(Errno::EAFNOSUPPORT) || failure.is(Errno::EOPNOTSUPP) => return Ok(Vec::new()),
        replies => replies?,
    };
    Ok(replies.iter().filter_map(|reply| read(reply, v6)).collect())
}

fn read(reply: &[u8], v6: bool) -> Option<Rule> {
    let attributes = reply.get(12..)?;
    let mut rule = Rule { tos: reply[3], table: u32::from(reply[4]), action: Action::from_number(reply[7]), ..Rule::new(v6) };
    rule.not = attr::u32_at(reply, 8) & FIB_RULE_INVERT != 0;
    rule.priority = Some(0);
    let net = |bytes: &[u8], length: u8| -> Option<IpNet> { IpNet::new(attr::ip(bytes)?, length).ok() };
    let range = |bytes: &[u8]| (bytes.len() == 4).then(|| (attr::number(&bytes[..2]) as u16, attr::number(&bytes[2..]) as u16));
    for (kind, value) in attr::read(attributes) {
        let number = attr::number(value) as u32;
        match kind {
            FRA_DST => rule.to = net(value, reply[1]),
            FRA_SRC => rule.from = net(value, reply[2]),
            FRA_IIFNAME => rule.iif = Some(attr::text(value)),
            FRA_OIFNAME => rule.oif = Some(attr::text(value)),
            FRA_FWMARK => rule.fwmark = Some((number, rule.fwmark.map_or(u32::MAX, |(_, mask)| mask))),
            FRA_FWMASK => rule.fwmark = Some((rule.fwmark.map_or(0, |(mark, _)| mark), number)),
            FRA_UID_RANGE if value.len() == 8 => rule.uidrange = Some((attr::u32_at(value, 0), attr::u32_at(value, 4))),
            FRA_IP_PROTO => rule.ipproto = Some(number as u8),
            FRA_SPORT_RANGE => rule.sport = range(value),
            FRA_DPORT_RANGE => rule.dport = range(value),
            FRA_PRIORITY => rule.priority = Some(number),
            FRA_TABLE => rule.table = number,
            // The kernel always tells it; all ones is none.
            FRA_SUPPRESS_PREFIXLEN => rule.suppress_prefixlength = (number != u32::MAX).then_some(number),
            FRA_GOTO => rule.goto = Some(number),
            FRA_L3MDEV => rule.l3mdev = number != 0,
            _ => {}
        }
    }
    Some(rule)
}

/// The protocols that have a name here, as in /etc/protocols.
pub const PROTOCOLS: [(&str, u8); 7] =
    [("tcp", 6), ("udp", 17), ("icmp", 1), ("ipv6-icmp", 58), ("icmpv6", 58), ("sctp", 132), ("gre", 47)];

/// Writes a protocol by its name, or its number.
pub fn protocol_text(number: u8) -> String {
    PROTOCOLS.iter().find(|(_, known)| *known == number).map_or_else(|| number.to_string(), |(name, _)| (*name).to_string())
}

/// Reads a protocol's name or number.
pub fn protocol(text: &str) -> Option<u8> {
    PROTOCOLS.iter().find(|(name, _)| *name == text).map(|(_, number)| *number).or_else(|| text.parse().ok())
}

/// Returns whether an address is of IPv6.
pub fn is_v6(ip: IpAddr) -> bool {
    ip.is_ipv6()
}
