//! Background processes: started in a namespace, read while they run, killed with their whole process group at the end.

use super::exec::{Exec, Program, code, last_lines};
use super::news::{Listener, News};
use super::{Netns, wait};
use crate::error::{Error, Kind, Result};
use crate::kernel::watch::Watch;
use crate::kernel::{Failure, Signal, process, tcp};
use regex_lite::Regex;
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::process::Child;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::sync::watch;

/// How long a process may take to end after SIGTERM before it gets SIGKILL.
pub const GRACE: Duration = Duration::from_secs(2);

/// How long the last words of a process may be on the way through its pipes.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// How long a line may be until it is told in pieces.
const LINE: usize = 4096;

/// How much of each stream is kept: the last bytes of it.
const KEPT: usize = 4 << 20;

/// Where a named lab keeps what its background processes write: one file each.
pub const LOGS: &str = "/run/labsh/log";

/// A program in the background. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Process(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    netns: Netns,
    line: String,
    pid: u32,
    begin: Instant,
    child: RefCell<Child>,
    status: Cell<Option<(i32, Duration)>>,
    stdout: Stream,
    stderr: Stream,
    all: Stream,
}

/// What a stream has said, and a mark that changes when it says more.
#[derive(Debug, Clone)]
struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    changed: watch::Sender<u64>,
    log: Option<Arc<Mutex<Log>>>,
}

/// The file of a named lab that outlives the script; it holds the last part of what was written.
#[derive(Debug)]
struct Log {
    file: File,
    length: u64,
}

impl Log {
    fn begin(pid: u32, line: &str) -> Option<Log> {
        std::fs::create_dir_all(LOGS).ok()?;
        let name: String = line.chars().map(|c| if c == '/' || c.is_control() { '_' } else { c }).take(80).collect();
        let file = File::options().read(true).write(true).create(true).truncate(true).open(format!("{LOGS}/{pid} {name}")).ok()?;
        Some(Log { file, length: 0 })
    }

    fn push(&mut self, more: &[u8]) {
        if self.length + more.len() as u64 > KEPT as u64 {
            // Keep the second half, and go on behind it.
            let mut kept = vec![0; KEPT / 2];
            let from = self.length.saturating_sub(kept.len() as u64);
            let read = self.file.read_at(&mut kept, from).unwrap_or(0);
            let _ = self.file.set_len(0);
            let _ = self.file.write_all_at(&kept[..read], 0);
            self.length = read as u64;
        }
        if self.file.write_all_at(more, self.length).is_ok() {
            self.length += more.len() as u64;
        }
    }
}

impl Stream {
    fn new() -> Stream {
        Stream { bytes: Arc::default(), changed: watch::channel(0).0, log: None }
    }

    fn push(&self, more: &[u8]) {
        {
            let mut bytes = self.bytes.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            bytes.extend_from_slice(more);
            let excess = bytes.len().saturating_sub(KEPT);
            bytes.drain(..excess);
        }
        if let Some(log) = &self.log {
            log.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(more);
        }
        self.changed.send_modify(|version| *version += 1);
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap_or_else(|poisoned| poisoned.into_inner())).into_owned()
    }
}

/// The lines of a stream, for whoever listens.
struct Lines {
    pid: u32,
    listener: Option<Listener>,
    begun: Vec<u8>,
}

impl Lines {
    fn push(&mut self, more: &[u8]) {
        if self.listener.is_none() {
            return;
        }
        for part in more.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(part);
            if part.ends_with(b"\n") || self.begun.len() > LINE {
                self.end();
            }
        }
    }

    fn end(&mut self) {
        let line = std::mem::take(&mut self.begun);
        if let Some(listener) = self.listener.as_ref().filter(|_| !line.is_empty()) {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_string();
            listener.tell(News::Line { pid: self.pid, text });
        }
    }
}

