//! The two terminals: the person's, and the one that the program has.

use crate::cli::follow::News;
use crate::fault::Fault;
use nix::pty::openpty;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// How long what the program wrote last may take to come here.
const DRAIN: Duration = Duration::from_millis(500);

/// The program's terminal.
pub struct Pty {
    /// Its number: `/dev/pts/7`.
    pub number: u32,
    master: File,
    /// How the person's terminal was when this began.
    modes: Termios,
    /// While it is open here, the program may come later, end, and begin anew.
    slave: Option<OwnedFd>,
    /// Says when nothing more will come.
    dry: Option<Receiver<()>>,
}

impl Pty {
    /// Like the person's terminal.
    pub fn open() -> Result<Pty, Fault> {
        let broken = |why: nix::errno::Errno| Fault::Output(why.into());
        let modes = tcgetattr(std::io::stdin()).map_err(|why| Fault::Output(why.into()))?;
        let pair = openpty(None, None).map_err(broken)?;
        let name = nix::unistd::ttyname(&pair.slave).map_err(broken)?;
        let number = name.file_name().and_then(|n| n.to_str()?.parse().ok());
        let number = number.ok_or_else(|| broken(nix::errno::Errno::ENOTTY))?;
        let (master, slave) = (File::from(pair.master), Some(pair.slave));
        let pty = Pty { number, master, modes, slave, dry: None };
        pty.renew();
        pty.resize();
        Ok(pty)
    }

    /// As it was in the beginning: a program that was ended by force left it as it liked it.
    pub fn renew(&self) {
        // It is ours until this process ends.
        let _ = tcsetattr(&self.master, OptionalActions::Now, &self.modes);
    }

    /// As large as the person's terminal is now.
    pub fn resize(&self) {
        if let Ok(size) = tcgetwinsize(std::io::stdin()) {
            // Where it cannot be, the program sees the size that it had.
            let _ = tcsetwinsize(&self.master, size);
        }
    }

    /// Passes on what is written, from the first time on.
    fn show(&mut self) -> Result<(), Fault> {
        if self.dry.is_some() {
            return Ok(());
        }
        let (dried, dry) = channel();
        let from = self.master.try_clone()?;
        std::thread::spawn(move || {
            // It ends with the last end of the terminal that is open elsewhere.
            let _ = copy(from);
            let _ = dried.send(());
        });
        self.dry = Some(dry);
        Ok(())
    }

    /// Passes on what is typed, and what is written.
    pub fn relay(&mut self, news: Sender<News>) -> Result<Keys, Fault> {
        self.show()?;
        let mut to = self.master.try_clone()?;
        let held = Arc::new(AtomicBool::new(false));
        let keys = Keys(Arc::clone(&held));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = std::io::stdin().lock().read(&mut buffer) {
                let typed = buffer.get(..length).unwrap_or_default();
                if !held.load(Ordering::Relaxed) && to.write_all(typed).is_err() {
                    return;
                }
                if news.send(News::Typed(typed.to_vec())).is_err() {
                    return;
                }
            }
        });
        Ok(keys)
    }

    /// Waits for what the program wrote last: all of it, where it ended before anybody saw it run.
    pub fn drain(&mut self) -> Result<(), Fault> {
        self.show()?;
        self.slave = None;
        if let Some(dry) = &self.dry {
            // Who holds the terminal open in the background writes no more here.
            let _ = dry.recv_timeout(DRAIN);
        }
        Ok(())
    }
}

fn copy(mut from: File) -> std::io::Result<()> {
    let mut buffer = [0; 65536];
    loop {
        let length = from.read(&mut buffer)?;
        let mut out = std::io::stdout().lock();
        out.write_all(buffer.get(..length).unwrap_or_default())?;
        out.flush()?;
    }
}

/// The way of what is typed.
pub struct Keys(Arc<AtomicBool>);

impl Keys {
    /// Whether what is typed goes nowhere.
    pub fn hold(&self, held: bool) {
        self.0.store(held, Ordering::Relaxed);
    }
}

/// The person's terminal passes every key on, and is as before when this is dropped.
pub struct Raw(Termios);

impl Raw {
    /// From now on.
    pub fn begin() -> Result<Raw, Fault> {
        let broken = |why: rustix::io::Errno| Fault::Output(why.into());
        let before = tcgetattr(std::io::stdin()).map_err(broken)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(std::io::stdin(), OptionalActions::Now, &raw).map_err(broken)?;
        Ok(Raw(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that is gone needs no care.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}
