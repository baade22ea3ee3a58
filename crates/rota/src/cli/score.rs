//! How often forecasts were right, as text.

use super::Global;
use super::jobs::json;
use super::period::{PeriodArgs, words};
use crate::fault::Fault;
use crate::show;
use crate::text::{safe, tr};
use clap::Args;
use rota_api::Score;
use rota_core::forecast::{Group, Hits};
use rota_core::units::Span;
use std::process::ExitCode;

/// `rota score`
#[derive(Args)]
pub struct ScoreArgs {
    #[command(flatten)]
    period: PeriodArgs,
}

/// A sentence for each kind of forecast, and a table by lab, length and week.
pub fn score(global: &Global, args: &ScoreArgs) -> Result<ExitCode, Fault> {
    let answer: Score = global.client()?.get(&args.period.call("/v1/score")?)?;
    if global.json {
        return json(&answer);
    }
    let score = &answer.score;
    let mut out = show::banner(answer.simulated);
    out.push_str(&format!("{}\n", tr!("score-title", period = words(answer.period))));
    let kinds = [("start", &score.start), ("finish", &score.finish), ("end", &score.end)];
    for (kind, hits) in kinds {
        out.push_str(&show::wrapped("- ", &sentence(kind, hits.first())));
    }
    let rest = [("score-open", score.open), ("score-left", score.left)];
    for (key, jobs) in rest.into_iter().filter(|(_, jobs)| *jobs > 0) {
        out.push_str(&show::wrapped("- ", &tr!(key, jobs = jobs)));
    }
    if !score.start.is_empty() {
        out.push_str(&show::wrapped("", &tr!("score-should")));
    }
    if score.start.len() > 1 {
        out.push_str(&format!("\n{}", table("column-starts-of", &score.start)));
    }
    let every = [
        ("score-again", "column-starts-of", &score.again),
        ("score-finish-ahead", "column-ends-in", &score.finish_ahead),
        ("score-end-ahead", "column-ends-in", &score.end_ahead),
    ];
    for (title, first, hits) in every.into_iter().filter(|(.., hits)| !hits.is_empty()) {
        out.push_str(&format!("\n{}{}", show::wrapped("", &tr!(title)), table(first, hits)));
    }
    show::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// How often one kind of forecast was right.
pub fn sentence(kind: &str, all: Option<&Hits>) -> String {
    match all {
        None => tr!(&format!("score-none-{kind}")),
        Some(all) => tr!(
            &format!("score-{kind}"),
            hits = all.before_p90,
            of = all.forecasts,
            within = all.within,
        ),
    }
}

fn table(first: &str, all: &[Hits]) -> String {
    let header = [first, "column-forecasts", "column-before-p90", "column-within", "column-width"];
    let header = header.map(|key| tr!(key));
    let part = |hits: u64, of: u64| format!("{}%", (hits * 100 + of / 2) / of.max(1));
    let line = |hits: &Hits| {
        vec![
            group(&hits.group),
            hits.forecasts.to_string(),
            part(hits.before_p90, hits.forecasts),
            part(hits.within, hits.forecasts),
            format!("{}.{}x", hits.width / 1000, hits.width % 1000 / 100),
        ]
    };
    show::table(&header, all.iter().map(line).collect(), None)
}

fn group(group: &Group) -> String {
    match group {
        Group::All => tr!("score-all"),
        Group::Lab(lab) => tr!("score-lab", lab = safe(lab)),
        Group::Within(most) => tr!("score-within", most = show::span(*most)),
        Group::Longer => tr!("score-longer", least = show::span(Span::hours(24))),
        Group::Before(most) => tr!("score-before", most = show::span(*most)),
        Group::LongBefore => tr!("score-long-before", least = show::span(Span::hours(7 * 24))),
        Group::Ahead { from: Span::ZERO, until: Some(until) } => {
            tr!("score-ahead-under", until = show::span(*until))
        }
        Group::Ahead { from, until: Some(until) } => {
            tr!("score-ahead", from = show::span(*from), until = show::span(*until))
        }
        Group::Ahead { from, until: None } => tr!("score-ahead-over", from = show::span(*from)),
        Group::Week(begins) => tr!("score-week", begins = show::day(*begins)),
    }
}
