//! How time passes in a replay: moments that are kept apart or not, and programs that are slower on some GPUs.

use rota_core::units::{Span, Time};

/// How closely moments are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Everything happens when it happens.
    Exact,
    /// What happens within a stretch happens in its middle, and the plan is asked once. Stretches grow in proportion to
    /// the time since a moment: who waits for days does not ask for minutes.
    Together {
        /// Since when.
        from: Time,
        /// The shortest stretch.
        least: Span,
        /// A stretch is this part of the time since: 16 is one sixteenth.
        part: u64,
    },
}

impl Pace {
    /// When what happens first happens, and until when everything happens with it.
    pub(super) fn together(self, first: Time) -> (Time, Time) {
        let Pace::Together { from, least, part } = self else { return (first, first) };
        let stretch = Span(first.since(from).0 / part.max(1)).max(least);
        (first.after(Span(stretch.0 / 2)), first.after(stretch))
    }
}

/// How fast a model is where the running time was measured, and where the program runs; A100 = 1000.
#[derive(Clone, Copy)]
pub(super) struct Speeds {
    pub(super) measured: u64,
    pub(super) here: u64,
}

impl Speeds {
    /// How long work takes here.
    pub(super) fn here(self, measured: Span) -> Span {
        Span(measured.0.saturating_mul(self.measured).div_ceil(self.here))
    }

    /// How long work that takes so long here took where it was measured.
    pub(super) fn measured(self, here: Span) -> Span {
        Span(here.0.saturating_mul(self.here) / self.measured)
    }
}
