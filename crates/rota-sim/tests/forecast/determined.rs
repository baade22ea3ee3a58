//! Where everything is determined the forecast is what then happens; it is the same from the same log.

use crate::past::{
    Past, after, an_hour_each, asker, busy, calm, clock, job, look, past, read, site,
};
use rota_core::admit::admit;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::forecast::Band;
use rota_core::job::{Job, JobSpec, TurnMode};
use rota_core::policy::{Policy, Pool, Turn};
use rota_core::request::Request;
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

/// Of every job that has not ended, to the minute.
fn is_what_happens(past: &Past, now: Time) {
    let off = |said: Band, happened: Time| {
        let far = |at: Time| at.since(happened).max(happened.since(at));
        far(said.p10).max(far(said.p50)).max(far(said.p90))
    };
    let all = look(&past.cluster, &past.history, now);
    assert_eq!(all.len(), past.cluster.jobs.len(), "of every job something is expected");
    for (job, expected) in all {
        let finish = expected.finish.map(|band| off(band, past.ends[&job]));
        assert!(finish.is_some_and(|off| off < Span::minutes(1)), "{job}: {expected:?}");
        match past.starts.get(&job) {
            None => assert_eq!(expected.start, None, "{job} runs already"),
            Some(at) if expected.start.is_some() => {
                let start = expected.start.map(|band| off(band, *at));
                assert!(start.is_some_and(|off| off < Span::minutes(1)), "{job}: {expected:?}");
            }
            Some(_) => assert!(past.cluster.job(job).is_some_and(|j| j.holds().is_some())),
        }
    }
}

#[test]
fn where_all_is_determined_the_forecast_is_what_then_happens() {
    let now = after(170);
    let past = past(&site(3, |_| "A100"), &an_hour_each(), now);
    assert_eq!(past.cluster.jobs.len(), 32, "twelve run and twenty wait");
    is_what_happens(&past, now);
}

#[test]
fn a_long_queue_in_which_small_jobs_pass_large_ones_is_what_then_happens() {
    let early = (0..16).map(|_| job(after(0), "kim", 1, Span::hours(1)));
    let who = |n: u64| ["kim", "lee", "park"][n as usize % 3];
    let late = (0..180)
        .map(|n| job(after(130 + n), who(n), [1, 2, 1, 4, 1][n as usize % 5], Span::hours(1)));
    let now = after(311);
    let past = past(&site(3, |_| "A100"), &early.chain(late).collect::<Vec<_>>(), now);
    assert!(past.cluster.jobs.len() > 150, "{} have not ended", past.cluster.jobs.len());
    is_what_happens(&past, now);
}

#[test]
fn jobs_that_were_queued_again_for_others_are_expected_to_go_on_from_where_they_were() {
    let mut facts = site(3, |_| "A100");
    let pool = Pool { name: "all".into(), nodes: vec!["n*".into()], ..Pool::default() };
    let turn = Turn { pool: "all".into(), slice: Span::hours(1), max_wait: None };
    let policy = Policy { pools: vec![pool], turns: vec![turn], ..Policy::default() };
    facts[0] = Event::PolicySet { policy: Box::new(policy), by: String::new() };
    let at = |minute: u64, person: &str| {
        let mut job = job(after(minute), person, 1, Span::hours(3));
        job.spec.turns = TurnMode::Requeue;
        job
    };
    let early = (0..12).map(|_| at(0, "kim"));
    let late = (0..24).map(|n| at(190 + n, if n < 12 { "kim" } else { "lee" }));
    let now = after(190 + 160);
    let past = past(&facts, &early.chain(late).collect::<Vec<_>>(), now);
    let waits = |job: &&std::sync::Arc<Job>| job.holds().is_none() && job.turns_begun > 0;
    assert!(past.cluster.jobs.values().filter(waits).count() > 3, "some were queued again");
    is_what_happens(&past, now);
}

#[test]
fn a_forecast_from_the_store_is_the_one_from_before_the_crash() {
    let now = after(1200);
    let past = past(&site(2, |_| "A100"), &busy(400, 9, 7), now);
    let before = look(&past.cluster, &past.history, now);
    assert!(before.values().filter(|e| e.start.is_some()).count() > 3, "some wait");
    let stored = serde_json::to_string(&past.cluster).expect("plain data");
    let mut again: Cluster = serde_json::from_str(&stored).expect("it was just written");
    again.reindex();
    assert_eq!(look(&again, &read(&past.log), now), before);
}

#[test]
fn a_job_that_asked_to_wait_is_forecast_from_then_on() {
    let now = clock(20);
    let mut past = calm(&site(3, |_| "A100"), now);
    let begin = Some(clock(25));
    let spec = JobSpec { begin, ..job(now, "kim", 1, Span::ZERO).spec };
    let request = Request::Submit { spec, tasks: None, held: false, ended: BTreeMap::new() };
    let facts = admit(&past.cluster, &asker("kim"), &request, now).expect("admitted");
    facts.iter().for_each(|fact| past.cluster.apply(now, fact));
    let expected = look(&past.cluster, &past.history, now);
    let start = expected.values().next().and_then(|expected| expected.start);
    assert_eq!(start.map(|band| (band.p10, band.p90)), begin.zip(begin));
}

#[test]
fn a_job_is_expected_to_run_as_long_as_those_that_asked_for_the_same_walltime() {
    let one = |n: u64| {
        let (limit, runs) = if n.is_multiple_of(2) { (2, 1) } else { (40, 20) };
        let mut one = job(after(n * 400), "kim", 1, Span::hours(runs));
        one.spec.limit = Some(Span::hours(limit));
        one
    };
    let now = after(50 * 400 + 1);
    let past = past(&site(3, |_| "A100"), &(0..51).map(one).collect::<Vec<_>>(), now);
    for (id, expected) in look(&past.cluster, &past.history, now) {
        let job = past.cluster.job(id).expect("it has not ended");
        let began = job.turn_began().expect("it runs");
        let hours = |at: Time| at.since(began).0 as f64 / Span::hours(1).0 as f64;
        let finish = expected.finish.expect("something is expected");
        let runs = if job.spec.limit == Some(Span::hours(2)) { 1.0 } else { 20.0 };
        for at in [finish.p10, finish.p50, finish.p90] {
            assert!((hours(at) - runs).abs() < 0.1, "job {id} runs {runs} h: {expected:?}");
        }
    }
    assert_eq!(past.cluster.jobs.len(), 2, "one of each runs");
}
