//! The state as people see it: rows, details, inventory.

use crate::forecaster::Forecasts;
use crate::message::Look;
use crate::progress::Board;
use crate::store::{EndedJob, Totals};
use rota_api::{IdleGpus, JobRow, State, Summary};
use rota_core::apply::used_until;
use rota_core::cluster::Cluster;
use rota_core::decision::Plan;
use rota_core::id::{GrantId, JobId};
use rota_core::idle::Unused;
use rota_core::job::{Job, JobState, Outcome};
use rota_core::plan::explain::explain;
use rota_core::plan::{self, promise};
use rota_core::units::{GpuTime, Span, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// State of a job that has not ended.
pub fn state(job: &Job) -> State {
    match job.state {
        _ if job.held && job.holds().is_none() => State::Held,
        JobState::Waiting { .. } => State::Waiting,
        JobState::Starting { .. } => State::Starting,
        JobState::Running { .. } => State::Running,
        JobState::Stopping { .. } => State::Stopping,
        JobState::Suspended { .. } => State::Suspended,
    }
}

/// What is to come, besides the plan.
pub struct Ahead<'a> {
    /// Windows.
    pub forecasts: Arc<Forecasts>,
    /// When the next turn of a grant comes at the latest.
    pub promised: BTreeMap<GrantId, Time>,
    /// What running jobs say of themselves.
    pub board: &'a Board,
}

impl<'a> Ahead<'a> {
    /// As of a state.
    pub fn new(look: &Look, forecasts: Arc<Forecasts>, board: &'a Board) -> Ahead<'a> {
        let waits = promise::waits(&look.cluster, look.now).into_iter().rev();
        let promised = waits.map(|wait| (wait.grant, wait.deadline)).collect();
        Ahead { forecasts, promised, board }
    }
}

/// A job that has not ended.
pub fn row(c: &Cluster, plan: &Plan, ahead: &Ahead, job: &Job, now: Time) -> JobRow {
    let place = job.placement();
    let node = place.and_then(|p| c.nodes.get(&p.node));
    let planned = plan.starts.get(&job.id);
    let turn = job.turn_began().map_or(Span::ZERO, |began| now.since(began));
    JobRow {
        id: job.id.to_string(),
        name: job.spec.name.clone(),
        person: c.accounts.person(job.owner).name.clone(),
        lab: c.accounts.lab_of(job.owner).name.clone(),
        state: state(job),
        gpus: job.spec.all_gpus(),
        gpu_mem: job.spec.gpu_mem,
        fraction: job.spec.gpu_mem.and(place).map(|_| job.fraction),
        gpu_mem_of: job.spec.gpu_mem.and(node).map(|node| node.node.gpu_mem),
        models: match node.and_then(|n| n.node.model.clone()) {
            Some(model) => vec![model],
            None => job.spec.models.clone(),
        },
        node: node.map(|n| match place.map_or(0, |p| p.more.len()) {
            0 => n.node.name.clone(),
            more => format!("{}+{more}", n.node.name),
        }),
        submitted: job.submitted,
        begin: job.spec.begin,
        started: job.first_started,
        ended: None,
        planned: planned.map(|p| p.at),
        forecast: ahead.forecasts.of(job),
        beyond: ahead.forecasts.leave_out(job),
        promised: ahead
            .promised
            .get(&c.accounts.person(job.owner).grant)
            .copied()
            .filter(|_| job.is_ready()),
        place: planned.map(|p| p.place),
        blocker: None,
        limit: job.spec.limit,
        ran: job.ran.plus(turn),
        turns: job.turns_begun,
        outcome: None,
        idle: idle(c, job, now),
        pin: job.pin.clone(),
        progress: ahead.board.of(job, now),
    }
}

/// GPUs that a job holds and that do nothing.
pub fn idle(c: &Cluster, job: &Job, now: Time) -> Option<IdleGpus> {
    let Unused { gpus, since, empty } = job.idling.unused?;
    Some(IdleGpus { gpus, since, empty, until: plan::idle::until(c, now, job) })
}

/// A job that has ended.
pub fn ended_row(job: &EndedJob) -> JobRow {
    JobRow {
        id: job.id.to_string(),
        name: job.spec.name.clone(),
        person: job.person.clone(),
        lab: job.lab.clone(),
        state: match &job.outcome {
            Outcome::Exited { code: 0 } => State::Completed,
            Outcome::Cancelled { .. } => State::Cancelled,
            Outcome::Timeout => State::Timeout,
            _ => State::Failed,
        },
        gpus: job.spec.all_gpus(),
        gpu_mem: job.spec.gpu_mem,
        fraction: None,
        gpu_mem_of: None,
        models: job.spec.models.clone(),
        node: None,
        submitted: job.submitted,
        begin: job.spec.begin,
        started: job.started,
        ended: Some(job.ended),
        planned: None,
        forecast: None,
        beyond: None,
        promised: None,
        place: None,
        blocker: None,
        limit: job.spec.limit,
        ran: job.ran,
        turns: job.turns,
        outcome: Some(job.outcome.clone()),
        idle: None,
        pin: None,
        progress: None,
    }
}

/// All jobs that have not ended: running first, then in the order of turns.
pub fn rows(look: &Look, plan: &Plan, ahead: &Ahead) -> Vec<JobRow> {
    let c = &look.cluster;
    let mut jobs: Vec<&Job> = c.jobs.values().map(AsRef::as_ref).collect();
    jobs.sort_by_key(|j| {
        let place = plan.starts.get(&j.id).map_or(u32::MAX, |p| p.place);
        (j.holds().is_none(), place, j.in_line_since(), j.id)
    });
    jobs.into_iter().map(|job| row(c, plan, ahead, job, look.now)).collect()
}

/// Which jobs are given a reason.
pub struct Reasons<'a> {
    /// The first so many that wait.
    pub first: usize,
    /// These, by their names.
    pub of: BTreeSet<&'a str>,
}

/// The first reason why these jobs wait, for so many at most; waiting tasks of an array are one.
pub fn give_reasons(
    look: &Look,
    plan: &Plan,
    rows: &mut [JobRow],
    Reasons { first, of }: &Reasons,
    most: usize,
) {
    let (mut arrays, mut last, mut left) = (0, None, most);
    let waits =
        |row: &&mut JobRow| matches!(row.state, State::Waiting | State::Held | State::Suspended);
    for row in rows.iter_mut().filter(waits) {
        let Some(id) = JobId::parse(&row.id) else { continue };
        let is_other = last.replace(id.number) != Some(id.number);
        arrays += usize::from(is_other);
        let is_wanted = (is_other && arrays <= *first) || of.contains(row.id.as_str());
        if is_wanted && left > 0 {
            left -= 1;
            row.blocker = explain(&look.cluster, plan, id, look.now).into_iter().next();
        }
    }
}

/// Sums over all jobs, those that run included.
pub fn summary(look: &Look, totals: Totals) -> Summary {
    let c = &look.cluster;
    let mut labs: BTreeMap<String, GpuTime> = totals.labs;
    let (mut turns, mut longest) = (totals.turns, totals.longest_wait);
    for job in c.jobs.values() {
        let lab = labs.entry(c.accounts.lab_of(job.owner).name.clone()).or_default();
        *lab = lab.plus(used_until(job, look.now));
        turns += u64::from(job.turns_begun);
        longest = longest.max(job.first_started.unwrap_or(look.now).since(job.submitted));
    }
    Summary {
        jobs: totals.jobs,
        completed: totals.ok,
        turns,
        longest_wait: longest,
        gpu_time: labs.into_iter().collect(),
        lost: totals.lost,
    }
}
