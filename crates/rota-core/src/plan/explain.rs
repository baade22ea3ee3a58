//! Why a job waits: every blocker that holds now, first the ones that a person can do something about.

use super::limit::Limits;
use super::order::{Asked, Last, Level};
use super::place::accepts;
use super::{budget, claim};
use crate::cluster::Cluster;
use crate::decision::{Blocker, Plan};
use crate::id::{JobId, LoginId, NodeId};
use crate::job::{Job, JobState};
use crate::node::NodeState;
use crate::policy::PoolId;
use crate::queue::Shape;
use crate::units::{Mib, Time};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The blockers of a job; none if it does not wait.
pub fn explain(c: &Cluster, plan: &Plan, id: JobId, now: Time) -> Vec<Blocker> {
    let Some(job) = c.job(id) else { return Vec::new() };
    if !matches!(job.state, JobState::Waiting { .. } | JobState::Suspended { .. }) {
        return Vec::new();
    }
    let mut why = Vec::new();
    if job.held {
        why.push(Blocker::Held);
    }
    if job.idling.away {
        // Room is of no use to nobody.
        why.push(Blocker::Away);
        return why;
    }
    why.extend(job.pending.iter().map(|d| Blocker::Dependency { on: d.number }));
    if let Some(at) = job.not_before {
        // What is free or taken now says nothing of then.
        why.push(Blocker::NotBefore { at });
        return why;
    }
    let active = c.batches.get(&id.number).map_or(0, |b| b.active);
    if let Some(at_most) = job.spec.at_most.filter(|most| job.pinned().is_none() && active >= *most)
    {
        why.push(Blocker::ArrayLimit { at_most });
    }
    why.extend(spent(c, job, now));
    let shape = Arc::new(Shape::of(job));
    let rank = c.policy.class(shape.class.as_deref()).rank;
    let level = Level::Order(PoolId(0), Last::Yes);
    let asked = Asked { person: job.owner, shape: &shape, rank, level };
    let limited = limited(c, &asked, now);
    // Where a limit refuses every pool, room would not help.
    if limited.is_empty() {
        let room = room(c, plan, job, &asked, now);
        let is_short = job.pinned().is_some()
            || matches!(room, Some(Blocker::Gpus { .. } | Blocker::GpuMemory { .. }));
        why.extend(room);
        if is_short {
            why.extend(closed(c, job, &shape));
            why.extend(idle(c, &shape, now));
        }
    }
    why.extend(limited);
    why
}

fn spent(c: &Cluster, job: &Job, now: Time) -> Option<Blocker> {
    let (budget, who) = budget::spent(c, job.owner, now)?;
    let until = budget.per.around(&c.policy.zone, now).map(|(_, until)| until);
    let again = until.filter(|_| !matches!(budget.per, crate::calendar::Period::Between(..)));
    Some(Blocker::Spent { who: who.to_string(), until: again })
}

/// The limits that keep it out of every pool it accepts; none, if one would take it.
fn limited(c: &Cluster, asked: &Asked, now: Time) -> Vec<Blocker> {
    let mut limits = Limits::new(c);
    let rooms = c.rooms.keys().filter(|key| accepts(c, asked.shape, key));
    let pools: BTreeSet<PoolId> = rooms.map(|(pool, _)| *pool).collect();
    let mut refused: Vec<Blocker> = Vec::new();
    for pool in pools {
        let Some(refusal) = limits.refuses(c, now, asked, pool) else { return Vec::new() };
        if !refused.contains(&refusal.blocker) {
            refused.push(refusal.blocker);
        }
    }
    refused
}

/// GPUs that could take it and take no job: the drained ones, and those with outsiders on them.
fn closed(c: &Cluster, job: &Job, shape: &Shape) -> Vec<Blocker> {
    let could = |node: &&NodeState| {
        node.node.gpus >= shape.gpus && accepts(c, shape, &(node.pool, node.node.model.clone()))
    };
    let nodes = || c.nodes.values().map(AsRef::as_ref).filter(could).filter(|node| node.up);
    let is_wanted = |node: &NodeState, gpu: u32| match job.pinned() {
        Some(place) => place.on(node.node.id).is_some_and(|gpus| gpus.has(gpu)),
        None => true,
    };
    let drained: Vec<_> = nodes()
        .flat_map(|node| node.drained.iter().map(move |(gpu, drain)| (node, *gpu, drain)))
        .filter(|(node, gpu, _)| is_wanted(node, *gpu))
        .collect();
    let occupied: Vec<_> = nodes()
        .flat_map(|node| node.outsiders.iter().map(move |(gpu, all)| (node, *gpu, all)))
        .filter(|(node, gpu, _)| is_wanted(node, *gpu) && !node.drained.contains_key(gpu))
        .collect();
    let count = |all: usize| u32::try_from(all).unwrap_or(u32::MAX);
    let bad = drained.first().map(|(node, gpu, drain)| Blocker::Drained {
        gpus: count(drained.len()),
        node: node.node.name.clone(),
        gpu: *gpu,
        fault: drain.why.clone(),
    });
    let taken = occupied.first().and_then(|(node, gpu, all)| {
        let outsider = all.first()?;
        Some(Blocker::Outsiders {
            gpus: count(occupied.len()),
            node: node.node.name.clone(),
            gpu: *gpu,
            user: outsider.user.clone(),
            command: outsider.command.clone(),
        })
    });
    [bad, taken].into_iter().flatten().collect()
}

