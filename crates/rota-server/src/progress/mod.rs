//! How far running jobs are: the newest part of what they write is read again and again, in the background and never by
//! the writer. Nothing is kept: a server that starts finds everything again in the files.

mod file;

use crate::message::Look;
use crate::{ServerError, store};
use file::Watched;
use rota_api::Progress;
use rota_core::cluster::Cluster;
use rota_core::id::JobId;
use rota_core::job::{Job, JobState};
use rota_core::units::{Span, Time};
use rota_engine::local::{fill_pattern, progress_file};
use rota_progress::{Life, Reading, Sight, Source, left};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// Time between two rounds.
pub const ROUND: Duration = Duration::from_secs(2);

/// Time between two looks at the files of a job that has said something, or has run for a while.
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);

/// A job that has run for so long and said nothing will not begin within seconds.
const YOUNG: Span = Span::minutes(1);

/// Bytes read in a round before the other files wait for the next one.
const ROUND_BYTES: u64 = 8 << 20;

/// What running jobs said last. Shared by all who look.
#[derive(Default)]
pub struct Board(Mutex<BTreeMap<JobId, Found>>);

/// What was read of a job.
#[derive(Clone, Debug)]
pub struct Found {
    run: u32,
    reading: Reading,
    written: SystemTime,
    sight: Sight,
}

impl Board {
    /// How far a job is at `now`; none unless it runs and says so.
    pub fn of(&self, job: &Job, now: Time) -> Option<Progress> {
        let JobState::Running { .. } = job.state else { return None };
        let all = self.0.lock().ok()?;
        let found = all.get(&job.id).filter(|found| found.run == job.runs)?;
        Some(found.progress(job, now))
    }
}

impl Found {
    fn progress(&self, job: &Job, now: Time) -> Progress {
        // The file's time is by the wall clock, which this server's clock only follows.
        let age = SystemTime::now().duration_since(self.written).unwrap_or_default();
        let age = Span(u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        // It wrote nothing while it was suspended, and that is no silence.
        let turn = job.turn_began().map_or(Span::ZERO, |began| now.since(began));
        let life = Life {
            ran: ran(job, now),
            silent: age.min(turn),
            frozen: frozen(job, now),
            run: self.run,
            sight: self.sight,
        };
        Progress {
            fraction: self.reading.fraction,
            scope: self.reading.scope,
            steps: self.reading.steps,
            epoch: self.reading.epoch,
            source: self.reading.source,
            written_at: Time(now.0.saturating_sub(age.0)),
            left: left(&self.reading, &life),
        }
    }
}

/// Running time of this run.
fn ran(job: &Job, now: Time) -> Span {
    job.ran.plus(job.turn_began().map_or(Span::ZERO, |began| now.since(began)))
}

/// Time since the first run began; of a later one, the least that it may be.
fn age(job: &Job, now: Time) -> Span {
    match (job.runs, job.first_started) {
        (1, Some(began)) => now.since(began),
        _ => ran(job, now),
    }
}

/// How long this run was suspended. Of a later run that is known only where it never was: else as long as it ran.
fn frozen(job: &Job, now: Time) -> Span {
    match job.runs {
        1 => Span(age(job, now).0.saturating_sub(ran(job, now).0)),
        _ => job.ran,
    }
}

/// The files of the jobs that run.
pub struct Watch {
    db: rusqlite::Connection,
    jobs: BTreeMap<JobId, Files>,
}

struct Files {
    run: u32,
    owner: u32,
    next: Instant,
    all: Vec<Watched>,
}

impl Watch {
    /// Reads the paths of outputs from the store by a connection of its own.
    pub fn open(store: &Path) -> Result<Watch, ServerError> {
        Ok(Watch { db: store::reader(store)?, jobs: BTreeMap::new() })
    }

