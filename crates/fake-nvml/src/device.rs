//! What stays of a GPU.

use super::{Device, put, put_text, small, with};
use std::ffi::{c_char, c_int, c_uint};

/// `nvmlPciInfo_t`.
#[repr(C)]
pub struct PciInfo {
    legacy: [c_char; 16],
    domain: c_uint,
    bus: c_uint,
    device: c_uint,
    id: c_uint,
    subsystem: c_uint,
    bus_id: [c_char; 32],
}

impl PciInfo {
    /// GPU 0 is `00000000:10:00.0`, the next one `00000000:11:00.0`; a switch is at bus 0xf0.
    pub fn at(bus: usize) -> PciInfo {
        let (mut legacy, mut bus_id) = ([0; 16], [0; 32]);
        fill(&mut legacy, &format!("0000:{bus:02X}:00.0"));
        fill(&mut bus_id, &format!("00000000:{bus:02X}:00.0"));
        let bus = c_uint::try_from(bus).unwrap_or_default();
        PciInfo { legacy, domain: 0, bus, device: 0, id: 0x2330_10de, subsystem: 0, bus_id }
    }

    /// The bus of a GPU.
    pub fn bus(gpu: usize) -> usize {
        0x10 + gpu
    }
}

fn fill(to: &mut [c_char], text: &str) {
    for (slot, byte) in to.iter_mut().zip(text.bytes()) {
        *slot = c_char::try_from(byte).unwrap_or_default();
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetPciInfo_v3(device: Device, to: *mut PciInfo) -> c_int {
    with(device, |_, at, _| put(to, Some(PciInfo::at(PciInfo::bus(at)))))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetPersistenceMode(device: Device, to: *mut c_uint) -> c_int {
    with(device, |folder, at, _| put(to, Some(folder.reading(at, "persistence").map_or(1, small))))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetComputeMode(device: Device, to: *mut c_uint) -> c_int {
    with(device, |folder, at, _| put(to, Some(folder.reading(at, "compute_mode").map_or(0, small))))
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
