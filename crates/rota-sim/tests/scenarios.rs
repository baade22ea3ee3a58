//! Rules as sentences: what is asked, and who holds which GPU in each hour.

use rota_core::event::Event;
use rota_core::id::NodeId;
use rota_core::job::{JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::policy::Policy;
use rota_core::request::{Asker, Request};
use rota_core::units::{Mib, Span, Time};
use rota_sim::gantt::gantt;
use rota_sim::run::{Arrival, World};
use std::collections::BTreeMap;

/// lab, GPUs, walltime in hours, running time in hours, submitted at hour; job 1 is A.
type Job = (&'static str, u32, u64, u64, u64);

/// One node of H100s; everyone's turn is two hours.
fn page(gpus: u32, turns: TurnMode, jobs: &[Job], hours: usize) -> String {
    let (name, model) = ("h100".to_owned(), Some("H100".to_owned()));
    let node = Node { id: NodeId(0), name, model, gpus, price: 1000, cpus: 64, mem: Mib(1000) };
    let policy = Policy { turn: Span::hours(2), ..Policy::default() };
    let mut world = World::new(vec![Event::PolicySet { policy }, Event::NodeAdded { node }], None);
    let arrivals = jobs.iter().map(|(lab, gpus, limit, length, at)| {
        let limit = Some(Span::hours(*limit));
        let spec = JobSpec { gpus: *gpus, limit, turns, ..JobSpec::default() };
        let asker = Asker { person: (*lab).into(), lab: (*lab).into(), admin: false };
        let request = Request::Submit { spec, tasks: None, held: false, ended: BTreeMap::new() };
        (Time(Span::hours(*at).0), Arrival::Ask(asker, Box::new(request), Span::hours(*length)))
    });
    world.simulate(arrivals.collect(), Time(Span::hours(1000).0));
    assert_eq!(world.wrong, Vec::<String>::new());
    gantt(&world.log, hours)
}

#[test]
fn people_do_not_take_turns_with_themselves() {
    let jobs = [("a", 1, 20, 4, 0), ("a", 1, 20, 4, 0)];
    assert_eq!(page(1, TurnMode::Suspend, &jobs, 9), "n0.0 |AAAABBBB.|\n");
}

#[test]
fn a_job_that_never_makes_room_runs_to_its_end() {
    let jobs = [("a", 1, 20, 4, 0), ("b", 1, 20, 4, 0)];
    assert_eq!(page(1, TurnMode::Never, &jobs, 9), "n0.0 |AAAABBBB.|\n");
}

#[test]
fn a_walltime_ends_a_job() {
    assert_eq!(page(1, TurnMode::Never, &[("a", 1, 3, 9, 0)], 5), "n0.0 |AAA..|\n");
}

#[test]
fn a_small_job_backfills_only_if_its_walltime_ends_before_the_planned_start_ahead() {
    let jobs = [("a", 1, 4, 4, 0), ("a", 2, 2, 2, 0), ("a", 1, 4, 2, 0), ("a", 1, 6, 1, 0)];
    let wanted = "n0.0 |AAAABBD.|\nn0.1 |CC..BB..|\n";
    assert_eq!(page(2, TurnMode::Never, &jobs, 8), wanted);
}

#[test]
fn a_gang_waits_until_its_gpus_are_free_together() {
    let jobs = [("a", 1, 1, 1, 0), ("a", 1, 3, 3, 0), ("a", 2, 2, 2, 0)];
    assert_eq!(page(2, TurnMode::Never, &jobs, 6), "n0.0 |A..CC.|\nn0.1 |BBBCC.|\n");
}

#[test]
fn labs_are_equal_however_many_jobs_they_queue() {
    let jobs = [("a", 1, 1, 1, 0), ("a", 1, 1, 1, 0), ("a", 1, 1, 1, 0), ("b", 1, 1, 1, 0)];
    assert_eq!(page(1, TurnMode::Never, &jobs, 5), "n0.0 |ADBC.|\n");
}

#[test]
fn two_labs_take_turns_and_lose_no_work() {
    let jobs = [("a", 1, 20, 4, 0), ("b", 1, 20, 4, 0)];
    assert_eq!(page(1, TurnMode::Suspend, &jobs, 9), "n0.0 |AABBAABB.|\n");
}
