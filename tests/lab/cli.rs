//! The command line: options, exit statuses, JSON, colour, standard input, the scripts and the reference.

use super::harness::{Suite, claims};
use super::run::{Lab, Run};
use serde_json::{Value, json};
use std::io::Read;

pub fn trials(suite: &mut Suite) {
    claims! { suite:
        help_begins_with_what_it_is;
        help_tells_every_subcommand_and_option;
        wrong_use_has_status_2;
        the_version_is_that_of_the_crate;
        options_stand_before_and_after_the_subcommand;
        arguments_reach_the_script;
        parameters_are_read_by_name;
        an_unknown_script_is_told_with_the_nearest_name;
        a_script_without_its_ending_is_told;
        a_folder_is_no_script;
        a_script_that_is_no_text_is_told_with_the_line;
        a_script_is_read_from_standard_input;
        a_wrong_script_on_standard_input_is_told;
        quiet_tells_only_what_is_printed_and_what_fails;
        what_is_printed_and_what_is_told_are_apart;
        a_failure_is_told_with_its_place;
        json_lines_have_the_documented_fields;
        json_tells_an_error_with_all_its_parts;
        json_tells_a_claim_that_failed;
        json_tells_an_interrupted_run;
        json_tells_a_wrong_script;
        no_colour_in_pipes;
        colour_on_a_terminal needs "setsid";
        no_colour_with_no_color needs "setsid";
        the_scripts_are_listed;
        a_script_is_printed_whole;
        every_script_that_labsh_carries_runs;
        the_article_needs_no_program needs "strace";
        an_entry_of_the_reference_is_printed;
        an_object_of_the_reference_is_listed_and_a_question_answered;
        the_whole_reference_has_every_module;
        an_unknown_word_is_told_with_the_nearest;
        an_import_is_relative_to_the_script;
    }
}

fn help_begins_with_what_it_is() {
    let run = Lab::command(&["--help"]).run().ok().stderr_is("");
    let first: Vec<&str> = run.stdout.lines().take(5).collect();
    assert_eq!(
        first,
        [
            "A lab shell for Linux network namespaces: scripts and a REPL, without root, that leave nothing behind.",
            "",
            "Without a subcommand: the REPL on a terminal, else a script from standard input.",
            "",
            "Usage: labsh [OPTIONS] [COMMAND]",
        ]
    );
    assert!(run.stdout.trim_end().ends_with("130 interrupted."), "{run}");
}

fn help_tells_every_subcommand_and_option() {
    let run = Lab::command(&["--help"]).run().ok();
    for word in
        ["  run ", "  check ", "  scripts ", "  repl ", "  doc ", "--host", "--keep", "--trace", "--json", "-q, --quiet", "-V, --version"]
    {
        assert!(run.stdout.contains(word), "`{word}` is missing\n{run}");
    }
    let run = Lab::command(&["run", "--help"]).run().ok();
    for word in ["Usage: labsh run [OPTIONS] <FILE> [ARGS]...", "--trace", "NAME=VALUE"] {
        assert!(run.stdout.contains(word), "`{word}` is missing\n{run}");
    }
}

fn wrong_use_has_status_2() {
    for words in [&["bogus"] as &[&str], &["--bogus"], &["run"], &["check"], &["doc", "a", "b"], &["scripts", "a", "b"]] {
        let run = Lab::command(words).run().status_is(2).stdout_is("").stderr_has("error: ");
        assert!(run.stderr.contains("For more information, try '--help'"), "{run}");
    }
    Lab::command(&["rum", "x"]).run().status_is(2).stderr_has("a similar subcommand exists: 'run'");
    Lab::command(&["--trase", "run", "x"]).run().status_is(2).stderr_has("a similar argument exists: '--trace'");
}

fn the_version_is_that_of_the_crate() {
    Lab::command(&["--version"]).run().ok().stdout_is(&format!("labsh {}\n", env!("CARGO_PKG_VERSION")));
}

const SMALL: &str = "section(\"One\");\nnote(\"first\");\nlet blue = netns::add(\"blue\");\nprint(\"made \" + blue.name);\nexpect(blue.link(\"lo\").state == \"DOWN\");\n";
const TRACED: &str = "\nOne\n  first\n  $ ip netns add blue\n  ✓ blue.link(\"lo\").state == \"DOWN\"\n\npassed, 1 claim in TIME\n";

