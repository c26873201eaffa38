//! Named labs: what outlives the command, what enters it, how it is taken down, and that nobody else has a part in it.

use super::harness::{Suite, at_best_within, claims, eventually, find_program};
use super::outside::{Footprint, PATIENCE};
use super::run::{Folder, Lab, NOBODY, Run, Running, Stream, scrub};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::Pid;
use std::fs;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub fn trials(suite: &mut Suite) {
    claims! { suite:
        a_lab_outlives_the_command_that_made_it;
        what_a_script_left_running_still_answers needs "ip";
        a_program_gets_input_and_passes_its_status_on;
        a_program_gets_the_signals_of_labsh;
        a_lab_is_entered_by_several_at_once;
        a_shell_sees_names_that_others_make;
        a_script_runs_in_a_lab;
        what_a_failed_script_started_ends_and_the_lab_stays;
        output_in_the_background_is_kept_and_bounded;
        the_namespaces_are_told_to_other_tools needs "nsenter" "ip";
        the_traced_line_of_nsenter_does_the_same needs "nsenter" "ip";
        a_name_that_is_taken_is_refused;
        a_lab_that_is_not_there_is_said_with_the_nearest_name;
        a_name_that_is_no_name_is_refused;
        a_wrong_script_makes_no_lab;
        a_failed_script_leaves_no_lab_unless_it_is_kept;
        an_interrupted_up_leaves_no_lab;
        a_killed_up_leaves_no_lab;
        down_takes_everything_at_once;
        down_ends_what_is_attached_and_puts_the_terminal_back needs "setsid";
        down_ends_a_program_at_a_terminal needs "setsid";
        down_takes_a_lab_whose_user_is_stopped;
        down_of_all_takes_many_labs;
        a_killed_init_takes_the_lab_along;
        a_race_for_one_name_gives_one_lab;
        many_labs_are_listed_at_once;
        an_init_holds_nothing_but_the_lock;
        a_read_only_state_folder_refuses_and_still_lists needs "root" "unshare" "mount";
        a_full_state_folder_refuses_and_leaves_nothing needs "root" "unshare" "mount";
        another_user_has_no_part_in_a_lab needs "root" "setpriv" "nsenter";
        a_planted_state_folder_is_refused needs "root" "unshare" "setpriv" "mount";
        a_clock_set_back_changes_nothing;
    }
}

/// Folders for the state of one trial, so that no lab of the user is touched. Dropped, its labs are taken down.
pub struct Home {
    folder: Folder,
    user: Option<u32>,
}

impl Home {
    pub fn new() -> Home {
        Home::of(None)
    }

    pub fn of(user: Option<u32>) -> Home {
        let folder = Folder::new();
        for name in ["run", "state", "tmp"] {
            let path = folder.path().join(name);
            fs::create_dir(&path).expect("make a folder");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("close the folder");
            chown(&path, user, user).expect("give the folder away");
        }
        Home { folder, user }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn labsh(&self, words: &[&str]) -> Lab {
        let lab = Lab::command(words)
            .env("XDG_RUNTIME_DIR", &self.path("run").to_string_lossy())
            .env("XDG_STATE_HOME", &self.path("state").to_string_lossy())
            .env("TMPDIR", &self.path("tmp").to_string_lossy());
        if let Some(user) = self.user { lab.user(user) } else { lab }
    }

    #[track_caller]
    fn run(&self, words: &[&str]) -> Run {
        self.labsh(words).run()
    }

    #[track_caller]
    fn up(&self, name: &str, script: &str) -> Run {
        self.labsh(&["up", name, "script.rhai"]).file("script.rhai", script).run()
    }

    /// The process id of a lab's init.
    #[track_caller]
    fn init(&self, name: &str) -> i32 {
        let run = self.run(&["--json", "env", name]).ok();
        run.json()["pid"].as_i64().expect("a process id") as i32
    }

    /// What is in its folders, but for the empty folder of labs and the history of the REPL.
    pub fn files(&self) -> Vec<String> {
        fn below(folder: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                found.push(entry.path().to_string_lossy().into_owned());
                below(&entry.path(), found);
            }
        }
        let mut found = Vec::new();
        below(self.folder.path(), &mut found);
        let own = ["run", "state", "tmp", "run/labsh", "state/labsh", "state/labsh/history"]
            .map(|name| self.path(name).to_string_lossy().into_owned());
        found.retain(|path| !own.contains(path));
        found
    }

    #[track_caller]
    fn is_empty(&self) {
        // What killed ones left goes with the next look.
        self.run(&["ls"]).ok().stdout_is("no labs: labsh up NAME makes one\n");
        assert_eq!(self.files(), Vec::<String>::new(), "files are left");
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Not by `run`, which would fail a trial that has failed already.
        let mut down = std::process::Command::new(super::run::binary(self.user));
        down.args(["-q", "down", "--all"]).env("XDG_RUNTIME_DIR", self.path("run"));
        if let Some(user) = self.user {
            down.uid(user).gid(user);
        }
        let _ = down.status();
    }
}

