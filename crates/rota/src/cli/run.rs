//! Running a job as if it ran here: its output, its signals, its exit code.

use super::Global;
use super::follow::{check_output, follow, say_late_leave};
use super::jobs::path;
use super::signals::{Signals, pass};
use super::submit::{RunArgs, What, prepare, say_late_submit, send, tell};
use crate::client::{Client, PATIENCE};
use crate::fault::{Fault, failed};
use crate::places;
use crate::show;
use crate::text::tr;
use clap::Args;
use nix::sys::signal::Signal;
use rota_api::JobDetail;
use std::fs::File;
use std::path::Path;
use std::process::ExitCode;

/// `rota run`
pub fn run(global: &Global, args: RunArgs) -> Result<ExitCode, Fault> {
    let mut client = Client::connect_or_start(global.socket.as_deref())?;
    let logs = places::state().join("logs");
    places::make(&logs)?;
    // Numbers begin anew with each store: what another job with this one's wrote is not its output.
    let (base, now) = (logs.display(), jiff::Timestamp::now().as_millisecond());
    let patterns = (format!("{base}/%j-{now}.out"), format!("{base}/%j-{now}.err"));
    let follows = !args.detach && args.options.is_single();
    let what = What { argv: args.command, text: None, accept: args.accept.as_deref() };
    let job = prepare(&mut client, &args.options, what, Some(patterns))?;
    let signals = if follows { Some(Signals::all()?) } else { None };
    match signals {
        Some(signals) => signals.release_when_late(&mut client, say_late_submit),
        None => client.when_late(PATIENCE, say_late_submit),
    }
    let done = send(&mut client, &job)?;
    match signals {
        Some(signals) => {
            let job = done.number.to_string();
            let ended = follow(global, client, &job, Some(signals));
            match ended {
                Err(fault) if fault.is_broken_pipe() => leave_unread(global, &job, fault),
                other => other,
            }
        }
        None => tell(global, &done, &job.spec).map(|()| ExitCode::SUCCESS),
    }
}

/// A program whose output nobody reads any more ends, here as elsewhere.
fn leave_unread(global: &Global, job: &str, fault: Fault) -> Result<ExitCode, Fault> {
    pass(global, job, (Signal::SIGINT, say_late_leave))?;
    show::aside(&tr!("nobody-reads", job = job));
    Err(fault)
}

/// `rota attach`
pub fn attach(global: &Global, job: &str) -> Result<ExitCode, Fault> {
    let job = path(job)?;
    let client = global.client()?;
    follow(global, client, &job, Some(Signals::of_terminal()?))
}

/// `rota logs`
#[derive(Args)]
pub struct LogsArgs {
    job: String,
    /// Until the job ends
    #[arg(short, long)]
    follow: bool,
    /// Standard error, where it has a file of its own
    #[arg(long)]
    stderr: bool,
}

/// The output of a job.
pub fn logs(global: &Global, args: &LogsArgs) -> Result<ExitCode, Fault> {
    let job = path(&args.job)?;
    let mut client = global.client()?;
    if args.follow {
        follow(global, client, &job, None)?;
        return Ok(ExitCode::SUCCESS);
    }
    let detail: JobDetail = client.get(&format!("/v1/jobs/{job}"))?;
    check_output(&detail, &job)?;
    let file = if args.stderr { &detail.stderr } else { &detail.stdout };
    if std::fs::metadata(file).is_ok_and(|about| !about.is_file()) {
        return Err(failed!("output-no-file", job = job, path = file));
    }
    let log = match File::open(file) {
        Err(why)
            if why.kind() == std::io::ErrorKind::NotFound
                && detail.row.started.is_none()
                && let Some(outcome) = &detail.row.outcome =>
        {
            return Err(failed!("output-never", job = job, how = show::outcome(outcome)));
        }
        Err(why) if why.kind() == std::io::ErrorKind::NotFound && detail.row.started.is_none() => {
            return Err(failed!("output-not-yet", job = job, path = file));
        }
        other => other,
    };
    let mut log = log.map_err(|why| Fault::file("error-read", Path::new(file), &why))?;
    std::io::copy(&mut log, &mut std::io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}
