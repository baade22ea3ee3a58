//! Least attained service, in three levels: up to one GPU-hour, up to ten, and beyond; in a level by submission.

use super::preempt::{self, Order};
use super::{Costs, Machine, Ran, Work};
use rota_core::units::Span;

/// GPU time at which a job goes down a level.
const LEVELS: [Span; 2] = [Span::hours(1), Span::hours(10)];

struct Least;

impl Order for Least {
    fn key(&self, work: &Work, ran: Span) -> u64 {
        let served = ran.0.saturating_mul(u64::from(work.gpus));
        LEVELS.iter().map(|level| u64::from(served >= level.0)).sum()
    }

    fn until_worse(&self, work: &Work, ran: Span) -> Option<Span> {
        let gpus = u64::from(work.gpus.max(1));
        let ends = LEVELS.iter().map(|level| level.0.div_ceil(gpus));
        ends.filter(|end| *end > ran.0).map(|end| Span(end - ran.0)).next()
    }
}

/// What becomes of each job.
pub(super) fn play(nodes: &[Machine], work: &[Work], costs: &Costs) -> Vec<Option<Ran>> {
    preempt::play(&Least, nodes, work, costs)
}
