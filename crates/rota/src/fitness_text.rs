//! What keeps GPUs from new jobs, in sentences.

use crate::show;
use crate::text::{safe, tr};
use rota_core::fitness::Fault;

/// What is wrong with a GPU.
pub fn fault(fault: &Fault) -> String {
    match fault {
        Fault::Said { text } => safe(text),
        Fault::Recovery { action: 1 } => tr!("fault-reset"),
        Fault::Recovery { action: 2 } => tr!("fault-reboot"),
        Fault::Recovery { .. } => tr!("fault-recovery"),
        Fault::RemapPending => tr!("fault-remap-pending"),
        Fault::RemapFailed => tr!("fault-remap-failed"),
        Fault::Xid { xid } => tr!("fault-xid", xid = xid),
        Fault::Leftover { memory } => tr!("fault-leftover", memory = memory),
        Fault::Lost => tr!("fault-lost"),
        Fault::Neighbour { gpu } => tr!("fault-neighbour", gpu = gpu),
        Fault::Hung { job } => tr!("fault-hung", job = job),
        Fault::Unreadable => tr!("fault-unreadable"),
    }
}

/// Who drained it.
pub fn by(person: &str) -> String {
    if person.is_empty() { "Rota".into() } else { safe(person) }
}

/// Something that should be looked at and keeps no job away.
pub fn warning(code: &str) -> String {
    match code {
        "persistence-off" => tr!("warning-persistence"),
        "heat" => tr!("warning-heat"),
        "power" => tr!("warning-power"),
        other => safe(other),
    }
}

/// A sentence as an item of a list.
pub fn item(text: &str) -> String {
    show::wrapped("- ", text)
}
