//! FGD's protocol: pods come one by one, go where they fit and the rule scores best, and stay. A pod that fits nowhere is
//! not tried again. Where scores are equal, the first node by name is taken.

use super::trace::{Node, Pod, WHOLE};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// More is better; the second counts where the first is equal.
pub type Score = (i64, i64);

/// Scores a node on which a pod fits.
pub trait Rule {
    /// How good the node is, and which GPU a part would take of it.
    fn score(&mut self, node: &Node, pod: &Pod, held: &Held) -> (Score, Option<usize>);

    /// Whether the score of a pod on a node stays the same while nothing comes to the node.
    fn is_steady(&self) -> bool {
        true
    }

    /// What counts before the score and may change while nothing comes to the node: less is better.
    fn spoils(&self, _node: &Node, _pod: &Pod, _gpu: Option<usize>) -> u32 {
        0
    }

    /// A pod was put on a node.
    fn placed(&mut self, _before: &Node, _after: &Node) {}
}

/// How many pods of each kind a node holds: GPUs, and whether it is a part of one.
pub type Held = BTreeMap<(u32, bool), u32>;

/// Thousandths of GPUs that were given out, of how many.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Given out.
    pub given: u64,
    /// There are.
    pub all: u64,
}

impl Outcome {
    /// In percent.
    pub fn percent(&self) -> f64 {
        self.given as f64 * 100.0 / self.all as f64
    }
}

/// Whether a pod fits on a node.
pub fn fits(node: &Node, pod: &Pod) -> bool {
    let host = pod.cpus <= node.cpus && pod.mem <= node.mem;
    let model = pod.gpus == 0 || pod.models.is_empty() || pod.models.contains(&node.model);
    let wide = node.free.iter().filter(|free| **free >= pod.milli);
    host && model && (pod.gpus == 0 || wide.count() >= pod.gpus as usize)
}

/// The node once a pod is on it.
pub fn with(node: &Node, pod: &Pod, gpu: Option<usize>) -> Node {
    let mut node = node.clone();
    node.cpus -= pod.cpus;
    node.mem -= pod.mem;
    match gpu.filter(|_| pod.is_part()) {
        Some(gpu) => node.free[gpu] -= pod.milli,
        None if pod.gpus > 0 => {
            let wide = node.free.iter_mut().filter(|free| **free >= pod.milli);
            wide.take(pod.gpus as usize).for_each(|free| *free -= pod.milli);
        }
        None => {}
    }
    node
}

/// GPUs that a part could go to: one of those with the same left.
pub fn choices(node: &Node, pod: &Pod) -> Vec<Option<usize>> {
    if !pod.is_part() {
        return vec![None];
    }
    let mut all: Vec<Option<usize>> = Vec::new();
    for (gpu, free) in node.free.iter().enumerate().filter(|(_, free)| **free >= pod.milli) {
        if !all.iter().any(|at| at.is_some_and(|at| node.free[at] == *free)) {
            all.push(Some(gpu));
        }
    }
    all
}

/// The fullest GPU on which a part fits.
pub fn fullest(node: &Node, pod: &Pod) -> Option<usize> {
    choices(node, pod).into_iter().flatten().min_by_key(|gpu| node.free[*gpu])
}

/// Lets all pods come.
pub fn run(nodes: &[Node], arrivals: &[Pod], rule: &mut dyn Rule) -> Outcome {
    let mut nodes: Vec<(Node, Held, u32)> =
        nodes.iter().map(|node| (node.clone(), Held::new(), 0)).collect();
    let all = nodes.iter().map(|(node, ..)| node.total()).sum();
    let mut given = 0;
    let mut known: BTreeMap<&Pod, Vec<Known>> = BTreeMap::new();
    for pod in arrivals {
        let known = known.entry(pod).or_insert_with(|| vec![Known::default(); nodes.len()]);
        let mut best: Option<Found> = None;
        for (at, ((node, held, version), known)) in nodes.iter().zip(known.iter_mut()).enumerate() {
            if known.version != Some(*version) || !rule.is_steady() {
                let scored = fits(node, pod).then(|| rule.score(node, pod, held));
                *known = Known { version: Some(*version), scored };
            }
            let Some((score, gpu)) = known.scored else { continue };
            let score = (Reverse(rule.spoils(node, pod, gpu)), score);
            if best.is_none_or(|(most, ..)| score > most) {
                best = Some((score, gpu, at));
            }
        }
        let Some((_, gpu, at)) = best else { continue };
        let (node, held, version) = &mut nodes[at];
        let before = std::mem::replace(node, with(node, pod, gpu));
        rule.placed(&before, node);
        *version += 1;
        if pod.gpus > 0 {
            *held.entry((pod.gpus, pod.milli < WHOLE)).or_default() += 1;
        }
        given += pod.total();
    }
    Outcome { given, all }
}

/// How good a place is, the GPU of a part, and which node.
type Found = ((Reverse<u32>, Score), Option<usize>, usize);

/// The last score of a pod on a node.
#[derive(Clone, Debug, Default)]
struct Known {
    version: Option<u32>,
    scored: Option<(Score, Option<usize>)>,
}
