//! Where a job fits: now on the fullest node that takes it, or as early as possible.
//!
//! Without a wish the cheapest GPU that fits, so that the best ones stay free for those who ask for them. Who accepts
//! several models gets the one with which it is done best: an hour earlier is worth the price of an A100 for an hour.

use super::near::nearest;
use super::order::{Asked, Last, Level};
use super::{Pass, claim, gang, part};
use crate::cluster::{Cluster, Room, RoomKey};
use crate::id::{GpuSet, NodeId};
use crate::job::{Part, Placement, TurnMode};
use crate::node::NodeState;
use crate::policy::PoolId;
use crate::queue::Shape;
use crate::units::{Span, Time};
use std::collections::BTreeSet;

/// When and where.
pub(super) struct Found {
    /// When.
    pub at: Time,
    /// Where.
    pub placement: Placement,
}

/// Whether CPU cores and memory of the node suffice now.
pub(super) fn host_fits(node: &NodeState, shape: &Shape) -> bool {
    node.cpus_used.saturating_add(shape.cpus) <= node.node.cpus
        && node.mem_used.plus(shape.mem) <= node.node.mem
}

/// Whether a shape may go to a room at all.
pub fn accepts(c: &Cluster, shape: &Shape, key: &RoomKey) -> bool {
    let mode = c.shape_mode_in(shape, key);
    wants(c, shape, key) && (shape.pinned.is_some() || keeps_promise(c, (shape, mode), key.0))
}

/// Where nobody waits longer than was promised, a job makes room, or is no longer than a turn, or is of a class that is
/// protected for so long, which the bound counts.
pub(crate) fn keeps_promise(c: &Cluster, (shape, mode): (&Shape, TurnMode), pool: PoolId) -> bool {
    let promise = c.policy.turn_rule(pool).filter(|turn| turn.max_wait.is_some());
    promise.is_none_or(|turn| {
        let class = c.policy.class(shape.class.as_deref());
        let counted = class.max_time.filter(|_| class.protected).unwrap_or(Span::ZERO);
        let short = shape.limit.is_some_and(|limit| limit <= turn.slice.max(counted));
        shape.gpus == 0 || short || mode != TurnMode::Never
    })
}

/// Whether a shape asks for what a room has.
pub(crate) fn wants(c: &Cluster, shape: &Shape, key: &RoomKey) -> bool {
    let (pool, model) = key;
    if let Some(pinned) = &shape.pinned {
        let here = c.nodes.get(&pinned.node);
        return here.is_some_and(|n| n.pool == *pool && n.node.model == *model);
    }
    let name = c.policy.pool_name(*pool);
    // A pool that the policy no longer has is no wish any more.
    let in_pool = shape
        .pool
        .as_deref()
        .is_none_or(|wanted| wanted == name || c.policy.pool_named(wanted).is_none());
    let pools = &c.policy.class(shape.class.as_deref()).pools;
    let of_class = pools.is_empty() || pools.iter().any(|pool| pool == name);
    let is_model = || model.as_ref().is_some_and(|m| shape.models.contains(m));
    // Who asks for a part of a model's memory may have it as a slice of that model.
    let slice = || c.sliced.get(key).filter(|_| shape.gpu_mem.is_some());
    let is_slice = || slice().is_some_and(|slice| shape.models.contains(&slice.of));
    in_pool
        && of_class
        && (shape.models.is_empty() || is_model() || is_slice())
        && (!c.sliced.contains_key(key) || takes_slice(shape))
        && part::is_possible(c, shape, (*pool, model))
}

/// Whether a shape may be given a slice of a GPU: one alone, to whoever asks for a part or names it. Who asks for a GPU
/// means a whole one.
pub(crate) fn takes_slice(shape: &Shape) -> bool {
    let one = shape.gpus == 1 && shape.nodes == 1;
    shape.gpus == 0 || one && (shape.gpu_mem.is_some() || !shape.models.is_empty())
}

/// The ledgers in the order in which they are visited: the common one, then those of pools, cheap ones first.
pub(super) fn lanes(c: &Cluster) -> Vec<PoolId> {
    let price = |pool: &PoolId| {
        let rooms = c.rooms.iter().filter(|((p, _), _)| p == pool);
        rooms.map(|(_, room)| room.price).max().unwrap_or(0)
    };
    let own = (1u16..).take(c.policy.pools.len()).map(PoolId);
    let mut own: Vec<PoolId> = own.filter(|p| c.policy.ledger_of(*p) == *p).collect();
    own.sort_by_key(|pool| (price(pool), *pool));
    std::iter::once(PoolId(0)).chain(own).collect()
}

