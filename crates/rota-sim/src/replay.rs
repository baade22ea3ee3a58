//! Replays many jobs through the real `admit`, `plan`, `reconcile` and `apply`, without the checks of [`crate::run`]: what
//! comes next is in a heap, and facts go to whoever listens. On the same story both make the same facts; a test says so.

mod booked;
mod leave;
mod pace;
mod resume;

pub use booked::Booking;
use booked::Bookings;
pub use pace::Pace;
use pace::{Lag, Speeds};
use rota_core::admit::admit;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::job::{JobSpec, Stop};
use rota_core::observation::{Observation, Seen, Sighting};
use rota_core::plan::decide;
use rota_core::reconcile::reconcile;
use rota_core::request::{Asker, Request};
use rota_core::units::{Span, Time};
use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::iter::Peekable;

/// A job that will be submitted.
#[derive(Clone, Debug)]
pub struct Submission {
    /// When.
    pub at: Time,
    /// By whom.
    pub asker: Asker,
    /// What it asks for.
    pub spec: JobSpec,
    /// How long its program runs in all.
    pub runs: Span,
    /// The GPU model on which it ran so long; on others it takes as much longer as they are slower by the policy. None:
    /// as long anywhere.
    pub measured_on: Option<String>,
    /// It goes on from its own checkpoint after a requeue.
    pub keeps: bool,
    /// Its owner takes it out of the queue where it has not begun after so long.
    pub leaves: Option<Span>,
}

/// What starting and leaving take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switch {
    /// From the decision to start until the program gets on with its work.
    pub start: Span,
    /// From the decision to stop until the GPUs are free.
    pub leave: Span,
}

/// What is known of a submitted program: its running time, the model it was measured on, and whether it keeps checkpoints.
type Owed = (Span, Option<String>, bool);

/// A program that has begun.
struct Program {
    run: u32,
    speeds: Speeds,
    /// Running time left, on these GPUs.
    left: Span,
    /// Since when it gets on; none while frozen.
    since: Option<Time>,
    /// Which of its expected ends is still true.
    life: u64,
}

/// What will be seen. At one moment, first what was on its way, then ends in the order of jobs, then who leaves the queue.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Coming {
    Late(u64),
    End(JobId, u64),
    Leave(JobId),
}

/// All that a policy says of days and dates comes back within a year.
const YEAR: Span = Span::hours(366 * 24);

/// A replay.
pub struct Replay<'l> {
    /// The state.
    pub cluster: Cluster,
    /// Requests that were refused: which submission, and the code.
    pub refused: Vec<(usize, &'static str)>,
    /// Moments at which the plan did not come to rest; must stay empty.
    pub restless: Vec<Time>,
    /// How closely moments are kept apart.
    pub pace: Pace,
    switch: Switch,
    bookings: Bookings,
    listener: &'l mut dyn FnMut(Time, &Event),
    programs: BTreeMap<JobId, Program>,
    owed: BTreeMap<u64, Owed>,
    /// Where moments are not kept apart: what is to be made up for, and at most so much at once.
    lag: (Lag, Span),
    /// Running time left of programs that were requeued and keep checkpoints, as measured.
    kept: BTreeMap<JobId, Span>,
    coming: BinaryHeap<Reverse<(Time, Coming)>>,
    late: BTreeMap<u64, Sighting>,
    /// When the plan wants to be asked again.
    wake: Option<Time>,
    /// Whether it decided nothing when it was asked last.
    rests: bool,
    /// When something became true of a job last; at the earliest where it was begun.
    last: Option<Time>,
    played: usize,
    count: u64,
}

