//! The one writer ([`run`]), its embedded store ([`store`]), its clock ([`clock`]) and its socket ([`http`]).

pub mod admin;
mod clock;
mod deed;
mod forecaster;
mod gpus;
mod http;
pub mod inventory;
mod lock;
mod message;
mod notice;
mod peer;
mod policy;
mod progress;
mod records;
mod run;
pub mod store;
mod tell;
mod view;

use rota_api::{Mode, Notice, Problem};
use rota_core::units::Span;
use std::path::PathBuf;

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Socket to listen on.
    pub socket: PathBuf,
    /// Folder of the store and of the records of running jobs.
    pub store: PathBuf,
    /// Whom to serve.
    pub mode: Mode,
    /// Simulated nodes, such as `h100*8,h100*8,a100*4`, or `campus`; none: this machine.
    pub simulate: Option<String>,
    /// Turn where no policy was applied, if not the default.
    pub turn: Option<Span>,
    /// The program whose `spawner_args` start the process that forks supervisors.
    pub program: PathBuf,
    /// See `program`.
    pub spawner_args: Vec<String>,
    /// A message in the language of its person.
    pub say: fn(&Notice) -> String,
    /// The site's program that passes messages on: mail, chat; none: they are on standard error and terminals alone.
    pub notify: Option<PathBuf>,
    /// With these and a number of milliseconds `program` reads GPUs.
    pub reader_args: Vec<String>,
}

/// Why a server cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A file or folder.
    #[error("cannot {what} {path}: {why}", path = path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// Another server has the store or the socket.
    #[error("a server is already running on {path}; 'rota down' stops it", path = path.display())]
    Busy {
        /// Store or socket.
        path: PathBuf,
    },
    /// The store is damaged.
    #[error("the store {path} is damaged: {why}. Nothing was changed. 'rota admin check' shows what can be read; 'rota admin rebuild' makes a new store from the readable event log and keeps the damaged one beside it", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The store cannot be written.
    #[error("cannot write the store {path}: {why}; free some space there, nothing acknowledged is lost", path = path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        why: rusqlite::Error,
    },
    /// The text of `--simulate`.
    #[error(
        "'{0}' is no list of simulated nodes: write model*GPUs for each, with 1 to 64 GPUs, such as h100*8,a100*4, or 'campus'"
    )]
    Simulate(String),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] rota_engine::EngineError),
    /// A system server without root.
    #[error(
        "a server for everyone must be started by root: 'sudo rota up --system'; without root, 'rota up' serves you alone"
    )]
    NeedsRoot,
}

/// Serves until asked to stop. `ready` is called once, when the socket answers.
pub fn serve(options: &ServeOptions, ready: impl FnOnce()) -> Result<(), ServerError> {
    run::serve(options, ready)
}

impl ServerError {
    /// As the socket and the command line say it.
    pub fn problem(&self) -> Problem {
        let path = |p: &std::path::Path| ("path".to_owned(), p.display().to_string());
        let why = |w: &dyn std::fmt::Display| ("why".to_owned(), w.to_string());
        let (code, args) = match self {
            ServerError::File { path: p, why: w, .. } => ("cannot-file", vec![path(p), why(w)]),
            ServerError::Busy { path: p } => ("already-running", vec![path(p)]),
            ServerError::Damaged { path: p, why: w } => ("store-damaged", vec![path(p), why(w)]),
            ServerError::Store { path: p, why: w } => ("store-full", vec![path(p), why(w)]),
            ServerError::Simulate(text) => {
                ("bad-simulate", vec![("text".to_owned(), text.clone())])
            }
            ServerError::Engine(w) => ("engine", vec![why(w)]),
            ServerError::NeedsRoot => ("needs-root", Vec::new()),
        };
        Problem { code: code.into(), args, message: self.to_string() }
    }
}
