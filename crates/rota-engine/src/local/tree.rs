//! All processes of a job: its descendants, wherever they put themselves.

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What `/proc/PID/stat` says of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stat {
    pub state: char,
    pub parent: i32,
    pub session: i32,
    /// Its terminal: major and minor number.
    pub terminal: (u64, u64),
    pub start: u64,
}

impl Stat {
    pub fn is_dead(self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }

    pub fn is_stopped(self) -> bool {
        matches!(self.state, 'T' | 't')
    }
}

/// Reads `/proc/PID/stat`; none when there is no such process.
pub(crate) fn stat(pid: i32) -> Option<Stat> {
    // One read: the line is short, and the kernel writes it anew for each.
    let mut line = [0; 1024];
    let length = File::open(format!("/proc/{pid}/stat")).ok()?.read(&mut line).ok()?;
    let text = String::from_utf8_lossy(line.get(..length)?);
    // The command name may hold spaces and brackets; what follows the last bracket may not.
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    let device: u64 = fields.next()?.parse::<i32>().ok()?.cast_unsigned().into();
    let terminal = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00));
    let start = fields.nth(14)?.parse().ok()?;
    Some(Stat { state, parent, session, terminal, start })
}

/// Living descendants of `root`, without it.
pub(crate) fn descendants(root: i32) -> BTreeSet<i32> {
    if !Path::new("/proc/self/task").join(root_thread()).join("children").exists() {
        return descendants_by_parent(root);
    }
    let (mut found, mut open) = (BTreeSet::new(), vec![root]);
    while let Some(pid) = open.pop() {
        for child in children(pid) {
            if found.insert(child) {
                open.push(child);
            }
        }
    }
    found.retain(|pid| stat(*pid).is_some_and(|s| !s.is_dead()));
    found
}

/// Living processes of a session.
pub(crate) fn session(id: i32) -> BTreeSet<i32> {
    let is_in = |pid: &i32| stat(*pid).is_some_and(|s| s.session == id && !s.is_dead());
    all().filter(is_in).collect()
}

/// Sends a signal to each; those that are gone meanwhile do not matter. The last refusal comes back.
pub(crate) fn signal(pids: &BTreeSet<i32>, signal: i32) -> Result<(), (i32, Errno)> {
    let mut refused = Ok(());
    for pid in pids {
        match send(*pid, signal) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(e) => refused = Err((*pid, e)),
        }
    }
    refused
}

fn send(pid: i32, signal: i32) -> Result<(), Errno> {
    match nix::sys::signal::Signal::try_from(signal) {
        Ok(signal) => kill(Pid::from_raw(pid), signal),
        Err(_) => real_time(pid, signal),
    }
}

/// Real-time signals, which the typed interface does not know.
#[expect(unsafe_code, reason = "kill(2) with a real-time signal has no safe wrapper")]
fn real_time(pid: i32, signal: i32) -> Result<(), Errno> {
    // SAFETY: kill(2) takes two integers and touches no memory of ours.
    Errno::result(unsafe { nix::libc::kill(pid, signal) }).map(drop)
}

fn children(pid: i32) -> Vec<i32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let lists =
        threads.flatten().filter_map(|t| std::fs::read_to_string(t.path().join("children")).ok());
    lists
        .flat_map(|l| {
            l.split_ascii_whitespace().filter_map(|p| p.parse().ok()).collect::<Vec<i32>>()
        })
        .collect()
}

fn root_thread() -> String {
    std::process::id().to_string()
}

/// For kernels without `CONFIG_PROC_CHILDREN`.
fn descendants_by_parent(root: i32) -> BTreeSet<i32> {
    let every: Vec<(i32, Stat)> = all().filter_map(|p| Some((p, stat(p)?))).collect();
    let mut found = BTreeSet::from([root]);
    loop {
        let before = found.len();
        found.extend(
            every
                .iter()
                .filter(|(_, s)| found.contains(&s.parent))
                .map(|(p, _)| *p)
                .collect::<Vec<_>>(),
        );
        if found.len() == before {
            break;
        }
    }
    found.remove(&root);
    found.retain(|p| every.iter().any(|(pid, s)| pid == p && !s.is_dead()));
    found
}

pub(super) fn all() -> impl Iterator<Item = i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|e| e.file_name().to_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_walking_find_the_same_descendants() {
        let mut child =
            std::process::Command::new("sleep").arg("1000").spawn().expect("sleep exists");
        let pid = i32::try_from(child.id()).expect("a pid");
        let me = i32::try_from(std::process::id()).expect("a pid");
        assert!(descendants(me).contains(&pid));
        assert!(descendants_by_parent(me).contains(&pid));
        child.kill().expect("it lives");
        child.wait().expect("it is ours");
        assert!(!descendants(me).contains(&pid));
    }
}
