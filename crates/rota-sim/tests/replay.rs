//! The lean runner and the checked one are the same world.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rota_core::calendar::Period;
use rota_core::event::Event;
use rota_core::id::NodeId;
use rota_core::job::{JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::policy::who::{Scope, Who};
use rota_core::policy::{Budget, Policy, WhenSpent};
use rota_core::request::{Asker, Request};
use rota_core::units::{Mib, Span, Time};
use rota_sim::replay::{Pace, Replay, Submission, Switch};
use rota_sim::run::{Arrival, Behaviour, World};
use std::collections::BTreeMap;

struct Story {
    facts: Vec<Event>,
    submissions: Vec<Submission>,
}

fn story(seed: u64) -> Story {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut dice = |most: u32| random.next_u32() % most;
    let policy = Policy { turn: Span::hours(1 + u64::from(dice(3))), ..Policy::default() };
    let mut facts = vec![Event::PolicySet { policy: Box::new(policy), by: String::new() }];
    for id in 0..1 + dice(4) {
        let model = ["H100", "A100"][dice(2) as usize].to_owned();
        let (name, gpus) = (format!("n{id}"), 1 + dice(4));
        let (model, mem) = (Some(model), Mib(100));
        let node = Node {
            id: NodeId(id),
            name,
            model,
            gpus,
            price: 1000,
            cpus: 8,
            mem,
            ..Node::default()
        };
        facts.push(Event::NodeAdded { node });
    }
    let mut at = Time(0);
    let one = |_| {
        at = at.after(Span::minutes(u64::from(dice(60))));
        let (person, lab) = (format!("p{}", dice(4)), format!("l{}", dice(3)));
        let runs = Span::minutes(u64::from(1 + dice(500)));
        let spec = JobSpec {
            gpus: 1 + dice(4),
            nodes: 1 + dice(5) / 4,
            limit: (dice(3) > 0).then(|| Span::hours(1 + u64::from(dice(8)))),
            turns: [TurnMode::Suspend, TurnMode::Requeue, TurnMode::Never][dice(3) as usize],
            ..JobSpec::default()
        };
        let asker = Asker { person, lab, grant: String::new(), admin: false };
        Submission { at, asker, spec, runs, measured_on: None, keeps: true, leaves: None }
    };
    let submissions = (0..40).map(one).collect();
    Story { facts, submissions }
}

/// GPUs of all nodes.
fn gpus(facts: &[Event]) -> u32 {
    let of = |fact: &Event| match fact {
        Event::NodeAdded { node } => node.gpus,
        _ => 0,
    };
    facts.iter().map(of).sum()
}

#[test]
fn it_makes_the_same_facts_as_the_world_with_checks() {
    for seed in 0..60 {
        let leave = Span::minutes(seed % 3 * 7);
        let Story { facts, mut submissions } = story(seed);
        submissions.iter_mut().for_each(|s| s.spec.grace = leave.max(Span::seconds(30)));
        let arrival = |s: &Submission| {
            let (spec, ended) = (s.spec.clone(), BTreeMap::new());
            let request = Request::Submit { spec, tasks: None, held: false, ended };
            let (runs, keeps) = (s.runs, s.keeps);
            let does = Behaviour { runs, keeps, leaves_in: leave, ..Behaviour::default() };
            (s.at, Arrival::Ask(s.asker.clone(), Box::new(request), does))
        };
        let mut world = World::new(facts.clone(), None);
        world.simulate(submissions.iter().map(arrival).collect(), Time::FAR);
        assert_eq!(world.wrong, Vec::<String>::new(), "seed {seed}");
        let mut log = Vec::new();
        let mut listener = |at: Time, fact: &Event| log.push((at, fact.clone()));
        let switch = Switch { leave, ..Switch::default() };
        let mut replay = Replay::new(&facts, switch, &mut listener);
        replay.play(&submissions);
        assert_eq!(replay.restless, Vec::<Time>::new(), "seed {seed}");
        let refused: Vec<&str> = replay.refused.iter().map(|(_, code)| *code).collect();
        assert_eq!(refused, world.refused, "seed {seed}");
        let same = log.iter().zip(&world.log).take_while(|(ours, theirs)| ours == theirs).count();
        let (ours, theirs) = (log.get(same), world.log.get(same));
        assert_eq!(ours, theirs, "seed {seed}: fact {same} of {}", log.len());
    }
}

/// Every month a purse begins anew, for ever; what is left to happen is not.
#[test]
fn it_ends_when_all_jobs_have_and_where_no_month_lets_one_begin() {
    let Story { mut facts, submissions } = story(1);
    let purse = |who: &str, gpu_hours: u64| Budget {
        who: Scope::One(Who::Lab(who.into())),
        gpu_hours,
        per: Period::Month,
        when_spent: WhenSpent::Stop,
        stop_at: None,
    };
    let budgets = vec![purse("rich", 1_000_000), purse("poor", 0)];
    let policy = Box::new(Policy { budgets, ..Policy::default() });
    facts.push(Event::PolicySet { policy, by: String::new() });
    let of = |lab: &str| Submission {
        asker: Asker { lab: lab.into(), ..submissions[0].asker.clone() },
        spec: JobSpec { gpus: 1, ..JobSpec::default() },
        ..submissions[0].clone()
    };
    for (jobs, ends) in [(vec![of("rich")], 1), (vec![of("rich"), of("poor")], 1)] {
        let mut ended = 0;
        let mut listener = |_: Time, fact: &Event| {
            ended += u32::from(matches!(fact, Event::Ended { .. }));
        };
        let mut replay = Replay::new(&facts, Switch::default(), &mut listener);
        let mut next = jobs.iter().peekable();
        let mut steps = 0;
        while replay.step(&mut next).is_some() {
            steps += 1;
            assert!(steps < 100, "it does not end");
        }
        assert_eq!(ended, ends);
    }
}

#[test]
fn what_a_start_takes_is_not_work_that_was_done() {
    let Story { facts, mut submissions } = story(1);
    submissions.truncate(1);
    submissions.iter_mut().for_each(|s| {
        s.spec = JobSpec { gpus: 1, ..JobSpec::default() };
        s.runs = Span::hours(1);
    });
    let mut end = Time(0);
    let mut listener = |at: Time, fact: &Event| {
        if matches!(fact, Event::Ended { .. }) {
            end = at;
        }
    };
    let switch = Switch { start: Span::minutes(2), leave: Span::minutes(1) };
    Replay::new(&facts, switch, &mut listener).play(&submissions);
    assert_eq!(end.since(submissions[0].at), Span::minutes(62));
}

#[test]
fn who_is_taken_out_of_the_queue_never_runs_and_who_has_begun_stays() {
    let Story { facts, submissions } = story(1);
    let gpus = gpus(&facts);
    let one = |n: u32| Submission {
        at: Time(0),
        spec: JobSpec { gpus: 1, turns: TurnMode::Never, ..JobSpec::default() },
        runs: Span::hours(2),
        leaves: Some(if n < 2 * gpus { Span::hours(1) } else { Span::hours(3) }),
        ..submissions[0].clone()
    };
    let all: Vec<Submission> = (0..3 * gpus).map(one).collect();
    let mut ends: Vec<(Span, bool)> = Vec::new();
    let mut listener = |at: Time, fact: &Event| {
        if let Event::Ended { outcome, .. } = fact {
            ends.push((at.since(Time(0)), outcome.is_ok()));
        }
    };
    Replay::new(&facts, Switch::default(), &mut listener).play(&all);
    let third = gpus as usize;
    let expected = [(Span::hours(1), false), (Span::hours(2), true), (Span::hours(4), true)];
    let expected: Vec<(Span, bool)> =
        expected.into_iter().flat_map(|end| std::iter::repeat_n(end, third)).collect();
    assert_eq!(ends, expected, "the first third began, the second left, the last waited");
}

#[test]
fn a_flood_of_short_jobs_takes_no_longer_where_moments_are_not_kept_apart() {
    let Story { facts, submissions } = story(1);
    let gpus = gpus(&facts);
    // Ten minutes each, so many that all of them take a hundred hours: stretches grow to five.
    let short = |_| Submission {
        at: Time(0),
        spec: JobSpec { gpus: 1, ..JobSpec::default() },
        runs: Span::minutes(10),
        ..submissions[0].clone()
    };
    let flood: Vec<Submission> = (0..600 * gpus).map(short).collect();
    let mut end = Time(0);
    let mut listener = |at: Time, fact: &Event| {
        if matches!(fact, Event::Ended { .. }) {
            end = at;
        }
    };
    let mut replay = Replay::new(&facts, Switch::default(), &mut listener);
    replay.pace = Pace::Together { from: Time(0), least: Span::seconds(30), part: 20 };
    replay.play(&flood);
    let hours = end.0 / 3_600_000;
    assert!((95..=105).contains(&hours), "{hours} hours");
}
