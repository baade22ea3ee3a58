//! Which jobs of holders wait because others are on what they claim, and since when.
//!
//! A job is delayed while it is ready, the claimed GPUs that its own people do not use would do for it and for those of
//! them before it, and the free ones among these do not. Limits and purses are not looked at.

use super::pins::{Held, held, includes, is_any, on_node, touched, users};
use super::walk::Step;
use rota_core::cluster::{ClaimId, Cluster};
use rota_core::id::JobId;
use rota_core::node::NodeState;
use rota_core::plan::place::accepts;
use rota_core::queue::Shape;
use rota_core::units::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a delayed job.
#[derive(Clone, Copy, Debug, Default)]
pub struct Delay {
    /// Since when it is delayed; none: it is not now.
    pub since: Option<Time>,
    /// How long it was before.
    pub before: Span,
}

/// All of it.
#[derive(Default)]
pub struct Delays {
    by_claim: BTreeMap<ClaimId, BTreeSet<JobId>>,
    jobs: BTreeMap<JobId, Delay>,
}

impl Delays {
    /// What is known of a job.
    pub fn of(&self, id: JobId) -> Delay {
        self.jobs.get(&id).copied().unwrap_or_default()
    }

    /// One job changed. Returns how long it was delayed, if it now starts.
    pub fn step(&mut self, step: &Step) -> Option<Span> {
        if !is_any(step.c) {
            return None;
        }
        for held in touched(step) {
            let delayed = delayed(step.c, &held);
            self.change(held.id, delayed, step.at);
        }
        let holds = |job: Option<&rota_core::job::Job>| job.is_some_and(|j| j.holds().is_some());
        let starts = !holds(step.before) && holds(step.after);
        let known = if starts || step.after.is_none() {
            self.jobs.remove(&step.id).unwrap_or_default()
        } else {
            Delay::default()
        };
        starts.then(|| known.until(step.at))
    }

    /// Claims, nodes or holders changed.
    pub fn all(&mut self, c: &Cluster, at: Time) {
        let now = held(c, at);
        let gone: Vec<ClaimId> =
            self.by_claim.keys().filter(|id| now.iter().all(|h| h.id != **id)).copied().collect();
        gone.into_iter().for_each(|id| self.change(id, BTreeSet::new(), at));
        for held in now {
            let delayed = delayed(c, &held);
            self.change(held.id, delayed, at);
        }
    }

    fn change(&mut self, claim: ClaimId, now: BTreeSet<JobId>, at: Time) {
        let before = self.by_claim.remove(&claim).unwrap_or_default();
        let by_others = |all: &BTreeMap<ClaimId, BTreeSet<JobId>>, id: &JobId| {
            all.values().any(|jobs| jobs.contains(id))
        };
        for id in before.difference(&now) {
            if let Some(delay) = self.jobs.get_mut(id).filter(|_| !by_others(&self.by_claim, id)) {
                *delay = Delay { since: None, before: delay.until(at) };
            }
        }
        for id in now.difference(&before) {
            self.jobs.entry(*id).or_default().since.get_or_insert(at);
        }
        if !now.is_empty() {
            self.by_claim.insert(claim, now);
        }
    }
}

impl Delay {
    /// How long it was delayed up to a moment.
    pub fn until(&self, at: Time) -> Span {
        self.before.plus(self.since.map_or(Span::ZERO, |since| at.since(since)))
    }
}

/// Claimed GPUs of a node that the holder's people do not use: all, and the free ones.
struct Open {
    all: u32,
    free: u32,
}

/// The jobs of the holder that others delay now.
fn delayed(c: &Cluster, held: &Held) -> BTreeSet<JobId> {
    let open = |node: &NodeState| {
        let pins = on_node(node, held.id);
        let (own, others) = users(c, node, held.who);
        let all = pins.without(own);
        Open { all: all.count(), free: all.without(others).count() }
    };
    let nodes = c.nodes.values().filter(|n| n.up && !on_node(n, held.id).is_empty());
    let mut nodes: Vec<Open> = nodes.map(|node| open(node)).collect();
    let mut delayed = BTreeSet::new();
    if nodes.iter().all(|n| n.all == n.free) {
        return delayed;
    }
    for (shape, id) in waiting(c, held, nodes.iter().map(|n| n.all).sum()) {
        let wanted = usize::try_from(shape.nodes).unwrap_or(usize::MAX);
        let fits = |gpus: u32| gpus >= shape.gpus;
        let is_free = nodes.iter().filter(|n| fits(n.free)).count() >= wanted;
        let might = nodes.iter().filter(|n| fits(n.all)).count() >= wanted;
        if !might {
            continue;
        }
        let usable = nodes.iter_mut().filter(|n| if is_free { fits(n.free) } else { fits(n.all) });
        for node in usable.take(wanted) {
            node.all -= shape.gpus;
            node.free = node.free.saturating_sub(shape.gpus);
        }
        if !is_free {
            delayed.insert(id);
        }
    }
    delayed
}

/// Ready jobs of the holder's people that accept what is claimed, oldest first; at most so many.
fn waiting<'c>(c: &'c Cluster, held: &Held, most: u32) -> Vec<(&'c Shape, JobId)> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let accepted = |shape: &Shape| {
        let mut nodes = c.nodes.values().filter(|n| !on_node(n, held.id).is_empty());
        shape.gpus > 0 && nodes.any(|n| accepts(c, shape, &(n.pool, n.node.model.clone())))
    };
    let theirs = c.queue.iter().filter(|(person, _)| includes(c, held.who, **person));
    let shapes =
        theirs.flat_map(|(_, waiting)| &waiting.buckets).filter(|(shape, _)| accepted(shape));
    let mut jobs: Vec<_> = shapes
        .flat_map(|(shape, jobs)| jobs.iter().take(most).map(|at| (*at, shape.as_ref())))
        .collect();
    jobs.sort_by_key(|(at, _)| *at);
    jobs.into_iter().take(most).map(|((_, id), shape)| (shape, id)).collect()
}
