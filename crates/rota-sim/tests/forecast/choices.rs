//! Choices differ by the choice alone, and what is offered is worth a look.

use crate::past::{Past, after, asker, busy, calm, clock, job, past, site};
use rota_core::calendar::{Weekly, When};
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::forecast::{Choice, Offered};
use rota_core::job::JobSpec;
use rota_core::policy::Policy;
use rota_core::policy::price::{Prices, TimePrice};
use rota_core::units::{Span, Time};
use rota_sim::forecast::history::History;
use rota_sim::forecast::options::options;
use std::collections::BTreeMap;

#[test]
fn a_choice_that_changes_nothing_is_expected_at_the_same_time() {
    let now = after(1200);
    let past = past(&site(2, |_| "A100"), &busy(400, 9, 11), now);
    let told = BTreeMap::new();
    let asked = job(now, "kim", 2, Span::ZERO).spec;
    let ask = |spec: &JobSpec| {
        options((&past.cluster, &past.history, now), &asker("kim"), (spec, None), &told)
            .expect("admitted")
    };
    let any = ask(&asked);
    let one = ask(&JobSpec { models: vec!["A100".into()], ..asked });
    assert_eq!(any[0].forecast, one[0].forecast);
}

#[test]
fn options_offer_other_models_and_fewer_gpus() {
    let now = after(1200);
    let past = past(&site(3, |id| if id == 2 { "V100" } else { "A100" }), &busy(400, 9, 3), now);
    let spec = JobSpec { models: vec!["A100".into()], ..job(now, "kim", 4, Span::ZERO).spec };
    let told = BTreeMap::new();
    let all = options((&past.cluster, &past.history, now), &asker("kim"), (&spec, None), &told);
    let all = all.expect("admitted");
    let asked: Vec<(Vec<String>, u32)> =
        all.iter().map(|o| (o.spec.models.clone(), o.spec.gpus)).collect();
    assert_eq!(asked[0], (vec!["A100".to_owned()], 4));
    assert!(asked.contains(&(vec!["V100".to_owned()], 4)), "{asked:?}");
    assert!(asked.contains(&(vec!["A100".to_owned()], 2)), "{asked:?}");
    assert!(all.iter().all(|offered| offered.cost > 0));
}

/// Nobody has run here: what is drawn is a part of the walltime, which is twice as long for half the GPUs.
#[test]
fn half_the_gpus_take_twice_the_time_also_where_nobody_has_run() {
    let now = after(20);
    let mut empty = Cluster::default();
    site(1, |_| "A100").iter().for_each(|fact| empty.apply(now, fact));
    let mut spec = job(now, "new", 2, Span::ZERO).spec;
    spec.limit = Some(Span::hours(4));
    let told = BTreeMap::new();
    let all = options((&empty, &History::default(), now), &asker("new"), (&spec, None), &told);
    let all = all.expect("admitted");
    let half = all.iter().find(|one| one.choice == Choice::Gpus { gpus: 1 }).expect("is offered");
    let runs = |one: &Offered| {
        let (start, finish) = (one.forecast.start, one.forecast.finish);
        finish.expect("a window").p50.since(start.expect("a window").p50).0
    };
    let twice = 2 * runs(&all[0]);
    assert!(runs(half).abs_diff(twice) <= Span::minutes(1).0, "{} {twice}", runs(half));
    assert!(half.cost.abs_diff(all[0].cost) <= all[0].cost / 50, "as many GPU hours");
}

/// The same; from 22:00 to 8:00 the price is so much.
fn at_night(factor: u32, now: Time) -> Past {
    let when = When {
        weekly: Some(Weekly { days: [true; 7], from: 22 * 60, to: 8 * 60 }),
        ..When::default()
    };
    let times = vec![TimePrice { name: "night".into(), when, factor }];
    let policy = Policy { prices: Prices { times, ..Prices::default() }, ..Policy::default() };
    let mut facts = site(3, |_| "A100");
    facts.push(Event::PolicySet { policy: Box::new(policy), by: String::new() });
    calm(&facts, now)
}

fn later(past: &Past, now: Time, spec: &JobSpec) -> Option<(Time, u64, u64)> {
    let told = BTreeMap::new();
    let all = options((&past.cluster, &past.history, now), &asker("kim"), (spec, None), &told);
    let all = all.expect("admitted");
    let begin = |offered: &Offered| match &offered.choice {
        Choice::Later { begin, .. } => Some((*begin, offered.cost, all[0].cost)),
        _ => None,
    };
    all.iter().find_map(begin)
}

#[test]
fn where_the_night_is_cheaper_options_offer_to_begin_then() {
    let (now, spec) = (clock(20), job(after(0), "kim", 1, Span::ZERO).spec);
    let found = later(&at_night(500, now), now, &spec);
    let (begin, cost, as_asked) = found.expect("it is offered");
    assert_eq!(begin, clock(22));
    assert_eq!(cost, as_asked / 2);
}

#[test]
fn later_is_not_offered_where_it_costs_no_less() {
    let (evening, night) = (clock(20), clock(23));
    let spec = job(after(0), "kim", 1, Span::ZERO).spec;
    assert_eq!(later(&at_night(1000, evening), evening, &spec), None, "there is one price");
    assert_eq!(later(&at_night(1500, evening), evening, &spec), None, "the night is dearer");
    assert_eq!(later(&at_night(500, night), night, &spec), None, "it is night already");
}
