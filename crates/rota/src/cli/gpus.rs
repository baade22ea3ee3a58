//! Nodes and GPUs: who uses them, what is read of them, and which take no new job.

use super::Global;
use super::jobs::json;
use super::options::read_span;
use super::queue;
use crate::fault::{Fault, usage};
use crate::fitness_text as fitness;
use crate::idle_text;
use crate::part;
use crate::show;
use crate::text::{safe, tr};
use clap::Args;
use rota_api::{DrainDone, Drained, GpuPast, GpuRow, GpuSeries, Inventory, JobGpus, NodeRow};
use rota_core::units::{Mib, Span, Time};
use std::process::ExitCode;

/// `rota drain`
#[derive(Args)]
pub struct DrainArgs {
    /// Nodes, or GPUs as NODE:GPU
    #[arg(required = true, value_name = "NODE[:GPU]")]
    what: Vec<String>,
    /// Why; everyone can see it
    #[arg(long, value_name = "TEXT")]
    why: String,
}

/// `rota resume`
#[derive(Args)]
pub struct ResumeArgs {
    /// Nodes, or GPUs as NODE:GPU
    #[arg(required = true, value_name = "NODE[:GPU]")]
    what: Vec<String>,
    /// What was done, for the log
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

/// Lets GPUs take no new job.
pub fn drain(global: &Global, args: &DrainArgs) -> Result<ExitCode, Fault> {
    each(global, "/v1/drain", &args.what, &args.why, |what, gpus| {
        tr!("drained", what = what, gpus = gpus)
    })
}

/// Lets them take jobs again.
pub fn resume(global: &Global, args: &ResumeArgs) -> Result<ExitCode, Fault> {
    each(global, "/v1/resume", &args.what, args.why.as_deref().unwrap_or_default(), |what, gpus| {
        tr!("resumed", what = what, gpus = gpus)
    })
}

/// Asks for each. What cannot be done is said, and the rest is done all the same.
fn each(
    global: &Global,
    call: &str,
    what: &[String],
    why: &str,
    done: impl Fn(&str, u32) -> String,
) -> Result<ExitCode, Fault> {
    let asked = what.iter().map(|text| gpus_named(text, why)).collect::<Result<Vec<_>, _>>()?;
    let mut client = global.client()?;
    let mut code = ExitCode::SUCCESS;
    for (text, asked) in what.iter().zip(&asked) {
        match client.post::<DrainDone>(call, asked) {
            Ok(answer) => show::line(&done(text, answer.gpus))?,
            Err(fault @ Fault::Refused(_)) => {
                show::aside(&fault.text());
                code = ExitCode::FAILURE;
            }
            Err(other) => return Err(other),
        }
    }
    Ok(code)
}

fn gpus_named(text: &str, why: &str) -> Result<Drained, Fault> {
    let bad = || usage!("bad-gpus", value = text);
    let (node, gpu) = match text.rsplit_once(':') {
        Some((node, gpu)) => (node, Some(gpu.parse().map_err(|_| bad())?)),
        None => (text, None),
    };
    if node.is_empty() {
        return Err(bad());
    }
    Ok(Drained { node: node.into(), gpu, why: why.into() })
}

/// `rota gpus`
#[derive(Args)]
pub struct GpusArgs {
    /// How busy each GPU was: of the last hour, or of 1d, 30d
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "1h")]
    history: Option<String>,
}

/// What a job made of its GPUs, in a line.
pub fn used(used: &JobGpus) -> String {
    let busy = format!("{}%", used.busy);
    let energy = show::energy(used.energy_mj);
    let sm = used.sm.map_or_else(String::new, |sm| tr!("gpu-use-sm", sm = percent(sm)));
    tr!("gpu-use", busy = busy, sm = sm, memory = used.memory, energy = energy)
}

/// Whether something ran most of the time, on next to nothing of the GPUs.
pub fn is_barely(used: &JobGpus) -> bool {
    used.busy >= 50 && used.sm.is_some_and(|sm| sm < 10)
}

/// Thousandths as percent: `0.4%`, `63%`.
fn percent(thousandths: u32) -> String {
    match thousandths {
        0..100 => format!("{}.{}%", thousandths / 10, thousandths % 10),
        _ => format!("{}%", (thousandths + 5) / 10),
    }
}

/// Nodes and GPUs.
pub fn gpus(global: &Global, args: &GpusArgs) -> Result<ExitCode, Fault> {
    if let Some(back) = read_span("--history", args.history.as_deref())? {
        return history(global, back);
    }
    let all: Inventory = global.client()?.get("/v1/gpus")?;
    if global.json {
        return json(&all);
    }
    show::print(&(show::banner(all.simulated) + &text(&all)))?;
    Ok(ExitCode::SUCCESS)
}

/// Nodes and GPUs as text.
pub fn text(all: &Inventory) -> String {
    let (header, rows) = nodes(all);
    let mut out = show::table(&header, rows, None) + &readings(all);
    let notes = notes(all);
    if !notes.is_empty() {
        out.push('\n');
    }
    notes.iter().for_each(|note| out.push_str(&fitness::item(note)));
    out
}

