//! What a forecast is made of: one path from a full campus with 1,000 waiting jobs until all of them have run.
//!
//! Played with the real `reconcile`, `plan` and `apply`. Each is timed apart, and so is a copy of the state. The last column
//! is a digest of everything that was decided and planned: a change that only makes it faster leaves it as it is.

use super::Failure;
use super::campus::{Campus, Kind, Planner};
use super::report::{Table, Times, result};
use rota_core::plan::{decide, plan};
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
        "GPUs",
        "policy",
        "shapes",
        "clone µs",
        "by",
        "passes",
        "p50 µs",
        "mean",
        "p99",
        "apply µs",
        "see µs",
        "path ms",
        "digest",
    ]);
    let planners: [(&str, Planner); 2] = [("plan", plan), ("decide", decide)];
    for gpus in SIZES {
        for kind in Kind::ALL {
            let campus = Campus::new(kind, gpus, WAITING)?;
            let begun = Instant::now();
            let copies: Vec<_> = (0..COPIES).map(|_| campus.cluster.clone()).collect();
            let copy = micros(begun.elapsed() / COPIES);
            drop(copies);
            result(&format!("path.{}.{gpus}.clone_us", kind.word()), copy);
            for (by, planner) in planners {
                let mut clocks = Clocks::default();
                let shapes = campus.cluster.shapes.len();
                campus.clone().play(planner, &mut clocks);
                let (head, tail) = clocks.cells();
                let first = [gpus.to_string(), kind.word().into(), shapes.to_string()];
                let row = first.into_iter().chain([format!("{copy:.1}"), by.to_owned()]);
                table.row(&row.chain(head).chain(tail).collect::<Vec<String>>());
                let name = format!("path.{}.{gpus}.{by}", kind.word());
                result(&format!("{name}_us"), mean(&clocks.plan));
                result(&format!("{name}_path_ms"), clocks.whole());
            }
        }
    }
    table.show("path")
}

fn micros(span: Duration) -> f64 {
    span.as_secs_f64() * 1e6
}

fn mean(all: &[Duration]) -> f64 {
    let count = u32::try_from(all.len()).unwrap_or(u32::MAX).max(1);
    micros(all.iter().sum::<Duration>()) / f64::from(count)
}

impl Clocks {
    /// Milliseconds of the path.
    fn whole(&self) -> f64 {
        let parts = [&self.plan, &self.apply, &self.reconcile];
        micros(parts.into_iter().flatten().sum::<Duration>()) / 1e3
    }

    /// What the table says of the passes, and of the rest.
    fn cells(&self) -> ([String; 4], [String; 4]) {
        let times = Times::of(self.plan.clone());
        let (p50, p99) = (times.ms(50) * 1e3, times.ms(99) * 1e3);
        let figure = |n: f64| format!("{n:.1}");
        let passes =
            [self.plan.len().to_string(), figure(p50), figure(mean(&self.plan)), figure(p99)];
        let (apply, see) = (mean(&self.apply), mean(&self.reconcile));
        let digest = format!("{:08x}", self.digest >> 32);
        (passes, [figure(apply), figure(see), figure(self.whole()), digest])
    }
}
