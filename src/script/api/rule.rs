//! `rule::…`: which table a route is looked up in; `nexthop::…`: next hops as objects.

use super::super::catalogue::{Options, key};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::object;
use crate::error::Result;
use crate::iproute::sentence;
use crate::kernel::nexthop::Nexthop;
use crate::kernel::route::{LOCAL, MAIN};
use crate::kernel::rule::{self, Action, Rule};
use crate::lab::Netns;
use crate::lab::rule::{bad, rule_text};
use rhai::{Array, Dynamic, Map};

object! {
    /// The rules of a namespace.
    Rules = "rule"
}
object! {
    /// The next hops of a namespace.
    Nexthops = "nexthop"
}

/// A next hop as it was found.
#[derive(Clone)]
pub(crate) struct Hop {
    state: Nexthop,
    netns: Netns,
}
script_types! { Rule = "Rule", Hop = "Nexthop" }
returned!(Rule, Hop);

const RULE: Options = Options {
    keys: &[
        key("from", "string", "source address or network"),
        key("to", "string", "destination address or network"),
        key("iif", "Link|string", "link through which the packet came in; `lo` for own packets"),
        key("oif", "Link|string", "link to which the socket is bound"),
        key("fwmark", "int|string", "firewall mark, or mark/mask"),
        key("uidrange", "string", "user ids, as in \"1000-1999\""),
        key("ipproto", "string|int", "tcp, udp, icmp, ipv6-icmp, sctp, gre, or a number"),
        key("sport", "int|string", "source port, or a range as \"1000-2000\""),
        key("dport", "int|string", "destination port, or a range"),
        key("tos", "int", "type of service"),
        key("not", "bool", "fits what does not fit"),
        key("priority", "int", "the lower is asked first; chosen by the kernel if not said"),
        key("table", "int|string", "number, main, local or default: where the route is looked up"),
        key("l3mdev", "bool", "look in the table of the packet's VRF"),
        key("go_to", "int", "go on at the rule of that priority (`goto` is a word of Rhai: as a key it is quoted)"),
        key("goto", "int", "the same"),
        key("type", "string", "blackhole, unreachable, prohibit, nop: instead of a table"),
        key("suppress_prefixlength", "int", "take no route with a prefix of that length or shorter"),
        key("v6", "bool", "a rule of IPv6, where no address says it"),
    ],
};

const LIST: Options = Options { keys: &[key("v6", "bool", "IPv6 instead of IPv4, as `ip -6 rule`")] };

const HOP: Options = Options {
    keys: &[
        key("via", "string", "gateway"),
        key("dev", "Link|string", "link"),
        key("group", "array", "ids, or maps with id and weight: a group of other next hops"),
        key("blackhole", "bool", "drop"),
        key("onlink", "bool", "take the gateway to be on the link"),
        key("v6", "bool", "IPv6, where no gateway says it"),
    ],
};

/// Reads `5`, or `5-9`.
fn range(opts: &Opts, key: &'static str) -> Result<Option<(u32, u32)>> {
    let Some(value) = opts.text(key) else { return Ok(None) };
    let mut parts = value.splitn(2, '-').map(|part| part.trim().parse::<u32>().ok());
    match (parts.next().flatten(), parts.next()) {
        (Some(only), None) => Ok(Some((only, only))),
        (Some(first), Some(Some(last))) if first <= last => Ok(Some((first, last))),
        _ => Err(opts.unfit(key, format!("it takes a number, or a range as in \"1000-2000\", not {value}"))),
    }
}

fn ports(opts: &Opts, key: &'static str) -> Result<Option<(u16, u16)>> {
    match range(opts, key)? {
        None => Ok(None),
        Some((first, last)) => match (u16::try_from(first), u16::try_from(last)) {
            (Ok(first), Ok(last)) if first > 0 => Ok(Some((first, last))),
            _ => Err(opts.unfit(key, "a port is a number from 1 to 65535")),
        },
    }
}

