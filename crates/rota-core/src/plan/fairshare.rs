//! Who is owed most: hierarchical weighted max-min on price-weighted GPU time with decay, compared level by level (Slurm's
//! Fair Tree shape), in the ledger of the pool.
//!
//! key = (decayed use + one turn of everything held) / share, lab before grant before person. The smallest key is next.
//! What is held counts one turn ahead, so that a hundred jobs of one person do not all start before one of another.

use crate::account::{Decay, Ledgers};
use crate::cluster::Cluster;
use crate::id::{GrantId, LabId, PersonId};
use crate::policy::PoolId;
use crate::policy::who::{Account, Who};
use crate::units::{Span, Time};
use std::collections::BTreeMap;

/// Keys of labs, grants and people, with what this pass has given them.
#[derive(Clone)]
pub(crate) struct Keys<'c> {
    c: &'c Cluster,
    now: Time,
    decay: Decay<'c>,
    weights: Weights<'c>,
    people: BTreeMap<(PersonId, PoolId), u64>,
    grants: BTreeMap<(GrantId, PoolId), u64>,
    labs: BTreeMap<(LabId, PoolId), u64>,
}

/// Lines of the policy about shares that hold now.
#[derive(Clone)]
pub struct Weights<'c> {
    shares: BTreeMap<&'c Who, u64>,
    boosts: Vec<(&'c Who, u64)>,
}

