//! What became of a run, in files of one folder that outlive server and supervisor.
//!
//! `12.1.claim` and `12.1.program` are symbolic links whose target names a process (boot, pid, start):
//! one system call makes them whole or not at all, and only one process can. `12.1.json` is the state,
//! always replaced by a rename.

use rota_core::id::JobId;
use rota_core::job::Stop;
use rota_core::observation::{Seen, Sighting};
use rota_core::units::Time;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Deed, What, tree};
use crate::gpu::suspend::Held;

/// One run of one job: what records are named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct RunId {
    pub job: JobId,
    pub run: u32,
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.job, self.run)
    }
}

/// The kinds of files that a run leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Who supervises it.
    Claim,
    /// Which process the program is.
    Program,
    /// Where the supervisor listens.
    Control,
    /// Its state.
    State,
    /// The folder of the MPS daemon that it uses.
    Mps,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::Claim, Kind::Program, Kind::Control, Kind::State, Kind::Mps];

    fn suffix(self) -> &'static str {
        match self {
            Kind::Claim => "claim",
            Kind::Program => "program",
            Kind::Control => "ctl",
            Kind::State => "json",
            Kind::Mps => "mps",
        }
    }
}

impl RunId {
    /// The name of one of its files.
    pub fn file(self, kind: Kind) -> String {
        format!("{self}.{}", kind.suffix())
    }

    /// Reads `12_3.1.json`; none for any other file.
    pub fn of_file(name: &str) -> Option<(RunId, Kind)> {
        let (stem, suffix) = name.rsplit_once('.')?;
        let kind = Kind::ALL.into_iter().find(|k| k.suffix() == suffix)?;
        let (job, run) = stem.rsplit_once('.')?;
        Some((RunId { job: JobId::parse(job)?, run: run.parse().ok()? }, kind))
    }
}

/// Where a run is, as its supervisor last wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub(crate) enum State {
    Running,
    /// On the way to being suspended: what it holds is noted before anything is done.
    Suspending {
        held: Vec<Held>,
    },
    Suspended {
        /// What it held on GPUs.
        #[serde(default)]
        held: Vec<Held>,
    },
    SuspendFailed {
        why: String,
        lasting: bool,
    },
    /// On the way back; why it is not there yet.
    Resuming {
        held: Vec<Held>,
        why: String,
    },
    /// It was to be brought back and could not; nothing of it is left.
    Unrestorable {
        why: String,
    },
    NotStarted {
        why: String,
    },
    Exited {
        code: Option<i32>,
        signal: Option<i32>,
    },
    Gone {
        why: String,
    },
}

impl State {
    /// Nothing can follow.
    pub fn is_end(&self) -> bool {
        match self {
            State::Running
            | State::Suspending { .. }
            | State::Suspended { .. }
            | State::SuspendFailed { .. }
            | State::Resuming { .. } => false,
            State::Unrestorable { .. }
            | State::NotStarted { .. }
            | State::Exited { .. }
            | State::Gone { .. } => true,
        }
    }

    pub fn seen(&self) -> Seen {
        match self.clone() {
            // On the way it is still what it was.
            State::Running | State::Suspending { .. } => Seen::Running,
            State::Suspended { .. } | State::Resuming { .. } => Seen::Suspended,
            State::SuspendFailed { why, lasting } => Seen::SuspendFailed { why, lasting },
            State::Unrestorable { why } => Seen::Unrestorable { why },
            State::NotStarted { why } => Seen::NotStarted { why },
            State::Exited { code, signal } => Seen::Exited { code, signal },
            State::Gone { why } => Seen::Gone { why },
        }
    }
}

/// The state file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The supervisor.
    pub supervisor: Process,
    /// The program; none before it was made.
    pub program: Option<Process>,
    /// The last turn whose deed is done.
    pub turn: u32,
    /// It uses GPUs of a real driver.
    #[serde(default)]
    pub driver: bool,
    /// It was suspended and brought back at least once.
    #[serde(default)]
    pub restored: bool,
    /// Who calls the driver while the program is on its way.
    #[serde(default)]
    pub helper: Option<Process>,
    /// Who called the driver and never came back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hung: Vec<Process>,
    #[serde(flatten)]
    pub state: State,
    /// Milliseconds since 1970.
    pub at: Time,
}