/// A terminal with labsh in it.
struct Screen {
    running: Running,
    master: fs::File,
    slave: OwnedFd,
    output: Stream,
}

impl Screen {
    fn start(lab: Lab) -> Screen {
        let pty = nix::pty::openpty(None, None).expect("open a terminal");
        let end = || pty.slave.try_clone().expect("another descriptor").into();
        let running = lab.env("TERM", "xterm").inside(&["setsid", "--ctty", "--wait"]).terminal(end(), end(), end()).start();
        let master = fs::File::from(pty.master);
        let output = Stream::read(master.try_clone().ok());
        Screen { running, master, slave: pty.slave, output }
    }

    fn keys(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).expect("the terminal takes input");
    }

    #[track_caller]
    fn wait_for(&self, part: &str) {
        assert!(self.output.wait_for(part, Duration::from_secs(20)), "`{part}` did not come; the terminal: {}", self.output.text());
    }

    fn modes(&self) -> LocalFlags {
        tcgetattr(self.slave.as_fd()).expect("it is a terminal").local_flags
    }
}

/// Two namespaces with a wire, a server and a process that goes on.
const TWO: &str = r#"
let blue = netns::add("blue");
let red = netns::add("red");
veth::add("v0", "v1", #{ a: #{ netns: blue, addr: "10.0.0.1/24", up: true }, b: #{ netns: red, addr: "10.0.0.2/24", up: true } });
blue.http_server(8080, "hi from blue");
red.start(["sh", "-c", "echo one; echo two >&2; exec sleep 600"]).wait_output("two");
print("built");
"#;

const UP: &str = "lab `demo` is up: labsh attach demo, labsh exec demo -- CMD, labsh down demo\n";

/// Replaces what differs from run to run in a list of labs.
fn scrub_list(text: &str) -> String {
    let rules = [(r" +[0-9]+s ", " AGE "), (r" +[0-9.]+ MiB", " MEMORY")];
    rules.iter().fold(text.to_string(), |text, (pattern, with)| {
        regex_lite::Regex::new(pattern).expect("the pattern is right").replace_all(&text, *with).into_owned()
    })
}

fn a_lab_outlives_the_command_that_made_it() {
    let home = Home::new();
    home.run(&["ls"]).ok().stdout_is("no labs: labsh up NAME makes one\n");
    home.run(&["up", "demo"]).ok().stdout_is(UP).stderr_is("");
    let run = home.run(&["ls"]).ok();
    assert_eq!(
        scrub_list(&run.stdout),
        "NAME                AGE  NETNS  PROCESSES     MEMORY  SCRIPT\ndemo AGE      0          1 MEMORY\n"
    );
    let listed = home.run(&["--json", "ls"]).ok().json();
    let expected = ("demo", serde_json::json!([]), serde_json::json!([]));
    assert_eq!((listed["name"].as_str().unwrap(), listed["netns"].clone(), listed["script"].clone()), expected);
    assert_eq!(listed["processes"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed["processes"][0]["pid"], listed["pid"]);
    home.run(&["down", "demo"]).ok().stdout_is("lab `demo` is down\n").stderr_is("");
    home.is_empty();
}

fn what_a_script_left_running_still_answers() {
    let home = Home::new();
    home.up("demo", TWO).ok().stdout_is(&format!("built\n{UP}")).stderr_is("\npassed in TIME\n");
    let run = home.run(&["ls"]).ok();
    assert!(scrub_list(&run.stdout).ends_with("\ndemo AGE      2          3 MEMORY  script.rhai\n"), "{run}");
    let ask = r#"print(netns::get("red").http_get("http://10.0.0.1:8080").body); expect(netns::get("red").ping("10.0.0.1").ok);"#;
    home.labsh(&["run", "--lab", "demo", "ask.rhai"]).file("ask.rhai", ask).run().ok().stdout_is("hi from blue\n");
    home.run(&["exec", "demo/blue", "--", "ip", "-br", "addr", "show", "dev", "v0"]).ok();
    home.run(&["exec", "demo/red", "--", "sh", "-c", "grep -E 'blue|red' /etc/hosts; ip netns list | cut -d ' ' -f 1 | sort"])
        .ok()
        .stdout_is("10.0.0.1 blue\n10.0.0.2 red\nblue\nred\n");
    if find_program("ping").is_some() {
        home.run(&["exec", "demo/red", "--", "ping", "-c", "1", "-W", "5", "blue"]).ok();
    }
    home.run(&["logs", "demo"]).ok().stdout_is("one\ntwo\n").stderr_is("");
    home.run(&["down", "demo"]).ok();
    home.is_empty();
}

fn a_program_gets_input_and_passes_its_status_on() {
    let home = Home::new();
    home.up("demo", TWO).ok();
    home.run(&["exec", "demo", "--", "sh", "-c", "exit 7"]).status_is(7).stdout_is("").stderr_is("");
    home.run(&["exec", "demo/blue", "--", "sh", "-c", "kill -TERM $$"]).status_is(143).stdout_is("").stderr_is("");
    home.run(&["exec", "demo/blue", "--", "sh", "-c", "kill -KILL $$"]).status_is(137).stdout_is("").stderr_is("");
    home.labsh(&["exec", "demo/red", "--", "sh", "-c", "cat; echo error >&2"])
        .input("in\n")
        .run()
        .ok()
        .stdout_is("in\n")
        .stderr_is("error\n");
    home.run(&["exec", "demo", "--", "no-such-program"]).status_is(127).stdout_is("").stderr_is(
        "error: cannot exec `no-such-program` in netns `root`
  = No such file or directory (ENOENT)
  = no folder of PATH has a program `no-such-program`
",
    );
    home.run(&["exec", "demo/blu", "--", "true"]).status_is(127).stderr_is(
        "error: cannot find netns `blu`
  = there is no network namespace with that name
  = did you mean `blue`?
",
    );
    let bytes: String = "0123456789abcdef".repeat(65536);
    let run = home.labsh(&["exec", "demo", "--", "cat"]).input(&bytes).run().ok();
    assert!(run.stdout == bytes, "{} bytes of {}", run.stdout.len(), bytes.len());
    home.run(&["down", "demo"]).ok();
}

fn a_program_gets_the_signals_of_labsh() {
    let home = Home::new();
    home.run(&["up", "demo"]).ok();
    for (signal, name) in [(Signal::SIGINT, "INT"), (Signal::SIGTERM, "TERM"), (Signal::SIGHUP, "HUP")] {
        let script = format!("trap 'echo got {name}; exit 9' {name}; echo ready; while :; do sleep 0.01; done");
        let running = home.labsh(&["exec", "demo", "--", "sh", "-c", &script]).start();
        running.wait_for("ready");
        running.signal(signal);
        running.end_within(PATIENCE).status_is(9).stdout_is(&format!("ready\ngot {name}\n")).stderr_is("");
    }
    home.run(&["down", "demo"]).ok();
}

fn a_lab_is_entered_by_several_at_once() {
    let home = Home::new();
    home.run(&["up", "demo"]).ok();
    let one = home.labsh(&["exec", "demo", "--", "sh", "-c", "echo ready; read line; cat /proc/sys/kernel/hostname"]);
    home.labsh(&["attach", "demo"]).input("netns::add(\"blue\").link(\"lo\").up(); 1 + 1\n").run().ok().stdout_is("2\n").stderr_is("");
    home.labsh(&["attach", "demo"]).input("netns::get(\"blue\").link(\"lo\").is_up\n").run().ok().stdout_is("true\n");
    one.input("\n").run().ok();
    home.run(&["down", "demo"]).ok();
}

fn a_shell_sees_names_that_others_make() {
    let home = Home::new();
    home.run(&["up", "demo"]).ok();
    let wait = |name: &str| format!("until grep -q {name} /etc/hosts; do sleep 0.05; done; grep {name} /etc/hosts");
    let make = |name: &str, net: u8| {
        format!("veth::add(\"{name}0\", \"{name}1\", #{{ b: #{{ netns: netns::add(\"{name}\"), addr: \"10.{net}.0.2/24\" }} }});\n")
    };
    for (name, net, attached) in [("red", 1, true), ("green", 2, false)] {
        let shell = home.labsh(&["exec", "demo", "--", "sh", "-c", &format!("echo ready; {}", wait(name))]).start();
        shell.wait_for("ready");
        match attached {
            true => home.labsh(&["attach", "demo"]).input(make(name, net)).run().ok(),
            false => home.labsh(&["run", "--lab", "demo", "s.rhai"]).file("s.rhai", make(name, net)).run().ok(),
        };
        shell.end_within(PATIENCE).ok().stdout_is(&format!("ready\n10.{net}.0.2 {name}\n"));
    }
    home.run(&["down", "demo"]).ok();
}

fn a_script_runs_in_a_lab() {
    let home = Home::new();
    home.run(&["up", "demo"]).ok();
    let script = r#"let n = netns::add(`ns${args[0]}`); expect(world().kind == "named"); print(n); n.start("sleep 600");"#;
    for number in ["1", "2"] {
        home.labsh(&["run", "--lab", "demo", "s.rhai", number]).file("s.rhai", script).run().ok().stdout_is(&format!("ns{number}\n"));
    }
    let listed = home.run(&["--json", "ls"]).ok().json();
    assert_eq!(listed["netns"], serde_json::json!(["ns1", "ns2"]), "{listed}");
    let sleeping = listed["processes"].as_array().unwrap().iter().filter(|process| process["command"] == "sleep 600").count();
    assert_eq!(sleeping, 2, "{listed}");
    home.run(&["down", "demo"]).ok();
}

fn what_a_failed_script_started_ends_and_the_lab_stays() {
    let home = Home::new();
    home.run(&["up", "demo"]).ok();
    let script = r#"netns::add("blue").start("sleep 600"); throw "no";"#;
    home.labsh(&["run", "--lab", "demo", "s.rhai"]).file("s.rhai", script).run().status_is(1).stderr_has("error: no\n");
    let listed = home.run(&["--json", "ls"]).ok().json();
    assert_eq!((listed["netns"].clone(), listed["processes"].as_array().unwrap().len()), (serde_json::json!(["blue"]), 1), "{listed}");
    home.run(&["down", "demo"]).ok();
}

fn output_in_the_background_is_kept_and_bounded() {
    let home = Home::new();
    home.run(&["up", "demo"]).ok();
    home.run(&["logs", "demo"])
        .status_is(1)
        .stdout_is("")
        .stderr_is("error: cannot find logs of lab `demo`\n  = no script has started a process in the background\n");
    let script = r#"
start(["sh", "-c", "echo first; sleep 600"]);
start(["sh", "-c", "seq 1 1200000; echo the end; exec sleep 601"]).wait_output("the end", "30s");
"#;
    home.labsh(&["run", "--lab", "demo", "s.rhai"]).file("s.rhai", script).run().ok();
    home.run(&["logs", "demo", "sleep 600"]).ok().stdout_is("first\n");
    eventually("the end is in the log", PATIENCE, || {
        let run = home.run(&["logs", "demo", "seq"]).ok();
        assert!(run.stdout.len() <= 4 << 20, "{} bytes", run.stdout.len());
        if run.stdout.ends_with("1200000\nthe end\n") { Ok(()) } else { Err(format!("{} bytes", run.stdout.len())) }
    });
    let run = home.run(&["logs", "demo"]).ok();
    assert_eq!(run.stdout.matches("==> ").count(), 2, "{run}");
    home.run(&["logs", "demo", "nothing"])
        .status_is(1)
        .stderr_is("error: cannot find the log of `nothing`\n  = no background process of this lab is called so\n");
    home.run(&["down", "demo"]).ok();
}

/// The variables of a text of NAME=VALUE lines.
fn variable<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
}

fn the_namespaces_are_told_to_other_tools() {
    let home = Home::new();
    home.up("demo", TWO).ok();
    let run = home.run(&["env", "demo"]).ok();
    let pid = variable(&run.stdout, "LABSH_PID");
    let expected = format!(
        "LABSH_LAB=demo\nLABSH_PID={pid}\nLABSH_NETNS_root=/proc/{pid}/ns/net\nLABSH_NETNS_blue=/proc/{pid}/root/run/netns/blue\nLABSH_NETNS_red=/proc/{pid}/root/run/netns/red\n"
    );
    assert_eq!(run.stdout, expected);
    let json = home.run(&["--json", "env", "demo"]).ok().json();
    assert_eq!(json["netns"]["blue"].as_str(), Some(variable(&run.stdout, "LABSH_NETNS_blue")));
    let net = format!("--net={}", variable(&run.stdout, "LABSH_NETNS_blue"));
    let output = std::process::Command::new("nsenter")
        .args(["--target", pid, "--user", "--preserve-credentials", &net, "--", "ip", "-br", "link", "show", "dev", "v0"])
        .env("PATH", super::harness::search_path())
        .output()
        .expect("run nsenter");
    assert!(output.status.success() && output.stdout.starts_with(b"v0@"), "{output:?}");
    home.run(&["down", "demo"]).ok();
}

fn the_traced_line_of_nsenter_does_the_same() {
    let home = Home::new();
    home.up("demo", TWO).ok();
    let run = home.run(&["--trace", "exec", "demo/blue", "--", "ip", "-br", "addr"]).ok();
    let line = run.stderr.strip_prefix("$ ").unwrap_or_else(|| panic!("no line\n{run}"));
    let same = std::process::Command::new("sh").args(["-c", line]).env("PATH", super::harness::search_path()).output().expect("run it");
    assert_eq!(String::from_utf8_lossy(&same.stdout), run.stdout, "{same:?}");
    home.run(&["down", "demo"]).ok();
}

const TAKEN: &str = "error: cannot make lab `demo`\n  = a lab of that name is there\n  = try: labsh attach demo, or labsh down demo\n";

fn a_name_that_is_taken_is_refused() {
    let home = Home::new();
    home.up("demo", TWO).ok();
    home.run(&["up", "demo"]).status_is(1).stdout_is("").stderr_is(TAKEN);
    home.up("demo", "throw \"never\";").status_is(1).stdout_is("").stderr_is(TAKEN);
    home.run(&["exec", "demo/blue", "--", "true"]).ok();
    home.run(&["down", "demo"]).ok();
    home.run(&["up", "demo"]).ok();
    home.run(&["down", "demo"]).ok();
}

fn a_lab_that_is_not_there_is_said_with_the_nearest_name() {
    let home = Home::new();
    for words in [&["attach", "demo"] as &[&str], &["exec", "demo", "--", "true"], &["env", "demo"], &["logs", "demo"], &["down", "demo"]] {
        home.run(words)
            .status_is(1)
            .stdout_is("")
            .stderr_is("error: cannot find lab `demo`\n  = there is no lab of that name\n  = try: labsh up demo makes one\n");
    }
    home.run(&["up", "demo"]).ok();
    home.run(&["attach", "dmeo"])
        .status_is(1)
        .stderr_is("error: cannot find lab `dmeo`\n  = there is no lab of that name\n  = did you mean `demo`?\n");
    home.run(&["down", "other", "demo"])
        .status_is(1)
        .stdout_is("lab `demo` is down\n")
        .stderr_is("error: cannot find lab `other`\n  = there is no lab of that name\n  = there are: demo\n");
    home.is_empty();
}

fn a_name_that_is_no_name_is_refused() {
    let home = Home::new();
    let long = "x".repeat(65);
    for (name, why) in [
        ("", "a name cannot be empty"),
        ("a/b", "the character `/` is not allowed"),
        ("..", "it cannot begin with a dot or a dash"),
        (".gone-1", "it cannot begin with a dot or a dash"),
        ("a b", "the character ` ` is not allowed"),
        (long.as_str(), "a name has at most 64 bytes"),
    ] {
        home.run(&["up", name]).status_is(1).stdout_is("").stderr_is(&format!("error: cannot name a lab `{name}`\n  = {why}\n"));
    }
    home.is_empty();
}

fn a_wrong_script_makes_no_lab() {
    let home = Home::new();
    home.up("demo", "netns::ad(\"blue\");").status_is(1).stdout_is("").stderr_has("did you mean `add`?");
    home.run(&["up", "demo", "no-such-script"])
        .status_is(1)
        .stderr_is("error: cannot read script `no-such-script`\n  = there is no such file, and no script of that name in labsh\n");
    assert!(!home.path("run/labsh/demo").exists());
    home.is_empty();
}

fn a_failed_script_leaves_no_lab_unless_it_is_kept() {
    let script = "netns::add(\"blue\").start(\"sleep 600\"); throw \"no\";";
    let error = "error: no\n  ┌─ script.rhai:1:43\n  │\n1 │ netns::add(\"blue\").start(\"sleep 600\"); throw \"no\";\n  │                                           ^^^^^\n\nfailed in TIME\n";
    let error = error
        .replace("script.rhai:1:43", "script.rhai:1:40")
        .replace("                                           ^", "                                        ^");
    let home = Home::new();
    home.up("demo", script).status_is(1).stdout_is("").stderr_is(&error);
    home.is_empty();
    home.labsh(&["up", "demo", "script.rhai", "--keep"]).file("script.rhai", script).run().status_is(1).stdout_is(UP).stderr_is(&error);
    let listed = home.run(&["--json", "ls"]).ok().json();
    assert_eq!(listed["netns"], serde_json::json!(["blue"]), "{listed}");
    assert!(listed["processes"].as_array().unwrap().iter().any(|process| process["command"] == "sleep 600"), "{listed}");
    home.run(&["down", "demo"]).ok();
    home.is_empty();
}

fn an_interrupted_up_leaves_no_lab() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let home = Home::new();
        let script = "netns::add(\"blue\").start(\"sleep 600\"); print(\"ready\"); loop {}";
        let running = home.labsh(&["up", "demo", "script.rhai"]).file("script.rhai", script).start();
        running.wait_for("ready");
        let footprint = Footprint::of(home.init("demo"));
        running.signal(signal);
        running.end_within(Duration::from_secs(20)).status_is(130);
        footprint.is_gone();
        home.is_empty();
    }
}

