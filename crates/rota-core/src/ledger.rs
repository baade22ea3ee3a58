//! Ledgers and purses: what was used of GPU time at its price, with decay for fair share, and without for budgets.
//!
//! Use decays with a half-life in closed form: instead of shrinking the past, each use is inflated by
//! `2^(t / half-life)`, so that time passing changes no order between siblings, and it makes no difference whether
//! a use is booked whole or in pieces.

use crate::calendar::{Period, Zone};
use crate::policy::price::Prices;
use crate::policy::who::Who;
use crate::policy::{Budget, Policy};
use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Use by pool: by name, because policies change; empty for the common ledger.
pub type Ledgers = BTreeMap<String, Ledger>;

/// Use of GPU time at its price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Inflated use up to `settled`: price × milliseconds × weight.
    pub used: u128,
    /// Price of everything held since `settled`.
    pub rate: u64,
    /// Up to when `used` is; while nothing is held, since when.
    pub settled: Time,
}

/// A purse: whose, and in which periods it is filled. Budgets that have both in common are about one purse.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PurseId {
    /// Whose.
    pub who: Who,
    /// `month`, `quarter`, `year`, or the millisecond from which on it is filled once.
    filled: String,
}

impl PurseId {
    /// The purse of a budget that pays for `who`.
    pub fn new(budget: &Budget, who: Who) -> PurseId {
        let filled = match budget.per {
            Period::Month => "month".into(),
            Period::Quarter => "quarter".into(),
            Period::Year => "year".into(),
            Period::Between(from, _) => from.0.to_string(),
        };
        PurseId { who, filled }
    }
}

impl From<PurseId> for String {
    fn from(id: PurseId) -> String {
        format!("{} {}", id.who, id.filled)
    }
}

impl TryFrom<String> for PurseId {
    type Error = String;
    fn try_from(text: String) -> Result<PurseId, String> {
        let parts = text.rsplit_once(' ');
        let known = parts.and_then(|(who, filled)| Some((Who::parse(who)?, filled.to_owned())));
        known
            .map(|(who, filled)| PurseId { who, filled })
            .ok_or_else(|| format!("'{}' is no purse, such as 'lab/kim year'", text.escape_debug()))
    }
}

/// What was spent of a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purse {
    /// Spent up to `settled`, in the period around it: price × milliseconds.
    pub used: u128,
    /// Price of everything held since `settled`.
    pub rate: u64,
    /// Up to when `used` is.
    pub settled: Time,
}

/// How past use counts: half-life, origin, and prices by time.
#[derive(Clone, Copy)]
pub struct Decay<'p> {
    half_life: Span,
    origin: Time,
    zone: &'p Zone,
    prices: &'p Prices,
}

/// One in the weights of [`weight`].
pub(crate) const ONE: u128 = 1 << 32;

/// One in how many times weights have grown.
pub(crate) const GROWN: i128 = 1 << 32;

/// `2^(age / half_life)` as a multiple of 2^-32. The fraction is by a polynomial whose slope, which is what a moment of
/// use counts, is right within 0.002 %.
///
/// ```
/// use rota_core::ledger::weight;
/// use rota_core::units::Span;
/// assert_eq!(weight(Span::hours(2), Span::hours(1)), 4 << 32);
/// ```
pub fn weight(age: Span, half_life: Span) -> u128 {
    let half_life = half_life.0.max(1);
    let doublings = (age.0 / half_life).min(40);
    let part = age.0 % half_life;
    let f = match part.checked_mul(1 << 32) {
        Some(part) => part / half_life,
        None => u64::try_from(u128::from(part) * ONE / u128::from(half_life)).unwrap_or(u64::MAX),
    };
    // All powers together are one, and f is less: no product reaches 2^64.
    let grown = POWERS.iter().rev().fold(0, |sum, part| ((sum + part) * f) >> 32);
    (ONE + u128::from(grown)) << doublings
}

/// `2^f - 1` by powers of f: Taylor's, the last such that f = 1 gives 1.
const POWERS: [u64; 6] =
    [2_977_044_472, 1_031_764_991, 238_388_332, 41_309_550, 5_726_720, 733_231];

