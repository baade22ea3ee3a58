//! What the site's own log says of jobs so far: when they came, from whom, and how long their programs ran. A fold over
//! facts and nothing else, so that a server that starts again knows what it knew before.

use super::kin::Kin;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::{JobSpec, Outcome, TurnMode};
use rota_core::request::Asker;
use rota_core::units::{Span, Time};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How long anything is remembered.
pub const MEMORY: Span = Span::hours(60 * 24);

/// Whoever submits again so soon goes on with the same work.
const BURST: Span = Span::minutes(5);

/// Switches that are remembered.
const SWITCHES: usize = 101;

/// A job of the past, or one that has not ended.
#[derive(Clone, Debug)]
pub struct Record {
    /// Which it is.
    pub id: JobId,
    /// When it was submitted.
    pub submitted: Time,
    /// By whom.
    pub asker: Arc<Asker>,
    /// What it asked for.
    pub spec: Arc<JobSpec>,
    /// What it is known by.
    pub kin: Kin,
    /// What became of it.
    pub life: Life,
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Life {
    /// It has not begun.
    Waits,
    /// It has begun and not ended.
    Runs(Ran),
    /// Its program ended, or was ended by a person: it would not have run longer.
    Over(Ran),
    /// It was cut off, by its walltime or by a loss: it would have run longer.
    Cut(Ran),
    /// It left the queue without having begun.
    Left(Time),
}

/// What is known of how long a program ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// When it first began.
    pub began: Time,
    /// How long it ran in all turns that are over, less what was lost.
    pub ran: Span,
    /// Since when it runs in this one.
    pub since: Option<Time>,
    /// The GPU model it ran on last.
    pub model: Option<Arc<str>>,
}

impl Ran {
    /// How long until a moment.
    pub fn until(&self, now: Time) -> Span {
        self.ran.plus(self.since.map_or(Span::ZERO, |since| now.since(since)))
    }
}

impl Life {
    /// How long its program ran, if it began.
    pub fn ran(&self) -> Option<&Ran> {
        match self {
            Life::Runs(ran) | Life::Over(ran) | Life::Cut(ran) => Some(ran),
            Life::Waits | Life::Left(_) => None,
        }
    }
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Jobs in the order of submission.
    pub jobs: VecDeque<Record>,
    /// How many were forgotten.
    forgotten: usize,
    open: BTreeMap<JobId, usize>,
    /// The last submit from each source, and the job that began its burst.
    bursts: BTreeMap<u64, (Time, u64)>,
    models: BTreeMap<NodeId, Arc<str>>,
    /// Where jobs that were decided to start were sent, and when.
    sent: BTreeMap<JobId, (NodeId, Time)>,
    stopped: BTreeMap<JobId, Time>,
    starts: VecDeque<Span>,
    stops: VecDeque<Span>,
}

impl History {
    /// Takes a fact into account.
    pub fn note(&mut self, at: Time, fact: &Event) {
        match fact {
            Event::NodeAdded { node } => {
                self.models.remove(&node.id);
                if let Some(model) = &node.model {
                    self.models.insert(node.id, model.as_str().into());
                }
            }
            Event::Submitted { number, tasks, lab, grant, person, spec, .. } => {
                let asker = Asker {
                    person: person.clone(),
                    lab: lab.clone(),
                    grant: grant.clone(),
                    admin: false,
                };
                self.submitted(at, (*number, tasks.as_deref()), asker, spec);
            }
            Event::Changed { job, spec, .. } => {
                if let Some(known) = self.known(*job) {
                    let kin = Kin { burst: known.kin.burst, ..Kin::of(&known.asker, spec) };
                    (known.spec, known.kin) = (Arc::new(spec.clone()), kin);
                }
            }
            Event::StartDecided { job, placement, .. } => {
                self.sent.insert(*job, (placement.node, at));
            }
            Event::Started { job, .. } => self.started(at, *job),
            Event::StopDecided { job, .. } => {
                self.stopped.insert(*job, at);
            }
            Event::Suspended { job, .. } => self.paused(at, *job, |_, ran| ran.until(at)),
            Event::Requeued { job, lost } => {
                self.paused(at, *job, |spec, ran| match (spec.turns, lost) {
                    (TurnMode::Requeue, None) => ran.until(at),
                    (TurnMode::Requeue, Some(_)) => ran.ran,
                    // It keeps no checkpoint, and begins again.
                    _ => Span::ZERO,
                });
            }
            Event::Ended { job, outcome } => self.ended(at, *job, outcome),
            _ => {}
        }
    }

    /// A job that has not ended.
    pub fn of(&self, job: JobId) -> Option<&Record> {
        self.jobs.get(self.place(job)?)
    }

