//! Readings through NVIDIA's management library. Each call may be missing or refused; what cannot be read is none.

use super::near;
use super::reading::{Brake, Gpu, Instance, LetsIn, Machine, Process, Reading, Remap};
use super::{Card, Libraries, Sysfs, Vendor};
use nvml_wrapper::bitmasks::device::ThrottleReasons;
use nvml_wrapper::enum_wrappers::device::{
    ComputeMode, EccCounter, MemoryError, TemperatureSensor,
};
use nvml_wrapper::enums::device::{SampleValue, UsedGpuMemory};
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::structs::device::FieldId;
use nvml_wrapper::{Device, Nvml};
use rota_core::units::Mib;
use std::collections::BTreeMap;

/// Numbers of fields in NVIDIA's header.
const REMAPPED_ROWS: FieldId = FieldId(143);
const REMAP_PENDING: FieldId = FieldId(144);
const REMAP_FAILURE: FieldId = FieldId(145);
const RECOVERY_ACTION: FieldId = FieldId(230);

/// What opening the library came to.
pub(super) enum Opened {
    /// It answers.
    Yes(Box<Nvml>),
    /// There is no driver here.
    NoDriver,
    /// There is one, and it does not answer.
    Fault(String),
}

/// Opens the library.
pub(super) fn open(libraries: &Libraries) -> Opened {
    match Nvml::builder().lib_path(&libraries.nvml).init() {
        Ok(nvml) => Opened::Yes(Box::new(nvml)),
        Err(NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound) => Opened::NoDriver,
        // The library without the kernel's module: a machine that has had GPUs, or a container without any.
        Err(NvmlError::DriverNotLoaded | NvmlError::NotFound) => Opened::NoDriver,
        Err(why) => Opened::Fault(why.to_string()),
    }
}

/// The GPUs that there are, and what is fixed about them.
pub(super) fn machine(nvml: &Nvml, sysfs: &Sysfs) -> Result<Machine, String> {
    let devices = devices(nvml)?;
    let gpus: Vec<Gpu> = devices.iter().map(|d| gpu(d, sysfs)).collect();
    let near = near::matrix(&devices, &gpus);
    Ok(Machine { driver: nvml.sys_driver_version().ok(), gpus, near })
}

/// Handles of all GPUs, which stay good while the library is open.
pub(super) fn devices(nvml: &Nvml) -> Result<Vec<Device<'_>>, String> {
    let count = nvml.device_count().map_err(|why| why.to_string())?;
    // One that its user may not touch, or that is lost already, is not ours to give.
    Ok((0..count).filter_map(|at| nvml.device_by_index(at).ok()).collect())
}

fn gpu(device: &Device, sysfs: &Sysfs) -> Gpu {
    let pci = device.pci_info().ok().map(|pci| address(&pci.bus_id));
    let (memory, reserved) = device.memory_info().map_or((0, 0), |m| (m.total, m.reserved));
    Gpu {
        card: Card {
            index: device.index().unwrap_or_default(),
            uuid: device.uuid().ok(),
            minor: device.minor_number().ok(),
            vendor: Vendor::Nvidia,
        },
        product: device.name().unwrap_or_else(|_| "NVIDIA".into()),
        memory: mib(memory),
        reserved: Mib(reserved.div_ceil(1 << 20)),
        numa: pci.as_deref().and_then(|pci| sysfs.numa(pci)),
        pci,
        mig: instances(device),
        persistence: device.is_in_persistent_mode().ok(),
        lets_in: match device.compute_mode() {
            Ok(ComputeMode::ExclusiveProcess | ComputeMode::ExclusiveThread) => LetsIn::One,
            Ok(ComputeMode::Prohibited) => LetsIn::Nobody,
            Ok(ComputeMode::Default) | Err(_) => LetsIn::Any,
        },
    }
}

/// As sysfs writes it: the library gives the domain eight digits, the kernel four.
pub(super) fn address(bus_id: &str) -> String {
    let small = bus_id.to_ascii_lowercase();
    match small.split_once(':') {
        Some((domain, rest)) if domain.len() > 4 => {
            format!("{}:{rest}", domain.get(domain.len() - 4..).unwrap_or(domain))
        }
        _ => small,
    }
}

/// The instances of a GPU that is split.
fn instances(device: &Device) -> Option<Vec<Instance>> {
    let is_split = device.mig_mode().is_ok_and(|mode| mode.current == 1);
    if !is_split {
        return None;
    }
    let all = 0..device.mig_device_count().unwrap_or_default();
    let instance = |at: u32| {
        let part = device.mig_device_by_index(at).ok()?;
        Some(Instance {
            uuid: part.uuid().ok()?,
            product: part.name().unwrap_or_default(),
            memory: mib(part.memory_info().map_or(0, |memory| memory.total)),
        })
    };
    Some(all.filter_map(instance).collect())
}

