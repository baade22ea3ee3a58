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