impl<'c> Weights<'c> {
    /// The lines that hold at a moment.
    pub fn at(c: &'c Cluster, now: Time) -> Weights<'c> {
        let holds = |until: Option<Time>| until.is_none_or(|until| now < until);
        let shares = c.policy.shares.iter().filter(|s| holds(s.until));
        let boosts = c.policy.boosts.iter().filter(|b| b.when.now(&c.policy.zone, now).is_some());
        Weights {
            shares: shares.map(|s| (&s.who, u64::from(s.share))).collect(),
            boosts: boosts.map(|b| (&b.who, u64::from(b.boost))).collect(),
        }
    }

    /// Whether a line gives a place in the tree its share now.
    pub fn is_named(&self, who: &Who) -> bool {
        self.shares.contains_key(who)
    }

    /// Weight in thousandths.
    pub fn of(&self, who: impl FnOnce() -> Who) -> u128 {
        if self.shares.is_empty() && self.boosts.is_empty() {
            return 1000;
        }
        let who = who();
        let share = self.shares.get(&who).copied().unwrap_or(1000);
        let boosts = self.boosts.iter().filter(|(whom, _)| **whom == who);
        u128::from(boosts.fold(share, |all, (_, boost)| all * boost / 1000).max(1))
    }
}

impl<'c> Keys<'c> {
    pub fn new(c: &'c Cluster, now: Time) -> Keys<'c> {
        let (people, grants, labs) = Default::default();
        let decay = Decay::new(&c.policy, c.accounts.origin);
        Keys { c, now, decay, weights: Weights::at(c, now), people, grants, labs }
    }

    /// Counts something given to a person in this pass.
    pub fn charge(&mut self, person: PersonId, lane: PoolId, rate: u64) {
        let grant = self.c.accounts.person(person).grant;
        let lab = self.c.accounts.grant(grant).lab;
        *self.people.entry((person, lane)).or_default() += rate;
        *self.grants.entry((grant, lane)).or_default() += rate;
        *self.labs.entry((lab, lane)).or_default() += rate;
    }

    /// Key of a lab, with `more` held.
    pub fn lab(&self, lab: LabId, lane: PoolId, more: u64) -> u128 {
        let known = &self.c.accounts.labs[lab.0 as usize];
        let given = self.labs.get(&(lab, lane)).copied().unwrap_or(0) + more;
        self.key(&known.ledgers, lane, given) / self.weights.of(|| Who::Lab(known.name.clone()))
    }

    /// Key of a grant among those of the lab, with `more` held.
    pub fn grant(&self, grant: GrantId, lane: PoolId, more: u64) -> u128 {
        let known = self.c.accounts.grant(grant);
        let given = self.grants.get(&(grant, lane)).copied().unwrap_or(0) + more;
        self.key(&known.ledgers, lane, given) / self.grant_weight(grant)
    }

    /// Key of a person among those on the grant, with `more` held.
    pub fn person(&self, person: PersonId, lane: PoolId, more: u64) -> u128 {
        let known = self.c.accounts.person(person);
        let given = self.people.get(&(person, lane)).copied().unwrap_or(0) + more;
        let weight = self.weights.of(|| Who::Person(known.name.clone()));
        self.key(&known.ledgers, lane, given) / weight
    }

    fn grant_weight(&self, grant: GrantId) -> u128 {
        let known = self.c.accounts.grant(grant);
        let lab = &self.c.accounts.labs[known.lab.0 as usize].name;
        self.weights.of(|| Who::Grant(lab.clone(), known.name.clone()))
    }

    /// Use and one turn of what is held, in millionths of a share of one.
    fn key(&self, ledgers: &Ledgers, lane: PoolId, given: u64) -> u128 {
        let ledger = ledgers.get(self.c.policy.pool_name(lane));
        let used = ledger.map_or(0, |l| l.used_at(self.now, self.decay));
        (used + self.one_turn(lane, given + ledger.map_or(0, |l| l.rate))) * 1_000_000
    }

    /// From when on, not before `from`, `claimant` may have what `holder` holds: at the first level where they differ,
    /// the claimant's side would with it be at most half a turn ahead of the holder's side. Never, if the holder's side
    /// does not use more than the claimant's while time passes.
    pub fn may_take_from(
        &self,
        (claimant, holder): (PersonId, PersonId),
        lane: PoolId,
        rate: u64,
        from: Time,
    ) -> Option<Time> {
        if claimant == holder {
            return None;
        }
        let accounts = &self.c.accounts;
        let names = |p: PersonId| -> Account { accounts.account(p) };
        let (ours, theirs) = (names(claimant), names(holder));
        let grants = (accounts.person(claimant).grant, accounts.person(holder).grant);
        let labs = (accounts.grant(grants.0).lab, accounts.grant(grants.1).lab);
        let rate_of = |l: &Ledgers| l.get(self.c.policy.pool_name(lane)).map_or(0, |l| l.rate);
        // Keys of both, weights of both, what both hold.
        let (wants, has, weights, held) = if labs.0 != labs.1 {
            let (a, b) = (&accounts.labs[labs.0.0 as usize], &accounts.labs[labs.1.0 as usize]);
            let weight = |name: &str| self.weights.of(|| Who::Lab(name.into()));
            let weights = (weight(ours.lab), weight(theirs.lab));
            let held = (rate_of(&a.ledgers), rate_of(&b.ledgers));
            (self.lab(labs.0, lane, rate), self.lab(labs.1, lane, 0), weights, held)
        } else if grants.0 != grants.1 {
            let (a, b) = (accounts.grant(grants.0), accounts.grant(grants.1));
            let weights = (self.grant_weight(grants.0), self.grant_weight(grants.1));
            let held = (rate_of(&a.ledgers), rate_of(&b.ledgers));
            (self.grant(grants.0, lane, rate), self.grant(grants.1, lane, 0), weights, held)
        } else {
            let (a, b) = (accounts.person(claimant), accounts.person(holder));
            let weight = |name: &str| self.weights.of(|| Who::Person(name.into()));
            let weights = (weight(ours.person), weight(theirs.person));
            let held = (rate_of(&a.ledgers), rate_of(&b.ledgers));
            (self.person(claimant, lane, rate), self.person(holder, lane, 0), weights, held)
        };
        let slack = self.one_turn(lane, rate) * 1_000_000 / 2 / weights.0.max(1);
        let ahead = wants.saturating_sub(has + slack);
        if ahead == 0 {
            return Some(from);
        }
        let grows = |held: u64, weight: u128| u128::from(held) * 1_000_000 / weight.max(1);
        let closes = grows(held.1, weights.1).checked_sub(grows(held.0, weights.0));
        let closes = closes.filter(|closes| *closes > 0)?;
        let wait = u64::try_from(ahead.div_ceil(closes)).ok()?;
        Some(self.now.after(Span(wait)).max(from))
    }

    fn one_turn(&self, lane: PoolId, rate: u64) -> u128 {
        u128::from(rate) * u128::from(self.c.policy.turn_in(lane).0)
    }
}
