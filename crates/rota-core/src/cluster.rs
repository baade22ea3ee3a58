//! The whole state and its indexes. Only [`crate::apply`] writes it. Ended jobs leave it.

use crate::account::Accounts;
use crate::id::{GpuSet, JobId, NodeId, PersonId};
use crate::job::{Job, JobSpec, JobState, Part, Placement, TurnMode};
use crate::node::NodeState;
use crate::policy::{Claim, Policy, PoolId};
use crate::units::{Mib, Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything that `plan` may know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// The site's knobs.
    pub policy: Policy,
    /// The number of the next submit.
    pub next_number: u64,
    /// Nodes.
    pub nodes: BTreeMap<NodeId, NodeState>,
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
    /// Jobs that are ready to start, in the shapes the plan looks at.
    #[serde(skip)]
    pub queue: BTreeMap<PersonId, Buckets>,
    /// Nodes by pool and GPU model.
    #[serde(skip)]
    pub rooms: BTreeMap<RoomKey, Room>,
    /// What people hold, by pool and class.
    #[serde(skip)]
    pub holding: BTreeMap<PersonId, BTreeMap<(PoolId, Option<String>), Holding>>,
    /// When a running job must be warned or stopped.
    #[serde(skip)]
    pub timers: BTreeSet<(Time, JobId)>,
    /// Jobs that wait for a number to end.
    #[serde(skip)]
    pub dependents: BTreeMap<u64, BTreeSet<JobId>>,
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
}

/// What a person holds in a pool with jobs of a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// GPUs.
    pub gpus: u32,
    /// Jobs.
    pub jobs: u32,
    /// Sum of GPUs × the millisecond at which the walltime is over.
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

/// Ready jobs of a person by shape, each in order of (submitted, id).
pub type Buckets = BTreeMap<Arc<Shape>, BTreeSet<(Time, JobId)>>;

/// All that the plan looks at in a ready job: jobs of one shape are interchangeable but for their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// GPUs, on each node.
    pub gpus: u32,
    /// Nodes.
    pub nodes: u32,
    /// CPU cores.
    pub cpus: u32,
    /// Memory; none for a suspended job, which has kept it.
    pub mem: Mib,
    /// Running time left to the walltime.
    pub limit: Option<Span>,
    /// Acceptable models.
    pub models: Vec<String>,
    /// Own speeds on models.
    pub speeds: Vec<(String, u32)>,
    /// The pool it wants.
    pub pool: Option<String>,
    /// Its class.
    pub class: Option<String>,
    /// How it makes room.
    pub mode: TurnMode,
    /// The GPUs a suspended job must resume on.
    pub pinned: Option<Placement>,
    /// The array, where it limits how many tasks run.
    pub batch: Option<(u64, u32)>,
}

impl Shape {
    /// The shape of what is not a job yet.
    pub fn wanted(spec: &JobSpec) -> Shape {
        Shape {
            gpus: spec.gpus,
            nodes: spec.nodes,
            cpus: spec.cpus,
            mem: spec.mem,
            limit: spec.limit,
            models: spec.models.clone(),
            speeds: spec.speeds.clone(),
            pool: spec.pool.clone(),
            class: spec.class.clone(),
            mode: spec.turns,
            pinned: None,
            batch: None,
        }
    }

    /// The shape of a job.
    pub fn of(job: &Job) -> Shape {
        let pinned = job.pinned().cloned();
        let most = job.spec.at_most.filter(|_| pinned.is_none());
        Shape {
            mem: if pinned.is_some() { Mib(0) } else { job.spec.mem },
            limit: job.limit_left(),
            mode: job.turn_mode(),
            pinned,
            batch: most.map(|most| (job.id.number, most)),
            ..Shape::wanted(&job.spec)
        }
    }

    /// GPUs on all nodes.
    pub fn all_gpus(&self) -> u32 {
        self.gpus.saturating_mul(self.nodes)
    }

