//! `route::…`: the routing table.

use super::super::catalogue::{Key, Options};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::super::session::Call;
use super::{encap, lines, object};
use crate::error::{Error, Kind, Result};
use crate::iproute::sentence;
use crate::kernel::route::{self, Mode, NextHop, Proto, Query, Scope, Type};
use crate::lab::Netns;
use rhai::Map;

object! {
    /// The routes of a namespace.
    Routes = "route"
}

/// A route as it was found, with the names of its links.
#[derive(Clone)]
pub(crate) struct Route {
    state: route::Route,
    netns: Netns,
    dev: Option<String>,
}
script_types! { Route = "Route" }
returned!(Route);

const HOP: Options = Options {
    keys: &[
        Key { name: "via", takes: "string", help: "gateway", nested: None },
        Key { name: "dev", takes: "Link|string", help: "link", nested: None },
        Key { name: "weight", takes: "int", help: "share of the traffic, 1 to 256", nested: None },
    ],
};

const ROUTE: Options = Options {
    keys: &[
        Key { name: "via", takes: "string", help: "gateway", nested: None },
        Key { name: "dev", takes: "Link|string", help: "link", nested: None },
        Key { name: "src", takes: "string", help: "source address to prefer", nested: None },
        Key { name: "metric", takes: "int", help: "the lower wins", nested: None },
        Key { name: "table", takes: "int|string", help: "number, or main or local", nested: None },
        Key { name: "proto", takes: "string", help: "who made it: static, boot, kernel …", nested: None },
        Key { name: "scope", takes: "string", help: "global, link or host", nested: None },
        Key { name: "type", takes: "string", help: "unicast, blackhole, unreachable, prohibit …", nested: None },
        Key { name: "onlink", takes: "bool", help: "take the gateway to be on the link", nested: None },
        Key { name: "mtu", takes: "int", help: "largest packet in bytes", nested: None },
        Key { name: "advmss", takes: "int", help: "largest TCP segment to announce, in bytes", nested: None },
        Key { name: "nexthops", takes: "array", help: "several next hops: maps with via, dev, weight", nested: Some(&HOP) },
        Key { name: "nhid", takes: "int", help: "id of a nexthop, instead of via and dev", nested: None },
        Key { name: "encap", takes: "map", help: "what is put around the packets: mpls and ttl, or seg6", nested: Some(&encap::ENCAP) },
        Key { name: "v6", takes: "bool", help: "`default` means the IPv6 default route", nested: None },
    ],
};

const GET: Options = Options {
    keys: &[
        Key { name: "from", takes: "string", help: "source address", nested: None },
        Key { name: "iif", takes: "Link|string", help: "as if it came in there", nested: None },
        Key { name: "oif", takes: "Link|string", help: "as if it must go out there", nested: None },
        Key { name: "mark", takes: "int", help: "firewall mark", nested: None },
        Key { name: "uid", takes: "int", help: "user id of the sender", nested: None },
        Key { name: "tos", takes: "int", help: "type of service", nested: None },
        Key { name: "proto", takes: "string|int", help: "tcp, udp, icmp … (`ipproto` of `ip route get`)", nested: None },
        Key { name: "sport", takes: "int", help: "source port", nested: None },
        Key { name: "dport", takes: "int", help: "destination port", nested: None },
    ],
};

const LIST: Options = Options {
    keys: &[
        Key { name: "table", takes: "int|string", help: "number, main, local or all; main if not said", nested: None },
        Key { name: "dev", takes: "Link|string", help: "only through this link", nested: None },
        Key { name: "v6", takes: "bool", help: "IPv6 instead of IPv4, as `ip -6 route`", nested: None },
    ],
};

