//! `netconf::…`: what links are set to as routers.

use super::super::catalogue::{Options, key};
use super::super::options::Opts;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use super::{lines, object};
use crate::error::Result;
use crate::kernel::netconf::{Netconf, RP_FILTER, value_text};
use crate::lab::Netns;
use crate::lab::netconf::netconf_text;

object! {
    /// What the links of a namespace are set to.
    Netconfs = "netconf"
}

/// What one link is set to in one family.
#[derive(Clone)]
pub(crate) struct Conf {
    state: Netconf,
    dev: String,
}
script_types! { Conf = "Netconf" }
returned!(Conf);

const LIST: Options = Options {
    keys: &[
        key("dev", "Link|string", "only of this link; \"all\" and \"default\" are two more"),
        key("family", "string", "only inet, inet6 or mpls"),
    ],
};

fn list(netns: &Netns, opts: &Opts) -> Result<Vec<Conf>> {
    // The two that are no links have no handle.
    let dev = match opts.text("dev") {
        Some(word) if word == "all" || word == "default" => Some(word),
        _ => opts.link("dev", netns)?.map(|link| link.name()),
    };
    let family =
        opts.word("family", &["inet", "inet6", "mpls"], |word| ["inet", "inet6", "mpls"].contains(&word).then(|| word.to_string()))?;
    let wanted =
        |conf: &Conf| dev.as_ref().is_none_or(|dev| *dev == conf.dev) && family.as_ref().is_none_or(|family| family == conf.state.family);
    Ok(netns.netconf()?.into_iter().map(|(state, dev)| Conf { state, dev }).filter(wanted).collect())
}

fn on(conf: &Conf, word: &str) -> Option<bool> {
    conf.state.get(word).map(|value| value != 0)
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Conf>(registry, |conf| netconf_text(&conf.state, &conf.dev));
    printable::<Netconfs>(registry, |confs| lines(list(&confs.0, &Opts::none()), |conf| netconf_text(&conf.state, &conf.dev)));
    words!(registry, Netconfs, [module "netconf"];
        /// Lists what each link is set to as a router, family by family, with `all` and `default`; printed, the list reads as
        /// `ip netconf`. The settings are changed by `sysctl`.
        ///
        /// Errors: `not-found` for a link that is not there; `bad-argument` for an unknown family.
        ///
        /// ```rhai
        /// sysctl::set("net.ipv4.conf.lo.rp_filter", 1);
        /// let lo = netconf::list(#{ dev: "lo", family: "inet" })[0];
        /// expect(lo.rp_filter == "strict" && lo.to_string().starts_with("inet lo forwarding "));
        /// ```
        fn list(confs, call; opts: LIST) -> Vec<Conf> { list(&confs.0, &opts) }
    );
    properties!(registry, Conf;
        /// The name of the link, or `all` or `default`.
        ///
        /// ```rhai
        /// expect(netconf::list().some(|c| c.dev == "default"));
        /// ```
        fn dev(conf, call) -> String { Ok(conf.dev.clone()) }

        /// `inet`, `inet6` or `mpls`.
        ///
        /// ```rhai
        /// expect(netconf::list(#{ dev: "lo" })[0].family == "inet");
        /// ```
        fn family(conf, call) -> String { Ok(conf.state.family.to_string()) }

        /// Whether packets for others are passed on; `()` where the family has no such setting.
        ///
        /// ```rhai
        /// sysctl::set("net.ipv4.conf.lo.forwarding", 1);
        /// expect(netconf::list(#{ dev: "lo", family: "inet" })[0].forwarding);
        /// ```
        fn forwarding(conf, call) -> Option<bool> { Ok(on(conf, "forwarding")) }

        /// Whether packets from addresses that are not reached there are dropped: `off`, `strict`, `loose`, or `()` (IPv4 only).
        ///
        /// ```rhai
        /// sysctl::set("net.ipv4.conf.lo.rp_filter", 2);
        /// expect(netconf::list(#{ dev: "lo", family: "inet" })[0].rp_filter == "loose");
        /// ```
        fn rp_filter(conf, call) -> Option<String> { Ok(conf.state.get(RP_FILTER).map(|value| value_text(RP_FILTER, value).to_string())) }

        /// Whether multicast is routed (by a multicast routing daemon).
        ///
        /// ```rhai
        /// expect(netconf::list(#{ dev: "lo", family: "inet" })[0].mc_forwarding == false);
        /// ```
        fn mc_forwarding(conf, call) -> Option<bool> { Ok(on(conf, "mc_forwarding")) }

        /// Whether it answers for the addresses of others (proxy ARP, proxy NDP).
        ///
        /// ```rhai
        /// sysctl::set("net.ipv4.conf.lo.proxy_arp", 1);
        /// expect(netconf::list(#{ dev: "lo", family: "inet" })[0].proxy_neigh);
        /// ```
        fn proxy_neigh(conf, call) -> Option<bool> { Ok(on(conf, "proxy_neigh")) }

        /// Whether routes through links without carrier are passed over.
        ///
        /// ```rhai
        /// sysctl::set("net.ipv4.conf.lo.ignore_routes_with_linkdown", 1);
        /// expect(netconf::list(#{ dev: "lo", family: "inet" })[0].ignore_routes_with_linkdown);
        /// ```
        fn ignore_routes_with_linkdown(conf, call) -> Option<bool> { Ok(on(conf, "ignore_routes_with_linkdown")) }

        /// Whether MPLS packets are taken in (`mpls` only).
        ///
        /// ```rhai
        /// expect(netconf::list(#{ dev: "lo", family: "inet" })[0].input == ());
        /// ```
        fn input(conf, call) -> Option<bool> { Ok(on(conf, "input")) }
    );
}
