//! A trace as it is read: its options, its file, and the part of it that is played.

use crate::cli::options::read_span;
use crate::fault::{Fault, failed, usage};
use clap::Args;
use rota_core::calendar::Zone;
use rota_core::gpu::names;
use rota_core::job::TurnMode;
use rota_core::slice::{kind, written};
use rota_core::units::{Span, Time};
use rota_policy::zone;
use rota_sim::replay::Switch;
use rota_sim::trace::{Format, Trace, TraceJob, guess, read};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

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

fn span(option: &str, text: &str) -> Result<Span, Fault> {
    if matches!(text, "0" | "0s") {
        return Ok(Span::ZERO);
    }
    read_span(option, Some(text)).map(Option::unwrap_or_default)
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
    if let Some(fault) = unreadable(path, input.fill_buf().map_err(wrong)?) {
        return Err(fault);
    }
    let format = match named.transpose()? {
        Some(format) => format,
        None => guess(input.fill_buf().map_err(wrong)?)
            .ok_or_else(|| usage!("replay-no-format", path = path.display(), known = known()))?,
    };
    let trace = read(format, &mut input, zone).map_err(wrong)?;
    Ok((format, args.format.is_none(), trace))
}

/// A file that is no text as it is.
fn unreadable(path: &Path, begins: &[u8]) -> Option<Fault> {
    let packed: [(&[u8], &str); 6] = [
        (&[0x1f, 0x8b], "gzip -dc"),
        (b"BZh", "bzip2 -dc"),
        (&[0xfd, b'7', b'z', b'X', b'Z'], "xz -dc"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "zstd -dc"),
        (b"PK\x03\x04", "unzip -p"),
        (&[0xff, 0xfe], "iconv -f UTF-16 -t UTF-8"),
    ];
    let path = path.display();
    match packed.into_iter().find(|(mark, _)| begins.starts_with(mark)) {
        Some((_, with)) => Some(failed!("replay-packed", path = path, with = with)),
        None if begins.is_empty() => Some(failed!("replay-empty", path = path)),
        None => None,
    }
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

/// The model of `--measured-on`.
fn measured(model: &str) -> Result<String, Fault> {
    let known = || names().collect::<Vec<_>>().join(", ");
    let is_known = kind(model).price.is_some();
    let bad = || usage!("replay-bad-model", value = model, known = known());
    is_known.then(|| written(model)).ok_or_else(bad)
}

/// `2026-03-01`, `2026-03-01T13:00`, or a time after the first job.
fn when(text: &str, first: Time, zone: &Zone) -> Option<Time> {
    if let Ok(local) = text.parse::<jiff::civil::DateTime>() {
        let utc = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        return Some(zone.moment(utc.timestamp().as_millisecond()));
    }
    Span::parse(text).ok().map(|span| first.after(span))
}

/// Whether nobody says on which model a job ran as long as it did.
pub fn is_measured_nowhere(job: &TraceJob) -> bool {
    job.model.is_none() && job.measured_on.is_none()
}
