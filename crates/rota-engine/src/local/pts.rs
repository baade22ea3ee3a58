//! A program on its person's pseudo-terminal. Whoever asked for the program made it and holds its other end; when they go,
//! it goes, and so does the program.

use nix::libc::{O_NOCTTY, O_NOFOLLOW, O_NONBLOCK};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rota_core::launch::User;
use rustix::process::ioctl_tiocsctty;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};

fn open(number: u32, uid: u32, flags: i32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(O_NOCTTY | O_NOFOLLOW | flags);
    let file = options.open(format!("/dev/pts/{number}"))?;
    let about = file.metadata()?;
    let is_theirs = about.uid() == uid && about.file_type().is_char_device();
    if is_theirs { Ok(file) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

/// Makes it the terminal, and the standard files, of the session that the calling program leads.
pub(super) fn take(number: u32) -> Result<(), String> {
    let words = |why: io::Error| {
        format!("its terminal /dev/pts/{number} is gone ({why}); ask again with 'rota shell'")
    };
    let file = open(number, nix::unistd::geteuid().as_raw(), 0).map_err(words)?;
    // It is refused where somebody else has a terminal of that number by now.
    ioctl_tiocsctty(&file).map_err(|why| words(why.into()))?;
    let redirect = || {
        nix::unistd::dup2_stdin(&file)?;
        nix::unistd::dup2_stdout(&file)?;
        nix::unistd::dup2_stderr(&file)
    };
    redirect().map_err(|why| words(why.into()))
}

/// The terminal as whoever watches the program sees it.
#[derive(Debug)]
pub(super) enum Watched {
    /// It is there.
    There(File),
    /// Its other end is closed.
    Gone,
}

impl Watched {
    /// Of a program that is to have it; none where it is gone already, which the program will meet.
    pub fn of(number: Option<u32>, user: Option<&User>) -> Option<Watched> {
        let uid = user.map_or(nix::unistd::geteuid().as_raw(), |user| user.uid);
        open(number?, uid, O_NONBLOCK).ok().map(Watched::There)
    }

    /// What to wait for until it is gone.
    pub fn end(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Watched::There(file) => Some(file.as_fd()),
            Watched::Gone => None,
        }
    }

    /// Looks whether it is gone.
    pub fn look(&mut self) {
        let is_gone = self.end().is_some_and(|end| {
            let mut fds = [PollFd::new(end, PollFlags::empty())];
            // That it is gone is said whatever is asked.
            poll(&mut fds, PollTimeout::ZERO).is_ok_and(|n| n > 0)
        });
        if is_gone {
            *self = Watched::Gone;
        }
    }
}
