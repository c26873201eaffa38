//! How problems are worded: articles, numbers of arguments, and the word that was most likely meant.

use crate::near;
use std::collections::BTreeSet;

/// What people type who know other tools, and the word of labsh for it.
const MEANT: [(&str, &str); 11] = [
    ("address", "addr"),
    ("addresses", "addr"),
    ("neighbour", "neigh"),
    ("neighbor", "neigh"),
    ("neighbours", "neigh"),
    ("neighbors", "neigh"),
    ("delete", "del"),
    ("remove", "del"),
    ("show", "list"),
    ("ls", "list"),
    ("create", "add"),
];

/// Returns ``did you mean `X`?``, if a candidate is near.
pub(super) fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let meant = MEANT.iter().find(|(typed, meant)| *typed == word && candidates.contains(meant));
    match meant {
        Some((_, meant)) => Some(format!("did you mean `{meant}`?")),
        // Every other letter is near a single one.
        None if word.chars().count() < 2 => None,
        None => near::did_you_mean(word, candidates),
    }
}

/// Returns `a Netns`, `an int`.
pub(super) fn article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) { "an" } else { "a" };
    format!("{article} {word}")
}

/// Returns `a string or a Netns` for `string|Netns`.
pub(super) fn alternatives(takes: &str) -> String {
    either(&takes.split('|').map(article).collect::<Vec<_>>())
}

/// Returns `1 or 2 arguments`.
pub(super) fn arguments(counts: &BTreeSet<usize>) -> String {
    match counts.iter().max() {
        None | Some(0) => "no arguments".to_string(),
        Some(1) if counts.len() == 1 => "1 argument".to_string(),
        Some(_) => format!("{} arguments", either(&counts.iter().map(usize::to_string).collect::<Vec<_>>())),
    }
}

fn either(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
