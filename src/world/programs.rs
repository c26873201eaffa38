//! Stand-ins for iproute2: labsh under the names `ip`, `bridge` and `tc`, in a private folder at the end of PATH. Where the machine has the
//! real ones, those are found first.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

/// The folder, private to a sandbox or named lab.
const FOLDER: &str = "/run/labsh/bin";
const NAMES: [&str; 3] = ["ip", "bridge", "tc"];

/// Makes the folder, in the init of a sandbox.
pub(super) fn lay_out() -> io::Result<()> {
    let labsh = fs::read_link("/proc/self/exe")?;
    // What was replaced while it runs has no path any more.
    if !labsh.exists() {
        return Ok(());
    }
    fs::create_dir_all(FOLDER)?;
    NAMES.iter().try_for_each(|name| symlink(&labsh, Path::new(FOLDER).join(name)))
}

/// Puts the folder at the end of PATH. Must be called before any thread exists.
pub(super) fn into_path() {
    let mut folders: Vec<_> = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    if folders.iter().any(|folder| folder == Path::new(FOLDER)) || !Path::new(FOLDER).is_dir() {
        return;
    }
    folders.push(FOLDER.into());
    if let Ok(path) = std::env::join_paths(folders) {
        // SAFETY: no other thread exists that could read the environment meanwhile.
        unsafe { std::env::set_var("PATH", path) };
    }
}
