//! Named labs: sandboxes that outlive the command that made them, each held by an init of its own.
//!
//! A lab is a folder NAME in the user's state folder with a lock that the lab's init holds as long as it lives, and
//! a record. Whether a lab is alive is asked of the lock, so neither a reused process id nor a changed clock can confuse it.

use super::state;
use crate::error::{Error, Kind, Result};
use crate::kernel::{Failure, Signal, process};
use crate::near;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const LOCK: &str = "lock";
const RECORD: &str = "lab.json";

/// How the name of a folder begins that is being removed; no lab is called so.
const GONE: &str = ".gone-";

/// How long the kernel may take to end all processes of a lab.
const DOWN_WITHIN: Duration = Duration::from_secs(10);

/// After how long the processes of a lab are looked for whose end is waited for by one that is stopped.
const PATIENCE: Duration = Duration::from_millis(200);

/// How long a name without a living lab may be locked before whoever wants it believes that a lab is being made.
const BEING_MADE: Duration = Duration::from_millis(100);

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
    /// When its init began, in the kernel's count: what tells it from a later process of the same number.
    start: Option<u64>,
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
    let begin = Instant::now();
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
            Err(TryLockError::WouldBlock) if !read_record(&folder).is_some_and(|lab| lab.has_init()) && begin.elapsed() < BEING_MADE => {
                std::thread::sleep(Duration::from_millis(1));
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
    // To look is possible on a read-only disk too.
    OpenOptions::new()
        .read(true)
        .write(create)
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
        let start = process::start_time(pid);
        let record = json!({ "name": self.name, "pid": pid, "start": start, "created": now.as_secs(), "script": script });
        let written = write_whole(&self.folder, RECORD, &record.to_string());
        let lab = NamedLab {
            name: self.name.clone(),
            pid,
            start,
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

/// Removes the folder of a lab whose lock is ours. It loses its name first, so that nobody can make a lab in it meanwhile.
fn remove(folder: &Path) {
    let gone = folder.with_file_name(format!("{GONE}{}-{}", std::process::id(), folder.file_name().unwrap_or_default().to_string_lossy()));
    if fs::rename(folder, &gone).is_ok() {
        let _ = fs::remove_dir_all(gone);
    }
}

/// Lists the labs that are alive, by name; what dead ones left is removed.
///
/// # Errors
///
/// The refusal of the state folder.
pub fn list() -> Result<Vec<NamedLab>> {
    let folder = state::folder()?;
    let entries = fs::read_dir(&folder).map_err(|e| Failure::from(e).doing("list labs in", format!("`{}`", folder.display())))?;
    let paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let (gone, folders): (Vec<_>, Vec<_>) =
        paths.into_iter().partition(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(GONE)));
    for folder in gone {
        // Whoever removed it was killed over it, or is about to be done.
        let _ = fs::remove_dir_all(folder);
    }
    let mut labs: Vec<NamedLab> = folders.iter().filter_map(|folder| look(folder).ok().flatten()).collect();
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
    let Ok(file) = open_lock(folder, false) else {
        // Whoever was about to make it was killed; a folder that holds anything stays.
        let _ = fs::remove_dir(folder);
        return Ok(None);
    };
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
        start: record["start"].as_u64(),
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
        self.processes_among(&by_namespace())
    }

    /// As [`processes`](Self::processes), from a list that was made once for several labs.
    pub fn processes_among(&self, all: &BTreeMap<u64, Vec<i32>>) -> Vec<(i32, u64, String)> {
        let Some(pids) = namespace_of(self.pid).and_then(|own| all.get(&own)) else { return Vec::new() };
        let mut found: Vec<_> = pids.iter().map(|pid| (*pid, memory(*pid), crate::kernel::netns::command(*pid))).collect();
        found.sort_by_key(|(pid, ..)| (*pid != self.pid, *pid));
        found
    }

    /// Kills the lab's init, and with it, by the kernel, every process of the lab. Returns what [`Ending::wait`] waits for.
    ///
    /// # Errors
    ///
    /// The errno of killing it.
    pub fn kill(&self) -> Result<Ending> {
        let ending = |pidfd| Ending { lab: self.clone(), pidfd, inside: namespace_of(self.pid) };
        let Ok(pidfd) = process::pidfd(self.pid.unsigned_abs()) else { return Ok(ending(None)) };
        // The time of its start says that the process is still the lab's init, and not another one of the same number.
        if process::start_time(self.pid) != self.start || !self.holds_lock() {
            return Ok(ending(None));
        }
        let ending = ending(Some(pidfd));
        if let Some(pidfd) = &ending.pidfd {
            let killed = process::kill_by_fd(pidfd, Signal::SIGKILL);
            killed.map_err(|failure| failure.doing("take down lab", format!("`{}`", self.name)))?;
        }
        Ok(ending)
    }

    /// Takes the lab down: kills its init, waits until its processes have ended, and forgets it.
    ///
    /// # Errors
    ///
    /// `timeout` when its processes do not end; the errno of killing it.
    pub fn down(&self) -> Result<()> {
        self.kill()?.wait()
    }

    /// Returns whether somebody, hence the init, holds the lock.
    fn holds_lock(&self) -> bool {
        open_lock(&self.folder, false).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }
}

/// A lab that was killed and whose processes are ending.
#[derive(Debug)]
pub struct Ending {
    lab: NamedLab,
    /// That of the init, which ends when the last of them has ended.
    pidfd: Option<OwnedFd>,
    /// The lab's process namespace.
    inside: Option<u64>,
}

impl Ending {
    /// Waits until the processes have ended, and forgets the lab.
    ///
    /// # Errors
    ///
    /// `timeout` when they do not end.
    pub fn wait(self) -> Result<()> {
        if let Some(pidfd) = &self.pidfd
            && !process::readable_within(pidfd, PATIENCE)
        {
            self.wake_waiters();
            if !process::readable_within(pidfd, DOWN_WITHIN) {
                let cause = format!("its processes did not end within {} s", DOWN_WITHIN.as_secs());
                return Err(Error::new(Kind::Timeout, "take down lab", format!("`{}`", self.lab.name), cause));
            }
        }
        // Somebody may have made a lab of the same name since.
        look(&self.lab.folder).map(|_| ())
    }

    /// Continues stopped processes outside that entered the lab: a dead child of theirs stays in it until they have seen its end.
    fn wake_waiters(&self) {
        for pid in process::all().filter(|pid| namespace_of(*pid).is_some() && namespace_of(*pid) == self.inside) {
            if let Some((_, parent)) = process::state(pid)
                && namespace_of(parent) != self.inside
                && matches!(process::state(parent), Some(('T', _)))
            {
                let _ = process::signal(parent, Signal::SIGCONT);
            }
        }
    }
}

/// Lists all processes that this user may look at, by the inode of their process namespace.
pub fn by_namespace() -> BTreeMap<u64, Vec<i32>> {
    let mut found = BTreeMap::new();
    for pid in process::all() {
        if let Some(inode) = namespace_of(pid) {
            found.entry(inode).or_insert_with(Vec::new).push(pid);
        }
    }
    found
}

/// The inode of the process namespace of a process.
fn namespace_of(pid: i32) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(format!("/proc/{pid}/ns/pid")).ok().map(|meta| meta.ino())
}

fn memory(pid: i32) -> u64 {
    let pages = fs::read_to_string(format!("/proc/{pid}/statm")).ok();
    let resident: u64 = pages.and_then(|text| text.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0);
    resident * 4
}
