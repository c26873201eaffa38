//! Network namespaces: made by unshare(2), held by descriptor, named by a bind mount below /run/netns as `ip netns add` does.

use super::{Failure, Result, Socket, enter};
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::statfs::{NSFS_MAGIC, fstatfs};
use std::fs::{self, File, OpenOptions};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Where names are: one file per namespace, a bind mount of its /proc/PID/ns/net.
pub const NAMES: &str = "/run/netns";

/// A network namespace that is held: it lives at least as long as this value.
#[derive(Debug, Clone)]
pub struct Netns {
    fd: Arc<OwnedFd>,
    inode: u64,
}

impl Netns {
    /// Returns the namespace of this process.
    pub fn current() -> Result<Netns> {
        Netns::open(Path::new("/proc/self/ns/net"))
    }

    /// Opens the namespace behind a path: a name's file, or /proc/PID/ns/net.
    pub fn open(path: &Path) -> Result<Netns> {
        Netns::hold(File::open(path)?.into())
    }

    /// Opens the namespace of a name. Fails with EINVAL if no namespace is mounted on its file.
    pub fn named(name: &str) -> Result<Netns> {
        Netns::open_checked(&path(name))
    }

    /// Opens the namespace behind a path. Fails with EINVAL if it is no network namespace.
    pub fn open_checked(path: &Path) -> Result<Netns> {
        let file = File::open(path)?;
        match fstatfs(&file)?.filesystem_type() {
            NSFS_MAGIC => Netns::hold(file.into()),
            _ => Err(Errno::EINVAL.into()),
        }
    }

    /// Makes a namespace with that name, and a netlink socket that lives in it. Fails with EEXIST if the name is taken.
    ///
    /// `before` is told the inode when the namespace exists and has no name yet.
    pub fn create(name: &str, runtime: &Handle, before: impl FnOnce(u64) -> Result<()> + Send + 'static) -> Result<(Netns, Socket)> {
        let path = path(name);
        let (runtime, target) = (runtime.clone(), path.clone());
        let made = enter::in_new(move || {
            before(fs::metadata("/proc/thread-self/ns/net")?.ino())?;
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o444).open(&target)?;
            let named = mount(Some("/proc/thread-self/ns/net"), &target, None::<&str>, MsFlags::MS_BIND, None::<&str>)
                .map_err(Failure::from)
                .and_then(|()| Socket::open_here(&runtime));
            if named.is_err() {
                let _ = umount2(&target, MntFlags::MNT_DETACH);
                let _ = fs::remove_file(&target);
            }
            named
        });
        let (fd, socket) = made?;
        Ok((Netns::hold(fd)?, socket))
    }

    fn hold(fd: OwnedFd) -> Result<Netns> {
        let inode = File::from(fd.try_clone()?).metadata()?.ino();
        Ok(Netns { fd: Arc::new(fd), inode })
    }

    /// Returns the inode of the namespace: the number in `net:[…]`, its identity as long as it lives.
    pub fn inode(&self) -> u64 {
        self.inode
    }

    /// Returns the descriptor.
    pub fn fd(&self) -> Arc<OwnedFd> {
        self.fd.clone()
    }

    /// Returns the descriptor's number, for attributes such as IFLA_NET_NS_FD.
    pub fn raw_fd(&self) -> i32 {
        use std::os::fd::AsRawFd;
        self.fd.as_fd().as_raw_fd()
    }
}

/// Gives a namespace a name: a fresh one (`fresh`), or the one behind a path. Fails with EEXIST if the name is taken.
pub fn publish(name: &str, source: &Path, fresh: bool) -> Result<()> {
    let target = path(name);
    OpenOptions::new().read(true).create_new(true).write(true).mode(0o444).open(&target)?;
    let (file, source) = (target.clone(), source.to_path_buf());
    let bind = move || Ok(mount(Some(source.as_path()), &file, None::<&str>, MsFlags::MS_BIND, None::<&str>)?);
    let named = if fresh { enter::in_new(bind).map(|_| ()) } else { bind() };
    if named.is_err() {
        let _ = fs::remove_file(&target);
    }
    named
}

/// Returns the file of a name.
pub fn path(name: &str) -> PathBuf {
    Path::new(NAMES).join(name)
}

/// Takes the name away. The namespace itself lives on until the last process, socket or descriptor in it is gone.
pub fn remove_name(name: &str) -> Result<()> {
    let path = path(name);
    match umount2(&path, MntFlags::MNT_DETACH) {
        // EINVAL: a file that nothing is mounted on, left by a crash.
        Ok(()) | Err(Errno::EINVAL) => {}
        Err(errno) => return Err(errno.into()),
    }
    Ok(fs::remove_file(&path)?)
}

/// Returns whether a namespace has that name.
pub fn exists(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && !matches!(name, "." | "..") && path(name).exists()
}

/// Returns the inode of the namespace that a name stands for, if it stands for one.
pub fn name_inode(name: &str) -> Option<u64> {
    Netns::named(name).ok().map(|netns| netns.inode())
}

/// Returns whether a name is an empty file that no namespace is mounted on: what a death between two steps leaves.
pub fn is_bare_file(name: &str) -> bool {
    name_inode(name).is_none() && fs::symlink_metadata(path(name)).is_ok_and(|meta| meta.is_file() && meta.len() == 0)
}

/// Lists the names, sorted.
pub fn names() -> Result<Vec<String>> {
    let entries = match fs::read_dir(NAMES) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// Makes the folder of names as iproute2 does: a shared mount, so that a name made here is seen in other mount namespaces too.
pub fn prepare_names() -> Result<()> {
    fs::create_dir_all(NAMES)?;
    let share = || mount(None::<&str>, NAMES, None::<&str>, MsFlags::MS_SHARED | MsFlags::MS_REC, None::<&str>);
    match share() {
        Ok(()) => Ok(()),
        // Not a mount point yet.
        Err(Errno::EINVAL) => {
            mount(Some(NAMES), NAMES, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>)?;
            Ok(share()?)
        }
        Err(errno) => Err(errno.into()),
    }
}

/// Returns the processes whose network namespace this is: process id and command name.
pub fn processes(netns: &Netns) -> Vec<(i32, String)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let mut found: Vec<(i32, String)> = entries
        .filter_map(|entry| {
            let pid: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let inode = fs::metadata(format!("/proc/{pid}/ns/net")).ok()?.ino();
            (inode == netns.inode).then(|| (pid, command(pid)))
        })
        .collect();
    found.sort();
    found
}

/// Returns a process's command line, or its name in brackets where it has none.
pub fn command(pid: i32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<_> = line.split(|b| *b == 0).filter(|w| !w.is_empty()).map(String::from_utf8_lossy).collect();
    match words.is_empty() {
        false => words.join(" "),
        true => format!("[{}]", fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim()),
    }
}

/// The folder of names, watched (inotify(7)).
#[derive(Debug)]
pub struct Folder(Inotify);

impl Folder {
    /// Begins to watch. Fails with ENOENT if there is no folder yet.
    pub fn watch() -> Result<Folder> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC)?;
        inotify.add_watch(NAMES, AddWatchFlags::IN_CREATE | AddWatchFlags::IN_DELETE)?;
        Ok(Folder(inotify))
    }

    /// Waits for names that come (true) or go.
    pub fn changes(&mut self) -> Result<Vec<(String, bool)>> {
        let events = self.0.read_events()?;
        let named =
            events.into_iter().filter_map(|event| Some((event.name?.into_string().ok()?, event.mask.contains(AddWatchFlags::IN_CREATE))));
        Ok(named.collect())
    }
}
