//! What of a machine jobs are given one at a time: a whole GPU, or an instance of one that is split.

use rota_core::gpu::known_model;
use rota_core::slice::Slice;
use rota_core::units::Mib;
use rota_engine::gpu::{Card, Gpu, Instance, Machine};

/// A GPU as jobs see it.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// What tells it from all others.
    pub name: String,
    /// Its model, such as `H100` or `H100-1g.10gb`.
    pub model: String,
    /// What a job is given.
    pub card: Card,
    /// Memory that jobs may ask for: without what the driver keeps for itself.
    pub memory: Mib,
    /// Price, A100 = 1000.
    pub price: u32,
    /// That it is an instance.
    pub slice: Option<Slice>,
    /// What it counts when cores and memory of the machine are divided: thousandths of a GPU.
    pub weight: u64,
    /// Position of its GPU in [`Machine::gpus`].
    pub at: usize,
}

/// All of a machine. A GPU that is split and has no instance gives nothing.
pub(super) fn units(machine: &Machine) -> Vec<Unit> {
    let all = machine.gpus.iter().enumerate();
    all.flat_map(|(at, gpu)| match &gpu.mig {
        None => vec![whole(at, gpu)],
        Some(instances) => instances.iter().map(|one| instance(at, gpu, one, instances)).collect(),
    })
    .collect()
}

fn whole(at: usize, gpu: &Gpu) -> Unit {
    Unit {
        name: gpu.name(),
        model: model_of(gpu),
        card: gpu.card.clone(),
        memory: gpu.memory.less(gpu.reserved),
        price: price_of(gpu),
        slice: None,
        weight: 1000,
        at,
    }
}

fn instance(at: usize, gpu: &Gpu, instance: &Instance, all: &[Instance]) -> Unit {
    let whole = model_of(gpu);
    let profile = instance.product.rsplit_once("MIG ").map_or("slice", |(_, profile)| profile);
    let slice = Slice::new(&whole, profile, instance.memory, gpu.memory);
    Unit {
        name: instance.uuid.clone(),
        model: format!("{whole}-{profile}"),
        card: Card { uuid: Some(instance.uuid.clone()), ..gpu.card.clone() },
        memory: instance.memory,
        price: slice.price(price_of(gpu)),
        slice: Some(slice),
        weight: 1000 / u64::try_from(all.len()).unwrap_or(1).max(1),
        at,
    }
}

fn model_of(gpu: &Gpu) -> String {
    known_model(&gpu.product).map_or_else(|| gpu.product.clone(), |m| m.name.to_owned())
}

fn price_of(gpu: &Gpu) -> u32 {
    known_model(&gpu.product).map_or(1000, |m| m.price)
}