/// A line for each node.
pub fn nodes(all: &Inventory) -> (Vec<String>, Vec<Vec<String>>) {
    let rows = all.nodes.iter().map(|n| {
        let used: Vec<String> = (0..n.gpus.len()).map(|at| mark(n, at)).collect();
        vec![
            safe(&n.name),
            n.model.as_deref().map_or_else(|| "-".into(), safe),
            format!("{}/{}", n.free, n.gpus.len()),
            format!("{}/{}", n.cpus.1, n.cpus.0),
            format!("{}/{}", n.mem.1, n.mem.0),
            if n.up { used.join(" ") } else { tr!("node-down") },
        ]
    });
    let header = vec![
        tr!("column-node"),
        tr!("column-model"),
        tr!("column-free"),
        tr!("column-cores"),
        tr!("column-memory"),
        tr!("column-gpu-jobs"),
    ];
    (header, rows.collect())
}

/// The job on a GPU; `x` where it is drained, `!` where an outsider is on it.
fn mark(node: &NodeRow, at: usize) -> String {
    let job = node.gpus.get(at).and_then(Option::as_ref).map(part::on_gpu);
    let card = node.cards.get(at);
    let closed = match card {
        Some(card) if card.drained.is_some() => "x",
        Some(card) if !card.outsiders.is_empty() => "!",
        _ => "",
    };
    match (job, closed) {
        (None, "") => ".".into(),
        (job, closed) => job.unwrap_or_default() + closed,
    }
}

