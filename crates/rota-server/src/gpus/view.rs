//! Nodes and GPUs as people see them.

use super::Board;
use super::board::Known;
use super::series::{self, Bucket, Subject, Sums};
use crate::message::Look;
use rota_api::{
    Card, GpuPast, GpuRow, GpuSeries, GpuStep, GpuUse, Inventory, JobGpus, NodeRow, Reading,
};
use rota_core::cluster::Cluster;
use rota_core::id::JobId;
use rota_core::job::{Job, TurnMode};
use rota_core::node::NodeState;
use rota_core::units::Time;
use rota_engine::gpu::health::Warning;
use rota_engine::gpu::reading::Brake;
use rota_engine::gpu::{self, Gpu};
use std::path::Path;

/// Nodes, what each GPU does, and what was read of it.
pub fn inventory(look: &Look, simulated: bool, board: &Board) -> Inventory {
    let c = &look.cluster;
    let nodes = c.nodes.values().map(|state| NodeRow {
        name: state.node.name.clone(),
        model: state.node.model.clone(),
        gpus: uses(c, look.now, state),
        cards: cards(state, board),
        free: if state.up { state.free().count() } else { 0 },
        up: state.up,
        cpus: (state.node.cpus, state.node.cpus.saturating_sub(state.cpus_used)),
        mem: (state.node.mem, state.node.mem.less(state.mem_used)),
        links: state.node.links.clone(),
    });
    Inventory {
        simulated,
        nodes: nodes.collect(),
        driver: board.machine().driver,
        unreadable: board.unreadable(),
    }
}

/// The job that holds each GPU, and those that share it.
fn uses(c: &Cluster, now: Time, state: &NodeState) -> Vec<Option<GpuUse>> {
    let mut gpus: Vec<Option<GpuUse>> = vec![None; state.node.gpus as usize];
    for job in state.holders.iter().filter_map(|id| c.job(*id)) {
        let Some(here) = job.holds().and_then(|p| p.on(state.node.id)) else { continue };
        for gpu in here.iter() {
            if let Some(slot) = gpus.get_mut(gpu as usize) {
                let using = GpuUse {
                    job: job.id.to_string(),
                    gpu_mem: job.spec.gpu_mem,
                    with: Vec::new(),
                    person: c.accounts.person(job.owner).name.clone(),
                    lab: c.accounts.lab_of(job.owner).name.clone(),
                    since: job.turn_began().unwrap_or_default(),
                    until: turn_is_over(c, job, state),
                    idle: crate::view::idle(c, job, now),
                    pin: job.pin.clone(),
                };
                match slot {
                    Some(first) => first.with.push(using),
                    None => *slot = Some(using),
                }
            }
        }
    }
    gpus
}

/// When others may have the GPUs of a job, if they are owed more; never before its end where it takes no part in turns.
fn turn_is_over(c: &Cluster, job: &Job, state: &NodeState) -> Option<Time> {
    job.turn_began()?;
    let end = job.limit_ends().unwrap_or(Time::FAR);
    let over = match c.mode(job) {
        TurnMode::Never => end,
        _ => c.turn_over(job, state.pool).min(end),
    };
    Some(over).filter(|at| *at < Time::FAR)
}

fn cards(state: &NodeState, board: &Board) -> Vec<GpuRow> {
    let mut known = board.of(state.node.id).into_iter();
    let row = |gpu: u32| {
        let Known { gpu: card, reading, warnings } = known.next().unwrap_or_default();
        GpuRow {
            gpu,
            drained: state.drained.get(&gpu).cloned(),
            outsiders: state.outsiders.get(&gpu).cloned().unwrap_or_default(),
            card: card.map(card_row),
            reading: reading.map(|read| reading_row(read, &warnings)),
        }
    };
    (0..state.node.gpus).map(row).collect()
}

fn card_row(gpu: Gpu) -> Card {
    Card {
        index: gpu.card.index,
        uuid: gpu.card.uuid,
        minor: gpu.card.minor,
        pci: gpu.pci,
        product: gpu.product,
        memory: gpu.memory,
        numa: gpu.numa,
        persistence: gpu.persistence,
        mig: gpu.mig.map(|all| all.into_iter().map(|part| part.product).collect()),
    }
}

fn reading_row(read: gpu::Reading, warnings: &[Warning]) -> Reading {
    let brake = |brake| match brake {
        Brake::Heat => "heat",
        Brake::Power => "power",
        Brake::Cap => "cap",
    };
    Reading {
        lost: read.lost,
        utilization: read.utilization,
        sm: read.sm,
        memory_used: read.memory_used,
        power_mw: read.power_mw,
        energy_mj: read.energy_mj,
        celsius: read.celsius,
        brake: read.brake.map(|b| brake(b).to_owned()),
        ecc_errors: read.ecc_errors,
        remapped_rows: read.remap.map(|remap| remap.rows),
        processes: read.processes.unwrap_or_default().iter().map(|p| (p.pid, p.memory)).collect(),
        warnings: warnings.iter().map(|warning| warning.code().to_owned()).collect(),
    }
}

/// What a job made of its GPUs; none where nothing was read.
pub fn job_use(board: &Board, folder: &Path, job: JobId) -> Option<JobGpus> {
    let Sums { samples, busy, memory, energy_mj, sm_samples, sm } =
        board.sums(job).or_else(|| series::sums_of(folder, job))?;
    let busy = u32::try_from(busy / samples.max(1)).unwrap_or(u32::MAX);
    let sm = sm.checked_div(sm_samples).and_then(|sm| u32::try_from(sm).ok());
    Some(JobGpus { samples, busy, sm, memory, energy_mj })
}

/// What was read of every GPU of this machine since a moment.
pub fn past(look: &Look, folder: &Path, from: Time) -> GpuPast {
    let (mut gpus, mut step) = (Vec::new(), None);
    for state in look.cluster.nodes.values() {
        for (gpu, uuid) in (0u32..).zip(&state.node.uuids) {
            let subject = Subject::Gpu(uuid.clone());
            let (length, buckets) = series::past(folder, &subject, from, look.now);
            step = Some(length);
            let steps = buckets.iter().map(step_row).collect();
            gpus.push(GpuSeries { node: state.node.name.clone(), gpu, steps });
        }
    }
    let step = step.unwrap_or_default();
    GpuPast { gpus, step, from, until: look.now, simulated: false }
}

fn step_row(bucket: &Bucket) -> GpuStep {
    let mean = |sum: u64| sum / bucket.samples.max(1);
    GpuStep {
        at: bucket.at,
        busy: u32::try_from(mean(bucket.busy)).unwrap_or(u32::MAX),
        memory: bucket.memory,
        power_mw: mean(bucket.power_mw),
        celsius: bucket.celsius,
    }
}
