//! The engine's end of the spawner: the process and the socket to it.

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::wire::{Hello, encode};
use crate::EngineError;

/// Another server's spawner lets go of the folder as soon as that server is gone.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// A running spawner.
#[derive(Debug)]
pub(crate) struct Link {
    dir: PathBuf,
    program: PathBuf,
    args: Vec<String>,
    live: Live,
}

#[derive(Debug)]
struct Live {
    child: Child,
    socket: Option<UnixStream>,
    end: OwnedFd,
}

impl Link {
    /// Starts the spawner; returns when it owns the folder.
    pub fn open(dir: PathBuf, program: PathBuf, args: Vec<String>) -> Result<Link, EngineError> {
        let live = start(&dir, &program, &args)?;
        Ok(Link { dir, program, args, live })
    }

    pub fn restart(&mut self) -> Result<(), EngineError> {
        self.live.end();
        self.live = start(&self.dir, &self.program, &self.args)?;
        Ok(())
    }

    /// Sends one whole message.
    pub fn send(&self, bytes: &[u8]) -> io::Result<()> {
        self.live.socket.as_ref().ok_or(io::ErrorKind::BrokenPipe)?.write_all(bytes)
    }

    /// What is readable when the spawner has ended.
    pub fn watch(&self, add: impl FnOnce(BorrowedFd<'_>) -> io::Result<()>) -> io::Result<()> {
        add(self.live.end.as_fd())
    }

    pub fn error(&self, source: io::Error) -> EngineError {
        EngineError::Spawner { program: self.program.clone(), source }
    }
}

impl Live {
    fn end(&mut self) {
        self.socket = None;
        // At the end of its input it ends; only a zombie would be left.
        let _ = self.child.wait();
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.end();
    }
}

fn start(
    dir: &std::path::Path,
    program: &std::path::Path,
    args: &[String],
) -> Result<Live, EngineError> {
    let error = |source| EngineError::Spawner { program: program.into(), source };
    let (ours, theirs) = UnixStream::pair().map_err(error)?;
    let mut command = Command::new(program);
    command.args(args).stdin(OwnedFd::from(theirs)).stdout(Stdio::null());
    let child = command.spawn().map_err(error)?;
    // It holds the other end of the socket, whose death would not be seen.
    drop(command);
    let open = |child: &Child| -> io::Result<OwnedFd> {
        let pid = i32::try_from(child.id())
            .ok()
            .and_then(Pid::from_raw)
            .ok_or(io::ErrorKind::NotFound)?;
        Ok(pidfd_open(pid, PidfdFlags::empty())?)
    };
    let end = open(&child).map_err(error)?;
    let mut live = Live { child, socket: Some(ours), end };
    let greet = |mut socket: &UnixStream| -> io::Result<()> {
        socket.write_all(&encode(&Hello { records: dir.into() })?)?;
        socket.set_read_timeout(Some(LOCK_PATIENCE))?;
        socket.read_exact(&mut [0])
    };
    match live.socket.as_ref().map_or(Ok(()), greet) {
        Ok(()) => Ok(live),
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
            // It waits for the lock and would not notice that we are gone.
            let _ = live.child.kill();
            Err(EngineError::InUse { path: dir.into() })
        }
        Err(e) => Err(error(e)),
    }
}
