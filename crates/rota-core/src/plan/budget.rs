//! Purses: whether an account may run as it asks, only as spare, or not at all.

use crate::calendar::Period;
use crate::cluster::Cluster;
use crate::id::PersonId;
use crate::ledger::{Purse, PurseId, pays};
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
    let all = purses.filter_map(|(at, id)| Some(of(c, c.policy.budgets.get(*at)?, id, now)));
    all.max().unwrap_or(Standing::Good)
}

/// The first purse that keeps an account from running as it asks.
pub(crate) fn spent(c: &Cluster, person: PersonId, now: Time) -> Option<(&Budget, &Who)> {
    let purses = c.accounts.person(person).purses.iter();
    purses
        .filter_map(|(at, id)| Some((c.policy.budgets.get(*at)?, id)))
        .find(|(budget, id)| of(c, budget, id, now) == Standing::Stopped)
        .map(|(budget, id)| (budget, &id.who))
}

fn of(c: &Cluster, budget: &Budget, id: &PurseId, now: Time) -> Standing {
    // Outside of its only period there is nothing to spend.
    let spent = match budget.per.around(&c.policy.zone, now) {
        None => u128::MAX,
        Some(_) => c.accounts.purses.get(id).map_or(0, |p| p.spent_at(now, &c.policy, budget)),
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
    let periods = c.policy.budgets.iter().filter_map(|budget| match budget.per {
        Period::Between(from, _) if now < from => Some(from),
        per => per.around(&c.policy.zone, now).map(|(_, ends)| ends),
    });
    let spent = c.accounts.purses.iter().filter_map(|(id, purse)| crossing(c, id, purse, now));
    periods.chain(spent).min().filter(|at| *at < Time::FAR)
}

/// When a purse comes to a mark of one of its budgets, at the lowest, if nothing is stopped.
fn crossing(c: &Cluster, id: &PurseId, purse: &Purse, now: Time) -> Option<Time> {
    let rate = u128::from(purse.rate);
    let budgets = c.policy.budgets.iter().filter(|b| rate > 0 && pays(b, id));
    let crossings = budgets.filter_map(|budget| {
        let spent = purse.spent_at(now, &c.policy, budget);
        let marks = [Some(1000), budget.stop_at].into_iter().flatten();
        let mark =
            marks.map(|part| self::purse(budget, part)).filter(|mark| *mark > spent).min()?;
        let left = u64::try_from((mark - spent).div_ceil(rate)).unwrap_or(u64::MAX);
        Some(Time(now.0.saturating_add(left.max(1000))))
    });
    crossings.min()
}
