//! `addr::…`: addresses of links.

use super::super::catalogue::{Key, Options};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{AtRoot, Registry, printable, properties, returned, script_types, words};
use super::super::session::Session;
use super::lines;
use crate::error::{Error, Kind, Result};
use crate::iproute::{sentence, show};
use crate::kernel::addr;
use crate::lab::addr::Addr;
use crate::lab::wait::parse_span;
use crate::lab::{Link, Netns};

/// The addresses of a namespace, or of one link.
#[derive(Clone)]
pub(crate) struct Addrs {
    pub(crate) netns: Netns,
    pub(crate) link: Option<Link>,
}
script_types! { Addrs = "Addrs", Addr = "Addr" }
returned!(Addrs, Addr);

/// How long `wait_ready` waits when nothing else is said.
const READY: std::time::Duration = std::time::Duration::from_secs(5);

impl AtRoot for Addrs {
    fn at_root(session: &Session) -> Addrs {
        Addrs { netns: session.lab().root(), link: None }
    }
}

const ADD: Options = Options {
    keys: &[
        Key { name: "dev", takes: "Link|string", help: "the link, where the handle is not one", nested: None },
        Key { name: "nodad", takes: "bool", help: "usable at once, without asking for duplicates (IPv6)", nested: None },
        Key { name: "noprefixroute", takes: "bool", help: "no route to the subnet", nested: None },
        Key { name: "peer", takes: "string", help: "address of the other end", nested: None },
        Key { name: "broadcast", takes: "string", help: "broadcast address", nested: None },
        Key { name: "label", takes: "string", help: "label (IPv4)", nested: None },
        Key { name: "scope", takes: "string", help: "global, link or host", nested: None },
        Key { name: "preferred_lft", takes: "string", help: "how long it is taken for new connections, as in \"60s\"", nested: None },
        Key { name: "valid_lft", takes: "string", help: "how long it is there", nested: None },
    ],
};

const DEV: Options =
    Options { keys: &[Key { name: "dev", takes: "Link|string", help: "the link, where the handle is not one", nested: None }] };

impl Addrs {
    /// The link that is meant: the handle's own, or `dev`.
    fn link(&self, opts: &Opts, verb: &str) -> Result<Link> {
        match (&self.link, opts.link("dev", &self.netns)?) {
            (Some(link), None) => Ok(link.clone()),
            (None, Some(link)) => Ok(link),
            (Some(link), Some(_)) => {
                let cause = format!("the handle is link `{}` already", link.name());
                Err(Error::new(Kind::BadArgument, "use option", format!("`dev` of `{verb}`"), cause))
            }
            (None, None) => {
                let error = Error::new(Kind::BadArgument, format!("{verb} address"), "", "it is not said on which link");
                Err(error.in_netns(self.netns.name()).hint("add #{ dev: \"eth0\" }, or call it on a link: ns.link(\"eth0\").addr"))
            }
        }
    }

