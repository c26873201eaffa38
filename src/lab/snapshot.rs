//! The state of a lab at one moment, and the way back to it, as far as the kernel goes along: what has come since then is taken away,
//! what was changed is put back, and addresses, routes, neighbours and rules that have gone are made again.

use super::addr::Addr;
use super::neigh::Neigh;
use super::route::route_text;
use super::rule::rule_text;
use super::{Lab, Link, Netns};
use crate::error::{Error, Kind, Result};
use crate::kernel::addr::Options;
use crate::kernel::link::{Change, Link as State, Mac};
use crate::kernel::neigh::Nud;
use crate::kernel::qdisc::Qdisc;
use crate::kernel::route::{self, Mode, Proto, Route};
use crate::kernel::rule::Rule;
use crate::name::IfName;
use std::collections::HashMap;

/// Beyond that many namespaces, no snapshot is taken: asking all of them before each input would be felt.
const FEW: usize = 60;

/// A lab at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    spaces: Vec<Space>,
    /// How many parameters had been set.
    parameters: usize,
}

/// A namespace at one moment. It holds no handle, which would keep alive a namespace that somebody else deletes.
#[derive(Debug, Clone)]
struct Space {
    id: u64,
    name: String,
    links: Vec<State>,
    addrs: Vec<Addr>,
    routes: Vec<Route>,
    neighs: Vec<Neigh>,
    rules: Vec<Rule>,
    qdiscs: Vec<(Qdisc, String)>,
}

/// A namespace then and now.
struct Pair<'a> {
    netns: &'a Netns,
    old: &'a Space,
    new: &'a Space,
}

/// What became of a way back.
#[derive(Debug, Default)]
pub struct WayBack {
    /// What was done.
    pub done: Vec<String>,
    /// What could not be, and why.
    pub kept: Vec<String>,
    /// Links that have moved: the name that each had, and where it is now.
    pub moved: Vec<(String, Link)>,
}

/// A parameter that was set: the namespace, the key, and the value before.
pub(crate) type Parameter = (u64, String, String);

impl Lab {
    /// Takes a snapshot; nothing if the lab is too large for that.
    pub fn snapshot(&self) -> Result<Option<Snapshot>> {
        let all = self.list_netns()?;
        if all.len() > FEW {
            return Ok(None);
        }
        self.0.parameters.borrow_mut().get_or_insert_default();
        let spaces = all.iter().chain([&self.root()]).map(Space::of).collect::<Result<_>>()?;
        Ok(Some(Snapshot { spaces, parameters: self.0.parameters.borrow().as_ref().map_or(0, Vec::len) }))
    }

    /// Goes back to a snapshot.
    pub fn go_back(&self, then: &Snapshot) -> Result<WayBack> {
        let mut way = WayBack::default();
        for netns in self.list_netns()? {
            if !then.spaces.iter().any(|space| space.id == netns.id()) {
                way.tell(format!("removed netns `{}`", netns.name()), netns.del());
            }
        }
        let now: Vec<(Netns, Space)> = self
            .list_netns()?
            .into_iter()
            .chain([self.root()])
            .map(|netns| Space::of(&netns).map(|space| (netns, space)))
            .collect::<Result<_>>()?;
        let pairs: Vec<Pair> = then
            .spaces
            .iter()
            .filter_map(|old| {
                let (netns, new) = now.iter().find(|(_, space)| space.id == old.id)?;
                Some(Pair { netns, old, new })
            })
            .collect();
        for gone in then.spaces.iter().filter(|old| !now.iter().any(|(_, space)| space.id == old.id)) {
            way.kept.push(format!("netns `{}` is gone with all that was in it", gone.name));
        }
        // Links first, wherever they are now: addresses and routes hang on them.
        for pair in &pairs {
            pair.new.links.iter().filter(|link| pair.old.link(link).is_none()).for_each(|link| way.take_away(link, pair, &pairs));
        }
        for pair in &pairs {
            way.put_back_links(pair)?;
        }
        for pair in &pairs {
            way.put_back_the_rest(pair)?;
        }
        let since = self.0.parameters.borrow().as_ref().map(|set| set[then.parameters.min(set.len())..].to_vec()).unwrap_or_default();
        for (id, key, value) in since.iter().rev() {
            if let Some(pair) = pairs.iter().find(|pair| pair.old.id == *id) {
                way.tell(format!("{key} is {value} again in netns `{}`", pair.old.name), pair.netns.set_sysctl(key, value));
            }
        }
        if let Some(set) = self.0.parameters.borrow_mut().as_mut() {
            set.truncate(then.parameters);
        }
        Ok(way)
    }

