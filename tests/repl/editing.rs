//! The line: how it is typed, completed, coloured, remembered, interrupted.

use crate::pty::{Setup, Terminal};
use crate::{CTRL_C, CTRL_D};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::{Duration, Instant};

/// Both sizes in which everything has to work.
fn sizes() -> [Setup; 2] {
    [Setup::default(), Setup { rows: 50, columns: 200, ..Setup::default() }]
}

#[test]
fn a_statement_goes_on_until_it_is_complete_and_an_empty_line_ends_it() {
    let mut t = Terminal::start();
    t.line("fn twice(x) {\rx * 2\r}");
    assert!(t.line("twice(21)").contains("\n42\r\n"), "{}", t.screen());
    assert!(t.line("let a = [1,\r").contains("error:"), "an empty line submits what is not complete: {}", t.screen());
    assert!(t.line("let b = 5; b + 1").contains("\n6\r\n"));
    assert!(t.line("b").contains("\n5\r\n"), "a variable stays: {}", t.screen());
}

#[test]
fn an_error_points_into_the_input_and_the_session_goes_on() {
    let mut t = Terminal::start();
    t.line("let blue = netns::add(\"blue_ns\")");
    let error = t.line("blue.lnik(\"lo\")");
    assert!(error.contains("input:1:6") && error.contains("did you mean `link`?"), "{error}");
    assert!(t.line("blue.name").contains("\"blue_ns\""));
    t.line("fn broken(x) { 1 + x.nothing }");
    let error = t.line("broken(1)");
    assert!(error.contains("input 4:1:") && error.contains("in `broken`, called at input:1:1"), "a function keeps its own lines: {error}");
}

#[test]
fn completion_knows_members_options_links_and_commands() {
    for setup in sizes() {
        let mut t = Terminal::with(setup);
        t.line("let blue = netns::add(\"blue_ns\");");
        t.line("blue.veth.add(\"eth0\", \"eth1\");");
        t.keys("blue.\t");
        t.wait("the members of a namespace", |t| ["http_get(", "is_root", "route", "del()"].iter().all(|word| t.screen().contains(word)));
        t.act(CTRL_C);
        t.keys("blue.route.add(\"default\", #{ v\t");
        t.wait("the options that begin with v", |t| t.screen().contains("via") && t.screen().contains("gateway"));
        t.keys("ia: \"\"");
        t.act(CTRL_C);
        t.keys("blue.link(\"\t");
        t.wait("the links of that namespace", |t| ["lo", "eth0", "eth1"].iter().all(|name| t.screen().contains(name)));
        t.keys("eth1\").pe\t");
        t.wait_text("blue.link(\"eth1\").peer");
        t.act(CTRL_C);
        t.keys("netns::add(\"x\").is\t");
        t.wait_text("netns::add(\"x\").is_root");
        t.act(CTRL_C);
        t.keys("sudo ip netns exec bl\t");
        t.wait_text("sudo ip netns exec blue_ns");
        t.act(CTRL_C);
        t.keys(".wor\t\r");
        t.wait_text("sandbox");
    }
}

#[test]
fn a_hint_tells_the_signature_and_does_not_eat_lines_above() {
    let mut t = Terminal::start();
    t.line("\"a mark above\"");
    t.keys("netns::add(");
    t.wait_text("netns::add(name: string) -> Netns");
    t.wait_text("Makes a network namespace with a name");
    // A line that fills its row exactly is the edge at which editors go wrong.
    t.keys(&format!("\"{}", "x".repeat(120)));
    t.wait("the long line", |t| t.log.matches('x').count() >= 120);
    t.act(CTRL_C);
    assert!(t.screen().contains("\"a mark above\""), "{}", t.screen());
}

