//! `ns.events()`: what the kernel tells of links, addresses, routes and neighbours while it happens.

use super::super::catalogue::{Options, key};
use super::super::engine::explain;
use super::super::options::Opts;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::super::session::Call;
use crate::error::{Error, Kind, Result};
use crate::iproute::{sentence, show};
use crate::kernel::events::News;
use crate::kernel::link::mac_text;
use crate::lab::Netns;
use crate::lab::eventlog::{Event, EventLog};
use crate::lab::wait::parse_span;
use rhai::{Dynamic, FnPtr, Map};
use std::time::Duration;

script_types! { EventLog = "Events", Event = "Event" }
returned!(EventLog, Event);

const NEXT: Duration = Duration::from_secs(5);

const WISH: Options = Options {
    keys: &[
        key("object", "string", "link, addr, route or neigh"),
        key("action", "string", "new (it is there, or has changed) or del"),
        key("dev", "Link|string", "the link that it is about"),
        key("state", "string", "UP, DOWN … of a link; REACHABLE, FAILED … of a neighbour"),
        key("ip", "string", "the address, of an address or a neighbour"),
        key("dst", "string", "the destination of a route, as it is printed"),
    ],
};

/// What an event is about, as a map.
fn data(event: &Event) -> Map {
    let text = |text: &str| Dynamic::from(text.to_string());
    let or_unit = |value: Option<String>| value.map_or(Dynamic::UNIT, Dynamic::from);
    let pairs: Vec<(&str, Dynamic)> = match &event.news {
        News::Link { link, .. } => vec![
            ("name", text(&link.name)),
            ("index", i64::from(link.index).into()),
            ("state", text(&link.operstate)),
            ("is_up", link.is_up().into()),
            ("carrier", link.carrier.into()),
            ("mtu", i64::from(link.mtu).into()),
            ("mac", text(&link.mac())),
        ],
        News::Addr { addr, .. } => vec![
            ("ip", text(&addr.net.addr().to_string())),
            ("cidr", text(&addr.net.to_string())),
            ("scope", text(&addr.scope)),
            ("tentative", addr.tentative.into()),
        ],
        News::Route { route, .. } => vec![
            ("dst", text(&destination(&route.dst))),
            ("via", or_unit(route.via.map(|via| via.to_string()))),
            ("table", i64::from(route.table).into()),
            ("metric", route.metric.map_or(Dynamic::UNIT, |metric| i64::from(metric).into())),
        ],
        News::Neigh { neigh, .. } => vec![
            ("ip", text(&neigh.ip.to_string())),
            ("mac", or_unit((!neigh.mac.is_empty()).then(|| mac_text(&neigh.mac)))),
            ("state", text(&neigh.state)),
        ],
    };
    pairs.into_iter().map(|(key, value)| (key.into(), value)).collect()
}

fn destination(net: &ipnet::IpNet) -> String {
    match (net.prefix_len(), net.prefix_len() == net.max_prefix_len()) {
        (0, _) => "default".to_string(),
        (_, true) => net.addr().to_string(),
        _ => net.to_string(),
    }
}

/// An event as `ip monitor label` tells it, in one line.
fn line(event: &Event) -> String {
    let deleted = if event.gone() { "Deleted " } else { "" };
    let named = |index: u32| if event.dev.is_empty() { format!("if{index}") } else { event.dev.clone() };
    match &event.news {
        News::Link { link, .. } => {
            let flags = show::flags(link).join(",");
            format!("[LINK]{deleted}{}: {}: <{flags}> mtu {} state {}", link.index, link.name, link.mtu, link.operstate)
        }
        News::Addr { addr, .. } => {
            let addr = crate::lab::addr::Addr { state: addr.clone(), dev: named(addr.index) };
            format!("[ADDR]{deleted}{}", show::addr(&addr))
        }
        News::Route { route, .. } => format!("[ROUTE]{deleted}{}", crate::lab::route::route_text(route, named)),
        News::Neigh { neigh, .. } => {
            let neigh = crate::lab::neigh::Neigh { state: neigh.clone(), dev: named(neigh.index) };
            format!("[NEIGH]{deleted}{}", show::neigh(&neigh))
        }
    }
}

/// Returns whether an event is as the options say.
fn is_wished(event: &Event, opts: &Opts) -> bool {
    let data = data(event);
    let same = |key: &str, got: Option<&str>| opts.any(key).is_none_or(|wish| got == Some(wish.to_string().as_str()));
    let of = |key: &str| data.get(key).and_then(|value| value.clone().into_string().ok());
    let dev = opts.text("dev");
    same("object", Some(event.object()))
        && same("action", Some(if event.gone() { "del" } else { "new" }))
        && dev.is_none_or(|dev| dev == event.dev)
        && same("state", of("state").as_deref())
        && same("ip", of("ip").as_deref())
        && same("dst", of("dst").as_deref())
}

fn wait_wished(log: &EventLog, within: Duration, opts: &Opts) -> Result<Event> {
    opts.word("object", &["link", "addr", "route", "neigh"], |word| matches!(word, "link" | "addr" | "route" | "neigh").then_some(()))?;
    opts.word("action", &["new", "del"], |word| matches!(word, "new" | "del").then_some(()))?;
    log.wait(within, |event| Ok(is_wished(event, opts)))
}

