//! What a job may use on a real machine, settled before its program begins: with root its own control group with limits and
//! with no other GPUs than its own. Without root, and on simulated GPUs, only the environment says so.

use super::Start;
use super::cgroup::{Group, Limits};
use super::device_filter::allow_only;

/// Makes the group of a run; none where this machine, or this user, cannot.
pub(crate) fn confine<'g>(group: Option<&'g Group>, start: &Start) -> Option<&'g Group> {
    let group = group.filter(|_| !start.simulated && nix::unistd::geteuid().is_root())?;
    group.create().ok()?;
    // A folder of records that was removed with a suspended job may have left a frozen group of this name.
    group.thaw();
    group.limit(Limits { cpus: start.cpus, memory: start.mem.0 << 20 });
    let minors: Vec<u32> = start.gpus.iter().filter_map(|card| card.minor).collect();
    // Without the minor numbers the filter would take away what it was given.
    if minors.len() == start.gpus.len() {
        // A kernel without the filter leaves the environment; `rota doctor` tells.
        let _ = allow_only(group.path(), &minors);
    }
    Some(group)
}
