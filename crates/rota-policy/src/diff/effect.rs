//! What lines mean for labs and for running jobs, in numbers.

use super::{Entitled, LineChange, Wait};
use rota_core::cluster::{ClaimId, Cluster};
use rota_core::id::NodeId;
use rota_core::job::Job;
use rota_core::plan::fairshare::Weights;
use rota_core::plan::promise::bounds;
use rota_core::policy::verify::Word;
use rota_core::policy::who::Who;
use rota_core::policy::{Claim, Limit, Policy, PoolId};
use rota_core::units::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// Where what a lab is entitled to changes, on the nodes of each pool that there will be.
pub(super) fn entitled(before: &Cluster, after: &Cluster, now: Time) -> Vec<Entitled> {
    let known = before.accounts.labs.iter().map(|lab| lab.name.clone());
    let named = [&before.policy, &after.policy].into_iter().flat_map(named_labs);
    let labs: BTreeSet<String> = known.chain(named).collect();
    let pools = u16::try_from(after.policy.pools.len()).unwrap_or(u16::MAX);
    let mut all = Vec::new();
    for pool in (0..=pools).map(PoolId) {
        let name = after.policy.pool_name(pool).to_owned();
        let nodes = after.nodes.iter().filter(|(_, node)| node.pool == pool);
        let nodes: BTreeSet<NodeId> = nodes.map(|(id, _)| *id).collect();
        let parts =
            parts(before, &nodes, &labs, now).into_iter().zip(parts(after, &nodes, &labs, now));
        let changed = labs.iter().zip(parts).filter(|(_, (before, after))| before != after);
        all.extend(changed.map(|(lab, (before, after))| Entitled {
            pool: name.clone(),
            lab: lab.clone(),
            before,
            after,
        }));
    }
    all
}

fn named_labs(policy: &Policy) -> Vec<String> {
    let shares = policy.shares.iter().map(|s| &s.who);
    let claims = policy.claims.iter().flat_map(|c| &c.who);
    shares.chain(claims).filter_map(lab_of).map(str::to_owned).collect()
}

fn lab_of(who: &Who) -> Option<&str> {
    match who {
        Who::Lab(lab) | Who::Grant(lab, _) => Some(lab),
        _ => None,
    }
}

/// The part of each lab in the price of some nodes, in thousandths.
fn parts(c: &Cluster, nodes: &BTreeSet<NodeId>, labs: &BTreeSet<String>, now: Time) -> Vec<u32> {
    let weights = Weights::at(c, now);
    let weight = |lab: &String| weights.of(|| Who::Lab(lab.clone()));
    let sum: u128 = labs.iter().map(weight).sum();
    let (whole, claimed) = claimed(c, nodes, now);
    let free = whole.saturating_sub(claimed.values().sum());
    let part = |lab: &String| {
        let own = claimed.get(lab).copied().unwrap_or(0);
        let part = (own + free * weight(lab) / sum.max(1)) * 1000;
        u32::try_from((part + whole / 2).checked_div(whole).unwrap_or(0)).unwrap_or(1000)
    };
    labs.iter().map(part).collect()
}

/// Price of all GPUs of some nodes in thousandths, and of those that labs claim now at all hours; a rotation counts in
/// equal parts.
fn claimed(c: &Cluster, nodes: &BTreeSet<NodeId>, now: Time) -> (u128, BTreeMap<String, u128>) {
    let (mut whole, mut claimed) = (0u128, BTreeMap::new());
    for node in nodes.iter().filter_map(|id| c.nodes.get(id)) {
        whole += u128::from(node.node.gpus) * u128::from(node.price) * 1000;
        for (id, gpus) in &node.pins {
            let ClaimId::Policy(_) = id else { continue };
            let holds = |claim: &&Claim| {
                claim.when.weekly.is_none() && claim.when.now(&c.policy.zone, now).is_some()
            };
            let Some(claim) = c.claim(*id).filter(holds) else { continue };
            let each = u128::from(gpus.count()) * u128::from(node.price) * 1000;
            let each = each / u128::try_from(claim.who.len()).unwrap_or(1).max(1);
            for lab in claim.who.iter().filter_map(lab_of) {
                *claimed.entry(lab.to_owned()).or_default() += each;
            }
        }
    }
    (whole, claimed)
}

