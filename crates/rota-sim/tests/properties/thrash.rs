//! Guards against thrash: what is taken is used, for at least a turn, and switching costs little.

use crate::look::{class, facts, has_means, job, moments, played, seeds};
use rota_core::cluster::Cluster;
use rota_core::decision::Reason;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::{Job, JobState, Placement};
use rota_core::policy::Claim;
use rota_core::units::{Span, Time};
use rota_sim::workload::Mix;
use std::mem::Discriminant;

#[test]
fn nothing_stops_for_others_before_its_turn_is_over_but_for_a_holder_as_spare_or_idle() {
    for seed in seeds(300) {
        let (_, world) = played(seed, &Mix::ALL);
        facts(&world, |c, now, fact| {
            let Event::StopDecided { job: id, reason, .. } = fact else { return };
            let stopped = job(c, *id);
            let pool = stopped.holds().and_then(|p| c.nodes.get(&p.node)).map(|n| n.pool);
            let (Some(pool), Some(since)) = (pool, stopped.turn_began()) else { return };
            let what = format!("seed {seed}: {id} at {}: {reason:?}", now.0);
            match reason {
                Reason::TurnOver { .. } => {
                    let turn = c.policy.turn_in(pool).max(Span(stopped.switch_cost.0 * 20));
                    assert!(now.since(since) >= turn, "{what}");
                }
                Reason::Reclaimed { for_job } => {
                    let holder = c.accounts.account(job(c, *for_job).owner);
                    let theirs = c.accounts.account(stopped.owner);
                    let holds = c.policy.claims.iter().any(|claim| {
                        claim
                            .holder(&c.policy.zone, now)
                            .is_some_and(|(who, ..)| who.includes(holder) && !who.includes(theirs))
                    });
                    assert!(holds, "{what}");
                }
                Reason::GaveWay { .. } => {
                    let spare = class(c, stopped).rank == 0;
                    assert!(spare || !has_means(c, stopped.owner, now), "{what}");
                }
                Reason::Idle { .. } => {
                    let unused = stopped.idling.unused.expect("it does not use its GPUs");
                    let least = c.patience(stopped).expect("there is a patience").stop;
                    assert!(now.since(unused.since) >= least, "{what}");
                    assert_eq!(unused.gpus, stopped.spec.all_gpus(), "{what}");
                    assert!(stopped.idling.told && stopped.pin.is_none(), "{what}");
                    assert!(!class(c, stopped).protected, "{what}");
                }
                _ => assert!(reason.for_job().is_none(), "{what}"),
            }
        });
    }
}

/// On a GPU that is shared, what was freed is the memory that was asked for: beside it others may go.
#[test]
fn what_is_freed_for_a_job_goes_to_that_job_before_any_other() {
    for seed in seeds(300) {
        let (_, world) = played(seed, &Mix::ALL);
        facts(&world, |c, now, fact| {
            let Event::StartDecided { job: id, placement, .. } = fact else { return };
            let starts = job(c, *id);
            for (other, kept) in c.kept.iter().filter(|(other, _)| *other != id) {
                let waits = job(c, *other);
                for (node, gpu) in common(kept, placement) {
                    let beside = is_room_beside(c, (node, gpu), (starts, waits));
                    assert!(beside, "seed {seed}: {id} gets at {} what is {other}'s", now.0);
                }
            }
        });
    }
}

/// GPUs of both.
fn common(a: &Placement, b: &Placement) -> Vec<(NodeId, u32)> {
    let of_both =
        a.parts().filter_map(|part| Some((part.node, b.on(part.node)?.common(part.gpus))));
    of_both.flat_map(|(node, gpus)| gpus.iter().map(move |gpu| (node, gpu))).collect()
}

/// Whether a GPU has room for a job that starts, beside all for whom room is made there, one of whom is looked at: all
/// asked for parts, and may be together.
fn is_room_beside(c: &Cluster, (node, gpu): (NodeId, u32), (starts, waits): (&Job, &Job)) -> bool {
    let state = &c.nodes[&node];
    let stays = |job: &&Job| {
        let is_here = job.holds().and_then(|place| place.on(node)).is_some_and(|g| g.has(gpu));
        is_here && !matches!(job.state, JobState::Stopping { .. })
    };
    let is_for = |place: &Placement| place.on(node).is_some_and(|gpus| gpus.has(gpu));
    let kept = c.kept.iter().filter(|(id, place)| **id != starts.id && is_for(place));
    let all =
        c.jobs.values().map(AsRef::as_ref).filter(stays).chain(kept.map(|(id, _)| job(c, *id)));
    let parts: Option<u64> = all.chain([starts]).map(|job| job.spec.gpu_mem.map(|mem| mem.0)).sum();
    let whose = |job: &Job| c.accounts.login(job.owner);
    let may = !c.keeps_people_apart(state.pool) || whose(starts) == whose(waits);
    may && state.node.slice.is_none() && parts.is_some_and(|sum| sum <= state.node.gpu_mem.0)
}

