//! What a person asks → facts, or a [`Rejection`] they can act on. Nothing is half done: all facts or none.

mod after;
mod begin;
mod fitness;
mod part;
mod pin;
mod reason;

use crate::allow;
use crate::book;
use crate::cluster::{Cluster, RoomKey};
use crate::decision::Reason;
use crate::event::Event;
use crate::id::JobId;
use crate::job::{Job, JobSpec, JobState, Outcome, Placement, Stop};
use crate::node::Node;
use crate::plan::place::{accepts, takes_slice};
use crate::policy::who::Account;
use crate::queue::Shape;
use crate::request::{Asker, Change, Rejection, Request};
use crate::units::{Mib, Span, Time};
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
    check_spec(c, spec)?;
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
    check_spec(c, &spec)?;
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

fn check_spec(c: &Cluster, spec: &JobSpec) -> Result<(), Rejection> {
    check_values(spec)?;
    let part = spec.gpu_mem;
    known_models(c, &spec.models, part)?;
    part::check(c, spec)?;
    let any = takes_slice(&Shape::wanted(spec));
    let fits_model = |n: &&Node| n.is_asked(&spec.models, part) && (any || n.slice.is_none());
    let nodes: Vec<_> = c.nodes.values().map(|n| &n.node).filter(fits_model).collect();
    let most = nodes.iter().map(|n| n.gpus).max().unwrap_or(0);
    let asked = spec.gpus;
    if asked > 0 && most == 0 {
        let message = format!(
            "GPUs asked for: {asked}, but there is none here; see 'rota gpus' and 'rota doctor'"
        );
        return Err(reject("no-gpus", [("asked", asked.to_string())], message));
    }
    if asked > most {
        return Err(reject(
            "too-many-gpus",
            [("asked", asked.to_string()), ("most", most.to_string())],
            format!(
                "GPUs asked for: {asked}, but no fitting node has more than {most}; ask for at most {most}"
            ),
        ));
    }
    let with_gpus = || nodes.iter().filter(|n| n.gpus >= spec.gpus);
    let cpus = with_gpus().map(|n| n.cpus).max().unwrap_or(0);
    if spec.cpus > cpus {
        return Err(reject(
            "too-many-cpus",
            [("asked", spec.cpus.to_string()), ("most", cpus.to_string())],
            format!("CPU cores asked for: {}, but no fitting node has more than {cpus}", spec.cpus),
        ));
    }
    let mem = with_gpus().filter(|n| n.cpus >= spec.cpus).map(|n| n.mem).max().unwrap_or_default();
    if spec.mem > mem {
        return Err(reject(
            "too-much-memory",
            [("asked", spec.mem.to_string()), ("most", mem.to_string())],
            format!("memory asked for: {}, but no fitting node has more than {mem}", spec.mem),
        ));
    }
    enough_nodes(c, spec)
}

/// Models that are asked for are there; who asks for a part may name more of them.
pub(crate) fn known_models(
    c: &Cluster,
    models: &[String],
    part: Option<Mib>,
) -> Result<(), Rejection> {
    let known: BTreeSet<&str> = c.nodes.values().flat_map(|n| n.node.models(part)).collect();
    let Some(model) = models.iter().find(|m| !known.contains(m.as_str())) else { return Ok(()) };
    let known = known.into_iter().collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { "none".to_owned() } else { known };
    let message =
        format!("no node has a GPU of model '{}'; models here: {known}", model.escape_debug());
    Err(reject("unknown-model", [("model", model.clone()), ("known", known)], message))
}

/// A gang needs nodes of one pool with GPUs of one model.
fn enough_nodes(c: &Cluster, spec: &JobSpec) -> Result<(), Rejection> {
    let mut rooms: BTreeMap<RoomKey, u32> = BTreeMap::new();
    let shape = Shape::wanted(spec);
    for state in c.nodes.values() {
        let (node, key) = (&state.node, (state.pool, state.node.model.clone()));
        let fits = node.gpus >= spec.gpus && node.cpus >= spec.cpus && node.mem >= spec.mem;
        if fits && accepts(c, &shape, &key) {
            *rooms.entry(key).or_default() += 1;
        }
    }
    let most = rooms.values().max().copied().unwrap_or(0);
    if spec.nodes <= most {
        return Ok(());
    }
    let (asked, known) = (spec.nodes.to_string(), most.to_string());
    let message = format!(
        "nodes asked for: {asked}, but at most {known} of one pool and model could take their part"
    );
    Err(reject("too-many-nodes", [("asked", asked), ("most", known)], message))
}

/// Values that no program here would send, but the socket takes what it gets.
fn check_values(spec: &JobSpec) -> Result<(), Rejection> {
    if spec.name.len() > 512 || spec.name.chars().any(char::is_control) {
        let message = "a job name has at most 512 bytes and no line breaks or control characters";
        return Err(reject("bad-name", [], message));
    }
    let longest = Span::hours(24 * 3650);
    let problem = if spec.cpus == 0 {
        Some(("cpus", "a job needs at least one CPU core"))
    } else if spec.nodes == 0 || (spec.nodes > 1 && spec.gpus == 0) {
        Some(("nodes", "a job is on one node, or has GPUs on each of several"))
    } else if spec.limit.is_some_and(|l| l == Span::ZERO || l > longest) {
        Some(("time", "a walltime is above zero and at most ten years"))
    } else if spec.grace > Span::hours(24) {
        Some(("grace", "the grace is at most one day"))
    } else if spec.at_most == Some(0) {
        Some(("array", "at least one task must be able to run"))
    } else if spec.models.len() > 64 || spec.after.len() > 1000 {
        Some(("list", "at most 64 models and 1000 dependencies are possible"))
    } else if spec.warning.as_ref().is_some_and(|w| !(1..=64).contains(&w.signal)) {
        Some(("signal", "a signal is a number from 1 to 64"))
    } else {
        None
    };
    match problem {
        None => Ok(()),
        Some((field, why)) => {
            let args = [("field", field.to_owned()), ("why", why.to_owned())];
            Err(reject("bad-value", args, format!("{field}: {why}")))
        }
    }
}

pub(crate) fn reject<const N: usize>(
    code: &'static str,
    args: [(&'static str, String); N],
    message: impl Into<String>,
) -> Rejection {
    Rejection { code, args: args.into(), message: message.into() }
}
