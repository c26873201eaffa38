//! Ctrl-C and the signals that end a program: counted by a handler, seen by whoever waits (signal-safety(7)).

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::time::Duration;

static COUNT: AtomicU32 = AtomicU32::new(0);
static LAST: AtomicI32 = AtomicI32::new(0);
static WAKE: OnceLock<EventFd> = OnceLock::new();
static WAKE_FD: AtomicI32 = AtomicI32::new(-1);
static ENDING: AtomicBool = AtomicBool::new(false);
static AT_PROMPT: AtomicBool = AtomicBool::new(false);

extern "C" fn on_signal(signal: i32) {
    let errno = Errno::last();
    COUNT.fetch_add(1, Ordering::SeqCst);
    LAST.store(signal, Ordering::SeqCst);
    if signal != Signal::SIGINT as i32 && signal != Signal::SIGQUIT as i32 {
        ENDING.store(true, Ordering::SeqCst);
    }
    let one = 1u64.to_ne_bytes();
    let fd: RawFd = WAKE_FD.load(Ordering::SeqCst);
    if fd >= 0 {
        // SAFETY: write(2) is async-signal-safe, the buffer is eight bytes long, and a closed descriptor only gives EBADF.
        unsafe { nix::libc::write(fd, one.as_ptr().cast(), one.len()) };
    }
    errno.set();
}

/// Makes Ctrl-\ the same as Ctrl-C: where a lab is in the hands of one who types, a wrong key must not end it.
pub fn catch_quit() -> super::Result<()> {
    let action = SigAction::new(SigHandler::Handler(on_signal), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: as in `catch`.
    unsafe { sigaction(Signal::SIGQUIT, &action)? };
    Ok(())
}

/// Catches SIGINT, SIGTERM and SIGHUP from now on. A child gets the default actions back when it executes a program.
pub fn catch() -> super::Result<()> {
    if WAKE.get().is_none() {
        let event = EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?;
        WAKE_FD.store(event.as_fd().as_raw_fd(), Ordering::SeqCst);
        let _ = WAKE.set(event);
    }
    let action = SigAction::new(SigHandler::Handler(on_signal), SaFlags::SA_RESTART, SigSet::empty());
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        // SAFETY: the handler only touches atomics, write(2) and errno, all async-signal-safe.
        unsafe { sigaction(signal, &action)? };
    }
    Ok(())
}

/// Returns how many such signals came since the last [`clear`].
pub fn count() -> u32 {
    COUNT.load(Ordering::SeqCst)
}

/// Returns whether the last signal was SIGINT (Ctrl-C) rather than one that asks the program to go.
pub fn was_ctrl_c() -> bool {
    LAST.load(Ordering::SeqCst) == Signal::SIGINT as i32
}

/// Returns a descriptor that is readable while a signal is pending; nothing before [`catch`].
pub fn wake_fd() -> Option<BorrowedFd<'static>> {
    WAKE.get().map(|event| event.as_fd())
}

/// Interrupts as Ctrl-C does: for front ends whose Ctrl-C is a message.
pub fn interrupt() {
    let _ = nix::sys::signal::raise(Signal::SIGINT);
}

/// Forgets the signals that came, for the next statement of a REPL.
pub fn clear() {
    if let Some(event) = WAKE.get() {
        let _ = event.read();
    }
    COUNT.store(0, Ordering::SeqCst);
}

/// Returns whether a signal other than Ctrl-C has asked the program to go; [`clear`] does not forget it.
pub fn ending() -> bool {
    ENDING.load(Ordering::SeqCst)
}

/// Runs something that waits for the terminal, as readline does, and may be ended by [`wake_when_ending`].
pub fn at_prompt<T>(wait: impl FnOnce() -> T) -> T {
    AT_PROMPT.store(true, Ordering::SeqCst);
    let result = wait();
    AT_PROMPT.store(false, Ordering::SeqCst);
    result
}

/// From now on, a signal that asks the program to go ends a call of this thread that waits in [`at_prompt`]: read(2) itself goes
/// on after a signal (SA_RESTART), but the line editor returns on SIGINT, which it catches while it reads.
pub fn wake_when_ending() -> super::Result<()> {
    // SAFETY: pthread_self(3) always succeeds.
    let reader = unsafe { nix::libc::pthread_self() };
    let Some(wake) = wake_fd() else { return Ok(()) };
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        loop {
            let _ = poll(&mut [PollFd::new(wake, PollFlags::POLLIN)], PollTimeout::NONE);
            if ending() && AT_PROMPT.load(Ordering::SeqCst) {
                // SAFETY: the thread is the main thread, which lives as long as the process.
                unsafe { nix::libc::pthread_kill(reader, nix::libc::SIGINT) };
            }
            // A Ctrl-C stays readable until the statement that it ends has ended; and what was woken may not have waited yet.
            std::thread::sleep(Duration::from_millis(20));
        }
    })?;
    Ok(())
}