/// What is read of each GPU; nothing where there is nothing to read.
fn readings(all: &Inventory) -> String {
    let with_readings = || all.nodes.iter().filter(|n| n.cards.iter().any(|c| c.card.is_some()));
    let several = with_readings().count() > 1;
    let read = with_readings().flat_map(|node| &node.cards).filter_map(|c| c.reading.as_ref());
    let says_sm = read.clone().any(|reading| reading.sm.is_some());
    let rows: Vec<Vec<String>> = with_readings()
        .flat_map(|node| (0..).zip(&node.cards).map(move |(at, card)| (node, at, card)))
        .map(|(node, at, card)| {
            let name =
                if several { format!("{}:{}", node.name, card.gpu) } else { card.gpu.to_string() };
            let read = card.reading.clone().unwrap_or_default();
            let known = |text: Option<String>| text.unwrap_or_else(|| "-".into());
            let cells = vec![
                safe(&name),
                memory_of(read.memory_used, card.card.as_ref().map_or(Mib(0), |c| c.memory)),
                known(read.utilization.map(|percent| format!("{percent}%"))),
                known(read.sm.map(percent)),
                known(read.power_mw.map(|mw| format!("{}W", (mw + 500) / 1000))),
                known(read.celsius.map(|celsius| format!("{celsius}°C"))),
                whose(node, at, card),
            ];
            queue::without(&cells, if says_sm { &[] } else { &[SM] })
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let header = ["gpu", "gpu-memory", "utilization", "sm", "power", "temperature", "used-by"];
    let header = header.map(|name| tr!(&format!("column-{name}")));
    let header = queue::without(&header, if says_sm { &[] } else { &[SM] });
    format!("\n{}", show::table(&header, rows, None))
}

/// The column that GPUs before Hopper do not have.
const SM: usize = 3;

/// What is in use of the memory of GPUs.
pub fn memory_of(used: Option<Mib>, all: Mib) -> String {
    used.map_or_else(|| format!("-/{all}"), |used| format!("{used}/{all}"))
}

/// Who uses a GPU, or why nobody may.
pub fn whose(node: &NodeRow, at: usize, card: &GpuRow) -> String {
    let job = node.gpus.get(at).and_then(Option::as_ref);
    let jobs = job.into_iter().flat_map(|first| std::iter::once(first).chain(&first.with));
    let jobs = jobs.map(|u| tr!("used-by-job", job = u.job, who = safe(&u.person)));
    let outsider = card.outsiders.first().map(|o| tr!("used-by-outsider", who = safe(&o.user)));
    let drained = card.drained.as_ref().map(|_| tr!("used-by-drained"));
    let all: Vec<String> = jobs.chain(outsider).chain(drained).collect();
    if all.is_empty() { ".".into() } else { all.join(", ") }
}

/// What keeps GPUs from jobs, and what should be looked at.
fn notes(all: &Inventory) -> Vec<String> {
    let unreadable = all.unreadable.iter().map(|why| tr!("gpus-unreadable", why = safe(why)));
    let of_nodes = all.nodes.iter().flat_map(|node| {
        let outsiders = node.cards.iter().flat_map(|card| {
            let one = |o: &rota_core::fitness::Outsider| {
                tr!(
                    "note-outsider",
                    gpu = format!("{}:{}", safe(&node.name), card.gpu),
                    who = safe(&o.user),
                    command = safe(&o.command),
                    pid = o.pid,
                    since = show::minute(o.since),
                )
            };
            card.outsiders.iter().map(one).collect::<Vec<_>>()
        });
        let warned = node.cards.iter().flat_map(|card| {
            let gpu = format!("{}:{}", safe(&node.name), card.gpu);
            let warnings = card.reading.iter().flat_map(|read| &read.warnings);
            let one = |code: &String| tr!("note-warning", gpu = gpu, what = fitness::warning(code));
            let errors = card.reading.iter().filter_map(|read| read.ecc_errors);
            let errors =
                errors.filter(|count| *count > 0).map(|count| tr!("warning-ecc", count = count));
            let errors = errors.map(|what| tr!("note-warning", gpu = gpu, what = what));
            warnings.map(one).chain(errors).collect::<Vec<_>>()
        });
        let jobs = idle_text::notes(node.gpus.iter().flatten());
        drained(node).into_iter().chain(outsiders).chain(jobs).chain(warned)
    });
    let simulated = all.simulated.then(|| tr!("gpus-simulated"));
    unreadable.chain(of_nodes).chain(simulated).collect()
}

/// Drained GPUs of a node; those that were drained together are one sentence.
fn drained(node: &NodeRow) -> Vec<String> {
    let mut groups: Vec<(&rota_core::fitness::Drain, Vec<String>)> = Vec::new();
    for card in &node.cards {
        let Some(drain) = &card.drained else { continue };
        match groups.iter_mut().find(|(known, _)| *known == drain) {
            Some((_, gpus)) => gpus.push(card.gpu.to_string()),
            None => groups.push((drain, vec![card.gpu.to_string()])),
        }
    }
    let said = groups.into_iter().map(|(drain, gpus)| {
        tr!(
            "note-drained",
            gpus = format!("{}:{}", safe(&node.name), gpus.join(",")),
            since = show::minute(drain.since),
            by = fitness::by(&drain.by),
            why = fitness::fault(&drain.why),
        )
    });
    said.collect()
}

/// Columns of a line of bars.
const BARS: u64 = 40;

/// How busy each GPU was, as a line of bars.
fn history(global: &Global, back: Span) -> Result<ExitCode, Fault> {
    let past: GpuPast = global.client()?.get(&format!("/v1/gpus/past?last={}", back.0))?;
    if global.json {
        return json(&past);
    }
    let mut out = show::banner(past.simulated);
    if past.gpus.iter().all(|gpu| gpu.steps.is_empty()) {
        let text = if past.simulated { tr!("gpus-simulated") } else { tr!("gpus-nothing-read") };
        out.push_str(&fitness::item(&text));
    } else {
        let nodes =
            past.gpus.iter().map(|gpu| &gpu.node).collect::<std::collections::BTreeSet<_>>();
        let rows = past.gpus.iter().map(|gpu| history_row(&past, gpu, nodes.len() > 1)).collect();
        let period = format!("{}–{}", show::clock(past.from), show::clock(past.until));
        let header = [
            tr!("column-gpu"),
            period,
            tr!("column-utilization"),
            tr!("column-gpu-memory"),
            tr!("column-power"),
        ];
        out.push_str(&show::table(&header, rows, None));
    }
    show::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn history_row(past: &GpuPast, gpu: &GpuSeries, several: bool) -> Vec<String> {
    let name =
        if several { format!("{}:{}", safe(&gpu.node), gpu.gpu) } else { gpu.gpu.to_string() };
    let count = u64::try_from(gpu.steps.len()).unwrap_or(u64::MAX).max(1);
    let busy = gpu.steps.iter().map(|step| u64::from(step.busy)).sum::<u64>() / count;
    let power = gpu.steps.iter().map(|step| step.power_mw).sum::<u64>() / count;
    let memory = gpu.steps.iter().map(|step| step.memory).max().unwrap_or_default();
    let watts = format!("{}W", (power + 500) / 1000);
    vec![name, bars(past, gpu), format!("{busy}%"), memory.to_string(), watts]
}

/// A bar for each part of the period; a blank where nothing was read.
fn bars(past: &GpuPast, gpu: &GpuSeries) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let length = past.until.since(past.from).0.max(1);
    let begins = |bar: u64| Time(past.from.0 + length * bar / BARS);
    let bar = |bar: u64| {
        // A step longer than a bar fills several.
        let is_in = |at: Time| at < begins(bar + 1) && Time(at.0 + past.step.0) > begins(bar);
        let here: Vec<u32> =
            gpu.steps.iter().filter(|step| is_in(step.at)).map(|step| step.busy).collect();
        let count = u32::try_from(here.len()).unwrap_or(u32::MAX);
        let mean = here.iter().sum::<u32>().checked_div(count);
        let height = mean.and_then(|mean| usize::try_from(mean.min(99) * 8 / 100).ok());
        height.and_then(|height| HEIGHTS.get(height).copied()).unwrap_or(' ')
    };
    (0..BARS).map(bar).collect()
}
