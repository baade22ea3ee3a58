//! Simulated GPUs behind the C interface of `libnvidia-ml.so.1`, so that callers of NVML run unchanged without a GPU.
//!
//! What the folder holds is described in [`fake_gpu`]. A call that is not here is a missing symbol, which callers must bear.

#![expect(unsafe_code, reason = "a C interface has no safe form")]
#![expect(
    missing_docs,
    clippy::missing_safety_doc,
    reason = "the contract is that of NVIDIA's header"
)]

use fake_gpu::{Folder, Gpu};
use std::ffi::{CString, c_char, c_int, c_uint, c_ulonglong};
use std::sync::atomic::{AtomicI32, Ordering};

const OK: c_int = 0;
const UNINITIALIZED: c_int = 1;
const INVALID: c_int = 2;
const NOT_SUPPORTED: c_int = 3;
const INSUFFICIENT_SIZE: c_int = 7;
const DRIVER_NOT_LOADED: c_int = 9;
const ARGUMENT_VERSION_MISMATCH: c_int = 25;
/// No MIG instance.
const NONE: c_uint = c_uint::MAX;

/// A handle: index + 1, so that it is never null.
type Device = usize;

static USERS: AtomicI32 = AtomicI32::new(0);

/// `nvmlMemory_v2_t`.
#[repr(C)]
pub struct MemoryV2 {
    version: c_uint,
    total: u64,
    reserved: u64,
    free: u64,
    used: u64,
}

/// `nvmlProcessInfo_v3_t`.
#[repr(C)]
pub struct ProcessInfo {
    pid: c_uint,
    used: c_ulonglong,
    gpu_instance: c_uint,
    compute_instance: c_uint,
}

/// `nvmlUtilization_t`, in percent.
#[repr(C)]
pub struct Utilization {
    gpu: c_uint,
    memory: c_uint,
}

fn with(device: Device, act: impl FnOnce(&Folder, usize, &Gpu) -> c_int) -> c_int {
    if USERS.load(Ordering::SeqCst) <= 0 {
        return UNINITIALIZED;
    }
    let Some(folder) = Folder::from_environment() else { return DRIVER_NOT_LOADED };
    let index = device.wrapping_sub(1);
    match folder.gpus().unwrap_or_default().get(index) {
        Some(gpu) => act(&folder, index, gpu),
        None => INVALID,
    }
}

/// Writes what was found; `None` is a reading that this GPU does not have.
fn put<T>(to: *mut T, value: Option<T>) -> c_int {
    let Some(value) = value else { return NOT_SUPPORTED };
    if to.is_null() {
        return INVALID;
    }
    // SAFETY: the caller passes a place for one value, which is not null.
    unsafe { to.write(value) };
    OK
}

fn put_text(text: &str, to: *mut c_char, length: c_uint) -> c_int {
    let Ok(text) = CString::new(text) else { return INVALID };
    let bytes = text.as_bytes_with_nul();
    if usize::try_from(length).is_ok_and(|length| bytes.len() > length) {
        return INSUFFICIENT_SIZE;
    }
    // SAFETY: the caller passes a place for `length` characters, and there are no more.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr().cast::<c_char>(), to, bytes.len()) };
    OK
}

