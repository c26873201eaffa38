//! A session: the interpreter, the variables, the namespace one stands in, and what becomes of an input.

use super::face::Face;
use super::input::{self, Names, Part};
use super::news::Desk;
use super::paint::{Paint, Style};
use super::token::KEYWORDS;
use super::transcript::{NAME, Transcript};
use super::tutorial::{self, Tutorial};
use super::undo::Changes;
use super::{command, help, tool, unfinished, value};
use crate::error::{Error, Kind};
use crate::kernel::signal;
use crate::lab::http::HttpServer;
use crate::lab::{Lab, Netns};
use crate::runner::diagnostic::Finding;
use crate::script::{Fault, Interpreter, Session, Sources};
use crate::world;
use rhai::{AST, Dynamic, Scope};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Instant;

/// A session of the REPL.
pub(super) struct Shell {
    pub(super) interpreter: Interpreter,
    pub(super) session: Session,
    pub(super) scope: RefCell<Scope<'static>>,
    pub(super) functions: RefCell<AST>,
    pub(super) here: RefCell<Netns>,
    pub(super) paint: Paint,
    pub(super) face: Rc<Face>,
    /// What is told while one types.
    pub(super) news: Desk,
    /// What the last inputs have changed.
    pub(super) changes: Changes,
    pub(super) timing: Cell<bool>,
    pub(super) leaving: Cell<bool>,
    /// Whether the check found something in the last input.
    found: Cell<bool>,
    /// Columns of the terminal.
    pub(super) width: Cell<usize>,
    /// What worked, for `.save`.
    pub(super) kept: RefCell<Vec<String>>,
    /// The last input that was Rhai, for `.edit`.
    pub(super) last_input: RefCell<String>,
    /// The HTTP servers that pasted lines have started.
    pub(super) servers: RefCell<Vec<HttpServer>>,
    pub(super) tutorial: RefCell<Option<Tutorial>>,
    transcript: RefCell<Transcript>,
}

impl Shell {
    pub(super) fn new(interpreter: Interpreter, session: Session, paint: Paint, face: Rc<Face>) -> Shell {
        let here = session.lab().root();
        Shell {
            interpreter,
            session,
            scope: RefCell::new(Scope::new()),
            functions: RefCell::new(AST::empty()),
            here: RefCell::new(here),
            paint,
            face,
            news: Desk::new(),
            changes: Changes::default(),
            timing: Cell::new(false),
            leaving: Cell::new(false),
            found: Cell::new(false),
            width: Cell::new(80),
            kept: RefCell::default(),
            last_input: RefCell::default(),
            servers: RefCell::default(),
            tutorial: RefCell::default(),
            transcript: RefCell::default(),
        }
    }

    pub(super) fn lab(&self) -> &Lab {
        self.session.lab()
    }

    pub(super) fn here(&self) -> Netns {
        self.here.borrow().clone()
    }

    /// The prompt names the world, and the namespace if it is not root.
    pub(super) fn prompt(&self) -> String {
        let world = match self.lab().world() {
            world::Kind::Sandbox => "lab",
            world::Kind::Named => self.lab().name().unwrap_or("lab"),
            world::Kind::Host => "host",
        };
        match self.here() {
            here if here.is_root() => format!("{world}> "),
            here => format!("{world}:{}> ", here.name()),
        }
    }

    /// Does what an input says, part by part. What fails does not keep the rest from running: each line of a paste stands alone.
    /// Returns whether all of it worked.
    pub(super) fn submit(&self, input: &str) -> bool {
        let mut worked = true;
        let mut told = false;
        for part in input::parts(input, self) {
            // At a terminal, a Ctrl-C that came before was for the line; a program knows what it interrupts.
            if !self.face.is_json() {
                signal::clear();
            }
            if matches!(part, Part::Script(_) | Part::Program(_) | Part::Tool(_)) {
                self.changes.before(self, part.text());
            }
            let begin = Instant::now();
            // A bug must not take the lab along.
            let done = catch_unwind(AssertUnwindSafe(|| self.part(&part)));
            let interrupted = match done {
                Ok(Ok(())) => false,
                Ok(Err(fault)) => {
                    worked = false;
                    self.fail(&fault)
                }
                Err(_) => {
                    worked = false;
                    self.complain("this is a bug in labsh; the lab goes on");
                    false
                }
            };
            if self.timing.get() {
                let span = crate::lab::wait::span(std::time::Duration::from_micros(begin.elapsed().as_micros() as u64));
                self.say(&self.paint.dim(&span));
            }
            told |= matches!(part, Part::Command(_) | Part::Help(_));
            if interrupted || self.leaving.get() {
                break;
            }
        }
        signal::clear();
        worked &= !self.found.take();
        self.meanwhile();
        if !told && tutorial::is_on(self) {
            tutorial::after(self, worked);
        }
        worked
    }

