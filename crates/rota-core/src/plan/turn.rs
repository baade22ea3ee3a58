//! Turns: a job that held its GPUs for a turn makes room for a job whose people are owed more. Without loss: it is
//! suspended, or queued again from its own checkpoint. Borrowers leave for the holder of the claim; spare jobs, and those
//! that do not use their GPUs ([`super::idle`]), for anyone.
//!
//! Guards against thrash: nothing else stops before its turn is over, and a turn is at least twenty times what a switch
//! costs; what is freed goes to the claimant alone; the claimant then has a whole turn itself; people do not take turns
//! with themselves; nobody takes the turn of a higher class.

mod bound;
mod gather;
mod leave;
pub(super) mod verdict;

use super::claim::{self, Recall};
use super::holder;
use super::near::nearest;
use super::order::{Asked, Level};
use super::part::Sharing;
use super::{Pass, place};
use crate::cluster::Cluster;
use crate::id::{GpuSet, JobId, NodeId};
use crate::job::{Job, JobState, Part, Placement, Stop, TurnMode};
use crate::node::NodeState;
use crate::units::{Mib, Time};
use gather::{Gathered, Wants, gather};
use leave::Leaves;

/// How many nodes are looked at for one job: those whose turns end first.
const NODES: usize = 64;

/// Room that others will make.
pub(super) struct Room {
    /// When; now if their time is over.
    pub at: Time,
    /// Where.
    pub placement: Placement,
    /// Who makes room.
    pub victims: Vec<Victim>,
}

/// Who makes room, and why.
pub(super) struct Victim {
    /// The job.
    pub job: JobId,
    /// Why.
    pub cause: Cause,
    /// Until when it would.
    until: Time,
}

/// Why a job makes room.
pub(super) enum Cause {
    /// Its turn is over, and it is another's.
    Turn,
    /// It borrows what the other claims.
    Recall(Recall),
    /// It runs as spare.
    Spare,
    /// It does not use its GPUs.
    Idle,
}

impl Cause {
    /// How a holder wants back what it lent.
    pub fn recall(&self) -> Option<&Recall> {
        match self {
            Cause::Recall(recall) => Some(recall),
            _ => None,
        }
    }
}

/// The earliest room that others make, if it is earlier than `before`.
pub(super) fn room_for(pass: &mut Pass, asked: &Asked, before: Time) -> Option<Room> {
    let shape = asked.shape;
    pass.verdicts.begin(pass.c.accounts.grant_of(asked.person).lab);
    if let Some(pinned) = &shape.pinned {
        let pool = pass.c.nodes.get(&pinned.node)?.pool;
        let nodes: Vec<NodeId> = pinned.parts().map(|part| part.node).collect();
        let room = pass.is_allowed(asked, pool).then(|| together(pass, asked, &nodes, before));
        return room.flatten();
    }
    let mut best: Option<Room> = None;
    for (_, room, _) in place::rooms(pass, asked) {
        let Some(by_turn) = room.by_turn.get(shape.whole_gpus()) else { continue };
        if shape.nodes > 1 {
            let most = NODES + 2 * shape.nodes as usize;
            let nodes: Vec<NodeId> = by_turn.iter().take(most).map(|(_, node)| *node).collect();
            let until = best.as_ref().map_or(before, |b| b.at);
            if asked.level != Level::Claim && !any_gives(pass.c, &nodes, until) {
                continue;
            }
            best = together(pass, asked, &nodes, until).or(best);
            continue;
        }
        let until = best.as_ref().map_or(before, |b| b.at);
        let nodes = by_turn.iter().take(NODES).filter(|(bound, _)| *bound < until);
        let nodes: Vec<NodeId> = nodes.map(|(_, node)| *node).collect();
        best = first_of(pass, asked, &nodes, until).or(best);
    }
    best
}

/// The earliest room on any one of these nodes that is more than free; of equal ones on the first.
fn first_of(pass: &mut Pass, asked: &Asked, nodes: &[NodeId], before: Time) -> Option<Room> {
    let mut best: Option<PartRoom> = None;
    for node in nodes {
        let sooner = (pass.now, best.as_ref().map_or(before, |room| room.at));
        if bound::may_give(pass, asked, *node, sooner) {
            let room = room_on(pass, asked, *node, sooner);
            best = room.filter(PartRoom::is_made).or(best);
        }
    }
    let PartRoom { at, part, victims, .. } = best?;
    Some(Room { at, placement: part.into(), victims })
}

