//! Which GPUs are near each other: `topology` has a line for each pair, `0 1 nvlink 4` or `0 1 node`; between others the
//! whole system. `0 switch 18` links a GPU to a switch.

use super::device::PciInfo;
use super::{Device, NOT_SUPPORTED, put, with};
use fake_gpu::Folder;
use std::ffi::{c_int, c_uint};

const LEVELS: [(&str, c_int); 6] = [
    ("internal", 0),
    ("single", 10),
    ("multiple", 20),
    ("hostbridge", 30),
    ("node", 40),
    ("system", 50),
];

/// The bus of the switch.
const SWITCH: usize = 0xf0;

/// The most links of a GPU.
const LINKS: usize = 18;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetTopologyCommonAncestor(
    device: Device,
    other: Device,
    to: *mut c_int,
) -> c_int {
    with(device, |folder, at, _| {
        let other = other.wrapping_sub(1);
        let same = |a: usize, b: usize| (a, b) == (at, other) || (b, a) == (at, other);
        let pairs = folder.topology();
        let found = pairs.iter().find_map(|words| match words.as_slice() {
            [a, b, level] if same(a.parse().ok()?, b.parse().ok()?) => Some(level.clone()),
            _ => None,
        });
        let level = found.unwrap_or_else(|| "system".into());
        put(to, LEVELS.iter().find(|(name, _)| *name == level).map(|(_, number)| *number))
    })
}

/// The bus at the other end of each link of a GPU.
fn links(folder: &Folder, gpu: usize) -> Vec<usize> {
    let mut ends = Vec::new();
    for words in folder.topology() {
        let number = |at: usize| words.get(at).and_then(|word: &String| word.parse::<usize>().ok());
        let (end, count) = match (number(0), number(1), words.get(1).map(String::as_str)) {
            (Some(a), None, Some("switch")) if a == gpu => (SWITCH, number(2)),
            (Some(a), Some(b), _) if a == gpu => (PciInfo::bus(b), number(3)),
            (Some(a), Some(b), _) if b == gpu => (PciInfo::bus(a), number(3)),
            _ => continue,
        };
        ends.extend(std::iter::repeat_n(end, count.unwrap_or(0)));
    }
    ends.truncate(LINKS);
    ends
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetNvLinkState(
    device: Device,
    link: c_uint,
    to: *mut c_uint,
) -> c_int {
    with(device, |folder, at, _| {
        let links = links(folder, at);
        let is_active = usize::try_from(link).is_ok_and(|link| link < links.len());
        put(to, Some(c_uint::from(is_active)).filter(|_| !links.is_empty()))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetNvLinkRemotePciInfo_v2(
    device: Device,
    link: c_uint,
    to: *mut PciInfo,
) -> c_int {
    with(device, |folder, at, _| {
        let end = usize::try_from(link).ok().and_then(|link| links(folder, at).get(link).copied());
        end.map_or(NOT_SUPPORTED, |bus| put(to, Some(PciInfo::at(bus))))
    })
}
