//! The lender's ledger as text.

use super::Global;
use super::jobs::json;
use super::period::{PeriodArgs, words};
use crate::fault::Fault;
use crate::show;
use crate::text::{safe, tr};
use clap::Args;
use rota_api::Lending;
use rota_core::report::Owner;
use rota_core::units::Span;
use std::process::ExitCode;

/// `rota ledger`
#[derive(Args)]
pub struct LedgerArgs {
    #[command(flatten)]
    period: PeriodArgs,
}

/// Owner by owner.
pub fn ledger(global: &Global, args: &LedgerArgs) -> Result<ExitCode, Fault> {
    let answer: Lending = global.client()?.get(&args.period.call("/v1/ledger")?)?;
    if global.json {
        return json(&answer);
    }
    let report = &answer.report;
    let title = tr!("ledger-title", period = words(report.period));
    let mut out = format!("{}{title}\n", show::banner(answer.simulated));
    if report.owners.is_empty() {
        out.push_str(&tr!("ledger-none"));
        out.push('\n');
    } else {
        let header =
            ["column-who", "column-lent", "column-own", "column-borrowed", "column-unclaimed"];
        out.push_str(&row(&header.map(|key| tr!(key))));
    }
    for owner in &report.owners {
        out.push_str(&row(&cells(owner)));
    }
    if !report.owners.is_empty() {
        out.push_str(&returned(&report.owners));
    }
    show::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn row(cells: &[String; 5]) -> String {
    let [who, rest @ ..] = cells;
    let rest: String = rest.iter().map(|cell| show::right(cell, 13)).collect();
    format!("{}{rest}\n", show::label(&show::shorten(who, 25), 26))
}

fn cells(owner: &Owner) -> [String; 5] {
    let hours = [owner.lent, owner.own, owner.borrowed, owner.unclaimed].map(show::decimal);
    let [lent, own, borrowed, unclaimed] = hours;
    [safe(&owner.who), lent, own, borrowed, unclaimed]
}

/// How lent GPUs came back, claim by claim.
fn returned(owners: &[Owner]) -> String {
    let line = |cells: [String; 8]| {
        let [who, pool, rest @ ..] = cells;
        let names = [(who, 17), (pool, 10)]
            .map(|(name, columns)| show::label(&show::shorten(&name, columns - 1), columns));
        let [recalls, rest @ ..] = rest;
        let rest: String = rest.iter().map(|cell| show::right(cell, 9)).collect();
        format!("{}{}{rest}\n", names.concat(), show::right(&recalls, 8))
    };
    let header = [
        "column-claim",
        "column-pool",
        "column-recalls",
        "column-p50",
        "column-p95",
        "column-longest",
        "column-grace",
        "column-no-shows",
    ];
    let claims = owners.iter().flat_map(|o| o.claims.iter().map(move |claim| (o, claim)));
    let span = |span: Option<Span>| span.map_or_else(|| "-".to_owned(), show::span);
    let rows = claims.map(|(owner, claim)| {
        line([
            safe(&format!("{} {}", claim.claim, owner.who)),
            safe(&claim.pool),
            claim.recalls.to_string(),
            span(claim.recall_p50),
            span(claim.recall_p95),
            span(claim.recall_max),
            show::span(claim.grace),
            claim.no_shows.to_string(),
        ])
    });
    let rows: String = rows.collect();
    format!("\n{}\n{}{rows}", tr!("ledger-returned"), line(header.map(|key| tr!(key))))
}
