//! GPUs that take no new job, and take jobs again.

use crate::cluster::Cluster;
use crate::event::Event;
use crate::fitness::{Drain, Fault, Outsider};
use crate::id::NodeId;
use crate::node::NodeState;
use crate::units::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Cluster {
    /// What is on a GPU goes on; room that was to be made there is to be found elsewhere.
    pub(super) fn change_fitness(&mut self, at: Time, event: &Event) {
        match event {
            Event::GpuDrained { node, gpu, why, by } => {
                let drain = Drain { why: why.clone(), by: by.clone(), since: at };
                self.change_node(*node, |state| state.drained.insert(*gpu, drain));
                self.close(*node, *gpu);
                if let Fault::Hung { job } = why
                    && let Some(job) = self.jobs.get_mut(job).map(Arc::make_mut)
                {
                    job.suspending.hangs = true;
                }
            }
            Event::GpuResumed { node, gpu, .. } => {
                self.change_node(*node, |state| state.drained.remove(gpu));
            }
            Event::OutsiderSeen { node, gpu, user, pid, command, since } => {
                let (user, command) = (user.clone(), command.clone());
                let outsider = Outsider { pid: *pid, user, command, since: *since };
                self.change_node(*node, |state| {
                    let here = state.outsiders.entry(*gpu).or_default();
                    here.retain(|known| known.pid != *pid);
                    here.push(outsider);
                });
                self.close(*node, *gpu);
            }
            Event::OutsiderGone { node, gpu, pid } => self.change_node(*node, |state| {
                if let Some(here) = state.outsiders.get_mut(gpu) {
                    here.retain(|known| known.pid != *pid);
                }
                state.outsiders.retain(|_, here| !here.is_empty());
            }),
            _ => {}
        }
    }

    fn change_node<T>(&mut self, node: NodeId, edit: impl FnOnce(&mut NodeState) -> T) {
        if let Some(state) = self.nodes.get_mut(&node) {
            edit(Arc::make_mut(state));
        }
        self.index_node(node);
        self.reindex_claims();
    }

    fn close(&mut self, node: NodeId, gpu: u32) {
        self.keep_none(|kept| kept.on(node).is_some_and(|gpus| gpus.has(gpu)));
    }
}

/// What was wrong with GPUs of a node still is after its inventory changed, wherever they are now.
pub(super) fn carry_over(known: &NodeState, state: &mut NodeState) {
    let (before, after) = (&known.node.uuids, &state.node.uuids);
    let now = |gpu: u32| {
        if before.is_empty() || after.is_empty() {
            return Some(gpu).filter(|gpu| *gpu < state.node.gpus);
        }
        let uuid = before.get(usize::try_from(gpu).ok()?)?;
        u32::try_from(after.iter().position(|other| other == uuid)?).ok()
    };
    let moved = |(gpu, drain): (&u32, &Drain)| Some((now(*gpu)?, drain.clone()));
    let drained: BTreeMap<u32, Drain> = known.drained.iter().filter_map(moved).collect();
    let moved = |(gpu, all): (&u32, &Vec<Outsider>)| Some((now(*gpu)?, all.clone()));
    let outsiders = known.outsiders.iter().filter_map(moved).collect();
    (state.drained, state.outsiders) = (drained, outsiders);
}
