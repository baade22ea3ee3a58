//! What a forecast is made of: one path from a full campus with 1,000 waiting jobs until all of them have run.
//!
//! Played with the real `reconcile`, `plan` and `apply`. Each is timed apart, and so is a copy of the state. The last column
//! is a digest of everything that was decided and planned: a change that only makes it faster leaves it as it is.

use super::Failure;
use super::campus::{Campus, Kind};
use super::report::{Table, Times, result};
use std::time::{Duration, Instant};

/// GPUs.
const SIZES: [u32; 2] = [144, 496];
/// Jobs that wait at first.
const WAITING: u32 = 1000;
/// Copies that are timed.
const COPIES: u32 = 50;

/// Times of one path, and what was decided on it.
#[derive(Default)]
pub struct Clocks {
    /// One pass of the plan each.
    pub plan: Vec<Duration>,
    /// One fact each.
    pub apply: Vec<Duration>,
    /// One look at what was seen each.
    pub reconcile: Vec<Duration>,
    /// Of all plans.
    pub digest: u64,
}

/// Measures all of them.
pub fn run() -> Result<(), Failure> {
    let mut table = Table::new(&[
        "GPUs", "policy", "shapes", "clone µs", "passes", "plan p50 µs", "mean", "p99", "apply µs",
        "see µs", "path ms", "digest",
    ]);
    let mut results = Vec::new();
    for gpus in SIZES.into_iter().filter(|g| std::env::var("G").map_or(true, |v| v == g.to_string())) {
        for kind in Kind::ALL.into_iter().filter(|k| std::env::var("K").map_or(true, |v| v == k.word())) {
            let campus = Campus::new(kind, gpus, WAITING)?;
            let begun = Instant::now();
            let copies: Vec<_> = (0..COPIES).map(|_| campus.cluster.clone()).collect();
            let copy = begun.elapsed() / COPIES;
            drop(copies);
            let shapes = campus.cluster.shapes.len();
            let mut clocks = Clocks::default();
            campus.play(&mut clocks);
            let us = |d: Duration| d.as_secs_f64() * 1e6;
            let sum = |all: &[Duration]| all.iter().sum::<Duration>();
            let mean = |all: &[Duration]| us(sum(all)) / all.len().max(1) as f64;
            let whole = sum(&clocks.plan) + sum(&clocks.apply) + sum(&clocks.reconcile);
            let plan = mean(&clocks.plan);
            let (apply, see) = (mean(&clocks.apply), mean(&clocks.reconcile));
            let passes = clocks.plan.len();
            let times = Times::of(clocks.plan);
            let name = format!("{}.{gpus}", kind.word());
            let figure = |n: f64| format!("{n:.1}");
            table.row(&[
                gpus.to_string(),
                kind.word().to_owned(),
                shapes.to_string(),
                figure(us(copy)),
                passes.to_string(),
                figure(times.ms(50) * 1e3),
                figure(plan),
                figure(times.ms(99) * 1e3),
                figure(apply),
                figure(see),
                figure(whole.as_secs_f64() * 1e3),
                format!("{:08x}", clocks.digest >> 32),
            ]);
            results.push((format!("path.{name}.plan_us"), plan));
            results.push((format!("path.{name}.clone_us"), us(copy)));
            results.push((format!("path.{name}.path_ms"), whole.as_secs_f64() * 1e3));
        }
    }
    table.show("path")?;
    results.iter().for_each(|(name, value)| result(name, *value));
    Ok(())
}