fn options_stand_before_and_after_the_subcommand() {
    Lab::script(SMALL).option("--trace").run().ok().stderr_is(TRACED);
    Lab::command(&["run", "--trace", "script.rhai"]).file("script.rhai", SMALL).run().ok().stderr_is(TRACED);
    Lab::command(&["run", "script.rhai", "--trace"]).file("script.rhai", SMALL).run().ok().stderr_is(TRACED);
    let both = Lab::command(&["run", "script.rhai", "--json"]).option("--trace").file("script.rhai", SMALL).run().ok();
    assert!(both.events().iter().any(|event| event["event"] == "step"), "{both}");
}

fn arguments_reach_the_script() {
    Lab::script("print(args);").arg("a b").arg("ü").run().ok().stdout_is("[\"a b\", \"ü\"]\n");
    Lab::script("print(args);").arg("--").arg("--trace").arg("-x").run().ok().stdout_is("[\"--trace\", \"-x\"]\n");
    Lab::script("print(args);").run().ok().stdout_is("[]\n");
}

fn parameters_are_read_by_name() {
    let script = "print(param(\"hosts\", 3)); print(param(\"name\", \"x\")); print(param(\"fast\", false)); print(param(\"rate\", 1.5));";
    Lab::script(script).run().ok().stdout_is("3\nx\nfalse\n1.5\n");
    Lab::script(script).arg("hosts=7").arg("name=a=b").arg("fast=true").arg("rate=2.5").run().ok().stdout_is("7\na=b\ntrue\n2.5\n");
    Lab::script("param(\"hosts\", 3);").arg("hosts=many").run().status_is(1).stderr_is(
        "error: cannot read parameter `hosts=many`
  ┌─ script.rhai:1:1
  │
1 │ param(\"hosts\", 3);
  │ ^^^^^
  │
  = it takes a whole number

failed in TIME
",
    );
}

fn an_unknown_script_is_told_with_the_nearest_name() {
    let message =
        "error: cannot read script `artcle`\n  = there is no such file, and no script of that name in labsh\n  = did you mean `article`?\n";
    Lab::command(&["run", "artcle"]).run().status_is(1).stdout_is("").stderr_is(message);
    Lab::command(&["scripts", "artcle"]).run().status_is(1).stderr_is(message);
    Lab::command(&["run", "zzz"])
        .run()
        .status_is(1)
        .stderr_is("error: cannot read script `zzz`\n  = there is no such file, and no script of that name in labsh\n");
}

fn a_script_without_its_ending_is_told() {
    Lab::command(&["run", "star"]).file("star.rhai", "").run().status_is(1).stderr_has("  = try: there is `star.rhai`\n");
}

fn a_folder_is_no_script() {
    Lab::command(&["run", "."]).run().status_is(1).stderr_is("error: cannot read script `.`\n  = this is a folder\n");
}

fn a_script_that_is_no_text_is_told_with_the_line() {
    Lab::command(&["run", "x.rhai"])
        .file("x.rhai", b"print(1);\n\xff\xfe\n")
        .run()
        .status_is(1)
        .stderr_is("error: cannot read script `x.rhai`\n  = line 2 is not UTF-8 text\n");
}

fn a_script_is_read_from_standard_input() {
    Lab::command(&[]).input("print(netns::add(\"blue\").name);").run().ok().stdout_is("blue\n").stderr_is("\npassed in TIME\n");
    Lab::command(&["-q"]).input("").run().ok().stdout_is("").stderr_is("");
    Lab::command(&["-q", "run", "-", "blue"]).input("print(netns::add(args[0]).name);").run().ok().stdout_is("blue\n");
}

fn a_wrong_script_on_standard_input_is_told() {
    Lab::command(&[]).input("print(1);\nthrow \"no\";\n").run().status_is(1).stdout_is("1\n").stderr_is(
        "error: no
  ┌─ input:2:1
  │
2 │ throw \"no\";
  │ ^^^^^

failed in TIME
",
    );
}

fn quiet_tells_only_what_is_printed_and_what_fails() {
    Lab::script(SMALL).option("-q").run().ok().stdout_is("made blue\n").stderr_is("");
    Lab::script(SMALL).option("--quiet").option("--trace").run().ok().stdout_is("made blue\n").stderr_is("");
    let run = Lab::script("expect(1 == 2);").option("-q").run().status_is(1).stdout_is("");
    assert!(run.stderr.starts_with("error: expected `1 == 2`\n"), "{run}");
}

fn what_is_printed_and_what_is_told_are_apart() {
    Lab::script(SMALL).option("--trace").run().ok().stdout_is("made blue\n").stderr_is(TRACED);
}

fn a_failure_is_told_with_its_place() {
    Lab::script("let blue = netns::add(\"blue\");\n\nfn inner(ns) {\n    ns.link(\"eth0\").up();\n}\ninner(blue);\n")
        .run()
        .status_is(1)
        .stderr_is(
            "error: cannot find link `eth0` in netns `blue`
  ┌─ script.rhai:4:8
  │
4 │     ns.link(\"eth0\").up();
  │        ^^^^
  │
  = there is no link with that name
  = there are: lo
  = in `inner`, called at script.rhai:6:1

failed in TIME
",
        );
}

/// The fields of each event, as its documentation says.
fn fields(event: &str) -> &'static [&'static str] {
    match event {
        "section" => &["event", "title"],
        "note" | "print" => &["event", "text"],
        "step" => &["command", "event"],
        "skip" => &["event", "reason"],
        "claim" => &["column", "event", "file", "found", "line", "ok", "text"],
        "error" => {
            &["column", "errno", "event", "file", "hint", "kernel", "kind", "line", "message", "netns", "operation", "reasons", "subject"]
        }
        "end" => &["claims", "event", "status", "time_ms"],
        other => panic!("no event is called {other}"),
    }
}

#[track_caller]
fn names(run: &Run) -> Vec<String> {
    let events = run.events();
    for event in &events {
        let name = event["event"].as_str().unwrap_or_else(|| panic!("no event: {event}"));
        let keys: Vec<&str> = event.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys, fields(name), "of {name}\n{run}");
    }
    events.iter().map(|event| event["event"].as_str().unwrap_or_default().to_string()).collect()
}

