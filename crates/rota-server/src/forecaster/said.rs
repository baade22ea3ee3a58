//! What was said first, and what happened: a file of its own beside the store, so that the writer never waits for it. Beside
//! it in the file: what was said again ([`super::again`]).

use super::again::{self, Again, Last};
use crate::ServerError;
use crate::store::fault;
use rota_core::event::Event;
use rota_core::forecast::{Band, Score};
use rota_core::id::JobId;
use rota_core::units::{Span, Time};
use rota_sim::forecast::calibrate::{Calibration, Said};
use rota_sim::forecast::score::{by_distance, hits};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The file in the folder of the store.
const FILE: &str = "forecasts.db";

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS said (
  job TEXT NOT NULL, what INTEGER NOT NULL, lab TEXT NOT NULL, at INTEGER NOT NULL,
  raw10 INTEGER NOT NULL, raw50 INTEGER NOT NULL, raw90 INTEGER NOT NULL,
  p10 INTEGER NOT NULL, p50 INTEGER NOT NULL, p90 INTEGER NOT NULL,
  happened INTEGER, gone INTEGER, PRIMARY KEY (job, what));
CREATE INDEX IF NOT EXISTS said_by_time ON said (what, at);
PRAGMA user_version = 1;
";

/// How long forecasts are kept.
const KEPT: Span = Span::hours(400 * 24);

/// What was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// When a job starts, at its submit.
    Start,
    /// When it ends, at its submit.
    Finish,
    /// When it ends, once it runs.
    End,
}

const ALL: [What; 3] = [What::Start, What::Finish, What::End];

impl What {
    /// By its number in the file.
    pub(super) fn numbered(number: usize) -> What {
        ALL.get(number).copied().unwrap_or(What::Start)
    }
}

/// That something happened, or never will.
#[derive(Clone, Copy)]
pub enum Outcome {
    /// It happened.
    Happened(Time),
    /// The job left before.
    Left(Time),
}

impl Outcome {
    fn is_left(self) -> bool {
        matches!(self, Outcome::Left(_))
    }
}

/// What became true of a job with a fact.
pub fn outcome(at: Time, event: &Event) -> Vec<(JobId, What, Outcome)> {
    match event {
        // Programs may end before they are seen to run.
        Event::StartDecided { job, .. } => vec![(*job, What::Start, Outcome::Happened(at))],
        Event::Ended { job, .. } => vec![
            // Those that have started have happened already: the first outcome counts.
            (*job, What::Start, Outcome::Left(at)),
            (*job, What::Finish, Outcome::Happened(at)),
            (*job, What::End, Outcome::Happened(at)),
        ],
        _ => Vec::new(),
    }
}

/// A window that is to be kept.
pub enum New {
    /// The first of its job.
    First(What, JobId, Said),
    /// Another one.
    Again(Again),
}

/// All that was said.
pub struct Log {
    path: PathBuf,
    db: Connection,
    known: BTreeMap<(JobId, What), Last>,
    /// Windows that were said again.
    more: u64,
    of_late: BTreeMap<What, Calibration>,
}

impl Log {
    /// Opens it, or begins one.
    pub fn open(folder: &Path) -> Result<Log, ServerError> {
        let path = folder.join(FILE);
        let read = || -> rusqlite::Result<_> {
            let db = Connection::open(&path)?;
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.execute_batch(SCHEMA)?;
            db.execute_batch(again::SCHEMA)?;
            let mut of_late = BTreeMap::new();
            for what in ALL {
                let mut calibration = Calibration::default();
                let late = rows(
                    &db,
                    "WHERE what = ?1 ORDER BY at DESC, job DESC LIMIT 400",
                    [number(what)],
                )?;
                late.into_iter().rev().for_each(|(_, said)| calibration.say(said));
                of_late.insert(what, calibration);
            }
            let open = rows(&db, "WHERE happened IS NULL AND gone IS NULL", [])?;
            let known = open.into_iter().filter_map(|(what, said)| {
                Some(((JobId::parse(&said.of)?, what), Last::new(said.at, said.shown)))
            });
            let mut known = known.collect();
            let more = again::read(&db, &mut known)?;
            Ok((db, known, more, of_late))
        };
        let (db, known, more, of_late) = read().map_err(|e| fault(&path, e))?;
        Ok(Log { path, db, known, more, of_late })
    }

    /// A window as it should be shown.
    pub fn shown(&self, what: What, lab: &str, now: Time, raw: Band) -> Band {
        self.of_late.get(&what).map_or(raw, |late| late.shown(lab, now, raw))
    }

    /// What is to be kept of a window: the first of its job, and others that differ.
    pub fn news(
        &mut self,
        what: What,
        job: JobId,
        lab: &str,
        at: Time,
        (raw, shown): (Band, Band),
    ) -> Option<New> {
        if let Some(last) = self.known.get_mut(&(job, what)) {
            return last.take(at, shown).then_some(New::Again((what, job, at, shown)));
        }
        let (of, lab) = (job.to_string(), lab.to_owned());
        let said = Said { of, lab, at, raw, shown, happened: None, left: None };
        Some(New::First(what, job, said))
    }

