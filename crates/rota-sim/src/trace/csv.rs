//! The plain table: when, how many GPUs, how long; and, where known, whose.

use super::table::Row;
use super::{TraceJob, Why, some_gpus, some_time, state};
use rota_core::calendar::Zone;

/// `job_id,submit_s,num_gpus,duration_s` with `user`, `vc`, `name`, `class`, `model`, `pool`, `nodes`, `state`,
/// `timelimit_s` where they are known.
pub(super) fn job(row: &Row, zone: &Zone) -> Result<TraceJob, Why> {
    let submitted = row.moment("submit_s", &["submit_s", "submit_time", "arrival_s"], zone)?;
    let gpus = some_gpus(row.count("num_gpus", &["num_gpus", "gpus", "gpu_num"])?)?;
    let runtime = row.seconds("duration_s", &["duration_s", "duration", "runtime_s"])?;
    let runtime = some_time(runtime.ok_or(Why::Missing("duration_s"))?)?;
    let mut job = TraceJob::new(row.needed("job_id", &["job_id", "id"])?, submitted, gpus, runtime);
    job.person = row.word(&["user", "person"]);
    job.lab = row.word(&["vc", "lab", "account"]);
    job.name = row.word(&["name", "job_name"]);
    job.class = row.word(&["class", "qos"]);
    job.model = row.text(&["model", "gpu_model"]).map(str::to_owned);
    job.pool = row.word(&["pool", "partition"]);
    job.walltime = row.seconds("timelimit_s", &["timelimit_s", "walltime_s"])?;
    job.nodes = row.text(&["nodes", "node_num"]).and_then(|n| n.parse().ok());
    if let Some(word) = row.text(&["state"]) {
        job.state = state(word).ok_or(Why::Unreadable("state"))?;
    }
    Ok(job)
}
