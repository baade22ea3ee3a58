//! The loop with a simulated world: programs that take as long as they are told, and faults from a seed.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rota_core::admit::admit;
use rota_core::check::check;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::idle::{Unused, UseSeen, UseSighting};
use rota_core::job::{JobState, Part, Stop};
use rota_core::observation::{GpuSighting, Observation, Seen, Sighting};
use rota_core::plan::{decide, plan};
use rota_core::reconcile::{self, reconcile};
use rota_core::request::{Asker, Request};
use rota_core::units::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// What comes into the world from outside.
#[derive(Clone, Debug)]
pub enum Arrival {
    /// A request; for a submit, what its program does.
    Ask(Asker, Box<Request>, Behaviour),
    /// A node goes down (`false`) or returns.
    Node(rota_core::id::NodeId, bool),
    /// Something is seen of a GPU.
    Gpu(GpuSighting),
    /// Something is seen of how a job uses its GPUs; those that do nothing, at most all, do so from now on.
    Use(JobId, UseSeen),
}

/// What a program does once it runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Behaviour {
    /// How long it runs in all.
    pub runs: Span,
    /// Its exit code.
    pub code: i32,
    /// It goes on from its own checkpoint after a requeue.
    pub keeps: bool,
    /// It cannot be suspended.
    pub unfreezable: bool,
    /// How often suspending it fails before it works.
    pub refuses: u32,
    /// How long it takes to make room, where it is not killed before.
    pub leaves_in: Span,
    /// How long it takes to go on after a turn of others.
    pub returns_in: Span,
}

/// A program that has begun.
struct Program {
    run: u32,
    does: Behaviour,
    /// Running time left.
    left: Span,
    /// Since when it runs; none while frozen.
    since: Option<Time>,
    /// How often suspending it has failed.
    refused: u32,
}

/// What was simulated.
pub struct World {
    /// The state.
    pub cluster: Cluster,
    /// Every fact.
    pub log: Vec<(Time, Event)>,
    /// Sentences about what went wrong; must stay empty.
    pub wrong: Vec<String>,
    /// Codes of requests that were refused.
    pub refused: Vec<&'static str>,
    behaviours: BTreeMap<u64, Behaviour>,
    /// Running time left of programs that were requeued and keep checkpoints.
    kept: BTreeMap<JobId, Span>,
    /// How numbers ended that are gone: whether all with exit code 0.
    ended: BTreeMap<u64, bool>,
    programs: BTreeMap<JobId, Program>,
    /// What the engine will say only later: a suspend that takes its time.
    late: Vec<Sighting>,
    faults: Option<Pcg64>,
}

impl World {
    /// An empty world; with a seed, one with faults.
    pub fn new(facts: Vec<Event>, faults: Option<u64>) -> World {
        let mut world = World {
            cluster: Cluster::default(),
            log: Vec::new(),
            wrong: Vec::new(),
            refused: Vec::new(),
            behaviours: BTreeMap::new(),
            kept: BTreeMap::new(),
            ended: BTreeMap::new(),
            programs: BTreeMap::new(),
            late: Vec::new(),
            faults: faults.map(Pcg64::seed_from_u64),
        };
        for fact in facts {
            world.apply(Time(0), fact);
        }
        world
    }

    /// Runs until everything has ended, or `until`.
    pub fn simulate(&mut self, arrivals: Vec<(Time, Arrival)>, until: Time) {
        let mut arrivals = arrivals.into_iter().peekable();
        let mut wake = None;
        loop {
            let next = arrivals.peek().map(|(at, _)| *at);
            let ends = self.programs.values().filter_map(|p| Some(p.since?.after(p.left))).min();
            let late = self.late.iter().map(|s| s.at).min();
            let Some(now) = [next, wake, ends, late].into_iter().flatten().min() else { return };
            if now > until {
                return;
            }
            let (mut seen, mut uses) = (Observation::default(), Vec::new());
            while arrivals.peek().is_some_and(|(at, _)| *at <= now) {
                match arrivals.next() {
                    Some((_, Arrival::Ask(asker, request, does))) => {
                        self.ask(now, &asker, *request, does);
                    }
                    Some((_, Arrival::Node(node, up))) => seen.nodes.push((node, up)),
                    Some((_, Arrival::Gpu(sighting))) => self.see_gpu(now, sighting),
                    Some((_, Arrival::Use(job, seen))) => uses.push((job, seen)),
                    None => {}
                }
            }
            let late = Observation {
                jobs: self.late.extract_if(.., |s| s.at <= now).collect(),
                ..Observation::default()
            };
            self.see(now, &late);
            self.end_programs(now, &mut seen);
            self.lie(now, &mut seen);
            self.see(now, &seen);
            wake = self.decide(now);
            // What starts at this moment is seen to do nothing from its start on.
            for (job, unused) in uses {
                self.see_use(now, job, unused);
                wake = self.decide(now);
            }
        }
    }

