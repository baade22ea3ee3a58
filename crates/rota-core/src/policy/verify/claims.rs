//! Claims never give out more GPUs than there are.

use super::{Finding, Severity, Word};
use crate::cluster::Cluster;
use crate::policy::{Claim, Policy};
use crate::units::Time;

/// How many stretches of each claim are looked at: two weeks of a daily one.
const STRETCHES: usize = 14;

pub(super) fn verify(policy: &Policy, site: Option<&Cluster>, now: Time) -> Vec<Finding> {
    let mut all = Vec::new();
    for (number, pool) in policy.pools.iter().enumerate() {
        let claims: Vec<(usize, &Claim)> = policy.claims.iter().enumerate().collect();
        let claims: Vec<_> = claims
            .into_iter()
            .filter(|(_, claim)| claim.pool == pool.name && !claim.is_maintenance())
            .collect();
        let gpus = site.map(|c| {
            let at = policy.pool_named(&pool.name);
            let nodes = c.nodes.values().filter(|n| Some(n.pool) == at);
            nodes.map(|n| n.node.gpus).sum::<u32>()
        });
        // A pool without nodes is another finding.
        if gpus != Some(0)
            && policy.pool_named(&pool.name).is_some_and(|id| usize::from(id.0) == number + 1)
        {
            all.extend(too_many(policy, &pool.name, &claims, gpus, now));
        }
    }
    all
}

/// The first claim with which more is claimed at one moment than there is.
fn too_many(
    policy: &Policy,
    pool: &str,
    claims: &[(usize, &Claim)],
    gpus: Option<u32>,
    now: Time,
) -> Option<Finding> {
    let moments = claims.iter().flat_map(|(_, claim)| begins(policy, claim, now));
    let over = moments.filter_map(|moment| {
        let on: Vec<_> =
            claims.iter().filter(|(_, c)| c.when.now(&policy.zone, moment).is_some()).collect();
        let mut sum = 0u32;
        on.iter().enumerate().find_map(|(n, (at, claim))| {
            let most = gpus.unwrap_or(u32::MAX);
            // Of a pool of unknown size, all and something more is too much.
            sum = sum.saturating_add(claim.gpus.unwrap_or(most));
            let before: Vec<String> = on[..n].iter().map(|(_, c)| holders(c)).collect();
            let too_many = sum > most
                || (gpus.is_none() && n > 0 && on[..=n].iter().any(|(_, c)| c.gpus.is_none()));
            too_many.then(|| (*at, sum, before.join(", "), holders(claim)))
        })
    });
    let (at, sum, before, who) = over.min_by_key(|(at, ..)| *at)?;
    let has = gpus.map_or_else(String::new, |n| n.to_string());
    let (code, message) = match gpus {
        _ if before.is_empty() => (
            "policy-claim-too-large",
            format!(
                "{who} claims {sum} GPUs of pool '{pool}', which has {has}; claim at most {has}"
            ),
        ),
        Some(_) => (
            "policy-claims-too-large",
            format!(
                "{who} and {before} claim {sum} GPUs of pool '{pool}' at one time; it has {has}: make one smaller, or let them be at other times"
            ),
        ),
        None => (
            "policy-claims-all-twice",
            format!(
                "{who} and {before} claim GPUs of pool '{pool}' at one time, and one of them all: say how many each has"
            ),
        ),
    };
    let args = [
        ("who", who),
        ("before", before),
        ("sum", sum.to_string()),
        ("has", has),
        ("pool", pool.to_owned()),
    ];
    Some(Finding::new(Severity::Error, (Word::Claim, at, "gpus"), code, args, message))
}

fn holders(claim: &Claim) -> String {
    let who: Vec<String> = claim.who.iter().map(ToString::to_string).collect();
    who.join(", ")
}

/// Moments at which a claim begins to hold from now on: what is claimed only grows then.
fn begins(policy: &Policy, claim: &Claim, now: Time) -> Vec<Time> {
    let mut at = now;
    let next = || {
        let (from, until) = claim.when.stretch(&policy.zone, at)?;
        let begin = from.max(at);
        at = until;
        (begin < Time::FAR).then_some(begin)
    };
    std::iter::from_fn(next).take(STRETCHES).collect()
}