/// GPUs that could take it and are not used by those who hold them.
fn idle(c: &Cluster, shape: &Shape, now: Time) -> Option<Blocker> {
    let could = |node: NodeId| {
        c.nodes.get(&node).is_some_and(|n| accepts(c, shape, &(n.pool, n.node.model.clone())))
    };
    let there = |job: &&Job| match (&shape.pinned, job.holds()) {
        (Some(pinned), Some(place)) => pinned.meets(place),
        (None, Some(place)) => place.parts().any(|part| could(part.node)),
        _ => false,
    };
    let idle: Vec<&Job> = c.idle.iter().filter_map(|id| c.job(*id)).filter(there).collect();
    let until = |job: &Job| super::idle::until(c, now, job);
    let first = idle.iter().min_by_key(|job| (until(job).unwrap_or(Time::FAR), job.id))?;
    Some(Blocker::Idle {
        gpus: idle.iter().filter_map(|job| Some(job.idling.unused?.gpus)).sum(),
        job: first.id,
        person: c.accounts.person(first.owner).name.clone(),
        until: until(first),
        pinned: first.pin.as_ref().map_or(String::new(), |pin| pin.why.clone()),
    })
}

fn room(c: &Cluster, plan: &Plan, job: &Job, asked: &Asked, now: Time) -> Option<Blocker> {
    if let Some(place) = job.pinned() {
        let parts = place.parts().filter_map(|part| Some((c.nodes.get(&part.node)?, part)));
        let parts: Vec<_> = parts.collect();
        if parts.iter().any(|(node, _)| !node.up) {
            return Some(Blocker::NodesDown);
        }
        let held = |node: &NodeState| node.busy.and(node.kept);
        let mut taken = parts.iter().filter(|(node, p)| {
            let open = node.open_for(asked.shape, c.accounts.login(asked.person));
            !p.gpus.common(held(node)).without(open).is_empty()
        });
        return taken.next().map(|(_, part)| Blocker::OwnGpusInUse { node: part.node });
    }
    let shape = asked.shape;
    let fits = |n: &&NodeState| {
        accepts(c, shape, &(n.pool, n.node.model.clone())) && n.node.gpus >= shape.gpus
    };
    let could: Vec<&NodeState> = c.nodes.values().map(AsRef::as_ref).filter(fits).collect();
    if let Some(turn) = crate::allow::kept_out(c, shape) {
        return Some(Blocker::MakesNoRoom { pool: turn.pool.clone(), slice: turn.slice });
    }
    if !could.iter().any(|n| n.up) {
        return Some(Blocker::NodesDown);
    }
    let up = || could.iter().filter(|n| n.up);
    let login = c.accounts.login(asked.person);
    let open = |n: &NodeState| n.open_for(shape, login);
    let free = up().map(|n| open(n).count()).max().unwrap_or(0);
    if let Some(part) = shape.gpu_mem.filter(|_| free == 0) {
        let free = most_free(up(), login);
        let mut shared = up().flat_map(|n| n.sharer.values());
        let apart = shared.any(|whose| *whose != Some(login));
        return Some(Blocker::GpuMemory { asked: part, free, apart });
    }
    if free < shape.gpus {
        return Some(Blocker::Gpus { asked: shape.gpus, free });
    }
    let with_gpus = || up().filter(|n| open(n).count() >= shape.gpus);
    let stretch = (now, now.after(shape.length()));
    let may_use = |n: &&&NodeState| {
        claim::usable(c, now, asked, n, stretch).common(open(n)).count() >= shape.gpus
    };
    if !with_gpus().any(|n| may_use(&n)) {
        let keeper = with_gpus().find_map(|n| claim::keeper(c, now, asked, n, stretch));
        return keeper.map(|(by, until)| Blocker::Claimed { by, until });
    }
    if !with_gpus().any(|n| crate::plan::place::host_fits(n, shape)) {
        let spare =
            |n: &NodeState| (n.node.cpus.saturating_sub(n.cpus_used), n.node.mem.less(n.mem_used));
        let most = with_gpus().max_by_key(|n| (spare(n), Reverse(n.node.id)))?;
        let ((cpus, mem), node) = (spare(most), most.node.id);
        return Some(Blocker::HostResources { node, cpus, mem });
    }
    let ahead = plan.starts.iter().filter(|(id, p)| **id != job.id && p.at < Time::FAR);
    let first = ahead.min_by_key(|(_, p)| p.place)?;
    Some(Blocker::Reserved { for_job: *first.0 })
}

/// The most memory that is free for a person on a GPU of some nodes.
fn most_free<'c>(nodes: impl Iterator<Item = &'c &'c NodeState>, login: LoginId) -> Mib {
    let of_node = |node: &&NodeState| {
        let is_own = |gpu: &u32| node.sharer.get(gpu).is_none_or(|whose| *whose == Some(login));
        let shared = node.shared.iter().filter(|(gpu, _)| !node.kept.has(**gpu) && is_own(gpu));
        let left = shared.map(|(_, held)| node.node.gpu_mem.less(*held)).max();
        if node.free().is_empty() { left.unwrap_or(Mib(0)) } else { node.node.gpu_mem }
    };
    nodes.copied().map(|node| of_node(&node)).max().unwrap_or(Mib(0))
}
