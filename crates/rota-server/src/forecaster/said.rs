//! What was said first, and what happened: a file of its own beside the store, so that the writer never waits for it. Beside
//! it in the file: what was said again ([`super::again`]).

use super::again::{self, Again, Last};
use crate::ServerError;
use crate::store::fault;
use rota_core::event::Event;
use rota_core::forecast::{Band, Score};
use rota_core::id::JobId;
use rota_core::units::{Span, Time};
use rota_sim::forecast::calibrate::{Calibration, LATE, Said};
use rota_sim::forecast::score::{by_distance, by_lead, hits};
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
  happened INTEGER, gone INTEGER, compared INTEGER NOT NULL, PRIMARY KEY (job, what));
CREATE INDEX IF NOT EXISTS said_by_time ON said (what, at);
PRAGMA user_version = 1;
";

/// How long forecasts are kept.
const KEPT: Span = Span::hours(400 * 24);

/// First windows that are kept; each takes about 170 bytes.
const MOST: u64 = 500_000;

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
    /// How many windows are kept: first ones, and those that were said again.
    count: (u64, u64),
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
                    "WHERE what = ?1 AND compared ORDER BY at DESC, rowid DESC LIMIT ?2",
                    [number(what), LATE],
                )?;
                late.into_iter().rev().for_each(|(_, said)| calibration.remember(said));
                of_late.insert(what, calibration);
            }
            let open = rows(&db, "WHERE happened IS NULL AND gone IS NULL", [])?;
            let known = open.into_iter().filter_map(|(what, said)| {
                Some(((JobId::parse(&said.of)?, what), Last::new(said.at, said.shown)))
            });
            let mut known = known.collect();
            let firsts = db.query_row("SELECT count(*) FROM said", [], |row| row.get(0))?;
            let count = (firsts, again::read(&db, &mut known)?);
            Ok((db, known, count, of_late))
        };
        let (db, known, count, of_late) = read().map_err(|e| fault(&path, e))?;
        Ok(Log { path, db, known, count, of_late })
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
        let mut of_late = self.of_late.clone();
        for one in new {
            match one {
                New::First(what, job, said) => {
                    let is_compared = of_late.entry(what).or_default().say(said.clone());
                    firsts.push((what, job, said, is_compared));
                }
                New::Again(said) => again.push(said),
            }
        }
        let oldest = now.0.saturating_sub(KEPT.0);
        let count = self.count;
        let write = |db: &mut Connection| -> rusqlite::Result<(u64, u64)> {
            let (mut first, mut more) = count;
            let tx = db.transaction()?;
            // With every kind named, the index by time is used.
            let old =
                tx.execute("DELETE FROM said WHERE what IN (0, 1, 2) AND at < ?1", [oldest])?;
            first = first.saturating_sub(u64::try_from(old).unwrap_or(0));
            tx.execute("DELETE FROM again WHERE at < ?1", [oldest])?;
            firsts
                .iter()
                .try_for_each(|(what, _, said, compared)| insert(&tx, *what, said, *compared))?;
            first = trim(&tx, "said", first + u64::try_from(firsts.len()).unwrap_or(0), MOST)?;
            more = again::write(&tx, &again, more)?;
            tx.commit().map(|()| (first, more))
        };
        self.count = write(&mut self.db).map_err(|e| fault(&self.path, e))?;
        for (what, job, said, _) in firsts {
            self.known.insert((job, what), Last::new(said.at, said.shown));
        }
        self.of_late = of_late;
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

/// Where a table has too many, the oldest tenth of `most` goes. Returns how many there are.
pub(super) fn trim(db: &Connection, table: &str, count: u64, most: u64) -> rusqlite::Result<u64> {
    if count <= most {
        return Ok(count);
    }
    let oldest = format!("SELECT at FROM {table} ORDER BY at LIMIT 1 OFFSET ?1");
    let gone = db.execute(&format!("DELETE FROM {table} WHERE at <= ({oldest})"), [most / 10])?;
    Ok(count.saturating_sub(u64::try_from(gone).unwrap_or(0)))
}