/// Whether anybody on these nodes is asked to make room before `until`, but by who lent it.
fn any_gives(c: &Cluster, nodes: &[NodeId], until: Time) -> bool {
    nodes.iter().any(|node| c.nodes.get(node).is_some_and(|node| node.gives < until))
}

/// How often a later moment is tried because the parts of a gang are not free together.
const TRIES: u32 = 16;

/// Room on as many of these nodes as the job wants, at one moment.
fn together(pass: &mut Pass, asked: &Asked, nodes: &[NodeId], before: Time) -> Option<Room> {
    let wanted = asked.shape.nodes as usize;
    let mut at = pass.now;
    for _ in 0..TRIES {
        let mut rooms: Vec<PartRoom> = Vec::new();
        let nodes = bound::sorted(pass, asked, nodes, (at, before));
        if nodes.len() < wanted {
            return None;
        }
        for (soonest, node) in nodes {
            let known = rooms.iter().filter(|room| room.at < soonest).count();
            if known >= wanted {
                break;
            }
            rooms.extend(room_on(pass, asked, node, (at, before)));
        }
        rooms.sort_by_key(|room| (room.at, room.victims.len(), room.part));
        rooms.truncate(wanted);
        let last = rooms.get(wanted.checked_sub(1)?)?.at;
        if last == at {
            let parts = rooms.iter().map(|room| room.part).collect();
            let is_made = rooms.iter().any(PartRoom::is_made);
            let mut victims: Vec<Victim> = rooms.into_iter().flat_map(|r| r.victims).collect();
            victims.sort_by_key(|victim| victim.job);
            victims.dedup_by_key(|victim| victim.job);
            let placement = Placement::gang(parts)?;
            return is_made.then_some(Room { at, placement, victims });
        }
        at = last;
    }
    None
}

/// Room on one node.
struct PartRoom {
    at: Time,
    part: Part,
    victims: Vec<Victim>,
    /// It was kept for a borrower.
    takes_over: bool,
}

impl PartRoom {
    /// Whether it is more than free.
    fn is_made(&self) -> bool {
        self.takes_over || !self.victims.is_empty()
    }
}

/// Something on the node that could be had, and when.
struct Offer<'c> {
    at: Time,
    gpus: GpuSet,
    whose: Whose<'c>,
}

/// Whose an offer is until then.
enum Whose<'c> {
    /// Nobody's.
    Nobody,
    /// Kept for a borrower: a holder comes first.
    Kept,
    /// Held by a job that is leaving.
    Leaving,
    /// Held by a job, which leaves for this cause, and until when it would.
    Job(&'c Job, Cause, Time),
}

/// Room on a node, not before `from` and before `until`; without victims, where it is free.
fn room_on(
    pass: &mut Pass,
    asked: &Asked,
    id: NodeId,
    (mut from, until): (Time, Time),
) -> Option<PartRoom> {
    let node = pass.node(id)?;
    for _ in 0..TRIES {
        let room = room_from(pass, asked, node, (from, until))?;
        // Whose the GPUs are by then decides, and who is owed turns then, not now.
        let is_its = |room: &PartRoom| {
            let usable = usable_from(pass, asked, node, room.at);
            let stays = room.part.gpus.without(usable).is_empty();
            stays && room.victims.iter().all(|victim| room.at < victim.until)
        };
        if room.at == from || is_its(&room) {
            return Some(room);
        }
        from = room.at;
    }
    None
}

/// What a job may use of a node, if it begins at a moment.
fn usable_from(pass: &Pass, asked: &Asked, node: &NodeState, from: Time) -> GpuSet {
    claim::usable(pass.c, pass.now, asked, node, (from, from.after(asked.shape.length())))
}

