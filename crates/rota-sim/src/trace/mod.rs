//! Jobs of the past, as sites and papers keep them: one file for each format. Text in, jobs out; nothing here opens a file.
//!
//! A line that cannot be used is left out, with the reason and its number, and the reading goes on: a year of a real
//! accounting log has lines of every kind, and one of them must not cost all others.

mod acme;
mod alibaba;
mod csv;
mod gavel;
mod guess;
mod helios;
mod moment;
mod philly;
mod sacct;
mod swf;
mod table;

pub use guess::guess;
pub use table::fields;

use rota_core::calendar::Zone;
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;
use std::io::BufRead;

/// A format of traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Slurm: `sacct -P`.
    Sacct,
    /// Microsoft Philly: `cluster_job_log`.
    Philly,
    /// SenseTime Helios: `cluster_log.csv`.
    Helios,
    /// Shanghai AI Laboratory Acme: `trace_seren.csv`, `trace_kalos.csv`.
    Acme,
    /// Alibaba cluster-trace-gpu-v2023: the list of pods.
    Alibaba,
    /// Standard Workload Format; its processors are taken for GPUs.
    Swf,
    /// Gavel's generator, with throughputs; durations are those on a V100.
    Gavel,
    /// `job_id,submit_s,num_gpus,duration_s` and, where known, `user`, `vc`, `timelimit_s`.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 8] = [
        Format::Sacct,
        Format::Philly,
        Format::Helios,
        Format::Acme,
        Format::Alibaba,
        Format::Swf,
        Format::Gavel,
        Format::Csv,
    ];

    /// Its name, as `--as` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Sacct => "sacct",
            Format::Philly => "philly",
            Format::Helios => "helios",
            Format::Acme => "acme",
            Format::Alibaba => "alibaba",
            Format::Swf => "swf",
            Format::Gavel => "gavel",
            Format::Csv => "csv",
        }
    }

    /// The format of a name.
    pub fn named(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|f| f.name() == name)
    }
}

/// A job of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceJob {
    /// Its name in the trace.
    pub id: String,
    /// When it was submitted.
    pub submitted: Time,
    /// GPUs on all its nodes.
    pub gpus: u32,
    /// On how many nodes, where the trace says it.
    pub nodes: Option<u32>,
    /// Whose; empty: not said.
    pub person: String,
    /// Account, virtual cluster or group; empty: not said.
    pub lab: String,
    /// Name; empty: not said.
    pub name: String,
    /// Quality of service, queue or type; empty: not said.
    pub class: String,
    /// GPU model, where the trace says it.
    pub model: Option<String>,
    /// The model that the running time is that of, where the job did not ask for it.
    pub measured_on: Option<String>,
    /// Walltime, where the trace says it.
    pub walltime: Option<Span>,
    /// How long it held its GPUs, over all its runs.
    pub runtime: Span,
    /// How it ended.
    pub state: State,
    /// Partition; empty: not said.
    pub pool: String,
}

impl TraceJob {
    fn new(id: &str, submitted: Time, gpus: u32, runtime: Span) -> TraceJob {
        TraceJob {
            id: id.to_owned(),
            submitted,
            gpus,
            nodes: None,
            person: String::new(),
            lab: String::new(),
            name: String::new(),
            class: String::new(),
            model: None,
            measured_on: None,
            walltime: None,
            runtime,
            state: State::Completed,
            pool: String::new(),
        }
    }
}

/// How a job of the past ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// By itself, well; also where the trace does not say.
    Completed,
    /// By an error of its own or of its node.
    Failed,
    /// Because a person asked.
    Cancelled,
    /// At its walltime.
    Timeout,
    /// Not yet: it ran when the trace was taken, and may have run longer.
    Running,
}