    pub(crate) fn remember_parameter(&self, netns: &Netns, key: &str, old: impl FnOnce() -> Option<String>) {
        let remembers = self.0.parameters.borrow().is_some();
        if remembers && let Some(old) = old() {
            let entry = (netns.id(), key.to_string(), old);
            self.0.parameters.borrow_mut().get_or_insert_default().push(entry);
        }
    }
}

impl Snapshot {
    /// Returns whether the lab is as it was in another snapshot.
    pub fn is_like(&self, other: &Snapshot) -> bool {
        let marks =
            |snapshot: &Snapshot| -> HashMap<u64, Vec<String>> { snapshot.spaces.iter().map(|space| (space.id, space.marks())).collect() };
        self.parameters == other.parameters && marks(self) == marks(other)
    }
}

/// What counts of a link: what the kernel changes by itself, as its state and counters, does not.
fn link_mark(link: &State) -> String {
    format!("{} {} {} {} {} {:?} {:?}", link.index, link.name, link.is_up(), link.mtu, link.mac(), link.master, link.bridge)
}

impl Space {
    fn of(netns: &Netns) -> Result<Space> {
        let links = netns.link_states()?;
        let mut addrs = netns.addrs()?;
        // The kernel makes those of a link by itself.
        addrs.retain(|addr| addr.state.scope != "link");
        let mut routes = netns.routes()?;
        routes.retain(|route| route.table != route::LOCAL && !matches!(route.proto, Proto::Kernel | Proto::Ra));
        let mut neighs = netns.neighs(None)?;
        neighs.retain(|neigh| neigh.state.state == "PERMANENT");
        let mut rules = netns.rules(false)?;
        rules.extend(netns.rules(true).unwrap_or_default());
        let mut qdiscs = netns.qdiscs()?;
        // Without a handle, the kernel made it.
        qdiscs.retain(|(qdisc, _)| qdisc.handle != 0);
        Ok(Space { id: netns.id(), name: netns.name().to_string(), links, addrs, routes, neighs, rules, qdiscs })
    }

    fn marks(&self) -> Vec<String> {
        let mut marks: Vec<String> = self.links.iter().map(link_mark).collect();
        marks.extend(self.addrs.iter().map(|addr| self.addr_mark(addr)));
        marks.extend(self.routes.iter().map(|route| self.route_mark(route)));
        marks.extend(self.neighs.iter().map(neigh_mark));
        marks.extend(self.rules.iter().map(rule_mark));
        marks.extend(self.qdiscs.iter().map(qdisc_mark));
        marks.sort();
        marks
    }

    /// Indexes are not given anew while a namespace lives, except to what moves in from elsewhere.
    fn link(&self, other: &State) -> Option<&State> {
        self.links.iter().find(|link| link.index == other.index && link.kind == other.kind)
    }

    fn name_of(&self, index: u32) -> String {
        self.links.iter().find(|link| link.index == index).map_or_else(|| format!("if{index}"), |link| link.name.clone())
    }

    fn addr_mark(&self, addr: &Addr) -> String {
        format!("addr {} {}", addr.dev, addr.state.net)
    }

    fn route_mark(&self, route: &Route) -> String {
        format!("route {}", route_text(&Route { linkdown: false, ..route.clone() }, |index| self.name_of(index)))
    }
}

