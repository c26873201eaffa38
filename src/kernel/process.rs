//! Child processes in a namespace: what `ip netns exec` does, and what is needed to wait for them.

use super::{Failure, Netns, Result, enter, netns, signal};
use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::sys::stat::Mode;
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use std::fs;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where per-namespace versions of files of /etc are: /etc/netns/NAME/resolv.conf stands for /etc/resolv.conf (ip-netns(8)).
pub const ETC: &str = "/etc/netns";

/// Where the same lies for the namespaces of a sandbox, in its own /run.
pub const LAB_ETC: &str = "/run/labsh/etc";

/// Makes the mounts that a program of a namespace sees: that namespace's /sys, and /etc/netns/NAME/*, and the lab's own, over /etc.
///
/// Made once for a namespace and entered by each of its programs: to copy and free the mounts anew would cost more than the program.
pub fn mounts(netns: &Netns, name: &str) -> Result<Arc<OwnedFd>> {
    let folders = etc_folders(name);
    let fd = enter::with_new_mounts(netns, move || {
        mount(None::<&str>, "/", None::<&str>, MsFlags::MS_SLAVE | MsFlags::MS_REC, None::<&str>)?;
        // A container may forbid it; the program then sees the /sys of labsh, as one without `mount` would.
        let _ = mount(Some("sysfs"), "/sys", Some("sysfs"), MsFlags::empty(), None::<&str>);
        for entry in folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten() {
            let over = Path::new("/etc").join(entry.file_name());
            restore_target(&over);
            // As `ip netns exec`: what has no counterpart in /etc is passed over.
            let _ = mount(Some(&entry.path()), &over, None::<&str>, MsFlags::MS_BIND, None::<&str>);
        }
        Ok(())
    })?;
    Ok(Arc::new(fd))
}

/// The folders whose files stand for those of /etc; the later ones count more.
pub fn etc_folders(name: &str) -> [PathBuf; 2] {
    [Path::new(ETC).join(name), Path::new(LAB_ETC).join(name)]
}

/// A link into /run, as /etc/resolv.conf often is one, leads nowhere where /run is the sandbox's own: its end is made, empty.
fn restore_target(link: &Path) {
    let Ok(end) = fs::read_link(link) else { return };
    let end = Path::new("/").join(end.strip_prefix("..").unwrap_or(&end));
    let own = end.starts_with("/run/") && !end.components().any(|part| part == Component::ParentDir);
    if own && !end.exists() && end.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok()) {
        let _ = fs::File::create(&end);
    }
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

/// Becomes a program in a namespace and its mounts: the calling process is replaced. Returns only the failure to do so.
pub fn become_program(netns: &Netns, mounts: &OwnedFd, mut command: Command) -> Failure {
    let entered = enter::for_good(netns, mounts);
    match entered {
        Ok(()) => command.exec().into(),
        Err(failure) => failure,
    }
}

/// How long a process is waited for that becomes another program.
const EXEC: Duration = Duration::from_millis(200);

/// How often the processes of a run are looked for, if each time some are found.
const END_TRIES: usize = 20;

/// The environment variable by which the processes of a run of the host world are known.
pub const RUN: &str = "LABSH_RUN";

/// Lists the processes that carry the mark of a run: process id and command line.
pub fn of_run(run: &str) -> Vec<(i32, String)> {
    all().filter(|pid| is_of_run(*pid, run)).map(|pid| (pid, netns::command(pid))).collect()
}

fn is_of_run(pid: i32, run: &str) -> bool {
    let mark = format!("{RUN}={run}");
    let begin = Instant::now();
    loop {
        let before = program_begin(pid);
        let Ok(bytes) = fs::read(format!("/proc/{pid}/environ")) else { return false };
        if bytes.split(|b| *b == 0).any(|entry| entry == mark.as_bytes()) {
            return true;
        }
        // While it becomes another program, its environment is not there, or not the whole of it.
        let is_whole = before.is_some() && before == program_begin(pid);
        if is_whole || fs::read_link(format!("/proc/{pid}/exe")).is_err() || begin.elapsed() > EXEC {
            return false;
        }
        std::thread::yield_now();
    }
}

/// Where the code of a process begins, which is told once execve(2) has filled its memory (field 26 of proc_pid_stat(5)).
fn program_begin(pid: i32) -> Option<u64> {
    stat(pid)?.get(23)?.parse().ok().filter(|begin| *begin != 0)
}

/// Kills the processes that carry the mark of a run, and what they start meanwhile; returns process id and command line of each.
pub fn end_run(run: &str) -> Vec<(i32, String)> {
    let mut ended = Vec::new();
    for _ in 0..END_TRIES {
        let before = ended.len();
        ended.extend(of_run(run).into_iter().filter(|(pid, _)| kill_run(*pid, run)));
        // None is left, or none that can be killed.
        if ended.len() == before {
            break;
        }
    }
    ended
}

/// Kills a process that carries the mark of a run, and no other of the same number; returns whether it did.
fn kill_run(pid: i32, run: &str) -> bool {
    let Ok(fd) = pidfd(pid.unsigned_abs()) else { return false };
    is_of_run(pid, run) && kill_by_fd(&fd, Signal::SIGKILL).is_ok() && readable_within(&fd, Duration::from_secs(2))
}

