//! What people already type: lines of other tools, the article's commands as they stand there, programs with the terminal.

use crate::CTRL_C;
use crate::pty::{Setup, Terminal, folder, labsh};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The lab commands of the article, as they stand there.
const ARTICLE: &str = "sudo ip netns add blue_ns
sudo ip netns list
sudo ip netns exec blue_ns ifconfig
sudo ip netns exec blue_ns ip link set dev lo up
sudo ip netns exec blues_ns ping 127.0.0.1
sudo ip netns exec blue_ns python3 -m http.server 8080
sudo ip netns exec blue_ns curl localhost:8080
sudo ip link add dev veth_root type veth peer name veth_ns_blue
ip link list
sudo ip link set dev veth_root_ns up
sudo ip link set veth_blue_ns netns blue_ns
sudo ip netns exec blue_ns ip link set dev veth_blue_ns up
sudo ip address add 10.0.0.1/24 dev veth_root_ns
sudo ip netns exec blue_ns ip addredd add 10.0.0.2/24 dev veth_blue_ns
sudo ip netns exec blue_ns route
sudo ip netns exec blue_ns ip route add default via 10.0.0.1";

/// What the seven wrong ones should have been, in order.
const CORRECTIONS: &str = "sudo ip netns exec blue_ns ping -c 1 127.0.0.1
sudo ip link set dev veth_root up
sudo ip link set veth_ns_blue netns blue_ns
sudo ip netns exec blue_ns ip link set dev veth_ns_blue up
sudo ip address add 10.0.0.1/24 dev veth_root
sudo ip netns exec blue_ns ip address add 10.0.0.2/24 dev veth_ns_blue
sudo ip netns exec blue_ns ip route add default via 10.0.0.1";

/// A folder with these programs of the machine, and no other.
fn programs(names: &[&str]) -> PathBuf {
    let folder = folder("path");
    for name in names {
        let found = ["/bin", "/usr/bin"].iter().map(|place| Path::new(place).join(name)).find(|path| path.exists());
        symlink(found.unwrap_or_else(|| panic!("a machine has {name}")), folder.join(name)).expect("the folder is ours");
    }
    folder
}

#[test]
fn the_articles_lines_pasted_with_their_corrections_reach_its_end_state() {
    // No iproute2, no net-tools, no python, no curl.
    let path = programs(&["sh"]);
    let mut t = Terminal::with(Setup { path: path.display().to_string(), ..Setup::default() });
    let mut said = Vec::new();
    // One by one, as one copies them from the page.
    for line in ARTICLE.lines() {
        let before = t.log.len();
        t.paste(line);
        t.keys("\r");
        t.wait(line, |t| t.prompted(before));
        said.push(t.log[before..].to_string());
    }
    let meant = [
        (4, "did you mean `blue_ns`?"),
        (9, "did you mean `veth_root`?"),
        (10, "did you mean `veth_ns_blue`?"),
        (11, "netns `root` has a link `veth_ns_blue`"),
        (12, "did you mean `veth_root`?"),
        (13, "did you mean `address`?"),
        (15, "has no link but `lo`"),
    ];
    for (number, line) in ARTICLE.lines().enumerate() {
        match meant.iter().find(|(wrong, _)| *wrong == number) {
            Some((_, meant)) => assert!(said[number].contains("error:") && said[number].contains(meant), "{line}: {}", said[number]),
            None => assert!(!said[number].contains("error:") && said[number].contains('→'), "{line}: {}", said[number]),
        }
    }
    assert!(said[1].contains("\nblue_ns"), "{}", said[1]);
    assert!(said[5].contains("Serving HTTP on 0.0.0.0 port 8080"), "{}", said[5]);
    assert!(said[6].contains("→ blue_ns.http_get("), "{}", said[6]);
    assert!(said[8].contains("veth_root@veth_ns_blue: <BROADCAST,MULTICAST"), "{}", said[8]);
    assert!(said[14].contains("Kernel IP routing table"), "{}", said[14]);
    let before = t.log.len();
    t.paste(CORRECTIONS);
    t.keys("\r");
    t.wait("the route", |t| t.log[before..].contains("→ blue_ns.route.add(\"default\", #{ via: \"10.0.0.1\" })") && t.prompted(before));
    assert!(!t.log[before..].contains("error:"), "{}", t.screen());
    assert!(t.line("blue_ns.ping(\"10.0.0.1\").ok").contains("true"));
    assert!(t.line("ip netns exec blue_ns ip route").contains("default via 10.0.0.1 dev veth_ns_blue"));
    assert!(t.line("http_get(\"http://10.0.0.2:8080\").status").contains("200"));
    assert!(t.line("root ping -c 1 blue_ns").contains("1 packets transmitted, 1 received, 0% packet loss"));
    // What worked becomes a script that builds the same.
    let script = t.home().join("lab.rhai");
    t.line(&format!(".save {}", script.display()));
    let text = std::fs::read_to_string(&script).expect("it was saved");
    assert!(text.contains("let blue_ns = netns::add(\"blue_ns\");") && !text.contains("addredd"), "{text}");
    let run = std::process::Command::new(labsh()).arg("run").arg(&script).output().expect("labsh runs");
    assert!(run.status.success(), "{}\n{text}", String::from_utf8_lossy(&run.stderr));
    let _ = std::fs::remove_dir_all(path);
}

