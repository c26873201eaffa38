//! What is kept and what is taken back: `.undo`, `.save`, `.load`, `.edit`, `.reset`.

use crate::protocol::Notebook;
use crate::pty::{Setup, Terminal, folder, labsh};
use serde_json::Value;
use std::process::Command;

/// What the kernel has, as lines: everything that a script builds, without what it chooses by itself.
const DUMP: &str = r#"
let lines = [];
for each in [root] + netns::list() {
    let ns = each;
    for l in ns.link.list() {
        let master = if l.master == () { "" } else { l.master.name };
        lines.push(`${ns.name} link ${l.name} ${l.kind} mtu ${l.mtu} up ${l.is_up} master ${master}`);
        for a in l.addr.list() { if a.scope != "link" { lines.push(`${ns.name} addr ${l.name} ${a.cidr}`); } }
    }
    for r in ns.route.list() { if r.dst != "fe80::/64" { lines.push(`${ns.name} route ${r.dst} via ${r.via} dev ${r.dev} metric ${r.metric}`); } }
    for n in ns.neigh.list() { if n.state == "PERMANENT" { lines.push(`${ns.name} neigh ${n.ip} ${n.mac} ${n.dev}`); } }
    for r in ns.rule.list() { lines.push(`${ns.name} rule ${r}`); }
    lines.push(`${ns.name} forward ${ns.sysctl.get("net.ipv4.ip_forward")}`);
}
"#;

/// Twenty sessions: what one types, right and wrong, in every language.
const SESSIONS: [&[&str]; 20] = [
    &["netns::add(\"blue\")"],
    &["let blue = netns::add(\"blue\");", "blue.link(\"lo\").up();", "blue.lnik(\"lo\")", "blue.ping(\"127.0.0.1\").ok"],
    &["sudo ip netns add blue_ns", "sudo ip netns exec blue_ns ip link set dev lo up", "sudo ip netns exec blues_ns ip link set dev lo up"],
    &[
        "ip netns add a; ip netns add b",
        "ip link add eth0 netns a type veth peer name eth0 netns b",
        "ip -n a addr add 10.0.0.1/24 dev eth0 && ip -n b addr add 10.0.0.2/24 dev eth0",
        "ip -n a link set eth0 up",
        "ip -n b link set eth0 up",
        "ip -n a route add 10.9.0.0/16 via 10.0.0.2 metric 7",
    ],
    &[
        "veth::add(\"v0\", \"v1\")",
        "ip link set v0 mtu 1400",
        "ip link set v0 mtu 9",
        "link::get(\"v1\").rename(\"wan\")",
        "ip link set wan up",
    ],
    &[
        "ip link add br0 type bridge",
        "ip link add v0 type veth peer name v1",
        "ip link set v0 master br0",
        "ip link set dev br0 up",
        "ip link set v0 up",
    ],
    &[
        "brctl addbr br0",
        "ip link add v0 type veth peer name v1",
        "brctl addif br0 v0",
        "ifconfig br0 10.0.0.1 netmask 255.255.255.0",
        "brctl show",
    ],
    &[
        "ip netns add red",
        "ip link add v0 type veth peer name v1",
        "ip link set v1 netns red",
        "red ip addr add 10.0.0.2/24 dev v1",
        "red ifconfig v1 up",
    ],
    &[
        "let pair = veth::add(\"v0\", \"v1\");",
        "pair.a.addr.add(\"10.0.0.1/24\"); pair.a.up(); pair.b.up();",
        "route::add(\"default\", #{ via: \"10.0.0.9\" });",
        "route::add(\"default\", #{ via: \"10.0.0.8\" });",
    ],
    &["sysctl -w net.ipv4.ip_forward=1", "sysctl net.ipv4.ip_froward=1", "ip netns add r", "r sysctl -w net.ipv4.ip_forward=1"],
    &[
        "for i in 0..4 {\n    let ns = netns::add(`n${i}`);\n    ns.link(\"lo\").up();\n}",
        "/n[0-2]/ ip link set lo mtu 1500",
        "n3 ip link set lo down",
    ],
    &[
        "fn host(name) {\n    let ns = netns::add(name);\n    ns.link(\"lo\").up();\n    ns\n}",
        "let a = host(\"a\");",
        "let b = host(\"b\");",
        "let c = host(\"a\");",
        "connect(a, b);",
    ],
    &["let blue = netns::add(\"blue\");", "let red = netns::add(\"red\");", ".undo", "red.link(\"lo\").up();", "netns::add(\"green\")"],
    &[
        "veth::add(\"v0\", \"v1\");",
        "link::get(\"v0\").up();",
        "link::get(\"v0\").addr.add(\"10.0.0.1/24\");",
        "link::get(\"v0\").addr.add(\"10.0.1.1/24\");",
        ".undo",
        "ip addr add 10.0.2.1/24 dev v0",
    ],
    &[
        "ip link add v0 type veth peer name v1",
        "ip addr add 10.0.0.1/24 dev v0",
        "ip link set v0 up",
        "ip link set v1 up",
        "ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev v0",
        "ip neigh add 10.0.0.6 lladdr nonsense dev v0",
        "arp -s 10.0.0.7 02:00:00:00:00:07",
    ],
    &[
        "ip rule add from 10.0.0.0/24 table 100",
        "ip link add v0 type veth peer name v1",
        "ip addr add 10.0.0.1/24 dev v0",
        "ip link set v0 up",
        "ip link set v1 up",
        "ip route add default via 10.0.0.2 table 100",
        "ip rule add from 10.0.0.0/33 table 100",
    ],
    &[
        "let hosts = [\"h1\", \"h2\"].map(|name| host(name));",
        "let sw = lan(\"sw\", hosts, #{ subnet: \"10.0.1.0/24\" });",
        "h1 ping -c 1 h2",
        "host(\"h2\")",
    ],
    &[
        "ip netns add x",
        ".cd x",
        "ip link add v0 type veth peer name v1",
        "ip addr add 10.0.0.1/24 dev v0",
        "ip link set lo up",
        ".cd",
        "ip link add v0 type veth peer name v1",
    ],
    &[
        "ip netns add keep",
        "ip netns add drop",
        "ip netns del drop",
        "ip netns del dorp",
        "let k = netns::get(\"keep\");",
        "k.link(\"lo\").up();",
        "k.link(\"lo\").addr.add(\"10.1.1.1/32\");",
    ],
    &[
        "ip netns add web",
        "web ip link set lo up",
        "web python3 -m http.server 8080 &",
        "web curl -s localhost:8080 >/dev/null",
        "web curl -s localhost:8081 >/dev/null",
        "if netns::exists(\"web\") { netns::add(\"after\") }",
    ],
];

