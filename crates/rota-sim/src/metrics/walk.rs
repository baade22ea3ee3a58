//! Reads the log once, from its beginning or a snapshot, and shows each measure what changes and how long it stays so.
//!
//! In: facts in order. Out: calls of [`Watch`]. Between two facts time passes in stretches in which nobody's right
//! changes: they are cut where a claim, a boost, a share or a price begins or ends.

use super::Before;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::job::Job;
use rota_core::plan::claim::next_change;
use rota_core::report::Stretch;
use rota_core::units::Time;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A fact as far as it is about one job.
pub struct Step<'a> {
    /// When.
    pub at: Time,
    /// The fact.
    pub event: &'a Event,
    /// The job.
    pub id: JobId,
    /// The job before; none: it is new.
    pub before: Option<&'a Job>,
    /// The job after; none: it has ended.
    pub after: Option<&'a Job>,
    /// Everything after.
    pub c: &'a Cluster,
}

impl Step<'_> {
    /// Whether the job goes on holding what it held: most facts about running jobs.
    pub fn goes_on(&self) -> bool {
        let held = self.before.and_then(Job::holds);
        held.is_some() && held == self.after.and_then(Job::holds)
    }
}

/// What is counted while the log is read.
pub trait Watch {
    /// Nothing changes from one moment of the period to another.
    fn pass(&mut self, c: &Cluster, from: Time, to: Time);
    /// One job changed.
    fn job(&mut self, step: &Step);
    /// Something that is about all jobs changed: policy, nodes, or whose time it is. Everything is to be looked at anew.
    fn all(&mut self, c: &Cluster, at: Time);
}

/// Where the reading is up to.
pub struct Walk<'w> {
    cluster: Cluster,
    period: Stretch,
    now: Option<Time>,
    boundary: Time,
    watches: Vec<&'w mut dyn Watch>,
}

impl<'w> Walk<'w> {
    /// Begins with the state before the first fact: empty, or a snapshot of `at`.
    pub fn new(cluster: Cluster, at: Option<Time>, period: Stretch) -> Walk<'w> {
        let boundary = at.map_or(Time(0), |at| boundary(&cluster, at));
        Walk { cluster, period, now: at, boundary, watches: Vec::new() }
    }

    /// The same with what a report has.
    pub fn begin(before: Before, period: Stretch) -> Walk<'w> {
        match before {
            None => Walk::new(Cluster::default(), None, period),
            Some((at, cluster)) => Walk::new(cluster, Some(at), period),
        }
    }

    /// Lets a measure watch.
    pub fn with(mut self, watch: &'w mut dyn Watch) -> Walk<'w> {
        if let Some(at) = self.now {
            watch.all(&self.cluster, at);
            for (id, job) in &self.cluster.jobs {
                // What came before the snapshot is only known as far as the job itself tells.
                let known = Event::Started { job: *id, turn: job.turns_begun };
                let (event, before, after) = (&known, None, Some(job.as_ref()));
                watch.job(&Step { at, event, id: *id, before, after, c: &self.cluster });
            }
        }
        self.watches.push(watch);
        self
    }

    /// The next fact. Facts after the period change nothing.
    pub fn event(&mut self, at: Time, event: &Event) {
        if at >= self.period.until {
            return;
        }
        self.pass_until(at);
        let at = self.now.unwrap_or(at);
        let before: Vec<(JobId, Option<Arc<Job>>)> = self
            .concerned(event)
            .into_iter()
            .map(|id| (id, self.cluster.jobs.get(&id).cloned()))
            .collect();
        self.cluster.apply(at, event);
        let c = &self.cluster;
        let new = match event {
            Event::Submitted { number, .. } | Event::Adopted { number, .. } => {
                c.named(JobId::single(*number)).into_iter().map(|j| (j.id, None)).collect()
            }
            _ => Vec::new(),
        };
        if is_about_all(event) {
            self.boundary = boundary(c, at);
            self.watches.iter_mut().for_each(|w| w.all(c, at));
        }
        for (id, before) in before.into_iter().chain(new) {
            let (before, after) = (before.as_deref(), c.job(id));
            let step = Step { at, event, id, before, after, c };
            self.watches.iter_mut().for_each(|w| w.job(&step));
        }
    }

    /// The rest of the period after the last fact.
    pub fn finish(mut self) -> Cluster {
        if self.now.is_some() {
            self.pass_until(self.period.until);
        }
        self.cluster
    }

    /// Jobs that exist and that a fact may change.
    fn concerned(&self, event: &Event) -> BTreeSet<JobId> {
        let Some(about) = event.about() else { return BTreeSet::new() };
        let mut all = BTreeSet::from([about]);
        if let Event::Ended { job, .. } = event {
            all.extend(self.cluster.dependents.get(&job.number).into_iter().flatten());
        }
        all.retain(|id| self.cluster.jobs.contains_key(id));
        all
    }

    fn pass_until(&mut self, at: Time) {
        let Some(mut now) = self.now else {
            self.boundary = boundary(&self.cluster, at);
            self.now = Some(at);
            return;
        };
        while now < at {
            let to = self.boundary.min(at).max(now);
            let (from, until) = (now.max(self.period.from), to.min(self.period.until));
            if from < until {
                self.watches.iter_mut().for_each(|w| w.pass(&self.cluster, from, until));
            }
            now = to;
            if now >= self.boundary {
                self.boundary = boundary(&self.cluster, now);
                self.watches.iter_mut().for_each(|w| w.all(&self.cluster, now));
            }
        }
        self.now = Some(now);
    }
}

fn is_about_all(event: &Event) -> bool {
    matches!(
        event,
        Event::PolicySet { .. }
            | Event::Booked { .. }
            | Event::Unbooked { .. }
            | Event::NodeAdded { .. }
            | Event::NodeReturned { .. }
            | Event::NodeLost { .. }
    )
}

/// The next moment after `at` at which a right, a weight or a price changes without a fact.
fn boundary(c: &Cluster, at: Time) -> Time {
    let (policy, zone) = (&c.policy, &c.policy.zone);
    let boosts = policy.boosts.iter().filter_map(|b| b.when.next_change(zone, at));
    let shares = policy.shares.iter().filter_map(|s| s.until);
    let prices = policy.prices.factor(zone, at).1;
    let all = boosts.chain(shares).chain(next_change(c, at)).chain([prices]);
    all.filter(|change| *change > at).min().unwrap_or(Time::FAR)
}
