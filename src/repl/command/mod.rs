//! Dot-commands: what one tells the REPL rather than the lab.

mod see;
mod session;
mod stand;

pub(super) use see::{draw, process_name, servers, tell_what_ends};
pub(super) use stand::{foreground, program, shell};

use super::paint::Style;
use super::shell::Shell;
use super::value::columns;
use crate::error::{Error, Kind, Result};
use crate::near;

/// A dot-command.
pub(super) struct Command {
    pub(super) name: &'static str,
    /// What may follow it.
    pub(super) takes: Takes,
    pub(super) help: &'static str,
    run: fn(&Shell, &str) -> Result<()>,
}

/// What follows a command, for its help and for completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    Netns,
    Process,
    OnOff,
    File,
    Words,
    Watched,
}

impl Takes {
    fn text(self) -> &'static str {
        match self {
            Takes::Nothing => "",
            Takes::Netns => "[NS]",
            Takes::Process => "NAME",
            Takes::OnOff => "on|off",
            Takes::File => "FILE",
            Takes::Words => "[WORDS]",
            Takes::Watched => "[NS]|off",
        }
    }
}

const COMMANDS: &[Command] = &[
    Command { name: "help", takes: Takes::Words, help: "explains a word, or answers a question", run: stand::help },
    Command {
        name: "cd",
        takes: Takes::Netns,
        help: "goes into a namespace: `ip` lines and `!` programs run there; alone, back to root",
        run: stand::cd,
    },
    Command { name: "ns", takes: Takes::Nothing, help: "lists the namespaces", run: see::namespaces },
    Command { name: "sh", takes: Takes::Netns, help: "opens your shell in a namespace", run: stand::shell },
    Command { name: "show", takes: Takes::Netns, help: "draws the lab: namespaces, links, addresses, peers", run: see::show },
    Command { name: "links", takes: Takes::Netns, help: "lists the links", run: see::links },
    Command { name: "routes", takes: Takes::Netns, help: "lists the routes", run: see::routes },
    Command { name: "ps", takes: Takes::Nothing, help: "lists what was started in the background", run: see::processes },
    Command { name: "log", takes: Takes::Process, help: "prints the output of a process, or the requests of a server", run: see::log },
    Command {
        name: "tutorial",
        takes: Takes::Words,
        help: "walks through the article: Enter, or type each step",
        run: super::tutorial::command,
    },
    Command { name: "trace", takes: Takes::OnOff, help: "tells each step as its `ip` line", run: session::trace },
    Command { name: "time", takes: Takes::OnOff, help: "tells how long each statement took", run: session::time },
    Command { name: "undo", takes: Takes::Nothing, help: "takes the last change back, as far as the kernel can", run: super::undo::undo },
    Command {
        name: "watch",
        takes: Takes::Watched,
        help: "tells what the kernel makes known, above the prompt: in all namespaces, or in one; `.watch off` ends",
        run: see::watch,
    },
    Command { name: "world", takes: Takes::Nothing, help: "says where the lab lives", run: see::world },
    Command { name: "load", takes: Takes::File, help: "runs a script in this session", run: session::load },
    Command { name: "save", takes: Takes::File, help: "writes what worked as a script", run: session::save },
    Command { name: "edit", takes: Takes::File, help: "opens $EDITOR on a file or a new text, and runs it", run: session::edit },
    Command { name: "reset", takes: Takes::Nothing, help: "takes the lab down, and begins anew", run: session::reset },
    Command { name: "quit", takes: Takes::Nothing, help: "leaves; so does Ctrl-D", run: session::quit },
];

/// All commands.
pub(super) fn all() -> &'static [Command] {
    COMMANDS
}

/// Does what `.name rest` says.
pub(super) fn run(shell: &Shell, line: &str) -> Result<()> {
    let line = line.trim_start_matches('.').trim();
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match find(name) {
        Some(command) => (command.run)(shell, rest.trim()),
        None => {
            let error = Error::new(Kind::NotFound, "run", format!("`.{name}`"), "there is no such command");
            let names: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
            let near = near::nearest(name, names).map(|near| format!("did you mean `.{near}`?"));
            Err(error.hint(near.unwrap_or_else(|| "`.help` lists them".to_string())))
        }
    }
}

/// Finds a command by its name, or by what other shells call it.
pub(super) fn find(name: &str) -> Option<&'static Command> {
    let name = match name {
        "exit" | "q" | "bye" => "quit",
        "?" | "h" => "help",
        "shell" => "sh",
        "netns" => "ns",
        other => other,
    };
    COMMANDS.iter().find(|command| command.name == name)
}

/// Explains a command, or lists all.
pub(super) fn help(shell: &Shell, name: &str) -> String {
    let row =
        |command: &Command| vec![format!(".{} {}", command.name, command.takes.text()).trim_end().to_string(), command.help.to_string()];
    match find(name.trim()) {
        Some(command) => row(command).join("  "),
        None => {
            let rows: Vec<Vec<String>> = COMMANDS.iter().map(row).collect();
            format!("{}\n{}", shell.paint.paint(Style::Bold, "commands"), columns(&rows))
        }
    }
}

/// The namespace that an argument names; the current one if there is none.
fn netns(shell: &Shell, name: &str) -> Result<crate::lab::Netns> {
    match name {
        "" => Ok(shell.here()),
        name => shell.lab().get_netns(name),
    }
}
