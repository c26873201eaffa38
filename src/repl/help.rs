//! `help`, `help(route)`, `help("route add")`, `blue.route.add?`: from the catalogue, by name or by words.

use super::command;
use super::kind::{Known, Reader};
use super::paint::Style;
use super::shell::Shell;
use super::token::{Kind, partners, tokens};
use super::value::columns;
use crate::near;
use crate::script::catalogue::{Entry, Shape};
use crate::script::reference;
use crate::script::search::{self, Found};
use std::collections::BTreeSet;

/// How many entries are shown in full; more become a list.
const FULL: usize = 3;
/// Answers a question.
pub(super) fn answer(shell: &Shell, question: &str) -> String {
    let asked = strip(question);
    if asked.is_empty() {
        return overview(shell);
    }
    if let Some(command) = asked.strip_prefix('.') {
        return command::help(shell, command);
    }
    let found = by_path(shell, asked).or_else(|| by_name(shell, asked)).or_else(|| by_words(shell, asked));
    found.unwrap_or_else(|| nothing(shell, asked))
}

/// Takes `help`, brackets, quotes and question marks off.
fn strip(question: &str) -> &str {
    let text = question.trim();
    let text = text.strip_prefix("help").filter(|rest| rest.is_empty() || rest.starts_with([' ', '('])).unwrap_or(text);
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '?' | ';'))
}

fn overview(shell: &Shell) -> String {
    let catalogue = shell.interpreter.catalogue();
    let functions: BTreeSet<&str> = catalogue
        .entries()
        .iter()
        .filter(|e| e.module.is_none() && e.receiver.is_none() && e.shape == Shape::Function)
        .map(|e| e.name)
        .collect();
    let modules: Vec<&str> = catalogue.modules().into_iter().collect();
    let list = |title: &str, words: Vec<&str>| format!("{} {}", shell.paint.paint(Style::Bold, title), words.join(" "));
    let commands: Vec<String> = command::all().iter().map(|command| format!(".{}", command.name)).collect();
    [
        "OBJECT::VERB(…) acts in the root namespace, NS.OBJECT.VERB(…) in another:".to_string(),
        code(shell, "  let blue = netns::add(\"blue\");"),
        code(shell, "  blue.link(\"lo\").up();"),
        code(shell, "  blue.route.add(\"default\", #{ via: \"10.0.0.1\" });"),
        "Lines that you know work too: `ip -n blue addr`, `blue ping red`, `!ls -l`.".to_string(),
        String::new(),
        list("modules  ", modules),
        wrap(&list("functions", functions.into_iter().collect()), shell.width.get(), "          "),
        wrap(&list("commands ", commands.iter().map(String::as_str).collect()), shell.width.get(), "          "),
        String::new(),
        "Ask: help(route)  help(\"route add\")  blue.route.add?  how do I set mtu?  .help".to_string(),
    ]
    .join("\n")
}

/// `blue.route.add`, `route::add`.
fn by_path(shell: &Shell, asked: &str) -> Option<String> {
    let tokens = tokens(asked);
    let mut end = tokens.len();
    while end > 0 && matches!(tokens[end - 1].kind, Kind::Open | Kind::Close) {
        end -= 1;
    }
    let name = tokens.get(end.checked_sub(1)?).filter(|t| t.kind == Kind::Word)?.text;
    let before = end.checked_sub(2)?;
    let catalogue = shell.interpreter.catalogue();
    match tokens[before].kind {
        Kind::Path => {
            let module = tokens[before.checked_sub(1)?].text;
            let found: Vec<&Entry> = catalogue.functions(Some(module), name).collect();
            if !found.is_empty() {
                return Some(entries(shell, &found));
            }
            let known: Vec<&str> = catalogue.entries().iter().filter(|e| e.module == Some(module)).map(|e| e.name).collect();
            (!known.is_empty()).then(|| unknown(name, &format!("module `{module}`"), &known))
        }
        Kind::Dot => {
            let ground = shell.ground();
            let reader = Reader { tokens: &tokens, partners: partners(&tokens), ground: &ground };
            let known = reader.start_of(before).and_then(|start| reader.known(start, before)).or_else(|| {
                // `Netns.ping` and `netns.ping` name the type.
                let word = tokens[before.checked_sub(1)?].text;
                let ty = catalogue.types().into_iter().find(|ty| ty.eq_ignore_ascii_case(word))?;
                Some(Known { ty: ty.to_string(), ..Known::default() })
            })?;
            let found: Vec<&Entry> = catalogue.members(&known.ty).filter(|e| e.name == name).collect();
            if !found.is_empty() {
                return Some(entries(shell, &found));
            }
            let names: Vec<&str> = catalogue.members(&known.ty).map(|e| e.name).collect();
            Some(unknown(name, &format!("type `{}`", known.ty), &names))
        }
        _ => None,
    }
}

