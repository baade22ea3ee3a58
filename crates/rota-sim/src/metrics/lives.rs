//! Jobs from submit to end: how long they waited, how long they ran, and what was thrown away. Only jobs with GPUs.

use super::room::{Room, Rooms};
use super::walk::{Step, Watch};
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::{JobId, LabId};
use rota_core::job::{Job, Outcome, TurnMode};
use rota_core::report::Stretch;
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

/// A job that ran and ended by itself or at its walltime.
#[derive(Clone, Debug)]
pub struct Life {
    /// The job.
    pub id: JobId,
    /// Its lab.
    pub lab: LabId,
    /// Where it ran last.
    pub room: Room,
    /// GPUs.
    pub gpus: u32,
    /// When it could first have started, had it been ready all the time since: submit, and the time that it was held or
    /// waited for other jobs.
    pub arrived: Time,
    /// When it ended.
    pub ended: Time,
    /// Running time that it took: all turns, less runs that were thrown away.
    pub needed: Span,
}

/// A run that ended before its job did, and is known or may be to be lost.
#[derive(Clone, Copy, Debug)]
struct Thrown {
    gpu_time: u128,
    ran: Span,
    /// Its node or supervisor was lost: nobody told the program.
    is_known_lost: bool,
}

/// What is known of a job that has not ended.
#[derive(Debug, Default)]
struct Open {
    ready_since: Option<Time>,
    blocked_since: Option<Time>,
    blocked: Span,
    room: Option<Room>,
    thrown: Vec<Thrown>,
    /// It held GPUs in the period.
    is_counted: bool,
}

/// GPU time that was thrown away, of GPU time delivered, for jobs that make room in one way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lost {
    /// GPUs × milliseconds held in the period.
    pub delivered: u128,
    /// GPUs × milliseconds of runs that were thrown away in it.
    pub lost: u128,
    /// Jobs that held GPUs in it.
    pub jobs: u64,
}

/// All of it.
pub struct Lives {
    period: Stretch,
    rooms: Rooms,
    open: BTreeMap<JobId, Open>,
    /// Jobs that ended in the period.
    pub ended: Vec<Life>,
    /// Waits that ended with a start in the period: from submit, or from the end of a turn.
    pub waits: Vec<Span>,
    /// Jobs that are queued again when they make room.
    pub requeued: Lost,
    /// All other jobs.
    pub kept: Lost,
    holding: (u64, u64),
}

impl Lives {
    /// For a period.
    pub fn new(period: Stretch) -> Lives {
        Lives {
            period,
            rooms: Rooms::default(),
            open: BTreeMap::new(),
            ended: Vec::new(),
            waits: Vec::new(),
            requeued: Lost::default(),
            kept: Lost::default(),
            holding: (0, 0),
        }
    }

    /// Ends the reading: waits that go on count as long as they lasted, runs of jobs that have not ended as far as they
    /// are known to be lost or may be.
    pub fn finish(&mut self, c: &Cluster) {
        for (id, open) in std::mem::take(&mut self.open) {
            self.waits.extend(open.ready_since.map(|since| self.period.until.since(since)));
            let Some(job) = c.job(id) else { continue };
            self.lost(job).jobs += u64::from(!open.is_counted && job.holds().is_some());
            for thrown in open.thrown {
                self.lost(job).lost += thrown.gpu_time;
            }
        }
    }

    fn lost(&mut self, job: &Job) -> &mut Lost {
        if job.spec.turns == TurnMode::Requeue { &mut self.requeued } else { &mut self.kept }
    }

    fn is_in(&self, at: Time) -> bool {
        self.period.from <= at && at < self.period.until
    }

    /// The run that ends at `at`, as far as it is in the period.
    fn thrown(&self, job: &Job, at: Time, is_known_lost: bool) -> Option<Thrown> {
        let turn = job.turn_began().map_or(Span::ZERO, |began| at.since(began));
        let ran = job.ran.plus(turn);
        let inside = ran.min(at.since(self.period.from));
        let gpu_time = u128::from(job.thousandths()) * u128::from(inside.0) / 1000;
        self.is_in(at).then_some(Thrown { gpu_time, ran, is_known_lost })
    }

    fn count_holding(&mut self, step: &Step) {
        let gpus = |job: Option<&Job>, mode: bool| {
            let job = job.filter(|j| j.holds().is_some());
            let same = job.filter(|j| (j.spec.turns == TurnMode::Requeue) == mode);
            same.map_or(0, |j| u64::from(j.thousandths()))
        };
        let (requeued, kept) = self.holding;
        let change = |now: u64, mode: bool| {
            (now + gpus(step.after, mode)).saturating_sub(gpus(step.before, mode))
        };
        self.holding = (change(requeued, true), change(kept, false));
        let holds = |job: Option<&Job>| job.is_some_and(|j| j.holds().is_some());
        let here = self.is_in(step.at) && (holds(step.before) || holds(step.after));
        if let Some(job) = step.before.or(step.after).filter(|_| here) {
            let is_known =
                std::mem::replace(&mut self.open.entry(job.id).or_default().is_counted, true);
            self.lost(job).jobs += u64::from(!is_known);
        }
    }

