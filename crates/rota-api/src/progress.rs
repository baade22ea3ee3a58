//! How far a running job is, and how long it still takes.

use rota_core::units::{Span, Time};
use rota_progress::{Epoch, Scope, Source, Steps};
use serde::{Deserialize, Serialize};

/// What a running job says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// What is done of `scope`, from 0 to 1.
    pub fraction: f64,
    /// Of what that is a part.
    pub scope: Scope,
    /// What it counts; of nested bars the innermost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Steps>,
    /// The epoch it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// Where it was read.
    pub source: Source,
    /// When the job wrote it.
    pub written_at: Time,
    /// Running time left from the moment of this answer; absent where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Span>,
}
