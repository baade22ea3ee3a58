//! What was read, thinned, in a file of its own beside the store: of each GPU and of each job by ten seconds for an hour, by
//! a minute for a day, by ten minutes for ninety days; and of each job its sums. The file stops growing after ninety days.

use crate::ServerError;
use crate::store::fault;
use rota_core::id::JobId;
use rota_core::units::{Mib, Span, Time};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The file in the folder of the store.
const FILE: &str = "gpus.db";

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS series (
  subject TEXT NOT NULL, step INTEGER NOT NULL, at INTEGER NOT NULL, samples INTEGER NOT NULL,
  busy INTEGER NOT NULL, memory INTEGER NOT NULL, power INTEGER NOT NULL, celsius INTEGER NOT NULL,
  PRIMARY KEY (subject, step, at)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS series_by_age ON series (step, at);
CREATE TABLE IF NOT EXISTS jobs (
  job TEXT PRIMARY KEY, at INTEGER NOT NULL, samples INTEGER NOT NULL, busy INTEGER NOT NULL,
  memory INTEGER NOT NULL, energy INTEGER NOT NULL) WITHOUT ROWID;
";

/// What later versions added, by the version before.
const ADDED: [(u32, &str); 1] = [(
    1,
    "ALTER TABLE jobs ADD COLUMN sm INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE jobs ADD COLUMN sm_samples INTEGER NOT NULL DEFAULT 0;
     PRAGMA user_version = 2;",
)];

/// Lengths of steps, and how long each is kept.
const STEPS: [(Span, Span); 3] = [
    (Span::seconds(10), Span::hours(1)),
    (Span::minutes(1), Span::hours(24)),
    (Span::minutes(10), Span::hours(90 * 24)),
];

/// How long sums of jobs are kept.
const JOBS_KEPT: Span = Span::hours(400 * 24);

/// What was read of a GPU, or of all GPUs of a job together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// Percent of the time in which something ran; the mean over GPUs.
    pub busy: u64,
    /// Thousandths of the work that the multiprocessors could have had, where the driver says it; the mean over GPUs.
    pub sm: Option<u64>,
    /// Memory in use.
    pub memory: Mib,
    /// Power in milliwatts.
    pub power_mw: u64,
    /// The highest temperature.
    pub celsius: u64,
}

/// What was read in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// When it began.
    pub at: Time,
    /// How many samples.
    pub samples: u64,
    /// Sum of percents.
    pub busy: u64,
    /// The most memory.
    pub memory: Mib,
    /// Sum of milliwatts.
    pub power_mw: u64,
    /// The highest temperature.
    pub celsius: u64,
}

impl Bucket {
    fn add(&mut self, point: Point) {
        self.samples += 1;
        self.busy += point.busy;
        self.memory = self.memory.max(point.memory);
        self.power_mw += point.power_mw;
        self.celsius = self.celsius.max(point.celsius);
    }
}

/// What a job made of its GPUs so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many samples.
    pub samples: u64,
    /// Sum of percents, the mean over its GPUs.
    pub busy: u64,
    /// The most memory on all its GPUs together.
    pub memory: Mib,
    /// Millijoules.
    pub energy_mj: u64,
    /// In how many samples the driver said how much of the GPUs worked.
    pub sm_samples: u64,
    /// Sum of thousandths, the mean over its GPUs.
    pub sm: u64,
}

/// Whose series it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A GPU, by its name.
    Gpu(String),
    /// A job.
    Job(JobId),
}

impl Subject {
    fn text(&self) -> String {
        match self {
            Subject::Gpu(name) => format!("gpu:{name}"),
            Subject::Job(id) => format!("job:{id}"),
        }
    }
}

/// The file, and what is not in it yet.
pub struct Series {
    path: PathBuf,
    db: Connection,
    open: BTreeMap<(Subject, usize), Bucket>,
    done: Vec<(Subject, usize, Bucket)>,
    sums: BTreeMap<JobId, Sums>,
    thinned: Time,
    failed: bool,
}

