//! One file of a job. It belongs to the job's owner, who may put anything in its place: only regular files of theirs are
//! read, no link is followed, and no more than the newest part of a file at a time.

use nix::fcntl::OFlag;
use rota_progress::{Reading, Sight, TAIL, frame, lacks_frame, of_file, of_framed, of_output};
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::time::SystemTime;

/// How far back what a bar belongs to is looked for, in bytes.
const FURTHEST: u64 = 4 << 20;

/// How much of it at a time.
const PIECE: u64 = 256 << 10;

/// The longest line across two pieces.
const LINE: u64 = 1 << 10;

/// A file and what it said last.
pub struct Watched {
    path: PathBuf,
    kind: Kind,
    seen: Option<Stamp>,
    /// What the bars after `read_to` belong to.
    frame: Option<String>,
    read_to: u64,
    said: Option<Said>,
}

#[derive(Clone, Copy)]
enum Kind {
    Output,
    Progress,
}

/// What a file said.
pub struct Said {
    /// That.
    pub reading: Reading,
    /// When it was written.
    pub written: SystemTime,
    /// How much of it was looked at.
    pub sight: Sight,
}

/// A file that has not changed has the same.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    written: (i64, i64),
}

impl Stamp {
    fn of(meta: &Metadata) -> Stamp {
        Stamp {
            device: meta.dev(),
            inode: meta.ino(),
            length: meta.len(),
            written: (meta.mtime(), meta.mtime_nsec()),
        }
    }
}

impl Watched {
    /// An output.
    pub fn output(path: PathBuf) -> Watched {
        Watched { path, kind: Kind::Output, seen: None, frame: None, read_to: 0, said: None }
    }

    /// The file that `ROTA_PROGRESS_FILE` names.
    pub fn file(path: PathBuf) -> Watched {
        Watched { kind: Kind::Progress, ..Watched::output(path) }
    }

    /// What it said last.
    pub fn said(&self) -> Option<&Said> {
        self.said.as_ref()
    }

    /// Reads it if it has changed, and was written after `since`; how many bytes were read.
    pub fn look(&mut self, owner: u32, since: SystemTime) -> io::Result<u64> {
        let found = std::fs::symlink_metadata(&self.path);
        if found.as_ref().is_ok_and(|meta| self.seen == Some(Stamp::of(meta))) {
            return Ok(0);
        }
        self.said = None;
        check(&found?, owner)?;
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let file = OpenOptions::new().read(true).custom_flags(flags.bits()).open(&self.path)?;
        let meta = file.metadata()?;
        check(&meta, owner)?;
        let before = self.seen.replace(Stamp::of(&meta));
        let is_same = before.is_some_and(|b| b.inode == meta.ino() && b.device == meta.dev());
        if !is_same || meta.len() < self.read_to {
            (self.frame, self.read_to) = (None, 0);
        }
        let written = meta.modified()?;
        if written < since {
            return Ok(0);
        }
        let (reading, bytes) = self.read(&file, meta.len())?;
        let sight = if meta.len() <= tail() { Sight::Whole } else { Sight::Tail };
        self.said = reading.map(|reading| Said { reading, written, sight });
        Ok(bytes)
    }

    fn read(&mut self, file: &File, length: u64) -> io::Result<(Option<Reading>, u64)> {
        let start = length.saturating_sub(tail());
        let newest = piece(file, start, length)?;
        let mut bytes = length - start;
        if let Kind::Progress = self.kind {
            return Ok((of_file(&newest), bytes));
        }
        if let Some(here) = frame(&newest) {
            self.frame = Some(here);
        } else if lacks_frame(&newest) {
            // What was read before needs no second look.
            let least = self.read_to.max(start.saturating_sub(FURTHEST));
            let (found, read) = search(file, least, start)?;
            self.frame = found.or(self.frame.take());
            bytes += read;
            if let Some(frame) = &self.frame {
                self.read_to = length;
                return Ok((of_framed(frame, &newest), bytes));
            }
        }
        self.read_to = length;
        Ok((of_output(&newest), bytes))
    }
}

fn tail() -> u64 {
    u64::try_from(TAIL).unwrap_or(u64::MAX)
}

/// The last frame between two places, and how many bytes were read for it.
fn search(file: &File, least: u64, most: u64) -> io::Result<(Option<String>, u64)> {
    let (mut to, mut bytes) = (most, 0);
    while to > least {
        let from = to.saturating_sub(PIECE).max(least);
        let text = piece(file, from, (to + LINE).min(most))?;
        bytes += to - from;
        if let Some(found) = frame(&text) {
            return Ok((Some(found), bytes));
        }
        to = from;
    }
    Ok((None, bytes))
}

fn piece(file: &File, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(to.saturating_sub(from)).unwrap_or(0)];
    let mut read = 0;
    // It may have been made shorter meanwhile.
    while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, from + u64::try_from(read).unwrap_or(0))? {
            0 => break,
            n => read += n,
        }
    }
    bytes.truncate(read);
    Ok(bytes)
}

fn check(meta: &Metadata, owner: u32) -> io::Result<()> {
    if meta.is_file() && meta.uid() == owner {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, "no regular file of the job's owner"))
}
