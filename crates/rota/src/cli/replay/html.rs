//! What came of a replay, as a page.

use super::Outcome;
use super::table::{cells, header, hours, name};
use crate::cli::chart::{Bars, Page};
use crate::cli::whatif::{html, rows};
use crate::text::{safe, tr};
use rota_core::units::Span;
use rota_sim::compare::{Row, Score};

/// All of it.
pub fn page(outcome: &Outcome) -> String {
    let Outcome { path, trace, gpus, nodes, scores, report, .. } = outcome;
    let mut page = Page::new(&tr!("replay-page-title", path = path.display()));
    let days = trace.jobs.first().zip(trace.jobs.last());
    let days = crate::show::span(days.map_or(Span::ZERO, |(a, b)| b.submitted.since(a.submitted)));
    let jobs = trace.jobs.len();
    page.text(&tr!("replay-page-on", jobs = jobs, days = days, gpus = gpus, nodes = nodes));
    let rows: Vec<Vec<String>> = scores.iter().map(|(row, score)| cells(*row, score)).collect();
    page.table(&header(), &rows);
    let series: Vec<String> = scores.iter().map(|(row, _)| name(*row)).collect();
    page.heading(&tr!("replay-page-labs"));
    page.legend(&series);
    let mut labs: Vec<(&String, usize)> =
        report.labs.iter().map(|group| (&group.name, group.waits.jobs)).collect();
    labs.sort_by_key(|(_, jobs)| std::cmp::Reverse(*jobs));
    let bars = labs.iter().take(html::GROUPS).map(|(lab, _)| {
        let wait = |(_, score): &(Row, Score)| {
            let mean = score.by_lab.get(*lab).map_or(Span::ZERO, |waits| waits.mean);
            (mean.0, tr!("whatif-hours", hours = hours(mean)))
        };
        Bars { name: safe(lab), values: scores.iter().map(wait).collect() }
    });
    page.bars(&bars.collect::<Vec<_>>());
    if outcome.is_mixed {
        page.text(&tr!("replay-mixed"));
    }
    if let Some(note) = super::unknown_models(&outcome.unknown) {
        page.text(&note);
    }
    page.text(&tr!("replay-oracle"));
    page.heading(&tr!("whatif-fairness"));
    let reports = std::slice::from_ref(report);
    page.table(&rows::header(1), &rows::all(reports));
    html::over_time(&mut page, reports);
    page.text(&super::table::left_out(trace));
    page.finish(crate::text::lang().code())
}
