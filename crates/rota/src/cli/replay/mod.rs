//! `rota replay`: what a queue of the past would have been under a policy, beside the policies others have. Needs no server.

mod html;
pub mod inventory;
pub mod table;

use super::Global;
use super::results::Results;
use crate::fault::{Fault, failed, usage};
use crate::files;
use crate::policy_text::faults;
use crate::show;
use crate::text::tr;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use rota_core::calendar::Zone;
use rota_core::gpu::names;
use rota_core::job::TurnMode;
use rota_core::node::Node;
use rota_core::policy::Policy;
use rota_core::policy::verify::verify;
use rota_core::slice::{kind, written};
use rota_core::units::{Span, Time};
use rota_policy::check::check;
use rota_policy::zone;
use rota_sim::compare::{Fitted, Row, Score, Site, fit, run, score};
use rota_sim::replay::Switch;
use rota_sim::trace::{Format, Trace, TraceJob, guess, read};
use rota_sim::whatif::{Load, Report, Restless, Widen, play};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal};
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

/// How a trace is read and played.
#[derive(Args)]
pub struct TraceArgs {
    /// Its format: sacct, philly, helios, acme, alibaba, swf, gavel, csv; otherwise guessed
    #[arg(long = "as", value_name = "FORMAT")]
    format: Option<String>,
    /// Only jobs submitted from then on: 2026-03-01, or 30d after the first
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only jobs submitted before: 2026-06-01, or 60d after the first
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// Only so many jobs
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The GPU model that jobs ran on, where the trace does not say it: V100; otherwise as long on any
    #[arg(long, value_name = "MODEL")]
    measured_on: Option<String>,
    /// How jobs make room when their turn is over: requeue, suspend, never
    #[arg(long, value_name = "HOW", default_value = "requeue")]
    turns: String,
    /// What a start takes until the program gets on with its work; 20s for a trace
    #[arg(long, value_name = "TIME")]
    start_cost: Option<String>,
    /// What leaving takes until the GPUs are free; 10s for a trace
    #[arg(long, value_name = "TIME")]
    leave_cost: Option<String>,
    /// Time zone of times that say none; otherwise that of this machine
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
}

impl TraceArgs {
    /// The zone of times that say none.
    pub fn zone(&self) -> Result<Zone, Fault> {
        match &self.zone {
            Some(name) => zone::named(name).ok_or_else(|| usage!("replay-bad-zone", value = name)),
            None => Ok(zone::system()),
        }
    }

    /// An option that was given and is only about traces.
    pub fn about_traces(&self) -> Option<&'static str> {
        let given = [
            ("--as", self.format.is_some()),
            ("--since", self.since.is_some()),
            ("--until", self.until.is_some()),
            ("--limit", self.limit.is_some()),
            ("--zone", self.zone.is_some()),
            ("--measured-on", self.measured_on.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
    }

    /// What starting and leaving take, where the options do not say otherwise.
    pub fn switch(&self, usual: Switch) -> Result<Switch, Fault> {
        let cost = |option, text: &Option<String>, usual| {
            text.as_deref().map_or(Ok(usual), |text| span(option, text))
        };
        let start = cost("--start-cost", &self.start_cost, usual.start)?;
        Ok(Switch { start, leave: cost("--leave-cost", &self.leave_cost, usual.leave)? })
    }

    /// How jobs of a trace make room.
    pub fn turns(&self) -> Result<TurnMode, Fault> {
        turns(&self.turns)
    }
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

fn span(option: &str, text: &str) -> Result<Span, Fault> {
    if matches!(text, "0" | "0s") {
        return Ok(Span::ZERO);
    }
    super::options::read_span(option, Some(text)).map(Option::unwrap_or_default)
}

fn turns(text: &str) -> Result<TurnMode, Fault> {
    match text {
        "requeue" => Ok(TurnMode::Requeue),
        "suspend" => Ok(TurnMode::Suspend),
        "never" => Ok(TurnMode::Never),
        _ => Err(usage!("bad-turns", value = text)),
    }
}

/// Reads the trace, in the format that is named or guessed.
pub fn open(path: &Path, args: &TraceArgs, zone: &Zone) -> Result<(Format, bool, Trace), Fault> {
    let wrong = |why: std::io::Error| Fault::file("error-read", path, &why);
    let file = File::open(path).map_err(wrong)?;
    let mut input = BufReader::with_capacity(1 << 16, file);
    let known = || Format::ALL.map(Format::name).join(", ");
    let named = args.format.as_deref().map(|name| {
        Format::named(name)
            .ok_or_else(|| usage!("replay-bad-format", value = name, known = known()))
    });
    let format = match named.transpose()? {
        Some(format) => format,
        None => guess(input.fill_buf().map_err(wrong)?)
            .ok_or_else(|| usage!("replay-no-format", path = path.display(), known = known()))?,
    };
    let trace = read(format, &mut input, zone).map_err(wrong)?;
    Ok((format, args.format.is_none(), trace))
}

/// Keeps what `--since`, `--until` and `--limit` ask for, and notes `--measured-on`.
pub fn select(trace: &mut Trace, args: &TraceArgs, zone: &Zone) -> Result<(), Fault> {
    let first = trace.jobs.first().map_or(Time(0), |j| j.submitted);
    let at = |option: &str, text: &Option<String>| {
        let read = |text: &String| when(text, first, zone);
        let bad = |text: &String| usage!("replay-bad-when", option = option, value = text);
        text.as_ref().map(|text| read(text).ok_or_else(|| bad(text))).transpose()
    };
    let since = at("--since", &args.since)?.unwrap_or(Time(0));
    let until = at("--until", &args.until)?.unwrap_or(Time::FAR);
    let (jobs, last) = (trace.jobs.len(), trace.jobs.last().map_or(first, |j| j.submitted));
    trace.jobs.retain(|job| job.submitted >= since && job.submitted < until);
    trace.jobs.truncate(args.limit.unwrap_or(usize::MAX));
    if trace.jobs.is_empty() && jobs > 0 {
        let (from, until) = (written_in(zone, first), written_in(zone, last));
        return Err(failed!("replay-none-left", jobs = jobs, from = from, until = until));
    }
    let measured_on = args.measured_on.as_deref().map(measured).transpose()?;
    for job in trace.jobs.iter_mut().filter(|job| is_measured_nowhere(job)) {
        job.measured_on.clone_from(&measured_on);
    }
    Ok(())
}

/// As `--since` takes it.
fn written_in(zone: &Zone, at: Time) -> String {
    let local = jiff::Timestamp::from_millisecond(zone.local(at)).unwrap_or_default();
    local.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%dT%H:%M").to_string()
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

/// The model of `--measured-on`.
fn measured(model: &str) -> Result<String, Fault> {
    let known = || names().collect::<Vec<_>>().join(", ");
    let is_known = kind(model).price.is_some();
    let bad = || usage!("replay-bad-model", value = model, known = known());
    is_known.then(|| written(model)).ok_or_else(bad)
}

/// Whether nobody says on which model a job ran as long as it did.
pub fn is_measured_nowhere(job: &TraceJob) -> bool {
    job.model.is_none() && job.measured_on.is_none()
}

/// `2026-03-01`, `2026-03-01T13:00`, or a time after the first job.
fn when(text: &str, first: Time, zone: &Zone) -> Option<Time> {
    if let Ok(local) = text.parse::<jiff::civil::DateTime>() {
        let utc = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        return Some(zone.moment(utc.timestamp().as_millisecond()));
    }
    Span::parse(text).ok().map(|span| first.after(span))
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
