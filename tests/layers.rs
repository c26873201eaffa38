//! The order of the layers holds: each uses only those before it, and what is dangerous or belongs to front ends stays in its place.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The layers, the lowest first; those of one line do not use one another.
const LAYERS: &[&[&str]] =
    &[&["kernel"], &["world"], &["lab"], &["topology"], &["diagnose"], &["iproute"], &["script"], &["runner"], &["repl"], &["cli"]];
/// What every layer may use, and what uses no layer.
const LEAVES: &[&str] = &["error", "name", "near"];

/// A line of code, without comments and the insides of strings.
struct Line {
    file: String,
    module: Vec<String>,
    number: usize,
    text: String,
}

fn source() -> Option<Vec<Line>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    // A copied test binary may have no sources beside it.
    root.is_dir().then(|| files(&root).iter().flat_map(|path| lines(&root, path)).collect())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> = entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect();
    found.sort();
    found
}

fn lines(root: &Path, path: &Path) -> Vec<Line> {
    let file = path.strip_prefix(root).expect("below src").to_string_lossy().into_owned();
    let module: Vec<String> =
        file.trim_end_matches(".rs").split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main")).map(str::to_string).collect();
    let text = fs::read_to_string(path).expect("a file of text");
    code(&text)
        .lines()
        .enumerate()
        .map(|(number, text)| Line { file: file.clone(), module: module.clone(), number: number + 1, text: text.to_string() })
        .collect()
}

/// Blanks out comments and the insides of strings, and keeps the lines.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let hashes = rest.strip_prefix('r').map_or(0, |after| after.chars().take_while(|c| *c == '#').count());
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("r\"") || (hashes > 0 && rest[1 + hashes..].starts_with('"')) {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = 2 + hashes;
            begin + rest[begin..].find(&end).map_or(rest.len() - begin, |at| at + end.len())
        } else if c == '"' {
            string(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\") {
            rest[1..].find('\'').map_or(rest.len(), |at| at + 2)
        } else {
            0
        };
        match skipped {
            0 => {
                code.push(c);
                rest = &rest[c.len_utf8()..];
            }
            _ => {
                code.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
                rest = &rest[skipped..];
            }
        }
    }
    code
}

/// The length of the string literal with which the text begins.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The top modules of the crate that a line names: `crate::a::b`, `crate::{a::b, c}`, and `super::` that leads out of the layer.
fn named(line: &Line) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for (at, _) in line.text.match_indices("crate::") {
        if line.text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let after = &line.text[at + "crate::".len()..];
        match after.strip_prefix('{') {
            None => found.extend([word(after)]),
            Some(group) => {
                let mut depth = 0;
                let mut part = String::new();
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => found.extend([word(std::mem::take(&mut part).trim())]),
                        c if depth == 0 => part.push(c),
                        _ => {}
                    }
                }
                found.extend([word(part.trim())]);
            }
        }
    }
    let path = line.text.trim_start().trim_start_matches("pub ").trim_start_matches("use ");
    let ups = path.split("::").take_while(|part| *part == "super").count();
    if ups > 0 && ups == line.module.len() {
        found.extend(path.split("::").nth(ups).map(word));
    }
    found.retain(|name| !name.is_empty());
    found
}

fn rank(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layers| layers.contains(&module))
}

#[track_caller]
fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Claims that the lines in which a word of the list stands are in these places only.
#[track_caller]
fn only_in(words: &[&str], places: &[&str]) {
    let Some(lines) = source() else { return };
    let stands = |line: &Line| {
        words.iter().find(|word| {
            line.text
                .match_indices(**word)
                .any(|(at, _)| !line.text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_'))
        })
    };
    let allowed = |line: &Line| places.iter().any(|place| line.file.starts_with(place));
    let wrong = lines.iter().filter(|line| !allowed(line)).filter_map(|line| Some((line, stands(line)?)));
    none(wrong.map(|(line, word)| format!("src/{}:{}: `{word}` in: {}", line.file, line.number, line.text.trim())).collect());
}

#[test]
fn a_layer_uses_only_those_before_it() {
    let Some(lines) = source() else { return };
    let mut wrong = Vec::new();
    for line in &lines {
        let Some(own) = line.module.first() else { continue };
        for name in named(line) {
            let leaf = LEAVES.contains(&name.as_str());
            let fine = match (rank(own), rank(&name)) {
                _ if *own == name || leaf => true,
                (Some(own), Some(other)) => other < own,
                // What is no layer, as a type at the root of the crate, is nobody's.
                (_, None) => false,
                (None, Some(_)) => !LEAVES.contains(&own.as_str()),
            };
            if !fine {
                wrong.push(format!("src/{}:{}: `{own}` uses `{name}`: {}", line.file, line.number, line.text.trim()));
            }
        }
    }
    none(wrong);
}

#[test]
fn every_file_belongs_to_a_layer_and_says_what_it_is() {
    let Some(lines) = source() else { return };
    let tops: BTreeSet<&str> = lines.iter().filter_map(|line| line.module.first()).map(String::as_str).collect();
    none(tops.iter().filter(|top| rank(top).is_none() && !LEAVES.contains(top)).map(|top| format!("`{top}` is in no layer")).collect());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let silent = files(&root).into_iter().filter(|path| !fs::read_to_string(path).is_ok_and(|text| text.starts_with("//!")));
    none(silent.map(|path| format!("{} does not begin with `//!`", path.display())).collect());
}

#[test]
fn the_interpreter_is_named_in_the_script_layer_and_its_front_ends() {
    only_in(&["rhai::"], &["script/", "runner/", "repl/", "cli/repl.rs"]);
}

#[test]
fn system_calls_are_made_in_kernel_and_world() {
    only_in(
        &[
            "nix::",
            "libc::",
            "rtnetlink::",
            "netlink_packet_core::",
            "netlink_packet_route::",
            "netlink_proto::",
            "netlink_sys::",
            "socket2::",
        ],
        &["kernel/", "world/"],
    );
}

#[test]
fn unsafe_stands_in_kernel_and_world() {
    only_in(&["unsafe "], &["kernel/", "world/"]);
}

#[test]
fn only_front_ends_print() {
    only_in(&["print!(", "println!(", "eprint!(", "eprintln!(", "dbg!("], &["cli/", "runner/", "repl/", "main.rs"]);
}

#[test]
fn the_reader_of_code_skips_comments_and_strings() {
    assert_eq!(code("a // crate::b\nc"), "a \nc");
    assert_eq!(code("f(\"crate::b \\\" x\", 'y', '\"') + 1"), "f(, 'y', ) + 1");
    assert_eq!(code("r#\"crate::\"quoted\" b\"# + r\"x\" + 2"), " +  + 2");
    let line = |module: &[&str], text: &str| Line {
        file: String::new(),
        module: module.iter().map(|part| part.to_string()).collect(),
        number: 1,
        text: text.to_string(),
    };
    let names = |module: &[&str], text: &str| named(&line(module, text)).into_iter().collect::<Vec<_>>();
    assert_eq!(names(&["lab", "tcp"], "use crate::kernel::{Failure, tcp};"), ["kernel"]);
    assert_eq!(names(&["lab"], "use crate::{kernel::{self, tcp}, error::Error, name};"), ["error", "kernel", "name"]);
    assert_eq!(names(&["lab", "tcp"], "use super::super::script::Session;"), ["script"]);
    assert_eq!(names(&["lab", "tcp"], "use super::wait;"), Vec::<String>::new());
    assert_eq!(names(&["lab", "tcp"], "pub(crate) fn f() -> other_crate::x { crate::world::y() }"), ["world"]);
}