impl<'l> Replay<'l> {
    /// An empty cluster with what these facts say of it. `listener` hears every fact.
    pub fn new(
        facts: &[Event],
        switch: Switch,
        listener: &'l mut dyn FnMut(Time, &Event),
    ) -> Replay<'l> {
        let mut replay = Replay {
            cluster: Cluster::default(),
            refused: Vec::new(),
            restless: Vec::new(),
            pace: Pace::Exact,
            switch,
            bookings: Bookings::default(),
            listener,
            programs: BTreeMap::new(),
            owed: BTreeMap::new(),
            lag: (Lag::default(), Span::ZERO),
            kept: BTreeMap::new(),
            coming: BinaryHeap::new(),
            late: BTreeMap::new(),
            wake: None,
            rests: false,
            last: None,
            played: 0,
            count: 0,
        };
        replay.apply(Time(0), facts);
        replay
    }

    /// Submits all of them, in their order, and goes on until nothing is left to happen.
    pub fn play(&mut self, submissions: &[Submission]) {
        let mut next = submissions.iter().peekable();
        while self.step(&mut next).is_some() {}
    }

    /// Goes on to the next moment at which something happens, and says which it was; none when nothing is left to
    /// happen.
    pub fn step<S: Borrow<Submission>>(
        &mut self,
        next: &mut Peekable<impl Iterator<Item = S>>,
    ) -> Option<Time> {
        let arrival = next.peek().map(|s| s.borrow().at);
        let coming = self.next_coming();
        let asked = [arrival, self.bookings.next()].into_iter().flatten().min();
        let first = [asked, coming, self.wake()].into_iter().flatten().min()?;
        let (now, until) = self.pace.together(first);
        self.last.get_or_insert(now);
        let is_due = |at: Option<Time>| at.is_some_and(|at| at <= until);
        let mut asks = [self.bookings.next(), self.wake, coming].into_iter().any(is_due);
        self.book(now, until);
        while let Some(submission) = next.next_if(|s| s.borrow().at <= until) {
            asks |= self.submit(now, submission.borrow()) || !self.rests;
        }
        if !asks {
            return Some(now);
        }
        self.lag.1 = until.since(now);
        loop {
            self.see_what_comes(now, until);
            self.wake = self.decide(now);
            // What started may end within the stretch, and others start after it.
            if self.pace == Pace::Exact || self.next_coming().is_none_or(|at| at > until) {
                return Some(now);
            }
        }
    }

    /// When the plan wants to be asked again; never, where no job is left, or none that any day of a year let begin.
    fn wake(&self) -> Option<Time> {
        let is_late = |at: &Time| self.last.is_some_and(|last| at.since(last) > YEAR);
        let is_over = |at: &Time| self.cluster.jobs.is_empty() || is_late(at);
        self.wake.filter(|at| !is_over(at))
    }

    /// When something will be seen next. Ends of programs that were stopped before are forgotten.
    fn next_coming(&mut self) -> Option<Time> {
        while let Some(Reverse((at, coming))) = self.coming.peek() {
            let still = match coming {
                Coming::Late(_) => true,
                Coming::End(job, life) => self.programs.get(job).is_some_and(|p| p.life == *life),
                Coming::Leave(job) => self.may_leave(*job),
            };
            if still {
                return Some(*at);
            }
            self.coming.pop();
        }
        None
    }

    /// Submits a job, and says whether the plan is to be asked because of it: not for one that stands behind another of the same
    /// person that asks for the same, for which there was nothing to be done.
    fn submit(&mut self, now: Time, job: &Submission) -> bool {
        let index = self.played;
        self.played += 1;
        let (spec, ended) = (job.spec.clone(), BTreeMap::new());
        let request = Request::Submit { spec, tasks: None, held: false, ended };
        let facts = match admit(&self.cluster, &job.asker, &request, now) {
            Ok(facts) => facts,
            Err(refusal) => {
                self.refused.push((index, refusal.code));
                return false;
            }
        };
        self.apply(now, &facts);
        facts.iter().any(|fact| match fact {
            Event::Submitted { number, .. } => {
                let model = job.measured_on.clone();
                self.owed.insert(*number, (job.runs, model, job.keeps));
                let id = JobId::single(*number);
                job.leaves.into_iter().for_each(|after| self.leaves(id, now.after(after)));
                !self.cluster.stands_behind_its_like(id)
            }
            _ => true,
        })
    }

    fn see_what_comes(&mut self, now: Time, until: Time) {
        let (mut late, mut ends) = (Observation::default(), Observation::default());
        let mut leave = Vec::new();
        while let Some(Reverse((at, _))) = self.coming.peek()
            && *at <= until
            && let Some(Reverse((at, coming))) = self.coming.pop()
        {
            match coming {
                Coming::Late(number) => late.jobs.extend(self.late.remove(&number)),
                Coming::End(job, life) => {
                    if self.programs.get(&job).is_some_and(|p| p.life == life)
                        && let Some(program) = self.programs.remove(&job)
                    {
                        let gpus = self.cluster.job(job).map_or(0, |job| job.spec.all_gpus());
                        self.lag.0.note((at, now), gpus);
                        let seen = Seen::Exited { code: Some(0), signal: None };
                        ends.jobs.push(sighting(job, program.run, u32::MAX, seen, now));
                    }
                }
                Coming::Leave(job) => leave.push(job),
            }
        }
        self.see(now, &late);
        self.see(now, &ends);
        leave.into_iter().for_each(|job| self.leave(now, job));
    }

    fn see(&mut self, now: Time, seen: &Observation) {
        let facts = reconcile(&self.cluster, seen, now);
        self.forget_ended(&facts);
        self.apply(now, &facts);
    }

    /// Plans and acts as a server does, until nothing more is to be done before something is seen of what was started.
    fn decide(&mut self, now: Time) -> Option<Time> {
        for _ in 0..1000 {
            let plan = decide(&self.cluster, now);
            let facts = plan.decisions.iter().filter_map(|d| d.event(&self.cluster));
            let facts: Vec<Event> = facts.collect();
            self.apply(now, &facts);
            let mut seen = Observation::default();
            seen.jobs.extend(facts.iter().filter_map(|fact| self.act(now, fact)));
            self.see(now, &seen);
            self.rests = facts.is_empty();
            let is_exact = self.pace == Pace::Exact;
            if !plan.only_starts() || (is_exact && !seen.jobs.is_empty()) {
                continue;
            }
            let in_time = is_exact || self.rests;
            return if in_time { plan.wake_at } else { Some(self.pace.together(now).1) };
        }
        self.restless.push(now);
        None
    }

    /// Carries out a decision; what is seen of it at once.
    fn act(&mut self, now: Time, fact: &Event) -> Option<Sighting> {
        match fact {
            Event::StartDecided { job, turn, run, resume, .. } => {
                self.start(now, *job, (*turn, *run), *resume)
            }
            Event::StopDecided { job, turn, how, grace, .. } => {
                self.stop(now, *job, *turn, (*how, *grace))
            }
            _ => None,
        }
    }

    fn start(
        &mut self,
        now: Time,
        job: JobId,
        (turn, run): (u32, u32),
        resume: bool,
    ) -> Option<Sighting> {
        let since = now.after(self.switch.start);
        let all = self.owed.get(&job.number).map_or(Span::ZERO, |(runs, ..)| *runs);
        let speeds = self.speeds(job);
        let left = speeds.here(self.kept.remove(&job).unwrap_or(all));
        self.count += 1;
        let life = self.count;
        if resume && let Some(program) = self.programs.get_mut(&job) {
            (program.since, program.life) = (Some(since), life);
        } else {
            let gpus = self.cluster.job(job).map_or(0, |job| job.spec.all_gpus());
            let left = self.lag.0.left(left, gpus, self.lag.1);
            self.programs.insert(job, Program { run, speeds, left, since: Some(since), life });
        }
        if let Some(program) = self.programs.get(&job) {
            self.coming.push(Reverse((since.after(program.left), Coming::End(job, life))));
        }
        self.report(now, since, sighting(job, run, turn, Seen::Running, since))
    }

    fn stop(
        &mut self,
        now: Time,
        job: JobId,
        turn: u32,
        (how, grace): (Stop, Option<Span>),
    ) -> Option<Sighting> {
        let mut program = self.programs.remove(&job)?;
        let ran = program.since.map_or(Span::ZERO, |since| now.since(since));
        let (run, left) = (program.run, Span(program.left.0.saturating_sub(ran.0)));
        let keeps = self.owed.get(&job.number).is_some_and(|(.., keeps)| *keeps);
        let seen = match how {
            Stop::Suspend => {
                self.count += 1;
                (program.left, program.since, program.life) = (left, None, self.count);
                self.programs.insert(job, program);
                Seen::Suspended
            }
            Stop::Requeue if keeps => {
                self.kept.insert(job, program.speeds.measured(left));
                Seen::Exited { code: None, signal: Some(15) }
            }
            _ => Seen::Exited { code: None, signal: Some(15) },
        };
        // Whoever takes longer than the grace is killed; freezing is not cut short.
        let asked = self.cluster.job(job).map_or(Span::ZERO, |j| j.spec.grace);
        let killed = grace.unwrap_or(asked);
        let leave = self.switch.leave;
        let at = now.after(if how == Stop::Suspend { leave } else { leave.min(killed) });
        self.report(now, at, sighting(job, run, turn, seen, at))
    }

    /// It is seen now, or when its time comes.
    fn report(&mut self, now: Time, at: Time, sighting: Sighting) -> Option<Sighting> {
        if at > now {
            self.later(at, sighting);
            return None;
        }
        Some(sighting)
    }

    fn later(&mut self, at: Time, sighting: Sighting) {
        self.count += 1;
        self.late.insert(self.count, sighting);
        self.coming.push(Reverse((at, Coming::Late(self.count))));
    }

    fn apply(&mut self, now: Time, facts: &[Event]) {
        if facts.iter().any(|fact| fact.about().is_some()) {
            self.last = Some(now);
        }
        self.cluster.apply_all(now, facts);
        facts.iter().for_each(|fact| (self.listener)(now, fact));
    }
}

fn sighting(job: JobId, run: u32, turn: u32, seen: Seen, at: Time) -> Sighting {
    Sighting { job, run, turn, seen, at }
}