impl Netns {
    /// Starts a program and returns at once.
    ///
    /// # Errors
    ///
    /// `not-found` when there is no such program.
    pub fn start(&self, program: &Program) -> Result<Process> {
        let mut child = self.spawn(program)?;
        let (stdout, stderr, mut all) = (Stream::new(), Stream::new(), Stream::new());
        if self.lab().name().is_some() {
            all.log = Log::begin(child.id(), &program.line()).map(|log| Arc::new(Mutex::new(log)));
        }
        let background = self.lab().background();
        let listener = self.lab().listener();
        let mut readers = Vec::new();
        for (pipe, own) in
            [(child.stdout.take().map(OwnedFd::from), stdout.clone()), (child.stderr.take().map(OwnedFd::from), stderr.clone())]
        {
            let both = all.clone();
            let mut lines = Lines { pid: child.id(), listener: listener.clone(), begun: Vec::new() };
            if let Some(Ok(mut pipe)) = pipe.map(|fd| background.enter(|| pipe::Receiver::from_owned_fd(fd))) {
                readers.push(background.spawn(async move {
                    let mut buffer = [0; 8192];
                    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
                        own.push(&buffer[..count]);
                        both.push(&buffer[..count]);
                        lines.push(&buffer[..count]);
                    }
                    lines.end();
                }));
            }
        }
        if let Some(listener) = listener {
            let pid = child.id();
            if let Ok(ended) = background.enter(|| process::pidfd(pid).and_then(Watch::new)) {
                background.spawn(async move {
                    ended.readable().await;
                    // Its last words come first, unless a process that it left holds the pipes open.
                    let _ = tokio::time::timeout(LAST_WORDS, futures_util::future::join_all(readers)).await;
                    listener.tell(News::Ended { pid, status: process::status(pid) });
                });
            }
        }
        if let (Some(pipe), Some(input)) = (child.stdin.take(), program.input.clone()) {
            let sender = background.enter(|| pipe::Sender::from_owned_fd(pipe.into()));
            if let Ok(mut sender) = sender {
                background.spawn(async move {
                    let _ = tokio::io::AsyncWriteExt::write_all(&mut sender, &input).await;
                });
            }
        }
        let process = Process(Rc::new(Inner {
            netns: self.clone(),
            line: program.line(),
            pid: child.id(),
            begin: Instant::now(),
            child: RefCell::new(child),
            status: Cell::new(None),
            stdout,
            stderr,
            all,
        }));
        self.lab().remember(&process);
        Ok(process)
    }
}

impl Process {
    /// Returns the namespace in which it was started.
    pub fn netns(&self) -> &Netns {
        &self.0.netns
    }

    /// Returns its process id.
    pub fn pid(&self) -> u32 {
        self.0.pid
    }

    /// Returns the program and its arguments.
    pub fn command(&self) -> &str {
        &self.0.line
    }

    /// Returns what it has written to standard output, at most the last 4 MiB.
    pub fn stdout(&self) -> String {
        self.0.stdout.text()
    }

    /// Returns what it has written to standard error, at most the last 4 MiB.
    pub fn stderr(&self) -> String {
        self.0.stderr.text()
    }

    /// Returns what it has written to both, in the order in which it arrived.
    pub fn output(&self) -> String {
        self.0.all.text()
    }

    /// Returns its exit status (128 + N if signal N ended it), or nothing while it runs.
    pub fn status(&self) -> Option<i32> {
        if self.0.status.get().is_none()
            && let Ok(Some(status)) = self.0.child.borrow_mut().try_wait()
        {
            self.0.status.set(Some((code(status), self.0.begin.elapsed())));
        }
        self.0.status.get().map(|(status, _)| status)
    }

    fn failure(&self, doing: &str, cause: impl Into<String>, kind: Kind) -> Error {
        let error = Error::new(kind, doing, format!("`{}`", self.command()), cause).in_netns(self.netns().name());
        match last_lines(&self.output()) {
            Some(tail) => error.because(format!("its output ends with: {tail}")),
            None => error.because("it had no output"),
        }
    }

    /// Waits until it has ended, and returns what it left.
    ///
    /// # Errors
    ///
    /// `timeout`; it goes on running then.
    pub fn wait(&self, within: Duration) -> Result<Exec> {
        let lab = self.netns().lab();
        if self.status().is_none() {
            let ended = lab.run_within(within, async {
                // Without a descriptor it has been reaped already.
                if let Ok(watch) = process::pidfd(self.pid()).and_then(Watch::new) {
                    watch.readable().await;
                }
            })?;
            if ended.is_none() {
                let cause = format!("still running after {}", wait::span(within));
                return Err(self.failure("wait for", cause, Kind::Timeout));
            }
        }
        // Its last words may still be on the way through the pipes, unless a process that it left holds them open.
        let _ = wait::until(lab, LAST_WORDS, || {
            Ok(Arc::strong_count(&self.0.stdout.bytes) == 1 && Arc::strong_count(&self.0.stderr.bytes) == 1)
        });
        let status = self.status().unwrap_or(-1);
        let time = self.0.status.get().map(|(_, time)| time).unwrap_or_default();
        Ok(Exec { status, stdout: self.stdout(), stderr: self.stderr(), time })
    }