    /// From its next start on, the program of a number runs so long.
    pub fn behaves(&mut self, number: u64, runs: Span) {
        self.behaviours.entry(number).or_default().runs = runs;
    }

    fn ask(&mut self, now: Time, asker: &Asker, mut request: Request, does: Behaviour) {
        if let Request::Submit { ended, .. } | Request::Change { ended, .. } = &mut request {
            ended.clone_from(&self.ended);
        }
        let facts = match admit(&self.cluster, asker, &request, now) {
            Ok(facts) => facts,
            Err(refusal) => return self.refused.push(refusal.code),
        };
        for fact in facts {
            if let Event::Submitted { number, .. } = &fact {
                self.behaviours.insert(*number, does);
            }
            self.apply(now, fact.clone());
            self.act(now, &fact);
        }
    }

    fn end_programs(&mut self, now: Time, seen: &mut Observation) {
        let over = |p: &Program| p.since.is_some_and(|s| s.after(p.left) <= now);
        let ended: Vec<JobId> =
            self.programs.iter().filter(|(_, p)| over(p)).map(|(id, _)| *id).collect();
        for job in ended {
            if let Some(program) = self.programs.remove(&job) {
                let exited = Seen::Exited { code: Some(program.does.code), signal: None };
                seen.jobs.push(sighting(job, program.run, u32::MAX, exited, now));
            }
        }
    }

    /// Sightings that are stale, or of another run; and programs that vanish.
    fn lie(&mut self, now: Time, seen: &mut Observation) {
        let Some(random) = &mut self.faults else { return };
        let dice = random.next_u32();
        let count = u32::try_from(self.programs.len()).unwrap_or(u32::MAX).max(1);
        let chosen = (random.next_u32() % count) as usize;
        let Some((job, program)) = self.programs.iter().nth(chosen) else { return };
        let (job, run) = (*job, program.run);
        match dice % 12 {
            0 => seen.jobs.push(sighting(job, run, 0, Seen::Running, now)),
            1 => seen.jobs.push(sighting(
                job,
                run.wrapping_sub(1),
                u32::MAX,
                Seen::Gone { why: "stale".into() },
                now,
            )),
            2 => {
                self.programs.remove(&job);
                seen.jobs.push(sighting(
                    job,
                    run,
                    u32::MAX,
                    Seen::Gone { why: "lost".into() },
                    now,
                ));
            }
            3 => {
                // The server crashes: state from the log, then everything that can be seen.
                let mut again = Cluster::default();
                self.log.iter().for_each(|(at, e)| again.apply(*at, e));
                if again != self.cluster {
                    self.wrong.push("the log does not lead to the state".into());
                }
                let alive = self.programs.iter().map(|(job, p)| {
                    let is = if p.since.is_some() { Seen::Running } else { Seen::Suspended };
                    sighting(*job, p.run, u32::MAX, is, now)
                });
                let already: BTreeSet<JobId> = seen.jobs.iter().map(|s| s.job).collect();
                let alive: Vec<Sighting> = alive.filter(|s| !already.contains(&s.job)).collect();
                seen.jobs.extend(alive);
                seen.complete = true;
            }
            _ => {}
        }
    }

    fn see_gpu(&mut self, now: Time, seen: GpuSighting) {
        for fact in reconcile::gpus(&self.cluster, &[seen], now) {
            self.apply(now, fact.clone());
            self.act(now, &fact);
        }
    }

    fn see_use(&mut self, now: Time, id: JobId, seen: UseSeen) {
        let Some(job) = self.cluster.job(id) else { return };
        let most = job.spec.all_gpus();
        let seen = match seen {
            UseSeen::Unused(unused) => {
                UseSeen::Unused(Unused { gpus: unused.gpus.min(most), since: now, ..unused })
            }
            other => other,
        };
        for fact in reconcile::uses(&self.cluster, &[UseSighting { job: id, run: job.runs, seen }])
        {
            self.apply(now, fact);
        }
    }

    fn see(&mut self, now: Time, seen: &Observation) {
        for (node, up) in &seen.nodes {
            let there = |id: &JobId| {
                let place = self.cluster.job(*id).and_then(|j| j.placement());
                !up && place.is_some_and(|p| p.on(*node).is_some())
            };
            let gone: Vec<JobId> = self.programs.keys().filter(|id| there(id)).copied().collect();
            self.programs.retain(|id, _| !gone.contains(id));
        }
        for fact in reconcile(&self.cluster, seen, now) {
            self.apply(now, fact);
        }
    }

