//! What is seen of jobs, against what is believed.

use rota_core::cluster::Cluster;
use rota_core::decision::Reason;
use rota_core::event::Event;
use rota_core::fitness::Fault;
use rota_core::id::{GpuSet, JobId};
use rota_core::job::{JobSpec, JobState, Part};
use rota_core::node::Node;
use rota_core::observation::{GpuSeen, GpuSighting, Observation, Seen, Sighting};
use rota_core::reconcile::{gpus, reconcile};
use rota_core::units::{Mib, Time};

const JOB: JobId = JobId { number: 1, task: None };

/// A job that runs in its first turn.
fn running() -> Cluster {
    let model = Some("H100".into());
    let node = Node { model, gpus: 1, cpus: 8, mem: Mib(1000), ..Node::default() };
    let placement = Part { node: node.id, gpus: GpuSet::first(1) }.into();
    let facts = [
        Event::NodeAdded { node },
        Event::Submitted {
            number: 1,
            tasks: None,
            lab: "kim".into(),
            grant: String::new(),
            person: "mina".into(),
            spec: JobSpec { gpus: 1, ..JobSpec::default() },
            held: false,
            pending: Vec::new(),
            broken: None,
        },
        Event::StartDecided {
            job: JOB,
            turn: 1,
            run: 1,
            placement,
            resume: false,
            reason: Reason::InOrder,
        },
        Event::Started { job: JOB, turn: 1 },
    ];
    let mut c = Cluster::default();
    facts.iter().for_each(|fact| c.apply(Time(0), fact));
    c
}

fn seen(c: &Cluster, turn: u32, seen: Seen) -> Vec<Event> {
    let sighting = Sighting { job: JOB, run: 1, turn, seen, at: Time(1000) };
    let seen = Observation { jobs: vec![sighting], ..Observation::default() };
    reconcile(c, &seen, Time(1000))
}

/// A server that was killed repeats a deed that had failed and was answered; this time it works.
#[test]
fn a_job_that_is_frozen_though_it_was_believed_to_run_on_is_suspended() {
    let mut c = running();
    let facts = seen(&c, 1, Seen::Suspended);
    assert_eq!(facts, [Event::Suspended { job: JOB, turn: 1 }]);
    facts.iter().for_each(|fact| c.apply(Time(1000), fact));
    let job = c.job(JOB).expect("it is there");
    assert!(matches!(job.state, JobState::Suspended { .. }) && job.holds().is_none());
    assert_eq!(rota_core::check::check(&c), []);
}

#[test]
fn what_was_seen_of_an_earlier_turn_says_nothing() {
    assert_eq!(seen(&running(), 0, Seen::Suspended), []);
}

/// What is kept of it outlives the server that saw it first.
#[test]
fn a_call_that_hangs_drains_a_gpu_once_and_who_resumes_it_is_not_contradicted() {
    let mut c = running();
    let node = c.job(JOB).and_then(|job| job.holds()).expect("it runs").node;
    let hangs = [GpuSighting { node, gpu: 0, seen: GpuSeen::Unfit(Fault::Hung { job: JOB }) }];
    let facts = gpus(&c, &hangs, Time(1000));
    assert!(matches!(facts.as_slice(), [Event::GpuDrained { why: Fault::Hung { .. }, .. }]));
    facts.iter().for_each(|fact| c.apply(Time(1000), fact));
    c.apply(
        Time(2000),
        &Event::GpuResumed { node, gpu: 0, by: "admin".into(), why: String::new() },
    );
    let kept = serde_json::to_string(&c).expect("it is kept");
    let mut again: Cluster = serde_json::from_str(&kept).expect("it is read");
    again.reindex();
    assert_eq!(gpus(&again, &hangs, Time(3000)), []);
}
