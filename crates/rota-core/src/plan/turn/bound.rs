//! On which nodes others may make room, and not before when: what is free and who leaves, but for what is planned there.

use super::super::order::{Asked, Level};
use super::super::{Pass, holder};
use super::leave;
use crate::id::{GpuSet, NodeId};
use crate::units::Time;

/// Whether enough of a node is free or leaves from one moment on and before another.
pub(super) fn may_give(
    pass: &mut Pass,
    asked: &Asked,
    node: NodeId,
    (from, until): (Time, Time),
) -> bool {
    let mut gpus = GpuSet::default();
    is_found(pass, asked, node, (from, until), |_, left| {
        gpus = gpus.and(left);
        gpus.count() >= asked.shape.gpus
    })
}

/// Those of some nodes where enough is free or leaves from one moment on and before another, each with the soonest moment;
/// the soonest first.
pub(super) fn sorted(
    pass: &mut Pass,
    asked: &Asked,
    nodes: &[NodeId],
    (from, until): (Time, Time),
) -> Vec<(Time, NodeId)> {
    let (mut all, mut leaving) = (Vec::with_capacity(nodes.len()), Vec::new());
    for node in nodes {
        leaving.clear();
        is_found(pass, asked, *node, (from, until), |at, left| {
            leaving.push((at, left));
            false
        });
        leaving.sort_unstable_by_key(|(at, _)| *at);
        let mut gpus = GpuSet::default();
        let soonest = leaving.iter().find_map(|(at, left)| {
            gpus = gpus.and(*left);
            (gpus.count() >= asked.shape.gpus).then_some(*at)
        });
        all.extend(soonest.map(|at| (at, *node)));
    }
    all.sort_unstable();
    all
}

/// Says what of a node is free at `from`, and who leaves when before `until`, in any order, as long as that is not enough;
/// and whether it was.
fn is_found(
    pass: &mut Pass,
    asked: &Asked,
    node: NodeId,
    (from, until): (Time, Time),
    mut is_enough: impl FnMut(Time, GpuSet) -> bool,
) -> bool {
    let Some(node) = pass.node(node).filter(|_| from < until) else { return false };
    let (id, shape) = (node.node.id, asked.shape);
    let all = GpuSet::first(node.node.gpus);
    if asked.level == Level::Claim {
        return is_enough(from, all);
    }
    let open = node.open_for(shape, pass.c.accounts.login(asked.person));
    let open = pass.timeline.unplanned((id, open), false, (from, from.after(shape.length())));
    if is_enough(from, open) {
        return true;
    }
    let (lane, mut stay) = (pass.ledger_of(node.pool), GpuSet::default());
    for holder in holder::on(pass, node).iter() {
        let at = leave::when(pass, asked, lane, holder, until).map(|leaves| leaves.at.max(from));
        let left = at.map_or(GpuSet::default(), |at| {
            holder.gpus.without(pass.timeline.planned(id, (at, at.after(shape.length()))))
        });
        if at.is_some_and(|at| is_enough(at, left)) {
            return true;
        }
        stay = stay.and(holder.gpus.without(left));
        // Of a shared GPU somebody must leave, not yet all.
        if node.shared.is_empty() && all.without(stay).count() < shape.gpus {
            return false;
        }
    }
    false
}
