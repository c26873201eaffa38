//! Shapes, LANs, cables and computed routes: all reach all, names that are too long or taken, and nothing left of what failed half-way.

use super::harness::{Suite, claims};
use super::run::Lab;

pub fn trials(suite: &mut Suite) {
    claims! { suite:
        all_hosts_of_each_shape_reach_each_other;
        equally_short_ways_are_all_taken;
        a_shape_reaches_only_its_own_networks;
        a_shape_whose_name_is_taken_leaves_nothing;
        a_lan_whose_subnet_is_full_leaves_nothing;
        a_host_is_twice_in_a_lan;
        a_cable_between_long_names_has_both;
        a_cable_that_cannot_be_made_leaves_nothing;
        only_what_forwards_is_passed_through;
        a_host_and_a_router_have_their_settings;
    }
}

/// Each asks all others in both families; an address that is not there yet would show.
const ALL_REACH_ALL: &str = r#"
fn all_reach_all(nodes) {
    let addresses = nodes.map(|ns| ns.addr.list().filter(|a| a.scope == "global").map(|a| a.ip));
    for from in nodes {
        for addresses in addresses {
            for address in addresses { from.ping(address, #{ count: 1 }); }
        }
    }
}
"#;

#[track_caller]
fn passes(claims: &str) {
    Lab::script(&format!("{ALL_REACH_ALL}{claims}")).run().ok();
}

fn all_hosts_of_each_shape_reach_each_other() {
    passes(
        r#"
        for lab in [|| star(4, #{ v6: true }).hosts, || ring(5, #{ v6: true }).nodes, || chain(4, #{ v6: true }).nodes,
                    || tree(2, 3, #{ v6: true }).hosts, || leaf_spine(3, 2, #{ hosts: 2, v6: true }).hosts] {
            all_reach_all(lab.call());
            for ns in netns::list() { ns.del(); }
        }
        "#,
    );
}

fn equally_short_ways_are_all_taken() {
    passes(
        r#"
        let lab = leaf_spine(2, 3, #{ hosts: 1 });
        let away = lab.leaves[0].route.list().filter(|route| route.dst == "10.0.2.0/24");
        expect(away.len() == 1 && away[0].nexthops.len() == 3);
        for ns in netns::list() { ns.del(); }
        let lab = leaf_spine(2, 3, #{ hosts: 1, ecmp: false });
        expect(lab.leaves[0].route.list().filter(|route| route.dst == "10.0.2.0/24")[0].nexthops.is_empty());
        "#,
    );
}

fn a_shape_reaches_only_its_own_networks() {
    passes(
        r#"
        let other = router("other");
        let far = host("far");
        connect(other, far, #{ subnet: "192.0.2.0/24" });
        chain(3);
        expect(other.route.list().len() == 1 && far.route.list().len() == 1);
        "#,
    );
}

fn a_shape_whose_name_is_taken_leaves_nothing() {
    passes(
        r#"
        let taken = netns::add("h3");
        let links = link::list().len();
        expect_error(|| star(4), "exists");
        expect(netns::list().map(|ns| ns.name) == ["h3"] && link::list().len() == links);
        "#,
    );
}

fn a_lan_whose_subnet_is_full_leaves_nothing() {
    passes(
        r#"
        let hosts = ["a", "b", "c"].map(|name| host(name));
        expect_error(|| lan("sw", hosts, #{ subnet: "10.0.0.0/30" }), "not-found");
        expect(netns::list().map(|ns| ns.name) == ["a", "b", "c"]);
        for ns in hosts { expect(ns.link.list().len() == 1); }
        "#,
    );
}

fn a_host_is_twice_in_a_lan() {
    passes(
        r#"
        let a = host("a");
        let sw = lan("sw", [a, a], #{ subnet: "10.0.0.0/24" });
        expect(sw.links.map(|l| l.name) == ["v-sw", "v-sw-2"]);
        "#,
    );
}

fn a_cable_between_long_names_has_both() {
    passes(
        r#"
        let a = host("the-northern-tower");
        let b = host("the-southern-tower");
        let pair = connect(a, b);
        expect(pair.a.name.len() <= 15 && pair.a.altnames == ["v-the-southern-tower"]);
        expect(a.link.get("v-the-southern-tower").index == pair.a.index);
        a.ping(b);
        "#,
    );
}

fn a_cable_that_cannot_be_made_leaves_nothing() {
    passes(
        r#"
        let a = host("a");
        let b = host("b");
        expect_error(|| connect(a, b, #{ a: #{ addr: "10.0.0.1/24" }, b: #{ addr: ["10.0.0.2/24", "10.0.0.2/24"] } }), "exists");
        expect(a.link.list().len() == 1 && b.link.list().len() == 1);
        "#,
    );
}

fn only_what_forwards_is_passed_through() {
    passes(
        r#"
        let hosts = ["a", "m", "b"].map(|name| host(name));
        connect(hosts[0], hosts[1], #{ subnet: "10.0.1.0/24" });
        connect(hosts[1], hosts[2], #{ subnet: "10.0.2.0/24" });
        expect(lab::route_all() == 0);
        hosts[1].sysctl["net.ipv4.ip_forward"] = 1;
        expect(lab::route_all() == 2);
        hosts[0].ping(hosts[2]);
        "#,
    );
}

fn a_host_and_a_router_have_their_settings() {
    passes(
        r#"
        let h = host("h");
        let r = router("r");
        expect(h.sysctl["net.ipv4.ip_forward"] == "0" && r.sysctl["net.ipv4.ip_forward"] == "1");
        expect(r.sysctl["net.ipv6.conf.all.forwarding"] == "1" && r.sysctl["net.ipv4.conf.default.rp_filter"] == "0");
        for ns in [h, r] { expect(ns.sysctl["net.ipv6.conf.default.accept_dad"] == "0" && ns.link("lo").is_up); }
        "#,
    );
}
