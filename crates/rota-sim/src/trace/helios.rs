//! Helios: `job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue`, local times.

use super::table::Row;
use super::{TraceJob, Why, some_gpus, some_time, state};
use rota_core::calendar::Zone;

/// A row; the virtual cluster is the lab.
pub(super) fn job(row: &Row, zone: &Zone) -> Result<TraceJob, Why> {
    let gpus = some_gpus(row.count("gpu_num", &["gpu_num"])?)?;
    let submitted = row.moment("submit_time", &["submit_time"], zone)?;
    let runtime = match row.seconds("duration", &["duration"])? {
        Some(runtime) => runtime,
        None => {
            let began =
                row.moment("start_time", &["start_time"], zone).map_err(|_| Why::NeverRan)?;
            row.moment("end_time", &["end_time"], zone)?.since(began)
        }
    };
    let id = row.needed("job_id", &["job_id"])?;
    let mut job = TraceJob::new(id, submitted, gpus, some_time(runtime)?);
    job.nodes = row.text(&["node_num"]).and_then(|n| n.parse().ok());
    job.person = row.word(&["user"]);
    job.lab = row.word(&["vc"]);
    job.state = state(row.needed("state", &["state"])?).ok_or(Why::Unreadable("state"))?;
    Ok(job)
}