/// Lists the process ids of this process namespace.
pub fn all() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The fields of /proc/PID/stat behind the name, which may hold anything (proc(5)).
fn stat(pid: i32) -> Option<Vec<String>> {
    fields(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn fields(text: &str) -> Option<Vec<String>> {
    Some(text[text.rfind(')')? + 1..].split_whitespace().map(str::to_string).collect())
}

/// Returns whether a file lies on a mount from which no program may run (mount(8), `noexec`).
pub fn is_on_noexec(path: &str) -> bool {
    statvfs(path).is_ok_and(|mount| mount.flags().contains(FsFlags::ST_NOEXEC))
}

/// Returns the state of a process (`R`, `S`, `T` for stopped, `Z` for dead …) and its parent.
pub fn state(pid: i32) -> Option<(char, i32)> {
    let fields = stat(pid)?;
    Some((fields.first()?.chars().next()?, fields.get(1)?.parse().ok()?))
}

/// Returns whether a process of this group is alive: the dead ones that nobody has reaped yet are not. `proc` is the folder /proc.
pub fn lives_group(group: i32, proc: &OwnedFd) -> bool {
    let here = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    let Ok(mut folder) = Dir::openat(proc, ".", here | OFlag::O_DIRECTORY, Mode::empty()) else { return false };
    let names: Vec<String> = folder.iter().flatten().filter_map(|entry| Some(entry.file_name().to_str().ok()?.to_string())).collect();
    names.iter().filter(|name| name.parse::<i32>().is_ok()).any(|name| {
        let Ok(file) = openat(proc, format!("{name}/stat").as_str(), here, Mode::empty()) else { return false };
        let fields = std::io::read_to_string(fs::File::from(file)).ok().and_then(|text| fields(&text)).unwrap_or_default();
        let is = |place: usize, word: &str| fields.get(place).is_some_and(|field| field == word);
        is(2, &group.to_string()) && !is(0, "Z") && !is(0, "X")
    })
}

/// Returns when a process began, in clock ticks since the machine started: with its id, its identity.
pub fn start_time(pid: i32) -> Option<u64> {
    stat(pid)?.get(19)?.parse().ok()
}

/// Sends a signal to a process.
pub fn signal(pid: i32, signal: Signal) -> Result<()> {
    Ok(nix::sys::signal::kill(Pid::from_raw(pid), signal)?)
}

/// Returns a descriptor that is readable once a process has ended (pidfd_open(2)).
pub fn pidfd(pid: u32) -> Result<OwnedFd> {
    // SAFETY: pidfd_open takes two integers and returns a new descriptor or -1.
    let fd = unsafe { nix::libc::syscall(nix::libc::SYS_pidfd_open, pid, 0) };
    let fd = Errno::result(fd)?;
    // SAFETY: the descriptor is new and owned by nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Waits until a process has ended (true), the time has passed, or a second Ctrl-C asks for haste.
pub fn ended_within(pid: u32, within: Duration) -> bool {
    // A process that is gone altogether has ended.
    pidfd(pid).map_or(true, |fd| readable_within(&fd, within))
}

/// Returns the exit status of a child that has ended (128 + N if signal N ended it), and leaves it to be reaped (WNOWAIT, waitid(2)).
pub fn status(pid: u32) -> Option<i32> {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    match waitid(Id::Pid(Pid::from_raw(pid as i32)), flags) {
        Ok(WaitStatus::Exited(_, status)) => Some(status),
        Ok(WaitStatus::Signaled(_, signal, _)) => Some(128 + signal as i32),
        _ => None,
    }
}

/// Waits until a process has ended, whatever signals come.
pub fn wait_end(pid: u32) {
    let Ok(fd) = pidfd(pid) else { return };
    while let Ok(0) | Err(Errno::EINTR) = poll(&mut [PollFd::new(fd.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE) {}
}

/// Waits until the process of a descriptor has ended (true), the time has passed, or a second Ctrl-C asks for haste.
pub fn readable_within(pidfd: &OwnedFd, within: Duration) -> bool {
    let begin = Instant::now();
    while signal::count() < 2 {
        let left = within.saturating_sub(begin.elapsed());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)], timeout) {
            Ok(0) => return false,
            // A signal came: perhaps the second.
            Err(Errno::EINTR) => {}
            _ => return true,
        }
    }
    false
}

/// Sends a signal to the very process of a descriptor (pidfd_send_signal(2)). One that is gone is no failure.
pub fn kill_by_fd(pidfd: &OwnedFd, signal: Signal) -> Result<()> {
    let none = std::ptr::null::<nix::libc::siginfo_t>();
    // SAFETY: the descriptor is open, and the kernel takes a null siginfo.
    let done = unsafe { nix::libc::syscall(nix::libc::SYS_pidfd_send_signal, pidfd.as_raw_fd(), signal as i32, none, 0) };
    match Errno::result(done) {
        Ok(_) | Err(Errno::ESRCH) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Sends a signal to a whole process group. A group that is gone is no failure.
pub fn kill_group(pid: u32, signal: Signal) -> Result<()> {
    match killpg(Pid::from_raw(pid as i32), signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_becomes_another_program_is_known_all_the_time() {
        const AGAIN: &str = r#"[ "$1" = 0 ] && exec sleep 600; exec sh -c "$0" "$0" $(($1 - 1))"#;
        let mut child = Command::new("sh").args(["-c", AGAIN, AGAIN, "300"]).env(RUN, "this").spawn().unwrap();
        let pid = child.id().cast_signed();
        let mut missed = 0;
        // Until it has become the last one.
        while netns::command(pid) != "sleep 600" {
            missed += i32::from(!is_of_run(pid, "this"));
        }
        let other = is_of_run(pid, "that");
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!((missed, other), (0, false));
    }
}
