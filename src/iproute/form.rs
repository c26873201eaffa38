//! An operation of iproute2 as the script language says it.

use super::read::{End, Operation, RouteWords};
use crate::kernel::addr;
use crate::kernel::link::{Bridge, Change, mac_text};
use crate::kernel::route::{self, Mode, Proto, Type};

/// Where a form stands: how namespaces are written.
pub struct Writer<'a> {
    /// The namespace that the sentence is about; nothing for root.
    pub netns: Option<String>,
    /// The family that was asked for: `-6`, or `-4`.
    pub v6: Option<bool>,
    /// The expression for a namespace by its name.
    pub named: &'a dyn Fn(&str) -> String,
}

impl Writer<'_> {
    /// `route::` in root, `blue.route.` elsewhere.
    fn object(&self, object: &str) -> String {
        match &self.netns {
            None => format!("{object}::"),
            Some(netns) => format!("{netns}.{object}."),
        }
    }

    fn link(&self, name: &str) -> String {
        format!("{}.link({name:?})", self.netns.as_deref().unwrap_or("root"))
    }

    fn on_link(&self, dev: &Option<String>, object: &str) -> String {
        match dev {
            Some(dev) => format!("{}.{object}.", self.link(dev)),
            None => self.object(object),
        }
    }

    /// Writes an operation; nothing where the language has no word for it.
    pub fn form(&self, operation: &Operation) -> Option<String> {
        Some(match operation {
            Operation::NetnsAdd(name) => format!("netns::add({name:?})"),
            Operation::NetnsDel(name) => format!("netns::del({name:?})"),
            Operation::NetnsList => "netns::list()".to_string(),
            Operation::NetnsPids(name) => format!("{}.processes", (self.named)(name)),
            Operation::NetnsExec { netns, words } => {
                let line = shlex::try_join(words.iter().map(String::as_str)).ok()?;
                format!("{}.exec({line:?})", (self.named)(netns))
            }
            Operation::VethAdd { a, b } => {
                let ends: Vec<String> =
                    [("a", a), ("b", b)].into_iter().filter_map(|(key, end)| Some(format!("{key}: {}", self.end(end)?))).collect();
                let options = if ends.is_empty() { String::new() } else { format!(", #{{ {} }}", ends.join(", ")) };
                format!("{}add({:?}, {:?}{options})", self.object("veth"), a.name, b.name)
            }
            Operation::BridgeAdd { name, settings, up } => {
                let mut options = bridge_options(settings);
                options.extend(up.then(|| "up: true".to_string()));
                format!("{}add({name:?}{})", self.object("bridge"), map(&options))
            }
            Operation::LinkSet { dev, change, master, netns } => self.link_set(dev, change, master.as_ref(), netns.as_deref()),
            Operation::LinkDel(dev) => format!("{}del({dev:?})", self.object("link")),
            Operation::LinkShow(only) => match &only.dev {
                Some(dev) => self.link(dev),
                None => format!("{}list()", self.object("link")),
            },
            Operation::AddrAdd { dev, net, options } => {
                let verb = if options.replace { "replace" } else { "add" };
                let cidr = net.to_string();
                format!("{}.addr.{verb}({cidr:?}{})", self.link(dev), map(&addr_options(options)))
            }
            Operation::AddrDel { dev, net } => format!("{}.addr.del({:?})", self.link(dev), net.to_string()),
            Operation::AddrFlush { dev } => format!("{}.addr.flush()", self.link(dev)),
            Operation::AddrShow(only) => format!("{}list()", self.on_link(&only.dev, "addr")),
            Operation::RouteAdd { mode, words } => {
                let verb = match mode {
                    Mode::Add => "add",
                    Mode::Replace => "replace",
                    Mode::Change => "change",
                    Mode::Append => "append",
                };
                self.route(verb, words)
            }
            Operation::RouteDel(words) => self.route("del", words),
            Operation::RouteShow { table, dev, .. } => {
                let table = table.map(|table| if table == 0 { "table: \"all\"".to_string() } else { format!("table: {table}") });
                let options: Vec<String> =
                    table.into_iter().chain(dev.iter().map(|dev| format!("dev: {dev:?}"))).chain(self.family()).collect();
                format!("{}list({})", self.object("route"), map(&options).trim_start_matches(", "))
            }
            Operation::RouteFlush { table, dev } => {
                let options: Vec<String> = table
                    .map(|table| format!("table: {table}"))
                    .into_iter()
                    .chain(dev.iter().map(|dev| format!("dev: {dev:?}")))
                    .chain(self.family())
                    .collect();
                format!("{}flush({})", self.object("route"), map(&options).trim_start_matches(", "))
            }
            Operation::RouteGet { dst, from, iif, oif, mark } => {
                let mut options: Vec<String> = from.map(|from| format!("from: \"{from}\"")).into_iter().collect();
                options.extend(iif.as_ref().map(|dev| format!("iif: {dev:?}")));
                options.extend(oif.as_ref().map(|dev| format!("oif: {dev:?}")));
                options.extend(mark.map(|mark| format!("mark: {mark}")));
                format!("{}get(\"{dst}\"{})", self.object("route"), map(&options))
            }
            Operation::NeighShow { dev } => format!("{}list()", self.on_link(dev, "neigh")),
            Operation::NeighAdd { dev, ip, mac, nud, replace } => {
                let verb = if *replace { "replace" } else { "add" };
                format!("{}.neigh.{verb}(\"{ip}\", #{{ lladdr: \"{}\", nud: \"{}\" }})", self.link(dev), mac_text(mac), nud.word())
            }
            Operation::NeighDel { dev, ip } => format!("{}.neigh.del(\"{ip}\")", self.link(dev)),
            Operation::NeighFlush { dev } => format!("{}flush()", self.on_link(dev, "neigh")),
            Operation::PortShow { .. } => format!("{}list()", self.object("link")),
            Operation::FdbShow { bridge: Some(bridge), .. } => format!("{}.fdb.list()", self.link(bridge)),
            Operation::FdbShow { .. } | Operation::FdbAdd { .. } | Operation::FdbDel { .. } => return None,
        })
    }

    /// Routes are those of IPv4 where nothing else is said.
    fn family(&self) -> Option<String> {
        self.v6.filter(|v6| *v6).map(|_| "v6: true".to_string())
    }

    fn end(&self, end: &End) -> Option<String> {
        let mut options: Vec<String> = end.netns.iter().map(|name| format!("netns: {}", (self.named)(name))).collect();
        options.extend(end.mtu.map(|mtu| format!("mtu: {mtu}")));
        options.extend(end.mac.map(|mac| format!("mac: \"{}\"", mac_text(&mac))));
        options.extend(end.master.iter().map(|master| format!("master: {master:?}")));
        options.extend(end.up.then(|| "up: true".to_string()));
        (!options.is_empty()).then(|| format!("#{{ {} }}", options.join(", ")))
    }

    fn link_set(&self, dev: &str, change: &Change, master: Option<&Option<String>>, netns: Option<&str>) -> String {
        let mut text = self.link(dev);
        let mut options: Vec<String> = Vec::new();
        options.extend(change.mtu.map(|mtu| format!("mtu: {mtu}")));
        options.extend(change.mac.map(|mac| format!("mac: \"{}\"", mac_text(&mac))));
        options.extend(change.txqueuelen.map(|length| format!("txqueuelen: {length}")));
        options.extend(change.alias.as_ref().map(|alias| format!("alias: {alias:?}")));
        options.extend(change.promisc.map(|on| format!("promisc: {on}")));
        options.extend(change.arp.map(|on| format!("arp: {on}")));
        options.extend(change.bridge.as_ref().map(bridge_options).unwrap_or_default());
        let name = change.name.as_ref().map(|name| name.as_str().to_string());
        if netns.is_none() {
            options.extend(name.as_ref().filter(|_| change.up.is_some() || !options.is_empty()).map(|name| format!("name: {name:?}")));
        }
        match (options.is_empty(), change.up) {
            (true, Some(true)) => text += ".up()",
            (true, Some(false)) => text += ".down()",
            (true, None) => {}
            (false, up) => {
                options.extend(up.map(|up| format!("up: {up}")));
                text += &format!(".set(#{{ {} }})", options.join(", "));
            }
        }
        match (netns, &name) {
            (None, Some(name)) if options.is_empty() && change.up.is_none() => text += &format!(".rename({name:?})"),
            (Some(netns), Some(name)) => text += &format!(".move_to({}, {name:?})", (self.named)(netns)),
            (Some(netns), None) => text += &format!(".move_to({})", (self.named)(netns)),
            (None, _) => {}
        }
        match master {
            Some(Some(master)) => format!("{text}.master({master:?})"),
            Some(None) => format!("{text}.nomaster()"),
            None => text,
        }
    }

    fn route(&self, verb: &str, words: &RouteWords) -> String {
        let route = &words.route;
        let mut options: Vec<String> = Vec::new();
        options.extend(route.via.map(|via| format!("via: \"{via}\"")));
        options.extend(words.dev.as_ref().map(|dev| format!("dev: {dev:?}")));
        options.extend(route.src.map(|src| format!("src: \"{src}\"")));
        options.extend(route.metric.map(|metric| format!("metric: {metric}")));
        options.extend((route.table != route::MAIN).then(|| format!("table: {}", route.table)));
        options.extend((route.proto != Proto::Boot).then(|| format!("proto: {:?}", route.proto.word())));
        options.extend(route.scope.map(|scope| format!("scope: {:?}", scope.word())));
        options.extend((route.kind != Type::Unicast).then(|| format!("type: {:?}", route.kind.word())));
        options.extend(route.onlink.then(|| "onlink: true".to_string()));
        options.extend(route.mtu.map(|mtu| format!("mtu: {mtu}")));
        options.extend(route.advmss.map(|mss| format!("advmss: {mss}")));
        if !words.hops.is_empty() {
            let hop = |(via, dev, weight): &(Option<std::net::IpAddr>, Option<String>, u32)| {
                let mut own: Vec<String> = via.map(|via| format!("via: \"{via}\"")).into_iter().collect();
                own.extend(dev.as_ref().map(|dev| format!("dev: {dev:?}")));
                own.extend((*weight != 1).then(|| format!("weight: {weight}")));
                format!("#{{ {} }}", own.join(", "))
            };
            options.push(format!("nexthops: [{}]", words.hops.iter().map(hop).collect::<Vec<_>>().join(", ")));
        }
        let v6 = route.dst.addr().is_ipv6();
        let told = route.via.is_some() || words.hops.iter().any(|(via, ..)| via.is_some());
        options.extend((route.is_default() && v6 && !told).then(|| "v6: true".to_string()));
        let dst = match route.dst {
            _ if route.is_default() => "default".to_string(),
            dst if dst.prefix_len() == dst.max_prefix_len() => dst.addr().to_string(),
            dst => dst.to_string(),
        };
        format!("{}{verb}({dst:?}{})", self.object("route"), map(&options))
    }
}