#[test]
fn ctrl_c_ends_what_runs_and_keeps_the_lab() {
    let mut t = Terminal::start();
    t.line("let blue = netns::add(\"blue_ns\"); let pair = veth::add(\"v0\", \"v1\"); pair.b.move_to(blue);");
    t.line("blue.link(\"v1\").addr.add(\"10.9.9.1/24\"); blue.link(\"v1\").up(); pair.a.up();");
    for statement in [
        "blue.ping(\"10.9.9.9\", #{ timeout: \"60s\" })",
        "loop {}",
        "sleep(\"1h\")",
        "blue.exec(\"sleep 100\")",
        "!sleep 100",
        "ping -c 100 127.0.0.1",
    ] {
        let before = t.log.len();
        t.keys(&format!("{statement}\r"));
        t.wait("the statement to be taken", |t| t.log[before..].contains("\x1b[?2004l") && t.is_cooked());
        let begin = Instant::now();
        // Ctrl-C may be typed before the statement waits for anything: it is repeated as one would.
        while !t.prompted(before) {
            t.keys(CTRL_C);
            t.wait_for(Duration::from_millis(300), |t| t.prompted(before));
            assert!(begin.elapsed() < Duration::from_secs(10), "`{statement}` does not end; the screen:\n{}", t.screen());
        }
        // What was typed too much ends at an empty prompt.
        assert!(t.line("netns::list()").contains("blue_ns"), "the lab is there after `{statement}`: {}", t.screen());
    }
}

#[test]
fn ctrl_c_ends_a_statement_within_a_tenth_of_a_second() {
    let mut best = Duration::MAX;
    let mut t = Terminal::start();
    for statement in ["sleep(\"1h\")", "loop {}", "sleep(\"1h\")", "loop {}", "sleep(\"1h\")"] {
        let before = t.log.len();
        t.keys(&format!("print(\"begun\"); {statement}\r"));
        t.wait("the statement to run", |t| t.log[before..].contains("\nbegun"));
        let begin = Instant::now();
        t.act(CTRL_C);
        best = best.min(begin.elapsed());
    }
    assert!(best < Duration::from_millis(100), "the quickest took {best:?}");
}

#[test]
fn ctrl_c_clears_a_line_and_the_second_at_an_empty_prompt_explains() {
    let mut t = Terminal::start();
    t.keys("let half = \"ty");
    t.wait_text("let half = \"ty");
    t.act(CTRL_C);
    assert!(!t.screen().contains("Ctrl-D leaves, and"));
    t.act(CTRL_C);
    assert!(!t.screen().contains("Ctrl-D leaves, and"));
    assert!(t.act(CTRL_C).contains("Ctrl-D leaves, and takes the lab along."));
    assert!(t.line("half").contains("unknown variable `half`"), "{}", t.screen());
    t.keys(CTRL_D);
    assert_eq!(t.end(), Some(0));
    assert!(t.is_cooked(), "the terminal works as before");
}

#[test]
fn a_script_of_sixty_lines_is_pasted_as_one() {
    for setup in sizes() {
        let mut t = Terminal::with(setup);
        let mut script = "fn label(i) {\n    `host-${i}`\n}\n".to_string();
        for i in 0..27 {
            script += &format!("let ns{i} = netns::add(label({i}));\nns{i}.link(\"lo\").up();\n");
        }
        script += "// a comment\nip netns add last\nnetns::list().len()\n";
        assert_eq!(script.lines().count(), 60);
        let before = t.log.len();
        t.paste(&script);
        t.keys("\r");
        t.wait("the end of the paste", |t| t.prompted(before) && t.log[before..].contains("\n28\r\n"));
        assert!(!t.log[before..].contains("error:"), "{}", t.screen());
        assert!(t.line("ns26.ping(\"127.0.0.1\").ok").contains("true"));
    }
}

#[test]
fn help_answers_by_name_and_by_words() {
    let mut t = Terminal::start();
    assert!(t.line("help(\"route add\")").contains("as `ip route add`"));
    assert!(t.line("root.link?").contains("Returns a link of the namespace by its name"));
    assert!(t.line("how do I set mtu?").contains("Link.set"));
    assert!(t.line("help(\"routte\")").contains("did you mean `route`?"));
    assert!(t.line(".help undo").contains("takes the last change back"));
}

