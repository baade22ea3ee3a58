//! The whole state and its indexes. Only [`crate::apply`] writes it. Ended jobs leave it.

use crate::account::Accounts;
use crate::id::{JobId, NodeId, PersonId};
use crate::job::{Job, JobState, Placement, TurnMode};
use crate::node::NodeState;
use crate::policy::Policy;
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
    pub claims: BTreeMap<JobId, Placement>,
    /// Jobs whose dependency can never be satisfied, with that dependency.
    pub broken: BTreeMap<JobId, u64>,
    /// Who asked to end running jobs.
    pub cancelled_by: BTreeMap<JobId, String>,
    /// Jobs that are ready to start, in the shapes the plan looks at.
    #[serde(skip)]
    pub queue: BTreeMap<PersonId, Buckets>,
    /// Nodes by GPU model.
    #[serde(skip)]
    pub rooms: BTreeMap<Option<String>, Room>,
    /// When a running job must be warned or stopped.
    #[serde(skip)]
    pub timers: BTreeSet<(Time, JobId)>,
    /// Jobs that wait for a number to end.
    #[serde(skip)]
    pub dependents: BTreeMap<u64, BTreeSet<JobId>>,
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
    /// GPUs.
    pub gpus: u32,
    /// CPU cores.
    pub cpus: u32,
    /// Memory; none for a suspended job, which has kept it.
    pub mem: Mib,
    /// Running time left to the walltime.
    pub limit: Option<Span>,
    /// Acceptable models, best first.
    pub models: Vec<String>,
    /// The GPUs a suspended job must resume on.
    pub pinned: Option<(NodeId, Vec<u32>)>,
    /// The array, where it limits how many tasks run.
    pub batch: Option<(u64, u32)>,
}

impl Shape {
    /// The shape of a job.
    pub fn of(job: &Job) -> Shape {
        let pinned = job.pinned();
        Shape {
            gpus: job.spec.gpus,
            cpus: job.spec.cpus,
            mem: if pinned.is_some() { Mib(0) } else { job.spec.mem },
            limit: job.limit_left(),
            models: job.spec.models.clone(),
            pinned: pinned.map(|p| (p.node, p.gpus.into())),
            batch: job.spec.at_most.filter(|_| pinned.is_none()).map(|most| (job.id.number, most)),
        }
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

    /// Price of what a job holds for a millisecond: GPUs at their model's price, a core at 1/1000 of an A100.
    pub fn rate(&self, job: &Job, placement: Placement) -> u64 {
        let price = self.nodes.get(&placement.node).map_or(0, |n| n.node.price);
        u64::from(placement.gpus.count()) * u64::from(price) + u64::from(job.spec.cpus)
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
        self.accounts.reindex();
        for state in self.nodes.values_mut() {
            *state = NodeState { up: state.up, ..NodeState::new(state.node.clone()) };
        }
        let ids: Vec<JobId> = self.jobs.keys().copied().collect();
        for id in ids {
            self.index_job(id);
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
        if let Some(placement) = job.holds().or(job.pinned())
            && let Some(state) = self.nodes.get_mut(&placement.node)
        {
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
        if let Some(placement) = job.holds().or(job.pinned())
            && let Some(state) = self.nodes.get_mut(&placement.node)
        {
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
        let model = state.node.model.clone();
        let room = self.rooms.entry(model).or_default();
        room.forget(&state);
        room.price = state.node.price;
        state.sum_up(&self.jobs, &self.claims, self.policy.turn);
        if state.up {
            room.insert(&state);
        }
        self.nodes.insert(id, state);
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
    fn sum_up(
        &mut self,
        jobs: &BTreeMap<JobId, Arc<Job>>,
        claims: &BTreeMap<JobId, Placement>,
        turn: Span,
    ) {
        let gpus = self.node.gpus as usize;
        let (mut ends, mut turns) = (vec![Time(0); gpus], vec![Time(0); gpus]);
        let mut any_end = Time::FAR;
        (self.busy, self.cpus_used, self.mem_used) = Default::default();
        for job in self.holders.iter().filter_map(|id| jobs.get(id)) {
            let Some(placement) = job.holds() else { continue };
            self.busy = self.busy.and(placement.gpus);
            self.cpus_used = self.cpus_used.saturating_add(job.spec.cpus);
            self.mem_used = self.mem_used.plus(job.spec.mem);
            let end = job.limit_ends().unwrap_or(Time::FAR);
            let turn_end = match job.turn_mode() {
                TurnMode::Never => end,
                _ => job.turn_began().unwrap_or_default().after(turn).min(end),
            };
            any_end = any_end.min(turn_end);
            for gpu in placement.gpus.iter().map(|g| g as usize).filter(|g| *g < gpus) {
                (ends[gpu], turns[gpu]) = (end, turn_end);
            }
        }
        for job in self.suspended.iter().filter_map(|id| jobs.get(id)) {
            self.mem_used = self.mem_used.plus(job.spec.mem);
        }
        let here = claims.values().filter(|c| c.node == self.node.id);
        self.claimed = here.fold(Default::default(), |all, c| c.gpus.and(all));
        let none = if self.cpus_used < self.node.cpus { Time(0) } else { any_end };
        ends.sort_unstable();
        turns.sort_unstable();
        self.ends = std::iter::once(none).chain(ends).collect();
        self.turn_ends = std::iter::once(none).chain(turns).collect();
    }
}