#[track_caller]
fn the(run: &Run, name: &str) -> Value {
    run.events().into_iter().find(|event| event["event"] == name).unwrap_or_else(|| panic!("no {name}\n{run}"))
}

fn json_lines_have_the_documented_fields() {
    let run = Lab::script(SMALL).option("--json").option("--trace").run().ok().stderr_is("");
    assert_eq!(names(&run), ["section", "note", "step", "print", "claim", "end"]);
    assert_eq!(the(&run, "section"), json!({ "event": "section", "title": "One" }));
    assert_eq!(the(&run, "step"), json!({ "event": "step", "command": "ip netns add blue" }));
    assert_eq!(the(&run, "print"), json!({ "event": "print", "text": "made blue" }));
    let claim = the(&run, "claim");
    assert_eq!((&claim["ok"], &claim["line"], &claim["file"]), (&json!(true), &json!(5), &json!("script.rhai")));
    let end = the(&run, "end");
    assert_eq!((&end["status"], &end["claims"]), (&json!("passed"), &json!(1)));
    assert!(end["time_ms"].is_number());
    let skipped = Lab::script("skip(\"no\");").option("--json").run().status_is(4);
    assert_eq!(names(&skipped), ["skip", "end"]);
    assert_eq!(the(&skipped, "end")["status"], "skipped");
}

fn json_tells_an_error_with_all_its_parts() {
    let run = Lab::script("route::add(\"default\", #{ via: \"10.0.0.1\" });").option("--json").run().status_is(1).stderr_is("");
    assert_eq!(names(&run), ["error", "end"]);
    let error = the(&run, "error");
    assert_eq!(error["kind"], "unreachable");
    assert_eq!(error["errno"], "ENETUNREACH");
    assert_eq!(error["kernel"], "Nexthop has invalid gateway");
    assert_eq!(error["netns"], "root");
    assert_eq!(error["operation"], "add route");
    assert_eq!((&error["file"], &error["line"], &error["column"]), (&json!("script.rhai"), &json!(1), &json!(8)));
    assert!(error["message"].as_str().is_some_and(|text| text.starts_with("cannot add route")), "{error}");
    assert!(error["reasons"].is_array());
    assert_eq!(the(&run, "end")["status"], "failed");
}

