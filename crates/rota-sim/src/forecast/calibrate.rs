//! Windows that keep what they say: what was said before is compared with what happened since, and the next window is
//! moved by how far those were off, in the logarithm of the time from now.
//!
//! Forecasts of jobs of the same lab and of a like length weigh more than others, those of late more than old ones. Of many
//! that were made of the same time to come, one is compared: they are right or wrong together, and a hundred jobs that are
//! submitted at once tell no more than one. A forecast whose job still waits counts as what is known of it: longer than so
//! far (Kaplan and Meier 1958). Where little was said yet, the window stays as it is. The middle is moved only by as much as
//! most outcomes agree on: less than that tells less of the next one than the paths do.

use rota_core::forecast::{Band, GRAIN};
use rota_core::units::{Span, Time};
use std::collections::VecDeque;

/// Forecasts that are compared.
pub const LATE: usize = 400;

/// Of outcomes that weigh so much together two thirds are believed, of three times as many almost all.
const BELIEVED: f64 = 3.0;

/// So many windows that are over say half of how many were missed.
const ENOUGH: f64 = 15.0;

/// After so many others a forecast weighs a third, or after so long, whichever is later: a quiet site learns from months, a
/// busy one from weeks.
const LASTING: (f64, Span) = (28.0, Span::hours(7 * 24));

/// How much of what was missed of late is made good with the next window.
const GAIN: f64 = 0.5;

/// Two windows of a lab are one where they look so many times as far ahead as they were made apart.
const AHEAD: u64 = 2;

/// The middle moves only by what so many outcomes agree on.
const MOST: f64 = 0.7;

/// A forecast that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Of what; of each thing only the first forecast is compared.
    pub of: String,
    /// For which lab.
    pub lab: String,
    /// When.
    pub at: Time,
    /// As the paths had it.
    pub raw: Band,
    /// As it was shown.
    pub shown: Band,
    /// When it happened, if it has.
    pub happened: Option<Time>,
    /// It will never happen: the job left. It was longer than until then.
    pub left: Option<Time>,
}

/// Forecasts of late.
#[derive(Clone, Debug, Default)]
pub struct Calibration {
    /// In the order in which they were made.
    pub said: VecDeque<Said>,
}

/// An end of a window.
#[derive(Clone, Copy)]
enum End {
    Early,
    Late,
}

/// How far windows were off.
struct Off {
    /// From the least on, each with its weight, and whether that is known or only that it was more.
    seen: Vec<(f64, f64, bool)>,
    /// How much of it is believed.
    belief: f64,
}

impl Said {
    /// Whether a later one of the same lab is about the same time: both look more than [`AHEAD`] times as far ahead as they
    /// were made apart.
    fn is_along_with(&self, later: &Said) -> bool {
        let apart = Span(later.at.since(self.at).0.saturating_mul(AHEAD));
        let ahead = |said: &Said| said.raw.p50.since(said.at).plus(GRAIN);
        self.lab == later.lab && apart < ahead(self).min(ahead(later))
    }
}

impl Calibration {
    /// Remembers a forecast, if it is to be compared; and whether it is.
    pub fn say(&mut self, said: Said) -> bool {
        let is_news = !self.said.iter().any(|other| other.is_along_with(&said));
        if is_news {
            self.remember(said);
        }
        is_news
    }

    /// Remembers one that is compared.
    pub fn remember(&mut self, said: Said) {
        self.said.push_back(said);
        if self.said.len() > LATE {
            self.said.pop_front();
        }
    }

    /// Takes into account that it happened.
    pub fn happened(&mut self, of: &str, at: Time) {
        self.said.iter_mut().filter(|said| said.of == of).for_each(|said| {
            said.happened = said.happened.or(Some(at));
        });
    }

    /// Takes into account that it never will.
    pub fn left(&mut self, of: &str, at: Time) {
        let of = self.said.iter_mut().filter(|said| said.of == of && said.happened.is_none());
        of.for_each(|said| said.left = said.left.or(Some(at)));
    }

    /// A window as it should be shown at a moment.
    pub fn shown(&self, lab: &str, now: Time, raw: Band) -> Band {
        let moved = |at: Time, by: f64| match at {
            Time::FAR => Time::FAR,
            at => now.after(unlog(log(at.since(now)) + by)),
        };
        let end = |end: End| {
            let off = self.off(lab, now, raw, |band| end.of(band));
            moved(end.of(raw), off.belief * off.quantile(self.level(now, end)).unwrap_or(0.0))
        };
        let (p10, p90) = (end(End::Early), end(End::Late));
        let off = self.off(lab, now, raw, |band| band.p50);
        let least = off.quantile(1.0 - MOST).unwrap_or(f64::NEG_INFINITY);
        let most = off.quantile(MOST).unwrap_or(f64::INFINITY);
        let p50 = moved(raw.p50, off.belief * 0.0_f64.clamp(least, most));
        let p90 = p90.max(p10);
        Band { p10, p50: p50.clamp(p10, p90), p90 }
    }

