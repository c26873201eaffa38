//! What the words of the language work on: the lab, the listener, the texts, the arguments. Reached through the engine's tag.

use super::event::{Event, Listener};
use super::fault::Place;
use super::source::Sources;
use crate::error::Error;
use crate::lab::Lab;
use crate::world;
use rhai::{Engine, EvalContext, NativeCallContext};
use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::path::PathBuf;
use std::rc::{Rc, Weak};

/// How a session is to run.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The arguments of the script.
    pub args: Vec<String>,
    /// Whether each step is told as its `ip` line.
    pub trace: bool,
}

/// A running script or REPL. Cheap to clone.
#[derive(Clone)]
pub struct Session(Rc<Inner>);

struct Inner {
    lab: Lab,
    args: Vec<String>,
    trace: Cell<bool>,
    listener: Box<Listener>,
    sources: Sources,
    claims: Cell<usize>,
    skipped: RefCell<Option<String>>,
    temp_dir: OnceCell<PathBuf>,
    engine: RefCell<Weak<Engine>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("lab", &self.0.lab).finish_non_exhaustive()
    }
}

impl Session {
    /// Makes a session of a lab; `listener` is told what happens.
    pub fn new(lab: Lab, settings: Settings, sources: Sources, listener: Box<Listener>) -> Session {
        Session(Rc::new(Inner {
            lab,
            args: settings.args,
            trace: Cell::new(settings.trace),
            listener,
            sources,
            claims: Cell::new(0),
            skipped: RefCell::default(),
            temp_dir: OnceCell::new(),
            engine: RefCell::default(),
        }))
    }

    /// Returns the session of a call, which the engine carries as its tag.
    pub(crate) fn of(ctx: &NativeCallContext) -> Session {
        ctx.tag().and_then(|tag| tag.clone().try_cast()).expect("the interpreter sets the tag before it runs anything")
    }

    pub(crate) fn of_eval(ctx: &EvalContext) -> Session {
        ctx.tag().clone().try_cast().expect("the interpreter sets the tag before it runs anything")
    }

    /// Returns the lab.
    pub fn lab(&self) -> &Lab {
        &self.0.lab
    }

    /// Tells which engine runs in it; the engine's tag holds the session, so the session does not hold the engine.
    pub(crate) fn set_engine(&self, engine: &Rc<Engine>) {
        self.0.engine.replace(Rc::downgrade(engine));
    }

    /// Returns the engine, for what was planned and is due.
    pub(crate) fn engine(&self) -> Option<Rc<Engine>> {
        self.0.engine.borrow().upgrade()
    }

    /// Returns the arguments.
    pub fn args(&self) -> &[String] {
        &self.0.args
    }

    /// Returns the texts.
    pub fn sources(&self) -> &Sources {
        &self.0.sources
    }

    /// Tells the listener.
    pub fn tell(&self, event: &Event) {
        (self.0.listener)(event);
    }

    /// Turns the `ip` lines on or off.
    pub fn set_trace(&self, on: bool) {
        self.0.trace.set(on);
    }

    /// Returns whether the `ip` lines are on.
    pub fn traces(&self) -> bool {
        self.0.trace.get()
    }

    /// Tells a step as its `ip` line, before it is done.
    pub(crate) fn step(&self, line: impl FnOnce() -> String) {
        if self.traces() {
            self.tell(&Event::Step(line()));
        }
    }

    /// Tells that a claim holds, or what was found instead.
    pub(crate) fn claim(&self, text: String, error: Option<Error>, place: Option<Place>) {
        self.0.claims.set(self.0.claims.get() + 1);
        self.tell(&Event::Claim { text, error, place });
    }

    /// Returns how many claims were checked.
    pub fn claims(&self) -> usize {
        self.0.claims.get()
    }

    /// Notes that the script cannot run on this machine.
    pub(crate) fn skip(&self, reason: &str) {
        self.tell(&Event::Skip(reason.to_string()));
        *self.0.skipped.borrow_mut() = Some(reason.to_string());
    }

    /// Returns why the script was skipped, if it was.
    pub fn skipped(&self) -> Option<String> {
        self.0.skipped.borrow().clone()
    }

    /// Returns a folder of the session's own, made at the first call and removed at the end.
    pub(crate) fn temp_dir(&self) -> std::io::Result<PathBuf> {
        if let Some(dir) = self.0.temp_dir.get() {
            return Ok(dir.clone());
        }
        // The /run of a sandbox goes with the sandbox, by whatever death.
        let base = match self.lab().world() {
            world::Kind::Host => std::env::temp_dir(),
            world::Kind::Sandbox | world::Kind::Named => PathBuf::from("/run"),
        };
        for attempt in 0..100_u32 {
            let dir = base.join(format!("labsh-{}-{attempt}", std::process::id()));
            match std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700).create(&dir) {
                Ok(()) => return Ok(self.0.temp_dir.get_or_init(|| dir).clone()),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(std::io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(dir) = self.temp_dir.get() {
            let _ = std::fs::remove_dir_all(dir);
        }
    }
}

/// One call of a word: the session, and where the call stands.
pub(crate) struct Call<'a> {
    pub(crate) ctx: &'a NativeCallContext<'a>,
    pub(crate) session: Session,
}

impl<'a> Call<'a> {
    pub(crate) fn new(ctx: &'a NativeCallContext<'a>) -> Call<'a> {
        Call { ctx, session: Session::of(ctx) }
    }

    pub(crate) fn lab(&self) -> &Lab {
        self.session.lab()
    }

    pub(crate) fn step(&self, line: impl FnOnce() -> String) {
        self.session.step(line);
    }

    pub(crate) fn place(&self) -> Option<Place> {
        Place::of(self.ctx.call_source(), self.ctx.call_position())
    }
}
