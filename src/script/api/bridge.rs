//! `bridge::…`, and the forwarding database of a bridge.

use super::super::catalogue::{Options, key};
use super::super::options::Opts;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::link::ADD_BRIDGE;
use super::{lines, object};
use crate::error::Result;
use crate::iproute::{sentence, show};
use crate::kernel::fdb;
use crate::lab::fdb::Fdb;
use crate::lab::link::parse_mac;
use crate::lab::{Link, Netns};
use rhai::Dynamic;

object! {
    /// The bridges of a namespace.
    Bridges = "bridge"
}

/// The forwarding database of one bridge.
#[derive(Clone)]
pub(crate) struct Fdbs(pub(crate) Link);
script_types! { Fdbs = "Fdbs", Fdb = "Fdb" }
returned!(Fdbs, Fdb);

/// Prints the links of one kind.
pub(super) fn of_kind(netns: &Netns, kind: &str) -> String {
    let found = netns.links().map(|links| {
        let is_it = |link: &Link| link.state().is_ok_and(|state| state.kind.as_deref() == Some(kind));
        links.into_iter().filter(is_it).collect()
    });
    lines(found, show::link)
}

const FDB: Options = Options {
    keys: &[
        key("dst", "string", "address of the tunnel's other end (vxlan)"),
        key("vni", "int", "VNI there (vxlan)"),
        key("port", "int", "UDP port there (vxlan)"),
        key("via", "Link|string", "link to reach it by (vxlan)"),
        key("vlan", "int", "VLAN, where the bridge filters"),
        key("self", "bool", "the link's own table, as that of a VXLAN; taken for a link that is no port"),
        key("permanent", "bool", "never moves, and is for this machine"),
        key("append", "bool", "beside those to other ends (vxlan)"),
        key("replace", "bool", "take the place of the one that is there"),
    ],
};

