//! `link.filter.…`: what sorts packets into classes, or drops, copies and redirects them.

use super::super::catalogue::{Key, Options, key};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{AtRoot, Registry, printable, properties, returned, script_types, words};
use super::super::session::{Call, Session};
use crate::error::{Error, Kind, Result};
use crate::iproute::queueing;
use crate::kernel::filter::{self, Action, Flower, Match, Place, Police, Spec, U32, Verdict, action, flower, u32 as bytes};
use crate::kernel::qdisc::{Mode, Rate};
use crate::lab::filter::{parent_text, parse_parent};
use crate::lab::qdisc::{handle_text, parse_handle};
use crate::lab::{Link, Netns};
use crate::near;
use rhai::{Array, Dynamic, Map};

/// The filters of a link, or of a namespace's links.
#[derive(Clone)]
pub(crate) struct Filters {
    netns: Netns,
    link: Option<Link>,
}

/// A filter as it was found.
#[derive(Clone)]
pub(crate) struct Filter {
    state: filter::Filter,
    dev: String,
    netns: Netns,
}
script_types! { Filters = "Filters", Filter = "Filter" }
returned!(Filters, Filter);

impl AtRoot for Filters {
    fn at_root(session: &Session) -> Filters {
        Filters { netns: session.lab().root(), link: None }
    }
}

const POLICE: Options = Options {
    keys: &[
        key("rate", "string", "what may pass, as in \"1mbit\""),
        key("burst", "int|string", "bytes at once"),
        key("mtu", "int|string", "largest packet in bytes"),
        key("peakrate", "string", "rate at which the bucket empties"),
        key("exceed", "string", "what becomes of what is above the rate: drop, pass, pipe, continue, reclassify; drop if not said"),
        key("conform", "string", "what becomes of the rest; pass if not said"),
    ],
};

const REDIRECT: Options =
    Options { keys: &[key("dev", "Link|string", "the link"), key("ingress", "bool", "as if it came in there, rather than going out")] };

const SKBEDIT: Options = Options {
    keys: &[
        key("mark", "int", "the firewall's mark"),
        key("priority", "string", "a class, as in \"1:10\""),
        key("queue_mapping", "int", "the queue that it goes out by"),
    ],
};

const fn nested(name: &'static str, takes: &'static str, help: &'static str, options: &'static Options) -> Key {
    Key { name, takes, help, nested: Some(options) }
}