    /// The last that ran to their ends of the same person, lab, name and number of GPUs.
    pub fn alike(&self, asker: &Asker, spec: &JobSpec, most: usize) -> Vec<JobId> {
        let same = Kin::of(asker, spec).program();
        let over = |job: &&Record| matches!(job.life, Life::Over(_)) && job.kin.program() == same;
        self.jobs.iter().rev().filter(over).take(most).map(|job| job.id).collect()
    }

    /// Forgets what is too long ago to be asked for.
    pub fn forget(&mut self, now: Time) {
        let kept = |job: &Record| {
            now.since(job.submitted) <= MEMORY || matches!(job.life, Life::Waits | Life::Runs(_))
        };
        while self.jobs.front().is_some_and(|job| !kept(job)) {
            self.jobs.pop_front();
            self.forgotten += 1;
        }
    }

    /// What starting and stopping usually take, by what they took of late.
    pub fn switch(&self) -> crate::replay::Switch {
        let middle = |spans: &VecDeque<Span>| {
            let mut sorted: Vec<Span> = spans.iter().copied().collect();
            sorted.sort_unstable();
            sorted.get(sorted.len() / 2).copied().unwrap_or_default()
        };
        crate::replay::Switch { start: middle(&self.starts), leave: middle(&self.stops) }
    }

    fn submitted(
        &mut self,
        at: Time,
        (number, tasks): (u64, Option<&[u32]>),
        asker: Asker,
        spec: &JobSpec,
    ) {
        let kin = Kin::of(&asker, spec);
        let last = self.bursts.get(&kin.source()).filter(|(last, _)| at.since(*last) < BURST);
        let first = last.map_or(number, |(_, first)| *first);
        self.bursts.insert(kin.source(), (at, first));
        let kin = kin.in_burst(first);
        let (asker, spec) = (Arc::new(asker), Arc::new(spec.clone()));
        let mut add = |task: Option<u32>| {
            self.open.insert(JobId { number, task }, self.forgotten + self.jobs.len());
            let (asker, spec) = (asker.clone(), spec.clone());
            let (id, submitted, life) = (JobId { number, task }, at, Life::Waits);
            self.jobs.push_back(Record { id, submitted, asker, spec, kin, life });
        };
        match tasks {
            None => add(None),
            Some(tasks) => tasks.iter().for_each(|task| add(Some(*task))),
        }
    }

    fn known(&mut self, job: JobId) -> Option<&mut Record> {
        self.jobs.get_mut(self.place(job)?)
    }

    /// Where a job that has not ended is among the jobs.
    fn place(&self, job: JobId) -> Option<usize> {
        self.open.get(&job)?.checked_sub(self.forgotten)
    }

    fn started(&mut self, at: Time, job: JobId) {
        let Some((node, decided)) = self.sent.remove(&job) else { return };
        remember(&mut self.starts, at.since(decided));
        self.runs(at, job, node);
    }

    fn runs(&mut self, at: Time, job: JobId, node: NodeId) {
        let model = self.models.get(&node).cloned();
        let Some(known) = self.known(job) else { return };
        let before = match &known.life {
            Life::Runs(before) => Some((before.began, before.ran)),
            _ => None,
        };
        let (began, ran) = before.unwrap_or((at, Span::ZERO));
        known.life = Life::Runs(Ran { began, ran, since: Some(at), model });
    }

    /// A turn is over; `left`: how long its program ran that it need not run again.
    fn paused(&mut self, at: Time, job: JobId, left: impl FnOnce(&JobSpec, &Ran) -> Span) {
        if let Some(decided) = self.stopped.remove(&job) {
            remember(&mut self.stops, at.since(decided));
        }
        let Some(known) = self.known(job) else { return };
        if let Life::Runs(ran) = &mut known.life {
            (ran.ran, ran.since) = (left(&known.spec, ran), None);
        }
    }

    fn ended(&mut self, at: Time, job: JobId, outcome: &Outcome) {
        self.stopped.remove(&job);
        if let Some((node, decided)) = self.sent.remove(&job) {
            // It ended before it was seen to run.
            self.runs(decided, job, node);
        }
        if let Some(known) = self.known(job) {
            known.life = match std::mem::replace(&mut known.life, Life::Left(at)) {
                Life::Runs(ran) => {
                    let ran = Ran { ran: ran.until(at), since: None, ..ran };
                    let is_cut = matches!(outcome, Outcome::Timeout | Outcome::Lost { .. });
                    if is_cut { Life::Cut(ran) } else { Life::Over(ran) }
                }
                _ => Life::Left(at),
            };
        }
        self.open.remove(&job);
    }
}

fn remember(spans: &mut VecDeque<Span>, span: Span) {
    if spans.len() == SWITCHES {
        spans.pop_front();
    }
    spans.push_back(span);
}
