//! Standard Workload Format: 18 numbers a line, -1 where nothing is known, and a heading of lines that begin with `;`.

use super::moment::{millis, seconds};
use super::table::Lines;
use super::{State, Trace, TraceJob, Why, some_gpus, some_time};
use rota_core::units::{Span, Time};
use std::io::BufRead;

/// Reads all lines; `; UnixStartTime:` says when its second 0 is.
pub(super) fn read(input: &mut dyn BufRead) -> std::io::Result<Trace> {
    let (mut trace, mut lines) = (Trace::default(), Lines::new(input));
    let mut origin = Span::ZERO;
    while let Some((number, line)) = lines.next()? {
        let Ok(line) = line else {
            trace.left_out.push((number, Why::TooLong));
            continue;
        };
        if let Some(heading) = line.trim_start().strip_prefix(';') {
            let start = heading.trim().strip_prefix("UnixStartTime:");
            origin = start.and_then(|s| seconds(s.trim())).unwrap_or(origin);
            continue;
        }
        trace.keep(number, job(&line, origin));
    }
    Ok(trace)
}

/// Fields by their number from 1: 2 submit, 4 run time, 5 and 8 processors had and wanted, 9 wanted time, 11 status,
/// 12 user, 13 group, 14 program, 15 queue, 16 partition.
fn job(line: &str, origin: Span) -> Result<TraceJob, Why> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    if fields.len() != 18 {
        return Err(Why::Fields);
    }
    let field = |number: usize| fields.get(number - 1).copied().filter(|f| !f.starts_with('-'));
    let state = match field(11) {
        Some("0") => State::Failed,
        Some("5") => State::Cancelled,
        Some("2" | "3" | "4") => return Err(Why::Step),
        _ => State::Completed,
    };
    let wanted = field(5).filter(|n| *n != "0").or(field(8)).ok_or(Why::Missing("processors"))?;
    let gpus = some_gpus(wanted.parse().map_err(|_| Why::Unreadable("processors"))?)?;
    let submitted = field(2).ok_or(Why::Missing("submit time"))?;
    let submitted = millis(submitted).map(Time).ok_or(Why::Unreadable("submit time"))?;
    let runtime = field(4).ok_or(Why::NeverRan)?;
    let runtime = seconds(runtime).ok_or(Why::Unreadable("run time"))?;
    let id = field(1).ok_or(Why::Missing("job number"))?;
    let named =
        |prefix: &str, number| field(number).map_or(String::new(), |n| format!("{prefix}{n}"));
    let mut job = TraceJob::new(id, submitted.after(origin), gpus, some_time(runtime)?);
    job.walltime = field(9).and_then(seconds).filter(|limit| *limit > Span::ZERO);
    job.person = named("user", 12);
    job.lab = named("group", 13);
    job.name = named("program", 14);
    job.class = named("queue", 15);
    job.pool = named("partition", 16);
    job.state = state;
    Ok(job)
}
