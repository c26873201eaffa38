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

/// Writes parameters where the calling thread stands; one that is not there is passed over.
pub fn set_here(parameters: &[(&str, &str)]) -> Result<()> {
    for (key, value) in parameters {
        match fs::write(path(key)?, value) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            written => written.map_err(|error| Failure::new(Failure::from(error).errno(), Some(format!("sysctl {key} = {value}"))))?,
        }
    }
    Ok(())
}

/// Reads the parameters that setting this one may change along: `all` and `default` reach every link, and `ip_forward` all that
/// forward (Documentation/networking/ip-sysctl.rst). Each is named by its file below /proc/sys.
pub fn along(netns: &Netns, key: &str) -> Vec<(String, String)> {
    let Ok(path) = path(key) else { return Vec::new() };
    let Ok(file) = path.strip_prefix("/proc/sys").map(|file| file.to_string_lossy().into_owned()) else { return Vec::new() };
    let parts: Vec<&str> = file.split('/').collect();
    let (family, leaves): (&str, Vec<String>) = match parts[..] {
        ["net", "ipv4", "ip_forward"] => ("ipv4", vec!["forwarding".to_string(), "accept_redirects".to_string()]),
        ["net", family @ ("ipv4" | "ipv6"), "conf", "all" | "default", leaf] if leaf == "forwarding" => {
            (family, vec![leaf.to_string(), "accept_redirects".to_string()])
        }
        ["net", family @ ("ipv4" | "ipv6"), "conf", "all" | "default", leaf] => (family, vec![leaf.to_string()]),
        _ => return Vec::new(),
    };
    let folder = format!("net/{family}/conf");
    let read = enter::within(netns, move || {
        let links = fs::read_dir(format!("/proc/sys/{folder}"))?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let files = links.flat_map(|link| leaves.iter().map(|leaf| format!("{folder}/{link}/{leaf}")).collect::<Vec<_>>());
        let extra = folder.contains("ipv4").then(|| "net/ipv4/ip_forward".to_string());
        let value = |file: String| Some((file.clone(), fs::read_to_string(format!("/proc/sys/{file}")).ok()?.trim_end().to_string()));
        Ok(files.chain(extra).filter_map(value).collect())
    });
    read.unwrap_or_default()
}

/// Writes those of the values that are others now; returns how many. What is gone is passed over.
pub fn put_back(netns: &Netns, values: &[(String, String)]) -> Result<usize> {
    let values = values.to_vec();
    enter::within(netns, move || {
        let mut count = 0;
        for (file, old) in values {
            let path = PathBuf::from("/proc/sys").join(file);
            if fs::read_to_string(&path).is_ok_and(|now| now.trim_end() != old) {
                fs::write(path, old)?;
                count += 1;
            }
        }
        Ok(count)
    })
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
