//! A synthetic national centre at any size: at size 1, 50,000 GPUs on 6,250 nodes of 6 models, 20,000 jobs that run,
//! 100,000 that wait, 500 grants in 100 labs. Made of facts alone, the same ones each time.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rota_core::cluster::Cluster;
use rota_core::decision::{Decision, Reason};
use rota_core::event::Event;
use rota_core::id::{GpuSet, JobId, NodeId};
use rota_core::job::{JobSpec, JobState, Outcome, Part, Placement, Stop, TurnMode};
use rota_core::node::Node;
use rota_core::plan::plan;
use rota_core::units::{Mib, Span, Time};

/// Model, price, and how many of 100 nodes have it.
const MODELS: [(&str, u32, u32); 6] = [
    ("H100", 2200, 20),
    ("H200", 2800, 10),
    ("A100", 1000, 25),
    ("V100", 500, 20),
    ("L40S", 500, 10),
    ("RTX3090", 350, 15),
];
/// What people ask for; empty: any.
const WISHES: [&[&str]; 8] = [
    &[],
    &["H100"],
    &["H100", "A100"],
    &["A100"],
    &["H200", "H100", "A100"],
    &["V100", "RTX3090"],
    &[],
    &["L40S", "A100"],
];
/// Walltimes in hours.
const LIMITS: [u64; 6] = [1, 4, 12, 24, 72, 168];
/// GPUs of a job: 2.5 on average.
const SIZES: [u32; 10] = [1, 1, 1, 1, 1, 2, 2, 4, 4, 8];
/// GPUs, walltime, wish, turns.
type Habit = (u32, u64, usize, TurnMode);

/// The centre at work.
pub struct Centre {
    /// Its state.
    pub cluster: Cluster,
    /// Its moment.
    pub now: Time,
    rng: Pcg64,
    labs: u64,
    people: u64,
    habits: Vec<Vec<Habit>>,
    running: Vec<JobId>,
    /// What the engine will confirm before the next pass.
    confirmed: Vec<Event>,
    step: Span,
}

/// `whole` × `size`, at least `least`.
fn scaled(whole: u64, percent: u64, least: u64) -> u64 {
    (whole * percent / 100).max(least)
}

impl Centre {
    /// The centre at a percentage of its size.
    pub fn new(percent: u64) -> Centre {
        let mut centre = Centre {
            cluster: Cluster::default(),
            now: Time(Span::hours(24 * 30).0),
            rng: Pcg64::seed_from_u64(2026),
            labs: scaled(100, percent, 2),
            people: scaled(500, percent, 5),
            habits: Vec::new(),
            running: Vec::new(),
            confirmed: Vec::new(),
            step: Span(350 * 100 / percent),
        };
        for id in 0..scaled(6250, percent, 6) {
            let node = centre.node(id);
            centre.cluster.apply(Time(0), &Event::NodeAdded { node });
        }
        for _ in 0..centre.people {
            let habits = (0..6).map(|_| centre.habit()).collect();
            centre.habits.push(habits);
        }
        centre.fill(scaled(20_000, percent, 20));
        let mut waiting = scaled(100_000, percent, 100);
        let each = Span::hours(48).0 / waiting;
        while waiting > 0 {
            let ago = Span(waiting * each);
            waiting -= centre.submit(Time(centre.now.0 - ago.0), waiting).min(waiting);
        }
        centre
    }

    fn below(&mut self, n: u64) -> u64 {
        self.rng.next_u64() % n.max(1)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = self.below(from.len() as u64) as usize;
        from[at]
    }

    fn node(&mut self, id: u64) -> Node {
        let mut mark = (id * 37 % 100) as u32;
        let (model, price, _) = MODELS
            .into_iter()
            .find(|(_, _, part)| {
                let found = mark < *part;
                mark = mark.saturating_sub(*part);
                found
            })
            .unwrap_or(MODELS[0]);
        Node {
            id: NodeId(id as u32),
            name: format!("n{id}"),
            model: Some(model.into()),
            gpus: 8,
            price,
            cpus: 128,
            mem: Mib(1 << 20),
            ..Node::default()
        }
    }

    fn habit(&mut self) -> Habit {
        let turns = match self.below(10) {
            0..4 => TurnMode::Suspend,
            4..7 => TurnMode::Requeue,
            _ => TurnMode::Never,
        };
        (self.pick(&SIZES), self.pick(&LIMITS), self.below(WISHES.len() as u64) as usize, turns)
    }

    /// Who submits what: nine times in ten one of their habits.
    fn request(&mut self) -> (String, String, JobSpec) {
        let person = self.below(self.people) as usize;
        let own = self.habits[person].clone();
        let (gpus, hours, wish, turns) =
            if self.below(10) < 9 { self.pick(&own) } else { self.habit() };
        let spec = JobSpec {
            name: "train".into(),
            gpus,
            models: WISHES[wish].iter().map(|m| (*m).to_owned()).collect(),
            cpus: gpus * 8,
            mem: Mib(u64::from(gpus) * (64 << 10)),
            limit: Some(Span::hours(hours)),
            turns,
            ..JobSpec::default()
        };
        (format!("lab{}", person as u64 % self.labs), format!("grant{person}"), spec)
    }

