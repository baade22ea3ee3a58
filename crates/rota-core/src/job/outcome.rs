//! How jobs end.

use crate::units::Mib;
use serde::{Deserialize, Serialize};

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "how")]
pub enum Outcome {
    /// The program ended by itself.
    Exited {
        /// Its exit code.
        code: i32,
    },
    /// A signal ended the program.
    Signaled {
        /// The signal.
        signal: i32,
    },
    /// Stopped at its walltime.
    Timeout,
    /// Stopped, because it used more than its part of a GPU.
    PartExceeded {
        /// Memory that it used.
        used: Mib,
        /// Memory that it had asked for.
        part: Mib,
    },
    /// Stopped, or never started, because a person asked.
    Cancelled {
        /// Who asked.
        by: String,
    },
    /// Could not be started at all.
    NotStarted {
        /// What the system said.
        why: String,
    },
    /// A dependency ended in a way that can never satisfy it.
    DependencyFailed {
        /// The job it waited for.
        on: u64,
    },
    /// Its node or its supervisor was lost and no retry is left; the exit code is not known.
    Lost {
        /// What is known.
        why: String,
    },
}

impl Outcome {
    /// Whether dependents with `ok` may start.
    pub fn is_ok(&self) -> bool {
        matches!(self, Outcome::Exited { code: 0 })
    }

    /// The exit code a shell would show: 128 + signal, 124 at the walltime, 127 not started, 130 cancelled.
    pub fn exit_code(&self) -> i32 {
        match self {
            Outcome::Exited { code } => *code,
            Outcome::Signaled { signal } => 128 + signal,
            Outcome::Timeout => 124,
            Outcome::Cancelled { .. } => 130,
            Outcome::NotStarted { .. } => 127,
            Outcome::PartExceeded { .. }
            | Outcome::DependencyFailed { .. }
            | Outcome::Lost { .. } => 1,
        }
    }
}
