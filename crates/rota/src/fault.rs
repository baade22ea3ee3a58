//! What could not be done, why, and the next step.

use rota_api::Problem;
use std::path::PathBuf;

/// An error that a person reads.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The server said no.
    #[error("{}", .0.message)]
    Refused(Problem),
    /// No server answers.
    #[error("no server answers at {path}; 'rota up' starts one", path = .0.display())]
    NoServer(PathBuf),
    /// The connection broke.
    #[error("the server at {path} did not answer properly: {why}; 'rota doctor' looks at it", path = path.display())]
    Talk {
        /// The socket.
        path: PathBuf,
        /// What happened.
        why: String,
    },
    /// What was typed.
    #[error("{0}")]
    Usage(String),
    /// A file.
    #[error("cannot {what} {path}: {why}", path = path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The server itself.
    #[error(transparent)]
    Server(#[from] rota_server::ServerError),
    /// Standard output.
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
}

impl Fault {
    /// Whoever read our output has left: nothing to say.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Fault::Output(e) if e.kind() == std::io::ErrorKind::BrokenPipe)
    }

    /// A usage error.
    pub fn usage(text: impl Into<String>) -> Fault {
        Fault::Usage(text.into())
    }
}
