//! Policies to compare with: first in first out, EASY backfill, least attained service, and shortest remaining time first.
//! Each has the same nodes, the same jobs and the same cost of starting and leaving.
//!
//! [`fifo`] and [`easy`] let jobs run to their end; [`las`] and [`srtf`] take GPUs from one job for another. What uses true
//! runtimes is an oracle: no site can run it, but it shows how far the others are from what could be.

mod easy;
mod fifo;
mod floor;
mod las;
mod line;
mod preempt;
mod srtf;

use rota_core::units::{Span, Time};

/// A node: GPUs of one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// How many.
    pub gpus: u32,
    /// The model, by its place in a list of the caller's.
    pub model: usize,
}

/// A job as these policies see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// When it was submitted.
    pub submitted: Time,
    /// GPUs in all. What does not fit on one node takes nodes that are wholly free.
    pub gpus: u32,
    /// The only model it accepts; none: any.
    pub model: Option<usize>,
    /// How long it runs.
    pub runtime: Span,
    /// How long EASY believes it runs: its walltime; the runtime itself for an oracle.
    pub expected: Span,
}

/// What starts and ends take, while the GPUs are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// From the decision to the start, where one job is started at that moment.
    pub alone: Span,
    /// The same, where several are.
    pub together: Span,
    /// From the end until the GPUs are free.
    pub teardown: Span,
}

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ran {
    /// When it first ran, after what the start takes.
    pub started: Time,
    /// When it ended.
    pub ended: Time,
    /// How long it held its GPUs, over all its turns.
    pub held: Span,
    /// How often it was started.
    pub starts: u32,
}

/// A policy to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// In the order of submission; nobody passes anybody.
    Fifo,
    /// The same, but whoever cannot delay the first in line may pass (Lifka, the Argonne scheduler, 1995).
    Easy,
    /// Whoever has had least, in three levels as in Tiresias (NSDI 2019); in a level by submission.
    Las,
    /// Whoever is done soonest: an oracle.
    Srtf,
}

/// What becomes of each job, `work` being in the order of submission; none for a job that fits nowhere.
pub fn play(policy: Baseline, nodes: &[Machine], work: &[Work], costs: &Costs) -> Vec<Option<Ran>> {
    match policy {
        Baseline::Fifo => fifo::play(nodes, work, costs),
        Baseline::Easy => easy::play(nodes, work, costs),
        Baseline::Las => las::play(nodes, work, costs),
        Baseline::Srtf => srtf::play(nodes, work, costs),
    }
}
