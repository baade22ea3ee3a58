//! A university's machine room, full, with a queue: the state from which a forecast is made.

use super::Failure;
use super::path::Clocks;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rota_core::calendar::Zone;
use rota_core::cluster::Cluster;
use rota_core::decision::Plan;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::{JobSpec, Stop, TurnMode};
use rota_core::node::Node;
use rota_core::observation::{Observation, Seen, Sighting};
use rota_core::plan::decide;
use rota_core::policy::Policy;
use rota_core::reconcile::reconcile;
use rota_core::units::{Mib, Span, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Instant;

/// What the board has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing; jobs run to their end.
    Plain,
    /// Nothing; jobs make room after 4 h.
    Turns,
    /// All nine words.
    Full,
}

/// All nine words, short of dates that depend on the year.
const FULL: &str = r#"
memory = "14d"
pool = [
  { name = "h100", nodes = ["h*"], own_ledger = true },
  { name = "donated", nodes = ["d*"] },
  { name = "old", nodes = ["g*"] },
]
share = [
  { who = "lab/l0", share = 2 },
  { who = "lab/l1", share = 3 },
]
claim = [
  { who = "lab/l3", pool = "donated", gpus = "all", lend = true, reclaim = "requeue", grace = "5m" },
  { who = "class/CS470", pool = "old", gpus = 8, when = "Tue,Thu 13:00-16:00", lend = true },
]
class = [
  { name = "interactive", rank = 3, max_time = "12h", gpus_per_person = 1 },
  { name = "short",       rank = 2, max_time = "3h",  gpus_per_person = 4, protected = true },
  { name = "normal",      rank = 1, max_time = "5d",  default = true },
  { name = "spare",       rank = 0, price = 0.1 },
]
limit = [
  { who = "each person", pool = "h100", gpus = 16 },
  { who = "each lab", booked_gpu_days = 280 },
]
[price]
H100 = 2.2
night = 0.7
[turn]
pool = "h100"
slice = "4h"
max_wait = "48h"
"#;

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 3] = [Kind::Plain, Kind::Turns, Kind::Full];

    /// A word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Plain => "plain",
            Kind::Turns => "turns",
            Kind::Full => "full",
        }
    }

    fn policy(self) -> Result<Policy, Failure> {
        if self != Kind::Full {
            return Ok(Policy::default());
        }
        let text = FULL;
        rota_policy::read(text, &Zone::default()).map_err(|faults| {
            let faults: Vec<&str> = faults.iter().map(|f| f.message.as_str()).collect();
            faults.join("; ").into()
        })
    }
}

/// Walltimes in hours, and GPUs, as people ask for them.
const LIMITS: [u64; 8] = [2, 4, 8, 12, 24, 24, 48, 96];
const SIZES: [u32; 12] = [1, 1, 1, 1, 1, 1, 2, 2, 2, 4, 4, 8];
const LABS: u64 = 12;
const PEOPLE: u64 = 90;

/// The machine room.
#[derive(Clone)]
pub struct Campus {
    /// Its state.
    pub cluster: Cluster,
    now: Time,
    rng: Pcg64,
    runs: BTreeMap<JobId, Span>,
    since: BTreeMap<JobId, (Time, u64)>,
    ends: BinaryHeap<Reverse<(Time, JobId, u64)>>,
    life: u64,
    planner: Planner,
}

/// What decides.
pub type Planner = fn(&Cluster, Time) -> Plan;

impl Campus {
    /// So many GPUs, all busy, and so many jobs in the queue.
    pub fn new(kind: Kind, gpus: u32, waiting: u32) -> Result<Campus, Failure> {
        let mut campus = Campus {
            cluster: Cluster::default(),
            now: Time(1_790_000_000_000),
            rng: Pcg64::seed_from_u64(7),
            runs: BTreeMap::new(),
            since: BTreeMap::new(),
            ends: BinaryHeap::new(),
            life: 0,
            planner: decide,
        };
        let policy = Box::new(kind.policy()?);
        let set = Event::PolicySet { policy, by: String::new() };
        let begun = Time(campus.now.0 - Span::hours(72).0);
        campus.cluster.apply(begun, &set);
        for id in 0..gpus / 8 {
            campus.cluster.apply(begun, &Event::NodeAdded { node: node(id, gpus / 8) });
        }
        let mut clocks = Clocks::default();
        let jobs = gpus / 2 + waiting;
        let gap = Span(Span::hours(72).0 / u64::from(jobs));
        campus.now = begun;
        for _ in 0..jobs {
            if campus.cluster.queue.values().flat_map(|w| w.buckets.values()).flatten().count()
                >= waiting as usize
            {
                break;
            }
            campus.now = campus.now.after(Span(gap.0 / 4));
            campus.submit(kind);
            campus.settle(&mut clocks);
        }
        Ok(campus)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.rng.next_u64() % n.max(1)
    }

