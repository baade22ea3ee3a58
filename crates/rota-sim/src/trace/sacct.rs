//! Slurm's accounting: `sacct -P`, with whatever columns, from versions that know GPUs as `AllocTRES` (`gres/gpu:h100=2`)
//! or as `AllocGRES` (`gpu:h100:2`, on each node).
//!
//! Several lines of one job, which `--duplicates` shows after requeues, are one job: submitted first, ended last, with the
//! time of all runs.

use super::moment::moment;
use super::table::{Lines, Row};
use super::{Trace, TraceJob, Why, some_gpus, some_time, state};
use rota_core::calendar::Zone;
use rota_core::units::{Span, Time};
use std::collections::BTreeMap;
use std::io::BufRead;

/// The columns of a text without heading (`sacct -n`), if it has as many.
const UNNAMED: [&str; 18] = [
    "JobID",
    "JobIDRaw",
    "JobName",
    "User",
    "Account",
    "State",
    "ExitCode",
    "DerivedExitCode",
    "Reason",
    "Submit",
    "Eligible",
    "Start",
    "End",
    "Elapsed",
    "Suspended",
    "NodeList",
    "AllocTRES",
    "Comment",
];

/// Reads all lines.
pub(super) fn read(input: &mut dyn BufRead, zone: &Zone) -> std::io::Result<Trace> {
    let (mut jobs, mut lines) = (Jobs::default(), Lines::new(input));
    let mut names: Vec<String> = Vec::new();
    while let Some((number, line)) = lines.next()? {
        let Ok(line) = line else {
            jobs.trace.left_out.push((number, Why::TooLong));
            continue;
        };
        let mut fields: Vec<String> = line.split('|').map(str::to_owned).collect();
        let heading = fields.iter().any(|f| f.eq_ignore_ascii_case("JobID"));
        // `sacct -p` ends each line with a bar.
        if fields.len() == names.len() + 1 && !heading {
            fields.pop_if(|last| last.is_empty());
        }
        if heading {
            fields.pop_if(|last| last.is_empty());
            names = fields;
            continue;
        }
        if names.is_empty() && fields.len() == UNNAMED.len() {
            names = UNNAMED.map(str::to_owned).to_vec();
        }
        let why = match fields.len() {
            _ if names.is_empty() => Some(Why::NoHeading),
            len if len != names.len() => Some(Why::Fields),
            _ => None,
        };
        let run = why.map_or_else(|| run(&Row::new(&names, fields), zone), Err);
        jobs.add(number, run);
    }
    Ok(jobs.trace)
}

/// One line: one run of a job.
struct Run {
    job: TraceJob,
    began: Time,
    /// It came back into the queue.
    again: bool,
}

#[derive(Default)]
struct Jobs {
    trace: Trace,
    /// Where each job is, when its last run began, and whether it came back after that.
    known: BTreeMap<String, (usize, Time, bool)>,
}

impl Jobs {
    fn add(&mut self, line: u64, run: Result<Run, Why>) {
        let Run { job, began, again } = match run {
            Ok(run) => run,
            Err(why) => return self.trace.left_out.push((line, why)),
        };
        let id = job.id.clone();
        let known = self.known.get(&id).copied();
        let earlier = known.and_then(|(at, ..)| self.trace.jobs.get_mut(at));
        match (known, earlier) {
            (Some((at, before, _)), Some(earlier)) if before == began => {
                // The same run, seen twice: the later line knows more of its end.
                let longer = job.runtime > earlier.runtime;
                if longer {
                    (earlier.runtime, earlier.state) = (job.runtime, job.state);
                }
                self.known.insert(id, (at, began, again));
                self.trace.left_out.push((line, Why::Twice));
            }
            (Some((at, _, true)), Some(earlier)) => {
                let (submitted, runtime) = (earlier.submitted, earlier.runtime.plus(job.runtime));
                let submitted = submitted.min(job.submitted);
                *earlier = TraceJob { submitted, runtime, ..job };
                self.known.insert(id, (at, began, again));
            }
            _ => {
                self.known.insert(id, (self.trace.jobs.len(), began, again));
                self.trace.jobs.push(job);
            }
        }
    }
}

fn run(row: &Row, zone: &Zone) -> Result<Run, Why> {
    let id = row.needed("JobID", &["JobID"])?;
    if id.contains('.') {
        return Err(Why::Step);
    }
    let word = row.needed("State", &["State"])?;
    let is = |words: &[&str]| words.iter().any(|w| word.starts_with(w));
    if is(&["PENDING", "CONFIGURING"]) || id.contains('[') {
        return Err(Why::NeverRan);
    }
    let state = state(word).ok_or(Why::Unreadable("State"))?;
    let submitted = row.moment("Submit", &["Submit"], zone)?;
    let began = row.moment("Start", &["Start"], zone).map_err(|_| Why::NeverRan)?;
    let runtime = runtime(row, began, zone)?;
    let (gpus, model) = gpus(row);
    let gpus = some_gpus(gpus)?;
    let again = is(&["REQUEUED", "PREEMPTED", "NODE_FAIL"]);
    // A run of no second that came back is still a run.
    let runtime = if again { runtime } else { some_time(runtime)? };
    let mut job = TraceJob::new(id, submitted, gpus, runtime);
    job.nodes = nodes(row);
    job.person = row.word(&["User", "UID"]);
    job.lab = row.word(&["Account"]);
    job.name = row.word(&["JobName"]);
    job.class = row.word(&["QOS"]);
    job.pool = row.word(&["Partition"]);
    job.model = model;
    job.walltime = walltime(row);
    job.state = state;
    Ok(Run { job, began, again })
}