    /// How long it may hold what it gets: a year where it has no walltime, a moment where nothing is left of it.
    pub fn length(&self) -> Span {
        self.limit.unwrap_or(Span::hours(365 * 24)).max(Span::seconds(1))
    }
}

/// The nodes that are up with GPUs of one model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Price of a GPU.
    pub price: u32,
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
            self.rate_of(gpus, node.price, job.spec.cpus, job.spec.class.as_deref())
        };
        placement.parts().map(of_part).sum()
    }

    /// The same for what is not a job yet.
    pub fn rate_of(&self, gpus: u32, price: u32, cpus: u32, class: Option<&str>) -> u64 {
        let whole = u64::from(gpus) * u64::from(price) + u64::from(cpus);
        whole * u64::from(self.policy.class(class).price) / 1000
    }

    /// The GPUs of a node that bookings of a person are about.
    fn booked_by(&self, owner: PersonId, node: &NodeState) -> GpuSet {
        let own = |id: &ClaimId| match id {
            ClaimId::Booking(number) => self.bookings.get(number).is_some_and(|b| b.owner == owner),
            ClaimId::Policy(_) => false,
        };
        let pins = node.pins.iter().filter(|(id, _)| own(id));
        pins.fold(GpuSet::default(), |all, (_, gpus)| all.and(*gpus))
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
        if protected { TurnMode::Never } else { job.turn_mode() }
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

    /// How long a turn of a job is where it is: at least twenty times what a switch costs it.
    pub fn turn_of(&self, job: &Job, pool: PoolId) -> Span {
        self.policy.turn_in(pool).max(Span(job.switch_cost.0.saturating_mul(20)))
    }

    /// When the running job must be warned or stopped next.
    pub fn timer(&self, job: &Job) -> Option<Time> {
        if !matches!(job.state, JobState::Running { .. }) {
            return None;
        }
        let ends = job.limit_ends().filter(|end| *end < Time::FAR)?;
        match &job.spec.warning {
            Some(w) if !job.warned => Some(Time(ends.0.saturating_sub(w.before.0))),
            _ => Some(ends),
        }
    }

    /// Builds every index from the facts: after loading, and in `check`.
    pub fn reindex(&mut self) {
        self.queue.clear();
        self.rooms.clear();
        self.timers.clear();
        self.dependents.clear();
        self.holding.clear();
        self.accounts.reindex(&self.policy);
        for state in self.nodes.values_mut() {
            *state = NodeState { up: state.up, ..NodeState::new(state.node.clone()) };
            self.policy.price(state);
        }
        self.index_claims();
        let ids: Vec<JobId> = self.jobs.keys().copied().collect();
        for id in ids {
            self.index_job(id);
            if let Some(job) = self.jobs.get(&id).cloned() {
                self.hold(&job, true);
            }
        }
        let nodes: Vec<NodeId> = self.nodes.keys().copied().collect();
        for node in nodes {
            self.index_node(node);
        }
    }

    /// Takes a job out of all indexes, before it changes.
    pub(crate) fn unindex_job(&mut self, id: JobId) {
        let Some(job) = self.jobs.get(&id).cloned() else { return };
        if job.is_ready()
            && let Some(buckets) = self.queue.get_mut(&job.owner)
        {
            let shape = Shape::of(&job);
            if let Some(bucket) = buckets.get_mut(&shape) {
                bucket.remove(&(job.submitted, id));
                if bucket.is_empty() {
                    buckets.remove(&shape);
                }
            }
            if buckets.is_empty() {
                self.queue.remove(&job.owner);
            }
        }
        if let Some(at) = self.timer(&job) {
            self.timers.remove(&(at, id));
        }
        for wanted in &job.pending {
            if let Some(waiting) = self.dependents.get_mut(&wanted.number) {
                waiting.remove(&id);
                if waiting.is_empty() {
                    self.dependents.remove(&wanted.number);
                }
            }
        }
        for part in job.holds().or(job.pinned()).into_iter().flat_map(Placement::parts) {
            let Some(state) = self.nodes.get_mut(&part.node) else { continue };
            state.holders.remove(&id);
            state.suspended.remove(&id);
        }
    }

    /// Puts a job into all indexes, after it changed. Nodes are brought up to date by `index_node`.
    pub(crate) fn index_job(&mut self, id: JobId) {
        let Some(job) = self.jobs.get(&id).cloned() else { return };
        if job.is_ready() {
            let bucket = self.queue.entry(job.owner).or_default().entry(Arc::new(Shape::of(&job)));
            bucket.or_default().insert((job.submitted, id));
        }
        if let Some(at) = self.timer(&job) {
            self.timers.insert((at, id));
        }
        for wanted in &job.pending {
            self.dependents.entry(wanted.number).or_default().insert(id);
        }
        for part in job.holds().or(job.pinned()).into_iter().flat_map(Placement::parts) {
            let Some(state) = self.nodes.get_mut(&part.node) else { continue };
            if job.pinned().is_some() {
                state.suspended.insert(id)
            } else {
                state.holders.insert(id)
            };
        }
    }

    /// Brings a node's sums and its place in its room up to date.
    pub(crate) fn index_node(&mut self, id: NodeId) {
        let Some(mut state) = self.nodes.remove(&id) else { return };
        let room = self.rooms.entry((state.pool, state.node.model.clone())).or_default();
        room.forget(&state);
        room.price = state.price;
        state.sum_up(self);
        if state.up
            && let Some(room) = self.rooms.get_mut(&(state.pool, state.node.model.clone()))
        {
            room.insert(&state);
        }
        self.nodes.insert(id, state);
    }

    /// Counts what a job holds, or no longer holds, where limits look.
    pub(crate) fn hold(&mut self, job: &Job, more: bool) {
        let (Some(place), Some(began)) = (job.holds(), job.turn_began()) else { return };
        let pool = self.nodes.get(&place.node).map_or(PoolId(0), |n| n.pool);
        let left = job.limit_left().unwrap_or(Span::hours(365 * 24));
        let gpus = job.spec.all_gpus();
        let until = u128::from(gpus) * u128::from(began.after(left).0);
        let person = self.holding.entry(job.owner).or_default();
        let key = (pool, job.spec.class.clone());
        let held = person.entry(key.clone()).or_default();
        if more {
            held.gpus += gpus;
            held.jobs += 1;
            held.until += until;
        } else {
            held.gpus = held.gpus.saturating_sub(gpus);
            held.jobs = held.jobs.saturating_sub(1);
            held.until = held.until.saturating_sub(until);
        }
        if held.jobs == 0 {
            person.remove(&key);
        }
        if person.is_empty() {
            self.holding.remove(&job.owner);
        }
    }

    /// After a node came or went, or a booking did.
    pub(crate) fn reindex_claims(&mut self) {
        if !self.policy.claims.is_empty() || !self.bookings.is_empty() {
            self.index_claims();
        }
    }

    /// Says which GPUs each claim is about: the first of its pool, in the order of nodes that are up, that no claim
    /// before it is about at the same time.
    pub(crate) fn index_claims(&mut self) {
        self.nodes.values_mut().for_each(|n| n.pins.clear());
        let maintained = |c: &Claim| c.is_maintenance();
        let policy = (0u16..).zip(&self.policy.claims).map(|(at, c)| (ClaimId::Policy(at), c));
        let booked = self.bookings.iter().map(|(at, b)| (ClaimId::Booking(*at), &b.claim));
        let all: BTreeMap<ClaimId, &Claim> = policy.chain(booked).collect();
        for (id, claim) in &all {
            let Some(pool) = self.policy.pool_named(&claim.pool) else { continue };
            let mut left = claim.gpus.unwrap_or(u32::MAX);
            for node in self.nodes.values_mut().filter(|n| n.pool == pool && n.up) {
                let against = |other: &ClaimId| {
                    all.get(other).is_some_and(|o| !maintained(o) && o.when.meets(&claim.when))
                };
                let others = node.pins.iter().filter(|(o, _)| !maintained(claim) && against(o));
                let taken = others.fold(GpuSet::default(), |all, (_, gpus)| all.and(*gpus));
                let open = GpuSet::first(node.node.gpus).without(taken);
                let gpus: GpuSet = open.iter().take(left as usize).collect();
                left = left.saturating_sub(gpus.count());
                if !gpus.is_empty() {
                    node.pins.push((*id, gpus));
                }
            }
        }
    }
}