const FILTER: Options = Options {
    keys: &[
        key("dev", "Link|string", "the link, where the handle is not one"),
        key("parent", "string", "where it hangs: ingress, egress, or a discipline as \"1:\"; the root discipline if not said"),
        key("protocol", "string", "ip, ipv6, arp, 802.1Q …; all if not said"),
        key("prio", "int", "the lower is asked first"),
        key("chain", "int", "chain of filters"),
        key("handle", "int|string", "its number; of fw the mark that it looks for, as in 6 or \"6/0xff\""),
        key("matches", "array", "what is compared, as tc-u32(8) says it: [\"ip dst 10.0.0.0/24\", \"ip dport 80 0xffff\"] (u32)"),
        key("divisor", "int", "it is a hash table of so many buckets (u32)"),
        key("ht", "string", "table and bucket that it stands in, as in \"2:7b:\" (u32)"),
        key("link", "string", "table that goes on, as in \"2:\" (u32)"),
        key("hashkey", "string", "mask and place of the bits that choose the bucket: \"0x000000ff at 12\" (u32)"),
        key("src_ip", "string", "address, with its length (flower)"),
        key("dst_ip", "string", "address, with its length (flower)"),
        key("ip_proto", "int|string", "tcp, udp, icmp … (flower)"),
        key("src_port", "int|string", "port, or ports as \"1000-2000\"; with ip_proto (flower)"),
        key("dst_port", "int|string", "port, or ports as \"1000-2000\"; with ip_proto (flower)"),
        key("src_mac", "string", "MAC address, with a mask behind a slash (flower)"),
        key("dst_mac", "string", "MAC address, with a mask behind a slash (flower)"),
        key("vlan_id", "int", "VLAN (flower)"),
        key("vlan_prio", "int", "priority of the VLAN tag (flower)"),
        key("vlan_ethtype", "string", "what is behind the VLAN tag (flower)"),
        key("ip_tos", "int|string", "TOS (flower)"),
        key("ip_ttl", "int|string", "TTL (flower)"),
        key("ip_flags", "string", "frag, nofrag, firstfrag, nofirstfrag (flower)"),
        key("tcp_flags", "string", "as in \"0x2/0xff\" (flower)"),
        key("type", "int", "type of ICMP (flower)"),
        key("code", "int", "code of ICMP (flower)"),
        key("arp_op", "string", "request or reply (flower)"),
        key("arp_sip", "string", "sender's address (flower)"),
        key("arp_tip", "string", "target's address (flower)"),
        key("indev", "string", "link through which the packet came in (u32, fw, flower)"),
        key("flowid", "string", "class that the packet goes to, as in \"1:10\""),
        nested("police", "map", "a rate, and what becomes of what is above it", &POLICE),
        nested("skbedit", "map", "set a mark, a priority, a queue", &SKBEDIT),
        nested("mirror", "Link|string|map", "a copy goes out of this link", &REDIRECT),
        nested("redirect", "Link|string|map", "the packet goes out of this link", &REDIRECT),
        key("action", "string", "drop, pass, pipe, continue, reclassify or trap"),
    ],
};

const PLACE: Options = Options {
    keys: &[
        key("dev", "Link|string", "the link, where the handle is not one"),
        key("parent", "string", "where they hang: ingress, egress, or a discipline as \"1:\""),
        key("protocol", "string", "ip, ipv6, arp …"),
        key("prio", "int", "only those of this priority"),
        key("handle", "int|string", "only this one; with kind"),
        key("kind", "string", "u32, flower, matchall or fw"),
    ],
};

const U32_KEYS: [&str; 5] = ["matches", "divisor", "ht", "link", "hashkey"];
const KINDS: [&str; 4] = ["u32", "flower", "matchall", "fw"];

