//! Who is owed most: hierarchical weighted max-min on price-weighted GPU time with decay, compared level by level (Slurm's
//! Fair Tree shape), in the ledger of the pool.
//!
//! key = (decayed use + one turn of everything held) / share, lab before grant before person. The smallest key is next.
//! What is held counts one turn ahead, so that a hundred jobs of one person do not all start before one of another.

use crate::cluster::Cluster;
use crate::id::{GrantId, LabId, PersonId};
use crate::ledger::{Decay, GROWN, Ledgers};
use crate::policy::PoolId;
use crate::policy::who::Who;
use crate::units::Time;
use std::cell::RefCell;
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
    known: Known,
}

/// What was worked out in this pass: sides without what the pass gave, and, until it gives more, who overtakes whom when.
#[derive(Clone, Default)]
struct Known {
    people: RefCell<BTreeMap<(PersonId, PoolId), Side>>,
    grants: RefCell<BTreeMap<(GrantId, PoolId), Side>>,
    labs: RefCell<BTreeMap<(LabId, PoolId), Side>>,
    takes: RefCell<BTreeMap<(PersonId, PersonId, PoolId, u64), Take>>,
}

/// When the turn of another may be taken.
#[derive(Clone, Copy)]
enum Take {
    /// As soon as it is over.
    Soon,
    /// Not before; none: never, if only time passes.
    At(Option<Time>),
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
        let (people, grants, labs, known) = Default::default();
        let decay = Decay::new(&c.policy, c.accounts.origin);
        Keys { c, now, decay, weights: Weights::at(c, now), people, grants, labs, known }
    }

    /// Counts something given to a person in this pass.
    pub fn charge(&mut self, person: PersonId, lane: PoolId, rate: u64) {
        let grant = self.c.accounts.person(person).grant;
        let lab = self.c.accounts.grant(grant).lab;
        self.known.takes.get_mut().clear();
        *self.people.entry((person, lane)).or_default() += rate;
        *self.grants.entry((grant, lane)).or_default() += rate;
        *self.labs.entry((lab, lane)).or_default() += rate;
    }

    /// Key of a lab.
    pub fn lab(&self, lab: LabId, lane: PoolId) -> u128 {
        self.of_lab(lab, lane).key()
    }

    /// Key of a grant among those of the lab.
    pub fn grant(&self, grant: GrantId, lane: PoolId) -> u128 {
        self.of_grant(grant, lane).key()
    }

    /// Key of a person among those on the grant.
    pub fn person(&self, person: PersonId, lane: PoolId) -> u128 {
        self.of_person(person, lane).key()
    }

    fn of_lab(&self, lab: LabId, lane: PoolId) -> Side {
        let side = || {
            let known = &self.c.accounts.labs[lab.0 as usize];
            self.side(&known.ledgers, lane, self.weights.of(|| Who::Lab(known.name.clone())))
        };
        let side = *self.known.labs.borrow_mut().entry((lab, lane)).or_insert_with(side);
        self.with(side, lane, self.labs.get(&(lab, lane)))
    }

    fn of_grant(&self, grant: GrantId, lane: PoolId) -> Side {
        let side = || {
            let known = self.c.accounts.grant(grant);
            let lab = &self.c.accounts.labs[known.lab.0 as usize].name;
            let weight = self.weights.of(|| Who::Grant(lab.clone(), known.name.clone()));
            self.side(&known.ledgers, lane, weight)
        };
        let side = *self.known.grants.borrow_mut().entry((grant, lane)).or_insert_with(side);
        self.with(side, lane, self.grants.get(&(grant, lane)))
    }

    fn of_person(&self, person: PersonId, lane: PoolId) -> Side {
        let side = || {
            let known = self.c.accounts.person(person);
            let weight = self.weights.of(|| Who::Person(known.name.clone()));
            self.side(&known.ledgers, lane, weight)
        };
        let side = *self.known.people.borrow_mut().entry((person, lane)).or_insert_with(side);
        self.with(side, lane, self.people.get(&(person, lane)))
    }

    fn side(&self, ledgers: &Ledgers, lane: PoolId, weight: u128) -> Side {
        let ledger = ledgers.get(self.c.policy.pool_name(lane));
        let used = ledger.map_or(0, |l| l.used_at(self.now, self.decay));
        let rate = ledger.map_or(0, |l| l.rate);
        Side { used, rate, turn: self.one_turn(lane, rate), weight }
    }

    fn with(&self, side: Side, lane: PoolId, given: Option<&u64>) -> Side {
        let given = given.map_or(0, |rate| self.one_turn(lane, *rate));
        Side { turn: side.turn + given, ..side }
    }

    /// From when on, not before `from`, `claimant` may have what `holder` holds: at the first level where they differ,
    /// the claimant's side would with it be at most half a turn ahead of the holder's side. Never, if time alone does
    /// not bring that about.
    ///
    /// Both sides hold what they hold, so with `v = 2^(time / half-life)` a side has used `(used + held × (v - 1)) / v`,
    /// where `held` is its rate × half-life ÷ ln 2: how far the claimant is ahead, times v, is a straight line in v.
    pub fn may_take_from(
        &self,
        (claimant, holder): (PersonId, PersonId),
        lane: PoolId,
        rate: u64,
        from: Time,
    ) -> Option<Time> {
        let key = (claimant, holder, lane, rate);
        let known = self.known.takes.borrow().get(&key).copied();
        let take = known.unwrap_or_else(|| self.take(claimant, holder, lane, rate));
        if known.is_none() {
            self.known.takes.borrow_mut().insert(key, take);
        }
        match take {
            Take::Soon => Some(from),
            Take::At(at) => at.map(|at| at.max(from)),
        }
    }

    fn take(&self, claimant: PersonId, holder: PersonId, lane: PoolId, rate: u64) -> Take {
        let Some((ours, theirs)) = self.sides(claimant, holder, lane) else {
            return Take::At(None);
        };
        let (turn, slack) = (self.one_turn(lane, rate), self.one_turn(lane, rate) / 2);
        let ours = Side { turn: ours.turn + turn, ..ours };
        let theirs = Side { turn: theirs.turn + slack * theirs.weight / ours.weight, ..theirs };
        if ahead(ours.used + ours.turn, &theirs, theirs.used + theirs.turn, &ours) <= 0 {
            return Take::Soon;
        }
        Take::At(self.overtakes(&ours, &theirs))
    }

    /// When a side whose key is not below that of another comes below it, if both hold what they hold.
    fn overtakes(&self, ours: &Side, theirs: &Side) -> Option<Time> {
        let used = ahead(ours.used, theirs, theirs.used, ours);
        let lead = ahead(ours.turn, theirs, theirs.turn, ours);
        let held = |side: &Side| self.decay.settles_at(side.rate, self.now);
        let held = ahead(held(ours), theirs, held(theirs), ours);
        let falls = 0i128.checked_sub(held.checked_add(lead)?).filter(|falls| *falls > 0)?;
        let growth = used.checked_sub(held)?.checked_mul(GROWN)?.checked_add(falls - 1)? / falls;
        self.decay.grown_by(self.now, u128::try_from(growth).ok()?)
    }

    /// When the first of these labs in order would no longer be it.
    pub fn lab_changes(
        &self,
        first: LabId,
        next: impl Iterator<Item = LabId>,
        lane: PoolId,
    ) -> Option<Time> {
        let of = |lab| self.of_lab(lab, lane);
        next.take(RUNNERS_UP).filter_map(|lab| self.overtakes(&of(lab), &of(first))).min()
    }

    /// When the first of these grants in order would no longer be it.
    pub fn grant_changes(
        &self,
        first: GrantId,
        next: impl Iterator<Item = GrantId>,
        lane: PoolId,
    ) -> Option<Time> {
        let of = |grant| self.of_grant(grant, lane);
        next.take(RUNNERS_UP).filter_map(|grant| self.overtakes(&of(grant), &of(first))).min()
    }

    /// When the first of these people in order would no longer be it.
    pub fn person_changes(
        &self,
        first: PersonId,
        next: impl Iterator<Item = PersonId>,
        lane: PoolId,
    ) -> Option<Time> {
        let of = |person| self.of_person(person, lane);
        next.take(RUNNERS_UP).filter_map(|person| self.overtakes(&of(person), &of(first))).min()
    }

    /// Both sides at the first level at which two people differ.
    fn sides(&self, a: PersonId, b: PersonId, lane: PoolId) -> Option<(Side, Side)> {
        let accounts = &self.c.accounts;
        let grant = |p: PersonId| accounts.person(p).grant;
        let lab = |p: PersonId| accounts.grant(grant(p)).lab;
        if a == b {
            None
        } else if lab(a) != lab(b) {
            Some((self.of_lab(lab(a), lane), self.of_lab(lab(b), lane)))
        } else if grant(a) != grant(b) {
            Some((self.of_grant(grant(a), lane), self.of_grant(grant(b), lane)))
        } else {
            Some((self.of_person(a, lane), self.of_person(b, lane)))
        }
    }

    fn one_turn(&self, lane: PoolId, rate: u64) -> u128 {
        u128::from(rate) * u128::from(self.c.policy.turn_in(lane).0)
    }
}

