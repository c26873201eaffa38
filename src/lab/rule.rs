//! Rules of policy routing (`ip rule`), and next hops as objects (`ip nexthop`).

use super::Netns;
use super::ledger::{Entry, Made};
use super::route::table_text;
use crate::error::{Error, Result};
use crate::kernel::nexthop::{self, Nexthop};
use crate::kernel::record::Class;
use crate::kernel::rule::{self, Action, Rule};

/// A next hop takes the routes along that use it.
const WITH_ROUTES: [Class; 2] = [Class::Nexthop, Class::Route];

impl Netns {
    /// Makes a rule.
    ///
    /// # Errors
    ///
    /// `exists`; `bad-argument` for a `goto` backwards.
    pub fn add_rule(&self, rule: &Rule) -> Result<()> {
        let subject = || format!("`{}`", rule_text(rule));
        let entry = self.note_undo(rule::RTM_DELRULE, || rule.message(), || format!("rule {}", rule_text(rule)))?;
        let added = self.ask("add rule", subject, async |socket| rule::add(socket, rule).await);
        added.inspect_err(|_| self.lab().ledger().strike(entry)).map_err(|error| match error.errno() {
            Some("EEXIST") => error.because("such a rule exists already"),
            Some("EINVAL") if rule.goto.is_some() && error.kernel().is_none() => {
                error.because("a rule can only send forward: to a larger priority")
            }
            Some("EINVAL") if rule.uidrange.is_some() => error.because("in a sandbox only the user ids that it has can be named"),
            _ => error,
        })
    }

    /// Deletes the first rule that fits.
    ///
    /// # Errors
    ///
    /// `not-found`.
    pub fn del_rule(&self, rule: &Rule) -> Result<()> {
        let subject = || format!("`{}`", rule_text(rule));
        let deleted =
            self.carefully(&[Class::Rule], |_| true, || self.ask("delete rule", subject, async |socket| rule::del(socket, rule).await));
        deleted.map_err(|error| match error.errno() {
            Some("ENOENT" | "ESRCH") => error.because("there is no such rule"),
            _ => error,
        })
    }

    /// Lists the rules of a family in the order in which they are asked.
    pub fn rules(&self, v6: bool) -> Result<Vec<Rule>> {
        self.ask("list rules", String::new, async |socket| rule::list(socket, v6).await)
    }

    /// Makes a next hop, or a group of them.
    ///
    /// # Errors
    ///
    /// `exists`; `unreachable` when no link reaches the gateway.
    pub fn add_nexthop(&self, hop: &Nexthop, replace: bool) -> Result<()> {
        let doing = if replace { "replace nexthop" } else { "add nexthop" };
        let subject = || format!("`{}`", self.nexthop_text(hop));
        let add = || {
            let entry = self.note_undo(nexthop::RTM_DELNEXTHOP, || nexthop::del_message(hop.id), || format!("nexthop {}", hop.id))?;
            let added = self.ask(doing, subject, async |socket| nexthop::add(socket, hop, replace).await);
            added.inspect_err(|_| self.lab().ledger().strike(entry))
        };
        let added = if replace { self.carefully(&WITH_ROUTES, |_| true, add) } else { add() };
        added.map_err(|error| match error.errno() {
            Some("EEXIST") => error.because(format!("nexthop {} exists already", hop.id)),
            Some("EINVAL" | "ENOENT") if !hop.group.is_empty() => {
                let known = self.nexthops().unwrap_or_default();
                match hop.group.iter().find(|(id, _)| known.iter().all(|hop| hop.id != *id)) {
                    Some((id, _)) => error.because(format!("there is no nexthop {id}")),
                    None => error,
                }
            }
            Some("ENETDOWN") => error.because("the link is down"),
            Some("EINVAL") if hop.via.is_none() && hop.dev.is_none() && hop.group.is_empty() => error
                .because("it is not said where to")
                .hint("add #{ via: \"10.0.0.1\", dev: \"eth0\" }, #{ dev: \"eth0\" } or #{ group: [1, 2] }"),
            Some("EINVAL") if hop.via.is_some() && hop.dev.is_none() => error.because("a gateway needs its `dev`"),
            _ => error,
        })
    }

