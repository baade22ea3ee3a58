//! What a plan says: decisions with their reasons, planned starts, and why each job waits. Data, never log lines.

use crate::fitness::Fault;
use crate::id::{JobId, NodeId};
use crate::job::{Outcome, Placement, Stop};
use crate::units::{Mib, Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// Start, or resume where it is suspended.
    Start {
        /// The job.
        job: JobId,
        /// Where.
        placement: Placement,
        /// Why now.
        reason: Reason,
    },
    /// Stop.
    Stop {
        /// The job.
        job: JobId,
        /// What becomes of it.
        how: Stop,
        /// Time to leave, where it is shorter than what the job asked for.
        grace: Option<Span>,
        /// Why now.
        reason: Reason,
    },
    /// Keep GPUs that are being freed for a job whose turn it is.
    Keep {
        /// The job.
        job: JobId,
        /// The GPUs.
        placement: Placement,
    },
    /// The time has come before which a job did not want to start: it lines up.
    LineUp {
        /// The job.
        job: JobId,
    },
    /// Send the warning signal.
    Warn {
        /// The job.
        job: JobId,
        /// The signal.
        signal: i32,
    },
    /// Tell its person that its GPUs do nothing.
    WarnIdle {
        /// The job.
        job: JobId,
        /// From when on others may have them; none: they stay.
        until: Option<Time>,
    },
    /// The time of a booking has come.
    BeginBooking {
        /// Its number.
        booking: u64,
    },
    /// The time of a booking is over.
    EndBooking {
        /// Its number.
        booking: u64,
    },
    /// End a job that can never start.
    End {
        /// The job.
        job: JobId,
        /// How.
        outcome: Outcome,
    },
}

/// Why something was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum Reason {
    /// First in the order of turns, and there is room.
    InOrder,
    /// There is room, and it delays no planned start ahead of it.
    Backfill,
    /// Room was made for it.
    RoomMade,
    /// Its turn is over, and it is another job's.
    TurnOver {
        /// The job whose turn it is.
        for_job: JobId,
    },
    /// It holds a claim on these GPUs.
    OwnClaim,
    /// Its people have waited nearly as long as the promise.
    Promise,
    /// The holder of a claim wants these GPUs back.
    Reclaimed {
        /// The holder's job.
        for_job: JobId,
    },
    /// It runs as spare, and another job needs the room.
    GaveWay {
        /// That job.
        for_job: JobId,
    },
    /// It does not use its GPUs, and another job needs them.
    Idle {
        /// That job.
        for_job: JobId,
    },
    /// Its walltime is over.
    Walltime,
    /// A person asked.
    Asked,
    /// It uses more of a GPU than its part.
    PartExceeded {
        /// Memory that it uses.
        used: Mib,
        /// Memory that it asked for.
        part: Mib,
    },
    /// Its GPU can do nothing more for it.
    GpuFailed,
}

impl Reason {
    /// The job for which it was decided, where it is another one.
    pub fn for_job(&self) -> Option<JobId> {
        match self {
            Reason::TurnOver { for_job }
            | Reason::Reclaimed { for_job }
            | Reason::GaveWay { for_job }
            | Reason::Idle { for_job } => Some(*for_job),
            _ => None,
        }
    }
}

