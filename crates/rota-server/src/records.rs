//! Where the records of runs are: in memory where that is safe, else beside the store.
//!
//! A record is worth nothing after a reboot, and on a disk each job costs several creations and removals of files. Only
//! root uses memory: what others keep there, systemd removes when they log out (`RemoveIPC=`, logind.conf(5)), while
//! their jobs go on. `records` in the folder of the store is then a link to a folder of a name that nobody else has.

use crate::ServerError;
use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};

/// The folder for the records of a store; made where there is none.
pub fn folder(store: &Path) -> Result<PathBuf, ServerError> {
    let records = store.join("records");
    find(&records).map_err(|why| ServerError::File { what: "make", path: records, why })
}

fn find(records: &Path) -> io::Result<PathBuf> {
    if let Ok(target) = std::fs::read_link(records) {
        if is_ours(&target) {
            return Ok(target);
        }
        // A reboot has emptied the memory.
        std::fs::remove_file(records)?;
    }
    let memory = ["/run", "/dev/shm"].map(Path::new).into_iter().find(|at| is_memory(at));
    match memory.filter(|_| nix::unistd::geteuid().is_root() && !records.exists()) {
        Some(at) => {
            let target = nix::unistd::mkdtemp(&at.join("rota-records-XXXXXX"))?;
            symlink(&target, records)?;
            Ok(target)
        }
        None => {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(records)?;
            Ok(records.to_owned())
        }
    }
}

/// Leaves nothing in memory where no run is left.
pub fn leave(store: &Path) {
    let records = store.join("records");
    if let Ok(target) = std::fs::read_link(&records)
        && is_ours(&target)
    {
        // What cannot be removed is found again by the next server, or gone with the next reboot.
        drop(std::fs::remove_dir_all(target).and_then(|()| std::fs::remove_file(records)));
    }
}

fn is_memory(at: &Path) -> bool {
    statfs(at).is_ok_and(|s| s.filesystem_type() == TMPFS_MAGIC)
}

fn is_ours(folder: &Path) -> bool {
    let own = nix::unistd::geteuid().as_raw();
    std::fs::symlink_metadata(folder)
        .is_ok_and(|meta| meta.is_dir() && meta.uid() == own && meta.mode() & 0o077 == 0)
}