fn wait_true(log: &EventLog, call: &Call, within: Duration, wished: &FnPtr) -> Result<Event> {
    log.wait(within, |event| {
        let answer = wished.call_within_context::<Dynamic>(call.ctx, (event.clone(),));
        let answer = answer.map_err(|thrown| explain(&thrown, call.ctx.call_source().unwrap_or_default(), None).error)?;
        answer.as_bool().map_err(|word| {
            Error::new(Kind::BadArgument, "wait for event", "a condition", format!("the closure must return true or false, not {word}"))
        })
    })
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Event>(registry, line);
    printable::<EventLog>(registry, |log| log.list().iter().map(line).collect::<Vec<_>>().join("\n"));
    words!(registry, Netns, [global];
        /// Listens to what the kernel tells of the links, addresses, routes and neighbours of the namespace, as `ip monitor`: from now
        /// on nothing is missed. `list()` has all that came; `next()` and `wait(…)` take events one by one, each once.
        ///
        /// Errors: `not-found` when the namespace was deleted.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// let events = blue.events();
        /// blue.link("lo").up();
        /// let up = events.wait("5s", #{ object: "link", dev: "lo" });
        /// expect(up.data.is_up);
        /// for event in events.list() { print(event); }
        /// ```
        fn events(netns, call) -> EventLog {
            call.step(|| sentence::exec(netns, "ip monitor all &"));
            netns.events()
        }
    );
    words!(registry, EventLog, [method];
        /// Returns all that has happened since the log was opened, the oldest first; also what was taken already.
        ///
        /// ```rhai
        /// let events = events();
        /// veth::add("v0", "v1");
        /// events.wait("5s", #{ dev: "v1" });
        /// expect(events.list().some(|e| e.object == "link" && e.dev == "v0"));
        /// ```
        fn list(log, call) -> Vec<Event> { Ok(log.list()) }

        /// Takes the next event; waits for it, if need be, at most five seconds.
        ///
        /// Errors: `timeout`.
        ///
        /// ```rhai
        /// let events = events();
        /// link::get("lo").set(#{ mtu: 9000 });
        /// expect(events.next().data.mtu == 9000);
        /// ```
        fn next(log, call) -> Event { log.wait(NEXT, |_| Ok(true)) }

        /// Takes the next event; waits for it, if need be.
        ///
        /// Errors: `timeout`.
        ///
        /// ```rhai
        /// let events = events();
        /// expect_error(|| events.next("10ms"), "timeout");
        /// ```
        fn next(log, call, within: &str) -> Event { log.wait(parse_span(within)?, |_| Ok(true)) }

        /// Takes events until one is as the options say, and returns that; without options the next one. Nothing is asked again and
        /// again: the kernel wakes who waits.
        ///
        /// Errors: `timeout`, with what came last; `unknown-option`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true } });
        /// let events = events();
        /// pair.b.up();
        /// events.wait("5s", #{ object: "link", dev: pair.a, state: "UP" });
        /// pair.a.addr.del("10.0.0.1/24");
        /// let gone = events.wait("5s", #{ object: "addr", action: "del" });
        /// expect(gone.data.cidr == "10.0.0.1/24");
        /// ```
        fn wait(log, call, within: &str; opts: WISH) -> Event { wait_wished(log, parse_span(within)?, &opts) }

        /// Takes events until the closure is true for one, and returns that.
        ///
        /// Errors: `timeout`; what the closure throws.
        ///
        /// ```rhai
        /// let events = events();
        /// link::get("lo").set(#{ mtu: 9000 });
        /// let event = events.wait("5s", |e| e.object == "link" && e.data.mtu < 10000);
        /// expect(event.dev == "lo");
        /// ```
        fn wait(log, call, within: &str, condition: FnPtr) -> Event { wait_true(log, call, parse_span(within)?, &condition) }
    );
    properties!(registry, Event;
        /// `link`, `addr`, `route` or `neigh`.
        ///
        /// ```rhai
        /// let events = events();
        /// link::get("lo").set(#{ mtu: 9000 });
        /// expect(events.next().object == "link");
        /// ```
        fn object(event, call) -> String { Ok(event.object().to_string()) }

        /// `new` when it is there or has changed, `del` when it is gone.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// let events = events();
        /// pair.a.del();
        /// expect(events.wait("5s", #{ dev: "v0" }).action == "del");
        /// ```
        fn action(event, call) -> String { Ok(if event.gone() { "del" } else { "new" }.to_string()) }

        /// The name of the link that it is about, as it was then; empty for a route without one.
        ///
        /// ```rhai
        /// let events = events();
        /// link::get("lo").set(#{ mtu: 9000 });
        /// expect(events.next().dev == "lo");
        /// ```
        fn dev(event, call) -> String { Ok(event.dev.clone()) }

        /// When it happened, in ms since the log was opened.
        ///
        /// ```rhai
        /// let events = events();
        /// link::get("lo").set(#{ mtu: 9000 });
        /// expect(events.next().time >= 0.0);
        /// ```
        fn time(event, call) -> f64 { Ok(event.time.as_secs_f64() * 1e3) }

        /// What it is about, as it was then: a map of `name`, `index`, `state`, `is_up`, `carrier`, `mtu`, `mac` for a link; `ip`,
        /// `cidr`, `scope`, `tentative` for an address; `dst`, `via`, `table`, `metric` for a route; `ip`, `mac`, `state` for a
        /// neighbour.
        ///
        /// ```rhai
        /// let events = events();
        /// addr::add("10.0.0.1/32", #{ dev: "lo" });
        /// expect(events.wait("5s", #{ object: "addr" }).data.ip == "10.0.0.1");
        /// ```
        fn data(event, call) -> Map { Ok(data(event)) }
    );
}