    /// Waits until somebody listens on a TCP port of its namespace.
    ///
    /// # Errors
    ///
    /// `command-failed` when it ends before; `timeout`.
    pub fn wait_port(&self, port: u16, within: Duration) -> Result<()> {
        let netns = self.netns().kernel()?;
        let what = format!("wait for port {port} of");
        let failed = |failure: Failure| failure.doing(what.clone(), format!("`{}`", self.command())).in_netns(self.netns().name());
        let came = wait::until(self.netns().lab(), within, || {
            if tcp::listening(&netns).map_err(failed)?.iter().any(|at| at.port() == port) {
                return Ok(true);
            }
            match self.status() {
                None => Ok(false),
                Some(status) => Err(self.failure(&what, format!("it ended with status {status}"), Kind::CommandFailed)),
            }
        })?;
        match came {
            true => Ok(()),
            false => Err(self.failure(&what, format!("nobody listens on it after {}", wait::span(within)), Kind::Timeout)),
        }
    }

    /// Waits until its output matches a regular expression, and returns what matched (the first group, if there is one).
    ///
    /// # Errors
    ///
    /// `bad-argument` for a wrong expression; `command-failed` when it ends before; `timeout`.
    pub fn wait_output(&self, pattern: &str, within: Duration) -> Result<String> {
        let regex = Regex::new(pattern)
            .map_err(|e| Error::new(Kind::BadArgument, "read regular expression", format!("`{pattern}`"), e.to_string()))?;
        let what = format!("wait for `{pattern}` in the output of");
        let mut changes = self.0.all.changed.subscribe();
        let lab = self.netns().lab().clone();
        let begin = Instant::now();
        loop {
            changes.mark_unchanged();
            if let Some(found) = regex.captures(&self.output()) {
                let whole = found.get(1).or(found.get(0));
                return Ok(whole.map(|part| part.as_str().to_string()).unwrap_or_default());
            }
            let drained = Arc::strong_count(&self.0.all.bytes) == 1;
            if drained && let Some(status) = self.status() {
                return Err(self.failure(&what, format!("it ended with status {status}"), Kind::CommandFailed));
            }
            let left = within.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return Err(self.failure(&what, format!("it did not come within {}", wait::span(within)), Kind::Timeout));
            }
            // The end of the process is seen by looking again; its output by the mark.
            let look_again = left.min(Duration::from_millis(50));
            lab.run_within(look_again, async {
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            })?;
        }
    }

    /// Sends a signal to its whole process group.
    pub fn kill(&self, signal: Signal) -> Result<()> {
        if self.status().is_some() {
            return Ok(());
        }
        process::kill_group(self.pid(), signal)
            .map_err(|failure| failure.doing("kill", format!("`{}`", self.command())).in_netns(self.netns().name()))
    }

    /// Waits until it has ended, however long and whatever signals come, and its last words are kept.
    pub(crate) fn wait_out(&self) {
        process::wait_end(self.pid());
        let _ = self.wait(Duration::from_secs(1));
    }

    /// Ends it: SIGTERM, and SIGKILL after the grace period.
    pub(crate) fn end(&self) {
        if self.ask_to_end() {
            self.ends_within(GRACE, Instant::now());
        }
        self.kill_rest();
    }

    /// Sends SIGTERM; returns whether it was still running.
    pub(crate) fn ask_to_end(&self) -> bool {
        let running = self.status().is_none();
        if running {
            let _ = self.kill(Signal::SIGTERM);
        }
        running
    }

    /// Waits until it has ended, at most this long after `begin`; returns whether it has.
    pub(crate) fn ends_within(&self, within: Duration, begin: Instant) -> bool {
        process::ended_within(self.pid(), within.saturating_sub(begin.elapsed()))
    }

    /// Kills it, and what it started in the same group and left.
    pub(crate) fn kill_rest(&self) {
        let _ = process::kill_group(self.pid(), Signal::SIGKILL);
        if self.status().is_none() {
            let _ = self.0.child.borrow_mut().wait();
        }
    }
}

/// Reads the name or number of a signal.
///
/// # Errors
///
/// `bad-argument`.
pub fn parse_signal(name: &str) -> Result<Signal> {
    let wrong = || Error::new(Kind::BadArgument, "send signal", format!("`{name}`"), "there is no such signal");
    if let Ok(number) = name.parse::<i32>() {
        return Signal::try_from(number).map_err(|_| wrong());
    }
    let upper = name.to_uppercase();
    let full = if upper.starts_with("SIG") { upper } else { format!("SIG{upper}") };
    full.parse().map_err(|_| wrong().hint("there are TERM, INT, HUP, KILL, STOP, CONT, USR1, USR2 …"))
}
