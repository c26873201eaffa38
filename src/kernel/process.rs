//! Child processes in a namespace: what `ip netns exec` does, and what is needed to wait for them.

use super::{Netns, Result, enter};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::fs;
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;

/// Where per-namespace versions of files of /etc are: /etc/netns/NAME/resolv.conf stands for /etc/resolv.conf (ip-netns(8)).
pub const ETC: &str = "/etc/netns";

/// Makes the mounts that a program of a namespace sees: that namespace's /sys, and /etc/netns/NAME/* over /etc.
///
/// Made once for a namespace and entered by each of its programs: to copy and free the mounts anew would cost more than the program.
pub fn mounts(netns: &Netns, name: &str) -> Result<Arc<OwnedFd>> {
    let etc = Path::new(ETC).join(name);
    let fd = enter::with_new_mounts(netns, move || {
        mount(None::<&str>, "/", None::<&str>, MsFlags::MS_SLAVE | MsFlags::MS_REC, None::<&str>)?;
        // A container may forbid it; the program then sees the /sys of labsh, as one without `mount` would.
        let _ = mount(Some("sysfs"), "/sys", Some("sysfs"), MsFlags::empty(), None::<&str>);
        for entry in fs::read_dir(&etc).into_iter().flatten().flatten() {
            let over = Path::new("/etc").join(entry.file_name());
            // As `ip netns exec`: what has no counterpart in /etc is passed over.
            let _ = mount(Some(&entry.path()), &over, None::<&str>, MsFlags::MS_BIND, None::<&str>);
        }
        Ok(())
    })?;
    Ok(Arc::new(fd))
}

/// Returns the mounts of labsh itself, for programs of the root namespace: what they mount, as `ip netns add` does, labsh sees too.
pub fn own_mounts() -> Result<Arc<OwnedFd>> {
    Ok(Arc::new(fs::File::open("/proc/self/ns/mnt")?.into()))
}

/// Starts a program in a namespace and its mounts. The command must say its working directory: the mounts begin at `/`.
pub fn spawn(netns: &Netns, mounts: Arc<OwnedFd>, mut command: Command) -> Result<Child> {
    // The child inherits where the thread stands, so that nothing has to run between fork and exec, and the library can use vfork.
    enter::within_mounts(netns, mounts, move || Ok(command.spawn()?))
}

/// Returns a descriptor that is readable once a process has ended (pidfd_open(2)).
pub fn pidfd(pid: u32) -> Result<OwnedFd> {
    // SAFETY: pidfd_open takes two integers and returns a new descriptor or -1.
    let fd = unsafe { nix::libc::syscall(nix::libc::SYS_pidfd_open, pid, 0) };
    let fd = Errno::result(fd)?;
    // SAFETY: the descriptor is new and owned by nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Sends a signal to a whole process group. A group that is gone is no failure.
pub fn kill_group(pid: u32, signal: Signal) -> Result<()> {
    match killpg(Pid::from_raw(pid as i32), signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}
