//! A line of jobs that, once started, run to their end.

use super::floor::{Floor, Part};
use super::{Costs, Machine, Ran, Work};
use rota_core::units::Time;
use std::collections::BTreeSet;

/// Who waits and who runs.
pub(super) struct Line<'w> {
    pub work: &'w [Work],
    pub now: Time,
    pub floor: Floor,
    /// By the moment at which its GPUs are free.
    ends: BTreeSet<(Time, usize)>,
    /// By the moment at which they are expected to be.
    pub expected: BTreeSet<(Time, usize)>,
    /// What each holds.
    pub held: Vec<Vec<Part>>,
    /// The first that has not arrived.
    pub next: usize,
    head: usize,
    started: Vec<bool>,
    /// Those that were started in this pass.
    pub placed: Vec<usize>,
    ran: Vec<Option<Ran>>,
}

/// What a policy does at each moment, when the line has moved up as far as it can.
pub(super) trait Pass {
    /// A job has come to the end of the line.
    fn arrived(&mut self, job: usize);
    /// A job has left the line.
    fn left(&mut self, job: usize);
    /// The first in line cannot start: who may pass it?
    fn blocked(&mut self, line: &mut Line, head: usize);
}

impl Line<'_> {
    /// Plays all of them.
    pub fn play(
        nodes: &[Machine],
        work: &[Work],
        costs: &Costs,
        pass: &mut impl Pass,
    ) -> Vec<Option<Ran>> {
        let floor = Floor::new(nodes);
        // What fits on no empty node would stand in everyone's way for ever.
        let hopeless = work.iter().map(|w| !floor.fits(w.gpus, w.model)).collect();
        let mut line = Line {
            work,
            now: Time(0),
            floor,
            ends: BTreeSet::new(),
            expected: BTreeSet::new(),
            held: vec![Vec::new(); work.len()],
            next: 0,
            head: 0,
            started: hopeless,
            placed: Vec::new(),
            ran: vec![None; work.len()],
        };
        while let Some(now) = line.next_moment() {
            line.now = now;
            while let Some(work) = work.get(line.next).filter(|w| w.submitted <= now) {
                if !line.started[line.next] {
                    debug_assert!(work.gpus > 0, "a job without GPUs needs no line");
                    pass.arrived(line.next);
                }
                line.next += 1;
            }
            line.free(now);
            line.move_up(pass);
            line.begin(costs);
        }
        line.ran
    }

    fn next_moment(&self) -> Option<Time> {
        let arrival = self.work.get(self.next).map(|w| w.submitted);
        let end = self.ends.first().map(|(at, _)| *at);
        arrival.into_iter().chain(end).min()
    }

    fn free(&mut self, now: Time) {
        while let Some((at, job)) = self.ends.first().copied().filter(|(at, _)| *at <= now) {
            self.ends.remove(&(at, job));
            self.floor.give(&std::mem::take(&mut self.held[job]));
        }
        let Line { expected, held, .. } = self;
        while let Some(first) = expected.first().copied().filter(|(_, job)| held[*job].is_empty()) {
            expected.remove(&first);
        }
    }

    fn move_up(&mut self, pass: &mut impl Pass) {
        loop {
            while self.head < self.next && self.started[self.head] {
                self.head += 1;
            }
            if self.head >= self.next {
                return;
            }
            if !self.start(self.head) {
                return pass.blocked(self, self.head);
            }
            pass.left(self.head);
        }
    }

    /// Starts a job if it fits.
    pub fn start(&mut self, job: usize) -> bool {
        let work = self.work[job];
        let Some(parts) = self.floor.place(work.gpus, work.model) else { return false };
        self.floor.take(&parts);
        self.held[job] = parts;
        self.started[job] = true;
        self.placed.push(job);
        true
    }

    /// The moment by which GPUs like these are expected to be free, and how many others of theirs will be then.
    pub fn shadow(&self, wanted: (u32, Option<usize>)) -> Option<(Time, u32)> {
        let parts = |job: usize| self.held[job].as_slice();
        let known = self.expected.iter().map(|(at, job)| ((*at).max(self.now), parts(*job)));
        // What was placed in this pass has no end yet; it is expected as if it had begun by now.
        let placed = self.placed.iter().map(|job| (self.now.after(self.work[*job].expected), *job));
        let mut placed: Vec<(Time, usize)> = placed.collect();
        placed.sort_unstable();
        let mut placed = placed.into_iter().map(|(at, job)| (at, parts(job))).peekable();
        let mut known = known.peekable();
        let merged = std::iter::from_fn(|| match (known.peek(), placed.peek()) {
            (Some(k), Some(p)) if p.0 < k.0 => placed.next(),
            (None, _) => placed.next(),
            _ => known.next(),
        });
        self.floor.first_fit(wanted, merged)
    }

    /// Says when those that were placed will run, and until when.
    fn begin(&mut self, costs: &Costs) {
        let cost = if self.placed.len() == 1 { costs.alone } else { costs.together };
        for job in std::mem::take(&mut self.placed) {
            let started = self.now.after(cost);
            let ended = started.after(self.work[job].runtime);
            self.ends.insert((ended.after(costs.teardown), job));
            let believed = started.after(self.work[job].expected).after(costs.teardown);
            self.expected.insert((believed, job));
            let held = ended.after(costs.teardown).since(self.now);
            self.ran[job] = Some(Ran { started, ended, held, starts: 1 });
        }
    }
}
