//! `expect_eq`, `expect_error`, `eventually`, `never`, `wait_until`. (`expect` itself is syntax: see `script/expect.rs`.)

use super::super::catalogue::{Entry, Param, Shape};
use super::super::engine::explain;
use super::super::expect::quoted;
use super::super::fault::Place;
use super::super::registry::{Registry, words};
use super::super::session::{Call, Session};
use crate::error::{Error, Kind, Result};
use crate::lab::wait::{self, parse_span};
use rhai::{Dynamic, FnPtr, Scope};

/// Tells the claim, and returns its error if it does not hold.
fn tell(call: &Call, text: String, error: Option<Error>) -> Result<()> {
    call.session.claim(text, error.clone(), call.place());
    error.map_or(Ok(()), Err)
}

/// Returns the source text of an argument of the call, by its number from 0.
fn argument(call: &Call, number: usize) -> Option<String> {
    let place = call.place()?;
    let text = call.session.sources().get(&place.source)?;
    let line = text.lines().nth(place.line - 1)?;
    let open = line.chars().skip(place.column - 1).position(|c| c == '(')? + 1;
    let mut at = Place { column: place.column + open, ..place };
    let mut found = call.session.sources().expression_at(&at)?;
    for _ in 0..number {
        // Only arguments on the line of the call are found this way; others are told in general words.
        let rest: String = line.chars().skip(at.column - 1).collect();
        let comma = rest.find(&found)? + found.len();
        at.column += rest[..comma].chars().count() + rest[comma..].find(',')? + 1;
        found = call.session.sources().expression_at(&at)?;
    }
    Some(found)
}

fn body(call: &Call, number: usize) -> String {
    let text = argument(call, number).unwrap_or_default();
    let text = text.trim_start_matches("||").trim();
    if text.is_empty() { "the closure".to_string() } else { text.to_string() }
}

/// Calls a closure; a failure of the script's own is returned, Ctrl-C goes on.
fn attempt(call: &Call, closure: &FnPtr) -> Result<std::result::Result<Dynamic, Error>> {
    match closure.call_within_context::<Dynamic>(call.ctx, ()) {
        Ok(value) => Ok(Ok(value)),
        Err(thrown) => {
            let fault = explain(&thrown, call.ctx.call_source().unwrap_or_default(), None);
            if fault.error.kind() == Kind::Interrupted { Err(fault.error) } else { Ok(Err(fault.error)) }
        }
    }
}

/// Asks a closure until it is true; what it throws means not yet. Returns whether it was, and what was last seen.
fn holds_within(call: &Call, within: &str, closure: &FnPtr) -> Result<(bool, Option<String>)> {
    let mut last = None;
    let came = wait::until(call.lab(), parse_span(within)?, || match attempt(call, closure)? {
        Ok(value) => value.as_bool().map_err(|word| {
            Error::new(Kind::BadArgument, "wait for", "a condition", format!("the closure must return true or false, not {word}"))
        }),
        Err(error) => {
            last = Some(error.to_string());
            Ok(false)
        }
    })?;
    Ok((came, last))
}

fn written_span(within: &str) -> Result<String> {
    Ok(wait::span(parse_span(within)?))
}

