//! The future of one node: who has which GPU, or a part of one, and what its host has left.

use crate::cluster::Cluster;
use crate::id::{GpuSet, LoginId, NodeId};
use crate::job::JobState;
use crate::node::NodeState;
use crate::plan::near::nearest;
use crate::queue::Shape;
use crate::units::{Mib, Span, Time};
use std::collections::BTreeMap;

/// The future of one node.
#[derive(Clone)]
pub(super) struct Profile {
    pub cpus: u32,
    pub mem: Mib,
    /// Times of each GPU for which one job has it: sorted, not overlapping.
    pub lanes: Vec<Vec<(Time, Time)>>,
    /// Of those times the planned ones, by GPUs that have them in common.
    pub planned: Vec<(Time, Time, GpuSet)>,
    /// Memory of each GPU, and what parts of it are held when.
    pub gpu_mem: Mib,
    /// Its GPUs are slices: a part is one of them.
    is_sliced: bool,
    /// Nobody is beside another's part.
    is_apart: bool,
    pub parts: BTreeMap<u32, Vec<Held>>,
    /// CPU cores and memory in use from a moment on.
    pub host: BTreeMap<Time, (u32, Mib)>,
}

/// A part of a GPU, from one moment to another.
#[derive(Clone, Copy)]
pub(super) struct Held {
    pub from: Time,
    pub to: Time,
    pub mem: Mib,
    pub whose: Whose,
    pub login: Option<LoginId>,
}

/// GPUs that a job has, or its part of one.
pub(super) struct Gpus {
    pub gpus: GpuSet,
    pub part: Option<Mib>,
    pub whose: Whose,
    /// Who has them; none where nobody does.
    pub login: Option<LoginId>,
}

/// Whether somebody runs there now, or this pass has planned it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Runs,
    Planned,
}

/// What is looked for on one node.
pub(super) struct Wanted<'a> {
    pub node: &'a NodeState,
    pub shape: &'a Shape,
    /// For whom.
    pub login: LoginId,
    /// The GPUs a suspended job must resume on.
    pub pinned: Option<GpuSet>,
}

impl Profile {
    /// What runs on the node now, until its walltime.
    pub fn read(c: &Cluster, id: NodeId, now: Time) -> Option<Profile> {
        let state = c.nodes.get(&id)?;
        let mut profile = Profile {
            cpus: state.node.cpus,
            mem: state.node.mem,
            lanes: vec![Vec::new(); state.node.gpus as usize],
            planned: Vec::new(),
            gpu_mem: state.node.gpu_mem,
            is_sliced: state.node.slice.is_some(),
            is_apart: c.keeps_people_apart(state.pool),
            parts: BTreeMap::new(),
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
            let (part, login) = (job.spec.gpu_mem, Some(c.accounts.login(job.owner)));
            let held = Gpus { gpus: here, part, whose: Whose::Runs, login };
            profile.hold(held, (now, end), (job.spec.cpus, job.spec.mem));
        }
        if !state.closed.is_empty() {
            let gpus = state.closed;
            let closed = Gpus { gpus, part: None, whose: Whose::Runs, login: None };
            profile.hold(closed, (now, Time::FAR), (0, Mib(0)));
        }
        for job in state.suspended.iter().filter_map(|j| c.job(*j)) {
            let gpus = GpuSet::default();
            let none = Gpus { gpus, part: None, whose: Whose::Runs, login: None };
            profile.hold(none, (now, Time::FAR), (0, job.spec.mem));
        }
        Some(profile)
    }

    /// Its GPUs.
    pub fn all(&self) -> GpuSet {
        (0u32..).zip(&self.lanes).map(|(gpu, _)| gpu).collect()
    }

    pub fn hold(
        &mut self,
        Gpus { gpus, part, whose, login }: Gpus,
        (from, to): (Time, Time),
        host: (u32, Mib),
    ) {
        let part = part.filter(|_| !self.is_sliced);
        for gpu in gpus.iter() {
            if let Some(mem) = part {
                self.parts.entry(gpu).or_default().push(Held { from, to, mem, whose, login });
                continue;
            }
            let Some(lane) = self.lanes.get_mut(gpu as usize) else { continue };
            let at = lane.partition_point(|(_, end)| *end <= from);
            // What runs there longer than planned moves the start, never overlaps it.
            let from =
                lane.get(at).filter(|(start, _)| *start <= from).map_or(from, |(_, end)| *end);
            let at = lane.partition_point(|(start, _)| *start < from);
            if from < to {
                lane.insert(at, (from, to));
            }
            if from < to && whose == Whose::Planned {
                match self.planned.last_mut() {
                    Some((start, end, gpus)) if (*start, *end) == (from, to) => {
                        *gpus = gpus.with(gpu)
                    }
                    _ => self.planned.push((from, to, GpuSet::default().with(gpu))),
                }
            }
        }
        self.change_host(from, to, |(cpus, mem)| (cpus.saturating_add(host.0), mem.plus(host.1)));
    }

