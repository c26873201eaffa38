//! Colour: on terminals only, and not with NO_COLOR.

use std::io::IsTerminal;

/// Whether to paint, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(bool);

/// The styles in use, as SGR sequences (ECMA-48).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Dim,
    Bold,
    Keyword,
    Text,
    Number,
    Known,
    Good,
    Bad,
    Match,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Style::Dim => "2",
            Style::Bold => "1",
            Style::Keyword => "35",
            Style::Text | Style::Good => "32",
            Style::Number => "33",
            Style::Known => "36",
            Style::Bad => "31",
            Style::Match => "1;4",
        }
    }
}

impl Paint {
    /// Paints if standard output takes colour.
    pub(super) fn of_stdout() -> Paint {
        Paint(crate::runner::report::colour_on(&std::io::stdout()) && std::io::stdin().is_terminal())
    }

    /// Paints nothing.
    pub(super) fn none() -> Paint {
        Paint(false)
    }

    pub(super) fn on(self) -> bool {
        self.0
    }

    /// Paints a text.
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        match self.0 && !text.is_empty() {
            true => format!("\x1b[{}m{text}\x1b[0m", style.code()),
            false => text.to_string(),
        }
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.paint(Style::Dim, text)
    }

    /// Paints what `ip` prints: names, addresses and states, as `ip -color` does.
    pub(super) fn output(self, text: &str) -> String {
        if !self.0 {
            return text.to_string();
        }
        let mut painted = String::with_capacity(text.len() * 2);
        let mut before = "";
        for part in text.split_inclusive(|c: char| c.is_whitespace()) {
            let word = part.trim_end();
            let style = match (before, word) {
                (_, "UP" | "REACHABLE" | "PERMANENT" | "forwarding") => Some(Style::Good),
                (_, "DOWN" | "NO-CARRIER" | "LOWERLAYERDOWN" | "FAILED" | "linkdown" | "unreachable" | "blackhole") => Some(Style::Bad),
                ("inet" | "inet6" | "via" | "src" | "brd" | "link/ether" | "lladdr", _) => Some(Style::Keyword),
                ("dev" | "master" | "link-netns" | "netns", _) => Some(Style::Known),
                _ if word.ends_with(':') && before.ends_with(':') && before.starts_with(|c: char| c.is_ascii_digit()) => Some(Style::Known),
                _ => None,
            };
            match style {
                Some(style) => painted += &format!("{}{}", self.paint(style, word), &part[word.len()..]),
                None => painted += part,
            }
            before = word;
        }
        painted
    }
}
