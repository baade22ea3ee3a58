//! When a job may start at the earliest: within a year, and never so that it gains age.

use super::reject;
use crate::job::{Job, JobSpec};
use crate::request::{Change, Rejection};
use crate::units::{Span, Time};

/// Nobody waits longer on purpose.
const FARTHEST: Span = Span::hours(366 * 24);

pub(super) fn check(spec: &JobSpec, now: Time) -> Result<(), Rejection> {
    if spec.begin.is_none_or(|begin| begin <= now.after(FARTHEST)) {
        return Ok(());
    }
    let message =
        "a job can ask to start at most a year from now; queue it when the time is nearer";
    Err(reject("begin-too-far", [], message))
}

/// When a changed job may start. One that was not in line yet, and now wants to be, has no age from before.
pub(super) fn changed(job: &Job, change: &Change, now: Time) -> Option<Time> {
    match change.begin {
        Some(at) if at > now => Some(at),
        Some(_) if job.not_before.is_some() => Some(now),
        _ => job.spec.begin,
    }
}
