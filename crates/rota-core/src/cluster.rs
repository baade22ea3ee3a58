//! The whole state and its indexes. Only [`crate::apply`] writes it. Ended jobs leave it.

use crate::account::Accounts;
use crate::id::{GpuSet, JobId, NodeId, PersonId};
use crate::job::{Job, JobState, Part, Placement, TurnMode};
use crate::node::NodeState;
use crate::part::Wanted;
use crate::policy::{Claim, Policy, PoolId};
use crate::queue::{Shape, Shapes, Waiting};
use crate::slice::Slice;
use crate::units::{Mib, Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Everything that `plan` may know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// The site's knobs.
    pub policy: Policy,
    /// Who set them, and when; none where nobody has.
    #[serde(default)]
    pub policy_set: Option<PolicySetBy>,
    /// The number of the next submit.
    pub next_number: u64,
    /// Nodes.
    pub nodes: BTreeMap<NodeId, Arc<NodeState>>,
    /// Jobs that have not ended.
    pub jobs: BTreeMap<JobId, Arc<Job>>,
    /// Labs and people.
    pub accounts: Accounts,
    /// Jobs and arrays with work left, by number.
    pub batches: BTreeMap<u64, Batch>,
    /// GPUs kept for jobs whose turn it is.
    pub kept: BTreeMap<JobId, Placement>,
    /// Jobs whose dependency can never be satisfied, with that dependency.
    pub broken: BTreeMap<JobId, u64>,
    /// Who asked to end running jobs.
    pub cancelled_by: BTreeMap<JobId, String>,
    /// Bookings that are not over.
    #[serde(default)]
    pub bookings: BTreeMap<u64, Booking>,
    /// The number of the next booking.
    #[serde(default)]
    pub next_booking: u64,
    /// When a holder last began to use a claim.
    #[serde(default)]
    pub shown: BTreeMap<ClaimId, Time>,
    /// What was asked for in the last submits, the newest last.
    #[serde(default)]
    pub recent: VecDeque<Wanted>,
    /// Jobs that are ready to start, in the shapes the plan looks at. Copies of the state share them until they change.
    #[serde(skip)]
    pub queue: BTreeMap<PersonId, Arc<Waiting>>,
    /// The shapes of ready jobs.
    #[serde(skip)]
    pub shapes: Shapes,
    /// Nodes by pool and GPU model.
    #[serde(skip)]
    pub rooms: BTreeMap<RoomKey, Room>,
    /// The rooms whose GPUs are slices of larger ones, and of which.
    #[serde(skip)]
    pub sliced: BTreeMap<RoomKey, Slice>,
    /// What people hold, by pool and class.
    #[serde(skip)]
    pub holding: BTreeMap<PersonId, BTreeMap<(PoolId, Option<String>), Holding>>,
    /// When a running job must be warned or stopped, or a waiting one lines up.
    #[serde(skip)]
    pub timers: BTreeSet<(Time, JobId)>,
    /// Running jobs with GPUs that do nothing.
    #[serde(skip)]
    pub idle: BTreeSet<JobId>,
    /// Jobs that wait for a number to end.
    #[serde(skip)]
    pub dependents: BTreeMap<u64, BTreeSet<JobId>>,
    /// Nodes whose sums are brought up to date once all facts of a moment are true; none where each fact does so.
    #[serde(skip)]
    pub(crate) unsettled: Option<BTreeSet<NodeId>>,
}

/// Who set the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySetBy {
    /// When.
    pub at: Time,
    /// Who.
    pub by: String,
}

/// Pool and GPU model.
pub type RoomKey = (PoolId, Option<String>);

/// A claim of the policy, by its place in it, or a booking, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum ClaimId {
    /// Of the policy, from 0.
    Policy(u16),
    /// A booking.
    Booking(u64),
}

impl From<ClaimId> for String {
    fn from(id: ClaimId) -> String {
        match id {
            ClaimId::Policy(at) => format!("p{at}"),
            ClaimId::Booking(number) => format!("b{number}"),
        }
    }
}

impl TryFrom<String> for ClaimId {
    type Error = String;
    fn try_from(text: String) -> Result<ClaimId, String> {
        let policy = text.strip_prefix('p').and_then(|n| n.parse().ok()).map(ClaimId::Policy);
        let booking = || text.strip_prefix('b').and_then(|n| n.parse().ok());
        policy
            .or_else(|| booking().map(ClaimId::Booking))
            .ok_or_else(|| format!("'{}' is no claim, such as b12", text.escape_debug()))
    }
}

