//! Acme: as Helios, with a `type` of work and offsets in its times; without virtual clusters.

use super::table::Row;
use super::{TraceJob, Why, helios};
use rota_core::calendar::Zone;

/// A row; the type of work is the class.
pub(super) fn job(row: &Row, zone: &Zone) -> Result<TraceJob, Why> {
    let job = helios::job(row, zone)?;
    Ok(TraceJob { class: row.word(&["type"]), ..job })
}
