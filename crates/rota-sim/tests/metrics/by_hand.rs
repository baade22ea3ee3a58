//! Fairness of logs that fit on a page.

use crate::log::{Log, hours, measure, minutes, period, value};
use rota_core::decision::Reason;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::job::{Outcome, Stop, TurnMode};
use rota_core::policy::who::Who;
use rota_core::policy::{Policy, Pool, Share, Turn};
use rota_core::units::{Span, Time};

fn two_to_one() -> Policy {
    let who = Who::Lab("kim".into());
    Policy { shares: vec![Share { who, share: 2000, until: None }], ..Policy::default() }
}

#[test]
fn labs_that_have_their_parts_are_apart_from_them_by_nothing() {
    let log = Log::new(two_to_one(), 3)
        .submit(hours(0), 1, "kim", 2)
        .submit(hours(0), 2, "lee", 1)
        .submit(hours(0), 3, "kim", 1)
        .submit(hours(0), 4, "lee", 1)
        .start(hours(0), 1, 1, &[0, 1])
        .start(hours(0), 2, 1, &[2]);
    let report = log.fairness(period(0, 6));
    let had: Vec<_> =
        report.labs.iter().map(|l| (l.lab.as_str(), l.entitled, l.delivered)).collect();
    assert_eq!(had, [("kim", 12_000, 12_000), ("lee", 6_000, 6_000)]);
    assert_eq!(value(&report, "share-error-worst"), Some(0));
    assert_eq!(value(&report, "jain"), Some(1000));
    assert_eq!(measure(&report, "share-error-worst").jobs, 4);
}

#[test]
fn a_lab_that_has_an_eighteenth_too_much_is_five_points_and_a_half_off() {
    // kim has 2 of 3 GPUs for 5 h and 1 for an hour: 11 of 18, and 12 are its part.
    let log = Log::new(two_to_one(), 3)
        .submit(hours(0), 1, "kim", 1)
        .submit(hours(0), 2, "lee", 1)
        .submit(hours(0), 3, "kim", 1)
        .submit(hours(0), 4, "lee", 1)
        .submit(hours(0), 5, "kim", 1)
        .start(hours(0), 1, 1, &[0])
        .start(hours(0), 2, 1, &[1])
        .start(hours(0), 3, 1, &[2])
        .stop(hours(5), 3, 1, Stop::Suspend, Reason::TurnOver { for_job: JobId::single(4) })
        .start(hours(5), 4, 1, &[2]);
    let report = log.fairness(period(0, 6));
    assert_eq!(value(&report, "share-error-worst"), Some(5555));
    // x = 11/12 and 7/6: (2.083)² ÷ (2 × 2.201) = 0.985.
    assert_eq!(value(&report, "jain"), Some(985));
    assert_eq!(measure(&report, "share-error-median").ok, Some(false));
    assert_eq!(measure(&report, "share-error-worst").ok, Some(true));
}

#[test]
fn what_a_lab_does_not_want_is_the_others_part() {
    // lee wants one GPU of three and has it: kim's part is the other two, though lee is as heavy.
    let log = Log::new(Policy::default(), 3)
        .submit(hours(0), 1, "kim", 2)
        .submit(hours(0), 2, "kim", 1)
        .submit(hours(0), 3, "lee", 1)
        .start(hours(0), 1, 1, &[0, 1])
        .start(hours(0), 3, 1, &[2]);
    assert_eq!(value(&log.fairness(period(0, 6)), "share-error-worst"), Some(0));
}

#[test]
fn while_nothing_waits_nobody_is_unfair() {
    let log = Log::new(Policy::default(), 4)
        .submit(hours(0), 1, "kim", 3)
        .submit(hours(0), 2, "lee", 1)
        .start(hours(0), 1, 1, &[0, 1, 2])
        .start(hours(0), 2, 1, &[3]);
    let report = log.fairness(period(0, 6));
    assert!(report.labs.is_empty());
    assert_eq!(measure(&report, "jain").value, None);
}

/// A runs 0–2 and 4–6, B runs 2–4 and 6–8, both 4 h on one GPU.
fn turns() -> Log {
    let over = |n| Reason::TurnOver { for_job: JobId::single(n) };
    let log = Log::new(Policy::default(), 1)
        .submit(hours(0), 1, "kim", 1)
        .submit(hours(0), 2, "lee", 1)
        .start(hours(0), 1, 1, &[0])
        .stop(hours(2), 1, 1, Stop::Suspend, over(2))
        .start(hours(2), 2, 1, &[0])
        .stop(hours(4), 2, 1, Stop::Suspend, over(1));
    let resumed = log.start(hours(4), 1, 2, &[0]).end(hours(6), 1);
    resumed.start(hours(6), 2, 2, &[0]).end(hours(8), 2)
}

#[test]
fn rho_compares_with_the_lab_alone_on_its_part() {
    let report = turns().fairness(period(0, 9));
    // Alone on half a GPU both would end after 8 h, until A has ended at 6 h: then B's lab has all of it, and ends the
    // 1 h that is left at 7 h. A: 6 ÷ 8, B: 8 ÷ 7.
    assert_eq!(value(&report, "rho-p50"), Some(750));
    assert_eq!(value(&report, "rho-max"), Some(1142));
    assert_eq!(value(&report, "rho-p95"), None, "two jobs say nothing of 95 in 100");
    // The oracle: 4 h and 8 h. Turns: 6 h and 8 h.
    assert_eq!(value(&report, "price-of-fairness"), Some(1166));
    assert_eq!(measure(&report, "price-of-fairness").ok, Some(true));
}

