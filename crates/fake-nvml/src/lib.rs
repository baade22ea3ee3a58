//! Simulated GPUs behind the C interface of `libnvidia-ml.so.1`, so that callers of NVML run unchanged without a GPU.
//!
//! What the folder holds is described in [`fake_gpu`]. A call that is not here is a missing symbol, which callers must bear.

#![expect(unsafe_code, reason = "a C interface has no safe form")]
#![expect(
    missing_docs,
    clippy::missing_safety_doc,
    reason = "the contract is that of NVIDIA's header"
)]

mod activity;
mod device;
mod events;
mod mig;
mod processes;
mod sample;
mod topology;

use fake_gpu::{Folder, Gpu};
use std::ffi::{CString, c_char, c_int, c_uint};
use std::sync::atomic::{AtomicI32, Ordering};

const OK: c_int = 0;
const UNINITIALIZED: c_int = 1;
const INVALID: c_int = 2;
const NOT_SUPPORTED: c_int = 3;
const NOT_FOUND: c_int = 6;
const INSUFFICIENT_SIZE: c_int = 7;
const DRIVER_NOT_LOADED: c_int = 9;
const TIMEOUT: c_int = 10;
const GPU_IS_LOST: c_int = 15;
const ARGUMENT_VERSION_MISMATCH: c_int = 25;
/// A handle: index + 1, so that it is never null.
type Device = usize;
/// The index of what is no whole GPU.
const INSTANCE: usize = usize::MAX;

static USERS: AtomicI32 = AtomicI32::new(0);

fn with(device: Device, act: impl FnOnce(&Folder, usize, &Gpu) -> c_int) -> c_int {
    if USERS.load(Ordering::SeqCst) <= 0 {
        return UNINITIALIZED;
    }
    let Some(folder) = Folder::from_environment() else { return DRIVER_NOT_LOADED };
    let index = device.wrapping_sub(1);
    match (folder.gpus().unwrap_or_default().get(index), mig::instance(&folder, device)) {
        (Some(gpu), _) => act(&folder, index, gpu),
        (None, Some(instance)) => act(&folder, INSTANCE, &instance),
        (None, None) => INVALID,
    }
}

/// The same for what a GPU that has fallen off the bus does not answer.
fn ask(device: Device, act: impl FnOnce(&Folder, usize, &Gpu) -> c_int) -> c_int {
    with(device, |folder, at, gpu| match folder.reading(at, "lost") {
        Some(1) => GPU_IS_LOST,
        _ => act(folder, at, gpu),
    })
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
