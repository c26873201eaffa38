//! `.tutorial`: the article, done in every way.

use crate::CTRL_D;
use crate::pty::{Setup, Terminal};

/// Does the tutorial with what `answer` makes of each step: its command and its statement. Returns the terminal.
fn learn(mut t: Terminal, answer: impl Fn(&mut Terminal, &str, &str)) -> Terminal {
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
    t
}

fn without_errors(t: &Terminal) {
    assert!(!t.log.contains("error:"), "{}", t.log);
}

#[test]
fn it_is_done_by_enter() {
    without_errors(&learn(Terminal::start(), |t, _, _| {
        t.line("");
    }));
}

#[test]
fn it_is_done_by_the_articles_commands() {
    without_errors(&learn(Terminal::start(), |t, command, _| {
        t.line(command);
    }));
}

#[test]
fn it_is_done_in_rhai_on_a_large_screen() {
    let large = Setup { rows: 50, columns: 200, ..Setup::default() };
    without_errors(&learn(Terminal::with(large), |t, _, statement| {
        t.line(statement);
    }));
}

#[test]
fn it_is_done_with_a_mistake_at_each_step() {
    let t = learn(Terminal::start(), |t, command, _| {
        let seen = t.log.matches('▸').count();
        let wrong = t.line("netns::ad(\"blue_ns\")");
        assert!(wrong.contains("error:"), "{wrong}");
        let mistakes = [
            ("ip netns exec blue_ns", "ip netns exec blues_ns"),
            ("ip ", "ip lnik "),
            ("ping ", "ping -z "),
            ("8080", "eight"),
            ("bridge ", "bridge -z "),
            ("forward", "froward"),
        ];
        let (right, mistaken) = mistakes.into_iter().find(|(right, _)| command.contains(right)).expect("a word that can be mistaken");
        let wrong = t.line(&command.replacen(right, mistaken, 1));
        assert!(wrong.contains("error:") || wrong.contains("not done yet"), "a wrong `{command}`: {wrong}");
        assert_eq!(t.log.matches('▸').count(), seen, "a mistake leads nowhere: {}", t.screen());
        t.line(command);
    });
    assert!(t.log.contains("error:"));
}

#[test]
fn a_wrong_try_is_told_what_is_missing_and_where_one_stopped_is_remembered() {
    let mut t = Terminal::start();
    t.line(".tutorial again");
    t.line("");
    t.line("");
    assert!(t.screen().contains("▸ ip netns add blue_ns"), "{}", t.screen());
    assert!(t.line("sudo ip netns add red_ns").contains("not done yet: there is no netns `blue_ns` yet"));
    assert!(t.line("netns::ad(\"blue_ns\")").contains("error:"));
    assert!(t.line("let mine = netns::add(\"blue_ns\")").contains("▸ ip netns list"));
    assert!(t.line(".tutorial stop").contains("another time"));
    t.line(".reset");
    let again = t.line(".tutorial");
    assert!(again.contains("done again") && again.contains("▸ ip netns list"), "{again}");
    assert!(t.line("blue_ns.name").contains("\"blue_ns\""));
    t.keys(CTRL_D);
    assert_eq!(t.end(), Some(0));
}
