//! What the server refuses, and how it says so.

use serde::{Deserialize, Serialize};

/// What could not be done, why, and the next step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// Which text: the key of the message in every language.
    pub code: String,
    /// Values for the text.
    #[serde(default)]
    pub args: Vec<(String, String)>,
    /// The text in English.
    pub message: String,
}

/// Every [`Problem::code`].
pub const CODES: [&str; 63] = [
    "accounts-need-simulation",
    "already-ended",
    "already-running",
    "bad-array",
    "bad-job",
    "bad-name",
    "bad-period",
    "bad-request",
    "bad-simulate",
    "bad-value",
    "beyond-limit",
    "booked-out",
    "booking-budget",
    "booking-length",
    "booking-limit",
    "booking-not-yours",
    "booking-past",
    "booking-too-far",
    "cannot-file",
    "dependency-broken",
    "dependency-cycle",
    "dependency-missing",
    "drain-needs-admin",
    "drain-without-why",
    "empty-command",
    "engine",
    "env-too-large",
    "gpu-in-use",
    "internal",
    "makes-no-room",
    "needs-admin",
    "needs-root",
    "no-gpus",
    "no-such-booking",
    "no-such-call",
    "no-such-gpu",
    "no-such-gpu-there",
    "no-such-job",
    "no-such-node",
    "no-such-process",
    "node-without-gpus",
    "not-drained",
    "not-waiting",
    "not-your-lab",
    "not-your-process",
    "not-yours",
    "policy-needs-admin",
    "policy-refused",
    "stopping",
    "store-damaged",
    "store-full",
    "system-process",
    "too-long",
    "too-many-cpus",
    "too-many-gpus",
    "too-many-nodes",
    "too-much-memory",
    "unknown-class",
    "unknown-grant",
    "unknown-model",
    "unknown-node",
    "unknown-pool",
    "which-pool",
];
