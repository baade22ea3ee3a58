//! GPUs that take no new job: drained, because something is wrong with them or a person says so, or occupied by processes
//! of people who did not ask.

use crate::id::JobId;
use crate::units::{Mib, Time};
use serde::{Deserialize, Serialize};

/// What is wrong with a GPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Fault {
    /// A person says so.
    Said {
        /// In their words.
        text: String,
    },
    /// The driver asks for something: 1 a reset, 2 a reboot, 3 and 4 that nothing new starts there.
    Recovery {
        /// What.
        action: u32,
    },
    /// A row of its memory is to be replaced at the next reset.
    RemapPending,
    /// A row of its memory could not be replaced.
    RemapFailed,
    /// The driver reported an error that only a reset mends.
    Xid {
        /// NVIDIA's number for it.
        xid: u64,
    },
    /// Memory is in use though nobody uses it.
    Leftover {
        /// How much.
        memory: Mib,
    },
    /// It has fallen off the bus.
    Lost,
    /// Another GPU of its node has fallen off the bus.
    Neighbour {
        /// Which.
        gpu: u32,
    },
    /// The driver does not answer.
    Unreadable,
    /// A call into its driver for a job has not come back: what it was to do may be half done.
    Hung {
        /// The job.
        job: JobId,
    },
}

impl Fault {
    /// Whether nothing that is on the GPU can go on there.
    pub fn is_fatal(&self) -> bool {
        match self {
            Fault::Lost => true,
            // What these mean for a program: see NVIDIA's catalogue of Xids.
            Fault::Xid { xid } => {
                matches!(xid, 46 | 62 | 79 | 95 | 109 | 119 | 120 | 140 | 143 | 158)
            }
            _ => false,
        }
    }

    /// Whether programs may have ended because of it.
    pub fn ends_programs(&self) -> bool {
        matches!(self, Fault::Lost | Fault::Xid { .. } | Fault::Recovery { .. })
    }
}

/// Since when a GPU takes no new job, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drain {
    /// Why.
    pub why: Fault,
    /// Who drained it; empty: Rota.
    pub by: String,
    /// Since when.
    pub since: Time,
}

/// A process on a GPU that no job started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outsider {
    /// Its process.
    pub pid: u32,
    /// Account that runs it.
    pub user: String,
    /// Its name.
    pub command: String,
    /// When it began.
    pub since: Time,
}
