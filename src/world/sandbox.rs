//! The sandbox: new user, network, mount, process, host name and IPC namespaces (namespaces(7)), entered before any thread exists.
//!
//! Three processes: the one the user started waits outside and passes signals and exit status on; the init of the process
//! namespace reaps orphans; the third, which returns from [`enter`], does the work. When the first or second dies, by SIGKILL
//! too, the kernel kills every process of the namespace (PR_SET_PDEATHSIG, pid_namespaces(7)), and with the last of them go the
//! namespaces, links and mounts.

use super::HOSTS;
use super::programs;
use super::refusal::explain;
use super::supervise;
use crate::error::Result;
use crate::kernel::{Failure, link, netns};
use nix::errno::Errno;
use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::sched::CloneFlags;
use nix::sys::prctl::{set_name, set_pdeathsig};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::unistd::{ForkResult, Pid, chdir, dup2_stderr, dup2_stdin, dup2_stdout, fork, getgid, getppid, getuid, pipe, setsid};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

const CREATE: &str = "create new namespaces";
const MOUNT_PROC: &str = "mount a private /proc";

/// A step of entering that failed: which, and how.
type Step<T> = std::result::Result<T, (&'static str, Failure)>;

/// Enters a fresh sandbox that ends with this command; returns only in the process that does the work.
pub(super) fn enter() -> Result<()> {
    let made = make(None).map_err(|(step, failure)| explain(step, &failure))?;
    match made {
        Made::Inside => Ok(()),
        Made::Outside(init) => std::process::exit(supervise::wait_for(Some(init), None).status()),
    }
}

/// Makes a sandbox that can outlive this command, whose init holds `lock`; returns the init's process id, and what ties it to this command.
pub(super) fn found(lock: &File) -> Result<(Pid, Tie)> {
    let (ours, its) = UnixStream::pair().map_err(|e| Failure::from(e).doing("make a socket", ""))?;
    match make(Some((lock, &its))).map_err(|(step, failure)| explain(step, &failure))? {
        Made::Outside(init) => Ok((init, Tie(ours))),
        // The init never returns.
        Made::Inside => std::process::exit(1),
    }
}

/// As long as it is there, a sandbox ends with this command, whatever death that dies.
#[derive(Debug)]
pub(super) struct Tie(UnixStream);

impl Tie {
    /// Lets the sandbox outlive this command; returns once it does.
    pub(super) fn cut(mut self) {
        let _ = self.0.write_all(b"s");
        // The init closes its end when it is free.
        let _ = self.0.read(&mut [0]);
    }
}

/// Where [`make`] returns.
enum Made {
    /// In the process that does the work, inside.
    Inside,
    /// In the process that was called, outside, with the process id of the init.
    Outside(Pid),
}

/// What the init of a lasting sandbox holds: the lock, and its end of the [`Tie`] until that is cut.
type Lasting<'a> = (&'a File, &'a UnixStream);

fn make(lasting: Option<Lasting>) -> Step<Made> {
    let first = attempt(lasting, CloneFlags::CLONE_NEWUSER);
    match &first {
        // Root can do without a user namespace where those are forbidden, and in a sandbox in a sandbox: the kernel gives a new user
        // namespace no /proc as long as parts of the present one are covered, as the machine's settings are.
        Err((CREATE | MOUNT_PROC, _)) if getuid().is_root() => attempt(lasting, CloneFlags::empty()).or(first),
        _ => first,
    }
}

fn attempt(lasting: Option<Lasting>, user: CloneFlags) -> Step<Made> {
    let at = |step| move |errno: Errno| (step, Failure::from(errno));
    let (go_read, go_write) = pipe().map_err(at("make a pipe"))?;
    let (report_read, report_write) = pipe().map_err(at("make a pipe"))?;
    let (bound_read, bound_write) = pipe().map_err(at("make a pipe"))?;
    let mut mask = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&supervise::signals()), Some(&mut mask)).map_err(at("block signals"))?;
    let restore = || sigprocmask(SigmaskHow::SIG_SETMASK, Some(&mask), None);

    let flags = user
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWIPC;
    let root = getuid().is_root();
    match clone(flags) {
        Err(errno) => {
            let _ = restore();
            Err((CREATE, errno.into()))
        }
        Ok(Some(init)) => {
            drop((go_read, report_write, bound_write));
            let failed = |step, failure| {
                supervise::wait_for(Some(init), None);
                let _ = restore();
                Err((step, failure))
            };
            if flags.contains(CloneFlags::CLONE_NEWUSER)
                && let Err(failure) = map_ids(init)
            {
                drop(go_write);
                return failed("map this user into the user namespace", failure);
            }
            supervise::release(bound_read, go_write);
            let mut report = String::new();
            let _ = File::from(report_read).read_to_string(&mut report);
            if let Some((step, failure)) = Report::parse(&report) {
                return failed(step, failure);
            }
            if lasting.is_some() {
                let _ = restore();
            }
            Ok(Made::Outside(init))
        }
        Ok(None) => {
            drop((go_write, report_read, bound_read));
            supervise::bind_to_parent(bound_write, go_read);
            init(report_write, &mask, lasting, root);
            Ok(Made::Inside)
        }
    }
}

/// The init of the process namespace; returns only in the process that does the work, and never where it founds a lasting lab.
fn init(report: OwnedFd, mask: &SigSet, lasting: Option<Lasting>, root: bool) {
    if let Err((step, failure)) = furnish(root) {
        let _ = File::from(report).write_all(Report::line(step, &failure).as_bytes());
        std::process::exit(1);
    }
    if let Some((lock, tie)) = lasting {
        detach();
        drop(report);
        wait_for_cut(tie);
        close_all_but(lock);
        std::process::exit(supervise::wait_for(None, None).status());
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
            std::process::exit(supervise::wait_for(Some(child), None).status());
        }
        Err(errno) => {
            let _ = File::from(report).write_all(Report::line("start a process", &errno.into()).as_bytes());
            std::process::exit(1);
        }
    }
}

