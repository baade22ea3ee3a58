//! The policy in force, and what another would change.

use rota_core::policy::Policy;
use rota_core::policy::verify::Finding;
use rota_core::units::Time;
use rota_policy::diff::Diff;
use serde::{Deserialize, Serialize};

/// The policy that decides now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyInForce {
    /// All of it.
    pub policy: Policy,
    /// Who applied it; none where nobody has, so that it is the default.
    #[serde(default)]
    pub by: Option<String>,
    /// When it was applied.
    #[serde(default)]
    pub at: Option<Time>,
}

/// What is wrong with a policy, and what it would change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyChecked {
    /// What is wrong with it; warnings included.
    pub findings: Vec<Finding>,
    /// What it would change.
    pub diff: Diff,
}
