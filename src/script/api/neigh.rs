//! `neigh::…`: the neighbour table.

use super::super::catalogue::{Key, Options};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{AtRoot, Registry, printable, properties, returned, script_types, words};
use super::super::session::{Call, Session};
use super::lines;
use crate::error::{Error, Kind, Result};
use crate::iproute::{sentence, show};
use crate::kernel::link::mac_text;
use crate::kernel::neigh::Nud;
use crate::lab::neigh::Neigh;
use crate::lab::{Link, Netns};
use std::time::Duration;

/// The neighbours of a namespace, or of one link.
#[derive(Clone)]
pub(crate) struct Neighs {
    pub(crate) netns: Netns,
    pub(crate) link: Option<Link>,
}
script_types! { Neighs = "Neighs", Neigh = "Neigh" }
returned!(Neighs, Neigh);

impl AtRoot for Neighs {
    fn at_root(session: &Session) -> Neighs {
        Neighs { netns: session.lab().root(), link: None }
    }
}

const ADD: Options = Options {
    keys: &[
        Key { name: "lladdr", takes: "string", help: "hardware address", nested: None },
        Key { name: "dev", takes: "Link|string", help: "the link, where the handle is not one", nested: None },
        Key {
            name: "nud",
            takes: "string",
            help: "permanent, reachable, stale, noarp, delay, probe, incomplete, failed; permanent if not said",
            nested: None,
        },
        Key { name: "proxy", takes: "bool", help: "answer for the address on behalf of another; it has no lladdr", nested: None },
    ],
};

const DEV: Options = Options {
    keys: &[
        Key { name: "dev", takes: "Link|string", help: "the link, where the handle is not one", nested: None },
        Key { name: "proxy", takes: "bool", help: "those that are answered for on behalf of others", nested: None },
    ],
};

const WAIT: Options = Options {
    keys: &[
        Key { name: "dev", takes: "Link|string", help: "the link, where the handle is not one", nested: None },
        Key {
            name: "state",
            takes: "string",
            help: "reachable, stale, failed …; any in which its hardware address is known if not said",
            nested: None,
        },
        Key { name: "within", takes: "string", help: "how long to wait; \"5s\" if not said", nested: None },
    ],
};

impl Neighs {
    fn link(&self, opts: &Opts) -> Result<Option<Link>> {
        Ok(opts.link("dev", &self.netns)?.or_else(|| self.link.clone()))
    }

    fn one_link(&self, opts: &Opts, doing: &str) -> Result<Link> {
        self.link(opts)?.ok_or_else(|| {
            let error = Error::new(Kind::BadArgument, format!("{doing} neighbour"), "", "it is not said on which link");
            error.in_netns(self.netns.name()).hint("add #{ dev: \"eth0\" }, or call it on a link: ns.link(\"eth0\").neigh")
        })
    }

