//! What is known of GPUs: what stays ([`Machine`]) and what changes ([`Sample`]). Every reading may be missing: a driver, a
//! model or a permission may not have it, and that is no failure.

use super::{Card, Vendor};
use rota_core::units::Mib;
use serde::{Deserialize, Serialize};

/// What a reader says, a line each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// What there is; the first thing said.
    Machine(Machine),
    /// What was read.
    Sample(Sample),
    /// There is a driver, and it does not answer.
    Fault {
        /// What it said.
        why: String,
    },
}

/// The GPUs of this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Version of NVIDIA's driver; none without one.
    #[serde(default)]
    pub driver: Option<String>,
    /// GPUs in the order of the driver.
    pub gpus: Vec<Gpu>,
    /// How near they are to each other, by position: `near[a][b]`; see [`NVLINK`].
    #[serde(default)]
    pub near: Vec<Vec<u8>>,
}

/// What stays of a GPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gpu {
    /// As a job is given it.
    pub card: Card,
    /// Product name, as the driver says it.
    pub product: String,
    /// Memory.
    pub memory: Mib,
    /// Of it, what the driver keeps for itself.
    #[serde(default)]
    pub reserved: Mib,
    /// PCI address, as in sysfs: `0000:65:00.0`.
    #[serde(default)]
    pub pci: Option<String>,
    /// NUMA node of its PCI address.
    #[serde(default)]
    pub numa: Option<u32>,
    /// Split into instances.
    #[serde(default)]
    pub mig: Option<Vec<Instance>>,
    /// The driver stays loaded while nobody uses the GPU.
    #[serde(default)]
    pub persistence: Option<bool>,
    /// How many programs it lets in.
    #[serde(default)]
    pub lets_in: LetsIn,
}

/// How many programs may compute on a GPU at a time: its compute mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetsIn {
    /// Any number.
    #[default]
    Any,
    /// One, which may be MPS for many.
    One,
    /// None.
    Nobody,
}

impl Gpu {
    /// What tells it from all other GPUs.
    pub fn name(&self) -> String {
        let pci = || self.pci.clone().unwrap_or_else(|| format!("{}", self.card.index));
        self.card.uuid.clone().unwrap_or_else(pci)
    }

    /// Who made it.
    pub fn vendor(&self) -> Vendor {
        self.card.vendor
    }
}

/// A MIG instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// The driver's name for it, such as `MIG-5c89…`.
    pub uuid: String,
    /// Such as `NVIDIA H100 80GB HBM3 MIG 1g.10gb`.
    pub product: String,
    /// Memory.
    pub memory: Mib,
}

/// Nearness of two GPUs with one NVLink between them; each further link is one more.
pub const NVLINK: u8 = 100;

/// What was read of all GPUs at one moment, in the order of [`Machine::gpus`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// A reading of each.
    pub gpus: Vec<Reading>,
    /// Errors that the driver reported since the last sample: position of the GPU, number of the Xid.
    #[serde(default)]
    pub xids: Vec<(usize, u64)>,
}

/// What was read of a GPU.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// It has fallen off the bus.
    pub lost: bool,
    /// Percent of the last moment in which something ran on it.
    pub utilization: Option<u32>,
    /// Thousandths of the work that its multiprocessors could have had since the last reading.
    pub sm: Option<u32>,
    /// Memory in use.
    pub memory_used: Option<Mib>,
    /// Power in milliwatts.
    pub power_mw: Option<u64>,
    /// Energy since the driver was loaded, in millijoules.
    pub energy_mj: Option<u64>,
    /// Temperature in degrees Celsius.
    pub celsius: Option<u32>,
    /// Its clock is held down.
    pub brake: Option<Brake>,
    /// Memory errors that could not be corrected, since the driver was loaded.
    pub ecc_errors: Option<u64>,
    /// Rows of its memory that were, or are to be, replaced.
    pub remap: Option<Remap>,
    /// What the driver says is to be done: 0 nothing, 1 reset, 2 reboot, 3 and 4 drain.
    pub recovery: Option<u32>,
    /// Processes that compute on it; none where they cannot be listed.
    pub processes: Option<Vec<Process>>,
    /// Memory in use of each of its instances, by the instance's name.
    pub instances: Vec<(String, Mib)>,
}

/// Why a clock is held down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Brake {
    /// It is too hot.
    Heat,
    /// The power supply asks for it.
    Power,
    /// It would take more power than it may: usual at full load.
    Cap,
}

/// Rows of memory with faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remap {
    /// Replaced after errors that could not be corrected.
    pub rows: u32,
    /// One is to be replaced at the next reset.
    pub pending: bool,
    /// One could not be replaced.
    pub failed: bool,
}

/// A process on a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Process {
    /// Its pid.
    pub pid: u32,
    /// Memory on this GPU, where the driver says it.
    #[serde(default)]
    pub memory: Option<Mib>,
    /// Percent of the last moment in which it kept the GPU's cores at work, where the driver says it.
    #[serde(default)]
    pub busy: Option<u32>,
}
