//! The host world: the machine's real root namespace, for root alone.

use crate::error::{Error, Kind, Result};
use crate::kernel::netns::{self, NAMES};
use nix::mount::{MntFlags, umount2};
use std::fs;
use std::path::Path;

/// linux/capability.h
const CAP_NET_ADMIN: u32 = 12;
pub(super) const CAP_SYS_ADMIN: u32 = 21;

/// Checks the privileges and makes the folder of names; returns whether it was not there before.
pub(super) fn enter() -> Result<bool> {
    check()?;
    let new = !Path::new(NAMES).exists();
    netns::prepare_names().map_err(|failure| failure.doing("prepare", format!("`{NAMES}`")))?;
    Ok(new)
}

/// Checks the privileges.
pub(super) fn check() -> Result<()> {
    let missing: Vec<&str> = [(CAP_SYS_ADMIN, "CAP_SYS_ADMIN"), (CAP_NET_ADMIN, "CAP_NET_ADMIN")]
        .into_iter()
        .filter(|(bit, _)| !capable(*bit))
        .map(|(_, name)| name)
        .collect();
    if !missing.is_empty() {
        let cause = format!("this process lacks {}", missing.join(" and "));
        let error = Error::new(Kind::NotPermitted, "use the host world", "", cause);
        return Err(error.hint("run it with sudo, or without --host in a private sandbox, which needs no root"));
    }
    Ok(())
}

/// Takes the folder of names away again, unless somebody has a name in it.
pub(super) fn remove_names_folder() {
    if netns::names().is_ok_and(|names| names.is_empty()) {
        let _ = umount2(NAMES, MntFlags::MNT_DETACH);
        let _ = fs::remove_dir(NAMES);
    }
}

/// Whether this process has a capability.
pub(super) fn capable(bit: u32) -> bool {
    capabilities() & (1 << bit) != 0
}

/// The effective capabilities as a bit set (proc(5), CapEff).
fn capabilities() -> u64 {
    fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"))?;
            u64::from_str_radix(line.trim(), 16).ok()
        })
        .unwrap_or(0)
}