    /// Looks at the files that are due, for a bounded time; whether any job runs.
    pub fn round(&mut self, board: &Board, cluster: &Cluster, now: Time) -> Running {
        let running: BTreeMap<JobId, &Arc<Job>> = cluster
            .jobs
            .iter()
            .filter(|(_, job)| matches!(job.state, JobState::Running { .. }))
            .map(|(id, job)| (*id, job))
            .collect();
        let is_same = |id: &JobId, run: u32| running.get(id).is_some_and(|job| job.runs == run);
        self.jobs.retain(|id, files| is_same(id, files.run));
        if let Ok(mut all) = board.0.lock() {
            all.retain(|id, found| is_same(id, found.run));
        }
        for (id, job) in &running {
            if !self.jobs.contains_key(id) {
                let files = self.files(job);
                self.jobs.insert(*id, files);
            }
        }
        let at = Instant::now();
        let mut due: Vec<_> = self.jobs.iter_mut().filter(|(_, f)| f.next <= at).collect();
        due.sort_by_key(|(id, files)| (files.next, **id));
        let mut bytes = 0;
        for (id, files) in due {
            let Some(job) = running.get(id).filter(|_| bytes < ROUND_BYTES) else { break };
            bytes += files.look(age(job, now));
            let found = files.found();
            let is_quiet = found.is_none() && ran(job, now) < YOUNG;
            files.next = at + if is_quiet { ROUND } else { BETWEEN_LOOKS };
            if let Ok(mut all) = board.0.lock() {
                match found {
                    Some(found) => all.insert(*id, found),
                    None => all.remove(id),
                };
            }
        }
        if running.is_empty() { Running::Nothing } else { Running::Something }
    }

    fn files(&self, job: &Job) -> Files {
        let (id, name) = (job.id, &job.spec.name);
        let launch = store::launch(&self.db, id.number).unwrap_or_default();
        let mut all: Vec<Watched> =
            progress_file(&launch, id, name).into_iter().map(Watched::file).collect();
        let outputs = [Some(&launch.stdout), launch.stderr.as_ref()];
        for pattern in outputs.into_iter().flatten().filter(|p| !p.is_empty()) {
            let filled = fill_pattern(pattern, id, name, &launch.user.name);
            all.push(Watched::output(Path::new(&launch.cwd).join(filled)));
        }
        Files { run: job.runs, owner: launch.user.uid, next: Instant::now(), all }
    }
}

/// Whether any job runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running {
    /// At least one.
    Something,
    /// None: there is nothing to look at before something changes.
    Nothing,
}

impl Files {
    /// Looks at each file; how many bytes were read.
    fn look(&mut self, age: Span) -> u64 {
        // What was written before this run is of another one; file systems may be some seconds off.
        let life = Duration::from_millis(age.0).saturating_add(Duration::from_secs(5));
        let since = SystemTime::now().checked_sub(life).unwrap_or(SystemTime::UNIX_EPOCH);
        // What cannot be read says nothing: it may not be there yet.
        self.all.iter_mut().map(|file| file.look(self.owner, since).unwrap_or(0)).sum()
    }

    /// The progress file goes before a line in an output, and that before a bar; among equals, what was written last.
    fn found(&self) -> Option<Found> {
        let rank = |source: Source| match source {
            Source::File => 2,
            Source::Line => 1,
            _ => 0,
        };
        let said = self.all.iter().filter_map(Watched::said);
        let best = said.max_by_key(|s| (rank(s.reading.source), s.written))?;
        Some(Found {
            run: self.run,
            reading: best.reading.clone(),
            written: best.written,
            sight: best.sight,
        })
    }
}

/// The state that someone looked at, and when.
pub struct Seen {
    look: Look,
    at: Instant,
}

impl Seen {
    /// Seen just now.
    pub fn new(look: Look) -> Seen {
        Seen { look, at: Instant::now() }
    }

    /// The state.
    pub fn cluster(&self) -> &Cluster {
        &self.look.cluster
    }

    /// The moment it is now.
    pub fn now(&self) -> Time {
        let passed = u64::try_from(self.at.elapsed().as_millis()).unwrap_or(0);
        self.look.now.after(Span(passed))
    }
}
