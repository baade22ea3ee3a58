//! What was said again of a job while nothing had happened: each window that differs, thinned out, so that a job that waits for
//! two months has about a hundred and the file stays below a hundred megabytes.

use super::said::{What, number, numbers, time, trim};
use rota_core::forecast::{Band, GRAIN};
use rota_core::id::JobId;
use rota_core::units::{Span, Time};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS again (
  at INTEGER NOT NULL, job TEXT NOT NULL, what INTEGER NOT NULL,
  p10 INTEGER NOT NULL, p50 INTEGER NOT NULL, p90 INTEGER NOT NULL, PRIMARY KEY (at, job, what)) WITHOUT ROWID;
";

/// Windows of all jobs that are kept; each takes about 60 bytes.
const MOST: u64 = 1_000_000;

/// Windows of a job after which only its age counts.
const MANY: u32 = 80;

/// A window that was said again.
pub type Again = (What, JobId, Time, Band);

/// The last that was said of a job, and how much before.
#[derive(Clone, Copy, Debug)]
pub struct Last {
    first: Time,
    at: Time,
    shown: Band,
    count: u32,
}

impl Last {
    /// What was said first.
    pub fn new(at: Time, shown: Band) -> Last {
        Last { first: at, at, shown, count: 1 }
    }

    /// Whether a window is to be kept: it differs by more than five minutes, and time has passed, an eighth of what the job
    /// has waited or of what it is still to wait, whichever is less.
    ///
    /// Ten days of waiting are 98 windows, half of them in the first and the last three hours.
    fn is_news(&self, at: Time, shown: Band) -> bool {
        let pairs = [self.shown.p10, self.shown.p50, self.shown.p90]
            .into_iter()
            .zip([shown.p10, shown.p50, shown.p90]);
        let moved = |(a, b): (Time, Time)| a.since(b).max(b.since(a)) > GRAIN;
        let (age, left) = (at.since(self.first), shown.p50.since(at));
        let part = if self.count < MANY { age.min(left) } else { age };
        at.since(self.at) >= Span(part.0 / 8).max(GRAIN) && pairs.into_iter().any(moved)
    }

    /// Takes note of a window, if it is to be kept.
    pub fn take(&mut self, at: Time, shown: Band) -> bool {
        let is_news = self.is_news(at, shown);
        if is_news {
            (self.at, self.shown, self.count) = (at, shown, self.count + 1);
        }
        is_news
    }
}

/// Of jobs of which nothing has happened yet: what was said of them last. `known`: what was said first.
pub(super) fn read(
    db: &Connection,
    known: &mut BTreeMap<(JobId, What), Last>,
) -> rusqlite::Result<u64> {
    let since = known.values().map(|last| last.at.0).min().unwrap_or(u64::MAX);
    let since = i64::try_from(since).unwrap_or(i64::MAX);
    let mut query =
        db.prepare("SELECT job, what, at, p10, p50, p90 FROM again WHERE at >= ?1 ORDER BY at")?;
    let mut rows = query.query([since])?;
    while let Some(row) = rows.next()? {
        let (job, what) = (JobId::parse(&row.get::<_, String>(0)?), What::numbered(row.get(1)?));
        if let Some(last) = job.and_then(|job| known.get_mut(&(job, what))) {
            (last.at, last.shown) = (time(row.get(2)?), band(row, 3)?);
            last.count += 1;
        }
    }
    db.query_row("SELECT count(*) FROM again", [], |row| row.get(0))
}

/// Keeps them; where there are too many, the oldest tenth goes. Returns how many there are.
pub(super) fn write(db: &Connection, new: &[Again], count: u64) -> rusqlite::Result<u64> {
    let mut insert =
        db.prepare_cached("INSERT OR IGNORE INTO again VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for (what, job, at, shown) in new {
        let [p10, p50, p90] = numbers(*shown);
        insert.execute(params![at.0, job.to_string(), number(*what), p10, p50, p90])?;
    }
    trim(db, "again", count + u64::try_from(new.len()).unwrap_or(0), MOST)
}

/// Windows that were said again since a moment, of what has happened: of what, when, and when it happened.
pub(super) fn that_happened(
    db: &Connection,
    since: Time,
    mut each: impl FnMut(What, (Time, Band, Time)),
) -> rusqlite::Result<()> {
    let is_there = "SELECT count(*) FROM sqlite_schema WHERE name = 'again'";
    if db.query_row(is_there, [], |row| row.get::<_, u64>(0))? == 0 {
        return Ok(());
    }
    let mut query = db.prepare(
        "SELECT again.at, again.p10, again.p50, again.p90, said.happened, again.what FROM again \
         JOIN said ON said.job = again.job AND said.what = again.what \
         WHERE again.at >= ?1 AND said.happened IS NOT NULL",
    )?;
    let mut rows = query.query(params![since.0])?;
    while let Some(row) = rows.next()? {
        let what = What::numbered(row.get(5)?);
        each(what, (time(row.get(0)?), band(row, 1)?, time(row.get(4)?)));
    }
    Ok(())
}

fn band(row: &rusqlite::Row, from: usize) -> rusqlite::Result<Band> {
    let at = |n: usize| row.get::<_, u64>(from + n).map(time);
    Ok(Band { p10: at(0)?, p50: at(1)?, p90: at(2)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows that are kept of a job of which every half minute another one is said, `away` from then.
    fn kept(wait: Span, away: impl Fn(Span) -> Span) -> usize {
        let mut last = Last::new(Time(0), Band { p10: Time(0), p50: Time(0), p90: Time(0) });
        let half_minute = Span::seconds(30).0;
        let each = (1..wait.0 / half_minute).filter(|n| {
            let at = Time(n * half_minute);
            let moved = at.after(away(at.since(Time(0)))).after(Span::minutes(n % 2 * 10));
            last.take(at, Band { p10: moved, p50: moved, p90: moved })
        });
        each.count()
    }

    #[test]
    fn a_job_has_about_a_hundred_windows_however_long_it_waits() {
        let days = |days: u64| Span::hours(24 * days);
        let left = |wait: Span| move |age: Span| Span(wait.0.saturating_sub(age.0));
        assert!((30..60).contains(&kept(Span::hours(8), left(Span::hours(8)))));
        assert!((60..110).contains(&kept(days(10), left(days(10)))));
        assert!(kept(days(60), |_| Span::hours(1)) < 130, "it is always an hour away");
    }

    #[test]
    fn a_window_that_stays_is_not_said_again() {
        let shown = Band { p10: Time(0), p50: Time(0), p90: Time(0) };
        let mut last = Last::new(Time(0), shown);
        assert!(!last.take(Time(Span::hours(3).0), shown));
    }
}
