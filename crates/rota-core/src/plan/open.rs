//! Whether anything may still be decided in a pass. Every pass ends where all planned starts are given out and no shape that
//! waits has room, whoever may use it; one of which only decisions are wanted, as soon as no shape has room and nobody who
//! waits may have the turn of another now.
//!
//! Both can only come true by an event, when a turn is over or whoever waits is owed it, or at a moment at which every pass
//! wakes: rooms shrink during a pass and while nothing happens.

mod takes;

use super::{Pass, Wanted, order, part, place};
use crate::id::{GpuSet, NodeId};
use crate::queue::Shape;
use std::sync::Arc;
use takes::Takes;

/// What may still be decided.
#[derive(Clone, Default)]
pub(super) struct Open<'c> {
    /// Shapes that were not found to have no room; none, if nobody has looked yet.
    shapes: Option<Vec<&'c Arc<Shape>>>,
    /// Whose turns may be taken now; none, if something was given since somebody looked.
    takes: Option<Takes<'c>>,
}

impl Open<'_> {
    /// Something was given now: keys are others.
    pub fn changed(&mut self) {
        self.takes = None;
    }
}

/// Whether anything may still be decided, or planned where that is wanted. If nothing, the pass is over.
pub(super) fn may_decide(pass: &mut Pass) -> bool {
    // Once all planned starts are given out, nobody is asked to make room.
    if pass.left == 0 {
        return may_start(pass);
    }
    pass.wanted == Wanted::All || !pass.in_order || may_start(pass) || may_take(pass)
}

/// Whether anybody may have the turn of another now. If nobody, the pass wakes when somebody may.
fn may_take(pass: &mut Pass) -> bool {
    let known = pass.open.takes.take();
    let mut takes = known.unwrap_or_else(|| Takes::now(pass));
    let may_take = takes.find_room(pass);
    if !may_take {
        let at = takes.not_before(pass);
        pass.wake_at(at);
    }
    pass.open.takes = Some(takes);
    may_take
}

/// Whether any shape that waits has room now.
fn may_start(pass: &mut Pass) -> bool {
    let all = || pass.c.shapes.keys().collect();
    let mut shapes = pass.open.shapes.take().unwrap_or_else(all);
    while shapes.last().is_some_and(|shape| !has_room(pass, shape)) {
        shapes.pop();
    }
    let is_open = !shapes.is_empty();
    pass.open.shapes = Some(shapes);
    is_open
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
        if shape.gpu_mem.is_some() {
            let mut nodes = part::nodes(room);
            return place::accepts(c, shape, key)
                && nodes.any(|node| has_room_on(pass, node, shape, None));
        }
        let wide = room.by_free.last().is_some_and(|(free, _)| *free >= shape.gpus);
        wide && place::accepts(c, shape, key) && {
            let nodes = room.by_free.range((shape.gpus, NodeId(0))..).map(|(_, node)| *node);
            let fitting = nodes.filter(|node| has_room_on(pass, *node, shape, None));
            fitting.take(shape.nodes as usize).count() == shape.nodes as usize
        }
    })
}

fn has_room_on(pass: &mut Pass, id: NodeId, shape: &Shape, pinned: Option<GpuSet>) -> bool {
    let Some(node) = pass.node(id) else { return false };
    if !place::host_fits(node, shape) {
        return false;
    }
    let (now, to) = (pass.now, pass.now.after(shape.length()));
    let free = match shape.gpu_mem {
        Some(_) if !pass.timeline.is_touched(id) => node.open_to(shape),
        Some(_) => pass.timeline.open_on(id, (shape, None), now).common(node.open_to(shape)),
        None => pass.timeline.unplanned((id, node.free()), false, (now, to)),
    };
    match pinned {
        Some(gpus) => gpus.without(free).is_empty(),
        None => free.count() >= shape.gpus,
    }
}
