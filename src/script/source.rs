//! The texts of a script and of what it imports: for the caret under an error, and for a claim that is its own source line.

use super::Place;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Texts by the name under which the engine knows them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Sources(Rc<RefCell<BTreeMap<String, Rc<str>>>>);

impl Sources {
    /// Adds or replaces a text.
    pub fn add(&self, name: &str, text: &str) {
        self.0.borrow_mut().insert(name.to_string(), Rc::from(text));
    }

    /// Returns a text.
    pub fn get(&self, name: &str) -> Option<Rc<str>> {
        self.0.borrow().get(name).cloned()
    }

    /// Returns the text from a place to the bracket that closes what is open there: the arguments of a call.
    pub(crate) fn expression_at(&self, place: &Place) -> Option<String> {
        let text = self.get(&place.source)?;
        let begin = offset(&text, place.line, place.column)?;
        Some(until_closed(&text[begin..]))
    }
}

/// Returns the byte offset of a line and column, both from 1; columns count characters.
pub fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let line_start = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum::<usize>();
    let rest = text.get(line_start..)?;
    let within = rest.char_indices().nth(column.checked_sub(1)?).map_or(rest.len(), |(at, _)| at);
    Some(line_start + within)
}

/// Cuts a text before the bracket that closes more than it opened, or the comma at its level; folds white space.
fn until_closed(text: &str) -> String {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some('"' | '\''), '\\') => escaped = true,
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') if depth == 0 => {
                end = at;
                break;
            }
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                end = at;
                break;
            }
            (None, _) => {}
        }
    }
    text[..end].split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_ends_where_its_brackets_close() {
        assert_eq!(until_closed("a.b(\"x)\", [1, 2]) == 3);\nnext()"), "a.b(\"x)\", [1, 2]) == 3");
        assert_eq!(until_closed("a == b, \"why\")"), "a == b");
        assert_eq!(until_closed("a\n    .b() == `c)${d}`)"), "a .b() == `c)${d}`");
        assert_eq!(until_closed("x == ')')"), "x == ')'");
    }

    #[test]
    fn offsets_count_characters_in_lines() {
        let text = "äb\ncd\n";
        assert_eq!(offset(text, 1, 2), Some(2));
        assert_eq!(offset(text, 2, 1), Some(4));
        assert_eq!(offset(text, 9, 1), Some(text.len()));
    }
}
