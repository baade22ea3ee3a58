//! A job: what it asks for, where it is in its life, how it ended.

use crate::id::{JobId, NodeId, PersonId};
use crate::idle::{Idling, Pin};
use crate::part::Excess;
use crate::units::{GpuTime, Mib, Span, Time};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

mod outcome;
mod placement;
mod suspending;

pub use outcome::Outcome;
pub use placement::{Part, Placement};
pub use suspending::{SUSPEND_TRIES, Suspending};

/// What a job asks for. Every task of an array shares one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSpec {
    /// Name for people; any text without control characters.
    pub name: String,
    /// Whole GPUs, on each of its nodes.
    pub gpus: u32,
    /// Nodes of one pool with GPUs of one model: more than one is a gang, which starts, stops and ends as one.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub nodes: u32,
    /// Memory of the one GPU that it may share with others; none: its GPUs are its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_mem: Option<Mib>,
    /// Acceptable GPU models; empty: any.
    #[serde(default)]
    pub models: Vec<String>,
    /// How fast it is on some of them, A100 = 1000, where its owner knows better than the table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speeds: Vec<(String, u32)>,
    /// The pool it wants; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Its class; none: the default class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// CPU cores, on each of its nodes.
    pub cpus: u32,
    /// Host memory, on each of its nodes.
    pub mem: Mib,
    /// Walltime: running time after which it is stopped; none: no limit.
    #[serde(default)]
    pub limit: Option<Span>,
    /// It runs on its person's terminal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interactive: bool,
    /// How it can make room when its turn ends.
    pub turns: TurnMode,
    /// Jobs that must have ended before.
    #[serde(default)]
    pub after: Vec<Dependency>,
    /// It does not start before then, and its age counts from then on; none: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin: Option<Time>,
    /// At most so many tasks of the array at one time.
    #[serde(default)]
    pub at_most: Option<u32>,
    /// How often it may start again after its node or its supervisor was lost.
    #[serde(default)]
    pub retries: u32,
    /// Signal before the walltime.
    #[serde(default)]
    pub warning: Option<Warning>,
    /// Time between SIGTERM and SIGKILL when it is stopped.
    pub grace: Span,
}

impl Default for JobSpec {
    fn default() -> JobSpec {
        JobSpec {
            name: String::new(),
            gpus: 0,
            nodes: 1,
            gpu_mem: None,
            models: Vec::new(),
            speeds: Vec::new(),
            pool: None,
            class: None,
            cpus: 1,
            mem: Mib(0),
            limit: None,
            interactive: false,
            turns: TurnMode::Never,
            after: Vec::new(),
            begin: None,
            at_most: None,
            retries: 0,
            warning: None,
            grace: Span::seconds(30),
        }
    }
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(nodes: &u32) -> bool {
    *nodes == 1
}

impl JobSpec {
    /// GPUs on all nodes.
    pub fn all_gpus(&self) -> u32 {
        self.gpus.saturating_mul(self.nodes)
    }
}

/// How a job makes room when its turn ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TurnMode {
    /// Frozen in place; continues on the same GPUs; loses no work.
    Suspend,
    /// Asked to end (SIGTERM, grace), queued again, restarts from its own checkpoint.
    Requeue,
    /// Takes no part in turns: runs to its end or walltime.
    Never,
}

/// A signal some time before the walltime (`USR1@120`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Signal number.
    pub signal: i32,
    /// How long before the walltime.
    pub before: Span,
}

/// Another job that must have ended, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dependency {
    /// How it must have ended.
    pub kind: DependencyKind,
    /// The job; all tasks when it is an array.
    pub number: u64,
}

/// How a dependency must have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DependencyKind {
    /// Exit code 0 (Slurm: afterok).
    Ok,
    /// Any end (Slurm: afterany).
    Any,
    /// Any end but exit code 0 (Slurm: afternotok).
    NotOk,
}

/// A job that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its name in the machine.
    pub id: JobId,
    /// Whose it is.
    pub owner: PersonId,
    /// What it asks for.
    pub spec: Arc<JobSpec>,
    /// When it was submitted.
    pub submitted: Time,
    /// Where it is in its life.
    pub state: JobState,
    /// Kept from starting by its owner or an admin.
    #[serde(default)]
    pub held: bool,
    /// Dependencies that have not ended yet.
    #[serde(default)]
    pub pending: Vec<Dependency>,
    /// It is not in line before then: the time it asked for has not come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Time>,
    /// Turns begun: starts and resumes. A deed is named by (job, turn).
    #[serde(default)]
    pub turns_begun: u32,
    /// Runs of the program begun: starts without resumes. `ROTA_RESTART` is one less.
    #[serde(default)]
    pub runs: u32,
    /// Restarts that were caused by a loss.
    #[serde(default)]
    pub losses: u32,
    /// When it first began to run.
    #[serde(default)]
    pub first_started: Option<Time>,
    /// Running time of this incarnation up to the current turn.
    #[serde(default)]
    pub ran: Span,
    /// GPU time of all turns that are over.
    #[serde(default)]
    pub used: GpuTime,
    /// The warning signal was sent in this incarnation.
    #[serde(default)]
    pub warned: bool,
    /// What was learnt in this incarnation about suspending it.
    #[serde(default)]
    pub suspending: Suspending,
    /// What is known of its use of its GPUs.
    #[serde(default)]
    pub idling: Idling,
    /// Why its GPUs are left to it even while it does not use them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// It uses more than its part of a GPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess: Option<Excess>,
    /// Thousandths of the GPU that it shares, or of which it has a slice, as of the start of the turn;
    /// [`crate::part::WHOLE`] of whole ones.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub fraction: u32,
    /// Price of what it holds for a millisecond, as of the start of the turn, or of the last change of policy or booking.
    #[serde(default)]
    pub rate: u64,
    /// The longest time that making room, or going on, has taken it: its turns are at least twenty times as long.
    #[serde(default)]
    pub switch_cost: Span,
}

