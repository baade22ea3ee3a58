//! What will be free when: for each node that a pass looks at, the busy times of every GPU and the use of its host.

use super::near::nearest;
use super::order::{Asked, Level};
use super::{claim, which};
use crate::cluster::Cluster;
use crate::id::{GpuSet, JobId, NodeId, PersonId};
use crate::job::{JobState, Placement};
use crate::node::{Node, NodeState};
use crate::queue::Shape;
use crate::units::{Mib, Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// The future as far as this pass has planned it. Nodes are read in when first looked at.
#[derive(Clone)]
pub(crate) struct Timeline<'c> {
    c: &'c Cluster,
    now: Time,
    nodes: BTreeMap<NodeId, Profile>,
    touched: BTreeSet<NodeId>,
    bounds: BTreeMap<(usize, Option<PersonId>), Time>,
    /// Whether what fits depends on whose job it is.
    personal: bool,
}

/// The future of one node.
#[derive(Clone)]
struct Profile {
    cpus: u32,
    mem: Mib,
    /// Busy times of each GPU: sorted, not overlapping.
    lanes: Vec<Vec<(Time, Time)>>,
    /// CPU cores and memory in use from a moment on.
    host: BTreeMap<Time, (u32, Mib)>,
}

impl<'c> Timeline<'c> {
    pub fn new(c: &'c Cluster, now: Time, personal: bool) -> Timeline<'c> {
        Timeline {
            c,
            now,
            nodes: BTreeMap::new(),
            touched: BTreeSet::new(),
            bounds: BTreeMap::new(),
            personal,
        }
    }

    /// Whether this pass has planned anything on the node.
    pub fn is_touched(&self, node: NodeId) -> bool {
        self.touched.contains(&node)
    }

    /// The nodes on which this pass has planned anything.
    pub fn touched(&self, wanted: impl Fn(&NodeState) -> bool) -> Vec<NodeId> {
        let is_wanted = |id: &NodeId| self.c.nodes.get(id).is_some_and(|n| wanted(n));
        self.touched.iter().copied().filter(is_wanted).collect()
    }

    /// No job of this shape fits before: found once, true for the rest of the pass.
    pub fn lower_bound(&self, asked: &Asked) -> Time {
        let known = self.bounds.get(&self.whose(asked)).copied();
        let in_order = matches!(asked.level, Level::Order(..));
        known.filter(|_| in_order).unwrap_or(self.now).max(self.now)
    }

    /// Notes that no job of this shape fits before `at`.
    pub fn not_before(&mut self, asked: &Asked, at: Time) {
        if matches!(asked.level, Level::Order(..)) {
            self.bounds.insert(self.whose(asked), at);
        }
    }

    fn whose(&self, asked: &Asked) -> (usize, Option<PersonId>) {
        (which(asked.shape), Some(asked.person).filter(|_| self.personal))
    }

    /// Plans a job of `shape` from `at` on.
    pub fn hold(&mut self, place: &Placement, at: Time, shape: &Shape) {
        for part in place.parts() {
            self.touched.insert(part.node);
            if let Some(profile) = self.profile(part.node) {
                profile.hold(part.gpus, at, at.after(shape.length()), (shape.cpus, shape.mem));
            }
        }
    }

    /// Plans that running jobs make room at `at`.
    pub fn cut(&mut self, jobs: &[JobId], at: Time) {
        for job in jobs.iter().filter_map(|id| self.c.job(*id)) {
            let (Some(place), Some(end)) = (job.holds(), job.limit_ends()) else { continue };
            let keeps = self.c.mode(job) == crate::job::TurnMode::Suspend;
            let mem = if keeps { Mib(0) } else { job.spec.mem };
            for part in place.parts() {
                self.touched.insert(part.node);
                if let Some(profile) = self.profile(part.node) {
                    profile.release(part.gpus, at, end, (job.spec.cpus, mem));
                }
            }
        }
    }

    /// Those of some GPUs of a node on which nothing is planned from one moment to another, besides what runs there now
    /// if they are `held`.
    pub fn unplanned(
        &mut self,
        (node, gpus): (NodeId, GpuSet),
        held: bool,
        (from, to): (Time, Time),
    ) -> GpuSet {
        if gpus.is_empty() || !self.is_touched(node) {
            return gpus;
        }
        let now = self.now;
        let Some(profile) = self.profile(node) else { return GpuSet::default() };
        let is_open = |gpu: &u32| {
            let lane = profile.lanes.get(*gpu as usize);
            let apart = |(start, end): &(Time, Time)| {
                (held && *start <= now) || *end <= from || *start >= to
            };
            lane.is_some_and(|lane| lane.iter().all(apart))
        };
        gpus.iter().filter(is_open).collect()
    }

    /// How many GPUs of a node will be free at a moment.
    pub fn free_at(&mut self, node: NodeId, at: Time) -> u32 {
        let lanes = self.profile(node).map_or(&[][..], |p| &p.lanes);
        let free = lanes.iter().filter(|lane| {
            let next = lane.partition_point(|(_, end)| *end <= at);
            lane.get(next).is_none_or(|(start, _)| *start > at)
        });
        u32::try_from(free.count()).unwrap_or(u32::MAX)
    }

    /// The earliest time from `from` on, and before or at `until`, at which the shape fits on a node.
    pub fn earliest_on(
        &mut self,
        node: NodeId,
        asked: &Asked,
        from: Time,
        until: Option<Time>,
    ) -> Option<(Time, GpuSet)> {
        let (c, now, state) = (self.c, self.now, self.c.nodes.get(&node)?);
        let profile = self.profile(node)?;
        let pinned = asked.shape.pinned.as_ref().map(|p| p.on(node).unwrap_or_default());
        let wanted = Wanted { node: &state.node, shape: asked.shape, pinned };
        if state.pins.is_empty() && asked.level != Level::Claim {
            let all = GpuSet::first(state.node.gpus);
            return profile.earliest(&wanted, &[], (from, until), |_| all);
        }
        let usable =
            |at: Time| claim::usable(c, now, asked, state, (at, at.after(asked.shape.length())));
        profile.earliest(&wanted, &changes(c, state, from), (from, until), usable)
    }

    /// Whether CPU cores and memory will do on a node from now on.
    pub fn host_is_free(&mut self, node: NodeId, shape: &Shape) -> bool {
        let (now, host) = (self.now, Shape { gpus: 0, pinned: None, ..shape.clone() });
        let Some(state) = self.c.nodes.get(&node) else { return false };
        let wanted = Wanted { node: &state.node, shape: &host, pinned: None };
        self.profile(node).is_some_and(|p| p.fits(&wanted, now, GpuSet::default()).is_some())
    }

    fn profile(&mut self, id: NodeId) -> Option<&mut Profile> {
        if !self.nodes.contains_key(&id) {
            let profile = Profile::read(self.c, id, self.now)?;
            self.nodes.insert(id, profile);
        }
        self.nodes.get_mut(&id)
    }
}

/// What is looked for on one node.
struct Wanted<'a> {
    node: &'a Node,
    shape: &'a Shape,
    /// The GPUs a suspended job must resume on.
    pinned: Option<GpuSet>,
}

