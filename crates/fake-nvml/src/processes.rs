//! Programs that use a GPU.

use super::{Device, INSUFFICIENT_SIZE, OK, ask, put};
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
