//! What to run and as whom. The decision never reads it; the engine does. Kept beside the event log, not in [`crate::cluster::Cluster`].

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that a program needs to run as if it had been typed at submit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// The text of a submitted script: run instead of `argv[0]`, which then is its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// The environment at submit.
    pub env: BTreeMap<String, String>,
    /// The working directory; absolute.
    pub cwd: String,
    /// File mode mask.
    pub umask: u32,
    /// Resource limits: name as in getrlimit(2) without `RLIMIT_`, soft, hard.
    #[serde(default)]
    pub ulimits: Vec<(String, u64, u64)>,
    /// The pseudo-terminal of its person (`/dev/pts/7`) that is its input and output; none: the files below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<u32>,
    /// File to read as standard input; `/dev/null` if none.
    #[serde(default)]
    pub stdin: Option<String>,
    /// File for standard output; `%j` job, `%A` array, `%a` task, `%x` name, `%u` user, `%%`. Relative to `cwd`.
    pub stdout: String,
    /// File for standard error; the same as standard output if none.
    #[serde(default)]
    pub stderr: Option<String>,
    /// Extra environment of each task of a sweep, by task number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sweep: BTreeMap<u32, BTreeMap<String, String>>,
    /// Whom to run as: what the kernel said of the submitter.
    pub user: User,
}

/// A Unix account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Account name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
    /// All group ids.
    #[serde(default)]
    pub groups: Vec<u32>,
    /// Home directory.
    #[serde(default)]
    pub home: String,
    /// Login shell.
    #[serde(default)]
    pub shell: String,
}