fn neigh_mark(neigh: &Neigh) -> String {
    format!("neigh {} {} {:?}", neigh.dev, neigh.state.ip, neigh.state.mac)
}

fn rule_mark(rule: &Rule) -> String {
    format!("rule {rule:?}")
}

fn qdisc_mark((qdisc, dev): &(Qdisc, String)) -> String {
    format!("qdisc {dev} {:x} {:x} {} {:?}", qdisc.parent, qdisc.handle, qdisc.kind, qdisc.options)
}

impl WayBack {
    fn tell(&mut self, what: String, done: Result<()>) {
        match done {
            Ok(()) => self.done.push(what),
            // What went along with something else has gone as it should.
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => self.kept.push(error.to_string()),
        }
    }

    /// A link that was not there: it goes back where it came from, or is deleted.
    fn take_away(&mut self, link: &State, here: &Pair, pairs: &[Pair]) {
        let Ok(handle) = here.netns.link(&link.name) else { return };
        let home = pairs.iter().find_map(|Pair { netns, old, new }| {
            let same = |was: &&State| was.mac == link.mac && !was.mac.is_empty() && !was.loopback && was.kind == link.kind;
            let was = old.links.iter().filter(|was| new.link(was).is_none()).find(same)?;
            (old.id != here.old.id).then_some((netns, was))
        });
        match home {
            Some((home, was)) => {
                let moved = handle.move_to(home, Some(&was.name));
                self.moved.push((link.name.clone(), handle));
                self.tell(format!("moved link `{}` back to netns `{}`", was.name, home.name()), moved);
            }
            None => self.tell(format!("removed link `{}` from netns `{}`", link.name, here.old.name), handle.del()),
        }
    }

    fn put_back_links(&mut self, Pair { netns, old, .. }: &Pair) -> Result<()> {
        let now = netns.link_states()?;
        for was in &old.links {
            // A link that was moved back may have another index.
            let found = now.iter().find(|link| link.index == was.index).or_else(|| now.iter().find(|link| link.name == was.name));
            let Some(is) = found else {
                self.kept.push(format!("link `{}` of netns `{}` is gone", was.name, old.name));
                continue;
            };
            let master = was.master.map(|master| old.name_of(master));
            let index_of = |name: &str| now.iter().find(|link| link.name == name).map(|link| link.index);
            let wanted = master.as_deref().map_or(Some(0), index_of);
            let change = Change {
                name: (is.name != was.name).then(|| IfName::parse(&was.name).ok()).flatten(),
                mtu: (is.mtu != was.mtu).then_some(was.mtu),
                mac: (is.mac != was.mac).then(|| Mac::try_from(was.mac.as_slice()).ok()).flatten(),
                master: wanted.filter(|wanted| *wanted != is.master.unwrap_or(0)),
                up: (is.is_up() != was.is_up()).then_some(was.is_up()),
                bridge: was.bridge.filter(|_| was.bridge != is.bridge),
                ..Change::default()
            };
            if !change.is_empty() {
                let told = format!("link `{}` of netns `{}` is as it was", was.name, old.name);
                let set = netns.link(&is.name).and_then(|link| link.set(&change));
                self.tell(told, set);
            }
        }
        Ok(())
    }

