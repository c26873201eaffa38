//! An error as people read it: the headline, the line of the script with a caret, the cause, the kernel's sentence, what to try.

use crate::error::Kind;
use crate::script::check::Problem;
use crate::script::{Fault, Place, Sources};
use codespan_reporting::diagnostic::{Diagnostic, Label};
use codespan_reporting::files::SimpleFile;
use codespan_reporting::term::{self, Config};

/// Something that is wrong in a script, from the check or from the run.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What could not be done, or is wrong.
    pub headline: String,
    /// Why: the cause first, then what explains it.
    pub notes: Vec<String>,
    /// What to try.
    pub hint: Option<String>,
    /// Where.
    pub place: Option<Place>,
    /// How many characters the caret underlines.
    pub width: usize,
    /// The calls that led there.
    pub trail: Vec<(String, Option<Place>)>,
}

impl Finding {
    /// Makes a finding of an error.
    pub fn of(fault: &Fault) -> Finding {
        let error = &fault.error;
        let cause = Some(error.cause()).filter(|cause| !cause.is_empty());
        Finding {
            headline: error.headline(),
            notes: cause.into_iter().chain(error.reasons().iter().cloned()).collect(),
            hint: error.fix().map(str::to_string),
            place: fault.place.clone(),
            // A claim that fails is underlined whole.
            width: if error.kind() == Kind::Expectation { error.subject().trim_matches('`').chars().count() } else { 0 },
            trail: fault.trail.clone(),
        }
    }

    /// Makes a finding of what the check found.
    pub fn from_problem(source: &str, problem: Problem) -> Finding {
        let line_and_column = problem.position.line().map(|line| (line, problem.position.position().unwrap_or(1)));
        Finding {
            headline: problem.message,
            notes: Vec::new(),
            hint: problem.hint,
            place: line_and_column.map(|(line, column)| Place { source: source.to_string(), line, column }),
            width: problem.width,
            trail: Vec::new(),
        }
    }

    /// Writes it as text, with colour if asked.
    pub fn render(&self, sources: &Sources, colour: bool) -> String {
        let mut notes = self.notes.clone();
        notes.extend(self.trail.iter().map(|(name, place)| match place {
            Some(place) => format!("in `{name}`, called at {}:{}:{}", place.source, place.line, place.column),
            None => format!("in `{name}`"),
        }));
        notes.extend(self.hint.iter().map(|hint| match hint.starts_with("did you mean") {
            true => hint.clone(),
            false => format!("try: {hint}"),
        }));
        let plain = || {
            let notes: String = notes.iter().map(|note| format!("  = {note}\n")).collect();
            format!("error: {}\n{notes}", self.headline)
        };
        let Some(place) = &self.place else { return plain() };
        let Some(text) = sources.get(&place.source) else { return plain() };
        let Some(range) = self.range(&text, place) else { return plain() };
        let diagnostic =
            Diagnostic::error().with_message(&self.headline).with_labels(vec![Label::primary((), range)]).with_notes(notes.clone());
        let file = SimpleFile::new(&place.source, &*text);
        let mut buffer = if colour { term::termcolor::Buffer::ansi() } else { term::termcolor::Buffer::no_color() };
        match term::emit_to_write_style(&mut buffer, &Config::default(), &file, &diagnostic) {
            Ok(()) => String::from_utf8_lossy(buffer.as_slice()).trim_end().to_string() + "\n",
            Err(_) => plain(),
        }
    }

    /// Returns how many characters are underlined.
    pub fn span(&self, sources: &Sources) -> Option<usize> {
        let text = sources.get(&self.place.as_ref()?.source)?;
        let range = self.range(&text, self.place.as_ref()?)?;
        Some(text[range].chars().count())
    }

    /// The bytes that the caret underlines: the width that is known, or the word at the place.
    fn range(&self, text: &str, place: &Place) -> Option<std::ops::Range<usize>> {
        let begin = crate::script::offset(text, place.line, place.column)?;
        let rest = text.get(begin..)?;
        let line = rest.lines().next().unwrap_or("");
        let width = match self.width {
            0 => line.chars().take_while(|c| c.is_alphanumeric() || *c == '_').count().max(1),
            width => width,
        };
        let bytes: usize = line.chars().take(width).map(char::len_utf8).sum();
        Some(begin..begin + bytes)
    }
}
