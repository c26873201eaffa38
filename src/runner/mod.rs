//! Runs scenario scripts: finds them, checks them before anything is built, narrates, and reports.

pub mod diagnostic;
pub mod report;
pub mod scripts;

use crate::error::{Error, Kind, Result};
use crate::lab::Lab;
use crate::script::check::imports;
use crate::script::event::Event;
use crate::script::{Fault, Interpreter, Place, Session, Settings, import};
use diagnostic::Finding;
use report::Report;
pub use rhai::AST;
use rhai::Scope;
use scripts::Script;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every step was done, and every claim held.
    Passed,
    /// A step or a claim failed.
    Failed,
    /// This machine cannot run the script, as the script itself said.
    Skipped,
    /// Ctrl-C, or a signal.
    Interrupted,
}

impl Outcome {
    /// Returns the exit status of labsh.
    pub fn exit_status(self) -> i32 {
        match self {
            Outcome::Passed => 0,
            Outcome::Failed => 1,
            Outcome::Skipped => 4,
            Outcome::Interrupted => 130,
        }
    }

    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Skipped => "skipped",
            Outcome::Interrupted => "interrupted",
        }
    }
}

/// A script that was compiled and checked, with what was found.
#[derive(Debug)]
pub struct Checked {
    /// The compiled script, if it could be.
    pub ast: Option<AST>,
    /// Everything that is wrong and can be known before it runs, in it and in what it imports.
    pub findings: Vec<Finding>,
}

/// Compiles a script and checks it, and what it imports.
pub fn check(interpreter: &Interpreter, script: &Script) -> Checked {
    let mut findings = Vec::new();
    let mut compile = |name: &str, text: &str| match interpreter.compile(name, text) {
        Ok(ast) => Some((name.to_string(), ast)),
        Err(fault) => {
            findings.push(Finding::of(&fault));
            None
        }
    };
    let mut files: Vec<(String, AST)> = compile(&script.name, &script.text).into_iter().collect();
    let mut unread = Vec::new();
    let mut seen = BTreeSet::from([PathBuf::from(&script.name)]);
    let mut next = 0;
    while let Some((name, ast)) = files.get(next) {
        next += 1;
        for (path, place) in imported(ast, name) {
            if !seen.insert(path.clone()) {
                continue;
            }
            match scripts::read(&path) {
                Ok(text) => files.extend(compile(&path.to_string_lossy(), &text)),
                Err(error) => unread.push(Finding::of(&Fault { error, place: Some(place), trail: Vec::new() })),
            }
        }
    }
    let imports: Vec<&AST> = files.iter().skip(1).map(|(_, ast)| ast).collect();
    for (name, ast) in &files {
        findings.extend(interpreter.check(ast, &imports).into_iter().map(|problem| Finding::from_problem(name, problem)));
    }
    findings.extend(unread);
    let compiled = files.into_iter().next().filter(|(name, _)| *name == script.name).map(|(_, ast)| ast);
    Checked { ast: compiled, findings }
}

/// The files that a script imports by a literal path.
fn imported(ast: &AST, name: &str) -> Vec<(PathBuf, Place)> {
    imports(ast)
        .into_iter()
        .filter_map(|(path, position)| {
            let place = Place { source: name.to_string(), line: position.line()?, column: position.position()? };
            Some((import::file(Some(name), &path), place))
        })
        .collect()
}

/// Runs a script that passed its check in a lab, to the end, and takes the lab down again unless it is kept.
pub fn run(mut interpreter: Interpreter, ast: &AST, lab: &Lab, settings: Settings, keep: bool, report: Rc<dyn Report>) -> Outcome {
    let begin = Instant::now();
    let listener = report.clone();
    let sources = interpreter.sources().clone();
    let session = Session::new(lab.clone(), settings, sources.clone(), Box::new(move |event| listener.event(event)));
    interpreter.serve(&session);
    if keep {
        lab.keep();
    }
    let teller = report.clone();
    lab.tell_by(move |text| teller.event(&Event::Note(text.to_string())));
    let result = interpreter.run(ast, &mut Scope::new());
    let outcome = match &result {
        _ if session.skipped().is_some() => Outcome::Skipped,
        Ok(_) => Outcome::Passed,
        Err(fault) if fault.error.kind() == Kind::Interrupted => Outcome::Interrupted,
        Err(fault) => {
            report.fault(fault, &sources);
            Outcome::Failed
        }
    };
    let lasts = keep || lab.name().is_some();
    if lab.name().is_some() {
        // Shells in other terminals look at the names without asking.
        lab.write_names();
    }
    let ended = if lasts { Ok(()) } else { lab.end() };
    let outcome = match ended {
        Ok(()) => outcome,
        Err(error) => {
            report.fault(&Fault { error, place: None, trail: Vec::new() }, &sources);
            if outcome == Outcome::Interrupted { outcome } else { Outcome::Failed }
        }
    };
    report.end(outcome, session.claims(), begin.elapsed());
    if lab.name().is_some() && lab.is_busy() {
        match outcome == Outcome::Passed || keep {
            true => lab.linger(outcome.exit_status()),
            false => lab.end_processes(),
        }
    }
    outcome
}

/// Makes the error for a script that cannot be found.
pub(crate) fn no_such_script(name: &str, hint: Option<String>) -> Result<Script> {
    let error =
        Error::new(Kind::NotFound, "read script", format!("`{name}`"), "there is no such file, and no script of that name in labsh");
    Err(error.maybe_hint(hint))
}
