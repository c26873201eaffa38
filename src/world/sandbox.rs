//! The sandbox: new user, network, mount, process, host name and IPC namespaces (namespaces(7)), entered before any thread exists.
//!
//! Three processes: the one the user started waits outside and passes signals and exit status on; the init of the process
//! namespace reaps orphans; the third, which returns from [`enter`], does the work. When the first or second dies, by SIGKILL
//! too, the kernel kills every process of the namespace (PR_SET_PDEATHSIG, pid_namespaces(7)), and with the last of them go the
//! namespaces, links and mounts.

use super::refusal::explain;
use super::supervise;
use crate::error::Result;
use crate::kernel::{Failure, terminal};
use nix::errno::Errno;
use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::sched::CloneFlags;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::unistd::{ForkResult, Pid, fork, getgid, getppid, getuid, pipe};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

/// A step of entering that failed: which, and how.
type Step<T> = std::result::Result<T, (&'static str, Failure)>;

pub(super) fn enter() -> Result<()> {
    try_enter().map_err(|(step, failure)| explain(step, &failure))
}

fn try_enter() -> Step<()> {
    let at = |step| move |errno: Errno| (step, Failure::from(errno));
    let (go_read, go_write) = pipe().map_err(at("make a pipe"))?;
    let (report_read, report_write) = pipe().map_err(at("make a pipe"))?;
    let mut mask = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&supervise::signals()), Some(&mut mask)).map_err(at("block signals"))?;

    let mut flags = CloneFlags::CLONE_NEWUSER
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWIPC;
    let mut cloned = clone(flags);
    if cloned.is_err() && getuid().is_root() {
        // Root can do without a user namespace where those are forbidden.
        flags.remove(CloneFlags::CLONE_NEWUSER);
        cloned = clone(flags).or(cloned);
    }
    let restore = |step: &'static str, failure: Failure| {
        let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&mask), None);
        (step, failure)
    };
    match cloned {
        Err(errno) => Err(restore("create a user namespace", errno.into())),
        Ok(Some(init)) => {
            drop((go_read, report_write));
            if flags.contains(CloneFlags::CLONE_NEWUSER)
                && let Err(failure) = map_ids(init)
            {
                drop(go_write);
                supervise::wait_for(init);
                return Err(restore("map this user into the user namespace", failure));
            }
            let _ = File::from(go_write).write_all(b"g");
            let mut report = String::new();
            let _ = File::from(report_read).read_to_string(&mut report);
            if let Some(failed) = Report::parse(&report) {
                supervise::wait_for(init);
                return Err(restore(failed.0, failed.1));
            }
            let status = supervise::wait_for(init);
            // The REPL had the terminal in a group of its own.
            terminal::take_back();
            std::process::exit(status);
        }
        Ok(None) => {
            drop((go_write, report_read));
            init(go_read, report_write, &mask);
            Ok(())
        }
    }
}

/// The init of the process namespace; returns only in the process that does the work.
fn init(go: OwnedFd, report: OwnedFd, mask: &SigSet) {
    // If the parent died before this, reading ends without a byte; if it dies later, the signal comes.
    let _ = set_pdeathsig(Signal::SIGKILL);
    let mut byte = [0];
    if File::from(go).read(&mut byte).unwrap_or(0) == 0 {
        std::process::exit(1);
    }
    if let Err((step, failure)) = furnish() {
        let _ = File::from(report).write_all(Report::line(step, &failure).as_bytes());
        std::process::exit(1);
    }
    // SAFETY: no other thread exists yet, so the child may do anything.
    match unsafe { fork() } {
        Ok(ForkResult::Child) => {
            let _ = set_pdeathsig(Signal::SIGKILL);
            if getppid() != Pid::from_raw(1) {
                std::process::exit(1);
            }
            let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(mask), None);
            raise_descriptor_limit();
        }
        Ok(ForkResult::Parent { child }) => {
            drop(report);
            std::process::exit(supervise::wait_for(child));
        }
        Err(errno) => {
            let _ = File::from(report).write_all(Report::line("start a process", &errno.into()).as_bytes());
            std::process::exit(1);
        }
    }
}

