//! Where jobs are given a GPU, and who is there: one place for a whole GPU, one for each instance of one that is split.

use crate::inventory::{Found, positions};
use rota_core::cluster::Cluster;
use rota_core::id::{JobId, NodeId};
use std::collections::BTreeMap;

/// The places of the GPUs of a machine.
#[derive(Debug)]
pub struct Seats(BTreeMap<usize, Vec<(NodeId, u32)>>);

/// A job on a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seated {
    /// The job.
    pub job: JobId,
    /// Whether it holds it; else it is suspended there.
    pub holds: bool,
}

impl Seats {
    /// Of all GPUs that are there.
    pub fn of(nodes: &[Found]) -> Seats {
        let mut all: BTreeMap<usize, Vec<(NodeId, u32)>> = BTreeMap::new();
        for (found, gpu, at) in positions(nodes) {
            all.entry(at).or_default().push((found.node.id, gpu));
        }
        Seats(all)
    }

    /// Positions of GPUs in the machine, each with its places: node and index there.
    pub fn all(&self) -> impl Iterator<Item = (usize, &[(NodeId, u32)])> {
        self.0.iter().map(|(at, places)| (*at, places.as_slice()))
    }

    /// Whether a job is somewhere on a GPU, or suspended there.
    pub fn has(&self, c: &Cluster, at: usize, job: JobId) -> bool {
        let places = self.0.get(&at).into_iter().flatten();
        let job = c.job(job);
        job.is_some_and(|job| places.into_iter().any(|(node, gpu)| job.is_on(*node, *gpu)))
    }
}

/// All jobs at some places of a GPU, holders first.
pub fn seated(c: &Cluster, places: &[(NodeId, u32)]) -> Vec<Seated> {
    let mut all = Vec::new();
    for (node, gpu) in places {
        let Some(state) = c.nodes.get(node) else { continue };
        let here = |id: &&JobId| c.job(**id).is_some_and(|job| job.is_on(*node, *gpu));
        let holders = state.holders.iter().filter(here).map(|id| Seated { job: *id, holds: true });
        let suspended = state.suspended.iter().filter(here);
        let suspended = suspended.map(|id| Seated { job: *id, holds: false });
        all.extend(holders.chain(suspended));
    }
    all.sort_by_key(|seated| !seated.holds);
    all
}
