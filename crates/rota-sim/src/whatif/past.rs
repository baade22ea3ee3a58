//! The site's own past jobs, from its event log: what people asked for, when, and how long it held its GPUs.
//!
//! A job that was there before the period begins with it, with what it still ran in it.

use super::booked::Booked;
use crate::metrics::{Before, Facts, Step, Walk, Watch};
use rota_core::apply::used_until;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::job::{Job, JobSpec};
use rota_core::past::{Past, PastJob};
use rota_core::report::Stretch;
use rota_core::units::{GpuTime, Span, Time};
use std::collections::BTreeMap;

/// Jobs and bookings of a period from the facts of a log.
///
/// # Errors
/// As the reading of the facts fails.
pub fn past<E>(before: Before, period: Stretch, facts: impl Facts<E>) -> Result<Past, E> {
    let (mut pasts, mut booked) = (Pasts::new(period), Booked::new(&before));
    let mut walk = Walk::begin(before, period).with(&mut pasts);
    facts(&mut |at, event| {
        booked.note(at, event);
        walk.event(at, event);
    })?;
    let c = walk.finish();
    let bookings = booked.in_period(&c, period);
    Ok(Past { bookings, ..pasts.finish(&c) })
}

/// What is known of a job that has not ended.
#[derive(Default)]
struct Open {
    blocked_since: Option<Time>,
    blocked: Span,
    model: Option<String>,
    /// GPU time before the period.
    earlier: GpuTime,
}

struct Pasts {
    period: Stretch,
    has_begun: bool,
    open: BTreeMap<JobId, Open>,
    jobs: Vec<(JobId, Time, PastJob)>,
    never_ran: u64,
}

impl Pasts {
    fn new(period: Stretch) -> Pasts {
        let (open, jobs) = Default::default();
        Pasts { period, has_begun: false, open, jobs, never_ran: 0 }
    }

    /// A job at the moment that it ended, or that the period did.
    fn close(&mut self, c: &Cluster, job: &Job, at: Time, ended: Option<Time>) {
        let open = self.open.remove(&job.id).unwrap_or_default();
        if at < self.period.from || job.spec.all_gpus() == 0 {
            return;
        }
        let used = used_until(job, at).0.saturating_sub(open.earlier.0);
        let runs = Span(used.saturating_mul(1000) / u64::from(job.thousandths().max(1)));
        let (Some(started), false) = (job.first_started, runs == Span::ZERO) else {
            self.never_ran += 1;
            return;
        };
        let account = c.accounts.account(job.owner);
        let past = PastJob {
            submitted: job.submitted.after(open.blocked).max(self.period.from),
            person: account.person.to_owned(),
            lab: account.lab.to_owned(),
            grant: account.grant.to_owned(),
            spec: alone(&job.spec),
            runs,
            model: open.model,
            started,
            ended,
        };
        self.jobs.push((job.id, job.submitted, past));
    }

    fn finish(mut self, c: &Cluster) -> Past {
        for job in c.jobs.values() {
            self.close(c, job, self.period.until, None);
        }
        let mut jobs = self.jobs;
        jobs.sort_by_key(|(id, submitted, job)| (job.submitted, *submitted, *id));
        let jobs: Vec<PastJob> = jobs.into_iter().map(|(_, _, job)| job).collect();
        let first = jobs.first().map_or(self.period.from, |job| job.submitted);
        let from = self.period.from.max(first);
        let period = Stretch { from, until: self.period.until };
        Past { period, jobs, bookings: Vec::new(), never_ran: self.never_ran }
    }
}

impl Watch for Pasts {
    fn pass(&mut self, c: &Cluster, from: Time, _to: Time) {
        if !std::mem::replace(&mut self.has_begun, true) {
            for job in c.jobs.values() {
                self.open.entry(job.id).or_default().earlier = used_until(job, from);
            }
        }
    }

    fn job(&mut self, step: &Step) {
        if let (Event::Ended { job, .. }, Some(before)) = (step.event, step.before)
            && *job == step.id
        {
            return self.close(step.c, before, step.at, Some(step.at));
        }
        let Some(job) = step.after else { return };
        let open = self.open.entry(job.id).or_default();
        if let Some(node) = job.holds().and_then(|place| step.c.nodes.get(&place.node)) {
            open.model.clone_from(&node.node.model);
        }
        // Only until its first start: what came later is no wait for the first.
        let is_blocked = !job.is_ready() && job.holds().is_none() && job.first_started.is_none();
        match (open.blocked_since, is_blocked) {
            (None, true) => open.blocked_since = Some(step.at),
            (Some(since), false) => {
                open.blocked = open.blocked.plus(step.at.since(since));
                open.blocked_since = None;
            }
            _ => {}
        }
    }

    fn all(&mut self, _c: &Cluster, _at: Time) {}
}

/// What it asked for as a job of its own, without what only its program or its people look at.
fn alone(spec: &JobSpec) -> JobSpec {
    JobSpec {
        name: String::new(),
        after: Vec::new(),
        begin: None,
        at_most: None,
        retries: 0,
        warning: None,
        ..spec.clone()
    }
}
