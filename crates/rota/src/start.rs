//! Starts a server in the background and waits for its word that it answers. It outlives this terminal.

use crate::fault::{Fault, failed};
use crate::places;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{SigSet, SigmaskHow, sigprocmask};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a server says on standard output once it answers; otherwise it says a problem as JSON.
pub const READY: &str = "ready";

/// Held by whoever starts a private server: of two that want one at once, the second finds the first one's.
pub fn lock(socket: &Path) -> Result<Flock<File>, Fault> {
    let path = socket.with_extension("start");
    let file = log_options().open(&path).map_err(|why| Fault::file("error-open", &path, &why))?;
    Flock::lock(file, FlockArg::LockExclusive)
        .map_err(|(_, why)| Fault::file("error-open", &path, &why.into()))
}

/// Starts `rota serve`; returns when it answers.
pub fn background(socket: &Path, store: &Path, more: &[String]) -> Result<(), Fault> {
    places::make(store)?;
    let log = store.join("server.log");
    let file = log_options().open(&log).map_err(|why| Fault::file("error-open", &log, &why))?;
    let program = std::env::current_exe()?;
    let mut command = Command::new(&program);
    command.arg("serve").arg("--socket").arg(socket).arg("--store").arg(store).args(more);
    command.arg("--background").current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file);
    let child = command.spawn();
    let mut child = child.map_err(|why| Fault::file("error-run", &program, &why))?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    if line.trim_end() == READY {
        return Ok(());
    }
    match serde_json::from_str(&line) {
        Ok(problem) => Err(Fault::Refused(problem)),
        Err(_) => Err(failed!("error-start", log = log.display())),
    }
}

/// Leaves the terminal of whoever started us: its session, and the signals it had blocked.
pub fn leave_terminal() -> Result<(), Fault> {
    let own = |why: nix::errno::Errno| Fault::Output(why.into());
    // Fails only where we lead a group already: then there is nothing to leave.
    let _ = nix::unistd::setsid();
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).map_err(own)
}

/// Standard output belongs to whoever waited for [`READY`]; they may go on.
pub fn release_output() -> Result<(), Fault> {
    let null = OpenOptions::new().write(true).open("/dev/null")?;
    nix::unistd::dup2_stdout(null).map_err(|why| Fault::Output(why.into()))
}

fn log_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    options
}
