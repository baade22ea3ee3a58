//! `--snapshot`: a copy of the tracked files of a folder, so that the code that runs is the code at submit.

use crate::fault::{Fault, failed, usage};
use crate::places;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies the tracked files as they are now; links stay links. Returns the folder of the copy.
pub fn take(cwd: &Path) -> Result<PathBuf, Fault> {
    let listed = Command::new("git").arg("-C").arg(cwd).args(["ls-files", "-z"]).output();
    let listed = listed.map_err(|why| Fault::file("error-run", Path::new("git"), &why))?;
    if !listed.status.success() {
        return Err(usage!("snapshot-no-git", path = cwd.display()));
    }
    let base = places::state().join("snapshots");
    places::make(&base)?;
    let stamp = jiff::Timestamp::now().as_microsecond();
    let to = base.join(format!("{stamp}-{}", std::process::id()));
    places::make(&to)?;
    for name in listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = Path::new(OsStr::from_bytes(name));
        copy(&cwd.join(name), &to.join(name))?;
    }
    Ok(to)
}

fn copy(from: &Path, to: &Path) -> Result<(), Fault> {
    // A tracked file that was deleted is not there now either; a submodule is a folder with files of its own.
    let Ok(meta) = std::fs::symlink_metadata(from) else { return Ok(()) };
    if let Some(parent) = to.parent() {
        places::make(parent)?;
    }
    let copied = if meta.is_symlink() {
        std::fs::read_link(from).and_then(|link| std::os::unix::fs::symlink(link, to))
    } else if meta.is_file() {
        std::fs::copy(from, to).map(drop)
    } else {
        Ok(())
    };
    copied.map_err(|why| failed!("error-copy", path = from.display(), why = why))
}