    /// Deletes a next hop, and the routes that use it.
    ///
    /// # Errors
    ///
    /// `not-found`.
    pub fn del_nexthop(&self, id: u32) -> Result<()> {
        let del = || self.ask("delete nexthop", || format!("`id {id}`"), async |socket| nexthop::del(socket, id).await);
        self.carefully(&WITH_ROUTES, |_| true, del).map_err(|error| match error.errno() {
            Some("ENOENT") => error.because("there is no such nexthop"),
            _ => error,
        })
    }

    /// Lists the next hops in the order of their ids.
    pub fn nexthops(&self) -> Result<Vec<Nexthop>> {
        self.ask("list nexthops", String::new, async |socket| nexthop::list(socket).await)
    }

    /// Writes a next hop as `ip nexthop` does.
    pub fn nexthop_text(&self, hop: &Nexthop) -> String {
        let mut line = format!("id {}", hop.id);
        if !hop.group.is_empty() {
            let member = |(id, weight): &(u32, u32)| if *weight == 1 { id.to_string() } else { format!("{id},{weight}") };
            line += &format!(" group {}", hop.group.iter().map(member).collect::<Vec<_>>().join("/"));
        }
        line.extend(hop.via.map(|via| format!(" via {via}")));
        if let Some(dev) = hop.dev.filter(|_| !hop.blackhole) {
            let links = self.link_states().unwrap_or_default();
            line += &format!(
                " dev {}",
                links.iter().find(|link| link.index == dev).map_or_else(|| format!("if{dev}"), |link| link.name.clone())
            );
        }
        line.extend(hop.blackhole.then_some(" blackhole"));
        line.extend(hop.onlink.then_some(" onlink"));
        line
    }

    /// Notes for the end of the host world how something is deleted again.
    pub(crate) fn note_undo(&self, kind: u16, message: impl FnOnce() -> Vec<u8>, what: impl FnOnce() -> String) -> Result<Entry> {
        self.lab().ledger().note(self, || Made::Other(self.id(), kind, message(), what()))
    }
}

/// Makes the error of an argument that a rule or next hop does not take.
pub fn bad(doing: &str, subject: &str, cause: impl Into<String>) -> Error {
    Error::new(crate::error::Kind::BadArgument, doing, format!("`{subject}`"), cause)
}

/// Writes a rule's selectors and action as `ip rule` takes them.
pub fn rule_words(rule: &Rule) -> String {
    let net = |net: ipnet::IpNet| match net.prefix_len() == net.max_prefix_len() {
        true => net.addr().to_string(),
        false => net.trunc().to_string(),
    };
    let mut words: Vec<String> = Vec::new();
    words.extend(rule.not.then(|| "not".to_string()));
    words.push(format!("from {}", rule.from.map_or_else(|| "all".to_string(), net)));
    let mut pair = |word: &str, value: Option<String>| words.extend(value.map(|value| format!("{word} {value}")));
    let range = |(first, last): (u32, u32)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    let ports = |(first, last): (u16, u16)| range((first.into(), last.into()));
    pair("to", rule.to.map(net));
    pair("tos", (rule.tos != 0).then(|| format!("{:#04x}", rule.tos)));
    pair("fwmark", rule.fwmark.map(|(mark, mask)| if mask == u32::MAX { format!("{mark:#x}") } else { format!("{mark:#x}/{mask:#x}") }));
    pair("iif", rule.iif.clone());
    pair("oif", rule.oif.clone());
    pair("uidrange", rule.uidrange.map(|(first, last)| format!("{first}-{last}")));
    pair("ipproto", rule.ipproto.map(rule::protocol_text));
    pair("sport", rule.sport.map(ports));
    pair("dport", rule.dport.map(ports));
    words.push(match (rule.action, rule.l3mdev) {
        (_, true) => "lookup [l3mdev-table]".to_string(),
        (Action::Lookup, _) => format!("lookup {}", table_text(rule.table)),
        (Action::Goto, _) => format!("goto {}", rule.goto.unwrap_or(0)),
        (action, _) => action.word().to_string(),
    });
    words.extend(rule.suppress_prefixlength.map(|length| format!("suppress_prefixlength {length}")));
    words.join(" ")
}

/// Writes a rule as `ip rule` prints it.
pub fn rule_text(rule: &Rule) -> String {
    match rule.priority {
        Some(priority) => format!("{priority}: {}", rule_words(rule)),
        None => rule_words(rule),
    }
}