/// GPUs that a person booked for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Who pays.
    pub owner: PersonId,
    /// What, when and why.
    pub claim: Claim,
    /// The price: rate × milliseconds.
    pub paid: u64,
    /// Which GPUs of which nodes; empty: the first of the pool that are not claimed.
    #[serde(default)]
    pub parts: Vec<Part>,
    /// When it was paid.
    #[serde(default)]
    pub booked: Time,
    /// Its time has begun.
    #[serde(default)]
    pub begun: bool,
}

/// What a person holds in a pool with jobs of a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Thousandths of GPUs.
    pub thousandths: u64,
    /// Jobs.
    pub jobs: u32,
    /// Sum of thousandths of GPUs × the millisecond at which the walltime is over.
    pub until: u128,
}

/// What is left of a job or an array.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Tasks that have not ended.
    pub left: u32,
    /// Tasks that ended otherwise than with exit code 0.
    pub failed: u32,
    /// Tasks that hold resources or are suspended.
    pub active: u32,
}

/// The nodes that are up with GPUs of one model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Price of a GPU.
    pub price: u32,
    /// Speed of a GPU, A100 = 1000.
    pub speed: u32,
    /// By memory of a GPU, nodes that are down as well.
    pub by_mem: BTreeSet<(Mib, NodeId)>,
    /// Nodes with GPUs that jobs share.
    pub shared: BTreeSet<NodeId>,
    /// By number of free GPUs: the fullest node that fits is the first.
    pub by_free: BTreeSet<(u32, NodeId)>,
    /// `by_end[k]`: by the moment before which no k GPUs are free.
    pub by_end: Vec<BTreeSet<(Time, NodeId)>>,
    /// `by_turn[k]`: the same if turns end as well.
    pub by_turn: Vec<BTreeSet<(Time, NodeId)>>,
}

