//! `port.vlan.…`: the VLANs of a bridge's ports (`bridge vlan`), and `br.mdb`.

use super::super::catalogue::{Options, key};
use super::super::options::Opts;
use super::super::reading;
use super::super::registry::{Registry, printable, properties, returned, script_types, words};
use crate::error::{Error, Kind, Result};
use crate::iproute::sentence;
use crate::kernel::vlan::{Range, Vlan};
use crate::lab::Link;
use rhai::{Dynamic, Map};

/// The VLANs of one port.
#[derive(Clone)]
pub(crate) struct Vlans(pub(crate) Link);
script_types! { Vlans = "Vlans", Vlan = "Vlan" }
returned!(Vlans, Vlan);

const ADD: Options = Options {
    keys: &[
        key("pvid", "bool", "packets that come without a tag belong to it"),
        key("untagged", "bool", "its packets go out without a tag"),
        key("self", "bool", "of the bridge itself; taken for a bridge"),
    ],
};

/// Reads `10`, `"10"`, or `"10-20"`.
fn range(link: &Link, vid: &Dynamic, opts: &Opts) -> Result<Range> {
    let text = vid.to_string();
    let wrong = |cause: String| Error::new(Kind::BadArgument, "use VLAN", format!("`{text}`"), cause).in_netns(link.netns().name());
    if !vid.is_int() && !vid.is_string() {
        return Err(wrong(format!("it is a number or a range as in \"10-20\", not {}", reading::type_word(vid))));
    }
    let (first, last) = text.split_once('-').unwrap_or((&text, &text));
    let id = |text: &str| text.trim().parse::<u16>().ok().filter(|id| (1..=4094).contains(id));
    let (Some(first), Some(last)) = (id(first), id(last)) else {
        return Err(wrong("a VLAN id is a number from 1 to 4094".to_string()));
    };
    let pvid = opts.bool("pvid")?.unwrap_or(false);
    if first > last {
        return Err(wrong("the range ends before it begins".to_string()));
    }
    if pvid && first != last {
        return Err(wrong("only one VLAN can be that of packets without a tag".to_string()));
    }
    let own = match opts.bool("self")? {
        Some(own) => own,
        None => link.state()?.kind.as_deref() == Some("bridge"),
    };
    Ok(Range { first, last, pvid, untagged: opts.bool("untagged")?.unwrap_or(false), own })
}

pub(super) fn register(registry: &mut Registry) {
    printable::<Vlan>(registry, |vlan| {
        let word = |on: bool, word: &'static str| if on { word } else { "" };
        format!("{}{}{}", vlan.vid, word(vlan.pvid, " PVID"), word(vlan.untagged, " Egress Untagged"))
    });
    words!(registry, Vlans, [method];
        /// Puts the port into a VLAN, or into a range of them, as `bridge vlan add`. The bridge filters with `vlan_filtering: true`.
        ///
        /// Errors: `bad-argument`; `unsupported` when this kernel's bridges cannot filter, or the link is no port.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let port = veth::add("v0", "v1").a.master(br);
        /// try {
        ///     br.set(#{ vlan_filtering: true });
        ///     port.vlan.add(10, #{ pvid: true, untagged: true }).add("20-22").del(1);
        ///     expect(port.vlan.list().map(|v| v.vid) == [10, 20, 21, 22]);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn add(vlans, call, vid: Dynamic as "int|string"; opts: ADD) -> Vlans {
            let range = range(&vlans.0, &vid, &opts)?;
            call.step(|| sentence::vlan_change(&vlans.0, "add", range));
            vlans.0.change_vlans(range, true)?;
            Ok(vlans.clone())
        }

        /// Takes the port out of a VLAN, or of a range of them.
        ///
        /// Errors: as for `add`.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let port = veth::add("v0", "v1").a.master(br);
        /// try {
        ///     br.set(#{ vlan_filtering: true });
        ///     port.vlan.add("5-9").del("6-8");
        ///     expect(port.vlan.list().map(|v| v.vid) == [1, 5, 9]);
        /// } catch (e) {
        ///     expect(e.kind == "unsupported");
        /// }
        /// ```
        fn del(vlans, call, vid: Dynamic as "int|string"; opts: ADD) -> Vlans {
            let range = range(&vlans.0, &vid, &opts)?;
            call.step(|| sentence::vlan_change(&vlans.0, "del", range));
            vlans.0.change_vlans(range, false)?;
            Ok(vlans.clone())
        }

        /// Lists the VLANs of the port, as `bridge vlan show dev NAME`.
        ///
        /// ```rhai
        /// let br = bridge::add("br0");
        /// let port = veth::add("v0", "v1").a.master(br);
        /// expect(port.vlan.list().all(|v| v.vid == 1 && v.pvid && v.untagged));
        /// ```
        fn list(vlans, call) -> Vec<Vlan> { vlans.0.vlans() }
    );
    properties!(registry, Vlan;
        /// Its id.
        ///
        /// ```rhai
        /// let port = veth::add("v0", "v1").a.master(bridge::add("br0"));
        /// expect(port.vlan.list().all(|v| v.vid == 1));
        /// ```
        fn vid(vlan, call) -> i64 { Ok(i64::from(vlan.vid)) }

        /// Whether packets that come without a tag belong to it.
        ///
        /// ```rhai
        /// let port = veth::add("v0", "v1").a.master(bridge::add("br0"));
        /// expect(port.vlan.list().all(|v| v.pvid));
        /// ```
        fn pvid(vlan, call) -> bool { Ok(vlan.pvid) }

        /// Whether its packets go out without a tag.
        ///
        /// ```rhai
        /// let port = veth::add("v0", "v1").a.master(bridge::add("br0"));
        /// expect(port.vlan.list().all(|v| v.untagged));
        /// ```
        fn untagged(vlan, call) -> bool { Ok(vlan.untagged) }
    );
    properties!(registry, Link;
        /// The VLANs of a bridge's port, or of the bridge itself: `port.vlan.add(10)`.
        ///
        /// ```rhai
        /// expect(root.link("lo").vlan.list().is_empty());
        /// ```
        fn vlan(link, call) -> Vlans { Ok(Vlans(link.clone())) }

        /// The multicast groups that a bridge knows, as `bridge mdb`: maps with `group`, `dev`, `permanent` and `vlan`.
        ///
        /// ```rhai
        /// expect(bridge::add("br0").mdb.is_empty());
        /// ```
        fn mdb(link, call) -> Vec<Map> {
            let map = |(group, dev): (crate::kernel::vlan::Group, String)| Map::from([
                ("group".into(), group.group.map(|ip| ip.to_string()).unwrap_or_default().into()),
                ("dev".into(), dev.into()),
                ("permanent".into(), group.permanent.into()),
                ("vlan".into(), i64::from(group.vlan).into()),
            ]);
            Ok(link.groups()?.into_iter().map(map).collect())
        }
    );
}