fn a_killed_up_leaves_no_lab() {
    let home = Home::new();
    let script = "netns::add(\"blue\").start(\"sleep 600\"); print(\"ready\"); loop {}";
    let running = home.labsh(&["up", "demo", "script.rhai"]).file("script.rhai", script).start();
    running.wait_for("ready");
    let mut footprint = Footprint::of(home.init("demo"));
    footprint.add(running.pid);
    running.signal(Signal::SIGKILL);
    running.end_within(PATIENCE).status_is(137);
    footprint.is_gone();
    home.is_empty();
}

fn down_takes_everything_at_once() {
    let home = Home::new();
    let script = r#"
for n in 0..5 { netns::add(`ns${n}`).start(["sh", "-c", "trap '' TERM INT HUP; setsid sleep 600 & while :; do sleep 1; done"]); }
http_server(8080, "hi");
shell(`echo hi > ${temp_dir()}/file`);
"#;
    at_best_within("down", Duration::from_secs(1), || {
        home.up("demo", script).ok();
        let footprint = Footprint::of(home.init("demo"));
        assert!(footprint.namespaces() >= 6, "{footprint:?}");
        let run = home.run(&["down", "demo"]).ok();
        footprint.is_gone();
        home.is_empty();
        run.time
    });
}

fn down_ends_what_is_attached_and_puts_the_terminal_back() {
    let home = Home::new();
    home.run(&["up", "demo"]).ok();
    let mut screen = Screen::start(home.labsh(&["attach", "demo"]));
    let before = screen.modes();
    screen.wait_for("demo>");
    screen.keys("1 + 41\r");
    screen.wait_for("42");
    eventually("the editor has the terminal", PATIENCE, || {
        if screen.modes().contains(LocalFlags::ICANON) { Err("ICANON".to_string()) } else { Ok(()) }
    });
    home.run(&["down", "demo"]).ok();
    screen.wait_for("labsh: lab `demo` was taken down");
    let after = screen.modes();
    let Screen { running, .. } = screen;
    running.end_within(PATIENCE).status_is(137);
    assert_eq!(after, before, "the terminal is another than before");
    home.is_empty();
}

