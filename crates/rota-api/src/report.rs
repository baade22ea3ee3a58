//! What was given to whom: shares as they are, fairness and the lender's ledger of a period.

use rota_core::units::Time;
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

/// The lender's ledger of a period.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lending {
    /// GPUs are simulated.
    pub simulated: bool,
    /// Owner by owner.
    #[serde(flatten)]
    pub report: rota_core::report::Lending,
}
