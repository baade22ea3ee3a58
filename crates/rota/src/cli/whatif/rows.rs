//! The numbers of scenarios, as rows: the same for the terminal and for the page.

use crate::cli::replay::table::{LABS, hours, thousandths};
use crate::show;
use crate::text::{get, safe, tr};
use rota_core::units::Span;
use rota_sim::whatif::{GroupWaits, Report};

/// The letter of a scenario: A is the site as it is.
pub fn letter(at: usize) -> String {
    char::from_digit(u32::try_from(at + 10).unwrap_or(35), 36)
        .unwrap_or('z')
        .to_uppercase()
        .to_string()
}

/// The heading of rows with a column for each of so many scenarios.
pub fn header(scenarios: usize) -> Vec<String> {
    let letters = (0..scenarios).map(letter);
    [tr!("whatif-measure")].into_iter().chain(letters).collect()
}

/// Thousandths of a percent: `12.3%`.
pub fn percent(value: u64) -> String {
    thousandths(value.saturating_add(50), 1) + "%"
}

fn row(key: &str, reports: &[Report], cell: impl Fn(&Report) -> String) -> Vec<String> {
    [get(key, &[])].into_iter().chain(reports.iter().map(cell)).collect()
}

/// Every number that is about all jobs.
pub fn all(reports: &[Report]) -> Vec<Vec<String>> {
    let span = |key, of: fn(&Report) -> Span| row(key, reports, |r| hours(of(r)));
    let mut rows = vec![
        row("whatif-gpus", reports, |r| r.gpus.to_string()),
        row("whatif-jobs", reports, |r| r.submitted.to_string()),
        row("whatif-ended", reports, |r| r.ended.to_string()),
        span("whatif-p50", |r| r.waits.p50),
        span("whatif-p95", |r| r.waits.p95),
        span("whatif-max", |r| r.waits.max),
        span("whatif-end", |r| r.waits.completion),
        span("whatif-waited", |r| r.waited),
        row("whatif-used", reports, |r| percent(r.utilisation)),
        row("whatif-shortage", reports, |r| percent(r.shortage)),
    ];
    rows.extend(of_fairness(reports));
    type Count = fn(&Report) -> u64;
    let odd: [(&str, Count); 4] = [
        ("whatif-refused", |r| r.refused.values().sum()),
        ("whatif-bookings-refused", |r| r.bookings_refused.values().sum()),
        ("whatif-never", |r| r.never),
        ("whatif-too-large", |r| r.too_large),
    ];
    let odd = odd.into_iter().filter(|(_, of)| reports.iter().any(|r| of(r) > 0));
    rows.extend(odd.map(|(key, of)| row(key, reports, |r| of(r).to_string())));
    rows
}

/// The promise, fairness and lost work.
fn of_fairness(reports: &[Report]) -> Vec<Vec<String>> {
    let measure = |key, name: &str, shown: fn(u64) -> String| {
        row(key, reports, |r| r.measure(name).map_or_else(|| "-".to_owned(), shown))
    };
    let ratio = |value| thousandths(value, 2);
    let points = |value| thousandths(value, 1);
    let mut rows = Vec::new();
    if reports.iter().any(|r| !r.promises.is_empty()) {
        rows.push(row("whatif-promise", reports, |r| {
            let kept: u64 = r.promises.iter().map(|p| p.kept).sum();
            let broken: u64 = r.promises.iter().map(|p| p.broken).sum();
            format!("{kept}/{}", kept + broken)
        }));
    }
    rows.extend([
        measure("whatif-jain", "jain", ratio),
        measure("whatif-rho", "rho-p95", ratio),
        measure("whatif-share-error", "share-error-median", points),
        measure("whatif-lost-kept", "lost-kept", percent),
        measure("whatif-lost-requeued", "lost-requeued", percent),
    ]);
    rows
}

/// The promise and fairness as a table of their own.
pub fn fairness(reports: &[Report]) -> String {
    let mut rows = vec![
        row("whatif-used", reports, |r| percent(r.utilisation)),
        row("whatif-shortage", reports, |r| percent(r.shortage)),
    ];
    rows.extend(of_fairness(reports));
    show::table(&[tr!("whatif-fairness"), tr!("replay-rota")], rows, None) + "\n"
}

/// Names of all groups, those with most jobs first.
pub fn names(of: &dyn Fn(&Report) -> &[GroupWaits], reports: &[Report]) -> Vec<(String, usize)> {
    let mut all: Vec<(String, usize)> = Vec::new();
    for group in reports.iter().flat_map(of) {
        match all.iter_mut().find(|(name, _)| *name == group.name) {
            Some((_, jobs)) => *jobs = (*jobs).max(group.waits.jobs),
            None => all.push((group.name.clone(), group.waits.jobs)),
        }
    }
    all.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    all
}

/// The name of a group: empty for what has none.
pub fn shown(name: &str) -> String {
    if name.is_empty() { tr!("whatif-rest") } else { safe(name) }
}

/// Waits of the groups with most jobs; three columns for each scenario where there are two, else one.
pub fn groups(
    title: &str,
    of: &dyn Fn(&Report) -> &[GroupWaits],
    reports: &[Report],
) -> (Vec<String>, Vec<Vec<String>>, usize) {
    let names = names(of, reports);
    let three = reports.len() <= 2;
    let columns: &[&str] = if three { &["p50", "p95", "max"] } else { &["p95"] };
    let mut header = vec![get(title, &[]), tr!("replay-column-jobs")];
    header.extend((0..reports.len()).flat_map(|at| {
        columns.iter().map(move |column| {
            format!("{} {}", letter(at), get(&format!("whatif-short-{column}"), &[]))
        })
    }));
    let rows = names.iter().take(LABS).map(|(name, jobs)| {
        let cells = reports.iter().flat_map(|report| {
            let found = of(report).iter().find(|group| group.name == *name);
            columns.iter().map(move |column| {
                found.map_or_else(
                    || "-".to_owned(),
                    |group| {
                        hours(match *column {
                            "p50" => group.waits.p50,
                            "max" => group.waits.max,
                            _ => group.waits.p95,
                        })
                    },
                )
            })
        });
        [show::shorten(&shown(name), 18), jobs.to_string()].into_iter().chain(cells).collect()
    });
    (header, rows.collect(), names.len().saturating_sub(LABS))
}

/// Shortage of each model under each scenario, in percent.
pub fn shortage(reports: &[Report]) -> Vec<Vec<String>> {
    let mut models: Vec<&str> = Vec::new();
    for shortage in reports.iter().flat_map(|r| &r.fairness.shortage) {
        if !models.contains(&shortage.model.as_str()) {
            models.push(&shortage.model);
        }
    }
    let cell = |model: &str, report: &Report| {
        let found = report.fairness.shortage.iter().find(|s| s.model == model);
        found.map_or_else(|| "-".to_owned(), |s| percent(s.rate))
    };
    let row = |model: &&str| {
        [shown(model)].into_iter().chain(reports.iter().map(|r| cell(model, r))).collect()
    };
    models.iter().map(row).collect()
}
