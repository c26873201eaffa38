//! The processes that wait beside a world: the one that the user started, and the init of the process namespace.

use crate::kernel::{self, terminal};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, pipe, read, write};
use std::os::fd::{AsFd, OwnedFd};

/// The signals that a supervisor passes on, and the one that tells of a child.
pub(super) fn signals() -> SigSet {
    [Signal::SIGCHLD, Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect()
}

/// How the process that was waited for ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With this status.
    Exited(i32),
    /// By this signal.
    Killed(i32),
    /// It goes on in the background, having done what it was started for with this status.
    Detached(i32),
}

impl End {
    /// Returns the exit status of whoever waited: 128 + N for signal N.
    pub(super) fn status(self) -> i32 {
        match self {
            End::Exited(status) | End::Detached(status) => status,
            End::Killed(signal) => 128 + signal,
        }
    }
}

/// Reaps every child until `child` has ended, or tells its status through `detach`; passes signals on to it meanwhile.
///
/// The [`signals`] must be blocked. What the terminal sends reaches the whole foreground group, so only what somebody sent to
/// this process alone is passed on. Without a child it reaps until SIGTERM.
pub(super) fn wait_for(child: Option<Pid>, detach: Option<OwnedFd>) -> End {
    let Ok(events) = SignalFd::with_flags(&signals(), SfdFlags::SFD_CLOEXEC) else { return End::Exited(1) };
    let mut detach = detach;
    loop {
        if let Some(end) = child.and_then(reap) {
            // A REPL had the terminal in a group of its own.
            terminal::take_back();
            return end;
        }
        if child.is_none() {
            let _ = reap(Pid::from_raw(-1));
        }
        let mut waits = vec![PollFd::new(events.as_fd(), PollFlags::POLLIN)];
        waits.extend(detach.as_ref().map(|fd| PollFd::new(fd.as_fd(), PollFlags::POLLIN)));
        let _ = poll(&mut waits, PollTimeout::NONE);
        let ready = |wait: &PollFd| wait.revents().is_some_and(|events| !events.is_empty());
        let (signalled, told) = (ready(&waits[0]), waits.get(1).is_some_and(ready));
        if told && let Some(fd) = detach.take() {
            let mut status = [0; 4];
            if read(&fd, &mut status) == Ok(4) {
                return End::Detached(i32::from_ne_bytes(status));
            }
        }
        if !signalled {
            continue;
        }
        let Ok(Some(info)) = events.read_signal() else { continue };
        let signal = Signal::try_from(info.ssi_signo as i32).ok().filter(|signal| *signal != Signal::SIGCHLD);
        let from_a_process = info.ssi_code <= 0;
        match (signal, child) {
            (Some(signal), Some(child)) if from_a_process => {
                let _ = kill(child, signal);
            }
            (Some(Signal::SIGTERM), None) => return End::Exited(0),
            _ => {}
        }
    }
}

/// Lets a child go on that has said that it is [bound](bind_to_parent). A parent that dies before can release nobody.
pub(super) fn release(bound: OwnedFd, go: OwnedFd) {
    if read(&bound, &mut [0]) == Ok(1) {
        let _ = write(&go, b"g");
    }
}

/// Makes this process die with its parent, says so, and waits to be released. If the parent died before the kernel knew
/// that this process is bound to it, nobody releases, and this process ends.
///
/// A child in a new process namespace cannot ask for its parent's id: it sees 0.
pub(super) fn bind_to_parent(bound: OwnedFd, go: OwnedFd) {
    let _ = set_pdeathsig(Signal::SIGKILL);
    let _ = write(&bound, b"b");
    drop(bound);
    if read(&go, &mut [0]) != Ok(1) {
        std::process::exit(1);
    }
}

/// Blocks the [`signals`]; returns the mask that was.
pub(super) fn block() -> kernel::Result<SigSet> {
    let mut mask = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&signals()), Some(&mut mask))?;
    Ok(mask)
}

/// Forks a child that dies with this process; returns its id, or nothing in the child. In the parent the [`signals`] are blocked
/// from then on, for [`wait_for`]. Must be called before any thread exists.
pub(super) fn fork_bound() -> kernel::Result<Option<Pid>> {
    fork_bound_with(&block()?)
}

/// As [`fork_bound`], with the signals blocked already; the child gets this mask.
pub(super) fn fork_bound_with(mask: &SigSet) -> kernel::Result<Option<Pid>> {
    let (go_read, go_write) = pipe()?;
    let (bound_read, bound_write) = pipe()?;
    // SAFETY: no other thread exists yet, so the child may do anything.
    match unsafe { fork() }? {
        ForkResult::Child => {
            drop((go_write, bound_read));
            bind_to_parent(bound_write, go_read);
            let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(mask), None);
            Ok(None)
        }
        ForkResult::Parent { child } => {
            drop((go_read, bound_write));
            release(bound_read, go_write);
            Ok(Some(child))
        }
    }
}

/// Does something in a child that dies with this process, passes signals on to it, and returns its status.
pub(super) fn apart(work: impl FnOnce() -> i32) -> kernel::Result<i32> {
    let mask = block()?;
    let Some(child) = fork_bound_with(&mask)? else { std::process::exit(work()) };
    let status = wait_for(Some(child), None).status();
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&mask), None)?;
    Ok(status)
}

fn reap(child: Pid) -> Option<End> {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, status)) if pid == child => return Some(End::Exited(status)),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == child => return Some(End::Killed(signal as i32)),
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return None,
            Ok(_) | Err(_) => {}
        }
    }
}