fn json_tells_a_claim_that_failed() {
    let run = Lab::script("expect(1 + 1 == 3);").option("--json").run().status_is(1);
    assert_eq!(names(&run), ["claim", "error", "end"]);
    let claim = the(&run, "claim");
    assert_eq!((&claim["ok"], &claim["text"], &claim["found"]), (&json!(false), &json!("1 + 1 == 3"), &json!("left was `2`")));
    assert_eq!(the(&run, "error")["kind"], "expectation");
}

fn json_tells_an_interrupted_run() {
    let running = Lab::script("print(\"ready\"); loop {}").option("--json").start();
    running.wait_for("ready");
    running.signal(nix::sys::signal::Signal::SIGINT);
    let run = running.end_within(std::time::Duration::from_secs(20)).status_is(130);
    assert_eq!(names(&run), ["print", "end"]);
    assert_eq!(the(&run, "end")["status"], "interrupted");
}

fn json_tells_a_wrong_script() {
    let run = Lab::script("let x = ;").option("--json").run().status_is(1).stderr_is("");
    let error = the(&run, "error");
    assert_eq!((&error["file"], &error["line"]), (&json!("script.rhai"), &json!(1)));
    assert!(error["message"].is_string() && error["kind"].is_string(), "{error}");
}

const FAILS: &str = "section(\"One\"); expect(1 == 1); expect(1 == 2);";

fn no_colour_in_pipes() {
    let run = Lab::script(FAILS).env("TERM", "xterm-256color").run().status_is(1);
    assert!(!run.stdout.contains('\x1b') && !run.stderr.contains('\x1b'), "{run}");
}

/// What labsh writes to a terminal.
fn on_a_terminal(env: &[(&str, &str)]) -> String {
    let terminal = nix::pty::openpty(None, None).expect("open a terminal");
    let (mut master, slave) = (std::fs::File::from(terminal.master), terminal.slave);
    let end = || slave.try_clone().expect("another descriptor").into();
    let lab = Lab::script(FAILS).env("TERM", "xterm-256color").inside(&["setsid", "--ctty"]).terminal(end(), end(), end());
    let running = env.iter().fold(lab, |lab, (name, value)| lab.env(name, value)).start();
    drop(slave);
    let mut seen = Vec::new();
    // The end of a terminal is told as EIO.
    let _ = master.read_to_end(&mut seen);
    running.end_within(std::time::Duration::from_secs(20)).status_is(1);
    String::from_utf8_lossy(&seen).into_owned()
}

fn colour_on_a_terminal() {
    let seen = on_a_terminal(&[]);
    assert!(seen.contains("\x1b[1mOne\x1b[0m") && seen.contains("\x1b[32m✓\x1b[0m") && seen.contains("\x1b[31m✗\x1b[0m"), "{seen:?}");
}

fn no_colour_with_no_color() {
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let seen = on_a_terminal(&[(name, value)]);
        assert!(seen.contains("One") && !seen.contains('\x1b'), "{name}: {seen:?}");
    }
}

fn the_scripts_are_listed() {
    let run = Lab::command(&["scripts"]).run().ok().stderr_is("");
    for line in run.stdout.lines() {
        let (name, title) = line.split_once(' ').unwrap_or_else(|| panic!("no title: {line}"));
        assert!(!name.is_empty() && !title.trim().is_empty(), "{line}");
    }
    assert!(run.stdout.lines().any(|line| line.starts_with("article ")), "{run}");
}

fn a_script_is_printed_whole() {
    let run = Lab::command(&["scripts", "article"]).run().ok();
    assert!(run.stdout.starts_with("//! "), "{run}");
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/article.rhai");
    // A copied test binary may have no sources beside it.
    if let Ok(text) = std::fs::read_to_string(file) {
        assert_eq!(run.stdout, text);
    }
}

