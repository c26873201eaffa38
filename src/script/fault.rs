//! Errors on their way through the interpreter: thrown with their place, caught as a value with properties, told at the end.
//! [`raise`] is the only way out of a word of the language.

use crate::error::Error;
use rhai::{Dynamic, EvalAltResult, NativeCallContext, Position};
use std::fmt;

/// A place in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The name of the text: a path, or `input`.
    pub source: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// Makes a place of the engine's position, if it has one.
    pub(crate) fn of(source: Option<&str>, position: Position) -> Option<Place> {
        Some(Place { source: source?.to_string(), line: position.line()?, column: position.position().unwrap_or(1) })
    }
}

/// What scripts catch: an error and the place where it was thrown.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What went wrong.
    pub error: Error,
    /// Where.
    pub place: Option<Place>,
    /// The calls that led there, the innermost first: function name and place of the call.
    pub trail: Vec<(String, Option<Place>)>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

/// What a word of the language returns to the engine.
pub(crate) type Scripted<T> = Result<T, Box<EvalAltResult>>;

/// Throws an error from the place of the call.
pub(crate) fn raise<T>(ctx: &NativeCallContext, error: Error) -> Scripted<T> {
    let position = ctx.call_position();
    Err(thrown(error, Place::of(ctx.call_source(), position), position))
}

/// Makes the engine's error of ours.
pub(crate) fn thrown(error: Error, place: Option<Place>, position: Position) -> Box<EvalAltResult> {
    let fault = Fault { error, place, trail: Vec::new() };
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(fault), position))
}