/// Why a line is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It asks for no GPU.
    NoGpu,
    /// It never ran: nobody knows how long it would have.
    NeverRan,
    /// It is a step of a job, and the job has a line of its own.
    Step,
    /// It says again what another line says.
    Twice,
    /// It has another number of fields than the heading.
    Fields,
    /// A field is not there, or is empty.
    Missing(&'static str),
    /// A field cannot be read.
    Unreadable(&'static str),
    /// The text is not JSON of the expected form.
    NotJson,
    /// It is longer than a line of a trace can be.
    TooLong,
    /// The text has no heading that says what its columns are.
    NoHeading,
}

impl Why {
    /// A word for it.
    pub fn word(self) -> &'static str {
        match self {
            Why::NoGpu => "no-gpu",
            Why::NeverRan => "never-ran",
            Why::Step => "step",
            Why::Twice => "twice",
            Why::Fields => "fields",
            Why::Missing(_) => "missing",
            Why::Unreadable(_) => "unreadable",
            Why::NotJson => "not-json",
            Why::TooLong => "too-long",
            Why::NoHeading => "no-heading",
        }
    }

    /// The field it is about; empty: none.
    pub fn field(self) -> &'static str {
        match self {
            Why::Missing(field) | Why::Unreadable(field) => field,
            _ => "",
        }
    }
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// In the order of submission.
    pub jobs: Vec<TraceJob>,
    /// Lines that were left out: their number from 1 (in Philly's JSON that of the entry), and why.
    pub left_out: Vec<(u64, Why)>,
}

/// Lines that were left out for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The reason.
    pub why: Why,
    /// How many.
    pub count: usize,
    /// The first of them.
    pub first: Vec<u64>,
}

/// How many line numbers are named for each reason.
const NAMED: usize = 3;

impl Trace {
    fn keep(&mut self, line: u64, read: Result<TraceJob, Why>) {
        match read {
            Ok(job) => self.jobs.push(job),
            Err(why) => self.left_out.push((line, why)),
        }
    }

    /// What was left out, by reason, the most frequent first.
    pub fn reasons(&self) -> Vec<LeftOut> {
        let mut all: BTreeMap<Why, LeftOut> = BTreeMap::new();
        for (line, why) in &self.left_out {
            let empty = || LeftOut { why: *why, count: 0, first: Vec::new() };
            let known = all.entry(*why).or_insert_with(empty);
            known.count += 1;
            if known.first.len() < NAMED {
                known.first.push(*line);
            }
        }
        let mut all: Vec<LeftOut> = all.into_values().collect();
        all.sort_by_key(|l| std::cmp::Reverse(l.count));
        all
    }
}

/// Reads a trace. `zone` is that of times that say none.
///
/// # Errors
/// Only those of the reader itself.
pub fn read(format: Format, input: &mut dyn BufRead, zone: &Zone) -> std::io::Result<Trace> {
    let mut trace = match format {
        Format::Sacct => sacct::read(input, zone)?,
        Format::Philly => philly::read(input, zone)?,
        Format::Helios => table::read(input, &|row| helios::job(row, zone))?,
        Format::Acme => table::read(input, &|row| acme::job(row, zone))?,
        Format::Alibaba => table::read(input, &|row| alibaba::job(row, zone))?,
        Format::Swf => swf::read(input)?,
        Format::Gavel => table::read(input, &|row| gavel::job(row, zone))?,
        Format::Csv => table::read(input, &|row| csv::job(row, zone))?,
    };
    trace.jobs.sort_by_key(|job| job.submitted);
    Ok(trace)
}

/// What is known of a job that does not say how many GPUs, or none.
fn some_gpus(gpus: u32) -> Result<u32, Why> {
    if gpus == 0 { Err(Why::NoGpu) } else { Ok(gpus) }
}

/// The runtime of a job that ran.
fn some_time(runtime: Span) -> Result<Span, Why> {
    if runtime == Span::ZERO { Err(Why::NeverRan) } else { Ok(runtime) }
}

/// A state by the word that Slurm and the traces from Slurm have for it.
fn state(word: &str) -> Option<State> {
    let word = word.split([' ', '+']).next().unwrap_or_default().to_ascii_uppercase();
    Some(match word.as_str() {
        "COMPLETED" | "CD" | "PASS" | "SUCCEEDED" => State::Completed,
        "CANCELLED" | "CA" | "KILLED" | "REVOKED" => State::Cancelled,
        "TIMEOUT" | "TO" | "DEADLINE" => State::Timeout,
        "RUNNING" | "R" | "SUSPENDED" | "S" | "COMPLETING" | "RESIZING" | "STOPPED" => {
            State::Running
        }
        "FAILED" | "F" | "NODE_FAIL" | "BOOT_FAIL" | "OUT_OF_MEMORY" | "PREEMPTED" | "REQUEUED" => {
            State::Failed
        }
        _ => return None,
    })
}
