//! The control group (cgroup v2) of one run: what its processes may use, stopped and ended as one. Nothing can escape it,
//! and programs do not see it. Plain files; what a machine cannot do is left out, and `rota doctor` says so.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::record::RunId;

/// The controllers that limit what a job uses.
pub(crate) const CONTROLLERS: [&str; 3] = ["cpu", "memory", "pids"];
/// The period over which CPU time is counted, in microseconds: the kernel's own default.
const PERIOD: u64 = 100_000;
/// The kernel's own highest weight.
const MOST_WEIGHT: u64 = 10_000;
/// Processes and threads of a job: more is a program that runs away.
const MOST_PROCESSES: u64 = 32_768;

/// A control group, made or not.
#[derive(Debug)]
pub(crate) struct Group(PathBuf);

/// What the processes of a group may use together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub cpus: u32,
    /// Bytes; 0: no limit.
    pub memory: u64,
}

impl Group {
    /// The group of a run; none where there is no cgroup v2. `records`: the folder of records; it tells apart the servers
    /// of one machine.
    pub fn of(records: &Path, id: RunId) -> Option<Group> {
        let named = |m: fs::Metadata| format!("rota/{:x}-{:x}-{id}", m.dev(), m.ino());
        let name = fs::metadata(records).ok().map(named)?;
        Some(Group(mount()?.join(name)))
    }

    /// A group at a path.
    pub fn at(path: PathBuf) -> Group {
        Group(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes it, with as many controllers as there are.
    pub fn create(&self) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        let above = self.0.ancestors().skip(1).take(2);
        for folder in above.collect::<Vec<_>>().into_iter().rev() {
            for controller in missing(folder) {
                // Refused, as by the kernel for the first version's: the group then does without.
                let _ = fs::write(folder.join("cgroup.subtree_control"), format!("+{controller}"));
            }
        }
        Ok(())
    }

    /// Moves a process into it; 0 is the caller.
    pub fn join(&self, pid: i32) -> io::Result<()> {
        fs::write(self.0.join("cgroup.procs"), pid.to_string())
    }

    /// Limits what it uses, as far as this machine can. CPU time is shared by the cores that were asked for; who asked for
    /// more than the usual one gets no more than that.
    pub fn limit(&self, limits: Limits) {
        let cores = u64::from(limits.cpus.max(1));
        let weight = (cores * 100).min(MOST_WEIGHT).to_string();
        let quota = if cores > 1 { format!("{} {PERIOD}", cores * PERIOD) } else { "max".into() };
        let memory = if limits.memory == 0 { "max".into() } else { limits.memory.to_string() };
        let processes = MOST_PROCESSES.to_string();
        let all = [
            ("cpu.weight", weight),
            ("cpu.max", quota),
            ("memory.max", memory),
            ("pids.max", processes),
        ];
        for (file, text) in all {
            // Without the controller there is no file.
            let _ = fs::write(self.0.join(file), text);
        }
    }

    /// The limit of its memory in bytes; none where there is none.
    pub fn memory_limit(&self) -> Option<u64> {
        fs::read_to_string(self.0.join("memory.max")).ok()?.trim().parse().ok()
    }

    /// Changes the limit of its memory.
    pub fn set_memory_limit(&self, bytes: u64) -> Result<(), String> {
        let file = self.0.join("memory.max");
        fs::write(&file, bytes.to_string())
            .map_err(|e| format!("{} cannot be set to {bytes}: {e}", file.display()))
    }

    pub fn processes(&self) -> BTreeSet<i32> {
        let text = fs::read_to_string(self.0.join("cgroup.procs")).unwrap_or_default();
        text.lines().filter_map(|l| l.parse().ok()).collect()
    }

    /// Moves all into the group; a child born meanwhile is found by the next walk.
    pub fn gather(&self, members: &dyn Fn() -> BTreeSet<i32>) -> io::Result<()> {
        self.create()?;
        for _ in 0..1000 {
            let outside: Vec<i32> = members().difference(&self.processes()).copied().collect();
            if outside.is_empty() {
                return Ok(());
            }
            for pid in outside {
                match self.join(pid) {
                    Err(e) if e.raw_os_error() != Some(nix::libc::ESRCH) => return Err(e),
                    _ => {}
                }
            }
        }
        Err(io::Error::other("processes are made faster than they can be gathered"))
    }

    /// Stops everything in it.
    pub fn freeze(&self, patience: Duration) -> Result<(), String> {
        let words = |e: io::Error| format!("the cgroup {} cannot be frozen: {e}", self.0.display());
        fs::write(self.0.join("cgroup.freeze"), "1").map_err(words)?;
        match self.until("frozen 1", patience).map_err(words)? {
            true => Ok(()),
            false => Err(super::freeze::too_slow()),
        }
    }

    /// Continues everything in it; whether there is such a group.
    pub fn thaw(&self) -> bool {
        fs::write(self.0.join("cgroup.freeze"), "0").is_ok()
    }

    /// Ends everything in it at once, even what is frozen.
    pub fn kill(&self) -> io::Result<()> {
        fs::write(self.0.join("cgroup.kill"), "1")
    }

    /// Removes it, once it is empty.
    pub fn remove(&self) {
        // Most runs never had one.
        let _ = fs::remove_dir(&self.0);
    }

    /// Waits until the kernel says so; whether it did.
    pub fn until(&self, event: &str, patience: Duration) -> io::Result<bool> {
        let mut events = fs::File::open(self.0.join("cgroup.events"))?;
        let until = Instant::now() + patience;
        loop {
            let mut text = String::new();
            io::Seek::rewind(&mut events)?;
            io::Read::read_to_string(&mut events, &mut text)?;
            let left = until.saturating_duration_since(Instant::now());
            if text.contains(event) || left.is_zero() {
                return Ok(text.contains(event));
            }
            let most = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            // An interrupted wait only means an earlier look.
            let _ = poll(&mut [PollFd::new(events.as_fd(), PollFlags::POLLPRI)], most);
        }
    }
}

/// Controllers that a folder has and does not hand down yet. Only the first job of a machine finds any: writing takes a lock
/// of the whole machine.
fn missing(folder: &Path) -> Vec<&'static str> {
    let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
    let (there, down) = (read("cgroup.controllers"), read("cgroup.subtree_control"));
    let is_in = |text: &str, name: &str| text.split_whitespace().any(|word| word == name);
    CONTROLLERS.into_iter().filter(|name| is_in(&there, name) && !is_in(&down, name)).collect()
}

/// Where cgroup v2 is mounted; read once, so that what the spawner forks need not read it again.
pub(crate) fn mount() -> Option<PathBuf> {
    static MOUNT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let read = || {
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        let line = mounts.lines().find(|l| l.contains(" - cgroup2 "))?;
        line.split(' ').nth(4).map(PathBuf::from)
    };
    MOUNT.get_or_init(read).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_controllers_that_are_there_and_not_handed_down_yet_are_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |file: &str, text: &str| {
            fs::write(folder.path().join(file), text).expect("written");
        };
        write("cgroup.controllers", "cpuset cpu io memory\n");
        write("cgroup.subtree_control", "cpu\n");
        assert_eq!(missing(folder.path()), ["memory"]);
        write("cgroup.subtree_control", "cpu memory\n");
        assert!(missing(folder.path()).is_empty());
    }
}