/// Reads the `table` option; nothing is said, or 0 for `all`.
fn table(opts: &Opts) -> Result<Option<u32>> {
    if let Ok(Some(number)) = opts.number("table", 0..=i64::from(u32::MAX)) {
        return Ok(Some(number));
    }
    opts.word("table", &["main", "local", "all"], |word| match word {
        "main" => Some(route::MAIN),
        "local" => Some(route::LOCAL),
        "all" => Some(0),
        number => number.parse().ok(),
    })
}

fn read(netns: &Netns, dst: &str, opts: &Opts) -> Result<route::Route> {
    let via = opts.ip("via")?;
    let v6 = opts.bool("v6")?.unwrap_or(via.is_some_and(|via| via.is_ipv6()));
    let mut nexthops = Vec::new();
    for hop in opts.maps("nexthops", &HOP)? {
        nexthops.push(NextHop {
            via: hop.ip("via")?,
            dev: hop.link("dev", netns)?.map(|link| link.index()),
            weight: hop.number("weight", 1..=256)?.unwrap_or(1),
        });
    }
    let v6 = v6 || nexthops.iter().any(|hop| hop.via.is_some_and(|via| via.is_ipv6()));
    let dst = reading::destination(dst, v6)?;
    let gateways = via.into_iter().chain(nexthops.iter().filter_map(|hop| hop.via));
    if let Some(via) = gateways.into_iter().find(|via| via.is_ipv4() != dst.addr().is_ipv4()) {
        let cause = format!("the gateway {via} is of the other family");
        return Err(Error::new(Kind::BadArgument, "use route", format!("`{dst}`"), cause).in_netns(netns.name()));
    }
    Ok(route::Route {
        via,
        dev: opts.link("dev", netns)?.map(|link| link.index()),
        src: opts.ip("src")?,
        metric: opts.number("metric", 0..=i64::from(u32::MAX))?,
        table: table(opts)?.filter(|table| *table != 0).unwrap_or(route::MAIN),
        proto: opts.word("proto", Proto::WORDS, Proto::from_word)?.unwrap_or(Proto::Boot),
        scope: opts.word("scope", Scope::WORDS, Scope::from_word)?,
        kind: opts.word("type", Type::WORDS, Type::from_word)?.unwrap_or(Type::Unicast),
        onlink: opts.bool("onlink")?.unwrap_or(false),
        mtu: opts.number("mtu", 0..=65535)?,
        advmss: opts.number("advmss", 0..=65535)?,
        nexthops,
        nhid: opts.number("nhid", 1..=i64::from(u32::MAX))?,
        encap: encap::read(opts)?,
        ..route::Route::to(dst)
    })
}

fn make(routes: &Routes, call: &Call, dst: &str, opts: &Opts, mode: Mode) -> Result<Routes> {
    let route = read(&routes.0, dst, opts)?;
    let aimless = route.via.is_none() && route.dev.is_none() && route.nexthops.is_empty() && route.nhid.is_none();
    if aimless && matches!(route.kind, Type::Unicast) {
        let error = Error::new(Kind::BadArgument, "add route", format!("`{dst}`"), "it is not said where to send the packets");
        return Err(error.in_netns(routes.0.name()).hint("add #{ via: \"10.0.0.1\" } or #{ dev: \"eth0\" }"));
    }
    call.step(|| sentence::route_add(&routes.0, &route, mode));
    routes.0.add_route(&route, mode)?;
    Ok(routes.clone())
}

