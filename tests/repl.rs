//! The REPL through a terminal of 80×24: what is typed, completed, interrupted and pasted, and what the screen shows then.

#[path = "repl/pty.rs"]
mod pty;

use pty::Terminal;
use std::time::{Duration, Instant};

const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";

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

#[test]
#[ignore = "waits for a screen that a busy machine paints late"]
fn a_statement_goes_on_until_it_is_complete_and_an_empty_line_ends_it() {
    let mut t = Terminal::start();
    t.keys("fn twice(x) {\r");
    t.keys("x * 2\r");
    t.line("}");
    assert!(t.line("twice(21)").contains("42"), "{}", t.screen());
    t.keys("let a = [1,\r");
    t.keys("\r");
    t.wait_text("error:");
    t.wait("a prompt", Terminal::at_prompt);
    assert!(t.line("let b = 5; b + 1").contains('6'));
    assert!(t.line("b").contains('5'), "a variable stays: {}", t.screen());
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
fn completion_knows_members_options_and_links() {
    let mut t = Terminal::start();
    t.line("let blue = netns::add(\"blue_ns\")");
    t.line("blue.veth.add(\"eth0\", \"eth1\");");
    t.keys("blue.\t");
    t.wait("the members of a namespace", |t| ["http_get(", "is_root", "route", "del()"].iter().all(|word| t.screen().contains(word)));
    t.keys(CTRL_C);
    t.wait("a prompt", Terminal::at_prompt);
    t.keys("blue.route.add(\"default\", #{ v\t");
    t.wait("the options that begin with v", |t| t.screen().contains("via") && t.screen().contains("gateway"));
    t.keys("ia: \"\"");
    t.keys(CTRL_C);
    t.wait("a prompt", Terminal::at_prompt);
    t.keys("blue.link(\"\t");
    t.wait("the links of that namespace", |t| ["lo", "eth0", "eth1"].iter().all(|name| t.screen().contains(name)));
    t.keys("eth1\").pe\t");
    t.wait("a property of a link", |t| {
        t.last_line().ends_with("blue.link(\"eth1\").peer") || t.screen().contains("blue.link(\"eth1\").peer")
    });
    t.keys(CTRL_C);
    t.wait("a prompt", Terminal::at_prompt);
    t.keys("netns::add(\"x\").is\t");
    t.wait_text("netns::add(\"x\").is_root");
    t.keys(CTRL_C);
    t.wait("a prompt", Terminal::at_prompt);
    t.keys(".wor\t\r");
    t.wait_text("sandbox");
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
    t.keys(CTRL_C);
    t.wait("a prompt", Terminal::at_prompt);
    assert!(t.screen().contains("\"a mark above\""), "{}", t.screen());
}

#[test]
fn ctrl_c_ends_what_runs_within_a_moment_and_keeps_the_lab() {
    let mut t = Terminal::start();
    t.line("let blue = netns::add(\"blue_ns\"); let pair = veth::add(\"v0\", \"v1\"); pair.b.move_to(blue);");
    t.line("blue.link(\"v1\").addr.add(\"10.9.9.1/24\"); blue.link(\"v1\").up(); pair.a.up();");
    for statement in
        ["blue.ping(\"10.9.9.9\", #{ timeout: \"60s\" })", "loop {}", "sleep(\"1h\")", "blue.exec(\"sleep 100\")", "!sleep 100"]
    {
        let before = t.log.len();
        t.keys(&format!("{statement}\r"));
        // The line was taken once the cursor is below it and no prompt is there.
        t.wait("the statement to run", |t| t.log[before..].contains('\n') && t.is_cooked());
        std::thread::sleep(Duration::from_millis(150));
        let begin = Instant::now();
        t.keys(CTRL_C);
        t.wait(&format!("the prompt after `{statement}`"), Terminal::at_prompt);
        let took = begin.elapsed();
        assert!(took < Duration::from_millis(1000), "`{statement}` took {took:?} to end");
        assert!(t.line("netns::list()").contains("blue_ns"), "the lab is there after `{statement}`: {}", t.screen());
    }
}

#[test]
fn ctrl_c_clears_a_line_and_the_second_at_an_empty_prompt_explains() {
    let mut t = Terminal::start();
    t.keys("let half = \"ty");
    t.wait_text("let half = \"ty");
    t.keys(CTRL_C);
    t.wait("a prompt", Terminal::at_prompt);
    assert!(!t.screen().contains("Ctrl-D leaves, and"));
    t.keys(CTRL_C);
    t.wait("a second prompt", |t| t.at_prompt() && t.screen().matches("lab>").count() >= 3);
    t.keys(CTRL_C);
    t.wait_text("Ctrl-D leaves, and takes the lab along.");
    t.wait("a prompt", Terminal::at_prompt);
    t.keys(CTRL_D);
    assert_eq!(t.end(), Some(0));
    assert!(t.is_cooked(), "the terminal works as before");
}

#[test]
fn the_articles_lines_pasted_with_their_corrections_reach_its_end_state() {
    let mut t = Terminal::start();
    t.paste(ARTICLE);
    t.keys("\r");
    t.wait("the last of the article's lines", |t| t.log.contains("has no link but `lo`") && t.at_prompt());
    for meant in [
        "did you mean `blue_ns`?",
        "did you mean `veth_root`?",
        "did you mean `veth_ns_blue`?",
        "did you mean `address`?",
        "netns `root` has a link `veth_ns_blue`",
    ] {
        assert!(t.log.contains(meant), "{meant} is not in:\n{}", t.log);
    }
    assert!(t.log.contains("Serving HTTP on 0.0.0.0 port 8080"));
    t.paste(CORRECTIONS);
    t.keys("\r");
    t.wait("the route", |t| t.log.contains("→ blue_ns.route.add(\"default\", #{ via: \"10.0.0.1\" })") && t.at_prompt());
    assert!(t.line("blue_ns.ping(\"10.0.0.1\").ok").contains("true"));
    assert!(t.line("ip netns exec blue_ns ip route").contains("default via 10.0.0.1 dev veth_ns_blue"));
    assert!(t.line("http_get(\"http://10.0.0.2:8080\").status").contains("200"));
    assert!(t.line("root ping -c 1 blue_ns").contains("1 packets transmitted, 1 received, 0% packet loss"));
    // What worked becomes a script that builds the same.
    let script = t.home().join("lab.rhai");
    t.line(&format!(".save {}", script.display()));
    let text = std::fs::read_to_string(&script).expect("it was saved");
    assert!(text.contains("let blue_ns = netns::add(\"blue_ns\");") && !text.contains("addredd"), "{text}");
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_labsh")).arg("run").arg(&script).output().expect("labsh runs");
    assert!(run.status.success(), "{}\n{text}", String::from_utf8_lossy(&run.stderr));
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
fn help_answers_by_name_and_by_words() {
    let mut t = Terminal::start();
    assert!(t.line("help(\"route add\")").contains("as `ip route add`"));
    assert!(t.line("root.link?").contains("Returns a link of the namespace by its name"));
    assert!(t.line("how do I set mtu?").contains("Link.set"));
    assert!(t.line("help(\"routte\")").contains("did you mean `route`?"));
}

#[test]
fn the_history_keeps_each_input_once() {
    let mut t = Terminal::start();
    t.line("1 + 1");
    t.line("2 + 2");
    t.line("1 + 1");
    t.keys("\x1b[A\x1b[A\r");
    t.wait("the older line", |t| t.log.matches("\n4\r\n").count() >= 2 && t.at_prompt());
    t.keys(CTRL_D);
    t.end();
    let history = t.history();
    assert!(history.contains("1 + 1\n") && history.contains("2 + 2\n"), "{history}");
}

#[test]
fn the_size_may_change_while_a_line_is_typed() {
    let mut t = Terminal::start();
    t.keys("let number = 40 + 2; number");
    t.wait_text("number = 40 + 2; number");
    t.resize(50, 200);
    t.resize(24, 80);
    t.keys("\r");
    t.wait("the value", |t| t.screen().contains("\n42") && t.at_prompt());
}

#[test]
fn a_signal_ends_it_and_leaves_the_terminal_as_it_was() {
    let mut t = Terminal::start();
    t.keys("half a li");
    t.wait_text("half a li");
    assert!(!t.is_cooked());
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(t.child.id() as i32), nix::sys::signal::Signal::SIGTERM).expect("it runs");
    assert_eq!(t.end(), Some(143));
    assert!(t.is_cooked());
}

/// Does the tutorial with what `answer` makes of each step: its command and its statement.
fn learn(answer: impl Fn(&mut Terminal, &str, &str)) {
    let mut t = Terminal::start();
    t.line(".tutorial again");
    let mut steps = 0;
    loop {
        let seen = t.log.matches('▸').count();
        if t.log.contains("That was the article") {
            break;
        }
        let step = t.log.rsplit('▸').next().unwrap_or("").to_string();
        let mut lines = step.lines().map(str::trim);
        let (command, statement) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
        answer(&mut t, command, statement);
        let on = t.log.matches('▸').count() > seen || t.log.contains("That was the article");
        assert!(on, "`{command}` leads on; the screen:\n{}", t.screen());
        steps += 1;
        assert!(steps < 60, "the lesson ends");
    }
    assert!(steps > 20, "{steps} steps");
    assert!(!t.log.contains("error:"), "{}", t.log);
}

#[test]
fn the_tutorial_is_done_by_enter() {
    learn(|t, _, _| {
        t.line("");
    });
}

#[test]
fn the_tutorial_is_done_by_the_articles_commands() {
    learn(|t, command, _| {
        t.line(command);
    });
}

#[test]
fn the_tutorial_is_done_in_rhai() {
    learn(|t, _, statement| {
        t.line(statement);
    });
}

#[test]
fn a_wrong_try_in_the_tutorial_is_told_what_is_missing() {
    let mut t = Terminal::start();
    t.line(".tutorial again");
    t.line("");
    t.line("");
    assert!(t.screen().contains("▸ ip netns add blue_ns"), "{}", t.screen());
    assert!(t.line("sudo ip netns add red_ns").contains("not done yet: there is no netns `blue_ns` yet"));
    assert!(t.line("netns::ad(\"blue_ns\")").contains("error:"));
    assert!(t.line("let mine = netns::add(\"blue_ns\")").contains("▸ ip netns list"));
    assert!(t.line(".tutorial stop").contains("another time"));
}

#[test]
fn completion_is_quick_among_a_thousand_namespaces() {
    let mut t = Terminal::start();
    t.line("for i in 0..1000 { netns::add(`ns${i}`); }");
    let begin = Instant::now();
    t.keys("netns::get(\"ns99\t");
    t.wait_text("ns999");
    // A debug build on a busy machine; a release build takes some milliseconds.
    assert!(begin.elapsed() < Duration::from_millis(500), "{:?}", begin.elapsed());
}
