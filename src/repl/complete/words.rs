//! Completion where a line is no Rhai: dot-commands, programs, and the words of `ip`.

use super::super::command::{self, Takes};
use super::super::input::{self, Part};
use super::super::shell::Shell;
use super::{Candidates, names, pair};
use crate::iproute::read;
use rustyline::completion::Pair;

/// Completes a line that is no Rhai; nothing if it is.
pub(super) fn complete(shell: &Shell, line: &str) -> Option<(usize, Candidates)> {
    let text = line.trim_start();
    let begin = line.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let word = &line[begin..];
    if text.starts_with('!') {
        return Some((begin, named(names::files(word, false))));
    }
    if let Some(rest) = text.strip_prefix('.') {
        return dotted(shell, rest, begin, word);
    }
    if let Some(question) = text.strip_prefix("help ").or_else(|| text.strip_prefix("help(")) {
        let begin = line.len() - question.trim_start_matches(['"', ' ']).len();
        let catalogue = shell.interpreter.catalogue();
        let mut words: Vec<String> =
            catalogue.entries().iter().flat_map(|e| [Some(e.name), e.module, e.receiver]).flatten().map(str::to_string).collect();
        words.extend(command::all().iter().map(|command| format!(".{}", command.name)));
        words.sort();
        words.dedup();
        return Some((begin, named(words)));
    }
    // The word before the cursor may be the first of an argument that is not there yet.
    let probe = format!("{text}x");
    let is_tool = matches!(input::parts(&probe, shell).as_slice(), [Part::Tool(_)]) && text.contains(char::is_whitespace);
    is_tool.then(|| (begin, tool(shell, &text[..text.len() - word.len()])))
}

fn named(words: Vec<String>) -> Candidates {
    words.into_iter().map(pair).collect()
}

fn dotted(shell: &Shell, rest: &str, begin: usize, word: &str) -> Option<(usize, Candidates)> {
    let Some((name, argument)) = rest.split_once(char::is_whitespace) else {
        let width = command::all().iter().map(|command| command.name.len()).max().unwrap_or(0) + 2;
        let shown = |command: &command::Command| Pair {
            display: format!("{:width$}{}", format!(".{}", command.name), command.help)
                .chars()
                .take(shell.width.get().saturating_sub(1))
                .collect(),
            replacement: format!(".{}{}", command.name, if command.takes == Takes::Nothing { "" } else { " " }),
        };
        return Some((begin, command::all().iter().map(shown).collect()));
    };
    let takes = command::find(name)?.takes;
    if argument.trim_start() != word {
        return Some((begin, Vec::new()));
    }
    let words = match takes {
        Takes::Netns => names::namespaces().into_iter().chain(["root".to_string()]).collect(),
        Takes::Watched => names::namespaces().into_iter().chain(["root".to_string(), "off".to_string()]).collect(),
        Takes::OnOff => vec!["on".to_string(), "off".to_string()],
        Takes::File => names::files(word, false),
        Takes::Process => shell
            .lab()
            .processes()
            .iter()
            .map(|process| process.pid().to_string())
            .chain(super::variables_of(&shell.ground(), "Process"))
            .chain(super::variables_of(&shell.ground(), "HttpServer"))
            .collect(),
        Takes::Words => shell.interpreter.catalogue().modules().into_iter().map(str::to_string).collect(),
        Takes::Nothing => Vec::new(),
    };
    Some((begin, named(words)))
}

/// The words that may follow in a line of `ip`, `ping` …
fn tool(shell: &Shell, before: &str) -> Candidates {
    let mut words: Vec<&str> = before.split_whitespace().collect();
    let mut netns = shell.here();
    loop {
        match words.as_slice() {
            ["sudo", ..] => drop(words.remove(0)),
            ["ip", "netns", "exec", name, ..] => {
                netns = shell.lab().get_netns(name).unwrap_or(netns);
                words.drain(..4);
            }
            ["ip", "netns", "exec"] => return named(names::namespaces()),
            [name, ..] if !input::TOOLS.contains(name) && input::Names::namespace(shell, name) => {
                netns = shell.lab().get_netns(name).unwrap_or(netns);
                words.remove(0);
            }
            _ => break,
        }
    }
    let found = match words.as_slice() {
        [] => input::TOOLS.iter().map(|tool| tool.to_string()).collect(),
        ["ip", .., "-n" | "-netns"] | ["ip", "netns", _] | ["ip", .., "netns"] if words.len() > 2 => names::namespaces(),
        ["ip", .., "dev" | "master" | "iif" | "oif"] | ["brctl", "addif" | "delif" | "show", ..] => names::links(Some(&netns)),
        ["ip", "link", "set" | "del" | "delete" | "show"] | ["ip", "l", "set" | "del"] => {
            names::links(Some(&netns)).into_iter().chain(["dev".to_string()]).collect()
        }
        ["ip", .., "via"] => names::peers(&shell.ground(), Some(&netns)),
        ["ip", "addr" | "a" | "address", "del" | "delete"] => names::addresses(Some(&netns), None, true),
        ["ip" | "bridge", ..] => read::following(&words).into_iter().map(str::to_string).collect(),
        ["ping" | "curl" | "ping6", ..] => names::namespaces().into_iter().chain(names::peers(&shell.ground(), Some(&netns))).collect(),
        ["ifconfig"] => names::links(Some(&netns)),
        _ => Vec::new(),
    };
    named(found)
}
