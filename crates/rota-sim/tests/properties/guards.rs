//! What is never done: protected jobs stopped for others, limits passed, spent money spent.

use crate::look::{class, facts, job, played, seeds, spent};
use rota_core::cluster::Cluster;
use rota_core::decision::Reason;
use rota_core::event::Event;
use rota_core::job::{Job, TurnMode};
use rota_core::policy::who::Scope;
use rota_core::policy::{Limit, WhenSpent};
use rota_core::units::{Span, Time};
use rota_sim::workload::{May, Mix};

#[test]
fn who_is_protected_or_uses_its_gpus_and_never_gives_way_is_not_stopped_for_others() {
    for seed in seeds(300) {
        let (_, world) = played(seed, &Mix::ALL);
        facts(&world, |c, now, fact| {
            let Event::StopDecided { job: id, reason, .. } = fact else { return };
            let stopped = job(c, *id);
            let protected = class(c, stopped).protected;
            let uses = !matches!(reason, Reason::Idle { .. });
            let stays = protected || (uses && stopped.spec.turns == TurnMode::Never);
            let others = reason.for_job().is_some();
            assert!(!(stays && others), "seed {seed}: {id} at {}: {reason:?}", now.0);
        });
    }
}

/// The limits of the policy, those of its classes included.
fn limits(c: &Cluster) -> Vec<Limit> {
    let of_class = c.policy.classes.iter().map(|class| Limit {
        who: Scope::EachPerson,
        pool: None,
        class: Some(class.name.clone()),
        gpus: class.gpus_per_person,
        jobs: class.jobs_per_person,
        gpus_per_job: None,
        max_time: None,
        booked_gpu_days: None,
    });
    c.policy.limits.iter().cloned().chain(of_class).collect()
}

/// Whether a limit is about what a job holds.
fn concerns(c: &Cluster, limit: &Limit, job: &Job) -> bool {
    let pool = job.holds().and_then(|p| c.nodes.get(&p.node)).map(|n| n.pool);
    limit.pool.as_deref().is_none_or(|name| c.policy.pool_named(name) == pool)
        && limit.class.as_ref().is_none_or(|name| class(c, job).name == *name)
}

/// Thousandths of GPUs that a job holds: of a shared one, what its memory is of that of the GPU.
fn thousandths(c: &Cluster, job: &Job) -> u64 {
    let whole = u64::from(job.spec.all_gpus()) * 1000;
    let Some(part) = job.spec.gpu_mem else { return whole };
    let node = job.holds().and_then(|place| c.nodes.get(&place.node));
    let of = node.expect("it holds a GPU").node.gpu_mem;
    (whole * part.0).div_ceil(of.0)
}

/// Which limit is passed by what is held, now that a job was started.
fn passed(c: &Cluster, now: Time, started: &Job) -> Option<Limit> {
    let account = c.accounts.account(started.owner);
    limits(c).into_iter().filter(|limit| concerns(c, limit, started)).find(|limit| {
        let Some(who) = limit.who.one_of(account) else { return false };
        let (mut gpus, mut jobs, mut booked) = (0, 0, 0u64);
        let own = thousandths(c, started);
        let theirs = |j: &&std::sync::Arc<Job>| who.includes(c.accounts.account(j.owner));
        let held = c.jobs.values().filter(|j| j.holds().is_some());
        for held in held.filter(theirs).filter(|j| concerns(c, limit, j)) {
            let theirs = thousandths(c, held);
            gpus += theirs;
            jobs += 1;
            let left = held.limit_ends().unwrap_or(Time::FAR).since(now);
            booked += theirs * left.0.min(Span::hours(8760).0);
        }
        limit.gpus.is_some_and(|most| own > 0 && gpus > u64::from(most) * 1000)
            || limit.jobs.is_some_and(|most| jobs > most)
            || limit.gpus_per_job.is_some_and(|most| own > u64::from(most) * 1000)
            || limit.max_time.is_some_and(|most| started.limit_left().is_none_or(|l| l > most))
            || limit
                .booked_gpu_days
                .is_some_and(|most| own > 0 && booked > u64::from(most) * 86_400_000)
    })
}

#[test]
fn no_start_passes_a_limit() {
    let mix = Mix { dates: May::No, ..Mix::ALL };
    for seed in seeds(400) {
        let (_, world) = played(seed, &mix);
        let mut started = None;
        facts(&world, |c, now, fact| {
            if let Some(id) = started.take() {
                let limit = passed(c, now, job(c, id));
                assert!(limit.is_none(), "seed {seed}: {id} at {} passes {limit:?}", now.0);
            }
            if let Event::StartDecided { job, .. } = fact {
                started = Some(*job);
            }
        });
    }
}

#[test]
fn nothing_starts_on_a_purse_that_is_spent_and_stops() {
    for seed in seeds(400) {
        let (_, world) = played(seed, &Mix::ALL);
        facts(&world, |c, now, fact| {
            let id = match fact {
                // Where others are asked to make room, the start is decided then.
                Event::StartDecided { reason: Reason::RoomMade, .. } => return,
                Event::StartDecided { job, .. } | Event::RoomKept { job, .. } => job,
                _ => return,
            };
            let account = c.accounts.account(job(c, *id).owner);
            for budget in &c.policy.budgets {
                let Some(who) = budget.who.one_of(account) else { continue };
                let spent = spent(c, budget, who.clone(), now);
                let part = match (budget.when_spent, budget.stop_at) {
                    (WhenSpent::Show, _) => continue,
                    (WhenSpent::Stop, stop) => stop.unwrap_or(1000).min(1000),
                    (WhenSpent::Spare, Some(stop)) => stop,
                    (WhenSpent::Spare, None) => continue,
                };
                let most = u128::from(budget.gpu_hours) * u128::from(part) * 3600;
                let in_time = budget.per.around(&c.policy.zone, now).is_some();
                assert!(
                    in_time && spent < most,
                    "seed {seed}: {id} starts at {}, but {who} has spent {spent} of {most}",
                    now.0
                );
            }
        });
    }
}
