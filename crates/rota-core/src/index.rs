//! The indexes of a [`Cluster`]: what the plan would else have to look for. Kept in step by [`crate::apply`], built anew from
//! the facts after loading, and compared with them by [`crate::check`].

use crate::cluster::{ClaimId, Cluster, Room};
use crate::id::{GpuSet, JobId, NodeId};
use crate::job::{Job, JobState, Part, Placement, TurnMode};
use crate::node::NodeState;
use crate::policy::{Claim, PoolId};
use crate::queue::Shape;
use crate::units::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Cluster {
    /// Builds every index from the facts: after loading, and in `check`.
    pub fn reindex(&mut self) {
        self.queue.clear();
        self.shapes.clear();
        self.rooms.clear();
        self.sliced.clear();
        self.timers.clear();
        self.idle.clear();
        self.dependents.clear();
        self.holding.clear();
        self.accounts.reindex(&self.policy);
        for state in self.nodes.values_mut() {
            let mut fresh = NodeState::new(state.node.clone());
            fresh.up = state.up;
            fresh.drained.clone_from(&state.drained);
            fresh.outsiders.clone_from(&state.outsiders);
            self.policy.price(&mut fresh);
            *state = Arc::new(fresh);
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
            && let Some(waiting) = self.queue.get_mut(&job.owner)
        {
            let waiting = Arc::make_mut(waiting);
            waiting.remove(&mut self.shapes, &Shape::of(&job), (job.in_line_since(), id));
            if waiting.heads.is_empty() {
                self.queue.remove(&job.owner);
            }
        }
        if let Some(at) = self.timer(&job) {
            self.timers.remove(&(at, id));
        }
        self.idle.remove(&id);
        for wanted in &job.pending {
            if let Some(waiting) = self.dependents.get_mut(&wanted.number) {
                waiting.remove(&id);
                if waiting.is_empty() {
                    self.dependents.remove(&wanted.number);
                }
            }
        }
        for part in job.placement().into_iter().flat_map(Placement::parts) {
            let Some(state) = self.nodes.get_mut(&part.node).map(Arc::make_mut) else { continue };
            state.holders.remove(&id);
            state.suspended.remove(&id);
        }
    }

    /// Puts a job into all indexes, after it changed. Nodes are brought up to date by `index_node`.
    pub(crate) fn index_job(&mut self, id: JobId) {
        let Some(job) = self.jobs.get(&id).cloned() else { return };
        if job.is_ready() {
            let waiting = Arc::make_mut(self.queue.entry(job.owner).or_default());
            waiting.insert(&mut self.shapes, Shape::of(&job), (job.in_line_since(), id));
        }
        if let Some(at) = self.timer(&job) {
            self.timers.insert((at, id));
        }
        if job.idling.unused.is_some() && matches!(job.state, JobState::Running { .. }) {
            self.idle.insert(id);
        }
        for wanted in &job.pending {
            self.dependents.entry(wanted.number).or_default().insert(id);
        }
        for part in job.placement().into_iter().flat_map(Placement::parts) {
            let Some(state) = self.nodes.get_mut(&part.node).map(Arc::make_mut) else { continue };
            if job.pinned().is_some() {
                state.suspended.insert(id)
            } else {
                state.holders.insert(id)
            };
        }
    }

    /// Brings a node's sums and its place in its room up to date.
    pub(crate) fn index_node(&mut self, id: NodeId) {
        if let Some(unsettled) = &mut self.unsettled {
            unsettled.insert(id);
            return;
        }
        let Some(mut kept) = self.nodes.remove(&id) else { return };
        let state = Arc::make_mut(&mut kept);
        let free = state.free().count();
        let (ends, turn_ends) =
            (std::mem::take(&mut state.ends), std::mem::take(&mut state.turn_ends));
        state.sum_up(self);
        let key = (state.pool, state.node.model.clone());
        if let Some(slice) = &state.node.slice {
            self.sliced.insert(key.clone(), slice.clone());
        }
        let room = self.rooms.entry(key).or_default();
        (room.price, room.speed) = (state.price, state.speed);
        room.by_mem.insert((state.node.gpu_mem, id));
        if state.up && !state.shared.is_empty() {
            room.shared.insert(id);
        } else {
            room.shared.remove(&id);
        }
        let stands = room.by_free.remove(&(free, id));
        if stands && state.up {
            room.by_free.insert((state.free().count(), id));
            moved(&mut room.by_end, id, &ends, &state.ends);
            moved(&mut room.by_turn, id, &turn_ends, &state.turn_ends);
        } else if stands {
            room.forget(id, (&ends, &turn_ends));
        } else if state.up {
            room.insert(state);
        }
        self.nodes.insert(id, kept);
    }

    /// Counts what a job holds, or no longer holds, where limits look.
    pub(crate) fn hold(&mut self, job: &Job, more: bool) {
        let (Some(place), Some(began)) = (job.holds(), job.turn_began()) else { return };
        let pool = self.nodes.get(&place.node).map_or(PoolId(0), |n| n.pool);
        let left = job.limit_left().unwrap_or(Span::hours(365 * 24));
        let gpus = u64::from(job.thousandths());
        let until = u128::from(gpus) * u128::from(began.after(left).0);
        let person = self.holding.entry(job.owner).or_default();
        let key = (pool, job.spec.class.clone());
        let held = person.entry(key.clone()).or_default();
        if more {
            held.thousandths += gpus;
            held.jobs += 1;
            held.until += until;
        } else {
            held.thousandths = held.thousandths.saturating_sub(gpus);
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

    /// Says which GPUs each claim is about: a booking those it was given; others the first of their pool, in the order of
    /// nodes that are up, that no claim before them is about at the same time.
    pub(crate) fn index_claims(&mut self) {
        self.nodes.values_mut().for_each(|n| Arc::make_mut(n).pins.clear());
        let maintained = |c: &Claim| c.is_maintenance();
        let policy = (0u16..).zip(&self.policy.claims).map(|(at, c)| (ClaimId::Policy(at), c));
        let booked = self.bookings.iter().map(|(at, b)| (ClaimId::Booking(*at), &b.claim));
        let all: BTreeMap<ClaimId, &Claim> = policy.chain(booked).collect();
        for (id, claim) in &all {
            let parts = match id {
                ClaimId::Booking(number) => self.bookings.get(number).map(|b| b.parts.as_slice()),
                ClaimId::Policy(_) => None,
            };
            if let Some(parts) = parts.filter(|parts| !parts.is_empty()) {
                for Part { node, gpus } in parts {
                    let node = self.nodes.get_mut(node).map(Arc::make_mut);
                    node.into_iter().for_each(|n| n.pins.push((*id, *gpus)));
                }
                continue;
            }
            let Some(pool) = self.policy.pool_named(&claim.pool) else { continue };
            let mut left = claim.gpus.unwrap_or(u32::MAX);
            for node in self.nodes.values_mut().filter(|n| n.pool == pool && n.up) {
                let against = |other: &ClaimId| {
                    all.get(other).is_some_and(|o| !maintained(o) && o.when.meets(&claim.when))
                };
                let others = node.pins.iter().filter(|(o, _)| !maintained(claim) && against(o));
                let taken = others.fold(GpuSet::default(), |all, (_, gpus)| all.and(*gpus));
                let drained = node.drained.keys().copied().collect();
                let open = GpuSet::first(node.node.gpus).without(taken).without(drained);
                let gpus: GpuSet = open.iter().take(left as usize).collect();
                left = left.saturating_sub(gpus.count());
                if !gpus.is_empty() {
                    Arc::make_mut(node).pins.push((*id, gpus));
                }
            }
        }
    }
}

impl Room {
    /// Takes a node out.
    pub(crate) fn forget(&mut self, id: NodeId, (ends, turn_ends): (&[Time], &[Time])) {
        moved(&mut self.by_end, id, ends, &[]);
        moved(&mut self.by_turn, id, turn_ends, &[]);
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

/// Moves a node in those of the sets where it stands elsewhere now.
fn moved(sets: &mut [BTreeSet<(Time, NodeId)>], id: NodeId, before: &[Time], after: &[Time]) {
    for (k, set) in sets.iter_mut().enumerate() {
        let (before, after) = (before.get(k), after.get(k));
        if before != after {
            before.map(|at| set.remove(&(*at, id)));
            after.map(|at| set.insert((*at, id)));
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
        self.awaited.clear();
        self.shared.clear();
        self.sharer.clear();
        let is_apart = c.keeps_people_apart(self.pool);
        self.gives = Time::FAR;
        for job in self.holders.iter().filter_map(|id| jobs.get(id)) {
            let Some(here) = job.holds().and_then(|p| p.on(self.node.id)) else { continue };
            self.busy = self.busy.and(here);
            let part = self.node.part(job.spec.gpu_mem);
            for (gpu, part) in here.iter().filter_map(|gpu| Some((gpu, part?))) {
                let held = self.shared.entry(gpu).or_default();
                *held = held.plus(part);
                if is_apart {
                    let login = c.accounts.login(job.owner);
                    let whose = self.sharer.entry(gpu).or_insert(Some(login));
                    *whose = whose.filter(|known| *known == login);
                }
            }
            self.cpus_used = self.cpus_used.saturating_add(job.spec.cpus);
            self.mem_used = self.mem_used.plus(job.spec.mem);
            let end = job.limit_ends().unwrap_or(Time::FAR);
            let mode = c.mode(job);
            let over = c.turn_over(job, self.pool);
            // Where something may be taken back at any moment, a turn is no bound.
            let turn_end = match mode {
                _ if !c.policy.is_plain() && !c.stays(job) => Time(0),
                TurnMode::Never => end,
                _ => over.min(end),
            };
            if mode != TurnMode::Never {
                let spare = c.policy.class(job.spec.class.as_deref()).rank == 0;
                self.gives = self.gives.min(if spare { Time(0) } else { over });
            }
            let idle = c.idle_until(job).unwrap_or(Time::FAR);
            let turn_end = turn_end.min(idle);
            self.gives = self.gives.min(idle);
            any_end = any_end.min(turn_end);
            for gpu in here.iter().map(|g| g as usize).filter(|g| *g < gpus) {
                // A shared GPU is free once all have left it.
                (ends[gpu], turns[gpu]) = (ends[gpu].max(end), turns[gpu].max(turn_end));
            }
        }
        for job in self.suspended.iter().filter_map(|id| jobs.get(id)) {
            self.mem_used = self.mem_used.plus(job.spec.mem);
            let own = job.pinned().and_then(|place| place.on(self.node.id)).unwrap_or_default();
            own.iter().for_each(|gpu| *self.awaited.entry(gpu).or_default() += 1);
        }
        self.closed = self.drained.keys().chain(self.outsiders.keys()).copied().collect();
        // Nobody knows when it takes jobs again.
        for gpu in self.closed.iter().map(|g| g as usize).filter(|g| *g < gpus) {
            (ends[gpu], turns[gpu]) = (Time::FAR, Time::FAR);
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
