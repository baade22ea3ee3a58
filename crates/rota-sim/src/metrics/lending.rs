//! The lender's ledger: what owners lent, what they had in return, and how fast lent GPUs came back.
//!
//! Lent: others ran on GPUs while someone held a claim to them. In return: the holder's people ran on GPUs that others
//! claimed, or nobody. A recall begins when the holder's job could have had the GPUs ([`super::delay`]) and ends when the
//! borrower holds them no more.

use super::delay::Delays;
use super::number::{Rank, count, gpu_hours, span_percentile};
use super::pins::{Held, held, includes, is_any, on_node, touched, users};
use super::walk::{Step, Watch};
use rota_core::cluster::{ClaimId, Cluster};
use rota_core::decision::Reason;
use rota_core::event::Event;
use rota_core::id::{GpuSet, JobId};
use rota_core::job::Job;
use rota_core::plan::claim::is_missed;
use rota_core::policy::rights::NO_SHOW;
use rota_core::report::{ClaimUse, Lending, Owner, Stretch};
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

/// Whose claim, and which.
type Key = (String, ClaimId);

/// GPUs that are used on a claim now, and what came of it: GPUs × milliseconds.
#[derive(Default)]
struct OnClaim {
    lent: u32,
    own: u32,
    lent_time: u128,
    own_time: u128,
    pool: String,
    grace: Span,
    recalls: Vec<Span>,
    no_shows: u64,
    /// Someone holds it now.
    is_held: bool,
    /// Someone held it in the period.
    was_held: bool,
}

/// GPUs that are used beyond one's own claims, on what others claim and on what nobody does.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Beyond {
    borrowed: u32,
    unclaimed: u32,
}

/// A borrower on its way out.
struct Recall {
    key: Key,
    asked: Time,
}

/// All of it.
pub struct Lendings {
    period: Stretch,
    delays: Delays,
    claims: BTreeMap<Key, OnClaim>,
    jobs: BTreeMap<JobId, Vec<(String, Beyond)>>,
    beyond: BTreeMap<String, (Beyond, u128, u128)>,
    recalls: BTreeMap<JobId, Recall>,
}

impl Lendings {
    /// For a period.
    pub fn new(period: Stretch) -> Lendings {
        let (claims, jobs) = Default::default();
        let (beyond, recalls) = Default::default();
        Lendings { period, delays: Delays::default(), claims, jobs, beyond, recalls }
    }

    /// The ledger.
    pub fn report(self) -> Lending {
        let mut owners: BTreeMap<String, Owner> = BTreeMap::new();
        for ((who, id), sums) in self.claims.into_iter().filter(|(_, sums)| sums.was_held) {
            let owner = owners.entry(who.clone()).or_default();
            owner.who = who;
            let (lent, own) = (gpu_hours(sums.lent_time), gpu_hours(sums.own_time));
            (owner.lent, owner.own) = (owner.lent + lent, owner.own + own);
            owner.claims.push(ClaimUse {
                claim: id.into(),
                pool: sums.pool,
                lent,
                own,
                recalls: count(sums.recalls.len()),
                recall_p50: span_percentile(&sums.recalls, Rank::P50),
                recall_p95: span_percentile(&sums.recalls, Rank::P95),
                recall_max: span_percentile(&sums.recalls, Rank::Max),
                grace: sums.grace,
                no_shows: sums.no_shows,
            });
        }
        for (who, (_, borrowed, unclaimed)) in self.beyond {
            if let Some(owner) = owners.get_mut(&who) {
                (owner.borrowed, owner.unclaimed) = (gpu_hours(borrowed), gpu_hours(unclaimed));
            }
        }
        Lending { period: self.period, owners: owners.into_values().collect() }
    }

    fn look_at_claim(&mut self, c: &Cluster, held: &Held) {
        let (mut lent, mut own) = (0, 0);
        for node in c.nodes.values() {
            let pins = on_node(node, held.id);
            if pins.is_empty() {
                continue;
            }
            let (theirs, others) = users(c, node, held.who);
            lent += pins.common(others).count();
            own += pins.common(theirs).count();
        }
        let sums = self.claims.entry((held.who.to_string(), held.id)).or_default();
        (sums.lent, sums.own, sums.is_held) = (lent, own, true);
        if let Some(claim) = c.claim(held.id) {
            (sums.pool, sums.grace) = (claim.pool.clone(), claim.grace);
        }
    }