impl<'p> Decay<'p> {
    /// How use counts under a policy.
    pub fn new(policy: &'p Policy, origin: Time) -> Decay<'p> {
        let (half_life, zone, prices) = (policy.half_life, &policy.zone, &policy.prices);
        Decay { half_life, origin, zone, prices }
    }

    pub(crate) fn weight(&self, at: Time) -> u128 {
        weight(at.since(self.origin), self.half_life)
    }

    /// Decayed use that holding anything comes to in the long run for each of its rate, at the price of the moment, in
    /// thousandths.
    pub fn settles_at(&self, now: Time) -> u128 {
        let (factor, _) = self.prices.factor(self.zone, now);
        u128::from(factor) * self.span()
    }

    /// How far ahead of a moment weights are worked out: 20 half-lives.
    pub(crate) fn reach(&self) -> Span {
        Span(self.half_life.0.max(1).saturating_mul(20))
    }

    /// The first moment after `now` at which weights are at least `wanted`, as they are known to be at `by`.
    pub(crate) fn first(&self, now: Time, wanted: u128, by: Time) -> Time {
        let weight_after = |span: u64| self.weight(now.after(Span(span)));
        let (mut before, mut after) = (0u64, by.since(now).0);
        let (mut low, mut high) = (weight_after(before), weight_after(after));
        // Weights double with each half-life: the doubling that it happens in is known.
        let doubling = u64::from(wanted.checked_ilog2().unwrap_or(0).saturating_sub(32));
        let begins = Span(self.half_life.0.max(1).saturating_mul(doubling));
        let begins = self.origin.after(begins).since(now).0;
        let ends = begins.saturating_add(self.half_life.0);
        for bound in [begins.saturating_sub(1), ends] {
            match weight_after(bound) {
                _ if bound >= after => {}
                weight if weight >= wanted => (after, high) = (bound, weight),
                weight if bound > before => (before, low) = (bound, weight),
                _ => {}
            }
        }
        let mut steps = 0u32;
        while after - before > 1 {
            // Weights bend upwards: the straight line from end to end comes to what is wanted too early, the slope at the
            // later end too late. So both close in, and halves do where rounding keeps them from it.
            let (rise, width) = (high.saturating_sub(low).max(1), u128::from(after - before));
            let ahead = wanted.saturating_sub(low) * width / rise;
            let back = high.saturating_sub(wanted) * self.span() / high.max(1);
            let within =
                |step: u128| u64::try_from(step).unwrap_or(u64::MAX).clamp(1, after - before);
            let (ahead, back) = (within(ahead), within(back));
            let half = (after - before) / 2;
            let tried =
                if steps % 4 == 3 { [half; 3] } else { [ahead, ahead + 1, after - before - back] };
            let start = before;
            for middle in tried.map(|step| start.saturating_add(step)) {
                if middle <= before || middle >= after {
                    continue;
                }
                match weight_after(middle) {
                    weight if weight < wanted => (before, low) = (middle, weight),
                    weight => (after, high) = (middle, weight),
                }
            }
            steps += 1;
        }
        now.after(Span(after))
    }

    /// Half-life ÷ ln 2.
    fn span(&self) -> u128 {
        u128::from(self.half_life.0) * 1_442_695 / 1_000_000
    }

    /// What holding `rate` from one moment to another counts, inflated: the integral of rate × price factor × weight.
    fn inflated(&self, rate: u64, from: Time, to: Time) -> u128 {
        if rate == 0 || to <= from {
            return 0;
        }
        // ∫ 2^(t/h) dt = h / ln 2 × (2^(b/h) − 2^(a/h)); 1 / ln 2 = 1.442695.
        let stretch = |(a, b, factor): &(Time, Time, u32)| {
            let grown = self.weight(*b).saturating_sub(self.weight(*a));
            let span = self.span();
            (u128::from(rate) * u128::from(*factor)).saturating_mul(grown * span) / 1000
        };
        if self.prices.times.is_empty() {
            return stretch(&(from, to, 1000));
        }
        self.prices.stretches(self.zone, from, to).iter().map(stretch).sum()
    }
}

impl Ledger {
    /// Brings the ledger to `now`, then changes the rate.
    pub fn change_rate(&mut self, now: Time, decay: Decay, add: u64, sub: u64) {
        self.used += decay.inflated(self.rate, self.settled, now);
        if self.rate > 0 || add > 0 {
            self.settled = self.settled.max(now);
        }
        self.rate = (self.rate + add).saturating_sub(sub);
    }

    /// Decayed use at `now`: price × milliseconds.
    pub fn used_at(&self, now: Time, decay: Decay) -> u128 {
        let inflated = self.used + decay.inflated(self.rate, self.settled, now);
        inflated / decay.weight(now).max(1)
    }
}

impl Purse {
    /// What was spent at `now` of the period around it.
    pub fn spent_at(&self, now: Time, policy: &Policy, budget: &Budget) -> u128 {
        let Some((began, _)) = budget.per.around(&policy.zone, now) else { return 0 };
        let from = self.settled.max(began);
        let before = if self.settled < began { 0 } else { self.used };
        before + policy.prices.cost(&policy.zone, self.rate, from, now.since(from))
    }
}

/// Whether a budget is about a purse.
pub(crate) fn pays(budget: &Budget, purse: &PurseId) -> bool {
    use crate::policy::who::Scope;
    if PurseId::new(budget, purse.who.clone()) != *purse {
        return false;
    }
    match (&budget.who, &purse.who) {
        (Scope::One(who), purse) => who == purse,
        (Scope::EachPerson, Who::Person(_))
        | (Scope::EachGrant, Who::Grant(..))
        | (Scope::EachLab, Who::Lab(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_moment_of_a_weight_is_the_first() {
        let policy = Policy::default();
        for half_life in [Span::hours(1), Span::hours(24 * 14)] {
            let decay = Decay { half_life, ..Decay::new(&policy, Time(777)) };
            let (now, by) = (Time(half_life.0 / 3), Time(half_life.0).after(decay.reach()));
            for millionths in
                [1_000_001u128, 1_000_999, 1_300_000, 1_999_999, 2_000_000, 31_000_000]
            {
                let wanted = decay.weight(now) * millionths / 1_000_000;
                let first = decay.first(now, wanted, by);
                assert!(decay.weight(first) >= wanted && decay.weight(Time(first.0 - 1)) < wanted);
            }
            let doubled = decay.weight(Time(777).after(half_life));
            assert_eq!(decay.first(now, doubled, by), Time(777).after(half_life));
        }
    }
}
