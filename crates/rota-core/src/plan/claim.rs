//! Claims: GPUs that were freed for a job whose turn it is go to that job and to nobody else.

use super::{Pass, place};
use crate::cluster::Shape;
use crate::decision::Reason;
use crate::units::Span;

/// Starts each claimant whose GPUs are free; keeps them for the others.
pub(super) fn start_where_room_was_made(pass: &mut Pass) {
    for (id, placement) in &pass.c.claims {
        let Some(job) = pass.c.job(*id) else { continue };
        let Some(node) = pass.c.nodes.get(&placement.node).filter(|n| n.up) else { continue };
        let shape = Shape::of(job);
        // Another claim of this pass may have taken the CPU cores or the memory.
        let host = Shape { gpus: 0, pinned: None, ..shape.clone() };
        let free = node.busy.common(placement.gpus).is_empty()
            && place::host_fits(node, &shape)
            && pass.timeline.earliest_on(placement.node, &host, pass.now, Some(pass.now)).is_some();
        pass.place += 1;
        if free {
            pass.fair.charge(job.owner, pass.c.rate(job, *placement));
            pass.start(*id, &shape, *placement, Reason::Claimed);
        } else {
            let soon = pass.now.after(Span::seconds(1));
            pass.timeline.hold(*placement, soon, &shape);
            pass.fair.charge(job.owner, pass.c.rate(job, *placement));
            let place = pass.place;
            let start =
                crate::decision::PlannedStart { at: pass.now, placement: *placement, place };
            pass.plan.starts.insert(*id, start);
        }
    }
}