    fn add(&self, call: &Call, ip: &str, opts: &Opts, replace: bool) -> Result<Neighs> {
        let link = self.one_link(opts, "add")?;
        let ip = reading::ip(ip)?;
        if opts.bool("proxy")?.unwrap_or(false) {
            call.step(|| sentence::neigh_proxy(&link, "add", ip));
            link.proxy_neigh(ip, true)?;
            return Ok(self.clone());
        }
        let Some(mac) = opts.mac("lladdr")? else {
            let error = Error::new(Kind::BadArgument, "add neighbour", format!("`{ip}`"), "its hardware address is missing");
            return Err(error.in_netns(self.netns.name()).hint("add #{ lladdr: \"02:00:00:00:00:01\" }"));
        };
        let nud = opts.word("nud", Nud::WORDS, Nud::from_word)?.unwrap_or(Nud::Permanent);
        call.step(|| sentence::neigh_add(&link, ip, &mac, nud, replace));
        link.add_neigh(ip, mac, nud, replace)?;
        Ok(self.clone())
    }
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Neigh>(registry, show::neigh);
    printable::<Neighs>(registry, |neighs| lines(neighs.netns.neighs(neighs.link.as_ref()), show::neigh));
    words!(registry, Neighs, [module "neigh"];
        /// Adds an entry, as `ip neigh add`: which hardware address an IP address has.
        ///
        /// Errors: `exists`, `bad-argument`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// pair.a.neigh.add("10.0.0.2", #{ lladdr: "02:00:00:00:00:02" });
        /// expect(neigh::list()[0].state == "PERMANENT");
        /// ```
        fn add(neighs, call, ip: &str; opts: ADD) -> Neighs { neighs.add(call, ip, &opts, false) }

        /// Adds an entry, or takes the place of the one that is there.
        ///
        /// Errors: `bad-argument`; `not-found` for a link that is not there.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// pair.a.neigh.replace("10.0.0.2", #{ lladdr: "02:00:00:00:00:02" });
        /// pair.a.neigh.replace("10.0.0.2", #{ lladdr: "02:00:00:00:00:03" });
        /// expect(neigh::list()[0].mac == "02:00:00:00:00:03");
        /// ```
        fn replace(neighs, call, ip: &str; opts: ADD) -> Neighs { neighs.add(call, ip, &opts, true) }

        /// Deletes an entry.
        ///
        /// Errors: `not-found`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// pair.a.neigh.add("10.0.0.2", #{ lladdr: "02:00:00:00:00:02" }).del("10.0.0.2");
        /// expect(neigh::list().is_empty());
        /// ```
        fn del(neighs, call, ip: &str; opts: DEV) -> Neighs {
            let (link, ip) = (neighs.one_link(&opts, "delete")?, reading::ip(ip)?);
            if opts.bool("proxy")?.unwrap_or(false) {
                call.step(|| sentence::neigh_proxy(&link, "del", ip));
                link.proxy_neigh(ip, false)?;
                return Ok(neighs.clone());
            }
            call.step(|| sentence::neigh_del(&link, ip));
            link.del_neigh(ip)?;
            Ok(neighs.clone())
        }

        /// Waits until the hardware address of an address is known, or until its entry is in a state; returns the entry. Nothing is
        /// asked again and again: the kernel wakes who waits.
        ///
        /// Errors: `timeout`, with the state in which it was last.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// connect(root, blue, #{ subnet: "10.0.0.0/24" });
        /// ping("10.0.0.2");
        /// expect(neigh::wait("10.0.0.2").mac != ());
        /// try_ping("10.0.0.9", #{ timeout: "1ms" });
        /// neigh::wait("10.0.0.9", #{ state: "failed", within: "10s" }); // after three questions, a second each
        /// ```
        fn wait(neighs, call, ip: &str; opts: WAIT) -> Neigh {
            let (ip, link) = (reading::ip(ip)?, neighs.link(&opts)?);
            let state = opts.word("state", Nud::WORDS, |word| Nud::from_word(word).map(|_| word.to_string()))?;
            let within = opts.duration("within")?.unwrap_or(Duration::from_secs(5));
            neighs.netns.wait_neigh(ip, link.as_ref(), state.as_deref(), within)
        }

        /// Lists the entries; printed, the list reads as `ip neigh`.
        ///
        /// Errors: `not-found` for a link that is not there.
        ///
        /// ```rhai
        /// expect(neigh::list().is_empty());
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// pair.a.neigh.add("10.0.0.99", #{ proxy: true }); // ARP for it is answered here
        /// expect(neigh::list(#{ proxy: true })[0].ip == "10.0.0.99");
        /// ```
        fn list(neighs, call; opts: DEV) -> Vec<Neigh> {
            let link = neighs.link(&opts)?;
            match opts.bool("proxy")?.unwrap_or(false) {
                true => neighs.netns.proxy_neighs(link.as_ref()),
                false => neighs.netns.neighs(link.as_ref()),
            }
        }

        /// Forgets all entries that are not permanent.
        ///
        /// Errors: `not-found` for a link that is not there.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// pair.a.neigh.add("10.0.0.2", #{ lladdr: "02:00:00:00:00:02", nud: "reachable" });
        /// neigh::flush();
        /// expect(neigh::list().is_empty());
        /// ```
        fn flush(neighs, call; opts: DEV) -> Neighs {
            for entry in neighs.netns.neighs(neighs.link(&opts)?.as_ref())? {
                if entry.state.state == "PERMANENT" {
                    continue;
                }
                let link = neighs.netns.link(&entry.dev)?;
                call.step(|| sentence::neigh_del(&link, entry.state.ip));
                match link.del_neigh(entry.state.ip) {
                    // It aged out meanwhile.
                    Err(error) if error.kind() == Kind::NotFound => {}
                    done => done?,
                }
            }
            Ok(neighs.clone())
        }
    );
    properties!(registry, Neigh;
        /// The address that was resolved.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// pair.a.neigh.add("10.0.0.2", #{ lladdr: "02:00:00:00:00:02" });
        /// expect(neigh::list()[0].ip == "10.0.0.2");
        /// ```
        fn ip(neigh, call) -> String { Ok(neigh.state.ip.to_string()) }

        /// Its hardware address, or `()` while it is not known.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// pair.a.neigh.add("10.0.0.2", #{ lladdr: "02:00:00:00:00:02" });
        /// expect(neigh::list()[0].mac == "02:00:00:00:00:02");
        /// ```
        fn mac(neigh, call) -> Option<String> { Ok((!neigh.state.mac.is_empty()).then(|| mac_text(&neigh.state.mac))) }

        /// The name of the link.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } });
        /// pair.a.neigh.add("10.0.0.2", #{ lladdr: "02:00:00:00:00:02" });
        /// expect(neigh::list()[0].dev == "v0");
        /// ```
        fn dev(neigh, call) -> String { Ok(neigh.dev.clone()) }

        /// `REACHABLE`, `STALE`, `DELAY`, `PROBE`, `INCOMPLETE`, `FAILED`, `PERMANENT`.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ addr: "10.0.0.2/24", up: true } });
        /// pair.a.neigh.add("10.0.0.9", #{ lladdr: "02:00:00:00:00:09", nud: "stale" });
        /// expect(neigh::list()[0].state == "STALE");
        /// ```
        fn state(neigh, call) -> String { Ok(neigh.state.state.clone()) }
    );
}