/// Reads a number, decimal or with 0x before it.
/// Reads a mark: a number, or one in hexadecimal digits after `0x`.
pub(super) fn mark(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn fwmark(opts: &Opts) -> Result<Option<(u32, u32)>> {
    let Some(text) = opts.text("fwmark") else { return Ok(None) };
    let (mark, mask) = text.split_once('/').unwrap_or((&text, "0xffffffff"));
    match (self::mark(mark), self::mark(mask)) {
        (Some(mark), Some(mask)) => Ok(Some((mark, mask))),
        _ => Err(opts.unfit("fwmark", format!("it takes a number, or mark/mask as in \"0x10/0xff\", not {text}"))),
    }
}

/// Reads a table by number or name.
fn table(opts: &Opts) -> Result<Option<u32>> {
    let Some(text) = opts.text("table") else { return Ok(None) };
    match text.as_str() {
        "main" => Ok(Some(MAIN)),
        "local" => Ok(Some(LOCAL)),
        "default" => Ok(Some(253)),
        number => {
            number.parse().map(Some).map_err(|_| opts.unfit("table", format!("it takes a number, main, local or default, not {number}")))
        }
    }
}

fn read(netns: &Netns, opts: &Opts) -> Result<Rule> {
    let net = |key| -> Result<Option<ipnet::IpNet>> {
        match opts.string(key)? {
            Some(text) if text == "all" => Ok(None),
            Some(text) => reading::destination(&text, false).map(Some),
            None => Ok(None),
        }
    };
    let (from, to) = (net("from")?, net("to")?);
    if let (Some(from), Some(to)) = (from, to)
        && from.addr().is_ipv4() != to.addr().is_ipv4()
    {
        return Err(bad("use rule", &format!("from {from} to {to}"), "the two are of different families").in_netns(netns.name()));
    }
    let ipproto = match opts.text("ipproto") {
        None => None,
        Some(text) => Some(rule::protocol(&text).ok_or_else(|| {
            let known: Vec<&str> = rule::PROTOCOLS.iter().map(|(name, _)| *name).collect();
            opts.unfit("ipproto", format!("`{text}` is no protocol; there are {}, and numbers", known.join(", ")))
        })?),
    };
    let any = 0..=i64::from(u32::MAX);
    let goto = opts.number("go_to", any.clone())?.or(opts.number("goto", any)?);
    let l3mdev = opts.bool("l3mdev")?.unwrap_or(false);
    let said = table(opts)?;
    let kind = opts.word("type", &Action::WORDS, |word| Action::from_word(word).filter(|_| Action::WORDS.contains(&word)))?;
    let ends = [said.is_some(), goto.is_some(), kind.is_some(), l3mdev].into_iter().filter(|given| *given).count();
    if ends > 1 {
        return Err(opts.unfit("table", "one of table, l3mdev, goto and type says what the rule does"));
    }
    let action = match goto {
        Some(_) => Action::Goto,
        None => kind.unwrap_or(Action::Lookup),
    };
    let v6 = from.or(to).map_or(opts.bool("v6")?.unwrap_or(false), |net| net.addr().is_ipv6());
    // A rule may name a link that is not there yet.
    let link = |key| -> Result<Option<String>> { Ok(opts.text(key)) };
    Ok(Rule {
        not: opts.bool("not")?.unwrap_or(false),
        from,
        to,
        iif: link("iif")?,
        oif: link("oif")?,
        tos: opts.number("tos", 0..=255)?.unwrap_or(0),
        fwmark: fwmark(opts)?,
        uidrange: range(opts, "uidrange")?,
        ipproto,
        sport: ports(opts, "sport")?,
        dport: ports(opts, "dport")?,
        priority: opts.number("priority", 0..=i64::from(u32::MAX))?,
        action,
        table: match action {
            Action::Lookup => said.unwrap_or(MAIN),
            _ => 0,
        },
        suppress_prefixlength: opts.number("suppress_prefixlength", 0..=128)?,
        goto,
        l3mdev,
        ..Rule::new(v6)
    })
}

fn read_hop(netns: &Netns, id: i64, opts: &Opts) -> Result<Nexthop> {
    let id = u32::try_from(id)
        .ok()
        .filter(|id| *id > 0)
        .ok_or_else(|| bad("use nexthop", &format!("id {id}"), "an id is a number from 1 on"))?;
    let mut group = Vec::new();
    for member in opts.array("group")? {
        let number = |value: &Dynamic| value.as_int().ok().and_then(|number| u32::try_from(number).ok());
        let read = match member.clone().try_cast::<Map>() {
            Some(map) => map.get("id").and_then(number).zip(map.get("weight").map_or(Some(1), number)),
            None => number(&member).map(|id| (id, 1)),
        };
        group.push(read.filter(|(_, weight)| (1..=256).contains(weight)).ok_or_else(|| {
            opts.unfit("group", format!("it takes ids, or maps with id and weight (1 to 256), not {}", reading::type_word(&member)))
        })?);
    }
    Ok(Nexthop {
        id,
        via: opts.ip("via")?,
        dev: opts.link("dev", netns)?.map(|link| link.index()),
        onlink: opts.bool("onlink")?.unwrap_or(false),
        blackhole: opts.bool("blackhole")?.unwrap_or(false),
        group,
        v6: opts.bool("v6")?.unwrap_or(false),
    })
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Rule>(registry, rule_text);
    printable::<Hop>(registry, |hop| hop.netns.nexthop_text(&hop.state));
    words!(registry, Rules, [module "rule"];
        /// Adds a rule, as `ip rule add`: packets that fit have their route looked up in another table, or are refused.
        ///
        /// Errors: `exists`, `bad-argument`.
        ///
        /// ```rhai
        /// rule::add(#{ from: "10.0.1.0/24", table: 101, priority: 1000 });
        /// rule::add(#{ fwmark: "0x10/0xff", ipproto: "tcp", dport: "8000-8080", type: "prohibit" });
        /// expect(rule::list().some(|r| r.table == 101 && r.from == "10.0.1.0/24"));
        /// ```
        fn add(rules, call; opts: RULE) -> Rules {
            let rule = read(&rules.0, &opts)?;
            call.step(|| sentence::rule_change(&rules.0, "add", &rule));
            rules.0.add_rule(&rule)?;
            Ok(rules.clone())
        }

        /// Deletes the first rule that fits; where nothing says what it does, of any table.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// rule::add(#{ to: "10.0.1.0/24", table: 101 }).add(#{ priority: 99, table: 102 });
        /// rule::del(#{ to: "10.0.1.0/24", table: 101 });
        /// rule::del(#{ priority: 99 });
        /// expect(rule::list().len() == 3); // local, main, default
        /// ```
        fn del(rules, call; opts: RULE) -> Rules {
            let said = read(&rules.0, &opts)?;
            let any = !opts.given().any(|key| ["table", "go_to", "goto", "type", "l3mdev"].contains(&key));
            let found = if any { rules.0.rules(said.v6)?.into_iter().find(|rule| said.selects_as(rule)) } else { None };
            let rule = found.unwrap_or(said);
            call.step(|| sentence::rule_change(&rules.0, "del", &rule));
            rules.0.del_rule(&rule)?;
            Ok(rules.clone())
        }

        /// Lists the rules in the order in which they are asked; printed, the list reads as `ip rule`.
        ///
        /// Errors: `bad-argument` for an option.
        ///
        /// ```rhai
        /// let tables = rule::list().map(|r| r.table);
        /// expect(tables == [255, 254, 253]);
        /// ```
        fn list(rules, call; opts: LIST) -> Vec<Rule> { rules.0.rules(opts.bool("v6")?.unwrap_or(false)) }

        /// Deletes all rules but the first (`local`), as `ip rule flush`: main and default go too.
        ///
        /// Errors: `bad-argument` for an option.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// blue.rule.flush();
        /// expect(blue.rule.list().len() == 1);
        /// ```
        fn flush(rules, call; opts: LIST) -> Rules {
            let v6 = opts.bool("v6")?.unwrap_or(false);
            for rule in rules.0.rules(v6)?.into_iter().filter(|rule| rule.priority != Some(0)) {
                call.step(|| sentence::rule_change(&rules.0, "del", &rule));
                rules.0.del_rule(&rule)?;
            }
            Ok(rules.clone())
        }
    );
    words!(registry, Nexthops, [module "nexthop"];
        /// Makes a next hop with an id, as `ip nexthop add id N`, or a group of others; routes use it by `nhid`.
        ///
        /// Errors: `exists`, `not-found`, `unreachable`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// nexthop::add(1, #{ via: "10.0.0.2", dev: "v0" });
        /// nexthop::add(2, #{ via: "10.0.0.3", dev: "v0" });
        /// nexthop::add(10, #{ group: [1, #{ id: 2, weight: 3 }] });
        /// route::add("192.0.2.0/24", #{ nhid: 10 });
        /// expect(route::list().some(|r| r.dst == "192.0.2.0/24" && r.nhid == 10));
        /// ```
        fn add(hops, call, id: i64; opts: HOP) -> Nexthops {
            let hop = read_hop(&hops.0, id, &opts)?;
            call.step(|| sentence::nexthop_change(&hops.0, "add", &hop));
            hops.0.add_nexthop(&hop, false)?;
            Ok(hops.clone())
        }

        /// Makes a next hop, or changes the one with that id: every route that uses it follows at once.
        ///
        /// Errors: `unreachable` when no link reaches the gateway; `not-found` for a link that is not there; `bad-argument`, also for a
        /// group of ids that are not there.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// nexthop::replace(1, #{ via: "10.0.0.2", dev: "v0" }).replace(1, #{ via: "10.0.0.3", dev: "v0" });
        /// expect(nexthop::list()[0].via == "10.0.0.3");
        /// ```
        fn replace(hops, call, id: i64; opts: HOP) -> Nexthops {
            let hop = read_hop(&hops.0, id, &opts)?;
            call.step(|| sentence::nexthop_change(&hops.0, "replace", &hop));
            hops.0.add_nexthop(&hop, true)?;
            Ok(hops.clone())
        }

        /// Deletes a next hop, and the routes that use it.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// nexthop::add(1, #{ blackhole: true }).del(1);
        /// expect(nexthop::list().is_empty());
        /// ```
        fn del(hops, call, id: i64) -> Nexthops {
            let id = u32::try_from(id).map_err(|_| bad("delete nexthop", &format!("id {id}"), "an id is a number from 1 on"))?;
            call.step(|| sentence::nexthop_del(&hops.0, id));
            hops.0.del_nexthop(id)?;
            Ok(hops.clone())
        }

        /// Lists the next hops in the order of their ids; printed, the list reads as `ip nexthop`.
        ///
        /// ```rhai
        /// expect(nexthop::list().is_empty());
        /// ```
        fn list(hops, call) -> Vec<Hop> {
            Ok(hops.0.nexthops()?.into_iter().map(|state| Hop { state, netns: hops.0.clone() }).collect())
        }
    );
    register_properties(registry);
}

fn register_properties(registry: &mut Registry) {
    properties!(registry, Rule;
        /// Its priority: the lower is asked first.
        ///
        /// ```rhai
        /// expect(rule::list()[0].priority == 0);
        /// ```
        fn priority(rule, call) -> i64 { Ok(i64::from(rule.priority.unwrap_or(0))) }

        /// The table that it looks in; 0 if it does something else.
        ///
        /// ```rhai
        /// expect(rule::list()[0].table == 255);
        /// ```
        fn table(rule, call) -> i64 { Ok(i64::from(rule.table)) }

        /// The source that it fits, or `()` for all.
        ///
        /// ```rhai
        /// expect(rule::list()[0].from == ());
        /// ```
        fn from(rule, call) -> Option<String> { Ok(rule.from.map(|net| net.to_string())) }

        /// The destination that it fits, or `()` for all.
        ///
        /// ```rhai
        /// expect(rule::list()[0].to == ());
        /// ```
        fn to(rule, call) -> Option<String> { Ok(rule.to.map(|net| net.to_string())) }

        /// The link through which packets come in that it fits, or `()`.
        ///
        /// ```rhai
        /// rule::add(#{ iif: "lo", table: 7, priority: 5 });
        /// expect(rule::list()[1].iif == "lo");
        /// ```
        fn iif(rule, call) -> Option<String> { Ok(rule.iif.clone()) }

        /// What it does: `lookup`, `goto`, `blackhole`, `unreachable`, `prohibit`, `nop`.
        ///
        /// ```rhai
        /// expect(rule::list()[0].action == "lookup");
        /// ```
        fn action(rule, call) -> String { Ok(rule.action.word().to_string()) }
    );
    properties!(registry, Hop;
        /// Its id.
        ///
        /// ```rhai
        /// nexthop::add(7, #{ blackhole: true });
        /// expect(nexthop::list()[0].id == 7);
        /// ```
        fn id(hop, call) -> i64 { Ok(i64::from(hop.state.id)) }

        /// Its gateway, or `()`.
        ///
        /// ```rhai
        /// nexthop::add(7, #{ blackhole: true });
        /// expect(nexthop::list()[0].via == ());
        /// ```
        fn via(hop, call) -> Option<String> { Ok(hop.state.via.map(|via| via.to_string())) }

        /// The members of a group: maps with `id` and `weight`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// nexthop::add(1, #{ via: "10.0.0.2", dev: "v0" }).add(2, #{ group: [1] });
        /// expect(nexthop::list()[1].group == [#{ id: 1, weight: 1 }]);
        /// ```
        fn group(hop, call) -> Array {
            let member = |(id, weight): &(u32, u32)| Map::from([("id".into(), i64::from(*id).into()), ("weight".into(), i64::from(*weight).into())]);
            Ok(hop.state.group.iter().map(|m| Dynamic::from(member(m))).collect())
        }
    );
}
