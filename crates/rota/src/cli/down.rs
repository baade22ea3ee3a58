//! `rota down`: the server stops, jobs go on.

use crate::client::Client;
use crate::ctx::Ctx;
use crate::error::Error;
use rota_api::Done;

pub async fn down(ctx: &Ctx) -> Result<u8, Error> {
    let mut client = Client::reach(ctx).await?;
    let done: Done = client.post("/v1/down").await?;
    if ctx.json {
        ctx.json(&done)?;
    } else {
        ctx.tell("down", &[("jobs", &done.jobs)])?;
    }
    Ok(0)
}
