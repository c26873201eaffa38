//! The sandbox: what is private in it, how it takes signals, and that nothing is left of it after any death.

use super::harness::{Chance, Suite, claims, eventually, is_root, times};
use super::outside::{Footprint, PATIENCE, SOON, machine, tree};
use super::run::{Lab, NOBODY, Run, Running};
use nix::sys::signal::Signal;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

pub fn trials(suite: &mut Suite) {
    claims! { suite:
        what_listens_in_a_namespace_ends_with_it;
        a_killed_lab_leaves_nothing;
        a_killed_lab_of_another_user_leaves_nothing needs "root";
        a_killed_lab_gives_back_every_namespace needs "unshare";
        an_init_whose_parent_died_before_it_looked_ends needs "strace";
        a_temporary_folder_goes_with_a_killed_lab;
        twenty_labs_do_not_disturb_each_other;
        every_namespace_is_another_than_outside;
        names_of_namespaces_are_private;
        the_machine_is_as_before;
        the_user_is_root_inside;
        the_working_directory_stays;
        files_that_a_script_writes_belong_to_the_user;
        ctrl_c_at_a_terminal_ends_a_script needs "setsid";
        a_terminated_lab_ends_and_leaves_nothing;
        a_hung_up_lab_ends_and_leaves_nothing;
        ctrl_c_cannot_be_caught_by_the_script;
        ctrl_c_ends_a_background_process_that_ignores_it;
        the_status_of_the_script_is_that_of_labsh;
        a_closed_standard_output_is_no_panic;
        a_sandbox_in_a_sandbox;
        the_reason_is_told_where_namespaces_are_forbidden needs "unshare";
        a_lab_of_many_namespaces_ends_at_once;
    }
    for (name, script) in UNENDING {
        suite.claim(module_path!(), &format!("ctrl_c_to_the_group_ends {name}"), &[], move || interrupted(script, Running::signal_group));
        suite.claim(module_path!(), &format!("ctrl_c_to_labsh_alone_ends {name}"), &[], move || interrupted(script, Running::signal));
    }
}

