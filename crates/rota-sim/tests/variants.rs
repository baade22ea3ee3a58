//! What is offered to who waits: changes that really start the job sooner, the smallest first, and none that a rule refuses.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::{JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::plan::variant::{Freezing, Step, Variant, variants};
use rota_core::plan::{outlook, start_of};
use rota_core::policy::Policy;
use rota_core::policy::who::Scope;
use rota_core::request::{Asker, Request};
use rota_core::units::{Span, Time};
use rota_sim::run::{Arrival, Behaviour, World};
use std::collections::BTreeMap;

const HOUR: Time = Time(Span::hours(1).0);

fn world(policy: Policy, nodes: &[(&str, u32)]) -> World {
    let mut facts = vec![Event::PolicySet { policy: Box::new(policy), by: String::new() }];
    for (id, (model, gpus)) in (0..).zip(nodes) {
        let (name, model) = (format!("n{id}"), Some((*model).to_owned()));
        let mem = rota_core::units::Mib(1 << 20);
        let node = Node {
            id: NodeId(id),
            name,
            model,
            gpus: *gpus,
            price: 1000,
            cpus: 64,
            mem,
            ..Node::default()
        };
        facts.push(Event::NodeAdded { node });
    }
    World::new(facts, None)
}

fn spec(gpus: u32, hours: u64) -> JobSpec {
    JobSpec { gpus, limit: Some(Span::hours(hours)), ..JobSpec::default() }
}

fn asker() -> Asker {
    Asker { person: "mina".into(), lab: "kim".into(), grant: String::new(), admin: false }
}

/// Everyone runs to their walltime.
fn submit(spec: JobSpec) -> (Time, Arrival) {
    let runs = spec.limit.unwrap_or(Span::hours(1));
    let request = Request::Submit { spec, tasks: None, held: false, ended: BTreeMap::new() };
    let does = Behaviour { runs, ..Behaviour::default() };
    (Time(0), Arrival::Ask(asker(), Box::new(request), does))
}

fn offered(world: &World, number: u64) -> Vec<Variant> {
    variants(&world.cluster, HOUR, JobId::single(number), Freezing::Possible)
}

fn steps(offers: &[Variant]) -> Vec<&Step> {
    offers.iter().map(|v| &v.step).collect()
}

/// When a job began in the log.
fn began(world: &World, job: JobId) -> Option<Time> {
    world.log.iter().find_map(|(at, fact)| match fact {
        Event::StartDecided { job: started, .. } if *started == job => Some(*at),
        _ => None,
    })
}

/// One GPU is free for two hours: who asks for one GPU, or for less time than is left, may go at once.
fn busy(policy: Policy) -> World {
    let mut world = world(policy, &[("H100", 2), ("A100", 2)]);
    let h100 = |gpus, hours| JobSpec { models: vec!["H100".into()], ..spec(gpus, hours) };
    let arrivals = vec![
        submit(h100(1, 3)),
        submit(h100(2, 2)),
        submit(JobSpec { models: vec!["A100".into()], ..spec(2, 9) }),
        submit(h100(1, 24)),
    ];
    world.simulate(arrivals, HOUR);
    world
}

#[test]
fn the_smallest_change_is_offered_first_and_each_starts_the_job_sooner() {
    let world = busy(Policy::default());
    let offers = offered(&world, 4);
    // Two hours are left before the job in front has both GPUs.
    assert_eq!(steps(&offers), [&Step::Time { limit: Span::hours(2) }], "{offers:?}");
    let offers = offered(&world, 2);
    assert_eq!(steps(&offers), [&Step::Gpus { gpus: 1 }], "{offers:?}");
    assert_eq!(offers[0].start.at, HOUR);
}

#[test]
fn no_offer_is_made_where_none_helps() {
    let mut world = world(Policy::default(), &[("H100", 1)]);
    world.simulate(vec![submit(spec(1, 9)), submit(spec(1, 1))], HOUR);
    assert_eq!(offered(&world, 2), []);
    assert_eq!(offered(&world, 1), [], "it runs");
    assert_eq!(offered(&world, 99), [], "there is none");
}

