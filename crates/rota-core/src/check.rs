//! What must hold in every state. Asked after each step in tests and simulations, and when a server starts.

use crate::cluster::Cluster;
use crate::id::{GpuSet, JobId, NodeId};
use crate::job::{Job, Part, Placement};
use crate::units::Mib;
use std::collections::{BTreeMap, BTreeSet};

/// A sentence about something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

/// Everything that is wrong; empty when all is well.
pub fn check(c: &Cluster) -> Vec<Violation> {
    let mut wrong = Vec::new();
    nodes(c, &mut wrong);
    jobs(c, &mut wrong);
    ledgers(c, &mut wrong);
    let mut fresh = c.clone();
    fresh.reindex();
    if fresh != *c {
        wrong.push(Violation(format!("indexes differ from the facts: {}", difference(c, &fresh))));
    }
    wrong
}

fn nodes(c: &Cluster, wrong: &mut Vec<Violation>) {
    let mut here: BTreeMap<NodeId, Vec<&Job>> = BTreeMap::new();
    for job in c.jobs.values() {
        for part in job.placement().into_iter().flat_map(Placement::parts) {
            here.entry(part.node).or_default().push(job);
        }
    }
    for (id, state) in &c.nodes {
        let name = &state.node.name;
        let here = here.get(id).map_or(&[][..], |jobs| jobs);
        let (mut held, mut cpus, mut mem) = (GpuSet::default(), 0u32, Mib(0));
        let (mut whole, mut parts) = (GpuSet::default(), BTreeMap::<u32, Mib>::new());
        for job in here {
            let Some(gpus) = job.holds().and_then(|p| p.on(*id)) else { continue };
            let part = state.node.part(job.spec.gpu_mem);
            let twice = match part {
                Some(part) => {
                    gpus.iter().for_each(|gpu| {
                        let sum = parts.entry(gpu).or_default();
                        *sum = sum.plus(part);
                    });
                    whole.common(gpus)
                }
                None => held.common(gpus),
            };
            if part.is_none() {
                whole = whole.and(gpus);
            }
            if !twice.is_empty() {
                wrong.push(Violation(format!("{name}: a GPU of job {} is held twice", job.id)));
            }
            if gpus.count() != job.spec.gpus {
                wrong
                    .push(Violation(format!("job {} does not hold the GPUs it asked for", job.id)));
            }
            held = held.and(gpus);
            (cpus, mem) = (cpus.saturating_add(job.spec.cpus), mem.plus(job.spec.mem));
        }
        if let Some((gpu, sum)) = parts.iter().find(|(_, sum)| **sum > state.node.gpu_mem) {
            let most = state.node.gpu_mem;
            wrong
                .push(Violation(format!("{name}: {sum} of GPU {gpu} are held, and it has {most}")));
        }
        let frozen = here.iter().filter(|j| j.pinned().is_some());
        mem = frozen.fold(mem, |sum, j| sum.plus(j.spec.mem));
        if !held.without(GpuSet::first(state.node.gpus)).is_empty() {
            wrong.push(Violation(format!("{name}: a GPU is held that the node does not have")));
        }
        if cpus > state.node.cpus || mem > state.node.mem {
            wrong
                .push(Violation(format!("{name}: more CPU cores or memory in use than there are")));
        }
    }
}

fn share(part: Part, place: &Placement) -> bool {
    place.on(part.node).is_some_and(|gpus| !gpus.common(part.gpus).is_empty())
}

fn jobs(c: &Cluster, wrong: &mut Vec<Violation>) {
    for (id, place) in &c.kept {
        if !c.job(*id).is_some_and(|j| j.is_ready()) {
            wrong.push(Violation(format!("job {id} kept GPUs and is not ready to use them")));
        }
        let others = c.kept.iter().filter(|(other, _)| *other != id);
        let mut shared = others.filter(|(_, p)| p.parts().any(|part| share(part, place)));
        if let Some((other, _)) = shared.next() {
            wrong.push(Violation(format!("jobs {id} and {other} are kept one GPU")));
        }
    }
    for (number, batch) in &c.batches {
        let tasks = c.named(JobId::single(*number));
        let active = tasks.iter().filter(|j| j.holds().is_some() || j.pinned().is_some()).count();
        if tasks.len() != batch.left as usize || active != batch.active as usize {
            wrong.push(Violation(format!("array {number}: its counts differ from its tasks")));
        }
        let most = tasks.iter().filter_map(|j| j.spec.at_most).max();
        if most.is_some_and(|most| batch.active > most) {
            wrong.push(Violation(format!("array {number}: more tasks run than may")));
        }
    }
    for job in c.jobs.values() {
        let nodes = job
            .placement()
            .map(|place| place.parts().map(|part| part.node).collect::<BTreeSet<NodeId>>().len());
        if nodes.is_some_and(|nodes| nodes != job.spec.nodes as usize) {
            wrong.push(Violation(format!("job {} is not on as many nodes as it asked", job.id)));
        }
        if !c.batches.contains_key(&job.id.number) {
            wrong.push(Violation(format!("job {} is in no batch", job.id)));
        }
        if let Some(gone) = job.pending.iter().find(|d| !c.batches.contains_key(&d.number)) {
            wrong.push(Violation(format!(
                "job {} waits for {}, which has ended",
                job.id, gone.number
            )));
        }
    }
}

fn ledgers(c: &Cluster, wrong: &mut Vec<Violation>) {
    let mut rates = vec![0u64; c.accounts.people.len()];
    for job in c.jobs.values() {
        if let (Some(_), Some(rate)) = (job.holds(), rates.get_mut(job.owner.0 as usize)) {
            *rate += job.rate;
        }
    }
    for (person, rate) in c.accounts.people.iter().zip(&rates) {
        if person.ledgers.values().map(|l| l.rate).sum::<u64>() != *rate {
            wrong.push(Violation(format!("{}: charged for what is not held", person.name)));
        }
    }
}

fn difference(c: &Cluster, fresh: &Cluster) -> &'static str {
    if c.queue != fresh.queue {
        "queue"
    } else if c.rooms != fresh.rooms {
        "rooms"
    } else if c.timers != fresh.timers {
        "timers"
    } else if c.dependents != fresh.dependents {
        "dependents"
    } else if c.holding != fresh.holding {
        "holding"
    } else if c.nodes != fresh.nodes {
        "nodes"
    } else {
        "accounts"
    }
}
