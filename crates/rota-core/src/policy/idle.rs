//! The ninth word: GPUs held and not used.

use super::Policy;
use crate::units::Span;
use serde::{Deserialize, Serialize};

/// GPUs held and not used: when to warn and when to take them back. Unless a policy says otherwise, people are told after
/// half an hour, and whoever waits may have them after an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idle {
    /// Never used since the job began.
    #[serde(default)]
    pub never_used: Option<Patience>,
    /// Used, and then no more.
    #[serde(default)]
    pub stopped_using: Option<Patience>,
}

impl Default for Idle {
    fn default() -> Idle {
        Idle { never_used: Some(Patience::USUAL), stopped_using: Some(Patience::USUAL) }
    }
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
}

impl Policy {
    /// How long jobs of a class may leave their GPUs unused, once they have used them or before.
    pub fn patience(&self, class: Option<&str>, worked: bool) -> Option<Patience> {
        let general = if worked { self.idle.stopped_using } else { self.idle.never_used };
        self.class(class).idle.or(general)
    }
}
