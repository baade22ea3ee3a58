//! Jobs that give their GPUs to others: whoever comes first by some key runs, and goes on later where it stopped.
//!
//! A job that is stopped loses no work. GPUs change hands at once; whoever gets them holds them for the time of a start before
//! it gets on with its work, and of a teardown where others made room for it.

use super::floor::{Floor, Part};
use super::{Costs, Machine, Ran, Work};
use rota_core::units::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// How a policy orders jobs: the smallest key first, and the older of equals.
pub(super) trait Order {
    /// The key of a job that has run for so long.
    fn key(&self, work: &Work, ran: Span) -> u64;
    /// After how much more running its key changes for the worse; none: never.
    fn until_worse(&self, work: &Work, ran: Span) -> Option<Span>;
}

/// A job on its GPUs.
struct Run {
    parts: Vec<Part>,
    /// When it was given its GPUs.
    began: Time,
    /// Since when it gets on with its work.
    since: Time,
    /// When it will have done it.
    ends: Time,
}

/// Jobs that ask for the same are interchangeable but for their order.
type Kind = (u32, Option<usize>);

struct Stage<'w, O> {
    order: &'w O,
    work: &'w [Work],
    costs: &'w Costs,
    now: Time,
    floor: Floor,
    running: BTreeMap<usize, Run>,
    /// By the moment at which a running job is done, or its key changes.
    alarms: BTreeSet<(Time, usize)>,
    waiting: BTreeMap<Kind, BTreeSet<(u64, usize)>>,
    /// How long each ran before its current run.
    done: Vec<Span>,
    ran: Vec<Option<Ran>>,
}

/// What becomes of each job.
pub(super) fn play<O: Order>(
    order: &O,
    nodes: &[Machine],
    work: &[Work],
    costs: &Costs,
) -> Vec<Option<Ran>> {
    let empty = Floor::new(nodes);
    let mut stage = Stage {
        order,
        work,
        costs,
        now: Time(0),
        floor: Floor::new(nodes),
        running: BTreeMap::new(),
        alarms: BTreeSet::new(),
        waiting: BTreeMap::new(),
        done: vec![Span::ZERO; work.len()],
        ran: vec![None; work.len()],
    };
    let arrivals = work.iter().enumerate().filter(|(_, w)| empty.fits(w.gpus, w.model));
    let mut arrivals = arrivals.peekable();
    loop {
        let arrival = arrivals.peek().map(|(_, w)| w.submitted);
        let alarm = stage.alarms.first().map(|(at, _)| *at);
        let Some(now) = arrival.into_iter().chain(alarm).min() else { return stage.ran };
        stage.now = now;
        while let Some((job, _)) = arrivals.next_if(|(_, w)| w.submitted <= now) {
            stage.queue(job);
        }
        stage.end();
        stage.fill();
    }
}

