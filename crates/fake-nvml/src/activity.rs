//! How much of a GPU worked between two samples (GPM): Hopper and newer, and not where it is split.

use super::{Device, INVALID, NOT_SUPPORTED, OK, ask, put, with};
use std::ffi::{c_char, c_double, c_int, c_uint};

/// `nvmlGpmSupport_t`.
#[repr(C)]
pub struct Support {
    version: c_uint,
    is_supported: c_uint,
}

/// `nvmlGpmMetric_t`.
#[repr(C)]
pub struct Metric {
    id: c_uint,
    result: c_int,
    value: c_double,
    names: [*const c_char; 3],
}

/// `nvmlGpmMetricsGet_t`, as far as it is known how many metrics follow.
#[repr(C)]
pub struct MetricsGet {
    version: c_uint,
    count: c_uint,
    first: Sample,
    second: Sample,
    metrics: [Metric; 0],
}

/// A sample is the GPU that it was taken of.
type Sample = *mut Device;

/// `NVML_GPM_METRIC_SM_UTIL`.
const SM_UTIL: c_uint = 2;
/// Names of GPUs that say it.
const HOPPER_AND_NEWER: [&str; 10] =
    ["H100", "H200", "H800", "H20", "GH200", "B100", "B200", "B300", "GB200", "GB300"];

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlGpmQueryDeviceSupport(device: Device, to: *mut Support) -> c_int {
    with(device, |folder, at, gpu| {
        let is_new = gpu.name.split(' ').any(|word| HOPPER_AND_NEWER.contains(&word));
        let is_supported = is_new && folder.reading(at, "mig") != Some(1);
        put(to, Some(Support { version: 1, is_supported: c_uint::from(is_supported) }))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlGpmSampleAlloc(to: *mut Sample) -> c_int {
    put(to, Some(Box::into_raw(Box::new(0))))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlGpmSampleFree(sample: Sample) -> c_int {
    if sample.is_null() {
        return INVALID;
    }
    // SAFETY: the caller frees once what was made by `nvmlGpmSampleAlloc`.
    drop(unsafe { Box::from_raw(sample) });
    OK
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlGpmSampleGet(device: Device, sample: Sample) -> c_int {
    ask(device, |_, _, _| put(sample, Some(device)))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlGpmMetricsGet(of: *mut MetricsGet) -> c_int {
    if of.is_null() {
        return INVALID;
    }
    // SAFETY: the caller passes a block as in the header, with two samples that are not freed.
    let (count, samples) = unsafe { ((*of).count, [*(*of).first, *(*of).second]) };
    if samples[0] != samples[1] {
        return INVALID;
    }
    ask(samples[1], |folder, at, _| {
        // Unless a file says it, all of the GPU works whenever something runs.
        let busy = folder.reading(at, "utilization").unwrap_or(0);
        let sm = folder.reading(at, "sm_thousandths").unwrap_or(busy * 10);
        let percent = f64::from(u32::try_from(sm).unwrap_or(1000)) / 10.0;
        for nth in 0..usize::try_from(count).unwrap_or(0) {
            // SAFETY: that many metrics follow the head of the block.
            let metric = unsafe { &mut *(&raw mut (*of).metrics).cast::<Metric>().add(nth) };
            let is_known = metric.id == SM_UTIL;
            (metric.result, metric.value) =
                if is_known { (OK, percent) } else { (NOT_SUPPORTED, 0.0) };
            metric.names = [c"SM".as_ptr(), c"SM utilization".as_ptr(), c"%".as_ptr()];
        }
        OK
    })
}
