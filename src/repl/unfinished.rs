//! Whether an input is finished: what the parser fails at one past its end goes on in the next line.

use super::token::{Kind, tokens};
use rhai::{Engine, LexError, ParseErrorType};

/// Returns whether a Rhai text only lacks its end.
pub(super) fn unfinished(engine: &Engine, text: &str) -> bool {
    // A comment that is left open compiles.
    let open_comment = |t: &super::token::Token| t.kind == Kind::Comment && t.text.starts_with("/*") && !t.text.ends_with("*/");
    if tokens(text).last().is_some_and(open_comment) {
        return true;
    }
    match engine.compile(text) {
        Ok(_) => false,
        Err(error) => ends_early(text, &error),
    }
}

fn ends_early(text: &str, error: &rhai::ParseError) -> bool {
    if matches!(error.err_type(), ParseErrorType::BadInput(LexError::UnterminatedString)) {
        return tokens(text).iter().any(|t| t.kind == Kind::Text { closed: false } && t.text.starts_with('`'));
    }
    let text = text.trim_end();
    let last = text.lines().last().unwrap_or("");
    let (line, column) = (error.position().line(), error.position().position());
    match line {
        Some(line) if line > text.lines().count() => true,
        Some(line) => line == text.lines().count() && column.is_none_or(|column| column > last.chars().count()),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_goes_on_until_its_brackets_and_strings_are_closed() {
        let engine = Engine::new();
        for text in
            ["fn f() {", "let a = [1,", "blue.route.add(\"default\",\n  #{ via:", "`open", "if true {\n 1\n}  else {", "/* open", "let a ="]
        {
            assert!(unfinished(&engine, text), "{text}");
        }
        for text in ["1", "let a = 1;", "fn f() { }", "let = 5", "f(]", "\"open", "}", "blue route"] {
            assert!(!unfinished(&engine, text), "{text}");
        }
    }
}
