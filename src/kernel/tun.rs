//! Persistent tun and tap links (`ip tuntap add`): made by an ioctl of /dev/net/tun, in the namespace in which it is opened.

use super::{Failure, Netns, Result, enter};
use crate::name::IfName;
use nix::errno::Errno;
use nix::libc;
use std::fs::OpenOptions;
use std::os::fd::AsRawFd;

/// What is to be made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tun {
    /// Ethernet (`tap`) rather than IP packets.
    pub tap: bool,
    /// `pi`: four bytes before each packet say its protocol.
    pub pi: bool,
    /// `multi_queue`.
    pub multi_queue: bool,
    /// `vnet_hdr`.
    pub vnet_hdr: bool,
    /// `one_queue`: remembered by the kernel, which has had no use for it since 3.8.
    pub one_queue: bool,
}

// linux/if_tun.h
const TUNSETIFF: libc::c_ulong = 0x4004_54ca;
const TUNSETPERSIST: libc::c_ulong = 0x4004_54cb;
const IFF_TUN: i16 = 0x0001;
const IFF_TAP: i16 = 0x0002;
const IFF_MULTI_QUEUE: i16 = 0x0100;
const IFF_NO_PI: i16 = 0x1000;
const IFF_ONE_QUEUE: i16 = 0x2000;
const IFF_VNET_HDR: i16 = 0x4000;
const IFF_TUN_EXCL: i16 = i16::MIN;

/// Makes a link that stays until it is deleted. Fails with EBUSY if the name is taken, with ENOENT where /dev/net/tun is missing.
///
/// `note` is told its index while it still goes with this process.
pub fn add(netns: &Netns, name: &IfName, tun: Tun, note: impl FnOnce(u32) -> Result<()> + Send + 'static) -> Result<()> {
    let name = name.clone();
    enter::within(netns, move || {
        let device = OpenOptions::new().read(true).write(true).open("/dev/net/tun")?;
        // SAFETY: an ifreq of zeros is valid.
        let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
        for (to, from) in request.ifr_name.iter_mut().zip(name.as_str().bytes()) {
            *to = from as libc::c_char;
        }
        let flag = |on: bool, bit: i16| if on { bit } else { 0 };
        request.ifr_ifru.ifru_flags = if tun.tap { IFF_TAP } else { IFF_TUN }
            | flag(!tun.pi, IFF_NO_PI)
            | flag(tun.multi_queue, IFF_MULTI_QUEUE)
            | flag(tun.vnet_hdr, IFF_VNET_HDR)
            | IFF_TUN_EXCL;
        // SAFETY: the descriptor is open, and TUNSETIFF reads and writes one ifreq, which lives through the call.
        Errno::result(unsafe { libc::ioctl(device.as_raw_fd(), TUNSETIFF as _, &raw mut request) }).map_err(Failure::from)?;
        note(nix::net::if_::if_nametoindex(name.as_str())?)?;
        // SAFETY: the descriptor is open, and TUNSETPERSIST takes a number.
        Errno::result(unsafe { libc::ioctl(device.as_raw_fd(), TUNSETPERSIST as _, 1) }).map_err(Failure::from)?;
        Ok(())
    })
}

/// Returns whether a link was made with `one_queue`, which only its file in /sys tells.
pub fn one_queue(name: &str) -> bool {
    let flags = std::fs::read_to_string(format!("/sys/class/net/{name}/tun_flags")).unwrap_or_default();
    let flags = flags.trim().strip_prefix("0x").and_then(|hex| u32::from_str_radix(hex, 16).ok());
    flags.is_some_and(|flags| flags & IFF_ONE_QUEUE as u32 != 0)
}

/// Returns the processes that hold a link open, and their programs: a descriptor of /dev/net/tun tells its link (proc(5), fdinfo).
pub fn holders(name: &str) -> Vec<(u32, String)> {
    let folder = |path: String| std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut found = Vec::new();
    for pid in folder("/proc".to_string()).filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()) {
        let holds = folder(format!("/proc/{pid}/fdinfo")).any(|entry| {
            let told = std::fs::read_to_string(entry.path()).unwrap_or_default();
            told.lines().any(|line| line.strip_prefix("iff:").is_some_and(|own| own.trim() == name))
        });
        if holds {
            let program = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            found.push((pid, program.trim().to_string()));
        }
    }
    found
}

/// A persistent link in the namespace of the calling thread.
#[derive(Debug, Clone, Default)]
pub struct Persistent {
    /// Its name; the kernel chooses one where it is empty.
    pub name: String,
    /// What it is.
    pub tun: Tun,
    /// Who may use it.
    pub user: Option<u32>,
    /// Which group may use it.
    pub group: Option<u32>,
}

const TUNSETOWNER: libc::c_ulong = 0x4004_54cc;
const TUNSETGROUP: libc::c_ulong = 0x4004_54ce;

/// Makes a persistent link, or takes its persistence, and with that the link, away. A failure names the request that failed.
pub fn persist(link: &Persistent, add: bool) -> std::result::Result<(), (&'static str, Failure)> {
    let device = OpenOptions::new().read(true).write(true).open("/dev/net/tun").map_err(|error| ("open", error.into()))?;
    // SAFETY: an ifreq of zeros is valid.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(link.name.bytes()) {
        *to = from as libc::c_char;
    }
    let flag = |on: bool, bit: i16| if on { bit } else { 0 };
    request.ifr_ifru.ifru_flags = if link.tun.tap { IFF_TAP } else { IFF_TUN }
        | flag(!link.tun.pi, IFF_NO_PI)
        | flag(link.tun.one_queue, IFF_ONE_QUEUE)
        | flag(link.tun.multi_queue, IFF_MULTI_QUEUE)
        | flag(link.tun.vnet_hdr, IFF_VNET_HDR)
        | flag(add, IFF_TUN_EXCL);
    let fd = device.as_raw_fd();
    // SAFETY: the descriptor is open, and TUNSETIFF reads and writes one ifreq, which lives through the call.
    Errno::result(unsafe { libc::ioctl(fd, TUNSETIFF as _, &raw mut request) }).map_err(|e| ("ioctl(TUNSETIFF)", e.into()))?;
    let set = |request: libc::c_ulong, value: u32, name| {
        // SAFETY: the descriptor is open, and these requests take a number.
        Errno::result(unsafe { libc::ioctl(fd, request as _, libc::c_ulong::from(value)) })
            .map(|_| ())
            .map_err(|e| (name, Failure::from(e)))
    };
    if let (Some(user), true) = (link.user, add) {
        set(TUNSETOWNER, user, "ioctl(TUNSETOWNER)")?;
    }
    if let (Some(group), true) = (link.group, add) {
        set(TUNSETGROUP, group, "ioctl(TUNSETGROUP)")?;
    }
    set(TUNSETPERSIST, u32::from(add), "ioctl(TUNSETPERSIST)")
}
