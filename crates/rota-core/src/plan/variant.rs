//! The smallest change that starts a waiting job sooner: each change is really made in a copy of the cluster and planned.
//!
//! Times are those of a plan from walltimes and turns, as [`super::outlook`] has them. A change that a rule refuses is never
//! offered: it goes through [`admit`] and the plan like one that is asked for.

use super::start_of;
use crate::admit::admit;
use crate::cluster::Cluster;
use crate::decision::PlannedStart;
use crate::id::JobId;
use crate::job::{Job, TurnMode};
use crate::request::{Asker, Change, Request};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A start this much sooner is worth a change.
pub const WORTH: Span = Span::minutes(5);
/// The most variants that are planned for one job.
pub const MOST: u32 = 40;
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
    let as_it_is = start_of(c, now, id).map_or(Time::FAR, |start| start.at);
    if as_it_is <= now.after(WORTH) {
        return Vec::new();
    }
    let mut trial = Trial { c, now, job, before: as_it_is, left: MOST };
    let steps = steps(c, job, freezing);
    let mut found: Vec<Variant> = steps.into_iter().filter_map(|step| trial.sooner(step)).collect();
    found.extend(longest_walltime(&mut trial));
    // Of one kind, a larger change must be worth it.
    let mut soonest: BTreeMap<u8, Time> = BTreeMap::new();
    found.sort_by_key(|v| (v.step.kind(), v.start.at));
    let sizes = |v: &Variant| match v.step {
        Step::Gpus { gpus } => job.spec.gpus.saturating_sub(gpus),
        Step::Nodes { nodes } => job.spec.nodes.saturating_sub(nodes),
        _ => 0,
    };
    found.sort_by_key(|v| (v.step.kind(), sizes(v), v.start.at));
    found.retain(|v| {
        let best = soonest.entry(v.step.kind()).or_insert(Time::FAR);
        let better = v.start.at.after(WORTH) <= *best;
        *best = v.start.at.min(*best);
        better
    });
    found
}

struct Trial<'c> {
    c: &'c Cluster,
    now: Time,
    job: &'c Job,
    before: Time,
    left: u32,
}

impl Trial<'_> {
    /// The variant, if it is allowed and starts the job sooner.
    fn sooner(&mut self, step: Step) -> Option<Variant> {
        self.left = self.left.checked_sub(1)?;
        let (c, id) = (self.c, self.job.id);
        let account = c.accounts.account(self.job.owner);
        let asker = Asker {
            person: account.person.into(),
            lab: account.lab.into(),
            grant: account.grant.into(),
            admin: false,
        };
        let facts = admit(c, &asker, &step.request(id), self.now).ok()?;
        let mut changed = c.clone();
        facts.iter().for_each(|fact| changed.apply(self.now, fact));
        let start = start_of(&changed, self.now, id)?;
        (start.at.after(WORTH) <= self.before).then_some(Variant { step, start })
    }
}

/// All changes but that of the walltime.
fn steps(c: &Cluster, job: &Job, freezing: Freezing) -> Vec<Step> {
    let spec = &job.spec;
    let mut all = Vec::new();
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
        all.extend(
            others.map(|m| Step::Models { models: [&spec.models[..], &[m.clone()]].concat() }),
        );
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

/// The longest round walltime with which it starts sooner, by bisection: a longer one never starts earlier.
fn longest_walltime(trial: &mut Trial) -> Option<Variant> {
    let below = |span: &Span| trial.job.spec.limit.is_none_or(|limit| *span < limit);
    let rungs: Vec<Span> = LADDER.into_iter().map(Span::minutes).filter(below).collect();
    let (mut from, mut to, mut best) = (0, rungs.len(), None);
    while from < to {
        let middle = from + (to - from) / 2;
        match rungs.get(middle).and_then(|limit| trial.sooner(Step::Time { limit: *limit })) {
            Some(found) => (from, best) = (middle + 1, Some(found)),
            None => to = middle,
        }
    }
    best
}
