//! What an account has left in the purses that pay for it.

use crate::cluster::Cluster;
use crate::policy::WhenSpent;
use crate::policy::who::{Account, Who};
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// How full a purse is; sums are price × milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// Whose.
    pub who: Who,
    /// What there is in the period: price × milliseconds.
    pub whole: u64,
    /// What was spent in the period.
    pub spent: u64,
    /// When the period ends.
    pub until: Time,
    /// What happens when it is spent.
    pub when_spent: WhenSpent,
}

impl Filled {
    /// What is left.
    pub fn left(&self) -> u64 {
        self.whole.saturating_sub(self.spent)
    }
}

/// The purses that pay for an account, known here or not; outside of its only period there is nothing in a purse.
pub fn purses(c: &Cluster, account: Account, now: Time) -> Vec<Filled> {
    let one = |budget: &crate::policy::Budget| {
        let who = budget.who.one_of(account)?;
        let period = budget.per.around(&c.policy.zone, now);
        let known = c.accounts.purses.get(&crate::ledger::PurseId::new(budget, who.clone()));
        Some(Filled {
            whole: period.map_or(0, |_| budget.gpu_hours.saturating_mul(3_600_000)),
            spent: u64::try_from(known.map_or(0, |p| p.spent_at(now, &c.policy, budget)))
                .unwrap_or(u64::MAX),
            until: period.map_or(now, |(_, until)| until),
            when_spent: budget.when_spent,
            who,
        })
    };
    c.policy.budgets.iter().filter_map(one).collect()
}
