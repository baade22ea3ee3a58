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

/// GPU time between the moments at which programs ended and those at which that was seen. Whoever starts next on these GPUs
/// has run that much already, or has not begun yet: so programs that are shorter than a stretch take no longer than they do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lag(i128);

impl Lag {
    /// A program on so many GPUs ended at `at`, which is seen at `now`.
    pub(super) fn note(&mut self, (at, now): (Time, Time), gpus: u32) {
        let seen_late = i128::from(now.since(at).0) - i128::from(at.since(now).0);
        self.0 += seen_late * i128::from(gpus.max(1));
    }

    /// What is left of a program that starts on so many GPUs, no more than `most` being made up for at once.
    pub(super) fn left(&mut self, left: Span, gpus: u32, most: Span) -> Span {
        let gpus = i128::from(gpus.max(1));
        let most = i128::from(most.0);
        let made_up = (self.0 / gpus).clamp(-most, most.min(i128::from(left.0)));
        self.0 -= made_up * gpus;
        Span(u64::try_from(i128::from(left.0) - made_up).unwrap_or(0))
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