#[test]
fn older_tools_print_in_their_own_form_and_teach_ours() {
    let path = programs(&["sh"]);
    let mut t = Terminal::with(Setup { path: path.display().to_string(), ..Setup::default() });
    t.line("ip netns add blue");
    t.line("ip link add v0 type veth peer name v1 netns blue");
    let said = t.line("ifconfig v0 10.0.0.1 netmask 255.255.255.0 up");
    assert!(said.contains("→ root.link(\"v0\").addr.add(\"10.0.0.1/24\""), "{said}");
    assert!(t.line("blue ifconfig v1 10.0.0.2/24").contains("→ blue.link(\"v1\").up()"));
    let said = t.line("ifconfig v0");
    assert!(
        said.contains("flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500") && said.contains("inet 10.0.0.1  netmask 255.255.255.0"),
        "{said}"
    );
    t.line("blue route add default gw 10.0.0.1");
    assert!(t.line("blue route -n").contains("0.0.0.0         10.0.0.1        0.0.0.0         UG"), "{}", t.screen());
    t.line("ping -c 1 10.0.0.2");
    assert!(t.line("arp -n").contains("10.0.0.2                 ether"), "{}", t.screen());
    t.line("brctl addbr br0");
    t.line("brctl addif br0 v0");
    let said = t.line("brctl show");
    assert!(said.contains("br0") && said.contains("v0"), "{said}");
    let said = t.line("sudo ip rule add from 10.9.0.0/16 lookup 100 pref 7");
    assert!(said.contains("→ rule::add(#{ from: \"10.9.0.0/16\", table: 100, priority: 7 })"), "{said}");
    assert!(t.line("ip rule").contains("from 10.9.0.0/16 lookup 100"), "{}", t.screen());
    assert!(t.line("ip rule add form 10.9.0.0/16 lookup 100").contains("did you mean `from`?"), "{}", t.screen());
    t.line("blue tc qdisc add dev v1 root pfifo limit 100");
    assert!(t.line("blue tc qdisc show dev v1").contains("qdisc pfifo"), "{}", t.screen());
    assert!(t.line("sysctl -w net.ipv4.ip_forward=1").contains("→ sysctl::set(\"net.ipv4.ip_forward\", 1)"));
    let _ = std::fs::remove_dir_all(path);
}

#[test]
fn names_of_namespaces_become_addresses_and_lines_run_in_many() {
    for (rows, columns) in [(24, 80), (50, 200)] {
        let mut t = Terminal::with(Setup { rows, columns, ..Setup::default() });
        t.line("let r1 = netns::add(\"r1\"); let r2 = netns::add(\"r2\"); let other = netns::add(\"x\");");
        t.line("connect(r1, r2, #{ a: #{ addr: \"10.0.0.1/24\" }, b: #{ addr: \"10.0.0.2/24\" } });");
        let said = t.line("r1 ping -c 1 r2");
        assert!(
            said.contains("PING 10.0.0.2") && said.contains("1 received") && said.contains("→ r1.ping(\"10.0.0.2\", #{ count: 1 })"),
            "{said}"
        );
        let said = t.line("/r[0-9]/ ip -br addr");
        assert!(said.contains("\nr1:") && said.contains("\nr2:") && !said.contains("\nx:"), "{said}");
        let said = t.line("* ip link show lo");
        assert!(said.contains("\nr1:") && said.contains("\nx:"), "{said}");
        assert!(t.line("/q/ ip addr").contains("no namespace has such a name"));
    }
}

#[test]
fn the_current_namespace_is_in_the_prompt_and_programs_run_there() {
    let mut t = Terminal::start();
    t.line("netns::add(\"blue_ns\");");
    t.line(".cd blue_ns");
    assert_eq!(t.last_line(), "lab:blue_ns>");
    assert!(t.line("ip link").contains("state DOWN"), "{}", t.screen());
    assert!(t.line("!cat /proc/net/dev | wc -l").contains('3'), "only `lo` is there: {}", t.screen());
    let error = t.line(".cd blues_ns");
    assert!(error.contains("did you mean `blue_ns`?"), "{error}");
    let error = t.line(".shwo");
    assert!(error.contains("did you mean `.show`?"), "{error}");
    t.line(".cd");
    assert_eq!(t.last_line(), "lab>");
}

#[test]
fn a_shell_and_a_program_of_the_whole_screen_have_the_terminal() {
    let mut t = Terminal::with(Setup { env: [Setup::default().env, vec![("SHELL", "/bin/sh".to_string())]].concat(), ..Setup::default() });
    t.line("netns::add(\"blue_ns\");");
    let before = t.log.len();
    t.keys(".sh blue_ns\r");
    t.wait("the shell", |t| t.log[before..].contains("`exit` comes back") && t.is_cooked());
    t.keys("echo in $LABSH_NETNS with $(wc -l < /proc/net/dev) lines; stty size\r");
    t.wait_text("in blue_ns with 3 lines");
    t.wait_text("24 80");
    // Ctrl-C is for what the shell runs, and neither for the shell nor for labsh.
    t.keys("echo be''gun; sleep 100; echo awake\r");
    t.wait("the first of the commands", |t| t.log.contains("begun"));
    let begin = std::time::Instant::now();
    while !matches!(t.last_line().as_str(), "#" | "$") {
        t.keys(CTRL_C);
        t.wait_for(std::time::Duration::from_millis(500), |t| matches!(t.last_line().as_str(), "#" | "$"));
        assert!(begin.elapsed().as_secs() < 10, "{}", t.screen());
    }
    t.keys("echo still $LABSH_NETNS\r");
    t.wait_text("still blue_ns");
    t.act("exit\r");
    // A program may leave the terminal in any mode: the next prompt works all the same.
    t.line("!stty raw -echo");
    assert!(t.line("1 + 1").contains("\n2\r\n"), "{}", t.screen());
}
