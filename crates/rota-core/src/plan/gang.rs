//! Gangs: jobs on several nodes of one pool with GPUs of one model, all at the same moment. The engine decides how the
//! parts are started.

use super::Pass;
use super::order::Asked;
use super::place::Found;
use crate::cluster::Room;
use crate::id::NodeId;
use crate::job::{Part, Placement};
use crate::units::Time;
use std::collections::BTreeSet;

/// How often a later moment is tried because the nodes are not free together.
const TRIES: u32 = 1000;

/// The earliest moment at which a suspended job can go on where it was.
pub(super) fn later_where_it_was(
    pass: &mut Pass,
    asked: &Asked,
    pinned: &Placement,
    from: Time,
) -> Option<Found> {
    let mut at = from;
    for _ in 0..TRIES {
        let mut last = at;
        for part in pinned.parts() {
            pass.c.nodes.get(&part.node).filter(|n| n.up)?;
            last = last.max(pass.timeline.earliest_on(part.node, asked, at, None)?.0);
        }
        if last == at {
            return Some(Found { at, placement: pinned.clone() });
        }
        at = last;
    }
    None
}

/// The earliest moment, not after `most`, at which as many nodes of a room as the job wants take their part.
pub(super) fn later(
    pass: &mut Pass,
    asked: &Asked,
    room: &Room,
    (from, most): (Time, Option<Time>),
) -> Option<Found> {
    let by_end = room.by_end.get(asked.shape.gpus as usize)?;
    let wanted = asked.shape.nodes as usize;
    let mut at = from;
    for _ in 0..TRIES {
        let found = earliest(pass, asked, by_end, (at, most));
        let last = found.iter().nth(wanted.checked_sub(1)?)?.0;
        if last == at {
            let parts = found.into_iter().map(|(_, part)| part).collect();
            return Placement::gang(parts).map(|placement| Found { at, placement });
        }
        at = last;
    }
    None
}

/// The nodes that take a part first, each from its own moment on.
fn earliest(
    pass: &mut Pass,
    asked: &Asked,
    by_end: &BTreeSet<(Time, NodeId)>,
    (at, most): (Time, Option<Time>),
) -> BTreeSet<(Time, Part)> {
    let wanted = asked.shape.nodes as usize;
    let mut found: BTreeSet<(Time, Part)> = BTreeSet::new();
    for (bound, node) in by_end {
        let full = found.len() == wanted;
        let until = found.last().filter(|_| full).map(|(last, _)| *last).or(most);
        // All of them now: no other node can be earlier.
        let bound = (*bound).max(at);
        if bound == Time::FAR || until.is_some_and(|until| bound > until || full && until == at) {
            break;
        }
        if let Some((from, gpus)) = pass.timeline.earliest_on(*node, asked, at, until) {
            found.insert((from, Part { node: *node, gpus }));
            if found.len() > wanted {
                found.pop_last();
            }
        }
    }
    found
}
