//! What lies beside the output of a job: where its program may say how far it is, and where it keeps its checkpoints.

use super::fill_pattern;
use rota_core::id::JobId;
use rota_core::launch::Launch;
use std::path::{Path, PathBuf};

/// The file that `ROTA_PROGRESS_FILE` names: beside the output, in the working directory where the output goes to a
/// device; none for a program that was started by hand. It exists only once the program writes it.
///
/// ```
/// use rota_core::{id::JobId, launch::Launch};
/// let launch = Launch { cwd: "/home/mina".into(), stdout: "logs/%j.out".into(), ..Launch::default() };
/// let path = rota_engine::local::progress_file(&launch, JobId::single(7), "bert").expect("a path");
/// assert_eq!(path.to_str(), Some("/home/mina/logs/rota-7.progress"));
/// ```
pub fn progress_file(launch: &Launch, job: JobId, name: &str) -> Option<PathBuf> {
    beside(launch, job, name, "progress")
}

/// The folder that `ROTA_CHECKPOINT_DIR` names: the same for every run of a job, and for no other job.
///
/// ```
/// use rota_core::{id::JobId, launch::Launch};
/// let launch = Launch { cwd: "/home/mina".into(), stdout: "out".into(), ..Launch::default() };
/// let path = rota_engine::local::checkpoint_dir(&launch, JobId::single(7), "bert").expect("a path");
/// assert_eq!(path.to_str(), Some("/home/mina/rota-7.checkpoint"));
/// ```
pub fn checkpoint_dir(launch: &Launch, job: JobId, name: &str) -> Option<PathBuf> {
    beside(launch, job, name, "checkpoint")
}

fn beside(launch: &Launch, job: JobId, name: &str, what: &str) -> Option<PathBuf> {
    if launch.stdout.is_empty() {
        return None;
    }
    let folder = Path::new(&launch.cwd);
    let output = folder.join(fill_pattern(&launch.stdout, job, name, &launch.user.name));
    let beside = output.parent().filter(|p| !p.starts_with("/dev") && !p.starts_with("/proc"));
    Some(beside.unwrap_or(folder).join(format!("rota-{job}.{what}")))
}
