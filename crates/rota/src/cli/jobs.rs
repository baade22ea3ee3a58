//! Looking at jobs and changing them.

use super::Global;
use super::options::{self, JobOptions};
use crate::client::Client;
use crate::fault::Fault;
use crate::show;
use clap::Args;
use rota_api::{Adopt, Change, Done, Inventory, JobDetail, JobList, JobRow, State, Submitted};
use rota_core::units::{Span, Time};
use serde::Serialize;
use std::process::ExitCode;

/// `rota queue`
#[derive(Args)]
pub struct QueueArgs {
    /// Jobs that have ended too
    #[arg(long)]
    all: bool,
    /// Every task of an array on its own line
    #[arg(long)]
    expand: bool,
}

fn json(answer: &impl Serialize) -> Result<ExitCode, Fault> {
    let text = serde_json::to_string_pretty(answer).map_err(|e| Fault::usage(e.to_string()))?;
    show::print(&(text + "\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The queue.
pub fn queue(global: &Global, args: &QueueArgs) -> Result<ExitCode, Fault> {
    let call = if args.all { "/v1/jobs?ended=1000" } else { "/v1/jobs" };
    let list: JobList = global.client()?.get(call)?;
    if global.json {
        return json(&list);
    }
    show::print(&queue_text(&list, args.expand))?;
    Ok(ExitCode::SUCCESS)
}

/// The queue as text; waiting tasks of an array are one line unless `expand`.
pub fn queue_text(list: &JobList, expand: bool) -> String {
    let mut rows: Vec<(JobRow, u32)> = Vec::new();
    for job in &list.jobs {
        let array = |id: &str| id.split_once('_').map(|(n, _)| n.to_owned());
        if let Some((last, more)) = rows.last_mut()
            && !expand
            && job.state == State::Waiting
            && last.state == State::Waiting
            && array(&job.id).is_some()
            && array(&job.id) == array(&last.id)
        {
            *more += 1;
            continue;
        }
        rows.push((job.clone(), 0));
    }
    if rows.is_empty() {
        return format!("{}nothing is queued or running\n", show::banner(list.simulated));
    }
    let line = |(job, more): &(JobRow, u32)| {
        let mut cells = show::queue_row(job, list.now);
        if let (Some(first), true) = (cells.first_mut(), *more > 0) {
            first.push_str(&format!(" +{more}"));
        }
        cells
    };
    let table = show::table(&show::QUEUE, rows.iter().map(line).collect());
    format!("{}{table}", show::banner(list.simulated))
}

/// All about one job.
pub fn show(global: &Global, job: &str) -> Result<ExitCode, Fault> {
    let d: JobDetail = global.client()?.get(&format!("/v1/jobs/{}", path(job)?))?;
    if global.json {
        return json(&d);
    }
    let mut out =
        format!("job {}  {}  {}\n", d.row.id, show::safe(&d.row.name), show::state(d.row.state));
    let mut line = |what: &str, text: String| out.push_str(&format!("{what:<10} {text}\n"));
    line("who", format!("{}/{}", show::safe(&d.row.lab), show::safe(&d.row.person)));
    if !d.argv.is_empty() {
        line("command", show::safe(&d.argv.join(" ")));
        line("folder", show::safe(&d.cwd));
        line("output", show::safe(&d.stdout));
    }
    line(
        "asks for",
        format!(
            "{} GPUs {}, {} cores, {}",
            d.spec.gpus,
            d.spec.models.join(","),
            d.spec.cpus,
            d.spec.mem
        ),
    );
    line("walltime", d.spec.limit.map_or("none".into(), |l| l.to_string()));
    if let Some(node) = &d.row.node {
        line("node", format!("{node} GPUs {:?}", d.gpu_indexes));
    }
    line("submitted", show::clock(d.row.submitted));
    if let Some(at) = d.row.started {
        line("started", show::clock(at));
    }
    line("ran", format!("{} in {} turns", d.row.ran, d.row.turns));
    if let Some(outcome) = &d.row.outcome {
        line("ended", format!("{} {outcome:?}", d.row.ended.map_or(String::new(), show::clock)));
    }
    out.push_str(&waiting(&d));
    for (at, kind, words) in &d.history {
        out.push_str(&format!("  {}  {kind}  {}\n", show::clock(*at), show::safe(words)));
    }
    show::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn waiting(d: &JobDetail) -> String {
    let mut out: String =
        d.blockers.iter().map(|b| format!("waits: {}\n", show::blocker(b))).collect();
    if let (Some(at), false) = (d.row.planned, d.row.state.is_final()) {
        let when = if at == Time::FAR { "not known".into() } else { show::clock(at) };
        out.push_str(&format!("{} ahead, start {when} (planned)\n", d.ahead));
    }
    out
}

/// Why a job waits.
pub fn why(global: &Global, job: &str) -> Result<ExitCode, Fault> {
    let d: JobDetail = global.client()?.get(&format!("/v1/jobs/{}", path(job)?))?;
    if global.json {
        return json(&d.blockers);
    }
    let text = waiting(&d);
    let calm = format!("job {} is {}\n", d.row.id, show::state(d.row.state));
    show::print(&if text.is_empty() { calm } else { text })?;
    Ok(ExitCode::SUCCESS)
}

/// A job as part of a path.
pub fn path(job: &str) -> Result<String, Fault> {
    let known = rota_core::id::JobId::parse(job);
    known.map(|id| id.to_string()).ok_or_else(|| {
        Fault::usage(format!("'{}' is no job: write 12, or 12_3 for a task", show::safe(job)))
    })
}

/// Cancels, holds or releases each.
pub fn each(global: &Global, jobs: &[String], what: &str) -> Result<ExitCode, Fault> {
    if jobs.is_empty() {
        return Err(Fault::usage(format!("which jobs? write: rota {what} 12 13")));
    }
    let paths = jobs.iter().map(|j| path(j)).collect::<Result<Vec<_>, _>>()?;
    let mut client = global.client()?;
    for job in paths {
        let done: Done = client.post(&format!("/v1/jobs/{job}/{what}"), &())?;
        println!("{what} {job}: {} done", done.jobs);
    }
    Ok(ExitCode::SUCCESS)
}

/// `rota change`
#[derive(Args)]
pub struct ChangeArgs {
    job: String,
    #[command(flatten)]
    options: JobOptions,
}

/// Changes a waiting job.
pub fn change(global: &Global, args: ChangeArgs) -> Result<ExitCode, Fault> {
    let o = args.options;
    let spec = o.spec("", true)?;
    let change = Change {
        name: o.name.clone(),
        gpus: o.gpus,
        models: o.gpu.as_ref().map(|_| spec.models.clone()),
        cpus: o.cpus,
        mem: o.mem.as_ref().map(|_| spec.mem),
        limit: spec.limit,
        turns: o.turns.as_ref().map(|_| spec.turns),
        after: o.after.as_deref().map(options::parse_after).transpose()?,
    };
    let done: Done = global.client()?.patch(&format!("/v1/jobs/{}", path(&args.job)?), &change)?;
    println!("changed {}: {} done", args.job, done.jobs);
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
    let limit = args.time.as_deref().map(Span::parse).transpose();
    let limit = limit.map_err(|e| Fault::usage(format!("--time: {e}")))?;
    let mut client = Client::connect_or_start(global.socket.as_deref())?;
    let body = Adopt { pid: args.pid, gpus: args.gpus, limit, name: args.name };
    let done: Submitted = client.post("/v1/adopt", &body)?;
    println!("process {} is job {}", args.pid, done.number);
    Ok(ExitCode::SUCCESS)
}

/// Nodes and GPUs.
pub fn gpus(global: &Global) -> Result<ExitCode, Fault> {
    let all: Inventory = global.client()?.get("/v1/gpus")?;
    if global.json {
        return json(&all);
    }
    let rows = all.nodes.iter().map(|n| {
        let cell =
            |g: &Option<rota_api::GpuUse>| g.as_ref().map_or(".".to_owned(), |u| u.job.clone());
        let used: Vec<String> = n.gpus.iter().map(cell).collect();
        let free = n.gpus.iter().filter(|g| g.is_none()).count();
        vec![
            n.name.clone(),
            n.model.clone().unwrap_or_else(|| "-".into()),
            format!("{free}/{}", n.gpus.len()),
            format!("{}/{}", n.cpus.1, n.cpus.0),
            format!("{}/{}", n.mem.1, n.mem.0),
            if n.up { used.join(" ") } else { "down".into() },
        ]
    });
    let header = ["NODE", "MODEL", "FREE", "CORES", "MEMORY", "GPUS (job or .)"];
    let table = show::table(&header, rows.collect());
    show::print(&format!("{}{table}", show::banner(all.simulated)))?;
    Ok(ExitCode::SUCCESS)
}
