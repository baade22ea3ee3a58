//! Parts of GPUs in words.

use crate::text::{safe, tr};
use rota_api::{GpuUse, JobRow};
use rota_core::job::JobSpec;
use rota_core::part::WHOLE;
use rota_core::units::Thousandths;

/// How many GPUs: `4`; of a shared one `1/4` once it has started, `20G` before.
pub fn count(job: &JobRow) -> String {
    match (job.gpu_mem, job.fraction) {
        (None, _) => job.gpus.to_string(),
        (Some(mem), None) => mem.to_string(),
        (Some(_), Some(fraction)) => fraction_text(fraction),
    }
}

/// `4 GPUs`, `20G of a GPU`.
pub fn asked(spec: &JobSpec) -> String {
    match spec.gpu_mem {
        None => tr!("asks-gpus", gpus = spec.gpus),
        Some(mem) => tr!("asks-part", mem = mem),
    }
}

/// What stands behind the GPU of a job that shares it: how much of it, and that nobody enforces that.
pub fn watched(job: &JobRow) -> String {
    let Some(mem) = job.gpu_mem else { return String::new() };
    if is_on_slice(job) {
        return tr!("part-slice", mem = mem);
    }
    let fraction = job.fraction.map(fraction_text).unwrap_or_default();
    let model = job.models.first().map(|model| safe(model)).unwrap_or_default();
    tr!("part-watched", mem = mem, fraction = fraction, model = model)
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

/// `1/4`, `2/3`; `0.42` where it is no simple fraction.
fn fraction_text(thousandths: u32) -> String {
    let simple = [(2, 3), (3, 4), (2, 5), (3, 5), (4, 5), (3, 8), (5, 8), (7, 8)];
    let all = (1..=16).map(|below| (1, below)).chain(simple);
    let is_it = |(above, below): &(u32, u32)| (above * WHOLE).div_ceil(*below) == thousandths;
    match all.into_iter().find(is_it) {
        Some((1, 1)) => "1".into(),
        Some((above, below)) => format!("{above}/{below}"),
        None => Thousandths(thousandths).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::fraction_text;

    #[test]
    fn fractions_are_written_as_people_say_them() {
        let written = [250, 334, 667, 1000, 417].map(fraction_text);
        assert_eq!(written, ["1/4", "1/3", "2/3", "1", "0.417"]);
    }
}
