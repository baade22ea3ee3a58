//! Lending costs the lender at most the grace.

use crate::look::{seeds, show};
use rota_core::calendar::When;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::{JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::policy::who::Who;
use rota_core::policy::{Claim, Lend, Policy, Pool, Reclaim};
use rota_core::request::{Asker, Request};
use rota_core::units::{Mib, Span, Time};
use rota_sim::dice::Dice;
use rota_sim::run::{Arrival, Behaviour, World};
use rota_sim::workload::monday;
use std::collections::BTreeMap;

const GRACE: Span = Span::minutes(5);

/// Lab kim owns a node; everyone else has two more, and borrows. The owner's jobs, which are the first submitted, are of
/// one width: which of several widths fits is another question than who waits for whom.
fn world(seed: u64, lend: Lend) -> World {
    let dice = &mut Dice::new(seed);
    let gpus = *dice.one_of(&[1, 2, 4]);
    let width = *dice.one_of(&[1, gpus]);
    let claim = Claim {
        who: vec![Who::Lab("kim".into())],
        every: Span::hours(24),
        pool: "donated".into(),
        gpus: None,
        when: When::default(),
        lend,
        reclaim: *dice.one_of(&[Reclaim::Suspend, Reclaim::Requeue]),
        grace: GRACE,
        max_time: None,
        why: String::new(),
        approved_by: String::new(),
    };
    let pool = Pool {
        name: "donated".into(),
        nodes: vec!["n0".into()],
        own_ledger: dice.once_in(2),
        ..Pool::default()
    };
    let policy = Policy { pools: vec![pool], claims: vec![claim], ..Policy::default() };
    let mut facts = vec![Event::PolicySet { policy: Box::new(policy), by: String::new() }];
    for id in 0..3 {
        let (name, model) = (format!("n{id}"), Some("A100".to_owned()));
        let (price, mem) = (1000, Mib(1 << 20));
        let node =
            Node { id: NodeId(id), name, model, gpus, price, cpus: 64, mem, ..Node::default() };
        facts.push(Event::NodeAdded { node });
    }
    let mut arrivals = Vec::new();
    for _ in 0..30 {
        let at = monday().after(dice.minutes(0, 3000));
        let runs = dice.minutes(10, 600);
        if dice.once_in(3) {
            let pool = Some("donated".to_owned());
            let spec = JobSpec { gpus: width, pool, limit: Some(runs), ..JobSpec::default() };
            arrivals.push((at, submit("kim", spec, Behaviour { runs, ..Behaviour::default() })));
        }
        let turns = *dice.one_of(&[TurnMode::Suspend, TurnMode::Requeue, TurnMode::Never]);
        let grace = dice.minutes(0, 20);
        let spec = JobSpec { gpus: dice.from_to(1, gpus), turns, grace, ..JobSpec::default() };
        let leaves_in = dice.minutes(0, if turns == TurnMode::Suspend { 5 } else { 30 });
        let unfreezable = dice.once_in(6);
        let does = Behaviour {
            runs: dice.minutes(60, 2000),
            leaves_in,
            unfreezable,
            ..Behaviour::default()
        };
        let lab = *dice.one_of(&["lee", "park"]);
        arrivals.push((at, submit(lab, spec, does)));
    }
    arrivals.sort_by_key(|(at, _)| *at);
    let mut world = World::new(facts, None);
    world.simulate(arrivals, monday().after(Span::hours(2000)));
    show(&world);
    world
}

fn submit(lab: &str, spec: JobSpec, does: Behaviour) -> Arrival {
    let asker = Asker { person: lab.into(), lab: lab.into(), grant: String::new(), admin: false };
    let request = Request::Submit { spec, tasks: None, held: false, ended: BTreeMap::new() };
    Arrival::Ask(asker, Box::new(request), does)
}

/// When the owner's jobs first began to run.
fn starts(world: &World) -> BTreeMap<JobId, Time> {
    let mut starts = BTreeMap::new();
    let mut own = std::collections::BTreeSet::new();
    for (at, fact) in &world.log {
        match fact {
            Event::Submitted { number, lab, .. } if lab == "kim" => {
                own.insert(JobId::single(*number));
            }
            Event::Started { job, .. } if own.contains(job) => {
                starts.entry(*job).or_insert(*at);
            }
            _ => {}
        }
    }
    starts
}

#[test]
fn a_lender_waits_no_longer_than_the_grace_more_than_without_lending() {
    let mut borrowed = 0;
    for seed in seeds(100) {
        let (kept, lent) = (world(seed, Lend::No), world(seed, Lend::All));
        assert_eq!((&kept.wrong, &lent.wrong), (&vec![], &vec![]), "seed {seed}");
        let (without, with) = (starts(&kept), starts(&lent));
        assert_eq!(without.len(), with.len(), "seed {seed}");
        for (job, at) in &without {
            let later = with[job].since(*at);
            assert!(later <= GRACE, "seed {seed}: {job} waits {later} longer, from {}", at.0);
        }
        let is_recall = |fact: &Event| {
            matches!(fact, Event::StopDecided { reason, .. }
                if matches!(reason, rota_core::decision::Reason::Reclaimed { .. }))
        };
        borrowed += lent.log.iter().filter(|(_, fact)| is_recall(fact)).count();
    }
    assert!(borrowed > 0, "nobody borrowed anything: this test says nothing");
}
