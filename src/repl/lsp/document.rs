//! The text of an editor, and its places: the protocol counts lines from 0 and columns in UTF-16 units, we count bytes, and the
//! check lines and characters from 1.

use serde_json::{Value, json};

/// A text that is open in the editor.
pub(super) struct Document {
    pub(super) text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Document {
    pub(super) fn new(text: &str) -> Document {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Document { text: text.to_string(), lines }
    }

    fn line(&self, line: usize) -> (usize, &str) {
        match self.lines.get(line) {
            Some(begin) => {
                let rest = &self.text[*begin..];
                (*begin, rest.split('\n').next().unwrap_or(rest).trim_end_matches('\r'))
            }
            None => (self.text.len(), ""),
        }
    }

    /// The byte at a position; beyond the end of a line it is the end.
    pub(super) fn offset(&self, position: &Value) -> usize {
        let number = |key: &str| position[key].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        let (begin, line) = self.line(number("line"));
        let mut units = number("character");
        let mut at = begin;
        for c in line.chars() {
            if units < c.len_utf16() {
                break;
            }
            units -= c.len_utf16();
            at += c.len_utf8();
        }
        at
    }

    fn position(&self, at: usize) -> Value {
        let line = self.lines.partition_point(|begin| *begin <= at).saturating_sub(1);
        let units: usize = self.text[self.lines[line]..at].chars().map(char::len_utf16).sum();
        json!({ "line": line, "character": units })
    }

    /// The range between two bytes.
    pub(super) fn range(&self, begin: usize, end: usize) -> Value {
        json!({ "start": self.position(begin), "end": self.position(end) })
    }

    /// The range of a place of the check: line and column from 1, and a width, in characters.
    pub(super) fn range_of(&self, line: usize, column: usize, width: usize) -> Value {
        let (begin, text) = self.line(line.saturating_sub(1));
        let byte = |characters: usize| begin + text.chars().take(characters).map(char::len_utf8).sum::<usize>();
        self.range(byte(column.saturating_sub(1)), byte(column.saturating_sub(1) + width))
    }
}

/// The path in a `file:` URI (RFC 8089), or the URI itself.
pub(super) fn path(uri: &str) -> String {
    let Some(rest) = uri.strip_prefix("file://") else { return uri.to_string() };
    let mut bytes = Vec::with_capacity(rest.len());
    let mut at = 0;
    while let Some(byte) = rest.as_bytes().get(at) {
        let code = rest.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *byte == b'%');
        bytes.push(code.unwrap_or(*byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_as_the_protocol_does() {
        let document = Document::new("let a = \"😀\";\r\nblue.up()\n");
        let position = json!({ "line": 0, "character": 11 });
        assert_eq!(&document.text[document.offset(&position)..][..1], "\"", "the picture is two units wide");
        assert_eq!(document.position(document.offset(&position)), position);
        assert_eq!(document.offset(&json!({ "line": 0, "character": 99 })), document.text.find('\r').unwrap());
        assert_eq!(document.range_of(2, 1, 4), json!({ "start": { "line": 1, "character": 0 }, "end": { "line": 1, "character": 4 } }));
    }

    #[test]
    fn a_uri_is_a_path() {
        assert_eq!(path("file:///tmp/a%20b/lab.rhai"), "/tmp/a b/lab.rhai");
        assert_eq!(path("untitled:1"), "untitled:1");
    }
}
