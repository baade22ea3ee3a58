//! Draining GPUs and letting them take jobs again: for admins.

use super::reason::{LONGEST, reason};
use super::reject;
use crate::cluster::Cluster;
use crate::event::Event;
use crate::fitness::Fault;
use crate::node::NodeState;
use crate::request::{Asker, Gpus, Rejection};

pub(super) fn drain(
    c: &Cluster,
    asker: &Asker,
    gpus: &Gpus,
    why: &str,
) -> Result<Vec<Event>, Rejection> {
    let (state, chosen) = chosen(c, asker, gpus)?;
    let text = said(why)?;
    let drained = |gpu: u32| Event::GpuDrained {
        node: state.node.id,
        gpu,
        why: Fault::Said { text: text.to_owned() },
        by: asker.person.clone(),
    };
    Ok(chosen.into_iter().map(drained).collect())
}

pub(super) fn resume(
    c: &Cluster,
    asker: &Asker,
    gpus: &Gpus,
    why: &str,
) -> Result<Vec<Event>, Rejection> {
    let (state, chosen) = chosen(c, asker, gpus)?;
    let why = if why.is_empty() { "" } else { said(why)? };
    let drained = chosen.into_iter().filter(|gpu| state.drained.contains_key(gpu));
    let (node, by) = (state.node.id, asker.person.clone());
    let resumed = |gpu| Event::GpuResumed { node, gpu, by: by.clone(), why: why.to_owned() };
    let events: Vec<Event> = drained.map(resumed).collect();
    if events.is_empty() {
        let message =
            format!("no GPU there is drained: {}; 'rota gpus' shows which are", name(gpus));
        return Err(reject("not-drained", [("what", name(gpus))], message));
    }
    Ok(events)
}

fn said(why: &str) -> Result<&str, Rejection> {
    let bad = || {
        let message = format!(
            "say why in one line of at most {LONGEST} bytes, for those who wait: --why \"fan broken\""
        );
        reject("drain-without-why", [("most", LONGEST.to_string())], message)
    };
    reason(why).ok_or_else(bad)
}

fn name(gpus: &Gpus) -> String {
    let node = gpus.node.escape_debug();
    gpus.gpu.map_or_else(|| node.to_string(), |gpu| format!("{node}:{gpu}"))
}

/// The node, and indexes of its GPUs.
fn chosen<'c>(
    c: &'c Cluster,
    asker: &Asker,
    gpus: &Gpus,
) -> Result<(&'c NodeState, Vec<u32>), Rejection> {
    if !asker.admin {
        let message = "only an admin (root) can drain and resume GPUs; 'rota gpus' shows them";
        return Err(reject("drain-needs-admin", [], message));
    }
    let mut named = c.nodes.values().filter(|state| state.node.name == gpus.node);
    let Some(state) = named.next() else {
        let message =
            format!("there is no node {}; 'rota gpus' names all", gpus.node.escape_debug());
        return Err(reject("no-such-node", [("node", gpus.node.clone())], message));
    };
    let count = state.node.gpus;
    match gpus.gpu {
        Some(gpu) if gpu >= count => {
            let message =
                format!("{} has no GPU {gpu}: it has {count}, counted from 0", state.node.name);
            let args = [
                ("node", state.node.name.clone()),
                ("gpu", gpu.to_string()),
                ("gpus", count.to_string()),
            ];
            Err(reject("no-such-gpu-there", args, message))
        }
        Some(gpu) => Ok((state, vec![gpu])),
        None if count == 0 => {
            let message = format!("{} has no GPU to drain or resume", state.node.name);
            Err(reject("node-without-gpus", [("node", state.node.name.clone())], message))
        }
        None => Ok((state, (0..count).collect())),
    }
}
