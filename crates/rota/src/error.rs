//! What could not be done, why, and the next step. The words are in `text/`.

use crate::text::{Lang, Text};
use rota_api::Problem;
use std::fmt;
use std::path::Path;

/// Every way in which a verb can fail.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Asked in a way that makes no sense: exit code 2.
    #[error("{0}")]
    Usage(Message),
    /// Could not be done: exit code 1.
    #[error("{0}")]
    Failed(Message),
    /// The server refused.
    #[error("{}", .0.message)]
    Problem(Problem),
    /// The server could not go on.
    #[error(transparent)]
    Server(#[from] rota_server::ServerError),
    /// Nobody reads standard output any more: not worth a word.
    #[error("standard output is closed")]
    Closed,
}

/// A text by its key, with its values.
#[derive(Debug)]
pub struct Message {
    pub key: &'static str,
    pub args: Vec<(&'static str, String)>,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(&Text::load(Lang::En)))
    }
}

impl Message {
    fn say(&self, text: &Text) -> String {
        let args: Vec<(&str, &dyn fmt::Display)> =
            self.args.iter().map(|(k, v)| (*k, v as &dyn fmt::Display)).collect();
        text.get(self.key, &args)
    }
}

impl Error {
    pub fn usage<const N: usize>(key: &'static str, args: [(&'static str, String); N]) -> Error {
        Error::Usage(Message { key, args: args.into() })
    }

    pub fn failed<const N: usize>(key: &'static str, args: [(&'static str, String); N]) -> Error {
        Error::Failed(Message { key, args: args.into() })
    }

    /// A file or folder that could not be used.
    pub fn file(path: &Path, why: impl fmt::Display) -> Error {
        let args = [("path", path.display().to_string()), ("why", why.to_string())];
        Error::failed("error-file", args)
    }

    /// Output that could not be written; a closed pipe is quiet.
    pub fn output(why: std::io::Error) -> Error {
        if why.kind() == std::io::ErrorKind::BrokenPipe {
            return Error::Closed;
        }
        Error::failed("error-output", [("why", why.to_string())])
    }

    /// The words for a person.
    pub fn say(&self, text: &Text) -> String {
        match self {
            Error::Usage(m) | Error::Failed(m) => m.say(text),
            Error::Problem(problem) => {
                let args: Vec<(&str, &dyn fmt::Display)> =
                    problem.args.iter().map(|(k, v)| (k.as_str(), v as &dyn fmt::Display)).collect();
                text.find(&format!("problem-{}", problem.code), &args)
                    .unwrap_or_else(|| crate::text::safe(&problem.message))
            }
            Error::Server(e) => e.to_string(),
            Error::Closed => String::new(),
        }
    }

    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage(_) => 2,
            // As if SIGPIPE had ended it.
            Error::Closed => 141,
            Error::Failed(_) | Error::Problem(_) | Error::Server(_) => 1,
        }
    }
}
