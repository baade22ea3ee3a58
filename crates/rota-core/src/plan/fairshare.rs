//! Who is owed most: hierarchical equal (or weighted) shares, compared level by level (Slurm's Fair Tree shape).
//!
//! key = (decayed use + one turn of everything held) / shares, lab before person. The smallest key is next.
//! What is held counts one turn ahead, so that a hundred jobs of one person do not all start before one of another.

use crate::account::weight;
use crate::cluster::Cluster;
use crate::id::{LabId, PersonId};
use crate::units::{Span, Time};
use std::collections::BTreeMap;

/// Keys of labs and people, with what this pass has given them.
pub(crate) struct Keys<'c> {
    c: &'c Cluster,
    now: Time,
    weight: u128,
    people: BTreeMap<PersonId, u64>,
    labs: BTreeMap<LabId, u64>,
}

impl<'c> Keys<'c> {
    pub fn new(c: &'c Cluster, now: Time) -> Keys<'c> {
        let weight = weight(now.since(c.accounts.origin), c.policy.half_life);
        Keys { c, now, weight, people: BTreeMap::new(), labs: BTreeMap::new() }
    }

    /// Counts something given to a person in this pass.
    pub fn charge(&mut self, person: PersonId, rate: u64) {
        *self.people.entry(person).or_default() += rate;
        *self.labs.entry(self.c.accounts.person(person).lab).or_default() += rate;
    }

    /// Key of a lab, with `more` held.
    pub fn lab(&self, lab: LabId, more: u64) -> u128 {
        let known = &self.c.accounts.labs[lab.0 as usize];
        let given = self.labs.get(&lab).copied().unwrap_or(0) + more + known.ledger.rate;
        let used = known.ledger.used_at(self.now, self.weight);
        (used + self.one_turn(given)) * 1000 / u128::from(known.shares.max(1))
    }

    /// Key of a person among those of the lab, with `more` held.
    pub fn person(&self, person: PersonId, more: u64) -> u128 {
        let known = self.c.accounts.person(person);
        let given = self.people.get(&person).copied().unwrap_or(0) + more + known.ledger.rate;
        (known.ledger.used_at(self.now, self.weight) + self.one_turn(given)) * 1000
    }

    /// From when on, not before `from`, `claimant` may have what `holder` holds: at the first level where they differ,
    /// the claimant's side would with it be at most half a turn ahead of the holder's side. Never, if the holder's side
    /// does not use more than the claimant's while time passes.
    pub fn may_take_from(
        &self,
        (claimant, holder): (PersonId, PersonId),
        rate: u64,
        from: Time,
    ) -> Option<Time> {
        if claimant == holder {
            return None;
        }
        let accounts = &self.c.accounts;
        let (ours, theirs) = (accounts.person(claimant), accounts.person(holder));
        let slack = self.one_turn(rate) * 1000 / 2;
        let (wants, has, slack, grows) = if ours.lab == theirs.lab {
            let grows = (per_share(ours.ledger.rate, 1), per_share(theirs.ledger.rate, 1));
            (self.person(claimant, rate), self.person(holder, 0), slack, grows)
        } else {
            let (a, b) = (accounts.lab_of(claimant), accounts.lab_of(holder));
            let grows = (per_share(a.ledger.rate, a.shares), per_share(b.ledger.rate, b.shares));
            let slack = slack / u128::from(a.shares.max(1));
            (self.lab(ours.lab, rate), self.lab(theirs.lab, 0), slack, grows)
        };
        let ahead = wants.saturating_sub(has + slack);
        if ahead == 0 {
            return Some(from);
        }
        let closes = grows.1.checked_sub(grows.0).filter(|closes| *closes > 0)?;
        let wait = u64::try_from(ahead.div_ceil(closes)).ok()?;
        Some(self.now.after(Span(wait)).max(from))
    }

    fn one_turn(&self, rate: u64) -> u128 {
        u128::from(rate) * u128::from(self.c.policy.turn.0)
    }
}

/// How fast a key grows by what is held: per millisecond.
fn per_share(rate: u64, shares: u32) -> u128 {
    u128::from(rate) * 1000 / u128::from(shares.max(1))
}
