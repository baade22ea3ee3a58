//! Why a job waits: every blocker that holds now, first the ones that a person can do something about.

use crate::cluster::Cluster;
use crate::decision::{Blocker, Plan};
use crate::id::JobId;
use crate::job::{Job, JobState};
use crate::node::NodeState;
use crate::queue::Shape;
use crate::units::Time;

/// The blockers of a job; none if it does not wait.
pub fn explain(c: &Cluster, plan: &Plan, id: JobId) -> Vec<Blocker> {
    let Some(job) = c.job(id) else { return Vec::new() };
    if !matches!(job.state, JobState::Waiting { .. } | JobState::Suspended { .. }) {
        return Vec::new();
    }
    let mut why = Vec::new();
    if job.held {
        why.push(Blocker::Held);
    }
    why.extend(job.pending.iter().map(|d| Blocker::Dependency { on: d.number }));
    let active = c.batches.get(&id.number).map_or(0, |b| b.active);
    if let Some(at_most) = job.spec.at_most.filter(|most| job.pinned().is_none() && active >= *most)
    {
        why.push(Blocker::ArrayLimit { at_most });
    }
    why.extend(room(c, plan, job));
    why
}

fn room(c: &Cluster, plan: &Plan, job: &Job) -> Option<Blocker> {
    if let Some(place) = job.pinned() {
        let parts = place.parts().filter_map(|part| Some((c.nodes.get(&part.node)?, part)));
        let parts: Vec<_> = parts.collect();
        if parts.iter().any(|(node, _)| !node.up) {
            return Some(Blocker::NodesDown);
        }
        let mut taken = parts.iter().filter(|(node, p)| !p.gpus.without(node.free()).is_empty());
        return taken.next().map(|(_, part)| Blocker::OwnGpusInUse { node: part.node });
    }
    let shape = Shape::of(job);
    let fits = |n: &&NodeState| {
        let model = shape.models.is_empty()
            || n.node.model.as_ref().is_some_and(|m| shape.models.contains(m));
        model && n.node.gpus >= shape.gpus
    };
    let could: Vec<&NodeState> = c.nodes.values().filter(fits).collect();
    if !could.iter().any(|n| n.up) {
        return Some(Blocker::NodesDown);
    }
    let up = || could.iter().filter(|n| n.up);
    let free = up().map(|n| n.free().count()).max().unwrap_or(0);
    if free < shape.gpus {
        return Some(Blocker::Gpus { asked: shape.gpus, free });
    }
    let with_gpus = || up().filter(|n| n.free().count() >= shape.gpus);
    if !with_gpus().any(|n| crate::plan::place::host_fits(n, &shape)) {
        return with_gpus().next().map(|n| Blocker::HostResources { node: n.node.id });
    }
    let ahead = plan.starts.iter().filter(|(id, p)| **id != job.id && p.at < Time::FAR);
    let first = ahead.min_by_key(|(_, p)| p.place)?;
    Some(Blocker::Reserved { for_job: *first.0 })
}
