//! Ctrl-C and the signals that end a program: counted by a handler, seen by whoever waits (signal-safety(7)).

use nix::errno::Errno;
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

static COUNT: AtomicU32 = AtomicU32::new(0);
static LAST: AtomicI32 = AtomicI32::new(0);
static WAKE: OnceLock<EventFd> = OnceLock::new();
static WAKE_FD: AtomicI32 = AtomicI32::new(-1);

extern "C" fn on_signal(signal: i32) {
    let errno = Errno::last();
    COUNT.fetch_add(1, Ordering::SeqCst);
    LAST.store(signal, Ordering::SeqCst);
    let one = 1u64.to_ne_bytes();
    let fd: RawFd = WAKE_FD.load(Ordering::SeqCst);
    if fd >= 0 {
        // SAFETY: write(2) is async-signal-safe, the buffer is eight bytes long, and a closed descriptor only gives EBADF.
        unsafe { nix::libc::write(fd, one.as_ptr().cast(), one.len()) };
    }
    errno.set();
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

/// Forgets the signals that came, for the next statement of a REPL.
pub fn clear() {
    if let Some(event) = WAKE.get() {
        let _ = event.read();
    }
    COUNT.store(0, Ordering::SeqCst);
}
