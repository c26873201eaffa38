//! `link.set(…)`: everything that `ip link set` and `bridge link set` change, and the other names of a link.

use super::super::super::options::Opts;
use super::super::super::reading;
use super::super::super::registry::{Registry, words};
use super::keys::{SET, is_plain};
use crate::error::Result;
use crate::iproute::sentence;
use crate::kernel::field::Setting;
use crate::kernel::link::kind::PORT_FIELDS;
use crate::kernel::link::{Change, Kind};
use crate::lab::Link;
use crate::lab::alter::Step;
use crate::name::IfName;

/// What is to be done, in the order in which it can be: a port has a bridge before it has settings, and a link goes away last.
fn steps(link: &Link, opts: &Opts) -> Result<Vec<Step>> {
    let netns = link.netns();
    let mut steps = Vec::new();
    let own: Vec<&str> = opts.given().filter(|key| !is_plain(key)).collect();
    let master = match opts.any("master") {
        Some(none) if none.is_string() && none.to_string().is_empty() => Some(None),
        Some(master) => Some(Some(super::port_or_bridge(&master, &netns)?)),
        None => None,
    };
    steps.extend(master.clone().map(Step::Master));
    if !own.is_empty() {
        let state = link.state()?;
        let kind = state.kind.as_deref().and_then(Kind::named);
        let is_port = match &master {
            Some(master) => master.is_some(),
            None => state.port.is_some(),
        };
        let (mut of_kind, mut of_port): (Vec<Setting>, Vec<Setting>) = (Vec::new(), Vec::new());
        for key in own {
            let port = PORT_FIELDS.iter().find(|field| field.name == key);
            let own = kind.and_then(|kind| kind.field(key));
            match (port, own) {
                (Some(field), None) => of_port.extend(opts.setting(field, &netns)?),
                (Some(field), Some(_)) if is_port => of_port.extend(opts.setting(field, &netns)?),
                (_, Some(field)) => of_kind.extend(opts.setting(field, &netns)?),
                (None, None) => {
                    let what = state.kind.as_deref().unwrap_or(if state.loopback { "loopback" } else { "plain" });
                    return Err(opts.unfit(key, format!("a {what} link has no such setting")).in_netns(netns.name()));
                }
            }
        }
        steps.extend(kind.filter(|_| !of_kind.is_empty()).map(|kind| Step::Kind(kind, of_kind)));
        steps.extend((!of_port.is_empty()).then_some(Step::Port(of_port)));
    }
    steps.extend(opts.texts("altname")?.into_iter().map(Step::Altname));
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
        multicast: opts.bool("multicast")?,
        group: opts.number("group", 0..=i64::from(u32::MAX))?,
        carrier: opts.bool("carrier")?,
        bridge: None,
    };
    match opts.any("netns") {
        // The kernel sets it down when it moves: what it is to be it becomes there.
        Some(netns) => {
            let to = reading::netns(&netns, link.netns().lab())?;
            let (name, up) = (change.name.clone(), change.up);
            let here = Change { name: None, up: None, ..change };
            steps.extend((!here.is_empty()).then_some(Step::Change(here)));
            steps.push(Step::Move(to, name));
            steps.extend(up.map(|up| Step::Change(Change { up: Some(up), ..Change::default() })));
        }
        None => steps.extend((!change.is_empty()).then_some(Step::Change(change))),
    }
    Ok(steps)
}

/// The line of a step.
fn line(link: &Link, step: &Step) -> String {
    match step {
        Step::Change(change) => sentence::link_set(link, change),
        Step::Kind(kind, settings) => sentence::link_set_kind(link, kind, settings),
        Step::Port(settings) => sentence::port_set(link, settings),
        Step::Altname(name) => sentence::altname(link, name, true),
        Step::NoAltname(name) => sentence::altname(link, name, false),
        Step::Master(master) => sentence::link_master(link, master.as_ref()),
        Step::Move(to, name) => sentence::link_move(link, to, name.as_ref().map(IfName::as_str)),
    }
}

pub(super) fn register(registry: &mut Registry) {
    words!(registry, Link, [method];
        /// Changes the link as `ip link set` and `bridge link set`: what is common to all links, what its kind has, and what it is as a
        /// port of a bridge; all of it, or nothing, is done. A VXLAN that is a port has a `learning` of its own: then the port's is meant.
        ///
        /// Errors: `bad-argument`, also for a setting that a link of this kind does not have; `bad-name`; `exists` for a `name` or an
        /// `altname` that another link has; `unsupported` for what this link or this kernel has not; `busy` for the `state` of a port
        /// while STP is on; `not-found` when the link is gone.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.set(#{ mtu: 1400, mac: "02:00:00:00:00:01", altname: "to-the-left", up: true });
        /// expect(pair.a.mtu == 1400 && pair.a.altnames == ["to-the-left"]);
        /// let br = bridge::add("br0");
        /// br.set(#{ stp: true, priority: 4096 });
        /// pair.a.set(#{ master: br, isolated: true });
        /// expect(pair.a.port.isolated && br.info.priority == 4096);
        /// pair.b.set(#{ netns: netns::add("blue"), name: "eth0", up: true });
        /// expect(pair.b.name == "eth0" && pair.b.netns.name == "blue");
        /// ```
        fn set(link, call; opts: SET) -> Link {
            let steps = steps(link, &opts)?;
            link.alter(&steps, &mut |step| call.step(|| line(link, step)))?;
            Ok(link.clone())
        }

        /// Gives the link another name beside its own, which may have up to 127 bytes.
        ///
        /// Errors: `exists`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.altname_add("the-cable-between-blue-and-the-switch");
        /// expect(link::get("the-cable-between-blue-and-the-switch") == pair.a);
        /// ```
        fn altname_add(link, call, name: &str) -> Link {
            call.step(|| sentence::altname(link, name, true));
            link.altname(name, true)?;
            Ok(link.clone())
        }

        /// Takes another name away.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.altname_add("the-cable-to-the-switch").altname_del("the-cable-to-the-switch");
        /// expect(pair.a.altnames.is_empty());
        /// ```
        fn altname_del(link, call, name: &str) -> Link {
            call.step(|| sentence::altname(link, name, false));
            link.altname(name, false)?;
            Ok(link.clone())
        }
    );
}
