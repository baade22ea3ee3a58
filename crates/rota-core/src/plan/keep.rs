//! GPUs that were freed for a job whose turn it is go to that job and to nobody else.

use super::fairshare::Given;
use super::{Pass, claim, part, place};
use crate::decision::Reason;
use crate::job::Part;
use crate::node::NodeState;
use crate::queue::Shape;
use crate::units::Span;

/// On whose GPUs room was made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// On those that nobody else claims now.
    Own,
    /// On those that a holder may want back first.
    Lent,
}

/// Starts each job whose GPUs are free; keeps them for the others.
pub(super) fn start_where_room_was_made(pass: &mut Pass, ground: Ground) {
    for (id, placement) in &pass.c.kept {
        let Some(job) = pass.c.job(*id) else { continue };
        let lent = claim::is_borrowed(pass.c, pass.now, job.owner, placement);
        if lent && ground == Ground::Own {
            // Its turn comes after the holders', but its people's limits know of it before.
            pass.count_held(*id, &Shape::of(job), placement);
        }
        let taken = pass.taken.iter().any(|taken| taken.meets(placement));
        if lent != (ground == Ground::Lent) || taken {
            continue;
        }
        let nodes =
            placement.parts().map(|part| Some((pass.c.nodes.get(&part.node)?.as_ref(), part)));
        let nodes: Option<Vec<(&NodeState, Part)>> = nodes.collect();
        let Some(nodes) = nodes.filter(|all| all.iter().all(|(n, _)| n.up)) else { continue };
        let Some(pool) = nodes.first().map(|(node, _)| node.pool) else { continue };
        let shape = Shape::of(job);
        // Another job of this pass may have taken the CPU cores or the memory.
        let free = nodes.iter().all(|(node, part)| {
            part::is_free(node, part.gpus, (&shape, pass.c.accounts.login(job.owner)))
                && place::host_fits(node, &shape)
                && pass.timeline.host_is_free(part.node, &shape)
        });
        pass.place += 1;
        let held = (pass.c.policy.ledger_of(pool), pass.c.rate_at(job, placement));
        if free {
            pass.fair.charge(job.owner, held, Given::Now);
            pass.start(*id, &shape, placement.clone(), Reason::RoomMade);
        } else {
            let soon = pass.now.after(Span::seconds(1));
            pass.timeline.hold(placement, soon, (&shape, job.owner));
            if ground == Ground::Own {
                pass.count_held(*id, &shape, placement);
            }
            pass.fair.charge(job.owner, held, Given::Now);
            pass.placed.insert(*id);
            let place = pass.place;
            let start =
                crate::decision::PlannedStart { at: pass.now, placement: placement.clone(), place };
            pass.plan.starts.insert(*id, start);
        }
    }
}