/// Whether a shape may go where use counts in a ledger.
pub(super) fn is_visited_in(c: &Cluster, shape: &Shape, lanes: &[PoolId], lane: PoolId) -> bool {
    // With one ledger everything is visited in it, even what fits nowhere: its blockers are looked for there.
    lanes.len() == 1
        || c.rooms.keys().any(|key| c.policy.ledger_of(key.0) == lane && accepts(c, shape, key))
}

/// Whether no later ledger will do for a shape.
pub(super) fn is_last_in(c: &Cluster, shape: &Shape, lanes: &[PoolId], lane: PoolId) -> bool {
    let later = lanes.iter().skip_while(|l| **l != lane).skip(1);
    later.into_iter().all(|l| !is_visited_in(c, shape, lanes, *l))
}

/// How well a job is done in a room once it starts: time × (1 + price), in milliseconds. Less is better.
fn worth(c: &Cluster, shape: &Shape, (pool, model): &RoomKey, room: &Room) -> u64 {
    if shape.models.len() < 2 {
        return u64::from(room.price);
    }
    let name = model.as_deref().unwrap_or_default();
    let own = shape.speeds.iter().find(|(m, _)| m == name).map(|(_, speed)| *speed);
    let speed = u64::from(own.unwrap_or(room.speed).max(1));
    let length = shape.limit.unwrap_or(c.policy.turn_in(*pool)).0;
    length.saturating_mul(1000 + u64::from(room.price)) / speed
}

/// The rooms that may take a job, best first, each with what it is worth.
pub(super) fn rooms<'c>(pass: &mut Pass<'c>, asked: &Asked) -> Vec<(&'c RoomKey, &'c Room, u64)> {
    let c = pass.c;
    let all = c.rooms.iter().filter(|(key, _)| accepts(c, asked.shape, key));
    let wanted = all.filter(|((pool, _), _)| match asked.level {
        Level::Claim | Level::Order(_, Last::Yes) => true,
        Level::Promise(only) => *pool == only,
        Level::Order(lane, Last::No) => c.policy.ledger_of(*pool) == lane,
    });
    let mut rooms: Vec<_> = wanted
        .map(|(key, room)| (key, room, worth(c, asked.shape, key, room)))
        .filter(|((pool, _), ..)| pass.is_allowed(asked, *pool))
        .collect();
    let asked_at =
        |key: &RoomKey| asked.shape.models.iter().position(|m| Some(m) == key.1.as_ref());
    rooms.sort_by_key(|(key, _, worth)| (*worth, asked_at(key)));
    rooms
}

/// Room now, delaying no planned start: on the fullest nodes that take it.
pub(super) fn now(pass: &mut Pass, asked: &Asked) -> Option<Placement> {
    if let Some(pinned) = &asked.shape.pinned {
        let pool = pass.c.nodes.get(&pinned.node)?.pool;
        let fits = pass.is_allowed(asked, pool)
            && pinned.parts().all(|p| now_on(pass, p.node, asked, Some(p.gpus)).is_some());
        return fits.then(|| pinned.clone());
    }
    let rooms = rooms(pass, asked);
    let is_part = asked.shape.gpu_mem.is_some();
    let c = pass.c;
    rooms.into_iter().find_map(|(key, room, _)| match is_part && !c.sliced.contains_key(key) {
        true => part::now_in(pass, asked, key, room),
        false => now_in(pass, asked, key, room),
    })
}

fn now_in(pass: &mut Pass, asked: &Asked, key: &RoomKey, room: &Room) -> Option<Placement> {
    let wanted = asked.shape.nodes as usize;
    // What this pass has planned is not in the index of free GPUs.
    let touched = pass.timeline.touched(|n| n.pool == key.0 && n.node.model == key.1);
    let mut found: BTreeSet<(u32, Part)> = BTreeSet::new();
    for (free, node) in room.by_free.range((asked.shape.gpus, NodeId(0))..) {
        if found.len() == wanted {
            break;
        }
        if !pass.timeline.is_touched(*node)
            && let Some(part) = now_on(pass, *node, asked, None)
        {
            found.insert((*free, part));
        }
    }
    for node in touched {
        let free = pass.timeline.free_at(node, pass.now);
        let better = found.last().is_none_or(|(f, part)| (free, node) < (*f, part.node));
        if (found.len() < wanted || better)
            && let Some(part) = now_on(pass, node, asked, None)
        {
            found.insert((free, part));
            if found.len() > wanted {
                found.pop_last();
            }
        }
    }
    let parts = found.into_iter().map(|(_, part)| part).collect::<Vec<Part>>();
    if parts.len() == wanted { Placement::gang(parts) } else { None }
}

