//! Random worlds with faults: every invariant after each step, everything ends, and the same seed gives the same bytes.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rota_core::check::check;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::fitness::{Fault, Outsider};
use rota_core::id::{JobId, NodeId};
use rota_core::job::{Dependency, DependencyKind, JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::observation::{GpuSeen, GpuSighting};
use rota_core::policy::Policy;
use rota_core::request::{Asker, Gpus, Request};
use rota_core::units::{Mib, Span, Time};
use rota_sim::run::{Arrival, Behaviour, World};
use std::collections::BTreeMap;

fn world(seed: u64) -> World {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut dice = |most: u32| random.next_u32() % most;
    let mut facts = vec![Event::PolicySet {
        policy: Box::new(Policy { turn: Span::hours(2), ..Policy::default() }),
        by: String::new(),
    }];
    for id in 0..3 {
        let (name, model) = (format!("n{id}"), Some(["H100", "A100"][id as usize % 2].to_owned()));
        let node = Node {
            id: NodeId(id),
            name,
            model,
            gpus: 1 + dice(4),
            price: 1000,
            cpus: 8,
            mem: Mib(100),
            ..Node::default()
        };
        facts.push(Event::NodeAdded { node });
    }
    let mut arrivals = Vec::new();
    let mut now = Time(0);
    for number in 1..=u64::from(10 + dice(20)) {
        now = now.after(Span::minutes(u64::from(dice(90))));
        let asker = Asker {
            person: format!("p{}", dice(4)),
            lab: format!("l{}", dice(2)),
            grant: String::new(),
            admin: true,
        };
        let turns = [TurnMode::Suspend, TurnMode::Requeue, TurnMode::Never][dice(3) as usize];
        let after = (dice(5) == 0 && number > 1).then(|| Dependency {
            kind: [DependencyKind::Ok, DependencyKind::Any, DependencyKind::NotOk]
                [dice(3) as usize],
            number: 1 + u64::from(dice(u32::try_from(number - 1).expect("small"))),
        });
        let spec = JobSpec {
            gpus: dice(4),
            cpus: 1 + dice(3),
            mem: Mib(u64::from(dice(40))),
            limit: (dice(4) > 0).then(|| Span::hours(1 + u64::from(dice(9)))),
            turns,
            after: after.into_iter().collect(),
            at_most: (dice(3) == 0).then_some(1),
            retries: dice(2),
            ..JobSpec::default()
        };
        let tasks = (dice(4) == 0).then(|| (0..=dice(4)).collect());
        let runs = Span::minutes(u64::from(10 + dice(400)));
        let does = Behaviour { runs, keeps: dice(2) == 0, ..Behaviour::default() };
        let request = Request::Submit { spec, tasks, held: false, ended: BTreeMap::new() };
        arrivals.push((now, Arrival::Ask(asker.clone(), Box::new(request), does)));
        if dice(4) == 0 {
            let id = JobId::single(1 + u64::from(dice(u32::try_from(number).expect("small"))));
            let request = [Request::Cancel(id), Request::Hold(id), Request::Release(id)]
                [dice(3) as usize]
                .clone();
            arrivals.push((now, Arrival::Ask(asker, Box::new(request), Behaviour::default())));
        }
        arrivals.extend(fitness(now, &mut dice));
        if dice(8) == 0 {
            let node = NodeId(dice(3));
            arrivals.push((now, Arrival::Node(node, false)));
            arrivals.push((now.after(Span::hours(1)), Arrival::Node(node, true)));
        }
    }
    arrivals.extend(all_take_jobs(now.after(Span::hours(40))));
    for number in 1..=40 {
        let asker = root();
        arrivals.push((
            now.after(Span::hours(50)),
            Arrival::Ask(
                asker,
                Box::new(Request::Release(JobId::single(number))),
                Behaviour::default(),
            ),
        ));
    }
    arrivals.sort_by_key(|(at, _)| *at);
    let mut world = World::new(facts, Some(seed));
    world.simulate(arrivals, Time(Span::hours(5000).0));
    world
}

fn root() -> Asker {
    Asker { person: "root".into(), lab: "root".into(), grant: String::new(), admin: true }
}

/// Now and then a GPU is drained, resumed, found bad, or used by an outsider.
fn fitness(now: Time, dice: &mut impl FnMut(u32) -> u32) -> Vec<(Time, Arrival)> {
    if dice(4) > 0 {
        return Vec::new();
    }
    let (node, gpu) = (dice(3), dice(3));
    let gpus = Gpus { node: format!("n{node}"), gpu: Some(gpu).filter(|_| dice(3) > 0) };
    let (user, command) = ("mina".to_owned(), "python".to_owned());
    let seen = |seen| Arrival::Gpu(GpuSighting { node: NodeId(node), gpu, seen });
    let ask = |request| Arrival::Ask(root(), Box::new(request), Behaviour::default());
    let begins = match dice(6) {
        0 => ask(Request::Drain { gpus: gpus.clone(), why: "fan broken".into() }),
        1 => seen(GpuSeen::Unfit(Fault::Lost)),
        2 => seen(GpuSeen::Unfit(Fault::Xid { xid: 79 })),
        3 => seen(GpuSeen::Unfit(Fault::RemapPending)),
        _ => seen(GpuSeen::Outsider(Outsider { pid: 7, user, command, since: now })),
    };
    let later = |hours: u32| now.after(Span::hours(u64::from(hours)));
    let gone = (later(1 + dice(5)), seen(GpuSeen::Gone(7)));
    let again = (
        later(1 + dice(9)),
        ask(Request::Resume { gpus: Gpus { gpu: None, ..gpus }, why: String::new() }),
    );
    vec![(now, begins), gone, again]
}

fn all_take_jobs(at: Time) -> Vec<(Time, Arrival)> {
    let resume = |node: u32| {
        let gpus = Gpus { node: format!("n{node}"), gpu: None };
        (
            at,
            Arrival::Ask(
                root(),
                Box::new(Request::Resume { gpus, why: String::new() }),
                Behaviour::default(),
            ),
        )
    };
    (0..3).map(resume).collect()
}

#[test]
fn no_seed_breaks_an_invariant_and_everything_ends() {
    let seeds =
        std::env::var("ROTA_SOAK_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(10_000u64);
    for seed in 0..seeds {
        let world = world(seed);
        assert_eq!(world.wrong, Vec::<String>::new(), "seed {seed}");
        let left: Vec<_> =
            world.cluster.jobs.values().map(|j| (j.id, j.state.clone(), j.held)).collect();
        assert_eq!(world.left(), 0, "seed {seed}: {left:?}");
    }
}

#[test]
fn every_prefix_of_a_log_leads_to_a_state_without_contradiction() {
    for seed in 0..5 {
        let world = world(seed);
        let mut cluster = Cluster::default();
        for (at, fact) in &world.log {
            cluster.apply(*at, fact);
            let found = check(&cluster);
            assert!(found.is_empty(), "seed {seed}, after {fact:?}: {found:?}");
        }
        let kept = serde_json::to_string(&cluster).expect("plain data");
        let mut again: Cluster = serde_json::from_str(&kept).expect("the same data");
        again.reindex();
        assert_eq!(again, cluster);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = |seed| serde_json::to_string(&world(seed).log).expect("plain data");
    assert_eq!(bytes(7), bytes(7));
    assert_ne!(bytes(7), bytes(8));
}
