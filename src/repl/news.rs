//! What is told while one types: kernel events of the namespaces that are watched, and what background processes and servers say.
//! It is printed above the prompt, and the line that is being typed stays as it is.

use super::paint::{Paint, Style};
use crate::error::Result;
use crate::lab::news::{Ear, News};
use crate::lab::{Lab, Netns};
use rustyline::ExternalPrinter;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// More lines than these at once are counted, not printed.
const AT_ONCE: usize = 40;

/// After so many lines, the next ones have to wait.
const PAUSE: Duration = Duration::from_millis(500);

/// How the news reach the reader.
pub(super) enum Out {
    /// Above the prompt.
    Prompt(Box<dyn ExternalPrinter + Send>),
    /// On standard output, as text.
    Plain,
    /// On standard output, one JSON object a line.
    Json,
}

/// What is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Watched {
    Nothing,
    /// These namespaces.
    Some(Vec<String>),
    /// All, those that are made later too.
    All,
}

/// The news of a session.
pub(super) struct Desk {
    sender: Sender<News>,
    shared: Arc<Shared>,
    watched: RefCell<Watched>,
    ears: RefCell<HashMap<u64, Ear>>,
    begun: Cell<bool>,
    incoming: RefCell<Option<Receiver<News>>>,
}

#[derive(Default)]
struct Shared {
    /// By which name a process is known.
    labels: Mutex<HashMap<u32, String>>,
    /// Whether a program has the terminal.
    held: Mutex<bool>,
    released: Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    pub(super) fn new() -> Desk {
        let (sender, incoming) = channel();
        Desk {
            sender,
            shared: Arc::default(),
            watched: RefCell::new(Watched::Nothing),
            ears: RefCell::default(),
            begun: Cell::new(false),
            incoming: RefCell::new(Some(incoming)),
        }
    }

    /// Begins to print.
    pub(super) fn begin(&self, lab: &Lab, paint: Paint, out: Out) {
        let Some(incoming) = self.incoming.take() else { return };
        let shared = self.shared.clone();
        let printing = std::thread::Builder::new().name("news".into()).spawn(move || print(&incoming, &shared, paint, out));
        if printing.is_ok() {
            let sender = self.sender.clone();
            lab.listen(move |news| {
                let _ = sender.send(news);
            });
            self.begun.set(true);
        }
    }

    /// Holds the news back while a program has the terminal.
    pub(super) fn while_held<T>(&self, work: impl FnOnce() -> T) -> T {
        *lock(&self.shared.held) = true;
        let result = work();
        *lock(&self.shared.held) = false;
        self.shared.released.notify_all();
        result
    }

    /// Chooses what is watched.
    pub(super) fn watch(&self, lab: &Lab, watched: Watched) -> Result<()> {
        self.ears.borrow_mut().clear();
        self.watched.replace(watched);
        self.follow(lab)
    }

    pub(super) fn watched(&self) -> Watched {
        self.watched.borrow().clone()
    }

    /// Tells the name of a process that its lines are to carry.
    pub(super) fn label(&self, pid: u32, label: String) {
        lock(&self.shared.labels).insert(pid, label);
    }

    /// Listens to namespaces that have come, and lets go of those that have gone: an open ear would keep one alive.
    pub(super) fn follow(&self, lab: &Lab) -> Result<()> {
        if *self.watched.borrow() == Watched::Nothing {
            return Ok(());
        }
        let there: Vec<Netns> = lab.list_netns()?.into_iter().chain([lab.root()]).filter(|netns| self.is_watched(netns.name())).collect();
        let mut ears = self.ears.borrow_mut();
        ears.retain(|id, _| there.iter().any(|netns| netns.id() == *id));
        for netns in there {
            if let Entry::Vacant(free) = ears.entry(netns.id()) {
                let sender = self.sender.clone();
                free.insert(netns.listen(move |news| {
                    let _ = sender.send(news);
                })?);
            }
        }
        Ok(())
    }

    fn is_watched(&self, name: &str) -> bool {
        match &*self.watched.borrow() {
            Watched::Nothing => false,
            Watched::Some(names) => names.iter().any(|watched| watched == name),
            Watched::All => true,
        }
    }
}