pub(super) fn register(registry: &mut Registry) {
    printable::<Filter>(registry, text);
    words!(registry, Filters, [module "filter"];
        /// Makes a filter, as `tc filter add`: `u32`, `flower`, `matchall` or `fw`. It hangs on the root discipline and sorts packets into its
        /// classes (`flowid`), or with clsact or ingress at `ingress` or `egress`; and does with them what `police`, `skbedit`, `mirror`,
        /// `redirect` and `action` say, in this order.
        ///
        /// Errors: `unsupported` when this kernel lacks the filter or its action; `not-found` or `bad-argument` without a discipline to hang on;
        /// `bad-argument` for an option that the kind does not take, or a text that cannot be read.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("htb", #{ handle: "1:" });
        /// pair.a.class.add("1:10", #{ rate: "10mbit" });
        /// pair.a.filter.add("u32", #{ protocol: "ip", prio: 1, matches: ["ip dst 10.0.0.0/24", "ip dport 80 0xffff"], flowid: "1:10" });
        /// pair.b.qdisc.add("clsact");
        /// pair.b.filter.add("u32", #{ parent: "ingress", redirect: pair.a });
        /// expect(pair.a.filter.list().some(|f| f.flowid == "1:10") && pair.b.filter.list()[2].actions[0].kind == "mirred");
        /// try {
        ///     pair.b.filter.add("flower", #{ parent: "egress", protocol: "ip", dst_ip: "10.0.0.1", ip_proto: "tcp", dst_port: 80, action: "drop" });
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn add(filters, call, kind: &str; opts: FILTER) -> Filters { set(filters, call, kind, &opts, Mode::Add) }

        /// Makes a filter, or takes the place of the one with this priority and handle.
        ///
        /// Errors: as for `add`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("htb", #{ handle: "1:" });
        /// pair.a.filter.replace("u32", #{ protocol: "ip", prio: 1, matches: ["ip dst 10.0.0.1"], flowid: "1:1" });
        /// expect(pair.a.filter.list().len() == 3);
        /// ```
        fn replace(filters, call, kind: &str; opts: FILTER) -> Filters { set(filters, call, kind, &opts, Mode::Replace) }

        /// Deletes filters: one by its `handle` and `kind`, all of a `prio`, or all of a place.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("htb", #{ handle: "1:" });
        /// pair.a.filter.add("u32", #{ protocol: "ip", prio: 1, flowid: "1:1" }).del(#{ prio: 1, protocol: "ip" });
        /// expect(pair.a.filter.list().is_empty());
        /// ```
        fn del(filters, call; opts: PLACE) -> Filters {
            let link = filters.link(&opts, "delete")?;
            let kind = opts.word("kind", &KINDS, |word| KINDS.into_iter().find(|kind| *kind == word))?;
            let (place, _) = place(&link, &opts, kind.unwrap_or_default())?;
            call.step(|| queueing::filter_del(&link, place, kind));
            link.del_filter(place, kind)?;
            Ok(filters.clone())
        }

        /// Lists the filters of a link: at its root discipline, and at ingress and egress; or those of one `parent`.
        ///
        /// Errors: `bad-argument` when it is not said of which link, or for what is no `parent`; `not-found` for a link that is not
        /// there.
        ///
        /// ```rhai
        /// expect(root.link("lo").filter.list().is_empty());
        /// ```
        fn list(filters, call; opts: PLACE) -> Vec<Filter> {
            let link = filters.link(&opts, "list")?;
            let parent = opts.string("parent")?.map(|parent| parse_parent(&parent)).transpose()?;
            let prio: Option<u16> = opts.number("prio", 1..=65535)?;
            let kind = opts.string("kind")?;
            let found = link.filters(parent)?.into_iter();
            let found = found.filter(|state| prio.is_none_or(|prio| state.place.prio == prio) && kind.as_ref().is_none_or(|kind| state.kind == *kind));
            Ok(found.map(|state| Filter { state, dev: link.name(), netns: link.netns() }).collect())
        }
    );
    register_properties(registry);
}

impl Filters {
    fn link(&self, opts: &Opts, verb: &str) -> Result<Link> {
        opts.link_of(self.link.as_ref(), &self.netns, verb, "filter")
    }
}

/// Reads where a filter stands, and of fw the mask of the mark.
fn place(link: &Link, opts: &Opts, kind: &str) -> Result<(Place, Option<u32>)> {
    let parent = opts.string("parent")?.map_or(Ok(0), |parent| parse_parent(&parent))?;
    let protocol = match opts.string("protocol")? {
        None => 0,
        Some(text) => filter::parse_protocol(&text).ok_or_else(|| {
            let known: Vec<&str> = filter::PROTOCOLS.iter().map(|(word, _)| *word).collect();
            let error = opts.unfit("protocol", format!("there is no protocol `{text}`"));
            error.hint(near::did_you_mean(&text, known.iter().copied()).unwrap_or_else(|| format!("there are {}", known.join(", "))))
        })?,
    };
    let handle = opts.text("handle").unwrap_or_default();
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    };
    let (handle, mask) = match (kind, handle.split_once('/')) {
        _ if handle.is_empty() => (Some(0), None),
        ("u32", _) => (bytes::parse_handle(&handle), None),
        ("fw", Some((value, mask))) => (number(value), number(mask)),
        _ => (number(&handle), None),
    };
    let handle = handle.ok_or_else(|| opts.unfit("handle", "it is a number, of u32 as \"800::1\", of fw as 6 or \"6/0xff\""))?;
    let (prio, chain) = (opts.number("prio", 1..=65535)?.unwrap_or(0), None);
    Ok((Place { index: link.index(), parent, handle, prio, protocol, chain }, mask))
}

