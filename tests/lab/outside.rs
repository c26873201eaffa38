//! What the machine shows of a lab from outside: its processes and namespaces, by /proc and lsns.

use super::harness::{eventually, find_program};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::Duration;

/// What is killed must be gone within one second; the rest is for a busy machine.
pub const SOON: Duration = Duration::from_secs(5);

/// How long a trial waits for what is sure to come. An orphan waits for the machine's own init, which may look for dead ones every few seconds only.
pub const PATIENCE: Duration = Duration::from_secs(10);

const KINDS: [&str; 6] = ["user", "net", "mnt", "pid", "uts", "ipc"];

/// A process, with the time of its start against reused ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    pub pid: i32,
    parent: i32,
    start: u64,
    dead: bool,
}

fn processes() -> Vec<Process> {
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(process).collect()
}

fn process(pid: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_whitespace().collect();
    let dead = matches!(*fields.first()?, "Z" | "X");
    Some(Process { pid, parent: fields.get(1)?.parse().ok()?, start: fields.get(19)?.parse().ok()?, dead })
}

/// Returns a process and all below it, the first first.
pub fn tree(pid: i32) -> Vec<Process> {
    let all = processes();
    let mut found: Vec<Process> = all.iter().filter(|process| process.pid == pid).cloned().collect();
    let mut next = 0;
    while next < found.len() {
        let parent = found[next].pid;
        found.extend(all.iter().filter(|process| process.parent == parent).cloned());
        next += 1;
    }
    found
}

fn namespaces(pid: i32) -> BTreeSet<String> {
    KINDS.iter().filter_map(|kind| Some(fs::read_link(format!("/proc/{pid}/ns/{kind}")).ok()?.to_string_lossy().into_owned())).collect()
}

/// The processes and namespaces of a lab.
#[derive(Debug, Default)]
pub struct Footprint {
    processes: BTreeSet<Process>,
    namespaces: BTreeSet<String>,
}

impl Footprint {
    /// Adds what a process and all below it have now.
    pub fn add(&mut self, pid: i32) {
        let own = namespaces(std::process::id() as i32);
        for process in tree(pid) {
            self.namespaces.extend(namespaces(process.pid).difference(&own).cloned());
            self.processes.insert(process);
        }
    }

    pub fn of(pid: i32) -> Footprint {
        let mut footprint = Footprint::default();
        footprint.add(pid);
        footprint
    }

    pub fn namespaces(&self) -> usize {
        self.namespaces.len()
    }

    fn left(&self) -> Vec<String> {
        let all = processes();
        let left = all.iter().filter(|process| self.holds(process, &all));
        left.map(|process| {
            format!("{} {}", process.pid, fs::read_to_string(format!("/proc/{}/comm", process.pid)).unwrap_or_default().trim())
        })
        .collect()
    }

    fn knows(&self, process: &Process) -> bool {
        self.processes.iter().any(|known| (known.pid, known.start) == (process.pid, process.start))
    }

    /// Whether this process is alive and of the lab, by its id or because it is in a namespace of the lab.
    ///
    /// The kernel gives the number of a freed namespace to the next one: what another labsh, one that lives, stands above is not of this lab.
    fn holds(&self, process: &Process, all: &[Process]) -> bool {
        let inside = |process: &Process| !namespaces(process.pid).is_disjoint(&self.namespaces);
        if process.dead || self.knows(process) || !inside(process) {
            return !process.dead && self.knows(process);
        }
        let mut top = process;
        loop {
            match all.iter().find(|other| other.pid == top.parent) {
                None => return true,
                Some(parent) if parent.pid == 1 || self.knows(parent) => return true,
                Some(parent) if inside(parent) => top = parent,
                Some(_) => return false,
            }
        }
    }

    /// Waits until nothing of it is left.
    #[track_caller]
    pub fn is_gone(&self) {
        eventually("nothing of the lab is left", PATIENCE, || match self.left() {
            left if left.is_empty() => Ok(()),
            left => Err(left.join(", ")),
        });
        let Some(lsns) = find_program("lsns") else { return };
        eventually("lsns shows nothing of the lab", PATIENCE, || {
            let output = Command::new(&lsns).args(["-n", "-o", "NS,TYPE,PID"]).output().map_err(|error| error.to_string())?;
            let listed = String::from_utf8_lossy(&output.stdout).into_owned();
            let all = processes();
            let left = listed.lines().filter(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                let [inode, kind, pid] = words[..] else { return false };
                // A dead process that the machine's own init has not reaped yet still counts for lsns.
                let holder = all.iter().find(|process| Ok(process.pid) == pid.parse());
                self.namespaces.contains(&format!("{kind}:[{inode}]")) && holder.is_some_and(|process| self.holds(process, &all))
            });
            left.map(str::to_string).next().map_or(Ok(()), Err)
        });
    }
}

/// What belongs to the machine and no lab may change: the mounts at /run and of namespaces, the names of namespaces, the links.
pub fn machine() -> String {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mounts: Vec<&str> =
        mounts.lines().filter(|line| line.contains(" /run") || line.contains("nsfs") || line.contains("labsh")).collect();
    let names = |folder: &str| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<BTreeSet<String>>()
    };
    format!("mounts {mounts:?}\nnamespaces {:?}\nlinks {:?}", names("/run/netns"), names("/sys/class/net"))
}