fn down_ends_a_program_at_a_terminal() {
    let home = Home::new();
    home.run(&["up", "demo"]).ok();
    let mut screen = Screen::start(home.labsh(&["exec", "demo", "--", "sh", "-c", "stty raw -echo; tty; echo ready; cat"]));
    let before = screen.modes();
    screen.wait_for("ready");
    assert!(screen.output.text().contains("/dev/pts/"), "{}", screen.output.text());
    screen.keys("typed");
    screen.wait_for("typed");
    home.run(&["down", "demo"]).ok();
    screen.wait_for("labsh: lab `demo` was taken down");
    assert!(before.contains(LocalFlags::ICANON) && screen.modes().contains(LocalFlags::ICANON));
    let Screen { running, .. } = screen;
    running.end_within(PATIENCE).status_is(137);
    home.is_empty();
}

fn down_takes_a_lab_whose_user_is_stopped() {
    let home = Home::new();
    home.run(&["up", "demo"]).ok();
    let running = home.labsh(&["exec", "demo", "--", "sh", "-c", "echo ready; exec sleep 600"]).start();
    running.wait_for("ready");
    let init = home.init("demo");
    let footprint = Footprint::of(init);
    running.signal(Signal::SIGSTOP);
    let _ = kill(Pid::from_raw(init), Signal::SIGSTOP);
    home.run(&["down", "demo"]).ok();
    running.end_within(PATIENCE).status_is(137).stderr_has("labsh: lab `demo` was taken down");
    footprint.is_gone();
    home.is_empty();
}