fn whole() -> u32 {
    crate::part::WHOLE
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_whole(fraction: &u32) -> bool {
    *fraction == crate::part::WHOLE
}

/// Where a job is in its life. Starting, Running and Stopping hold their GPUs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum JobState {
    /// Not running; needs a start.
    Waiting {
        /// Since submit or requeue.
        since: Time,
    },
    /// Decided to start or resume; the engine has not confirmed it.
    Starting {
        /// What it holds.
        placement: Placement,
        /// When it was decided.
        since: Time,
        /// Continues a suspended program.
        resume: bool,
    },
    /// The program runs.
    Running {
        /// What it holds.
        placement: Placement,
        /// When this turn began.
        since: Time,
    },
    /// Decided to stop; the engine has not confirmed it.
    Stopping {
        /// What it holds.
        placement: Placement,
        /// When this turn began.
        began: Time,
        /// When the stop was decided.
        since: Time,
        /// What becomes of it.
        how: Stop,
        /// It was suspended: it holds memory and no GPU.
        #[serde(default)]
        frozen: bool,
    },
    /// Frozen: holds memory of its node and no GPU; must resume on the same GPUs.
    Suspended {
        /// What it held and will need.
        placement: Placement,
        /// Since when.
        since: Time,
    },
}

/// What a stop is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// Freeze; keep the program.
    Suspend,
    /// End the program; back to the queue.
    Requeue,
    /// End the program for good: the walltime is over.
    Timeout,
    /// End the program for good: asked by a person.
    Cancel,
    /// End the program for good: it used more than its part of a GPU.
    PartExceeded,
}

impl Job {
    /// Thousandths of GPUs that it holds, or held last.
    pub fn thousandths(&self) -> u32 {
        self.spec.all_gpus().saturating_mul(self.fraction)
    }

    /// The resources it holds now.
    pub fn holds(&self) -> Option<&Placement> {
        match &self.state {
            JobState::Starting { placement, .. }
            | JobState::Running { placement, .. }
            | JobState::Stopping { placement, frozen: false, .. } => Some(placement),
            _ => None,
        }
    }

    /// When this turn began, while it holds GPUs.
    pub fn turn_began(&self) -> Option<Time> {
        match self.state {
            JobState::Starting { since, .. } | JobState::Running { since, .. } => Some(since),
            JobState::Stopping { began, frozen: false, .. } => Some(began),
            _ => None,
        }
    }

    /// Where it is frozen: the GPUs it must resume on.
    pub fn pinned(&self) -> Option<&Placement> {
        match &self.state {
            JobState::Suspended { placement, .. }
            | JobState::Stopping { placement, frozen: true, .. } => Some(placement),
            _ => None,
        }
    }

    /// Where it is: what it holds, or what it is frozen on.
    pub fn placement(&self) -> Option<&Placement> {
        self.holds().or(self.pinned())
    }

    /// Whether it holds this GPU, or is frozen on it.
    pub fn is_on(&self, node: NodeId, gpu: u32) -> bool {
        let here = self.placement().and_then(|place| place.on(node));
        here.is_some_and(|gpus| gpus.has(gpu))
    }

    /// Whether it could start if there were room: waiting or suspended, not held, nothing pending, its time has come, and
    /// its person is not away.
    pub fn is_ready(&self) -> bool {
        let waits = matches!(self.state, JobState::Waiting { .. } | JobState::Suspended { .. });
        let is_kept = self.held || self.idling.away || self.not_before.is_some();
        waits && !is_kept && self.pending.is_empty()
    }

    /// From when on its age counts: its submit, or the time before which it does not want to start.
    pub fn in_line_since(&self) -> Time {
        self.spec.begin.map_or(self.submitted, |begin| begin.max(self.submitted))
    }

    /// Whether it waits and has never begun.
    pub fn waits_to_begin(&self) -> bool {
        self.turns_begun == 0 && matches!(self.state, JobState::Waiting { .. })
    }

    /// Running time left to the walltime at the start of the turn.
    pub fn limit_left(&self) -> Option<Span> {
        self.spec.limit.map(|limit| Span(limit.0.saturating_sub(self.ran.0)))
    }

    /// When the walltime of the running turn is over; [`Time::FAR`] without one.
    pub fn limit_ends(&self) -> Option<Time> {
        let began = self.turn_began()?;
        Some(self.limit_left().map_or(Time::FAR, |left| began.after(left)))
    }

    /// How it makes room, given what was learnt while it ran.
    pub fn turn_mode(&self) -> TurnMode {
        if self.suspending.refused.is_some() { TurnMode::Never } else { self.spec.turns }
    }
}
