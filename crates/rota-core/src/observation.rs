//! What an engine sees, in its own time and order; it may be late, repeated, or wrong.

use crate::fitness::{Fault, Outsider};
use crate::id::{JobId, NodeId};
use crate::units::{Mib, Time};
use serde::{Deserialize, Serialize};

/// Sightings of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Everything the engine knows is in `jobs`: a job that should be there and is not, is lost.
    pub complete: bool,
    /// What was seen of jobs.
    pub jobs: Vec<Sighting>,
    /// Nodes seen up (`true`) or down.
    pub nodes: Vec<(NodeId, bool)>,
}

/// What was seen of one run of one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// The job.
    pub job: JobId,
    /// Which run of its program ([`crate::job::Job::runs`]).
    pub run: u32,
    /// The last turn whose deed is done.
    pub turn: u32,
    /// What was seen.
    pub seen: Seen,
    /// When it happened, by the engine's clock.
    pub at: Time,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Seen {
    /// The program runs: started, or resumed in `turn`.
    Running,
    /// The program is frozen and holds no GPU.
    Suspended,
    /// It could not be suspended and runs on.
    SuspendFailed {
        /// What the system said.
        why: String,
        /// Trying again is of no use.
        lasting: bool,
    },
    /// It was suspended and could not be brought back; none of its processes is left.
    Unrestorable {
        /// What the system said.
        why: String,
    },
    /// The program could not be started.
    NotStarted {
        /// What the system said.
        why: String,
    },
    /// The program ended by itself or by a signal; none of its processes is left.
    Exited {
        /// Exit code, where it exited.
        code: Option<i32>,
        /// Signal, where one ended it.
        signal: Option<i32>,
    },
    /// Neither the program nor a record of its end is left.
    Gone {
        /// What is known.
        why: String,
    },
}

/// What was seen of a GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpuSighting {
    /// The node.
    pub node: NodeId,
    /// The GPU, by its index there.
    pub gpu: u32,
    /// What was seen.
    pub seen: GpuSeen,
}

/// What was seen of a GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuSeen {
    /// Something is wrong with it.
    Unfit(Fault),
    /// What was wrong with it, by itself, is over.
    Fit(Fault),
    /// A process that no job started uses it.
    Outsider(Outsider),
    /// The process with this pid does so no more.
    Gone(u32),
    /// A job that shares it uses so much of its memory.
    Used(JobId, Mib),
}
