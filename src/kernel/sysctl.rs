//! Kernel parameters (sysctl(8)): files of /proc/sys, opened where the namespace's own values are.

use super::{Failure, Netns, Result, enter};
use nix::errno::Errno;
use std::fs;
use std::path::PathBuf;

/// Reads a parameter, without the final line break.
pub fn get(netns: &Netns, key: &str) -> Result<String> {
    let path = path(key)?;
    enter::within(netns, move || Ok(fs::read_to_string(path)?)).map(|text| text.trim_end().to_string())
}

/// Writes a parameter.
pub fn set(netns: &Netns, key: &str, value: &str) -> Result<()> {
    let (path, value) = (path(key)?, value.to_string());
    enter::within(netns, move || Ok(fs::write(path, value)?))
}

/// Lists the names beside a key, for suggestions.
pub fn siblings(netns: &Netns, key: &str) -> Vec<String> {
    let Ok(path) = path(key) else { return Vec::new() };
    let listed = enter::within(netns, move || {
        let parent = path.ancestors().skip(1).find(|parent| parent.is_dir()).map(PathBuf::from).unwrap_or_default();
        let names = fs::read_dir(&parent)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let prefix = parent.strip_prefix("/proc/sys").map(|p| p.to_string_lossy().replace('/', ".")).unwrap_or_default();
        Ok(names.map(|name| if prefix.is_empty() { name } else { format!("{prefix}.{name}") }).collect())
    });
    listed.unwrap_or_default()
}

/// The file of a key. The first separator decides which it is, as sysctl(8) has it; the other one is then part of a name
/// (`net.ipv4.conf.eth0/1.forwarding` is of the interface `eth0.1`).
fn path(key: &str) -> Result<PathBuf> {
    let dotted = key.find('.').unwrap_or(usize::MAX) < key.find('/').unwrap_or(usize::MAX);
    let swapped: String = key
        .chars()
        .map(|c| match c {
            '.' if dotted => '/',
            '/' if dotted => '.',
            other => other,
        })
        .collect();
    let parts: Vec<&str> = swapped.split('/').collect();
    if parts.iter().any(|part| matches!(*part, "" | "." | "..")) || swapped.contains('\0') {
        return Err(Failure::from(Errno::ENOENT));
    }
    Ok(PathBuf::from("/proc/sys").join(swapped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_sysctl_reads_them() {
        let file = |key| path(key).map(|p| p.to_string_lossy().into_owned());
        assert_eq!(file("net.ipv4.ip_forward").unwrap(), "/proc/sys/net/ipv4/ip_forward");
        assert_eq!(file("net/ipv4/ip_forward").unwrap(), "/proc/sys/net/ipv4/ip_forward");
        assert_eq!(file("net/ipv4/conf/eth0.1/rp_filter").unwrap(), "/proc/sys/net/ipv4/conf/eth0.1/rp_filter");
        assert_eq!(file("net.ipv4.conf.eth0/1.rp_filter").unwrap(), "/proc/sys/net/ipv4/conf/eth0.1/rp_filter");
        for bad in ["", "net/../../etc/passwd", "/etc/passwd", "net..ipv4"] {
            assert!(path(bad).is_err(), "{bad}");
        }
    }
}
