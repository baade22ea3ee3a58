//! Who is owed most: hierarchical equal (or weighted) shares, compared level by level (Slurm's Fair Tree shape).
//!
//! key = (decayed use + one turn of everything held) / shares, lab before person. The smallest key is next.
//! What is held counts one turn ahead, so that a hundred jobs of one person do not all start before one of another.

use crate::account::weight;
use crate::cluster::Cluster;
use crate::id::{LabId, PersonId};
use crate::units::Time;
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

    /// Whether `claimant` may have what `holder` holds after its turn: at the first level where they differ, the
    /// claimant's side would with it not be further than half a turn ahead of the holder's side.
    pub fn may_take(&self, claimant: PersonId, holder: PersonId, rate: u64) -> bool {
        if claimant == holder {
            return false;
        }
        let (a, b) = (self.c.accounts.person(claimant).lab, self.c.accounts.person(holder).lab);
        let slack = self.one_turn(rate) * 1000 / 2;
        if a == b {
            return self.person(claimant, rate) <= self.person(holder, 0) + slack;
        }
        let shares = u128::from(self.c.accounts.labs[a.0 as usize].shares.max(1));
        self.lab(a, rate) <= self.lab(b, 0) + slack / shares
    }

    fn one_turn(&self, rate: u64) -> u128 {
        u128::from(rate) * u128::from(self.c.policy.turn.0)
    }
}