    /// What has come and gone with an input: namespaces to listen to, and processes to name.
    fn meanwhile(&self) {
        for process in self.lab().processes() {
            self.news.label(process.pid(), command::process_name(self, &process));
        }
        if let Err(error) = self.news.follow(self.lab()) {
            self.complain(&error.to_string());
        }
    }

    fn part(&self, part: &Part) -> Result<(), Box<Fault>> {
        let placeless = |error: Error| Box::new(Fault { error, place: None, trail: Vec::new() });
        match part {
            Part::Script(text) => self.script(text),
            Part::Command(line) => command::run(self, line).map_err(placeless),
            Part::Program(line) => command::program(self, line).map_err(placeless),
            Part::Help(question) => {
                self.say(&help::answer(self, question));
                Ok(())
            }
            Part::Tool(line) => tool::run(self, line).map_err(placeless),
        }
    }

    /// Runs a text without showing its value; returns what failed.
    pub(super) fn run_quietly(&self, text: &str) -> Option<Box<Fault>> {
        self.evaluate(text).err()
    }

    /// Runs a text as if it had been typed, and tells what fails.
    pub(super) fn run_text(&self, text: &str) {
        if let Err(fault) = self.script(text) {
            self.fail(&fault);
        }
    }

    /// What worked, as a script.
    pub(super) fn script_text(&self) -> String {
        let mut text = String::from("//! # A session of labsh\n\n");
        for input in self.kept.borrow().iter() {
            text += input;
            if !input.ends_with([';', '}']) {
                text.push(';');
            }
            text.push('\n');
        }
        text
    }

    /// Runs Rhai, and shows its value.
    pub(super) fn script(&self, text: &str) -> Result<(), Box<Fault>> {
        text.clone_into(&mut self.last_input.borrow_mut());
        let Some(value) = self.evaluate(text)? else { return Ok(()) };
        self.kept.borrow_mut().push(text.trim_end().to_string());
        // Who ends with a semicolon wants no answer.
        if text.trim_end().ends_with(';') {
            return Ok(());
        }
        if self.face.is_json() {
            if !value.is_unit() {
                self.face.emit(value::object(&self.interpreter, &value));
            }
        } else if let Some(shown) = value::show(self, &value) {
            self.say(&shown);
        }
        Ok(())
    }

