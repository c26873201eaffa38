//! Waiting for a descriptor to become readable: pidfds and the event of a signal.

use super::{Result, signal};
use std::os::fd::OwnedFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A descriptor that the runtime watches.
#[derive(Debug)]
pub struct Watch(AsyncFd<OwnedFd>);

impl Watch {
    /// Begins to watch; must be called inside the runtime.
    pub fn new(fd: OwnedFd) -> Result<Watch> {
        // SAFETY: the descriptor is owned, stays the same, and is nowhere else registered.
        let registered = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) };
        Ok(Watch(registered.map_err(std::io::Error::from)?))
    }

    /// Waits until the descriptor is readable.
    pub async fn readable(&self) {
        if self.0.readable().await.is_err() {
            // The runtime is going away, and with it whoever waits.
            std::future::pending::<()>().await;
        }
    }
}

/// Waits until one of the signals that end a program has come; for ever where none is caught.
pub async fn interrupted() {
    let watch = signal::wake_fd().and_then(|fd| fd.try_clone_to_owned().ok()).and_then(|fd| Watch::new(fd).ok());
    match watch {
        Some(watch) => watch.readable().await,
        None => std::future::pending().await,
    }
}
