//! How near GPUs are to each other: by NVLinks between them, else by what their PCI traffic must pass.

use super::nvml::address;
use super::reading::{Gpu, NVLINK};
use nvml_wrapper::Device;
use nvml_wrapper::enum_wrappers::device::TopologyLevel;

/// The most links of a GPU that the library counts.
const LINKS: u32 = 18;

/// `near[a][b]`, symmetric; 0 is far, or not known.
pub(super) fn matrix(devices: &[Device], gpus: &[Gpu]) -> Vec<Vec<u8>> {
    let links: Vec<Links> = devices.iter().map(|device| Links::of(device, gpus)).collect();
    let pair = |a: usize, b: usize| {
        if a == b {
            return 0;
        }
        let direct = links[a].direct[b].max(links[b].direct[a]);
        let through = links[a].switched.min(links[b].switched);
        match direct.max(through) {
            0 => ancestor(devices, gpus, (a.min(b), a.max(b))),
            count => NVLINK.saturating_add(count - 1),
        }
    };
    (0..gpus.len()).map(|a| (0..gpus.len()).map(|b| pair(a, b)).collect()).collect()
}

/// Active links of a GPU.
struct Links {
    /// To each of the other GPUs.
    direct: Vec<u8>,
    /// To something else: a switch, which joins all that are linked to it.
    switched: u8,
}

impl Links {
    fn of(device: &Device, gpus: &[Gpu]) -> Links {
        let mut found = Links { direct: vec![0; gpus.len()], switched: 0 };
        for at in 0..LINKS {
            let link = device.link_wrapper_for(at);
            match link.is_active() {
                Ok(true) => {}
                Ok(false) => continue,
                Err(_) => break,
            }
            let Ok(remote) = link.remote_pci_info() else { continue };
            let remote = Some(address(&remote.bus_id));
            match gpus.iter().position(|gpu| gpu.pci == remote) {
                Some(other) => found.direct[other] += 1,
                None => found.switched += 1,
            }
        }
        found
    }
}

fn ancestor(devices: &[Device], gpus: &[Gpu], (a, b): (usize, usize)) -> u8 {
    let other = devices[b].nvml().device_by_index(gpus[b].card.index);
    let level = other.ok().and_then(|other| devices[a].topology_common_ancestor(other).ok());
    match level {
        Some(TopologyLevel::Internal) => 60,
        Some(TopologyLevel::Single) => 50,
        Some(TopologyLevel::Multiple) => 40,
        Some(TopologyLevel::HostBridge) => 30,
        Some(TopologyLevel::Node) => 20,
        Some(TopologyLevel::System) => 10,
        None if gpus[a].numa.is_some() && gpus[a].numa == gpus[b].numa => 20,
        None => 0,
    }
}