/// `ElapsedRaw` in seconds, `Elapsed`, or the end less the start.
fn runtime(row: &Row, began: Time, zone: &Zone) -> Result<Span, Why> {
    if let Some(seconds) = row.seconds("ElapsedRaw", &["ElapsedRaw"])? {
        return Ok(seconds);
    }
    if let Some(text) = row.text(&["Elapsed"]) {
        return clock(text).ok_or(Why::Unreadable("Elapsed"));
    }
    let end = row.needed("Elapsed", &["End"])?;
    Ok(moment(end, zone).ok_or(Why::Unreadable("End"))?.since(began))
}

/// `D-HH:MM:SS`, `HH:MM:SS`, `MM:SS`; `00:00:00` is no time at all.
fn clock(text: &str) -> Option<Span> {
    let whole = text.split('.').next().unwrap_or_default();
    let zero = !whole.is_empty() && whole.bytes().all(|b| matches!(b, b'0' | b':' | b'-'));
    if zero { Some(Span::ZERO) } else { Span::parse(whole).ok().filter(|_| whole.contains(':')) }
}

/// `Timelimit`, or `TimelimitRaw` in minutes; none where it is unlimited or the partition's.
fn walltime(row: &Row) -> Option<Span> {
    let raw = || row.text(&["TimelimitRaw"])?.parse().ok().map(Span::minutes);
    let limit = row.text(&["Timelimit"]).and_then(clock).or_else(raw);
    limit.filter(|limit| *limit > Span::ZERO)
}

fn nodes(row: &Row) -> Option<u32> {
    let named = row.text(&["NNodes", "AllocNodes"]).and_then(|n| n.parse().ok());
    let counted = || tres(row.text(&["AllocTRES", "ReqTRES"])?, "node");
    named.or_else(counted).filter(|n| *n > 0)
}

/// The number of a trackable resource: `node` in `cpu=4,gres/gpu=2,node=1`.
fn tres(text: &str, wanted: &str) -> Option<u32> {
    let mut pairs = text.split(',').filter_map(|part| part.split_once('='));
    pairs.find(|(name, _)| *name == wanted).and_then(|(_, n)| n.parse().ok())
}

/// GPUs on all nodes, and their model where all are of one.
fn gpus(row: &Row) -> (u32, Option<String>) {
    let alloc = row.text(&["AllocTRES"]).map(from_tres).filter(|(n, _)| *n > 0);
    let wanted = || row.text(&["ReqTRES"]).map(from_tres).filter(|(n, _)| *n > 0);
    let older = || {
        let (n, model) = from_gres(row.text(&["AllocGRES", "ReqGRES"])?);
        Some((n.saturating_mul(nodes(row).unwrap_or(1)), model))
    };
    alloc.or_else(wanted).or_else(older).unwrap_or_default()
}

/// `gres/gpu=2`, with or without `gres/gpu:h100=2`.
fn from_tres(text: &str) -> (u32, Option<String>) {
    let (mut total, mut typed, mut models) = (0u32, 0u32, Vec::new());
    for (name, n) in text.split(',').filter_map(|part| part.split_once('=')) {
        let n = n.parse::<u32>().unwrap_or(0);
        // Others begin alike: `gres/gpumem`, `gres/gpuutil`.
        if name == "gres/gpu" {
            total = n;
        } else if let Some(model) = name.strip_prefix("gres/gpu:").filter(|_| n > 0) {
            typed = typed.saturating_add(n);
            models.push(model.to_owned());
        }
    }
    let model = if models.len() == 1 { models.pop() } else { None };
    (total.max(typed), model)
}

/// `gpu:2` or `gpu:h100:2`, with or without a list of indexes behind.
fn from_gres(text: &str) -> (u32, Option<String>) {
    let (mut total, mut models) = (0u32, Vec::new());
    for part in text.split(',') {
        let plain = part.split('(').next().unwrap_or_default();
        let words: Vec<&str> = plain.split(':').collect();
        let (model, n) = match words.as_slice() {
            ["gpu" | "gres/gpu", n] => (None, *n),
            ["gpu" | "gres/gpu", model, n] => (Some((*model).to_owned()), *n),
            ["gpu"] => (None, "1"),
            _ => continue,
        };
        total = total.saturating_add(n.parse().unwrap_or(0));
        models.extend(model);
    }
    let model = if models.len() == 1 { models.pop() } else { None };
    (total, model)
}
