//! Jobs that use more than their part of a GPU.

use crate::decision::Reason;
use crate::job::{Job, Outcome};
use crate::part::Excess;
use crate::units::{Mib, Time};

/// Notes how much it uses; since when is what was said first.
pub(super) fn note(job: &mut Job, at: Time, used: Mib) {
    let since = job.excess.map_or(at, |before| before.since);
    job.excess = Some(Excess { since, used });
}

/// Notes how much it used when it was stopped, where that is why.
pub(super) fn note_stop(job: &mut Job, at: Time, reason: &Reason) {
    if let Reason::PartExceeded { used, .. } = reason {
        note(job, at, *used);
    }
}

/// How it ends.
pub(super) fn outcome(job: &Job) -> Outcome {
    let used = job.excess.map_or(Mib(0), |excess| excess.used);
    Outcome::PartExceeded { used, part: job.spec.gpu_mem.unwrap_or_default() }
}
