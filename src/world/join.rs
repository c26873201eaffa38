//! Entering a named lab: the process that returns stands in all its namespaces, as one of its processes.

use super::named::NamedLab;
use super::sandbox::raise_descriptor_limit;
use super::supervise::{self, End};
use crate::error::{Error, Kind, Result};
use crate::kernel::{Failure, process, terminal};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::termios::tcgetattr;
use nix::unistd::{pipe, write};
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

/// The namespaces of a lab, in the order in which they are entered: the user namespace first, since it gives the right to the others.
const NAMESPACES: [&str; 6] = ["user", "pid", "net", "uts", "ipc", "mnt"];

/// How a process inside tells its parent that it goes on in the background.
#[derive(Debug)]
pub(super) struct Detach(OwnedFd);

impl Detach {
    /// Lets the command that the user started end with this status, while this process goes on until the lab is taken down.
    pub(super) fn tell(&self, status: i32) {
        let _ = set_pdeathsig(None);
        let _ = nix::unistd::setsid();
        if let Ok(null) = File::options().read(true).write(true).open("/dev/null") {
            let _ = nix::unistd::dup2_stdin(&null);
            let _ = nix::unistd::dup2_stdout(&null);
            let _ = nix::unistd::dup2_stderr(&null);
        }
        let _ = write(&self.0, &status.to_ne_bytes());
    }
}

/// Enters a lab; returns only in the new process inside. The other one waits, passes signals on, and ends with its status.
///
/// # Errors
///
/// `not-permitted` for another user's lab, `not-found` for one that is gone.
pub(super) fn enter(lab: &NamedLab) -> Result<()> {
    match fork_into(lab)? {
        Side::Inside => Ok(()),
        Side::Outside(end, init) => {
            // The process inside may be reaped a moment before the init that drew it along.
            if end == End::Killed(9) && process::readable_within(&init, Duration::from_secs(1)) {
                tell_gone(&lab.name);
            }
            std::process::exit(end.status())
        }
    }
}

/// Forks a process that does the work and can go on when the command has ended; returns in it.
///
/// Its parent is of the lab too. An orphan is given to the init of its parent's process namespace, and the lab cannot end before its
/// processes are reaped: by its own init that is at once, by that of the machine it was seen to take 1.9 s.
///
/// # Errors
///
/// The errno of starting it.
pub(super) fn stay() -> Result<Detach> {
    let failed = |e: Errno| Failure::from(e).doing("start a process", "");
    let (done_read, done_write) = pipe().map_err(failed)?;
    match supervise::fork_bound().map_err(|failure| failure.doing("start a process", ""))? {
        None => Ok(Detach(done_write)),
        Some(child) => {
            drop(done_write);
            std::process::exit(supervise::wait_for(Some(child), Some(done_read)).status())
        }
    }
}

fn tell_gone(name: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "\r\nlabsh: lab `{name}` was taken down");
}

enum Side {
    Inside,
    /// How the process inside ended, and the descriptor of the lab's init.
    Outside(End, OwnedFd),
}

fn fork_into(lab: &NamedLab) -> Result<Side> {
    let subject = || format!("`{}`", lab.name);
    let failed = |failure: Failure| {
        let error = failure.doing("enter lab", subject());
        match failure.errno() {
            Errno::ENOENT | Errno::ESRCH => Error::new(Kind::NotFound, "enter lab", subject(), "it is gone"),
            Errno::EPERM | Errno::EACCES => error.because("only its owner may enter a lab"),
            _ => error,
        }
    };
    let init = process::pidfd(lab.pid.unsigned_abs()).map_err(failed)?;
    let cwd = std::env::current_dir();
    // In the lab's mounts this process is not in /proc.
    let proc = File::open("/proc").map(OwnedFd::from);
    let own = |kind: &str| std::fs::metadata(format!("/proc/self/ns/{kind}")).map(|meta| meta.ino()).ok();
    let mut opened = Vec::new();
    for kind in NAMESPACES {
        let file = File::open(lab.namespace(kind)).map_err(|e| failed(e.into()))?;
        let inode = file.metadata().map_err(|e| failed(e.into()))?.ino();
        // Where root could do without a user namespace, the lab has none of its own.
        if own(kind) != Some(inode) {
            opened.push(file);
        }
    }
    // What arrives from here on is for the process inside.
    let mask = supervise::block().map_err(failed)?;
    for file in &opened {
        setns(file.as_fd(), CloneFlags::empty()).map_err(|e| failed(e.into()))?;
    }
    if let Ok(cwd) = cwd {
        // Entering the mounts has put this process at their root.
        let _ = std::env::set_current_dir(cwd);
    }
    let modes = tcgetattr(std::io::stdin()).ok();
    match supervise::fork_bound_with(&mask).map_err(failed)? {
        None => {
            raise_descriptor_limit();
            Ok(Side::Inside)
        }
        Some(child) => {
            let end = supervise::wait_for(Some(child), None);
            if let (End::Killed(_), Some(modes), Ok(proc)) = (end, modes, &proc) {
                // Whoever was killed could not put the terminal back.
                terminal::restore(&modes, proc);
            }
            Ok(Side::Outside(end, init))
        }
    }
}