#[test]
fn the_history_keeps_each_input_once() {
    let mut t = Terminal::start();
    t.line("1 + 1");
    t.line("2 + 2");
    t.line("1 + 1");
    assert!(t.act("\x1b[A\x1b[A\r").contains("\n4\r\n"), "the older line: {}", t.screen());
    // Ctrl-R searches.
    assert!(t.act("\x121 + 1\r").contains("\n2\r\n"), "the line that was found: {}", t.screen());
    t.keys(CTRL_D);
    t.end();
    let history = t.history();
    assert!(history.contains("1 + 1\n") && history.contains("2 + 2\n"), "{history}");
}

#[test]
fn vi_mode_follows_inputrc() {
    let mut t = Terminal::with(Setup { inputrc: "set editing-mode vi\n", ..Setup::default() });
    t.keys("1 + 1");
    t.wait_text("1 + 1");
    // Escape, to the beginning, `x` deletes the first character, `i` inserts.
    t.keys("\x1b");
    t.keys("0");
    t.keys("x");
    t.keys("i");
    t.keys("40");
    t.wait_text("lab> 40 + 1");
    assert!(t.act("\r").contains("\n41\r\n"), "{}", t.screen());
}

#[test]
fn wide_characters_keep_the_cursor_in_its_place() {
    let mut t = Terminal::start();
    t.keys("let s = \"日本語 é\"; s.len()");
    t.wait_text("日本語 é");
    // Left over the closing part, and a correction in the middle.
    t.keys(&"\x1b[D".repeat("\"; s.len()".len()));
    t.keys("!");
    t.wait_text("日本語 é!\"; s.len()");
    assert!(t.act("\r").contains("\n6\r\n"), "{}", t.screen());
}

#[test]
fn colours_come_where_the_terminal_has_them_and_nowhere_else() {
    let colours = |log: &str| log.contains("\x1b[32m") || log.contains("\x1b[36m") || log.contains("\x1b[1m");
    let with = |env: Vec<(&'static str, String)>| {
        let mut t = Terminal::with(Setup { env, ..Setup::default() });
        assert!(t.line("\"text\"").contains("\"text\""));
        assert!(t.line("ip link show lo").contains("LOOPBACK"));
        t.log.clone()
    };
    assert!(colours(&with(vec![("TERM", "xterm".to_string())])));
    assert!(!colours(&with(vec![("TERM", "xterm".to_string()), ("NO_COLOR", "1".to_string())])));
}

#[test]
fn a_dumb_terminal_and_a_pipe_get_plain_text() {
    use std::process::{Command, Stdio};
    let mut command = Command::new(crate::pty::labsh());
    command.arg("repl").env("TERM", "dumb").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("labsh starts");
    let input = "let a = 20 + 22;\na\nip netns add blue\nblue\n";
    std::io::Write::write_all(child.stdin.as_mut().expect("a pipe"), input.as_bytes()).expect("it reads");
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("42\n") && text.contains("└─ lo  DOWN"), "{text}");
    assert!(!text.contains('\x1b'), "{text:?}");
}

#[test]
fn the_size_may_change_while_a_line_is_typed() {
    let mut t = Terminal::start();
    t.keys("let number = 40 + 2; number");
    t.wait_text("number = 40 + 2; number");
    t.resize(50, 200);
    t.resize(24, 40);
    t.resize(24, 80);
    assert!(t.act("\r").contains("\n42\r\n"), "{}", t.screen());
}

#[test]
fn a_signal_ends_it_and_leaves_the_terminal_as_it_was() {
    for (signal, status) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 143)] {
        let mut t = Terminal::start();
        t.keys("half a li");
        t.wait_text("half a li");
        assert!(!t.is_cooked());
        kill(Pid::from_raw(t.child.id() as i32), signal).expect("it runs");
        assert_eq!(t.end(), Some(status), "{signal}");
        assert!(t.is_cooked());
    }
}

#[test]
fn completion_is_quick_among_a_thousand_namespaces() {
    let mut t = Terminal::start();
    t.line("for i in 0..1000 { netns::add(`ns${i}`); }");
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let begin = Instant::now();
        t.keys("netns::get(\"ns99\t");
        t.wait_text("ns999");
        best = best.min(begin.elapsed());
        t.act(CTRL_C);
        t.act("\x0c\r");
    }
    // A debug build on a busy machine; a release build takes some milliseconds.
    assert!(best < Duration::from_millis(500), "{best:?}");
}
