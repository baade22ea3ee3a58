//! What is supervised: a program of our own or somebody else's, and every process that belongs to it.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::os::fd::{AsFd, OwnedFd};

use super::super::claim::here;
use super::super::record::{Kind, Process, State};
use super::super::tree;
use super::Supervisor;

/// What is supervised.
pub(super) enum Program {
    /// Our child; all orphans of its tree become our children.
    Child,
    /// Somebody else's child; its exit code is never known.
    Other { end: Option<OwnedFd>, process: Process, is_ours: bool },
}

impl Supervisor {
    /// Watches a process that is not a child.
    pub(super) fn adopt(&mut self, process: Option<Process>, is_ours: bool) {
        let Some(process) = process.filter(|p| is_ours || p.lives()) else {
            self.save(State::NotStarted {
                why: "there is no process with that pid; it may have ended".into(),
            });
            return;
        };
        let end = Pid::from_raw(process.pid);
        let end = rustix::process::Pid::from_raw(end.as_raw())
            .and_then(|p| rustix::process::pidfd_open(p, rustix::process::PidfdFlags::empty()).ok())
            .filter(|_| process.lives());
        if !is_ours {
            // A record of the program that lets the server find it; the state file names it too.
            let _ = process.note(here(), self.id, Kind::Program);
        }
        self.record.program = Some(process.clone());
        if end.is_none() {
            self.program_ended(other_end(is_ours));
        }
        self.program = Program::Other { end, process, is_ours };
        if self.ended.is_none() {
            self.save(self.record.state.clone());
        }
    }

    /// Every living process of the job.
    pub(in crate::local) fn members(&self) -> BTreeSet<i32> {
        let mut all = match &self.program {
            Program::Child if self.childless => BTreeSet::new(),
            Program::Child => tree::descendants(Pid::this().as_raw()),
            Program::Other { process, is_ours, .. } => {
                let mut all =
                    if process.lives() { BTreeSet::from([process.pid]) } else { BTreeSet::new() };
                if *is_ours {
                    all.extend(tree::session(process.pid));
                    all.extend(self.freezer.members());
                }
                let below: Vec<i32> = all.iter().flat_map(|p| tree::descendants(*p)).collect();
                all.extend(below);
                all
            }
        };
        for helper in self.helpers.borrow().iter() {
            all.remove(helper);
        }
        all
    }
}

pub(super) fn other_end(is_ours: bool) -> State {
    match is_ours {
        true => State::Gone { why: "its supervisor was killed; the exit code is not known".into() },
        false => State::Exited { code: None, signal: None },
    }
}

pub(super) fn is_readable(fd: &OwnedFd) -> bool {
    let mut fds = [PollFd::new(fd.as_fd(), PollFlags::POLLIN)];
    poll(&mut fds, PollTimeout::ZERO).is_ok_and(|n| n > 0)
}
