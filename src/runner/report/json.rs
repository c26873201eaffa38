//! One JSON object a line on standard output, for programs.

use super::Report;
use crate::runner::Outcome;
use crate::runner::diagnostic::Finding;
use crate::script::event::Event;
use crate::script::{Fault, Place, Sources};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::time::Duration;

/// Tells programs. Every object has `event`: `section`, `note`, `step`, `print`, `claim`, `skip`, `error`, `end`.
#[derive(Debug, Default)]
pub struct Json;

fn tell(value: &Value) {
    let _ = writeln!(std::io::stdout(), "{value}");
}

fn with_place(mut value: Value, place: Option<&Place>) -> Value {
    if let (Some(fields), Some(place)) = (value.as_object_mut(), place) {
        fields.extend(Map::from_iter([
            ("file".to_string(), json!(place.source)),
            ("line".to_string(), json!(place.line)),
            ("column".to_string(), json!(place.column)),
        ]));
    }
    value
}

/// Returns the object for an event.
pub fn object(event: &Event) -> Value {
    match event {
        Event::Section(title) => json!({ "event": "section", "title": title }),
        Event::Note(text) => json!({ "event": "note", "text": text }),
        Event::Step(line) => json!({ "event": "step", "command": line }),
        Event::Print(text) => json!({ "event": "print", "text": text }),
        Event::Skip(reason) => json!({ "event": "skip", "reason": reason }),
        Event::Claim { text, error, place } => {
            let found = error.as_ref().map(|error| error.cause());
            with_place(json!({ "event": "claim", "text": text, "ok": error.is_none(), "found": found }), place.as_ref())
        }
    }
}

impl Report for Json {
    fn event(&self, event: &Event) {
        tell(&object(event));
    }

    fn fault(&self, fault: &Fault, _: &Sources) {
        let error = &fault.error;
        let value = json!({
            "event": "error",
            "message": error.to_string(),
            "kind": error.kind().slug(),
            "operation": error.operation(),
            "subject": error.subject(),
            "netns": error.netns(),
            "errno": error.errno(),
            "kernel": error.kernel(),
            "reasons": error.reasons(),
            "hint": error.fix(),
        });
        tell(&with_place(value, fault.place.as_ref()));
    }

    fn finding(&self, finding: &Finding, _: &Sources) {
        let value = json!({
            "event": "error",
            "message": finding.headline,
            "kind": "check",
            "reasons": finding.notes,
            "hint": finding.hint,
        });
        tell(&with_place(value, finding.place.as_ref()));
    }

    fn end(&self, outcome: Outcome, claims: usize, time: Duration) {
        let time = (time.as_secs_f64() * 1e6).round() / 1e3;
        tell(&json!({ "event": "end", "status": outcome.word(), "claims": claims, "time_ms": time }));
    }
}
