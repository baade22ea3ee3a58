//! Who is owed most: hierarchical weighted max-min on price-weighted GPU time with decay, compared level by level (Slurm's
//! Fair Tree shape), in the ledger of the pool.
//!
//! key = (decayed use + one turn of everything held) / share, lab before grant before person. The smallest key is next.
//! What is held counts one turn ahead, so that a hundred jobs of one person do not all start before one of another.

use crate::cluster::Cluster;
use crate::id::{GrantId, LabId, PersonId};
use crate::ledger::{Decay, GROWN, Ledgers, ONE};
use crate::policy::PoolId;
use crate::policy::who::Who;
use crate::units::{Span, Time};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Keys of labs, grants and people, with what this pass has given them.
#[derive(Clone)]
pub(crate) struct Keys<'c> {
    c: &'c Cluster,
    now: Time,
    decay: Decay<'c>,
    weights: Weights<'c>,
    /// How long a turn is, by pool.
    turns: Rc<[Span]>,
    /// Weight of use at this moment, by decay.
    weight: u128,
    /// What any rate comes to in the long run, in thousandths.
    settles: u128,
    /// The last moment that was asked about, and how many times as much as now use weighs just before, in [`GROWN`] parts.
    grown: Cell<(Time, i128)>,
    people: Sides,
    grants: Sides,
    labs: Sides,
}

/// What was worked out in this pass, by number and ledger.
#[derive(Clone)]
struct Sides {
    lanes: usize,
    known: Vec<Cell<Option<Side>>>,
}

impl Sides {
    fn new(count: usize, lanes: usize) -> Sides {
        Sides { lanes, known: vec![Cell::new(None); count * lanes] }
    }

