//! Where sockets, stores, logs and snapshots are.

use crate::fault::{Fault, failed};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The socket of the server for everyone.
pub const SYSTEM_SOCKET: &str = "/run/rota/rota.sock";
/// The store of the server for everyone.
pub const SYSTEM_STORE: &str = "/var/lib/rota";

/// The socket of this user's private server; its folder is this user's alone.
pub fn private_socket() -> Result<PathBuf, Fault> {
    let uid = nix::unistd::geteuid().as_raw();
    let folder = match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(dir) if Path::new(&dir).is_absolute() => PathBuf::from(dir).join("rota"),
        _ => PathBuf::from(format!("/tmp/rota-{uid}")),
    };
    make(&folder)?;
    let meta = std::fs::symlink_metadata(&folder)
        .map_err(|why| Fault::file("error-read", &folder, &why))?;
    if !meta.is_dir() || meta.uid() != uid || meta.mode() & 0o077 != 0 {
        return Err(failed!("error-folder-not-yours", path = folder.display()));
    }
    Ok(folder.join("rota.sock"))
}

/// The folder of this user's store, logs and snapshots.
pub fn state() -> PathBuf {
    let home = || {
        PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| "/".into())).join(".local/state")
    };
    std::env::var_os("XDG_STATE_HOME").map_or_else(home, PathBuf::from).join("rota")
}

/// Makes a folder for this user alone.
pub fn make(folder: &Path) -> Result<(), Fault> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|why| Fault::file("error-make", folder, &why))
}
