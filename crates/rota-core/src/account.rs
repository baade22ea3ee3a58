//! The tree university > lab > person with equal shares, and what each has used.
//!
//! Use decays with a half-life in closed form: instead of shrinking the past, each new use is inflated by
//! `2^(t / half-life)`, so that time passing changes no order between siblings.

use crate::id::{LabId, PersonId};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Labs and their people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// Labs by [`LabId`].
    pub labs: Vec<Lab>,
    /// People by [`PersonId`].
    pub people: Vec<Person>,
    /// Uses are inflated relative to this moment.
    pub origin: Time,
    /// People by lab and name. An index.
    #[serde(skip)]
    pub by_name: BTreeMap<String, BTreeMap<String, PersonId>>,
}

/// A lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lab {
    /// Its name.
    pub name: String,
    /// Its weight among labs.
    pub shares: u32,
    /// What its people used.
    pub ledger: Ledger,
}

/// A person in a lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Account name.
    pub name: String,
    /// The lab.
    pub lab: LabId,
    /// What they used.
    pub ledger: Ledger,
}

/// Use of GPU time at its price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Inflated use up to `settled`: price × milliseconds × weight.
    pub used: u128,
    /// Price of everything held since `settled`.
    pub rate: u64,
    /// Up to when `used` is.
    pub settled: Time,
}

impl Ledger {
    /// Brings the ledger to `now`, then changes the rate.
    pub fn change_rate(&mut self, now: Time, weight: u128, add: u64, sub: u64) {
        self.used += u128::from(self.rate) * u128::from(now.since(self.settled).0) * weight;
        self.settled = self.settled.max(now);
        self.rate = (self.rate + add).saturating_sub(sub);
    }

    /// Decayed use at `now`: price × milliseconds.
    pub fn used_at(&self, now: Time, weight: u128) -> u128 {
        self.used / weight.max(1) + u128::from(self.rate) * u128::from(now.since(self.settled).0)
    }
}

/// `2^(age / half_life)` as a multiple of 1/65536; the fraction by a quadratic within 0.3 %.
///
/// ```
/// use rota_core::account::weight;
/// use rota_core::units::Span;
/// assert_eq!(weight(Span::hours(2), Span::hours(1)), 4 * 65536);
/// ```
pub fn weight(age: Span, half_life: Span) -> u128 {
    let half_life = half_life.0.max(1);
    let doublings = (age.0 / half_life).min(60);
    let f = u128::from(age.0 % half_life) * 65536 / u128::from(half_life);
    (65536 + f * 43024 / 65536 + f * f * 22512 / (65536 * 65536)) << doublings
}

impl Accounts {
    /// The person, if known.
    pub fn find(&self, lab: &str, person: &str) -> Option<PersonId> {
        self.by_name.get(lab)?.get(person).copied()
    }

    /// The person; added, with its lab, where it is not known.
    pub fn intern(&mut self, now: Time, lab: &str, person: &str) -> PersonId {
        if let Some(id) = self.find(lab, person) {
            return id;
        }
        let lab_id = self.intern_lab(now, lab);
        let id = PersonId(index(self.people.len()));
        let ledger = Ledger { settled: now, ..Ledger::default() };
        self.people.push(Person { name: person.into(), lab: lab_id, ledger });
        self.by_name.entry(lab.into()).or_default().insert(person.into(), id);
        id
    }

    /// The lab; added where it is not known.
    pub fn intern_lab(&mut self, now: Time, name: &str) -> LabId {
        if let Some(at) = self.labs.iter().position(|l| l.name == name) {
            return LabId(index(at));
        }
        if self.labs.is_empty() {
            self.origin = now;
        }
        let ledger = Ledger { settled: now, ..Ledger::default() };
        self.labs.push(Lab { name: name.into(), shares: 1, ledger });
        LabId(index(self.labs.len() - 1))
    }

    /// A person by number.
    pub fn person(&self, id: PersonId) -> &Person {
        &self.people[id.0 as usize]
    }

    /// The lab of a person.
    pub fn lab_of(&self, id: PersonId) -> &Lab {
        &self.labs[self.person(id).lab.0 as usize]
    }

    /// Changes what a person, and so the lab, holds.
    pub fn change_rate(&mut self, now: Time, half_life: Span, id: PersonId, add: u64, sub: u64) {
        self.rebase(now, half_life);
        let weight = weight(now.since(self.origin), half_life);
        let person = &mut self.people[id.0 as usize];
        person.ledger.change_rate(now, weight, add, sub);
        self.labs[person.lab.0 as usize].ledger.change_rate(now, weight, add, sub);
    }

    /// Rebuilds the index by name.
    pub fn reindex(&mut self) {
        self.by_name.clear();
        for (at, person) in self.people.iter().enumerate() {
            let lab = &self.labs[person.lab.0 as usize].name;
            self.by_name
                .entry(lab.clone())
                .or_default()
                .insert(person.name.clone(), PersonId(index(at)));
        }
    }

    /// Keeps the inflated numbers small: every 16 half-lives all ledgers are divided by 2^16.
    fn rebase(&mut self, now: Time, half_life: Span) {
        let step = Span(half_life.0.max(1).saturating_mul(16));
        while now.since(self.origin) >= step {
            self.origin = self.origin.after(step);
            self.labs.iter_mut().for_each(|l| l.ledger.used >>= 16);
            self.people.iter_mut().for_each(|p| p.ledger.used >>= 16);
        }
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 accounts")
}