fn every_script_that_labsh_carries_runs() {
    let listed = Lab::command(&["scripts"]).run().ok();
    for name in listed.stdout.lines().filter_map(|line| line.split_whitespace().next()) {
        let run = Lab::command(&["run", name]).run();
        // A kernel that lacks what a script shows is told by the script itself.
        match run.status {
            4 => assert!(run.stderr.contains("skipped: this kernel has no "), "{run}"),
            _ => assert!(run.ok().stderr.contains("\npassed, ")),
        }
    }
}

/// With a PATH that leads nowhere, nothing is executed but labsh itself.
fn the_article_needs_no_program() {
    let lab = Lab::command(&["run", "article"]).env("PATH", "/nonexistent");
    let strace = super::harness::find_program("strace").expect("it is needed").to_string_lossy().into_owned();
    let log = lab.path().join("log").to_string_lossy().into_owned();
    let running = lab.inside(&[&strace, "-f", "-qq", "-e", "trace=execve", "-e", "signal=none", "-o", &log]).start();
    let folder = running.folder().to_path_buf();
    let (run, log) = running.end_and_look(|| std::fs::read_to_string(folder.join("log")).expect("the log of strace"));
    run.ok();
    let labsh = super::run::labsh();
    let others: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("execve(") && line.ends_with("= 0"))
        .filter(|line| !line.contains(&format!("execve(\"{}\"", labsh.display())) && !line.contains("execve(\"/proc/self/exe\""))
        .collect();
    assert_eq!(others, Vec::<&str>::new());
}

fn an_entry_of_the_reference_is_printed() {
    let run = Lab::command(&["doc", "ping"]).run().ok().stderr_is("");
    assert!(run.stdout.starts_with("### `ping("), "{run}");
    for part in ["```rhai\n", "Options:\n", "- `ttl` (int): time to live\n", "- `df` (bool): "] {
        assert!(run.stdout.contains(part), "`{part}` is missing\n{run}");
    }
    let run = Lab::command(&["doc", "route::add"]).run().ok();
    assert!(run.stdout.starts_with("### `route::add("), "{run}");
    let run = Lab::command(&["doc", "Link.up"]).run().ok();
    assert!(run.stdout.starts_with("### `Link.up()"), "{run}");
}

fn an_object_of_the_reference_is_listed_and_a_question_answered() {
    for (asked, title, part) in [
        ("route", "## module route\n", "- `route::add("),
        ("Link", "## type Link\n", "- `Link.up()"),
        ("route add", "### `route::add(", "```rhai\n"),
        ("how do I set the mtu?", "## for `how do I set the mtu?`\n", "- `Link.set("),
    ] {
        let run = Lab::command(&["doc", asked]).run().ok().stderr_is("");
        assert!(run.stdout.contains(title) && run.stdout.contains(part), "{asked}\n{run}");
    }
}

fn the_whole_reference_has_every_module() {
    let run = Lab::command(&["doc"]).run().ok();
    for module in ["netns", "link", "veth", "bridge", "addr", "route", "neigh", "sysctl"] {
        assert!(run.stdout.contains(&format!("\n## Module `{module}`\n")), "{module} is missing\n{run}");
    }
    for ty in ["Netns", "Link", "Ping", "Exec", "Process", "Route"] {
        assert!(run.stdout.contains(&format!("\n## Type `{ty}`\n")), "{ty} is missing\n{run}");
    }
}

fn an_unknown_word_is_told_with_the_nearest() {
    Lab::command(&["doc", "pong"])
        .run()
        .status_is(1)
        .stdout_is("")
        .stderr_is("error: cannot find the word `pong`\n  = the language has no such word\n  = did you mean `ping`?\n");
}

fn an_import_is_relative_to_the_script() {
    let lab = Lab::command(&["run", "sub/main.rhai"]);
    std::fs::create_dir(lab.path().join("sub")).expect("make a folder");
    lab.file("sub/main.rhai", "import \"lib\" as lib;\nprint(lib::twice(21));")
        .file("sub/lib.rhai", "fn twice(n) { n * 2 }")
        .run()
        .ok()
        .stdout_is("42\n");
}
