//! Whose right a claim is at a moment, and who may borrow what it is about.

use super::who::{Account, Who};
use super::{Claim, Lend, Policy, Reclaim};
use crate::calendar::{Zone, whose_turn};
use crate::job::TurnMode;
use crate::units::{Span, Time};

/// How long a holder may leave a claim unused from the start of its time on, before it is released.
pub const NO_SHOW: Span = Span::minutes(15);

/// What an account may do with claimed GPUs for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Leave them alone.
    None,
    /// Use them until the holder wants them back.
    Borrow,
    /// Use them: nobody claims them then.
    Free,
    /// Use them, before all others.
    Own,
}

impl Claim {
    /// Who holds it at `at`, and the stretch of time around: from, until.
    pub fn holder(&self, zone: &Zone, at: Time) -> Option<(&Who, Time, Time)> {
        let (from, until) = self.when.now(zone, at)?;
        if let [who] = self.who.as_slice() {
            return Some((who, from, until));
        }
        let (whose, next) = whose_turn(zone, self.every, self.who.len(), at);
        let began = Time(next.0.saturating_sub(self.every.0));
        Some((self.who.get(whose)?, from.max(began), until.min(next)))
    }

    /// The next moment after `at` at which another holds it, or nobody, or somebody.
    pub fn next_change(&self, zone: &Zone, at: Time) -> Option<Time> {
        match self.holder(zone, at) {
            Some((_, _, until)) => Some(until).filter(|t| *t < Time::FAR),
            None => self.when.next_change(zone, at),
        }
    }

    /// Whether it is for nobody: maintenance.
    pub fn is_maintenance(&self) -> bool {
        matches!(self.who.as_slice(), [Who::Nobody])
    }

    /// Whether it is bound to times, so that a holder who does not come loses it.
    pub fn can_be_missed(&self) -> bool {
        !self.when.is_always() && !self.is_maintenance()
    }

    /// Whether an account is among its holders at any time.
    pub fn concerns(&self, account: Account) -> bool {
        self.who.iter().any(|who| who.includes(account))
    }

    /// Whether a job may borrow: of an account that has a claim itself or not, giving way as it does, for so long.
    pub fn lends_to(&self, has_claim: bool, mode: TurnMode, walltime: Option<Span>) -> bool {
        let to_them = match self.lend {
            Lend::No => false,
            Lend::Owners => has_claim,
            Lend::All => true,
        };
        let gives_way = match self.reclaim {
            Reclaim::Suspend => mode != TurnMode::Never,
            Reclaim::Requeue => mode == TurnMode::Requeue,
            Reclaim::Wait => true,
        };
        let short = self.max_time.is_none_or(|most| walltime.is_some_and(|w| w <= most));
        to_them && gives_way && short
    }
}

impl Policy {
    /// Whether an account holds a claim at some time.
    pub fn has_claim(&self, account: Account) -> bool {
        self.claims.iter().any(|claim| claim.concerns(account))
    }
}
