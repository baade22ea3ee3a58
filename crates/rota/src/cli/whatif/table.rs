//! What came of scenarios, as text and as JSON.

use super::rows::{all, groups, header, letter, shortage};
use super::{Outcome, money};
use crate::cli::period::words;
use crate::cli::replay::input::is_measured_nowhere;
use crate::cli::replay::unknown_models;
use crate::show;
use crate::text::{get, tr};
use rota_core::units::Span;
use rota_sim::whatif::{GroupWaits, Report};
use serde_json::{Value, json};
use std::fmt::Write;

/// With fewer jobs, or in less time, numbers say little.
const FEW: (usize, Span) = (50, Span::hours(24));

/// All of it for people.
pub fn text(outcome: &Outcome) -> String {
    let Outcome { names, reports, .. } = outcome;
    let mut out = show::banner(outcome.source.simulated);
    out.push_str(&show::wrapped("", &about(outcome)));
    for (at, name) in names.iter().enumerate() {
        out.push_str(&show::wrapped(&format!("{}  ", letter(at)), &crate::text::safe(name)));
    }
    out.push('\n');
    out.push_str(&(show::table(&header(reports.len()), all(reports), None) + "\n"));
    type Of = fn(&Report) -> &[GroupWaits];
    let sets: [(&str, Of); 3] = [
        ("whatif-by-lab", |r| &r.labs),
        ("whatif-by-pool", |r| &r.pools),
        ("whatif-by-model", |r| &r.models),
    ];
    for (title, of) in sets {
        // A site without pools has only the rest.
        if reports.iter().all(|r| of(r).len() < 2) && title != "whatif-by-lab" {
            continue;
        }
        let (header, rows, more) = groups(title, &of, reports);
        out.push_str(&show::table(&header, rows, None));
        if more > 0 {
            let _ = writeln!(out, "{}", tr!("replay-more", count = more));
        }
        out.push('\n');
    }
    let mut heading = header(reports.len());
    heading.splice(..1, [tr!("whatif-by-shortage")]);
    out.push_str(&(show::table(&heading, shortage(reports), None) + "\n"));
    out.push_str(&money::text(outcome));
    for note in notes(outcome) {
        out.push_str(&show::wrapped("", &note));
    }
    out
}

/// What was played.
pub fn about(outcome: &Outcome) -> String {
    let (source, jobs) = (&outcome.source, outcome.source.jobs());
    let period = words(source.period());
    match source.trace() {
        None if source.bookings() > 0 => {
            tr!("whatif-own-booked", jobs = jobs, bookings = source.bookings(), period = period)
        }
        None => tr!("whatif-own", jobs = jobs, period = period),
        Some((path, _)) => tr!("whatif-trace", path = path, jobs = jobs, period = period),
    }
}

/// What must be known to read it.
pub fn notes(outcome: &Outcome) -> Vec<String> {
    let source = &outcome.source;
    let period = source.period();
    let mut notes = Vec::new();
    if source.jobs() < FEW.0 || period.until.since(period.from) < FEW.1 {
        notes.push(tr!("whatif-short"));
    }
    if source.never_ran() > 0 {
        notes.push(tr!("whatif-never-ran", jobs = source.never_ran()));
    }
    if let Some((_, trace)) = source.trace().filter(|(_, trace)| !trace.left_out.is_empty()) {
        notes.push(tr!("replay-left-out", count = trace.left_out.len()));
    }
    let jobs = source.trace().map_or(&[][..], |(_, trace)| &trace.jobs);
    let anywhere = jobs.iter().filter(|job| is_measured_nowhere(job)).count();
    if anywhere > 0 {
        notes.push(tr!("whatif-anywhere", jobs = anywhere));
    }
    notes.extend(unknown_models(&outcome.unknown));
    notes.extend(money::notes(outcome));
    notes.push(tr!("whatif-supposes"));
    notes
}

/// Refusals and names of scenarios go out as they are; numbers with their units in the names of what they are.
pub fn json(outcome: &Outcome) -> Value {
    let scenario = |(name, report): (&String, &Report)| json!({ "name": name, "saved_ms": outcome.base().saved_by(report), "report": report });
    json!({
        "period": outcome.source.period(),
        "simulated": outcome.source.simulated,
        "trace": outcome.source.trace().map(|(path, _)| path),
        "jobs": outcome.source.jobs(),
        "bookings": outcome.source.bookings(),
        "never_ran": outcome.source.never_ran(),
        "scenarios": outcome.names.iter().zip(&outcome.reports).map(scenario).collect::<Vec<_>>(),
        "purchases": outcome.money.purchases_json(),
        "needs": outcome.money.needs_json(),
    })
}

/// A column's name by its key.
pub fn column(key: &str) -> String {
    get(key, &[])
}
