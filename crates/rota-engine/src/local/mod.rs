//! The engine of one machine: jobs are its processes.
//!
//! Deeds go in through [`LocalEngine::carry_out`], sightings come out through the callback of [`LocalEngine::open`].
//! The truth is in the folder of records, not in the server: killed at any point, it loses nothing and doubles nothing.

mod beside;
mod cgroup;
mod claim;
mod confine;
mod device_filter;
mod freeze;
mod link;
mod look;
pub mod mps;
mod notice;
pub mod probe;
mod pts;
mod record;
mod session;
pub mod spawner;
mod supervisor;
pub mod terminal;
mod tree;
mod turn;
mod watch;
mod whose;
mod wire;

use rota_core::id::JobId;
use rota_core::job::Stop;
use rota_core::launch::Launch;
use rota_core::observation::Observation;
use rota_core::units::{Mib, Span};
use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::EngineError;
use crate::gpu::Card;
use record::{Kind, Process, Record, RunId};
use watch::Shared;
use wire::{Order, Work};

pub use beside::{checkpoint_dir, progress_file};
pub(crate) use freeze::Freezer;
pub use session::fill_pattern;
pub use whose::{Stranger, Whose};

/// How long a complete observation waits for jobs that are just being started.
const SETTLING: Duration = Duration::from_secs(5);

/// Something to do to one run of a job; repeated, it changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// The job.
    pub job: JobId,
    /// Which run of its program, from 1.
    pub run: u32,
    /// Which turn: a deed of an earlier turn than the last is late, and ignored.
    pub turn: u32,
    /// What to do.
    pub what: What,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Start the program.
    Start(Box<Start>),
    /// Continue the suspended program, in a later turn.
    Resume,
    /// Freeze or end the program.
    Stop {
        /// What for; only `Suspend` keeps the program.
        how: Stop,
        /// Time between SIGTERM and SIGKILL.
        grace: Span,
    },
    /// Send a signal to every process of the job.
    Signal {
        /// Signal number.
        signal: i32,
    },
    /// Write a line on the program's standard error.
    Tell {
        /// The line.
        text: String,
    },
    /// Watch a process that a person started.
    Adopt {
        /// Its pid.
        pid: u32,
    },
}

/// All that a program is started with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// What to run and as whom.
    pub launch: Arc<Launch>,
    /// Name of the job, for file names.
    pub name: String,
    /// Its GPUs on this machine.
    pub gpus: Vec<Card>,
    /// Name of this machine in the inventory.
    pub node: String,
    /// The GPUs are simulated.
    pub simulated: bool,
    /// CPU cores.
    pub cpus: u32,
    /// Host memory.
    pub mem: Mib,
    /// Memory of the GPU that it shares; none: its GPUs are its own.
    pub gpu_mem: Option<Mib>,
    /// The folder of its person's MPS daemon on that GPU; none: nothing but its own care holds it to its part.
    #[serde(default)]
    pub mps: Option<PathBuf>,
    /// It may be queued again and go on from its own checkpoint: there is a folder for it.
    pub keeps_checkpoint: bool,
    /// Become the submitter first; needs root.
    pub switch_user: bool,
}

/// Carries deeds out on this machine and reports what it sees.
#[derive(Debug)]
pub struct LocalEngine {
    shared: Arc<Shared>,
    watcher: Option<JoinHandle<()>>,
}

impl LocalEngine {
    /// Opens the folder of run records, which one server at a time may use.
    ///
    /// `program` with `spawner_args` must call [`spawner::main`]. `sight` is called from a thread of the engine.
    pub fn open(
        dir: &Path,
        program: &Path,
        spawner_args: &[&str],
        sight: impl Fn(Observation) + Send + 'static,
    ) -> Result<LocalEngine, EngineError> {
        let records = |source| EngineError::Records { path: dir.into(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(records)?;
        let dir = dir.canonicalize().map_err(records)?;
        let args = spawner_args.iter().map(|a| (*a).to_string()).collect();
        let (shared, inotify) = Shared::new(dir, program.into(), args)?;
        let shared = Arc::new(shared);
        let watcher = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("watch jobs".into());
        let thread = thread.spawn(move || watch::run(&watcher, &inotify, &sight));
        let watcher = Some(thread.map_err(|source| EngineError::Watch { source })?);
        Ok(LocalEngine { shared, watcher })
    }

    /// Carries out one deed. What came of it is sighted, never returned; repeating a deed repeats the sighting.
    pub fn carry_out(&self, deed: Deed) -> Result<(), EngineError> {
        let id = RunId { job: deed.job, run: deed.run };
        let turn = deed.turn;
        match deed.what {
            What::Start(start) => self.shared.order(&Order { id, turn, work: Work::Start(start) }),
            What::Adopt { pid } => {
                let pid = i32::try_from(pid).unwrap_or(i32::MAX);
                self.shared.order(&Order { id, turn, work: Work::Adopt { pid } })
            }
            _ => self.shared.deliver(&deed),
        }
    }

    /// Everything there is, from the records. Waits a moment for jobs that are just being started; `complete` is false
    /// when one of them still has not said anything.
    pub fn observe(&self) -> Result<Observation, EngineError> {
        self.shared.observe(SETTLING)
    }

    /// Removes the records of a run whose end is durable elsewhere.
    pub fn forget(&self, job: JobId, run: u32) {
        self.shared.forget(RunId { job, run });
    }

    /// Who says which job a process belongs to.
    pub fn whose(&self) -> Whose {
        Whose::new(&self.shared.dir, Arc::clone(&self.shared.hung))
    }

    /// The folder of the MPS daemon that holds the processes of a run to their part of a GPU; none: nothing does.
    pub fn mps_of(&self, job: JobId, run: u32) -> Option<PathBuf> {
        mps::folder_of(&self.shared.dir, RunId { job, run })
    }

    /// The pid of the program, while it lives.
    pub fn pid_of(&self, job: JobId, run: u32) -> Option<u32> {
        let id = RunId { job, run };
        let noted = Process::noted(&self.shared.dir, id, Kind::Program);
        let program = noted.or_else(|| Record::read(&self.shared.dir, id)?.program)?;
        program.lives().then_some(program.pid).and_then(|p| u32::try_from(p).ok())
    }
}

impl Drop for LocalEngine {
    /// Jobs go on; the spawner ends after what it was told.
    fn drop(&mut self) {
        self.shared.close();
        if let Some(watcher) = self.watcher.take() {
            // A panic of the callback was reported where it happened.
            let _ = watcher.join();
        }
    }
}
