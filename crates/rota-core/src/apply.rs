//! Facts into state. The only writer; it cannot fail. A fact about something unknown changes nothing.

use crate::cluster::{Batch, ClaimId, Cluster};
use crate::event::Event;
use crate::id::{JobId, NodeId, PersonId};
use crate::idle::Idling;
use crate::job::{Job, JobSpec, JobState, Outcome, Placement, Stop, Suspending};
use crate::node::{Node, NodeState};
use crate::part::WHOLE;
use crate::policy::PoolId;
use crate::policy::who::Account;
use crate::units::{GpuTime, Span, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

mod booked;
mod depend;
mod fitness;
mod idle;
mod part;
mod policy;
mod suspend;

pub use depend::satisfied;

impl Cluster {
    /// Makes the facts of a moment true, one after the other; sooner done than each alone.
    pub fn apply_all(&mut self, at: Time, events: &[Event]) {
        self.unsettled = Some(BTreeSet::new());
        events.iter().for_each(|event| self.apply(at, event));
        for node in self.unsettled.take().unwrap_or_default() {
            self.index_node(node);
        }
    }

    /// Makes the fact true.
    pub fn apply(&mut self, at: Time, event: &Event) {
        match event {
            Event::PolicySet { policy, by } => self.set_policy(at, policy, by),
            Event::Booked { .. } => self.book(at, event),
            Event::Unbooked { number, refund, .. } => self.end_booking(at, *number, *refund),
            Event::BookingBegun { number } => self.begin_booking(at, *number),
            Event::BookingEnded { number } => self.end_booking(at, *number, 0),
            Event::NodeAdded { node } => self.add_node(node),
            Event::NodeReturned { node } => self.set_up(*node, true),
            Event::NodeLost { node } => self.set_up(*node, false),
            Event::GpuDrained { .. }
            | Event::GpuResumed { .. }
            | Event::OutsiderSeen { .. }
            | Event::OutsiderGone { .. } => self.change_fitness(at, event),
            Event::Submitted { .. } | Event::Adopted { .. } => self.enter(at, event),
            Event::Held { job, .. } => self.change(at, *job, |j| j.held = true),
            Event::Released { job, .. } => self.change(at, *job, |j| j.held = false),
            Event::LinedUp { job } => self.change(at, *job, |j| j.not_before = None),
            Event::Changed { job, spec, pending, .. } => self.change(at, *job, |j| {
                j.not_before = spec.begin.filter(|begin| *begin > at);
                j.spec = Arc::new(spec.clone());
                j.pending.clone_from(pending);
            }),
            Event::CancelAsked { job, by } => {
                self.cancelled_by.insert(*job, by.clone());
            }
            Event::RoomKept { job, placement } => {
                // Where room was to be made for a borrower, the holder comes first.
                self.keep_none(|kept| kept.meets(placement));
                self.kept.insert(*job, placement.clone());
                self.index_nodes(placement);
                self.show_up(at, *job, placement);
            }
            Event::StartDecided { job, turn, run, placement, resume, .. } => {
                self.begin_turn(at, *job, (*turn, *run), placement, *resume);
            }
            Event::Started { job, .. } => self.confirm_start(at, *job),
            Event::StopDecided { job, how, reason, .. } => self.change(at, *job, |j| {
                part::note_stop(j, at, reason);
                idle::note_stop(j, reason);
                let held = j.placement().cloned();
                if let Some(placement) = held {
                    let began = j.turn_began().unwrap_or(at);
                    let frozen = j.pinned().is_some();
                    j.state = JobState::Stopping { placement, began, since: at, how: *how, frozen };
                }
            }),
            Event::Suspended { job, .. } => self.freeze(at, *job),
            Event::SuspendFailed { job, why, lasting, .. } => self.run_on(at, *job, why, *lasting),
            Event::Requeued { job, lost } => self.requeue(at, *job, lost.is_some()),
            Event::Warned { job, .. } => self.change(at, *job, |j| j.warned = true),
            Event::WentIdle { .. }
            | Event::WentBusy { .. }
            | Event::PersonReturned { .. }
            | Event::IdleWarned { .. }
            | Event::Pinned { .. }
            | Event::Unpinned { .. } => self.change_idling(at, event),
            Event::PartExceeded { job, used, .. } => {
                self.change(at, *job, |j| part::note(j, at, *used));
            }
            Event::PartKept { job, .. } => self.change(at, *job, |j| j.excess = None),
            Event::Ended { job, outcome } => self.end(at, *job, outcome),
        }
    }

    /// Who is charged, and in the ledger of which pool.
    fn whom(&self, job: &Job, placement: &Placement) -> (PersonId, PoolId) {
        (job.owner, self.nodes.get(&placement.node).map_or(PoolId(0), |n| n.pool))
    }

    /// Notes that a holder has come to use a claim.
    fn show_up(&mut self, at: Time, id: JobId, placement: &Placement) {
        let Some(job) = self.jobs.get(&id) else { return };
        let account = self.accounts.account(job.owner);
        let used = placement.parts().filter_map(|part| {
            let pins = self.nodes.get(&part.node)?.pins.iter();
            Some(pins.filter(move |(_, gpus)| !gpus.common(part.gpus).is_empty()))
        });
        let own: Vec<ClaimId> = used
            .flatten()
            .filter(|(id, _)| {
                let holder = self.claim(*id).and_then(|c| c.holder(&self.policy.zone, at));
                holder.is_some_and(|(who, ..)| who.includes(account))
            })
            .map(|(id, _)| *id)
            .collect();
        self.shown.extend(own.into_iter().map(|id| (id, at)));
    }

    fn add_node(&mut self, node: &Node) {
        let known = self.nodes.remove(&node.id);
        if let Some(known) = &known
            && let Some(room) = self.rooms.get_mut(&(known.pool, known.node.model.clone()))
        {
            room.by_free.remove(&(known.free().count(), node.id));
            room.by_mem.remove(&(known.node.gpu_mem, node.id));
            room.shared.remove(&node.id);
            room.forget(node.id, (&known.ends, &known.turn_ends));
        }
        let mut state = NodeState::new(node.clone());
        if let Some(known) = &known {
            (state.holders, state.suspended) = (known.holders.clone(), known.suspended.clone());
            fitness::carry_over(known, &mut state);
        }
        self.policy.price(&mut state);
        self.nodes.insert(node.id, Arc::new(state));
        self.index_node(node.id);
        self.reindex_claims();
    }

    fn set_up(&mut self, node: NodeId, up: bool) {
        if let Some(state) = self.nodes.get_mut(&node) {
            Arc::make_mut(state).up = up;
        }
        if !up {
            self.keep_none(|kept| kept.on(node).is_some());
        }
        self.index_node(node);
        self.reindex_claims();
    }

    /// For whom room was to be made where it cannot be, room is to be found elsewhere.
    fn keep_none(&mut self, there: impl Fn(&Placement) -> bool) {
        let all = std::mem::take(&mut self.kept);
        let (gone, kept) = all.into_iter().partition(|(_, kept)| there(kept));
        self.kept = kept;
        let gone: BTreeMap<JobId, Placement> = gone;
        gone.values().for_each(|kept| self.index_nodes(kept));
    }

    fn enter(&mut self, at: Time, event: &Event) {
        match event {
            Event::Submitted { number, tasks, lab, grant, person, spec, held, pending, broken } => {
                let owner = self.accounts.intern(at, &self.policy, Account { lab, grant, person });
                let spec = Arc::new(spec.clone());
                let ids: Vec<JobId> = match tasks {
                    Some(tasks) => {
                        tasks.iter().map(|t| JobId { number: *number, task: Some(*t) }).collect()
                    }
                    None => vec![JobId::single(*number)],
                };
                self.next_number = self.next_number.max(number + 1);
                self.remember(&spec, ids.len());
                let left = u32::try_from(ids.len()).unwrap_or(u32::MAX);
                self.batches.insert(*number, Batch { left, ..Batch::default() });
                for id in ids {
                    let mut job = new_job(id, owner, &spec, at);
                    job.held = *held;
                    job.pending.clone_from(pending);
                    self.jobs.insert(id, Arc::new(job));
                    self.index_job(id);
                    if let Some(on) = broken {
                        self.broken.insert(id, *on);
                    }
                }
            }
            Event::Adopted { number, lab, person, spec, placement, .. } => {
                let account = Account { lab, grant: "", person };
                let owner = self.accounts.intern(at, &self.policy, account);
                let id = JobId::single(*number);
                self.next_number = self.next_number.max(number + 1);
                self.batches.insert(*number, Batch { left: 1, ..Batch::default() });
                self.jobs.insert(id, Arc::new(new_job(id, owner, &Arc::new(spec.clone()), at)));
                self.index_job(id);
                self.begin_turn(at, id, (1, 1), placement, false);
            }
            _ => {}
        }
    }

    /// Changes one job and keeps every index, ledger and batch in step.
    fn change(&mut self, at: Time, id: JobId, edit: impl FnOnce(&mut Job)) {
        let Some(before) = self.jobs.get(&id).cloned() else { return };
        self.unindex_job(id);
        let mut job = before.as_ref().clone();
        edit(&mut job);
        let after = Arc::new(job);
        self.jobs.insert(id, after.clone());
        self.index_job(id);
        self.settle(at, &before, Some(&after));
    }

    /// Ledgers, batches and nodes after a job went from `before` to `after` (or away).
    fn settle(&mut self, at: Time, before: &Job, after: Option<&Job>) {
        let held = |job: &Job| job.holds().map(|p| (self.whom(job, p), job.rate));
        let (old, new) = (held(before), after.and_then(held));
        if old != new {
            if let Some((whom, rate)) = old {
                self.accounts.change_rate(at, &self.policy, whom, (0, rate));
            }
            if let Some((whom, rate)) = new {
                self.accounts.change_rate(at, &self.policy, whom, (rate, 0));
            }
            self.hold(before, false);
            after.into_iter().for_each(|job| self.hold(job, true));
        }
        let active = |job: &Job| u32::from(job.holds().is_some() || job.pinned().is_some());
        if let Some(batch) = self.batches.get_mut(&before.id.number) {
            batch.active = (batch.active + after.map_or(0, active)).saturating_sub(active(before));
        }
        let touched = [before.placement(), after.and_then(|j| j.placement())];
        for placement in touched.into_iter().flatten() {
            self.index_nodes(placement);
        }
        let waits = after.is_some_and(Job::is_ready);
        if !waits && let Some(claim) = self.kept.remove(&before.id) {
            self.index_nodes(&claim);
        }
    }

    fn index_nodes(&mut self, placement: &Placement) {
        placement.parts().for_each(|part| self.index_node(part.node));
    }

    fn begin_turn(
        &mut self,
        at: Time,
        id: JobId,
        turn_run: (u32, u32),
        placement: &Placement,
        resume: bool,
    ) {
        let rate = self.job(id).map_or(0, |job| self.rate_at(job, placement));
        let fraction = self.job(id).map_or(WHOLE, |job| self.fraction_at(job, placement));
        self.change(at, id, |j| {
            (j.rate, j.fraction, j.excess) = (rate, fraction, None);
            (j.turns_begun, j.runs) = turn_run;
            if !resume {
                (j.ran, j.warned, j.suspending) = (Span::ZERO, false, Suspending::default());
            }
            if resume {
                j.idling.rest()
            } else {
                j.idling = Idling::default()
            }
            let placement = placement.clone();
            j.state = JobState::Starting { placement, since: at, resume };
        });
        self.show_up(at, id, placement);
    }

    fn confirm_start(&mut self, at: Time, id: JobId) {
        self.change(at, id, |j| {
            if let JobState::Starting { placement, since, resume } = &j.state {
                let (since, resume) = (*since, *resume);
                j.state = JobState::Running { placement: placement.clone(), since };
                if resume {
                    j.switch_cost = j.switch_cost.max(at.since(since));
                }
                j.first_started.get_or_insert(at);
            }
        });
    }

    fn requeue(&mut self, at: Time, id: JobId, lost: bool) {
        self.change(at, id, |j| {
            close_turn(j, at);
            j.idling = Idling { away: j.idling.away, ..Idling::default() };
            j.losses += u32::from(lost);
            (j.ran, j.suspending) = (Span::ZERO, Suspending::default());
            j.state = JobState::Waiting { since: at };
        });
    }

    fn end(&mut self, at: Time, id: JobId, outcome: &Outcome) {
        let Some(job) = self.jobs.get(&id).cloned() else { return };
        self.unindex_job(id);
        self.jobs.remove(&id);
        self.settle(at, &job, None);
        self.broken.remove(&id);
        self.cancelled_by.remove(&id);
        let Some(batch) = self.batches.get_mut(&id.number) else { return };
        batch.left = batch.left.saturating_sub(1);
        batch.failed += u32::from(!outcome.is_ok());
        if batch.left == 0 {
            let ok = batch.failed == 0;
            self.batches.remove(&id.number);
            self.resolve(at, id.number, ok);
        }
    }
}

fn new_job(id: JobId, owner: crate::id::PersonId, spec: &Arc<JobSpec>, at: Time) -> Job {
    Job {
        id,
        owner,
        spec: spec.clone(),
        submitted: at,
        state: JobState::Waiting { since: at },
        held: false,
        pending: Vec::new(),
        not_before: spec.begin.filter(|begin| *begin > at),
        turns_begun: 0,
        runs: 0,
        losses: 0,
        first_started: None,
        ran: Span::ZERO,
        used: GpuTime(0),
        warned: false,
        suspending: Suspending::default(),
        idling: Idling::default(),
        pin: None,
        excess: None,
        fraction: WHOLE,
        rate: 0,
        switch_cost: Span::ZERO,
    }
}

/// Books the time of the turn that is over. Stopping takes time, and that time was held too.
fn close_turn(job: &mut Job, at: Time) {
    if let Some(began) = job.turn_began() {
        let span = at.since(began);
        job.ran = job.ran.plus(span);
        job.used = job.used.plus(GpuTime::part(job.thousandths(), span));
    }
}

/// GPU time of a job up to `now`, its current turn included.
pub fn used_until(job: &Job, now: Time) -> GpuTime {
    let turn = job.turn_began().map_or(Span::ZERO, |began| now.since(began));
    job.used.plus(GpuTime::part(job.thousandths(), turn))
}

/// What a stop makes of a job whose program is gone.
pub fn after_stop(c: &Cluster, job: &Job, how: Stop) -> Option<Event> {
    let outcome = match how {
        Stop::Suspend => return None,
        Stop::Requeue => return Some(Event::Requeued { job: job.id, lost: None }),
        Stop::Timeout => Outcome::Timeout,
        Stop::PartExceeded => part::outcome(job),
        Stop::Cancel => {
            Outcome::Cancelled { by: c.cancelled_by.get(&job.id).cloned().unwrap_or_default() }
        }
    };
    Some(Event::Ended { job: job.id, outcome })
}
