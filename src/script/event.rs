//! What a run tells while it goes on: front ends show it, or write it as one JSON object a line.

use crate::error::Error;
use crate::script::Place;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// `section("…")`: a heading.
    Section(String),
    /// `note("…")`: prose for the reader.
    Note(String),
    /// The `ip` line that does the same as the step that follows.
    Step(String),
    /// `print(…)`.
    Print(String),
    /// A claim that was checked, by its source text.
    Claim {
        /// The claim as it stands in the script, or why it should hold.
        text: String,
        /// What was found, where it does not hold.
        error: Option<Error>,
        /// Where it stands.
        place: Option<Place>,
    },
    /// `skip("…")`: this machine cannot run the script, and why.
    Skip(String),
}

/// Who is told of events.
pub type Listener = dyn Fn(&Event);
