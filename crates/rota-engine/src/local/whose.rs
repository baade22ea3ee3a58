//! Which job a process belongs to: by its control group, else by its ancestors.

use rota_core::id::JobId;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::look::runs;
use super::record::{Kind, Process, Record, RunId};
use super::tree;

/// How far up is looked.
const GENERATIONS: usize = 4096;

/// Says whose processes are; reads the records of runs, and of the engine only who hangs.
#[derive(Clone, Debug)]
pub struct Whose {
    dir: PathBuf,
    hung: Arc<Hung>,
}

/// Who is in a call into the driver for each run that has not come back in time, as records say that change.
#[derive(Debug, Default)]
pub(crate) struct Hung(Mutex<BTreeMap<RunId, Vec<Process>>>);

impl Hung {
    /// What the record of a run says; nothing where it is over.
    pub fn note(&self, id: RunId, hung: &[Process]) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hung.is_empty() {
            all.remove(&id);
        } else {
            all.insert(id, hung.to_vec());
        }
    }
}

impl Whose {
    /// By the records in a folder.
    pub(crate) fn new(dir: &Path, hung: Arc<Hung>) -> Whose {
        Whose { dir: dir.to_owned(), hung }
    }

    /// By the records beside a store, for who looks from outside; none where they are not theirs to read.
    pub fn beside(store: &Path) -> Option<Whose> {
        let records = store.join("records");
        let closed =
            std::fs::read_dir(&records).is_err_and(|why| why.kind() != ErrorKind::NotFound);
        (!closed).then(|| Whose::new(&records, Arc::default()))
    }

    /// The job of each of these processes that lives and belongs to one; suspended jobs too.
    pub fn of(&self, pids: &[u32]) -> BTreeMap<u32, JobId> {
        // Where control groups say it all, no record is read.
        let roots = LazyCell::new(|| self.roots());
        let job = |pid: &u32| {
            let known = self.by_group(*pid).or_else(|| by_ancestors(*pid, &roots));
            known.map(|job| (*pid, job))
        };
        pids.iter().filter_map(job).collect()
    }

    /// Jobs for which somebody is in a call into the driver that has not come back in time, and may never.
    pub fn hung(&self) -> BTreeSet<JobId> {
        let all = self.hung.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hangs = all.iter().filter(|(_, hung)| hung.iter().any(Process::lives));
        hangs.map(|(id, _)| id.job).collect()
    }

    /// Supervisors and programs.
    fn roots(&self) -> BTreeMap<i32, JobId> {
        let mut roots = BTreeMap::new();
        for id in runs(&self.dir).unwrap_or_default() {
            let noted =
                [Kind::Claim, Kind::Program].map(|kind| Process::noted(&self.dir, id, kind));
            let named = Record::read(&self.dir, id).and_then(|record| record.program);
            let all = noted.into_iter().flatten().chain(named).filter(Process::lives);
            roots.extend(all.map(|process| (process.pid, id.job)));
        }
        roots
    }

    fn by_group(&self, pid: u32) -> Option<JobId> {
        let folder = std::fs::metadata(&self.dir).ok()?;
        let own = format!("{:x}-{:x}-", folder.dev(), folder.ino());
        let groups = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
        let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
        let name = path.split("/rota/").nth(1)?.split('/').next()?;
        let run = RunId::of_file(&format!("{}.json", name.strip_prefix(&own)?))?;
        Some(run.0.job)
    }
}

/// A program leads a session of its own, which those that it leaves behind still name.
fn by_ancestors(pid: u32, roots: &BTreeMap<i32, JobId>) -> Option<JobId> {
    let mut at = i32::try_from(pid).ok()?;
    for _ in 0..GENERATIONS {
        if let Some(job) = roots.get(&at) {
            return Some(*job);
        }
        let stat = tree::stat(at)?;
        if let Some(job) = roots.get(&stat.session) {
            return Some(*job);
        }
        if stat.parent <= 1 {
            return None;
        }
        at = stat.parent;
    }
    None
}

/// What is known of a process to those who do not own it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// Account that runs it.
    pub user: String,
    /// Its name.
    pub command: String,
    /// When it began, in milliseconds since 1970.
    pub since: u64,
}

impl Stranger {
    /// Looks at a process; none where there is no such process, or none that can be seen from here.
    pub fn of(pid: u32) -> Option<Stranger> {
        let uid = std::fs::metadata(format!("/proc/{pid}")).ok()?.uid();
        let account = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid));
        let name = account.ok().flatten().map(|account| account.name);
        let command = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let stat = tree::stat(i32::try_from(pid).ok()?).filter(|stat| !stat.is_dead())?;
        Some(Stranger {
            user: name.unwrap_or_else(|| format!("uid-{uid}")),
            command: command.trim().to_owned(),
            since: began(stat.start),
        })
    }
}

/// Ticks since boot as milliseconds since 1970.
fn began(ticks: u64) -> u64 {
    let all = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let boot = all.lines().find_map(|line| line.strip_prefix("btime "));
    let boot = boot.and_then(|seconds| seconds.trim().parse::<u64>().ok()).unwrap_or(0);
    let per_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok().flatten();
    let per_second = per_second.and_then(|n| u64::try_from(n).ok()).unwrap_or(100).max(1);
    boot * 1000 + ticks * 1000 / per_second
}