impl Series {
    /// Opens it, or begins one.
    pub fn open(folder: &Path) -> Result<Series, ServerError> {
        let path = folder.join(FILE);
        let open = || -> rusqlite::Result<Connection> {
            let db = Connection::open(&path)?;
            db.pragma_update(None, "journal_mode", "WAL")?;
            // After a power cut the last minutes may be missing, and nothing else.
            db.pragma_update(None, "synchronous", "NORMAL")?;
            db.execute_batch(SCHEMA)?;
            // The first version is that of a new file as well.
            let version = db.pragma_query_value(None, "user_version", |r| r.get(0))?;
            let version = u32::max(version, 1);
            let mut added = ADDED.iter().filter(|(before, _)| *before >= version);
            added.try_for_each(|(_, sql)| db.execute_batch(sql))?;
            Ok(db)
        };
        let db = open().map_err(|e| fault(&path, e))?;
        Ok(Series {
            path,
            db,
            open: BTreeMap::new(),
            done: Vec::new(),
            sums: BTreeMap::new(),
            thinned: Time(0),
            failed: false,
        })
    }

    /// Adds what was read at a moment.
    pub fn note(&mut self, subject: &Subject, now: Time, point: Point) {
        for (step, (length, _)) in STEPS.iter().enumerate() {
            let at = Time(now.0 / length.0 * length.0);
            let bucket = self.open.entry((subject.clone(), step)).or_default();
            if bucket.samples > 0 && bucket.at != at {
                self.done.push((subject.clone(), step, std::mem::take(bucket)));
            }
            bucket.at = at;
            bucket.add(point);
        }
    }

    /// Adds to the sums of a job, and says what they are now.
    pub fn sum(&mut self, job: JobId, point: Point, energy_mj: u64) -> Sums {
        let known = self.sums.get(&job).copied();
        let mut sums = known.or_else(|| sums(&self.db, job).ok().flatten()).unwrap_or_default();
        sums.samples += 1;
        sums.busy += point.busy;
        sums.memory = sums.memory.max(point.memory);
        sums.energy_mj += energy_mj;
        sums.sm_samples += u64::from(point.sm.is_some());
        sums.sm += point.sm.unwrap_or(0);
        self.sums.insert(job, sums);
        sums
    }

    /// Writes what is finished; of jobs that are not `there` any more, everything.
    pub fn write(&mut self, now: Time, there: impl Fn(JobId) -> bool) {
        let gone: Vec<(Subject, usize)> = self
            .open
            .keys()
            .filter(|(subject, _)| matches!(subject, Subject::Job(id) if !there(*id)))
            .cloned()
            .collect();
        for key in gone {
            let bucket = self.open.remove(&key);
            self.done.extend(bucket.map(|bucket| (key.0, key.1, bucket)));
        }
        let has_left = self.sums.keys().any(|id| !there(*id));
        if self.done.is_empty() && !has_left {
            return;
        }
        self.keep(now);
        self.sums.retain(|id, _| there(*id));
    }

    fn keep(&mut self, now: Time) {
        let thin = now.since(self.thinned) >= Span::minutes(1);
        match self.try_keep(now, thin) {
            Ok(()) => {
                self.done.clear();
                self.failed = false;
                if thin {
                    self.thinned = now;
                }
            }
            Err(why) => {
                // What cannot be kept now is kept later, as far as memory should go.
                self.done.drain(..self.done.len().saturating_sub(100_000));
                if !std::mem::replace(&mut self.failed, true) {
                    tracing::error!(path = %self.path.display(), "readings of GPUs cannot be kept: {why}");
                }
            }
        }
    }

