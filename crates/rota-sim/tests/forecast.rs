//! What a forecast promises: where everything is determined it is what then happens; it is the same from the same log;
//! choices differ by the choice; and windows keep what they say.

use rota_core::admit::admit;
use rota_core::calendar::{Weekly, When};
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::forecast::{Band, Choice, Offered};
use rota_core::id::{JobId, NodeId};
use rota_core::job::{Job, JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::policy::price::{Prices, TimePrice};
use rota_core::policy::{Policy, Pool, Turn};
use rota_core::request::{Asker, Request};
use rota_core::units::{Mib, Span, Time};
use rota_sim::dice::Dice;
use rota_sim::forecast::calibrate::{Calibration, Said};
use rota_sim::forecast::history::History;
use rota_sim::forecast::options::options;
use rota_sim::forecast::{Expected, Method, Question, forecast, paths_for};
use rota_sim::replay::{Replay, Submission, Switch};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

const BEGIN: Time = Time(1_790_000_000_000);

fn after(minutes: u64) -> Time {
    BEGIN.after(Span::minutes(minutes))
}

fn site(nodes: u32, model: impl Fn(u32) -> &'static str) -> Vec<Event> {
    let node = |id: u32| {
        let (name, model) = (format!("n{id}"), Some(model(id).to_owned()));
        let (gpus, price, cpus, mem) = (4, 1000, 64, Mib(1 << 19));
        Event::NodeAdded {
            node: Node { id: NodeId(id), name, model, gpus, price, cpus, mem, ..Node::default() },
        }
    };
    let policy = Box::new(Policy::default());
    let mut facts = vec![Event::PolicySet { policy, by: String::new() }];
    facts.extend((0..nodes).map(node));
    facts
}

fn asker(person: &str) -> Asker {
    let (person, lab) = (person.to_owned(), person.to_owned());
    Asker { person, lab, grant: String::new(), admin: false }
}

fn job(at: Time, person: &str, gpus: u32, runs: Span) -> Submission {
    let spec = JobSpec {
        name: "train".into(),
        gpus,
        limit: Some(Span::hours(40)),
        turns: TurnMode::Never,
        ..JobSpec::default()
    };
    Submission { at, asker: asker(person), spec, runs, measured_on: None, keeps: true }
}

/// What was, until a moment.
struct Past {
    cluster: Cluster,
    history: History,
    log: Vec<(Time, Event)>,
    /// What happens after, if nobody else comes.
    starts: BTreeMap<JobId, Time>,
    ends: BTreeMap<JobId, Time>,
}

/// Plays everything, and stops to look at a moment.
fn past(facts: &[Event], jobs: &[Submission], now: Time) -> Past {
    let log: RefCell<Vec<(Time, Event)>> = RefCell::default();
    let mut listener = |at: Time, fact: &Event| log.borrow_mut().push((at, fact.clone()));
    let mut replay = Replay::new(facts, Switch::default(), &mut listener);
    let mut next = jobs.iter().peekable();
    let mut before: Option<(Cluster, usize)> = None;
    loop {
        let so_far = (replay.cluster.clone(), log.borrow().len());
        let Some(at) = replay.step(&mut next) else { break };
        if at > now && before.is_none() {
            before = Some(so_far);
        }
    }
    let (cluster, known) = before.expect("something happens after that moment");
    let mut log = log.into_inner();
    let (mut starts, mut ends) = (BTreeMap::new(), BTreeMap::new());
    for (at, fact) in log.split_off(known) {
        match fact {
            Event::Started { job, .. } => drop(starts.entry(job).or_insert(at)),
            Event::Ended { job, .. } => drop(ends.insert(job, at)),
            _ => {}
        }
    }
    let history = read(&log);
    Past { cluster, history, log, starts, ends }
}

fn read(log: &[(Time, Event)]) -> History {
    let mut history = History::default();
    log.iter().for_each(|(at, fact)| history.note(*at, fact));
    history
}

fn look(cluster: &Cluster, history: &History, now: Time) -> BTreeMap<JobId, Expected> {
    let (told, method) = (BTreeMap::new(), Method::Together);
    let jobs: BTreeSet<JobId> = cluster.jobs.keys().copied().collect();
    let paths = paths_for(jobs.len());
    forecast(&Question { cluster, now, history, told: &told, paths, method }, &jobs)
}

/// Sixteen jobs that took an hour each, twelve that run, twenty that wait.
fn an_hour_each() -> Vec<Submission> {
    let early = (0..16).map(|_| job(after(0), "kim", 1, Span::hours(1)));
    let late = (0..32).map(|n| job(after(130 + n), "kim", 1, Span::hours(1)));
    early.chain(late).collect()
}

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

/// People whose jobs run very differently long.
fn busy(count: u32, gap: u32, seed: u64) -> Vec<Submission> {
    let mut dice = Dice::new(seed);
    let mut at = 0;
    let one = |_| {
        at += u64::from(dice.below(gap));
        let who = dice.below(4);
        let gpus = *dice.one_of(&[1, 1, 2, 4]);
        let runs = u64::from(5 + dice.below(10)) << dice.below(5 + who % 2);
        job(after(at), ["kim", "lee", "park", "choi"][who as usize], gpus, Span::minutes(runs))
    };
    (0..count).map(one).collect()
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

/// An hour of the next day.
fn clock(hour: u64) -> Time {
    let day = Span::hours(24).0;
    Time((BEGIN.0 / day + 1) * day).after(Span::hours(hour))
}

/// Hour-long jobs ran here, and the next comes in a week.
fn calm(facts: &[Event], now: Time) -> Past {
    let mut jobs = an_hour_each();
    jobs.truncate(16);
    jobs.push(job(clock(200), "lee", 1, Span::hours(1)));
    past(facts, &jobs, now)
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
fn windows_that_were_half_as_long_as_waits_become_right() {
    let mut dice = Dice::new(5);
    let mut calibration = Calibration::default();
    let (mut before_p90, mut within, mut counted) = (0, 0, 0);
    for n in 0..600u64 {
        let at = after(n * 10);
        let middle = u64::from(20 + dice.below(400));
        let [p10, p50, p90] =
            [middle * 8 / 10, middle, middle * 12 / 10].map(|m| at.after(Span::minutes(m)));
        let raw = Band { p10, p50, p90 };
        let happened = at.after(Span::minutes(middle * u64::from(100 + dice.below(200)) / 100));
        let shown = calibration.shown("kim", at, raw);
        if n >= 300 {
            counted += 1;
            before_p90 += u32::from(happened <= shown.p90);
            within += u32::from(shown.p10 <= happened && happened <= shown.p90);
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
        let at = after(n);
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
    let now = after(1000);
    let raw = Band {
        p10: now.after(Span::minutes(10)),
        p50: now.after(Span::minutes(20)),
        p90: now.after(Span::minutes(30)),
    };
    let (shown, late) = (calibration.shown("kim", now, raw), raw.p90);
    assert!(shown.p50 >= raw.p50 && shown.p90 >= shown.p50, "{shown:?} after {late:?}");
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