fn down_of_all_takes_many_labs() {
    let home = Home::new();
    for number in 0..5 {
        home.up(&format!("lab{number}"), "netns::add(\"blue\").start(\"sleep 600\");").ok();
    }
    let footprints: Vec<_> = (0..5).map(|number| Footprint::of(home.init(&format!("lab{number}")))).collect();
    home.run(&["down", "--all"])
        .ok()
        .stdout_is("lab `lab0` is down\nlab `lab1` is down\nlab `lab2` is down\nlab `lab3` is down\nlab `lab4` is down\n");
    footprints.iter().for_each(Footprint::is_gone);
    home.is_empty();
    home.run(&["down", "--all"]).ok().stdout_is("");
}

fn a_killed_init_takes_the_lab_along() {
    let home = Home::new();
    home.up("demo", TWO).ok();
    let running = home.labsh(&["exec", "demo", "--", "sh", "-c", "echo ready; exec sleep 600"]).start();
    running.wait_for("ready");
    let init = home.init("demo");
    let footprint = Footprint::of(init);
    let _ = kill(Pid::from_raw(init), Signal::SIGKILL);
    running.end_within(PATIENCE).status_is(137).stderr_has("labsh: lab `demo` was taken down");
    footprint.is_gone();
    home.run(&["exec", "demo", "--", "true"]).status_is(1).stderr_has("there is no lab of that name");
    home.is_empty();
}