/// The next moments at which claims on a node change hands.
fn changes(c: &Cluster, node: &NodeState, from: Time) -> Vec<Time> {
    let claims = node.pins.iter().filter_map(|(id, _)| c.claim(*id));
    let of_each = claims.flat_map(|claim| {
        let next = |at: &Time| claim.next_change(&c.policy.zone, *at);
        std::iter::successors(next(&from), next).take(CHANGES)
    });
    of_each.collect()
}

/// How many changes of a claim are looked at: two weeks of a daily one.
const CHANGES: usize = 28;

impl Profile {
    /// What runs on the node now, until its walltime.
    fn read(c: &Cluster, id: NodeId, now: Time) -> Option<Profile> {
        let state = c.nodes.get(&id)?;
        let mut profile = Profile {
            cpus: state.node.cpus,
            mem: state.node.mem,
            lanes: vec![Vec::new(); state.node.gpus as usize],
            host: BTreeMap::from([(Time(0), (0, Mib(0)))]),
        };
        for job in state.holders.iter().filter_map(|j| c.job(*j)) {
            let Some(place) = job.holds() else { continue };
            let end = match job.state {
                JobState::Stopping { since, .. } => since.after(job.spec.grace),
                _ => job.limit_ends().unwrap_or(Time::FAR),
            };
            // Overdue: it will be gone any moment now.
            let end = end.max(now.after(Span::seconds(1)));
            let here = place.on(id).unwrap_or_default();
            profile.hold(here, now, end, (job.spec.cpus, job.spec.mem));
        }
        if !state.closed.is_empty() {
            profile.hold(state.closed, now, Time::FAR, (0, Mib(0)));
        }
        for job in state.suspended.iter().filter_map(|j| c.job(*j)) {
            profile.hold(GpuSet::default(), now, Time::FAR, (0, job.spec.mem));
        }
        Some(profile)
    }

