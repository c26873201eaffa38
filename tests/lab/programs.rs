//! The user's programs in a namespace: streams, status, input, deadline, environment, folder, mounts, and their end.

use super::harness::{Suite, claims};
use super::outside::Footprint;
use super::run::Lab;
use std::time::Duration;

pub fn trials(suite: &mut Suite) {
    claims! { suite:
        streams_are_kept_apart;
        a_megabyte_on_both_streams_is_kept_whole;
        a_status_is_told;
        a_failed_exec_shows_the_end_of_standard_error;
        a_signal_is_told_as_the_shell_tells_it;
        input_is_fed_whole;
        input_that_nobody_reads_is_no_failure;
        a_program_without_input_sees_the_end_at_once;
        the_deadline_kills_the_whole_group;
        the_environment_is_added;
        the_folder_is_taken;
        words_of_a_list_are_not_split;
        a_line_is_split_as_a_shell_splits_it;
        a_missing_program_is_named;
        a_file_that_is_not_executable_is_named;
        sys_is_that_of_the_namespace;
        a_program_sees_namespaces_that_were_made_after_its_first;
        a_deleted_namespace_is_let_go_by_the_mounts_of_others needs "ip";
        files_of_etc_netns_stand_over_those_of_etc needs "unshare" "mount";
        every_namespace_is_known_by_its_name_the_root_too needs "getent";
        a_background_process_and_its_grandchildren_end_with_the_script;
        a_background_process_ends_with_its_namespace;
        a_process_in_a_group_of_its_own_ends_with_the_lab needs "setsid";
        kill_reaches_the_grandchildren;
        output_comes_while_it_runs;
        a_port_is_waited_for needs "python3";
        an_orphan_does_not_hold_up_the_end;
        a_background_program_reads_its_input;
        standard_output_of_labsh_is_not_that_of_programs;
    }
}

#[track_caller]
fn passes(script: &str) {
    Lab::script(script).run().ok();
}

fn streams_are_kept_apart() {
    passes(
        r#"
let r = shell("echo out; echo err >&2; echo out2");
expect(r.stdout == "out\nout2\n");
expect(r.stderr == "err\n");
expect(r.lines == ["out", "out2"]);
expect(r.ok && r.status == 0);
"#,
    );
}

fn a_megabyte_on_both_streams_is_kept_whole() {
    passes(
        r#"
let r = shell("head -c 1048576 /dev/zero | tr '\\0' o; head -c 1048576 /dev/zero | tr '\\0' e >&2");
expect(r.stdout.len() == 1048576 && r.stderr.len() == 1048576);
let r = shell("for i in 1 2 3 4 5 6 7 8; do head -c 131072 /dev/zero | tr '\\0' e >&2; head -c 131072 /dev/zero | tr '\\0' o; done");
expect(r.stdout.len() == 1048576 && r.stderr.len() == 1048576);
expect(!r.stdout.contains("e") && !r.stderr.contains("o"));
"#,
    );
}

fn a_status_is_told() {
    passes(
        r#"
for status in [0, 1, 2, 42, 127, 255] {
    let r = try_exec(["sh", "-c", `exit ${status}`]);
    expect(r.status == status && r.ok == (status == 0));
}
expect_error(|| exec("false"), "command-failed");
expect_error(|| shell("exit 3"), "command-failed");
"#,
    );
}

fn a_failed_exec_shows_the_end_of_standard_error() {
    Lab::script("let blue = netns::add(\"blue\");\nblue.exec([\"sh\", \"-c\", \"echo it works; echo it broke >&2; exit 7\"]);")
        .run()
        .status_is(1)
        .stderr_has("netns `blue`")
        .stderr_has("7")
        .stderr_has("it broke");
}

fn a_signal_is_told_as_the_shell_tells_it() {
    passes(
        r#"
expect(try_exec(["sh", "-c", "kill -9 $$"]).status == 137);
expect(try_exec(["sh", "-c", "kill -15 $$"]).status == 143);
"#,
    );
}

