//! Logs written by hand, so that what comes of them can be worked out on paper.

use rota_core::decision::Reason;
use rota_core::event::Event;
use rota_core::id::{GpuSet, JobId, NodeId};
use rota_core::job::{JobSpec, Outcome, Part, Placement, Stop, TurnMode};
use rota_core::node::Node;
use rota_core::policy::Policy;
use rota_core::report::{Fairness, Lending, Measure, Stretch};
use rota_core::units::{Mib, Span, Time};
use rota_sim::metrics::{fairness, lending, of};

/// A log in the making: one node with H100s at the price of an A100.
pub struct Log(pub Vec<(Time, Event)>);

pub fn hours(n: u64) -> Time {
    Time(Span::hours(n).0)
}

pub fn minutes(n: u64) -> Time {
    Time(Span::minutes(n).0)
}

pub fn period(from: u64, until: u64) -> Stretch {
    Stretch { from: hours(from), until: hours(until) }
}

impl Log {
    pub fn new(policy: Policy, gpus: u32) -> Log {
        let (name, model) = ("n0".to_owned(), Some("H100".to_owned()));
        let node = Node {
            id: NodeId(0),
            name,
            model,
            gpus,
            price: 1000,
            cpus: 64,
            mem: Mib(1 << 20),
            ..Node::default()
        };
        let policy = Event::PolicySet { policy: Box::new(policy), by: String::new() };
        Log(vec![(Time(0), policy), (Time(0), Event::NodeAdded { node })])
    }

    pub fn at(mut self, at: Time, event: Event) -> Log {
        self.0.push((at, event));
        self
    }

    pub fn submit(self, at: Time, number: u64, lab: &str, gpus: u32) -> Log {
        self.submit_mode(at, number, lab, gpus, TurnMode::Suspend)
    }

    pub fn submit_mode(self, at: Time, number: u64, lab: &str, gpus: u32, turns: TurnMode) -> Log {
        let spec = JobSpec { gpus, turns, ..JobSpec::default() };
        let (lab, person, grant) = (lab.to_owned(), lab.to_owned(), String::new());
        let event = Event::Submitted {
            number,
            tasks: None,
            lab,
            grant,
            person,
            spec,
            held: false,
            pending: Vec::new(),
            broken: None,
        };
        self.at(at, event)
    }

    /// Starts on these GPUs.
    pub fn start(self, at: Time, number: u64, turn: u32, gpus: &[u32]) -> Log {
        let (job, reason) = (JobId::single(number), Reason::InOrder);
        let gpus: GpuSet = gpus.iter().copied().collect();
        let placement = Placement::from(Part { node: NodeId(0), gpus });
        let run = turn;
        let decided = Event::StartDecided { job, turn, run, placement, resume: false, reason };
        self.at(at, decided).at(at, Event::Started { job, turn })
    }

    /// Makes room at once.
    pub fn stop(self, at: Time, number: u64, turn: u32, how: Stop, reason: Reason) -> Log {
        let job = JobId::single(number);
        let log = self.at(at, Event::StopDecided { job, turn, how, grace: None, reason });
        match how {
            Stop::Suspend => log.at(at, Event::Suspended { job, turn }),
            _ => log.at(at, Event::Requeued { job, lost: None }),
        }
    }

    pub fn end(self, at: Time, number: u64) -> Log {
        let outcome = Outcome::Exited { code: 0 };
        self.at(at, Event::Ended { job: JobId::single(number), outcome })
    }

    pub fn fairness(&self, period: Stretch) -> Fairness {
        let Ok(report) = fairness(None, period, of(&self.0));
        report
    }

    pub fn lending(&self, period: Stretch) -> Lending {
        let Ok(report) = lending(None, period, of(&self.0));
        report
    }
}

pub fn measure<'r>(report: &'r Fairness, name: &str) -> &'r Measure {
    report.measures.iter().find(|m| m.name == name).expect("a measure of that name")
}

pub fn value(report: &Fairness, name: &str) -> Option<u64> {
    measure(report, name).value
}
