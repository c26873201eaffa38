//! To whom a session speaks: people at a terminal, or programs that read one JSON object a line.

use crate::runner::diagnostic::Finding;
use crate::script::Sources;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::Write;

/// Who reads.
pub(super) enum Face {
    /// Text, in colour where the terminal has it.
    People,
    /// One JSON object a line; each carries the `id` of the request that it belongs to.
    Programs {
        /// The id of the request that is being answered.
        id: RefCell<Value>,
    },
}

/// Writes whole lines: another thread may write at the same time.
pub(super) fn write_lines(lines: &[String]) {
    let mut text = lines.join("\n");
    text.push('\n');
    let mut out = std::io::stdout().lock();
    // Who closed the output does not want to know.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

impl Face {
    pub(super) fn is_json(&self) -> bool {
        matches!(self, Face::Programs { .. })
    }

    /// Writes an object of the protocol, with the id of the request.
    pub(super) fn emit(&self, mut object: Value) {
        if let (Face::Programs { id }, Some(fields)) = (self, object.as_object_mut()) {
            if !id.borrow().is_null() {
                fields.insert("id".to_string(), id.borrow().clone());
            }
            write_lines(&[object.to_string()]);
        }
    }

    /// Says something in words.
    pub(super) fn say(&self, text: &str) {
        match self {
            Face::People => write_lines(&[text.to_string()]),
            Face::Programs { .. } => self.emit(json!({ "event": "text", "text": text })),
        }
    }

    /// Tells what is wrong; `details` are fields that only programs want.
    pub(super) fn tell(&self, finding: &Finding, sources: &Sources, colour: bool, details: Value) {
        if let Face::People = self {
            let _ = write!(std::io::stderr(), "{}", finding.render(sources, colour));
            return;
        }
        let mut object = json!({ "event": "error", "message": finding.headline, "reasons": finding.notes, "hint": finding.hint });
        if let Some(place) = &finding.place {
            let width = finding.span(sources).unwrap_or(1);
            object["span"] = json!({ "source": place.source, "line": place.line, "column": place.column, "width": width });
        }
        if let (Some(fields), Value::Object(more)) = (object.as_object_mut(), details) {
            fields.extend(more);
        }
        self.emit(object);
    }
}
