//! `.tutorial`: the article, step by step. Each step is typed by the learner, in either language, or by Enter; whether it is done is
//! asked of the kernel.

use super::history;
use super::lesson::{Piece, pieces};
use super::paint::Style;
use super::shell::Shell;
use crate::error::{Error, Kind, Result};
use crate::iproute::{holds, read};
use crate::lab::veth::Pair;
use crate::runner::scripts::Script;
use rhai::Dynamic;

/// The script that is taught.
const SCRIPT: &str = "article";

/// Where the learner is.
#[derive(Debug)]
pub(super) struct Tutorial {
    pieces: Vec<Piece>,
    at: usize,
}

/// `.tutorial`, `.tutorial stop`, `.tutorial again`.
pub(super) fn command(shell: &Shell, word: &str) -> Result<()> {
    match word {
        "stop" => {
            shell.tutorial.take();
            shell.say(&shell.paint.dim("`.tutorial` goes on from here another time"));
            return Ok(());
        }
        "" | "again" => {}
        other => {
            let error = Error::new(Kind::BadArgument, "read", format!("`.tutorial {other}`"), "it is stop, again, or nothing");
            return Err(error);
        }
    }
    if !shell.lab().list_netns()?.is_empty() {
        let error = Error::new(Kind::Exists, "begin", "the tutorial", "the lab is not empty");
        return Err(error.hint("`.reset` makes it so"));
    }
    let script = Script::find(SCRIPT)?;
    let pieces = pieces(&script.text);
    let reached = if word == "again" { 0 } else { saved().min(pieces.len()) };
    shell.say(&shell.paint.paint(Style::Bold, script.title()));
    shell.say("Type each step, as `ip` or as Rhai; Enter alone has it typed. `.tutorial stop` ends.");
    shell.tutorial.replace(Some(Tutorial { pieces, at: 0 }));
    if reached > 0 {
        shell.say(&shell.paint.dim("what you have done before is done again …"));
        while let Some((at, piece)) = current(shell)
            && at < reached
        {
            let (Piece::Own(text) | Piece::Step { statement: text, .. }) = piece;
            shell.run_quietly(&text);
            step_on(shell);
        }
    }
    go_on(shell);
    Ok(())
}

/// Runs what needs no typing, and shows the next step.
fn go_on(shell: &Shell) {
    while let Some((at, piece)) = current(shell) {
        match piece {
            Piece::Own(text) => {
                if let Some(fault) = shell.run_quietly(&text) {
                    shell.tell_fault(&fault);
                }
                step_on(shell);
            }
            Piece::Step { statement, command } => {
                save(at);
                shell.say(&format!("\n{} {}", shell.paint.paint(Style::Known, "▸"), shell.paint.paint(Style::Bold, &command)));
                shell.say(&format!("  {}", shell.paint.dim(&statement)));
                return;
            }
        }
    }
    shell.tutorial.take();
    save(0);
    shell.say(&shell.paint.paint(Style::Good, "\nThat was the article. The lab is yours now: .show draws it."));
}

/// After an input: whether the step is done. `worked` tells whether the input itself failed.
pub(super) fn after(shell: &Shell, worked: bool) {
    let Some((_, Piece::Step { statement, command })) = current(shell) else { return };
    match lack(shell, &command) {
        // A question changes nothing: any answer will do.
        None if worked => {
            bind(shell, &statement, &command);
            step_on(shell);
            go_on(shell);
        }
        None => {}
        Some(lack) => shell.say(&shell.paint.dim(&format!("not done yet: {lack}. Enter has it typed: {command}"))),
    }
}

/// Enter alone: the step is typed.
pub(super) fn enter(shell: &Shell) {
    let Some((_, Piece::Step { statement, .. })) = current(shell) else { return };
    shell.say(&super::help::code(shell, &statement));
    shell.submit(&statement);
}

/// Whether a lesson is going on.
pub(super) fn is_on(shell: &Shell) -> bool {
    shell.tutorial.borrow().is_some()
}

fn current(shell: &Shell) -> Option<(usize, Piece)> {
    let tutorial = shell.tutorial.borrow();
    let tutorial = tutorial.as_ref()?;
    Some((tutorial.at, tutorial.pieces.get(tutorial.at)?.clone()))
}

fn step_on(shell: &Shell) {
    if let Some(tutorial) = shell.tutorial.borrow_mut().as_mut() {
        tutorial.at += 1;
    }
}

fn sentences(command: &str) -> Vec<read::Sentence> {
    let each = command.split(';').map(|part| part.trim().trim_end_matches('&').split_whitespace().map(str::to_string).collect::<Vec<_>>());
    each.filter_map(|words| read::read(&words).ok()).collect()
}

/// What the kernel does not show yet of a step.
fn lack(shell: &Shell, command: &str) -> Option<String> {
    sentences(command).iter().find_map(|sentence| holds::missing(sentence, &shell.lab().root()).ok().flatten())
}

/// The names that the rest of the lesson uses, where the learner has made the thing in another way.
fn bind(shell: &Shell, statement: &str, command: &str) {
    let Some(name) = statement.strip_prefix("let ").and_then(|rest| rest.split([' ', '=']).next()) else { return };
    let value = |sentence: &read::Sentence| -> Option<Dynamic> {
        let root = shell.lab().root();
        match &sentence.operation {
            read::Operation::NetnsAdd(name) => shell.lab().get_netns(name).ok().map(Dynamic::from),
            read::Operation::BridgeAdd { name, .. } => root.link(name).ok().map(Dynamic::from),
            read::Operation::VethAdd { a, b } => Some(Dynamic::from(Pair { a: root.link(&a.name).ok()?, b: root.link(&b.name).ok()? })),
            _ => None,
        }
    };
    match sentences(command).iter().find_map(value) {
        Some(value) => {
            shell.scope.borrow_mut().set_or_push(name, value);
        }
        // A server that the learner has started by its tool gives way to the one that says what the lesson expects.
        None if !shell.scope.borrow().contains(name) => {
            for server in shell.servers.borrow_mut().drain(..) {
                let _ = server.stop();
            }
            shell.run_quietly(statement);
        }
        None => {}
    }
}

fn file() -> Option<std::path::PathBuf> {
    Some(history::folder()?.join("tutorial"))
}

fn saved() -> usize {
    file().and_then(|file| std::fs::read_to_string(file).ok()).and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

fn save(at: usize) {
    if let Some(file) = file() {
        file.parent().into_iter().for_each(history::make_folder);
        let _ = std::fs::write(file, at.to_string());
    }
}
