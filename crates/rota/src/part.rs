//! Parts of GPUs in words.

use crate::text::{safe, tr};
use rota_api::{GpuUse, JobRow};
use rota_core::job::JobSpec;

/// How many GPUs: `4`; of a shared one `20G`, as it was asked for.
pub fn count(job: &JobRow) -> String {
    job.gpu_mem.map_or_else(|| job.gpus.to_string(), |mem| mem.to_string())
}

/// `4 GPUs`, `20G of a GPU`.
pub fn asked(spec: &JobSpec) -> String {
    match spec.gpu_mem {
        None => tr!("asks-gpus", gpus = spec.gpus),
        Some(mem) => tr!("asks-part", mem = mem),
    }
}

/// What stands behind the GPU of a job that shares it: how much of it, and who enforces that, if anybody does.
pub fn held(job: &JobRow, mps: bool) -> String {
    let Some(mem) = job.gpu_mem else { return String::new() };
    if is_on_slice(job) {
        return tr!("part-slice", mem = mem);
    }
    let all = job.gpu_mem_of.unwrap_or_default();
    let model = job.models.first().map(|model| safe(model)).unwrap_or_default();
    match mps {
        true => tr!("part-mps", mem = mem, all = all, model = model),
        false => tr!("part-watched", mem = mem, all = all, model = model),
    }
}

/// Whether it is on a slice of a GPU, which the driver keeps apart.
pub fn is_on_slice(job: &JobRow) -> bool {
    let named = job.models.first().is_some_and(|model| rota_core::slice::named(model).is_some());
    job.node.is_some() && named
}

/// The job on a GPU, or all that share it: `12`, `12+15`.
pub fn on_gpu(first: &GpuUse) -> String {
    let all = std::iter::once(first).chain(&first.with);
    all.map(|using| using.job.as_str()).collect::<Vec<&str>>().join("+")
}