/// Where the longest wait or the promise changes.
pub(super) fn waits(before: &Cluster, after: &Cluster) -> Vec<Wait> {
    type Of = BTreeMap<String, (Option<Span>, Option<Span>)>;
    let of = |c: &Cluster| -> Of {
        let all = bounds(c).into_iter();
        all.map(|(pool, bound, promise)| {
            (c.policy.pool_name(pool).to_owned(), (bound.wait(), promise))
        })
        .collect()
    };
    let (old, new) = (of(before), of(after));
    let pools: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let all = pools.into_iter().map(|pool| {
        let (a, b) = (old.get(pool).copied(), new.get(pool).copied());
        Wait {
            pool: pool.clone(),
            bound_before: a.and_then(|(bound, _)| bound),
            bound_after: b.and_then(|(bound, _)| bound),
            promise_before: a.and_then(|(_, promise)| promise),
            promise_after: b.and_then(|(_, promise)| promise),
        }
    });
    all.filter(|w| w.bound_before != w.bound_after || w.promise_before != w.promise_after).collect()
}

/// Counts the running jobs that pass what a line says now.
pub(super) fn count(after: &Cluster, (change, place): (LineChange, Option<usize>)) -> LineChange {
    let place = place.filter(|_| change.after.is_some());
    let jobs = match (change.word, place) {
        (Word::Limit, Some(at)) => {
            after.policy.limits.get(at).map(|limit| past_limit(after, limit, &change.key))
        }
        (Word::Class, Some(at)) if ["", "max_time"].contains(&change.key.as_str()) => {
            let class = after.policy.classes.get(at).and_then(|c| Some((c, c.max_time?)));
            class.map(|(class, most)| {
                let theirs =
                    |job: &&Job| after.policy.class(job.spec.class.as_deref()).name == class.name;
                running(after).filter(theirs).filter(|j| longer(j, most)).count()
            })
        }
        _ => None,
    };
    LineChange { jobs: u32::try_from(jobs.unwrap_or(0)).unwrap_or(u32::MAX), ..change }
}

fn running(c: &Cluster) -> impl Iterator<Item = &Job> {
    c.jobs.values().map(AsRef::as_ref).filter(|job| job.holds().is_some())
}

fn longer(job: &Job, most: Span) -> bool {
    job.spec.limit.is_none_or(|limit| limit > most)
}

/// Jobs beyond a limit: those that are too large or long themselves, and of what is too much at one time the youngest.
fn past_limit(c: &Cluster, limit: &Limit, key: &str) -> usize {
    let wanted = |name: &str| key.is_empty() || key == name;
    let pool = limit.pool.as_deref().and_then(|name| c.policy.pool_named(name));
    let mut held: BTreeMap<Who, (u32, u32)> = BTreeMap::new();
    let mut jobs: Vec<&Job> = running(c).collect();
    jobs.sort_by_key(|job| (job.turn_began(), job.id));
    let concerns = |job: &&Job| {
        let here = job.holds().and_then(|p| c.nodes.get(&p.node)).map(|n| n.pool);
        let class = &c.policy.class(job.spec.class.as_deref()).name;
        pool.is_none_or(|pool| here == Some(pool))
            && limit.class.as_ref().is_none_or(|l| l == class)
    };
    let passes = |job: &&Job| {
        let Some(who) = limit.who.one_of(c.accounts.account(job.owner)) else { return false };
        let (gpus, jobs) = held.entry(who).or_default();
        let own = job.spec.all_gpus();
        (*gpus, *jobs) = (gpus.saturating_add(own), jobs.saturating_add(1));
        let over =
            |name: &str, most: Option<u32>, has: u32| wanted(name) && most.is_some_and(|m| has > m);
        over("gpus", limit.gpus, *gpus)
            || over("jobs", limit.jobs, *jobs)
            || over("gpus_per_job", limit.gpus_per_job, own)
            || (wanted("max_time") && limit.max_time.is_some_and(|most| longer(job, most)))
    };
    jobs.into_iter().filter(concerns).filter(passes).count()
}
