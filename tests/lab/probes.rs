//! What probes say of the network, beside what ping(8), curl and tcpdump see.

use super::harness::{Suite, claims};
use super::run::Lab;

pub fn trials(suite: &mut Suite) {
    claims! { suite:
        a_router_takes_one_from_the_ttl;
        the_router_at_which_the_ttl_ran_out_says_so;
        a_packet_that_may_not_be_fragmented_tells_the_mtu_of_the_router;
        a_packet_larger_than_the_own_mtu_is_refused_at_once;
        a_packet_that_may_be_fragmented_passes;
        a_lost_ping_ends_with_its_deadline;
        a_neighbour_that_is_not_there_is_unreachable;
        a_missing_route_is_told_by_the_router;
        ipv6_is_pinged;
        an_ipv6_packet_too_big_tells_the_mtu;
        from_sets_the_source_address needs "root" "tcpdump";
        a_source_address_that_one_does_not_have_is_told;
        a_namespace_is_pinged_by_its_handle;
        each_request_is_counted needs "root" "tcpdump";
        ping_agrees_with_labsh needs "ping";
        nothing_but_nft_stops_a_ping needs "nft";
        connections_fail_with_the_errno_of_connect;
        a_connection_tells_both_ends;
        a_connection_that_is_dropped_ends_with_its_deadline needs "nft";
        curl_gets_what_labsh_serves needs "curl";
        labsh_gets_what_python_serves needs "python3";
        a_folder_is_served_and_nothing_above_it needs "curl";
        two_namespaces_serve_the_same_port;
        http_failures_keep_their_errno;
        the_access_log_tells_who_asked needs "curl";
        curl_over_ipv6 needs "curl";
    }
}

