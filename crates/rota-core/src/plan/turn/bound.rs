//! On which nodes others may make room, and not before when: what their GPUs come to, whatever is planned on them.

use super::super::order::{Asked, Level};
use super::super::{Pass, holder};
use super::leave;
use crate::id::{GpuSet, NodeId};
use crate::node::NodeState;
use crate::units::Time;

/// Those of some nodes where enough is free or leaves before `until`, each with the soonest moment and its place among them;
/// the soonest first.
pub(super) fn sorted(
    pass: &mut Pass,
    asked: &Asked,
    nodes: &[NodeId],
    until: Time,
) -> Vec<(Time, usize, NodeId)> {
    let c = pass.c;
    let (mut all, mut leaving) = (Vec::with_capacity(nodes.len()), Vec::new());
    for (place, id) in nodes.iter().enumerate() {
        let Some(node) = c.nodes.get(id).filter(|node| node.up) else { continue };
        let soonest = soonest(pass, asked, node, (until, &mut leaving));
        all.extend(soonest.map(|at| (at, place, *id)));
    }
    all.sort_unstable();
    all
}

/// When what is free on a node and what leaves it is enough, if that is before `until`. Who leaves is listed anew.
fn soonest<'c>(
    pass: &mut Pass<'c>,
    asked: &Asked,
    node: &'c NodeState,
    (until, leaving): (Time, &mut Vec<(Time, GpuSet)>),
) -> Option<Time> {
    let mut gpus = node.open_for(asked.shape, pass.c.accounts.login(asked.person));
    if asked.level == Level::Claim || gpus.count() >= asked.shape.gpus {
        return Some(pass.now);
    }
    let lane = pass.c.policy.ledger_of(node.pool);
    leaving.clear();
    for holder in holder::on(pass, node).iter() {
        if let Some(leaves) = leave::when(pass, asked, lane, holder, until) {
            leaving.push((leaves.at, holder.gpus));
        }
    }
    leaving.sort_unstable_by_key(|(at, _)| *at);
    // Of a shared GPU somebody must leave, not yet all.
    leaving.iter().find_map(|(at, left)| {
        gpus = gpus.and(*left);
        (gpus.count() >= asked.shape.gpus).then_some(*at)
    })
}
