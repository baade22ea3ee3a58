//! What a site decides. Every knob: its unit, its default, and whom it hurts when it is wrong.

use crate::units::Span;
use serde::{Deserialize, Serialize};

/// The knobs of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// How long a job holds GPUs before it must let others in. Default 4 h. Too short: time is lost in switches;
    /// too long: everyone waits.
    pub turn: Span,
    /// Half-life of past use in fair share. Default 14 d. Too long: a busy month is never forgiven; too short:
    /// whoever waits with submitting gains.
    pub half_life: Span,
    /// How many waiting jobs, first in order, have a planned start that nobody may delay. Default 64. Too small: wide
    /// jobs far back may be passed often; too large: each pass costs more.
    pub reserved: u32,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy { turn: Span::hours(4), half_life: Span::hours(14 * 24), reserved: 64 }
    }
}
