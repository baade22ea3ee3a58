//! A line on the standard error of a running program, where the person who looks at its output sees it.
//!
//! It goes through a copy of the program's own descriptor: what the program may not write to is not written to, whatever
//! it put there, and no path is followed.

use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc;
use std::time::Duration;

use super::record::Process;

/// Standard error.
const ERROR: i32 = 2;

/// A full pipe or a hung disk holds nobody up for longer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Writes the line, before what it says is done to the program. Where it cannot be written it is left out; `rota show` says
/// the same.
pub(super) fn tell(program: &Process, text: String) {
    let Ok(mut error) = error_of(program) else { return };
    let line = text + "\n";
    let (written, is_written) = mpsc::channel();
    let write = move || {
        drop(error.write_all(line.as_bytes()));
        drop(written);
    };
    if std::thread::Builder::new().spawn(write).is_ok() {
        // The sender is dropped once all is written; nothing is ever sent.
        let _: Result<(), _> = is_written.recv_timeout(PATIENCE);
    }
}

fn error_of(program: &Process) -> io::Result<File> {
    let pid = Pid::from_raw(program.pid).ok_or(io::ErrorKind::NotFound)?;
    let process = pidfd_open(pid, PidfdFlags::empty())?;
    // Looked at after it is held: it is no later process with the same number.
    if !program.lives() {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok(File::from(pidfd_getfd(process, ERROR, PidfdGetfdFlags::empty())?))
}
