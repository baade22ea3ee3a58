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

/// The rooms that may take a shape, best first.
pub(super) fn rooms<'c>(pass: &Pass<'c>, shape: &Shape) -> Vec<&'c Room> {
    let rooms = &pass.c.rooms;
    if !shape.models.is_empty() {
        return shape.models.iter().filter_map(|m| rooms.get(&Some(m.clone()))).collect();
    }
    let mut all: Vec<&Room> = rooms.values().collect();
    all.sort_by_key(|room| room.price);
    all
}

/// Room now, delaying no planned start.
pub(super) fn now(pass: &mut Pass, shape: &Shape) -> Option<Placement> {
    if let Some((node, gpus)) = &shape.pinned {
        return now_on(pass, *node, shape, Some(gpus.iter().copied().collect()));
    }
    for room in rooms(pass, shape) {
        for (_, node) in room.by_free.range((shape.gpus, NodeId(0))..) {
            if let Some(placement) = now_on(pass, *node, shape, None) {
                return Some(placement);
            }
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

/// The earliest room, if everything that runs or is planned takes its full walltime.
pub(super) fn later(pass: &mut Pass, shape: &Shape) -> Option<(Time, Placement)> {
    let from = pass.timeline.lower_bound(shape);
    if let Some((node, _)) = &shape.pinned {
        pass.c.nodes.get(node).filter(|n| n.up)?;
        let (at, gpus) = pass.timeline.earliest_on(*node, shape, from, None)?;
        return Some((at, Placement { node: *node, gpus }));
    }
    let mut best: Option<(Time, Placement)> = None;
    for room in rooms(pass, shape) {
        let Some(by_end) = room.by_end.get(shape.gpus as usize) else { continue };
        for (bound, node) in by_end {
            let until = best.map(|(at, _)| at);
            if *bound == Time::FAR || until.is_some_and(|at| (*bound).max(from) >= at) {
                break;
            }
            if let Some((at, gpus)) = pass.timeline.earliest_on(*node, shape, from, until)
                && best.is_none_or(|(so_far, _)| at < so_far)
            {
                best = Some((at, Placement { node: *node, gpus }));
            }
        }
    }
    best
}
