//! `labsh repl --json`: a line protocol for editors and notebooks. Each line in is a request, each line out an event; [`HELP`] tells which.

use super::face::Face;
use super::news::Out;
use super::paint::Paint;
use super::shell::Shell;
use super::{complete, help, input};
use crate::error::Result;
use crate::kernel::signal;
use crate::lab::Lab;
use crate::runner::report;
use crate::script::{Interpreter, Session, Settings};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::BufRead;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Instant;

/// The protocol, for `labsh repl --help`.
pub const HELP: &str = "\
With --json, each line of the input is a request, and each line of the output an event, both JSON objects. The end of the input ends it.

Requests (an `id` of your choice comes back with each event that belongs to the request):
  {\"id\": 1, \"input\": \"netns::add(\\\"blue\\\")\"}   runs an input, as if it had been typed
  {\"id\": 2, \"complete\": \"blue.li\", \"at\": 7}    what may stand at a place (in characters; without `at`, at the end)
  {\"id\": 3, \"finished\": \"fn f() {\"}            whether an input is complete, or goes on in the next line
  {\"id\": 4, \"help\": \"route add\"}               what `help` answers
  {\"interrupt\": true}                           Ctrl-C

Events:
  ready         once, with `version`, `protocol`, `world`
  value         of an expression: `type`, `text` as people see it, `value` as data
  text          what a command says; `program` with `status`, `stdout`, `stderr` of a program that ran
  error         `message`, `kind`, `errno`, `reasons`, `hint`, `span` (`line`, `column` from 1, `width`, in characters)
  completions   `candidates`, which replace the text from character `from` on
  finished      `finished`
  done          the end of a request: `ok`, `time_ms`, `prompt`
  print, step, section, note, claim, skip   as in `labsh run --json`
  kernel        after `.watch`: `netns`, `object`, `text`
  output, ended of a background process: `process`, `pid`, and `text` or `status`; `skipped`: so many `lines` were left out of a flood
  request       to a server: `netns`, `port`, `text`";

/// The version of the protocol; it changes when a reader of an older one would be wrong.
const PROTOCOL: u32 = 1;

/// Answers requests until the input ends; returns the exit status.
pub fn run(mut interpreter: Interpreter, lab: &Lab, settings: Settings) -> Result<i32> {
    let face = Rc::new(Face::Programs { id: RefCell::new(Value::Null) });
    let listener = face.clone();
    let tell = Box::new(move |event: &crate::script::event::Event| listener.emit(report::object(event)));
    let session = Session::new(lab.clone(), settings, interpreter.sources().clone(), tell);
    interpreter.serve(&session);
    let shell = Shell::new(interpreter, session, Paint::none(), face);
    shell.news.begin(lab, shell.paint, Out::Json);
    let (sender, requests) = channel();
    // How many requests wait or are being answered: Ctrl-C is for them, and for nobody where there are none.
    let open = Arc::new(AtomicUsize::new(0));
    let opened = open.clone();
    // Read while a statement runs, so that it can be interrupted.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            let request = serde_json::from_str::<Value>(&line).map_err(|error| error.to_string());
            match &request {
                Ok(request) if request["interrupt"] == true => {
                    if opened.load(Ordering::SeqCst) > 0 {
                        signal::interrupt();
                    }
                }
                _ if line.trim().is_empty() => {}
                _ => {
                    opened.fetch_add(1, Ordering::SeqCst);
                    if sender.send(request).is_err() {
                        break;
                    }
                }
            }
        }
    });
    std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    let world = lab.world().word();
    shell.face.emit(
        json!({ "event": "ready", "version": env!("CARGO_PKG_VERSION"), "protocol": PROTOCOL, "world": world, "prompt": shell.prompt().trim_end() }),
    );
    while let Ok(request) = requests.recv() {
        match request {
            Ok(request) => answer(&shell, &request, &open),
            Err(error) => {
                open.fetch_sub(1, Ordering::SeqCst);
                wrong(&shell, &format!("this line is no JSON: {error}"));
            }
        }
        if shell.leaving.get() || signal::ending() {
            break;
        }
    }
    lab.end()?;
    Ok(if signal::ending() { 143 } else { 0 })
}

fn wrong(shell: &Shell, message: &str) {
    shell.face.emit(json!({ "event": "error", "kind": "protocol", "message": message }));
}

fn answer(shell: &Shell, request: &Value, open: &AtomicUsize) {
    if let Face::Programs { id } = &*shell.face {
        id.replace(request["id"].clone());
    }
    let begin = Instant::now();
    let text = |key: &str| request[key].as_str();
    let mut ok = true;
    if let Some(typed) = text("input") {
        ok = shell.submit(typed);
    } else if let Some(line) = text("complete") {
        completions(shell, line, request["at"].as_u64());
    } else if let Some(typed) = text("finished") {
        shell.face.emit(json!({ "event": "finished", "finished": !input::goes_on(typed, shell) }));
    } else if let Some(question) = text("help") {
        shell.say(&help::answer(shell, question));
    } else {
        ok = false;
        wrong(shell, "a request has one of: input, complete, finished, help, interrupt");
    }
    // From here on, a Ctrl-C is not for this request any more.
    open.fetch_sub(1, Ordering::SeqCst);
    signal::clear();
    let time = (begin.elapsed().as_secs_f64() * 1e6).round() / 1e3;
    shell.face.emit(json!({ "event": "done", "ok": ok, "time_ms": time, "prompt": shell.prompt().trim_end() }));
    if let Face::Programs { id } = &*shell.face {
        id.replace(Value::Null);
    }
}

fn completions(shell: &Shell, line: &str, at: Option<u64>) {
    let at = at.and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX);
    let pos = line.char_indices().nth(at).map_or(line.len(), |(byte, _)| byte);
    let (begin, candidates) = complete::complete(shell, line, pos);
    let from = line[..begin].chars().count();
    let found: Vec<Value> = candidates.into_iter().map(|pair| json!({ "text": pair.replacement, "shown": pair.display })).collect();
    shell.face.emit(json!({ "event": "completions", "from": from, "candidates": found }));
}
