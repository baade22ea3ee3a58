//! Going on from a state in which programs run, wait and stop.

use super::pace::Speeds;
use super::{Coming, Program, Replay, Switch, sighting};
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::job::{JobState, Stop, TurnMode};
use rota_core::observation::Seen;
use rota_core::units::{Span, Time};
use std::cmp::Reverse;

impl<'l> Replay<'l> {
    /// Goes on from a state at a moment. What its programs will do must be told by [`Replay::expect`].
    pub fn resume(
        cluster: Cluster,
        now: Time,
        switch: Switch,
        listener: &'l mut dyn FnMut(Time, &Event),
    ) -> Replay<'l> {
        let mut replay = Replay::new(&[], switch, listener);
        (replay.cluster, replay.wake) = (cluster, Some(now));
        replay
    }

    /// Says how much longer the program of a job that has not ended will run, on the model it is measured on.
    pub fn expect(&mut self, now: Time, job: JobId, left: Span, measured_on: Option<String>) {
        let Some(known) = self.cluster.jobs.get(&job).cloned() else { return };
        let keeps = known.spec.turns == TurnMode::Requeue;
        self.owed.insert(job.number, (left, measured_on, keeps));
        let (run, turn) = (known.runs, known.turns_begun);
        if matches!(known.state, JobState::Waiting { .. }) {
            self.kept.insert(job, left);
            return;
        }
        let speeds = self.speeds(job);
        self.count += 1;
        let (left, life) = (speeds.here(left), self.count);
        let mut program = Program { run, speeds, left, since: None, life };
        let start = match known.state {
            JobState::Running { .. } => Some(now),
            JobState::Starting { since, .. } => Some(since.after(self.switch.start).max(now)),
            _ => None,
        };
        if let Some(since) = start {
            program.since = Some(since);
            self.coming.push(Reverse((since.after(left), Coming::End(job, life))));
        }
        if let (JobState::Starting { .. }, Some(since)) = (&known.state, start) {
            self.later(since, sighting(job, run, turn, Seen::Running, since));
        }
        self.programs.insert(job, program);
        if let JobState::Stopping { since, how, frozen, .. } = known.state {
            self.leaving(job, since.after(self.switch.leave).max(now), (how, frozen));
        }
    }

    /// When a program would end if it ran now, or runs on, and were never stopped again.
    pub fn ends(&self, job: JobId, now: Time) -> Option<Time> {
        let waits = || self.kept.get(&job).map(|left| now.after(*left));
        let program = self.programs.get(&job);
        program.map(|p| p.since.unwrap_or(now).after(p.left)).or_else(waits)
    }

    /// A job that was asked to stop before will have stopped at a moment.
    fn leaving(&mut self, job: JobId, at: Time, (how, frozen): (Stop, bool)) {
        let Some(turn) = self.cluster.job(job).map(|job| job.turns_begun) else { return };
        let suspends = how == Stop::Suspend && !frozen;
        let left = self.programs.get(&job).map(|p| (p.run, p.speeds.measured(p.left)));
        let Some((run, left)) = left else { return };
        if !suspends {
            self.programs.remove(&job);
            self.kept.insert(job, left);
        }
        let ended = Seen::Exited { code: None, signal: Some(15) };
        let seen = if suspends { Seen::Suspended } else { ended };
        self.later(at, sighting(job, run, turn, seen, at));
    }

    pub(super) fn speeds(&self, job: JobId) -> Speeds {
        let same = Speeds { measured: 1, here: 1 };
        let Some((_, Some(model), _)) = self.owed.get(&job.number) else { return same };
        let held = self.cluster.job(job).and_then(|j| Some((j, j.holds()?.node)));
        let Some((job, node)) = held else { return same };
        let here = self.cluster.nodes.get(&node).and_then(|n| n.node.model.as_deref());
        let own = |name: &str| job.spec.speeds.iter().find(|(m, _)| m == name).map(|(_, s)| *s);
        let prices = &self.cluster.policy.prices;
        let speed = |name| u64::from(own(name).unwrap_or_else(|| prices.speed(name)).max(1));
        here.map_or(same, |here| Speeds { measured: speed(model), here: speed(here) })
    }
}
