//! What one event costs at a national centre, and how that grows with its size.
//!
//! A round is: one event (a job ends, or one is submitted), what the engine confirmed since the last round, one pass of
//! the plan, and all its decisions applied.

use super::Failure;
use super::centre::Centre;
use super::report::{Table, Times, result};
use std::time::{Duration, Instant};

/// Sizes in percent of the national centre.
const SIZES: [(u64, &str); 3] = [(1, "0.01"), (10, "0.1"), (100, "1")];
/// Rounds before measuring: until what the synthetic start left unsettled is settled.
const SETTLE: usize = 200;
/// Measured rounds.
const ROUNDS: usize = 400;

/// Measures all sizes.
pub fn run() -> Result<(), Failure> {
    let columns =
        ["size", "GPUs", "run", "wait", "suspended", "p50 ms", "p99 ms", "max ms", "growth of p50"];
    let mut table = Table::new(&columns);
    let mut results = Vec::new();
    let mut first = None;
    for (percent, name) in SIZES {
        let begun = Instant::now();
        let mut centre = Centre::new(percent);
        let built = begun.elapsed();
        let (settling, _) = measure(&mut centre, SETTLE);
        let (times, decisions) = measure(&mut centre, ROUNDS);
        println!(
            "size {name}: built in {:.1} s; settling max {:.1} ms; {:.1} decisions a round",
            built.as_secs_f64(),
            settling.ms(100),
            decisions as f64 / ROUNDS as f64
        );
        let wrong = rota_core::check::check(&centre.cluster);
        if let Some(violation) = wrong.first().filter(|_| percent < 100) {
            return Err(format!("size {name}: {}", violation.0).into());
        }
        let p50 = times.ms(50);
        let growth = p50 / *first.get_or_insert(p50);
        let mut row = vec![name.to_owned()];
        row.extend(counts(&centre).map(|n| n.to_string()));
        row.extend([p50, times.ms(99), times.ms(100)].map(|ms| format!("{ms:.2}")));
        row.push(format!("×{growth:.1}"));
        table.row(&row);
        results.push((format!("plan.pass_p50_ms.{name}"), p50));
        results.push((format!("plan.pass_p99_ms.{name}"), times.ms(99)));
    }
    table.show("plan")?;
    results.iter().for_each(|(name, value)| result(name, *value));
    Ok(())
}

fn measure(centre: &mut Centre, rounds: usize) -> (Times, usize) {
    let (mut times, mut decisions): (Vec<Duration>, usize) = (Vec::new(), 0);
    for nth in 0..rounds {
        let event = centre.next_event(nth);
        let begun = Instant::now();
        decisions += centre.round(&event);
        times.push(begun.elapsed());
    }
    (Times::of(times), decisions)
}

/// GPUs, and jobs that hold some, that wait, that are suspended.
fn counts(centre: &Centre) -> [usize; 4] {
    let c = &centre.cluster;
    let jobs = c.jobs.values();
    let held = jobs.clone().filter(|j| j.holds().is_some()).count();
    let suspended = jobs.filter(|j| j.pinned().is_some()).count();
    let gpus = c.nodes.values().map(|n| n.node.gpus as usize).sum();
    [gpus, held, c.jobs.len() - held - suspended, suspended]
}
