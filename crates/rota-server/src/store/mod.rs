//! The embedded store: one SQLite file. `events` is the truth; `ended` and `snapshot` are made from it and can be made
//! again; `launches` holds what to run, kept beside the log because it may hold secrets.

mod ended;
pub mod load;

pub use ended::{EndedJob, Totals};

use crate::ServerError;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::id::JobId;
use rota_core::job::Job;
use rota_core::launch::Launch;
use rota_core::units::Time;
use rusqlite::{Connection, OpenFlags, params};
use std::path::{Path, PathBuf};

/// Tables of version 1.
const SCHEMA: &str = "
CREATE TABLE events (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, number INTEGER, json TEXT NOT NULL);
CREATE INDEX events_by_number ON events (number) WHERE number IS NOT NULL;
CREATE TABLE launches (number INTEGER PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE ended (
  id INTEGER PRIMARY KEY, number INTEGER NOT NULL, task INTEGER NOT NULL, lab TEXT NOT NULL, person TEXT NOT NULL,
  name TEXT NOT NULL, gpus INTEGER NOT NULL, submitted INTEGER NOT NULL, started INTEGER, ended INTEGER NOT NULL,
  ran INTEGER NOT NULL, gpu_time INTEGER NOT NULL, lost INTEGER NOT NULL, turns INTEGER NOT NULL,
  runs INTEGER NOT NULL, ok INTEGER NOT NULL, outcome TEXT NOT NULL, spec TEXT NOT NULL);
CREATE UNIQUE INDEX ended_by_job ON ended (number, task);
CREATE TABLE snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, json TEXT NOT NULL);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
PRAGMA user_version = 1;
";

/// Name of the file in the folder of the store.
pub const FILE: &str = "rota.db";

/// The writer's connection.
pub struct Store {
    path: PathBuf,
    db: Connection,
    /// Sequence number of the last event.
    pub seq: u64,
}

/// A fact about to be written, with the job as it was before, if the fact ends it.
pub struct Staged {
    /// When.
    pub at: Time,
    /// The fact.
    pub event: Event,
    /// The row for `ended`.
    pub ended: Option<EndedJob>,
}

impl Staged {
    /// Stages a fact before it is applied.
    pub fn new(c: &Cluster, at: Time, event: Event) -> Staged {
        let ended = match &event {
            Event::Ended { job, outcome } => c.job(*job).map(|j| EndedJob::of(c, j, outcome, at)),
            _ => None,
        };
        Staged { at, event, ended }
    }
}

impl Store {
    /// Opens the store, or makes an empty one. Refuses a damaged one.
    pub fn open(folder: &Path) -> Result<Store, ServerError> {
        let path = folder.join(FILE);
        let fresh = !path.exists();
        let db = Connection::open(&path).map_err(|e| fault(&path, e))?;
        configure(&db).map_err(|e| fault(&path, e))?;
        if fresh {
            db.execute_batch(&format!("BEGIN;{SCHEMA}COMMIT;")).map_err(|e| fault(&path, e))?;
        } else {
            load::refuse_damage(&path, &db)?;
        }
        let seq = db.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |r| r.get(0));
        let seq = seq.map_err(|e| fault(&path, e))?;
        Ok(Store { path, db, seq })
    }

    /// Appends facts and what is made from them, durably, all or none.
    pub fn append(
        &mut self,
        staged: &[Staged],
        launches: &[(u64, Launch)],
        clock: &str,
    ) -> Result<(), ServerError> {
        let from = self.seq;
        let written = self.write(staged, launches, clock);
        written.map_err(|e| {
            self.seq = from;
            fault(&self.path, e)
        })
    }

    fn write(
        &mut self,
        staged: &[Staged],
        launches: &[(u64, Launch)],
        clock: &str,
    ) -> rusqlite::Result<()> {
        let tx = self.db.transaction()?;
        {
            let mut insert = tx.prepare_cached(
                "INSERT INTO events (seq, at, number, json) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for fact in staged {
                self.seq += 1;
                let number = fact.event.about().map(|id| id.number);
                insert.execute(params![self.seq, fact.at.0, number, json(&fact.event)])?;
                if let Some(row) = &fact.ended {
                    row.insert(&tx)?;
                }
            }
            let mut keep = tx
                .prepare_cached("INSERT OR REPLACE INTO launches (number, json) VALUES (?1, ?2)")?;
            for (number, launch) in launches {
                keep.execute(params![number, json(launch)])?;
            }
            tx.prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES ('clock', ?1)")?
                .execute([clock])?;
        }
        tx.commit()
    }

    /// Keeps the whole state, so that a start need not read the log from its beginning.
    pub fn keep_snapshot(&mut self, c: &Cluster) -> Result<(), ServerError> {
        let done = self.db.execute(
            "INSERT OR REPLACE INTO snapshot (id, seq, json) VALUES (1, ?1, ?2)",
            params![self.seq, json(c)],
        );
        done.map(|_| ()).map_err(|e| fault(&self.path, e))
    }

    /// What to run.
    pub fn launch(&self, number: u64) -> Option<Launch> {
        launch(&self.db, number)
    }

    /// The writer's connection, to read.
    pub fn db(&self) -> &Connection {
        &self.db
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// What to run, by any connection.
pub fn launch(db: &Connection, number: u64) -> Option<Launch> {
    let mut query = db.prepare_cached("SELECT json FROM launches WHERE number = ?1").ok()?;
    let text: String = query.query_row([number], |r| r.get(0)).ok()?;
    serde_json::from_str(&text).ok()
}

/// A connection that only reads, for the people who look.
pub fn reader(path: &Path) -> Result<Connection, ServerError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|e| fault(path, e))
}

/// What happened to a job, oldest first.
pub fn history(db: &Connection, id: JobId) -> rusqlite::Result<Vec<(u64, Time, Event)>> {
    let mut query =
        db.prepare_cached("SELECT seq, at, json FROM events WHERE number = ?1 ORDER BY seq")?;
    let rows =
        query.query_map([id.number], |r| Ok((r.get(0)?, r.get(1)?, r.get::<_, String>(2)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (seq, at, text) = row?;
        let Ok(event) = serde_json::from_str::<Event>(&text) else { continue };
        if event.about().is_some_and(|about| about == id || about.task.is_none()) {
            found.push((seq, Time(at), event));
        }
    }
    Ok(found)
}

/// The last event about a number, up to `until`.
pub fn last_seq(db: &Connection, number: u64, until: u64) -> u64 {
    let query = db
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM events WHERE number = ?1 AND seq <= ?2");
    query.and_then(|mut q| q.query_row([number, until], |r| r.get(0))).unwrap_or(0)
}

fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// An error of SQLite as what it means to a person.
pub(crate) fn fault(path: &Path, why: rusqlite::Error) -> ServerError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match why.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => {
            ServerError::Damaged { path: path.to_owned(), why: why.to_string() }
        }
        _ => ServerError::Store { path: path.to_owned(), why },
    }
}

pub(crate) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data always has a JSON form")
}

/// A job as it was before an event.
pub(crate) fn runs_thrown_away(job: &Job) -> bool {
    job.losses > 0
}
