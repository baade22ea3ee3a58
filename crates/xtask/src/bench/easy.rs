//! A large queue without preemption: half of Helios' Venus on ten nodes of eight, first in first out and with EASY backfill.

use super::Failure;
use super::report::{Table, result};
use super::traces;
use rota_core::calendar::Zone;
use rota_core::units::Span;
use rota_sim::baseline::{Baseline, Costs, Machine, Work, play};
use rota_sim::trace::{Format, read};
use std::time::Instant;

/// Jobs are at most as large as the ten nodes.
const GPUS: u32 = 80;

/// What each must come to: the half that waited least waited no longer, in milliseconds.
const CHECKS: [(Baseline, &str, u64); 2] =
    [(Baseline::Fifo, "fifo", 25_761_526_000), (Baseline::Easy, "easy", 8_852_850_000)];

/// Plays both.
pub fn run() -> Result<(), Failure> {
    let mut file = traces::open("helios_venus_sub50_jobs.csv")?;
    let trace = read(Format::Csv, &mut file, &Zone::default())?;
    let fitting = trace.jobs.iter().filter(|job| job.gpus <= GPUS);
    let work: Vec<Work> = fitting
        .map(|job| Work {
            submitted: job.submitted,
            gpus: job.gpus,
            model: None,
            runtime: job.runtime,
            expected: job.runtime,
        })
        .collect();
    let nodes = [Machine { gpus: 8, model: 0 }; 10];
    let (alone, together) = (Span::seconds(2), Span::seconds(4));
    let costs = Costs { alone, together, teardown: Span(2500) };
    let mut table = Table::new(&["policy", "jobs", "delay p50 s", "wanted", "off by", "wall s"]);
    let mut results = Vec::new();
    for (policy, name, wanted) in CHECKS {
        let begun = Instant::now();
        let ran = play(policy, &nodes, &work, &costs);
        let wall = begun.elapsed().as_secs_f64();
        let mut delays: Vec<u64> = work
            .iter()
            .zip(&ran)
            .filter_map(|(w, r)| Some(r.as_ref()?.started.since(w.submitted).0))
            .collect();
        delays.sort_unstable();
        let p50 = delays.get(delays.len() / 2).copied().unwrap_or(0);
        let seconds = |ms: u64| std::time::Duration::from_millis(ms).as_secs_f64();
        let off = (seconds(p50) / seconds(wanted) - 1.0) * 100.0;
        table.row(&[
            name.to_owned(),
            delays.len().to_string(),
            format!("{:.1}", seconds(p50)),
            format!("{:.1}", seconds(wanted)),
            if p50 == wanted { "exact".to_owned() } else { format!("{off:+.2} %") },
            format!("{wall:.2}"),
        ]);
        results.push((format!("easy.{name}_p50_s"), seconds(p50)));
        results.push((format!("easy.{name}_wall_s"), wall));
    }
    table.show("easy")?;
    results.iter().for_each(|(name, value)| result(name, *value));
    Ok(())
}