    /// What the check finds first in a text of one line, and what to do about it.
    pub(super) fn first_problem(&self, text: &str) -> Option<(String, Option<String>)> {
        let ast = match self.interpreter.engine().compile(text) {
            Ok(ast) => ast,
            Err(error) => return Some((error.to_string(), None)),
        };
        let known = |position: rhai::Position| {
            let at = position.position().unwrap_or(1) - 1;
            self.knows(&text.chars().skip(at).take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
        };
        let found = self.interpreter.check_input(&ast, &self.typed_variables());
        found.into_iter().find(|problem| !known(problem.position)).map(|problem| (problem.message, problem.hint))
    }

    /// The variables with the words of their types.
    fn typed_variables(&self) -> Vec<(String, String)> {
        self.ground().variables().into_iter().map(|(name, value)| (name, super::kind::of_value(&value).ty)).collect()
    }

    /// Checks and runs a text in the scope of the session; nothing if the check found something, which is told then.
    fn evaluate(&self, text: &str) -> Result<Option<Dynamic>, Box<Fault>> {
        let padded = self.transcript.borrow_mut().add(text);
        let compiled = self.interpreter.compile(NAME, &padded);
        self.interpreter.sources().add(NAME, self.transcript.borrow().text());
        let ast = compiled.map_err(|fault| self.meant(text, fault))?;
        let variables = self.typed_variables();
        if let Some(problem) =
            self.interpreter.check_input(&ast, &variables).into_iter().find(|problem| !self.knows(&self.word_at(problem.position)))
        {
            let mut finding = Finding::from_problem(NAME, problem);
            finding.hint = finding.hint.or_else(|| self.otherwise(text));
            self.tell(finding, json!({ "kind": "check" }));
            self.found.set(true);
            return Ok(None);
        }
        let all = self.functions.borrow().merge(&ast);
        if ast.iter_functions().next().is_some() {
            let functions = self.functions.borrow().merge(&ast.clone_functions_only());
            self.functions.replace(functions);
        }
        self.interpreter.run(&all, &mut self.scope.borrow_mut()).map(Some)
    }

    /// Adds what may have been meant by a line that is no Rhai.
    fn meant(&self, text: &str, fault: Box<Fault>) -> Box<Fault> {
        match self.otherwise(text) {
            Some(hint) if fault.error.fix().is_none() => Box::new(Fault { error: fault.error.hint(hint), ..*fault }),
            _ => fault,
        }
    }

    /// What a line may have meant that begins with a name that Rhai does not know: a namespace without a variable, or a program.
    fn otherwise(&self, text: &str) -> Option<String> {
        let line = text.trim();
        let word: String = line.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).collect();
        let rest = &line[word.len()..];
        if word.is_empty() || self.knows(&word) || KEYWORDS.contains(&word.as_str()) || line.contains('\n') {
            return None;
        }
        if self.namespace(&word) && rest.starts_with(['.', ';']) || rest.is_empty() && self.namespace(&word) {
            return Some(format!("let {word} = netns::get({word:?});"));
        }
        (rest.is_empty() || rest.starts_with(' ') && !rest.trim_start().starts_with('=')).then_some(())?;
        tool::in_path(&word).then(|| format!("!{line}"))
    }

    fn word_at(&self, position: rhai::Position) -> String {
        let transcript = self.transcript.borrow();
        let (line, column) = (position.line().unwrap_or(0), position.position().unwrap_or(1));
        let at = crate::script::offset(transcript.text(), line, column).unwrap_or(0);
        transcript.text()[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    }

    /// Whether an earlier input made a variable or a function of that name: the check knows only the newest.
    fn knows(&self, word: &str) -> bool {
        !word.is_empty() && (self.scope.borrow().contains(word) || self.functions.borrow().iter_functions().any(|f| f.name == word))
    }

    /// Tells a failure; returns whether Ctrl-C was the reason.
    fn fail(&self, fault: &Fault) -> bool {
        if fault.error.kind() == Kind::Interrupted && !self.face.is_json() {
            // The terminal has just echoed `^C`.
            self.say(&format!("\n{}", self.paint.dim("interrupted")));
            return true;
        }
        self.tell_fault(fault);
        fault.error.kind() == Kind::Interrupted
    }

    pub(super) fn tell_fault(&self, fault: &Fault) {
        let error = &fault.error;
        let details = json!({ "kind": error.kind().slug(), "errno": error.errno(), "kernel": error.kernel(), "netns": error.netns() });
        self.tell(Finding::of(fault), details);
    }

    fn tell(&self, finding: Finding, details: Value) {
        let (finding, sources): (Finding, Sources) = self.transcript.borrow().locate(finding, self.interpreter.sources());
        self.face.tell(&finding, &sources, self.paint.on(), details);
    }

    /// Prints a line for the user; a terminal that went away is no failure.
    pub(super) fn say(&self, text: &str) {
        self.face.say(text);
    }

    /// What leaving means for the lab.
    pub(super) fn farewell(&self) -> &'static str {
        match self.lab().world() {
            world::Kind::Named => "Ctrl-D leaves; the lab stays until `labsh down`.",
            _ => "Ctrl-D leaves, and takes the lab along.",
        }
    }

    pub(super) fn complain(&self, text: &str) {
        if self.face.is_json() {
            return self.face.emit(json!({ "event": "error", "message": text }));
        }
        let _ = writeln!(std::io::stderr(), "{} {text}", self.paint.paint(Style::Bad, "error:"));
    }
}

impl Names for Shell {
    fn variable(&self, name: &str) -> bool {
        self.scope.try_borrow().is_ok_and(|scope| scope.contains(name))
    }

    fn namespace(&self, name: &str) -> bool {
        name == "root" || crate::kernel::netns::exists(name)
    }

    fn unfinished(&self, text: &str) -> bool {
        unfinished::unfinished(self.interpreter.engine(), text)
    }
}