impl Room {
    /// Takes a node out.
    pub(crate) fn forget(&mut self, state: &NodeState) {
        let id = state.node.id;
        self.by_free.remove(&(state.free().count(), id));
        for (k, at) in state.ends.iter().enumerate() {
            self.by_end.get_mut(k).map(|set| set.remove(&(*at, id)));
        }
        for (k, at) in state.turn_ends.iter().enumerate() {
            self.by_turn.get_mut(k).map(|set| set.remove(&(*at, id)));
        }
        for sets in [&mut self.by_end, &mut self.by_turn] {
            while sets.last().is_some_and(BTreeSet::is_empty) {
                sets.pop();
            }
        }
    }

    fn insert(&mut self, state: &NodeState) {
        let id = state.node.id;
        self.by_free.insert((state.free().count(), id));
        let most = state.ends.len().max(self.by_end.len());
        self.by_end.resize_with(most, BTreeSet::new);
        self.by_turn.resize_with(most, BTreeSet::new);
        for (set, at) in self.by_end.iter_mut().zip(&state.ends) {
            set.insert((*at, id));
        }
        for (set, at) in self.by_turn.iter_mut().zip(&state.turn_ends) {
            set.insert((*at, id));
        }
    }
}

impl NodeState {
    /// Recomputes what is in use from the jobs on the node.
    fn sum_up(&mut self, c: &Cluster) {
        let (jobs, kept) = (&c.jobs, &c.kept);
        let gpus = self.node.gpus as usize;
        let (mut ends, mut turns) = (vec![Time(0); gpus], vec![Time(0); gpus]);
        let mut any_end = Time::FAR;
        (self.busy, self.cpus_used, self.mem_used) = Default::default();
        for job in self.holders.iter().filter_map(|id| jobs.get(id)) {
            let Some(here) = job.holds().and_then(|p| p.on(self.node.id)) else { continue };
            self.busy = self.busy.and(here);
            self.cpus_used = self.cpus_used.saturating_add(job.spec.cpus);
            self.mem_used = self.mem_used.plus(job.spec.mem);
            let end = job.limit_ends().unwrap_or(Time::FAR);
            // Where something may be taken back at any moment, a turn is no bound.
            let turn_end = match c.mode(job) {
                _ if !c.policy.is_plain() && !c.stays(job) => Time(0),
                TurnMode::Never => end,
                _ => job.turn_began().unwrap_or_default().after(c.turn_of(job, self.pool)).min(end),
            };
            any_end = any_end.min(turn_end);
            for gpu in here.iter().map(|g| g as usize).filter(|g| *g < gpus) {
                (ends[gpu], turns[gpu]) = (end, turn_end);
            }
        }
        for job in self.suspended.iter().filter_map(|id| jobs.get(id)) {
            self.mem_used = self.mem_used.plus(job.spec.mem);
        }
        let here = kept.values().filter_map(|place| place.on(self.node.id));
        self.kept = here.fold(GpuSet::default(), GpuSet::and);
        let none = if self.cpus_used < self.node.cpus { Time(0) } else { any_end };
        ends.sort_unstable();
        turns.sort_unstable();
        self.ends = std::iter::once(none).chain(ends).collect();
        self.turn_ends = std::iter::once(none).chain(turns).collect();
    }
}
