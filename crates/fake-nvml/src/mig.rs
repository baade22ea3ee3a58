//! GPUs that are split: `gpu/0` says `mig=1`, and `mig/0` has a line for each instance, `uuid|name|memory in MiB`.

use super::{Device, INVALID, NOT_FOUND, put, small, with};
use fake_gpu::{Folder, Gpu};
use std::ffi::{c_int, c_uint};

/// Handles of instances: above those of GPUs, so many for each GPU.
const FIRST: Device = 1 << 16;
const EACH: Device = 8;

/// The instance behind a handle.
pub fn instance(folder: &Folder, device: Device) -> Option<Gpu> {
    let at = device.checked_sub(FIRST)?;
    folder.instances(at / EACH).into_iter().nth(at % EACH)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetMaxMigDeviceCount(device: Device, to: *mut c_uint) -> c_int {
    with(device, |_, _, _| put(to, c_uint::try_from(EACH).ok()))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetMigDeviceHandleByIndex(
    device: Device,
    index: c_uint,
    to: *mut Device,
) -> c_int {
    with(device, |folder, at, _| {
        let Ok(index) = Device::try_from(index) else { return INVALID };
        if index >= folder.instances(at).len() {
            return NOT_FOUND;
        }
        put(to, Some(FIRST + at * EACH + index))
    })
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
