//! What a job that shares a GPU may ask for.

use super::reject;
use crate::cluster::{Cluster, RoomKey};
use crate::job::JobSpec;
use crate::plan::place::takes_slice;
use crate::queue::Shape;
use crate::request::Rejection;
use crate::units::Mib;
use std::collections::BTreeSet;

/// A part is of one GPU, of a model and in a pool where there is one that large.
pub(super) fn check(c: &Cluster, spec: &JobSpec) -> Result<(), Rejection> {
    whole_gpus(c, spec)?;
    let Some(part) = spec.gpu_mem else { return Ok(()) };
    if spec.gpus != 1 || spec.nodes != 1 || part == Mib(0) {
        let message = format!(
            "a part of a GPU is memory of one GPU on one node, and this asks for GPUs on each node: {}, nodes: {}; leave out --gpu-mem to have whole GPUs",
            spec.gpus, spec.nodes
        );
        let args = [("gpus", spec.gpus.to_string()), ("nodes", spec.nodes.to_string())];
        return Err(reject("part-of-many", args, message));
    }
    let whole = Shape { gpu_mem: None, ..Shape::wanted(spec) };
    let some = Shape { gpu_mem: Some(Mib(1)), ..whole.clone() };
    let wanted = |key: &RoomKey| {
        let shape = if c.sliced.contains_key(key) { &some } else { &whole };
        crate::plan::place::wants(c, shape, key)
    };
    let nodes = || c.nodes.values().filter(|n| wanted(&(n.pool, n.node.model.clone())));
    let whole_only: BTreeSet<&str> = nodes()
        .filter(|n| c.policy.pool(n.pool).is_some_and(|pool| pool.whole_only))
        .map(|n| c.policy.pool_name(n.pool))
        .collect();
    let most = nodes().filter(|n| c.shares(n, Mib(0))).map(|n| n.node.gpu_mem).max();
    let most = most.unwrap_or(Mib(0));
    if part <= most {
        return Ok(());
    }
    if most == Mib(0) && !whole_only.is_empty() {
        let pool = whole_only.into_iter().collect::<Vec<_>>().join(", ");
        let message = format!(
            "nobody shares a GPU in pool {pool}; leave out --gpu-mem to have a whole one, or ask for another pool or model"
        );
        return Err(reject("no-parts-here", [("pool", pool)], message));
    }
    let message = if most == Mib(0) {
        "no GPU here says how much memory it has, so none can be shared; leave out --gpu-mem to have a whole one".to_owned()
    } else {
        format!(
            "{part} of a GPU are asked for, but no GPU that may be shared has more than {most}; ask for less, or for whole GPUs"
        )
    };
    let args = [("asked", part.to_string()), ("most", most.to_string())];
    Err(reject("too-much-gpu-memory", args, message))
}

/// Where all that fits is slices of GPUs, one is asked for by its name or by memory.
fn whole_gpus(c: &Cluster, spec: &JobSpec) -> Result<(), Rejection> {
    let shape = Shape::wanted(spec);
    let nodes = c.nodes.values().map(|state| &state.node).filter(|node| node.gpus > 0);
    let mut fitting = nodes.filter(|node| {
        spec.models.is_empty() || node.model.as_ref().is_some_and(|m| spec.models.contains(m))
    });
    let Some(first) = fitting.next().filter(|_| !takes_slice(&shape)) else { return Ok(()) };
    if first.slice.is_none() || fitting.any(|node| node.slice.is_none()) {
        return Ok(());
    }
    let model = first.model.clone().unwrap_or_default();
    let message = format!(
        "the GPUs here are split, and a job has one slice at most; ask for one with --gpu-mem, or by its name: --gpus 1 --gpu {model}"
    );
    Err(reject("only-slices", [("model", model)], message))
}
