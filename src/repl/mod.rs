//! The REPL: a lab that is built and asked line by line. Variables stay, functions stay, and so does the lab, whatever fails.

mod command;
mod complete;
mod cursor;
mod editor;
mod face;
mod ground;
mod help;
mod highlight;
mod hint;
mod history;
mod input;
mod kind;
mod lesson;
mod lsp;
mod news;
mod paint;
mod protocol;
mod shell;
mod table;
mod token;
mod tool;
mod transcript;
mod tutorial;
mod undo;
mod unfinished;
mod value;

use crate::error::{Error, Kind, Result};
use crate::kernel::{signal, terminal};
use crate::lab::Lab;
use crate::runner::report::Report;
use crate::script::{Interpreter, Session, Settings};
use editor::{Line, Read};
use face::Face;
pub use lsp::run as run_language_server;
use paint::Paint;
pub use protocol::{HELP as PROTOCOL_HELP, run as run_json};
use shell::Shell;
use std::io::IsTerminal;
use std::rc::Rc;

/// Runs the REPL until Ctrl-D or `.quit`; returns the exit status.
pub fn run(mut interpreter: Interpreter, lab: &Lab, settings: Settings, report: Rc<dyn Report>) -> Result<i32> {
    let listener = report.clone();
    let session = Session::new(lab.clone(), settings, interpreter.sources().clone(), Box::new(move |event| listener.event(event)));
    interpreter.serve(&session);
    let shell = Rc::new(Shell::new(interpreter, session, Paint::of_stdout(), Rc::new(Face::People)));
    let failed = |e: rustyline::error::ReadlineError| Error::new(Kind::Failed, "read from the terminal", "", e.to_string());
    let mut line = Line::new(shell.clone()).map_err(failed)?;
    let on_terminal = std::io::stdin().is_terminal();
    shell.news.begin(lab, shell.paint, line.printer());
    if on_terminal {
        terminal::own().map_err(|failure| failure.doing("take the terminal", ""))?;
        greet(&shell);
        signal::catch_quit().map_err(|failure| failure.doing("catch signals", ""))?;
        signal::wake_when_ending().map_err(|failure| failure.doing("wait for signals", ""))?;
    }
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    let mut idle_interrupts = 0;
    while !shell.leaving.get() {
        let prompt = if on_terminal { shell.prompt() } else { String::new() };
        let read = signal::at_prompt(|| line.read(&prompt)).map_err(failed)?;
        if signal::ending() {
            break;
        }
        match read {
            Read::Input(input) => {
                idle_interrupts = 0;
                match input.trim().is_empty() {
                    true => tutorial::enter(&shell),
                    false => {
                        let _ = shell.submit(&input);
                        // Shells in other terminals look at the names without asking.
                        lab.write_names();
                    }
                }
            }
            Read::Interrupted { typed: true } => idle_interrupts = 0,
            Read::Interrupted { typed: false } => {
                idle_interrupts += 1;
                if idle_interrupts >= 2 {
                    shell.say(shell.farewell());
                }
            }
            Read::End => break,
        }
        if signal::ending() {
            break;
        }
    }
    std::panic::set_hook(hook);
    command::tell_what_ends(&shell);
    lab.tell_by(|text| eprintln!("{text}"));
    lab.end()?;
    Ok(if signal::ending() { 143 } else { 0 })
}

fn greet(shell: &Shell) {
    let paint = shell.paint;
    let world = match shell.lab().world() {
        crate::world::Kind::Sandbox => "a private network sandbox; it is gone when you leave",
        crate::world::Kind::Named => "a named lab; it stays when you leave",
        crate::world::Kind::Host => "this machine's own network, for real",
    };
    shell.say(&format!("{} {}: {world}.", paint.paint(paint::Style::Bold, "labsh"), env!("CARGO_PKG_VERSION")));
    shell.say(&paint.dim("TAB completes, help explains, `ip` lines work too. New here? Type .tutorial"));
}
