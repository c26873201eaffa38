//! What the reference has for a word or a question: by name, or by what the entries say.

use super::catalogue::{Catalogue, Entry};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// How many results a search gives.
const FOUND: usize = 8;

/// Words of a question that say nothing.
const FILLERS: [&str; 24] = [
    "how", "do", "does", "i", "can", "a", "an", "the", "to", "of", "in", "is", "for", "what", "which", "my", "it", "on", "with", "and",
    "me", "from", "make", "into",
];

/// What has a name.
pub enum Found<'a> {
    /// Words, of one or of several objects.
    Words(Vec<&'a Entry>),
    /// A module or a type, with its title and all that it has.
    Object(String, Vec<&'a Entry>),
}

/// Finds `ping`, `route`, `Link`, `route::add`, `Link.up`, or `route add`.
pub fn by_name<'a>(catalogue: &'a Catalogue, asked: &'a str) -> Option<Found<'a>> {
    let all = catalogue.entries();
    let words: Vec<&str> = asked.split_whitespace().collect();
    let found = match words.as_slice() {
        [word] => {
            let exact = all.iter().filter(|entry| entry.path() == *word);
            let plain: Vec<&Entry> = exact.chain(catalogue.functions(None, word)).collect();
            if !plain.is_empty() {
                return Some(Found::Words(distinct(plain)));
            }
            if catalogue.modules().contains(word) {
                return Some(Found::Object(format!("module {word}"), all.iter().filter(|entry| entry.module == Some(*word)).collect()));
            }
            if let Some(ty) = catalogue.types().into_iter().find(|ty| ty.eq_ignore_ascii_case(word)) {
                return Some(Found::Object(format!("type {ty}"), catalogue.members(ty).collect()));
            }
            all.iter().filter(|entry| entry.name == *word).collect()
        }
        [object, verb] => {
            let of = |entry: &&Entry| entry.module == Some(*object) || entry.receiver.is_some_and(|own| own.eq_ignore_ascii_case(object));
            all.iter().filter(|entry| entry.name == *verb).filter(of).collect()
        }
        _ => Vec::new(),
    };
    (!found.is_empty()).then(|| Found::Words(distinct(found)))
}

/// Each entry once; a word with several faces (one in the root namespace, one of a handle) tells the same.
fn distinct(found: Vec<&Entry>) -> Vec<&Entry> {
    let mut seen = BTreeSet::new();
    found.into_iter().filter(|entry| seen.insert((entry.signature(), entry.doc.clone()))).collect()
}

/// Finds the entries that say most of the words of a question, by name, option or text; the best first.
pub fn by_words<'a>(catalogue: &'a Catalogue, asked: &str) -> Vec<&'a Entry> {
    let lower = asked.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| word.len() > 1 && !FILLERS.contains(word)).collect();
    let mut scored: Vec<(usize, &Entry)> = Vec::new();
    for entry in catalogue.entries() {
        let sum: usize = words.iter().map(|word| score(entry, word)).sum();
        if sum > 0 {
            scored.push((sum, entry));
        }
    }
    scored.sort_by_key(|(score, entry)| (Reverse(*score), entry.module.is_none(), entry.name));
    let mut seen = BTreeSet::new();
    scored.into_iter().map(|(_, entry)| entry).filter(|entry| seen.insert((entry.name, entry.summary()))).take(FOUND).collect()
}

fn score(entry: &Entry, word: &str) -> usize {
    let stem = word.trim_end_matches('s');
    let named = |name: &str| name.eq_ignore_ascii_case(word) || name.eq_ignore_ascii_case(stem);
    let options = entry.options.map(|options| options.keys).unwrap_or_default();
    let object = entry.module.or(entry.receiver).unwrap_or("");
    let mut score = 0;
    score += if named(entry.name) { 8 } else { 0 };
    score += if named(object) { 4 } else { 0 };
    score += if options.iter().any(|key| named(key.name)) { 6 } else { 0 };
    // A word counts from its beginning: `address` for `addr`, but not `wrote` for `rote`.
    let says = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|said| said.to_lowercase().starts_with(stem));
    score += if options.iter().any(|key| says(key.help)) { 2 } else { 0 };
    score += if says(&entry.summary()) { 3 } else { 0 };
    score + if says(&entry.doc) { 1 } else { 0 }
}
