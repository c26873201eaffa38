//! `veth::…`: pairs.

use super::super::catalogue::{Key, Options};
use super::super::options::Opts;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::object;
use crate::error::Result;
use crate::iproute::{sentence, show};
use crate::lab::veth::{self, End, Pair};
use crate::lab::{Link, Netns};
use crate::name::IfName;

object! {
    /// The veth pairs of a namespace.
    Veths = "veth"
}
script_types! { Pair = "Pair" }
returned!(Pair);

const END: Options = Options {
    keys: &[
        Key { name: "netns", takes: "Netns", help: "the namespace in which it is born", nested: None },
        Key { name: "mtu", takes: "int", help: "largest packet in bytes", nested: None },
        Key { name: "mac", takes: "string", help: "hardware address", nested: None },
        Key { name: "master", takes: "Link|string", help: "the bridge that it becomes a port of", nested: None },
        Key { name: "addr", takes: "string|array", help: "address with prefix length, or a list of them", nested: None },
        Key { name: "up", takes: "bool", help: "whether it is set up", nested: None },
    ],
};

const ADD: Options = Options {
    keys: &[
        Key { name: "a", takes: "map", help: "the first end", nested: Some(&END) },
        Key { name: "b", takes: "map", help: "the second end", nested: Some(&END) },
    ],
};

fn end(netns: &Netns, name: &str, opts: &Opts) -> Result<End> {
    let netns = opts.netns("netns")?.unwrap_or_else(|| netns.clone());
    Ok(End {
        mtu: opts.number("mtu", 0..=i64::from(u32::MAX))?,
        mac: opts.mac("mac")?,
        master: opts.link("master", &netns)?,
        addrs: opts.cidrs("addr")?,
        up: opts.bool("up")?.unwrap_or(false),
        ..End::new(IfName::parse(name)?, netns)
    })
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Veths>(registry, |veths| super::bridge::of_kind(&veths.0, "veth"));
    printable::<Pair>(registry, |pair| format!("{}\n{}", show::link(&pair.a), show::link(&pair.b)));
    words!(registry, Veths, [module "veth"];
        /// Makes a veth pair, as `ip link add A type veth peer name B`: what goes in at one end comes out at the other.
        ///
        /// The options tell of each end where it is born, its `mtu`, `mac`, `master` and `addr`, and whether it is `up`; all of it, or
        /// nothing, is done.
        ///
        /// Errors: `exists`, `bad-name`, `bad-argument`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// let pair = veth::add("v-blue", "eth0", #{
        ///     a: #{ addr: "10.0.0.1/24", up: true },
        ///     b: #{ netns: blue, addr: "10.0.0.2/24", up: true },
        /// });
        /// blue.ping("10.0.0.1");
        /// expect(pair.b.netns.name == "blue");
        /// ```
        fn add(veths, call, a: &str, b: &str; opts: ADD) -> Pair {
            let (a, b) = (end(&veths.0, a, &opts.nested("a", &END)?)?, end(&veths.0, b, &opts.nested("b", &END)?)?);
            if call.session.traces() {
                sentence::veth_add(&a, &b).into_iter().for_each(|line| call.step(|| line));
            }
            veth::add(&a, &b)
        }
    );
    properties!(registry, Pair;
        /// The first end.
        ///
        /// ```rhai
        /// expect(veth::add("v0", "v1").a.name == "v0");
        /// ```
        fn a(pair, call) -> Link { Ok(pair.a.clone()) }

        /// The second end.
        ///
        /// ```rhai
        /// expect(veth::add("v0", "v1").b.name == "v1");
        /// ```
        fn b(pair, call) -> Link { Ok(pair.b.clone()) }
    );
}
