//! `link::…`, and the link handle.

use super::super::catalogue::{Key, Options};
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::addr::Addrs;
use super::bridge::Fdbs;
use super::neigh::Neighs;
use super::newlink::key;
use super::{lines, object};
use crate::error::{Error, Kind, Result};
use crate::iproute::{sentence, show};
use crate::kernel::link::{Bridge, Change};
use crate::lab::wait::parse_span;
use crate::lab::{Link, Netns};
use crate::name::IfName;
use rhai::{Dynamic, Map};
use std::time::Duration;

object! {
    /// The links of a namespace.
    Links = "link"
}
script_types! { Link = "Link" }
returned!(Link);

/// How long `wait_up` waits when nothing else is said.
const WAIT_UP: Duration = Duration::from_secs(5);

pub(super) const SET: Options = Options {
    keys: &[
        Key { name: "up", takes: "bool", help: "set it up, or down", nested: None },
        Key { name: "mtu", takes: "int", help: "largest packet in bytes", nested: None },
        Key { name: "mac", takes: "string", help: "hardware address", nested: None },
        Key { name: "name", takes: "string", help: "new name, at most 15 bytes", nested: None },
        Key { name: "txqueuelen", takes: "int", help: "length of the transmit queue in packets", nested: None },
        Key { name: "alias", takes: "string", help: "description", nested: None },
        Key { name: "arp", takes: "bool", help: "answer and ask by ARP", nested: None },
        Key { name: "promisc", takes: "bool", help: "take packets for others too", nested: None },
        key("allmulticast", "bool", "take all multicast packets"),
        key("group", "int", "device group"),
        key("carrier", "bool", "whether the cable is in, where that can be set (dummy, tun, tap)"),
        key("isolated", "bool", "talk to no other isolated port (a bridge's port)"),
        key("learning", "bool", "remember who is behind it (a bridge's port)"),
        key("flood", "bool", "send packets for unknown addresses there (a bridge's port)"),
        key("mcast_flood", "bool", "send multicast there (a bridge's port)"),
        key("bcast_flood", "bool", "send broadcasts there (a bridge's port)"),
        key("hairpin", "bool", "send packets back where they came from (a bridge's port)"),
        key("cost", "int", "STP path cost, 1 to 65535 (a bridge's port)"),
        key("state", "string", "disabled, listening, learning, forwarding, blocking (a bridge's port, STP off)"),
        key("guard", "bool", "refuse STP messages from there (a bridge's port)"),
        key("root_block", "bool", "never take it as the way to the root (a bridge's port)"),
        key("fastleave", "bool", "leave a multicast group at once (a bridge's port)"),
        key("neigh_suppress", "bool", "answer ARP from what is known (a bridge's port)"),
        Key { name: "stp", takes: "bool", help: "spanning tree (a bridge)", nested: None },
        Key { name: "forward_delay", takes: "string", help: "time in listening and in learning (a bridge)", nested: None },
        Key { name: "hello_time", takes: "string", help: "between two STP hellos (a bridge)", nested: None },
        Key { name: "max_age", takes: "string", help: "how long an STP message is believed (a bridge)", nested: None },
        Key { name: "ageing_time", takes: "string", help: "how long a silent address is remembered (a bridge)", nested: None },
        Key { name: "priority", takes: "int", help: "STP priority (a bridge: 0 to 65535, its port: 0 to 63)", nested: None },
        Key { name: "vlan_filtering", takes: "bool", help: "keep VLANs apart (a bridge)", nested: None },
        Key { name: "mcast_snooping", takes: "bool", help: "learn who wants multicast (a bridge)", nested: None },
    ],
};

