//! The ninth word: GPUs held and not used.

use super::Policy;
use crate::job::JobSpec;
use crate::units::Span;
use serde::{Deserialize, Serialize};

/// GPUs held and not used: when to warn and when to take them back. Unless a policy says otherwise, people are told after
/// half an hour, and whoever waits may have them after an hour; on a person's terminal after 20 and 30 minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idle {
    /// Never used since the job began.
    #[serde(default)]
    pub never_used: Option<Patience>,
    /// Used, and then no more.
    #[serde(default)]
    pub stopped_using: Option<Patience>,
    /// On a person's terminal: neither used nor typed.
    #[serde(default = "at_a_terminal")]
    pub interactive: Option<Patience>,
    /// A GPU of which less than so many thousandths work is not used, whatever runs on it; where the driver says how much.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub sm_below: u32,
}

impl Default for Idle {
    fn default() -> Idle {
        let usual = Some(Patience::USUAL);
        Idle { never_used: usual, stopped_using: usual, interactive: at_a_terminal(), sm_below: 0 }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn at_a_terminal() -> Option<Patience> {
    Some(Patience::AT_A_TERMINAL)
}

/// How long unused GPUs are left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patience {
    /// Then the person is told.
    pub warn: Span,
    /// Then the job is suspended, if someone waits; one that cannot be is queued again after twice as long.
    pub stop: Span,
}

impl Patience {
    /// Where a policy says nothing.
    pub const USUAL: Patience = Patience { warn: Span::minutes(30), stop: Span::hours(1) };
    /// The same of what runs on a person's terminal.
    pub const AT_A_TERMINAL: Patience =
        Patience { warn: Span::minutes(20), stop: Span::minutes(30) };
}

impl Policy {
    /// How long a job may leave its GPUs unused, once it has used them or before.
    pub fn patience(&self, spec: &JobSpec, worked: bool) -> Option<Patience> {
        let general = match (spec.interactive, worked) {
            (true, _) => self.idle.interactive,
            (false, true) => self.idle.stopped_using,
            (false, false) => self.idle.never_used,
        };
        self.class(spec.class.as_deref()).idle.or(general)
    }
}
