//! What will be free when: for each node that a pass looks at, the busy times of every GPU and the use of its host.

mod profile;

use super::order::{Asked, Level};
use super::{claim, which};
use crate::cluster::Cluster;
use crate::id::{GpuSet, JobId, NodeId, PersonId};
use crate::job::Placement;
use crate::node::NodeState;
use crate::queue::Shape;
use crate::units::{Mib, Span, Time};
use profile::{Gpus, Held, Profile, Wanted, Whose};
use std::collections::{BTreeMap, BTreeSet};

/// The future as far as this pass has planned it. Nodes are read in when first looked at.
#[derive(Clone)]
pub(crate) struct Timeline<'c> {
    c: &'c Cluster,
    now: Time,
    /// By number of the node.
    nodes: Vec<Option<Profile>>,
    touched: BTreeSet<NodeId>,
    /// When running jobs are to make room.
    leave: BTreeMap<JobId, Time>,
    bounds: BTreeMap<(usize, Option<PersonId>), Time>,
    /// Whether what fits depends on whose job it is.
    personal: bool,
}

impl<'c> Timeline<'c> {
    pub fn new(c: &'c Cluster, now: Time, personal: bool) -> Timeline<'c> {
        Timeline {
            c,
            now,
            nodes: Vec::new(),
            touched: BTreeSet::new(),
            leave: BTreeMap::new(),
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

    /// Plans a person's job of `shape` from `at` on.
    pub fn hold(&mut self, place: &Placement, at: Time, (shape, person): (&Shape, PersonId)) {
        let login = Some(self.c.accounts.login(person));
        // Without a walltime nothing says when it ends, nor will once it runs.
        let end = shape.limit.map_or(Time::FAR, |_| at.after(shape.length()));
        for part in place.parts() {
            self.touched.insert(part.node);
            if let Some(profile) = self.profile(part.node) {
                let (gpus, part, whose) = (part.gpus, shape.gpu_mem, Whose::Planned);
                let gpus = Gpus { gpus, part, whose, login };
                profile.hold(gpus, (at, end), (shape.cpus, shape.mem));
            }
        }
    }

    /// Plans that running jobs make room at `at`, if they are not to leave before anyway.
    pub fn cut(&mut self, jobs: &[JobId], at: Time) {
        for job in jobs.iter().filter_map(|id| self.c.job(*id)) {
            let Some(place) = job.holds() else { continue };
            let Some(end) = self.leave.get(&job.id).copied().or(job.limit_ends()) else { continue };
            if end <= at {
                continue;
            }
            self.leave.insert(job.id, at);
            let keeps = self.c.mode(job) == crate::job::TurnMode::Suspend;
            let mem = if keeps { Mib(0) } else { job.spec.mem };
            let now = self.now;
            for part in place.parts() {
                self.touched.insert(part.node);
                if let Some(profile) = self.profile(part.node) {
                    let gpus = (part.gpus, job.spec.gpu_mem);
                    profile.release(gpus, (now, at, end), (job.spec.cpus, mem));
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
        let gpus = gpus.without(self.planned(node, (from, to)));
        let now = self.now;
        let Some(profile) = self.profile(node) else { return GpuSet::default() };
        if held && profile.parts.is_empty() {
            return gpus.common(profile.all());
        }
        let apart = |start: Time, end: Time| end <= from || start >= to;
        let lane_apart = |start: Time, end: Time| (held && start <= now) || apart(start, end);
        let part_apart = |p: &Held| (held && p.whose == Whose::Runs) || apart(p.from, p.to);
        let is_open = |gpu: &u32| {
            let lane = profile.lanes.get(*gpu as usize);
            let parts = profile.parts.get(gpu);
            lane.is_some_and(|lane| lane.iter().all(|(start, end)| lane_apart(*start, *end)))
                && parts.is_none_or(|parts| parts.iter().all(part_apart))
        };
        gpus.iter().filter(is_open).collect()
    }

    /// The GPUs of a node that are planned whole, from later than now on, for any moment between two.
    pub fn planned(&self, node: NodeId, (from, to): (Time, Time)) -> GpuSet {
        let profile = self.nodes.get(node.0 as usize).and_then(Option::as_ref);
        let planned = profile.map_or(&[][..], |profile| &profile.planned).iter();
        let then =
            planned.filter(|(start, end, _)| *start > self.now && *end > from && *start < to);
        then.fold(GpuSet::default(), |all, (.., gpus)| all.and(*gpus))
    }

    /// How many GPUs of a node will be free at a moment.
    pub fn free_at(&mut self, node: NodeId, at: Time) -> u32 {
        let Some(profile) = self.profile(node) else { return 0 };
        let free = (0u32..).zip(&profile.lanes).filter(|(gpu, lane)| {
            let next = lane.partition_point(|(_, end)| *end <= at);
            lane.get(next).is_none_or(|(start, _)| *start > at)
                && profile.most_held(*gpu, (at, at.after(Span(1)))) == Mib(0)
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
        let (shape, login) = (asked.shape, c.accounts.login(asked.person));
        let wanted = Wanted { node: state, shape, login, pinned };
        if state.pins.is_empty() && asked.level != Level::Claim {
            let all = GpuSet::first(state.node.gpus);
            return profile.earliest(&wanted, &[], (from, until), |_| all);
        }
        let usable =
            |at: Time| claim::usable(c, now, asked, state, (at, at.after(asked.shape.length())));
        profile.earliest(&wanted, &changes(c, state, from), (from, until), usable)
    }

    /// The GPUs of a node on which a shape fits from a moment on, for a person or whoever's it is; none where its host does
    /// not suffice.
    pub fn open_on(
        &mut self,
        node: NodeId,
        (shape, person): (&Shape, Option<PersonId>),
        at: Time,
    ) -> GpuSet {
        let Some(state) = self.c.nodes.get(&node) else { return GpuSet::default() };
        let all = GpuSet::first(state.node.gpus);
        let login = person.map(|person| self.c.accounts.login(person));
        let Some(profile) = self.profile(node) else { return GpuSet::default() };
        let fits = profile.host_fits(shape, at);
        if fits { profile.open((shape, login), at, all) } else { GpuSet::default() }
    }

    /// Whether CPU cores and memory will do on a node from now on.
    pub fn host_is_free(&mut self, node: NodeId, shape: &Shape) -> bool {
        let now = self.now;
        self.profile(node).is_some_and(|p| p.host_fits(shape, now))
    }

    fn profile(&mut self, id: NodeId) -> Option<&mut Profile> {
        let number = id.0 as usize;
        if self.nodes.len() <= number {
            self.nodes.resize(number + 1, None);
        }
        let known = self.nodes.get_mut(number)?;
        if known.is_none() {
            *known = Profile::read(self.c, id, self.now);
        }
        known.as_mut()
    }
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