    fn end(&mut self, step: &Step, job: &Job, outcome: &Outcome) {
        let at = step.at;
        let Some(mut open) = self.open.remove(&job.id) else { return };
        open.thrown.extend(match outcome {
            Outcome::Lost { .. } => self.thrown(job, at, true),
            _ => None,
        });
        let turn = job.turn_began().map_or(Span::ZERO, |began| at.since(began));
        let last = job.ran.plus(turn);
        let ended_well = outcome.is_ok();
        // A program that had started over would have run at least as long again.
        let kept = |t: &Thrown| !t.is_known_lost && ended_well && t.ran > last;
        let (mut lost, mut redone) = (0, Span::ZERO);
        for thrown in open.thrown.iter().filter(|t| !kept(t)) {
            lost += thrown.gpu_time;
            redone = redone.plus(thrown.ran);
        }
        self.lost(job).lost += lost;
        let by_itself =
            matches!(outcome, Outcome::Exited { .. } | Outcome::Signaled { .. } | Outcome::Timeout);
        let (Some(room), Some(_)) = (open.room, job.first_started) else { return };
        if !by_itself || !self.is_in(at) {
            return;
        }
        let gpus = job.spec.all_gpus().max(1);
        let used = rota_core::apply::used_until(job, at).0;
        let all = used.saturating_mul(1000) / u64::from(job.thousandths().max(1));
        self.ended.push(Life {
            id: job.id,
            lab: step.c.accounts.grant_of(job.owner).lab,
            room,
            gpus,
            arrived: job.submitted.after(open.blocked).min(at),
            ended: at,
            needed: Span(all.saturating_sub(redone.0).max(1)),
        });
    }
}

impl Watch for Lives {
    fn pass(&mut self, _c: &Cluster, from: Time, to: Time) {
        let span = u128::from(to.since(from).0);
        self.requeued.delivered += u128::from(self.holding.0) * span / 1000;
        self.kept.delivered += u128::from(self.holding.1) * span / 1000;
    }

    fn job(&mut self, step: &Step) {
        let Some(job) = step.after.or(step.before).filter(|j| j.spec.all_gpus() > 0) else {
            return;
        };
        self.count_holding(step);
        if let (Event::Ended { outcome, job: ended }, Some(before)) = (step.event, step.before)
            && *ended == step.id
        {
            return self.end(step, before, outcome);
        }
        let Some(after) = step.after else { return };
        let thrown = match (step.event, step.before) {
            (Event::Requeued { lost, .. }, Some(before)) => {
                self.thrown(before, step.at, lost.is_some())
            }
            _ => None,
        };
        let room = after.holds().and_then(|p| self.rooms.of(step.c, p.node));
        let waited = {
            let open = self.open.entry(job.id).or_default();
            open.thrown.extend(thrown);
            open.room = room.or(open.room.take());
            open.turn(after, step.at, step.before.is_none())
        };
        self.waits.extend(waited.filter(|_| self.is_in(step.at)));
    }

    fn all(&mut self, c: &Cluster, _at: Time) {
        self.rooms = Rooms::new(c);
    }
}

impl Open {
    /// Notes whether the job waits, is blocked or holds GPUs now. Returns the wait that a start has ended.
    fn turn(&mut self, job: &Job, at: Time, is_new: bool) -> Option<Span> {
        let (ready, holds) = (job.is_ready(), job.holds().is_some());
        let is_blocked = !ready && !holds;
        match (self.blocked_since, is_blocked) {
            (None, true) => self.blocked_since = Some(at),
            (Some(since), false) => {
                self.blocked = self.blocked.plus(at.since(since));
                self.blocked_since = None;
            }
            _ => {}
        }
        match (self.ready_since, ready) {
            (None, true) if is_new => self.ready_since = Some(waits_since(job)),
            (None, true) => self.ready_since = Some(at),
            (Some(since), false) => {
                self.ready_since = None;
                return holds.then(|| at.since(since));
            }
            _ => {}
        }
        None
    }
}

/// Since when a job waits, as far as it tells itself.
fn waits_since(job: &Job) -> Time {
    use rota_core::job::JobState;
    match &job.state {
        JobState::Waiting { since } | JobState::Suspended { since, .. } => *since,
        _ => job.submitted,
    }
}

/// A job of so many GPUs that arrived at an hour and takes so many.
#[cfg(test)]
pub fn test_life(number: u64, gpus: u32, arrived: u64, hours: u64) -> Life {
    Life {
        id: JobId::single(number),
        lab: LabId(0),
        room: Room::default(),
        gpus,
        arrived: Time(Span::hours(arrived).0),
        ended: Time(Span::hours(arrived + hours).0),
        needed: Span::hours(hours),
    }
}
