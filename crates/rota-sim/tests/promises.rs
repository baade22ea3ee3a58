//! Promises that hold in every world of a kind, not only on a page.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::{JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::plan::outlook;
use rota_core::policy::Policy;
use rota_core::request::{Asker, Request};
use rota_core::units::{Mib, Span, Time};
use rota_sim::run::{Arrival, Behaviour, World};
use std::collections::BTreeMap;

const TURN: Span = Span::hours(2);

fn empty_world(gpus_of_nodes: &[u32]) -> World {
    let mut facts = vec![Event::PolicySet {
        policy: Box::new(Policy { turn: TURN, ..Policy::default() }),
        by: String::new(),
    }];
    for (id, gpus) in (0..).zip(gpus_of_nodes) {
        let (name, model) = (format!("n{id}"), Some("H100".to_owned()));
        let node = Node {
            id: NodeId(id),
            name,
            model,
            gpus: *gpus,
            price: 1000,
            cpus: 64,
            mem: Mib(100),
            ..Node::default()
        };
        facts.push(Event::NodeAdded { node });
    }
    World::new(facts, None)
}

fn submit(lab: &str, spec: JobSpec, runs: Span) -> (Time, Arrival) {
    let asker = Asker { person: lab.into(), lab: lab.into(), grant: String::new(), admin: false };
    let request = Request::Submit { spec, tasks: None, held: false, ended: BTreeMap::new() };
    let does = Behaviour { runs, keeps: true, ..Behaviour::default() };
    (Time(0), Arrival::Ask(asker, Box::new(request), does))
}

/// Everyone runs to their walltime, nobody comes later, one person: then nothing can move a planned start back.
#[test]
fn a_planned_start_is_never_broken_while_nothing_unforeseen_happens() {
    for seed in 0..300 {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut dice = |most: u32| random.next_u32() % most;
        let mut world = empty_world(&[1 + dice(4), 1 + dice(4)]);
        let largest = world.cluster.nodes.values().map(|n| n.node.gpus).max().unwrap_or(1);
        let arrivals = (0..30).map(|_| {
            let runs = Span::minutes(u64::from(1 + dice(600)));
            let mem = Mib(u64::from(dice(60)));
            let gpus = dice(largest + 1);
            submit(
                "a",
                JobSpec {
                    gpus,
                    mem,
                    limit: Some(runs),
                    turns: TurnMode::Never,
                    ..JobSpec::default()
                },
                runs,
            )
        });
        world.simulate(arrivals.collect(), Time::FAR);
        assert_eq!(world.wrong, Vec::<String>::new(), "seed {seed}");
        let mut cluster = Cluster::default();
        let mut promised: BTreeMap<JobId, Time> = BTreeMap::new();
        let mut facts = world.log.iter().peekable();
        while let Some((now, fact)) = facts.next() {
            cluster.apply(*now, fact);
            if let Event::StartDecided { job, .. } = fact
                && let Some(at) = promised.get(job)
            {
                assert!(
                    now <= at,
                    "seed {seed}: job {job} starts at {} instead of {}",
                    now.0,
                    at.0
                );
            }
            if facts.peek().is_none_or(|(next, _)| next > now) {
                for (job, start) in outlook(&cluster, *now).starts {
                    let at = promised.entry(job).or_insert(start.at);
                    assert!(
                        start.at <= *at,
                        "seed {seed}: job {job} moved from {} to {}",
                        at.0,
                        start.at.0
                    );
                    *at = start.at;
                }
            }
        }
    }
}

/// Nobody waits longer than the turns of those ahead.
#[test]
fn with_so_many_labs_everyone_has_a_first_turn_within_so_many_turns() {
    for seed in 0..60 {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut dice = |most: u32| random.next_u32() % most;
        let gpus = 1 + dice(8);
        let labs = 2 + dice(8);
        let mut world = empty_world(&[gpus]);
        let arrivals = (0..labs).flat_map(|lab| {
            let jobs = 1 + dice(3);
            let one = |_| {
                let turns = [TurnMode::Suspend, TurnMode::Requeue][dice(2) as usize];
                submit(
                    &format!("lab{lab}"),
                    JobSpec { gpus: 1 + dice(gpus), turns, ..JobSpec::default() },
                    Span::hours(60),
                )
            };
            (0..jobs).map(one).collect::<Vec<_>>()
        });
        world.simulate(arrivals.collect(), Time::FAR);
        assert_eq!(world.wrong, Vec::<String>::new(), "seed {seed}");
        let mut first: BTreeMap<u32, Time> = BTreeMap::new();
        let mut cluster = Cluster::default();
        for (at, fact) in &world.log {
            cluster.apply(*at, fact);
            if let Event::StartDecided { job, .. } = fact {
                let owner = cluster.job(*job).expect("just started").owner;
                first.entry(cluster.accounts.grant_of(owner).lab.0).or_insert(*at);
            }
        }
        let bound = Time(TURN.0 * u64::from(labs));
        let latest = first.values().max().copied().unwrap_or_default();
        assert_eq!(first.len(), labs as usize, "seed {seed}");
        assert!(
            latest <= bound,
            "seed {seed}: {labs} labs, a first turn after {} h",
            latest.0 / 3_600_000
        );
    }
}