fn set(filters: &Filters, call: &Call, kind: &str, opts: &Opts, mode: Mode) -> Result<Filters> {
    let link = filters.link(opts, "set")?;
    if !KINDS.contains(&kind) {
        let hint = near::did_you_mean(kind, KINDS).unwrap_or_else(|| format!("there are {}", KINDS.join(", ")));
        return Err(Error::new(Kind::BadArgument, "add filter", format!("`{kind}`"), "there is no such filter here").hint(hint));
    }
    let is_flower = |key: &str| flower::KEYS.iter().any(|known| known.name == key);
    let foreign = opts.given().find(|key| (kind != "u32" && U32_KEYS.contains(key)) || (kind != "flower" && is_flower(key)));
    if let Some(key) = foreign {
        let whose = if is_flower(key) { "flower" } else { "u32" };
        return Err(opts.unfit(key, format!("{kind} has no such option")).hint(format!("filter.add(\"{whose}\", #{{ {key}: … }})")));
    }
    let (mut place, mask) = place(&link, opts, kind)?;
    place.chain = opts.number("chain", 0..=i64::from(u32::MAX))?;
    if place.protocol == 0 {
        place.protocol = filter::PROTOCOLS[0].1;
    }
    let looks = match kind {
        "u32" => Match::U32(Box::new(u32_match(opts)?)),
        "flower" => Match::Flower(flower_match(opts)?, 0),
        "matchall" => Match::All(0),
        _ if place.handle == 0 => {
            return Err(
                Error::new(Kind::BadArgument, "add filter", "`fw`", "it needs the mark that it looks for").hint("add #{ handle: 6 }")
            );
        }
        _ => Match::Fw(mask),
    };
    let spec = Spec {
        class: opts.string("flowid")?.map(|class| parse_handle(&class)).transpose()?,
        indev: opts.text("indev"),
        actions: actions(opts, &link.netns())?,
        ..Spec::new(looks)
    };
    call.step(|| queueing::filter_set(&link, mode, place, &spec));
    link.set_filter(place, &spec, mode)?;
    Ok(filters.clone())
}

fn u32_match(opts: &Opts) -> Result<U32> {
    let mut looks = U32 { divisor: opts.number("divisor", 1..=256)?, ..U32::default() };
    for one in opts.array("matches")? {
        let text = one.to_string();
        let words: Vec<&str> = text.split_whitespace().collect();
        let took = bytes::selector(&mut looks, &words);
        if took != Some(words.len()) {
            let error = opts.unfit("matches", format!("`{text}` cannot be read"));
            return Err(error.hint("as in \"ip dst 10.0.0.0/24\", \"ip dport 80 0xffff\", \"ip protocol 6 0xff\", \"u8 0x10 0xff at 33\""));
        }
    }
    if looks.keys.is_empty() && looks.divisor.is_none() {
        looks.keys.push(bytes::Key::default());
    }
    let table = |key: &'static str| -> Result<Option<u32>> {
        let read = |text: String| {
            bytes::parse_handle(&text).ok_or_else(|| opts.unfit(key, "a table is written as \"2:\", with its bucket as \"2:7b:\""))
        };
        opts.string(key)?.map(read).transpose()
    };
    (looks.table, looks.link) = (table("ht")?, table("link")?);
    if let Some(text) = opts.string("hashkey")? {
        let read = text.split_once(" at ").and_then(|(mask, at)| {
            let mask = mask.trim_start_matches("mask ").trim_start_matches("0x");
            Some((u32::from_str_radix(mask, 16).ok()?, at.trim().parse().ok()?))
        });
        looks.hash = Some(read.ok_or_else(|| opts.unfit("hashkey", "it is a mask and a place, as in \"0x000000ff at 12\""))?);
    }
    Ok(looks)
}

