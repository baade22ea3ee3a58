//! Work conserving: no GPU is idle that an eligible waiting job fits on and may use, unless it would delay a planned start.

use crate::look::{class, has_means, moments, played, seeds};
use rota_core::cluster::Cluster;
use rota_core::decision::Plan;
use rota_core::id::GpuSet;
use rota_core::job::{Job, TurnMode};
use rota_core::node::NodeState;
use rota_core::plan::plan;
use rota_core::policy::Claim;
use rota_core::policy::who::Who;
use rota_core::units::{Mib, Span, Time};
use rota_sim::workload::Mix;

/// How long a job may hold what it gets.
fn until(job: &Job, now: Time) -> Time {
    now.after(job.limit_left().unwrap_or(Span::hours(8760)).max(Span::seconds(1)))
}

/// Whether a claim lets a job in until a moment, whoever holds it then.
fn lets_in(c: &Cluster, claim: &Claim, job: &Job, (now, to): (Time, Time)) -> bool {
    let (zone, account) = (&c.policy.zone, c.accounts.account(job.owner));
    let mode = if class(c, job).protected { TurnMode::Never } else { job.turn_mode() };
    let lends = claim.lends_to(c.policy.has_claim(account), mode, job.limit_left());
    let mut at = now;
    for _ in 0..200 {
        let holder = claim.holder(zone, at).map(|(who, ..)| who.clone());
        if holder.is_some_and(|who: Who| !who.includes(account)) && !lends {
            return false;
        }
        match claim.next_change(zone, at) {
            Some(next) if next < to => at = next,
            _ => return true,
        }
    }
    true
}

/// GPUs that only parts are on, with room for one more.
fn shared_with_room(c: &Cluster, node: &NodeState, (job, part): (&Job, Mib)) -> GpuSet {
    let holders = || node.holders.iter().filter_map(|id| c.job(*id));
    let is_apart = c.policy.pool(node.pool).is_some_and(|pool| pool.mps);
    let login = |job: &Job| c.accounts.login(job.owner);
    // Through MPS nobody is beside another's part.
    let others = |gpu: u32| {
        holders()
            .any(|other| is_apart && login(other) != login(job) && other.is_on(node.node.id, gpu))
    };
    let here: Vec<(GpuSet, Option<Mib>)> =
        holders().filter_map(|j| Some((j.holds()?.on(node.node.id)?, j.spec.gpu_mem))).collect();
    let has_room = |gpu: &u32| {
        let on = || here.iter().filter(|(gpus, _)| gpus.has(*gpu));
        let parts: Option<u64> = on().map(|(_, mem)| mem.map(|mem| mem.0)).sum();
        let is_shared = node.node.slice.is_none() && on().count() > 0;
        is_shared && !others(*gpu) && parts.is_some_and(|sum| sum + part.0 <= node.node.gpu_mem.0)
    };
    (0..node.node.gpus).filter(has_room).collect()
}

/// GPUs of a node on which a job would delay nothing that runs or is planned, if the node has room for it at all times.
fn open_to(
    c: &Cluster,
    job: &Job,
    node: &NodeState,
    planned: &[(Time, &Job, GpuSet)],
    now: Time,
) -> GpuSet {
    let to = until(job, now);
    let mut open = node.free();
    if let Some(part) = job.spec.gpu_mem {
        open = open.and(shared_with_room(c, node, (job, part))).without(node.kept);
    }
    for (id, gpus) in &node.pins {
        let claim = c.claim(*id).expect("pins are of claims");
        if !lets_in(c, claim, job, (now, to)) {
            open = open.without(*gpus);
        }
    }
    let frozen = job.pinned().is_some();
    let (mut cpus, mut mem) = (node.cpus_used + job.spec.cpus, node.mem_used);
    mem = if frozen { mem } else { mem.plus(job.spec.mem) };
    for (at, other, gpus) in planned {
        if *at < to {
            open = open.without(*gpus);
        }
        (cpus, mem) = (cpus + other.spec.cpus, mem.plus(other.spec.mem));
    }
    let fits = cpus <= node.node.cpus && mem <= node.node.mem;
    if fits { open } else { GpuSet::default() }
}