#[test]
fn waits_are_before_the_first_turn_and_between_turns() {
    let report = turns().fairness(period(0, 9));
    assert_eq!(value(&report, "wait-max"), Some(Span::hours(2).0));
    // A at once, B after 2 h, A again after 2 h, B again after 2 h.
    assert_eq!(measure(&report, "wait-max").jobs, 4);
}

#[test]
fn a_wait_that_goes_on_counts_as_long_as_it_has_lasted() {
    let log = Log::new(Policy::default(), 1).submit(hours(1), 1, "kim", 1);
    assert_eq!(value(&log.fairness(period(0, 10)), "wait-max"), Some(Span::hours(9).0));
}

#[test]
fn a_held_job_does_not_wait() {
    let (job, by) = (JobId::single(1), String::new());
    let log = Log::new(Policy::default(), 1)
        .submit(hours(0), 1, "kim", 1)
        .at(hours(0), Event::Held { job, by: by.clone() })
        .at(hours(5), Event::Released { job, by })
        .start(hours(6), 1, 1, &[0])
        .end(hours(7), 1);
    let report = log.fairness(period(0, 10));
    assert_eq!(value(&report, "wait-max"), Some(Span::hours(1).0));
    assert_eq!(value(&report, "rho-max"), Some(2000), "2 h in the system, 1 h alone");
}

#[test]
fn the_promise_is_kept_to_the_grant_whichever_of_its_jobs_runs() {
    let pool =
        Pool { name: "h100".into(), nodes: vec!["n*".into()], own_ledger: true, ..Pool::default() };
    let max_wait = Some(Span::hours(3));
    let turn = Turn { pool: "h100".into(), slice: Span::hours(1), max_wait };
    let policy = Policy { pools: vec![pool], turns: vec![turn], ..Policy::default() };
    let log = Log::new(policy, 2)
        .submit(hours(0), 1, "kim", 1)
        .submit(hours(0), 2, "kim", 1)
        .start(hours(2), 1, 1, &[0])
        .end(hours(8), 1)
        .start(hours(9), 2, 1, &[0])
        .end(hours(10), 2);
    // Job 2 waits 9 h, but its grant only 2 h, and then 1 h.
    let report = log.fairness(period(0, 12));
    let promise = measure(&report, "promise-max");
    assert_eq!((promise.value, promise.ok), (Some(Span::hours(2).0), Some(true)));
    assert_eq!((promise.of.as_str(), promise.jobs), ("h100", 2));
    assert_eq!(value(&report, "wait-max"), Some(Span::hours(9).0));
}

fn requeued(last: u64) -> Log {
    Log::new(Policy::default(), 1)
        .submit_mode(hours(0), 1, "kim", 1, TurnMode::Requeue)
        .start(hours(0), 1, 1, &[0])
        .stop(hours(4), 1, 1, Stop::Requeue, Reason::Asked)
        .start(hours(4), 1, 2, &[0])
        .end(hours(4 + last), 1)
}

#[test]
fn a_run_after_which_a_shorter_one_sufficed_was_not_lost() {
    assert_eq!(value(&requeued(2).fairness(period(0, 10)), "lost-requeued"), Some(0));
}

#[test]
fn a_run_after_which_one_as_long_was_needed_counts_as_lost() {
    let report = requeued(6).fairness(period(0, 10));
    assert_eq!(value(&report, "lost-requeued"), Some(40_000));
    assert_eq!(measure(&report, "lost-requeued").ok, Some(false));
    assert_eq!(value(&report, "lost-kept"), None, "no such job ran");
}

#[test]
fn a_lost_job_lost_its_run() {
    let outcome = Outcome::Lost { why: "power".into() };
    let log = Log::new(Policy::default(), 1)
        .submit(hours(0), 1, "kim", 1)
        .start(hours(0), 1, 1, &[0])
        .at(hours(1), Event::Ended { job: JobId::single(1), outcome })
        .submit(hours(1), 2, "kim", 1)
        .start(hours(1), 2, 1, &[0])
        .end(hours(4), 2);
    assert_eq!(value(&log.fairness(period(0, 10)), "lost-kept"), Some(25_000));
}

#[test]
fn shortage_is_what_is_waited_for_of_what_is_wanted() {
    // One GPU is used for 3 h; two are waited for in the last half hour of the second hour and in the third.
    let log = Log::new(Policy::default(), 1)
        .submit(hours(0), 1, "kim", 1)
        .start(hours(0), 1, 1, &[0])
        .submit(minutes(90), 2, "lee", 1)
        .submit(minutes(90), 3, "lee", 1);
    let report = log.fairness(period(0, 3));
    let shortage = report.shortage.first().expect("one model");
    assert_eq!((shortage.model.as_str(), shortage.wanted, shortage.unmet), ("H100", 6000, 3000));
    assert_eq!(shortage.rate, 50_000);
    let wanted = [(hours(0), 1000, 0), (hours(1), 2000, 1000), (hours(2), 3000, 2000)];
    assert_eq!(shortage.hours, wanted);
}

#[test]
fn an_empty_log_has_a_report_in_which_nothing_is_known() {
    let report = Log(Vec::new()).fairness(period(0, 24));
    assert!(report.measures.iter().all(|m| m.value.is_none() && m.ok.is_none()), "{report:?}");
    assert_eq!(report.period.until, Time(Span::hours(24).0));
}
