//! `netns::…`, and the namespace handle.

use super::super::registry::{AtRoot, Registry, printable, properties, returned, script_types, words};
use super::super::session::Session;
use super::addr::Addrs;
use super::bridge::Bridges;
use super::link::Links;
use super::neigh::Neighs;
use super::netconf::Netconfs;
use super::route::Routes;
use super::rule::{Nexthops, Rules};
use super::sysctl::Sysctls;
use super::veth::Veths;
use crate::error::Kind;
use crate::iproute::{sentence, show};
use crate::lab::{Link, Netns};
use rhai::Map;
use std::path::Path;

script_types! { Netns = "Netns" }
returned!(Netns);

impl AtRoot for Netns {
    fn at_root(session: &Session) -> Netns {
        session.lab().root()
    }
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Netns>(registry, show::netns);
    words!(registry, Session, [function_in "netns"];
        /// Makes a network namespace with a name, as `ip netns add`. It has nothing but a loopback link that is down.
        ///
        /// Errors: `exists`, `bad-name`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect(blue.link.list().len() == 1);
        /// ```
        fn add(session, call, name: &str) -> Netns {
            call.step(|| sentence::netns_add(name));
            session.lab().add_netns(name)
        }

        /// Returns the namespace of a name.
        ///
        /// Errors: `not-found`, with the nearest name.
        ///
        /// ```rhai
        /// netns::add("blue");
        /// expect(netns::get("blue").name == "blue");
        /// expect_error(|| netns::get("blues"), "not-found");
        /// ```
        fn get(session, call, name: &str) -> Netns {
            session.lab().get_netns(name)
        }

        /// Returns the namespace of a name, or `()` if there is none.
        ///
        /// Errors: `bad-name`.
        ///
        /// ```rhai
        /// expect(netns::try_get("nobody") == ());
        /// ```
        fn try_get(session, call, name: &str) -> Option<Netns> {
            match session.lab().get_netns(name) {
                Ok(netns) => Ok(Some(netns)),
                Err(error) if error.kind() == Kind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        }

        /// Returns whether a namespace of that name exists.
        ///
        /// Errors: none.
        ///
        /// ```rhai
        /// netns::add("blue");
        /// expect(netns::exists("blue") && !netns::exists("red"));
        /// ```
        fn exists(session, call, name: &str) -> bool {
            Ok(crate::kernel::netns::names().unwrap_or_default().iter().any(|known| known == name))
        }

        /// Lists the named namespaces, sorted by name, as `ip netns list`.
        ///
        /// ```rhai
        /// netns::add("red");
        /// netns::add("blue");
        /// let names = netns::list().map(|ns| ns.name);
        /// expect(names == ["blue", "red"]);
        /// ```
        fn list(session, call) -> Vec<Netns> {
            session.lab().list_netns()
        }

        /// Opens the namespace of a process, as `ip netns attach` would: a container's, for example, in the host world. It is held and
        /// looked at, pinged from and wired to the lab, and never deleted by us.
        ///
        /// Errors: `not-found`, `not-permitted`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// let sleeper = blue.start("sleep 60");
        /// expect(netns::of_pid(sleeper.pid).name == "blue");
        /// ```
        fn of_pid(session, call, pid: i64) -> Netns {
            session.lab().adopt(Path::new(&format!("/proc/{pid}/ns/net")), &format!("pid {pid}"))
        }

        /// Opens the namespace behind a path: a file of /run/docker/netns, or /proc/PID/ns/net. It is never deleted by us.
        ///
        /// Errors: `not-found`; `bad-argument` for a file that is no network namespace.
        ///
        /// ```rhai
        /// expect(netns::open("/proc/self/ns/net").is_root);
        /// expect_error(|| netns::open("/dev/null"), "bad-argument");
        /// ```
        fn open(session, call, path: &str) -> Netns { session.lab().adopt(Path::new(path), path) }

        /// Returns the name of the namespace of a process, or `()` if it has none, as `ip netns identify`.
        ///
        /// Errors: `not-found` when there is no such process; `not-permitted` for one that labsh may not look into.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect(netns::name_of(blue.start("sleep 60").pid) == "blue");
        /// expect(netns::name_of(1) == ());
        /// ```
        fn name_of(session, call, pid: i64) -> Option<String> {
            let netns = session.lab().adopt(Path::new(&format!("/proc/{pid}/ns/net")), &format!("pid {pid}"))?;
            Ok(session.lab().name_of(netns.id()))
        }

        /// Deletes the namespace of a name, as `ip netns del`.
        ///
        /// Errors: `not-found`, with the nearest name.
        ///
        /// ```rhai
        /// netns::add("blue");
        /// netns::del("blue");
        /// expect(!netns::exists("blue"));
        /// ```
        fn del(session, call, name: &str) -> () {
            let netns = session.lab().get_netns(name)?;
            call.step(|| sentence::netns_del(name));
            netns.del()
        }
    );
    words!(registry, Netns, [method];
        /// Returns a link of the namespace by its name: short for `ns.link.get(name)`.
        ///
        /// Errors: `not-found`, with the nearest name.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// blue.link("lo").up();
        /// expect(blue.link("lo").is_up);
        /// ```
        fn link(netns, call, name: &str) -> Link {
            netns.link(name)
        }

        /// Deletes the namespace, as `ip netns del`. What was started in it is ended; its links, and the other ends of its veth
        /// pairs, go with it, a moment later.
        ///
        /// Errors: `not-found` when it was deleted before; `bad-argument` for root, and for one that was only opened; `not-permitted` or
        /// `busy` in the host world, while it is or holds what was there before and cannot be put back.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// blue.del();
        /// expect(netns::list().is_empty());
        /// ```
        fn del(netns, call) -> () {
            call.step(|| sentence::netns_del(netns.name()));
            netns.del()
        }
    );
    properties!(registry, Netns;
        /// Its name; `root` for the world's root namespace.
        ///
        /// ```rhai
        /// expect(root.name == "root");
        /// ```
        fn name(netns, call) -> String { Ok(netns.name().to_string()) }

        /// Its inode: the number in `net:[…]`, its identity as long as it lives.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect(blue.id != root.id);
        /// ```
        fn id(netns, call) -> i64 { Ok(netns.id().cast_signed()) }

        /// Whether it is the world's root namespace.
        ///
        /// ```rhai
        /// expect(root.is_root && !netns::add("blue").is_root);
        /// ```
        fn is_root(netns, call) -> bool { Ok(netns.is_root()) }

        /// The processes in it, as maps with `pid` and `command`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect(blue.processes.is_empty());
        /// ```
        fn processes(netns, call) -> Vec<Map> {
            let found = netns.processes()?;
            Ok(found
                .into_iter()
                .map(|(pid, command)| Map::from([("pid".into(), i64::from(pid).into()), ("command".into(), command.into())]))
                .collect())
        }

        /// Its links: `ns.link.list()` and the other verbs of `ip link`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// print(blue.link.list());
        /// ```
        fn link(netns, call) -> Links { Ok(Links(netns.clone())) }

        /// Its veth pairs: `ns.veth.add(a, b)`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// blue.veth.add("v0", "v1");
        /// expect(blue.link.list().len() == 3);
        /// ```
        fn veth(netns, call) -> Veths { Ok(Veths(netns.clone())) }

        /// Its bridges: `ns.bridge.add(name)`.
        ///
        /// ```rhai
        /// let sw = netns::add("sw");
        /// expect(sw.bridge.add("br0").kind == "bridge");
        /// ```
        fn bridge(netns, call) -> Bridges { Ok(Bridges(netns.clone())) }

        /// Its addresses: `ns.addr.list()` and the other verbs of `ip addr`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// blue.addr.add("10.0.0.2/24", #{ dev: "lo" });
        /// ```
        fn addr(netns, call) -> Addrs { Ok(Addrs { netns: netns.clone(), link: None }) }

        /// Its routes: `ns.route.add(…)` and the other verbs of `ip route`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect(blue.route.list().is_empty());
        /// ```
        fn route(netns, call) -> Routes { Ok(Routes(netns.clone())) }

        /// Its rules: `ns.rule.add(…)` and the other verbs of `ip rule`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect(blue.rule.list().len() == 3);
        /// ```
        fn rule(netns, call) -> Rules { Ok(Rules(netns.clone())) }

        /// Its next hops: `ns.nexthop.add(…)` and the other verbs of `ip nexthop`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect(blue.nexthop.list().is_empty());
        /// ```
        fn nexthop(netns, call) -> Nexthops { Ok(Nexthops(netns.clone())) }

        /// What its links are set to as routers.
        ///
        /// ```rhai
        /// expect(netns::add("blue").netconf.list(#{ dev: "lo", family: "inet" })[0].forwarding == false);
        /// ```
        fn netconf(netns, call) -> Netconfs { Ok(Netconfs(netns.clone())) }

        /// Its neighbour table: `ns.neigh.list()` and the other verbs of `ip neigh`.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect(blue.neigh.list().is_empty());
        /// ```
        fn neigh(netns, call) -> Neighs { Ok(Neighs { netns: netns.clone(), link: None }) }
    );
    sysctl_property(registry);
}

/// `ns.sysctl["key"] = value` needs a setter beside the getter: the engine writes the object back after it was indexed.
/// It changes nothing of the handle (pure), so that `root`, a constant, takes it too.
fn sysctl_property(registry: &mut Registry) {
    properties!(registry, Netns;
        /// Its kernel parameters: `ns.sysctl.get(key)`, `ns.sysctl.set(key, value)`, `ns.sysctl["key"]`, `ns.sysctl["key"] = value`.
        ///
        /// ```rhai
        /// let router = netns::add("router");
        /// router.sysctl["net.ipv4.ip_forward"] = 1;
        /// expect(router.sysctl["net.ipv4.ip_forward"] == "1");
        /// for ns in [root, router] { ns.sysctl["net.ipv4.ip_forward"] = 0; }
        /// ```
        fn sysctl(netns, call) -> Sysctls { Ok(Sysctls(netns.clone())) }
    );
    rhai::FuncRegistration::new_setter("sysctl").with_purity(true).set_into_module(&mut registry.globals, |_: &mut Netns, _: Sysctls| {});
}
