//! What Rota's rule is compared with, made anew from descriptions of the FGD paper and its simulator's formulas: chance,
//! Tetris' dot product, Gandiva's clustering, MLaaS' packing, best fit.

use super::engine::{Held, Rule, Score, choices, fullest};
use super::trace::{Node, Pod, WHOLE};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// The largest node, as the simulator has it: thousandths of cores and of GPUs.
const LARGEST: (f64, f64) = (128_000.0, 8_000.0);

/// Any node, any GPU.
pub struct Random(Pcg64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Random {
        Random(Pcg64::seed_from_u64(seed))
    }
}

impl Rule for Random {
    fn score(&mut self, node: &Node, pod: &Pod, _: &Held) -> (Score, Option<usize>) {
        let all = choices(node, pod);
        let gpu = all[self.0.next_u64() as usize % all.len()];
        (((self.0.next_u64() >> 1) as i64, 0), gpu)
    }

    fn is_steady(&self) -> bool {
        false
    }
}

/// The node whose free room is least like what is asked for.
pub struct DotProduct;

impl Rule for DotProduct {
    fn score(&mut self, node: &Node, pod: &Pod, _: &Held) -> (Score, Option<usize>) {
        let cpus = node.cpus as f64 * pod.cpus as f64 / (LARGEST.0 * LARGEST.0);
        let gpus = node.total() as f64 * pod.total() as f64 / (LARGEST.1 * LARGEST.1);
        ((percent(1.0 - (cpus + gpus) / 2.0), 0), fullest(node, pod))
    }
}

/// A node with pods of as many GPUs, best with no others, and the fullest of those.
pub struct Clustering;

impl Rule for Clustering {
    fn score(&mut self, node: &Node, pod: &Pod, held: &Held) -> (Score, Option<usize>) {
        if pod.gpus == 0 {
            return ((0, 0), None);
        }
        let full = 25 * (8_000 - node.total() as i64) / 8_000;
        let same = held.contains_key(&(pod.gpus, pod.milli < WHOLE));
        let score = match (same, held.len()) {
            (true, 1) => 75 + full,
            (true, _) => 50 + full,
            (false, 0) => 25 + full,
            (false, _) => full,
        };
        ((score, 0), fullest(node, pod))
    }
}

/// Shared GPUs first, then free ones of used nodes, then free nodes.
pub struct Packing;

impl Rule for Packing {
    fn score(&mut self, node: &Node, pod: &Pod, _: &Held) -> (Score, Option<usize>) {
        if pod.gpus == 0 {
            return ((0, 0), None);
        }
        let whole = node.free.iter().filter(|free| **free == WHOLE).count();
        if whole == node.free.len() {
            return (((33 - whole as i64).max(whole as i64), 0), fullest(node, pod));
        }
        let mut free: Vec<u32> = node.free.iter().copied().filter(|f| *f >= pod.milli).collect();
        free.sort_unstable();
        free.truncate(pod.gpus as usize);
        let opened = free.iter().filter(|free| **free == WHOLE).count() as i64;
        let ratio: i64 = free.iter().map(|free| i64::from(free * 100 / WHOLE)).sum();
        let score = if opened > 0 { (50 - opened).max(33) } else { (100 - ratio / 10).max(50) };
        ((score, 0), fullest(node, pod))
    }
}

/// The node with the least left.
pub struct BestFit;

impl Rule for BestFit {
    fn score(&mut self, node: &Node, pod: &Pod, _: &Held) -> (Score, Option<usize>) {
        let cpus = (node.cpus - pod.cpus) as f64 / LARGEST.0;
        let gpus = (node.total() - pod.total()) as f64 / LARGEST.1;
        ((percent(1.0 - (cpus + gpus) / 2.0), 0), fullest(node, pod))
    }
}

/// Whole points of a hundred, as all scores of the simulator are.
pub fn percent(score: f64) -> i64 {
    (score * 100.0) as i64
}
