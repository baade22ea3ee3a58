//! What the writer is told, by people and by the engine.

use rota_api::Problem;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::idle::UseSighting;
use rota_core::launch::Launch;
use rota_core::observation::{GpuSighting, Observation};
use rota_core::policy::Policy;
use rota_core::request::{Asker, Request};
use rota_core::units::Time;
use rota_engine::gpu::Machine;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What the writer is told.
pub enum Message {
    /// A person asks for something.
    Ask(Box<Ask>),
    /// The engine saw something.
    Seen(Observation),
    /// Someone wants to look at what is durable.
    Look(oneshot::Sender<Look>),
    /// The program of a running job.
    Program(JobId, oneshot::Sender<Program>),
    /// A signal for a running job.
    Signal {
        /// The job.
        job: JobId,
        /// Who asks.
        asker: Asker,
        /// The signal.
        signal: i32,
        /// The answer.
        reply: oneshot::Sender<Result<Vec<Event>, Problem>>,
    },
    /// An admin sets the policy.
    Policy {
        /// All of it.
        policy: Box<Policy>,
        /// Who.
        by: String,
        /// The answer.
        reply: oneshot::Sender<Result<Vec<Event>, Problem>>,
    },
    /// The GPUs of this machine are others than before.
    Machine(Box<Machine>),
    /// Something was seen of how jobs use their GPUs.
    Uses(Vec<UseSighting>),
    /// Something was seen of GPUs.
    Gpus(Vec<GpuSighting>),
    /// Stop; jobs go on.
    Down,
}

/// What the engine knows of a program.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Its process, while it lives.
    pub pid: Option<u32>,
    /// The folder of the MPS daemon that holds its processes to their part of a GPU.
    pub mps: Option<PathBuf>,
}

/// A request with where its answer goes.
pub struct Ask {
    /// Who asks.
    pub asker: Asker,
    /// What.
    pub request: Request,
    /// What to run, for a submit.
    pub launch: Option<Launch>,
    /// The facts it made, durable; or why not.
    pub reply: oneshot::Sender<Result<Vec<Event>, Problem>>,
}

/// The published state.
#[derive(Clone)]
pub struct Look {
    /// The state; never changes.
    pub cluster: Arc<Cluster>,
    /// The moment.
    pub now: Time,
    /// The last event.
    pub seq: u64,
}
