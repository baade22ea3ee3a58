//! GPUs that are held and not used: their person is told, and after some patience whoever waits may have them. Without
//! loss where the job can be suspended; else it is queued again, after twice the patience. Never where nobody waits, where
//! a public reason keeps them, on what a job's people own, and in protected classes.
//!
//! On a person's terminal the keyboard counts as use, and patience is shorter. A job that had to leave there stands in line
//! again when its person types: to run for nobody helps nobody.

use crate::cluster::Cluster;
use crate::id::JobId;
use crate::job::{Job, JobState, TurnMode};
use crate::policy::Patience;
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};

/// GPUs of a running job that do nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unused {
    /// How many.
    pub gpus: u32,
    /// Since when all of these have done nothing.
    pub since: Time,
    /// No process of the job is on any of them: it has crashed, or never came so far.
    #[serde(default)]
    pub empty: bool,
}

/// What is known of a job's use of its GPUs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idling {
    /// Its GPUs have worked since its program started.
    pub worked: bool,
    /// GPUs that do nothing in this turn.
    pub unused: Option<Unused>,
    /// Its person was told.
    pub told: bool,
    /// It left its GPUs while nobody typed on its terminal, and nobody has since: it is not in line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub away: bool,
}

impl Idling {
    /// It holds no GPU any more, or its person is back; what is known of its program stays.
    pub fn rest(&mut self) {
        (self.unused, self.told) = (None, false);
    }
}

/// Why GPUs are left to a job even while it does not use them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// In a person's words, for everyone to read.
    pub why: String,
    /// Who says so.
    pub by: String,
    /// Since when.
    pub since: Time,
}

/// What was seen of a running job's use of its GPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UseSighting {
    /// The job.
    pub job: JobId,
    /// Which run of its program.
    pub run: u32,
    /// What was seen.
    pub seen: UseSeen,
}

/// What was seen of a job's use of its GPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseSeen {
    /// All its GPUs work.
    Works,
    /// Some do nothing.
    Unused(Unused),
    /// Its person typed on its terminal.
    Typed,
}

impl Cluster {
    /// How long the job's GPUs may do nothing; none: for as long as it likes.
    pub fn patience(&self, job: &Job) -> Option<Patience> {
        self.policy.patience(&job.spec, job.idling.worked)
    }

    /// When its person is to be told that GPUs are not used; none: they know, or nothing is to be told.
    pub fn tells_idle(&self, job: &Job) -> Option<Time> {
        let unused = job.idling.unused.filter(|_| !job.idling.told && job.pin.is_none())?;
        self.patience(job).map(|patience| unused.since.after(patience.warn))
    }

    /// From when on others may have the GPUs of a job that uses none of them.
    pub fn idle_until(&self, job: &Job) -> Option<Time> {
        let all = job.spec.all_gpus();
        let is_open = job.pin.is_none() && !self.policy.class(job.spec.class.as_deref()).protected;
        let unused = job.idling.unused.filter(|unused| is_open && unused.gpus >= all)?;
        if !matches!(job.state, JobState::Running { .. }) {
            return None;
        }
        let stop = self.patience(job)?.stop;
        let stop = match self.mode(job) {
            TurnMode::Suspend => stop,
            TurnMode::Requeue | TurnMode::Never => Span(stop.0.saturating_mul(2)),
        };
        Some(unused.since.after(stop).max(job.suspending.not_before))
    }
}
