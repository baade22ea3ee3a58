//! Turns: a job that held its GPUs for a turn makes room for a job whose people are owed more. Without loss: it is
//! suspended, or queued again from its own checkpoint.
//!
//! Guards against thrash: nothing stops before its turn is over; what is freed goes to the claimant alone; the claimant
//! then has a whole turn itself; people do not take turns with themselves.

use super::{Pass, place};
use crate::cluster::Shape;
use crate::id::{GpuSet, JobId, NodeId, PersonId};
use crate::job::{Job, JobState, Placement, TurnMode};
use crate::units::{Mib, Time};

/// How many nodes are looked at for one job: those whose turns end first.
const NODES: usize = 64;

/// Room that ends of turns will make.
pub(super) struct Room {
    /// When; now if the turns are over.
    pub at: Time,
    /// Where.
    pub placement: Placement,
    /// Who makes room.
    pub victims: Vec<JobId>,
}

/// The earliest room by ends of turns, if it is earlier than `before`.
pub(super) fn room_for(
    pass: &mut Pass,
    person: PersonId,
    shape: &Shape,
    before: Time,
) -> Option<Room> {
    if let Some((node, _)) = &shape.pinned {
        return room_on(pass, person, shape, *node).filter(|room| room.at < before);
    }
    let mut best: Option<Room> = None;
    for (_, room) in place::rooms(pass, shape) {
        let Some(by_turn) = room.by_turn.get(shape.gpus as usize) else { continue };
        for (bound, node) in by_turn.iter().take(NODES) {
            let until = best.as_ref().map_or(before, |b| b.at);
            if (*bound).max(pass.now) >= until {
                break;
            }
            if let Some(found) = room_on(pass, person, shape, *node).filter(|r| r.at < until) {
                best = Some(found);
            }
        }
    }
    best
}

/// Something on the node that could be had, and when.
struct Offer<'c> {
    at: Time,
    gpus: GpuSet,
    holder: Option<&'c Job>,
}

fn room_on(pass: &mut Pass, person: PersonId, shape: &Shape, id: NodeId) -> Option<Room> {
    let node = pass.c.nodes.get(&id).filter(|n| n.up)?;
    let mut offers = offers(pass, person, id);
    let wanted: Option<GpuSet> =
        shape.pinned.as_ref().map(|(_, gpus)| gpus.iter().copied().collect());
    if let Some(wanted) = wanted {
        offers.retain(|o| !o.gpus.common(wanted).is_empty());
    }
    let (mut gpus, mut at, mut victims) = (GpuSet::default(), pass.now, Vec::new());
    let (mut cpus_back, mut mem_back) = (0u32, Mib(0));
    let host_fits = |cpus_back: u32, mem_back: Mib| {
        node.cpus_used.saturating_sub(cpus_back).saturating_add(shape.cpus) <= node.node.cpus
            && node.mem_used.less(mem_back).plus(shape.mem) <= node.node.mem
    };
    let enough = |gpus: GpuSet| match wanted {
        Some(wanted) => wanted.without(gpus).is_empty(),
        None => gpus.count() >= shape.gpus,
    };
    for offer in offers {
        if enough(gpus) && host_fits(cpus_back, mem_back) {
            break;
        }
        let free: GpuSet = offer
            .gpus
            .iter()
            .filter(|g| {
                let from = offer.at.max(at);
                pass.timeline.is_unplanned(
                    (id, *g),
                    offer.holder.is_some(),
                    from,
                    from.after(shape.length()),
                )
            })
            .collect();
        let useful = !free.is_empty() || offer.holder.is_some_and(|h| h.spec.gpus == 0);
        if !useful {
            continue;
        }
        gpus = gpus.and(free);
        if let Some(holder) = offer.holder {
            at = at.max(offer.at);
            victims.push(holder.id);
            cpus_back = cpus_back.saturating_add(holder.spec.cpus);
            if holder.turn_mode() == TurnMode::Requeue {
                mem_back = mem_back.plus(holder.spec.mem);
            }
        }
    }
    if victims.is_empty() || !enough(gpus) || !host_fits(cpus_back, mem_back) {
        return None;
    }
    let gpus = wanted.unwrap_or_else(|| gpus.iter().take(shape.gpus as usize).collect());
    victims.retain(|v| shape.gpus == 0 || pass.c.job(*v).is_some_and(|j| needed(j, gpus)));
    Some(Room { at, placement: Placement { node: id, gpus }, victims })
}

/// A victim that frees none of the chosen GPUs is needed only for its share of the host.
fn needed(job: &Job, gpus: GpuSet) -> bool {
    job.spec.gpus == 0 || job.holds().is_some_and(|p| !p.gpus.common(gpus).is_empty())
}

/// Free GPUs first, then holders by the end of their turn, the most served people first.
fn offers<'c>(pass: &Pass<'c>, person: PersonId, id: NodeId) -> Vec<Offer<'c>> {
    let Some(node) = pass.c.nodes.get(&id) else { return Vec::new() };
    let mut holders: Vec<(Time, std::cmp::Reverse<u128>, &Job)> = Vec::new();
    for job in node.holders.iter().filter_map(|j| pass.c.job(*j)) {
        let (JobState::Running { placement, since }, false) =
            (job.state, pass.stopping.contains(&job.id))
        else {
            continue;
        };
        let rate = pass.c.rate(job, placement);
        if job.turn_mode() == TurnMode::Never {
            continue;
        }
        let over = since.after(pass.c.policy.turn).max(pass.now);
        let Some(over) = pass.fair.may_take_from((person, job.owner), rate, over) else { continue };
        let lab = pass.c.accounts.person(job.owner).lab;
        holders.push((over, std::cmp::Reverse(pass.fair.lab(lab, 0)), job));
    }
    holders.sort_by_key(|(over, served, job)| (*over, *served, job.submitted, job.id));
    let held = |job: &Job| job.holds().map_or(GpuSet::default(), |p| p.gpus);
    std::iter::once(Offer { at: pass.now, gpus: node.free(), holder: None })
        .chain(holders.into_iter().map(|(at, _, job)| Offer {
            at,
            gpus: held(job),
            holder: Some(job),
        }))
        .collect()
}
