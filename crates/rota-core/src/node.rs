//! A node of the inventory, and what is in use on it.

use crate::cluster::ClaimId;
use crate::fitness::{Drain, Outsider};
use crate::id::{GpuSet, JobId, LoginId, NodeId};
use crate::part::WHOLE;
use crate::policy::PoolId;
use crate::queue::Shape;
use crate::slice::Slice;
use crate::units::{Mib, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A machine with GPUs of one model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its number.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// GPU model; none where it has no GPU.
    #[serde(default)]
    pub model: Option<String>,
    /// GPUs, at most [`GpuSet::MOST`].
    pub gpus: u32,
    /// Price of one GPU, A100 = 1000.
    pub price: u32,
    /// CPU cores.
    pub cpus: u32,
    /// Memory.
    pub mem: Mib,
    /// Memory of each GPU; none where it is not known: then nobody shares one.
    #[serde(default)]
    pub gpu_mem: Mib,
    /// What tells its GPUs from all others, by index; empty where they are simulated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uuids: Vec<String>,
    /// How near its GPUs are to each other, `links[a][b]`, more is nearer; empty: all alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Vec<u8>>,
    /// Its GPUs are slices of larger ones, which the driver keeps apart; none: they are whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<Slice>,
}

impl Node {
    /// What a job that asks for a part holds of a GPU here: a slice is its own, as a whole GPU would be.
    pub fn part(&self, asked: Option<Mib>) -> Option<Mib> {
        asked.filter(|_| self.slice.is_none())
    }

    /// The models by which its GPUs may be asked for; who asks for a part may name that of the whole GPU.
    pub fn models(&self, part: Option<Mib>) -> impl Iterator<Item = &str> {
        let whole = self.slice.as_ref().filter(|_| part.is_some()).map(|slice| slice.of.as_str());
        self.model.as_deref().into_iter().chain(whole)
    }

    /// Whether its GPUs are of those that are asked for: models, or none for any, and the memory of a part.
    pub fn is_asked(&self, models: &[String], part: Option<Mib>) -> bool {
        models.is_empty() || self.models(part).any(|known| models.iter().any(|m| m == known))
    }

    /// Thousandths of a whole GPU that each of its GPUs is.
    pub fn fraction(&self) -> u32 {
        self.slice.as_ref().map_or(WHOLE, |slice| slice.fraction)
    }

    /// The same of all of them.
    pub fn thousandths(&self) -> u64 {
        u64::from(self.gpus) * u64::from(self.fraction())
    }
}

/// A node with what is in use on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeState {
    /// The inventory.
    pub node: Node,
    /// Whether it can be used.
    pub up: bool,
    /// Its GPUs that take no new job, because of what is wrong with them.
    #[serde(default)]
    pub drained: BTreeMap<u32, Drain>,
    /// Processes on its GPUs that no job started.
    #[serde(default)]
    pub outsiders: BTreeMap<u32, Vec<Outsider>>,
    /// Its pool. An index.
    #[serde(skip)]
    pub pool: PoolId,
    /// Price of one of its GPUs by the policy. An index.
    #[serde(skip)]
    pub price: u32,
    /// Speed of one of its GPUs by the policy. An index.
    #[serde(skip)]
    pub speed: u32,
    /// Which of its GPUs which claims are about. An index.
    #[serde(skip)]
    pub pins: Vec<(ClaimId, GpuSet)>,
    /// Jobs that hold resources. An index.
    #[serde(skip)]
    pub holders: BTreeSet<JobId>,
    /// Suspended jobs, which keep their memory. An index.
    #[serde(skip)]
    pub suspended: BTreeSet<JobId>,
    /// GPUs on which suspended jobs are to go on, and how many on each. An index.
    #[serde(skip)]
    pub awaited: BTreeMap<u32, u32>,
    /// GPUs held. An index.
    #[serde(skip)]
    pub busy: GpuSet,
    /// GPUs held by jobs that share them, and how much memory of each they asked for. An index.
    #[serde(skip)]
    pub shared: BTreeMap<u32, Mib>,
    /// Of those, where nobody is beside another's part: whose they are; none where they are several people's. An index.
    #[serde(skip)]
    pub sharer: BTreeMap<u32, Option<LoginId>>,
    /// GPUs kept for kept. An index.
    #[serde(skip)]
    pub kept: GpuSet,
    /// GPUs that take no new job: drained, or with outsiders on them. An index.
    #[serde(skip)]
    pub closed: GpuSet,
    /// CPU cores in use. An index.
    #[serde(skip)]
    pub cpus_used: u32,
    /// Memory in use. An index.
    #[serde(skip)]
    pub mem_used: Mib,
    /// `ends[k]`: no k GPUs are free before, if everything runs to its walltime. An index.
    #[serde(skip)]
    pub ends: Vec<Time>,
    /// `turn_ends[k]`: no k GPUs are free before, if turns end as well. An index.
    #[serde(skip)]
    pub turn_ends: Vec<Time>,
    /// No holder is asked to make room in turns before. An index.
    #[serde(skip)]
    pub gives: Time,
}

impl NodeState {
    /// A node with nothing on it.
    pub fn new(node: Node) -> NodeState {
        NodeState {
            pool: PoolId(0),
            price: node.price,
            speed: 1000,
            pins: Vec::new(),
            node,
            up: true,
            drained: BTreeMap::new(),
            outsiders: BTreeMap::new(),
            holders: BTreeSet::new(),
            suspended: BTreeSet::new(),
            awaited: BTreeMap::new(),
            busy: GpuSet::default(),
            shared: BTreeMap::new(),
            sharer: BTreeMap::new(),
            kept: GpuSet::default(),
            closed: GpuSet::default(),
            cpus_used: 0,
            mem_used: Mib(0),
            ends: Vec::new(),
            turn_ends: Vec::new(),
            gives: Time::FAR,
        }
    }

    /// GPUs that nobody holds or kept, and that take jobs.
    pub fn free(&self) -> GpuSet {
        let taken = self.busy.and(self.kept).and(self.closed);
        GpuSet::first(self.node.gpus).without(taken)
    }
    /// GPUs that a part of so much memory fits on: free ones, and those that others share and that nobody is kept.
    pub fn free_for(&self, part: Mib) -> GpuSet {
        let left = |held: &Mib| self.node.gpu_mem.less(*held);
        let fitting = self.shared.iter().filter(|(_, held)| part <= left(held));
        let shared: GpuSet = fitting.map(|(gpu, _)| *gpu).collect();
        let shared = shared.without(self.kept.and(self.closed));
        if part <= self.node.gpu_mem { self.free().and(shared) } else { GpuSet::default() }
    }

    /// The same for a person's: a part is not everywhere beside those of others.
    pub fn open_for(&self, shape: &Shape, login: LoginId) -> GpuSet {
        let others = self.sharer.iter().filter(|(_, whose)| **whose != Some(login));
        self.open_to(shape).without(others.map(|(gpu, _)| *gpu).collect())
    }

    /// GPUs on which a shape's GPUs, or its part of one, could be now, whoever's it is.
    pub fn open_to(&self, shape: &Shape) -> GpuSet {
        shape.gpu_mem.map_or_else(|| self.free(), |part| self.free_for(part))
    }
}
