//! Every fact, in the past tense: the on-disk contract. Additive: new kinds and new fields with defaults, never changed ones.

mod about;

use crate::decision::Reason;
use crate::fitness::Fault;
use crate::id::{JobId, NodeId};
use crate::job::{JobSpec, Outcome, Part, Placement, Stop};
use crate::node::Node;
use crate::policy::{Claim, Policy};
use crate::units::{Mib, Span, Time};
use serde::{Deserialize, Serialize};

/// A fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Event {
    /// The policy was set.
    PolicySet {
        /// All of it.
        policy: Box<Policy>,
        /// Who set it.
        #[serde(default)]
        by: String,
    },
    /// GPUs were booked for a time, and paid.
    Booked {
        /// Its number.
        number: u64,
        /// Lab.
        lab: String,
        /// Grant that pays; empty: none.
        #[serde(default)]
        grant: String,
        /// Person.
        person: String,
        /// What, when and why.
        claim: Claim,
        /// The price: rate × milliseconds.
        paid: u64,
        /// Which GPUs of which nodes.
        #[serde(default)]
        parts: Vec<Part>,
    },
    /// The time of a booking began.
    BookingBegun {
        /// Its number.
        number: u64,
    },
    /// The time of a booking is over.
    BookingEnded {
        /// Its number.
        number: u64,
    },
    /// A booking was given back.
    Unbooked {
        /// Its number.
        number: u64,
        /// What was paid back, because it had not begun.
        #[serde(default)]
        refund: u64,
        /// Who asked.
        by: String,
    },
    /// A node was added, or its inventory changed.
    NodeAdded {
        /// The node.
        node: Node,
    },
    /// A node was seen up again.
    NodeReturned {
        /// The node.
        node: NodeId,
    },
    /// A node was seen down.
    NodeLost {
        /// The node.
        node: NodeId,
    },
    /// A GPU takes no new job. What is on it goes on.
    GpuDrained {
        /// The node.
        node: NodeId,
        /// The GPU, by its index there.
        gpu: u32,
        /// Why.
        why: Fault,
        /// Who; empty: Rota.
        #[serde(default)]
        by: String,
    },
    /// It takes jobs again.
    GpuResumed {
        /// The node.
        node: NodeId,
        /// The GPU, by its index there.
        gpu: u32,
        /// Who; empty: Rota.
        #[serde(default)]
        by: String,
        /// What was done; empty: nobody said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// A process that no job started is on a GPU, which takes no new job while it is.
    OutsiderSeen {
        /// The node.
        node: NodeId,
        /// The GPU, by its index there.
        gpu: u32,
        /// Account that runs it.
        user: String,
        /// The process.
        pid: u32,
        /// Its name.
        command: String,
        /// When it began.
        since: Time,
    },
    /// It is gone.
    OutsiderGone {
        /// The node.
        node: NodeId,
        /// The GPU, by its index there.
        gpu: u32,
        /// The process.
        pid: u32,
    },
    /// A job or an array was queued.
    Submitted {
        /// Its number.
        number: u64,
        /// Its tasks, if it is an array.
        #[serde(default)]
        tasks: Option<Vec<u32>>,
        /// Lab.
        lab: String,
        /// Grant it is for; empty: none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        grant: String,
        /// Person.
        person: String,
        /// What it asks for.
        spec: JobSpec,
        /// Queued held.
        #[serde(default)]
        held: bool,
        /// Dependencies that had not ended.
        #[serde(default)]
        pending: Vec<crate::job::Dependency>,
        /// A dependency that had ended in a way that can never satisfy it.
        #[serde(default)]
        broken: Option<u64>,
    },
    /// A process started by hand joined.
    Adopted {
        /// Its number.
        number: u64,
        /// Lab.
        lab: String,
        /// Person.
        person: String,
        /// What it holds.
        spec: JobSpec,
        /// Where.
        placement: Placement,
        /// The process.
        pid: u32,
    },
    /// Kept from starting.
    Held {
        /// The job.
        job: JobId,
        /// Who asked.
        by: String,
    },
    /// May start again.
    Released {
        /// The job.
        job: JobId,
        /// Who asked.
        by: String,
    },
    /// The time came before which it did not want to start: it stands in line from now on.
    LinedUp {
        /// The job.
        job: JobId,
    },
    /// Asks for something else.
    Changed {
        /// The job.
        job: JobId,
        /// What it asks for now.
        spec: JobSpec,
        /// Dependencies that had not ended.
        #[serde(default)]
        pending: Vec<crate::job::Dependency>,
        /// Who asked.
        by: String,
    },
    /// A person asked to end it.
    CancelAsked {
        /// The job.
        job: JobId,
        /// Who asked.
        by: String,
    },
    /// GPUs that are being freed are kept for it.
    RoomKept {
        /// The job.
        job: JobId,
        /// The GPUs.
        placement: Placement,
    },
    /// A turn was decided. Stored before the deed.
    StartDecided {
        /// The job.
        job: JobId,
        /// The turn, from 1.
        turn: u32,
        /// The run of its program, from 1.
        run: u32,
        /// Where.
        placement: Placement,
        /// Continues a suspended program.
        #[serde(default)]
        resume: bool,
        /// Why.
        reason: Reason,
    },
    /// The engine confirmed the start or resume.
    Started {
        /// The job.
        job: JobId,
        /// The turn.
        turn: u32,
    },
    /// A stop was decided. Stored before the deed.
    StopDecided {
        /// The job.
        job: JobId,
        /// The turn.
        turn: u32,
        /// What becomes of it.
        how: Stop,
        /// Time to leave, where it is shorter than what the job asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grace: Option<Span>,
        /// Why.
        reason: Reason,
    },
    /// The engine confirmed that it is frozen.
    Suspended {
        /// The job.
        job: JobId,
        /// The turn that is over.
        turn: u32,
    },
    /// It could not be suspended, and runs on.
    SuspendFailed {
        /// The job.
        job: JobId,
        /// The turn.
        turn: u32,
        /// What the system said.
        why: String,
        /// Trying again is of no use.
        lasting: bool,
    },
    /// Back in the queue; its program will start over.
    Requeued {
        /// The job.
        job: JobId,
        /// What was lost, if it was not asked to stop.
        #[serde(default)]
        lost: Option<String>,
    },
    /// The warning signal was due.
    Warned {
        /// The job.
        job: JobId,
        /// The turn.
        turn: u32,
        /// The signal.
        signal: i32,
    },
    /// GPUs of a running job do nothing.
    WentIdle {
        /// The job.
        job: JobId,
        /// The turn.
        turn: u32,
        /// How many of its GPUs.
        gpus: u32,
        /// Since when.
        since: Time,
        /// No process of the job is on them.
        #[serde(default)]
        empty: bool,
    },
    /// All its GPUs work: for the first time, or again.
    WentBusy {
        /// The job.
        job: JobId,
        /// The turn.
        turn: u32,
    },
    /// Its person typed again on its terminal: that is use, and a job that had left its GPUs is in line.
    PersonReturned {
        /// The job.
        job: JobId,
    },
    /// Its person was to be told that GPUs do nothing.
    IdleWarned {
        /// The job.
        job: JobId,
        /// The turn.
        turn: u32,
        /// How many.
        gpus: u32,
        /// From when on others may have them; none: they stay.
        #[serde(default)]
        until: Option<Time>,
    },
    /// Its GPUs are left to it even while it does not use them.
    Pinned {
        /// The job.
        job: JobId,
        /// Why, for everyone to read.
        why: String,
        /// Who asked.
        by: String,
    },
    /// They are no longer.
    Unpinned {
        /// The job.
        job: JobId,
        /// Who asked.
        by: String,
    },
    /// It uses more of a GPU's memory than its part, and was told; it is stopped if it still does after
    /// [`crate::part::PATIENCE`].
    PartExceeded {
        /// The job.
        job: JobId,
        /// The turn.
        turn: u32,
        /// Memory that its processes use.
        used: Mib,
        /// Memory that it asked for.
        part: Mib,
    },
    /// It uses no more than its part again.
    PartKept {
        /// The job.
        job: JobId,
        /// The turn.
        turn: u32,
    },
    /// It ended.
    Ended {
        /// The job.
        job: JobId,
        /// How.
        outcome: Outcome,
    },
}
