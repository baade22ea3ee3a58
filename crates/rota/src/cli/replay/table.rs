//! What came of a replay, as text, JSON and CSV.

use super::Outcome;
use crate::show;
use crate::text::{get, tr};
use rota_core::units::Span;
use rota_sim::compare::{Row, Score, Waits};
use rota_sim::trace::{LeftOut, Trace};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many labs are shown; the file and JSON have all.
pub const LABS: usize = 8;

/// The name of a policy.
pub fn name(row: Row) -> String {
    get(&format!("replay-{}", row.word()), &[])
}

/// All of it for people.
pub fn text(outcome: &Outcome) -> String {
    let Outcome { fitted, scores, trace, .. } = outcome;
    let mut out = heading(outcome);
    out.push_str(&all(scores));
    let labs = |score: &Score| score.by_lab.clone();
    out.push_str(&groups(&tr!("replay-by-lab"), scores, &labs));
    let models = |score: &Score| score.by_model.clone();
    if fitted.groups.iter().any(|(_, model)| !model.is_empty()) {
        out.push_str(&groups(&tr!("replay-by-model"), scores, &models));
    }
    out.push_str(&super::super::whatif::rows::fairness(std::slice::from_ref(&outcome.report)));
    let notes =
        [("replay-too-large", fitted.too_large), ("replay-other-model", fitted.other_model)];
    for (key, jobs) in notes.into_iter().filter(|(_, jobs)| *jobs > 0) {
        let _ = writeln!(out, "{}", get(key, &[("jobs", jobs.to_string())]));
    }
    if outcome.is_mixed {
        let _ = writeln!(out, "{}", tr!("replay-mixed"));
    }
    if let Some(note) = super::unknown_models(&outcome.unknown) {
        out.push_str(&show::wrapped("", &note));
    }
    out.push_str(&left_out(trace));
    let _ = writeln!(out, "{}", tr!("replay-oracle"));
    out
}

fn heading(outcome: &Outcome) -> String {
    let Outcome { path, format, gpus, nodes, trace, .. } = outcome;
    let key = if outcome.guessed { "replay-taken-for" } else { "replay-read-as" };
    let jobs = trace.jobs.len().to_string();
    let first = [
        ("path", path.display().to_string()),
        ("format", format.name().to_owned()),
        ("jobs", jobs),
    ];
    let days = trace.jobs.first().zip(trace.jobs.last());
    let days = days.map_or(Span::ZERO, |(a, b)| b.submitted.since(a.submitted));
    let days = show::span(days);
    format!(
        "{}\n{}\n\n",
        get(key, &first),
        tr!("replay-on", gpus = gpus, nodes = nodes, days = days)
    )
}

/// What the columns are.
pub fn header() -> Vec<String> {
    let all = ["policy", "mean", "p50", "p90", "p99", "max", "end", "used", "unmet", "starts"];
    all.map(|column| get(&format!("replay-column-{column}"), &[])).to_vec()
}

/// A policy in these columns.
pub fn cells(row: Row, score: &Score) -> Vec<String> {
    let w = &score.all;
    let mut cells = vec![name(row)];
    // Of no job at all no wait is a short one.
    let hours = |span: Span| if w.jobs == 0 { "-".to_owned() } else { hours(span) };
    cells.extend([w.mean, w.p50, w.p90, w.p99, w.max, w.completion].map(hours));
    cells.extend([score.utilisation, score.shortage].map(|part| format!("{}%", (part + 5) / 10)));
    cells.push(thousandths(score.starts, 1));
    cells
}

/// A row for each policy.
fn all(scores: &[(Row, Score)]) -> String {
    let rows = scores.iter().map(|(row, score)| cells(*row, score));
    let never: Vec<String> = scores
        .iter()
        .filter(|(_, score)| score.never > 0)
        .map(|(row, score)| {
            let codes = score.refused.iter().map(|(code, jobs)| format!(" ({code}: {jobs})"));
            let codes: String = codes.collect();
            tr!("replay-never", policy = name(*row), jobs = score.never) + &codes + "\n"
        })
        .collect();
    show::table(&header(), rows.collect(), None) + &never.concat() + "\n"
}

/// A row for each lab or model: the mean wait under each policy.
fn groups(
    title: &str,
    scores: &[(Row, Score)],
    of: &dyn Fn(&Score) -> BTreeMap<String, Waits>,
) -> String {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    let all: Vec<BTreeMap<String, Waits>> = scores.iter().map(|(_, score)| of(score)).collect();
    for (group, waits) in all.iter().flatten() {
        let size = sizes.entry(group.clone()).or_default();
        *size = waits.jobs.max(*size);
    }
    let mut largest: Vec<(&String, &usize)> = sizes.iter().collect();
    largest.sort_by_key(|(_, size)| std::cmp::Reverse(**size));
    let more = largest.len().saturating_sub(LABS);
    let mut header = vec![title.to_owned(), tr!("replay-column-jobs")];
    header.extend(scores.iter().map(|(row, _)| get(&format!("replay-short-{}", row.word()), &[])));
    let rows = largest.into_iter().take(LABS).map(|(group, size)| {
        let shown = if group.is_empty() { tr!("replay-any") } else { crate::text::safe(group) };
        let waits = all.iter().map(|by| by.get(group).map_or("-".to_owned(), |w| hours(w.mean)));
        [shown, size.to_string()].into_iter().chain(waits).collect()
    });
    let mut out = show::table(&header, rows.collect(), None);
    if more > 0 {
        let _ = writeln!(out, "{}", tr!("replay-more", count = more));
    }
    out + "\n"
}

