//! FGD (Weng et al., ATC 2023): down the gradient of what a typical pod could not use.
//!
//! F(node) = Σ over typical pods of their frequency × thousandths on the node that the pod cannot use: all of them, if it
//! does not fit or needs none; else those on GPUs with less left than it asks for.

use super::engine::{Held, Rule, Score, choices, fits, with};
use super::load::counted;
use super::peers::percent;
use super::trace::{Node, Pod};

/// The most frequent kinds of pod count, until they are so many of all.
const POPULAR: f64 = 0.95;

/// The rule.
pub struct Gradient {
    typical: Vec<(Pod, f64)>,
}

impl Gradient {
    /// From all pods of the workload.
    pub fn new(past: &[Pod]) -> Gradient {
        let mut kinds = counted(past);
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let (mut typical, mut sum) = (Vec::new(), 0.0);
        for (pod, count) in kinds {
            if sum >= POPULAR * past.len() as f64 {
                break;
            }
            sum += count as f64;
            typical.push((pod, count as f64));
        }
        typical.iter_mut().for_each(|(_, share)| *share /= sum);
        Gradient { typical }
    }

    fn fragments(&self, node: &Node) -> f64 {
        let all = node.total();
        let unusable = |pod: &Pod| {
            if pod.gpus == 0 || !fits(node, pod) {
                return all;
            }
            node.free.iter().filter(|free| **free < pod.milli).map(|free| u64::from(*free)).sum()
        };
        self.typical.iter().map(|(pod, share)| share * unusable(pod) as f64).sum()
    }
}

impl Rule for Gradient {
    fn score(&mut self, node: &Node, pod: &Pod, _: &Held) -> (Score, Option<usize>) {
        let before = self.fragments(node);
        let mut best = (i64::MIN, None);
        for gpu in choices(node, pod) {
            let gain = (before - self.fragments(&with(node, pod, gpu))) / 1000.0;
            let score = percent(1.0 / (1.0 + (-gain).exp()));
            if score > best.0 {
                best = (score, gpu);
            }
        }
        ((best.0, 0), best.1)
    }
}
