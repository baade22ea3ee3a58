//! Workloads: openb's own pods, and others derived from them that no knob was tuned on.

use super::trace::{Node, Pod};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;

/// Pods come until they ask for so much of all GPUs, in percent.
const LOAD: u64 = 130;
/// Draws the models of constrained pods.
const SPEC_SEED: u64 = 2023;

/// How pods are made from those of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Each pod that shares a GPU counts three times.
    Shared,
    /// Each pod with several GPUs counts ten times.
    Gangs,
    /// Every other GPU pod accepts only one model, or two, as often as the models have GPUs.
    Models,
    /// All of these.
    All,
}

impl Kind {
    /// The pods of the workload, in the order in which they are shuffled.
    pub fn pods(self, trace: &[Pod], nodes: &[Node]) -> Vec<Pod> {
        let times = |pod: &Pod| match self {
            Kind::Shared | Kind::All if pod.is_part() => 3,
            Kind::Gangs | Kind::All if pod.gpus > 1 => 10,
            _ => 1,
        };
        let many = trace.iter().flat_map(|pod| std::iter::repeat_n(pod.clone(), times(pod)));
        let mut pods: Vec<Pod> = many.collect();
        if matches!(self, Kind::Models | Kind::All) {
            constrain(&mut pods, nodes);
        }
        pods
    }
}

fn constrain(pods: &mut [Pod], nodes: &[Node]) {
    let mut rng = Pcg64::seed_from_u64(SPEC_SEED);
    let gpus: Vec<&String> =
        nodes.iter().flat_map(|node| node.free.iter().map(|_| &node.model)).collect();
    for pod in pods.iter_mut().filter(|pod| pod.gpus > 0) {
        if rng.next_u64() % 2 == 0 {
            continue;
        }
        let fits = |model: &&String| {
            nodes.iter().any(|n| n.model == **model && n.free.len() >= pod.gpus as usize)
        };
        let draws = 1 + rng.next_u64() % 2;
        let drawn = (0..draws).map(|_| gpus[rng.next_u64() as usize % gpus.len()]);
        let drawn: Vec<&String> = drawn.filter(fits).collect();
        pod.models = drawn.into_iter().cloned().collect();
        pod.models.sort_unstable();
        pod.models.dedup();
    }
}

/// The pods in the order in which they come: shuffled, then drawn with replacement until they ask for enough.
pub fn arrivals(pods: &[Pod], nodes: &[Node], seed: u64) -> Vec<Pod> {
    let mut rng = Pcg64::seed_from_u64(seed);
    let enough = nodes.iter().map(Node::total).sum::<u64>() * LOAD / 100;
    let mut order: Vec<usize> = (0..pods.len()).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, rng.next_u64() as usize % (at + 1));
    }
    let (mut come, mut asked) = (Vec::new(), 0);
    let mut shuffled = order.into_iter();
    while asked < enough {
        let next = shuffled.next().unwrap_or_else(|| rng.next_u64() as usize % pods.len());
        asked += pods[next].total();
        come.push(pods[next].clone());
    }
    come
}

/// Each kind of pod, and how many there are.
pub fn counted(pods: &[Pod]) -> Vec<(Pod, u64)> {
    let mut counts: BTreeMap<&Pod, u64> = BTreeMap::new();
    for pod in pods {
        *counts.entry(pod).or_default() += 1;
    }
    counts.into_iter().map(|(pod, count)| (pod.clone(), count)).collect()
}
