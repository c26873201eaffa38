//! The narration: what the script prints goes to standard output, what labsh says about it to standard error.

use super::Report;
use crate::lab::wait;
use crate::runner::Outcome;
use crate::runner::diagnostic::Finding;
use crate::script::event::Event;
use crate::script::{Fault, Sources};
use std::io::{IsTerminal, Write};
use std::time::Duration;

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const CYAN: &str = "\x1b[36m";
const RESET: &str = "\x1b[0m";

/// Tells people.
#[derive(Debug)]
pub struct Human {
    quiet: bool,
    colour: bool,
}

impl Human {
    /// Makes a narrator; colour goes to terminals only, and not with NO_COLOR.
    pub fn new(quiet: bool) -> Human {
        Human { quiet, colour: colour_on(&std::io::stderr()) }
    }

    fn paint(&self, style: &str, text: &str) -> String {
        match self.colour {
            true => format!("{style}{text}{RESET}"),
            false => text.to_string(),
        }
    }

    fn say(&self, text: &str) {
        // Who closed standard error does not want to know.
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}

/// Returns whether a stream takes colour (NO_COLOR: no-color.org).
pub fn colour_on(stream: &impl IsTerminal) -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    stream.is_terminal() && !dumb && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

impl Report for Human {
    fn event(&self, event: &Event) {
        match event {
            Event::Print(text) => {
                // A closed pipe ends the output, not the lab.
                let _ = writeln!(std::io::stdout(), "{text}");
            }
            Event::Skip(reason) => self.say(&format!("skipped: {reason}")),
            _ if self.quiet => {}
            Event::Section(title) => self.say(&format!("\n{}", self.paint(BOLD, title))),
            Event::Note(text) => text.lines().for_each(|line| self.say(&format!("  {}", line.trim()))),
            Event::Step(line) => self.say(&format!("  {}", self.paint(CYAN, &format!("$ {line}")))),
            Event::Claim { text, error: None, .. } => self.say(&format!("  {} {}", self.paint(GREEN, "✓"), self.paint(DIM, text))),
            Event::Claim { text, error: Some(_), .. } => self.say(&format!("  {} {text}", self.paint(RED, "✗"))),
        }
    }

    fn fault(&self, fault: &Fault, sources: &Sources) {
        self.finding(&Finding::of(fault), sources);
    }

    fn finding(&self, finding: &Finding, sources: &Sources) {
        let _ = write!(std::io::stderr(), "{}", finding.render(sources, self.colour));
    }

    fn end(&self, outcome: Outcome, claims: usize, time: Duration) {
        if self.quiet {
            return;
        }
        let time = wait::span(Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)));
        let held = match claims {
            0 => String::new(),
            1 => ", 1 claim".to_string(),
            many => format!(", {many} claims"),
        };
        let style = if outcome == Outcome::Passed { GREEN } else { RED };
        self.say(&format!("\n{}{held} in {time}", self.paint(style, outcome.word())));
    }
}
