//! The two processes that wait beside a sandbox: the one that the user started, and the init of the process namespace.

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// The signals that a supervisor passes on, and the one that tells of a child.
pub(super) fn signals() -> SigSet {
    [Signal::SIGCHLD, Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect()
}

/// Reaps every child until `child` has ended, passes signals on to it, and returns its exit status (128 + N if signal N killed it).
///
/// The [`signals`] must be blocked. What the terminal sends reaches the whole foreground group, so only what somebody sent to
/// this process alone is passed on.
pub(super) fn wait_for(child: Pid) -> i32 {
    let set = signals();
    loop {
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, status)) if pid == child => return status,
                Ok(WaitStatus::Signaled(pid, signal, _)) if pid == child => return 128 + signal as i32,
                Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => break,
                Ok(_) | Err(_) => {}
            }
        }
        // SAFETY: both pointers are to values that live through the call; zero is a valid siginfo_t to be overwritten.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        let number = unsafe { libc::sigwaitinfo(set.as_ref(), &raw mut info) };
        let from_a_process = info.si_code <= 0;
        if let Ok(signal) = Signal::try_from(number)
            && signal != Signal::SIGCHLD
            && from_a_process
        {
            let _ = kill(child, signal);
        }
    }
}