fn flower_match(opts: &Opts) -> Result<Flower> {
    let mut looks = Flower::default();
    // In the order of the table: the protocol comes before the ports.
    for key in flower::KEYS {
        let Some(value) = opts.text(key.name) else { continue };
        if looks.set(key.name, &value).is_none() {
            let needs = match key.name {
                "src_port" | "dst_port" if opts.text("ip_proto").is_none() => "it needs #{ ip_proto: \"tcp\" }, or udp or sctp".to_string(),
                "type" | "code" if opts.text("ip_proto").is_none() => "it needs #{ ip_proto: \"icmp\" }, or icmpv6".to_string(),
                _ => format!("`{value}` cannot be read"),
            };
            return Err(opts.unfit(key.name, needs));
        }
    }
    Ok(looks)
}

fn verdict(opts: &Opts, key: &'static str) -> Result<Option<Verdict>> {
    opts.word(key, &Verdict::WORDS.map(|(word, _)| word), Verdict::parse)
}

fn actions(opts: &Opts, netns: &Netns) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    // What follows is reached only if the one before says so.
    let follows = |keys: &[&str]| keys.iter().any(|key| opts.any(key).is_some());
    if opts.any("police").is_some() {
        let police = opts.nested("police", &POLICE)?;
        let size = |key| -> Result<Option<u32>> { Ok(police.size(key)?.map(|b| u32::try_from(b).unwrap_or(u32::MAX))) };
        let (Some(rate), Some(burst)) = (police.rate("rate")?, size("burst")?) else {
            return Err(opts.unfit("police", "it needs a rate and a burst").hint("police: #{ rate: \"1mbit\", burst: \"10kb\" }"));
        };
        let goes_on = follows(&["skbedit", "mirror", "redirect", "action"]).then_some(Verdict::Pipe);
        actions.push(Action::Police(Police {
            rate: Rate::plain(rate),
            burst,
            mtu: size("mtu")?.unwrap_or(0),
            peak: police.rate("peakrate")?.map(Rate::plain),
            average: None,
            packets: None,
            exceed: verdict(&police, "exceed")?.unwrap_or(Verdict::Drop),
            conform: verdict(&police, "conform")?.or(goes_on).or(Some(Verdict::Pass)),
            index: 0,
        }));
    }
    if opts.any("skbedit").is_some() {
        let edit = opts.nested("skbedit", &SKBEDIT)?;
        actions.push(Action::Skbedit {
            mark: edit.number("mark", 0..=i64::from(u32::MAX))?.map(|mark| (mark, None)),
            priority: edit.string("priority")?.map(|class| parse_handle(&class)).transpose()?,
            queue: edit.number("queue_mapping", 0..=65535)?,
            verdict: Verdict::Pipe,
        });
    }
    for (key, mirror) in [("mirror", true), ("redirect", false)] {
        let Some(value) = opts.any(key) else { continue };
        let (link, ingress) = if value.is_map() {
            let to = opts.nested(key, &REDIRECT)?;
            let link = to.link("dev", netns)?.ok_or_else(|| opts.unfit(key, "it is not said to which link").hint("#{ dev: \"ifb0\" }"))?;
            (link, to.bool("ingress")?.unwrap_or(false))
        } else {
            let link = reading::link_in(&value, netns).unwrap_or_else(|| Err(opts.unfit(key, "it takes a link or its name")))?;
            (link, false)
        };
        actions.push(Action::Mirred { mirror, ingress, dev: (link.index(), link.name()), verdict: None, index: 0 });
    }
    if let Some(verdict) = verdict(opts, "action")? {
        actions.push(Action::Gact { verdict, random: None, index: 0 });
    }
    Ok(actions)
}

