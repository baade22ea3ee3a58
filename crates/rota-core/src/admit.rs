//! What a person asks → facts, or a [`Rejection`] they can act on. Nothing is half done: all facts or none.

mod after;
mod begin;
mod fitness;
mod part;
mod pin;
mod reason;
mod spec;

pub(crate) use spec::known_models;

use crate::allow;
use crate::book;
use crate::cluster::Cluster;
use crate::decision::Reason;
use crate::event::Event;
use crate::id::JobId;
use crate::job::{Job, JobSpec, JobState, Outcome, Placement, Stop};
use crate::policy::who::Account;
use crate::request::{Asker, Change, Rejection, Request};
use crate::units::Time;
use std::collections::{BTreeMap, BTreeSet};

/// The most tasks of one array.
pub const MOST_TASKS: usize = 100_000;

/// Facts that make the request true.
pub fn admit(
    c: &Cluster,
    asker: &Asker,
    request: &Request,
    now: Time,
) -> Result<Vec<Event>, Rejection> {
    match request {
        Request::Submit { spec, tasks, held, ended } => {
            let tasks = tasks.as_deref().map(sorted_tasks).transpose()?;
            let account = Account { lab: &asker.lab, grant: &asker.grant, person: &asker.person };
            allow::names(c, account, spec)?;
            let spec = allowed(c, now, account, spec)?;
            let (pending, broken) = after::dependencies(c, &spec.after, ended)?;
            let number = c.next_number.max(1);
            let Asker { lab, grant, person, .. } = asker.clone();
            let held = *held;
            Ok(vec![Event::Submitted {
                number,
                tasks,
                lab,
                grant,
                person,
                spec,
                held,
                pending,
                broken,
            }])
        }
        Request::Adopt { spec, placement, pid } => adopt(c, asker, spec, placement, *pid),
        Request::Cancel(id) => cancel(c, asker, *id, now),
        Request::Hold(id) => {
            let by = &asker.person;
            let jobs = waiting(c, asker, *id)?.into_iter().filter(|j| !j.held);
            Ok(jobs.map(|j| Event::Held { job: j.id, by: by.clone() }).collect())
        }
        Request::Release(id) => {
            let by = &asker.person;
            let jobs = own(c, asker, *id)?.into_iter().filter(|j| j.held);
            Ok(jobs.map(|j| Event::Released { job: j.id, by: by.clone() }).collect())
        }
        Request::Change { job, change, ended } => change_jobs(c, asker, (*job, change), ended, now),
        Request::Pin { job, why } => pin::pin(c, asker, *job, why),
        Request::Unpin(job) => pin::unpin(c, asker, *job),
        Request::Book(wish) => book::book(c, asker, wish, now),
        Request::Unbook(number) => book::unbook(c, asker, *number, now),
        Request::Drain { gpus, why } => fitness::drain(c, asker, gpus, why),
        Request::Resume { gpus, why } => fitness::resume(c, asker, gpus, why),
    }
}

fn adopt(
    c: &Cluster,
    asker: &Asker,
    spec: &JobSpec,
    place: &Placement,
    pid: u32,
) -> Result<Vec<Event>, Rejection> {
    spec::check(c, spec)?;
    let node =
        c.nodes.get(&place.node).ok_or_else(|| reject("unknown-node", [], "no such node"))?;
    if let Some(gpu) = place.gpus.iter().find(|g| *g >= node.node.gpus) {
        return Err(reject(
            "no-such-gpu",
            [("gpu", gpu.to_string()), ("gpus", node.node.gpus.to_string())],
            format!("this machine has no GPU {gpu}: it has {} (see 'rota gpus')", node.node.gpus),
        ));
    }
    let taken = node.busy.and(node.kept).common(place.gpus);
    if let Some(gpu) = taken.iter().next() {
        let mut holders = node.holders.iter().filter_map(|id| c.job(*id));
        let holder = holders.find(|j| j.holds().is_some_and(|p| p.gpus.has(gpu)));
        let job = holder.map_or_else(String::new, |j| j.id.to_string());
        return Err(reject(
            "gpu-in-use",
            [("gpu", gpu.to_string()), ("job", job.clone())],
            format!(
                "GPU {gpu} is held by job {job}; adopt the process on another GPU, or wait until it ends"
            ),
        ));
    }
    let number = c.next_number.max(1);
    let (lab, person) = (asker.lab.clone(), asker.person.clone());
    Ok(vec![Event::Adopted {
        number,
        lab,
        person,
        spec: spec.clone(),
        placement: place.clone(),
        pid,
    }])
}

fn cancel(c: &Cluster, asker: &Asker, id: JobId, now: Time) -> Result<Vec<Event>, Rejection> {
    let mut events = Vec::new();
    for job in own(c, asker, id)? {
        let by = asker.person.clone();
        match job.state {
            JobState::Waiting { .. } => {
                events.push(Event::Ended { job: job.id, outcome: Outcome::Cancelled { by } });
            }
            JobState::Stopping {
                how: Stop::Cancel | Stop::Timeout | Stop::PartExceeded, ..
            } => {}
            _ => {
                events.push(Event::CancelAsked { job: job.id, by });
                let (turn, how, reason) = (job.turns_begun, Stop::Cancel, Reason::Asked);
                let grace = crate::plan::claim::grace(c, now, job);
                events.push(Event::StopDecided { job: job.id, turn, how, grace, reason });
            }
        }
    }
    Ok(events)
}