/// The kernel lists neighbours as they lie in its hash table.
fn sorted<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut lines: Vec<&str> = lines.collect();
    lines.sort_unstable();
    lines.join("\n")
}

fn dump(notebook: &mut Notebook) -> String {
    let events = notebook.input(&format!("{DUMP}\nlines"));
    let value = events.iter().find(|event| event["event"] == "value");
    let lines = value.and_then(|event| event["value"].as_array()).unwrap_or_else(|| panic!("{events:?}"));
    sorted(lines.iter().map(|line| line.as_str().expect("a text")))
}

#[test]
fn twenty_sessions_become_scripts_that_build_the_same() {
    let folder = folder("save");
    for (number, session) in SESSIONS.iter().enumerate() {
        let mut notebook = Notebook::start();
        let mut failed = 0;
        for line in *session {
            let events = notebook.input(line);
            failed += usize::from(events.iter().any(|event: &Value| event["event"] == "error"));
        }
        let path = folder.join(format!("{number}.rhai"));
        notebook.input(&format!(".save {}", path.display()));
        let built = dump(&mut notebook);
        assert!(built.lines().count() > 4, "session {number} has built something:\n{built}");
        let text = std::fs::read_to_string(&path).expect("it was saved");
        assert_eq!(notebook.end(), Some(0));
        let check = Command::new(labsh()).arg("check").arg(&path).output().expect("labsh runs");
        assert!(check.status.success(), "session {number}: {}\n{text}", String::from_utf8_lossy(&check.stderr));
        std::fs::write(&path, format!("{text}\n{{ {DUMP} for line in lines {{ print(line); }} }}\n")).expect("the folder is ours");
        let run = Command::new(labsh()).args(["run", "-q"]).arg(&path).current_dir(&folder).output().expect("labsh runs");
        assert!(run.status.success(), "session {number}: {}\n{text}", String::from_utf8_lossy(&run.stderr));
        let said = String::from_utf8_lossy(&run.stdout);
        // What the script itself prints comes first.
        let again = sorted(said.lines().rev().take(built.lines().count()));
        assert!(again == built, "session {number}, {failed} lines failed:\n{text}\nbuilt\n{built}\nand\n{again}");
    }
    let _ = std::fs::remove_dir_all(folder);
}

