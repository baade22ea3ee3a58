//! What a policy made of a trace, in numbers.

use super::{Fitted, Played};
use rota_core::units::{Span, Time};
use serde::Serialize;
use std::collections::BTreeMap;

/// How long jobs waited for their first start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waits {
    /// How many jobs.
    pub jobs: usize,
    /// The mean.
    pub mean: Span,
    /// Half waited no longer.
    pub p50: Span,
    /// Nine of ten waited no longer.
    pub p90: Span,
    /// 95 of 100 waited no longer.
    pub p95: Span,
    /// 99 of 100 waited no longer.
    pub p99: Span,
    /// The longest.
    pub max: Span,
    /// The mean time from submission to end.
    pub completion: Span,
}

/// The numbers of one policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Of all jobs.
    pub all: Waits,
    /// Of each lab.
    pub by_lab: BTreeMap<String, Waits>,
    /// Of those that ask for each model; empty: for any.
    pub by_model: BTreeMap<String, Waits>,
    /// GPU time that jobs held, of all from the first submission to the last end, in thousandths.
    pub utilisation: u64,
    /// GPU-hours that jobs waited for, over all their turns, of those that they waited for or held; in thousandths.
    pub shortage: u64,
    /// Starts for each job, in thousandths.
    pub starts: u64,
    /// Jobs that never started or never ended, refused ones included.
    pub never: usize,
    /// Jobs that the policy refused at submit, by the code of the refusal.
    pub refused: BTreeMap<&'static str, usize>,
}

/// Adds up what became of each job.
pub fn score(fitted: &Fitted, played: &Played) -> Score {
    let mut groups: [BTreeMap<&str, Vec<(Span, Span)>>; 3] = Default::default();
    let (mut used, mut wanted, mut starts, mut last) = (0u128, 0u128, 0u64, Time(0));
    for ((job, ran), (lab, model)) in fitted.work.iter().zip(&played.ran).zip(&fitted.groups) {
        let Some(ran) = ran else { continue };
        let times = (ran.started.since(job.submitted), ran.ended.since(job.submitted));
        for (group, name) in groups.iter_mut().zip(["", lab, model]) {
            group.entry(name).or_default().push(times);
        }
        used += u128::from(job.gpus) * u128::from(ran.held.0);
        wanted += u128::from(job.gpus) * u128::from(times.1.max(ran.held).0);
        starts += u64::from(ran.starts);
        last = last.max(ran.ended);
    }
    let first = fitted.work.first().map_or(last, |w| w.submitted);
    let gpus: u32 = fitted.machines.iter().map(|m| m.gpus).sum();
    let could = u128::from(gpus) * u128::from(last.since(first).0);
    let [mut all, labs, models] = groups.map(|group| {
        let waits = group.into_iter().map(|(name, times)| (name.to_owned(), waits(times)));
        waits.collect::<BTreeMap<String, Waits>>()
    });
    let all = all.remove("").unwrap_or_default();
    let count = u64::try_from(all.jobs).unwrap_or(u64::MAX).max(1);
    Score {
        all,
        by_lab: labs,
        by_model: models,
        utilisation: u64::try_from(used * 1000 / could.max(1)).unwrap_or(u64::MAX),
        shortage: u64::try_from((wanted - used) * 1000 / wanted.max(1)).unwrap_or(u64::MAX),
        starts: starts * 1000 / count,
        never: fitted.work.len() - all.jobs,
        refused: played.refused.clone(),
    }
}

/// Waits for the first start, and times from submission to end.
pub fn waits(times: Vec<(Span, Span)>) -> Waits {
    let mut waits: Vec<Span> = times.iter().map(|(wait, _)| *wait).collect();
    waits.sort_unstable();
    let count = u128::try_from(waits.len()).unwrap_or(1).max(1);
    let mean = |sum: u128| Span(u64::try_from(sum / count).unwrap_or(u64::MAX));
    Waits {
        jobs: waits.len(),
        mean: mean(waits.iter().map(|w| u128::from(w.0)).sum()),
        p50: percentile(&waits, 50),
        p90: percentile(&waits, 90),
        p95: percentile(&waits, 95),
        p99: percentile(&waits, 99),
        max: waits.last().copied().unwrap_or_default(),
        completion: mean(times.iter().map(|(_, whole)| u128::from(whole.0)).sum()),
    }
}

/// The smallest that so many of a hundred are not above.
fn percentile(sorted: &[Span], percent: usize) -> Span {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}
