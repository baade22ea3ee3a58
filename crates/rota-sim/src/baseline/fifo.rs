//! First in, first out.

use super::line::{Line, Pass};
use super::{Costs, Machine, Ran, Work};

struct Fifo;

impl Pass for Fifo {
    fn arrived(&mut self, _: usize) {}
    fn left(&mut self, _: usize) {}
    fn blocked(&mut self, _: &mut Line, _: usize) {}
}

/// What becomes of each job.
pub(super) fn play(nodes: &[Machine], work: &[Work], costs: &Costs) -> Vec<Option<Ran>> {
    Line::play(nodes, work, costs, &mut Fifo)
}
