//! The journal of the host world: what a run is about to make, written and synced before it is made, so that whatever death the run
//! dies, exactly that can be taken away again.
//!
//! One file a run, one JSON object a line. The run holds a lock on its file; a file without a holder is of a dead run. What the
//! objects mean is the business of the layer above.

use super::state;
use crate::error::Result;
use crate::kernel::Failure;
use nix::unistd::geteuid;
use serde_json::{Value, json};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// The journal of this run. Cheap to clone; all clones write to one file.
#[derive(Debug, Clone)]
pub struct Journal {
    file: Arc<Mutex<File>>,
    path: PathBuf,
    run: String,
}

/// What a run left in its journal.
#[derive(Debug)]
pub struct Run {
    /// The process id that it had.
    pub pid: u32,
    /// What identifies it; its processes carry it as `LABSH_RUN` in their environment.
    pub run: String,
    /// The command line.
    pub command: String,
    /// Whether the machine has been started anew since: then nothing of it is left.
    pub before_boot: bool,
    /// The lines that it wrote, in their order.
    pub lines: Vec<Value>,
    path: PathBuf,
    /// Held for a dead run, so that two cleaners do not meet.
    lock: Option<File>,
}

fn folder() -> Result<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = match state {
        Some(state) => state,
        None if geteuid().is_root() => PathBuf::from("/var/lib"),
        None => PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| "/".into())).join(".local/state"),
    };
    let failed = |e: std::io::Error| Failure::from(e).doing("keep a journal in", format!("`{}`", base.display()));
    DirBuilder::new().recursive(true).mode(0o755).create(&base).map_err(failed)?;
    let folder = base.join("labsh");
    state::private(&folder)?;
    Ok(folder)
}

/// The machine's boot, as the kernel names it.
fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_string()
}

impl Journal {
    /// Begins the journal of this run.
    ///
    /// # Errors
    ///
    /// The errno of writing it; `not-permitted` when somebody else could write to its folder.
    pub fn begin() -> Result<Journal> {
        let folder = folder()?;
        let failed = |e: std::io::Error| Failure::from(e).doing("begin a journal in", format!("`{}`", folder.display()));
        let id = fs::read_to_string("/proc/sys/kernel/random/uuid").map_err(failed)?;
        let run = id.trim().to_string();
        let path = folder.join(format!("{run}.journal"));
        let mut file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
        let command = std::env::args().collect::<Vec<_>>().join(" ");
        let head = json!({ "pid": std::process::id(), "run": run, "command": command, "boot": boot() });
        let begun = file.try_lock().map_err(|_| std::io::ErrorKind::ResourceBusy.into()).and_then(|()| append(&mut file, &head));
        begun.map_err(|e| {
            let _ = fs::remove_file(&path);
            failed(e)
        })?;
        Ok(Journal { file: Arc::new(Mutex::new(file)), path, run })
    }

    /// Writes a line, and returns once it is on the disk.
    pub fn write(&self, line: &Value) -> crate::kernel::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        Ok(append(&mut file, line)?)
    }

    /// Returns what identifies the run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Ends the journal: nothing of the run is left.
    pub fn end(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn append(file: &mut File, line: &Value) -> std::io::Result<()> {
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_data()
}

/// Reads the journals of all runs; `true` for those that are dead.
///
/// # Errors
///
/// The refusal of the folder.
pub fn runs() -> Result<Vec<(bool, Run)>> {
    let folder = folder()?;
    let entries = fs::read_dir(&folder).map_err(|e| Failure::from(e).doing("read journals in", format!("`{}`", folder.display())))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.extension().is_some_and(|e| e == "journal"));
    Ok(paths.filter_map(read).collect())
}

fn read(path: PathBuf) -> Option<(bool, Run)> {
    let file = OpenOptions::new().read(true).append(true).custom_flags(nix::libc::O_NOFOLLOW).open(&path).ok()?;
    let dead = match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => return None,
    };
    let text = fs::read_to_string(&path).ok()?;
    // The last line may be cut: its object was not made then.
    let mut lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let head = lines.next().unwrap_or_default();
    let word = |key: &str| head[key].as_str().unwrap_or_default().to_string();
    let run = Run {
        pid: head["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0),
        run: word("run"),
        command: word("command"),
        before_boot: word("boot") != boot(),
        lines: lines.collect(),
        path,
        lock: dead.then_some(file),
    };
    Some((dead, run))
}

impl Run {
    /// Forgets a dead run of which nothing is left.
    pub fn forget(&self) {
        if self.lock.is_some() {
            let _ = fs::remove_file(&self.path);
        }
    }
}
