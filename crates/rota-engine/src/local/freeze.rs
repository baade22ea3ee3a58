//! Stopping all processes of a job in place, and continuing them.
//!
//! By their control group where there is one; elsewhere SIGSTOP, until a walk finds nothing new. A job that is not confined
//! gets its group at the first freeze, because moving processes takes a lock of the whole machine.

use nix::libc::{SIGCONT, SIGSTOP};
use nix::poll::{PollFd, PollTimeout, poll};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use super::cgroup::Group;
use super::record::RunId;
use super::tree;

/// A process in an uninterruptible wait (a hung network disk) cannot be frozen; after this the freeze has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// The freezer of one run.
#[derive(Debug)]
pub(crate) struct Freezer {
    pub group: Option<Group>,
    /// The limit of its memory before it was raised.
    limit: Cell<Option<u64>>,
}

impl Freezer {
    /// `records`: the folder of records.
    pub fn new(records: &Path, id: RunId) -> Freezer {
        Freezer { group: Group::of(records, id), limit: Cell::new(None) }
    }

    /// Freezes everything that `members` finds; on failure everything runs on.
    pub fn freeze(&self, members: &dyn Fn() -> BTreeSet<i32>) -> Result<(), String> {
        let by_group = self.group.as_ref().filter(|g| g.gather(members).is_ok());
        let result = match by_group {
            Some(group) => group.freeze(PATIENCE),
            None => stop_all(members),
        };
        if result.is_err() {
            self.thaw(members);
        }
        result
    }

    /// Continues everything.
    pub fn thaw(&self, members: &dyn Fn() -> BTreeSet<i32>) {
        if !self.group.as_ref().is_some_and(Group::thaw) {
            // To all: one that waits for its vfork has not stopped yet, and must not. Refusals were never stopped.
            let _ = tree::signal(&members(), SIGCONT);
        }
    }

    /// Lets its processes use so many bytes of memory more than they were given; 0 takes it back.
    pub fn allow_memory(&self, more: u64) -> Result<(), String> {
        let Some(group) = &self.group else { return Ok(()) };
        let given = self.limit.get().or_else(|| group.memory_limit());
        let Some(given) = given else { return Ok(()) };
        self.limit.set(Some(given));
        group.set_memory_limit(given + more + more / 10)
    }

    /// Processes that were frozen once, even when their parents are gone.
    pub fn members(&self) -> BTreeSet<i32> {
        self.group.as_ref().map(Group::processes).unwrap_or_default()
    }

    /// Ends everything that is in the group, even what is frozen.
    pub fn kill(&self) {
        if let Some(group) = &self.group {
            // Where there is no group, signals do it.
            let _ = group.kill();
        }
    }

    /// Removes the empty group.
    pub fn remove(&self) {
        if let Some(group) = &self.group {
            group.remove();
        }
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

pub(crate) fn too_slow() -> String {
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
        let freezer = Freezer { group: None, limit: Cell::new(None) };
        freezer.freeze(&members).expect("it can be stopped");
        let still = |p: &i32| tree::stat(*p).is_some_and(|s| s.is_stopped() || s.state == 'D');
        assert!(members().iter().all(still));
        freezer.thaw(&members);
        assert!(!members().iter().any(|p| tree::stat(*p).is_some_and(tree::Stat::is_stopped)));
        tree::signal(&members(), nix::libc::SIGKILL).expect("they are ours");
        child.wait().expect("it is ours");
    }
}
