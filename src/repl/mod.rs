//! The REPL: read a statement, run it, show its value; variables stay, and so does the lab.

use crate::error::{Kind, Result};
use crate::kernel::signal;
use crate::lab::Lab;
use crate::runner::diagnostic::Finding;
use crate::runner::report::{Report, colour_on};
use crate::script::{Fault, Interpreter, Session, Settings};
use rhai::{Dynamic, Scope};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use std::io::Write;
use std::rc::Rc;

/// The name of what is typed, in messages.
const INPUT: &str = "input";

/// Runs the REPL until Ctrl-D; returns the exit status.
pub fn run(mut interpreter: Interpreter, lab: &Lab, settings: Settings, report: Rc<dyn Report>) -> Result<i32> {
    let listener = report.clone();
    let session = Session::new(lab.clone(), settings, interpreter.sources().clone(), Box::new(move |event| listener.event(event)));
    interpreter.serve(&session);
    let mut editor = DefaultEditor::new().map_err(|e| editor_failed(&e))?;
    let mut scope = Scope::new();
    let prompt = format!("{}> ", lab.world().word());
    println(&format!("labsh {}: a {} world. Ctrl-D leaves, and takes the lab along.", env!("CARGO_PKG_VERSION"), lab.world().word()));
    loop {
        match editor.readline(&prompt) {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => {
                let _ = editor.add_history_entry(&line);
                signal::clear();
                match evaluate(&interpreter, &mut scope, &line) {
                    Ok(value) => show(&interpreter, value),
                    Err(fault) if fault.error.kind() == Kind::Interrupted => println("interrupted"),
                    Err(fault) => {
                        let text = Finding::of(&fault).render(interpreter.sources(), colour_on(&std::io::stderr()));
                        let _ = write!(std::io::stderr(), "{text}");
                    }
                }
            }
            Err(ReadlineError::Interrupted) => println("Ctrl-D leaves"),
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(editor_failed(&error)),
        }
    }
    lab.end()?;
    Ok(0)
}

fn evaluate(interpreter: &Interpreter, scope: &mut Scope, line: &str) -> std::result::Result<Dynamic, Box<Fault>> {
    let ast = interpreter.compile(INPUT, line)?;
    interpreter.run(&ast, scope)
}

fn show(interpreter: &Interpreter, value: Dynamic) {
    if value.is_unit() {
        return;
    }
    let mut scope = Scope::new();
    scope.push_dynamic("value", value);
    match interpreter.engine().eval_with_scope::<Dynamic>(&mut scope, "value.to_string()") {
        Ok(text) => println(&text.to_string()),
        Err(error) => println(&error.to_string()),
    }
}

fn println(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn editor_failed(error: &ReadlineError) -> crate::error::Error {
    crate::error::Error::new(Kind::Failed, "read from the terminal", "", error.to_string())
}
