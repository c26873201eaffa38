//! The words of a line as it is typed: enough of Rhai's lexer to colour a line, and to know where in a call the cursor stands.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// A string; `closed` tells whether its quote has an end.
    Text { closed: bool },
    /// A comment.
    Comment,
    /// `(`, `[`, `{` or `#{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// `.`, or `?.`
    Dot,
    /// `::`
    Path,
    /// `,`
    Comma,
    /// Anything else but white space.
    Other,
}

/// A token: its kind and its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The text of a string without its quotes.
    pub(super) fn inner(&self) -> &str {
        let quote = self.text.chars().next().unwrap_or('"');
        let rest = self.text.get(1..).unwrap_or("");
        match self.kind {
            Kind::Text { closed: true } => rest.strip_suffix(quote).unwrap_or(rest),
            Kind::Text { closed: false } => rest,
            _ => self.text,
        }
    }
}

/// Rhai's keywords.
pub(super) const KEYWORDS: [&str; 27] = [
    "let", "const", "if", "else", "while", "loop", "for", "in", "fn", "return", "throw", "try", "catch", "switch", "import", "export",
    "as", "true", "false", "continue", "break", "do", "until", "private", "this", "global", "call",
];

/// Splits a text.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (kind, length) = token(&text[at..], c);
        found.push(Token { kind, text: &text[at..at + length], start: at });
        at += length;
    }
    found
}

fn token(rest: &str, c: char) -> (Kind, usize) {
    let run = |keep: fn(char) -> bool| rest.find(|c| !keep(c)).unwrap_or(rest.len());
    match c {
        _ if rest.starts_with("//") => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
        _ if rest.starts_with("/*") => (Kind::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2)),
        _ if rest.starts_with("#{") => (Kind::Open, 2),
        _ if rest.starts_with("::") => (Kind::Path, 2),
        _ if rest.starts_with("?.") => (Kind::Dot, 2),
        '"' | '`' | '\'' => text(rest, c),
        '(' | '[' | '{' => (Kind::Open, 1),
        ')' | ']' | '}' => (Kind::Close, 1),
        ',' => (Kind::Comma, 1),
        '.' => (Kind::Dot, 1),
        '0'..='9' => (Kind::Number, number(rest)),
        _ if c.is_alphabetic() || c == '_' => (Kind::Word, run(|c| c.is_alphanumeric() || c == '_')),
        _ => (Kind::Other, c.len_utf8()),
    }
}

/// A dot belongs to a number only before another digit: `1.max(2)` is a call.
fn number(rest: &str) -> usize {
    let mut end = 0;
    for (at, c) in rest.char_indices() {
        let dot = c == '.' && rest[at + 1..].starts_with(|next: char| next.is_ascii_digit());
        if !(c.is_ascii_alphanumeric() || c == '_' || dot) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

fn text(rest: &str, quote: char) -> (Kind, usize) {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            c if c == quote => return (Kind::Text { closed: true }, at + c.len_utf8()),
            // Only a back-tick string goes on over the end of the line.
            '\n' if quote != '`' => return (Kind::Text { closed: false }, at),
            _ => {}
        }
    }
    (Kind::Text { closed: false }, rest.len())
}

/// Returns, for each bracket, the index of its partner.
pub(super) fn partners(tokens: &[Token]) -> Vec<Option<usize>> {
    let mut partners = vec![None; tokens.len()];
    let mut open = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => open.push(index),
            Kind::Close => {
                if let Some(other) = open.pop() {
                    partners[index] = Some(other);
                    partners[other] = Some(index);
                }
            }
            _ => {}
        }
    }
    partners
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn a_call_with_an_option_map_is_split_into_its_words() {
        assert_eq!(
            texts("blue.route.add(\"default\", #{ via: \"10.0.0.1\" }) // so"),
            ["blue", ".", "route", ".", "add", "(", "\"default\"", ",", "#{", "via", ":", "\"10.0.0.1\"", "}", ")", "// so"]
        );
        assert_eq!(texts("netns::add(1.5.floor())"), ["netns", "::", "add", "(", "1.5", ".", "floor", "(", ")", ")"]);
    }

    #[test]
    fn an_open_string_is_known_as_such() {
        let found = tokens("blue.link(\"lo");
        assert_eq!(found.last().map(|t| (t.kind, t.inner())), Some((Kind::Text { closed: false }, "lo")));
        assert_eq!(tokens("\"a\\\"b\"")[0].kind, Kind::Text { closed: true });
    }
}
