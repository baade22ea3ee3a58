//! Rotation: who runs on which GPU model in the next round, when no durations are known. Only this is: how fast a job is
//! on each model (measured in its first minutes), how much it has done, how long ago it came, and what it holds.
//!
//! The worth of giving a model to a job is
//!
//! ```text
//! worth = speed on the model ÷ speed on its fastest model × (age + patience) ÷ (done + head_start)
//!         × stay, if it runs on this model now
//! ```
//!
//! with `done` counted as time on its fastest model, up to `long`, and `age` up to `old`. The round is given out so that
//! the sum of worths is large: jobs by worth per GPU first, then moves and exchanges that add worth. Why this shape:
//!
//! - 1 ÷ done: where runtimes spread over many scales, what has run long will run long, so that young jobs go first:
//!   least attained service. A short job is never behind a long one for long.
//! - age: what was served little for its age goes first, so that nobody starves: `age ÷ done` grows for those who wait.
//! - sums: a job that is 10 × faster on one model gets it before a job that is 2 × faster there: comparative advantage;
//!   a gang must be worth as much as those whose GPUs it takes.
//! - stay: an exchange must gain more than it disturbs, so that jobs start a few times, not a hundred times.
//!
//! One worked number: a job of one GPU came 10 h ago and has done 4 h; on the model it would run at half of its best
//! speed. With `patience` 10 h and `head_start` 1 h that is ½ × (10 + 10) ÷ (4 + 1) = 2; it holds that model now, so
//! × 1.3 = 2.6.
//!
//! ```
//! use rota_core::rotation::{Facts, Held, Knobs, ONE, worth};
//! use rota_core::units::Span;
//! let held = Held { model: 1, since: Span::hours(3) };
//! let (done, age) = (Span::hours(4), Span::hours(10));
//! let job = Facts { gang: 1, speeds: &[8, 4], done, left: None, age, held: Some(held) };
//! assert_eq!(worth(&job, 1, &Knobs::default()), 26 * ONE / 10);
//! ```
//!
//! Least attained service for GPU clusters: Tiresias (NSDI 2019); 1 ÷ done is the Gittins index of log-uniform runtimes.
//! Giving models by sums of worth is the assignment problem, solved here by local search, in time that grows
//! with the square of the number of jobs. Measured by `cargo xtask bench gavel`.

use crate::units::Span;

/// Worth of a job that is given its fastest model, with `age + patience` = `done + head_start`.
pub const ONE: u64 = 1_000_000;

/// How often all pairs are looked at for exchanges, at most.
const PASSES: usize = 6;

/// What is known of one job.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// GPUs that it needs at once, all of one model.
    pub gang: u32,
    /// How fast the whole gang is on each model, in the job's own units; 0: it does not fit there.
    pub speeds: &'a [u64],
    /// What it has done, as time on its fastest model.
    pub done: Span,
    /// What it will still do as far as others like it tell, as time on its fastest model, if anything is known. Counts
    /// instead of `done` where it is less.
    pub left: Option<Span>,
    /// Time since it was submitted.
    pub age: Span,
    /// What it holds now.
    pub held: Option<Held>,
}

/// What a job holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The model.
    pub model: usize,
    /// For how long.
    pub since: Span,
}

/// What a site may set. The default is for jobs of minutes to weeks.
#[derive(Clone, Copy, Debug)]
pub struct Knobs {
    /// Nothing stops or moves a job that has held its GPUs for less.
    pub turn: Span,
    /// Age that every job starts with: the more, the less age counts.
    pub patience: Span,
    /// Work that every job starts with: the more, the less a young job is preferred.
    pub head_start: Span,
    /// Work beyond which a job counts no longer: among those that run for days, age decides.
    pub long: Span,
    /// Age beyond which a job counts no older: on an overloaded cluster, old jobs do not keep out all that come.
    pub old: Span,
    /// Factor of the model that a job runs on, in percent: 100 + what an exchange must gain at least.
    pub stay: u64,
}

impl Default for Knobs {
    fn default() -> Knobs {
        let (patience, head_start) = (Span::hours(10), Span::hours(1));
        Knobs {
            turn: Span::ZERO,
            patience,
            head_start,
            long: Span::hours(60),
            old: Span::hours(200),
            stay: 130,
        }
    }
}

/// One job of the next round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its place in the list of facts.
    pub job: usize,
    /// The model it runs on.
    pub model: usize,
    /// Why.
    pub reason: Reason,
}

/// Why a job runs where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It holds these GPUs for less than a turn.
    InTurn,
    /// It goes on where it is: nothing else is worth more there.
    GoesOn,
    /// It did not run, and is worth more than whoever else could have these GPUs.
    Starts,
    /// It goes to another model: together with those who go elsewhere for it, that gains more than the move disturbs.
    Moves,
}

/// What it is worth to give the model to the job; 0 where it does not fit.
pub fn worth(job: &Facts, model: usize, knobs: &Knobs) -> u64 {
    let best = job.speeds.iter().copied().max().unwrap_or(0);
    let speed = job.speeds.get(model).copied().unwrap_or(0);
    let counts = job.left.map_or(job.done, |left| left.min(job.done)).min(knobs.long);
    let done = counts.plus(knobs.head_start);
    let stay = if job.held.is_some_and(|held| held.model == model) { knobs.stay } else { 100 };
    if speed == 0 {
        return 0;
    }
    let below = u128::from(best).saturating_mul(u128::from(done.0.max(1))).saturating_mul(100);
    let by_age = u128::from(speed) * u128::from(job.age.min(knobs.old).plus(knobs.patience).0);
    let above = by_age.saturating_mul(u128::from(stay)).saturating_mul(u128::from(ONE));
    u64::try_from(above / below).unwrap_or(u64::MAX).max(1)
}

