//! The queue as text.

use super::Global;
use super::jobs::json;
use super::when;
use crate::fault::Fault;
use crate::idle_text;
use crate::part;
use crate::progress;
use crate::show;
use crate::text::{safe, tr};
use clap::Args;
use rota_api::{JobList, JobRow, State};
use rota_core::units::Time;
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

/// The queue.
pub fn queue(global: &Global, args: &QueueArgs) -> Result<ExitCode, Fault> {
    let call = if args.all { "/v1/jobs?ended=1000" } else { "/v1/jobs" };
    let list: JobList = global.client()?.get(call)?;
    if global.json {
        return json(&list);
    }
    show::print(&text(&list, args.expand))?;
    Ok(ExitCode::SUCCESS)
}

/// The queue as text; waiting tasks of an array are one line unless `expand`, and so are held ones.
pub fn text(list: &JobList, expand: bool) -> String {
    let rows = rows(&list.jobs, expand);
    let banner = show::banner(list.simulated);
    if rows.is_empty() {
        return format!("{banner}{}\n", tr!("queue-empty"));
    }
    let states: Vec<State> = rows.iter().map(|(job, _)| job.state).collect();
    let (header, lines) = columns(&rows, list.now, &NARROWER);
    format!("{banner}{}", show::table(&header, lines, Some((STATE, &states))))
}

/// Jobs, each with how many more are on its line: waiting or held tasks of an array, unless `expand`.
pub fn rows<'l>(
    jobs: impl IntoIterator<Item = &'l JobRow>,
    expand: bool,
) -> Vec<(&'l JobRow, u32)> {
    let mut rows: Vec<(&JobRow, u32)> = Vec::new();
    for job in jobs {
        match rows.last_mut() {
            Some((last, more)) if !expand && wait_together(last, job) => *more += 1,
            _ => rows.push((job, 0)),
        }
    }
    rows
}

const NAME: usize = 1;
/// Which column says whose a job is.
pub const WHO: usize = 2;
/// Which column the state is in, however narrow the terminal.
pub const STATE: usize = 3;
/// Which column of all has the start, or how far a job is.
pub const START: usize = 7;

/// A way to make the queue narrower: columns that are left out, and how short names may be. The shortest leave out the lab.
pub type Narrower = (&'static [usize], usize);

/// A narrow terminal does without the node, then without the time so far too, which `rota show` says as well.
const NARROWER: [Narrower; 4] = [(&[], 14), (&[5], 14), (&[5, 6], 14), (&[5, 6], show::NARROW)];

/// The header and the cells of each line, in the first of these ways that fits.
pub fn columns(
    rows: &[(&JobRow, u32)],
    now: Time,
    ways: &[Narrower],
) -> (Vec<String>, Vec<Vec<String>>) {
    let (header, lines) = whole(rows, now);
    let mut last = (header.clone(), lines.clone());
    for (out, least) in ways {
        let header = without(&header, out);
        let mut lines: Vec<_> = lines.iter().map(|line| without(line, out)).collect();
        if *least <= show::NARROW {
            let people = rows.iter().map(|(job, _)| safe(&job.person));
            lines.iter_mut().zip(people).for_each(|(line, person)| line[WHO] = person);
        }
        let fits = show::fit(&header, &mut lines, (&[NAME, WHO], *least));
        last = (header, lines);
        if fits == show::Fit::Whole {
            break;
        }
    }
    last
}

/// All of the header and the cells, where there is room for them.
pub fn whole(rows: &[(&JobRow, u32)], now: Time) -> (Vec<String>, Vec<Vec<String>>) {
    (header(rows), rows.iter().map(|(job, more)| line(job, *more, now)).collect())
}

/// A row without some of its cells.
pub fn without(row: &[String], out: &[usize]) -> Vec<String> {
    let kept = row.iter().enumerate().filter(|(at, _)| !out.contains(at));
    kept.map(|(_, cell)| cell.clone()).collect()
}

fn header(rows: &[(&JobRow, u32)]) -> Vec<String> {
    vec![
        tr!("column-job"),
        tr!("column-name"),
        tr!("column-who"),
        tr!("column-state"),
        tr!("column-gpus"),
        tr!("column-node"),
        tr!("column-time"),
        if rows.iter().any(|(job, _)| job.progress.is_some()) {
            tr!("column-start-done")
        } else {
            tr!("column-start")
        },
        tr!("column-end"),
    ]
}

fn wait_together(a: &JobRow, b: &JobRow) -> bool {
    let array = |job: &JobRow| job.id.split_once('_').map(|(number, _)| number.to_owned());
    matches!(a.state, State::Waiting | State::Held)
        && a.state == b.state
        && array(a).is_some()
        && array(a) == array(b)
}

fn line(job: &JobRow, more: u32, now: Time) -> Vec<String> {
    let id = if more == 0 { job.id.clone() } else { format!("{} +{more}", job.id) };
    let gpus = match (job.gpus, job.models.first()) {
        (0, _) => "-".into(),
        (_, None) => part::count(job),
        (_, Some(model)) => format!("{} {}", part::count(job), safe(model)),
    };
    let time = match job.state {
        State::Waiting if job.begin.is_some_and(|begin| begin > now) => String::new(),
        State::Waiting | State::Held | State::Suspended => {
            let since = job.begin.map_or(job.submitted, |begin| begin.max(job.submitted));
            tr!("waited", time = show::span(now.since(since)))
        }
        _ => tr!("ran", time = show::span(job.ran)),
    };
    let node = job.node.as_deref().map(safe).unwrap_or_default();
    // What runs has started: there is room for how far it is.
    let start = job.progress.as_ref().map_or_else(|| when::start(job, now), progress::short);
    vec![
        id,
        safe(&job.name),
        who(job),
        idle_text::state(job),
        gpus,
        node,
        time,
        start,
        when::end(job, now),
    ]
}

/// `lab/person`; the person alone where the lab is theirs.
pub fn who(job: &JobRow) -> String {
    if job.lab == job.person {
        safe(&job.person)
    } else {
        format!("{}/{}", safe(&job.lab), safe(&job.person))
    }
}