#[test]
fn another_model_is_offered_where_it_is_free() {
    let mut world = world(Policy::default(), &[("H100", 1), ("A100", 1)]);
    let h100 = |hours| JobSpec { models: vec!["H100".into()], ..spec(1, hours) };
    world.simulate(vec![submit(h100(9)), submit(h100(4))], HOUR);
    let models = vec!["H100".to_owned(), "A100".to_owned()];
    assert_eq!(steps(&offered(&world, 2)), [&Step::Models { models }]);
}

#[test]
fn a_held_job_is_offered_its_release() {
    let mut world = world(Policy::default(), &[("H100", 1)]);
    let request =
        Request::Submit { spec: spec(1, 1), tasks: None, held: true, ended: BTreeMap::new() };
    let ask = Arrival::Ask(asker(), Box::new(request), Behaviour::default());
    world.simulate(vec![(Time(0), ask)], HOUR);
    assert_eq!(steps(&offered(&world, 1)), [&Step::Release]);
}

#[test]
fn an_array_is_offered_more_tasks_at_a_time() {
    let mut world = world(Policy::default(), &[("H100", 2)]);
    let spec = JobSpec { at_most: Some(1), ..spec(1, 5) };
    let tasks = Some(vec![0, 1]);
    let request = Request::Submit { spec, tasks, held: false, ended: BTreeMap::new() };
    let does = Behaviour { runs: Span::hours(5), ..Behaviour::default() };
    world.simulate(vec![(Time(0), Arrival::Ask(asker(), Box::new(request), does))], HOUR);
    let waiting = JobId { number: 1, task: Some(1) };
    let offers = variants(&world.cluster, HOUR, waiting, Freezing::Possible);
    assert_eq!(steps(&offers), [&Step::AtMost { at_most: 2 }]);
}

fn class(name: &str, rank: u8, max_time: Option<Span>) -> rota_core::policy::Class {
    rota_core::policy::Class {
        name: name.into(),
        rank,
        pools: Vec::new(),
        max_time,
        gpus_per_person: None,
        jobs_per_person: None,
        protected: false,
        idle: None,
        price: 1000,
        default: rank == 1,
    }
}

#[test]
fn another_class_is_offered_only_if_it_takes_such_a_job() {
    for (longest, wanted) in [(None, 1), (Some(Span::hours(2)), 0)] {
        let classes = vec![class("short", 2, longest), class("normal", 1, None)];
        let mut world = world(Policy { classes, ..Policy::default() }, &[("H100", 1)]);
        let arrivals = vec![submit(spec(1, 9)), submit(spec(1, 9)), submit(spec(1, 9))];
        world.simulate(arrivals, HOUR);
        let offers = offered(&world, 3);
        let classes = offers.iter().filter(|v| matches!(v.step, Step::Class { .. })).count();
        assert_eq!(classes, wanted, "{offers:?}");
    }
}

#[test]
fn what_a_limit_refuses_is_not_offered() {
    let limit = |max_time, gpus_per_job| rota_core::policy::Limit {
        who: Scope::EachPerson,
        pool: None,
        class: None,
        gpus: None,
        jobs: None,
        gpus_per_job,
        max_time,
        booked_gpu_days: None,
    };
    // The limit comes while the job waits.
    let mut world = world(Policy::default(), &[("H100", 1)]);
    world.simulate(vec![submit(spec(1, 9)), submit(spec(1, 9))], HOUR);
    let limits = vec![limit(Some(Span::hours(4)), None)];
    let policy = Box::new(Policy { limits, ..Policy::default() });
    world.cluster.apply(HOUR, &Event::PolicySet { policy, by: String::new() });
    // Above its limit no walltime but a shorter one helps, and the longest that is allowed is offered.
    assert_eq!(steps(&offered(&world, 2)), [&Step::Time { limit: Span::hours(4) }]);
}