fn set(link: &Link, call: &super::super::session::Call, change: Change) -> Result<Link> {
    call.step(|| sentence::link_set(link, &change));
    link.set(&change)?;
    Ok(link.clone())
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Link>(registry, show::link);
    printable::<Links>(registry, |links| lines(links.0.links(), show::link));
    words!(registry, Links, [module "link"];
        /// Returns a link by its name or alternative name.
        ///
        /// Errors: `not-found`, with the nearest name.
        ///
        /// ```rhai
        /// let lo = link::get("lo");
        /// expect(lo.index == 1);
        /// ```
        fn get(links, call, name: &str) -> Link { links.0.link(name) }

        /// Returns a link by its name, or `()` if there is none.
        ///
        /// Errors: none; what cannot be the name of a link is not there either.
        ///
        /// ```rhai
        /// expect(link::try_get("eth9") == ());
        /// ```
        fn try_get(links, call, name: &str) -> Option<Link> {
            match links.0.link(name) {
                Ok(link) => Ok(Some(link)),
                Err(error) if error.kind() == Kind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        }

        /// Lists the links in the order of their indexes; printed, the list reads as `ip link`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// print(blue.link.list());
        /// expect(blue.link.list().map(|l| l.name) == ["lo"]);
        /// ```
        fn list(links, call) -> Vec<Link> { links.0.links() }

        /// Deletes a link by its name; a veth takes its other end with it.
        ///
        /// Errors: `not-found`; `unsupported` for `lo`, which lives as long as its namespace.
        ///
        /// ```rhai
        /// veth::add("v0", "v1");
        /// link::del("v0");
        /// expect(link::try_get("v1") == ());
        /// ```
        fn del(links, call, name: &str) -> () {
            let link = links.0.link(name)?;
            call.step(|| sentence::link_del(&link));
            link.del()
        }
    );
    words!(registry, Link, [method];
        /// Sets the link up.
        ///
        /// Errors: `not-found` when the link is gone; `unreachable` for a VLAN whose lower link is down.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// blue.link("lo").up();
        /// expect(blue.link("lo").state == "UNKNOWN"); // loopback never says UP
        /// ```
        fn up(link, call) -> Link { set(link, call, Change { up: Some(true), ..Change::default() }) }

        /// Sets the link down. Its routes go; its IPv4 addresses stay.
        ///
        /// Errors: `not-found` when the link is gone.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.up().down();
        /// expect(!pair.a.is_up);
        /// ```
        fn down(link, call) -> Link { set(link, call, Change { up: Some(false), ..Change::default() }) }

        /// Changes the link as `ip link set`: several things in one message.
        ///
        /// Errors: `bad-argument`; `bad-name`; `exists` for a `name` that another link has; `unsupported` for what this link or this
        /// kernel has not; `not-found` when the link is gone.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.set(#{ mtu: 1400, mac: "02:00:00:00:00:01", up: true });
        /// expect(pair.a.mtu == 1400);
        /// ```
        fn set(link, call; opts: SET) -> Link {
            let port = super::newlink::port_settings(link, &opts)?;
            let of_port = port.iter().any(|(field, _)| field.name == "priority");
            let mut bridge = super::bridge::settings(&opts)?;
            if let (Some(settings), true) = (&mut bridge, of_port) {
                settings.priority = None;
            }
            let change = Change {
                up: opts.bool("up")?,
                mtu: opts.number("mtu", 0..=i64::from(u32::MAX))?,
                mac: opts.mac("mac")?,
                name: opts.string("name")?.map(|name| IfName::parse(&name)).transpose()?,
                master: None,
                txqueuelen: opts.number("txqueuelen", 0..=i64::from(u32::MAX))?,
                alias: opts.string("alias")?,
                arp: opts.bool("arp")?,
                promisc: opts.bool("promisc")?,
                allmulti: opts.bool("allmulticast")?,
                group: opts.number("group", 0..=i64::from(u32::MAX))?,
                carrier: opts.bool("carrier")?,
                bridge: bridge.filter(|settings| *settings != Bridge::default()),
            };
            let undo = super::newlink::set_port(link, call, &port)?;
            match !port.is_empty() && change.is_empty() {
                true => Ok(link.clone()),
                false => self::set(link, call, change).inspect_err(|_| {
                    let _ = link.set_port(&undo);
                }),
            }
        }

        /// Gives the link another name.
        ///
        /// Errors: `exists`, `bad-name`; `busy` on kernels before 6.2 when it is up.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.rename("eth0");
        /// expect(pair.a.name == "eth0");
        /// ```
        fn rename(link, call, name: &str) -> Link {
            set(link, call, Change { name: Some(IfName::parse(name)?), ..Change::default() })
        }

        /// Moves the link into another namespace. The kernel takes it down and drops its addresses and routes; the handle follows.
        /// A link that is born where it belongs (`veth::add` with `netns`) is twenty times faster.
        ///
        /// Errors: `exists` when there is a link of that name; `bad-argument` for `lo`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// let pair = veth::add("v-blue", "eth0");
        /// pair.b.move_to(blue);
        /// expect(pair.b.netns.name == "blue");
        /// ```
        fn move_to(link, call, netns: Dynamic as "Netns|string") -> Link {
            let to = reading::netns(&netns, call.lab())?;
            call.step(|| sentence::link_move(link, &to, None));
            link.move_to(&to, None)?;
            Ok(link.clone())
        }

        /// Moves the link into another namespace under another name.
        ///
        /// Errors: `exists` when there is a link of that name; `bad-name`; `bad-argument` for `lo`; `not-found` for a namespace that is
        /// not there.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// let pair = veth::add("v-blue", "tmp0");
        /// pair.b.move_to(blue, "eth0");
        /// expect(blue.link("eth0").name == "eth0");
        /// ```
        fn move_to(link, call, netns: Dynamic as "Netns|string", name: &str) -> Link {
            let to = reading::netns(&netns, call.lab())?;
            call.step(|| sentence::link_move(link, &to, Some(name)));
            link.move_to(&to, Some(name))?;
            Ok(link.clone())
        }

        /// Makes the link a port of a bridge of the same namespace.
        ///
        /// Errors: `not-found`; `unsupported` when it is no bridge; `bad-argument` for a bridge of another namespace, or for `lo`;
        /// `failed` (ELOOP) for a bridge in a bridge.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let pair = veth::add("v0", "v1");
        /// pair.a.master(br);
        /// expect(pair.a.master.name == "br0");
        /// ```
        fn master(link, call, bridge: Dynamic as "Link|string") -> Link {
            let bridge = port_or_bridge(&bridge, &link.netns())?;
            call.step(|| sentence::link_master(link, Some(&bridge)));
            link.master(&bridge)?;
            Ok(link.clone())
        }

        /// Takes the link out of its bridge.
        ///
        /// Errors: `not-found` when the link is gone; none when it was in no bridge.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let pair = veth::add("v0", "v1");
        /// pair.a.master(br).nomaster();
        /// expect(pair.a.master == ());
        /// ```
        fn nomaster(link, call) -> Link {
            call.step(|| sentence::link_master(link, None));
            link.nomaster()?;
            Ok(link.clone())
        }

        /// Makes another link a port of this bridge: the same as `link.master(bridge)`.
        ///
        /// Errors: as for `master`.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// br.attach(veth::add("v0", "v1").a);
        /// expect(br.ports.len() == 1);
        /// ```
        fn attach(bridge, call, link: Dynamic as "Link|string") -> Link {
            let port = port_or_bridge(&link, &bridge.netns())?;
            call.step(|| sentence::link_master(&port, Some(bridge)));
            port.master(bridge)?;
            Ok(bridge.clone())
        }

        /// Takes the link out of its bridge: the same as `link.nomaster()`.
        ///
        /// Errors: `not-found` when the link is gone; none when it was in no bridge.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let pair = veth::add("v0", "v1");
        /// br.attach(pair.a);
        /// pair.a.detach();
        /// expect(br.ports.is_empty());
        /// ```
        fn detach(link, call) -> Link {
            call.step(|| sentence::link_master(link, None));
            link.nomaster()?;
            Ok(link.clone())
        }

        /// Waits until the link is up and has a carrier, at most five seconds.
        ///
        /// Errors: `timeout`, with what it still lacks.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.up();
        /// pair.b.up();
        /// pair.a.wait_up();
        /// expect(pair.a.state == "UP");
        /// ```
        fn wait_up(link, call) -> Link {
            link.wait_up(WAIT_UP)?;
            Ok(link.clone())
        }

        /// Waits until the link is up and has a carrier.
        ///
        /// Errors: `timeout`, with what it still lacks; `not-found` when the link is gone; `bad-argument` for what is no duration.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.up();
        /// expect_error(|| pair.a.wait_up("20ms"), "timeout"); // the other end is still down
        /// ```
        fn wait_up(link, call, within: &str) -> Link {
            link.wait_up(parse_span(within)?)?;
            Ok(link.clone())
        }

        /// Deletes the link; a veth takes its other end with it.
        ///
        /// Errors: `not-found` when the link is gone; `unsupported` for `lo`; `not-permitted` in the host world for what was there
        /// before and could not be put back.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.del();
        /// expect(link::list().len() == 1);
        /// ```
        fn del(link, call) -> () {
            call.step(|| sentence::link_del(link));
            link.del()
        }
    );
    register_properties(registry);
}

pub(super) fn port_or_bridge(value: &Dynamic, netns: &Netns) -> Result<Link> {
    // A handle of another namespace is let through: the lab says what is wrong with it.
    if let Some(link) = value.clone().try_cast::<Link>() {
        return Ok(link);
    }
    reading::link_in(value, netns).unwrap_or_else(|| {
        Err(Error::new(Kind::BadArgument, "use link", reading::type_word(value), "it is a Link or its name").in_netns(netns.name()))
    })
}

fn register_properties(registry: &mut Registry) {
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
}