/// Mounts what must be the sandbox's own: /run with /run/netns, /proc of its processes, /sys of its network.
fn furnish() -> Step<()> {
    let at = |step| move |errno: Errno| (step, Failure::from(errno));
    let none = None::<&str>;
    let quiet = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).map_err(at("make the mounts private"))?;
    // The user's own folder below /run (display, sound, agents) stays reachable.
    let user_folder = format!("/run/user/{}", getuid());
    let user_folder_held = File::open(&user_folder).ok();
    mount(Some("tmpfs"), "/run", Some("tmpfs"), quiet, Some("mode=755")).map_err(at("mount a private /run"))?;
    for folder in ["/run/netns", "/run/lock"] {
        fs::create_dir_all(folder).map_err(|e| ("make a folder in /run", e.into()))?;
    }
    if let Some(held) = user_folder_held
        && fs::create_dir_all(&user_folder).is_ok()
    {
        let source = format!("/proc/self/fd/{}", held.as_raw_fd());
        let _ = mount(Some(source.as_str()), user_folder.as_str(), none, MsFlags::MS_BIND | MsFlags::MS_REC, none);
    }
    mount(Some("proc"), "/proc", Some("proc"), quiet | MsFlags::MS_NOEXEC, none).map_err(at("mount a private /proc"))?;
    // Where a container masks /sys, a new one is refused; the programs then see that of the machine, labsh needs none.
    let _ = mount(Some("sysfs"), "/sys", Some("sysfs"), quiet | MsFlags::MS_NOEXEC, none);
    Ok(())
}

/// Lets the process of `pid` be root in its user namespace: all ids for root, only the own ones for others (user_namespaces(7)).
fn map_ids(pid: Pid) -> std::result::Result<(), Failure> {
    let of = |file: &str| format!("/proc/{pid}/{file}");
    let identity = |file: &str| -> Option<String> {
        let map = fs::read_to_string(Path::new("/proc/self").join(file)).ok()?;
        let rows: Option<Vec<String>> = map
            .lines()
            .map(|line| {
                let mut numbers = line.split_whitespace();
                let (inside, _, count) = (numbers.next()?, numbers.next()?, numbers.next()?);
                Some(format!("{inside} {inside} {count}"))
            })
            .collect();
        Some(rows?.join("\n"))
    };
    if getuid().is_root()
        && let (Some(uids), Some(gids)) = (identity("uid_map"), identity("gid_map"))
        && fs::write(of("uid_map"), uids).is_ok()
    {
        return Ok(fs::write(of("gid_map"), gids)?);
    }
    fs::write(of("setgroups"), "deny")?;
    fs::write(of("uid_map"), format!("0 {} 1", getuid()))?;
    Ok(fs::write(of("gid_map"), format!("0 {} 1", getgid()))?)
}

/// Forks into new namespaces; `None` is the child.
fn clone(flags: CloneFlags) -> std::result::Result<Option<Pid>, Errno> {
    let flags = flags.bits() as libc::c_long | libc::c_long::from(libc::SIGCHLD);
    // SAFETY: without a stack and without CLONE_VM this is fork(2) with flags, and no other thread exists yet.
    let pid = Errno::result(unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) })?;
    Ok((pid != 0).then(|| Pid::from_raw(pid as i32)))
}

/// A lab holds two descriptors per namespace; the usual limit of 1024 would end at 500.
pub(super) fn raise_descriptor_limit() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard.min(1 << 20), hard);
    }
}

/// How the init tells the outer process which step failed: its number and the errno.
struct Report;

impl Report {
    const STEPS: [&'static str; 5] =
        ["make the mounts private", "mount a private /run", "make a folder in /run", "mount a private /proc", "start a process"];

    fn line(step: &str, failure: &Failure) -> String {
        let number = Report::STEPS.iter().position(|known| *known == step).unwrap_or(0);
        format!("{number} {}", failure.errno() as i32)
    }

    fn parse(line: &str) -> Option<(&'static str, Failure)> {
        let (number, errno) = line.split_once(' ')?;
        Some((Report::STEPS.get(number.parse::<usize>().ok()?)?, Errno::from_raw(errno.parse().ok()?).into()))
    }
}
