//! Files of /etc of a namespace's own: what /etc/netns/NAME is to `ip netns exec` (ip-netns(8)), private to the lab.

use super::Netns;
use crate::error::{Error, Kind, Result};
use crate::kernel::process;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

impl Netns {
    fn own_etc(&self, doing: &str, file: &str) -> Result<PathBuf> {
        let subject = format!("`{file}`");
        let error = |kind, cause: &str| Error::new(kind, doing, subject.clone(), cause).in_netns(self.name());
        if file.is_empty() || file.starts_with('.') || file.contains('/') {
            return Err(error(Kind::BadArgument, "it takes the name of a file of /etc, as in \"resolv.conf\""));
        }
        if self.is_root() {
            return Err(error(Kind::BadArgument, "the root namespace has the files of the world itself"));
        }
        if !self.lab().has_own_hosts() {
            let hint = format!("write /etc/netns/{}/{file}, which programs of labsh and `ip netns exec` see", self.name());
            return Err(error(Kind::Unsupported, "in the host world, /etc is the machine's").hint(hint));
        }
        Ok(Path::new(process::LAB_ETC).join(self.name()).join(file))
    }

    /// Writes a file that its programs see in place of the one of /etc.
    ///
    /// # Errors
    ///
    /// `bad-argument`; `unsupported` in the host world; `not-found` when the machine has no such file to lay it over.
    pub fn set_etc(&self, file: &str, text: &str) -> Result<()> {
        let doing = "write file of /etc";
        let path = self.own_etc(doing, file)?;
        let failed = |error: std::io::Error| crate::kernel::Failure::from(error).doing(doing, format!("`{file}`")).in_netns(self.name());
        if fs::symlink_metadata(Path::new("/etc").join(file)).is_err() {
            let cause = format!("the machine has no /etc/{file} that it could be laid over");
            return Err(Error::new(Kind::NotFound, doing, format!("`{file}`"), cause).in_netns(self.name()));
        }
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/run"))).map_err(failed)?;
        fs::write(&path, text).map_err(failed)
    }

    /// Returns a file of /etc as its programs see it.
    ///
    /// # Errors
    ///
    /// `not-found`.
    pub fn etc(&self, file: &str) -> Result<String> {
        let own = self.own_etc("read file of /etc", file).ok().filter(|path| path.is_file());
        let usual = Path::new(process::ETC).join(self.name()).join(file);
        let path = own.or_else(|| usual.is_file().then_some(usual)).unwrap_or_else(|| Path::new("/etc").join(file));
        let failed = |error: std::io::Error| {
            crate::kernel::Failure::from(error).doing("read file of /etc", format!("`{file}`")).in_netns(self.name())
        };
        fs::read_to_string(path).map_err(failed)
    }

    /// Takes a file of its own away; its programs see that of the world again.
    ///
    /// # Errors
    ///
    /// `not-found`.
    pub fn del_etc(&self, file: &str) -> Result<()> {
        let doing = "delete file of /etc";
        let path = self.own_etc(doing, file)?;
        fs::remove_file(path).map_err(|error| {
            crate::kernel::Failure::from(error)
                .doing(doing, format!("`{file}`"))
                .in_netns(self.name())
                .because("this namespace has no such file of its own")
        })
    }

    /// Lists its own files, sorted.
    pub fn own_etc_files(&self) -> Vec<String> {
        let entries = fs::read_dir(Path::new(process::LAB_ETC).join(self.name())).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// Returns the first name server of its resolv.conf.
    ///
    /// # Errors
    ///
    /// `not-found`.
    pub fn nameserver(&self) -> Result<IpAddr> {
        let text = self.etc("resolv.conf").unwrap_or_default();
        let first = text.lines().find_map(|line| line.strip_prefix("nameserver")?.trim().parse().ok());
        first.ok_or_else(|| {
            Error::new(Kind::NotFound, "find name server", "", "its resolv.conf names none")
                .in_netns(self.name())
                .hint(format!("netns::get(\"{}\").nameserver(\"10.0.0.53\")", self.name()))
        })
    }
}
