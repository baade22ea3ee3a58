//! Rota's rule, [`rota_core::rotation`], in Gavel's engine. Without durations; or with what jobs that ended tell.

use super::engine::{Policy, Round};
use rota_core::rotation::{Facts, Held, Knobs, rotate};
use rota_core::units::Span;

/// A job that ends weighs as much in a prediction as this many guesses "it will do as much again as it has done".
const DOUBT: f64 = 5.0;
/// Jobs that must have ended before anything is predicted.
const ENOUGH: usize = 20;

/// The rule at work.
pub struct Rota {
    knobs: Knobs,
    history: Option<History>,
}

impl Rota {
    /// No durations given.
    pub fn plain() -> Rota {
        Rota { knobs: Knobs::default(), history: None }
    }

    /// Durations predicted from jobs that ended earlier in the same run.
    pub fn predicted() -> Rota {
        Rota { knobs: Knobs::default(), history: Some(History::default()) }
    }
}

impl Policy for Rota {
    fn choose(&mut self, round: &Round) -> Vec<(usize, usize)> {
        if let Some(history) = &mut self.history {
            history.learn(round);
        }
        let speeds: Vec<[u64; 3]> = round
            .active
            .iter()
            .map(|id| round.jobs[*id].rate.map(|rate| (rate * 1e6).round() as u64))
            .collect();
        let facts: Vec<Facts> = round
            .active
            .iter()
            .zip(&speeds)
            .map(|(id, speeds)| {
                let (job, state) = (&round.jobs[*id], &round.states[*id]);
                let done = state.done as f64 / job.best();
                let left = self.history.as_ref().and_then(|h| h.left(done)).map(span);
                let since = span(round.now - state.since);
                let held = state.held.map(|model| Held { model, since });
                let (done, age) = (span(done), span(round.now - job.arrival));
                Facts { gang: job.gpus, speeds, done, left, age, held }
            })
            .collect();
        let chosen = rotate(&facts, &round.gpus, &self.knobs);
        chosen.iter().map(|choice| (round.active[choice.job], choice.model)).collect()
    }
}

/// Seconds, to the millisecond.
fn span(seconds: f64) -> Span {
    Span((seconds * 1000.0).round() as u64)
}

/// What jobs did that have ended, as seconds on their fastest model, shortest first.
#[derive(Default)]
struct History {
    ended: Vec<f64>,
    /// Beside `ended`: the sum of it and all that are longer.
    sums: Vec<f64>,
    active: Vec<usize>,
}

impl History {
    fn learn(&mut self, round: &Round) {
        let before = self.ended.len();
        for id in self.active.iter().filter(|id| round.states[**id].end.is_some()) {
            let job = &round.jobs[*id];
            self.ended.push(job.steps as f64 / job.best());
        }
        if self.ended.len() > before {
            self.ended.sort_by(f64::total_cmp);
            let mut sum = 0.0;
            let above = self.ended.iter().rev().map(|seconds| {
                sum += seconds;
                sum
            });
            self.sums = above.collect();
            self.sums.reverse();
        }
        self.active = round.active.to_vec();
    }

    /// Mean remaining work of those that did more than `done`.
    fn left(&self, done: f64) -> Option<f64> {
        if self.ended.len() < ENOUGH {
            return None;
        }
        let first = self.ended.partition_point(|seconds| *seconds <= done);
        let longer = (self.ended.len() - first) as f64;
        let more = self.sums.get(first).map_or(0.0, |sum| sum - longer * done);
        Some((more + DOUBT * done) / (longer + DOUBT))
    }
}