    fn submit(&mut self, kind: Kind) {
        let who = self.below(PEOPLE);
        let hours = LIMITS[self.below(LIMITS.len() as u64) as usize];
        let gpus = SIZES[self.below(SIZES.len() as u64) as usize];
        let part = self.below(100) + 1;
        let class = match self.below(10) {
            0 if hours <= 2 && gpus <= 4 => Some("short"),
            1 => Some("spare"),
            _ => None,
        };
        let models = match self.below(4) {
            0 if kind == Kind::Full => vec!["H100".to_owned()],
            _ => Vec::new(),
        };
        let spec = JobSpec {
            name: "train".into(),
            gpus,
            models,
            cpus: gpus * 4,
            mem: Mib(u64::from(gpus) * (32 << 10)),
            limit: Some(Span::hours(hours)),
            class: class.filter(|_| kind == Kind::Full).map(str::to_owned),
            turns: if kind == Kind::Plain { TurnMode::Never } else { TurnMode::Requeue },
            ..JobSpec::default()
        };
        let number = self.cluster.next_number.max(1);
        let runs = Span(Span::hours(hours).0 * part * part / 10_000);
        self.runs.insert(JobId::single(number), runs.plus(Span::seconds(60)));
        let (lab, person) = (format!("l{}", who % LABS), format!("p{who}"));
        let (grant, tasks, held, pending, broken) = (String::new(), None, false, vec![], None);
        let fact =
            Event::Submitted { number, tasks, lab, grant, person, spec, held, pending, broken };
        self.cluster.apply(self.now, &fact);
    }

    /// Goes on until nothing is left, as a planner decides.
    pub fn play(mut self, planner: Planner, clocks: &mut Clocks) {
        self.planner = planner;
        let mut wake = self.settle(clocks);
        while !self.cluster.jobs.is_empty() {
            let coming = self.ends.peek().map(|Reverse((at, ..))| *at);
            let Some(now) = [wake, coming].into_iter().flatten().min() else { return };
            self.now = now.max(self.now);
            wake = self.settle(clocks);
        }
    }

    /// Sees what has ended, plans and acts until nothing more is to be done.
    fn settle(&mut self, clocks: &mut Clocks) -> Option<Time> {
        while let Some(Reverse((at, job, life))) = self.ends.peek().copied()
            && at <= self.now
        {
            self.ends.pop();
            if self.since.get(&job).is_some_and(|(_, l)| *l == life) {
                self.since.remove(&job);
                self.see(job, Seen::Exited { code: Some(0), signal: None }, clocks);
            }
        }
        loop {
            let begun = Instant::now();
            let plan = (self.planner)(&self.cluster, self.now);
            clocks.plan.push(begun.elapsed());
            if plan.decisions.is_empty() {
                return plan.wake_at;
            }
            let text = format!("{:?}", plan.decisions);
            clocks.digest = text.bytes().fold(clocks.digest ^ self.now.0, |digest, byte| {
                (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            for decision in &plan.decisions {
                let Some(fact) = decision.event(&self.cluster) else { continue };
                self.apply(&fact, clocks);
                self.act(&fact, clocks);
            }
        }
    }

    fn act(&mut self, fact: &Event, clocks: &mut Clocks) {
        match fact {
            Event::StartDecided { job, .. } => {
                self.life += 1;
                let left = self.runs.get(job).copied().unwrap_or_default();
                self.since.insert(*job, (self.now, self.life));
                self.ends.push(Reverse((self.now.after(left), *job, self.life)));
                self.see(*job, Seen::Running, clocks);
            }
            Event::StopDecided { job, how, .. } => {
                let since = self.since.remove(job).map_or(self.now, |(at, _)| at);
                if let (Stop::Requeue, Some(left)) = (how, self.runs.get_mut(job)) {
                    *left = Span(left.0.saturating_sub(self.now.since(since).0).max(1000));
                }
                self.see(*job, Seen::Exited { code: None, signal: Some(15) }, clocks);
            }
            _ => {}
        }
    }

    fn see(&mut self, job: JobId, seen: Seen, clocks: &mut Clocks) {
        let Some(known) = self.cluster.job(job) else { return };
        let (run, turn, at) = (known.runs, known.turns_begun, self.now);
        let jobs = vec![Sighting { job, run, turn, seen, at }];
        let seen = Observation { jobs, ..Observation::default() };
        let begun = Instant::now();
        let facts = reconcile(&self.cluster, &seen, at);
        clocks.reconcile.push(begun.elapsed());
        facts.iter().for_each(|fact| self.apply(fact, clocks));
    }

    fn apply(&mut self, fact: &Event, clocks: &mut Clocks) {
        let begun = Instant::now();
        self.cluster.apply(self.now, fact);
        clocks.apply.push(begun.elapsed());
    }
}

fn node(id: u32, nodes: u32) -> Node {
    // A third new, a sixth donated, the rest old.
    let (name, model, price) = match id * 6 / nodes {
        0 | 1 => (format!("h{id}"), "H100", 2200),
        2 => (format!("d{id}"), "A100", 1000),
        _ => (format!("g{id}"), "V100", 500),
    };
    let (gpus, cpus, mem, model) = (8, 64, Mib(1 << 19), Some(model.to_owned()));
    Node { id: NodeId(id), name, model, gpus, price, cpus, mem, ..Node::default() }
}
