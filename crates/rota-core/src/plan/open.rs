//! Whether anything may still be decided in a pass. A pass of which only decisions are wanted ends as soon as nothing may:
//! no shape that waits has room, whoever may use it, and nobody's turn is over.
//!
//! Both can only come true by an event, at an end of a turn, or at a moment at which every pass wakes: rooms shrink during a
//! pass and while nothing happens.

use super::{Pass, budget, holder, order, place};
use crate::id::{GpuSet, NodeId};
use crate::queue::Shape;
use crate::units::Time;
use std::sync::Arc;

/// What is still open.
#[derive(Clone)]
pub(super) struct Open<'c> {
    /// Shapes that were not found to have no room.
    shapes: Vec<&'c Arc<Shape>>,
    turns: Turns,
}

/// Who may be asked to make room.
#[derive(Clone, Copy)]
enum Turns {
    /// Somebody.
    Over,
    /// Nobody before.
    Until(Time),
}

/// Begins to keep count.
pub(super) fn begin(pass: &mut Pass) {
    let turns = turns(pass);
    pass.open = Some(Open { shapes: pass.c.shapes.keys().collect(), turns });
}

/// Whether anything may still be decided; always, where all planned starts are wanted. If nothing, the pass is over.
pub(super) fn may_decide(pass: &mut Pass) -> bool {
    let Some(mut open) = pass.open.take() else { return true };
    let decides = match open.turns {
        Turns::Over => true,
        Turns::Until(at) => {
            while open.shapes.last().is_some_and(|shape| !has_room(pass, shape)) {
                open.shapes.pop();
            }
            if open.shapes.is_empty() && at < Time::FAR {
                pass.wake_at(at);
            }
            !open.shapes.is_empty()
        }
    };
    pass.open = Some(open);
    decides
}

fn turns(pass: &mut Pass) -> Turns {
    let (c, now) = (pass.c, pass.now);
    let poor = |person| budget::standing(c, person, now) != budget::Standing::Good;
    if !c.policy.budgets.is_empty() && c.holding.keys().any(|person| poor(*person)) {
        return Turns::Over;
    }
    let mut next = Time::FAR;
    for node in c.nodes.values() {
        if node.gives > now {
            next = next.min(node.gives);
            continue;
        }
        for holder in holder::on(pass, node).iter() {
            let Some(over) = holder.over else { continue };
            if over <= now || holder.rank == 0 {
                return Turns::Over;
            }
            next = next.min(over);
        }
    }
    Turns::Until(next)
}

/// Whether a job of a shape could start now, if no claim and no limit were in its way.
fn has_room(pass: &mut Pass, shape: &Shape) -> bool {
    let c = pass.c;
    if order::array_is_full(pass, shape) {
        return false;
    }
    if let Some(pinned) = &shape.pinned {
        return pinned.parts().all(|part| has_room_on(pass, part.node, shape, Some(part.gpus)));
    }
    c.rooms.iter().any(|(key, room)| {
        let wide = room.by_free.last().is_some_and(|(free, _)| *free >= shape.gpus);
        wide && place::accepts(c, shape, key) && {
            let nodes = room.by_free.range((shape.gpus, NodeId(0))..).map(|(_, node)| *node);
            let fitting = nodes.filter(|node| has_room_on(pass, *node, shape, None));
            fitting.take(shape.nodes as usize).count() == shape.nodes as usize
        }
    })
}

fn has_room_on(pass: &mut Pass, id: NodeId, shape: &Shape, pinned: Option<GpuSet>) -> bool {
    let Some(node) = pass.c.nodes.get(&id).filter(|node| node.up) else { return false };
    if !place::host_fits(node, shape) {
        return false;
    }
    let to = pass.now.after(shape.length());
    let free = pass.timeline.unplanned((id, node.free()), false, (pass.now, to));
    match pinned {
        Some(gpus) => gpus.without(free).is_empty(),
        None => free.count() >= shape.gpus,
    }
}
