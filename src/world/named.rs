//! Named labs: sandboxes that outlive the command that made them, each held by an init of its own.
//!
//! A lab is a folder NAME in the user's state folder with a lock that the lab's init holds as long as it lives, and
//! a record. Whether a lab is alive is asked of the lock, so neither a reused process id nor a changed clock can confuse it.

use super::state;
use crate::error::{Error, Kind, Result};
use crate::kernel::{Failure, Signal, process};
use crate::near;
use serde_json::{Value, json};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const LOCK: &str = "lock";
const RECORD: &str = "lab.json";

/// How long the kernel may take to end all processes of a lab.
const DOWN_WITHIN: Duration = Duration::from_secs(10);

/// A named lab that is alive.
#[derive(Debug, Clone)]
pub struct NamedLab {
    /// Its name.
    pub name: String,
    /// The process id of its init, as seen from outside.
    pub pid: i32,
    /// When it was made.
    pub created: SystemTime,
    /// The script that it was made with, and its arguments.
    pub script: Vec<String>,
    folder: PathBuf,
}

/// A lab that is being made: its name is taken, its init holds the lock as soon as it exists.
#[derive(Debug)]
pub struct NewLab {
    name: String,
    folder: PathBuf,
    lock: File,
}

/// Checks the name of a lab: letters, digits, `.`, `_` and `-`, not at the beginning.
fn check_name(name: &str) -> Result<()> {
    let wrong = |cause: &str| Err(Error::new(Kind::BadName, "name a lab", format!("`{name}`"), cause));
    if name.is_empty() {
        return wrong("a name cannot be empty");
    }
    if name.len() > 64 {
        return wrong("a name has at most 64 bytes");
    }
    if let Some(bad) = name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))) {
        return wrong(&format!("the character `{bad}` is not allowed"));
    }
    if name.starts_with(['.', '-']) {
        return wrong("it cannot begin with a dot or a dash");
    }
    Ok(())
}

/// Takes a name for a new lab.
///
/// # Errors
///
/// `exists` when a lab of that name lives or is being made; `bad-name`; the errno of the state folder.
pub fn reserve(name: &str) -> Result<NewLab> {
    check_name(name)?;
    let folder = state::folder()?.join(name);
    let failed = |failure: Failure| failure.doing("make lab", format!("`{name}`"));
    loop {
        match fs::create_dir(&folder) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(failed(e.into())),
        }
        let lock = match open_lock(&folder, true) {
            Ok(file) => file,
            // Somebody took a dead one away between these two steps.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => return Err(failed(e.into())),
        };
        match lock.try_lock() {
            Ok(()) => {}
            // Whoever looks whether a dead lab is dead holds its lock for that moment.
            Err(TryLockError::WouldBlock) if read_record(&folder).is_some_and(|lab| !lab.has_init()) => {
                std::thread::yield_now();
                continue;
            }
            Err(TryLockError::WouldBlock) => {
                let error = Error::new(Kind::Exists, "make lab", format!("`{name}`"), "a lab of that name is there");
                return Err(error.hint(format!("labsh attach {name}, or labsh down {name}")));
            }
            Err(TryLockError::Error(e)) => return Err(failed(e.into())),
        }
        // The folder may have been removed and made anew before the lock was ours.
        if same_file(&lock, &folder.join(LOCK)) {
            let _ = fs::remove_file(folder.join(RECORD));
            return Ok(NewLab { name: name.to_string(), folder, lock });
        }
    }
}

fn open_lock(folder: &Path, create: bool) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(create)
        .truncate(false)
        .mode(0o600)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(folder.join(LOCK))
}

fn same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |meta: std::io::Result<fs::Metadata>| meta.ok().map(|meta| (meta.dev(), meta.ino()));
    let one = identity(file.metadata());
    one.is_some() && one == identity(fs::metadata(path))
}

impl NewLab {
    /// Returns the descriptor whose copy the lab's init must keep open.
    pub(super) fn lock(&self) -> &File {
        &self.lock
    }

    /// Writes the record. From now on the lab can be found; the lock is its init's alone.
    pub(super) fn publish(self, pid: i32, script: &[String]) -> Result<NamedLab> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let record = json!({ "name": self.name, "pid": pid, "created": now.as_secs(), "script": script });
        let written = write_whole(&self.folder, RECORD, &record.to_string());
        let lab = NamedLab {
            name: self.name.clone(),
            pid,
            created: UNIX_EPOCH + Duration::from_secs(now.as_secs()),
            script: script.to_vec(),
            folder: self.folder.clone(),
        };
        // Closing does not unlock: the lock belongs to the open file that the init shares.
        drop(self.lock);
        written.map_err(|e| {
            let _ = lab.down();
            Failure::from(e).doing("make lab", format!("`{}`", lab.name))
        })?;
        Ok(lab)
    }

    /// Gives the name up again.
    pub(super) fn abandon(self) {
        remove(&self.folder);
    }
}

fn write_whole(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    let draft = folder.join(format!("{name}.new"));
    fs::write(&draft, text)?;
    fs::rename(&draft, folder.join(name))
}

fn remove(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}

/// Lists the labs that are alive, by name; what dead ones left is removed.
///
/// # Errors
///
/// The refusal of the state folder.
pub fn list() -> Result<Vec<NamedLab>> {
    let folder = state::folder()?;
    let entries = fs::read_dir(&folder).map_err(|e| Failure::from(e).doing("list labs in", format!("`{}`", folder.display())))?;
    let mut labs: Vec<NamedLab> = entries.filter_map(|entry| look(&entry.ok()?.path()).ok().flatten()).collect();
    labs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(labs)
}

