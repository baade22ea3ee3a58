//! Where the kernel shows its devices.

use std::fs;
use std::path::PathBuf;

/// Its root; `/sys`, or what `ROTA_SYSFS` names, for tests.
#[derive(Clone, Debug)]
pub(super) struct Sysfs(pub PathBuf);

impl Sysfs {
    /// As the environment says.
    pub fn from_environment() -> Sysfs {
        Sysfs(std::env::var_os("ROTA_SYSFS").map_or_else(|| "/sys".into(), PathBuf::from))
    }

    /// The NUMA node of a PCI device; none where there is only one.
    pub fn numa(&self, pci: &str) -> Option<u32> {
        let path = self.0.join("bus/pci/devices").join(pci).join("numa_node");
        fs::read_to_string(path).ok()?.trim().parse().ok()
    }
}
