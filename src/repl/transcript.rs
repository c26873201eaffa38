//! All that was typed, as one text: a function that was defined an hour ago still knows its own line when it fails.

use crate::runner::diagnostic::Finding;
use crate::script::{Place, Sources};

/// The name under which the engine knows the whole; people see it for the newest input.
pub(super) const NAME: &str = "input";

/// The inputs of a session, one below the other.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    text: String,
    inputs: Vec<Input>,
}

#[derive(Debug)]
struct Input {
    /// Lines before it.
    before: usize,
    text: String,
}

impl Transcript {
    /// Adds an input; returns it below as many empty lines as there were lines before, so that its places are its own.
    pub(super) fn add(&mut self, input: &str) -> String {
        let before = self.text.matches('\n').count();
        self.text += input;
        self.text.push('\n');
        self.inputs.push(Input { before, text: input.to_string() });
        "\n".repeat(before) + input
    }

    /// Returns the whole text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the name and the text of the input that holds a line, and the lines before it.
    fn find(&self, line: usize) -> Option<(String, &Input)> {
        let index = self.inputs.iter().rposition(|input| input.before < line)?;
        let newest = index + 1 == self.inputs.len();
        let name = if newest { NAME.to_string() } else { format!("{NAME} {}", index + 1) };
        Some((name, &self.inputs[index]))
    }

    /// Tells the places of a finding as the user counts: in the input that they stand in.
    pub(super) fn locate(&self, mut finding: Finding, sources: &Sources) -> (Finding, Sources) {
        let shown = Sources::default();
        let locate = |place: &mut Option<Place>| {
            let Some(at) = place.as_mut() else { return };
            if at.source != NAME {
                if let Some(text) = sources.get(&at.source) {
                    shown.add(&at.source, &text);
                }
                return;
            }
            if let Some((name, input)) = self.find(at.line) {
                at.line -= input.before;
                shown.add(&name, &input.text);
                at.source = name;
            }
        };
        locate(&mut finding.place);
        finding.trail.iter_mut().for_each(|(_, place)| locate(place));
        (finding, shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_in_the_input_that_it_stands_in() {
        let mut transcript = Transcript::default();
        transcript.add("fn f() {\n  1\n}");
        assert_eq!(transcript.add("f()"), "\n\n\nf()");
        let place = |line| Some(Place { source: NAME.to_string(), line, column: 1 });
        let finding = |line| Finding { headline: String::new(), notes: vec![], hint: None, place: place(line), width: 0, trail: vec![] };
        let at = |line| transcript.locate(finding(line), &Sources::default()).0.place.map(|p| (p.source, p.line));
        assert_eq!(at(2), Some(("input 1".to_string(), 2)));
        assert_eq!(at(4), Some(("input".to_string(), 1)));
    }
}
