//! A line on the standard error of a running program, where the person who looks at its output sees it.
//!
//! It goes through a copy of the program's own descriptor: what the program may not write to is not written to, whatever
//! it put there, and no path is followed.

use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use std::fs::File;
use std::io::{self, Write};

use super::record::Process;

/// Standard error.
const ERROR: i32 = 2;

/// Writes the line, beside everything else: a full pipe or a hung disk may hold it up, and no one waits for it. Where it
/// cannot be written it is left out; `rota show` says the same.
pub(super) fn tell(program: &Process, text: String) {
    let Ok(mut error) = error_of(program) else { return };
    let line = text + "\n";
    // Without a thread there is no line.
    let _ = std::thread::Builder::new().spawn(move || drop(error.write_all(line.as_bytes())));
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