fn small(value: u64) -> c_uint {
    c_uint::try_from(value).unwrap_or(c_uint::MAX)
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlInit_v2() -> c_int {
    let Some(_) = Folder::from_environment().and_then(|f| f.gpus()) else {
        return DRIVER_NOT_LOADED;
    };
    USERS.fetch_add(1, Ordering::SeqCst);
    OK
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlInitWithFlags(_flags: c_uint) -> c_int {
    nvmlInit_v2()
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlShutdown() -> c_int {
    if USERS.fetch_sub(1, Ordering::SeqCst) > 0 { OK } else { UNINITIALIZED }
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlErrorString(_result: c_int) -> *const c_char {
    c"simulated".as_ptr()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlSystemGetDriverVersion(to: *mut c_char, length: c_uint) -> c_int {
    put_text(&Folder::from_environment().map(|f| f.driver()).unwrap_or_default(), to, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlSystemGetNVMLVersion(to: *mut c_char, length: c_uint) -> c_int {
    let driver = Folder::from_environment().map(|f| f.driver()).unwrap_or_default();
    put_text(&format!("13.{driver}"), to, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlSystemGetCudaDriverVersion_v2(to: *mut c_int) -> c_int {
    put(to, Some(13_000))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetCount_v2(to: *mut c_uint) -> c_int {
    let gpus = Folder::from_environment().and_then(|f| f.gpus()).unwrap_or_default();
    put(to, c_uint::try_from(gpus.len()).ok())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetHandleByIndex_v2(index: c_uint, to: *mut Device) -> c_int {
    let device = usize::try_from(index).map_or(0, |i| i + 1);
    with(device, |_, _, _| put(to, Some(device)))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetIndex(device: Device, to: *mut c_uint) -> c_int {
    with(device, |_, at, _| put(to, c_uint::try_from(at).ok()))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetMinorNumber(device: Device, to: *mut c_uint) -> c_int {
    with(device, |folder, at, _| {
        let written = folder.reading(at, "minor").map(small);
        put(to, written.or_else(|| c_uint::try_from(at).ok()))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetName(
    device: Device,
    to: *mut c_char,
    length: c_uint,
) -> c_int {
    with(device, |_, _, gpu| put_text(&gpu.name, to, length))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetUUID(
    device: Device,
    to: *mut c_char,
    length: c_uint,
) -> c_int {
    with(device, |_, _, gpu| put_text(&gpu.uuid, to, length))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetMemoryInfo_v2(device: Device, to: *mut MemoryV2) -> c_int {
    with(device, |folder, at, gpu| {
        // SAFETY: the caller passes a block as in the header, with its version filled in.
        let version = unsafe { (*to).version };
        if version >> 24 != 2 {
            return ARGUMENT_VERSION_MISMATCH;
        }
        let used = folder.on(at).iter().map(|p| p.mib << 20).sum();
        let total = gpu.mib << 20;
        let free = total.saturating_sub(used);
        put(to, Some(MemoryV2 { version, total, reserved: 0, free, used }))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetUtilizationRates(
    device: Device,
    to: *mut Utilization,
) -> c_int {
    with(device, |folder, at, _| {
        let read = |key| folder.reading(at, key).map_or(0, small);
        put(to, Some(Utilization { gpu: read("utilization"), memory: read("memory_utilization") }))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetPowerUsage(device: Device, to: *mut c_uint) -> c_int {
    with(device, |folder, at, _| {
        put(to, Some(folder.reading(at, "power_mw").map_or(75_000, small)))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetTotalEnergyConsumption(
    device: Device,
    to: *mut c_ulonglong,
) -> c_int {
    with(device, |folder, at, _| put(to, Some(folder.reading(at, "energy_mj").unwrap_or(0))))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetTemperature(
    device: Device,
    _sensor: c_uint,
    to: *mut c_uint,
) -> c_int {
    with(device, |folder, at, _| put(to, Some(folder.reading(at, "celsius").map_or(35, small))))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetMigMode(
    device: Device,
    current: *mut c_uint,
    pending: *mut c_uint,
) -> c_int {
    with(device, |folder, at, _| {
        let mode = folder.reading(at, "mig").map(small);
        put(current, mode).max(put(pending, mode))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetComputeRunningProcesses_v3(
    device: Device,
    count: *mut c_uint,
    to: *mut ProcessInfo,
) -> c_int {
    with(device, |folder, at, _| {
        let all = folder.on(at);
        // SAFETY: the caller passes how many there is room for.
        let room = unsafe { *count };
        let found = c_uint::try_from(all.len()).unwrap_or(c_uint::MAX);
        if put(count, Some(found)) != OK || found > room || (to.is_null() && found > 0) {
            return INSUFFICIENT_SIZE;
        }
        for (k, process) in all.into_iter().enumerate() {
            let used = process.mib << 20;
            let info =
                ProcessInfo { pid: process.pid, used, gpu_instance: NONE, compute_instance: NONE };
            // SAFETY: there is room for `found` of them.
            unsafe { to.add(k).write(info) };
        }
        OK
    })
}
