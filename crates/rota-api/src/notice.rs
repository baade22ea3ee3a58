//! What a person is told while their job runs: on its standard error, on their terminal, and through the site's own program
//! for messages, which reads it as JSON.

use rota_core::job::Stop;
use rota_core::units::{Mib, Span, Time};
use serde::{Deserialize, Serialize};

/// A message to a person about their job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The job.
    pub job: String,
    /// Its name.
    pub name: String,
    /// Whom it is for.
    pub person: String,
    /// Their lab.
    pub lab: String,
    /// The language of the job's environment, as `LANG` has it.
    pub lang: String,
    /// The job runs on their terminal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_terminal: bool,
    /// What happened.
    #[serde(flatten)]
    pub about: About,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "about")]
pub enum About {
    /// GPUs do nothing.
    Idle {
        /// How many.
        gpus: u32,
        /// Since when.
        since: Time,
        /// No process of the job is on them.
        empty: bool,
        /// From when on others may have them; none: they stay.
        until: Option<Time>,
    },
    /// It leaves GPUs, which it did not use, to another job.
    IdleTaken {
        /// What becomes of it.
        how: Stop,
        /// Since when it has not used them.
        since: Time,
        /// The other job.
        for_job: String,
    },
    /// It uses more of a GPU's memory than its part.
    PartExceeded {
        /// What it uses.
        used: Mib,
        /// What it asked for.
        part: Mib,
        /// For how long it may go on.
        patience: Span,
    },
    /// It is stopped because it still does.
    PartTaken {
        /// What it uses.
        used: Mib,
        /// What it asked for.
        part: Mib,
    },
}

/// GPUs of a running job that do nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdleGpus {
    /// How many.
    pub gpus: u32,
    /// Since when.
    pub since: Time,
    /// No process of the job is on them.
    pub empty: bool,
    /// From when on others may have them; none: they stay.
    pub until: Option<Time>,
}