    fn look_at_job(&mut self, c: &Cluster, id: JobId, job: Option<&Job>, now: &[Held]) {
        let place = job.and_then(|job| Some((job, job.holds()?)));
        let all = place.map_or(Vec::new(), |(job, place)| {
            let mut all: BTreeMap<String, Beyond> = BTreeMap::new();
            for held in now.iter().filter(|h| includes(c, h.who, job.owner)) {
                all.entry(held.who.to_string()).or_default();
            }
            for (who, sum) in &mut all {
                for part in place.parts() {
                    let Some(node) = c.nodes.get(&part.node) else { continue };
                    let pins = |own: bool| {
                        let same = now.iter().filter(|h| (h.who.to_string() == *who) == own);
                        same.fold(GpuSet::default(), |all, h| all.and(on_node(node, h.id)))
                    };
                    let outside = part.gpus.without(pins(true));
                    let borrowed = outside.common(pins(false)).count();
                    sum.borrowed += borrowed;
                    sum.unclaimed += outside.count() - borrowed;
                }
            }
            all.into_iter().collect()
        });
        for (who, beyond) in self.jobs.remove(&id).unwrap_or_default() {
            let (sum, ..) = self.beyond.entry(who).or_default();
            sum.borrowed = sum.borrowed.saturating_sub(beyond.borrowed);
            sum.unclaimed = sum.unclaimed.saturating_sub(beyond.unclaimed);
        }
        for (who, beyond) in &all {
            let (sum, ..) = self.beyond.entry(who.clone()).or_default();
            sum.borrowed += beyond.borrowed;
            sum.unclaimed += beyond.unclaimed;
        }
        if !all.is_empty() {
            self.jobs.insert(id, all);
        }
    }

    /// A borrower was asked to leave, or has left.
    fn look_at_recall(&mut self, step: &Step) {
        if step.after.is_none_or(|job| job.holds().is_none())
            && let Some(recall) = self.recalls.remove(&step.id)
            && self.period.from <= step.at
            && let Some(sums) = self.claims.get_mut(&recall.key)
        {
            sums.recalls.push(step.at.since(recall.asked));
        }
        let Event::StopDecided { reason: Reason::Reclaimed { for_job }, .. } = step.event else {
            return;
        };
        let (Some(borrower), Some(wants)) = (step.before, step.c.job(*for_job)) else { return };
        let Some(place) = borrower.holds() else { return };
        let now = held(step.c, step.at);
        let of_holder = now.iter().find(|h| {
            let is_here = place.parts().any(|part| {
                let node = step.c.nodes.get(&part.node);
                node.is_some_and(|n| !on_node(n, h.id).common(part.gpus).is_empty())
            });
            is_here
                && includes(step.c, h.who, wants.owner)
                && !includes(step.c, h.who, borrower.owner)
        });
        let asked = self.delays.of(*for_job).since.unwrap_or(step.at);
        self.recalls
            .extend(of_holder.map(|h| (step.id, Recall { key: (h.who.to_string(), h.id), asked })));
    }
}

impl Watch for Lendings {
    fn pass(&mut self, _c: &Cluster, from: Time, to: Time) {
        let span = u128::from(to.since(from).0);
        for sums in self.claims.values_mut() {
            sums.lent_time += u128::from(sums.lent) * span;
            sums.own_time += u128::from(sums.own) * span;
            sums.was_held |= sums.is_held;
        }
        for (now, borrowed, unclaimed) in self.beyond.values_mut() {
            *borrowed += u128::from(now.borrowed) * span;
            *unclaimed += u128::from(now.unclaimed) * span;
        }
    }

    fn job(&mut self, step: &Step) {
        if !is_any(step.c) {
            return;
        }
        self.look_at_recall(step);
        self.delays.step(step);
        let place = |job: Option<&Job>| job.and_then(|j| j.holds().cloned());
        if place(step.before) == place(step.after) {
            return;
        }
        for held in touched(step) {
            self.look_at_claim(step.c, &held);
        }
        self.look_at_job(step.c, step.id, step.after, &held(step.c, step.at));
    }

    fn all(&mut self, c: &Cluster, at: Time) {
        self.delays.all(c, at);
        let now = held(c, at);
        for sums in self.claims.values_mut() {
            (sums.lent, sums.own, sums.is_held) = (0, 0, false);
        }
        now.iter().for_each(|h| self.look_at_claim(c, h));
        let known: Vec<JobId> = self.jobs.keys().chain(c.jobs.keys()).copied().collect();
        known.into_iter().for_each(|id| self.look_at_job(c, id, c.job(id), &now));
        for h in now.iter().filter(|h| h.since.after(NO_SHOW) == at && self.period.from <= at) {
            let Some(claim) = c.claim(h.id).filter(|claim| claim.can_be_missed()) else { continue };
            if is_missed(c, (h.id, claim), h.since, at) {
                let sums = self.claims.entry((h.who.to_string(), h.id)).or_default();
                sums.no_shows += 1;
            }
        }
    }
}
