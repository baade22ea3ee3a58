//! Purses: whether an account may run as it asks, only as spare, or not at all.

use crate::calendar::Period;
use crate::cluster::Cluster;
use crate::id::PersonId;
use crate::policy::who::Who;
use crate::policy::{Budget, WhenSpent};
use crate::units::Time;

/// How an account stands with its purses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Something is left.
    Good,
    /// Spent: what it runs is spare.
    Spare,
    /// Spent beyond where it stops.
    Stopped,
}

/// How an account stands at a moment; the worst of its purses counts.
pub(crate) fn standing(c: &Cluster, person: PersonId, now: Time) -> Standing {
    let purses = c.accounts.person(person).purses.iter();
    let all = purses.filter_map(|(at, who)| Some(of(c, c.policy.budgets.get(*at)?, who, now)));
    all.max().unwrap_or(Standing::Good)
}

/// The first purse that keeps an account from running as it asks.
pub(crate) fn spent(c: &Cluster, person: PersonId, now: Time) -> Option<(&Budget, &Who)> {
    let purses = c.accounts.person(person).purses.iter();
    purses
        .filter_map(|(at, who)| Some((c.policy.budgets.get(*at)?, who)))
        .find(|(budget, who)| of(c, budget, who, now) == Standing::Stopped)
}

fn of(c: &Cluster, budget: &Budget, who: &Who, now: Time) -> Standing {
    // Outside of its only period there is nothing to spend.
    let spent = match budget.per.around(&c.policy.zone, now) {
        None => u128::MAX,
        Some(_) => c.accounts.purses.get(who).map_or(0, |p| p.spent_at(now, &c.policy, budget)),
    };
    let stop = budget.stop_at.is_some_and(|at| spent >= purse(budget, at));
    match budget.when_spent {
        WhenSpent::Show => Standing::Good,
        _ if stop => Standing::Stopped,
        _ if spent < purse(budget, 1000) => Standing::Good,
        WhenSpent::Stop => Standing::Stopped,
        WhenSpent::Spare if spent == u128::MAX && budget.stop_at.is_some() => Standing::Stopped,
        WhenSpent::Spare => Standing::Spare,
    }
}

/// A part of a purse as price × milliseconds.
fn purse(budget: &Budget, part: u32) -> u128 {
    u128::from(budget.gpu_hours) * u128::from(part) / 1000 * 3_600_000
}

/// The next moment after `now` at which a purse changes its standing: it is spent, stops, or begins anew.
pub(crate) fn next_change(c: &Cluster, now: Time) -> Option<Time> {
    let purse_changes = |(who, p): (&Who, &crate::account::Purse)| {
        let budget = c.policy.budgets.iter().find(|b| crate::account::pays(b, who))?;
        let (_, ends) = budget.per.around(&c.policy.zone, now)?;
        let spent = p.spent_at(now, &c.policy, budget);
        let marks = [Some(1000), budget.stop_at].into_iter().flatten();
        let ahead = marks.map(|part| purse(budget, part)).filter(|mark| *mark > spent).min();
        let rate = u128::from(p.rate);
        let crossing = ahead.filter(|_| rate > 0).map(|mark| {
            let left = u64::try_from((mark - spent).div_ceil(rate)).unwrap_or(u64::MAX);
            Time(now.0.saturating_add(left.max(1000)))
        });
        [crossing, Some(ends)].into_iter().flatten().min()
    };
    let begins = c.policy.budgets.iter().filter_map(|budget| match budget.per {
        Period::Between(from, _) => Some(from).filter(|from| *from > now),
        _ => None,
    });
    let purses = c.accounts.purses.iter().filter_map(purse_changes);
    purses.chain(begins).min().filter(|at| *at < Time::FAR)
}