fn print(incoming: &Receiver<News>, shared: &Shared, paint: Paint, mut out: Out) {
    let (mut recent, mut last) = (0, Instant::now());
    while let Ok(first) = incoming.recv() {
        let mut held = lock(&shared.held);
        while *held {
            held = shared.released.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        drop(held);
        let (mut batch, mut skipped) = (Vec::new(), None);
        for news in std::iter::once(first).chain(incoming.try_iter()) {
            // Of a flood, the lines are counted; everything else is told.
            match (&news, batch.len() < AT_ONCE) {
                (News::Line { .. }, false) => skipped.get_or_insert((batch.len(), 0)).1 += 1,
                _ => batch.push(news),
            }
        }
        let labels = lock(&shared.labels).clone();
        if let Out::Json = out {
            let mut objects: Vec<String> = batch.iter().map(|news| object(news, &labels).to_string()).collect();
            if let Some((at, count)) = skipped {
                objects.insert(at, json!({ "event": "skipped", "lines": count }).to_string());
            }
            super::face::write_lines(&objects);
        } else {
            let mut lines: Vec<String> = batch.iter().map(|news| line(news, &labels, paint)).collect();
            if let Some((at, count)) = skipped {
                lines.insert(at, paint.dim(&format!("… and {count} lines more; `.log NAME` has them")));
            }
            show(&mut out, lines.join("\n") + "\n");
        }
        recent = if last.elapsed() > PAUSE { 0 } else { recent } + batch.len();
        last = Instant::now();
        if recent >= AT_ONCE {
            std::thread::sleep(PAUSE);
            recent = 0;
        }
    }
}

fn show(out: &mut Out, text: String) {
    match out {
        Out::Prompt(printer) => {
            let _ = printer.print(text);
        }
        Out::Plain | Out::Json => {
            let _ = std::io::stdout().write_all(text.as_bytes());
        }
    }
}

fn label(pid: u32, labels: &HashMap<u32, String>) -> String {
    labels.get(&pid).cloned().unwrap_or_else(|| pid.to_string())
}

fn line(news: &News, labels: &HashMap<u32, String>, paint: Paint) -> String {
    let said = |label: &str, text: &str| format!("{} {}", paint.paint(Style::Known, &format!("{label} │")), plain(text));
    match news {
        News::Kernel { netns, text, .. } => format!("{} {}", paint.dim(&format!("[{netns}]")), paint.output(text)),
        News::Line { pid, text } => said(&label(*pid, labels), text),
        News::Ended { pid, status } => {
            let how = match status {
                Some(signal) if *signal > 128 => format!("signal {} ended it", signal - 128),
                Some(status) => format!("ended with {status}"),
                None => "ended".to_string(),
            };
            paint.dim(&format!("{} │ {how}", label(*pid, labels)))
        }
        News::Request { netns, port, text } => said(&format!("{netns}:{port}"), text),
    }
}

/// Control characters of a program in the background would move the cursor of who types; colours may stay.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\t' => plain.push_str("    "),
            '\x1b' if chars.peek() == Some(&'[') => {
                chars.next();
                let mut sequence = String::new();
                for c in chars.by_ref() {
                    sequence.push(c);
                    // The last byte of a control sequence (ECMA-48, 5.4).
                    if ('@'..='~').contains(&c) {
                        break;
                    }
                }
                if sequence.ends_with('m') {
                    plain.push_str(&format!("\x1b[{sequence}"));
                }
            }
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    if plain.contains('\x1b') { plain + "\x1b[0m" } else { plain }
}

fn object(news: &News, labels: &HashMap<u32, String>) -> Value {
    match news {
        News::Kernel { netns, object, text } => json!({ "event": "kernel", "netns": netns, "object": object, "text": text }),
        News::Line { pid, text } => json!({ "event": "output", "process": label(*pid, labels), "pid": pid, "text": text }),
        News::Ended { pid, status } => json!({ "event": "ended", "process": label(*pid, labels), "pid": pid, "status": status }),
        News::Request { netns, port, text } => json!({ "event": "request", "netns": netns, "port": port, "text": text }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_in_the_background_cannot_move_the_cursor() {
        assert_eq!(plain("\x1b[2J\x1b[1;1Ha\tb\x07\rc"), "a    bc");
        assert_eq!(plain("\x1b[31mred"), "\x1b[31mred\x1b[0m");
    }
}