/// What changes.
pub(super) fn reading(device: &Device) -> Reading {
    let memory = device.memory_info();
    if matches!(memory, Err(NvmlError::GpuLost)) {
        return Reading { lost: true, ..Reading::default() };
    }
    let [rows, pending, failed, recovery] =
        fields(device, [REMAPPED_ROWS, REMAP_PENDING, REMAP_FAILURE, RECOVERY_ACTION]);
    let number = |value: Option<u64>| value.and_then(|n| u32::try_from(n).ok());
    Reading {
        lost: false,
        utilization: device.utilization_rates().ok().map(|rates| rates.gpu),
        sm: None,
        memory_used: memory.ok().map(|memory| mib(memory.used)),
        power_mw: device.power_usage().ok().map(u64::from),
        energy_mj: device.total_energy_consumption().ok(),
        celsius: device.temperature(TemperatureSensor::Gpu).ok(),
        brake: device.current_throttle_reasons().ok().and_then(brake),
        ecc_errors: device.total_ecc_errors(MemoryError::Uncorrected, EccCounter::Volatile).ok(),
        remap: pending.or(failed).map(|_| Remap {
            rows: number(rows).unwrap_or_default(),
            pending: pending.is_some_and(|n| n > 0),
            failed: failed.is_some_and(|n| n > 0),
        }),
        recovery: number(recovery),
        processes: processes(device),
        instances: instances_used(device),
    }
}

/// Memory in use of the instances of a GPU that is split.
fn instances_used(device: &Device) -> Vec<(String, Mib)> {
    if device.mig_mode().is_ok_and(|mode| mode.current != 1) {
        return Vec::new();
    }
    let all = 0..device.mig_device_count().unwrap_or_default();
    let used = |at: u32| {
        let part = device.mig_device_by_index(at).ok()?;
        Some((part.uuid().ok()?, mib(part.memory_info().ok()?.used)))
    };
    all.filter_map(used).collect()
}

fn brake(reasons: ThrottleReasons) -> Option<Brake> {
    let heat = ThrottleReasons::HW_THERMAL_SLOWDOWN | ThrottleReasons::SW_THERMAL_SLOWDOWN;
    if reasons.intersects(heat) {
        Some(Brake::Heat)
    } else if reasons.intersects(ThrottleReasons::HW_POWER_BRAKE_SLOWDOWN) {
        Some(Brake::Power)
    } else {
        reasons.intersects(ThrottleReasons::SW_POWER_CAP).then_some(Brake::Cap)
    }
}

/// Programs that compute; what only draws is nobody's turn.
fn processes(device: &Device) -> Option<Vec<Process>> {
    let listed = device.running_compute_processes().ok()?;
    // Clients of a shared context are listed apart.
    let shared = device.mps_running_compute_processes().unwrap_or_default();
    let busy = busy(device);
    let mut all: Vec<Process> = listed
        .into_iter()
        .chain(shared)
        .map(|process| Process {
            pid: process.pid,
            memory: match process.used_gpu_memory {
                UsedGpuMemory::Used(bytes) => Some(mib(bytes)),
                UsedGpuMemory::Unavailable => None,
            },
            busy: busy.get(&process.pid).map(|(_, percent)| *percent),
        })
        .collect();
    all.sort_unstable();
    all.dedup_by_key(|process| process.pid);
    Some(all)
}

/// Of each process the newest the driver has: when, and percent of the cores' time. Empty where it does not say.
fn busy(device: &Device) -> BTreeMap<u32, (u64, u32)> {
    let mut newest: BTreeMap<u32, (u64, u32)> = BTreeMap::new();
    for sample in device.process_utilization_stats(None).unwrap_or_default() {
        let known = newest.entry(sample.pid).or_default();
        *known = (*known).max((sample.timestamp, sample.sm_util.min(100)));
    }
    newest
}

fn fields<const N: usize>(device: &Device, ids: [FieldId; N]) -> [Option<u64>; N] {
    let mut found = [None; N];
    let Ok(values) = device.field_values_for(&ids) else { return found };
    for (slot, value) in found.iter_mut().zip(values) {
        *slot = match value.ok().and_then(|sample| sample.value.ok()) {
            Some(SampleValue::U32(number)) => Some(number.into()),
            Some(SampleValue::U64(number)) => Some(number),
            Some(SampleValue::I64(number)) => u64::try_from(number).ok(),
            _ => None,
        };
    }
    found
}

fn mib(bytes: u64) -> Mib {
    Mib(bytes >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pci_address_is_written_as_in_sysfs() {
        assert_eq!(address("00000000:65:00.0"), "0000:65:00.0");
        assert_eq!(address("0000:0A:00.0"), "0000:0a:00.0");
    }
}
