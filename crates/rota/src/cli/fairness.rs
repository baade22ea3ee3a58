//! Fairness of a period as text.

use super::Global;
use super::jobs::json;
use super::period::{PeriodArgs, words};
use crate::fault::{Fault, usage};
use crate::show;
use crate::text::{safe, tr};
use clap::Args;
use rota_api::Fairness;
use rota_core::report::{LabPart, Measure, Target, Unit};
use rota_core::units::Span;
use std::process::ExitCode;

/// `rota fairness`
#[derive(Args)]
pub struct FairnessArgs {
    #[command(flatten)]
    period: PeriodArgs,
    /// Answer in CSV
    #[arg(long)]
    csv: bool,
}

/// Measures against their targets, and what labs had.
pub fn fairness(global: &Global, args: &FairnessArgs) -> Result<ExitCode, Fault> {
    if global.json && args.csv {
        return Err(usage!("json-or-csv"));
    }
    let answer: Fairness = global.client()?.get(&args.period.call("/v1/fairness")?)?;
    if global.json {
        return json(&answer);
    }
    if args.csv {
        show::print(&csv(&answer.report.measures))?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = &answer.report;
    let mut out = show::banner(answer.simulated);
    out.push_str(&tr!("fairness-title", period = words(report.period)));
    out.push('\n');
    let header = ["column-measure", "column-value", "column-target", "column-ok", "column-jobs"];
    out.push_str(&row(&header.map(|key| tr!(key))));
    report.measures.iter().for_each(|m| out.push_str(&row(&cells(m))));
    out.push_str(&labs(&report.labs, &report.unit));
    show::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn row(cells: &[String; 5]) -> String {
    let [name, value, target, verdict, jobs] = cells;
    let name = show::label(&show::shorten(name, 38), 39);
    let rest = [(value, 13), (target, 14), (verdict, 5), (jobs, 7)];
    let rest = rest.map(|(cell, columns)| show::right(cell, columns));
    format!("{name}{}\n", rest.concat())
}

fn cells(m: &Measure) -> [String; 5] {
    let of = if m.of.is_empty() { tr!("unknown") } else { safe(&m.of) };
    let name = tr!(&format!("measure-{}", m.name), of = of);
    let value = match (m.value, m.unit) {
        (None, _) => tr!("unknown"),
        (Some(value), Unit::Points) => tr!("points", value = decimals(value, 1)),
        (Some(value), Unit::Percent) => tr!("percent", value = decimals(value, 1)),
        (Some(value), unit) => plain(value, unit),
    };
    let target = match m.target {
        None => String::new(),
        Some(Target::AtMost(most)) => tr!("at-most", value = plain(most, m.unit)),
        Some(Target::AtLeast(least)) => tr!("at-least", value = plain(least, m.unit)),
    };
    let verdict = match m.ok {
        None => String::new(),
        Some(true) => tr!("verdict-ok"),
        Some(false) => tr!("verdict-not"),
    };
    [name, value, target, verdict, m.jobs.to_string()]
}

fn plain(value: u64, unit: Unit) -> String {
    match unit {
        Unit::Points | Unit::Percent => decimals(value, 1),
        Unit::Ratio => decimals(value, 2),
        Unit::Span => show::span(Span(value)),
    }
}

/// Thousandths with so many decimals, at most three.
fn decimals(thousandths: u64, places: usize) -> String {
    let part = format!("{:03}", thousandths % 1000);
    format!("{}.{}", thousandths / 1000, part.get(..places).unwrap_or(&part))
}

fn labs(labs: &[LabPart], unit: &str) -> String {
    if labs.is_empty() {
        return String::new();
    }
    let line = |cells: [String; 5]| {
        let [pool, lab, rest @ ..] = cells;
        let names =
            [show::label(&show::shorten(&pool, 15), 16), show::label(&show::shorten(&lab, 23), 24)];
        let rest = rest.map(|cell| show::right(&cell, 13));
        format!("{}{}\n", names.concat(), rest.concat())
    };
    let header = ["column-pool", "column-lab", "column-entitled", "column-had", "column-error"];
    let title = tr!("labs-title", unit = show::shorten(&safe(unit), 20));
    let rows = labs.iter().map(|lab| {
        let pool = if lab.pool.is_empty() { "-".to_owned() } else { safe(&lab.pool) };
        let hours = [lab.entitled, lab.delivered].map(show::decimal);
        let [entitled, had] = hours;
        let error = tr!("points", value = decimals(lab.error, 1));
        line([pool, safe(&lab.lab), entitled, had, error])
    });
    format!("\n{title}\n{}{}", line(header.map(|key| tr!(key))), rows.collect::<String>())
}

/// A line for each measure; times in seconds.
fn csv(measures: &[Measure]) -> String {
    let line = |m: &Measure| {
        let unit = match m.unit {
            Unit::Points => "points",
            Unit::Percent => "percent",
            Unit::Ratio => "ratio",
            Unit::Span => "seconds",
        };
        let (kind, target) = match m.target {
            None => ("", String::new()),
            Some(Target::AtMost(most)) => ("at-most", decimals(most, 3)),
            Some(Target::AtLeast(least)) => ("at-least", decimals(least, 3)),
        };
        let value = m.value.map_or(String::new(), |value| decimals(value, 3));
        let ok = m.ok.map_or("", |ok| if ok { "yes" } else { "no" });
        let of = format!("\"{}\"", m.of.replace('"', "\"\""));
        format!("{},{of},{value},{unit},{kind},{target},{ok},{}\n", m.name, m.jobs)
    };
    let lines: String = measures.iter().map(line).collect();
    format!("measure,of,value,unit,target_is,target,ok,jobs\n{lines}")
}
