//! Where a program may say how far it is.

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
    if launch.stdout.is_empty() {
        return None;
    }
    let folder = Path::new(&launch.cwd);
    let output = folder.join(fill_pattern(&launch.stdout, job, name, &launch.user.name));
    let beside = output.parent().filter(|p| !p.starts_with("/dev") && !p.starts_with("/proc"));
    Some(beside.unwrap_or(folder).join(format!("rota-{job}.progress")))
}