/// One side of a comparison.
#[derive(Clone, Copy)]
struct Side {
    /// Decayed use: price × milliseconds.
    used: u128,
    /// Price of what is held for a millisecond.
    rate: u64,
    /// A turn of it, and of what this pass gave.
    turn: u128,
    /// Weight in thousandths.
    weight: u128,
}

impl Side {
    /// Use and one turn of what is held, in millionths of a share of one.
    fn key(&self) -> u128 {
        (self.used + self.turn) * 1_000_000 / self.weight
    }
}

/// How far one sum of ours is ahead of one of theirs, each for its weight: in price × milliseconds × both weights.
fn ahead(our_sum: u128, theirs: &Side, their_sum: u128, ours: &Side) -> i128 {
    signed(our_sum * theirs.weight) - signed(their_sum * ours.weight)
}

/// How many who come next are asked when they would come first.
const RUNNERS_UP: usize = 8;

fn signed(sum: u128) -> i128 {
    i128::try_from(sum).unwrap_or(i128::MAX / 4)
}

/// The next moment at which weights or prices change, and with them who is next.
pub(crate) fn next_change(c: &Cluster, now: Time) -> Option<Time> {
    let zone = &c.policy.zone;
    let shares = c.policy.shares.iter().filter_map(|s| s.until).filter(|until| *until > now);
    let boosts = c.policy.boosts.iter().filter_map(|b| b.when.next_change(zone, now));
    let prices = Some(c.policy.prices.factor(zone, now).1).filter(|at| *at < Time::FAR);
    shares.chain(boosts).chain(prices).min().filter(|_| !c.queue.is_empty())
}