/// Lines that were left out, by reason.
pub fn left_out(trace: &Trace) -> String {
    if trace.left_out.is_empty() {
        return String::new();
    }
    let reason = |l: &LeftOut| {
        let first: Vec<String> = l.first.iter().map(u64::to_string).collect();
        let why =
            get(&format!("replay-why-{}", l.why.word()), &[("field", l.why.field().to_owned())]);
        let more = if l.count > l.first.len() { ", …" } else { "" };
        let lines = first.join(", ") + more;
        format!("  {}\n", tr!("replay-reason", count = l.count, why = why, lines = lines))
    };
    let reasons: String = trace.reasons().iter().map(reason).collect();
    format!("{}\n{reasons}", tr!("replay-left-out", count = trace.left_out.len()))
}

/// Hours: `0.25`, `12.5`, `298`; a fixed unit is compared at a glance, and fits the line in every language.
pub fn hours(span: Span) -> String {
    let thousandths = (span.0 + 1800) / 3600;
    let decimals =
        [2, 1, 0][usize::from(thousandths >= 10_000) + usize::from(thousandths >= 1_000_000)];
    if decimals == 0 {
        (thousandths / 1000).to_string()
    } else {
        self::thousandths(thousandths, decimals)
    }
}

/// Thousandths with so many decimals.
pub fn thousandths(value: u64, decimals: usize) -> String {
    let part = format!("{:03}", value % 1000);
    format!("{}.{}", value / 1000, part.get(..decimals).unwrap_or_default())
}

#[derive(Serialize)]
struct Times {
    jobs: usize,
    mean_wait_ms: u64,
    p50_wait_ms: u64,
    p90_wait_ms: u64,
    p99_wait_ms: u64,
    max_wait_ms: u64,
    mean_completion_ms: u64,
}

impl Times {
    fn of(w: &Waits) -> Times {
        Times {
            jobs: w.jobs,
            mean_wait_ms: w.mean.0,
            p50_wait_ms: w.p50.0,
            p90_wait_ms: w.p90.0,
            p99_wait_ms: w.p99.0,
            max_wait_ms: w.max.0,
            mean_completion_ms: w.completion.0,
        }
    }
}

/// All of it for programs. Times in milliseconds.
pub fn json(outcome: &Outcome) -> Value {
    let by = |group: &BTreeMap<String, Waits>| -> BTreeMap<String, Times> {
        group.iter().map(|(name, w)| (name.clone(), Times::of(w))).collect()
    };
    let policy = |(row, score): &(Row, Score)| {
        json!({
            "policy": row.word(),
            "oracle": row.is_oracle(),
            "all": Times::of(&score.all),
            "by_lab": by(&score.by_lab),
            "by_model": by(&score.by_model),
            "utilisation_thousandths": score.utilisation,
            "shortage_thousandths": score.shortage,
            "starts_per_job_thousandths": score.starts,
            "never": score.never,
            "refused": score.refused,
        })
    };
    let reason = |l: &LeftOut| json!({ "why": l.why.word(), "field": l.why.field(), "count": l.count, "lines": l.first });
    json!({
        "format": outcome.format.name(),
        "guessed": outcome.guessed,
        "jobs": outcome.trace.jobs.len(),
        "gpus": outcome.gpus,
        "nodes": outcome.nodes,
        "too_large": outcome.fitted.too_large,
        "other_model": outcome.fitted.other_model,
        "left_out": outcome.trace.reasons().iter().map(reason).collect::<Vec<_>>(),
        "report": outcome.report,
        "policies": outcome.scores.iter().map(policy).collect::<Vec<_>>(),
    })
}

/// A row for each policy and group. Times in milliseconds.
pub fn csv(outcome: &Outcome) -> String {
    let mut out = String::from(
        "policy,oracle,group,name,jobs,mean_wait_ms,p50_wait_ms,p90_wait_ms,p99_wait_ms,max_wait_ms,mean_completion_ms\n",
    );
    for (row, score) in &outcome.scores {
        let whole = BTreeMap::from([(String::new(), score.all)]);
        for (group, all) in [("all", &whole), ("lab", &score.by_lab), ("model", &score.by_model)] {
            for (name, w) in all {
                let name = format!("\"{}\"", name.replace('"', "\"\""));
                let times = [w.mean, w.p50, w.p90, w.p99, w.max, w.completion];
                let times = times.map(|t| t.0.to_string()).join(",");
                let (word, oracle, jobs) = (row.word(), row.is_oracle(), w.jobs);
                let _ = writeln!(out, "{word},{oracle},{group},{name},{jobs},{times}");
            }
        }
    }
    out
}
