//! Shortest remaining time first: an oracle.

use super::preempt::{self, Order};
use super::{Costs, Machine, Ran, Work};
use rota_core::units::Span;

struct Shortest;

impl Order for Shortest {
    fn key(&self, work: &Work, ran: Span) -> u64 {
        work.runtime.0.saturating_sub(ran.0)
    }

    fn until_worse(&self, _: &Work, _: Span) -> Option<Span> {
        None
    }
}

/// What becomes of each job.
pub(super) fn play(nodes: &[Machine], work: &[Work], costs: &Costs) -> Vec<Option<Ran>> {
    preempt::play(&Shortest, nodes, work, costs)
}
