//! `rota logs`: the output of a job, from its file.

use crate::client::Client;
use crate::ctx::Ctx;
use crate::error::Error;
use crate::follow::{Follower, Sink, Watch};
use clap::Args;
use rota_api::JobDetail;
use std::path::Path;

#[derive(Args)]
pub struct Logs {
    /// The job, such as 12 or 12_3
    #[arg(value_name = "ID", value_parser = super::job)]
    id: String,
    /// Go on until the job ends
    #[arg(short, long)]
    follow: bool,
    /// Standard error instead of standard output
    #[arg(long)]
    stderr: bool,
}

pub async fn logs(ctx: &Ctx, args: Logs) -> Result<u8, Error> {
    let mut client = Client::reach(ctx).await?;
    let mut job: JobDetail = client.get(&format!("/v1/jobs/{}", args.id)).await?;
    let path = if args.stderr { job.stderr.clone() } else { job.stdout.clone() };
    let path = Path::new(&path);
    let mut file = Follower::new(path, Sink::Out);
    if !args.follow {
        if !path.exists() {
            let path = path.display().to_string();
            return Err(Error::failed("error-no-log", [("job", args.id), ("path", path)]));
        }
        return file.pump().map(|()| 0);
    }
    let watch = Watch::new()?;
    while !job.row.state.is_final() {
        let asked = format!("/v1/jobs/{}?unless={}", args.id, job.seq);
        let news = client.get::<JobDetail>(&asked);
        tokio::pin!(news);
        job = loop {
            watch.add(path);
            file.pump()?;
            tokio::select! {
                news = &mut news => break news?,
                () = watch.changed() => {}
            }
        };
    }
    file.pump().map(|()| 0)
}
