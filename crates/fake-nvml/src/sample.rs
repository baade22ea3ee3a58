//! What changes of a GPU.

use super::{ARGUMENT_VERSION_MISMATCH, Device, INSTANCE, NOT_SUPPORTED, OK, ask, put, small};
use fake_gpu::Fault;
use std::ffi::{c_int, c_longlong, c_uint, c_ulonglong};

/// `nvmlMemory_v2_t`.
#[repr(C)]
pub struct MemoryV2 {
    version: c_uint,
    total: u64,
    reserved: u64,
    free: u64,
    used: u64,
}

/// `nvmlUtilization_t`, in percent.
#[repr(C)]
pub struct Utilization {
    gpu: c_uint,
    memory: c_uint,
}

/// `nvmlFieldValue_t`.
#[repr(C)]
pub struct FieldValue {
    field: c_uint,
    scope: c_uint,
    timestamp: c_longlong,
    latency: c_longlong,
    kind: c_int,
    result: c_int,
    value: c_ulonglong,
}

/// `NVML_VALUE_TYPE_UNSIGNED_INT`.
const UNSIGNED_INT: c_int = 1;

/// Fields and how their readings are called.
const FIELDS: [(c_uint, &str); 4] =
    [(143, "remapped_rows"), (144, "remap_pending"), (145, "remap_failure"), (230, "recovery")];

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetFieldValues(
    device: Device,
    count: c_int,
    to: *mut FieldValue,
) -> c_int {
    ask(device, |folder, at, _| {
        let count = usize::try_from(count).unwrap_or(0);
        // SAFETY: the caller passes so many blocks, with the number of a field in each.
        let fields = unsafe { std::slice::from_raw_parts_mut(to, count) };
        for field in fields {
            let known = FIELDS.iter().find(|(id, _)| *id == field.field);
            (field.kind, field.result) = (UNSIGNED_INT, NOT_SUPPORTED);
            if let Some((_, key)) = known {
                field.value = folder.reading(at, key).unwrap_or(0);
                field.result = OK;
            }
        }
        OK
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetCurrentClocksThrottleReasons(
    device: Device,
    to: *mut c_ulonglong,
) -> c_int {
    ask(device, |folder, at, _| put(to, Some(folder.reading(at, "throttle").unwrap_or(0))))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetTotalEccErrors(
    device: Device,
    _kind: c_uint,
    _counter: c_uint,
    to: *mut c_ulonglong,
) -> c_int {
    ask(device, |folder, at, _| put(to, Some(folder.reading(at, "ecc_errors").unwrap_or(0))))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetMemoryInfo_v2(device: Device, to: *mut MemoryV2) -> c_int {
    ask(device, |folder, at, gpu| {
        // SAFETY: the caller passes a block as in the header, with its version filled in.
        let version = unsafe { (*to).version };
        if version >> 24 != 2 {
            return ARGUMENT_VERSION_MISMATCH;
        }
        match folder.fault("nvmlDeviceGetMemoryInfo") {
            Some(Fault::Result(result)) => return result,
            Some(Fault::Crash) => std::process::abort(),
            Some(Fault::Hang) => loop {
                std::thread::park();
            },
            Some(Fault::Kill) | None => {}
        }
        // Of an instance only what names it.
        let processes = match at {
            INSTANCE => folder.used_of(&gpu.uuid),
            _ => folder.on(at).iter().map(|p| p.mib).sum(),
        };
        let used = (processes << 20) + (folder.reading(at, "leftover_mib").unwrap_or(0) << 20);
        let reserved = folder.reading(at, "reserved_mib").unwrap_or(0) << 20;
        let total = gpu.mib << 20;
        let free = total.saturating_sub(used + reserved);
        put(to, Some(MemoryV2 { version, total, reserved, free, used }))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetUtilizationRates(
    device: Device,
    to: *mut Utilization,
) -> c_int {
    ask(device, |folder, at, _| {
        let read = |key| folder.reading(at, key).map_or(0, small);
        put(to, Some(Utilization { gpu: read("utilization"), memory: read("memory_utilization") }))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetPowerUsage(device: Device, to: *mut c_uint) -> c_int {
    ask(device, |folder, at, _| put(to, Some(folder.reading(at, "power_mw").map_or(75_000, small))))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetTotalEnergyConsumption(
    device: Device,
    to: *mut c_ulonglong,
) -> c_int {
    ask(device, |folder, at, _| put(to, Some(folder.reading(at, "energy_mj").unwrap_or(0))))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetTemperature(
    device: Device,
    _sensor: c_uint,
    to: *mut c_uint,
) -> c_int {
    ask(device, |folder, at, _| put(to, Some(folder.reading(at, "celsius").map_or(35, small))))
}
