//! Nodes and GPUs: who uses them, what was read of them, and which take no new job.

use crate::IdleGpus;
use rota_core::fitness::{Drain, Outsider};
use rota_core::idle::Pin;
use rota_core::units::{Mib, Span, Time};
use serde::{Deserialize, Serialize};

/// Nodes and GPUs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inventory {
    /// GPUs are simulated: there is nothing to read.
    pub simulated: bool,
    /// The nodes.
    pub nodes: Vec<NodeRow>,
    /// Version of NVIDIA's driver.
    #[serde(default)]
    pub driver: Option<String>,
    /// Why GPUs cannot be read, where they cannot.
    #[serde(default)]
    pub unreadable: Option<String>,
}

/// One node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NodeRow {
    /// Name.
    pub name: String,
    /// GPU model.
    #[serde(default)]
    pub model: Option<String>,
    /// What each GPU does: the job that holds it.
    pub gpus: Vec<Option<GpuUse>>,
    /// Each GPU, by its index.
    #[serde(default)]
    pub cards: Vec<GpuRow>,
    /// GPUs that a job could have now.
    #[serde(default)]
    pub free: u32,
    /// Whether it can be used.
    pub up: bool,
    /// CPU cores, all and free.
    pub cpus: (u32, u32),
    /// Memory, all and free.
    pub mem: (Mib, Mib),
    /// How near its GPUs are to each other, more is nearer; empty: all alike.
    #[serde(default)]
    pub links: Vec<Vec<u8>>,
}

/// A GPU in use.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GpuUse {
    /// Job.
    pub job: String,
    /// How much of its memory the job asked for, where it shares the GPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_mem: Option<Mib>,
    /// Who else shares it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<GpuUse>,
    /// Person.
    pub person: String,
    /// Lab.
    pub lab: String,
    /// When the turn began.
    pub since: Time,
    /// When the turn is over, and others may have the GPU; none: nobody can say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// GPUs that the job holds and that do nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<IdleGpus>,
    /// Why its GPUs are left to it even while it does not use them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
}

/// A GPU.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GpuRow {
    /// Its index on its node.
    pub gpu: u32,
    /// Since when it takes no new job, and why.
    pub drained: Option<Drain>,
    /// Processes on it that no job started.
    pub outsiders: Vec<Outsider>,
    /// What stays of it; none where it is simulated, or not there any more.
    pub card: Option<Card>,
    /// What was read last; none where there is nothing to read.
    pub reading: Option<Reading>,
}

/// What stays of a GPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// As the driver counts, in the order of PCI addresses.
    pub index: u32,
    /// The driver's name for it.
    pub uuid: Option<String>,
    /// The number of its device file.
    pub minor: Option<u32>,
    /// PCI address.
    pub pci: Option<String>,
    /// Product name.
    pub product: String,
    /// Memory.
    pub memory: Mib,
    /// NUMA node of its PCI address.
    pub numa: Option<u32>,
    /// The driver stays loaded while nobody uses it.
    pub persistence: Option<bool>,
    /// Names of its instances, where it is split.
    pub mig: Option<Vec<String>>,
}

/// What was read of a GPU; what it does not have is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// It has fallen off the bus.
    pub lost: bool,
    /// Percent of the last moment in which something ran on it.
    pub utilization: Option<u32>,
    /// Thousandths of the work that its multiprocessors could have had in that moment.
    pub sm: Option<u32>,
    /// Memory in use.
    pub memory_used: Option<Mib>,
    /// Power in milliwatts.
    pub power_mw: Option<u64>,
    /// Energy since the driver was loaded, in millijoules.
    pub energy_mj: Option<u64>,
    /// Temperature in degrees Celsius.
    pub celsius: Option<u32>,
    /// Why its clock is held down: `heat`, `power`, or `cap`, which is usual at full load.
    pub brake: Option<String>,
    /// Memory errors that could not be corrected, since the driver was loaded.
    pub ecc_errors: Option<u64>,
    /// Rows of memory that were replaced after such errors.
    pub remapped_rows: Option<u32>,
    /// Memory of each process on it, by pid.
    pub processes: Vec<(u32, Option<Mib>)>,
    /// What should be looked at, and keeps no job away: `persistence-off`, `heat`, `power`.
    pub warnings: Vec<String>,
}

/// GPUs that are to take no new job, or to take jobs again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drained {
    /// The node, by name.
    pub node: String,
    /// One of its GPUs; none: all of them.
    #[serde(default)]
    pub gpu: Option<u32>,
    /// Why, for those who wait; not needed to resume.
    #[serde(default)]
    pub why: String,
}

/// Done, and durable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DrainDone {
    /// How many GPUs it was about.
    pub gpus: u32,
}

/// What a job made of its GPUs so far, all its turns together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobGpus {
    /// How often its GPUs were read.
    pub samples: u64,
    /// Percent of the time in which something ran, the mean over time and GPUs.
    pub busy: u32,
    /// Thousandths of the work that the multiprocessors could have had, where the driver says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sm: Option<u32>,
    /// The most memory on all its GPUs together.
    pub memory: Mib,
    /// Energy in millijoules.
    pub energy_mj: u64,
}

/// What was read of GPUs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct GpuPast {
    /// Each GPU.
    pub gpus: Vec<GpuSeries>,
    /// Length of a step.
    pub step: Span,
    /// When the look back begins, and ends.
    pub from: Time,
    /// See `from`.
    pub until: Time,
    /// GPUs are simulated: there is nothing to read.
    pub simulated: bool,
}

/// What was read of a GPU.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GpuSeries {
    /// The node, by name.
    pub node: String,
    /// Its index there.
    pub gpu: u32,
    /// Steps in which it was read.
    pub steps: Vec<GpuStep>,
}

/// What was read in a step.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct GpuStep {
    /// When it began.
    pub at: Time,
    /// Percent of the time in which something ran.
    pub busy: u32,
    /// The most memory in use.
    pub memory: Mib,
    /// Mean power in milliwatts.
    pub power_mw: u64,
    /// The highest temperature in degrees Celsius.
    pub celsius: u64,
}
