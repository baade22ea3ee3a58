//! A run as text: a row for each GPU, a column for each hour, a letter for each job.

use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

/// The rows of some hours, such as `n0.0 |AABB|`; job 1 is A.
pub fn gantt(log: &[(Time, Event)], hours: std::ops::Range<usize>) -> String {
    let mut cluster = Cluster::default();
    let mut rows: BTreeMap<(NodeId, u32), String> = BTreeMap::new();
    let mut facts = log.iter().peekable();
    for hour in hours {
        let middle =
            Time(Span::hours(1).0 * u64::try_from(hour).unwrap_or(0) + Span::minutes(30).0);
        while let Some((at, fact)) = facts.next_if(|(at, _)| *at <= middle) {
            cluster.apply(*at, fact);
        }
        for (id, state) in &cluster.nodes {
            for gpu in 0..state.node.gpus {
                let mut here = cluster.jobs.values().filter(|j| {
                    j.holds().is_some_and(|p| p.on(*id).is_some_and(|gpus| gpus.has(gpu)))
                });
                let row = rows.entry((*id, gpu)).or_default();
                row.push(here.next().map_or('.', |job| letter(job.id)));
            }
        }
    }
    let name = |id: &NodeId| cluster.nodes.get(id).map_or("?", |n| n.node.name.as_str());
    rows.iter().map(|((node, gpu), row)| format!("{}.{gpu} |{row}|\n", name(node))).collect()
}

/// Job 1 is A, 2 is B; tasks of an array share a letter.
fn letter(id: JobId) -> char {
    let at = u8::try_from(id.number.saturating_sub(1) % 26).unwrap_or(0);
    char::from(b'A' + at)
}