impl<O: Order> Stage<'_, O> {
    fn queue(&mut self, job: usize) {
        let work = &self.work[job];
        let key = self.order.key(work, self.done[job]);
        self.waiting.entry((work.gpus, work.model)).or_default().insert((key, job));
    }

    fn ran_until_now(&self, job: usize, run: &Run) -> Span {
        self.done[job].plus(self.now.since(run.since))
    }

    /// Ends what is done; for others, the next alarm.
    fn end(&mut self) {
        while let Some((at, job)) = self.alarms.first().copied().filter(|(at, _)| *at <= self.now) {
            self.alarms.remove(&(at, job));
            match self.running.get(&job) {
                Some(run) if run.ends > self.now => {
                    let next = self.alarm_of(job, run);
                    self.alarms.insert((next, job));
                }
                _ => {
                    let Some(run) = self.running.remove(&job) else { continue };
                    self.floor.give(&run.parts);
                    self.leave((job, &run), at);
                }
            }
        }
    }

    fn alarm_of(&self, job: usize, run: &Run) -> Time {
        let worse = self.order.until_worse(&self.work[job], self.ran_until_now(job, run));
        let from = run.since.max(self.now);
        worse.map_or(run.ends, |more| from.after(more.max(Span(1))).min(run.ends))
    }

    /// Starts whoever comes first, in the place of whoever comes later, until nothing changes.
    fn fill(&mut self) {
        let (mut blocked, mut victims) = (BTreeSet::new(), None);
        loop {
            let open = self.waiting.iter().filter(|(kind, _)| !blocked.contains(*kind));
            let first = open.filter_map(|(kind, jobs)| Some((*jobs.first()?, *kind))).min();
            let Some((candidate, kind)) = first else { return };
            let mut cost = self.costs.alone;
            if !self.floor.fits(kind.0, kind.1) {
                let known: &Vec<(u64, usize)> = victims.get_or_insert_with(|| self.by_key());
                let stopped = self.room(candidate, kind, known);
                if stopped.is_empty() {
                    blocked.insert(kind);
                    continue;
                }
                stopped.into_iter().for_each(|job| self.stop(job));
                cost = cost.plus(self.costs.teardown);
                // What is left of the room may fit others now.
                blocked.clear();
            }
            self.start(candidate, kind, cost);
            victims = None;
        }
    }

    /// Running jobs, the last in order first.
    fn by_key(&self) -> Vec<(u64, usize)> {
        let key = |(job, run): (&usize, &Run)| {
            (self.order.key(&self.work[*job], self.ran_until_now(*job, run)), *job)
        };
        let mut all: Vec<(u64, usize)> = self.running.iter().map(key).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        all
    }

    /// Which running jobs to stop so that the candidate fits: only those that come after it, the last in order first.
    fn room(&self, candidate: (u64, usize), kind: Kind, by_key: &[(u64, usize)]) -> Vec<usize> {
        let parts = |job: &usize| self.running.get(job).map_or(&[][..], |run| &run.parts);
        let behind = by_key.iter().take_while(|who| **who > candidate).map(|(_, job)| *job);
        let all: Vec<usize> = behind.collect();
        let fits = |jobs: &[usize]| {
            let frees = jobs.iter().enumerate().map(|(at, job)| (at, parts(job)));
            self.floor.first_fit(kind, frees)
        };
        let Some((last, _)) = fits(&all) else { return Vec::new() };
        let nodes: Vec<usize> = parts(&all[last]).iter().map(|(node, _)| *node).collect();
        let near = |job: &&usize| parts(job).iter().any(|(node, _)| nodes.contains(node));
        let some: Vec<usize> = all[..=last].iter().filter(near).copied().collect();
        let mut chosen = if fits(&some).is_some() { some } else { all[..=last].to_vec() };
        // Whoever need not leave stays, the first in order first.
        for at in (0..chosen.len()).rev() {
            let mut fewer = chosen.clone();
            fewer.remove(at);
            if fits(&fewer).is_some() {
                chosen = fewer;
            }
        }
        chosen
    }

    fn stop(&mut self, job: usize) {
        let Some(run) = self.running.remove(&job) else { return };
        self.alarms.remove(&(self.alarm_of(job, &run), job));
        self.floor.give(&run.parts);
        self.leave((job, &run), self.now);
        self.done[job] = self.ran_until_now(job, &run);
        self.queue(job);
    }

    fn leave(&mut self, (job, run): (usize, &Run), at: Time) {
        if let Some(ran) = &mut self.ran[job] {
            (ran.ended, ran.held) = (at, ran.held.plus(at.since(run.began)));
        }
    }

    fn start(&mut self, (key, job): (u64, usize), kind: Kind, cost: Span) {
        let Some(parts) = self.floor.place(kind.0, kind.1) else { return };
        self.floor.take(&parts);
        if let Some(jobs) = self.waiting.get_mut(&kind) {
            jobs.remove(&(key, job));
            if jobs.is_empty() {
                self.waiting.remove(&kind);
            }
        }
        let since = self.now.after(cost);
        let left = Span(self.work[job].runtime.0.saturating_sub(self.done[job].0));
        let ends = since.after(left);
        let run = Run { parts, began: self.now, since, ends };
        self.alarms.insert((self.alarm_of(job, &run), job));
        self.running.insert(job, run);
        let first = Ran { started: since, ended: ends, held: Span::ZERO, starts: 0 };
        self.ran[job].get_or_insert(first).starts += 1;
    }
}