    /// Plans and acts as a server does, until nothing more is to be done before something is seen of what was started.
    fn decide(&mut self, now: Time) -> Option<Time> {
        for _ in 0..1000 {
            let plan = plan(&self.cluster, now);
            if decide(&self.cluster, now).decisions != plan.decisions {
                let alone = decide(&self.cluster, now).decisions;
                let all = &plan.decisions;
                self.wrong.push(format!("at {}: decisions alone are {alone:?}, of {all:?}", now.0));
            }
            let facts = plan.decisions.iter().filter_map(|d| d.event(&self.cluster));
            let facts: Vec<Event> = facts.collect();
            facts.iter().for_each(|fact| self.apply(now, fact.clone()));
            let seen = facts.iter().fold(false, |seen, fact| self.act(now, fact) | seen);
            let violations = check(&self.cluster);
            self.wrong.extend(violations.into_iter().map(|v| format!("at {}: {}", now.0, v.0)));
            if !seen && plan.only_starts() {
                return plan.wake_at;
            }
        }
        self.wrong.push(format!("at {}: the plan never comes to rest", now.0));
        None
    }

    /// Carries out a decision, and says whether something is seen of it at once.
    fn act(&mut self, now: Time, fact: &Event) -> bool {
        let mut seen = Observation::default();
        match fact {
            Event::StartDecided { job, turn, run, resume, .. } => {
                let does = self.behaviours.get(&job.number).copied().unwrap_or_default();
                let left = self.kept.remove(job).unwrap_or(does.runs);
                let runs = now.after(if *turn > 1 { does.returns_in } else { Span::ZERO });
                let since = Some(runs);
                if *resume {
                    if let Some(program) = self.programs.get_mut(job) {
                        program.since = since;
                    }
                } else if self
                    .programs
                    .insert(*job, Program { run: *run, does, left, since, refused: 0 })
                    .is_some()
                {
                    self.wrong.push(format!("job {job} runs twice"));
                }
                let is = sighting(*job, *run, *turn, Seen::Running, runs);
                if runs > now {
                    self.late.push(is);
                    return false;
                }
                seen.jobs.push(is);
            }
            Event::StopDecided { job, turn, how, grace, .. } => {
                let asked = self.cluster.job(*job).map_or(Span::ZERO, |j| j.spec.grace);
                let Some(mut program) = self.programs.remove(job) else { return false };
                let does = program.does;
                let unlucky = self.faults.as_mut().is_some_and(|r| r.next_u32() % 8 == 0);
                let refuses = program.does.refuses > program.refused;
                let fails = unlucky || refuses || program.does.unfreezable;
                let ran = program.since.map_or(Span::ZERO, |since| now.since(since));
                let run = program.run;
                let is = match how {
                    Stop::Suspend if fails => {
                        let lasting = program.does.unfreezable;
                        program.refused += 1;
                        self.programs.insert(*job, program);
                        Seen::SuspendFailed { why: "refused".into(), lasting }
                    }
                    Stop::Suspend => {
                        program.left = Span(program.left.0.saturating_sub(ran.0));
                        program.since = None;
                        self.programs.insert(*job, program);
                        Seen::Suspended
                    }
                    Stop::Requeue if program.does.keeps => {
                        self.kept.insert(*job, Span(program.left.0.saturating_sub(ran.0)));
                        Seen::Exited { code: None, signal: Some(15) }
                    }
                    _ => Seen::Exited { code: None, signal: Some(15) },
                };
                let killed = grace.unwrap_or(asked);
                let leaves = match how {
                    // That it cannot be frozen is seen at once.
                    Stop::Suspend if fails => Span::ZERO,
                    Stop::Suspend => does.leaves_in,
                    _ => does.leaves_in.min(killed),
                };
                let slow = self.faults.as_mut().map(|r| r.next_u32()).filter(|dice| dice % 6 == 0);
                let later = slow.map_or(0, |dice| dice % 50);
                let at = now.after(leaves).after(Span::minutes(u64::from(later)));
                if at > now {
                    self.late.push(sighting(*job, run, *turn, is, at));
                    return false;
                }
                seen.jobs.push(sighting(*job, run, *turn, is, now));
            }
            _ => return false,
        }
        self.see(now, &seen);
        true
    }

    fn apply(&mut self, now: Time, fact: Event) {
        if let Event::StartDecided { job, placement, .. } = &fact {
            let closed = |part: Part| {
                let node = self.cluster.nodes.get(&part.node);
                node.is_some_and(|n| !n.closed.common(part.gpus).is_empty())
            };
            if placement.parts().any(closed) {
                self.wrong.push(format!("job {job} starts on a GPU that takes no job"));
            }
        }
        if let Event::Ended { job, outcome } = &fact {
            *self.ended.entry(job.number).or_insert(true) &= outcome.is_ok();
        }
        self.cluster.apply(now, &fact);
        self.log.push((now, fact));
    }

    /// Jobs that have not ended and hold or wait.
    pub fn left(&self) -> usize {
        self.cluster
            .jobs
            .values()
            .filter(|j| !j.held || !matches!(j.state, JobState::Waiting { .. }))
            .count()
    }
}

fn sighting(job: JobId, run: u32, turn: u32, seen: Seen, at: Time) -> Sighting {
    Sighting { job, run, turn, seen, at }
}
