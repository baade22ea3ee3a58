//! What came of scenarios, as a page.

use super::rows::{all, groups, header, letter, names, shortage, shown};
use super::{Outcome, money, table};
use crate::cli::chart::{Axes, Bars, Line, Page};
use crate::cli::replay::table::hours;
use crate::show;
use crate::text::{get, safe, tr};
use rota_core::units::{Span, Time};
use rota_sim::whatif::{GroupWaits, Report};
use std::collections::BTreeMap;

/// How many labs have bars.
pub const GROUPS: usize = 12;

/// How many points a line has at most.
const POINTS: u64 = 240;

/// All of it.
pub fn page(outcome: &Outcome) -> String {
    let Outcome { names: scenarios, reports, .. } = outcome;
    let mut page = Page::new(&tr!("whatif-page-title"));
    if outcome.source.simulated {
        page.text(&tr!("simulated"));
    }
    page.text(&table::about(outcome));
    let series =
        scenarios.iter().enumerate().map(|(at, name)| format!("{}  {}", letter(at), safe(name)));
    let series: Vec<String> = series.collect();
    page.legend(&series);
    page.table(&header(reports.len()), &all(reports));
    waits(&mut page, "whatif-page-labs", reports, &|r| &r.labs);
    if reports.iter().any(|r| r.pools.len() > 1) {
        waits(&mut page, "whatif-page-pools", reports, &|r| &r.pools);
    }
    over_time(&mut page, reports);
    page.heading(&tr!("whatif-page-shortage"));
    page.bars(&shortages(reports));
    let mut heading = header(reports.len());
    heading.splice(..1, [tr!("whatif-by-shortage")]);
    page.table(&heading, &shortage(reports));
    money::page(&mut page, outcome);
    for note in table::notes(outcome) {
        page.text(&note);
    }
    page.finish(crate::text::lang().code())
}

/// Bars of the wait that 95 of 100 do not exceed, and a table of the others.
fn waits(page: &mut Page, title: &str, reports: &[Report], of: &dyn Fn(&Report) -> &[GroupWaits]) {
    page.heading(&get(title, &[]));
    let bars = names(of, reports).into_iter().take(GROUPS).map(|(name, _)| {
        let value = |report: &Report| {
            let found = of(report).iter().find(|group| group.name == name);
            let p95 = found.map_or(Span::ZERO, |group| group.waits.p95);
            // As fine as what is said.
            (p95.0 / 36_000, tr!("whatif-hours", hours = hours(p95)))
        };
        Bars { name: shown(&name), values: reports.iter().map(value).collect() }
    });
    page.bars(&bars.collect::<Vec<_>>());
    let (header, rows, _) = groups("whatif-by-lab-short", of, reports);
    page.table(&header, &rows);
}

fn shortages(reports: &[Report]) -> Vec<Bars> {
    let models: BTreeMap<&str, ()> =
        reports.iter().flat_map(|r| &r.fairness.shortage).map(|s| (s.model.as_str(), ())).collect();
    let bars = models.into_keys().map(|model| {
        let value = |report: &Report| {
            let found = report.fairness.shortage.iter().find(|s| s.model == model);
            let unmet = found.map_or(0, |s| s.unmet);
            (unmet, tr!("whatif-gpu-hours", hours = hours(Span(unmet.saturating_mul(3600)))))
        };
        Bars { name: shown(model), values: reports.iter().map(value).collect() }
    });
    bars.collect()
}

/// GPUs in use, and GPUs that are waited for, over the period.
pub fn over_time(page: &mut Page, reports: &[Report]) {
    let Some(period) = reports.first().map(|r| r.fairness.period) else { return };
    let hour = Span::hours(1).0;
    let (first, last) = (period.from.0 / hour, period.until.0.saturating_sub(1) / hour);
    let each = (last - first + 1).div_ceil(POINTS).max(1);
    let buckets = (last - first + 1).div_ceil(each);
    let sums: Vec<Vec<(u64, u64)>> =
        reports.iter().map(|r| by_bucket(r, (first, each, buckets))).collect();
    // The first and the last hour may be cut by the period.
    let length = |at: u64| {
        let from = (first + at * each) * hour;
        (from + each * hour).min(period.until.0).saturating_sub(from.max(period.from.0)).max(1)
    };
    let gpus = |sum: u64, at: usize| {
        let length = length(u64::try_from(at).unwrap_or(0));
        u64::try_from(u128::from(sum) * u128::from(hour) / u128::from(length)).unwrap_or(u64::MAX)
    };
    let day = |at: u64| show::clock(Time(at));
    let middle = period.from.0 + (period.until.0 - period.from.0) / 2;
    let below = vec![day(period.from.0), day(middle), day(period.until.0)];
    page.heading(&tr!("whatif-page-used"));
    let used = sums.iter().zip(reports).map(|(sums, report)| {
        let part =
            |(at, (used, _)): (usize, &(u64, u64))| gpus(*used, at) * 100 / report.gpus.max(1);
        Line { values: sums.iter().enumerate().map(part).collect() }
    });
    let axes = Axes { top: "100%".into(), bottom: "0%".into(), below: below.clone() };
    page.lines(100_000, &used.collect::<Vec<_>>(), &axes);
    page.heading(&tr!("whatif-page-waiting"));
    let waiting = sums.iter().map(|sums| {
        let values = sums.iter().enumerate().map(|(at, (_, unmet))| gpus(*unmet, at));
        Line { values: values.collect() }
    });
    let waiting: Vec<Line> = waiting.collect();
    let most = waiting.iter().flat_map(|line| &line.values).copied().max().unwrap_or(0).max(1000);
    page.lines(most, &waiting, &Axes { top: show::decimal(most), bottom: "0".into(), below });
}

/// Thousandths of GPU-hours used and unmet, bucket by bucket.
fn by_bucket(report: &Report, (first, each, buckets): (u64, u64, u64)) -> Vec<(u64, u64)> {
    let mut all = vec![(0, 0); usize::try_from(buckets).unwrap_or(0)];
    for (at, wanted, unmet) in report.fairness.shortage.iter().flat_map(|s| &s.hours) {
        let bucket = (at.0 / Span::hours(1).0).saturating_sub(first) / each;
        if let Some(sum) = usize::try_from(bucket).ok().and_then(|at| all.get_mut(at)) {
            sum.0 += wanted.saturating_sub(*unmet);
            sum.1 += unmet;
        }
    }
    all
}
