//! All numbers of scenarios, one in each row: times in milliseconds, parts in thousandths of a percent.

use super::Outcome;
use rota_sim::compare::Waits;
use rota_sim::whatif::{GroupWaits, Report};
use std::fmt::Write;

/// The rows.
pub fn csv(outcome: &Outcome) -> String {
    let mut out = String::from("scenario,group,of,number,value\n");
    for (name, report) in outcome.names.iter().zip(&outcome.reports) {
        scenario(&mut out, name, report);
    }
    for (name, report) in outcome.money.played() {
        scenario(&mut out, &name, report);
    }
    out
}

fn scenario(out: &mut String, name: &str, report: &Report) {
    let mut row = |group: &str, of: &str, number: &str, value: u64| {
        let _ = writeln!(out, "{},{group},{},{number},{value}", quoted(name), quoted(of));
    };
    let all = [
        ("nodes", report.nodes),
        ("gpus", report.gpus),
        ("submitted", report.submitted),
        ("ended", report.ended),
        ("refused", report.refused.values().sum()),
        ("bookings", report.bookings),
        ("bookings_refused", report.bookings_refused.values().sum()),
        ("never", report.never),
        ("too_large", report.too_large),
        ("waited_ms", report.waited.0),
        ("utilisation", report.utilisation),
        ("wanted_gpu_hours_thousandths", report.wanted),
        ("unmet_gpu_hours_thousandths", report.unmet),
        ("shortage", report.shortage),
    ];
    all.iter().for_each(|(number, value)| row("all", "", number, *value));
    for (number, value) in waits(&report.waits) {
        row("all", "", number, value);
    }
    let groups = [("lab", &report.labs), ("pool", &report.pools), ("model", &report.models)];
    for (group, GroupWaits { name, waits: w }) in
        groups.iter().flat_map(|(group, all)| all.iter().map(move |one| (group, one)))
    {
        waits(w).iter().for_each(|(number, value)| row(group, name, number, *value));
    }
    for kept in &report.promises {
        row("promise", &kept.pool, "kept", kept.kept);
        row("promise", &kept.pool, "broken", kept.broken);
    }
    for measure in &report.fairness.measures {
        if let Some(value) = measure.value {
            row("fairness", &measure.of, &measure.name, value);
        }
    }
}

fn waits(w: &Waits) -> [(&'static str, u64); 8] {
    [
        ("jobs", u64::try_from(w.jobs).unwrap_or(u64::MAX)),
        ("mean_wait_ms", w.mean.0),
        ("p50_wait_ms", w.p50.0),
        ("p90_wait_ms", w.p90.0),
        ("p95_wait_ms", w.p95.0),
        ("p99_wait_ms", w.p99.0),
        ("max_wait_ms", w.max.0),
        ("mean_completion_ms", w.completion.0),
    ]
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