/// What a filter looks at, as a map with the names that `filter.add` takes.
fn options(found: &Filter) -> Map {
    let mut map = Map::new();
    let state = &found.state;
    match state.kind.as_str() {
        "u32" => {
            let (looks, _) = U32::read(&state.options);
            let keys: Array = looks.keys.iter().map(|key| Dynamic::from(key_text(key))).collect();
            if let Some(divisor) = looks.divisor {
                map.insert("divisor".into(), i64::from(divisor).into());
            } else if !keys.is_empty() {
                map.insert("matches".into(), keys.into());
            }
            for (key, table) in [("ht", looks.table), ("link", looks.link)] {
                if let Some(table) = table {
                    map.insert(key.into(), bytes::handle_text(table).into());
                }
            }
        }
        "flower" => {
            for told in Flower::read(&state.options) {
                map.insert(told.key.name.into(), if let Ok(number) = told.text.parse::<i64>() { number.into() } else { told.text.into() });
            }
        }
        _ => {}
    }
    map
}

fn key_text(key: &bytes::Key) -> String {
    let next = if key.next == 0 { "" } else { "nexthdr+" };
    format!("u32 {:#010x} {:#010x} at {next}{}", key.value, key.mask, key.at)
}

fn action_map(found: &action::Found, netns: &Netns) -> Map {
    let mut map = Map::new();
    map.insert("kind".into(), found.kind.clone().into());
    map.insert("verdict".into(), found.verdict.word().into());
    match &found.action {
        Some(Action::Mirred { mirror, ingress, dev, .. }) => {
            let name = netns.link_states().ok().and_then(|links| links.into_iter().find(|link| link.index == dev.0)).map(|link| link.name);
            map.insert("dev".into(), name.unwrap_or_else(|| format!("if{}", dev.0)).into());
            map.insert("mirror".into(), (*mirror).into());
            map.insert("ingress".into(), (*ingress).into());
        }
        Some(Action::Police(police)) => {
            map.insert("rate".into(), police.rate.bits.cast_signed().into());
            map.insert("burst".into(), i64::from(police.burst).into());
        }
        Some(Action::Skbedit { mark: Some((mark, _)), .. }) => {
            map.insert("mark".into(), i64::from(*mark).into());
        }
        _ => {}
    }
    map.insert("packets".into(), i64::from(found.stats.packets).into());
    map.insert("bytes".into(), found.stats.bytes.cast_signed().into());
    map.insert("dropped".into(), i64::from(found.stats.dropped).into());
    map
}

fn handle(found: &Filter) -> String {
    match (found.state.kind.as_str(), found.state.place.handle) {
        ("u32", handle) => bytes::handle_text(handle),
        ("fw", handle) => format!("{handle:#x}"),
        (_, handle) => handle.to_string(),
    }
}

fn text(found: &Filter) -> String {
    let Place { parent, prio, protocol, .. } = found.state.place;
    let mut line = format!(
        "filter dev {} {} protocol {} pref {prio} {}",
        found.dev,
        parent_text(parent),
        filter::protocol_text(protocol),
        found.state.kind
    );
    if found.state.place.handle != 0 {
        line += &format!(" handle {}", handle(found));
    }
    for (key, value) in options(found) {
        let value = if value.is_array() {
            value.into_array().unwrap_or_default().iter().map(Dynamic::to_string).collect::<Vec<_>>().join(", ")
        } else {
            value.to_string()
        };
        line += &format!(" {key} {value}");
    }
    line.extend(found.state.class().map(|class| format!(" flowid {}", handle_text(class))));
    for action in found.state.actions() {
        line += &format!(" action {}", action.kind);
        line.extend(action_map(&action, &found.netns).get("dev").map(|dev| format!(" {dev}")));
        line += &format!(" ({})", action.verdict.word());
    }
    line
}

