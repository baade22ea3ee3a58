//! Ledgers say what was held, at its price, and the sums of a level are those of the next.

use crate::look::{moments, played, seeds, spent};
use rota_core::cluster::Cluster;
use rota_core::ledger::{Decay, Ledgers};
use rota_core::policy::who::Who;
use rota_core::units::Time;
use rota_sim::workload::{May, Mix};
use std::collections::BTreeMap;

/// Use by pool: decayed, and how much more in a millisecond.
fn sums<'c>(
    c: &'c Cluster,
    now: Time,
    ledgers: impl Iterator<Item = &'c Ledgers>,
) -> BTreeMap<String, (u128, u64)> {
    let decay = Decay::new(&c.policy, c.accounts.origin);
    let mut sums: BTreeMap<String, (u128, u64)> = BTreeMap::new();
    for (pool, ledger) in ledgers.flatten() {
        let sum = sums.entry(pool.clone()).or_default();
        sum.0 += ledger.used_at(now, decay);
        sum.1 += ledger.rate;
    }
    sums
}

#[test]
fn people_add_up_to_grants_and_grants_to_labs() {
    for seed in seeds(60) {
        let (_, world) = played(seed, &Mix::ALL);
        moments(&world, |c, now, _| {
            let people = sums(c, now, c.accounts.people.iter().map(|p| &p.ledgers));
            let grants = sums(c, now, c.accounts.grants.iter().map(|g| &g.ledgers));
            let labs = sums(c, now, c.accounts.labs.iter().map(|l| &l.ledgers));
            for other in [&grants, &labs] {
                assert_eq!(people.len(), other.len(), "seed {seed}");
                for (pool, (used, rate)) in &people {
                    let (theirs, their_rate) = other[pool];
                    assert_eq!(*rate, their_rate, "seed {seed}: {pool} at {}", now.0);
                    let apart = used.abs_diff(theirs);
                    // An A100 for a second, and a part in a million.
                    assert!(
                        apart <= 1_000_000 + used / 1_000_000,
                        "seed {seed}: {pool} at {}: {used} and {theirs}",
                        now.0
                    );
                }
            }
        });
    }
}

#[test]
fn a_ledger_is_what_was_held_at_its_price_half_forgotten_after_a_half_life() {
    let mix = Mix { prices: May::No, ..Mix::ALL };
    for seed in seeds(60) {
        let (_, world) = played(seed, &mix);
        let mut expected: BTreeMap<usize, f64> = BTreeMap::new();
        let (mut last, mut rates): (Time, BTreeMap<usize, u64>) = Default::default();
        moments(&world, |c, now, _| {
            let half_life = c.policy.half_life.0 as f64;
            let passed = now.since(last).0 as f64;
            let forgets = 0.5f64.powf(passed / half_life);
            for lab in 0..c.accounts.labs.len() {
                let rate = rates.get(&lab).copied().unwrap_or(0) as f64;
                let grown = rate * half_life / std::f64::consts::LN_2 * (1.0 - forgets);
                let sum = expected.entry(lab).or_default();
                *sum = *sum * forgets + grown;
                let used: u128 = sums(c, now, std::iter::once(&c.accounts.labs[lab].ledgers))
                    .values()
                    .map(|(used, _)| used)
                    .sum();
                let apart = (used as f64 - *sum).abs();
                assert!(
                    apart <= 1e6 + *sum * 0.002,
                    "seed {seed}: lab {lab} at {}: {used} instead of {sum}",
                    now.0
                );
            }
            last = now;
            rates.clear();
            for job in c.jobs.values().filter(|j| j.holds().is_some()) {
                let lab = c.accounts.grant_of(job.owner).lab.0 as usize;
                *rates.entry(lab).or_default() += job.rate;
            }
        });
    }
}

#[test]
fn a_purse_is_the_exact_sum_of_what_was_held_at_its_price() {
    for seed in seeds(300) {
        let (_, world) = played(seed, &Mix::ALL);
        let mut expected: BTreeMap<(usize, Who), u128> = BTreeMap::new();
        let (mut last, mut rates): (Time, BTreeMap<(usize, Who), u64>) = Default::default();
        moments(&world, |c, now, _| {
            let period = |at: usize| c.policy.budgets[at].per.around(&c.policy.zone, now);
            for ((at, _), sum) in &mut expected {
                if period(*at).is_some_and(|(began, _)| last < began) {
                    *sum = 0;
                }
            }
            for ((at, who), rate) in &rates {
                let Some((began, _)) = period(*at) else { continue };
                let from = last.max(began);
                let cost = c.policy.prices.cost(&c.policy.zone, *rate, from, now.since(from));
                *expected.entry((*at, who.clone())).or_default() += cost;
            }
            for ((at, who), sum) in &expected {
                let found = spent(c, &c.policy.budgets[*at], who.clone(), now);
                let apart = sum.abs_diff(found);
                assert!(
                    period(*at).is_none() || apart < 1_000_000,
                    "seed {seed}: {who} at {}: {found} instead of {sum}",
                    now.0
                );
            }
            last = now;
            rates.clear();
            for job in c.jobs.values().filter(|j| j.holds().is_some()) {
                for (at, budget) in c.policy.budgets.iter().enumerate() {
                    if let Some(who) = budget.who.one_of(c.accounts.account(job.owner)) {
                        *rates.entry((at, who)).or_default() += job.rate;
                    }
                }
            }
        });
    }
}
