//! A line on the terminal that a person used last, as write(1) does it: only where they accept messages, and not where
//! they follow their jobs already.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::tree;

/// Where pseudo-terminals are.
const TERMINALS: &str = "/dev/pts";
/// Whoever is in the terminal's group may write there: the person said `mesg y`.
const ACCEPTS: u32 = 0o020;

/// Writes a text on the terminal of an account; nothing where there is none. `program`: the name of the program by which
/// people follow their jobs.
pub fn tell(uid: u32, program: &str, text: &str) {
    let all = fs::read_dir(TERMINALS).into_iter().flatten().flatten();
    let terminals = all.filter_map(|entry| terminal(entry.path(), uid));
    let mut terminals: Vec<(i64, u64, PathBuf)> = terminals.collect();
    terminals.sort();
    let Some((_, device, path)) = terminals.pop() else { return };
    if follows(device, program) {
        return;
    }
    // A terminal that is stopped, or gone, takes no message.
    let _ = write(&path, uid, text);
}

/// When it was used last, and its device.
fn terminal(path: PathBuf, uid: u32) -> Option<(i64, u64, PathBuf)> {
    let about = fs::metadata(&path).ok()?;
    let accepts = about.mode() & ACCEPTS != 0;
    let is_theirs = about.uid() == uid && accepts && about.file_type().is_char_device();
    is_theirs.then(|| (about.atime(), about.rdev(), path))
}

fn write(path: &Path, uid: u32, text: &str) -> std::io::Result<()> {
    let flags = nix::libc::O_NOCTTY | nix::libc::O_NONBLOCK | nix::libc::O_NOFOLLOW;
    let mut file: File = OpenOptions::new().write(true).custom_flags(flags).open(path)?;
    let about = file.metadata()?;
    // Between the look and the opening it may have become somebody else's.
    if about.uid() == uid && about.mode() & ACCEPTS != 0 {
        file.write_all(format!("\r\n{text}\r\n").as_bytes())?;
    }
    Ok(())
}

/// Whether the program runs on a terminal.
fn follows(device: u64, program: &str) -> bool {
    let terminal = (nix::sys::stat::major(device), nix::sys::stat::minor(device));
    let mut here =
        tree::all().filter(|pid| tree::stat(*pid).is_some_and(|s| s.terminal == terminal));
    here.any(|pid| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        name.trim_end() == program
    })
}
