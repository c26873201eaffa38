//! The lesson in a script: its statements, and those that carry the command that the article gives for them. The script itself is
//! the only source.

use super::input::TOOLS;
use super::token::{Kind, tokens};

/// A piece of the lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// `section("…")`, `note(…)`, what prepares, and what checks: it runs by itself.
    Own(String),
    /// Something to type: the statement, and the command that does the same.
    Step { statement: String, command: String },
}

/// Cuts a script into its pieces.
pub(super) fn pieces(script: &str) -> Vec<Piece> {
    let tokens = tokens(script);
    let mut pieces = Vec::new();
    let (mut begin, mut depth) = (None, 0_usize);
    for (index, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Comment && depth == 0 && begin.is_none() {
            attach(&mut pieces, script, token.start, token.text);
            continue;
        }
        let start = *begin.get_or_insert(token.start);
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        let next = tokens.get(index + 1..).unwrap_or(&[]).iter().find(|t| t.kind != Kind::Comment).map(|t| t.text);
        let block = token.text == "}" && is_block(&script[start..]) && !matches!(next, Some("else" | "catch" | "while" | "until"));
        if depth == 0 && (token.text == ";" || block) {
            pieces.push(Piece::Own(script[start..token.end()].to_string()));
            begin = None;
        }
    }
    pieces
}

fn is_block(statement: &str) -> bool {
    let word = statement.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    matches!(word, "if" | "for" | "while" | "loop" | "fn" | "try" | "switch" | "do")
}

/// A comment on the line of a statement, if it is a command, makes it a step.
fn attach(pieces: &mut [Piece], script: &str, at: usize, comment: &str) {
    let line = script[..at].rfind('\n').map_or(0, |end| end + 1);
    let command = comment.trim_start_matches('/').trim();
    let tool = command.split_whitespace().next().is_some_and(|word| TOOLS.contains(&word));
    let beside = !script[line..at].trim().is_empty() && !command.contains('…');
    if let Some(Piece::Own(statement)) = pieces.last().filter(|_| tool && beside) {
        let step = Piece::Step { statement: statement.clone(), command: command.to_string() };
        if let Some(last) = pieces.last_mut() {
            *last = step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_with_a_command_beside_it_is_a_step() {
        let script = "//! # Title\nlet x = 1;\n// prose\nlet blue = netns::add(\"blue\");   // ip netns add blue\nif x > 0 { f(); } else { g(); }\nnote(\"n\"); // no command\n";
        let own = |text: &str| Piece::Own(text.to_string());
        assert_eq!(
            pieces(script),
            [
                own("let x = 1;"),
                Piece::Step { statement: "let blue = netns::add(\"blue\");".to_string(), command: "ip netns add blue".to_string() },
                own("if x > 0 { f(); } else { g(); }"),
                own("note(\"n\");"),
            ]
        );
    }

    #[test]
    fn the_article_has_steps() {
        let script = crate::runner::scripts::Script::find("article").unwrap();
        let steps = pieces(&script.text).into_iter().filter(|piece| matches!(piece, Piece::Step { .. })).count();
        assert!(steps > 10, "{steps}");
    }
}