fn fdb_options(port: &Link, opts: &Opts) -> Result<fdb::Options> {
    let dst = opts.ip("dst")?;
    let no_port = || port.state().is_ok_and(|state| state.port.is_none() && state.kind.as_deref() == Some("vxlan"));
    Ok(fdb::Options {
        dst,
        vni: opts.number("vni", 0..=(1 << 24) - 1)?,
        port: opts.number("port", 1..=65535)?,
        via: opts.link("via", &port.netns())?.map(|link| link.index()),
        vlan: opts.number("vlan", 1..=4094)?,
        own: opts.bool("self")?.unwrap_or(dst.is_some() || no_port()),
        permanent: opts.bool("permanent")?.unwrap_or(false),
        append: opts.bool("append")?.unwrap_or(false),
        replace: opts.bool("replace")?.unwrap_or(false),
    })
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Fdb>(registry, show::fdb);
    printable::<Fdbs>(registry, |fdbs| lines(fdbs.0.fdb(), show::fdb));
    printable::<Bridges>(registry, |bridges| of_kind(&bridges.0, "bridge"));
    words!(registry, Bridges, [module "bridge"];
        /// Makes a bridge, as `ip link add NAME type bridge`: a switch whose ports are links of its namespace. It is short for
        /// `link::add(NAME, "bridge", …)`.
        ///
        /// Errors: `exists`, `bad-name`, `bad-argument`; `unsupported` for a setting that this kernel lacks. Nothing is left then.
        ///
        /// ```rhai
        /// let br = bridge::add("br0", #{ stp: false, addr: "10.0.0.1/24", members: [veth::add("v0", "v1").a], up: true });
        /// expect(br.is_up && br.ports.len() == 1);
        /// ```
        fn add(bridges, call, name: &str; opts: ADD_BRIDGE) -> Link {
            super::link::add::make(&bridges.0, call, name, "bridge", &opts)
        }
    );
    words!(registry, Fdbs, [method];
        /// Lists which address is behind which port, as `bridge fdb show br NAME`.
        ///
        /// Errors: `bad-argument` for a link that is neither a bridge nor a VXLAN.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// br.attach(veth::add("v0", "v1").a);
        /// print(br.fdb.list());
        /// ```
        fn list(fdbs, call) -> Vec<Fdb> { fdbs.0.fdb() }

        /// Adds an address behind a port, as `bridge fdb add`; with `dst` behind the other end of a VXLAN, whose own table that is
        /// (`self`). The address of zeros stands for all that are not known.
        ///
        /// ```rhai
        /// let vx = link::add("vx42", "vxlan", #{ id: 42, local: "127.0.0.1" });
        /// vx.fdb.add("00:00:00:00:00:00", vx, #{ dst: "192.0.2.1" });
        /// vx.fdb.add("00:00:00:00:00:00", vx, #{ dst: "192.0.2.2", append: true });
        /// expect(vx.fdb.list().map(|entry| entry.dst) == ["192.0.2.1", "192.0.2.2"]);
        /// ```
        ///
        /// Errors: `exists`; `bad-argument`, with what is wrong in the address; `not-found` for a link that is not there; `unsupported`
        /// for one that is no port.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let port = veth::add("v0", "v1").a.master(br);
        /// br.fdb.add("02:00:00:00:00:09", port);
        /// expect(br.fdb.list().some(|entry| entry.mac == "02:00:00:00:00:09"));
        /// ```
        fn add(fdbs, call, mac: &str, port: Dynamic as "Link|string"; opts: FDB) -> Fdbs {
            let (mac, port) = (parse_mac(mac)?, super::link::port_or_bridge(&port, &fdbs.0.netns())?);
            let options = fdb_options(&port, &opts)?;
            call.step(|| sentence::fdb_change("add", &port, &mac, &options));
            port.add_fdb(mac, &options)?;
            Ok(fdbs.clone())
        }

        /// Deletes an address behind a port.
        ///
        /// Errors: `not-found`; `bad-argument`, with what is wrong in the address; `unsupported` for a link that is no port.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let port = veth::add("v0", "v1").a.master(br);
        /// br.fdb.add("02:00:00:00:00:09", port).del("02:00:00:00:00:09", port);
        /// expect(!br.fdb.list().some(|entry| entry.mac == "02:00:00:00:00:09"));
        /// ```
        fn del(fdbs, call, mac: &str, port: Dynamic as "Link|string"; opts: FDB) -> Fdbs {
            let (mac, port) = (parse_mac(mac)?, super::link::port_or_bridge(&port, &fdbs.0.netns())?);
            let options = fdb_options(&port, &opts)?;
            call.step(|| sentence::fdb_change("del", &port, &mac, &options));
            port.del_fdb(mac, &options)?;
            Ok(fdbs.clone())
        }

        /// Forgets all addresses that were learned.
        ///
        /// Errors: `bad-argument` for a link that is neither a bridge nor a VXLAN.
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
                let own = fdb::Options { own: entry.state.own, dst: entry.state.dst, vlan: entry.state.vlan, ..fdb::Options::default() };
                call.step(|| sentence::fdb_change("del", &port, &mac, &own));
                port.del_fdb(mac, &own)?;
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

        /// The address of the tunnel's other end behind which it is (VXLAN), or `()`.
        ///
        /// ```rhai
        /// let vx = link::add("vx42", "vxlan", #{ id: 42 });
        /// vx.fdb.add("02:00:00:00:00:09", vx, #{ dst: "192.0.2.1" });
        /// expect(vx.fdb.list()[0].dst == "192.0.2.1");
        /// ```
        fn dst(entry, call) -> Option<String> { Ok(entry.state.dst.map(|dst| dst.to_string())) }

        /// The VLAN in which it is, or `()` where the bridge does not filter.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// expect(br.fdb.list().all(|entry| entry.vlan == () || entry.vlan == 1));
        /// ```
        fn vlan(entry, call) -> Option<i64> { Ok(entry.state.vlan.map(i64::from)) }

        /// Whether it stays: the port's own address. Learned ones do not.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// expect(br.fdb.list().all(|entry| entry.permanent));
        /// ```
        fn permanent(entry, call) -> bool { Ok(entry.state.permanent) }
    );
}
