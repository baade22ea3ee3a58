//! `rota change`: other wishes for a job that waits.

use crate::client::Client;
use crate::ctx::Ctx;
use crate::error::Error;
use crate::terms::{self, After, Limit};
use clap::Args;
use hyper::Method;
use rota_api::Done;
use rota_core::job::TurnMode;
use rota_core::units::Mib;

#[derive(Args)]
pub struct Change {
    /// The job, such as 12 (an array with all its tasks) or 12_3
    #[arg(value_name = "ID", value_parser = super::job)]
    id: String,
    /// Name for people
    #[arg(long)]
    name: Option<String>,
    /// Whole GPUs
    #[arg(long, value_name = "N")]
    gpus: Option<u32>,
    /// Acceptable GPU models, best first
    #[arg(long, value_name = "MODEL,…", value_delimiter = ',')]
    gpu: Vec<String>,
    /// CPU cores
    #[arg(long, value_name = "N")]
    cpus: Option<u32>,
    /// Memory, such as 40G
    #[arg(long, value_name = "SIZE", value_parser = Mib::parse)]
    mem: Option<Mib>,
    /// Walltime, such as 4h
    #[arg(long, value_name = "TIME")]
    time: Option<Limit>,
    /// How it makes room: suspend, requeue or never
    #[arg(long, value_name = "HOW", value_parser = terms::turns)]
    turns: Option<TurnMode>,
    /// Dependencies, such as ok:12
    #[arg(long, value_name = "KIND:ID,…")]
    after: Option<After>,
}

pub async fn change(ctx: &Ctx, args: Change) -> Result<u8, Error> {
    if args.time == Some(Limit(None)) {
        return Err(Error::usage("change-no-limit", []));
    }
    let change = rota_api::Change {
        name: args.name,
        gpus: args.gpus,
        models: Some(args.gpu).filter(|m| !m.is_empty()),
        cpus: args.cpus,
        mem: args.mem,
        limit: args.time.and_then(|t| t.0),
        turns: args.turns,
        after: args.after.map(|a| a.0),
    };
    let mut client = Client::reach(ctx).await?;
    let path = format!("/v1/jobs/{}", args.id);
    let done: Done = client.send(Method::PATCH, &path, &change).await?;
    if ctx.json {
        ctx.json(&done)?;
    } else {
        ctx.tell("changed", &[("jobs", &done.jobs)])?;
    }
    Ok(0)
}