/// The next round: at most `gpus[m]` GPUs of model m, in the order of the jobs.
pub fn rotate(jobs: &[Facts], gpus: &[u32], knobs: &Knobs) -> Vec<Choice> {
    let mut round = Round::new(jobs, gpus, knobs);
    round.keep_turns(knobs);
    round.fill();
    let mut passes = 0;
    while passes < PASSES && round.improve() {
        passes += 1;
    }
    round.fill();
    round.choices()
}

/// A round in the making.
struct Round<'a> {
    jobs: &'a [Facts<'a>],
    worths: Vec<Vec<u64>>,
    free: Vec<u32>,
    given: Vec<Option<usize>>,
    in_turn: Vec<bool>,
}

impl<'a> Round<'a> {
    fn new(jobs: &'a [Facts<'a>], gpus: &[u32], knobs: &Knobs) -> Round<'a> {
        let row = |job: &Facts| {
            let fits = |m: &usize| gpus.get(*m).is_some_and(|n| (1..=*n).contains(&job.gang));
            let worth = |m: usize| if fits(&m) { worth(job, m, knobs) } else { 0 };
            (0..gpus.len()).map(worth).collect()
        };
        let worths = jobs.iter().map(row).collect();
        let (given, in_turn) = (vec![None; jobs.len()], vec![false; jobs.len()]);
        Round { jobs, worths, free: gpus.to_vec(), given, in_turn }
    }

    fn give(&mut self, job: usize, model: Option<usize>) {
        if let Some(had) = self.given[job] {
            self.free[had] += self.jobs[job].gang;
        }
        if let Some(gets) = model {
            self.free[gets] -= self.jobs[job].gang;
        }
        self.given[job] = model;
    }

    fn worth(&self, job: usize, model: Option<usize>) -> u64 {
        model.map_or(0, |m| self.worths[job][m])
    }

    /// Does the model have room for the job, once `back` GPUs are given back?
    fn has_room(&self, job: usize, model: usize, back: u32) -> bool {
        self.worths[job][model] > 0 && self.free[model] + back >= self.jobs[job].gang
    }

    /// Jobs whose turn is not over stay.
    fn keep_turns(&mut self, knobs: &Knobs) {
        for (at, job) in self.jobs.iter().enumerate() {
            let held = job.held.filter(|h| h.since < knobs.turn && h.model < self.free.len());
            if let Some(held) = held.filter(|h| self.has_room(at, h.model, 0)) {
                self.give(at, Some(held.model));
                self.in_turn[at] = true;
            }
        }
    }

    /// By worth per GPU, whatever fits: no GPU is kept idle for a gang that does not fit yet.
    fn fill(&mut self) {
        let mut pairs = Vec::new();
        for (at, row) in self.worths.iter().enumerate() {
            for (model, worth) in row.iter().enumerate().filter(|(_, worth)| **worth > 0) {
                let per_gpu = u128::from(*worth) * 1000 / u128::from(self.jobs[at].gang);
                pairs.push((std::cmp::Reverse(per_gpu), at, model));
            }
        }
        pairs.sort_unstable();
        for (_, at, model) in pairs {
            if self.given[at].is_none() && self.has_room(at, model, 0) {
                self.give(at, Some(model));
            }
        }
    }

    /// Moves into free room and exchanges between two jobs, as long as they add worth. False: there were none.
    fn improve(&mut self) -> bool {
        let mut improved = false;
        for a in 0..self.jobs.len() {
            if self.in_turn[a] {
                continue;
            }
            for model in 0..self.free.len() {
                let gains = self.worths[a][model] > self.worth(a, self.given[a]);
                if gains && self.has_room(a, model, 0) {
                    self.give(a, Some(model));
                    improved = true;
                }
            }
            for b in 0..self.jobs.len() {
                if !self.in_turn[b] && self.exchange_gains(a, b) {
                    let (had_a, had_b) = (self.given[a], self.given[b]);
                    self.give(a, None);
                    self.give(b, had_a);
                    self.give(a, had_b);
                    improved = true;
                }
            }
        }
        improved
    }

    /// Do two jobs gain, and fit, if each takes what the other has (nothing, if it does not run)?
    fn exchange_gains(&self, a: usize, b: usize) -> bool {
        let (has_a, has_b) = (self.given[a], self.given[b]);
        if has_a == has_b {
            return false;
        }
        let sum = |x: u64, y: u64| u128::from(x) + u128::from(y);
        let now = sum(self.worth(a, has_a), self.worth(b, has_b));
        let then = sum(self.worth(a, has_b), self.worth(b, has_a));
        then > now
            && has_b.is_none_or(|m| self.has_room(a, m, self.jobs[b].gang))
            && has_a.is_none_or(|m| self.has_room(b, m, self.jobs[a].gang))
    }

    fn choices(&self) -> Vec<Choice> {
        let choice = |(job, given): (usize, &Option<usize>)| {
            let model = (*given)?;
            let reason = match self.jobs[job].held {
                Some(_) if self.in_turn[job] => Reason::InTurn,
                Some(held) if held.model == model => Reason::GoesOn,
                Some(_) => Reason::Moves,
                None => Reason::Starts,
            };
            Some(Choice { job, model, reason })
        };
        self.given.iter().enumerate().filter_map(choice).collect()
    }
}