fn a_race_for_one_name_gives_one_lab() {
    let home = Home::new();
    let runs: Vec<Running> = (0..50).map(|_| home.labsh(&["up", "demo"]).start()).collect();
    let (mut made, mut refused) = (0, 0);
    for running in runs {
        let run = running.end_within(Duration::from_secs(60));
        match run.status {
            0 => made += 1,
            _ => {
                run.status_is(1).stdout_is("").stderr_is(TAKEN);
                refused += 1;
            }
        }
    }
    assert_eq!((made, refused), (1, 49));
    home.run(&["exec", "demo", "--", "true"]).ok();
    home.run(&["down", "demo"]).ok();
    home.is_empty();
}

/// The figures are for a release build; a debug build reads and writes at a fraction of its speed, and maps much more.
fn many_labs_are_listed_at_once() {
    let home = Home::new();
    let count: usize = std::env::var("LABSH_TESTS_LABS").ok().and_then(|text| text.parse().ok()).unwrap_or(30);
    let script = r#"for n in 0..5 { netns::add(`host${n}`); }"#;
    let runs: Vec<Running> =
        (0..count).map(|number| home.labsh(&["up", &format!("lab{number}"), "script.rhai"]).file("script.rhai", script).start()).collect();
    for running in runs {
        running.end_within(Duration::from_secs(120)).ok();
    }
    let debug = cfg!(debug_assertions);
    let mut ls = Duration::MAX;
    at_best_within("ls", Duration::from_millis(if debug { 1000 } else { 200 }), || {
        let run = home.run(&["ls"]).ok();
        assert_eq!(run.stdout.lines().count(), count + 1, "{run}");
        ls = ls.min(run.time);
        run.time
    });
    let memory: Vec<u64> =
        home.run(&["--json", "ls"]).ok().events().iter().filter_map(|lab| lab["processes"][0]["memory_kib"].as_u64()).collect();
    let most = memory.iter().max().copied().unwrap_or_default();
    let run = home.run(&["down", "--all"]).ok();
    println!("{count} labs of 5 hosts: ls {ls:?}, an init has {most} KiB at most, down --all {:?}", run.time);
    assert!(memory.len() == count && most < if debug { 20 << 10 } else { 3 << 10 }, "{most} KiB");
    assert!(run.time < Duration::from_secs(10), "{run}");
    home.is_empty();
}

