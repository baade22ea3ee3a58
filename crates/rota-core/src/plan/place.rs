//! Where a job fits: now on the fullest node that takes it, or as early as possible. Models in the asked order; without
//! a wish the cheapest GPU that fits, so that the best ones stay free for those who ask for them.

use super::Pass;
use crate::cluster::{Room, Shape};
use crate::id::{GpuSet, NodeId};
use crate::job::Placement;
use crate::node::NodeState;
use crate::units::Time;

/// Whether CPU cores and memory of the node suffice now.
pub(super) fn host_fits(node: &NodeState, shape: &Shape) -> bool {
    node.cpus_used.saturating_add(shape.cpus) <= node.node.cpus
        && node.mem_used.plus(shape.mem) <= node.node.mem
}

/// The rooms that may take a shape, with their models, best first.
pub(super) fn rooms<'c>(pass: &Pass<'c>, shape: &Shape) -> Vec<(&'c Option<String>, &'c Room)> {
    let rooms = &pass.c.rooms;
    if !shape.models.is_empty() {
        return shape.models.iter().filter_map(|m| rooms.get_key_value(&Some(m.clone()))).collect();
    }
    let mut all: Vec<_> = rooms.iter().collect();
    all.sort_by_key(|(_, room)| room.price);
    all
}

/// Room now, delaying no planned start: on the fullest node that takes it.
pub(super) fn now(pass: &mut Pass, shape: &Shape) -> Option<Placement> {
    if let Some((node, gpus)) = &shape.pinned {
        return now_on(pass, *node, shape, Some(gpus.iter().copied().collect()));
    }
    for (model, room) in rooms(pass, shape) {
        // What this pass has planned is not in the index of free GPUs.
        let touched = pass.timeline.touched(|node| node.model == *model);
        let mut best: Option<(u32, Placement)> = None;
        for (free, node) in room.by_free.range((shape.gpus, NodeId(0))..) {
            if !pass.timeline.is_touched(*node)
                && let Some(placement) = now_on(pass, *node, shape, None)
            {
                best = Some((*free, placement));
                break;
            }
        }
        for node in touched {
            let free = pass.timeline.free_at(node, pass.now);
            if best.is_none_or(|(f, p)| (free, node) < (f, p.node))
                && let Some(placement) = now_on(pass, node, shape, None)
            {
                best = Some((free, placement));
            }
        }
        if let Some((_, placement)) = best {
            return Some(placement);
        }
    }
    None
}

fn now_on(pass: &mut Pass, id: NodeId, shape: &Shape, pinned: Option<GpuSet>) -> Option<Placement> {
    let node = pass.c.nodes.get(&id).filter(|n| n.up)?;
    let free = node.free();
    let enough = match pinned {
        Some(gpus) => gpus.without(free).is_empty(),
        None => free.count() >= shape.gpus,
    };
    if !enough || !host_fits(node, shape) {
        return None;
    }
    if !pass.timeline.is_touched(id) && node.claimed.is_empty() {
        let gpus = pinned.unwrap_or_else(|| free.iter().take(shape.gpus as usize).collect());
        return Some(Placement { node: id, gpus });
    }
    let (at, gpus) = pass.timeline.earliest_on(id, shape, pass.now, Some(pass.now))?;
    (at == pass.now && gpus.without(free).is_empty()).then_some(Placement { node: id, gpus })
}

/// How many nodes are compared that could take a job at the same moment.
const EQUALS: usize = 64;

/// The earliest room, if everything that runs or is planned takes its full walltime. Of several nodes the one that will
/// be fullest, as [`now`] will choose when the moment has come: a start that is planned elsewhere would move others.
pub(super) fn later(pass: &mut Pass, shape: &Shape) -> Option<(Time, Placement)> {
    let from = pass.timeline.lower_bound(shape);
    if let Some((node, _)) = &shape.pinned {
        pass.c.nodes.get(node).filter(|n| n.up)?;
        let (at, gpus) = pass.timeline.earliest_on(*node, shape, from, None)?;
        return Some((at, Placement { node: *node, gpus }));
    }
    let mut best: Option<(Time, Placement)> = None;
    for (_, room) in rooms(pass, shape) {
        let Some(by_end) = room.by_end.get(shape.gpus as usize) else { continue };
        let mut here: Option<(Time, u32, Placement)> = None;
        let mut equals = 0;
        for (bound, node) in by_end {
            let until = here.map(|(at, ..)| at).or(best.map(|(at, _)| at));
            let bound = (*bound).max(from);
            equals += usize::from(until == Some(bound));
            if bound == Time::FAR || until.is_some_and(|at| bound > at) || equals > EQUALS {
                break;
            }
            let Some((at, gpus)) = pass.timeline.earliest_on(*node, shape, from, until) else {
                continue;
            };
            let free = pass.timeline.free_at(*node, at);
            let better = here.is_none_or(|(a, f, p)| (at, free, *node) < (a, f, p.node));
            if better {
                here = Some((at, free, Placement { node: *node, gpus }));
            }
        }
        if let Some((at, _, placement)) = here.filter(|(at, ..)| best.is_none_or(|(b, _)| *at < b))
        {
            best = Some((at, placement));
        }
    }
    best
}
