//! What the server says, asked for again and again.

use super::News;
use crate::cli::why;
use crate::client::Client;
use crate::fault::Fault;
use rota_api::{Inventory, JobDetail, JobList, ServerInfo, Why};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// What is shown.
pub struct Seen {
    /// The queue, with reasons for those who wait.
    pub list: JobList,
    /// Nodes and GPUs.
    pub gpus: Inventory,
    /// Who looks.
    pub you: String,
    /// The job whose page is open.
    pub opened: Option<Opened>,
}

/// All about one job.
pub struct Opened {
    /// The line that was opened.
    pub line: String,
    /// What it is.
    pub detail: JobDetail,
    /// Why it waits, if it does.
    pub why: Option<Why>,
}

/// Looks once.
pub fn look(client: &mut Client, open: Option<&str>) -> Result<Seen, Fault> {
    Ok(Seen {
        list: client.get("/v1/jobs?why=100")?,
        gpus: client.get("/v1/gpus")?,
        you: client.get::<ServerInfo>("/v1/server")?.you,
        opened: open.map(|job| look_into(client, job)).transpose()?,
    })
}

fn look_into(client: &mut Client, job: &str) -> Result<Opened, Fault> {
    let detail: JobDetail = client.get(&format!("/v1/jobs/{job}"))?;
    let asked = why::waits(detail.row.state).then(|| client.get(&format!("/v1/jobs/{job}/why")));
    Ok(Opened { line: job.to_owned(), detail, why: asked.transpose()? })
}

/// Between two looks.
const REST: Duration = Duration::from_secs(2);

/// Looks every two seconds, and at once when a job is opened; on a slow server so seldom that one who looks takes at most a
/// tenth of its time. A server that was restarted is found again.
pub fn keep_looking(
    (client, socket): (Client, Option<PathBuf>),
    opened: Receiver<Option<String>>,
    news: Sender<News>,
) {
    std::thread::spawn(move || {
        let (mut client, mut open) = (Some(client), None::<String>);
        let mut rest = REST;
        loop {
            match opened.recv_timeout(rest) {
                Ok(job) => open = opened.try_iter().last().unwrap_or(job),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let begun = Instant::now();
            let connected = client.take().map_or_else(|| Client::connect(socket.as_deref()), Ok);
            let looked = connected.and_then(|mut connection| {
                let seen = look(&mut connection, open.as_deref())?;
                client = Some(connection);
                Ok(seen)
            });
            let told = match looked {
                Ok(seen) => news.send(News::Seen(Box::new(seen))),
                Err(fault) => news.send(News::Trouble(fault)),
            };
            if told.is_err() {
                return;
            }
            rest = REST.max(begun.elapsed() * 9);
        }
    });
}
