//! The bound on waiting, and whether a promise can be kept.

use super::Policy;
use crate::units::Span;
use serde::{Deserialize, Serialize};

/// What a bound is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// N: grants that want turns.
    pub grants: u32,
    /// g: GPUs of the largest job that has a promise.
    pub gang: u32,
    /// G: GPUs.
    pub gpus: u32,
    /// How many such jobs run at one time: G ÷ g, less what is left over on each node.
    pub at_once: u32,
    /// q: a turn.
    pub slice: Span,
    /// How long a job may take to make room.
    pub grace: Span,
}

impl Bound {
    /// Nobody waits longer: ⌈N ÷ jobs at once⌉ turns and the grace, which is ⌈N·g/G⌉ where gangs fill the nodes. None
    /// where no gang fits.
    ///
    /// ```
    /// use rota_core::policy::promise::Bound;
    /// use rota_core::units::Span;
    /// let (slice, grace) = (Span::hours(4), Span::ZERO);
    /// let bound = Bound { grants: 20, gang: 4, gpus: 16, at_once: 4, slice, grace };
    /// assert_eq!(bound.wait(), Some(Span::hours(20)));
    /// ```
    pub fn wait(&self) -> Option<Span> {
        if self.at_once == 0 {
            return None;
        }
        let turns = u64::from(self.grants.div_ceil(self.at_once).max(1));
        Some(Span(self.slice.0.saturating_mul(turns)).plus(self.grace))
    }

    /// The longest slice with which nobody waits longer than `promise`.
    pub fn slice_for(&self, promise: Span) -> Option<Span> {
        let turns = self.wait()?.0.saturating_sub(self.grace.0) / self.slice.0.max(1);
        let slice = promise.0.saturating_sub(self.grace.0) / turns.max(1);
        // Whole minutes: what people write.
        Some(Span(slice / 60_000 * 60_000)).filter(|s| s.0 > 0)
    }
}

impl Policy {
    /// The most GPUs a person's jobs may have at once in a pool, if the policy says so.
    pub fn gang_limit(&self, pool: &str) -> Option<u32> {
        let about = |l: &&super::Limit| {
            l.class.is_none() && l.pool.as_deref().is_none_or(|name| name == pool)
        };
        let limits = self.limits.iter().filter(about);
        let all = |l: &super::Limit| {
            use super::who::{Scope, Who};
            let each = !matches!(l.who, Scope::One(ref who) if *who != Who::Everyone);
            each.then_some([l.gpus, l.gpus_per_job]).into_iter().flatten().flatten().min()
        };
        limits.filter_map(all).min()
    }
}
