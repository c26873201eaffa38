//! The line editor: what happens while a line is typed.

use super::complete;
use super::highlight;
use super::hint;
use super::history::{self, History};
use super::input;
use super::news::Out;
use super::paint::Style;
use super::shell::Shell;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{ColorMode, CompletionType, Config, Context, EditMode, Editor, Helper};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::rc::Rc;

/// The editor of a session.
pub(super) struct Line {
    editor: Editor<Assistant, DefaultHistory>,
    history: History,
}

/// How reading a line ended.
pub(super) enum Read {
    Input(String),
    /// Ctrl-C; whether something had been typed.
    Interrupted {
        typed: bool,
    },
    End,
}

impl Line {
    /// Makes the editor.
    pub(super) fn new(shell: Rc<Shell>) -> rustyline::Result<Line> {
        let colour = if shell.paint.on() { ColorMode::Forced } else { ColorMode::Disabled };
        let config = Config::builder()
            .max_history_size(history::KEPT)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .completion_prompt_limit(200)
            .edit_mode(edit_mode())
            .color_mode(colour)
            .bracketed_paste(true)
            .tab_stop(4)
            .build();
        let mut editor = Editor::with_config(config)?;
        let terminal = editor.dimensions().is_some();
        editor.set_helper(Some(Assistant {
            shell,
            terminal,
            typed: RefCell::default(),
            last_refresh: Cell::new(false),
            hush: Cell::new(false),
        }));
        // The lab and its supervisors would stop one by one.
        editor.bind_sequence(rustyline::KeyEvent::ctrl('Z'), rustyline::Cmd::Noop);
        let history = History::of_user();
        for entry in history.load() {
            let _ = editor.add_history_entry(entry);
        }
        Ok(Line { editor, history })
    }

    /// What writes above the line that is being typed.
    pub(super) fn printer(&mut self) -> Out {
        match self.editor.create_external_printer() {
            Ok(printer) => Out::Prompt(Box::new(printer)),
            Err(_) => Out::Plain,
        }
    }

    /// Reads one input.
    pub(super) fn read(&mut self, prompt: &str) -> rustyline::Result<Read> {
        let size = self.editor.dimensions();
        if let Some(assistant) = self.editor.helper() {
            assistant.shell.width.set(size.map_or(80, |(columns, _)| usize::from(columns)));
            assistant.typed.borrow_mut().clear();
        }
        match self.editor.readline(prompt) {
            Ok(input) => {
                self.remember(&input);
                Ok(Read::Input(input))
            }
            Err(ReadlineError::Interrupted) => {
                let typed = self.editor.helper().is_some_and(|assistant| !assistant.typed.borrow().is_empty());
                Ok(Read::Interrupted { typed })
            }
            // Somebody asked labsh to go: see kernel::signal::wake_when_ending.
            Err(ReadlineError::Eof | ReadlineError::Signal(_)) => Ok(Read::End),
            Err(error) => Err(error),
        }
    }

    /// Keeps an input, once.
    fn remember(&mut self, input: &str) {
        let input = input.trim_end();
        if input.is_empty() || input.starts_with(' ') {
            return;
        }
        if self.editor.history().iter().any(|known| known == input) {
            let others: Vec<String> = self.editor.history().iter().filter(|known| *known != input).cloned().collect();
            let _ = self.editor.clear_history();
            for other in others {
                let _ = self.editor.add_history_entry(other);
            }
        }
        let _ = self.editor.add_history_entry(input);
        self.history.append(input);
    }
}

/// What readline(3) is told in ~/.inputrc holds here too.
fn edit_mode() -> EditMode {
    let inputrc = std::env::var_os("INPUTRC")
        .map(std::path::PathBuf::from)
        .or_else(|| Some(std::path::Path::new(&std::env::var_os("HOME")?).join(".inputrc")));
    let text = inputrc.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
    let vi = text.lines().any(|line| line.split_whitespace().eq(["set", "editing-mode", "vi"]));
    if vi { EditMode::Vi } else { EditMode::Emacs }
}

/// Helps while a line is typed.
struct Assistant {
    shell: Rc<Shell>,
    terminal: bool,
    typed: RefCell<String>,
    last_refresh: Cell<bool>,
    /// The next hint would stand where the list of candidates is about to be written.
    hush: Cell<bool>,
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (begin, candidates) = complete::complete(&self.shell, line, pos);
        if self.terminal && pos == line.len() && candidates.len() > 1 {
            self.make_room(&candidates);
            let common = common_prefix(&candidates);
            self.hush.set(common > pos - begin);
        }
        Ok((begin, candidates))
    }
}

impl Assistant {
    /// The editor writes the list of candidates over the hint, and takes the rows of the hint to be there afterwards, even at the
    /// bottom of the screen. So the hint is cleared first, and the screen scrolled as far as list and hint will need.
    fn make_room(&self, candidates: &[Pair]) {
        let columns = self.shell.width.get().max(1);
        let widest = candidates.iter().map(|c| c.display.chars().count()).max().unwrap_or(0) + 2;
        let rows = candidates.len().div_ceil((columns / widest.min(columns)).max(1)) + 1 + hint::ROWS;
        // VT moves down and keeps the column; ED clears what is below (ECMA-48).
        let text = format!("\x1b[J{}\x1b[{rows}A", "\x0b".repeat(rows));
        let mut out = std::io::stdout();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

/// How many bytes all candidates begin with.
fn common_prefix(candidates: &[Pair]) -> usize {
    let Some((first, rest)) = candidates.split_first() else { return 0 };
    let common = |other: &Pair| first.replacement.bytes().zip(other.replacement.bytes()).take_while(|(a, b)| a == b).count();
    rest.iter().map(common).min().unwrap_or(first.replacement.len())
}

/// A hint that is only shown.
pub(super) struct Shown(String);

impl Hint for Shown {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Assistant {
    type Hint = Shown;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<Shown> {
        line.clone_into(&mut self.typed.borrow_mut());
        if self.hush.take() || !self.terminal || pos < line.len() {
            return None;
        }
        hint::hint(&self.shell, line).map(Shown)
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, pos: usize) -> Cow<'l, str> {
        if !self.shell.paint.on() {
            return Cow::Borrowed(line);
        }
        let cursor = (!self.last_refresh.get()).then_some(pos);
        Cow::Owned(highlight::highlight(line, cursor, &self.shell))
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        let host = prompt.starts_with("host");
        let style = if host { Style::Bad } else { Style::Bold };
        Cow::Owned(self.shell.paint.paint(style, prompt.trim_end()) + " ")
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(self.shell.paint.dim(hint))
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.last_refresh.set(kind == CmdKind::ForcedRefresh);
        self.shell.paint.on()
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(match input::goes_on(context.input(), &*self.shell) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}
