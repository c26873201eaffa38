//! The REPL, driven through a terminal and by its protocols: what is typed, completed, interrupted, pasted, told and kept, and what the
//! screen shows then. LABSH_BIN names another binary than the one that cargo built.
//!
//! - `editing`: input of several lines, errors, completion, hints, history, sizes, colours, Ctrl-C, signals
//! - `tools`: lines that people know from other tools, the article's commands, programs with the terminal
//! - `news`: what the kernel and background processes say while one types
//! - `keeping`: undo, save, load, edit, reset, leaving
//! - `tutorial`: the article by commands, by Rhai, by Enter, and with mistakes
//! - `protocol`, `editors`: `labsh repl --json` and `labsh lsp`
//! - `recording`: the first minute, as the README shows it
//! - `random`: keys that make no sense (LABSH_FUZZ=10000 types as many)

#[path = "repl/editing.rs"]
mod editing;
#[path = "repl/editors.rs"]
mod editors;
#[path = "repl/keeping.rs"]
mod keeping;
#[path = "repl/news.rs"]
mod news;
#[path = "repl/protocol.rs"]
mod protocol;
#[path = "repl/pty.rs"]
mod pty;
#[path = "repl/random.rs"]
mod random;
#[path = "repl/recording.rs"]
mod recording;
#[path = "repl/tools.rs"]
mod tools;
#[path = "repl/tutorial.rs"]
mod tutorial;

const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