/// Finds a lab by its name.
///
/// # Errors
///
/// `not-found`, with the nearest name.
pub fn find(name: &str) -> Result<NamedLab> {
    check_name(name)?;
    let folder = state::folder()?.join(name);
    if let Some(lab) = look(&folder)? {
        return Ok(lab);
    }
    let names: Vec<String> = list()?.into_iter().map(|lab| lab.name).collect();
    let error = Error::new(Kind::NotFound, "find lab", format!("`{name}`"), "there is no lab of that name");
    Err(match near::did_you_mean(name, names.iter().map(String::as_str)) {
        Some(hint) => error.hint(hint),
        None if names.is_empty() => error.hint(format!("labsh up {name} makes one")),
        None => error.because(format!("there are: {}", names.join(", "))),
    })
}

/// Reads a lab's folder; removes it if its init is dead.
fn look(folder: &Path) -> Result<Option<NamedLab>> {
    let Ok(file) = open_lock(folder, false) else { return Ok(None) };
    match file.try_lock() {
        Ok(()) => {
            if same_file(&file, &folder.join(LOCK)) {
                remove(folder);
            }
            Ok(None)
        }
        Err(TryLockError::WouldBlock) => Ok(read_record(folder)),
        Err(TryLockError::Error(e)) => Err(Failure::from(e).doing("read lab", format!("`{}`", folder.display()))),
    }
}

/// A lab without a record is still being made.
fn read_record(folder: &Path) -> Option<NamedLab> {
    let record: Value = serde_json::from_str(&fs::read_to_string(folder.join(RECORD)).ok()?).ok()?;
    let script = record["script"].as_array()?.iter().filter_map(|word| Some(word.as_str()?.to_string())).collect();
    Some(NamedLab {
        name: record["name"].as_str()?.to_string(),
        pid: i32::try_from(record["pid"].as_i64()?).ok()?,
        created: UNIX_EPOCH + Duration::from_secs(record["created"].as_u64()?),
        script,
        folder: folder.to_path_buf(),
    })
}

impl NamedLab {
    /// Returns whether a process of the init's number exists.
    fn has_init(&self) -> bool {
        Path::new(&format!("/proc/{}", self.pid)).exists()
    }

    /// Returns whether its init lives.
    pub fn is_alive(&self) -> bool {
        look(&self.folder).is_ok_and(|lab| lab.is_some_and(|lab| lab.pid == self.pid))
    }

    /// Returns a path inside the lab, as seen from outside.
    pub fn path(&self, inside: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{inside}", self.pid))
    }

    /// Returns the file of one of its namespaces: `ns/net`, `ns/mnt` …
    pub fn namespace(&self, kind: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/ns/{kind}", self.pid))
    }

    /// Returns the names of its network namespaces.
    pub fn netns_names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("/run/netns")).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// Returns its processes: process id outside, resident memory in KiB, command line. Its init is the first.
    pub fn processes(&self) -> Vec<(i32, u64, String)> {
        use std::os::unix::fs::MetadataExt;
        let inode = |pid: i32| fs::metadata(format!("/proc/{pid}/ns/pid")).ok().map(|meta| meta.ino());
        let Some(own) = inode(self.pid) else { return Vec::new() };
        let mut found: Vec<(i32, u64, String)> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid| inode(*pid) == Some(own))
            .map(|pid| (pid, memory(pid), crate::kernel::netns::command(pid)))
            .collect();
        found.sort_by_key(|(pid, ..)| (*pid != self.pid, *pid));
        found
    }

    /// Kills the lab's init, and with it, by the kernel, every process of the lab. Does not wait for them.
    ///
    /// # Errors
    ///
    /// The errno of killing it.
    pub fn kill(&self) -> Result<Option<OwnedFd>> {
        let Ok(pidfd) = process::pidfd(self.pid.unsigned_abs()) else { return Ok(None) };
        // The lock says that the process is still the lab's init, and not another one of the same number.
        if !self.holds_lock() {
            return Ok(None);
        }
        let killed = process::kill_by_fd(&pidfd, Signal::SIGKILL);
        killed.map_err(|failure| failure.doing("take down lab", format!("`{}`", self.name)))?;
        Ok(Some(pidfd))
    }

    /// Takes the lab down: kills its init, waits until its processes have ended, and forgets it.
    ///
    /// # Errors
    ///
    /// `timeout` when its processes do not end; the errno of killing it.
    pub fn down(&self) -> Result<()> {
        if let Some(pidfd) = self.kill()?
            && !process::readable_within(&pidfd, DOWN_WITHIN)
        {
            let cause = format!("its processes did not end within {} s", DOWN_WITHIN.as_secs());
            return Err(Error::new(Kind::Timeout, "take down lab", format!("`{}`", self.name), cause));
        }
        remove(&self.folder);
        Ok(())
    }

    /// Returns whether somebody, hence the init, holds the lock.
    fn holds_lock(&self) -> bool {
        open_lock(&self.folder, false).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }
}

fn memory(pid: i32) -> u64 {
    let pages = fs::read_to_string(format!("/proc/{pid}/statm")).ok();
    let resident: u64 = pages.and_then(|text| text.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0);
    resident * 4
}