    /// How far a point of such windows was off.
    fn off(&self, lab: &str, now: Time, raw: Band, point: impl Fn(Band) -> Time) -> Off {
        let middle = log(raw.p50.since(now));
        let mut seen: Vec<(f64, f64, bool)> = Vec::with_capacity(self.said.len());
        let mut known = 0.0;
        for (age, said) in self.said.iter().rev().enumerate() {
            let at = point(said.raw);
            if at == Time::FAR || said.at >= now {
                continue;
            }
            let until = said.happened.or(said.left).unwrap_or(now).min(now);
            let is_known = said.happened.is_some_and(|happened| happened <= now);
            let off = log(until.since(said.at)) - log(at.since(said.at));
            let length = log(said.raw.p50.since(said.at));
            let recency = recency(age, now.since(said.at));
            let weight = recency * alike(length - middle, said.lab == lab);
            known += if is_known { weight } else { 0.0 };
            seen.push((off, weight, is_known));
        }
        seen.sort_by(|a, b| a.0.total_cmp(&b.0));
        Off { seen, belief: 1.0 - (-known / BELIEVED).exp() }
    }

    /// Which quantile of what was seen to take, so that as many come before it as should: more than that, where too few
    /// did of late, by the windows as people saw them. Only windows that are over count, whatever came of them: others
    /// would tell of short waits alone.
    fn level(&self, now: Time, end: End) -> f64 {
        let (mut hits, mut all) = (0.0, 0.0);
        for (age, said) in self.said.iter().rev().enumerate() {
            let seen = said.shown.seen();
            if end.of(seen) < now && said.left.is_none() {
                let weight = recency(age, now.since(said.at));
                all += weight;
                let is_hit = said.happened.is_some_and(|at| end.is_after(seen, at));
                hits += if is_hit { weight } else { 0.0 };
            }
        }
        let missed = (end.level() * all - hits) / (all + ENOUGH);
        (end.level() + GAIN * missed).clamp(0.02, 0.98)
    }
}

impl End {
    fn of(self, band: Band) -> Time {
        match self {
            End::Early => band.p10,
            End::Late => band.p90,
        }
    }

    /// How many should come before it.
    fn level(self) -> f64 {
        match self {
            End::Early => 0.1,
            End::Late => 0.9,
        }
    }

    /// Whether something that happened came before it: at an end is within the window.
    fn is_after(self, band: Band, happened: Time) -> bool {
        match self {
            End::Early => happened < band.p10,
            End::Late => happened <= band.p90,
        }
    }
}

impl Off {
    /// The quantile of offsets of which some are only known to be larger; those that are beyond all that are known count as
    /// they are.
    fn quantile(&self, level: f64) -> Option<f64> {
        let last = self.seen.iter().rposition(|(.., is_known)| *is_known)?;
        let mut at_risk: f64 = self.seen.iter().map(|(_, weight, _)| weight).sum();
        let (mut survive, mut reached) = (1.0, None);
        for (place, (off, weight, is_known)) in self.seen.iter().copied().enumerate() {
            if (is_known || place > last) && at_risk > 0.0 {
                survive *= 1.0 - weight / at_risk;
                reached = Some(off);
                if 1.0 - survive >= level {
                    break;
                }
            }
            at_risk -= weight;
        }
        reached
    }
}

/// How much an earlier forecast says: one of a like length, and of the same lab, more.
fn alike(longer: f64, is_same_lab: bool) -> f64 {
    let lab = if is_same_lab { 1.0 } else { 0.4 };
    lab * (0.03 + 0.97 * (-2.0 * longer * longer).exp())
}

/// How much it says after so many others, and after so long.
fn recency(others: usize, since: Span) -> f64 {
    let others = f64::from(u32::try_from(others).unwrap_or(u32::MAX));
    let (most, lasting) = LASTING;
    (-(others / most).min(seconds(since) / seconds(lasting))).exp()
}

fn log(span: Span) -> f64 {
    seconds(span.plus(GRAIN)).ln()
}

fn unlog(time: f64) -> Span {
    let all = std::time::Duration::try_from_secs_f64(time.exp()).unwrap_or_default();
    let all = u64::try_from(all.as_millis()).unwrap_or(u64::MAX);
    Span(all.saturating_sub(GRAIN.0))
}

fn seconds(span: Span) -> f64 {
    std::time::Duration::from_millis(span.0).as_secs_f64()
}