#[test]
fn the_last_changes_are_taken_back_one_by_one() {
    let mut t = Terminal::start();
    t.line("let pair = veth::add(\"v0\", \"v1\");");
    t.line("pair.a.addr.add(\"10.0.0.1/24\"); pair.a.up(); pair.b.up();");
    t.line("ip route add default via 10.0.0.9");
    t.line("let blue = netns::add(\"blue\");");
    t.line("pair.b.move_to(blue);");
    t.line("sysctl -w net.ipv4.ip_forward=1");
    t.line("ip link set v0 down");
    let nap = t.line("let nap = blue.start(\"sleep 1000\");");
    assert!(!nap.contains("error:"), "{nap}");
    t.line("let five = 5;");
    assert!(t.line(".undo").contains("undone: let nap"), "{}", t.screen());
    assert!(t.line("nap").contains("unknown variable `nap`"), "{}", t.screen());
    assert!(t.line("five").contains("\n5\r\n"), "what changed nothing stays");
    let said = t.line(".undo");
    assert!(
        said.contains("undone: ip link set v0 down") && said.contains("route default via 10.0.0.9 dev v0 is in netns `root` again"),
        "{said}"
    );
    assert!(t.line(".undo").contains("net.ipv4.ip_forward is 0 again"));
    assert!(t.line(".undo").contains("moved link `v1` back to netns `root`"));
    assert!(t.line("pair.b.netns.name").contains("\"root\""), "the handle follows: {}", t.screen());
    assert!(t.line(".undo").contains("removed netns `blue`"));
    assert!(t.line(".undo").contains("removed route default via 10.0.0.9 dev v0"));
    assert!(t.line(".undo").contains("removed address 10.0.0.1/24 from link `v0`"));
    assert!(t.line(".undo").contains("undone: let pair"));
    assert!(t.line("link::list().len()").contains("\n1\r\n"), "{}", t.screen());
    assert!(t.line(".undo").contains("no input has changed the lab"));
}

#[test]
fn what_cannot_be_brought_back_is_said() {
    let mut t = Terminal::start();
    t.line("let blue = netns::add(\"blue\");");
    t.line("blue.del();");
    assert!(t.line(".undo").contains("netns `blue` is gone with all that was in it"), "{}", t.screen());
    t.line("veth::add(\"v0\", \"v1\");");
    t.line("ip link del v0");
    assert!(t.line(".undo").contains("link `v0` of netns `root` is gone"), "{}", t.screen());
}

#[test]
fn a_file_is_loaded_edited_and_the_lab_reset() {
    let mut env = Setup::default().env;
    // An editor that writes what it is told: `$EDITOR FILE`.
    env.push(("EDITOR", "sh -c 'echo \"let edited = 40 + 2;\" > \"$0\"'".to_string()));
    let mut t = Terminal::with(Setup { env, ..Setup::default() });
    std::fs::write(t.home().join("lab.rhai"), "let blue = netns::add(\"blue\");\nblue.link(\"lo\").up();\n").expect("the folder is ours");
    t.line(".load lab.rhai");
    assert!(t.line("blue.link(\"lo\").is_up").contains("true"), "{}", t.screen());
    assert!(t.line(".load lba.rhai").contains("error:"));
    t.line(".edit");
    assert!(t.line("edited").contains("\n42\r\n"), "{}", t.screen());
    assert!(t.line(".trace on").contains("each step is told"));
    assert!(t.line("netns::add(\"red\");").contains("$ ip netns add red"), "{}", t.screen());
    t.line(".time on");
    assert!(t.line("1 + 1").contains(" us") || t.screen().contains(" ms"), "{}", t.screen());
    assert!(t.line(".world").contains("a sandbox"));
    assert!(t.line(".reset").contains("the lab is empty again"));
    assert!(t.line("netns::list().len()").contains("\n0\r\n"), "{}", t.screen());
    assert!(t.line("blue").contains("unknown variable `blue`"));
}
