//! The queue: a line for each job.

use crate::{IdleGpus, Progress};
use rota_core::decision::Blocker;
use rota_core::forecast::Forecast;
use rota_core::idle::Pin;
use rota_core::job::Outcome;
use rota_core::units::{Mib, Span, Time};
use serde::{Deserialize, Serialize};

/// The queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobList {
    /// The moment of the list.
    pub now: Time,
    /// GPUs are simulated.
    pub simulated: bool,
    /// Running and stopping first, then suspended and waiting in the order of their turn, then ended, newest first.
    pub jobs: Vec<JobRow>,
}

/// How far the log goes: another number says that something has happened.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Changed {
    /// The number of the last event.
    pub seq: u64,
}

/// One line of the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobRow {
    /// `12` or `12_3`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Person.
    pub person: String,
    /// Lab.
    pub lab: String,
    /// State.
    pub state: State,
    /// GPUs asked for.
    pub gpus: u32,
    /// Memory of the one GPU that it shares with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_mem: Option<Mib>,
    /// Thousandths of that GPU, once it has started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fraction: Option<u32>,
    /// Memory of that GPU, once it has started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_mem_of: Option<Mib>,
    /// Models asked for, or the model held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Node it holds or is pinned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// When it was submitted.
    pub submitted: Time,
    /// It does not start before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin: Option<Time>,
    /// When it first began to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
    /// When the plan will start or resume it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Time>,
    /// When it starts and ends, as far as anyone can say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
    /// It waits, and has no window: only so many of those that have waited longest have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<u32>,
    /// When the grant's next turn comes at the latest, where the policy promises it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Time>,
    /// Place in the order of turns, from 1, while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
    /// The first reason why it waits, where reasons were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocker: Option<Blocker>,
    /// Walltime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Span>,
    /// Running time so far.
    pub ran: Span,
    /// Turns begun.
    pub turns: u32,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// GPUs that it holds and that do nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<IdleGpus>,
    /// Why its GPUs are left to it even while it does not use them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// How far it is, while it runs and says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
}

/// State as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// In the queue.
    Waiting,
    /// In the queue, kept from starting.
    Held,
    /// About to run.
    Starting,
    /// Runs.
    Running,
    /// About to stop.
    Stopping,
    /// Frozen until its next turn.
    Suspended,
    /// Ended with exit code 0.
    Completed,
    /// Ended otherwise.
    Failed,
    /// Cancelled.
    Cancelled,
    /// Stopped at its walltime.
    Timeout,
}

impl State {
    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, State::Completed | State::Failed | State::Cancelled | State::Timeout)
    }
}
