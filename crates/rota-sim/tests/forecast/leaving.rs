//! People take jobs out of the queue before they begin: a forecast expects of them what they did before.

use crate::past::{Past, after, job, look, past, site};
use rota_core::id::JobId;
use rota_core::units::{Span, Time};
use rota_sim::replay::Submission;

/// Four GPUs that are held for 3 hours from a moment on, and twenty jobs that wait for them from the next minute on.
fn a_queue(at: u64, leaves: Option<Span>) -> Vec<Submission> {
    let one = |n: u64| Submission {
        leaves: leaves.filter(|_| n >= 4),
        ..job(after(at + u64::from(n >= 4)), "kim", 1, Span::hours(3))
    };
    (0..24).map(one).collect()
}

/// When the second queue begins, and when it is looked at.
const SECOND: u64 = 6000;
const NOW: u64 = SECOND + 10;

/// Twelve jobs that ran, a first queue whose jobs were taken out as said, and a second one.
fn two_queues(leaves: Option<Span>) -> Past {
    let ran = (0..12).map(|n| job(after(n * 181), "kim", 1, Span::hours(3)));
    let jobs = ran.chain(a_queue(3000, leaves)).chain(a_queue(SECOND, None));
    let past = past(&site(1, |_| "A100"), &jobs.collect::<Vec<_>>(), after(NOW));
    assert_eq!(past.cluster.jobs.len(), 24, "four run and twenty wait");
    past
}

/// When the last job of the second queue is expected to start, in hours from its submit.
fn last_starts(leaves: Option<Span>) -> (u64, u64) {
    let past = two_queues(leaves);
    let all = look(&past.cluster, &past.history, after(NOW));
    let (_, last) = all.last_key_value().expect("all wait or run");
    let start = last.start.expect("something is expected");
    let hours = |at: Time| at.since(after(SECOND)).0 / Span::hours(1).0;
    (hours(start.p10), hours(start.p90))
}

#[test]
fn behind_people_who_leave_the_queue_a_job_is_expected_to_start_sooner() {
    assert_eq!(last_starts(None), (15, 15), "nobody ever left: twenty jobs, four at a time");
    let (early, late) = last_starts(Some(Span::hours(1)));
    assert!(early >= 3, "no GPU is free before, but {early} h are expected");
    assert!(late < 15, "all that waited for an hour left, but {late} h are expected");
}

#[test]
fn a_job_that_may_be_taken_out_has_a_window_as_if_it_were_not() {
    let past = two_queues(Some(Span::hours(1)));
    for (id, expected) in look(&past.cluster, &past.history, after(NOW)) {
        let waits = past.starts.contains_key(&id);
        assert_eq!(expected.start.is_some(), waits, "job {id}: {expected:?}");
        assert!(expected.finish.is_some_and(|band| band.p90 < Time::FAR), "job {id}: {expected:?}");
    }
    assert!(past.cluster.jobs.contains_key(&JobId::single(past.cluster.next_number - 1)));
}
