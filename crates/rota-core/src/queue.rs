//! Jobs that are ready to start, as the plan looks at them: by person, and by what they ask for.

use crate::id::JobId;
use crate::job::{Job, JobSpec, Placement, TurnMode};
use crate::units::{Mib, Span, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Shapes, each kept once, with the number of people who wait with it.
pub type Shapes = BTreeMap<Arc<Shape>, u32>;

/// Ready jobs of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// By shape, each in order of (in line since, id).
    pub buckets: BTreeMap<Arc<Shape>, BTreeSet<(Time, JobId)>>,
    /// The first of each bucket.
    pub heads: BTreeMap<(Time, JobId), Arc<Shape>>,
}

impl Waiting {
    /// Puts a job into its bucket.
    pub(crate) fn insert(&mut self, shapes: &mut Shapes, shape: Shape, job: (Time, JobId)) {
        if !self.buckets.contains_key(&shape) {
            let known = shapes.get_key_value(&shape).map(|(known, _)| known.clone());
            let known = known.unwrap_or_else(|| Arc::new(shape.clone()));
            *shapes.entry(known.clone()).or_default() += 1;
            self.buckets.insert(known, BTreeSet::new());
        }
        self.edit(&shape, |bucket| bucket.insert(job));
    }

    /// Takes a job out of its bucket.
    pub(crate) fn remove(&mut self, shapes: &mut Shapes, shape: &Shape, job: (Time, JobId)) {
        self.edit(shape, |bucket| bucket.remove(&job));
        if self.buckets.get(shape).is_some_and(BTreeSet::is_empty) {
            self.buckets.remove(shape);
            let left = shapes.get_mut(shape).map_or(0, |people| {
                *people -= 1;
                *people
            });
            if left == 0 {
                shapes.remove(shape);
            }
        }
    }

    fn edit(&mut self, shape: &Shape, edit: impl FnOnce(&mut BTreeSet<(Time, JobId)>) -> bool) {
        let Some(known) = self.buckets.get_key_value(shape).map(|(known, _)| known.clone()) else {
            return;
        };
        let Some(bucket) = self.buckets.get_mut(shape) else { return };
        let before = bucket.first().copied();
        edit(bucket);
        let after = bucket.first().copied();
        if before != after {
            before.map(|head| self.heads.remove(&head));
            after.map(|head| self.heads.insert(head, known));
        }
    }
}

/// All that the plan looks at in a ready job: jobs of one shape are interchangeable but for their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// GPUs, on each node.
    pub gpus: u32,
    /// Memory of the GPU that it may share.
    pub gpu_mem: Option<Mib>,
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

    /// GPUs that must be free altogether on a node: for a part, none.
    pub fn whole_gpus(&self) -> usize {
        if self.gpu_mem.is_some() { 0 } else { self.gpus as usize }
    }

    /// GPUs on all nodes.
    pub fn all_gpus(&self) -> u32 {
        self.gpus.saturating_mul(self.nodes)
    }

    /// The shape of what is not a job yet.
    pub fn wanted(spec: &JobSpec) -> Shape {
        Shape {
            gpus: spec.gpus,
            gpu_mem: spec.gpu_mem,
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

    /// How long it may hold what it gets: a year where it has no walltime, a moment where nothing is left of it.
    pub fn length(&self) -> Span {
        self.limit.unwrap_or(Span::hours(365 * 24)).max(Span::seconds(1))
    }
}
