//! What was given to whom: shares as they are, fairness and the lender's ledger of a period.

use rota_core::policy::promise::Bound;
use rota_core::report::Stretch;
use rota_core::units::{Span, Time};
use serde::{Deserialize, Serialize};

/// The tree of shares.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shares {
    /// The moment.
    pub now: Time,
    /// GPUs are simulated.
    pub simulated: bool,
    /// The tree, ledger by ledger.
    #[serde(flatten)]
    pub shares: rota_core::shares::Shares,
    /// How long nobody waits longer than, in each pool that the policy gives turns.
    #[serde(default)]
    pub turns: Vec<PoolTurn>,
}

/// The bound on waiting in a pool, as things are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PoolTurn {
    /// The pool.
    pub pool: String,
    /// What the bound is made of.
    pub bound: Bound,
    /// The bound; none where no such job fits.
    pub wait: Option<Span>,
    /// What the policy promises.
    pub promise: Option<Span>,
}

/// Fairness in a period.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fairness {
    /// GPUs are simulated.
    pub simulated: bool,
    /// The measures.
    #[serde(flatten)]
    pub report: rota_core::report::Fairness,
}

/// How often forecasts were right in a period.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Score {
    /// GPUs are simulated.
    pub simulated: bool,
    /// When the forecasts were made.
    pub period: Stretch,
    /// By what, and by whom.
    #[serde(flatten)]
    pub score: rota_core::forecast::Score,
}

/// The lender's ledger of a period.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lending {
    /// GPUs are simulated.
    pub simulated: bool,
    /// Owner by owner.
    #[serde(flatten)]
    pub report: rota_core::report::Lending,
}

/// Jobs of a period, with what a what-if needs to play them again: only what anyone may see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Past {
    /// GPUs are simulated.
    pub simulated: bool,
    /// Jobs and their period.
    #[serde(flatten)]
    pub past: rota_core::past::Past,
    /// The nodes of now.
    pub nodes: Vec<rota_core::node::Node>,
    /// The policy of now.
    pub policy: rota_core::policy::Policy,
}
