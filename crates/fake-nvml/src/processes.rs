//! Programs that use a GPU.

use super::{Device, INSUFFICIENT_SIZE, NOT_FOUND, OK, ask, put, small};
use std::ffi::{c_int, c_uint, c_ulonglong};

/// No MIG instance.
const NONE: c_uint = c_uint::MAX;

/// `nvmlProcessInfo_v3_t`.
#[repr(C)]
pub struct ProcessInfo {
    pid: c_uint,
    used: c_ulonglong,
    gpu_instance: c_uint,
    compute_instance: c_uint,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetComputeRunningProcesses_v3(
    device: Device,
    count: *mut c_uint,
    to: *mut ProcessInfo,
) -> c_int {
    ask(device, |folder, at, _| {
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

/// `nvmlProcessUtilizationSample_t`.
#[repr(C)]
pub struct UtilizationSample {
    pid: c_uint,
    timestamp: c_ulonglong,
    cores: c_uint,
    memory: c_uint,
    encoder: c_uint,
    decoder: c_uint,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetProcessUtilization(
    device: Device,
    to: *mut UtilizationSample,
    count: *mut c_uint,
    _since: c_ulonglong,
) -> c_int {
    ask(device, |folder, at, _| {
        let all = folder.on(at);
        let said = all.iter().filter_map(|p| Some((p.pid, small(folder.busy(p.pid)?))));
        let said: Vec<(c_uint, c_uint)> = said.collect();
        // SAFETY: the caller passes how many there is room for.
        let room = unsafe { *count };
        let found = c_uint::try_from(said.len()).unwrap_or(c_uint::MAX);
        if found == 0 {
            return NOT_FOUND;
        }
        if put(count, Some(found)) != OK || found > room || to.is_null() {
            return INSUFFICIENT_SIZE;
        }
        for (k, (pid, cores)) in said.into_iter().enumerate() {
            let (memory, encoder, decoder) = (0, 0, 0);
            let sample = UtilizationSample { pid, timestamp: 1, cores, memory, encoder, decoder };
            // SAFETY: there is room for `found` of them.
            unsafe { to.add(k).write(sample) };
        }
        OK
    })
}