fn list(netns: &Netns, opts: &Opts) -> Result<Vec<Route>> {
    let table = table(opts)?.unwrap_or(route::MAIN);
    let dev = opts.link("dev", netns)?.map(|link| link.index());
    let v6 = opts.bool("v6")?;
    let links = netns.link_states()?;
    let wanted = |route: &route::Route| {
        let in_table = table == 0 || route.table == table;
        // As with `ip route`: IPv4, unless IPv6 or all tables are asked for.
        let of_family = match v6 {
            Some(v6) => route.dst.addr().is_ipv6() == v6,
            None => table == 0 || route.dst.addr().is_ipv4(),
        };
        // `ip route` does not show what the kernel keeps for itself in the main table of IPv6: multicast.
        in_table && of_family && dev.is_none_or(|dev| route.dev == Some(dev)) && !(table != 0 && route.kind == Type::Multicast)
    };
    let found = netns.routes()?.into_iter().filter(wanted);
    let name = |index: u32| links.iter().find(|link| link.index == index).map(|link| link.name.clone());
    Ok(found.map(|state| Route { dev: state.dev.and_then(name), netns: netns.clone(), state }).collect())
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Route>(registry, |route| route.netns.route_text(&route.state));
    printable::<Routes>(registry, |routes| lines(list(&routes.0, &Opts::none()), |route| route.netns.route_text(&route.state)));
    words!(registry, Routes, [module "route"];
        /// Adds a route, as `ip route add`. The destination is `"default"`, a network, or one address.
        ///
        /// `encap` puts MPLS labels (`#{ mpls: "100/200", ttl: 64 }`) or an IPv6 routing header (`#{ seg6: #{ mode: "encap", segs:
        /// ["fc00::1"] } }`) around the packets.
        ///
        /// Errors: `exists`; `unreachable` when no link reaches the gateway, with what the links have; `unsupported` when the kernel lacks
        /// the `encap`, with the module or the option that has it.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// route::add("default", #{ via: "10.0.0.254" });
        /// route::add("192.0.2.0/24", #{ dev: "v0", metric: 50 });
        /// expect(route::list(#{ v6: false }).len() == 3);
        /// ```
        fn add(routes, call, dst: &str; opts: ROUTE) -> Routes { make(routes, call, dst, &opts, Mode::Add) }

        /// Adds a route, or takes the place of the one that is there.
        ///
        /// Errors: `unreachable` when no link reaches the gateway, with what the links have; `not-found` for a link that is not there;
        /// `bad-argument`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// route::replace("default", #{ via: "10.0.0.2" }).replace("default", #{ via: "10.0.0.3" });
        /// expect(route::get("192.0.2.1").via == "10.0.0.3");
        /// ```
        fn replace(routes, call, dst: &str; opts: ROUTE) -> Routes { make(routes, call, dst, &opts, Mode::Replace) }

        /// Takes the place of a route that is there.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// route::add("default", #{ via: "10.0.0.2" }).change("default", #{ via: "10.0.0.3" });
        /// expect(route::get("192.0.2.1").via == "10.0.0.3");
        /// ```
        fn change(routes, call, dst: &str; opts: ROUTE) -> Routes { make(routes, call, dst, &opts, Mode::Change) }

        /// Adds a route behind those to the same destination.
        ///
        /// Errors: `exists` for the very same route; `unreachable` when no link reaches the gateway, with what the links have;
        /// `bad-argument`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// route::add("192.0.2.0/24", #{ via: "10.0.0.2" }).append("192.0.2.0/24", #{ via: "10.0.0.3" });
        /// expect(route::get("192.0.2.1").via == "10.0.0.2");
        /// ```
        fn append(routes, call, dst: &str; opts: ROUTE) -> Routes { make(routes, call, dst, &opts, Mode::Append) }

        /// Deletes the first route that fits.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// route::add("192.0.2.0/24", #{ type: "blackhole" });
        /// route::del("192.0.2.0/24", #{ type: "blackhole" });
        /// expect(route::list().is_empty());
        /// ```
        fn del(routes, call, dst: &str; opts: ROUTE) -> Routes {
            let route = read(&routes.0, dst, &opts)?;
            call.step(|| sentence::route_del(&routes.0, &route));
            routes.0.del_route(&route)?;
            Ok(routes.clone())
        }

        /// Returns the route that a packet to an address would take, as `ip route get`.
        ///
        /// Errors: `unreachable`, with the errno that the packet would meet.
        ///
        /// ```rhai
        /// expect(route::get("127.0.0.1").dev == "lo");
        /// expect_error(|| route::get("192.0.2.1"), "ENETUNREACH");
        /// ```
        fn get(routes, call, dst: &str; opts: GET) -> Route {
            let netns = &routes.0;
            let (iif, oif) = (opts.link("iif", netns)?, opts.link("oif", netns)?);
            let query = Query {
                from: opts.ip("from")?,
                iif: iif.as_ref().map(|link| link.index()),
                oif: oif.as_ref().map(|link| link.index()),
                mark: opts.number("mark", 0..=i64::from(u32::MAX))?,
                uid: opts.number("uid", 0..=i64::from(u32::MAX))?,
                tos: opts.number("tos", 0..=255)?,
                proto: match opts.text("proto") {
                    None => None,
                    Some(text) => Some(crate::kernel::rule::protocol(&text).ok_or_else(|| opts.unfit("proto", format!("`{text}` is no protocol")))?),
                },
                sport: opts.number("sport", 1..=65535)?,
                dport: opts.number("dport", 1..=65535)?,
            };
            if query.proto.is_none() && (query.sport.is_some() || query.dport.is_some()) {
                return Err(opts.unfit("dport", "a port needs its protocol").hint("add #{ proto: \"tcp\" }"));
            }
            let dst = reading::ip(dst)?;
            call.step(|| sentence::route_get(netns, dst, &query, iif.as_ref(), oif.as_ref()));
            let state = netns.get_route(dst, &query)?;
            let links = netns.link_states()?;
            let name = |index: u32| links.iter().find(|link| link.index == index).map(|link| link.name.clone());
            Ok(Route { dev: state.dev.and_then(name), netns: netns.clone(), state })
        }

        /// Lists the IPv4 routes of the main table, or of another, or of all tables and families (`table: "all"`); printed, the list reads
        /// as `ip route`.
        ///
        /// Errors: `bad-argument` for what is no table; `not-found` for a link that is not there.
        ///
        /// ```rhai
        /// expect(route::list().is_empty());
        /// expect(route::list(#{ table: "local" }).some(|r| r.dst == "127.0.0.1"));
        /// ```
        fn list(routes, call; opts: LIST) -> Vec<Route> { list(&routes.0, &opts) }

        /// Deletes all routes of a table that are not the kernel's own.
        ///
        /// Errors: `bad-argument` for what is no table; `not-found` for a link that is not there.
        ///
        /// ```rhai
        /// route::add("192.0.2.0/24", #{ type: "blackhole" });
        /// route::flush();
        /// expect(route::list().is_empty());
        /// ```
        fn flush(routes, call; opts: LIST) -> Routes {
            for route in list(&routes.0, &opts)?.into_iter().filter(|route| route.state.proto != Proto::Kernel) {
                call.step(|| sentence::route_del(&routes.0, &route.state));
                routes.0.del_route(&route.state)?;
            }
            Ok(routes.clone())
        }
    );
    register_properties(registry);
}

