//! Who tells of a run: people on a terminal, or one JSON object a line for programs.

mod human;
mod json;

pub use human::{Human, colour_on};
pub use json::{Json, object};

use super::Outcome;
use crate::script::event::Event;
use crate::script::{Fault, Sources};
use std::time::Duration;

/// A reporter.
pub trait Report {
    /// Something happened.
    fn event(&self, event: &Event);
    /// The run failed.
    fn fault(&self, fault: &Fault, sources: &Sources);
    /// The check found something.
    fn finding(&self, finding: &super::diagnostic::Finding, sources: &Sources);
    /// The run is over.
    fn end(&self, outcome: Outcome, claims: usize, time: Duration);
}
