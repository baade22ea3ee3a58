//! `rota adopt`: a process that was started by hand enters the books.

use crate::client::Client;
use crate::ctx::Ctx;
use crate::error::Error;
use crate::terms::Limit;
use clap::Args;
use hyper::Method;
use rota_api::Submitted;

#[derive(Args)]
pub struct Adopt {
    /// The process; it must be yours
    pid: u32,
    /// GPUs that it uses, by index
    #[arg(long, value_name = "INDEX,…", value_delimiter = ',', required = true)]
    gpus: Vec<u32>,
    /// Time after which it is stopped
    #[arg(long, value_name = "TIME")]
    time: Option<Limit>,
    /// Name for people
    #[arg(long)]
    name: Option<String>,
}

pub async fn adopt(ctx: &Ctx, args: Adopt) -> Result<u8, Error> {
    let mut client = Client::reach_or_start(ctx).await?;
    let body = rota_api::Adopt {
        pid: args.pid,
        gpus: args.gpus,
        limit: args.time.and_then(|t| t.0),
        name: args.name,
    };
    let done: Submitted = client.send(Method::POST, "/v1/adopt", &body).await?;
    if ctx.json {
        ctx.json(&done)?;
    } else {
        ctx.tell("adopted", &[("pid", &args.pid), ("job", &done.number)])?;
    }
    Ok(0)
}
