//! GPUs that are not used, or are again, and reasons to leave them to a job.

use crate::cluster::Cluster;
use crate::decision::Reason;
use crate::event::Event;
use crate::idle::{Pin, Unused};
use crate::job::Job;
use crate::units::Time;

/// Who does not type while a job leaves its GPUs is away until they do.
pub(super) fn note_stop(job: &mut Job, reason: &Reason) {
    job.idling.away = job.spec.interactive && matches!(reason, Reason::Idle { .. });
}

impl Cluster {
    pub(super) fn change_idling(&mut self, at: Time, event: &Event) {
        match event {
            Event::WentIdle { job, gpus, since, empty, .. } => self.change(at, *job, |j| {
                let all = j.spec.all_gpus();
                let some = j.idling.unused.is_some_and(|known| known.gpus < all);
                // Who was told of some of them has not been told that it may lose them.
                j.idling.told &= !(some && *gpus >= all);
                j.idling.unused = Some(Unused { gpus: *gpus, since: *since, empty: *empty });
            }),
            Event::WentBusy { job, .. } => self.change(at, *job, |j| {
                (j.idling.worked, j.idling.unused, j.idling.told) = (true, None, false);
            }),
            Event::PersonReturned { job } => self.change(at, *job, |j| {
                j.idling.rest();
                j.idling.away = false;
            }),
            Event::IdleWarned { job, .. } => self.change(at, *job, |j| j.idling.told = true),
            Event::Pinned { job, why, by } => self.change(at, *job, |j| {
                j.pin = Some(Pin { why: why.clone(), by: by.clone(), since: at });
            }),
            Event::Unpinned { job, .. } => self.change(at, *job, |j| j.pin = None),
            _ => {}
        }
    }
}
