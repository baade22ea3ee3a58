//! A run as text: a row for each GPU, a column for each hour, a letter for each job.

use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::{JobId, NodeId};
use rota_core::job::Job;
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;

/// What a picture shows.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// When the first begins.
    pub from: Time,
    /// How long each is.
    pub each: Span,
    /// How many there are.
    pub count: usize,
}

/// The rows, such as `n0.0 |AABB|`: who held the GPU in the middle of each column; job 1 is A.
pub fn gantt(log: &[(Time, Event)], columns: Columns) -> String {
    rows(log, columns)
        .into_iter()
        .map(|(node, gpu, row)| format!("{node}.{gpu} |{row}|\n"))
        .collect()
}

/// The same with one line for GPUs that lie side by side and have the same row, such as `n0.0-7 |AABB|`.
pub fn folded(log: &[(Time, Event)], columns: Columns) -> String {
    let mut out = String::new();
    let mut all = rows(log, columns).into_iter().peekable();
    while let Some((node, first, row)) = all.next() {
        let mut last = first;
        while let Some((_, gpu, _)) = all.next_if(|(n, _, r)| (n, r) == (&node, &row)) {
            last = gpu;
        }
        let gpus = if first == last { first.to_string() } else { format!("{first}-{last}") };
        out.push_str(&format!("{node}.{gpus} |{row}|\n"));
    }
    out
}

/// Node, GPU, and a letter for each column; a GPU that jobs share has a row for each of them.
fn rows(log: &[(Time, Event)], columns: Columns) -> Vec<(String, u32, String)> {
    let mut cluster = Cluster::default();
    let mut seats: BTreeMap<(NodeId, u32), Vec<Option<JobId>>> = BTreeMap::new();
    let mut rows: BTreeMap<(NodeId, u32, usize), String> = BTreeMap::new();
    let mut facts = log.iter().peekable();
    for column in 0..columns.count {
        let before = columns.each.0 * u64::try_from(column).unwrap_or(0);
        let middle = columns.from.after(Span(before + columns.each.0 / 2));
        while let Some((at, fact)) = facts.next_if(|(at, _)| *at <= middle) {
            cluster.apply(*at, fact);
        }
        for (id, state) in &cluster.nodes {
            for gpu in 0..state.node.gpus {
                let seats = seats.entry((*id, gpu)).or_insert_with(|| vec![None]);
                sit(seats, &holders(&cluster, *id, gpu));
                for (seat, job) in seats.iter().enumerate() {
                    let empty = || ".".repeat(column);
                    let row = rows.entry((*id, gpu, seat)).or_insert_with(empty);
                    row.push(job.map_or('.', letter));
                }
            }
        }
    }
    let name = |id: &NodeId| cluster.nodes.get(id).map_or("?", |n| n.node.name.as_str()).to_owned();
    rows.into_iter().map(|((node, gpu, _), row)| (name(&node), gpu, row)).collect()
}

/// The jobs that hold a GPU, in their order.
fn holders(cluster: &Cluster, node: NodeId, gpu: u32) -> Vec<JobId> {
    let is_here =
        |job: &Job| job.holds().is_some_and(|p| p.on(node).is_some_and(|gpus| gpus.has(gpu)));
    cluster.jobs.values().filter(|job| is_here(job)).map(|job| job.id).collect()
}

/// Who is still there keeps its row; who came takes the first that is free.
fn sit(seats: &mut Vec<Option<JobId>>, here: &[JobId]) {
    for seat in seats.iter_mut() {
        *seat = seat.filter(|job| here.contains(job));
    }
    for job in here {
        if seats.contains(&Some(*job)) {
            continue;
        }
        match seats.iter_mut().find(|seat| seat.is_none()) {
            Some(free) => *free = Some(*job),
            None => seats.push(Some(*job)),
        }
    }
}

/// Job 1 is A, 2 is B; tasks of an array share a letter.
fn letter(id: JobId) -> char {
    let at = u8::try_from(id.number.saturating_sub(1) % 26).unwrap_or(0);
    char::from(b'A' + at)
}
