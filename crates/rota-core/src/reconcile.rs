//! Belief against sight. A sighting may be late, repeated or wrong; only what fits the belief becomes a fact.

mod gpus;
mod idle;
mod part;

use crate::apply::after_stop;
use crate::cluster::Cluster;
use crate::event::Event;
use crate::id::NodeId;
use crate::job::{Job, JobState, Outcome, Stop};
use crate::observation::{Observation, Seen, Sighting};
use crate::units::Time;
pub use gpus::gpus;
pub use idle::uses;
use std::collections::{BTreeMap, BTreeSet};

/// Facts that follow from what was seen.
pub fn reconcile(c: &Cluster, seen: &Observation, _now: Time) -> Vec<Event> {
    let mut events = Vec::new();
    let (mut met, mut judged) = (BTreeSet::new(), BTreeSet::new());
    for sighting in &seen.jobs {
        let Some(job) = c.job(sighting.job).filter(|j| j.runs == sighting.run) else { continue };
        met.insert(job.id);
        if judged.contains(&job.id) || is_overtaken(c, seen, job, sighting) {
            continue;
        }
        if let Some(event) = judge(c, job, sighting) {
            judged.insert(job.id);
            events.push(event);
        }
    }
    if seen.complete {
        let missing = c.jobs.values().filter(|job| !met.contains(&job.id));
        for (id, event) in missing.filter_map(|job| Some((job.id, missed(c, job)?))) {
            judged.insert(id);
            events.push(event);
        }
    }
    let mut believed = BTreeMap::new();
    for (node, up) in &seen.nodes {
        let Some(state) = c.nodes.get(node) else { continue };
        if believed.insert(*node, *up).unwrap_or(state.up) == *up {
            continue;
        }
        if *up {
            events.push(Event::NodeReturned { node: *node });
            continue;
        }
        events.push(Event::NodeLost { node: *node });
        // What was there is lost once, however often the node comes and goes.
        let there = state.holders.iter().chain(&state.suspended).filter_map(|id| c.job(*id));
        let why = format!("node {} was lost", state.node.name);
        let there: Vec<&Job> = there.filter(|j| !judged.contains(&j.id)).collect();
        judged.extend(there.iter().map(|j| j.id));
        events.extend(there.into_iter().map(|job| lost(c, job, &why)));
    }
    events
}

/// What lived on a node that is lost by now says nothing any more.
fn is_overtaken(c: &Cluster, seen: &Observation, job: &Job, sighting: &Sighting) -> bool {
    let place = job.placement();
    let is_there = |node: &NodeId| place.is_some_and(|place| place.on(*node).is_some());
    let is_lost = |node: &NodeId| c.nodes.get(node).is_some_and(|state| state.up);
    let lives =
        matches!(sighting.seen, Seen::Running | Seen::Suspended | Seen::SuspendFailed { .. });
    lives && seen.nodes.iter().any(|(node, up)| !up && is_lost(node) && is_there(node))
}

fn judge(c: &Cluster, job: &Job, sighting: &Sighting) -> Option<Event> {
    let current = sighting.turn >= job.turns_begun;
    let turn = job.turns_begun;
    let stopping = match job.state {
        JobState::Stopping { how, .. } => Some(how),
        _ => None,
    };
    if matches!(job.state, JobState::Waiting { .. }) {
        return None;
    }
    match &sighting.seen {
        Seen::Running => (matches!(job.state, JobState::Starting { .. }) && current)
            .then_some(Event::Started { job: job.id, turn }),
        // Also where it was believed to run on: the deed may have been repeated, and what is frozen holds no GPU.
        Seen::Suspended => {
            let runs = matches!(job.state, JobState::Running { .. });
            let is_it = current && (runs || stopping == Some(Stop::Suspend));
            is_it.then_some(Event::Suspended { job: job.id, turn })
        }
        Seen::SuspendFailed { why, lasting } => {
            (stopping == Some(Stop::Suspend) && current).then(|| Event::SuspendFailed {
                job: job.id,
                turn,
                why: why.clone(),
                lasting: *lasting,
            })
        }
        // It was taken down while others had their turn: it starts over, whatever it was promised about losses.
        Seen::Unrestorable { why } => stopping
            .and_then(|how| after_stop(c, job, how))
            .or_else(|| Some(Event::Requeued { job: job.id, lost: Some(why.clone()) })),
        Seen::NotStarted { why } => {
            stopping.and_then(|how| after_stop(c, job, how)).or_else(|| {
                Some(Event::Ended {
                    job: job.id,
                    outcome: Outcome::NotStarted { why: why.clone() },
                })
            })
        }
        Seen::Exited { code, signal } => {
            let outcome = match (code, signal) {
                (_, Some(signal)) => Outcome::Signaled { signal: *signal },
                (Some(code), None) => Outcome::Exited { code: *code },
                (None, None) => {
                    Outcome::Lost { why: "it ended; its exit code cannot be known".into() }
                }
            };
            let stopped = stopping.and_then(|how| after_stop(c, job, how));
            let failed = || gpus::failed(c, job, sighting.at).filter(|_| !outcome.is_ok());
            let again = stopped.or_else(failed);
            again.or(Some(Event::Ended { job: job.id, outcome }))
        }
        Seen::Gone { why } => Some(lost(c, job, why)),
    }
}

/// The engine knows everything, and does not know this job.
fn missed(c: &Cluster, job: &Job) -> Option<Event> {
    match job.state {
        // Nothing was begun yet, or the deed is about to be repeated.
        JobState::Waiting { .. } | JobState::Starting { resume: false, .. } => None,
        _ => Some(lost(c, job, "its program and the record of its end are gone")),
    }
}

fn lost(c: &Cluster, job: &Job, why: &str) -> Event {
    if let JobState::Stopping { how, .. } = job.state
        && let Some(event) = after_stop(c, job, how)
    {
        return event;
    }
    if job.losses < job.spec.retries {
        return Event::Requeued { job: job.id, lost: Some(why.to_owned()) };
    }
    Event::Ended { job: job.id, outcome: Outcome::Lost { why: why.to_owned() } }
}
