//! `rota whatif`: a site's own past jobs, or those of a trace, on other GPUs or under another policy.

mod csv;
pub mod html;
mod money;
pub mod rows;
mod source;
mod table;

use super::Global;
use super::replay::input::TraceArgs;
use super::replay::{bar, restless, unknown_of};
use super::results::Results;
use crate::fault::{Fault, failed, usage};
use crate::show;
use crate::text::{find, tr};
use clap::Args;
use indicatif::ProgressBar;
use rota_core::policy::verify::{Severity, verify};
use rota_sim::compare::Site;
use rota_sim::whatif::change::{Bad, Change};
use rota_sim::whatif::{Report, play};
use source::Source;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `rota whatif`
#[derive(Args)]
pub struct WhatifArgs {
    /// A trace: jobs of the past; otherwise the site's own, from its server
    trace: Option<PathBuf>,
    /// Nodes for a trace: h100*8,a100*4 or h100*8*50, or a file that lists them
    #[arg(long, value_name = "NODES", requires = "trace")]
    inventory: Option<String>,
    /// The policy file; otherwise the policy in force, or for a trace that of a site that set none
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The site's own last days; otherwise 28
    #[arg(long, value_name = "N", conflicts_with = "trace")]
    days: Option<u64>,
    #[command(flatten)]
    how: TraceArgs,
    /// More nodes: 2xH100x8 is two of eight H100
    #[arg(long, value_name = "NODES")]
    add: Vec<String>,
    /// Fewer nodes: 1xA6000x4
    #[arg(long, value_name = "NODES")]
    remove: Vec<String>,
    /// Turns of another length, in a pool or everywhere: h100=2h, 2h
    #[arg(long, value_name = "POOL=TIME")]
    turn: Vec<String>,
    /// Another promise in a pool: h100=20h
    #[arg(long, value_name = "POOL=TIME")]
    max_wait: Vec<String>,
    /// Another weight: lab/kim=3
    #[arg(long, value_name = "WHO=WEIGHT")]
    share: Vec<String>,
    /// Another policy
    #[arg(long, value_name = "FILE")]
    policy_b: Option<PathBuf>,
    /// Several changes at once, beside others: 'add 2xH100x8; turn h100=2h'
    #[arg(long, value_name = "CHANGES")]
    scenario: Vec<String>,
    /// Jobs also take models that they did not name, if these are as fast and have as much memory
    #[arg(long)]
    as_good: bool,
    /// What this money should buy: 500M-KRW
    #[arg(long, value_name = "MONEY", requires = "prices")]
    buy: Option<String>,
    /// What nodes cost: a file with model, gpus, price (.csv, .toml)
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// How many more nodes of each kind are needed until waits are short enough
    #[arg(long)]
    need: bool,
    /// What is short enough: p95<4h
    #[arg(long, value_name = "GOAL", default_value = "p95<4h")]
    goal: String,
    #[command(flatten)]
    results: Results,
}

impl WhatifArgs {
    /// The files that are read.
    fn read(&self) -> [Option<&Path>; 5] {
        let [policy, other] = [&self.policy, &self.policy_b].map(Option::as_deref);
        let inventory = self.inventory.as_deref().map(Path::new);
        [self.trace.as_deref(), inventory, policy, other, self.prices.as_deref()]
    }
}

/// The most scenarios beside the site as it is.
const MOST: usize = 4;

/// What came of all.
pub struct Outcome {
    source: Source,
    /// Of each scenario its name; the first is the site as it is.
    names: Vec<String>,
    reports: Vec<Report>,
    money: money::Answers,
    /// Models of which nothing is known.
    unknown: BTreeSet<String>,
}

/// Plays the scenarios.
pub fn whatif(global: &Global, args: &WhatifArgs) -> Result<ExitCode, Fault> {
    let Some(source) = source::read(global, args)? else { return Ok(ExitCode::FAILURE) };
    let Some(scenarios) = scenarios(args, &source.site)? else { return Ok(ExitCode::FAILURE) };
    let asks_money = args.buy.is_some() || args.need;
    if scenarios.is_empty() && !asks_money {
        return Err(usage!("whatif-nothing"));
    }
    args.results.check(&args.read())?;
    let bar = bar(source.jobs());
    let base = tr!("whatif-base");
    let mut reports = vec![one(&source, &source.site, (&bar, &base))?];
    let mut names = vec![base];
    let mut unknown = unknown_of(&source.site.nodes);
    for (name, site) in scenarios {
        reports.push(one(&source, &site, (&bar, &name))?);
        names.push(name);
        unknown.extend(unknown_of(&site.nodes));
    }
    let money = money::answers(args, &source, &reports, &bar)?;
    bar.finish_and_clear();
    let outcome = Outcome { source, names, reports, money, unknown };
    args.results.write(|| csv::csv(&outcome), || html::page(&outcome))?;
    if global.json {
        return super::jobs::json(&table::json(&outcome));
    }
    show::print(&table::text(&outcome))?;
    Ok(ExitCode::SUCCESS)
}

