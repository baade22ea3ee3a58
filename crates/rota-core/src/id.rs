//! Names of things: jobs by number (and task), nodes by number, GPUs as a set of indexes on one node.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A job: `12`, or `12_3` for task 3 of array 12 (Slurm's notation).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct JobId {
    /// The number given at submit; an array has one number.
    pub number: u64,
    /// The task of an array.
    pub task: Option<u32>,
}

impl JobId {
    /// The job that is not part of an array.
    pub fn single(number: u64) -> JobId {
        JobId { number, task: None }
    }

    /// Reads `12` or `12_3`.
    ///
    /// ```
    /// use rota_core::id::JobId;
    /// assert_eq!(JobId::parse("12_3"), Some(JobId { number: 12, task: Some(3) }));
    /// assert_eq!(JobId::parse("twelve"), None);
    /// ```
    pub fn parse(text: &str) -> Option<JobId> {
        let plain = |t: &str| t.bytes().all(|b| b.is_ascii_digit()) && !t.is_empty();
        let (number, task) = match text.split_once('_') {
            Some((n, t)) if plain(t) => (n, Some(t.parse().ok()?)),
            Some(_) => return None,
            None => (text, None),
        };
        plain(number).then(|| number.parse().ok()).flatten().map(|number| JobId { number, task })
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.task {
            Some(task) => write!(f, "{}_{task}", self.number),
            None => write!(f, "{}", self.number),
        }
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for JobId {
    type Error = String;
    fn try_from(text: String) -> Result<JobId, String> {
        JobId::parse(&text)
            .ok_or_else(|| format!("'{}' is not a job, such as 12 or 12_3", text.escape_debug()))
    }
}

/// A node of the inventory.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct NodeId(pub u32);

/// A person, interned by [`crate::account::Accounts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub u32);

/// A person of the machine, on whatever lab and grant they work: an account name, interned by [`crate::account::Accounts`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct LoginId(pub u32);

/// A lab, interned by [`crate::account::Accounts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LabId(pub u32);

/// A grant, interned by [`crate::account::Accounts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantId(pub u32);

/// A set of GPU indexes (0 to 63) on one node.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(into = "Vec<u32>", from = "Vec<u32>")]
pub struct GpuSet(u64);

impl GpuSet {
    /// The most GPUs that one node can have.
    pub const MOST: u32 = 64;

    /// Whether `index` is in the set.
    pub fn has(self, index: u32) -> bool {
        index < Self::MOST && self.0 >> index & 1 == 1
    }

    /// The set with `index`.
    pub fn with(self, index: u32) -> GpuSet {
        if index < Self::MOST { GpuSet(self.0 | 1 << index) } else { self }
    }

    /// What is in either.
    pub fn and(self, other: GpuSet) -> GpuSet {
        GpuSet(self.0 | other.0)
    }

    /// What is in this and not in `other`.
    pub fn without(self, other: GpuSet) -> GpuSet {
        GpuSet(self.0 & !other.0)
    }

    /// What is in both.
    pub fn common(self, other: GpuSet) -> GpuSet {
        GpuSet(self.0 & other.0)
    }

    /// How many.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The indexes, ascending.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        let next = |rest: &u64| Some(rest & (rest - 1)).filter(|rest| *rest > 0);
        std::iter::successors(Some(self.0).filter(|all| *all > 0), next).map(u64::trailing_zeros)
    }

    /// The first `n` GPUs of a node.
    pub fn first(n: u32) -> GpuSet {
        GpuSet(if n < Self::MOST { (1 << n) - 1 } else { u64::MAX })
    }
}

impl FromIterator<u32> for GpuSet {
    fn from_iter<I: IntoIterator<Item = u32>>(indexes: I) -> GpuSet {
        indexes.into_iter().fold(GpuSet::default(), GpuSet::with)
    }
}

impl From<Vec<u32>> for GpuSet {
    fn from(indexes: Vec<u32>) -> GpuSet {
        indexes.into_iter().collect()
    }
}

impl From<GpuSet> for Vec<u32> {
    fn from(set: GpuSet) -> Vec<u32> {
        set.iter().collect()
    }
}
