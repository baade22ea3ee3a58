//! What holds in every simulated world: with claims, promises, shares, grants, turns and faults.

use crate::log::hours;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rota_core::calendar::{Weekly, When};
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::NodeId;
use rota_core::job::{JobSpec, TurnMode};
use rota_core::ledger::Decay;
use rota_core::node::Node;
use rota_core::policy::who::Who;
use rota_core::policy::{Claim, Lend, Policy, Pool, Reclaim, Share, Turn};
use rota_core::report::Stretch;
use rota_core::request::{Asker, Request};
use rota_core::shares::{WHOLE, shares};
use rota_core::units::{Mib, Span, Time};
use rota_sim::metrics::{fairness, lending, of};
use rota_sim::run::{Arrival, Behaviour, World};
use std::collections::BTreeMap;

fn policy() -> Policy {
    let pool = |name: &str, nodes: &str, own_ledger| Pool {
        name: name.into(),
        nodes: vec![nodes.into()],
        own_ledger,
    };
    let claim = |who: &str, pool: &str, weekly| Claim {
        who: vec![Who::Lab(who.into())],
        every: Span::hours(7 * 24),
        pool: pool.into(),
        gpus: Some(2),
        when: When { weekly, ..When::default() },
        lend: Lend::All,
        reclaim: Reclaim::Suspend,
        grace: Span::minutes(5),
        max_time: None,
        why: String::new(),
        approved_by: String::new(),
    };
    let daily = Weekly { days: [true; 7], from: 13 * 60, to: 16 * 60 };
    Policy {
        turn: Span::hours(2),
        // So long that nothing is forgotten: what is used stays what it was.
        half_life: Span::hours(1_000_000),
        pools: vec![pool("scarce", "s*", true), pool("plenty", "p*", false)],
        shares: vec![Share { who: Who::Lab("l0".into()), share: 2000, until: None }],
        claims: vec![claim("l1", "scarce", None), claim("l2", "plenty", Some(daily))],
        turns: vec![Turn {
            pool: "scarce".into(),
            slice: Span::hours(1),
            max_wait: Some(Span::hours(12)),
        }],
        ..Policy::default()
    }
}

fn world(seed: u64) -> World {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut dice = |most: u32| random.next_u32() % most;
    let mut facts = vec![Event::PolicySet { policy: Box::new(policy()), by: String::new() }];
    for (id, name) in (0..).zip(["s0", "p0", "p1"]) {
        let model = Some(if id == 0 { "H100" } else { "V100" }.to_owned());
        let (gpus, price) = (2 + dice(3), if id == 0 { 2200 } else { 500 });
        let (id, name) = (NodeId(id), name.to_owned());
        facts.push(Event::NodeAdded {
            node: Node {
                id,
                name,
                model,
                gpus,
                price,
                cpus: 64,
                mem: Mib(1 << 20),
                ..Node::default()
            },
        });
    }
    let (mut arrivals, mut now) = (Vec::new(), Time(0));
    for _ in 0..30 {
        now = now.after(Span::minutes(u64::from(dice(90))));
        let asker = Asker {
            person: format!("p{}", dice(4)),
            lab: format!("l{}", dice(3)),
            grant: ["", "g"][dice(2) as usize].to_owned(),
            admin: false,
        };
        let turns = [TurnMode::Suspend, TurnMode::Requeue, TurnMode::Never][dice(3) as usize];
        let limit = (dice(3) > 0).then(|| Span::hours(1 + u64::from(dice(9))));
        let spec = JobSpec { gpus: dice(3), limit, turns, retries: 1, ..JobSpec::default() };
        let runs = Span::minutes(u64::from(10 + dice(400)));
        let does = Behaviour { runs, keeps: dice(2) == 0, ..Behaviour::default() };
        let tasks = (dice(5) == 0).then(|| vec![0, 1, 2]);
        let request = Request::Submit { spec, tasks, held: false, ended: BTreeMap::new() };
        arrivals.push((now, Arrival::Ask(asker, Box::new(request), does)));
        if dice(10) == 0 {
            let node = NodeId(dice(3));
            arrivals.push((now, Arrival::Node(node, false)));
            arrivals.push((now.after(Span::hours(1)), Arrival::Node(node, true)));
        }
    }
    arrivals.sort_by_key(|(at, _)| *at);
    let mut world = World::new(facts, Some(seed));
    world.simulate(arrivals, hours(5000));
    world
}

fn end(log: &[(Time, Event)]) -> Time {
    log.last().map_or(Time(0), |(at, _)| at.after(Span::hours(1)))
}

