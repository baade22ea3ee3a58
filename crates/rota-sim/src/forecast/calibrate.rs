//! Windows that keep what they say: what was said before is compared with what happened since, and the next window is
//! moved by how far those were off, in the logarithm of the time from now.
//!
//! Forecasts of jobs of the same lab and of a like length weigh more than others, those of late more than old ones. A
//! forecast whose job still waits counts as what is known of it: longer than so far (Kaplan and Meier 1958). Where little
//! was said yet, the window stays as it is.

use rota_core::forecast::{Band, GRAIN};
use rota_core::units::{Span, Time};
use std::collections::VecDeque;

/// Forecasts that are compared.
const LATE: usize = 400;

/// Of outcomes that weigh so much together two thirds are believed, of three times as many almost all.
const BELIEVED: f64 = 3.0;

/// So many windows that are over say half of how many were missed.
const ENOUGH: f64 = 15.0;

/// After so many others, a forecast weighs a third.
const LASTING: f64 = 50.0;

/// How much of what was missed of late is made good with the next window.
const GAIN: f64 = 0.5;

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

/// The quantiles of a window.
const LEVELS: [f64; 3] = [0.1, 0.5, 0.9];

impl Calibration {
    /// Remembers a forecast.
    pub fn say(&mut self, said: Said) {
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
        let times = quantiles(raw).map(|at| log(at.since(now)));
        let mut shown = [0.0; 3];
        for (which, level) in LEVELS.into_iter().enumerate() {
            shown[which] = times[which] + self.offset(lab, now, times[1], which, level);
        }
        let [p10, p50, p90] = shown.map(|time| now.after(unlog(time)));
        let far = |at: Time, raw: Time| if raw == Time::FAR { Time::FAR } else { at };
        let (p10, p50) = (far(p10, raw.p10), far(p50, raw.p50).max(p10));
        Band { p10, p50, p90: far(p90, raw.p90).max(p50) }
    }

    /// How far a quantile of such windows was off.
    fn offset(&self, lab: &str, now: Time, middle: f64, which: usize, level: f64) -> f64 {
        let mut seen: Vec<(f64, f64, bool)> = Vec::with_capacity(self.said.len());
        let mut known = 0.0;
        for (age, said) in self.said.iter().rev().enumerate() {
            let at = quantiles(said.raw)[which];
            if at == Time::FAR || said.at >= now {
                continue;
            }
            let until = said.happened.or(said.left).unwrap_or(now).min(now);
            let is_known = said.happened.is_some_and(|happened| happened <= now);
            let off = log(until.since(said.at)) - log(at.since(said.at));
            let length = log(said.raw.p50.since(said.at));
            let weight = weight(age, said.lab == lab, length - middle);
            known += if is_known { weight } else { 0.0 };
            seen.push((off, weight, is_known));
        }
        let level = self.level(now, which, level);
        quantile(&mut seen, level).map_or(0.0, |off| off * (1.0 - (-known / BELIEVED).exp()))
    }

    /// Which quantile of what was seen to take, so that as many come before it as should: more than that, where too few
    /// did of late. Only windows that are over count, whatever came of them: others would tell of short waits alone.
    fn level(&self, now: Time, which: usize, level: f64) -> f64 {
        let (mut hits, mut all) = (0.0, 0.0);
        for (age, said) in self.said.iter().rev().enumerate() {
            let end = quantiles(said.shown)[which];
            if end < now && said.left.is_none() {
                let weight = recency(age);
                all += weight;
                hits += if said.happened.is_some_and(|at| at <= end) { weight } else { 0.0 };
            }
        }
        let missed = (level * all - hits) / (all + ENOUGH);
        (level + GAIN * missed).clamp(0.02, 0.98)
    }
}

/// How much an earlier forecast says: of late, of the same lab, and of a like length.
fn weight(age: usize, is_same_lab: bool, longer: f64) -> f64 {
    let lab = if is_same_lab { 1.0 } else { 0.4 };
    recency(age) * lab * (0.03 + 0.97 * (-2.0 * longer * longer).exp())
}

fn recency(age: usize) -> f64 {
    (-f64::from(u32::try_from(age).unwrap_or(u32::MAX)) / LASTING).exp()
}

/// The quantile of offsets of which some are only known to be larger.
fn quantile(seen: &mut [(f64, f64, bool)], level: f64) -> Option<f64> {
    seen.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut at_risk: f64 = seen.iter().map(|(_, weight, _)| weight).sum();
    let mut survive = 1.0;
    let mut last = None;
    for (off, weight, is_known) in seen.iter().copied() {
        if is_known && at_risk > 0.0 {
            survive *= 1.0 - weight / at_risk;
            last = Some(off);
            if 1.0 - survive >= level {
                break;
            }
        }
        at_risk -= weight;
    }
    last
}

fn quantiles(band: Band) -> [Time; 3] {
    [band.p10, band.p50, band.p90]
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
