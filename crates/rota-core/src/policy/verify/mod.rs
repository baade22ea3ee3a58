//! Contradictions that no single line shows: a policy with errors is never set.

mod claims;
mod classes;
mod lines;
mod names;
mod promise;

pub(crate) use promise::longest_wait;

use super::Policy;
use crate::cluster::Cluster;
use crate::units::Time;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The most pools of a policy.
pub const MOST_POOLS: usize = 1000;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The policy cannot be set.
    Error,
    /// It can, and someone may be surprised.
    Warning,
}

/// A word of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// What stands before all words: `memory`, `charge`.
    Policy,
    /// 1.
    Pool,
    /// 2.
    Share,
    /// 3.
    Claim,
    /// 3, with `boost`.
    Boost,
    /// 4.
    Class,
    /// 5.
    Limit,
    /// 6.
    Budget,
    /// 7.
    Price,
    /// 8.
    Turn,
    /// 9.
    Idle,
}

/// A line of the policy: a word, its place among the lines of that word from 0, and a key of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// The word.
    pub word: Word,
    /// Its place.
    pub at: usize,
}

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// The line.
    pub line: Line,
    /// The key of the line; empty: all of it.
    pub key: Cow<'static, str>,
    /// The key of the text in every language.
    pub code: Cow<'static, str>,
    /// Values for the text.
    pub args: Vec<(Cow<'static, str>, String)>,
    /// The text in English: what, why, and what to do next.
    pub message: String,
}

impl Finding {
    fn new<const N: usize>(
        severity: Severity,
        (word, at, key): (Word, usize, &'static str),
        code: &'static str,
        args: [(&'static str, String); N],
        message: impl Into<String>,
    ) -> Finding {
        let args = args.into_iter().map(|(name, value)| (name.into(), value)).collect();
        let (key, code, message) = (key.into(), code.into(), message.into());
        Finding { severity, line: Line { word, at }, key, code, args, message }
    }
}

/// What names something that is not there, or the same thing twice.
pub fn verify_names(policy: &Policy) -> Vec<Finding> {
    names::verify(policy)
}

/// Everything that contradicts something else. Without a cluster, nothing is said about nodes and people.
pub fn verify(policy: &Policy, site: Option<&Cluster>, now: Time) -> Vec<Finding> {
    if policy.pools.len() > MOST_POOLS {
        return vec![names::too_many_pools()];
    }
    let site = site.map(|c| c.under(policy));
    let site = site.as_ref();
    [
        names::verify(policy),
        names::nodes(policy, site),
        claims::verify(policy, site, now),
        classes::verify(policy),
        lines::verify(policy, now),
        promise::verify(policy, site, now),
    ]
    .concat()
}

/// Whether a policy may be set.
pub fn is_good(findings: &[Finding]) -> bool {
    findings.iter().all(|f| f.severity != Severity::Error)
}