/// Whether the node is of a kind that a job accepts.
fn accepts(c: &Cluster, job: &Job, node: &NodeState) -> bool {
    let (models, model) = (&job.spec.models, node.node.model.as_ref());
    let is_slice = node.node.slice.is_some();
    let whole_only = !is_slice && c.policy.pool(node.pool).is_some_and(|pool| pool.whole_only);
    // One slice, to whoever asks for memory, of a model or of any, or names it.
    let slice = node.node.slice.as_ref().filter(|_| job.spec.gpu_mem.is_some());
    let is_slice_of_them = slice.is_some_and(|slice| models.contains(&slice.of));
    let named = job.spec.gpu_mem.is_some() || !models.is_empty();
    node.up
        && (!is_slice || job.spec.gpus == 1 && named)
        && job.spec.gpu_mem.is_none_or(|part| !whole_only && part <= node.node.gpu_mem)
        && (models.is_empty() || model.is_some_and(|m| models.contains(m)) || is_slice_of_them)
        && job.spec.pool.as_deref().is_none_or(|p| p == c.policy.pool_name(node.pool))
        && (job.pinned().is_some() || is_short_enough(c, job, node))
}

/// Where waits are bounded, who makes no room stays no longer than a turn.
fn is_short_enough(c: &Cluster, job: &Job, node: &NodeState) -> bool {
    let promise = c.policy.turn_rule(node.pool).filter(|turn| turn.max_wait.is_some());
    promise.is_none_or(|turn| {
        let counted = class(c, job).max_time.filter(|_| class(c, job).protected);
        let most = turn.slice.max(counted.unwrap_or(Span::ZERO));
        let is_apart = c.policy.pool(node.pool).is_some_and(|pool| pool.mps);
        let never_suspends = node.node.slice.is_some() || is_apart && job.spec.gpu_mem.is_some();
        let stays = never_suspends && c.mode(job) == TurnMode::Suspend;
        let makes_room = c.mode(job) != TurnMode::Never && !stays;
        makes_room || job.spec.limit.is_some_and(|limit| limit <= most)
    })
}

/// A node that is idle and could run a waiting job that delays nobody.
fn idle_for(c: &Cluster, said: &Plan, job: &Job, now: Time) -> Option<String> {
    for node in c.nodes.values().filter(|node| accepts(c, job, node)) {
        let planned = said.starts.iter().filter(|(id, _)| **id != job.id);
        let planned: Vec<(Time, &Job, GpuSet)> = planned
            .filter_map(|(id, start)| {
                Some((start.at, c.job(*id)?, start.placement.on(node.node.id)?))
            })
            .collect();
        let open = open_to(c, job, node, &planned, now);
        let enough = match job.pinned() {
            None => open.count() >= job.spec.gpus,
            Some(place) => place.on(node.node.id).is_some_and(|gpus| gpus.without(open).is_empty()),
        };
        if enough {
            return Some(node.node.name.clone());
        }
    }
    None
}

#[test]
fn no_gpu_is_idle_that_a_waiting_job_could_use_without_delaying_anyone() {
    use rota_sim::workload::May;
    let mix = Mix { limits: May::No, ..Mix::ALL };
    for seed in seeds(300) {
        let (_, world) = played(seed, &mix);
        moments(&world, |c, now, _| {
            let plain = |job: &&std::sync::Arc<Job>| {
                job.is_ready()
                    && (job.spec.at_most.is_none() || job.pinned().is_some())
                    && job.spec.nodes == 1
                    && job.spec.gpus > 0
                    && !c.kept.contains_key(&job.id)
                    && !c.broken.contains_key(&job.id)
                    && has_means(c, job.owner, now)
                    && class(c, job).jobs_per_person.is_none()
                    && class(c, job).gpus_per_person.is_none()
            };
            let said = plan(c, now);
            for job in c.jobs.values().filter(plain) {
                let node = idle_for(c, &said, job, now);
                assert!(
                    node.is_none(),
                    "seed {seed}: {} could run on {node:?} at {}",
                    job.id,
                    now.0
                );
            }
        });
    }
}