    /// Keeps them.
    pub fn say(&mut self, new: Vec<New>, now: Time) -> Result<(), ServerError> {
        if new.is_empty() {
            return Ok(());
        }
        let (mut firsts, mut again) = (Vec::new(), Vec::new());
        for one in new {
            match one {
                New::First(what, job, said) => firsts.push((what, job, said)),
                New::Again(said) => again.push(said),
            }
        }
        let oldest = now.0.saturating_sub(KEPT.0);
        let more = self.more;
        let write = |db: &mut Connection| -> rusqlite::Result<u64> {
            let tx = db.transaction()?;
            tx.execute("DELETE FROM said WHERE at < ?1", [oldest])?;
            tx.execute("DELETE FROM again WHERE at < ?1", [oldest])?;
            firsts.iter().try_for_each(|(what, _, said)| insert(&tx, *what, said))?;
            let more = again::write(&tx, &again, more)?;
            tx.commit().map(|()| more)
        };
        self.more = write(&mut self.db).map_err(|e| fault(&self.path, e))?;
        for (what, job, said) in firsts {
            self.known.insert((job, what), Last::new(said.at, said.shown));
            self.of_late.entry(what).or_default().say(said);
        }
        Ok(())
    }

    /// Keeps what happened.
    pub fn happened(&mut self, outcomes: &[(JobId, What, Outcome)]) -> Result<(), ServerError> {
        let (mut settled, mut left) = (Vec::new(), BTreeSet::new());
        for (job, what, outcome) in outcomes {
            if self.known.remove(&(*job, *what)).is_none() {
                continue;
            }
            let never_ran = left.contains(job);
            let outcome = match outcome {
                Outcome::Happened(at) if never_ran => &Outcome::Left(*at),
                other => other,
            };
            left.extend(Some(*job).filter(|_| *what == What::Start && outcome.is_left()));
            let (of, late) = (job.to_string(), self.of_late.entry(*what).or_default());
            match outcome {
                Outcome::Happened(at) => late.happened(&of, *at),
                Outcome::Left(at) => late.left(&of, *at),
            }
            settled.push((of, number(*what), *outcome));
        }
        let write = |db: &mut Connection| -> rusqlite::Result<()> {
            let tx = db.transaction()?;
            for (of, what, outcome) in &settled {
                let (column, at) = match outcome {
                    Outcome::Happened(at) => ("happened", at.0),
                    Outcome::Left(at) => ("gone", at.0),
                };
                let update = format!("UPDATE said SET {column} = ?3 WHERE job = ?1 AND what = ?2");
                tx.prepare_cached(&update)?.execute(params![of, what, at])?;
            }
            tx.commit()
        };
        if settled.is_empty() {
            return Ok(());
        }
        write(&mut self.db).map_err(|e| fault(&self.path, e))
    }
}

fn insert(db: &Connection, what: What, said: &Said) -> rusqlite::Result<()> {
    let [raw10, raw50, raw90] = numbers(said.raw);
    let [p10, p50, p90] = numbers(said.shown);
    let (what, at) = (number(what), said.at.0);
    db.prepare_cached(
        "INSERT OR IGNORE INTO said VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL, NULL)",
    )?
    .execute(params![said.of, what, said.lab, at, raw10, raw50, raw90, p10, p50, p90])?;
    Ok(())
}

/// How often it was right, of what was said since a moment.
pub fn score(folder: &Path, since: Time) -> Result<Score, ServerError> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(Score::default());
    }
    let read = || -> rusqlite::Result<Score> {
        let db = Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let all = rows(&db, "WHERE at >= ?1 ORDER BY at", [since.0])?;
        let of = |what: What| hits(all.iter().filter(|(w, _)| *w == what).map(|(_, said)| said));
        let count = |is: fn(&Said) -> bool| {
            let found = all.iter().filter(|(what, said)| *what == What::Start && is(said)).count();
            u64::try_from(found).unwrap_or(u64::MAX)
        };
        let starts = all.iter().filter(|(what, _)| *what == What::Start);
        let firsts = starts.filter_map(|(_, said)| Some((said.at, said.shown, said.happened?)));
        let mut every: Vec<(Time, Band, Time)> = firsts.collect();
        again::of_starts(&db, since, |said| every.push(said))?;
        Ok(Score {
            again: by_distance(every.into_iter()),
            start: of(What::Start),
            finish: of(What::Finish),
            end: of(What::End),
            open: count(|said| said.happened.is_none() && said.left.is_none()),
            left: count(|said| said.happened.is_none() && said.left.is_some()),
        })
    };
    read().map_err(|e| fault(&path, e))
}

fn rows(
    db: &Connection,
    which: &str,
    with: impl rusqlite::Params,
) -> rusqlite::Result<Vec<(What, Said)>> {
    let columns = "job, what, lab, at, raw10, raw50, raw90, p10, p50, p90, happened, gone";
    let mut query = db.prepare(&format!("SELECT {columns} FROM said {which}"))?;
    let band = |row: &rusqlite::Row, from: usize| -> rusqlite::Result<Band> {
        let at = |n: usize| row.get::<_, u64>(from + n).map(time);
        Ok(Band { p10: at(0)?, p50: at(1)?, p90: at(2)? })
    };
    let all = query.query_map(with, |row| {
        let what = What::numbered(row.get(1)?);
        let (raw, shown) = (band(row, 4)?, band(row, 7)?);
        let (happened, left) = (row.get::<_, Option<u64>>(10)?, row.get::<_, Option<u64>>(11)?);
        let (happened, left) = (happened.map(Time), left.map(Time));
        let (of, lab, at) = (row.get(0)?, row.get(2)?, Time(row.get(3)?));
        Ok((what, Said { of, lab, at, raw, shown, happened, left }))
    })?;
    all.collect()
}

pub(super) fn number(what: What) -> usize {
    ALL.iter().position(|one| *one == what).unwrap_or(0)
}

/// SQLite's largest number stands for what nobody knows.
const FAR: u64 = i64::MAX as u64;

pub(super) fn numbers(band: Band) -> [u64; 3] {
    [band.p10, band.p50, band.p90].map(|at| at.0.min(FAR))
}

pub(super) fn time(number: u64) -> Time {
    if number >= FAR { Time::FAR } else { Time(number) }
}
