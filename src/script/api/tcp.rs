//! `tcp_connect`.

use super::super::catalogue::{Key, Options};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use crate::error::Result;
use crate::iproute::sentence;
use crate::lab::Netns;
use crate::lab::tcp::{DEADLINE, Tcp};
use rhai::Dynamic;
use std::net::SocketAddr;

script_types! { Tcp = "Tcp" }
returned!(Tcp);

const HOW: Options = Options {
    keys: &[
        Key { name: "timeout", takes: "string", help: "how long it may take; \"5s\" if not said", nested: None },
        Key { name: "from", takes: "string", help: "source address", nested: None },
    ],
};

fn connect(netns: &Netns, call: &super::super::session::Call, target: &Dynamic, port: i64, opts: &Opts) -> Result<Tcp> {
    let within = opts.duration("timeout")?.unwrap_or(DEADLINE);
    let to = SocketAddr::new(reading::target(target, netns, within)?, reading::port(port)?);
    call.step(|| sentence::exec(netns, &format!("nc -z -w {} {} {}", within.as_secs().max(1), to.ip(), to.port())));
    netns.tcp_connect(to, opts.ip("from")?, within)
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Tcp>(registry, |tcp| format!("connected {} to {} in {:.3} ms", tcp.local, tcp.peer, tcp.time.as_secs_f64() * 1e3));
    words!(registry, Netns, [global];
        /// Connects to a TCP port, and closes the connection again.
        ///
        /// Errors: `refused`, `unreachable`, `timeout`, with the errno of connect(2); `not-found` for a name that nobody knows;
        /// `bad-argument`.
        ///
        /// ```rhai
        /// http_server(8080, "hi");
        /// tcp_connect("127.0.0.1", 8080);
        /// expect_error(|| tcp_connect("127.0.0.1", 81), "ECONNREFUSED");
        /// ```
        fn tcp_connect(netns, call, target: Dynamic as "string|Netns", port: i64; opts: HOW) -> Tcp {
            connect(netns, call, &target, port, &opts)
        }
    );
    properties!(registry, Tcp;
        /// Our address.
        ///
        /// ```rhai
        /// http_server(8080, "hi");
        /// expect(tcp_connect("127.0.0.1", 8080).local == "127.0.0.1");
        /// ```
        fn local(tcp, call) -> String { Ok(tcp.local.ip().to_string()) }

        /// Their address.
        ///
        /// ```rhai
        /// http_server(8080, "hi");
        /// expect(tcp_connect("localhost", 8080).peer == "127.0.0.1");
        /// ```
        fn peer(tcp, call) -> String { Ok(tcp.peer.ip().to_string()) }

        /// How long the handshake took, in ms.
        ///
        /// ```rhai
        /// http_server(8080, "hi");
        /// expect(tcp_connect("localhost", 8080).time < 1000.0);
        /// ```
        fn time(tcp, call) -> f64 { Ok(tcp.time.as_secs_f64() * 1e3) }
    );
}
