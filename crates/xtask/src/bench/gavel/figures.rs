//! What a run comes to: times to completion, and fairness against the same job under `isolated`.

use super::engine::Outcome;
use super::trace::Workload;

/// Figures of the measured jobs of one run.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Hours from arrival to the end: mean.
    pub avg: f64,
    /// The same: median, and what 90 % and 99 % are not above.
    pub percentiles: [f64; 3],
    /// Time to completion ÷ that under `isolated`: mean, 99 %, worst.
    pub rho: [f64; 3],
    /// How often a job starts or moves.
    pub starts: f64,
    /// Rounds in which a job started or moved, in percent.
    pub moving: f64,
}

/// Hours to completion of each measured job.
pub fn hours(work: &Workload, outcome: &Outcome) -> Vec<f64> {
    let one = |id: usize| {
        let end = outcome.states[id].end.expect("a run goes on until all measured jobs have ended");
        (end - work.jobs[id].arrival) / 3600.0
    };
    work.measured.clone().map(one).collect()
}

impl Figures {
    /// Of one run, beside the hours under `isolated`.
    pub fn of(work: &Workload, outcome: &Outcome, isolated: &[f64]) -> Figures {
        let mut hours = hours(work, outcome);
        let mut rho: Vec<f64> = hours.iter().zip(isolated).map(|(a, b)| a / b).collect();
        hours.sort_by(f64::total_cmp);
        rho.sort_by(f64::total_cmp);
        let starts: Vec<f64> =
            work.measured.clone().map(|id| f64::from(outcome.states[id].starts)).collect();
        Figures {
            avg: mean(&hours),
            percentiles: [50, 90, 99].map(|percent| percentile(&hours, percent)),
            rho: [mean(&rho), percentile(&rho, 99), percentile(&rho, 100)],
            starts: mean(&starts),
            moving: outcome.moving as f64 * 100.0 / outcome.rounds.max(1) as f64,
        }
    }

    /// As cells of a table.
    pub fn cells(&self) -> Vec<String> {
        let [p50, p90, p99] = self.percentiles;
        let [mean, most, worst] = self.rho;
        vec![
            format!("{:.2}", self.avg),
            format!("{p50:.1}"),
            format!("{p90:.1}"),
            format!("{p99:.0}"),
            format!("{mean:.2} / {most:.2} / {worst:.2}"),
            format!("{:.1}", self.starts),
            format!("{:.0} %", self.moving),
        ]
    }
}

/// The mean.
pub fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / all.len() as f64
}

/// What `percent` of all are not above, as a rank among the sorted.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
