//! `--snapshot`: the code that runs is the code at submit. Tracked files of this folder are copied aside.

use crate::error::Error;
use crate::place;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies the tracked files below `cwd`; the folder to run in instead.
pub fn take(cwd: &Path) -> Result<PathBuf, Error> {
    let seconds = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.as_millis());
    let name = format!("{seconds}-{}", std::process::id());
    let target = place::state_folder()?.join("snapshots").join(name);
    copy(cwd, &target)?;
    Ok(target)
}

fn copy(cwd: &Path, target: &Path) -> Result<(), Error> {
    let failed = |why: String| {
        Error::failed("error-snapshot", [("path", cwd.display().to_string()), ("why", why)])
    };
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached"])
        .current_dir(cwd)
        .output()
        .map_err(|e| failed(format!("git: {e}")))?;
    if !listed.status.success() {
        let said = String::from_utf8_lossy(&listed.stderr);
        return Err(failed(said.trim().replace('\n', " ")));
    }
    place::make_folder(target)?;
    for name in listed.stdout.split(|b| *b == 0).filter(|n| !n.is_empty()) {
        let name = Path::new(OsStr::from_bytes(name));
        copy_one(&cwd.join(name), &target.join(name))?;
    }
    Ok(())
}

/// Links stay links; a file that was deleted here, or a submodule, is left out.
fn copy_one(from: &Path, to: &Path) -> Result<(), Error> {
    let Ok(found) = std::fs::symlink_metadata(from) else { return Ok(()) };
    if found.is_dir() {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(|e| Error::file(folder, e))?;
    }
    if found.is_symlink() {
        let goal = std::fs::read_link(from).map_err(|e| Error::file(from, e))?;
        return std::os::unix::fs::symlink(goal, to).map_err(|e| Error::file(to, e));
    }
    std::fs::copy(from, to).map(drop).map_err(|e| Error::file(from, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tracked_files_are_copied_and_no_repository_is_an_error() {
        let home = tempfile::tempdir().expect("a folder");
        let (cwd, target) = (home.path().join("code"), home.path().join("copy"));
        std::fs::create_dir_all(cwd.join("src")).expect("folder");
        std::fs::write(cwd.join("src/train.py"), "1").expect("file");
        std::fs::write(cwd.join("data.bin"), "2").expect("file");
        let git = |args: &[&str]| {
            let run = Command::new("git").args(args).current_dir(&cwd).output().expect("git runs");
            assert!(run.status.success());
        };
        git(&["init", "-q"]);
        git(&["add", "src/train.py"]);
        copy(&cwd, &target).expect("copied");
        assert!(target.join("src/train.py").is_file() && !target.join("data.bin").exists());
        std::fs::remove_dir_all(cwd.join(".git")).expect("removed");
        assert!(copy(&cwd, &home.path().join("other")).is_err());
    }
}
