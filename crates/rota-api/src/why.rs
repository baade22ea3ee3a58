//! Why a job waits, and what would start it sooner.

use crate::JobRow;
use rota_core::decision::Blocker;
use rota_core::plan::variant::Step;
use rota_core::plan::why::Ground;
use rota_core::units::{Span, Time};
use serde::{Deserialize, Serialize};

/// Why a job waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Why {
    /// The moment.
    pub now: Time,
    /// GPUs are simulated.
    pub simulated: bool,
    /// The line of the queue.
    pub row: JobRow,
    /// How many jobs are in the order of turns.
    pub waiting: u32,
    /// What planned starts are made from.
    pub planned_from: PlannedFrom,
    /// On which grounds others go first; none, if it is in no order.
    pub ground: Option<Ground>,
    /// What keeps it from starting now, in order.
    pub blockers: Vec<Blocker>,
    /// Changes that start it sooner, the smallest first.
    pub offers: Vec<Sooner>,
}

/// What planned starts are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlannedFrom {
    /// Everything runs to its walltime or the end of its turn.
    Walltimes,
}

/// A change that starts a job sooner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sooner {
    /// The change.
    #[serde(flatten)]
    pub step: Step,
    /// The planned start with it.
    pub start: Time,
    /// How much sooner that is; none where no start was known.
    pub sooner: Option<Span>,
}
