//! The smallest change that starts a waiting job sooner: each change is really planned, most of them in one pass
//! ([`super::probe`]), others by making them in a copy of the cluster.
//!
//! Times are those of a plan from walltimes and turns, as [`super::outlook`] has them. A change that a rule refuses is never
//! offered: it goes through [`admit`] and the plan like one that is asked for.

use super::probe::{start_of, starts_of};
use crate::admit::admit;
use crate::cluster::Cluster;
use crate::decision::PlannedStart;
use crate::event::Event;
use crate::id::JobId;
use crate::job::{Job, TurnMode};
use crate::queue::Shape;
use crate::request::{Asker, Change, Request};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A start this much sooner is worth a change.
pub const WORTH: Span = Span::minutes(5);
/// Up to this place in the order, changes that need a pass of their own are tried too; beyond, only a release and a
/// higher class.
pub const DEEP: u32 = 300;
/// Walltimes that people write, in minutes, up to two weeks.
const LADDER: [u64; 18] = [
    10, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1080, 1440, 2880, 4320, 5760, 7200, 10_080,
    20_160,
];

/// A change of what a job asks for, the smaller the further up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "change")]
pub enum Step {
    /// It is no longer held.
    Release,
    /// It makes room when its turn is over, and so may borrow.
    Turns {
        /// How.
        turns: TurnMode,
    },
    /// A shorter walltime: the longest round one that helps.
    Time {
        /// The walltime.
        limit: Span,
    },
    /// One more model.
    Models {
        /// All that it would accept.
        models: Vec<String>,
    },
    /// Any pool.
    AnyPool,
    /// More tasks of its array at one time.
    AtMost {
        /// How many.
        at_most: u32,
    },
    /// Another class.
    Class {
        /// Which.
        class: String,
    },
    /// Fewer nodes of a gang.
    Nodes {
        /// How many.
        nodes: u32,
    },
    /// Fewer GPUs.
    Gpus {
        /// How many.
        gpus: u32,
    },
}

impl Step {
    /// Where its kind stands among all: the smallest is 0.
    fn kind(&self) -> u8 {
        match self {
            Step::Release => 0,
            Step::Turns { .. } => 1,
            Step::Time { .. } => 2,
            Step::Models { .. } => 3,
            Step::AnyPool => 4,
            Step::AtMost { .. } => 5,
            Step::Class { .. } => 6,
            Step::Nodes { .. } => 7,
            Step::Gpus { .. } => 8,
        }
    }

    /// How large it is among those of its kind.
    fn size(&self, job: &Job) -> u64 {
        match self {
            Step::Time { limit } => u64::MAX - limit.0,
            Step::Nodes { nodes } => u64::from(job.spec.nodes.saturating_sub(*nodes)),
            Step::Gpus { gpus } => u64::from(job.spec.gpus.saturating_sub(*gpus)),
            _ => 0,
        }
    }

    /// As a request.
    pub fn request(&self, job: JobId) -> Request {
        let mut change = Change::default();
        match self {
            Step::Release => return Request::Release(job),
            Step::Turns { turns } => change.turns = Some(*turns),
            Step::Time { limit } => change.limit = Some(*limit),
            Step::Models { models } => change.models = Some(models.clone()),
            Step::AnyPool => change.pool = Some(None),
            Step::AtMost { at_most } => change.at_most = Some(*at_most),
            Step::Class { class } => change.class = Some(class.clone()),
            Step::Nodes { nodes } => change.nodes = Some(*nodes),
            Step::Gpus { gpus } => change.gpus = Some(*gpus),
        }
        Request::Change { job, change, ended: BTreeMap::new() }
    }
}

/// A change, and the start that is planned with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// The change.
    pub step: Step,
    /// When it then starts.
    pub start: PlannedStart,
}

/// How jobs here can make room: a real GPU cannot be suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freezing {
    /// Every job can be suspended.
    Possible,
    /// Only jobs without GPUs.
    WithoutGpus,
}

/// Changes that start a waiting job at least [`WORTH`] sooner, the smallest first.
pub fn variants(c: &Cluster, now: Time, id: JobId, freezing: Freezing) -> Vec<Variant> {
    let Some(job) = c.job(id).filter(|job| job.holds().is_none() && job.pinned().is_none()) else {
        return Vec::new();
    };
    let (mut shapes, mut same, mut apart) = (Vec::new(), Vec::new(), Vec::new());
    for step in steps(c, job, freezing) {
        let Some(facts) = allowed(c, now, job, &step) else { continue };
        match shape_with(c, job, &facts).filter(|_| keeps_its_place(c, &step)) {
            Some(shape) => {
                shapes.push(shape);
                same.push(step);
            }
            None => apart.push((step, facts)),
        }
    }
    let (as_it_is, starts) = starts_of(c, now, id, &shapes);
    let before = as_it_is.as_ref().map_or(Time::FAR, |start| start.at);
    let place = as_it_is.as_ref().map_or(u32::MAX, |start| start.place);
    let together = same.into_iter().zip(starts);
    let rank = |class: Option<&str>| c.policy.class(class).rank;
    let is_cheap = |step: &Step| match step {
        Step::Release => true,
        Step::Class { class } => {
            place <= DEEP || rank(Some(class)) > rank(job.spec.class.as_deref())
        }
        _ => place <= DEEP,
    };
    let alone = apart.into_iter().filter(|(step, _)| is_cheap(step));
    let alone = alone.map(|(step, facts)| {
        let mut changed = c.clone();
        facts.iter().for_each(|fact| changed.apply(now, fact));
        (step, start_of(&changed, now, id))
    });
    let all =
        together.chain(alone).filter_map(|(step, start)| Some(Variant { step, start: start? }));
    let sooner = all.filter(|v| v.start.at.after(WORTH) <= before);
    smallest_first(job, sooner.collect())
}