/// A stops B, B stops A, and A stops B again on the same grounds: not within two turns, unless rights changed in between.
/// Where A gave way because its purse was spent since, which happens once to each purse: not within the turn that B has.
/// Where B had it back because a claim of its people began since, which happens once in each window: when they say so.
#[test]
fn no_two_jobs_stop_each_other_twice_within_two_turns() {
    for seed in seeds(300) {
        let (_, world) = played(seed, &Mix::ALL);
        let mut stops: Vec<Taken> = Vec::new();
        facts(&world, |c, now, fact| {
            let Event::StopDecided { job: id, reason, .. } = fact else { return };
            let Some(by) = reason.for_job() else { return };
            // Who uses nothing holds on to no turn: each such stop has an hour of its own behind it.
            if matches!(reason, Reason::Idle { .. }) {
                return;
            }
            let turns = c.policy.turns.iter().map(|t| t.slice).chain([c.policy.turn]);
            let turn = turns.min().unwrap_or_default();
            let again = Taken::new(c, now, (by, *id), reason);
            let before = stops.iter().rev();
            let back = before.clone().find(|s| (s.by, s.from) == (*id, by));
            let mut first = before.filter(|s| back.is_some_and(|back| s.at <= back.at));
            let first = first.find(|s| (s.by, s.from, s.why) == (by, *id, again.why));
            if let (Some(first), Some(back)) = (first, back) {
                let between = now.since(first.at);
                let least = if back.is_after_a_claim_began(first) {
                    Span::ZERO
                } else if back.is_after_a_purse_was_spent(first) {
                    turn
                } else {
                    Span(turn.0 * 2)
                };
                let what = format!("seed {seed}: {by} stops {id} again at {}", now.0);
                assert!(between >= least, "{what} after {between}");
            }
            stops.push(again);
        });
    }
}

/// A stop for another job.
struct Taken {
    at: Time,
    by: JobId,
    from: JobId,
    why: Why,
    /// The rights of whoever takes, and of who stops.
    rights: [Rights; 2],
}

/// On which grounds.
type Why = Discriminant<Reason>;

/// What gives somebody more than a turn, or less.
struct Rights {
    /// Something is left in the purses.
    has_means: bool,
    /// Claims that are theirs now, by their place in the policy.
    claims: Vec<usize>,
}

impl Rights {
    fn of(c: &Cluster, id: JobId, now: Time) -> Rights {
        let owner = job(c, id).owner;
        let account = c.accounts.account(owner);
        let is_theirs = |claim: &Claim| {
            let holder = claim.holder(&c.policy.zone, now);
            holder.is_some_and(|(who, ..)| who.includes(account))
        };
        let claims = c.policy.claims.iter().enumerate().filter(|(_, claim)| is_theirs(claim));
        let claims = claims.map(|(at, _)| at).collect();
        Rights { has_means: has_means(c, owner, now), claims }
    }
}

impl Taken {
    fn new(c: &Cluster, at: Time, (by, from): (JobId, JobId), reason: &Reason) -> Taken {
        let rights = [by, from].map(|id| Rights::of(c, id, at));
        Taken { at, by, from, why: std::mem::discriminant(reason), rights }
    }

    /// Whether who stops gave way, and had not yet to when it took the same itself.
    fn is_after_a_purse_was_spent(&self, first: &Taken) -> bool {
        let gave_way = Reason::GaveWay { for_job: self.by };
        let ([taker, _], [_, stops]) = (&first.rights, &self.rights);
        self.why == std::mem::discriminant(&gave_way) && taker.has_means && !stops.has_means
    }

    /// Whether who takes it back does so by a claim that it had not yet when the same was taken from it.
    fn is_after_a_claim_began(&self, first: &Taken) -> bool {
        let reclaimed = Reason::Reclaimed { for_job: self.by };
        let ([taker, _], [_, stopped]) = (&self.rights, &first.rights);
        let has_begun = taker.claims.iter().any(|claim| !stopped.claims.contains(claim));
        self.why == std::mem::discriminant(&reclaimed) && has_begun
    }
}

/// A turn is at least twenty times as long as a switch was seen to take, so that both ends of it cost a tenth at most,
/// besides what a first switch costs, which nobody knows before.
#[test]
fn switching_costs_a_tenth_of_what_is_held_at_most() {
    for seed in seeds(150) {
        let (_, world) = played(seed, &Mix::PLAIN);
        let (mut held, mut lost, mut firsts, mut last) = (0u64, 0u64, 0u64, Time(0));
        let mut working: Vec<(JobId, u64, bool)> = Vec::new();
        let mut worst: std::collections::BTreeMap<JobId, u64> = Default::default();
        moments(&world, |c, now, _| {
            let span = now.since(last).0;
            for (id, gpus, works) in &working {
                held += span * gpus;
                if !works {
                    lost += span * gpus;
                    let seen = worst.entry(*id).or_default();
                    firsts += span * gpus * u64::from(*seen < 4);
                    *seen += 1;
                }
            }
            last = now;
            working.clear();
            for job in c.jobs.values().filter(|job| job.holds().is_some()) {
                let works = matches!(job.state, JobState::Running { .. });
                working.push((job.id, u64::from(job.spec.all_gpus()), works));
            }
        });
        assert!(
            lost <= held / 10 + firsts,
            "seed {seed}: {} of {} GPU hours are spent on switches, {} on first ones",
            lost / 3_600_000,
            held / 3_600_000,
            firsts / 3_600_000
        );
    }
}
