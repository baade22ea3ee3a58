//! What a lab, grant or person is owed among its siblings: share × delivered − used, in the ledger of a pool.

use super::fairshare::Weights;
use crate::account::{Decay, Ledgers};
use crate::cluster::Cluster;
use crate::id::PersonId;
use crate::policy::PoolId;
use crate::policy::who::Who;
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How somebody stands among their siblings. Sums are reference GPUs × milliseconds, with decay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// Who.
    pub who: Who,
    /// Used.
    pub used: u64,
    /// Owed; below zero: had too much.
    pub owed: i64,
}

/// A level of the tree at which two accounts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Of the university.
    Lab,
    /// Of one lab.
    Grant,
    /// Of one grant.
    Person,
}

/// The tier at which two people differ; none: one person on one grant.
pub fn tier(c: &Cluster, a: PersonId, b: PersonId) -> Option<Tier> {
    let grants = (c.accounts.person(a).grant, c.accounts.person(b).grant);
    let labs = (c.accounts.grant(grants.0).lab, c.accounts.grant(grants.1).lab);
    match (a == b, labs.0 == labs.1, grants.0 == grants.1) {
        (true, ..) => None,
        (_, false, _) => Some(Tier::Lab),
        (_, true, false) => Some(Tier::Grant),
        (_, true, true) => Some(Tier::Person),
    }
}

/// How a person's lab, grant or the person stands among siblings who hold, want or have used something.
pub fn owed(c: &Cluster, now: Time, lane: PoolId, person: PersonId, tier: Tier) -> Owed {
    let (mut all, mut weights, mut mine) = (0u128, 0u128, (0u128, 0u128));
    let own = whose(c, person, tier);
    let shares = Weights::at(c, now);
    let decay = Decay::new(&c.policy, c.accounts.origin);
    let pool = c.policy.pool_name(lane);
    for (who, ledgers) in siblings(c, person, tier) {
        let used = ledgers.get(pool).map_or(0, |ledger| ledger.used_at(now, decay));
        let weight = shares.of(|| who.clone());
        (all, weights) = (all + used, weights + weight);
        if who == own {
            mine = (used, weight);
        }
    }
    let entitled = all * mine.1 / weights.max(1);
    let reference = |sum: u128| i64::try_from(sum / 1000).unwrap_or(i64::MAX);
    let owed = reference(entitled).saturating_sub(reference(mine.0));
    Owed { who: own, used: u64::try_from(mine.0 / 1000).unwrap_or(u64::MAX), owed }
}

fn whose(c: &Cluster, person: PersonId, tier: Tier) -> Who {
    let account = c.accounts.account(person);
    match tier {
        Tier::Lab => Who::Lab(account.lab.into()),
        Tier::Grant => Who::Grant(account.lab.into(), account.grant.into()),
        Tier::Person => Who::Person(account.person.into()),
    }
}

fn siblings(c: &Cluster, person: PersonId, tier: Tier) -> Vec<(Who, &Ledgers)> {
    let accounts = &c.accounts;
    let active: BTreeSet<PersonId> = c.queue.keys().chain(c.holding.keys()).copied().collect();
    let ids = (0u32..).zip(&accounts.people).map(|(id, _)| PersonId(id));
    let is_sibling = |other: &PersonId| {
        let of = |p: PersonId| accounts.person(p).grant;
        match tier {
            Tier::Lab => true,
            Tier::Grant => accounts.grant(of(*other)).lab == accounts.grant(of(person)).lab,
            Tier::Person => of(*other) == of(person),
        }
    };
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for other in ids.filter(is_sibling) {
        let ledgers = match tier {
            Tier::Lab => &accounts.lab_of(other).ledgers,
            Tier::Grant => &accounts.grant_of(other).ledgers,
            Tier::Person => &accounts.person(other).ledgers,
        };
        if active.contains(&other) || other == person || !ledgers.is_empty() {
            let who = whose(c, other, tier);
            if seen.insert(who.clone()) {
                all.push((who, ledgers));
            }
        }
    }
    all
}
