//! Share error and Jain's index: what labs had against their part, in the moments in which at least two of them had work
//! in a ledger and something waited.
//!
//! A lab's part of what was delivered is weighted max-min with demand: by weight, but nobody's part is more than they
//! held and waited for, nor less than they hold a claim to. Error = |had − part| ÷ all delivered there then, in points.
//! Two labs of weights 2 and 1 that had 11 and 7 of 18 GPU-hours: parts 12 and 6, error 1 ÷ 18 = 5.6 points each.
//!
//! Jain's index over labs, of x = had ÷ part: (Σx)² ÷ (n · Σx²); 1 where all are served alike.

use super::flows::Flows;
use super::number::{Rank, percentile, ratio};
use rota_core::cluster::Cluster;
use rota_core::id::LabId;
use rota_core::report::{LabPart, Measure, Target, Unit};
use rota_core::shares::thousandths_of_an_hour;
use std::collections::BTreeMap;

/// What labs had, the farthest from their part first.
pub fn labs(flows: &Flows, c: &Cluster) -> Vec<LabPart> {
    let mut all: BTreeMap<&str, u128> = BTreeMap::new();
    for (pool, _, sum) in flows.sums() {
        *all.entry(pool).or_default() += sum.delivered;
    }
    let mut labs: Vec<LabPart> = flows
        .sums()
        .map(|(pool, lab, sum)| {
            let apart = sum.delivered.abs_diff(sum.entitled);
            let whole = all.get(pool).copied().unwrap_or(0);
            LabPart {
                pool: pool.to_owned(),
                lab: name(c, lab),
                entitled: thousandths_of_an_hour(sum.entitled),
                delivered: thousandths_of_an_hour(sum.delivered),
                error: ratio(apart, whole, 100_000).unwrap_or(0),
            }
        })
        .collect();
    labs.sort_by(|a, b| (b.error, &a.pool, &a.lab).cmp(&(a.error, &b.pool, &b.lab)));
    labs
}

fn name(c: &Cluster, lab: LabId) -> String {
    let at = usize::try_from(lab.0).unwrap_or(usize::MAX);
    c.accounts.labs.get(at).map_or(String::new(), |l| l.name.clone())
}

/// The measures.
pub fn measures(flows: &Flows, labs: &[LabPart]) -> [Measure; 3] {
    let errors: Vec<u64> = labs.iter().map(|lab| lab.error).collect();
    let error = |name, rank, most| {
        let value = percentile(&errors, rank).filter(|_| labs.len() > 1);
        Measure::new(name, Unit::Points, value, Some(Target::AtMost(most)))
    };
    let jain = Measure::new("jain", Unit::Ratio, jain(flows), Some(Target::AtLeast(950)));
    let all = [
        error("share-error-median", Rank::P50, 3000),
        error("share-error-worst", Rank::Max, 8000),
        jain,
    ];
    all.map(|measure| measure.from_jobs(flows.jobs()))
}

/// In thousandths, over all ledgers together.
fn jain(flows: &Flows) -> Option<u64> {
    let mut labs: BTreeMap<LabId, (u128, u128)> = BTreeMap::new();
    for (_, lab, sum) in flows.sums() {
        let both = labs.entry(lab).or_default();
        *both = (both.0 + sum.delivered, both.1 + sum.entitled);
    }
    // In thousandths; who is entitled to nothing is no measure of anything.
    let served: Vec<u128> =
        labs.values().filter_map(|(had, part)| ratio(*had, *part, 1000).map(u128::from)).collect();
    let sum: u128 = served.iter().sum();
    let squares: u128 = served.iter().map(|x| x * x).sum();
    let n = u128::try_from(served.len()).unwrap_or(u128::MAX);
    ratio(sum * sum, n.saturating_mul(squares), 1000).filter(|_| served.len() > 1)
}