impl Record {
    /// Of a program that is about to begin.
    pub fn new(supervisor: Process, turn: u32) -> Record {
        Record {
            supervisor,
            program: None,
            turn,
            driver: false,
            restored: false,
            helper: None,
            hung: Vec::new(),
            state: State::Running,
            at: now(),
        }
    }

    /// Whether its supervisor began with a deed, or has answered it, as far as the record says.
    pub fn has_begun(&self, deed: &Deed) -> bool {
        let suspends = matches!(deed.what, What::Stop { how: Stop::Suspend, .. });
        let has = matches!(
            self.state,
            State::Suspending { .. } | State::Suspended { .. } | State::SuspendFailed { .. }
        );
        suspends && has && self.turn >= deed.turn
    }

    pub fn sighting(&self, id: RunId) -> Sighting {
        Sighting { job: id.job, run: id.run, turn: self.turn, seen: self.state.seen(), at: self.at }
    }

    /// Reads a state file; a torn one (power was lost) counts as none.
    pub fn read(dir: &Path, id: RunId) -> Option<Record> {
        let bytes = std::fs::read(dir.join(id.file(Kind::State))).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Replaces the state file as a whole.
    pub fn write(&self, dir: &Path, id: RunId) -> io::Result<()> {
        let draft = dir.join(format!(".{id}.draft"));
        std::fs::write(&draft, serde_json::to_vec(self)?)?;
        std::fs::rename(&draft, dir.join(id.file(Kind::State)))
    }
}

/// A process that cannot be mistaken for a later one with the same pid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process {
    /// Boot id of the kernel it lives under.
    pub boot: String,
    pub pid: i32,
    /// Clock ticks from boot to its start (field 22 of `/proc/PID/stat`).
    pub start: u64,
}

impl Process {
    /// The process that now has `pid`.
    pub fn now(pid: i32) -> Option<Process> {
        Some(Process { boot: boot_id(), pid, start: tree::stat(pid)?.start })
    }

    /// Still lives (a zombie does not).
    pub fn lives(&self) -> bool {
        let same = |s: tree::Stat| s.start == self.start && !s.is_dead();
        tree::stat(self.pid).is_some_and(same) && self.boot == boot_id()
    }

    fn parse(text: &str) -> Option<Process> {
        let mut words = text.split(' ');
        let boot = words.next()?.to_string();
        Some(Process { boot, pid: words.next()?.parse().ok()?, start: words.next()?.parse().ok()? })
    }

    /// Writes the link; `AlreadyExists` where another did.
    pub fn note(&self, dir: &Path, id: RunId, kind: Kind) -> io::Result<()> {
        let target = format!("{} {} {}", self.boot, self.pid, self.start);
        symlink(target, dir.join(id.file(kind)))
    }

    /// Reads the link.
    pub fn noted(dir: &Path, id: RunId, kind: Kind) -> Option<Process> {
        let target: PathBuf = std::fs::read_link(dir.join(id.file(kind))).ok()?;
        Process::parse(target.to_str()?)
    }
}

/// Names this boot; read once, so that what the spawner forks need not read it again.
pub(crate) fn boot_id() -> String {
    static ID: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let read = || std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    ID.get_or_init(|| read().trim().to_string()).clone()
}

/// The only look at the calendar clock: deadlines use the monotonic one.
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_read_back_and_strange_ones_are_ignored() {
        let id = RunId { job: JobId { number: 12, task: Some(3) }, run: 2 };
        for kind in Kind::ALL {
            assert_eq!(RunId::of_file(&id.file(kind)), Some((id, kind)));
        }
        for strange in [".12.1.draft", "12.json", "x.1.json", "12.1.json~", ".lock"] {
            assert_eq!(RunId::of_file(strange), None, "{strange}");
        }
    }
}
