//! The reference: the catalogue as Markdown, by what one holds in one's hand, and its examples for the test that runs them.

use super::catalogue::{Catalogue, Entry, Shape};
use crate::error::Kind;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Returns every example with the full name of its word. A word with several faces gives its example once.
pub fn examples(catalogue: &Catalogue) -> Vec<(String, String)> {
    let mut seen = BTreeMap::new();
    for entry in catalogue.entries() {
        for code in blocks(&entry.doc) {
            seen.entry(code).or_insert_with(|| entry.path());
        }
    }
    seen.into_iter().map(|(code, path)| (path, code)).collect()
}

/// Returns the words that have no example.
pub fn without_example(catalogue: &Catalogue) -> Vec<String> {
    catalogue.entries().iter().filter(|entry| blocks(&entry.doc).is_empty()).map(Entry::path).collect()
}

/// Returns the functions and methods that do not say with which errors they fail. Who takes nothing and returns an answer only asks: it
/// needs no such line. What takes something, or returns nothing or its own handle, reads or changes something: its line names kinds,
/// refers to another word's, or says that there are none.
pub fn without_errors(catalogue: &Catalogue) -> Vec<String> {
    let silent = |entry: &&Entry| match errors(&entry.doc) {
        Some(line) => !tells_kinds(&line),
        None => !only_asks(entry),
    };
    let calls = catalogue.entries().iter().filter(|entry| matches!(entry.shape, Shape::Function | Shape::Method));
    calls.filter(silent).map(Entry::path).collect()
}

fn only_asks(entry: &Entry) -> bool {
    let takes_nothing = entry.params.is_empty() && entry.options.is_none();
    takes_nothing && entry.returns != "()" && entry.receiver != Some(entry.returns)
}

/// The paragraph that says with which errors a word fails.
fn errors(doc: &str) -> Option<String> {
    let lines = doc.lines().skip_while(|line| !line.starts_with("Errors: ")).take_while(|line| !line.is_empty());
    let paragraph = lines.collect::<Vec<_>>().join(" ");
    paragraph.strip_prefix("Errors: ").map(str::to_string)
}

/// Whether it names a kind that there is, another word, or none; a hyphenated word in backticks can only be meant as a kind.
fn tells_kinds(line: &str) -> bool {
    let known = |word: &str| Kind::ALL.iter().any(|kind| kind.slug() == word);
    let words: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
    let misspelt = words.iter().any(|word| word.contains('-') && !known(word));
    !misspelt && (line.starts_with("none") || line.starts_with("as ") || words.iter().any(|word| known(word)))
}

fn blocks(doc: &str) -> Vec<String> {
    doc.split("```rhai\n").skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_string).collect()
}

/// Writes the whole reference.
pub fn markdown(catalogue: &Catalogue) -> String {
    let mut text = String::from(
        "# The language\n\nA script is a plain [Rhai](https://rhai.rs/book/) script with these words. `module::verb(…)` acts in the world's \
         root namespace; `ns.module.verb(…)` is the same verb in the namespace of a handle.\n\nErrors are thrown. `Errors:` names the \
         kinds (`e.kind`) that a word fails with; a word without it only asks. Some are not repeated there: `bad-argument` and \
         `unknown-option` for what cannot be read or is no option, `not-found` when the object of a handle is gone, `not-permitted` \
         where the kernel forbids it, and `interrupted` after Ctrl-C. What else the kernel refuses has the kind that fits its \
         errno, or `failed`.\n",
    );
    let plain: Vec<&Entry> = catalogue.entries().iter().filter(|e| e.module.is_none() && e.receiver.is_none()).collect();
    chapter(&mut text, "Functions", &plain);
    for module in catalogue.modules() {
        let entries: Vec<&Entry> = catalogue.entries().iter().filter(|e| e.module == Some(module)).collect();
        chapter(&mut text, &format!("Module `{module}`"), &entries);
    }
    for ty in catalogue.types() {
        let entries: Vec<&Entry> = catalogue.members(ty).collect();
        chapter(&mut text, &format!("Type `{ty}`"), &entries);
    }
    text
}

fn chapter(text: &mut String, title: &str, entries: &[&Entry]) {
    let _ = write!(text, "\n## {title}\n");
    for entry in entries {
        let _ = write!(text, "\n{}", entry_text(entry));
    }
}

/// Writes a module or a type as a list: each word with what it does.
pub fn overview(title: &str, entries: &[&Entry]) -> String {
    let mut text = format!("## {title}\n\n");
    for entry in entries {
        let _ = writeln!(text, "- `{}`: {}", entry.signature(), entry.summary());
    }
    text
}

/// Writes one entry: its signature, what it does, its options.
pub fn entry_text(entry: &Entry) -> String {
    let mut text = format!("### `{}`\n\n{}\n", entry.signature(), entry.doc);
    if let Some(options) = entry.options {
        text += "\nOptions:\n\n";
        for key in options.keys {
            let _ = writeln!(text, "- `{}` ({}): {}", key.name, key.takes, key.help);
            for nested in key.nested.iter().flat_map(|nested| nested.keys) {
                let _ = writeln!(text, "  - `{}` ({}): {}", nested.name, nested.takes, nested.help);
            }
        }
    }
    if matches!(entry.shape, Shape::Property { settable: true }) {
        text += "\nIt can be assigned.\n";
    }
    text
}
