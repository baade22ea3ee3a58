//! `rota replay`: what a queue of the past would have been under a policy, beside the policies others have. Needs no server.

mod html;
pub mod input;
pub mod inventory;
pub mod table;

use super::Global;
use super::results::Results;
use crate::fault::{Fault, failed};
use crate::files;
use crate::policy_text::faults;
use crate::show;
use crate::text::tr;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use input::{TraceArgs, open, select};
use rota_core::calendar::Zone;
use rota_core::node::Node;
use rota_core::policy::Policy;
use rota_core::policy::verify::verify;
use rota_core::slice::kind;
use rota_core::units::Span;
use rota_policy::check::check;
use rota_sim::compare::{Fitted, Row, Score, Site, fit, run, score};
use rota_sim::replay::Switch;
use rota_sim::trace::{Format, Trace};
use rota_sim::whatif::{Load, Report, Restless, Widen, play};
use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `rota replay`
#[derive(Args)]
pub struct ReplayArgs {
    /// The trace: jobs of the past
    trace: PathBuf,
    /// Nodes: h100*8,a100*4 or h100*8*50, or a file that lists them (.csv, .toml)
    #[arg(long, value_name = "NODES")]
    inventory: String,
    /// The policy file; otherwise the policy of a site that set none
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    how: TraceArgs,
    #[command(flatten)]
    results: Results,
}

/// What starting and leaving take on sites of which nobody says it.
pub const USUAL: Switch = Switch { start: Span::seconds(20), leave: Span::seconds(10) };

/// What came of it.
pub struct Outcome {
    path: PathBuf,
    format: Format,
    guessed: bool,
    trace: Trace,
    gpus: u32,
    nodes: usize,
    /// Of several models, and jobs take any.
    is_mixed: bool,
    /// Models of which nothing is known.
    unknown: BTreeSet<String>,
    fitted: Fitted,
    scores: Vec<(Row, Score)>,
    /// All that what-if says of the site's policy.
    report: Report,
}

/// Replays a trace.
pub fn replay(global: &Global, args: &ReplayArgs) -> Result<ExitCode, Fault> {
    let (how, zone) = (&args.how, args.how.zone()?);
    let nodes = inventory::read(&args.inventory)?;
    let Some(policy) = policy(args.policy.as_deref(), &zone)? else {
        return Ok(ExitCode::FAILURE);
    };
    let site = Site { policy, nodes, switch: how.switch(USUAL)?, turns: how.turns()? };
    let (format, guessed, mut trace) = open(&args.trace, how, &zone)?;
    select(&mut trace, how, &zone)?;
    if trace.jobs.is_empty() {
        show::print(&table::left_out(&trace))?;
        return Err(failed!("replay-no-jobs", path = args.trace.display(), format = format.name()));
    }
    let read = [Some(&*args.trace), args.policy.as_deref(), Some(Path::new(&args.inventory))];
    args.results.check(&read)?;
    let fitted = fit(&site, &trace.jobs);
    let (scores, report) = scores(&site, &trace, &fitted)?;
    let gpus = site.nodes.iter().map(|n| n.gpus).sum();
    let (path, nodes) = (args.trace.clone(), site.nodes.len());
    let models: BTreeSet<_> = site.nodes.iter().map(|n| &n.model).collect();
    let is_mixed = models.len() > 1 && fitted.groups.iter().any(|(_, model)| model.is_empty());
    let unknown = unknown_of(&site.nodes);
    let outcome = Outcome {
        unknown,
        path,
        format,
        guessed,
        trace,
        gpus,
        nodes,
        is_mixed,
        fitted,
        scores,
        report,
    };
    args.results.write(|| table::csv(&outcome), || html::page(&outcome))?;
    if global.json {
        return super::jobs::json(&table::json(&outcome));
    }
    show::print(&table::text(&outcome))?;
    Ok(ExitCode::SUCCESS)
}

/// The policy of a file; none where something is wrong with it, which has then been said.
pub fn policy(file: Option<&Path>, zone: &Zone) -> Result<Option<Policy>, Fault> {
    let Some(file) = file else {
        return Ok(Some(Policy { zone: zone.clone(), ..Policy::default() }));
    };
    let text = files::text(file)?;
    let checked = check(&text, zone, |policy| Ok::<_, Fault>(verify(policy, None, show::now())))?;
    let said = faults(&file.display().to_string(), &text, &checked.faults);
    show::beside(&said);
    Ok(checked.policy)
}

/// Models of nodes of which nothing is known.
pub fn unknown_of(nodes: &[Node]) -> BTreeSet<String> {
    let models = nodes.iter().filter_map(|node| node.model.as_ref());
    models.filter(|model| kind(model).price.is_none()).cloned().collect()
}

/// What is said of them.
pub fn unknown_models(models: &BTreeSet<String>) -> Option<String> {
    let all: Vec<&str> = models.iter().map(String::as_str).collect();
    (!all.is_empty()).then(|| tr!("unknown-models", models = all.join(", ")))
}

/// A bar over so many jobs, on a terminal.
pub fn bar(jobs: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
    let bar = ProgressBar::new(u64::try_from(jobs).unwrap_or(u64::MAX));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Each policy in turn, with a bar on a terminal.
fn scores(
    site: &Site,
    trace: &Trace,
    fitted: &Fitted,
) -> Result<(Vec<(Row, Score)>, Report), Fault> {
    let bar = bar(fitted.work.len());
    bar.set_message(table::name(Row::Rota));
    let load = Load::of_trace(site, &trace.jobs, Widen::AsAsked);
    let report = play(site, &load, &mut || bar.inc(1)).map_err(restless)?;
    let mut all = vec![(Row::Rota, score(fitted, &report.played))];
    for row in Row::ALL.into_iter().filter(|row| *row != Row::Rota) {
        bar.set_position(0);
        bar.set_message(table::name(row));
        let played = run(row, site, fitted, &mut || bar.inc(1));
        let played = played.map_err(|why| failed!("replay-restless", why = why))?;
        all.push((row, score(fitted, &played)));
    }
    bar.finish_and_clear();
    Ok((all, report))
}

/// A fault of Rota: say when, so that it can be found.
pub fn restless(at: Restless) -> Fault {
    failed!("replay-restless", why = format!("the plan does not come to rest at {} ms", at.0.0))
}