/// Room on a node of what may be used from a moment on.
fn room_from<'c>(
    pass: &mut Pass<'c>,
    asked: &Asked,
    node: &'c NodeState,
    (from, until): (Time, Time),
) -> Option<PartRoom> {
    let (c, shape, id) = (pass.c, asked.shape, node.node.id);
    let usable = usable_from(pass, asked, node, from);
    let wanted: Option<GpuSet> =
        shape.pinned.as_ref().map(|place| place.on(id).unwrap_or_default());
    if usable.count() < shape.gpus || wanted.is_some_and(|w| !w.without(usable).is_empty()) {
        return None;
    }
    let mut offers = offers(pass, asked, node, (from, until));
    if offers.iter().fold(GpuSet::default(), |all, o| all.and(o.gpus)).count() < shape.gpus {
        return None;
    }
    let own = match asked.level {
        Level::Claim => usable,
        _ => GpuSet::default(),
    };
    for offer in &mut offers {
        // A holder gets back what is claimed, not what else the borrower has.
        let recalled = matches!(offer.whose, Whose::Job(_, Cause::Recall(_), _));
        offer.gpus = offer.gpus.common(if recalled { own } else { usable });
    }
    if let Some(wanted) = wanted {
        offers.retain(|o| !o.gpus.common(wanted).is_empty());
    }
    let sharing = Sharing::new(c, node, (shape.gpu_mem, asked.person));
    let wants = Wants { node, shape, wanted, sharing };
    let Gathered { gpus, kept, at, givers } = gather(pass, &wants, offers, from);
    if at >= until || !wants.enough(gpus) || !wants.host_fits(&givers) {
        return None;
    }
    let gpus = wanted.unwrap_or_else(|| nearest(node, gpus, shape.gpus));
    let victims = wants.needed(givers, gpus).into_iter().map(|giver| giver.victim).collect();
    let takes_over = !kept.common(gpus).is_empty();
    Some(PartRoom { at, part: Part { node: id, gpus }, victims, takes_over })
}

/// Memory that comes back when a job makes room: none if it is frozen.
fn memory_back(c: &Cluster, job: &Job, recall: Option<&Recall>) -> Mib {
    let frozen = match recall {
        Some(recall) => recall.how == Stop::Suspend,
        None => c.mode(job) == TurnMode::Suspend,
    };
    if frozen { Mib(0) } else { job.spec.mem }
}

/// Free GPUs first, then holders by the end of their time, those that use nothing and the most served people first; none
/// that would not leave from `from` on, or not before `until`.
fn offers<'c>(
    pass: &mut Pass<'c>,
    asked: &Asked,
    node: &'c NodeState,
    (from, until): (Time, Time),
) -> Vec<Offer<'c>> {
    let mut all: Vec<(Due, Offer)> = Vec::new();
    let lane = pass.ledger_of(node.pool);
    for holder in holder::on(pass, node).iter() {
        if pass.stopping.contains(&holder.job.id) {
            continue;
        }
        let leaves = leave::when(pass, asked, lane, holder, until);
        let Some(leaves) = leaves.filter(|leaves| from < leaves.until) else { continue };
        let served = std::cmp::Reverse(pass.fair.lab(holder.lab, lane));
        let Leaves { at, until, cause } = leaves;
        let due = (at, !holder.idles, served, holder.job.in_line_since(), holder.job.id);
        let whose = Whose::Job(holder.job, cause, until);
        all.push((due, Offer { at, gpus: holder.gpus, whose }));
    }
    all.sort_by_key(|(due, _)| *due);
    let (kept, leaving) = match asked.level {
        Level::Claim => {
            (claim::kept_for_borrowers(pass.c, pass.now, node.node.id), leaving(pass.c, node))
        }
        _ => (GpuSet::default(), GpuSet::default()),
    };
    let now = |gpus, whose| Offer { at: pass.now, gpus, whose };
    let open = node.open_for(asked.shape, pass.c.accounts.login(asked.person));
    [now(open, Whose::Nobody), now(kept, Whose::Kept)]
        .into_iter()
        .chain(all.into_iter().map(|(_, offer)| offer))
        .chain([now(leaving, Whose::Leaving)])
        .collect()
}

/// GPUs of jobs that were asked to stop already. A holder who wants those too need not wait until they are free to ask for
/// the others.
fn leaving(c: &Cluster, node: &NodeState) -> GpuSet {
    let jobs = node.holders.iter().filter_map(|id| c.job(*id));
    let leaving = jobs.filter(|job| matches!(job.state, JobState::Stopping { .. }));
    leaving.filter_map(|job| job.holds()?.on(node.node.id)).fold(GpuSet::default(), GpuSet::and)
}

/// When it leaves, whether it uses its GPUs, how much its lab was served, and its age.
type Due = (Time, bool, std::cmp::Reverse<u128>, Time, JobId);