/// The other end of a wire goes when its namespace does, which a socket would keep alive.
fn what_listens_in_a_namespace_ends_with_it() {
    let script = r#"
let blue = netns::add("blue");
blue.link("lo").up();
let web = blue.http_server(8080, "hi");
let names = blue.dns_server(#{ "web.lab": "10.0.0.1" });
let log = blue.events();
expect(blue.http_get("http://127.0.0.1:8080").body == "hi");
veth::add("v0", "v1", #{ b: #{ netns: blue } });
blue.del();
wait_until("10s", || !link::list().some(|l| l.name == "v0"));
"#;
    Lab::script(script).run().ok();
}

/// What never ends by itself.
const UNENDING: &[(&str, &str)] = &[
    ("a_loop", r#"print("ready"); loop {}"#),
    ("a_loop_in_a_function", r#"fn f(n) { while true { n += 1; } } print("ready"); f(1);"#),
    (
        "a_ping_of_a_silent_address",
        r#"veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } }).a.neigh.add("10.0.0.2", #{ lladdr: "02:00:00:00:00:09" }); print("ready"); ping("10.0.0.2", #{ count: 1000, timeout: "60s" });"#,
    ),
    ("an_exec", r#"print("ready"); exec("sleep 60");"#),
    ("an_exec_that_ignores_it", r#"print("ready"); exec(["sh", "-c", "trap '' INT; sleep 60 & wait; sleep 60"]);"#),
    ("a_shell", r#"print("ready"); shell("sleep 60; true");"#),
    ("a_sleep", r#"print("ready"); sleep("60s");"#),
    ("a_wait_until", r#"print("ready"); wait_until("60s", || false);"#),
    ("a_wait_until_that_throws", r#"print("ready"); wait_until("60s", || throw "not yet");"#),
    ("an_eventually", r#"print("ready"); eventually("60s", || false);"#),
    ("a_wait_for_output", r#"let p = start("sleep 60"); print("ready"); p.wait_output("never", "60s");"#),
    ("a_wait_for_a_port", r#"let p = start("sleep 60"); print("ready"); p.wait_port(80, "60s");"#),
    ("a_wait_for_the_end", r#"let p = start("sleep 60"); print("ready"); p.wait("60s");"#),
    (
        "an_http_get",
        r#"veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } }).a.neigh.add("10.0.0.2", #{ lladdr: "02:00:00:00:00:09" }); print("ready"); http_get("http://10.0.0.2", #{ timeout: "60s" });"#,
    ),
    (
        "a_tcp_connect",
        r#"veth::add("v0", "v1", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ up: true } }).a.neigh.add("10.0.0.2", #{ lladdr: "02:00:00:00:00:09" }); print("ready"); tcp_connect("10.0.0.2", 80, #{ timeout: "60s" });"#,
    ),
    ("a_script_with_a_server", r#"http_server(8080, "hi"); print("ready"); loop { sleep("10ms"); }"#),
];

fn interrupted(script: &str, send: impl FnOnce(&Running, Signal)) {
    ended_by(Lab::script(script).start(), |running| send(running, Signal::SIGINT));
}

/// Waits until the script is ready, sends the signal, and claims that it ends soon with 130 and leaves nothing.
fn ended_by(running: Running, send: impl FnOnce(&Running)) -> Run {
    running.wait_for("ready");
    let footprint = Footprint::of(running.pid);
    assert!(footprint.namespaces() >= 6, "there is no sandbox: {footprint:?}");
    send(&running);
    let run = running.end_within(Duration::from_secs(20)).status_is(130);
    assert!(run.waited < SOON, "it took {:?}\n{run}", run.waited);
    assert!(!run.stderr.contains("error"), "a signal is no error\n{run}");
    footprint.is_gone();
    run
}

/// Builds without end, so that a random moment meets all kinds of work.
const BUILDER: &str = r#"
let n = 0;
let p = start(["sh", "-c", "setsid sleep 600 & sleep 600"]);
http_server(8080, "hi");
loop {
    let ns = netns::add(`ns${n}`);
    veth::add(`v${n}`, "eth0", #{ a: #{ addr: `10.0.${n % 250}.1/24`, up: true }, b: #{ netns: ns, addr: `10.0.${n % 250}.2/24`, up: true } });
    ns.start("sleep 600");
    ns.exec("true");
    if n % 10 == 9 { netns::del(`ns${n}`); }
    n += 1;
}
"#;

fn kill_at_random_moments(user: Option<u32>) {
    let before = machine();
    let mut chance = Chance::new();
    let mut took = Vec::new();
    for round in 0..times(30) {
        let lab = Lab::script(BUILDER);
        let running = if let Some(user) = user { lab.user(user) } else { lab }.start();
        let moment = Duration::from_micros(chance.below(if round % 2 == 0 { 30_000 } else { 300_000 }));
        // This is not a wait for something: the moment is what is tried.
        std::thread::sleep(moment);
        let mut footprint = Footprint::of(running.pid);
        let processes = tree(running.pid);
        let victim = processes.get(round % 3).or(processes.first()).map(|process| process.pid);
        footprint.add(running.pid);
        if let Some(victim) = victim {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(victim), Signal::SIGKILL);
        }
        let begin = Instant::now();
        eventually("labsh has ended", PATIENCE, || {
            running.has_ended().then_some(()).ok_or_else(|| format!("pid {} is there", running.pid))
        });
        footprint.is_gone();
        took.push(begin.elapsed());
    }
    took.sort();
    assert!(took[took.len() / 2] < SOON, "it usually takes {:?}", took[took.len() / 2]);
    assert_eq!(machine(), before);
}

fn a_killed_lab_leaves_nothing() {
    kill_at_random_moments(None);
}

fn a_killed_lab_of_another_user_leaves_nothing() {
    kill_at_random_moments(Some(NOBODY));
}

/// In a user namespace that may have 14 network namespaces at a time, labs of ten each are killed one after the other.
fn a_killed_lab_gives_back_every_namespace() {
    let outer = r#"
echo 14 > /proc/sys/user/max_net_namespaces
for round in 1 2 3 4 5; do
    tries=0
    while :; do
        # A pipe for each try: the lab that was killed before may hold its own a moment longer.
        mkfifo built.$round.$tries
        "$@" > built.$round.$tries 2> error &
        pid=$!
        if read line < built.$round.$tries; then break; fi
        wait $pid
        tries=$((tries + 1))
        if [ $tries -gt 200 ]; then cat error; exit 1; fi
    done
    kill -9 $pid
    wait $pid
done
echo "all five"
"#;
    let script = r#"for n in 0..10 { netns::add(`ns${n}`); } print("built"); sleep("60s");"#;
    let run = Lab::script(script).inside(&["unshare", "-Ur", "sh", "-c", outer, "sh"]).run().ok();
    assert!(run.stdout.ends_with("all five\n"), "{run}");
}

/// strace holds the init of the sandbox up before it asks for the signal of its parent's death, and the parent dies meanwhile.
fn an_init_whose_parent_died_before_it_looked_ends() {
    let strace = ["strace", "-f", "-o", "/dev/null", "-e", "inject=prctl:delay_enter=500000"];
    let running = Lab::script("loop {}").inside(&strace).start();
    let mut below = Vec::new();
    eventually("there is an init", Duration::from_secs(10), || {
        below = tree(running.pid);
        if below.len() == 3 { Ok(()) } else { Err(format!("{below:?}")) }
    });
    let footprint = Footprint::of(running.pid);
    let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(below[1].pid), Signal::SIGKILL);
    running.end_within(PATIENCE);
    footprint.is_gone();
}

fn a_temporary_folder_goes_with_a_killed_lab() {
    let folder = super::run::Folder::new();
    let script =
        r#"shell(`echo hi > ${temp_dir()}/file`); expect(exec(`cat ${temp_dir()}/file`).stdout == "hi\n"); print("ready"); loop {}"#;
    let running = Lab::script(script).env("TMPDIR", &folder.path().to_string_lossy()).start();
    running.wait_for("ready");
    running.signal(Signal::SIGKILL);
    running.end_within(PATIENCE);
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder is there").flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

fn twenty_labs_do_not_disturb_each_other() {
    let script = r#"
let blue = netns::add("blue");
let pair = veth::add("v-blue", "eth0", #{ a: #{ addr: "10.0.0.1/24", up: true }, b: #{ netns: blue, addr: "10.0.0.2/24", up: true } });
pair.a.wait_up();
pair.b.wait_up();
let server = blue.http_server(8080, args[0]);
for i in 0..20 {
    expect(blue.ping("10.0.0.1", #{ timeout: "10s" }).ok);
    expect(http_get("http://10.0.0.2:8080").body == args[0]);
    let ns = netns::add(`ns${i}`);
    expect(netns::list().len() == 2);
    ns.del();
}
expect(link::list().len() == 2);
expect(exec("echo " + args[0]).lines == [args[0]]);
"#;
    let runs: Vec<Running> = (0..20).map(|number| Lab::script(script).arg(&format!("lab{number}")).start()).collect();
    for running in runs {
        running.end_within(Duration::from_secs(120)).ok();
    }
}

fn every_namespace_is_another_than_outside() {
    let run =
        Lab::script(r#"for kind in ["user", "net", "mnt", "pid", "uts", "ipc"] { print(exec(["readlink", "/proc/self/ns/" + kind])); }"#)
            .run()
            .ok();
    for line in run.stdout.lines() {
        let kind = line.split(':').next().expect("kind:[inode]");
        let own = std::fs::read_link(format!("/proc/self/ns/{kind}")).expect("the own namespace");
        assert_ne!(own.to_string_lossy(), line, "{kind} is that of the machine");
    }
    assert_eq!(run.stdout.lines().count(), 6, "{run}");
}

fn names_of_namespaces_are_private() {
    let running = Lab::script(
        r#"
expect(netns::list().is_empty());
expect(exec("ls /run/netns").stdout == "");
netns::add("blue");
expect(exec("ls /run/netns").stdout == "blue\n");
print("ready");
sleep("60s");
"#,
    )
    .start();
    running.wait_for("ready");
    assert!(!std::path::Path::new("/run/netns/blue").exists(), "the name is seen outside");
    running.signal(Signal::SIGTERM);
    running.end_within(Duration::from_secs(20));
}

fn the_machine_is_as_before() {
    let before = machine();
    let script = r#"let blue = netns::add("blue"); veth::add("v0", "v1"); bridge::add("br0", #{ up: true }); exec("true"); blue.exec("true"); sysctl::set("net.ipv4.ip_forward", 1);"#;
    let forwarding = || std::fs::read_to_string("/proc/sys/net/ipv4/ip_forward").unwrap_or_default();
    let then = forwarding();
    Lab::script(script).run().ok();
    Lab::script(&format!("{script} throw \"half-way\";")).run().status_is(1);
    assert_eq!(machine(), before);
    assert_eq!(forwarding(), then);
}

fn the_user_is_root_inside() {
    Lab::script(r#"expect(exec("id -u").stdout == "0\n"); expect(exec("id -g").stdout == "0\n"); print(exec("cat /proc/self/status"));"#)
        .run()
        .ok();
    if is_root() {
        Lab::script(r#"expect(exec("id -u").stdout == "0\n");"#).user(NOBODY).run().ok();
    }
}

fn the_working_directory_stays() {
    let lab = Lab::script(r#"expect(exec("pwd").lines[0] == args[0]); expect(exec("ls").lines.contains("beside")); expect(exec("cat /proc/self/comm").stdout == "cat\n");"#).file("beside", "");
    let folder = lab.path().canonicalize().expect("the folder is there").to_string_lossy().into_owned();
    lab.arg(&folder).run().ok();
}

fn files_that_a_script_writes_belong_to_the_user() {
    use std::os::unix::fs::MetadataExt;
    let running = Lab::script(r#"shell("echo hi > written"); print("ready"); sleep("60s");"#).start();
    running.wait_for("ready");
    let written = std::fs::metadata(running.folder().join("written")).expect("the file is there");
    assert_eq!(written.uid(), nix::unistd::getuid().as_raw());
    running.signal(Signal::SIGTERM);
    running.end_within(Duration::from_secs(20));
}

/// The real thing: byte 3 into a terminal whose foreground group is labsh's.
fn ctrl_c_at_a_terminal_ends_a_script() {
    for script in [r#"print("ready"); loop {}"#, r#"print("ready"); exec("sleep 60");"#] {
        let terminal = nix::pty::openpty(None, None).expect("open a terminal");
        let (mut master, slave) = (std::fs::File::from(terminal.master), terminal.slave);
        let end = || slave.try_clone().expect("another descriptor").into();
        let running = Lab::script(script).inside(&["setsid", "--ctty"]).terminal(end(), end(), end()).start();
        drop(slave);
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        while !String::from_utf8_lossy(&seen).contains("ready") {
            let count = master.read(&mut buffer).expect("labsh is there");
            seen.extend_from_slice(&buffer[..count]);
        }
        let footprint = Footprint::of(running.pid);
        master.write_all(&[3]).expect("press Ctrl-C");
        let run = running.end_within(Duration::from_secs(20)).status_is(130);
        assert!(run.waited < SOON, "it took {:?}", run.waited);
        footprint.is_gone();
    }
}

fn a_terminated_lab_ends_and_leaves_nothing() {
    for (_, script) in &UNENDING[..5] {
        ended_by(Lab::script(script).start(), |running| running.signal(Signal::SIGTERM));
    }
}

fn a_hung_up_lab_ends_and_leaves_nothing() {
    ended_by(Lab::script(UNENDING[0].1).start(), |running| running.signal(Signal::SIGHUP));
}

fn ctrl_c_cannot_be_caught_by_the_script() {
    for script in [
        r#"print("ready"); loop { try { sleep("60s"); } catch { print("caught"); } }"#,
        r#"print("ready"); loop { try { loop {} } catch (e) { print("caught"); } }"#,
        r#"print("ready"); loop { expect_error(|| sleep("60s")); print("caught"); }"#,
        r#"print("ready"); loop { try_ping("192.0.2.1"); try { exec("sleep 60"); } catch { print("caught"); } }"#,
    ] {
        let run = ended_by(Lab::script(script).start(), |running| running.signal(Signal::SIGINT));
        assert!(!run.stdout.contains("caught"), "{run}");
    }
}

fn ctrl_c_ends_a_background_process_that_ignores_it() {
    let script = r#"let p = start(["sh", "-c", "trap '' INT TERM; echo up; while :; do sleep 1; done"]); p.wait_output("up"); print("ready"); loop {}"#;
    let running = Lab::script(script).start();
    running.wait_for("ready");
    let footprint = Footprint::of(running.pid);
    running.signal(Signal::SIGINT);
    // It has a moment to end by itself before it is killed.
    running.end_within(Duration::from_secs(10)).status_is(130);
    footprint.is_gone();
}

fn the_status_of_the_script_is_that_of_labsh() {
    Lab::script("print(1);").run().status_is(0);
    Lab::script("throw \"no\";").run().status_is(1);
    Lab::script("expect(1 == 2);").run().status_is(1);
    Lab::script("let x = ;").run().status_is(1);
    Lab::script("skip(\"not here\");").run().status_is(4).stderr_has("skipped: not here\n");
}

fn a_closed_standard_output_is_no_panic() {
    let shell = r#"{ "$@"; echo $? > status; } | head -n 1; cat status"#;
    for options in [&[] as &[&str], &["--json"]] {
        let lab =
            Lab::script("for i in 0..20000 { print(`line ${i}`); }").inside(&["sh", "-c", shell, "sh"]).deadline(Duration::from_secs(30));
        let run = options.iter().fold(lab, |lab, option| lab.option(option)).run();
        assert_eq!(run.stdout.lines().count(), 2, "{run}");
        assert!(!run.stderr.contains("panicked"), "{run}");
        assert!(run.stdout.ends_with("\n0\n"), "{run}");
    }
}

fn a_sandbox_in_a_sandbox() {
    let lab = Lab::script(
        r#"
netns::add("blue");
let inner = exec([args[0], "run", "inner.rhai"]);
expect(inner.stdout == "inside: []\n");
expect(netns::list().map(|ns| ns.name) == ["blue"]);
"#,
    )
    .file("inner.rhai", r#"print(`inside: ${netns::list().map(|ns| ns.name)}`); netns::add("red"); ping("127.0.0.1");"#);
    lab.arg(&super::run::labsh().to_string_lossy()).run().ok();
}

fn the_reason_is_told_where_namespaces_are_forbidden() {
    // As root, labsh does without a user namespace; so it is no user namespace, and no capability either, that it has here.
    let outer = r#"echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$@""#;
    Lab::script("print(1);")
        .inside(&["unshare", "-Ur", "sh", "-c", outer, "sh"])
        .run()
        .status_is(3)
        .stderr_has("error: cannot enter a sandbox\n")
        .stderr_has("  = this machine allows no user namespaces (user.max_user_namespaces = 0)\n")
        .stderr_has("  = try: sudo sysctl user.max_user_namespaces=10000, or docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN\n");
}

fn a_lab_of_many_namespaces_ends_at_once() {
    let running = Lab::script(r#"for n in 0..100 { netns::add(`ns${n}`); } print("ready"); sleep("60s");"#).start();
    ended_by(running, |running| running.signal(Signal::SIGINT));
}
