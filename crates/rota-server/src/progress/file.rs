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
    /// The last frame before `searched_to`.
    frame: Option<String>,
    searched_to: u64,
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
        Watched { path, kind: Kind::Output, seen: None, frame: None, searched_to: 0, said: None }
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
        if !is_same || meta.len() < self.searched_to {
            (self.frame, self.searched_to) = (None, 0);
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
        let alone = of_output(&newest);
        if alone.is_none() || !lacks_frame(&newest) {
            return Ok((alone, bytes));
        }
        // What was searched before needs no second look.
        let least = self.searched_to.max(start.saturating_sub(FURTHEST));
        let (found, read) = search(file, least, start, length)?;
        self.frame = found.or(self.frame.take());
        // The line that the newest part begins in the middle of is whole next time.
        self.searched_to = start.saturating_sub(LINE);
        bytes += read;
        Ok((self.frame.as_ref().map_or(alone, |frame| of_framed(frame, &newest)), bytes))
    }
}

fn tail() -> u64 {
    u64::try_from(TAIL).unwrap_or(u64::MAX)
}

/// The last frame that begins between two places, and how many bytes were read for it.
fn search(file: &File, least: u64, most: u64, length: u64) -> io::Result<(Option<String>, u64)> {
    let (mut to, mut bytes) = (most, 0);
    while to > least {
        let from = to.saturating_sub(PIECE).max(least);
        let text = piece(file, from, (to + LINE).min(length))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const LONG_AGO: SystemTime = SystemTime::UNIX_EPOCH;

    fn own() -> u32 {
        nix::unistd::geteuid().as_raw()
    }

    fn fraction(watched: &mut Watched) -> Option<f64> {
        watched.look(own(), LONG_AGO).ok()?;
        watched.said().map(|said| said.reading.fraction)
    }

    #[test]
    fn an_epoch_is_found_wherever_its_line_is_cut() {
        let folder = tempfile::tempdir().expect("a folder");
        let bar = " 450/1000 [=====>.....] - ETA: 9s\n";
        for cut in [0, 1, 5, 11, 12] {
            let path = folder.path().join(cut.to_string());
            let mut file = File::create(&path).expect("a file");
            let before = bar.repeat(20_000);
            let mut after = bar.repeat(TAIL / bar.len());
            after.truncate(TAIL - cut);
            write!(file, "{before}Epoch 3/10\n{after}").expect("written");
            let mut watched = Watched::output(path);
            let first = fraction(&mut watched);
            write!(file, "\n{bar}").expect("written");
            let second = fraction(&mut watched).expect("a bar");
            assert!((second - 0.245).abs() < 1e-9, "{cut}: {first:?} {second}");
            write!(file, "{}", bar.repeat(3000)).expect("written");
            let third = fraction(&mut watched).expect("a bar");
            assert!((third - 0.245).abs() < 1e-9, "{cut}: {third}");
        }
    }

    #[test]
    fn only_a_regular_file_of_the_owner_that_was_written_in_time_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, "1/2").expect("a file");
        assert_eq!(fraction(&mut Watched::file(path.clone())), Some(0.5));
        let someone = Watched::file(path.clone()).look(own() + 1, LONG_AGO);
        assert!(someone.is_err());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        assert_eq!(fraction(&mut Watched::file(link)), None);
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
        assert_eq!(fraction(&mut Watched::file(pipe)), None);
        let mut late = Watched::file(path);
        let later = SystemTime::now() + std::time::Duration::from_secs(60);
        late.look(own(), later).expect("read");
        assert!(late.said().is_none());
    }

    #[test]
    fn what_has_not_changed_is_not_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, "1/2").expect("a file");
        let mut watched = Watched::file(path.clone());
        assert_eq!(watched.look(own(), LONG_AGO).expect("read"), 3);
        assert_eq!(watched.look(own(), LONG_AGO).expect("not read"), 0);
        assert!(watched.said().is_some());
        std::fs::remove_file(path).expect("gone");
        assert!(watched.look(own(), LONG_AGO).is_err());
        assert!(watched.said().is_none());
    }
}
