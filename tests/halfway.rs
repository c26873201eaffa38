//! What is several messages is done wholly or not at all: each row prepares, fails half-way, and leaves all namespaces as they were.

use std::path::PathBuf;
use std::process::Command;

/// What a lab is: the links of all namespaces with all that can be set on them, addresses, routes, rules, disciplines, names.
const SEEN: &str = r#"
fn seen() {
    let all = [];
    let places = netns::list();
    places.push(root);
    for place in places {
        all.push(place.name);
        for link in place.link.list() {
            let flags = link.flags.filter(|flag| flag != "LOWER_UP" && flag != "NO-CARRIER" && flag != "M-DOWN");
            let master = if link.master == () { "" } else { link.master.name };
            let info = link.info;
            all.push([link.name, link.mtu, link.mac, link.alias, link.group, link.altnames, flags, master, info, link.port, link.addrs]);
        }
        for words in ["route show table all", "-6 route show table main", "rule show", "nexthop show", "neigh show nud permanent"] { all.push(place.ip(words)); }
        all.push(place.tc("qdisc show"));
    }
    let text = all.map(|part| part.to_string());
    let lines = "";
    for part in text { lines += part + "\n"; }
    lines
}
"#;

/// Each row: its name, what it needs, what is there before, what fails, and with which kind of error.
const ROWS: &[(&str, &str, &str, &str, &str)] = &[
    ("a link with an address twice", "", "", r#"link::add("br0", "bridge", #{ addr: ["10.0.0.1/24", "10.0.0.1/24"] })"#, "exists"),
    ("a link whose other name is taken", "", "", r#"bridge::add("br0", #{ altname: ["a", "lo"] })"#, "exists"),
    (
        "a bridge with a member that cannot be one",
        "",
        r#"let w = veth::add("v0", "v1");"#,
        r#"bridge::add("br0", #{ members: [w.a, "lo"] })"#,
        "bad-argument",
    ),
    ("a pair with an address twice", "", "", r#"veth::add("v0", "v1", #{ b: #{ addr: ["10.0.0.1/24", "10.0.0.1/24"] } })"#, "exists"),
    ("a tap with an address twice", "tap", "", r#"link::add("t0", "tap", #{ addr: ["10.0.0.1/24", "10.0.0.1/24"] })"#, "exists"),
    (
        "a change of which the kernel does a part",
        "",
        r#"let w = veth::add("v0", "v1");"#,
        r#"w.a.set(#{ mac: "02:00:00:00:00:07", alias: "x", group: 7, mtu: 10 })"#,
        "bad-argument",
    ),
    (
        "a change of several messages",
        "",
        r#"let w = veth::add("v0", "v1"); let br = bridge::add("br0", #{ mac: "02:00:00:00:00:0b" });"#,
        r#"w.a.set(#{ master: br, cost: 7, isolated: true, altname: "other", mtu: 1400, name: "v1" })"#,
        "exists",
    ),
    (
        "a change of a bridge",
        "",
        r#"let br = bridge::add("br0");"#,
        r#"br.set(#{ stp: true, priority: 4096, ageing_time: "10s", altname: "lo" })"#,
        "exists",
    ),
    (
        "a change and a move",
        "",
        r#"let blue = netns::add("blue"); let w = veth::add("v0", "v1");"#,
        r#"w.a.set(#{ mtu: 1400, altname: "other", netns: blue, name: "lo" })"#,
        "exists",
    ),
    (
        "connect with an address twice",
        "",
        r#"let a = host("a"); let b = host("b");"#,
        r#"connect(a, b, #{ a: #{ addr: "10.0.0.1/24" }, b: #{ addr: ["10.0.0.2/24", "10.0.0.2/24"] } })"#,
        "exists",
    ),
    (
        "a LAN with more hosts than addresses",
        "",
        r#"let hosts = ["a", "b", "c"].map(|name| host(name));"#,
        r#"lan("sw", hosts, #{ subnet: "10.0.0.0/30" })"#,
        "not-found",
    ),
    ("a star one of whose names is taken", "", r#"netns::add("h2");"#, "star(3)", "exists"),
    ("a chain one of whose names is taken", "", r#"netns::add("r3");"#, "chain(4)", "exists"),
    ("a ring one of whose names is taken", "", r#"netns::add("r3");"#, "ring(4)", "exists"),
    ("a tree one of whose names is taken", "", r#"netns::add("t2-1");"#, "tree(2, 2)", "exists"),
    ("a fabric one of whose names is taken", "", r#"netns::add("h2-1");"#, "leaf_spine(2, 2)", "exists"),
    (
        "a partition of a namespace without an address",
        "",
        r#"let pair = connect(host("a"), host("b")); let c = netns::add("c");"#,
        r#"lab::partition(["a"], ["b"], ["c"])"#,
        "bad-argument",
    ),
    (
        "a bond with a member that cannot be one",
        "bond",
        r#"let w = veth::add("v0", "v1"); w.a.up();"#,
        r#"link::add("bond0", "bond", #{ miimon: "100ms", members: [w.a, "lo"] })"#,
        "bad-argument",
    ),
    (
        "a WireGuard link with an address twice",
        "wireguard",
        "",
        r#"link::add("wg0", "wireguard", #{ private_key: wireguard::genkey(), addr: ["10.0.0.1/24", "10.0.0.1/24"] })"#,
        "exists",
    ),
    (
        "a netkit pair whose other end cannot be",
        "netkit",
        r#"let blue = netns::add("blue");"#,
        r#"link::add("nk0", "netkit", #{ addr: "10.0.0.1/24", peer: #{ name: "eth0", netns: blue, addr: ["10.0.0.2/24", "10.0.0.2/24"] } })"#,
        "exists",
    ),
];

#[test]
fn what_fails_half_way_leaves_nothing_of_itself() {
    let labsh = std::env::var_os("LABSH_BIN").map_or_else(|| env!("CARGO_BIN_EXE_labsh").into(), PathBuf::from);
    let (mut wrong, mut left_out) = (Vec::new(), Vec::new());
    for (number, (name, needs, before, deed, kind)) in ROWS.iter().enumerate() {
        let lacks = match *needs {
            "" => String::new(),
            kind => format!(
                "try {{ link::add(\"x0\", {kind:?}).del(); }} catch (e) {{ if e.kind == \"unsupported\" || e.kind == \"not-permitted\" || e.errno == \"ENOENT\" {{ skip(\"no {kind}\"); }} }}\n"
            ),
        };
        let script = format!(
            "{SEEN}\n{lacks}{before}\nlet was = seen();\nlet failed = \"\";\ntry {{ {deed}; }} catch (e) {{ failed = e.kind; }}\n\
             expect_eq(failed, {kind:?});\nexpect_eq(seen(), was);\n"
        );
        let file = std::env::temp_dir().join(format!("labsh-halfway-{}-{number}.rhai", std::process::id()));
        std::fs::write(&file, &script).expect("a file can be written");
        let output = Command::new(&labsh).args(["-q", "run"]).arg(&file).output().expect("labsh can be started");
        let _ = std::fs::remove_file(&file);
        match output.status.code() {
            Some(0) => {}
            Some(4) => left_out.push(*name),
            _ => wrong.push(format!("{name}:\n{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))),
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), ROWS.len(), wrong.join("\n"));
    println!("left out, since this kernel lacks the kind, or allows it to root only: {}", left_out.join(", "));
}
