//! Contradictions that no single line shows: a policy with errors is never set.

use super::Policy;
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// The line.
    pub line: Line,
    /// The key of the line; empty: all of it.
    pub key: &'static str,
    /// The key of the text in every language.
    pub code: &'static str,
    /// Values for the text.
    pub args: Vec<(&'static str, String)>,
    /// The text in English: what, why, and what to do next.
    pub message: String,
}

/// What names something that is not there.
pub fn verify_names(policy: &Policy) -> Vec<Finding> {
    let mut all = Vec::new();
    let pools: Vec<&str> = policy.pools.iter().map(|p| p.name.as_str()).collect();
    let classes: Vec<&str> = policy.classes.iter().map(|c| c.name.as_str()).collect();
    let pool =
        |word, at, name: &str| unknown("policy-unknown-pool", "pool", (word, at), name, &pools);
    let class =
        |word, at, name: &str| unknown("policy-unknown-class", "class", (word, at), name, &classes);
    for (at, claim) in policy.claims.iter().enumerate() {
        all.extend(pool(Word::Claim, at, &claim.pool));
    }
    for (at, one) in policy.classes.iter().enumerate() {
        let unknown = |name: &String| {
            let finding = pool(Word::Class, at, name)?;
            Some(Finding { key: "pools", ..finding })
        };
        all.extend(one.pools.iter().filter_map(unknown));
    }
    for (at, limit) in policy.limits.iter().enumerate() {
        all.extend(limit.pool.iter().filter_map(|name| pool(Word::Limit, at, name)));
        all.extend(limit.class.iter().filter_map(|name| class(Word::Limit, at, name)));
    }
    for (at, turn) in policy.turns.iter().enumerate() {
        all.extend(pool(Word::Turn, at, &turn.pool));
    }
    all
}

fn unknown(
    code: &'static str,
    what: &'static str,
    (word, at): (Word, usize),
    name: &str,
    known: &[&str],
) -> Option<Finding> {
    // An empty name was not read at all, and that has been said.
    if name.is_empty() || known.contains(&name) {
        return None;
    }
    let list = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let message = format!("no {what} is called '{}'; this policy has {list}", name.escape_debug());
    let args = vec![("name", name.to_owned()), ("known", list)];
    Some(Finding {
        severity: Severity::Error,
        line: Line { word, at },
        key: what,
        code,
        args,
        message,
    })
}
