//! Sightings of GPUs into facts.

use super::part;
use crate::cluster::Cluster;
use crate::decision::Reason;
use crate::event::Event;
use crate::fitness::{Drain, Fault};
use crate::id::{JobId, NodeId};
use crate::job::{Job, JobState, Placement, Stop};
use crate::node::NodeState;
use crate::observation::{GpuSeen, GpuSighting};
use crate::units::{Span, Time};
use std::collections::BTreeSet;

/// Facts that follow from what was seen of GPUs. With one that is lost its whole node is drained. Jobs that cannot go on
/// where they are go back into the queue; the others stay.
pub fn gpus(c: &Cluster, seen: &[GpuSighting], now: Time) -> Vec<Event> {
    let mut facts = Vec::new();
    // Sightings of one moment may be about the same GPU.
    let (mut drained, mut stopped) = (BTreeSet::new(), BTreeSet::new());
    for GpuSighting { node, gpu, seen } in seen {
        let Some(state) = c.nodes.get(node).filter(|state| *gpu < state.node.gpus) else {
            continue;
        };
        let (node, gpu) = (*node, *gpu);
        let known = |pid: u32| {
            state.outsiders.get(&gpu).is_some_and(|all| all.iter().any(|known| known.pid == pid))
        };
        match seen {
            // Who resumed it since then knows.
            GpuSeen::Unfit(Fault::Hung { job }) if is_told(c, *job) => {}
            GpuSeen::Unfit(why) => {
                facts.extend(drains(state, (node, gpu), why, &mut drained));
                if why.is_fatal() {
                    facts.extend(stops(c, state, gpu, &mut stopped));
                }
            }
            GpuSeen::Fit(why) => {
                let by_itself = state.drained.get(&gpu).filter(|drain| drain.by.is_empty());
                if by_itself.is_some_and(|drain| drain.why == *why) {
                    facts.push(Event::GpuResumed {
                        node,
                        gpu,
                        by: String::new(),
                        why: String::new(),
                    });
                }
            }
            GpuSeen::Outsider(outsider) if !known(outsider.pid) => {
                let outsider = outsider.clone();
                facts.push(Event::OutsiderSeen {
                    node,
                    gpu,
                    user: outsider.user,
                    pid: outsider.pid,
                    command: outsider.command,
                    since: outsider.since,
                });
            }
            GpuSeen::Gone(pid) if known(*pid) => {
                facts.push(Event::OutsiderGone { node, gpu, pid: *pid });
            }
            GpuSeen::Outsider(_) | GpuSeen::Gone(_) => {}
            GpuSeen::Used(job, memory) if !stopped.contains(job) => {
                // Of a slice nobody can use more than there is.
                let is_shared = state.node.slice.is_none();
                let judged = c.job(*job).filter(|job| is_shared && job.is_on(node, gpu));
                facts.extend(judged.and_then(|job| part::judge(job, *memory, now)));
            }
            GpuSeen::Used(..) => {}
        }
    }
    facts
}

/// Whether GPUs were drained before because a call for a job hangs.
fn is_told(c: &Cluster, job: JobId) -> bool {
    c.job(job).is_none_or(|job| job.suspending.hangs)
}

/// A program that ends so soon after its GPU was found bad has ended because of it.
const SOON: Span = Span::seconds(10);

/// How often a job starts over because of bad GPUs, though it asked for no retries: it may be what makes them bad.
const STARTS_OVER: u32 = 2;

/// A job whose program failed at a moment starts over elsewhere, if one of its GPUs was found bad just then.
pub(super) fn failed(c: &Cluster, job: &Job, at: Time) -> Option<Event> {
    let parts = job.holds().into_iter().flat_map(Placement::parts);
    let mut bad = parts.filter_map(|part| {
        let node = c.nodes.get(&part.node)?;
        let mut here = node.drained.iter().filter(|(gpu, _)| part.gpus.has(**gpu));
        let is_it = |drain: &Drain| drain.why.ends_programs() && drain.since.after(SOON) >= at;
        let (gpu, _) = here.find(|(_, drain)| is_it(drain))?;
        Some(format!("GPU {}:{gpu} failed", node.node.name))
    });
    let why = bad.next()?;
    let again = job.losses < job.spec.retries.max(STARTS_OVER);
    again.then_some(Event::Requeued { job: job.id, lost: Some(why) })
}

/// The GPUs that are drained because of a fault of one.
fn drains(
    state: &NodeState,
    (node, gpu): (NodeId, u32),
    why: &Fault,
    drained: &mut BTreeSet<(NodeId, u32)>,
) -> Vec<Event> {
    let with_it = if *why == Fault::Lost { 0..state.node.gpus } else { gpu..gpu + 1 };
    let open = with_it.filter(|other| !state.drained.contains_key(other));
    let open = open.filter(|other| drained.insert((node, *other)));
    let drained = open.map(|other| {
        let why = if other == gpu { why.clone() } else { Fault::Neighbour { gpu } };
        Event::GpuDrained { node, gpu: other, why, by: String::new() }
    });
    drained.collect()
}

/// Back into the queue with what is on a GPU, suspended jobs too: what was saved fits this GPU alone.
fn stops(c: &Cluster, state: &NodeState, gpu: u32, stopped: &mut BTreeSet<JobId>) -> Vec<Event> {
    let jobs = state.holders.iter().chain(&state.suspended).filter_map(|id| c.job(*id));
    let here = jobs.filter(|job| job.is_on(state.node.id, gpu));
    let goes = here.filter(|job| {
        let is_leaving =
            matches!(&job.state, JobState::Stopping { how, .. } if *how != Stop::Suspend);
        !is_leaving && stopped.insert(job.id)
    });
    let facts = goes.map(|job| Event::StopDecided {
        job: job.id,
        turn: job.turns_begun,
        how: Stop::Requeue,
        grace: None,
        reason: Reason::GpuFailed,
    });
    facts.collect()
}
