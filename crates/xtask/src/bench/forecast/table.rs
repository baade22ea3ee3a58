//! Forecasts against what happened, by method; and how Rota's do by lab, by length and by week.

use super::METHODS;
use super::take::Taken;
use crate::bench::Failure;
use crate::bench::report::{Table, result};
use rota_core::forecast::{Band, GRAIN, Group, Hits};
use rota_core::units::{Span, Time};
use rota_sim::forecast::calibrate::{Calibration, Said};
use rota_sim::forecast::score::hits;
use std::fmt::Write;

/// What never happened on a path is so far away.
const FARTHEST: Span = Span::hours(60 * 24);

/// Groups of fewer say nothing.
const ENOUGH: u64 = 100;

/// Weeks of fewer say nothing.
const ENOUGH_IN_A_WEEK: u64 = 20;

/// Everything said, in the order of time, as Rota would have shown it.
pub fn said(taken: &[Taken]) -> Vec<Said> {
    let mut calibration = Calibration::default();
    let mut all: Vec<Said> = Vec::new();
    for one in taken {
        let Some(raw) = one.by.first().copied().flatten() else { continue };
        // What has happened by now is known by now.
        let shown = calibration.shown(&one.lab, one.at, raw);
        let (of, lab, at) = (one.job.to_string(), one.lab.clone(), one.at);
        let said = Said { of, lab, at, raw, shown, happened: one.started, left: None };
        calibration.say(said.clone());
        all.push(said);
    }
    all
}

/// Sums of one method.
#[derive(Default)]
struct Sums {
    count: f64,
    before_p90: f64,
    within: f64,
    pinball: f64,
    widths: Vec<f64>,
    errors: Vec<f64>,
}

impl Sums {
    /// Windows count as people see them.
    fn add(&mut self, at: Time, band: Band, started: Time) {
        let band = band.seen();
        let minutes = |to: Time| seconds(to.since(at).min(FARTHEST)) / 60.0;
        let (happened, grain) = (minutes(started), seconds(GRAIN) / 60.0);
        let [low, middle, high] = [band.p10, band.p50, band.p90].map(minutes);
        self.count += 1.0;
        self.before_p90 += f64::from(u8::from(happened <= high));
        self.within += f64::from(u8::from(low <= happened && happened <= high));
        for (level, said) in [(0.1, low), (0.5, middle), (0.9, high)] {
            let off = happened - said;
            self.pinball += (level * off).max((level - 1.0) * off) / 3.0;
        }
        self.widths.push((high + grain) / (low + grain));
        self.errors.push((middle - happened).abs() / happened.max(grain));
    }

    fn row(&mut self, site: &str, method: &str) -> Vec<String> {
        let part = |sum: f64| format!("{:.3}", sum / self.count);
        vec![
            site.to_owned(),
            method.to_owned(),
            format!("{:.0}", self.count),
            part(self.before_p90),
            part(self.within),
            format!("{:.2}", median(&self.widths)),
            format!("{:.2}", median(&self.errors)),
            format!("{:.1}", self.pinball / self.count),
        ]
    }
}

/// A table over all sites, and the figures over all of their forecasts; `from`: the first that is counted.
pub fn show(
    sites: &[(String, Vec<Taken>)],
    from: &dyn Fn(&[Taken]) -> usize,
) -> Result<(), Failure> {
    let columns =
        ["site", "method", "forecasts", "<= P90", "in 80 %", "P90/P10", "rel err", "pinball min"];
    let mut table = Table::new(&columns);
    let (mut rota, mut others) = (Sums::default(), METHODS.map(|_| Sums::default()));
    let mut counted: Vec<Said> = Vec::new();
    for (site, taken) in sites {
        let said = said(taken);
        let first = taken.get(from(taken)).map_or(Time::FAR, |taken| taken.at);
        let mut here = Sums::default();
        for one in said.iter().filter(|said| said.at >= first) {
            let Some(started) = one.happened else { continue };
            here.add(one.at, one.shown, started);
            rota.add(one.at, one.shown, started);
            counted.push(one.clone());
        }
        table.row(&here.row(site, "rota"));
        for (which, method) in METHODS.iter().enumerate() {
            let mut here = Sums::default();
            for one in taken.iter().filter(|one| one.at >= first) {
                if let (Some(Some(band)), Some(started)) = (one.by.get(which), one.started) {
                    here.add(one.at, *band, started);
                    others[which].add(one.at, *band, started);
                }
            }
            if here.count > 0.0 {
                table.row(&here.row(site, method));
            }
        }
    }
    table.show("forecast")?;
    write_windows(sites)?;
    let groups = hits(counted.iter());
    let least = |is: fn(&Group) -> bool, enough: u64| {
        let of = |hits: &&Hits| is(&hits.group) && hits.forecasts >= enough;
        let parts = groups.iter().filter(of).map(|h| ratio(h.before_p90, h.forecasts));
        parts.fold(1.0, f64::min)
    };
    let is_group = |group: &Group| !matches!(group, Group::All | Group::Week(_));
    let is_week = |group: &Group| matches!(group, Group::Week(_));
    // Who says something of fewer than half of them is compared with nothing.
    let best = others.iter().skip(1).filter(|sums| sums.count * 2.0 >= rota.count);
    let best = best.map(|sums| sums.pinball / sums.count).fold(f64::INFINITY, f64::min);
    result("forecast.p90_cover", rota.before_p90 / rota.count);
    result("forecast.i80_cover", rota.within / rota.count);
    result("forecast.width", median(&rota.widths));
    result("forecast.rel_err", median(&rota.errors));
    result("forecast.pinball_ratio", rota.pinball / rota.count / best);
    result("forecast.worst_group_p90", least(is_group, ENOUGH));
    result("forecast.worst_week_p90", least(is_week, ENOUGH_IN_A_WEEK));
    Ok(())
}

/// Every forecast as it was before calibration, in seconds from its submit, for those who want to look closer.
fn write_windows(sites: &[(String, Vec<Taken>)]) -> Result<(), Failure> {
    let mut text = String::from("site,job,lab,at_s,method,p10_s,p50_s,p90_s,waited_s\n");
    for (site, taken) in sites {
        for one in taken {
            let waited = one.started.map_or(String::new(), |at| since(one.at, at));
            for (method, band) in METHODS.iter().zip(&one.by) {
                let Some(band) = band else { continue };
                let [p10, p50, p90] = [band.p10, band.p50, band.p90].map(|at| since(one.at, at));
                let (job, lab, at) = (one.job, &one.lab, one.at.0 / 1000);
                writeln!(text, "{site},{job},{lab},{at},{method:?},{p10},{p50},{p90},{waited}")?;
            }
        }
    }
    std::fs::write("target/bench/forecast-windows.csv", text)?;
    Ok(())
}

fn since(from: Time, to: Time) -> String {
    (to.since(from).min(FARTHEST).0 / 1000).to_string()
}

fn ratio(part: u64, whole: u64) -> f64 {
    let float = |n: u64| u32::try_from(n).map_or(f64::MAX, f64::from);
    float(part) / float(whole)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn seconds(span: Span) -> f64 {
    std::time::Duration::from_millis(span.0).as_secs_f64()
}