/// A variable, or what the reference has by that name.
fn by_name(shell: &Shell, asked: &str) -> Option<String> {
    let catalogue = shell.interpreter.catalogue();
    let plain = catalogue.functions(None, asked).next().is_some() || catalogue.modules().contains(asked);
    let variable = shell.scope.borrow().get(asked).filter(|_| !plain).map(super::kind::of_value);
    if let Some(ty) = variable.map(|known| known.ty).filter(|ty| catalogue.types().contains(ty.as_str())) {
        let own: Vec<&Entry> = catalogue.members(&ty).collect();
        return Some(list(shell, &format!("type {ty}"), &own));
    }
    match search::by_name(catalogue, asked)? {
        Found::Words(found) => Some(entries(shell, &found)),
        Found::Object(title, own) => Some(list(shell, &title, &own)),
    }
}

fn by_words(shell: &Shell, asked: &str) -> Option<String> {
    let best = search::by_words(shell.interpreter.catalogue(), asked);
    (!best.is_empty()).then(|| list(shell, &format!("for \"{asked}\""), &best))
}

fn nothing(shell: &Shell, asked: &str) -> String {
    let all: BTreeSet<&str> =
        shell.interpreter.catalogue().entries().iter().flat_map(|e| [Some(e.name), e.module, e.receiver]).flatten().collect();
    let mut all: Vec<&str> = all.into_iter().collect();
    // `route` rather than the type `Route`.
    all.sort_by_key(|word| word.starts_with(|c: char| c.is_uppercase()));
    unknown(asked, "the language", &all)
}

fn unknown(name: &str, place: &str, known: &[&str]) -> String {
    let hint = near::did_you_mean(name, known.iter().copied()).unwrap_or_else(|| "`help` lists all".to_string());
    format!("there is no `{name}` in {place}; {hint}")
}

/// Several entries: in full if they are few.
fn entries(shell: &Shell, found: &[&Entry]) -> String {
    let mut seen = BTreeSet::new();
    let different: Vec<&&Entry> = found.iter().filter(|entry| seen.insert(entry.doc.clone())).collect();
    match different.len() > FULL {
        true => list(shell, "", found),
        false => different.iter().map(|entry| full(shell, entry)).collect::<Vec<_>>().join("\n\n"),
    }
}

fn list(shell: &Shell, title: &str, found: &[&Entry]) -> String {
    let call = |entry: &Entry| match entry.shape {
        Shape::Property { .. } | Shape::Constant => entry.path(),
        _ => format!(
            "{}({})",
            entry.path(),
            entry.params.iter().map(|p| p.name).chain(entry.options.map(|_| "#{…}")).collect::<Vec<_>>().join(", ")
        ),
    };
    let rows: Vec<Vec<String>> = found.iter().map(|entry| vec![call(entry), entry.summary().to_string()]).collect();
    let width = shell.width.get().saturating_sub(1);
    let cut =
        |line: &str| if line.chars().count() > width { line.chars().take(width - 1).chain(['…']).collect() } else { line.to_string() };
    let lines: Vec<String> = columns(&rows).lines().map(cut).collect();
    let title = if title.is_empty() { String::new() } else { shell.paint.paint(Style::Bold, title) + "\n" };
    format!("{title}{}", lines.join("\n"))
}

/// An entry as the reference has it, for the terminal.
fn full(shell: &Shell, entry: &Entry) -> String {
    let mut lines = Vec::new();
    let mut in_code = false;
    for line in reference::entry_text(entry).lines() {
        match line {
            _ if line.starts_with("```") => in_code = !in_code,
            _ if in_code => lines.push(format!("    {}", code(shell, line))),
            _ if line.starts_with("### ") => lines.push(wrap(
                &shell.paint.paint(Style::Bold, line.trim_start_matches("### ").trim_matches('`')),
                shell.width.get(),
                "    ",
            )),
            "" if lines.last().is_some_and(String::is_empty) => {}
            _ => lines.push(wrap(line, shell.width.get(), "    ")),
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

pub(super) fn code(shell: &Shell, line: &str) -> String {
    match shell.paint.on() {
        true => super::highlight::highlight(line, None, shell),
        false => line.to_string(),
    }
}

/// Breaks a line between words; the next ones begin further in.
pub(super) fn wrap(line: &str, width: usize, indent: &str) -> String {
    let margin = line.len() - line.trim_start_matches(' ').len();
    let mut text = " ".repeat(margin);
    let mut column = margin;
    let mut first = true;
    for word in line[margin..].split(' ') {
        let length = word.chars().filter(|c| *c != '\x1b').count();
        if !first && column + 1 + length >= width {
            text += "\n";
            text += indent;
            column = indent.len();
        } else if !first {
            text.push(' ');
            column += 1;
        }
        first = false;
        text += word;
        column += length;
    }
    text
}