    /// What runs there leaves at `from`, which it holds until `to`; what is planned there later stays.
    pub fn release(
        &mut self,
        (gpus, part): (GpuSet, Option<Mib>),
        (now, from, to): (Time, Time, Time),
        host: (u32, Mib),
    ) {
        let part = part.filter(|_| !self.is_sliced);
        for gpu in gpus.iter() {
            if let Some(mem) = part {
                let held = self.parts.get_mut(&gpu).into_iter().flatten();
                let same = held.filter(|h| h.whose == Whose::Runs && h.mem == mem && h.to >= to);
                if let Some(held) = same.min_by_key(|held| held.to) {
                    held.to = from;
                }
                continue;
            }
            let Some(lane) = self.lanes.get_mut(gpu as usize) else { continue };
            if let Some((_, end)) =
                lane.iter_mut().find(|(start, end)| *start <= now && *end > from)
            {
                *end = from;
            }
            lane.retain(|(start, end)| start < end);
        }
        self.change_host(from, to, |(cpus, mem)| (cpus.saturating_sub(host.0), mem.less(host.1)));
    }

    pub fn change_host(&mut self, from: Time, to: Time, edit: impl Fn((u32, Mib)) -> (u32, Mib)) {
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

    pub fn earliest(
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
        let parts = self.parts.values().flatten().map(|held| held.to);
        ends.extend(parts.filter(|end| *end > from && *end <= until));
        if from < until {
            ends.extend(self.host.range(from..=until).map(|(at, _)| *at).filter(|at| *at > from));
        }
        ends.sort_unstable();
        ends.dedup();
        ends.into_iter().find_map(|at| Some((at, self.fits(wanted, at, usable(at))?)))
    }

    /// The GPUs that are free from `at` for as long as the shape needs, if they and the host suffice.
    pub fn fits(&self, wanted: &Wanted, at: Time, usable: GpuSet) -> Option<GpuSet> {
        let shape = wanted.shape;
        let free = self.open((shape, Some(wanted.login)), at, usable);
        if free.count() < shape.gpus {
            return None;
        }
        let gpus: GpuSet = match wanted.pinned {
            Some(pinned) => pinned,
            None => nearest(wanted.node, free, shape.gpus),
        };
        if gpus.count() != shape.gpus || !gpus.without(free).is_empty() {
            return None;
        }
        self.host_fits(shape, at).then_some(gpus)
    }

    /// Those of some GPUs on which nothing is planned from `at` for as long as the shape needs, or not more than leaves room
    /// for its part; for a person, or whoever's it is.
    pub fn open(
        &self,
        (shape, login): (&Shape, Option<LoginId>),
        at: Time,
        usable: GpuSet,
    ) -> GpuSet {
        let to = at.after(shape.length());
        let most = shape.gpu_mem.map_or(Mib(0), |part| self.gpu_mem.less(part));
        if shape.gpu_mem.is_some_and(|part| part > self.gpu_mem) {
            return GpuSet::default();
        }
        let is_free = |lane: &Vec<(Time, Time)>| {
            let next = lane.partition_point(|(_, end)| *end <= at);
            lane.get(next).is_none_or(|(start, _)| *start >= to)
        };
        (0u32..)
            .zip(&self.lanes)
            .filter(|(gpu, lane)| {
                usable.has(*gpu)
                    && is_free(lane)
                    && self.most_held(*gpu, (at, to)) <= most
                    && self.is_beside(*gpu, login, (at, to))
            })
            .map(|(gpu, _)| gpu)
            .collect()
    }

    /// Whether a person may be beside all whose parts of a GPU are held at any moment between two.
    fn is_beside(&self, gpu: u32, login: Option<LoginId>, (from, to): (Time, Time)) -> bool {
        if !self.is_apart || login.is_none() {
            return true;
        }
        self.parts
            .get(&gpu)
            .into_iter()
            .flatten()
            .all(|held| held.login == login || held.from >= to || held.to <= from)
    }

    /// The most memory of a GPU that parts hold at any moment between two.
    pub fn most_held(&self, gpu: u32, (from, to): (Time, Time)) -> Mib {
        let Some(parts) = self.parts.get(&gpu) else { return Mib(0) };
        let within = || parts.iter().filter(|held| held.from < to && held.to > from);
        let at = |moment: Time| {
            let then = within().filter(|held| held.from <= moment && held.to > moment);
            then.fold(Mib(0), |sum, held| sum.plus(held.mem))
        };
        within().map(|held| at(held.from.max(from))).max().unwrap_or(Mib(0))
    }

    /// Whether CPU cores and memory suffice from `at` for as long as the shape needs.
    pub fn host_fits(&self, shape: &Shape, at: Time) -> bool {
        let to = at.after(shape.length());
        let before = self.host.range(..=at).next_back().map(|(_, level)| level);
        let during = self.host.range(at..to).map(|(_, level)| level);
        let fits = |(cpus, mem): &(u32, Mib)| {
            cpus.saturating_add(shape.cpus) <= self.cpus && mem.plus(shape.mem) <= self.mem
        };
        before.into_iter().chain(during).all(fits)
    }
}