    fn of(&self, number: u32, lane: PoolId) -> &Cell<Option<Side>> {
        &self.known[number as usize * self.lanes + usize::from(lane.0)]
    }
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
        let decay = Decay::new(&c.policy, c.accounts.origin);
        let lanes = c.policy.pools.len() + 1;
        let pools = (0u16..).take(lanes);
        Keys {
            c,
            now,
            decay,
            weights: Weights::at(c, now),
            turns: pools.map(|pool| c.policy.turn_in(PoolId(pool))).collect(),
            weight: decay.weight(now).max(1),
            settles: decay.settles_at(now),
            grown: Cell::new((now, 0)),
            people: Sides::new(c.accounts.people.len(), lanes),
            grants: Sides::new(c.accounts.grants.len(), lanes),
            labs: Sides::new(c.accounts.labs.len(), lanes),
        }
    }

    /// Counts something that a person is given in this pass, now or later.
    pub fn charge(&mut self, person: PersonId, (lane, rate): (PoolId, u64), given: Given) {
        let grant = self.c.accounts.person(person).grant;
        let lab = self.c.accounts.grant(grant).lab;
        let turn = self.one_turn(lane, rate);
        let later = if given == Given::Later { turn } else { 0 };
        let more =
            |side: Side| Some(Side { turn: side.turn + turn, later: side.later + later, ..side });
        self.people.of(person.0, lane).set(more(self.of_person(person, lane)));
        self.grants.of(grant.0, lane).set(more(self.of_grant(grant, lane)));
        self.labs.of(lab.0, lane).set(more(self.of_lab(lab, lane)));
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
        self.known(self.labs.of(lab.0, lane), || {
            let known = &self.c.accounts.labs[lab.0 as usize];
            self.side(&known.ledgers, lane, self.weights.of(|| Who::Lab(known.name.clone())))
        })
    }

    fn of_grant(&self, grant: GrantId, lane: PoolId) -> Side {
        self.known(self.grants.of(grant.0, lane), || {
            let known = self.c.accounts.grant(grant);
            let lab = &self.c.accounts.labs[known.lab.0 as usize].name;
            let weight = self.weights.of(|| Who::Grant(lab.clone(), known.name.clone()));
            self.side(&known.ledgers, lane, weight)
        })
    }

    fn of_person(&self, person: PersonId, lane: PoolId) -> Side {
        self.known(self.people.of(person.0, lane), || {
            let known = self.c.accounts.person(person);
            let weight = self.weights.of(|| Who::Person(known.name.clone()));
            self.side(&known.ledgers, lane, weight)
        })
    }

    fn known(&self, known: &Cell<Option<Side>>, side: impl FnOnce() -> Side) -> Side {
        known.get().unwrap_or_else(|| {
            let side = side();
            known.set(Some(side));
            side
        })
    }

    fn side(&self, ledgers: &Ledgers, lane: PoolId, weight: u128) -> Side {
        let ledger = ledgers.get(self.c.policy.pool_name(lane));
        let used = ledger.map_or(0, |l| l.used_at(self.now, self.decay));
        let rate = ledger.map_or(0, |l| l.rate);
        let held = u128::from(rate) * self.settles / 1000;
        Side { used, held, turn: self.one_turn(lane, rate), later: 0, weight }
    }

    /// When `claimant` may have what `holder` holds, if that begins before `until`, and not before `from`: while at the first
    /// level where they differ the claimant's side would with it be at most half a turn ahead of the holder's side. Never,
    /// if time alone does not bring that about. What the claimant's side is to be given later counts as if it had it;
    /// nobody loses a turn for what their side does not have yet.
    ///
    /// Both sides hold what they hold, so with `v = 2^(time / half-life)` a side has used `(used + held × (v - 1)) / v`,
    /// where `held` is its rate × half-life ÷ ln 2: how far the claimant is ahead, times v, is a straight line in v.
    pub fn may_take_from(
        &self,
        (claimant, holder): (PersonId, PersonId),
        (lane, rate): (PoolId, u64),
        (from, until): (Time, Time),
    ) -> Option<Owed> {
        let (ours, theirs) = self.sides(claimant, holder, lane)?;
        let (turn, slack) = (self.one_turn(lane, rate), self.one_turn(lane, rate) / 2);
        let ours = Side { turn: ours.turn + turn, ..ours };
        let slack =
            if theirs.weight == ours.weight { slack } else { slack * theirs.weight / ours.weight };
        let theirs = Side { turn: theirs.turn - theirs.later + slack, ..theirs };
        if ahead(ours.used + ours.turn, &theirs, theirs.used + theirs.turn, &ours) <= 0 {
            let lost = self.overtakes(&theirs, &ours, until).unwrap_or(Time::FAR);
            return (from < until).then_some(Owed { from, until: lost });
        }
        let at = self.overtakes(&ours, &theirs, until)?.max(from);
        (at < until).then_some(Owed { from: at, until: Time::FAR })
    }

    /// When a side whose key is not below that of another comes below it, if both hold what they hold, and if that is
    /// before `until`. To the second, so that the answer is the same whenever it is asked.
    fn overtakes(&self, ours: &Side, theirs: &Side, until: Time) -> Option<Time> {
        let used = ahead(ours.used, theirs, theirs.used, ours);
        let lead = ahead(ours.turn, theirs, theirs.turn, ours);
        let held = ahead(ours.held, theirs, theirs.held, ours);
        let falls = 0i128.checked_sub(held.checked_add(lead)?).filter(|falls| *falls > 0)?;
        let rises = used.checked_sub(held)?.checked_mul(GROWN)?;
        // Most will not overtake soon: that takes no division to tell.
        let by = Time(until.0.saturating_sub(1)).min(self.now.after(self.decay.reach()));
        if by <= self.now || self.grown_at(by).checked_mul(falls).is_some_and(|most| rises > most) {
            return None;
        }
        let growth = u128::try_from(rises.checked_add(falls - 1)? / falls).ok()?;
        let wanted = self.weight.checked_mul(growth)?.div_ceil(ONE);
        let is_before = self.decay.weight(by) >= wanted;
        is_before.then(|| self.decay.first(self.now, wanted, by).whole_second())
    }

    /// How many times as much as now use weighs at a moment, in [`GROWN`] parts, rounded down.
    fn grown_at(&self, at: Time) -> i128 {
        let (known, grown) = self.grown.get();
        if known == at {
            return grown;
        }
        let weight = self.decay.weight(at).checked_mul(ONE);
        let grown = weight.map_or(i128::MAX, |weight| signed(weight / self.weight));
        self.grown.set((at, grown));
        grown
    }

    /// When the first of these labs in order would no longer be it, if that is before `until`.
    pub fn lab_changes(
        &self,
        first: LabId,
        next: impl Iterator<Item = LabId>,
        (lane, until): (PoolId, Time),
    ) -> Option<Time> {
        self.changes(&self.of_lab(first, lane), next.map(|lab| self.of_lab(lab, lane)), until)
    }

    /// When the first of these grants in order would no longer be it, if that is before `until`.
    pub fn grant_changes(
        &self,
        first: GrantId,
        next: impl Iterator<Item = GrantId>,
        (lane, until): (PoolId, Time),
    ) -> Option<Time> {
        self.changes(&self.of_grant(first, lane), next.map(|next| self.of_grant(next, lane)), until)
    }

    /// When the first of these people in order would no longer be it, if that is before `until`.
    pub fn person_changes(
        &self,
        first: PersonId,
        next: impl Iterator<Item = PersonId>,
        (lane, until): (PoolId, Time),
    ) -> Option<Time> {
        self.changes(&self.of_person(first, lane), next.map(|p| self.of_person(p, lane)), until)
    }

    fn changes(&self, first: &Side, next: impl Iterator<Item = Side>, until: Time) -> Option<Time> {
        next.take(RUNNERS_UP).fold(None, |soonest, next| {
            self.overtakes(&next, first, soonest.unwrap_or(until)).or(soonest)
        })
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
        let turn = self.turns.get(usize::from(lane.0)).copied().unwrap_or_default();
        u128::from(rate) * u128::from(turn.0)
    }
}

/// When a turn is that of who asks for it.
#[derive(Clone, Copy)]
pub(crate) struct Owed {
    /// From when on.
    pub from: Time,
    /// Until when, if nothing else happens.
    pub until: Time,
}

/// When something is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// Now.
    Now,
    /// It is planned.
    Later,
}

/// One side of a comparison.
#[derive(Clone, Copy)]
struct Side {
    /// Decayed use: price × milliseconds.
    used: u128,
    /// What it would come to have used in the long run if it held what it holds.
    held: u128,
    /// A turn of it, and of what this pass gave.
    turn: u128,
    /// How much of that is of what it is to have later.
    later: u128,
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
