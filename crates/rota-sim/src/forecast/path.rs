//! One of the ways in which things may go on: the real `plan` on a clock that runs ahead, with running times and arrivals
//! that are drawn for this path.

use super::arrivals::Arrivals;
use super::history::History;
use super::kin::Kin;
use super::patience::Patience;
use super::runtime::{MEASURE, Runtimes, scaled};
use super::{Method, Told};
use crate::dice::Dice;
use crate::replay::{Pace, Replay, Switch};
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::job::{Job, JobState, Outcome};
use rota_core::node::Node;
use rota_core::units::{Span, Time};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Nothing is played further ahead.
const FARTHEST: Span = Span::hours(60 * 24);

/// With more jobs times nodes than so many, what happens close together happens at once.
const MANY: usize = 25_000;

/// Where more jobs than so many take turns, that is so from [`NEAR`] on: passes take longer there.
const FEW: usize = 64;

/// So far ahead all moments are kept apart.
const NEAR: Span = Span::hours(3);

/// Close together is what happens within this part of the time until then: 100 is one hundredth.
const CLOSE: u64 = 100;

/// A job that has not ended, and what its program is known by.
pub struct Prospect {
    id: JobId,
    /// What it is known by.
    pub kin: Kin,
    /// How long it has run, on the model that runtimes are measured on.
    age: Span,
    limit: Option<Span>,
    /// Of the model where it is.
    speed: u64,
    told: Option<Told>,
    /// Since when it waits, if it has not begun.
    waits_since: Option<Time>,
}

/// What happened to a job on a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lived {
    /// When it began to run next.
    pub start: Option<Time>,
    /// When it ended.
    pub finish: Option<Time>,
    /// It was taken out of the queue.
    pub has_left: bool,
}

/// What all paths go out from.
pub struct Ahead<'a> {
    /// The state.
    pub cluster: &'a Cluster,
    /// The moment.
    pub now: Time,
    /// How the path is drawn.
    pub method: Method,
    /// How long programs run.
    pub runtimes: &'a Runtimes,
    /// Who comes next.
    pub arrivals: &'a Arrivals<'a>,
    /// How long people leave their jobs waiting.
    pub patience: &'a Patience,
    /// Jobs make room for others.
    pub in_turns: bool,
    /// What starting and stopping take.
    pub switch: Switch,
    /// All jobs that have not ended.
    pub prospects: Vec<Prospect>,
    /// Those that are waited for.
    pub awaited: BTreeSet<JobId>,
}

impl Prospect {
    /// Of a job of the cluster.
    pub fn new(
        (c, history, now): (&Cluster, &History, Time),
        job: &Job,
        told: Option<Told>,
    ) -> Prospect {
        let speed = speed_of(c, job);
        let measured = |span: Span| Span(span.0.saturating_mul(speed) / 1000);
        let turn = match job.state {
            JobState::Running { since, .. } => now.since(since),
            _ => Span::ZERO,
        };
        let known = history.of(job.id);
        // A walltime is for one run; a program that was queued again goes on from its checkpoint.
        let ran = known.and_then(|record| record.life.ran());
        let age = measured(ran.map_or_else(|| job.ran.plus(turn), |ran| ran.until(now)));
        let left = |limit: Span| age.plus(measured(Span(limit.0.saturating_sub(turn.0))));
        let limit = job.limit_left().map(left);
        let kin = known
            .map_or_else(|| Kin::of(&c.accounts.asker(job.owner), &job.spec), |record| record.kin);
        let waits_since =
            job.waits_to_begin().then(|| known.map_or(now, |record| record.submitted));
        Prospect { id: job.id, kin, age, limit, speed, told, waits_since }
    }

    /// A number of its own on a path.
    fn own(&self, path: u64) -> u64 {
        let task = u64::from(self.id.task.map_or(0, |task| task.saturating_add(1))) << 32;
        path ^ (self.id.number ^ task).wrapping_mul(0xff51_afd7_ed55_8ccd)
    }

    /// When it is taken out of the queue on a path, if it has not begun by then. On a third of all paths it stays, so that
    /// there is a window for it.
    fn leaves(&self, patience: &Patience, now: Time, path: u64) -> Option<Time> {
        let mut dice = Dice::new(self.own(path).rotate_left(32));
        let since = self.waits_since.filter(|_| !dice.once_in(3))?;
        Some(since.after(patience.draw(now.since(since), &mut dice)?))
    }

