//! `link::…`, and the verbs of a link handle.

pub(super) mod add;
mod keys;
mod read;
mod set;

pub(super) use keys::ADD_BRIDGE;

use super::super::reading;
use super::super::registry::{Registry, printable, returned, script_types, words};
use super::{lines, object};
use crate::error::{Error, Kind, Result};
use crate::iproute::program::Program;
use crate::iproute::{inside, sentence, show};
use crate::kernel::link::Change;
use crate::lab::wait::parse_span;
use crate::lab::{Link, Netns};
use crate::name::IfName;
use rhai::Dynamic;
use std::time::Duration;

object! {
    /// The links of a namespace.
    Links = "link"
}
script_types! { Link = "Link" }
returned!(Link);

/// How long `wait_up` waits when nothing else is said.
const WAIT_UP: Duration = Duration::from_secs(5);

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

        /// Returns what `ip link show` prints of the namespace.
        ///
        /// Errors: `not-found` when the namespace was deleted.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// print(blue.link.show());
        /// expect(blue.link.show().starts_with("1: lo: <LOOPBACK> mtu 65536"));
        /// ```
        fn show(links, call) -> String { inside::say(Program::Ip, &links.0, &["link".to_string(), "show".to_string()]) }

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
        /// Errors: `not-found`; `unsupported` when it is no bridge; `bad-argument` for a bridge of another namespace, for `lo`,
        /// and for a bridge in a bridge.
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

        /// Returns what `ip -d -s link show` prints of the link: with the settings of its kind, and its counters.
        ///
        /// Errors: `not-found` when the link is gone.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// expect(br.show().contains("bridge forward_delay 1500") && br.show().contains("RX:"));
        /// ```
        fn show(link, call) -> String {
            let words = ["-d", "-s", "link", "show", "dev", &link.state()?.name];
            inside::say(Program::Ip, &link.netns(), &words.map(str::to_string))
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
    add::register(registry);
    set::register(registry);
    read::register(registry);
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