/// Leaves the terminal, the session and the working directory: a lasting init holds nothing but the namespaces.
fn detach() {
    let _ = setsid();
    let _ = chdir("/");
    if let Ok(null) = File::options().read(true).write(true).open("/dev/null") {
        let _ = dup2_stdin(&null);
        let _ = dup2_stdout(&null);
        let _ = dup2_stderr(&null);
    }
    let _ = set_name(c"labsh-init");
}

/// Waits, as the init that it is, until the [`Tie`] is cut; this process dies with its parent until then.
fn wait_for_cut(mut tie: &UnixStream) {
    if !matches!(tie.read(&mut [0]), Ok(1)) || set_pdeathsig(None).is_err() {
        std::process::exit(1);
    }
}

/// Closes every descriptor above the standard ones but the lock: those of whoever started this command are not ours to hold.
fn close_all_but(lock: &File) {
    let lock = lock.as_raw_fd().unsigned_abs();
    for (first, last) in [(3, lock.saturating_sub(1)), (lock + 1, u32::MAX)] {
        if first <= last {
            // SAFETY: close_range takes three integers; nothing uses or drops what is closed, since this process never returns.
            unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
        }
    }
}

/// Mounts what must be the sandbox's own: /run with /run/netns, /proc of its processes, /sys of its network.
fn furnish(root: bool) -> Step<()> {
    let at = |step| move |errno: Errno| (step, Failure::from(errno));
    let none = None::<&str>;
    let quiet = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).map_err(at("make the mounts private"))?;
    // The user's own folder below /run (display, sound, agents) stays reachable.
    let user_folder = format!("/run/user/{}", getuid());
    let user_folder_held = File::open(&user_folder).ok();
    mount(Some("tmpfs"), "/run", Some("tmpfs"), quiet, Some("mode=755")).map_err(at("mount a private /run"))?;
    fs::create_dir_all("/run/lock").map_err(|e| ("make a folder in /run", e.into()))?;
    // Shared, so that programs with mounts of their own see the names that are made later.
    netns::prepare_names().map_err(|failure| ("make a folder in /run", failure))?;
    own_hosts().map_err(|e| ("make a folder in /run", e.into()))?;
    if let Some(held) = user_folder_held
        && fs::create_dir_all(&user_folder).is_ok()
    {
        let source = format!("/proc/self/fd/{}", held.as_raw_fd());
        let _ = mount(Some(source.as_str()), user_folder.as_str(), none, MsFlags::MS_BIND | MsFlags::MS_REC, none);
    }
    mount(Some("proc"), "/proc", Some("proc"), quiet | MsFlags::MS_NOEXEC, none).map_err(at(MOUNT_PROC))?;
    // A machine whose labsh cannot be found by its path has no stand-ins, and needs none of them.
    let _ = programs::lay_out();
    if root {
        keep_machine_settings();
    }
    // The root namespace of a machine has its loopback up.
    link::loopback_up().map_err(|failure| ("set the loopback up", failure))?;
    // Where a container masks /sys, a new one is refused; the programs then see that of the machine, labsh needs none.
    let _ = mount(Some("sysfs"), "/sys", Some("sysfs"), quiet | MsFlags::MS_NOEXEC, none);
    Ok(())
}

/// Lays an /etc/hosts of the sandbox's own over the machine's, which stays beside it as it was.
fn own_hosts() -> std::io::Result<()> {
    fs::create_dir_all(Path::new(HOSTS).parent().unwrap_or(Path::new("/run")))?;
    let machine = fs::read("/etc/hosts").unwrap_or_default();
    fs::write(format!("{HOSTS}.machine"), &machine)?;
    fs::write(HOSTS, machine)?;
    // A machine without the file has nothing to lay it over.
    let _ = mount(Some(HOSTS), "/etc/hosts", None::<&str>, MsFlags::MS_BIND, None::<&str>);
    Ok(())
}

/// Makes the settings of the whole machine read-only. Ordinary users may not write them anyway; root, whose user id is the same inside
/// as outside, could, since files of /proc ask for the user id and not for capabilities.
fn keep_machine_settings() {
    let none = None::<&str>;
    let bind = |path: &str| mount(Some(path), path, none, MsFlags::MS_BIND, none);
    let read_only =
        MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    for path in ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus"] {
        if bind(path).is_err() {
            continue;
        }
        if path == "/proc/sys" {
            // These belong to the sandbox's own namespaces.
            for own in ["/proc/sys/net", "/proc/sys/user"] {
                let _ = bind(own);
            }
        }
        let _ = mount(none, path, none, read_only, none);
    }
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
    const STEPS: [&'static str; 6] =
        ["make the mounts private", "mount a private /run", "make a folder in /run", MOUNT_PROC, "set the loopback up", "start a process"];

    fn line(step: &str, failure: &Failure) -> String {
        let number = Report::STEPS.iter().position(|known| *known == step).unwrap_or(0);
        format!("{number} {}", failure.errno() as i32)
    }

    fn parse(line: &str) -> Option<(&'static str, Failure)> {
        let (number, errno) = line.split_once(' ')?;
        Some((Report::STEPS.get(number.parse::<usize>().ok()?)?, Errno::from_raw(errno.parse().ok()?).into()))
    }
}