#[test]
fn what_ledgers_say_is_the_gpu_time_that_was_held() {
    for seed in 0..40 {
        let log = world(seed).log;
        // Price × milliseconds that all jobs held, by hand.
        let (mut c, mut last, mut held) = (Cluster::default(), Time(0), 0u128);
        for (at, event) in &log {
            let rates = c.jobs.values().filter(|j| j.holds().is_some()).map(|j| u128::from(j.rate));
            held += rates.sum::<u128>() * u128::from(at.since(last).0);
            last = *at;
            c.apply(*at, event);
        }
        let decay = Decay::new(&c.policy, c.accounts.origin);
        let labs = c.accounts.labs.iter().map(|l| &l.ledgers);
        let grants = c.accounts.grants.iter().map(|g| &g.ledgers);
        let people = c.accounts.people.iter().map(|p| &p.ledgers);
        for level in [labs.collect::<Vec<_>>(), grants.collect(), people.collect()] {
            let all = level.iter().flat_map(|ledgers| ledgers.values());
            let used: u128 = all.map(|l| l.used_at(last, decay)).sum();
            assert!(used.abs_diff(held) <= held / 1000, "seed {seed}: {used} used of {held} held");
        }
        let parts = shares(&c, last).ledgers;
        let sum: u128 = parts.iter().map(|l| u128::from(l.delivered)).sum();
        let hours = held / 3_600_000;
        assert!(sum.abs_diff(hours) <= hours / 1000 + 20, "seed {seed}: {sum} instead of {hours}");
    }
}

#[test]
fn siblings_share_the_whole_and_are_owed_nothing_together() {
    for seed in 0..40 {
        let world = world(seed);
        for ledger in shares(&world.cluster, end(&world.log)).ledgers {
            let whole: u64 = ledger.labs.iter().map(|l| l.share).sum();
            assert!(whole.abs_diff(WHOLE) < 5 || ledger.labs.is_empty(), "seed {seed}: {ledger:?}");
            let owed: i64 = ledger.labs.iter().map(|l| l.owed).sum();
            assert!(owed.unsigned_abs() < 5, "seed {seed}: {ledger:?}");
        }
    }
}

#[test]
fn a_report_of_any_prefix_of_a_log_can_be_made() {
    for seed in 0..3 {
        let log = world(seed).log;
        for length in 0..log.len() {
            let prefix = log.get(..length).unwrap_or_default();
            let period = Stretch { from: Time(0), until: end(prefix) };
            let Ok(report) = fairness(None, period, of(prefix));
            let Ok(_) = lending(None, period, of(prefix));
            assert!(report.labs.iter().all(|lab| lab.error <= 100_000), "seed {seed}: {report:?}");
        }
    }
}

#[test]
fn what_labs_had_is_what_their_parts_are_in_sum() {
    for seed in 0..40 {
        let log = world(seed).log;
        let Ok(report) = fairness(None, Stretch { from: Time(0), until: end(&log) }, of(&log));
        for pool in ["scarce", ""] {
            let here = || report.labs.iter().filter(|lab| lab.pool == pool);
            let (had, part) = (here().map(|l| l.delivered), here().map(|l| l.entitled));
            let (had, part): (u64, u64) = (had.sum(), part.sum());
            assert!(had.abs_diff(part) <= had / 500 + 5, "seed {seed}: {:?}", report.labs);
        }
    }
}

#[test]
fn sums_of_a_period_are_those_of_its_parts() {
    for seed in 0..20 {
        let log = world(seed).log;
        let all = Stretch { from: Time(0), until: end(&log) };
        let middle = Time(all.until.0 / 2);
        let halves = [Stretch { until: middle, ..all }, Stretch { from: middle, ..all }];
        let wanted = |period| {
            let Ok(report) = fairness(None, period, of(&log));
            report.shortage.iter().map(|s| s.wanted).sum::<u64>()
        };
        assert!(wanted(all).abs_diff(halves.map(wanted).iter().sum()) < 10, "seed {seed}");
        let lent = |period| {
            let Ok(report) = lending(None, period, of(&log));
            report.owners.iter().map(|o| o.lent + o.own + o.borrowed + o.unclaimed).sum::<u64>()
        };
        assert!(lent(all).abs_diff(halves.map(lent).iter().sum()) < 20, "seed {seed}");
    }
}

#[test]
fn a_report_from_a_snapshot_has_the_sums_of_one_from_the_beginning() {
    for seed in 0..20 {
        let log = world(seed).log;
        let (before, after) = log.split_at(log.len() / 2);
        let mut c = Cluster::default();
        before.iter().for_each(|(at, event)| c.apply(*at, event));
        let at = before.last().map_or(Time(0), |(at, _)| *at);
        let period = Stretch { from: at.after(Span::minutes(1)), until: end(&log) };
        let Ok(whole) = fairness(None, period, of(&log));
        let Ok(tail) = fairness(Some((at, c.clone())), period, of(after));
        assert_eq!(tail.labs, whole.labs, "seed {seed}");
        assert_eq!(tail.shortage, whole.shortage, "seed {seed}");
        let Ok(whole) = lending(None, period, of(&log));
        let Ok(tail) = lending(Some((at, c)), period, of(after));
        let sums = |l: &rota_core::report::Lending| -> Vec<(u64, u64, u64, u64)> {
            l.owners.iter().map(|o| (o.lent, o.own, o.borrowed, o.unclaimed)).collect()
        };
        assert_eq!(sums(&tail), sums(&whole), "seed {seed}");
    }
}
