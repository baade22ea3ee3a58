//! What is learnt about suspending a job, and when to leave it alone.

use crate::units::{Span, Time};
use serde::{Deserialize, Serialize};

/// What was learnt about suspending a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspending {
    /// It was suspended once.
    pub works: bool,
    /// How often it failed in a row.
    pub failures: u32,
    /// After a failure it is left alone until then.
    pub not_before: Time,
    /// Why it is asked no more.
    pub refused: Option<String>,
    /// A call into the driver for it has not come back, and its GPUs were drained for that: once is enough.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hangs: bool,
}

/// How often suspending is tried before it is given up.
pub const SUSPEND_TRIES: u32 = 3;

impl Suspending {
    /// Takes note of a failure: 1 minute of rest after the first, 4 after the second, then never again.
    ///
    /// ```
    /// use rota_core::job::Suspending;
    /// use rota_core::units::{Span, Time};
    /// let mut learnt = Suspending::default();
    /// learnt.failed(Time(0), "busy", false);
    /// assert_eq!(learnt.not_before, Time(0).after(Span::minutes(1)));
    /// learnt.failed(Time(0), "busy", false);
    /// assert_eq!(learnt.not_before, Time(0).after(Span::minutes(4)));
    /// learnt.failed(Time(0), "busy", false);
    /// assert_eq!(learnt.refused.as_deref(), Some("busy"));
    /// ```
    pub fn failed(&mut self, at: Time, why: &str, lasting: bool) {
        self.failures += 1;
        self.not_before = at.after(Span::minutes(4_u64.pow(self.failures.min(SUSPEND_TRIES) - 1)));
        if lasting || self.failures >= SUSPEND_TRIES {
            self.refused = Some(why.to_owned());
        }
    }
}