fn input_is_fed_whole() {
    passes(
        r#"
expect(exec("cat", #{ input: "one\ntwo" }).stdout == "one\ntwo");
let big = "x"; while big.len() < 1048576 { big += big; }
expect(exec("wc -c", #{ input: big }).stdout.contains("1048576"));
expect(exec("cat", #{ input: big }).stdout == big);
expect(exec("cat", #{ input: "" }).stdout == "");
"#,
    );
}

fn input_that_nobody_reads_is_no_failure() {
    passes(r#"let big = "x"; while big.len() < 1048576 { big += big; } expect(exec("true", #{ input: big }).ok);"#);
}

fn a_program_without_input_sees_the_end_at_once() {
    Lab::script(r#"expect(exec("cat").stdout == "");"#).input("not for the program").run().ok();
}

fn the_deadline_kills_the_whole_group() {
    let running = Lab::script(
        r#"
let begin = timestamp();
expect_error(|| shell("sleep 61 & echo started; sleep 62", #{ timeout: "300ms" }), "timeout");
expect(begin.elapsed < 20.0);
eventually("5s", || !root.processes.some(|p| p.command.starts_with("sleep 6")));
exec("sleep 63", #{ timeout: "100ms" });
"#,
    )
    .start();
    running
        .end_within(Duration::from_secs(40))
        .status_is(1)
        .stderr_has("error: cannot exec `sleep 63` in netns `root`\n")
        .stderr_has("  = still running after 100 ms, so it was killed\n");
}

fn the_environment_is_added() {
    Lab::script(
        r#"
let r = shell("echo $FROM_OUTSIDE $FROM_SCRIPT", #{ env: #{ FROM_SCRIPT: "a b" } });
expect(r.stdout == "here a b\n");
expect(shell("echo [$FROM_SCRIPT]").stdout == "[]\n");
"#,
    )
    .env("FROM_OUTSIDE", "here")
    .run()
    .ok();
}

fn the_folder_is_taken() {
    let lab = Lab::script(
        r#"
expect(exec("pwd").lines[0] == args[0]);
expect(exec("pwd", #{ cwd: "/" }).stdout == "/\n");
let blue = netns::add("blue");
expect(blue.exec("pwd").lines[0] == args[0]);
expect(blue.exec("cat script.rhai").stdout.contains("expect"));
expect_error(|| exec("pwd", #{ cwd: "/no/such/folder" }), "not-found");
"#,
    );
    let folder = lab.path().canonicalize().expect("the folder is there").to_string_lossy().into_owned();
    lab.arg(&folder).run().ok();
}

fn words_of_a_list_are_not_split() {
    passes(
        r#"
expect(exec(["printf", "[%s]", "a  b", "$HOME", "'q'", ""]).stdout == "[a  b][$HOME]['q'][]");
expect_error(|| exec([]), "bad-argument");
expect_error(|| exec(""), "bad-argument");
"#,
    );
}

fn a_line_is_split_as_a_shell_splits_it() {
    passes(
        r#"
expect(exec(`printf [%s] 'a  b' "c d" e\ f $HOME`).stdout == "[a  b][c d][e f][$HOME]");
expect_error(|| exec("echo 'open"), "bad-argument");
"#,
    );
}

fn a_missing_program_is_named() {
    Lab::script("let blue = netns::add(\"blue\");\nblue.exec(\"no-such-program --really\");").run().status_is(1).stderr_is(
        "error: cannot exec `no-such-program --really` in netns `blue`
  ┌─ script.rhai:2:6
  │
2 │ blue.exec(\"no-such-program --really\");
  │      ^^^^
  │
  = No such file or directory (ENOENT)
  = no folder of PATH has a program `no-such-program`

failed in TIME
",
    );
    // A folder that cannot be read does not make it a program that cannot be executed.
    let unreadable = super::run::Folder::new();
    std::fs::set_permissions(unreadable.path(), std::os::unix::fs::PermissionsExt::from_mode(0o000)).expect("close the folder");
    let path = format!("{}:/usr/bin:/bin", unreadable.path().display());
    Lab::script(r#"expect_error(|| exec("no-such-program"), "not-found");"#).env("PATH", &path).run().ok();
    passes(r#"expect_error(|| exec("/no/such/program"), "not-found"); expect_error(|| start("no-such-program"), "not-found");"#);
}

fn a_file_that_is_not_executable_is_named() {
    Lab::script("exec(\"./data\");").file("data", "no program").run().status_is(1).stderr_has("`./data` is not executable");
}

fn sys_is_that_of_the_namespace() {
    passes(
        r#"
let blue = netns::add("blue");
let red = netns::add("red");
veth::add("v-blue", "eth-blue", #{ b: #{ netns: blue } });
veth::add("v-red", "eth-red", #{ b: #{ netns: red } });
fn seen(ns) { let l = ns.exec("ls /sys/class/net").lines; l.sort(); l }
expect(seen(blue) == ["eth-blue", "lo"]);
expect(seen(red) == ["eth-red", "lo"]);
expect(seen(root) == ["lo", "v-blue", "v-red"]);
expect(blue.exec("cat /sys/class/net/eth-blue/mtu").stdout == "1500\n");
expect(blue.exec("cat /proc/net/dev").stdout.contains("eth-blue"));
"#,
    );
}

fn a_program_sees_namespaces_that_were_made_after_its_first() {
    passes(
        r#"
let blue = netns::add("blue");
blue.exec("true");
let red = netns::add("red");
for ns in [blue, red, root] {
    expect(ns.exec("stat -f -c %T /run/netns/red").stdout == ns.exec("stat -f -c %T /proc/self/ns/net").stdout);
}
"#,
    );
}

fn a_deleted_namespace_is_let_go_by_the_mounts_of_others() {
    passes(
        r#"
let red = netns::add("red");
let blue = netns::add("blue");
blue.exec("true");
let v = veth::add("v0", "eth0", #{ b: #{ netns: red } });
red.del();
eventually("5s", || link::try_get("v0") == ());
"#,
    );
}

fn every_namespace_is_known_by_its_name_the_root_too() {
    passes(
        r#"
let blue = host("blue");
connect(blue, root, #{ subnet: "10.0.0.0/24" });
expect(blue.exec("getent ahostsv4 root").stdout.starts_with("10.0.0.2 "));
expect(exec("getent ahostsv4 blue").stdout.starts_with("10.0.0.1 "));
blue.link("v-root").addr.del("10.0.0.1/24").add("10.0.0.9/24");
expect(exec("getent ahostsv4 blue").stdout.starts_with("10.0.0.9 "));
lab::names(false);
expect(!try_exec("getent ahostsv4 blue").ok);
"#,
    );
}

/// The machine's /etc is not touched: a tmpfs lies over it, in an outer sandbox.
fn files_of_etc_netns_stand_over_those_of_etc() {
    let script = r#"
let blue = netns::add("blue");
let red = netns::add("red");
expect(blue.exec("cat /etc/resolv.conf").stdout == "nameserver 10.0.0.53\n");
expect(red.exec("cat /etc/resolv.conf").stdout == "usual\n");
expect(exec("cat /etc/resolv.conf").stdout == "usual\n");
shell("mkdir /etc/netns/red; echo 10.0.0.9 web.lab > /etc/netns/red/hosts");
expect(red.exec("cat /etc/hosts").stdout == "10.0.0.9 web.lab\n");
expect(blue.exec("cat /etc/hosts").stdout == "127.0.0.1 localhost\n");
let pair = red.veth.add("eth0", "far", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ netns: blue, addr: "10.0.0.9/24", up: true } });
pair.a.wait_up();
expect_error(|| red.tcp_connect("web.lab", 80), "ECONNREFUSED");
"#;
    let outer = r#"
set -e
mount -t tmpfs tmpfs /etc
mkdir -p /etc/netns/blue
echo usual > /etc/resolv.conf
echo 127.0.0.1 localhost > /etc/hosts
echo nameserver 10.0.0.53 > /etc/netns/blue/resolv.conf
exec "$@"
"#;
    Lab::script(script).inside(&["unshare", "-Urm", "sh", "-c", outer, "sh"]).run().ok();
}

/// A shell that starts a shell that starts a sleeper, all of which tell their start.
const FAMILY: &str = r#"
let family = start(["sh", "-c", "sh -c 'sleep 600 & echo grandchild; wait' & echo child; wait"]);
family.wait_output("grandchild");
print("started");
"#;

fn a_background_process_and_its_grandchildren_end_with_the_script() {
    let running = Lab::script(&format!("{FAMILY}\nwhile !exec(\"ls\").lines.contains(\"go\") {{ sleep(\"20ms\"); }}")).start();
    running.wait_for("started");
    let footprint = Footprint::of(running.pid);
    let go = running.folder().join("go");
    std::fs::write(go, "").expect("let it go on");
    running.end_within(Duration::from_secs(20)).ok();
    footprint.is_gone();
}

fn a_background_process_ends_with_its_namespace() {
    passes(
        r#"
let blue = netns::add("blue");
let p = blue.start("sleep 600");
expect(p.running);
blue.del();
eventually("5s", || !p.running);
"#,
    );
}

fn a_process_in_a_group_of_its_own_ends_with_the_lab() {
    let running = Lab::script("let p = start(\"setsid sleep 600\");\nprint(\"started\");\nsleep(\"50ms\");").start();
    running.wait_for("started");
    let footprint = Footprint::of(running.pid);
    running.end_within(Duration::from_secs(20)).ok();
    footprint.is_gone();
}

fn kill_reaches_the_grandchildren() {
    passes(&format!(
        r#"{FAMILY}
eventually("5s", || root.processes.some(|p| p.command == "sleep 600"));
family.kill();
expect(family.wait().status == 143);
eventually("5s", || !root.processes.some(|p| p.command == "sleep 600"));
"#
    ));
}

fn output_comes_while_it_runs() {
    passes(
        r#"
let talker = start(["sh", "-c", "echo one; read line; echo two $line; exec sleep 600"], #{ input: "fed\n" });
expect(talker.wait_output("two (.*)") == "fed");
expect(talker.stdout == "one\ntwo fed\n" && talker.stderr == "" && talker.running);
expect_error(|| talker.wait_output("three", "50ms"), "timeout");
expect_error(|| talker.wait("50ms"), "timeout");
"#,
    );
}

fn a_port_is_waited_for() {
    passes(
        r#"
let blue = netns::add("blue");
blue.link("lo").up();
let web = blue.start("python3 -m http.server 8080");
web.wait_port(8080, "30s");
expect(blue.http_get("http://localhost:8080/script.rhai").status == 200);
expect_error(|| tcp_connect("127.0.0.1", 8080), "ECONNREFUSED");
"#,
    );
}

/// A process that left the group and holds the pipes open is no reason to wait for its end.
fn an_orphan_does_not_hold_up_the_end() {
    let run = Lab::script(r#"let r = start(["sh", "-c", "setsid sleep 600 & echo done"]).wait("30s"); expect(r.stdout == "done\n");"#)
        .deadline(Duration::from_secs(20))
        .run()
        .ok();
    assert!(run.time < Duration::from_secs(10), "{run}");
}

fn a_background_program_reads_its_input() {
    passes(
        r#"
let big = "x"; while big.len() < 262144 { big += big; }
let p = start("wc -c", #{ input: big });
expect(p.wait().stdout.contains("262144"));
expect(start("cat").wait().stdout == "");
"#,
    );
}

fn standard_output_of_labsh_is_not_that_of_programs() {
    Lab::script(r#"exec("echo hidden"); start("echo hidden").wait(); print(exec("echo shown")); print("end");"#)
        .option("-q")
        .run()
        .ok()
        .stdout_is("shown\nend\n")
        .stderr_is("");
}
