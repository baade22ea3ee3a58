//! Where the socket and the store are. A private socket lies only in a folder that nobody else can enter.

use crate::error::Error;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

pub const SYSTEM_SOCKET: &str = "/run/rota/rota.sock";
pub const SYSTEM_STORE: &str = "/var/lib/rota";

/// `$XDG_STATE_HOME/rota`, else `~/.local/state/rota`.
pub fn state_folder() -> Result<PathBuf, Error> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    if let Some(state) = absolute("XDG_STATE_HOME") {
        return Ok(state.join("rota"));
    }
    let home = absolute("HOME").ok_or_else(|| Error::failed("error-no-home", []))?;
    Ok(home.join(".local/state/rota"))
}

/// `$XDG_RUNTIME_DIR/rota/rota.sock`, else `/tmp/rota-<uid>/rota.sock`. Unchecked.
pub fn private_socket() -> PathBuf {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let folder = match runtime.filter(|p| p.is_absolute() && p.is_dir()) {
        Some(runtime) => runtime.join("rota"),
        None => PathBuf::from(format!("/tmp/rota-{}", nix::unistd::getuid())),
    };
    folder.join("rota.sock")
}

/// Whether the folder of a private socket exists. One that others could enter or replace is refused.
pub fn check_private(socket: &Path) -> Result<bool, Error> {
    let folder = socket.parent().unwrap_or(Path::new("/"));
    let found = match std::fs::symlink_metadata(folder) {
        Ok(found) => found,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(Error::file(folder, e)),
    };
    let ours = found.uid() == nix::unistd::getuid().as_raw();
    if found.is_dir() && ours && found.mode() & 0o077 == 0 {
        return Ok(true);
    }
    Err(Error::failed("error-unsafe-folder", [("path", folder.display().to_string())]))
}

/// Makes the folder of a private socket, or checks the one that is there.
pub fn prepare_private(socket: &Path) -> Result<(), Error> {
    if check_private(socket)? {
        return Ok(());
    }
    let folder = socket.parent().unwrap_or(Path::new("/"));
    make_folder(folder)?;
    check_private(socket).map(|_| ())
}

/// Makes a folder of our own, with its parents.
pub fn make_folder(folder: &Path) -> Result<(), Error> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|e| Error::file(folder, e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_socket_folder_that_others_can_enter_is_refused() {
        let home = tempfile::tempdir().expect("a folder");
        let socket = home.path().join("rota/rota.sock");
        assert!(!check_private(&socket).expect("absent is fine"));
        prepare_private(&socket).expect("made");
        assert!(check_private(&socket).expect("ours"));
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(home.path().join("rota"), open).expect("chmod");
        assert!(check_private(&socket).is_err());
    }

    #[test]
    fn a_link_in_place_of_the_socket_folder_is_refused() {
        let home = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/tmp", home.path().join("rota")).expect("link");
        assert!(check_private(&home.path().join("rota/rota.sock")).is_err());
    }
}