impl Cluster {
    /// A job that has not ended.
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.get(&id).map(Arc::as_ref)
    }

    /// Whether another ready job of the same person that asks for the same comes before this one.
    pub fn stands_behind_its_like(&self, id: JobId) -> bool {
        let stands = |job: &Job| {
            let bucket = self.queue.get(&job.owner)?.buckets.get(&Shape::of(job))?;
            let place = (job.in_line_since(), id);
            Some(bucket.contains(&place) && bucket.first() != Some(&place))
        };
        self.job(id).and_then(stands).unwrap_or(false)
    }

    /// The jobs that `id` names: one, or all tasks of an array that have not ended.
    pub fn named(&self, id: JobId) -> Vec<&Job> {
        match id.task {
            Some(_) => self.job(id).into_iter().collect(),
            None => {
                let last = JobId { number: id.number, task: Some(u32::MAX) };
                self.jobs.range(id..=last).map(|(_, job)| job.as_ref()).collect()
            }
        }
    }

    /// Price of what a job holds for a millisecond: GPUs at their model's price, a core at 1/1000 of an A100, times the
    /// price of its class. On a booking of its owner, only the cores: the GPUs are paid.
    pub fn rate_at(&self, job: &Job, placement: &Placement) -> u64 {
        let of_part = |part: Part| {
            let Some(node) = self.nodes.get(&part.node) else { return 0 };
            let paid = self.booked_by(job.owner, node);
            let gpus = part.gpus.without(paid).count();
            let gpus = self.thousandths(gpus, job.spec.gpu_mem, node);
            self.rate_of(gpus, node.price, job.spec.cpus, job.spec.class.as_deref())
        };
        placement.parts().map(of_part).sum()
    }

    /// The same for what is not a job yet, from thousandths of GPUs at their own price.
    pub fn rate_of(&self, thousandths: u32, price: u32, cpus: u32, class: Option<&str>) -> u64 {
        let gpus = (u64::from(thousandths) * u64::from(price)).div_ceil(1000);
        let whole = gpus + u64::from(cpus);
        whole * u64::from(self.policy.class(class).price) / 1000
    }

    /// The GPUs of a node that a person has booked for now, on whatever account.
    fn booked_by(&self, owner: PersonId, node: &NodeState) -> GpuSet {
        let name = |person: PersonId| &self.accounts.person(person).name;
        let paid = |b: &Booking| b.begun && name(b.owner) == name(owner);
        let own = |id: &ClaimId| match id {
            ClaimId::Booking(number) => self.bookings.get(number).is_some_and(paid),
            ClaimId::Policy(_) => false,
        };
        let pins = node.pins.iter().filter(|(id, _)| own(id));
        pins.fold(GpuSet::default(), |all, (_, gpus)| all.and(*gpus))
    }

    /// The same state under another policy, to look at what would be; rates and ledgers stay as they are.
    pub fn under(&self, policy: &Policy) -> Cluster {
        let mut other = Cluster { policy: policy.clone(), ..self.clone() };
        other.reindex();
        other
    }

    /// The same state with some of its bookings.
    pub(crate) fn with_bookings(&self, keep: impl Fn(&Booking) -> bool) -> Cluster {
        let mut other = self.clone();
        other.bookings.retain(|_, booking| keep(booking));
        other.index_claims();
        other
    }

    /// A claim of the policy, or a booking.
    pub fn claim(&self, id: ClaimId) -> Option<&Claim> {
        match id {
            ClaimId::Policy(at) => self.policy.claims.get(usize::from(at)),
            ClaimId::Booking(number) => Some(&self.bookings.get(&number)?.claim),
        }
    }

    /// How a job makes room for others: never, if its class is protected.
    pub fn mode(&self, job: &Job) -> TurnMode {
        let protected = self.policy.class(job.spec.class.as_deref()).protected;
        match job.turn_mode() {
            _ if protected => TurnMode::Never,
            TurnMode::Suspend if self.is_on_slice(job) || self.is_through_mps(job) => {
                TurnMode::Never
            }
            mode => mode,
        }
    }

    /// Whether a job is on a slice of a GPU, from which no driver can suspend it.
    pub fn is_on_slice(&self, job: &Job) -> bool {
        let node = || self.nodes.get(&job.placement()?.node);
        !self.sliced.is_empty() && node().is_some_and(|node| node.node.slice.is_some())
    }

    /// Whether a job never makes room, not even for the holder of what it borrows. What was to be suspended and could
    /// not be makes no room in turns, but what it borrows comes back: it is queued again.
    pub fn stays(&self, job: &Job) -> bool {
        let protected = self.policy.class(job.spec.class.as_deref()).protected;
        protected || job.spec.turns == TurnMode::Never
    }

    /// How jobs of a shape make room for others.
    pub fn shape_mode(&self, shape: &Shape) -> TurnMode {
        let protected = self.policy.class(shape.class.as_deref()).protected;
        if protected { TurnMode::Never } else { shape.mode }
    }

    /// The same in a room: no driver can suspend from slices, nor what goes through MPS.
    pub fn shape_mode_in(&self, shape: &Shape, key: &RoomKey) -> TurnMode {
        match self.shape_mode(shape) {
            TurnMode::Suspend if self.sliced.contains_key(key) => TurnMode::Never,
            TurnMode::Suspend if shape.gpu_mem.is_some() && self.keeps_people_apart(key.0) => {
                TurnMode::Never
            }
            mode => mode,
        }
    }

    /// How long a turn of a job is where it is: at least twenty times what a switch costs it.
    pub fn turn_of(&self, job: &Job, pool: PoolId) -> Span {
        self.policy.turn_in(pool).max(Span(job.switch_cost.0.saturating_mul(20)))
    }

    /// When the turn of a job that holds GPUs is over: not while it rests after a failure to suspend it.
    pub fn turn_over(&self, job: &Job, pool: PoolId) -> Time {
        let began = job.turn_began().unwrap_or_default();
        began.after(self.turn_of(job, pool)).max(job.suspending.not_before)
    }

    /// When the running job must be warned or stopped next.
    pub fn timer(&self, job: &Job) -> Option<Time> {
        if !matches!(job.state, JobState::Running { .. }) {
            return job.not_before;
        }
        let ends = job.limit_ends().filter(|end| *end < Time::FAR)?;
        match &job.spec.warning {
            Some(w) if !job.warned => Some(Time(ends.0.saturating_sub(w.before.0))),
            _ => Some(ends),
        }
    }
}