    /// How much longer its program runs on a path.
    fn left(&self, runtimes: &Runtimes, path: u64, method: Method) -> Span {
        let own = self.own(path);
        let mut dice = Dice::new(own);
        let path = if method == Method::Together { path } else { own };
        if let Some(Told::Left(left)) = self.told {
            let measured = left.0.saturating_mul(self.speed) / 1000;
            return Span(scaled(measured, 0.9 + 0.2 * dice.part()).max(1));
        }
        let part = match self.told {
            Some(Told::Thousandths(part)) => u64::from(part.max(1)),
            _ => 1000,
        };
        // Its walltime is as much longer already.
        let limit = self.limit.map(|limit| Span(limit.0.saturating_mul(1000) / part));
        let drawn = runtimes.draw(&self.kin, self.age, limit, path, &mut dice);
        let left = drawn.0.saturating_sub(self.age.0).max(1);
        Span(left.saturating_mul(part) / 1000)
    }
}

/// How fast a job is where it is, or where it may go.
fn speed_of(c: &Cluster, job: &Job) -> u64 {
    let held = job.holds().or_else(|| job.pinned()).and_then(|p| c.nodes.get(&p.node));
    let asked = |n: &Node| n.is_asked(&job.spec.models, job.spec.gpu_mem);
    let takes = |n: &Node| n.model.is_none() || asked(n);
    let may = || c.nodes.values().filter(|n| takes(&n.node));
    let speed = held.map_or_else(|| may().map(|n| n.speed).max(), |n| Some(n.speed));
    u64::from(speed.unwrap_or(1000).max(1))
}

impl Ahead<'_> {
    /// What happens on a path to those that are awaited.
    pub fn walk(&self, path: u64) -> BTreeMap<JobId, Lived> {
        let lives: RefCell<BTreeMap<JobId, Lived>> = RefCell::default();
        let holds = |id: &JobId| self.cluster.job(*id).is_some_and(|job| job.holds().is_some());
        let unborn: BTreeSet<JobId> =
            self.awaited.iter().copied().filter(|id| !holds(id)).collect();
        let unborn = RefCell::new(unborn);
        let mut listener = |at: Time, fact: &Event| {
            let (Event::Started { job, .. } | Event::Ended { job, .. }) = fact else { return };
            if !self.awaited.contains(job) {
                return;
            }
            let mut lives = lives.borrow_mut();
            let lived = lives.entry(*job).or_default();
            let is_first = unborn.borrow_mut().remove(job);
            match fact {
                Event::Started { .. } if is_first => lived.start = Some(at),
                Event::Ended { outcome: Outcome::Cancelled { .. }, .. } if is_first => {
                    lived.has_left = true;
                }
                Event::Ended { .. } => lived.finish = Some(at),
                _ => {}
            }
        };
        let mut replay = Replay::resume(self.cluster.clone(), self.now, self.switch, &mut listener);
        for prospect in &self.prospects {
            let left = prospect.left(self.runtimes, path, self.method);
            replay.expect(self.now, prospect.id, left, Some(MEASURE.to_owned()));
        }
        let together = self.method == Method::Together;
        // Who asks about one job means to keep it.
        let stays = |job: JobId| self.awaited.len() == 1 && self.awaited.contains(&job);
        let others = self.prospects.iter().filter(|other| together && !stays(other.id));
        for other in others {
            let leaves = other.leaves(self.patience, self.now, path);
            leaves.into_iter().for_each(|at| replay.leaves(other.id, at));
        }
        let arrivals = self.arrivals.on(path, self.runtimes).take_while(|_| together);
        let mut arrivals = arrivals.peekable();
        let mut at = self.now;
        let mut until = None;
        while until.is_none_or(|until| at < until) && at.since(self.now) < FARTHEST {
            replay.pace = self.pace(at);
            let Some(now) = replay.step(&mut arrivals) else { break };
            at = now;
            if until.is_none() && unborn.borrow().is_empty() {
                until = Some(self.finishes(at));
            }
        }
        let later = |job: &JobId| Some((*job, replay.ends(*job, at)?));
        let later: Vec<(JobId, Time)> = self.awaited.iter().filter_map(later).collect();
        drop(replay);
        let mut lives = lives.into_inner();
        for (job, finish) in later {
            let lived = lives.entry(job).or_default();
            lived.finish = lived.finish.or(Some(finish));
        }
        lives
    }

    /// How closely moments are kept apart from a moment on.
    fn pace(&self, at: Time) -> Pace {
        let jobs = self.prospects.len();
        let are_many = jobs.saturating_mul(self.cluster.nodes.len()) > MANY;
        let is_far = at.since(self.now) > NEAR && jobs > FEW && self.in_turns;
        match are_many || is_far {
            true => Pace::Together { from: self.now, least: Span::seconds(30), part: CLOSE },
            false => Pace::Exact,
        }
    }

    /// Until when to go on, once all that are awaited have begun: where jobs make room for others, as long again, to see
    /// how much longer that makes them; elsewhere they simply run on.
    fn finishes(&self, at: Time) -> Time {
        if self.in_turns { at.after(at.since(self.now)) } else { at }
    }
}
