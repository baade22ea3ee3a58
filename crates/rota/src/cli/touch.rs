//! `rota cancel`, `hold`, `release`: one word for several jobs.

use crate::client::Client;
use crate::ctx::Ctx;
use crate::error::Error;
use clap::Args;
use rota_api::Done;

#[derive(Args)]
pub struct Jobs {
    /// Jobs, such as 12 (an array with all its tasks) or 12_3
    #[arg(required = true, value_name = "ID", value_parser = super::job)]
    ids: Vec<String>,
}

/// Does it to each; goes on after a refusal and says every one.
pub async fn touch(ctx: &Ctx, jobs: Jobs, verb: &str, done_key: &str) -> Result<u8, Error> {
    let mut client = Client::reach(ctx).await?;
    let (mut touched, mut code) = (0, 0);
    for id in &jobs.ids {
        match client.post::<Done>(&format!("/v1/jobs/{id}/{verb}")).await {
            Ok(done) => touched += done.jobs,
            Err(Error::Problem(problem)) => {
                let words = Error::Problem(problem).say(ctx.text());
                ctx.note("refused", &[("why", &words)]);
                code = 1;
            }
            Err(other) => return Err(other),
        }
    }
    if ctx.json {
        ctx.json(&Done { jobs: touched })?;
    } else if touched > 0 {
        ctx.tell(done_key, &[("jobs", &touched)])?;
    }
    Ok(code)
}
