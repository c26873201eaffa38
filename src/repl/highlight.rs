//! A line in colour as it is typed: what the lab knows, what is a word of the language, and which bracket closes which.

use super::input::TOOLS;
use super::paint::Style;
use super::shell::Shell;
use super::token::{KEYWORDS, Kind, Token, partners, tokens};

/// Paints a line; `cursor` is where the matching bracket is looked for.
pub(super) fn highlight(line: &str, cursor: Option<usize>, shell: &Shell) -> String {
    let tokens = tokens(line);
    let matching = cursor.and_then(|cursor| matching(&tokens, cursor));
    let mut painted = String::with_capacity(line.len() * 2);
    let mut at = 0;
    for (index, token) in tokens.iter().enumerate() {
        painted += &line[at..token.start];
        let style = if matching == Some(index) { Some(Style::Match) } else { style(&tokens, index, shell) };
        match style {
            // A sequence must not span lines: the editor moves the cursor between them.
            Some(style) => painted += &token.text.split('\n').map(|part| shell.paint.paint(style, part)).collect::<Vec<_>>().join("\n"),
            None => painted += token.text,
        }
        at = token.end();
    }
    painted + &line[at..]
}

fn style(tokens: &[Token], index: usize, shell: &Shell) -> Option<Style> {
    let token = &tokens[index];
    match token.kind {
        Kind::Comment => Some(Style::Dim),
        Kind::Text { .. } => Some(Style::Text),
        Kind::Number => Some(Style::Number),
        Kind::Word if KEYWORDS.contains(&token.text) => Some(Style::Keyword),
        Kind::Word => {
            let catalogue = shell.interpreter.catalogue();
            let before = index.checked_sub(1).map(|before| tokens[before].kind);
            let known = match before {
                Some(Kind::Dot) => catalogue.entries().iter().any(|e| e.receiver.is_some() && e.name == token.text),
                Some(Kind::Path) => catalogue.functions(Some(tokens.get(index.checked_sub(2)?)?.text), token.text).next().is_some(),
                _ => catalogue
                    .entries()
                    .iter()
                    .any(|e| e.module == Some(token.text) || e.receiver.is_none() && e.module.is_none() && e.name == token.text),
            };
            let tool = index == 0 && TOOLS.contains(&token.text);
            (known || tool).then_some(Style::Known)
        }
        _ => None,
    }
}

/// The partner of the bracket under the cursor, or before it.
fn matching(tokens: &[Token], cursor: usize) -> Option<usize> {
    let bracket = |token: &Token| matches!(token.kind, Kind::Open | Kind::Close);
    let at = tokens.iter().position(|t| bracket(t) && t.start <= cursor && cursor < t.end());
    let at = at.or_else(|| tokens.iter().position(|t| bracket(t) && t.end() == cursor))?;
    partners(tokens)[at]
}