pub(super) fn register(registry: &mut Registry) {
    describe_expect(registry);
    words!(registry, Session, [function];
        /// Claims that two values are equal, and tells both when they are not.
        ///
        /// Errors: `expectation`.
        ///
        /// ```rhai
        /// expect_eq(netns::add("blue").name, "blue");
        /// ```
        fn expect_eq(session, call, actual: Dynamic as "any", expected: Dynamic as "any") -> () {
            let mut scope = Scope::new();
            scope.push_dynamic("actual", actual.clone()).push_dynamic("expected", expected.clone());
            let engine = call.ctx.engine();
            let mut eval = |text: &str| engine.eval_expression_with_scope::<Dynamic>(&mut scope, text);
            let equal = eval("actual == expected").ok().and_then(|value| value.as_bool().ok()).unwrap_or(false);
            let mut shown = |name: &str| eval(&format!("{name}.to_string()")).map_or_else(|_| String::new(), |value| value.to_string());
            let (left, right) = (quoted(&shown("actual")), quoted(&shown("expected")));
            let claim = match (argument(call, 0), argument(call, 1)) {
                (Some(actual), Some(expected)) => format!("{actual} == {expected}"),
                _ => "both to be equal".to_string(),
            };
            let error = (!equal).then(|| Error::expectation(format!("`{claim}`"), format!("actual {left}, expected {right}")));
            tell(call, claim, error)
        }

        /// Claims that a closure fails.
        ///
        /// Errors: `expectation` when it does not.
        ///
        /// ```rhai
        /// expect_error(|| netns::get("nobody"));
        /// ```
        fn expect_error(session, call, closure: FnPtr) -> () {
            let body = body(call, 0);
            let error = match attempt(call, &closure)? {
                Err(_) => None,
                Ok(_) => Some(Error::expectation(format!("`{body}` to fail"), "it did not")),
            };
            tell(call, format!("{body} fails"), error)
        }

        /// Claims that a closure fails in a certain way: with this kind, this errno, or a message in which this stands.
        ///
        /// Errors: `expectation` when it does not, or fails in another way.
        ///
        /// ```rhai
        /// let blue = netns::add("blue");
        /// expect_error(|| blue.ping("127.0.0.1"), "ENETUNREACH");
        /// expect_error(|| netns::add("blue"), "exists");
        /// expect_error(|| netns::get("blues"), "no network namespace");
        /// ```
        fn expect_error(session, call, closure: FnPtr, what: &str) -> () {
            let body = body(call, 0);
            let claim = format!("`{body}` to fail with {what}");
            let error = match attempt(call, &closure)? {
                Err(error) if error.kind().slug() == what || error.errno() == Some(what) || error.to_string().contains(what) => None,
                Err(error) => Some(Error::expectation(claim, format!("it failed otherwise: {error}"))),
                Ok(_) => Some(Error::expectation(claim, "it did not fail")),
            };
            tell(call, format!("{body} fails with {what}"), error)
        }

        /// Claims that a condition comes true within a time. What the closure throws means not yet.
        ///
        /// Errors: `expectation`, with what was last seen.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ up: true }, b: #{ up: true } });
        /// eventually("2s", || pair.a.state == "UP");
        /// ```
        fn eventually(session, call, within: &str, condition: FnPtr) -> () {
            let (body, span) = (body(call, 1), written_span(within)?);
            let (came, last) = holds_within(call, within, &condition)?;
            let error = (!came).then(|| {
                let error = Error::expectation(format!("`{body}` within {span}"), "it did not come true");
                match last {
                    Some(last) => error.because(format!("the last try failed: {last}")),
                    None => error,
                }
            });
            tell(call, format!("{body}, within {span}"), error)
        }

        /// Claims that a condition does not come true during a time.
        ///
        /// Errors: `expectation` as soon as it does.
        ///
        /// ```rhai
        /// let pair = veth::add("v0", "v1", #{ a: #{ up: true } });
        /// never("50ms", || pair.a.carrier);
        /// ```
        fn never(session, call, within: &str, condition: FnPtr) -> () {
            let (body, span) = (body(call, 1), written_span(within)?);
            let (came, _) = holds_within(call, within, &condition)?;
            let error = came.then(|| Error::expectation(format!("never `{body}` during {span}"), "it came true"));
            tell(call, format!("never {body}, during {span}"), error)
        }

        /// Waits until a condition is true; no claim. What the closure throws means not yet.
        ///
        /// Errors: `timeout`, with what was last seen.
        ///
        /// ```rhai
        /// let server = start(["sh", "-c", "sleep 0.05; echo ready"]);
        /// wait_until("2s", || server.output.contains("ready"));
        /// ```
        fn wait_until(session, call, within: &str, condition: FnPtr) -> () {
            let (came, last) = holds_within(call, within, &condition)?;
            if came {
                return Ok(());
            }
            let cause = format!("it did not come true within {}", written_span(within)?);
            let error = Error::new(Kind::Timeout, "wait until", format!("`{}`", body(call, 1)), cause);
            Err(match last {
                Some(last) => error.because(format!("the last try failed: {last}")),
                None => error,
            })
        }
    );
}

/// `expect` is syntax, so it is entered by hand.
fn describe_expect(registry: &mut Registry) {
    let doc = "Claims that a condition holds; its text is its own source. Of a comparison, both sides are told when it fails.\n\n\
               Errors: `expectation`.\n\n```rhai\nlet blue = netns::add(\"blue\");\nexpect(blue.link(\"lo\").state == \"DOWN\");\n\
               expect(!blue.link(\"lo\").is_up, \"a new loopback is down\");\n```";
    let condition = Param { name: "condition", takes: "bool" };
    for params in [vec![condition], vec![condition, Param { name: "why", takes: "string" }]] {
        registry.catalogue.add(Entry {
            module: None,
            receiver: None,
            name: "expect",
            shape: Shape::Function,
            params,
            options: None,
            returns: "()",
            elements: None,
            doc: doc.to_string(),
        });
    }
}
