//! What-if: rules that hold for every site, on small ones.

use rota_core::event::Event;
use rota_core::id::NodeId;
use rota_core::job::{JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::past::{Past, PastBooking, PastJob};
use rota_core::policy::{Policy, Pool};
use rota_core::report::Stretch;
use rota_core::units::{Mib, Span, Time};
use rota_sim::compare::{Row, Site, fit, run, score};
use rota_sim::metrics::of;
use rota_sim::replay::{Replay, Switch};
use rota_sim::trace::Format;
use rota_sim::whatif::change::{Bad, Change, Nodes};
use rota_sim::whatif::need::{Goal, need};
use rota_sim::whatif::{Load, Report, Widen, past, play};

const HOUR: u64 = Span::hours(1).0;

fn node(id: u32, model: &str, gpus: u32) -> Node {
    let name = format!("{}-{}", model.to_lowercase(), id + 1);
    let (model, mem) = (Some(model.to_owned()), Mib(1 << 20));
    Node { id: NodeId(id), name, model, gpus, price: 1000, cpus: 64, mem, ..Node::default() }
}

fn site() -> Site {
    let nodes = vec![node(0, "A100", 2), node(1, "A100", 2)];
    let (switch, turns) = (Switch::default(), TurnMode::Never);
    Site { policy: Policy::default(), nodes, switch, turns }
}

/// A job of the past of one GPU, or more.
fn job(hour: u64, gpus: u32, hours: u64) -> PastJob {
    let at = Time((1000 + hour) * HOUR);
    let lab = if hour.is_multiple_of(2) { "vision" } else { "robots" };
    let spec = JobSpec { gpus, cpus: 1, turns: TurnMode::Never, ..JobSpec::default() };
    PastJob {
        submitted: at,
        person: format!("{lab}-{}", hour % 3),
        lab: lab.to_owned(),
        grant: String::new(),
        spec,
        runs: Span::hours(hours),
        model: Some("A100".to_owned()),
        started: at,
        ended: Some(at.after(Span::hours(hours))),
    }
}

/// Two weeks of more work than four GPUs can do.
fn busy() -> Vec<PastJob> {
    (0..120).map(|n| job(n * 2 + n % 3, 1 + u32::from(n % 7 == 0), 4 + n * 7 % 11)).collect()
}

fn period() -> Stretch {
    Stretch { from: Time(1000 * HOUR), until: Time(1336 * HOUR) }
}

fn played(site: &Site, jobs: &[PastJob]) -> Report {
    play(site, &load(site, jobs, Widen::AsAsked), &mut || ()).expect("rest")
}

fn load(site: &Site, jobs: &[PastJob], widen: Widen) -> Load {
    Load::of_past(site, &all_of(jobs, &[]), widen)
}

fn all_of(jobs: &[PastJob], bookings: &[PastBooking]) -> Past {
    let (jobs, bookings) = (jobs.to_vec(), bookings.to_vec());
    Past { period: period(), jobs, bookings, never_ran: 0 }
}

fn with(site: &Site, changes: &[(&str, &str)]) -> Site {
    let mut changed = site.clone();
    for (word, value) in changes {
        let change = Change::parse(word, value).expect("a change");
        change.apply(&mut changed).expect("possible");
    }
    changed
}

#[test]
fn more_gpus_never_raise_the_sum_of_waiting_of_jobs_that_ask_for_one() {
    let jobs: Vec<PastJob> = busy().into_iter().map(|j| job_of_one(&j)).collect();
    let sums: Vec<u64> = (0..5)
        .map(|more| {
            let add = format!("{more}xA100x1");
            let changes: &[(&str, &str)] = if more == 0 { &[] } else { &[("add", &add)] };
            played(&with(&site(), changes), &jobs).waited.0
        })
        .collect();
    assert!(sums[0] > 0 && sums.is_sorted_by(|a, b| a >= b), "{sums:?}");
    assert_eq!(sums.last(), sums.iter().min());
}

#[test]
fn slices_that_are_added_are_slices_and_count_as_the_gpus_that_they_are_of() {
    let more = with(&site(), &[("add", "1xa100-1g.10gbx7")]);
    let added = more.nodes.last().expect("a node");
    assert_eq!(added.model.as_deref(), Some("A100-1g.10gb"));
    assert_eq!((added.gpus, added.gpu_mem, added.price), (7, Mib(10 * 1024), 143));
    // The others have 32 cores for each GPU.
    assert_eq!(added.slice.as_ref().map(|slice| (slice.fraction, added.cpus)), Some((143, 32)));
    assert_eq!(played(&more, &busy()).gpus, 5);
}

fn job_of_one(job: &PastJob) -> PastJob {
    PastJob { spec: JobSpec { gpus: 1, ..job.spec.clone() }, ..job.clone() }
}

#[test]
fn a_bought_node_is_there_and_takes_jobs_that_accept_its_model() {
    let base = played(&site(), &busy());
    let more = played(&with(&site(), &[("add", "1xH100x8")]), &busy());
    assert_eq!((more.nodes, more.gpus), (base.nodes + 1, base.gpus + 8));
    assert!(more.models.iter().any(|g| g.name == "H100" && g.waits.jobs > 0));
    assert!(base.saved_by(&more) > 0 && more.waits.p95 < base.waits.p95);
}

#[test]
fn jobs_that_name_a_model_take_a_better_one_only_where_that_is_asked_for() {
    let named = |job: PastJob| {
        let spec = JobSpec { models: vec!["A100".into()], ..job.spec };
        PastJob { spec, ..job }
    };
    let jobs: Vec<PastJob> = busy().into_iter().map(named).collect();
    let more = with(&site(), &[("add", "1xH100x8"), ("add", "1xV100x8")]);
    let ran_on = |widen| {
        let load = load(&more, &jobs, widen);
        let report = play(&more, &load, &mut || ()).expect("rest");
        report.models.into_iter().map(|g| g.name).collect::<Vec<_>>()
    };
    assert_eq!(ran_on(Widen::AsAsked), ["A100"]);
    // Eight H100 are enough for all of it; a V100 has less memory and is slower.
    assert_eq!(ran_on(Widen::AnyAsGood), ["H100"]);
}

#[test]
fn a_job_takes_half_as_long_on_a_model_that_is_twice_as_fast() {
    let h100 = Site { nodes: vec![node(0, "H100", 2)], ..site() };
    let report = played(&h100, &[job(0, 1, 8)]);
    assert_eq!(report.waits.completion, Span::hours(4));
}

/// The log of a play.
fn log(site: &Site, jobs: &[PastJob]) -> Vec<(Time, Event)> {
    log_of(site, &all_of(jobs, &[]))
}

fn log_of(site: &Site, past: &Past) -> Vec<(Time, Event)> {
    let mut log = Vec::new();
    let policy = Box::new(site.policy.clone());
    let mut facts = vec![Event::PolicySet { policy, by: String::new() }];
    facts.extend(site.nodes.iter().map(|node| Event::NodeAdded { node: node.clone() }));
    let mut listener = |at: Time, fact: &Event| log.push((at, fact.clone()));
    let load = Load::of_past(site, past, Widen::AsAsked);
    let replay = Replay::new(&facts, site.switch, &mut listener);
    replay.with_bookings(&load.bookings).play(&load.submissions);
    log
}

fn past_of(log: &[(Time, Event)], period: Stretch) -> Past {
    past(None, period, of(log)).expect("facts in memory")
}

#[test]
fn the_site_as_it_is_does_with_its_own_past_what_it_did() {
    let whole = Stretch { until: Time(9999 * HOUR), ..period() };
    let once = past_of(&log(&site(), &busy()), whole);
    assert_eq!(once.jobs.len(), 120);
    assert!(once.jobs.iter().any(|job| job.started > job.submitted.after(Span::hours(10))));
    let twice = past_of(&log(&site(), &once.jobs), whole);
    assert_eq!(once, twice);
}

#[test]
fn a_job_that_was_there_before_the_period_begins_with_it_and_one_that_goes_on_has_no_end() {
    let log = log(&site(), &[job(0, 1, 9), job(5, 1, 3), job(7, 1, 9)]);
    let period = Stretch { from: Time(1004 * HOUR), until: Time(1010 * HOUR) };
    let past = past_of(&log, period);
    let seen: Vec<_> = past
        .jobs
        .iter()
        .map(|j| (j.submitted.0 / HOUR - 1000, j.runs.0 / HOUR, j.ended.is_some()))
        .collect();
    assert_eq!(seen, [(4, 5, true), (5, 3, true), (7, 3, false)]);
    assert_eq!(past.never_ran, 0);
}

/// Both GPUs of a node for vision-0, from ten to four; it was made at midnight.
fn booking() -> PastBooking {
    let at = |hour: u64| Time((1000 + hour) * HOUR);
    PastBooking {
        made: at(0),
        person: "vision-0".into(),
        lab: "vision".into(),
        grant: String::new(),
        gpus: 2,
        pool: String::new(),
        models: vec!["A100".into()],
        from: at(10),
        length: Span::hours(6),
        back: None,
    }
}

/// At nine somebody else asks for all GPUs for eight hours each; at ten, as it is booked, vision-0 has a job for two of them.
fn a_day() -> Vec<PastJob> {
    let others = || PastJob { person: "robots-1".into(), ..job(9, 1, 8) };
    let own = PastJob { person: "vision-0".into(), lab: "vision".into(), ..job(10, 2, 2) };
    [others(), others(), others(), others(), own].to_vec()
}

fn wait_of_own(bookings: &[PastBooking]) -> Span {
    let load = Load::of_past(&site(), &all_of(&a_day(), bookings), Widen::AsAsked);
    let report = play(&site(), &load, &mut || ()).expect("rest");
    assert_eq!(report.bookings, u64::try_from(bookings.len()).expect("few"));
    report.labs.iter().find(|lab| lab.name == "vision").expect("a lab").waits.max
}

#[test]
fn a_booking_of_the_past_keeps_its_gpus_for_its_holder_when_it_is_played_again() {
    assert_eq!(wait_of_own(&[]), Span::hours(7));
    assert_eq!(wait_of_own(&[booking()]), Span::ZERO);
    let given_back = PastBooking { back: Some(Time(1005 * HOUR)), ..booking() };
    assert_eq!(wait_of_own(&[given_back]), Span::hours(7));
}

#[test]
fn bookings_are_found_in_the_log_as_they_were_made_and_those_before_the_period_begin_with_it() {
    let given_back = PastBooking { back: Some(Time(1005 * HOUR)), gpus: 1, ..booking() };
    let log = log_of(&site(), &all_of(&a_day(), &[booking(), given_back.clone()]));
    assert_eq!(past_of(&log, period()).bookings, [booking(), given_back]);
    let later = Stretch { from: Time(1012 * HOUR), ..period() };
    let at = later.from;
    let left = PastBooking { made: at, from: at, length: Span::hours(4), ..booking() };
    assert_eq!(past_of(&log, later).bookings, [left]);
    assert_eq!(past_of(&log, Stretch { from: Time(1017 * HOUR), ..period() }).bookings, []);
}

#[test]
fn a_booking_that_a_smaller_site_cannot_have_is_refused_and_counted() {
    let small =
        with(&site(), &[("remove", "1xA100x2"), ("add", "1xA100x1"), ("remove", "1xA100x2")]);
    let load = Load::of_past(&small, &all_of(&a_day(), &[booking()]), Widen::AsAsked);
    let report = play(&small, &load, &mut || ()).expect("rest");
    assert_eq!((report.bookings, &report.bookings_refused["booked-out"]), (0, &1));
}

#[test]
fn the_number_that_is_needed_is_the_smallest_that_is_enough() {
    let (site, jobs) = (site(), busy());
    let goal = Goal::parse("p95<4h").expect("a goal");
    let base = played(&site, &jobs);
    assert!(!goal.is_met(&base));
    let load = |site: &Site| load(site, &jobs, Widen::AsAsked);
    let found = need(&site, ("A100", 1), (goal, &base), &load, &mut || ()).expect("rest");
    assert!(found.is_met && found.nodes.count > 1, "{found:?}");
    let fewer = Nodes { count: found.nodes.count - 1, ..found.nodes.clone() };
    let report = played(&with(&site, &[("add", &fewer.to_string())]), &jobs);
    assert!(!goal.is_met(&report), "{}", report.waits.p95);
}

#[test]
fn new_nodes_join_the_pool_of_their_model_and_turns_are_those_of_pools_that_exist() {
    let pool = Pool {
        name: "a".into(),
        nodes: vec!["a100-1".into(), "a100-2".into()],
        own_ledger: false,
        ..Pool::default()
    };
    let pools = Policy { pools: vec![pool], ..Policy::default() };
    let site = Site { policy: pools, ..site() };
    let more = with(&site, &[("add", "2xA100x4"), ("turn", "a=2h"), ("max-wait", "a=20h")]);
    assert!(more.nodes.iter().all(|n| more.policy.pool_name(more.policy.pool_of(&n.name)) == "a"));
    assert_eq!(more.policy.turn_in(more.policy.pool_of("a100-1")), Span::hours(2));
    let bad = Change::parse("turn", "b=2h").expect("it reads").apply(&mut site.clone());
    assert_eq!(bad, Err(Bad::Pool("b".into())));
    let fewer = Change::parse("remove", "3xA100x2").expect("it reads").apply(&mut site.clone());
    assert!(matches!(fewer, Err(Bad::Fewer(_, 2))), "{fewer:?}");
    let none = Change::parse("remove", "2xA100x2").expect("it reads").apply(&mut site.clone());
    assert_eq!(none, Err(Bad::NoNode));
}

#[test]
fn a_trace_with_runtimes_on_v100_runs_shorter_on_what_is_faster_under_every_policy() {
    let text = "job_id,arrival_s,num_gpus,duration_v100_s\n1,0,1,3600\n";
    let zone = rota_core::calendar::Zone::default();
    let trace = rota_sim::trace::read(Format::Gavel, &mut text.as_bytes(), &zone).expect("text");
    let runs = |model: &str| {
        let site = Site { nodes: vec![node(0, model, 2)], ..site() };
        let fitted = fit(&site, &trace.jobs);
        Row::ALL.map(|row| {
            let played = run(row, &site, &fitted, &mut || ()).expect("rest");
            score(&fitted, &played).all.completion
        })
    };
    assert_eq!(runs("V100"), [Span::hours(1); 6]);
    // A100 = 1000, V100 = 370.
    assert_eq!(runs("A100"), [Span::seconds(1332); 6]);
}

#[test]
fn gpus_that_take_longer_are_used_and_not_missing() {
    let text = "job_id,arrival_s,num_gpus,duration_v100_s\n1,0,1,3600\n2,0,1,3600\n3,0,1,3600\n";
    let zone = rota_core::calendar::Zone::default();
    let trace = rota_sim::trace::read(Format::Gavel, &mut text.as_bytes(), &zone).expect("text");
    let site = Site { nodes: vec![node(0, "V100", 2), node(1, "K80", 1)], ..site() };
    let fitted = fit(&site, &trace.jobs);
    let shortages = Row::ALL.map(|row| {
        let played = run(row, &site, &fitted, &mut || ()).expect("rest");
        score(&fitted, &played).shortage
    });
    assert_eq!(shortages, [0; 6], "nobody waits");
}
