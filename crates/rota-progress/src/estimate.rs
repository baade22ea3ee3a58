//! How long a job still takes, where that can be known.
//!
//! The average speed since the bar began tells most: it includes evaluations and checkpoints. Where the speed lately is
//! more than twice or less than half of it, the bar did not begin at nothing, or the work has changed: then the speed
//! lately counts. At 450 of 1000 steps after 90 s the average is 5 steps a second, and 550 steps take 110 s:
//!
//! ```
//! use rota_core::units::Span;
//! use rota_progress::{Life, left, of_output};
//! let text = b"\r 45%|####5     | 450/1000 [01:30<01:50,  5.00it/s]";
//! let life = Life { ran: Span::seconds(95), silent: Span::seconds(10), run: 1, ..Life::default() };
//! assert_eq!(left(&of_output(text).expect("a bar"), &life), Some(Span::seconds(100)));
//! ```

use crate::{Began, Pace, Reading, Scope};
use rota_core::units::Span;

/// Less than this of a job says nothing about the rest.
const LEAST: f64 = 0.01;

/// The shortest running time that is a speed, in seconds.
const SHORTEST_RUN: f64 = 30.0;

/// Longest silence that is no standstill, in seconds, however fast the steps were.
const PATIENCE: f64 = 300.0;

/// Longer than ten years is no forecast.
const LONGEST: f64 = 10.0 * 365.25 * 86400.0;

/// What the server knows about a run of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// Running time of this run until now; suspensions do not count.
    pub ran: Span,
    /// Running time since it wrote what was read.
    pub silent: Span,
    /// How long this run was suspended: clocks of its own went on meanwhile.
    pub frozen: Span,
    /// Runs begun: 1 for the first.
    pub run: u32,
    /// How much of its output was looked at.
    pub sight: Sight,
}

/// How much of an output is in sight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sight {
    /// From its beginning.
    #[default]
    Whole,
    /// The newest part only.
    Tail,
}

/// Time left from now; none where nobody knows: hardly begun, at a standstill, only a part in sight, or over its time.
pub fn left(reading: &Reading, life: &Life) -> Option<Span> {
    if reading.scope == Scope::Part || reading.fraction < LEAST {
        return None;
    }
    let silent = seconds(life.silent);
    let ran = seconds(life.ran) - silent;
    let recent = reading.speed.recent;
    // A start is mostly preparation: before the first epoch is over, the bar's own word is better.
    let is_over =
        reading.epoch.and_then(|e| e.last).is_none_or(|n| reading.fraction * float(n) >= 1.0);
    let by_run = || since_start(reading, life, ran).filter(|_| is_over || recent.is_none());
    let speed = if life.frozen.0 > life.ran.0 / 20 {
        // Only the time that it ran is known.
        since_start(reading, life, ran)?.per_second
    } else {
        choose(reading.speed.average.or_else(by_run), recent)?
    };
    let step = reading.steps.map_or(0.0, |s| {
        let epochs = reading.epoch.and_then(|e| e.last).unwrap_or(1).max(1);
        1.0 / speed / (float(s.total) * float(epochs))
    });
    let patience = PATIENCE.max(3.0 * step).max(ran / 20.0);
    let left = (1.0 - reading.fraction) / speed - silent;
    let is_late = left < -(ran / 20.0).max(60.0);
    (silent <= patience && !is_late && left < LONGEST).then(|| span(left.max(0.0)))
}

/// Speed by the running time, where the program has no clock of its own.
fn since_start(reading: &Reading, life: &Life, ran: f64) -> Option<Pace> {
    let base = match (reading.speed.began, life.run, life.sight) {
        (Began::Anew(at), 2.., _) | (Began::Earliest(at), 0..=1, Sight::Whole) => at,
        (Began::Earliest(_) | Began::Unknown, 0..=1, _) => 0.0,
        // Where this run began is not known.
        _ => return None,
    };
    let per_second = (reading.fraction - base) / ran;
    (ran >= SHORTEST_RUN && per_second > 0.0).then_some(Pace { per_second, over: ran })
}

fn choose(average: Option<Pace>, recent: Option<Pace>) -> Option<f64> {
    let (Some(average), Some(recent)) = (average, recent) else {
        return average.or(recent).map(|pace| pace.per_second);
    };
    let ratio = recent.per_second / average.per_second;
    let is_long = recent.over >= average.over / 10.0;
    let is_close = (0.5..=2.0).contains(&ratio);
    Some(if is_long || !is_close { recent.per_second } else { average.per_second })
}

fn float(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn seconds(span: Span) -> f64 {
    std::time::Duration::from_millis(span.0).as_secs_f64()
}

fn span(seconds: f64) -> Span {
    let duration = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default();
    Span(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