fn change_jobs(
    c: &Cluster,
    asker: &Asker,
    (id, change): (JobId, &Change),
    ended: &BTreeMap<u64, bool>,
    now: Time,
) -> Result<Vec<Event>, Rejection> {
    let mut events = Vec::new();
    for job in waiting(c, asker, id)? {
        if matches!(job.state, JobState::Suspended { .. }) {
            return Err(not_waiting(job));
        }
        let account = c.accounts.account(job.owner);
        let wanted =
            JobSpec { begin: begin::changed(job, change, now), ..changed(&job.spec, change) };
        let spec = allowed(c, now, account, &wanted)?;
        let pending = match &change.after {
            None => job.pending.clone(),
            Some(after) => {
                after::no_cycle(c, job.id.number, after)?;
                let (pending, broken) = after::dependencies(c, after, ended)?;
                if let Some(number) = broken {
                    return Err(reject(
                        "dependency-broken",
                        [("number", number.to_string())],
                        format!(
                            "job {number} has ended in a way that 'after' can never accept; leave it out"
                        ),
                    ));
                }
                pending
            }
        };
        events.push(Event::Changed { job: job.id, spec, pending, by: asker.person.clone() });
    }
    Ok(events)
}

/// What can run here, within what the policy lets the account ask for.
pub(crate) fn allowed(
    c: &Cluster,
    now: Time,
    account: Account,
    spec: &JobSpec,
) -> Result<JobSpec, Rejection> {
    let mut spec = spec.clone();
    allow::walltime(c, &mut spec)?;
    allow::promises(c, &spec)?;
    begin::check(&spec, now)?;
    spec::check(c, &spec)?;
    allow::limits(c, now, account, &spec)?;
    Ok(spec)
}

fn changed(spec: &JobSpec, change: &Change) -> JobSpec {
    let mut spec = spec.clone();
    let change = change.clone();
    spec.name = change.name.unwrap_or(spec.name);
    spec.gpus = change.gpus.unwrap_or(spec.gpus);
    spec.nodes = change.nodes.unwrap_or(spec.nodes);
    spec.gpu_mem = change.gpu_mem.or(spec.gpu_mem);
    spec.models = change.models.unwrap_or(spec.models);
    spec.cpus = change.cpus.unwrap_or(spec.cpus);
    spec.mem = change.mem.unwrap_or(spec.mem);
    spec.limit = change.limit.or(spec.limit);
    spec.turns = change.turns.unwrap_or(spec.turns);
    spec.after = change.after.unwrap_or(spec.after);
    spec.pool = change.pool.unwrap_or(spec.pool);
    spec.class = change.class.or(spec.class);
    spec.at_most = change.at_most.or(spec.at_most);
    spec
}

/// The jobs of `id`, if the asker may act on them.
pub fn own<'c>(c: &'c Cluster, asker: &Asker, id: JobId) -> Result<Vec<&'c Job>, Rejection> {
    let jobs = c.named(id);
    let Some(first) = jobs.first() else {
        return Err(reject(
            "no-such-job",
            [("job", id.to_string())],
            format!(
                "no job {id} is queued or running; 'rota queue --all' shows those that have ended"
            ),
        ));
    };
    let owner = c.accounts.person(first.owner);
    if asker.admin || owner.name == asker.person {
        return Ok(jobs);
    }
    let (job, name) = (id.to_string(), owner.name.clone());
    let message = format!("job {id} belongs to {name}; only {name} or an admin (root) can do that");
    Err(reject("not-yours", [("job", job), ("owner", name)], message))
}

fn waiting<'c>(c: &'c Cluster, asker: &Asker, id: JobId) -> Result<Vec<&'c Job>, Rejection> {
    let jobs = own(c, asker, id)?;
    let first = jobs.first().copied();
    let waiting: Vec<&Job> = jobs
        .into_iter()
        .filter(|j| matches!(j.state, JobState::Waiting { .. } | JobState::Suspended { .. }))
        .collect();
    match (waiting.is_empty(), first) {
        (true, Some(job)) => Err(not_waiting(job)),
        _ => Ok(waiting),
    }
}

fn not_waiting(job: &Job) -> Rejection {
    let state = match job.state {
        JobState::Waiting { .. } => "waiting",
        JobState::Starting { .. } => "starting",
        JobState::Running { .. } => "running",
        JobState::Stopping { .. } => "stopping",
        JobState::Suspended { .. } => "suspended",
    };
    reject(
        "not-waiting",
        [("job", job.id.to_string()), ("state", state.to_owned())],
        format!(
            "job {} is {state}: this works only while it waits; cancel it and submit it anew",
            job.id
        ),
    )
}

fn sorted_tasks(tasks: &[u32]) -> Result<Vec<u32>, Rejection> {
    let set: BTreeSet<u32> = tasks.iter().copied().collect();
    let asked = tasks.len();
    if (1..=MOST_TASKS).contains(&asked) && set.len() == asked {
        return Ok(set.into_iter().collect());
    }
    let message = format!(
        "an array has 1 to {MOST_TASKS} tasks, each with a number of its own; {asked} are asked for"
    );
    let args = [("asked", asked.to_string()), ("most", MOST_TASKS.to_string())];
    Err(reject("bad-array", args, message))
}

pub(crate) fn reject<const N: usize>(
    code: &'static str,
    args: [(&'static str, String); N],
    message: impl Into<String>,
) -> Rejection {
    Rejection { code, args: args.into(), message: message.into() }
}
