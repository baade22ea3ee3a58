//! Looking at jobs and changing them.

use super::moment;
use super::options::{self, JobOptions};
use super::queue::who;
use super::when;
use super::why;
use super::{Global, gpus};
use crate::client::Client;
use crate::fault::{Fault, usage};
use crate::idle_text;
use crate::part;
use crate::progress;
use crate::show;
use crate::text::{safe, tr};
use clap::Args;
use rota_api::{Adopt, Change, Done, JobDetail, Submitted, Suspends, Why};
use rota_core::units::Span;
use serde::Serialize;
use std::process::ExitCode;

/// An answer as it came.
pub fn json(answer: &impl Serialize) -> Result<ExitCode, Fault> {
    let text = serde_json::to_string_pretty(answer).map_err(std::io::Error::from)?;
    show::line(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// All about one job.
pub fn show(global: &Global, job: &str) -> Result<ExitCode, Fault> {
    let (mut client, path) = (global.client()?, path(job)?);
    let d: JobDetail = client.get(&format!("/v1/jobs/{path}"))?;
    if global.json {
        return json(&d);
    }
    let asked = why::waits(d.row.state).then(|| client.get(&format!("/v1/jobs/{path}/why")));
    show::print(&about(&d, asked.transpose()?.as_ref()))?;
    Ok(ExitCode::SUCCESS)
}

/// All about a job, and why it waits, if it does.
pub fn about(d: &JobDetail, waits: Option<&Why>) -> String {
    let title = tr!("show-title", job = d.row.id, state = show::state(d.row.state));
    let rows = facts(d);
    let rows = rows.into_iter().map(|(what, text)| format!("{}{text}\n", show::label(&what, 12)));
    let history =
        d.history.iter().map(|h| format!("  {}  {}\n", show::clock(h.at), show::happened(h)));
    let waits = waits.map_or_else(String::new, why::text);
    [format!("{title}\n"), rows.collect(), waits, history.collect()].concat()
}

/// What it is and does, each with its name.
fn facts(d: &JobDetail) -> Vec<(String, String)> {
    let mut facts = vec![
        (tr!("show-name"), safe(&d.row.name)),
        (tr!("show-who"), who(&d.row)),
        (tr!("show-asks"), asks_for(d)),
        (tr!("show-walltime"), d.spec.limit.map_or_else(|| tr!("no-limit"), show::span)),
        (tr!("show-submitted"), show::clock(d.row.submitted)),
    ];
    facts.extend(d.row.begin.map(|at| (tr!("show-begin"), tr!("from", when = show::minute(at)))));
    if !d.argv.is_empty() {
        facts.push((tr!("show-command"), safe(&show::command(&d.argv))));
        facts.push((tr!("show-folder"), safe(&d.cwd)));
        let output = if d.spec.interactive { tr!("on-terminal") } else { safe(&d.stdout) };
        facts.push((tr!("show-output"), output));
        if d.stderr != d.stdout {
            facts.push((tr!("show-error"), safe(&d.stderr)));
        }
    }
    if let Some(node) = &d.row.node {
        let gpus: Vec<String> = d.gpu_indexes.iter().map(u32::to_string).collect();
        let node = match gpus.is_empty() {
            true => node.clone(),
            false => tr!("node-gpus", node = node, gpus = gpus.join(",")),
        };
        facts.push((tr!("show-node"), node + &part::held(&d.row, d.mps)));
        facts.extend(d.mps.then(|| (tr!("show-mps"), tr!("mps-together"))));
        if !d.beside_mps.is_empty() {
            let pids: Vec<String> = d.beside_mps.iter().map(u32::to_string).collect();
            facts.push((String::new(), tr!("mps-beside", pids = pids.join(", "))));
        }
    }
    facts.extend(d.pid.map(|pid| (tr!("show-pid"), pid.to_string())));
    facts.extend(d.row.started.map(|at| (tr!("show-started"), show::clock(at))));
    if d.row.turns > 0 {
        let ran = tr!("ran-turns", time = show::span(d.row.ran), turns = d.row.turns);
        facts.push((tr!("show-ran"), ran));
    }
    facts.extend(d.gpu_use.map(|used| (tr!("show-gpu-use"), gpus::used(&used))));
    let barely = d.gpu_use.filter(gpus::is_barely);
    facts.extend(barely.map(|_| (String::new(), tr!("gpu-use-barely"))));
    facts.extend(d.row.idle.map(|idle| (tr!("show-idle"), idle_text::idle(&idle))));
    facts.extend(d.row.pin.iter().map(|pin| (tr!("show-pinned"), idle_text::pin(pin))));
    facts.extend(suspending(d).map(|text| (tr!("show-suspends"), text)));
    facts.extend(d.row.progress.iter().flat_map(|p| progress::facts(p, show::now())));
    facts.extend(expected(d));
    if let (Some(outcome), Some(at)) = (&d.row.outcome, d.row.ended) {
        facts.push((tr!("show-ended"), format!("{}  {}", show::clock(at), show::outcome(outcome))));
    }
    facts
}

/// Whether it can be suspended, as far as it was tried.
fn suspending(d: &JobDetail) -> Option<String> {
    let learnt = d.suspending.as_ref()?;
    if part::is_on_slice(&d.row) {
        return Some(tr!("suspends-slice"));
    }
    if d.mps {
        return Some(tr!("suspends-mps"));
    }
    let cost = show::span(d.switch_cost);
    Some(match (&learnt.refused, learnt.works) {
        (Some(why), _) => tr!("suspends-no", why = safe(why)),
        (None, true) if d.switch_cost.0 >= 1000 => {
            let turn = Span(d.switch_cost.0.saturating_mul(20));
            tr!("suspends-yes-cost", cost = cost, turn = show::span(turn))
        }
        (None, true) => tr!("suspends-yes"),
        (None, false) => tr!("suspends-unknown"),
    })
}

/// When it starts and ends, and when that was worked out.
fn expected(d: &JobDetail) -> Vec<(String, String)> {
    let Some(forecast) = d.row.forecast else {
        let why = when::beyond(&d.row, "not-forecast-show");
        let why = why.map(|why| when::promised(&d.row).unwrap_or(why));
        return why.map(|text| (tr!("show-starts"), text)).into_iter().collect();
    };
    let middle = |band: Option<rota_core::forecast::Band>, window: String| match band {
        Some(band) if !window.is_empty() && !forecast.is_guess => {
            tr!("window-middle", window = window, middle = show::minute(band.p50))
        }
        _ => window,
    };
    let (start, end) =
        (when::start_window(&d.row, forecast.made), when::end(&d.row, forecast.made));
    let both = [
        (tr!("show-starts"), middle(forecast.start, start)),
        (tr!("show-ends"), middle(forecast.finish, end)),
    ];
    both.into_iter().filter(|(_, window)| !window.is_empty()).collect()
}

fn asks_for(d: &JobDetail) -> String {
    let models = if d.spec.models.is_empty() {
        String::new()
    } else {
        format!(" ({})", d.spec.models.join(", "))
    };
    let mem = if d.spec.mem.0 == 0 { tr!("no-memory") } else { d.spec.mem.to_string() };
    let nodes = match d.spec.nodes {
        1 => String::new(),
        nodes => tr!("asks-on-nodes", nodes = nodes),
    };
    nodes
        + &tr!(
            "asks-for",
            gpus = part::asked(&d.spec),
            models = safe(&models),
            cpus = d.spec.cpus,
            mem = mem
        )
}

/// A job as part of a path.
pub fn path(job: &str) -> Result<String, Fault> {
    let known = rota_core::id::JobId::parse(job);
    known.map(|id| id.to_string()).ok_or_else(|| usage!("bad-job", value = job))
}

/// Cancels, holds or releases each. What cannot be done is said, and the rest is done all the same.
pub fn each(global: &Global, jobs: &[String], what: Each) -> Result<ExitCode, Fault> {
    let paths = jobs.iter().map(|j| path(j)).collect::<Result<Vec<_>, _>>()?;
    let mut client = global.client()?;
    let mut code = ExitCode::SUCCESS;
    for job in paths {
        match client.post::<Done>(&format!("/v1/jobs/{job}/{}", what.call()), &()) {
            Ok(done) => {
                let text = match what {
                    Each::Cancel => tr!("cancelled", job = job, count = done.jobs),
                    Each::Hold => tr!("held", job = job, count = done.jobs),
                    Each::Release => tr!("released", job = job, count = done.jobs),
                };
                show::line(&text)?;
            }
            Err(fault @ Fault::Refused(_)) => {
                show::aside(&fault.text());
                code = ExitCode::FAILURE;
            }
            Err(other) => return Err(other),
        }
    }
    Ok(code)
}

/// What is done to each of several jobs.
#[derive(Clone, Copy)]
pub enum Each {
    Cancel,
    Hold,
    Release,
}

impl Each {
    fn call(self) -> &'static str {
        match self {
            Each::Cancel => "cancel",
            Each::Hold => "hold",
            Each::Release => "release",
        }
    }
}

/// `rota change`
#[derive(Args)]
pub struct ChangeArgs {
    job: String,
    #[command(flatten)]
    options: JobOptions,
    /// Tasks of its array that may run at one time
    #[arg(long, value_name = "N")]
    at_most: Option<u32>,
}

/// Changes a waiting job.
pub fn change(global: &Global, args: ChangeArgs) -> Result<ExitCode, Fault> {
    let o = args.options;
    if let Some(option) = o.at_submit_only() {
        return Err(usage!("change-not", option = format!("--{option}")));
    }
    if o == JobOptions::default() && args.at_most.is_none() {
        return Err(usage!("change-nothing"));
    }
    let spec = o.spec("", &Suspends::Simulated)?;
    let mut client = global.client()?;
    let change = Change {
        name: o.name.clone(),
        gpus: o.gpus,
        gpu_mem: spec.gpu_mem,
        nodes: o.nodes,
        models: o.gpu.as_ref().map(|_| spec.models.clone()),
        cpus: o.cpus,
        mem: o.mem.as_ref().or(o.mem_per_cpu.as_ref()).map(|_| spec.mem),
        limit: spec.limit,
        turns: o.turns.as_ref().map(|_| spec.turns),
        after: o.after.as_deref().map(options::parse_after).transpose()?,
        begin: moment::begin(o.begin.as_deref())?,
        pool: o.pool.map(|pool| if pool == "any" { String::new() } else { pool }),
        class: o.class,
        at_most: args.at_most,
    };
    let done: Done = client.patch(&format!("/v1/jobs/{}", path(&args.job)?), &change)?;
    show::line(&tr!("changed", job = args.job, count = done.jobs))?;
    Ok(ExitCode::SUCCESS)
}

/// `rota adopt`
#[derive(Args)]
pub struct AdoptArgs {
    /// The process
    pid: u32,
    /// Indexes of the GPUs it uses: 0,1
    #[arg(long, value_delimiter = ',')]
    gpus: Vec<u32>,
    /// Stop it after this time
    #[arg(long)]
    time: Option<String>,
    /// Name
    #[arg(long)]
    name: Option<String>,
}

/// Brings in a process that was started by hand.
pub fn adopt(global: &Global, args: AdoptArgs) -> Result<ExitCode, Fault> {
    let limit = options::read_span("--time", args.time.as_deref())?;
    let mut client = Client::connect_or_start(global.socket.as_deref())?;
    let body = Adopt { pid: args.pid, gpus: args.gpus, limit, name: args.name };
    let done: Submitted = client.post("/v1/adopt", &body)?;
    show::line(&tr!("adopted", pid = args.pid, job = done.number))?;
    Ok(ExitCode::SUCCESS)
}