/// Why a job waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum Blocker {
    /// Its owner or an admin holds it.
    Held,
    /// It left its GPUs while nobody typed on its terminal, and nobody has since.
    Away,
    /// It does not want to start before then.
    NotBefore {
        /// When.
        at: Time,
    },
    /// Another job must end first.
    Dependency {
        /// That job.
        on: u64,
    },
    /// As many tasks of the array run as may.
    ArrayLimit {
        /// How many may.
        at_most: u32,
    },
    /// No node has so many free GPUs of an acceptable model.
    Gpus {
        /// GPUs asked for.
        asked: u32,
        /// The most that are free on one acceptable node.
        free: u32,
    },
    /// No GPU that it may share has so much memory free.
    GpuMemory {
        /// Memory asked for.
        asked: Mib,
        /// The most that is free on one.
        free: Mib,
        /// Others' parts are on GPUs where nobody is beside another's.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        apart: bool,
    },
    /// A node has the GPUs, but not the CPU cores or the memory.
    HostResources {
        /// The node, of several that with most cores to spare.
        node: NodeId,
        /// Cores that are free there.
        cpus: u32,
        /// Memory that is.
        mem: Mib,
    },
    /// The GPUs are free, but are kept for a job ahead.
    Reserved {
        /// That job.
        for_job: JobId,
    },
    /// It is suspended, and its own GPUs are in use.
    OwnGpusInUse {
        /// Where they are.
        node: NodeId,
    },
    /// Some of the GPUs that could take it are drained.
    Drained {
        /// How many.
        gpus: u32,
        /// Name of the node of the first.
        node: String,
        /// Its index there.
        gpu: u32,
        /// What is wrong with it.
        fault: Fault,
    },
    /// People who did not ask run something on some of the GPUs that could take it.
    Outsiders {
        /// On how many.
        gpus: u32,
        /// Name of the node of the first.
        node: String,
        /// Its index there.
        gpu: u32,
        /// Who.
        user: String,
        /// What.
        command: String,
    },
    /// Some of the GPUs that could take it are held by running jobs that do not use them.
    Idle {
        /// How many.
        gpus: u32,
        /// The job that others may take them from first.
        job: JobId,
        /// Whose it is.
        person: String,
        /// From when on; none: they stay with it.
        until: Option<Time>,
        /// Why they do, in a person's words; empty: it is pinned for no such reason.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        pinned: String,
    },
    /// Every node that could take it is down.
    NodesDown,
    /// It makes no room for others, and where it could run nobody waits longer than was promised.
    MakesNoRoom {
        /// One of the pools.
        pool: String,
        /// How long it may run there at most.
        slice: Span,
    },
    /// It would pass a limit.
    Limit {
        /// Whose: the person, lab or grant.
        who: String,
        /// The limit in words of the policy: `gpus`, `jobs`, `booked_gpu_days`.
        what: String,
        /// The most there may be.
        most: String,
        /// How much there is.
        used: String,
        /// Only in this pool.
        pool: String,
    },
    /// The purse that pays for it is spent.
    Spent {
        /// Whose purse.
        who: String,
        /// When the next period begins.
        until: Option<Time>,
    },
    /// The GPUs are free, but claimed, and it may not borrow them.
    Claimed {
        /// By whom.
        by: String,
        /// Until when.
        until: Option<Time>,
    },
}

/// When and where a waiting job will start if everything runs to its walltime or the end of its turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStart {
    /// When; [`Time::FAR`] if only an event without a known time can start it.
    pub at: Time,
    /// Where.
    pub placement: Placement,
    /// Place in the order of turns, from 1.
    pub place: u32,
}

/// Everything `plan` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What to do now, in this order.
    pub decisions: Vec<Decision>,
    /// Planned starts that no later job may delay, first in the order of turns first.
    pub starts: BTreeMap<JobId, PlannedStart>,
    /// The next moment at which the plan could change without an event.
    pub wake_at: Option<Time>,
}

impl Plan {
    /// Whether to wait until something happens. What is left after jobs were stopped or ended, or room was kept, is asked at
    /// once; jobs that start will be seen to run.
    pub fn only_starts(&self) -> bool {
        self.decisions.iter().all(|decision| matches!(decision, Decision::Start { .. }))
    }
}

impl Decision {
    /// The fact that the decision was taken; none where the job is gone.
    pub fn event(&self, c: &crate::cluster::Cluster) -> Option<crate::event::Event> {
        use crate::event::Event;
        match self {
            Decision::Start { job, placement, reason } => {
                let known = c.job(*job)?;
                let resume = known.pinned().is_some();
                Some(Event::StartDecided {
                    job: *job,
                    turn: known.turns_begun + 1,
                    run: known.runs + u32::from(!resume),
                    placement: placement.clone(),
                    resume,
                    reason: *reason,
                })
            }
            Decision::Stop { job, how, grace, reason } => {
                let turn = c.job(*job)?.turns_begun;
                let (how, grace, reason) = (*how, *grace, *reason);
                Some(Event::StopDecided { job: *job, turn, how, grace, reason })
            }
            Decision::Keep { job, placement } => {
                Some(Event::RoomKept { job: *job, placement: placement.clone() })
            }
            Decision::LineUp { job } => Some(Event::LinedUp { job: *job }),
            Decision::Warn { job, signal } => {
                let turn = c.job(*job)?.turns_begun;
                Some(Event::Warned { job: *job, turn, signal: *signal })
            }
            Decision::WarnIdle { job, until } => {
                let job = c.job(*job)?;
                let (turn, gpus) = (job.turns_begun, job.idling.unused?.gpus);
                Some(Event::IdleWarned { job: job.id, turn, gpus, until: *until })
            }
            Decision::BeginBooking { booking } => Some(Event::BookingBegun { number: *booking }),
            Decision::EndBooking { booking } => Some(Event::BookingEnded { number: *booking }),
            Decision::End { job, outcome } => {
                Some(Event::Ended { job: *job, outcome: outcome.clone() })
            }
        }
    }
}