fn register_properties(registry: &mut Registry) {
    properties!(registry, Filter;
        /// `u32`, `flower`, `matchall`, `fw` …
        ///
        /// ```rhai
        /// expect(root.link("lo").filter.list().map(|f| f.kind) == []);
        /// ```
        fn kind(filter, call) -> String { Ok(filter.state.kind.clone()) }

        /// Its number, as its kind writes it: `800::800` of u32. What u32 lists without one, or as a table, comes with each of its priorities.
        ///
        /// ```rhai
        /// expect(root.link("lo").filter.list().map(|f| f.handle) == []);
        /// ```
        fn handle(filter, call) -> String { Ok(handle(filter)) }

        /// Where it hangs: `ingress`, `egress`, or a discipline as `1:`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("clsact");
        /// pair.a.filter.add("u32", #{ parent: "egress", flowid: "1:1" });
        /// expect(pair.a.filter.list()[0].parent == "egress");
        /// ```
        fn parent(filter, call) -> String { Ok(parent_text(filter.state.place.parent)) }

        /// Its priority: the lower is asked first.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("clsact");
        /// pair.a.filter.add("u32", #{ parent: "egress", prio: 7, flowid: "1:1" });
        /// expect(pair.a.filter.list()[0].prio == 7);
        /// ```
        fn prio(filter, call) -> i64 { Ok(i64::from(filter.state.place.prio)) }

        /// The protocol that it is for: `all`, `ip`, `ipv6` …
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("clsact");
        /// pair.a.filter.add("u32", #{ parent: "egress", protocol: "arp", flowid: "1:1" });
        /// expect(pair.a.filter.list()[0].protocol == "arp");
        /// ```
        fn protocol(filter, call) -> String { Ok(filter::protocol_text(filter.state.place.protocol)) }

        /// The name of its link.
        ///
        /// ```rhai
        /// expect(root.link("lo").filter.list().map(|f| f.dev) == []);
        /// ```
        fn dev(filter, call) -> String { Ok(filter.dev.clone()) }

        /// The class that packets go to, or `()`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("htb", #{ handle: "1:" });
        /// pair.a.filter.add("u32", #{ matches: ["ip tos 0x10 0xff"], protocol: "ip", flowid: "1:5" });
        /// expect(pair.a.filter.list().filter(|f| f.flowid == "1:5").len() == 1);
        /// ```
        fn flowid(filter, call) -> Option<String> { Ok(filter.state.class().map(handle_text)) }

        /// What it looks at: a map with the names that `filter.add` takes; of u32 as the bytes that are compared.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("htb", #{ handle: "1:" });
        /// pair.a.filter.add("u32", #{ matches: ["ip dport 80 0xffff"], protocol: "ip", flowid: "1:5" });
        /// expect(pair.a.filter.list()[2].options.matches == ["u32 0x00000050 0x0000ffff at 20"]);
        /// ```
        fn options(filter, call) -> Map { Ok(options(filter)) }

        /// What it does, in order: maps of `kind` (`mirred`, `police`, `gact` …), `verdict`, the counters `packets`, `bytes` and `dropped`,
        /// of mirred `dev`, `mirror` and `ingress`, of police `rate` and `burst`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.qdisc.add("clsact");
        /// pair.a.filter.add("u32", #{ parent: "ingress", mirror: pair.b });
        /// let found = pair.a.filter.list()[2].actions[0];
        /// expect(found.kind == "mirred" && found.dev == "v1" && found.mirror && found.packets == 0);
        /// ```
        fn actions(filter, call) -> Dynamic {
            let found: Array = filter.state.actions().iter().map(|found| Dynamic::from(action_map(found, &filter.netns))).collect();
            Ok(found.into())
        }
    );
    properties!(registry, Link;
        /// Its filters: `link.filter.add("u32", #{ parent: "ingress", redirect: "ifb0" })`.
        ///
        /// ```rhai
        /// expect(root.link("lo").filter.list().is_empty());
        /// ```
        fn filter(link, call) -> Filters { Ok(Filters { netns: link.netns(), link: Some(link.clone()) }) }
    );
    properties!(registry, Netns;
        /// The filters of its links: `ns.filter.list(#{ dev: "eth0" })`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect(blue.filter.list(#{ dev: "lo" }).is_empty());
        /// ```
        fn filter(netns, call) -> Filters { Ok(Filters { netns: netns.clone(), link: None }) }
    );
}
