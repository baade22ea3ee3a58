//! What a person may ask.

use crate::id::JobId;
use crate::job::{Dependency, JobSpec, Placement, TurnMode};
use crate::units::{Mib, Span, Time};
use std::collections::BTreeMap;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Account name.
    pub person: String,
    /// Lab.
    pub lab: String,
    /// Grant that the work is for; empty: none.
    pub grant: String,
    /// May act on everyone's jobs.
    pub admin: bool,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Queue a job or an array.
    Submit {
        /// What it asks for.
        spec: JobSpec,
        /// Tasks of an array.
        tasks: Option<Vec<u32>>,
        /// Queue it held.
        held: bool,
        /// How numbers that are no longer in the cluster ended: whether all tasks ended with exit code 0.
        ended: BTreeMap<u64, bool>,
    },
    /// Take a process started by hand into account.
    Adopt {
        /// What it holds.
        spec: JobSpec,
        /// Where.
        placement: Placement,
        /// The process.
        pid: u32,
    },
    /// End a job.
    Cancel(JobId),
    /// Keep a waiting job from starting.
    Hold(JobId),
    /// Let it start again.
    Release(JobId),
    /// Ask for something else.
    Change {
        /// The job.
        job: JobId,
        /// New values.
        change: Change,
        /// How numbers that are no longer in the cluster ended.
        ended: BTreeMap<u64, bool>,
    },
    /// Leave its GPUs to a job while it does not use them.
    Pin {
        /// The job.
        job: JobId,
        /// Why, for everyone to read.
        why: String,
    },
    /// No longer.
    Unpin(JobId),
    /// Book GPUs for a time.
    Book(Wish),
    /// Give a booking back.
    Unbook(u64),
    /// Let GPUs take no new job.
    Drain {
        /// Which.
        gpus: Gpus,
        /// Why, in a person's words.
        why: String,
    },
    /// Let them take jobs again.
    Resume {
        /// Which.
        gpus: Gpus,
        /// What was done, for the log; empty: nobody said.
        why: String,
    },
}

/// GPUs of a node, by the node's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpus {
    /// The node.
    pub node: String,
    /// One of its GPUs; none: all of them.
    pub gpu: Option<u32>,
}

/// GPUs that somebody wants to have for themselves at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// How many.
    pub gpus: u32,
    /// In which pool; none: the only one.
    pub pool: Option<String>,
    /// Acceptable models; empty: any.
    pub models: Vec<String>,
    /// From when on.
    pub from: Time,
    /// For how long.
    pub length: Span,
    /// What for.
    pub why: String,
}

/// New values; what is none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Name.
    pub name: Option<String>,
    /// GPUs, on each node.
    pub gpus: Option<u32>,
    /// Memory of the one GPU that it may share.
    pub gpu_mem: Option<Mib>,
    /// Nodes.
    pub nodes: Option<u32>,
    /// Models.
    pub models: Option<Vec<String>>,
    /// CPU cores.
    pub cpus: Option<u32>,
    /// Memory.
    pub mem: Option<Mib>,
    /// Walltime.
    pub limit: Option<Span>,
    /// How it makes room.
    pub turns: Option<TurnMode>,
    /// Dependencies.
    pub after: Option<Vec<Dependency>>,
    /// When it may start at the earliest; what is past means at once.
    pub begin: Option<Time>,
    /// Pool; an inner none: any.
    pub pool: Option<Option<String>>,
    /// Class.
    pub class: Option<String>,
    /// How many tasks of the array may run at one time.
    pub at_most: Option<u32>,
}

/// Why something asked cannot be done, in a form a person can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The key of the text in every language.
    pub code: &'static str,
    /// Values for the text.
    pub args: Vec<(&'static str, String)>,
    /// The text in English: what, why, and what to do next.
    pub message: String,
}
