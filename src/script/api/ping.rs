//! `ping` and `try_ping`.

use super::super::catalogue::{Key, Options};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use crate::error::Result;
use crate::iproute::sentence;
use crate::lab::Netns;
use crate::lab::ping::{self, Ping};
use rhai::{Dynamic, Map};
use std::net::IpAddr;

script_types! { Ping = "Ping" }
returned!(Ping);

const HOW: Options = Options {
    keys: &[
        Key { name: "count", takes: "int", help: "how many requests; 1 if not said", nested: None },
        Key { name: "interval", takes: "string", help: "between two requests; \"100ms\" if not said", nested: None },
        Key { name: "size", takes: "int", help: "bytes of data; 56 if not said", nested: None },
        Key { name: "timeout", takes: "string", help: "how long the last reply may take; \"2s\" if not said", nested: None },
        Key { name: "ttl", takes: "int", help: "time to live", nested: None },
        Key { name: "df", takes: "bool", help: "never fragment", nested: None },
        Key { name: "from", takes: "string", help: "source address", nested: None },
    ],
};

fn read(netns: &Netns, target: &Dynamic, opts: &Opts) -> Result<(IpAddr, ping::Options)> {
    let usual = ping::Options::default();
    let how = ping::Options {
        count: opts.number("count", 1..=65_535)?.unwrap_or(usual.count),
        interval: opts.duration("interval")?.unwrap_or(usual.interval),
        size: opts.number("size", 0..=65_507)?.unwrap_or(usual.size),
        timeout: opts.duration("timeout")?.unwrap_or(usual.timeout),
        ttl: opts.number("ttl", 1..=255)?,
        df: opts.bool("df")?.unwrap_or(false),
        from: opts.ip("from")?,
    };
    Ok((reading::target(target, netns, how.timeout)?, how))
}

fn line(netns: &Netns, target: IpAddr, how: &ping::Options) -> String {
    let mut line = format!("ping -c {}", how.count);
    line.extend((how.size != 56).then(|| format!(" -s {}", how.size)));
    line.extend(how.ttl.map(|ttl| format!(" -t {ttl}")));
    line.extend(how.df.then_some(" -M do"));
    line.extend(how.from.map(|from| format!(" -I {from}")));
    sentence::exec(netns, &format!("{line} -W {} {target}", how.timeout.as_secs_f64()))
}

/// The last lines of ping(8).
fn summary(ping: &Ping) -> String {
    let mut text =
        format!("{}: {} packets transmitted, {} received, {}% packet loss", ping.target, ping.sent, ping.received, ping.loss().round());
    if let Some((min, avg, max, mdev)) = times(ping) {
        text += &format!("\nrtt min/avg/max/mdev = {min:.3}/{avg:.3}/{max:.3}/{mdev:.3} ms");
    } else if let Some(trouble) = &ping.error {
        text += &match trouble.from {
            Some(from) => format!("\nfrom {from}: {}", trouble.text),
            None => format!("\n{}", trouble.failure),
        };
    }
    text
}

fn times(ping: &Ping) -> Option<(f64, f64, f64, f64)> {
    let times = &ping.times;
    let count = times.len() as f64;
    let avg = times.iter().sum::<f64>() / count;
    let spread = (times.iter().map(|t| t * t).sum::<f64>() / count - avg * avg).max(0.0).sqrt();
    let (min, max) = (times.iter().copied().reduce(f64::min)?, times.iter().copied().reduce(f64::max)?);
    Some((min, avg, max, spread))
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Ping>(registry, summary);
    words!(registry, Netns, [global];
        /// Pings an address, a name, or a namespace (its address on the way). No program is run.
        ///
        /// Errors: `unreachable` or `timeout` when no reply came, with who said so; `not-found` for a name that nobody knows.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect_error(|| blue.ping("127.0.0.1"), "ENETUNREACH"); // lo exists, but it is down
        /// blue.link("lo").up();
        /// expect(blue.ping("127.0.0.1").received == 1);
        /// ```
        fn ping(netns, call, target: Dynamic as "string|Netns"; opts: HOW) -> Ping {
            let (target, how) = read(netns, &target, &opts)?;
            call.step(|| line(netns, target, &how));
            netns.ping(target, &how)
        }

        /// Pings, and returns what came whatever it is.
        ///
        /// Errors: `bad-argument`; `not-found` for a name that nobody knows, or a namespace without an address; `timeout` when no name
        /// server answers.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// let result = blue.try_ping("192.0.2.1");
        /// expect(!result.ok && result.error == "ENETUNREACH");
        /// ```
        fn try_ping(netns, call, target: Dynamic as "string|Netns"; opts: HOW) -> Ping {
            let (target, how) = read(netns, &target, &opts)?;
            call.step(|| line(netns, target, &how));
            netns.try_ping(target, &how)
        }
    );
    properties!(registry, Ping;
        /// Whether at least one reply came.
        ///
        /// ```rhai
        /// expect(ping("127.0.0.1").ok);
        /// ```
        fn ok(ping, call) -> bool { Ok(ping.received > 0) }

        /// How many requests were sent.
        ///
        /// ```rhai
        /// expect(ping("127.0.0.1", #{ count: 3, interval: "1ms" }).sent == 3);
        /// ```
        fn sent(ping, call) -> i64 { Ok(i64::from(ping.sent)) }

        /// How many replies came.
        ///
        /// ```rhai
        /// expect(ping("127.0.0.1").received == 1);
        /// ```
        fn received(ping, call) -> i64 { Ok(i64::from(ping.received)) }

        /// The share of requests without a reply, in percent.
        ///
        /// ```rhai
        /// expect(ping("127.0.0.1").loss == 0.0);
        /// ```
        fn loss(ping, call) -> f64 { Ok(ping.loss()) }

        /// The round-trip times in ms: a map of `min`, `avg`, `max` and `mdev`; empty if no reply came.
        ///
        /// ```rhai
        /// expect(ping("127.0.0.1").rtt.avg < 1000.0);
        /// ```
        fn rtt(ping, call) -> Map {
            Ok(times(ping).map_or_else(Map::new, |(min, avg, max, mdev)| {
                Map::from([("min".into(), min.into()), ("avg".into(), avg.into()), ("max".into(), max.into()), ("mdev".into(), mdev.into())])
            }))
        }

        /// The time to live of the last reply: 64 when nobody forwarded it, one less for each router.
        ///
        /// ```rhai
        /// expect(ping("127.0.0.1").ttl == 64);
        /// ```
        fn ttl(ping, call) -> Option<i64> { Ok(ping.ttl.map(i64::from)) }

        /// Who replied, or else sent the last error; `()` if nobody did.
        ///
        /// ```rhai
        /// expect(ping("127.0.0.1").from == "127.0.0.1");
        /// ```
        fn from(ping, call) -> Option<String> {
            let from = ping.from.or_else(|| ping.error.as_ref().and_then(|trouble| trouble.from));
            Ok(from.map(|from| from.to_string()))
        }

        /// The errno of the last error that came instead of a reply, or `()`.
        ///
        /// ```rhai
        /// expect(try_ping("192.0.2.1").error == "ENETUNREACH");
        /// ```
        fn error(ping, call) -> Option<String> { Ok(ping.error.as_ref().map(|trouble| format!("{:?}", trouble.failure.errno()))) }
    );
}
