//! Errors that the driver reports: `xids` has a line for each, `GPU XID`; read once.

use super::{Device, OK, TIMEOUT, put, with};
use fake_gpu::Folder;
use std::ffi::{c_int, c_uint, c_ulonglong};
use std::time::{Duration, Instant};

/// `nvmlEventData_t`.
#[repr(C)]
pub struct EventData {
    device: Device,
    kind: c_ulonglong,
    data: c_ulonglong,
    gpu_instance: c_uint,
    compute_instance: c_uint,
}

/// `nvmlEventTypeXidCriticalError`.
const XID: c_ulonglong = 8;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlEventSetCreate(to: *mut usize) -> c_int {
    put(to, Some(1))
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlEventSetFree(_set: usize) -> c_int {
    OK
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlDeviceRegisterEvents(
    device: Device,
    _kinds: c_ulonglong,
    _set: usize,
) -> c_int {
    with(device, |_, _, _| OK)
}

/// Looks again and again for as long as the caller waits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlEventSetWait_v2(
    _set: usize,
    to: *mut EventData,
    milliseconds: c_uint,
) -> c_int {
    let until = Instant::now() + Duration::from_millis(milliseconds.into());
    let reported = || Folder::from_environment().and_then(|folder| folder.take_xid());
    let (gpu, xid) = loop {
        match reported() {
            Some(found) => break found,
            None if Instant::now() >= until => return TIMEOUT,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    put(
        to,
        Some(EventData {
            device: gpu + 1,
            kind: XID,
            data: xid,
            gpu_instance: c_uint::MAX,
            compute_instance: c_uint::MAX,
        }),
    )
}
