//! Completion: from the catalogue, from the variables, and from the kernel at the moment of TAB.

mod names;
mod words;

use super::cursor::{self, Spot};
use super::ground::Ground;
use super::kind::{Callee, Known};
use super::shell::Shell;
use super::value::columns;
use crate::script::catalogue::{Entry, Key, Shape};
use rhai::{Array, Dynamic, Map};
use rustyline::completion::Pair;
use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet};

/// What may stand at the cursor: how it is shown, and what is written.
pub(super) type Candidates = Vec<Pair>;

/// Completes a line; returns where the word begins that the candidates replace.
pub(super) fn complete(shell: &Shell, line: &str, pos: usize) -> (usize, Candidates) {
    let (head, tail) = line.split_at(pos);
    // Only the line at the cursor matters where it is no Rhai.
    let line_start = head.rfind('\n').map_or(0, |at| at + 1);
    let own = &head[line_start..];
    let (begin, candidates) = match words::complete(shell, own) {
        Some((begin, candidates)) => (line_start + begin, candidates),
        None => script(&shell.ground(), head, tail),
    };
    let prefix = &head[begin..];
    let mut fitting: Candidates = candidates.into_iter().filter(|c| c.replacement.starts_with(prefix)).collect();
    fitting.dedup_by(|a, b| a.replacement == b.replacement);
    (begin, fitting)
}

/// A candidate that is shown as it is written.
pub(super) fn pair(text: impl Into<String>) -> Pair {
    let text = text.into();
    Pair { display: text.clone(), replacement: text }
}

/// Completes Rhai: `head` is before the cursor, `tail` behind it.
pub(super) fn script(ground: &Ground, head: &str, tail: &str) -> (usize, Candidates) {
    let tokens = cursor::read(head);
    let (spot, begin) = cursor::spot(&tokens, head.len(), ground);
    let candidates = match spot {
        Spot::Member(known) => members(ground, &known),
        Spot::Module(module) => functions(ground, module),
        Spot::Key { callee, path, given } => keys(ground, &callee, &path, &given),
        Spot::Text { callee, argument, path } => {
            let close = if tail.starts_with('"') { "" } else { "\"" };
            let found = names::of_argument(ground, &callee, argument, &path);
            found.into_iter().map(|name| Pair { replacement: format!("{name}{close}"), display: name }).collect()
        }
        Spot::Word if begin == head.len() && !head.trim().is_empty() && !head.ends_with([' ', '(', ',', '\n']) => Vec::new(),
        Spot::Word => all_words(ground),
        Spot::Nowhere => Vec::new(),
    };
    (begin, candidates)
}

/// A word with the bracket that its call needs.
fn written(entry: &Entry) -> Pair {
    let replacement = match entry.shape {
        Shape::Property { .. } | Shape::Constant => entry.name.to_string(),
        _ if entry.params.is_empty() && entry.options.is_none() => format!("{}()", entry.name),
        _ => format!("{}(", entry.name),
    };
    pair(replacement)
}

fn members(ground: &Ground, known: &Known) -> Candidates {
    let catalogue = ground.catalogue;
    let mut found: BTreeMap<String, Pair> = BTreeMap::new();
    for entry in catalogue.members(&known.ty) {
        let pair = written(entry);
        // Where a property and a method have one name, both are offered; where a method can do without arguments, it is one.
        found.entry(pair.replacement.clone()).or_insert(pair);
    }
    if let Some(map) = known.value.as_ref().and_then(|value| value.read_lock::<Map>()) {
        found.extend(map.keys().map(|key| (key.to_string(), pair(key.as_str()))));
    }
    let own = found.keys().map(|name| name.trim_end_matches(['(', ')']).to_string()).collect::<BTreeSet<_>>();
    for name in language_methods(ground, &known.ty) {
        if !own.contains(&name) {
            let text = format!("{name}(");
            found.insert(text.clone(), pair(text));
        }
    }
    found.into_values().collect()
}

/// What the language itself can do with lists, maps and strings.
fn language_methods(ground: &Ground, ty: &str) -> BTreeSet<String> {
    let id = match ty {
        "array" => TypeId::of::<Array>(),
        "map" => TypeId::of::<Map>(),
        "string" => TypeId::of::<rhai::ImmutableString>(),
        _ => return BTreeSet::new(),
    };
    let name = |info: rhai::FuncInfo| {
        let own = info.metadata.param_types.first() == Some(&id);
        let name = info.metadata.name.as_str();
        let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
            && !name.contains('$')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        (own && plain && !matches!(name, "print" | "debug" | "to_debug")).then(|| name.to_string())
    };
    ground.engine.collect_fn_metadata(None, name, true).into_iter().collect()
}

fn functions(ground: &Ground, module: &str) -> Candidates {
    let entries = ground.catalogue.entries().iter().filter(|entry| entry.module == Some(module));
    let found: BTreeMap<String, Pair> = entries.map(|entry| (entry.name.to_string(), written(entry))).collect();
    found.into_values().collect()
}

/// The keys of a call's option map that are not there yet, with what each takes.
fn keys(ground: &Ground, callee: &Callee, path: &[&str], given: &[&str]) -> Candidates {
    let mut left: Vec<&Key> = Vec::new();
    for entry in callee.entries(ground) {
        let Some(options) = entry.options.and_then(|options| options.nested(path)) else { continue };
        left.extend(options.keys.iter().filter(|key| !given.contains(&key.name)));
    }
    let mut seen = BTreeSet::new();
    left.retain(|key| seen.insert(key.name));
    let rows: Vec<Vec<String>> =
        left.iter().map(|key| vec![key.name.to_string(), key.takes.replace('|', " or "), key.help.to_string()]).collect();
    let width = ground.width.saturating_sub(1);
    let lines = columns(&rows);
    let display = |line: &str| line.chars().take(width).collect();
    left.iter().zip(lines.lines()).map(|(key, line)| Pair { display: display(line), replacement: format!("{}: ", key.name) }).collect()
}

/// Variables, functions, modules, constants and keywords.
fn all_words(ground: &Ground) -> Candidates {
    let mut found: BTreeMap<String, Pair> = BTreeMap::new();
    let mut add = |pair: Pair| {
        found.insert(pair.replacement.clone(), pair);
    };
    let catalogue = ground.catalogue;
    catalogue.modules().into_iter().for_each(|module| add(pair(format!("{module}::"))));
    catalogue.entries().iter().filter(|e| e.module.is_none() && e.receiver.is_none()).for_each(|entry| add(written(entry)));
    ground.variables().into_iter().for_each(|(name, _)| add(pair(name)));
    ground.functions().into_iter().for_each(|(name, takes)| add(pair(format!("{name}({}", if takes { "" } else { ")" }))));
    ["let ", "const ", "if ", "for ", "while ", "loop ", "fn ", "return", "true", "false", "try ", "throw ", "help"]
        .into_iter()
        .for_each(|word| add(pair(word)));
    found.into_values().collect()
}

/// The variables whose value is of a type.
fn variables_of(ground: &Ground, ty: &str) -> Vec<String> {
    let is = |value: &Dynamic| super::kind::of_value(value).ty == ty;
    ground.variables().into_iter().filter(|(_, value)| is(value)).map(|(name, _)| name).collect()
}