fn register_properties(registry: &mut Registry) {
    properties!(registry, Route;
        /// The destination: `default`, a network, or one address.
        ///
        /// ```rhai
        /// route::add("192.0.2.0/24", #{ dev: "lo" });
        /// expect(route::list()[0].dst == "192.0.2.0/24");
        /// ```
        fn dst(route, call) -> String {
            let dst = route.state.dst;
            Ok(match route.state.is_default() {
                true => "default".to_string(),
                false if dst.prefix_len() == dst.max_prefix_len() => dst.addr().to_string(),
                false => dst.to_string(),
            })
        }

        /// The gateway, or `()`.
        ///
        /// ```rhai
        /// expect(route::get("127.0.0.1").via == ());
        /// ```
        fn via(route, call) -> Option<String> { Ok(route.state.via.map(|via| via.to_string())) }

        /// The name of the link, or `()`.
        ///
        /// ```rhai
        /// expect(route::get("127.0.0.1").dev == "lo");
        /// ```
        fn dev(route, call) -> Option<String> { Ok(route.dev.clone()) }

        /// The source address that packets get, or `()`.
        ///
        /// ```rhai
        /// expect(route::get("127.0.0.2").src == "127.0.0.1");
        /// ```
        fn src(route, call) -> Option<String> { Ok(route.state.src.map(|src| src.to_string())) }

        /// The metric, or `()`: the lower wins.
        ///
        /// ```rhai
        /// route::add("192.0.2.0/24", #{ dev: "lo", metric: 7 });
        /// expect(route::list()[0].metric == 7);
        /// ```
        fn metric(route, call) -> Option<i64> { Ok(route.state.metric.map(i64::from)) }

        /// The table: 254 is main, 255 local.
        ///
        /// ```rhai
        /// expect(route::list(#{ table: "local" })[0].table == 255);
        /// ```
        fn table(route, call) -> i64 { Ok(i64::from(route.state.table)) }

        /// Who made it: `kernel`, `boot`, `static` …
        ///
        /// ```rhai
        /// route::add("192.0.2.0/24", #{ dev: "lo" });
        /// expect(route::list()[0].proto == "boot");
        /// ```
        fn proto(route, call) -> String { Ok(route.state.proto.word()) }

        /// How far the destination is: `global`, `link`, `host`.
        ///
        /// ```rhai
        /// route::add("192.0.2.0/24", #{ dev: "lo" });
        /// expect(route::list()[0].scope == "link");
        /// ```
        fn scope(route, call) -> String { Ok(route.state.scope.map(|scope| scope.word()).unwrap_or_default()) }

        /// What happens to the packets: `unicast`, `local`, `blackhole`, `unreachable` …
        ///
        /// ```rhai
        /// expect(route::get("127.0.0.1").type == "local");
        /// ```
        fn r#type(route, call) -> String { Ok(route.state.kind.word()) }

        /// The id of the nexthop that it uses, or `()`.
        ///
        /// ```rhai
        /// nexthop::add(7, #{ blackhole: true });
        /// route::add("192.0.2.0/24", #{ nhid: 7 });
        /// expect(route::list()[0].nhid == 7);
        /// ```
        fn nhid(route, call) -> Option<i64> { Ok(route.state.nhid.map(i64::from)) }

        /// What is put around the packets, as the map that `route::add` takes, or `()`.
        ///
        /// ```rhai
        /// veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// expect(route::list()[0].encap == ());
        /// try {
        ///     route::add("10.9.0.0/16", #{ dev: "v0", encap: #{ seg6: #{ segs: ["fc00::1", "fc00::2"] } } });
        ///     let found = route::list().find(|r| r.dst == "10.9.0.0/16");
        ///     expect(found.encap == #{ seg6: #{ mode: "encap", segs: ["fc00::1", "fc00::2"] } });
        ///     expect(found.to_string().contains("10.9.0.0/16  encap seg6 mode encap segs 2 [ fc00::1 fc00::2 ] dev v0"));
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");    // a kernel without CONFIG_IPV6_SEG6_LWTUNNEL
        /// }
        /// ```
        fn encap(route, call) -> Option<Map> { Ok(route.state.encap.as_ref().map(encap::map)) }

        /// The next hops where there are several: maps with `via`, `dev` and `weight`.
        ///
        /// ```rhai
        /// expect(route::get("127.0.0.1").nexthops.is_empty());
        /// ```
        fn nexthops(route, call) -> Vec<Map> {
            let links = route.netns.link_states()?;
            let name = |index| links.iter().find(|link| link.index == index).map(|link| link.name.clone()).unwrap_or_default();
            Ok(route.state.nexthops.iter().map(|hop| Map::from([
                ("via".into(), hop.via.map(|via| via.to_string()).unwrap_or_default().into()),
                ("dev".into(), hop.dev.map(name).unwrap_or_default().into()),
                ("weight".into(), i64::from(hop.weight).into()),
            ])).collect())
        }
    );
}