    /// Queues one job, or one time in a hundred an array of up to 50 tasks. Returns how many.
    fn submit(&mut self, at: Time, most: u64) -> u64 {
        let (lab, person, mut spec) = self.request();
        let tasks = (self.below(100) == 0).then(|| 50.min(most));
        spec.at_most = tasks.map(|_| 8);
        let event = Event::Submitted {
            number: self.cluster.next_number.max(1),
            tasks: tasks.map(|n| (0..n as u32).collect()),
            lab,
            grant: String::new(),
            person,
            spec,
            held: false,
            pending: Vec::new(),
            broken: None,
        };
        self.cluster.apply(at, &event);
        tasks.unwrap_or(1)
    }

    /// Jobs that run since up to a turn (or, where they take no part in turns, up to their walltime) ago.
    fn fill(&mut self, jobs: u64) {
        let turn = self.cluster.policy.turn;
        let mut begun: Vec<(Time, String, String, JobSpec)> = Vec::new();
        for _ in 0..jobs {
            let (lab, person, spec) = self.request();
            let limit = spec.limit.unwrap_or(turn);
            let longest =
                if spec.turns == TurnMode::Never { limit } else { Span(limit.0.min(turn.0)) };
            let ago = self.below(longest.0);
            begun.push((Time(self.now.0 - ago), lab, person, spec));
        }
        begun.sort_by_key(|(at, ..)| *at);
        for (at, lab, person, spec) in begun {
            let Some(placement) = self.room(&spec) else { continue };
            let number = self.cluster.next_number.max(1);
            let job = JobId::single(number);
            self.cluster.apply(
                at,
                &Event::Submitted {
                    number,
                    tasks: None,
                    lab,
                    grant: String::new(),
                    person,
                    spec,
                    held: false,
                    pending: Vec::new(),
                    broken: None,
                },
            );
            let (turn, run, resume, reason) = (1, 1, false, Reason::InOrder);
            self.cluster
                .apply(at, &Event::StartDecided { job, turn, run, placement, resume, reason });
            self.cluster.apply(at, &Event::Started { job, turn });
            self.running.push(job);
        }
    }

    /// The fullest node that takes a job, of a model it wishes.
    fn room(&self, spec: &JobSpec) -> Option<Placement> {
        let wished = |model: &Option<String>| {
            spec.models.is_empty() || model.as_ref().is_some_and(|m| spec.models.contains(m))
        };
        let rooms = self.cluster.rooms.iter().filter(|((_, model), _)| wished(model));
        let fits = |room: &rota_core::cluster::Room| {
            room.by_free.range((spec.gpus, NodeId(0))..).next().map(|(_, node)| *node)
        };
        // Where the wished models are full, any node: the centre is to be full.
        let any = || self.cluster.rooms.values().find_map(fits);
        let node = rooms.map(|(_, room)| room).find_map(fits).or_else(any)?;
        let free = self.cluster.nodes.get(&node)?.free();
        let gpus: GpuSet = free.iter().take(spec.gpus as usize).collect();
        Some(Part { node, gpus }.into())
    }

    /// What happens next: by turns a job ends, or one is submitted. Not yet measured.
    pub fn next_event(&mut self, nth: usize) -> Event {
        self.now = self.now.after(self.step);
        if nth.is_multiple_of(2) {
            while !self.running.is_empty() {
                let at = self.below(self.running.len() as u64) as usize;
                let job = self.running.swap_remove(at);
                let runs = |j: &rota_core::job::Job| matches!(j.state, JobState::Running { .. });
                if self.cluster.job(job).is_some_and(runs) {
                    return Event::Ended { job, outcome: Outcome::Exited { code: 0 } };
                }
            }
        }
        let (lab, person, spec) = self.request();
        let number = self.cluster.next_number;
        let (tasks, held, pending, broken) = (None, false, Vec::new(), None);
        let grant = String::new();
        Event::Submitted { number, tasks, lab, grant, person, spec, held, pending, broken }
    }

    /// One round of the core: the event, what the engine confirmed, one pass, and its decisions. How many it took.
    pub fn round(&mut self, event: &Event) -> usize {
        let (now, c) = (self.now, &mut self.cluster);
        c.apply(now, event);
        for confirmed in std::mem::take(&mut self.confirmed) {
            if let Event::Started { job, .. } = &confirmed {
                self.running.push(*job);
            }
            c.apply(now, &confirmed);
        }
        let plan = plan(c, now);
        for decision in &plan.decisions {
            if let Some(event) = decision.event(c) {
                c.apply(now, &event);
            }
            self.confirmed.extend(confirmation(c, decision));
        }
        plan.decisions.len()
    }
}

/// What the engine will say to a decision.
fn confirmation(c: &Cluster, decision: &Decision) -> Option<Event> {
    match decision {
        Decision::Start { job, .. } => {
            Some(Event::Started { job: *job, turn: c.job(*job)?.turns_begun })
        }
        Decision::Stop { job, how, .. } => Some(match how {
            Stop::Suspend => Event::Suspended { job: *job, turn: c.job(*job)?.turns_begun },
            Stop::Requeue => Event::Requeued { job: *job, lost: None },
            Stop::Timeout => Event::Ended { job: *job, outcome: Outcome::Timeout },
            Stop::Cancel | Stop::PartExceeded => {
                Event::Ended { job: *job, outcome: Outcome::Exited { code: 1 } }
            }
        }),
        _ => None,
    }
}