    fn put_back_the_rest(&mut self, Pair { netns, old, .. }: &Pair) -> Result<()> {
        let now = Space::of(netns)?;
        let place = &old.name;
        let missing = |name: &str| Error::new(Kind::NotFound, "find link", format!("`{name}`"), "it is gone");
        for (qdisc, dev) in now.qdiscs.iter().filter(|qdisc| !old.qdiscs.iter().any(|was| qdisc_mark(was) == qdisc_mark(qdisc))) {
            let deleted = netns.link(dev).and_then(|link| link.del_qdisc(qdisc.parent, qdisc.handle));
            self.tell(format!("removed qdisc {} from link `{dev}` of netns `{place}`", qdisc.kind), deleted);
        }
        for (qdisc, dev) in old.qdiscs.iter().filter(|qdisc| !now.qdiscs.iter().any(|is| qdisc_mark(is) == qdisc_mark(qdisc))) {
            self.kept.push(format!("qdisc {} of link `{dev}` of netns `{place}` is gone", qdisc.kind));
        }
        let addrs: Vec<String> = now.addrs.iter().map(|addr| now.addr_mark(addr)).collect();
        let had: Vec<String> = old.addrs.iter().map(|addr| old.addr_mark(addr)).collect();
        for addr in now.addrs.iter().filter(|addr| !had.contains(&now.addr_mark(addr))) {
            let deleted = netns.link(&addr.dev).and_then(|link| link.del_addr(addr.state.net));
            self.tell(format!("removed address {} from link `{}` of netns `{place}`", addr.state.net, addr.dev), deleted);
        }
        for addr in old.addrs.iter().filter(|addr| !addrs.contains(&old.addr_mark(addr))) {
            let state = &addr.state;
            let label = state.label.clone().filter(|label| *label != addr.dev);
            let options = Options { broadcast: state.broadcast, peer: state.peer, label, ..Options::default() };
            let added = netns.link(&addr.dev).and_then(|link| link.add_addr(state.net, &options));
            match added {
                // The kernel gives `lo` its own back.
                Err(error) if error.kind() == Kind::Exists => {}
                added => self.tell(format!("address {} is on link `{}` of netns `{place}` again", state.net, addr.dev), added),
            }
        }
        for neigh in now.neighs.iter().filter(|neigh| !old.neighs.iter().any(|was| neigh_mark(was) == neigh_mark(neigh))) {
            let deleted = netns.link(&neigh.dev).and_then(|link| link.del_neigh(neigh.state.ip));
            self.tell(format!("removed neighbour {} from link `{}` of netns `{place}`", neigh.state.ip, neigh.dev), deleted);
        }
        for neigh in old.neighs.iter().filter(|neigh| !now.neighs.iter().any(|is| neigh_mark(is) == neigh_mark(neigh))) {
            let mac = Mac::try_from(neigh.state.mac.as_slice()).map_err(|_| missing(&neigh.dev));
            let added = mac.and_then(|mac| netns.link(&neigh.dev)?.add_neigh(neigh.state.ip, mac, Nud::Permanent, true));
            self.tell(format!("neighbour {} is on link `{}` of netns `{place}` again", neigh.state.ip, neigh.dev), added);
        }
        for rule in now.rules.iter().filter(|rule| !old.rules.contains(rule)) {
            self.tell(format!("removed rule {} from netns `{place}`", rule_text(rule)), netns.del_rule(rule));
        }
        for rule in old.rules.iter().filter(|rule| !now.rules.contains(rule)) {
            self.tell(format!("rule {} is in netns `{place}` again", rule_text(rule)), netns.add_rule(rule));
        }
        let routes = Space::of(netns)?;
        let is: Vec<String> = routes.routes.iter().map(|route| routes.route_mark(route)).collect();
        let was: Vec<String> = old.routes.iter().map(|route| old.route_mark(route)).collect();
        for route in routes.routes.iter().filter(|route| !was.contains(&routes.route_mark(route))) {
            let text = route_text(route, |index| routes.name_of(index));
            self.tell(format!("removed route {text} from netns `{place}`"), netns.del_route(route));
        }
        for route in old.routes.iter().filter(|route| !is.contains(&old.route_mark(route))) {
            let index = |index: u32| netns.link(&old.name_of(index)).map(|link| link.index());
            let mut again = Route { linkdown: false, ..route.clone() };
            again.dev = route.dev.map(index).transpose()?;
            for hop in &mut again.nexthops {
                hop.dev = hop.dev.map(index).transpose()?;
            }
            let text = route_text(&Route { linkdown: false, ..route.clone() }, |index| old.name_of(index));
            self.tell(format!("route {text} is in netns `{place}` again"), netns.add_route(&again, Mode::Add));
        }
        Ok(())
    }
}
