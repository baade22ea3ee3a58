//! Processes on GPUs that no job started: found by what the driver lists, less what belongs to a job that is there. They
//! are named and never ended.

use super::owners::Owners;
use super::seats::Seats;
use crate::inventory::{Found, positions};
use rota_core::cluster::Cluster;
use rota_core::fitness::Outsider;
use rota_core::id::NodeId;
use rota_core::observation::{GpuSeen, GpuSighting};
use rota_core::units::Time;
use rota_engine::gpu::Sample;
use rota_engine::local::{Stranger, mps};
use std::collections::BTreeMap;

/// In so many samples in a row: what a job begins or ends just now is not taken for an outsider.
const SAMPLES: u32 = 2;

/// What was seen before.
#[derive(Debug, Default)]
pub struct Outsiders {
    /// How often in a row a process was seen on a GPU that is not its job's.
    seen: BTreeMap<(NodeId, u32, u32), u32>,
}

impl Outsiders {
    /// Who came and who went.
    pub fn look(
        &mut self,
        c: &Cluster,
        nodes: &[Found],
        sample: &Sample,
        owners: &Owners,
    ) -> Vec<GpuSighting> {
        let seats = Seats::of(nodes);
        let on = on_gpus(nodes, sample);
        let (mut sightings, mut seen) = (Vec::new(), BTreeMap::new());
        for (node, gpu, at, pids) in on {
            let sighting = |seen| GpuSighting { node, gpu, seen };
            let strangers = pids
                .into_iter()
                .filter(|pid| !owners.job(*pid).is_some_and(|job| seats.has(c, at, job)));
            let through_mps = is_through_mps(c, node, gpu);
            let strangers = strangers.filter(|pid| !(through_mps && is_of_mps(*pid)));
            let strangers: Vec<u32> = strangers.collect();
            for pid in &strangers {
                let times = self.seen.get(&(node, gpu, *pid)).map_or(1, |times| times + 1);
                seen.insert((node, gpu, *pid), times);
                if times >= SAMPLES
                    && !is_known(c, node, gpu, *pid)
                    && let Some(Stranger { user, command, since }) = Stranger::of(*pid)
                {
                    let outsider = Outsider { pid: *pid, user, command, since: Time(since) };
                    sightings.push(sighting(GpuSeen::Outsider(outsider)));
                }
            }
            let known = c.nodes.get(&node).and_then(|state| state.outsiders.get(&gpu));
            let gone = known.into_iter().flatten().filter(|one| !strangers.contains(&one.pid));
            sightings.extend(gone.map(|one| sighting(GpuSeen::Gone(one.pid))));
        }
        self.seen = seen;
        sightings
    }
}

/// Processes of each GPU, where they can be listed; instances have those of their whole GPU.
fn on_gpus(nodes: &[Found], sample: &Sample) -> Vec<(NodeId, u32, usize, Vec<u32>)> {
    let listed = positions(nodes).filter_map(|(found, gpu, at)| {
        let reading = sample.gpus.get(at)?;
        let lost = reading.lost.then(Vec::new);
        let pids = reading.processes.as_ref().map(|all| all.iter().map(|p| p.pid).collect());
        Some((found.node.id, gpu, at, lost.or(pids)?))
    });
    listed.collect()
}

/// Whether the jobs on a GPU go through MPS, whose server is a process beside them.
fn is_through_mps(c: &Cluster, node: NodeId, gpu: u32) -> bool {
    let state = c.nodes.get(&node).filter(|state| state.sharer.contains_key(&gpu));
    let jobs = state.into_iter().flat_map(|state| &state.holders).filter_map(|id| c.job(*id));
    jobs.filter(|job| job.is_on(node, gpu)).any(|job| c.is_through_mps(job))
}

fn is_of_mps(pid: u32) -> bool {
    Stranger::of(pid).is_some_and(|stranger| stranger.command == mps::COMMAND)
}

fn is_known(c: &Cluster, node: NodeId, gpu: u32, pid: u32) -> bool {
    let here = c.nodes.get(&node).and_then(|state| state.outsiders.get(&gpu));
    here.into_iter().flatten().any(|known| known.pid == pid)
}
