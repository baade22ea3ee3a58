//! How long people leave their jobs waiting before they take them out of the queue, by what they did before. A job that
//! began, or still waits, says only that it was left waiting so long.

use super::history::{History, Life, Record};
use crate::dice::Dice;
use rota_core::units::{Span, Time};

/// Fewer jobs that were taken out say too little.
const ENOUGH: usize = 3;

/// How long jobs of the past were left waiting.
pub struct Patience {
    /// Sorted, each with whether it was taken out then.
    waits: Vec<(Span, bool)>,
}

impl Patience {
    /// By what is known at a moment.
    pub fn new(history: &History, now: Time) -> Patience {
        let waits = history.jobs.iter().map(|job| waited(job, now));
        let mut waits: Vec<(Span, bool)> = waits.collect();
        if waits.iter().filter(|(_, was_taken)| *was_taken).count() < ENOUGH {
            waits.clear();
        }
        waits.sort_unstable();
        Patience { waits }
    }

    /// After how much waiting in all a job that has waited for `age` is taken out; none: it is not. Who was left waiting
    /// so long stands for those that were left waiting longer (Efron 1967).
    pub fn draw(&self, mut age: Span, dice: &mut Dice) -> Option<Span> {
        loop {
            let from = self.waits.partition_point(|(wait, _)| *wait <= age);
            let longer = self.waits.get(from..).filter(|longer| !longer.is_empty())?;
            let (wait, was_taken) = *dice.one_of(longer);
            if was_taken {
                return Some(wait);
            }
            age = wait;
        }
    }

    /// The same of a job of the past that comes again: one that was taken out is again.
    pub fn again(&self, job: &Record, now: Time, dice: &mut Dice) -> Option<Span> {
        match waited(job, now) {
            (wait, true) => Some(wait),
            (wait, false) => self.draw(wait, dice),
        }
    }
}

/// How long a job waited, and whether it was taken out of the queue then.
fn waited(job: &Record, now: Time) -> (Span, bool) {
    match &job.life {
        Life::Left(at) => (at.since(job.submitted), true),
        Life::Waits => (now.since(job.submitted), false),
        Life::Runs(ran) | Life::Over(ran) | Life::Cut(ran) => {
            (ran.began.since(job.submitted), false)
        }
    }
}
