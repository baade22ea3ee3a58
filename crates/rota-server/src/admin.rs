//! `rota admin check` and `rota admin rebuild`: what a store holds, and a new one from the log of an old one.

use crate::ServerError;
use crate::store::{FILE, Staged, Store, load};
use rota_core::check::check as check_cluster;
use rota_core::event::Event;
use rota_core::launch::Launch;
use rota_core::units::Time;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

/// What a check found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Events in the log.
    pub events: u64,
    /// Jobs that have not ended.
    pub jobs: usize,
    /// Sentences about what is wrong; empty when all is well.
    pub problems: Vec<String>,
}

/// Reads the whole log and compares everything that was made from it.
pub fn check(folder: &Path) -> Result<Checked, ServerError> {
    let path = folder.join(FILE);
    let db = open_to_read(&path)?;
    load::refuse_damage(&path, &db)?;
    load::check_pages(&path, &db)?;
    let (folded, rows) = load::ended_rows(&path, &db)?;
    let loaded = load::load(&path, &db)?;
    let mut problems: Vec<String> = check_cluster(&folded).into_iter().map(|v| v.0).collect();
    if loaded.cluster != folded {
        problems.push("the snapshot differs from the log".into());
    }
    let count: usize = db
        .query_row("SELECT count(*) FROM ended", [], |r| r.get(0))
        .map_err(|e| crate::store::fault(&path, e))?;
    if count != rows.len() {
        problems.push(format!("{count} ended jobs are listed, the log has {}", rows.len()));
    }
    let events = db.query_row("SELECT count(*) FROM events", [], |r| r.get(0));
    let events = events.map_err(|e| crate::store::fault(&path, e))?;
    Ok(Checked { events, jobs: folded.jobs.len(), problems })
}

/// What a rebuild made.
#[derive(Clone, Debug)]
pub struct Rebuilt {
    /// Events that could be read and are kept.
    pub events: u64,
    /// What stopped the reading before the end of the log, if anything did.
    pub stopped_at: Option<String>,
    /// Where the old store is now.
    pub old: PathBuf,
}

/// Makes a new store from every event of the old one that can be read, in order, up to the first damage. The old file
/// stays beside it. The server must be down.
pub fn rebuild(folder: &Path) -> Result<Rebuilt, ServerError> {
    let path = folder.join(FILE);
    let _lock = crate::lock::lock(folder)?;
    let fresh_folder = folder.join("rebuild");
    remake(&fresh_folder)?;
    let (events, stopped_at) = copy(&path, &fresh_folder)?;
    let mut old = folder.join("rota.db.damaged");
    let mut n = 1;
    while old.exists() {
        n += 1;
        old = folder.join(format!("rota.db.damaged-{n}"));
    }
    for extension in ["-wal", "-shm", ""] {
        let from = PathBuf::from(format!("{}{extension}", path.display()));
        let to = PathBuf::from(format!("{}{extension}", old.display()));
        if from.exists() {
            std::fs::rename(&from, &to).map_err(|why| file("move", &from, why))?;
        }
    }
    let made = fresh_folder.join(FILE);
    std::fs::rename(&made, &path).map_err(|why| file("move", &made, why))?;
    std::fs::remove_dir_all(&fresh_folder).map_err(|why| file("remove", &fresh_folder, why))?;
    Ok(Rebuilt { events, stopped_at, old })
}

fn copy(path: &Path, to: &Path) -> Result<(u64, Option<String>), ServerError> {
    let db = open_to_read(path)?;
    let mut fresh = Store::open(to)?;
    let mut cluster = rota_core::cluster::Cluster::default();
    let (mut batch, mut count) = (Vec::new(), 0);
    let mut keep = |at: Time, event: Event| {
        let staged = Staged::new(&cluster, at, event);
        cluster.apply(at, &staged.event);
        batch.push(staged);
        count += 1;
    };
    let stopped_at = load::fold(path, &db, 0, &mut keep).err().map(|e| e.to_string());
    let launches = launches(&db);
    let clock =
        db.query_row("SELECT value FROM meta WHERE key = 'clock'", [], |r| r.get::<_, String>(0));
    fresh.append(&batch, &launches, &clock.unwrap_or_default())?;
    fresh
        .db()
        .pragma_update(None, "journal_mode", "DELETE")
        .map_err(|e| crate::store::fault(to, e))?;
    Ok((count, stopped_at))
}

/// Every launch that can be read.
fn launches(db: &Connection) -> Vec<(u64, Launch)> {
    let numbers = db.prepare("SELECT number FROM launches ORDER BY number").and_then(|mut q| {
        let rows = q.query_map([], |r| r.get::<_, u64>(0))?;
        Ok(rows.map_while(Result::ok).collect::<Vec<u64>>())
    });
    let numbers = numbers.unwrap_or_default();
    numbers.into_iter().filter_map(|n| Some((n, crate::store::launch(db, n)?))).collect()
}

fn remake(folder: &Path) -> Result<(), ServerError> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|why| file("remove", folder, why))?;
    }
    std::fs::create_dir_all(folder).map_err(|why| file("make", folder, why))
}

fn open_to_read(path: &Path) -> Result<Connection, ServerError> {
    if !path.exists() {
        let why = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(file("open", path, why));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|e| crate::store::fault(path, e))
}

fn file(what: &'static str, path: &Path, why: std::io::Error) -> ServerError {
    ServerError::File { what, path: path.to_owned(), why }
}
