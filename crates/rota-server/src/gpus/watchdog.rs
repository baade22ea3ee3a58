//! Memory that jobs use of the GPUs they share, for the core to judge: only of those that use more than they asked for, or
//! did when that was said last.

use super::owners::Owners;
use crate::inventory::{Found, positions};
use rota_core::cluster::Cluster;
use rota_core::observation::{GpuSeen, GpuSighting};
use rota_engine::gpu::Sample;

/// What is to be judged.
pub fn look(c: &Cluster, nodes: &[Found], sample: &Sample, owners: &Owners) -> Vec<GpuSighting> {
    let mut sightings = Vec::new();
    for (found, gpu, at) in positions(nodes) {
        let node = found.node.id;
        let (Some(reading), Some(state)) = (sample.gpus.get(at), c.nodes.get(&node)) else {
            continue;
        };
        if !state.shared.contains_key(&gpu) || reading.processes.is_none() {
            continue;
        }
        let jobs = state.holders.iter().filter_map(|id| c.job(*id));
        for job in jobs.filter(|job| job.is_on(node, gpu)) {
            let Some((used, part)) = owners.memory(reading, job.id).zip(job.spec.gpu_mem) else {
                continue;
            };
            if used > part || job.excess.is_some() {
                sightings.push(GpuSighting { node, gpu, seen: GpuSeen::Used(job.id, used) });
            }
        }
    }
    sightings
}
