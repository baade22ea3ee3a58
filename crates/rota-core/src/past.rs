//! Jobs and bookings of the site's own past, as what-if plays them again: plain data, made by `rota-sim` from the event log.

use crate::job::JobSpec;
use crate::report::Stretch;
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};

/// A job with GPUs that ran in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastJob {
    /// When it could first have started: its submit, plus the time that it was held or waited for other jobs; at the
    /// earliest the beginning of the period.
    pub submitted: Time,
    /// Person.
    pub person: String,
    /// Lab.
    pub lab: String,
    /// Grant; empty: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub grant: String,
    /// What it asked for, without its name and without other jobs.
    pub spec: JobSpec,
    /// How long it held its GPUs in the period, over all its turns.
    pub runs: Span,
    /// The model that it held last: where its runtime was measured.
    #[serde(default)]
    pub model: Option<String>,
    /// When it first began to run.
    pub started: Time,
    /// When it ended; none: it runs on, and may take longer than `runs`.
    #[serde(default)]
    pub ended: Option<Time>,
}

/// GPUs that somebody had booked for a time of a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastBooking {
    /// When it was made; at the earliest the beginning of the period.
    pub made: Time,
    /// Person.
    pub person: String,
    /// Lab.
    pub lab: String,
    /// Grant that paid; empty: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub grant: String,
    /// How many.
    pub gpus: u32,
    /// In which pool; empty: those of no pool.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pool: String,
    /// Models of the GPUs that it was about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// From when on; at the earliest the beginning of the period.
    pub from: Time,
    /// For how long.
    pub length: Span,
    /// When it was given back, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Time>,
}

/// All of a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// The period; it begins with the first job, if that came later than what was asked for.
    pub period: Stretch,
    /// Jobs that ran, in the order of `submitted`.
    pub jobs: Vec<PastJob>,
    /// Bookings whose time was in the period, or begins after it, in the order of `made`.
    #[serde(default)]
    pub bookings: Vec<PastBooking>,
    /// Jobs that wait, or that ended without having run: nobody knows how long they would.
    pub never_ran: u64,
}
