//! The reference: the catalogue as Markdown, by what one holds in one's hand, and its examples for the test that runs them.

use super::catalogue::{Catalogue, Entry, Shape};
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

fn blocks(doc: &str) -> Vec<String> {
    doc.split("```rhai\n").skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_string).collect()
}

/// Writes the whole reference.
pub fn markdown(catalogue: &Catalogue) -> String {
    let mut text = String::from(
        "# The language\n\nA script is a plain [Rhai](https://rhai.rs/book/) script with these words. `module::verb(…)` acts in the world's \
         root namespace; `ns.module.verb(…)` is the same verb in the namespace of a handle.\n",
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
