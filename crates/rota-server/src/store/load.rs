//! From the file to the state: snapshot + tail of the log. And the refusal of a damaged file.

use super::{Staged, fault};
use crate::ServerError;
use rota_core::cluster::Cluster;
use rota_core::event::Event;
use rota_core::units::Time;
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

/// Files up to this size are checked page by page before use; larger ones in the background, after the start.
const CHECKED_AT_START: u64 = 32 << 20;

/// What a store holds.
pub struct Loaded {
    /// The state.
    pub cluster: Cluster,
    /// When the last event was.
    pub last: Time,
    /// The clock's mark.
    pub clock: Option<String>,
    /// Events read after the snapshot.
    pub tail: u64,
}

/// Reads the state: the snapshot, if there is one, and every event after it.
pub fn load(path: &Path, db: &Connection) -> Result<Loaded, ServerError> {
    let kept = db
        .query_row("SELECT seq, json FROM snapshot WHERE id = 1", [], |r| {
            Ok((r.get::<_, u64>(0)?, r.get::<_, String>(1)?))
        })
        .optional()
        .map_err(|e| fault(path, e))?;
    let (seq, mut cluster) = match kept {
        None => (0, Cluster::default()),
        Some((seq, text)) => (seq, unpacked(path, &text)?),
    };
    let (last, tail) = fold(path, db, seq, |at, event| cluster.apply(at, &event))?;
    let clock = db
        .query_row("SELECT value FROM meta WHERE key = 'clock'", [], |r| r.get(0))
        .optional()
        .map_err(|e| fault(path, e))?;
    Ok(Loaded { cluster, last, clock, tail })
}

fn unpacked(path: &Path, text: &str) -> Result<Cluster, ServerError> {
    let mut cluster: Cluster =
        serde_json::from_str(text).map_err(|e| damaged(path, format!("its snapshot: {e}")))?;
    cluster.reindex();
    Ok(cluster)
}

/// The snapshot with the number and the moment of its last event, if nothing in it is younger than `at`.
pub fn snapshot_before(
    path: &Path,
    db: &Connection,
    at: Time,
) -> Result<Option<(u64, Time, Cluster)>, ServerError> {
    let query = "SELECT snapshot.seq, events.at, snapshot.json FROM snapshot JOIN events USING (seq) \
                 WHERE snapshot.id = 1 AND events.at <= ?1";
    let kept = db
        .query_row(query, [at.0], |r| Ok((r.get(0)?, r.get(1)?, r.get::<_, String>(2)?)))
        .optional()
        .map_err(|e| fault(path, e))?;
    kept.map(|(seq, at, text)| Ok((seq, Time(at), unpacked(path, &text)?))).transpose()
}

/// Gives every event after `seq` to `each`; refuses gaps. Returns the moment of the last event, and how many there were.
pub fn fold(
    path: &Path,
    db: &Connection,
    seq: u64,
    mut each: impl FnMut(Time, Event),
) -> Result<(Time, u64), ServerError> {
    let mut query = db
        .prepare("SELECT seq, at, json FROM events WHERE seq > ?1 ORDER BY seq")
        .map_err(|e| fault(path, e))?;
    let mut rows = query.query([seq]).map_err(|e| fault(path, e))?;
    let (mut last, mut count) = (Time(0), 0);
    while let Some(row) = rows.next().map_err(|e| fault(path, e))? {
        let read = || -> rusqlite::Result<(u64, u64, String)> {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        };
        let (found, at, text) = read().map_err(|e| fault(path, e))?;
        count += 1;
        if found != seq + count {
            return Err(damaged(path, format!("event {} is missing", seq + count)));
        }
        let event = serde_json::from_str(&text)
            .map_err(|e| damaged(path, format!("event {found}: {e}")))?;
        last = Time(at);
        each(last, event);
    }
    if count == 0 {
        let newest = db.query_row("SELECT coalesce(max(at), 0) FROM events", [], |r| r.get(0));
        last = Time(newest.map_err(|e| fault(path, e))?);
    }
    Ok((last, count))
}

/// Every projection row again, from the log.
pub fn ended_rows(
    path: &Path,
    db: &Connection,
) -> Result<(Cluster, Vec<super::EndedJob>), ServerError> {
    let (mut cluster, mut rows) = (Cluster::default(), Vec::new());
    fold(path, db, 0, |at, event| {
        let staged = Staged::new(&cluster, at, event);
        cluster.apply(at, &staged.event);
        rows.extend(staged.ended);
    })?;
    Ok((cluster, rows))
}

/// Refuses a file that is cut short or has a damaged page.
pub fn refuse_damage(path: &Path, db: &Connection) -> Result<(), ServerError> {
    let version: u32 =
        db.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(|e| fault(path, e))?;
    if version != 1 {
        return Err(damaged(
            path,
            format!("its version is {version}, this program knows version 1"),
        ));
    }
    let pages: u64 =
        db.pragma_query_value(None, "page_count", |r| r.get(0)).map_err(|e| fault(path, e))?;
    let size: u64 =
        db.pragma_query_value(None, "page_size", |r| r.get(0)).map_err(|e| fault(path, e))?;
    let file = std::fs::metadata(path).map(|m| m.len()).unwrap_or(0);
    let wal = path.with_extension("db-wal");
    let wal = std::fs::metadata(wal).map(|m| m.len()).unwrap_or(0);
    if wal == 0 && file < pages * size {
        return Err(damaged(path, format!("it is cut short: {file} bytes of {}", pages * size)));
    }
    if file <= CHECKED_AT_START { check_pages(path, db) } else { Ok(()) }
}

/// Whether the file needs [`check_pages`] after the start.
pub fn is_unchecked(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| m.len() > CHECKED_AT_START)
}

/// Looks at every page.
pub fn check_pages(path: &Path, db: &Connection) -> Result<(), ServerError> {
    let answer: String =
        db.query_row("PRAGMA quick_check(1)", [], |r| r.get(0)).map_err(|e| fault(path, e))?;
    if answer == "ok" { Ok(()) } else { Err(damaged(path, answer)) }
}

pub(crate) fn damaged(path: &Path, why: impl Into<String>) -> ServerError {
    ServerError::Damaged { path: path.to_owned(), why: why.into() }
}