    fn add(&self, call: &super::super::session::Call, cidr: &str, opts: &Opts, replace: bool) -> Result<Addrs> {
        let net = reading::cidr(cidr)?;
        let link = self.link(opts, if replace { "replace" } else { "add" })?;
        let broadcast = match opts.ip("broadcast")? {
            Some(std::net::IpAddr::V4(ip)) => Some(ip),
            Some(ip) => {
                let cause = "only IPv4 has broadcast addresses";
                return Err(Error::new(Kind::BadArgument, "use option", format!("`broadcast: {ip}`"), cause));
            }
            None => None,
        };
        let scopes = ["global", "link", "host"];
        let scope = opts.word("scope", &scopes, |word| match word {
            "global" => Some(addr::Scope::Global),
            "link" => Some(addr::Scope::Link),
            "host" => Some(addr::Scope::Host),
            _ => None,
        })?;
        let seconds = |key| -> Result<Option<u32>> {
            match opts.duration(key)? {
                Some(span) if span.as_secs() == 0 => Err(opts.unfit(key, "it is counted in seconds, and is at least one")),
                Some(span) => Ok(Some(u32::try_from(span.as_secs()).unwrap_or(u32::MAX))),
                None => Ok(None),
            }
        };
        let (preferred, valid) = (seconds("preferred_lft")?, seconds("valid_lft")?);
        if let (Some(preferred), Some(valid)) = (preferred, valid)
            && preferred > valid
        {
            return Err(opts.unfit("preferred_lft", "it is longer than valid_lft"));
        }
        let peer = opts.ip("peer")?;
        if let Some(peer) = peer.filter(|peer| peer.is_ipv4() != net.addr().is_ipv4()) {
            return Err(opts.unfit("peer", format!("{peer} is of another family than {net}")));
        }
        let options = addr::Options {
            preferred,
            valid,
            nodad: opts.bool("nodad")?.unwrap_or(false),
            noprefixroute: opts.bool("noprefixroute")?.unwrap_or(false),
            broadcast,
            peer,
            label: opts.string("label")?,
            scope,
            replace,
        };
        call.step(|| sentence::addr_add(&link, net, &options));
        link.add_addr(net, &options)?;
        Ok(self.clone())
    }
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Addr>(registry, show::addr);
    printable::<Addrs>(registry, |addrs| lines(addrs.link.as_ref().map_or_else(|| addrs.netns.addrs(), Link::addrs), show::addr));
    words!(registry, Addrs, [module "addr"];
        /// Adds an address with its prefix length to a link, as `ip addr add`. The kernel adds the route to the subnet when the link
        /// is up.
        ///
        /// Errors: `exists`; `bad-argument`, with what is wrong in the address.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.addr.add("10.0.0.1/24");
        /// addr::add("2001:db8::1/64", #{ dev: "v0", nodad: true });
        /// expect(pair.a.addrs.len() == 2);
        /// ```
        fn add(addrs, call, cidr: &str; opts: ADD) -> Addrs { addrs.add(call, cidr, &opts, false) }

        /// Adds an address, or replaces it if it is there.
        ///
        /// Errors: `bad-argument`, with what is wrong in the address.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.addr.replace("10.0.0.1/24").replace("10.0.0.1/24");
        /// expect(pair.a.addrs == ["10.0.0.1/24"]);
        /// ```
        fn replace(addrs, call, cidr: &str; opts: ADD) -> Addrs { addrs.add(call, cidr, &opts, true) }

        /// Takes an address from a link.
        ///
        /// Errors: `not-found`, with the addresses that it has.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.addr.add("10.0.0.1/24").del("10.0.0.1/24");
        /// expect(pair.a.addrs.is_empty());
        /// ```
        fn del(addrs, call, cidr: &str; opts: DEV) -> Addrs {
            let (net, link) = (reading::cidr(cidr)?, addrs.link(&opts, "delete")?);
            call.step(|| sentence::addr_del(&link, net));
            link.del_addr(net)?;
            Ok(addrs.clone())
        }

        /// Lists the addresses of the namespace, or of one link.
        ///
        /// Errors: `not-found` for a link that is not there.
        ///
        /// ```rhai
        /// let found = addr::list(#{ dev: "lo" });
        /// expect(found[0].cidr == "127.0.0.1/8");
        /// ```
        fn list(addrs, call; opts: DEV) -> Vec<Addr> {
            match (&addrs.link, opts.link("dev", &addrs.netns)?) {
                (None, None) => addrs.netns.addrs(),
                _ => addrs.link(&opts, "list")?.addrs(),
            }
        }

        /// Waits until every address is ready: duplicate address detection, which takes IPv6 a second or two, has ended. At most five
        /// seconds.
        ///
        /// Errors: `timeout`; `exists` when another host has the address.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ up: true }, b: #{ up: true } });
        /// pair.a.addr.add("2001:db8::1/64").wait_ready();
        /// expect(!pair.a.addr.list().some(|a| "tentative" in a.flags));
        /// ```
        fn wait_ready(addrs, call) -> Addrs {
            addrs.netns.wait_ready(addrs.link.as_ref(), READY)?;
            Ok(addrs.clone())
        }

        /// Waits until every address is ready.
        ///
        /// Errors: `timeout`; `exists` when another host has the address; `bad-argument` for what is no duration.
        ///
        /// ```rhai
        /// addr::wait_ready("1s");
        /// ```
        fn wait_ready(addrs, call, within: &str) -> Addrs {
            addrs.netns.wait_ready(addrs.link.as_ref(), parse_span(within)?)?;
            Ok(addrs.clone())
        }

        /// Takes all addresses from a link.
        ///
        /// Errors: `bad-argument` when it is not said on which link; `not-found` for one that is not there.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.addr.add("10.0.0.1/24").add("10.0.1.1/24").flush();
        /// expect(pair.a.addrs.is_empty());
        /// ```
        fn flush(addrs, call; opts: DEV) -> Addrs {
            let link = addrs.link(&opts, "flush")?;
            for addr in link.addrs()? {
                let net = addr.state.net;
                call.step(|| sentence::addr_del(&link, net));
                match link.del_addr(net) {
                    // A secondary address goes with its primary one.
                    Err(error) if error.kind() == Kind::NotFound => {}
                    done => done?,
                }
            }
            Ok(addrs.clone())
        }
    );
    properties!(registry, Addr;
        /// The address without its prefix length.
        ///
        /// ```rhai
        /// expect(addr::list()[0].ip == "127.0.0.1");
        /// ```
        fn ip(addr, call) -> String { Ok(addr.state.net.addr().to_string()) }

        /// The prefix length.
        ///
        /// ```rhai
        /// expect(addr::list()[0].prefix == 8);
        /// ```
        fn prefix(addr, call) -> i64 { Ok(i64::from(addr.state.net.prefix_len())) }

        /// The address with its prefix length.
        ///
        /// ```rhai
        /// expect(addr::list()[0].cidr == "127.0.0.1/8");
        /// ```
        fn cidr(addr, call) -> String { Ok(addr.state.net.to_string()) }

        /// `inet` or `inet6`.
        ///
        /// ```rhai
        /// expect(addr::list()[0].family == "inet");
        /// ```
        fn family(addr, call) -> String { Ok(if addr.state.net.addr().is_ipv4() { "inet" } else { "inet6" }.to_string()) }

        /// `global`, `link` or `host`.
        ///
        /// ```rhai
        /// expect(addr::list()[0].scope == "host");
        /// ```
        fn scope(addr, call) -> String { Ok(addr.state.scope.clone()) }

        /// What else is known: `tentative`, `dadfailed`, `secondary`, `permanent`.
        ///
        /// ```rhai
        /// expect("permanent" in addr::list()[0].flags);
        /// ```
        fn flags(addr, call) -> Vec<String> {
            let state = &addr.state;
            let all = [("tentative", state.tentative), ("dadfailed", state.dadfailed), ("secondary", state.secondary), ("permanent", state.permanent), ("deprecated", state.deprecated)];
            Ok(all.into_iter().filter(|(_, on)| *on).map(|(word, _)| word.to_string()).collect())
        }

        /// How long it is still taken for new connections, in milliseconds; `()` for ever.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.addr.add("10.0.0.1/24", #{ preferred_lft: "60s", valid_lft: "2m" });
        /// expect(pair.a.addr.list()[0].preferred > 50000.0);
        /// ```
        fn preferred(addr, call) -> Option<f64> { Ok(addr.state.preferred.map(|seconds| f64::from(seconds) * 1000.0)) }

        /// How long it is still there, in milliseconds; `()` for ever.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1");
        /// pair.a.addr.add("10.0.0.1/24", #{ valid_lft: "2m" });
        /// expect(pair.a.addr.list()[0].valid > 100000.0 && addr::list(#{ dev: "lo" })[0].valid == ());
        /// ```
        fn valid(addr, call) -> Option<f64> { Ok(addr.state.valid.map(|seconds| f64::from(seconds) * 1000.0)) }

        /// The name of its link.
        ///
        /// ```rhai
        /// expect(addr::list()[0].dev == "lo");
        /// ```
        fn dev(addr, call) -> String { Ok(addr.dev.clone()) }
    );
}
