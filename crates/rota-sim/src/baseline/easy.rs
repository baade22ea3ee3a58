//! EASY backfill: the first in line gets a moment by which it will start if everything runs as expected, the shadow time;
//! a job may pass it if it is over by then, or if it fits beside it then.
//!
//! Whoever may pass first is found by size and expected length, in a tree over the line for each size, so that a pass
//! costs the logarithm of the line and not its length.

use super::line::{Line, Pass};
use super::{Costs, Machine, Ran, Work};
use rota_core::units::Span;
use std::collections::BTreeMap;

/// Jobs that ask for the same.
type Kind = (u32, Option<usize>);

/// The jobs of a kind in the order of submission, with the shortest of each stretch of the line.
struct Tree {
    jobs: Vec<usize>,
    /// A heap-shaped tree: the shortest of children 2n and 2n + 1 is at n; leaves begin at `leaves`.
    shortest: Vec<u64>,
    leaves: usize,
}

/// Not in line.
const GONE: u64 = u64::MAX;

impl Tree {
    fn new(jobs: Vec<usize>) -> Tree {
        let leaves = jobs.len().next_power_of_two();
        Tree { jobs, shortest: vec![GONE; 2 * leaves], leaves }
    }

    fn set(&mut self, at: usize, length: u64) {
        let mut node = at + self.leaves;
        self.shortest[node] = length;
        while node > 1 {
            node /= 2;
            let shortest = self.shortest[2 * node].min(self.shortest[2 * node + 1]);
            if self.shortest[node] == shortest {
                return;
            }
            self.shortest[node] = shortest;
        }
    }

    /// The first in line that is at most so long.
    fn first(&self, most: u64) -> Option<usize> {
        let mut node = 1;
        if self.shortest[node] > most || self.shortest[node] == GONE {
            return None;
        }
        while node < self.leaves {
            node = if self.shortest[2 * node] <= most { 2 * node } else { 2 * node + 1 };
        }
        self.jobs.get(node - self.leaves).copied()
    }
}

struct Easy {
    trees: Vec<(Kind, Tree)>,
    /// Which tree a job is in, and where.
    places: Vec<(usize, usize)>,
    expected: Vec<Span>,
}

impl Easy {
    fn new(work: &[Work]) -> Easy {
        let mut kinds: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
        for (job, w) in work.iter().enumerate() {
            kinds.entry((w.gpus, w.model)).or_default().push(job);
        }
        let mut places = vec![(0, 0); work.len()];
        for (tree, jobs) in kinds.values().enumerate() {
            jobs.iter().enumerate().for_each(|(at, job)| places[*job] = (tree, at));
        }
        let trees = kinds.into_iter().map(|(kind, jobs)| (kind, Tree::new(jobs))).collect();
        Easy { trees, places, expected: work.iter().map(|w| w.expected).collect() }
    }

    fn set(&mut self, job: usize, length: u64) {
        let (tree, at) = self.places[job];
        self.trees[tree].1.set(at, length);
    }

    /// The first in line that fits now and does not delay the head: it is over in `most`, or not wider than `beside`.
    fn first(&self, line: &Line, most: Span, beside: u32) -> Option<usize> {
        let fitting = self.trees.iter().filter(|((gpus, model), _)| line.floor.fits(*gpus, *model));
        let first = fitting.filter_map(|((gpus, _), tree)| {
            tree.first(if *gpus <= beside { GONE - 1 } else { most.0 })
        });
        first.min()
    }
}

impl Pass for Easy {
    fn arrived(&mut self, job: usize) {
        self.set(job, self.expected[job].0);
    }

    fn left(&mut self, job: usize) {
        self.set(job, GONE);
    }

    fn blocked(&mut self, line: &mut Line, head: usize) {
        if line.floor.free_gpus() == 0 {
            return;
        }
        let Work { gpus, model, .. } = line.work[head];
        let Some((shadow, mut beside)) = line.shadow((gpus, model)) else { return };
        let most = Span(shadow.0.saturating_sub(line.now.0));
        while let Some(job) = self.first(line, most, beside) {
            if !line.start(job) {
                return;
            }
            let over_in_time = self.expected[job] <= most;
            beside -= if over_in_time { 0 } else { line.work[job].gpus };
            self.left(job);
        }
    }
}

/// What becomes of each job.
pub(super) fn play(nodes: &[Machine], work: &[Work], costs: &Costs) -> Vec<Option<Ran>> {
    Line::play(nodes, work, costs, &mut Easy::new(work))
}