    fn hold(&mut self, gpus: GpuSet, from: Time, to: Time, host: (u32, Mib)) {
        for lane in gpus.iter().filter_map(|g| usize::try_from(g).ok()) {
            let Some(lane) = self.lanes.get_mut(lane) else { continue };
            let at = lane.partition_point(|(_, end)| *end <= from);
            // What runs there longer than planned moves the start, never overlaps it.
            let from =
                lane.get(at).filter(|(start, _)| *start <= from).map_or(from, |(_, end)| *end);
            let at = lane.partition_point(|(start, _)| *start < from);
            if from < to {
                lane.insert(at, (from, to));
            }
        }
        self.change_host(from, to, |(cpus, mem)| (cpus.saturating_add(host.0), mem.plus(host.1)));
    }

    fn release(&mut self, gpus: GpuSet, from: Time, to: Time, host: (u32, Mib)) {
        for lane in gpus.iter().filter_map(|g| usize::try_from(g).ok()) {
            let Some(lane) = self.lanes.get_mut(lane) else { continue };
            if let Some(slot) = lane.iter_mut().find(|(start, end)| *start <= from && *end > from) {
                slot.1 = from;
            }
            lane.retain(|(start, end)| start < end);
        }
        self.change_host(from, to, |(cpus, mem)| (cpus.saturating_sub(host.0), mem.less(host.1)));
    }

    fn change_host(&mut self, from: Time, to: Time, edit: impl Fn((u32, Mib)) -> (u32, Mib)) {
        if from >= to {
            return;
        }
        for cut in [from, to] {
            let level = self.host.range(..=cut).next_back().map_or((0, Mib(0)), |(_, l)| *l);
            self.host.entry(cut).or_insert(level);
        }
        for (_, level) in self.host.range_mut(from..to) {
            *level = edit(*level);
        }
    }

    fn earliest(
        &self,
        wanted: &Wanted,
        changes: &[Time],
        (from, until): (Time, Option<Time>),
        usable: impl Fn(Time) -> GpuSet,
    ) -> Option<(Time, GpuSet)> {
        let until = until.unwrap_or(Time(Time::FAR.0 - 1));
        if let Some(gpus) = self.fits(wanted, from, usable(from)) {
            return Some((from, gpus));
        }
        let ahead = |at: &&Time| **at > from && **at <= until;
        let mut ends: Vec<Time> = changes.iter().filter(ahead).copied().collect();
        for lane in &self.lanes {
            let first = lane.partition_point(|(_, end)| *end <= from);
            ends.extend(lane[first..].iter().map(|(_, end)| *end).filter(|end| *end <= until));
        }
        if from < until {
            ends.extend(self.host.range(from..=until).map(|(at, _)| *at).filter(|at| *at > from));
        }
        ends.sort_unstable();
        ends.dedup();
        ends.into_iter().find_map(|at| Some((at, self.fits(wanted, at, usable(at))?)))
    }

    /// The GPUs that are free from `at` for as long as the shape needs, if they and the host suffice.
    fn fits(&self, wanted: &Wanted, at: Time, usable: GpuSet) -> Option<GpuSet> {
        let shape = wanted.shape;
        let to = at.after(shape.length());
        let is_free = |lane: &Vec<(Time, Time)>| {
            let next = lane.partition_point(|(_, end)| *end <= at);
            lane.get(next).is_none_or(|(start, _)| *start >= to)
        };
        let free: GpuSet = (0u32..)
            .zip(&self.lanes)
            .filter(|(_, lane)| is_free(lane))
            .map(|(gpu, _)| gpu)
            .filter(|gpu| usable.has(*gpu))
            .collect();
        let gpus: GpuSet = match wanted.pinned {
            Some(pinned) => pinned,
            None => nearest(wanted.node, free, shape.gpus),
        };
        if gpus.count() != shape.gpus || !gpus.without(free).is_empty() {
            return None;
        }
        let before = self.host.range(..=at).next_back().map(|(_, level)| level);
        let during = self.host.range(at..to).map(|(_, level)| level);
        let fits = |(cpus, mem): &(u32, Mib)| {
            cpus.saturating_add(shape.cpus) <= self.cpus && mem.plus(shape.mem) <= self.mem
        };
        before.into_iter().chain(during).all(fits).then_some(gpus)
    }
}
