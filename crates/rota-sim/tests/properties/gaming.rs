//! Nobody gains by asking in another way: by many small jobs, many grants, or longer walltimes.

use crate::look::{moments, seeds, show};
use rota_core::event::Event;
use rota_core::id::NodeId;
use rota_core::job::{JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::policy::who::Who;
use rota_core::policy::{Policy, Share};
use rota_core::request::{Asker, Request};
use rota_core::units::{Mib, Span};
use rota_sim::dice::Dice;
use rota_sim::run::{Arrival, Behaviour, World};
use rota_sim::workload::monday;
use std::collections::BTreeMap;

const TURN: Span = Span::hours(4);
const PERIOD: Span = Span::hours(240);

/// How lab kim asks for the same work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Honest,
    /// Each job cut into four that run one after the other, or side by side.
    InPieces,
    OnManyGrants,
    WithLongWalltimes,
    /// All of it long before it is needed.
    Early,
}

/// All labs have more work than there is room, all the time; it fits together whatever is where, because jobs have one GPU.
fn world(seed: u64, way: Way) -> World {
    let dice = &mut Dice::new(seed);
    let (nodes, gpus) = (dice.from_to(1, 2), dice.from_to(1, 2));
    let labs = dice.from_to(2, 4);
    let mode = *dice.one_of(&[TurnMode::Suspend, TurnMode::Requeue]);
    let grants = (0..nodes * gpus * 4).map(|n| Who::Grant("lab0".into(), format!("g{n}")));
    let shares = grants.map(|who| Share { who, share: 1000, until: None }).collect();
    let policy = Policy { turn: TURN, shares, ..Policy::default() };
    let mut facts = vec![Event::PolicySet { policy: Box::new(policy), by: String::new() }];
    for id in 0..nodes {
        let (name, model) = (format!("n{id}"), Some("A100".to_owned()));
        let (price, mem) = (1000, Mib(1 << 20));
        let node =
            Node { id: NodeId(id), name, model, gpus, price, cpus: 64, mem, ..Node::default() };
        facts.push(Event::NodeAdded { node });
    }
    let mut arrivals = Vec::new();
    for lab in 0..labs {
        for number in 0..nodes * gpus * 4 {
            // Drawn for everyone alike, so that the others are the same in every world.
            let (at, hours) = (dice.minutes(0, 60), u64::from(dice.from_to(20, 60)));
            let way = if lab == 0 { way } else { Way::Honest };
            let pieces = if way == Way::InPieces { 4 } else { 1 };
            for _ in 0..pieces {
                let runs = Span(Span::hours(hours).0 / pieces);
                let long = if way == Way::WithLongWalltimes { 20 } else { 1 };
                let limit = Some(Span(runs.0 * long));
                let spec = JobSpec { gpus: 1, turns: mode, limit, ..JobSpec::default() };
                let grant =
                    if way == Way::OnManyGrants { format!("g{number}") } else { String::new() };
                let names = (format!("lab{lab}"), grant);
                let at = if way == Way::Early { Span::ZERO } else { at };
                arrivals.push((monday().after(at), submit(names, spec, runs)));
            }
        }
    }
    arrivals.sort_by_key(|(at, _)| *at);
    let mut world = World::new(facts, None);
    world.simulate(arrivals, monday().after(PERIOD));
    show(&world);
    assert_eq!(world.wrong, Vec::<String>::new(), "seed {seed}");
    assert!(world.refused.is_empty(), "seed {seed}: {:?}", world.refused);
    world
}

fn submit((lab, grant): (String, String), spec: JobSpec, runs: Span) -> Arrival {
    let asker = Asker { person: lab.clone(), lab, grant, admin: false };
    let request = Request::Submit { spec, tasks: None, held: false, ended: BTreeMap::new() };
    let does = Behaviour { runs, keeps: true, ..Behaviour::default() };
    Arrival::Ask(asker, Box::new(request), does)
}

/// GPU time of lab kim, and GPUs in all.
fn delivered(world: &World) -> (Span, u64) {
    let (mut sum, mut gpus) = (0, 0);
    moments(world, |c, now, next| {
        let span = next.unwrap_or(monday().after(PERIOD)).since(now).0;
        let held = c.jobs.values().filter(|job| job.holds().is_some());
        let ours = held.filter(|job| c.accounts.lab_of(job.owner).name == "lab0").count();
        sum += span * u64::try_from(ours).expect("few jobs");
        gpus = c.nodes.values().map(|n| u64::from(n.node.gpus)).sum();
    });
    (Span(sum), gpus)
}

fn nobody_gains_by(way: Way) {
    for seed in seeds(12) {
        let (honest, gpus) = delivered(&world(seed, Way::Honest));
        let (found, _) = delivered(&world(seed, way));
        let most = honest.plus(Span(TURN.0 * gpus));
        assert!(found <= most, "seed {seed}: {found} instead of {honest} by {way:?}");
    }
}

#[test]
fn nobody_gains_by_cutting_jobs_into_pieces() {
    nobody_gains_by(Way::InPieces);
}

#[test]
fn nobody_gains_by_many_grants() {
    nobody_gains_by(Way::OnManyGrants);
}

#[test]
fn nobody_gains_by_longer_walltimes() {
    nobody_gains_by(Way::WithLongWalltimes);
}

#[test]
fn nobody_gains_by_queueing_before_there_is_work() {
    nobody_gains_by(Way::Early);
}
