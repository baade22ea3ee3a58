//! Alibaba's pods: `num_gpu` GPUs, or one of which `gpu_milli` thousandths are asked for, which counts here as a whole one.

use super::table::Row;
use super::{State, TraceJob, Why, some_gpus, some_time};
use rota_core::calendar::Zone;

/// A row, in the columns of the original or of its plain copies.
pub(super) fn job(row: &Row, zone: &Zone) -> Result<TraceJob, Why> {
    let gpus = some_gpus(row.count("num_gpu", &["num_gpu"])?)?;
    let submitted = row.moment("creation_time", &["creation_time", "create_s"], zone)?;
    let began = row.moment("scheduled_time", &["scheduled_time", "scheduled_s"], zone);
    let began = began.map_err(|_| Why::NeverRan)?;
    let ended = row.moment("deletion_time", &["deletion_time", "delete_s"], zone)?;
    let id = row.needed("name", &["name", "pod_id"])?;
    let mut job = TraceJob::new(id, submitted, gpus, some_time(ended.since(began))?);
    job.class = row.word(&["qos"]);
    // Several acceptable models are separated by bars: the first stands for all.
    let model = row.text(&["gpu_spec"]).and_then(|spec| spec.split('|').next());
    job.model = model.map(str::to_owned);
    job.state = match row.text(&["pod_phase", "phase"]) {
        Some("Running") => State::Running,
        Some("Failed") => State::Failed,
        Some("Pending") => return Err(Why::NeverRan),
        _ => State::Completed,
    };
    Ok(job)
}
