//! Entering a network namespace: the only place in the program that calls setns(2) in-process.
//!
//! One thread does it for all, so that the rest of the program never changes its namespaces. It enters, runs a short job (make a
//! socket, open a file of /proc/sys, start a child that inherits where the thread stands), and returns home before the next.

use super::{Failure, Netns, Result};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::fchdir;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};

type Job = Box<dyn FnOnce(&Home) + Send>;

/// Where the thread stands when it has nothing to do.
struct Home {
    net: File,
    mnt: File,
}

impl Home {
    fn here() -> Result<Home> {
        Ok(Home { net: File::open("/proc/self/ns/net")?, mnt: File::open("/proc/self/ns/mnt")? })
    }
}

/// Runs a job in a network namespace and returns its result.
pub fn within<T: Send + 'static>(netns: &Netns, job: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let fd = netns.fd();
    run(move |home| {
        setns(fd.as_fd(), CloneFlags::CLONE_NEWNET)?;
        let result = job();
        setns(home.net.as_fd(), CloneFlags::CLONE_NEWNET).expect("the own namespace can be entered again");
        result
    })
}

/// Runs a job in a network namespace and a mount namespace. The working directory is `/` meanwhile.
pub fn within_mounts<T: Send + 'static>(
    netns: &Netns,
    mounts: Arc<OwnedFd>,
    job: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let fd = netns.fd();
    run(move |home| {
        setns(fd.as_fd(), CloneFlags::CLONE_NEWNET)?;
        let result = setns(mounts.as_fd(), CloneFlags::CLONE_NEWNS).map_err(Failure::from).and_then(|()| job());
        setns(home.mnt.as_fd(), CloneFlags::CLONE_NEWNS).expect("the own mount namespace can be entered again");
        setns(home.net.as_fd(), CloneFlags::CLONE_NEWNET).expect("the own namespace can be entered again");
        result
    })
}

/// Runs a job in a network namespace and a fresh copy of the mounts, and returns a descriptor of that copy.
pub fn with_new_mounts(netns: &Netns, job: impl FnOnce() -> Result<()> + Send + 'static) -> Result<OwnedFd> {
    let fd = netns.fd();
    run(move |home| {
        setns(fd.as_fd(), CloneFlags::CLONE_NEWNET)?;
        let result = unshare(CloneFlags::CLONE_NEWNS)
            .map_err(Failure::from)
            .and_then(|()| job())
            .and_then(|()| Ok(File::open("/proc/thread-self/ns/mnt")?.into()));
        setns(home.mnt.as_fd(), CloneFlags::CLONE_NEWNS).expect("the own mount namespace can be entered again");
        setns(home.net.as_fd(), CloneFlags::CLONE_NEWNET).expect("the own namespace can be entered again");
        result
    })
}

/// Makes a new network namespace, runs a job in it, and returns the descriptor with the job's result.
pub fn in_new<T: Send + 'static>(job: impl FnOnce() -> Result<T> + Send + 'static) -> Result<(OwnedFd, T)> {
    run(move |home| {
        unshare(CloneFlags::CLONE_NEWNET)?;
        let result = File::open("/proc/thread-self/ns/net").map_err(Failure::from).and_then(|file| Ok((file.into(), job()?)));
        setns(home.net.as_fd(), CloneFlags::CLONE_NEWNET).expect("the own namespace can be entered again");
        result
    })
}

static ALONE: AtomicBool = AtomicBool::new(false);

/// Says that this program has one thread and serves one command: jobs are run by it, without the way to another thread and back,
/// which takes long where many programs run.
pub fn alone() {
    ALONE.store(true, Ordering::Relaxed);
}

fn run_here<T>(job: impl FnOnce(&Home) -> Result<T>) -> Result<T> {
    let (home, here) = (Home::here()?, File::open(".")?);
    unshare(CloneFlags::CLONE_FS)?;
    let result = job(&home);
    // Who enters a mount namespace stands at its root.
    fchdir(here.as_fd())?;
    result
}

fn run<T: Send + 'static>(job: impl FnOnce(&Home) -> Result<T> + Send + 'static) -> Result<T> {
    if ALONE.load(Ordering::Relaxed) {
        return run_here(job);
    }
    static THREAD: OnceLock<Mutex<Option<Sender<Job>>>> = OnceLock::new();
    let slot = THREAD.get_or_init(Default::default);
    let (answer, result) = channel();
    let job: Job = Box::new(move |home| {
        let _ = answer.send(job(home));
    });
    {
        let mut sender = slot.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let undelivered = match sender.as_ref() {
            Some(thread) => thread.send(job).err().map(|unsent| unsent.0),
            None => Some(job),
        };
        if let Some(job) = undelivered {
            let thread = start()?;
            let _ = thread.send(job);
            *sender = Some(thread);
        }
    }
    // A thread that could not return home has ended; the next job gets a new one.
    result.recv().map_err(|_| Failure::from(nix::errno::Errno::EIO))?
}

fn start() -> Result<Sender<Job>> {
    let (sender, jobs) = channel::<Job>();
    let home = Home::here()?;
    std::thread::Builder::new().name("netns".into()).spawn(move || {
        // setns(2) into a mount namespace is refused to a thread that shares its working directory with others.
        if unshare(CloneFlags::CLONE_FS).is_ok() {
            for job in jobs {
                job(&home);
            }
        }
    })?;
    Ok(sender)
}

/// Moves the calling thread into a namespace and its mounts for good, before it becomes another program.
pub fn for_good(netns: &Netns, mounts: &OwnedFd) -> Result<()> {
    unshare(CloneFlags::CLONE_FS)?;
    setns(netns.fd().as_fd(), CloneFlags::CLONE_NEWNET)?;
    Ok(setns(mounts.as_fd(), CloneFlags::CLONE_NEWNS)?)
}

/// Moves the calling thread into a namespace for good; the mounts stay.
pub fn net_for_good(netns: &Netns) -> Result<()> {
    Ok(setns(netns.fd().as_fd(), CloneFlags::CLONE_NEWNET)?)
}

/// Starts a thread that stands in a namespace and its mounts for good, for a call that may block.
pub fn thread_within(netns: &Netns, mounts: Arc<OwnedFd>, job: impl FnOnce() + Send + 'static) -> Result<()> {
    let fd = netns.fd();
    std::thread::Builder::new().name("in-netns".into()).spawn(move || {
        let entered = unshare(CloneFlags::CLONE_FS)
            .and_then(|()| setns(fd.as_fd(), CloneFlags::CLONE_NEWNET))
            .and_then(|()| setns(mounts.as_fd(), CloneFlags::CLONE_NEWNS));
        drop((fd, mounts));
        if entered.is_ok() {
            job();
        }
    })?;
    Ok(())
}
