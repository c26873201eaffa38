//! `expect(condition)` and `expect(condition, "why")`: a claim whose text is its own source, and which tells both sides when it fails.
//!
//! A plain function would only see `false`. As syntax of its own it gets the expression: where that is a comparison, each side is
//! evaluated once, and then compared.

use super::fault::{Place, Scripted, thrown};
use super::reading::type_word;
use super::session::Session;
use super::source::{Sources, offset};
use crate::error::{Error, Kind};
use rhai::{Dynamic, Engine, EvalContext, Expr, Expression, ImmutableString};

/// The comparisons whose sides are told.
const COMPARISONS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];

/// How much of a value is told.
const SHOWN: usize = 300;

pub(super) fn register(engine: &mut Engine) {
    engine.register_custom_syntax_with_state_raw("expect", next_symbol, false, |context, inputs, _| claim(context, inputs));
}

/// Says what may stand after the symbols that were read: `expect ( EXPR )` or `expect ( EXPR , EXPR )`.
fn next_symbol(symbols: &[ImmutableString], ahead: &str, _: &mut Dynamic) -> Result<Option<ImmutableString>, rhai::ParseError> {
    Ok(match symbols.len() {
        1 => Some("(".into()),
        2 | 4 if symbols[symbols.len() - 1] != ")" => Some("$expr$".into()),
        3 => Some(if ahead == "," { "," } else { ")" }.into()),
        5 => Some(")".into()),
        _ => None,
    })
}

fn claim(context: &mut EvalContext, inputs: &[Expression]) -> Scripted<Dynamic> {
    let session = Session::of_eval(context);
    let Some(condition) = inputs.first() else { return Ok(Dynamic::UNIT) };
    let position = leftmost(condition).start_position();
    let place = Place::of(context.source(), position);
    let (held, found) = judge(context, condition)?;
    let why = match inputs.get(1) {
        Some(why) => Some(why.eval_with_context(context)?.to_string()),
        None => None,
    };
    let source = place.as_ref().and_then(|place| source_text(session.sources(), place)).unwrap_or_else(|| "the condition".to_string());
    let text = why.clone().unwrap_or_else(|| source.clone());
    let Some(held) = held else {
        let cause = format!("a claim is true or false, this is {found}");
        return Err(thrown(Error::new(Kind::BadArgument, "check", format!("`{source}`"), cause), place, position));
    };
    if held {
        session.claim(text, None, place);
        return Ok(Dynamic::UNIT);
    }
    let mut error = Error::expectation(format!("`{source}`"), found);
    if let Some(why) = why {
        error = error.because(why);
    }
    session.claim(text, Some(error.clone()), place.clone());
    Err(thrown(error, place, position))
}

/// Evaluates a condition; returns whether it holds (nothing if it is neither true nor false), and what was found.
fn judge(context: &mut EvalContext, condition: &Expression) -> Scripted<(Option<bool>, String)> {
    if let Expr::FnCall(call, position) = &**condition
        && call.args.len() == 2
        && COMPARISONS.contains(&call.name.as_str())
    {
        let mut sides = Vec::with_capacity(2);
        for side in &call.args {
            sides.push(Expression::from(side).eval_with_context(context)?);
        }
        let mut known = call.as_ref().clone();
        known.args = sides.iter().map(|value| Expr::DynamicConstant(Box::new(value.clone()), *position)).collect();
        let known = Expr::FnCall(Box::new(known), *position);
        let held = Expression::from(&known).eval_with_context(context)?.as_bool().ok();
        let (left, right) = (show(context, &sides[0]), show(context, &sides[1]));
        // What stands in the script as a literal need not be told again.
        let literal = Expr::is_constant;
        let found = match (literal(&call.args[0]), literal(&call.args[1])) {
            (true, false) => format!("right was {right}"),
            (false, true) => format!("left was {left}"),
            _ => format!("left was {left}, right was {right}"),
        };
        return Ok((held, found));
    }
    let value = condition.eval_with_context(context)?;
    match value.as_bool() {
        Ok(held) => Ok((Some(held), "it was false".to_string())),
        Err(_) => Ok((None, type_word(&value))),
    }
}

/// Of `a.b == c`, the expression `a.b`: the engine's own start is the operator.
fn leftmost(expression: &Expr) -> &Expr {
    match expression {
        Expr::FnCall(call, _) if call.is_operator_call() && call.args.len() == 2 => leftmost(&call.args[0]),
        Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => parts.first().map_or(expression, leftmost),
        other => other,
    }
}

fn show(context: &mut EvalContext, value: &Dynamic) -> String {
    let text = match context.call_native_fn::<ImmutableString>("to_string", (value.clone(),)) {
        Ok(text) => text.to_string(),
        Err(_) => value.to_string(),
    };
    quoted(&text)
}

/// Writes a found value in backticks, on one line, and not endlessly long.
pub(crate) fn quoted(text: &str) -> String {
    let folded = text.trim().replace('\n', "\\n");
    match folded.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("`{}…`", &folded[..at]),
        None => format!("`{folded}`"),
    }
}

/// The text of the condition: from the bracket of `expect(` before it to the one that closes it.
fn source_text(sources: &Sources, place: &Place) -> Option<String> {
    let text = sources.get(&place.source)?;
    let at = offset(&text, place.line, place.column)?;
    let open = text[..at].rfind("expect").and_then(|word| Some(word + text[word..].find('(')? + 1))?;
    let line = text[..open].matches('\n').count() + 1;
    let column = text[..open].rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    sources.expression_at(&Place { source: place.source.clone(), line, column })
}
