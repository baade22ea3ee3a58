//! Where a job is: GPUs of nodes.

use crate::id::{GpuSet, NodeId};
use serde::{Deserialize, Serialize};

/// GPUs of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// The node.
    pub node: NodeId,
    /// Its GPUs.
    pub gpus: GpuSet,
}

/// Which resources of which node, or of which nodes of a gang.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Placement {
    /// The node; of a gang the first.
    pub node: NodeId,
    /// Its GPUs.
    pub gpus: GpuSet,
    /// The other nodes of a gang.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Part>,
}

impl From<Part> for Placement {
    fn from(Part { node, gpus }: Part) -> Placement {
        Placement { node, gpus, more: Vec::new() }
    }
}

impl Placement {
    /// A gang on several nodes; none where there is no node.
    pub fn gang(mut parts: Vec<Part>) -> Option<Placement> {
        let first = if parts.is_empty() { return None } else { parts.remove(0) };
        Some(Placement { more: parts, ..Placement::from(first) })
    }

    /// Its nodes.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        std::iter::once(Part { node: self.node, gpus: self.gpus }).chain(self.more.iter().copied())
    }

    /// Whether both have a GPU in common.
    pub fn meets(&self, other: &Placement) -> bool {
        let here = |part: Part| other.on(part.node).map(|gpus| gpus.common(part.gpus));
        self.parts().filter_map(here).any(|both| !both.is_empty())
    }

    /// Its GPUs on a node; none if it is not there.
    pub fn on(&self, node: NodeId) -> Option<GpuSet> {
        self.parts().find(|part| part.node == node).map(|part| part.gpus)
    }

    /// GPUs on all nodes.
    pub fn all_gpus(&self) -> u32 {
        self.parts().map(|part| part.gpus.count()).sum()
    }
}