fn insert(db: &Connection, what: What, said: &Said, compared: bool) -> rusqlite::Result<()> {
    let [raw10, raw50, raw90] = numbers(said.raw);
    let [p10, p50, p90] = numbers(said.shown);
    let (what, at) = (number(what), said.at.0);
    db.prepare_cached(
        "INSERT OR IGNORE INTO said VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL, NULL, ?11)",
    )?
    .execute(params![said.of, what, said.lab, at, raw10, raw50, raw90, p10, p50, p90, compared])?;
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
        let mut every: BTreeMap<What, Vec<(Time, Band, Time)>> = BTreeMap::new();
        for (what, said) in &all {
            let happened = said.happened.map(|at| (said.at, said.shown, at));
            every.entry(*what).or_default().extend(happened);
        }
        again::that_happened(&db, since, |what, said| every.entry(what).or_default().push(said))?;
        let mut every = |what| every.remove(&what).unwrap_or_default().into_iter();
        Ok(Score {
            again: by_distance(every(What::Start)),
            finish_ahead: by_lead(every(What::Finish)),
            end_ahead: by_lead(every(What::End)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use rota_core::forecast::{Group, Hits};

    fn minute(n: u64) -> Time {
        Time(Span::minutes(n).0)
    }

    fn window(p10: u64, p50: u64, p90: u64) -> Band {
        Band { p10: minute(p10), p50: minute(p50), p90: minute(p90) }
    }

    fn say(log: &mut Log, what: What, at: Time, band: Band) {
        let new = log.news(what, JobId::single(1), "vision", at, (band, band));
        log.say(new.into_iter().collect(), at).expect("kept");
    }

    #[test]
    fn every_window_of_an_end_is_scored_by_how_far_ahead_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut log = Log::open(folder.path()).expect("a log");
        say(&mut log, What::Finish, minute(0), window(200, 300, 400));
        say(&mut log, What::Finish, minute(60), window(290, 390, 490));
        say(&mut log, What::End, minute(120), window(130, 140, 150));
        say(&mut log, What::End, minute(130), window(400, 500, 600));
        let ended = Outcome::Happened(minute(410));
        let both = [What::Finish, What::End].map(|what| (JobId::single(1), what, ended));
        log.happened(&both).expect("kept");
        let score = score(folder.path(), Time(0)).expect("a score");
        let told = |hits: &[Hits]| -> Vec<_> {
            hits.iter().map(|h| (h.group.clone(), h.forecasts, h.before_p90, h.within)).collect()
        };
        let hours =
            |from, until| Group::Ahead { from: Span::hours(from), until: Some(Span::hours(until)) };
        assert_eq!(told(&score.finish_ahead), [(Group::All, 2, 1, 1), (hours(1, 6), 2, 1, 1)]);
        let runs = [(Group::All, 2, 1, 1), (hours(0, 1), 1, 0, 0), (hours(6, 24), 1, 1, 1)];
        assert_eq!(told(&score.end_ahead), runs);
    }

    #[test]
    fn of_too_many_first_windows_the_oldest_tenth_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut log = Log::open(folder.path()).expect("a log");
        for n in 1..=20 {
            let new = log.news(
                What::Start,
                JobId::single(n),
                "vision",
                minute(n),
                (window(n, n, n), window(n, n, n)),
            );
            log.say(new.into_iter().collect(), minute(n)).expect("kept");
        }
        assert_eq!(trim(&log.db, "said", 20, 20).expect("none"), 20);
        assert_eq!(trim(&log.db, "said", 20, 19).expect("some"), 18);
        let oldest =
            |db: &Connection| db.query_row("SELECT min(at) FROM said", [], |row| row.get(0));
        assert_eq!(oldest(&log.db).map(Time).expect("a row"), minute(3));
    }
}
