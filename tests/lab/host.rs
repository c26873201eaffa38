//! The host world gives the machine back as it was. The machine is played by an outer network and mount namespace with a wire, a
//! bridge, a route and a namespace of its own.

use super::harness::{Suite, claims, is_root};
use super::run::{Lab, NOBODY, Run};

pub fn trials(suite: &mut Suite) {
    claims! { suite:
        a_script_that_succeeds_leaves_the_machine_as_it_was needs "root" "unshare" "ip" "nft" "sysctl";
        a_script_that_fails_half_way_leaves_the_machine_as_it_was needs "root" "unshare" "ip" "nft" "sysctl";
        an_interrupted_script_leaves_the_machine_as_it_was needs "root" "unshare" "ip" "nft" "sysctl";
        a_terminated_script_leaves_the_machine_as_it_was needs "root" "unshare" "ip" "nft" "sysctl";
        the_article_leaves_the_machine_as_it_was needs "root" "unshare" "ip" "nft" "sysctl";
        what_a_script_changes_is_put_back needs "root" "unshare" "ip" "nft" "sysctl";
        what_could_not_be_put_back_is_not_deleted needs "root" "unshare" "ip" "nft" "sysctl";
        a_machine_without_names_has_none_afterwards needs "root" "unshare" "ip";
        what_is_kept_is_seen_by_ip needs "root" "unshare" "ip";
        a_name_that_the_machine_has_is_refused_and_stays needs "root" "unshare" "ip" "nft" "sysctl";
        what_the_script_deleted_itself_is_no_failure needs "root" "unshare" "ip" "nft" "sysctl";
        programs_of_the_script_end needs "root" "unshare" "ip";
        the_machine_is_seen needs "root" "unshare" "ip";
        without_capabilities_the_host_is_refused;
    }
}

/// Plays the machine: what there is before, and what `snapshot` shows of it.
const MACHINE: &str = r#"
set -e
while umount -l /run/netns 2>&-; do :; done # the real machine's, which may have been used before
mount -t tmpfs tmpfs /run
mount -t sysfs sysfs /sys
sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0
ip link set lo up
ip link add h0 type veth peer name h1
ip link set h1 up
ip addr add 192.168.0.194/24 dev h0
ip link set h0 up
ip link add hbr type bridge
ip link set h1 master hbr
ip link set hbr up
ip route add 198.18.0.0/15 via 192.168.0.1
ip neigh add 192.168.0.9 lladdr 02:00:00:00:00:09 dev h0
nft add table ip machine
for link in h0 h1 hbr; do
    until test "$(cat /sys/class/net/$link/operstate)" = up && ip -6 addr show dev $link scope link | grep -q inet6; do :; done
done
while ip -6 addr | grep -q tentative; do :; done
OTHERS
snapshot() {
    # A state that settles by itself a moment later is no difference.
    { ip -j link; ip -j addr; ip -4 -j route show table all; ip -6 -j route; } | sed -e 's/},{/},\n{/g' -e 's/"operstate":"[A-Z]*",//g'
    # Two links of one hardware address have one address, and which of them is told first tells which was up first.
    ip -6 -j route show table all | sed -e 's/^\[//; s/\]$//; s/},{/}\n{/g' | sort
    ip -j rule; ip -6 -j rule
    ip -j neigh show nud permanent
    ls /run/netns 2>&1
    ip -n other -j addr 2>&1; ip -n other -j route show table all 2>&1
    find /run 2>&1 | sort
    nft list ruleset
    sysctl -a -r '^net\.ipv[46]\.(ip_forward|conf)' 2>/dev/null | grep -v stable_secret
    mount | grep -c -e netns -e nsfs
    return 0
}
# Waits until the machine is as it was: states of links and of addresses settle in their own time.
same() {
    tries=0
    until snapshot > after; cmp -s before after; do
        tries=$((tries + 1))
        if test $tries = 50; then diff before after >&2; return 1; fi
        sleep 0.1
    done
}
set +e
"#;

pub fn machine(others: &str, then: &str) -> String {
    MACHINE.replace("OTHERS", others) + then
}

