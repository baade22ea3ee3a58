//! Leaving GPUs to a job while it does not use them: for a reason that everyone can read.

use super::Global;
use super::jobs::path;
use crate::fault::Fault;
use crate::show;
use crate::text::tr;
use clap::Args;
use rota_api::{Done, Pinned};
use std::process::ExitCode;

/// `rota pin`
#[derive(Args)]
pub struct PinArgs {
    job: String,
    /// Why; everyone can read it
    #[arg(long, value_name = "TEXT")]
    why: String,
}

/// Leaves its GPUs to a job.
pub fn pin(global: &Global, args: PinArgs) -> Result<ExitCode, Fault> {
    let call = format!("/v1/jobs/{}/pin", path(&args.job)?);
    let done: Done = global.client()?.post(&call, &Pinned { why: args.why })?;
    show::line(&tr!("pinned", job = args.job, count = done.jobs))?;
    Ok(ExitCode::SUCCESS)
}

/// No longer.
pub fn unpin(global: &Global, job: &str) -> Result<ExitCode, Fault> {
    let done: Done = global.client()?.post(&format!("/v1/jobs/{}/unpin", path(job)?), &())?;
    show::line(&tr!("unpinned", job = job, count = done.jobs))?;
    Ok(ExitCode::SUCCESS)
}
