//! People who take their jobs out of the queue before they begin.

use super::{Coming, Replay};
use rota_core::admit::admit;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::job::Job;
use rota_core::request::Request;
use rota_core::units::Time;
use std::cmp::Reverse;

impl Replay<'_> {
    /// Says when a job leaves the queue, if it has not begun by then.
    pub fn leaves(&mut self, job: JobId, at: Time) {
        self.coming.push(Reverse((at, Coming::Leave(job))));
    }

    /// Whether a job has not begun yet.
    pub(super) fn may_leave(&self, job: JobId) -> bool {
        self.cluster.job(job).is_some_and(Job::waits_to_begin)
    }

    /// Its owner takes it out of the queue.
    pub(super) fn leave(&mut self, now: Time, job: JobId) {
        let Some(known) = self.cluster.job(job).filter(|job| job.waits_to_begin()) else { return };
        let asker = self.cluster.accounts.asker(known.owner);
        let facts = admit(&self.cluster, &asker, &Request::Cancel(job), now).unwrap_or_default();
        self.forget_ended(&facts);
        self.apply(now, &facts);
    }

    /// What was known of jobs that have ended is needed no more.
    pub(super) fn forget_ended(&mut self, facts: &[Event]) {
        for fact in facts {
            if let Event::Ended { job, .. } = fact {
                self.owed.remove(&job.number);
            }
        }
    }
}