/// Runs labsh between two snapshots and claims that they are the same.
#[track_caller]
fn same_before_and_after(script: &str, act: &str, status: i32) -> Run {
    let then = format!("snapshot > before; {act}; status=$?; same || exit 99; test -s before || exit 98; exit $status");
    let outer = machine("ip netns add other; ip -n other link set lo up", &then);
    let run = Lab::script(script).option("--host").inside(&["unshare", "-nm", "sh", "-c", &outer, "sh"]).run();
    assert_ne!(run.status, 99, "the machine is another than before\n{run}");
    run.status_is(status)
}

/// Touches all that a script may touch: own objects and those of the machine.
const WORK: &str = r#"
let blue = netns::add("blue_ns");
let pair = veth::add("veth_root_ns", "veth_blue_ns");
pair.b.move_to(blue);
pair.a.addr.add("10.0.0.1/24");
pair.a.up();
pair.b.addr.add("10.0.0.2/24");
pair.b.up();
pair.a.wait_up();
pair.b.wait_up();
blue.route.add("default", #{ via: "10.0.0.1" });
expect(blue.ping("192.168.0.194", #{ timeout: "5s" }).ttl == 64);
let br = bridge::add("br0", #{ up: true });
br.addr.add("10.1.0.1/24");
br.attach(veth::add("w0", "w1", #{ a: #{ up: true }, b: #{ netns: blue, up: true } }).a);
veth::add("x0", "x1", #{ a: #{ addr: "10.7.0.1/24", up: true }, b: #{ up: true } });
link::get("h0").addr.add("192.168.7.1/24");
route::add("203.0.113.0/24", #{ via: "192.168.0.1" });
route::add("192.0.2.0/24", #{ type: "blackhole" });
sysctl::set("net.ipv4.ip_forward", 1);
sysctl::set("net.ipv4.conf.h0.rp_filter", 2);
sysctl::set("net.ipv4.conf.h0.rp_filter", 1);
link::get("hbr").attach("x0");
let other = netns::get("other");
other.link("lo").addr.add("10.99.0.1/32");
other.sysctl["net.ipv4.ip_forward"] = 1;
veth::add("y0", "y1", #{ b: #{ netns: other, up: true } });
blue.http_server(8080, "hi");
blue.start("sleep 600");
"#;

fn a_script_that_succeeds_leaves_the_machine_as_it_was() {
    same_before_and_after(WORK, "\"$@\"", 0);
}

fn a_script_that_fails_half_way_leaves_the_machine_as_it_was() {
    same_before_and_after(&format!("{WORK}\nthrow \"half-way\";"), "\"$@\"", 1).stderr_has("half-way");
}

fn an_interrupted_script_leaves_the_machine_as_it_was() {
    let act = r#"mkfifo told; "$@" > told & labsh=$!; { read line; kill -INT $labsh; wait $labsh; status=$?; } < told; (exit $status)"#;
    same_before_and_after(&format!("{WORK}\nprint(\"ready\");\nloop {{}}"), act, 130);
}

fn a_terminated_script_leaves_the_machine_as_it_was() {
    let act = r#"mkfifo told; "$@" > told & labsh=$!; { read line; kill -TERM $labsh; wait $labsh; status=$?; } < told; (exit $status)"#;
    same_before_and_after(&format!("{WORK}\nprint(\"ready\");\nexec(\"sleep 600\");"), act, 130);
}

fn the_article_leaves_the_machine_as_it_was() {
    same_before_and_after("", "\"$1\" --host run article", 0);
}

/// More of a machine: several addresses of one link, routes that rest on them, rules, settings that are not the usual ones.
pub const RICH: &str = r#"
ip netns add other; ip -n other link set lo up; ip -n other addr add 10.55.0.1/24 dev lo
ip link add p0 type veth peer name p1
ip link set p1 up
ip link set p0 up
ip addr add 192.168.0.193/24 dev h0
ip addr add 192.168.0.195/24 dev h0
ip addr add fd00::1/64 dev h0
ip addr add fd00::2/64 dev h0
ip addr add fd00::7/64 dev p0
ip route add 198.19.0.0/16 via 192.168.0.1 src 192.168.0.193 metric 5
ip route add 203.0.113.0/24 via 192.168.0.1 src 192.168.0.193 mtu 1300 table 100
ip route add 203.0.113.0/24 dev p0
ip route add default via 192.168.0.1
ip -6 route add 2001:db8::/32 via fd00::9
ip neigh add 192.168.0.10 lladdr 02:00:00:00:00:0a dev h0
ip rule add from 10.9.0.0/16 table 100 priority 100
ip -6 rule add from fd00:9::/64 table 100 priority 100
sysctl -qw net.ipv4.conf.h0.forwarding=1 net.ipv4.conf.all.accept_redirects=0
for link in p0 p1; do
    until test "$(cat /sys/class/net/$link/operstate)" = up && ip -6 addr show dev $link scope link | grep -q inet6; do :; done
done
while ip -6 addr | grep -q tentative; do :; done
"#;

/// Changes and takes away of the [`RICH`] machine what a script can.
pub const CHANGES: &str = r#"
let blue = netns::add("blue_ns");
let h0 = link::get("h0");
let hbr = link::get("hbr");
route::replace("198.18.0.0/15", #{ dev: "h0" });
route::add("198.51.100.0/24", #{ via: "192.168.0.1" });
route::del("198.51.100.0/24");
route::del("198.19.0.0/16");
neigh::replace("192.168.0.9", #{ dev: "h0", lladdr: "02:00:00:00:00:01" });
neigh::del("192.168.0.10", #{ dev: "h0" });
h0.addr.del("192.168.0.194/24");
h0.addr.add("192.168.0.200/24");
rule::del(#{ from: "10.9.0.0/16", table: 100, priority: 100 });
rule::flush();
rule::add(#{ priority: 50, table: 7 });
sysctl::set("net.ipv6.conf.all.disable_ipv6", 1);
h0.set(#{ mtu: 1400, mac: "02:00:00:00:00:44", alias: "mine" });
h0.rename("h9");
h0.down();
link::get("h1").nomaster();
sysctl::set("net.ipv4.ip_forward", 1);
sysctl::set("net.ipv4.conf.all.rp_filter", 2);
let other = netns::get("other");
other.link("lo").down();
let br = bridge::add("br0", #{up: true});
br.attach("p0");
link::get("p0").move_to(blue);
"#;

fn what_a_script_changes_is_put_back() {
    for end in ["", "throw \"half-way\";"] {
        let then = "snapshot > before; \"$@\"; status=$?; same || exit 99; exit $status";
        let outer = machine(RICH, then);
        let script = format!("{CHANGES}{end}");
        let run = Lab::script(&script).option("--host").inside(&["unshare", "-nm", "sh", "-c", &outer, "sh"]).run();
        assert_ne!(run.status, 99, "the machine is another than before\n{run}");
        run.status_is(i32::from(!end.is_empty()));
    }
}

fn what_could_not_be_put_back_is_not_deleted() {
    for (script, what) in [
        ("link::get(\"hbr\").del();", "link `hbr` in netns `root`"),
        ("netns::get(\"other\").del();", "netns `other`"),
        ("let blue = netns::add(\"blue\"); link::get(\"h0\").move_to(blue).del();", "link `h0` in netns `blue`"),
    ] {
        same_before_and_after(script, "\"$@\"", 1).stderr_has(&format!("error: cannot delete {what}\n")).stderr_has(
            "
  = it was there before, and could not be put back
  = try: `--keep` leaves the machine as the script leaves it, and lets it delete what it did not make
",
        );
    }
    let outer = machine("ip netns add other", "\"$@\" && ip link show hbr 2> /dev/null && exit 91; ls /run/netns");
    let script = "link::get(\"hbr\").del(); netns::get(\"other\").del();";
    Lab::script(script).option("--host").option("--keep").inside(&["unshare", "-nm", "sh", "-c", &outer, "sh"]).run().ok().stdout_is("");
}

fn a_machine_without_names_has_none_afterwards() {
    let outer = machine(
        "",
        "\"$@\" || exit 1; if test -e /run/netns; then ls -la /run/netns; exit 97; fi; if mount | grep -e /run/netns -e nsfs; then exit 96; fi",
    );
    Lab::script("netns::add(\"blue\"); expect(exec(\"ls /run/netns\").stdout == \"blue\\n\");")
        .option("--host")
        .inside(&["unshare", "-nm", "sh", "-c", &outer, "sh"])
        .run()
        .ok();
}

fn what_is_kept_is_seen_by_ip() {
    let outer = machine(
        "",
        r#""$@" || exit 1
ip netns list | grep -q '^blue_ns' || exit 91
ip netns exec blue_ns ip -j addr show dev veth_blue_ns > kept || exit 92
grep -q '"local":"10.0.0.2","prefixlen":24' kept || { cat kept; exit 93; }
ip -j addr show dev veth_root_ns | grep -q '"local":"10.0.0.1"' || exit 94
ip netns exec blue_ns ping -c 1 -W 5 10.0.0.1 || exit 95
"#,
    );
    let script = r#"
let blue = netns::add("blue_ns");
veth::add("veth_root_ns", "veth_blue_ns", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ netns: blue, addr: "10.0.0.2/24", up: true } });
"#;
    Lab::script(script).option("--host").option("--keep").inside(&["unshare", "-nm", "sh", "-c", &outer, "sh"]).run().ok();
}

fn a_name_that_the_machine_has_is_refused_and_stays() {
    for script in [
        "netns::add(\"other\");",
        "bridge::add(\"hbr\");",
        "veth::add(\"v0\", \"h0\");",
        "link::get(\"h0\").addr.add(\"192.168.0.194/24\");",
        "route::add(\"198.18.0.0/15\", #{ via: \"192.168.0.1\" });",
        "neigh::add(\"192.168.0.9\", #{ dev: \"h0\", lladdr: \"02:00:00:00:00:01\" });",
    ] {
        same_before_and_after(script, "\"$@\"", 1).stderr_has("error: cannot add ");
    }
}

fn what_the_script_deleted_itself_is_no_failure() {
    let script = r#"
let blue = netns::add("blue");
let pair = veth::add("v0", "v1", #{ b: #{ netns: blue } });
pair.a.addr.add("10.0.0.1/24");
pair.a.up();
route::add("203.0.113.0/24", #{ dev: "v0" }).del("203.0.113.0/24");
link::get("h0").addr.add("192.168.7.1/24").del("192.168.7.1/24");
veth::add("w0", "w1").a.del();
bridge::add("br0").rename("br1");
blue.del();
netns::add("blue");
"#;
    same_before_and_after(script, "\"$@\"", 0);
}

fn programs_of_the_script_end() {
    let outer = machine("", "\"$@\" || exit 1; if pgrep -x sleep; then exit 95; fi");
    let script = r#"start("sleep 611"); netns::add("blue").start(["sh", "-c", "sleep 611 & sleep 611"]); wait_until("10s", || exec("pgrep -x sleep").lines.len() == 3);"#;
    Lab::script(script).option("--host").inside(&["unshare", "-nmpf", "--mount-proc", "sh", "-c", &outer, "sh"]).run().ok();
}

fn the_machine_is_seen() {
    let outer = machine("ip netns add other", "\"$@\"");
    let script = r#"
expect(world().kind == "host");
expect(link::list().map(|l| l.name) == ["lo", "h1", "h0", "hbr"]);
expect(netns::list().map(|ns| ns.name) == ["other"]);
expect("192.168.0.194/24" in link::get("h0").addrs);
expect(exec("id -u").stdout == "0\n");
"#;
    Lab::script(script).option("--host").inside(&["unshare", "-nm", "sh", "-c", &outer, "sh"]).run().ok();
}

fn without_capabilities_the_host_is_refused() {
    let lab = Lab::script("netns::add(\"blue\");").option("--host");
    let lab = if is_root() { lab.user(NOBODY) } else { lab };
    lab.run().status_is(3).stdout_is("").stderr_is(
        "error: cannot use the host world
  = this process lacks CAP_SYS_ADMIN and CAP_NET_ADMIN
  = try: run it with sudo, or without --host in a private sandbox, which needs no root
",
    );
}
