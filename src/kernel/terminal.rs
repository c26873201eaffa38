//! The terminal as a resource that process groups hand to one another (tcsetpgrp(3), credentials(7)).
//!
//! The REPL of a sandbox stands in a process namespace from which the group that the user's shell made cannot be named. So it
//! makes a group of its own; its supervisor outside gives the terminal back when that group is gone.

use super::{Netns, Result, process};
use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, killpg, pthread_sigmask, sigaction};
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpgrp, getpid, isatty, setpgid, tcgetpgrp, tcsetpgrp};
use std::io::{Write, stdin, stdout};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

static FOREGROUND: AtomicBool = AtomicBool::new(false);
static OWN: AtomicBool = AtomicBool::new(false);

extern "C" fn stay(_: i32) {}

/// Notes whether this process holds the terminal; to be asked before a sandbox is entered, where it can no longer be told.
pub fn look() {
    let foreground = isatty(stdin()).unwrap_or(false) && tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp());
    FOREGROUND.store(foreground, Ordering::SeqCst);
}

/// Makes a process group of its own and takes the terminal along, so that it can be handed to programs and taken back.
pub fn own() -> Result<()> {
    if !FOREGROUND.load(Ordering::SeqCst) {
        return Ok(());
    }
    // Ctrl-Z would stop this process, but not those that wait for it. A handler, unlike ignoring, does not reach the programs.
    let action = SigAction::new(SigHandler::Handler(stay), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler does nothing.
    unsafe { sigaction(Signal::SIGTSTP, &action)? };
    match setpgid(Pid::from_raw(0), Pid::from_raw(0)) {
        // A session leader leads its group already.
        Ok(()) | Err(Errno::EPERM) => {}
        Err(errno) => return Err(errno.into()),
    }
    give_to(getpid())?;
    OWN.store(true, Ordering::SeqCst);
    Ok(())
}

/// Hands the terminal to a group. A group in the background that does so is stopped (SIGTTOU) unless it blocks the signal.
fn give_to(group: Pid) -> Result<()> {
    let mut before = SigSet::empty();
    let block = SigSet::from(Signal::SIGTTOU);
    pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&block), Some(&mut before))?;
    let given = tcsetpgrp(stdin(), group);
    pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&before), None)?;
    Ok(given?)
}

/// Takes the terminal back from a group that is gone, for whoever reads it next.
pub fn take_back() {
    if let Ok(holder) = tcgetpgrp(stdin())
        && holder != getpgrp()
        && killpg(holder, None) == Err(Errno::ESRCH)
    {
        let _ = give_to(getpgrp());
    }
}

/// Takes the terminal back from programs that are being killed, and gives it the modes that it had, and the usual screen and cursor.
/// Where somebody else holds it, as the shell that this command was stopped from, nothing is touched.
/// `proc` is the folder /proc of this process's own process namespace.
pub fn restore(modes: &Termios, proc: &OwnedFd) {
    let begin = Instant::now();
    let ours = || tcgetpgrp(stdin()).is_ok_and(|holder| holder == getpgrp());
    while let Ok(holder) = tcgetpgrp(stdin())
        && !ours()
        && begin.elapsed() < Duration::from_millis(500)
    {
        // Its dead ones are still of the group until somebody reaps them.
        match process::lives_group(holder.as_raw(), proc) {
            false => drop(give_to(getpgrp())),
            true => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    if ours() {
        let _ = tcsetattr(stdin(), SetArg::TCSANOW, modes);
        if isatty(stdout()).unwrap_or(false) {
            // The screen of vim or less is another one than that of the shell (xterm's 1047), and the cursor may be hidden.
            let _ = stdout().write_all(b"\x1b[?1047l\x1b[?25h\x1b[0m").and_then(|()| stdout().flush());
        }
    }
}

/// Runs a program with the terminal to its end: Ctrl-C and Ctrl-\ go to it, and it may change the modes. Returns its exit status
/// (128 + N if signal N ended it).
pub fn run(netns: &Netns, mounts: Arc<OwnedFd>, mut command: Command) -> Result<i32> {
    let own = OWN.load(Ordering::SeqCst);
    let modes = own.then(|| tcgetattr(stdin()).ok()).flatten();
    command.process_group(0);
    if own {
        // SAFETY: the closure makes system calls only.
        unsafe { command.pre_exec(|| give_to(getpid()).map_err(|failure| std::io::Error::from_raw_os_error(failure.errno() as i32))) };
    }
    let spawned = process::spawn(netns, mounts, command);
    let status = spawned.and_then(|child| wait(Pid::from_raw(child.id() as i32)));
    if own {
        give_to(getpid())?;
    }
    if let Some(modes) = modes {
        let _ = tcsetattr(stdin(), SetArg::TCSADRAIN, &modes);
    }
    status
}

fn wait(child: Pid) -> Result<i32> {
    loop {
        match waitpid(child, Some(WaitPidFlag::WUNTRACED)) {
            Ok(WaitStatus::Exited(_, status)) => return Ok(status),
            Ok(WaitStatus::Signaled(_, signal, _)) => return Ok(128 + signal as i32),
            // There is no `fg` here: what is stopped goes on.
            Ok(WaitStatus::Stopped(..)) => {
                let _ = killpg(child, Signal::SIGCONT);
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}