/// The GPUs of a node that claims leave to a job from now on.
pub(super) fn usable_now(pass: &Pass, asked: &Asked, node: &NodeState) -> GpuSet {
    match node.pins.is_empty() {
        true if asked.level == Level::Claim => GpuSet::default(),
        true => GpuSet::first(node.node.gpus),
        false => {
            let stretch = (pass.now, pass.now.after(asked.shape.length()));
            claim::usable(pass.c, pass.now, asked, node, stretch)
        }
    }
}

fn now_on(pass: &mut Pass, id: NodeId, asked: &Asked, pinned: Option<GpuSet>) -> Option<Part> {
    let (c, shape) = (pass.c, asked.shape);
    let node = pass.node(id)?;
    let free =
        node.open_for(shape, c.accounts.login(asked.person)).common(usable_now(pass, asked, node));
    let enough = match pinned {
        Some(gpus) => gpus.without(free).is_empty(),
        None => free.count() >= shape.gpus,
    };
    if !enough || !host_fits(node, shape) || (asked.level == Level::Claim && shape.gpus == 0) {
        return None;
    }
    if !pass.timeline.is_touched(id) && node.kept.is_empty() {
        let gpus = pinned.unwrap_or_else(|| nearest(node, free, shape.gpus));
        return Some(Part { node: id, gpus });
    }
    let (at, gpus) = pass.timeline.earliest_on(id, asked, pass.now, Some(pass.now))?;
    (at == pass.now && gpus.without(free).is_empty()).then_some(Part { node: id, gpus })
}

/// How many nodes are compared that could take a job at the same moment.
const EQUALS: usize = 64;

/// The earliest room later, if everything that runs or is planned takes its full walltime; of several models at that moment
/// the one with which the job is done best. A better one that is free only later does not count: [`now`] never leaves free
/// what fits. Of several nodes the one that will be fullest, as [`now`] will choose when
/// the moment has come: a start that is planned elsewhere would move others.
pub(super) fn later(pass: &mut Pass, asked: &Asked) -> Option<Found> {
    let shape = asked.shape;
    let from = pass.timeline.lower_bound(asked);
    if let Some(pinned) = &shape.pinned {
        let pool = pass.c.nodes.get(&pinned.node)?.pool;
        let allowed = pass.is_allowed(asked, pool);
        return allowed.then(|| gang::later_where_it_was(pass, asked, pinned, from)).flatten();
    }
    let mut best: Option<Found> = None;
    // Best first: of rooms that are free at one moment the first is taken, as [`now`] will take it.
    for (_, room, _) in rooms(pass, asked) {
        let most = best.as_ref().map(|found| found.at);
        let found = if shape.nodes > 1 {
            gang::later(pass, asked, room, (from, most))
        } else {
            later_in(pass, asked, room, (from, most))
        };
        if let Some(found) = found
            && best.as_ref().is_none_or(|before| found.at < before.at)
        {
            best = Some(found);
        }
    }
    best
}

fn later_in(
    pass: &mut Pass,
    asked: &Asked,
    room: &Room,
    (from, most): (Time, Option<Time>),
) -> Option<Found> {
    let by_end = room.by_end.get(asked.shape.whole_gpus())?;
    let (mut here, mut equals): (Option<(u32, Found)>, usize) = (None, 0);
    for (bound, node) in by_end {
        let until = here.as_ref().map(|(_, found)| found.at).or(most);
        let bound = (*bound).max(from);
        equals += usize::from(until == Some(bound));
        if bound == Time::FAR || until.is_some_and(|at| bound > at) || equals > EQUALS {
            break;
        }
        let Some((at, gpus)) = pass.timeline.earliest_on(*node, asked, from, until) else {
            continue;
        };
        let free = pass.timeline.free_at(*node, at);
        let better = here
            .as_ref()
            .is_none_or(|(f, found)| (at, free, *node) < (found.at, *f, found.placement.node));
        if better {
            here = Some((free, Found { at, placement: Part { node: *node, gpus }.into() }));
        }
    }
    here.map(|(_, found)| found)
}
