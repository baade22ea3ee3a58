//! Gavel's traces: what a job would take on V100s, and its throughput on three models. Its runtime here is that on V100s.

use super::table::Row;
use super::{TraceJob, Why, some_gpus, some_time};
use rota_core::calendar::Zone;

/// A row; the type of job is its name.
pub(super) fn job(row: &Row, zone: &Zone) -> Result<TraceJob, Why> {
    let submitted = row.moment("arrival_s", &["arrival_s"], zone)?;
    let gpus = some_gpus(row.count("num_gpus", &["num_gpus"])?)?;
    let runtime = row.seconds("duration_v100_s", &["duration_v100_s"])?;
    let runtime = some_time(runtime.ok_or(Why::Missing("duration_v100_s"))?)?;
    let mut job = TraceJob::new(row.needed("job_id", &["job_id"])?, submitted, gpus, runtime);
    job.name = row.word(&["job_type"]);
    job.measured_on = Some("V100".to_owned());
    Ok(job)
}
