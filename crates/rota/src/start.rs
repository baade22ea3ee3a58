//! Starts a server in the background and waits for its word that it answers.

use crate::error::Error;
use crate::place;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a background server says once it answers.
pub const READY: &str = "ready";

/// Held by whoever starts a private server: of two that want one at once, the second finds the first one's.
pub fn lock() -> Result<Flock<File>, Error> {
    let socket = place::private_socket();
    place::prepare_private(&socket)?;
    let path = socket.with_file_name("start.lock");
    let file = log_options().open(&path).map_err(|e| Error::file(&path, e))?;
    Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, e)| Error::file(&path, e))
}

/// Starts `serve` with these options; returns when it answers.
pub fn background(options: &[String]) -> Result<(), Error> {
    let program = std::env::current_exe().map_err(|e| Error::file(Path::new("/proc/self/exe"), e))?;
    let log = log_path(options)?;
    let file = log_options().open(&log).map_err(|e| Error::file(&log, e))?;
    let failed = |why: String| {
        Error::failed("error-start", [("why", why), ("log", log.display().to_string())])
    };
    let from = file.metadata().map(|m| m.len()).unwrap_or(0);
    let mut child = Command::new(program)
        .args(["serve", "--detached"])
        .args(options)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(file)
        .spawn()
        .map_err(|e| failed(e.to_string()))?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line).map_err(|e| failed(e.to_string()))?;
    }
    if line.trim_end() == READY { Ok(()) } else { Err(failed(last_line(&log, from))) }
}

fn log_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    options
}

/// `server.log` in the store.
fn log_path(options: &[String]) -> Result<PathBuf, Error> {
    let named = options.iter().position(|o| o == "--store").and_then(|i| options.get(i + 1));
    let folder = match named {
        Some(store) => PathBuf::from(store),
        None if options.iter().any(|o| o == "--system") => place::SYSTEM_STORE.into(),
        None => place::state_folder()?,
    };
    place::make_folder(&folder)?;
    Ok(folder.join("server.log"))
}

/// The last thing that the server said before it gave up.
fn last_line(log: &Path, from: u64) -> String {
    let mut said = String::new();
    let read = File::open(log)
        .and_then(|mut f| f.seek(SeekFrom::Start(from)).map(|_| f))
        .and_then(|f| f.take(65536).read_to_string(&mut said));
    let line = read.ok().and_then(|_| said.lines().rfind(|l| !l.trim().is_empty()));
    line.unwrap_or("?").trim_start_matches("rota: ").to_string()
}
