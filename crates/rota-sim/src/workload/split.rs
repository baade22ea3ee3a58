//! GPUs that are split, and jobs that use more or less of a GPU than they asked for.

use crate::dice::Dice;
use crate::run::Arrival;
use rota_core::id::{JobId, NodeId};
use rota_core::node::Node;
use rota_core::observation::{GpuSeen, GpuSighting};
use rota_core::slice::kind;
use rota_core::units::{Mib, Span, Time};

/// In some worlds the GPUs of a node are slices.
pub(super) fn split(dice: &mut Dice, nodes: &mut [Node]) {
    if !dice.once_in(4) {
        return;
    }
    let last = nodes.len().saturating_sub(1);
    if let Some(node) = nodes.get_mut(last) {
        let kind = kind(if dice.once_in(2) { "H100-1g.10gb" } else { "H100-3g.40gb" });
        node.price = kind.price.unwrap_or(node.price);
        (node.gpu_mem, node.model, node.slice) = (kind.memory, Some(kind.model), kind.slice);
    }
}

/// What is seen during four days of the memory that jobs use, wherever they are: too much once, and after a minute still,
/// or no more.
pub(super) fn arrivals(dice: &mut Dice, begins: Time, jobs: u32) -> Vec<(Time, Arrival)> {
    let mut all = Vec::new();
    for _ in 0..jobs * 3 {
        let at = begins.after(dice.minutes(0, 4 * 24 * 60));
        let job = JobId::single(u64::from(dice.from_to(1, jobs)));
        let then = Mib(if dice.once_in(2) { 1 } else { 1 << 20 });
        for (node, gpu) in (0..5).flat_map(|node| (0..4).map(move |gpu| (NodeId(node), gpu))) {
            let used = |memory| GpuSighting { node, gpu, seen: GpuSeen::Used(job, memory) };
            all.push((at, Arrival::Gpu(used(Mib(1 << 20)))));
            all.push((at.after(Span::minutes(1)), Arrival::Gpu(used(then))));
        }
    }
    all
}
