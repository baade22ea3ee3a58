//! Stopping all processes of a job in place, and continuing them.
//!
//! A cgroup (v2) where one can be made: nothing can escape it, and programs do not see it. It is made at the first
//! freeze, because moving processes takes a lock of the whole machine. Elsewhere SIGSTOP, until a walk finds nothing new.

use nix::libc::{SIGCONT, SIGSTOP};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::collections::BTreeSet;
use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::record::RunId;
use super::tree;

/// A process in an uninterruptible wait (a hung network disk) cannot be frozen; after this the freeze has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// The freezer of one run.
pub(crate) struct Freezer {
    group: Option<PathBuf>,
}

impl Freezer {
    /// `records`: the folder of records; it tells apart the servers of one machine.
    pub fn new(records: &Path, id: RunId) -> Freezer {
        let named = |m: fs::Metadata| format!("rota/{:x}-{:x}-{id}", m.dev(), m.ino());
        Freezer {
            group: fs::metadata(records).ok().map(named).and_then(|n| Some(mount()?.join(n))),
        }
    }

    /// Freezes everything that `members` finds; on failure everything runs on.
    pub fn freeze(&self, members: &dyn Fn() -> BTreeSet<i32>) -> Result<(), String> {
        let by_group = self.group.as_deref().filter(|g| gather(g, members).is_ok());
        let result = match by_group {
            Some(group) => freeze_group(group),
            None => stop_all(members),
        };
        if result.is_err() {
            self.thaw(members);
        }
        result
    }

    /// Continues everything.
    pub fn thaw(&self, members: &dyn Fn() -> BTreeSet<i32>) {
        let of_group =
            self.group.as_deref().is_some_and(|g| fs::write(g.join("cgroup.freeze"), "0").is_ok());
        if !of_group {
            // To all: one that waits for its vfork has not stopped yet, and must not. Refusals were never stopped.
            let _ = tree::signal(&members(), SIGCONT);
        }
    }

    /// Processes that were frozen once, even when their parents are gone.
    pub fn members(&self) -> BTreeSet<i32> {
        self.group.as_deref().map(processes).unwrap_or_default()
    }

    /// Removes the empty group.
    pub fn remove(&self) {
        if let Some(group) = &self.group {
            // Most runs were never frozen and have none.
            let _ = fs::remove_dir(group);
        }
    }
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

fn processes(group: &Path) -> BTreeSet<i32> {
    let text = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    text.lines().filter_map(|l| l.parse().ok()).collect()
}

/// Moves all into the group; a child born meanwhile is found by the next walk.
fn gather(group: &Path, members: &dyn Fn() -> BTreeSet<i32>) -> std::io::Result<()> {
    fs::create_dir_all(group)?;
    for _ in 0..1000 {
        let outside: Vec<i32> = members().difference(&processes(group)).copied().collect();
        if outside.is_empty() {
            return Ok(());
        }
        for pid in outside {
            match fs::write(group.join("cgroup.procs"), pid.to_string()) {
                Err(e) if e.raw_os_error() != Some(nix::libc::ESRCH) => return Err(e),
                _ => {}
            }
        }
    }
    Err(std::io::Error::other("processes are made faster than they can be gathered"))
}

fn freeze_group(group: &Path) -> Result<(), String> {
    let words = |e: std::io::Error| format!("the cgroup {} cannot be frozen: {e}", group.display());
    let mut events = fs::File::open(group.join("cgroup.events")).map_err(words)?;
    fs::write(group.join("cgroup.freeze"), "1").map_err(words)?;
    let until = Instant::now() + PATIENCE;
    loop {
        let mut text = String::new();
        std::io::Seek::rewind(&mut events).map_err(words)?;
        std::io::Read::read_to_string(&mut events, &mut text).map_err(words)?;
        if text.contains("frozen 1") {
            return Ok(());
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(too_slow());
        }
        wait(&mut [PollFd::new(events.as_fd(), PollFlags::POLLPRI)], left);
    }
}

fn stop_all(members: &dyn Fn() -> BTreeSet<i32>) -> Result<(), String> {
    let until = Instant::now() + PATIENCE;
    let mut stopped = BTreeSet::new();
    loop {
        let now = members();
        let stats: Vec<(i32, tree::Stat)> =
            now.iter().filter_map(|p| Some((*p, tree::stat(*p)?))).collect();
        // Between vfork and exec the parent waits for the child; stopped, the child holds both.
        let held = |p: i32, s: tree::Stat| {
            s.state == 'D' && stats.iter().any(|(_, c)| c.parent == p && c.is_stopped())
        };
        let moves = |p: i32, s: tree::Stat| !s.is_stopped() && !s.is_dead() && !held(p, s);
        let still: BTreeSet<i32> =
            stats.iter().filter(|(p, s)| moves(*p, *s)).map(|(p, _)| *p).collect();
        if still.is_empty() && now == stopped {
            return Ok(());
        }
        if Instant::now() > until {
            return Err(too_slow());
        }
        tree::signal(&still, SIGSTOP)
            .map_err(|(pid, e)| format!("process {pid} cannot be stopped: {e}"))?;
        if !still.is_empty() {
            // The kernel says nowhere when a process that is not our child has stopped.
            wait(&mut [], Duration::from_millis(1));
        }
        stopped = now;
    }
}

fn too_slow() -> String {
    format!(
        "a process did not stop within {} s; it may wait for a disk or a driver",
        PATIENCE.as_secs()
    )
}

fn wait(fds: &mut [PollFd<'_>], most: Duration) {
    let most = PollTimeout::try_from(most).unwrap_or(PollTimeout::MAX);
    // An interrupted wait only means an earlier look.
    let _ = poll(fds, most);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn without_a_cgroup_every_process_is_stopped_and_continued() {
        let mut child =
            Command::new("sh").args(["-c", "sleep 1000 & sleep 1000"]).spawn().expect("sh exists");
        let root = i32::try_from(child.id()).expect("a pid");
        let members = || {
            let mut all = tree::descendants(root);
            all.insert(root);
            all
        };
        let freezer = Freezer { group: None };
        freezer.freeze(&members).expect("it can be stopped");
        let still = |p: &i32| tree::stat(*p).is_some_and(|s| s.is_stopped() || s.state == 'D');
        assert!(members().iter().all(still));
        freezer.thaw(&members);
        assert!(!members().iter().any(|p| tree::stat(*p).is_some_and(tree::Stat::is_stopped)));
        tree::signal(&members(), nix::libc::SIGKILL).expect("they are ours");
        child.wait().expect("it is ours");
    }
}
