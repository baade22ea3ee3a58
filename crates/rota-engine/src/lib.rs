//! Carries decisions out on this machine. It never chooses; it does what it is told and says what it sees.
//!
//! Reading order:
//! 1. [`local`]: the engine: deeds in, sightings out
//! 2. [`local::spawner`]: the small process that forks supervisors
//! 3. `local::claim`, `local::supervisor`: one process per job, which outlives the server and writes the record of the end
//! 4. `local::session`: from fork to exec: user, directory, files, environment
//! 5. `local::tree`, `local::freeze`: all processes of a job; stopping and continuing them
//! 6. `local::mps`: NVIDIA's MPS, for parts of a GPU that are held to their memory
//! 7. `local::record`, `local::look`: the files that say what became of a run, and how they are read
//! 8. `local::watch`: the thread that turns files and ends of processes into sightings

pub mod gpu;
pub mod local;

use rota_core::id::JobId;
use std::path::PathBuf;

/// What the engine could not do, and to what.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The folder of run records cannot be used.
    #[error(
        "cannot use the run records in {path}: {source}; check that the folder exists, is writable and has space"
    )]
    Records {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another server works in the same folder.
    #[error(
        "the run records in {path} are in use by another server; stop it, or choose another folder"
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The process that starts jobs cannot be started or reached.
    #[error("cannot start jobs through {program}: {source}")]
    Spawner {
        /// The program that was run.
        program: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The kernel refused what watching needs.
    #[error(
        "cannot watch the jobs: {source}; the limit of open files or inotify watches may be too low"
    )]
    Watch {
        /// What the system said.
        source: std::io::Error,
    },
    /// A deed could not be handed to the supervisor of a job.
    #[error(
        "cannot reach the supervisor of job {job}, run {run}: {source}; the deed can be repeated"
    )]
    Control {
        /// The job.
        job: JobId,
        /// The run.
        run: u32,
        /// What the system said.
        source: std::io::Error,
    },
}