    fn try_keep(&mut self, now: Time, thin: bool) -> rusqlite::Result<()> {
        let tx = self.db.transaction()?;
        for (subject, step, bucket) in &self.done {
            let Bucket { at, samples, busy, memory, power_mw, celsius } = bucket;
            tx.prepare_cached(
                "INSERT INTO series VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT DO UPDATE SET samples = samples + excluded.samples,
                   busy = busy + excluded.busy, memory = max(memory, excluded.memory),
                   power = power + excluded.power, celsius = max(celsius, excluded.celsius)",
            )?
            .execute(params![
                subject.text(),
                step,
                at.0,
                samples,
                busy,
                memory.0,
                power_mw,
                celsius
            ])?;
        }
        for (job, sums) in &self.sums {
            let Sums { samples, busy, memory, energy_mj, sm_samples, sm } = sums;
            tx.prepare_cached(
                "INSERT OR REPLACE INTO jobs (job, at, samples, busy, memory, energy, sm_samples, sm)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                job.to_string(),
                now.0,
                samples,
                busy,
                memory.0,
                energy_mj,
                sm_samples,
                sm
            ])?;
        }
        if thin {
            for (step, (_, kept)) in STEPS.iter().enumerate() {
                let oldest = now.0.saturating_sub(kept.0);
                tx.prepare_cached("DELETE FROM series WHERE step = ?1 AND at < ?2")?
                    .execute(params![step, oldest])?;
            }
            let oldest = now.0.saturating_sub(JOBS_KEPT.0);
            tx.execute("DELETE FROM jobs WHERE at < ?1", [oldest])?;
        }
        tx.commit()
    }
}

impl Drop for Series {
    /// What is open is kept too: a step that goes on after a restart is added to.
    fn drop(&mut self) {
        let open = std::mem::take(&mut self.open);
        self.done.extend(open.into_iter().map(|((subject, step), bucket)| (subject, step, bucket)));
        let newest = self.done.iter().map(|(_, _, bucket)| bucket.at).max();
        if let Some(now) = newest {
            self.keep(now);
        }
    }
}

fn sums(db: &Connection, job: JobId) -> rusqlite::Result<Option<Sums>> {
    let mut query = db.prepare_cached(
        "SELECT samples, busy, memory, energy, sm_samples, sm FROM jobs WHERE job = ?1",
    )?;
    let row = query.query_row([job.to_string()], |r| {
        Ok(Sums {
            samples: r.get(0)?,
            busy: r.get(1)?,
            memory: Mib(r.get(2)?),
            energy_mj: r.get(3)?,
            sm_samples: r.get(4)?,
            sm: r.get(5)?,
        })
    });
    row.optional()
}

/// The sums of a job, as far as they are in the file.
pub fn sums_of(folder: &Path, job: JobId) -> Option<Sums> {
    sums(&reader(folder)?, job).ok().flatten()
}

/// The most memory that any of some jobs used, as far as they are in the file.
pub fn most_memory(folder: &Path, jobs: &[JobId]) -> Option<Mib> {
    let db = reader(folder).filter(|_| !jobs.is_empty())?;
    let known = jobs.iter().filter_map(|job| sums(&db, *job).ok().flatten());
    known.map(|sums| sums.memory).filter(|used| *used > Mib(0)).max()
}

/// What is in the file of the last stretch, in the shortest steps that go back so far; with the length of a step.
pub fn past(folder: &Path, subject: &Subject, from: Time, now: Time) -> (Span, Vec<Bucket>) {
    let wanted = now.since(from);
    let step = STEPS.iter().position(|(_, kept)| *kept >= wanted).unwrap_or(STEPS.len() - 1);
    let read = || -> rusqlite::Result<Vec<Bucket>> {
        let Some(db) = reader(folder) else { return Ok(Vec::new()) };
        let mut query = db.prepare(
            "SELECT at, samples, busy, memory, power, celsius FROM series
             WHERE subject = ?1 AND step = ?2 AND at >= ?3 ORDER BY at",
        )?;
        let rows = query.query_map(params![subject.text(), step, from.0], |r| {
            Ok(Bucket {
                at: Time(r.get(0)?),
                samples: r.get(1)?,
                busy: r.get(2)?,
                memory: Mib(r.get(3)?),
                power_mw: r.get(4)?,
                celsius: r.get(5)?,
            })
        })?;
        rows.collect()
    };
    (STEPS[step].0, read().unwrap_or_default())
}

fn reader(folder: &Path) -> Option<Connection> {
    let path = folder.join(FILE);
    // Without the file nothing was ever read here.
    path.exists().then(|| crate::store::reader(&path).ok()).flatten()
}

#[cfg(test)]
mod tests;
