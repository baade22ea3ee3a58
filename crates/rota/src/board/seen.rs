//! What the server says, asked for again and again.

use crate::cli::why;
use crate::client::{Client, PATIENCE};
use crate::fault::Fault;
use rota_api::{Changed, Inventory, JobDetail, JobList, ServerInfo, Why};
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::sync::Arc;
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

/// What is to be looked at besides the board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The job whose page is open.
    pub open: Option<String>,
    /// Jobs whose reasons are on the screen; none: those of the first jobs that wait.
    pub reasons: Option<Vec<String>>,
}

/// Looks once.
pub fn look(client: &mut Client, wanted: &Wanted) -> Result<Seen, Fault> {
    let why = match &wanted.reasons {
        None => format!("why={REASONS}"),
        Some(jobs) => format!("why_of={}", jobs.join(",")),
    };
    Ok(Seen {
        list: client.get(&format!("/v1/jobs?{why}"))?,
        gpus: client.get("/v1/gpus")?,
        you: client.get::<ServerInfo>("/v1/server")?.you,
        opened: wanted.open.as_deref().map(|job| look_into(client, job)).transpose()?,
    })
}

fn look_into(client: &mut Client, job: &str) -> Result<Opened, Fault> {
    let detail: JobDetail = client.get(&format!("/v1/jobs/{job}"))?;
    let asked = why::waits(detail.row.state).then(|| client.get(&format!("/v1/jobs/{job}/why")));
    Ok(Opened { line: job.to_owned(), detail, why: asked.transpose()? })
}

/// As many lines as a page has, and a screen at first.
pub const REASONS: usize = 300;

/// Between two looks, or between a look and a word from the server.
pub const REST: Duration = Duration::from_secs(2);
/// Between two looks where something else is asked for.
const BREATH: Duration = Duration::from_millis(200);

/// Between two looks where something has happened.
const PAUSE: Duration = Duration::from_millis(500);

/// Where to look, again and again. A server that was restarted is found again.
pub struct Source {
    socket: Option<PathBuf>,
    client: Option<Client>,
    late: Arc<dyn Fn() + Send + Sync>,
    took: Duration,
    was_late: bool,
}

impl Source {
    /// A server that answers. `late` is called when it takes long; it is waited for all the same.
    pub fn new(
        client: Client,
        socket: Option<PathBuf>,
        late: impl Fn() + Send + Sync + 'static,
    ) -> Source {
        let late = Arc::new(late);
        Source { socket, client: Some(client), late, took: Duration::ZERO, was_late: false }
    }

    /// Looks once.
    pub fn look(&mut self, wanted: &Wanted) -> Result<Seen, Fault> {
        let begun = Instant::now();
        let client = self.client.take();
        let connected = client.map_or_else(|| Client::connect(self.socket.as_deref()), Ok);
        let looked = connected.and_then(|mut client| {
            let late = self.late.clone();
            client.when_late(PATIENCE, move |_, _| late());
            let seen = look(&mut client, wanted)?;
            self.client = Some(client);
            Ok(seen)
        });
        // What is late once was stopped; what is late again is slow.
        let (took, was_late) = (begun.elapsed().min(PATIENCE), self.was_late);
        self.was_late = took == PATIENCE;
        self.took = if self.was_late && !was_late { Duration::ZERO } else { took };
        looked
    }

    /// Asks for something else, where the server answered last time.
    pub fn get<T: DeserializeOwned>(&mut self, call: &str) -> Option<T> {
        self.client.as_mut()?.get(call).ok()
    }

    /// Whether the server is there, asked between two looks that are far apart.
    pub fn answers_at_once(&mut self) -> bool {
        let begun = Instant::now();
        self.get::<ServerInfo>("/v1/server").is_some() && begun.elapsed() < PATIENCE
    }

    /// How long to wait until the next look: two seconds; where a look takes long, so long that whoever looks takes at most a
    /// tenth of the server's time.
    pub fn rest(&self) -> Duration {
        REST.max(self.took * 9)
    }

    /// The same where something has happened.
    pub fn pause(&self) -> Duration {
        PAUSE.max(self.took * 9)
    }

    /// The same where the person asks for something else.
    pub fn breath(&self) -> Duration {
        BREATH.max(self.took)
    }
}

/// Says when something happens in the queue, until nobody listens. Where it cannot be said, looks come every two seconds.
pub fn hear_changes(socket: Option<PathBuf>, mut is_heard: impl FnMut() -> bool + Send + 'static) {
    std::thread::spawn(move || {
        let (mut client, mut last) = (None, None);
        loop {
            let connected = match client.take() {
                Some(client) => Ok(client),
                None => Client::connect(socket.as_deref()),
            };
            let heard = connected.and_then(|mut asked: Client| {
                // Who looks says it.
                asked.when_late(Duration::MAX, |_, _| ());
                let unless = last.map_or_else(String::new, |seq| format!("?unless={seq}"));
                let changed: Changed = asked.get(&format!("/v1/changed{unless}"))?;
                client = Some(asked);
                Ok(changed.seq)
            });
            match heard {
                Ok(seq) if last.replace(seq) == Some(seq) => {}
                Ok(_) if is_heard() => {}
                Ok(_) => return,
                Err(_) => std::thread::sleep(REST),
            }
        }
    });
}
