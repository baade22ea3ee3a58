//! A site's past, and what is expected from it.

use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::{JobSpec, TurnMode};
use rota_core::node::Node;
use rota_core::policy::Policy;
use rota_core::request::Asker;
use rota_core::units::{Mib, Span, Time};
use rota_sim::dice::Dice;
use rota_sim::forecast::history::History;
use rota_sim::forecast::{Expected, Method, Question, forecast, paths_for};
use rota_sim::replay::{Replay, Submission, Switch};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

pub const BEGIN: Time = Time(1_790_000_000_000);

pub fn after(minutes: u64) -> Time {
    BEGIN.after(Span::minutes(minutes))
}

pub fn site(nodes: u32, model: impl Fn(u32) -> &'static str) -> Vec<Event> {
    let node = |id: u32| {
        let (name, model) = (format!("n{id}"), Some(model(id).to_owned()));
        let (gpus, price, cpus, mem) = (4, 1000, 64, Mib(1 << 19));
        Event::NodeAdded {
            node: Node { id: NodeId(id), name, model, gpus, price, cpus, mem, ..Node::default() },
        }
    };
    let policy = Box::new(Policy::default());
    let mut facts = vec![Event::PolicySet { policy, by: String::new() }];
    facts.extend((0..nodes).map(node));
    facts
}

pub fn asker(person: &str) -> Asker {
    let (person, lab) = (person.to_owned(), person.to_owned());
    Asker { person, lab, grant: String::new(), admin: false }
}

pub fn job(at: Time, person: &str, gpus: u32, runs: Span) -> Submission {
    let spec = JobSpec {
        name: "train".into(),
        gpus,
        limit: Some(Span::hours(40)),
        turns: TurnMode::Never,
        ..JobSpec::default()
    };
    Submission {
        at,
        asker: asker(person),
        spec,
        runs,
        measured_on: None,
        keeps: true,
        leaves: None,
    }
}

/// What was, until a moment.
pub struct Past {
    pub cluster: Cluster,
    pub history: History,
    pub log: Vec<(Time, Event)>,
    /// What happens after, if nobody else comes.
    pub starts: BTreeMap<JobId, Time>,
    pub ends: BTreeMap<JobId, Time>,
}

/// Plays everything, and stops to look at a moment.
pub fn past(facts: &[Event], jobs: &[Submission], now: Time) -> Past {
    let log: RefCell<Vec<(Time, Event)>> = RefCell::default();
    let mut listener = |at: Time, fact: &Event| log.borrow_mut().push((at, fact.clone()));
    let mut replay = Replay::new(facts, Switch::default(), &mut listener);
    let mut next = jobs.iter().peekable();
    let mut before: Option<(Cluster, usize)> = None;
    loop {
        let so_far = (replay.cluster.clone(), log.borrow().len());
        let Some(at) = replay.step(&mut next) else { break };
        if at > now && before.is_none() {
            before = Some(so_far);
        }
    }
    let (cluster, known) = before.expect("something happens after that moment");
    let mut log = log.into_inner();
    let (mut starts, mut ends) = (BTreeMap::new(), BTreeMap::new());
    for (at, fact) in log.split_off(known) {
        match fact {
            Event::Started { job, .. } => drop(starts.entry(job).or_insert(at)),
            Event::Ended { job, .. } => drop(ends.insert(job, at)),
            _ => {}
        }
    }
    let history = read(&log);
    Past { cluster, history, log, starts, ends }
}

pub fn read(log: &[(Time, Event)]) -> History {
    let mut history = History::default();
    log.iter().for_each(|(at, fact)| history.note(*at, fact));
    history
}

pub fn look(cluster: &Cluster, history: &History, now: Time) -> BTreeMap<JobId, Expected> {
    let (told, method) = (BTreeMap::new(), Method::Together);
    let jobs: BTreeSet<JobId> = cluster.jobs.keys().copied().collect();
    let paths = paths_for(jobs.len());
    forecast(&Question { cluster, now, history, told: &told, paths, method }, &jobs)
}

/// Sixteen jobs that took an hour each, twelve that run, twenty that wait.
pub fn an_hour_each() -> Vec<Submission> {
    let early = (0..16).map(|_| job(after(0), "kim", 1, Span::hours(1)));
    let late = (0..32).map(|n| job(after(130 + n), "kim", 1, Span::hours(1)));
    early.chain(late).collect()
}

/// People whose jobs run very differently long.
pub fn busy(count: u32, gap: u32, seed: u64) -> Vec<Submission> {
    let mut dice = Dice::new(seed);
    let mut at = 0;
    let one = |_| {
        at += u64::from(dice.below(gap));
        let who = dice.below(4);
        let gpus = *dice.one_of(&[1, 1, 2, 4]);
        let runs = u64::from(5 + dice.below(10)) << dice.below(5 + who % 2);
        job(after(at), ["kim", "lee", "park", "choi"][who as usize], gpus, Span::minutes(runs))
    };
    (0..count).map(one).collect()
}

/// An hour of the next day.
pub fn clock(hour: u64) -> Time {
    let day = Span::hours(24).0;
    Time((BEGIN.0 / day + 1) * day).after(Span::hours(hour))
}

/// Hour-long jobs ran here, and the next comes in a week.
pub fn calm(facts: &[Event], now: Time) -> Past {
    let mut jobs = an_hour_each();
    jobs.truncate(16);
    jobs.push(job(clock(200), "lee", 1, Span::hours(1)));
    past(facts, &jobs, now)
}
