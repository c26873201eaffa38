//! What a link handle answers: its properties.

use super::super::super::registry::{Registry, properties};
use super::super::addr::Addrs;
use super::super::bridge::Fdbs;
use super::super::neigh::Neighs;
use super::add::map;
use crate::iproute::show;
use crate::lab::{Link, Netns};
use rhai::Map;

pub(super) fn register(registry: &mut Registry) {
    properties!(registry, Link;
        /// Its name.
        ///
        /// ```rhai
        /// expect(root.link("lo").name == "lo");
        /// ```
        fn name(link, call) -> String { Ok(link.state()?.name) }

        /// Its interface index.
        ///
        /// ```rhai
        /// expect(root.link("lo").index == 1);
        /// ```
        fn index(link, call) -> i64 { Ok(i64::from(link.index())) }

        /// `veth`, `bridge` …; `loopback` for `lo`, `ether` for hardware.
        ///
        /// ```rhai
        /// expect(root.link("lo").kind == "loopback");
        /// ```
        fn kind(link, call) -> String {
            let state = link.state()?;
            Ok(state.kind.unwrap_or_else(|| if state.loopback { "loopback" } else { "ether" }.to_string()))
        }

        /// The namespace in which it is.
        ///
        /// ```rhai
        /// expect(root.link("lo").netns.is_root);
        /// ```
        fn netns(link, call) -> Netns { Ok(link.netns()) }

        /// The largest packet that it takes, in bytes.
        ///
        /// ```rhai
        /// expect(root.link("lo").mtu == 65536);
        /// ```
        fn mtu(link, call) -> i64 { Ok(i64::from(link.state()?.mtu)) }

        /// Its hardware address.
        ///
        /// ```rhai
        /// expect(root.link("lo").mac == "00:00:00:00:00:00");
        /// ```
        fn mac(link, call) -> String { Ok(link.state()?.mac()) }

        /// Its operational state: `UP`, `DOWN`, `LOWERLAYERDOWN`, `UNKNOWN` (RFC 2863). What you set is `is_up`; whether the
        /// other end of the wire is there is `carrier`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// expect(pair.a.state == "DOWN");
        /// ```
        fn state(link, call) -> String { Ok(link.state()?.operstate) }

        /// Whether it is set up.
        ///
        /// ```rhai
        /// expect(root.link("lo").is_up);
        /// ```
        fn is_up(link, call) -> bool { Ok(link.state()?.is_up()) }

        /// Whether the other end of the wire is there and up.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.up();
        /// expect(!pair.a.carrier);
        /// pair.b.up();
        /// expect(pair.a.carrier);
        /// ```
        fn carrier(link, call) -> bool {
            let state = link.state()?;
            Ok(state.is_up() && state.carrier)
        }

        /// Its flags as `ip link` writes them.
        ///
        /// ```rhai
        /// expect(root.link("lo").flags == ["LOOPBACK", "UP", "LOWER_UP"]);
        /// ```
        fn flags(link, call) -> Vec<String> { Ok(show::flags(&link.state()?)) }

        /// The bridge that it is a port of, or `()`.
        ///
        /// ```rhai
        /// expect(root.link("lo").master == ());
        /// ```
        fn master(link, call) -> Option<Link> { link.current_master() }

        /// The other end of a veth pair, wherever it is, or `()`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// expect(pair.a.peer.name == "v1");
        /// ```
        fn peer(link, call) -> Option<Link> { link.peer() }

        /// Its other names.
        ///
        /// ```rhai
        /// expect(root.link("lo").altnames.is_empty());
        /// ```
        fn altnames(link, call) -> Vec<String> { Ok(link.state()?.altnames) }

        /// Its counters since it was made: a map of `rx_packets`, `rx_bytes`, `rx_errors`, `rx_dropped` and the same with `tx`.
        ///
        /// ```rhai
        /// ping("127.0.0.1");
        /// expect(root.link("lo").stats.rx_packets >= 2);
        /// ```
        fn stats(link, call) -> Map {
            let s = link.state()?.stats;
            let fields = [
                ("rx_packets", s.rx_packets), ("rx_bytes", s.rx_bytes), ("rx_errors", s.rx_errors), ("rx_dropped", s.rx_dropped),
                ("tx_packets", s.tx_packets), ("tx_bytes", s.tx_bytes), ("tx_errors", s.tx_errors), ("tx_dropped", s.tx_dropped),
            ];
            Ok(fields.into_iter().map(|(name, count)| (name.into(), count.cast_signed().into())).collect())
        }

        /// Its addresses with their prefix lengths, as strings.
        ///
        /// ```rhai
        /// expect("127.0.0.1/8" in root.link("lo").addrs);
        /// ```
        fn addrs(link, call) -> Vec<String> { Ok(link.addrs()?.iter().map(|addr| addr.state.net.to_string()).collect()) }

        /// Its addresses: `link.addr.add("10.0.0.1/24")` and the other verbs of `ip addr`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.addr.add("10.0.0.1/24");
        /// expect(pair.a.addrs[0] == "10.0.0.1/24");
        /// ```
        fn addr(link, call) -> Addrs { Ok(Addrs { netns: link.netns(), link: Some(link.clone()) }) }

        /// Its neighbours: `link.neigh.list()` and the other verbs of `ip neigh`.
        ///
        /// ```rhai
        /// expect(root.link("lo").neigh.list().is_empty());
        /// ```
        fn neigh(link, call) -> Neighs { Ok(Neighs { netns: link.netns(), link: Some(link.clone()) }) }

        /// The ports of a bridge.
        ///
        /// ```rhai
        /// expect(bridge::add("br0").ports.is_empty());
        /// ```
        fn ports(link, call) -> Vec<Link> { link.ports() }

        /// What a bridge does with this port: `disabled`, `listening`, `learning`, `forwarding`, `blocking`; `()` if it is no port.
        ///
        /// ```rhai
        /// expect(root.link("lo").port_state == ());
        /// ```
        fn port_state(link, call) -> Option<String> { Ok(link.state()?.port.map(|port| port.state.word().to_string())) }

        /// The forwarding database of a bridge: `br.fdb.list()`.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// expect(br.fdb.list().all(|entry| entry.permanent));
        /// ```
        fn fdb(link, call) -> Fdbs { Ok(Fdbs(link.clone())) }
    );
    properties!(registry, Link;
        /// The settings of its kind, as `ip -d link` shows them: a map with the names that `link::add` takes; empty if it has none.
        ///
        /// ```rhai
        /// let vx = link::add("vx42", "vxlan", #{ id: 42, remote: "192.0.2.1" });
        /// expect(vx.info.id == 42 && vx.info.remote == "192.0.2.1" && vx.info.learning);
        /// expect(root.link("lo").info.is_empty());
        /// ```
        fn info(link, call) -> Map { Ok(map(link.info()?.0)) }

        /// The settings of its place in a bridge, as `bridge -d link` shows them: a map of `state`, `cost`, `priority`, `isolated`,
        /// `learning`, `flood`, `hairpin`, `guard` and so on; empty if it is no port.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let port = veth::add("v0", "v1").a.master(br);
        /// port.set(#{ isolated: true, learning: false, cost: 7 });
        /// expect(port.port.isolated && !port.port.learning && port.port.cost == 7);
        /// ```
        fn port(link, call) -> Map { Ok(map(link.info()?.1)) }

        /// Its device group; 0 is the default one.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.set(#{ group: 7 });
        /// expect(pair.a.group == 7);
        /// ```
        fn group(link, call) -> i64 { Ok(i64::from(link.state()?.group)) }

        /// Its description, or `()`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.set(#{ alias: "to blue" });
        /// expect(pair.a.alias == "to blue");
        /// ```
        fn alias(link, call) -> Option<String> { Ok(link.state()?.alias) }
    );
}