fn map(options: &[String]) -> String {
    if options.is_empty() { String::new() } else { format!(", #{{ {} }}", options.join(", ")) }
}

fn addr_options(options: &addr::Options) -> Vec<String> {
    let mut written: Vec<String> = Vec::new();
    written.extend(options.broadcast.map(|ip| format!("broadcast: \"{ip}\"")));
    written.extend(options.peer.map(|ip| format!("peer: \"{ip}\"")));
    written.extend(options.label.as_ref().map(|label| format!("label: {label:?}")));
    written.extend(options.scope.map(|scope| format!("scope: {:?}", scope.word())));
    written.extend(options.nodad.then(|| "nodad: true".to_string()));
    written.extend(options.noprefixroute.then(|| "noprefixroute: true".to_string()));
    written
}

/// The kernel counts in hundredths of a second.
fn bridge_options(settings: &Bridge) -> Vec<String> {
    let time = |name: &str, value: Option<u32>| value.map(|hundredths| format!("{name}: \"{}ms\"", hundredths * 10));
    [
        settings.stp.map(|on| format!("stp: {on}")),
        time("forward_delay", settings.forward_delay),
        time("hello_time", settings.hello_time),
        time("max_age", settings.max_age),
        time("ageing_time", settings.ageing_time),
        settings.priority.map(|priority| format!("priority: {priority}")),
        settings.vlan_filtering.map(|on| format!("vlan_filtering: {on}")),
        settings.mcast_snooping.map(|on| format!("mcast_snooping: {on}")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iproute::read;

    #[test]
    fn sentences_become_statements() {
        let named = |name: &str| if name == "1" { "root".to_string() } else { name.to_string() };
        let form = |netns: Option<&str>, line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_string).collect();
            let sentence = read::read(&words).unwrap();
            Writer { netns: netns.map(str::to_string), v6: sentence.view.v6, named: &named }.form(&sentence.operation).unwrap()
        };
        assert_eq!(form(None, "ip link add v0 type veth peer name v1"), r#"veth::add("v0", "v1")"#);
        assert_eq!(
            form(None, "ip link add v0 type veth peer name v1 netns blue mtu 1400"),
            r#"veth::add("v0", "v1", #{ b: #{ netns: blue, mtu: 1400 } })"#
        );
        assert_eq!(form(Some("blue"), "ip link set dev lo up"), r#"blue.link("lo").up()"#);
        assert_eq!(form(None, "ip link set v1 netns blue"), r#"root.link("v1").move_to(blue)"#);
        assert_eq!(form(None, "ip link set v1 name eth0 mtu 1400 up"), r#"root.link("v1").set(#{ mtu: 1400, name: "eth0", up: true })"#);
        assert_eq!(form(None, "ip link set v1 master br0 up"), r#"root.link("v1").up().master("br0")"#);
        assert_eq!(form(Some("blue"), "ip route add default via 10.0.0.1"), r#"blue.route.add("default", #{ via: "10.0.0.1" })"#);
        assert_eq!(form(None, "ip addr add 10.0.0.1/24 dev v0"), r#"root.link("v0").addr.add("10.0.0.1/24")"#);
        assert_eq!(form(None, "ip link add br0 type bridge stp_state 1"), r#"bridge::add("br0", #{ stp: true })"#);
        assert_eq!(form(None, "ip route"), "route::list()");
        assert_eq!(form(Some("blue"), "ip -6 route show dev eth0"), r#"blue.route.list(#{ dev: "eth0", v6: true })"#);
        assert_eq!(form(None, "ip -6 route flush table 7"), "route::flush(#{ table: 7, v6: true })");
    }
}
