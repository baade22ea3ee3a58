//! What a job may ask for at all: values that can be, and no more than some node has.

use super::{part, reject};
use crate::cluster::{Cluster, RoomKey};
use crate::job::JobSpec;
use crate::node::Node;
use crate::plan::place::{accepts, takes_slice};
use crate::queue::Shape;
use crate::request::Rejection;
use crate::units::{Mib, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Refuses what no node here could ever run.
pub(super) fn check(c: &Cluster, spec: &JobSpec) -> Result<(), Rejection> {
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
