//! Follows a file as it grows. The kernel says when there is more (inotify); nothing is polled.

use crate::error::Error;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use tokio::io::unix::AsyncFd;

/// Where the bytes go.
#[derive(Clone, Copy)]
pub enum Sink {
    Out,
    Err,
}

/// One file, which may not exist yet.
pub struct Follower {
    path: PathBuf,
    file: Option<File>,
    read: u64,
    sink: Sink,
}

impl Follower {
    pub fn new(path: &Path, sink: Sink) -> Follower {
        Follower { path: path.into(), file: None, read: 0, sink }
    }

    /// Writes everything that is new.
    pub fn pump(&mut self) -> Result<(), Error> {
        if self.file.is_none() {
            match File::open(&self.path) {
                Ok(file) => self.file = Some(file),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
                Err(e) => return Err(Error::file(&self.path, e)),
            }
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let fault = |e| Error::file(&self.path, e);
        if file.metadata().is_ok_and(|m| m.is_file() && m.len() < self.read) {
            // A new run began the file anew.
            self.read = 0;
            file.seek(SeekFrom::Start(0)).map_err(fault)?;
        }
        let mut some = vec![0; 65536];
        loop {
            let n = file.read(&mut some).map_err(fault)?;
            if n == 0 {
                return Ok(());
            }
            self.read += u64::try_from(n).unwrap_or(0);
            write(self.sink, &some[..n])?;
        }
    }
}

fn write(sink: Sink, bytes: &[u8]) -> Result<(), Error> {
    let written = match sink {
        Sink::Out => {
            let mut out = std::io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        }
        Sink::Err => std::io::stderr().lock().write_all(bytes),
    };
    written.map_err(Error::output)
}

struct Fd(Inotify);

impl AsRawFd for Fd {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

/// Wakes when one of the files grows or appears.
pub struct Watch(AsyncFd<Fd>);

impl Watch {
    pub fn new() -> Result<Watch, Error> {
        let flags = InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC;
        let fault = |why: String| Error::failed("error-watch", [("why", why)]);
        let inotify = Inotify::init(flags).map_err(|e| fault(e.to_string()))?;
        AsyncFd::new(Fd(inotify)).map(Watch).map_err(|e| fault(e.to_string()))
    }

    /// Watches the file, or the folder in which it will appear. Repeating it does no harm.
    pub fn add(&self, path: &Path) {
        let inotify = &self.0.get_ref().0;
        let grows = AddWatchFlags::IN_MODIFY;
        let appears = AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO;
        if inotify.add_watch(path, grows).is_ok() {
            return;
        }
        if let Some(folder) = path.parent() {
            // A failure leaves the wake-ups by the job's own changes, and a file may have appeared in between.
            let _ = inotify.add_watch(folder, appears);
            let _ = inotify.add_watch(path, grows);
        }
    }

    /// Returns when something changed.
    pub async fn changed(&self) {
        if let Ok(mut ready) = self.0.readable().await {
            let _ = self.0.get_ref().0.read_events();
            ready.clear_ready();
        }
    }
}