fn an_init_holds_nothing_but_the_lock() {
    let home = Home::new();
    let outer = r#"exec 7< /etc/passwd 9> held; "$@""#;
    home.labsh(&["up", "demo", "script.rhai"]).file("script.rhai", TWO).inside(&["sh", "-c", outer, "sh"]).run().ok();
    let init = home.init("demo");
    let mut held: Vec<String> = fs::read_dir(format!("/proc/{init}/fd"))
        .expect("the init is there")
        .flatten()
        .map(|entry| fs::read_link(entry.path()).unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    held.sort();
    let lock = home.path("run/labsh/demo/lock").to_string_lossy().into_owned();
    let mut expected = vec!["/dev/null", "/dev/null", "/dev/null", lock.as_str(), "anon_inode:[signalfd]"];
    expected.sort_unstable();
    assert_eq!(held, expected);
    assert_eq!(fs::read_link(format!("/proc/{init}/cwd")).unwrap(), Path::new("/"));
    home.run(&["down", "demo"]).ok();
}

/// Runs a shell script with the state folder of a [`Home`] as `$XDG_RUNTIME_DIR`, mounted as it says, and labsh as `"$@"`.
fn with_mounts(home: &Home, script: &str) -> Run {
    home.labsh(&[]).inside(&["unshare", "-m", "sh", "-c", script, "sh"]).run()
}

fn a_read_only_state_folder_refuses_and_still_lists() {
    let home = Home::new();
    let script = r#"
mount -t tmpfs -o mode=700 tmpfs "$XDG_RUNTIME_DIR" || exit 90
"$@" up one > /dev/null || exit 91
mount --bind "$XDG_RUNTIME_DIR" "$XDG_RUNTIME_DIR" && mount -o remount,bind,ro "$XDG_RUNTIME_DIR" || exit 92
"$@" up two; echo "status $?"
"$@" ls | cut -d ' ' -f 1
"$@" exec one -- echo inside
"$@" down one; echo "status $?"
"$@" ls
umount "$XDG_RUNTIME_DIR" || exit 93
"$@" ls
ls -A "$XDG_RUNTIME_DIR/labsh"
"#;
    let run = with_mounts(&home, script).ok();
    assert_eq!(
        run.stdout,
        "status 3\nNAME\none\ninside\nlab `one` is down\nstatus 0\nno labs: labsh up NAME makes one\nno labs: labsh up NAME makes one\n",
        "{run}"
    );
    run.stderr_is("error: cannot make lab `two`\n  = Read-only file system (EROFS)\n");
}

fn a_full_state_folder_refuses_and_leaves_nothing() {
    let home = Home::new();
    let script = r#"
mount -t tmpfs -o mode=700,size=16k tmpfs "$XDG_RUNTIME_DIR" || exit 90
"$@" up one > /dev/null || exit 91
"$@" down one > /dev/null || exit 91
cat /dev/zero > "$XDG_RUNTIME_DIR/filler" 2> /dev/null
"$@" up two; echo "status $?"
"$@" ls
ls -A "$XDG_RUNTIME_DIR/labsh"
rm "$XDG_RUNTIME_DIR/filler"
"$@" up two > /dev/null && "$@" down two
"#;
    let run = with_mounts(&home, script).ok();
    assert_eq!(run.stdout, "status 3\nno labs: labsh up NAME makes one\nlab `two` is down\n", "{run}");
    run.stderr_is("error: cannot make lab `two`\n  = No space left on device (ENOSPC)\n");
}

fn another_user_has_no_part_in_a_lab() {
    let home = Home::of(Some(NOBODY));
    home.up("demo", TWO).ok();
    let init = home.init("demo");
    let init_text = init.to_string();
    let attempt = |words: &[&str]| {
        let output = std::process::Command::new("setpriv")
            .args(["--reuid", "65533", "--regid", "65533", "--clear-groups"])
            .args(words)
            .env("PATH", super::harness::search_path())
            .output()
            .expect("run setpriv");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let folder = home.path("run/labsh").to_string_lossy().into_owned();
    for words in [
        &["ls", folder.as_str()] as &[&str],
        &["kill", "-KILL", &init_text],
        &["nsenter", "--target", &init_text, "--user", "--preserve-credentials", "--net", "true"],
        &["ls", &format!("/proc/{init}/root/run/netns")],
        &["ls", &format!("/proc/{init}/fd")],
        &["touch", &home.path("run/labsh/planted").to_string_lossy()],
    ] {
        let (done, error) = attempt(words);
        assert!(!done, "{words:?} was possible");
        assert!(error.contains("ermission denied") || error.contains("not permitted"), "{words:?}: {error}");
    }
    home.run(&["exec", "demo/blue", "--", "true"]).ok();
    home.run(&["down", "demo"]).ok();
    home.is_empty();
}

/// The folder in /tmp that stands in where there is no XDG_RUNTIME_DIR.
fn a_planted_state_folder_is_refused() {
    let outer = |plant: &str| {
        format!(
            r#"
exec 8< "$1"
mount -t tmpfs -o mode=1777 tmpfs /tmp || exit 90
mkdir -m 755 /tmp/bin && cat <&8 > /tmp/bin/labsh && chmod 755 /tmp/bin/labsh || exit 91
{plant}
unset XDG_RUNTIME_DIR
as() {{ setpriv --reuid $1 --regid $1 --clear-groups /tmp/bin/labsh $2 $3; echo "status $?"; }}
as 65534 up demo
as 65534 ls
setpriv --reuid 65534 --regid 65534 --clear-groups /tmp/bin/labsh -q down --all 2> /dev/null
true
"#
        )
    };
    let try_with = |plant: &str| Lab::command(&[]).inside(&["unshare", "-m", "sh", "-c", &outer(plant), "sh"]).run().ok();
    let refusal = |cause: &str| {
        let error = format!(
            "error: cannot use the folder `/tmp/labsh-65534`\n  = {cause}\n  = try: remove it, or set XDG_RUNTIME_DIR to a folder of your own\n"
        );
        error.repeat(2)
    };
    for (plant, cause) in [
        ("mkdir -m 700 /tmp/labsh-65534; chown 65533 /tmp/labsh-65534", "it belongs to another user (uid 65533)"),
        ("mkdir -m 777 /tmp/labsh-65534; chown 65534 /tmp/labsh-65534; chmod 777 /tmp/labsh-65534", "others may enter it (mode 777)"),
        ("mkdir -m 700 /tmp/real; chown 65534 /tmp/real; ln -s /tmp/real /tmp/labsh-65534", "it is not a folder of its own"),
        ("touch /tmp/labsh-65534; chown 65534 /tmp/labsh-65534", "it is not a folder of its own"),
    ] {
        let run = try_with(plant);
        assert_eq!(run.stdout, "status 3\nstatus 1\n", "{plant}\n{run}");
        assert_eq!(scrub(&run.stderr), refusal(cause), "{plant}\n{run}");
    }
    let run = try_with("");
    assert_eq!(
        run.stdout.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect::<Vec<_>>(),
        ["lab", "status", "NAME", "demo", "status"],
        "{run}"
    );
}

/// The record's time lies in the future, as after the clock was set back.
fn a_clock_set_back_changes_nothing() {
    let home = Home::new();
    home.run(&["up", "demo"]).ok();
    let record = home.path("run/labsh/demo/lab.json");
    let text = fs::read_to_string(&record).expect("there is a record");
    let created = regex_lite::Regex::new(r#""created":[0-9]+"#).unwrap();
    fs::write(&record, created.replace(&text, "\"created\":99999999999").as_bytes()).expect("write the record");
    let run = home.run(&["ls"]).ok();
    assert!(run.stdout.contains("demo                 0s"), "{run}");
    home.run(&["down", "demo"]).ok();
    home.is_empty();
}
