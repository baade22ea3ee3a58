//! A policy that was set.

use crate::cluster::{ClaimId, Cluster, PolicySetBy};
use crate::id::JobId;
use crate::job::Placement;
use crate::policy::Policy;
use crate::units::Time;
use std::sync::Arc;

impl Cluster {
    /// Running work goes on: only what it costs, and where it counts, is new.
    pub(super) fn set_policy(&mut self, at: Time, policy: &Policy, by: &str) {
        self.accounts.settle_all(at, &self.policy);
        if self.policy.half_life != policy.half_life {
            self.accounts.begin_anew(at, &self.policy);
        }
        let before = std::mem::replace(&mut self.policy, policy.clone());
        // Whoever had come to a claim has come to the same claim in the new policy.
        let moved = |id: &ClaimId| match id {
            ClaimId::Booking(_) => Some(*id),
            ClaimId::Policy(at) => {
                let claim = before.claims.get(usize::from(*at))?;
                let now = policy.claims.iter().position(|c| c == claim)?;
                u16::try_from(now).ok().map(ClaimId::Policy)
            }
        };
        let shown = std::mem::take(&mut self.shown);
        self.shown = shown.into_iter().filter_map(|(id, at)| Some((moved(&id)?, at))).collect();
        if !by.is_empty() {
            self.policy_set = Some(PolicySetBy { at, by: by.to_owned() });
        }
        self.reindex();
        let holders: Vec<(JobId, Placement)> =
            self.jobs.values().filter_map(|j| Some((j.id, j.holds()?.clone()))).collect();
        for (id, placement) in holders {
            let Some(mut job) = self.jobs.get(&id).map(|j| j.as_ref().clone()) else { continue };
            job.rate = self.rate_at(&job, &placement);
            self.accounts.change_rate(at, &self.policy, self.whom(&job, &placement), (job.rate, 0));
            self.jobs.insert(id, Arc::new(job));
        }
    }
}