/// Of one kind, a larger change must bring a start that is worth it.
fn smallest_first(job: &Job, mut found: Vec<Variant>) -> Vec<Variant> {
    found.sort_by_key(|v| (v.step.kind(), v.step.size(job), v.start.at));
    let mut best: Option<(u8, Time)> = None;
    found.retain(|v| {
        let kind = v.step.kind();
        let known = best.filter(|(of, _)| *of == kind).map(|(_, at)| at);
        let is_better = match (&v.step, known) {
            (_, None) => true,
            // The longest walltime that helps is enough.
            (Step::Time { .. }, Some(_)) => false,
            (_, Some(at)) => v.start.at.after(WORTH) <= at,
        };
        if is_better {
            best = Some((kind, v.start.at));
        }
        is_better
    });
    found
}

/// The facts that make a change true, if the rules allow it.
fn allowed(c: &Cluster, now: Time, job: &Job, step: &Step) -> Option<Vec<Event>> {
    let account = c.accounts.account(job.owner);
    let asker = Asker {
        person: account.person.into(),
        lab: account.lab.into(),
        grant: account.grant.into(),
        admin: false,
    };
    admit(c, &asker, &step.request(job.id), now).ok()
}

/// The shape of a job after it was changed; none if nothing of it is.
fn shape_with(c: &Cluster, job: &Job, facts: &[Event]) -> Option<Arc<Shape>> {
    let spec = facts.iter().find_map(|fact| match fact {
        Event::Changed { spec, .. } => Some(Arc::new(spec.clone())),
        _ => None,
    })?;
    let shape = Shape::of(&Job { spec, ..job.clone() });
    let known = c.shapes.get_key_value(&shape).map(|(known, _)| known.clone());
    Some(known.unwrap_or_else(|| Arc::new(shape)))
}

/// Whether a changed job is visited when and where it was: in its class, and in the same ledgers.
fn keeps_its_place(c: &Cluster, step: &Step) -> bool {
    match step {
        Step::Release | Step::Class { .. } => false,
        Step::Models { .. } | Step::AnyPool => super::place::lanes(c).len() == 1,
        _ => true,
    }
}

/// All changes that may be offered, as far as the job itself tells.
fn steps(c: &Cluster, job: &Job, freezing: Freezing) -> Vec<Step> {
    let spec = &job.spec;
    let below = |span: &Span| spec.limit.is_none_or(|limit| *span < limit);
    let rungs = LADDER.into_iter().map(Span::minutes).filter(below);
    let mut all: Vec<Step> = rungs.map(|limit| Step::Time { limit }).collect();
    if job.held {
        all.push(Step::Release);
    }
    let suspends = freezing == Freezing::Possible || spec.gpus == 0;
    if spec.turns != TurnMode::Suspend && suspends {
        all.push(Step::Turns { turns: TurnMode::Suspend });
    }
    if spec.turns != TurnMode::Requeue {
        all.push(Step::Turns { turns: TurnMode::Requeue });
    }
    if !spec.models.is_empty() {
        let known: BTreeSet<&String> =
            c.nodes.values().filter_map(|n| n.node.model.as_ref()).collect();
        let others = known.into_iter().filter(|m| !spec.models.contains(m)).take(8);
        all.extend(others.map(|m| Step::Models {
            models: [&spec.models[..], std::slice::from_ref(m)].concat(),
        }));
    }
    if spec.pool.is_some() {
        all.push(Step::AnyPool);
    }
    if let Some(most) = spec.at_most {
        all.push(Step::AtMost { at_most: most.saturating_add(1) });
    }
    let own = &c.policy.class(spec.class.as_deref()).name;
    let classes = c.policy.classes.iter().filter(|class| class.name != *own).take(8);
    all.extend(classes.map(|class| Step::Class { class: class.name.clone() }));
    all.extend(fewer(spec.nodes).map(|nodes| Step::Nodes { nodes }));
    all.extend(fewer(spec.gpus).map(|gpus| Step::Gpus { gpus }));
    all
}

/// One less, and halves, down to one: the most first.
fn fewer(count: u32) -> impl Iterator<Item = u32> {
    let halves = std::iter::successors(Some(count / 2), |n| Some(n / 2));
    let all: BTreeSet<u32> = halves.take(4).chain(count.checked_sub(1)).collect();
    all.into_iter().rev().filter(move |n| *n > 0 && *n < count)
}
