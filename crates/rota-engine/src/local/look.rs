//! What the files and processes of a run say about it now.

use rota_core::observation::{Seen, Sighting};
use std::collections::BTreeSet;
use std::path::Path;

use super::record::{Kind, Process, Record, RunId, now};

/// What is known of a run.
pub(crate) enum Look {
    /// There is no file of it.
    Nothing,
    /// Its supervisor lives and has not said anything yet.
    Starting { supervisor: Process },
    /// Its supervisor lives.
    Watched { supervisor: Process, record: Record },
    /// It is over; the supervisor may still be on its way out.
    Over(Sighting),
    /// The supervisor is dead and has left a program without a record of its end.
    Orphaned { program: Process, record: Option<Record> },
}

impl Look {
    /// The record of a run that is not over.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Look::Watched { record, .. } => Some(record),
            Look::Orphaned { record, .. } => record.as_ref(),
            Look::Nothing | Look::Starting { .. } | Look::Over(_) => None,
        }
    }
}

/// Looks at one run.
pub(crate) fn look(dir: &Path, id: RunId) -> Look {
    let claim = Process::noted(dir, id, Kind::Claim);
    let alive = claim.as_ref().is_some_and(Process::lives);
    // Read after the supervisor was seen dead, the record is its last word.
    let record = Record::read(dir, id);
    if let Some(record) = &record
        && record.state.is_end()
    {
        return Look::Over(record.sighting(id));
    }
    match (claim, record) {
        (Some(supervisor), Some(record)) if alive && record.supervisor == supervisor => {
            Look::Watched { supervisor, record }
        }
        // One that takes over finds the record of its predecessor, and does not listen before it writes its own.
        (Some(supervisor), _) if alive => Look::Starting { supervisor },
        (None, None) => Look::Nothing,
        (_, record) => orphan(dir, id, record),
    }
}

fn orphan(dir: &Path, id: RunId, record: Option<Record>) -> Look {
    let noted = Process::noted(dir, id, Kind::Program);
    if let Some(program) = noted.or_else(|| record.as_ref()?.program.clone()) {
        let now = Process::now(1).map(|p| p.boot);
        // After a restart of the machine nothing of it can be left.
        if now.is_some_and(|boot| boot == program.boot) {
            return Look::Orphaned { program, record };
        }
        return Look::Over(gone(
            id,
            record.map_or(0, |r| r.turn),
            "the machine was restarted while it ran",
        ));
    }
    Look::Over(gone(
        id,
        record.map_or(0, |r| r.turn),
        "its supervisor was killed before the program started",
    ))
}

/// Nothing is left of a run.
pub(crate) fn gone(id: RunId, turn: u32, why: &str) -> Sighting {
    Sighting { job: id.job, run: id.run, turn, seen: Seen::Gone { why: why.into() }, at: now() }
}

/// All runs that have files.
pub(crate) fn runs(dir: &Path) -> std::io::Result<BTreeSet<RunId>> {
    let name = |e: std::io::Result<std::fs::DirEntry>| {
        Some(RunId::of_file(e.ok()?.file_name().to_str()?)?.0)
    };
    Ok(std::fs::read_dir(dir)?.filter_map(name).collect())
}