/// One scenario by its name, with the bar from its beginning.
fn one(source: &Source, site: &Site, (bar, name): (&ProgressBar, &str)) -> Result<Report, Fault> {
    bar.set_position(0);
    bar.set_message(crate::text::safe(&show::shorten(name, 30)));
    play(site, &source.load(site), &mut || bar.inc(1)).map_err(restless)
}

/// The sites to play beside the one that is; none where a policy file has faults, which have then been said.
fn scenarios(args: &WhatifArgs, base: &Site) -> Result<Option<Vec<(String, Site)>>, Fault> {
    let mut all: Vec<Vec<(String, String)>> = Vec::new();
    let words = [
        ("add", &args.add),
        ("remove", &args.remove),
        ("turn", &args.turn),
        ("max-wait", &args.max_wait),
        ("share", &args.share),
    ];
    let pairs = words.iter().flat_map(|(word, values)| {
        values.iter().map(move |value| ((*word).to_owned(), value.clone()))
    });
    let file = args.policy_b.iter().map(|f| ("policy".to_owned(), f.display().to_string()));
    // The file first: it replaces the policy that the others change.
    all.push(file.chain(pairs).collect());
    for text in &args.scenario {
        let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
        let pair = |part: &str| {
            let (word, value) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
            (word.to_owned(), value.trim().to_owned())
        };
        all.push(parts.map(pair).collect());
    }
    all.retain(|pairs| !pairs.is_empty());
    if all.len() > MOST {
        return Err(usage!("whatif-too-many", most = MOST));
    }
    let mut sites = Vec::new();
    for pairs in &all {
        let Some(site) = changed(base, pairs)? else { return Ok(None) };
        let name = pairs.iter().map(|(word, value)| format!("{word} {value}"));
        sites.push((name.collect::<Vec<_>>().join("; "), site));
    }
    Ok(Some(sites))
}

fn changed(base: &Site, pairs: &[(String, String)]) -> Result<Option<Site>, Fault> {
    let mut site = base.clone();
    for (word, value) in pairs {
        let change = if word == "policy" {
            let read = super::replay::policy(Some(Path::new(value)), &base.policy.zone)?;
            let Some(policy) = read else { return Ok(None) };
            Change::Policy(Box::new(policy))
        } else {
            Change::parse(word, value).map_err(|bad| fault(&bad))?
        };
        change.apply(&mut site).map_err(|bad| fault(&bad))?;
    }
    let findings = verify(&site.policy, None, show::now());
    if let Some(wrong) = findings.iter().find(|f| f.severity == Severity::Error) {
        let args: Vec<(&str, String)> =
            wrong.args.iter().map(|(key, value)| (key.as_ref(), value.clone())).collect();
        let said = find(&format!("problem-{}", wrong.code), &args);
        let why = said.unwrap_or_else(|| wrong.message.clone());
        return Err(failed!("whatif-bad-policy", why = why));
    }
    Ok(Some(site))
}

/// What is wrong with a change, in the language of this process.
fn fault(bad: &Bad) -> Fault {
    match bad {
        Bad::Nodes(text) => usage!("whatif-bad-nodes", text = text),
        Bad::Time(text) => usage!("whatif-bad-time", text = text),
        Bad::Share(text) => usage!("whatif-bad-share", text = text),
        Bad::Word(text) => usage!("whatif-bad-word", text = text),
        Bad::Pool(pool) => failed!("whatif-no-pool", pool = pool),
        Bad::Fewer(nodes, all) => {
            let kind = format!("{}x{}", nodes.model, nodes.gpus);
            failed!("whatif-fewer", kind = kind, all = all, asked = nodes.count)
        }
        Bad::NoNode => failed!("whatif-no-node"),
    }
}
