//! `bridge::…`, and the forwarding database of a bridge.

use super::super::catalogue::{Key, Options};
use super::super::options::Opts;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::{lines, object};
use crate::error::Result;
use crate::iproute::{sentence, show};
use crate::kernel::link::Bridge;
use crate::lab::fdb::Fdb;
use crate::lab::link::parse_mac;
use crate::lab::{Link, Netns};
use rhai::Dynamic;
use std::time::Duration;

object! {
    /// The bridges of a namespace.
    Bridges = "bridge"
}

/// The forwarding database of one bridge.
#[derive(Clone)]
pub(crate) struct Fdbs(pub(crate) Link);
script_types! { Fdbs = "Fdbs", Fdb = "Fdb" }
returned!(Fdbs, Fdb);

const ADD: Options = Options {
    keys: &[
        Key { name: "up", takes: "bool", help: "whether it is set up", nested: None },
        Key { name: "stp", takes: "bool", help: "spanning tree; off, a port forwards at once", nested: None },
        Key { name: "forward_delay", takes: "string", help: "time in listening and in learning, 2s to 30s", nested: None },
        Key { name: "hello_time", takes: "string", help: "between two STP hellos", nested: None },
        Key { name: "max_age", takes: "string", help: "how long an STP message is believed", nested: None },
        Key { name: "ageing_time", takes: "string", help: "how long a silent address is remembered", nested: None },
        Key { name: "priority", takes: "int", help: "STP priority", nested: None },
        Key { name: "vlan_filtering", takes: "bool", help: "keep VLANs apart", nested: None },
        Key { name: "mcast_snooping", takes: "bool", help: "learn who wants multicast", nested: None },
    ],
};

/// Prints the links of one kind.
pub(super) fn of_kind(netns: &Netns, kind: &str) -> String {
    let found = netns.links().map(|links| {
        let is_it = |link: &Link| link.state().is_ok_and(|state| state.kind.as_deref() == Some(kind));
        links.into_iter().filter(is_it).collect()
    });
    lines(found, show::link)
}

/// Reads the settings of a bridge, or nothing if none is given.
pub(super) fn settings(opts: &Opts) -> Result<Option<Bridge>> {
    // The kernel counts in hundredths of a second (USER_HZ).
    let hundredths = |span: Option<Duration>| span.map(|span| (span.as_millis() / 10) as u32);
    let bridge = Bridge {
        stp: opts.bool("stp")?,
        forward_delay: hundredths(opts.duration("forward_delay")?),
        hello_time: hundredths(opts.duration("hello_time")?),
        max_age: hundredths(opts.duration("max_age")?),
        ageing_time: hundredths(opts.duration("ageing_time")?),
        priority: opts.number("priority", 0..=65535)?,
        vlan_filtering: opts.bool("vlan_filtering")?,
        mcast_snooping: opts.bool("mcast_snooping")?,
    };
    Ok((bridge != Bridge::default()).then_some(bridge))
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Fdb>(registry, show::fdb);
    printable::<Fdbs>(registry, |fdbs| lines(fdbs.0.fdb(), show::fdb));
    printable::<Bridges>(registry, |bridges| of_kind(&bridges.0, "bridge"));
    words!(registry, Bridges, [module "bridge"];
        /// Makes a bridge, as `ip link add NAME type bridge`: a switch whose ports are links of its namespace.
        ///
        /// Errors: `exists`, `bad-name`, `unsupported` for a setting that this kernel lacks.
        ///
        /// ```rhai
        /// let br = bridge::add("br0", #{ up: true, stp: false });
        /// expect(br.is_up);
        /// ```
        fn add(bridges, call, name: &str; opts: ADD) -> Link {
            let settings = settings(&opts)?.unwrap_or_default();
            let up = opts.bool("up")?.unwrap_or(false);
            if call.session.traces() {
                sentence::bridge_add(&bridges.0, name, &settings, up).into_iter().for_each(|line| call.step(|| line));
            }
            bridges.0.add_bridge(name, &settings, up)
        }
    );
    words!(registry, Fdbs, [method];
        /// Lists which address is behind which port, as `bridge fdb show br NAME`.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// br.attach(veth::add("v0", "v1").a);
        /// print(br.fdb.list());
        /// ```
        fn list(fdbs, call) -> Vec<Fdb> { fdbs.0.fdb() }

        /// Adds an address behind a port.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let port = veth::add("v0", "v1").a.master(br);
        /// br.fdb.add("02:00:00:00:00:09", port);
        /// expect(br.fdb.list().some(|entry| entry.mac == "02:00:00:00:00:09"));
        /// ```
        fn add(fdbs, call, mac: &str, port: Dynamic as "Link|string") -> Fdbs {
            let (mac, port) = (parse_mac(mac)?, super::link::port_or_bridge(&port, &fdbs.0.netns())?);
            call.step(|| sentence::fdb_change("add", &port, &mac));
            port.add_fdb(mac)?;
            Ok(fdbs.clone())
        }

        /// Deletes an address behind a port.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let port = veth::add("v0", "v1").a.master(br);
        /// br.fdb.add("02:00:00:00:00:09", port).del("02:00:00:00:00:09", port);
        /// expect(!br.fdb.list().some(|entry| entry.mac == "02:00:00:00:00:09"));
        /// ```
        fn del(fdbs, call, mac: &str, port: Dynamic as "Link|string") -> Fdbs {
            let (mac, port) = (parse_mac(mac)?, super::link::port_or_bridge(&port, &fdbs.0.netns())?);
            call.step(|| sentence::fdb_change("del", &port, &mac));
            port.del_fdb(mac)?;
            Ok(fdbs.clone())
        }

        /// Forgets all addresses that were learned.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// br.fdb.flush();
        /// expect(br.fdb.list().all(|entry| entry.permanent));
        /// ```
        fn flush(fdbs, call) -> Fdbs {
            let netns = fdbs.0.netns();
            for entry in fdbs.0.fdb()?.into_iter().filter(|entry| !entry.state.permanent) {
                let port = netns.link(&entry.dev)?;
                let Ok(mac) = entry.state.mac.as_slice().try_into() else { continue };
                call.step(|| sentence::fdb_change("del", &port, &mac));
                port.del_fdb(mac)?;
            }
            Ok(fdbs.clone())
        }
    );
    properties!(registry, Fdb;
        /// The address.
        ///
        /// ```rhai
        /// let br = bridge::add("br0", #{ up: true });
        /// let port = veth::add("v0", "v1").a.master(br);
        /// expect(br.fdb.list().some(|entry| entry.mac == port.mac));
        /// ```
        fn mac(entry, call) -> String { Ok(crate::kernel::link::mac_text(&entry.state.mac)) }

        /// The name of the port behind which it is.
        ///
        /// ```rhai
        /// let br = bridge::add("br0", #{ up: true });
        /// br.attach(veth::add("v0", "v1").a);
        /// expect(br.fdb.list().some(|entry| entry.dev == "v0"));
        /// ```
        fn dev(entry, call) -> String { Ok(entry.dev.clone()) }

        /// Whether it stays: the port's own address. Learned ones do not.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// expect(br.fdb.list().all(|entry| entry.permanent));
        /// ```
        fn permanent(entry, call) -> bool { Ok(entry.state.permanent) }
    );
}
