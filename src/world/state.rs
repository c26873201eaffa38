//! The folder of a user's named labs: private, checked, and never believed when somebody else could have written to it.

use crate::error::{Error, Kind, Result};
use crate::kernel::Failure;
use nix::unistd::geteuid;
use std::fs::{DirBuilder, Metadata};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Returns the folder, made if it is not there: `$XDG_RUNTIME_DIR/labsh`, else `/tmp/labsh-UID`.
///
/// # Errors
///
/// `not-permitted` when another user owns it or may write to it.
pub(super) fn folder() -> Result<PathBuf> {
    let uid = geteuid();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute() && is_ours(path));
    let folder = match runtime {
        Some(runtime) => runtime.join("labsh"),
        None => PathBuf::from(format!("/tmp/labsh-{uid}")),
    };
    private(&folder)?;
    Ok(folder)
}

/// Makes a folder that only this user may enter, or checks the one that is there.
///
/// # Errors
///
/// `not-permitted` when another user owns it or may write to it; the errno of making it.
pub(super) fn private(folder: &Path) -> Result<()> {
    let subject = format!("`{}`", folder.display());
    let failed = |e: std::io::Error| Failure::from(e).doing("use the folder", subject.clone());
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(failed(e)),
        _ => {}
    }
    let refused = |cause: String| {
        let error = Error::new(Kind::NotPermitted, "use the folder", subject.clone(), cause);
        error.hint("remove it, or set XDG_RUNTIME_DIR to a folder of your own")
    };
    // Not followed: a link that another user planted in /tmp is no folder of ours. Nor opened: that of another user may not be.
    let meta = std::fs::symlink_metadata(folder).map_err(failed)?;
    if !meta.is_dir() {
        return Err(refused("it is not a folder of its own".to_string()));
    }
    if meta.uid() != geteuid().as_raw() {
        return Err(refused(format!("it belongs to another user (uid {})", meta.uid())));
    }
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(refused(format!("others may enter it (mode {:o})", meta.permissions().mode() & 0o777)));
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    let ours = |meta: Metadata| meta.is_dir() && meta.uid() == geteuid().as_raw();
    std::fs::symlink_metadata(path).is_ok_and(ours)
}
