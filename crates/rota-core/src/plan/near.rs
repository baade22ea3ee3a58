//! Which of several free GPUs of a node a job gets: those that are nearest to each other, because the slowest link holds up
//! the whole job. Among equals those on which fewest suspended jobs are to go on, which can do so nowhere else;
//! then those that are least near to what stays free, so that whole groups stay together for others.

use crate::id::GpuSet;
use crate::node::NodeState;
use std::cmp::Reverse;

/// So many of these GPUs; the first ones where all are alike.
///
/// ```
/// use rota_core::id::GpuSet;
/// use rota_core::node::{Node, NodeState};
/// use rota_core::plan::near::nearest;
/// // Two pairs with NVLink: 0-2 and 1-3.
/// let links = vec![vec![0, 1, 9, 1], vec![1, 0, 1, 9], vec![9, 1, 0, 1], vec![1, 9, 1, 0]];
/// let mut node = NodeState::new(Node { gpus: 4, links, ..Node::default() });
/// assert_eq!(Vec::from(nearest(&node, GpuSet::first(4), 2)), [0, 2]);
/// // One GPU is taken from the pair that is broken already.
/// assert_eq!(Vec::from(nearest(&node, GpuSet::from(vec![0, 2, 3]), 1)), [3]);
/// node.awaited = [(0, 1), (3, 1)].into();
/// assert_eq!(Vec::from(nearest(&node, GpuSet::first(4), 2)), [0, 2]);
/// assert_eq!(Vec::from(nearest(&node, GpuSet::from(vec![0, 2, 3]), 1)), [2]);
/// ```
pub fn nearest(node: &NodeState, from: GpuSet, wanted: u32) -> GpuSet {
    if wanted >= from.count() {
        return from;
    }
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let are_alike = node.node.links.is_empty() || wanted == 0;
    if are_alike && node.awaited.is_empty() {
        return from.iter().take(wanted).collect();
    }
    if are_alike {
        let mut all: Vec<u32> = from.iter().collect();
        all.sort_by_key(|gpu| awaited(node, *gpu));
        return all.into_iter().take(wanted).collect();
    }
    let all: Vec<u32> = from.iter().collect();
    // Grown from each GPU: where nearness comes in levels, as it does, one of them is the best.
    let grown = all.iter().map(|first| grow(node, &all, *first, wanted));
    let best = grown.max_by_key(|(worth, chosen)| (*worth, Reverse(chosen.clone())));
    best.map(|(_, chosen)| chosen.into_iter().collect()).unwrap_or_default()
}

/// The slowest link, the sum of links, how few suspended jobs are to go on there, and how little is linked to what stays free.
type Worth = (u8, u32, Reverse<u32>, Reverse<u32>);

fn grow(node: &NodeState, all: &[u32], first: u32, wanted: usize) -> (Worth, Vec<u32>) {
    let (mut slowest, mut sum, mut chosen) = (u8::MAX, 0, vec![first]);
    let mut rest: Vec<u32> = all.iter().copied().filter(|gpu| *gpu != first).collect();
    while chosen.len() < wanted {
        let next = rest.iter().copied().max_by_key(|gpu| {
            let (least, total) = links(node, *gpu, &chosen);
            let cut = links(node, *gpu, &rest).1;
            (least, total, Reverse(awaited(node, *gpu)), Reverse(cut), Reverse(*gpu))
        });
        let Some(next) = next else { break };
        let (least, total) = links(node, next, &chosen);
        (slowest, sum) = (slowest.min(least), sum + total);
        chosen.push(next);
        rest.retain(|gpu| *gpu != next);
    }
    let cut = chosen.iter().map(|gpu| links(node, *gpu, &rest).1).sum();
    chosen.sort_unstable();
    let by = chosen.iter().map(|gpu| awaited(node, *gpu)).sum();
    ((slowest, sum, Reverse(by), Reverse(cut)), chosen)
}

/// How many suspended jobs are to go on there.
fn awaited(node: &NodeState, gpu: u32) -> u32 {
    node.awaited.get(&gpu).copied().unwrap_or(0)
}

/// The slowest link of a GPU to others, and the sum of its links to them.
fn links(node: &NodeState, gpu: u32, others: &[u32]) -> (u8, u32) {
    let at = |gpu: u32| usize::try_from(gpu).unwrap_or(usize::MAX);
    let row = node.node.links.get(at(gpu)).map_or(&[][..], Vec::as_slice);
    let to = |other: &u32| row.get(at(*other)).copied().unwrap_or(0);
    let to_others = others.iter().filter(|other| **other != gpu).map(to);
    to_others.fold((u8::MAX, 0), |(least, sum), link| (least.min(link), sum + u32::from(link)))
}