/// client 10.0.1.2 - 10.0.1.1 router 10.0.2.1 - 10.0.2.2 server, forwarding, the wire behind the router with an MTU of 1400.
const ROUTER: &str = r#"
let client = netns::add("client");
let router = netns::add("router");
let server = netns::add("server");
for ns in [client, router, server] { ns.sysctl["net.ipv6.conf.default.accept_dad"] = 0; }
let left = client.veth.add("eth0", "left", #{ a: #{ addr: ["10.0.1.2/24", "2001:db8:1::2/64"], up: true }, b: #{ netns: router, addr: ["10.0.1.1/24", "2001:db8:1::1/64"], up: true } });
let right = router.veth.add("right", "eth0", #{ a: #{ mtu: 1400, addr: ["10.0.2.1/24", "2001:db8:2::1/64"], up: true }, b: #{ netns: server, mtu: 1400, addr: ["10.0.2.2/24", "2001:db8:2::2/64"], up: true } });
for l in [left.a, left.b, right.a, right.b] { l.wait_up(); }
router.sysctl["net.ipv4.ip_forward"] = 1;
router.sysctl["net.ipv6.conf.all.forwarding"] = 1;
client.route.add("default", #{ via: "10.0.1.1" });
server.route.add("default", #{ via: "10.0.2.1" });
client.route.add("default", #{ via: "2001:db8:1::1" });
server.route.add("default", #{ via: "2001:db8:2::1" });
for ns in [client, router, server] { eventually("5s", || !ns.addr.list().some(|a| "tentative" in a.flags)); }
"#;

/// Two namespaces on one wire.
const WIRE: &str = r#"
let blue = netns::add("blue");
let red = netns::add("red");
let pair = blue.veth.add("eth0", "eth0", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ netns: red, addr: "10.0.0.2/24", up: true } });
blue.link("lo").up();
red.link("lo").up();
pair.a.wait_up();
pair.b.wait_up();
"#;

#[track_caller]
fn passes(scene: &str, claims: &str) {
    Lab::script(&format!("{scene}{claims}")).run().ok();
}

fn a_router_takes_one_from_the_ttl() {
    passes(
        ROUTER,
        r#"
expect(client.ping("10.0.1.1").ttl == 64);
expect(client.ping("10.0.2.1").ttl == 64);
let far = client.ping("10.0.2.2");
expect(far.ttl == 63);
expect(far.from == "10.0.2.2");
expect(far.loss == 0.0);
"#,
    );
}

fn the_router_at_which_the_ttl_ran_out_says_so() {
    passes(
        ROUTER,
        r#"
let hop = client.try_ping("10.0.2.2", #{ ttl: 1 });
expect(!hop.ok);
expect(hop.from == "10.0.1.1");
expect(hop.error == "EHOSTUNREACH");
expect(client.ping("10.0.2.2", #{ ttl: 2 }).ok);
expect_error(|| client.ping("10.0.2.2", #{ ttl: 1 }), "EHOSTUNREACH");
print(hop);
"#,
    );
    Lab::script(&format!("{ROUTER}\nclient.ping(\"10.0.2.2\", #{{ ttl: 1 }});"))
        .run()
        .status_is(1)
        .stderr_has("error: cannot ping `10.0.2.2` in netns `client`\n")
        .stderr_has("  = 10.0.1.1 says: Time to live exceeded\n");
}

fn a_packet_that_may_not_be_fragmented_tells_the_mtu_of_the_router() {
    passes(
        ROUTER,
        r#"
let big = client.try_ping("10.0.2.2", #{ size: 1472, df: true });
expect(!big.ok);
expect(big.error == "EMSGSIZE");
expect(big.from == "10.0.1.1");
expect(big.to_string().contains("Frag needed and DF set (mtu = 1400)"));
expect(client.ping("10.0.2.2", #{ size: 1372, df: true }).ok);
// Now the client has learned it, and refuses by itself.
expect(client.try_ping("10.0.2.2", #{ size: 1373, df: true }).error == "EMSGSIZE");
"#,
    );
}

fn a_packet_larger_than_the_own_mtu_is_refused_at_once() {
    passes(
        ROUTER,
        r#"
let big = client.try_ping("10.0.1.1", #{ size: 1473, df: true });
expect(big.error == "EMSGSIZE");
expect(client.ping("10.0.1.1", #{ size: 1472, df: true }).ok);
"#,
    );
}

fn a_packet_that_may_be_fragmented_passes() {
    passes(ROUTER, r#"expect(client.ping("10.0.2.2", #{ size: 4000 }).ok);"#);
}

fn a_lost_ping_ends_with_its_deadline() {
    let run = Lab::script(&format!(
        "{WIRE}pair.b.neigh.add(\"10.0.0.1\", #{{ lladdr: \"02:00:00:00:00:99\" }});\nblue.ping(\"10.0.0.2\", #{{ timeout: \"200ms\" }});"
    ))
    .run()
    .status_is(1)
    .stderr_has("error: cannot ping `10.0.0.2` in netns `blue`\n")
    .stderr_has("  = no reply within 200 ms\n");
    assert!(run.time.as_secs() < 10, "{run}");
    passes(
        WIRE,
        r#"
pair.b.neigh.add("10.0.0.1", #{ lladdr: "02:00:00:00:00:99" });
let lost = blue.try_ping("10.0.0.2", #{ count: 3, interval: "10ms", timeout: "100ms" });
expect(!lost.ok && lost.sent == 3 && lost.received == 0 && lost.loss == 100.0);
expect(lost.error == () && lost.ttl == () && lost.from == ());
"#,
    );
}

fn a_neighbour_that_is_not_there_is_unreachable() {
    passes(
        WIRE,
        r#"
blue.sysctl["net.ipv4.neigh.eth0.retrans_time_ms"] = 20;
let missing = blue.try_ping("10.0.0.77", #{ timeout: "5s" });
expect(missing.error == "EHOSTUNREACH");
expect(missing.from == "10.0.0.1");
expect(blue.neigh.list().some(|n| n.ip == "10.0.0.77" && n.state == "FAILED"));
"#,
    );
}

fn a_missing_route_is_told_by_the_router() {
    passes(
        ROUTER,
        r#"
let nowhere = client.try_ping("192.0.2.1");
expect(nowhere.error == "ENETUNREACH");
expect(nowhere.from == "10.0.1.1");
router.route.add("192.0.2.0/24", #{ type: "prohibit" });
let forbidden = client.try_ping("192.0.2.1");
expect(forbidden.error == "EHOSTUNREACH" || forbidden.error == "EACCES");
expect(forbidden.to_string().contains("Packet filtered"));
"#,
    );
}

fn ipv6_is_pinged() {
    passes(
        ROUTER,
        r#"
expect(client.ping("2001:db8:1::1").ttl == 64);
expect(client.ping("2001:db8:2::2").ttl == 63);
let hop = client.try_ping("2001:db8:2::2", #{ ttl: 1 });
expect(hop.from == "2001:db8:1::1");
expect(hop.to_string().contains("Time to live exceeded"));
client.link("lo").up();
expect(client.ping("::1").from == "::1");
"#,
    );
}

fn an_ipv6_packet_too_big_tells_the_mtu() {
    passes(
        ROUTER,
        r#"
let big = client.try_ping("2001:db8:2::2", #{ size: 1452, df: true });
expect(big.error == "EMSGSIZE");
expect(big.to_string().contains("mtu = 1400"));
"#,
    );
}

fn from_sets_the_source_address() {
    passes(
        WIRE,
        r#"
pair.a.addr.add("10.0.0.7/24");
let capture = red.start("tcpdump -Z root -nli eth0 -c 1 icmp");
capture.wait_output("listening on");
blue.ping("10.0.0.2", #{ from: "10.0.0.7" });
capture.wait_output("IP 10\\.0\\.0\\.7 > 10\\.0\\.0\\.2: ICMP echo request");
"#,
    );
}

fn a_source_address_that_one_does_not_have_is_told() {
    passes(WIRE, r#"expect_error(|| blue.ping("10.0.0.2", #{ from: "10.0.0.99" }), "EADDRNOTAVAIL");"#);
}

fn a_namespace_is_pinged_by_its_handle() {
    passes(WIRE, r#"expect(blue.ping(red).from == "10.0.0.2"); expect(red.ping(blue).from == "10.0.0.1");"#);
}

fn each_request_is_counted() {
    passes(
        WIRE,
        r#"
let capture = red.start("tcpdump -Z root -nli eth0 icmp");
capture.wait_output("listening on");
let result = blue.ping("10.0.0.2", #{ count: 5, interval: "5ms", size: 100 });
expect(result.sent == 5 && result.received == 5);
expect(result.rtt.min <= result.rtt.avg && result.rtt.avg <= result.rtt.max);
for seq in 0..5 {
    capture.wait_output(`echo request, id [0-9]+, seq ${seq}, length 108`);
    capture.wait_output(`echo reply, id [0-9]+, seq ${seq}, length 108`);
}
"#,
    );
}

fn ping_agrees_with_labsh() {
    passes(
        ROUTER,
        r#"
for target in ["10.0.1.1", "10.0.2.2", "2001:db8:2::2"] {
    let theirs = client.exec(`ping -c 1 -W 5 ${target}`).stdout;
    expect(theirs.contains(`ttl=${client.ping(target).ttl} `), target);
}
let theirs = client.try_exec("ping -c 1 -W 5 -t 1 10.0.2.2");
expect(theirs.status == 1 && theirs.stdout.contains("From 10.0.1.1") && theirs.stdout.contains("Time to live exceeded"));
let alone = netns::add("alone");
let theirs = alone.try_exec("ping -c 1 -W 5 192.0.2.1");
expect(theirs.status == 2 && theirs.stderr.contains("Network is unreachable"));
expect(alone.try_ping("192.0.2.1").error == "ENETUNREACH");
"#,
    );
}

fn nothing_but_nft_stops_a_ping() {
    passes(
        WIRE,
        r#"
blue.ping(red);
red.exec("nft add table ip t");
red.exec(["nft", "add chain ip t in { type filter hook input priority 0; policy accept; }"]);
red.exec("nft add rule ip t in icmp type echo-request drop");
let lost = blue.try_ping(red, #{ timeout: "100ms" });
expect(!lost.ok && lost.error == ());
red.exec("nft flush chain ip t in");
red.exec("nft add rule ip t in icmp type echo-request reject with icmp type admin-prohibited");
expect(blue.try_ping(red).to_string().contains("Packet filtered"));
red.exec("nft delete table ip t");
blue.ping(red);
"#,
    );
}

fn connections_fail_with_the_errno_of_connect() {
    passes(
        WIRE,
        r#"
expect_error(|| blue.tcp_connect(red, 81), "ECONNREFUSED");
expect_error(|| blue.tcp_connect("10.0.0.2", 81), "refused");
expect_error(|| blue.tcp_connect("192.0.2.1", 80), "ENETUNREACH");
blue.sysctl["net.ipv4.neigh.eth0.retrans_time_ms"] = 20;
expect_error(|| blue.tcp_connect("10.0.0.77", 80), "EHOSTUNREACH");
blue.route.add("198.51.100.0/24", #{ type: "unreachable" }).add("203.0.113.0/24", #{ type: "prohibit" });
expect_error(|| blue.tcp_connect("198.51.100.1", 80), "EHOSTUNREACH");
expect_error(|| blue.tcp_connect("203.0.113.1", 80), "EACCES");
"#,
    );
    Lab::script(&format!("{WIRE}blue.tcp_connect(\"10.0.0.2\", 81);"))
        .run()
        .status_is(1)
        .stderr_has("error: cannot connect to `10.0.0.2:81` in netns `blue`\n")
        .stderr_has("ECONNREFUSED");
}

fn a_connection_tells_both_ends() {
    passes(
        WIRE,
        r#"
red.http_server(8080, "hi");
let way = blue.tcp_connect(red, 8080);
expect(way.local == "10.0.0.1" && way.peer == "10.0.0.2" && way.time < 1000.0);
pair.a.addr.add("10.0.0.7/24");
expect(blue.tcp_connect(red, 8080, #{ from: "10.0.0.7" }).local == "10.0.0.7");
"#,
    );
}

fn a_connection_that_is_dropped_ends_with_its_deadline() {
    passes(
        WIRE,
        r#"
red.exec("nft add table ip t");
red.exec(["nft", "add chain ip t in { type filter hook input priority 0; policy accept; }"]);
red.exec("nft add rule ip t in tcp dport 80 drop");
red.exec("nft add rule ip t in tcp dport 81 reject with icmp type admin-prohibited");
red.exec("nft add rule ip t in tcp dport 82 reject with tcp reset");
expect_error(|| blue.tcp_connect(red, 80, #{ timeout: "200ms" }), "timeout");
expect_error(|| blue.tcp_connect(red, 81), "EHOSTUNREACH");
expect_error(|| blue.tcp_connect(red, 82), "ECONNREFUSED");
expect_error(|| blue.http_get("http://10.0.0.2:80", #{ timeout: "200ms" }), "timeout");
"#,
    );
}

fn curl_gets_what_labsh_serves() {
    passes(
        WIRE,
        r#"
let server = red.http_server(8080, "hello from red\n");
let theirs = blue.exec("curl -sS -i --max-time 10 http://10.0.0.2:8080/any/path?x=1");
expect(theirs.stdout.contains("HTTP/1.1 200 OK"));
expect(theirs.stdout.ends_with("hello from red\n"));
expect(blue.exec("curl -sS --max-time 10 -I http://10.0.0.2:8080/").stdout.contains("200 OK"));
red.http_server(8081, "busy", #{ status: 503 });
expect(blue.exec(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "http://10.0.0.2:8081/"]).stdout == "503");
server.stop();
let refused = blue.try_exec("curl -sS --max-time 10 http://10.0.0.2:8080/");
expect(refused.status == 7);
"#,
    );
}

fn labsh_gets_what_python_serves() {
    passes(
        WIRE,
        r#"
let dir = temp_dir();
shell(`echo 'page of red' > ${dir}/page.html; head -c 300000 /dev/zero | tr '\\0' x > ${dir}/big`);
let web = red.start("python3 -u -m http.server 8080", #{ cwd: dir });
web.wait_port(8080, "30s");
let page = blue.http_get("http://10.0.0.2:8080/page.html");
expect(page.status == 200 && page.body == "page of red\n" && page.from == "10.0.0.2");
expect(page.headers["content-type"] == "text/html");
expect(blue.http_get("http://10.0.0.2:8080/big").body.len() == 300000);
expect(blue.http_get("http://10.0.0.2:8080/missing").status == 404);
web.wait_output("10.0.0.1 .*GET /page.html");
"#,
    );
}

fn a_folder_is_served_and_nothing_above_it() {
    passes(
        WIRE,
        r#"
let dir = temp_dir();
shell(`mkdir ${dir}/www; echo secret > ${dir}/secret; echo hello > ${dir}/www/page; echo index > ${dir}/www/index.html; ln -s ../secret ${dir}/www/link`);
red.http_server(8080, #{ folder: dir + "/www" });
expect(blue.exec("curl -sS http://10.0.0.2:8080/page").stdout == "hello\n");
expect(blue.exec("curl -sS http://10.0.0.2:8080/").stdout == "index\n");
for path in ["../secret", "%2e%2e/secret", "..%2fsecret", "/etc/passwd", "nothing"] {
    let got = blue.exec(["curl", "-sS", "--path-as-is", "-w", "%{http_code}", "http://10.0.0.2:8080/" + path]).stdout;
    expect(!got.contains("secret\n") && !got.contains("root:"), path);
    expect(got.ends_with("404") || got.ends_with("403") || got.ends_with("400"), path);
}
"#,
    );
}

fn two_namespaces_serve_the_same_port() {
    passes(
        WIRE,
        r#"
blue.http_server(8080, "blue");
red.http_server(8080, "red");
expect(blue.http_get("http://localhost:8080").body == "blue");
expect(red.http_get("http://localhost:8080").body == "red");
expect(blue.http_get("http://10.0.0.2:8080").body == "red");
expect_error(|| blue.http_server(8080, "again"), "EADDRINUSE");
"#,
    );
}

fn http_failures_keep_their_errno() {
    passes(
        WIRE,
        r#"
expect_error(|| blue.http_get("http://10.0.0.2:8080"), "ECONNREFUSED");
expect_error(|| blue.http_get("http://192.0.2.1:8080"), "ENETUNREACH");
expect_error(|| blue.http_get("https://10.0.0.2"), "bad-argument");
expect_error(|| blue.http_get("no url"), "bad-argument");
"#,
    );
}

fn the_access_log_tells_who_asked() {
    passes(
        WIRE,
        r#"
let server = red.http_server(8080, "hi");
blue.exec("curl -sS http://10.0.0.2:8080/one");
red.http_get("http://localhost:8080/two");
blue.exec("curl -sS -X POST -d x=1 http://10.0.0.2:8080/three");
let log = server.requests;
expect(log.len() == 3);
expect(log.map(|r| r.from) == ["10.0.0.1", "127.0.0.1", "10.0.0.1"]);
expect(log.map(|r| r.path) == ["/one", "/two", "/three"]);
expect(log.map(|r| r.method) == ["GET", "GET", "POST"]);
expect(log[0].to_string() == "10.0.0.1 GET /one 200");
"#,
    );
}

fn curl_over_ipv6() {
    passes(
        WIRE,
        r#"
red.link("eth0").addr.add("2001:db8::2/64", #{ nodad: true });
blue.link("eth0").addr.add("2001:db8::1/64", #{ nodad: true });
let server = red.http_server(8080, "six");
expect(blue.exec(["curl", "-sS", "-g", "http://[2001:db8::2]:8080/"]).stdout == "six");
expect(blue.http_get("http://[2001:db8::2]:8080/").body == "six");
expect(server.requests.map(|r| r.from) == ["2001:db8::1", "2001:db8::1"]);
expect(blue.tcp_connect("2001:db8::2", 8080).peer == "2001:db8::2");
"#,
    );
}
