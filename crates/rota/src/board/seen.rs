//! What the server says, asked for again and again.

use crate::cli::why;
use crate::client::Client;
use crate::fault::Fault;
use rota_api::{Inventory, JobDetail, JobList, ServerInfo, Why};
use serde::de::DeserializeOwned;
use std::path::PathBuf;
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

/// Where to look, again and again. A server that was restarted is found again.
pub struct Source {
    socket: Option<PathBuf>,
    client: Option<Client>,
    took: Duration,
}

impl Source {
    /// A server that answers.
    pub fn new(client: Client, socket: Option<PathBuf>) -> Source {
        Source { socket, client: Some(client), took: Duration::ZERO }
    }

    /// Looks once, also into a job.
    pub fn look(&mut self, open: Option<&str>) -> Result<Seen, Fault> {
        let begun = Instant::now();
        let client = self.client.take();
        let connected = client.map_or_else(|| Client::connect(self.socket.as_deref()), Ok);
        let looked = connected.and_then(|mut client| {
            let seen = look(&mut client, open)?;
            self.client = Some(client);
            Ok(seen)
        });
        self.took = begun.elapsed();
        looked
    }

    /// Asks for something else, where the server answered last time.
    pub fn get<T: DeserializeOwned>(&mut self, call: &str) -> Option<T> {
        self.client.as_mut()?.get(call).ok()
    }

    /// How long to wait until the next look: two seconds; where a look takes long, so long that whoever looks takes at most a
    /// tenth of the server's time.
    pub fn rest(&self) -> Duration {
        REST.max(self.took * 9)
    }
}
