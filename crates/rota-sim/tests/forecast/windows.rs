//! Windows keep what they say.

use crate::past::{after, busy, site};
use rota_core::event::Event;
use rota_core::forecast::Band;
use rota_core::id::JobId;
use rota_core::units::{Span, Time};
use rota_sim::dice::Dice;
use rota_sim::forecast::calibrate::{Calibration, Said};
use rota_sim::forecast::history::History;
use rota_sim::forecast::{Method, Question, forecast};
use rota_sim::replay::{Replay, Switch};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn windows_that_were_half_as_long_as_waits_become_right() {
    let mut dice = Dice::new(5);
    let mut calibration = Calibration::default();
    let (mut before_p90, mut within, mut counted) = (0, 0, 0);
    for n in 0..600u64 {
        // No two look at the same time to come: all are compared.
        let at = after(n * 450);
        let middle = u64::from(20 + dice.below(400));
        let [p10, p50, p90] =
            [middle * 8 / 10, middle, middle * 12 / 10].map(|m| at.after(Span::minutes(m)));
        let raw = Band { p10, p50, p90 };
        let happened = at.after(Span::minutes(middle * u64::from(100 + dice.below(200)) / 100));
        let shown = calibration.shown("kim", at, raw);
        if n >= 300 {
            counted += 1;
            let seen = shown.seen();
            before_p90 += u32::from(happened <= seen.p90);
            within += u32::from(seen.p10 <= happened && happened <= seen.p90);
        }
        let (of, lab) = (n.to_string(), "kim".to_owned());
        calibration.say(Said { of, lab, at, raw, shown, happened: Some(happened), left: None });
    }
    let part = |hits: u32| f64::from(hits) / f64::from(counted);
    assert!((0.85..=0.95).contains(&part(before_p90)), "P90 covers {}", part(before_p90));
    assert!((0.72..=0.88).contains(&part(within)), "80 % cover {}", part(within));
}

#[test]
fn who_still_waits_counts_as_a_wait_that_is_longer() {
    let mut calibration = Calibration::default();
    for n in 0..40u64 {
        let at = after(n * 25);
        let raw = Band {
            p10: at.after(Span::minutes(10)),
            p50: at.after(Span::minutes(20)),
            p90: at.after(Span::minutes(30)),
        };
        // Every other one started after 20 minutes; the others wait to this day.
        let happened = (n % 2 == 0).then(|| at.after(Span::minutes(20)));
        let (of, lab) = (n.to_string(), "kim".to_owned());
        calibration.say(Said { of, lab, at, raw, shown: raw, happened, left: None });
    }
    let now = after(2000);
    let raw = Band {
        p10: now.after(Span::minutes(10)),
        p50: now.after(Span::minutes(20)),
        p90: now.after(Span::minutes(30)),
    };
    let (shown, late) = (calibration.shown("kim", now, raw), raw.p90);
    assert!(shown.p50 >= raw.p50 && shown.p90 > late, "{shown:?} after {late:?}");
}

#[test]
fn a_hundred_jobs_that_are_submitted_at_once_say_no_more_than_one() {
    let said = |of: &str, at: Time, waited: u64| {
        let [p10, p50, p90] = [30, 60, 90].map(|m| at.after(Span::minutes(m)));
        let (raw, happened) = (Band { p10, p50, p90 }, Some(at.after(Span::minutes(waited))));
        let (of, lab) = (of.to_owned(), "kim".to_owned());
        Said { of, lab, at, raw, shown: raw, happened, left: None }
    };
    // For days all waited twice as long as the middle; then, in one night, some did not wait at all.
    let shown_after = |at_once: u64| {
        let mut calibration = Calibration::default();
        for n in 0..60 {
            calibration.say(said(&n.to_string(), after(n * 100), 120));
        }
        for n in 0..at_once {
            calibration.say(said(&format!("night{n}"), after(6000), 0));
        }
        let now = after(6200);
        calibration.shown("kim", now, said("next", now, 0).raw)
    };
    assert_eq!(shown_after(100), shown_after(1));
    assert!(shown_after(100).p90 > after(6200 + 115), "{:?}", shown_after(100));
}

#[test]
fn windows_hold_on_jobs_that_were_not_seen_before() {
    let facts = site(3, |_| "A100");
    let jobs = busy(1000, 31, 23);
    let history = RefCell::new(History::default());
    let (starts, came) = (RefCell::new(BTreeMap::new()), RefCell::new(Vec::new()));
    let mut listener = |at: Time, fact: &Event| {
        history.borrow_mut().note(at, fact);
        match fact {
            Event::Submitted { number, .. } => came.borrow_mut().push(JobId::single(*number)),
            Event::Started { job, .. } => drop(starts.borrow_mut().entry(*job).or_insert(at)),
            _ => {}
        }
    };
    let mut replay = Replay::new(&facts, Switch::default(), &mut listener);
    let mut next = jobs.iter().peekable();
    let mut said: Vec<(JobId, Time, Band)> = Vec::new();
    while let Some(now) = replay.step(&mut next) {
        let new: Vec<JobId> =
            came.borrow_mut().drain(..).filter(|job| job.number % 2 == 0).collect();
        let waits = |job: &JobId| replay.cluster.job(*job).is_some_and(|job| job.holds().is_none());
        let jobs: BTreeSet<JobId> = new.into_iter().filter(waits).collect();
        if jobs.is_empty() {
            continue;
        }
        let (cluster, history, told) = (&replay.cluster, &*history.borrow(), BTreeMap::new());
        let question =
            Question { cluster, now, history, told: &told, paths: 16, method: Method::Together };
        let found = forecast(&question, &jobs);
        said.extend(found.iter().filter_map(|(job, e)| Some((*job, now, e.start?))));
    }
    let starts = starts.borrow();
    let mut calibration = Calibration::default();
    let (mut before_p90, mut within, mut counted) = (0, 0, 0);
    let half = said.len() / 2;
    for (n, (job, at, raw)) in said.into_iter().enumerate() {
        let shown = calibration.shown("kim", at, raw);
        let happened = starts.get(&job).copied();
        if let Some(happened) = happened.filter(|_| n >= half) {
            counted += 1;
            before_p90 += u32::from(happened <= shown.p90);
            within += u32::from(shown.p10 <= happened && happened <= shown.p90);
        }
        let (of, lab) = (job.to_string(), "kim".to_owned());
        calibration.say(Said { of, lab, at, raw, shown, happened, left: None });
    }
    assert!(counted > 60, "{counted} are enough to tell");
    let part = |hits: u32| f64::from(hits) / f64::from(counted);
    assert!(part(before_p90) >= 0.80, "P90 covers {}", part(before_p90));
    assert!(part(within) >= 0.65, "80 % cover {}", part(within));
}
