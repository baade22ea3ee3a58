//! What could not be done, why, and the next step.

use crate::text::{find, get};
use rota_api::Problem;
use std::path::{Path, PathBuf};

/// Values of a text.
pub type Args = Vec<(&'static str, String)>;

/// An error that a person reads.
#[derive(Debug)]
pub enum Fault {
    /// The server said no, or could not start.
    Refused(Problem),
    /// No server answers.
    NoServer(PathBuf),
    /// The connection broke.
    Talk(PathBuf, String),
    /// What was typed cannot be meant.
    Usage(&'static str, Args),
    /// What was asked could not be done.
    Failed(&'static str, Args),
    /// Text that was made elsewhere, as it is: what clap says of a line of a script.
    Said(String),
    /// Standard output.
    Output(std::io::Error),
}

impl Fault {
    /// Something with a file or folder failed.
    pub fn file(key: &'static str, path: &Path, why: &std::io::Error) -> Fault {
        Fault::Failed(key, vec![("path", path.display().to_string()), ("why", why.to_string())])
    }

    /// Whoever read our output has left: nothing to say.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Fault::Output(e) if e.kind() == std::io::ErrorKind::BrokenPipe)
    }

    /// Whether a server that is being restarted explains it.
    pub fn can_pass(&self) -> bool {
        match self {
            Fault::Talk(..) | Fault::NoServer(_) => true,
            Fault::Refused(problem) => problem.code == "stopping",
            _ => false,
        }
    }

    /// 2 where what was typed is wrong, else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            Fault::Usage(..) | Fault::Said(_) => 2,
            _ => 1,
        }
    }

    /// For people, in their language.
    pub fn text(&self) -> String {
        match self {
            Fault::Refused(problem) => of_problem(problem),
            Fault::NoServer(path) => {
                get("error-no-server", &[("path", path.display().to_string())])
            }
            Fault::Talk(path, why) => {
                get("error-talk", &[("path", path.display().to_string()), ("why", why.clone())])
            }
            Fault::Usage(key, args) | Fault::Failed(key, args) => get(key, args),
            Fault::Said(text) => text.clone(),
            Fault::Output(why) => get("error-output", &[("why", why.to_string())]),
        }
    }
}

/// English comes with the problem; other languages by its code.
fn of_problem(problem: &Problem) -> String {
    let args: Vec<(&str, String)> =
        problem.args.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    let found = find(&format!("problem-{}", problem.code), &args);
    found.unwrap_or_else(|| crate::text::safe(&problem.message))
}

impl From<std::io::Error> for Fault {
    fn from(why: std::io::Error) -> Fault {
        Fault::Output(why)
    }
}

impl From<rota_server::ServerError> for Fault {
    fn from(why: rota_server::ServerError) -> Fault {
        Fault::Refused(why.problem())
    }
}

/// What was typed cannot be meant: `usage!("bad-time", option = "--time")`.
macro_rules! usage {
    ($key:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::fault::Fault::Usage($key, vec![$((stringify!($name), $value.to_string())),*])
    };
}

/// What was asked could not be done.
macro_rules! failed {
    ($key:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::fault::Fault::Failed($key, vec![$((stringify!($name), $value.to_string())),*])
    };
}

pub(crate) use {failed, usage};
