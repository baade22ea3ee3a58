//! Promises are kept: nobody with work waits longer for a turn than the bound says, and than was promised.

use crate::look::{moments, seeds, show};
use rota_core::event::Event;
use rota_core::id::{GrantId, NodeId};
use rota_core::job::{JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::plan::promise::{Counted, GRACE, bound};
use rota_core::policy::who::Who;
use rota_core::policy::{Policy, Pool, PoolId, Share, Turn};
use rota_core::request::{Asker, Request};
use rota_core::units::{Mib, Span, Time};
use rota_sim::dice::Dice;
use rota_sim::run::{Arrival, Behaviour, World};
use rota_sim::workload::monday;
use std::collections::BTreeMap;

/// What one pool is like, and who comes.
struct Site {
    policy: Policy,
    nodes: Vec<u32>,
    /// Of each node.
    models: Vec<&'static str>,
    arrivals: Vec<(Time, Arrival)>,
}

impl Site {
    fn new(nodes: &[u32], turn: Turn) -> Site {
        let pool = Pool {
            name: "h100".into(),
            nodes: vec!["n*".into()],
            own_ledger: true,
            ..Pool::default()
        };
        let policy = Policy { pools: vec![pool], turns: vec![turn], ..Policy::default() };
        let models = vec!["H100"; nodes.len()];
        Site { policy, nodes: nodes.into(), models, arrivals: Vec::new() }
    }

    fn submit(&mut self, at: Time, (lab, grant): (&str, &str), spec: JobSpec, does: Behaviour) {
        let who = Who::Grant(lab.into(), grant.into());
        if !grant.is_empty() && !self.policy.shares.iter().any(|s| s.who == who) {
            self.policy.shares.push(Share { who, share: 1000, until: None });
        }
        let (person, lab, grant) = (format!("{lab}{grant}"), lab.into(), grant.into());
        let asker = Asker { person, lab, grant, admin: false };
        let request = Request::Submit { spec, tasks: None, held: false, ended: BTreeMap::new() };
        self.arrivals.push((at, Arrival::Ask(asker, Box::new(request), does)));
    }

    fn play(mut self, until: Time) -> World {
        let policy = Box::new(self.policy);
        let mut facts = vec![Event::PolicySet { policy, by: String::new() }];
        for ((id, gpus), model) in (0u32..).zip(&self.nodes).zip(&self.models) {
            let (name, model) = (format!("n{id}"), Some((*model).to_owned()));
            let (price, mem, gpus) = (2200, Mib(1 << 20), *gpus);
            let node = Node {
                id: NodeId(id),
                name,
                model,
                gpus,
                price,
                cpus: 1000,
                mem,
                gpu_mem: Mib(80 << 10),
                ..Node::default()
            };
            facts.push(Event::NodeAdded { node });
        }
        self.arrivals.sort_by_key(|(at, _)| *at);
        let mut world = World::new(facts, None);
        world.simulate(self.arrivals, until);
        show(&world);
        assert_eq!(world.wrong, Vec::<String>::new());
        assert!(world.refused.is_empty(), "{:?}", world.refused);
        world
    }
}

fn turn(slice: Span, max_wait: Option<Span>) -> Turn {
    Turn { pool: "h100".into(), slice, max_wait }
}

fn wide(gpus: u32, turns: TurnMode) -> JobSpec {
    JobSpec { gpus, turns, ..JobSpec::default() }
}

fn long() -> Behaviour {
    Behaviour { runs: Span::hours(5000), keeps: true, ..Behaviour::default() }
}

/// The longest that any grant with work waited for a turn.
fn longest_wait(world: &World, until: Time) -> Span {
    let mut since: BTreeMap<GrantId, Time> = BTreeMap::new();
    let mut longest = Span::ZERO;
    moments(world, |c, now, next| {
        let next = next.unwrap_or(until);
        for id in 0..c.accounts.grants.len() {
            let id = GrantId(u32::try_from(id).expect("few grants"));
            let of = |job: &&std::sync::Arc<rota_core::job::Job>| {
                c.accounts.person(job.owner).grant == id
            };
            let holds = c.jobs.values().filter(of).any(|job| job.holds().is_some());
            let waits = c.jobs.values().filter(of).any(|job| job.is_ready());
            if holds || !waits {
                since.remove(&id);
            } else {
                let began = *since.entry(id).or_insert(now);
                longest = longest.max(next.since(began));
            }
        }
    });
    longest
}

/// 16 H100, 20 grants, jobs of 4 GPUs.
fn twenty_grants(slice: Span, mode: TurnMode, runs: Span) -> World {
    let mut site = Site::new(&[8, 8], turn(slice, None));
    for grant in 0..20 {
        let does = Behaviour { runs, keeps: true, ..Behaviour::default() };
        let spec = JobSpec { limit: Some(Span::hours(7 * 24)), ..wide(4, mode) };
        let (lab, grant) = (format!("lab{}", grant % 20), format!("g{grant}"));
        site.submit(monday(), (&lab, &grant), spec, does);
    }
    site.play(monday().after(Span::hours(2000)))
}

#[test]
fn twenty_grants_on_sixteen_gpus_wait_twenty_hours_at_most_with_turns_of_four() {
    let world = twenty_grants(Span::hours(4), TurnMode::Requeue, Span::hours(7 * 24));
    let until = monday().after(Span::hours(400));
    assert!(longest_wait(&world, until) <= Span::hours(20), "{}", longest_wait(&world, until));
}

#[test]
fn without_turns_the_same_twenty_grants_wait_for_weeks() {
    let world = twenty_grants(Span::hours(4), TurnMode::Never, Span::hours(7 * 24));
    let until = monday().after(Span::hours(2000));
    let longest = longest_wait(&world, until);
    assert!(longest >= Span::hours(28 * 24), "only {longest}");
}

/// Every grant has a job all the time, and the bound is promised. Without a promise, the order within a round follows the
/// last minutes of use, and who was last in one round may be first in no other.
#[test]
fn where_all_have_work_nobody_waits_longer_than_the_bound() {
    for seed in seeds(40) {
        let dice = &mut Dice::new(seed);
        let (nodes, gang) = *dice.one_of(&[(1, 1), (2, 1), (4, 2), (4, 4), (2, 8), (1, 4)]);
        let nodes = vec![*dice.one_of(&[8, 4, 8]).max(&gang); nodes as usize];
        let slice = dice.minutes(60, 300);
        let mut site = Site::new(&nodes, turn(slice, None));
        let grants = dice.from_to(2, 24);
        let requeue = dice.once_in(2);
        for grant in 0..grants {
            let mode = if requeue { TurnMode::Requeue } else { TurnMode::Suspend };
            let leaves_in = dice.minutes(0, 2);
            let does = Behaviour { leaves_in, ..long() };
            let at = monday().after(Span::minutes(u64::from(grant)));
            let spec = JobSpec { grace: Span::minutes(2), ..wide(gang, mode) };
            site.submit(at, (&format!("lab{grant}"), ""), spec, does);
        }
        let until = monday().after(Span::hours(300));
        let at_once: u32 = nodes.iter().map(|gpus| gpus / gang).sum();
        let promised = Span(slice.0 * u64::from(grants.div_ceil(at_once))).plus(GRACE);
        site.policy.turns[0].max_wait = Some(promised);
        let world = site.play(until);
        let most =
            bound(&world.cluster, PoolId(1), grants, Counted::All).wait().expect("a gang fits");
        assert!(most >= promised, "seed {seed}: the bound counts gangs of whole nodes");
        let longest = longest_wait(&world, until);
        assert!(longest <= promised, "seed {seed}: {longest} of {promised}");
    }
}

/// Labs of different shares with different numbers of grants, which come and go on so many nodes at most.
struct Labs {
    nodes: usize,
    slice: Span,
    promise: Span,
    longest: Span,
    world: World,
}

impl Labs {
    fn play(seed: u64, most: u32, mode: TurnMode) -> Labs {
        let dice = &mut Dice::new(seed);
        let gpus = *dice.one_of(&[2, 4, 8]);
        let nodes = vec![gpus; dice.from_to(1, most) as usize];
        let slice = dice.minutes(60, 300);
        let mut site = Site::new(&nodes, turn(slice, Some(Span::hours(1))));
        let labs = dice.from_to(2, 4);
        let mut grants = 0u32;
        for lab in 0..labs {
            let share = dice.from_to(1, 6) * 1000;
            let who = Who::Lab(format!("lab{lab}"));
            site.policy.shares.push(Share { who, share, until: None });
            for grant in 0..dice.from_to(1, 6) {
                grants += 1;
                for _ in 0..dice.from_to(1, 4) {
                    let at = monday().after(dice.minutes(0, 4000));
                    let width = dice.from_to(1, gpus);
                    let does = Behaviour { runs: dice.minutes(30, 6000), ..long() };
                    let names = (format!("lab{lab}"), format!("g{grant}"));
                    let mut spec = wide(width, mode);
                    if width == 1 && dice.once_in(2) {
                        spec.gpu_mem = Some(Mib(*dice.one_of(&[20, 30, 40]) << 10));
                    }
                    site.submit(at, (&names.0, &names.1), spec, does);
                }
            }
        }
        let at_once = u32::try_from(nodes.len()).expect("few nodes");
        let rounds = u64::from(grants.div_ceil(at_once).max(1));
        let promise = Span(slice.0 * rounds).plus(GRACE);
        site.policy.turns[0].max_wait = Some(promise);
        let until = monday().after(Span::hours(600));
        let world = site.play(until);
        let most =
            bound(&world.cluster, PoolId(1), grants, Counted::All).wait().expect("a gang fits");
        assert!(most <= promise, "seed {seed}: this promise could not be kept");
        let longest = longest_wait(&world, until);
        Labs { nodes: nodes.len(), slice, promise, longest, world }
    }
}

/// A promise that can be kept is kept.
#[test]
fn no_grant_waits_longer_for_a_turn_than_was_promised() {
    let mut hurried = 0;
    for seed in seeds(50) {
        let Labs { promise, longest, world, .. } = Labs::play(seed, 2, TurnMode::Requeue);
        assert!(longest <= promise, "seed {seed}: {longest} of {promise}");
        hurried += starts_by_promise(&world);
    }
    assert!(hurried > 0, "no promise was ever near: this test says nothing");
}

/// Suspended jobs go on on their own GPUs alone, and of several nodes these may be where more people wait than elsewhere.
#[test]
fn on_one_node_promises_are_kept_to_suspended_jobs_too_and_on_several_but_for_less_than_a_slice() {
    let mut later = 0;
    for seed in seeds(60) {
        let Labs { nodes, slice, promise, longest, .. } = Labs::play(seed, 3, TurnMode::Suspend);
        let most = if nodes == 1 { promise } else { promise.plus(slice) };
        assert!(longest <= most, "seed {seed}, {nodes} nodes: {longest} of {promise}");
        later += u32::from(longest > promise);
    }
    assert!(later > 0, "then more can be promised, and the policy warns for nothing");
}

fn starts_by_promise(world: &World) -> usize {
    let is_promise = |fact: &Event| {
        matches!(fact, Event::StartDecided { reason: rota_core::decision::Reason::Promise, .. })
    };
    world.log.iter().filter(|(_, fact)| is_promise(fact)).count()
}

/// One node has the GPUs that most ask for, and the others have enough; what can be promised if all name the scarce ones is kept.
#[test]
fn in_a_pool_of_two_models_no_grant_waits_longer_for_a_turn_than_was_promised() {
    let mut hurried = 0;
    for seed in seeds(60) {
        let dice = &mut Dice::new(seed);
        let gpus = *dice.one_of(&[1, 2, 4]);
        let slice = dice.minutes(60, 300);
        let nodes = vec![gpus; dice.from_to(2, 4) as usize];
        let mut site = Site::new(&nodes, turn(slice, Some(Span::hours(1))));
        site.models[1..].fill("A100");
        let grants = dice.from_to(3, 9);
        for grant in 0..grants {
            let who = Who::Lab(format!("lab{grant}"));
            let share = dice.from_to(1, 20) * 1000;
            site.policy.shares.push(Share { who, share, until: None });
            let models = *dice.one_of(&["H100", "H100", "A100", "A100 H100", ""]);
            for _ in 0..dice.from_to(1, 4) {
                let at = monday().after(dice.minutes(0, 400));
                let does = Behaviour { runs: dice.minutes(30, 6000), ..long() };
                let mut spec = wide(dice.from_to(1, gpus), TurnMode::Requeue);
                spec.models = models.split_whitespace().map(str::to_owned).collect();
                site.submit(at, (&format!("lab{grant}"), ""), spec, does);
            }
        }
        let max_wait = Span(slice.0 * u64::from(grants)).plus(GRACE);
        site.policy.turns[0].max_wait = Some(max_wait);
        let until = monday().after(Span::hours(600));
        let world = site.play(until);
        let longest = longest_wait(&world, until);
        assert!(longest <= max_wait, "seed {seed}: {longest} of {max_wait}");
        hurried += starts_by_promise(&world);
    }
    assert!(hurried > 0, "no promise was ever near: this test says nothing");
}
