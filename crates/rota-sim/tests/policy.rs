//! A policy that is set while work runs and waits: nothing is dropped, and every invariant holds.

use rota_core::admit::admit;
use rota_core::apply::used_until;
use rota_core::check::check;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::JobSpec;
use rota_core::node::Node;
use rota_core::plan::plan;
use rota_core::policy::who::{Account, Scope, Who};
use rota_core::policy::{Claim, Class, Lend, Limit, Policy, Pool, Reclaim, Share};
use rota_core::request::{Asker, Request};
use rota_core::units::{Mib, Span, Time};
use std::collections::BTreeMap;

fn pool(name: &str, node: &str) -> Pool {
    Pool { name: name.into(), nodes: vec![node.into()], own_ledger: true, ..Pool::default() }
}

fn class(name: &str, rank: u8, max_time: Option<Span>) -> Class {
    Class {
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

fn rich() -> Policy {
    Policy {
        pools: vec![pool("a", "n0"), pool("b", "n1")],
        classes: vec![
            class("normal", 1, Some(Span::hours(24))),
            class("short", 2, Some(Span::hours(3))),
        ],
        shares: vec![
            Share { who: Who::Lab("kim".into()), share: 3000, until: None },
            Share { who: Who::Grant("kim".into(), "nrf".into()), share: 1000, until: None },
        ],
        limits: vec![Limit {
            who: Scope::EachPerson,
            pool: Some("a".into()),
            class: None,
            gpus: Some(2),
            jobs: None,
            gpus_per_job: None,
            max_time: None,
            booked_gpu_days: None,
        }],
        claims: vec![Claim {
            who: vec![Who::Lab("lee".into())],
            every: Span::hours(168),
            pool: "b".into(),
            gpus: Some(1),
            when: Default::default(),
            lend: Lend::All,
            reclaim: Reclaim::Suspend,
            grace: Span::minutes(5),
            max_time: None,
            why: String::new(),
            approved_by: String::new(),
        }],
        ..Policy::default()
    }
}

fn set(c: &mut Cluster, at: Time, policy: Policy) {
    c.apply(at, &Event::PolicySet { policy: Box::new(policy), by: "root".into() });
    assert_eq!(check(c), []);
}

fn site(policy: Policy) -> Cluster {
    let mut c = Cluster::default();
    set(&mut c, Time(0), policy);
    for id in 0..2 {
        let (name, model, price) = (format!("n{id}"), Some("H100".to_owned()), 2200);
        let node = Node {
            id: NodeId(id),
            name,
            model,
            gpus: 4,
            price,
            cpus: 64,
            mem: Mib(1 << 20),
            ..Node::default()
        };
        c.apply(Time(0), &Event::NodeAdded { node });
    }
    c
}

fn ask(c: &mut Cluster, at: Time, grant: &str, spec: JobSpec) -> Result<(), &'static str> {
    let (person, lab, grant) = ("ana".to_owned(), "kim".to_owned(), grant.to_owned());
    let asker = Asker { person, lab, grant, admin: false };
    let request = Request::Submit { spec, tasks: None, held: false, ended: BTreeMap::new() };
    let facts = admit(c, &asker, &request, at).map_err(|refusal| refusal.code)?;
    facts.iter().for_each(|fact| c.apply(at, fact));
    Ok(())
}

/// Decides and confirms all starts and suspensions.
fn go_on(c: &mut Cluster, at: Time) {
    for decision in plan(c, at).decisions {
        let Some(fact) = decision.event(c) else { continue };
        c.apply(at, &fact);
        match fact {
            Event::StartDecided { job, turn, .. } => c.apply(at, &Event::Started { job, turn }),
            Event::StopDecided { job, turn, .. } => c.apply(at, &Event::Suspended { job, turn }),
            _ => {}
        }
    }
    assert_eq!(check(c), []);
}

fn spec(class: Option<&str>, pool: Option<&str>, gpus: u32) -> JobSpec {
    let (class, pool) = (class.map(str::to_owned), pool.map(str::to_owned));
    let turns = rota_core::job::TurnMode::Suspend;
    JobSpec { class, pool, gpus, turns, ..JobSpec::default() }
}

#[test]
fn a_policy_that_comes_while_jobs_run_and_wait_drops_nothing() {
    let hour = |n: u64| Time(Span::hours(n).0);
    let mut c = site(rich());
    for (class, pool, gpus) in [
        (Some("short"), Some("a"), 2),
        (None, Some("b"), 2),
        (Some("short"), Some("b"), 4),
        (None, Some("a"), 2),
    ] {
        ask(&mut c, hour(0), "nrf", spec(class, pool, gpus)).expect("queued");
    }
    go_on(&mut c, hour(0));
    let running = |c: &Cluster| c.jobs.values().filter(|j| j.holds().is_some()).count();
    let (before, all) = (running(&c), c.jobs.len());
    assert!(before >= 2, "{before}");
    // Pools, classes, limits, shares and the half-life are gone at once.
    let bare = Policy { half_life: Span::hours(24), ..Policy::default() };
    set(&mut c, hour(2), bare);
    assert_eq!((running(&c), c.jobs.len()), (before, all));
    assert_eq!(
        c.job(JobId::single(1)).map(|j| used_until(j, hour(2)).0),
        Some(2 * Span::hours(2).0)
    );
    go_on(&mut c, hour(2));
    // What waited for a pool that is no more starts wherever there is room.
    assert!(running(&c) > before, "{:?}", c.jobs);
    set(&mut c, hour(3), rich());
    go_on(&mut c, hour(3));
}

#[test]
fn what_was_used_is_what_it_was_after_the_half_life_changed() {
    let week = |n: u64| Time(Span::hours(168 * n).0);
    let mut c = site(Policy::default());
    ask(&mut c, week(0), "", spec(None, None, 1)).expect("queued");
    go_on(&mut c, week(0));
    let id = JobId::single(1);
    let over = Event::Ended { job: id, outcome: rota_core::job::Outcome::Exited { code: 0 } };
    c.apply(week(8), &over);
    let used = |c: &Cluster, at| {
        let decay = rota_core::ledger::Decay::new(&c.policy, c.accounts.origin);
        c.accounts.labs[0].ledgers[""].used_at(at, decay)
    };
    let before = used(&c, week(9));
    set(&mut c, week(9), Policy { half_life: Span::hours(24), ..Policy::default() });
    let after = used(&c, week(9));
    assert!(before > 0 && before.abs_diff(after) <= before / 100, "{before} {after}");
    assert!(used(&c, week(10)) < after / 100);
}

#[test]
fn a_holder_who_came_keeps_the_claim_when_another_line_changes() {
    let mut c = site(rich());
    let (lab, grant) = ("lee", "");
    let asker = Asker { person: "leo".into(), lab: lab.into(), grant: grant.into(), admin: false };
    let spec = spec(None, Some("b"), 1);
    let request = Request::Submit { spec, tasks: None, held: false, ended: BTreeMap::new() };
    let facts = admit(&c, &asker, &request, Time(0)).expect("queued");
    facts.iter().for_each(|fact| c.apply(Time(0), fact));
    go_on(&mut c, Time(0));
    let shown = c.shown.clone();
    assert_eq!(shown.len(), 1);
    let mut other = rich();
    other.claims.insert(0, Claim { gpus: Some(2), pool: "a".into(), ..other.claims[0].clone() });
    set(&mut c, Time(1000), other);
    let times: Vec<&Time> = c.shown.values().collect();
    assert_eq!(times, shown.values().collect::<Vec<_>>());
    assert_eq!(c.shown.keys().next().map(|id| String::from(*id)), Some("p1".into()));
}

#[test]
fn what_the_policy_does_not_know_or_never_allows_is_refused_at_once() {
    let mut c = site(rich());
    let mut code = |grant: &str, spec: JobSpec| ask(&mut c, Time(0), grant, spec);
    assert_eq!(code("", spec(Some("shrt"), None, 1)), Err("unknown-class"));
    assert_eq!(code("", spec(None, Some("c"), 1)), Err("unknown-pool"));
    assert_eq!(code("nfr", spec(None, None, 1)), Err("unknown-grant"));
    assert_eq!(code("", spec(None, Some("a"), 3)), Err("beyond-limit"));
    // In another pool it can start.
    assert_eq!(code("nrf", spec(None, None, 3)), Ok(()));
    let long = JobSpec { limit: Some(Span::hours(4)), ..spec(Some("short"), None, 1) };
    assert_eq!(code("", long), Err("too-long"));
}

#[test]
fn a_job_that_names_no_walltime_has_that_of_its_class() {
    let mut c = site(rich());
    ask(&mut c, Time(0), "", spec(Some("short"), None, 1)).expect("queued");
    ask(&mut c, Time(0), "", spec(None, None, 1)).expect("queued");
    let limit = |n| c.job(JobId::single(n)).and_then(|j| j.spec.limit);
    assert_eq!((limit(1), limit(2)), (Some(Span::hours(3)), Some(Span::hours(24))));
    let account = Account { lab: "kim", grant: "", person: "ana" };
    assert!(c.accounts.find(account).is_some());
}