#[test]
fn an_offer_that_is_taken_starts_the_job_at_the_time_that_was_said() {
    let mut taken = 0;
    for seed in 0..150 {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut dice = |most: u32| random.next_u32() % most;
        let jobs: Vec<JobSpec> = (0..12)
            .map(|_| {
                let models: &[&str] =
                    [&["H100"][..], &["A100"], &["H100", "A100"], &[]][dice(4) as usize];
                let models = models.iter().map(|m| (*m).to_owned()).collect();
                JobSpec { models, ..spec(1 + dice(3), 1 + u64::from(dice(20))) }
            })
            .collect();
        let nodes = [("H100", 3), ("A100", 3)];
        let begin = || {
            let mut world = world(Policy::default(), &nodes);
            world.simulate(jobs.iter().cloned().map(submit).collect(), Time(0));
            world
        };
        let before = begin();
        let waiting: Vec<JobId> = outlook(&before.cluster, Time(0)).starts.into_keys().collect();
        for id in waiting {
            for offer in variants(&before.cluster, Time(0), id, Freezing::Possible) {
                // Making room is learnt only at a turn's end: here nobody takes turns with themselves.
                let mut world = begin();
                let request = offer.step.request(id);
                let mut runs = jobs[usize::try_from(id.number).expect("small") - 1].clone();
                if let Step::Time { limit } = offer.step {
                    runs.limit = Some(limit);
                }
                world.behaves(id.number, runs.limit.unwrap_or_default());
                let ask = Arrival::Ask(asker(), Box::new(request), Behaviour::default());
                world.simulate(vec![(Time(0), ask)], Time::FAR);
                assert_eq!(world.wrong, Vec::<String>::new());
                let at = began(&world, id).expect("it ran");
                assert!(
                    at <= offer.start.at,
                    "seed {seed}, job {id}: {offer:?}, began at {}",
                    at.0
                );
                taken += 1;
            }
        }
    }
    assert!(taken > 300, "only {taken} offers were tried");
}

#[test]
fn an_offer_is_what_a_plan_of_its_own_says() {
    let mut offers = 0;
    for seed in 0..120 {
        let mut random = Pcg64::seed_from_u64(1000 + seed);
        let mut dice = |most: u32| random.next_u32() % most;
        let mut world = world(Policy::default(), &[("H100", 3), ("A100", 2), ("A100", 4)]);
        let arrivals = (0..25).map(|_| {
            let turns = [TurnMode::Suspend, TurnMode::Requeue, TurnMode::Never][dice(3) as usize];
            let models: &[&str] = [&["H100"][..], &["A100"], &[]][dice(3) as usize];
            let models = models.iter().map(|m| (*m).to_owned()).collect();
            let limit = (dice(5) > 0).then(|| Span::hours(1 + u64::from(dice(30))));
            let spec = JobSpec { turns, models, limit, gpus: 1 + dice(2), ..JobSpec::default() };
            let lab = format!("lab{}", dice(3));
            let asker = Asker { person: lab.clone(), lab, grant: String::new(), admin: false };
            let request =
                Request::Submit { spec, tasks: None, held: false, ended: BTreeMap::new() };
            let does = Behaviour { runs: Span::hours(40), ..Behaviour::default() };
            (Time(0), Arrival::Ask(asker, Box::new(request), does))
        });
        world.simulate(arrivals.collect(), HOUR);
        let c = &world.cluster;
        for id in c.jobs.keys().copied() {
            for offer in variants(c, HOUR, id, Freezing::Possible) {
                let admin = Asker { admin: true, ..asker() };
                let facts = rota_core::admit::admit(c, &admin, &offer.step.request(id), HOUR);
                let mut changed = c.clone();
                facts.expect("it is allowed").iter().for_each(|f| changed.apply(HOUR, f));
                let planned = start_of(&changed, HOUR, id);
                assert_eq!(planned.as_ref(), Some(&offer.start), "seed {seed}: {:?}", offer.step);
                offers += 1;
            }
        }
    }
    assert!(offers > 300, "only {offers} offers were compared");
}

#[test]
fn the_start_of_one_job_is_that_of_the_outlook() {
    for seed in 0..50 {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut dice = |most: u32| random.next_u32() % most;
        let mut world = world(Policy::default(), &[("H100", 3), ("A100", 2)]);
        let arrivals = (0..20).map(|_| {
            let turns = [TurnMode::Suspend, TurnMode::Never][dice(2) as usize];
            submit(JobSpec { turns, ..spec(1 + dice(2), 1 + u64::from(dice(9))) })
        });
        world.simulate(arrivals.collect(), HOUR);
        let all = outlook(&world.cluster, HOUR);
        for (id, start) in &all.starts {
            assert_eq!(start_of(&world.cluster, HOUR, *id).as_ref(), Some(start), "seed {seed}");
        }
    }
}
